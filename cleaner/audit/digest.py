"""Sum up the output of a run in one pass and bounded memory: what each rule took, from whom, and what to look at.

What is shown is chosen by rank, or by a seed: the same documents and cuts in whatever order shards are read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import regex

from cleaner.audit.counts import Found, Spread, Toll
from cleaner.audit.exhibit import Reject, Sample, Sheet, Value, clip
from cleaner.audit.pool import Leaders, Lot, Pool, Rank
from cleaner.audit.sides import Refused
from cleaner.audit.stats import OTHERS
from cleaner.audit.trail import Trail
from cleaner.bulk.tally import Tally, less_figures
from cleaner.report.drawing import USUAL, Bounds

LEAST = 500
"""Code points that a document must have to count among those that lost the largest share."""

_NUMBERS = regex.compile(r"\d+")
_KEYED = 2_000  # code points of a cut in which numbers count for nothing
_HELD = 32  # distinct cuts held of each rule while there are few rules
_ALL_HELD = 24_000  # distinct cuts held of all rules together
_SHARED = 0x9E3779B97F4A7C15  # makes another key of a cut that several rules asked for
_MOST_NAMES = 1_000  # languages, reasons, flags and fields told apart


@dataclass(slots=True)
class Lists:
    """Hold the documents shown: those of which nothing is left, those that lost most, also of each source, some at
    random, and by flag.
    """

    emptied: Pool[Sheet]
    shares: Pool[Sheet]
    sizes: Pool[Sheet]
    leaders: Leaders[Sheet]
    random: Pool[Sheet]
    flags: dict[str, Pool[Sheet]] = field(default_factory=dict)

    @classmethod
    def of(cls, most: int) -> Lists:
        """Begin with empty lists of so many documents."""
        return cls(Pool(most), Pool(most), Pool(most), Leaders(2 * most), Pool(most))


class Digest:
    """Sum up records as they are read: `samples` of each rule's cuts, twice as many documents of each list."""

    def __init__(self, samples: int = 8, seed: int = 0, bounds: Bounds = USUAL):
        self.samples, self.seed = samples, seed
        self.rules: dict[str, Toll] = defaultdict(Toll)
        self.kinds: dict[str, Toll] = defaultdict(Toll)
        self.cuts: dict[str, Pool[Sample]] = {}
        self.longest: dict[str, Pool[Sample]] = {}
        self.languages: dict[str, Tally] = defaultdict(Tally)
        self.by_language: Counter[tuple[str, str]] = Counter()
        self.spread, self.found, self.lists = Spread(), Found(), Lists.of(2 * samples)
        self.lean = self.unfit = 0
        self.rejects: dict[str, Pool[Reject]] = {}
        self.reasons: Counter[str] = Counter()
        self._lot, self._bounds = Lot(seed), bounds
        self._held = max(samples, _HELD)

    def take(self, trail: Trail) -> None:
        """Look at a record."""
        account = trail.account
        self.spread.add(trail.removed, trail.size)
        self.lean += account.lean is True
        self._count(trail)
        self._recover(trail)
        if not (account.cuts or account.flags or account.drops):
            return
        if trail.source is None and not account.lean:
            self.unfit += 1
            return
        look = _Look(trail, self._lot)
        self._sample(look)
        self._list(look)

    def refuse(self, line: Refused, path: str) -> None:
        """Look at a reject."""
        told = line.rejected
        reason = _NUMBERS.sub("0", clip(told.reason, 400)) if told else "the reject cannot be read"
        reason = _bound(reason, self.reasons)
        self.reasons[reason] += 1
        pool = self.rejects.setdefault(reason, Pool(self.samples))
        mark = (told.id, told.path, told.offset) if told else ("", path, line.number)
        pool.take(self._lot.draw(*map(str, mark)), mark, partial(Reject.of, line))

    def _count(self, trail: Trail) -> None:
        account, lang = trail.account, _bound(clip(trail.lang), self.languages)
        self.languages[lang].count(account.status, trail.size, account.cuts, ())
        rules: set[str] = set()
        kinds: set[str] = set()
        for cut in account.cuts:
            if cut.is_move:
                self.found.titles += 1
                continue
            self.kinds[cut.class_].add(cut)
            kinds.add(cut.class_)
            self.by_language[lang, cut.class_] += cut.end - cut.start
            for rule in map(clip, cut.rules):
                self.rules[rule].add(cut)
                rules.add(rule)
        for drop in account.drops:
            self.rules[clip(drop.rule)].add_element(drop)
            rules.add(clip(drop.rule))
        for toll in (*(self.rules[rule] for rule in rules), *(self.kinds[kind] for kind in kinds)):
            toll.documents += 1

    def _recover(self, trail: Trail) -> None:
        account, found = trail.account, self.found
        found.repairs.update(account.repairs)
        found.dates += bool(account.resolved)
        found.with_related += bool(account.related)
        found.related += len(account.related)
        found.with_headlines += bool(account.headlines)
        found.headlines += len(account.headlines)
        for name, value in account.metadata.items():
            name, text = _bound(clip(name), found.fields), clip(str(value), 160)
            found.fields[name] += 1
            pool = found.values.setdefault(name, Pool(3))
            key = self._lot.draw(name, text)
            if pool.wants(key=key):
                pool.take(key, (trail.place,), partial(Value.of, trail, text))

    def _sample(self, look: _Look) -> None:
        """Offer the cuts of a document, and its elements, to the samples of their rules."""
        trail = look.trail
        for cut in trail.cuts:
            if not cut.is_move:
                make, shared = partial(Sample.of, trail, cut), len(cut.rules) > 1
                thing = _Thing(self._lot.draw(_fold(cut.text)), cut.start, len(cut.text), make, shared)
                for rule in map(clip, cut.rules):
                    self._offer(rule, thing, look)
        for number, drop in enumerate(trail.account.drops):
            if drop.text:
                make = partial(Sample.of_drop, trail, drop)
                key = self._lot.draw(_fold(drop.text))
                self._offer(clip(drop.rule), _Thing(key, number, len(drop.text), make), look)

    def _offer(self, rule: str, thing: _Thing, look: _Look) -> None:
        """Offer a cut or an element to the samples of a rule: those come first that no other rule asked for."""
        pool = self.cuts.get(rule)
        if pool is None:
            pool = self._open(rule)
        rank: Rank = (float(thing.shared),)
        key = thing.key ^ (_SHARED if thing.shared else 0)
        if pool.wants(rank, key):
            pool.take(key, (*look.mark, thing.at), thing.make, rank)
        else:
            pool.overflowed = True
        longest = self.longest[rule]
        if longest.wants(rank := (float(thing.shared), -thing.size)):
            longest.take(key + (thing.size << 64), (*look.mark, thing.at), thing.make, rank)

    def _open(self, rule: str) -> Pool[Sample]:
        """Begin the samples of a rule; the more rules there are, the fewer are held of each."""
        pool = self.cuts[rule] = Pool(self._held)
        self.longest[rule] = Pool(1)
        held = max(self.samples, min(_HELD, _ALL_HELD // len(self.cuts)))
        if held < self._held:
            self._held = held
            for other in self.cuts.values():
                other.trim(held)
        return pool

    def _list(self, look: _Look) -> None:
        """Offer a document to the lists that it may stand in."""
        trail, lists = look.trail, self.lists
        for flag in {less_figures(flag) for flag in trail.account.flags}:
            name = _bound(clip(flag), lists.flags)
            self._show(lists.flags.setdefault(name, Pool(max(1, self.samples // 2))), look)
        if not trail.removed:
            return
        self._show(lists.random, look)
        self._show(lists.sizes, look, (-trail.removed,))
        if trail.removed == trail.size:
            self._show(lists.emptied, look)
        elif trail.size >= LEAST:
            rank = (-trail.share, -trail.size)
            self._show(lists.shares, look, rank)
            if lists.leaders.wants(trail.origin, rank):
                lists.leaders.take(trail.origin, look.key, look.mark, partial(Sheet.of, trail, self._bounds), rank)

    def _show(self, pool: Pool[Sheet], look: _Look, rank: tuple[float, ...] = ()) -> None:
        if pool.wants(rank, -1 if rank else look.key):
            pool.take(look.key, look.mark, partial(Sheet.of, look.trail, self._bounds), rank)
        else:
            pool.overflowed = True


@dataclass(frozen=True, slots=True)
class _Thing:
    """Hold a cut or an element that may become a sample; `at` is its place among those of its document."""

    key: int
    at: int
    size: int
    make: Callable[[], Sample]
    shared: bool = False


@dataclass(slots=True)
class _Look:
    """Hold a record that is looked at, with the number of what it holds and the mark of where it stands."""

    trail: Trail
    lot: Lot
    _key: int = -1
    _mark: tuple[int | str, ...] = ()

    @property
    def key(self) -> int:
        """Return a number that is the same for all records of one text and the same cuts."""
        if self._key < 0:
            trail = self.trail
            cuts = "\0".join(cut.text for cut in trail.cuts)
            self._key = self.lot.draw(trail.text, cuts, str(trail.size), str(trail.removed))
        return self._key

    @property
    def mark(self) -> tuple[int | str, ...]:
        """Return what tells which of several records is shown: one chosen by the seed."""
        if not self._mark:
            id_ = self.trail.known(self.trail.fields.id) or ""
            self._mark = (self.lot.draw(id_), self.key, self.trail.place)
        return self._mark


def _fold(text: str) -> str:
    """Return a text by which cuts are told apart: white space and digits count for nothing."""
    return str(_NUMBERS.sub("0", " ".join(text[:_KEYED].split()))) + text[_KEYED:]


def _bound(name: str, names: Mapping[str, Any]) -> str:
    """Return a name, or what stands for all others where there are too many."""
    return name if name in names or len(names) < _MOST_NAMES else OTHERS
