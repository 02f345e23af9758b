"""The measures: what the figures are called, what they say, and how they are reckoned from sums of parts.

Sums are arrays whose last axis is the parts, so one call reckons a run, every case of it, or all its resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleaner.bench.intervals import add_up
from cleaner.bench.judge import Parts
from cleaner.bench.results import Measure

Array = NDArray[np.float64]
Ratio = Callable[..., Array]
"""Divides sums, one array for each part; where there is nothing to divide by it gives NaN."""

FEW = 10
"""Tokens of noise below which a site says nothing about the share removed."""

_OF_SITES = ("site_removed", "sites")


@dataclass(frozen=True, slots=True)
class Formula:
    """Say how a measure is reckoned: `ratio` over the sums of `parts`; `empty` is its value where there is nothing.

    It belongs to a track where any of `needs` is more than nothing. Of a single case it is `case_ratio` over
    `case_parts`, where these differ.
    """

    measure: Measure
    parts: tuple[str, ...]
    ratio: Ratio
    needs: tuple[str, ...]
    empty: float = 0.0
    case_parts: tuple[str, ...] = ()
    case_ratio: Ratio | None = None

    @property
    def name(self) -> str:
        """Name the measure."""
        return self.measure.name

    def of_sums(self, table: Table) -> Array:
        """Reckon sums."""
        return np.nan_to_num(_divide(self.ratio, table, self.parts), nan=self.empty)

    def of_cases(self, table: Table) -> Array:
        """Reckon single cases; NaN where a case has nothing that is measured."""
        return _divide(self.case_ratio or self.ratio, table, self.case_parts or self.parts)


@dataclass(frozen=True, slots=True)
class Table:
    """Hold sums of parts: `names` are those of the last axis."""

    names: tuple[str, ...]
    values: Array

    def part(self, name: str) -> Array:
        """Return the sums of one part; zeros where no case has it."""
        if name not in self.names:
            return np.zeros(self.values.shape[:-1])
        found: Array = self.values[..., self.names.index(name)]
        return found

    def with_values(self, values: Array) -> Table:
        """Return other sums of the same parts."""
        return Table(self.names, values)

    def total(self) -> Table:
        """Return the sums over all rows."""
        return self.with_values(self.values.sum(axis=0))


def tabulate(rows: Sequence[Mapping[str, float]], names: Sequence[str] = ()) -> Table:
    """Put parts into a table, a row a case; a part that a case lacks is zero."""
    known = tuple(names) or tuple(sorted({name for row in rows for name in row}))
    values = [[row.get(name, 0.0) for name in known] for row in rows]
    return Table(known, np.array(values, dtype=np.float64).reshape(len(rows), len(known)))


def add_by_site(table: Table, sites: NDArray[np.intp], count: int) -> Table:
    """Add up the cases of each site, and add the share of the noise that each site lost."""
    sums = add_up(table.values, sites, count)
    added = table.with_values(sums)
    noise, kept = added.part("noise"), added.part("noise_kept")
    enough = noise >= FEW
    removed = np.where(enough, 1 - kept / np.where(enough, noise, 1), 0)
    return Table((*table.names, *_OF_SITES), np.column_stack([sums, removed, enough]))


def number(names: Iterable[str]) -> tuple[NDArray[np.intp], int]:
    """Number sites in the order of their names; return the number of each case and how many there are.

    >>> number(["b.example", "a.example", "b.example"])
    (array([1, 0, 1]), 2)
    """
    found, places = np.unique(np.array(list(names), dtype=object), return_inverse=True)
    return places.astype(np.intp), len(found)


def reckon(rows: Sequence[Parts], sites: Sequence[str]) -> dict[str, float]:
    """Return the figures of some cases, by measure, as far as they have the parts.

    >>> reckon([{"kept": 3, "lost": 1}], ["a.example"])
    {'snippet_f1': 0.8571428571428571, 'snippet_precision': 1.0, 'snippet_recall': 0.75}
    """
    if not rows:
        return {}
    total = add_by_site(tabulate(rows), *number(sites)).total()
    return {formula.name: float(formula.of_sums(total)) for formula in applicable(rows)}


def applicable(rows: Iterable[Parts]) -> tuple[Formula, ...]:
    """List the measures for which any case has something to measure."""
    there = {name for row in rows for name, value in row.items() if value}
    return tuple(formula for formula in FORMULAS if not there.isdisjoint(formula.needs))


def parts_of(formulas: Iterable[Formula]) -> list[str]:
    """List the parts of cases that formulas need, those from which shares of sites are reckoned too."""
    named = {name for formula in formulas for name in (*formula.parts, *formula.case_parts, *formula.needs)}
    return sorted((named | {"noise", "noise_kept"}) - {*_OF_SITES})


def class_rows(rows: Iterable[Parts], label: str) -> list[Parts]:
    """Return the cases that hold noise of one class, as if they held no other."""
    total, kept = f"class:{label}", f"class_kept:{label}"
    return [{"noise": row[total], "noise_kept": row[kept]} for row in rows if row.get(total)]


def classes_of(rows: Iterable[Parts]) -> list[str]:
    """List the classes of noise, those with most tokens first."""
    totals: dict[str, float] = {}
    for row in rows:
        for name, value in row.items():
            if name.startswith("class:"):
                totals[name[6:]] = totals.get(name[6:], 0) + value
    return sorted(totals, key=lambda label: (-totals[label], label))


def chief(names: Collection[str]) -> str:
    """Choose the measure by which peers are ordered: the F1 of tokens, else of removal, else of snippets."""
    return next(name for name in ("f1", "removal_f1", "snippet_f1", *names) if name in names)


def _divide(ratio: Ratio, table: Table, parts: tuple[str, ...]) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return ratio(*(table.part(name) for name in parts))


def _share(part: Array, whole: Array) -> Array:
    return np.where(whole > 0, part / whole, np.nan)


def _rest(part: Array, whole: Array) -> Array:
    return 1 - _share(part, whole)


def _of_both(part: Array, other: Array) -> Array:
    return _share(part, part + other)


def _f1(kept: Array, lost: Array, leaked: Array) -> Array:
    return _share(2 * kept, 2 * kept + lost + leaked)


def _right(kept: Array, lost: Array, leaked: Array, removed: Array) -> Array:
    return _share(kept + removed, kept + lost + leaked + removed)


def _removal_f1(noise: Array, noise_kept: Array, body: Array, body_kept: Array) -> Array:
    gone = noise - noise_kept
    return _share(2 * gone, gone + (body - body_kept) + noise)


def _removal_precision(noise: Array, noise_kept: Array, body: Array, body_kept: Array) -> Array:
    gone = noise - noise_kept
    return _share(gone, gone + (body - body_kept))


def _mean(name: str, label: str, about: str) -> Formula:
    return Formula(Measure(name=name, label=label, about=about), (name, "cases"), _share, ("cases",))


_REMOVAL = ("noise", "noise_kept", "body", "body_kept")
_SNIPPETS = ("kept", "lost", "leaked", "removed")

FORMULAS = (
    _mean("f1", "F1", "Harmonic mean of token precision and recall, averaged over pages."),
    _mean("precision", "precision", "Share of the text's tokens that the gold has, averaged over pages."),
    _mean("recall", "recall", "Share of the gold's tokens that the text has, averaged over pages."),
    _mean("shingle_f1", "4-gram F1", "F1 of runs of four tokens, averaged over pages."),
    _mean("shingle_precision", "4-gram precision", "Share of the text's runs of four tokens that the gold has."),
    _mean("shingle_recall", "4-gram recall", "Share of the gold's runs of four tokens that the text has."),
    _mean("rouge", "ROUGE-Lsum", "F1 of tokens that stand in the same order within lines, averaged over pages."),
    _mean("levenshtein", "Levenshtein", "Share of tokens that stay where the text is edited into the gold."),
    _mean("exact", "exact", "Share of pages whose tokens are the gold's, in order and in full."),
    Formula(
        Measure(name="snippet_f1", label="snippet F1", about="F1 of snippets that must stay, over those of all pages."),
        ("kept", "lost", "leaked"), _f1, ("kept", "lost"), case_parts=_SNIPPETS, case_ratio=_right,
    ),
    Formula(
        Measure(name="snippet_precision", label="snippet precision", about="Of the snippets found, those that must stay."),
        ("kept", "leaked"), _of_both, ("kept", "lost"),
    ),
    Formula(
        Measure(name="snippet_recall", label="snippet recall", about="Share of the snippets that must stay and do."),
        ("kept", "lost"), _of_both, ("kept", "lost"),
    ),
    Formula(
        Measure(name="snippet_removed", label="snippets removed", about="Share of the snippets that must go and do."),
        ("removed", "leaked"), _of_both, ("removed", "leaked"), empty=1.0,
    ),
    Formula(
        Measure(
            name="removal_f1", label="removal F1",
            about="Harmonic mean of the share of noise that went, and the share of what went that was noise.",
        ),
        _REMOVAL, _removal_f1, ("noise",),
    ),
    Formula(
        Measure(name="removal_precision", label="removal precision", about="Of the tokens that went, those of noise."),
        _REMOVAL, _removal_precision, ("noise",), empty=1.0,
    ),
    Formula(
        Measure(name="noise_removed", label="noise removed", about="Share of the tokens of noise that went."),
        ("noise_kept", "noise"), _rest, ("noise",), empty=1.0,
    ),
    Formula(
        Measure(
            name="noise_removed_mean", label="noise removed, mean over sources",
            about=f"Share of the tokens of noise that went, averaged over sources with at least {FEW}.",
        ),
        _OF_SITES, _share, ("noise",), empty=1.0, case_parts=("noise_kept", "noise"), case_ratio=_rest,
    ),
    Formula(
        Measure(name="body_lost", label="body lost", about="Share of the tokens of body that went.", higher=False),
        ("body_kept", "body"), _rest, ("body",),
    ),
    Formula(
        Measure(
            name="invented", label="invented", higher=False,
            about="Tokens that the document never had, as a share of its body.",
        ),
        ("invented", "body"), _share, ("body",),
    ),
    Formula(
        Measure(name="untouched", label="clean untouched", about="Share of documents without noise that keep all body."),
        ("untouched", "clean"), _share, ("clean",), empty=1.0,
    ),
)  # fmt: skip
"""The closed list of measures, in the order in which they are shown."""
