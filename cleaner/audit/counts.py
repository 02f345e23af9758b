"""Count what rules and classes took, how the loss spreads over documents, and what was recovered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cleaner.audit.exhibit import Value
from cleaner.audit.pool import Pool
from cleaner.model import Cut, Drop

STEPS = 1000
"""Steps of the share removed in which documents are counted."""

_PARTS = (
    ("nothing", -1, 0), ("up to 1%", 0, 10), ("1 to 2%", 10, 20), ("2 to 5%", 20, 50), ("5 to 10%", 50, 100),
    ("10 to 20%", 100, 200), ("20 to 30%", 200, 300), ("30 to 50%", 300, 500), ("50 to 70%", 500, 700),
    ("70 to 90%", 700, 900),
)  # fmt: skip


@dataclass(slots=True)
class Toll:
    """Count what one rule, or the rules of one class, took.

    `alone` and `longest` are of cuts that no other rule asked for: their number, their characters, and the size of the
    longest. `elements` are those taken out of pages before their text was extracted; their characters are in no other
    sum.
    """

    cuts: int = 0
    documents: int = 0
    characters: int = 0
    alone: int = 0
    alone_characters: int = 0
    longest: int = 0
    elements: int = 0
    element_characters: int = 0
    classes: Counter[str] = field(default_factory=Counter)

    def add(self, cut: Cut) -> None:
        """Count one cut."""
        size = cut.end - cut.start
        self.cuts += 1
        self.characters += size
        if len(cut.rules) == 1:
            self.alone += 1
            self.alone_characters += size
            self.longest = max(self.longest, size)
        self.classes[cut.class_] += 1

    def add_element(self, drop: Drop) -> None:
        """Count one element of a page."""
        self.elements += 1
        self.element_characters += len(drop.text)

    def describe(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        names = ("cuts", "documents", "characters", "alone", "alone_characters", "longest", "elements",
                 "element_characters")  # fmt: skip
        return {**{name: getattr(self, name) for name in names}, "classes": dict(self.classes.most_common())}


@dataclass(slots=True)
class Spread:
    """Count documents by the share removed from them, in thousandths rounded up, and those that lost everything."""

    steps: list[int] = field(default_factory=lambda: [0] * (STEPS + 1))
    emptied: int = 0

    def add(self, removed: int, size: int) -> None:
        """Count one document."""
        self.steps[-(-removed * STEPS // size) if size else 0] += 1
        self.emptied += bool(size) and removed == size

    def between(self, low: int, high: int) -> int:
        """Count those above one step, up to another."""
        return sum(self.steps[low + 1 : high + 1])

    @property
    def parts(self) -> dict[str, int]:
        """Return how many documents lost which share, all of them once."""
        parts = {name: self.between(low, high) for name, low, high in _PARTS}
        return {**parts, "over 90%": self.between(900, STEPS) - self.emptied, "everything": self.emptied}

    @property
    def touched(self) -> int:
        """Count documents that lost something."""
        return sum(self.steps[1:])

    def quantile(self, part: float) -> float:
        """Return the share that this part of those that lost something did not exceed, to a thousandth above."""
        left = part * self.touched
        for step, count in enumerate(self.steps[1:], 1):
            left -= count
            if left <= 0 and self.touched:
                return step / STEPS
        return 0.0


@dataclass(slots=True)
class Found:
    """Count what was recovered: documents by field, by repair, with articles and headlines, and how many of those."""

    fields: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    titles: int = 0
    dates: int = 0
    with_related: int = 0
    related: int = 0
    with_headlines: int = 0
    headlines: int = 0
    values: dict[str, Pool[Value]] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return {
            "titles": self.titles,
            "fields": dict(self.fields.most_common()),
            "repairs": dict(self.repairs.most_common()),
            "dates": self.dates,
            "related": {"documents": self.with_related, "articles": self.related},
            "headlines": {"documents": self.with_headlines, "headlines": self.headlines},
        }
