"""`cleaner mine`: propose rules from a corpus, each with its evidence and its tests."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import orjson

from cleaner.cli.main import INTERRUPTED
from cleaner.cli.options import Amount, field_options, json_option, load_ready, option, rules_option, take_fields
from cleaner.cli.progress import progress
from cleaner.errors import InputError, OptionError, OutputError
from cleaner.io.inputs import Input, find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Fields
from cleaner.mine.corpus import Corpus
from cleaner.mine.miner import PASSES, Mined, Miner, Settings, lazy_extractor
from cleaner.mine.paper import describe, write_rules
from cleaner.mine.proposal import Proposal, source_slug
from cleaner.mine.tokens import normalize
from cleaner.model import Document
from cleaner.report.number import number_of

_CHUNK = 1 << 20


@click.command()
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option(
    "-o", "--output", metavar="OUTPUT", help="A rule file (.yaml, or .json), or a folder/ for one file a source."
)
@field_options
@rules_option
@option("--all", "known_too", is_flag=True, help="Propose also what loaded rules cut, and what hits clean text often.")
@option("--clean", multiple=True, metavar="FILE", help="Hold proposals to the texts of this file; repeatable.")
@option(
    "--min-docs",
    type=click.IntRange(min=2),
    default=5,
    show_default=True,
    metavar="N",
    help="In so many documents of a source at least.",
)
@option(
    "--min-share",
    type=Amount(0, 1),
    default=0.03,
    show_default=True,
    metavar="SHARE",
    help="And in this share of them.",
)
@option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the most useful proposals.")
@option("--source", "sources", multiple=True, metavar="NAME", help="Mine only this source; repeatable.")
@option(
    "--sample",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    metavar="N",
    help="Count so many documents of each source; 0: all.",
)
@json_option("Write proposals and evidence as JSON.")
@option("--quiet", "-q", is_flag=True, help="No progress and no summary.")
@click.pass_context
def mine(ctx: click.Context, /, corpus: tuple[str, ...], output: str | None, **settings: Any) -> None:
    """Propose rules for what many documents of one source share, to standard output or OUTPUT.

    CORPUS is what `cleaner clean` reads; it is read three times, standard input from a temporary file. Documents count
    by `source`, else by the host of `url`, else by file. Proposals are experimental: they run once you raise their status.
    """
    fields, began = take_fields(settings), time.monotonic()
    as_json = settings["as_json"] or bool(output and output.endswith(".json"))
    _check_output(output, as_json)
    ruleset = load_ready(settings["rules"], settings["pack"])
    with _spooled(corpus) as inputs:
        size = PASSES * sum(source.size for source in inputs)
        try:
            with progress("mining", settings["quiet"], size) as step:
                mined = Miner(
                    Corpus(inputs, fields, partial(lazy_extractor, ruleset)),
                    ruleset,
                    _settings(settings),
                    tuple(_clean_texts(settings["clean"], fields)),
                    step,
                ).mine()
        except KeyboardInterrupt:
            click.echo("cleaner: interrupted; nothing was written", err=True)
            ctx.exit(INTERRUPTED)
    _write(mined, output, as_json)
    if not settings["quiet"]:
        _summarize(mined, time.monotonic() - began, output)


def _settings(given: dict[str, Any]) -> Settings:
    return Settings(
        min_docs=given["min_docs"],
        min_share=given["min_share"],
        limit=given["limit"] or 0,
        sources=given["sources"],
        sample=given["sample"],
        known_too=given["known_too"],
    )


@contextmanager
def _spooled(paths: Sequence[str]) -> Iterator[list[Input]]:
    """Find the inputs; standard input goes to a temporary file, since a corpus is read more than once."""
    if "-" not in paths:
        yield find_inputs(paths)
        return
    with tempfile.TemporaryDirectory(prefix="cleaner-mine-") as folder:
        spool = Path(folder) / "stdin.jsonl"
        with spool.open("wb") as file:
            while chunk := sys.stdin.buffer.read(_CHUNK):
                file.write(chunk)
        if spool.stat().st_size == 0:
            raise InputError("standard input is empty; `cleaner mine` takes JSONL records there")
        yield find_inputs([str(spool) if path == "-" else path for path in paths])


def _clean_texts(paths: Sequence[str], fields: Fields) -> Iterator[str]:
    for entry in read_entries(find_inputs(paths), fields, True):
        if isinstance(entry.value, Document):
            yield normalize(entry.value.text)


def _check_output(output: str | None, as_json: bool) -> None:
    if output and as_json and _is_folder(output):
        raise OptionError(f"-o {output}: JSON is one file; end its name with .json, or leave --json out")
    if output and not output.endswith((".yaml", ".yml", ".json")) and not _is_folder(output):
        raise OptionError(f"-o {output}: end it with .yaml or .json for one file, or with / for a folder of rule files")


def _is_folder(output: str) -> bool:
    return output.endswith("/") or os.path.isdir(output)


def _write(mined: Mined, output: str | None, as_json: bool) -> None:
    if as_json:
        _put(output, orjson.dumps([describe(p) for p in mined.proposals], option=orjson.OPT_INDENT_2) + b"\n")
        return
    if output and _is_folder(output):
        try:
            Path(output).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{output} cannot be made: {error.strerror or error}") from None
        for slug, group in groupby(sorted(mined.proposals, key=_slug), key=_slug):
            proposals = list(group)
            sources = ", ".join(sorted({p.candidate.source for p in proposals}))
            _put(str(Path(output) / f"{slug}.yaml"), _file(proposals, sources))
        return
    _put(output, _file(mined.proposals, f"{mined.mined} of {mined.sources} sources"))


def _slug(proposal: Proposal) -> str:
    return source_slug(proposal.candidate.source)


def _file(proposals: Sequence[Proposal], about: str) -> bytes:
    return write_rules(proposals, f"{about}: {number_of(len(proposals), 'rule')} proposed by `cleaner mine`.").encode()


def _put(path: str | None, content: bytes) -> None:
    if path is None:
        click.echo(content, nl=False)
        return
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}") from None


def _summarize(mined: Mined, seconds: float, output: str | None) -> None:
    where = f" in {output}" if output else ""
    click.echo(
        f"{number_of(len(mined.proposals), 'rule')} proposed{where}, from {number_of(mined.documents, 'document')}, "
        f"{mined.mined} of {mined.sources} sources large enough, in {seconds:.1f} s",
        err=True,
    )
    if mined.rejected:
        click.echo(f"{number_of(mined.rejected, 'record')} could not be read and passed over", err=True)
