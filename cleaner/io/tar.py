"""Split a tar archive into its members as it streams by; nothing of it is ever written to disk.

The standard library reads the headers, but would end at the first broken one, or where the archive is cut short, without
a word. Here both are noticed: an archive ends with zeros. What follows them is read as the next archive.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from cleaner.errors import InputError
from cleaner.io.stream import Truncated

SIGN, SIGN_AT = b"ustar", 257
"""What stands in the first header, and where."""

_LONGEST_HEADER = 1 << 20
"""Bytes of a header for a long name or other properties, which is held in memory."""

_CHUNK = 1 << 18
_KNOWN: Any = tarfile  # which knows more errors than its types tell
_IN_MEMORY = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class Member(NamedTuple):
    """Hold one member: its name as it stands there, the place of its content, and that, to be read at once."""

    name: str
    offset: int
    sort: str
    chunks: Iterator[bytes]


def split_members(chunks: Iterator[bytes], name: str) -> Iterator[Member]:
    """Yield the members of an archive but its folders; `sort` says `file`, or what else one is.

    Raises `Truncated` where the archive breaks off, also from the chunks of its members, and `InputError` where it is
    none.
    """
    feed: Any = _Feed(chunks)
    try:
        archive: Any = _Archive(fileobj=feed, ignore_zeros=True, errorlevel=2)
        while info := archive.next():
            archive.members.clear()  # else all would be held
            if not info.isdir():
                yield Member(info.name.removeprefix("./"), info.offset_data, _sort(info), _read(archive, info, feed))
            if feed.failure:
                raise feed.failure
    except _NoArchive:
        raise InputError(f"{name}: no tar archive: it does not begin as one") from None
    except (tarfile.TarError, ValueError, LookupError, OverflowError, EOFError) as error:
        cut = "truncated: it ends inside a member" if feed.ended else f"broken ({error})"
        raise Truncated(f"the tar archive is {cut}") from None


class _NoArchive(Exception):
    pass


class _Feed:
    """Be a file for the standard library: one that is read forwards, and remembers what ended it."""

    def __init__(self, chunks: Iterator[bytes]):
        self._chunks = chunks
        self._held, self._at, self._place = b"", 0, 0
        self.ended = False
        self.failure: Truncated | InputError | None = None

    def read(self, size: int) -> bytes:
        """Return so many bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and self._fill():
            part = self._held[self._at : self._at + size]
            self._pass(len(part))
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def tell(self) -> int:
        """Return the place of what is read next."""
        return self._place

    def seek(self, place: int) -> None:
        """Go forwards to a place, or to the end."""
        if place < self._place:
            raise tarfile.StreamError("it leads backwards")
        while self._place < place and self._fill():
            self._pass(min(place - self._place, len(self._held) - self._at))

    def pass_zeros(self) -> None:
        """Go on to the next block that is not all zeros: one by one they would take a second for a hundred megabytes."""
        while self._fill():
            left = len(self._held) - self._at
            zeros = left - len(self._held[self._at :].lstrip(b"\0"))
            self._pass(zeros if zeros == left else zeros - (self._place + zeros) % tarfile.BLOCKSIZE)
            if zeros < left:
                return

    def _pass(self, size: int) -> None:
        self._at += size
        self._place += size

    def _fill(self) -> bool:
        """Hold at least one byte; false at the end."""
        try:
            while self._at == len(self._held):
                chunk = next(self._chunks, None)
                if chunk is None:
                    self.ended = True
                    return False
                self._held, self._at = chunk, 0
        except (Truncated, InputError) as error:
            self.failure = error
            raise
        return True


class _Header(tarfile.TarInfo):
    """Read a header strictly."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Parse a header; raises `Truncated` where it claims what no memory holds."""
        info = super().frombuf(buf, encoding, errors)
        if info.size < 0 or (info.type in _IN_MEMORY and info.size > _LONGEST_HEADER):
            raise Truncated(f"the tar archive is broken (a header of {info.size} bytes)")
        return info

    @classmethod
    def fromtarfile(cls, tarfile_: Any) -> Self:
        """Read the next header; raises `Truncated` where there is none and the archive has not ended."""
        at = tarfile_.fileobj.tell()
        try:
            info = super().fromtarfile(tarfile_)
        except _KNOWN.EOFHeaderError:
            tarfile_.has_ended = True
            tarfile_.fileobj.pass_zeros()
            tarfile_.offset = tarfile_.fileobj.tell() - tarfile.BLOCKSIZE  # whose end is where it goes on
            raise
        except (_KNOWN.EmptyHeaderError, _KNOWN.TruncatedHeaderError):
            if tarfile_.has_ended:
                raise
            raise Truncated("the tar archive is truncated: the zeros are missing that end one") from None
        except tarfile.HeaderError as error:
            if not at:
                raise _NoArchive from None
            raise Truncated(f"the tar archive is broken (at byte {at}: {error})") from None
        tarfile_.has_ended = False
        return info


class _Archive(tarfile.TarFile):
    tarinfo = _Header
    has_ended = False


def _sort(info: tarfile.TarInfo) -> str:
    if info.issparse():
        return "sparse file"
    if info.isreg():
        return "file"
    return "link" if info.issym() or info.islnk() else "device"


def _read(archive: tarfile.TarFile, info: tarfile.TarInfo, feed: _Feed) -> Iterator[bytes]:
    """Yield the content of a member."""
    file = archive.extractfile(info)
    assert file, "only files are read"
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except tarfile.ReadError:
        feed.failure = Truncated(f"the tar archive is truncated: it ends inside {info.name}")
        raise feed.failure from None
