"""The parser tests of Fundus: pages by country and publisher, and what each version of a publisher's parser makes of them.

`<country>/<Publisher>_<date>.html.gz` are pages, `<country>/<Publisher>.json` maps a version of the parser to what it
finds, `<country>/meta.info` maps a page to its address. There is one page for each version, and a later version reads
later pages, so the two are paired in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.importers.checkout import NO_GOLD, address_of, find_top, read_object
from benchmarks.importers.entry import Entry, Found, Remark

TOP = "tests/resources/parser/test_data"

_PAGE = re.compile(r"(?P<publisher>.+)_(?P<date>\d{4}_\d{2}_\d{2})\.html\.gz")


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages by country, publisher and date."""
    top = find_top(checkout, f"{TOP}/*/*.html.gz") / TOP
    for folder in sorted(path for path in top.iterdir() if path.is_dir()):
        if any(folder.glob("*.html.gz")) or any(folder.glob("*.json")):
            yield from _read_country(folder)


def _read_country(folder: Path) -> Iterator[Found]:
    info = read_object(folder / "meta.info").by_id if (folder / "meta.info").is_file() else {}
    pages: dict[str, list[Path]] = {path.stem: [] for path in sorted(folder.glob("*.json"))}
    for path in sorted(folder.glob("*.html.gz")):
        match = _PAGE.fullmatch(path.name)
        if match and match["publisher"] in pages:
            pages[match["publisher"]].append(path)
        else:
            yield Remark(f"{folder.name}/{path.name}", NO_GOLD)
    for publisher, paths in pages.items():
        yield from _read_publisher(folder, publisher, paths, info)


def _read_publisher(folder: Path, publisher: str, paths: list[Path], info: Mapping[str, Any]) -> Iterator[Found]:
    versions = read_object(folder / f"{publisher}.json").by_id
    if len(versions) != len(paths):
        reason = (
            "its publisher has another number of pages than of parsers, so that nothing tells which belongs to which"
        )
        names = [path.name.removesuffix(".html.gz") for path in paths] or [publisher]
        yield from (Remark(f"{folder.name}/{name}", reason if paths else "gold without a page") for name in names)
        return
    for path, version in zip(paths, sorted(versions, key=_rank), strict=True):
        meta = info.get(path.name)
        yield Entry(
            id=f"{folder.name}/{path.name.removesuffix('.html.gz')}",
            page=path,
            gold=_body(versions[version]),
            url=address_of(meta.get("url")) if isinstance(meta, dict) else None,
            country=folder.name,
        )


def _rank(version: str) -> tuple[int, ...]:
    """Order versions as numbers, V1 before V1_1 before V2 before V10."""
    return tuple(map(int, re.findall(r"\d+", version)))


def _body(found: Any) -> str | None:
    """Join summary, headings and paragraphs, as Fundus prints a body."""
    body = found.get("body") if isinstance(found, dict) else None
    if not isinstance(body, dict):
        return None
    parts = [*_texts(body.get("summary"))]
    for section in body.get("sections") or ():
        if isinstance(section, dict):
            parts += [*_texts(section.get("headline")), *_texts(section.get("paragraphs"))]
    return "\n\n".join(parts) or None


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str) and text] if isinstance(value, list) else []
