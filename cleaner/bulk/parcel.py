"""Pack what inputs hold into parcels: as much as is worth one trip to another process, in the order of the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cleaner.bulk.plan import Stream
from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.read import Item, Sheaf, cut_sheaf, offset_of, read_items, reject_item, size_of, split_item
from cleaner.io.record import Fields, Place, refuse
from cleaner.io.stream import PARCEL, Truncated, Watch
from cleaner.model import Rejected


@dataclass(frozen=True, slots=True)
class End:
    """Say that the stream of a parcel ends: as it should, or with an error; all parcels before it stand."""

    error: Truncated | InputError | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """Hold some of what the stream of this number holds, all of one shard; `size` is about its bytes in memory.

    `passed` counts what archives held beside pages.
    """

    source: int
    items: tuple[Item, ...]
    size: int
    shard: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    end: End | None = None

    def split(self) -> list[Parcel]:
        """Return a parcel for each record, unread."""
        return [
            Parcel(self.source, (record,), size_of(record), self.shard)
            for item in self.items
            for record in split_item(item)
        ]

    def reject(self, reason: str) -> list[Rejected]:
        """Reject all records, unread."""
        return [reject_item(item, reason) for part in self.split() for item in part.items]


Select = Callable[[Iterator[Item | None]], Iterator[Item | None]]
"""Lets some of an input's records through."""


def pack(
    streams: Sequence[Stream],
    fields: Fields,
    watch: Watch | None = None,
    least: int = PARCEL,
    halted: Callable[[], bool] = lambda: False,
    select: Select | None = None,
) -> Iterator[Parcel | None]:
    """Yield parcels of at least so many bytes where there is as much, and one for each end; None while a pipe is silent.

    Once `halted`, it ends where the next shard would begin. An input that cannot be read, or breaks off, is told by the
    parcel for its end.
    """
    for number, stream in enumerate(streams):
        packer = _Packer(number, stream, least, halted)
        passed: Counter[str] = Counter()
        error: Truncated | InputError | None = None
        try:
            items = _read(stream.inputs, fields, watch, passed, least)
            for parcel in packer.pack(select(items) if select else items, passed):
                if watch and not parcel:
                    watch(0)  # it may have something to say
                yield parcel
        except (Truncated, InputError) as caught:
            error = caught
        yield from packer.hand_out()
        if packer.halted:
            return
        yield Parcel(number, (), 0, packer.shard, passed, End(error))


def _read(
    inputs: Sequence[Input], fields: Fields, watch: Watch | None, passed: Counter[str], least: int
) -> Iterator[Item | None]:
    for source in inputs:
        try:
            yield from read_items(source, fields, watch, passed, least)
        except InputError as error:
            if len(inputs) == 1:
                raise
            yield refuse(Place(source.id, source.path), str(error), b"")  # of many small files it costs only itself


class _Packer:
    """Hold what was read of a stream and is not handed out yet."""

    def __init__(self, number: int, stream: Stream, least: int, halted: Callable[[], bool]):
        self.shard, self.halted = stream.number, False
        self._number, self._stream, self._least, self._halt = number, stream, least, halted
        self._held: list[Item] = []
        self._size = 0
        self._passed: Counter[str] = Counter()  # before what is held, in its shard
        self._begun = False

    def pack(self, items: Iterable[Item | None], passed: Counter[str]) -> Iterator[Parcel | None]:
        """Yield parcels; what is left at the end is held."""
        for item in items:
            if item is None:
                yield from self.hand_out()
                yield None
                continue
            for shard, part in self._divide(item):
                if shard != self.shard or not self._begun:
                    yield from self.hand_out()
                    if self._halt():
                        self.halted = True
                        return
                    self.shard, self._begun = shard, True
                if shard not in self._stream.done:
                    self._passed.update(passed)
                    self._held.append(part)
                    self._size += size_of(part)
                    if self._size >= self._least:
                        yield from self.hand_out()
                passed.clear()

    def hand_out(self) -> Iterator[Parcel]:
        """Give away what is held."""
        if self._held:
            yield Parcel(self._number, tuple(self._held), self._size, self.shard, self._passed)
            self._held, self._size, self._passed = [], 0, Counter()

    def _divide(self, item: Item) -> Iterator[tuple[int, Item]]:
        """Yield an item, or its parts where a border of shards goes through it, each with the number of its shard."""
        stream = self._stream
        while isinstance(item, Sheaf) and (border := stream.border(item.lines.offset)):
            head, rest = cut_sheaf(item, border)
            if head:
                yield stream.shard(head.lines.offset), head
            if not rest:
                return
            item = rest
        yield stream.shard(offset_of(item)), item
