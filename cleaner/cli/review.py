"""`cleaner rules gate`, `stats` and `diff`: what rules do to corpora."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cleaner.cli.options import (
    Amount,
    field_options,
    json_option,
    load,
    load_ready,
    option,
    rule_options,
    rules_option,
    take_choice,
    take_fields,
)
from cleaner.cli.progress import progress
from cleaner.cli.tables import table
from cleaner.errors import InputError, OptionError
from cleaner.io.inputs import find_inputs
from cleaner.io.record import Fields
from cleaner.model import Rejected
from cleaner.report.number import number_of
from cleaner.report.visible import escape_line
from cleaner.rules.load import Ruleset, load_rules

if TYPE_CHECKING:
    from cleaner.clean import Cleaner
    from cleaner.io.record import Entry
    from cleaner.model import Cleaned
    from cleaner.review.change import Changes, Piece
    from cleaner.review.drift import Shift
    from cleaner.review.gate import Hit
    from cleaner.review.usage import Usage
    from cleaner.rules.prose import Passage

SHIPPED = "shipped"
"""Names the rules that come with the package where a path is asked for."""

_PART = 80  # code points shown of what is cut
_NAMED = 5  # rules named in a summary line


@click.command()
@click.argument("corpus", nargs=-1, metavar="[CORPUS]...")
@click.option(
    "--allow", multiple=True, type=click.Path(), help="A file of hits that are allowed, each with its reason."
)
@click.option("--unbound", is_flag=True, help="Lift hosts, proofs, languages and dates off the rules.")
@click.option("--flat/--no-flat", default=True, show_default=True, help="Try each text on one line as well.")
@rules_option
@field_options
@option("-q", "--quiet", is_flag=True, help="No progress bar.")
@json_option("Write a JSON object.")
@click.pass_context
def gate(
    ctx: click.Context, /, corpus: tuple[str, ...], allow: tuple[str, ...], unbound: bool, flat: bool, **settings: Any
) -> None:
    """Run every rule over clean text and show what it would cut there; exit code 1 if that is allowed nowhere.

    CORPUS is anything that `clean` reads: articles without noise, in the field that --text-field names; of records with
    `spans` the parts labelled `body`. Without any, the clean passages that come with the package are tried, and the hits
    listed beside them are allowed.
    """
    from cleaner.review.gate import Gate, read_allowances, sift  # loaded late: it compiles every rule
    from cleaner.rules.prose import shipped_clean

    listed_in = allow if corpus else (*allow, str(shipped_clean() / "allowed.yaml"))
    allowed = [allowance for path in listed_in for allowance in read_allowances(path)]
    trier = Gate(load(settings["rules"], settings["pack"]), unbound, flat)
    hits: list[Hit] = []
    passages = characters = 0
    for passage in _passages(corpus, take_fields(settings), settings["quiet"]):
        passages += 1
        characters += len(passage.text)
        hits += trier.hits(passage)
    unlisted, listed, stale = sift(hits, [allowance for allowance in allowed if trier.tries(allowance)])
    counts = {"passages": passages, "characters": characters, "allowed": len(listed)}
    if settings["as_json"]:
        unmet = [allowance.model_dump() for allowance in stale]
        _write({**counts, "hits": [hit.describe() for hit in unlisted], "stale": unmet})
    else:
        for line in _draw_hits(unlisted):
            click.echo(line)
        for allowance in stale:
            click.echo(escape_line(f"unmet: {allowance.rule} cuts nothing that begins {allowance.passage!r}"))
        found = f"{number_of(len(unlisted), 'hit')} in {number_of(passages, 'passage')}"
        click.echo(f"{found}, {len(listed)} allowed, {number_of(len(stale), 'allowance')} unmet")
    ctx.exit(1 if unlisted else 0)


def _passages(corpus: Sequence[str], fields: Fields, quiet: bool) -> Iterator[Passage]:
    from cleaner.review.corpus import read_clean
    from cleaner.rules.prose import load_clean

    if not corpus:
        yield from load_clean()
        return
    passed: Counter[str] = Counter()
    with progress("trying", quiet, sum(source.size for source in find_inputs(corpus))) as watch:
        yield from read_clean(corpus, fields, watch, passed)
    _tell(passed)


def _draw_hits(hits: Iterable[Hit]) -> Iterator[str]:
    by_rule: dict[str, list[Hit]] = {}
    for hit in hits:
        by_rule.setdefault(hit.rule, []).append(hit)
    for rule, found in sorted(by_rule.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        where = len({hit.passage for hit in found})
        size = f"{number_of(len(found), 'hit')} in {number_of(where, 'passage')}"
        yield f"{rule} ({found[0].class_}, {found[0].status}): {size}"
        for hit in found:
            yield f"  {escape_line(hit.passage)}, line {hit.line}, {hit.layout}"
            yield f"    {_marked(hit.before, hit.quote, hit.after)}"


def _marked(before: str, text: str, after: str, sign: str = "-") -> str:
    return escape_line(" ".join(filter(None, [before, f"[{sign}{text}{sign}]", after])))


@click.command()
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@rule_options
@field_options
@click.option("--against", metavar="FILE", help="Show which hit rates moved since this output of `stats --json`.")
@click.option("--level", type=Amount(0, 1), default=0.01, show_default=True, help="What chance may explain.")
@click.option("--examples", type=click.IntRange(0), default=3, show_default=True, help="Examples for each rule.")
@option("-q", "--quiet", is_flag=True, help="No progress bar.")
@json_option("Write a JSON object.")
@click.pass_context
def stats(
    ctx: click.Context, /, corpus: tuple[str, ...], against: str | None, level: float, examples: int, **settings: Any
) -> None:
    """Tell what each rule does to a corpus: documents, cuts, tokens, overlaps, and which rules never fire.

    With --against the exit code is 1 if hit rates moved by more than chance explains.
    """
    from cleaner.clean import Cleaner
    from cleaner.review.drift import hits_of, shifts
    from cleaner.review.usage import Usage

    fields, choice = take_fields(settings), take_choice(settings)
    baseline = hits_of(_read_json(against), against) if against else None
    cleaner = Cleaner(choice.rules, packs=choice.packs, only=choice.only, without=choice.without)
    usage = Usage.of(cleaner.ruleset, examples)
    for entry in _entries(corpus, fields, settings["quiet"], "counting"):
        result = _clean(cleaner, entry)
        if result:
            usage.add(result)
    moved: list[Shift] = []
    if baseline:
        hits = {rule: use.documents for rule, use in usage.rules.items()}
        moved = shifts(*baseline, hits, usage.documents, level)
    if settings["as_json"]:
        told = {"shifts": [shift.describe() for shift in moved]} if baseline else {}
        _write({**usage.describe(cleaner.ruleset), **told})
    else:
        for line in _draw_usage(usage, cleaner.ruleset):
            click.echo(line)
        if baseline:
            for line in _draw_shifts(moved):
                click.echo(line)
    ctx.exit(1 if moved else 0)


def _draw_usage(usage: Usage, ruleset: Ruleset) -> Iterator[str]:
    yield f"{number_of(usage.documents, 'document')}, {usage.touched} cut; {_share(usage.removed_tokens, usage.tokens)} of the tokens"
    if not usage.rules:
        return
    ranked = sorted(usage.rules.items(), key=lambda pair: (-pair[1].documents, pair[0]))
    heads = ("RULE", "CLASS", "DOCUMENTS", "SHARE", "CUTS", "ALONE", "TOKENS", "LANGUAGES")
    rows = [
        (
            rule,
            usage.classes.get(rule, ""),
            str(use.documents),
            _share(use.documents, usage.documents),
            str(use.cuts),
            str(use.alone),
            str(use.tokens),
            " ".join(f"{lang}:{count}" for lang, count in use.languages.most_common(_NAMED)),
        )
        for rule, use in ranked
    ]
    yield from ("", *table([heads, *rows]))
    classes = sorted(usage.kinds.items(), key=lambda pair: (-pair[1].tokens, pair[0]))
    shown = [(name, str(use.documents), str(use.cuts), str(use.tokens)) for name, use in classes]
    yield from ("", *table([("CLASS", "DOCUMENTS", "CUTS", "TOKENS"), *shown]))
    if overlaps := usage.overlaps():
        pairs = [(o.one, o.two, str(o.shared), f"{o.jaccard:.2f}", f"{o.contained:.2f}") for o in overlaps]
        yield from ("", *table([("RULE", "CUTS THE SAME AS", "SHARED", "JACCARD", "CONTAINED"), *pairs]))
    if any(use.examples for _, use in ranked):
        yield ""
    for rule, use in ranked:
        for example in use.examples.values():
            yield escape_line(f"{rule}: {example.text} ({example.document})")
    idle = usage.idle(ruleset)
    yield from ("", f"{number_of(len(idle), 'rule')} never fired" + (f": {', '.join(idle)}" if idle else ""))


def _draw_shifts(moved: Sequence[Shift]) -> Iterator[str]:
    yield from ("", f"{number_of(len(moved), 'rule')} moved")
    if moved:
        rows = [
            (s.rule, _share(s.old, s.old_documents), _share(s.new, s.new_documents), f"{s.chance:.1g}") for s in moved
        ]
        yield from table([("RULE", "THEN", "NOW", "CHANCE"), *rows])


@click.command()
@click.argument("old")
@click.argument("new")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--extend", is_flag=True, help="Load OLD and NEW each on top of the shipped rules.")
@click.option("--samples", type=click.IntRange(0), default=3, show_default=True, help="Samples for each rule.")
@field_options
@option("-q", "--quiet", is_flag=True, help="No progress bar.")
@json_option("Write a JSON object.")
@click.pass_context
def diff(
    ctx: click.Context, /, old: str, new: str, corpus: tuple[str, ...], extend: bool, samples: int, **settings: Any
) -> None:
    """Compare what two sets of rules make of a corpus; exit code 1 if any document differs.

    OLD and NEW are each a folder of rule files, one file, or `shipped`, and stand for themselves unless --extend is set.
    """
    from cleaner.clean import Cleaner
    from cleaner.review.change import Changes

    fields = take_fields(settings)
    before, after = (Cleaner(_load_side(path, extend)) for path in (old, new))
    changes = Changes(samples)
    for entry in _entries(corpus, fields, settings["quiet"], "comparing"):
        one, two = _clean(before, entry), _clean(after, entry)
        if one and two:
            changes.add(one, two)
    if settings["as_json"]:
        _write(changes.describe())
    else:
        _show_changes(changes)
    ctx.exit(1 if changes.changed else 0)


def _load_side(path: str, extend: bool) -> Ruleset:
    if path == SHIPPED:
        return load_ready(())
    return load_ready([path]) if extend else load_rules([path])


def _show_changes(changes: Changes) -> None:
    click.echo(f"{len(changes.changed)} of {number_of(changes.documents, 'document')} changed")
    signs = {"cut": ("newly cut", "-", "red"), "kept": ("newly kept", "+", "green")}
    for (rule, direction), count in changes.ranked():
        about, sign, colour = signs[direction]
        size = f"{number_of(count.characters, 'character')} in {number_of(count.documents, 'document')}"
        click.echo("\n" + click.style(f"{rule}: {about}, {size}", bold=True))
        for piece in changes.samples[rule, direction]:
            click.echo(f"  {escape_line(piece.document)}: {_draw_piece(piece, sign, colour)}")
    if moved := changes.moved():
        rows = [(rule, str(one), str(two)) for rule, one, two in moved]
        click.echo()
        for line in table([("DOCUMENTS HIT BY", "OLD", "NEW"), *rows]):
            click.echo(line)


def _draw_piece(piece: Piece, sign: str, colour: str) -> str:
    text = piece.text if len(piece.text) <= _PART else piece.text[: _PART - 1].rstrip() + "…"
    marked = click.style(escape_line(f"[{sign}{text}{sign}]"), fg=colour)
    return " ".join(filter(None, [escape_line(piece.before), marked, escape_line(piece.after)]))


def _entries(corpus: Sequence[str], fields: Fields, quiet: bool, label: str) -> Iterator[Entry]:
    from cleaner.io.read import read_entries

    sources, read = find_inputs(corpus), 0
    passed: Counter[str] = Counter()
    with progress(label, quiet, sum(source.size for source in sources)) as watch:
        for entry in read_entries(sources, fields, True, watch):
            if isinstance(entry.value, Rejected):
                passed[entry.value.reason] += 1
            else:
                read += 1
                yield entry
    _tell(passed)
    if not read:
        raise InputError(f"{', '.join(corpus)}: no documents; each record needs a text, see --text-field")


def _tell(passed: Counter[str]) -> None:
    """Say how many records were passed over, and why most of them."""
    if passed:
        reason, _ = passed.most_common(1)[0]
        click.echo(f"{number_of(passed.total(), 'record')} passed over: {escape_line(reason)}", err=True)


def _clean(cleaner: Cleaner, entry: Entry) -> Cleaned | None:
    """Clean a document; None, and a line that says so, where that fails."""
    from cleaner.bulk.batch import try_clean

    result = try_clean(cleaner, entry)
    if not isinstance(result, Rejected):
        return result
    click.echo(escape_line(f"{result.id} passed over: {result.reason}"), err=True)
    return None


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "0.00%"


def _read_json(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError(f"{path} cannot be read: {error}") from None


def _write(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
