"""Zyte's article extraction benchmark: `ground-truth.json` maps an id to `articleBody` and `url`; pages are `html/<id>.html.gz`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.importers.checkout import address_of, body_of, find_top, read_object, strays
from benchmarks.importers.entry import Entry, Found, Remark

GOLD = "ground-truth.json"


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages in the order of the ground truth."""
    top = find_top(checkout, GOLD, "html")
    truth = read_object(top / GOLD)
    yield from truth.remarks(GOLD)
    known = {id: top / "html" / f"{id}.html.gz" for id in truth.by_id}
    for id, record in truth.by_id.items():
        if isinstance(record, dict):
            yield Entry(id, known[id], body_of(record.get("articleBody")), url=address_of(record.get("url")))
        else:
            yield Remark(id, f"no record in {GOLD}")
    yield from strays((top / "html").iterdir(), set(known.values()))
