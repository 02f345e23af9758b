"""Align texts in order: ROUGE-Lsum, and the Levenshtein ratio, both over tokens.

ROUGE-Lsum (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004, section 3.2) asks of each line of the
gold which of its tokens stand in the longest common subsequence with any line of the text. Counts are clipped as in the
package rouge-score. Where two subsequences are equally long either may be taken: most pages score what that package
says, some differ in the second digit, means in the fourth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from cleaner.errors import OptionError
from cleaner.text.tokens import tokenize

Line = tuple[str, ...]
Lines = tuple[Line, ...]

LONGEST = 2000
"""Tokens in a line; longer ones count as several, which bounds the memory of an alignment."""

MOST = 2000
"""Lines in a text; where there are more, neighbours are joined."""

PAIRS, CELLS = 40_000, 2_000_000_000
"""Pairs of lines, and of tokens in them, that are aligned; beyond, each line of the gold meets only those most like it."""

_FEWEST = 20  # lines that each line of the gold may always meet

_TELLING = 32  # rarest tokens of a line by which the lines most like it are found, once there are too many pairs


def split_lines(text: str) -> Lines:
    """Split a text into lines of tokens; those without any are left out.

    >>> split_lines("The bridge\\n\\nis open.")
    (('the', 'bridge'), ('is', 'open'))
    """
    lines = [tokenize(line) for line in text.split("\n")]
    return tuple(tuple(line[at : at + LONGEST]) for line in lines for at in range(0, len(line), LONGEST))


def rouge_lsum(gold: Lines, found: Lines) -> float:
    """Return the F1 of ROUGE-Lsum; two empty texts agree, as in the web content extraction benchmark of Webis."""
    if gold == found:
        return 1.0
    if not gold or not found:
        return 0.0
    wanted, had = Counter(chain.from_iterable(gold)), Counter(chain.from_iterable(found))
    total = wanted.total() + had.total()
    left = wanted & had
    hits = 0
    page, gold = _Page(_join(found)), _join(gold)
    cells = wanted.total() * had.total() // len(page.lines)
    limit = max(_FEWEST, min(PAIRS // len(gold), CELLS // cells))
    for line in gold:
        for token in page.cover(line, limit):
            if left[token] > 0:
                left[token] -= 1
                hits += 1
    return 2 * hits / total


def levenshtein_ratio(gold: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of tokens that stay where one text is edited into the other (insertions and deletions).

    This is `ratio` of the package Levenshtein, over tokens as in the web content extraction benchmark of Webis.
    """
    if gold == found:
        return 1.0
    return float(load_distances().Indel.normalized_similarity(gold, found))


def load_distances() -> Any:
    """Import what aligns texts. Raises `OptionError` where it is not installed."""
    try:
        from rapidfuzz import distance
    except ImportError:
        raise OptionError("ROUGE and Levenshtein need rapidfuzz; pip install 'cleaner-news[bench]'") from None
    return distance


class _Page:
    """Hold the lines of a text, each once, and where each token stands."""

    def __init__(self, lines: Lines) -> None:
        self.lines = list(dict.fromkeys(lines))
        self.sets = [frozenset(line) for line in self.lines]
        self.whole = set(self.lines)
        self.places: dict[str, list[int]] = {}
        for at, tokens in enumerate(self.sets):
            for token in tokens:
                self.places.setdefault(token, []).append(at)
        self.align = load_distances().LCSseq.editops

    def cover(self, line: Line, limit: int) -> Iterable[str]:
        """Return the tokens of a line of the gold that stand in order in any line of the text."""
        if line in self.whole:
            return line
        covered = [False] * len(line)
        missing = {token for token in line if token in self.places}
        for at in self._nearest(missing, limit):
            if missing.isdisjoint(self.sets[at]):
                continue
            for ours, _, size in self.align(line, self.lines[at]).as_matching_blocks():
                covered[ours : ours + size] = [True] * size
            missing = {token for token, done in zip(line, covered, strict=True) if not done and token in self.places}
            if not missing:
                break
        return [token for token, done in zip(line, covered, strict=True) if done]

    def _nearest(self, tokens: set[str], limit: int) -> list[int]:
        """List the lines that share a token, those that share most first."""
        telling: Iterable[str] = tokens
        if len(self.lines) > limit and len(tokens) > _TELLING:
            telling = sorted(tokens, key=lambda token: (len(self.places[token]), token))[:_TELLING]
        shared = Counter[int]()
        for token in telling:
            shared.update(self.places[token])
        ordered = sorted(shared, key=lambda at: (-shared[at], at))
        return ordered[:limit]


def _join(lines: Lines) -> Lines:
    """Join neighbours until there are no more than `MOST` lines."""
    size = -(-len(lines) // MOST)
    if size == 1:
        return lines
    return tuple(tuple(chain.from_iterable(lines[at : at + size])) for at in range(0, len(lines), size))
