"""Clean a parcel of records: those that nothing can touch at once, the others one by one; nothing is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from cleaner.bulk.parcel import End, Parcel
from cleaner.bulk.tally import Tally
from cleaner.clean import BATCH, Cleaner, Glance
from cleaner.deadline import Overdue, deadline
from cleaner.errors import CleanerError
from cleaner.io.parquet import Rows, open_rows
from cleaner.io.plain import Plain, entry_of, read_sheaf, untouched_end
from cleaner.io.read import Sheaf, open_item
from cleaner.io.record import Entry, reject, render_related
from cleaner.io.tray import Joined, tray_of
from cleaner.io.write import Piece, Shape
from cleaner.model import NO_ARTICLE, Cleaned, Document, Page, Rejected


@dataclass(slots=True)
class Stretch:
    """Hold documents that follow each other, rendered, with their tally; a reject ends the stretch.

    `related` holds the appended articles as lines of records.
    """

    pieces: Sequence[Piece] = ()
    tally: Tally = field(default_factory=Tally)
    rejected: Rejected | None = None
    related: bytes = b""


@dataclass(frozen=True, slots=True)
class Done:
    """Hold what became of a parcel of this stream and shard; `read` counts the records that were read from it."""

    source: int
    stretches: tuple[Stretch, ...] = ()
    read: int = 0
    shard: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Hold all that decides what becomes of a parcel; it travels to other processes."""

    cleaner: Cleaner
    shape: Shape
    recleaning: bool = False
    articles_only: bool = False
    related: bool = False
    seconds: float | None = None

    def do(self, parcel: Parcel) -> Done:
        """Clean and render the records of a parcel; should that fail as a whole, each by itself, or reject it."""
        try:
            return self._do(parcel)
        except Exception as error:
            parts = parcel.split()
            if len(parts) > 1:
                return join(parcel, map(self.do, parts))
            return give_up(parcel, _failure(error))

    def _do(self, parcel: Parcel) -> Done:
        desk = _Desk(self)
        fields, redo = self.shape.fields, self.recleaning
        for many, items in groupby(parcel.items, lambda item: isinstance(item, (Sheaf, Rows))):
            if not many:
                desk.take(entry for item in items for entry in open_item(item, fields, redo))
                continue
            for item in items:
                if isinstance(item, Sheaf):
                    desk.take(read_sheaf(item, fields, redo), item)
                elif isinstance(item, Rows):
                    batch, entries = open_rows(item, fields, redo)
                    desk.take(entries, batch=batch)
        return Done(parcel.source, desk.clear(), desk.read, parcel.shard, parcel.passed, parcel.end)

    def clean(self, entry: Entry, glance: Glance = None) -> Cleaned | Rejected:
        """Clean one entry, given what a glance told of it; what is none, or no article where only those are wanted, is rejected."""
        if isinstance(entry.value, Rejected):
            return entry.value
        result = try_clean(self.cleaner, entry, self.seconds, glance)
        if isinstance(result, Cleaned) and self.articles_only and (reason := no_article(result)):
            return reject(entry, f"not an article: {reason}")
        return result

    def glance(self, documents: Sequence[Document]) -> Sequence[Glance]:
        """Settle the documents that nothing can touch, and tell what may touch others; nothing where that fails or takes too long."""
        try:
            with deadline(self.seconds if documents else None):
                return self.cleaner.glance(documents)
        except Exception:
            return [None] * len(documents)


class _Desk:
    """Take records, clean them in batches, and hold what they became."""

    def __init__(self, job: Job):
        self._job, self._shape = job, job.shape
        self._stretches: list[Stretch] = []
        self._tally = Tally()
        self._tray = tray_of(job.shape)
        self._related: list[bytes] = []
        self._row = 0
        self.read = 0

    def take(self, records: Iterable[Plain | Entry], sheaf: Sheaf | None = None, batch: Any = None) -> None:
        """Clean records; plain ones stand in the sheaf, rows of a table in the batch."""
        self._tray.turn(batch)
        self._row = 0
        some: list[Plain | Entry] = []
        size = 0
        for record in records:
            self.read += 1
            some.append(record)
            value = record.value
            size += len(value.text) if type(value) is Document else 0
            if size >= BATCH:
                self._clean(some, sheaf)
                some, size = [], 0
        self._clean(some, sheaf)

    def clear(self) -> tuple[Stretch, ...]:
        """Give away what the records became."""
        self._close(last=True)
        return tuple(self._stretches)

    def _clean(self, batch: Sequence[Plain | Entry], sheaf: Sheaf | None) -> None:
        job, shape, tray, between = self._job, self._shape, self._tray, self._shape.between
        raw = sheaf.lines.raw if sheaf else b""
        view, written = memoryview(raw), tray.written if shape.format == "jsonl" and isinstance(tray, Joined) else None
        glanced = iter(job.glance([record.value for record in batch if isinstance(record.value, Document)]))
        for record in batch:
            glance = next(glanced) if isinstance(record.value, Document) else None
            cleaned = glance if isinstance(glance, Cleaned) else None
            if type(record) is Plain:
                if (
                    cleaned
                    and written is not None
                    and (end := untouched_end(record, cleaned, raw, shape.fields, shape.style))
                ):
                    written += (view[record.begin : record.close], end, between)
                    self._tally.unchanged += 1
                    self._tally.characters += len(cleaned.source)
                    continue
                assert sheaf
                record = entry_of(record, sheaf)
            assert isinstance(record, Entry)
            self._add(record, job.clean(record, glance))

    def _add(self, entry: Entry, result: Cleaned | Rejected) -> None:
        self._row += 1
        if isinstance(result, Rejected):
            self._tally.rejected += 1
            self._close(result)
            return
        self._tray.add(entry, result, self._row - 1)
        if self._job.related:
            self._related += render_related(result, self._shape.fields)
        self._tally.add(result)

    def _close(self, rejected: Rejected | None = None, last: bool = False) -> None:
        pieces = self._tray.clear(last)
        if pieces or self._tally.documents:
            self._stretches.append(Stretch(pieces, self._tally, rejected, b"".join(self._related)))
            self._tally = Tally()
            self._related.clear()


def try_clean(
    cleaner: Cleaner, entry: Entry, seconds: float | None = None, glance: Glance = None
) -> Cleaned | Rejected:
    """Clean one document, given what a glance told of it.

    One that takes too long, or breaks the cleaner or a parser, is rejected, and the run goes on.
    """
    assert not isinstance(entry.value, Rejected)
    try:
        with deadline(seconds):
            if isinstance(entry.value, Page):
                return cleaner.clean_page(entry.value)
            return cleaner.look(entry.value, glance)
    except Overdue:
        return reject(entry, late(seconds or 0))
    except Exception as error:
        return reject(entry, _failure(error))


def late(seconds: float) -> str:
    """Return why a document is rejected that takes longer than this."""
    return f"it took longer than {seconds:g} seconds"


def no_article(cleaned: Cleaned) -> str:
    """Return why a page is no article; nothing where it may be one."""
    return next((flag[len(NO_ARTICLE) :].strip() for flag in cleaned.flags if flag.startswith(NO_ARTICLE)), "")


def give_up(parcel: Parcel, reason: str) -> Done:
    """Reject all that a parcel holds."""
    stretches = [Stretch(tally=Tally(rejected=1), rejected=rejected) for rejected in parcel.reject(reason)]
    return Done(parcel.source, tuple(stretches), len(stretches), parcel.shard, parcel.passed, parcel.end)


def join(parcel: Parcel, parts: Iterable[Done]) -> Done:
    """Put together what became of the parts of a parcel."""
    parts = list(parts)
    stretches = tuple(stretch for part in parts for stretch in part.stretches)
    read = sum(part.read for part in parts)
    return Done(parcel.source, stretches, read, parcel.shard, parcel.passed, parcel.end)


def _failure(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    if isinstance(error, CleanerError):  # it was raised on purpose, and says what to do
        return str(error)
    return f"cleaning failed: {type(error).__name__}: {error}"
