"""Load rule files into one checked, sorted, digested `Ruleset`, or say exactly what is wrong where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import regex
from pydantic import BaseModel, ValidationError

from cleaner.errors import RuleError
from cleaner.rules.advice import line_of, refusal, settle_path, suggest
from cleaner.rules.atoms import usable
from cleaner.rules.opinion import Opinion
from cleaner.rules.schema import Exemption, Rule, RuleFile, TermFile
from cleaner.rules.walk import texts
from cleaner.rules.weights import Weights
from cleaner.rules.yaml import Path as Place
from cleaner.rules.yaml import read_yaml
from cleaner.text.fold import fold
from cleaner.text.shape import core

Spec = TypeVar("Spec", bound=BaseModel)

NESTING = 4
"""Patterns may refer to patterns, this deep."""

PATTERN_REF = regex.compile(r"\{\{(.*?)\}\}")
"""A reference from a pattern to another: {{name}}."""


@dataclass(frozen=True)
class Ruleset:
    """Hold rules and opinions sorted by id, and the terms, patterns and weights they use.

    `places` holds file and line of ("term", name, language), ("pattern", name) and ("exception", rule).
    """

    rules: tuple[Rule, ...]
    exceptions: tuple[Exemption, ...]
    terms: Mapping[str, Mapping[str, tuple[str, ...]]]
    patterns: Mapping[str, str]
    opinions: tuple[Opinion, ...] = ()
    weights: Mapping[str, Weights] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], tuple[str, int]] = field(default_factory=dict, compare=False)
    vocabulary: str = field(default="", compare=False)
    """The digest of what rules share: terms, patterns and weights."""

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

    def only(self, rules: Iterable[Rule], opinions: Iterable[Opinion] | None = None) -> Ruleset:
        """Keep the given rules and opinions (all, where none are given), with terms, patterns and exceptions as they are."""
        kept = self.opinions if opinions is None else tuple(opinions)
        return replace(self, rules=tuple(sorted(rules, key=lambda rule: rule.id)), opinions=kept)

    @cached_property
    def digest(self) -> str:
        """The digest of all that decides what the rules do: of neither reasons, tests nor files."""
        return _digest(
            {
                "rules": [rule.model_dump(mode="json", by_alias=True, exclude={"why", "tests"}) for rule in self.rules],
                "exceptions": [exemption.model_dump(mode="json", exclude={"why"}) for exemption in self.exceptions],
                "opinions": [opinion.model_dump(mode="json", exclude={"why"}) for opinion in self.opinions],
                "vocabulary": self.vocabulary,
            }
        )


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
    shelf = _Shelf.of(base) if base else _Shelf()
    for path in _files(paths):
        spec, lines = _read(path)
        if isinstance(spec, TermFile):
            shelf.add_terms(spec, lines, str(path))
        elif isinstance(spec, Weights):
            shelf.weights[spec.weights] = spec
        else:
            shelf.add_rules(spec, lines, str(path))
    shelf.check()
    rules = tuple(sorted(shelf.rules.values(), key=lambda rule: rule.id))
    opinions = tuple(sorted(shelf.opinions.values(), key=lambda opinion: opinion.id))
    return Ruleset(
        rules, tuple(shelf.exceptions), shelf.terms, shelf.patterns, opinions, shelf.weights, shelf.places,
        vocabulary=_digest(
            {
                "terms": shelf.terms,
                "patterns": shelf.patterns,
                "weights": {name: weights.model_dump(mode="json") for name, weights in shelf.weights.items()},
            }
        ),
    )  # fmt: skip


@dataclass(slots=True)
class _Shelf:
    """Gather the content of files, then check what refers to what."""

    rules: dict[str, Rule] = field(default_factory=dict)
    exceptions: list[Exemption] = field(default_factory=list)
    terms: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    patterns: dict[str, str] = field(default_factory=dict)
    opinions: dict[str, Opinion] = field(default_factory=dict)
    weights: dict[str, Weights] = field(default_factory=dict)
    places: dict[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)
    fresh: dict[str, tuple[Mapping[Place, int], int]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: Ruleset) -> _Shelf:
        return cls(
            {rule.id: rule for rule in base.rules},
            list(base.exceptions),
            {name: dict(by_language) for name, by_language in base.terms.items()},
            dict(base.patterns),
            {opinion.id: opinion for opinion in base.opinions},
            dict(base.weights),
            dict(base.places),
        )

    def add_terms(self, spec: TermFile, lines: Mapping[Place, int], path: str) -> None:
        for name, phrases in spec.terms.items():
            for number, phrase in enumerate(phrases):
                if not usable([core(fold(phrase))]):
                    raise RuleError(
                        f"the phrase {phrase!r} is too short for the scan",
                        path=path, line=line_of(("terms", name, number), lines), field=f"terms.{name}",
                        hint="Write three letters or more, two in Chinese or Japanese: add the words beside it",
                    )  # fmt: skip
            known = self.terms.setdefault(name, {}).get(spec.lang, ())
            self.terms[name][spec.lang] = tuple(dict.fromkeys((*known, *phrases)))
            self.places.setdefault(("term", name, spec.lang), (path, line_of(("terms", name), lines)))

    def add_rules(self, spec: RuleFile, lines: Mapping[Place, int], path: str) -> None:
        for index, rule in enumerate(spec.rules):
            rule._path, rule._line = path, lines.get(("rules", index), 0)
            if rule.id in self.rules:
                first = self.rules[rule.id]
                at = f"{first.path}:{first.lineno}"
                _refuse(rule, "this id is taken", "id", f"{at} has it; ids are never reused: choose another")
            self.rules[rule.id], self.fresh[rule.id] = rule, (lines, index)
        for index, exemption in enumerate(spec.exceptions):
            self.exceptions.append(exemption)
            self.places["exception", exemption.rule] = path, line_of(("exceptions", index), lines)
        self.opinions.update((opinion.id, opinion) for opinion in spec.opinions)
        for name, pattern in spec.patterns.items():
            line = line_of(("patterns", name), lines)
            if self.patterns.get(name, pattern) != pattern:
                first_path, first_line = self.places["pattern", name]
                raise RuleError(
                    "this pattern stands elsewhere with another text", path=path, line=line, field=f"patterns.{name}",
                    hint=f"{first_path}:{first_line} has it: choose another name",
                )  # fmt: skip
            self.patterns[name] = pattern
            self.places.setdefault(("pattern", name), (path, line))

    def check(self) -> None:
        """Check that whatever is named exists."""
        for name in self.patterns:
            self._check_pattern(name, (name,))
        for rule_id, (lines, index) in self.fresh.items():
            self._check_rule(self.rules[rule_id], lines, index)
        for exemption in self.exceptions:
            if exemption.rule not in self.rules:
                path, line = self.places["exception", exemption.rule]
                raise RuleError(
                    f"an exception names the rule {exemption.rule}, which does not exist", path=path, line=line,
                    field="exceptions", hint=suggest(exemption.rule, self.rules, "Delete it, or load the rule as well"),
                )  # fmt: skip

    def _check_pattern(self, name: str, chain: tuple[str, ...]) -> None:
        path, line = self.places.get(("pattern", chain[0]), ("", 0))
        for other in PATTERN_REF.findall(self.patterns[name]):
            if other not in self.patterns:
                reason, hint = _no_pattern(other), suggest(other, self.patterns, "Define it under `patterns:`")
                raise RuleError(reason, path=path, line=line, field=f"patterns.{chain[0]}", hint=hint)
            if other in chain or len(chain) == NESTING:
                reason = (
                    f"patterns refer to each other in a circle or over {NESTING} deep: {' > '.join((*chain, other))}"
                )
                hint = "Write the innermost one out"
                raise RuleError(reason, path=path, line=line, field=f"patterns.{chain[0]}", hint=hint)
            self._check_pattern(other, (*chain, other))

    def _check_rule(self, rule: Rule, lines: Mapping[Place, int], index: int) -> None:
        if rule.replaced_by and rule.replaced_by not in self.rules:
            hint = suggest(rule.replaced_by, self.rules, "Name the rule that took over")
            _refuse(rule, f"replaced_by names {rule.replaced_by}, which does not exist", "replaced_by", hint)
        if rule.score and rule.score.weights not in self.weights:
            hint = suggest(rule.score.weights, self.weights, "Load the file that begins with `weights:` and this name")
            _refuse(rule, f"the weights {rule.score.weights} exist in no file", "score.weights", hint)
        for at, text in texts({rule.kind: rule.matcher, "scope": rule.scope}):
            place = settle_path(("rules", index, *at), lines)
            where, line = ".".join(map(str, place[2:])), line_of(place, lines)
            if at[-1] == "re":
                for name in PATTERN_REF.findall(text):
                    if name not in self.patterns:
                        hint = suggest(name, self.patterns, "Define it under `patterns:`")
                        _refuse(rule, _no_pattern(name), where, hint, line)
            elif text.startswith("$") and text[1:2].isalpha() and text[1:] not in self.terms:
                hint = suggest(text[1:], self.terms, "Add it to terms/<lang>.yaml")
                _refuse(rule, f"the term {text} exists in no language", where, hint, line)


def _files(paths: Iterable[str | Path]) -> list[Path]:
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(path.rglob("*.yaml"))
            if not inside:
                raise RuleError("a folder without rule files", path=str(path), hint="Rule files end in .yaml")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise RuleError("no such rule file or folder", path=str(path), hint="Give a .yaml file or a folder of them")
    return files


def _read(path: Path) -> tuple[RuleFile | TermFile | Weights, dict[Place, int]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot be read: {error}", path=str(path), hint="Rule files are UTF-8 text") from None
    value, lines = read_yaml(text, str(path))
    if not isinstance(value, dict):
        raise RuleError("holds no rules", path=str(path), line=1, hint="Begin with `rules:` or, for phrases, `lang:`")
    return _validate(_kind(value), value, lines, path), lines


def _kind(value: Mapping[str, Any]) -> type[RuleFile] | type[TermFile] | type[Weights]:
    """Tell what a file holds by its keys."""
    if "weights" in value:
        return Weights
    return TermFile if "terms" in value or "lang" in value else RuleFile


def _validate(kind: type[Spec], value: dict[str, Any], lines: Mapping[Place, int], path: Path) -> Spec:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refusal(error, kind, value, lines, str(path)) from None


def _no_pattern(name: str) -> str:
    return f"the pattern {{{{{name}}}}} does not exist"


def _refuse(rule: Rule, reason: str, field: str, hint: str, line: int = 0) -> None:
    raise RuleError(reason, path=rule.path, line=line or rule.lineno, rule=rule.id, field=field, hint=hint)


def _digest(content: Mapping[str, Any]) -> str:
    raw = json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=12).hexdigest()
