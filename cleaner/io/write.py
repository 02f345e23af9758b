"""Write cleaned documents as records or bodies, and rejects beside them.

A file appears under its name only when it is whole: it is written beside it and renamed. What was there before stays
until then, and an input is never written over.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self

from cleaner.errors import OptionError, OutputError
from cleaner.io.file import NewFile, StandardOutput
from cleaner.io.inputs import REJECTS, kind_of
from cleaner.io.names import Names
from cleaner.io.record import USUAL, WHOLE, Entry, Fields, Style, describe_rejected, render
from cleaner.model import Cleaned, Rejected

Format = Literal["jsonl", "text"]

BREAK = b"\n\f\n"
"""What stands between two bodies in one file: a blank line, and a form feed on its own."""


class Piece(NamedTuple):
    """Hold what one document was rendered to, and its id, which names a file of its own."""

    id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """Say what documents are written as: records or bodies in one file, or each body `apart` in a file of its own."""

    format: Format = "jsonl"
    apart: bool = False
    fields: Fields = USUAL
    style: Style = WHOLE

    def render(self, entry: Entry, cleaned: Cleaned) -> Piece:
        """Render one document, without the end of its last line where others may follow."""
        if self.format == "jsonl":
            return Piece("", render(entry, cleaned, self.fields, self.style))
        body = _encode(cleaned.text)
        if self.apart:
            return Piece(cleaned.document.id, body)
        return Piece("", body.removesuffix(b"\n"))

    @property
    def ending(self) -> str:
        """Return how the names of files of this shape end."""
        return ".jsonl" if self.format == "jsonl" else ".txt"

    @property
    def between(self) -> bytes:
        """Return what stands between two documents of one file, whose last line has its end."""
        return b"\n" if self.format == "jsonl" else b"\n" + BREAK


class Sink:
    """Write what documents were rendered to into one file, in the format of a shape."""

    def __init__(self, file: NewFile | StandardOutput, shape: Shape):
        self.file, self._shape = file, shape
        self._begun = False

    def put(self, pieces: Iterable[Piece]) -> None:
        """Write pieces, each one document or several with what stands between them."""
        for piece in pieces:
            if self._begun:
                self.file.write(self._shape.between[1:])
            self.file.write(piece.raw)
            self.file.write(b"\n")
            self._begun = True

    def commit(self) -> None:
        """Finish the file and put it in its place."""
        self.file.commit()

    def abandon(self) -> None:
        """Give up what was written."""
        self.file.abandon()


class Output:
    """Write documents to one place; used as a context it keeps what it wrote only if nothing was raised."""

    def __init__(
        self,
        path: str | None,
        format_: Format | None = None,
        fields: Fields = USUAL,
        style: Style = WHOLE,
        inputs: Collection[str] = (),
    ):
        """Open the output: a file, a folder (its name ends in a slash, or it is there), or standard output.

        Raises `OutputError` where it cannot be written or is one of the `inputs`, `OptionError` for a format that
        does not go with it.
        """
        self._taken = frozenset(str(Path(name).resolve()) for name in inputs if name != "-")
        self.path = None if path in (None, "-") else path
        folder = self.path is not None and (self.path.endswith(("/", "\\")) or Path(self.path).is_dir())
        self.shape = Shape(_format(self.path, folder, format_), folder, fields, style)
        if self.shape.format == "text" and (style.annotate or style.lean):
            raise OptionError("--annotate and --lean are for records: give an output that ends in .jsonl")
        self._folder = Path(self.path) if self.path and folder else None
        self._names = Names()
        self._rejects: NewFile | None = None
        self._sink = self._open()

    def _open(self) -> Sink | None:
        if self._folder:
            if self.shape.format != "text":
                raise OptionError(
                    f"{self.path} is a folder: records go to one file; give a file name, or --format text"
                )
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"{self.path} cannot be made: {error.strerror}") from None
            return None
        if self.path is None:
            return Sink(StandardOutput(sys.stdout.buffer), self.shape)
        self._free(self.rejects_path)
        return Sink(NewFile(self._free(Path(self.path))), self.shape)

    @property
    def rejects_path(self) -> Path:
        """Return where rejects go if there are any and the output is no standard output."""
        return Path(str(Path(self.path or "-")) + REJECTS)

    def put(self, pieces: Iterable[Piece]) -> None:
        """Write what documents were rendered to, each by itself or several with what stands between them."""
        if self._sink:
            self._sink.put(pieces)
        elif self._folder:
            for piece in pieces:
                self._write_alone(self._folder, piece)

    def reject(self, rejected: Rejected) -> None:
        """Write one reject: to the file of rejects, or to standard error where the output is standard output."""
        line = describe_rejected(rejected) + b"\n"
        if self.path is None:
            sys.stderr.write(line.decode())
            return
        if self._rejects is None:
            self._rejects = NewFile(self._free(self.rejects_path))
        self._rejects.write(line)

    def _write_alone(self, folder: Path, piece: Piece) -> None:
        path = folder / self._names.choose(piece.id, ".txt")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path.parent} cannot be made: {error.strerror}") from None
        file = NewFile(self._free(path))
        file.write(piece.raw)
        file.commit()

    def _free(self, path: Path) -> Path:
        if str(path.resolve()) in self._taken:
            raise OutputError(f"{path} is one of the inputs: choose another output")
        return path

    def keep(self) -> None:
        """Put what was written in its place; the rejects of an earlier run go."""
        if self._sink:
            self._sink.commit()
        self.keep_rejects()

    def keep_rejects(self) -> None:
        """Put the rejects in their place, also where the output itself is given up."""
        if self._rejects:
            self._rejects.commit()
            self._rejects = None
        elif self.path and self.rejects_path.is_file():
            self._free(self.rejects_path).unlink()

    def abandon(self) -> None:
        """Leave everything as it was, but for standard output and files already whole."""
        for file in (self._sink, self._rejects):
            if file:
                file.abandon()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.keep()
        else:
            self.abandon()


def _format(path: str | None, folder: bool, given: Format | None) -> Format:
    if given:
        return given
    return "text" if folder or (path and kind_of(path) == "text") else "jsonl"


def _encode(text: str) -> bytes:
    """Encode a body; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
