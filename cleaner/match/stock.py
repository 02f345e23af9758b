"""What the engine derives from rules, kept for the next time: in compiled files, and in the cache of the shipped rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.match.needs import Needs
from cleaner.match.rulebook import Rulebook
from cleaner.match.scan.lexicon import Prose
from cleaner.rules import compiled
from cleaner.rules.cache import keep_shipped, origin
from cleaner.rules.compiled import Index
from cleaner.rules.load import Ruleset, load_shipped
from cleaner.rules.schema import Rule

_BROKEN = (LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Stock:
    """Hold what a compiled file tells of rules; `rows` are their numbers in `needs`, by digest."""

    rows: Mapping[str, int]
    needs: Needs
    untold: frozenset[int]
    """The rows of rules whose needs no file holds."""
    prose: Prose

    @classmethod
    def of(cls, ruleset: Ruleset) -> Stock | None:
        """Return what the file of a set tells, if it has one that this very code wrote, with the same terms and patterns."""
        index = ruleset.index
        if not isinstance(index, Index):
            return None
        if "stock" not in index.memo:
            index.memo["stock"] = _read(index)
        known: tuple[str, Stock] | None = index.memo["stock"]
        return known[1] if known and known[0] == ruleset.vocabulary else None


def _read(index: Index) -> tuple[str, Stock] | None:
    """Read an index, and what vocabulary it goes with; nothing of one that other code wrote, or that is broken."""
    try:
        if index["origin"] != origin():
            return None
        needs, prose = (
            {name.removeprefix(part): index[name] for name in index if name.startswith(part)}
            for part in ("needs ", "prose ")
        )
        rows = {str(digest): row for row, digest in enumerate(index["rules"])}
        known = Needs.unpack(needs)
        stock = Stock(rows, known, known.untold, Prose.unpack(prose))
        return (str(index["vocabulary"]), stock) if len(rows) == len(known) else None
    except _BROKEN:
        return None


def gather(book: Rulebook) -> tuple[Needs, Prose]:
    """Return what the rules of a book need, and what is common in prose: as their file tells, or else derived.

    Raises `RuleError` for a rule that is wrong, unless it comes from a file that was checked when it was written.
    """
    stock = Stock.of(book.ruleset)
    if stock is None:
        prose = Prose.of(_prose(book.ruleset.rules))
        return Needs.of([compiled.need for compiled in book], prose), prose
    rows = [stock.rows.get(head.digest, -1) for head in book.heads]
    known = [number for number, row in enumerate(rows) if row >= 0 and row not in stock.untold]
    needs, prose = stock.needs.pick([rows[number] for number in known]), stock.prose
    if len(known) < len(book):
        derived = sorted(set(range(len(book))).difference(known))
        if any(rows[number] < 0 for number in derived):
            prose = prose.join(Prose.of(_prose(book[number].rule for number in derived if rows[number] < 0)))
        order = {number: row for row, number in enumerate((*known, *derived))}
        needs = needs.join(Needs.of([book[number].need for number in derived], prose))
        needs = needs.pick([order[number] for number in range(len(book))])
    return needs, prose


def _prose(rules: Iterable[Rule]) -> str:
    """Return what the examples leave of their texts: made to read like articles, they tell what is common in them."""
    return "\n".join(case.keep or case.out or "" for rule in rules for case in rule.tests)


def index_of(ruleset: Ruleset) -> dict[str, Any]:
    """Derive what a compiled file tells the engine about a set.

    Raises `RuleError` for a rule that is wrong.
    """
    book = Rulebook(ruleset)
    needs, prose = gather(book)
    return {
        "origin": origin(),
        "vocabulary": ruleset.vocabulary,
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
