"""Write what inputs became shard by shard, so that nothing of a shard shows before all of it is there.

A shard is committed in this order, each step written down by the system before the next: its records, its rejects, its
appended articles, each under its name once whole, and then its marker. Killed before that, a run leaves files that no
marker names; the next one makes them again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cleaner.bulk.batch import Done, Stretch
from cleaner.bulk.ledger import Ledger
from cleaner.bulk.marker import Marker, Origin, Sealed
from cleaner.bulk.parcel import End
from cleaner.bulk.plan import Stream, name_shard, split_name
from cleaner.bulk.tally import Tally
from cleaner.errors import InputError, OutputError
from cleaner.io.file import Draft, StandardOutput
from cleaner.io.folder import write_whole
from cleaner.io.inputs import REJECTS, RELATED
from cleaner.io.names import Names
from cleaner.io.record import describe_rejected
from cleaner.io.write import Piece, Shape, Sink


@dataclass(slots=True)
class _Draft:
    """Hold the shard that is being written."""

    stream: Stream
    number: int
    sink: Sink | None = None
    rejects: Draft | None = None
    related: Draft | None = None
    names: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    passed: Counter[str] = field(default_factory=Counter)
    read: int = 0

    @property
    def name(self) -> str:
        return name_shard(self.stream.label, self.number)


class Shards:
    """Write to a folder of shards; what was committed stays, whatever happens.

    `made` counts those written so far, `failures` says which inputs could not be read to their end.
    """

    def __init__(self, ledger: Ledger, streams: Sequence[Stream], shape: Shape):
        self.shape = shape
        self.made = 0
        self.failures: list[str] = []
        self._ledger, self._folder, self._streams = ledger, ledger.folder, streams
        self._draft: _Draft | None = None
        self._since = time.monotonic()
        self._names = Names()
        for names in ledger.names.values():
            for name in names:
                self._names.take(name, shape.ending)

    @property
    def open(self) -> str:
        """Return the name of the shard that is being written, if there is one."""
        return self._draft.name if self._draft else ""

    def take(self, done: Done) -> None:
        """Write what became of a parcel; one of another shard than the last closes that."""
        stream = self._streams[done.source]
        draft = self._draft
        if draft and (draft.stream is not stream or (draft.number != done.shard and not done.end)):
            self._commit(draft)
        if done.end:
            self._finish(stream, done.end, done.passed)
            return
        draft = self._draft = self._draft or _Draft(stream, done.shard)
        draft.read += done.read
        draft.passed.update(done.passed)
        for stretch in done.stretches:
            self._put(draft, stretch)
        self._folder.stay()

    def keep(self) -> None:
        """Commit the shard that is open: all that it holds has been written."""
        if self._draft:
            self._commit(self._draft)

    def stop(self) -> None:
        """Keep what is there: the shards before this one."""

    def abandon(self) -> None:
        """Give up the shard that is open."""
        draft, self._draft = self._draft, None
        for file in (draft.sink, draft.rejects, draft.related) if draft else ():
            if file:
                file.abandon()

    def _put(self, draft: _Draft, stretch: Stretch) -> None:
        if stretch.pieces and self.shape.apart:
            for piece in stretch.pieces:
                draft.names.append(self._put_alone(piece))
        elif stretch.pieces:
            if not draft.sink:
                draft.sink = Sink(self._folder.new(draft.name + self.shape.ending), self.shape)
            draft.sink.put(stretch.pieces)
        if stretch.related:
            draft.related = draft.related or self._folder.new(draft.name + RELATED)
            draft.related.write(stretch.related)
        draft.tally.update(stretch.tally)
        if stretch.rejected:
            draft.rejects = draft.rejects or self._folder.new(draft.name + REJECTS)
            draft.rejects.write(describe_rejected(stretch.rejected) + b"\n")

    def _put_alone(self, piece: Piece) -> str:
        name = self._names.choose(piece.id, self.shape.ending)
        write_whole(self._folder, name, piece.raw)
        return name

    def _finish(self, stream: Stream, end: End, passed: Counter[str]) -> None:
        """Close an input: its last shard says that it is the last, and whether more should have followed."""
        if isinstance(end.error, InputError):
            self.abandon()
            self.failures.append(str(end.error))
            return
        broken = str(end.error) if end.error else None
        before = self._ledger.last(stream.label)
        draft = self._draft or (None if before else _Draft(stream, stream.number))
        if draft and (not stream.bytes or before is None or split_name(before.shard)[1] <= draft.number):
            draft.passed.update(passed)
            self._commit(draft, broken, last=True)
            return
        if draft:  # one that was missing before the last
            self._commit(draft)
        assert before
        if not before.last:
            last, count = self._ledger.whole(before), self._ledger.count(stream.label)
            self._enter(replace(last, last=True, count=count, broken=broken, passed=last.passed + passed))

    def _commit(self, draft: _Draft, broken: str | None = None, last: bool = False) -> None:
        if draft.read != draft.tally.documents:
            raise OutputError(
                f"{draft.name}: {draft.read} records were read and {draft.tally.documents} are accounted for; "
                "the shard is given up. This is an error in cleaner: please report it"
            )
        parts = [
            ("records", self.shape.ending, draft.sink),
            ("rejects", REJECTS, draft.rejects),
            ("related", RELATED, draft.related),
        ]
        files = {part: self._seal(draft.name + ending, file) for part, ending, file in parts if file}
        divided = draft.stream.bytes
        there = self._ledger.count(draft.stream.label) if divided else 0
        there += not divided or draft.name not in self._ledger.markers
        self._enter(
            Marker(
                shard=draft.name,
                inputs=tuple(map(Origin.of, draft.stream.inputs)),
                start=draft.number * divided,
                end=(draft.number + 1) * divided if divided else None,
                last=last,
                count=there if last else 0,
                broken=broken,
                files=files,
                names=tuple(draft.names),
                rules=self._ledger.terms.rules,
                made=self._ledger.terms.digest,
                read=draft.read,
                tally=draft.tally,
                passed=draft.passed,
                seconds=round(time.monotonic() - self._since, 3),
            )
        )
        self._draft, self._since = None, time.monotonic()

    def _seal(self, name: str, file: Sink | Draft) -> Sealed:
        file.commit()
        self._folder.settle(name)
        new = file.file if isinstance(file, Sink) else file
        assert not isinstance(new, StandardOutput)
        return Sealed(name, new.size, new.digest)

    def _enter(self, marker: Marker) -> None:
        self._ledger.enter(marker)
        self.made += 1
