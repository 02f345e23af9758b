"""The gate: run every rule over clean text, and report what it would cut there.

A finding counts as it is, before guards and other rules have their say: the gate asks what a rule takes for noise.
Rules that look at pages have nothing to look at here and are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from cleaner.errors import RuleError
from cleaner.match.finding import Finding
from cleaner.match.sweep import Facts, Sweeper
from cleaner.rules.advice import refusal
from cleaner.rules.load import Ruleset
from cleaner.rules.prose import Passage, flatten
from cleaner.rules.schema import Rule, Scope
from cleaner.rules.strict import Strict
from cleaner.rules.yaml import read_yaml

Layout = Literal["lines", "flat"]

GROUPS: tuple[tuple[str, ...], ...] = (("test", "stable"), ("experimental",))
"""Rules run by status: experimental ones apart, so that neither group hides a hit of the other."""

QUOTED = 100
"""Code points by which a hit is named in a list of allowed ones."""

ANY = "*"
_AROUND = 40  # code points shown on either side of a hit
_BOTH: tuple[Literal["html"], Literal["text"]] = ("html", "text")


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold one stretch of clean text that a rule would cut; `line` counts from 1 in the file or text."""

    rule: str
    class_: str
    status: str
    passage: str
    layout: Layout
    line: int
    text: str
    before: str
    after: str

    @property
    def quote(self) -> str:
        """The beginning of what is cut, white space folded: what names the hit."""
        return _folded(self.text)[:QUOTED].rstrip()

    def describe(self) -> dict[str, Any]:
        """Return the hit as plain values."""
        return {
            "rule": self.rule,
            "class": self.class_,
            "status": self.status,
            "passage": self.passage,
            "layout": self.layout,
            "line": self.line,
            "text": self.text,
            "before": self.before,
            "after": self.after,
        }


class Allowance(Strict):
    """Let one rule cut one passage, named by how the cut begins (`*`: any), and say why."""

    rule: str
    passage: str
    why: str

    def covers(self, hit: Hit) -> bool:
        """Tell whether this is the hit that is allowed."""
        return self.rule == hit.rule and self.passage in (ANY, hit.quote)


class AllowanceFile(Strict):
    """Describe a file of allowed hits."""

    allowed: tuple[Allowance, ...]


class Gate:
    """Look for hits of a set of rules, each passage as it stands and, with `flat`, on one line.

    `unbound` lifts hosts, proofs, languages and dates off the rules: what a site's own rule would do elsewhere.
    """

    def __init__(self, ruleset: Ruleset, unbound: bool = False, flat: bool = True):
        self.ruleset, self.unbound, self.flat = ruleset, unbound, flat

    def hits(self, passage: Passage) -> Iterator[Hit]:
        """Yield what the rules would cut of one passage."""
        facts = Facts.of(passage.url, passage.source, passage.lang, passage.crawled)
        for sweeper in self._as_dumps if passage.body is not None else self._anywhere:
            for layout, text in self._layouts(passage):
                for finding in sweeper.sweep(text, facts).findings:
                    if passage.body is None or _takes(text, finding, passage.body):
                        yield _hit(passage, layout, text, finding)

    def tries(self, allowance: Allowance) -> bool:
        """Tell whether an allowance could be met: rules bound to sites are tried elsewhere only where they are unbound."""
        scopes = [rule.scope for rule in self.ruleset.rules if rule.id == allowance.rule]
        return self.unbound or not any(scope.hosts or scope.proof for scope in scopes)

    def _layouts(self, passage: Passage) -> Iterator[tuple[Layout, str]]:
        yield "lines", passage.text
        if self.flat and passage.body is None and "\n" in passage.text.strip():
            yield "flat", flatten(passage.text)

    @cached_property
    def _anywhere(self) -> list[Sweeper]:
        """The rules as if a clean text came from a page and as a dump at once."""
        return self._sweepers(lambda scope: scope.model_copy(update={"surface": _BOTH}))

    @cached_property
    def _as_dumps(self) -> list[Sweeper]:
        return self._sweepers(lambda scope: scope)

    def _sweepers(self, widen: Callable[[Scope], Scope]) -> list[Sweeper]:
        free = Scope.model_validate({"apply_to": "body"})
        groups = ([rule for rule in self.ruleset.rules if rule.status in group] for group in GROUPS)
        return [
            Sweeper(self.ruleset.only(_with(rule, free if self.unbound else widen(rule.scope)) for rule in group))
            for group in groups
            if group
        ]


def read_allowances(path: str | Path) -> tuple[Allowance, ...]:
    """Read a file of allowed hits.

    Raises `RuleError` where it is not of that form.
    """
    try:
        value, lines = read_yaml(Path(path).read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot be read: {error}", path=str(path), hint="Give a YAML file") from None
    value = value or {"allowed": []}
    if not isinstance(value, dict):
        hint = "Write `allowed:`, a list of `rule`, `passage` (how the cut begins) and `why`"
        raise RuleError("holds no allowances", path=str(path), line=1, hint=hint)
    try:
        return AllowanceFile.model_validate(value).allowed
    except ValidationError as error:
        raise refusal(error, AllowanceFile, value, lines, str(path)) from None


def sift(hits: Iterable[Hit], allowed: Sequence[Allowance]) -> tuple[list[Hit], list[Hit], list[Allowance]]:
    """Split hits into those that nobody allowed and those allowed; return the allowances that met no hit as well."""
    unlisted: list[Hit] = []
    listed: list[Hit] = []
    met: set[Allowance] = set()
    for hit in hits:
        covering = [allowance for allowance in allowed if allowance.covers(hit)]
        met.update(covering)
        (listed if covering else unlisted).append(hit)
    return unlisted, listed, [allowance for allowance in allowed if allowance not in met]


def _with(rule: Rule, scope: Scope) -> Rule:
    return rule.model_copy(update={"scope": scope})


def _takes(text: str, finding: Finding, body: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a finding holds a visible character of the parts that are clean."""
    return any(text[max(a, finding.start) : min(b, finding.end)].strip() for a, b in body if a < finding.end)


def _hit(passage: Passage, layout: Layout, text: str, finding: Finding) -> Hit:
    start, end = finding.start, finding.end
    return Hit(
        rule=finding.rule.id,
        class_=finding.rule.class_,
        status=finding.rule.status,
        passage=passage.id,
        layout=layout,
        line=passage.line + text.count("\n", 0, start),
        text=text[start:end],
        before=_folded(text[max(0, start - _AROUND) : start]),
        after=_folded(text[end : end + _AROUND]),
    )


def _folded(text: str) -> str:
    return " ".join(text.split())
