"""Find what two sequences share in order, as `difflib.SequenceMatcher` does without junk, at a cost that texts can bear.

difflib pairs every place of a token with every other place of it, which for frequent words grows with the square of the
length. The longest stretch of eight tokens or more that two texts share is also the longest they share of runs of eight,
and runs of eight hardly repeat: so these are looked for first, and tokens only where none is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

RUN = 8
"""Tokens in a run."""


def find_blocks(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield stretches in common: where each begins in both, and its length; the same as difflib, in any order.

    >>> list(find_blocks("the bridge is open".split(), "the old bridge is".split()))
    [(1, 2, 2), (0, 0, 1)]
    """
    tokens = SequenceMatcher(None, ours, theirs, autojunk=False)
    runs = SequenceMatcher(None, _runs(ours), _runs(theirs), autojunk=False)
    left = [(0, len(ours), 0, len(theirs), True)]
    while left:
        start, stop, begin, end, is_long = left.pop()
        size = 0
        if is_long and min(stop - start, end - begin) >= RUN:
            at, there, size = runs.find_longest_match(start, stop - RUN + 1, begin, end - RUN + 1)
        if size:
            size, is_long = size + RUN - 1, True
        else:
            (at, there, size), is_long = tokens.find_longest_match(start, stop, begin, end), False
        if size:
            yield at, there, size
            if start < at and begin < there:
                left.append((start, at, begin, there, is_long))
            if at + size < stop and there + size < end:
                left.append((at + size, stop, there + size, end, is_long))


def _runs(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(tokens[at : at + RUN]) for at in range(len(tokens) - RUN + 1)]
