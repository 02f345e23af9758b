"""`cleaner duplicates`: report which records hold copies of one story."""

from __future__ import annotations

import time
from typing import Any

import click
import orjson

from cleaner.cli.main import INTERRUPTED
from cleaner.cli.options import Amount, field_options, json_option, option, take_fields
from cleaner.cli.progress import progress
from cleaner.duplicates.cluster import LOWEST
from cleaner.duplicates.report import THRESHOLD, Summary, report_duplicates
from cleaner.io.inputs import find_inputs
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("-o", "--output", metavar="REPORT", help="Write the clusters to this file (.jsonl, also .gz, .zst).")
@option(
    "--threshold",
    type=Amount(LOWEST, 1),
    default=THRESHOLD,
    show_default=True,
    metavar="SHARE",
    help="What two bodies share of their three-word stretches to be copies.",
)
@click.option("--annotated", is_flag=True, help="The records were written with --annotate: take their cuts out first.")
@field_options
@json_option("Write the summary as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
@click.pass_context
def duplicates(ctx: click.Context, /, inputs: tuple[str, ...], output: str | None, **settings: Any) -> None:
    """Report clusters of near-duplicates among the bodies of records, a line each, the largest first.

    INPUT is what `cleaner clean` reads, such as what it has written; texts only. Nothing is removed or changed.
    """
    fields, quiet, began = take_fields(settings), settings["quiet"], time.monotonic()
    size = sum(source.size for source in find_inputs(inputs))
    report = output if output != "-" else None
    try:
        with progress("comparing", quiet, size) as watch:
            summary = report_duplicates(
                inputs, report, fields, settings["threshold"], watch, annotated=settings["annotated"]
            )
    except KeyboardInterrupt:
        click.echo("cleaner: interrupted; no report was written", err=True)
        ctx.exit(INTERRUPTED)
    if not quiet:
        say_duplicates(summary, report, settings["as_json"], time.monotonic() - began)


def say_duplicates(summary: Summary, report: str | None, as_json: bool, seconds: float) -> None:
    """Write what was found to standard error."""
    if as_json:
        click.echo(orjson.dumps({**summary.describe(), "seconds": round(seconds, 3)}).decode(), err=True)
        return
    for line in tell_duplicates(summary):
        click.echo(escape_line(line), err=True)
    if report and summary.clusters:
        click.echo(f"near-duplicates: {report}", err=True)


def tell_duplicates(summary: Summary) -> list[str]:
    """Write what was found in lines for a reader."""
    found = f"{number_of(summary.clusters, 'cluster')} of near-duplicates, {summary.exact} of them exact"
    told = [
        f"{number_of(summary.documents, 'document')}: {found}; "
        f"{summary.clustered} documents in them, {summary.share:.1%} of all are further copies"
    ]
    if summary.clusters:
        more = ", ..." if summary.largest_size > len(summary.largest) else ""
        told.append(f"largest: {number_of(summary.largest_size, 'document')}: {', '.join(summary.largest)}{more}")
    if summary.empty:
        told.append(f"{number_of(summary.empty, 'document')} without a body, not compared")
    if summary.unread:
        told.append(f"{number_of(summary.unread, 'record')} without a text passed over")
    return told
