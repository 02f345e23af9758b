"""The evaluation set of the Fundus paper (Dallabetta et al. 2024): paragraphs of each article, and its page.

`dataset/ground_truth.json` maps a file name to `body`, a list of paragraphs; the pages are `dataset/html/<file>`. A
paragraph in square brackets may be kept or left out: the paper takes the better of both. Here it stays in the gold,
without its brackets, and is named in `optional`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.importers.checkout import address_of, find_top, read_object, strays
from benchmarks.importers.entry import Entry, Found, Remark

GOLD, PAGES = "dataset/ground_truth.json", "dataset/html"


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages in the order of the ground truth."""
    top = find_top(checkout, GOLD, PAGES)
    truth = read_object(top / GOLD)
    yield from truth.remarks(GOLD)
    known = {name: _page(top / PAGES, name) for name in truth.by_id}
    for name, record in truth.by_id.items():
        paragraphs = _paragraphs(record)
        if paragraphs is None:
            yield Remark(name, "its body is no list of paragraphs")
            continue
        yield Entry(
            id=name.removesuffix(".gz").removesuffix(".html"),
            page=known[name],
            gold="\n\n".join(_bare(paragraph) for paragraph in paragraphs),
            optional=tuple(_bare(paragraph) for paragraph in paragraphs if _is_optional(paragraph)),
            url=address_of(record.get("url")),
        )
    yield from strays((top / PAGES).iterdir(), set(known.values()))


def _page(folder: Path, name: str) -> Path:
    """Find a page by the name in the ground truth, which may stand without its endings."""
    names = (name, f"{name}.gz", f"{name}.html.gz", f"{name}.html")
    return next((folder / each for each in names if (folder / each).is_file()), folder / name)


def _paragraphs(record: Any) -> list[str] | None:
    body = record.get("body") if isinstance(record, dict) else None
    if not isinstance(body, list) or not all(isinstance(paragraph, str) for paragraph in body):
        return None
    return body


def _is_optional(paragraph: str) -> bool:
    return len(paragraph) > 1 and paragraph.startswith("[") and paragraph.endswith("]")


def _bare(paragraph: str) -> str:
    return paragraph[1:-1] if _is_optional(paragraph) else paragraph
