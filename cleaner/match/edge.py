"""The gate of rules bound to the first or last lines of a text: by a line's size and place, its first and last character."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.match.gate import Batch
from cleaner.rules.expression import Expression
from cleaner.rules.schema import At
from cleaner.text.shadow import Places, foldings
from cleaner.text.shape import lead_length

MayMatch = Callable[[int, str, int, int, tuple[int, int]], bool]
"""Tell whether a rule, by its number, may match at a place of a text, unified, on a line with those bounds."""

_DIGITS = frozenset("0123456789")
EVERY_SIZE = _EVERYWHERE = 1 << 40
_BMP = 0x10000


@dataclass(frozen=True, slots=True)
class Edge:
    """Say what a line must be like that a rule needs: its place, its size (code points), and its whole text.

    `begins` and `ends` are folded texts of which it begins and ends with one; None: with anything.
    """

    at: At | None
    least: int
    most: int
    pattern: Expression | None = None
    begins: frozenset[str] | None = None
    ends: frozenset[str] | None = None
    needs: frozenset[str] | None = None
    """Characters of which one is in its text; None: any text."""
    leads: bool = False
    """Whether a bullet or number may stand before what the pattern matches."""

    def allows(self, text: str) -> bool:
        """Tell whether the pattern, if there is one, matches the text of a line, unified."""
        if self.needs and not any(map(text.__contains__, self.needs)):
            return False
        if self.pattern is None or self.pattern.fullmatch(text):
            return True
        return self.leads and self.pattern.fullmatch(text, lead_length(text)) is not None


@dataclass(frozen=True, slots=True)
class Edges:
    """Ask for the lines of many edges at once: a bit for each edge, lines beside edges in one array."""

    edges: tuple[Edge, ...]
    rules: tuple[int, ...]
    """The rule that each edge is for."""
    opens: npt.NDArray[np.uint64]
    closes: npt.NDArray[np.uint64]
    doubles: npt.NDArray[np.uint64]
    bounds: Places
    """Least and most size, first and last place, a column for each edge."""
    numbered: np.uint64
    """The edges that ask for a digit."""

    @classmethod
    def build(cls, edges: Mapping[int, Edge]) -> list[Edges]:
        """Group edges, each given by its rule, by what fits a machine word."""
        rules = tuple(edges)
        return [cls._group(rules[at : at + 64], edges) for at in range(0, len(rules), 64)]

    @classmethod
    def _group(cls, rules: tuple[int, ...], by_rule: Mapping[int, Edge]) -> Edges:
        edges = tuple(by_rule[number] for number in rules)
        tables = [np.zeros(_BMP, np.uint64) for _ in range(3)]
        for number, edge in enumerate(edges):
            bit = np.uint64(1) << np.uint64(number)
            begins = {text[0] for text in edge.begins} if edge.begins else None
            ends, doubled = _closers(edge.ends)
            for table, chars in zip(tables, (begins, ends, doubled), strict=True):
                if chars is None:
                    table |= bit
                else:
                    codes = [ord(spelled) for char in chars for spelled in foldings(char)]
                    table[[min(code, _BMP - 1) for code in codes]] |= bit
        bounds = np.array([[edge.least, edge.most, *_places(edge.at)] for edge in edges], np.int64)
        opens, closes, doubles = tables
        numbered = sum(1 << number for number, edge in enumerate(edges) if edge.needs and edge.needs <= _DIGITS)
        return cls(edges, rules, opens, closes, doubles, bounds.T.copy(), np.uint64(numbered))

    def open(self, batch: Batch, may_match: MayMatch) -> Iterator[tuple[int, int]]:
        """Yield each text and rule once where the text has a line as the rule's edge asks for, and it may match there."""
        rows, points = batch.rows, batch.shadow.points
        found: set[tuple[int, int]] = set()
        last = points[rows.ends - 1]
        twice = points.take(rows.ends - 2, mode="clip") == last
        bits = self.closes.take(last, mode="clip")
        bits |= np.where(twice, self.doubles.take(last, mode="clip"), np.uint64(0))
        bits &= self.opens.take(points[rows.starts], mode="clip")
        bits[~batch.numbered] &= ~self.numbered
        lines = np.flatnonzero((bits != 0) & (rows.sizes <= self.bounds[1].max()))
        sizes, first, behind = rows.sizes[lines, None], rows.first[lines, None], rows.last[lines, None]
        least, most, before, after = self.bounds
        fits = (sizes >= least) & (sizes <= most) & (first < before) & (behind < after)
        fits &= (bits[lines, None] >> np.arange(len(self.edges), dtype=np.uint64) & np.uint64(1)) != 0
        at, numbers = np.nonzero(fits)
        lines, unified = lines[at], batch.shadow.unified
        places = (rows.text[lines], rows.starts[lines], rows.ends[lines], numbers)
        for text, start, end, number in zip(*(column.tolist() for column in places), strict=True):
            rule, line = self.rules[number], (start, end)
            if (text, rule) in found or not self.edges[number].allows(unified[start:end]):
                continue
            if may_match(rule, unified, start, end, line):
                found.add((text, rule))
                yield text, rule


def _places(at: At | None) -> tuple[int, int]:
    """Return how many lines from the start and from the end of a text count."""
    if at is None:
        return _EVERYWHERE, _EVERYWHERE
    return (at.first, _EVERYWHERE) if at.first is not None else (_EVERYWHERE, at.last or 0)


def _closers(ends: frozenset[str] | None) -> tuple[set[str] | None, set[str]]:
    """Return the characters that may end a line, and those that may where they stand twice."""
    if ends is None:
        return None, set()
    doubled = {text[-1] for text in ends if text[-2:-1] == text[-1]}
    return {text[-1] for text in ends if text[-2:-1] != text[-1]}, doubled
