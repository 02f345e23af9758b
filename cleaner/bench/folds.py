"""Keep publishers apart: name a page's site, deal sites out to folds, choose on some folds and score on the others.

Pages of one site share their markup. What is tuned on one of them fits the others too, so a site is never in two folds.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from tld import get_fld

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/[^/]*/(?=https?://)", re.IGNORECASE)
_TAG = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HEAD = 200_000  # characters of a page in which its head is looked for
_NUMERIC = re.compile(r"[0-9.]+|.*:.*")


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Hold what cross-validation found: each page's score under the candidate chosen without its fold.

    `chosen` names that candidate for each fold, in order.
    """

    scores: tuple[float, ...]
    chosen: tuple[str, ...]


def site_of(url: str | None) -> str | None:
    """Name the publisher of an address by its registrable domain; a page in the Internet Archive is its publisher's.

    Sites of one hosting platform are one site, since they share markup. None where the address names no host.

    >>> site_of("https://news.harbour-post.co.uk/2025/bridge")
    'harbour-post.co.uk'
    >>> site_of("https://web.archive.org/web/2019/https://www.harbour-post.com/")
    'harbour-post.com'
    """
    start = _ADDRESS.search(url or "")
    if not url or not start:
        return None
    address = _ARCHIVED.sub("", url[start.start() :])
    domain = get_fld(address, fail_silently=True)
    return domain if isinstance(domain, str) else _unlisted(address)


def publisher(html: str, url: str | None = None, id: str = "") -> str:
    """Name a page's publisher: by its address, else what the page declares (canonical link, og:url, site name), else `id`.

    >>> publisher("<meta property='og:site_name' content='Harbour Post'>", id="page-7")
    'harbour post'
    """
    site = site_of(url)
    if site:
        return site
    declared = _declared(html[:_HEAD])
    for name in ("canonical", "og:url"):
        address = declared.get(name, "")
        site = site_of(f"https:{address}" if address.startswith("//") else address)
        if site:
            return site
    return " ".join(declared.get("og:site_name", "").lower().split()) or id


def assign_folds(sites: Sequence[str], count: int = 5, seed: int = 0) -> tuple[int, ...]:
    """Give every page the number of a fold, from 0; pages of one site share it, and folds hold about as many pages.

    The largest sites are dealt out first, each to the fold with the fewest pages; the seed settles ties. A site's fold
    does not depend on the order of the pages. Raises `ValueError` for fewer than two folds or fewer sites than folds.
    """
    sizes = Counter(sites)
    if count < 2 or len(sizes) < count:
        raise ValueError(f"{len(sizes)} sites cannot be dealt out to {count} folds (two at least)")
    filled = [0] * count
    fold: dict[str, int] = {}
    for site in sorted(sizes, key=lambda site: (-sizes[site], _shuffled(site, seed))):
        fold[site] = min(range(count), key=lambda number: filled[number])
        filled[fold[site]] += sizes[site]
    return tuple(fold[site] for site in sites)


def split(folds: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield for each fold, in order, the places of the pages outside it and of those in it.

    >>> list(split([0, 1, 0]))
    [([1], [0, 2]), ([0, 2], [1])]
    """
    for number in sorted(set(folds)):
        yield (
            [at for at, fold in enumerate(folds) if fold != number],
            [at for at, fold in enumerate(folds) if fold == number],
        )


def cross_validate(
    candidates: Mapping[str, Sequence[float]], folds: Sequence[int], weights: Sequence[float] | None = None
) -> HeldOut:
    """Choose for every fold the candidate with the best mean score on the other folds, and take its scores on this one.

    `candidates` holds a score for each page under each name; of equals the first counts, so put the simplest first.
    `weights` let sets of different size count the same. Raises `ValueError` where lengths differ.

    >>> cross_validate({"off": [0.5, 0.5, 0.9], "on": [0.9, 0.8, 0.0]}, folds=[0, 1, 2])
    HeldOut(scores=(0.5, 0.5, 0.0), chosen=('off', 'off', 'on'))
    """
    weights = weights if weights is not None else [1.0] * len(folds)
    if not candidates or any(len(row) != len(folds) for row in (weights, *candidates.values())):
        raise ValueError("every candidate needs one score, and every page one weight and one fold")
    scores = [0.0] * len(folds)
    chosen = []
    for training, held in split(folds):
        totals = {name: sum(weights[at] * row[at] for at in training) for name, row in candidates.items()}
        best = max(totals, key=lambda name: totals[name])
        chosen.append(best)
        for at in held:
            scores[at] = candidates[best][at]
    return HeldOut(tuple(scores), tuple(chosen))


def _unlisted(address: str) -> str | None:
    """Return the last two labels of a host whose suffix is on no list, the whole host where it is a number."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    if not host:
        return None
    return host if _NUMERIC.fullmatch(host) else ".".join(host.split(".")[-2:])


def _declared(head: str) -> dict[str, str]:
    """Read canonical link and Open Graph tags. Patterns suffice: a wrong answer costs a group, not a text."""
    found: dict[str, str] = {}
    for tag in _TAG.findall(head):
        pairs = {name.lower(): unescape(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag)}
        name = (pairs.get("property") or pairs.get("name") or pairs.get("rel") or "").lower()
        found.setdefault(name, pairs.get("content") or pairs.get("href") or "")
    return found


def _shuffled(site: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{site}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
