"""Write records as Arrow: the account as one nested column, beside the columns of `columns.py` or those of a table.

`cleaning` is a struct with the members that it has as JSON; a member that JSON leaves out is null. `metadata`,
`resolved` and `origins` are maps of strings (a value that is no string is its JSON). Arrow strings are UTF-8: a lone
surrogate, which UTF-8 cannot hold, becomes U+FFFD.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from cleaner.errors import OptionError
from cleaner.io.cells import encode
from cleaner.io.columns import own_columns, usual_columns, usual_row
from cleaner.io.record import CLEANING, Entry, Fields, Style, describe, hidden_source, text_of, title_of
from cleaner.io.splice import dump
from cleaner.model import Cleaned


class Kept(NamedTuple):
    """Hold a document that is written, and the row of its table that it was, if it was one."""

    entry: Entry
    cleaned: Cleaned
    row: int = 0


def load_arrow() -> Any:
    """Import pyarrow; raises `OptionError` where it is not installed."""
    try:
        import pyarrow  # loaded late: few runs need it
    except ImportError:
        raise OptionError("Parquet needs pyarrow: pip install 'cleaner-news[parquet]'") from None
    return pyarrow


@cache
def usual_schema(fields: Fields, style: Style) -> Any:
    """Return the schema of what is read from no table."""
    pa = load_arrow()
    return pa.schema([*((name, pa.string()) for name in usual_columns(fields)), (CLEANING, account_type(style))])


@cache
def account_type(style: Style) -> Any:
    """Return the type of `cleaning`."""
    pa = load_arrow()
    text, number = pa.string(), pa.int64()
    words, named = pa.list_(text), pa.map_(text, text)
    what = [] if style.lean else [("text", text)]
    cuts = pa.list_(
        pa.struct([("start", number), ("end", number), *what, ("class", text), ("rules", words), ("because", words)])
    )
    related = [(name, text) for name in ("title", "source", "age", "url", "text")]
    related += [("start", number), ("end", number), ("cuts", cuts), ("metadata", named)]
    return pa.struct(
        [
            ("status", text),
            ("flags", words),
            ("rules", text),
            ("repairs", words),
            ("cuts", cuts),
            ("drops", pa.list_(pa.struct([("path", text), *what, ("rule", text)]))),
            ("metadata", named),
            ("resolved", named),
            ("origins", named),
            ("related", pa.list_(pa.struct(related))),
            ("headlines", words),
            *([("source", text)] if style.annotate else []),
        ]
    )


def write_usual(kept: Sequence[Kept], fields: Fields, style: Style) -> bytes:
    """Write documents that were rows of no table as one batch: an Arrow stream with its schema."""
    pa = load_arrow()
    schema = usual_schema(fields, style)
    rows = [usual_row(entry, cleaned, fields, style) for entry, cleaned, _ in kept]
    cells = zip(*(row.cells for row in rows), strict=True) if rows else [()] * (len(schema) - 1)
    sources = [row.source for row in rows]
    arrays = [*(array_of(column, pa.string()) for column in cells), _accounts(kept, sources, style)]
    return _stream(pa.record_batch(arrays, schema=schema))


def own_schema(schema: Any, fields: Fields, style: Style) -> Any:
    """Return the schema that a table of this schema leaves with.

    What describes the table as a whole (its index, its number of rows) holds no longer and is left out.
    """
    pa = load_arrow()
    places = _places(schema)
    filled = {places[name] for name in (fields.id, fields.text, fields.title) if name in places}
    own = [field.with_type(_fillable(field.type)) if n in filled else field for n, field in enumerate(schema)]
    for name in own_columns(schema.names, fields, style):
        if name == CLEANING and name in places:
            own[places[name]] = pa.field(name, account_type(style))
        elif name not in places:
            own.append(pa.field(name, account_type(style) if name == CLEANING else pa.string()))
    return pa.schema(own)


def write_own(kept: Sequence[Kept], batch: Any, fields: Fields, style: Style) -> bytes:
    """Write documents that were rows of a batch, one behind the other, as one batch: an Arrow stream with its schema.

    Columns other than those of text, title and id stay as they are. Raises `ValueError` where that of the text cannot
    hold another text.
    """
    pa = load_arrow()
    schema = own_schema(batch.schema, fields, style)
    part = batch.slice(kept[0].row if kept else 0, len(kept))
    own, places = _places(batch.schema), _places(schema)

    def column_of(place: int, field: Any) -> Any:
        column = part.column(place) if place < part.num_columns else None
        role = _role(field.name, fields)
        if place != places[field.name]:
            return column
        if field.name == CLEANING:
            texts = _words(part.column(own[fields.text])) if fields.text in own else [None] * len(kept)
            sources = [hidden_source(text, one.cleaned, style) for text, one in zip(texts, kept, strict=True)]
            return _accounts(kept, sources, style)
        if role == "text" or (role and _holds_text(field.type)):
            return _filled(column, field.type, _FILL[role], kept, style)
        return column

    columns = [column_of(place, field) for place, field in enumerate(schema)]
    return _stream(pa.record_batch(columns, schema=schema))


def _filled(column: Any, type_: Any, fill: _Fill, kept: Sequence[Kept], style: Style) -> Any:
    """Return a column with the values that documents left with; itself where they are those that came."""
    if not _holds_text(type_):
        raise ValueError(f"the text is in a column of {type_}, which holds no other text")
    before = [None] * len(kept) if column is None else _words(column)
    after = [fill(value, one.cleaned, style) for value, one in zip(before, kept, strict=True)]
    if column is not None and column.type == type_ and before == after:
        return column
    return array_of(after if _is_string(type_) else [value and encode(value) for value in after], type_)


def _words(column: Any) -> list[Any]:
    return [value.decode() if isinstance(value, bytes) else value for value in column.to_pylist()]


def _role(name: str, fields: Fields) -> str:
    """Tell which of the fields that may change has this name."""
    return next((role for role in ("text", "title", "id") if getattr(fields, role) == name), "")


_Fill = Callable[[Any, Cleaned, Style], Any]
_FILL: Mapping[str, _Fill] = {
    "text": lambda own, cleaned, style: text_of(cleaned, own, style),
    "title": lambda own, cleaned, style: title_of(cleaned, own, style),
    "id": lambda own, cleaned, style: own or cleaned.document.id,
}


def _places(schema: Any) -> dict[str, int]:
    """Return where each column stands, of two with one name the last: it is the one that counts."""
    return {name: place for place, name in enumerate(schema.names)}


def _fillable(type_: Any) -> Any:
    """Return the type of a column of texts once any text may stand there."""
    types = load_arrow().types
    if types.is_null(type_):
        return load_arrow().string()
    return type_.value_type if types.is_dictionary(type_) else type_


def _holds_text(type_: Any) -> bool:
    types = load_arrow().types
    return _is_string(type_) or bool(
        types.is_binary(type_) or types.is_large_binary(type_) or types.is_binary_view(type_)
    )


def _is_string(type_: Any) -> bool:
    types = load_arrow().types
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def _accounts(kept: Sequence[Kept], sources: Sequence[str | None], style: Style) -> Any:
    rows = [account_row(one.cleaned, style, source) for one, source in zip(kept, sources, strict=True)]
    return array_of(rows, account_type(style))


def account_row(cleaned: Cleaned, style: Style, source: str | None) -> dict[str, Any]:
    """Return an account as a value of `account_type`."""
    account = {**describe(cleaned, style.lean), "source": source}
    if any(type(value) is not str for value in cleaned.metadata.values()):
        account["metadata"] = {
            name: value if isinstance(value, str) else dump(value).decode() for name, value in cleaned.metadata.items()
        }
    return account


def array_of(values: Sequence[Any], type_: Any) -> Any:
    """Return values as an Arrow array of a type; a lone surrogate becomes U+FFFD."""
    pa = load_arrow()
    try:
        return pa.array(values, type_)
    except UnicodeEncodeError:
        return pa.array([_whole(value) for value in values], type_)


def _whole(value: Any) -> Any:
    """Replace what UTF-8 cannot hold, wherever it stands."""
    if isinstance(value, str):
        return encode(value).decode()
    if isinstance(value, dict):
        return {_whole(name): _whole(inner) for name, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


def _stream(batch: Any) -> bytes:
    pa = load_arrow()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    written: bytes = sink.getvalue().to_pybytes()
    return written
