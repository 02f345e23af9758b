"""`block`: a sequence of lines, some of them optional."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cleaner.match.edge import EVERY_SIZE, Edge
from cleaner.match.finding import Found, Hits
from cleaner.match.gate import Always, Gate
from cleaner.match.line import candidate_lines, holds_beside, in_place, line_context
from cleaner.match.literal import Literals, best
from cleaner.match.predicate import Compiler, Test
from cleaner.match.reach import WIDEST, Room, Within, room
from cleaner.rules.schema import At, Block
from cleaner.text.sheet import LINE, LONG_LINE, Sheet, Unit, line_ahead, line_back

_LOOKED_AT = 24


@dataclass(frozen=True, slots=True)
class BlockMatcher:
    """Match steps line by line; an optional step takes its line where it can."""

    steps: tuple[Test, ...]
    at: At | None
    before: tuple[Test, ...]
    after: tuple[Test, ...]
    glued: bool

    @classmethod
    def build(cls, spec: Block, compiler: Compiler) -> BlockMatcher:
        """Compile a `block` matcher."""
        steps = tuple(
            test if number == 0 else replace(test, optional=True)
            for step, test in zip(spec.steps, compiler.tests(spec.steps), strict=True)
            for number in range(step.up_to)
        )
        return cls(steps, spec.at, compiler.tests(spec.before), compiler.tests(spec.after), spec.glued)

    @property
    def literals(self) -> Literals | None:
        """Return the best literals of the steps that every match takes."""
        return best(step.literals for step in self.steps if not step.optional)

    @property
    def room(self) -> Room:
        """Return where the literals must stand: on the line of a step that has them all, or before the first end of one."""
        own = [step for step in self.steps if not step.optional and step.literals == self.literals]
        found = room(own, Within.SENTENCES if self.glued else Within.LINES, self.at, len(self.steps))
        return found._replace(within=Within.STRETCHES, most=EVERY_SIZE) if self.glued else found

    @property
    def gate(self) -> Gate | Edge:
        """Return the edge that asks for the step that says most: one with a pattern, the shortest of those."""
        steps = [
            step for number, step in enumerate(self.steps) if not step.optional and not (self.glued and number == 0)
        ]
        if not steps:
            return Always()
        first = self.at.first if self.at else None
        at = self.at if first is None else At(first=first + len(self.steps), last=None)
        edges = [step.edge(at) for step in steps]
        return min(edges, key=lambda edge: (edge.pattern is None, edge.begins is None, edge.most))

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether the sequence stands among the lines around a literal."""
        most = len(self.steps) + 1
        if most > _LOOKED_AT:
            return True
        begin, stop = line_back(text, line[0], most), line_ahead(text, line[1], most)
        if stop - begin > WIDEST:
            return True
        if not self._has_short_step(text, begin, stop):
            return False
        sheet = Sheet(text, (), begin, stop)
        return bool(replace(self, at=None).find(sheet, [(start - begin, end - begin)])) or sheet.has_gaps

    def _has_short_step(self, text: str, begin: int, stop: int) -> bool:
        """Tell whether a line is one for the first step that every match takes, if only short lines are."""
        step = next((step for step in self.steps if not step.optional), None)
        if step is None or self.glued or step.same_as or step.extent[1] > LONG_LINE:
            return True
        least, most = step.extent
        lines = (match[0] for match in LINE.finditer(text, begin, stop) if least <= len(match[0]) <= most)
        sheets = (sheet for sheet in map(Sheet, lines) if sheet.lines)  # a line of invisible characters is none
        return any(step.holds(sheet, sheet.lines[0]) for sheet in sheets)

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return a match for each line at which the whole sequence begins."""
        found = []
        for line in self._starts(sheet, hits):
            for first in self._first_units(sheet, line):
                match = self._match(sheet, line, first)
                if match:
                    found.append(match)
                    break
        return found

    def _starts(self, sheet: Sheet, hits: Hits) -> Iterable[int]:
        if hits is None:
            return candidate_lines(sheet, None, self.at)
        near = {max(0, line - back) for line in candidate_lines(sheet, hits, None) for back in range(len(self.steps))}
        return sorted(line for line in near if in_place(sheet, line, self.at))

    def _first_units(self, sheet: Sheet, line: int) -> list[Unit]:
        whole = sheet.lines[line]
        return [whole, sheet.sentences(line)[-1]] if self.glued else [whole]

    def _match(self, sheet: Sheet, line: int, first: Unit) -> Found | None:
        captured: dict[str, Unit] = {}
        lines, at, start, end = sheet.lines, line, None, first.end
        for step in self.steps:
            unit = None if at >= len(lines) else first if at == line else lines[at]
            if unit and step.holds(sheet, unit, captured):
                captured |= step.captures(sheet, unit)
                start, end, at = (unit.start if start is None else start), unit.end, at + 1
            elif not step.optional:
                return None
        if start is None:
            return None
        before, _ = line_context(sheet, line)
        after = lines[at] if at < len(lines) else None
        if holds_beside(self.after, sheet, before) and holds_beside(self.before, sheet, after):
            return Found(start, end, tuple(captured.items()))
        return None
