"""Recognise whole pages by the form of their blocks: many short ones, in long rows, before and after all prose."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np

from cleaner.match.gate import Batch, Flags
from cleaner.rules.weights import Form, Gate
from cleaner.text.features import PROSE, Measure, measure_all, measures_on, size_of
from cleaner.text.layout import WIDE, WIDER, WIDTHS, Block, blocks, columns, wrap_width
from cleaner.text.sheet import Sheet

SHORT = 8.0
"""Words below which a block that closes no sentence is short, as links and labels are."""

_SHORT_LINE = 60  # code points that no short block exceeds by much
_LEVELS = 3
_INDENTED = 0.8  # inscriptis indents nearly all blocks of a page, extractors hardly half of them
_BROKEN = 3
_GOES_ON = ",.;:!?)"


@dataclass(frozen=True, slots=True)
class Profile:
    """Count what tells a whole page from an article.

    `outside` counts the short blocks before the first and after the last block of prose, `before` those before it, `run` those of the longest row;
    `levels` the widths of indentation, `broken` the blocks of several lines, `torn` the share of those that go on a sentence:
    many where text was broken in narrow columns or around its links.
    """

    blocks: int
    short: int
    outside: int
    before: int
    run: int
    levels: int
    indented: float
    broken: int
    torn: float


def is_whole_page(sheet: Sheet, gate: Gate) -> bool:
    """Tell whether the text of a sheet is a whole page."""
    if not may_be_whole(sheet, gate):
        return False
    parts = blocks(sheet)
    form = _form(gate, *_layout(parts))
    return len(parts) >= form.blocks and is_whole(profile(parts, measures_on(sheet)), gate)


def may_be_whole(sheet: Sheet, gate: Gate) -> bool:
    """Look at the number, length, indentation and width of lines alone: enough for nearly all texts that are no whole pages."""
    lengths = [end - start for start, end in sheet.lines]
    opening = (sheet.text[start:end] for start, end in sheet.lines[: gate.plain.before])
    return _may_be_whole(gate, lengths, lambda: columns(sheet), opening)


@dataclass(frozen=True, slots=True)
class Pages:
    """Ask of many texts what `may_be_whole` asks of one: first by their lines side by side, then of those left one by one."""

    gate: Gate

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows, gate = batch.rows, self.gate
        count, sizes = rows.counts, rows.sizes
        short, indented = rows.per_text(sizes <= _SHORT_LINE), rows.per_text(rows.indented)
        broken = (count >= gate.broken.blocks) & (rows.per_text(sizes > WIDTHS[-1]) <= WIDER * count)
        enough = short >= max(gate.indented.run, gate.indented.outside)
        inside = (count >= gate.indented.blocks) & enough & (2 * indented >= count)
        plain = (count >= gate.plain.blocks) & (short >= max(gate.plain.run, gate.plain.outside))
        found: Flags = broken | inside | plain
        for text in np.flatnonzero(found).tolist():
            lines = range(int(rows.bounds[text]), int(rows.bounds[text + 1]))
            lengths = sizes[lines.start : lines.stop].tolist()
            opening = (batch.line(line) for line in lines[: gate.plain.before])
            found[text] = _may_be_whole(gate, lengths, partial(_columns, batch, lines), opening)
        return found


def _columns(batch: Batch, lines: range) -> list[tuple[int, int]]:
    """Return for each of some lines the columns it is indented by, and those it takes."""
    rows, line_ends = batch.rows, batch.shadow.line_ends
    starts, ends = rows.starts[lines.start : lines.stop], rows.ends[lines.start : lines.stop]
    begins = line_ends[np.searchsorted(line_ends, starts) - 1] + 1
    points = batch.shadow.points[starts[0] : ends[-1]]
    is_wide = np.zeros(len(points) + 1, bool)
    for first, last in WIDE:
        is_wide[1:] |= (points >= first) & (points <= last)
    wide = np.cumsum(is_wide)
    width = ends - begins + wide[ends - starts[0]] - wide[starts - starts[0]]
    return list(zip((starts - begins).tolist(), width.tolist(), strict=True))


def _may_be_whole(
    gate: Gate, lengths: Sequence[int], columns: Callable[[], list[tuple[int, int]]], opening: Iterable[str]
) -> bool:
    """Tell by the lengths of lines, their indents and widths, and the first of them, whether a text may be a whole page.

    Where none is broken, each is a block.
    """
    count = len(lengths)
    if count < min(gate.indented.blocks, gate.broken.blocks, gate.plain.blocks):
        return False
    short = sum(length <= _SHORT_LINE for length in lengths)
    is_narrow = count >= gate.broken.blocks and sum(length > WIDTHS[-1] for length in lengths) <= WIDER * count
    is_rich = count >= gate.indented.blocks and short >= max(gate.indented.run, gate.indented.outside)
    indents, widths = zip(*columns(), strict=True) if is_narrow or is_rich else ((), ())
    if is_narrow and wrap_width(widths):
        return True
    indented = sum(indent > 0 for indent in indents)
    if is_rich and indented >= _INDENTED * count and len(set(indents)) >= _LEVELS:
        return True
    many = is_narrow or (is_rich and 2 * indented >= count) or short >= max(gate.plain.run, gate.plain.outside)
    return count >= gate.plain.blocks and many and not any(map(_is_prose, opening))


def _is_prose(line: str) -> bool:
    """Tell whether a line is long enough for prose by itself."""
    return len(line) > _SHORT_LINE and size_of(line) >= 2 * PROSE


def profile(parts: Sequence[Block], known: dict[str, Measure] | None = None) -> Profile:
    """Count short blocks, and those outside the prose."""
    measures = measure_all(parts, known)
    short = [one.size < SHORT and not one.ends for one in measures]
    prose = [at for at, one in enumerate(measures) if one.is_prose]
    first, last = (prose[0], prose[-1]) if prose else (len(short), len(short))
    broken, indented, levels = _layout(parts)
    return Profile(
        blocks=len(parts),
        short=sum(short),
        outside=sum(short[:first]) + sum(short[last + 1 :]),
        before=sum(short[:first]),
        run=max((len(list(row)) for is_short, row in groupby(short) if is_short), default=0),
        levels=levels,
        broken=broken,
        indented=indented,
        torn=sum(_is_torn(block.text) for block in parts) / max(1, len(parts)),
    )


def is_whole(page: Profile, gate: Gate) -> bool:
    """Tell whether a profile is that of a whole page."""
    form = _form(gate, page.broken, page.indented, page.levels)
    return (
        page.blocks >= form.blocks
        and page.outside >= form.outside
        and page.before >= form.before
        and page.run >= form.run
        and page.short >= form.short * page.blocks
        and page.torn <= form.torn
    )


def _is_torn(text: str) -> bool:
    return text[0].islower() or text[0] in _GOES_ON


def _layout(parts: Sequence[Block]) -> tuple[int, float, int]:
    """Count the blocks of several lines, the share of indented ones, and the widths of indentation."""
    indents = [block.indent for block in parts]
    broken = sum(block.last > block.first for block in parts)
    return broken, sum(indent > 0 for indent in indents) / max(1, len(parts)), len(set(indents))


def _form(gate: Gate, broken: int, indented: float, levels: int) -> Form:
    if broken >= _BROKEN:
        return gate.broken
    return gate.indented if indented >= _INDENTED and levels >= _LEVELS else gate.plain
