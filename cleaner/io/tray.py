"""Gather what documents are rendered to, as pieces that are written by themselves."""

from __future__ import annotations

from typing import Any, Protocol

from cleaner.io.arrow import Kept, write_own, write_usual
from cleaner.io.piece import Piece
from cleaner.io.record import Entry
from cleaner.io.write import Shape
from cleaner.model import Cleaned


class Tray(Protocol):
    """Take documents in order, and give away the pieces they make."""

    def turn(self, batch: Any) -> None:
        """Say which batch of a table the next documents are rows of; None where they are of none."""

    def add(self, entry: Entry, cleaned: Cleaned, row: int) -> None:
        """Render one document, which was this row of its batch."""

    def clear(self, last: bool = False) -> list[Piece]:
        """Give the pieces away; `last` where no more documents come."""


def tray_of(shape: Shape) -> Tray:
    """Make the tray for documents of one shape."""
    if shape.format == "parquet":
        return _Table(shape)
    return _Single(shape) if shape.alone else Joined(shape)


class Joined:
    """Join documents with what stands between them; `written` holds those of the piece under way, each so followed."""

    def __init__(self, shape: Shape):
        self.written: list[bytes | memoryview] = []
        self._shape, self._between, self._head = shape, shape.between, b""
        self._pieces: list[Piece] = []

    def turn(self, batch: Any) -> None:
        """Do nothing: a row of a table says itself what its columns are."""

    def add(self, entry: Entry, cleaned: Cleaned, row: int) -> None:
        """Render one document."""
        piece = self._shape.render(entry, cleaned)
        if piece.head != self._head:
            self._part()
            self._head = piece.head
        self.written += (piece.raw, self._between)

    def clear(self, last: bool = False) -> list[Piece]:
        """Give the pieces away."""
        self._part()
        pieces, self._pieces = self._pieces, []
        return pieces

    def _part(self) -> None:
        if self.written:
            self._pieces.append(Piece("", b"".join(self.written[:-1]), self._head))
            self.written.clear()


class _Single:
    """Make each document a piece."""

    def __init__(self, shape: Shape):
        self._shape = shape
        self._pieces: list[Piece] = []

    def turn(self, batch: Any) -> None:
        pass

    def add(self, entry: Entry, cleaned: Cleaned, row: int) -> None:
        self._pieces.append(self._shape.render(entry, cleaned))

    def clear(self, last: bool = False) -> list[Piece]:
        pieces, self._pieces = self._pieces, []
        return pieces


class _Table:
    """Make documents rows; a table of which none is left leaves at least its columns."""

    def __init__(self, shape: Shape):
        self._shape = shape
        self._batch: Any = None
        self._owing = False
        self._kept: list[Kept] = []
        self._pieces: list[Piece] = []

    def turn(self, batch: Any) -> None:
        self._part()
        self._batch, self._owing = batch, batch is not None

    def add(self, entry: Entry, cleaned: Cleaned, row: int) -> None:
        self._kept.append(Kept(entry, cleaned, row))

    def clear(self, last: bool = False) -> list[Piece]:
        self._part(last)
        pieces, self._pieces = self._pieces, []
        return pieces

    def _part(self, last: bool = True) -> None:
        if not self._kept and not (last and self._owing):
            return
        fields, style = self._shape.fields, self._shape.style
        if self._batch is None:
            raw = write_usual(self._kept, fields, style)
        else:
            raw = write_own(self._kept, self._batch, fields, style)
        self._pieces.append(Piece("", raw))
        self._kept, self._owing = [], False
