"""Take one entry out of the text of a rule file, or put one in, and leave every other byte as it is.

An entry is its lines: from the comments that stand right above its dash to the last line of its value. Blank lines and
comments set apart belong to nobody and stay where they are;
those right below it that stand further in than its dash are its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from cleaner.errors import RuleError
from cleaner.rules.yaml import read_yaml

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_BOM = "\ufeff"
_KEYS = {"rules": "id", "exceptions": "rule"}
_OTHER_ENDS = re.compile("\r(?!\n)|[\x85\u2028\u2029]")
"""What YAML takes for the end of a line, and editors do not: lines would be counted in two ways."""
_ONE_LINE = "Write each rule as an entry of its own, behind a dash on a new line"

_ESCAPE = "Write it as an escape inside double quotes; let lines end in LF or CRLF"


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
    """Put the exception to `rule` of a small rule file into a file, as `put_rule` puts a rule.

    It takes the place of one with the same scope: a rule may have others elsewhere.
    """
    return _put(file_text, exception_yaml, rule, "exceptions")


def put_patterns(file_text: str, patterns_yaml: str) -> str:
    """Put the patterns of a small rule file behind those that a file has, or below a heading of their own.

    Raises `RuleError` for a text that is no YAML, and where the file's layout leaves no place for them.
    """
    fresh = {str(name): one for name, one in _value(patterns_yaml)["patterns"].items()}
    lines, node, key = _section(file_text, "patterns")
    rows = _dressed(patterns_yaml.split("\n")[1:-1], 2, 2)
    end = _end(lines)
    if isinstance(node, yaml.MappingNode) and node.flow_style:
        at, column = node.end_mark.line, node.end_mark.column - 1 + _shift(lines, node.end_mark.line)
        before, behind = lines[at][:column], lines[at][column:]
        comma = ", " if node.value and not before.rstrip().endswith(",") else ""
        inside = before + comma + ", ".join(map(_quoted, rows)) + behind
        made = [*lines[:at], inside, *lines[at + 1 :]]
    elif isinstance(node, yaml.MappingNode):
        indent, last = node.start_mark.column, _last(node) + 1
        while last < len(lines) and _comment(lines[last]) > indent:
            last += 1
        rows = [row + end for row in _dressed(rows, 2, indent)]
        made = [*_closed(lines[:last], end), *rows, *(lines[last:] or [""])]
    elif node is not None:
        made = [*_closed(lines[: key + 1], end), *(row + end for row in rows), *(lines[key + 1 :] or [""])]
    else:
        made = _below(lines, "patterns", [row + end for row in rows], end)
    text = "\n".join(made)
    wanted = _value(file_text) or {}
    _agree(text, {**wanted, "patterns": {**(wanted.get("patterns") or {}), **fresh}}, "")
    return text


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
    given = next(one for one in _value(piece)[section] if _named(one, section) == name)
    at = _place(_entries(file_text, section), given, section)
    old = there.entries[at] if at < len(there.entries) else None
    if old is not None and _dressed(lines[old.first : old.end], there.indent, own.indent) == _dressed(fresh, 0, 0):
        return file_text
    fresh = _dressed(fresh, own.indent, there.indent)
    end = _end(lines)
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
        made = _below(lines, section, fresh, end)
    text = "\n".join(made)
    entries = _entries(file_text, section)
    wanted = {**(_value(file_text) or {}), section: [*entries[:at], given, *entries[at + 1 :]]}
    _agree(text, wanted, name)
    return text


def _place(entries: list[Any], entry: Any, section: str) -> int:
    """Return the place of the entry that another one takes the place of; behind the last, where there is none."""
    same = (n for n, one in enumerate(entries) if _identity(one, section) == _identity(entry, section))
    return next(same, len(entries))


def _identity(entry: Any, section: str) -> tuple[str, Any]:
    scope = entry.get("scope") if section == "exceptions" and isinstance(entry, dict) else None
    return _named(entry, section), scope or None


def _entries(text: str, section: str) -> list[Any]:
    return list((_value(text) or {}).get(section) or ())


def _agree(after: str, wanted: Any, name: str) -> None:
    """Refuse a result that says anything but what it should."""
    try:
        good = _value(after) == wanted
    except RuleError:  # behind a `...`, say: the place of it would be told in a file that nobody has
        good = False
    if not good:
        raise RuleError("the file's layout leaves no place for it", rule=name, hint=_ONE_LINE)


def _quoted(row: str) -> str:
    """Quote the value of a line, which may hold what would end it inside braces."""
    key, _, value = row.strip().partition(": ")
    bare = not value.startswith('"')
    return f"{key}: " + ("'" + value.replace("'", "''") + "'" if bare else value)


def _below(lines: list[str], section: str, fresh: list[str], end: str) -> list[str]:
    """Return the lines of a file with a section of its own at the end."""
    body = lines[:-1] if not lines[-1] else lines
    apart = [end] if body and body[-1].strip() else []
    return [*_closed(body, end), *apart, f"{section}:{end}", *fresh, ""]


def _end(lines: list[str]) -> str:
    """Return what stands before the line feeds of most lines."""
    return "\r" if 2 * sum(line.endswith("\r") for line in lines) >= len(lines) else ""


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
    lines, node, key = _section(text, section)
    return lines, _List(-1, 2, ()) if node is None else _list(lines, key, node, section)


def _section(text: str, section: str) -> tuple[list[str], yaml.Node | None, int]:
    """Return the lines of a text, and the value of a section with the line of its key; None where it is not there."""
    value = _value(text)
    if found := _OTHER_ENDS.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise RuleError(f"holds {found[0]!a}, which ends a line of YAML alone", line=line, hint=_ESCAPE)
    if value is not None and not isinstance(value, dict):
        raise RuleError("holds no rules", line=1, hint=f"Begin with `{section}:`")
    lines = text.split("\n")
    root = yaml.compose(text.removeprefix(_BOM), Loader=_LOADER)
    for key, node in root.value if root is not None else ():
        if key.value == section:
            return lines, node, key.start_mark.line
    return lines, None, -1


def _shift(lines: list[str], line: int) -> int:
    """Return how much further right than YAML counts a line has its characters."""
    return len(_BOM) if not line and lines[0].startswith(_BOM) else 0


def _list(lines: list[str], line: int, node: yaml.Node, section: str) -> _List:
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return _List(line, 2, ())
    if not isinstance(node, yaml.SequenceNode) or (node.flow_style and node.value):
        raise RuleError(f"`{section}` is no list of lines that begin with a dash", line=line + 1, hint=_ONE_LINE)
    if not node.value:
        if node.start_mark.line != line or node.end_mark.line != line:
            raise RuleError(f"`{section}` is no list of lines that begin with a dash", line=line + 1, hint=_ONE_LINE)
        shift = _shift(lines, line)
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
