"""Name the commands, load each when it is called, and turn errors into one line and an exit code.

0 done, 1 findings or rejects, 2 usage, configuration or I/O, 130 interrupted. Flags count before the environment (CLEANER_LEAN=1),
that before `[tool.cleaner]` in pyproject.toml, that before the defaults.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import click

from cleaner.cli.config import read_defaults
from cleaner.errors import CleanerError, OutputError

_COMMANDS = MappingProxyType(
    {
        "clean": ("cleaner.cli.clean:clean", "Clean documents: files, folders, JSONL, CSV or standard input."),
        "verify": ("cleaner.cli.verify:verify", "Replay every record of an output, and close the books."),
        "stats": ("cleaner.cli.stats:stats", "Tell what a run did, from its shards or its records."),
        "report": ("cleaner.cli.report:report", "Write what a run did as one HTML page, with samples of what went."),
        "explain": ("cleaner.cli.explain:explain", "Show one document with each cut in place, and why."),
        "serve": ("cleaner.cli.serve:serve", "Try, change and make rules on a page in the browser."),
        "rules": (
            "cleaner.cli.rules:rules",
            "List the rules, show one, tell what they do to a corpus, or compile them into one file.",
        ),
        "pack": ("cleaner.cli.pack:pack", "List rule packs that are installed, show one, or begin a new one."),
        "test": ("cleaner.cli.check:test", "Run every rule against its own tests, alone and together."),
        "mine": ("cleaner.cli.mine:mine", "Propose rules for what the documents of a source share."),
        "bench": ("cleaner.cli.bench:bench", "Measure peers side by side on data with gold."),
        "duplicates": ("cleaner.cli.duplicates:duplicates", "Report which records hold copies of one story."),
        "lint": ("cleaner.cli.check:lint", "Look for faults in rules that their model lets pass."),
        "schema": ("cleaner.cli.schema:schema", "Print or write the JSON Schema of rule files, for editors."),
    }
)
INTERRUPTED = 130


class Commands(click.Group):
    """Load commands when they are called, and end with one line on standard error where one fails."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are needed."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is answered with what is spelt alike."""
        if alike := get_close_matches(args[0], _COMMANDS, n=1) if args[0] not in _COMMANDS else []:
            ctx.fail(f"there is no command {args[0]!r}: did you mean {alike[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        *_: Any,
        standalone_mode: bool = True,
        **more: Any,
    ) -> Any:
        """Run a command and exit with its code."""
        if not standalone_mode:
            return super().main(args, prog_name, standalone_mode=False, **more)
        sys.exit(self._run(args, prog_name, more))

    def _run(self, args: Sequence[str] | None, prog_name: str | None, more: dict[str, Any]) -> int:
        try:
            code = super().main(args, prog_name or "cleaner", standalone_mode=False, **more)
            return code if isinstance(code, int) else 0
        except click.ClickException as error:
            return _complain(_usage(error))
        except (CleanerError, OSError) as error:
            return _complain(str(error))
        except click.Abort:
            return INTERRUPTED

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a reader that has seen enough of its output ends it quietly."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                _flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {error.strerror or error}") from None


def _usage(error: click.ClickException) -> str:
    message = error.format_message().strip()
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context:
        return f"{message} (see `{context.command_path} --help`)"
    return message


def _complain(message: str) -> int:
    click.echo("cleaner: " + " ".join(message.split()), err=True)
    return 2


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from cleaner.rules.compiled import version  # loaded late: nothing else here needs it

        click.echo(f"cleaner, version {version()}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Clean scraped news by declarative rules, and account for every character."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries' warnings about broken pages are no output
    ctx.default_map = read_defaults(_COMMANDS)
