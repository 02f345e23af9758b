"""Write proposals as rule files, evidence as comments beside each rule, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cleaner.mine.proposal import Proposal
from cleaner.rules.write import write_rule

_SHOWN = 110


def write_rules(proposals: Sequence[Proposal], about: str) -> str:
    """Write a rule file; `about` is its first comment."""
    parts = [
        f"# {_plain(about)}",
        "# Read each rule, try it (`cleaner test --rules FILE`), then raise its status to test.",
    ]
    parts += ["rules:", *(_rule(proposal) for proposal in proposals)] if proposals else ["rules: []"]
    return "\n".join(parts) + "\n"


def describe(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as JSON: the rule and its evidence."""
    seen = proposal.candidate
    return {
        "rule": proposal.content,
        "source": seen.source,
        "form": seen.form,
        "documents": seen.docs,
        "of": seen.of,
        "share": round(seen.share, 4),
        "hits": seen.hits,
        "free": seen.free,
        "position": {"start": seen.start, "middle": seen.middle, "end": seen.end},
        "examples": [_short(example) for example in seen.examples],
        "precision": round(proposal.precision, 4),
        "clean_hits": proposal.clean_hits,
        "removed": proposal.removed,
    }


def _rule(proposal: Proposal) -> str:
    comments = [f"  # {_plain(line)}" for line in _evidence(proposal)]
    return "\n".join([*comments, write_rule(proposal.content)])


def _evidence(proposal: Proposal) -> Iterable[str]:
    seen = proposal.candidate
    yield (
        f"{seen.docs} of {seen.of} documents ({100 * seen.share:.3g}%), {seen.hits} times: "
        f"start {seen.start}, middle {seen.middle}, end {seen.end}; about {proposal.removed} characters removed"
    )
    yield (
        f"estimated precision {proposal.precision:.2f}: {seen.free} of {seen.hits} stand free, "
        f"hits in clean text: {proposal.clean_hits}"
    )
    if not proposal.content.get("scope"):
        yield "bound to no host: none is known for this source; add scope.hosts, or scope.proof with a phrase of the site"
    for example in seen.examples:
        yield f"e.g. {_short(example)}"


def _short(text: str) -> str:
    text = " | ".join(text.split("\n"))
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN * 2 // 3]} ... {text[-_SHOWN // 3 :]}"


def _plain(text: str) -> str:
    """Keep a comment on one line and free of what no file should hold."""
    return "".join(char if char.isprintable() else " " for char in text)
