"""One scan for the literals of all rules: which rules can match at all, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick_rs

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Prefilter(Generic[Key]):
    """Map folded literals to the keys that need them, over one automaton."""

    automaton: ahocorasick_rs.AhoCorasick | None
    keys: tuple[tuple[Key, ...], ...]

    @classmethod
    def build(cls, atoms: Mapping[str, Sequence[Key]]) -> Prefilter[Key]:
        """Build the automaton over all literals."""
        literals = sorted(atoms)
        automaton = (
            ahocorasick_rs.AhoCorasick(literals, matchkind=ahocorasick_rs.MatchKind.Standard, store_patterns=False)
            if literals
            else None
        )
        return cls(automaton, tuple(tuple(atoms[literal]) for literal in literals))

    def scan(self, folded: str) -> dict[Key, list[tuple[int, int]]]:
        """Return, for each key whose literal occurs, the sorted bounds (code points) of its places."""
        found: dict[Key, list[tuple[int, int]]] = {}
        if self.automaton is None:
            return found
        for literal, start, end in self.automaton.find_matches_as_indexes(folded, overlapping=True):
            for key in self.keys[literal]:
                found.setdefault(key, []).append((start, end))
        for places in found.values():
            places.sort()
        return found
