"""Read documents from files, folders and standard input, one after the other and in bounded memory.

A record that is no document comes back as a `Rejected` with its place and bytes, and reading goes on. A file that
cannot be read, or a compressed stream that breaks off, is an `InputError` that says how many records came before.

Text files are UTF-8, with or without a byte order mark, or UTF-16 with one; line ends stay. Other encodings are
rejected rather than guessed: a wrong guess garbles every accent, and nobody would notice.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.record import USUAL, Entry, Fields, Place, parse_record, refuse
from cleaner.io.stream import Line, Truncated, Watch, read_chunks, read_whole, split_lines
from cleaner.io.table import read_table
from cleaner.model import Document, Page

_BLANK = b" \t\r\n"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN = 1 << 16  # bytes of an overlong line that go to the rejects


def read_entries(
    inputs: Iterable[Input], fields: Fields = USUAL, recleaning: bool = False, watch: Watch | None = None
) -> Iterator[Entry]:
    """Yield an entry for each record of all inputs, in order.

    Raises `InputError` where an input cannot be read or breaks off.
    """
    for source in inputs:
        number = 0
        try:
            for number, entry in enumerate(_read(source, fields, recleaning, watch), 1):  # noqa: B007
                yield entry
        except Truncated as error:
            name = "standard input" if source.path == "-" else source.path
            raise InputError(f"{name}: {error}, after {number} record{'' if number == 1 else 's'}") from None


def decode(raw: bytes) -> str:
    """Decode a text file.

    Raises `ValueError` where it is neither UTF-8 nor marked UTF-16.
    """
    try:
        return raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid {error.encoding} at byte {error.start}; convert the file to UTF-8") from None


def _read(source: Input, fields: Fields, recleaning: bool, watch: Watch | None) -> Iterator[Entry]:
    if source.kind in ("text", "html"):
        raw = read_whole(source.path, watch)
        yield _html(raw, source) if source.kind == "html" else _text(raw, source)
        return
    chunks = read_chunks(source.path, watch)
    if source.kind == "stdin":
        yield from _stdin(chunks, source, fields, recleaning)
    elif source.kind == "jsonl":
        yield from _records(split_lines(chunks), source, fields, recleaning)
    else:
        lines = split_lines(chunks)
        yield from read_table(lines, source.label, source.path, source.kind == "tsv", fields, recleaning)


def _stdin(chunks: Iterator[bytes], source: Input, fields: Fields, recleaning: bool) -> Iterator[Entry]:
    """Read records where the first character is a brace, else one text."""
    head = b""
    for chunk in chunks:
        head += chunk
        if _begin(head):
            break
    if _begin(head).startswith(b"{"):
        yield from _records(split_lines(chain([head], chunks)), source, fields, recleaning)
    elif head:
        yield _text(head + b"".join(chunks), source)


def _begin(head: bytes) -> bytes:
    return re.sub(rb"^\xef\xbb\xbf", b"", head[: 1 << 12] if head[:1] not in _BLANK else head).lstrip(_BLANK)


def _records(lines: Iterator[Line], source: Input, fields: Fields, recleaning: bool) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        place = Place(f"{source.label}#{number}", source.path, line.offset)
        if not line.whole:
            yield refuse(place, "the line is too long to hold in memory (its beginning is kept)", line.raw[:_SHOWN])
        elif line.raw.strip(_BLANK):
            yield parse_record(line.raw, place, fields, recleaning)


def _text(raw: bytes, source: Input) -> Entry:
    place = Place(source.id, source.path)
    try:
        return Entry(Document(source.id, decode(raw)), place)
    except ValueError as error:
        return refuse(place, str(error), raw)


def _html(raw: bytes, source: Input) -> Entry:
    return Entry(Page(source.id, raw), Place(source.id, source.path))
