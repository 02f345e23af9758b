"""Find the inputs that a command line names: files, folders, standard input, each with its kind and its label.

A label is what ids and messages call an input: the path inside the folder given, or the name of a file given directly
(its path as given where two inputs share it).
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cleaner.errors import InputError

Kind = Literal["text", "html", "jsonl", "csv", "tsv", "warc", "parquet", "tar", "stdin"]

ENDINGS: dict[str, Kind] = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".jl": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".warc": "warc",
    ".wet": "warc",
    ".parquet": "parquet",
    ".tar": "tar",
    ".tgz": "tar",
}
"""The endings read, each also followed by one of `PRESSED`."""

PRESSED = (".gz", ".zst", ".bz2")

REJECTS = ".rejects.jsonl"


@dataclass(frozen=True, slots=True)
class Input:
    """Hold one file to read, or standard input as `-`; `id` names the document of a file that holds one.

    `identity` changes when the file does; that of standard input is never the same.
    """

    path: str
    kind: Kind
    label: str
    id: str
    size: int = 0
    identity: str = ""


def find_inputs(paths: Sequence[str]) -> list[Input]:
    """Find all files, folders walked in sorted order, before any of them is read.

    Raises `InputError` for what is missing, unreadable, of no known ending, or a folder with nothing to read.
    """
    found: list[tuple[str, str]] = []
    for path in paths:
        if path == "-":
            found.append(("-", "stdin"))
        elif os.path.isdir(path):
            found += _walk(path)
        elif not os.path.exists(path):
            raise InputError(f"{path}: no such file or folder")
        else:
            found.append((path, os.path.basename(path)))
    names = Counter(label for _, label in found)
    found = [(path, Path(path).as_posix() if names[label] > 1 else label) for path, label in found]
    stems = Counter(stem_of(label) for _, label in found)
    return [_input(path, label, stems) for path, label in found]


def kind_of(name: str) -> Kind | None:
    """Tell the kind of a file by its ending.

    >>> kind_of("dump/news.JSONL.zst"), kind_of("page.htm"), kind_of("notes.pdf")
    ('jsonl', 'html', None)
    """
    return ENDINGS.get(os.path.splitext(_plain(name).lower())[1])


def _plain(name: str) -> str:
    base, ending = os.path.splitext(name)
    return base if ending.lower() in PRESSED else name


def stem_of(label: str) -> str:
    """Return a name without its ending."""
    return os.path.splitext(_plain(label))[0]


def _input(path: str, label: str, stems: Counter[str]) -> Input:
    if path == "-":
        return Input("-", "stdin", "stdin", "stdin", identity=secrets.token_hex(8))
    kind = kind_of(path)
    if kind is None:
        known = ", ".join(ENDINGS)
        raise InputError(f"{path}: the ending says not what it is; {known} are read, others through a pipe (`-`)")
    stem = stem_of(label)
    state = os.stat(path)
    id_ = stem if stems[stem] == 1 else label
    return Input(path, kind, label, id_, state.st_size, f"{state.st_size}-{state.st_mtime_ns}")


def _walk(folder: str) -> Iterable[tuple[str, str]]:
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}")

    found = []
    for at, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        for name in sorted(names):
            if kind_of(name) and not name.endswith(REJECTS):
                path = os.path.join(at, name)
                found.append((path, Path(path).relative_to(folder).as_posix()))
    if not found:
        raise InputError(f"{folder}: nothing in it ends in {', '.join(ENDINGS)}")
    return found
