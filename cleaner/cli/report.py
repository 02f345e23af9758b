"""`cleaner report`: what a run did, as a page to read: figures, samples of what each rule cut, documents to look at."""

from __future__ import annotations

import sys
from typing import Any

import click

from cleaner.audit.digest import Digest
from cleaner.audit.page import draw_report
from cleaner.audit.report import Report
from cleaner.audit.shards import read_setting
from cleaner.audit.sides import find_output
from cleaner.audit.stats import Stats, stats_of_file, stats_of_folder
from cleaner.clean import choose
from cleaner.cli.options import (
    field_options,
    json_option,
    load,
    playground_option,
    rule_options,
    take_choice,
    take_fields,
)
from cleaner.cli.progress import progress, size_of_output
from cleaner.errors import InputError, OptionError
from cleaner.io.file import Draft, StandardOutput
from cleaner.io.inputs import REJECTS
from cleaner.io.record import Fields
from cleaner.io.remote import begin, resolve
from cleaner.io.splice import dump
from cleaner.io.stream import Watch
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line
from cleaner.rules.compiled import version

PAGE = "report.html"


@click.command()
@click.argument("output", metavar="RUN_OUTPUT")
@click.option(
    "-o", "--output", "page", metavar="FILE",
    help=f"Write the page to this file (- for standard output).  [default: {PAGE}]",
)  # fmt: skip
@click.option(
    "--samples", type=click.IntRange(1, 100), default=8, show_default=True, metavar="N",
    help="Show so many cuts of each rule, and twice as many documents of each kind.",
)  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="Choose by this seed what is shown.")
@playground_option
@rule_options
@field_options
@json_option("Write figures and samples as JSON to standard output, and a page only where -o names it.")
@click.option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
@click.pass_context
def report(ctx: click.Context, /, output: str, page: str | None, **settings: Any) -> None:
    """Write what a run did as one HTML page: what went, by which rules, from whom, and what to look at.

    RUN_OUTPUT is a folder of shards or a file of records (.jsonl, .csv, .tsv, .parquet) that `cleaner clean` wrote.
    All records are counted; cuts of each rule are shown, chosen at random, and the documents that lost most. Rules are
    explained by those given, as `clean` got them. The page needs no network and no script. Ends with 1 where shards are
    missing, an input broke off, or a file cannot be read to its end.
    """
    fields, choice, as_json, quiet = (
        take_fields(settings),
        take_choice(settings),
        settings["as_json"],
        settings["quiet"],
    )
    target = page or (None if as_json else PAGE)
    if target == "-" and as_json:
        raise OptionError("-o - and --json both write to standard output: name a file for the page")
    find_output(output)
    _check_page(target, output)
    ruleset = load(choice.rules, choice.packs)
    running = choose(ruleset, choice.only, choice.without).digest
    file = _begin(target)
    try:
        digest = Digest(settings["samples"], settings["seed"])
        with progress("reading", quiet, size_of_output(output)) as step:
            stats = _read(output, fields, digest, step)
        told = Report(
            output, stats, digest, ruleset, running, choice.rules, _tell_how(output, digest, stats), choice.packs
        )
        drawn = draw_report(told, settings["playground"] or "").encode() if file else b""
        if file:
            file.write(drawn)
            file.commit()
    except BaseException:
        if file:
            file.abandon()
        raise
    if as_json:
        click.echo(dump(told.describe()))
    elif not quiet:
        _summarize(told, target, len(drawn))
    ctx.exit(1 if stats.missing or stats.unfinished or stats.broken or stats.unread else 0)


def _check_page(page: str | None, output: str) -> None:
    """Raise `OptionError` where the page would overwrite records, or stand among shards."""
    if page is None or page == "-":
        return
    place, there = resolve(page), resolve(output).rstrip("/")
    if place in (there, there + REJECTS):
        raise OptionError(f"{page} is what is to be reported on: choose another file")
    if place.startswith(f"{there}/"):
        raise OptionError(
            f"{page} would stand among the shards, where `cleaner verify` knows no such file: put it elsewhere"
        )


def _begin(page: str | None) -> Draft | StandardOutput | None:
    if page == "-":
        return StandardOutput(sys.stdout.buffer)
    return begin(page) if page else None


def _read(output: str, fields: Fields, digest: Digest, step: Watch | None) -> Stats:
    """Read all records; raises `InputError` where there are none."""
    folder = find_output(output)
    if folder:
        setting = read_setting(folder)
        stats = stats_of_folder(folder, setting.fields, step, digest, setting.annotate)
    else:
        stats = stats_of_file(output, fields, step, digest)
    if not stats.tally.documents and not (stats.missing or stats.broken):
        what = "no shard is finished in it" if folder else "it holds no record that `cleaner clean` wrote"
        lines = "".join(f" ({told})" for told in stats.unread[:1])
        raise InputError(f"{output}: {what}{lines}; give the output of a run, not its input")
    return stats


def _tell_how(output: str, digest: Digest, stats: Stats) -> str:
    """Say what the page was made with."""
    made = ", ".join(stats.digests) or "unknown"
    return f"cleaner {version()} report {output} --seed {digest.seed} --samples {digest.samples} · rules {made}"


def _summarize(told: Report, page: str | None, size: int) -> None:
    tally, digest = told.stats.tally, told.digest
    lines = [
        f"{told.name}: {number_of(tally.documents, 'record')}, {tally.share:.1%} of {tally.characters} characters removed "
        f"by {number_of(len(digest.rules), 'rule')}",
        *told.troubles,
    ]
    for line in lines:
        click.echo(escape_line(line), err=True)
    if page and page != "-":
        click.echo(f"report: {page} ({size / 1e6:.1f} MB)", err=True)
