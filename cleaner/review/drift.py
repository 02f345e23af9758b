"""Tell whether rules hit one corpus more often than another: periods, crawls, sources.

Each rule's share of documents is compared by Fisher's exact test (by the normal approximation from a thousand hits on),
and the probabilities are corrected for the number of rules by Holm's method, so that of a thousand rules which did not
move none is expected to show. Documents count as independent; those of one source are not, so read a small probability
as a reason to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, exp, lgamma, sqrt
from typing import Any, NamedTuple

from cleaner.errors import OptionError

_MANY = 1000  # hits from which the normal approximation is as good
_EQUAL = 1e-9  # relative difference below which two probabilities are one


class Shift(NamedTuple):
    """Say how often one rule hit two corpora, and how often chance alone would tell them so far apart (0 to 1)."""

    rule: str
    old: int
    old_documents: int
    new: int
    new_documents: int
    chance: float

    @property
    def old_rate(self) -> float:
        """The share of the first corpus's documents, 0 to 1."""
        return self.old / self.old_documents if self.old_documents else 0.0

    @property
    def new_rate(self) -> float:
        """The share of the second corpus's documents, 0 to 1."""
        return self.new / self.new_documents if self.new_documents else 0.0

    def describe(self) -> dict[str, Any]:
        """Return the shift as plain values."""
        return {**self._asdict(), "old_rate": round(self.old_rate, 6), "new_rate": round(self.new_rate, 6)}


def shifts(
    old: Mapping[str, int], old_documents: int, new: Mapping[str, int], new_documents: int, level: float = 0.01
) -> list[Shift]:
    """Return the rules whose hit rate moved, the surest first; `level` is the corrected probability that counts."""
    rules = sorted(old.keys() | new.keys())
    found = [
        Shift(
            rule,
            old.get(rule, 0),
            old_documents,
            new.get(rule, 0),
            new_documents,
            chance(old.get(rule, 0), old_documents, new.get(rule, 0), new_documents),
        )
        for rule in rules
    ]
    return [shift for shift in _corrected(found) if shift.chance <= level]


def _corrected(found: list[Shift]) -> list[Shift]:
    """Correct probabilities by Holm's method: the smallest counts for all, the next for all but one, never falling."""
    least, corrected = 0.0, []
    for place, shift in enumerate(sorted(found, key=lambda shift: (shift.chance, shift.rule))):
        least = max(least, min(1.0, shift.chance * (len(found) - place)))
        corrected.append(shift._replace(chance=least))
    return corrected


def chance(a: int, n: int, b: int, m: int) -> float:
    """Return how likely `a` of `n` and `b` of `m` are so far apart, or further, if both come of one share.

    >>> round(chance(1, 10, 9, 10), 4), chance(0, 0, 3, 10), chance(5, 100, 5, 100)
    (0.0011, 1.0, 1.0)
    """
    if not n or not m or not 0 < a + b < n + m:
        return 1.0
    return _normal(a, n, b, m) if a + b > _MANY else _exact(a, n, b, m)


def _normal(a: int, n: int, b: int, m: int) -> float:
    share = (a + b) / (n + m)
    spread = sqrt(share * (1 - share) * (1 / n + 1 / m))
    return erfc(abs(a / n - b / m) / spread / sqrt(2))


def _exact(a: int, n: int, b: int, m: int) -> float:
    hits = a + b
    whole = _ways(n + m, hits)
    odds = [exp(_ways(n, k) + _ways(m, hits - k) - whole) for k in range(max(0, hits - m), min(hits, n) + 1)]
    seen = odds[a - max(0, hits - m)]
    return min(1.0, sum(one for one in odds if one <= seen * (1 + _EQUAL)))


def _ways(n: int, k: int) -> float:
    """Return the logarithm of the number of ways to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def hits_of(report: Any, name: str) -> tuple[dict[str, int], int]:
    """Read hits by rule and the number of documents from what `cleaner rules stats --json` printed.

    Raises `OptionError` where it is something else.
    """
    try:
        hits, of = {rule: int(use["documents"]) for rule, use in report["rules"].items()}, int(report["documents"])
        if not all(0 <= count <= of for count in hits.values()):
            raise ValueError
    except (KeyError, TypeError, AttributeError, ValueError):
        raise OptionError(f"{name} is no output of `cleaner rules stats --json`") from None
    return hits, of
