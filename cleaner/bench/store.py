"""Keep what peers answered, on disk, so that a run can be taken up again and its worst cases be shown.

An answer is found by a digest of the case, of how it was prepared, and of the peer with its version and the module that
makes it, so that what was asked otherwise is asked again.
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import cache, partial
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Self

from cleaner.bench.case import Case
from cleaner.bench.forms import version_of
from cleaner.bench.peer import Peer, version_of_package
from cleaner.bench.sets import digest_of
from cleaner.bench.workers import Answer
from cleaner.errors import CleanerError, InputError, OutputError
from cleaner.rules.load import load_shipped

_TABLE = "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, text BLOB, seconds REAL, error TEXT) WITHOUT ROWID"
_EVERY = 200  # answers between two commits
_CLEANING = ("clean.py", "model.py", "deadline.py", "html", "match", "rules", "text")
_LIBRARIES = ("lxml", "regex", "Resiliparse", "trafilatura")  # with which ours cleans
_ASKING = ("bench/forms.py", "bench/languages.py", "bench/peers", "html/decode.py", "text/tokens.py")


class Store:
    """Hold answers in one SQLite file; used as a context, which closes it.

    Raises `OutputError` where the file cannot be written, `InputError` where it is no store.
    """

    def __init__(self, path: Path, afresh: bool):
        self._path, self._put = path, 0
        with self._telling():
            if afresh:
                for part in (path, path.with_name(path.name + "-journal")):
                    part.unlink(missing_ok=True)
            self._base = sqlite3.connect(path)
            self._base.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with nullcontext() if error is None else suppress(CleanerError), self._telling():
                self._base.commit()
        finally:
            self._base.close()

    def get(self, key: bytes) -> Answer | None:
        """Return an answer; None where it is not there."""
        with self._telling():
            row = self._base.execute("SELECT text, seconds, error FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return Answer(zlib.decompress(row[0]).decode("utf-8", "surrogatepass"), row[1], row[2])

    def text(self, key: bytes) -> str:
        """Return the text of an answer; nothing where it is not there."""
        answer = self.get(key)
        return answer.text if answer else ""

    def put(self, key: bytes, answer: Answer) -> None:
        """Keep an answer."""
        packed = zlib.compress(answer.text.encode("utf-8", "surrogatepass"), 1)
        row = (key, packed, answer.seconds, answer.error)
        with self._telling():
            self._base.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row)
            self._put += 1
            if self._put % _EVERY == 0:
                self._base.commit()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise OutputError(f"{self._path} cannot be written: {error}") from None
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"{self._path} holds no answers of `cleaner bench` ({error}): run without --resume"
            ) from None
        except OSError as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror or error}") from None


def identify(peer: Peer) -> str:
    """Return what tells one state of a peer from another: version, call and the code that calls it, of our own also rules,
    code and libraries."""
    own = [load_shipped().digest, digest_of_code(), *map(version_of_package, _LIBRARIES)]
    known = own if peer.family == "cleaner" else []
    return "\0".join((peer.name, peer.takes, peer.version, peer.call, _digest(_ASKING), _maker_of(peer), *known))


def key_of(case: Case, form: str, identity: str) -> bytes:
    """Return the key of one peer's answer."""
    return keys_of(case, form, [identity])[0]


def keys_of(case: Case, form: str, identities: Iterable[str]) -> list[bytes]:
    """Return the keys of several peers' answers to one case, which is read once for all."""
    given = case.input
    known = (case.held_out, given.lang, given.title, given.source, given.crawled)
    asked = f"{digest_of([case])}\0{form} {version_of(form)}\0{known!r}"
    raws = (f"{asked}\0{identity}".encode("utf-8", "surrogatepass") for identity in identities)
    return [blake2b(raw, digest_size=16).digest() for raw in raws]


def digest_of_code() -> str:
    """Return the digest of the modules that clean: what distinguishes two states of one version."""
    return _digest(_CLEANING)


@cache
def _digest(names: tuple[str, ...]) -> str:
    """Return the digest of modules of the package, by files and folders."""
    state, root = blake2b(digest_size=8), Path(str(files("cleaner")))
    for path in sorted(path for name in names for path in (root / name, *(root / name).rglob("*.py"))):
        if path.suffix == ".py":
            state.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def _maker_of(peer: Peer) -> str:
    """Return the digest of the module that makes a peer, which may be somebody's own."""
    make = peer.make
    while isinstance(make, partial):
        make = make.func
    file = getattr(sys.modules.get(getattr(make, "__module__", "")), "__file__", None)
    try:
        return blake2b(Path(file).read_bytes(), digest_size=8).hexdigest() if file else ""
    except OSError:
        return ""
