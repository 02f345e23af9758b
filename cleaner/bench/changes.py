"""Tell what changed since an earlier run: figures over the same cases, by track, peer and measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cleaner.bench.results import Figure, Measure, Results, Track
from cleaner.bench.scores import parse_scores, read_scores

_SAME = 5e-5
"""Differences below which figures of four digits are the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """Hold a figure then and now."""

    track: str
    peer: str
    measure: Measure
    then: Figure
    now: Figure

    @property
    def step(self) -> float:
        """Return by how much the figure became better; less than nothing where it fell."""
        step = self.now.value - self.then.value
        return step if self.measure.higher else -step

    @property
    def clear(self) -> bool:
        """Tell whether the intervals of then and now do not meet."""
        return self.now.low > self.then.high or self.now.high < self.then.low


@dataclass(frozen=True, slots=True)
class Fall:
    """Hold the quality of one case under ours, then and now."""

    track: str
    set: str
    id: str
    then: float
    now: float


@dataclass(frozen=True, slots=True)
class Changes:
    """Hold what changed; `other` names tracks whose cases are not those of then, `new` those that are new."""

    found: tuple[Change, ...]
    other: tuple[str, ...]
    new: tuple[str, ...]
    same: int


def compare(now: Results, then: Results) -> Changes:
    """Compare two runs. Tracks over other cases are named, not compared; ours come first, falls before rises."""
    both = [(track, then.track(track.name)) for track in now.tracks]
    alike = [(track, old) for track, old in both if old and _cases(track) == _cases(old)]
    found = [change for track, old in alike for change in _compare(track, old)]
    changed = [change for change in found if abs(change.now.value - change.then.value) >= _SAME]
    changed.sort(key=lambda change: (change.peer != now.ours, change.step > 0, -abs(change.step)))
    return Changes(
        tuple(changed),
        tuple(track.name for track, old in both if old and _cases(track) != _cases(old)),
        tuple(track.name for track, old in both if old is None),
        len(found) - len(changed),
    )


def find_falls(then: Path, now: Iterable[bytes], ours: str) -> tuple[Fall, ...]:
    """Return the cases on which ours is worse than in the scores of an earlier run, the furthest fallen first.

    `then` is the file of scores of that run, `now` holds the lines of this one. Raises `InputError` where the file is
    missing or holds no scores.
    """
    earlier = {case.name: case.quality(ours) for case in read_scores(then) if ours in case.scores}
    cases = (case for case in parse_scores(now) if ours in case.scores and case.name in earlier)
    falls = (Fall(*case.name, earlier[case.name], case.quality(ours)) for case in cases)
    return tuple(sorted((fall for fall in falls if fall.now < fall.then), key=lambda fall: fall.now - fall.then))


def _compare(track: Track, old: Track) -> Iterator[Change]:
    earlier = {scores.peer: scores.figures for scores in old.peers}
    for scores in track.peers:
        for measure in track.measures:
            then, now = earlier.get(scores.peer, {}).get(measure.name), scores.figures.get(measure.name)
            if then and now:
                yield Change(track.name, scores.peer, measure, then, now)


def _cases(track: Track) -> list[tuple[str, str]]:
    return sorted((one.name, one.digest) for one in track.sets)
