"""The portable engine: four bytes at a time looked up in one table, at every place of a text at once.

Each four bytes of the text are hashed, and the table says whether a long key may begin or go on with them, or a short
key be them. Few places pass; for those the whole key is looked up. What it costs does not depend on the number of keys,
as long as the table is large beside it: the idea of Wu and Manber's algorithm ("A fast algorithm for multi-pattern
searching", TR-94-17, University of Arizona) without its jumps, which arrays make unneeded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.match.scan.engine import LONG, SHORT, Keys, Seen, in_order
from cleaner.text.shadow import Codes

_BITS = 19  # of the table's index: half a megabyte, which stays in the second-level cache
_SHIFT, _MIX = np.uint32(32 - _BITS), np.uint32(0x9E3779B1)
_BEGINS, _GOES_ON, _IS = np.uint8(1), np.uint8(2), np.uint8(4)
_FEWEST = 1 << 10

Grams = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class GramEngine:
    """Find keys by the four-byte grams they are made of."""

    table: npt.NDArray[np.uint8]
    long: Buckets
    short: Buckets

    @classmethod
    def build(cls, keys: Keys) -> GramEngine:
        """Fill the tables."""
        table = np.zeros(1 << _BITS, np.uint8)
        halves = keys.long.view(np.uint32).reshape(-1, 2)
        for grams, bit in ((halves[:, 0], _BEGINS), (halves[:, 1], _GOES_ON), (keys.short, _IS)):
            table[_slots(np.ascontiguousarray(grams))] |= bit
        return cls(table, Buckets.build(keys.long), Buckets.build(keys.short.astype(np.uint64), len(keys.long)))

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
        text = codes.tobytes()
        found = []
        for phase in range(SHORT):
            count = (len(text) - phase) // SHORT
            if count > 0:
                found += self._find_at(np.frombuffer(text, np.uint32, count, phase), phase)
        if not found:
            return Seen(np.empty(0, np.int64), np.empty(0, np.int64))
        return in_order(np.concatenate([seen.places for seen in found]), np.concatenate([seen.keys for seen in found]))

    def _find_at(self, grams: Grams, phase: int) -> list[Seen]:
        """Find the keys that begin at one of the grams, which lie side by side from `phase` on."""
        told = self.table.take(_slots(grams))
        following = told[1:] >> np.uint8(1)
        may = told[:-1] & following
        may &= _BEGINS
        long = np.flatnonzero(may)
        values = grams[long].astype(np.uint64) | (grams[long + 1].astype(np.uint64) << np.uint64(32))
        short = np.flatnonzero(told & _IS)
        return [
            self.long.look_up(values, long * SHORT + phase),
            self.short.look_up(grams[short].astype(np.uint64), short * SHORT + phase),
        ]


@dataclass(frozen=True, slots=True)
class Buckets:
    """Hold keys in buckets by their hash: the first of each, and after each key the next."""

    keys: npt.NDArray[np.uint64]
    first: npt.NDArray[np.int32]
    after: npt.NDArray[np.int32]
    base: int

    @classmethod
    def build(cls, keys: npt.NDArray[np.uint64], base: int = 0) -> Buckets:
        """Put keys into buckets; their numbers begin at `base`."""
        size = max(_FEWEST, 1 << int(2 * len(keys)).bit_length())
        slots = _buckets(keys, size)
        order = np.argsort(slots, kind="stable")
        first, after = np.full(size, -1, np.int32), np.full(len(keys), -1, np.int32)
        same = slots[order][1:] == slots[order][:-1]
        after[order[:-1][same]] = order[1:][same]
        first[slots[order][::-1]] = order[::-1]
        return cls(keys, first, after, base)

    def look_up(self, values: npt.NDArray[np.uint64], places: npt.NDArray[np.int64]) -> Seen:
        """Return the places whose value is a key."""
        at = self.first.take(_buckets(values, len(self.first)))
        found_places, found_keys = [places[:0]], [places[:0]]
        while len(at):
            live = at >= 0
            at, values, places = at[live], values[live], places[live]
            same = self.keys[at] == values
            found_places.append(places[same])
            found_keys.append(at[same] + np.int64(self.base))
            at = self.after[at]
        return Seen(np.concatenate(found_places), np.concatenate(found_keys))


def _slots(grams: Grams) -> Grams:
    """Hash grams to places of the table (Fibonacci hashing)."""
    slots = grams * _MIX
    slots >>= _SHIFT
    return slots


def _buckets(values: npt.NDArray[np.uint64], size: int) -> npt.NDArray[np.int64]:
    mixed = values * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(65 - size.bit_length())).astype(np.int64)


assert LONG == 2 * SHORT
