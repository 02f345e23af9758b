"""The guard: give cuts up, the least sure first, where too little body would be left. Body beats cleanliness."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from cleaner.match.finding import Finding
from cleaner.match.settle import merge
from cleaner.match.sweep import Swept

LEAST_BODY = 60
"""Code points of body below which cuts are given up (or a tenth of the text, where that is less)."""

LEAST_BODY_BEFORE_TAIL = 20
"""The same where a fully confirmed tail is cut: about one sentence."""

CONFIDENCE: Mapping[str, float] = MappingProxyType(
    {"tail": 0.95, "head": 0.9, "run": 0.85, "block": 0.85, "line": 0.8, "dup": 0.8, "span": 0.75, "score": 0.6}
)
"""How sure a kind of rule is where the rule does not say."""


def guard(text: str, found: Swept, start: int = 0) -> Swept:
    """Give cuts up, the least sure and then the smallest first, until enough of a text is left.

    `start` is where the text begins in the source. Fewer cuts never leave less, so the number that stands is found by
    bisection. What is given up is flagged as `guard:RULE`.
    """
    standing = sorted(found.findings, key=lambda f: (-confidence(f), f.start - f.end, f.start, f.rule.id))
    if _leaves_body(text, standing, start):
        return replace(found, findings=tuple(standing))
    least = bisect_left(range(len(standing)), True, key=lambda n: not _leaves_body(text, standing[: n + 1], start))
    given_up = dict.fromkeys(f"guard:{finding.rule.id}" for finding in reversed(standing[least:]))
    return Swept(tuple(standing[:least]), tuple(dict.fromkeys((*found.flags, *given_up))))


def confidence(finding: Finding) -> float:
    """Return how sure a finding is, from 0 to 1."""
    stated = finding.rule.guard.confidence
    return CONFIDENCE[finding.rule.kind] if stated is None else stated


def _leaves_body(text: str, findings: Sequence[Finding], start: int) -> bool:
    least = LEAST_BODY_BEFORE_TAIL if any(f.proven for f in findings) else LEAST_BODY
    gone = merge((f.start - start, f.end - start, "", ()) for f in findings)
    bounds = [0, *(at for a, b, _, _ in gone for at in (a, b)), len(text)]
    left = sum(len(text[a:b].strip()) for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    return not gone or left >= min(least, len(text.strip()) / 10)
