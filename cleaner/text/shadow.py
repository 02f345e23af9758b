"""The shadow of a text that the one scan reads: a byte for each code point, spelling differences gone.

The byte of a character is decided by what it folds to (`fold`), so that whatever folds alike looks alike here as well. It
says more about ASCII than about other scripts, whose letters share bytes: a place found in a shadow is looked at once
more in the text, and none is missed. All punctuation that can begin or end a line or sentence is one byte, `MARK`, and
so is white space beside it: what opens or closes a unit stands beside a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from unicodedata import category, combining, is_normalized

import numpy as np
import numpy.typing as npt

from cleaner.text.fold import INVISIBLE, UNIFIED, lower, unify
from cleaner.text.repair import INNOCENT, LEADS, LINE_ENDS, TRAILS
from cleaner.text.shape import is_word

Codes = npt.NDArray[np.uint8]
Points = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

LINE, MARK, SPACE = 0x0A, 0x0B, 0x20
_APOSTROPHE = 0x09  # below MARK: a quote may close a sentence, and white space behind it is a mark
_LETTERS, SPACELESS, _LEADS, _ODD = 0x80, 0xC0, 0xE0, 0xF0
_OWN = frozenset(",;/&@%$_=~^\\")  # punctuation that neither opens nor closes a unit
_CASED = 0x20000  # no code point from here on has another that it folds to

WORD = np.zeros(256, bool)
"""Which bytes stand for characters of words that spaces set apart."""
WORD[[*range(0x30, 0x3A), *range(0x61, 0x7B), *range(_LETTERS, SPACELESS), *range(_LEADS, _ODD)]] = True

USED = (
    *range(_APOSTROPHE, MARK + 1),
    SPACE,
    *sorted(map(ord, _OWN)),
    *np.flatnonzero(WORD),
    *range(SPACELESS, _LEADS),
    *range(_ODD, _ODD + 8),
)
"""All bytes of shadows."""


@dataclass(frozen=True)
class Shadow:
    """Hold the code points of a text, their bytes, and where its line ends are."""

    points: Points
    codes: Codes
    line_ends: Places

    @cached_property
    def marks(self) -> Places:
        """The places of marks."""
        return np.flatnonzero(self.codes == MARK)

    @cached_property
    def unified(self) -> str:
        """The text with spaces, apostrophes and dashes unified, as `unify` does."""
        return _unified().take(self.points).tobytes().decode("utf-32-le")

    @property
    def odd(self) -> Places:
        """The places of what may need repair, or leaves no shadow."""
        return np.flatnonzero(self.codes >= _LEADS)

    @property
    def has_spaceless(self) -> bool:
        """Tell whether a script that sets no spaces between words is in the text."""
        return bool(((self.codes >= SPACELESS) & (self.codes < _LEADS)).any())


def shade(text: str) -> Shadow:
    """Cast the shadow of a text. It should begin and end with a line end, as every text does beyond its ends.

    >>> shade("\\nRead more… Now\\n").codes.tobytes()
    b'\\x0bread more\\x0b\\x0bnow\\x0b'
    """
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = _table().take(points)
    line_ends = np.flatnonzero(codes == LINE)
    space = codes == SPACE
    beside = codes <= MARK
    beside |= space
    marked = beside[:-2] | beside[2:]
    marked &= space[1:-1]
    codes[1:-1] -= marked.view(np.uint8) * np.uint8(SPACE - MARK)
    codes[line_ends] = MARK
    return Shadow(points, codes, line_ends)


@cache
def foldings(char: str) -> str:
    """Return all characters that fold to one.

    >>> foldings("'")
    "'`´ʼ‘’′＇"
    """
    return "".join(map(chr, np.flatnonzero(_folded_points() == ord(char)).tolist()))


def is_spaceless(code: bytes) -> bool:
    """Tell whether a shadow holds letters of scripts that set no spaces."""
    return any(SPACELESS <= byte < _LEADS for byte in code)


@cache
def is_mark(char: str) -> bool:
    """Tell whether a character is one that can set off a line or sentence."""
    return char == "\n" or int(_table()[ord(char)]) == MARK


@cache
def _folded() -> str:
    return lower(unify("".join(map(chr, range(_CASED)))))


@cache
def _folded_points() -> Points:
    return np.frombuffer(_folded().encode("utf-32-le", "surrogatepass"), np.uint32)


@cache
def _unified() -> Points:
    """Return what every code point is unified to."""
    table = np.arange(0x110000, dtype=np.uint32)
    for odd, plain in UNIFIED.items():
        table[ord(odd)] = ord(plain)
    table[0xD800:0xE000] = ord("\ufffd")
    return table


@cache
def _table() -> Codes:
    """Return the byte of every code point."""
    table = np.full(0x110000, SPACELESS, np.uint8)
    table[:_CASED] = _codes(_folded(), _folded_points().astype(np.int64))
    composed = np.fromiter((is_normalized("NFC", char) for char in map(chr, range(_CASED))), bool, _CASED)
    composed[0xFFFD] = True
    table[:_CASED][~composed] = _ODD
    table[[ord(char) for char in (*INVISIBLE, *LINE_ENDS) if len(char) == 1]] = _ODD
    table[LINE] = LINE
    return table


def _codes(folded: str, points: Places) -> Codes:
    """Return the bytes of folded characters, given as text and as code points."""
    is_alnum = np.fromiter(map(str.isalnum, folded), bool, len(points))
    codes = np.where(is_alnum, SPACELESS + points % 0x20, MARK)
    in_word = np.fromiter(map(is_word, folded), bool, len(points))
    codes = np.where(in_word, _LETTERS + points % 0x40, codes)
    # What follows may compose with what stands before it.
    composes = np.fromiter((combining(char) > 0 or category(char)[0] == "M" for char in folded), bool, len(points))
    codes = np.where(composes | ((points >= 0x1160) & (points <= 0x11FF)), _ODD + 1 + points % 7, codes)
    for number, char in enumerate(_FOLDED_LEADS):
        codes[points == ord(char)] = _LEADS + number
    plain = np.array([ord(char) if char.isalnum() or char in _OWN else MARK for char in map(chr, range(0x80))])
    plain[[ord(" "), ord("'")]] = SPACE, _APOSTROPHE
    is_ascii = points < len(plain)
    codes[is_ascii] = plain[points[is_ascii]]
    return codes.astype(np.uint8)


_FOLDED_LEADS = "".join(dict.fromkeys(lower(LEADS)))

_PAIRED = 0x2200  # code points below which all leads and trails are
_LEAD = np.zeros(_PAIRED, bool)
_LEAD[[ord(char) for char in LEADS]] = True
_TRAIL = np.zeros(_PAIRED, bool)
_TRAIL[[ord(char) for char in TRAILS]] = True


def damaged(shadow: Shadow, odd: Places) -> Places:
    """Return those of the odd places at which a text may need repair, or holds what leaves no shadow."""
    first = shadow.points[odd]
    second = shadow.points.take(odd + 1, mode="clip")
    pair = _LEAD.take(first, mode="clip") & _TRAIL.take(second, mode="clip")
    pair &= (first != ord(INNOCENT[0])) | (second != ord(INNOCENT[1]))
    return odd[pair | (shadow.codes[odd] >= _ODD)]
