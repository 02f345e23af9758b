"""`cleaner clean`: read, clean, write, and say what was done."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson

from cleaner.bulk.batch import Job
from cleaner.bulk.halt import halting, stopping
from cleaner.bulk.ledger import LOCK, Ledger, recognize
from cleaner.bulk.memory import keep_memory
from cleaner.bulk.plan import MEGABYTE, SHARD, Stream, whole
from cleaner.bulk.pool import LOAD, Pool, count_cores
from cleaner.bulk.run import Hopeless, Nowhere, Run, Whole, work_here
from cleaner.bulk.select import first, sample
from cleaner.bulk.shards import Shards
from cleaner.bulk.terms import Terms
from cleaner.clean import Cleaner
from cleaner.cli.duplicates import say_duplicates
from cleaner.cli.main import INTERRUPTED
from cleaner.cli.options import (
    Amount,
    Processes,
    field_options,
    json_option,
    option,
    rule_options,
    take_choice,
    take_fields,
)
from cleaner.cli.progress import progress, watch_run
from cleaner.cli.summary import tell_before, tell_books, tell_run, tell_strangers
from cleaner.duplicates.cluster import LOWEST
from cleaner.duplicates.report import THRESHOLD, check_output, report_duplicates
from cleaner.duplicates.sketch import load_minhash
from cleaner.errors import BrokenOff, OptionError, OutputError
from cleaner.io.file import Draft
from cleaner.io.folder import open_folder
from cleaner.io.inputs import BOOKS, DUPLICATES, REJECTS, Input, find_inputs
from cleaner.io.record import Fields, Style
from cleaner.io.remote import begin, resolve
from cleaner.io.stream import PARCEL, Watch
from cleaner.io.write import Output, Shape
from cleaner.report.number import number_of

_DAY = 86_400  # seconds; timers of the system end somewhere beyond


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o",
    "--output",
    metavar="OUTPUT",
    help="A file (.jsonl, .csv, .tsv, .parquet, .txt, .wet or .tar, also .gz, .zst, .bz2), which appears when it is whole; or a folder/ for shards, which "
    "a later run goes on with.",
)
@field_options
@rule_options
@option("--lean", is_flag=True, help="Leave the texts of cuts out of the records.")
@option("--annotate", is_flag=True, help="Leave text and title as they are, only write the account.")
@option("--recleaning", is_flag=True, help="Accept records that have been cleaned before.")
@option("--fast", is_flag=True, help="Pages: ask one extractor only; a third faster, a little less exact.")
@option("--articles-only", is_flag=True, help="Reject pages that are no article, with the reason.")
@option(
    "--deadline",
    type=Amount(min=0, max=_DAY),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Reject a document that takes longer; 0 sets no limit.",
)
@option(
    "--jobs",
    "-j",
    type=Processes(min=0),
    default="1",
    show_default=True,
    metavar="N",
    help="Clean in so many processes; 0 or `auto` takes one a core. The output is the same.",
)
@option(
    "--format",
    "format",
    metavar="FORMAT",
    help="jsonl, csv, tsv, parquet; or bodies alone: text, wet, tar. All but parquet also with .gz, .zst or .bz2. "
    "Else the ending says.",
)
@option(
    "--shard-size",
    type=Amount(min=0.001, max=1 << 20),
    default=SHARD,
    show_default=True,
    metavar="MB",
    help="Put so much of an input, decompressed, into one shard of a folder.",
)
@click.option("--redo", is_flag=True, help="Make shards anew whose input, rules or settings have changed.")
@click.option("--related-output", metavar="FILE", help="Write appended articles there, as records of their own.")
@option("--dedup", is_flag=True, help="Report near-duplicates among the cleaned bodies, beside the output.")
@option(
    "--dedup-threshold",
    type=Amount(LOWEST, 1),
    default=THRESHOLD,
    show_default=True,
    metavar="SHARE",
    help="What two bodies share of their three-word stretches to be copies.",
)
@click.option("--dry-run", is_flag=True, help="Clean and count, but write nothing.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Clean the first N records only.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Clean N records chosen at random.")
@option(
    "--max-rejects", type=click.IntRange(min=0), metavar="N", help="Stop where more records than this are rejected."
)
@option(
    "--progress-every",
    type=Amount(min=0, max=_DAY),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Where standard error is no terminal, log progress as a line of JSON; 0 never does.",
)
@json_option("Write the summary as JSON.")
@option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
@click.pass_context
def clean(ctx: click.Context, /, inputs: tuple[str, ...], output: str | None, **settings: Any) -> None:
    """Clean documents and write them as records, to standard output or OUTPUT.

    INPUT is a .jsonl, .csv, .tsv, .parquet, .txt, .html, .warc, .wet or .tar file (also .gz, .zst or .bz2), a folder or
    pattern of them, a URL, or - for standard input (records if it begins with a brace, an archive or a page where it
    begins as one, else one text). What cannot be read goes to OUTPUT.rejects.jsonl, or beside its shard.

    To a folder, records go in shards, each whole or not there. The same command again does what is missing.
    """
    fields, choice = take_fields(settings), take_choice(settings)
    sources = find_inputs(inputs)
    cleaner = Cleaner(choice.rules, packs=choice.packs, only=choice.only, without=choice.without, fast=settings["fast"])
    order = _Order(ctx, sources, cleaner, output, fields, settings)
    keep_memory()
    ctx.exit(order.write_shards() if order.in_shards else order.write_whole())


class _Order:
    """Hold what was ordered, and have it done; each way of doing it returns the exit code."""

    def __init__(
        self,
        ctx: click.Context,
        sources: Sequence[Input],
        cleaner: Cleaner,
        output: str | None,
        fields: Fields,
        settings: dict[str, Any],
    ):
        self._ctx, self._sources, self._cleaner, self._settings = ctx, sources, cleaner, settings
        self._fields, self._style = fields, Style(settings["lean"], settings["annotate"])
        self._output = None if output == "-" else output
        self._quiet, self._began = settings["quiet"], time.monotonic()
        self._notice = ""
        if settings["limit"] and settings["sample"]:
            raise OptionError("--limit takes the first records, --sample any of them: give one of the two")
        if settings["dedup"]:
            load_minhash()
            check_output(self._output, settings["format"], self.in_shards)
        if settings["dry_run"]:
            self._output = None

    @property
    def in_shards(self) -> bool:
        path = self._output
        return path is not None and (path.endswith(("/", "\\")) or os.path.isdir(path))

    def write_whole(self) -> int:
        """Write one file, or to standard output, or nothing."""
        streams, settings = whole(self._sources), self._settings
        paths = [source.path for source in self._sources]
        if settings["dry_run"]:
            target: Nowhere | Whole = Nowhere(Shape(fields=self._fields, style=self._style), streams)
        else:
            output = Output(self._output, settings["format"], self._fields, self._style, paths)
            try:
                target = Whole(output, streams, self._open_related())
            except BaseException:
                output.abandon()
                raise
        run = Run(target, settings["max_rejects"])
        try:
            with stopping(run):
                self._take(run, streams)
        except KeyboardInterrupt:
            self._say(f"cleaner: interrupted after {number_of(run.tally.documents, 'document')}{self._left()}")
            return INTERRUPTED
        except Hopeless:
            self._say(
                f"cleaner: stopped after {number_of(run.tally.documents, 'document')}, "
                f"{run.tally.rejected} rejected{self._left()}"
            )
            if self._output:
                self._say(f"rejects: {self._output}{REJECTS}")
            return 1
        except BrokenOff as error:
            self._say(f"cleaner: {error}")
            if self._output:
                self._say(
                    f"{self._output} was not written; a folder as output (-o NAME/) keeps what comes before a break"
                )
            return 2
        more = {}
        if settings["dedup"] and self._output:
            more = self._report_duplicates([self._output], f"{self._output}{DUPLICATES}")
        self._summarize(run, more)
        if run.tally.rejected and self._output:
            self._tell(f"rejects: {self._output}{REJECTS}")
        failures = target.failures if isinstance(target, Nowhere) else []
        return self._conclude(failures, run.tally.rejected)

    def write_shards(self) -> int:
        """Write a folder of shards: those that are missing."""
        assert self._output
        settings, folder = self._settings, open_folder(self._output)
        name = settings["format"] or "jsonl"
        shape = Shape.of(name, self._fields, self._style, apart=name.startswith("text"))
        self._check_apart(self._output)
        with folder.hold(LOCK):
            folder.sweep()
            job = self._job(shape)
            size, chosen = settings["shard_size"], (settings["limit"], settings["sample"])
            ledger = Ledger(folder, Terms.of(job, size, settings["fast"], *chosen, self._sources))
            ledger.read()
            self._sources = recognize(self._sources, ledger.markers.values())
            before = len(ledger.markers)
            streams = ledger.plan(self._sources, int(size * MEGABYTE), settings["redo"], any(chosen))
            ledger.begin()
            shards = Shards(ledger, streams, shape)
            if before:
                self._tell(tell_before(len(ledger.markers)))
            run = Run(shards, settings["max_rejects"])
            code = 0
            try:
                with halting(run, lambda: self._notify(shards)):
                    if streams:
                        self._take(run, streams)
            except KeyboardInterrupt:
                code = INTERRUPTED
            except Hopeless as error:
                last = f"{error.rejected.id}: {error.rejected.reason}"
                self._say(
                    f"cleaner: stopped at reject {run.tally.rejected}, more than --max-rejects allows; it is {last}"
                )
                code = 1
            if run.halted and run.ends < len(streams):
                code = INTERRUPTED
            return self._close(run, ledger, shards, code)

    def _check_apart(self, output: str) -> None:
        """Refuse a folder that inputs stand in: a later run would take its shards for inputs."""
        place = Path(resolve(output))
        for source in self._sources:
            if source.path != "-" and Path(resolve(source.path)).is_relative_to(place):
                raise OptionError(f"{source.path} stands in the output {output}: choose a folder apart from the inputs")

    def _close(self, run: Run, ledger: Ledger, shards: Shards, code: int) -> int:
        if code:
            self._say(
                f"cleaner: {number_of(shards.made, 'shard')} made, {len(ledger.markers)} there in all; "
                f"the same command again{' with a higher --max-rejects' if code == 1 else ''} goes on"
            )
            return code
        failures = shards.failures + ledger.broken(self._sources)
        if self._settings["related_output"] and not shards.failures:
            self._gather_related(ledger)
        books = ledger.total()
        more = {"shards": len(ledger.markers), "made": shards.made, "all": books.describe()}
        if self._settings["dedup"]:
            records = [ledger.folder.shown(name) for name in ledger.parts("records")]
            more |= self._report_duplicates(records, ledger.folder.shown(f"{BOOKS}/duplicates.jsonl"))
        self._summarize(run, more)
        self._tell(tell_books(str(self._output), len(ledger.markers), shards.made, books))
        if strangers := ledger.strangers(self._sources):
            self._tell(tell_strangers(len(strangers)))
        return self._conclude(failures, books.rejected)

    def _conclude(self, failures: Sequence[str], rejected: int) -> int:
        for failure in failures:
            self._say(f"cleaner: {failure}")
        return 2 if failures else 1 if rejected else 0

    def _job(self, shape: Shape) -> Job:
        settings = self._settings
        return Job(
            self._cleaner,
            shape,
            recleaning=settings["recleaning"],
            articles_only=settings["articles_only"],
            related=bool(settings["related_output"]),
            seconds=settings["deadline"] or None,
        )

    def _take(self, run: Run, streams: Sequence[Stream]) -> None:
        settings, target = self._settings, run.target
        job, select = self._job(target.shape), None
        size = sum(source.size for stream in streams for source in stream.inputs)
        jobs = settings["jobs"] or count_cores()
        with run.keeping():
            if settings["limit"]:
                select = first(settings["limit"])
            elif settings["sample"]:
                select = sample(settings["sample"], streams, self._fields)
            with (
                nullcontext() if jobs == 1 else Pool(job, jobs) as pool,
                watch_run(run.tally, size, settings["progress_every"], self._quiet) as watch,
            ):
                work, least = (pool.work, LOAD) if pool else (work_here(job), PARCEL)
                run.take(streams, work, watch and partial(self._step, watch), least, select)
            if run.halted and not self.in_shards:
                raise KeyboardInterrupt  # the one that came was lost in a destructor

    def _step(self, watch: Watch, size: int) -> None:
        """Tell of bytes read, and of what has come up since the last ones."""
        watch(size)
        notice, self._notice = self._notice, ""
        if notice:
            self._say(notice)

    def _notify(self, shards: Shards) -> None:
        where = f"finishing {shards.open}" if shards.open else "stopping"
        self._notice = f"cleaner: {where}; once more stops at once, and this shard is made again next time"

    def _open_related(self) -> Draft | None:
        path = self._settings["related_output"]
        if not path:
            return None
        if resolve(path) in {resolve(source.path) for source in self._sources}:
            raise OutputError(f"{path} is one of the inputs: choose another file for appended articles")
        beside = {resolve(f"{self._output}{ending}") for ending in ("", REJECTS, DUPLICATES)} if self._output else ()
        if resolve(path) in beside:
            raise OutputError(f"{path} is what the run itself writes: choose another file for appended articles")
        return begin(path)

    def _gather_related(self, ledger: Ledger) -> None:
        """Put the appended articles of all shards into one file."""
        file = self._open_related()
        assert file
        try:
            for name in ledger.parts("related"):
                file.write(ledger.folder.read(name) or b"")
            file.commit()
        except BaseException:
            file.abandon()
            raise

    def _report_duplicates(self, paths: Sequence[str], report: str) -> dict[str, Any]:
        threshold, annotated = self._settings["dedup_threshold"], self._style.annotate
        size = sum(source.size for source in find_inputs(paths))
        with progress("comparing", self._quiet, size) as watch:
            summary = report_duplicates(paths, report, self._fields, threshold, watch, annotated)
        if not self._quiet and not self._settings["as_json"]:
            say_duplicates(summary, report, False, time.monotonic() - self._began)
        return {"duplicates": summary.describe()}

    def _summarize(self, run: Run, more: Mapping[str, Any]) -> None:
        seconds = time.monotonic() - self._began
        if self._settings["as_json"] and not self._quiet:
            row = {**run.tally.describe(), "passed": dict(run.passed), "seconds": round(seconds, 3), **more}
            self._say(orjson.dumps(row).decode())
        if run.read or "shards" not in more:  # else there was nothing left to do
            self._tell(*tell_run(run.tally, run.passed, seconds))

    def _tell(self, *lines: str) -> None:
        """Say what only a reader wants to know."""
        if not self._quiet and not self._settings["as_json"]:
            for line in lines:
                self._say(line)

    def _left(self) -> str:
        return f"; {self._output} was not written" if self._output else ""

    def _say(self, message: str) -> None:
        click.echo(message, err=True)
