"""Gates: cheap conditions without which a rule that needs no literal cannot match, asked of many texts at once.

Each gate takes time in proportion to the lines of the texts, or less, and lets more through than its rules match: what
it stops, they would not have found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from cleaner.text.rows import Rows, rows
from cleaner.text.shadow import Codes, Places, Shadow, foldings, shade
from cleaner.text.shape import OPENS_ITEMS, clock, lead_length
from cleaner.text.sheet import Sheet, ends_sentence

Flags = npt.NDArray[np.bool_]

_BMP = 0x10000


def characters(chars: Iterable[str]) -> Flags:
    """Return a table of the characters given, by code point."""
    table = np.zeros(_BMP, bool)
    table[[ord(char) for char in chars]] = True
    return table


@dataclass(frozen=True)
class Batch:
    """Hold texts side by side, each behind a line end; `begins` says where."""

    text: str
    begins: Places
    shadow: Shadow
    rows: Rows

    @classmethod
    def of(cls, texts: Sequence[str]) -> Batch:
        """Put texts side by side."""
        joined = "\n".join(["", *texts, "", ""])
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        begins = np.cumsum(sizes + 1) - sizes
        shadow = shade(joined)
        return cls(joined, begins, shadow, rows(shadow, begins))

    def text_at(self, places: Places) -> Places:
        """Return the number of the text at each place."""
        return np.searchsorted(self.begins, places, "right") - 1

    @cached_property
    def padded(self) -> Codes:
        """The shadow's bytes, with as many zeros behind them as are read beyond the end."""
        return np.concatenate([self.shadow.codes, np.zeros(_PADDING, np.uint8)])

    @cached_property
    def numbered(self) -> Flags:
        """Tell which lines hold a digit."""
        codes = self.shadow.codes
        digits = np.flatnonzero((codes >= ord("0")) & (codes <= ord("9")))
        found: Flags = np.searchsorted(digits, self.rows.ends) > np.searchsorted(digits, self.rows.starts)
        return found

    def opening(self, table: Flags) -> Flags:
        """Tell which lines begin with one of the characters of a table."""
        return table.take(self.shadow.points[self.rows.starts], mode="clip")

    def closing(self, table: Flags) -> Flags:
        """Tell which lines end with one of the characters of a table."""
        return table.take(self.shadow.points[self.rows.ends - 1], mode="clip")

    def line(self, number: int) -> str:
        """Return the text of a line, unified."""
        return self.shadow.unified[int(self.rows.starts[number]) : int(self.rows.ends[number])]

    @cached_property
    def cut_short(self) -> Flags:
        """The lines that close with several dots."""
        points, last = self.shadow.points, self.rows.ends - 1
        closing = points[last]
        found: Flags = _DOTS.take(closing, mode="clip") & ((closing != ord(".")) | (points[last - 1] == closing))
        return found

    def ends_sentence(self, line: int) -> bool:
        """Tell whether a line closes as a sentence does."""
        end = int(self.rows.ends[line])
        return ends_sentence(self.shadow.unified[max(int(self.rows.starts[line]), end - _CLOSING) : end])


_CLOSING = 16  # code points at the end of a line that tell whether it closes as a sentence
BULLETED = characters(char for plain in OPENS_ITEMS for char in foldings(plain))
_NUMBERED = characters("0123456789[")
_CLOSES = characters(".!?…。！？।؟")
_CLOSES_QUOTED = _CLOSES | characters(char for plain in "\"'»”’)]」』" for char in foldings(plain))
_PADDING = 64
_COMPARED = 1 << 22  # bytes that may be compared for one line: with more the rule itself looks at it
_DOTS = characters("….")
CLOSES_CLAUSE = characters(".;:,。；，：")


class Gate(Protocol):
    """Say which of many texts a rule may match."""

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""


@dataclass(frozen=True, slots=True)
class Items:
    """Ask for lines near each other that begin as the items of a list do, all with the same bullet or with numbers.

    They have up to `most` code points and are up to `apart` lines from one to the next; the first is one of so many
    `first` lines of its text. `timed` ones begin with a clock time, or may have it on a line of its own.
    """

    least: int
    most: int
    apart: int
    first: int
    timed: bool

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        lines = np.flatnonzero(batch.opening(BULLETED) & (rows.sizes <= self.most))
        found = self._in_rows(batch, lines)
        if self.timed and found.any():
            lines = lines[found[rows.text[lines]]]
            found = self._in_rows(batch, lines[[may_tell_time(batch.line(line)) for line in lines.tolist()]])
        return found

    def _in_rows(self, batch: Batch, lines: Places) -> Flags:
        """Flag the texts in which enough of some lines are near each other."""
        rows = batch.rows
        found = np.zeros(len(rows.counts), bool)
        if len(lines) < self.least:
            return found
        bullets = batch.shadow.points[rows.starts[lines]]
        bullets[_NUMBERED.take(bullets, mode="clip")] = 0
        order = np.argsort(bullets, kind="stable")
        lines, bullets = lines[order], bullets[order]
        text = rows.text[lines]
        goes_on = (np.diff(lines) <= self.apart) & (np.diff(text) == 0) & (bullets[1:] == bullets[:-1])
        row = np.concatenate([[0], np.cumsum(~goes_on)])
        last = self.least - 1
        begins = row[last:] == row[: len(row) - last]
        begins &= rows.first[lines[: len(begins)]] < self.first
        found[text[: len(begins)][begins]] = True
        return found


def may_tell_time(text: str) -> bool:
    """Tell whether a clock time stands at the start of an item, or may stand on the line behind its bullet.

    >>> [may_tell_time(text) for text in ("14:05 Storm", "- [9h30] Storm", "3 9.30 Storm", "-", "- Storm at 14:05")]
    [True, True, True, True, False]
    """
    lead = lead_length(text)
    number, _, behind = text.partition(" ")
    is_alone = lead == len(text) or text.isdigit()
    return is_alone or clock(text[lead:]) is not None or (number.isdigit() and clock(behind) is not None)


@dataclass(frozen=True, slots=True)
class Headlines:
    """Ask for lines in a row at the start of a text of which none closes like a clause."""

    least: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        among = rows.first < self.least
        twice = batch.shadow.points[rows.ends - 1] == batch.shadow.points.take(rows.ends - 2, mode="clip")
        closed = rows.per_text(among & batch.closing(CLOSES_CLAUSE) & ~twice)
        found: Flags = (rows.counts >= self.least) & (closed == 0)
        return found


@dataclass(frozen=True, slots=True)
class Short:
    """Ask for so many lines up to a size (code points)."""

    least: int
    most: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        return batch.rows.per_text(batch.rows.sizes <= self.most) >= self.least


@dataclass(frozen=True, slots=True)
class Doubles:
    """Ask for a line among the first that equals another, opens as another does, or as a later sentence does.

    Compared are as many characters as the smallest line has, in words of eight but for the last one, then all of it.
    Where that is no chance, or the line is cut short, `confirms` looks at the line by its number, on a sheet of the text
    up to `within` lines behind it.
    """

    first: int
    least: int
    how: Literal["equal", "prefix", "inside"]
    within: int
    confirms: Callable[[Sheet, int], bool]

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        found = np.zeros(len(batch.rows.counts), bool)
        among = (batch.rows.first < self.first) & (batch.rows.sizes >= self.least)
        if self.how != "equal":
            among &= batch.closing(_CLOSES_QUOTED)
        lines = np.flatnonzero(among)
        if self.how == "prefix":
            lines = lines[~batch.cut_short[lines]]
            self._confirm(batch, np.flatnonzero(among & batch.cut_short), found)
        self._confirm(batch, self._twins(batch, lines), found)
        return found

    def _confirm(self, batch: Batch, lines: Iterable[int], found: Flags) -> None:
        """Set the flags of the texts in which one of some lines is a double."""
        rows = batch.rows
        for line in lines:
            text = int(rows.text[line])
            last = min(line + self.within, int(rows.bounds[text + 1]) - 1)
            if not found[text]:
                sheet = Sheet(batch.text, (), int(batch.begins[text]), int(rows.ends[last]))
                found[text] = self.confirms(sheet, int(rows.first[line]))

    def _twins(self, batch: Batch, lines: Places) -> Iterator[int]:
        """Yield the lines of which all stands at another place of their text as well."""
        if not len(lines):
            return
        rows, codes = batch.rows, batch.shadow.codes
        words, padded = (self.least - 1) // 8, batch.padded
        assert 8 * words <= _PADDING
        inside = self.how == "inside"
        begins = batch.shadow.marks[:-1] + 1 if inside else rows.starts
        alike = _alike(padded, rows.starts[lines], begins)
        begins = begins[alike]
        sizes = rows.sizes if self.how == "equal" else np.zeros(len(rows.starts), np.int64)
        keys = _mixed(padded, rows.starts[lines], rows.text[lines] + (sizes[lines] << 32), words)
        apart = batch.text_at(begins) if inside else rows.text[alike] + (sizes[alike] << 32)
        others = _mixed(padded, begins, apart, words)
        values, counts = np.unique(np.concatenate([keys, others]), return_counts=True)
        # A line stands for itself once among the candidates and once among all beginnings.
        for at in np.flatnonzero(np.isin(keys, values[counts > 2])).tolist():
            start, end = int(rows.starts[lines[at]]), int(rows.ends[lines[at]])
            line = codes[start:end].tobytes()
            places = begins[others == keys[at]].tolist()
            if len(line) * len(places) > _COMPARED or any(
                codes[place : place + end - start].tobytes() == line for place in places if place != start
            ):
                yield int(lines[at])


@dataclass(frozen=True, slots=True)
class Echoes:
    """Ask for a long line among the last that does not close as a sentence and opens as a place near its end does.

    Compared are as many characters as an echo has at the least (code points, like all sizes here).
    """

    longer: int
    last: int
    least: int
    near: int

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        rows = batch.rows
        found = np.zeros(len(rows.counts), bool)
        long = (rows.last < self.last) & (rows.sizes > self.longer) & ~batch.closing(_CLOSES)
        for line in np.flatnonzero(long).tolist():
            text = batch.shadow.codes[int(rows.starts[line]) : int(rows.ends[line])].tobytes()
            # White space looks as what stands on both sides of it does: the last character may be one.
            opening = text[: self.least - 1]
            if text.find(opening, max(self.least, len(text) - self.near)) >= 0:
                found[rows.text[line]] |= not batch.ends_sentence(line)
        return found


@dataclass(frozen=True, slots=True)
class Always:
    """Let every text through."""

    def passes(self, batch: Batch) -> Flags:
        """Return a flag for each text."""
        return np.ones(len(batch.rows.counts), bool)


_TABLE_BITS = 16
_TABLE_SHIFT = np.uint64(64 - _TABLE_BITS)
_MIXES = tuple(np.uint64(mix) for mix in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F))


def _alike(codes: npt.NDArray[np.uint8], places: Places, others: Places) -> Places:
    """Return which of the others may begin with eight bytes that stand at one of the places."""
    eights = np.ndarray((len(codes) - 7,), np.uint64, codes, strides=(1,))
    table = np.zeros(1 << _TABLE_BITS, bool)
    table[eights[places] * _MIXES[0] >> _TABLE_SHIFT] = True
    return np.flatnonzero(table.take(eights[others] * _MIXES[0] >> _TABLE_SHIFT))


def _mixed(codes: npt.NDArray[np.uint8], places: Places, apart: Places, words: int) -> npt.NDArray[np.uint64]:
    """Hash so many times eight bytes at each place together with a number that tells texts apart."""
    eights = np.ndarray((len(codes) - 7,), np.uint64, codes, strides=(1,))
    mixed = (apart.astype(np.uint64) + np.uint64(1)) * _MIXES[1]
    for word in range(words):
        mixed = (mixed ^ eights[places + 8 * word]) * _MIXES[0]
        mixed ^= mixed >> np.uint64(29)
    return mixed
