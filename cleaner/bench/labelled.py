"""Documents labelled span by span: which tokens are body, which are noise, and of what class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from cleaner.bench.case import Case, Labels
from cleaner.bench.pages import set_name
from cleaner.errors import InputError
from cleaner.io.stream import read_chunks, split_lines
from cleaner.model import CLASSES, Document
from cleaner.text.tokens import tokenize

FREE = ("body", "meta", "disputed")
"""Labels that are no noise: body must stay, meta may do either, disputed counts for nothing."""


def label_tokens(text: str, labels: Labels) -> Iterator[tuple[str, str]]:
    """Yield each token of a labelled text with its label.

    >>> list(label_tokens("Open. Share", Labels(((0, 5, "body"), (6, 11, "share")))))
    [('open', 'body'), ('share', 'share')]
    """
    for start, end, label in labels.spans:
        yield from ((token, label) for token in tokenize(text[start:end]))


def read_labelled(path: str | Path) -> Iterator[Case]:
    """Yield the articles of a JSON Lines file (also .gz, .zst) with `id`, `text`, `spans` and what else is known.

    Those with `not_article` are left out. A case's site is its `source`, else the first part of its id. Raises
    `InputError` with the line's number for a record that is no labelled document.
    """
    for number, line in enumerate(split_lines(read_chunks(str(path))), 1):
        if line.raw.strip():
            try:
                record = orjson.loads(line.raw)
                case = read_labels(record, set_name(path))
            except (ValueError, KeyError, TypeError) as error:
                reason = f"no labelled document ({type(error).__name__}: {error})"
                raise InputError(f"{path}, line {number}: {reason}; write id, text and spans") from None
            if not record.get("not_article"):
                yield case


def read_labels(record: dict[str, Any], set: str) -> Case:
    """Make a case of a record. Raises `ValueError`, `KeyError` or `TypeError` where it is no labelled document."""
    spans = tuple((int(start), int(end), str(label)) for start, end, label in record["spans"])
    for start, end, label in spans:
        if label not in (*FREE, *CLASSES) or not 0 <= start < end <= len(record["text"]):
            raise ValueError(f"a span from {start} to {end} labelled {label!r}")
    known: dict[str, Any] = {name: record.get(name) for name in ("url", "source", "lang", "title", "crawled")}
    id = str(record["id"])
    site = known["source"] or id.split("/")[0]
    return Case(id, set, Document(id, record["text"], **known), Labels(spans), site)
