"""Write files that appear whole or not at all, compressed by their ending."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from cleaner.errors import OutputError

DRAFT = ".part"
"""How the names of files end that are not whole yet."""


class NewFile:
    """Write beside the file named, and take its place on `commit`.

    What is no regular file (a device, a pipe) is written straight. The name may end in .gz or .zst. `size` and `digest`
    are those of the bytes in the file, whole once it is committed. Raises `OutputError` where it cannot be written.
    """

    def __init__(self, path: Path):
        self.path = path
        self._target = path.resolve()  # a link stays a link
        straight = self._target.exists() and not self._target.is_file()
        self._draft = self._target if straight else self._beside()
        try:
            if not straight and self._target.exists() and not os.access(self._target, os.W_OK):
                raise PermissionError(13, "Permission denied")
            self._raw = self._draft.open("wb" if straight else "xb")
        except OSError as error:
            raise self._refusal(error) from None
        self._sealed = _Sealed(self._raw)
        self._file: Any = _compressed(self._sealed, path.name.lower())

    @property
    def size(self) -> int:
        """Return the number of bytes in the file."""
        return self._sealed.size

    @property
    def digest(self) -> str:
        """Return a digest of the bytes in the file (BLAKE2b of 20 bytes)."""
        digest: str = self._sealed.hash.hexdigest()
        return digest

    def _beside(self) -> Path:
        return self._target.with_name(f".{self._target.name[:100]}.{secrets.token_hex(4)}{DRAFT}")

    def write(self, data: bytes) -> None:
        """Write bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise self._refusal(error) from None

    def commit(self) -> None:
        """Finish the file and put it in its place."""
        try:
            if self._file is not self._sealed:
                self._file.close()
            self._raw.flush()
            if self._draft != self._target:
                os.fsync(self._raw.fileno())
            self._raw.close()
            if self._draft != self._target:
                if self._target.exists():
                    shutil.copymode(self._target, self._draft)
                self._draft.replace(self._target)
        except OSError as error:
            raise self._refusal(error) from None

    def abandon(self) -> None:
        """Give up what was written."""
        with suppress(OSError, ValueError):
            if self._file is not self._sealed:
                self._file.close()
        with suppress(OSError):
            self._raw.close()
        if self._draft != self._target:
            self._draft.unlink(missing_ok=True)

    def _refusal(self, error: OSError) -> OutputError:
        missing = isinstance(error, FileNotFoundError) and not self._target.parent.exists()
        reason = f"there is no folder {self.path.parent}" if missing else error.strerror or str(error)
        return OutputError(f"{self.path} cannot be written: {reason}")


class _Sealed:
    """Write bytes, and keep their number and digest."""

    def __init__(self, raw: IO[bytes]):
        self._raw, self.size, self.hash = raw, 0, new_digest()
        self.flush, self.close = raw.flush, raw.close

    def write(self, data: bytes) -> int:
        self.size += len(data)
        self.hash.update(data)
        self._raw.write(data)
        return len(data)


def new_digest() -> Any:
    """Begin a digest of a file's bytes."""
    return hashlib.blake2b(digest_size=20)


class StandardOutput:
    """Write to standard output, where nothing can be taken back."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._stream.write(data)

    def commit(self) -> None:
        """Send what is buffered on its way."""
        self._stream.flush()

    def abandon(self) -> None:
        """Send what is buffered on its way: it stands for documents that are done."""
        self._stream.flush()


def _compressed(raw: Any, name: str) -> Any:
    if name.endswith(".gz"):
        return gzip.GzipFile("", "wb", fileobj=raw, mtime=0)
    if name.endswith(".zst"):
        import zstandard  # loaded late: few outputs need it

        return zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False)
    return raw
