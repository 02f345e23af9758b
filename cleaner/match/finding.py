"""What a matcher reports: where, which rule, and what it recovered there. Nothing is edited while rules look."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cleaner.match.literal import Literals
from cleaner.rules.schema import Rule
from cleaner.text.sheet import Sheet, Unit

if TYPE_CHECKING:
    from cleaner.match.edge import Edge
    from cleaner.match.gate import Gate
    from cleaner.match.reach import Room

Hits = Sequence[tuple[int, int]] | None
"""Sorted bounds of the places on the sheet where one of a rule's literals stands; None: look everywhere."""


def hits_between(hits: Sequence[tuple[int, int]], start: int, stop: int) -> Sequence[tuple[int, int]]:
    """Return the hits that begin between two positions."""
    return hits[bisect_left(hits, (start, 0)) : bisect_left(hits, (stop, 0))]


def windows(hits: Sequence[tuple[int, int]], start: int, stop: int, reach: int) -> list[tuple[int, int]]:
    """Return the stretches around hits, those that touch united."""
    found: list[tuple[int, int]] = []
    for a, b in hits:
        first, last = max(start, a - reach), min(stop, b + reach)
        if found and first <= found[-1][1]:
            first, last = found[-1][0], max(last, found.pop()[1])
        found.append((first, last))
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """Bound the parts of one appended article on the sheet."""

    title: Unit | None
    source: Unit | None
    age: Unit | None
    body: Unit


@dataclass(frozen=True, slots=True)
class Found:
    """Report one match in positions of the sheet."""

    start: int
    end: int
    fields: tuple[tuple[str, Unit], ...] = ()
    headlines: tuple[Unit, ...] = ()
    records: tuple[Record, ...] = ()
    witness: Unit | None = None
    proven: bool = False
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Hold a stretch of the source as found, white space folded."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Report one match in positions of the source, with the rule behind it and what it recovered."""

    start: int
    end: int
    rule: Rule
    fields: tuple[tuple[str, str], ...] = ()
    headlines: tuple[Quote, ...] = ()
    records: tuple[RecordFound, ...] = ()
    witness: tuple[int, int] | None = None
    proven: bool = False
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordFound:
    """Hold one appended article in positions of the source."""

    title: str | None
    source: str | None
    age: str | None
    start: int
    end: int


class Matcher(Protocol):
    """Look for one kind of artefact on a sheet."""

    @property
    def literals(self) -> Literals | None:
        """Literals of which every match holds one; None: a position or a structural gate stands in."""

    @property
    def gate(self) -> Gate | Edge:
        """What a text must be like where no literal says; only asked where `literals` is None."""

    @property
    def room(self) -> Room:
        """Where the literals must stand."""

    def may_match(self, text: str, start: int, end: int, line: tuple[int, int]) -> bool:
        """Tell whether a literal that stands at a place of a text, on a line of it, may be part of a match."""

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return the matches near the hits (everywhere for None), in any order."""


class Telling(Matcher, Protocol):
    """Look for artefacts, and say why there are none where there could be."""

    def flags(self, sheet: Sheet) -> tuple[str, ...]:
        """Return flags for the document."""


def place(sheet: Sheet, found: Found, rule: Rule) -> Finding:
    """Carry a match over from the sheet to the source."""
    start, end = sheet.to_source(found.start, found.end)
    recovers = rule.action == "extract"

    def quote(unit: Unit) -> Quote:
        return Quote(*sheet.to_source(*unit), sheet.found(*unit))

    return Finding(
        start,
        end,
        rule,
        fields=tuple((name, sheet.found(*unit)) for name, unit in found.fields) if recovers else (),
        headlines=tuple(map(quote, found.headlines)) if recovers else (),
        records=tuple(_record(sheet, record) for record in found.records) if recovers else (),
        witness=sheet.to_source(*found.witness) if found.witness else None,
        proven=found.proven,
        because=found.because,
    )


def _record(sheet: Sheet, record: Record) -> RecordFound:
    title, source, age = (sheet.found(*unit) if unit else None for unit in (record.title, record.source, record.age))
    return RecordFound(title, source, age, *sheet.to_source(*record.body))
