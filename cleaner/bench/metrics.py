"""Score a text against gold: precision, recall and F1 of tokens and of 4-grams, and snippets that must stay or go.

A token is a lower-cased run of letters and digits after NFC; of scripts without spaces each character is one. Tokens
and 4-grams are compared as multisets, so order counts only inside a 4-gram. Scores of pages are averaged (macro);
snippets are counted over all pages (micro), since a page has but a few.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from cleaner.text.tokens import tokenize

Item = TypeVar("Item", bound=Hashable)

SHINGLE = 4
"""Tokens in a shingle, as in the article extraction benchmark of Zyte."""


@dataclass(frozen=True, slots=True)
class Score:
    """Hold precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Snippets:
    """Count snippets that had to stay (`kept`, `lost`) and snippets that had to go (`leaked`, `removed`)."""

    kept: int = 0
    lost: int = 0
    leaked: int = 0
    removed: int = 0


def shingle(tokens: Sequence[str], size: int = SHINGLE) -> list[tuple[str, ...]]:
    """List the runs of `size` tokens, or the whole where it is shorter.

    >>> shingle(["the", "bridge", "is", "open", "again"])
    [('the', 'bridge', 'is', 'open'), ('bridge', 'is', 'open', 'again')]
    >>> shingle(["open"]), shingle([])
    ([('open',)], [])
    """
    return [tuple(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1))] if tokens else []


def compare(gold: Iterable[Item], found: Iterable[Item]) -> Score:
    """Compare two multisets; two empty ones agree.

    >>> compare("aab", "ab")
    Score(precision=1.0, recall=0.6666666666666666, f1=0.8)
    """
    wanted, had = Counter(gold), Counter(found)
    if not wanted and not had:
        return Score(1.0, 1.0, 1.0)
    both = (wanted & had).total()
    precision = both / had.total() if had else 0.0
    recall = both / wanted.total() if wanted else 0.0
    return Score(precision, recall, _harmonic(precision, recall))


def score_tokens(gold: str, text: str) -> Score:
    """Compare the tokens of two texts.

    >>> score_tokens("The bridge is open.", "Bridge open Advertisement")
    Score(precision=0.6666666666666666, recall=0.5, f1=0.5714285714285715)
    """
    return compare(tokenize(gold), tokenize(text))


def find_snippets(text: str, wanted: Iterable[str], unwanted: Iterable[str]) -> Snippets:
    """Look for snippets in a text, white space and normal form apart.

    >>> find_snippets("The bridge\\n is open.", wanted=["bridge is", "closed"], unwanted=["Subscribe"])
    Snippets(kept=1, lost=1, leaked=0, removed=1)
    """
    flat = _flatten(text)
    stayed = [_flatten(snippet) in flat for snippet in wanted]
    leaked = [_flatten(snippet) in flat for snippet in unwanted]
    return Snippets(sum(stayed), len(stayed) - sum(stayed), sum(leaked), len(leaked) - sum(leaked))


def mean(scores: Sequence[Score]) -> Score:
    """Average the scores of pages. Raises `ValueError` where there are none.

    >>> mean([Score(1.0, 0.5, 0.667), Score(0.0, 0.0, 0.0)])
    Score(precision=0.5, recall=0.25, f1=0.3335)
    """
    if not scores:
        raise ValueError("no scores to average")
    return Score(
        fmean(score.precision for score in scores),
        fmean(score.recall for score in scores),
        fmean(score.f1 for score in scores),
    )


def _harmonic(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _flatten(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
