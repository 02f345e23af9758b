"""Read files and standard input as chunks and lines of bytes, decompressed, and notice when a stream was cut short.

The usual readers end a truncated stream without a word, half of the rows gone. Here the end of every gzip member,
bzip2 stream and Zstandard frame is checked. Where a stream of many members breaks, `read_torn` goes on at the next sound one. Offsets
count decompressed bytes.
"""

from __future__ import annotations

import bz2
import select
import sys
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from cleaner.errors import InputError
from cleaner.io.remote import is_remote, name_in, open_remote

GZIP, ZSTD, BZIP2 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh"
BOM = b"\xef\xbb\xbf"

LONGEST = 1 << 28
"""Bytes in a line beyond which it is not held in memory but reported as too long."""

SHOWN = 1 << 16
"""Bytes of an overlong line or file that go to the rejects."""

PARCEL = 1 << 18
"""Bytes of lines that are handed out together, where they are there: few enough to stay in the cache."""

_CHUNK = 1 << 18
_PATIENCE = 0.02  # seconds without input after which what was read so far is handed out
_PRESSED = 1 << 13  # compressed bytes taken at once: a few may stand for very many, small bites bound the memory
_UNPRESSED = 1 << 22  # bytes that a bzip2 stream may give at once: 40 of it stand for 46 million zeros
_REVIEWED = 1 << 16  # bytes before a break that may hold the beginning of the next member: decoders notice late
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the skippable frame at the head of a .warc.zst (WARC Zstandard specification 1.0)

Watch = Callable[[int], object]
"""Called with the number of raw bytes each read took: what a progress bar needs."""


class Truncated(Exception):
    """Say that a compressed stream ends early or breaks off: the reader adds how far it got."""


class Gap(NamedTuple):
    """Stand in a stream where bytes of it are lost, with the reason."""

    reason: str


class Line(NamedTuple):
    """Hold one line with its line end; not `whole` where it was longer than `LONGEST` and only begins here."""

    offset: int
    raw: bytes
    whole: bool = True


class Lines(NamedTuple):
    """Hold whole lines as they stood; `number` counts the first of them from 1.

    Not `whole` where it is one line, longer than `LONGEST`, that only begins here.
    """

    offset: int
    number: int
    raw: bytes
    whole: bool = True


def read_chunks(path: str, watch: Watch | None = None) -> Iterator[bytes]:
    """Yield the decompressed bytes of a file, or of standard input for `-`; nothing (`b""`) while a pipe is silent.

    Raises `InputError` where the file cannot be read, `Truncated` where its compression breaks off.
    """
    return whole(read_torn(path, b"", watch))


def read_torn(path: str, sign: bytes, watch: Watch | None = None) -> Iterator[bytes | Gap]:
    """Yield decompressed bytes, and a `Gap` where the compression breaks off.

    Reading goes on at the next member or frame whose content begins with `sign`. Raises `InputError` where the file
    cannot be read.
    """
    name = "standard input" if path == "-" else path
    try:
        with _open(path) as file:
            yield from decompress(_raw_chunks(file, watch), name_in(path).removesuffix("-"), sign)
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from None


@contextmanager
def open_seekable(path: str) -> Iterator[Any]:
    """Open a file that is not read from its beginning to its end; raises `InputError` where it cannot be read."""
    try:
        with open_remote(path) if is_remote(path) else Path(path).open("rb") as file:
            yield file
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def decompress(chunks: Iterator[bytes], name: str, sign: bytes = b"") -> Iterator[bytes | Gap]:
    """Decompress chunks as their beginning or the name says, else yield them as they are; `sign` as in `read_torn`."""
    name = name.lower()
    head = _first(chunks, len(ZSTD))
    rest = chain([head] if head else [], chunks)
    if head.startswith(_DICTIONARY) and sign and (not name or name.endswith(".zst")):
        yield from _unzstd_with_dictionary(rest, sign)
    elif head.startswith(ZSTD) or name.endswith(".zst"):
        yield from _inflate(rest, _zstd(), sign)
    elif head.startswith(GZIP) or name.endswith(".gz"):
        yield from _inflate(rest, _gzip(), sign)
    elif (head.startswith(BZIP2) and head[3:4] in b"123456789") or name.endswith(".bz2"):
        yield from _inflate(rest, _bzip2(), sign)
    else:
        yield from rest


def whole(pieces: Iterable[bytes | Gap]) -> Iterator[bytes]:
    """Yield the bytes of a stream that has no gaps; raises `Truncated` at the first one."""
    for piece in pieces:
        if isinstance(piece, Gap):
            raise Truncated(piece.reason)
        yield piece


def inflate(raw: bytes, name: str, most: int) -> bytes | Gap:
    """Decompress what is in memory: `gzip`, `deflate` (with or without its zlib header), `zstd` or `br`.

    What stands behind the last member is ignored, as browsers do. A `Gap` where it is broken, cut short, or longer
    than `most` bytes.
    """
    parts: list[bytes] = []
    size = 0
    pieces = _unbrotli(raw) if name == "br" else _inflate_members(raw, _codec(name, raw))
    for piece in pieces:
        if isinstance(piece, Gap):
            return piece
        size += len(piece)
        if size > most:
            return Gap(f"the {name} stream is longer than {most} bytes")
        parts.append(piece)
    return b"".join(parts)


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


def gather_lines(chunks: Iterable[bytes], least: int = PARCEL, most: int = LONGEST) -> Iterator[Lines | None]:
    r"""Gather whole lines into parcels of at least so many bytes, a byte order mark at the very beginning left out.

    While the input is silent (an empty chunk) what there is is handed out, or None.

    >>> chunks = [b"\xef\xbb\xbfa\nb", b"c\n", b"", b"", b"\nd"]
    >>> [lines and (lines.offset, lines.number, lines.raw) for lines in gather_lines(chunks, 9)]
    [(3, 1, b'a\nbc\n'), None, (8, 3, b'\nd')]
    """
    gathered = _Gathered(least, most)
    chunks = iter(chunks)
    head = _first(chunks, len(BOM))
    if head.startswith(BOM):
        head, gathered.offset = head[len(BOM) :], len(BOM)
    try:
        for chunk in chain([head] if head else [], chunks):
            if chunk:
                yield from gathered.add(chunk)
            else:
                yield gathered.hand_out()
    except (Truncated, InputError):
        yield gathered.hand_out()  # what came before is whole
        raise
    yield from gathered.end()


class _Gathered:
    """Hold the lines read so far, and the beginning of one that has not ended."""

    def __init__(self, least: int, most: int):
        self.offset, self._number = 0, 1
        self._least, self._most = least, most
        self._ended: list[bytes | memoryview] = []
        self._open: list[bytes] = []
        self._ended_size = self._open_size = self._dropped = 0

    def add(self, chunk: bytes) -> Iterator[Lines]:
        """Take a chunk; yield what is complete."""
        if self._dropped:
            chunk = yield from self._pass_long(chunk)
        cut = chunk.rfind(b"\n") + 1
        if cut:
            self._ended += [*self._open, memoryview(chunk)[:cut]]
            self._ended_size += self._open_size + cut
            self._open, self._open_size = [], 0
        if cut < len(chunk):
            rest = chunk[cut:]
            if self._open_size + len(rest) > self._most:
                self._dropped = len(rest)
                rest = b"" if self._open else rest[: self._most]
                self._dropped -= len(rest)
            self._open.append(rest)
            self._open_size += len(rest)
        if self._ended_size + self._open_size >= self._least and (lines := self.hand_out()):
            yield lines

    def hand_out(self) -> Lines | None:
        """Give away the lines that have ended, if there are any."""
        if not self._ended:
            return None
        lines = Lines(self.offset, self._number, b"".join(self._ended))
        self.offset += len(lines.raw)
        self._number += count_ends(lines.raw)
        self._ended, self._ended_size = [], 0
        return lines

    def end(self) -> Iterator[Lines]:
        """Give away all there is: the last line needs no line end."""
        if self._dropped:
            yield from self._pass_long(b"\n")
        self._ended += self._open
        if lines := self.hand_out():
            yield lines

    def _pass_long(self, chunk: bytes) -> Generator[Lines, None, bytes]:
        """Leave the rest of a line behind that is too long to hold; return what follows it."""
        at = chunk.find(b"\n") + 1
        if not at:
            self._dropped += len(chunk)
            return b""
        if lines := self.hand_out():
            yield lines
        yield Lines(self.offset, self._number, beginning(self._open), whole=False)
        self.offset += self._open_size + self._dropped + at
        self._number += 1
        self._open, self._open_size, self._dropped = [], 0, 0
        return chunk[at:]


def count_ends(raw: bytes) -> int:
    """Count line ends; `bytes.count` looks at every byte, `find` leaps from one to the next."""
    number, at, find = 0, raw.find(b"\n"), raw.find
    while at >= 0:
        number += 1
        at = find(b"\n", at + 1)
    return number


def beginning(pieces: Iterable[bytes]) -> bytes:
    """Return what shows how something begins that is too long to hold."""
    head = b""
    for piece in pieces:
        head += piece[: SHOWN - len(head)]
    return head


def _open(path: str) -> AbstractContextManager[Any]:
    """Open a file, or lend standard input without closing it."""
    if path == "-":
        return nullcontext(sys.stdin.buffer)
    return open_remote(path) if is_remote(path) else Path(path).open("rb", buffering=0)


def _raw_chunks(file: Any, watch: Watch | None) -> Iterator[bytes]:
    read = getattr(file, "read1", file.read)
    while True:
        while _is_silent(file):
            yield b""
        chunk = read(_CHUNK)
        if not chunk:
            return
        if watch:
            watch(len(chunk))
        yield chunk


def _is_silent(file: Any) -> bool:
    """Tell whether a read would still wait after a moment: who writes to the pipe has nothing more for now."""
    try:
        return not select.select([file], [], [], _PATIENCE)[0]
    except (OSError, TypeError, ValueError):  # no file of the system; on Windows only sockets can be asked
        return False


def _first(chunks: Iterator[bytes], least: int) -> bytes:
    head = b""
    while len(head) < least and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head


@dataclass(frozen=True, slots=True)
class _Codec:
    """Hold how to decompress one member of a stream."""

    name: str
    begin: Callable[[], Any]
    broken: type[Exception]
    magic: bytes
    bite: int = _PRESSED


def _gzip() -> _Codec:
    return _Codec("gzip", lambda: zlib.decompressobj(31), zlib.error, GZIP + b"\x08")


def _zlib() -> _Codec:
    return _Codec("deflate", zlib.decompressobj, zlib.error, b"")


def _raw_deflate() -> _Codec:
    return _Codec("deflate", lambda: zlib.decompressobj(-15), zlib.error, b"")


def _headless(raw: bytes) -> bool:
    """Tell that no zlib header stands before the data: many servers leave it out."""
    return len(raw) < 2 or raw[0] & 15 != 8 or int.from_bytes(raw[:2], "big") % 31 != 0


def _zstd(dictionary: bytes = b"") -> _Codec:
    import zstandard  # loaded late: few inputs need it

    learnt = zstandard.ZstdCompressionDict(dictionary) if dictionary else None

    def begin() -> Any:
        return zstandard.ZstdDecompressor(dict_data=learnt, max_window_size=1 << 31).decompressobj()

    return _Codec("Zstandard", begin, zstandard.ZstdError, ZSTD, _PRESSED >> 3)  # 4 bytes may stand for 128 KiB


def _bzip2() -> _Codec:
    return _Codec("bzip2", _Bunzip, OSError, BZIP2)


class _Bunzip:
    """Decompress one bzip2 stream, no more than so many bytes at once; `pending` while it has more to give."""

    def __init__(self) -> None:
        self._stream = bz2.BZ2Decompressor()

    def decompress(self, bite: bytes) -> bytes:
        """Take a few bytes, or none while more is pending."""
        return self._stream.decompress(bite, _UNPRESSED)

    @property
    def pending(self) -> bool:
        """Tell that there is more to give before more is taken."""
        return not self._stream.eof and not self._stream.needs_input

    @property
    def eof(self) -> bool:
        """Tell that the stream has ended."""
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        """Return what followed the stream in the last bite."""
        return self._stream.unused_data


def _codec(name: str, raw: bytes) -> _Codec:
    if name == "deflate":
        return _raw_deflate() if _headless(raw) else _zlib()
    return {"gzip": _gzip, "zstd": _zstd}[name]()


def _inflate_members(raw: bytes, codec: _Codec) -> Iterator[bytes | Gap]:
    view, at, ended = memoryview(raw), 0, False
    while not ended or (codec.magic and raw.startswith(codec.magic, at)):
        part, ended = codec.begin(), False
        while not ended and at < len(raw):
            try:
                yield part.decompress(view[at : at + codec.bite])
            except codec.broken as error:
                yield Gap(f"the {codec.name} stream is broken ({error})")
                return
            ended = bool(part.eof)
            at = min(at + codec.bite, len(raw)) - len(part.unused_data if ended else b"")
        if not ended:
            yield Gap(f"the {codec.name} stream is truncated")
            return


def _unbrotli(raw: bytes) -> Iterator[bytes | Gap]:
    try:
        import brotli  # loaded late: few inputs need it

        decoder = brotli.Decompressor()
        yield decoder.process(raw, output_buffer_limit=_CHUNK)
        while not decoder.is_finished() and not decoder.can_accept_more_data():
            yield decoder.process(b"", output_buffer_limit=_CHUNK)
    except (ImportError, TypeError):  # older releases know no limit: a few bytes could fill the memory
        yield Gap("it is compressed with Brotli: install brotli 1.2 or later")
    except brotli.error as error:
        yield Gap(f"the Brotli stream is broken ({error})")
    else:
        if not decoder.is_finished():
            yield Gap("the Brotli stream is truncated")


def _unzstd_with_dictionary(chunks: Iterator[bytes], sign: bytes) -> Iterator[bytes | Gap]:
    head = _first(chunks, 8)
    size = int.from_bytes(head[4:8], "little")
    if size > LONGEST:
        yield Gap("the Zstandard dictionary is broken")
        return
    head += _first(chunks, 8 + size - len(head))
    dictionary: bytes | Gap = head[8 : 8 + size]
    if isinstance(dictionary, bytes) and dictionary.startswith(ZSTD):
        dictionary = inflate(dictionary, "zstd", LONGEST)
    if isinstance(dictionary, Gap) or len(head) < 8 + size:
        yield Gap("the Zstandard dictionary is broken")
        return
    yield from _inflate(chain([head[8 + size :]], chunks), _zstd(dictionary), sign)


def _inflate(chunks: Iterable[bytes], codec: _Codec, sign: bytes) -> Iterator[bytes | Gap]:
    """Decompress member after member; the last one has to be complete."""
    stream = _Members(codec, sign)
    for chunk in chunks:
        if not chunk:
            yield chunk  # silence
        for at in range(0, len(chunk), codec.bite):
            yield from stream.feed(chunk[at : at + codec.bite])
    yield from stream.end()


class _Members:
    """Decompress member after member, and after a break look for a member whose content begins with `sign`."""

    def __init__(self, codec: _Codec, sign: bytes):
        self._codec, self._sign = codec, sign
        self._part = codec.begin()
        self._begun = self._ended = self._lost = False
        self._held = b""  # the last raw bytes of this member, or of what is searched for one
        self._proof: bytes | None = None  # what a member found after a break has said so far

    def feed(self, bite: bytes) -> Iterator[bytes | Gap]:
        """Decompress a few bytes."""
        while bite or (not self._lost and self._has_more()):
            if self._lost:
                bite = self._search(bite)
                continue
            if self._ended:
                bite = bite.lstrip(b"\0")  # padding after a member is allowed
                if not bite:
                    return
                self._start()
            self._begun = True
            try:
                data = self._part.decompress(bite)
            except self._codec.broken as error:
                if self._proof is None:
                    yield Gap(f"the {self._codec.name} stream is broken ({error})")
                bite = self._retreat(bite)
                continue
            self._ended = bool(self._part.eof)
            if self._proof is not None:
                data = self._prove(data)
                if self._lost:
                    bite = self._retreat(bite)
                    continue
            rest = self._part.unused_data if self._ended else b""
            self._held = (self._held + bite)[-_REVIEWED:] if self._sign else b""
            if data:
                yield data
            bite = rest

    def _has_more(self) -> bool:
        return bool(getattr(self._part, "pending", False))

    def end(self) -> Iterator[bytes | Gap]:
        """Say that the last member is incomplete where it is."""
        while not self._lost and not (self._begun and self._ended):
            if self._proof is None:
                cut = "it ends inside a frame" if self._begun else "the file is empty"
                yield Gap(f"the {self._codec.name} stream is truncated: {cut}")
            yield from self.feed(self._retreat(b""))  # a member cut short may have swallowed the next

    def _start(self) -> None:
        self._part, self._ended, self._held = self._codec.begin(), False, b""

    def _retreat(self, bite: bytes) -> bytes:
        """Return to just behind the beginning of the member that broke, as far as it is held."""
        again = (self._held + bite)[1:]
        self._held, self._lost, self._proof = b"", True, None
        return again if self._sign else b""

    def _search(self, bite: bytes) -> bytes:
        """Return what begins with the next member; what may be half of its beginning is held."""
        bite = self._held + bite
        magic = self._codec.magic
        at = bite.find(magic) if magic and self._sign else -1
        if at < 0:
            self._held = bite[1 - len(magic) :] if len(magic) > 1 else b""
            return b""
        self._start()
        self._lost, self._proof = False, b""
        return bite[at:]

    def _prove(self, data: bytes) -> bytes:
        """Return what a member found after a break holds once it proves to be one of this stream."""
        assert self._proof is not None
        proof = self._proof + data
        sure = len(proof) >= len(self._sign)
        if sure and proof.startswith(self._sign):
            self._proof = None
            return proof
        self._lost = sure or self._ended
        self._proof = proof
        return b""
