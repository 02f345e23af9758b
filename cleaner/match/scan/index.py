"""The index of a rule set's literals: which of them stand where in a text, by one scan for the rarest part of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from cleaner.match.literal import GAP, Literal, encode, spelled
from cleaner.match.scan.engine import LONG, SHORT, Engine, Keys, Seen
from cleaner.text.shadow import MARK, SPACE, SPACELESS, USED, WORD, Codes, Places, Points, Shadow, is_spaceless, shade

_BEHIND = tuple(int(code) for code in USED)
_BEHIND_WORD = tuple(int(code) for code in USED if not WORD[code])
"""The bytes that may follow a literal which ends where a word ends."""


_LOWER = np.zeros(0x20000, bool)
_LOWER[[code for code in range(0x20000) if chr(code).islower()]] = True

_BMP = 0x10000
_PROSE_WEIGHT = 8  # of one place in prose against one literal
_MARK_WEIGHT = 16
_MARKS = bytes([GAP, MARK, SPACE])
_WORD, _CAPITAL, _LABEL, _BLANK = 1, 2, 4, 8


@dataclass(frozen=True, slots=True)
class Index:
    """Find literals by their keys. `owners` of key k are `literal[bounds[k]:bounds[k + 1]]`."""

    engine: Engine
    spellings: Spellings
    ahead: npt.NDArray[np.uint8]
    """How many marks stand before the literal in its shadow."""
    bounds: Places
    literal: Places
    shift: Places
    """From the place of a key to that of the literal it stands for."""
    sizes: Places
    flags: npt.NDArray[np.uint8]
    pairs: Pairs
    """Literals of two characters, in scripts without spaces."""
    marks: Pairs
    """Literals of punctuation alone."""
    rest: Pairs
    """Others of two characters: there are hardly any."""
    begins: bytes
    """The bytes that those begin with."""

    @classmethod
    def build(cls, literals: Sequence[Literal], engine: Callable[[Keys], Engine], prose: str = "") -> Index:
        """Choose for each literal a key that is rare in `prose`, and build the engine that looks for them."""
        codes = encode(literals)
        rarest = _rarest(codes, prose)
        owners: dict[bytes, list[tuple[int, int]]] = {}
        pairs: list[tuple[int, int]] = []
        marks: list[tuple[int, int]] = []
        rest: list[tuple[int, int]] = []
        for number, (literal, code) in enumerate(zip(literals, codes, strict=True)):
            text = literal.text.strip(" ")
            if len(text) > 1 and (len(code) < SHORT - 1 or not code.strip(_MARKS)):
                target = pairs if is_spaceless(code) else marks if not code.strip(_MARKS) else rest
                target.append((ord(text[0]) << 32 | ord(text[1]), number))
                continue
            at = rarest[number] if len(code) >= SHORT else 0
            found = spelled(code[at : at + LONG]) if len(code) >= SHORT else _extended(literal, code)
            for key in found:
                owners.setdefault(key, []).append((number, int(literal.opens) - at))
        spelling = tuple(sorted(owners))
        return cls(
            engine=engine(spelling),
            spellings=Spellings.build(codes),
            ahead=np.array([literal.opens for literal in literals], np.uint8),
            bounds=np.cumsum([0, *(len(owners[key]) for key in spelling)]),
            literal=np.array([number for key in spelling for number, _ in owners[key]], np.int64),
            shift=np.array([shift for key in spelling for _, shift in owners[key]], np.int64),
            sizes=np.array([len(literal.text) for literal in literals], np.int64),
            flags=np.array([_flags(literal) for literal in literals], np.uint8),
            pairs=Pairs.build(pairs),
            marks=Pairs.build(marks),
            rest=Pairs.build(rest),
            begins=bytes({codes[number].lstrip(_MARKS)[0] for _, number in rest}),
        )

    def find(self, shadow: Shadow) -> tuple[Places, Places, Places]:
        """Return where literals stand, with what they ask for around them: starts, ends (code points) and numbers.

        None is missed; where a letter is no ASCII letter, another one may stand for it.
        """
        found = [self._owned(self.engine.find(shadow.codes)), *self._pairs(shadow)]
        starts, numbers = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        same = self.spellings.stand(shadow.codes, starts - self.ahead[numbers], numbers)
        starts, numbers = starts[same], numbers[same]
        ends = starts + self.sizes[numbers]
        fits = self._fits(shadow, starts, ends, numbers)
        return starts[fits], ends[fits], numbers[fits]

    def _pairs(self, shadow: Shadow) -> Iterator[tuple[Places, Places]]:
        """Find the literals too short for a key."""
        if self.marks:
            yield self.marks.find(shadow.points, shadow.marks[:-1])
        if self.pairs and shadow.has_spaceless:
            spaceless = shadow.codes >= SPACELESS
            yield self.pairs.find(shadow.points, np.flatnonzero(spaceless[:-1] | spaceless[1:]))
        for code in self.begins:
            yield self.rest.find(shadow.points, np.flatnonzero(shadow.codes[:-1] == code))

    def _owned(self, seen: Seen) -> tuple[Places, Places]:
        """Return the starts and numbers of the literals that own the keys seen."""
        places, owner = spread(seen.places, seen.keys, self.bounds, np.arange(len(self.literal)))
        return places + self.shift[owner], self.literal[owner]

    def _fits(self, shadow: Shadow, starts: Places, ends: Places, numbers: Places) -> npt.NDArray[np.bool_]:
        """Tell which places are bounded and written as their literals ask."""
        codes, points, flags = shadow.codes, shadow.points, self.flags[numbers]
        fits = (starts > 0) & (ends < len(codes))
        before, first = codes.take(starts - 1, mode="clip"), codes.take(starts, mode="clip")
        last, after = codes.take(ends - 1, mode="clip"), codes.take(ends, mode="clip")
        torn = (WORD[before] & WORD[first]) | (WORD[last] & WORD[after])
        small = _LOWER.take(points.take(starts + (flags & _BLANK != 0), mode="clip"), mode="clip")
        fits &= ~(((flags & _WORD) != 0) & torn)
        fits &= ~(((flags & _CAPITAL) != 0) & small)
        fits &= ~(((flags & _LABEL) != 0) & small & (before != MARK))
        return fits


_WIDE = 8  # bytes compared at once


@dataclass(frozen=True, slots=True)
class Spellings:
    """Hold the shadows of all literals, in words of eight bytes: those of literal n begin at `bounds[n]`."""

    words: npt.NDArray[np.uint64]
    masks: npt.NDArray[np.uint64]
    """The bytes of each word that count: neither gaps nor what lies behind the end."""
    bounds: Places
    gaps: npt.NDArray[np.bool_]
    codes: tuple[bytes, ...]

    @classmethod
    def build(cls, codes: Sequence[bytes]) -> Spellings:
        """Lay out shadows."""
        padded = [code.ljust(-(-len(code) // _WIDE) * _WIDE, _GAP) for code in codes]
        raw = np.frombuffer(b"".join(padded), np.uint8)
        masks = np.where(raw == GAP, np.uint8(0), np.uint8(0xFF))
        bounds = np.cumsum([0, *(len(code) // _WIDE for code in padded)])
        return cls(
            raw.view(np.uint64), masks.view(np.uint64), bounds, np.array([GAP in c for c in codes], bool), tuple(codes)
        )

    def stand(self, codes: Codes, places: Places, numbers: Places) -> npt.NDArray[np.bool_]:
        """Tell at which places the shadows of these literals stand."""
        text = np.concatenate([codes, np.zeros(_WIDE, np.uint8)])
        eights = np.ndarray((len(codes) + 1,), np.uint64, text, strides=(1,))
        same = places >= 0
        left = np.flatnonzero(same)
        word, last = self.bounds[numbers[left]], self.bounds[numbers[left] + 1]
        at = places[left]
        while len(left):
            fits = (eights.take(at, mode="clip") ^ self.words[word]) & self.masks[word] == 0
            same[left[~fits]] = False
            word, at = word + 1, at + _WIDE
            more = fits & (word < last)
            left, word, last, at = left[more], word[more], last[more], at[more]
        loose = np.flatnonzero(same & self.gaps[numbers])
        same[loose] = [
            self._stands(codes, place, number)
            for place, number in zip(places[loose].tolist(), numbers[loose].tolist(), strict=True)
        ]
        return same

    def _stands(self, codes: Codes, place: int, number: int) -> bool:
        """Tell whether either a space or a mark stands in each gap."""
        code = self.codes[number]
        return codes[place : place + len(code)].tobytes().translate(_LOOSE) == code.translate(_LOOSE)


_GAP = bytes([GAP])
_LOOSE = bytes(MARK if code in (GAP, SPACE) else code for code in range(256))


@dataclass(frozen=True, slots=True)
class Owners:
    """Hold the rules that need each literal: those of literal n are `rules[bounds[n]:bounds[n + 1]]`.

    Rules that only some sites have lie apart, by site and literal: a document of no site never meets them.
    """

    rules: Places
    bounds: Places
    at_home: Places
    """Sorted numbers of site and literal as one, of which the rules of the k-th are `home_rules[home_bounds[k]:...]`."""
    home_rules: Places
    home_bounds: Places

    @classmethod
    def build(cls, rules: Sequence[Sequence[int]], homes: Mapping[int, Sequence[int]] = MappingProxyType({})) -> Owners:
        """Lay the rules of all literals side by side; `homes` are the sites that alone have a rule."""
        everywhere = [[number for number in own if number not in homes] for own in rules]
        local: dict[int, list[int]] = {}
        for literal, own in enumerate(rules):
            for number in own:
                for site in homes.get(number, ()):
                    local.setdefault(site * len(rules) + literal, []).append(number)
        at_home = sorted(local)
        return cls(
            *_laid_out(everywhere), np.array(at_home, np.int64), *_laid_out([local[number] for number in at_home])
        )

    def of(self, literal: int, sites: Sequence[int] = ()) -> list[int]:
        """Return the rules that need one literal, in a document of some sites."""
        found: list[int] = self.rules[self.bounds[literal] : self.bounds[literal + 1]].tolist()
        for site in sites:
            wanted = site * (len(self.bounds) - 1) + literal
            at = int(np.searchsorted(self.at_home, wanted))
            if at < len(self.at_home) and self.at_home[at] == wanted:
                found += self.home_rules[self.home_bounds[at] : self.home_bounds[at + 1]].tolist()
        return found

    def spread(self, literals: Places, texts: Places, sites: Sequence[Sequence[int]]) -> tuple[Places, Places]:
        """Return places in `literals` with the rules that need what stands there.

        `texts` are the numbers of the texts that the literals stand in, `sites` those of each text.
        """
        found = [spread(np.arange(len(literals)), literals, self.bounds, self.rules)]
        for depth in range(max(map(len, sites), default=0)):
            home = np.array([own[depth] if depth < len(own) else -1 for own in sites], np.int64)[texts]
            settled = np.flatnonzero(home >= 0)
            wanted = home[settled] * (len(self.bounds) - 1) + literals[settled]
            at = np.searchsorted(self.at_home, wanted)
            same = self.at_home.take(at, mode="clip") == wanted
            found.append(spread(settled[same], at[same], self.home_bounds, self.home_rules))
        hit, rule = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        return hit, rule


def _laid_out(rows: Sequence[Sequence[int]]) -> tuple[Places, Places]:
    """Lay rows side by side, with where each begins."""
    return np.array([number for row in rows for number in row], np.int64), np.cumsum([0, *map(len, rows)])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Find literals by their first two code points; those of one pair lie side by side."""

    values: npt.NDArray[np.uint64]
    bounds: Places
    literal: Places
    first: npt.NDArray[np.bool_]
    second: npt.NDArray[np.bool_]
    """The characters that stand first and second in a pair, by code point; the last stands for those beyond."""

    @classmethod
    def build(cls, pairs: Sequence[tuple[int, int]]) -> Pairs:
        """Sort pairs, each given with the number of its literal."""
        values, first = np.unique(np.array(sorted(value for value, _ in pairs), np.uint64), return_index=True)
        tables = [np.zeros(_BMP, bool) for _ in range(2)]
        for table, chars in zip(tables, (values >> np.uint64(32), values & np.uint64(0xFFFFFFFF)), strict=True):
            table[np.minimum(chars, np.uint64(_BMP - 1)).astype(np.int64)] = True
        literal = np.array([number for _, number in sorted(pairs)], np.int64)
        return cls(values, np.append(first, len(pairs)), literal, *tables)

    def __bool__(self) -> bool:
        return len(self.values) > 0

    def find(self, points: Points, places: Places) -> tuple[Places, Places]:
        """Return those of the places where a pair stands, each with the number of its literal."""
        for step, chars in enumerate((self.first, self.second)):
            places = places[chars.take(points[places + step], mode="clip")]
        values = points[places].astype(np.uint64) << np.uint64(32) | points[places + 1]
        at = np.minimum(np.searchsorted(self.values, values), len(self.values) - 1)
        same = self.values[at] == values
        return spread(places[same], at[same], self.bounds, self.literal)


def spread(places: Places, keys: Places, bounds: Places, owners: Places) -> tuple[Places, Places]:
    """Repeat each place for every owner of its key."""
    first = bounds[keys]
    counts = bounds[keys + 1] - first
    nth = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(places, counts), owners[np.repeat(first, counts) + nth]


def _flags(literal: Literal) -> int:
    is_blank = literal.text[:1] == " "
    return _WORD * literal.word + _CAPITAL * literal.capital + _LABEL * literal.label + _BLANK * is_blank


def _extended(literal: Literal, code: bytes) -> list[bytes]:
    """Return the keys of a shadow that is shorter than a key: with each byte that may follow it."""
    beyond = _BEHIND_WORD if literal.word and not literal.closes else _BEHIND
    return [key + bytes([more]) for key in spelled(code) for more in beyond]


def _rarest(codes: Sequence[bytes], prose: str) -> list[int]:
    """Return for each shadow where its rarest part begins that is as long as a key, or as four bytes at the least.

    What is common in literals is common in articles, and what is common in prose more so.
    """
    joined = b"".join(code + bytes(LONG) for code in codes) + bytes(LONG)
    text = shade(f"\n{prose}\n").codes.tobytes() + bytes(LONG)
    grams, others = _grams(joined), _grams(text)
    values, number, counts = np.unique(np.concatenate([grams, others]), return_inverse=True, return_counts=True)
    in_prose = np.bincount(number[len(grams) :], minlength=len(values))
    marks = np.frombuffer(joined, np.uint8) == MARK
    beside = sum(marks[at : at + len(grams)].astype(np.int64) for at in range(SHORT))
    scores = (counts + _PROSE_WEIGHT * in_prose)[number[: len(grams)]] + _MARK_WEIGHT * beside
    pairs = scores[:-SHORT] * scores[SHORT:]
    found, at = [], 0
    for code in codes:
        long = len(code) >= LONG
        own = (pairs if long else scores)[at : at + max(1, len(code) - (LONG if long else SHORT) + 1)]
        found.append(int(own.argmin()))
        at += len(code) + LONG
    return found


def _grams(text: bytes) -> npt.NDArray[np.uint32]:
    """Return the four bytes that begin at each place."""
    bare = np.frombuffer(text, np.uint8)
    return np.ndarray((len(bare) - SHORT + 1,), np.uint32, bare, strides=(1,)).copy()
