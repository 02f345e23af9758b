"""Make hostile text safe to look at: what moves a cursor, turns the direction or hides is written out."""

from __future__ import annotations

import regex

# Zero-width joiners stay: Persian, Indic scripts and emoji are misspelt without them, and they move nothing.
_HIDDEN = regex.compile(r"[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]--[\n\t\u200c\u200d]]", regex.V1)


def escape(text: str) -> str:
    r"""Write control, direction and invisible characters as their code points; line ends and tabs stay.

    >>> escape("red \x1b[31m, turned \u202e, \ud800\n")
    'red <U+001B>[31m, turned <U+202E>, <U+D800>\n'
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text  # most of what is drawn; the pattern takes ten times as long
    return str(_HIDDEN.sub(_write, text))


def escape_line(text: str) -> str:
    """Do the same, and write line ends and tabs as spaces."""
    return escape(" ".join(text.split()))


def place_of(text: str, shown: int) -> int:
    r"""Return the offset in a text of a place in what `escape` shows of it, both in code points.

    A place inside a character written out is where that character begins; one beyond the end is the end.

    >>> [place_of("a\x1bb", shown) for shown in (0, 1, 5, 9, 10, 99)]
    [0, 1, 1, 2, 3, 3]
    """
    longer = 0
    for match in _HIDDEN.finditer(text):
        start = match.start() + longer
        if shown <= start:
            break
        width = len(_write(match))
        if shown < start + width:
            return int(match.start())
        longer += width - 1
    return max(0, min(shown - longer, len(text)))


def _write(match: regex.Match[str]) -> str:
    return f"<U+{ord(match[0]):04X}>"
