"""Find the elements in which phrases of rules stand: rules that ask for a common tag and a phrase are tried only there.

The texts of a page are scanned once for the literals of all such rules, as rules read them: in order, blocks set apart
by a space, whatever inline elements a phrase goes across.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

from lxml import etree

from cleaner.html.node import UNSEEN
from cleaner.html.target import Target, Trial
from cleaner.rules.atoms import better, pattern_atoms, usable
from cleaner.text.prefilter import Prefilter
from cleaner.text.sheet import Sheet

LONGEST = 600
"""Code points of an element's text up to which it is tried, where the rule sets no bound."""


class Texts:
    """Gather the texts of a page in its order, joined as `text_of` joins them, each with the element it stands in."""

    __slots__ = ("_gap", "_nodes", "_parts", "_size", "_starts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []
        self._nodes: list[Any] = []
        self._size, self._gap = 0, True

    def part(self) -> None:
        """End the word: a block begins or ends."""
        self._gap = True

    def add(self, text: str, node: Any) -> None:
        """Add a text that stands in an element."""
        words = text.split()
        if not words:
            self._gap = True
            return
        part = f"{' ' if self._gap or text[0].isspace() else ''}{' '.join(words)}"
        self._parts.append(part)
        self._starts.append(self._size)
        self._nodes.append(node)
        self._size += len(part)
        self._gap = text[-1].isspace()

    def sheet(self) -> Sheet:
        """Return the shadows of all texts."""
        return Sheet("".join(self._parts))

    def node_at(self, place: int) -> Any:
        """Return the element in which a place of the joined texts stands."""
        return self._nodes[bisect_right(self._starts, place) - 1]


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

    def candidates(self, texts: Texts) -> Iterator[tuple[Any, tuple[Trial, ...]]]:
        """Yield the elements around the places of literals, as far as they are short enough, and the trials to make."""
        sheet = texts.sheet()
        seen: set[tuple[int, Any]] = set()
        for number, places in self.prefilter.scan(sheet.folded).items():
            tags, most = self.trials[number], self.most[number]
            for start, end in places:
                node = texts.node_at(sheet.to_source(start, end)[0])
                while node is not None and (number, node) not in seen and not _is_longer(node, most):
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


def _is_longer(node: Any, most: int) -> bool:
    """Tell whether an element's words have more code points than a number, without reading much more than that."""
    size, walk = 0, etree.iterwalk(node, events=("start", "end", "comment", "pi"))
    for event, found in walk:
        if event == "start" and found.tag in UNSEEN:
            walk.skip_subtree()
        elif text := found.text if event == "start" else found.tail if found is not node else None:
            size += sum(map(len, text.split()))
            if size > most:
                return True
    return False
