"""Draw many cleaned documents for a terminal: one row each, and what went from each of them and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from cleaner.model import Cleaned, Cut
from cleaner.report.number import number_of
from cleaner.report.terminal import colour
from cleaner.report.visible import escape_line
from cleaner.rules.load import Ruleset

_TITLE_MOVES = "The title leaves the text for a field of its own."


def draw_overview(results: Iterable[Cleaned]) -> Table:
    """Return a table with a row for each document: title, sizes, cuts by class, what was recovered."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=True, expand=True)
    table.add_column("Document and title", ratio=3, overflow="fold")
    table.add_column("Characters", no_wrap=True, justify="right")
    table.add_column("Cuts", no_wrap=True)
    table.add_column("Recovered", ratio=2)
    for cleaned in results:
        table.add_row(_name(cleaned), _sizes(cleaned), _cuts(cleaned), _recovered(cleaned))
    return table


def draw_trail(cleaned: Cleaned, ruleset: Ruleset) -> Table:
    """Return a table with a row for each cut: its class and size, how it begins, which rules asked and why."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for cut in cleaned.cuts:
        table.add_row(_class(cut.class_), f"{cut.end - cut.start:,}", _reason(cut, ruleset))
    return table


def _name(cleaned: Cleaned) -> Text:
    name = Text(escape_line(cleaned.document.id), "bold")
    return name.append("\n" + escape_line(cleaned.title or "(no title proven)"), "not bold")


def _sizes(cleaned: Cleaned) -> Text:
    kept, all_ = len(cleaned.text), len(cleaned.source)
    return Text(f"{kept:,} kept\n{all_ - kept:,} gone")


def _cuts(cleaned: Cleaned) -> Text:
    found = Counter(cut.class_ for cut in cleaned.cuts)
    lines = [Text.assemble(f"{count} ", _class(class_)) for class_, count in found.items()]
    return Text("\n").join(lines)


def _recovered(cleaned: Cleaned) -> str:
    counts = ((len(cleaned.related), "article"), (len(cleaned.headlines), "headline"))
    parts = [number_of(count, what) for count, what in counts if count]
    return "\n".join([*parts, *(", ".join(cleaned.metadata) for _ in range(bool(cleaned.metadata)))])


def _class(class_: str) -> Text:
    return Text(class_, colour(class_))


def _reason(cut: Cut, ruleset: Ruleset) -> Text:
    begins = escape_line(cut.text)
    shown = begins if len(begins) <= 50 else begins[:49].rstrip() + "…"
    return Text.assemble(f"“{shown}”\n", *_because(cut, ruleset))


def _because(cut: Cut, ruleset: Ruleset) -> Iterator[str | tuple[str, str]]:
    if cut.is_move:
        yield _TITLE_MOVES
        return
    first, *others = cut.rules
    yield ruleset[first].why
    yield f" ({first}" + (f" and {len(others)} more)" if others else ")"), "dim"
