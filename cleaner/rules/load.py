"""Load rule files into one checked, sorted, digested `Ruleset`, or say exactly what is wrong where."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import regex
from pydantic import BaseModel, ValidationError

from cleaner.errors import RuleError
from cleaner.rules.advice import at_fault, line_of, refusal, refusals, settle_path, suggest
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
    "faults_of",
    "load_packs",
    "load_rules",
    "load_set",
    "load_shipped",
    "load_text",
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
        spec, lines = _read(text, name)
        _raise_first(shelf.add(spec, lines, name))
    _raise_first(shelf.check())
    return shelf.close()


def load_text(text: str, name: str, base: Ruleset, *, instead: Collection[str] = ()) -> Ruleset:
    """Load the text of a rule file on top of a set; `name` stands for its path in messages.

    A rule of `base` with an id of the text gives way, and so do the rules named in `instead`, with their exceptions.
    What the index of `base` knows of the others holds on, and `places` tells where the tests of the text stand. Raises `RuleError` for the first fault of `faults_of`.
    """
    spec, lines = _read(text, name)
    shelf = _Shelf.of(_without(base, spec, instead))
    _raise_first(shelf.add(_less(spec, instead), lines, name))
    _raise_first(shelf.check())
    shelf.place_tests()
    return shelf.close()


def faults_of(text: str, base: Ruleset, *, name: str = "", instead: Collection[str] = ()) -> list[RuleError]:
    """Return all that is wrong with the text of a rule file, as far as it can be told at once, the first fault first.

    Broken YAML hides all else. Then comes what the model refuses, one fault a place; then, in the rules that it takes,
    whatever refers to what neither the text nor `base` has. What only compiling a rule shows is left to lint.
    """
    try:
        value, lines = _parse(text, name)
    except RuleError as error:
        return [error]
    kind = _kind(value)
    try:
        spec, found = kind.model_validate(value), []
    except ValidationError as error:
        found = refusals(error, kind, value, lines, name)
        if kind is not RuleFile:
            return found
        spec, lines = _sound(value, lines, at_fault(error))
    shelf = _Shelf.of(_without(base, spec, instead))
    found += shelf.add(_less(spec, instead), lines, name)
    return [*found, *shelf.check()]


def _sound(value: dict[str, Any], lines: Mapping[Place, int], bad: set[Place]) -> tuple[RuleFile, dict[Place, int]]:
    """Return a file without the entries in which faults stand, and the lines of the others."""
    sound: dict[str, Any] = {}
    moved: dict[Place, int] = {place: line for place, line in lines.items() if len(place) < 2}
    for key, part in value.items():
        if (key,) in bad or key not in RuleFile.model_fields:
            continue
        entries = part.items() if isinstance(part, dict) else enumerate(part)
        good = [(name, entry) for name, entry in entries if (key, name) not in bad]
        sound[key] = dict(good) if isinstance(part, dict) else [entry for _, entry in good]
        numbers = {name: name if isinstance(part, dict) else number for number, (name, _) in enumerate(good)}
        moved |= {
            (key, numbers[place[1]], *place[2:]): line
            for place, line in lines.items()
            if len(place) > 1 and place[0] == key and place[1] in numbers
        }
    return RuleFile.model_validate(sound), moved


def _without(base: Ruleset, spec: RuleFile | TermFile | Weights, instead: Collection[str]) -> Ruleset:
    """Leave out of a set the rules that a text replaces, and those that are off, these with their exceptions."""
    own = {rule.id for rule in spec.rules} if isinstance(spec, RuleFile) else set()
    gone = own.union(instead)
    if gone.isdisjoint(head.id for head in base.heads):
        return base
    kept = tuple(exemption for exemption in base.exceptions if exemption.rule not in instead)
    rules = base.held.pick(number for number, head in enumerate(base.heads) if head.id not in gone)
    return replace(base, rules=rules, exceptions=kept)


def _less(spec: RuleFile | TermFile | Weights, instead: Collection[str]) -> RuleFile | TermFile | Weights:
    """Leave out of a file the exceptions to rules that are off anyway."""
    if not isinstance(spec, RuleFile) or not spec.exceptions:
        return spec
    own = {rule.id for rule in spec.rules}
    kept = (exemption for exemption in spec.exceptions if exemption.rule in own or exemption.rule not in instead)
    return spec.model_copy(update={"exceptions": tuple(kept)})


def _raise_first(faults: Iterator[RuleError]) -> None:
    for fault in faults:
        raise fault


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

    def add(self, spec: RuleFile | TermFile | Weights, lines: Mapping[Place, int], path: str) -> Iterator[RuleError]:
        """Take in what a file holds, and yield what is wrong with it beside the rest; what is wrong is not taken in."""
        if isinstance(spec, TermFile):
            yield from self._add_terms(spec, lines, path)
        elif isinstance(spec, Weights):
            yield from self._note("weights", spec.weights, path, line_of(("weights",), lines))
            self.weights[spec.weights] = spec
        else:
            yield from self._add_rules(spec, lines, path)

    def _add_terms(self, spec: TermFile, lines: Mapping[Place, int], path: str) -> Iterator[RuleError]:
        for name, phrases in spec.terms.items():
            for number, phrase in enumerate(phrases):
                if not _opens_plainly(phrase) and not usable([core(fold(phrase))]):
                    yield RuleError(
                        f"the phrase {phrase!r} is too short for the scan",
                        path=path, line=line_of(("terms", name, number), lines), field=f"terms.{name}",
                        hint="Write three letters or more, two in Chinese or Japanese: add the words beside it",
                    )  # fmt: skip
            if name in self.base.terms:
                self.places["phrases", name, spec.lang] = path, line_of(("terms", name), lines)
            known = self.terms.setdefault(name, {}).get(spec.lang, ())
            self.terms[name][spec.lang] = tuple(dict.fromkeys((*known, *phrases)))
            self.places.setdefault(("term", name, spec.lang), (path, line_of(("terms", name), lines)))

    def _add_rules(self, spec: RuleFile, lines: Mapping[Place, int], path: str) -> Iterator[RuleError]:
        for index, rule in enumerate(spec.rules):
            rule._path, rule._line = path, lines.get(("rules", index), 0)
            if rule.id in self.rules:
                first = self.rules[rule.id]
                hint = f"{first.path}:{first.lineno} has it; ids are never reused: choose another"
                if (first.path, first.lineno) == (rule.path, rule.lineno):
                    hint = "This file stands twice in what is loaded, maybe in a compiled set: leave it out once"
                yield _fault(rule, "this id is taken", "id", hint)
                continue
            self.rules[rule.id] = rule
            self.fresh.append((rule, lines, index))
        for index, exemption in enumerate(spec.exceptions):
            self.exceptions.append(exemption)
            self.places["exception", exemption.rule] = path, line_of(("exceptions", index), lines)
        for index, opinion in enumerate(spec.opinions):
            yield from self._note("opinion", opinion.id, path, line_of(("opinions", index), lines))
            self.opinions[opinion.id] = opinion
        for name, pattern in spec.patterns.items():
            line = line_of(("patterns", name), lines)
            if self.patterns.get(name, pattern) != pattern:
                first_path, first_line = self.places["pattern", name]
                yield RuleError(
                    "this pattern stands elsewhere with another text", path=path, line=line, field=f"patterns.{name}",
                    hint=f"{first_path}:{first_line} has it: choose another name",
                )  # fmt: skip
                continue
            self.patterns[name] = pattern
            self.places.setdefault(("pattern", name), (path, line))

    def _note(self, kind: str, name: str, path: str, line: int) -> Iterator[RuleError]:
        """Note the place of what takes the place of another of its name; of two packs neither may do so to the other."""
        first, at = self.places.get((kind, name), ("", 0))
        if pack_of(path) and pack_of(first):
            field, what = ("opinions", "opinion") if kind == "opinion" else ("weights", "name of weights")
            hint = f"{first}:{at} has it: enable one of the two packs, or choose another name"
            yield RuleError(f"the {what} {name} is taken", path=path, line=line, field=field, hint=hint)
        self.places[kind, name] = path, line

    def place_tests(self) -> None:
        """Note where each test stands of the rules that came."""
        for rule, lines, index in self.fresh:
            for number in range(len(rule.tests)):
                line = line_of(("rules", index, "tests", number), lines)
                self.places["test", rule.id, str(number + 1)] = rule.path, line

    def check(self) -> Iterator[RuleError]:
        """Yield what is named and does not exist."""
        for name in self.patterns:
            yield from self._check_pattern(name, (name,))
        for rule, lines, index in self.fresh:
            yield from self._check_rule(rule, lines, index)
        for exemption in self.exceptions:
            if exemption.rule not in self.rules:
                path, line = self.places.get(("exception", exemption.rule), ("", 0))
                yield RuleError(
                    f"an exception names the rule {exemption.rule}, which does not exist", path=path, line=line,
                    field="exceptions", hint=suggest(exemption.rule, self.rules, "Delete it, or load the rule as well"),
                )  # fmt: skip

    def close(self) -> Ruleset:
        """Return the set; what the base was compiled with holds on, and tells itself what it knew otherwise."""
        base, own = self.base, (self.terms, self.patterns, self.weights)
        if base.vocabulary and own == (base.terms, base.patterns, base.weights):
            own, vocabulary = (base.terms, base.patterns, base.weights), base.vocabulary  # type: ignore[assignment]
        else:
            vocabulary = _vocabulary(*own)
        return Ruleset(
            base.held.merge(rule for rule, _, _ in self.fresh),
            tuple(self.exceptions), own[0], own[1],
            tuple(sorted(self.opinions.values(), key=lambda opinion: opinion.id)),
            own[2], self.places, vocabulary,
            base.index,
        )  # fmt: skip

    def _check_pattern(self, name: str, chain: tuple[str, ...]) -> Iterator[RuleError]:
        path, line = self.places.get(("pattern", chain[0]), ("", 0))
        for other in PATTERN_REF.findall(self.patterns[name]):
            if other not in self.patterns:
                reason, hint = _no_pattern(other), suggest(other, self.patterns, "Define it under `patterns:`")
                yield RuleError(reason, path=path, line=line, field=f"patterns.{chain[0]}", hint=hint)
                continue
            if other in chain or len(chain) == NESTING:
                reason = (
                    f"patterns refer to each other in a circle or over {NESTING} deep: {' > '.join((*chain, other))}"
                )
                hint = "Write the innermost one out"
                yield RuleError(reason, path=path, line=line, field=f"patterns.{chain[0]}", hint=hint)
                continue
            yield from self._check_pattern(other, (*chain, other))

    def _check_rule(self, rule: Rule, lines: Mapping[Place, int], index: int) -> Iterator[RuleError]:
        if rule.replaced_by and rule.replaced_by not in self.rules:
            hint = suggest(rule.replaced_by, self.rules, "Name the rule that took over")
            line = line_of(("rules", index, "replaced_by"), lines)
            yield _fault(rule, f"replaced_by names {rule.replaced_by}, which does not exist", "replaced_by", hint, line)
        if rule.score and rule.score.weights not in self.weights:
            hint = suggest(rule.score.weights, self.weights, "Load the file that begins with `weights:` and this name")
            line = line_of(("rules", index, "score", "weights"), lines)
            yield _fault(rule, f"the weights {rule.score.weights} exist in no file", "score.weights", hint, line)
        for at, text in texts({rule.kind: rule.matcher, "scope": rule.scope}):
            place = settle_path(("rules", index, *at), lines)
            where, line = ".".join(map(str, place[2:])), line_of(place, lines)
            if at[-1] == "re":
                for name in PATTERN_REF.findall(text):
                    if name not in self.patterns:
                        hint = suggest(name, self.patterns, "Define it under `patterns:`")
                        yield _fault(rule, _no_pattern(name), where, hint, line)
            elif text.startswith("$") and text[1:2].isalpha() and text[1:] not in self.terms:
                hint = suggest(text[1:], self.terms, "Add it to terms/<lang>.yaml")
                yield _fault(rule, f"the term {text} exists in no language", where, hint, line)


def _vocabulary(
    terms: Mapping[str, Mapping[str, tuple[str, ...]]], patterns: Mapping[str, str], weights: Mapping[str, Weights]
) -> str:
    """Return the digest of what rules share."""
    plain = {name: one.model_dump(mode="json") for name, one in weights.items()}
    return digest_of({"terms": terms, "patterns": patterns, "weights": plain})


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
    value, lines = _parse(text, name)
    return _validate(_kind(value), value, lines, name), lines


def _parse(text: str, name: str) -> tuple[dict[str, Any], dict[Place, int]]:
    value, lines = read_yaml(text, name)
    if not isinstance(value, dict):
        raise RuleError("holds no rules", path=name, line=1, hint="Begin with `rules:` or, for phrases, `lang:`")
    return value, lines


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


def _fault(rule: Rule, reason: str, field: str, hint: str, line: int = 0) -> RuleError:
    return RuleError(reason, path=rule.path, line=line or rule.lineno, rule=rule.id, field=field, hint=hint)
