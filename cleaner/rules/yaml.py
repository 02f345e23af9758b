"""Read YAML strictly: every scalar a string, no anchors, no tags, no duplicate keys, and a line for every value.

`no`, `12:30:45` and `off` stay text, so that a rule says what its author wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

import yaml

from cleaner.errors import RuleError

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]

DEEPEST = 32
"""Lists and mappings that may stand inside each other; rules need less than half of it."""


def read_yaml(text: str, path: str) -> tuple[Any, dict[Path, int]]:
    """Read one YAML document and the line (from 1) of each value by its path.

    >>> read_yaml("a: [no, 1]", "x.yaml")
    ({'a': ['no', '1']}, {(): 1, ('a',): 1, ('a', 0): 1, ('a', 1): 1})

    Raises `RuleError` with file and line for broken YAML and for whatever is not allowed.
    """
    return _Reader(path).read(text)


_HINTS = (  # what libyaml says, and what its reader did
    ("mapping values are not allowed", "Put a text that holds a colon and a space into quotes"),
    ("tab character", "Indent with spaces, not with tabs"),
    ("cannot start any token", "Put a text that begins with this character into quotes"),
    ("did not find expected '-' indicator", "Begin all keys of a rule in the same column, two behind its `-`"),
    (
        "did not find expected key",
        "Begin keys in the column of those above, and put texts that hold quotes into quotes",
    ),
)


class _Reader:
    def __init__(self, path: str):
        self.path = path
        self.lines: dict[Path, int] = {}

    def read(self, text: str) -> tuple[Any, dict[Path, int]]:
        try:
            return self._documents(yaml.parse(text, Loader=_Loader)), self.lines
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1 if error.object == text else 0
            self._refuse("half of a surrogate pair, which no file can hold", line, "Write whole characters")
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
            reason = getattr(error, "problem", None) or str(error)
            hint = next((hint for part, hint in _HINTS if part in reason), "Check indentation, quotes, brackets")
            self._refuse(f"broken YAML: {reason}", line, hint)

    def _documents(self, events: Iterator[Any]) -> Any:
        """Read the one document; events go as they come, since keeping all of a file keeps the collector busy."""
        value = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.lines:
                    self._refuse(
                        "a second document",
                        getattr(event.start_mark, "line", 0) + 1,
                        "Keep one document a file, without '---'",
                    )
                value = self._value(next(events), events, ())
        return value

    def _value(self, event: Any, events: Iterator[Any], at: Path) -> Any:
        line = event.start_mark.line + 1
        self.lines[at] = line
        if event.anchor is not None:  # an alias has one as well
            self._refuse("anchors and aliases are not allowed", line, "Write the value out")
        if event.tag not in (None, "!"):
            self._refuse(f"the tag {event.tag} is not allowed", line, "Write the plain value")
        if len(at) > DEEPEST:
            self._refuse(f"more than {DEEPEST} lists and mappings inside each other", line, "Close the brackets")
        if isinstance(event, yaml.ScalarEvent):
            return event.value
        return (self._mapping if isinstance(event, yaml.MappingStartEvent) else self._sequence)(events, at)

    def _mapping(self, events: Iterator[Any], at: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse("a key must be a plain word", line, "Quote it if it holds brackets or braces")
            if event.value in found:
                self._refuse(f"the key {event.value!r} stands twice", line, "Merge the two or delete one")
            found[event.value] = self._value(next(events), events, (*at, event.value))
        return found

    def _sequence(self, events: Iterator[Any], at: Path) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*at, len(found))))
        return found

    def _refuse(self, reason: str, line: int, hint: str) -> NoReturn:
        raise RuleError(reason, path=self.path, line=line, hint=hint)
