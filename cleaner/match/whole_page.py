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


@dataclass(frozen=True, slots=True)
class Profile:
    """Count what tells a whole page from an article.

    `outside` counts the short blocks before the first and after the last block of prose, `run` those of the longest row.
    """

    blocks: int
    short: int
    outside: int
    run: int
    levels: int
    indented: float


def may_be_whole(sheet: Sheet, gate: Gate) -> bool:
    """Look at the number and the length of lines alone: enough for nearly all texts that are no whole pages."""
    least = min(gate.indented.blocks, gate.plain.blocks)
    short = min(gate.indented.outside, gate.plain.outside)
    return len(sheet.lines) >= least and sum(b - a <= _SHORT_LINE for a, b in sheet.lines) >= short


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
        run=max((len(list(row)) for is_short, row in groupby(short) if is_short), default=0),
        levels=len({block.indent for block in blocks}),
        indented=sum(block.indent > 0 for block in blocks) / max(1, len(blocks)),
    )


def is_whole(page: Profile, gate: Gate) -> bool:
    """Tell whether a profile is that of a whole page."""
    form = gate.indented if page.indented >= 0.5 and page.levels >= _LEVELS else gate.plain
    return _has(page, form)


def _has(page: Profile, form: Form) -> bool:
    return (
        page.blocks >= form.blocks
        and page.outside >= form.outside
        and page.run >= form.run
        and page.short >= form.short * page.blocks
    )
