"""What an importer yields: a page with its gold, or a remark on what it found instead; and what an importer is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """Name a page, where it lies, and what should come of it: a body, or snippets that must stay or go.

    `optional` are paragraphs of the body that the benchmark lets an extractor keep or leave out.
    """

    id: str
    page: Path
    gold: str | None = None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    url: str | None = None
    lang: str | None = None
    country: str | None = None
    page_type: str | None = None
    split: str | None = None

    @property
    def has_gold(self) -> bool:
        """Tell whether anything is asked of the page; an empty body asks for an empty text."""
        return self.gold is not None or bool(self.wanted or self.unwanted)


@dataclass(frozen=True, slots=True)
class Remark:
    """Say what was found in place of a page with gold; `left_out` is false where the page is written all the same."""

    about: str
    reason: str
    left_out: bool = True


Found = Entry | Remark
Read = Callable[[Path], Iterator[Found]]
"""Read a checkout, in an order that depends on its files alone. Raises `InputError` where it is none."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Describe a benchmark; `pages` is how many its checkout held when the importer was written, where that is known."""

    name: str
    about: str
    home: str
    licence: str
    gold: str
    read: Read
    pages: int | None = None
