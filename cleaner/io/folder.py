"""Hold the folder that a run writes into, here or behind a URL: new files, what is there, and a lock."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from cleaner.errors import OutputError
from cleaner.io import remote
from cleaner.io.file import DRAFT, Draft, NewFile
from cleaner.io.remote import begin, is_remote


class Folder(Protocol):
    """Give access to the files of one folder by their names inside it, with slashes.

    Raises `OutputError` or `InputError` where it cannot be made, read or written.
    """

    path: str

    def new(self, name: str) -> Draft:
        """Begin a file, which takes its place when it is committed."""

    def shown(self, name: str) -> str:
        """Return the path of a file."""

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None where there is none."""

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""

    def names(self, below: str = "") -> Iterator[str]:
        """Yield the names of all files, or of those below a folder in it, in order; drafts are left out."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def settle(self, name: str) -> None:
        """Make sure that a file still has its name after a crash of the machine."""

    def sweep(self) -> None:
        """Remove the drafts that a run left which was killed; only for the one who holds the lock."""

    def hold(self, name: str) -> AbstractContextManager[None]:
        """Lock the folder by a file of this name; raises `OutputError` where another process holds it."""

    def stay(self) -> None:
        """Show that the one who holds the lock is alive."""


def open_folder(path: str) -> Folder:
    """Return the folder of this path, which need not be there yet."""
    return RemoteFolder(path) if is_remote(path) else LocalFolder(path)


def write_whole(folder: Folder, name: str, raw: bytes) -> None:
    """Write a file in one piece; where that fails nothing is left of it."""
    file = folder.new(name)
    try:
        file.write(raw)
        file.commit()
    except BaseException:
        file.abandon()
        raise


class LocalFolder:
    """Be a folder of this machine; its lock is let go by the system when the process ends, however it ends."""

    def __init__(self, path: str):
        self.path = path
        self._root = Path(path)

    def new(self, name: str) -> NewFile:
        """Begin a file."""
        path = self._root / name
        with _explained(path.parent, "made"):
            path.parent.mkdir(parents=True, exist_ok=True)
        return NewFile(path)

    def shown(self, name: str) -> str:
        """Return the path of a file."""
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
        """Lock the folder by a file of this name."""
        path = self._root / name
        with _explained(path, "written"):
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b")
        with file:
            if not _lock(file.fileno()):
                file.seek(0)
                holder = file.read(200).decode("utf-8", "replace").strip()
                raise _taken(self.path, holder or "it is just starting")
            with _explained(path, "written"):
                file.truncate(0)
                file.write(f"{_who()}\n".encode())
                file.flush()
            yield

    def stay(self) -> None:
        """Do nothing: the system knows who is alive."""


class RemoteFolder:
    """Be a folder behind a URL.

    Its lock is a file there, whose holder shows now and then that it is alive; when it has not for some minutes, or was
    a process of this machine that is gone, the lock is taken over.
    """

    def __init__(self, path: str):
        self.path = path.rstrip("/")
        self._lock = ""
        self._shown = 0.0

    def new(self, name: str) -> Draft:
        """Begin a file."""
        return begin(self.shown(name))

    def shown(self, name: str) -> str:
        """Return the URL of a file."""
        return f"{self.path}/{name}"

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None where there is none."""
        return None if self.size(name) is None else remote.read_bytes(self.shown(name))

    def size(self, name: str) -> int | None:
        """Return the bytes of a file; None where there is none."""
        return remote.size_of(self.shown(name))

    def names(self, below: str = "") -> Iterator[str]:
        """Yield the names of all files, or of those below a folder in it, in order."""
        lead = f"{below}/" if below else ""
        for name in remote.list_names(f"{self.path}/{below}".rstrip("/")):
            yield lead + name

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        remote.remove(self.shown(name))

    def settle(self, name: str) -> None:
        """Do nothing: what has arrived stays."""

    def sweep(self) -> None:
        """Do nothing: drafts are never sent."""

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Lock the folder by a file of this name."""
        if not remote.create(self.shown(name), self._sign()):
            holder, seen = _read_sign(self.read(name) or b"")
            age = time.time() - seen
            if age < _DEAD and not _is_gone(holder):
                raise _taken(self.path, f"{holder}, seen {age:.0f} s ago; after {_DEAD:.0f} s it counts as dead")
            self.remove(name)
            if not remote.create(self.shown(name), self._sign()):
                raise _taken(self.path, "it is just starting")
        self._lock, self._shown = name, time.time()
        try:
            yield
        finally:
            self._lock = ""
            if _read_sign(self.read(name) or b"")[0] == _who():
                self.remove(name)

    def stay(self) -> None:
        """Write the time into the lock, now and then."""
        if self._lock and time.time() - self._shown > _DEAD / 10:
            write_whole(self, self._lock, self._sign())
            self._shown = time.time()

    def _sign(self) -> bytes:
        return f"{_who()}, {time.time():.0f}\n".encode()


_DEAD = 600.0  # seconds without a sign of life


def _who() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _read_sign(raw: bytes) -> tuple[str, float]:
    """Return who holds a lock, and when it was last seen; never, where that cannot be read."""
    holder, _, seen = raw.decode("utf-8", "replace").strip().partition(", ")
    return holder, float(seen) if seen.isdecimal() else 0.0


def _is_gone(holder: str) -> bool:
    """Tell that the process that holds a lock was one of this machine and has ended."""
    found = re.fullmatch(r"process (\d+) on (.*)", holder)
    if not found or found[2] != socket.gethostname() or os.name == "nt":
        return False
    try:
        os.kill(int(found[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _taken(path: str, holder: str) -> OutputError:
    return OutputError(f"{path}: another run writes there ({holder}); wait for its end, or choose another output")


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
