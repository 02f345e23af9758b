"""Pairs of files: each page `*.html` (or `.htm`, also gzipped) beside its body in a `.txt` of the same name, at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.importers.checkout import NO_GOLD, NO_UTF8, find_top, read_text
from benchmarks.importers.entry import Entry, Found, Remark

ENDINGS = (".html", ".htm", ".html.gz", ".htm.gz")


def read(folder: Path) -> Iterator[Found]:
    """Yield the pairs by name; ids are paths below the folder, without ending."""
    top = find_top(folder, "**/*.txt")
    bodies = {path.with_suffix("") for path in top.rglob("*.txt") if path.is_file()}
    paired = set()
    for path in sorted(path for path in top.rglob("*") if path.name.endswith(ENDINGS) and path.is_file()):
        stem = path.with_name(_stem(path.name))
        id = stem.relative_to(top).as_posix()
        if stem in bodies:
            paired.add(stem)
            body = read_text(stem.with_name(f"{stem.name}.txt"))
            yield Remark(id, NO_UTF8) if body is None else Entry(id, path, body.strip())
        else:
            yield Remark(id, NO_GOLD)
    for stem in sorted(bodies - paired):
        yield Remark(stem.relative_to(top).as_posix(), "gold without a page")


def _stem(name: str) -> str:
    return name[: -len(max((ending for ending in ENDINGS if name.endswith(ending)), key=len))]
