"""`span`: a stretch inside a line, or with `flow` across lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial

import regex

from cleaner.match.budget import Budget
from cleaner.match.finding import Found, Hits, hits_between, windows
from cleaner.match.line import candidate_lines, in_place
from cleaner.match.literal import Literals, literals
from cleaner.match.phrases import Phrases
from cleaner.match.predicate import Compiler, Test
from cleaner.match.reach import Open, Room, Within, room
from cleaner.rules.atoms import pattern_width, usable
from cleaner.rules.expression import Expression
from cleaner.rules.schema import At, Span
from cleaner.text.sheet import BREAK, LONG_LINE, Sheet, Unit, ends_sentence

CHAIN = 160
"""Code points between two closing phrases of one chain."""

ENDS = ("sentence", "line", "phrase", "colon")
"""Words of `to` that are no closing phrases."""

REACH = 8
"""A span that flows crosses at most this many lines."""

PIECE = 8192
"""Code points in which a pattern without a bound is searched for at once: twice what any span may take."""

_ALONG = 16  # times as much work where a span takes in sentences, each of which is searched
_SEARCHED = 400  # code points of the longest spans that are looked for around a literal beforehand
_TRIMMED = 64  # code points that a match may have beside the stretch it cuts
_BEFORE = 16  # code points before a position that tell whether something begins there
_BESIDE = 2  # code points that a pattern may look at on either side of its match
_COLON = regex.compile(r"(?:(?: \p{Ll}{1,8}){0,2}(?: \p{Lu}[\p{L}\p{N}.'-]{0,20}){1,3})? ?:")
_OPENING = " \"'«“„»”"


@dataclass(frozen=True)
class SpanMatcher(Open):
    """Match a pattern, or the stretch from an opening phrase to a closing one."""

    pattern: Expression | None
    width: int | None
    """Code points of the longest text the pattern matches; None: any number."""
    opens: Phrases
    closes: Phrases
    between: Phrases
    ends_at: tuple[str, ...]
    most: int
    unbroken: bool
    chain: bool
    glued: bool
    along: Phrases
    without: tuple[Test, ...]
    flow: bool
    at: At | None
    deriving: Callable[[], Literals | None] = field(repr=False, compare=False)

    @cached_property
    def literals(self) -> Literals | None:
        """The literals of the pattern, or of the opening phrases."""
        return self.deriving()

    @classmethod
    def build(cls, spec: Span, compiler: Compiler) -> SpanMatcher:
        """Compile a `span` matcher."""
        pattern = compiler.compile(spec.re) if spec.re else None
        opens = compiler.phrases(spec.from_)
        ends_at = tuple(text for text in spec.to or () if text in ENDS)
        closes = compiler.phrases([text for text in spec.to or () if text not in ends_at])
        return cls(
            pattern,
            pattern_width(compiler.pattern(spec.re)) if spec.re else None,
            Phrases(opens),
            Phrases(closes),
            Phrases(compiler.phrases(spec.has)),
            ends_at,
            spec.most,
            spec.unbroken,
            spec.chain,
            spec.glued,
            Phrases(compiler.phrases(spec.along)),
            compiler.tests(spec.without),
            spec.flow,
            spec.at,
            partial(_literals, spec, opens, compiler),
        )

    @property
    def room(self) -> Room:
        """Return any place, on one of the lines that it is bound to."""
        return room([], Within.STRETCHES, self.at, REACH + 1)

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether the pattern, if its matches are not too long, matches around a literal, or a phrase can close the span."""
        if not self.pattern:
            return self._may_close(text, start, end, line)
        if self.most > _SEARCHED:
            return True
        if self.flow:
            return "$" in self.pattern.pattern or self._matches(text, max(0, start - _SEARCHED), end + _SEARCHED)
        reach = self.most + _TRIMMED if self.width is None else min(self.most + _TRIMMED, self.width)
        return self._matches(text, max(line[0], start - reach), min(line[1], end + reach))

    def _may_close(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        begin = max(line[0], start - _BEFORE)
        limit = start + self.most if self.flow else min(line[1], start + self.most)
        sheet = Sheet(text, (), begin, min(limit + _BEFORE, len(text)))
        at, opened, limit = start - begin, end - begin, limit - begin
        if not self.glued and not begins_anew(sheet, at):
            return False
        if "phrase" in self.ends_at:
            return True
        if "colon" in self.ends_at:
            return line[1] - line[0] > LONG_LINE and past_colon(sheet, opened, min(limit, line[1] - begin)) >= 0
        behind = sheet.folded[opened:limit]
        if self.between and not self.between.occur_in(behind):
            return False
        return bool(self.ends_at) or self.closes.occur_in(behind)

    def _matches(self, text: str, start: int, end: int) -> bool:
        assert self.pattern
        return self.pattern.search(text[start:end].replace("\n", " ")) is not None

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return a match for each stretch that begins on a line near the hits."""
        found: list[Found] = []
        budget = Budget(len(sheet))
        lines = set(candidate_lines(sheet, hits, None))
        if self.flow and hits is not None:
            lines |= {line - back for line in lines for back in range(REACH + 1) if line >= back}
        for line in sorted(line for line in lines if in_place(sheet, line, self.at)):
            found += self._in_line(sheet, line, hits, budget)
        return found

    def _in_line(self, sheet: Sheet, line: int, hits: Hits, budget: Budget) -> Iterator[Found]:
        start, stop = sheet.lines[line]
        limit = sheet.lines[min(line + REACH, len(sheet.lines) - 1)].end if self.flow else stop
        if self.pattern:
            yield from self._by_pattern(sheet, start, stop, limit, hits)
        else:
            for at, opened in self._openings(sheet, start, stop, None if self.flow else hits):
                if self.glued or begins_anew(sheet, at):
                    budget.spend(searched=min(limit - at, self.most) * (_ALONG if self.along else 1))
                    end = self._end(sheet, at, opened, limit)
                    if end > at:
                        yield Found(at, end)

    def _openings(self, sheet: Sheet, start: int, stop: int, hits: Hits) -> Iterator[Unit]:
        if hits is None:
            yield from self._opens(sheet, start, stop)
            return
        for at, end in hits_between(hits, start, stop):
            yield from (unit for unit in self._opens(sheet, at, min(end, stop)) if unit == (at, end))

    def _opens(self, sheet: Sheet, start: int, stop: int) -> Iterator[Unit]:
        """Yield the opening phrases: labels, or the first words of a lead-in or of a prompt's sentences."""
        lone = not (self.along or "colon" in self.ends_at)
        return (unit for unit in self.opens.places(sheet, start, stop, lone) if not sheet.text[unit.start].islower())

    def _by_pattern(self, sheet: Sheet, start: int, stop: int, limit: int, hits: Hits) -> Iterator[Found]:
        assert self.pattern
        limit = min(limit, stop + self.most)
        text = sheet.text[start:limit]
        if self.flow:
            text = text.replace("\n", " ")
        if self.width is None and limit - start > PIECE:
            matches = self._piecewise(text, start, hits)
        else:
            near = self._near(hits, start, limit)
            matches = (match for a, b in near for match in self.pattern.finditer(text, a - start, b - start))
        for match in matches:
            group = "cut" if "cut" in self.pattern.groupindex else 0
            unit = sheet.trim(start + match.start(group), start + match.end(group))
            fits = unit.end > unit.start and unit.start < stop and unit.end - unit.start <= self.most
            if fits and not self._is_barred(sheet, unit):
                yield Found(unit.start, unit.end, tuple(self._fields(sheet, match, start)))

    def _piecewise(self, text: str, start: int, hits: Hits) -> Iterator[regex.Match[str]]:
        """Search a very long line for a pattern that nothing bounds, in pieces that overlap by half.

        The line begins at `start` of the sheet. A match is taken from the piece in whose first half it begins.
        """
        assert self.pattern
        done = 0
        for first in range(0, len(text), PIECE // 2):
            last = min(first + PIECE, len(text))
            if hits is not None and not hits_between(hits, start + first, start + last):
                continue
            is_last = last == len(text)
            for match in self.pattern.finditer(text, max(done, first), last):
                if is_last or (match.start() < first + PIECE // 2 and match.end() < last):
                    done = max(done, match.end())
                    yield match
            if is_last:
                return

    def _near(self, hits: Hits, start: int, limit: int) -> list[tuple[int, int]]:
        """Return where matches can stand: no farther from a hit than the pattern is wide."""
        if hits is None or self.width is None:
            return [(start, limit)]
        return windows(hits_between(hits, start, limit), start, limit, self.width + _BESIDE)

    def _fields(self, sheet: Sheet, match: regex.Match[str], start: int) -> Iterator[tuple[str, Unit]]:
        for name in match.re.groupindex:
            if name != "cut" and match.start(name) >= 0:
                yield name, sheet.trim(start + match.start(name), start + match.end(name))

    def _end(self, sheet: Sheet, at: int, start: int, limit: int) -> int:
        limit = min(limit, at + self.most)
        alone = "phrase" in self.ends_at or "colon" in self.ends_at
        end = self._end_alone(sheet, at, start, limit) if alone else self._first_end(sheet, at, start, limit)
        if end < 0 or self._is_barred(sheet, sheet.trim(at, end)):
            return -1
        if alone:
            return end
        if self.along:
            end = self._sentences_along(sheet, end, limit)
        if self.between and not any(True for _ in self.between.places(sheet, start, max(start, end), lone=False)):
            return -1
        return end + 1 if sheet.text[end : end + 1] in (".", "!") else _past_dash(sheet, at, end)

    def _is_barred(self, sheet: Sheet, unit: Unit) -> bool:
        return any(test.holds(sheet, unit) for test in self.without)

    def _end_alone(self, sheet: Sheet, at: int, start: int, limit: int) -> int:
        if "phrase" in self.ends_at:
            start = _past_dash(sheet, at, start)
            return start if another_begins(sheet, start) else -1
        unit = sheet.lines[sheet.line_at(at)]
        return past_colon(sheet, start, min(limit, unit.end)) if unit.end - unit.start > LONG_LINE else -1

    def _first_end(self, sheet: Sheet, at: int, start: int, limit: int) -> int:
        unit = sheet.lines[sheet.line_at(at)]
        ends = [unit.end] if "line" in self.ends_at and unit.end <= limit else []
        if self.unbroken and ends and (breaks(sheet, start, unit.end) or ends_sentence(sheet.text[at : unit.end])):
            ends = []
        if "sentence" in self.ends_at:
            sentences = sheet.sentences(sheet.line_at(at))
            for number in range(bisect_left(sentences, start, key=lambda unit: unit.end), len(sentences)):
                if sentences[number].end > limit:
                    break
                ends.append(before_gap(sheet, start, sentences[number].end))
        closers = self._closers(sheet, start, limit)
        ends += [found.end for found in closers if not (self.unbroken and breaks(sheet, start, found.start))]
        return self._all_closers(sheet, min(ends), limit) if ends else -1

    def _closers(self, sheet: Sheet, start: int, limit: int) -> Iterator[Unit]:
        """Yield the closing phrases; one that a colon follows leads on to something."""
        places = self.closes.places(sheet, start, limit)
        return (unit for unit in places if sheet.text[unit.end : unit.end + 2].lstrip()[:1] != ":")

    def _all_closers(self, sheet: Sheet, end: int, limit: int) -> int:
        """Take in further closing phrases that follow each other directly, or in a chain come near each other."""
        for unit in self._closers(sheet, end, limit):
            near = unit.start - end <= CHAIN if self.chain else not sheet.text[end : unit.start].strip()
            if not near:
                break
            end = max(end, unit.end)
        return end

    def _sentences_along(self, sheet: Sheet, end: int, limit: int) -> int:
        """Take in the sentences right behind a position that hold one of the phrases, until none is near or one is barred."""
        for line in range(max(0, sheet.line_at(end)), len(sheet.lines)):
            sentences = sheet.sentences(line)
            for number in range(bisect_right(sentences, end, key=lambda unit: unit.end), len(sentences)):
                unit = sentences[number]
                if max(unit.start, end) - end > CHAIN or unit.end > limit:
                    return end
                if any(True for _ in self.along.places(sheet, max(unit.start, end), unit.end, lone=False)):
                    if self._is_barred(sheet, unit):
                        return end
                    end = before_gap(sheet, max(unit.start, end), unit.end)
            if sheet.lines[line].end >= limit:
                break
        return end


def _literals(spec: Span, opens: tuple[str, ...], compiler: Compiler) -> Literals | None:
    if spec.re:
        return compiler.pattern_literals(spec.re, whole=False, flows=spec.flow)
    return literals(usable(opens), capital=True, opens=not spec.glued)


def _past_dash(sheet: Sheet, start: int, end: int) -> int:
    """Return the end of "- Label -" where a span ends with the label."""
    opened = sheet.text.rfind("- ", start, end) >= 0
    return end + 2 if opened and sheet.text[end : end + 2] == " -" else end


def breaks(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether a sentence ends and another begins between two positions."""
    return BREAK.search(sheet.text, start, sheet.trim(start, end).end) is not None


def begins_anew(sheet: Sheet, start: int) -> bool:
    """Tell whether a line begins at a position, or a sentence ended before it, or something is gone before it."""
    before = sheet.text[max(0, start - _BEFORE) : start]
    return (
        not before.strip(' •-*|"“„«')
        or "\n" in before[len(before.rstrip()) :]
        or before.rstrip()[-1:] in ("»", "”")
        or before.endswith("  ")
        or sheet.text[start] in "¿¡"
        or ends_sentence(before.rstrip())
    )


def before_gap(sheet: Sheet, start: int, end: int) -> int:
    """Return where a sentence ends: past a full stop set apart by a space, where a link at its end is gone."""
    at = sheet.text.find(" . ", start, end)
    return at + 2 if at >= 0 else end


def past_colon(sheet: Sheet, start: int, limit: int) -> int:
    """Return the end of the colon that sets off a lead-in, the name of an outlet before it aside; -1 where none does.

    What it led in to is gone: the line ends, or something begins anew.
    """
    match = _COLON.match(sheet.text, start, limit)
    rest = sheet.text[match.end() : min(limit, match.end() + 8)].lstrip(_OPENING) if match else ""
    return -1 if match is None or rest[:1].islower() else match.end()


def another_begins(sheet: Sheet, end: int) -> bool:
    """Tell whether more text follows on the line, and that it begins anew."""
    after = sheet.text[end : end + 8]
    opens = after.lstrip(" :")
    return after[:1] in (" ", ":") and bool(opens) and opens[0] not in "\n-" and not opens[0].islower()
