"""`cleaner test` and `cleaner lint`: do the rules hold what they promise."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cleaner.cli.options import Function, json_option, load, load_ready, rules_option
from cleaner.errors import OptionError, RuleError
from cleaner.report.number import number_of
from cleaner.report.visible import escape
from cleaner.rules.load import load_shipped

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def github_option(function: Function) -> Function:
    """Add `--github`."""
    about = "Write what is wrong as workflow commands of GitHub, which shows each beside its line."
    return click.option("--github", is_flag=True, help=about)(function)


@click.command()
@rules_option
@click.option("--own", is_flag=True, help="Run only the tests of rules that --rules and --pack bring in.")
@github_option
@json_option("Write a JSON array of all trials.")
@click.pass_context
def test(
    ctx: click.Context, rules: tuple[str, ...], pack: tuple[str, ...], own: bool, github: bool, as_json: bool
) -> None:
    """Run every rule against its own tests: alone, and together with all others."""
    from cleaner.trial import run_trials  # loaded late: it compiles every rule

    _check(github, as_json)
    with _annotated(github):
        ruleset = load_ready(rules, pack)
    known = {head.id for head in load_shipped().heads} if own else set()
    trials = list(run_trials(ruleset, {head.id for head in ruleset.heads} - known if own else None))
    failed = [trial for trial in trials if not trial.ok]
    if as_json:
        _write([_plain(trial, ("rule", "number", "mode", "ok", "expected", "got")) for trial in trials])
        ctx.exit(1 if failed else 0)
    for trial in failed:
        what = f"{trial.rule} test {trial.number} ({trial.mode})"
        told = escape(f"expected {trial.expected!r}\ngot      {trial.got!r}")
        if github:
            rule = ruleset[trial.rule]
            click.echo(annotation("error", rule.path, rule.lineno, what, told))
        else:
            click.echo(what + "\n" + "\n".join(f"  {line}" for line in told.split("\n")))
    click.echo(f"{len(trials)} trials, {len(failed)} failed")
    ctx.exit(1 if failed else 0)


@click.command()
@rules_option
@click.option("--notes", is_flag=True, help="Tell also what could be tidier and changes nothing that is cut.")
@github_option
@json_option("Write a JSON array of all complaints.")
@click.pass_context
def lint(
    ctx: click.Context, rules: tuple[str, ...], pack: tuple[str, ...], notes: bool, github: bool, as_json: bool
) -> None:
    """Look for faults in rules that their model lets pass: slow patterns, weak openers, thin tests.

    With --rules or --pack only what those bring in is told, not what the shipped rules have.
    """
    from cleaner.lint import lint as look  # loaded late: it compiles every rule

    _check(github, as_json)
    with _annotated(github):
        ruleset = load(rules, pack)
    told_of = look(ruleset, load_shipped() if rules or pack else None)
    complaints = [found for found in told_of if notes or found.severity != "note"]
    if as_json:
        _write([_plain(c, ("path", "line", "rule", "field", "reason", "hint", "severity")) for c in complaints])
        ctx.exit(1 if any(found.severity == "error" for found in complaints) else 0)
    for found in complaints:
        about = ", ".join(filter(None, [found.rule, found.field]))
        told = f"{found.reason}. {found.hint}" if found.hint else found.reason
        if github:
            click.echo(annotation(_LEVELS[found.severity], found.path, found.line, about, escape(told)))
        else:
            click.echo(escape(f"{found.path}:{found.line}: {found.severity}: {about}: {told}"))
    tidy = sum(found.severity == "note" for found in complaints)
    counts = [number_of(len(complaints) - tidy, "complaint"), *([number_of(tidy, "note")] if notes else [])]
    click.echo(", ".join(counts))
    ctx.exit(1 if any(found.severity == "error" for found in complaints) else 0)


def annotation(level: str, path: str, line: int, title: str, message: str) -> str:
    r"""Write a workflow command of GitHub: one line that shows a message beside a line of a file.

    >>> annotation("error", "rules/a,b.yaml", 3, "tests.one: eq", "100% wrong\nnext line")
    '::error file=rules/a%2Cb.yaml,line=3,title=tests.one%3A eq::100%25 wrong%0Anext line'
    """
    known = {"file": _from_checkout(path), "line": str(line) if line else "", "title": title}
    shown = ",".join(f"{name}={_as_property(value)}" for name, value in known.items() if value)
    return f"::{level}{shown and ' ' + shown}::{_as_data(message)}"


def _from_checkout(path: str) -> str:
    """Return a path as GitHub looks for it: from the folder of the checkout, with slashes."""
    root = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd()).resolve()
    whole = Path(path).resolve() if Path(path).exists() else Path(path)
    return (whole.relative_to(root) if whole.is_relative_to(root) else Path(path)).as_posix() if path else ""


def _as_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _as_property(text: str) -> str:
    return _as_data(text).replace(":", "%3A").replace(",", "%2C")


@contextmanager
def _annotated(github: bool) -> Iterator[None]:
    """Tell GitHub as well of a rule that cannot be loaded."""
    try:
        yield
    except RuleError as error:
        if github:
            about = ", ".join(filter(None, [error.rule, error.field]))
            told = f"{error.reason}. {error.hint}" if error.hint else error.reason
            click.echo(annotation("error", error.path, error.line, about, escape(told)))
        raise


def _check(github: bool, as_json: bool) -> None:
    if github and as_json:
        raise OptionError("--github and --json both write to standard output: choose one")


def _plain(value: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _write(rows: list[dict[str, Any]]) -> None:
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2, default=str))
