"""A checked set of rules: what is known of each without reading it, and each rule once it is asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, overload

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from cleaner.errors import RuleError
from cleaner.rules.opinion import Opinion
from cleaner.rules.schema import Exemption, Rule
from cleaner.rules.weights import Weights

_BOUNDS = ("proof", "lang", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class Head:
    """Hold what a rule is chosen and named by, and where it applies; `digest` is that of all that decides what it does."""

    id: str
    status: str
    class_: str
    kind: str
    hosts: tuple[str, ...]
    surface: tuple[str, ...]
    apply_to: tuple[str, ...]
    bounds: tuple[str, ...]
    """What else its scope asks for: `proof`, `lang`, `valid_from`, `valid_until`."""
    path: str
    lineno: int
    digest: str

    @classmethod
    def of(cls, rule: Rule) -> Head:
        """Tell the head of a rule."""
        scope = rule.scope
        return cls(
            rule.id,
            rule.status,
            rule.class_,
            rule.kind,
            scope.hosts,
            scope.surface,
            scope.apply_to,
            tuple(name for name in _BOUNDS if getattr(scope, name)),
            rule.path,
            rule.lineno,
            _digest_of(rule),
        )


class Rules(Sequence[Rule]):
    """Hold rules of which each is either there or read from its JSON when it is first asked for."""

    __slots__ = ("_made", "_packed", "heads")

    def __init__(self, heads: Sequence[Head], packed: Sequence[bytes | None], made: Sequence[Rule | None] = ()):
        """Take heads and, for each, the rule in JSON (`pack` writes it) or the rule itself."""
        self.heads = tuple(heads)
        self._packed = packed
        self._made = list(made) or [None] * len(self.heads)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Rules:
        """Hold rules that are there."""
        rules = tuple(rules)
        return cls([Head.of(rule) for rule in rules], [None] * len(rules), rules)

    def pick(self, numbers: Iterable[int]) -> Rules:
        """Keep the rules at these places, in this order, without reading any."""
        numbers = list(numbers)
        return Rules(
            [self.heads[number] for number in numbers],
            [self._packed[number] for number in numbers],
            [self._made[number] for number in numbers],
        )

    def merge(self, rules: Iterable[Rule]) -> Rules:
        """Add rules and sort all by id."""
        more = Rules.of(rules)
        both = Rules((*self.heads, *more.heads), (*self._packed, *more._packed), (*self._made, *more._made))
        return both.pick(sorted(range(len(both)), key=lambda number: both.heads[number].id))

    def packed(self) -> list[bytes]:
        """Return every rule as JSON, those never asked for as they came."""
        return [raw or pack(self[number]) for number, raw in enumerate(self._packed)]

    @property
    def read(self) -> int:
        """Count the rules that are there."""
        return sum(rule is not None for rule in self._made)

    def __len__(self) -> int:
        return len(self.heads)

    @overload
    def __getitem__(self, at: int) -> Rule: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, at: int | slice) -> Rule | tuple[Rule, ...]:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(*at.indices(len(self))))
        rule = self._made[at]
        if rule is None:
            rule = self._made[at] = _unpack(self._packed[at] or b"", self.heads[at])
        return rule

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (Rules, tuple)) and len(self) == len(other) and all(map(Rule.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Rules({len(self)}, {self.read} read)"


@dataclass(frozen=True)
class Ruleset:
    """Hold rules and opinions sorted by id, and the terms, patterns and weights they use.

    `places` holds file and line of ("term", name, language), ("pattern", name), ("exception", rule), ("opinion", id),
    ("weights", name), of what was added to a known term, ("phrases", name, language), and, of rules read from a text,
    ("test", rule, number), numbered from "1"; a file of a pack is named `pack:NAME/FILE`. `index` holds what a compiled
    file brings along for the engine, keyed by name: it speaks of rules, and of the terms and patterns
    they refer to, by digests, and says nothing of others.
    """

    rules: Sequence[Rule]
    exceptions: tuple[Exemption, ...]
    terms: Mapping[str, Mapping[str, tuple[str, ...]]]
    patterns: Mapping[str, str]
    opinions: tuple[Opinion, ...] = ()
    weights: Mapping[str, Weights] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], tuple[str, int]] = field(default_factory=dict, compare=False)
    vocabulary: str = field(default="", compare=False)
    """The digest of what rules share: terms, patterns and weights."""
    index: Mapping[str, Any] | None = field(default=None, compare=False)

    def __getitem__(self, rule_id: str) -> Rule:
        return self.held[self._numbers[rule_id]]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as the bytes of a compiled file."""
        from cleaner.rules.compiled import read_compiled, to_bytes  # imported late: that module builds on this one

        return read_compiled, (to_bytes(self),)

    @property
    def heads(self) -> tuple[Head, ...]:
        """Tell what is known of each rule without reading it, in the order of `rules`."""
        return self.held.heads

    @cached_property
    def held(self) -> Rules:
        """The rules, each read when it is first asked for."""
        return self.rules if isinstance(self.rules, Rules) else Rules.of(self.rules)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {head.id: number for number, head in enumerate(self.heads)}

    def of_kind(self, kind: str) -> Iterator[Rule]:
        """Yield the rules with this matcher, reading no other."""
        return (self.held[number] for number, head in enumerate(self.heads) if head.kind == kind)

    def phrases(self, name: str, languages: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the phrases of one term in the given languages, or in all.

        Raises `KeyError` for a term that no language has.
        """
        by_language = self.terms[name]
        chosen = [by_language[lang] for lang in languages if lang in by_language] or list(by_language.values())
        return tuple(dict.fromkeys(phrase for phrases in chosen for phrase in phrases))

    def pick(self, names: Collection[str], opinions: Iterable[Opinion] | None = None) -> Ruleset:
        """Keep the rules with these ids, unread as they may be, and the given opinions, or all; the rest as it is."""
        wanted = frozenset(names)
        numbers = (number for number, head in enumerate(self.heads) if head.id in wanted)
        return replace(self, rules=self.held.pick(numbers), opinions=self._kept(opinions))

    def only(self, rules: Iterable[Rule], opinions: Iterable[Opinion] | None = None) -> Ruleset:
        """Keep the given rules and opinions (all, where none are given), with terms, patterns and exceptions as they are.

        The rules may be changed ones: an index knows them by their digests.
        """
        chosen = tuple(sorted(rules, key=lambda rule: rule.id))
        return replace(self, rules=chosen, opinions=self._kept(opinions))

    def _kept(self, opinions: Iterable[Opinion] | None) -> tuple[Opinion, ...]:
        return self.opinions if opinions is None else tuple(opinions)

    @cached_property
    def digest(self) -> str:
        """The digest of all that decides what the rules do: of neither reasons, tests nor files."""
        return digest_of(
            {
                "rules": sorted(head.digest for head in self.heads),
                "exceptions": [exemption.model_dump(mode="json", exclude={"why"}) for exemption in self.exceptions],
                "opinions": [opinion.model_dump(mode="json", exclude={"why"}) for opinion in self.opinions],
                "vocabulary": self.vocabulary,
            }
        )


def shipped_rules() -> Path:
    """Return the folder of the rules that come with the package (in a wheel, or beside it in a source tree)."""
    inside = Path(__file__).parent.parent / "shipped_rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "rules"


def pack(rule: Rule) -> bytes:
    """Write a rule as JSON with what its author wrote and nothing else.

    Raises `RuleError` for text that no file can hold.
    """
    try:
        return rule.model_dump_json(by_alias=True, exclude_unset=True).encode()
    except PydanticSerializationError as error:
        reason, hint = f"cannot be written as UTF-8: {error}", "Write whole characters, not half of a surrogate pair"
        raise RuleError(reason, path=rule.path, line=rule.lineno, rule=rule.id, hint=hint) from None


def _unpack(raw: bytes, head: Head) -> Rule:
    """Read a rule from its JSON; what it says must be what its head says."""
    try:
        rule = Rule.model_validate_json(raw)
    except ValidationError as error:
        raise _foreign(head, str(error.errors()[0]["msg"])) from None
    rule._path, rule._line = head.path, head.lineno
    if Head.of(rule) != head:
        raise _foreign(head, "the rule is not the one that it is listed as")
    return rule


def _foreign(head: Head, reason: str) -> RuleError:
    hint = "Another version wrote it: compile the rules again with `cleaner rules compile`"
    return RuleError(f"compiled, but {reason}", path=head.path, line=head.lineno, rule=head.id, hint=hint)


def _digest_of(rule: Rule) -> str:
    try:
        raw = rule.model_dump_json(by_alias=True, exclude={"why", "tests"}).encode()
    except PydanticSerializationError:  # half of a surrogate pair, in a rule that was made from text
        known = rule.model_dump(mode="json", by_alias=True, exclude={"why", "tests"})
        raw = json.dumps(known, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=12).hexdigest()


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the digest of JSON values, whatever the order of keys."""
    raw = json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(raw, digest_size=12).hexdigest()
