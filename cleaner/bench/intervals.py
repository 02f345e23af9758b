"""Say how sure a figure or a difference is: pages are paired, sites resampled.

Pages of one site rise and fall together, so intervals that resample pages come out too narrow. The bootstrap draws as
many sites as there are, with replacement, and takes all pages of each; the interval lies between percentiles of the
figures so found. The draws are made once and shared by all runs over the same sites, so that differences are paired.
The same seed gives the same interval.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-12
Array = NDArray[np.float64]


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


class Draws:
    """Resample sites once for all runs over them; `sums` below hold a row a site.

    `taken` says how often each resample has each site, `coins` which sites swap their runs in each flip.
    """

    def __init__(self, sites: int, resampling: Resampling = USUAL) -> None:
        if not sites:
            raise ValueError("no pages to compare")
        chance = np.random.default_rng(resampling.seed)
        self.resampling = resampling
        self.taken = chance.multinomial(sites, np.full(sites, 1 / sites), resampling.times).astype(np.float64)
        self.coins = (chance.random((resampling.times, sites)) < 0.5).astype(np.float64)

    def resample(self, sums: Array) -> Array:
        """Return the sums of each resample."""
        return self.taken @ sums

    def flip(self, before: Array, after: Array) -> tuple[Array, Array]:
        """Return the sums of both runs where sites swap them at random."""
        moved = self.coins @ (after - before)
        return before.sum(axis=0) + moved, after.sum(axis=0) - moved

    def interval(self, value: float, figures: Array) -> tuple[float, float]:
        """Return the interval that holds the figures of resamples as often as asked for.

        Resamples that have nothing to measure (NaN) are left out; where all are, it is the `value` itself.
        """
        told = figures[~np.isnan(figures)]
        if not len(told):
            return value, value
        tail = (1 - self.resampling.confidence) / 2
        low, high = np.quantile(told, [tail, 1 - tail])
        return float(low), float(high)

    def chance(self, difference: float, flipped: Array) -> float:
        """Return how often flips differ as much, those left out that have nothing to measure (NaN).

        The runs as they are count once, so it is never zero.
        """
        told = flipped[~np.isnan(flipped)]
        hits = np.count_nonzero(np.abs(told) >= abs(difference) - _ROUNDING)
        return float((hits + 1) / (len(told) + 1))


def compare_means(
    before: Sequence[float], after: Sequence[float], sites: Sequence[Hashable], resampling: Resampling = USUAL
) -> Comparison:
    """Compare the means over pages. Raises `ValueError` where lengths differ or nothing is there to compare.

    >>> found = compare_means([0.8, 0.9, 0.7, 0.6], [0.9, 0.9, 0.8, 0.8], ["a.example", "a.example", "b.example", "c.example"])
    >>> round(found.difference, 3), found.better, found.worse, found.same
    (0.1, 3, 0, 1)
    """
    if len({len(sites), len(before), len(after)}) > 1:
        raise ValueError(f"runs of {len(before)}, {len(after)} pages, {len(sites)} sites named")
    numbers = {site: number for number, site in enumerate(dict.fromkeys(sites))}
    draws, places = Draws(len(numbers), resampling), [numbers[site] for site in sites]
    rows = [np.array([(score, 1.0) for score in scores]) for scores in (before, after)]
    old, new = (add_up(run, places, len(numbers)) for run in rows)
    steps = rows[1][:, 0] - rows[0][:, 0]
    difference = float(steps.mean())
    low, high = draws.interval(difference, _mean(draws.resample(new)) - _mean(draws.resample(old)))
    flipped = [_mean(sums) for sums in draws.flip(old, new)]
    return Comparison(difference, low, high, draws.chance(difference, flipped[1] - flipped[0]), *count_steps(steps))


def add_up(rows: Array, sites: Sequence[int] | NDArray[np.intp], count: int) -> Array:
    """Add up the rows of each site, by its number."""
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, np.asarray(sites), rows)
    return sums


def count_steps(steps: Array) -> tuple[int, int, int]:
    """Count pages that became better, worse, and neither."""
    better, worse = int((steps > _ROUNDING).sum()), int((steps < -_ROUNDING).sum())
    return better, worse, len(steps) - better - worse


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


def _mean(sums: Array) -> Array:
    found: Array = sums[..., 0] / sums[..., 1]
    return found
