"""Where on a line a literal must stand for its rule to match: told by the line's size and place alone."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from cleaner.match.edge import EVERY_SIZE, Edge
from cleaner.match.gate import Always, Gate
from cleaner.match.predicate import Test
from cleaner.rules.schema import At

WIDEST = 8192
"""Code points around a place that are looked at beforehand: where it takes more a rule is tried, once for all its places."""


class Within(IntEnum):
    """Say what a rule looks at: whole lines, sentences of long lines as well, any stretch of a long line, or lists there."""

    LINES = 0
    SENTENCES = 1
    STRETCHES = 2
    LISTS = 3


class Room(NamedTuple):
    """Bound the lines (or sentences) that a rule's literal may stand on: their size in code points, and their place.

    `first` and `last` are lines from the start and the end of the text; a literal stands before one and after the other.
    """

    within: Within = Within.STRETCHES
    least: int = 0
    most: int = EVERY_SIZE
    first: int = EVERY_SIZE
    last: int = EVERY_SIZE
    near: int = EVERY_SIZE
    """Code points from the start of a long line."""


class Open:
    """Say of where a matcher may match what one says that knows no better: anywhere."""

    __slots__ = ()

    @property
    def gate(self) -> Gate | Edge:
        """Let every text through."""
        return Always()

    @property
    def room(self) -> Room:
        """Return any place."""
        return Room()

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell that any literal may be part of a match (the text is unified)."""
        return True


def room(tests: Iterable[Test], within: Within, at: At | None = None, lines: int = 1) -> Room:
    """Return the room of a rule whose literals are those of some tests, on lines up to so many from where it begins."""
    extents = [test.extent for test in tests] or [(0, EVERY_SIZE)]
    first = EVERY_SIZE if at is None or at.first is None else at.first + lines - 1
    last = EVERY_SIZE if at is None or at.first is not None else at.last or 0
    return Room(within, min(least for least, _ in extents), max(most for _, most in extents), first, last)
