"""Turn what the model found wrong in a rule file into one error: where, what was found, what to write instead.

Of several faults the first rule's most telling one counts: an unknown key explains more than the key missing for it.
What to write comes from the JSON Schema at the place of the fault, so that it never falls behind the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from cleaner.errors import RuleError

Path = tuple[str | int, ...]
Node = dict[str, Any]

_KEY = "[key]"  # pydantic's last step where a key itself is wrong
_DID_YOU_MEAN = re.compile("Did you mean '(.*)'\\?$")
_LONGEST = 60  # code points shown of a value
_RANKS = {"extra_forbidden": 0, "missing": 2}  # all else 1; alternatives that failed together come last
_FORMS = (
    ("[a-z0-9]+(?:-", "owner.slug in lower case, such as daily8.tail"),
    ("^[a-z][a-z0-9]*(?:-", "a name of small letters, digits and hyphens"),
    ("^[a-z]{2,3}$", "a language code in lower case, such as fr"),
    (r"\d{4}-", "a date such as 2025-01-31"),
    ("^[0-9]", ""),
)
_KEY_FORMS = {"terms": "a name such as ad.label", "patterns": "a name in lower case, such as clock_time"}
_INSTEAD = (
    ("tests need", "Add {in: ..., out: ...} for what is cut, {keep: ...} for a text that only looks like it"),
    ("a deprecated rule", "Write `status: deprecated` and `replaced_by:` together, or neither"),
    ("from needs to", "Add `to:` with closing phrases, or with sentence, line, phrase or colon"),
    ("the smaller number", "Write [least, most]"),
)


def refusal(
    error: ValidationError, kind: type[BaseModel], value: Node, lines: Mapping[Path, int], path: str
) -> RuleError:
    """Return the one error that tells most about what is wrong in a file."""
    return _refusal(min(error.errors(), key=lambda e: _rank(e, lines)), kind, value, lines, path)


def refusals(
    error: ValidationError, kind: type[BaseModel], value: Node, lines: Mapping[Path, int], path: str
) -> list[RuleError]:
    """Return all that is wrong in a file, the most telling fault of each place, the one of `refusal` first.

    A key that is missing only because it is misspelt beside it is not told twice.
    """
    told: dict[Path, RuleError] = {}
    misspelt: set[Path] = set()
    for fault in sorted(error.errors(), key=lambda e: _rank(e, lines)):
        at = settle_path(fault["loc"], lines)
        if at in misspelt or any(at[:size] in told for size in range(1, len(at) + 1)):
            continue
        told[at] = _refusal(fault, kind, value, lines, path)
        if fault["type"] == "extra_forbidden" and (meant := _DID_YOU_MEAN.match(told[at].hint)):
            misspelt.add((*at[:-1], meant[1]))
    return list(told.values())


def at_fault(error: ValidationError) -> set[Path]:
    """Return the entries of a file in which something is wrong, by key and number or name, or the key itself."""
    return {tuple(fault["loc"][:2]) for fault in error.errors()}


def _refusal(fault: Any, kind: type[BaseModel], value: Node, lines: Mapping[Path, int], path: str) -> RuleError:
    at = settle_path(fault["loc"], lines)
    in_rule = len(at) > 1 and at[0] == "rules"
    rule = value["rules"][at[1]] if in_rule else {}
    reason, hint = _tell(fault, at, _found(value, at, fault["input"]), kind)
    return RuleError(
        reason,
        path=path,
        line=line_of(at, lines),
        rule=str(rule.get("id", "")) if isinstance(rule, dict) else "",
        field=".".join(map(str, at[2:] if in_rule else at)),
        hint=hint,
    )


def line_of(at: Iterable[str | int], lines: Mapping[Path, int]) -> int:
    """Return the line of a value, or of the closest one around it."""
    at = tuple(at)
    while at not in lines and at:
        at = at[:-1]
    return lines.get(at, 0)


def settle_path(loc: Iterable[str | int], lines: Mapping[Path, int]) -> Path:
    """Return a path as the file has it: a single value that the model made a list of has no index."""
    at: Path = ()
    for part in loc:
        if part != _KEY and ((*at, part) in lines or not isinstance(part, int)):
            at = (*at, part)
    return at


def suggest(found: str, known: Iterable[str], otherwise: str = "") -> str:
    """Name the known word closest to one found, else say `otherwise`.

    >>> suggest("clas", ["class", "why"])
    "Did you mean 'class'?"
    """
    close = get_close_matches(found, list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else otherwise


def _rank(error: Any, lines: Mapping[Path, int]) -> tuple[int, int, int]:
    loc = error["loc"]
    whose = line_of(loc[:2], lines) if loc[0] == "rules" and loc[1:] else 0
    rank = 3 if error["type"].startswith("union") else _RANKS.get(error["type"], 1)
    return whose, rank, line_of(settle_path(loc, lines), lines)


def _tell(fault: Any, at: Path, found: Any, kind: type[BaseModel]) -> tuple[str, str]:
    """Return what is wrong and what to write instead."""
    if fault["type"] == "extra_forbidden":
        allowed = sorted({key for node in _nodes(kind, at[:-1]) for key in node.get("properties", ())})
        return "there is no such key", suggest(str(at[-1]), allowed, f"Allowed here: {', '.join(allowed)}")
    wanted = _KEY_FORMS.get(str(at[0]), "") if fault["loc"][-1] == _KEY else _wanted(_nodes(kind, at))
    if fault["type"] == "missing":
        return "this key is missing", f"Write `{at[-1]}:` with {wanted}"
    if fault["type"] == "value_error":
        return _tell_own(str(fault["ctx"]["error"]), found, wanted)
    if fault["loc"][-1] == _KEY:
        return f"found the key {at[-1]!r}", f"Write {wanted}"
    choices = [c for node in _nodes(kind, at) for c in node.get("enum", ()) if isinstance(c, str)]
    close = suggest(found, choices) if isinstance(found, str) else ""
    return f"found {_shown(found)}", close or f"Write {wanted}"


def _tell_own(message: str, found: Any, wanted: str) -> tuple[str, str]:
    """Split what a check of the model says into what is wrong and what to write instead."""
    if " is none of: " in message:
        choices = message.split(" is none of: ")[1]
        return f"found {_shown(found)}", suggest(str(found), choices.split(", "), f"Write one of {choices}")
    told, _, instead = message.partition(": write ")
    if instead:
        return told, f"Write {instead}"
    if message.startswith("write "):
        told, _, here = message.partition("; found ")
        return f"found {here or _shown(found)}", f"W{told[1:]}"
    return message, next((hint for start, hint in _INSTEAD if message.startswith(start)), f"Write {wanted}")


def _found(value: Any, at: Path, otherwise: Any) -> Any:
    for part in at:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return otherwise
    return value


def _shown(found: Any) -> str:
    if isinstance(found, dict):
        return f"the keys {', '.join(map(str, found))}" if found else "no keys"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    text = str(found)
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...") if text else "nothing"


@lru_cache(maxsize=4)
def _schema(kind: type[BaseModel]) -> Node:
    return kind.model_json_schema()


def _nodes(kind: type[BaseModel], at: Path) -> list[Node]:
    """Return the alternatives that the JSON Schema allows at a place."""
    schema = _schema(kind)
    nodes = list(_alternatives(schema, schema))
    for part in at:
        nodes = [end for node in nodes for step in _step(node, part) for end in _alternatives(step, schema)]
    return nodes


def _alternatives(node: Node, schema: Node) -> Iterator[Node]:
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if "anyOf" not in node:
        yield node
    for part in node.get("anyOf", ()):
        yield from _alternatives(part, schema)


def _step(node: Node, part: str | int) -> list[Node]:
    if isinstance(part, int):
        fixed = node.get("prefixItems", ())
        step = fixed[part] if part < len(fixed) else node.get("items")
    else:
        free = next(iter(node.get("patternProperties", {}).values()), node.get("additionalProperties"))
        step = node.get("properties", {}).get(part, free)
    return [step] if isinstance(step, dict) else []


def _wanted(nodes: Iterable[Node]) -> str:
    return " or ".join(dict.fromkeys(filter(None, map(_form, nodes)))) or "a value that fits"


def _form(node: Node) -> str:
    """Describe in words what a node of the JSON Schema allows."""
    kinds = node.get("type", "")
    if "enum" in node:
        return f"one of {', '.join(choice for choice in node['enum'] if isinstance(choice, str))}"
    if "integer" in kinds or ("number" in kinds and "boolean" not in kinds) or "exclusiveMinimum" in node:
        bounds = [f"{word} {node[key]}" for key, word in _BOUNDS if key in node]
        return " ".join(["a whole number" if "integer" in kinds else "a number", *bounds])
    if "string" in kinds:
        form = next((form for start, form in _FORMS if start in node.get("pattern", "")), "")
        least = node.get("minLength", 1)
        return form or (f"a text of {least} or more code points" if least > 1 else "a text")
    if kinds == "array":
        fixed, least = len(node.get("prefixItems", ())), node.get("minItems", 0)
        return f"a list of {fixed}" if fixed else f"a list of {least} or more" if least else "a list"
    if "properties" in node:
        return f"keys among {', '.join(sorted(node['properties']))}"
    return "names and their values" if kinds == "object" else ""


_BOUNDS = (("minimum", "from"), ("exclusiveMinimum", "over"), ("maximum", "to"))
