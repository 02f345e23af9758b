"""Count in how many documents of each source something stands, in bounded memory.

Lossy counting by source: where the tables grow beyond their limit, the largest one loses its rarest entries, and
remembers how many documents an entry may have been short-changed by. What is frequent survives; pass two counts it exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Frequencies:
    """Hold a table of document frequencies for each source, `limit` entries in all, settled ones among them."""

    limit: int
    tables: dict[int, Counter[int]] = field(default_factory=dict)
    lost: Counter[int] = field(default_factory=Counter)
    settled: dict[int, dict[int, int]] = field(default_factory=dict)
    size: int = 0
    peak: int = 0

    def add(self, source: int, keys: Iterable[int]) -> None:
        """Count one document that holds these keys, each at most once."""
        table = self.tables.setdefault(source, Counter())
        before = len(table)
        table.update(keys)
        self.size += len(table) - before
        self.peak = max(self.peak, self.size)
        while self.size > self.limit:
            self._prune()

    def settle(self, source: int, least: int) -> None:
        """Keep of a source, all of whose documents were counted, what stands in `least` documents or more."""
        table = self.tables.pop(source, Counter())
        least = max(2, least - self.lost[source])
        self.settled[source] = {key: count for key, count in table.items() if count >= least}
        self.size -= len(table) - len(self.settled[source])

    def _prune(self) -> None:
        """Raise the bar in the largest table, of a source still counted or of one that is settled."""
        if self.settled and (not self.tables or self._largest(self.settled) > self._largest(self.tables)):
            source = -self._largest(self.settled)[1]
            known = self.settled[source]
            bar = min(known.values())
            self.settled[source] = {key: count for key, count in known.items() if count > bar}
            self.size -= len(known) - len(self.settled[source])
            return
        source = -self._largest(self.tables)[1]
        table = self.tables[source]
        bar = min(table.values())
        kept = Counter({key: count for key, count in table.items() if count > bar})
        self.size -= len(table) - len(kept)
        self.lost[source] += bar
        self.tables[source] = kept

    @staticmethod
    def _largest(tables: Mapping[int, Mapping[int, int]]) -> tuple[int, int]:
        return max((len(table), -number) for number, table in tables.items())
