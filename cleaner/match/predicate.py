"""A compiled predicate: does a line, or a stretch of flattened text, look like this?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial

import regex

from cleaner.match.edge import EVERY_SIZE, Edge
from cleaner.match.finding import hits_between, windows
from cleaner.match.literal import Literals, best, literals, marked, united
from cleaner.match.phrases import Phrases
from cleaner.rules.atoms import marked_atoms, pattern_edges, pattern_needs, pattern_width, usable
from cleaner.rules.expression import Expression
from cleaner.rules.resolve import Resolver
from cleaner.rules.schema import At, Predicate
from cleaner.text.phrase import ends_with, find_phrase, starts_with
from cleaner.text.shape import SHAPES, core, lead_in, lead_length
from cleaner.text.sheet import Sheet, Unit

Captures = Mapping[str, Unit]

PATTERN_REACH = 64
"""Code points of a pattern alone on either side of its literal, in flattened text."""

FLAT_REACH = 160
"""Code points on either side of a literal in which flattened text is searched for the rest of its predicate."""

_BESIDE = 2  # code points that a pattern may look at on either side of its match

DECORATION = 40
"""Code points of bullets, colons, dots and arrows that may stand around a whole-line phrase."""

_label = lru_cache(maxsize=1 << 16)(core)  # rules share terms: 1 phrase of 30 is a new one


class Compiler(Resolver):
    """Turn the parts of one rule into matchers."""

    __slots__ = ()

    def test(self, spec: Predicate) -> Test:
        """Compile one predicate."""
        eq = frozenset(filter(None, map(_label, self.phrases(spec.eq))))
        starts, ends, has = map(self.phrases, (spec.starts, spec.ends, spec.has))
        lead = frozenset(filter(None, map(_label, self.phrases(spec.lead))))
        labels, openings, parts, closings = map(Phrases, (eq, lead.union(starts), has, ends))
        keys = tuple(filter(None, (labels, openings, parts, closings)))
        return Test(
            eq=eq,
            eq_most=max(map(len, eq), default=0) + DECORATION,
            starts=starts,
            lead=lead,
            ends=ends,
            has=has,
            pattern=self.compile(spec.re) if spec.re else None,
            length=spec.len,
            shape=spec.shape,
            without=self.tests(spec.without),
            same_as=spec.same_as,
            name=spec.as_,
            optional=spec.optional,
            keys=keys,
            labels=labels,
            parts=parts,
            deriving=partial(self._literals, spec, eq),
        )

    def tests(self, specs: Sequence[Predicate] | None) -> tuple[Test, ...]:
        """Compile predicates of which any may hold."""
        return tuple(self.test(spec) for spec in specs or ())

    def _literals(self, spec: Predicate, eq: frozenset[str]) -> Literals | None:
        """Choose the part of a predicate that says most about where it can hold."""
        phrases = {name: usable(self.phrases(getattr(spec, name))) for name in ("starts", "lead", "ends", "has")}
        sets = [
            literals(usable(eq), opens=True, closes=True, label=True),
            literals(phrases["starts"], opens=True, label=True),
            literals(usable(map(core, phrases["lead"] or ())), opens=True, closes=True, label=True),
            literals(phrases["ends"], closes=True),
            literals(phrases["has"]),
        ]
        if spec.re:
            sets.append(self.pattern_literals(spec.re))
        return best(sets)

    def pattern_literals(self, pattern: str, whole: bool = True, flows: bool = False) -> Literals | None:
        """Return the literals of a pattern, which matches a whole unit or a part of one."""
        return marked(marked_atoms(self.pattern(pattern), whole), flows)


@dataclass(frozen=True)
class Test:
    """Decide whether a unit of a sheet is what a rule describes. Its literals are derived when they are asked for."""

    eq: frozenset[str]
    eq_most: int
    starts: tuple[str, ...]
    lead: frozenset[str]
    ends: tuple[str, ...]
    has: tuple[str, ...]
    pattern: Expression | None
    length: tuple[int, int] | None
    shape: str | None
    without: tuple[Test, ...]
    same_as: str | None
    name: str | None
    optional: bool
    keys: tuple[Phrases, ...]
    """The phrases looked for in flattened text, those that say where first."""
    labels: Phrases
    parts: Phrases
    deriving: Callable[[], Literals | None] = field(repr=False, compare=False)

    @cached_property
    def literals(self) -> Literals | None:
        """The literals of which every match in lines holds one."""
        return self.deriving()

    @cached_property
    def is_covered(self) -> bool:
        """Whether the literals are just the phrases looked for first."""
        found = self.literals if self.keys else None
        return bool(found) and self.keys[0].known == {literal.text for literal in found or ()}

    @cached_property
    def extent(self) -> tuple[int, int]:
        """The code points of the smallest and the largest unit that the predicate can hold of."""
        least, most = self.length or (1, EVERY_SIZE)
        widths = [
            most,
            self.eq_most if self.eq else None,
            pattern_width(self.pattern.pattern) if self.pattern else None,
        ]
        return least, min(width for width in widths if width is not None)

    def may_stand(self, text: str, start: int, end: int) -> bool:
        """Tell whether the pattern, if its matches are bounded, matches around a place of a text."""
        width = self.extent[1]
        if not self.pattern or width > 4 * PATTERN_REACH:
            return True
        return self.pattern.search(text[max(0, end - width - _BESIDE) : start + width + _BESIDE]) is not None

    def edge(self, at: At | None) -> Edge:
        """Return what a line at a place must be like for the predicate to hold of it."""
        least, most = self.extent
        begins, ends = pattern_edges(self.pattern.pattern) if self.pattern else (None, None)
        needs = pattern_needs(self.pattern.pattern) if self.pattern else None
        return Edge(at, least, most, self.pattern, begins, ends, needs)

    def holds(self, sheet: Sheet, unit: Unit, captured: Captures | None = None) -> bool:
        """Tell whether the unit satisfies every part of the predicate."""
        if self.length and not self.length[0] <= unit.end - unit.start <= self.length[1]:
            return False
        folded = sheet.folded[unit.start : unit.end]
        if self.eq and (len(folded) > self.eq_most or core(folded) not in self.eq):
            return False
        if self.starts and not starts_with(folded, self.starts):
            return False
        if self.lead and lead_in(folded) not in self.lead:
            return False
        if self.ends and not ends_with(folded, self.ends):
            return False
        if self.has and not any(find_phrase(folded, phrase) >= 0 for phrase in self.has):
            return False
        if self.pattern and not self.pattern.fullmatch(sheet.text, unit.start, unit.end):
            return False
        return self._fits(sheet, unit, captured)

    def _fits(self, sheet: Sheet, unit: Unit, captured: Captures | None) -> bool:
        if self.shape:
            text = sheet.text[unit.start : unit.end]
            if not SHAPES[self.shape](text if self.shape == "bullet" else text[lead_length(text) :] or text):
                return False
        if self.same_as:
            other = (captured or {}).get(self.same_as)
            if not other or not self._repeats(sheet.folded[slice(*other)], sheet.folded[slice(*unit)]):
                return False
        return not any(test.holds(sheet, unit, captured) for test in self.without)

    def _repeats(self, earlier: str, folded: str) -> bool:
        """Tell whether a line says what an earlier one said, a bullet or one of the phrases it starts with aside."""
        bare = folded[lead_length(folded) :]
        rests = [whole[len(p) :] for p in self.starts for whole in (folded, bare) if whole.startswith(p)]
        return core(earlier) in map(core, (folded, *rests))

    def captures(self, sheet: Sheet, unit: Unit) -> dict[str, Unit]:
        """Return the named parts of a unit for which the predicate holds."""
        found: dict[str, Unit] = {}
        if self.name:
            lead = lead_length(sheet.text[unit.start : unit.end])
            found[self.name] = Unit(unit.start + lead, unit.end) if lead < unit.end - unit.start else unit
        if self.pattern and self.pattern.groupindex:
            match = self.pattern.fullmatch(sheet.text, unit.start, unit.end)
            for name in self.pattern.groupindex if match else ():
                if match and match.start(name) >= 0:
                    found[name] = sheet.trim(*match.span(name))
        return found

    def places(self, sheet: Sheet, start: int, stop: int, hits: Sequence[tuple[int, int]] | None) -> list[Unit]:
        """Find every place in flattened text where the predicate stands by itself (near the hits; None: anywhere).

        A form or a length says nothing where there are no lines: only the texts and the pattern are looked for.
        """
        stretches = [(start, stop)]
        keys = self.keys
        if hits is not None and self.is_covered:
            places = keys[0].among(sheet, hits_between(hits, start, stop), lone=keys[0] is not self.parts)
            return sorted({unit for unit in places if unit.end <= stop and self._stands_near(sheet, unit, start, stop)})
        if hits is not None:
            reach = FLAT_REACH if keys else PATTERN_REACH
            stretches = windows(hits_between(hits, start, stop), start, stop, reach)
        return sorted({place for a, b in stretches for place in self._anchors(sheet, a, b, start, stop)})

    def search(self, sheet: Sheet, start: int, end: int) -> Unit | None:
        """Find the first place in flattened text where the predicate stands by itself, quoted nowhere."""
        return next(self._anchors(sheet, start, end, start, end), None)

    def _anchors(self, sheet: Sheet, start: int, end: int, first: int, last: int) -> Iterator[Unit]:
        """Yield the places of the first key looked for near which the other keys are found as well, in order."""
        keys = self.keys
        if not keys:
            yield from (Unit(*m.span()) for m in self._matches(sheet, start, end))
            return
        for place in keys[0].places(sheet, start, end, lone=keys[0] is not self.parts):
            if self._stands_near(sheet, place, first, last):
                yield place

    def _stands_near(self, sheet: Sheet, place: Unit, first: int, last: int) -> bool:
        """Tell whether all that the predicate asks for besides its first key is found near a place."""
        near = sheet, max(first, place.start - FLAT_REACH // 2), min(last, place.end + FLAT_REACH // 2)
        return all(any(True for _ in key.places(*near, lone=key is not self.parts)) for key in self.keys[1:]) and (
            not self.pattern or any(True for _ in self._matches(*near))
        )

    def _matches(self, sheet: Sheet, start: int, end: int) -> Iterator[regex.Match[str]]:
        if self.pattern:
            yield from (match for match in self.pattern.finditer(sheet.text, start, end) if match.end() > match.start())


def any_literals(tests: Iterable[Test]) -> Literals | None:
    """Return the literals of all alternatives in lines or in flattened text, or None where one has none."""
    return united(anywhere(test.literals) for test in tests)


def anywhere(found: Literals | None) -> Literals | None:
    """Return literals of units as they stand in flattened text, which no line end and no full stop sets off."""
    if found is None:
        return None
    return frozenset(literal._replace(opens=False, closes=False) for literal in found)
