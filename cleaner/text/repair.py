"""Undo damage to a text's encoding, and only that.

The order is fixed: encoding, line ends, NFC. Each step runs only where its damage is detected, so that undamaged text
leaves byte-identical; what ran is named in `repairs`.
"""

from __future__ import annotations

from functools import lru_cache
from io import StringIO
from unicodedata import combining, is_normalized, normalize

import regex

# Two-character beginnings of UTF-8 read as Windows-1252, Latin-1, Windows-1250 or MacRoman: the lead byte, then a
# continuation byte. Text that holds none of them is not examined further (`ftfy.badness` at 6 MB/s is no gate).
LEADS = "ÂÃÅÄÎÏÐÑØÙâăĂĹËà"
"""Characters that misread UTF-8 begins with."""

TRAILS = "".join(bytes(range(0x80, 0xC0)).decode("cp1252", "ignore")) + "".join(map(chr, range(0x80, 0xA1)))
"""Characters that stand right behind those."""

INNOCENT = "à\u00a0"
"""The pair that French is full of, and misread UTF-8 is not: nothing but Samaritan letters begin so."""

_DAMAGE = frozenset(lead + trail for lead in LEADS for trail in TRAILS) - {INNOCENT}
_SAMPLED = 64  # of so many code points one is looked at, which finds every stretch twice as long
_MARKS = regex.compile(r"\p{M}\p{M}")
_LONG_MARKS = regex.compile(rf"\p{{M}}{{{_SAMPLED},}}")  # stretches half as long may or may not be found: all the same
LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Repair the encoding of a text and name the repairs made.

    >>> repair("Il a dÃ©clarÃ©\\r\\nÃ\\xa0 Paris")
    ('Il a déclaré\\nà Paris', ('encoding', 'line-ends'))
    >>> repair("Déjà vu")
    ('Déjà vu', ())
    """
    repairs = []
    for name, step in (("encoding", fix_encoding), ("line-ends", unify_line_ends), ("nfc", compose)):
        fixed = step(text)
        if fixed != text:
            repairs.append(name)
            text = fixed
    return text, tuple(repairs)


def fix_encoding(text: str) -> str:
    """Decode mojibake, with ftfy's encoding repairs and none of its typographic ones."""
    if text.isascii() or not looks_damaged(text):
        return text
    import ftfy  # loaded late: most documents never need it

    return ftfy.fix_encoding(text)


def looks_damaged(text: str) -> bool:
    """Tell whether a text holds a pair of characters that misread UTF-8 leaves behind."""
    for lead in LEADS:
        at = text.find(lead)
        while at >= 0:
            if text[at : at + 2] in _DAMAGE:
                return True
            at = text.find(lead, at + 1)
    return False


def unify_line_ends(text: str) -> str:
    """Write every line end as LF."""
    for end in LINE_ENDS:
        if end in text:
            text = text.replace(end, "\n")
    return text


def compose(text: str) -> str:
    """Compose letters and their accents (Unicode NFC), in linear time also where marks follow each other by the thousand."""
    if text.isascii():
        return text
    if _MARKS.search(text[::_SAMPLED]):
        ordered = _LONG_MARKS.sub(_in_order, text)
        return normalize("NFC", ordered)
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _in_order(match: regex.Match[str]) -> str:
    """Decompose a stretch of marks and order them by their classes, for which `normalize` takes quadratic time."""
    ordered, by_class = StringIO(), dict[int, StringIO]()
    for mark in match.group():
        for part in _decompose(mark):
            if number := combining(part):
                by_class.setdefault(number, StringIO()).write(part)
                continue
            _empty(by_class, ordered)
            ordered.write(part)
    _empty(by_class, ordered)
    return ordered.getvalue()


def _empty(by_class: dict[int, StringIO], ordered: StringIO) -> None:
    for number in sorted(by_class):
        ordered.write(by_class[number].getvalue())
    by_class.clear()


@lru_cache(maxsize=1 << 12)
def _decompose(mark: str) -> str:
    return normalize("NFD", mark)
