"""The accelerated engine: Hyperscan, where the extra `fast` is installed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cleaner.match.scan.engine import Keys, Seen
from cleaner.text.shadow import Codes

try:
    import hyperscan
except ImportError:
    hyperscan = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class HyperscanEngine:
    """Find keys with one Hyperscan database; each thread has scratch space of its own."""

    database: Any
    sizes: np.ndarray[Any, np.dtype[np.int64]]
    scratch: threading.local = field(default_factory=threading.local)

    @classmethod
    def build(cls, keys: Keys) -> HyperscanEngine:
        """Compile the keys."""
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        if keys:
            database.compile(
                expressions=list(keys), ids=list(range(len(keys))), elements=len(keys), flags=0, literal=True
            )
        return cls(database if keys else None, np.array([len(key) for key in keys], np.int64))

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
        numbers: list[int] = []
        ends: list[int] = []
        if self.database is not None and len(codes):

            def note(number: int, start: int, end: int, flags: int, context: object) -> None:
                numbers.append(number)
                ends.append(end)

            self.database.scan(codes.tobytes(), match_event_handler=note, scratch=self._scratch())
        found = np.array(numbers, np.int64)
        return Seen(np.array(ends, np.int64) - self.sizes[found], found)

    def _scratch(self) -> Any:
        if not hasattr(self.scratch, "space"):
            self.scratch.space = hyperscan.Scratch(self.database)
        return self.scratch.space


def is_available() -> bool:
    """Tell whether Hyperscan is installed."""
    return hyperscan is not None
