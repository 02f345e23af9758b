"""Find the elements in which phrases of rules stand: rules that ask for a common tag and a phrase are tried only there.

The texts of a page are scanned once for the literals of all such rules. A phrase is found inside one block, whatever
inline elements it goes across.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

from cleaner.html.node import is_longer
from cleaner.html.target import Target, Trial
from cleaner.rules.atoms import better, pattern_atoms, usable
from cleaner.text.fold import fold
from cleaner.text.prefilter import Prefilter

LONGEST = 600
"""Code points of an element's text up to which it is tried, where the rule sets no bound."""

Text: TypeAlias = tuple[str, Any, bool]
"""A piece of text, its element, and whether it stands behind that."""


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Hold the literals of rules bound to tags, each with the trials of its rule by tag."""

    prefilter: Prefilter[int]
    trials: tuple[Mapping[str, tuple[Trial, ...]], ...]
    most: tuple[int, ...]

    @classmethod
    def of(cls, trials: Iterable[Trial]) -> Phrasebook:
        """Gather trials by rule; all their rules have literals."""
        by_rule: dict[str, list[Trial]] = {}
        for trial in trials:
            by_rule.setdefault(trial.target.rule.id, []).append(trial)
        literals: dict[str, list[int]] = {}
        tables: list[Mapping[str, tuple[Trial, ...]]] = []
        most: list[int] = []
        for number, own in enumerate(by_rule.values()):
            target = own[0].target
            for literal in literals_of(target) or ():
                literals.setdefault(literal, []).append(number)
            tags: dict[str, tuple[Trial, ...]] = {}
            for trial in own:
                tags[trial.key.name] = (*tags.get(trial.key.name, ()), trial)
            tables.append(tags)
            most.append(_most(target))
        return cls(Prefilter.build(literals), tuple(tables), tuple(most))

    def __bool__(self) -> bool:
        return bool(self.trials)

    def candidates(self, texts: Sequence[Text]) -> Iterator[tuple[Any, tuple[Trial, ...]]]:
        """Yield the elements around the places of literals, as far as they are short enough, and the trials to make."""
        pieces, starts = _join(texts)
        seen: set[tuple[int, Any]] = set()
        for number, places in self.prefilter.scan(fold(pieces)).items():
            tags, most = self.trials[number], self.most[number]
            for start, _ in places:
                _, node, is_tail = texts[bisect_right(starts, start) - 1]
                node = node.getparent() if is_tail else node
                while node is not None and (number, node) not in seen and not is_longer(node, most):
                    seen.add((number, node))
                    if node.tag in tags:
                        yield node, tags[node.tag]
                    node = node.getparent()


def literals_of(target: Target) -> frozenset[str] | None:
    """Return literals of which the text of every element that a rule takes holds one; None where there are none."""
    found: set[str] = set()
    for says in target.says:
        options = [usable(phrases) for phrases in (says.has, says.starts, says.eq, says.ends) if phrases]
        if says.pattern:
            options.append(usable(pattern_atoms(says.pattern.pattern)))
        best = reduce(better, options, None)
        if best is None:
            return None
        found |= best
    return frozenset(found) or None


def _most(target: Target) -> int:
    lengths = [says.length[1] for says in target.says if says.length]
    bound = max(lengths) if len(lengths) == len(target.says) and lengths else LONGEST
    return min(target.spec.len[1] if target.spec.len else LONGEST, bound) + 40


def _join(texts: Sequence[Text]) -> tuple[str, list[int]]:
    """Join texts with white space folded, and return where each begins."""
    parts: list[str] = []
    starts: list[int] = []
    size = 0
    for text, _, _ in texts:
        part = _fold_spaces(text)
        parts.append(part)
        starts.append(size)
        size += len(part)
    return "".join(parts), starts


def _fold_spaces(text: str) -> str:
    """Fold white space, also at the ends, into single spaces.

    >>> _fold_spaces("\\n  the  bridge ")
    ' the bridge '
    """
    words = text.split()
    before, after = " " if text[0].isspace() else "", " " if text[-1].isspace() else ""
    return f"{before}{' '.join(words)}{after}" if words else " "
