"""Sum up a track: what each peer reached with its interval, how far ours is ahead, and the figures of groups of cases.

Nothing here sees a text: `Facts` are what is known of a case, `Scored` is what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cleaner.bench.case import Body, Case, Labels
from cleaner.bench.intervals import USUAL, Draws, Resampling, count_steps
from cleaner.bench.labelled import label_tokens
from cleaner.bench.measure import Formula, Table, add_by_site, applicable, class_rows, classes_of, number, tabulate
from cleaner.bench.results import Cost, Difference, Failure, Figure, Group, Measure, PeerScores, Spread
from cleaner.model import Page
from cleaner.text.tokens import tokenize

Array = NDArray[np.float64]

SITES = 40
"""Sites that get figures of their own: those with most cases."""

LENGTHS = (150, 400, 1000)
"""Tokens of gold between which pages count as short, medium, long and very long."""

DIFFICULTIES = (0.25, 0.5, 0.75)
"""Shares of a page that are no body, between which it counts as more or less difficult."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Say what is known of a case; `tokens` (of its gold) and `complexity` only where the whole body is known."""

    id: str
    set: str
    site: str
    lang: str = ""
    tokens: int | None = None
    complexity: float | None = None
    rate: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold what one peer made of one case, without the text: its parts, CPU seconds, and quality signals."""

    parts: Mapping[str, float]
    seconds: float
    error: str | None = None
    empty: bool = False
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold the figures of a track: its measures, its peers, and groups of its cases."""

    measures: tuple[Measure, ...]
    peers: tuple[PeerScores, ...]
    groups: tuple[Group, ...]


def gather_facts(case: Case) -> Facts:
    """Return what is known of a case; `rate` is the share of injected noise, where the input's `extra` says it."""
    tokens = _body_size(case)
    complexity = None if tokens is None else _complexity(case, tokens)
    rate = case.input.extra.get("rate")
    return Facts(case.id, case.set, case.site, case.lang, tokens, complexity, "" if rate is None else str(rate))


def complexity(case: Case) -> float | None:
    """Return the share of a page's text that is no body, 0 to 1; nothing where the whole body is not known.

    After Bevendorff et al., "An Empirical Comparison of Web Content Extraction Algorithms" (SIGIR 2023): one less the
    tokens of the gold over those of the page, scripts and styles aside.
    """
    tokens = _body_size(case)
    return None if tokens is None else _complexity(case, tokens)


def sum_up(
    facts: Sequence[Facts],
    scored: Mapping[str, Sequence[Scored]],
    ours: str,
    resampling: Resampling = USUAL,
    memory: Mapping[str, float] | None = None,
    copies: Mapping[str, Mapping[str, float]] | None = None,
) -> Summary:
    """Sum up what every peer made of the same cases. Raises `ValueError` where there are none, or too few of a peer.

    `ours` is compared with each other peer, if it is there. `memory` is the peak of each peer in megabytes, `copies` what
    `cleaner.bench.copies` found among its texts.
    """
    if not facts or any(len(rows) != len(facts) for rows in scored.values()):
        raise ValueError(f"{len(facts)} cases, but {({peer: len(rows) for peer, rows in scored.items()})} outcomes")
    rows = {peer: [one.parts for one in outcomes] for peer, outcomes in scored.items()}
    formulas = applicable(row for found in rows.values() for row in found)
    runs = _Runs(facts, rows, formulas, ours, resampling)
    peers = [
        PeerScores(
            peer=peer,
            figures=runs.figures(peer),
            spreads=runs.spreads(peer),
            ahead=runs.ahead(peer),
            cost=_cost(outcomes, (memory or {}).get(peer)),
            failed=sum(one.error is not None for one in outcomes),
            failures=tuple(_failures(facts, outcomes)),
            empty=sum(one.empty for one in outcomes),
            signals=mean_signals([one.signals for one in outcomes]),
            copies=dict((copies or {}).get(peer, {})),
        )
        for peer, outcomes in scored.items()
    ]
    groups = (*_groups(facts, runs), *_class_groups(facts, rows, formulas))
    return Summary(tuple(formula.measure for formula in formulas), tuple(peers), groups)


def mean_signals(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average signals over the texts that have them."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}


class _Runs:
    """Hold the parts of all peers over the same cases, and resample them together."""

    def __init__(
        self,
        facts: Sequence[Facts],
        rows: Mapping[str, Sequence[Mapping[str, float]]],
        formulas: Sequence[Formula],
        ours: str,
        resampling: Resampling,
    ) -> None:
        self.formulas, self.ours = formulas, ours
        self.sites, count = number(fact.site for fact in facts)
        names = sorted({name for formula in formulas for name in (*formula.parts, *formula.case_parts)} | _NOISE)
        self.cases = {peer: tabulate(found, names) for peer, found in rows.items()}
        self._draws = Draws(count, resampling)
        self._by_site = {peer: add_by_site(table, self.sites, count) for peer, table in self.cases.items()}
        self._drawn = {peer: _map(table, self._draws.resample) for peer, table in self._by_site.items()}

    def figures(self, peer: str) -> dict[str, Figure]:
        """Return the figures of a peer, with their intervals."""
        total, drawn = self._by_site[peer].total(), self._drawn[peer]
        found = {}
        for formula in self.formulas:
            low, high = self._draws.interval(formula.of_sums(drawn))
            found[formula.name] = Figure(value=float(formula.of_sums(total)), low=low, high=high)
        return found

    def spreads(self, peer: str) -> dict[str, Spread]:
        """Return how the figures of a peer's cases are spread."""
        found = {formula: formula.of_cases(self.cases[peer]) for formula in self.formulas}
        return {
            formula.name: spread(values[~np.isnan(values)], formula.measure.higher)
            for formula, values in found.items()
            if not np.isnan(values).all()
        }

    def ahead(self, peer: str) -> dict[str, Difference]:
        """Return how far ours is ahead of a peer; nothing of ours itself."""
        if peer == self.ours or self.ours not in self.cases:
            return {}
        theirs, ours = self._by_site[peer], self._by_site[self.ours]
        mixed = [ours.with_values(sums) for sums in self._draws.flip(theirs.values, ours.values)]
        return {formula.name: self._difference(formula, peer, mixed[0], mixed[1]) for formula in self.formulas}

    def _difference(self, formula: Formula, peer: str, old: Table, new: Table) -> Difference:
        def gain(theirs: Table, ours: Table) -> Array:
            return formula.of_sums(ours) - formula.of_sums(theirs)

        value = float(gain(self._by_site[peer].total(), self._by_site[self.ours].total()))
        low, high = self._draws.interval(gain(self._drawn[peer], self._drawn[self.ours]))
        better, worse, same = self._steps(formula, peer)
        chance = self._draws.chance(value, gain(old, new))
        return Difference(value=value, low=low, high=high, chance=chance, better=better, worse=worse, same=same)

    def _steps(self, formula: Formula, peer: str) -> tuple[int, int, int]:
        theirs, ours = (formula.of_cases(self.cases[name]) for name in (peer, self.ours))
        there = ~(np.isnan(theirs) & np.isnan(ours))
        steps = np.nan_to_num(ours, nan=formula.empty)[there] - np.nan_to_num(theirs, nan=formula.empty)[there]
        return count_steps(steps if formula.measure.higher else -steps)

    def values(self, members: Sequence[int]) -> dict[str, dict[str, float]]:
        """Return the figures of some cases, by peer and measure."""
        places, sites = np.array(members, dtype=np.intp), self.sites[np.array(members, dtype=np.intp)]
        names, numbers = np.unique(sites, return_inverse=True)
        found = {}
        for peer, table in self.cases.items():
            chosen = table.with_values(table.values[places])
            total = add_by_site(chosen, numbers, len(names)).total()
            there = [formula for formula in self.formulas if any(total.part(name) for name in formula.needs)]
            found[peer] = {formula.name: float(formula.of_sums(total)) for formula in there}
        return found


_NOISE = {"noise", "noise_kept"}


def spread(values: Array, higher: bool = True) -> Spread:
    """Return how figures of single cases are spread; the worst are the lowest, or where less is better the highest.

    >>> spread(np.array([0.0, 0.2, 0.4, 0.6, 1.0])).worst
    0.0
    """
    ordered = np.sort(values) if higher else np.sort(values)[::-1]
    tenth = ordered[: -(-len(ordered) // 10)]
    quantiles = tuple(float(value) for value in np.quantile(values, np.linspace(0, 1, 21)))
    return Spread(median=quantiles[10], worst=float(tenth.mean()), quantiles=quantiles)


def _groups(facts: Sequence[Facts], runs: _Runs) -> Iterator[Group]:
    largest = {site for site, _ in Counter(fact.site for fact in facts).most_common(SITES)}
    name_of: dict[str, Callable[[Facts], str | None]] = {
        "set": lambda fact: fact.set,
        "lang": lambda fact: fact.lang or "?",
        "site": lambda fact: fact.site if fact.site in largest else None,
        "length": lambda fact: _bin(fact.tokens, LENGTHS),
        "difficulty": lambda fact: _bin(fact.complexity, DIFFICULTIES),
        "rate": lambda fact: fact.rate or None,
    }
    for by, name in name_of.items():
        members: dict[str, list[int]] = {}
        for at, fact in enumerate(facts):
            if (found := name(fact)) is not None:
                members.setdefault(found, []).append(at)
        for found in _order(by, members):
            yield Group.model_validate(
                {"by": by, "name": found, "cases": len(members[found]), "values": runs.values(members[found])}
            )


def _order(by: str, members: Mapping[str, Sequence[int]]) -> list[str]:
    """Order bins as they lie, languages and sites by how many cases they have, all else as it comes."""
    if by in ("length", "difficulty"):
        bounds = LENGTHS if by == "length" else DIFFICULTIES
        return [name for name in _bins(bounds) if name in members]
    if by in ("lang", "site"):
        return sorted(members, key=lambda name: (-len(members[name]), name))
    return list(members)


def _class_groups(
    facts: Sequence[Facts], rows: Mapping[str, Sequence[Mapping[str, float]]], formulas: Sequence[Formula]
) -> Iterator[Group]:
    of_noise = [formula for formula in formulas if formula.name == "noise_removed"]
    any_rows = next(iter(rows.values()), ())
    for label in classes_of(any_rows):
        totals = {peer: tabulate(class_rows(found, label)).total() for peer, found in rows.items()}
        values = {peer: {one.name: float(one.of_sums(total)) for one in of_noise} for peer, total in totals.items()}
        yield Group(by="class", name=label, cases=len(class_rows(any_rows, label)), values=values)


def _bins(bounds: Sequence[float]) -> list[str]:
    """Name the stretches between bounds.

    >>> _bins((150, 400))
    ['<150', '150-400', '>400']
    """
    between = [f"{low:g}-{high:g}" for low, high in zip(bounds, bounds[1:], strict=False)]
    return [f"<{bounds[0]:g}", *between, f">{bounds[-1]:g}"]


def _bin(value: float | None, bounds: Sequence[float]) -> str | None:
    return None if value is None else _bins(bounds)[int(np.searchsorted(bounds, value, side="right"))]


def _cost(outcomes: Sequence[Scored], memory: float | None) -> Cost:
    spent = np.array([1000 * one.seconds for one in outcomes])
    return Cost(median=float(np.median(spent)), mean=float(spent.mean()), memory=memory)


def _failures(facts: Sequence[Facts], outcomes: Sequence[Scored]) -> Iterator[Failure]:
    for fact, one in zip(facts, outcomes, strict=True):
        if one.error is not None:
            yield Failure(case=fact.id, set=fact.set, reason=one.error)


def _map(table: Table, change: Callable[[Array], Array]) -> Table:
    return table.with_values(change(table.values))


def _body_size(case: Case) -> int | None:
    match case.gold:
        case Body(text):
            return len(tokenize(text))
        case Labels() as labels:
            return sum(label == "body" for _, label in label_tokens(case.markup, labels))
        case _:
            return None


def _complexity(case: Case, tokens: int) -> float:
    text = _plain(case.markup) if isinstance(case.input, Page) else case.markup
    total = len(tokenize(text))
    return max(0.0, 1 - tokens / total) if total else 0.0


def _plain(markup: str) -> str:
    from resiliparse.parse.html import HTMLTree

    body = HTMLTree.parse(markup).body
    if body is None:
        return ""
    for element in body.query_selector_all("script, style"):
        element.decompose()
    return str(body.text)
