"""Choose the article's headline among the titles that a page declares, and take the site's name off it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cleaner.html.declared_text import key_of, overlap

MAX_TITLE = 400

_YEAR = re.compile(r"(?:19|20)\d\d")
_PARTING = re.compile(r"\s+[|\-–—·•»«:/~]+\s+|\s*[|｜•»]\s*|\s*::\s*|\s+[-–—]\s*(?=[A-Z])|[_＿](?=[^_＿]*$)")


@dataclass(frozen=True, slots=True)
class Titles:
    """Hold the titles by origin, cleaned; headings in the order they stand."""

    headline: str = ""
    graph: str = ""
    marked: str = ""
    page: str = ""
    headings: Sequence[str] = ()


def choose_title(titles: Titles, sites: Iterable[str], host: str) -> tuple[str, str] | None:
    """Return the headline and its origin; None where nothing is declared."""
    names = {key for site in sites if (key := key_of(site))}
    shown = [text for text in titles.headings if key_of(text) not in names and len(text) <= MAX_TITLE]
    seen = {key_of(text) for text in shown} - {""}
    headline = strip_site(titles.headline, names, host, seen)
    others = (seen | {key_of(headline)}) - {""}
    declared = (("open-graph", titles.graph), ("microdata", titles.marked), ("html", titles.page))
    bare = [("json-ld", headline), *((origin, strip_site(text, names, host, others)) for origin, text in declared)]
    bare = [(origin, text) for origin, text in bare if key_of(text) not in {*names, ""}]
    keys = {key_of(text) for _, text in bare}
    heading = _heading(shown, keys)
    if heading and not _is_dated(heading, keys):
        return heading, "html"
    if bare:
        origin, text = bare[0]
        return text[:MAX_TITLE], origin
    return (shown[0], "html") if shown else None


def _heading(shown: Sequence[str], keys: frozenset[str] | set[str]) -> str | None:
    """Return the heading that a declared title equals, else the one that shares most with a title, if that is a third."""
    equal = next((text for text in shown if key_of(text) in keys), None)
    if equal:
        return equal
    shares = [
        (max((overlap(key_of(text), key) for key in keys), default=0.0), text) for text in shown if len(text) >= 12
    ]
    best = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    return best[1] if best[0] >= 0.34 else None


def _is_dated(heading: str, keys: set[str]) -> bool:
    """Tell whether a heading is a declared title with a date beside it."""
    key = key_of(heading)
    return any(len(title) >= 12 and _YEAR.search(key.replace(title, " ")) for title in keys if title in key)


def strip_site(title: str, names: Iterable[str], host: str, others: Iterable[str] = ()) -> str:
    """Take the site's name off either end: a part that is a name or the host, or that leaves one of `others`.

    >>> strip_site("Bridge opens - The Daily | News", {"thedaily"}, "daily.example", {"bridgeopens"})
    'Bridge opens'
    """
    known, rest = frozenset(names), frozenset(others)
    for _ in range(3 if len(title) <= MAX_TITLE else 0):
        shorter = _strip_once(title, known, host, rest)
        if shorter == title:
            break
        title = shorter
    return title


def _strip_once(title: str, names: frozenset[str], host: str, others: frozenset[str]) -> str:
    if key_of(title) in others:
        return title
    partings = list(_PARTING.finditer(title))
    for parting in partings:
        if key_of(title[: parting.start()]) in others:
            return title[: parting.start()]
    if partings and _is_site(title[partings[-1].end() :], names, host):
        return title[: partings[-1].start()]
    if partings and _is_site(title[: partings[0].start()], names, host):
        return title[partings[0].end() :]
    return title


def _is_site(part: str, names: frozenset[str], host: str) -> bool:
    key = key_of(part)
    return bool(key) and (key in names or any(_resembles(key, label) for label in host_labels(host)))


def _resembles(key: str, label: str) -> bool:
    short, long = sorted((key, label), key=len)
    return key == label or (len(short) >= 5 and short in long and 5 * len(short) >= 3 * len(long))


def host_labels(host: str) -> frozenset[str]:
    """Return what of a host name may be the site's: its labels but the last, without marks, and `x.org` as `xorg`."""
    labels = [label for label in host.lower().split(".") if label not in ("www", "m", "amp")]
    return frozenset(key_of(label) for label in labels[:-1]) | {key_of("".join(labels)), key_of("".join(labels[-2:]))}
