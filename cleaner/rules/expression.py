"""A pattern that is compiled when it is first used: most patterns of a large set never are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex


class Expression:
    """Hold a pattern and, once it is needed, its compiled form."""

    __slots__ = ("_compiled", "pattern")

    def __init__(self, pattern: str):
        self.pattern = pattern
        self._compiled: regex.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"Expression({self.pattern!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.pattern == self.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    @property
    def compiled(self) -> regex.Pattern[str]:
        """The compiled form. Raises `regex.error` where the pattern is broken."""
        if self._compiled is None:
            self._compiled = regex.compile(self.pattern)
        return self._compiled

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The named groups."""
        found: Mapping[str, int] = self.compiled.groupindex
        return found

    def fullmatch(self, text: str, *bounds: int) -> Any:
        """Match all of a text, or of a part of it."""
        return self.compiled.fullmatch(text, *bounds)

    def search(self, text: str, *bounds: int) -> Any:
        """Find the first match."""
        return self.compiled.search(text, *bounds)

    def finditer(self, text: str, *bounds: int) -> Iterator[Any]:
        """Find all matches."""
        found: Iterator[Any] = self.compiled.finditer(text, *bounds)
        return found
