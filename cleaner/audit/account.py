"""Read the account of a record back, as strictly as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleaner.io.cells import encode
from cleaner.model import CLASSES, Cut, Drop, Related

_ALWAYS = (
    "status", "flags", "rules", "repairs", "cuts", "drops", "metadata", "resolved", "origins", "related", "headlines",
)  # fmt: skip
_CUT = ("start", "end", "text", "class", "rules", "because")
_RELATED = ("title", "source", "age", "url", "text", "start", "end", "cuts", "metadata")


class Unsound(Exception):
    """Say what no account holds that `cleaner` wrote."""


@dataclass(frozen=True, slots=True)
class Account:
    """Hold what the `cleaning` of a record says; cuts and drops of a `lean` one hold no texts, None where it has none."""

    status: str
    flags: tuple[str, ...]
    digest: str
    repairs: tuple[str, ...]
    cuts: tuple[Cut, ...]
    metadata: Mapping[str, Any]
    resolved: Mapping[str, Any]
    origins: Mapping[str, Any]
    related: tuple[Related, ...]
    headlines: tuple[str, ...]
    drops: tuple[Drop, ...]
    source: str | None
    lean: bool | None


def spell(text: str) -> str:
    """Write a text as UTF-8 can hold it: as it leaves in rows."""
    return text if text.isascii() else encode(text).decode()


def spell_all(value: Any) -> Any:
    """Do the same with all texts in a value."""
    if isinstance(value, str):
        return spell(value)
    if isinstance(value, dict):
        return {spell(name): spell_all(inner) for name, inner in value.items()}
    return [spell_all(inner) for inner in value] if isinstance(value, list) else value


def read_account(value: Any) -> Account:
    """Read the value of `cleaning`; raises `Unsound` where it is not as `cleaner` writes it."""
    row = _object(value, "cleaning")
    _check_keys(row, _ALWAYS, ("source",), "cleaning")
    cuts = [_read_cut(cut) for cut in _list(row, "cuts")]
    related = [_read_related(part) for part in _list(row, "related")]
    drops = [_read_drop(drop) for drop in _list(row, "drops")]
    texts = {has for _, has in cuts} | {has for _, parts in related for has in parts} | {has for _, has in drops}
    if len(texts) > 1:
        raise Unsound("some of its cuts hold their text, some do not")
    if row["status"] not in ("cleaned", "unchanged"):
        raise Unsound(f"its status is {row['status']!r}")
    return Account(
        status=row["status"],
        flags=_words(row, "flags"),
        digest=_word(row, "rules"),
        repairs=_words(row, "repairs"),
        cuts=tuple(cut for cut, _ in cuts),
        metadata=_object(row["metadata"], "metadata"),
        resolved=_object(row["resolved"], "resolved"),
        origins=_object(row["origins"], "origins"),
        related=tuple(part for part, _ in related),
        headlines=_words(row, "headlines"),
        drops=tuple(drop for drop, _ in drops),
        source=_word(row, "source") if "source" in row else None,
        lean=not texts.pop() if texts else None,
    )


def _read_cut(value: Any) -> tuple[Cut, bool]:
    """Return a cut, and whether it holds its text."""
    row = _object(value, "cuts")
    _check_keys(row, ("start", "end", "class", "rules"), ("text", "because"), "a cut", _CUT)
    has_text = "text" in row
    because = _words(row, "because") if "because" in row else ()
    cut = Cut(
        _number(row, "start"),
        _number(row, "end"),
        _word(row, "text") if has_text else "",
        _word(row, "class"),
        _words(row, "rules"),
        because,
    )
    if cut.class_ not in CLASSES:
        raise Unsound(f"{cut.class_!r} is no class")
    if not cut.rules:
        raise Unsound("a cut names no rule")
    return cut, has_text


def _read_drop(value: Any) -> tuple[Drop, bool]:
    """Return an element dropped, and whether its text is there."""
    row = _object(value, "drops")
    _check_keys(row, ("path", "rule"), ("text",), "a drop", ("path", "text", "rule"))
    has_text = "text" in row
    return Drop(_word(row, "path"), _word(row, "text") if has_text else "", _word(row, "rule")), has_text


def _read_related(value: Any) -> tuple[Related, set[bool]]:
    row = _object(value, "related")
    _check_keys(row, _RELATED, (), "a part of `related`")
    cuts = [_read_cut(cut) for cut in _list(row, "cuts")]
    known = {name: None if row[name] is None else _word(row, name) for name in ("title", "source", "age", "url")}
    placed = row["start"] is not None or row["end"] is not None
    part = Related(
        text=_word(row, "text"),
        start=_number(row, "start") if placed else None,
        end=_number(row, "end") if placed else None,
        cuts=tuple(cut for cut, _ in cuts),
        metadata=_object(row["metadata"], "metadata"),
        **known,
    )
    return part, {has for _, has in cuts}


def _check_keys(
    row: Mapping[str, Any], always: tuple[str, ...], perhaps: tuple[str, ...], what: str, order: tuple[str, ...] = ()
) -> None:
    missing = [key for key in always if key not in row]
    odd = [key for key in row if key not in always and key not in perhaps]
    if missing or odd:
        raise Unsound(f"{what} {f'lacks `{missing[0]}`' if missing else f'has `{odd[0]}`, which means nothing'}")
    if list(row) != [key for key in (order or (*always, *perhaps)) if key in row]:
        raise Unsound(f"the members of {what} stand in another order")


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unsound(f"`{name}` holds no object")
    return value


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    if not isinstance(row[name], list):
        raise Unsound(f"`{name}` holds no list")
    return list(row[name])


def _word(row: Mapping[str, Any], name: str) -> str:
    if not isinstance(row[name], str):
        raise Unsound(f"`{name}` holds no string")
    return str(row[name])


def _words(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    words = _list(row, name)
    if not all(isinstance(word, str) for word in words):
        raise Unsound(f"`{name}` holds something else than strings")
    return tuple(words)


def _number(row: Mapping[str, Any], name: str) -> int:
    if type(row[name]) is not int:
        raise Unsound(f"`{name}` holds no whole number")
    return int(row[name])
