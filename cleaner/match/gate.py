"""Gates: cheap conditions without which a rule that needs no literal cannot match, asked of many texts at once.

Each gate takes time in proportion to the lines of the texts, or less, and lets more through than its rules match: what
it stops, they would not have found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cleaner.rules.schema import At
from cleaner.text.rows import Rows
from cleaner.text.shadow import MARK, Places, Shadow

Flags = npt.NDArray[np.bool_]

_BMP = 0x10000


def characters(chars: Iterable[str]) -> Flags:
    """Return a table of the characters given, by code point."""
    table = np.zeros(_BMP, bool)
    table[[ord(char) for char in chars]] = True
    return table


@dataclass(frozen=True, slots=True)
class Batch:
    """Hold texts side by side."""

    shadow: Shadow
    rows: Rows

    def opening(self, table: Flags) -> Flags:
        """Tell which lines begin with one of the characters of a table."""
        return table.take(self.shadow.points[self.rows.starts], mode="clip")

    def closing(self, table: Flags) -> Flags:
        """Tell which lines end with one of the characters of a table."""
        return table.take(self.shadow.points[self.rows.ends - 1], mode="clip")


class Gate(Protocol):
    """Say which of many texts a rule may match."""

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""


@dataclass(frozen=True, slots=True)
class Items:
    """Ask for lines that begin as the items of a list do."""

    least: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        return batch.rows.per_text(batch.opening(OPENS_ITEMS)) >= self.least


@dataclass(frozen=True, slots=True)
class Headlines:
    """Ask for lines in a row at the start of a text none of which closes as a sentence does."""

    least: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        among = rows.first < self.least
        closed = rows.per_text(among & batch.closing(CLOSES_SENTENCE))
        return (rows.counts >= self.least) & (closed == 0)


@dataclass(frozen=True, slots=True)
class Lines:
    """Ask for a line of a certain size among the first or last, or anywhere, that ends in one of certain characters."""

    at: At | None
    least: int
    most: int
    ends: Flags | None = None
    enough: int = 1

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        sizes = rows.sizes
        fits = (sizes >= self.least) & (sizes <= self.most)
        if self.at is not None:
            fits &= rows.first < self.at.first if self.at.first is not None else rows.last < (self.at.last or 0)
        if self.ends is not None:
            fits &= batch.closing(self.ends)
        return rows.per_text(fits) >= self.enough


@dataclass(frozen=True, slots=True)
class Doubles:
    """Ask for a line among the first that opens as a later line or sentence does, by its first sixteen characters."""

    first: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows, codes = batch.rows, batch.shadow.codes
        found = np.zeros(len(rows.counts), bool)
        candidates = np.flatnonzero((rows.first < self.first) & (rows.sizes >= _COMPARED))
        if not len(candidates):
            return found
        padded = np.concatenate([codes, np.zeros(_COMPARED, np.uint8)])
        keys = _mixed(padded, rows.starts[candidates], rows.text[candidates])
        table = np.zeros(1 << _TABLE_BITS, bool)
        table[keys >> _TABLE_SHIFT] = True
        begins = np.flatnonzero(codes[:-1] == MARK) + 1
        text = np.searchsorted(rows.starts[rows.bounds[:-1].clip(max=max(0, len(rows.starts) - 1))], begins, "right") - 1
        others = _mixed(padded, begins, text.clip(min=0))
        may = table.take(others >> _TABLE_SHIFT)
        values, counts = np.unique(np.concatenate([keys, others[may]]), return_counts=True)
        # A line stands for itself once among the candidates and once among all beginnings.
        often = values[counts > 2]
        found[rows.text[candidates][np.isin(keys, often)]] = True
        return found


@dataclass(frozen=True, slots=True)
class Echoes:
    """Ask for a long line among the last that does not close as a sentence."""

    longer: int
    last: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        return rows.per_text((rows.last < self.last) & (rows.sizes > self.longer) & ~batch.closing(CLOSES_QUOTED)) > 0


@dataclass(frozen=True, slots=True)
class Always:
    """Let every text through."""

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        return np.ones(len(batch.rows.counts), bool)


_COMPARED = 16
_TABLE_BITS = 16
_TABLE_SHIFT = np.uint64(64 - _TABLE_BITS)
_MIXES = tuple(np.uint64(mix) for mix in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


def _mixed(codes: npt.NDArray[np.uint8], places: Places, text: Places) -> npt.NDArray[np.uint64]:
    """Hash the sixteen bytes at each place together with the number of its text."""
    words = np.ndarray((len(codes) - 7,), np.uint64, codes, strides=(1,))
    first, second = words[places], words[places + 8]
    mixed = (first * _MIXES[0]) ^ (second * _MIXES[1]) ^ ((text.astype(np.uint64) + np.uint64(1)) * _MIXES[2])
    return (mixed ^ (mixed >> np.uint64(29))) * _MIXES[0]
