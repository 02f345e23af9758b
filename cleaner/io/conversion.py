"""Write bodies as conversion records of a web archive (WET), each compressed by itself as the standard asks."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

from cleaner.io.cells import encode
from cleaner.io.press import Press, press
from cleaner.model import Document

UNKNOWN_DATE = "1970-01-01T00:00:00Z"
"""What stands for the time of a crawl that is not known: the standard asks for one."""

_KIN = uuid.UUID("6f9b7a0e-3c1d-5b52-9f0a-2d4e8c7b1a65")  # of the records written here
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def write_conversion(document: Document, body: bytes, how: Press) -> bytes:
    """Write one record: its id is made from the document's, which it also holds as `Cleaner-Document-ID`."""
    identity = uuid.uuid5(_KIN, encode(document.id).decode()).urn
    header = {
        "WARC-Type": "conversion",
        "WARC-Target-URI": _one_line(document.url) if document.url else identity,
        "WARC-Date": _instant(document.crawled),
        "WARC-Record-ID": f"<{identity}>",
        "WARC-Refers-To": _refers_to(document.id),
        "Cleaner-Document-ID": _one_line(document.id),
        "Content-Type": "text/plain",
    }
    return _record({name: value for name, value in header.items() if value}, body, how)


@cache
def write_info(how: Press) -> bytes:
    """Write the record that an archive begins with, the same in each."""
    header = {
        "WARC-Type": "warcinfo",
        "WARC-Date": UNKNOWN_DATE,
        "WARC-Record-ID": f"<{uuid.uuid5(_KIN, 'warcinfo').urn}>",
        "Content-Type": "application/warc-fields",
    }
    return _record(header, b"software: cleaner\r\nformat: WARC File Format 1.0\r\n", how)


def _record(header: Mapping[str, str], block: bytes, how: Press) -> bytes:
    digest = base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
    header = {**header, "WARC-Block-Digest": f"sha1:{digest}", "Content-Length": str(len(block))}
    lines = [f"{name}: {value}\r\n" for name, value in header.items()]
    return press(b"".join([b"WARC/1.0\r\n", "".join(lines).encode(), b"\r\n", block, b"\r\n\r\n"]), how)


def _instant(crawled: str | None) -> str:
    try:
        moment = datetime.fromisoformat(crawled or "")
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except (ValueError, OverflowError):
        return UNKNOWN_DATE


def _refers_to(id_: str) -> str:
    """Name the record that a document was made from, where its id is that of one."""
    try:
        return f"<{uuid.UUID(id_).urn}>" if len(id_) == 36 else ""
    except ValueError:
        return ""


def _one_line(value: str) -> str:
    """Write control characters, which no header can hold, as URLs write them."""
    return _CONTROL.sub(lambda char: quote(char[0], errors="surrogatepass"), value).strip()
