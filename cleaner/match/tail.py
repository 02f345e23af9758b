"""`tail` and `head`: from a proven opener to the end of the text, and from its start to a proven group of markers.

An opener proves nothing alone: n of m further markers stand near it, and in flattened text none of them is quoted or
part of a sentence. Each appended record near the opener counts for two markers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import regex

from cleaner.match.budget import Budget, Spent
from cleaner.match.finding import Found, Hits
from cleaner.match.line import candidate_lines, is_long
from cleaner.match.literal import Literals
from cleaner.match.phrases import may_stand_free, stands_free
from cleaner.match.predicate import Compiler, Test, any_literals
from cleaner.match.reach import WIDEST, Open, Room, Within, room
from cleaner.match.records import Header, RecordReader
from cleaner.rules.schema import At, Confirm, Head, Tail
from cleaner.text.shape import is_prose, undecorated
from cleaner.text.sheet import LONG_LINE, Sheet, Unit, below, line_ahead, line_back

LINE_WIDTH = 60
"""Code points of flattened text that stand for one line of `within`."""

MOST_OPENERS = 300
"""Openers tried in one text: a text full of them is no page with a tail, and the rule's budget is spent."""

FULL_STOP = 400
"""Code points of menu and headlines in flattened text that hold no more than one full stop; articles hold three."""

_FULL_STOP = regex.compile(r"[.।۔።][\"'»”’)\]]*\s|。")
_RECORD_LINES = 8
_RECORD = 600  # code points of a record's header and of its neighbours
_SET_APART = 8  # code points of spaces and bars between two labels of a row
_BETWEEN = " |•·/›»>-"
_AROUND = 16  # code points behind a label that tell whether it stands free
_LABEL_REACH = 60  # code points of one label in a row
_LABELS_REACH = 200  # code points of labels between the last sentence and an opener inside one of them
_SENTENCE_BREAK = regex.compile(r"(?<![.…]|\b\p{Lu})[.!?][\"'»”’)\]]*\s+[\p{Lu}«\"“„]")


@dataclass(frozen=True, slots=True)
class Proof:
    """Count markers near an opener."""

    tests: tuple[Test, ...]
    need: int
    within: int

    @classmethod
    def build(cls, spec: Confirm, compiler: Compiler) -> Proof:
        """Compile a `confirm` list."""
        return cls(compiler.tests(spec.of), spec.need, spec.within)

    def markers(self, sheet: Sheet, start: int) -> list[Unit]:
        """Return the first place of each marker within reach of a position."""
        reach = self.reach(sheet, start)
        found = (self._find(sheet, test, start, reach) for test in self.tests)
        return [unit for unit in found if unit]

    def reach(self, sheet: Sheet, start: int) -> int:
        """Return the position up to which markers count: prose between them and the opener ends it."""
        first = sheet.line_at(start)
        if is_long(sheet, first):
            end = min(sheet.lines[first].end, start + LINE_WIDTH * self.within)
            broken = _SENTENCE_BREAK.search(sheet.text, start, end)
            if broken or end < sheet.lines[first].end:
                return broken.start() if broken else end
        for line in range(first + 1, min(first + self.within + 1, len(sheet.lines))):
            unit = sheet.lines[line]
            if not is_long(sheet, line) and is_prose(sheet.text[slice(*unit)]):
                return unit.start - 1
        last = sheet.lines[min(first + self.within, len(sheet.lines) - 1)]
        return max(last.start, min(last.end, start + LINE_WIDTH * self.within))

    def _find(self, sheet: Sheet, test: Test, start: int, reach: int) -> Unit | None:
        for line in range(sheet.line_at(start), len(sheet.lines)):
            unit = sheet.lines[line]
            if unit.start > reach:
                break
            if is_long(sheet, line):
                place = test.search(
                    sheet, max(start, unit.start), min(unit.end, reach, start + LINE_WIDTH * self.within)
                )
                if place:
                    return place
            elif unit.start >= start and test.holds(sheet, unit):
                return unit
        return None


@dataclass(frozen=True, slots=True)
class TailMatcher(Open):
    """Cut from the first proven opener to the end."""

    opens: tuple[Test, ...]
    proof: Proof
    back: tuple[Test, ...]
    records: RecordReader | None

    @classmethod
    def build(cls, spec: Tail, compiler: Compiler) -> TailMatcher:
        """Compile a `tail` matcher."""
        return cls(
            compiler.tests(spec.open),
            Proof.build(spec.confirm, compiler),
            compiler.tests(spec.back),
            RecordReader.build(spec.records, compiler),
        )

    @property
    def literals(self) -> Literals | None:
        """Return the openers' literals."""
        return any_literals(self.opens)

    @property
    def room(self) -> Room:
        """Return where an opener's literals must stand: on its line, or anywhere in a long one."""
        return room(self.opens, Within.STRETCHES)

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether an opener around a literal is proven by what follows it."""
        if not any(test.may_stand(text, start, end) for test in self.opens):
            return False
        reach = LINE_WIDTH * self.proof.within + _RECORD
        begin = max(line_back(text, line[0], _RECORD_LINES), line[0] - reach)
        stop = min(line_ahead(text, line[1], 2 * (self.proof.within + _RECORD_LINES)), max(line[1], end) + reach)
        stop = min(stop, len(text))
        if self.records and not self.proof.tests and not self.records.may_begin(text[begin:stop]):
            return False
        sheet = Sheet(text, (), begin, stop)
        return bool(self.find(sheet, None if sheet.has_gaps else [(start - begin, end - begin)]))

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return the tail, if there is one."""
        headers: list[Header] | None = None
        openers = (o for line in candidate_lines(sheet, hits, None) for o in self._openers(sheet, line, hits))
        for number, opener in enumerate(openers):
            if number == MOST_OPENERS:
                raise Spent
            if self.records and headers is None:
                headers = self.records.headers(sheet)
            if self._is_proven(sheet, opener, headers or []):
                return [self._tail(sheet, opener, headers or [])]
        return []

    def _openers(self, sheet: Sheet, line: int, hits: Hits) -> Iterator[Unit]:
        unit = sheet.lines[line]
        if not is_long(sheet, line):
            if any(test.holds(sheet, unit) for test in self.opens):
                yield unit
            return
        yield from sorted({place for test in self.opens for place in test.places(sheet, *unit, hits)})

    def _is_proven(self, sheet: Sheet, opener: Unit, headers: Sequence[Header]) -> bool:
        count = len(self.proof.markers(sheet, opener.end))
        reach = self.proof.reach(sheet, opener.end)
        first = bisect_left(headers, opener.start, key=lambda header: header.end - 1)
        near = bisect_right(headers, reach, key=lambda header: header.start) - first
        return count + 2 * max(0, near) >= self.proof.need

    def _tail(self, sheet: Sheet, opener: Unit, headers: Sequence[Header]) -> Found:
        begin = min((h.start for h in headers if h.start <= opener.start < h.end), default=opener.start)
        line = sheet.line_at(begin)
        if is_long(sheet, line):
            start = self._flat_start(sheet, line, opener if begin == opener.start else Unit(begin, begin))
        else:
            start = self._line_start(sheet, line)
        end = sheet.lines[-1].end
        records = self.records.read(sheet, begin, end) if self.records else ()
        return Found(start, end, records=records, proven=True)

    def _line_start(self, sheet: Sheet, line: int) -> int:
        for test in self.back:
            if line and test.holds(sheet, sheet.lines[line - 1]):
                line -= 1
        return sheet.lines[line].start

    def _flat_start(self, sheet: Sheet, line: int, opener: Unit) -> int:
        start, phrase = opener.start, sheet.folded[slice(*opener)]
        number = sheet.sentence_at(line, start)
        begins = sheet.sentences(line)[number].start if number >= 0 else start
        inside_label = phrase != "" and not any(phrase in test.eq for test in self.opens)
        if inside_label and start - begins <= _LABELS_REACH:
            return begins
        for test in self.back:
            before = sheet.trim(sheet.lines[line].start, start)
            end = before.start + len(undecorated(sheet.folded[slice(*before)]))
            for phrase in sorted(test.eq, key=len, reverse=True):
                at = end - len(phrase)
                if at >= before.start and sheet.folded.startswith(phrase, at) and stands_free(sheet, at, end):
                    start = at
                    break
        return start


@dataclass(frozen=True, slots=True)
class HeadMatcher(Open):
    """Cut from the start to the last marker near a proven opener."""

    opens: tuple[Test, ...]
    proof: Proof

    @classmethod
    def build(cls, spec: Head, compiler: Compiler) -> HeadMatcher:
        """Compile a `head` matcher."""
        return cls(compiler.tests(spec.open), Proof.build(spec.confirm, compiler))

    @property
    def literals(self) -> Literals | None:
        """Return the openers' literals."""
        return any_literals(self.opens)

    @property
    def room(self) -> Room:
        """Return where an opener's literals must stand: on one of the first lines."""
        within = self.proof.within
        return room(self.opens, Within.STRETCHES, At(first=within + 1, last=None))._replace(near=LINE_WIDTH * within)

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether a literal is on an opener's line with markers behind it, or in a long one right before a label."""
        size = line[1] - line[0]
        if size > LONG_LINE and self._may_open_row(text, start, end):
            return True
        if size > max(test.extent[1] for test in self.opens):
            return False
        if not self._opens(below(text[slice(*line)]), 1):
            return False
        stop = line_ahead(text, line[1], self.proof.within)
        if stop - line[0] > WIDEST:
            return True
        sheet = below(text[line[0] : stop])
        return len(self.proof.markers(sheet, sheet.lines[1].end)) >= self.proof.need

    def _opens(self, sheet: Sheet, line: int) -> bool:
        return any(test.holds(sheet, sheet.lines[line]) for test in self.opens)

    def _may_open_row(self, text: str, start: int, end: int) -> bool:
        behind = text[end : end + _SET_APART].lstrip(_BETWEEN)
        if not may_stand_free(text, start, end) or behind[:1].islower():
            return False
        if not all(test.is_covered for test in self.opens):
            return True
        sheet = Sheet(text[start : end + _SET_APART + _LABEL_REACH + _AROUND])
        return self._label(sheet, end - start, len(sheet)) is not None

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return the head, if there is one and no prose stands in it."""
        for line in candidate_lines(sheet, hits, None):
            if line > self.proof.within:
                break
            unit = sheet.lines[line]
            if is_long(sheet, line) and (flat := self._flat(sheet, unit, hits)):
                return [flat]
            if self._opens(sheet, line):
                markers = self.proof.markers(sheet, unit.end)
                end = max((marker.end for marker in markers), default=0)
                if len(markers) >= self.proof.need and not _has_prose(sheet, end):
                    return [Found(sheet.lines[0].start, end, proven=True)]
        return []

    def _flat(self, sheet: Sheet, unit: Unit, hits: Hits) -> Found | None:
        """Find the head of flattened text: to the end of the last row of labels before which no article stands."""
        first = sheet.lines[0].start
        limit = min(unit.end, unit.start + LINE_WIDTH * self.proof.within)
        openers = sorted({place for test in self.opens for place in test.places(sheet, unit.start, limit, hits)})
        end = -1
        if len(openers) > MOST_OPENERS:
            raise Spent
        budget, labels = Budget(len(sheet)), dict[int, Unit | None]()
        for opener in openers:
            if opener.start >= end and _full_stops(sheet, first, opener.start) * FULL_STOP <= opener.start - first:
                end = max(end, self._row(sheet, opener.end, unit.end, budget, labels))
        return Found(first, end, proven=True) if end >= 0 else None

    def _row(self, sheet: Sheet, start: int, limit: int, budget: Budget, labels: dict[int, Unit | None]) -> int:
        """Return the end of the labels that follow each other from a position on, -1 where they prove nothing.

        `labels` holds those looked up so far by the position behind which they stand.
        """
        seen: set[str] = set()
        end = start
        while True:
            if end not in labels:
                labels[end] = self._label(sheet, end, limit)
            label = labels[end]
            if label is None:
                return end if len(seen) >= self.proof.need else -1
            budget.spend()
            end = label.end
            seen.add(sheet.folded[slice(*label)])

    def _label(self, sheet: Sheet, start: int, limit: int) -> Unit | None:
        """Find the longest label right behind a position."""
        apart = sheet.text[start : min(limit, start + _SET_APART)]
        at = start + len(apart) - len(apart.lstrip(_BETWEEN))
        labels = (
            place
            for test in self.proof.tests
            for place in test.labels.places(sheet, at, min(limit, at + _LABEL_REACH))
            if place.start == at
        )
        return max(labels, default=None, key=lambda label: label.end)


def _full_stops(sheet: Sheet, start: int, end: int) -> int:
    return sum(1 for _ in _FULL_STOP.finditer(sheet.text, start, end))


def _has_prose(sheet: Sheet, end: int) -> bool:
    lines = takewhile(lambda unit: unit.end <= end, sheet.lines)
    return any(is_prose(sheet.text[slice(*unit)]) for unit in lines)
