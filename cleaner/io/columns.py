"""Lay records out as rows: the known fields in columns of their own, all others in one, and the account.

A table that is read keeps its columns. What else is read (JSON, archives, files of text) has none, so that its rows all
get the same: `id`, `text`, `title`, `url`, `source`, `lang`, `crawled`, under the names that the user gave them, then
`extra`, a JSON object of all other members as they came, and `cleaning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cleaner.errors import OptionError
from cleaner.io.record import CLEANING, Entry, Fields, Style, hidden_source, text_of, title_of
from cleaner.io.splice import Member, leave_out, members, parse
from cleaner.model import Cleaned

EXTRA = "extra"
"""The column of what has no column of its own."""

_ROLES = ("id", "text", "title", "url", "source", "lang", "crawled")


class Row(NamedTuple):
    """Hold the cells of a row, and the source that its account has to hold, if any."""

    cells: tuple[str | None, ...]
    source: str | None


def usual_columns(fields: Fields) -> tuple[str, ...]:
    """Name the columns of what is read from no table, but for `cleaning`.

    Raises `OptionError` where a field has the name of a column that is added.
    """
    names = tuple(dict.fromkeys(getattr(fields, role) for role in _ROLES))
    if taken := {EXTRA, CLEANING}.intersection(names):
        raise OptionError(f"a table gets a column `{taken.pop()}` of its own: a field of this name cannot leave in it")
    return (*names, EXTRA)


def usual_row(entry: Entry, cleaned: Cleaned, fields: Fields, style: Style) -> Row:
    """Return what stands in the `usual_columns` of a record.

    A number leaves with the digits it came with; what is neither a string nor a number stays in `extra`.
    """
    raw, record = entry.raw, entry.record
    found = list(members(raw)) if raw != b"{}" else []
    if record is None:
        record = parse(raw) if found else {}
    last = {member.key: member for member in found}
    taken = {member.start for member in found if member.key == CLEANING}
    cells: dict[str, str | None] = {}
    for role in _ROLES:
        name = getattr(fields, role)
        cells.setdefault(name, None)
        if member := last.get(name):
            value = record[name]
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                value = raw[member.start : member.end].decode()
            if value is None or isinstance(value, str):
                cells[name] = value
                taken.add(member.start)
    own_text, own_title = cells[fields.text], cells[fields.title]
    cells[fields.id] = cleaned.document.id
    cells[fields.title] = title_of(cleaned, own_title, style)
    cells[fields.text] = text_of(cleaned, own_text, style)
    extra = leave_out(raw, found, taken).decode() if any(member.start not in taken for member in found) else None
    return Row((*cells.values(), extra), hidden_source(own_text, cleaned, style))


def own_columns(columns: Sequence[str], fields: Fields, style: Style) -> tuple[str, ...]:
    """Name the columns of a table when it leaves, `cleaning` among them: its own, then those it lacks."""
    added = (fields.id, fields.text, *(() if style.annotate else (fields.title,)), CLEANING)
    return (*columns, *(name for name in dict.fromkeys(added) if name not in columns))


def own_row(entry: Entry, cleaned: Cleaned, fields: Fields, style: Style) -> Row:
    """Return what stands in the `own_columns` of a record that was a row of a table, but for `cleaning`.

    Values that are no strings stand there as JSON.
    """
    columns = own_columns(entry.place.columns, fields, style)
    places = {name: place for place, name in enumerate(columns)}
    cells: list[str | None] = [*_cells(entry, len(columns))]
    own_text = cells[places[fields.text]]
    cells[places[fields.id]] = cells[places[fields.id]] or cleaned.document.id
    if not style.annotate:
        cells[places[fields.title]] = cells[places[fields.title]] or cleaned.title
    cells[places[fields.text]] = text_of(cleaned, own_text, style)
    return Row(tuple(cells), hidden_source(own_text, cleaned, style))


def _cells(entry: Entry, width: int) -> list[str]:
    """Return the cells of a row, as many as that: members stand in the order of the columns, and some may be missing."""
    raw, cells = entry.raw, [""] * width
    found = members(raw)
    member = next(found, None)
    for place, name in enumerate(entry.place.columns):
        if member and member.key == name:
            cells[place] = _cell(raw, member)
            member = next(found, None)
    return cells


def _cell(raw: bytes, member: Member) -> str:
    value = raw[member.start : member.end]
    if value.startswith(b'"'):
        return str(parse(value))
    return "" if value == b"null" else value.decode()
