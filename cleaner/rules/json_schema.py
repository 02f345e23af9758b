"""The JSON Schema of rule files, which editors complete and check them by.

A rule file names it in its first line: `# yaml-language-server: $schema=schema.json`.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from cleaner.rules.schema import RuleFile, TermFile
from cleaner.rules.weights import Weights


def json_schema() -> dict[str, Any]:
    """Return the schema of rule files, of term files and of files of weights."""
    kinds = (RuleFile, TermFile, Weights)
    _, found = models_json_schema([(kind, "validation") for kind in kinds], title="cleaner rule file")
    either = [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": found.pop("title"),
        "anyOf": either,
    } | found


def write_schema() -> str:
    """Write the schema out, one value a line, with a line end at its end."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"
