"""Find one's way in a checkout: its top folder, the objects in its JSON files, pages that no gold belongs to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.importers.entry import Remark
from cleaner.errors import InputError

NO_GOLD = "a page without gold"
NO_ANSWER = "there is no gold in its record"
NO_UTF8 = "its gold is no UTF-8: save it as such"

DEEP = "**"
"""What a pattern begins with that looks at any depth: it finds all below by itself, and is not tried on folders above."""

POINTER = b"version https://git-lfs"
"""How a file begins that Git LFS has not fetched."""

_BELOW, _ABOVE = 3, 4  # levels of folders among which another checkout is looked for
_MANY, _SHOWN = 2000, 6


@dataclass(frozen=True, slots=True)
class Records:
    """Hold what a JSON file says of each id, in its order; `repeated` are ids that stand twice in it."""

    by_id: dict[str, Any]
    repeated: tuple[str, ...] = ()

    def remarks(self, name: str) -> Iterator[Remark]:
        """Yield a remark for each id that stands twice."""
        for id in self.repeated:
            yield Remark(
                id, f"it stands twice in {name}: the last one counts, as for any reader of JSON", left_out=False
            )


def find_top(checkout: Path, *needed: str) -> Path:
    """Return the checkout if it holds all that is needed (patterns of paths).

    Raises `InputError` that says what is missing, what is there instead, and which other folder may be meant.
    """
    if not checkout.is_dir():
        what = "is a file, not the folder of a checkout" if checkout.exists() else "does not exist"
        raise InputError(f"{checkout} {what}")
    missing = [pattern for pattern in needed if not _holds(checkout, pattern)]
    if not missing:
        return checkout
    meant = None if DEEP in needed[0] else _find_near(checkout, needed)
    hint = f" Did you mean {meant}?" if meant else ""
    verb = "is" if len(missing) == 1 else "are"
    raise InputError(f"{checkout}: {' and '.join(missing)} {verb} missing; this folder holds {_shown(checkout)}.{hint}")


def read_object(path: Path) -> Records:
    """Read a JSON file that holds one object. Raises `InputError` where it holds none."""
    repeated: list[str] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        repeated.clear()  # the outermost object comes last
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated.extend(name for name, count in counts.items() if count > 1)
        return found

    try:
        raw = path.read_bytes()
        if raw.startswith(POINTER):
            raise InputError(f"{path} is a pointer of Git LFS: fetch the file with `git lfs pull`")
        value = json.loads(raw, object_pairs_hook=collect)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise InputError(f"{path} holds a {type(value).__name__}, where an object is expected that maps ids to records")
    return Records(value, tuple(repeated))


def read_text(path: Path) -> str | None:
    """Read a text; None where it is no UTF-8. Raises `InputError` where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def strays(pages: Iterable[Path], known: Collection[Path]) -> Iterator[Remark]:
    """Yield a remark for each page that no gold belongs to."""
    for path in sorted(pages):
        if path not in known and path.is_file() and not path.name.startswith("."):
            yield Remark(path.name, NO_GOLD)


def text_of(value: Any) -> str | None:
    """Return a string that is not empty; None for anything else."""
    return value if isinstance(value, str) and value else None


def body_of(value: Any) -> str | None:
    """Return a body, which may be empty; None for anything that is no string."""
    return value if isinstance(value, str) else None


def address_of(value: Any) -> str | None:
    """Return an address that can be one; None for the placeholders that some benchmarks write instead."""
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


def snippets_of(value: Any) -> tuple[str, ...]:
    """Return the snippets of a list."""
    return (
        tuple(snippet for snippet in value if isinstance(snippet, str) and snippet.strip())
        if isinstance(value, list)
        else ()
    )


def _holds(folder: Path, pattern: str) -> bool:
    return any(folder.glob(pattern))


def _find_near(checkout: Path, needed: Collection[str]) -> Path | None:
    return next((folder for folder in _around(checkout) if all(_holds(folder, pattern) for pattern in needed)), None)


def _around(checkout: Path) -> Iterator[Path]:
    """Yield some folders below, nearest first, then some above."""
    level, seen = [checkout], 0
    for _ in range(_BELOW):
        level = sorted(path for folder in level for path in _folders(folder))
        seen += len(level)
        yield from level
        if seen > _MANY:
            break
    yield from list(checkout.resolve().parents)[:_ABOVE]


def _folders(folder: Path) -> Iterator[Path]:
    try:
        yield from (path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return


def _shown(folder: Path) -> str:
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        return f"what cannot be read ({error.strerror})"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more if names else "nothing"
