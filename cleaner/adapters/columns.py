"""Clean batches of Arrow columns, which Spark, polars and datasets hold; rows that nothing touches keep their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from cleaner.adapters.order import Order
from cleaner.adapters.rows import Row, clean_rows, typed_account_of
from cleaner.io.arrow import account_type, array_of
from cleaner.io.record import CLEANING, Fields, Style
from cleaner.model import Rejected

if TYPE_CHECKING:
    import pyarrow as pa

_NAMED = ("metadata", "resolved", "origins")


@cache
def account_column(style: Style, maps: bool = True) -> Any:
    """Return the type of `cleaning`: that of tables, and the reason of a rejection.

    Without `maps`, for what knows no such type, a map is a list of `key` and `value`.
    """
    import pyarrow as pa

    own = account_type(style)
    whole = pa.struct([*(own.field(place) for place in range(own.num_fields)), ("reason", pa.string())])
    return whole if maps else _without_maps(whole)


def account_value(row: Row, style: Style, maps: bool = True) -> dict[str, Any]:
    """Return the account of a row as a value of `account_column`."""
    account = typed_account_of(row, style)
    return account if maps or isinstance(row.result, Rejected) else _listed(account)


def clean_columns(batch: pa.RecordBatch, order: Order, maps: bool = True) -> pa.RecordBatch:
    """Return a batch with its text and title changed, added where they are missing, and `cleaning` behind them."""
    import pyarrow as pa

    fields, style = order.fields, order.style
    texts: dict[int, str] = {}
    titles: dict[int, str] = {}
    accounts: list[dict[str, Any]] = []
    for number, (own, row) in enumerate(_cleaned(batch, order)):
        accounts.append(account_value(row, style, maps))
        if row.text != own.get("text"):
            texts[number] = row.text
        if row.title != own.get("title"):
            titles[number] = row.title
    columns = {name: batch.column(name) for name in batch.schema.names if name != CLEANING}
    columns[fields.text] = _replace(columns.get(fields.text), texts, len(batch))
    columns[fields.title] = _replace(columns.get(fields.title), titles, len(batch))
    columns[CLEANING] = array_of(accounts, account_column(style, maps))
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _cleaned(batch: pa.RecordBatch, order: Order) -> Iterator[tuple[Mapping[str, Any], Row]]:
    own = list(_rows(batch, order.fields))
    return zip(own, clean_rows(order, own), strict=True)


def _rows(batch: pa.RecordBatch, fields: Fields) -> Iterator[dict[str, Any]]:
    """Yield what is read of each row, by the names that `Fields` has for it."""
    names = {name: column for name, column in asdict(fields).items() if column in batch.schema.names}
    columns = [_values(batch.column(column)) for column in names.values()]
    for number in range(len(batch)):
        yield {name: values[number] for name, values in zip(names, columns, strict=True)}


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


def _without_maps(type_: Any) -> Any:
    import pyarrow as pa

    if pa.types.is_map(type_):
        return pa.list_(pa.struct([("key", type_.key_type), ("value", type_.item_type)]))
    if pa.types.is_list(type_):
        return pa.list_(_without_maps(type_.value_type))
    if pa.types.is_struct(type_):
        fields = [type_.field(place) for place in range(type_.num_fields)]
        return pa.struct([(field.name, _without_maps(field.type)) for field in fields])
    return type_


def _listed(account: dict[str, Any]) -> dict[str, Any]:
    """Write the maps of an account as lists of `key` and `value`."""
    named = {
        name: [{"key": key, "value": value} for key, value in account[name].items()]
        for name in _NAMED
        if name in account
    }
    related = {"related": [_listed(one) for one in account["related"]]} if "related" in account else {}
    return {**account, **named, **related}
