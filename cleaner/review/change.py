"""Compare what two sets of rules make of the same documents: what goes that stayed, what stays that went, and by whom."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from cleaner.model import Cleaned, Cut
from cleaner.review.usage import hit_rules

Direction = Literal["cut", "kept"]

PAGE = "page"
"""Stands for the rule where a page's text differs and no single rule can be named."""

_AROUND = 40  # code points shown on either side


class Piece(NamedTuple):
    """Hold a stretch that only one of two sets of rules cuts, and that set's rules: `cut` by the new one, `kept` by it.

    `start` is its place in the source that both share, in code points; None where pages were compared by lines.
    """

    document: str
    direction: Direction
    rules: tuple[str, ...]
    text: str
    before: str
    after: str
    start: int | None = None


@dataclass(slots=True)
class Count:
    """Count the documents, pieces and characters that one rule newly cuts, or that stay without it."""

    documents: int = 0
    pieces: int = 0
    characters: int = 0


@dataclass(slots=True)
class Changes:
    """Gather what differs over a corpus; `most` pieces are kept as samples of each rule and direction."""

    most: int = 3
    documents: int = 0
    changed: list[str] = field(default_factory=list)
    counts: dict[tuple[str, Direction], Count] = field(default_factory=lambda: defaultdict(Count))
    samples: dict[tuple[str, Direction], list[Piece]] = field(default_factory=lambda: defaultdict(list))
    old_hits: Counter[str] = field(default_factory=Counter)
    new_hits: Counter[str] = field(default_factory=Counter)

    def add(self, old: Cleaned, new: Cleaned) -> None:
        """Compare one document as two sets of rules cleaned it."""
        self.documents += 1
        self.old_hits.update(hit_rules(old))
        self.new_hits.update(hit_rules(new))
        if old.text == new.text:
            return
        self.changed.append(new.document.id)
        seen: set[tuple[str, Direction]] = set()
        for piece in compare(old, new):
            for rule in piece.rules:
                key = (rule, piece.direction)
                count = self.counts[key]
                count.documents += key not in seen
                count.pieces += 1
                count.characters += len(piece.text)
                seen.add(key)
                if len(self.samples[key]) < self.most:
                    self.samples[key].append(piece)

    def moved(self) -> list[tuple[str, int, int]]:
        """Return the rules that hit more or fewer documents than before, with both numbers, the largest change first."""
        rules = self.old_hits.keys() | self.new_hits.keys()
        rows = [(r, self.old_hits[r], self.new_hits[r]) for r in rules if self.old_hits[r] != self.new_hits[r]]
        return sorted(rows, key=lambda row: (-abs(row[1] - row[2]), row[0]))

    def describe(self) -> dict[str, Any]:
        """Return all as plain values."""
        return {
            "documents": self.documents,
            "changed": self.changed,
            "rules": [
                {
                    "rule": rule,
                    "direction": direction,
                    "documents": count.documents,
                    "pieces": count.pieces,
                    "characters": count.characters,
                    "samples": [piece._asdict() for piece in self.samples[rule, direction]],
                }
                for (rule, direction), count in self.ranked()
            ],
            "hits": [{"rule": rule, "old": old, "new": new} for rule, old, new in self.moved()],
        }

    def ranked(self) -> list[tuple[tuple[str, Direction], Count]]:
        """Return the counts by rule and direction, most characters first."""
        return sorted(self.counts.items(), key=lambda pair: (-pair[1].characters, pair[0]))


def compare(old: Cleaned, new: Cleaned) -> Iterator[Piece]:
    """Yield the stretches that only one of two results lost, white space aside."""
    if old.source != new.source:
        yield from _compare_lines(old, new)
        return
    yield from _pieces(new, new.cuts, old.cuts, "cut")
    yield from _pieces(old, old.cuts, new.cuts, "kept")


def _pieces(cleaned: Cleaned, own: Sequence[Cut], other: Sequence[Cut], direction: Direction) -> Iterator[Piece]:
    source, ends = cleaned.source, [cut.end for cut in other]
    for cut in own:
        for start, end in _left(cut, other, bisect_right(ends, cut.start)):
            text = source[start:end].strip()
            if text:
                before, after = source[max(0, start - _AROUND) : start], source[end : end + _AROUND]
                at = start + len(source[start:end]) - len(source[start:end].lstrip())
                yield Piece(cleaned.document.id, direction, cut.rules, text, _folded(before), _folded(after), at)


def _left(cut: Cut, others: Sequence[Cut], first: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a cut that none of the others takes; they are sorted and disjoint, `first` ends behind its start."""
    at = cut.start
    for number in range(first, len(others)):
        other = others[number]
        if other.start >= cut.end:
            break
        if other.start > at:
            yield at, other.start
        at = other.end
    if at < cut.end:
        yield at, cut.end


def _compare_lines(old: Cleaned, new: Cleaned) -> Iterator[Piece]:
    """Compare by lines: of pages the extracted text itself depends on the rules."""
    directions: tuple[tuple[Cleaned, Cleaned, Direction], ...] = ((old, new, "cut"), (new, old, "kept"))
    for one, other, direction in directions:
        lost = Counter(filter(None, map(str.strip, one.text.split("\n"))))
        lost.subtract(filter(None, map(str.strip, other.text.split("\n"))))
        for line, times in lost.items():
            if times > 0:
                yield Piece(new.document.id, direction, _takers(other, line), line, "", "")


def _takers(cleaned: Cleaned, line: str) -> tuple[str, ...]:
    """Return the rules that took a line from a page, as far as their cuts and drops tell."""
    found = {rule for cut in cleaned.cuts if line in cut.text for rule in cut.rules}
    found |= {drop.rule for drop in cleaned.drops if _folded(line) in _folded(drop.text)}
    return tuple(sorted(found)) or (PAGE,)


def _folded(text: str) -> str:
    return " ".join(text.split())
