"""A pool of records of all kinds, and what the command line makes of each: other ways to clean have to say the same."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from tests.integrations.conftest import NOISY, by_command_line
from tests.making import LAST, MORE, PROSE

TITLED = f"A bridge opens in Port Allen\n{PROSE}\n{MORE}\n{LAST}"
PAGE = f"<html><body><article><p>{PROSE}</p><p>Advertisement</p><p>{MORE}</p><p>{LAST}</p></article></body></html>"

TEXTS = (
    NOISY,
    PROSE,
    TITLED,
    "",
    None,
    f"{PROSE} donâ€™t\r\n{MORE}\nAdvertisement",
    "Um café 🌉\nReklame\n" + PROSE,
    "  \n ",
)

POOL: tuple[dict[str, Any], ...] = tuple(
    {"id": f"doc-{number}", "text": text, "title": title, "url": url}
    for number, (text, title, url) in enumerate(
        (text, title, url)
        for text in TEXTS
        for title in (None, "", "Its own")
        for url in (None, "https://post.example/2025/a-bridge-opens-in-port-allen")
    )
)
"""Records of four fields; what is None is missing."""

PAGES = (
    {"id": "page", "html": PAGE},
    {"id": "both", "text": "", "html": PAGE},
    {"id": "text", "text": PROSE, "html": PAGE},
)


@cache
def cleaned_pool() -> tuple[dict[str, Any], ...]:
    """Return what the command line makes of each record of the pool."""
    return tuple(clean_records(POOL))


def clean_records(records: Sequence[Mapping[str, Any]], *options: str) -> list[dict[str, Any]]:
    """Return records as the command line leaves them; one that it rejects as it came, with the reason."""
    with TemporaryDirectory() as folder:
        source, output = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        source.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
        done = by_command_line([source], output, *options)
    written = {record["id"]: record for record in map(orjson.loads, done.records.splitlines())}
    rejects = map(orjson.loads, done.rejects.splitlines())
    rejected = {orjson.loads(b64decode(reject["raw"]))["id"]: reject["reason"] for reject in rejects}
    return [
        written.get(record["id"]) or {**record, "cleaning": {"status": "rejected", "reason": rejected[record["id"]]}}
        for record in records
    ]


def told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record says, whoever wrote it: less what is null, maps as objects."""
    return {name: _told(value) for name, value in record.items() if value is not None and value != []}


def _told(value: Any) -> Any:
    if isinstance(value, Mapping):
        return told(value)
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(one, Mapping) and set(one) == {"key", "value"} for one in value):
            return {one["key"]: one["value"] for one in value}
        return [_told(one) for one in value]
    return value


def said(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what records say of text, title and account, one by one."""
    return [
        _account_whole(told({name: record.get(name) for name in ("text", "title", "cleaning")})) for record in records
    ]


def _account_whole(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out the empty maps of an account: other ways to write have lists for them."""
    account = {name: value for name, value in record["cleaning"].items() if value != {}}
    return {**record, "cleaning": account}
