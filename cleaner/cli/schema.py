"""`cleaner schema`: the JSON Schema that editors check rule files against."""

from __future__ import annotations

import json

import click
from pydantic.json_schema import models_json_schema

from cleaner.rules.schema import RuleFile, TermFile
from cleaner.rules.weights import Weights


@click.command()
def schema() -> None:
    """Print the JSON Schema of rule files, of term files and of files of weights."""
    kinds = (RuleFile, TermFile, Weights)
    _, found = models_json_schema([(kind, "validation") for kind in kinds], title="cleaner rule file")
    either = [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": found.pop("title"), "anyOf": either}
    click.echo(json.dumps({**head, **found}, ensure_ascii=False, indent=2))
