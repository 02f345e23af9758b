"""Tell by its first bytes what a file is that its name says it is not."""

from __future__ import annotations

import re

SNIFFED = 512
"""Bytes that suffice to tell."""

_BINARY = (
    (b"%PDF-", "a PDF: extract its text first"),
    (b"PAR1", "Parquet: name it .parquet"),
    (b"PK\x03\x04", "a ZIP archive, or an office document: unpack it first"),
    (b"\xfd7zXZ\x00", "compressed with xz: decompress it first"),
    (b"\x04\x22\x4d\x18", "compressed with LZ4: decompress it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it first"),
    (b"ARROW1\x00\x00", "an Arrow file: write it as Parquet first"),
    (b"Obj\x01", "an Avro file: write it as JSONL or Parquet first"),
    (b"SQLite format 3\x00", "a SQLite database: export its table first"),
    (b"\x89PNG\r\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF89a", "an image"),
)
_UTF16 = re.compile(
    rb"\xff\xfe|\xfe\xff|[\x09-\x7e]\x00[\x09-\x7e]\x00|\x00[\x09-\x7e]\x00[\x09-\x7e]|\x00\x00\xfe\xff"
)
_HTML = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ARRAY = re.compile(rb"\s*\[\s*\{")


def name_binary(head: bytes) -> str:
    """Name what begins so and is no text, with what to do; nothing where it may be one.

    >>> name_binary(b"%PDF-1.7 ..."), name_binary(b"Storm warning")
    ('a PDF: extract its text first', '')
    """
    return next((what for sign, what in _BINARY if head.startswith(sign)), "")


def name_array(head: bytes) -> str:
    """Say that a JSON array begins so, of records that should stand one a line; nothing where none does."""
    return "one JSON array: records are read one a line, as `jq -c '.[]'` writes them" if _ARRAY.match(head) else ""


def name_guise(head: bytes) -> str:
    """Name what begins so and holds no records in lines of UTF-8, with what to do; nothing where it may.

    >>> name_guise(b"<!doctype html><p>"), name_guise(b'[{"text": "a"}]')[:14], name_guise(b'{"text": "a"}')
    ('an HTML page: name it .html', 'one JSON array', '')
    """
    if what := name_binary(head) or name_array(head.removeprefix(b"\xef\xbb\xbf")):
        return what
    if _UTF16.match(head):
        return "UTF-16: convert it to UTF-8, as `iconv -f UTF-16 -t UTF-8` does"
    if head.startswith(b"WARC/"):
        return "a web archive: name it .warc"
    if head.startswith(b"ustar", 257):
        return "a tar archive: name it .tar"
    return "an HTML page: name it .html" if _HTML.match(head) else ""
