"""The two sides of the books: what came in, and what was written and rejected of it, each read in order."""

from __future__ import annotations

import base64
import binascii
import os
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import PurePath
from typing import Any, Generic, TypeVar

from cleaner.audit.account import spell_all
from cleaner.bulk.ledger import RUN
from cleaner.errors import InputError, OptionError
from cleaner.io import remote
from cleaner.io.folder import Folder, open_folder
from cleaner.io.inputs import Input, Kind, kind_of
from cleaner.io.plain import Plain, entry_of, read_sheaf
from cleaner.io.read import Sheaf, offset_of, open_item, read_items
from cleaner.io.record import CLEANING, Entry, Fields, Place, Unread, id_of
from cleaner.io.splice import parse
from cleaner.io.stream import Watch, gather_lines, read_chunks
from cleaner.model import Rejected

RECORDS = ("jsonl", "csv", "tsv", "parquet")
"""The kinds of outputs that hold records."""

Item = TypeVar("Item")


def is_there(path: str) -> bool:
    """Tell whether there is a file, here or behind a URL; raises `InputError` where that cannot be told."""
    return remote.size_of(path) is not None if remote.is_remote(path) else os.path.isfile(path)


def find_output(path: str) -> Folder | None:
    """Return the folder of shards that an output is; None where it is one file.

    Raises `InputError` where there is neither, `OptionError` for a file that holds no records.
    """
    folder = open_folder(path)
    if path.endswith(("/", "\\")) or os.path.isdir(path) or folder.size(RUN) is not None:
        return folder
    if not is_there(path):
        raise InputError(f"{path}: no such output")
    kind = kind_of(path)
    if kind not in RECORDS:
        why = "it holds no records" if kind else "the ending does not say that it holds records"
        raise OptionError(f"{path}: {why}; those end in .jsonl, .csv, .tsv or .parquet")
    return None


@dataclass(slots=True)
class Came:
    """Hold a record of the input of this number, as it was read, and the sheaf it stood in.

    `begin` is where what was read with it begins: by that it belongs to a shard.
    """

    source: int
    entry: Entry
    begin: int
    sheaf: Sheaf | None = None

    @property
    def id(self) -> str:
        """Return what names it."""
        return self.entry.value.id

    @property
    def offset(self) -> int:
        """Return where it begins, in bytes of its decompressed input."""
        return self.entry.place.offset

    @property
    def line(self) -> str:
        """Return its label and number, which are its id where it has none of its own."""
        if self.sheaf is None:
            return self.entry.place.id
        lines = self.sheaf.lines
        number = lines.number + lines.raw.count(b"\n", 0, self.offset - lines.offset)
        return f"{self.sheaf.label}#{number}"

    @property
    def own(self) -> Mapping[str, Any]:
        """Return its own fields."""
        record = self.entry.record
        if record is None:
            record = parse(self.entry.raw) if self.entry.raw != b"{}" else {}
        return record


@dataclass
class Written:
    """Hold a line or a row of an output of this kind, numbered from 1, as a JSON object."""

    number: int
    raw: bytes
    kind: Kind = "jsonl"

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """Return the record it holds; an empty one where it holds none."""
        try:
            record = parse(self.raw)
            if not isinstance(record, dict) or CLEANING not in record:
                return {}
            if self.kind != "jsonl":
                account = record[CLEANING]
                account = account if self.kind == "parquet" else parse(account.encode())
                record[CLEANING] = spell_all(_without_nulls(account))
        except (ValueError, AttributeError):
            return {}
        return record

    def id(self, fields: Fields) -> str | None:
        """Return what names it, if it is a record; nothing where a row has no room for a name."""
        return id_of(self.record, self.raw, Place("", ""), fields) if self.record else None


def _without_nulls(account: Any) -> Any:
    """Leave out of an account what is null for want of a way to leave it out of a row."""
    if isinstance(account, dict):
        kept = {
            name: value for name, value in account.items() if value is not None or name not in ("source", "because")
        }
        for name in ("cuts", "related"):
            if isinstance(kept.get(name), list):
                kept[name] = [_without_nulls(one) if name == "cuts" else _with_cuts(one) for one in kept[name]]
        return kept
    return account


def _with_cuts(related: Any) -> Any:
    cuts = related.get("cuts") if isinstance(related, dict) else None
    return {**related, "cuts": [_without_nulls(cut) for cut in cuts]} if isinstance(cuts, list) else related


@dataclass(frozen=True, slots=True)
class Refused:
    """Hold a line of a file of rejects, numbered from 1; `rejected` is None where it holds none."""

    number: int
    rejected: Rejected | None


def read_came(
    source: Input, number: int, fields: Fields, recleaning: bool, watch: Watch | None, passed: Counter[str]
) -> Iterator[Came]:
    """Yield the records of an input in order.

    Raises `InputError` where it cannot be read, `Truncated` where it breaks off.
    """
    for item in read_items(source, fields, watch, passed):
        if isinstance(item, Sheaf):
            for record in read_sheaf(item, fields, recleaning):
                entry = entry_of(record, item) if isinstance(record, Plain) else record
                yield Came(number, entry, entry.place.offset, item)
        elif item:
            for entry in open_item(item, fields, recleaning):
                yield Came(number, entry, offset_of(item))


def read_written(path: str, fields: Fields, watch: Watch | None = None) -> Iterator[Written]:
    """Yield the lines or rows of an output, blank ones left out.

    Raises `InputError` where it cannot be read, `Truncated` where it breaks off.
    """
    kind = kind_of(path)
    if kind in ("csv", "tsv", "parquet"):
        yield from _read_rows(Input(path, kind, path, path), fields, watch)
    else:
        yield from _read_lines(path, watch)


def _read_lines(path: str, watch: Watch | None) -> Iterator[Written]:
    for lines in gather_lines(read_chunks(path, watch)):
        if lines:
            for number, raw in enumerate(lines.raw.split(b"\n"), lines.number):
                if raw:
                    yield Written(number, raw)


def _read_rows(source: Input, fields: Fields, watch: Watch | None) -> Iterator[Written]:
    first = 1 if source.kind == "parquet" else 2  # a table of cells has a header
    number = count(first)
    for item in read_items(source, fields, watch):
        if isinstance(item, Unread):
            yield Written(next(number), item.raw, source.kind)
        else:
            for entry in open_item(item, fields, recleaning=True) if item else ():
                raw = entry.value.raw if isinstance(entry.value, Rejected) else entry.raw
                yield Written(next(number), raw, source.kind)


def read_refused(path: str, watch: Watch | None = None) -> Iterator[Refused]:
    """Yield the lines of a file of rejects, blank ones left out; raises as `read_written`."""
    for line in _read_lines(path, watch):
        yield Refused(line.number, _read_reject(line.raw))


def _read_reject(raw: bytes) -> Rejected | None:
    try:
        row = parse(raw)
        id_, path, offset, reason = (row[name] for name in ("id", "path", "offset", "reason"))
        if [type(id_), type(path), type(offset), type(reason)] != [str, str, int, str] or len(row) != 5:
            return None
        return Rejected(id_, path, offset, reason, base64.b64decode(row["raw"], validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


class Ahead(Generic[Item]):
    """Hand out items one by one, and look at those to come."""

    def __init__(self, items: Iterable[Item]):
        self._items, self._held = iter(items), deque[Item]()

    def peek(self) -> Item | None:
        """Return the next item without taking it; None at the end."""
        return next(iter(self.look(1)), None)

    def look(self, most: int) -> list[Item]:
        """Return so many of the next items, fewer at the end, without taking them."""
        while len(self._held) < most and (item := next(self._items, None)) is not None:
            self._held.append(item)
        return [self._held[at] for at in range(min(most, len(self._held)))]

    def take(self) -> Item | None:
        """Take the next item; None at the end."""
        return self._held.popleft() if self._held else next(self._items, None)

    def put_back(self, item: Item) -> None:
        """Let an item be the next one again."""
        self._held.appendleft(item)


@dataclass(slots=True)
class Recent:
    """Remember names, at least the last `most` of them and never more than twice as many."""

    most: int = 1 << 16
    _new: set[int] = field(default_factory=set)
    _old: set[int] = field(default_factory=set)

    def add(self, name: str) -> None:
        """Remember a name."""
        if len(self._new) >= self.most:
            self._old, self._new = self._new, set()
        self._new.add(hash(name))

    def __contains__(self, name: str) -> bool:
        return hash(name) in self._new or hash(name) in self._old


def resolve(told: str, sources: Sequence[Input]) -> int | None:
    """Return the number of the input that a reject names, also where both were named from different folders."""
    for number, source in enumerate(sources):
        if told == source.path:
            return number
    parts = PurePath(os.path.normpath(told)).parts
    fits = [(len(label), -number) for number, label in enumerate(map(_parts, sources)) if parts[-len(label) :] == label]
    return -max(fits)[1] if fits else None


def _parts(source: Input) -> tuple[str, ...]:
    return PurePath(source.label).parts
