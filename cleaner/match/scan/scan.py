"""Scan texts for the literals of all rules: which rules can match at all, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from cleaner.match.literal import Literal
from cleaner.match.scan.engine import Engine, Keys
from cleaner.match.scan.grams import GramEngine
from cleaner.match.scan.hyperscan import HyperscanEngine, is_available
from cleaner.match.scan.index import Index
from cleaner.match.scan.naive import NaiveEngine
from cleaner.text.shadow import Places, shade
from cleaner.text.sheet import Sheet

AUTO = "auto"

ENGINES = MappingProxyType({"portable": GramEngine.build, "hyperscan": HyperscanEngine.build, "naive": NaiveEngine})
"""The engines by name: the portable one, the accelerated one, and the obvious one for tests."""

Hits = Mapping[int, Sequence[tuple[int, int]]]
"""For each rule that can match, the sorted bounds (code points) of the places of its literals."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold the index of all literals, and the rules that need each; `local` marks those of site rules alone."""

    index: Index
    texts: tuple[str, ...]
    rules: tuple[tuple[int, ...], ...]
    local: npt.NDArray[np.bool_]

    @classmethod
    def build(cls, needed: Iterable[Iterable[Literal]], local: Collection[int], engine: str = AUTO) -> Scan:
        """Build the scan for the literals of rules, given by number; `local` are the rules of sites."""
        rules: dict[Literal, list[int]] = {}
        for number, own in enumerate(needed):
            for literal in own:
                rules.setdefault(literal, []).append(number)
        literals = sorted(rules)
        bound = [all(number in local for number in rules[literal]) for literal in literals]
        return cls(
            index=Index.build(literals, _builder(engine)),
            texts=tuple(literal.text for literal in literals),
            rules=tuple(tuple(rules[literal]) for literal in literals),
            local=np.array(bound, bool),
        )

    def hits(self, sheet: Sheet, own: Collection[int] = ()) -> Hits:
        """Scan a sheet; `own` are the rules of its site."""
        starts, ends, numbers = self.index.find(shade(f"\n{sheet.marked}\n\n"))
        if not own and len(numbers):
            starts, ends, numbers = self._anywhere(starts, ends, numbers)
        found: dict[int, list[tuple[int, int]]] = {}
        folded = sheet.folded
        for start, end, number in sorted(zip(starts.tolist(), ends.tolist(), numbers.tolist(), strict=True)):
            if folded[start - 1 : end - 1].replace("\n", " ") == self.texts[number]:
                for rule in self.rules[number]:
                    places = found.setdefault(rule, [])
                    if not places or places[-1] != (start - 1, end - 1):
                        places.append((start - 1, end - 1))
        return found

    def _anywhere(self, starts: Places, ends: Places, numbers: Places) -> tuple[Places, Places, Places]:
        """Leave out what only rules of sites need."""
        kept = ~self.local[numbers]
        return starts[kept], ends[kept], numbers[kept]


def _builder(engine: str) -> type[NaiveEngine] | object:
    return ENGINES["portable" if engine == AUTO else engine]


def engines() -> list[str]:
    """Name the engines that can run here."""
    return [name for name in ENGINES if name != "hyperscan" or is_available()]


__all__ = ["AUTO", "ENGINES", "Engine", "Hits", "Keys", "Scan", "engines"]
