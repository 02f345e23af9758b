"""Weigh the findings of one stratum against each other: nothing told twice, no double without its witness, no excess."""

from __future__ import annotations

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
        ranked = sorted(cluster, key=lambda f: (not f.proven, -len(f.records), f.start - f.end, f.start, f.rule.id))
        for number, finding in enumerate(ranked):
            stronger = [s for s in ranked[:number] if s.start < finding.end and finding.start < s.end]
            told.append(_yield_to(finding, stronger) if stronger else finding)
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


def _yield_to(finding: Finding, stronger: Sequence[Finding]) -> Finding:
    if not (finding.fields or finding.headlines or finding.records):
        return finding
    covered = any(s.start <= finding.start and finding.end <= s.end for s in stronger)
    return replace(
        finding,
        fields=() if covered else finding.fields,
        headlines=tuple(h for h in finding.headlines if not any(s.start < h.end and h.start < s.end for s in stronger)),
        records=tuple(r for r in finding.records if not any(s.start < r.end and r.start < s.end for s in stronger)),
    )


def keep_witnessed(findings: Iterable[Finding]) -> list[Finding]:
    """Drop each double whose witness is cut as well, the later ones first, until every witness stays."""
    kept = sorted(findings, key=lambda f: (f.start, f.end, f.rule.id))
    for finding in reversed(tuple(kept)):
        witness = finding.witness
        if witness and any(o.start < witness[1] and witness[0] < o.end for o in kept if o is not finding):
            kept.remove(finding)
    return kept


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
