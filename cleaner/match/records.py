"""Read the articles that an aggregator appended: records laid out line by line, or run together in flattened text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from cleaner.match.finding import Record, windows
from cleaner.match.line import is_long
from cleaner.match.predicate import Compiler, Test
from cleaner.rules.atoms import pattern_width
from cleaner.rules.expression import Expression
from cleaner.rules.schema import Records
from cleaner.text.shape import BULLETS, core, lead_length
from cleaner.text.sheet import LINE, LONG_LINE, Sheet, Unit

_WORDS_BACK = 8
_TITLE_MOST = 300
_LABEL_MOST = 60
_COPIES = 2  # of a title before the source, in flattened text
_AGE_MOST = 48  # code points of an age and the space behind it
_BOUNDARY = regex.compile(r"\s+")
_BULLET = regex.compile(rf"(?<=\s)(?:[{regex.escape(BULLETS)}]|\d{{1,3}}[.)])")


@dataclass(frozen=True, slots=True)
class Header:
    """Bound what stands before a record's body; `line` is the body's first line (-1 in flattened text)."""

    start: int
    end: int
    line: int
    parts: tuple[tuple[str, Unit], ...]

    def part(self, name: str) -> Unit | None:
        """Return a captured part."""
        return dict(self.parts).get(name)


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Read records by layouts of named steps."""

    layouts: tuple[tuple[Test, ...], ...]
    ages: tuple[Expression, ...]
    stop: tuple[Test, ...]
    key: str
    are_dated: bool
    """Whether every layout asks for an age."""
    longest: int
    """Code points of the longest age."""

    @classmethod
    def build(cls, spec: Records | None, compiler: Compiler) -> RecordReader | None:
        """Compile record layouts; the last step of each is the body."""
        if spec is None:
            return None
        layouts = tuple(compiler.tests(steps) for steps in spec.layouts.values())
        patterns = (step.pattern for steps in layouts for step in steps if step.pattern)
        ages = tuple(dict.fromkeys(pattern for pattern in patterns if "age" in pattern.groupindex))
        are_dated = all(any(step.pattern in ages and not step.optional for step in steps[:-1]) for steps in layouts)
        key = f"records {compiler.rule.scope.lang} {spec.layouts}"
        longest = max((pattern_width(age.pattern) or LONG_LINE for age in ages), default=0)
        return cls(layouts, ages, compiler.tests(spec.stop), key, are_dated, longest)

    def headers(self, sheet: Sheet) -> list[Header]:
        """Find the beginnings of all records on a sheet, once for all rules of the same layouts."""
        if self.key not in sheet.memo:
            sheet.memo[self.key] = self._headers(sheet, 0, len(sheet))
        found: list[Header] = sheet.memo[self.key]
        return found

    def may_begin(self, text: str) -> bool:
        """Tell whether a header may be in a unified text: an age has a line of its own, or stands near before a bullet."""
        if self._may_stand_on_lines(text, (line.span() for line in LINE.finditer(text))):
            return True
        before = (text[max(0, bullet.start() - _AGE_MOST) : bullet.start()] for bullet in _BULLET.finditer(text))
        return any(pattern.search(part) for part in before for pattern in self.ages)

    def _may_stand_on_lines(self, text: str, lines: Iterable[tuple[int, int]]) -> bool:
        """Tell whether an age stands on a line of its own, if every layout asks for that."""
        return not self.are_dated or any(
            pattern.fullmatch(text, start, end)
            for start, end in lines
            if end - start <= self.longest
            for pattern in self.ages
        )

    def _headers(self, sheet: Sheet, start: int, end: int) -> list[Header]:
        by_line = (
            list(self._line_headers(sheet, start, end)) if self._may_stand_on_lines(sheet.text, sheet.lines) else []
        )
        flat = (h for h in self._flat_headers(sheet, start, end) if not _overlaps(by_line, h))
        return sorted([*by_line, *flat], key=lambda header: header.start)

    def read(self, sheet: Sheet, start: int, end: int) -> tuple[Record, ...]:
        """Read all records between two positions."""
        headers = [header for header in self.headers(sheet) if start <= header.start < end]
        ends = [header.start for header in headers[1:]] + [end]
        records = []
        for header, following in zip(headers, ends, strict=False):
            body = sheet.trim(header.end, self._stop(sheet, header, following))
            if body.end > body.start:
                records.append(Record(header.part("title"), header.part("source"), header.part("age"), body))
        return tuple(records)

    def _line_headers(self, sheet: Sheet, start: int, end: int) -> Iterator[Header]:
        line = sheet.line_at(start)
        while line < len(sheet.lines) and sheet.lines[line].start < end:
            header = self._header_at(sheet, line) if line >= 0 and sheet.lines[line].start >= start else None
            if header:
                yield header
            line = header.line if header else line + 1

    def _header_at(self, sheet: Sheet, line: int) -> Header | None:
        for steps in self.layouts:
            captured: dict[str, Unit] = {}
            at = line
            for step in steps[:-1]:
                unit = sheet.lines[at] if at < len(sheet.lines) else None
                if unit and step.holds(sheet, unit, captured):
                    captured |= {
                        name: part for name, part in step.captures(sheet, unit).items() if name not in captured
                    }
                    at += 1
                elif not step.optional:
                    break
            else:
                if at < len(sheet.lines) and steps[-1].holds(sheet, sheet.lines[at], captured):
                    return Header(sheet.lines[line].start, sheet.lines[at - 1].end, at, tuple(captured.items()))
        return None

    def _flat_headers(self, sheet: Sheet, start: int, end: int) -> Iterator[Header]:
        first = max(0, sheet.line_at(start))
        for line in range(first, len(sheet.lines)):
            unit = sheet.lines[line]
            if unit.start >= end:
                break
            if is_long(sheet, line):
                bounds = max(unit.start, start), min(unit.end, end)
                for near in _before_bullets(sheet, *bounds):
                    ages = (age for pattern in self.ages for age in pattern.finditer(sheet.text, *near))
                    yield from filter(None, (_flat_header(sheet, age, *bounds) for age in ages))

    def _stop(self, sheet: Sheet, header: Header, end: int) -> int:
        if header.line < 0:
            found = min((u.start for t in self.stop if (u := t.search(sheet, header.end, end))), default=end)
            return self._label_start(sheet, found) if found < end else end
        for line in range(header.line + 1, len(sheet.lines)):
            unit = sheet.lines[line]
            if unit.start >= end:
                break
            if any(test.holds(sheet, unit) for test in self.stop):
                return unit.start
        return end

    def _label_start(self, sheet: Sheet, at: int) -> int:
        """Return where the label begins that leads up to a stop: behind the last sentence, if that is near."""
        line = sheet.line_at(at)
        number = sheet.sentence_at(line, at)
        begins = sheet.sentences(line)[number].start if number >= 0 else at
        return begins if at - begins <= _LABEL_MOST else at


def _overlaps(headers: Sequence[Header], header: Header) -> bool:
    """Tell whether a header overlaps one of others, which are disjoint and in order."""
    before = bisect_left(headers, header.end, key=lambda other: other.start)
    return before > 0 and headers[before - 1].end > header.start


def _before_bullets(sheet: Sheet, start: int, end: int) -> list[tuple[int, int]]:
    """Return the stretches before bullets in which an age can stand, those that touch united."""
    places = [bullet.start() for bullet in _BULLET.finditer(sheet.text, start, end)]
    return windows([(at - _AGE_MOST, at) for at in places], start, end, reach=0)


def _flat_header(sheet: Sheet, age: regex.Match[str], start: int, end: int) -> Header | None:
    source = _source_around(sheet, age, start, end)
    if source is None:
        return None
    named, after = source
    size = _doubled_title(sheet, named.start, after, start, end)
    begin = named.start
    for _ in range(_COPIES if size else 0):
        if not _before(sheet, start, begin).endswith(sheet.folded[after : after + size]):
            break
        begin = begin - size - (sheet.folded[begin - 1] == " ")
    parts = [("source", named), ("age", Unit(*age.span("age")))]
    if size:
        parts.append(("title", sheet.trim(after, after + size)))
    return Header(begin, after + size, -1, tuple(parts))


def _source_around(sheet: Sheet, age: regex.Match[str], start: int, end: int) -> tuple[Unit, int] | None:
    """Find the name that stands before an age and again, behind a bullet, after it; and where that ends."""
    after = sheet.trim(age.end(), min(end, age.end() + 160))
    lead = lead_length(sheet.text[after.start : after.end])
    if not lead:
        return None
    before = sheet.trim(max(start, age.start() - 90), age.start())
    starts = [before.start, *(before.start + m.end() for m in _BOUNDARY.finditer(sheet.text[slice(*before)]))]
    for at in starts[-_WORDS_BACK:]:
        name = sheet.folded[at : before.end]
        again = after.start + lead + len(name)
        repeated = sheet.folded[after.start + lead : again] == name and not sheet.folded[again : again + 1].isalnum()
        if repeated and 2 <= len(name) <= 60 and core(name):
            return Unit(at, before.end), sheet.trim(again, min(end, again + _TITLE_MOST)).start
    return None


def _before(sheet: Sheet, start: int, at: int) -> str:
    """Return the folded text before a position, as far back as a doubled title can reach."""
    return sheet.folded[max(start, at - 2 * _TITLE_MOST) : at].rstrip()


def _doubled_title(sheet: Sheet, named: int, after: int, start: int, end: int) -> int:
    """Return the length of the longest text that stands both before the name and after it; 0 if there is none."""
    before = _before(sheet, start, named)
    window = sheet.folded[after : min(end, after + _TITLE_MOST)]
    ends = [m.start() for m in _BOUNDARY.finditer(window)] + [len(window)]
    return max((size for size in ends if size >= 10 and before.endswith(window[:size])), default=0)
