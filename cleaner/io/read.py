"""Read documents from files, folders and standard input, one after the other and in bounded memory.

A record that is no document comes back as a `Rejected` with its place and bytes, and reading goes on; so does a file
of one document that breaks off, and a damaged record of a web archive. A file that cannot be read, or a compressed
stream of lines that breaks off, is an `InputError` that says how many records came before.

Text files are UTF-8, with or without a byte order mark, or UTF-16 with one; line ends stay. Other encodings are
rejected rather than guessed: a wrong guess garbles every accent, and nobody would notice.
"""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from cleaner.errors import BrokenOff, InputError
from cleaner.io.guise import SNIFFED, name_array, name_binary, name_guise
from cleaner.io.inputs import PRESSED, REJECTS, Input, kind_of, stem_of
from cleaner.io.parquet import SIGN as PARQUET
from cleaner.io.parquet import Rows, open_rows, read_parquet, show_row, split_rows
from cleaner.io.record import USUAL, Entry, Fields, Place, Unread, parse_record, refuse, reject
from cleaner.io.stream import (
    LONGEST,
    PARCEL,
    SHOWN,
    Gap,
    Lines,
    Truncated,
    Watch,
    beginning,
    count_ends,
    decompress,
    gather_lines,
    read_torn,
    split_lines,
    whole,
)
from cleaner.io.table import LONGEST_ROW, read_table
from cleaner.io.tar import SIGN as TAR
from cleaner.io.tar import SIGN_AT as TAR_AT
from cleaner.io.tar import Member, split_members
from cleaner.io.warc import SIGN, read_warc
from cleaner.model import Document, Page, Rejected

_BLANK = b" \t\r\n"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UNREAD = ("parquet", "tar")  # inside an archive: the one is read from its end, the other may nest without end
_HTML = re.compile(rb"(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheaf:
    """Hold lines of records as they stood, not yet read, and the label and the path of their input."""

    lines: Lines
    label: str
    path: str


Item = Sheaf | Rows | Unread | Entry
"""What reading hands out: lines of records, rows of a table, one record, or a document."""


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
            for item in read_items(source, fields, watch, passed):
                for entry in open_item(item, fields, recleaning) if item else ():
                    number += 1
                    yield entry
        except Truncated as error:
            raise broken_off(source, error, number) from None


def broken_off(source: Input, error: Truncated | str, records: int) -> BrokenOff:
    """Make the error of an input that breaks off after so many records."""
    name = "standard input" if source.path == "-" else source.path
    return BrokenOff(f"{name}: {error}, after {records} record{'' if records == 1 else 's'}")


def read_items(
    source: Input,
    fields: Fields,
    watch: Watch | None = None,
    passed: Counter[str] | None = None,
    least: int = PARCEL,
) -> Iterator[Item | None]:
    """Yield what an input holds, in order, records still unread, lines by `least` bytes; None while a pipe is silent.

    Raises `InputError` where the input cannot be read, `Truncated` where it breaks off.
    """
    passed = Counter() if passed is None else passed
    if source.kind == "parquet":
        yield from read_parquet(source, fields, watch)
    else:
        sign = SIGN if source.kind in ("warc", "stdin") else b""
        yield from _take(read_torn(source.path, sign, watch), source, fields, passed, least)


def _take(
    pieces: Iterator[bytes | Gap], source: Input, fields: Fields, passed: Counter[str], least: int
) -> Iterator[Item | None]:
    """Yield what is in a stream of the kind that the input says."""
    if source.kind == "stdin":
        yield from _stdin(pieces, source, fields, passed, least)
    elif source.kind == "warc":
        yield from read_warc(pieces, source, fields, passed)
    elif source.kind == "tar":
        yield from _tar(whole(pieces), source, fields, passed, least)
    elif source.kind in ("text", "html"):
        yield _single(whole(pieces), source)
    elif source.kind == "jsonl":
        yield from _sheaves(_undisguised(whole(pieces), source), source, least)
    else:
        lines = split_lines(_undisguised(whole(pieces), source), LONGEST_ROW)
        yield from read_table(lines, source.label, source.path, source.kind == "tsv", fields)


def _undisguised(chunks: Iterator[bytes], source: Input) -> Iterator[bytes]:
    """Yield the chunks of a file of records; raises `InputError` where its beginning shows that it is something else."""
    head = b""
    try:
        for chunk in chunks:
            head += chunk
            if len(head) >= SNIFFED or (head and not chunk):
                break
            if not head:
                yield chunk  # silence
    except (Truncated, InputError):
        yield head  # what came before stands
        raise
    if what := name_guise(head):
        raise InputError(f"{source.path}: by its name {source.kind.upper()}, but it is {what}")
    yield head
    yield from chunks


def open_item(item: Item, fields: Fields, recleaning: bool = False) -> Iterator[Entry]:
    """Read the records of what reading handed out."""
    if isinstance(item, Entry):
        yield item
    elif isinstance(item, Unread):
        yield parse_record(item.raw, item.place, fields, recleaning)
    elif isinstance(item, Rows):
        yield from open_rows(item, fields, recleaning)[1]
    else:
        for record in split_sheaf(item):
            if isinstance(record, Entry):
                yield record
            else:
                yield parse_record(record.raw, record.place, fields, recleaning)


def split_item(item: Item) -> Iterator[Item]:
    """Yield each record of an item by itself, unread."""
    if isinstance(item, Sheaf):
        yield from split_sheaf(item)
    elif isinstance(item, Rows):
        yield from split_rows(item)
    else:
        yield item


def size_of(item: Item) -> int:
    """Return about the bytes that an item takes in memory."""
    if isinstance(item, Sheaf):
        return len(item.lines.raw)
    if isinstance(item, (Rows, Unread)):
        return len(item.raw)
    value = item.value
    content = value.raw if isinstance(value, Rejected) else value.text if isinstance(value, Document) else value.html
    return len(item.raw) + len(content)


def offset_of(item: Item) -> int:
    """Return where an item begins in its input, in decompressed bytes."""
    if isinstance(item, Sheaf):
        return item.lines.offset
    return item.offset if isinstance(item, Rows) else item.place.offset


def reject_item(item: Item, reason: str) -> Rejected:
    """Reject one record, unread."""
    if isinstance(item, Entry):
        return reject(item, reason)
    assert isinstance(item, (Unread, Rows)), "split first"
    place, raw = (item.place, item.raw) if isinstance(item, Unread) else (item.place_of(0), show_row(item))
    return Rejected(place.id, place.path, place.offset, reason, raw)


def split_sheaf(sheaf: Sheaf) -> Iterator[Unread | Entry]:
    """Yield the records of a sheaf, each with its place; a line that is too long is rejected."""
    offset, number = sheaf.lines.offset, sheaf.lines.number
    for raw in sheaf.lines.raw.split(b"\n"):
        if raw.strip(_BLANK):
            place = Place(f"{sheaf.label}#{number}", sheaf.path, offset)
            if sheaf.lines.whole:
                yield Unread(place, raw)
            else:
                yield refuse(place, "the line is too long to hold in memory (its beginning is kept)", raw[:SHOWN])
        offset += len(raw) + 1
        number += 1


def cut_sheaf(sheaf: Sheaf, border: int) -> tuple[Sheaf | None, Sheaf | None]:
    """Part the lines that begin before an offset from those that begin there or behind it."""
    lines = sheaf.lines
    at = border - lines.offset
    if at <= 0:
        return None, sheaf
    cut = lines.raw.find(b"\n", at - 1) + 1
    if not cut or cut == len(lines.raw) or not lines.whole:
        return sheaf, None
    head = Lines(lines.offset, lines.number, lines.raw[:cut])
    rest = Lines(lines.offset + cut, lines.number + count_ends(head.raw), lines.raw[cut:])
    return replace(sheaf, lines=head), replace(sheaf, lines=rest)


def decode(raw: bytes) -> str:
    """Decode a text file.

    Raises `ValueError` where it is neither UTF-8 nor marked UTF-16.
    """
    try:
        return raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid {error.encoding} at byte {error.start}; convert the file to UTF-8") from None


def _stdin(
    pieces: Iterator[bytes | Gap], source: Input, fields: Fields, passed: Counter[str], least: int
) -> Iterator[Item | None]:
    """Read records where the first character is a brace, an archive where it says so, else one page or text."""
    head, chunks = b"", whole(pieces)
    for chunk in chunks:
        head += chunk
        if len(begin := _begin(head)) >= len(SIGN) or begin.startswith(b"{"):
            break
    if head.startswith(PARQUET):
        raise InputError("standard input is Parquet, which is read from its end: give the file by its name")
    if head.startswith(SIGN):
        yield from read_warc(chain([head], pieces), source, fields, passed)
    elif _begin(head).startswith(b"{"):
        yield from _sheaves(chain([head], chunks), source, least)
    elif head.startswith(TAR, TAR_AT):
        yield from _tar(chain([head], chunks), source, fields, passed, least)
    elif what := name_array(_begin(head)):
        raise InputError(f"standard input is {what}")
    elif (
        head.startswith(_UTF16)
        and (what := name_guise(head))
        and head[2:].replace(b"\0", b"").lstrip().startswith(b"{")
    ):
        raise InputError(f"standard input is records in {what}")
    elif head:
        yield _single(chain([head], chunks), source)


def _begin(head: bytes) -> bytes:
    return re.sub(rb"^\xef\xbb\xbf", b"", head[: 1 << 12] if head[:1] not in _BLANK else head).lstrip(_BLANK)


def _sheaves(chunks: Iterator[bytes], source: Input, least: int) -> Iterator[Sheaf | None]:
    for lines in gather_lines(chunks, least):
        yield Sheaf(lines, source.label, source.path) if lines else None


def _tar(
    chunks: Iterator[bytes], source: Input, fields: Fields, passed: Counter[str], least: int
) -> Iterator[Item | None]:
    """Read the members of an archive as the files they are; one that breaks off is rejected, and the next one read."""
    for member in split_members(chunks, source.path):
        kind = kind_of(member.name)
        if member.sort not in ("file", "sparse file") or kind in (None, *_UNREAD) or member.name.endswith(REJECTS):
            passed[_kind_passed(member)] += 1
            continue
        assert kind
        label = f"{source.label}/{member.name}"
        inside = Input(source.path, kind, label, stem_of(label))
        if member.sort != "file":
            yield refuse(Place(inside.id, source.path, member.offset), f"a {member.sort} is not read", b"")
            continue
        pieces = decompress(member.chunks, member.name, SIGN if kind == "warc" else b"")
        pressed, reached = member.name.lower().endswith(PRESSED), member.offset
        try:
            for item in _take(pieces, inside, fields, passed, least):
                for moved in _moved(item, member.offset, pressed):
                    reached = offset_of(moved) if moved else reached
                    yield moved
        except (Truncated, InputError) as error:
            yield refuse(Place(label, source.path, reached), str(error), b"")  # offsets never go back


def _kind_passed(member: Member) -> str:
    """Name what is passed over of an archive."""
    if member.sort != "file" or member.name.endswith(REJECTS):
        return "rejects" if member.sort == "file" else member.sort
    return os.path.splitext(member.name)[1].lower() or "no ending"


def _moved(item: Item | None, offset: int, pressed: bool) -> Iterator[Item | None]:
    """Place an item among the bytes of the archive that it stands in; what was compressed has the place of its member."""
    if isinstance(item, Sheaf) and not pressed:
        yield replace(item, lines=item.lines._replace(offset=offset + item.lines.offset))
        return
    for record in split_item(item) if item else ():
        assert isinstance(record, (Unread, Entry))
        place = replace(record.place, offset=offset if pressed else offset + record.place.offset)
        if isinstance(record, Entry) and isinstance(record.value, Rejected):
            record = replace(record, value=replace(record.value, offset=place.offset))
        yield replace(record, place=place)
    if not item:
        yield None


def _single(chunks: Iterator[bytes], source: Input) -> Entry:
    """Read a file that holds one document; of standard input the beginning tells whether it is a page."""
    place, parts, size = Place(source.id, source.path), [b""], 0
    try:
        for chunk in chunks:
            parts.append(chunk)
            size += len(chunk)
            if size > LONGEST:
                reason = "the file is too long to hold in memory (its beginning is kept)"
                return refuse(place, reason, beginning(parts))
    except Truncated as error:
        if source.kind == "stdin":
            raise
        return refuse(place, str(error), b"".join(parts))
    raw = b"".join(parts)
    if source.kind != "html" and (what := name_binary(raw)):
        return refuse(place, f"it is {what}", raw)
    if source.kind == "html" or (source.kind == "stdin" and _HTML.match(_begin(raw))):
        return Entry(Page(source.id, raw), place)
    try:
        return Entry(Document(source.id, decode(raw)), place)
    except ValueError as error:
        return refuse(place, str(error), raw)
