"""Fold cleaned documents into a tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import regex

from cleaner.model import Cleaned, Cut

_FIGURES = regex.compile(r"(?:: .*| \d+(?: characters)?)$")


@dataclass(slots=True)
class Tally:
    """Count what a run did. A title that moved to its field counts as no removal."""

    cleaned: int = 0
    unchanged: int = 0
    rejected: int = 0
    characters: int = 0
    removed: int = 0
    flagged: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    """Documents by flag, less the figures that a flag ends with."""

    def add(self, result: Cleaned) -> None:
        """Count one document."""
        self.count(result.status, len(result.source), result.cuts, result.flags)

    def count(self, status: str, characters: int, cuts: Iterable[Cut], flags: Collection[str]) -> None:
        """Count one document by what its account says; `characters` are those of its source."""
        if status == "cleaned":
            self.cleaned += 1
        else:
            self.unchanged += 1
        self.flagged += bool(flags)
        self.flags.update(set(map(less_figures, flags)))
        self.characters += characters
        for cut in cuts:
            if not cut.is_move:
                self.removed += cut.end - cut.start
                self.rules.update(cut.rules)

    def update(self, other: Tally) -> None:
        """Count what another tally counted."""
        self.cleaned += other.cleaned
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        self.characters += other.characters
        self.removed += other.removed
        self.rules.update(other.rules)
        self.flagged += other.flagged
        self.flags.update(other.flags)

    @property
    def documents(self) -> int:
        """Return the number of all records read."""
        return self.cleaned + self.unchanged + self.rejected

    @property
    def share(self) -> float:
        """Return the share of characters removed, from 0 to 1."""
        return self.removed / self.characters if self.characters else 0.0

    def top_rules(self, most: int = 5) -> list[tuple[str, int]]:
        """Return the rules with the most cuts, the most frequent first."""
        return sorted(self.rules.items(), key=lambda pair: (-pair[1], pair[0]))[:most]

    def top_flags(self, most: int = 5) -> list[tuple[str, int]]:
        """Return the flags that most documents bear, the most frequent first."""
        return sorted(self.flags.items(), key=lambda pair: (-pair[1], pair[0]))[:most]

    def describe(self) -> dict[str, Any]:
        """Return the tally as plain values."""
        return {
            "documents": self.documents,
            "cleaned": self.cleaned,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "characters": self.characters,
            "removed": self.removed,
            "share": round(self.share, 6),
            "rules": dict(self.top_rules(len(self.rules))),
            "flagged": self.flagged,
            "flags": dict(self.top_flags(len(self.flags))),
        }


def less_figures(flag: str) -> str:
    """Return a flag without the figures it ends with: what documents are counted by.

    >>> less_figures("html:encoding replaced 12"), less_figures("html:opinion page.4-gaps: 2 blocks")
    ('html:encoding replaced', 'html:opinion page.4-gaps')
    """
    return str(_FIGURES.sub("", flag))
