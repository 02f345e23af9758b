"""Mark the elements of a page that `select` rules describe, then take them out.

All rules see the same page: elements are marked first, and removed when every rule has looked. The page is walked once;
the names of its elements are looked up in tables over all rules that can apply, so that time does not grow with their
number. Rules bound to other hosts are not in the tables at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cleaner.html.node import take_out
from cleaner.html.tables import Tables
from cleaner.html.target import Target, View
from cleaner.model import Drop
from cleaner.rules.load import Ruleset
from cleaner.rules.scope import Facts, plain_host
from cleaner.text.shape import core
from cleaner.text.sheet import Sheet

_SITES = 256  # hosts whose tables are remembered


@dataclass(frozen=True, slots=True)
class Mark:
    """Hold an element that a rule marks, with its path and text as they were."""

    node: Any
    drop: Drop


class Pruner:
    """Take out of pages what the `select` rules of a set describe. Immutable after construction, shared by threads."""

    def __init__(self, ruleset: Ruleset, phrases: bool = True):
        """Compile the `select` rules among others; raises `RuleError` for a selector or pattern that is broken.

        Without `phrases`, rules that look for phrases in common elements are left out.
        """
        self._phrases = phrases
        self._generic: list[Target] = []
        self._hosts: dict[str, list[Target]] = {}
        for rule in ruleset.of_kind("select"):
            if rule.select:
                target = Target.build(rule, rule.select, ruleset)
                for host in rule.scope.hosts:
                    self._hosts.setdefault(plain_host(host), []).append(target)
                if not rule.scope.hosts:
                    self._generic.append(target)
        self._tables = Tables.of(self._generic, phrases)
        self._tables_of = lru_cache(maxsize=_SITES)(self._build)

    def __bool__(self) -> bool:
        return bool(self._generic or self._hosts)

    def prune(self, root: Any, facts: Facts, titles: Sequence[str] = ()) -> tuple[Drop, ...]:
        """Take the marked elements out of a tree and account for each.

        `facts` say which rules apply; `titles` are what the page declares as its title. Text after an element stays.
        """
        return remove(self.mark(root, facts, titles))

    def mark(self, root: Any, facts: Facts, titles: Sequence[str] = ()) -> tuple[Mark, ...]:
        """Mark elements in document order; of nested ones the outermost, of several rules the first by id."""
        view = View(root, facts, frozenset(filter(None, (core(Sheet(title).folded) for title in titles))))
        tables = self._tables_for(facts.host)
        body = root.find("body")
        found: dict[Any, str] = {}
        for node, trials in tables.candidates(root if body is None else body, view):
            if found.keys().isdisjoint(node.iterancestors()):
                for trial in trials:
                    rule = trial.target.rule.id
                    if (node not in found or rule < found[node]) and trial.holds(node, view):
                        found[node] = rule
        outermost = [node for node in found if found.keys().isdisjoint(node.iterancestors())]
        if not tables.is_one_walk:
            outermost = _in_order(root, outermost)
        tree = root.getroottree()
        return tuple(Mark(node, Drop(tree.getpath(node), view.text(node), found[node])) for node in outermost)

    def _tables_for(self, host: str) -> Tables:
        sites = tuple(site for site in _sites(host) if site in self._hosts)
        return self._tables_of(sites) if sites else self._tables

    def _build(self, sites: tuple[str, ...]) -> Tables:
        targets = {target.rule.id: target for site in sites for target in self._hosts[site]}
        return self._tables.joined(Tables.of(targets.values(), self._phrases))


def remove(marks: Iterable[Mark]) -> tuple[Drop, ...]:
    """Take marked elements out of their tree and account for each; the order is that of marking."""
    marks = tuple(marks)
    for nodes in list(_runs(mark.node for mark in marks)):
        take_out(nodes)
    return tuple(mark.drop for mark in marks)


def _runs(nodes: Iterable[Any]) -> Iterator[list[Any]]:
    """Gather siblings that stand side by side."""
    run: list[Any] = []
    for node in nodes:
        if run and node.getprevious() is not run[-1]:
            yield run
            run = []
        run.append(node)
    if run:
        yield run


def _sites(host: str) -> Iterator[str]:
    """Yield a host and the domains it is part of."""
    parts = host.split(".") if host else []
    return (".".join(parts[at:]) for at in range(len(parts)))


def _in_order(root: Any, nodes: Iterable[Any]) -> list[Any]:
    """Sort elements as they stand in the page."""
    wanted = set(nodes)
    return [node for node in root.iter({node.tag for node in wanted}) if node in wanted] if wanted else []
