"""Clean inside polars: `cleaner` as a namespace of frames, lazy frames and expressions.

    import cleaner.adapters.polars
    cleaned = pl.scan_parquet("dump/*.parquet").cleaner.clean(text="body")
    bodies = frame.select(pl.col("text").cleaner.text())

A row comes back for each row, in order; what a lazy frame will hold is known before it is read, and rows are cleaned as
they stream by. The text is the body, an empty title is filled, and the column `cleaning` holds the account, of the type
that polars gives it when it reads Parquet written by `cleaner clean`, with one member more: a row that cannot be cleaned,
as one whose text is null, keeps what it has, and its account has the `status` `rejected` and the `reason`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any, TypeVar, Unpack

from cleaner.adapters.columns import account_column, clean_columns
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, order_for
from cleaner.errors import OptionError
from cleaner.io.record import CLEANING, USUAL, Fields, Style

with needs("polars"):
    import polars as pl
    import pyarrow as pa

Frame = TypeVar("Frame", "pl.DataFrame", "pl.LazyFrame")

_ROLES = tuple(asdict(USUAL))
_WORDS = ("text", "title")


def clean(frame: Frame, order: Order | None = None, **choices: Unpack[Choices]) -> Frame:
    """Return a frame, lazy where the given one is, with its texts cleaned; other columns stay as they are.

    Choices name columns (`text="body"`) and options of `cleaner clean`; an order says the same once for many frames.
    Raises `OptionError` where no column holds a text or a page, a text is no string, or there is a column `cleaning`
    already.
    """
    order = order_for(order, choices)
    fields = order.fields
    schema: pl.Schema = frame.lazy().collect_schema()
    _check(schema, order)
    known = {name: pl.col(name) for name in asdict(fields).values() if name in schema}
    held = next(name for name in ("cleaned", *map("cleaned {}".format, range(len(schema) + 1))) if name not in schema)
    parts = [pl.col(held).struct.field(name).alias(getattr(fields, name, name)) for name in (*_WORDS, CLEANING)]
    return frame.with_columns(_cleaned(known, order).alias(held)).with_columns(parts).select(_laid_out(schema, fields))


@pl.api.register_dataframe_namespace("cleaner")
class FrameCleaner:
    """Clean the texts of a frame: `frame.cleaner.clean()`."""

    def __init__(self, frame: pl.DataFrame):
        self._frame = frame

    def clean(self, order: Order | None = None, **choices: Unpack[Choices]) -> pl.DataFrame:
        """Return a frame with its texts cleaned, as the function `clean` does."""
        return clean(self._frame, order, **choices)


@pl.api.register_lazyframe_namespace("cleaner")
class LazyCleaner:
    """Clean the texts of a lazy frame: `frame.cleaner.clean()`."""

    def __init__(self, frame: pl.LazyFrame):
        self._frame = frame

    def clean(self, order: Order | None = None, **choices: Unpack[Choices]) -> pl.LazyFrame:
        """Return a lazy frame with its texts cleaned, as the function `clean` does."""
        return clean(self._frame, order, **choices)


@pl.api.register_expr_namespace("cleaner")
class TextCleaner:
    """Clean a column of texts: `pl.col("text").cleaner.clean()`."""

    def __init__(self, expr: pl.Expr):
        self._expr = expr

    def clean(self, order: Order | None = None, **known: str | pl.Expr) -> pl.Expr:
        """Return structs of `text`, `title` and `cleaning`.

        `known` says what else is known of each text: columns or expressions for `title`, `url`, `source`, `lang`,
        `crawled`, `id`. Raises `OptionError` for another name.
        """
        order = replace(order_for(order, {}), fields=USUAL)
        if unknown := sorted(set(known) - set(_ROLES) | set(known) & {"text"}):
            raise OptionError(f"{unknown[0]!r} is nothing known of a text; there are {', '.join(_ROLES[1:])}")
        given = {role: pl.col(one) if isinstance(one, str) else one for role, one in known.items()}
        return _cleaned({"text": self._expr, **given}, order)

    def text(self, order: Order | None = None, **known: str | pl.Expr) -> pl.Expr:
        """Return the bodies alone; where nothing could be made of a text, the text."""
        return self.clean(order, **known).struct.field("text")


def _cleaned(known: Mapping[str, pl.Expr], order: Order) -> pl.Expr:
    """Return the structs of what rows leave with, from expressions by the names that columns have in the order."""
    return pl.struct(**known).map_batches(partial(_clean, order), _type(order.style), is_elementwise=True)


def _clean(order: Order, rows: pl.Series) -> pl.Series:
    """Clean a batch of structs."""
    held, words = rows.struct.unnest(), (order.fields.text, order.fields.title)
    _check_types(held.schema, order.fields)
    read = held.with_columns(pl.col(name).cast(pl.String) for name in words if name in held.columns)
    type_ = _type(order.style)
    done = [
        _taken(clean_columns(batch, order).select([*words, CLEANING]))
        for batch in read.to_arrow().combine_chunks().to_batches()
    ]
    return pl.concat(done).cast(type_).alias(rows.name) if done else pl.Series(rows.name, [], type_)


def _taken(batch: pa.RecordBatch) -> pl.Series:
    """Take text, title and account over as structs."""
    frame = pl.from_arrow(batch.rename_columns([*_WORDS, CLEANING]))
    assert isinstance(frame, pl.DataFrame)
    return frame.to_struct()


@cache
def _type(style: Style) -> Any:
    """Return the type of `_cleaned`: two strings, and the account as polars takes it from Arrow."""
    account = pl.from_arrow(pa.array([], account_column(style)))
    assert isinstance(account, pl.Series)
    return pl.Struct({"text": pl.String, "title": pl.String, CLEANING: account.dtype})


def _check(schema: pl.Schema, order: Order) -> None:
    fields = order.fields
    if not {fields.text, fields.html, fields.html_base64} & set(schema):
        raise OptionError(
            f"neither `{fields.text}` nor `{fields.html}` among the columns {', '.join(schema)}; "
            'say which it is: clean(text="body")'
        )
    if CLEANING in schema and not order.recleaning:
        raise OptionError("the frame has a column `cleaning` already: drop it, or choose recleaning=True")
    _check_types(schema, fields)


def _check_types(schema: Mapping[str, Any], fields: Fields) -> None:
    """Refuse texts and titles that are no strings."""
    for name in (fields.text, fields.title):
        if name in schema and schema[name] not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
            raise OptionError(f"the column `{name}` holds {schema[name]}, not strings: cast it")


def _laid_out(schema: pl.Schema, fields: Fields) -> list[str]:
    """Name the columns of a cleaned frame in order: its own, then those it lacked."""
    own = [name for name in schema if name != CLEANING]
    return [*own, *(name for name in (fields.text, fields.title) if name not in own), CLEANING]
