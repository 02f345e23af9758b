"""`cleaner rules`: what rules there are, all about one, what they do to corpora, and all of them in one file."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import yaml

from cleaner.cli.options import json_option, load, rules_option
from cleaner.cli.review import diff, gate, stats
from cleaner.cli.tables import table
from cleaner.errors import OptionError, OutputError
from cleaner.report.number import number_of
from cleaner.report.visible import escape
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule

_HEADS = ("RULE", "CLASS", "KIND", "STATUS", "WHERE", "FILE")


@click.group()
def rules() -> None:
    """List the rules, show one, tell what they do to a corpus, or compile them into one file."""


for command in (gate, stats, diff):
    rules.add_command(command)


@rules.command("list")
@rules_option
@json_option("Write a JSON array.")
def list_(rules: tuple[str, ...], pack: tuple[str, ...], as_json: bool) -> None:
    """List all rules with their class, kind, status, scope and file."""
    found = load(rules, pack).rules
    if as_json:
        click.echo(json.dumps([_summary(rule) for rule in found], ensure_ascii=False, indent=2))
        return
    rows = [(rule.id, rule.class_, rule.kind, rule.status, _where(rule), _place(rule)) for rule in found]
    for line in table([_HEADS, *rows]):
        click.echo(escape(line))


@rules.command("show")
@click.argument("rule_id", metavar="ID")
@rules_option
@json_option("Write a JSON object.")
def show(rule_id: str, rules: tuple[str, ...], pack: tuple[str, ...], as_json: bool) -> None:
    """Show where a rule stands, why it is there, what it matches, and its tests."""
    rule = find(load(rules, pack), rule_id)
    whole = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if as_json:
        click.echo(json.dumps({**whole, "path": rule.path, "line": rule.lineno}, ensure_ascii=False, indent=2))
        return
    click.echo(
        f"{_place(rule)}\n{rule.id}, rev {rule.rev}: {rule.class_}, {rule.kind}, {rule.status}\n{escape(rule.why)}\n"
    )
    parts = {
        name: whole[name] for name in ("scope", rule.kind, "action", "guard", "replaced_by", "tests") if name in whole
    }
    click.echo(escape(yaml.safe_dump(parts, allow_unicode=True, sort_keys=False, width=100)), nl=False)


@rules.command("compile")
@rules_option
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(), help="Write the compiled rules here.")
@json_option("Write a JSON object.")
def compile_(rules: tuple[str, ...], pack: tuple[str, ...], output: str, as_json: bool) -> None:
    """Check all rules, the shipped ones, those of --pack and of --rules, and write them into one file that loads at once.

    Wherever rules are given, the file stands for all it was compiled from, the shipped rules included.
    """
    from cleaner.html.select import Pruner
    from cleaner.match.stock import write_compiled
    from cleaner.rules.compiled import is_compiled

    if Path(output).exists() and not is_compiled(output):
        raise OutputError(f"{output} is there and holds no compiled rules: choose another name, or delete it")
    ruleset = load(rules, pack)
    Pruner(ruleset)  # made here, so that no rule for elements can turn out broken later
    size = write_compiled(ruleset, output)
    if as_json:
        told = {"path": output, "rules": len(ruleset.heads), "bytes": size, "digest": ruleset.digest}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{output}: {number_of(len(ruleset.heads), 'rule')}, {size} bytes, digest {ruleset.digest}")


def find(ruleset: Ruleset, rule_id: str) -> Rule:
    """Return one rule.

    Raises `OptionError`, naming the closest id, where there is none.
    """
    try:
        return ruleset[rule_id]
    except KeyError:
        close = get_close_matches(rule_id, [head.id for head in ruleset.heads], n=1)
        hint = f"did you mean {close[0]}?" if close else "`cleaner rules list` shows all"
        raise OptionError(f"there is no rule {rule_id}; {hint}") from None


def _summary(rule: Rule) -> dict[str, Any]:
    scope = rule.scope.model_dump(mode="json", exclude_defaults=True)
    return {
        "id": rule.id,
        "rev": rule.rev,
        "class": rule.class_,
        "kind": rule.kind,
        "status": rule.status,
        "why": rule.why,
        "scope": scope,
        "path": rule.path,
        "line": rule.lineno,
    }


def _where(rule: Rule) -> str:
    hosts, langs = rule.scope.hosts, ",".join(rule.scope.lang)
    shown = hosts[0] + (f" +{len(hosts) - 1}" if len(hosts) > 1 else "") if hosts else ""
    return " ".join(filter(None, [shown, langs])) or "anywhere"


def _place(rule: Rule) -> str:
    path = Path(rule.path)
    shown = path.relative_to(Path.cwd()) if path.is_absolute() and path.is_relative_to(Path.cwd()) else path
    return f"{shown}:{rule.lineno}"
