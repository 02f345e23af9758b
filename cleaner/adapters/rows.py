"""Clean rows of values, whatever table or store they stand in; one that cannot be cleaned keeps what it has.

A row is read by the names of `Fields`: `row["text"]` is its text whatever the column is called.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from cleaner.adapters.each import clean_each, refusal
from cleaner.adapters.order import Order
from cleaner.bulk.batch import Job
from cleaner.io.arrow import account_row
from cleaner.io.record import (
    CLEANING,
    Entry,
    Fields,
    Place,
    Style,
    describe,
    hidden_source,
    refuse,
    text_of,
    title_of,
    value_of,
    word_of,
)
from cleaner.model import Cleaned, Rejected


class Row(NamedTuple):
    """Hold what a row leaves with: its text and title, and what became of it.

    `source` is the source that offsets count in, where the row leaves with its own text and that is another one.
    """

    text: Any
    title: Any
    result: Cleaned | Rejected
    source: str | None = None


def clean_rows(order: Order, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """Yield what each row leaves with, in order; some are read ahead.

    Raises `RuleError` where this process has other rules than the order was written with.
    """
    job, style = order.job(), order.style
    pairs = ((row, _entry(number, row, job, order.fields)) for number, row in enumerate(rows))
    for row, _, result in clean_each(job, pairs):
        text, title = row.get("text"), row.get("title")
        if isinstance(result, Rejected):
            yield Row(text, title, result)
        else:
            source = hidden_source(text, result, style)
            yield Row(text_of(result, text, style), title_of(result, title, style), result, source)


def account_of(row: Row, style: Style) -> dict[str, Any]:
    """Return the account of a row as a record has it in `cleaning`; a rejected row's holds the reason."""
    if isinstance(row.result, Rejected):
        return refusal(row.result.reason)
    account = describe(row.result, style.lean)
    return account if row.source is None else {**account, "source": row.source}


def typed_account_of(row: Row, style: Style) -> dict[str, Any]:
    """Return the account of a row as a value of `columns.account_column`."""
    if isinstance(row.result, Rejected):
        return refusal(row.result.reason)
    return account_row(row.result, style, row.source)


def _entry(number: int, row: Mapping[str, Any], job: Job, fields: Fields) -> Entry:
    """Return what is to be cleaned of a row."""
    place = Place(word_of(row.get("id")) or f"row {number} of its batch", "")
    if CLEANING in row and not job.recleaning:
        return refuse(place, "it has `cleaning` already; order recleaning to clean it again", b"")
    try:
        text, html = _content(row, fields)
    except ValueError as error:
        return refuse(place, str(error), b"")
    return Entry(value_of(place.id, text, html, lambda name: _plain(row.get(name))), place)


def _plain(value: Any) -> Any:
    """Write a point in time as records have it."""
    return value.isoformat() if isinstance(value, date) else value


def _content(row: Mapping[str, Any], fields: Fields) -> tuple[str, str | bytes | None]:
    """Return the text, or the page where there is no text, or an empty one.

    Raises `ValueError` where neither is there, or what is there is broken.
    """
    for name, value in row.items():
        if isinstance(value, UnicodeDecodeError):
            raise ValueError(f"`{getattr(fields, name)}` is invalid UTF-8 at byte {value.start}")
    text, html, pressed = row.get("text"), row.get("html"), row.get("html_base64")
    if not text and not html and pressed:
        try:
            html = base64.b64decode(pressed, validate=True)
        except (TypeError, ValueError):
            raise ValueError(f"`{fields.html_base64}` is not base64") from None
    for name, value in (("text", text), ("html", html)):
        if value is not None and not isinstance(value, (str, bytes) if name == "html" else str):
            raise ValueError(f"`{getattr(fields, name)}` holds {type(value).__name__}, not a string")
    if text is None and html is None:
        raise ValueError(f"neither `{fields.text}` nor `{fields.html}` nor `{fields.html_base64}` in it")
    return text or "", None if text or not html else html
