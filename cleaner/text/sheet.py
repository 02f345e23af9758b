"""A sheet: the text that one stratum of rules sees, as shadows with lines, sentences and a way back to the source."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from heapq import merge
from io import StringIO
from itertools import chain, islice, pairwise
from typing import Any, NamedTuple

import regex

from cleaner.text.fold import invisible_spans, lower, unify

LONG_LINE = 200
"""Lines over this many code points are flattened text: rules also read them sentence by sentence."""

_HAS_SENTENCES = 60
_DOUBLED = range(20, 301)  # code points of an opening that stands twice at the start of flattened text
_SKIPPED_WORDS = 3
_TWICE = 2 * _DOUBLED.stop + 40
OPENING = _TWICE + 1
"""Code points in which flattened text may print its opening twice, and the one behind."""

_WHITE = re.compile(r"\s+")

LINE = re.compile(r"\S(?:[^\n]*\S)?")  # of all engines the quickest here
"""A line that is not blank, trimmed."""

_SPACE = regex.compile(r" +")
BREAK = regex.compile(
    r"(?<![.!?…]|\b\p{Lu})[.!?…]+[\"'»”’)\]]*(?:\[\d+\])?\s+(?=[\p{Lu}\p{Lt}\p{N}\p{Lo}«\"“„‘'(\[¿¡•*>-])"
    r"|[。！？]+[」』”）]*\s*(?=\S)"
)
_SENTENCE_END = regex.compile(r"[.!?…。！？।؟][\"'»”’)\]」』 ]*$")


class Unit(NamedTuple):
    """Bound a line or sentence on a sheet, white space at its ends left out."""

    start: int
    end: int


class Sheet:
    """Hold the shadows of a source from which some spans are left out.

    `text` keeps case, `folded` does not; both have one code point for each that is left, and `to_source` maps back.
    """

    def __init__(
        self,
        source: str,
        removed: Iterable[tuple[int, int]] = (),
        start: int = 0,
        end: int | None = None,
        whole: Sheet | None = None,
        hides: bool = True,
    ):
        """Show what is left of `source[start:end]`; `whole` is the sheet before anything was removed.

        `hides` unset tells that no invisible characters are in it.
        """
        self._whole = whole
        self.source, self.start, self.end = source, start, len(source) if end is None else end
        self._pieces, self._origins = array("q", (0,)), array("q", (start,))
        part = source[start:end] if start or end is not None else source
        hidden = ((a + start, b + start) for a, b in (invisible_spans(part) if hides else ()))
        left_out = merge(sorted(removed), hidden)
        if first := next(left_out, None):
            part = self._leave_out(chain((first,), left_out))
        self.memo: dict[str, Any] = {}
        """What matchers worked out on this sheet and share."""
        self.text = unify(part)
        self.folded = lower(self.text)

    def _leave_out(self, removed: Iterable[tuple[int, int]]) -> str:
        """Join what is left, and keep where each piece of it begins on the sheet and in the source."""
        kept, pieces, origins, at = StringIO(), array("q"), array("q"), self.start
        for start, end in chain(removed, ((self.end, self.end),)):
            if start > at:
                pieces.append(kept.tell())
                origins.append(at)
                kept.write(self.source[at:start])
            at = max(at, end)
        if pieces:
            self._pieces, self._origins = pieces, origins
        return kept.getvalue()

    def __len__(self) -> int:
        return len(self.text)

    @property
    def whole(self) -> Sheet:
        """Return the sheet of the text as it came, before earlier strata cut anything: itself where there is none."""
        return self._whole or self

    @property
    def has_gaps(self) -> bool:
        """Tell whether something is left out inside."""
        return len(self._pieces) > 1

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Map a non-empty span of the sheet to the source; what was left out inside it is taken in."""
        return self._source_of(start), self._source_of(end - 1) + 1

    def _source_of(self, at: int) -> int:
        number = bisect_right(self._pieces, at) - 1
        return self._origins[number] + at - self._pieces[number]

    def found(self, start: int, end: int) -> str:
        """Return a span as it stands in the source, white space folded."""
        return " ".join(self.source[slice(*self.to_source(start, end))].split()) if end > start else ""

    @cached_property
    def lines(self) -> list[Unit]:
        """The non-blank lines in order."""
        units = [Unit(*match.span()) for match in LINE.finditer(self.text)]
        if units and units[0].end - units[0].start > LONG_LINE:
            start, end = units[0]
            doubled = _doubled_opening(self.text[start : min(end, start + OPENING)])
            units[:1] = [self.trim(a, b) for a, b in pairwise([start, *(start + at for at in doubled), end])]
        return units

    @property
    def marked(self) -> str:
        """The text with a line end before every line, also where a doubled opening is a line of its own."""
        text = self.text
        for start, _ in self.lines[:3]:
            if start and text[start - 1] == " ":
                text = f"{text[: start - 1]}\n{text[start:]}"
        return text

    @cached_property
    def _line_starts(self) -> list[int]:
        return [unit.start for unit in self.lines]

    @cached_property
    def _sentences(self) -> dict[int, list[Unit]]:
        return {}

    def line_at(self, at: int) -> int:
        """Return the index of the line that holds a position, or of the last one before it (-1: none)."""
        return bisect_right(self._line_starts, at) - 1

    def sentences(self, line: int) -> list[Unit]:
        """Return the sentences of a line; a short line is one sentence."""
        if line not in self._sentences:
            unit = self.lines[line]
            self._sentences[line] = self._split(unit) if unit.end - unit.start > _HAS_SENTENCES else [unit]
        return self._sentences[line]

    def sentence_at(self, line: int, at: int) -> int:
        """Return the index of the last sentence of a line that begins at or before a position (-1: none)."""
        return bisect_right(self.sentences(line), at, key=lambda unit: unit.start) - 1

    def _split(self, unit: Unit) -> list[Unit]:
        bounds = [unit.start, *(m.end() for m in BREAK.finditer(self.text, unit.start, unit.end)), unit.end]
        return [self.trim(a, b) for a, b in pairwise(bounds)]

    def trim(self, start: int, end: int) -> Unit:
        """Leave white space at both ends out of a span."""
        part = self.text[start:end]
        start += len(part) - len(part.lstrip())
        return Unit(start, max(start, end - (len(part) - len(part.rstrip()))))

    def gap_before(self, line: int) -> int:
        """Count the line ends between a line and the one before it."""
        return self.text.count("\n", self.lines[line - 1].end, self.lines[line].start) if line else 1 << 30


def below(text: str) -> Sheet:
    """Show a part of a text below a line of its own: what is the first line of a text may be read as several."""
    return Sheet(f"-\n{text}")


def line_back(text: str, at: int, lines: int) -> int:
    """Return where the line begins that is so many before a position, blank ones aside, or the start of the text."""
    for _ in range(lines):
        while at > 0 and text[at - 1].isspace():
            at -= 1
        if at <= 0:
            return 0
        at = text.rfind("\n", 0, at) + 1
    return at


def line_ahead(text: str, at: int, lines: int) -> int:
    """Return the end of the line that is so many behind the end of a line, blank ones aside, or the end of the text."""
    *_, last = at, *(match.end() for match in islice(LINE.finditer(text, at), lines))
    return last


def opens_twice(text: str, shadow: bytes) -> bool:
    """Tell whether the opening of a line, given up to `OPENING` code points, stands twice; its shadow tells at a look."""
    words = islice(_WHITE.finditer(text), _SKIPPED_WORDS)
    for first in (0, *(match.end() for match in words)):
        if shadow.find(shadow[first : first + _DOUBLED.start], first + 1) >= 0:
            return bool(_doubled_opening(unify(text)))
    return False


def _doubled_opening(text: str) -> list[int]:
    """Find where flattened text prints its opening twice: where the two begin and where they end.

    A title printed twice is a line of its own even where no line end is left.
    """
    folded = lower(text[:_TWICE])
    words = islice(_SPACE.finditer(folded), _SKIPPED_WORDS)
    for first in (0, *(match.end() for match in words)):
        second = folded.find(folded[first : first + _DOUBLED.start], first + 1)
        while second >= 0:
            size = second - first - 1
            if (
                size in _DOUBLED
                and folded[second - 1] == " "
                and folded.startswith(folded[first : first + size] + " ", second)
            ):
                if text[second + size + 1 : second + size + 2].islower():
                    return []  # a sentence opens with the words of the title and goes on
                return [first, second, second + size][0 if first else 1 :]
            second = folded.find(folded[first : first + _DOUBLED.start], second + 1)
    return []


def ends_sentence(text: str) -> bool:
    """Tell whether a text closes with sentence punctuation, quotes and brackets after it allowed.

    >>> ends_sentence("« C'est fini. »"), ends_sentence("C'est fini")
    (True, False)
    """
    return _SENTENCE_END.search(text, max(0, len(text) - 12)) is not None
