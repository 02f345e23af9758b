"""Turn a stretch of text into phrases and patterns that rules can hold."""

from __future__ import annotations

import re
from itertools import pairwise

from cleaner.mine.tokens import NAME, Token, find_tokens, fold_names, letters

_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r" +")
_EDGE_LETTERS = 16
_EDGE_TOKENS = range(2, 16)

BEFORE = "(?:^|[\\s.!?…»”\"')。！？」』）])"
AFTER = "(?:\\s|$)"


def has_digits(text: str) -> bool:
    """Tell whether numbers stand in a text."""
    return _DIGITS.search(text) is not None


def pattern_of(text: str) -> str:
    r"""Write a text as a pattern: numbers and runs of spaces may differ.

    >>> pattern_of("12 comments (new)")
    '\\d{1,9} comments \\(new\\)'
    """
    escaped = _SPECIAL.sub(lambda match: "\\" + match.group(), text)
    return _SPACES.sub(lambda match: " {1,40}" if len(match.group()) > 1 else " ", _DIGITS.sub(r"\\d{1,9}", escaped))


def named_pattern(text: str) -> str:
    r"""Write a line as a pattern in which capitalised words behind the first may be any.

    >>> print(named_pattern("Photo by Jo Roux"))
    Photo by \p{Lu}[\p{L}'.-]* \p{Lu}[\p{L}'.-]*
    """
    tokens = find_tokens(text)
    parts, at = [], 0
    for token, form in zip(tokens, fold_names([token.form for token in tokens]), strict=True):
        parts.append(pattern_of(text[at : token.start]))
        parts.append(r"\p{Lu}[\p{L}'.-]*" if form == NAME else pattern_of(text[token.start : token.end]))
        at = token.end
    return "".join(parts) + pattern_of(text[at:])


def gap(most: int) -> str:
    """Write up to so many characters of a line, as few as possible."""
    return f".{{0,{most}}}?"


def opening(text: str) -> str:
    """Return the first words of a text that can stand as a label: what follows them begins anew. Empty where none can."""
    tokens = find_tokens(text)
    for count in _EDGE_TOKENS:
        if count >= len(tokens):
            break
        phrase, after = text[tokens[0].start : tokens[count - 1].end], tokens[count]
        if _enough(tokens[:count]) and _anew(after) and after.start > tokens[count - 1].end:
            return phrase
    return ""


def closing(text: str) -> str:
    """Return the last words of a text that begin anew and can stand as a label. Empty where none can."""
    tokens = find_tokens(text)
    while tokens and tokens[-1].form in ".!…":
        tokens.pop()
    for count in _EDGE_TOKENS:
        if count >= len(tokens):
            break
        first, before = tokens[-count], tokens[-count - 1]
        apart = first.start > before.end and before.form not in ",;(\"'«“„‘"
        if _enough(tokens[-count:]) and _anew(first) and apart:
            return text[first.start : tokens[-1].end]
    return ""


def edges(text: str, count: int = 6) -> tuple[str, str]:
    """Return the first and the last tokens of a text, as they stand."""
    tokens = find_tokens(text)
    return text[: tokens[min(count, len(tokens)) - 1].end], text[tokens[-min(count, len(tokens))].start :]


def _enough(tokens: list[Token]) -> bool:
    forms = [token.form for token in tokens]
    apart = any(b.start - a.end > 1 for a, b in pairwise(tokens))  # a link is missing there: its text may come back
    return letters(forms) >= _EDGE_LETTERS and not apart and forms[-1] not in ",;:("


def _anew(token: Token) -> bool:
    return not token.form[0].islower() and token.form not in ",;):.!?…"
