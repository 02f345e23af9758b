"""Write files that appear whole or not at all."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from cleaner.errors import OutputError


class Draft(Protocol):
    """Write a file that appears under its name when it is committed; raises `OutputError` where it cannot."""

    @property
    def name(self) -> str:
        """Return what messages call the file."""

    @property
    def size(self) -> int:
        """Return the number of bytes in the file."""

    @property
    def digest(self) -> str:
        """Return a digest of the bytes in the file (BLAKE2b of 20 bytes)."""

    def write(self, data: bytes) -> None:
        """Write bytes."""

    def commit(self) -> None:
        """Put the file in its place."""

    def abandon(self) -> None:
        """Give up what was written."""


DRAFT = ".part"
"""How the names of files end that are not whole yet."""


class NewFile:
    """Write beside the file named, and take its place on `commit`.

    What is no regular file (a device, a pipe) is written straight. `size` and `digest` are those of the bytes in the
    file. Raises `OutputError` where it cannot be written; nothing is left of it then.
    """

    def __init__(self, path: Path):
        self.path = path
        self._target = path.resolve()  # a link stays a link
        try:
            there = self._target.exists()
            straight = there and not self._target.is_file()
            self._draft = self._target if straight else self._beside()
            if there and not straight and not os.access(self._target, os.W_OK):
                raise PermissionError(13, "Permission denied")
            self._raw = self._draft.open("wb" if straight else "xb")
        except OSError as error:
            raise self._refusal(error) from None
        self._size = 0
        self._digest = new_digest()

    @property
    def name(self) -> str:
        """Return what messages call the file."""
        return str(self.path)

    @property
    def size(self) -> int:
        """Return the number of bytes in the file."""
        return self._size

    @property
    def digest(self) -> str:
        """Return a digest of the bytes in the file (BLAKE2b of 20 bytes)."""
        digest: str = self._digest.hexdigest()
        return digest

    def _beside(self) -> Path:
        return self._target.with_name(f".{self._target.name[:100]}.{secrets.token_hex(4)}{DRAFT}")

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._size += len(data)
        self._digest.update(data)
        try:
            self._raw.write(data)
        except OSError as error:
            self.abandon()
            raise self._refusal(error) from None

    def commit(self) -> None:
        """Put the file in its place."""
        try:
            self._raw.flush()
            if self._draft != self._target:
                os.fsync(self._raw.fileno())
            self._raw.close()
            if self._draft != self._target:
                if self._target.exists():
                    shutil.copymode(self._target, self._draft)
                self._draft.replace(self._target)
        except OSError as error:
            self.abandon()
            raise self._refusal(error) from None

    def abandon(self) -> None:
        """Give up what was written."""
        with suppress(OSError):
            self._raw.close()
        if self._draft != self._target:
            with suppress(OSError):
                self._draft.unlink(missing_ok=True)

    def _refusal(self, error: OSError) -> OutputError:
        missing = isinstance(error, FileNotFoundError) and not self._target.parent.exists()
        reason = f"there is no folder {self.path.parent}" if missing else error.strerror or str(error)
        return OutputError(f"{self.path} cannot be written: {reason}")


def new_digest() -> Any:
    """Begin a digest of a file's bytes."""
    return hashlib.blake2b(digest_size=20)


class StandardOutput:
    """Write to standard output, where nothing can be taken back.

    Raises `OutputError` where it takes nothing, but for a reader that has seen enough (`BrokenPipeError`).
    """

    name = "standard output"

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def write(self, data: bytes) -> None:
        """Write bytes."""
        try:
            self._stream.write(data)
        except OSError as error:
            raise self._refusal(error) from None

    def commit(self) -> None:
        """Send what is buffered on its way."""
        try:
            self._stream.flush()
        except OSError as error:
            raise self._refusal(error) from None

    def abandon(self) -> None:
        """Send what is buffered on its way: it stands for documents that are done."""
        with suppress(OutputError):
            self.commit()

    def _refusal(self, error: OSError) -> OSError | OutputError:
        if isinstance(error, BrokenPipeError):
            return error
        return OutputError(f"standard output cannot be written: {error.strerror or error}")
