"""Read the JSON-LD of a page: any text in, JSON values out, what is commonly broken repaired, nothing raised.

A script is read strictly first. Where that fails: comments of HTML, CDATA and JavaScript go, values that follow each
other are read one by one, raw line ends in strings, trailing and missing commas and unescaped quotes are put right. What still
fails is left out. `MAX_SCRIPT` bounds a script that is read at all, `MAX_REPAIR` one that is repaired; all steps are linear.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

MAX_SCRIPT = 4_000_000
MAX_REPAIR = 500_000
MAX_VALUES = 100

_WRAPPING = re.compile(r"<!--|-->|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|(?://|/\*)?\s*\]\]>\s*(?:\*/)?")
_TOKEN = re.compile(r'"|//[^\n]*|/\*+[^*]*\*+/|[^"/]+|/')
_STRING_PART = re.compile(r'[^"\\\x00-\x1f]+|\\.|["\\\x00-\x1f]', re.S)
_AFTER_VALUE = re.compile(r'\s*(?:[}\]:]|,\s*(?:["{\[\]}\-\d]|true|false|null|//|/\*)|//|/\*|$|"[^"\n]{1,40}"\s*:)')
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_MISSING_COMMA = re.compile(r"(?<=[}\]])(?=\s*{)")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_CONTROL = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DECODER = json.JSONDecoder(strict=False)


def load_values(scripts: Iterable[str]) -> Iterator[Any]:
    """Yield the JSON values of all scripts, in order.

    >>> list(load_values(['{"a": 1,}', '{"b": 2} {"c": 3}', "<!-- [4] -->", "{broken"]))
    [{'a': 1}, {'b': 2}, {'c': 3}, [4]]
    """
    for script in scripts:
        if len(script) <= MAX_SCRIPT:
            yield from _load(script)


def _load(script: str) -> list[Any]:
    try:
        return [orjson.loads(script)]
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        pass
    text = _unwrap(script)
    values, left = _decode_all(text)
    if left and len(left) <= MAX_REPAIR:
        values += _decode_all(repair(left))[0]
    return values


def _unwrap(script: str) -> str:
    text = script.lstrip("\ufeff \t\r\n")
    if text[:20].lstrip("[{ \r\n\t").startswith("&quot;"):
        text = html.unescape(text)
    head, tail = text[:200], text[-200:] if len(text) > 400 else ""
    if not tail:
        return _WRAPPING.sub("", text).strip().rstrip(";")
    return (_WRAPPING.sub("", head) + text[200:-200] + _WRAPPING.sub("", tail)).strip().rstrip(";")


def _decode_all(text: str) -> tuple[list[Any], str]:
    """Decode the values at the head of `text`; what cannot be read is returned as the rest."""
    values: list[Any] = []
    at = 0
    while at < len(text) and len(values) < MAX_VALUES:
        if text[at] in " \t\r\n,;":
            at += 1
            continue
        try:
            value, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return values, text[at:]
        values.append(value)
    return values, ""


def repair(text: str) -> str:
    """Put right what is commonly broken in JSON; sound JSON keeps its value.

    >>> repair('{"a": "1\\n<b class="x">2</b>", // note\\n "b": [1,],}')
    '{"a": "1\\\\n<b class=\\\\"x\\\\">2</b>", \\n "b": [1]}'
    """
    out: list[str] = []
    between: list[str] = []
    at = 0
    while token := _TOKEN.match(text, at):
        at = token.end()
        if token[0] != '"':
            between.append("" if token[0].startswith(("//", "/*")) else token[0])
            continue
        out.append(_mend("".join(between), bool(out)))
        between.clear()
        string, at = _string(text, at)
        out.append(string)
    out.append(_mend("".join(between), True, before_string=False))
    return "".join(out)


def _mend(between: str, after_string: bool, before_string: bool = True) -> str:
    if after_string and before_string and not between.strip():
        return "," + between
    bare = _TRAILING_COMMA.sub("", between)
    if before_string and bare.rstrip().endswith(("}", "]")):
        bare += ","
    return _MISSING_COMMA.sub(",", bare)


def _string(text: str, at: int) -> tuple[str, int]:
    """Read a string from behind its opening quote; a quote ends it only where the next thing is no text."""
    out = ['"']
    while part := _STRING_PART.match(text, at):
        piece, at = part[0], part.end()
        if piece == '"':
            if _AFTER_VALUE.match(text, at):
                break
            piece = '\\"'
        elif piece[0] == "\\" and not _ESCAPE.match(text, part.start()):
            piece = "\\\\" + piece[1:].replace('"', '\\"').translate(_CONTROLS)
        elif piece < " ":
            piece = _CONTROL.get(piece, " ")
        out.append(piece)
    return "".join([*out, '"']), at


_CONTROLS = {number: _CONTROL.get(chr(number), " ") for number in range(32)}
