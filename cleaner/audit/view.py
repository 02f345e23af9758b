"""Arrange what is known of a run for the eye: rules with their samples, documents with why they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from shlex import quote

from cleaner.audit.counts import Toll
from cleaner.audit.digest import Digest
from cleaner.audit.exhibit import Sample, Sheet, clip
from cleaner.audit.pool import Chosen, Pool
from cleaner.audit.stats import Stats, rank
from cleaner.bulk.tally import Tally
from cleaner.model import TITLE_RULE
from cleaner.report.visible import escape_line
from cleaner.rules.ruleset import Ruleset, shipped_rules

MOST_RULES = 1_000
"""Rules that a page lists, those that took most; JSON has all."""

_SAME = (1 << 64) - 1  # of the key of a longest cut, what it has in common with shorter ones
_PLACES = 6  # sources or languages named of a rule
_GUARD, _BUDGET = "guard:", "budget:"


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a sample, how many cuts are the same but for digits and white space, and what it is a sample of."""

    sample: Sample
    count: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RuleView:
    """Hold what one rule did, why it is there, and what it did it to.

    `share` and `alone` are of all characters removed, by it and by it alone; `distinct` texts were `counted`, or are an
    estimate; `given_up` counts documents that its guard spared.
    """

    id: str
    class_: str
    why: str
    file: str
    toll: Toll
    share: float
    alone: float
    distinct: int
    counted: bool
    given_up: int
    out_of_time: int
    sources: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, int], ...]
    samples: tuple[Shown, ...]

    @property
    def quoted(self) -> str:
        """Return the id as a shell takes it, whatever stands in it."""
        return quote(escape_line(self.id))

    @property
    def facts(self) -> list[str]:
        """Say where the rule stands, and what the figures of its row do not."""
        toll, told = self.toll, [self.file] if self.file else []
        if toll.cuts:
            told.append(f"{toll.alone:,} of {_many(toll.cuts, 'cut')} asked for by it alone")
            told.append(f"{_many(round(toll.characters / toll.cuts), 'character')} a cut")
        if self.distinct:
            told.append(f"{'' if self.counted else 'about '}{_many(self.distinct, 'different text')}")
        if toll.elements:
            told.append(
                f"{_many(toll.elements, 'element')} of pages with {_many(toll.element_characters, 'character')}"
            )
        if self.given_up:
            told.append(f"given up by its guard in {_many(self.given_up, 'document')}")
        return told


@dataclass(frozen=True, slots=True)
class Reason:
    """Say why documents are shown: the name of a list, and what it holds."""

    key: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """Hold a document and the lists it stands in, the first of which shows it; `count` is how often the same came."""

    sheet: Sheet
    count: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """Hold one list of documents."""

    reason: Reason
    documents: tuple[DocumentView, ...]


def view_rules(stats: Stats, digest: Digest, ruleset: Ruleset) -> list[RuleView]:
    """Arrange the rules, those first that took most characters alone."""
    heads = {head.id: head for head in ruleset.heads}
    by_source, by_language = _places(stats.sources), _places(digest.languages)
    removed = max(stats.tally.removed, 1)
    flags = stats.tally.flags
    given = {flag.removeprefix(_GUARD) for flag in flags if flag.startswith(_GUARD)}
    idle = {rule: Toll() for rule in given if rule not in digest.rules}
    views = []
    for rule, toll in chain(digest.rules.items(), idle.items()):
        head, pool = heads.get(rule), digest.cuts.get(rule)
        why = ruleset[rule].why if head else _WHY_TITLE if rule == TITLE_RULE else ""
        views.append(
            RuleView(
                id=rule,
                class_=_class_of(toll, head.class_ if head else ""),
                why=why,
                file=_near(head.path, head.lineno) if head else "",
                toll=toll,
                share=toll.characters / removed,
                alone=toll.alone_characters / removed,
                distinct=pool.distinct if pool else 0,
                counted=not (pool and pool.overflowed),
                given_up=flags.get(_GUARD + rule, 0),
                out_of_time=flags.get(_BUDGET + rule, 0),
                sources=tuple(by_source.get(rule, Counter()).most_common(_PLACES)),
                languages=tuple(by_language.get(rule, Counter()).most_common(_PLACES)),
                samples=tuple(choose(pool, digest.longest[rule], digest.samples)) if pool else (),
            )
        )
    return sorted(views, key=_by_weight)


def _near(path: str, line: int) -> str:
    """Name a rule file: a shipped one by its place among those, one below the working folder by its place there."""
    place = Path(path)
    for folder, name in ((shipped_rules(), Path("rules")), (Path.cwd(), Path())):
        if place.is_relative_to(folder):
            return f"{name / place.relative_to(folder)}:{line}"
    return f"{path}:{line}"


def _by_weight(view: RuleView) -> tuple[int | str, ...]:
    toll = view.toll
    return (-toll.alone_characters, -toll.characters, -toll.cuts, -toll.element_characters, -toll.elements, view.id)


_WHY_TITLE = "The title leaves the text for a field of its own."


def choose(pool: Pool[Sample], longest: Pool[Sample], most: int) -> Iterator[Shown]:
    """Choose samples of a rule: the longest cut, and by turns the commonest of those held and any of them."""
    held = list(pool)
    common = sorted((one for one in held if one.count > 1), key=lambda one: -one.count)[: most // 2]
    chosen = {one.key: Shown(one.item, one.count, "common") for one in common}
    for one in held:
        if len(chosen) >= most:
            break
        chosen.setdefault(one.key, Shown(one.item, one.count))
    yield from chosen.values()
    for one in longest:
        told = one.key & _SAME in chosen
        if not told and all(one.item.size > shown.sample.size for shown in chosen.values()):
            yield Shown(one.item, one.count, "longest")


def view_documents(digest: Digest, flags: Counter[str]) -> list[ListView]:
    """Arrange the documents shown: each once, in the first list that it stands in."""
    lists = list(_lists(digest, flags))
    reasons: dict[int, list[str]] = {}
    for reason, pool in lists:
        for one in pool:
            reasons.setdefault(one.key, []).append(reason.key)
    views = []
    shown: set[int] = set()
    for reason, pool in lists:
        fresh = [one for one in pool if one.key not in shown]
        shown.update(one.key for one in fresh)
        documents = tuple(DocumentView(one.item, one.count, tuple(dict.fromkeys(reasons[one.key]))) for one in fresh)
        if documents:
            views.append(ListView(reason, documents))
    return views


def _lists(digest: Digest, flags: Counter[str]) -> Iterator[tuple[Reason, Iterable[Chosen[Sheet]]]]:
    lists = digest.lists
    yield Reason("nothing left", "Nothing left", "Documents of which every character was cut."), lists.emptied
    about = "Documents that lost the largest share, of those of 500 characters and more."
    yield Reason("largest share", "Largest share lost", about), lists.shares
    yield Reason("most characters", "Most characters lost", "Documents that lost most characters."), lists.sizes
    about = "Of each source the document that lost the largest share, those first that lost most."
    yield Reason("worst of its source", "The worst of each source", about), lists.leaders
    about = "What this flag stands on; documents chosen at random."
    for flag in sorted(lists.flags, key=lambda flag: (-flags.get(flag, 0), flag)):
        yield Reason(f"flag {flag}", f"Flagged {flag}", about), lists.flags[flag]
    yield Reason("random", "At random", "Documents that lost something, chosen at random."), lists.random


def view_notes(stats: Stats, digest: Digest, views: Sequence[RuleView]) -> list[tuple[str, str]]:
    """Say what to look at first: sentences, each with the id of the rule it is about, or none."""
    notes: list[tuple[str, str]] = []
    if digest.spread.emptied:
        notes.append((f"{_many(digest.spread.emptied, 'document')} lost every character.", ""))
    most = digest.spread.between(900, 1000) - digest.spread.emptied
    if most > 0:
        notes.append((f"{_many(most, 'document')} lost more than 90%, but not all.", ""))
    heavy = [name for name, tally in stats.sources.items() if tally.documents >= _MANY and tally.share >= _HALF]
    for name in sorted(heavy, key=lambda name: (-stats.sources[name].share, name))[:3]:
        tally = stats.sources[name]
        notes.append((f"{clip(name)} lost {tally.share:.0%} of its text, in {tally.documents:,} documents.", ""))
    for figure, least, told in _SIGNS:
        worst = sorted(views, key=lambda view: -figure(view))[:3]
        notes += [(told(figure(view)), view.id) for view in worst if figure(view) >= least]
    return notes


_MANY, _HALF = 20, 0.5  # documents of a source, and the share of its text, that are worth a look
_Figure = Callable[[RuleView], int]
_SIGNS: tuple[tuple[_Figure, int, Callable[[int], str]], ...] = (
    (
        lambda view: view.given_up,
        1,
        lambda count: f"was given up by its guard in {_many(count, 'document')}: it would have left too little.",
    ),
    (
        lambda view: view.toll.longest,
        2_000,
        lambda size: f"once cut {size:,} characters in one piece that no other rule asked for.",
    ),
    (
        lambda view: view.out_of_time,
        1,
        lambda count: f"was left out of {_many(count, 'document')} that it would have kept busy.",
    ),
)


def sources_of(stats: Stats, most: int) -> list[tuple[str, Tally, tuple[str, ...]]]:
    """Return the sources that lost most, each with the rules that cut there most often."""
    names = rank(stats.sources)[:most]
    return [(clip(name), stats.sources[name], _top(stats.sources[name])) for name in names]


def languages_of(digest: Digest) -> list[tuple[str, Tally, tuple[str, ...]]]:
    """Return the languages, the most frequent first, each with the rules that cut there most often."""
    tallies = digest.languages
    names = sorted(tallies, key=lambda name: (-tallies[name].documents, name))
    return [(name, tallies[name], _top(tallies[name])) for name in names]


def _top(tally: Tally) -> tuple[str, ...]:
    return tuple(clip(rule) for rule, _ in tally.top_rules(3))


def _places(tallies: Mapping[str, Tally]) -> dict[str, Counter[str]]:
    """Turn rules by place into places by rule."""
    found: dict[str, Counter[str]] = {}
    for place in sorted(tallies):
        for rule, count in tallies[place].rules.items():
            found.setdefault(rule, Counter())[clip(place)] += count
    return found


def _class_of(toll: Toll, declared: str) -> str:
    """Return the class that a rule's cuts bore most often; that of its file where it cut nothing."""
    return min(toll.classes, key=lambda name: (-toll.classes[name], name)) if toll.classes else declared


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
