"""Pack what inputs hold into parcels: as much as is worth one trip to another process, in the order of the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.read import Item, broken_off, read_items, reject_item, size_of, split_item
from cleaner.io.record import Fields
from cleaner.io.stream import PARCEL, Truncated, Watch
from cleaner.model import Rejected


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold some of what the input of this number holds; `size` is about its bytes in memory."""

    source: int
    items: tuple[Item, ...]
    size: int

    def split(self) -> list[Parcel]:
        """Return a parcel for each record, unread."""
        return [Parcel(self.source, (record,), size_of(record)) for item in self.items for record in split_item(item)]

    def reject(self, reason: str) -> list[Rejected]:
        """Reject all records, unread."""
        return [reject_item(item, reason) for part in self.split() for item in part.items]


class BrokenOff(Exception):
    """Say that the input of this number breaks off; how many records came before is known once they are done."""

    def __init__(self, source: int, cause: Truncated):
        super().__init__(str(cause))
        self.source, self.cause = source, cause

    def explain(self, sources: Sequence[Input], records: int) -> InputError:
        """Return the error to show."""
        return broken_off(sources[self.source], self.cause, records)


def pack(
    sources: Sequence[Input], fields: Fields, watch: Watch | None, passed: Counter[str], least: int = PARCEL
) -> Iterator[Parcel | None]:
    """Yield parcels of at least so many bytes where there is as much; None while a pipe is silent.

    Raises `InputError` where an input cannot be read, `BrokenOff` where it breaks off.
    """
    for number, source in enumerate(sources):
        try:
            yield from _pack(number, read_items(source, fields, watch, passed, least), least)
        except Truncated as error:
            raise BrokenOff(number, error) from None


def _pack(source: int, items: Iterator[Item | None], least: int) -> Iterator[Parcel | None]:
    held: list[Item] = []
    size = 0
    try:
        for item in items:
            if item:
                held.append(item)
                size += size_of(item)
            if held and (not item or size >= least):
                yield Parcel(source, tuple(held), size)
                held, size = [], 0
            if not item:
                yield None
    except (Truncated, InputError):
        if held:
            yield Parcel(source, tuple(held), size)
        raise
    if held:
        yield Parcel(source, tuple(held), size)
