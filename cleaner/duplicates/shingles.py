"""Cut texts of any script into shingles: stretches of a few words that copies of one text share.

A shingle is three words in a row, in lower case and without the marks between them. Where nothing sets words apart a
character stands for a word: three of them in Chinese, Japanese and Korean, nine where characters spell, as in Thai.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SIZE, SPELLED_SIZE = 3, 9
"""Words in a shingle, and characters in one of a script that spells words and sets none apart."""

LONGEST = 1_000_000
"""Code points of a text beyond which it is not looked at."""

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
_Kinds = npt.NDArray[np.uint8]

_GAP, _HIDDEN, _LETTER, _SIGN, _SPELLED = range(5)
_SIGNS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1A20, 0x1AAF))  # Thai, Lao, Burmese, Khmer, Lanna
_LAST = 63  # letters of a word behind these count alike wherever they stand
_WEIGHTS = np.cumprod(np.full(_LAST + 1, 0x9E3779B97F4A7C15, np.uint64))


class Shingles(NamedTuple):
    """Hold the hashed shingles of some texts, those of text n from `bounds[n]` to `bounds[n + 1]`."""

    hashes: Hashes
    bounds: Numbers


def shingle(texts: Sequence[str]) -> Shingles:
    """Hash the shingles of each text, those that repeat as often as they stand there.

    A text of fewer words is one shingle; one without a letter or digit has none.

    >>> shingle(["The bridge is open.", "Open!", "...", "橋は開いた"]).bounds.tolist()
    [0, 2, 3, 3, 6]
    >>> one, two = shingle(["Bridge: it's OPEN", "bridge,\\nit’s open"]).hashes.reshape(2, -1)
    >>> bool((one == two).all())
    True
    """
    words, kinds, owners = _split(texts)
    hashes = _chain(words, owners, SIZE)
    whole = _reaches(owners, SIZE)
    if (spelled := kinds == _SPELLED).any():
        hashes = np.where(spelled, _chain(words, owners, SPELLED_SIZE), hashes)
        whole = np.where(spelled, _reaches(owners, SPELLED_SIZE), whole)
    whole[np.flatnonzero(np.diff(owners, prepend=-1))] = True  # the first of a text, however short that is
    bounds = np.searchsorted(owners[whole], np.arange(len(texts) + 1))
    return Shingles(_mix(hashes[whole]), bounds)


def _split(texts: Sequence[str]) -> tuple[Hashes, _Kinds, Numbers]:
    """Return the hash of each word, the kind of its first character, and the number of its text."""
    folded = [f"{unicodedata.normalize('NFC', text[:LONGEST].casefold())}\n" for text in texts]
    points = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), np.uint32)
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in folded])
    kinds = _kinds()[points]
    if (hidden := kinds == _HIDDEN).any():
        points, owners, kinds = points[~hidden], owners[~hidden], kinds[~hidden]
    after_letter = np.concatenate(([False], kinds[:-1] == _LETTER))
    starts = np.flatnonzero((kinds > _LETTER) | ((kinds == _LETTER) & ~after_letter))
    if not len(starts):
        return np.empty(0, np.uint64), np.empty(0, np.uint8), np.empty(0, np.int64)
    lengths = np.diff(starts, append=len(points))
    places = np.minimum(np.arange(starts[0], len(points)) - np.repeat(starts, lengths), _LAST)
    letters = np.where(kinds > _GAP, points, 0)[starts[0] :].astype(np.uint64)
    words = np.add.reduceat(letters * _WEIGHTS[places], starts - starts[0])
    return _mix(words), kinds[starts], owners[starts]


def _chain(words: Hashes, owners: Numbers, size: int) -> Hashes:
    """Hash each word with those that follow it in its text, so many in all."""
    chained = np.zeros(len(words), np.uint64)
    for step in range(min(size, len(words))):
        here = len(words) - step
        chained[:here] += np.where(owners[step:] == owners[:here], words[step:], 0) * _WEIGHTS[step]
    return chained


def _reaches(owners: Numbers, size: int) -> npt.NDArray[np.bool_]:
    """Tell of each word whether so many stand in its text from it on."""
    reaches = np.zeros(len(owners), bool)
    last = max(0, len(owners) - size + 1)
    reaches[:last] = owners[:last] == owners[size - 1 :]
    return reaches


def _mix(hashes: Hashes) -> Hashes:
    """Spread what tells hashes apart over all their bits."""
    mixed = (hashes ^ (hashes >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return mixed ^ (mixed >> np.uint64(32))


@cache
def _kinds() -> _Kinds:
    """Tell what each code point is."""
    kinds = np.array([_kind(chr(point)) for point in range(0x110000)], np.uint8)
    for ranges, kind in ((_SIGNS, _SIGN), (_UNSPACED, _SPELLED)):
        for first, last in ranges:
            kinds[first : last + 1][kinds[first : last + 1] == _LETTER] = kind
    return kinds


def _kind(char: str) -> int:
    category = unicodedata.category(char)
    return _LETTER if category[0] in "LMN" else _HIDDEN if category == "Cf" else _GAP
