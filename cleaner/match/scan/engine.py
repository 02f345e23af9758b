"""What engines have in common: they find short keys of bytes in a shadow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cleaner.text.shadow import Codes, Places

LONG, SHORT = 8, 4
"""The bytes of a key: eight where the literal has as many, else four."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Hold distinct keys as little-endian integers, the long ones first; a key's number is its place in that order."""

    long: npt.NDArray[np.uint64]
    short: npt.NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.long) + len(self.short)

    def spell(self) -> list[bytes]:
        """Return the keys as bytes, by number."""
        longs, shorts = self.long.tobytes(), self.short.tobytes()
        return [longs[at : at + LONG] for at in range(0, len(longs), LONG)] + [
            shorts[at : at + SHORT] for at in range(0, len(shorts), SHORT)
        ]


class Seen(NamedTuple):
    """List the places of keys: where each begins, and its number. In order of place, then of number."""

    places: Places
    keys: Places


class Engine(Protocol):
    """Look for all keys at once."""

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""


def in_order(places: Places, keys: Places) -> Seen:
    """Sort what was seen."""
    order = np.lexsort((keys, places))
    return Seen(places[order], keys[order])
