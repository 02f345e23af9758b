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
    return str(_HIDDEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", text))


def escape_line(text: str) -> str:
    """Do the same, and write line ends and tabs as spaces."""
    return escape(" ".join(text.split()))
