"""Take one entry out of the text of a rule file, or put one in, and leave every other byte as it is.

An entry is its lines: from the comments that stand right above its dash to the last line of its value. Blank lines and
comments set apart belong to nobody and stay where they are;
those right below it that stand further in than its dash are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from cleaner.errors import RuleError
from cleaner.rules.yaml import read_yaml

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BOM = "\ufeff"
_KEYS = {"rules": "id", "exceptions": "rule"}
_ONE_LINE = "Write each rule as an entry of its own, behind a dash on a new line"


def take_rule_text(file_text: str, id: str) -> str:
    """Return the lines of one rule, with the comments right above it, as a small rule file.

    Raises `RuleError` for a text that is no YAML, without this rule, or with its rules in brackets.
    """
    lines, entries = _found(file_text, "rules")
    entry = _entry(entries.entries, id)
    if entry is None:
        raise RuleError(f"there is no rule {id} in this file", rule=id, hint="Open the file that has it")
    return "rules:\n" + "\n".join(_dressed(lines[entry.first : entry.end], entries.indent, 2)) + "\n"


def put_rule(file_text: str, rule_yaml: str, id: str) -> str:
    """Put the rule `id` of a small rule file in the place of the one that a file has, or behind its last rule.

    Comments right above the rule come along, line ends are those of the file. Raises `RuleError` for a text that is no
    YAML, a `rule_yaml` without that rule, and a file with its rules in brackets.
    """
    return _put(file_text, rule_yaml, id, "rules")


def put_exception(file_text: str, exception_yaml: str, rule: str) -> str:
    """Put the exception to `rule` of a small rule file into a file, as `put_rule` puts a rule."""
    return _put(file_text, exception_yaml, rule, "exceptions")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Bound an entry by lines, counted from 0; `end` is the line behind it."""

    name: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class _List:
    """Hold the entries of a section; `key` is its line, -1 where there is none, `indent` that of its dashes."""

    key: int
    indent: int
    entries: tuple[_Entry, ...]
    brackets: tuple[int, int] | None = None
    """Where an empty list in brackets stands in the line of its key."""


def _put(file_text: str, piece: str, name: str, section: str) -> str:
    own_lines, own = _found(piece, section)
    entry = _entry(own.entries, name)
    if entry is None:
        hint = f"Begin with `{section}:` and an entry whose `{_KEYS[section]}` is {name}"
        raise RuleError(f"the text holds no entry for {name}", rule=name, hint=hint)
    fresh = own_lines[entry.first : entry.end]
    lines, there = _found(file_text, section)
    old = _entry(there.entries, name)
    if old is not None and _dressed(lines[old.first : old.end], there.indent, own.indent) == _dressed(fresh, 0, 0):
        return file_text
    fresh = _dressed(fresh, own.indent, there.indent)
    end = "\r" if 2 * sum(line.endswith("\r") for line in lines) >= len(lines) else ""
    fresh = [line + end for line in fresh]
    if old is not None:
        if old.end == len(lines):  # no line end follows
            fresh[-1] = fresh[-1].rstrip("\r")
        made = [*lines[: old.first], *fresh, *lines[old.end :]]
    elif there.entries:
        last = there.entries[-1].end
        made = [*_closed(lines[:last], end), end, *fresh, *(lines[last:] or [""])]
    elif there.key >= 0:
        head = lines[there.key]
        if there.brackets:
            head = head[: there.brackets[0]].rstrip() + head[there.brackets[1] :]
        made = [*lines[: there.key], *_closed([head], end), *fresh, *(lines[there.key + 1 :] or [""])]
    else:
        body = lines[:-1] if not lines[-1] else lines
        apart = [end] if body and body[-1].strip() else []
        made = [*_closed(body, end), *apart, f"{section}:{end}", *fresh, ""]
    text = "\n".join(made)
    _check(file_text, text, piece, name, section)
    return text


def _check(before: str, after: str, piece: str, name: str, section: str) -> None:
    """Refuse a result that says anything but the file with that one entry."""
    wanted = _value(before) or {}
    entries = list(wanted.get(section) or ())
    entry = next(one for one in _value(piece)[section] if one[_KEYS[section]] == name)
    at = next((n for n, one in enumerate(entries) if _named(one, section) == name), len(entries))
    wanted[section] = [*entries[:at], entry, *entries[at + 1 :]]
    if _value(after) != wanted:
        raise RuleError("the file's layout leaves no place for it", rule=name, hint=_ONE_LINE)


def _value(text: str) -> Any:
    return read_yaml(text.removeprefix(_BOM), "")[0]


def _named(entry: Any, section: str) -> str:
    return str(entry.get(_KEYS[section], "")) if isinstance(entry, dict) else ""


def _entry(entries: tuple[_Entry, ...], name: str) -> _Entry | None:
    return next((entry for entry in entries if entry.name == name), None)


def _closed(lines: list[str], end: str) -> list[str]:
    """Return lines of which the last ends as the others do."""
    return [*lines[:-1], lines[-1].rstrip("\r") + end] if lines else []


def _dressed(lines: list[str], old: int, new: int) -> list[str]:
    """Return lines without their carriage returns, moved from one indent to another; blank ones stay blank."""
    bare = [line.rstrip("\r") for line in lines]
    if new >= old:
        return [" " * (new - old) + line if line.strip() else line for line in bare]
    return [line[min(old - new, len(line) - len(line.lstrip(" "))) :] for line in bare]


def _found(text: str, section: str) -> tuple[list[str], _List]:
    """Return the lines of a text, and the entries of a section."""
    value = _value(text)
    if value is not None and not isinstance(value, dict):
        raise RuleError("holds no rules", line=1, hint=f"Begin with `{section}:`")
    lines = text.split("\n")
    plain = text.removeprefix(_BOM)
    root = yaml.compose(plain, Loader=_LOADER)
    for key, node in root.value if root is not None else ():
        if key.value == section:
            return lines, _list(lines, key, node, section)
    return lines, _List(-1, 2, ())


def _list(lines: list[str], key: yaml.Node, node: yaml.Node, section: str) -> _List:
    line = key.start_mark.line
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return _List(line, 2, ())
    if not isinstance(node, yaml.SequenceNode) or (node.flow_style and node.value):
        raise RuleError(f"`{section}` is no list of lines that begin with a dash", line=line + 1, hint=_ONE_LINE)
    if not node.value:
        if node.start_mark.line != line or node.end_mark.line != line:
            raise RuleError(f"`{section}` is no list of lines that begin with a dash", line=line + 1, hint=_ONE_LINE)
        shift = len(_BOM) if not line and lines[0].startswith(_BOM) else 0
        return _List(line, 2, (), (node.start_mark.column + shift, node.end_mark.column + shift))
    entries: list[_Entry] = []
    indent = 2
    for item in node.value:
        dash = _dash(lines, item.start_mark.line, item.start_mark.column)
        indent = lines[dash].index("-")
        floor = entries[-1].end if entries else line + 1
        end = _last(item) + 1
        while end < len(lines) and _comment(lines[end]) > indent:
            end += 1
        entries.append(_Entry(_name(item, section), _first(lines, dash, floor, indent), end))
    return _List(line, indent, tuple(entries))


def _name(item: yaml.Node, section: str) -> str:
    pairs = item.value if isinstance(item, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == _KEYS[section]), "")


def _dash(lines: list[str], line: int, column: int) -> int:
    """Return the line of the dash before a value."""
    if lines[line][:column].strip().startswith("-"):
        return line
    return next(above for above in range(line - 1, -1, -1) if lines[above].strip().startswith("-"))


def _first(lines: list[str], dash: int, floor: int, indent: int) -> int:
    """Return the first of the comment lines right above a dash that stand where it does."""
    first = dash
    while first > floor and _comment(lines[first - 1]) == indent:
        first -= 1
    return first


def _comment(line: str) -> int:
    """Return the indent of a line that holds a comment alone; -1 for any other."""
    bare = line.lstrip(" ")
    return len(line) - len(bare) if bare.startswith("#") else -1


def _last(node: yaml.Node) -> int:
    """Return the last line of a value; where a block ends, its last part does."""
    inner = list(_inner(node))
    if inner and not getattr(node, "flow_style", False):
        return max(map(_last, inner))
    end = node.end_mark
    return int(
        end.line - 1 if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") and not end.column else end.line
    )


def _inner(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from (key, value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
