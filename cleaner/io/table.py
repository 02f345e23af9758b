"""Read CSV and TSV with a header row, row by row; a row that cannot be read is rejected with its bytes."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from cleaner.errors import InputError
from cleaner.io.record import Entry, Fields, Place, Unread, refuse, row_to_record
from cleaner.io.stream import SHOWN, Line, Truncated, beginning

LONGEST_ROW = 1 << 26
"""Bytes in a line of a table beyond which it is not held in memory; a cell may go over several lines."""

_LONGEST_CELL = 1 << 25  # characters; the parser takes four bytes for each
_ENDLESS = f"a cell of more than {_LONGEST_CELL} characters: a quote may be left open, and no row after it is sure"
_UNCLOSED = "a quote in it is not closed: the file is cut short, or one quote too many swallowed what follows it"
_END = "\ud800"  # two cells of it after the last row, unless a quote is open there; no decoding makes it
_SMUGGLED = ("\udc80", "\udcff")  # where `surrogateescape` puts bytes that are not UTF-8


def read_table(lines: Iterator[Line], label: str, path: str, tab: bool, fields: Fields) -> Iterator[Unread | Entry]:
    """Yield a record a row; columns become its fields, in order.

    Raises `InputError` where the header names no column to clean, `Truncated` where a cell does not end.
    """
    csv.field_size_limit(_LONGEST_CELL)
    taken: list[Line] = []
    delimiter = "\t" if tab else ","
    rows = csv.reader(_texts(lines, taken, delimiter), delimiter=delimiter)
    names: tuple[str, ...] = ()
    for number, cells, problem in _rows(rows):
        if cells == [_END, _END]:
            return
        if problem == _ENDLESS:
            raise Truncated(f"the row at byte {taken[0].offset} has {problem}")
        place = Place(f"{label}#{number}", path, taken[0].offset if taken else 0, names)
        if not all(line.whole for line in taken):
            problem = "the row is too long to hold in memory (its beginning is kept)"
        raw = beginning(line.raw for line in taken) if problem else b"".join(line.raw for line in taken)
        taken.clear()
        if not cells and not problem:
            continue
        if not names:
            if problem:
                raise InputError(f"{path}: its header cannot be read: {problem}")
            names = tuple(_header(cells, path, fields))
        elif problem or len(cells) > len(names):
            yield refuse(place, problem or f"the row has {len(cells)} cells, the header {len(names)}", raw)
        elif any(_SMUGGLED[0] <= char <= _SMUGGLED[1] for cell in cells if not cell.isascii() for char in cell):
            yield refuse(place, "invalid UTF-8", raw)
        else:
            yield Unread(place, row_to_record(names, cells))


def _texts(lines: Iterator[Line], taken: list[Line], delimiter: str) -> Iterator[str]:
    for line in lines:
        taken.append(line if line.whole else line._replace(raw=line.raw[:SHOWN]))
        yield line.raw.decode("utf-8", "surrogateescape") if line.whole else "\n"
    yield f"{_END}{delimiter}{_END}"


def _rows(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str], str]]:
    """Number rows from 1 (the header), a problem in place of the cells where there is one."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
            closed = not cells or cells == [_END, _END] or not cells[-1].endswith(_END)
            yield number, cells, "" if closed else _UNCLOSED
        except csv.Error as error:
            endless = str(error).startswith("field larger than")
            yield number, [], _ENDLESS if endless else f"bad CSV: {error}"
        except StopIteration:
            return


def _header(cells: list[str], path: str, fields: Fields) -> list[str]:
    names = [cell.strip() for cell in cells]
    wanted = (fields.text, fields.html, fields.html_base64)
    if not set(wanted) & set(names):
        raise InputError(
            f"{path}: no column is named {', '.join(wanted[:-1])} or {wanted[-1]}; "
            f"found: {', '.join(names)[:200]}. Name it with --text-field or --html-field"
        )
    return names
