"""Tables that lead from the elements of a page to the rules worth trying on them, however many rules there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from cleaner.html import css
from cleaner.html.node import INLINE, NAMES, UNSEEN, holds_words, is_longer, name_words
from cleaner.html.phrasebook import Phrasebook, Texts, literals_of
from cleaner.html.target import HEADLINES, KICKER, Target, Trial, View

_VALUES = 1 << 14  # attribute values remembered for each attribute
_COMMON = ("class", "id")  # attributes that most elements have
_OPENING = 3  # code points by which a copy of a title is found

Look = Callable[[str], tuple[Trial, ...]]
"""Return the trials that the value of an attribute leads to."""


@dataclass(slots=True)
class Names:
    """Hold the trials that values of one attribute lead to."""

    name: str
    values: dict[str, list[Trial]] = field(default_factory=dict)
    tokens: dict[str, list[Trial]] = field(default_factory=dict)
    words: dict[str, list[Trial]] = field(default_factory=dict)
    any: list[Trial] = field(default_factory=list)

    def look(self, value: str) -> tuple[Trial, ...]:
        """Return the trials for one value."""
        found = [*self.any, *self.values.get(value, ())]
        if self.tokens:
            found += (trial for token in set(value.split()) for trial in self.tokens.get(token, ()))
        if self.words:
            words = name_words(self.name, value)
            known = (trial for word in set(words) for trial in self.words.get(word, ()))
            found += (trial for trial in known if len(trial.key) == 1 or holds_words(words, trial.key))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Tables:
    """Hold the trials of a set of rules by what leads to them."""

    looks: Mapping[str, Look]
    tags: Mapping[str, tuple[Trial, ...]]
    phrases: tuple[Phrasebook, ...]
    all: tuple[Trial, ...]
    titles: tuple[Trial, ...]
    paths: tuple[tuple[Trial, etree.XPath], ...]

    @classmethod
    def of(cls, targets: Iterable[Target], phrases: bool = True) -> Tables:
        """Sort the trials of rules by their keys."""
        names: dict[str, Names] = {}
        tags: dict[str, list[Trial]] = {}
        phrased: list[Trial] = []
        everywhere: list[Trial] = []
        titles: list[Trial] = []
        paths: list[tuple[Trial, etree.XPath]] = []
        for target in targets:
            for trial in target.trials():
                if isinstance(trial.key, etree.XPath):
                    paths.append((trial, trial.key))
                elif not isinstance(trial.key, css.Key):
                    for name in NAMES:
                        table = names.setdefault(name, Names(name)).words
                        table.setdefault(max(trial.key, key=len), []).append(trial)
                elif trial.key.by in ("tag", "all") and target.spec.same_as:
                    titles.append(trial)
                elif trial.key.by == "tag" and literals_of(target):
                    phrased.append(trial)
                elif trial.key.by == "tag":
                    tags.setdefault(trial.key.name, []).append(trial)
                elif trial.key.by == "all":
                    everywhere.append(trial)
                else:
                    _file(trial, trial.key, names.setdefault(trial.key.name, Names(trial.key.name)))
        looks = {name: lru_cache(maxsize=_VALUES)(table.look) for name, table in names.items()}
        by_tag = {tag: tuple(trials) for tag, trials in tags.items()}
        books = (Phrasebook.of(phrased),) if phrased and phrases else ()
        return cls(looks, by_tag, books, tuple(everywhere), tuple(titles), tuple(paths))

    @property
    def is_one_walk(self) -> bool:
        """Tell whether candidates come in document order, but that elements around a title follow it."""
        return not (self.tags or self.phrases or self.all or self.paths)

    def candidates(self, root: Any, view: View) -> Iterator[tuple[Any, tuple[Trial, ...]]]:
        """Yield the elements that a key stands on, and the trials to make there."""
        openings = _openings(view.titles) if self.titles else frozenset()
        common = [(name, self.looks[name]) for name in _COMMON if name in self.looks]
        rare = {name: look for name, look in self.looks.items() if name not in _COMMON}
        texts = Texts()
        nodes = _gather(root, texts) if self.phrases else root.iter("*")
        for node in nodes if self.looks or openings or self.phrases else ():
            get, text = node.get, node.text
            for name, look in common:
                if (value := get(name)) and (trials := look(value)):
                    yield node, trials
            for name in node.keys() if rare else ():  # an element's own iterator lists its children
                if name in rare and (trials := rare[name](get(name))):
                    yield node, trials
            if openings and (node.tag in HEADLINES or (text and text.lstrip()[:_OPENING].lower() in openings)):
                yield from ((around, self.titles) for around in _as_short(node, view.longest_title))
        for book in self.phrases:
            yield from book.candidates(texts)
        for node in root.iter(*self.tags) if self.tags else ():
            yield node, self.tags[node.tag]
        for node in root.iter("*") if self.all else ():
            yield node, self.all
        for trial, path in self.paths:
            for node in _evaluate(path, root):
                yield node, (trial,)

    def joined(self, other: Tables) -> Tables:
        """Return tables that lead to the trials of both."""
        looks = {name: _both(self.looks.get(name), other.looks.get(name)) for name in {*self.looks, *other.looks}}
        tags = {tag: self.tags.get(tag, ()) + other.tags.get(tag, ()) for tag in {*self.tags, *other.tags}}
        titles, paths = self.titles + other.titles, self.paths + other.paths
        return Tables(looks, tags, self.phrases + other.phrases, self.all + other.all, titles, paths)


def _gather(root: Any, texts: Texts) -> Iterator[Any]:
    """Yield the elements that a reader sees, in order, and gather the texts in and between them."""
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event != "start":
            if event == "end" and node.tag not in INLINE:
                texts.part()
            if (tail := node.tail) and node is not root:
                texts.add(tail, node.getparent())
        elif node.tag in UNSEEN:
            walk.skip_subtree()
        else:
            yield node
            if node.tag not in INLINE:
                texts.part()
            if node.text:
                texts.add(node.text, node)


def _file(trial: Trial, key: css.Key, table: Names) -> None:
    if key.by == "attribute":
        table.any.append(trial)
    else:
        (table.values if key.by == "value" else table.tokens).setdefault(key.value, []).append(trial)


def _both(one: Look | None, two: Look | None) -> Look:
    if one is None or two is None:
        return one or two  # type: ignore[return-value]
    return lambda value: one(value) + two(value)


def _openings(titles: Iterable[str]) -> frozenset[str]:
    """Return how a text node can begin that begins a title, in lower case."""
    openings = {title[:_OPENING] for title in titles}
    return frozenset(openings.union(opening.replace("'", "’") for opening in openings))


def _as_short(node: Any, most: int) -> Iterator[Any]:
    """Yield an element and those around it, as long as they hold hardly more text than a title."""
    while node is not None and not is_longer(node, most + KICKER):
        yield node
        node = node.getparent()


def _evaluate(path: etree.XPath, root: Any) -> list[Any]:
    """Return the elements that a path leads to; none where it asks for what a page cannot say."""
    try:
        found = path(root)
    except etree.XPathError:
        return []
    return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
