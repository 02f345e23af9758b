"""The portable engine: four bytes at a time looked up in one table, at every place of a text at once.

Each four bytes of the text are hashed, and the table says whether a key of eight bytes may begin or go on with them, or a
shorter one begin. Few places pass; for those the whole key is looked up. What it costs does not depend on the number of keys,
as long as the table is large beside it: the idea of Wu and Manber's algorithm ("A fast algorithm for multi-pattern
searching", TR-94-17, University of Arizona) without its jumps, which arrays make unneeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.match.scan.engine import LONG, SHORT, Keys, Seen
from cleaner.text.shadow import Codes, Places

_BITS = 18  # of the table's index: half a megabyte, which stays in the second-level cache
_SHIFT, _MIX = np.uint32(32 - _BITS), np.uint32(0x9E3779B1)
_COLOURS = 7  # a long key's two halves have one of so many colours, so that few halves of different keys fit
_BEGINS, _IS = np.uint16((1 << _COLOURS) - 1), np.uint16(1 << 15)
_LATER = np.uint16(_COLOURS)
_FEWEST = 1 << 10
_ROOM = 4  # buckets for each key, so that few share one
_HALF, _ALL = np.uint64(32), np.uint64(0xFFFFFFFFFFFFFFFF)
_NONE = np.empty(0, np.int64)

Grams = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class GramEngine:
    """Find keys by the four-byte grams they are made of."""

    table: npt.NDArray[np.uint16]
    long: Buckets
    short: Buckets

    @classmethod
    def build(cls, keys: Keys) -> GramEngine:
        """Fill the tables."""
        long = [number for number, key in enumerate(keys) if len(key) == LONG]
        short = [number for number, key in enumerate(keys) if len(key) < LONG]
        values = np.frombuffer(b"".join(key.ljust(LONG, b"\0") for key in keys), np.uint64)
        table = np.zeros(1 << _BITS, np.uint16)
        colour = np.uint16(1) << (_buckets(values[long], 1 << 20) % _COLOURS).astype(np.uint16)
        np.bitwise_or.at(table, _slots(_first(values[long])), colour)
        np.bitwise_or.at(table, _slots(_first(values[long] >> _HALF)), colour << _LATER)
        table[_slots(_first(values[short]))] |= _IS
        sizes = np.array([len(key) for key in keys], np.uint64)
        return cls(
            table,
            Buckets.build(values[long], sizes[long], long),
            Buckets.build(values[short], sizes[short], short),
        )

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
        text = np.concatenate([codes, np.zeros(LONG + SHORT, np.uint8)])
        long, short = zip(*(self._at_phase(text, phase) for phase in range(SHORT)), strict=True)
        eights = np.ndarray((len(codes) + SHORT,), np.uint64, text, strides=(1,))
        found = []
        for buckets, places in ((self.long, np.concatenate(long)), (self.short, np.concatenate(short))):
            found.append(buckets.look_up(eights[places], places))
        return Seen(np.concatenate([seen.places for seen in found]), np.concatenate([seen.keys for seen in found]))

    def _at_phase(self, text: Codes, phase: int) -> tuple[Places, Places]:
        """Return where keys of eight bytes may begin, and shorter ones, among the places every fourth from `phase` on."""
        grams = np.frombuffer(text, np.uint32, (len(text) - LONG - phase + SHORT - 1) // SHORT + 1, phase)
        told = self.table.take(_slots(grams))
        may = told[1:] >> _LATER
        may &= told[:-1]
        may &= _BEGINS
        places = np.flatnonzero(may != 0), np.flatnonzero(told[:-1] >= _IS)
        return places[0] * SHORT + phase, places[1] * SHORT + phase


@dataclass(frozen=True, slots=True)
class Buckets:
    """Hold keys in buckets by a hash of what they begin with: the first of each, and after each key the next."""

    keys: npt.NDArray[np.uint64]
    masks: npt.NDArray[np.uint64]
    """The bytes of each key that count."""
    numbers: Places
    first: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    hashed: np.uint64
    """The bytes that the bucket of a key follows from: those that all keys have."""

    @classmethod
    def build(cls, keys: npt.NDArray[np.uint64], sizes: npt.NDArray[np.uint64], numbers: Sequence[int]) -> Buckets:
        """Put keys of up to eight bytes into buckets."""
        size = max(_FEWEST, 1 << int(_ROOM * len(keys)).bit_length())
        hashed = _mask(sizes.min(initial=LONG))
        slots = _buckets(keys & hashed, size)
        order = np.argsort(slots, kind="stable")
        first, after = np.full(size, -1, np.int32), np.full(len(keys), -1, np.int32)
        same = slots[order][1:] == slots[order][:-1]
        after[order[:-1][same]] = order[1:][same]
        first[slots[order][::-1]] = order[::-1]
        return cls(keys, _mask(sizes), np.array(numbers, np.int64), first, after, hashed)

    def look_up(self, values: npt.NDArray[np.uint64], places: Places) -> Seen:
        """Return the places at which the eight bytes that stand there begin with a key."""
        at = self.first.take(_buckets(values & self.hashed, len(self.first)))
        found_places, found_keys = [_NONE], [_NONE]
        while len(at):
            live = np.flatnonzero(at >= 0)
            at, values, places = at[live], values[live], places[live]
            same = np.flatnonzero(self.keys[at] == values & self.masks[at])
            found_places.append(places[same])
            found_keys.append(self.numbers[at[same]])
            at = self.after[at]
        return Seen(np.concatenate(found_places), np.concatenate(found_keys))


def _mask(sizes: Any) -> Any:
    """Return the words in which as many bytes count, from the first."""
    return _ALL >> (np.uint64(8) * (np.uint64(LONG) - np.asarray(sizes, np.uint64)))


def _first(values: npt.NDArray[np.uint64]) -> Grams:
    """Return the first four bytes of each value."""
    return (values & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def _slots(grams: Grams) -> Grams:
    """Hash grams to places of the table (Fibonacci hashing)."""
    slots = grams * _MIX
    slots >>= _SHIFT
    return slots


def _buckets(values: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.int64]:
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - size.bit_length())).astype(np.int64)
