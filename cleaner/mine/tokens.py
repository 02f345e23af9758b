"""Fold a text into tokens by which furniture is recognised: words as they stand, digits one class, marks by themselves.

Positions count the code points of the text that `normalize` returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from cleaner.text.fold import INVISIBLE, unify

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=\S)|(?<=[。！？])")
"""What stands between two sentences."""

SPACELESS = "\u2e80-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
DIGITS = "0"
"""The token that stands for any number."""

BREAK = "\n"
"""The token that stands for the end of a line."""

NAME = "A"
"""The token that stands for a capitalised word where names are folded."""


class Token(NamedTuple):
    """Bound one token and hold its folded form."""

    form: str
    start: int
    end: int


_new = partial(tuple.__new__, Token)  # twice as fast as calling the class, and every token of pass two is made here
_MARKS = "+*>=#|~<^•●►▶■◆"
_TOKEN = re.compile(
    rf"\n|[{SPACELESS}]{{1,2}}|\d+|[^\W\d_{SPACELESS}]+(?:'[^\W\d_{SPACELESS}]+)*"
    r"|\+{2,}|\*{2,}|>{2,}|={2,}|\.{2,}|-{2,}|#{2,}|\|{2,}|~{2,}|<{2,}|[^\w\s]|_+"
)
_NUMBER = re.compile(r"\d+")
_LINE_END = re.compile(r"\s*\n\s*")
_HIDDEN = re.compile(f"[{''.join(sorted(INVISIBLE))}]+")
_STOPS = frozenset(".!?…:。！？؟।")
_CLOSERS = frozenset("\"'”»’)]」』")
_OPENERS = frozenset("\"'“«‘([¿¡「『")


def normalize(text: str) -> str:
    r"""Unify spaces, quotes and line ends as rules see them; blank lines and invisible characters go.

    >>> normalize("Share\u00a0this \r\n\r\n Now")
    'Share this\nNow'
    """
    if not text.isascii():
        text = _HIDDEN.sub("", text)
    return _LINE_END.sub("\n", unify(text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def fold_tokens(text: str) -> list[str]:
    """Return the folded tokens of a normalised text.

    >>> fold_tokens("12 comments +++ More")
    ['0', 'comments', '+++', 'More']
    """
    return _TOKEN.findall(_NUMBER.sub(DIGITS, text))


def find_tokens(text: str) -> list[Token]:
    """Return the same tokens with their places."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    forms = [DIGITS if form[0].isdecimal() else form for form in _TOKEN.findall(text)]
    return [_new((form, start, end)) for form, (start, end) in zip(forms, spans, strict=True)]


def fold_names(tokens: Sequence[str]) -> tuple[str, ...]:
    """Fold capitalised words behind the first into one class.

    >>> fold_names(["Photo", "by", "Jo", "Roux"])
    ('Photo', 'by', 'A', 'A')
    """
    return (*tokens[:1], *(NAME if token[0].isupper() and not token.isupper() else token for token in tokens[1:]))


def is_mark(token: str) -> bool:
    """Tell whether a token is a mark that leads in links: doubled, or no punctuation of sentences."""
    return token[0] in _MARKS and (len(token) > 1 or token in "•●►▶■◆")


def stops(token: str) -> bool:
    """Tell whether a token can close a sentence."""
    return token[-1] in _STOPS


def closes(token: str) -> bool:
    """Tell whether a token is a closing quotation mark or bracket."""
    return token in _CLOSERS


def opens(token: str) -> bool:
    """Tell whether a token is an opening quotation mark or bracket."""
    return token in _OPENERS


def is_wordlike(token: str) -> bool:
    """Tell whether a token is made of letters."""
    return token[0].isalpha()


def letters(tokens: Iterable[str]) -> int:
    """Count letters; one of a script without spaces counts for three."""
    return sum(3 * len(token) if token[0] >= "\u2e80" else len(token) for token in tokens if is_wordlike(token))
