"""The index of a rule set's literals: which of them stand where in a text, by one scan for the rarest part of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cleaner.match.literal import GAP, Literal
from cleaner.match.scan.engine import LONG, Engine, Keys, Seen
from cleaner.match.scan.lexicon import BLANK, CAPITAL, KEY, LABEL, MARKS, OPENS, PAIR, REST, Lexicon
from cleaner.match.scan.lexicon import WORD as WHOLE
from cleaner.text.shadow import MARK, SPACE, SPACELESS, WORD, Codes, Places, Points, Shadow

_LOWER = np.zeros(0x20000, bool)
_LOWER[[code for code in range(0x20000) if chr(code).islower()]] = True

_BMP = 0x10000


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
    def build(cls, literals: Sequence[Literal], engine: Callable[[Keys], Engine]) -> Index:
        """Index literals, given in the order of their numbers."""
        return cls.of(Lexicon.of(literals), engine)

    @classmethod
    def of(cls, lexicon: Lexicon, engine: Callable[[Keys], Engine]) -> Index:
        """Index the literals of a lexicon, and build the engine that looks for their keys."""
        keyed = np.flatnonzero(lexicon.kinds == KEY)
        values, key = np.unique(lexicon.wanted[keyed], return_inverse=True)
        keyed = keyed[np.argsort(key, kind="stable")]
        rest = Pairs.build(lexicon, REST)
        return cls(
            engine=engine(_spelled_out(values)),
            spellings=Spellings.build(lexicon),
            ahead=(lexicon.flags & OPENS != 0).astype(np.uint8),
            bounds=_bounds(key, len(values)),
            literal=lexicon.literal[keyed],
            shift=lexicon.shift[keyed],
            sizes=np.fromiter(map(len, lexicon.texts), np.int64, len(lexicon)),
            flags=lexicon.flags & np.uint8(WHOLE | CAPITAL | LABEL | BLANK),
            pairs=Pairs.build(lexicon, PAIR),
            marks=Pairs.build(lexicon, MARKS),
            rest=rest,
            begins=bytes({lexicon.shadow(number).lstrip(_MARKS)[0] for number in rest.literal.tolist()}),
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
        small = _LOWER.take(points.take(starts + (flags & BLANK != 0), mode="clip"), mode="clip")
        fits &= ~(((flags & WHOLE) != 0) & torn)
        fits &= ~(((flags & CAPITAL) != 0) & small)
        fits &= ~(((flags & LABEL) != 0) & small & (before != MARK))
        return fits


_WIDE = 8  # bytes compared at once
_WHOLE = np.uint8(0xFF)

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Spellings:
    """Hold the shadows of all literals, in words of eight bytes: those of literal n begin at `bounds[n]`."""

    words: Words
    masks: Words
    """The bytes of each word that count: neither gaps nor what lies behind the end."""
    bounds: Places
    blanks: Words
    """The bytes of each word that are gaps."""
    gaps: npt.NDArray[np.bool_]
    """Which literals have any."""

    @classmethod
    def build(cls, lexicon: Lexicon) -> Spellings:
        """Lay out the shadows of a lexicon."""
        sizes = np.diff(lexicon.bounds)
        words = -(-sizes // _WIDE)
        bounds = np.concatenate([[0], np.cumsum(words)])
        raw, blanks = np.zeros((2, int(bounds[-1]) * _WIDE), np.uint8)
        at = np.arange(len(lexicon.codes)) + np.repeat(_WIDE * bounds[:-1] - lexicon.bounds[:-1], sizes)
        raw[at], blanks[at] = lexicon.codes, np.where(lexicon.codes == GAP, _WHOLE, np.uint8(0))
        masks = np.where(raw == GAP, np.uint8(0), _WHOLE)
        before = np.concatenate([[0], np.cumsum(lexicon.codes == GAP)])
        gaps = before[lexicon.bounds[1:]] > before[lexicon.bounds[:-1]]
        return cls(raw.view(np.uint64), masks.view(np.uint64), bounds, blanks.view(np.uint64), gaps)

    def stand(self, codes: Codes, places: Places, numbers: Places) -> npt.NDArray[np.bool_]:
        """Tell at which places the shadows of these literals stand: in each gap either a space or a mark."""
        same = self._agree(codes, self.words, self.masks, places, numbers)
        loose = np.flatnonzero(same & self.gaps[numbers])
        if len(loose):
            marks = np.broadcast_to(_MARK_WORD, self.words.shape)
            same[loose] = self._agree(codes, marks, self.blanks, places[loose], numbers[loose], spaces=MARK)
        return same

    def _agree(
        self, codes: Codes, words: Words, masks: Words, places: Places, numbers: Places, spaces: int = SPACE
    ) -> npt.NDArray[np.bool_]:
        """Tell at which places a shadow agrees with the words of these literals in the bytes that count.

        Its spaces are read as another byte.
        """
        text = np.concatenate([codes, np.zeros(_WIDE, np.uint8)])
        eights = np.ndarray((len(codes) + 1,), np.uint64, text, strides=(1,))
        same = places >= 0
        left = np.flatnonzero(same)
        word, last = self.bounds[numbers[left]], self.bounds[numbers[left] + 1]
        at = places[left]
        while len(left):
            read = eights[np.minimum(at, len(codes))]  # `take` would copy all eights first
            if spaces != SPACE:
                single = read.view(np.uint8)
                single[single == SPACE] = spaces
            fits = (read ^ words[word]) & masks[word] == 0
            same[left[~fits]] = False
            word, at = word + 1, at + _WIDE
            more = np.flatnonzero(fits & (word < last))
            left, word, last, at = left[more], word[more], last[more], at[more]
        return same


_MARKS = bytes([GAP, MARK, SPACE])
_MARK_WORD = np.frombuffer(bytes([MARK]) * _WIDE, np.uint64)[0]


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
    def build(cls, literals: Places, rules: Places, count: int, homes: Mapping[int, Sequence[int]]) -> Owners:
        """Lay the rules of so many literals side by side, given each literal's number with that of a rule, rules in order.

        `homes` are the sites that alone have a rule.
        """
        order = np.argsort(literals, kind="stable")
        literals, rules = literals[order], rules[order]
        is_home = np.isin(rules, np.fromiter(homes, np.int64, len(homes)))
        own = [
            (site * count + literal, number)
            for literal, number in zip(literals[is_home].tolist(), rules[is_home].tolist(), strict=True)
            for site in homes[number]
        ]
        places, numbers = np.array(own, np.int64).reshape(-1, 2).T
        at_home, at = np.unique(places, return_inverse=True)
        return cls(
            rules[~is_home],
            _bounds(literals[~is_home], count),
            at_home,
            numbers[np.argsort(at, kind="stable")],
            _bounds(at, len(at_home)),
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
        for depth in range(max(map(len, sites), default=0) if len(self.at_home) else 0):
            home = np.array([own[depth] if depth < len(own) else -1 for own in sites], np.int64)[texts]
            settled = np.flatnonzero(home >= 0)
            wanted = home[settled] * (len(self.bounds) - 1) + literals[settled]
            at = np.searchsorted(self.at_home, wanted)
            same = self.at_home.take(at, mode="clip") == wanted
            found.append(spread(settled[same], at[same], self.home_bounds, self.home_rules))
        hit, rule = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        return hit, rule


def _bounds(numbers: Places, count: int) -> Places:
    """Return where the rows of so many numbers begin and end, given the number that each item of a row belongs to."""
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))])


def _spelled_out(values: npt.NDArray[np.uint64]) -> Keys:
    """Return keys as bytes."""
    raw = values.astype(">u8").tobytes()
    return tuple(raw[at : at + LONG].rstrip(b"\0") for at in range(0, len(raw), LONG))


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
    def build(cls, lexicon: Lexicon, kind: int) -> Pairs:
        """Sort the pairs of one kind."""
        own = np.flatnonzero(lexicon.kinds == kind)
        values, pair = np.unique(lexicon.wanted[own], return_inverse=True)
        tables = [np.zeros(_BMP, bool) for _ in range(2)]
        for table, chars in zip(tables, (values >> np.uint64(32), values & np.uint64(0xFFFFFFFF)), strict=True):
            table[np.minimum(chars, np.uint64(_BMP - 1)).astype(np.int64)] = True
        literal = lexicon.literal[own][np.argsort(pair, kind="stable")]
        return cls(values, _bounds(pair, len(values)), literal, *tables)

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
