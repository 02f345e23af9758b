"""What the engine derives from rules, kept for the next time: in compiled files, and in the cache of the shipped rules."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cleaner.match.needs import Need, Needs
from cleaner.match.rulebook import Rulebook
from cleaner.match.scan.lexicon import Prose
from cleaner.rules import compiled
from cleaner.rules.cache import keep_shipped, origin
from cleaner.rules.compiled import Index
from cleaner.rules.load import PATTERN_REF, Ruleset, load_shipped
from cleaner.rules.ruleset import digest_of
from cleaner.rules.schema import Rule
from cleaner.rules.walk import patterns, texts

_BROKEN = (LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Stock:
    """Hold what a compiled file tells of rules; `rows` are their numbers in `needs`, by digest."""

    rows: Mapping[str, int]
    needs: Needs
    untold: frozenset[int]
    """The rows of rules whose needs no file holds."""
    prose: Prose
    shared: Mapping[str, tuple[str, frozenset[str]]]
    """Of terms, patterns and weights the digest that they had, and the digests of the rules that refer to them."""

    @classmethod
    def of(cls, ruleset: Ruleset) -> Stock | None:
        """Return what the file of a set tells, if it has one that this very code wrote, of rules that still say the same."""
        index = ruleset.index
        if not isinstance(index, Index):
            return None
        if "stock" not in index.memo:
            index.memo["stock"] = _read(index)
        stock: Stock | None = index.memo["stock"]
        return stock and stock._current(ruleset, index.memo)

    def _current(self, ruleset: Ruleset, memo: dict[str, Any]) -> Stock:
        """Leave out the rules that refer to what is not as it was; what that is of a vocabulary is told once."""
        vocabulary = (ruleset.terms, ruleset.patterns, ruleset.weights)
        known: tuple[Any, ...]
        current: Stock
        known, current = memo.get("current", ((), self))
        if len(known) != len(vocabulary) or any(one is not two for one, two in zip(known, vocabulary, strict=True)):
            now = _shared(ruleset)
            changed = [own for name, (digest, own) in self.shared.items() if now.get(name) != digest]
            stale = frozenset().union(*changed)
            rows = {digest: row for digest, row in self.rows.items() if digest not in stale}
            current = replace(self, rows=rows) if stale else self
            memo["current"] = vocabulary, current
        return current


def _read(index: Index) -> Stock | None:
    """Read an index; nothing of one that other code wrote, or that is broken."""
    try:
        if index["origin"] != origin():
            return None
        needs, prose = (
            {name.removeprefix(part): index[name] for name in index if name.startswith(part)}
            for part in ("needs ", "prose ")
        )
        known, digests = Needs.unpack(needs), [str(digest) for digest in index["rules"]]
        shared = {
            str(name): (str(digest), frozenset(digests[row] for row in rows)) for name, digest, rows in index["shared"]
        }
        rows = {digest: row for row, digest in enumerate(digests)}
        return Stock(rows, known, known.untold, Prose.unpack(prose), shared) if len(rows) == len(known) else None
    except _BROKEN:
        return None


def _shared(ruleset: Ruleset) -> dict[str, str]:
    """Return the digests of what rules refer to, by name."""
    found = {f"${name}": phrases for name, phrases in ruleset.terms.items()}
    parts: dict[str, Any] = {**found, **{f"{{{{{name}}}}}": pattern for name, pattern in ruleset.patterns.items()}}
    weights = {name: own.model_dump(mode="json") for name, own in ruleset.weights.items()}
    return {name: digest_of({"": value}) for name, value in {**parts, **weights}.items()}


def _referred(rule: Rule, ruleset: Ruleset) -> set[str]:
    """Return the names of what a rule refers to, by itself or through patterns."""
    found = {text for _, text in texts({rule.kind: rule.matcher, "scope": rule.scope}) if text.startswith("$")}
    found |= {rule.score.weights} if rule.score else set()
    open_ = [name for text in patterns(rule.matcher) for name in PATTERN_REF.findall(text)]
    while open_:
        name = f"{{{{{open_.pop()}}}}}"
        if name not in found:
            found.add(name)
            open_ += PATTERN_REF.findall(ruleset.patterns.get(name[2:-2], ""))
    return found


def gather(book: Rulebook) -> tuple[Needs, Prose]:
    """Return what the rules of a book need, and what is common in prose: as their file tells, or else derived.

    Raises `RuleError` for a rule that is wrong, unless it comes from a file that was checked when it was written.
    """
    stock = Stock.of(book.ruleset)
    if stock is None:
        prose = Prose.of(_prose(book.ruleset.rules))
        return Needs.of(_derive(book, range(len(book))), prose), prose
    rows = [stock.rows.get(head.digest, -1) for head in book.heads]
    known = [number for number, row in enumerate(rows) if row >= 0 and row not in stock.untold]
    needs, prose = stock.needs.pick([rows[number] for number in known]), stock.prose
    if len(known) < len(book):
        derived = sorted(set(range(len(book))).difference(known))
        if any(rows[number] < 0 for number in derived):
            prose = prose.join(Prose.of(_prose(book.rule(number) for number in derived if rows[number] < 0)))
        order = {number: row for row, number in enumerate((*known, *derived))}
        needs = needs.join(Needs.of(_derive(book, derived), prose))
        needs = needs.pick([order[number] for number in range(len(book))])
    return needs, prose


def _derive(book: Rulebook, numbers: Iterable[int]) -> list[Need]:
    """Derive what rules need, without looking for garbage meanwhile: of all that is made none is in a circle."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return [book.need(number) for number in numbers]
    finally:
        if collects:
            gc.enable()


def _prose(rules: Iterable[Rule]) -> str:
    """Return what the examples leave of their texts: made to read like articles, they tell what is common in them."""
    return "\n".join(case.keep or case.out or "" for rule in rules for case in rule.tests)


def index_of(ruleset: Ruleset) -> dict[str, Any]:
    """Derive what a compiled file tells the engine about a set.

    Raises `RuleError` for a rule that is wrong.
    """
    book = Rulebook(ruleset)
    needs, prose = gather(book)
    users: dict[str, list[int]] = {}
    for row in range(len(book)):
        for name in _referred(book.rule(row), ruleset):
            users.setdefault(name, []).append(row)
    return {
        "origin": origin(),
        "shared": [[name, digest, users[name]] for name, digest in _shared(ruleset).items() if name in users],
        "rules": [head.digest for head in book.heads],
        **{f"needs {name}": value for name, value in needs.pack().items()},
        **{f"prose {name}": value for name, value in prose.pack().items()},
    }


def write_compiled(ruleset: Ruleset, path: str | Path) -> int:
    """Write a set into one file with all that is derived from its rules; return its size in bytes.

    The file appears whole or not at all. Raises `OutputError` where it cannot be written, `RuleError` for a rule that is
    wrong or that no file can hold.
    """
    return compiled.write_compiled(ruleset, path, index_of(ruleset))


def shipped() -> Ruleset:
    """Return the shipped rules with what is derived from them: from the cache, or derived now and kept there."""
    ruleset = load_shipped()
    if Stock.of(ruleset) is None and keep_shipped(lambda path: write_compiled(ruleset, path)):
        load_shipped.cache_clear()
        ruleset = load_shipped()
    return ruleset
