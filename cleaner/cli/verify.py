"""`cleaner verify`: replay every record of an output against its input, and close the books."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from typing import Any

import click
import orjson

from cleaner.audit.shards import read_setting, verify_folder
from cleaner.audit.sides import find_output
from cleaner.audit.verify import Auditor, Books, verify_file
from cleaner.bulk.memory import keep_memory
from cleaner.clean import Cleaner
from cleaner.cli.options import field_options, json_option, option, rule_options, take_choice, take_fields
from cleaner.cli.progress import progress, size_of_output
from cleaner.errors import InputError
from cleaner.io.inputs import Input, find_inputs
from cleaner.io.remote import resolve
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="INPUT... OUTPUT")
@field_options
@rule_options
@option("--recleaning", is_flag=True, help="The run accepted records that had been cleaned before.")
@option("--fast", is_flag=True, help="The run asked one extractor only about pages.")
@json_option("Write the books as JSON.")
@option("--quiet", "-q", is_flag=True, help="No progress.")
@click.pass_context
def verify(ctx: click.Context, /, paths: tuple[str, ...], **settings: Any) -> None:
    """Replay every record of OUTPUT against the INPUT it was cleaned from, and close the books.

    Give inputs and options as `cleaner clean` got them, and the output last: a file of records (.jsonl, .csv, .tsv,
    .parquet), or a folder of shards, which knows how it was made. Each record of the input must have become one record
    or one reject, in order, with its own fields as they came and an account that leads from its text to the text
    written. Pages are cleaned again where the rules are the same. Of shards also the checksums and counts in the
    markers must be right. Ends with 1 where something is not so.
    What --limit or --sample left out counts as lost.
    """
    if len(paths) < 2:
        raise click.UsageError("give the inputs and then the output", ctx)
    fields, choice = take_fields(settings), take_choice(settings)
    output, began, fast, recleaning = paths[-1], time.monotonic(), settings["fast"], settings["recleaning"]
    folder = find_output(output)
    setting = read_setting(folder) if folder else None
    if setting:
        fields, fast, recleaning = setting.fields, setting.fast, setting.recleaning
    sources = _leave_out(find_inputs(paths[:-1]), output)

    @cache
    def make() -> Cleaner:
        return Cleaner(choice.rules, packs=choice.packs, only=choice.only, without=choice.without, fast=fast)

    keep_memory()
    auditor = Auditor(sources, fields, make, recleaning)
    size = sum(source.size for source in sources) + size_of_output(output)
    with progress("verifying", settings["quiet"], size) as step:
        if folder and setting:
            books = verify_folder(auditor, folder, setting, step)
        else:
            books = verify_file(auditor, output, step)
    if settings["as_json"]:
        told = {**books.describe(), "seconds": round(time.monotonic() - began, 3)}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())
    else:
        for line in _tell(books, time.monotonic() - began):
            click.echo(line)
    ctx.exit(0 if books.close else 1)


def _leave_out(sources: Sequence[Input], output: str) -> list[Input]:
    """Leave the output out of the inputs: it may stand in a folder of them."""
    place = resolve(output).rstrip("/")
    left = [source for source in sources if not f"{resolve(source.path)}/".startswith(f"{place}/")]
    if not left:
        raise InputError(f"{output} is the only input: name what it was cleaned from, and then the output")
    return left


def _tell(books: Books, seconds: float) -> list[str]:
    lines = []
    for one in books.findings:
        where = " -> ".join(filter(None, [one.came, one.written]))
        lines.append(escape_line(f"{one.kind}: {where}: {one.about}"))
    found = books.counts.total()
    if found > len(books.findings):
        lines.append(f"... and {found - len(books.findings)} more")
    tally = books.tally
    lines.append(
        f"{number_of(books.read, 'record')} in = {tally.cleaned} cleaned + {tally.unchanged} unchanged"
        f" + {tally.rejected} rejected{_rest(books)}, in {seconds:.1f} s"
    )
    lines += [f"the input broke off, as its last shard says: {broken}" for broken in books.broken]
    if books.manner.annotate:
        lines.append("the output is annotated: its texts are those of the input")
    if books.again:
        lines.append(f"{number_of(books.again, 'page')} cleaned again, with the same rules")
    for digest, count in books.alone.most_common():
        lines.append(f"{number_of(count, 'page')} not replayed: cleaned with other rules ({digest})")
    if books.close:
        lines.append("the books close: every record replays")
    else:
        kinds = ", ".join(f"{kind} {count}" for kind, count in books.counts.most_common())
        lines.append(f"the books do not close: {number_of(found, 'finding')} ({kinds})")
    return lines


def _rest(books: Books) -> str:
    """Say how many records the sum lacks."""
    left = books.read - books.tally.documents
    return f" + {left} unaccounted for" if left > 0 else ""
