"""Sweep a text with compiled rules, stratum by stratum: regions, then furniture, then residual.

Within a stratum every rule sees the same sheet, so neither the order of files nor that of evaluation matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from cleaner.errors import RuleError
from cleaner.match.block import BlockMatcher
from cleaner.match.budget import Spent, too_many
from cleaner.match.claims import exceeding, keep_witnessed, tell_once
from cleaner.match.dup import DupMatcher
from cleaner.match.finding import Finding, Matcher, Telling, place
from cleaner.match.gate import Batch, Flags
from cleaner.match.line import LineMatcher
from cleaner.match.literal import Literals
from cleaner.match.part import Need, Part, Stirred
from cleaner.match.predicate import Compiler
from cleaner.match.run import RunMatcher
from cleaner.match.scan.scan import AUTO, PIECE, pieces
from cleaner.match.score import ScoreMatcher
from cleaner.match.settle import settle, spans
from cleaner.match.span import SpanMatcher
from cleaner.match.tail import HeadMatcher, TailMatcher
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule
from cleaner.rules.scope import Facts, Reach, sites
from cleaner.text.fold import invisible_spans
from cleaner.text.phrase import find_phrase
from cleaner.text.repair import repair
from cleaner.text.shadow import damaged
from cleaner.text.sheet import LONG_LINE, OPENING, Sheet, opens_twice

__all__ = ["Compiled", "Facts", "Sweeper", "Swept", "compile_rule"]

REGIONS, FURNITURE, RESIDUAL = range(3)

_STRATUM = MappingProxyType(
    {
        "tail": REGIONS,
        "head": REGIONS,
        "run": REGIONS,
        "line": FURNITURE,
        "span": FURNITURE,
        "block": FURNITURE,
        "dup": RESIDUAL,
        "score": RESIDUAL,
    }
)
_BUILDERS: Mapping[str, Callable[[Any, Compiler], Matcher]] = MappingProxyType(
    {
        "tail": TailMatcher.build,
        "head": HeadMatcher.build,
        "run": RunMatcher.build,
        "line": LineMatcher.build,
        "span": SpanMatcher.build,
        "block": BlockMatcher.build,
        "dup": DupMatcher.build,
        "score": ScoreMatcher.build,
    }
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Hold one rule ready to run; without literals it is tried on every text, behind a gate or in its place."""

    rule: Rule
    matcher: Matcher
    stratum: int
    literals: Literals | None
    telling: Telling | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """Hold what a sweep found; flags name the rules that went beyond their own bounds, or abstained."""

    findings: tuple[Finding, ...]
    flags: tuple[str, ...] = ()


class Sweeper:
    """Find what the rules of a set match in a text. Immutable after construction, shared between threads."""

    def __init__(self, ruleset: Ruleset, naive: bool = False, engine: str = AUTO):
        self.ruleset, self.naive = ruleset, naive
        self._rules = tuple(compile_rule(rule, ruleset) for rule in ruleset.rules if rule.kind != "select")
        self._reach = {compiled.rule.id: Reach.of(compiled.rule, ruleset) for compiled in self._rules}
        self.engine = engine
        self._sites: dict[str, int] = {}
        needs = {number: self._need(number) for number in range(len(self._rules))}
        self._part = Part.build(needs, engine, _prose(ruleset))
        self._scanned = frozenset(compiled.stratum for compiled in self._rules if compiled.literals is not None)
        self._bodily = {
            surface: frozenset(
                number
                for number, compiled in enumerate(self._rules)
                if "body" in compiled.rule.scope.apply_to and surface in compiled.rule.scope.surface
            )
            for surface in ("html", "text")
        }
        self._unbound = {
            (where, surface): frozenset(
                number
                for number, compiled in enumerate(self._rules)
                if where in compiled.rule.scope.apply_to and self._reach[compiled.rule.id].holds_anywhere(surface)
            )
            for where in ("body", "related")
            for surface in ("html", "text")
        }

    def sweep(
        self,
        source: str,
        facts: Facts,
        where: str = "body",
        start: int = 0,
        end: int | None = None,
        stirred: Stirred | None = None,
    ) -> Swept:
        """Return the findings of all strata in `source[start:end]`, in positions of the source.

        `stirred` is what `stirred` told of the source: until something is found no other rule is tried.
        """
        findings: list[Finding] = []
        over: set[str] = set()
        told: list[str] = []
        sheet = Sheet(source, (), start, end, hides=stirred is None)
        whole = sheet
        sites = self._sites_of(facts.host)
        anyway = frozenset(range(len(self._rules))) if self.naive else self._part.tried_anyway(sites)
        ungated = anyway if stirred is None else anyway & stirred.keys()
        hits: Mapping[int, Sequence[tuple[int, int]]]
        if stirred is None:
            hits = self._scan(sheet, sites)
        else:
            hits = {number: near for number, near in stirred.items() if near is not None}
        unbound = self._unbound[where, facts.surface]
        for stratum in (REGIONS, FURNITURE, RESIDUAL):
            fresh: list[Finding] = []
            numbers = [
                number
                for number in self._candidates(stratum, hits, ungated)
                if number in unbound or self._applies(self._rules[number].rule, facts, where, whole)
            ]
            skipped = too_many({number: len(hits[number]) for number in numbers if number in hits}, len(sheet))
            for number in numbers:
                compiled = self._rules[number]
                near = None if self.naive or number in anyway else hits.get(number, [])
                try:
                    matches = [] if number in skipped else compiled.matcher.find(sheet, near)
                except Spent:
                    matches, skipped = [], skipped | {number}
                fresh += (place(sheet, found, compiled.rule) for found in matches)
                told += compiled.telling.flags(sheet) if compiled.telling and number not in skipped else ()
            told += (f"budget:{self._rules[number].rule.id}" for number in sorted(skipped))
            unbounded = exceeding(fresh, len(sheet))
            over |= unbounded
            fresh = [finding for finding in fresh if finding.rule.id not in unbounded]
            fresh = keep_witnessed(fresh) if stratum == RESIDUAL else tell_once(fresh)
            findings += fresh
            if fresh and stratum != RESIDUAL:
                sheet = Sheet(source, spans(settle(source, findings, start, end)), start, end, whole)
                hits = self._scan(sheet, sites) if stratum + 1 in self._scanned else {}
                ungated = anyway
        flags = (*(f"guard:{rule}" for rule in sorted(over)), *dict.fromkeys(told))
        return Swept(tuple(findings), flags)

    def stirred(self, sources: Sequence[str], facts: Sequence[Facts]) -> list[Stirred | None]:
        """Tell for each text which rules may match it; None where that takes a closer look.

        They are read side by side: the time it takes does not depend on how many they are, only on their length.
        """
        found: list[Stirred | None] = [None] * len(sources)
        for surface in () if self.naive else {one.surface for one in facts}:
            members = [at for at, one in enumerate(facts) if one.surface == surface and len(sources[at]) <= PIECE]
            texts, sites = [sources[at] for at in members], [self._sites_of(facts[at].host) for at in members]
            batch = Batch.of(texts)
            stirred = self._part.stir(texts, sites, surface, partial(self._may_match, self._bodily[surface]), batch)
            for at, one, is_hidden in zip(members, stirred, _has_hidden(batch).tolist(), strict=True):
                found[at] = None if is_hidden else one
        return found

    def _may_match(
        self, bodily: frozenset[int], number: int, text: str, start: int, end: int, line: tuple[int, int]
    ) -> bool:
        return number in bodily and self._rules[number].matcher.may_match(text, start, end, line)

    def _sites_of(self, host: str) -> tuple[int, ...]:
        """Return the numbers of the sites of a host that have rules of their own."""
        return tuple(self._sites[site] for site in sites(host) if site in self._sites)

    def _need(self, number: int) -> Need:
        compiled = self._rules[number]
        gate = compiled.matcher.gate if compiled.literals is None else None
        homes = (self._sites.setdefault(site, len(self._sites)) for site in self._reach[compiled.rule.id].hosts)
        return Need(compiled.rule, compiled.literals, gate, compiled.matcher.room, tuple(homes))

    def _scan(self, sheet: Sheet, sites: Sequence[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
        """Scan a sheet for the literals of the rules for some sites."""
        marked = sheet.marked
        return self._part.scan.hits(sheet.folded, pieces(marked), sites)

    def _candidates(
        self, stratum: int, hits: Mapping[int, Sequence[tuple[int, int]]], ungated: frozenset[int]
    ) -> list[int]:
        """Return the rules of a stratum worth trying, in order: those hit, and those that no literal gates."""
        rules = self._rules
        return sorted(number for number in ungated.union(hits) if rules[number].stratum == stratum)

    def _applies(self, rule: Rule, facts: Facts, where: str, sheet: Sheet) -> bool:
        return where in rule.scope.apply_to and self._reach[rule.id].holds(
            facts, lambda phrase: find_phrase(sheet.folded, phrase) >= 0
        )


def _has_hidden(batch: Batch) -> Flags:
    """Tell which texts need repair, hold invisible characters, or open with a title that stands there twice."""
    found = np.zeros(len(batch.begins), bool)
    places = damaged(batch.shadow, batch.shadow.odd)
    found[batch.text_at(places)] = True
    for at in np.flatnonzero(found).tolist():
        start = int(batch.begins[at])
        end = int(batch.begins[at + 1]) - 1 if at + 1 < len(found) else len(batch.text) - 2
        text = batch.text[start:end]
        found[at] = any(True for _ in invisible_spans(text)) or repair(text)[0] != text
    rows, codes = batch.rows, batch.shadow.codes
    long = np.flatnonzero((rows.first == 0) & (rows.sizes > LONG_LINE))
    for line in long.tolist():
        start = int(rows.starts[line])
        opening = slice(start, min(int(rows.ends[line]), start + OPENING))
        if opens_twice(batch.text[opening], codes[opening].tobytes()):
            found[rows.text[line]] = True
    return found


def _prose(ruleset: Ruleset) -> str:
    """Return what the examples leave of their texts: made to read like articles, they tell what is common in them."""
    return "\n".join(case.keep or case.out or "" for rule in ruleset.rules for case in rule.tests)


def compile_rule(rule: Rule, ruleset: Ruleset) -> Compiled:
    """Compile one rule.

    Raises `RuleError` where a pattern is broken or unsafe, or where nothing says when the rule is worth trying.
    """
    compiler = Compiler(ruleset, rule)
    matcher = _BUILDERS[rule.kind](rule.matcher, compiler)
    if (
        matcher.literals is None
        and rule.kind not in ("run", "dup", "score")
        and getattr(rule.matcher, "at", None) is None
    ):
        raise RuleError(
            "no literal can be derived from it and no position binds it",
            path=rule.path, line=rule.lineno, rule=rule.id, field=rule.kind,
            hint="Add a phrase of three letters or more, or `at: {first: n}` or `at: {last: n}`",
        )  # fmt: skip
    telling = matcher if isinstance(matcher, ScoreMatcher) else None
    return Compiled(rule, matcher, _STRATUM[rule.kind], matcher.literals, telling)
