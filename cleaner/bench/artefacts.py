"""Take noise out of the rules' own examples: what a rule alone cuts from each, and where on a page it stood.

Labels that a rule lists as whole lines are artefacts as well, some in each language.

Rules that cut each other's artefacts, or stand in one file of a host, are kin. Kin share a fold, so that holding out a
fold holds out whoever knows its artefacts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cleaner.bench.folds import assign_folds
from cleaner.bench.languages import Tongues
from cleaner.clean import Cleaner
from cleaner.model import Cleaned, Cut, language_of
from cleaner.rules.ruleset import Ruleset
from cleaner.rules.schema import Example, Line, Rule
from cleaner.rules.scope import Reach
from cleaner.text.fold import fold
from cleaner.text.sheet import ends_sentence
from cleaner.text.tokens import tokenize

Slot = Literal["head", "start", "inside", "end", "furniture", "tail"]
"""Before the title; glued to the start of a paragraph, between two sentences, to its end; between paragraphs; at the end."""

FOLDS = 5
_NEIGHBOURS = ("before", "after")
_LISTED = 3  # phrases of one rule and language
_LIKENESS = range(5, 81)  # tokens of a look-alike


@dataclass(frozen=True, slots=True)
class Artefact:
    """Hold a stretch of noise with the rule whose example it is from.

    `host` is where it is noise, if on one host only; `last` means that nothing may stand behind it; `fold` is its rule's.
    """

    rule: str
    class_: str
    slot: Slot
    text: str
    lang: str
    host: str = ""
    last: bool = False
    fold: int = 0

    @property
    def size(self) -> int:
        """Count its tokens."""
        return len(tokenize(self.text))


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Hold a text that resembles noise and must stay."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Stock:
    """Hold artefacts, look-alikes, and for each fold the ids of its rules."""

    artefacts: tuple[Artefact, ...]
    lookalikes: tuple[LookAlike, ...]
    folds: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    rule: Rule
    example: Example
    cut: Cut
    source: str


def take_stock(ruleset: Ruleset, folds: int = FOLDS, seed: int = 0) -> Stock:
    """Gather what the examples of a set of rules have to offer.

    Rules that ask for a neighbour are left out, as their noise is none elsewhere, and so are doubles, metadata, and what
    weights alone decide. Look-alikes are examples of what stays, made of sentences, in which no rule of the set cuts.
    Raises `ValueError` where there are fewer groups of kin than folds.
    """
    taken = [found for rule in ruleset.rules if _offers(rule) for found in _take(ruleset, rule)]
    whole, tongues = Cleaner(ruleset, guarded=False), Tongues(ruleset)
    fold_of = _deal(ruleset, taken, whole, folds, seed)
    artefacts = (_artefact(found, ruleset, tongues, fold_of[found.rule.id]) for found in taken if _is_loose(found))
    return Stock(
        artefacts=tuple(dict.fromkeys(artefact for artefact in artefacts if artefact)),
        lookalikes=tuple(dict.fromkeys(_lookalikes(ruleset, whole, tongues))),
        folds=tuple(
            tuple(sorted(rule for rule, number in fold_of.items() if number == place)) for place in range(folds)
        ),
    )


def _offers(rule: Rule) -> bool:
    told = rule.kind not in ("dup", "score", "select") and "text" in rule.scope.surface
    return told and rule.status in ("test", "stable")


def _take(ruleset: Ruleset, rule: Rule) -> Iterator[_Taken]:
    alone = Cleaner(ruleset.only([rule]), only=[rule.id], guarded=False)
    for example in (*rule.tests, *_listed(ruleset, rule)):
        if example.in_ is not None:
            got = _clean(alone, example)
            yield from (_Taken(rule, example, cut, got.source) for cut in got.cuts if not cut.is_move)


def _listed(ruleset: Ruleset, rule: Rule) -> Iterator[Example]:
    """Yield some of the whole lines that a rule lists, in each language."""
    if not isinstance(rule.matcher, Line) or rule.scope.hosts:
        return
    for name in (text[1:] for text in rule.matcher.eq or () if text.startswith("$")):
        for lang, phrases in ruleset.terms.get(name, {}).items():
            for phrase in phrases[:: max(1, len(phrases) // _LISTED)][:_LISTED]:
                yield Example.model_validate({"in": phrase[:1].upper() + phrase[1:], "out": "", "lang": lang})


def _clean(cleaner: Cleaner, example: Example) -> Cleaned:
    text = example.in_ if example.in_ is not None else example.keep or ""
    return cleaner.clean(text, url=example.url, lang=example.lang)


def _is_loose(found: _Taken) -> bool:
    """Tell whether what was cut is noise wherever it stands."""
    asked = any(getattr(found.rule.matcher, name, None) for name in _NEIGHBOURS)
    return found.rule.class_ not in ("meta", "duplicate") and not asked and bool(tokenize(found.cut.text))


def _artefact(found: _Taken, ruleset: Ruleset, tongues: Tongues, fold_number: int) -> Artefact | None:
    """Describe what was cut; nothing where it is noise only beside a proof that does not go along."""
    rule, text = found.rule, found.cut.text.strip()
    proofs = Reach.of(rule, ruleset).proofs
    if proofs and not rule.scope.hosts and not any(proof in fold(text) for proof in proofs):
        return None
    lang = language_of(found.example.lang) or tongues.guess(text, found.example.out or "")
    host = rule.scope.hosts[0] if rule.scope.hosts else ""
    return Artefact(rule.id, rule.class_, _slot(found), text, lang, host, rule.kind == "tail", fold_number)


def _slot(found: _Taken) -> Slot:
    """Tell where a stretch stood in its example; a rule that is bound to an end of the text goes there."""
    source, text = found.source, found.cut.text
    start = found.cut.start + len(text) - len(text.lstrip())
    end = found.cut.end - len(text) + len(text.rstrip())
    before, after = source[:start], source[end:]
    at = getattr(found.rule.matcher, "at", None)
    if found.rule.kind == "tail" or (at and at.last):
        return "tail"
    if before.rpartition("\n")[2].strip():
        return "inside" if after.partition("\n")[0].strip() else "end"
    if after.partition("\n")[0].strip():
        return "start"
    if found.rule.kind == "head" or (at and at.first):
        return "head"
    return "furniture" if bool(before.strip()) == bool(after.strip()) else "tail" if before.strip() else "head"


def _deal(ruleset: Ruleset, taken: Sequence[_Taken], whole: Cleaner, folds: int, seed: int) -> dict[str, int]:
    """Give every rule that offers something the number of a fold; kin share it."""
    ids = [rule.id for rule in ruleset.rules if _offers(rule)]
    parent = {id: id for id in ids}
    for one, other in _kinships(ruleset, taken, whole):
        if other in parent:
            parent[_root(parent, one)] = _root(parent, other)
    return dict(zip(ids, assign_folds([_root(parent, id) for id in ids], folds, seed), strict=True))


def _kinships(ruleset: Ruleset, taken: Sequence[_Taken], whole: Cleaner) -> Iterator[tuple[str, str]]:
    """Yield pairs of rules that cut the same stretch of an example, or stand in one file of rules bound to hosts."""
    for found in taken:
        for cut in _clean(whole, found.example).cuts:
            if cut.start < found.cut.end and cut.end > found.cut.start:
                yield from ((found.rule.id, other) for other in cut.rules)
    first: dict[str, str] = {}
    for rule in ruleset.rules:
        if _offers(rule) and rule.scope.hosts:
            yield rule.id, first.setdefault(rule.path, rule.id)


def _root(parent: dict[str, str], id: str) -> str:
    while parent[id] != id:
        id = parent[id]
    return id


def _lookalikes(ruleset: Ruleset, whole: Cleaner, tongues: Tongues) -> Iterator[LookAlike]:
    for rule in ruleset.rules:
        for example in rule.tests if _offers(rule) and not rule.scope.hosts else ():
            text = (example.keep or "").strip()
            prose = all(ends_sentence(line) for line in text.split("\n")) and len(tokenize(text)) in _LIKENESS
            if prose and not any(not cut.is_move for cut in _clean(whole, example).cuts):
                yield LookAlike(text, language_of(example.lang) or tongues.guess(text))
