"""Fold text into the shadow that rules match: same length, spelling differences gone.

Spaces, apostrophes and dashes are unified one to one; the folded shadow is lower-cased as well. Folding is sound:
two strings that differ only in case or in those characters fold to the same string, also where `str.lower` alone is
not one-to-one (İ) or depends on its neighbours (final ς).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import regex

_UNIFY = {
    "'": "’‘ʼ＇′`´",
    " ": "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u1680\t\v\f\x85",
    "-": "‐‑‒–—―−﹣－",
    ":": "：",
    "\ufffd": "",
}
UNIFIED = {odd: plain for plain, odds in _UNIFY.items() for odd in odds}
"""What each character stands for that is unified, lone surrogates aside."""

_PAIRS = tuple(UNIFIED.items())
_ASCII_PAIRS = tuple((odd, plain) for odd, plain in _PAIRS if odd.isascii())
# What `lower` makes longer or leaves apart though case alone tells it from another letter.
_LOWER: tuple[tuple[str, str], ...] = (
    ("İ", "i"),
    ("ı", "i"),
    ("ſ", "s"),
    ("µ", "μ"),
    ("ϐ", "β"),
    ("ϑ", "θ"),
    ("ϕ", "φ"),
    ("ϖ", "π"),
    ("ϰ", "κ"),
)
_LOWER += (("ϱ", "ρ"), ("ϵ", "ε"), ("ẛ", "ṡ"), ("\u1fbe", "ι"), ("ẞ", "ß"))
_INVISIBLE = regex.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+"
)  # soft hyphen, zero-width and direction marks
INVISIBLE = frozenset("\u00ad\u061c\u180e\ufeff").union(
    *(map(chr, range(a, b)) for a, b in ((0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2065), (0x2066, 0x206A)))
)
"""The characters that no shadow keeps."""

_SURROGATE = regex.compile("[\ud800-\udfff]")
_INVISIBLE_MARKS = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"


def unify(text: str) -> str:
    """Unify spaces, apostrophes and dashes, one code point for one.

    >>> unify("l’été — 5\\u202f%")
    "l'été - 5 %"
    """
    if text.isascii():
        for odd, plain in _ASCII_PAIRS:
            if odd in text:
                text = text.replace(odd, plain)
        return text
    for odd, plain in _PAIRS:
        if odd in text:
            text = text.replace(odd, plain)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate: no automaton takes it
        text = _SURROGATE.sub("\ufffd", text)
    return text


def lower(text: str) -> str:
    """Lower-case a text, one code point for one.

    >>> lower("İSTANBUL ΟΔΟΣ"), len(lower("İ"))
    ('istanbul οδοσ', 1)
    """
    if text.isascii():
        return text.lower()
    for odd, plain in _LOWER:
        if odd in text:
            text = text.replace(odd, plain)
    text = text.lower()
    return text.replace("ς", "σ") if "ς" in text else text


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Fold a rule's literal exactly as the shadow of a text is folded."""
    return lower(unify(_INVISIBLE.sub("", text)))


def invisible_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of invisible characters, which no shadow keeps, in order."""
    if not text.isascii() and _may_hide(text):
        yield from (match.span() for match in _INVISIBLE.finditer(text))


def visible(text: str) -> str:
    """Leave the invisible characters of a text out.

    >>> visible("Har\u00adbour")
    'Harbour'
    """
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _may_hide(text: str) -> bool:
    return any(mark in text for mark in _INVISIBLE_MARKS) or any(
        chr(code) in text for code in (*range(0x202A, 0x202F), *range(0x2061, 0x206A))
    )
