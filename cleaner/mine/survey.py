"""Pass one: count what documents of one source share, as hashes of folded tokens.

A document gives its shingles of four tokens, its short lines whole, the first words of its lines and lead-ins, its
lines with names folded, and its marks. Keys are hashes of tuples; both passes run in one process, so they agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from cleaner.mine.tokens import BREAK, fold_names, fold_tokens, is_mark, stops

SHINGLE = 4
"""Tokens of a shingle."""

SHORT_LINE = 5
"""Tokens up to which a line counts as a whole."""

NAMED_LINE = range(3, 17)
_LEADS = (2, 3)
_LEAD_IN = 4  # tokens before the colon of a lead-in


def keys_of(text: str) -> set[int]:
    """Return the keys under which a document is counted."""
    tokens = fold_tokens(text)
    keys = set(shingle_keys(tokens))
    for line in lines_of(tokens):
        keys.update(line_keys(line))
    keys.update(mark_key(token) for token in set(tokens) if is_mark(token))
    keys.update(lead_in_key(lead) for lead in lead_ins(tokens))
    return keys


def shingle_keys(tokens: Sequence[str]) -> Iterator[int]:
    """Return the key of the shingle at each token."""
    return map(hash, zip(tokens, *(islice(tokens, n, None) for n in range(1, SHINGLE)), strict=False))


def lines_of(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the tokens of each line."""
    at = 0
    while at <= len(tokens):
        try:
            end = tokens.index(BREAK, at)
        except ValueError:
            end = len(tokens)
        if end > at:
            yield tokens[at:end]
        at = end + 1


def line_keys(line: Sequence[str]) -> Iterator[int]:
    """Yield the keys of a line: whole where it is short, its first words, itself with names folded."""
    if len(line) <= SHORT_LINE:
        yield short_line_key(line)
    for size in _LEADS:
        if len(line) > size:
            yield lead_key(line[:size])
    if len(line) in NAMED_LINE and (named := fold_names(line)) != tuple(line):
        yield named_key(named)


def short_line_key(line: Sequence[str]) -> int:
    """Return the key of a short line."""
    return hash((BREAK, *line, BREAK))


def lead_key(words: Sequence[str]) -> int:
    """Return the key of a line's first words."""
    return hash((BREAK, *words))


def named_key(named: Sequence[str]) -> int:
    """Return the key of a line whose names are folded."""
    return hash(("name", *named))


def mark_key(mark: str) -> int:
    """Return the key of a mark."""
    return hash(("mark", mark))


def lead_in_key(lead: Sequence[str]) -> int:
    """Return the key of a lead-in inside a line."""
    return hash(("lead", *lead))


def lead_ins(tokens: Sequence[str]) -> set[tuple[str, ...]]:
    """Return the lead-ins: a few tokens from the end of a sentence up to a colon that more follows."""
    found: set[tuple[str, ...]] = set()
    at = -1
    while True:
        try:
            at = tokens.index(":", at + 1)
        except ValueError:
            return found
        begin = at - 1
        while begin >= max(0, at - _LEAD_IN) and tokens[begin] != BREAK and not stops(tokens[begin]):
            begin -= 1
        lead = tokens[begin + 1 : at]
        if lead and (begin < 0 or begin >= at - _LEAD_IN - 1) and at - begin <= _LEAD_IN + 1 and lead[0][0].isupper():
            found.add(tuple(lead))
