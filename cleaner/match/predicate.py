"""A compiled predicate: does a line, or a stretch of flattened text, look like this?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from cleaner.errors import RuleError
from cleaner.match.finding import hits_between
from cleaner.match.phrases import Phrases, find_phrase, is_free
from cleaner.rules.atoms import better, pattern_atoms, usable
from cleaner.rules.load import NESTING, PATTERN_REF, Ruleset
from cleaner.rules.schema import Predicate, Rule
from cleaner.text.fold import fold, unify
from cleaner.text.shape import SHAPES, core, lead_in, lead_length
from cleaner.text.sheet import Sheet, Unit

Captures = Mapping[str, Unit]

_PROPERTY = regex.compile(r"\\[pP]\{[^}]*\}")
_CLASS = regex.compile(r"(?<!\\)\[\^?\]?(?:\\.|[^\]\\])*\]")
_UNSAFE = regex.compile(
    r"(?<!\\)(?:\\\\)*(?:\(\?(?:[=!>|&R(0-9+]|<[=!]|P[=>])|\\[1-9KGXL]|\\g<|[*+?}]\+|\{[^}]*[a-z<])"
)  # lookaround, atomic groups, recursion, backreferences, possessive repeats, fuzzy matching
PATTERN_REACH = 64
"""Code points of a pattern alone on either side of its literal, in flattened text."""

FLAT_REACH = 160
"""Code points on either side of a literal in which flattened text is searched for the rest of its predicate."""

_DECORATION = 40  # code points of bullets, colons, dots and arrows that may stand around a whole-line phrase


@dataclass(frozen=True, slots=True)
class Compiler:
    """Turn the parts of one rule into matchers: terms become phrases, patterns become compiled expressions."""

    ruleset: Ruleset
    rule: Rule

    def phrases(self, texts: Sequence[str] | None) -> tuple[str, ...]:
        """Return literals and the phrases of the terms among them, folded."""
        found: list[str] = []
        for text in texts or ():
            is_term = text.startswith("$") and text[1:2].isalpha()
            found += self.ruleset.phrases(text[1:], self.rule.scope.lang) if is_term else [text]
        return tuple(dict.fromkeys(filter(None, map(fold, found))))

    def pattern(self, text: str) -> str:
        """Return a pattern with its references resolved and its dashes and spaces unified.

        Raises `RuleError` where the pattern is not of the RE2-safe subset.
        """
        for _ in range(NESTING):
            text = PATTERN_REF.sub(lambda m: f"(?:{self.ruleset.patterns[m.group(1)]})", text)
        text = "".join("\\-" if char != "-" == unify(char) else unify(char) for char in text)
        if unsafe := _UNSAFE.search(_CLASS.sub("x", _PROPERTY.sub("x", text))):
            self.refuse(
                f"{unsafe.group()!r} is outside the RE2-safe subset", "re", "No lookaround, backreference, atomic"
            )
        return text

    def compile(self, text: str) -> regex.Pattern[str]:
        """Compile a pattern; raises `RuleError` where it is broken."""
        try:
            return regex.compile(self.pattern(text))
        except regex.error as error:
            self.refuse(f"broken pattern: {error}", "re", "Test it with `cleaner test`")
            raise

    def refuse(self, reason: str, field: str, hint: str = "") -> None:
        """Raise a `RuleError` that names the rule."""
        raise RuleError(
            reason, path=self.rule.path, line=self.rule.lineno, rule=self.rule.id, field=field, hint=hint
        )  # fmt: skip

    def test(self, spec: Predicate) -> Test:
        """Compile one predicate."""
        eq = frozenset(filter(None, (core(phrase) for phrase in self.phrases(spec.eq))))
        starts, ends, has = map(self.phrases, (spec.starts, spec.ends, spec.has))
        lead = frozenset(filter(None, (core(phrase) for phrase in self.phrases(spec.lead))))
        return Test(
            eq=eq,
            eq_most=max(map(len, eq), default=0) + _DECORATION,
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
            labels=Phrases(eq),
            starts_with=Phrases(lead.union(starts)),
            parts=Phrases(has),
            ends_with=Phrases(ends),
            atoms=self._atoms(spec, eq),
        )

    def tests(self, specs: Sequence[Predicate] | None) -> tuple[Test, ...]:
        """Compile predicates of which any may hold."""
        return tuple(self.test(spec) for spec in specs or ())

    def _atoms(self, spec: Predicate, eq: frozenset[str]) -> frozenset[str] | None:
        best = usable(eq)
        for texts in (spec.starts, spec.lead, spec.ends, spec.has):
            best = better(best, usable(self.phrases(texts)))
        return better(best, pattern_atoms(self.pattern(spec.re))) if spec.re else best


@dataclass(frozen=True, slots=True)
class Test:
    """Decide whether a unit of a sheet is what a rule describes."""

    eq: frozenset[str]
    eq_most: int
    starts: tuple[str, ...]
    lead: frozenset[str]
    ends: tuple[str, ...]
    has: tuple[str, ...]
    pattern: regex.Pattern[str] | None
    length: tuple[int, int] | None
    shape: str | None
    without: tuple[Test, ...]
    same_as: str | None
    name: str | None
    optional: bool
    labels: Phrases
    starts_with: Phrases
    parts: Phrases
    ends_with: Phrases
    atoms: frozenset[str] | None

    def holds(self, sheet: Sheet, unit: Unit, captured: Captures | None = None) -> bool:
        """Tell whether the unit satisfies every part of the predicate."""
        if self.length and not self.length[0] <= unit.end - unit.start <= self.length[1]:
            return False
        folded = sheet.folded[unit.start : unit.end]
        if self.eq and (len(folded) > self.eq_most or core(folded) not in self.eq):
            return False
        if self.starts and not _starts(folded, self.starts):
            return False
        if self.lead and lead_in(folded) not in self.lead:
            return False
        if self.ends and not any(
            folded.endswith(e) and is_free(folded, len(folded) - len(e), len(folded)) for e in self.ends
        ):
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
        windows = [(start, stop)]
        if hits is not None:
            reach = FLAT_REACH if self.has_phrases else PATTERN_REACH
            windows = _windows(hits_between(hits, start, stop), start, stop, reach)
        return sorted({place for a, b in windows for place in self._anchors(sheet, a, b, start, stop)})

    @property
    def has_phrases(self) -> bool:
        """Tell whether the predicate asks for any phrase."""
        return bool(self.labels or self.starts_with or self.parts or self.ends_with)

    def search(self, sheet: Sheet, start: int, end: int) -> Unit | None:
        """Find the first place in flattened text where the predicate stands by itself, quoted nowhere."""
        return next(self._anchors(sheet, start, end, start, end), None)

    def _anchors(self, sheet: Sheet, start: int, end: int, first: int, last: int) -> Iterator[Unit]:
        """Yield the places of the first key looked for near which the other keys are found as well, in order."""
        keys = [key for key in (self.labels, self.starts_with, self.parts, self.ends_with) if key]
        if not keys:
            yield from (Unit(*m.span()) for m in self._matches(sheet, start, end))
            return
        for place in keys[0].places(sheet, start, end, lone=keys[0] is not self.parts):
            near = sheet, max(first, place.start - FLAT_REACH // 2), min(last, place.end + FLAT_REACH // 2)
            others = all(any(True for _ in key.places(*near, lone=key is not self.parts)) for key in keys[1:])
            if others and (not self.pattern or any(True for _ in self._matches(*near))):
                yield place

    def _matches(self, sheet: Sheet, start: int, end: int) -> Iterator[regex.Match[str]]:
        if self.pattern:
            yield from (match for match in self.pattern.finditer(sheet.text, start, end) if match.end() > match.start())


def any_atoms(tests: Iterable[Test]) -> frozenset[str] | None:
    """Return the literals of all alternatives, or None where one has none."""
    found: set[str] = set()
    for test in tests:
        if not test.atoms:
            return None
        found |= test.atoms
    return frozenset(found)


def _windows(hits: Sequence[tuple[int, int]], start: int, stop: int, reach: int) -> list[tuple[int, int]]:
    """Return the stretches around hits, those that touch united."""
    windows: list[tuple[int, int]] = []
    for a, b in hits:
        first, last = max(start, a - reach), min(stop, b + reach)
        if windows and first <= windows[-1][1]:
            first, last = windows[-1][0], max(last, windows.pop()[1])
        windows.append((first, last))
    return windows


def _starts(folded: str, phrases: tuple[str, ...]) -> bool:
    for at in {0, lead_length(folded)}:
        if folded.startswith(phrases, at) and any(
            folded.startswith(phrase, at) and is_free(folded, at, at + len(phrase)) for phrase in phrases
        ):
            return True
    return False
