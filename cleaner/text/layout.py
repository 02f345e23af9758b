"""Blocks: the lines of a sheet with their layout, where lines broken at a fixed width are one again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from cleaner.text.shape import lead_length
from cleaner.text.sheet import Sheet, Unit

WIDTHS = range(56, 101)  # columns at which dumps of terminal browsers break their lines
_LEAST_FULL = 6
_FULL_SHARE = 0.05
WIDER = 0.02  # share of lines that may be wider: long addresses are never broken
WIDE = (
    (0x1100, 0x115F), (0x2E80, 0xA4CF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60),
    (0x20000, 0x3FFFD),
)  # fmt: skip
"""The first and last of each range of characters that take two columns."""

_WIDE = regex.compile(f"[{''.join(f'{chr(first)}-{chr(last)}' for first, last in WIDE)}]")


@dataclass(frozen=True, slots=True)
class Block:
    """Bound what was one line before any breaking: `first` and `last` number its lines on the sheet.

    `indent` counts the columns before it, `gap` the line ends to the block before it (0 for the first block).
    """

    start: int
    end: int
    first: int
    last: int
    indent: int
    gap: int
    text: str

    @property
    def unit(self) -> Unit:
        """Return its bounds on the sheet."""
        return Unit(self.start, self.end)


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold one line with its columns."""

    unit: Unit
    indent: int
    width: int
    gap: int
    text: str


def blocks(sheet: Sheet) -> list[Block]:
    """Return the blocks of a sheet in order; each non-blank line is in one."""
    rows = list(_rows(sheet))
    limit = wrap_width([row.width for row in rows])
    found: list[Block] = []
    group: list[int] = []
    for number, row in enumerate(rows):
        if group and not (limit and _goes_on(rows[number - 1], row, limit)):
            found.append(_block(rows, group))
            group = []
        group.append(number)
    return [*found, _block(rows, group)] if group else found


def columns(sheet: Sheet) -> list[tuple[int, int]]:
    """Return for each line of a sheet the columns it is indented by, and those it takes with its indentation."""
    return [(row.indent, row.width) for row in _rows(sheet)]


def wrap_width(widths: Sequence[int]) -> int:
    """Return the width at which the lines of a text were broken, 0 where they were not.

    >>> wrap_width([78, 76, 79, 77, 78, 75, 30, 12]), wrap_width([400, 78, 312, 200, 31, 12, 90, 45])
    (79, 0)
    """
    ordered = sorted(widths)
    if not ordered:
        return 0
    limit = ordered[max(0, len(ordered) - 1 - int(WIDER * len(ordered)))]
    full = bisect_left(ordered, limit + 1) - bisect_left(ordered, limit - 10)
    return limit if limit in WIDTHS and full >= max(_LEAST_FULL, _FULL_SHARE * len(ordered)) else 0


def _rows(sheet: Sheet) -> Iterator[_Row]:
    text, before = sheet.text, 0
    for number, unit in enumerate(sheet.lines):
        line_start = text.rfind("\n", before, unit.start) + 1 or before
        indent = unit.start - line_start
        own = text[unit.start : unit.end]
        width = indent + len(own) + (0 if own.isascii() else len(_WIDE.findall(own)))
        yield _Row(unit, indent, width, text.count("\n", before, unit.start) if number else 0, own)
        before = unit.end


def _goes_on(row: _Row, following: _Row, limit: int) -> bool:
    """Tell whether a line was broken only because the next word did not fit on it."""
    if following.gap != 1 or following.indent != row.indent or lead_length(following.text):
        return False
    word = following.text.split(" ", 1)[0]
    if _WIDE.match(word):
        return row.width >= limit - 4
    return row.width + 1 + len(word) >= limit - 1


def _block(rows: Sequence[_Row], group: Sequence[int]) -> Block:
    first, last = rows[group[0]], rows[group[-1]]
    text = first.text if len(group) == 1 else " ".join(rows[number].text for number in group)
    return Block(first.unit.start, last.unit.end, group[0], group[-1], first.indent, first.gap, text)
