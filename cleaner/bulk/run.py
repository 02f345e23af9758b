"""Clean inputs into an output: read, clean in one process or many, write in the order of the input, and count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

from cleaner.bulk.batch import Done, Job
from cleaner.bulk.parcel import Parcel, Select, pack
from cleaner.bulk.plan import Stream
from cleaner.bulk.tally import Tally
from cleaner.errors import InputError, OutputError
from cleaner.io.file import Draft
from cleaner.io.read import broken_off
from cleaner.io.stream import PARCEL, Truncated, Watch
from cleaner.io.write import Output, Shape
from cleaner.model import Rejected

Work = Callable[[Iterable[Parcel | None]], Iterator[Done]]
"""Does parcels and yields what became of each, in order."""


class Hopeless(Exception):
    """Stop a run that rejects too much; it holds the last reject."""

    def __init__(self, rejected: Rejected):
        super().__init__(rejected.reason)
        self.rejected = rejected


class Target(Protocol):
    """Take what became of parcels, in the order of the inputs."""

    @property
    def shape(self) -> Shape:
        """Return what documents are written as."""

    def take(self, done: Done) -> None:
        """Write what became of a parcel."""

    def stop(self) -> None:
        """Keep what tells why a run is stopped; `abandon` follows."""

    def keep(self) -> None:
        """Put in its place what was written, all of it being there."""

    def abandon(self) -> None:
        """Give up what is not in its place yet."""


@dataclass(slots=True)
class Run:
    """Write what becomes of streams, and count it.

    `passed` counts what archives hold beside pages, `ends` the streams that were read to their end.
    """

    target: Target
    most_rejects: int | None = None
    tally: Tally = field(default_factory=Tally)
    passed: Counter[str] = field(default_factory=Counter)
    read: int = 0
    ends: int = 0
    halted: bool = False
    """Set it to end the run where the next shard would begin."""

    def take(
        self,
        streams: Sequence[Stream],
        work: Work,
        watch: Watch | None = None,
        least: int = PARCEL,
        select: Select | None = None,
    ) -> None:
        """Clean all that the streams hold, in parcels of about so many bytes.

        `watch` is told the bytes read, and none now and then, for what it has to say.
        Raises `Hopeless` at the first reject too many, and what its target raises.
        """
        fields = self.target.shape.fields
        for done in work(pack(streams, fields, watch, least, lambda: self.halted, select)):
            self.read += done.read
            self.ends += done.end is not None
            self.passed.update(done.passed)
            for number, stretch in enumerate(done.stretches, 1):
                self.tally.update(stretch.tally)
                over = self.most_rejects is not None and self.tally.rejected > self.most_rejects
                if over and stretch.rejected:
                    self.target.take(replace(done, stretches=done.stretches[:number], end=None))
                    self.target.stop()
                    raise Hopeless(stretch.rejected)
            self.target.take(done)
            if watch:
                watch(0)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep what is written here, once every record read is accounted for; give it up where anything is raised."""
        try:
            yield
            self.check()
            self.target.keep()
        except BaseException:
            self.target.abandon()
            raise

    def check(self) -> None:
        """Check that every record read is accounted for; raises `OutputError` where one is not."""
        if self.read != self.tally.documents:
            raise OutputError(
                f"{self.read} records were read and {self.tally.documents} are accounted for: this is an error in "
                "cleaner, please report it"
            )


class Whole:
    """Write all streams into one output, and their appended articles beside it where there is a file for them."""

    def __init__(self, output: Output, streams: Sequence[Stream], related: Draft | None = None):
        self.shape = output.shape
        self._output, self._streams, self._related = output, streams, related
        self._records: Counter[int] = Counter()

    def take(self, done: Done) -> None:
        """Write what became of a parcel.

        Raises `InputError` at the end of a stream that cannot be read or breaks off.
        """
        self._records[done.source] += done.read
        for stretch in done.stretches:
            self._output.put(stretch.pieces)
            if stretch.rejected:
                self._output.reject(stretch.rejected)
            if self._related and stretch.related:
                self._related.write(stretch.related)
        if error := _error(done, self._streams, self._records):
            raise error

    def stop(self) -> None:
        """Keep the rejects."""
        self._output.keep_rejects()

    def keep(self) -> None:
        """Put all files in their places."""
        self._output.keep()
        if self._related:
            self._related.commit()

    def abandon(self) -> None:
        """Leave everything as it was."""
        try:
            self._output.abandon()
        finally:
            if self._related:
                self._related.abandon()


class Nowhere:
    """Write nothing, for a run that only counts."""

    def __init__(self, shape: Shape, streams: Sequence[Stream]):
        self.shape = shape
        self.failures: list[str] = []
        self._streams = streams
        self._records: Counter[int] = Counter()

    def take(self, done: Done) -> None:
        """Note which inputs could not be read to their end."""
        self._records[done.source] += done.read
        if error := _error(done, self._streams, self._records):
            self.failures.append(str(error))

    def stop(self) -> None:
        """Keep nothing."""

    def keep(self) -> None:
        """Keep nothing."""

    def abandon(self) -> None:
        """Keep nothing."""


def _error(done: Done, streams: Sequence[Stream], records: Counter[int]) -> InputError | None:
    """Return the error of a stream that ends here, if it has one, with the number of records read."""
    error = done.end.error if done.end else None
    if isinstance(error, Truncated):
        return broken_off(streams[done.source].inputs[0], error, records[done.source])
    return error


def work_here(job: Job) -> Work:
    """Do parcels in this process, one after the other."""

    def work(parcels: Iterable[Parcel | None]) -> Iterator[Done]:
        for parcel in parcels:
            if parcel:
                yield job.do(parcel)

    return work
