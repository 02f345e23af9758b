"""A part of the rules - the general ones, or those of one site - with all that says where they are worth trying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from cleaner.match.edge import Edge, Edges
from cleaner.match.gate import Batch, Flags, Gate, characters
from cleaner.match.literal import Literal
from cleaner.match.reach import Room, Within
from cleaner.match.scan.index import spread
from cleaner.match.scan.scan import AUTO, Scan
from cleaner.rules.schema import Rule
from cleaner.text.shadow import MARK, SPACE, Places
from cleaner.text.sheet import LONG_LINE


@dataclass(frozen=True, slots=True)
class Need:
    """Say what one rule needs to match: one of some literals, or for lack of them that a gate lets the text through."""

    rule: Rule
    literals: frozenset[Literal] | None
    gate: Gate | Edge | None
    room: Room


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one scan for the literals of some rules, the gates of the others, and where lines with a literal must stand."""

    scan: Scan
    ungated: frozenset[int]
    gates: Mapping[str, tuple[Gate, ...]]
    """The gates of the rules for each surface."""
    rooms: Places
    """The room of each rule, a column for each."""

    @classmethod
    def build(cls, needs: Mapping[int, Need], engine: str = AUTO, prose: str = "") -> Part:
        """Build it for rules given by number."""
        scan = Scan.build({number: need.literals or () for number, need in needs.items()}, engine, prose)
        without = [need for need in needs.values() if need.literals is None]
        rooms = np.array([Room()] * (max(needs, default=0) + 1), np.int64)
        for number, need in needs.items():
            rooms[number] = need.room
        surfaces = ("text", "html")
        return cls(
            scan=scan,
            ungated=frozenset(number for number, need in needs.items() if need.literals is None),
            gates={name: _gates(need for need in without if name in need.rule.scope.surface) for name in surfaces},
            rooms=rooms.T.copy(),
        )

    def stirred(self, batch: Batch, surface: str, may_match: MayMatch) -> Flags:
        """Tell which texts a rule may match; `may_match` looks at a place more closely."""
        found = np.zeros(len(batch.begins), bool)
        for gate in self.gates[surface]:
            found |= gate.passes(batch)
        starts, ends, literals = self.scan.index.glimpse(batch.shadow)
        if len(starts):
            self._look(batch, (starts, ends, literals), found, may_match)
        return found

    def _look(self, batch: Batch, places: tuple[Places, Places, Places], found: Flags, may_match: MayMatch) -> None:
        """Set the flag of each text in which a literal stands where a rule needs it."""
        starts, ends, literals = places
        rows, index, codes = batch.rows, self.scan.index, batch.shadow.codes.tobytes()
        line = np.searchsorted(rows.starts, starts, "right") - 1
        hit, rule = spread(np.arange(len(starts)), literals, self.scan.owners.bounds, self.scan.owners.rules)
        fits = np.flatnonzero((line[hit] >= 0) & self._fits(batch, starts[hit], ends[hit], line[hit], rule))
        for at, number in zip(hit[fits].tolist(), rule[fits].tolist(), strict=True):
            row = int(line[at])
            text = int(rows.text[row])
            if not found[text]:
                start, end = int(starts[at]), int(ends[at])
                bounds = int(rows.starts[row]), int(rows.ends[row])
                literal = int(literals[at])
                found[text] = (
                    index.stands(codes, start, literal)
                    and self.scan.reads(literal, batch.text[start:end])
                    and may_match(number, batch.text, start, end, bounds)
                )

    def _fits(self, batch: Batch, starts: Places, ends: Places, line: Places, rule: Places) -> Flags:
        """Tell which places are on lines of the size and place that their rules ask for."""
        within, least, most, first, last, near = self.rooms[:, rule]
        rows, codes = batch.rows, batch.shadow.codes
        sizes = rows.sizes[line]
        long = sizes > LONG_LINE
        sentences = np.where(long & (within == Within.SENTENCES), _sentence_sizes(batch, starts), sizes)
        fits: Flags = (sentences <= most) & ((sizes >= least) | long)
        after, behind = codes.take(ends, mode="clip"), codes.take(ends + 1, mode="clip")
        is_list = (after == MARK) | ((after == SPACE) & _DIGIT[behind])
        fits |= long & ((within == Within.STRETCHES) | ((within == Within.LISTS) & is_list))
        fits &= ~long | (starts - rows.starts[line] <= near)
        fits &= (rows.first[line] < first) & (rows.last[line] < last)
        return fits


def _sentence_sizes(batch: Batch, places: Places) -> Places:
    """Return how long the sentences at some places are at least: from one full stop to the next."""
    marks = np.flatnonzero(batch.shadow.codes == MARK)
    stops = marks[_STOPS.take(batch.shadow.points[marks], mode="clip")]
    after = np.searchsorted(stops, places)
    begins, ends = stops[np.maximum(after - 1, 0)], stops.take(after, mode="clip")
    return ends - begins - _CLOSING


MayMatch = Callable[[int, str, int, int, tuple[int, int]], bool]
"""Tell whether a rule, by its number, may match where a literal of it stands in a text, on a line with those bounds."""

_DIGIT = np.zeros(256, bool)
_DIGIT[[*b"0123456789["]] = True
_STOPS = characters(".!?…。！？\n")
_CLOSING = 12  # code points of closing punctuation and white space that may stand between two sentences


def _gates(needs: Iterable[Need]) -> tuple[Gate, ...]:
    """Return the gates, each once, and all edges as one."""
    gates = [need.gate for need in needs if need.gate is not None]
    edges = [gate for gate in gates if isinstance(gate, Edge)]
    others = [gate for gate in gates if not isinstance(gate, Edge)]
    return (*Edges.build(edges), *(gate for at, gate in enumerate(others) if gate not in others[:at]))
