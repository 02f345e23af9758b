"""The cache of the shipped rules: one compiled file a state of rules and code, in the user's folder for such files.

Nothing depends on it: where it cannot be read or written, rules are read from YAML and derived from anew.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from cleaner.errors import CleanerError
from cleaner.rules.compiled import FORMAT, read_compiled, version
from cleaner.rules.ruleset import Ruleset, shipped_rules

VARIABLE = "CLEANER_CACHE"
"""Names a folder for the cache, or says `off`."""

_NAME = "cleaner-news"
_ENDING = ".rules"
_KEPT = 4  # files: those of other versions and of earlier states of the rules go
_DERIVING = ("errors.py", "model.py", "match", "rules", "text")


@cache
def origin() -> str:
    """Return a digest of all that decides what the engine derives from rules: this package's code, and Python's version."""
    root = Path(__file__).parent.parent
    paths = (path for name in _DERIVING for path in _within(root / name, "*.py"))
    parts = [f"{version()} {FORMAT} {sys.version}".encode()]
    with suppress(OSError):  # a package without sources has its version alone
        parts += _contents(paths, root)
    return _digest(parts)


def read_shipped() -> Ruleset | None:
    """Return the shipped rules as the cache has them, if they are there and none changed since."""
    path = _place()
    if path is None:
        return None
    try:
        with suppress(OSError):
            os.utime(path)
        return read_compiled(path)
    except CleanerError:
        return None


def keep_shipped(write: Callable[[Path], object]) -> bool:
    """Let a function write the shipped rules into the cache, and tell whether it did; files of other states go."""
    path = _place()
    if path is None:
        return False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.access(path.parent, os.W_OK):
            return False
        write(path)
    except (OSError, CleanerError):
        return False
    with suppress(OSError):
        files = sorted(path.parent.glob(f"*{_ENDING}"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_KEPT]:
            file.unlink()
    return True


def _place() -> Path | None:
    """Return where the shipped rules are cached as they are now; None where nothing is to be cached."""
    folder = _folder()
    rules = shipped_rules()
    try:
        state = _digest((origin().encode(), *_contents(_within(rules, "*.yaml"), rules)))
    except OSError:
        return None
    return folder / f"shipped-{state}{_ENDING}" if folder else None


def _folder() -> Path | None:
    """Return the folder that the user, or else the system, keeps caches in."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() in ("off", "no", "0", "false"):
        return None
    if chosen:
        return Path(chosen)
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / _NAME / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / _NAME
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / _NAME
    except RuntimeError:  # a user without a home
        return None


def _within(path: Path, names: str) -> Iterable[Path]:
    return sorted(path.rglob(names)) if path.is_dir() else [path]


def _contents(paths: Iterable[Path], root: Path) -> Iterable[bytes]:
    for path in paths:
        yield path.relative_to(root).as_posix().encode()
        yield path.read_bytes()


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.blake2b(digest_size=16)
    for part in parts:
        found.update(b"%d " % len(part))
        found.update(part)
    return found.hexdigest()
