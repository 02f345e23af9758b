"""Recognise whole pages by the form of their blocks: many short ones, in long rows, before and after all prose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cleaner.rules.weights import Form, Gate
from cleaner.text.features import Measure, measure
from cleaner.text.layout import Block
from cleaner.text.sheet import Sheet

SHORT = 8.0
"""Words below which a block that closes no sentence is short, as links and labels are."""

_SHORT_LINE = 60  # code points that no short block exceeds by much
_LEVELS = 3
_INDENTED = 0.8  # inscriptis indents nearly all blocks of a page, extractors hardly half of them
_FEW = 4
_BROKEN = 3


@dataclass(frozen=True, slots=True)
class Profile:
    """Count what tells a whole page from an article.

    `outside` counts the short blocks before the first and after the last block of prose, `before` those before it, `run` those of the longest row;
    `levels` the widths of indentation, `broken` the blocks of several lines.
    """

    blocks: int
    short: int
    outside: int
    before: int
    run: int
    levels: int
    indented: float
    broken: int


def may_be_whole(sheet: Sheet, gate: Gate) -> bool:
    """Look at the number and the length of lines alone: enough for nearly all texts that are no whole pages."""
    least = min(form.blocks for form in (gate.indented, gate.broken, gate.plain))
    return len(sheet.lines) >= least and sum(b - a <= _SHORT_LINE for a, b in sheet.lines) >= _FEW


def profile(blocks: Sequence[Block], measures: Sequence[Measure] | None = None) -> Profile:
    """Count short blocks, and those outside the prose."""
    measures = measures or [measure(block) for block in blocks]
    short = [one.size < SHORT and not one.ends for one in measures]
    prose = [at for at, one in enumerate(measures) if one.is_prose]
    first, last = (prose[0], prose[-1]) if prose else (len(short), len(short))
    return Profile(
        blocks=len(blocks),
        short=sum(short),
        outside=sum(short[:first]) + sum(short[last + 1 :]),
        before=sum(short[:first]),
        run=max((len(list(row)) for is_short, row in groupby(short) if is_short), default=0),
        levels=len({block.indent for block in blocks}),
        broken=sum(block.last > block.first for block in blocks),
        indented=sum(block.indent > 0 for block in blocks) / max(1, len(blocks)),
    )


def is_whole(page: Profile, gate: Gate) -> bool:
    """Tell whether a profile is that of a whole page."""
    if page.broken >= _BROKEN:
        return _has(page, gate.broken)
    return _has(page, gate.indented if page.indented >= _INDENTED and page.levels >= _LEVELS else gate.plain)


def _has(page: Profile, form: Form) -> bool:
    return (
        page.blocks >= form.blocks
        and page.outside >= form.outside
        and page.before >= form.before
        and page.run >= form.run
        and page.short >= form.short * page.blocks
    )
