"""The documents of some inputs: listed page by page, searched, and given by their ids, none of them read twice.

Inputs are read on as far as a list or a search asks for. What was read is kept compressed in a temporary file without a
name, and a line about each in memory; a file that holds one document is read again when it is asked for, so that a page
edited meanwhile is the one shown.
"""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from itertools import count
from random import Random
from typing import NamedTuple

import zstandard

from cleaner.errors import CleanerError, InputError
from cleaner.io.inputs import Input
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, Entry, Fields
from cleaner.io.spool import Spool
from cleaner.model import Document, Page, Rejected

SHOWN = 50
"""Documents of a list."""

MOST = 200_000
"""Documents that are kept in mind; those behind them are found by their ids alone."""

SPACE = 1 << 30
"""Bytes that the temporary file may take; the same holds for what is behind them."""

PATIENCE = 0.4
"""Seconds after which a list is given as far as it came."""

_TITLE = 120  # code points of a title
_SEEN = 20  # documents of an input for each one of its sample
_SINGLE = ("text", "html")
_TITLE_ELEMENT = re.compile(r"<title[^>]*>([^<]{1,2000})", re.IGNORECASE)


class Card(NamedTuple):
    """Tell of a document what a list shows; `characters` are bytes for a page that came as bytes."""

    id: str
    path: str
    title: str
    characters: int
    surface: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Hold a part of the list; `next` is where it goes on, None at its end. `troubles` tell what could not be read."""

    cards: tuple[Card, ...]
    next: int | None
    rejected: int
    troubles: tuple[str, ...]


class _Slot(NamedTuple):
    """Say where a document is: of that input alone, or between two places of the temporary file."""

    source: int
    start: int
    end: int


class Shelf:
    """Hold the documents of some inputs."""

    def __init__(self, inputs: Sequence[Input], fields: Fields = USUAL, most: int = MOST):
        self._inputs, self._fields, self._most = inputs, fields, most
        self._cards: list[Card] = []
        self._slots: list[_Slot] = []
        self._numbers: dict[str, int] = {}
        self._rejects: dict[str, str] = {}
        self._rejected = 0
        self._troubles: list[str] = []
        self._size = 0
        self._spool: Spool | None = None
        self._reading = self._read()
        self._ended = False
        self._sought: str | None = None
        self._seeking: Iterator[Entry] = iter(())
        self._press, self._open = zstandard.ZstdCompressor(3), zstandard.ZstdDecompressor()

    def browse(self, find: str = "", after: int = 0, patience: float = PATIENCE) -> Listing:
        """Return the documents behind a place of the list that have a text in their id, path, title or own text.

        Case does not count. Reading goes on until the list is full, or `patience` (seconds) is over: `next` is then where
        to go on, though fewer came, or none.
        """
        found: list[Card] = []
        wanted = find.strip().lower()
        until = time.monotonic() + patience
        for number in count(max(0, after)):
            if len(found) == SHOWN or (number > after and time.monotonic() > until):
                return self._listing(found, number)
            if number == len(self._cards) and not self._advance():
                break
            if number < len(self._cards) and (not wanted or self._has(number, wanted)):
                found.append(self._cards[number])
        return self._listing(found, None)

    def get(self, id_: str, patience: float = PATIENCE) -> tuple[Document | Page, str] | None:
        """Return the document with an id, and the path of its input; reads on as far as it takes.

        None where `patience` (seconds) was over before it was found: ask again. Raises `InputError` where there is none, or
        its input cannot be read any more.
        """
        until = time.monotonic() + patience
        while id_ not in self._numbers and self._advance():
            if time.monotonic() > until:
                return None
        if id_ in self._numbers:
            number = self._numbers[id_]
            return self._value(number), self._cards[number].path
        if self._sought != id_:
            self._sought, self._seeking = id_, self._beyond()
        for entry in self._seeking:
            if entry.value.id == id_ and not isinstance(entry.value, Rejected):
                self._sought = None
                return entry.value, entry.place.path
            if time.monotonic() > until:
                return None
        self._sought = None
        if id_ in self._rejects:
            raise InputError(f"{id_}: {self._rejects[id_]}")
        raise InputError(f"no document has the id {id_!r}" + "".join(f" ({told})" for told in self._troubles[:1]))

    def _listing(self, cards: Sequence[Card], next_: int | None) -> Listing:
        if self._full:
            told = f"only the first {len(self._cards):,} documents are listed; others are found by their whole ids"
            return Listing(tuple(cards), next_, self._rejected, (*self._troubles, told))
        return Listing(tuple(cards), next_, self._rejected, tuple(self._troubles))

    @property
    def _full(self) -> bool:
        return not self._ended and (len(self._cards) >= self._most or self._size >= SPACE)

    def _advance(self) -> bool:
        """Take the next document; False where there is none, or no room for it."""
        if self._full:
            return False
        taken = next(self._reading, None)
        if taken is None:
            self._ended = True
            return False
        number, entry = taken
        self._keep(number, entry)
        return True

    def _read(self) -> Iterator[tuple[int, Entry]]:
        """Yield all documents with the numbers of their inputs; what cannot be read is noted, and the next one taken."""
        for number, source in enumerate(self._inputs):
            try:
                for entry in read_entries([source], self._fields, recleaning=True):
                    if isinstance(entry.value, Rejected):
                        self._rejected += 1
                        if len(self._rejects) < self._most:
                            self._rejects[entry.value.id] = entry.value.reason
                    else:
                        yield number, entry
            except CleanerError as error:
                self._troubles.append(str(error))

    def _beyond(self) -> Iterator[Entry]:
        """Yield the documents behind those kept in mind, read from the first input that holds one of them."""
        if not self._full:
            return
        first = self._slots[-1].source if self._slots else 0
        for source in self._inputs[first:]:
            try:
                yield from read_entries([source], self._fields, recleaning=True)
            except CleanerError as error:
                self._troubles.append(str(error))

    def _keep(self, number: int, entry: Entry) -> None:
        value = entry.value
        assert not isinstance(value, Rejected)
        card = card_of(value, entry.place.path)
        if card.id in self._numbers:
            card = card._replace(id=self._another(card.id))
        start = self._size
        if self._inputs[number].kind not in _SINGLE:
            self._spool = self._spool or Spool()
            self._size += self._spool.write(self._press.compress(pickle.dumps(value)))
        self._numbers[card.id] = len(self._cards)
        self._cards.append(card)
        self._slots.append(_Slot(number, start, self._size))

    def _another(self, id_: str) -> str:
        """Name a further document that has an id which is taken."""
        return next(name for name in (f"{id_} ({n})" for n in count(2)) if name not in self._numbers)

    def _value(self, number: int) -> Document | Page:
        slot = self._slots[number]
        if self._spool and self._inputs[slot.source].kind not in _SINGLE:
            value: Document | Page = pickle.loads(self._open.decompress(self._spool.read(slot.start, slot.end)))
            return value
        source = self._inputs[slot.source]
        for entry in read_entries([source], self._fields, recleaning=True):
            if isinstance(entry.value, Rejected):
                raise InputError(f"{source.path}: {entry.value.reason}")
            return entry.value
        raise InputError(f"{source.path} holds no document any more")

    def _has(self, number: int, wanted: str) -> bool:
        card = self._cards[number]
        if any(wanted in part.lower() for part in (card.id, card.title, card.path)):
            return True
        try:
            return wanted in content_of(self._value(number)).lower()
        except InputError:
            return False


def card_of(value: Document | Page, path: str) -> Card:
    """Tell of a document what a list shows: of one without a title its first line, of a page its title element."""
    if isinstance(value, Document):
        title = value.title or next((line.strip() for line in value.text[:2000].split("\n") if line.strip()), "")
        return Card(value.id, path, title[:_TITLE], len(value.text), "text")
    title = value.title or ""
    if not title and (match := _TITLE_ELEMENT.search(content_of(replace(value, html=value.html[: 1 << 16])))):
        title = " ".join(unescape(match[1]).split())
    return Card(value.id, path, title[:_TITLE], len(value.html), "html")


def content_of(value: Document | Page) -> str:
    """Return the text of a document, or the HTML of a page, as far as a search needs it."""
    if isinstance(value, Document):
        return value.text
    return value.html if isinstance(value.html, str) else value.html.decode("utf-8", "replace")


def sample(inputs: Sequence[Input], most: int, fields: Fields = USUAL, seed: int = 0) -> list[Document | Page]:
    """Choose documents of all inputs, as many of each, the same ones each time.

    Of many inputs some are chosen, evenly spread; of each only a beginning is read, of twenty times what it gives. What
    cannot be read gives none.
    """
    if len(inputs) > most:
        inputs = [inputs[number * len(inputs) // most] for number in range(most)]
    found: list[Document | Page] = []
    for number, source in enumerate(inputs):
        share = (number + 1) * most // len(inputs) - number * most // len(inputs)
        found += _some(source, share, fields, Random(seed))
    return found


def _some(source: Input, share: int, fields: Fields, random: Random) -> list[Document | Page]:
    """Choose documents of the beginning of one input, each with the same chance, in their order."""
    chosen: list[tuple[int, Document | Page]] = []
    seen = 0
    try:
        for entry in read_entries([source], fields, recleaning=True):
            if isinstance(entry.value, Rejected):
                continue
            if seen < share:
                chosen.append((seen, entry.value))
            elif (place := random.randrange(seen + 1)) < share:
                chosen[place] = (seen, entry.value)
            seen += 1
            if seen == share * _SEEN:
                break
    except CleanerError:
        pass  # the list of documents tells of it
    return [value for _, value in sorted(chosen, key=lambda pair: pair[0])]
