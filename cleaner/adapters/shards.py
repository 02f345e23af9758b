"""Do one rank's share of what `cleaner clean INPUT... -o FOLDER/` does: the same shards, markers and accounts.

Every rank plans the whole run, the same way, and does one input of it in so many. A rank that is done again does the
shards that are missing. Once all ranks are through, `cleaner clean` has nothing left to do there, and what reads a
folder of shards reads this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from cleaner.adapters.order import Order
from cleaner.adapters.plan import Plan
from cleaner.bulk.ledger import Ledger
from cleaner.bulk.memory import keep_memory
from cleaner.bulk.plan import FILES, MEGABYTE, SHARD, Stream, divide, name_shard, split_name
from cleaner.bulk.run import Run, work_here
from cleaner.bulk.shards import Shards
from cleaner.bulk.tally import Tally
from cleaner.bulk.terms import Terms
from cleaner.errors import InputError
from cleaner.io.file import DRAFT
from cleaner.io.folder import open_folder
from cleaner.io.inputs import BOOKS, Input
from cleaner.io.remote import is_remote


@dataclass(frozen=True, slots=True)
class Books:
    """Hold what a rank did now, what is there of its share in all, and which of its inputs broke off."""

    now: Tally
    there: Tally
    shards: int
    broken: tuple[str, ...] = ()


def clean_share(
    sources: Sequence[Input], path: str, order: Order, rank: int, ranks: int, shard_size: float = SHARD
) -> Books:
    """Clean every input whose number leaves `rank` when divided by `ranks`, into shards of so many megabytes.

    Raises `OptionError` where the folder was begun with other inputs, ranks, rules or options, `OutputError` where it
    cannot be written or another process does this rank, `InputError` where an input cannot be opened, once the others
    are done.
    """
    folder, job = open_folder(path), order.job()
    Plan.of(sources, ranks, order, shard_size).hold(folder)
    streams = divide(sources, int(shard_size * MEGABYTE))[rank::ranks]
    keep_memory()
    with folder.hold(f"{BOOKS}/rank-{rank:05d}.lock"):
        ledger = Ledger(folder, Terms.of(job, shard_size, order.fast))
        _read(ledger, streams)
        missing = _missing(ledger, streams)
        ledger.begin()
        shards = Shards(ledger, missing, job.shape)
        run = Run(shards)
        with run.keeping():
            run.take(missing, work_here(job))
    if shards.failures:
        raise InputError("; ".join(shards.failures))
    mine = [source for stream in streams for source in stream.inputs]
    return Books(run.tally, ledger.total(), len(ledger.markers), tuple(ledger.broken(mine)))


def conclude(path: str, sources: Sequence[Input]) -> Tally:
    """Return the tally of all shards in a folder, once all ranks are through.

    Raises `InputError` where inputs broke off, after how many records.
    """
    ledger = Ledger(open_folder(path), Terms("", {}))
    ledger.read()
    if broken := ledger.broken(sources):
        raise InputError("; ".join(broken))
    return ledger.total()


def _read(ledger: Ledger, streams: Sequence[Stream]) -> None:
    """Read the markers of these streams, and remove the drafts that a killed process left of them."""
    folder = ledger.folder
    labels = {stream.label for stream in streams if stream.bytes}
    groups = {name_shard(stream.label, stream.number) for stream in streams if not stream.bytes}
    ledger.read(lambda name: name in groups or split_name(name)[0] in labels)
    if is_remote(folder.path):
        return
    for stem in (*groups, *(f"{label}-" for label in labels)):
        at = Path(folder.shown(stem))
        for draft in at.parent.glob(f".{escape(at.name)}*{DRAFT}"):
            with suppress(FileNotFoundError):
                draft.unlink()


def _missing(ledger: Ledger, streams: Sequence[Stream]) -> list[Stream]:
    """Return the streams that are to be done, each with the numbers of the shards that are there.

    Raises `OptionError` where these were made on other terms.
    """
    by_input = {stream.inputs[0].label: stream for stream in streams if stream.bytes}
    left = ledger.plan([stream.inputs[0] for stream in by_input.values()], 1)
    large = [replace(by_input[stream.inputs[0].label], done=stream.done) for stream in left]
    small = [stream for stream in streams if not stream.bytes]
    return [stream for stream in small if name_shard(FILES, stream.number) not in ledger.markers] + large
