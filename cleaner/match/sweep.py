"""Sweep a text with compiled rules, stratum by stratum: regions, then furniture, then residual.

Within a stratum every rule sees the same sheet, so neither the order of files nor that of evaluation matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from cleaner.errors import RuleError
from cleaner.match.block import BlockMatcher
from cleaner.match.claims import exceeding, keep_witnessed, tell_once
from cleaner.match.dup import DupMatcher
from cleaner.match.finding import Finding, Matcher, place
from cleaner.match.line import LineMatcher
from cleaner.match.phrases import find_phrase
from cleaner.match.predicate import Compiler
from cleaner.match.prefilter import Prefilter
from cleaner.match.run import RunMatcher
from cleaner.match.settle import settle, spans
from cleaner.match.span import SpanMatcher
from cleaner.match.tail import HeadMatcher, TailMatcher
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule, Scope
from cleaner.text.sheet import Sheet

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
    }
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Hold one rule ready to run."""

    rule: Rule
    matcher: Matcher
    stratum: int
    atoms: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what is known of a document beside its text: what scopes ask for."""

    host: str = ""
    lang: str = ""
    crawled: str = ""

    @classmethod
    def of(cls, url: str | None, source: str | None, lang: str | None, crawled: str | None) -> Facts:
        """Gather the facts; a source that is a host name counts as the host where no URL is known."""
        host = host_of(url) if url else ""
        if not host and source and "." in source and " " not in source:
            host = host_of(source)
        return cls(_plain_host(host), (lang or "").lower().replace("_", "-").split("-")[0], crawled or "")


@dataclass(frozen=True, slots=True)
class Swept:
    """Hold what a sweep found, and the rules that went beyond their own bounds."""

    findings: tuple[Finding, ...]
    flags: tuple[str, ...] = ()


class Sweeper:
    """Find what the rules of a set match in a text. Immutable after construction, shared between threads."""

    def __init__(self, ruleset: Ruleset, naive: bool = False):
        self.ruleset, self.naive = ruleset, naive
        self._rules = tuple(compile_rule(rule, ruleset) for rule in ruleset.rules)
        self._proofs = {c.rule.id: Compiler(ruleset, c.rule).phrases(c.rule.scope.proof) for c in self._rules}
        self._exempt: dict[str, list[tuple[Scope, tuple[str, ...]]]] = {}
        for exemption in ruleset.exceptions:
            for rule in ruleset.rules:
                if rule.id == exemption.rule:
                    proofs = Compiler(ruleset, rule).phrases(exemption.scope.proof)
                    self._exempt.setdefault(rule.id, []).append((exemption.scope, proofs))
        atoms: dict[str, list[int]] = {}
        for number, compiled in enumerate(self._rules):
            for atom in compiled.atoms or ():
                atoms.setdefault(atom, []).append(number)
        self._prefilter = Prefilter.build(atoms)

    def sweep(self, source: str, facts: Facts, where: str = "body", start: int = 0, end: int | None = None) -> Swept:
        """Return the findings of all strata in `source[start:end]`, in positions of the source."""
        findings: list[Finding] = []
        over: set[str] = set()
        sheet = Sheet(source, (), start, end)
        whole = sheet
        hits = self._scan(sheet)
        for stratum in (REGIONS, FURNITURE, RESIDUAL):
            fresh: list[Finding] = []
            for number in self._candidates(stratum, hits):
                compiled = self._rules[number]
                if self._applies(compiled.rule, facts, where, whole):
                    near = None if self.naive or compiled.atoms is None else hits.get(number, [])
                    fresh += (place(sheet, found, compiled.rule) for found in compiled.matcher.find(sheet, near))
            unbounded = exceeding(fresh, len(sheet))
            over |= unbounded
            fresh = [finding for finding in fresh if finding.rule.id not in unbounded]
            fresh = keep_witnessed(fresh) if stratum == RESIDUAL else tell_once(fresh)
            findings += fresh
            if fresh and stratum != RESIDUAL:
                sheet = Sheet(source, spans(settle(source, findings, start, end)), start, end)
                hits = self._scan(sheet)
        return Swept(tuple(findings), tuple(f"guard:{rule}" for rule in sorted(over)))

    def _scan(self, sheet: Sheet) -> dict[int, list[tuple[int, int]]]:
        """Scan once for the literals of all rules; a line end counts as a space, since some rules flow across it."""
        return {} if self.naive else self._prefilter.scan(sheet.folded.replace("\n", " "))

    def _candidates(self, stratum: int, hits: Mapping[int, Sequence[tuple[int, int]]]) -> list[int]:
        return [
            number
            for number, compiled in enumerate(self._rules)
            if compiled.stratum == stratum and (self.naive or number in hits or compiled.atoms is None)
        ]

    def _applies(self, rule: Rule, facts: Facts, where: str, sheet: Sheet) -> bool:
        if where not in rule.scope.apply_to or not self._in_scope(rule.scope, facts, self._proofs[rule.id], sheet):
            return False
        exempt = self._exempt.get(rule.id, ())
        return not any(
            _is_known(scope, facts) and self._in_scope(scope, facts, proofs, sheet) for scope, proofs in exempt
        )

    def _in_scope(self, scope: Scope, facts: Facts, proofs: tuple[str, ...], sheet: Sheet) -> bool:
        if scope.lang and facts.lang and facts.lang not in scope.lang:
            return False
        if scope.valid_from and facts.crawled and facts.crawled[:10] < scope.valid_from:
            return False
        if scope.valid_until and facts.crawled and facts.crawled[:10] > scope.valid_until:
            return False
        if not scope.hosts:
            return not proofs or any(find_phrase(sheet.folded, proof) >= 0 for proof in proofs)
        hosts = map(_plain_host, scope.hosts)
        on_host = any(facts.host == host or facts.host.endswith("." + host) for host in hosts)
        return on_host or any(find_phrase(sheet.folded, proof) >= 0 for proof in proofs)


def _is_known(scope: Scope, facts: Facts) -> bool:
    """Tell whether what a scope asks of language and crawl date is known: an exception needs evidence."""
    dated = scope.valid_from or scope.valid_until
    return not (scope.lang and not facts.lang) and not (dated and not facts.crawled)


def host_of(url: str) -> str:
    """Return a URL's host; nothing where it cannot be read."""
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def _plain_host(host: str) -> str:
    return host.lower().strip(".").removeprefix("www.")


def compile_rule(rule: Rule, ruleset: Ruleset) -> Compiled:
    """Compile one rule.

    Raises `RuleError` where a pattern is broken or unsafe, or where nothing says when the rule is worth trying.
    """
    matcher = _BUILDERS[rule.kind](rule.matcher, Compiler(ruleset, rule))
    atoms = matcher.atoms
    if atoms is None and rule.kind not in ("run", "dup") and getattr(rule.matcher, "at", None) is None:
        raise RuleError(
            "no literal can be derived from it and no position binds it",
            path=rule.path, line=rule.lineno, rule=rule.id, field=rule.kind,
            hint="Add a phrase of three letters or more, or `at: {first: n}` or `at: {last: n}`",
        )  # fmt: skip
    return Compiled(rule, matcher, _STRATUM[rule.kind], atoms)
