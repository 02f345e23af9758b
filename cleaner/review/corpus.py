"""Read corpora of clean text: files of passages, records of bodies, and records labelled stretch by stretch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from cleaner.errors import InputError
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, Entry, Fields
from cleaner.io.splice import parse
from cleaner.io.stream import Watch
from cleaner.model import Document, Rejected
from cleaner.rules.prose import Passage, split_passages

BODY = "body"
"""The label of what is clean in a record with `spans`."""


def read_clean(
    paths: Sequence[str], fields: Fields = USUAL, watch: Watch | None = None, passed: Counter[str] | None = None
) -> Iterator[Passage]:
    """Yield the clean passages of files and folders; `passed` counts pages and what cannot be read, by reason.

    A text file may hold several passages, set apart by lines of three dashes. Of a record with `spans` (start, end and
    label in code points) only the parts labelled `body` are clean.

    Raises `InputError` where there is not one passage in all of them, or spans are of another form.
    """
    any_found = False
    passed = Counter() if passed is None else passed
    for entry in read_entries(find_inputs(paths), fields, True, watch):
        if not isinstance(entry.value, Document):
            passed[entry.value.reason if isinstance(entry.value, Rejected) else "pages are not tried"] += 1
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
    try:
        body = _body(parse(entry.raw).get("spans"), len(document.text))
    except (TypeError, ValueError):
        form = 'write lists of start, end (code points) and label, such as [0, 80, "body"]'
        raise InputError(f"{entry.place.path}: record {document.id}, field spans: {form}") from None
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
    """Return the parts labelled as body; None where nothing is labelled.

    Raises `TypeError` or `ValueError` where a span is no list of start, end and label.
    """
    if spans is None:
        return None
    if not isinstance(spans, list) or not all(isinstance(span, list) for span in spans):
        raise TypeError
    return tuple((max(0, int(a)), min(int(b), size)) for a, b, label in spans if label == BODY)
