"""The obvious engine: look for one key after the other. Tests hold the others against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cleaner.match.scan.engine import Keys, Seen
from cleaner.text.shadow import Codes


@dataclass(frozen=True, slots=True)
class NaiveEngine:
    """Find each key by itself."""

    keys: Keys

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
        text = codes.tobytes()
        found = [(at, number) for number, key in enumerate(self.keys) for at in _places(text, key)]
        places, keys = np.array(found, np.int64).reshape(-1, 2).T
        return Seen(places, keys)


def _places(text: bytes, key: bytes) -> Iterator[int]:
    at = text.find(key)
    while at >= 0:
        yield at
        at = text.find(key, at + 1)
