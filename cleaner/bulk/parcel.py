"""Pack what inputs hold into parcels: as much as is worth one trip to another process, in the order of the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.read import Item, Sheaf, broken_off, read_items, split_sheaf
from cleaner.io.record import Entry, Fields, Unread, refuse, reject
from cleaner.io.stream import PARCEL, Truncated, Watch
from cleaner.model import Document, Rejected


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold some of what the input of this number holds; `size` is about its bytes in memory."""

    source: int
    items: tuple[Item, ...]
    size: int

    def split(self) -> list[Parcel]:
        """Return a parcel for each record, unread."""
        return [
            Parcel(self.source, (record,), _size(record))
            for item in self.items
            for record in (split_sheaf(item) if isinstance(item, Sheaf) else [item])
        ]

    def reject(self, reason: str) -> list[Rejected]:
        """Reject all records, unread."""
        return [_reject(item, reason) for part in self.split() for item in part.items]


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
                size += _size(item)
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


def _size(item: Item) -> int:
    if isinstance(item, Sheaf):
        return len(item.lines.raw)
    if isinstance(item, Unread):
        return len(item.raw)
    value = item.value
    content = value.raw if isinstance(value, Rejected) else value.text if isinstance(value, Document) else value.html
    return len(item.raw) + len(content)


def _reject(item: Item, reason: str) -> Rejected:
    if isinstance(item, Entry):
        return reject(item, reason)
    assert isinstance(item, Unread)
    refused = refuse(item.place, reason, item.raw).value
    assert isinstance(refused, Rejected)
    return refused
