"""`dup`: a line equal to another, or the opening of another. The witness stays.

Of equal headlines the first stays. A standfirst that a later paragraph repeats goes itself: the paragraph stands in its
context.
"""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.match.finding import Found, Hits
from cleaner.match.line import candidate_lines
from cleaner.match.predicate import Compiler
from cleaner.rules.schema import At, Dup
from cleaner.text.phrase import find_phrase
from cleaner.text.shape import SHAPES, core
from cleaner.text.sheet import Sheet, Unit, ends_sentence


@dataclass(frozen=True, slots=True)
class DupMatcher:
    """Match doubled lines; each match names its witness."""

    spec: Dup

    @classmethod
    def build(cls, spec: Dup, compiler: Compiler) -> DupMatcher:
        """Compile a `dup` matcher."""
        return cls(spec)

    @property
    def atoms(self) -> frozenset[str] | None:
        """Return None: what is doubled is not known beforehand."""
        return None

    @property
    def at(self) -> At | None:
        """Return the place the doubled lines stand in."""
        return self.spec.at

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return each doubled line with its witness."""
        found = []
        for line in candidate_lines(sheet, hits, self.spec.at):
            witness = self._witness(sheet, line)
            if witness:
                unit = sheet.lines[line]
                fields = () if self.spec.how == "equal" else (("teaser", unit),)
                found.append(Found(*unit, fields, witness=witness))
        return found

    def _witness(self, sheet: Sheet, line: int) -> Unit | None:
        unit = sheet.lines[line]
        text = sheet.folded[slice(*unit)]
        shape = SHAPES[self.spec.shape] if self.spec.shape else None
        if len(text) < self.spec.least or (shape and not shape(sheet.text[slice(*unit)])):
            return None
        reach = range(line + 1, line + 1 + self.spec.within)
        if self.spec.of == "earlier":
            reach = range(max(0, line - self.spec.within), line)
        for other in reach:
            if other >= len(sheet.lines):
                break
            if self._doubles(text, sheet.folded[slice(*sheet.lines[other])], other == line + 1):
                return sheet.lines[other]
        return None

    def _doubles(self, text: str, other: str, is_next: bool) -> bool:
        if self.spec.how == "equal":
            return text == other
        if is_next and text == other:  # a first line printed twice, not a standfirst: the first stays
            return False
        if not ends_sentence(text):  # a highlight that a sentence takes further is no double of it
            return False
        if self.spec.how == "inside":
            at = find_phrase(other, text)
            return at > 0 and len(other) > len(text) and other[at - 1].isspace()
        opening = core(text) if text.endswith(("…", "...")) else text
        return other.startswith(opening)
