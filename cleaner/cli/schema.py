"""`cleaner schema`: the JSON Schema that editors check rule files against."""

from __future__ import annotations

import json

import click
from pydantic.json_schema import models_json_schema

from cleaner.rules.schema import RuleFile, TermFile


@click.command()
def schema() -> None:
    """Print the JSON Schema of rule files and of term files."""
    _, found = models_json_schema([(RuleFile, "validation"), (TermFile, "validation")], title="cleaner rule file")
    either = [{"$ref": "#/$defs/RuleFile"}, {"$ref": "#/$defs/TermFile"}]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": found.pop("title"), "anyOf": either}
    click.echo(json.dumps({**head, **found}, ensure_ascii=False, indent=2))
