"""Write rows of CSV and TSV: quoted where they must be (RFC 4180), lines ending in LF, so that they read back the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache

from cleaner.io.columns import own_columns, own_row, usual_columns, usual_row
from cleaner.io.record import CLEANING, Entry, Fields, Style, render_account
from cleaner.model import Cleaned


def row_of(entry: Entry, cleaned: Cleaned, fields: Fields, style: Style, tab: bool) -> bytes:
    """Write a document as one row without the end of its line; a lone surrogate becomes U+FFFD."""
    lay = own_row if entry.place.columns else usual_row
    row = lay(entry, cleaned, fields, style)
    account = render_account(cleaned, style.lean, row.source).decode()
    cells = [cell or "" for cell in row.cells]
    if entry.place.columns:
        columns = own_columns(entry.place.columns, fields, style)
        cells[len(columns) - 1 - columns[::-1].index(CLEANING)] = account
    else:
        cells.append(account)
    return write_row(cells, tab)


@lru_cache(maxsize=16)
def header_of(own: tuple[str, ...], fields: Fields, style: Style, tab: bool) -> bytes:
    """Write the header above the rows of a table with these columns, or of what is none, with the end of its line."""
    columns = own_columns(own, fields, style) if own else (*usual_columns(fields), CLEANING)
    return write_row(columns, tab) + b"\n"


def write_row(cells: Sequence[str], tab: bool) -> bytes:
    """Write one row without the end of its line.

    >>> write_row(["a", "b, c", ""], False)
    b'a,"b, c",'
    """
    line = io.StringIO(newline="")
    csv.writer(line, delimiter="\t" if tab else ",", lineterminator="\r\n").writerow(cells)  # so that CR is quoted
    return encode(line.getvalue()[:-2])


def encode(text: str) -> bytes:
    """Encode a text; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
