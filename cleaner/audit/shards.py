"""Close the books of a folder of shards: its markers, its files, and every record of every shard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from functools import partial
from itertools import groupby
from typing import Any

import orjson

from cleaner.audit.sides import RECORDS, Came, read_refused, read_written
from cleaner.audit.verify import Audit, Auditor, Books, Finding
from cleaner.bulk.ledger import DONE, LOCK, RUN, read_markers, recognize
from cleaner.bulk.marker import Marker, Origin, Sealed
from cleaner.bulk.plan import split_name
from cleaner.bulk.tally import Tally
from cleaner.errors import InputError, OptionError
from cleaner.io.file import new_digest
from cleaner.io.folder import Folder
from cleaner.io.inputs import BOOKS, REJECTS, Input, kind_of
from cleaner.io.record import Fields
from cleaner.io.stream import Truncated, Watch, open_seekable
from cleaner.report.number import number_of

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold what a run wrote down of how it read and wrote."""

    fields: Fields
    recleaning: bool
    fast: bool
    lean: bool
    annotate: bool
    part: str | None = None
    """The option that left records of the input out, if one did."""


def read_setting(folder: Folder) -> Setting:
    """Read how the run of a folder was set.

    Raises `InputError` where the folder is none of shards, `OptionError` where they hold no records.
    """
    raw = folder.read(RUN)
    if raw is None:
        raise InputError(
            f"{folder.path} is no folder of shards, as `cleaner clean -o FOLDER/` writes: there is no {RUN} in it"
        )
    try:
        told: Mapping[str, Any] = orjson.loads(raw)["settings"]
        known = Fields(**{part.name: str(told[f"{part.name}_field"]) for part in fields_of(Fields)})
        part = next((name for name in ("limit", "sample") if told.get(name)), None)
        ways = {name: bool(told.get(name)) for name in ("recleaning", "fast", "lean", "annotate")}
        setting = Setting(known, part=part, **ways)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{folder.shown(RUN)} does not say what the run is ({error})") from None
    ending = str(told.get("format", ""))
    if kind_of(f"x{ending}") not in RECORDS:
        raise OptionError(f"{folder.path} holds {ending or 'no'} files of bodies: only records can be read back")
    return setting


def verify_folder(auditor: Auditor, folder: Folder, setting: Setting, watch: Watch | None = None) -> Books:
    """Verify a folder of shards.

    Raises `InputError` where a marker, or an input that shards were made of, cannot be read, `OptionError` where the
    shards do not hold all records.
    """
    if setting.part:
        raise OptionError(f"{folder.path} was made with --{setting.part}: the books close over all records only")
    books = Books()
    books.manner.lean, books.manner.annotate = setting.lean, setting.annotate
    markers = read_markers(folder)
    auditor = replace(auditor, sources=recognize(auditor.sources, markers.values()))
    _Shelf(auditor, folder, markers, books, watch).verify()
    return books


class _Shelf:
    """Hold the markers of a folder, and book what is found."""

    def __init__(
        self, auditor: Auditor, folder: Folder, markers: Mapping[str, Marker], books: Books, watch: Watch | None
    ):
        self._auditor, self._folder, self._markers, self._books, self._watch = auditor, folder, markers, books, watch
        self._sound: set[str] = set()
        self._numbers = {source.label: number for number, source in enumerate(auditor.sources)}

    def verify(self) -> None:
        self._check_files()
        self._check_terms()
        of_label: dict[str, list[Marker]] = {}
        for marker in self._markers.values():
            for origin in marker.inputs:
                of_label.setdefault(origin.label, []).append(marker)
        for label, made in of_label.items():
            self._check_input(label, made)
        done: set[str] = set()
        for number, source in enumerate(self._auditor.sources):
            markers = sorted(of_label.get(source.label, ()), key=_number)
            if not markers:
                try:
                    self._count_lost(self._auditor.read(number, self._books, self._watch), source)
                except InputError as error:
                    self._find(f"no shard was made of it, and it cannot be read: {error}", came=source.label)
            elif markers[0].end is None:
                for marker in markers:
                    if marker.shard not in done:
                        done.add(marker.shard)
                        self._audit(marker, self._gather(marker))
            else:
                self._take_stream(number, source, markers)

    # --- files and markers

    def _check_files(self) -> None:
        """Check that the folder holds what its markers say, byte for byte, and nothing else."""
        known = {RUN, LOCK, *(f"{BOOKS}/{name}{DONE}" for name in self._markers)}
        for marker in self._markers.values():
            for sealed in marker.files.values():
                known.add(sealed.name)
                self._check_file(sealed)
            known.update(marker.names)
        for name in self._folder.names():
            if name not in known:
                self._find("no marker tells of this file", name)

    def _check_file(self, sealed: Sealed) -> None:
        size = self._folder.size(sealed.name)
        if size is None:
            self._find("the file is missing", sealed.name)
            return
        if size != sealed.bytes:
            self._find(f"it has {size} bytes, its marker says {sealed.bytes}", sealed.name)
        elif _digest(self._folder.shown(sealed.name)) != sealed.blake2b:
            self._find("its checksum is not the one in its marker", sealed.name)
        self._sound.add(sealed.name)

    def _check_terms(self) -> None:
        for name, what in (("rules", "rules"), ("made", "rules and settings")):
            found = Counter(str(getattr(marker, name)) for marker in self._markers.values())
            if len(found) > 1:
                told = ", ".join(f"{digest[:12]} ({count})" for digest, count in found.most_common())
                self._find(f"the shards were made by different {what}: {told}", RUN)

    def _check_input(self, label: str, markers: list[Marker]) -> None:
        number = self._numbers.get(label)
        if number is None:
            self._find(
                f"the folder holds {number_of(len(markers), 'shard')} of it, which is not among the inputs", came=label
            )
            return
        now = Origin.of(self._auditor.sources[number])
        before = {origin.identity for marker in markers for origin in marker.inputs if origin.label == label}
        if now.path != "-" and before != {now.identity}:
            self._find("the input has changed since its shards were made", came=label)

    # --- records

    def _take_stream(self, number: int, source: Input, markers: list[Marker]) -> None:
        """Compare an input with its shards."""
        by_number = {_number(marker): marker for marker in markers}
        self._check_sequence(source, markers)
        first = markers[0]
        size = (first.end or 0) - first.start
        broken: list[str] = []
        came = self._until_broken(self._auditor.read(number, self._books, self._watch), broken)
        for shard, records in groupby(came, key=lambda record: record.begin // size):
            marker = by_number.pop(shard, None)
            if marker:
                self._audit(marker, records)
            else:
                name = f"{split_name(first.shard)[0]}-{shard:05d}"
                self._count_lost(records, source, f"there is no marker of the shard {name}")
        for marker in by_number.values():
            self._audit(marker, ())
        told = next((marker.broken for marker in markers if marker.broken), None)
        if told != (broken[0] if broken else None):
            how = f"{broken[0] if broken else 'it is whole'}; the shards say: {told or 'it is whole'}"
            self._find(how, first.shard, source.label)
        elif told:
            self._books.broken.append(f"{source.label}: {told}")

    def _check_sequence(self, source: Input, markers: list[Marker]) -> None:
        """Check that the shards of an input follow each other, and the last one is there."""
        size = (markers[0].end or 0) - markers[0].start
        for marker in markers:
            at = _number(marker)
            if (marker.start, marker.end) != (at * size, (at + 1) * size):
                self._find(f"its offsets {marker.start}:{marker.end} overlap others or leave a gap", marker.shard)
        last = [marker for marker in markers if marker.last]
        if len(last) != 1 or last[0] is not markers[-1]:
            self._find("the run did not come to the end of this input", markers[-1].shard, source.label)
        elif last[0].count != len(markers):
            self._find(f"{len(markers)} shards of {last[0].count} are there", last[0].shard, source.label)

    def _audit(self, marker: Marker, came: Iterable[Came]) -> None:
        """Compare what came with one shard, and its tally with the one in its marker."""
        books = self._books
        total, found, read = books.tally, books.counts.total(), books.read
        books.tally = Tally()
        name = marker.shard
        records, rejects = marker.files.get("records"), marker.files.get("rejects")
        places = (records.name if records else name, rejects.name if rejects else name + REJECTS)
        audit = Audit(self._auditor, books, *map(self._folder.shown, places))
        audit.take(
            came,
            self._lines(records, partial(read_written, fields=self._auditor.fields)),
            self._lines(rejects, read_refused),
        )
        read = books.read - read
        if books.counts.total() == found:
            if read != marker.read:
                self._find(f"its marker counts {marker.read} records, the input has {read}", name)
            elif books.tally != marker.tally:
                self._find(f"its marker counts otherwise: {_differ(marker.tally, books.tally)}", name)
        total.update(books.tally)
        books.tally = total

    def _lines(self, sealed: Sealed | None, read: Callable[..., Iterator[Any]]) -> Iterator[Any]:
        if sealed and sealed.name in self._sound:
            yield from read(self._folder.shown(sealed.name), watch=self._watch)

    def _gather(self, marker: Marker) -> Iterator[Came]:
        for origin in marker.inputs:
            if (number := self._numbers.get(origin.label)) is not None:
                yield from self._auditor.read(number, self._books, self._watch)

    def _count_lost(self, came: Iterable[Came], source: Input, about: str = "no shard was made of it") -> None:
        broken: list[str] = []
        count = sum(1 for _ in self._until_broken(came, broken))
        self._books.read += count
        self._find(
            f"{about}: {count} record{' is' if count == 1 else 's are'} neither written nor rejected", came=source.label
        )

    def _until_broken(self, came: Iterable[Came], broken: list[str]) -> Iterator[Came]:
        try:
            yield from came
        except Truncated as error:
            broken.append(str(error))

    def _find(self, about: str, name: str = "", came: str = "") -> None:
        self._books.find(Finding("files", about, came, self._folder.shown(name) if name else ""))


def _number(marker: Marker) -> int:
    return split_name(marker.shard)[1]


def _digest(path: str) -> str:
    """Return the digest that markers hold of a file."""
    digest = new_digest()
    with open_seekable(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    found: str = digest.hexdigest()
    return found


def _differ(told: Tally, found: Tally) -> str:
    names = [part.name for part in fields_of(Tally) if getattr(told, part.name) != getattr(found, part.name)]
    name = names[0]
    if name in ("rules", "flags"):
        return f"{name} otherwise"
    return f"{name} {getattr(told, name)}, the records say {getattr(found, name)}"
