"""`cleaner schema`: the JSON Schema that editors check rule files against."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.errors import OutputError
from cleaner.rules.json_schema import write_schema


@click.command()
@click.option("-o", "--output", metavar="FILE", type=click.Path(), help="Write it here; default: standard output.")
def schema(output: str | None) -> None:
    """Print the JSON Schema of rule files, of term files and of files of weights.

    Editors with a YAML language server find it by the first line of a rule file: `# yaml-language-server:
    $schema=schema.json`, a path from the file's own folder.
    """
    if output is None or output == "-":
        click.echo(write_schema(), nl=False)
        return
    try:
        Path(output).write_text(write_schema(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutputError(f"{output} cannot be written: {error.strerror or error}") from None
