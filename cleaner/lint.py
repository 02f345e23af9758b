"""Find what is valid in rules but bad: weak openers and literals, slow patterns, tests that prove nothing, dead entries.

Lint is not validation: loading has refused whatever is wrong. Each check is one function that yields faults of one rule
and stands in a table: `RULE_CHECKS` for all rules, `TEXT_CHECKS` and `PAGE_CHECKS` by what they look at; checks on how
rules and phrases stand together are in `cleaner.rules.upkeep`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import regex
from pydantic import BaseModel

from cleaner.errors import RuleError
from cleaner.html import css
from cleaner.html.node import NAMES
from cleaner.html.target import Target
from cleaner.match.dup import DupMatcher
from cleaner.match.finding import Matcher
from cleaner.match.line import in_place
from cleaner.match.predicate import Compiler
from cleaner.match.settle import settle
from cleaner.match.sweep import Facts, Sweeper, compile_rule
from cleaner.match.whole_page import profile
from cleaner.rules.backtracking import parse
from cleaner.rules.load import Ruleset
from cleaner.rules.overlay import Overlay
from cleaner.rules.pattern import literals, pattern_faults
from cleaner.rules.prose import common_words
from cleaner.rules.schema import Block, Dup, Head, Line, Predicate, Rule, Run, Score, Select, Span, Tail, Wording
from cleaner.rules.upkeep import BETWEEN_RULES, RUNNING, SET_CHECKS, Complaint, Severity
from cleaner.text.fold import fold
from cleaner.text.layout import blocks
from cleaner.text.phrase import find_phrase
from cleaner.text.shape import core, is_spaceless
from cleaner.text.sheet import Sheet, ends_sentence
from cleaner.text.words import split_words

__all__ = ["PAGE_CHECKS", "RULE_CHECKS", "SET_CHECKS", "TEXT_CHECKS", "Complaint", "lint", "lint_of"]

COMMON = 3
"""A word that stands in the clean texts of this many other rules' tests is a common one."""


_MENU = 5  # short lines that make a text look like a page
_SMALL = 600  # code points up to which an element that is mostly links is small
_EVERYWHERE = frozenset(
    ("alt", "aria-hidden", "aria-label", "class", "content", "data-id", "dir", "height", "href", "id", "itemprop", "lang",
     "name", "rel", "role", "src", "style", "tabindex", "target", "title", "type", "width")
)  # fmt: skip
_PLAIN_TAGS = frozenset(("", "a", "div", "li", "p", "section", "span", "ul"))
_COMMON = frozenset(
    ("article", "block", "body", "box", "col", "column", "container", "content", "entry", "inner", "item", "left", "main",
     "news", "outer", "page", "paragraph", "post", "region", "right", "row", "section", "site", "story", "text", "the",
     "view", "wrap", "wrapper")
)  # fmt: skip


class Fault(NamedTuple):
    """Say what is bad about a rule, in which field, and what to write instead."""

    field: str
    reason: str
    hint: str
    severity: Severity = "error"


class Part(NamedTuple):
    """Hold one predicate of a rule, its dotted path and the longest line it is tried on (0: any)."""

    field: str
    spec: Predicate | Wording
    most: int


@dataclass(frozen=True)
class Subject:
    """Hold one rule with all that checks ask about it."""

    rule: Rule
    ruleset: Ruleset
    words: Mapping[str, int]
    """In how many rules' clean texts each word stands."""
    matcher: Matcher | None
    """What runs; None for rules that look at pages."""

    @cached_property
    def compiler(self) -> Compiler:
        """Resolve terms and patterns for the rule."""
        return Compiler(self.ruleset, self.rule)

    @cached_property
    def parts(self) -> list[Part]:
        """List the predicates, the outer ones first."""
        return list(_parts(self.rule.matcher, self.rule.kind, 0))

    @cached_property
    def patterns(self) -> list[tuple[str, str, int]]:
        """List field, resolved text and longest input (0: any) of each pattern."""
        found = [(f"{part.field}.re", part.spec.re, part.most) for part in self.parts if part.spec.re]
        if isinstance(self.rule.matcher, Span) and self.rule.matcher.re:
            found.append(("span.re", self.rule.matcher.re, 0))
        return [(field, self.compiler.pattern(text), most) for field, text, most in found]

    def phrases(self, spec: Predicate | Wording) -> tuple[str, ...]:
        """Return all phrases of a predicate, folded."""
        lead = spec.lead if isinstance(spec, Predicate) else None
        listed = [*(spec.eq or ()), *(spec.starts or ()), *(lead or ()), *(spec.ends or ()), *(spec.has or ())]
        return tuple(core(phrase) for phrase in self.compiler.phrases(listed))


def _parts(value: Any, at: str, most: int) -> Iterator[Part]:
    if isinstance(value, (Predicate, Wording)):
        most = min(filter(None, (most, value.len[1] if value.len else 0)), default=0)
        yield Part(at, value, most)
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            inner = most if name == "without" else 0
            yield from _parts(getattr(value, name), f"{at}.{info.alias or name}", inner)
    elif isinstance(value, (tuple, dict)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _parts(part, f"{at}.{key}", most)


def lint(ruleset: Ruleset, base: Ruleset | None = None) -> list[Complaint]:
    """Return what is bad about rules and phrases, sorted by file and line.

    With `base` only what was not bad there, and what of it the rules change.
    """
    known = {head.id for head in base.heads} if base else set()
    words = _clean_words(ruleset)
    found = _of_the_set(ruleset) - (_of_the_set(base) if base else set())
    for rule in ruleset.rules:
        if rule.id not in known:
            found |= _of_the_rule(rule, ruleset, words)
    return sorted(found.union(_changes(base, ruleset) if base else ()))


def _changes(base: Ruleset, ruleset: Ruleset) -> Iterator[Complaint]:
    """Tell what a set changes of the one it was laid on, beside adding rules; an exception is told in its own words."""
    overlay = Overlay.of(base, ruleset)
    for name in overlay.opinions:
        hint = "Give it an id of its own, unless it is meant to take that one's place"
        yield _of_place(ruleset, ("opinion", name), "opinions", f"replaces the opinion {name}", hint, "warning")
    for name in overlay.weights:
        hint = "Give them a name of their own, unless they are meant to take those weights' place"
        yield _of_place(ruleset, ("weights", name), "weights", f"replaces the weights {name}", hint, "warning")
    for (name, lang), phrases in overlay.terms.items():
        reason = f"adds to ${name}, which other rules name as well: {', '.join(map(repr, phrases[:3]))}"
        hint = "Name a term of your own in your rules, unless all rules shall know these phrases"
        place = ("phrases", name, lang)
        yield _of_place(ruleset, place, f"terms.{name}", reason + ("..." if phrases[3:] else ""), hint, "note")


def _of_place(
    ruleset: Ruleset, key: tuple[str, ...], field: str, reason: str, hint: str, severity: Severity
) -> Complaint:
    path, line = ruleset.places.get(key, ("", 0))
    return Complaint(path, line, "", field, reason, hint, severity)


def lint_of(ruleset: Ruleset, ids: Collection[str]) -> list[Complaint]:
    """Return what `lint` says about the rules with these ids, also how they stand beside others, and nothing else.

    It reads every rule of the set: where sets are made from one base again and again, read the base's rules once. Raises `KeyError` for an id that the set has not.
    """
    wanted = frozenset(ids)
    words = _clean_words(ruleset)
    found = {fault for check in BETWEEN_RULES for fault in check(ruleset) if fault.rule in wanted}
    return sorted(found.union(*(_of_the_rule(ruleset[name], ruleset, words) for name in wanted)))


def _of_the_rule(rule: Rule, ruleset: Ruleset, words: Mapping[str, int]) -> set[Complaint]:
    return {Complaint(rule.path, rule.lineno, rule.id, *fault) for fault in _faults(rule, ruleset, words)}


def _of_the_set(ruleset: Ruleset) -> set[Complaint]:
    return {complaint for check in SET_CHECKS for complaint in check(ruleset)}


def _faults(rule: Rule, ruleset: Ruleset, words: Mapping[str, int]) -> Iterator[Fault]:
    try:
        subject = _subject(rule, ruleset, words)
    except RuleError as error:
        yield Fault(error.field, error.reason, error.hint)
        return
    for check in (*(PAGE_CHECKS if rule.select else TEXT_CHECKS), *RULE_CHECKS):
        yield from check(subject)


def _subject(rule: Rule, ruleset: Ruleset, words: Mapping[str, int]) -> Subject:
    if rule.select:
        Target.build(rule, rule.select, ruleset)
        return Subject(rule, ruleset, words, None)
    return Subject(rule, ruleset, words, compile_rule(rule, ruleset).matcher)


def weak_literals(subject: Subject) -> Iterator[Fault]:
    """Complain of rules that the scan finds by short or common words only: they are tried on most texts in vain."""
    atoms = {literal.text.strip() for literal in (subject.matcher.literals if subject.matcher else None) or ()}
    if not atoms or getattr(subject.rule.matcher, "at", None) or subject.rule.scope.hosts:
        return
    if all(_is_short(atom) or _is_common(atom, subject) for atom in atoms):
        shown = ", ".join(map(repr, sorted(atoms)[:4]))
        hint = "Add a longer phrase that every match holds, or `at:`"
        yield Fault(subject.rule.kind, f"only short or common words lead to it: {shown}", hint, "warning")


def _is_short(atom: str) -> bool:
    return len(atom) < (2 if is_spaceless(atom) else 4)


def _is_common(atom: str, subject: Subject) -> bool:
    if not atom.isalpha():
        return False
    others = subject.words.get(atom, 0) - _uses(subject.rule).count(atom)
    return others >= COMMON or bool(_languages_of(atom))


def _languages_of(word: str) -> list[str]:
    """Return the languages of which a folded word is a common one."""
    return sorted(lang for lang, common in common_words().items() if word in common)


def _clean_words(ruleset: Ruleset) -> Counter[str]:
    """Count the rules in whose clean texts (what stays of their tests) each word stands."""
    return Counter(word for rule in ruleset.rules for word in _uses(rule))


def _uses(rule: Rule) -> tuple[str, ...]:
    return _words_of(tuple(text for test in rule.tests for text in (test.out, test.keep) if text))


@lru_cache(maxsize=1 << 14)  # a set is looked at again and again while one of its rules is written
def _words_of(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(regex.findall(r"[^\W\d_]+", fold(" ".join(texts))))))


def weak_tail(subject: Subject) -> Iterator[Fault]:
    """Complain of tails and heads that open on a common word or ask for too little proof."""
    spec = subject.rule.matcher
    if not isinstance(spec, (Tail, Head)):
        return
    field, records = f"{subject.rule.kind}.confirm.need", getattr(spec, "records", None)
    need, least = spec.confirm.need, 2 if records else 3
    if need < least:
        reason = f"{need} of {len(spec.confirm.of)} markers prove too little; an appended record counts for two"
        yield Fault(field, reason, f"Write `need: {least}` or more, and list more markers")
    if not records and need > len(spec.confirm.of):
        reason = f"never runs: it needs {need} markers and lists {len(spec.confirm.of)}"
        yield Fault(field, reason, "List more markers under `of:`, or lower `need:`")
    common = (
        []
        if subject.rule.scope.hosts or (isinstance(spec, Head) and need >= 3)
        else sorted({w for p in spec.open for w in subject.phrases(p) if _is_one_word(w)})
    )
    if common:
        shown, severity = ", ".join(map(repr, common[:4])), "error" if need < 3 else "warning"
        hint = "Open on a phrase of two words or more or with a name, or bind the rule to `scope.hosts`"
        yield Fault(f"{subject.rule.kind}.open", f"it opens on single common words: {shown}", hint, severity)  # type: ignore[arg-type]


def _is_one_word(phrase: str) -> bool:
    return phrase.isalpha() and len(phrase) < (4 if is_spaceless(phrase) else 20)


def common_openers(subject: Subject) -> Iterator[Fault]:
    """Complain of lines, spans, blocks and runs that begin on a common word of any language and ask for little besides."""
    if subject.rule.scope.hosts or getattr(subject.rule.matcher, "at", None):
        return
    field, phrases = _openers(subject)
    found = {word: langs for word in sorted(set(phrases)) if word.isalpha() and (langs := _languages_of(word))}
    if found:
        shown = ", ".join(f"{word!r} ({' '.join(langs)})" for word, langs in list(found.items())[:4])
        hint = "Begin on two words or more, ask for more by `has` or `re`, or bind the rule by `at` or `scope.hosts`"
        yield Fault(field, f"it begins on common words: {shown}", hint, "warning")


def _openers(subject: Subject) -> tuple[str, tuple[str, ...]]:
    """Return the phrases by which a rule begins where nothing else narrows it, and their field."""
    spec, phrases = subject.rule.matcher, subject.compiler.phrases
    if isinstance(spec, Span):
        return "span.from", () if spec.has or spec.to == ("phrase",) else phrases(spec.from_)
    if isinstance(spec, Run):
        return "run.header", tuple(core(word) for part in spec.header or () for word in phrases(part.eq))
    first = spec if isinstance(spec, Line) else spec.steps[0] if isinstance(spec, Block) else None
    if not isinstance(first, Predicate) or any((first.eq, first.ends, first.has, first.re)):
        return "", ()
    narrow = isinstance(spec, (Line, Block)) and (spec.after or spec.before)
    return f"{subject.rule.kind}.starts", () if narrow else phrases(first.starts)


def bad_patterns(subject: Subject) -> Iterator[Fault]:
    """Complain of patterns that can blow up, run over body text, or mean something else than they seem to."""
    for field, pattern, most in subject.patterns:
        for reason, hint in pattern_faults(pattern, field == "span.re", most):
            yield Fault(field, reason, hint)


def far_misses(subject: Subject) -> Iterator[Fault]:
    """Complain of keeps that have nothing of what the rule looks for: they would stay whatever it does."""
    far = False
    for number, test in enumerate(subject.rule.tests):
        if test.keep is not None and not _is_near(subject, test.keep):
            far = True
            reason = "this keep holds none of the rule's phrases and has not its form, so it proves nothing"
            yield Fault(f"tests.{number}.keep", reason, "Write body text that looks like what the rule cuts")
    if not far:
        yield from _untried(subject)


def _untried(subject: Subject) -> Iterator[Fault]:
    """Complain where none of the keeps holds a literal that the scan looks for: the rule is not even tried on them.

    A site's own words hardly stand in other people's articles, so rules bound to hosts are let pass.
    """
    needed = subject.matcher.literals if subject.matcher and not subject.rule.scope.hosts else None
    atoms = {literal.text for literal in needed or ()}
    keeps = [Sheet(test.keep).folded.replace("\n", " ") for test in subject.rule.tests if test.keep is not None]
    if atoms and keeps and not any(atom in keep for keep in keeps for atom in atoms):
        shown = ", ".join(map(repr, sorted(atoms, key=lambda atom: (len(atom), atom))[:4]))
        reason = f"no keep holds what the scan looks for, such as {shown}: the rule is tried on none of them"
        yield Fault("tests", reason, "Add a keep in which an article uses such words", "warning")


def _is_near(subject: Subject, keep: str) -> bool:
    sheet, spec = Sheet(keep), subject.rule.matcher
    if isinstance(spec, Dup):
        relaxed = spec.model_copy(update={"least": 1, "within": 200, "at": None, "shape": None})
        return bool(DupMatcher.build(relaxed, subject.compiler).find(sheet, None))
    if isinstance(spec, Score):
        return profile(blocks(sheet)).short >= _MENU
    wanted = {word for part in subject.parts for word in subject.phrases(part.spec)}
    wanted |= {fold(word) for _, pattern, _ in subject.patterns for word in literals(parse(pattern) or ())}
    wanted |= set(subject.compiler.phrases(getattr(spec, "from_", None)))
    if any(find_phrase(sheet.folded, word) >= 0 for word in wanted):
        return True
    items = [spec.item] if isinstance(spec, Run) else _outer(subject)
    tests = [
        subject.compiler.test(item.model_copy(update={"re": None, "without": (), "same_as": None})) for item in items
    ]
    fitting = [
        unit
        for line, unit in enumerate(sheet.lines)
        if in_place(sheet, line, getattr(spec, "at", None)) and any(test.holds(sheet, unit) for test in tests)
    ]
    return len(fitting) >= (2 if isinstance(spec, Run) else 1)


def _outer(subject: Subject) -> list[Predicate]:
    return [p.spec for p in subject.parts if ".without" not in p.field and isinstance(p.spec, Predicate)]


def torn_examples(subject: Subject) -> Iterator[Fault]:
    """Complain of in-examples whose cut leaves half a sentence: they bless a rule that takes too much or too little."""
    sweeper = Sweeper(replace(subject.ruleset, rules=(subject.rule,), exceptions=()))
    for number, test in enumerate(subject.rule.tests):
        text = test.in_ or ""
        for cut in settle(text, sweeper.sweep(text, Facts.of(test.url, None, test.lang, None)).findings):
            before = text[: cut.start].rsplit("\n", 1)[-1].rstrip()
            after = text[cut.end :].split("\n", 1)[0].lstrip()
            if after[:1].islower() or (before and before[-1:].isalnum() and not ends_sentence(before)):
                rest = repr(f"{before[-30:]} | {after[:30]}")
                hint = "Let the example show a cut between whole sentences, or mend the rule"
                yield Fault(f"tests.{number}.in", f"the cut leaves half a sentence: {rest}", hint)


def never_runs(subject: Subject) -> Iterator[Fault]:
    """Complain of rules that nothing can set off: dates the wrong way round, phrases outside `len`."""
    scope = subject.rule.scope
    if scope.valid_from and scope.valid_until and scope.valid_from > scope.valid_until:
        reason = f"never runs: valid_from {scope.valid_from} is after valid_until {scope.valid_until}"
        yield Fault("scope.valid_from", reason, "Swap the two dates")
    for field, spec, _ in subject.parts:
        phrases = subject.compiler.phrases(spec.eq)
        if spec.len and phrases and all(len(phrase) > spec.len[1] for phrase in phrases):
            yield Fault(f"{field}.len", f"never runs: every phrase of eq is longer than {spec.len[1]}", "Drop `len`")


def vain_deprecation(subject: Subject) -> Iterator[Fault]:
    """Complain of a deprecated rule in whose place nothing runs."""
    heir = subject.rule.replaced_by
    if heir and subject.ruleset[heir].status not in RUNNING:
        reason = f"deprecated without effect: {heir}, which replaces it, does not run"
        yield Fault("replaced_by", reason, "Name a rule whose status is test or stable")


def wide_selectors(subject: Subject) -> Iterator[Fault]:
    """Complain of selectors that are tried on most elements of every page, unless the text or its size narrows them."""
    spec = subject.rule.select
    if not spec or not spec.css or subject.rule.scope.hosts or _is_narrow(spec):
        return
    keys = {selector.key for selector in css.parse(spec.css)}
    wide = sorted(key.name or "*" for key in keys if key.by in ("tag", "all") or _is_everywhere(key))
    if wide:
        reason = f"it is tried on every element that has {', '.join(wide)}, on every page"
        hint = "End each selector on a class, id or rare attribute, use `words`, add phrases under `text`, or bind it to hosts"
        yield Fault("select.css", reason, hint)


def _is_narrow(spec: Select) -> bool:
    """Tell whether phrases, the title, or a small size and a share of links are asked for besides."""
    if spec.same_as:
        return True
    literal = bool(spec.text) and all(part.eq or part.starts or part.ends or part.has for part in spec.text)
    return literal or bool(spec.links and spec.len and spec.len[1] <= _SMALL)


def _is_everywhere(key: css.Key) -> bool:
    return key.by == "attribute" and key.name in _EVERYWHERE


def common_names(subject: Subject) -> Iterator[Fault]:
    """Complain of names that articles themselves have: such a rule takes bodies for boxes."""
    spec = subject.rule.select
    if not spec or subject.rule.scope.hosts:
        return
    found = sorted(name for name in _names_of(spec) if set(split_words(name)) <= _COMMON)
    if found:
        field = "select.words" if spec.words else "select.css"
        hint = "Name what is special about the box, or bind the rule to `scope.hosts`"
        yield Fault(field, f"articles themselves are named like this: {', '.join(found)}", hint)


def _names_of(spec: Select) -> Iterator[str]:
    """Return the words of a rule and the ids, classes and attribute values of its selectors."""
    yield from spec.words or ()
    for selector in css.parse(spec.css) if spec.css else ():
        for name, operator, value in selector.last.attributes:
            if name in NAMES and operator != "exists" and split_words(value):
                yield value


def far_pages(subject: Subject) -> Iterator[Fault]:
    """Complain of keeps that hold nothing like the names, tags and phrases that the rule looks for."""
    spec = subject.rule.select
    wanted = set(_wanted(subject, spec)) if spec and not spec.xpath and not spec.same_as else None
    for number, test in enumerate(subject.rule.tests):
        if wanted and test.keep is not None and not _is_like(test.keep, wanted):
            reason = "this keep holds none of the words and phrases that the rule looks for, so it proves nothing"
            yield Fault(
                f"tests.{number}.keep", reason, "Write a part of a page that looks like what the rule takes out"
            )


def _wanted(subject: Subject, spec: Select) -> Iterator[str]:
    phrases = (phrase for part in subject.parts for phrase in subject.phrases(part.spec))
    for name in (*_names_of(spec), *phrases):
        yield from split_words(name)
    for selector in css.parse(spec.css) if spec.css else ():
        yield from (name for name, _, _ in selector.last.attributes if name not in _EVERYWHERE)
        yield from {selector.last.tag} - _PLAIN_TAGS


def _is_like(keep: str, wanted: set[str]) -> bool:
    """Tell whether a word is in the text, or a longer word of the text in a wanted one."""
    folded = fold(keep)
    return any(word in folded for word in wanted) or any(
        len(own) > 3 and own in word for own in split_words(folded) for word in wanted
    )


Check = Callable[[Subject], Iterator[Fault]]

TEXT_CHECKS: tuple[Check, ...] = (weak_literals, weak_tail, common_openers, far_misses, torn_examples)
PAGE_CHECKS: tuple[Check, ...] = (wide_selectors, common_names, far_pages)
RULE_CHECKS: tuple[Check, ...] = (bad_patterns, never_runs, vain_deprecation)
