"""Turn one JSON record into a `Document` or `Page`, and a `Cleaned` back into that record.

The record's own fields leave as they came: only the values of `text` and `title` change, and `cleaning` is appended.
A record of one key twice counts by the last of them, as parsers do; only that one changes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cleaner.io.splice import dump, members, parse, splice
from cleaner.model import Cleaned, Cut, Document, Drop, Page, Rejected, Related

CLEANING = "cleaning"
_LEAD = b',"cleaning":'

_KNOWN = ("url", "source", "lang", "title", "crawled")


@dataclass(frozen=True, slots=True)
class Fields:
    """Name the fields of a record; the defaults are what readers look for unless told otherwise."""

    text: str = "text"
    html: str = "html"
    html_base64: str = "html_base64"
    id: str = "id"
    url: str = "url"
    source: str = "source"
    lang: str = "lang"
    title: str = "title"
    crawled: str = "crawled"


USUAL = Fields()


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a record stands, and in a table of which columns; `id` names it if it does not name itself."""

    id: str
    path: str
    offset: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Hold the bytes of one JSON object that nobody has parsed yet."""

    place: Place
    raw: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what was read, beside the JSON object of the input's own fields (empty for a file of text or HTML).

    `apart` where the text or HTML is not in that object. `record` is that object, where it has been parsed.
    """

    value: Document | Page | Rejected
    place: Place
    raw: bytes = b"{}"
    apart: bool = False
    record: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Style:
    """Choose what an output record holds."""

    lean: bool = False
    annotate: bool = False


WHOLE = Style()


class _Broken(Exception):
    pass


def parse_record(raw: bytes, place: Place, fields: Fields, recleaning: bool = False) -> Entry:
    """Read one JSON object; what is no document comes back as a `Rejected` that holds the bytes."""
    raw = raw.strip(b" \t\r\n")
    try:
        record = parse(raw)
        if not isinstance(record, dict):
            raise _Broken(f"a JSON {_type(record)}, not an object")
        if CLEANING in record and not recleaning:
            raise _Broken("it has `cleaning` already; use --recleaning to clean it again")
        return Entry(_document(record, id_of(record, raw, place, fields), fields), place, raw, record=record)
    except (_Broken, ValueError) as error:
        return refuse(place, str(error), raw)


def render(entry: Entry, cleaned: Cleaned, fields: Fields, style: Style = WHOLE) -> bytes:
    """Write the record that `entry` becomes, as one line without its end."""
    record = entry.record
    if record is None:
        record = parse(entry.raw) if entry.raw != b"{}" else {}
    known = cleaned.document
    changes = {} if record.get(fields.id) not in (None, "") else {fields.id: dump(known.id)}
    own_text = record.get(fields.text)
    if style.annotate:
        if not own_text:
            changes[fields.text] = dump(cleaned.source)
    else:
        if cleaned.title and record.get(fields.title) in (None, ""):
            changes[fields.title] = dump(cleaned.title)
        if own_text != cleaned.text:
            changes[fields.text] = dump(cleaned.text)
    changes[CLEANING] = render_account(cleaned, style.lean, hidden_source(own_text, cleaned, style))
    return splice(entry.raw, changes, record)


def hidden_source(own_text: str | None, cleaned: Cleaned, style: Style) -> str | None:
    """Return the source that offsets count in, where the record leaves with its own text and that is another one."""
    return cleaned.source if style.annotate and own_text and own_text != cleaned.source else None


def render_account(cleaned: Cleaned, lean: bool = False, source: str | None = None) -> bytes:
    """Write the account as JSON; that of a document that nothing touched is written once for all."""
    if source is None and is_untouched(cleaned):
        return bare_account(cleaned.rules_digest)[len(_LEAD) : -1]
    account = describe(cleaned, lean)
    return dump(account if source is None else {**account, "source": source})


def is_untouched(cleaned: Cleaned) -> bool:
    """Tell whether a document left as it came, and its account holds nothing but the digest of the rules."""
    return not (
        cleaned.cuts
        or cleaned.repairs
        or cleaned.flags
        or cleaned.metadata
        or cleaned.drops
        or cleaned.related
        or cleaned.headlines
        or cleaned.resolved
        or cleaned.origins
        or cleaned.text != cleaned.document.text
    )


@lru_cache(maxsize=16)
def bare_account(digest: str) -> bytes:
    """Write how the record of an untouched document ends, from the comma before `cleaning` on."""
    return _LEAD + dump(describe(Cleaned(Document("", ""), "", "", rules_digest=digest))) + b"}"


def describe(cleaned: Cleaned, lean: bool = False) -> dict[str, Any]:
    """Return the account of a cleaning: the value of `cleaning` in a record."""
    return {
        "status": cleaned.status,
        "flags": list(cleaned.flags),
        "rules": cleaned.rules_digest,
        "repairs": list(cleaned.repairs),
        "cuts": [_cut(cut, lean) for cut in cleaned.cuts],
        "drops": [_drop(drop, lean) for drop in cleaned.drops],
        "metadata": dict(cleaned.metadata),
        "resolved": dict(cleaned.resolved),
        "origins": dict(cleaned.origins),
        "related": [_related(related, lean) for related in cleaned.related],
        "headlines": list(cleaned.headlines),
    }


def reject(entry: Entry, reason: str) -> Rejected:
    """Turn an entry that could be read, but not cleaned, into a `Rejected`."""
    value, raw = entry.value, entry.raw
    if isinstance(value, Rejected):
        return value
    if raw == b"{}" or entry.apart:
        content = value.text if isinstance(value, Document) else value.html
        raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return Rejected(value.id, entry.place.path, entry.place.offset, reason, raw)


def describe_rejected(rejected: Rejected) -> bytes:
    """Write what was rejected as one JSON line without its end; `raw` in base64."""
    raw = base64.b64encode(rejected.raw).decode()
    row = {"id": rejected.id, "path": rejected.path, "offset": rejected.offset, "reason": rejected.reason, "raw": raw}
    return dump(row)


def render_related(cleaned: Cleaned, fields: Fields) -> Iterator[bytes]:
    """Write the articles that were appended to a document as records of their own, each a line with its end.

    `parent` is the id of the document they were found in; of one that stood in its text, `start` and `end` say where.
    """
    for number, related in enumerate(cleaned.related, 1):
        row: dict[str, Any] = {
            fields.id: f"{cleaned.document.id}#related-{number}",
            "parent": cleaned.document.id,
            fields.title: related.title,
            fields.source: related.source,
            fields.url: related.url,
            fields.crawled: cleaned.document.crawled,
            "age": related.age,
            "metadata": dict(related.metadata),
            "start": related.start,
            "end": related.end,
            fields.text: related.text,
        }
        yield dump({name: value for name, value in row.items() if value not in (None, {})}) + b"\n"


def row_to_record(names: Sequence[str], cells: Sequence[str]) -> bytes:
    """Write one row of a table as a JSON object, columns in order, equal names as often as they stand there."""
    pairs = zip(names, cells, strict=False)
    return b"{" + b",".join(dump(name) + b":" + dump(cell) for name, cell in pairs) + b"}"


def refuse(place: Place, reason: str, raw: bytes) -> Entry:
    """Make the entry of what is no document."""
    return Entry(Rejected(place.id, place.path, place.offset, reason, raw), place)


def _document(record: Mapping[str, Any], id_: str, fields: Fields) -> Document | Page:
    text, html = _content(record, fields)
    return value_of(id_, text, html, lambda name: record.get(getattr(fields, name)))


def value_of(id_: str, text: str, html: str | bytes | None, known: Callable[[str], Any]) -> Document | Page:
    """Make a document, or a page where there is one; `known` is asked for the rest by the names of `Fields`."""
    about: dict[str, Any] = {name: word_of(known(name)) for name in _KNOWN}
    return Document(id_, text, **about) if html is None else Page(id_, html, **about)


def text_of(cleaned: Cleaned, text: str | None, style: Style) -> str:
    """Return the text with which a document leaves that came with this one, as `render` does for a record."""
    return (text or cleaned.source) if style.annotate else cleaned.text


def title_of(cleaned: Cleaned, title: Any, style: Style) -> Any:
    """Return the title with which a document leaves that came with this one."""
    return title if style.annotate or title not in (None, "") else cleaned.title or title


def _content(record: Mapping[str, Any], fields: Fields) -> tuple[str, str | bytes | None]:
    """Return the text, or the HTML where there is no text, or an empty one."""
    text = _string(record, fields.text)
    if text:
        return text, None
    html = _string(record, fields.html)
    if html:
        return "", html
    pressed = _string(record, fields.html_base64)
    if pressed:
        try:
            return "", base64.b64decode(pressed, validate=True)
        except (binascii.Error, ValueError):
            raise _Broken(f"`{fields.html_base64}` is not base64") from None
    if text is None and html is None and pressed is None:
        raise _Broken(f"neither `{fields.text}` nor `{fields.html}` nor `{fields.html_base64}` in it")
    return "", None if text is not None else html or b""


def _string(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _Broken(f"`{name}` is a JSON {_type(value)}, not a string")


def word_of(value: Any) -> str | None:
    """Take strings and numbers; a list or an object where a word should stand tells nothing."""
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def id_of(record: Mapping[str, Any], raw: bytes, place: Place, fields: Fields) -> str:
    """Return the record's own id, a number with all its digits, else that of its place."""
    value = record.get(fields.id)
    if isinstance(value, str):
        return value or place.id
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return place.id
    if value and type(value) is int:
        return str(value)  # of no more than 64 bits: larger ones are parsed as floats
    last = [member for member in members(raw) if member.key == fields.id][-1]
    return raw[last.start : last.end].decode()


def _type(value: Any) -> str:
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _cut(cut: Cut, lean: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "start": cut.start,
        "end": cut.end,
        "text": cut.text,
        "class": cut.class_,
        "rules": list(cut.rules),
    }
    if cut.because:
        row["because"] = list(cut.because)
    return {name: value for name, value in row.items() if name != "text"} if lean else row


def _drop(drop: Drop, lean: bool) -> dict[str, Any]:
    return {"path": drop.path, "rule": drop.rule} if lean else {"path": drop.path, "text": drop.text, "rule": drop.rule}


def _related(related: Related, lean: bool) -> dict[str, Any]:
    return {
        "title": related.title,
        "source": related.source,
        "age": related.age,
        "url": related.url,
        "text": related.text,
        "start": related.start,
        "end": related.end,
        "cuts": [_cut(cut, lean) for cut in related.cuts],
        "metadata": dict(related.metadata),
    }
