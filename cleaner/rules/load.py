"""Load rule files into one checked, sorted, digested `Ruleset`, or say exactly what is wrong where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import regex
from pydantic import BaseModel, ValidationError

from cleaner.errors import RuleError
from cleaner.rules.advice import line_of, refusal, settle_path, suggest
from cleaner.rules.atoms import usable
from cleaner.rules.cache import read_shipped
from cleaner.rules.compiled import is_compiled, read_compiled
from cleaner.rules.opinion import Opinion
from cleaner.rules.packs import find_packs, pack_of
from cleaner.rules.ruleset import Head, Ruleset, digest_of, shipped_rules
from cleaner.rules.schema import Exemption, Rule, RuleFile, TermFile
from cleaner.rules.walk import texts
from cleaner.rules.weights import Weights
from cleaner.rules.yaml import Path as Place
from cleaner.rules.yaml import read_yaml
from cleaner.text.fold import fold
from cleaner.text.shape import core

__all__ = [
    "NESTING",
    "PATTERN_REF",
    "Ruleset",
    "load_packs",
    "load_rules",
    "load_set",
    "load_shipped",
    "load_texts",
    "shipped_rules",
]

Spec = TypeVar("Spec", bound=BaseModel)

NESTING = 4
"""Patterns may refer to patterns, this deep."""

PATTERN_REF = regex.compile(r"\{\{(.*?)\}\}")
"""A reference from a pattern to another: {{name}}."""

_NOTHING = Ruleset((), (), {}, {})


@lru_cache(maxsize=1)
def load_shipped() -> Ruleset:
    """Load the shipped rules once: from the cache, where they are as they stand in their files, or from these."""
    return read_shipped() or load_rules([shipped_rules()])


def load_set(
    paths: Iterable[str | Path], shipped: Callable[[], Ruleset] | None = None, packs: Iterable[str] = ()
) -> Ruleset:
    """Load the shipped rules, on top of them packs, and on top of these files and folders.

    A compiled file stands in for the shipped rules. `shipped` loads the shipped rules another way; packs are named, or
    pinned as `name@digest`. Raises `RuleError` naming file, line, rule and field of the first thing that is wrong,
    `OptionError` for a name that is no pack.
    """
    files = _files(paths)
    whole = [path for path in files if is_compiled(path)]
    base = load_rules(whole) if whole else (shipped or load_shipped)()
    return load_rules([path for path in files if path not in whole], load_packs(packs, base))


def load_packs(names: Iterable[str], base: Ruleset) -> Ruleset:
    """Lay packs on a set, each `name` or `name@digest`; their order means nothing.

    Raises `RuleError` and `OptionError` as `load_set` does.
    """
    return load_texts((text for pack in find_packs(names) for text in pack.texts), base)


def load_rules(paths: Iterable[str | Path], base: Ruleset | None = None) -> Ruleset:
    """Load rule files and folders of them, on top of `base`, or of the one compiled file among them.

    Raises `RuleError` naming file, line, rule and field of the first thing that is wrong.
    """
    files = _files(paths)
    whole = [path for path in files if is_compiled(path)]
    if whole:
        base = _read_whole(whole, base)
        files = [path for path in files if path not in whole]
    if base and not files:
        return base
    return load_texts(((str(path), _text(path)) for path in files), base)


def load_texts(texts: Iterable[tuple[str, str]], base: Ruleset | None = None) -> Ruleset:
    """Load the texts of rule files, each with the name that its place is told by, on top of `base`.

    Raises `RuleError` naming file, line, rule and field of the first thing that is wrong.
    """
    texts = list(texts)
    if base and not texts:
        return base
    shelf = _Shelf.of(base or _NOTHING)
    for name, text in texts:
        shelf.add(*_read(text, name), name)
    shelf.check()
    return shelf.close()


def _read_whole(paths: Sequence[Path], base: Ruleset | None) -> Ruleset:
    """Read the one compiled file."""
    other = paths[0] if len(paths) > 1 else "other rules" if base else ""
    if other:
        hint = "Compile the files that both were made of into one with `cleaner rules compile`"
        raise RuleError(f"a compiled set is whole and cannot be laid on {other}", path=str(paths[-1]), hint=hint)
    return read_compiled(paths[0])


@dataclass(slots=True)
class _Shelf:
    """Gather the content of files, on top of a set, then check what refers to what."""

    base: Ruleset
    rules: dict[str, Rule | Head]
    exceptions: list[Exemption]
    terms: dict[str, dict[str, tuple[str, ...]]]
    patterns: dict[str, str]
    opinions: dict[str, Opinion]
    weights: dict[str, Weights]
    places: dict[tuple[str, ...], tuple[str, int]]
    fresh: list[tuple[Rule, Mapping[Place, int], int]] = field(default_factory=list)

    @classmethod
    def of(cls, base: Ruleset) -> _Shelf:
        return cls(
            base,
            {head.id: head for head in base.heads},
            list(base.exceptions),
            {name: dict(by_language) for name, by_language in base.terms.items()},
            dict(base.patterns),
            {opinion.id: opinion for opinion in base.opinions},
            dict(base.weights),
            dict(base.places),
        )

    def add(self, spec: RuleFile | TermFile | Weights, lines: Mapping[Place, int], path: str) -> None:
        """Take in one file."""
        if isinstance(spec, TermFile):
            self.add_terms(spec, lines, path)
        elif isinstance(spec, Weights):
            self._note("weights", spec.weights, path, line_of(("weights",), lines))
            self.weights[spec.weights] = spec
        else:
            self.add_rules(spec, lines, path)

    def add_terms(self, spec: TermFile, lines: Mapping[Place, int], path: str) -> None:
        for name, phrases in spec.terms.items():
            for number, phrase in enumerate(phrases):
                if not _opens_plainly(phrase) and not usable([core(fold(phrase))]):
                    raise RuleError(
                        f"the phrase {phrase!r} is too short for the scan",
                        path=path, line=line_of(("terms", name, number), lines), field=f"terms.{name}",
                        hint="Write three letters or more, two in Chinese or Japanese: add the words beside it",
                    )  # fmt: skip
            if name in self.base.terms:
                self.places["phrases", name, spec.lang] = path, line_of(("terms", name), lines)
            known = self.terms.setdefault(name, {}).get(spec.lang, ())
            self.terms[name][spec.lang] = tuple(dict.fromkeys((*known, *phrases)))
            self.places.setdefault(("term", name, spec.lang), (path, line_of(("terms", name), lines)))

    def add_rules(self, spec: RuleFile, lines: Mapping[Place, int], path: str) -> None:
        for index, rule in enumerate(spec.rules):
            rule._path, rule._line = path, lines.get(("rules", index), 0)
            if rule.id in self.rules:
                first = self.rules[rule.id]
                hint = f"{first.path}:{first.lineno} has it; ids are never reused: choose another"
                if (first.path, first.lineno) == (rule.path, rule.lineno):
                    hint = "This file stands twice in what is loaded, maybe in a compiled set: leave it out once"
                _refuse(rule, "this id is taken", "id", hint)
            self.rules[rule.id] = rule
            self.fresh.append((rule, lines, index))
        for index, exemption in enumerate(spec.exceptions):
            self.exceptions.append(exemption)
            self.places["exception", exemption.rule] = path, line_of(("exceptions", index), lines)
        for index, opinion in enumerate(spec.opinions):
            self._note("opinion", opinion.id, path, line_of(("opinions", index), lines))
            self.opinions[opinion.id] = opinion
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

    def _note(self, kind: str, name: str, path: str, line: int) -> None:
        """Note the place of what takes the place of another of its name; of two packs neither may do so to the other."""
        first, at = self.places.get((kind, name), ("", 0))
        if pack_of(path) and pack_of(first):
            field, what = ("opinions", "opinion") if kind == "opinion" else ("weights", "name of weights")
            hint = f"{first}:{at} has it: enable one of the two packs, or choose another name"
            raise RuleError(f"the {what} {name} is taken", path=path, line=line, field=field, hint=hint)
        self.places[kind, name] = path, line

    def check(self) -> None:
        """Check that whatever is named exists."""
        for name in self.patterns:
            self._check_pattern(name, (name,))
        for rule, lines, index in self.fresh:
            self._check_rule(rule, lines, index)
        for exemption in self.exceptions:
            if exemption.rule not in self.rules:
                path, line = self.places.get(("exception", exemption.rule), ("", 0))
                raise RuleError(
                    f"an exception names the rule {exemption.rule}, which does not exist", path=path, line=line,
                    field="exceptions", hint=suggest(exemption.rule, self.rules, "Delete it, or load the rule as well"),
                )  # fmt: skip

    def close(self) -> Ruleset:
        """Return the set; what the base was compiled with holds on, and tells itself what it knew otherwise."""
        vocabulary = digest_of(
            {
                "terms": self.terms,
                "patterns": self.patterns,
                "weights": {name: weights.model_dump(mode="json") for name, weights in self.weights.items()},
            }
        )
        return Ruleset(
            self.base.held.merge(rule for rule, _, _ in self.fresh),
            tuple(self.exceptions), self.terms, self.patterns,
            tuple(sorted(self.opinions.values(), key=lambda opinion: opinion.id)),
            self.weights, self.places, vocabulary,
            self.base.index,
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


def _opens_plainly(phrase: str) -> bool:
    """Tell whether three letters open a phrase that nothing strips: enough for the scan, and quicker told."""
    return len(phrase) > 2 and phrase[:3].isascii() and phrase[:3].isalpha()


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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"cannot be read: {error}", path=str(path), hint="Rule files are UTF-8 text") from None


def _read(text: str, name: str) -> tuple[RuleFile | TermFile | Weights, dict[Place, int]]:
    value, lines = read_yaml(text, name)
    if not isinstance(value, dict):
        raise RuleError("holds no rules", path=name, line=1, hint="Begin with `rules:` or, for phrases, `lang:`")
    return _validate(_kind(value), value, lines, name), lines


def _kind(value: Mapping[str, Any]) -> type[RuleFile] | type[TermFile] | type[Weights]:
    """Tell what a file holds by its keys."""
    if "weights" in value:
        return Weights
    return TermFile if "terms" in value or "lang" in value else RuleFile


def _validate(kind: type[Spec], value: dict[str, Any], lines: Mapping[Place, int], name: str) -> Spec:
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise refusal(error, kind, value, lines, name) from None


def _no_pattern(name: str) -> str:
    return f"the pattern {{{{{name}}}}} does not exist"


def _refuse(rule: Rule, reason: str, field: str, hint: str, line: int = 0) -> None:
    raise RuleError(reason, path=rule.path, line=line or rule.lineno, rule=rule.id, field=field, hint=hint)
