"""`cleaner clean`: read, clean, write, and say what was done."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import nullcontext
from typing import Any

import click
import orjson

from cleaner.bulk.batch import Job
from cleaner.bulk.memory import keep_memory
from cleaner.bulk.pool import LOAD, Pool, count_cores
from cleaner.bulk.run import Hopeless, Run, work_here
from cleaner.bulk.tally import Tally
from cleaner.clean import Cleaner
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
from cleaner.cli.progress import progress
from cleaner.io.inputs import find_inputs
from cleaner.io.record import Style
from cleaner.io.write import Output
from cleaner.report.number import number_of

_DAY = 86_400  # seconds; timers of the system end somewhere beyond


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "-o", "--output", metavar="OUTPUT", help="A file (.jsonl or .txt, also .gz, .zst), or a folder/ for texts."
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
@option("--format", "format", type=click.Choice(["jsonl", "text"]), help="Records or bodies; else the ending says.")
@option(
    "--max-rejects", type=click.IntRange(min=0), metavar="N", help="Stop where more records than this are rejected."
)
@json_option("Write the summary as JSON.")
@option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
@click.pass_context
def clean(ctx: click.Context, /, inputs: tuple[str, ...], output: str | None, **settings: Any) -> None:
    """Clean documents and write them as records, to standard output or OUTPUT.

    INPUT is a .txt, .html, .jsonl, .csv, .tsv or .warc file (also .gz or .zst), a folder of them, or - for standard
    input (records if it begins with a brace, an archive or a page where it begins as one, else one text). What cannot
    be read goes to OUTPUT.rejects.jsonl.
    """
    fields, choice = take_fields(settings), take_choice(settings)
    quiet, began = settings["quiet"], time.monotonic()
    sources = find_inputs(inputs)
    cleaner = Cleaner(choice.rules, only=choice.only, without=choice.without, fast=settings["fast"])
    style = Style(settings["lean"], settings["annotate"])
    target = Output(output, settings["format"], fields, style, [source.path for source in sources])
    job = Job(cleaner, target.shape, settings["recleaning"], settings["articles_only"], settings["deadline"] or None)
    keep_memory()
    jobs = settings["jobs"] or count_cores()
    run = Run(target, settings["max_rejects"])
    tally = run.tally
    try:
        with (
            target,
            nullcontext() if jobs == 1 else Pool(job, jobs) as pool,
            progress("cleaning", quiet, sum(source.size for source in sources)) as step,
        ):
            if pool:
                run.take(sources, pool.work, step, LOAD)
            else:
                run.take(sources, work_here(job), step)
    except KeyboardInterrupt:
        _say(f"cleaner: interrupted after {number_of(tally.documents, 'document')}{_left(target)}")
        ctx.exit(INTERRUPTED)
    except Hopeless:
        _say(
            f"cleaner: stopped after {number_of(tally.documents, 'document')}, {tally.rejected} rejected{_left(target)}"
        )
        ctx.exit(1)
    if not quiet:
        _summarize(tally, run.passed, settings["as_json"], time.monotonic() - began, target)
    ctx.exit(1 if tally.rejected else 0)


def _summarize(tally: Tally, passed: Counter[str], as_json: bool, seconds: float, output: Output) -> None:
    if as_json:
        _say(orjson.dumps({**tally.describe(), "passed": dict(passed), "seconds": round(seconds, 3)}).decode())
        return
    parts = f"{tally.cleaned} cleaned, {tally.unchanged} unchanged, {tally.rejected} rejected"
    _say(
        f"{number_of(tally.documents, 'document')}: {parts}; {tally.share:.1%} of the characters removed in {seconds:.1f} s"
    )
    if tally.rules:
        _say("most cuts: " + ", ".join(f"{rule} {count}" for rule, count in tally.top_rules()))
    if tally.flagged:
        flags = ", ".join(f"{flag} {count}" for flag, count in tally.top_flags())
        _say(f"{number_of(tally.flagged, 'document')} flagged: {flags}")
    if passed:
        kinds = ", ".join(f"{kind} {count}" for kind, count in passed.most_common(5))
        _say(f"{passed.total()} responses in archives are no pages: {kinds}")
    if tally.rejected and output.path:
        _say(f"rejects: {output.rejects_path}")


def _left(output: Output) -> str:
    return f"; {output.path} was not written" if output.path and output.shape.format == "jsonl" else ""


def _say(message: str) -> None:
    click.echo(message, err=True)
