"""`cleaner explain`: one document with each cut in place."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import click

from cleaner.bulk.batch import try_clean
from cleaner.clean import Cleaner
from cleaner.cli.options import (
    Choice,
    field_options,
    json_option,
    option,
    playground_option,
    rule_options,
    take_choice,
    take_fields,
)
from cleaner.errors import InputError, OptionError
from cleaner.io.file import NewFile
from cleaner.io.inputs import find_inputs
from cleaner.io.press import press, press_of
from cleaner.io.read import read_entries
from cleaner.io.record import Entry, Fields, describe
from cleaner.model import Cleaned, Rejected
from cleaner.rules.load import Ruleset


@click.command()
@click.argument("input_", metavar="INPUT")
@click.option("--id", "id_", metavar="ID", help="Which document, where the input holds more than one.")
@click.option("--html", "html", metavar="FILE", help="Write an HTML page instead (- for standard output).")
@json_option("Write the account as JSON instead.")
@playground_option
@field_options
@rule_options
@option("--fast", is_flag=True, help="Pages: ask one extractor only, as `clean --fast` does.")
@option("--recleaning", is_flag=True, help="Accept records that have been cleaned before.")
def explain(input_: str, id_: str | None, html: str | None, as_json: bool, **settings: Any) -> None:
    """Show what is cut from one document and which rules asked for it, then what was recovered.

    Of a page, what was dropped before its text was extracted stands below, and where each field comes from. INPUT is
    anything that `clean` reads. Control and direction characters are written out as <U+202E>.
    """
    if settings["playground"] and html is None:
        raise OptionError("--playground links the page that --html FILE writes: give both")
    fields, choice = take_fields(settings), take_choice(settings)
    entry = find_entry(input_, id_, fields, settings["recleaning"])
    result = entry.value
    if not isinstance(result, Rejected):
        cleaner = Cleaner(
            choice.rules, packs=choice.packs, only=choice.only, without=choice.without, fast=settings["fast"]
        )
        tried = try_clean(cleaner, entry)
        if isinstance(tried, Cleaned):
            if html is None:
                return _show(tried, cleaner.ruleset, as_json)
            command = _command(input_, result.id, choice)
            return _write_page(tried, cleaner.ruleset, input_, html, settings["playground"] or "", command)
        result = tried
    raise InputError(f"{result.id}: {result.reason}")


def find_entry(path: str, id_: str | None, fields: Fields, recleaning: bool) -> Entry:
    """Return the document with an id, or the only one there is.

    Raises `InputError` where there is none, `OptionError` where there are more and no id was given.
    """
    first: list[Entry] = []
    for entry in read_entries(find_inputs([path]), fields, recleaning):
        if id_ is not None and entry.value.id == id_:
            return entry
        if len(first) < 2:
            first.append(entry)
        if len(first) == 2 and id_ is None:
            names = " and ".join(repr(entry.value.id) for entry in first)
            raise OptionError(f"{path} holds more than one document: choose with --id (the first are {names})")
    if first and id_ is None:
        return first[0]
    names = " and ".join(repr(entry.value.id) for entry in first)
    there = f" (the first {'are' if len(first) == 2 else 'is'} {names})" if first else ""
    raise InputError(f"{path} holds no document" + (f" with the id {id_!r}{there}" if id_ is not None else ""))


def _show(cleaned: Cleaned, ruleset: Ruleset, as_json: bool) -> None:
    if as_json:
        _write_json(cleaned)
    else:
        from rich.console import Console  # loaded late: neither page nor JSON needs it

        from cleaner.report.terminal import show

        show(cleaned, Console(), ruleset)


def _command(source: str, id_: str, choice: Choice) -> str:
    """Write the command that opens the same document in the playground; none for standard input, which is gone by then."""
    if source == "-":
        return ""
    rules = [part for path in choice.rules for part in ("--rules", path)]
    packs = [part for name in choice.packs for part in ("--pack", name)]
    return shlex.join(["cleaner", "serve", source, "--id", id_, *rules, *packs])


def _write_page(
    cleaned: Cleaned, ruleset: Ruleset, source: str, html: str, playground: str = "", command: str = ""
) -> None:
    from cleaner.report.page import draw_page  # loaded late: only this needs Jinja2

    page = draw_page(cleaned, ruleset, playground, command)
    if html == "-":
        click.echo(page)
        return
    if Path(html).resolve() == Path(source).resolve():
        raise OptionError(f"{html} is the input: choose another file")
    file = NewFile(Path(html))
    file.write(press(page.encode(), press_of(html)))
    file.commit()


def _write_json(cleaned: Cleaned) -> None:
    document = cleaned.document
    known = {"id": document.id, "url": document.url, "title": cleaned.title, "text": cleaned.text}
    account = {**known, "source": cleaned.source, "cleaning": describe(cleaned)}
    text = json.dumps(account, ensure_ascii=False, indent=2)
    if any("\ud800" <= char <= "\udfff" for char in text):
        text = json.dumps(account, indent=2)
    click.echo(text)
