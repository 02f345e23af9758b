"""The lookout: which rules are worth trying in which texts, by one scan for their literals, where these must stand, and the
gates of rules without any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cleaner.match.budget import PLACES
from cleaner.match.edge import Edge, Edges, MayMatch
from cleaner.match.gate import Batch, Gate, characters
from cleaner.match.needs import Needs
from cleaner.match.reach import Room, Within
from cleaner.match.scan.lexicon import CLOSES, OPENS
from cleaner.match.scan.scan import AUTO, Scan
from cleaner.text.shadow import MARK, SPACE, Places
from cleaner.text.sheet import LONG_LINE

Stirred = dict[int, list[tuple[int, int]] | None]
"""The rules that may match a text: where their literals stand in it (code points), or None for a rule without."""


@dataclass(frozen=True, slots=True)
class Gates:
    """Hold the gates of rules without literals, each with the rules behind it."""

    edges: tuple[Edges, ...]
    others: tuple[tuple[Gate, tuple[int, ...]], ...]

    @classmethod
    def build(cls, gates: Mapping[int, Gate | Edge]) -> Gates:
        """Gather the gates of rules given by number, each gate once."""
        edges = {number: gate for number, gate in gates.items() if isinstance(gate, Edge)}
        others: list[tuple[Gate, list[int]]] = []
        for number, gate in gates.items():
            if not isinstance(gate, Edge):
                known = next((rules for other, rules in others if other == gate), None)
                if known is None:
                    others.append((gate, [number]))
                else:
                    known.append(number)
        return cls(tuple(Edges.build(edges)), tuple((gate, tuple(rules)) for gate, rules in others))

    def open(self, batch: Batch, may_match: MayMatch) -> Iterator[tuple[int, int]]:
        """Yield a text and a rule for each rule whose gate lets a text through."""
        for edges in self.edges:
            yield from edges.open(batch, may_match)
        for gate, rules in self.others:
            yield from ((text, number) for text in np.flatnonzero(gate.passes(batch)).tolist() for number in rules)


@dataclass(frozen=True, slots=True)
class Lookout:
    """Hold the scan for the literals of all rules, where these must stand, and the gates of rules without any."""

    scan: Scan
    ungated: Mapping[int, frozenset[int]]
    """The rules without literals: those that all documents have under -1, the others by their sites."""
    gates: Mapping[tuple[int, str], Gates]
    """The gates of those, for each surface."""
    rooms: Places
    """The room of each rule, a column for each."""

    @classmethod
    def build(
        cls,
        needs: Needs,
        surfaces: Sequence[Collection[str]],
        homes: Mapping[int, Sequence[int]],
        everyday: Collection[str] = (),
        engine: str = AUTO,
    ) -> Lookout:
        """Build it for rules by number, given their surfaces and for some the sites that alone have them.

        `everyday` are words that many an article holds.
        """
        needs = needs.waive(_spared(needs, homes, everyday))
        without: dict[int, dict[int, Gate | Edge]] = {ANYWHERE: {}}
        for number, gate in sorted(needs.gates.items()):
            for site in homes.get(number, (ANYWHERE,)):
                without.setdefault(site, {})[number] = gate
        return cls(
            scan=Scan.build(needs.lexicon, needs.literals, needs.rules, engine, homes),
            ungated={site: frozenset(own) for site, own in without.items()},
            gates={
                (site, surface): Gates.build({n: gate for n, gate in own.items() if surface in surfaces[n]})
                for site, own in without.items()
                for surface in ("text", "html")
            },
            rooms=needs.rooms.T.copy(),
        )

    def tried_anyway(self, sites: Iterable[int]) -> frozenset[int]:
        """Return the rules that no literal says when to try, for a document of some sites."""
        return frozenset().union(*(self.ungated.get(site, ()) for site in (ANYWHERE, *sites)))

    def stir(
        self,
        texts: Sequence[str],
        sites: Sequence[tuple[int, ...]],
        surface: str,
        may_match: MayMatch,
        batch: Batch,
    ) -> list[Stirred | None]:
        """Tell for each text, of the sites given, which rules may match it; `may_match` looks at a place more closely.

        `batch` holds the texts side by side. None where rules have so many places that budgets decide.
        """
        found: list[Stirred] = [{} for _ in texts]
        for text, number in self.gates[ANYWHERE, surface].open(batch, may_match):
            found[text][number] = None
        for site in {site for own in sites for site in own if site in self.ungated}:
            at = [number for number, own in enumerate(sites) if site in own]
            for text, number in self.gates[site, surface].open(Batch.of([texts[number] for number in at]), may_match):
                found[at[text]][number] = None
        places = self.scan.index.find(batch.shadow)
        if not len(places[0]):
            return [*found]
        look = _Look(self, batch, places, sites)
        look.note(found, may_match)
        crowded = look.crowded()
        return [None if text in crowded else stirred for text, stirred in enumerate(found)]


ANYWHERE = -1


class _Look:
    """Look at the places of literals in a batch: on what line each is, and which rules it may be worth."""

    def __init__(
        self, lookout: Lookout, batch: Batch, places: tuple[Places, Places, Places], sites: Sequence[tuple[int, ...]]
    ):
        self._lookout, self._batch = lookout, batch
        self._starts, self._ends, self._literals = places
        self._line = np.searchsorted(batch.rows.starts, self._starts, "right") - 1
        self._text = batch.text_at(self._starts)
        self._hit, self._rule = lookout.scan.owners.spread(self._literals, self._text, sites)

    def crowded(self) -> frozenset[int]:
        """Return the texts in which literals have more places than rules may be tried at."""
        if len(self._hit) <= PLACES:
            return frozenset()
        return frozenset(np.flatnonzero(np.bincount(self._text[self._hit]) > PLACES).tolist())

    def note(self, found: list[Stirred], may_match: MayMatch) -> None:
        """Note for each text the rules of which a literal stands where they need it, and where all their literals do."""
        stirred: set[tuple[int, int]] = set()
        tried: Counter[tuple[int, int]] = Counter()
        rows, shadow = self._batch.rows, self._batch.shadow
        fits = self._fits()
        for at, number in zip(self._hit[fits].tolist(), self._rule[fits].tolist(), strict=True):
            key = (int(self._text[at]), number)
            if key not in stirred and self._reads(at):
                line = int(self._line[at])
                bounds = int(rows.starts[line]), int(rows.ends[line])
                tried[key] += 1
                start, end = int(self._starts[at]), int(self._ends[at])
                if tried[key] > _LOOKS or may_match(number, shadow.unified, start, end, bounds):
                    stirred.add(key)
        if stirred:
            self._gather(stirred, found)

    def _reads(self, at: int) -> bool:
        literal, start, end = int(self._literals[at]), int(self._starts[at]), int(self._ends[at])
        return self._lookout.scan.reads(literal, self._batch.shadow, start, end)

    def _gather(self, stirred: Collection[tuple[int, int]], found: list[Stirred]) -> None:
        """Note where in their texts all literals of the rules stand that stirred one."""
        many = self._lookout.rooms.shape[1]
        wanted = np.array([text * many + number for text, number in stirred], np.int64)
        own = np.flatnonzero(np.isin(self._text[self._hit] * many + self._rule, wanted))
        own = own[np.lexsort((self._ends[self._hit[own]], self._starts[self._hit[own]]))]
        for at, number in zip(self._hit[own].tolist(), self._rule[own].tolist(), strict=True):
            if self._reads(at):
                text = int(self._text[at])
                begin = int(self._batch.begins[text])
                place = int(self._starts[at]) - begin, int(self._ends[at]) - begin
                near = found[text].setdefault(number, [])
                if near is not None and near[-1:] != [place]:
                    near.append(place)

    def _fits(self) -> Places:
        """Return which of the hits are on lines of the size and place that their rules ask for."""
        rows, codes = self._batch.rows, self._batch.shadow.codes
        line, rooms = self._line[self._hit], self._lookout.rooms
        sizes = rows.sizes[line]
        long = sizes > LONG_LINE
        inside = long & (rooms[_WITHIN, self._rule] != Within.LINES)
        left = np.flatnonzero((line >= 0) & (inside | (sizes <= rooms[_MOST, self._rule])))
        hit, rule, line, sizes, long = self._hit[left], self._rule[left], line[left], sizes[left], long[left]
        within, least, most, first, last, near = rooms[:, rule]
        starts, ends = self._starts[hit], self._ends[hit]
        sentences = np.where(long & (within == Within.SENTENCES), _sentence_sizes(self._batch, starts), sizes)
        fits = (sentences <= most) & ((sizes >= least) | long)
        after, behind = codes.take(ends, mode="clip"), codes.take(ends + 1, mode="clip")
        is_list = (after == MARK) | ((after == SPACE) & _DIGIT[behind])
        fits |= long & ((within == Within.STRETCHES) | ((within == Within.LISTS) & is_list))
        fits &= ~long | (starts - rows.starts[line] <= near)
        fits &= (rows.first[line] < first) & (rows.last[line] < last)
        found: Places = left[fits]
        return found


def _spared(needs: Needs, homes: Mapping[int, Sequence[int]], everyday: Collection[str]) -> list[int]:
    """Return the rules of sites that ask for an everyday word, which the scan of all documents is spared.

    On their sites they are tried anyway.
    """
    lexicon = needs.lexicon
    loose = np.fromiter((text.strip() in everyday for text in lexicon.texts), bool, len(lexicon))
    loose &= lexicon.flags & np.uint8(OPENS | CLOSES) == 0
    return [number for number in np.unique(needs.rules[loose[needs.literals]]).tolist() if number in homes]


def _sentence_sizes(batch: Batch, places: Places) -> Places:
    """Return how long the sentences at some places are at least: from one full stop to the next."""
    marks = batch.shadow.marks
    stops = marks[_STOPS.take(batch.shadow.points[marks], mode="clip")]
    after = np.searchsorted(stops, places)
    begins, ends = stops[np.maximum(after - 1, 0)], stops.take(after, mode="clip")
    return ends - begins - _CLOSING


_WITHIN, _MOST = Room._fields.index("within"), Room._fields.index("most")
_LOOKS = 64  # places at which one rule is looked at in one text: with more it is tried
_DIGIT = np.zeros(256, bool)
_DIGIT[[*b"0123456789["]] = True
_STOPS = characters(".!?…。！？\n")
_CLOSING = 12  # code points of closing punctuation and white space that may stand between two sentences
