"""The base of the models of rule files: closed, frozen, and readable by editors."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

_READ_BY_EDITORS: dict[str, dict[str, Any]] = {
    "integer": {"type": ["integer", "string"], "pattern": "^[0-9]+$"},
    "number": {"type": ["number", "string"], "pattern": r"^-?[0-9]*\.?[0-9]+$"},
    "boolean": {"enum": [True, False, "true", "false", "yes", "no", "on", "off"]},
}


def _as_editors_read(schema: Any) -> None:
    """Let a JSON Schema accept scalars both as text, as the loader reads them, and as the numbers that editors see."""
    if isinstance(schema, list):
        for part in schema:
            _as_editors_read(part)
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "string" and {"yes", "no"} <= set(schema.get("enum", ())):
        schema["enum"] += [True, False]
        del schema["type"]
    elif kind == "string" and not schema.keys() & {"enum", "const", "pattern"}:
        schema["type"] = ["string", "number", "boolean"]
    elif isinstance(kind, str) and kind in _READ_BY_EDITORS:
        del schema["type"]
        schema |= _READ_BY_EDITORS[kind]
    for part in list(schema.values()):
        _as_editors_read(part)


class Strict(BaseModel):
    """Refuse unknown keys and never change after validation."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_as_editors_read)
