"""Report near-duplicates: copies of one story, told by the bodies of records, such as a run has written them.

Nothing is removed and no record changed. Each body is read once; what is kept of it is a signature of 512 bytes and a
line of its id and place in temporary files, and 8 bytes of digest in memory.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from cleaner.duplicates.cluster import LOWEST, Numbers, agreement, cluster
from cleaner.duplicates.sketch import Sketchbook, load_minhash
from cleaner.errors import InputError, OptionError, OutputError
from cleaner.io.file import Draft, StandardOutput
from cleaner.io.inputs import Input, find_inputs, kind_of
from cleaner.io.read import read_entries
from cleaner.io.record import CLEANING, USUAL, Entry, Fields
from cleaner.io.remote import begin, is_remote, name_in, resolve
from cleaner.io.splice import dump, parse
from cleaner.io.spool import Spool
from cleaner.io.stream import Watch
from cleaner.model import Cut, Document, replay

THRESHOLD = 0.5
"""The share of shingles that two bodies have in common from which on they are copies, unless said otherwise."""

_BATCH = 1 << 18  # code points sketched together
_NAMED = 10  # documents of the largest cluster named in a summary


class Record(NamedTuple):
    """Hold what a report says of a document beside its body: its id, where its record stands, its URL where known."""

    id: str
    record: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Hold the copies of one story in the order of their records.

    `similarity` is the least estimate of what a copy shares with the first; `exact` where all bodies are the same.
    """

    documents: tuple[Record, ...]
    similarity: float
    exact: bool

    def describe(self) -> dict[str, Any]:
        """Return the line of a report."""
        known = [{key: value for key, value in record._asdict().items() if value} for record in self.documents]
        return {"documents": known, "similarity": round(self.similarity, 3), "exact": self.exact}


@dataclass(slots=True)
class Summary:
    """Count documents with a body, those without, records that hold no text, and what clusters hold.

    `exact` counts clusters whose bodies are all the same; `largest` names the first documents of the largest one.
    """

    documents: int = 0
    empty: int = 0
    unread: int = 0
    clusters: int = 0
    clustered: int = 0
    exact: int = 0
    largest_size: int = 0
    largest: tuple[str, ...] = ()

    @property
    def copies(self) -> int:
        """Count what would be left out if one of each cluster stayed."""
        return self.clustered - self.clusters

    @property
    def share(self) -> float:
        """Return the share of documents that are copies."""
        return self.copies / self.documents if self.documents else 0.0

    def add(self, found: Cluster) -> None:
        """Count a cluster; the largest comes first."""
        if not self.clusters:
            self.largest_size = len(found.documents)
            self.largest = tuple(record.id for record in found.documents[:_NAMED])
        self.clusters += 1
        self.clustered += len(found.documents)
        self.exact += found.exact

    def describe(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "documents": self.documents,
            "empty": self.empty,
            "unread": self.unread,
            "clusters": self.clusters,
            "clustered": self.clustered,
            "copies": self.copies,
            "share": round(self.share, 6),
            "exact": self.exact,
            "largest": {"documents": self.largest_size, "ids": list(self.largest)},
        }


def report_duplicates(
    paths: Sequence[str],
    report: str | None,
    fields: Fields = USUAL,
    threshold: float = THRESHOLD,
    watch: Watch | None = None,
    annotated: bool = False,
) -> Summary:
    """Write the clusters among the bodies of some files or folders, a line each, the largest first.

    They go to standard output where no `report` is named. `watch` is told the bytes read; `annotated` where the records
    have kept their texts and the cuts are still to be taken out. Raises `InputError` and `OutputError` where a file
    cannot be read or written, `OptionError` where the threshold is out of bounds or the library is missing.
    """
    check_threshold(threshold)
    load_minhash()
    sources = _outputs(paths, report)
    file: Draft | StandardOutput = begin(report) if report else StandardOutput(sys.stdout.buffer)
    summary = Summary()
    try:
        bodies = _read_bodies(sources, fields, watch, annotated, summary)
        for found in find_duplicates(bodies, threshold, _beside(report)):
            file.write(dump(found.describe()) + b"\n")
            summary.add(found)
        file.commit()
    except BaseException:
        file.abandon()
        raise
    return summary


def find_duplicates(
    bodies: Iterable[tuple[Record, str]], threshold: float = THRESHOLD, folder: Path | None = None
) -> Iterator[Cluster]:
    """Yield the clusters of two and more among bodies, the largest first; temporary files stand in the folder given.

    Which bodies are together does not depend on their order. Leave empty ones out: they would all be copies.
    """
    check_threshold(threshold)
    with Sketchbook(folder) as book, _Ledger(folder) as ledger:
        for batch in _batches(bodies):
            book.add([text for _, text in batch])
            ledger.add(record for record, _ in batch)
        signatures, digests = book.signatures(), book.digests()
        for members in _members(cluster(signatures, digests, threshold)):
            first = np.full(len(members), members[0])
            similarity = float(agreement(signatures, first, members).min())
            exact = bool((digests[members] == digests[members[0]]).all())
            yield Cluster(tuple(map(ledger.find, members.tolist())), similarity, exact)


def _beside(report: str | None) -> Path | None:
    """Return where temporary files go: where there is room for a report there is some for them."""
    return Path(report).parent if report and not is_remote(report) else None


def check_threshold(threshold: float) -> None:
    """Raise `OptionError` where a threshold is out of bounds."""
    if not LOWEST <= threshold <= 1:
        raise OptionError(f"a threshold of {threshold:g}: give a share between {LOWEST:g} and 1")


def check_output(path: str | None, format_: str | None, in_shards: bool) -> None:
    """Raise `OptionError` where what is written to `path` could not be read again document by document."""
    if in_shards:
        apart = not (format_ or "").startswith("text")
    else:
        apart = path is not None and kind_of(name_in(path)) not in (None, "text", "html")
    if not apart:
        raise OptionError("--dedup compares the records of an output: give a file or a folder of records with -o")


def _members(numbers: Numbers) -> list[Numbers]:
    """Return the members of each cluster of two and more, the largest first, of equal ones the one that begins first."""
    order = np.argsort(numbers, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1)
    return sorted((part for part in parts if len(part) > 1), key=lambda part: (-len(part), part[0]))


def _outputs(paths: Sequence[str], report: str | None) -> list[Input]:
    """Find the files to read."""
    sources = find_inputs(paths)
    if report and resolve(report) in {resolve(one.path) for one in sources}:
        raise OutputError(f"{report} is one of the inputs: choose another report")
    return sources


def _read_bodies(
    sources: Sequence[Input], fields: Fields, watch: Watch | None, annotated: bool, summary: Summary
) -> Iterator[tuple[Record, str]]:
    for entry in read_entries(sources, fields, True, watch):
        value = entry.value
        if isinstance(value, Document):
            body = _body(entry, value) if annotated else value.text
            if body and not body.isspace():
                summary.documents += 1
                yield Record(value.id, _place(entry), value.url), body
            else:
                summary.empty += 1
        elif entry.record and CLEANING in entry.record:
            summary.empty += 1  # a page of which cleaning left nothing
        else:
            summary.unread += 1


def _place(entry: Entry) -> str:
    """Say where a record stands: a line by its file and number, what has no lines by its file."""
    return entry.place.path if entry.apart or entry.raw == b"{}" else entry.place.id


def _body(entry: Entry, document: Document) -> str:
    """Take the cuts out of a record that was only annotated; one without an account is taken as it is."""
    record = parse(entry.raw)
    if CLEANING not in record:
        return document.text
    try:
        account = record[CLEANING]
        account = parse(account.encode()) if isinstance(account, str) else account  # a cell of a table
        cuts = [Cut(int(cut["start"]), int(cut["end"]), "", "", ()) for cut in account["cuts"]]
        source = document.text if account.get("source") is None else account["source"]
        return replay("" + source, cuts)
    except (AttributeError, KeyError, TypeError, ValueError):
        place = f"{entry.place.path}: record {entry.place.id}, `{CLEANING}`"
        raise InputError(f"{place} is no account that `cleaner clean --annotate` wrote") from None


def _batches(bodies: Iterable[tuple[Record, str]]) -> Iterator[list[tuple[Record, str]]]:
    batch: list[tuple[Record, str]] = []
    size = 0
    for body in bodies:
        batch.append(body)
        size += len(body[1])
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Ledger:
    """Keep records in a temporary file, and find them again by number."""

    def __init__(self, folder: Path | None):
        self._spool = Spool(folder)
        self._ends = array("Q", [0])

    def add(self, records: Iterable[Record]) -> None:
        """Add records behind those that are there."""
        for record in records:
            self._ends.append(self._ends[-1] + self._spool.write(dump(record)))

    def find(self, number: int) -> Record:
        """Return the record of this number."""
        return Record(*parse(self._spool.read(*self._ends[number : number + 2])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: Any) -> None:
        self._spool.__exit__(*how)
