"""Find, read and write files behind URLs (`s3://`, `https://`, `memory://`, ...) through fsspec.

Credentials, endpoints, retries and timeouts are the library's business and are set as it documents: for S3 in the
environment or the files that all clients of S3 read. A file written appears under its name only when it is whole: it is
written to a local draft and sent in one piece.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.io.file import Draft, NewFile

_URL = re.compile(r"[a-z][a-z0-9+.-]+(?:::[a-z][a-z0-9+.-]*)*://", re.IGNORECASE)
_EXTRAS = {"s3": "s3", "s3a": "s3"}
_BLOCK = 1 << 22
"""Bytes asked for at once; two such blocks are held."""

_VERSIONS = ("ETag", "etag", "md5Hash", "LastModified", "last_modified", "mtime", "updated", "created")
"""What file systems call that which changes with a file, the surest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """Hold a file behind a URL; `identity` changes where the file does, or its size where nothing else tells."""

    path: str
    size: int
    identity: str


def is_remote(path: str) -> bool:
    """Tell a URL from a path.

    >>> is_remote("s3://bucket/dump.jsonl"), is_remote("C:/dump.jsonl"), is_remote("dump.jsonl")
    (True, False, False)
    """
    return bool(_URL.match(path))


def name_in(path: str) -> str:
    """Return what stands for the path of a file in its URL: of a web address what comes before the query.

    >>> name_in("https://example.org/a/dump.jsonl?sign=x.txt#y"), name_in("s3://b/what?.jsonl")
    ('https://example.org/a/dump.jsonl', 's3://b/what?.jsonl')
    """
    return urlsplit(path)._replace(query="", fragment="").geturl() if _is_web(path) else path


def find(path: str) -> tuple[str, list[Found]]:
    """Find the file, or all files below the folder, or that match the pattern; return what their paths share, and them.

    Raises `InputError` where there are none, or they cannot be asked for.
    """
    with _asking(path, InputError) as (files, place):
        if not _is_pattern(path) or files.exists(place):
            stated = files.info(place)
            if stated["type"] != "directory":
                return "", [_found(files, path, stated)]
            inside = files.find(place, detail=True)
            base = place
        else:
            inside = {
                name: stated for name, stated in files.glob(place, detail=True).items() if stated["type"] == "file"
            }
            base = fixed_part(place)
        found = [_found(files, files.unstrip_protocol(name), stated) for name, stated in inside.items()]
        return str(files.unstrip_protocol(base)).rstrip("/") + "/", sorted(found, key=lambda one: walk_order(one.path))


def fixed_part(pattern: str) -> str:
    """Return the folders of a pattern before the first that is one.

    >>> fixed_part("data/2024-*/x.jsonl"), fixed_part("*.txt")
    ('data', '')
    """
    parts = pattern.split("/")
    fixed = next(number for number, part in enumerate(parts) if re.search(r"[*?\[]", part) or number == len(parts) - 1)
    return "/".join(parts[:fixed])


def walk_order(path: str) -> tuple[tuple[bool, str], ...]:
    """Return what sorts paths as folders are walked: the files of a folder come before its folders."""
    *folders, name = path.split("/")
    return (*((True, folder) for folder in folders), (False, name))


class Reading:
    """Read a remote file, from any place in it; raises `InputError` for whatever stops it."""

    def __init__(self, file: Any, path: str):
        self._file, self._path = file, path

    closed = False

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes, or all there are; none at the end."""
        try:
            data: bytes = self._file.read(size)
        except Exception as error:
            raise _refusal(self._path, error, InputError) from None
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place; a server that only sends whole files refuses it."""
        try:
            at: int = self._file.seek(place, whence)
        except Exception as error:
            raise _refusal(self._path, error, InputError) from None
        return at

    def tell(self) -> int:
        """Return the place where reading goes on."""
        at: int = self._file.tell()
        return at


@contextmanager
def open_remote(path: str) -> Iterator[Reading]:
    """Open a file; raises `InputError` where that fails, and where reading does later."""
    with _asking(path, InputError) as (files, place):
        file = files.open(place, "rb", block_size=_BLOCK)
    try:
        yield Reading(file, path)
    finally:
        file.close()


def read_bytes(path: str) -> bytes:
    """Return all that is in a file; raises `InputError`."""
    with _asking(path, InputError) as (files, place):
        data: bytes = files.cat_file(place)
    return data


def list_names(folder: str) -> list[str]:
    """Return the names of all files below a folder, relative to it and sorted; none where there is no folder.

    Raises `InputError` where it cannot be asked for.
    """
    with _asking(folder, InputError) as (files, place):
        files.invalidate_cache()
        try:
            found = files.find(place)
        except FileNotFoundError:
            return []
        base = place.rstrip("/") + "/"
        return sorted(name.removeprefix(base) for name in found if name.startswith(base))


def size_of(path: str) -> int | None:
    """Return the bytes of a file, None where there is none; raises `InputError`."""
    with _asking(path, InputError) as (files, place):
        files.invalidate_cache()
        try:
            size: int | None = files.info(place)["size"]
        except FileNotFoundError:
            return None
    return size


def remove(path: str) -> None:
    """Remove a file, here or behind a URL, if it is there; raises `OutputError`."""
    if not is_remote(path):
        try:
            Path(path).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"{path} cannot be removed: {error.strerror or error}") from None
        return
    with _asking(path, OutputError) as (files, place):
        if files.exists(place):
            files.rm_file(place)


class NewRemoteFile:
    """Write a local draft, and send it on `commit`; else as `NewFile`. Raises `OutputError`; nothing is left of it then."""

    def __init__(self, path: str):
        self.name = self._path = path
        with _asking(path, OutputError):
            self._folder = Path(tempfile.mkdtemp(prefix="cleaner-"))
        self._local = self._folder / name_in(path).rpartition("/")[2]
        self._file = NewFile(self._local)

    @property
    def size(self) -> int:
        """Return the number of bytes in the file."""
        return self._file.size

    @property
    def digest(self) -> str:
        """Return a digest of the bytes in the file (BLAKE2b of 20 bytes)."""
        return self._file.digest

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._file.write(data)

    def commit(self) -> None:
        """Finish the file, send it, and see that all of it has arrived."""
        try:
            self._file.commit()
            with _asking(self._path, OutputError) as (files, place):
                files.put_file(str(self._local), place)
                files.invalidate_cache()
                arrived = files.info(place)["size"]
                if arrived != self.size:
                    raise OSError(f"{arrived} of {self.size} bytes arrived")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def abandon(self) -> None:
        """Give up what was written."""
        self._file.abandon()
        shutil.rmtree(self._folder, ignore_errors=True)


def begin(path: str) -> Draft:
    """Begin a file here or behind a URL, which appears when it is whole; raises `OutputError`."""
    return NewRemoteFile(path) if is_remote(path) else NewFile(Path(path))


def create(path: str, data: bytes) -> bool:
    """Write a small file where none is; false where there is one. Raises `OutputError`."""
    with _asking(path, OutputError) as (files, place):
        files.invalidate_cache()
        if files.exists(place):
            return False
        try:
            files.pipe_file(place, data, mode="create")
        except FileExistsError:
            return False
    return True


def resolve(path: str) -> str:
    """Return what tells two paths to one file from paths to two."""
    return path if path == "-" or is_remote(path) else str(Path(path).resolve())


@contextmanager
def _asking(path: str, kind: type[CleanerError]) -> Iterator[tuple[Any, str]]:
    """Lend the file system of a URL and the place in it; whatever goes wrong is an error that says so."""
    scheme = path.split(":", 1)[0].lower()
    try:
        from fsspec.core import url_to_fs  # loaded late: few runs need it
    except ImportError:
        extra = _EXTRAS.get(scheme, "remote")
        raise kind(f"{path}: URLs are read by fsspec: pip install 'cleaner-news[{extra}]'") from None
    try:
        yield url_to_fs(path)
    except CleanerError:
        raise
    except ImportError as error:
        need = f"pip install 'cleaner-news[{_EXTRAS[scheme]}]'" if scheme in _EXTRAS else str(error)
        raise kind(f"{path}: {scheme}:// needs a library of its own: {need}") from None
    except Exception as error:
        raise _refusal(path, error, kind) from None


def _refusal(path: str, error: Exception, kind: type[CleanerError]) -> CleanerError:
    cause = error.__cause__
    if isinstance(error, FileNotFoundError) and isinstance(cause, Exception) and getattr(cause, "status", 0) != 404:
        error = cause  # a server that does not answer, or refuses
    if isinstance(error, FileNotFoundError) and kind is InputError:
        return kind(f"{path}: no such file or folder")
    reason = getattr(error, "strerror", None) or str(error).strip().split("\n")[0] or type(error).__name__
    return kind(f"{path} cannot be {'read' if kind is InputError else 'written'}: {reason}")


def _found(files: Any, path: str, stated: Mapping[str, Any]) -> Found:
    version = next((str(stated[name]) for name in _VERSIONS if stated.get(name)), "")
    size = stated.get("size") or 0
    return Found(path, size, f"{size}-{version}")


def _is_web(path: str) -> bool:
    return path.lower().startswith(("http://", "https://"))


def _is_pattern(path: str) -> bool:
    return "*" in path if _is_web(path) else bool(re.search(r"[*?\[]", path))
