"""Tables in plain text: columns aligned by spaces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align rows in columns, the last one as long as it is.

    >>> table([("A", "B"), ("long", "x")])
    ['A     B', 'long  x']
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
