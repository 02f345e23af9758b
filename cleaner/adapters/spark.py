"""Clean inside Spark: a function for `DataFrame.mapInArrow`.

    order = Order.of()
    cleaned = frame.mapInArrow(clean_batches(order), cleaned_schema(frame.schema, order))

A row comes back for each row, in order. Its text is the body, an empty title is filled, and the column `cleaning` holds
the account, as it does in Parquet, with one member more: a row that cannot be cleaned keeps its text, and its account
has the `status` `rejected` and the `reason`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from cleaner.adapters.each import clean_each, refusal
from cleaner.adapters.order import Order
from cleaner.bulk.batch import Job
from cleaner.errors import OptionError
from cleaner.io.arrow import account_row, account_type, array_of
from cleaner.io.record import (
    CLEANING,
    Entry,
    Fields,
    Place,
    Style,
    hidden_source,
    refuse,
    text_of,
    title_of,
    value_of,
    word_of,
)
from cleaner.model import Rejected

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType


def clean_batches(order: Order) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function that cleans what Spark hands to one of its workers; it travels as small as the order."""
    return partial(_clean_batches, order)


def cleaned_schema(schema: StructType, order: Order) -> StructType:
    """Return the schema of what `clean_batches` yields: columns for text and title where they are missing, and `cleaning`.

    Raises `OptionError` where no column holds a text or a page, or the frame has a column `cleaning` already.
    """
    try:
        from pyspark.sql.pandas.types import from_arrow_type
        from pyspark.sql.types import StringType, StructField, StructType
    except ImportError as error:
        raise OptionError(f"pyspark cannot be imported ({error}): pip install 'cleaner-news[spark]'") from None

    fields = order.fields
    if not {fields.text, fields.html, fields.html_base64} & set(schema.names):
        raise OptionError(f"neither `{fields.text}` nor `{fields.html}` among the columns {', '.join(schema.names)}")
    if CLEANING in schema.names and not order.recleaning:
        raise OptionError("the frame has a column `cleaning` already: drop it, or order recleaning")
    columns = {field.name: field for field in schema.fields if field.name != CLEANING}
    for name in (fields.text, fields.title):
        found = columns.get(name, StructField(name, StringType()))
        if found.dataType.typeName() != "string":
            raise OptionError(f"the column `{name}` holds {found.dataType.simpleString()}, not strings: cast it")
        columns[name] = StructField(name, found.dataType, True, found.metadata)
    return StructType([*columns.values(), StructField(CLEANING, from_arrow_type(_account_type(order.style)))])


def _account_type(style: Style) -> Any:
    """Return the type of `cleaning`: that of tables, and the reason of a rejection."""
    import pyarrow as pa

    own = account_type(style)
    return pa.struct([*(own.field(place) for place in range(own.num_fields)), ("reason", pa.string())])


def _clean_batches(order: Order, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    job = order.job()
    for batch in batches:
        yield _clean_batch(batch, job, order)


def _clean_batch(batch: pa.RecordBatch, job: Job, order: Order) -> pa.RecordBatch:
    import pyarrow as pa

    fields, style = order.fields, order.style
    texts: dict[int, str] = {}
    titles: dict[int, str] = {}
    accounts: list[dict[str, Any]] = []
    pairs = ((row, _entry(row, fields)) for row in _rows(batch, fields))
    for number, (row, _, result) in enumerate(clean_each(job, pairs)):
        if isinstance(result, Rejected):
            accounts.append(refusal(result.reason))
            continue
        own_text, own_title = row.get("text"), row.get("title")
        accounts.append(account_row(result, style, hidden_source(own_text, result, style)))
        if (text := text_of(result, own_text, style)) != own_text:
            texts[number] = text
        if (title := title_of(result, own_title, style)) != own_title:
            titles[number] = title
    columns = {name: batch.column(name) for name in batch.schema.names if name != CLEANING}
    columns[fields.text] = _replace(columns.get(fields.text), texts, len(batch))
    columns[fields.title] = _replace(columns.get(fields.title), titles, len(batch))
    columns[CLEANING] = array_of(accounts, _account_type(style))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _rows(batch: pa.RecordBatch, fields: Fields) -> Iterator[dict[str, Any]]:
    """Yield what is read of each row, by the names that `Fields` has for it."""
    names = {name: column for name, column in asdict(fields).items() if column in batch.schema.names}
    columns = [_values(batch.column(column)) for column in names.values()]
    for number in range(len(batch)):
        yield {"row": number, **{name: values[number] for name, values in zip(names, columns, strict=True)}}


def _values(column: Any) -> list[Any]:
    """Return the values of a column; of a string that is no UTF-8 the error that says so."""
    try:
        values: list[Any] = column.to_pylist()
        return values
    except UnicodeDecodeError:
        return [_value(cell) for cell in column]


def _value(cell: Any) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        return error


def _entry(row: dict[str, Any], fields: Fields) -> Entry:
    """Return what is to be cleaned of a row."""
    place = Place(word_of(row.get("id")) or f"row {row['row']} of its batch", "")
    try:
        text, html = _content(row, fields)
    except ValueError as error:
        return refuse(place, str(error), b"")
    return Entry(value_of(place.id, text, html, row.get), place)


def _content(row: dict[str, Any], fields: Fields) -> tuple[str, str | bytes | None]:
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
        except ValueError:
            raise ValueError(f"`{fields.html_base64}` is not base64") from None
    for name, value in (("text", text), ("html", html)):
        if value is not None and not isinstance(value, (str, bytes) if name == "html" else str):
            raise ValueError(f"`{getattr(fields, name)}` holds {type(value).__name__}, not a string")
    if text is None and html is None:
        raise ValueError(f"neither `{fields.text}` nor `{fields.html}` nor `{fields.html_base64}` in it")
    return text or "", None if text or not html else html


def _replace(column: Any, values: dict[int, str], length: int) -> Any:
    """Put values into a column of strings at these rows; the others stay as they are, whatever bytes they hold."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if column is None:
        column = pa.nulls(length, pa.string())
    if not values:
        return column
    new = array_of([values.get(row) for row in range(length)], column.type)
    return pc.if_else(pc.is_valid(new), new, column)
