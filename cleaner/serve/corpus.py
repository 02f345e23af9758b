"""A sample of documents as the set of rules cleans them, and what a draft changes in it.

Both are done in steps of bounded time, so that whoever waits can be told how far it came, and a newer draft comes soon.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from cleaner.clean import BATCH, Cleaner, Glance
from cleaner.errors import CleanerError
from cleaner.io.inputs import Input
from cleaner.io.record import Fields
from cleaner.model import Cleaned, Document, Page
from cleaner.review.change import Count, Direction, compare
from cleaner.serve.account import piece_of
from cleaner.serve.documents import sample
from cleaner.serve.sets import Laid

if TYPE_CHECKING:
    from cleaner.html.extract import Extracted

STEP = 1.0
"""Seconds of a step, about."""

SHOWN = 40
"""Pieces shown of all documents, those of different ones before a second of any."""

CHARACTERS = 8_000_000
"""Code points of a sample, about: what goes beyond is left out."""

_OF_ONE = 3  # pieces shown of one document, of each direction


@dataclass(slots=True)
class Pass:
    """Hold how far a set of rules has come in the sample."""

    laid: Laid
    results: list[Cleaned] = field(default_factory=list)
    seconds: float = 0.0


class Corpus:
    """Hold a sample, cleaned by the set of rules as it is; documents are read when the first step asks for them."""

    def __init__(self, inputs: Sequence[Input], most: int, fields: Fields):
        self._inputs, self._most, self._fields = inputs, most, fields
        self._documents: list[Document | Page] | None = None
        self._pages: dict[str, dict[int, Extracted]] = {}
        self._base: Pass | None = None
        self._drafted: Pass | None = None

    def step(self, base: Laid, draft: Laid | None = None) -> bool:
        """Go on for about a second, with the set as it is, then with a draft; tell whether all is done."""
        until = time.monotonic() + STEP
        if self._base is None or self._base.laid.digest != base.digest:
            self._base, self._drafted = Pass(base), None
        if draft is not None and (self._drafted is None or self._drafted.laid.digest != draft.digest):
            self._drafted = Pass(draft)
        self._clean(self._base, until)
        if draft is None or not self._is_done(self._base):
            return self._is_done(self._base)
        assert self._drafted
        self._clean(self._drafted, until)
        return self._is_done(self._drafted)

    def describe(self) -> dict[str, Any]:
        """Tell how large the sample is, and whether it is cleaned."""
        return {
            "documents": len(self._documents or ()),
            "characters": sum(map(_size, self._documents or ())),
            "ready": bool(self._base and self._is_done(self._base)),
        }

    def changes(self) -> dict[str, Any]:
        """Tell what the draft of the last step changes in the sample."""
        assert self._base is not None
        assert self._drafted is not None
        sums: dict[Direction, Count] = {"cut": Count(), "kept": Count()}
        shown: list[list[dict[str, Any]]] = []
        changed = 0
        for number, (old, new) in enumerate(zip(self._base.results, self._drafted.results, strict=True)):
            if old.text == new.text:
                continue
            changed += 1
            name = old.document.id
            told: dict[str, list[dict[str, Any]]] = {"cut": [], "kept": []}
            for piece in compare(old, new):
                total = sums[piece.direction]
                total.documents += not told[piece.direction]
                total.pieces += 1
                total.characters += len(piece.text)
                if len(told[piece.direction]) < _OF_ONE:
                    told[piece.direction].append(
                        {"document": name, "number": number, "direction": piece.direction, **piece_of(piece)}
                    )
            shown.append([*told["cut"], *told["kept"]])
        return {
            "documents": len(self._drafted.results),
            "changed": changed,
            **{direction: asdict(total) for direction, total in sums.items()},
            "samples": list(_in_turn(shown))[:SHOWN],
            "seconds": round(self._drafted.seconds, 3),
        }

    def _clean(self, work: Pass, until: float) -> None:
        """Clean documents until a time; at least one batch of them."""
        begun = time.monotonic()
        documents = self._read()
        first = len(work.results)
        while len(work.results) < len(documents) and (time.monotonic() < until or len(work.results) == first):
            work.results += self._batch(work.laid, len(work.results), until)
        work.seconds += time.monotonic() - begun

    def _batch(self, laid: Laid, first: int, until: float) -> list[Cleaned]:
        """Clean documents from one on, as many as are worth reading side by side."""
        documents = self._read()
        batch: list[tuple[Document, Extracted | None]] = []
        size = 0
        for number in range(first, len(documents)):
            value = documents[number]
            found = None if isinstance(value, Document) else self._extract(laid, number, value)
            document = value if isinstance(value, Document) else found.document  # type: ignore[union-attr]
            batch.append((document, found))
            size += len(document.text)
            if size >= BATCH or time.monotonic() > until:
                break
        return _finish(laid, batch)

    def _extract(self, laid: Laid, number: int, page: Page) -> Extracted:
        """Extract a page, or find what the same rules for pages extracted before; the sets used last are kept."""
        kept = self._pages.pop(laid.of_pages, {})
        self._pages = dict([*list(self._pages.items())[-1:], (laid.of_pages, kept)])
        if number not in kept:
            try:
                kept[number] = laid.cleaner.extract(page)
            except Exception:  # a page that breaks a parser has no text to compare
                from cleaner.html.extract import Extracted

                kept[number] = Extracted(Document(page.id, "", surface="html"))
        return kept[number]

    def _read(self) -> list[Document | Page]:
        if self._documents is None:
            found: list[Document | Page] = []
            size = 0
            for value in sample(self._inputs, self._most, self._fields):
                size += _size(value) // (1 if isinstance(value, Document) else 4)
                if found and size > CHARACTERS:
                    break
                found.append(value)
            self._documents = found
        return self._documents

    def _is_done(self, work: Pass) -> bool:
        return len(work.results) == len(self._read())


def _finish(laid: Laid, batch: Sequence[tuple[Document, Extracted | None]]) -> list[Cleaned]:
    """Clean documents side by side; should that fail, each by itself, and one that cannot be cleaned stays as it is."""
    try:
        glances = laid.cleaner.glance([document for document, _ in batch])
        return [_look(laid.cleaner, *pair, glance) for pair, glance in zip(batch, glances, strict=True)]
    except CleanerError:
        raise
    except Exception:
        if len(batch) > 1:
            return [cleaned for one in batch for cleaned in _finish(laid, [one])]
        document = batch[0][0]
        return [Cleaned(document, document.text, document.text)]


def _look(cleaner: Cleaner, document: Document, found: Extracted | None, glance: Glance) -> Cleaned:
    return cleaner.look(document, glance) if found is None else cleaner.clean_extracted(found, glance)


def _size(value: Document | Page) -> int:
    return len(value.text) if isinstance(value, Document) else len(value.html)


def _in_turn(rows: Sequence[Sequence[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Yield the first of each row, then the second of each."""
    for place in range(max(map(len, rows), default=0)):
        yield from (row[place] for row in rows if place < len(row))
