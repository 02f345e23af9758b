"""Read corpora of clean text: files of passages, records of bodies, and records labelled stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from cleaner.errors import InputError
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, Entry, Fields
from cleaner.io.stream import Watch
from cleaner.model import Document
from cleaner.rules.prose import Passage, split_passages

BODY = "body"
"""The label of what is clean in a record with `spans`."""


def read_clean(paths: Sequence[str], fields: Fields = USUAL, watch: Watch | None = None) -> Iterator[Passage]:
    """Yield the clean passages of files and folders; pages and what cannot be read are passed over.

    A text file may hold several passages, set apart by lines of three dashes. Of a record with `spans` (start, end and
    label in code points) only the parts labelled `body` are clean.

    Raises `InputError` where there is not one passage in all of them.
    """
    any_found = False
    for entry in read_entries(find_inputs(paths), fields, True, watch):
        for passage in _passages(entry):
            any_found = True
            yield passage
    if not any_found:
        raise InputError(f"{', '.join(paths)}: no clean text in field `{fields.text}`; name another with --text-field")


def _passages(entry: Entry) -> Iterator[Passage]:
    document = entry.value
    if not isinstance(document, Document) or not document.text.strip():
        return
    if entry.raw == b"{}":
        for line, text in split_passages(document.text):
            yield Passage(f"{document.id}:{line}", text, line=line)
        return
    body = _body(orjson.loads(entry.raw).get("spans"), len(document.text))
    yield Passage(
        document.id,
        document.text,
        document.lang or "",
        document.url,
        document.source,
        document.crawled,
        body=body,
    )


def _body(spans: Any, size: int) -> tuple[tuple[int, int], ...] | None:
    """Return the parts labelled as body; None where nothing is labelled."""
    if not isinstance(spans, list):
        return None
    return tuple((int(a), min(int(b), size)) for a, b, label in spans if label == BODY)
