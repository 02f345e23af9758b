"""Find the inputs that a command line names: files, folders, patterns, URLs, standard input, each with kind and label.

A label is what ids and messages call an input: the path inside the folder given (of a pattern: inside the folders before
its first wild card), or the name of a file given directly (its path as given where two inputs share it).
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import has_magic, iglob
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit

from cleaner.errors import InputError
from cleaner.io.remote import find, fixed_part, is_remote, name_in, walk_order

_Kind = TypeVar("_Kind")

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

REJECTS, RELATED, DUPLICATES = ".rejects.jsonl", ".related.jsonl", ".duplicates.jsonl"
"""How the names of files end that stand beside an output."""

BOOKS = "_run"
"""The folder in which a run keeps its books, inside that of its shards."""


@dataclass(frozen=True, slots=True)
class Input:
    """Hold one file to read, or standard input as `-`; `id` names the document of a file that holds one.

    `size` in bytes as stored; `identity` changes when the file does; that of standard input is never the same.
    """

    path: str
    kind: Kind
    label: str
    id: str
    size: int = 0
    identity: str = ""


class _File(NamedTuple):
    path: str
    label: str
    size: int = 0
    identity: str = ""


def find_inputs(paths: Sequence[str]) -> list[Input]:
    """Find all files, folders walked in sorted order and patterns expanded, before any of them is read.

    A file that is named twice is read once. In a folder, outputs of runs are passed over; one that is named itself is read, without what stands beside its records.
    Raises `InputError` for what is missing, unreadable, of no known ending, or a folder or pattern with nothing to read.
    """
    found: list[_File] = []
    for path in paths:
        if path.lower().startswith("file://"):
            path = _path_of(path)
        if path == "-":
            found.append(_File("-", "stdin"))
        elif is_remote(path):
            found += _ask(path)
        elif os.path.isdir(path):
            found += _walk(path)
        elif os.path.exists(path):
            found.append(_local(path, os.path.basename(path)))
        elif has_magic(path):
            found += _match(path)
        else:
            raise InputError(f"{path}: no such file or folder")
    once: dict[str, _File] = {}
    for file in found:
        once.setdefault(place_of(file.path), file)
    found = list(once.values())
    names = Counter(file.label for file in found)
    found = [file._replace(label=Path(file.path).as_posix()) if names[file.label] > 1 else file for file in found]
    stems = Counter(stem_of(file.label) for file in found)
    return [_input(file, stems) for file in found]


def place_of(path: str) -> str:
    """Return what tells two paths to one file from paths to two; links are not followed."""
    return path if path == "-" or is_remote(path) else os.path.abspath(path)


def _path_of(url: str) -> str:
    from urllib.request import url2pathname  # loaded late: it takes longer to import than all other modules here

    return url2pathname(urlsplit(url).path)


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


def _input(file: _File, stems: Counter[str]) -> Input:
    path, label = file.path, file.label
    if path == "-":
        return Input("-", "stdin", "stdin", "stdin", identity=secrets.token_hex(8))
    kind = kind_of(name_in(path))
    if kind is None:
        known = ", ".join(ENDINGS)
        raise InputError(f"{path}: the ending does not say what it is; {known} are read, others through a pipe (`-`)")
    stem = stem_of(label)
    return Input(path, kind, label, stem if stems[stem] == 1 else label, file.size, file.identity)


def _local(path: str, label: str) -> _File:
    try:
        stated = os.stat(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    return _File(path, label, stated.st_size, f"{stated.st_size}-{stated.st_mtime_ns}")


def _walk(folder: str) -> list[_File]:
    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}")

    found = []
    for at, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _is_output(os.path.join(at, name)))
        for name in sorted(names):
            if _is_wanted(name):
                path = os.path.join(at, name)
                found.append(_local(path, Path(path).relative_to(folder).as_posix()))
    if not found:
        raise InputError(f"{folder}: nothing in it ends in {', '.join(ENDINGS)}")
    return found


def _match(pattern: str) -> list[_File]:
    """Find the files that match, and those in the folders that match."""
    matching = iglob(pattern, recursive=True)
    inside = {name for path in matching for name in (_below(path) if os.path.isdir(path) else [path])}
    base = len(fixed_part(pattern))
    wanted = [path for path in sorted(inside, key=walk_order) if _is_wanted(path)]
    return [_local(path, path[base:].lstrip("/")) for path in _some(wanted, bool(inside), pattern)]


def _below(folder: str) -> Iterator[str]:
    return (os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)


def _ask(url: str) -> list[_File]:
    """Find what is behind a URL: a file, a folder, or what matches a pattern."""
    base, found = find(url)
    if not base:
        return [_File(url, name_in(url).rpartition("/")[2], one.size, one.identity) for one in found]
    files = [_File(one.path, name_in(one.path).removeprefix(base), one.size, one.identity) for one in found]
    return _some([file for file in files if _is_wanted(file.label)], bool(found), url)


def _some(wanted: list[_Kind], matched: bool, pattern: str) -> list[_Kind]:
    if not wanted:
        why = f"nothing in it ends in {', '.join(ENDINGS)}" if matched else "no file matches"
        raise InputError(f"{pattern}: {why}")
    return wanted


def _is_wanted(name: str) -> bool:
    """Tell that a file is of a known kind, and not what a run writes beside its records."""
    beside = name.endswith((REJECTS, RELATED, DUPLICATES)) or BOOKS in name.split("/")
    return kind_of(name) is not None and not beside


def _is_output(folder: str) -> bool:
    """Tell that a folder is where a run writes, or keeps its books: it is read only if it is named."""
    return os.path.basename(folder) == BOOKS or os.path.isdir(os.path.join(folder, BOOKS))
