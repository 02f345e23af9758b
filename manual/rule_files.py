"""Write the reference of rule files from their models: every key with what it means, its type, default and an example.

Types and bounds come from the JSON Schema that editors check against, examples from the shipped rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from cleaner.rules import opinion, schema, weights
from cleaner.rules.load import load_shipped
from cleaner.rules.schema import KINDS, Rule

MATCHERS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "line": (schema.Line,),
    "block": (schema.Block, schema.Step),
    "span": (schema.Span,),
    "run": (schema.Run,),
    "tail": (schema.Tail, schema.Confirm, schema.Records),
    "head": (schema.Head,),
    "dup": (schema.Dup,),
    "score": (schema.Score,),
    "select": (schema.Select, schema.Wording),
}
"""The models of each matcher; those of several matchers stand in `COMMON`."""

COMMON = (schema.Predicate, schema.At)
AROUND = (schema.Scope, schema.Guard, schema.Example, schema.Exemption)
OPINIONS = (
    opinion.Opinion,
    opinion.Fallback,
    opinion.Replace,
    opinion.Rescue,
    opinion.Restore,
    opinion.Lead,
)
WEIGHTS = (
    weights.Weights, weights.Gate, weights.Form, weights.Thresholds, weights.First, weights.Second,
)  # fmt: skip
NAMES = {"RuleFile": "Rule file", "TermFile": "Term file", "Example": "Test", "Exemption": "Exception"}
WHOLE = (schema.RuleFile, Rule, schema.Example)
"""Models that are shown by whole rules, and not each key by a value."""

_LONGEST, _BEST = 72, 24
"""Characters of an example, and of the one that is liked best."""


@cache
def _definitions() -> Mapping[str, Mapping[str, Any]]:
    kinds = (schema.RuleFile, schema.TermFile, weights.Weights)
    found: Mapping[str, Mapping[str, Any]] = models_json_schema([(kind, "validation") for kind in kinds])[1]["$defs"]
    return found


@cache
def write_reference() -> str:
    """Return the sections on all models, the matchers each with a whole shipped rule."""
    parts = [
        _section(schema.RuleFile, 2),
        _section(Rule, 2),
        *(_section(model, 3) for model in AROUND),
        "## Predicates\n",
        "Most matchers describe lines, and sentences of long lines, by predicates.\n",
        *(_section(model, 3) for model in COMMON),
        "## Matchers\n",
        "A rule holds exactly one of them.\n",
    ]
    for kind in KINDS:
        first, *others = MATCHERS[kind]
        parts += [_section(first, 3, f"`{kind}`"), _whole_example(kind), *(_section(other, 4) for other in others)]
    parts += ["## Opinions\n", "An opinion says how a page's text is settled where extractors disagree.\n"]
    parts += [_section(model, 3) for model in OPINIONS]
    parts += [_section(schema.TermFile, 2), _section(weights.Weights, 2, "File of weights")]
    parts += [_section(model, 3) for model in WEIGHTS[1:]]
    return "\n".join(parts)


def models() -> Iterator[type[BaseModel]]:
    """Yield every model that the reference describes."""
    yield from (schema.RuleFile, Rule, *AROUND, *COMMON, *OPINIONS, schema.TermFile, *WEIGHTS)
    for found in MATCHERS.values():
        yield from found


def _section(model: type[BaseModel], level: int, title: str = "") -> str:
    name = model.__name__
    about = (model.__doc__ or "").strip()
    rows = [_row(model, key, found) for key, found in _definitions()[name]["properties"].items()]
    title = title or NAMES.get(name, name)
    return (
        f"{'#' * level} {title} {{#{anchor(name)}}}\n\n{about}\n\n| key | means |\n| --- | --- |\n"
        + "\n".join(rows)
        + "\n"
    )


def anchor(name: str) -> str:
    """Return where a model stands on the page: `RuleFile` at `rule-file`.

    >>> anchor("RuleFile"), anchor("At")
    ('rule-file', 'at')
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _row(model: type[BaseModel], key: str, found: Mapping[str, Any]) -> str:
    small = [spell(found)]
    if key in _definitions()[model.__name__].get("required", ()):
        small.append("required")
    elif shown := _default(found):
        small.append(f"else {shown}")
    if example := _examples().get((model.__name__, key)):
        text, rule = example
        small.append(f"e.g. {code(f'{key}: {text}')} in {link_rule(rule)}")
    return f"| {code(key)} | {cell(found.get('description', ''))} <small>{'; '.join(small)}</small> |"


def code(text: str) -> str:
    """Return a text as code that may stand in a cell of a table.

    >>> print(code("re: a|b"))
    `re: a|b`
    """
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def cell(text: str) -> str:
    """Return prose for a cell of a table."""
    return text.replace("|", "\\|")


def link_rule(rule: Rule) -> str:
    """Return a link from the reference to the entry of a shipped rule."""
    return f"[{rule.id}](rules/{Path(rule.path).parent.name}.md#{rule.id})"


def spell(found: Mapping[str, Any]) -> str:
    """Say a type of the JSON Schema in words.

    >>> spell({"anyOf": [{"type": "string"}, {"items": {"type": "string"}, "type": "array"}, {"type": "null"}]})
    'text, or a list of it'
    >>> spell({"type": ["integer", "string"], "minimum": 1, "maximum": 60})
    'number from 1 to 60'
    """
    kinds = [part for part in found.get("anyOf", ()) if part.get("type") != "null"]
    if len(kinds) == 1:
        return spell({**kinds[0], "minItems": kinds[0].get("minItems")})
    if len(kinds) == 2 and kinds[1].get("type") == "array" and spell(kinds[1]["items"]) == spell(kinds[0]):
        return f"{spell(kinds[0])}, or a list of it"
    if kinds:
        return " or ".join(dict.fromkeys(spell(kind) for kind in kinds))
    if "$ref" in found:
        name = found["$ref"].rpartition("/")[2]
        return f"[{NAMES.get(name, name).lower()}](#{anchor(name)})"
    if "enum" in found or "const" in found:
        values = found.get("enum", [found.get("const")])
        return ", ".join(code(value) for value in values if isinstance(value, str))
    return _spell_plain(found)


def _spell_plain(found: Mapping[str, Any]) -> str:
    kinds = found.get("type")
    names = [kinds] if isinstance(kinds, str) else list(kinds or ())
    if "array" in names:
        if "prefixItems" in found:
            return "two values: [" + ", ".join(spell(part) for part in found["prefixItems"]) + "]"
        return f"list of {spell(found['items'])}"
    if "object" in names:
        inner = found.get("additionalProperties")
        return f"names, each with {spell(inner)}" if isinstance(inner, Mapping) else "names with values"
    if "boolean" in names and "string" not in names[:1]:
        return "`true` or `false`"
    if "integer" in names or "number" in names[:1]:
        return "number" + _bounds(found)
    return "text"


def _bounds(found: Mapping[str, Any]) -> str:
    low, high = found.get("minimum", found.get("exclusiveMinimum")), found.get("maximum")
    above = " above" if "exclusiveMinimum" in found else " from"
    if low is not None and high is not None:
        return f"{above} {low} to {high}"
    return f"{above} {low}" if low is not None else ""


def _default(found: Mapping[str, Any]) -> str:
    value = found.get("default")
    if value in (None, [], {}, "") or isinstance(value, dict):
        return ""
    return code(_flow(value))


def _flow(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        return json.dumps(value, ensure_ascii=False)
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")


@cache
def _examples() -> Mapping[tuple[str, str], tuple[str, Rule]]:
    """Return, for a model and key, the shortest value of the shipped rules, and the rule that has it."""
    best: dict[tuple[str, str], tuple[str, Any, Rule]] = {}
    for rule in load_shipped().rules:
        for place, value in _values(rule):
            text = json.dumps(value, ensure_ascii=False)
            known = best.get(place)
            if len(text) <= _LONGEST and (known is None or _weight(text, rule) < _weight(known[0], known[2])):
                best[place] = (text, value, rule)
    return {place: (_flow(value), rule) for place, (_, value, rule) in best.items()}


def _weight(text: str, rule: Rule) -> tuple[bool, bool, int]:
    """Prefer rules of no site, Latin letters, and texts neither long nor too short to say something."""
    return "hosts" in Path(rule.path).parts, not text.isascii(), abs(len(text) - _BEST)


def _values(model: BaseModel) -> Iterator[tuple[tuple[str, str], Any]]:
    written = model.model_dump(by_alias=True, exclude_unset=True, mode="json")
    for name in model.model_fields_set:
        alias = type(model).model_fields[name].alias or name
        if not isinstance(model, WHOLE):
            yield (type(model).__name__, alias), _plain(written[alias])
        yield from _inside(getattr(model, name))


def _inside(value: Any) -> Iterator[tuple[tuple[str, str], Any]]:
    if isinstance(value, BaseModel):
        yield from () if isinstance(value, schema.Example) else _values(value)
    elif isinstance(value, Mapping):
        yield from _inside(tuple(value.values()))
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for part in value:
            yield from _inside(part)


def _plain(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str) else value


def _whole_example(kind: str) -> str:
    rule = min(
        (rule for rule in load_shipped().rules if rule.kind == kind),
        key=lambda rule: ("hosts" in Path(rule.path).parts, len(text_of(rule))),
    )
    return f"The shipped rule {link_rule(rule)}:\n\n```yaml\nrules:\n{text_of(rule)}\n```\n"


def text_of(rule: Rule) -> str:
    """Return the lines of a shipped rule as its file has them."""
    lines = Path(rule.path).read_text(encoding="utf-8").splitlines()[rule.lineno - 1 :]
    size = next((n for n, line in enumerate(lines[1:], 1) if line.strip() and not line.startswith("    ")), len(lines))
    return "\n".join(lines[:size]).rstrip()
