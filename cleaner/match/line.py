"""`line`: one line, or one sentence inside a long line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cleaner.match.edge import EVERY_SIZE, Edge
from cleaner.match.finding import Found, Hits
from cleaner.match.gate import Always, Gate
from cleaner.match.literal import Literals
from cleaner.match.predicate import Compiler, Test
from cleaner.match.reach import WIDEST, Room, Within, room
from cleaner.rules.schema import At, Line
from cleaner.text.sheet import LONG_LINE, Sheet, Unit, below, line_ahead, line_back

_SEARCHED = 2000  # code points of the longest sentences that are looked at around a literal beforehand
_BESIDE = 64  # code points beside a sentence that tell where it begins and ends


@dataclass(frozen=True, slots=True)
class LineMatcher:
    """Match lines by one predicate, a place and what stands around them."""

    test: Test
    at: At | None
    before: tuple[Test, ...]
    after: tuple[Test, ...]
    whole: bool

    @classmethod
    def build(cls, spec: Line, compiler: Compiler) -> LineMatcher:
        """Compile a `line` matcher."""
        before, after = compiler.tests(spec.before), compiler.tests(spec.after)
        return cls(compiler.test(spec), spec.at, before, after, spec.whole)

    @property
    def literals(self) -> Literals | None:
        """Return the predicate's literals."""
        return self.test.literals

    @property
    def room(self) -> Room:
        """Return where the predicate's literals must stand."""
        return room([self.test], Within.LINES if self.whole else Within.SENTENCES, self.at)

    @property
    def gate(self) -> Gate | Edge:
        """Return the edge that asks for the line, or let sentences through."""
        return self.test.edge(self.at) if self.whole and self.at else Always()

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether the predicate holds of the line, or of a sentence around a literal in a long one."""
        pattern, most = self.test.pattern, self.test.extent[1]
        if self.whole or line[1] - line[0] <= LONG_LINE:
            if pattern and not pattern.fullmatch(text[slice(*line)]):
                return False
            return most >= EVERY_SIZE or self._may_hold(text, line, start, end)
        around = max(line[0], end - most), min(line[1], start + most)
        if pattern and most <= LONG_LINE and not pattern.search(text[slice(*around)]):
            return False
        return most > _SEARCHED or self._may_hold(text, line, start, end)

    def _may_hold(self, text: str, line: tuple[int, int], start: int, end: int) -> bool:
        size, most = line[1] - line[0], self.test.extent[1]
        reach = most + _BESIDE
        begin, stop = max(line[0], end - reach), min(line[1], start + reach)
        sheet = below(text[begin:stop])
        units = [sheet.lines[1]] if size <= most else []
        if not self.whole and size > LONG_LINE:
            first, last = start - begin + 2, end - begin + 2
            units += [unit for unit in sheet.sentences(1) if unit.start < last and unit.end > first]
        return any(
            self.test.holds(sheet, unit) and (unit is not sheet.lines[1] or self._may_stand_between(text, line))
            for unit in units
        )

    def _may_stand_between(self, text: str, line: tuple[int, int]) -> bool:
        """Tell whether the lines before and behind a whole line are as asked."""
        for tests, begin, end in (
            (self.before, line[1], line_ahead(text, line[1], 1)),
            (self.after, line_back(text, line[0], 1), line[0]),
        ):
            if tests and end - begin > WIDEST:
                continue
            sheet = below(text[begin:end]) if tests else None
            if sheet and not holds_beside(tests, sheet, sheet.lines[-1]):
                return False
        return True

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return a match for each line or sentence that the rule describes."""
        found = []
        for line in candidate_lines(sheet, hits, self.at):
            for number, unit in self._units(sheet, line):
                if self.test.holds(sheet, unit) and self._stands_right(sheet, line, number):
                    fields = tuple(self.test.captures(sheet, unit).items())
                    found.append(Found(unit.start, unit.end, fields))
        return found

    def _units(self, sheet: Sheet, line: int) -> Iterator[tuple[int, Unit]]:
        """Yield the line as number 0, and the sentences of a long one that stand in place from 1."""
        yield 0, sheet.lines[line]
        if not self.whole and is_long(sheet, line):
            sentences = sheet.sentences(line)
            for number in _in_place(sheet, line, len(sentences), self.at):
                yield number + 1, sentences[number]

    def _stands_right(self, sheet: Sheet, line: int, number: int) -> bool:
        around = sentence_context(sheet, line, number - 1) if number else line_context(sheet, line)
        return holds_beside(self.after, sheet, around[0]) and holds_beside(self.before, sheet, around[1])


def is_long(sheet: Sheet, line: int) -> bool:
    """Tell whether a line is long enough to be read sentence by sentence."""
    unit = sheet.lines[line]
    return unit.end - unit.start > LONG_LINE


def in_place(sheet: Sheet, line: int, at: At | None) -> bool:
    """Tell whether a line is among the first or last that a rule is bound to."""
    if at is None:
        return True
    return line < at.first if at.first is not None else line >= len(sheet.lines) - (at.last or 0)


def candidate_lines(sheet: Sheet, hits: Hits, at: At | None) -> Iterable[int]:
    """Return the lines worth trying, in order."""
    if hits is None:
        count = len(sheet.lines)
        if at is None:
            return range(count)
        return range(min(at.first, count)) if at.first is not None else range(max(0, count - (at.last or 0)), count)
    lines = {sheet.line_at(start) for start, _ in hits}
    return sorted(line for line in lines if 0 <= line < len(sheet.lines) and in_place(sheet, line, at))


def line_context(sheet: Sheet, line: int) -> tuple[Unit | None, Unit | None]:
    """Return the lines before and after a line."""
    lines = sheet.lines
    return (lines[line - 1] if line else None), (lines[line + 1] if line + 1 < len(lines) else None)


def sentence_context(sheet: Sheet, line: int, number: int) -> tuple[Unit | None, Unit | None]:
    """Return what stands before and after a sentence of a long line."""
    sentences = sheet.sentences(line)
    before, after = line_context(sheet, line)
    if number:
        before = sentences[number - 1]
    if number + 1 < len(sentences):
        after = sentences[number + 1]
    return before, after


def holds_beside(tests: tuple[Test, ...], sheet: Sheet, unit: Unit | None) -> bool:
    """Tell whether no neighbour is asked for, or the one there is as asked."""
    return not tests or (unit is not None and any(test.holds(sheet, unit) for test in tests))


def _in_place(sheet: Sheet, line: int, count: int, at: At | None) -> range:
    """Return the sentences of a line that are among the first or last units of the text, a sentence counting as a line."""
    if at is None:
        return range(count)
    if at.first is not None:
        return range(min(count, at.first - line))
    return range(max(0, count - (at.last or 0) + len(sheet.lines) - 1 - line), count)
