"""Count what each rule does to a corpus: documents, cuts, characters and tokens, examples, and the rules it overlaps.

A cut that several rules asked for counts for each of them, and in `alone` for none: what only one rule finds is lost
without it. Rules of a later stratum never see what an earlier one cut, so overlaps are told within strata only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, NamedTuple

from cleaner.model import TITLE_RULE, Cleaned, language_of
from cleaner.rules.load import Ruleset
from cleaner.text.tokens import tokenize

UNKNOWN = "?"
"""Stands for the language of documents that name none."""

RUNNING = ("test", "stable")
_SHOWN = 120  # code points of an example


class Taken(NamedTuple):
    """Hold one stretch that left a document, by a cut or with an element of a page."""

    class_: str
    rules: tuple[str, ...]
    text: str


class Example(NamedTuple):
    """Hold how one cut begins, and the document it is from."""

    document: str
    text: str


class Overlap(NamedTuple):
    """Say how much of their cuts two rules share: `jaccard` of all, `contained` of the rarer one's (both 0 to 1)."""

    one: str
    two: str
    shared: int
    jaccard: float
    contained: float


@dataclass(slots=True)
class Use:
    """Count what one rule, or the rules of one class, did."""

    documents: int = 0
    cuts: int = 0
    alone: int = 0
    characters: int = 0
    tokens: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Example] = field(default_factory=dict)

    def add(self, taken: Taken, tokens: int) -> None:
        """Count one cut."""
        self.cuts += 1
        self.alone += len(taken.rules) == 1
        self.characters += len(taken.text)
        self.tokens += tokens

    def describe(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        counts = {name: getattr(self, name) for name in ("documents", "cuts", "alone", "characters", "tokens")}
        shown = [{"id": example.document, "text": example.text} for example in self.examples.values()]
        return {**counts, "languages": dict(self.languages.most_common()), "examples": shown}


@dataclass(slots=True)
class Usage:
    """Count what a set of rules does, document by document, in memory bounded by the number of rules.

    `most` is how many examples are kept for each rule: the first that differ in more than digits.
    """

    classes: Mapping[str, str]
    most: int = 3
    documents: int = 0
    touched: int = 0
    characters: int = 0
    tokens: int = 0
    removed: int = 0
    removed_tokens: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    rules: dict[str, Use] = field(default_factory=lambda: defaultdict(Use))
    kinds: dict[str, Use] = field(default_factory=lambda: defaultdict(Use))
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, ruleset: Ruleset, most: int = 3) -> Usage:
        """Begin to count for the rules of a set."""
        return cls({head.id: head.class_ for head in ruleset.heads}, most)

    def add(self, cleaned: Cleaned) -> None:
        """Count one document."""
        lang = language_of(cleaned.document.lang) or UNKNOWN
        self.documents += 1
        self.languages[lang] += 1
        self.characters += len(cleaned.source)
        self.tokens += len(tokenize(cleaned.source))
        hit: set[str] = set()
        kinds: set[str] = set()
        for taken in taken_from(cleaned, self.classes):
            tokens = len(tokenize(taken.text))
            self.removed += len(taken.text)
            self.removed_tokens += tokens
            self.kinds[taken.class_].add(taken, tokens)
            kinds.add(taken.class_)
            for rule in taken.rules:
                self.rules[rule].add(taken, tokens)
                self._show(self.rules[rule], cleaned.document.id, taken.text)
            hit.update(taken.rules)
            self.pairs.update(combinations(sorted(taken.rules), 2))
        self.touched += bool(hit)
        for use in (*(self.rules[rule] for rule in hit), *(self.kinds[kind] for kind in kinds)):
            use.documents += 1
            use.languages[lang] += 1

    def _show(self, use: Use, document: str, text: str) -> None:
        if len(use.examples) < self.most:
            shown = " ".join(text.split())
            plain = "".join("0" if char.isdigit() else char for char in shown[:40])
            shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1].rstrip() + "…"
            use.examples.setdefault(plain, Example(document, shown))

    def idle(self, ruleset: Ruleset) -> list[str]:
        """Return the running rules that did nothing, by id."""
        return [head.id for head in ruleset.heads if head.status in RUNNING and head.id not in self.rules]

    def overlaps(self, least: float = 0.5) -> list[Overlap]:
        """Return the pairs of rules that share this part of the rarer one's cuts or more, the most alike first."""
        found = (self._overlap(one, two, shared) for (one, two), shared in self.pairs.items())
        return sorted((o for o in found if o.contained >= least), key=lambda o: (-o.jaccard, -o.shared, o.one, o.two))

    def _overlap(self, one: str, two: str, shared: int) -> Overlap:
        a, b = self.rules[one].cuts, self.rules[two].cuts
        return Overlap(one, two, shared, shared / (a + b - shared), shared / min(a, b))

    def describe(self, ruleset: Ruleset) -> dict[str, Any]:
        """Return all counts as plain values: what `--json` prints and `--against` reads."""
        return {
            "rules_digest": ruleset.digest,
            "documents": self.documents,
            "touched": self.touched,
            "characters": self.characters,
            "tokens": self.tokens,
            "removed": self.removed,
            "removed_tokens": self.removed_tokens,
            "languages": dict(self.languages.most_common()),
            "classes": {name: self.kinds[name].describe() for name in sorted(self.kinds)},
            "rules": {name: self.rules[name].describe() for name in sorted(self.rules)},
            "overlaps": [overlap._asdict() for overlap in self.overlaps()],
            "idle": self.idle(ruleset),
        }


def taken_from(cleaned: Cleaned, classes: Mapping[str, str]) -> Iterator[Taken]:
    """Yield all that left a document; a title that moved to its field did not leave."""
    for cut in cleaned.cuts:
        if not cut.is_move:
            yield Taken(cut.class_, tuple(rule for rule in cut.rules if rule != TITLE_RULE), cut.text)
    for drop in cleaned.drops:
        yield Taken(classes.get(drop.rule, UNKNOWN), (drop.rule,), drop.text)


def hit_rules(cleaned: Cleaned) -> set[str]:
    """Return the rules that took something from a document."""
    cuts: Iterable[str] = (rule for cut in cleaned.cuts for rule in cut.rules if rule != TITLE_RULE)
    return {*cuts, *(drop.rule for drop in cleaned.drops)}
