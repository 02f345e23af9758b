"""Write the reference of the command line from the commands themselves: how each is called, what it does, its options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from cleaner.cli.main import main
from manual.rule_files import cell, code
from manual.settings import commands


def write_command_line() -> str:
    """Return a section for each command, those of a group under their group."""
    parts = [_section("cleaner", main, 2)]
    groups: set[str] = set()
    context = click.Context(main)
    for name, command in commands():
        group, _, part = name.partition(" ")
        if part and group not in groups:
            groups.add(group)
            found = main.get_command(context, group)
            assert found is not None
            parts.append(_section(f"cleaner {group}", found, 2))
        parts.append(_section(f"cleaner {name}", command, 3 if part else 2))
    return "\n".join(parts)


def _section(name: str, command: click.Command, level: int) -> str:
    context = click.Context(command, info_name=name, help_option_names=main.context_settings["help_option_names"])
    usage = " ".join(command.collect_usage_pieces(context))
    about = inspect.cleandoc(command.help or "").replace("\b\n", "")
    rows = [_row(parameter) for parameter in command.get_params(context) if isinstance(parameter, click.Option)]
    anchor = name.replace(" ", "-")
    table = "| option | does |\n| --- | --- |\n" + "\n".join(rows)
    return f"{'#' * level} {name} {{#{anchor}}}\n\n```text\n{name} {usage}\n```\n\n{about}\n\n{table}\n"


def _row(option: click.Option) -> str:
    names = ", ".join(map(code, _names(option)))
    extra = option.get_help_extra(click.Context(click.Command("cleaner")))
    small = [f"else {code(extra['default'])}"] if extra.get("default") else []
    small += [code(extra["range"])] if extra.get("range") else []
    small += ["repeatable"] if option.multiple and "repeatable" not in (option.help or "") else []
    about = cell(" ".join((option.help or "").split()))
    return f"| {names} | {about} {'<small>' + '; '.join(small) + '</small>' if small else ''} |"


def _names(option: click.Option) -> Iterator[str]:
    takes = "" if option.is_flag or option.count else f" {option.make_metavar(click.Context(click.Command('cleaner')))}"
    for name in (*option.opts, *option.secondary_opts):
        yield name + (takes if name == max(option.opts, key=len) else "")
