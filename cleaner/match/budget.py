"""Budgets: steps for one rule on one text, and places for all rules, so that no input takes longer than its length allows.

Steps are counted, never timed: the same text spends the same steps on every machine, and with every way of finding
where a rule is worth trying, because only what a rule proved there is counted. A rule that has spent its budget finds
nothing in that text, and the document is flagged: what it found so far would depend on where it began to look.
"""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 10_000
"""Steps that a rule has on a text of any length."""

EACH = 16
"""Code points of text for which a rule has one step more."""

REACH = 256
"""Code points searched that count as a step."""


PLACES = 100_000
"""Places at which all rules together are tried on a text of any length, and one more for each of its code points."""

MOST_PLACES = 1_000_000
"""Places at which they are tried on the longest text: each may become a cut, which takes about a kilobyte."""


class Spent(Exception):
    """Say that a rule has spent its budget on a text."""


class Budget:
    """Count down the steps of one rule on one text."""

    __slots__ = ("left",)

    def __init__(self, size: int):
        """Begin with the steps that a text of `size` code points allows."""
        self.left = LEAST + size // EACH

    def spend(self, steps: int = 1, searched: int = 0) -> None:
        """Take steps, and those that a search of some code points counts for.

        Raises `Spent` where none are left.
        """
        self.left -= steps + searched // REACH
        if self.left < 0:
            raise Spent


def too_many(places: Mapping[int, int], size: int) -> frozenset[int]:
    """Return the rules to leave out so that the rest have no more places to be tried than a text allows.

    Those with the most places go first, of as many the first. `places` counts for each rule those of its literals.

    >>> sorted(too_many({1: 60_000, 2: 70_000, 3: 10}, size=30_000)), too_many({1: 60_000, 2: 70_000}, size=30_000)
    ([2], frozenset())
    """
    over = sum(places.values()) - min(PLACES + size, MOST_PLACES)
    left_out = set()
    for number in sorted(places, key=lambda number: (-places[number], number)) if over > 0 else ():
        if over > 0:
            left_out.add(number)
            over -= places[number]
    return frozenset(left_out)
