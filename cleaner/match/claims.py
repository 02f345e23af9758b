"""Weigh the findings of one stratum against each other: nothing told twice, no double without its witness, no excess."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cleaner.match.finding import Finding
from cleaner.match.settle import merge


def tell_once(findings: Iterable[Finding]) -> list[Finding]:
    """Take back what findings claim to have recovered where a stronger one recovered it.

    Of overlapping findings a proven one is stronger, then the one with more records, then the wider.
    """
    told: list[Finding] = []
    for cluster in _overlapping(findings):
        stronger = _Reach(finding.start for finding in cluster)
        for finding in sorted(
            cluster, key=lambda f: (not f.proven, -len(f.records), f.start - f.end, f.start, f.rule.id)
        ):
            told.append(_yield_to(finding, stronger))
            stronger.add(finding.start, finding.end)
    return told


def _overlapping(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    cluster: list[Finding] = []
    end = -1
    for finding in sorted(findings, key=lambda f: (f.start, f.end, f.rule.id)):
        if cluster and finding.start >= end:
            yield cluster
            cluster = []
        cluster.append(finding)
        end = max(end, finding.end)
    if cluster:
        yield cluster


class _Reach:
    """Tell how far spans added so far reach, in logarithmic time: the furthest end of those that begin up to a place."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: Iterable[int]):
        self._starts = sorted(set(starts))
        self._ends = [0] * (len(self._starts) + 1)

    def add(self, start: int, end: int) -> None:
        """Add a span that begins at one of the starts."""
        at = bisect_right(self._starts, start)
        while at < len(self._ends):
            self._ends[at] = max(self._ends[at], end)
            at += at & -at

    def covers(self, start: int, end: int) -> bool:
        """Tell whether one span holds all of another."""
        return self._furthest(bisect_right(self._starts, start)) >= end

    def touches(self, start: int, end: int) -> bool:
        """Tell whether one span overlaps another."""
        return self._furthest(bisect_left(self._starts, end)) > start

    def _furthest(self, at: int) -> int:
        found = 0
        while at:
            found = max(found, self._ends[at])
            at -= at & -at
        return found


def _yield_to(finding: Finding, stronger: _Reach) -> Finding:
    if not (finding.fields or finding.headlines or finding.records):
        return finding
    if not stronger.touches(finding.start, finding.end):
        return finding
    return replace(
        finding,
        fields=() if stronger.covers(finding.start, finding.end) else finding.fields,
        headlines=tuple(h for h in finding.headlines if not stronger.touches(h.start, h.end)),
        records=tuple(r for r in finding.records if not stronger.touches(r.start, r.end)),
    )


def keep_witnessed(findings: Iterable[Finding]) -> list[Finding]:
    """Drop each double whose witness is cut as well, the later ones first, until every witness stays."""
    ranked = sorted(findings, key=lambda f: (f.start, f.end, f.rule.id))
    starts, ends = _Count(f.start for f in ranked), _Count(f.end for f in ranked)
    kept = []
    for finding in reversed(ranked):
        witness = finding.witness
        if witness:
            cut = starts.below(witness[1]) - ends.below(witness[0] + 1)
            if cut > (finding.start < witness[1] and witness[0] < finding.end):
                starts.take(finding.start)
                ends.take(finding.end)
                continue
        kept.append(finding)
    return kept[::-1]


class _Count:
    """Count places below a bound while some of them are taken away, in logarithmic time."""

    __slots__ = ("_counts", "_places")

    def __init__(self, places: Iterable[int]):
        self._places = sorted(places)
        self._counts = [at & -at for at in range(len(self._places) + 1)]

    def take(self, place: int) -> None:
        """Take one of the places away."""
        at = bisect_right(self._places, place)
        while at < len(self._counts):
            self._counts[at] -= 1
            at += at & -at

    def below(self, bound: int) -> int:
        """Count the places left below a bound."""
        at, found = bisect_left(self._places, bound), 0
        while at:
            found += self._counts[at]
            at -= at & -at
        return found


def exceeding(findings: Iterable[Finding], size: int) -> set[str]:
    """Return the rules that found more, or a larger share of `size` code points, than their guard allows."""
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule.id, []).append(finding)
    return {rule_id for rule_id, own in by_rule.items() if _exceeds(own, size)}


def _exceeds(own: Sequence[Finding], size: int) -> bool:
    guard = own[0].rule.guard
    taken = sum(end - start for start, end, *_ in merge((f.start, f.end, "", ()) for f in own))
    # A finding reaches over what earlier strata cut inside it, so that a rule may seem to take more than there is.
    return len(own) > guard.max_hits or (guard.max_share < 1 and taken > guard.max_share * size)
