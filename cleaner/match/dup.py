"""`dup`: a line equal to another, the opening of another, or the echo of its own opening. The witness stays.

Of equal headlines the first stays. A standfirst that a later paragraph repeats goes itself: the paragraph stands in its
context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cleaner.match.finding import Found, Hits
from cleaner.match.gate import Always, Doubles, Echoes, Gate
from cleaner.match.line import candidate_lines
from cleaner.match.literal import Literals
from cleaner.match.predicate import Compiler
from cleaner.match.reach import Open
from cleaner.match.span import begins_anew
from cleaner.rules.schema import At, Dup
from cleaner.text.phrase import find_phrase, is_free
from cleaner.text.shadow import is_mark
from cleaner.text.shape import SHAPES, core
from cleaner.text.sheet import LONG_LINE, Sheet, Unit, ends_sentence

ECHO = 300
"""Code points at the end of a long line in which its opening may stand again."""


@dataclass(frozen=True, slots=True)
class DupMatcher(Open):
    """Match doubled lines; each match names its witness."""

    spec: Dup

    @classmethod
    def build(cls, spec: Dup, compiler: Compiler) -> DupMatcher:
        """Compile a `dup` matcher."""
        return cls(spec)

    @property
    def literals(self) -> Literals | None:
        """Return None: what is doubled is not known beforehand."""
        return None

    @property
    def at(self) -> At | None:
        """Return the place the doubled lines stand in."""
        return self.spec.at

    @property
    def gate(self) -> Gate:
        """Return what asks for a line that opens as another place does, or for a line that may hold its own echo."""
        at = self.spec.at
        if self.spec.how == "echo":
            return Echoes(LONG_LINE, at.last or 0, self.spec.least, ECHO) if at and at.first is None else Always()
        if at is None or at.first is None:
            return Always()
        return Doubles(at.first, self.spec.least, self.spec.how, self.spec.within, self._has_witness)

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return each doubled line with its witness."""
        found = []
        for line in candidate_lines(sheet, hits, self.spec.at):
            if self.spec.how == "echo":
                found += self._echo(sheet, sheet.lines[line])
                continue
            witness = self._witness(sheet, line)
            if witness:
                unit = sheet.lines[line]
                fields = () if self.spec.how == "equal" else (("teaser", unit),)
                found.append(Found(*unit, fields, witness=witness))
        return found

    def _echo(self, sheet: Sheet, unit: Unit) -> list[Found]:
        """Find the end of a long line that says again what the line opens with: a caption printed below as well.

        What closes like a sentence may be a refrain.
        """
        if unit.end - unit.start <= LONG_LINE or ends_sentence(sheet.text[slice(*unit)]):
            return []
        opening = sheet.folded[unit.start : unit.start + self.spec.least]
        at = sheet.folded.find(opening, max(unit.start + len(opening), unit.end - ECHO), unit.end)
        while at >= 0:
            size = unit.end - at
            again = unit.start + 2 * size <= at and sheet.folded.startswith(sheet.folded[at : unit.end], unit.start)
            if again and begins_anew(sheet, at) and is_free(sheet.folded, unit.start, unit.start + size):
                return [Found(at, unit.end, witness=Unit(unit.start, unit.start + size))]
            at = sheet.folded.find(opening, at + 1, unit.end)
        return []

    def _has_witness(self, sheet: Sheet, line: int) -> bool:
        return self._witness(sheet, line) is not None

    def _witness(self, sheet: Sheet, line: int) -> Unit | None:
        unit = sheet.lines[line]
        text = sheet.folded[slice(*unit)]
        shape = SHAPES[self.spec.shape] if self.spec.shape else None
        if len(text) < self.spec.least or (shape and not shape(sheet.text[slice(*unit)])):
            return None
        if self.spec.how != "equal" and not ends_sentence(text):
            return None  # a highlight that a sentence takes further is no double of it
        reach = range(line + 1, min(line + 1 + self.spec.within, len(sheet.lines)))
        if self.spec.of == "earlier":
            reach = range(max(0, line - self.spec.within), line)
        doubles = self._doubles(text)
        for other in reach:
            unit = sheet.lines[other]
            if doubles(sheet.folded[unit.start : unit.end], other == line + 1):
                return unit
        return None

    def _doubles(self, text: str) -> Callable[[str, bool], bool]:
        """Return what tells whether a line says again what `text` says; the line may be the next one.

        A first line printed twice in a row is no standfirst: the first stays.
        """
        if self.spec.how == "equal":
            return lambda other, is_next: text == other
        if self.spec.how == "inside":
            return lambda other, is_next: len(other) > len(text) and _stands_inside(other, text)
        opening = core(text) if text.endswith(("…", "...")) else text
        return lambda other, is_next: other.startswith(opening) and not (is_next and text == other)


def _stands_inside(text: str, part: str) -> bool:
    """Tell whether a part begins a sentence of a text: white space beside a mark stands before it."""
    at = find_phrase(text, part)
    before = text[:at].rstrip()
    return 0 < len(before) < at and (
        text[at - 2].isspace() or is_mark(before[-1]) or is_mark(part[0]) or before[-1] == "'"
    )
