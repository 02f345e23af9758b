"""Clean inside Spark: a function for `DataFrame.mapInArrow`.

    order = Order.of()
    cleaned = frame.mapInArrow(clean_batches(order), cleaned_schema(frame.schema, order))

A row comes back for each row, in order. Its text is the body, an empty title is filled, and the column `cleaning` holds
the account, as it does in Parquet, with one member more: a row that cannot be cleaned keeps its text, and its account
has the `status` `rejected` and the `reason`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from cleaner.adapters.columns import account_column, clean_columns
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from cleaner.io.record import CLEANING

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
    return StructType([*columns.values(), StructField(CLEANING, from_arrow_type(account_column(order.style)))])


def _clean_batches(order: Order, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield clean_columns(batch, order)
