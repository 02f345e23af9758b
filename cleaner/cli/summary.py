"""Say what a run did, in lines for a reader."""

from __future__ import annotations

from collections import Counter

from cleaner.bulk.tally import Tally
from cleaner.report.number import number_of

_KINDS = 5  # of what was passed over


def tell_run(tally: Tally, passed: Counter[str], seconds: float) -> list[str]:
    """Tell what became of documents, by which rules, and what was passed over."""
    parts = f"{tally.cleaned} cleaned, {tally.unchanged} unchanged, {tally.rejected} rejected"
    removed = f"{tally.share:.1%} of the characters removed in {seconds:.1f} s"
    lines = [f"{number_of(tally.documents, 'document')}: {parts}; {removed}"]
    if tally.rules:
        lines.append("most cuts: " + ", ".join(f"{rule} {count}" for rule, count in tally.top_rules()))
    if tally.flagged:
        flags = ", ".join(f"{flag} {count}" for flag, count in tally.top_flags())
        lines.append(f"{number_of(tally.flagged, 'document')} flagged: {flags}")
    if passed:
        kinds = ", ".join(f"{kind} {count}" for kind, count in passed.most_common(_KINDS))
        lines.append(f"passed over in archives, being no documents: {kinds}")
    return lines


def tell_books(output: str, shards: int, made: int, total: Tally) -> str:
    """Tell that the books of a folder close."""
    return (
        f"{number_of(shards, 'shard')} in {output}, {made} of them made now; "
        f"{number_of(total.documents, 'record')} in = {total.cleaned} cleaned + {total.unchanged} unchanged + "
        f"{total.rejected} rejected"
    )


def tell_before(shards: int) -> str:
    """Tell how many shards need no more doing."""
    return f"{number_of(shards, 'shard')} {'is' if shards == 1 else 'are'} there already"


def tell_strangers(shards: int) -> str:
    """Tell of shards whose inputs a run does not name."""
    stay = "are of inputs that were not named now; they stay"
    if shards == 1:
        stay = "is of an input that was not named now; it stays"
    return f"{number_of(shards, 'shard')} {stay}"
