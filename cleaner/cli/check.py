"""`cleaner test` and `cleaner lint`: do the rules hold what they promise."""

from __future__ import annotations

import json
from typing import Any

import click

from cleaner.cli.options import json_option, load, load_ready, rules_option
from cleaner.errors import OptionError
from cleaner.report.number import number_of
from cleaner.report.visible import escape
from cleaner.rules.load import load_shipped


@click.command()
@rules_option
@click.option("--own", is_flag=True, help="Run only the tests of what --rules brings in: quick while a rule is written.")
@json_option("Write a JSON array of all trials.")
@click.pass_context
def test(ctx: click.Context, rules: tuple[str, ...], own: bool, as_json: bool) -> None:
    """Run every rule against its own tests: alone, and together with all others."""
    from cleaner.trial import try_rules  # loaded late: it compiles every rule

    if own and not rules:
        raise OptionError("--own needs --rules: it runs the tests of the rules that those files bring in")
    ruleset = load_ready(rules)
    shipped = {(head.id, head.digest) for head in load_shipped().heads} if own else set()
    trials = try_rules(ruleset, [head.id for head in ruleset.heads if (head.id, head.digest) not in shipped])
    failed = [trial for trial in trials if not trial.ok]
    if as_json:
        _write([_plain(trial, ("rule", "number", "mode", "ok", "expected", "got")) for trial in trials])
    else:
        for trial in failed:
            click.echo(f"{trial.rule} test {trial.number} ({trial.mode})")
            click.echo(escape(f"  expected {trial.expected!r}\n  got      {trial.got!r}"))
        click.echo(f"{len(trials)} trials, {len(failed)} failed")
    ctx.exit(1 if failed else 0)


@click.command()
@rules_option
@click.option("--notes", is_flag=True, help="Tell also what could be tidier and changes nothing that is cut.")
@json_option("Write a JSON array of all complaints.")
@click.pass_context
def lint(ctx: click.Context, rules: tuple[str, ...], notes: bool, as_json: bool) -> None:
    """Look for faults in rules that their model lets pass: slow patterns, weak openers, thin tests.

    With --rules only what those files bring in is told, not what the shipped rules have.
    """
    from cleaner.lint import lint as look  # loaded late: it compiles every rule

    told_of = look(load(rules), load_shipped() if rules else None)
    complaints = [found for found in told_of if notes or found.severity != "note"]
    if as_json:
        _write([_plain(c, ("path", "line", "rule", "field", "reason", "hint", "severity")) for c in complaints])
    else:
        for found in complaints:
            about = ", ".join(filter(None, [found.rule, found.field]))
            message = f"{found.path}:{found.line}: {found.severity}: {about}: {found.reason}"
            click.echo(escape(f"{message}. {found.hint}" if found.hint else message))
        tidy = sum(found.severity == "note" for found in complaints)
        told = [number_of(len(complaints) - tidy, "complaint"), *([number_of(tidy, "note")] if notes else [])]
        click.echo(", ".join(told))
    ctx.exit(1 if any(found.severity == "error" for found in complaints) else 0)


def _plain(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _write(rows: list[dict[str, Any]]) -> None:
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
