"""Load rule files into one checked, sorted, digested `Ruleset`, or say exactly what is wrong where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from cleaner.errors import RuleError
from cleaner.rules.schema import Exemption, Rule, RuleFile, TermFile
from cleaner.rules.yaml import read_yaml

Spec = TypeVar("Spec", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Hold rules sorted by id, the terms and patterns they use, and a digest of all that decides their effect."""

    rules: tuple[Rule, ...]
    exceptions: tuple[Exemption, ...]
    terms: Mapping[str, Mapping[str, tuple[str, ...]]]
    patterns: Mapping[str, str]
    digest: str = ""

    def __getitem__(self, rule_id: str) -> Rule:
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)

    def phrases(self, name: str, languages: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the phrases of one term in the given languages, or in all.

        Raises `KeyError` for a term that no language has.
        """
        by_language = self.terms[name]
        chosen = [by_language[lang] for lang in languages if lang in by_language] or list(by_language.values())
        return tuple(dict.fromkeys(phrase for phrases in chosen for phrase in phrases))

    def only(self, rules: Iterable[Rule]) -> Ruleset:
        """Keep the given rules, with terms, patterns and exceptions as they are."""
        return _digested(replace(self, rules=tuple(sorted(rules, key=lambda rule: rule.id))))


def shipped_rules() -> Path:
    """Return the folder of the rules that come with the package (in a wheel, or beside it in a source tree)."""
    inside = Path(__file__).parent.parent / "shipped_rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "rules"


@lru_cache(maxsize=1)
def load_shipped() -> Ruleset:
    """Load the shipped rules once."""
    return load_rules([shipped_rules()])


def load_rules(paths: Iterable[str | Path], base: Ruleset | None = None) -> Ruleset:
    """Load rule files and folders of them, on top of `base` if given.

    Raises `RuleError` naming file, line, rule and field of the first thing that is wrong.
    """
    rules = {rule.id: rule for rule in base.rules} if base else {}
    exceptions = list(base.exceptions) if base else []
    terms = {name: dict(by_lang) for name, by_lang in base.terms.items()} if base else {}
    patterns = dict(base.patterns) if base else {}
    for path in _files(paths):
        spec, lines = _read(path)
        if isinstance(spec, TermFile):
            for name, phrases in spec.terms.items():
                known = terms.setdefault(name, {}).get(spec.lang, ())
                terms[name][spec.lang] = tuple(dict.fromkeys((*known, *phrases)))
            continue
        for index, rule in enumerate(spec.rules):
            rule._path, rule._line = str(path), lines.get(("rules", index), 0)
            if rule.id in rules:
                first = rules[rule.id]
                raise RuleError(
                    "this id is taken", path=rule.path, line=rule.lineno, rule=rule.id, field="id",
                    hint=f"{first.path}:{first.lineno} has it; ids are never reused: choose another",
                )  # fmt: skip
            rules[rule.id] = rule
        exceptions += spec.exceptions
        patterns |= spec.patterns
    found = Ruleset(tuple(sorted(rules.values(), key=lambda rule: rule.id)), tuple(exceptions), terms, patterns)
    _check_references(found)
    return _digested(found)


def _files(paths: Iterable[str | Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            files += sorted(path.rglob("*.yaml"))
        elif path.is_file():
            files.append(path)
        else:
            raise RuleError("no such rule file or folder", path=str(path), hint="Give a .yaml file or a folder of them")
    return files


def _read(path: Path) -> tuple[RuleFile | TermFile, dict[tuple[str | int, ...], int]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot be read: {error}", path=str(path), hint="Rule files are UTF-8 text") from None
    value, lines = read_yaml(text, str(path))
    if not isinstance(value, dict):
        raise RuleError("holds no rules", path=str(path), line=1, hint="Begin with `rules:` or, for phrases, `lang:`")
    kind: type[RuleFile] | type[TermFile] = TermFile if "terms" in value or "lang" in value else RuleFile
    return _validate(kind, value, lines, path), lines


def _validate(kind: type[Spec], value: dict[str, Any], lines: Mapping[tuple[str | int, ...], int], path: Path) -> Spec:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = min(error.errors(), key=lambda e: _line_of(e["loc"], lines))
        loc = tuple(first["loc"])
        in_rule = len(loc) > 1 and loc[0] == "rules" and isinstance(loc[1], int)
        rule = value["rules"][loc[1]] if in_rule and isinstance(value.get("rules"), list) else {}
        raise RuleError(
            _reason(first),
            path=str(path),
            line=_line_of(loc, lines),
            rule=str(rule.get("id", "")) if isinstance(rule, dict) else "",
            field=".".join(map(str, loc[2:] if in_rule else loc)),
            hint=_hint(first, kind),
        ) from None


def _line_of(loc: Iterable[str | int], lines: Mapping[tuple[str | int, ...], int]) -> int:
    at = tuple(loc)
    while at not in lines and at:
        at = at[:-1]
    return lines.get(at, 0)


def _reason(error: Any) -> str:
    found = error["input"]
    if error["type"] == "extra_forbidden":
        return "there is no such key"
    if error["type"] == "missing":
        return "this key is missing"
    message = error["msg"].removeprefix("Value error, ")
    return f"{message}; found {found!r}" if isinstance(found, str) else str(message)


def _hint(error: Any, kind: type[BaseModel]) -> str:
    if error["type"] != "extra_forbidden":
        return ""
    close = get_close_matches(str(error["loc"][-1]), _keys(json.dumps(kind.model_json_schema())), n=1)
    return f"Did you mean {close[0]!r}?" if close else "`cleaner schema` prints what is allowed"


def _keys(schema: str) -> list[str]:
    found: set[str] = set()
    json.loads(schema, object_hook=lambda node: found.update(node.get("properties", {}) or {}) or node)
    return sorted(found)


def _check_references(ruleset: Ruleset) -> None:
    ids = {rule.id for rule in ruleset.rules}
    for rule in ruleset.rules:
        if rule.replaced_by and rule.replaced_by not in ids:
            _refuse(rule, f"replaced_by names {rule.replaced_by}, which does not exist", "replaced_by", ids)
        for name in _names(rule.model_dump(by_alias=True, include={rule.kind, "scope"}), "$"):
            if name not in ruleset.terms:
                _refuse(rule, f"the term ${name} exists in no language", rule.kind, ruleset.terms)
        for name in _names(rule.model_dump(by_alias=True, include={rule.kind}), "{{"):
            if name not in ruleset.patterns:
                _refuse(rule, f"the pattern {{{{{name}}}}} does not exist", rule.kind, ruleset.patterns)
    for exemption in ruleset.exceptions:
        if exemption.rule not in ids:
            raise RuleError(f"an exception names the rule {exemption.rule}, which does not exist", rule=exemption.rule)


def _refuse(rule: Rule, reason: str, field: str, known: Iterable[str]) -> None:
    close = get_close_matches(reason.split("$")[-1].split()[0], list(known), n=1)
    hint = f"Did you mean {close[0]}?" if close else ""
    raise RuleError(reason, path=rule.path, line=rule.lineno, rule=rule.id, field=field, hint=hint)


def _names(value: Any, mark: str) -> Iterable[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from _names(part, mark)
    elif isinstance(value, str) and mark == "$" and value.startswith("$") and value[1:2].isalpha():
        yield value[1:]
    elif isinstance(value, str) and mark == "{{":
        yield from (part.split("}}")[0] for part in value.split("{{")[1:] if "}}" in part)


def _digested(ruleset: Ruleset) -> Ruleset:
    content = {
        "rules": [rule.model_dump(mode="json", by_alias=True, exclude={"why", "tests"}) for rule in ruleset.rules],
        "exceptions": [e.model_dump(mode="json", exclude={"why"}) for e in ruleset.exceptions],
        "terms": {name: ruleset.terms[name] for name in sorted(ruleset.terms)},
        "patterns": dict(sorted(ruleset.patterns.items())),
    }
    raw = json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return replace(ruleset, digest=hashlib.blake2b(raw, digest_size=12).hexdigest())
