"""Sweep a text with compiled rules, stratum by stratum: regions, then furniture, then residual.

Within a stratum every rule sees the same sheet, so neither the order of files nor that of evaluation matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from cleaner.match.budget import Spent, too_many
from cleaner.match.claims import exceeding, keep_witnessed, tell_once
from cleaner.match.finding import Finding, place
from cleaner.match.gate import Batch, Flags
from cleaner.match.lookout import Lookout, Stirred
from cleaner.match.reach import WIDEST
from cleaner.match.rulebook import FURNITURE, REGIONS, RESIDUAL, Compiled, Rulebook, compile_rule
from cleaner.match.scan.scan import AUTO, PIECE, pieces
from cleaner.match.settle import settle, spans
from cleaner.match.stock import gather
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule
from cleaner.rules.scope import Facts, Reach, plain_host, sites
from cleaner.text.fold import visible
from cleaner.text.phrase import find_phrase
from cleaner.text.repair import looks_damaged, repair
from cleaner.text.shadow import damaged
from cleaner.text.sheet import LONG_LINE, OPENING, Sheet, opens_twice

__all__ = ["Compiled", "Facts", "Sweeper", "Swept", "compile_rule"]


@dataclass(frozen=True, slots=True)
class Swept:
    """Hold what a sweep found; flags name the rules that went beyond their own bounds, or abstained."""

    findings: tuple[Finding, ...]
    flags: tuple[str, ...] = ()


class Sweeper:
    """Find what the rules of a set match in a text. Immutable after construction, shared between threads."""

    def __init__(self, ruleset: Ruleset, naive: bool = False, engine: str = AUTO, like: Sweeper | None = None):
        """Compile a set; `like` is a sweeper of nearly the same rules, whose compiled ones serve here as well."""
        self.ruleset, self.naive, self.engine = ruleset, naive, engine
        self._rules: Rulebook = Rulebook(ruleset, like._rules if like else None)
        heads = self._rules.heads
        self._reach: dict[str, Reach] = {}
        self._sites: dict[str, int] = {}
        needs, prose = gather(self._rules)
        surfaces = [head.surface for head in heads]
        self._lookout = Lookout.build(needs, surfaces, self._homes(), prose.everyday, engine)
        ungated = needs.gates.keys()
        self._last_scanned = max((self._rules.stratum(n) for n in range(len(heads)) if n not in ungated), default=-1)
        self._bodily = {
            surface: frozenset(n for n, head in enumerate(heads) if "body" in head.apply_to and surface in head.surface)
            for surface in ("html", "text")
        }
        exempt = {exemption.rule for exemption in ruleset.exceptions}
        free = [n for n, head in enumerate(heads) if not (head.hosts or head.bounds or head.id in exempt)]
        self._unbound = {
            (where, surface): frozenset(n for n in free if where in heads[n].apply_to and surface in heads[n].surface)
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
        anyway = frozenset(range(len(self._rules))) if self.naive else self._lookout.tried_anyway(sites)
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
                hits = self._scan(sheet, sites) if stratum < self._last_scanned else {}
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
            stirred = self._lookout.stir(texts, sites, surface, partial(self._may_match, self._bodily[surface]), batch)
            hidden, bare = _hidden(batch)
            for at, one, is_hidden in zip(members, stirred, hidden.tolist(), strict=True):
                found[at] = None if is_hidden else one
            if bare:  # no rule can match a text that nothing stirs without its invisible characters
                again = [members[number] for number in bare]
                for at, seen in zip(again, self.stirred([*bare.values()], [facts[at] for at in again]), strict=True):
                    found[at] = None if seen else seen
        return found

    def _may_match(
        self, bodily: frozenset[int], number: int, text: str, start: int, end: int, line: tuple[int, int]
    ) -> bool:
        if number not in bodily:
            return False
        return line[1] - line[0] > WIDEST or self._rules[number].matcher.may_match(text, start, end, line)

    def _sites_of(self, host: str) -> tuple[int, ...]:
        """Return the numbers of the sites of a host that have rules of their own."""
        return tuple(self._sites[site] for site in sites(host) if site in self._sites)

    def _homes(self) -> dict[int, tuple[int, ...]]:
        """Number the sites that have rules of their own, and return for each such rule those that alone have it."""
        return {
            number: tuple(self._sites.setdefault(plain_host(host), len(self._sites)) for host in head.hosts)
            for number, head in enumerate(self._rules.heads)
            if head.hosts and "proof" not in head.bounds
        }

    def _scan(self, sheet: Sheet, sites: Sequence[int]) -> Mapping[int, Sequence[tuple[int, int]]]:
        """Scan a sheet for the literals of the rules for some sites."""
        marked = sheet.marked
        return self._lookout.scan.hits(sheet.folded, pieces(marked), sites)

    def _candidates(
        self, stratum: int, hits: Mapping[int, Sequence[tuple[int, int]]], ungated: frozenset[int]
    ) -> list[int]:
        """Return the rules of a stratum worth trying, in order: those hit, and those that no literal gates."""
        rules = self._rules
        return sorted(number for number in ungated.union(hits) if rules.stratum(number) == stratum)

    def _applies(self, rule: Rule, facts: Facts, where: str, sheet: Sheet) -> bool:
        if where not in rule.scope.apply_to:
            return False
        if rule.id not in self._reach:
            self._reach[rule.id] = Reach.of(rule, self.ruleset)
        return self._reach[rule.id].holds(facts, lambda phrase: find_phrase(sheet.folded, phrase) >= 0)


def _hidden(batch: Batch) -> tuple[Flags, dict[int, str]]:
    """Tell which texts need repair, hold invisible characters, or open with a title that stands there twice.

    Return as well, by their numbers, those that hold invisible characters and look sound, without these.
    """
    found = np.zeros(len(batch.begins), bool)
    bared: dict[int, str] = {}
    places = damaged(batch.shadow, batch.shadow.odd)
    found[batch.text_at(places)] = True
    for at in np.flatnonzero(found).tolist():
        start = int(batch.begins[at])
        end = int(batch.begins[at + 1]) - 1 if at + 1 < len(found) else len(batch.text) - 2
        text = batch.text[start:end]
        bare = visible(text)
        if bare == text:
            found[at] = repair(text)[0] != text
        elif not looks_damaged(text) and repair(text)[0] == text:
            bared[at] = bare
    rows, codes = batch.rows, batch.shadow.codes
    long = np.flatnonzero((rows.first == 0) & (rows.sizes > LONG_LINE))
    for line in long.tolist():
        start = int(rows.starts[line])
        opening = slice(start, min(int(rows.ends[line]), start + OPENING))
        if opens_twice(batch.text[opening], codes[opening].tobytes()):
            found[rows.text[line]] = True
    return found, bared
