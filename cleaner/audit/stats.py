"""Say what a run did, from the markers of its shards, or from its records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cleaner.audit.account import Unsound, read_account
from cleaner.audit.sides import Refused, Written, is_there, read_refused, read_written
from cleaner.audit.trail import Trail
from cleaner.bulk.ledger import read_markers
from cleaner.bulk.marker import Marker
from cleaner.bulk.plan import FILES, name_shard, split_name
from cleaner.bulk.tally import Tally
from cleaner.io.folder import Folder
from cleaner.io.inputs import REJECTS
from cleaner.io.record import CLEANING, Fields
from cleaner.io.stream import Truncated, Watch

OTHERS = "others"
"""What stands for all sources behind the first 100,000, so that memory stays bounded."""

_MOST_SOURCES = 100_000


@dataclass(slots=True)
class Stats:
    """Hold what a run did.

    `parts` are tallies by input; `sources` by the host or source of records, and `classes` the code points removed, both
    only where records were read. `bytes` are those of the inputs as they are stored, `seconds` those of the run.
    """

    tally: Tally = field(default_factory=Tally)
    parts: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    sources: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    classes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    digests: Counter[str] = field(default_factory=Counter)
    shards: int = 0
    missing: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """Files that are missing or break off, and lines that are no records."""
    bytes: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return megabytes of input a second; 0 where that is not known, as where not all of it was read."""
        part = self.missing or self.unfinished or self.broken
        return self.bytes / self.seconds / 1e6 if self.seconds and not part else 0.0

    def describe(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            **self.tally.describe(),
            "classes": dict(self.classes.most_common()),
            "inputs": {name: _brief(tally) for name, tally in self.parts.items()},
            "sources": {name: _brief(self.sources[name]) for name in rank(self.sources)},
            "reject_reasons": dict(self.reasons.most_common()),
            "passed": dict(self.passed.most_common()),
            "rule_digests": dict(self.digests),
            "shards": self.shards,
            "missing": self.missing,
            "unfinished": self.unfinished,
            "broken": self.broken,
            "unread": self.unread,
            "bytes": self.bytes,
            "seconds": round(self.seconds, 3),
            "megabytes_per_second": round(self.rate, 3),
        }


def rank(tallies: Mapping[str, Tally]) -> list[str]:
    """Return the names of tallies, those with most removed first."""
    return sorted(tallies, key=lambda name: (-tallies[name].removed, -tallies[name].documents, name))


class Onlooker(Protocol):
    """Look at what is counted while it is read."""

    def take(self, trail: Trail) -> None:
        """Look at a record."""

    def refuse(self, line: Refused, path: str) -> None:
        """Look at a line of this file of rejects."""


def stats_of_file(path: str, fields: Fields, watch: Watch | None = None, onlooker: Onlooker | None = None) -> Stats:
    """Read the records of an output that is one file, and the rejects beside it.

    Raises `InputError` where they cannot be read.
    """
    reader = _Reader(Stats(), fields, watch, onlooker)
    reader.take_records(path)
    if is_there(path + REJECTS):
        reader.take_rejects(path + REJECTS)
    return reader.stats


def stats_of_folder(
    folder: Folder,
    fields: Fields | None = None,
    watch: Watch | None = None,
    onlooker: Onlooker | None = None,
    annotate: bool | None = None,
) -> Stats:
    """Add up the markers of a folder of shards; with `fields` its records are read as well.

    `annotate` says whether texts left with their cuts in them, where that is known. Raises `InputError` where a marker
    or a file cannot be read.
    """
    stats, markers = Stats(), read_markers(folder)
    reader = _Reader(Stats(), fields or Fields(), watch, onlooker, annotate)
    by_label: dict[str, list[Marker]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for marker in markers.values():
        by_label[split_name(marker.shard)[0]].append(marker)
        sizes |= {origin.label: origin.size for origin in marker.inputs}
        stats.tally.update(marker.tally)
        stats.parts[_name(marker)].update(marker.tally)
        stats.passed.update(marker.passed)
        stats.digests[marker.rules] += marker.read
        stats.seconds += marker.seconds
        records, rejects = marker.files.get("records"), marker.files.get("rejects")
        if records and fields:
            reader.take_records(folder.shown(records.name))
        if rejects:
            reader.take_rejects(folder.shown(rejects.name))
    stats.shards, stats.bytes = len(markers), sum(sizes.values())
    for label, found in by_label.items():
        _check_whole(stats, label, found)
    read = reader.stats
    stats.classes, stats.sources, stats.reasons, stats.unread = read.classes, read.sources, read.reasons, read.unread
    return stats


def _name(marker: Marker) -> str:
    return FILES if marker.end is None else marker.inputs[0].label


def _check_whole(stats: Stats, label: str, markers: Sequence[Marker]) -> None:
    """Note which shards of an input are missing, and whether it broke off."""
    name = _name(markers[0])
    last = next((marker for marker in markers if marker.last), None)
    stats.broken += [f"{name}: {marker.broken}" for marker in markers if marker.broken]
    if label == FILES or (last and last.count == len(markers)):
        return
    numbers = {split_name(marker.shard)[1] for marker in markers}
    stats.missing += [name_shard(label, number) for number in range(max(numbers)) if number not in numbers]
    if not last:
        stats.unfinished.append(name)


@dataclass(slots=True)
class _Reader:
    """Add up records and rejects."""

    stats: Stats
    fields: Fields
    watch: Watch | None
    onlooker: Onlooker | None = None
    annotate: bool | None = None

    def take_records(self, path: str) -> None:
        """Add the records of a file."""
        self._take(path, self._read_records)

    def take_rejects(self, path: str) -> None:
        """Add the rejects of a file."""
        self._take(path, self._read_rejects)

    def _take(self, path: str, read: Callable[[str], None]) -> None:
        if not is_there(path):
            self.stats.unread.append(f"{path}: it is missing")
            return
        try:
            read(path)
        except Truncated as error:
            self.stats.unread.append(f"{path}: {error}")

    def _read_records(self, path: str) -> None:
        odd = 0
        for line in read_written(path, self.fields, self.watch):
            try:
                self._add(line, path)
            except Unsound:
                odd += 1
        if odd:
            self.stats.unread.append(
                f"{path}: {odd} {'line of it holds' if odd == 1 else 'lines of it hold'} no record with `cleaning`"
            )

    def _add(self, line: Written, path: str) -> None:
        account = read_account(line.record.get(CLEANING))
        trail = Trail(line.record, account, self.fields, f"{path}#{line.number}", self.annotate)
        stats, source = self.stats, trail.origin
        stats.digests[account.digest] += 1
        stats.tally.count(account.status, trail.size, account.cuts, account.flags)
        if len(stats.sources) >= _MOST_SOURCES and source not in stats.sources:
            source = OTHERS
        stats.sources[source].count(account.status, trail.size, account.cuts, ())
        for cut in account.cuts:
            if not cut.is_move:
                stats.classes[cut.class_] += cut.end - cut.start
        if self.onlooker:
            self.onlooker.take(trail)

    def _read_rejects(self, path: str) -> None:
        count = 0
        for line in read_refused(path, self.watch):
            count += 1
            self.stats.reasons[line.rejected.reason if line.rejected else "the reject cannot be read"] += 1
            if self.onlooker:
                self.onlooker.refuse(line, path)
        self.stats.tally.rejected += count


def _brief(tally: Tally) -> dict[str, Any]:
    told = tally.describe()
    return {
        name: told[name] for name in ("documents", "cleaned", "unchanged", "rejected", "characters", "removed", "share")
    }
