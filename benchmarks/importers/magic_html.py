"""magic-html's benchmark: `benchmark/data/<type>/base.json` maps an id to `content` and `url`; pages are `<type>/htmls/<id>.html`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.importers.checkout import address_of, body_of, find_top, read_object, strays
from benchmarks.importers.entry import Entry, Found, Remark

TOP = "benchmark/data"


def read(checkout: Path) -> Iterator[Found]:
    """Yield articles, then forums, each in the order of its ground truth."""
    top = find_top(checkout, f"{TOP}/*/base.json") / TOP
    for path in sorted(top.glob("*/base.json")):
        yield from _read_type(path)


def _read_type(path: Path) -> Iterator[Found]:
    truth, kind = read_object(path), path.parent.name
    yield from truth.remarks(f"{kind}/{path.name}")
    known = {id: path.parent / "htmls" / f"{id}.html" for id in truth.by_id}
    for id, record in truth.by_id.items():
        if isinstance(record, dict):
            gold, url = body_of(record.get("content")), address_of(record.get("url"))
            yield Entry(id, known[id], gold, url=url, page_type=kind)
        else:
            yield Remark(id, f"no record in {kind}/{path.name}")
    yield from strays((path.parent / "htmls").glob("*.html"), set(known.values()))
