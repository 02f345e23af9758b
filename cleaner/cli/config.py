"""Read defaults for options from `[tool.cleaner]` in the nearest pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cleaner.errors import OptionError

LISTS = ("rules", "pack", "only", "without")
FLAGS = ("lean", "annotate", "recleaning", "quiet", "fast", "articles-only", "dedup")
WORDS = (
    "text-field", "html-field", "html-base64-field", "id-field", "url-field", "source-field", "lang-field",
    "title-field", "crawled-field", "format", "max-rejects", "deadline", "jobs", "shard-size", "progress-every",
    "dedup-threshold",
)  # fmt: skip
SETTINGS = (*LISTS, *FLAGS, *WORDS)
"""The options that may stand in pyproject.toml, by their names on the command line."""


def read_defaults(commands: Iterable[str], folder: Path | None = None) -> dict[str, Any]:
    """Return the defaults for click, by command.

    Raises `OptionError` for a file that is no TOML, a key that is no option, or a value of the wrong type.
    """
    path = _find(folder or Path.cwd())
    if path is None:
        return {}
    values = {name.replace("-", "_"): _check(name, value, path) for name, value in _read(path).items()}
    defaults: dict[str, Any] = dict.fromkeys(commands, values)
    defaults["rules"] = dict.fromkeys(("list", "show", "gate", "stats", "diff"), values)
    defaults["pack"] = dict.fromkeys(("list", "show", "new"), values)
    return defaults


def _find(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        if (place / "pyproject.toml").is_file():
            return place / "pyproject.toml"
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("cleaner", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OptionError(f"{path} cannot be read: {error}") from None
    if not isinstance(table, dict):
        raise OptionError(f"{path}: tool.cleaner is no table")
    return table


def _check(name: str, value: Any, path: Path) -> Any:
    place = f"{path}: [tool.cleaner]: {name}"
    if name not in SETTINGS:
        close = get_close_matches(name, SETTINGS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(SETTINGS)}"
        raise OptionError(f"{place} is no option; {hint}")
    if name in LISTS:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(part, str) for part in values):
            raise OptionError(f"{place} takes a list of strings, not {value!r}")
        return [str(path.parent / part) for part in values] if name == "rules" else values
    if name in FLAGS and not isinstance(value, bool):
        raise OptionError(f"{place} takes true or false, not {value!r}")
    if name in WORDS and (isinstance(value, bool) or not isinstance(value, (str, int, float))):
        raise OptionError(f"{place} takes one value, not {value!r}")
    return value
