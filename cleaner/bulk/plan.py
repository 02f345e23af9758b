"""Plan a run: which records come together in one shard, and what the shard is called.

A shard is a stretch of one input: the records that begin within so many of its bytes, decompressed. Its borders depend
on nothing else, so that a run can be resumed with another number of processes. Files of one document each are put
together until they have that size.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from cleaner.io.inputs import Input
from cleaner.io.names import Names

FILES = "files"
"""What shards of many small files are called."""

SHARD = 128.0
"""Megabytes of an input, decompressed, that come into one shard, unless said otherwise."""

MEGABYTE = 1 << 20

MOST_FILES = 10_000
"""Files in one shard at most."""

_NUMBER = re.compile(r"(.*)-(\d{5,})")


@dataclass(frozen=True, slots=True)
class Stream:
    """Hold inputs whose records are written one after the other.

    `bytes` is the size of its shards, 0 where all goes into one; `number` that of its only shard, where the inputs are
    small files. `done` are the numbers of shards that need no more doing.
    """

    label: str = ""
    inputs: tuple[Input, ...] = ()
    bytes: int = 0
    number: int = 0
    done: frozenset[int] = frozenset()

    def shard(self, offset: int) -> int:
        """Return the number of the shard that holds what begins at this offset."""
        return self.number + (offset // self.bytes if self.bytes else 0)

    def border(self, offset: int) -> int | None:
        """Return where the shard that holds this offset ends; None where it holds the rest."""
        return (offset // self.bytes + 1) * self.bytes if self.bytes else None


def name_shard(label: str, number: int) -> str:
    """Return what a shard's files are called, less their endings.

    >>> name_shard("2024/news", 3), split_name("2024/news-00003")
    ('2024/news-00003', ('2024/news', 3))
    """
    return f"{label}-{number:05d}"


def split_name(name: str) -> tuple[str, int]:
    """Split the name of a shard into label and number."""
    found = _NUMBER.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 0)


def is_small(source: Input) -> bool:
    """Tell that an input is a file of one document."""
    return source.kind in ("text", "html")


def group(files: Sequence[Input], size: int, taken: Collection[int] = ()) -> Iterator[Stream]:
    """Put files of one document each together, in order, into streams of one shard, whose number is not `taken`."""
    free = (number for number in count() if number not in taken)
    held: list[Input] = []
    held_size = 0
    for file in files:
        held.append(file)
        held_size += file.size
        if held_size >= size or len(held) == MOST_FILES:
            yield Stream(FILES, tuple(held), number=next(free))
            held, held_size = [], 0
    if held:
        yield Stream(FILES, tuple(held), number=next(free))


class Labels:
    """Choose what the shards of inputs are called."""

    def __init__(self, taken: Sequence[str] = ()):
        self._names = Names()
        for label in (FILES, *taken):
            self._names.choose(label, "")

    def choose(self, source: Input) -> str:
        """Return a label for the shards of an input, inside the folder, no two alike."""
        return self._names.choose(source.id, "")


def divide(sources: Sequence[Input], size: int) -> list[Stream]:
    """Plan inputs into shards of so many bytes, named and numbered by the inputs alone."""
    labels = Labels()
    small = [source for source in sources if is_small(source)]
    large = [Stream(labels.choose(source), (source,), size) for source in sources if not is_small(source)]
    return [*group(small, size), *large]


def whole(sources: Sequence[Input]) -> list[Stream]:
    """Plan inputs whose records all go into one place."""
    return [Stream(source.label, (source,)) for source in sources]
