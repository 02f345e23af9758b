"""Read files and standard input as chunks and lines of bytes, decompressed, and notice when a stream was cut short.

The usual readers end a truncated stream without a word, half of the rows gone. Here the end of every gzip member and
Zstandard frame is checked. Offsets count decompressed bytes.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import InputError

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BOM = b"\xef\xbb\xbf"

LONGEST = 1 << 28
"""Bytes in a line beyond which it is not held in memory but reported as too long."""

_CHUNK = 1 << 18
_PRESSED = 1 << 13  # a Zstandard block of a few bytes may stand for 128 KiB: small bites bound the memory

Watch = Callable[[int], object]
"""Called with the number of raw bytes each read took: what a progress bar needs."""


class Truncated(Exception):
    """Say that a compressed stream ends early or breaks off: the reader adds how far it got."""


class Line(NamedTuple):
    """Hold one line with its line end; not `whole` where it was longer than `LONGEST` and only begins here."""

    offset: int
    raw: bytes
    whole: bool = True


def read_chunks(path: str, watch: Watch | None = None) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, or of standard input for `-`.

    Raises `InputError` where the file cannot be read, `Truncated` where its compression breaks off.
    """
    name = "standard input" if path == "-" else path
    try:
        with _open(path) as file:
            yield from _decompress(_raw_chunks(file, watch), path.removesuffix("-").lower())
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from None


def read_whole(path: str, watch: Watch | None = None) -> bytes:
    """Return all decompressed bytes of a file; raises as `read_chunks`, with `InputError` for `Truncated`."""
    try:
        return b"".join(read_chunks(path, watch))
    except Truncated as error:
        raise InputError(f"{path}: {error}") from None


def split_lines(chunks: Iterable[bytes], most: int = LONGEST) -> Iterator[Line]:
    r"""Split chunks at LF, a byte order mark at the very beginning left out.

    >>> [tuple(line) for line in split_lines([b"\xef\xbb\xbfa\nb", b"c\n\nd"])]
    [(3, b'a\n', True), (5, b'bc\n', True), (8, b'\n', True), (9, b'd', True)]
    """
    chunks = iter(chunks)
    held, offset = _first(chunks, len(BOM)), 0
    if held.startswith(BOM):
        held, offset = held[len(BOM) :], len(BOM)
    pieces: list[bytes] = []
    size = dropped = 0
    for chunk in chain([held], chunks):
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            pieces.append(part + b"\n")
            raw = b"".join(pieces)
            yield Line(offset, raw, not dropped)
            offset += len(raw) + dropped
            pieces, size, dropped = [], 0, 0
        if size + len(rest) > most:
            dropped += len(rest)
        elif rest:
            pieces.append(rest)
            size += len(rest)
    if pieces or dropped:
        yield Line(offset, b"".join(pieces), not dropped)


def _open(path: str) -> AbstractContextManager[Any]:
    """Open a file, or lend standard input without closing it."""
    return nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb", buffering=0)


def _raw_chunks(file: Any, watch: Watch | None) -> Iterator[bytes]:
    read = getattr(file, "read1", file.read)
    while chunk := read(_CHUNK):
        if watch:
            watch(len(chunk))
        yield chunk


def _decompress(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    head = _first(chunks, len(ZSTD))
    rest = chain([head] if head else [], chunks)
    if head.startswith(ZSTD) or name.endswith(".zst"):
        yield from _unzstd(rest)
    elif head.startswith(GZIP) or name.endswith(".gz"):
        yield from _gunzip(rest)
    else:
        yield from rest


def _first(chunks: Iterator[bytes], least: int) -> bytes:
    head = b""
    while len(head) < least and (chunk := next(chunks, b"")):
        head += chunk
    return head


def _unzstd(chunks: Iterable[bytes]) -> Iterator[bytes]:
    import zstandard  # loaded late: few inputs need it

    def frame() -> Any:
        return zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()

    yield from _inflate(chunks, frame, "Zstandard", zstandard.ZstdError)


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield from _inflate(chunks, lambda: zlib.decompressobj(31), "gzip", zlib.error)


def _inflate(chunks: Iterable[bytes], begin: Callable[[], Any], name: str, broken: type[Exception]) -> Iterator[bytes]:
    """Decompress member after member; the last one has to be complete."""
    part, ended = begin(), False
    started = False
    for chunk in chunks:
        for at in range(0, len(chunk), _PRESSED):
            bite = chunk[at : at + _PRESSED]
            while bite:
                if ended:
                    bite = bite.lstrip(b"\0")  # padding after a member is allowed
                    if not bite:
                        break
                    part, ended = begin(), False
                started = True
                try:
                    data = part.decompress(bite)
                except broken as error:
                    raise Truncated(f"the {name} stream is broken ({error})") from None
                if data:
                    yield data
                ended = bool(part.eof)
                bite = part.unused_data if ended else b""
    if not (started and ended):
        raise Truncated(f"the {name} stream is truncated: it ends inside a frame")
