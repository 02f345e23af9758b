"""Write rules as YAML the way people write them: keys in the order of the model, what is short on one line.

Texts are quoted only where the strict reader of rule files, or any usual reader of YAML, would take the bare text for
something else; tests and patterns always are, so that they look alike. `put_rule` and its kin change one entry of a
file that people wrote, and nothing else in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ValidationError
from pydantic.fields import FieldInfo

from cleaner.errors import RuleError
from cleaner.rules.advice import refusal
from cleaner.rules.entries import put_exception, put_patterns, put_rule, take_rule_text
from cleaner.rules.schema import Example, Exemption, Predicate, Rule, RuleFile

__all__ = ["put_exception", "put_patterns", "put_rule", "take_rule_text", "write_file", "write_rule"]

_WIDTH = 120
_QUOTED = frozenset(("in", "out", "keep", "re"))
_BLOCK = frozenset(("tests", "rules", "patterns", "exceptions", "opinions", "steps", "layouts"))
"""Keys below which every entry has a line of its own."""

_BARE = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~].*")
_IN_BRACKETS = re.compile(r"[^\[\]{},]*")
_MEANT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.inf|\.nan|[ynYN]",
    re.IGNORECASE,
)
"""What readers take for numbers and booleans beyond the resolver of PyYAML, which knows YAML 1.1 only."""

_RESOLVER: Any = yaml.resolver.Resolver()
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def write_file(content: Mapping[str, Any] | RuleFile, *, schema: str = "") -> str:
    r"""Write a rule file; `schema` is the address of its JSON Schema, named in the first line for editors.

    >>> print(write_file({"patterns": {"price": r"\d+"}}), end="")
    patterns:
      price: \d+

    Raises `RuleError` for content that is no rule file, and for text that no file can hold.
    """
    spec, given = _checked(RuleFile, content)
    modeline = [f"# yaml-language-server: $schema={schema}"] if schema else []
    return "\n".join([*modeline, *_mapping(spec, given, 0)]) + "\n"


def write_rule(content: Mapping[str, Any] | Rule) -> str:
    """Write one rule as an entry of a file's list of rules, two spaces in.

    Raises `RuleError` for content that is no rule, and for text that no file can hold.
    """
    spec, given = _checked(Rule, content)
    return "\n".join(_entry(spec, given, 2)) + "\n"


def _checked(kind: type[BaseModel], content: Mapping[str, Any] | BaseModel) -> tuple[BaseModel, dict[str, Any]]:
    if isinstance(content, BaseModel):
        return content, content.model_dump(mode="json", by_alias=True, exclude_unset=True)
    try:
        return kind.model_validate(content), dict(content)
    except ValidationError as error:
        raise refusal(error, kind, dict(content), {}, "") from None


def _mapping(spec: Any, given: Mapping[str, Any], indent: int) -> Iterator[str]:
    for key, part, value, info in _items(spec, given):
        yield from _pair(key, part, value, info, indent)


def _pair(key: str, spec: Any, given: Any, info: FieldInfo | None, indent: int) -> Iterator[str]:
    """Write a key with its value: on one line where it fits, else below it."""
    space, head = " " * indent, f"{_scalar(key, False)}:"
    given = _single(given, info)
    if key not in _BLOCK or not given:
        value = _flow(key, spec, given, isinstance(given, (Mapping, list, tuple)))
        line = f"{space}{head} {value}"
        if len(line) <= _WIDTH or not isinstance(given, (Mapping, list, tuple)):
            yield line
            return
    if isinstance(given, Mapping):
        yield f"{space}{head}"
        yield from _mapping(spec, given, indent + 2)
    elif all(isinstance(item, str) for item in given):
        yield from _filled(f"{space}{head} [", [_flow(key, item, item) for item in given], indent + 2)
    else:
        yield f"{space}{head}"
        for number, (part, item) in enumerate(zip(spec, given, strict=True)):
            if key == "rules" and number:
                yield ""
            yield from _entry(part, item, indent + 2)


def _entry(spec: Any, given: Any, indent: int) -> Iterator[str]:
    """Write an entry of a list: on one line where it is small, else a mapping behind its dash."""
    space = " " * indent
    line = f"{space}- {_flow('', spec, given)}"
    small = isinstance(spec, (Example, Predicate, Exemption)) and len(line) <= _WIDTH
    if not isinstance(given, Mapping) or small or not isinstance(spec, BaseModel):
        yield line
        return
    lines = list(_mapping(spec, given, indent + 2))
    yield f"{space}- {lines[0].lstrip()}"
    yield from lines[1:]


def _filled(head: str, items: Sequence[str], indent: int) -> Iterator[str]:
    """Write a long list in brackets over as many lines as it takes."""
    line = head
    for number, item in enumerate(items):
        piece = f"{item}{',' if number < len(items) - 1 else ']'}"
        bare = line in (head, " " * indent)
        if not bare and len(line) + 1 + len(piece) > _WIDTH:
            yield line
            line, bare = " " * indent, True
        line += piece if bare else f" {piece}"
    yield line


def _flow(key: str, spec: Any, given: Any, brackets: bool = True) -> str:
    """Write a value on one line; `brackets` are around it, or are its own."""
    if isinstance(given, Mapping):
        pairs = (
            f"{_scalar(name, False)}: {_flow(name, part, _single(value, info))}"
            for name, part, value, info in _items(spec, given)
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(given, (list, tuple)):
        parts = spec if isinstance(spec, (list, tuple)) and len(spec) == len(given) else given
        return f"[{', '.join(_flow(key, part, item) for part, item in zip(parts, given, strict=True))}]"
    value = spec if isinstance(spec, (bool, int, float)) else given
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else _scalar(str(value), key in _QUOTED, brackets)


def _items(spec: Any, given: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, FieldInfo | None]]:
    """Yield key, checked value, value and field of what was given, in the order of the model."""
    if isinstance(spec, (list, tuple)) and len(spec) == 1:
        spec = spec[0]  # one predicate where the model takes a list
    if not isinstance(spec, BaseModel):
        yield from (
            (key, spec[key] if isinstance(spec, Mapping) else value, value, None) for key, value in given.items()
        )
        return
    for name, info in type(spec).model_fields.items():
        key = info.alias or name
        if key in given:
            yield key, getattr(spec, name), given[key], info


def _single(given: Any, info: FieldInfo | None) -> Any:
    """Write a list of one text as that text, where the model takes either."""
    alone = isinstance(given, (list, tuple)) and len(given) == 1 and isinstance(given[0], str)
    return given[0] if alone and info is not None and _takes_one(info) else given


def _takes_one(info: FieldInfo) -> bool:
    annotation: Any = info.annotation
    return any(isinstance(check, BeforeValidator) for check in (*info.metadata, *_checks(annotation)))


@lru_cache(maxsize=256)
def _checks(annotation: Any) -> tuple[Any, ...]:
    """Return the checks that stand inside an annotation, as in `Texts | None`."""
    inner: Iterable[Any] = (part for part in get_args(annotation) if part is not type(None))
    return tuple(check for part in inner for check in getattr(part, "__metadata__", ()))


def _scalar(text: str, quoted: bool, brackets: bool = True) -> str:
    if not quoted and _is_plain(text) and (not brackets or _IN_BRACKETS.fullmatch(text)):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _is_plain(text: str) -> bool:
    """Tell whether every reader takes a bare text for that very text, where no brackets are around it."""
    return (
        _BARE.fullmatch(text) is not None
        and text.isprintable()
        and not text.endswith((" ", ":"))
        and ": " not in text
        and " #" not in text
        and _MEANT.fullmatch(text) is None
        and _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"
    )


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if 0xD800 <= code < 0xE000:
        raise RuleError("half of a surrogate pair cannot be written", hint="Write whole characters")
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
