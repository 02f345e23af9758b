"""WCXB, the web content extraction benchmark: `<split>/ground-truth/<id>.json` and `<split>/html/<id>.html.gz`.

Its splits share some addresses. Such a page is left out of dev: what is reported is test, which so stays whole and
comparable with figures of others, while nothing that was tuned on dev has seen a page of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from benchmarks.importers.checkout import address_of, body_of, find_top, read_object, snippets_of, strays
from benchmarks.importers.entry import Entry, Found, Remark
from cleaner.errors import InputError

HELD = "test"
SHARED = f"the {HELD} split has a page of the same address"
UNCHECKED = f"there is no {HELD} split in the checkout: pages that stand in both could not be left out"

_TRACKING = frozenset({"fbclid", "gclid", "msclkid", "srsltid", "mc_cid", "mc_eid"})


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages of every split in the order of their ids."""
    top = find_top(checkout, "*/ground-truth", "*/html")
    splits = sorted(folder.parent.name for folder in top.glob("*/ground-truth"))
    held = frozenset(_addresses(top / HELD)) if HELD in splits else None
    for split in splits:
        if split != HELD and held is None:
            yield Remark(split, UNCHECKED, left_out=False)
        yield from _read_split(top / split, held if held and split != HELD else frozenset())


def normalise(url: str) -> str:
    """Return an address without scheme, `www.`, fragment, last slash and parameters of tracking.

    >>> normalise("https://www.Harbour.example/news/bridge/?utm_source=feed&page=2#top")
    'harbour.example/news/bridge?page=2'
    """
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(name)]
    host = parts.netloc.lower().removeprefix("www.")
    return host + parts.path.rstrip("/") + (f"?{urlencode(sorted(query))}" if query else "")


def _tracks(name: str) -> bool:
    return name.startswith("utm_") or name in _TRACKING


def _addresses(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "ground-truth").glob("*.json")):
        url = _url(read_object(path).by_id)
        if url:
            yield _key(url)


def _key(url: str) -> str:
    try:
        return normalise(url)
    except ValueError:  # a host that is none, as in http://[
        return url


def _read_split(folder: Path, held: frozenset[str]) -> Iterator[Found]:
    known = set()
    for path in sorted((folder / "ground-truth").glob("*.json")):
        page = folder / "html" / f"{path.stem}.html.gz"
        known.add(page)
        yield _read_record(f"{folder.name}/{path.stem}", path, page, held)
    if (folder / "html").is_dir():
        yield from strays((folder / "html").iterdir(), known)


def _read_record(id: str, path: Path, page: Path, held: frozenset[str]) -> Found:
    try:
        record = read_object(path).by_id
    except InputError as error:
        return Remark(id, str(error).removeprefix(f"{path} "))
    url, truth = _url(record), record.get("ground_truth")
    if url and _key(url) in held:
        return Remark(id, SHARED)
    if not isinstance(truth, dict):
        return Remark(id, "it has no `ground_truth`")
    return Entry(
        id=id,
        page=page,
        gold=body_of(truth.get("main_content")),
        wanted=snippets_of(truth.get("with")),
        unwanted=snippets_of(truth.get("without")),
        url=url,
        page_type=_page_type(record),
        split=path.parent.parent.name,
    )


def _url(record: Mapping[str, Any]) -> str | None:
    return address_of(record.get("url"))


def _page_type(record: Mapping[str, Any]) -> str:
    """Return the type as the benchmark's own script takes it: an article unless said otherwise."""
    internal = record.get("_internal")
    found = internal.get("page_type") if isinstance(internal, dict) else None
    kind = found.get("primary") if isinstance(found, dict) else found
    return {"category": "collection"}.get(str(kind), str(kind)) if kind else "article"
