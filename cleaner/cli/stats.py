"""`cleaner stats`: what a run did, from the markers of its shards or from its records."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import orjson

from cleaner.audit.sides import find_output
from cleaner.audit.stats import Stats, rank, stats_of_file, stats_of_folder
from cleaner.bulk.tally import Tally
from cleaner.cli.options import field_options, json_option, take_fields
from cleaner.cli.progress import progress, size_of_output
from cleaner.cli.tables import table
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line

Row = tuple[str, ...]

_TALLIED = ("RECORDS", "CLEANED", "UNCHANGED", "REJECTED", "REMOVED")


@click.command()
@click.argument("output", metavar="OUTPUT")
@click.option("--read", is_flag=True, help="Read the records of a folder too: classes, and the share of each source.")
@click.option(
    "--top", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Show so many rows."
)
@field_options
@json_option("Write all of it as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress.")
@click.pass_context
def stats(ctx: click.Context, /, output: str, read: bool, top: int, **settings: Any) -> None:
    """Tell what a run did: records, share removed, rules, flags, rejects, and what is missing.

    OUTPUT is a folder of shards, whose markers tell at once, or a file of records (.jsonl, .csv, .tsv, .parquet), which are read.
    Ends with 1 where shards are missing, an input broke off, or a file cannot be read to its end.
    """
    fields, annotate = take_fields(settings), None
    folder = find_output(output)
    if folder and read:
        from cleaner.audit.shards import read_setting  # loaded late: markers need no engine

        setting = read_setting(folder)
        fields, annotate = setting.fields, setting.annotate
    size = size_of_output(output)
    with progress("reading", settings["quiet"] or bool(folder and not read), size) as step:
        if folder:
            found = stats_of_folder(folder, fields if read else None, step, annotate=annotate)
        else:
            found = stats_of_file(output, fields, step)
    if settings["as_json"]:
        click.echo(orjson.dumps(found.describe(), option=orjson.OPT_INDENT_2).decode())
    else:
        _show(output, found, top)
    ctx.exit(1 if found.missing or found.unfinished or found.broken or found.unread else 0)


def _show(output: str, stats: Stats, top: int) -> None:
    write, draw = _tools()
    for line in _head(output, stats):
        write(line)
    tally = stats.tally
    draw(("INPUT", *_TALLIED), [_row(name, part) for name, part in _most(stats.parts, list(stats.parts), top)])
    draw(("SOURCE", *_TALLIED), [_row(name, part) for name, part in _most(stats.sources, rank(stats.sources), top)])
    draw(("RULE", "CUTS"), _counts(tally.top_rules(top)))
    shares = [(name, f"{size / max(tally.characters, 1):.2%}") for name, size in stats.classes.most_common(top)]
    draw(("CLASS", "REMOVED"), shares)
    draw(("FLAG", "DOCUMENTS"), _counts(tally.top_flags(top)))
    draw(("REJECTED BECAUSE", "RECORDS"), _counts(stats.reasons.most_common(top)))
    draw(("NO PAGES", "RESPONSES"), _counts(stats.passed.most_common(top)))


def _head(output: str, stats: Stats) -> list[str]:
    tally = stats.tally
    lines = [
        f"{output}: {number_of(tally.documents, 'record')} = {tally.cleaned} cleaned + {tally.unchanged} unchanged"
        f" + {tally.rejected} rejected; {tally.share:.1%} of {tally.characters} characters removed"
    ]
    if stats.shards:
        size, rate = stats.bytes / 1e6, f", {stats.rate:.1f} MB/s" if stats.rate else ""
        lines.append(
            f"{number_of(stats.shards, 'shard')} of {size:.1f} MB of inputs as stored, in {stats.seconds:.1f} s{rate}"
        )
    if tally.flagged:
        lines.append(f"{number_of(tally.flagged, 'document')} flagged")
    if len(stats.digests) > 1:
        lines.append(
            "cleaned by different rules: " + ", ".join(f"{name} {n}" for name, n in stats.digests.most_common())
        )
    lines += [f"missing: {name}" for name in stats.missing]
    lines += [f"not finished: {name}" for name in stats.unfinished]
    lines += [f"broke off: {told}" for told in stats.broken]
    lines += [f"not read: {told}" for told in stats.unread]
    return lines


def _most(tallies: Mapping[str, Tally], names: Sequence[str], top: int) -> list[tuple[str, Tally]]:
    """Return the first tallies, and all others as one."""
    rows = [(name, tallies[name]) for name in names[:top]]
    rest = Tally()
    for name in names[top:]:
        rest.update(tallies[name])
    return [*rows, (f"{len(names) - top} more", rest)] if len(names) > top else rows


def _row(name: str, tally: Tally) -> Row:
    counts = (tally.documents, tally.cleaned, tally.unchanged, tally.rejected)
    return (name, *map(str, counts), f"{tally.share:.1%}")


def _counts(pairs: Sequence[tuple[str, int]]) -> list[Row]:
    return [(name, str(count)) for name, count in pairs]


def _tools() -> tuple[Callable[[str], None], Callable[[Row, Sequence[Row]], None]]:
    """Return what writes a line and what draws a table: plain, or on a terminal with rules and alignment."""
    if not sys.stdout.isatty():
        return lambda line: click.echo(escape_line(line)), _draw_plain
    from rich.console import Console  # loaded late: only a terminal needs it
    from rich.table import Table
    from rich.text import Text

    console = Console()

    def draw(head: Row, rows: Sequence[Row]) -> None:
        if rows:
            drawn = Table(box=None, padding=(0, 2, 0, 0), title_justify="left", header_style="bold")
            for number, name in enumerate(head):
                drawn.add_column(name, justify="right" if number else "left", overflow="fold")
            for row in rows:
                drawn.add_row(*(Text(escape_line(cell)) for cell in row))
            console.print()
            console.print(drawn)

    return lambda line: console.print(Text(escape_line(line)), soft_wrap=True), draw


def _draw_plain(head: Row, rows: Sequence[Row]) -> None:
    if rows:
        click.echo()
        for line in table([head, *([escape_line(cell) for cell in row] for row in rows)]):
            click.echo(line)
