"""Keep bytes in a temporary file that has no name and is gone with the process, however that ends."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from cleaner.errors import OutputError


class Spool:
    """Take bytes, one piece behind the other, and give them back.

    Raises `OutputError` where the folder (that of temporary files unless one is named) takes no file, or no more of it.
    """

    def __init__(self, folder: Path | None = None):
        self._folder = folder or Path(tempfile.gettempdir())
        try:
            self._file: IO[bytes] = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        except OSError as error:
            raise self._refusal(error) from None

    def write(self, data: Any) -> int:
        """Write bytes, or what holds them in memory; returns how many."""
        try:
            return self._file.write(data)
        except OSError as error:
            raise self._refusal(error) from None

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes between two places."""
        self._file.seek(start)
        return self._file.read(end - start)

    def finish(self) -> IO[bytes]:
        """Return the file once all of it can be read."""
        try:
            self._file.flush()
        except OSError as error:
            raise self._refusal(error) from None
        return self._file

    def _refusal(self, error: OSError) -> OutputError:
        return OutputError(f"no temporary file in {self._folder}: {error.strerror or error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
        except OSError as problem:  # what was not written yet has no room
            if kind is None:
                raise self._refusal(problem) from None
