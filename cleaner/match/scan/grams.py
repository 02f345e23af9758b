"""The portable engine: four bytes at a time looked up in one table, at every place of a text at once.

Each four bytes of the text are hashed, and the table says whether a key of eight bytes may begin or go on with them, or a
shorter one begin. Few places pass; for those the whole key is looked up. What it costs does not depend on the number of keys,
as long as the table is large beside it: the idea of Wu and Manber's algorithm ("A fast algorithm for multi-pattern
searching", TR-94-17, University of Arizona) without its jumps, which arrays make unneeded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.match.scan.engine import LONG, SHORT, Keys, Seen, in_order
from cleaner.text.shadow import Codes, Places

_BITS = 18  # of the table's index: half a megabyte, which stays in the second-level cache
_SHIFT, _MIX = np.uint32(32 - _BITS), np.uint32(0x9E3779B1)
_COLOURS = 7  # a long key's two halves have one of so many colours, so that few halves of different keys fit
_BEGINS, _IS = np.uint16((1 << _COLOURS) - 1), np.uint16(1 << 15)
_LATER = np.uint16(_COLOURS)
_FEWEST = 1 << 10
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
            Buckets.build(values[long], values[long], sizes[long], long),
            Buckets.build(_first(values[short]).astype(np.uint64), values[short], sizes[short], short),
        )

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
        text = codes.tobytes() + bytes(LONG)
        found = [Seen(_NONE, _NONE)]
        for phase in range(SHORT):
            found += self._find_at(np.frombuffer(text, np.uint32, (len(text) - phase) // SHORT, phase), phase)
        return in_order(np.concatenate([seen.places for seen in found]), np.concatenate([seen.keys for seen in found]))

    def _find_at(self, grams: Grams, phase: int) -> list[Seen]:
        """Find the keys that begin at one of the grams, which lie side by side from `phase` on."""
        told = self.table.take(_slots(grams))
        may = told[1:] >> _LATER
        may &= told[:-1]
        may &= _BEGINS
        long, short = np.flatnonzero(may != 0), np.flatnonzero(told[:-1] >= _IS)
        values = _joined(grams, long)
        return [
            self.long.look_up(values, values, long * SHORT + phase),
            self.short.look_up(grams[short].astype(np.uint64), _joined(grams, short), short * SHORT + phase),
        ]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Hold keys in buckets by a hash of what they begin with: the first of each, and after each key the next."""

    keys: npt.NDArray[np.uint64]
    masks: npt.NDArray[np.uint64]
    """The bytes of each key that count."""
    numbers: Places
    first: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]

    @classmethod
    def build(
        cls,
        begins: npt.NDArray[np.uint64],
        keys: npt.NDArray[np.uint64],
        sizes: npt.NDArray[np.uint64],
        numbers: Sequence[int],
    ) -> Buckets:
        """Put keys of up to eight bytes into buckets."""
        size = max(_FEWEST, 1 << int(2 * len(keys)).bit_length())
        slots = _buckets(begins, size)
        order = np.argsort(slots, kind="stable")
        first, after = np.full(size, -1, np.int32), np.full(len(keys), -1, np.int32)
        same = slots[order][1:] == slots[order][:-1]
        after[order[:-1][same]] = order[1:][same]
        first[slots[order][::-1]] = order[::-1]
        masks = _ALL >> (np.uint64(8) * (np.uint64(LONG) - sizes))
        return cls(keys, masks, np.array(numbers, np.int64), first, after)

    def look_up(self, begins: npt.NDArray[np.uint64], values: npt.NDArray[np.uint64], places: Places) -> Seen:
        """Return the places at which the eight bytes that stand there begin with a key."""
        at = self.first.take(_buckets(begins, len(self.first)))
        found_places, found_keys = [_NONE], [_NONE]
        while len(at):
            live = at >= 0
            at, values, places = at[live], values[live], places[live]
            same = self.keys[at] == values & self.masks[at]
            found_places.append(places[same])
            found_keys.append(self.numbers[at[same]])
            at = self.after[at]
        return Seen(np.concatenate(found_places), np.concatenate(found_keys))


def _first(values: npt.NDArray[np.uint64]) -> Grams:
    """Return the first four bytes of each value."""
    return (values & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def _joined(grams: Grams, at: Places) -> npt.NDArray[np.uint64]:
    """Return the eight bytes that begin with each of some grams."""
    return grams[at].astype(np.uint64) | (grams[at + 1].astype(np.uint64) << _HALF)


def _slots(grams: Grams) -> Grams:
    """Hash grams to places of the table (Fibonacci hashing)."""
    slots = grams * _MIX
    slots >>= _SHIFT
    return slots


def _buckets(values: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.int64]:
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - size.bit_length())).astype(np.int64)
