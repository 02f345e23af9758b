"""The lines of a batch of texts as arrays: where each begins and ends, trimmed, and which text it is of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cleaner.text.shadow import Places, Points, Shadow

_BMP = 0x10000
_WHITE = np.zeros(_BMP, bool)
_WHITE[[code for code in range(_BMP) if chr(code).isspace()]] = True


@dataclass(frozen=True)
class Rows:
    """Hold the non-blank lines of all texts in order (code points of the shadow).

    Text `n` has the lines from `bounds[n]` up to `bounds[n + 1]`.
    """

    starts: Places
    ends: Places
    text: Places
    bounds: Places
    indented: npt.NDArray[np.bool_]

    @cached_property
    def counts(self) -> Places:
        """The number of lines of each text."""
        return np.diff(self.bounds)

    @cached_property
    def sizes(self) -> Places:
        """The code points of each line."""
        return self.ends - self.starts

    @cached_property
    def first(self) -> Places:
        """The place of each line in its text, from 0."""
        return np.arange(len(self.starts)) - self.bounds[self.text]

    @cached_property
    def last(self) -> Places:
        """The place of each line counted from the end of its text, from 0."""
        return self.bounds[self.text + 1] - 1 - np.arange(len(self.starts))

    def per_text(self, marked: npt.NDArray[np.bool_]) -> Places:
        """Count the marked lines of each text."""
        sums = np.concatenate([[0], np.cumsum(marked)])
        counts: Places = sums[self.bounds[1:]] - sums[self.bounds[:-1]]
        return counts


def rows(shadow: Shadow, begins: Places) -> Rows:
    """Read the lines of texts that begin at the given places, each behind a line end."""
    points = shadow.points
    starts, ends = shadow.line_ends[:-1] + 1, shadow.line_ends[1:]
    filled = starts < ends
    starts, ends = starts[filled], ends[filled]
    bare = _trimmed(points, starts, ends, 1), _trimmed(points, starts, ends, -1)
    filled = bare[0] < bare[1]
    indented = (bare[0] > starts)[filled]
    starts, ends = bare[0][filled], bare[1][filled]
    bounds = np.append(np.searchsorted(starts, begins), len(starts))
    return Rows(starts, ends, np.repeat(np.arange(len(begins)), np.diff(bounds)), bounds, indented)


def _trimmed(points: Points, starts: Places, ends: Places, step: int) -> Places:
    """Move one end of lines past white space."""
    edge = (starts if step > 0 else ends).copy()
    left = np.arange(len(edge))
    while len(left):
        at = edge[left] if step > 0 else edge[left] - 1
        inside = (at >= starts[left]) & (at < ends[left])
        left, at = left[inside], at[inside]
        left = left[_WHITE.take(points[at], mode="clip")]
        edge[left] += step
    return edge
