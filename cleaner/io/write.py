"""Write cleaned documents as records, rows or bodies, and rejects beside them.

A file appears under its name only when it is whole: it is written beside it and renamed. What was there before stays
until then, and an input is never written over. What a file holds depends on its documents alone, never on the pieces in
which they came.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Literal, Protocol, Self, get_args

from cleaner.errors import OptionError, OutputError
from cleaner.io.arrow import Kept, load_arrow, usual_schema, write_usual
from cleaner.io.cells import encode, header_of, row_of
from cleaner.io.columns import usual_columns
from cleaner.io.conversion import write_conversion, write_info
from cleaner.io.file import Draft, StandardOutput
from cleaner.io.inputs import REJECTS, kind_of
from cleaner.io.names import Names
from cleaner.io.piece import OTHERWISE, Piece
from cleaner.io.press import PRESSES, Press, Pressed, Target, press, press_of
from cleaner.io.record import USUAL, WHOLE, Entry, Fields, Style, describe_rejected, render
from cleaner.io.remote import begin, remove, resolve
from cleaner.io.rowgroups import RowGroups
from cleaner.io.tarball import END, write_member
from cleaner.model import Cleaned, Rejected

__all__ = ["BREAK", "FORMATS", "Format", "Output", "Piece", "Shape", "Sink"]

Format = Literal["jsonl", "csv", "tsv", "parquet", "text", "wet", "tar"]

ENDINGS: Mapping[Format, str] = MappingProxyType(
    {
        "jsonl": ".jsonl",
        "csv": ".csv",
        "tsv": ".tsv",
        "parquet": ".parquet",
        "text": ".txt",
        "wet": ".wet",
        "tar": ".tar",
    }
)
"""How the names of files end, less their compression."""

BODIES = frozenset({"text", "wet", "tar"})
"""Formats that hold bodies alone."""

FORMATS: Mapping[str, tuple[Format, Press]] = MappingProxyType(
    {
        f"{format_}.{how}" if how else format_: (format_, how)
        for format_ in get_args(Format)
        for how in ("", *PRESSES)
        if not (how and format_ == "parquet")
    }
)
"""The formats by the names that `--format` takes: `csv`, `jsonl.zst`; Parquet is compressed inside."""

BREAK = b"\n\f\n"
"""What stands between two bodies in one file: a blank line, and a form feed on its own."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Say what documents are written as: records, rows or bodies in one file, or each body `apart` in a file of its own."""

    format: Format = "jsonl"
    apart: bool = False
    fields: Fields = USUAL
    style: Style = WHOLE
    press: Press = ""

    @classmethod
    def of(cls, name: str, fields: Fields = USUAL, style: Style = WHOLE, apart: bool = False) -> Shape:
        """Make the shape that a name in `FORMATS` stands for.

        Raises `OptionError` where it is none of them, or does not go with the rest.
        """
        if name not in FORMATS:
            raise OptionError(f"{name} is no format; choose one of {', '.join(ENDINGS)}{_PRESSED}")
        format_, how = FORMATS[name]
        shape = cls(format_, apart, fields, style, how)
        if format_ in BODIES and (style.annotate or style.lean):
            raise OptionError("--annotate and --lean are for records: give an output that ends in .jsonl")
        if format_ in ("csv", "tsv", "parquet"):
            usual_columns(fields)
        if format_ == "parquet":
            load_arrow()
        return shape

    @property
    def ending(self) -> str:
        """Return how the names of files of this shape end."""
        return ENDINGS[self.format] + (f".{self.press}" if self.press else "")

    @property
    def alone(self) -> bool:
        """Tell whether each document is a piece of its own, as its name is chosen when it is written."""
        return self.apart or self.format == "tar"

    def render(self, entry: Entry, cleaned: Cleaned) -> Piece:
        """Render one document, without the end of its last line where others may follow.

        In rows and bodies a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.
        """
        fields, style = self.fields, self.style
        match self.format:
            case "jsonl":
                return Piece("", render(entry, cleaned, fields, style))
            case "csv" | "tsv":
                tab = self.format == "tsv"
                head = header_of(entry.place.columns, fields, style, tab)
                return Piece("", row_of(entry, cleaned, fields, style, tab), head)
            case "parquet":
                return Piece("", write_usual([Kept(entry, cleaned)], fields, style))
            case "wet":
                raw = write_conversion(cleaned.document, encode(cleaned.text), self.press)
                return Piece("", raw, write_info(self.press))
        body = encode(cleaned.text)
        if self.alone:
            return Piece(cleaned.document.id, press(body, self.press) if self.apart else body)
        return Piece("", body.removesuffix(b"\n"))

    @property
    def between(self) -> bytes:
        """Return what stands between two documents of one file, whose last line has its end."""
        return {"text": b"\n" + BREAK, "wet": b""}.get(self.format, b"\n")

    @property
    def head(self) -> bytes:
        """Return what a file begins with that holds no document."""
        if self.format in ("csv", "tsv"):
            return header_of((), self.fields, self.style, self.format == "tsv")
        return write_info(self.press) if self.format == "wet" else b""


_SHOWN = 200  # characters of a header in a message
_PRESSED = ", each but Parquet also with .gz, .zst or .bz2"


class Sink:
    """Write what documents were rendered to into one file, in the format of a shape.

    Raises `OutputError` where a file cannot hold documents with other columns than it began with.
    """

    def __init__(self, file: Draft | StandardOutput, shape: Shape):
        self.file = file
        self._whole = Pressed(file, shape.press) if shape.press and shape.format != "wet" else None
        self._body = _body(self._whole or file, file.name, shape)

    def put(self, pieces: Iterable[Piece]) -> None:
        """Write pieces, each one document or several with what stands between them."""
        for piece in pieces:
            self._body.put(piece)

    def commit(self) -> None:
        """Finish the file and put it in its place; where that fails nothing is left of it."""
        try:
            self._body.end()
            if self._whole:
                self._whole.end()
        except BaseException:
            self.abandon()
            raise
        self.file.commit()

    def abandon(self) -> None:
        """Give up what was written."""
        self._body.give_up()
        self.file.abandon()


class _Body(Protocol):
    """Lay pieces out in one file."""

    def put(self, piece: Piece) -> None: ...
    def end(self) -> None: ...
    def give_up(self) -> None: ...


def _body(target: Target, name: str, shape: Shape) -> _Body:
    if shape.format == "parquet":
        return RowGroups(target, name, partial(usual_schema, shape.fields, shape.style))
    return _Members(target) if shape.format == "tar" else _Lines(target, name, shape)


class _Lines:
    """Write pieces one after the other, below what the file begins with."""

    def __init__(self, target: Target, name: str, shape: Shape):
        self._target, self._name, self._shape = target, name, shape
        self._close = shape.between[:1]
        self._open = shape.between[1:]
        self._head: bytes | None = None

    def put(self, piece: Piece) -> None:
        write = self._target.write
        if self._head is None:
            self._head = piece.head
            if piece.head:
                write(piece.head)
        elif piece.head is not self._head and piece.head != self._head:
            raise OutputError(f"{self._name}: {_difference(self._head, piece.head)}{OTHERWISE}")
        elif self._open:
            write(self._open)
        write(piece.raw)
        if self._close:
            write(self._close)

    def end(self) -> None:
        if self._head is None and self._shape.head:
            self._target.write(self._shape.head)

    def give_up(self) -> None:
        pass


class _Members:
    """Write each piece as a file in an archive."""

    def __init__(self, target: Target):
        self._target, self._names = target, Names()

    def put(self, piece: Piece) -> None:
        self._target.write(write_member(self._names.choose(piece.id, ".txt"), piece.raw))

    def end(self) -> None:
        self._target.write(END)

    def give_up(self) -> None:
        pass


def _difference(begun: bytes, come: bytes) -> str:
    """Say in what two headers differ."""
    return f"it began with the columns {_shown(begun)}, and an input has {_shown(come)}"


def _shown(header: bytes) -> str:
    names = header.decode().strip()
    return names if len(names) <= _SHOWN else f"{names[:_SHOWN]}..."


class Output:
    """Write documents into one file, or to standard output; as a context it keeps them only if nothing was raised."""

    def __init__(
        self,
        path: str | None,
        format_: str | None = None,
        fields: Fields = USUAL,
        style: Style = WHOLE,
        inputs: Collection[str] = (),
    ):
        """Open the output.

        Raises `OutputError` where it cannot be written or is one of the `inputs`, `OptionError` for a format that
        does not go with it.
        """
        self._taken = frozenset(map(resolve, inputs))
        self.path = None if path in (None, "-") else path
        self.shape = Shape.of(_format(self.path, format_), fields, style)
        self._rejects: Draft | None = None
        self._sink = Sink(self._open(), self.shape)

    def _open(self) -> Draft | StandardOutput:
        if self.path is None:
            return StandardOutput(sys.stdout.buffer)
        self._free(self.rejects_path)
        return begin(self._free(self.path))

    @property
    def rejects_path(self) -> str:
        """Return where rejects go if there are any and the output is no standard output."""
        return f"{self.path}{REJECTS}"

    def put(self, pieces: Iterable[Piece]) -> None:
        """Write what documents were rendered to, each by itself or several with what stands between them."""
        self._sink.put(pieces)

    def reject(self, rejected: Rejected) -> None:
        """Write one reject: to the file of rejects, or to standard error where the output is standard output."""
        line = describe_rejected(rejected) + b"\n"
        if self.path is None:
            sys.stderr.write(line.decode())
            return
        if self._rejects is None:
            self._rejects = begin(self._free(self.rejects_path))
        self._rejects.write(line)

    def _free(self, path: str) -> str:
        if resolve(path) in self._taken:
            raise OutputError(f"{path} is one of the inputs: choose another output")
        return path

    def keep(self) -> None:
        """Put what was written in its place, the rejects first: no output lacks them. Those of an earlier run go."""
        try:
            if self._rejects:
                self._rejects.commit()
            self._sink.commit()
        except BaseException:
            self.abandon()
            raise
        if self.path and not self._rejects:
            remove(self._free(self.rejects_path))

    def keep_rejects(self) -> None:
        """Put the rejects in their place, also where the output itself is given up."""
        if self._rejects:
            self._rejects.commit()
            self._rejects = None
        elif self.path:
            remove(self._free(self.rejects_path))

    def abandon(self) -> None:
        """Leave everything as it was, but for standard output."""
        self._sink.abandon()
        if self._rejects:
            self._rejects.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.keep()
        else:
            self.abandon()


def _format(path: str | None, given: str | None) -> str:
    """Name the format: the one given, compressed as the path says unless it says so itself; else that of the path."""
    path = re.sub(r"\.tgz$", ".tar.gz", path or "", flags=re.IGNORECASE)
    how = press_of(path)
    pressed = f".{how}" if how else ""
    if given:
        return f"{given}{pressed}" if f"{given}{pressed}" in FORMATS else given
    ending = Path(path.lower().removesuffix(pressed)).suffix
    known = {ending: format_ for format_, ending in ENDINGS.items()}
    if ending not in known and kind_of(path) not in (None, "jsonl"):
        raise OptionError(f"{path}: what ends in {ending} is read, not written; choose one of {', '.join(known)}")
    if ending and ending not in known and kind_of(path) is None:
        raise OptionError(
            f"{path}: the ending {ending} does not say what to write; choose one of {', '.join(known)}, or --format"
        )
    return known.get(ending, "jsonl") + pressed
