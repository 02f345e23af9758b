"""`run`: an item repeated n times, with or without a header; bullets on their own line, before the item, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import regex

from cleaner.match.budget import Budget
from cleaner.match.edge import EVERY_SIZE, Edge
from cleaner.match.finding import Found, Hits, hits_between
from cleaner.match.gate import Always, Gate, Headlines, Items, Short
from cleaner.match.line import candidate_lines, holds_beside, in_place, is_long
from cleaner.match.literal import Literals
from cleaner.match.phrases import may_stand_free, stands_free
from cleaner.match.predicate import DECORATION, FLAT_REACH, Compiler, Test, any_literals
from cleaner.match.reach import WIDEST, Room, Within, room
from cleaner.rules.schema import Run
from cleaner.text.shadow import is_mark
from cleaner.text.shape import BULLETS, OPENS_ITEMS, clock, is_bullet, is_plain, is_prose, lead_length
from cleaner.text.sheet import LONG_LINE, Sheet, Unit, below, line_ahead

Style = Literal["own", "inline", "none"]

_HALF_DAY = 12 * 60

_NEAR_END = 3
_BULLET = 4  # code points of a bullet or number on a line of its own
_ITEM_LINES = 3  # a bullet, a time and a title
_BLANK = 16  # code points of blank lines before an item
_OPENS_OR_BLANK = OPENS_ITEMS | {""}
_APART = 8  # code points of white space between two sentences
_SEPARATORS = " \t-|:•·"
_OPENER = 16  # code points of the first bullet of flattened text
_FLAT_REACH = 400  # code points within which the next bullet of flattened text is looked for
_FLAT_CLOCK = r"[0-2]?\d\s?[:hH]\s?[0-5]\d(?:\s?(?:Uhr|h))?"
_FLAT_BULLET = regex.compile(
    rf"[\s:]*(?:(?P<clock>{_FLAT_CLOCK})|(?P<mark>[{regex.escape(BULLETS)}]|\d{{1,2}}[.)]))(?:\s+-)?\s+"
)


@dataclass(frozen=True, slots=True)
class Item:
    """Bound one item of a run: its lines, its title, its bullet and its clock time in minutes."""

    start: int
    next_line: int
    title: Unit
    style: Style
    mark: str
    minutes: int | None


@dataclass(frozen=True)
class RunMatcher:
    """Match runs of items that look alike."""

    spec: Run
    header: tuple[Test, ...]
    item: Test
    stop: tuple[Test, ...]
    before: tuple[Test, ...]
    may_lack_header: bool

    @classmethod
    def build(cls, spec: Run, compiler: Compiler) -> RunMatcher:
        """Compile a `run` matcher."""
        header = compiler.tests(spec.header)
        may_lack = not header or any(test.optional for test in header)
        stop, before = compiler.tests(spec.stop), compiler.tests(spec.before)
        return cls(spec, header, compiler.test(spec.item), stop, before, may_lack)

    @cached_property
    def literals(self) -> Literals | None:
        """The literals of a header that must be there, or of the items where it need not; None: the shape of the lines is the gate."""
        return self.item.literals if self.may_lack_header else any_literals(self.header)

    @cached_property
    def is_bare(self) -> bool:
        """Whether no literal says where a header may be, so that items are looked for."""
        return self.may_lack_header or self.literals is None

    @cached_property
    def has_labels(self) -> bool:
        """Whether each literal is a whole header, so that none stands but where a line ends."""
        return all(test.eq and test.is_covered for test in self.header)

    @property
    def room(self) -> Room:
        """Return where a header's literals must stand: on its line, or anywhere in a long one."""
        if self.may_lack_header:
            return Room()
        return room(self.header, Within.SENTENCES if self.before else Within.LISTS)

    @property
    def gate(self) -> Gate | Edge:
        """Return what asks for the items' bullets, or for as many short lines, or headlines at the start."""
        spec = self.spec
        if "none" not in spec.bullets or spec.clock == "yes":
            return self._items_gate()
        if spec.edge == "start" and spec.item.shape == "headline" and spec.bullets == ("none",):
            return Headlines(spec.least)
        if self.item.pattern and spec.clock == "no":
            edge = self.item.edge(spec.at)
            begins = edge.begins and edge.begins.union(OPENS_ITEMS)
            return replace(edge, most=edge.most + DECORATION, begins=begins, leads=True)
        return Short(spec.least, self.item.length[1] + DECORATION) if self.item.length else Always()

    def _items_gate(self) -> Gate:
        """Return what asks for as many items as near each other as they are with their bullets and times on own lines."""
        spec = self.spec
        most = _BULLET if spec.bullets == ("own",) else EVERY_SIZE
        apart = 1 + ("own" in spec.bullets) + (spec.clock != "no")
        first = 1 + bool(self.header) if spec.edge == "start" else EVERY_SIZE
        return Items(spec.least + spec.leave, most, apart, first, timed=spec.clock == "yes")

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether a header's line, or its last sentence, is one with items behind it, or in a long line a list is."""
        if self.may_lack_header or self.is_bare:
            return True
        is_flat = line[1] - line[0] > LONG_LINE and not self.before
        return (is_flat and self._may_open_flat(text, start, end)) or self._may_open(text, start, end, line)

    def _may_open_flat(self, text: str, start: int, end: int) -> bool:
        """Tell whether a bullet follows a header around a literal inside a line."""
        if all(test.is_covered for test in self.header):
            behind = text[end : end + _OPENER]
            return _FLAT_BULLET.match(behind) is not None and (not self.has_labels or may_stand_free(text, start, end))
        if not all(test.keys for test in self.header):
            return True
        sheet = Sheet(text, (), max(0, start - 2 * FLAT_REACH), min(end + 2 * FLAT_REACH, len(text)))
        places = (place for test in self.header for place in test.places(sheet, 0, len(sheet), None))
        return any(_FLAT_BULLET.match(sheet.text, place.end, place.end + _OPENER) for place in places)

    def _may_open(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        before = text[max(line[0], start - _APART) : start].rstrip()
        if self.has_labels and (
            end < line[1] - DECORATION or (before and before[-1] != "'" and not is_mark(before[-1]))
        ):
            return False
        if self._items_open and text[line[1] : line[1] + _BLANK].lstrip()[:1] not in self._items_open:
            return False
        if not self._header(below(text[slice(*line)]), 1):
            return False
        least = self.spec.least + self.spec.leave
        stop = line_ahead(text, line[1], _ITEM_LINES * least)
        if stop - line[0] > WIDEST:
            return True
        return len(self._items(below(text[line[0] : stop]), 2, least)) == least

    @property
    def _items_open(self) -> frozenset[str] | None:
        """Return the characters that the first line of an item begins with; None: any. Nothing: behind many blank lines."""
        if "none" in self.spec.bullets and self.spec.clock != "yes":
            return None
        return _OPENS_OR_BLANK

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return the runs, each as long as it can be."""
        if self.is_bare:
            return list(self._bare_runs(sheet))
        return list(self._headed_runs(sheet, hits))

    def _headed_runs(self, sheet: Sheet, hits: Hits) -> Iterator[Found]:
        done, budget = 0, Budget(len(sheet))
        for line in candidate_lines(sheet, hits, None):
            if line < done:
                continue
            may_head = in_place(sheet, line, self.spec.at) and self._may_head(sheet, line, hits)
            header = self._header(sheet, line) if may_head else None
            items = self._items(sheet, line + 1) if header else []
            if header and items and self._is_run(sheet, header.start, line, items):
                done = items[-1].next_line
                yield self._found(sheet, header.start, items)
                continue
            if header:
                budget.spend(len(items) + 1)
            if is_long(sheet, line) and not self.before:
                yield from self._flat_runs(sheet, line, hits)

    def _may_head(self, sheet: Sheet, line: int, hits: Hits) -> bool:
        """Tell whether a line or its last sentence can be a header: a literal stands at its end, decoration aside."""
        if hits is None or not self.has_labels:
            return True
        start, end = sheet.lines[line]
        return any(stop >= end - DECORATION for _, stop in hits_between(hits, start, end))

    def _header(self, sheet: Sheet, line: int) -> Unit | None:
        for unit in dict.fromkeys((sheet.lines[line], sheet.sentences(line)[-1])):
            if any(test.holds(sheet, unit) for test in self.header):
                return unit
        return None

    def _bare_runs(self, sheet: Sheet) -> Iterator[Found]:
        done = 0
        for line in self._gate(sheet):
            if line < done:
                continue
            items = self._items(sheet, line)
            if not items:
                continue
            done = items[-1].next_line
            header = self._header(sheet, line - 1) if line and self.header else None
            if not header and not self.may_lack_header:
                continue
            start = header.start if header else items[0].start
            if self._is_run(sheet, start, line - 1 if header else line, items):
                yield self._found(sheet, start, items)

    def _gate(self, sheet: Sheet) -> Iterable[int]:
        """Return the lines at which an item can begin: one cheap look at each line's first characters."""
        if "none" in self.spec.bullets and self.spec.clock != "yes":
            return range(1) if self.spec.edge == "start" and sheet.lines else candidate_lines(sheet, None, self.spec.at)
        if "items" not in sheet.memo:
            sheet.memo["items"] = [i for i, unit in enumerate(sheet.lines) if sheet.text[unit.start] in OPENS_ITEMS]
        found: list[int] = sheet.memo["items"]
        return found

    def _items(self, sheet: Sheet, line: int, most: int = EVERY_SIZE) -> list[Item]:
        items: list[Item] = []
        gap = 0
        while len(items) < most and (item := self._item(sheet, line, len(items) + 1)) and self._continues(items, item):
            if item.style == "none" and item.minutes is None and len(items) == 1:
                gap = sheet.gap_before(line)
            elif item.style == "none" and item.minutes is None and len(items) > 1 and sheet.gap_before(line) > gap:
                break
            items.append(item)
            line = item.next_line
        return items

    def _continues(self, items: list[Item], item: Item) -> bool:
        if not items:
            return True
        last = items[-1]
        if self.spec.order == "falling" and last.minutes is not None and item.minutes is not None:
            wraps = item.minutes - last.minutes > _HALF_DAY
            if item.minutes > last.minutes and not wraps:
                return False
        return (last.style, last.mark, last.minutes is None) == (item.style, item.mark, item.minutes is None)

    def _item(self, sheet: Sheet, line: int, number: int) -> Item | None:
        lines, first = sheet.lines, line
        if line >= len(lines):
            return None
        style: Style = "none"
        mark = ""
        start, end = lines[line]
        if sheet.text[start] in OPENS_ITEMS:
            text = sheet.text[start:end]
            if is_bullet(text) or text == str(number):
                style, mark, line = "own", _mark(sheet, start), line + 1
            elif lead := lead_length(text) or _counted(text, number):
                style, mark, start = "inline", _mark(sheet, start), start + lead
        if style not in self.spec.bullets or line >= len(lines):
            return None
        if style == "own":
            start, end = lines[line]
        minutes, start, line = self._time(sheet, start, end, line)
        if line >= len(lines) or (minutes is None and self.spec.clock == "yes"):
            return None
        if start >= lines[line].end or start < lines[line].start:
            start = lines[line].start
        title = Unit(start, lines[line].end)
        if not self.item.holds(sheet, title) or any(test.holds(sheet, title) for test in self.stop):
            return None
        return Item(lines[first].start, line + 1, title, style, mark, minutes)

    def _time(self, sheet: Sheet, start: int, end: int, line: int) -> tuple[int | None, int, int]:
        """Return the minutes, the title's start and its line, past a clock time before it or on the line above it."""
        found = clock(sheet.text[start:end]) if self.spec.clock != "no" else None
        if not found:
            return None, start, line
        rest = start + found[0]
        while rest < end and sheet.text[rest] in _SEPARATORS:
            rest += 1
        if rest < end:
            return found[1], rest, line
        following = sheet.lines[line + 1].start if line + 1 < len(sheet.lines) else len(sheet)
        return found[1], following, line + 1

    def _is_run(self, sheet: Sheet, start: int, first: int, items: list[Item]) -> bool:
        spec = self.spec
        if len(items) - spec.leave < spec.least or not in_place(sheet, first, spec.at):
            return False
        plain = sum(is_plain(sheet.text[slice(*item.title)]) for item in items)
        if plain < spec.plain * len(items):
            return False
        behind = items[-1].next_line
        if not holds_beside(self.before, sheet, sheet.lines[behind] if behind < len(sheet.lines) else None):
            return False
        if spec.edge == "start":
            marked = items[0].style != "none" or items[0].minutes is not None
            return first == 0 and (marked or _prose_follows(sheet, items[-1].next_line))
        return spec.edge == "any" or not _prose_follows(sheet, items[-1].next_line)

    def _found(self, sheet: Sheet, start: int, items: list[Item]) -> Found:
        kept = items[: len(items) - self.spec.leave]
        end, after = kept[-1].title.end, kept[-1].next_line
        if kept[-1].style == "own" and len(kept) == len(items) and after < len(sheet.lines):
            unit = sheet.lines[after]  # a bullet whose item is missing
            if sheet.text[slice(*unit)] == sheet.text[slice(*sheet.lines[sheet.line_at(kept[-1].start)])]:
                end = unit.end
        return Found(start, end, headlines=tuple(item.title for item in kept))

    def _flat_runs(self, sheet: Sheet, line: int, hits: Hits) -> Iterator[Found]:
        unit, done = sheet.lines[line], 0
        for header in sorted({place for test in self.header for place in test.places(sheet, *unit, hits)}):
            if header.start < done or not stands_free(sheet, *header):
                continue
            titles = self._flat_items(sheet, header.end, unit.end)
            if len(titles) >= self.spec.least:
                done = titles[-1].end
                yield Found(header.start, done, headlines=tuple(titles))

    def _flat_items(self, sheet: Sheet, start: int, end: int) -> list[Unit]:
        """Read flattened text item by item, as long as one bullet repeats and each item is as the rule says."""
        opener = _FLAT_BULLET.match(sheet.text, start, min(end, start + _OPENER))
        if not opener or (self.spec.clock == "yes") != bool(opener.group("clock")):
            return []
        titles: list[Unit] = []
        bullet, at = _next_bullet(opener), opener.end()
        while at < end:
            following = bullet.search(sheet.text, at, min(end, at + _FLAT_REACH))
            title = sheet.trim(at, following.start() if following else min(end, at + _FLAT_REACH))
            markers = [found.start for test in self.stop if (found := test.search(sheet, *title))]
            if markers:
                title = sheet.trim(title.start, min(markers))
            if not self.item.holds(sheet, title):
                break
            titles.append(title)
            if markers or not following:
                break
            at = following.end()
        return titles


def _next_bullet(opener: regex.Match[str]) -> regex.Pattern[str]:
    """Return the pattern of further bullets like the first one; numbers and times count as alike."""
    mark = opener.group("mark") or ""
    kind = _FLAT_CLOCK if not mark else r"\d{1,2}[.)]" if mark[0].isdigit() else regex.escape(mark)
    return regex.compile(rf"\s(?:{kind})(?:\s+-)?\s+")


def _counted(text: str, number: int) -> int:
    """Count the code points of a bare number before an item, if it is the item's own number."""
    counter = f"{number} "
    return len(counter) if text.startswith(counter) else 0


def _mark(sheet: Sheet, at: int) -> str:
    """Return a bullet as the source has it: a hyphen is not the dash that opens a line of dialogue."""
    char = sheet.source[sheet.to_source(at, at + 1)[0]]
    return "#" if char.isdigit() else char


def _prose_follows(sheet: Sheet, line: int) -> bool:
    return any(is_prose(sheet.text[slice(*unit)]) for unit in sheet.lines[line : line + _NEAR_END])
