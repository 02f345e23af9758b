"""Read and write the usual records of a sheaf without a copy: one JSON object a line that holds a text.

A record that nothing touched leaves as it stands, its last brace replaced by a constant account. Whatever is not the
usual (another layout, what only lenient parsers read, pages, fields to fill) goes the way of `parse_record` and
`render`; both ways give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from cleaner.io.read import Sheaf, open_item
from cleaner.io.record import (
    CLEANING,
    Entry,
    Fields,
    Place,
    Style,
    bare_account,
    id_of,
    is_untouched,
    parse_record,
    word_of,
)
from cleaner.io.splice import dump
from cleaner.model import Cleaned, Document

_BLANK = b" \t\r\n"
_OPEN, _CLOSE, _RETURN, _SPACE = b"{}\r "


class Plain(NamedTuple):
    """Hold a document, the object it was read from, and where that begins and closes in the bytes of its sheaf."""

    value: Document
    record: dict[str, Any]
    begin: int
    close: int


class _Draft:
    """Hold what a `Document` holds while it is filled in: frozen, each field would cost ten times as much."""

    __slots__ = Document.__slots__


def read_sheaf(sheaf: Sheaf, fields: Fields, recleaning: bool = False) -> Iterator[Plain | Entry]:
    """Yield the records of a sheaf, those of the usual form as `Plain`."""
    raw, number = sheaf.lines.raw, sheaf.lines.number - 1
    if not sheaf.lines.whole:
        yield from open_item(sheaf, fields, recleaning)
        return
    view, find, loads, new = memoryview(raw), raw.find, orjson.loads, tuple.__new__
    at, size = 0, len(raw)
    while at < size:
        number += 1
        begin, end = at, find(b"\n", at)
        if end < 0:
            end = size
        at = end + 1
        close = end - 1
        if raw[close] == _RETURN:
            close -= 1
        if raw[begin] == _OPEN and begin < close and raw[close] == _CLOSE:
            try:
                record = loads(view[begin:end])
            except orjson.JSONDecodeError:
                record = {}
            text = record.get(fields.text)
            if type(text) is str and text and (recleaning or CLEANING not in record):
                id_ = record.get(fields.id)
                if type(id_) is not str or not id_:
                    id_ = id_of(record, raw[begin : close + 1], Place(f"{sheaf.label}#{number}", ""), fields)
                yield new(Plain, (_document(id_, text, record, fields), record, begin, close))
                continue
        line = raw[begin:end]
        if line.strip(_BLANK):
            place = Place(f"{sheaf.label}#{number}", sheaf.path, sheaf.lines.offset + begin)
            yield parse_record(line, place, fields, recleaning)


def entry_of(plain: Plain, sheaf: Sheaf) -> Entry:
    """Return the entry that `parse_record` would have made."""
    document, record, begin, close = plain
    place = Place(document.id, sheaf.path, sheaf.lines.offset + begin)
    return Entry(document, place, sheaf.lines.raw[begin : close + 1], record=record)


def untouched_end(plain: Plain, cleaned: Cleaned, raw: bytes, fields: Fields, style: Style) -> bytes | None:
    """Return what follows the record in place of its last brace; None where more than that changes."""
    document, record, _, close = plain
    if not is_untouched(cleaned) or CLEANING in record or raw[close - 1] <= _SPACE:
        return None
    if style.annotate:
        if cleaned.source != document.text:
            return None
    elif cleaned.title and record.get(fields.title) in (None, ""):
        return None
    account = bare_account(cleaned.rules_digest)
    if record.get(fields.id) not in (None, ""):
        return account
    return None if fields.id in record else b"," + dump(fields.id) + b":" + dump(document.id) + account


def _document(id_: str, text: str, record: dict[str, Any], fields: Fields) -> Document:
    get = record.get
    document: Any = _Draft()
    document.id, document.text, document.surface = id_, text, "text"
    document.url = None if (value := get(fields.url)) is None else word_of(value)
    document.source = None if (value := get(fields.source)) is None else word_of(value)
    document.lang = None if (value := get(fields.lang)) is None else word_of(value)
    document.title = None if (value := get(fields.title)) is None else word_of(value)
    document.crawled = None if (value := get(fields.crawled)) is None else word_of(value)
    document.metadata, document.resolved, document.origins, document.extra = {}, {}, {}, {}
    document.__class__ = Document
    filled: Document = document
    return filled
