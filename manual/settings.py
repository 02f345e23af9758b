"""Write the tables of settings from the command line itself: variables of the environment, and keys of pyproject.toml."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import click

from cleaner.cli.config import FLAGS, LISTS, SETTINGS
from cleaner.cli.main import main
from manual.rule_files import cell, code

ELSEWHERE = {
    "CLEANER_CACHE": "the folder of the cache of the shipped rules, or `off`",
}
"""Variables that are no option's."""


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name, those of groups too."""
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", found) for part, found in command.commands.items())
        elif command:
            yield name, command


def write_environment() -> str:
    """Return the table of variables, each with its option and the commands that read it."""
    readers: dict[str, list[str]] = defaultdict(list)
    options: dict[str, str] = {}
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and isinstance(parameter.envvar, str):
                readers[parameter.envvar].append(name)
                options[parameter.envvar] = max(parameter.opts, key=len)
    rows = [
        f"| {code(variable)} | {code(option)} of {_shortly(readers[variable])} |"
        for variable, option in sorted(options.items())
    ]
    rows += [f"| {code(variable)} | {cell(about)} |" for variable, about in ELSEWHERE.items()]
    return "| variable | sets |\n| --- | --- |\n" + "\n".join(sorted(rows)) + "\n"


def _shortly(names: list[str]) -> str:
    if len(names) > 5:
        return f"{len(names)} commands"
    return ", ".join(code(name) for name in names)


def write_project_keys() -> str:
    """Return the table of keys that `[tool.cleaner]` takes."""
    kinds = {**dict.fromkeys(LISTS, "a list of texts"), **dict.fromkeys(FLAGS, "`true` or `false`")}
    rows = [f"| {code(name)} | {kinds.get(name, 'one value')} |" for name in SETTINGS]
    return "| key | takes |\n| --- | --- |\n" + "\n".join(rows) + "\n"
