"""One scan for the literals of all rules: which rules can match at all, and where."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick_rs

from cleaner.text.shape import is_word

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Prefilter(Generic[Key]):
    """Map folded literals to the keys that need them, over one automaton.

    `bounds` says of each literal whether no word may go on before it, and behind it.
    """

    automaton: ahocorasick_rs.AhoCorasick | None
    keys: tuple[tuple[Key, ...], ...]
    bounds: tuple[tuple[bool, bool], ...]

    @classmethod
    def build(cls, atoms: Mapping[str, Sequence[Key]], words: Container[str] = ()) -> Prefilter[Key]:
        """Build the automaton over all literals; those among `words` count only at word boundaries."""
        literals = sorted(atoms)
        automaton = (
            ahocorasick_rs.AhoCorasick(literals, matchkind=ahocorasick_rs.MatchKind.Standard, store_patterns=False)
            if literals
            else None
        )
        bounds = (((is_word(text[0]), is_word(text[-1])) if text in words else (False, False)) for text in literals)
        return cls(automaton, tuple(tuple(atoms[literal]) for literal in literals), tuple(bounds))

    def scan(self, folded: str) -> dict[Key, list[tuple[int, int]]]:
        """Return, for each key whose literal occurs, the sorted bounds (code points) of its places."""
        found: dict[Key, list[tuple[int, int]]] = {}
        if self.automaton is None:
            return found
        keys, bounds = self.keys, self.bounds
        for literal, start, end in self.automaton.find_matches_as_indexes(folded, overlapping=True):
            before, after = bounds[literal]
            if (before and start and is_word(folded[start - 1])) or (after and is_word(folded[end : end + 1])):
                continue
            for key in keys[literal]:
                found.setdefault(key, []).append((start, end))
        for places in found.values():
            places.sort()
        return found
