"""The literals of rules, laid out in arrays: what is looked for to find each, and what must stand around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from cleaner.match.literal import GAP, Literal, encode, spelled
from cleaner.match.scan.engine import LONG, SHORT
from cleaner.text.fold import lower, unify
from cleaner.text.shadow import MARK, SPACE, USED, Places, is_spaceless, shade
from cleaner.text.shadow import WORD as IN_WORD

WORD, CAPITAL, LABEL, OPENS, CLOSES, FLOWS, BLANK = 1, 2, 4, 8, 16, 32, 64
"""What is asked of a literal, a bit each; the last tells that it begins with a space."""

KEY, PAIR, MARKS, REST = range(4)
"""What is looked for to find a literal: a key, or its first two code points - in scripts without spaces, of punctuation
alone, or of others.
"""

_BEHIND = tuple(int(code) for code in USED)
_BEHIND_WORD = tuple(int(code) for code in USED if not IN_WORD[code])
"""The bytes that may follow a literal which ends where a word ends."""

_SELDOM = 10_000  # code points of prose in which an everyday word stands more than once
_WORDS = re.compile(r"\w+")
_PROSE_WEIGHT = 9  # of one place in prose against one literal
_MARK_WEIGHT = 16
_MARKS = bytes([GAP, MARK, SPACE])
_IS_MARK = np.zeros(256, bool)
_IS_MARK[[*_MARKS]] = True

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Prose:
    """Tell what is common in texts that read like articles: every four bytes of their shadows counted, everyday words."""

    grams: npt.NDArray[np.uint32]
    counts: Places
    everyday: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Prose:
        """Read a text."""
        grams, counts = np.unique(_grams(shade(f"\n{text}\n").codes.tobytes()), return_counts=True)
        words = Counter(_WORDS.findall(lower(unify(text))))
        return cls(grams, counts, frozenset(word for word, count in words.items() if count * _SELDOM > len(text)))

    def count(self, grams: npt.NDArray[np.uint32]) -> Places:
        """Return how often each of some grams stands in the texts."""
        if not len(self.grams):
            return np.zeros(len(grams), np.int64)
        at = np.searchsorted(self.grams, grams)
        return np.where(self.grams.take(at, mode="clip") == grams, self.counts.take(at, mode="clip"), 0)

    def join(self, other: Prose) -> Prose:
        """Add what is common in further texts."""
        grams, at = np.unique(np.concatenate([self.grams, other.grams]), return_inverse=True)
        counts = np.bincount(at, np.concatenate([self.counts, other.counts]), len(grams)).astype(np.int64)
        return Prose(grams, counts, self.everyday | other.everyday)

    def pack(self) -> dict[str, Any]:
        """Write it as JSON values and bytes, by name."""
        often = self.counts > 1  # what stands there once is as rare as what does not
        grams, counts = self.grams[often].astype("<u4"), self.counts[often].astype("<u4")
        return {"grams": grams.tobytes(), "counts": counts.tobytes(), "everyday": sorted(self.everyday)}

    @classmethod
    def unpack(cls, values: Mapping[str, Any]) -> Prose:
        """Read it; raises `ValueError`, `TypeError` or `LookupError` for anything else than what `pack` writes."""
        grams, counts = np.frombuffer(values["grams"], "<u4"), np.frombuffer(values["counts"], "<u4")
        if len(grams) != len(counts) or (np.diff(grams.astype(np.int64)) <= 0).any():
            raise ValueError("counts of prose of which one part does not fit another")
        return cls(grams, counts.astype(np.int64), frozenset(map(str, values["everyday"])))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Hold literals by number; the shadow of literal n is `codes[bounds[n]:bounds[n + 1]]`."""

    texts: tuple[str, ...]
    flags: Bytes
    codes: Bytes
    bounds: Places
    wanted: Words
    """What is looked for, in the order of literals: keys as eight bytes, the first of most weight, or two code points."""
    kinds: Bytes
    literal: Places
    shift: Places
    """From the place of what is found to that of the literal it stands for."""

    @classmethod
    def of(cls, literals: Sequence[Literal], prose: Prose | None = None) -> Lexicon:
        """Lay out literals, and choose for each a key that is rare in them and in prose."""
        shadows = encode(literals)
        codes = np.frombuffer(b"".join(shadows), np.uint8)
        bounds = np.cumsum([0, *map(len, shadows)])
        flags = np.array([_flags(literal) for literal in literals], np.uint8)
        keyed = _keyed(codes, bounds, prose or Prose.of(""))
        return cls(
            tuple(literal.text for literal in literals), flags, codes, bounds, *_wanted(literals, shadows, flags, keyed)
        )

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def names(self) -> list[tuple[str, int]]:
        """What tells the literals apart, in order."""
        return list(zip(self.texts, self.flags.tolist(), strict=True))

    def shadow(self, number: int) -> bytes:
        """Return the shadow of a literal."""
        return self.codes[self.bounds[number] : self.bounds[number + 1]].tobytes()

    def pick(self, kept: npt.NDArray[np.bool_]) -> Lexicon:
        """Keep some literals, under new numbers in the same order."""
        if kept.all():
            return self
        sizes = np.diff(self.bounds)
        wanted, renumbered = kept[self.literal], np.cumsum(kept) - 1
        return Lexicon(
            tuple(compress(self.texts, kept.tolist())),
            self.flags[kept],
            self.codes[np.repeat(kept, sizes)],
            ends_of(sizes[kept]),
            self.wanted[wanted],
            self.kinds[wanted],
            renumbered[self.literal[wanted]],
            self.shift[wanted],
        )

    def join(self, other: Lexicon) -> Lexicon:
        """Put the literals of another behind these."""
        return Lexicon(
            self.texts + other.texts,
            np.concatenate([self.flags, other.flags]),
            np.concatenate([self.codes, other.codes]),
            np.concatenate([self.bounds, other.bounds[1:] + self.bounds[-1]]),
            np.concatenate([self.wanted, other.wanted]),
            np.concatenate([self.kinds, other.kinds]),
            np.concatenate([self.literal, other.literal + len(self)]),
            np.concatenate([self.shift, other.shift]),
        )

    def pack(self) -> dict[str, Any]:
        """Write it as JSON values and bytes, by name."""
        arrays = {name: _ARRAYS[name][1](self).astype(kind).tobytes() for name, (kind, _) in _ARRAYS.items()}
        return {"texts": list(self.texts), **arrays}

    @classmethod
    def unpack(cls, values: Mapping[str, Any]) -> Lexicon:
        """Read it; raises `ValueError`, `TypeError` or `LookupError` for anything else than what `pack` writes."""
        texts = tuple(values["texts"])
        read = {name: np.frombuffer(values[name], kind) for name, (kind, _) in _ARRAYS.items()}
        bounds, literal, shift = (
            ends_of(read["sizes"]),
            read["literal"].astype(np.int64),
            read["shift"].astype(np.int64),
        )
        found = cls(
            texts, read["flags"], read["codes"], bounds, read["wanted"].astype(np.uint64), read["kinds"], literal, shift
        )
        if not found._is_sound():
            raise ValueError("a lexicon of which one part does not fit another")
        return found

    def _is_sound(self) -> bool:
        count, many = len(self), len(self.literal)
        return (
            all(isinstance(text, str) for text in self.texts)
            and len(self.flags) == count == len(self.bounds) - 1
            and int(self.bounds[-1]) == len(self.codes)
            and len(self.wanted) == len(self.kinds) == many == len(self.shift)
            and bool((np.diff(self.literal) >= 0).all())
            and (not many or (self.literal[0] >= 0 and self.literal[-1] < count and self.kinds.max() <= REST))
        )


_ARRAYS: Mapping[str, tuple[str, Callable[[Lexicon], npt.NDArray[Any]]]] = {
    "flags": ("<u1", lambda lexicon: lexicon.flags),
    "codes": ("<u1", lambda lexicon: lexicon.codes),
    "sizes": ("<u4", lambda lexicon: np.diff(lexicon.bounds)),
    "wanted": ("<u8", lambda lexicon: lexicon.wanted),
    "kinds": ("<u1", lambda lexicon: lexicon.kinds),
    "literal": ("<u4", lambda lexicon: lexicon.literal),
    "shift": ("<i4", lambda lexicon: lexicon.shift),
}


def ends_of(sizes: npt.NDArray[Any]) -> Places:
    """Return where rows of some sizes begin that lie side by side, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])


def _flags(literal: Literal) -> int:
    return (
        WORD * literal.word
        + CAPITAL * literal.capital
        + LABEL * literal.label
        + OPENS * literal.opens
        + CLOSES * literal.closes
        + FLOWS * literal.flows
        + BLANK * (literal.text[:1] == " ")
    )


_Keyed = tuple[Places, npt.NDArray[np.bool_], Words]


def _wanted(
    literals: Sequence[Literal], shadows: Sequence[bytes], flags: Bytes, keyed: _Keyed
) -> tuple[Words, Bytes, Places, Places]:
    """Return what is looked for to find each literal: most have one key, others are told one by one."""
    at, is_plain, keys = keyed
    plain = np.flatnonzero(is_plain)
    opens = (flags & OPENS != 0).astype(np.int64)
    found: list[tuple[int, int, int, int]] = []
    for number in np.flatnonzero(~is_plain).tolist():
        literal, code = literals[number], shadows[number]
        text = literal.text.strip(" ")
        bare = code.strip(_MARKS)
        if len(text) > 1 and (len(code) < SHORT - 1 or not bare):
            kind = PAIR if is_spaceless(code) else REST if bare else MARKS
            found.append((ord(text[0]) << 32 | ord(text[1]), kind, number, 0))
            continue
        first = int(at[number]) if len(code) >= SHORT else 0
        spellings = spelled(code[first : first + LONG]) if len(code) >= SHORT else _extended(literal, code)
        found += (
            (int.from_bytes(key.ljust(LONG, b"\0"), "big"), KEY, number, int(literal.opens) - first)
            for key in spellings
        )
    wanted = np.concatenate([keys[plain], np.array([row[0] for row in found], np.uint64)])
    kinds, literal_, shift = np.array([row[1:] for row in found], np.int64).reshape(-1, 3).T
    numbers = np.concatenate([plain, literal_])
    order = np.argsort(numbers, kind="stable")
    return (
        wanted[order],
        np.concatenate([np.full(len(plain), KEY), kinds])[order].astype(np.uint8),
        numbers[order],
        np.concatenate([(opens - at)[plain], shift])[order],
    )


def _extended(literal: Literal, code: bytes) -> list[bytes]:
    """Return the keys of a shadow that is shorter than a key: with each byte that may follow it."""
    beyond = _BEHIND_WORD if literal.word and not literal.closes else _BEHIND
    return [key + bytes([more]) for key in spelled(code) for more in beyond]


def _keyed(codes: Bytes, bounds: Places, prose: Prose) -> _Keyed:
    """Return for each shadow where its rarest part begins that is as long as a key, or as four bytes at the least.

    Besides, whether that is one key that finds it, and which. What is common in literals is common in articles, and what
    is common in prose more so.
    """
    sizes = np.diff(bounds)
    starts = bounds[:-1] + LONG * np.arange(len(sizes))
    joined = np.zeros(len(codes) + LONG * (len(sizes) + 1), np.uint8)
    joined[np.arange(len(codes)) + LONG * np.repeat(np.arange(len(sizes)), sizes)] = codes
    grams = _grams(joined.tobytes())
    values, number, counts = np.unique(grams, return_inverse=True, return_counts=True)
    marks = (joined == MARK).astype(np.int64)
    beside = sum(marks[at : at + len(grams)] for at in range(SHORT))
    scores = (counts + _PROSE_WEIGHT * prose.count(values))[number] + _MARK_WEIGHT * beside
    long = sizes >= LONG
    windows = np.maximum(1, sizes - np.where(long, LONG, SHORT) + 1)
    at = _least(scores, scores[:-SHORT] * scores[SHORT:], starts, windows, long)
    eights = np.ndarray((len(joined) - LONG + 1,), ">u8", joined, strides=(1,))
    keys = eights[starts + at].astype(np.uint64) if len(starts) else np.zeros(0, np.uint64)
    used = np.minimum(sizes - at, LONG)
    gaps = np.concatenate([[0], np.cumsum(joined == GAP)])
    only_marks = np.concatenate([[0], np.cumsum(_IS_MARK[codes])])
    is_plain = (sizes >= SHORT) & (gaps[starts + at + used] == gaps[starts + at])
    return at, is_plain & (only_marks[bounds[1:]] - only_marks[bounds[:-1]] < sizes), keys


def _least(single: Places, double: Places, starts: Places, windows: Places, is_double: npt.NDArray[np.bool_]) -> Places:
    """Return for each window of scores, single or double ones, where in it the first of the smallest stands."""
    if not len(starts):
        return np.zeros(0, np.int64)
    first = ends_of(windows)[:-1]
    inside = np.arange(int(windows.sum())) - np.repeat(first, windows)
    places = np.repeat(starts, windows) + inside
    among = np.where(np.repeat(is_double, windows), double.take(places, mode="clip"), single[places])
    smallest = np.repeat(np.minimum.reduceat(among, first), windows)
    return np.minimum.reduceat(np.where(among == smallest, inside, len(single)), first)


def _grams(text: bytes) -> npt.NDArray[np.uint32]:
    """Return the four bytes that begin at each place."""
    bare = np.frombuffer(text, np.uint8)
    return np.ndarray((max(0, len(bare) - SHORT + 1),), np.uint32, bare, strides=(1,)).copy()
