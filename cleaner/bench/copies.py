"""Near-duplicates among what a peer leaves: copies of one story should be found, other pairs should not.

Two texts count as copies where the Jaccard similarity of their sets of three-word shingles is at least one half. All
pairs are compared exactly. What surrounds an article hides copies, and makes strangers of one site look alike: cleaning
should raise recall and precision both.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from cleaner.bench.metrics import shingle
from cleaner.text.tokens import tokenize

ALIKE = 0.5
"""Similarity from which two texts count as copies."""

MOST = 2000
"""Texts that are compared; of more, about so many, by stories evenly spaced."""

_SIZE = 3
_FEW = 4  # texts up to which a shingle is counted pair by pair
_COLUMNS = 4096  # shingles counted at a time: with 2,000 texts 32 MB


def find_copies(stories: Sequence[str | None], texts: Sequence[str]) -> dict[str, float]:
    """Return how many pairs of one story are alike (`recall`), and how many alike pairs are of one story (`precision`).

    Texts without a story are left out; where no two share one there is nothing to say. `pairs` counts pairs of one story.

    >>> find_copies(["a", "a", "b"], ["The bridge is open.", "the bridge is open", "Divers replaced the cables."])
    {'recall': 1.0, 'precision': 1.0, 'pairs': 1.0}
    """
    known = [(story, text) for story, text in zip(stories, texts, strict=True) if story is not None]
    if len(known) > MOST:
        known = _choose(known)
    names = np.array([story for story, _ in known], dtype=object)
    one_story = _pairs(names[:, None] == names[None, :])
    if not one_story.any():
        return {}
    alike = _pairs(similarities([text for _, text in known]) >= ALIKE)
    both = float((alike & one_story).sum())
    precision = both / alike.sum() if alike.any() else 1.0
    return {"recall": both / float(one_story.sum()), "precision": float(precision), "pairs": float(one_story.sum())}


def _choose(known: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choose stories evenly spaced, with all their texts, about `MOST` of these: a pair is not parted."""
    names = list(dict.fromkeys(story for story, _ in known))
    count = max(1, MOST * len(names) // len(known))
    chosen = {names[at * len(names) // count] for at in range(count)}
    return [one for one in known if one[0] in chosen]


def similarities(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the Jaccard similarity of the shingles of each pair of texts; empty texts are like nothing."""
    sets = [frozenset(shingle(tokenize(text), _SIZE)) for text in texts]
    sizes = np.array([len(found) for found in sets], dtype=np.float64)
    common = _count_common(sets)
    union = sizes[:, None] + sizes[None, :] - common
    return np.where(union > 0, common / np.where(union > 0, union, 1), 0.0)


def _count_common(sets: Sequence[frozenset[tuple[str, ...]]]) -> NDArray[np.float64]:
    """Count what each pair of sets has in common.

    What stands in few sets is counted pair by pair, what stands in many by a product of matrices.
    """
    count, numbers = len(sets), dict[tuple[str, ...], int]()
    shingles = np.array([numbers.setdefault(one, len(numbers)) for found in sets for one in found], dtype=np.intp)
    owners = np.repeat(np.arange(count), [len(found) for found in sets])
    times = np.bincount(shingles, minlength=len(numbers))
    common = np.zeros((count, count))
    by_shingle = np.argsort(shingles, kind="stable")
    for size in range(2, _FEW + 1):
        groups = owners[by_shingle[times[shingles[by_shingle]] == size]].reshape(-1, size)
        for one, other in combinations(range(size), 2):
            cells = groups[:, one] * count + groups[:, other]
            common += np.bincount(cells, minlength=count * count).reshape(count, count)
    common += common.T
    many = times > _FEW
    columns, there = np.cumsum(many) - 1, many[shingles]
    for begin in range(0, int(many.sum()), _COLUMNS):
        here = there & (columns[shingles] >= begin) & (columns[shingles] < begin + _COLUMNS)
        matrix = np.zeros((count, _COLUMNS), dtype=np.float32)
        matrix[owners[here], columns[shingles[here]] - begin] = 1
        common += matrix @ matrix.T
    np.fill_diagonal(common, [len(found) for found in sets])
    return common


def _pairs(matrix: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pairs of a symmetric matrix, each once."""
    return matrix[np.triu_indices(len(matrix), 1)]
