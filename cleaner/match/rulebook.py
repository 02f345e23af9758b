"""The rules for texts: what each needs is known beforehand, its matcher is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cleaner.errors import RuleError
from cleaner.match.block import BlockMatcher
from cleaner.match.dup import DupMatcher
from cleaner.match.finding import Matcher, Telling
from cleaner.match.line import LineMatcher
from cleaner.match.literal import Literals
from cleaner.match.needs import Need
from cleaner.match.predicate import Compiler
from cleaner.match.run import RunMatcher
from cleaner.match.score import ScoreMatcher
from cleaner.match.span import SpanMatcher
from cleaner.match.tail import HeadMatcher, TailMatcher
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule

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

_FEW = 1000  # rules of which all matchers may be kept; each takes some ten kilobytes


@dataclass(frozen=True, slots=True)
class Compiled:
    """Hold one rule ready to run."""

    rule: Rule
    matcher: Matcher
    stratum: int
    telling: Telling | None = None

    @property
    def literals(self) -> Literals | None:
        """Return what a match needs one of; without literals a rule is tried on every text, behind a gate or in its place."""
        return self.matcher.literals

    @property
    def need(self) -> Need:
        """Derive what the rule needs to match.

        Raises `RuleError` where nothing says when the rule is worth trying.
        """
        rule, matcher = self.rule, self.matcher
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
        return Need(matcher.literals, matcher.gate if matcher.literals is None else None, matcher.room)


class Rulebook:
    """Hold the rules of a set that look at texts, each compiled when it is first asked for.

    Two threads may compile the same rule at once: either result serves both. With `like`, so do two books: what both
    have is compiled once, as long as terms, patterns and weights are the same.
    """

    def __init__(self, ruleset: Ruleset, like: Rulebook | None = None):
        self.ruleset = ruleset
        self._own = [number for number, head in enumerate(ruleset.heads) if head.kind != "select"]
        self.heads = tuple(ruleset.heads[number] for number in self._own)
        self._made: list[Compiled | None] = [None] * len(self._own)
        self._like, self._there = like, dict[str, int]()
        if like and ruleset.vocabulary and ruleset.vocabulary == like.ruleset.vocabulary:
            self._there = {head.digest: number for number, head in enumerate(like.heads)}

    def __len__(self) -> int:
        return len(self.heads)

    def __getitem__(self, number: int) -> Compiled:
        made = self._made[number]
        if made is None:
            there = self._there.get(self.heads[number].digest)
            known = self._like is not None and there is not None
            made = self._like[there] if known else make(self.rule(number), self.ruleset)  # type: ignore[index]
            self._made[number] = made
        return made

    def rule(self, number: int) -> Rule:
        """Read a rule."""
        return self.ruleset.held[self._own[number]]

    def need(self, number: int) -> Need:
        """Derive what a rule needs to match; of many rules the matchers are made again when they are asked for.

        Raises `RuleError` where a pattern is broken or unsafe, or where nothing says when the rule is worth trying.
        """
        need = self[number].need
        if len(self) > _FEW:
            self._made[number] = None
        return need

    def stratum(self, number: int) -> int:
        """Tell when a rule's turn comes."""
        return _STRATUM[self.heads[number].kind]


def make(rule: Rule, ruleset: Ruleset) -> Compiled:
    """Make the matcher of one rule.

    Raises `RuleError` where a pattern is broken or unsafe.
    """
    matcher = _BUILDERS[rule.kind](rule.matcher, Compiler(ruleset, rule))
    return Compiled(rule, matcher, _STRATUM[rule.kind], matcher if isinstance(matcher, ScoreMatcher) else None)


def compile_rule(rule: Rule, ruleset: Ruleset) -> Compiled:
    """Compile one rule.

    Raises `RuleError` where a pattern is broken or unsafe, or where nothing says when the rule is worth trying.
    """
    compiled = make(rule, ruleset)
    _ = compiled.need
    return compiled
