"""Let only some records of a run through: the first ones, or a sample."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence

from cleaner.bulk.plan import Stream
from cleaner.errors import OptionError
from cleaner.io.read import Item, read_items, split_item
from cleaner.io.record import Fields
from cleaner.io.stream import Truncated

_SEED = 0


class Selection:
    """Let records through by their number in the run, counted from 0; behind the last one nothing is read, unless `to_end`."""

    def __init__(self, numbers: range | frozenset[int], to_end: bool = False):
        self._numbers = numbers
        self._last = sys.maxsize if to_end else max(numbers, default=-1)
        self._at = 0

    def __call__(self, items: Iterator[Item | None]) -> Iterator[Item | None]:
        """Yield the records of one stream that were chosen; those of all streams are counted on."""
        if self._at > self._last:
            return
        for item in items:
            if item is None:
                yield None
                continue
            for record in split_item(item):
                if self._at in self._numbers:
                    yield record
                self._at += 1
            if self._at > self._last:
                return


def first(most: int) -> Selection:
    """Choose the first records of a run."""
    return Selection(range(most))


def sample(most: int, streams: Sequence[Stream], fields: Fields) -> Selection:
    """Choose so many records at random, each as likely as any other, the same ones in every run; it reads all inputs.

    Of an input that breaks off it counts what comes before. Raises `OptionError` for standard input, which cannot be read
    twice, and `InputError` where an input cannot be read.
    """
    sources = [source for stream in streams for source in stream.inputs]
    if any(source.path == "-" for source in sources):
        raise OptionError("--sample reads inputs twice, and standard input can be read once: give a file, or --limit")
    count, broken = 0, False
    for source in sources:
        try:
            for item in read_items(source, fields):
                count += sum(1 for _ in split_item(item)) if item else 0
        except Truncated:
            broken = True  # the run tells of it, where it comes there
    return Selection(frozenset(random.Random(_SEED).sample(range(count), min(most, count))), to_end=broken)
