"""Sum up a track: what each peer reached with its interval, how far ours is ahead, and the figures of groups of cases.

No answer is seen here: `Facts` are what is known of a case, `Scored` is what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from cleaner.bench.case import Body, Case, Labels
from cleaner.bench.intervals import USUAL, Draws, Resampling, count_steps
from cleaner.bench.judge import label_tokens
from cleaner.bench.measure import (
    Formula,
    Table,
    add_by_site,
    applicable,
    chief,
    class_rows,
    classes_of,
    number,
    parts_of,
    tabulate,
)
from cleaner.bench.results import Cost, Difference, Failure, Figure, Group, Measure, PeerScores, Spread
from cleaner.errors import InputError
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
    """Say how long the gold of a case is, in tokens (0 where the body is not known), and how much of the page is none."""

    tokens: int
    complexity: float


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold what one peer made of one case, without the text: its parts, CPU seconds, and quality signals."""

    parts: Mapping[str, float]
    seconds: float
    error: str | None = None
    empty: bool = False
    signals: Mapping[str, float] = field(default_factory=dict)


class Summary(TypedDict):
    """Hold the figures of a track: what `cleaner.bench.results.Track` has beside its name and its sets."""

    chief: str
    measures: tuple[Measure, ...]
    peers: tuple[PeerScores, ...]
    groups: tuple[Group, ...]
    source: dict[str, float]


def gather_facts(case: Case) -> Facts:
    """Return the length of a case's body, and how complex its page is.

    Complexity is the share of the page's text that is no body, 0 to 1, after Bevendorff et al., "An Empirical Comparison
    of Web Content Extraction Algorithms" (SIGIR 2023): one less the tokens of the gold over those of the page, scripts
    and styles aside. It is 0 where the body is not known.
    """
    body = body_size(case)
    if not body:
        return Facts(0, 0.0)
    text = _plain(case.markup) if isinstance(case.input, Page) else case.markup
    return Facts(body, max(0.0, 1 - body / max(1, len(tokenize(text)))))


def body_size(case: Case) -> int:
    """Return the tokens of a case's body; 0 where it is not known."""
    match case.gold:
        case Body(text):
            return len(tokenize(text))
        case Labels() as labels:
            return sum(label == "body" for _, label in label_tokens(case.markup, labels))
        case _:
            return 0


def summarise(
    cases: Sequence[Case],
    facts: Sequence[Facts],
    scored: Mapping[str, Sequence[Scored]],
    *,
    ours: str,
    resamples: int = USUAL.times,
    seed: int = USUAL.seed,
    memory: Mapping[str, float | None] | None = None,
    copies: Mapping[str, Mapping[str, float]] | None = None,
    source: Sequence[Mapping[str, float]] = (),
) -> Summary:
    """Sum up what every peer made of the same cases.

    Raises `ValueError` where there are none, or too few of a peer, `InputError` where their gold asks for nothing.
    `ours` is compared with each other peer, if it is there. `memory` is the peak of each peer in megabytes, `copies` what
    `cleaner.bench.copies` found among its texts, `source` the signals of the inputs.
    """
    if not cases or any(len(rows) != len(cases) for rows in (facts, *scored.values())):
        raise ValueError(
            f"{len(cases)} cases, but {[len(rows) for rows in (facts, *scored.values())]} facts and outcomes"
        )
    rows = {peer: [one.parts for one in outcomes] for peer, outcomes in scored.items()}
    formulas = applicable(row for found in rows.values() for row in found)
    if not formulas:
        raise InputError(f"{cases[0].set}: nothing to measure, as its gold has no body, no noise and no snippet")
    runs = _Runs([case.site for case in cases], rows, formulas, ours, Resampling(resamples, seed=seed))
    peers = [
        _peer(runs, peer, cases, outcomes, (memory or {}).get(peer), (copies or {}).get(peer, {}))
        for peer, outcomes in scored.items()
    ]
    return Summary(
        chief=chief([formula.name for formula in formulas]),
        measures=tuple(formula.measure for formula in formulas),
        peers=tuple(peers),
        groups=(*_groups(cases, facts, runs), *_class_groups(rows, formulas)),
        source=mean_signals(source),
    )


def _peer(
    runs: _Runs,
    peer: str,
    cases: Sequence[Case],
    outcomes: Sequence[Scored],
    memory: float | None,
    copies: Mapping[str, float],
) -> PeerScores:
    failures = tuple(
        Failure(case=case.id, set=case.set, reason=one.error)
        for case, one in zip(cases, outcomes, strict=True)
        if one.error is not None
    )
    return PeerScores(
        peer=peer,
        figures=runs.figures(peer),
        spreads=runs.spreads(peer),
        ahead=runs.ahead(peer),
        cost=_cost(outcomes, memory),
        failed=len(failures),
        failures=failures,
        empty=sum(one.empty for one in outcomes),
        signals=mean_signals([one.signals for one in outcomes]),
        copies=dict(copies),
    )


def quality_of(parts: Mapping[str, float]) -> float:
    """Return the one figure by which cases are ordered, 0 to 1: the F1 of tokens, or the share of snippets done right.

    Of a labelled document it is the F1 of its body: noise that stayed costs precision.

    >>> quality_of({"kept": 2, "lost": 1, "leaked": 0, "removed": 1}), quality_of({"noise": 4, "body": 8, "body_kept": 8})
    (0.75, 1.0)
    """
    if "f1" in parts:
        return parts["f1"]
    if "kept" in parts:
        right, total = (
            parts["kept"] + parts["removed"],
            sum(parts[name] for name in ("kept", "lost", "leaked", "removed")),
        )
        return right / total if total else 1.0
    body, kept, noise = (parts.get(name, 0.0) for name in ("body", "body_kept", "noise_kept"))
    if not body:
        return 1 - noise / parts["noise"] if parts.get("noise") else 1.0
    return 2 * kept / (body + kept + noise)


def mean_signals(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Average signals over the texts that have them."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: float(np.mean([row[name] for row in rows if name in row])) for name in names}


class _Runs:
    """Hold the parts of all peers over the same cases, and resample them together."""

    def __init__(
        self,
        sites: Sequence[str],
        rows: Mapping[str, Sequence[Mapping[str, float]]],
        formulas: Sequence[Formula],
        ours: str,
        resampling: Resampling,
    ) -> None:
        self.formulas, self.ours = formulas, ours
        self.sites, count = number(sites)
        self.cases = {peer: tabulate(found, parts_of(formulas)) for peer, found in rows.items()}
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


def spread(values: Array, higher: bool = True) -> Spread:
    """Return how figures of single cases are spread; the worst are the lowest, or where less is better the highest.

    >>> spread(np.array([0.0, 0.2, 0.4, 0.6, 1.0])).worst
    0.0
    """
    ordered = np.sort(values) if higher else np.sort(values)[::-1]
    tenth = ordered[: -(-len(ordered) // 10)]
    quantiles = tuple(float(value) for value in np.quantile(values, np.linspace(0, 1, 21)))
    return Spread(median=quantiles[10], worst=float(tenth.mean()), quantiles=quantiles)


def _groups(cases: Sequence[Case], facts: Sequence[Facts], runs: _Runs) -> Iterator[Group]:
    sizes = Counter(case.site for case in cases)
    largest = set(sorted(sizes, key=lambda site: (-sizes[site], site))[:SITES])
    name_of: dict[str, Callable[[Case, Facts], str | None]] = {
        "set": lambda case, fact: case.set,
        "lang": lambda case, fact: case.language or "?",
        "site": lambda case, fact: case.site if case.site in largest else None,
        "length": lambda case, fact: _bin(fact.tokens, LENGTHS) if fact.tokens else None,
        "difficulty": lambda case, fact: _bin(fact.complexity, DIFFICULTIES) if fact.tokens else None,
        "rate": lambda case, fact: case.rate,
    }
    for by, name in name_of.items():
        members: dict[str, list[int]] = {}
        for at, (case, fact) in enumerate(zip(cases, facts, strict=True)):
            if (found := name(case, fact)) is not None:
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


def _class_groups(rows: Mapping[str, Sequence[Mapping[str, float]]], formulas: Sequence[Formula]) -> Iterator[Group]:
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
    between = [f"{low:g}-{high:g}" for low, high in pairwise(bounds)]
    return [f"<{bounds[0]:g}", *between, f">{bounds[-1]:g}"]


def _bin(value: float, bounds: Sequence[float]) -> str:
    return _bins(bounds)[int(np.searchsorted(bounds, value, side="right"))]


def _cost(outcomes: Sequence[Scored], memory: float | None) -> Cost:
    spent = np.array([1000 * one.seconds for one in outcomes])
    return Cost(median=float(np.median(spent)), mean=float(spent.mean()), memory=memory)


def _map(table: Table, change: Callable[[Array], Array]) -> Table:
    return table.with_values(change(table.values))


def _plain(markup: str) -> str:
    """Return the text of a whole page, its blocks apart."""
    from resiliparse.extract.html2text import extract_plain_text

    found: str = extract_plain_text(markup, main_content=False, list_bullets=False, alt_texts=False, links=False)
    return found
