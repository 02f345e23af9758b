"""`cleaner clean`: read, clean, write, and say what was done."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import click
import orjson

from cleaner.clean import Cleaner
from cleaner.cli.main import INTERRUPTED
from cleaner.cli.options import Amount, field_options, json_option, option, rule_options, take_choice, take_fields
from cleaner.cli.progress import progress
from cleaner.deadline import Overdue, deadline
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Entry, Style, reject
from cleaner.io.write import Output
from cleaner.model import NO_ARTICLE, Cleaned, Page, Rejected
from cleaner.report.number import number_of
from cleaner.report.tally import Tally

_DAY = 86_400  # seconds; timers of the system end somewhere beyond


class _Hopeless(Exception):
    """Stop a run that rejects too much."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Hold what a run works with; only the tally changes."""

    cleaner: Cleaner
    output: Output
    tally: Tally
    most_rejects: int | None
    articles_only: bool
    seconds: float | None

    def take(self, entry: Entry) -> None:
        """Clean one entry, or put it to the rejects."""
        result = entry.value if isinstance(entry.value, Rejected) else try_clean(self.cleaner, entry, self.seconds)
        if self.articles_only and isinstance(result, Cleaned) and (reason := no_article(result)):
            result = reject(entry, f"not an article: {reason}")
        if isinstance(result, Cleaned):
            self.output.write(entry, result)
            self.tally.add(result)
            return
        self.tally.rejected += 1
        self.output.reject(result)
        if self.most_rejects is not None and self.tally.rejected > self.most_rejects:
            self.output.keep_rejects()
            raise _Hopeless


def no_article(cleaned: Cleaned) -> str:
    """Return why a page is no article; nothing where it may be one."""
    return next((flag[len(NO_ARTICLE) :].strip() for flag in cleaned.flags if flag.startswith(NO_ARTICLE)), "")


def try_clean(cleaner: Cleaner, entry: Entry, seconds: float | None = None) -> Cleaned | Rejected:
    """Clean one document; one that takes too long, or breaks the cleaner or a parser, is rejected, and the run goes on."""
    assert not isinstance(entry.value, Rejected)
    try:
        with deadline(seconds):
            if isinstance(entry.value, Page):
                return cleaner.clean_page(entry.value)
            return cleaner.clean_document(entry.value)
    except MemoryError:
        raise
    except Overdue:
        return reject(entry, f"it took longer than {seconds:g} seconds")
    except Exception as error:
        return reject(entry, f"cleaning failed: {type(error).__name__}: {error}")


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
    tally, passed = Tally(), Counter[str]()
    target = Output(
        output, settings["format"], fields, Style(settings["lean"], settings["annotate"]), [s.path for s in sources]
    )
    run = _Run(cleaner, target, tally, settings["max_rejects"], settings["articles_only"], settings["deadline"] or None)
    try:
        with target, progress("cleaning", quiet, sum(source.size for source in sources)) as step:
            for entry in read_entries(sources, fields, settings["recleaning"], step, passed):
                run.take(entry)
    except KeyboardInterrupt:
        _say(f"cleaner: interrupted after {number_of(tally.documents, 'document')}{_left(target)}")
        ctx.exit(INTERRUPTED)
    except _Hopeless:
        _say(
            f"cleaner: stopped after {number_of(tally.documents, 'document')}, {tally.rejected} rejected{_left(target)}"
        )
        ctx.exit(1)
    if not quiet:
        _summarize(tally, passed, settings["as_json"], time.monotonic() - began, target)
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
    return f"; {output.path} was not written" if output.path and output.format == "jsonl" else ""


def _say(message: str) -> None:
    click.echo(message, err=True)
