"""The folder that rules are saved in: files directly in it, with plain names, each replaced whole or not at all.

Nothing outside is written: a name is a name and no path, and what is a link is refused. Only what the author saw is
replaced: whoever saves says which state of the file that was.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cleaner.errors import OptionError, OutputError
from cleaner.io.file import NewFile

ENDING = ".yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}\.yaml")
_LONGEST = 4_000_000  # bytes of a file of rules


class Changed(OutputError):
    """Say that a file is not as its reader saw it."""


@dataclass(frozen=True, slots=True)
class State:
    """Hold the text of a file and the digest of its bytes; both are empty where there is no file."""

    text: str = ""
    digest: str = ""


class Folder:
    """Hold the folder that rules are saved in."""

    def __init__(self, path: str):
        self.path = Path(path)

    def names(self) -> list[str]:
        """Return the names of the files in which rules can be saved."""
        try:
            inside = sorted(file.name for file in self.path.iterdir())
        except OSError:
            return []
        return [name for name in inside if _NAME.fullmatch(name) and self._is_plain(name)]

    def holds(self, path: str) -> bool:
        """Tell whether a file stands directly in the folder and can be saved again."""
        file = Path(path)
        return file.parent.resolve() == self.path and bool(_NAME.fullmatch(file.name)) and self._is_plain(file.name)

    def read(self, name: str) -> State:
        """Read a file; one that is not there is empty.

        Raises `OptionError` for what is no name of a file of rules, `OutputError` for what is a link or cannot be read.
        """
        path = self._place(name)
        try:
            with path.open("rb") as file:
                raw = file.read(_LONGEST + 1)
            if len(raw) > _LONGEST:
                raise OutputError(f"{path} is too long to be changed here")
            return State(raw.decode(), digest_of(raw))
        except FileNotFoundError:
            return State()
        except (OSError, UnicodeDecodeError) as error:
            raise OutputError(f"{path} cannot be read: {error}") from None

    def write(self, name: str, text: str, digest: str) -> State:
        """Put a text in the place of the file that has this digest, or of none; it appears whole or not at all.

        Raises `Changed` where the file is another one by now, `OutputError` where it cannot be written.
        """
        if self.read(name).digest != digest:
            what = "it is there already" if not digest else "it has changed since you opened it"
            raise Changed(f"{name} was not saved: {what}. Open the rule again, or save under another name")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            raw = text.encode()
        except OSError as error:
            raise OutputError(f"{self.path} cannot be made: {error.strerror or error}") from None
        except UnicodeEncodeError:
            raise OutputError(f"{name} cannot be written as UTF-8: it holds half of a surrogate pair") from None
        file = NewFile(self._place(name))
        file.write(raw)
        file.commit()
        return State(text, digest_of(raw))

    def offer(self, name: str, make: Callable[[], str]) -> None:
        """Put a file beside the rules, unless one is there; what cannot be written is left out."""
        path = self.path / name
        if not os.path.lexists(path):
            with suppress(OutputError):
                file = NewFile(path)
                file.write(make().encode())
                file.commit()

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            form = "small letters, digits, hyphens and dots, and .yaml at its end"
            raise OptionError(f"{name[:80]!r} is no name of a rule file: use {form}")
        if self.path.is_symlink() or (self.path / name).is_symlink():
            raise OutputError(f"{name} is a link; rules are saved in files that stand in the folder itself")
        if (self.path / name).exists() and not self._is_plain(name):
            raise OutputError(f"{name} is no file")
        return self.path / name

    def _is_plain(self, name: str) -> bool:
        try:
            return stat.S_ISREG((self.path / name).lstat().st_mode)
        except OSError:
            return False


def digest_of(raw: bytes) -> str:
    """Return the digest by which a state of a file is known."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
