"""Trafilatura's evaluation set: snippets that must stay or go for pages of many kinds, much of it German.

`tests/evaldata.json`, or in older checkouts `tests/evaldata.py`, maps an address to `file`, `with` and `without`; the
pages are in `tests/cache` or `tests/eval`. The Python file is parsed, never run.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.importers.checkout import Records, address_of, find_top, read_object, snippets_of, strays, text_of
from benchmarks.importers.entry import Entry, Found, Remark
from cleaner.errors import InputError

NAME = "EVAL_PAGES"
FOLDERS = ("tests/cache", "tests/eval")
NO_LITERAL = "its record is no literal, so that it cannot be read without running the file"


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages in the order of the annotations."""
    top = find_top(checkout, "tests/evaldata.[jp]*", "tests/cache")
    paths = [top / f"tests/evaldata.{kind}" for kind in ("json", "py")]
    path = next((path for path in paths if path.is_file()), paths[0])
    records = read_object(path) if path.suffix == ".json" else read_literal(path)
    yield from records.remarks(path.name)
    known = set()
    for url, record in records.by_id.items():
        found = _read_record(top, url, record)
        if isinstance(found, Entry):
            known.add(found.page)
        yield found
    yield from strays((page for name in FOLDERS for page in (top / name).glob("*.html")), known)


def read_literal(path: Path) -> Records:
    """Read the annotations from the source of a Python file. Raises `InputError` where it holds none.

    A record that is anything but a literal has the value None.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no Python: {error}") from None
    table = next((value for name, value in _assigned(tree) if name == NAME), None)
    if not isinstance(table, ast.Dict):
        names = ", ".join(dict.fromkeys(name for name, _ in _assigned(tree))) or "nothing"
        raise InputError(f"{path}: no dictionary is assigned to {NAME}; it assigns {names}")
    pairs = [_pair(key, value) for key, value in zip(table.keys, table.values, strict=True)]
    counts = Counter(name for name, _ in pairs)
    return Records(dict(pairs), tuple(name for name, count in counts.items() if count > 1))


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            yield from ((target.id, statement.value) for target in statement.targets if isinstance(target, ast.Name))
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value


def _pair(key: ast.expr | None, value: ast.expr) -> tuple[str, Any]:
    if key is None:
        return f"** in line {value.lineno}", None
    try:
        name = ast.literal_eval(key)
    except ValueError:
        return f"line {key.lineno}", None
    try:
        return str(name), ast.literal_eval(value)
    except ValueError:
        return str(name), None


def _read_record(top: Path, url: str, record: Any) -> Found:
    if not isinstance(record, dict):
        return Remark(url, NO_LITERAL)
    name = text_of(record.get("file"))
    if name is None:
        return Remark(url, "it names no file")
    pages = [top / folder / name for folder in FOLDERS]
    return Entry(
        id=name,
        page=next((page for page in pages if page.is_file()), pages[0]),
        wanted=snippets_of(record.get("with")),
        unwanted=snippets_of(record.get("without")),
        url=address_of(url),
    )
