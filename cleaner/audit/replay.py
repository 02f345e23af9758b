"""Replay one record of an output against the record it came from, and tell what does not follow.

Of a text everything follows from the input: the source is its repair, and the source less its cuts is the text. Of a
page the source is not in the record: it is cleaned again where the same rules are at hand, else its source is put
together from text and cuts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cleaner.audit.account import Account, spell, spell_all
from cleaner.audit.trail import restore
from cleaner.io.columns import own_columns, own_row, usual_columns, usual_row
from cleaner.io.inputs import Kind
from cleaner.io.record import CLEANING, Entry, Fields, Style, describe, render
from cleaner.io.splice import dump, members, parse
from cleaner.model import Cleaned, Cut, Document, replay
from cleaner.text.fold import visible
from cleaner.text.repair import repair

_UNMISTAKABLE = 32  # code points of a text whose spelling is nothing else in its record
_SHOWN = 40  # code points of a value that a message shows


@dataclass(slots=True)
class Manner:
    """Hold how an output is written, as its first records tell; None while none has told."""

    annotate: bool | None = None
    lean: bool | None = None

    @property
    def style(self) -> Style:
        """Return the style that records are written in, the usual one as long as none has told."""
        return Style(bool(self.lean), bool(self.annotate))


def check_own(
    entry: Entry, own: Mapping[str, Any], line: bytes, written: Mapping[str, Any], fields: Fields, is_row: bool = False
) -> str:
    """Say where the record's own fields did not leave byte for byte, or what was added; nothing where all is well.

    What is added to a row is spelt by its reader, not as it was written.
    """
    stem = entry.raw[: entry.raw.rindex(b"}")].rstrip(b" \t\r\n")
    size = len(stem)
    if not own and stem == b"{":
        return (
            _check_added(line[1:], own, fields, is_row) if line.startswith(stem) else "it does not begin with a brace"
        )
    if line.startswith(stem) and line[size : size + 1] == b",":
        return _check_added(line[size + 1 :], own, fields, is_row)
    if (tail := _pass_text(stem, own.get(fields.text), line, written.get(fields.text))) is not None:
        return _check_added(tail, own, fields, is_row)
    before, after = list(members(entry.raw)), members(line)
    last = {member.key: number for number, member in enumerate(before)}
    free = {key for key in own if may_change(key, own, fields)}
    at_before = at_after = 0
    for number, mine in enumerate(before):
        theirs = next(after, None)
        if theirs is None:
            return f"its own field `{mine.key}` is gone"
        if entry.raw[at_before : mine.start] != line[at_after : theirs.start]:
            return _tell_apart(mine.key, theirs.key)
        value, found = entry.raw[mine.start : mine.end], line[theirs.start : theirs.end]
        if value != found:
            if mine.key not in free or last[mine.key] != number:
                return f"its own field `{mine.key}` was {_show(value)} and is {_show(found)}"
            if (old := parse(value)) == parse(found) and old is not None:
                return f"its own field `{mine.key}` has the same value, spelt otherwise"
        at_before, at_after = mine.end, theirs.end
    return _check_added(line[at_after:].removeprefix(b","), own, fields, is_row)


def _pass_text(stem: bytes, own_text: Any, line: bytes, text: Any) -> bytes | None:
    """Return what follows the own fields where nothing but the text differs and it is spelt the usual way."""
    if not isinstance(own_text, str) or len(own_text) < _UNMISTAKABLE or own_text == text:
        return None
    spelt = dump(own_text)
    at = stem.find(spelt)
    if at < 0:
        return None
    begin = stem[:at] + dump(text) + stem[at + len(spelt) :] + b","
    return line[len(begin) :] if line.startswith(begin) else None


def may_change(key: str, own: Mapping[str, Any], fields: Fields) -> bool:
    """Tell whether cleaning may set a member of a record: text and account always, id and title where it has none."""
    return key in (fields.text, CLEANING) or (key in (fields.id, fields.title) and own.get(key) in (None, ""))


def _tell_apart(mine: str, theirs: str) -> str:
    if mine != theirs:
        return f"its own field `{mine}` should stand where `{theirs}` stands"
    return f"what stands before its own field `{mine}` is not as it came"


def _check_added(tail: bytes, own: Mapping[str, Any], fields: Fields, is_row: bool) -> str:
    """Check what stands behind the own fields: what cleaning adds, spelt as it spells it."""
    try:
        added = parse(b"{" + tail)
    except ValueError as error:
        return f"what was added to it cannot be read: {error}"
    for key in added:
        if key in own:
            return f"its own field `{key}` stands in it once more"
        if not may_change(key, own, fields):
            return f"the field `{key}` was added to it"
    if not is_row and b",".join(dump(key) + b":" + dump(value) for key, value in added.items()) + b"}" != tail:
        return "what was added to it is not spelt as it is written"
    return ""


def check_text(
    document: Document,
    own: Mapping[str, Any],
    written: Mapping[str, Any],
    account: Account,
    fields: Fields,
    manner: Manner,
    is_row: bool = False,
) -> Iterator[str]:
    """Yield what does not follow from a text and its account."""
    source, repairs = repair(document.text)
    shown = spell(source) if is_row else source
    if account.repairs != repairs:
        yield f"the repairs are {_list(repairs)}, the account says {_list(account.repairs)}"
    if fault := check_cuts(shown, account.cuts, 0, len(shown), bool(account.lean)):
        yield fault
        return
    left = replay(source, account.cuts)
    own_text, text = own.get(fields.text), written.get(fields.text)
    usual, kept = left, own_text or source
    if is_row:
        usual, kept = spell(usual), spell(kept)
    if usual != kept and manner.annotate is None and text in (usual, kept):
        manner.annotate = text == kept
    annotate = bool(manner.annotate)
    if text != (kept if annotate else usual):
        yield _difference("the source less its cuts", kept if annotate else usual, "the text", text)
    if account.source != (shown if annotate and own_text and source != own_text else None):
        yield "the account holds another `source` than it should"
    if account.status != ("unchanged" if left == document.text else "cleaned"):
        yield f"the status is {account.status!r}, which the text belies"
    yield from _check_title(own, written, account, fields, annotate, shown)
    for number, part in enumerate(account.related, 1):
        if part.start is None or part.end is None:
            yield f"article {number} of `related` has no place in the source"
        elif fault := check_part(shown, part.start, part.end, part.cuts, part.text, bool(account.lean)):
            yield f"article {number} of `related`: {fault}"
    if account.drops or account.resolved:
        yield "the account tells of elements or dates of a page, and this is a text"
    yield from _check_found(shown, account)


def rebuild(document: Document, account: Account, title: str | None) -> Cleaned:
    """Put together what a text was cleaned to, as far as the row it is written as shows it."""
    source, _ = repair(document.text)
    return Cleaned(
        document=document,
        source=source,
        text=replay(source, account.cuts),
        title=document.title or title,
        repairs=account.repairs,
        cuts=account.cuts,
        rules_digest=account.digest,
    )


def check_cells(
    entry: Entry, cleaned: Cleaned, written: Mapping[str, Any], fields: Fields, style: Style, kind: Kind
) -> str:
    """Say which cell of a row differs from what the document leaves there."""
    own = entry.place.columns if kind != "parquet" else ()
    columns = own_columns(own, fields, style) if own else usual_columns(fields)
    row = own_row(entry, cleaned, fields, style) if own else usual_row(entry, cleaned, fields, style)
    empty = None if kind == "parquet" else ""
    expected = {
        name: spell(cell) if cell else empty if cell is None else ""
        for name, cell in zip(columns, row.cells, strict=False)
    }
    for name, cell in expected.items():
        if name != CLEANING and written.get(name) != cell:
            return _difference(f"column `{name}` should hold", cell, "it holds", written.get(name))
    odd = next((name for name in written if name not in expected and name != CLEANING), None)
    return f"the column `{odd}` was added" if odd is not None else ""


def check_cuts(source: str, cuts: Sequence[Cut], start: int, end: int, lean: bool) -> str:
    """Say which cut is empty, out of order or outside, or does not hold what stands there."""
    at = start
    for cut in cuts:
        place = f"the cut {cut.start}:{cut.end}"
        if not at <= cut.start < cut.end <= end:
            return f"{place} is empty, overlaps the one before or lies outside {start}:{end}"
        if not lean and source[cut.start : cut.end] != cut.text:
            return f"{place} " + _difference("stands for", source[cut.start : cut.end], "its text", cut.text)
        at = cut.end
    return ""


def check_part(source: str, start: int, end: int, cuts: Sequence[Cut], text: str, lean: bool) -> str:
    """Say why an appended article does not follow from the source and its place."""
    if not 0 <= start <= end <= len(source):
        return f"its place {start}:{end} lies outside the source of {len(source)} code points"
    if fault := check_cuts(source, cuts, start, end, lean):
        return fault
    left = replay(source, cuts, start, end)
    return "" if left == text else _difference("its place less its cuts", left, "its text", text)


def _check_title(
    own: Mapping[str, Any], written: Mapping[str, Any], account: Account, fields: Fields, annotate: bool, source: str
) -> Iterator[str]:
    if fields.title == fields.text or own.get(fields.title) not in (None, ""):
        return
    moves = [] if annotate else [cut for cut in account.cuts if cut.is_move]
    moved, title = " ".join(source[cut.start : cut.end] for cut in moves), written.get(fields.title)
    told = title if isinstance(title, str) else "" if title is None else dump(title).decode()
    if _squash(visible(moved)) != _squash(visible(told)):  # a move takes invisible characters around it along
        yield _difference("the title that moved", moved, "the title", title)


def _check_found(source: str, account: Account) -> Iterator[str]:
    """Check that what was recovered stands in the source."""
    found = [("a headline", headline) for headline in account.headlines]
    found += [(f"metadata `{name}`", value) for name, value in account.metadata.items()]
    for part in account.related:
        known = {"title": part.title, "source": part.source, "age": part.age, **part.metadata}
        found += [(f"`{name}` of an article in `related`", value) for name, value in known.items() if value is not None]
    if not found:
        return
    shown = _squash(source)
    for what, value in found:
        if not isinstance(value, str) or _squash(value) not in shown:
            yield f"{what}, {_show(value)}, does not stand in the source"


def check_again(
    entry: Entry, cleaned: Cleaned, line: bytes, written: Mapping[str, Any], fields: Fields, manner: Manner
) -> str:
    """Say where a record differs from what cleaning its page again gives."""
    lean, annotate = bool(manner.lean), manner.annotate
    styles = [Style(lean, annotate)] if annotate is not None else [Style(lean, False), Style(lean, True)]
    ways = [render(entry, cleaned, fields, style) for style in styles]
    if line not in ways:
        return _compare(ways[0], written, fields)
    if len(set(ways)) == 2:
        manner.annotate = line == ways[1]
    return ""


def _compare(expected: bytes, written: Mapping[str, Any], fields: Fields) -> str:
    again = parse(expected)
    for key in sorted(again, key=lambda key: key != fields.text):
        if key == CLEANING and isinstance(written.get(key), dict):
            mine, theirs = again[key], written[key]
            if name := next((name for name in mine if mine[name] != theirs.get(name)), ""):
                return _difference(
                    f"cleaned again, `{name}` of its account", mine[name], "the record's", theirs.get(name)
                )
        if again[key] != written.get(key):
            return _difference(f"cleaned again, `{key}`", again[key], "the record's", written.get(key))
    return "cleaned again it is spelt otherwise, or has other fields"


def check_row_again(
    entry: Entry, cleaned: Cleaned, written: Mapping[str, Any], fields: Fields, manner: Manner, kind: Kind, anew: bool
) -> str:
    """Say where a row differs from what cleaning its page again gives; `anew` where its cells were laid out anew."""
    text, ways = written.get(fields.text), (spell(cleaned.text), spell(cleaned.source))
    if manner.annotate is None and ways[0] != ways[1] and text in ways:
        manner.annotate = text == ways[1]
    style, account = manner.style, written[CLEANING]
    for name, value in describe(cleaned, style.lean).items():
        if name == "metadata" and kind == "parquet":
            value = {key: one if isinstance(one, str) else dump(one).decode() for key, one in value.items()}
        if spell_all(value) != account.get(name):
            return _difference(f"cleaned again, `{name}` of its account", value, "the row's", account.get(name))
    if anew:
        return check_cells(entry, cleaned, written, fields, style, kind)
    again = ways[style.annotate]
    return "" if again == text else _difference("cleaned again, the text", again, "the row's", text)


def check_alone(text: Any, account: Account, annotate: bool) -> str:
    """Say why the account of a page cannot be right whatever its source was: text and cuts put together must fit."""
    if not isinstance(text, str):
        return "it has no text"
    if annotate:
        source = text
        if fault := check_cuts(source, account.cuts, 0, len(source), bool(account.lean)):
            return fault
    elif account.lean:
        size = len(text) + sum(cut.end - cut.start for cut in account.cuts)
        return check_cuts("", account.cuts, 0, size, True)
    else:
        restored = restore(text, account.cuts)
        if restored is None:
            return (
                "its cuts cannot be put back: one overlaps another, is of another length than its text, or lies outside"
            )
        source = restored
    for number, part in enumerate(account.related, 1):
        if part.start is not None and part.end is not None:
            fault = check_part(source, part.start, part.end, part.cuts, part.text, bool(account.lean))
            if fault:
                return f"article {number} of `related`: {fault}"
    return ""


def _difference(expected_name: str, expected: Any, found_name: str, found: Any) -> str:
    """Show two values from where they differ."""
    at = 0
    if isinstance(expected, str) and isinstance(found, str):
        shorter = min(len(expected), len(found))
        at = next((i for i in range(shorter) if expected[i] != found[i]), shorter)
        at = max(0, at - _SHOWN // 4)
    return f"{expected_name}: {_show(expected, at)}, {found_name}: {_show(found, at)}"


def _show(value: Any, start: int = 0) -> str:
    if isinstance(value, bytes):
        spelt = value.decode("utf-8", "backslashreplace")
        return spelt[:_SHOWN] + ("…" if len(spelt) > _SHOWN else "")
    if value is None:
        return "nothing"
    if not isinstance(value, str):
        return _show(dump(value))
    shown = value[start : start + _SHOWN]
    return f"{'…' if start else ''}{shown!r}{'…' if start + _SHOWN < len(value) else ''}"


def _list(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


def _squash(text: str) -> str:
    return " ".join(text.split())
