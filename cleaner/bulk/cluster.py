"""Find clusters of texts whose signatures agree: by bands, without comparing each with each.

Signatures that are equal in a band of slots are compared as a whole. There are so many bands, and of so few slots, that
of pairs right at the threshold one in fifty is missed at most. Clusters are what such pairs connect; they depend
neither on the order of the texts nor on that of the bands.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from cleaner.bulk.sketch import SLOTS, Digests, Signatures

LOWEST = 0.3
"""The threshold below which too many pairs would have to be compared."""

WIDEST = 64
"""Texts behind it, in the order of digests, with which one is compared of those that are equal in a band."""

_MISSED = 0.02
_PART = 1 << 14  # signatures looked at together: 8 MB

Numbers = npt.NDArray[np.int64]
Choice = npt.NDArray[np.bool_]


def cluster(signatures: Signatures, digests: Digests, threshold: float) -> Numbers:
    """Number the cluster of each text; texts of one digest are in one cluster, whatever else."""
    _, kept, place = np.unique(digests, return_index=True, return_inverse=True)
    groups = _Groups(len(kept))
    rows = rows_for(threshold)
    for band in range(SLOTS // rows):
        keys = _keys(signatures, band * rows, rows)[kept]
        for left, right in _neighbours(keys):
            apart = groups.are_apart(left, right)
            left, right = left[apart], right[apart]
            alike = agreement(signatures, kept[left], kept[right]) >= threshold
            groups.join(left[alike], right[alike])
    return groups.number()[place]


def rows_for(threshold: float) -> int:
    """Return the slots of a band: as many as miss no more of the pairs at the threshold than they may.

    >>> rows_for(0.5), rows_for(0.8), rows_for(1.0)
    (4, 9, 256)
    """
    return max(rows for rows in range(1, SLOTS + 1) if rows == 1 or (1 - threshold**rows) ** (SLOTS // rows) <= _MISSED)


def agreement(signatures: Signatures, left: Numbers, right: Numbers) -> npt.NDArray[np.float64]:
    """Return the share of slots in which the signatures of these texts agree, pair by pair."""
    shares = np.empty(len(left))
    for at in range(0, len(left), _PART):
        here = slice(at, at + _PART)
        shares[here] = (signatures[left[here]] == signatures[right[here]]).mean(axis=1)
    return shares


def _keys(signatures: Signatures, first: int, rows: int) -> Digests:
    """Hash the slots of one band of each signature."""
    weights = np.cumprod(np.full(rows, 0x9E3779B97F4A7C15, np.uint64))
    keys = np.empty(len(signatures), np.uint64)
    for at in range(0, len(signatures), _PART):
        keys[at : at + _PART] = signatures[at : at + _PART, first : first + rows].astype(np.uint64) @ weights
    return keys


def _neighbours(keys: Digests) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield pairs of equal keys: those side by side once sorted, then those one further apart, and so on."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    at = np.arange(len(keys))
    for step in range(1, WIDEST + 1):
        at = at[at < len(keys) - step]
        at = at[ranked[at] == ranked[at + step]]
        if not len(at):
            return
        yield order[at], order[at + step]


class _Groups:
    """Know which texts have been joined, each at first by itself."""

    def __init__(self, size: int):
        self._parents = np.arange(size)

    def are_apart(self, left: Numbers, right: Numbers) -> Choice:
        """Tell pair by pair whether the two have not been joined."""
        apart: Choice = self._roots(left) != self._roots(right)
        return apart

    def join(self, left: Numbers, right: Numbers) -> None:
        """Join the two of each pair, and all that either was joined with."""
        for one, other in zip(self._roots(left).tolist(), self._roots(right).tolist(), strict=True):
            one, other = self._root(one), self._root(other)
            self._parents[max(one, other)] = min(one, other)

    def number(self) -> Numbers:
        """Return the group of each."""
        return self._roots(np.arange(len(self._parents)))

    def _roots(self, members: Numbers) -> Numbers:
        roots = self._parents[members]
        while (roots != (above := self._parents[roots])).any():
            roots = above
        self._parents[members] = roots
        return roots

    def _root(self, member: int) -> int:
        while (parent := int(self._parents[member])) != member:
            member = parent
        return member
