"""Clean inside pandas: a function, and `cleaner` as an accessor of frames and of columns.

    import cleaner.adapters.pandas
    cleaned = frame.cleaner.clean(text="body", url="link")

A row comes back for each row, with its index. Its text is the body, an empty title is filled, and the column `cleaning`
holds the account as a dict, as it stands in a record. A row that cannot be cleaned, as one whose text is missing, keeps
what it has, and its account has the `status` `rejected` and the `reason`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Unpack

import numpy as np

from cleaner.adapters.columns import account_column, account_value
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, order_for
from cleaner.adapters.rows import Row, account_of, clean_rows
from cleaner.errors import OptionError
from cleaner.io.arrow import array_of, load_arrow
from cleaner.io.record import CLEANING, Fields, Style

with needs("pandas"):
    import pandas as pd


def clean(
    frame: pd.DataFrame, order: Order | None = None, *, arrow: bool = False, **choices: Unpack[Choices]
) -> pd.DataFrame:
    """Return a new frame with its texts cleaned; index, other columns and the types of columns stay.

    Choices name columns (`text="body"`) and options of `cleaner clean`; an order says the same once for many frames.
    With `arrow` the account is an Arrow struct, as Parquet has it, in place of a dict (pyarrow). Raises `OptionError`
    where no column holds a text or a page, two have the name of one that is read, or there is a column `cleaning` already.
    """
    order = order_for(order, choices)
    fields, style = order.fields, order.style
    _check(frame, order)
    rows = list(clean_rows(order, _rows(frame, fields)))
    cleaned = frame.drop(columns=CLEANING) if CLEANING in frame.columns else frame.copy(deep=False)
    cleaned[fields.text] = _filled(frame, fields.text, [row.text for row in rows], fields)
    cleaned[fields.title] = _filled(frame, fields.title, [row.title for row in rows], fields)
    accounts = _arrow(rows, style) if arrow else _objects([account_of(row, style) for row in rows])
    cleaned[CLEANING] = pd.Series(accounts, frame.index, accounts.dtype)
    return cleaned


@pd.api.extensions.register_dataframe_accessor("cleaner")
class FrameCleaner:
    """Clean the texts of a frame: `frame.cleaner.clean()`."""

    def __init__(self, frame: pd.DataFrame):
        self._frame = frame

    def clean(self, order: Order | None = None, *, arrow: bool = False, **choices: Unpack[Choices]) -> pd.DataFrame:
        """Return a new frame with its texts cleaned, as the function `clean` does."""
        return clean(self._frame, order, arrow=arrow, **choices)


@pd.api.extensions.register_series_accessor("cleaner")
class SeriesCleaner:
    """Clean a column of texts: `frame["text"].cleaner.clean()`."""

    def __init__(self, series: pd.Series):
        self._series = series

    def clean(self, order: Order | None = None, *, arrow: bool = False, **choices: Unpack[Choices]) -> pd.DataFrame:
        """Return a frame of the same index with the columns of text, title and `cleaning`."""
        order = order_for(order, choices)
        return clean(self._series.to_frame(order.fields.text), order, arrow=arrow)


def _check(frame: pd.DataFrame, order: Order) -> None:
    fields = order.fields
    names = list(frame.columns)
    if frame.columns.nlevels > 1:
        raise OptionError("the frame's columns have names of several levels: give it plain ones (`droplevel`)")
    if not {fields.text, fields.html, fields.html_base64} & set(names):
        raise OptionError(
            f"neither `{fields.text}` nor `{fields.html}` among the columns {', '.join(map(str, names))}; "
            'say which it is: clean(text="body")'
        )
    for name in (*asdict(fields).values(), CLEANING):
        if names.count(name) > 1:
            raise OptionError(f"{names.count(name)} columns are called `{name}`: rename all but one")
    if CLEANING in names and not order.recleaning:
        raise OptionError("the frame has a column `cleaning` already: drop it, or choose recleaning=True")


def _rows(frame: pd.DataFrame, fields: Fields) -> Iterator[dict[str, Any]]:
    """Yield what is read of each row, by the names that `Fields` has for it; what is missing is None."""
    names = {name: column for name, column in asdict(fields).items() if column in frame.columns}
    columns = [_values(frame[column]) for column in names.values()]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _values(column: pd.Series) -> list[Any]:
    """Return the values of a column as Python's own."""
    return [
        None if missing else value.item() if isinstance(value, np.generic) else value
        for value, missing in zip(column.tolist(), column.isna().tolist(), strict=True)
    ]


def _filled(frame: pd.DataFrame, name: str, values: Sequence[Any], fields: Fields) -> Any:
    """Return what a column holds with these values in place of its own, in its type where that holds them.

    What is missing stays as it is, whatever stands for it. A new column is of the type of the texts.
    """
    if name not in frame.columns:
        return pd.Series(_objects(values), frame.index, _like(frame, fields.text))
    column = frame[name]
    changes = {
        place: new
        for place, (old, new) in enumerate(zip(_values(column), values, strict=True))
        if new is not None and new != old
    }
    if not changes:
        return column
    filled = _ready(column, changes.values(), _like(frame, fields.text)).array.copy()
    for place, value in changes.items():
        filled[place] = value
    return pd.Series(filled, frame.index, filled.dtype)


def _like(frame: pd.DataFrame, name: str) -> Any:
    """Return the type that a new column of strings gets beside one that may be there."""
    dtype = frame[name].dtype if name in frame.columns else object
    return dtype if _holds_text(dtype) else object


def _ready(column: pd.Series, values: Iterable[str], dtype: Any) -> pd.Series:
    """Return a column in a type that can hold these values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = set(column.cat.categories)
        return column.cat.add_categories([value for value in dict.fromkeys(values) if value not in known])
    if _holds_text(column.dtype):
        return column
    return column.astype(dtype if column.isna().all() else object)


def _holds_text(dtype: Any) -> bool:
    """Tell whether any string may stand in a column of this type."""
    return bool(
        pd.api.types.is_object_dtype(dtype)
        or (pd.api.types.is_string_dtype(dtype) and not isinstance(dtype, pd.CategoricalDtype))
    )


def _objects(values: Sequence[Any]) -> Any:
    """Return values as an array of objects; numpy would take a list of dicts or strings for something else."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _arrow(rows: Sequence[Row], style: Style) -> Any:
    load_arrow()
    return pd.arrays.ArrowExtensionArray(array_of([account_value(row, style) for row in rows], account_column(style)))
