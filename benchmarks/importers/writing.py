"""Write entries as records: open each page, choose among them, and account for what is left out."""

from __future__ import annotations

import gzip
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol

import orjson

from benchmarks.importers.checkout import NO_ANSWER, POINTER
from benchmarks.importers.entry import Entry, Found, Remark

EMPTY_GOLD = "its gold is an empty body: it asks for an empty text"
NO_PAGE = "gold without a page"
EMPTY_PAGE = "its page is empty"
BROKEN = "its page is no whole gzip file"
FETCH = "its page is a pointer of Git LFS: fetch the files with `git lfs pull`"
TWICE = "its id stood before: the first page is kept"
SURROGATE = "its gold or snippets hold half a surrogate pair, which is no text"

_GZIP = b"\x1f\x8b"


class Sink(Protocol):
    """Take bytes."""

    def write(self, data: bytes) -> object:
        """Write bytes."""


class Unreadable(Exception):
    """Say why a page cannot be read."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Say which pages are wanted; all of them where nothing is said."""

    split: str | None = None
    page_type: str | None = None

    def takes(self, entry: Entry) -> bool:
        """Tell whether a page is wanted."""
        return self.split in (None, entry.split) and self.page_type in (None, entry.page_type)


@dataclass(slots=True)
class Account:
    """Count the pages of a checkout: written, not chosen, and what remarks there are. `digest` is of the lines written."""

    written: int = 0
    passed: int = 0
    remarks: list[Remark] = field(default_factory=list)
    splits: set[str] = field(default_factory=set)
    page_types: set[str] = field(default_factory=set)
    digest: str = ""

    @property
    def left_out(self) -> int:
        """Return how many pages or golds were left out, other than by choice."""
        return sum(remark.left_out for remark in self.remarks)

    def reasons(self) -> dict[str, list[str]]:
        """Group what remarks are about by their reason, in the order in which reasons came up."""
        found: dict[str, list[str]] = {}
        for remark in self.remarks:
            found.setdefault(remark.reason, []).append(remark.about)
        return found


def write(found: Iterable[Found], sink: Sink, choice: Choice) -> Account:
    """Write the chosen pages to `sink`, one JSON object a line, and return the account."""
    account, state = Account(), blake2b(digest_size=20)
    for line in _lines(found, choice, account):
        sink.write(line)
        state.update(line)
        account.written += 1
    account.digest = state.hexdigest()
    return account


def _lines(found: Iterable[Found], choice: Choice, account: Account) -> Iterator[bytes]:
    seen: set[str] = set()
    for one in found:
        if isinstance(one, Remark):
            account.remarks.append(one)
            continue
        account.splits.update(filter(None, [one.split]))
        account.page_types.update(filter(None, [one.page_type]))
        if not choice.takes(one):
            account.passed += 1
            continue
        made = _line(one) if one.id not in seen else Remark(one.id, TWICE)
        if isinstance(made, Remark):
            account.remarks.append(made)
            continue
        seen.add(one.id)
        if one.gold is not None and not one.gold.strip():
            account.remarks.append(Remark(one.id, EMPTY_GOLD, left_out=False))
        yield made


def _line(entry: Entry) -> bytes | Remark:
    if not entry.has_gold:
        return Remark(entry.id, NO_ANSWER)
    try:
        return orjson.dumps(record_of(entry, read_page(entry.page)), option=orjson.OPT_APPEND_NEWLINE)
    except Unreadable as error:
        return Remark(entry.id, str(error))
    except orjson.JSONEncodeError:
        return Remark(entry.id, SURROGATE)


def record_of(entry: Entry, page: str | bytes) -> dict[str, Any]:
    """Return the record that `cleaner bench` reads; fields that are not known stay away."""
    record: dict[str, Any] = {"id": entry.id}
    for name in ("url", "lang", "country", "split", "page_type"):
        if getattr(entry, name):
            record[name] = getattr(entry, name)
    if entry.gold is not None:
        record["gold"] = entry.gold
    if entry.optional:
        record["optional"] = list(entry.optional)
    if entry.wanted or entry.unwanted:
        record |= {"with": list(entry.wanted), "without": list(entry.unwanted)}
    return record | ({"html": page} if isinstance(page, str) else {"html_base64": b64encode(page).decode()})


def read_page(path: Path) -> str | bytes:
    """Return a page, unpacked where it is packed: as text if its bytes are UTF-8, else as they are.

    Raises `Unreadable` where it is missing, empty or broken.
    """
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw.startswith(_GZIP) else raw
    except FileNotFoundError:
        raise Unreadable(NO_PAGE) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Unreadable(BROKEN) from None
    except OSError as error:
        raise Unreadable(f"its page cannot be read: {error.strerror}") from None
    if raw.startswith(POINTER):
        raise Unreadable(FETCH)
    if not raw.strip():
        raise Unreadable(EMPTY_PAGE)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw
