"""The index of a rule set's literals: which of them stand where in a text, by one scan for the rarest part of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from cleaner.match.literal import GAP, Literal, encode, spelled
from cleaner.match.scan.engine import LONG, SHORT, Engine, Keys, Seen
from cleaner.text.shadow import MARK, SPACE, WORD, Codes, Places, Points, Shadow

_BESIDE_WORD = np.flatnonzero(~WORD[1:]) + 1
"""The bytes that may follow a literal which ends where a word ends."""


_LOWER = np.zeros(0x20000, bool)
_LOWER[[code for code in range(0x20000) if chr(code).islower()]] = True

_WORD, _CAPITAL, _LABEL = 1, 2, 4



@dataclass(frozen=True, slots=True)
class Index:
    """Find literals by their keys. `owners` of key k are `literal[bounds[k]:bounds[k + 1]]`."""

    engine: Engine
    codes: tuple[bytes, ...]
    ahead: bytes
    """Whether a mark stands before the literal in its shadow."""
    bounds: Places
    literal: Places
    shift: Places
    """From the place of a key to that of the literal it stands for."""
    sizes: Places
    flags: npt.NDArray[np.uint8]
    pairs: npt.NDArray[np.uint64]
    """Two code points each: literals too short for a key, in scripts without spaces; sorted."""
    pair_literals: Places

    @classmethod
    def build(cls, literals: Sequence[Literal], engine: Callable[[Keys], Engine]) -> Index:
        """Choose a key for each literal, and build the engine that looks for them."""
        codes = encode(literals)
        rare = _rarity(codes)
        owners: dict[bytes, list[tuple[int, int]]] = {}
        pairs: list[tuple[int, int]] = []
        for number, (literal, code) in enumerate(zip(literals, codes, strict=True)):
            if len(code) < SHORT - 1:
                pairs.append((ord(literal.text[0]) << 32 | ord(literal.text[1]), number))
                continue
            at, found = _choose(literal, code, rare)
            for key in found:
                owners.setdefault(key, []).append((number, int(literal.opens) - at))
        spelling = sorted(owners, key=lambda key: (-len(key), key))
        pairs.sort()
        return cls(
            engine=engine(_keys(spelling)),
            codes=tuple(codes),
            ahead=bytes(literal.opens for literal in literals),
            bounds=np.cumsum([0, *(len(owners[key]) for key in spelling)]),
            literal=np.array([number for key in spelling for number, _ in owners[key]], np.int64),
            shift=np.array([shift for key in spelling for _, shift in owners[key]], np.int64),
            sizes=np.array([len(literal.text) for literal in literals], np.int64),
            flags=np.array([_flags(literal) for literal in literals], np.uint8),
            pairs=np.array([pair for pair, _ in pairs], np.uint64),
            pair_literals=np.array([number for _, number in pairs], np.int64),
        )

    def find(self, shadow: Shadow) -> tuple[Places, Places, Places]:
        """Return where literals stand: their starts, ends (code points of the shadow) and numbers.

        None is missed; where a letter is no ASCII letter, another one may stand for it.
        """
        starts, numbers = self._owned(self.engine.find(shadow.codes))
        if len(self.pairs) and shadow.has_spaceless:
            more = self._find_pairs(shadow.points)
            starts, numbers = np.concatenate([starts, more[0]]), np.concatenate([numbers, more[1]])
        ends = starts + self.sizes[numbers]
        fits = self._fits(shadow, starts, ends, self.flags[numbers])
        starts, ends, numbers = starts[fits], ends[fits], numbers[fits]
        text = shadow.codes.tobytes() if len(starts) else b""
        same = [self._is_there(text, start, number) for start, number in zip(starts.tolist(), numbers.tolist(), strict=True)]
        return starts[same], ends[same], numbers[same]

    def _owned(self, seen: Seen) -> tuple[Places, Places]:
        """Return the starts and numbers of the literals that own the keys seen."""
        first, last = self.bounds[seen.keys], self.bounds[seen.keys + 1]
        counts = last - first
        places = np.repeat(seen.places, counts)
        nth = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        owner = np.repeat(first, counts) + nth
        return places + self.shift[owner], self.literal[owner]

    def _find_pairs(self, points: Points) -> tuple[Places, Places]:
        values = points[:-1].astype(np.uint64) << np.uint64(32) | points[1:]
        at = np.searchsorted(self.pairs, values)
        starts = np.flatnonzero(self.pairs.take(at, mode="clip") == values)
        return starts, self.pair_literals[at[starts]]

    def _fits(self, shadow: Shadow, starts: Places, ends: Places, flags: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
        """Tell which places are bounded and written as their literals ask."""
        codes, points = shadow.codes, shadow.points
        fits = (starts > 0) & (ends < len(codes))
        before, first = codes.take(starts - 1, mode="clip"), codes.take(starts, mode="clip")
        last, after = codes.take(ends - 1, mode="clip"), codes.take(ends, mode="clip")
        torn = (WORD[before] & WORD[first]) | (WORD[last] & WORD[after])
        small = _LOWER.take(points.take(starts, mode="clip"), mode="clip")
        fits &= ~(((flags & _WORD) != 0) & torn)
        fits &= ~(((flags & _CAPITAL) != 0) & small)
        fits &= ~(((flags & _LABEL) != 0) & small & (before != MARK))
        return fits

    def _is_there(self, text: bytes, start: int, number: int) -> bool:
        code = self.codes[number]
        start -= self.ahead[number]
        part = text[start : start + len(code)]
        return part == code or (GAP in code and part.translate(_LOOSE) == code.translate(_LOOSE))


_LOOSE = bytes(MARK if code in (GAP, SPACE) else code for code in range(256))


def _flags(literal: Literal) -> int:
    return _WORD * literal.word + _CAPITAL * literal.capital + _LABEL * literal.label


def _keys(spelling: Sequence[bytes]) -> Keys:
    long = b"".join(key for key in spelling if len(key) == LONG)
    short = b"".join(key for key in spelling if len(key) == SHORT)
    return Keys(np.frombuffer(long, np.uint64), np.frombuffer(short, np.uint32))


def _choose(literal: Literal, code: bytes, rare: Sequence[float]) -> tuple[int, list[bytes]]:
    """Return the rarest part of a literal's shadow that is as long as a key, where it begins, and how it is spelled."""
    if len(code) < SHORT:
        beyond = _BESIDE_WORD.tolist() if literal.word and not literal.closes else range(1, 256)
        return 0, [key + bytes([more]) for key in spelled(code) for more in beyond]
    size = LONG if len(code) >= LONG else SHORT
    sums = [sum(map(rare.__getitem__, code[at : at + size])) for at in range(len(code) - size + 1)]
    at = max(range(len(sums)), key=sums.__getitem__)
    return at, list(spelled(code[at : at + size]))


def _rarity(codes: Sequence[bytes]) -> list[float]:
    """Say how much a byte tells, by how often it occurs in the literals."""
    counts = np.bincount(np.frombuffer(b"".join(codes), np.uint8), minlength=256) + 1
    counts[GAP] = counts[SPACE] = counts[MARK] = counts.max()
    return [float(log(counts.sum() / count)) for count in counts.tolist()]
