"""Say how sure a difference is: pages are paired, sites resampled.

Pages of one site rise and fall together, so intervals that resample pages come out too narrow. The bootstrap draws as
many sites as there are, with replacement, and takes all pages of each; the interval lies between percentiles of the
differences so found. The same seed gives the same interval.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

from cleaner.bench.metrics import Snippets

_ROUNDING = 1e-12
Sums = tuple[float, ...]
"""What the pages of a site add up to in one run: the value of the run is a function of such sums."""

Pair = tuple[Sums, Sums]
"""The sums of one site before and after."""

Value = Callable[[Sums], float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hold the difference of two runs over the same pages, its interval, and how many pages became better or worse.

    `chance` is how often a difference at least as large comes out when each site swaps its two runs at random: the
    p-value of the sign-flip test.
    """

    difference: float
    low: float
    high: float
    chance: float
    better: int
    worse: int
    same: int

    @property
    def clear(self) -> bool:
        """Tell whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Resampling:
    """Say how often to resample, how sure the interval shall be (0 to 1), and from which seed."""

    times: int = 2000
    confidence: float = 0.95
    seed: int = 0


USUAL = Resampling()


def compare_means(
    before: Sequence[float], after: Sequence[float], sites: Sequence[Hashable], resampling: Resampling = USUAL
) -> Comparison:
    """Compare the means over pages. Raises `ValueError` where lengths differ or nothing is there to compare.

    >>> found = compare_means([0.8, 0.9, 0.7, 0.6], [0.9, 0.9, 0.8, 0.8], ["a.example", "a.example", "b.example", "c.example"])
    >>> round(found.difference, 3), found.better, found.worse, found.same
    (0.1, 3, 0, 1)
    """
    rows = [((old, 1.0), (new, 1.0)) for old, new in zip(before, after, strict=True)]
    return _compare(_gather(rows, sites), _mean, [new - old for (old, _), (new, _) in rows], resampling)


def compare_snippets(
    before: Sequence[Snippets], after: Sequence[Snippets], sites: Sequence[Hashable], resampling: Resampling = USUAL
) -> Comparison:
    """Compare the F1 of snippets counted over all pages; a page is better where fewer of its snippets are wrong."""
    rows = [(_counts(old), _counts(new)) for old, new in zip(before, after, strict=True)]
    return _compare(_gather(rows, sites), _f1, [sum(old[1:]) - sum(new[1:]) for old, new in rows], resampling)


def _compare(sites: list[Pair], value: Value, steps: Sequence[float], resampling: Resampling) -> Comparison:
    chance = random.Random(resampling.seed)
    drawn = sorted(_difference(chance.choices(sites, k=len(sites)), value) for _ in range(resampling.times))
    tail = (1 - resampling.confidence) / 2
    return Comparison(
        _difference(sites, value),
        low=_percentile(drawn, tail),
        high=_percentile(drawn, 1 - tail),
        chance=_flip(sites, value, resampling.times, chance),
        better=sum(step > 0 for step in steps),
        worse=sum(step < 0 for step in steps),
        same=sum(step == 0 for step in steps),
    )


def _flip(sites: list[Pair], value: Value, times: int, chance: random.Random) -> float:
    """Count how often swapped sites differ as much; the runs as they are count once, so it is never zero."""
    least = abs(_difference(sites, value)) - _ROUNDING
    swapped = [(after, before) for before, after in sites]
    hits = 1
    for _ in range(times):
        coins = chance.getrandbits(len(sites))
        mixed = [swapped[at] if coins >> at & 1 else pair for at, pair in enumerate(sites)]
        hits += abs(_difference(mixed, value)) >= least
    return hits / (times + 1)


def _difference(sites: Sequence[Pair], value: Value) -> float:
    before, after = zip(*sites, strict=True)
    return value(_total(after)) - value(_total(before))


def _gather(rows: Sequence[Pair], sites: Sequence[Hashable]) -> list[Pair]:
    """Add up the rows of each site, in the order in which sites first come."""
    groups: dict[Hashable, list[Pair]] = {}
    for row, site in zip(rows, sites, strict=True):
        groups.setdefault(site, []).append(row)
    if not groups:
        raise ValueError("no pages to compare")
    return [(_total([row[0] for row in group]), _total([row[1] for row in group])) for group in groups.values()]


def _total(rows: Sequence[Sums]) -> Sums:
    return tuple(map(sum, zip(*rows, strict=True)))


def wilson(right: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval that holds a proportion, by Wilson's score method; `z` of 1.96 means 95 %.

    Unlike the usual approximation it stays sensible for few cases and for proportions near 0 and 1.

    >>> tuple(round(bound, 3) for bound in wilson(10, 10))
    (0.722, 1.0)
    """
    if not count:
        return 0.0, 1.0
    share, spread = right / count, z * z / count
    middle = share + spread / 2
    half = z * sqrt((share * (1 - share) + spread / 4) / count)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile, between neighbours by proportion."""
    at = share * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def _mean(sums: Sums) -> float:
    return sums[0] / sums[1]


def _counts(snippets: Snippets) -> Sums:
    return float(snippets.kept), float(snippets.lost), float(snippets.leaked)


def _f1(sums: Sums) -> float:
    kept, lost, leaked = sums
    return 2 * kept / (2 * kept + lost + leaked) if kept else 0.0
