"""Clean inputs into an output: read, clean in one process or many, write in the order of the input, and count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cleaner.bulk.batch import Done, Job
from cleaner.bulk.parcel import BrokenOff, Parcel, pack
from cleaner.bulk.tally import Tally
from cleaner.io.inputs import Input
from cleaner.io.stream import PARCEL, Watch
from cleaner.io.write import Output

Work = Callable[[Iterable[Parcel | None]], Iterator[Done]]
"""Does parcels and yields what became of each, in order."""


class Hopeless(Exception):
    """Stop a run that rejects too much."""


@dataclass(slots=True)
class Run:
    """Write what becomes of inputs, and count it.

    Documents are counted when they are written; `passed` counts what archives hold beside pages, when it is read.
    """

    output: Output
    most_rejects: int | None = None
    tally: Tally = field(default_factory=Tally)
    passed: Counter[str] = field(default_factory=Counter)

    def take(self, sources: Sequence[Input], work: Work, watch: Watch | None = None, least: int = PARCEL) -> None:
        """Clean all that the inputs hold, in parcels of about so many bytes.

        Raises `InputError` where an input cannot be read or breaks off, once all that came before is written;
        `Hopeless` at the first reject too many.
        """
        records: Counter[int] = Counter()
        try:
            for done in work(pack(sources, self.output.shape.fields, watch, self.passed, least)):
                records[done.source] += done.records
                self._write(done)
        except BrokenOff as error:
            raise error.explain(sources, records[error.source]) from None

    def _write(self, done: Done) -> None:
        for stretch in done.stretches:
            self.output.put(stretch.pieces)
            self.tally.update(stretch.tally)
            if stretch.rejected:
                self.output.reject(stretch.rejected)
                if self.most_rejects is not None and self.tally.rejected > self.most_rejects:
                    self.output.keep_rejects()
                    raise Hopeless


def work_here(job: Job) -> Work:
    """Do parcels in this process, one after the other."""

    def work(parcels: Iterable[Parcel | None]) -> Iterator[Done]:
        for parcel in parcels:
            if parcel:
                yield job.do(parcel)

    return work
