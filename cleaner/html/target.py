"""One `select` rule, compiled: by what keys it finds elements, and what must hold of an element it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from cleaner.html import css
from cleaner.html.node import UNSEEN, Measure, holds_words, linked_share, text_of, words_of
from cleaner.rules.expression import Expression
from cleaner.rules.load import Ruleset
from cleaner.rules.resolve import Resolver
from cleaner.rules.schema import Rule, Select, Wording
from cleaner.rules.scope import Facts, Reach
from cleaner.text.phrase import ends_with, find_phrase, starts_with
from cleaner.text.shape import core
from cleaner.text.sheet import Sheet
from cleaner.text.tokens import squeeze
from cleaner.text.words import split_words

MOST, MOST_ON_HOST = 0.3, 0.9
"""Shares of the page's text up to which a rule takes an element, if it does not say otherwise."""

HEADLINES = frozenset(("h1", "h2"))
"""Elements in which a kicker may stand before the title."""

LONG, KICKER = 20, 80
"""Code points from which a title is known by its end, and up to which a kicker stands before it."""

_NEVER = frozenset(("html", "head", "body"))
_ONLY_ON_HOST = frozenset(("main", "article"))


class View:
    """Hold what rules ask about one page, each worked out once: texts, sizes, which rules apply."""

    def __init__(self, root: Any, facts: Facts, titles: frozenset[str]):
        self.root, self.facts, self.titles = root, facts, titles
        self.title_keys = frozenset(map(squeeze, titles))
        self.longest_title = max(map(len, titles), default=0)
        self._sheets: dict[Any, Sheet] = {}
        self._texts: dict[Any, str] = {}
        self._reached: dict[str, bool] = {}
        self._measure: Measure | None = None

    def text(self, node: Any) -> str:
        """Return an element's text."""
        if node not in self._texts:
            self._texts[node] = text_of(node)
        return self._texts[node]

    def sheet(self, node: Any) -> Sheet:
        """Return the shadows of an element's text."""
        if node not in self._sheets:
            self._sheets[node] = Sheet(self.text(node))
        return self._sheets[node]

    def is_small(self, node: Any, most: float) -> bool:
        """Tell whether an element holds no more than a share of the page's text."""
        if self._measure is None:
            self._measure = Measure(self.root)
        return not self._measure.holds_most(node, most)

    def reaches(self, target: Target) -> bool:
        """Tell whether a rule applies to the page."""
        if target.rule.id not in self._reached:
            self._reached[target.rule.id] = target.reach.holds(self.facts, self._says)
        return self._reached[target.rule.id]

    def _says(self, phrase: str) -> bool:
        return find_phrase(self.sheet(self.root).folded, phrase) >= 0


@dataclass(frozen=True, slots=True)
class Says:
    """Decide whether a text is what a rule describes."""

    eq: frozenset[str]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    has: tuple[str, ...]
    pattern: Expression | None
    length: tuple[int, int] | None

    @classmethod
    def build(cls, spec: Wording, resolver: Resolver) -> Says:
        """Compile one description of a text."""
        eq = frozenset(filter(None, map(core, resolver.phrases(spec.eq))))
        starts, ends, has = map(resolver.phrases, (spec.starts, spec.ends, spec.has))
        return cls(eq, starts, ends, has, resolver.compile(spec.re) if spec.re else None, spec.len)

    def holds(self, sheet: Sheet) -> bool:
        """Tell whether the text satisfies every part of the description."""
        folded = sheet.folded
        return (
            (not self.length or self.length[0] <= len(folded) <= self.length[1])
            and (not self.eq or core(folded) in self.eq)
            and (not self.starts or starts_with(folded, self.starts))
            and (not self.ends or ends_with(folded, self.ends))
            and (not self.has or any(find_phrase(folded, phrase) >= 0 for phrase in self.has))
            and (not self.pattern or bool(self.pattern.fullmatch(sheet.text)))
        )


@dataclass(frozen=True, slots=True)
class Target:
    """Hold one rule ready to run: where to look, and what must hold there."""

    rule: Rule
    spec: Select
    reach: Reach
    selectors: tuple[css.Selector, ...]
    words: tuple[tuple[str, ...], ...]
    path: etree.XPath | None
    without: tuple[tuple[str, ...], ...]
    inside: tuple[tuple[str, tuple[str, ...]], ...]
    outside: tuple[tuple[str, tuple[str, ...]], ...]
    says: tuple[Says, ...]
    most: float

    @classmethod
    def build(cls, rule: Rule, spec: Select, ruleset: Ruleset) -> Target:
        """Compile one rule; raises `RuleError` where its selector or a pattern is broken."""
        resolver = Resolver(ruleset, rule)
        return cls(
            rule=rule,
            spec=spec,
            reach=Reach.of(rule, ruleset),
            selectors=_parse(spec.css, resolver) if spec.css else (),
            words=tuple(map(split_words, spec.words or ())),
            path=_compile(spec.xpath, resolver) if spec.xpath else None,
            without=tuple(map(split_words, spec.without)),
            inside=tuple((name, split_words(name)) for name in spec.inside),
            outside=tuple((name, split_words(name)) for name in spec.outside),
            says=tuple(Says.build(part, resolver) for part in spec.text),
            most=spec.most or (MOST_ON_HOST if rule.scope.hosts else MOST),
        )

    def trials(self) -> Iterator[Trial]:
        """Return each way in which the rule finds elements, with its key."""
        for selector in self.selectors:
            yield Trial(self, selector.key, selector)
        for words in self.words:
            yield Trial(self, words)
        if self.path is not None:
            yield Trial(self, self.path)

    def holds(self, node: Any, view: View) -> bool:
        """Tell whether an element that the rule finds goes: the cheap conditions first, its size last."""
        return (
            self._may_take(node, view.root)
            and view.reaches(self)
            and not (self.without and any(holds_words(found, w) for found in words_of(node) for w in self.without))
            and (not self.inside or any(_is_any(around, self.inside) for around in node.iterancestors()))
            and not (self.outside and any(_is_any(around, self.outside) for around in node.iterancestors()))
            and self._reads_right(node, view)
            and view.is_small(node, self.most)
        )

    def _may_take(self, node: Any, root: Any) -> bool:
        tag = node.tag
        if tag in _NEVER or node is root or (tag in _ONLY_ON_HOST and not self.rule.scope.hosts):
            return False
        if tag in UNSEEN or (self.spec.tags and tag not in self.spec.tags):
            return False
        return next(node.iterancestors(*UNSEEN), None) is None

    def _reads_right(self, node: Any, view: View) -> bool:
        spec = self.spec
        if spec.len and not spec.len[0] <= len(view.text(node)) <= spec.len[1]:
            return False
        if spec.same_as and not _is_title(node, view):
            return False
        if self.says and not any(says.holds(view.sheet(node)) for says in self.says):
            return False
        return not spec.links or spec.links[0] <= linked_share(node, view.text(node)) <= spec.links[1]


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold one way in which a rule finds elements: a selector, words, or a path."""

    target: Target
    key: Any
    selector: css.Selector | None = None

    def holds(self, node: Any, view: View) -> bool:
        """Tell whether an element on which the key stands is what the rule describes."""
        return (self.selector is None or self.selector.holds(node)) and self.target.holds(node, view)


def _is_title(node: Any, view: View) -> bool:
    """Tell whether a text is a title, punctuation aside; a headline may have a kicker before it."""
    if core(view.sheet(node).folded) in view.titles:
        return True
    key = squeeze(view.text(node)) if node.tag in HEADLINES else ""
    return any(
        key.endswith(title) and len(title) >= LONG and len(key) - len(title) <= KICKER for title in view.title_keys
    )


def _is_any(node: Any, names: Sequence[tuple[str, tuple[str, ...]]]) -> bool:
    return any(
        node.tag == tag or (words and any(holds_words(found, words) for found in words_of(node)))
        for tag, words in names
    )


def _parse(text: str, resolver: Resolver) -> tuple[css.Selector, ...]:
    try:
        return css.parse(text)
    except ValueError as error:
        resolver.refuse(str(error), "select.css", "Try it in a browser's inspector, or use `words`")


def _compile(text: str, resolver: Resolver) -> etree.XPath:
    try:
        return etree.XPath(text, regexp=False, smart_strings=False)
    except etree.XPathSyntaxError as error:
        resolver.refuse(f"broken path: {error}", "select.xpath", "Try it in a browser's inspector, or use `css`")
