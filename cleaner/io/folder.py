"""Hold the folder that a run writes into: new files, what is there, and a lock against a second run."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cleaner.errors import OutputError
from cleaner.io.file import DRAFT, NewFile


class Folder:
    """Give access to the files of one folder by their names inside it, with slashes.

    Raises `OutputError` where it cannot be made, read or written.
    """

    def __init__(self, path: str):
        self.path = path
        self._root = Path(path)

    def new(self, name: str) -> NewFile:
        """Begin a file, which takes its place when it is committed."""
        path = self._root / name
        with _explained(path.parent, "made"):
            path.parent.mkdir(parents=True, exist_ok=True)
        return NewFile(path)

    def name_of(self, file: NewFile) -> str:
        """Return the name in this folder of a file begun here."""
        return file.path.relative_to(self._root).as_posix()

    def shown(self, name: str) -> str:
        """Return how messages call a file."""
        return str(self._root / name)

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None where there is none."""
        with _explained(self._root / name, "read"):
            try:
                return (self._root / name).read_bytes()
            except FileNotFoundError:
                return None

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        try:
            return (self._root / name).stat().st_size
        except OSError:
            return None

    def names(self, below: str = "") -> Iterator[str]:
        """Yield the names of all files, or of those below a folder in it, in order; drafts are left out."""
        for at, folders, names in os.walk(self._root / below):
            folders.sort()
            for name in sorted(names):
                if not name.endswith(DRAFT):
                    yield (Path(at) / name).relative_to(self._root).as_posix()

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        with _explained(self._root / name, "removed"):
            (self._root / name).unlink(missing_ok=True)

    def settle(self, name: str) -> None:
        """Make the system write down that a file has its name, so that it survives a crash of the machine."""
        if os.name == "nt":  # folders cannot be opened there
            return
        with suppress(OSError):
            handle = os.open((self._root / name).parent, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def sweep(self) -> None:
        """Remove the drafts that a run left which was killed; only for the one who holds the lock."""
        for at, _, names in os.walk(self._root):
            for name in names:
                if name.endswith(DRAFT) and name.startswith("."):
                    (Path(at) / name).unlink(missing_ok=True)

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Lock the folder by a file of this name; the system lets go when the process ends, however it ends.

        Raises `OutputError` where another process holds it.
        """
        path = self._root / name
        with _explained(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b")
        with file:
            if not _lock(file.fileno()):
                file.seek(0)
                holder = file.read(200).decode("utf-8", "replace").strip()
                raise OutputError(
                    f"{self.path}: another run writes there ({holder or 'it is just starting'}); wait for its end, or choose another output"
                )
            with _explained(path, "written"):
                file.truncate(0)
                file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
                file.flush()
            yield


def _lock(handle: int) -> bool:
    """Lock a file for this process: a lock that processes it starts do not inherit."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def _explained(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} cannot be {what}: {error.strerror or error}") from None
