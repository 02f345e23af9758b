"""A compiled predicate: does a line, or a stretch of flattened text, look like this?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from cleaner.errors import RuleError
from cleaner.match.phrases import Phrases, find_phrase, is_free
from cleaner.rules.atoms import better, pattern_atoms, usable
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Predicate, Rule
from cleaner.text.fold import fold, unify
from cleaner.text.shape import SHAPES, core, lead_length
from cleaner.text.sheet import Sheet, Unit

Captures = Mapping[str, Unit]

_PATTERN_REF = regex.compile(r"\{\{([a-z0-9_]+)\}\}")
_UNSAFE = regex.compile(r"(?<!\\)(?:\\\\)*(?:\(\?(?:[=!>|&R(]|<[=!]|P[=>])|\\[1-9]|\\g<|[*+?}]\+)")
_PATTERN_REACH = 64  # code points of a pattern on either side of its literal, in flattened text
_NESTING = 4  # patterns may refer to patterns, this deep
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
        for _ in range(_NESTING):
            text = _PATTERN_REF.sub(lambda m: f"(?:{self.ruleset.patterns[m.group(1)]})", text)
        text = unify(text)
        if unsafe := _UNSAFE.search(text):
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
        return Test(
            eq=eq,
            eq_most=max(map(len, eq), default=0) + _DECORATION,
            starts=starts,
            ends=ends,
            has=has,
            pattern=self.compile(spec.re) if spec.re else None,
            length=spec.len,
            shape=spec.shape,
            without=self.tests(spec.without),
            same_as=spec.same_as,
            name=spec.as_,
            optional=spec.optional,
            labels=Phrases(eq.union(starts, ends).difference(has)),
            parts=Phrases(has),
            atoms=self._atoms(spec, eq),
        )

    def tests(self, specs: Sequence[Predicate] | None) -> tuple[Test, ...]:
        """Compile predicates of which any may hold."""
        return tuple(self.test(spec) for spec in specs or ())

    def _atoms(self, spec: Predicate, eq: frozenset[str]) -> frozenset[str] | None:
        best = usable(eq)
        for texts in (spec.starts, spec.ends, spec.has):
            best = better(best, usable(self.phrases(texts)))
        return better(best, pattern_atoms(self.pattern(spec.re))) if spec.re else best


@dataclass(frozen=True, slots=True)
class Test:
    """Decide whether a unit of a sheet is what a rule describes."""

    eq: frozenset[str]
    eq_most: int
    starts: tuple[str, ...]
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
    parts: Phrases
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
            if not other or core(sheet.folded[slice(*other)]) != core(sheet.folded[slice(*unit)]):
                return False
        return not any(test.holds(sheet, unit, captured) for test in self.without)

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
        """Find every place in flattened text where the predicate stands by itself (near the hits; None: anywhere)."""
        windows = [(start, stop)] if hits is None else [hit for hit in hits if start <= hit[0] < stop]
        found: set[Unit] = set()
        for a, b in windows:
            near = max(start, a - _PATTERN_REACH), min(stop, b + _PATTERN_REACH)
            if self.pattern:
                found |= {Unit(*match.span()) for match in self.pattern.finditer(sheet.text, *near)}
            found |= {unit for unit in self._labels(sheet, a, b) if hits is None or unit == (a, b)}
        return sorted(unit for unit in found if unit.end > unit.start)

    def search(self, sheet: Sheet, start: int, end: int) -> Unit | None:
        """Find the first place in flattened text where the predicate stands by itself, quoted nowhere."""
        first = min(self._labels(sheet, start, end), default=None)
        if first is None and self.pattern:
            match = self.pattern.search(sheet.text, start, end)
            return Unit(*match.span()) if match and match.end() > match.start() else None
        return first

    def _labels(self, sheet: Sheet, start: int, end: int) -> Iterator[Unit]:
        yield from self.labels.places(sheet, start, end)
        yield from self.parts.places(sheet, start, end, lone=False)


def _starts(folded: str, phrases: tuple[str, ...]) -> bool:
    for at in {0, lead_length(folded)}:
        if folded.startswith(phrases, at) and any(
            folded.startswith(phrase, at) and is_free(folded, at, at + len(phrase)) for phrase in phrases
        ):
            return True
    return False
