"""Walk through the texts of a rule: phrases, names of terms and patterns, wherever they stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from cleaner.rules.yaml import Path


def texts(value: Any, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """Return every text inside a part of a rule with its path, keys as the file has them."""
    if isinstance(value, BaseModel):
        value = {info.alias or name: getattr(value, name) for name, info in type(value).model_fields.items()}
    if isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, (*at, key))
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from texts(part, (*at, number))
    elif isinstance(value, str):
        yield at, value


def patterns(value: Any) -> Iterator[str]:
    """Return the patterns inside a part of a rule, references not yet resolved."""
    return (text for at, text in texts(value) if at[-1] == "re")
