"""What engines have in common: they find short keys of bytes in a shadow."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from cleaner.text.shadow import Codes, Places

LONG, SHORT = 8, 4
"""The most and the fewest bytes of a key."""

Keys = tuple[bytes, ...]
"""Distinct keys; the number of a key is its place."""


class Seen(NamedTuple):
    """List the places of keys, in any order: where each begins, and its number."""

    places: Places
    keys: Places


class Engine(Protocol):
    """Look for all keys at once."""

    def find(self, codes: Codes) -> Seen:
        """Return every place of every key."""
