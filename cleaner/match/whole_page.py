"""Recognise whole pages by the form of their blocks: many short ones, in long rows, before and after all prose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from cleaner.match.gate import Batch, Flags
from cleaner.rules.weights import Form, Gate
from cleaner.text.features import PROSE, Measure, measure_all, measures_on, size_of
from cleaner.text.layout import WIDER, WIDTHS, Block, blocks, indents, widths, wrap_width
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
    """Look at the number, length, indentation and width of lines alone: enough for nearly all texts that are no whole pages.

    Where no line is broken, each is a block.
    """
    lines = sheet.lines
    count = len(lines)
    if count < min(gate.indented.blocks, gate.broken.blocks, gate.plain.blocks):
        return False
    lengths = [end - start for start, end in lines]
    few_wider = count >= gate.broken.blocks and sum(length > WIDTHS[-1] for length in lengths) <= WIDER * count
    if few_wider and wrap_width(widths(sheet)):
        return True
    text, short = sheet.text, sum(length <= _SHORT_LINE for length in lengths)
    indented = sum(start > 0 and text[start - 1] != "\n" for start, _ in lines)
    inside = count >= gate.indented.blocks and short >= max(gate.indented.run, gate.indented.outside)
    if inside and indented >= _INDENTED * count and len(indents(sheet)) >= _LEVELS:
        return True
    enough = count >= gate.plain.blocks and (
        2 * indented >= count or few_wider or short >= max(gate.plain.run, gate.plain.outside)
    )
    return enough and not _opens_with_prose(sheet, gate.plain.before)


@dataclass(frozen=True, slots=True)
class Pages:
    """Ask of many texts what `may_be_whole` asks of one, and then of one what vectors leave open."""

    gate: Gate

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows, gate = batch.rows, self.gate
        count, sizes = rows.counts, rows.sizes
        short, indented = rows.per_text(sizes <= _SHORT_LINE), rows.per_text(rows.indented)
        few_wider = (count >= gate.broken.blocks) & (rows.per_text(sizes > WIDTHS[-1]) <= WIDER * count)
        enough = short >= max(gate.indented.run, gate.indented.outside)
        inside = (count >= gate.indented.blocks) & enough & (2 * indented >= count)
        plain = (count >= gate.plain.blocks) & (short >= max(gate.plain.run, gate.plain.outside))
        found: Flags = few_wider | inside | plain
        for text in np.flatnonzero(found).tolist():
            last = int(rows.ends[int(rows.bounds[text + 1]) - 1])
            found[text] = may_be_whole(Sheet(batch.text, (), int(batch.begins[text]), last), gate)
        return found


def _opens_with_prose(sheet: Sheet, least: int) -> bool:
    """Tell whether one of the first `least` lines is long enough for prose by itself: fewer blocks stand before it."""
    long = (sheet.text[start:end] for start, end in sheet.lines[:least] if end - start > _SHORT_LINE)
    return any(size_of(text) >= 2 * PROSE for text in long)


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
