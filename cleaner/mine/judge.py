"""Judge drafts by the engine itself: do their examples hold, do they cut what was seen, what else would they cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from cleaner.clean import Cleaner
from cleaner.errors import RuleError
from cleaner.mine.corpus import Text
from cleaner.mine.evidence import Place
from cleaner.mine.shortlist import Candidate
from cleaner.model import replay
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Example, Rule

_COVERED = 0.8
_OFTEN = 0.75
_DOCUMENTS = 12
_LOADED = 5  # documents in which loaded rules are tried: all of them run there
_SPILL = 40  # code points that a rule may cut beyond what was seen, for each place

Spans = list[tuple[int, int]]


def take_rule(content: Mapping[str, Any]) -> Rule | None:
    """Validate a rule; None where the model refuses it."""
    try:
        return Rule.model_validate(content)
    except ValidationError:
        return None


def only(rules: Sequence[Rule], words: Ruleset | None = None) -> Ruleset:
    """Return a set of rules alone, with the terms and patterns of a set, or none: digesting those costs more than a trial."""
    rules = tuple(sorted(rules, key=lambda rule: rule.id))
    if words is None:
        return Ruleset(rules, (), {}, {})
    return Ruleset(rules, (), words.terms, words.patterns, vocabulary=words.vocabulary)


def compiled(rule: Rule, words: Ruleset | None = None) -> Cleaner | None:
    """Compile one rule alone; None where it is broken, or nothing says when it is worth trying."""
    try:
        return Cleaner(only([rule], words), only=[rule.id], guarded=False)
    except RuleError:
        return None


def is_right(cleaner: Cleaner, example: Example) -> bool:
    """Tell whether a rule does what an example shows, as `cleaner test` asks it."""
    given = example.in_ if example.in_ is not None else example.keep or ""
    cleaned = cleaner.clean(given, url=example.url, lang=example.lang)
    cuts = [cut for cut in cleaned.cuts if not cut.is_move]
    if example.keep is not None:
        return not cuts
    return _words(replay(cleaned.source, cuts)) == _words(example.out or "")


def is_borne(cleaner: Cleaner, rule: Rule) -> bool:
    """Tell whether the examples of a rule hold among all rules: others may cut more of a text, this one not of a keep."""
    return all(_is_borne(cleaner, rule, example) for example in rule.tests)


def _is_borne(cleaner: Cleaner, rule: Rule, example: Example) -> bool:
    given = example.in_ if example.in_ is not None else example.keep or ""
    cleaned = cleaner.clean(given, url=example.url, lang=example.lang)
    cuts = [cut for cut in cleaned.cuts if not cut.is_move]
    if example.keep is not None:
        return not any(rule.id in cut.rules for cut in cuts)
    rest = iter(_words(example.out or ""))
    return all(any(line == other for other in rest) for line in _words(replay(cleaned.source, cuts)))


def _words(text: str) -> list[list[str]]:
    return [words for line in text.split("\n") if (words := line.split())]


@dataclass(slots=True)
class Held:
    """Hold documents of one source with what the loaded rules cut in them, worked out once and where asked for."""

    texts: Sequence[Text]
    cleaner: Cleaner | None
    known: dict[int, Spans] = field(default_factory=dict)

    def already(self, places: Iterable[Place]) -> bool:
        """Tell whether the loaded rules cut most of these places."""
        if self.cleaner is None:
            return False
        few = _few(places, _LOADED)
        covered = sum(_is_covered(place, self._cuts(place.document)) for place in few)
        return bool(few) and covered >= _OFTEN * len(few)

    def _cuts(self, number: int) -> Spans:
        if number not in self.known:
            assert self.cleaner
            self.known[number] = cuts_of(self.cleaner, self.texts[number])
        return self.known[number]

    def cuts_well(self, cleaner: Cleaner, candidate: Candidate) -> bool:
        """Tell whether a rule cuts most of the places seen, and little beside them."""
        few = _few(candidate.places)
        cut = {number: cuts_of(cleaner, self.texts[number]) for number in dict.fromkeys(p.document for p in few)}
        if sum(_is_covered(place, cut[place.document]) for place in few) < _OFTEN * len(few):
            return False
        if candidate.form in ("run", "mark", "lead"):
            return True
        wanted = sum(p.end - p.start for p in candidate.places if p.document in cut)
        return sum(b - a for spans in cut.values() for a, b in spans) <= wanted * 1.2 + _SPILL * len(few)


def cuts_of(cleaner: Cleaner, text: Text) -> Spans:
    """Return what a cleaner cuts of a normalised text; nothing where it repairs it first, as offsets would differ."""
    url = f"https://{text.host}/" if text.host else None
    cleaned = cleaner.clean(text.text, url=url, lang=text.lang or None)
    if cleaned.source != text.text:
        return []
    return [(cut.start, cut.end) for cut in cleaned.cuts if not cut.is_move]


def count_hits(rules: Sequence[Rule], texts: Iterable[str]) -> Counter[str]:
    """Count the cuts of each rule, bound to no host, in texts that should have none."""
    loose = [
        rule.model_copy(update={"scope": rule.scope.model_copy(update={"hosts": (), "proof": None})}) for rule in rules
    ]
    cleaner = Cleaner(only(loose), only=[rule.id for rule in loose], guarded=False)
    found: Counter[str] = Counter()
    for text in texts:
        for cut in cleaner.clean(text).cuts:
            found.update(cut.rules)
    return found


def _few(places: Iterable[Place], most: int = _DOCUMENTS) -> list[Place]:
    """Return the places of the first few documents."""
    wanted: dict[int, None] = {}
    few = []
    for place in places:
        if place.document in wanted or len(wanted) < most:
            wanted[place.document] = None
            few.append(place)
    return few


def _is_covered(place: Place, spans: Spans) -> bool:
    covered = sum(max(0, min(b, place.end) - max(a, place.start)) for a, b in spans)
    return covered >= _COVERED * (place.end - place.start)
