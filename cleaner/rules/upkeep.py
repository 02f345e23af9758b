"""Find what is wrong between rules and phrases.

Phrases and patterns that no rule uses, phrases too short, needless beside shorter ones or common in another language,
classes that clash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal, NamedTuple

from cleaner.rules.load import PATTERN_REF, Ruleset
from cleaner.rules.prose import common_words
from cleaner.rules.schema import Block, Line, Predicate, Rule, Run
from cleaner.rules.walk import patterns, texts
from cleaner.text.fold import fold
from cleaner.text.phrase import find_phrase, starts_with
from cleaner.text.shape import core, is_spaceless

Severity = Literal["error", "warning", "note"]
"""An error must be mended, a warning looked at; a note tells what could be tidier and changes nothing that is cut."""

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


def unused_terms(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of terms that no rule names."""
    used = {text[1:] for rule in ruleset.rules for _, text in texts(rule.matcher) if text.startswith("$")}
    for name in sorted(ruleset.terms.keys() - used):
        path, line = ruleset.places.get(("term", name, min(ruleset.terms[name])), ("", 0))
        hint = "Name it in a rule, or delete it from every language"
        yield Complaint(path, line, "", f"terms.{name}", f"no rule uses ${name}", hint, "warning")


def unused_patterns(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of patterns that neither a rule nor a used pattern names."""
    queue = [text for rule in ruleset.rules for text in patterns(rule.matcher)]
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
    """Complain of whole lines, or headers of runs, that rules of two classes cut: records and labels will disagree."""
    told: set[tuple[str, str, str]] = set()
    wholes = (_whole(ruleset.held[number], ruleset) for number in _of_lines(ruleset))
    rules = [whole for whole in wholes if whole.phrases]
    for one, two in _sharing(rules):
        rule, other = one.rule, two.rule
        shared = (
            sorted(one.phrases & two.phrases)
            if rule.class_ != other.class_ and one.field.split(".")[0] == two.field.split(".")[0]
            else []
        )
        pair = (one.field, min(rule.class_, other.class_), max(rule.class_, other.class_))
        if shared and rule.scope.hosts == other.scope.hosts and (one.field == "line.eq" or pair not in told):
            told.add(pair)
            what = "cuts the same whole lines" if one.field == "line.eq" else "begins runs with the same headers"
            reason = f"{_shown(shared)}: {rule.id} {what} as {rule.class_}, this rule as {other.class_}"
            hint = "Keep each phrase in the term of one class"
            severity: Severity = "warning" if one.field == "line.eq" else "note"
            yield Complaint(other.path, other.lineno, other.id, one.field, reason, hint, severity)


class _Whole(NamedTuple):
    """Hold the lines that a rule names whole, and the field in which it does."""

    rule: Rule
    field: str
    phrases: frozenset[str]


def _of_lines(ruleset: Ruleset) -> Iterator[int]:
    """Return the places of the running rules that may name whole lines, reading none."""
    kinds = ("line", "run", "block")
    return (n for n, head in enumerate(ruleset.heads) if head.kind in kinds and head.status in RUNNING)


def _sharing(rules: Sequence[_Whole]) -> Iterator[tuple[_Whole, _Whole]]:
    """Return the pairs of rules that share a phrase, in order; most share none, and pairs are many."""
    having: dict[str, list[int]] = {}
    for number, whole in enumerate(rules):
        for phrase in whole.phrases:
            having.setdefault(phrase, []).append(number)
    pairs = {pair for numbers in having.values() for pair in combinations(numbers, 2)}
    return ((rules[one], rules[two]) for one, two in sorted(pairs))


def _whole(rule: Rule, ruleset: Ruleset) -> _Whole:
    """Return the field in which a rule names whole lines, and the lines; none where it asks for more than that."""
    spec = rule.matcher
    parts: Iterable[Predicate] = [spec] if isinstance(spec, Line) else ()
    if isinstance(spec, Block) and len(spec.steps) == 1 and not any((spec.at, spec.after, spec.before)):
        parts = spec.steps
    if isinstance(spec, Run):
        return _Whole(rule, "run.header", _lines(spec.header or (), ruleset))
    return _Whole(rule, "line.eq", _lines(parts, ruleset))


def _lines(parts: Iterable[Predicate], ruleset: Ruleset) -> frozenset[str]:
    listed = (text for part in parts for text in part.eq or ())
    return frozenset(_bare(phrase) for text in listed for phrase in _phrases(text, ruleset))


@lru_cache(maxsize=1 << 15)  # a set is looked at again and again while one of its rules is written
def _bare(phrase: str) -> str:
    return core(fold(phrase))


def _phrases(text: str, ruleset: Ruleset) -> tuple[str, ...]:
    return ruleset.phrases(text[1:]) if text[:1] == "$" and text[1:2].isalpha() else (text,)


def _shown(phrases: list[str]) -> str:
    more = f" and {len(phrases) - _SHOWN} more" if phrases[_SHOWN:] else ""
    return ", ".join(map(repr, phrases[:_SHOWN])) + more


def idle_phrases(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of phrases that a shorter one of the same term makes needless, where all rules ask for it in one way."""
    uses = _uses(ruleset)
    for name, keys in sorted(uses.items()):
        for lang, phrases in ruleset.terms.get(name, {}).items() if len(keys) == 1 else ():
            folded = [fold(phrase) for phrase in phrases]
            idle = sorted(phrase for phrase in folded if _is_covered(phrase, folded, keys))
            if idle:
                path, line = ruleset.places.get(("term", name, lang), ("", 0))
                reason = f"{_shown(idle)}: a shorter phrase of ${name} finds the same"
                hint = "Delete the longer one, or the shorter one where it says too little"
                yield Complaint(path, line, "", f"terms.{name}", reason, hint, "note")


def _uses(ruleset: Ruleset) -> dict[str, set[str]]:
    """Return, for each term, the keys it stands under; kinds that read phrases in flattened text count as another."""
    found: dict[str, set[str]] = {}
    for rule in ruleset.rules:
        for at, text in texts(rule.matcher):
            if text.startswith("$"):
                key = str(at[-2]) if len(at) > 1 else ""
                found.setdefault(text[1:], set()).add(key if rule.kind in ("line", "block") else rule.kind)
    return found


def _is_covered(phrase: str, others: Iterable[str], keys: set[str]) -> bool:
    shorter = tuple(other for other in others if other != phrase and other in phrase)
    if keys == {"starts"}:
        return bool(shorter) and starts_with(phrase, shorter)
    return keys == {"has"} and any(find_phrase(phrase, other) >= 0 for other in shorter)


def foreign_words(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of single words that begin or stand in lines, and are common words of another language.

    Phrases of all languages count where the language of a text is not known.
    """
    uses = _uses(ruleset)
    for name, by_language in ruleset.terms.items():
        for lang, phrases in by_language.items() if uses.get(name, set()) & {"starts", "has"} else ():
            words = {word for phrase in phrases if (word := core(fold(phrase))).isalpha()}
            found = sorted((word, other) for other, common in common_words().items() for word in words & common)
            for word, other in found if lang not in {other for _, other in found} else ():
                path, line = ruleset.places.get(("term", name, lang), ("", 0))
                reason = f"{word!r} is a common word of {other}, and the language of a text is often not known"
                hint = "Add the words that stand beside it on the page, or bind the rule to `scope.lang`"
                yield Complaint(path, line, "", f"terms.{name}", reason, hint, "warning")


def idle_exceptions(ruleset: Ruleset) -> Iterator[Complaint]:
    """Complain of exceptions to rules that do not run anyway."""
    status = {head.id: head.status for head in ruleset.heads}
    for exemption in ruleset.exceptions:
        if status.get(exemption.rule, "") not in RUNNING:
            path, line = ruleset.places.get(("exception", exemption.rule), ("", 0))
            reason = f"the rule {exemption.rule} does not run, so an exception to it has no effect"
            yield Complaint(path, line, exemption.rule, "exceptions", reason, "Delete the exception", "warning")


Check = Callable[[Ruleset], Iterator[Complaint]]

BETWEEN_RULES: tuple[Check, ...] = (clashes, idle_exceptions)
"""Checks that complain of single rules."""

SET_CHECKS: tuple[Check, ...] = (
    *BETWEEN_RULES,
    short_terms,
    idle_phrases,
    foreign_words,
    unused_terms,
    unused_patterns,
)
