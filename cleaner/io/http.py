"""Take the body out of an HTTP response as archives hold it: header parsed, transfer and content encoding undone.

Archives lie about encodings: many store the body decoded beside the header of the encoded one. What does not begin as
its declared encoding does is taken for decoded; what begins so and breaks off is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleaner.io.stream import Gap, inflate

LONGEST_BODY = 1 << 26
"""Bytes in a decoded body beyond which it is refused."""

_STATUS = re.compile(rb"[A-Z]{3,5}(?:/\d+(?:\.\d+)?)?[ \t]+(\d{3})\b[^\n]*\n")
_HEADER_END = re.compile(rb"\n\r?\n")
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_SAME = {"x-gzip": "gzip", "x-deflate": "deflate", "brotli": "br"}


class BadResponse(Exception):
    """Say why the body of a response cannot be had."""


@dataclass(frozen=True, slots=True)
class Response:
    """Hold the header of a response and its body as it was sent."""

    status: int
    media_type: str
    charset: str | None
    encodings: tuple[str, ...]
    chunked: bool
    body: bytes


def parse_response(block: bytes) -> Response:
    """Parse a response, its body left as it is; raises `BadResponse` where there is no header."""
    status, end = _STATUS.match(block), _HEADER_END.search(block)
    if not status or not end:
        raise BadResponse("it has no HTTP header")
    header = parse_header(block[: end.end()])
    media_type, charset = parse_content_type(header.get("content-type", ""))
    encodings, transfer = _words(header.get("content-encoding", "")), _words(header.get("transfer-encoding", ""))
    return Response(int(status[1]), media_type, charset, tuple(encodings), "chunked" in transfer, block[end.end() :])


def parse_header(raw: bytes) -> dict[str, str]:
    """Parse what follows the first line of a header, names in lower case.

    Continued lines are joined; of a name twice the first counts; what is no field is left out.
    """
    text = re.sub(r"\r?\n[ \t]+", " ", raw.decode("utf-8", "replace"))
    fields: dict[str, str] = {}
    for line in text.split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def decode_body(response: Response, most: int = LONGEST_BODY) -> bytes:
    """Undo the encodings of a response's body; raises `BadResponse` where it is broken, cut short or too long."""
    body = response.body
    if response.chunked and _CHUNK.match(body):
        body = _dechunk(body)
    for name in reversed(response.encodings):
        name = _SAME.get(name, name)
        if name in ("identity", "none", "utf-8"):
            continue
        if name not in ("gzip", "zstd", "deflate", "br"):
            if _is_plain(body):
                continue
            raise BadResponse(f"its content encoding {name[:40]!r} is unknown")
        if body and _looks(name, body):
            decoded = inflate(body, name, most)
            if isinstance(decoded, Gap):
                raise BadResponse(f"its body cannot be decoded: {decoded.reason}")
            body = decoded
    return body


def _looks(name: str, body: bytes) -> bool:
    """Tell whether a body is still encoded: some are stored decoded beside their old header."""
    if name == "gzip":
        return body.startswith(b"\x1f\x8b")
    if name == "zstd":
        return body.startswith(b"\x28\xb5\x2f\xfd")
    return not _is_plain(body)


def parse_content_type(value: str) -> tuple[str, str | None]:
    """Split a Content-Type into media type and charset.

    >>> parse_content_type('Text/HTML; x=y; Charset="ISO-8859-1"'), parse_content_type("text/html;charset=")
    (('text/html', 'iso-8859-1'), ('text/html', None))
    """
    media_type, *settings = value.split(";")
    for setting in settings:
        name, _, given = setting.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), given.strip(" \t\"'").lower() or None
    return media_type.strip().lower(), None


def _dechunk(body: bytes) -> bytes:
    """Join the chunks of a body; the last one has to be there."""
    parts: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(body, at):
        size = int(chunk[1], 16)
        if not size:
            return b"".join(parts)
        parts.append(body[chunk.end() : chunk.end() + size])
        at = chunk.end() + size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)
    what = "broken" if at < len(body) else "cut short"
    raise BadResponse(f"its chunked body is {what} after {sum(map(len, parts))} bytes")


def _words(value: str) -> list[str]:
    return [word.strip().lower() for word in value.split(",") if word.strip()]


def _is_plain(raw: bytes) -> bool:
    """Tell that bytes begin as text does, not as compressed data."""
    return raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
