"""Change members of a JSON object in its bytes, so that everything else leaves as it came.

A parser would write 1.0 as 1, round integers of thirty digits, drop the first of two equal keys, and choose its own
escapes. Positions are found here without parsing values, and without recursion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(_STRING.pattern + rb"|[\[\]{}]", re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SCALAR = re.compile(rb"[^,}\]\s]++")
_HALF = 1 << 63
_DIGITS = 20  # no number of 64 bits has more signs
_CLOSING = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


class Member(NamedTuple):
    """Bound the value of one member, in bytes of its object."""

    key: str
    start: int
    end: int


def parse(raw: bytes) -> Any:
    """Parse JSON, also where orjson refuses: lone surrogates, NaN. Integers beyond 64 bits come as floats.

    Raises `ValueError` saying what is wrong.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(raw.decode("utf-8"), parse_int=_whole)
    except UnicodeDecodeError as error:
        raise ValueError(f"invalid UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"bad JSON: {error.msg.removesuffix(' at')} at character {error.pos}") from None
    except RecursionError:
        raise ValueError("bad JSON: nested too deeply") from None


def _whole(digits: str) -> int | float:
    """Return a number as orjson reads it: whole within 64 bits."""
    if len(digits) > _DIGITS:
        return float(digits)
    number = int(digits)
    return number if -_HALF <= number < 2 * _HALF else float(number)


def dump(value: Any) -> bytes:
    """Write a value as JSON; with ASCII escapes where it holds what UTF-8 cannot (lone surrogates)."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def members(raw: bytes) -> Iterator[Member]:
    """Yield the members of a valid JSON object in order, equal keys as often as they stand there.

    >>> [tuple(m) for m in members(b'{"a": [1, "]"], "\\\\u0061":1e5}')]
    [('a', 6, 14), ('a', 25, 28)]
    """
    at = _skip(raw, _skip(raw, 0) + 1)
    while raw[at : at + 1] == b'"':
        key = _string_end(raw, at)
        start = _skip(raw, _skip(raw, key) + 1)
        end = _value_end(raw, start)
        name = raw[at:key]
        yield Member(str(parse(name)) if b"\\" in name else name[1:-1].decode(), start, end)
        at = _skip(raw, _skip(raw, end) + 1)


def elements(raw: bytes) -> Iterator[bytes]:
    """Yield the items of a valid JSON array in order, as they stand there.

    >>> list(elements(b'[{"a": "]"}, 1e5 ,[ ]]'))
    [b'{"a": "]"}', b'1e5', b'[ ]']
    """
    at = _skip(raw, _skip(raw, 0) + 1)
    while raw[at : at + 1] not in (b"]", b""):
        end = _value_end(raw, at)
        yield raw[at:end]
        at = _skip(raw, end)
        at = _skip(raw, at + 1) if raw[at : at + 1] == b"," else at


def splice(raw: bytes, changes: Mapping[str, bytes], keys: Collection[str] | None = None) -> bytes:
    """Set members of a JSON object to JSON values: the last of that key where there is one, else appended in order.

    `keys` are those of the object, where they are known: then it is searched only for what it has.

    >>> splice(b'{"n": 1.0, "text": "a b"}', {"text": b'"a"', "cleaning": b"{}"})
    b'{"n": 1.0, "text": "a","cleaning":{}}'
    """
    if keys is not None and not any(key in keys for key in changes):
        places: dict[str, Member] = {}
    else:
        places = {member.key: member for member in members(raw)}
    edits = sorted((places[key].start, places[key].end, value) for key, value in changes.items() if key in places)
    close = raw.rindex(b"}")
    parts: list[bytes] = []
    at = 0
    for start, end, new in edits:
        parts += (raw[at:start], new)
        at = end
    parts.append(raw[at:close].rstrip())
    fresh = [_name(key) + value for key, value in changes.items() if key not in places]
    if fresh and (places or keys):
        parts.append(b",")
    return b"".join([*parts, b",".join(fresh), b"}"])


def leave_out(raw: bytes, found: Iterable[Member], starts: Collection[int]) -> bytes:
    """Return a JSON object of these members without those whose values start there; the others stay as they came.

    >>> raw = b'{"a": 1, "b":[2.0], "a" : 3}'
    >>> leave_out(raw, members(raw), {6})
    b'{"b":[2.0],"a" : 3}'
    """
    kept: list[bytes] = []
    at = 0
    for member in found:
        if member.start not in starts:
            kept.append(raw[raw.index(b'"', at) : member.end])
        at = member.end
    return b"{" + b",".join(kept) + b"}"


@lru_cache(maxsize=64)
def _name(key: str) -> bytes:
    return dump(key) + b":"


def _skip(raw: bytes, at: int) -> int:
    if raw[at : at + 1] > b" ":
        return at
    space = _SPACE.match(raw, at)
    return space.end() if space else at


def _string_end(raw: bytes, at: int) -> int:
    string = _STRING.match(raw, at)
    if string is None:
        raise ValueError("bad JSON: an open string")
    return string.end()


def _value_end(raw: bytes, at: int) -> int:
    first = raw[at : at + 1]
    if first == b'"':
        return _string_end(raw, at)
    if first not in _CLOSING:
        scalar = _SCALAR.match(raw, at)
        return scalar.end() if scalar else at
    depth = 0
    for token in _TOKEN.finditer(raw, at):
        depth += _CLOSING.get(token[0], 0)
        if depth == 0:
            return token.end()
    raise ValueError("bad JSON: an open bracket")
