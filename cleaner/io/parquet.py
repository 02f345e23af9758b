"""Read Parquet in batches of rows, each row also as the JSON object that a record would be.

Batches travel as Arrow's stream format, unread, like lines do. Where one ends depends on the file alone, so that shards
begin at the same rows in every run. An offset is a place among the uncompressed bytes of the file, by the sizes that its
row groups state: rows of one group share its size evenly.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cleaner.errors import InputError
from cleaner.io.inputs import PRESSED, Input
from cleaner.io.record import Entry, Fields, Place, parse_record, refuse
from cleaner.io.remote import name_in
from cleaner.io.splice import dump
from cleaner.io.stream import LONGEST, PARCEL, SHOWN, Truncated, Watch, open_seekable
from cleaner.model import Rejected

SIGN = b"PAR1"
_MOST_ROWS = 1 << 7
"""Rows of a batch at most: what is stored once for many rows is unpacked for each."""

_BUFFER = 1 << 20
_TICKS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_EPOCH = datetime(1970, 1, 1)
_WORDS = ("text", "html_base64", "id", "url", "source", "lang", "title", "crawled")
_TOO_LONG = "the row is too long to hold in memory (its beginning is kept)"


class Group(NamedTuple):
    """Say where a row group begins among the uncompressed bytes, and how many rows and bytes it holds."""

    offset: int
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Hold a batch of rows in Arrow's stream format; `number` counts the first of them from 1, `first` from 0 in its group."""

    raw: bytes
    number: int
    count: int
    group: Group
    first: int
    label: str
    path: str

    @property
    def offset(self) -> int:
        """Return the place of the first row among the uncompressed bytes of the file."""
        return self.offset_of(0)

    def offset_of(self, row: int) -> int:
        """Return the place of one of the rows, counted from 0."""
        return self.group.offset + self.group.size * (self.first + row) // self.group.rows

    def place_of(self, row: int) -> Place:
        """Return where one of the rows stands, counted from 0."""
        return Place(f"{self.label}#{self.number + row}", self.path, self.offset_of(row))


def read_parquet(source: Input, fields: Fields, watch: Watch | None = None) -> Iterator[Rows]:
    """Yield the rows of a file in batches.

    Raises `InputError` where it is no Parquet file, has nothing to clean, or pyarrow is not there, `Truncated` where it
    breaks off.
    """
    pyarrow, parquet = _load(source.path)
    if name_in(source.path).lower().endswith(PRESSED):
        raise InputError(
            f"{source.path}: Parquet is compressed inside and read from its end: decompress the file first"
        )
    with open_seekable(source.path) as file:
        _check_ends(file, source.path)
        try:
            table = parquet.ParquetFile(
                file,
                pre_buffer=False,
                buffer_size=_BUFFER,
                page_checksum_verification=True,
                arrow_extensions_enabled=False,
            )
            _check_columns(table.schema_arrow.names, source.path, fields)
            yield from _read_groups(table, source, watch)
        except (pyarrow.ArrowException, OSError, EOFError, ValueError, OverflowError, MemoryError) as error:
            raise Truncated(f"the Parquet file is broken ({_first_line(error)})") from None


def open_rows(rows: Rows, fields: Fields, recleaning: bool = False) -> tuple[Any, list[Entry]]:
    """Return the batch (a `pyarrow.RecordBatch`) and the entry of each of its rows, in order.

    A row that JSON cannot hold, or that is too long, is rejected.
    """
    batch = _unpack(rows)
    try:
        if batch.nbytes > LONGEST:
            raise OverflowError
        records: list[bytes | Entry] = list(_records(batch, fields))
    except (ValueError, OverflowError):
        records = [_record(batch.slice(row, 1), rows.place_of(row), fields) for row in range(rows.count)]
    columns = tuple(_name(field, fields) for field in batch.schema)
    return batch, [
        record
        if isinstance(record, Entry)
        else parse_record(record, replace(rows.place_of(row), columns=columns), fields, recleaning)
        for row, record in enumerate(records)
    ]


def split_rows(rows: Rows) -> list[Rows]:
    """Return each row by itself, unread."""
    batch = _unpack(rows)
    return [
        replace(rows, raw=_pack(batch.slice(row, 1)), number=rows.number + row, count=1, first=rows.first + row)
        for row in range(rows.count)
    ]


def show_row(rows: Rows) -> bytes:
    """Return the first row as its JSON object, or its longest string where it has none."""
    record = _record(_unpack(rows).slice(0, 1), rows.place_of(0), Fields())
    if isinstance(record, bytes):
        return record
    assert isinstance(record.value, Rejected)
    return record.value.raw


def _load(path: str) -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise InputError(f"{path}: Parquet is read by pyarrow: pip install 'cleaner-news[parquet]'") from None
    return pyarrow, parquet


def _check_ends(file: Any, path: str) -> None:
    """Say what a file is that is no whole Parquet file; pyarrow would say much the same of all of them."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(len(SIGN))
    file.seek(max(0, size - len(SIGN)))
    foot = file.read(len(SIGN))
    file.seek(0)
    if head == b"PARE" or foot == b"PARE":
        raise InputError(f"{path}: an encrypted Parquet file: decrypt it first")
    if head != SIGN:
        raise InputError(f"{path}: {'an empty file' if not size else 'no Parquet file'}: it does not begin with PAR1")
    if foot != SIGN or size < 12:
        raise Truncated("the Parquet file is truncated: its end, which says where the rows stand, is missing")


def _check_columns(names: Sequence[str], path: str, fields: Fields) -> None:
    wanted = (fields.text, fields.html, fields.html_base64)
    if not set(wanted) & set(names):
        raise InputError(
            f"{path}: no column is named {', '.join(wanted[:-1])} or {wanted[-1]}; "
            f"found: {', '.join(names)[:200]}. Name it with --text-field or --html-field"
        )


def _read_groups(table: Any, source: Input, watch: Watch | None) -> Iterator[Rows]:
    number, offset, seen = 1, 0, 0
    total = max(1, table.metadata.num_rows)
    for index in range(table.num_row_groups):
        stated = table.metadata.row_group(index)
        group = Group(offset, stated.num_rows, max(stated.total_byte_size, stated.num_rows))
        offset += group.size
        most = max(1, min(_MOST_ROWS, group.rows * PARCEL // max(1, group.size)))
        first = 0
        for batch in table.iter_batches(batch_size=most, row_groups=[index], use_threads=False):
            for part in _slices(batch):
                yield Rows(_pack(part), number, part.num_rows, group, first, source.label, source.path)
                number += part.num_rows
                first += part.num_rows
            if watch:
                watch(source.size * (number - 1) // total - seen)
                seen = source.size * (number - 1) // total
        if first != group.rows:
            raise Truncated(f"the Parquet file is broken (a row group has {first} rows and states {group.rows})")


def _slices(batch: Any) -> Iterator[Any]:
    """Cut a batch that is larger than the file states into smaller ones."""
    rows = max(1, math.ceil(batch.num_rows * 2 * PARCEL / max(1, batch.nbytes)))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _pack(batch: Any) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpack(rows: Rows) -> Any:
    import pyarrow

    with pyarrow.ipc.open_stream(rows.raw) as stream:
        return stream.read_next_batch()


def _record(batch: Any, place: Place, fields: Fields) -> bytes | Entry:
    """Return the JSON object of a batch of one row, or why there is none."""
    if batch.nbytes > LONGEST:
        return refuse(place, _TOO_LONG, _beginning(batch))
    try:
        [record] = _records(batch, fields)
    except (ValueError, OverflowError) as error:
        reason = f"invalid UTF-8 at byte {error.start}" if isinstance(error, UnicodeDecodeError) else _first_line(error)
        return refuse(place, f"the row cannot be read: {reason}", _beginning(batch))
    return record


def _beginning(batch: Any) -> bytes:
    """Return the beginning of the longest string of a row."""
    import pyarrow

    types = pyarrow.types
    columns = [batch.column(at) for at, field in enumerate(batch.schema) if _is_string(types, field.type)]
    found = [column.cast(pyarrow.large_binary())[0].as_buffer() for column in columns if column.null_count == 0]
    longest = max(found, key=len, default=None)
    return b"" if longest is None else longest.slice(0, min(SHOWN, len(longest))).to_pybytes()


def _records(batch: Any, fields: Fields) -> Iterator[bytes]:
    """Yield each row as a JSON object, columns in order; raises `ValueError` where a cell is not UTF-8."""
    words = {getattr(fields, name) for name in _WORDS}
    names, columns = [], []
    for field, column in zip(batch.schema, batch.columns, strict=True):
        if _is_bytes(column.type) and field.name in words:
            column = _decoded(column)
        names.append(dump(_name(field, fields)) + b":")
        columns.append(_cells(column))
    for cells in zip(*columns, strict=True):
        yield b"{" + b",".join(map(bytes.__add__, names, cells)) + b"}"


def _name(field: Any, fields: Fields) -> str:
    """Return what a column is called as a member of a JSON object, where bytes are base64."""
    return fields.html_base64 if field.name == fields.html and _is_bytes(field.type) else str(field.name)


def _is_bytes(kind: Any) -> bool:
    from pyarrow import types

    return bool(
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_fixed_size_binary(kind)
        or types.is_binary_view(kind)
        or (types.is_dictionary(kind) and _is_bytes(kind.value_type))
    )


def _is_string(types: Any, kind: Any) -> bool:
    return bool(
        types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    )


def _decoded(column: Any) -> Any:
    """Take bytes for UTF-8, as old writers leave strings; raises `ValueError` where they are not."""
    import pyarrow

    return pyarrow.array(
        [None if cell is None else cell.decode() for cell in column.to_pylist()], pyarrow.large_string()
    )


def _cells(column: Any) -> list[bytes]:
    """Write each cell of a column as JSON."""
    from pyarrow import BaseExtensionType, types

    kind = column.type
    if isinstance(kind, BaseExtensionType):
        return _cells(column.storage)
    if types.is_dictionary(kind):
        return _cells(column.dictionary_decode())
    if types.is_map(kind):
        return _maps(column)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return _lists(column)
    if types.is_struct(kind):
        return _structs(column)
    write = _clock(kind) if _is_time(kind) else _writer(kind)
    cells = (column.cast(_ticks(kind)) if _is_time(kind) else column).to_pylist()
    return [b"null" if cell is None else write(cell) for cell in cells]


def _lists(column: Any) -> list[bytes]:
    from pyarrow import compute

    values = iter(_cells(column.flatten()))
    lengths = compute.list_value_length(column).to_pylist()
    return [
        b"null" if length is None else b"[" + b",".join(next(values) for _ in range(length)) + b"]"
        for length in lengths
    ]


def _maps(column: Any) -> list[bytes]:
    """Write maps of strings as objects, others as arrays of pairs."""
    from pyarrow import types

    bounds = column.offsets.to_pylist()
    start, end = bounds[0], bounds[-1]
    keys = _cells(column.keys.slice(start, end - start))
    values = _cells(column.items.slice(start, end - start))
    form, (opening, closing) = ((b"%b:%b", b"{}"), (b"[%b,%b]", b"[]"))[not _is_string(types, column.type.key_type)]
    pairs = [form % pair for pair in zip(keys, values, strict=True)]
    return [
        bytes([opening]) + b",".join(pairs[begin - start : close - start]) + bytes([closing]) if valid else b"null"
        for begin, close, valid in zip(bounds, bounds[1:], column.is_valid().to_pylist(), strict=False)
    ]


def _structs(column: Any) -> list[bytes]:
    names = [dump(field.name) + b":" for field in column.type]
    parts = [_cells(part) for part in column.flatten()]
    rows = zip(*parts, strict=True) if parts else ((),) * len(column)
    return [
        b"{" + b",".join(map(bytes.__add__, names, cells)) + b"}" if valid else b"null"
        for cells, valid in zip(rows, column.is_valid().to_pylist(), strict=True)
    ]


def _writer(kind: Any) -> Callable[[Any], bytes]:
    """Choose how the cells of a column are written."""
    from pyarrow import types

    if types.is_floating(kind):
        return _float
    if types.is_boolean(kind):
        return lambda cell: b"true" if cell else b"false"
    if types.is_integer(kind):
        return lambda cell: b"%d" % cell
    if types.is_decimal(kind):
        return lambda cell: dump(f"{cell:f}")
    if _is_bytes(kind):
        return lambda cell: dump(base64.b64encode(cell).decode())
    return lambda cell: dump(cell if isinstance(cell, str) else str(cell))  # dates too: ISO 8601 is how they print


def _float(cell: float) -> bytes:
    """Write a float; NaN and the infinities as Python's json does, for null would lose them."""
    if math.isfinite(cell):
        return repr(cell).encode()
    return b"NaN" if math.isnan(cell) else b"Infinity" if cell > 0 else b"-Infinity"


def _is_time(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_timestamp(kind) or types.is_time(kind) or types.is_duration(kind))


def _ticks(kind: Any) -> Any:
    """Return the type of the number that a time is stored as."""
    import pyarrow

    return pyarrow.int32() if pyarrow.types.is_time32(kind) else pyarrow.int64()


def _clock(kind: Any) -> Callable[[int], bytes]:
    """Write points in time and spans of it in ISO 8601, down to nanoseconds, which Python's own types lose."""
    from pyarrow import types

    ticks = _TICKS[kind.unit]
    digits = len(str(ticks)) - 1
    zone = "Z" if types.is_timestamp(kind) and kind.tz else ""

    def write(cell: int) -> bytes:
        if types.is_duration(kind):
            whole, rest = divmod(abs(cell), ticks)
            return dump(f"{'-' if cell < 0 else ''}PT{whole}{_fraction(rest, digits)}S")
        whole, rest = divmod(cell, ticks)
        try:
            point = _EPOCH + timedelta(seconds=whole)
        except OverflowError:  # beyond the year 9999: the number itself
            return b"%d" % cell
        text = point.isoformat() if types.is_timestamp(kind) else point.time().isoformat()
        return dump(f"{text}{_fraction(rest, digits)}{zone}")

    return write


def _fraction(rest: int, digits: int) -> str:
    return f".{rest:0{digits}}".rstrip("0") if rest else ""


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200] or type(error).__name__
