"""Find what is wrong between rules: phrases and patterns that no rule uses, phrases too short, classes that clash."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from cleaner.rules.load import PATTERN_REF, Ruleset
from cleaner.rules.schema import Rule
from cleaner.text.fold import fold
from cleaner.text.shape import core, is_spaceless

Severity = Literal["error", "warning"]
RUNNING = ("test", "stable")
"""The states in which a rule runs without being asked for."""

_BRACKETS = "[]【】()（）"  # "[PR]" is a label where "PR" is a word
_SHOWN = 3  # phrases named in one complaint


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """Say what is bad, where, and what to write instead. `line` counts from 1; 0 where none is known."""

    path: str
    line: int
    rule: str
    field: str
    reason: str
    hint: str
    severity: Severity = "error"


def texts(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Return every text inside a part of a rule with its dotted path."""
    if isinstance(value, BaseModel):
        value = {info.alias or name: getattr(value, name) for name, info in type(value).model_fields.items()}
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, f"{at}.{key}" if at else str(key))
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from texts(part, f"{at}.{number}")
    elif isinstance(value, str):
        yield at, value


def unused_terms(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of terms that no rule names."""
    used = {text[1:] for rule in ruleset.rules for _, text in texts(rule.matcher) if text.startswith("$")}
    for name in sorted(ruleset.terms.keys() - used):
        path, line = ruleset.places.get(("term", name, min(ruleset.terms[name])), ("", 0))
        hint = "Name it in a rule, or delete it from every language"
        yield Complaint(path, line, "", f"terms.{name}", f"no rule uses ${name}", hint, "warning")


def unused_patterns(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of patterns that neither a rule nor a used pattern names."""
    queue = [text for rule in ruleset.rules for at, text in texts(rule.matcher) if at.rsplit(".")[-1] == "re"]
    used: set[str] = set()
    while queue:
        fresh = set(PATTERN_REF.findall(queue.pop())) - used
        used |= fresh
        queue += [ruleset.patterns[name] for name in fresh]
    for name in sorted(ruleset.patterns.keys() - used):
        path, line = ruleset.places.get(("pattern", name), ("", 0))
        hint = "Name it in a rule's `re`, or delete it"
        yield Complaint(path, line, "", f"patterns.{name}", f"no rule uses {{{{{name}}}}}", hint, "warning")


def short_terms(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of phrases with fewer than three letters (two in scripts without spaces), brackets counted."""
    for name, by_language in ruleset.terms.items():
        for lang, phrases in by_language.items():
            path, line = ruleset.places.get(("term", name, lang), ("", 0))
            for phrase in phrases:
                signs = "".join(char for char in phrase if char.isalnum() or char in _BRACKETS)
                if len(signs) < (2 if is_spaceless(signs) else 3):
                    hint = "Add the words that stand beside it on the page, or delete it"
                    reason = f"{phrase!r} has too few letters to tell anything"
                    yield Complaint(path, line, "", f"terms.{name}", reason, hint)


def clashes(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of whole lines that two rules cut under different classes: records and labels will disagree."""
    lines = {rule.id: _whole_lines(rule, ruleset) for rule in ruleset.rules if rule.kind == "line"}
    rules = [rule for rule in ruleset.rules if lines.get(rule.id) and rule.status in RUNNING]
    for number, one in enumerate(rules):
        for two in rules[number + 1 :]:
            shared = sorted(lines[one.id] & lines[two.id]) if one.class_ != two.class_ else []
            if shared and one.scope.hosts == two.scope.hosts:
                shown = ", ".join(map(repr, shared[:_SHOWN])) + (
                    f" and {len(shared) - _SHOWN} more" if shared[_SHOWN:] else ""
                )
                reason = f"{shown}: {one.id} cuts the same whole lines as {one.class_}, this rule as {two.class_}"
                hint = "Keep each phrase in the term of one class"
                yield Complaint(two.path, two.lineno, two.id, "line.eq", reason, hint, "warning")


def _whole_lines(rule: Rule, ruleset: Ruleset) -> set[str]:
    listed = getattr(rule.matcher, "eq", None) or ()
    phrases = [p for text in listed for p in (ruleset.phrases(text[1:]) if text[:1] == "$" else [text])]
    return {core(fold(phrase)) for phrase in phrases}


def idle_exceptions(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of exceptions to rules that do not run anyway."""
    status = {rule.id: rule.status for rule in ruleset.rules}
    for exemption in ruleset.exceptions:
        if status.get(exemption.rule, "") not in RUNNING:
            path, line = ruleset.places.get(("exception", exemption.rule), ("", 0))
            reason = f"the rule {exemption.rule} does not run, so an exception to it has no effect"
            yield Complaint(path, line, exemption.rule, "exceptions", reason, "Delete the exception", "warning")


SET_CHECKS: tuple[Callable[[Ruleset], Iterator[Complaint]], ...] = (
    short_terms,
    clashes,
    unused_terms,
    unused_patterns,
    idle_exceptions,
)
