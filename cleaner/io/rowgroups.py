"""Write batches of rows into one Parquet file, in row groups that do not depend on how the rows were parted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cleaner.errors import OutputError
from cleaner.io.arrow import load_arrow
from cleaner.io.piece import OTHERWISE, Piece
from cleaner.io.press import Target

ROWS = 1 << 14
"""Rows of a group."""

BYTES = 1 << 25
"""Bytes of texts after which a group ends, though it has fewer rows."""


class RowGroups:
    """Write a Parquet file to a target, compressed with Zstandard; `usual` gives the schema of a file without rows.

    Raises `OutputError` for rows with other columns than the first.
    """

    def __init__(self, target: Target, name: str, usual: Callable[[], Any]):
        self._stream, self._name, self._usual = _Stream(target), name, usual
        self._schema: Any = None
        self._writer: Any = None
        self._held: list[Any] = []
        self._rows = self._bytes = 0

    def put(self, piece: Piece) -> None:
        """Write the rows of a piece, an Arrow stream."""
        pa = load_arrow()
        with pa.ipc.open_stream(piece.raw) as reader:
            if self._writer is None:
                self._begin(reader.schema)
            elif reader.schema != self._schema:
                raise OutputError(f"{self._name}: {_difference(self._schema, reader.schema)}{OTHERWISE}")
            for batch in reader:
                self._add(batch)

    def end(self) -> None:
        """Write what is held, and the end of the file."""
        if self._writer is None:
            self._begin(self._usual())
        self._close_group()
        self._writer.close()

    def give_up(self) -> None:
        """Write nothing more: pyarrow would end the file when the writer is forgotten."""
        self._stream.closed = True
        if self._writer is not None:
            self._writer.is_open = False

    def _begin(self, schema: Any) -> None:
        import pyarrow.parquet as pq

        self._schema = schema
        self._writer = pq.ParquetWriter(self._stream, schema, compression="zstd", use_dictionary=True)

    def _add(self, batch: Any) -> None:
        start = 0
        for row, size in enumerate(_sizes(batch), 1):
            self._rows += 1
            self._bytes += size
            if self._rows >= ROWS or self._bytes >= BYTES:
                self._held.append(batch.slice(start, row - start))
                self._close_group()
                start = row
        if start < batch.num_rows:
            self._held.append(batch.slice(start))

    def _close_group(self) -> None:
        if self._held:
            table = load_arrow().Table.from_batches(self._held, self._schema)
            self._writer.write_table(_in_one_piece(table), row_group_size=ROWS)
        self._held, self._rows, self._bytes = [], 0, 0


class _Stream:
    """Look like a file to pyarrow, which writes the end of a file even after an error: that goes nowhere."""

    def __init__(self, target: Target):
        self._target, self._at = target, 0
        self.closed = False

    def write(self, data: bytes) -> int:
        if not self.closed:
            try:
                self._target.write(data)
            except BaseException:
                self.closed = True
                raise
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Do nothing: the target knows when."""


def _sizes(batch: Any) -> list[int]:
    """Return the bytes that each row holds in columns of texts."""
    pa = load_arrow()
    import numpy as np  # loaded late: few outputs need it
    import pyarrow.compute as pc

    sizes = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        kind = column.type
        if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
            kind = pa.large_binary()
            column = column.cast(kind)
        if kind in (pa.string(), pa.large_string(), pa.binary(), pa.large_binary()):
            sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    listed: list[int] = sizes.tolist()
    return listed


def _in_one_piece(table: Any) -> Any:
    """Lay rows out anew, so that pages end at the same rows and dictionaries hold no more than stands in the rows."""
    pa = load_arrow()
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) and not field.type.ordered:
            values = table.column(place).cast(field.type.value_type).combine_chunks().dictionary_encode()
            table = table.set_column(place, field, values.cast(field.type))
    return table.combine_chunks()


def _difference(there: Any, here: Any) -> str:
    """Say in what the columns of two schemas differ, and what to do about it."""
    begun, come = ({field.name: str(field.type) for field in schema} for schema in (there, here))
    lacking = [f"no {name}" for name in begun if name not in come]
    other = [f"{name} ({kind})" for name, kind in come.items() if name not in begun]
    changed = [
        f"{name} as {come[name]} instead of {kind}" for name, kind in begun.items() if come.get(name, kind) != kind
    ]
    found = ", ".join([*lacking, *other, *changed]) or "the same columns in another order"
    return f"an input has other columns than those the file began with: {found}"
