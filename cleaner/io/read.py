"""Read documents from files, folders and standard input, one after the other and in bounded memory.

A record that is no document comes back as a `Rejected` with its place and bytes, and reading goes on; so does a file
of one document that breaks off, and a damaged record of a web archive. A file that cannot be read, or a compressed
stream of lines that breaks off, is an `InputError` that says how many records came before.

Text files are UTF-8, with or without a byte order mark, or UTF-16 with one; line ends stay. Other encodings are
rejected rather than guessed: a wrong guess garbles every accent, and nobody would notice.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.record import USUAL, Entry, Fields, Place, parse_record, refuse
from cleaner.io.stream import LONGEST, Gap, Line, Truncated, Watch, read_chunks, read_torn, split_lines, whole
from cleaner.io.table import read_table
from cleaner.io.warc import SIGN, read_warc
from cleaner.model import Document, Page

_BLANK = b" \t\r\n"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SHOWN = 1 << 16  # bytes of an overlong line or file that go to the rejects
_HTML = re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


def read_entries(
    inputs: Iterable[Input],
    fields: Fields = USUAL,
    recleaning: bool = False,
    watch: Watch | None = None,
    passed: Counter[str] | None = None,
) -> Iterator[Entry]:
    """Yield an entry for each record of all inputs, in order; `passed` counts what an archive holds beside pages.

    Raises `InputError` where an input cannot be read or breaks off.
    """
    passed = Counter() if passed is None else passed
    for source in inputs:
        number = 0
        try:
            for number, entry in enumerate(_read(source, fields, recleaning, watch, passed), 1):  # noqa: B007
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


def _read(
    source: Input, fields: Fields, recleaning: bool, watch: Watch | None, passed: Counter[str]
) -> Iterator[Entry]:
    if source.kind == "stdin":
        yield from _stdin(read_torn(source.path, SIGN, watch), source, fields, recleaning, passed)
    elif source.kind == "warc":
        yield from read_warc(read_torn(source.path, SIGN, watch), source, fields, passed)
    elif source.kind in ("text", "html"):
        yield _single(read_chunks(source.path, watch), source)
    elif source.kind == "jsonl":
        yield from _records(split_lines(read_chunks(source.path, watch)), source, fields, recleaning)
    else:
        lines = split_lines(read_chunks(source.path, watch))
        yield from read_table(lines, source.label, source.path, source.kind == "tsv", fields, recleaning)


def _stdin(
    pieces: Iterator[bytes | Gap], source: Input, fields: Fields, recleaning: bool, passed: Counter[str]
) -> Iterator[Entry]:
    """Read records where the first character is a brace, an archive where it says so, else one page or text."""
    head, chunks = b"", whole(pieces)
    for chunk in chunks:
        head += chunk
        if len(begin := _begin(head)) >= len(SIGN) or begin.startswith(b"{"):
            break
    if head.startswith(SIGN):
        yield from read_warc(chain([head], pieces), source, fields, passed)
    elif _begin(head).startswith(b"{"):
        yield from _records(split_lines(chain([head], chunks)), source, fields, recleaning)
    elif head:
        yield _single(chain([head], chunks), source)


def _begin(head: bytes) -> bytes:
    return re.sub(rb"^\xef\xbb\xbf", b"", head[: 1 << 12] if head[:1] not in _BLANK else head).lstrip(_BLANK)


def _records(lines: Iterator[Line], source: Input, fields: Fields, recleaning: bool) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        place = Place(f"{source.label}#{number}", source.path, line.offset)
        if not line.whole:
            yield refuse(place, "the line is too long to hold in memory (its beginning is kept)", line.raw[:_SHOWN])
        elif line.raw.strip(_BLANK):
            yield parse_record(line.raw, place, fields, recleaning)


def _single(chunks: Iterator[bytes], source: Input) -> Entry:
    """Read a file that holds one document; of standard input the beginning tells whether it is a page."""
    place, parts, size = Place(source.id, source.path), [b""], 0
    try:
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > LONGEST:
                reason = "the file is too long to hold in memory (its beginning is kept)"
                return refuse(place, reason, b"".join(parts)[:_SHOWN])
    except Truncated as error:
        if source.kind == "stdin":
            raise
        return refuse(place, str(error), b"".join(parts))
    raw = b"".join(parts)
    if source.kind == "html" or (source.kind == "stdin" and _HTML.match(_begin(raw))):
        return Entry(Page(source.id, raw), place)
    try:
        return Entry(Document(source.id, decode(raw)), place)
    except ValueError as error:
        return refuse(place, str(error), raw)
