"""The slow, obvious oracle: read a predicate straight from its schema and raw strings, and try it everywhere.

It stands beside the compiled matchers so that tests can compare the two. It shares with them only definitions: what
folding does (`fold`), what a label's core and the shapes are (`shape`), where lines and sentences lie (`Sheet`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from cleaner.rules.load import Ruleset
from cleaner.rules.schema import At, Block, Line, Predicate, Rule
from cleaner.rules.weights import First, Second, Weights
from cleaner.text.features import Columns, describe_scores
from cleaner.text.fold import fold, unify
from cleaner.text.shape import SHAPES, core, is_word, lead_in, lead_length
from cleaner.text.sheet import LONG_LINE, Sheet, Unit

Captured = Mapping[str, str]

DECORATION = 40
"""Code points by which a line may be longer than the longest phrase it equals."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """Read the predicates of one rule."""

    ruleset: Ruleset
    rule: Rule

    def holds(self, spec: Predicate, text: str, captured: Captured | None = None) -> bool:
        """Tell whether a text, trimmed and its spaces and dashes unified, is what the predicate describes."""
        return (
            (not spec.eq or self._equals(spec.eq, text))
            and (not spec.starts or any(begins(text, phrase) for phrase in self.phrases(spec.starts)))
            and (not spec.lead or core(lead_in(fold(text))) in map(core, self.phrases(spec.lead)))
            and (not spec.ends or any(closes(text, phrase) for phrase in self.phrases(spec.ends)))
            and (not spec.has or any(contains(text, phrase) for phrase in self.phrases(spec.has)))
            and (not spec.len or spec.len[0] <= len(text) <= spec.len[1])
            and (not spec.re or regex.fullmatch(self.pattern(spec.re), text) is not None)
            and (not spec.shape or has_shape(text, spec.shape))
            and (not spec.same_as or self._repeats(spec, text, captured or {}))
            and not any(self.holds(other, text, captured) for other in spec.without)
        )

    def phrases(self, texts: Iterable[str]) -> list[str]:
        """Return literals and the phrases of terms in the languages of the rule's scope, or in all."""
        found: list[str] = []
        for text in texts:
            if not re.match(r"\$[^\W\d_]", text):
                found.append(text)
                continue
            by_lang = self.ruleset.terms[text[1:]]
            for lang in [lang for lang in self.rule.scope.lang if lang in by_lang] or by_lang:
                found += by_lang[lang]
        return [phrase for phrase in map(fold, found) if phrase]

    def pattern(self, text: str) -> str:
        """Write a pattern out: its references resolved, its dashes escaped so that they make no range of a class."""
        while reference := re.search(r"\{\{([a-z0-9_]+)\}\}", text):
            text = text.replace(reference.group(), f"(?:{self.ruleset.patterns[reference.group(1)]})")
        return unify_pattern(text)

    def _equals(self, texts: Iterable[str], text: str) -> bool:
        phrases = cores(tuple(self.phrases(texts)))
        longest = max(map(len, phrases), default=0)
        return len(text) <= longest + DECORATION and core(fold(text)) in [phrase for phrase in phrases if phrase]

    def _repeats(self, spec: Predicate, text: str, captured: Captured) -> bool:
        """Tell whether the text, or what follows one of the phrases it starts with, is what was captured."""
        folded = fold(text)
        bare = folded[lead_length(folded) :]
        rests = [
            whole[len(p) :] for p in self.phrases(spec.starts or ()) for whole in (folded, bare) if whole.startswith(p)
        ]
        earlier = fold(captured.get(str(spec.same_as), ""))
        return bool(earlier) and core(earlier) in map(core, [folded, *rests])

    def captures(self, spec: Predicate, text: str) -> dict[str, str]:
        """Return what the predicate names in a text for which it holds."""
        found = {spec.as_: text[lead_length(text) :] or text} if spec.as_ else {}
        match = regex.fullmatch(self.pattern(spec.re), text) if spec.re else None
        groups = match.groupdict() if match else {}
        return {**found, **{name: value.strip() for name, value in groups.items() if value is not None}}


@lru_cache
def unify_pattern(pattern: str) -> str:
    """Unify the characters of a pattern, its dashes escaped so that they make no range of a class."""
    return "".join(r"\-" if unify(char) == "-" != char else unify(char) for char in pattern)


@lru_cache
def cores(phrases: tuple[str, ...]) -> list[str]:
    """Return the cores of phrases."""
    return [core(phrase) for phrase in phrases]


def begins(text: str, phrase: str) -> bool:
    """Tell whether a text, or the text behind its bullet, begins with a phrase that ends where a word ends."""
    folded = fold(text)
    starts = {0, lead_length(folded)}
    return any(folded[at : at + len(phrase)] == phrase and is_set_apart(folded, at, at + len(phrase)) for at in starts)


def closes(text: str, phrase: str) -> bool:
    """Tell whether a text ends with a phrase that begins where a word begins."""
    folded = fold(text)
    return folded.endswith(phrase) and is_set_apart(folded, len(folded) - len(phrase), len(folded))


def contains(text: str, phrase: str) -> bool:
    """Tell whether a phrase stands anywhere in a text, at word boundaries."""
    folded = fold(text)
    places = (at for at in range(len(folded)) if folded[at : at + len(phrase)] == phrase)
    return phrase in folded and any(is_set_apart(folded, at, at + len(phrase)) for at in places)


def is_set_apart(folded: str, start: int, end: int) -> bool:
    """Tell whether neither end of a span cuts a word in two."""
    return not any(
        0 < at < len(folded) and is_word(folded[at - 1]) and is_word(folded[at]) for at in (start, end)
    )  # fmt: skip


def has_shape(text: str, shape: str) -> bool:
    """Tell whether a text has a shape; all but a bullet is judged without the bullet before it."""
    return SHAPES[shape](text if shape == "bullet" else text[lead_length(text) :] or text)


def find_lines(ruleset: Ruleset, rule: Rule, sheet: Sheet) -> set[Unit]:
    """Return the lines and sentences that a `line` rule describes."""
    spec = rule.matcher
    assert isinstance(spec, Line)
    oracle = Oracle(ruleset, rule)
    found = set()
    for unit, before, after, first, last in _places(sheet, spec.whole):
        right = _beside(oracle, sheet, spec.after, before) and _beside(oracle, sheet, spec.before, after)
        if right and _is_at(spec.at, first, last) and oracle.holds(spec, sheet.text[slice(*unit)]):
            found.add(unit)
    return found


def find_blocks(ruleset: Ruleset, rule: Rule, sheet: Sheet) -> set[Unit]:
    """Return the sequences of lines that a `block` rule describes: from each line, the one read from the line's start."""
    spec = rule.matcher
    assert isinstance(spec, Block)
    oracle = Oracle(ruleset, rule)
    found = set()
    for line, unit in enumerate(sheet.lines):
        if _is_at(spec.at, line, len(sheet.lines) - 1 - line):
            openings = [unit, sheet.sentences(line)[-1]] if spec.glued else [unit]
            sequences = (_read_steps(oracle, spec, sheet, line, opening) for opening in openings)
            found |= set([sequence for sequence in sequences if sequence][:1])
    return found


def _read_steps(oracle: Oracle, spec: Block, sheet: Sheet, line: int, opening: Unit) -> Unit | None:
    units = [opening, *sheet.lines[line + 1 :]]
    captured: dict[str, str] = {}
    taken = 0
    lines = [(step, number) for step in spec.steps for number in range(step.up_to)]
    for step, number in lines:
        text = sheet.text[slice(*units[taken])] if taken < len(units) else None
        if text is not None and oracle.holds(step, text, captured):
            captured |= oracle.captures(step, text)
            taken += 1
        elif number == 0 and not step.optional:
            return None
    before = sheet.lines[line - 1] if line else None
    after = units[taken] if taken < len(units) else None
    right = _beside(oracle, sheet, spec.after, before) and _beside(oracle, sheet, spec.before, after)
    return Unit(opening.start, units[taken - 1].end) if taken and right else None


def weigh_blocks(weights: Weights, columns: Columns) -> list[float]:
    """Return the score of each block after both passes, block by block and feature by feature."""
    first = [_weigh(weights.first, columns, at) for at in range(len(columns["size"]))]
    columns = describe_scores(columns, first)
    return [_weigh(weights.second, columns, at) for at in range(len(columns["size"]))]


def _weigh(weights: First | Second, columns: Columns, at: int) -> float:
    total = weights.bias
    for name in sorted(weights.features):
        total += weights.features[name] * columns[name][at]
    return round(0.5 + (total / 2) / math.sqrt(1 + (total / 2) * (total / 2)) / 2, 6)


def _places(sheet: Sheet, whole: bool) -> Iterator[tuple[Unit, Unit | None, Unit | None, int, int]]:
    """Yield each line, and each sentence of a long one, with its neighbours and its distance from both ends."""
    lines: list[Unit | None] = [None, *sheet.lines, None]
    for line, unit in enumerate(sheet.lines):
        rest = len(sheet.lines) - 1 - line
        yield unit, lines[line], lines[line + 2], line, rest
        if not whole and unit.end - unit.start > LONG_LINE:
            around = [lines[line], *sheet.sentences(line), lines[line + 2]]
            for number, sentence in enumerate(sheet.sentences(line)):
                last = rest + len(around) - 3 - number
                yield sentence, around[number], around[number + 2], line + number, last


def _is_at(at: At | None, first: int, last: int) -> bool:
    if at is None:
        return True
    return first < at.first if at.first is not None else last < (at.last or 0)


def _beside(oracle: Oracle, sheet: Sheet, specs: Sequence[Predicate] | None, unit: Unit | None) -> bool:
    """Tell whether no neighbour is asked for, or the one there is as asked."""
    return not specs or (unit is not None and any(oracle.holds(spec, sheet.text[slice(*unit)]) for spec in specs))
