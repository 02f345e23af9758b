"""Read web archives (WARC): the pages of `response` and `resource` records, the texts of `conversion` records.

A stream is split into records here rather than by a library, because libraries end at the first damage without a
word. A record that is damaged, cut short or too long comes back as a `Rejected`, and reading goes on at the next
header. Other records (requests, metadata, revisits) and responses that are no pages (images, redirects) are passed
over, and those that are no pages are counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from cleaner.io.http import BadResponse, decode_body, parse_content_type, parse_header, parse_response
from cleaner.io.inputs import Input
from cleaner.io.record import Entry, Fields, Place, refuse
from cleaner.io.splice import dump
from cleaner.io.stream import Gap, Truncated
from cleaner.model import Document, Page

SIGN = b"WARC/"
LONGEST_RECORD = 1 << 26
"""Bytes in a record beyond which it is not held in memory."""

HTML = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"})
_PERHAPS = frozenset({"", "text/xml", "application/xml", "unk", "unknown/unknown"})
_LOOKS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_SNIFFED = 1 << 12

_BEGIN = re.compile(rb"WARC/\d\.\d{1,3}[ \t]*\r?\n")
_NEXT = re.compile(rb"\n(?=WARC/\d\.\d{1,3}\r?\nW)")
_BEGIN_LENGTH = 32  # bytes that hold the beginning of a record wherever a chunk ends
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEADER = 1 << 16
_SHOWN = 1 << 16  # bytes of a damaged record that go to the rejects
_BROKEN = "the record's header breaks off"
_MISFIT = "the record's Content-Length does not fit: no record ends there"


@dataclass(frozen=True, slots=True)
class Record:
    """Hold one record: its header with lower-case names, and its block; not `whole` where it only begins here."""

    offset: int
    header: Mapping[str, str]
    block: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Torn:
    """Hold the beginning of what is no sound record, with the reason; `cut` where the stream ends or breaks there."""

    offset: int
    reason: str
    raw: bytes
    cut: bool = False


def read_warc(pieces: Iterable[bytes | Gap], source: Input, fields: Fields, passed: Counter[str]) -> Iterator[Entry]:
    """Yield an entry for each page or text of an archive; `passed` counts responses that are no pages, by kind.

    Raises `Truncated` where it ends inside a record; where it breaks and goes on, what is lost is a reject.
    """
    cut: Torn | None = None
    for number, record in enumerate(split_records(pieces), 1):
        if cut:
            yield refuse(Place(f"{source.label}#{number - 1}", source.path, cut.offset), cut.reason, cut.raw)
            cut = None
        place = Place(f"{source.label}#{number}", source.path, record.offset)
        if isinstance(record, Torn):
            if record.cut:
                cut = record
            else:
                yield refuse(place, record.reason, record.raw)
            continue
        take = _KINDS.get(record.header.get("warc-type", "").lower())
        if not take:
            continue
        place = replace(place, id=_id(record) or place.id)
        try:
            taken = take(record, place, fields)
        except BadResponse as error:
            taken = refuse(place, str(error), record.block)
        if isinstance(taken, Entry):
            yield taken
        else:
            passed[taken] += 1
    if cut:
        raise Truncated(cut.reason)


def split_records(pieces: Iterable[bytes | Gap], most: int = LONGEST_RECORD) -> Iterator[Record | Torn]:
    r"""Split a stream into records.

    >>> head = b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 2\r\n\r\n"
    >>> [(record.offset, record.block) for record in split_records([head + b"Hi\r\n\r\n" + head, b"Ho\r\n\r\n"])]
    [(0, b'Hi'), (58, b'Ho')]
    """
    feed = _Feed(iter(pieces))
    while True:
        feed.skip_blank()
        if feed.held:
            yield _next_record(feed, most)
        elif feed.gap:
            yield Torn(feed.offset, feed.gap.reason, b"", cut=True)
            feed.gap = None
        else:
            return


@dataclass(slots=True)
class _Feed:
    """Hold the part of the stream under review, up to a gap at most."""

    pieces: Iterator[bytes | Gap]
    held: bytearray = field(default_factory=bytearray)
    offset: int = 0
    gap: Gap | None = None
    ended: bool = False

    def fill(self, size: int) -> bool:
        """Hold at least so many bytes; false where the stream has not as many before it ends or breaks."""
        while len(self.held) < size:
            if self.gap or self.ended:
                return False
            piece = next(self.pieces, None)
            if isinstance(piece, Gap):
                self.gap = piece
            elif piece is None:
                self.ended = True
            else:
                self.held += piece
        return True

    def drop(self, size: int) -> None:
        """Leave so many bytes behind."""
        self.offset += min(size, len(self.held))
        del self.held[:size]

    def skip_blank(self) -> None:
        """Leave line ends and padding behind."""
        while self.fill(1):
            size = len(self.held) - len(self.held.lstrip(b"\r\n\0"))
            self.drop(size)
            if self.held:
                return


def _next_record(feed: _Feed, most: int) -> Record | Torn:
    offset = feed.offset
    end = _find_header(feed)
    if end is None:
        if _is_cut(feed):
            return _cut(feed, "inside the header of a record")
        return _skip(feed, _BROKEN if _BEGIN.match(feed.held) else "no WARC record begins here")
    if end > _LONGEST_HEADER or _NEXT.search(feed.held, 0, end):
        return _skip(feed, _BROKEN)
    header = parse_header(bytes(feed.held[:end]))
    length = header.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 19):
        return _skip(feed, "the record has no Content-Length")
    size = int(length)
    if size > most:
        return _pass_long(feed, header, end, size)
    if not feed.fill(end + size) and not _NEXT.search(feed.held, end):
        return _cut(feed, f"inside a record, {len(feed.held) - end} of its {size} bytes read")
    if not _fits(feed, end + size):
        return _skip(feed, _MISFIT, end)
    block = bytes(feed.held[end : end + size])
    feed.drop(end + size)
    return Record(offset, header, block)


def _find_header(feed: _Feed) -> int | None:
    """Return where the header ends that begins here, if one does."""
    at = 0
    while True:
        found = _BLANK_LINE.search(feed.held, at)
        if found:
            return found.end() if _BEGIN.match(feed.held) else None
        at = max(0, len(feed.held) - 3)
        if len(feed.held) >= _BEGIN_LENGTH and not _BEGIN.match(feed.held):
            return None
        if len(feed.held) > _LONGEST_HEADER or not feed.fill(len(feed.held) + 1):
            return None


def _is_cut(feed: _Feed) -> bool:
    """Tell that what is held is the beginning of a record, and the stream has no more of it."""
    begins = SIGN.startswith(bytes(feed.held[: len(SIGN)])) and not _BLANK_LINE.search(feed.held)
    return begins and not _NEXT.search(feed.held) and not feed.fill(len(feed.held) + 1)


def _fits(feed: _Feed, end: int) -> bool:
    """Tell that a record can end there: line ends follow, or the next record, or nothing."""
    if not feed.fill(end):
        return False
    feed.fill(end + 4 + len(SIGN))
    after = bytes(feed.held[end : end + 4 + len(SIGN)])
    return after.startswith(b"\r\n\r\n") or SIGN.startswith(after.lstrip(b"\r\n\0")[: len(SIGN)])


def _cut(feed: _Feed, where: str) -> Torn:
    """Give up what is held, which ends with the stream or at a gap."""
    reason = f"{feed.gap.reason}, {where}" if feed.gap else f"the file ends {where}"
    feed.gap = None
    torn = Torn(feed.offset, reason, bytes(feed.held[:_SHOWN]), cut=True)
    feed.drop(len(feed.held))
    return torn


def _skip(feed: _Feed, reason: str, start: int = 1) -> Torn:
    """Leave everything behind up to where the next record begins, or to a gap."""
    offset, shown = feed.offset, bytes(feed.held[:_SHOWN])
    feed.drop(start - 1)  # the line end before stays
    while not (found := _NEXT.search(feed.held)):
        feed.drop(max(0, len(feed.held) - _BEGIN_LENGTH))
        if not feed.fill(len(feed.held) + 1):
            feed.drop(len(feed.held))
            reason, feed.gap = f"{reason}; {feed.gap.reason}" if feed.gap else reason, None
            break
    feed.drop(found.end() if found else 0)
    return Torn(offset, reason, shown[: feed.offset - offset])


def _pass_long(feed: _Feed, header: Mapping[str, str], end: int, size: int) -> Record | Torn:
    """Leave a record behind that is too long to hold, unless another one begins inside it."""
    offset = feed.offset
    feed.fill(end + min(size, _SHOWN))
    shown = bytes(feed.held[: end + min(size, _SHOWN)])
    feed.drop(end)
    goal = feed.offset + size
    while left := goal - feed.offset:
        if found := _NEXT.search(feed.held, 0, left):
            feed.drop(found.end())
            return Torn(offset, _MISFIT, shown)
        feed.drop(left if left <= len(feed.held) else max(0, len(feed.held) - _BEGIN_LENGTH))
        if feed.offset < goal and not feed.fill(len(feed.held) + 1):
            read = size - left + len(feed.held)
            return replace(_cut(feed, f"inside a record, {read} of its {size} bytes read"), offset=offset, raw=shown)
    return Record(offset, header, shown[end:], whole=False)


def _take_response(record: Record, place: Place, fields: Fields) -> Entry | str:
    if not parse_content_type(record.header.get("content-type", "application/http"))[0].startswith("application/http"):
        return _take_resource(record, place, fields)
    response = parse_response(record.block)
    if 300 <= response.status < 400:
        return "redirect"
    if not _is_html(response.media_type, response.body):
        return response.media_type or "unknown type"
    if response.status >= 400:
        raise BadResponse(f"HTTP status {response.status}")
    _check_whole(record)
    return _page(record, place, fields, decode_body(response), response.charset)


def _take_resource(record: Record, place: Place, fields: Fields) -> Entry | str:
    media_type, charset = parse_content_type(record.header.get("content-type", ""))
    if not _is_html(media_type, record.block):
        return media_type or "unknown type"
    _check_whole(record)
    return _page(record, place, fields, record.block, charset)


def _take_conversion(record: Record, place: Place, fields: Fields) -> Entry | str:
    media_type = parse_content_type(record.header.get("content-type", "text/plain"))[0]
    if media_type != "text/plain":
        return media_type
    _check_whole(record)
    try:
        text = record.block.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadResponse(f"invalid UTF-8 at byte {error.start}") from None
    url, crawled = _url(record), record.header.get("warc-date")
    return Entry(Document(place.id, text, url, crawled=crawled), place, _known(record, place, fields), apart=True)


_KINDS: Mapping[str, Callable[[Record, Place, Fields], Entry | str]] = {
    "response": _take_response,
    "resource": _take_resource,
    "conversion": _take_conversion,
}


def _page(record: Record, place: Place, fields: Fields, html: bytes, charset: str | None) -> Entry:
    page = Page(place.id, html, _url(record), crawled=record.header.get("warc-date"), charset=charset)
    return Entry(page, place, _known(record, place, fields), apart=True)


def _known(record: Record, place: Place, fields: Fields) -> bytes:
    """Write what the archive says of a document as the object that its record begins with."""
    known = {
        fields.id: place.id,
        fields.url: _url(record),
        fields.crawled: record.header.get("warc-date"),
        "warc_truncated": record.header.get("warc-truncated"),  # the crawler kept only the beginning
    }
    return dump({name: value for name, value in known.items() if value})


def _check_whole(record: Record) -> None:
    if not record.whole:
        size = record.header["content-length"]
        raise BadResponse(f"the record is too long to hold in memory: {size} bytes (its beginning is kept)")
    if "warc-segment-number" in record.header:
        raise BadResponse("the record is one segment of several, and segments are not joined")


def _is_html(media_type: str, body: bytes) -> bool:
    return media_type in HTML or (media_type in _PERHAPS and bool(_LOOKS_HTML.search(body, 0, _SNIFFED)))


def _id(record: Record) -> str:
    return record.header.get("warc-record-id", "").strip("<>").removeprefix("urn:uuid:")


def _url(record: Record) -> str | None:
    return record.header.get("warc-target-uri", "").strip("<>") or None  # some crawlers write it in brackets
