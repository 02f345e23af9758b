"""Draw the report of a benchmark: one page that needs nothing else, to be read, cited, printed and searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cleaner.bench.changes import Changes, Fall, compare
from cleaner.bench.intervals import wilson
from cleaner.bench.leaderboard import (
    Board,
    Row,
    is_clear,
    is_good,
    rank,
    write_difference,
    write_figure,
    write_megabytes,
    write_milliseconds,
)
from cleaner.bench.plots import draw_heats, draw_plots, kinds_of
from cleaner.bench.results import Results, RuleYield
from cleaner.bench.worst import Exhibit, Worst, exhibit
from cleaner.report.charts import mark
from cleaner.report.frame import draw_frame, templates
from cleaner.report.number import number_of
from cleaner.report.svg import tag

__all__ = ["Fall", "Worst", "draw_report"]

MOST_BYTES = 4_800_000
"""How large a page may get: texts of cases are left out where it would be larger."""

_FOLDER = Path(__file__).parent / "templates"
_CHANGES = 60  # figures that changed, shown
_FALLS = 40  # cases that fell, shown
_FAILURES = 20  # failures shown of one peer
_REASON = 240  # code points shown of a reason
_KINDS = {
    "ours": "ours",
    "cleaner": "settings of cleaner",
    "extractor": "extractor",
    "filter": "filter of text",
    "floor": "floor: a plain baseline",
}


_SIGNALS = {
    "ended": "lines that end as sentences do",
    "short": "short lines",
    "doubled": "characters in doubled lines",
    "listed": "lines that begin as items do",
    "symbols": "symbols a word",
    "letters": "words with a letter",
    "line_words": "words a line",
    "words": "words",
}
_COPIES = {"recall": "copies found", "precision": "found that are copies", "pairs": "pairs of copies"}


@dataclass(frozen=True, slots=True)
class Failing:
    """Hold the failures of a peer, as many as are shown."""

    peer: str
    count: int
    shown: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Hold what the page says of one track."""

    id: str
    board: Board
    plots: tuple[Markup, ...]
    heats: tuple[Markup, ...]
    signals: tuple[tuple[str, str], ...]
    copies: tuple[tuple[str, str], ...]
    failing: tuple[Failing, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Hold what one rule cut, with the interval of its precision."""

    rule: RuleYield
    low: float
    high: float


def draw_report(
    results: Results, cases: Sequence[Worst], earlier: Results | None = None, falls: Sequence[Fall] = ()
) -> str:
    """Return the page; `cases` are those to read, `falls` those that were better in the earlier run.

    Texts of cases are left out, and said to be, where the page would be larger than `MOST_BYTES`.
    """
    sections = tuple(_section(number, board) for number, board in enumerate(rank(results), 1))
    known = _known(results, sections, earlier, falls)
    filters = _filters(cases, results.ours)
    shell = draw_frame(_FOLDER, "report.html", cases=("",) * len(cases), left_out=len(cases), filters=filters, **known)
    fragments, left_out = _fit(tuple(exhibit(cases, results.ours)), results.ours, MOST_BYTES - len(shell.encode()))
    return draw_frame(_FOLDER, "report.html", cases=fragments, left_out=left_out, filters=filters, **known)


def _known(
    results: Results, sections: Sequence[Section], earlier: Results | None, falls: Sequence[Fall]
) -> dict[str, Any]:
    """Gather what the template prints, the cases aside."""
    changes = compare(results, earlier) if earlier else None
    return {
        "title": "Benchmark of news cleaning",
        "contents": _contents(sections, results, changes),
        "script": (_FOLDER / "report.js").read_text(encoding="utf-8"),
        "results": results,
        "sections": sections,
        "legend": _legend(sections),
        "rules": _rules(results.rules),
        "changes": changes,
        "most_changes": _CHANGES,
        "falls": sorted(falls, key=lambda fall: fall.now - fall.then)[:_FALLS],
        "totals": _totals(sections),
        "sets": tuple({(one.name, one.digest): one for track in results.tracks for one in track.sets}.values()),
        "figure": write_figure,
        "difference": write_difference,
        "ms": write_milliseconds,
        "mb": write_megabytes,
        "signal": _signal,
        "clear": is_clear,
        "good": is_good,
        "number_of": number_of,
    }


def _section(number: int, board: Board) -> Section:
    rows = board.rows
    return Section(
        id=f"track-{number}",
        board=board,
        plots=tuple(draw_plots(board)),
        heats=tuple(draw_heats(board)),
        signals=_names([board.track.source, *(row.scores.signals for row in rows)], _SIGNALS),
        copies=_names([row.scores.copies for row in rows], _COPIES),
        failing=tuple(_failing(row) for row in rows if row.scores.failed),
    )


def _names(rows: Sequence[Mapping[str, float]], labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the names that rows have, each with what it is called on the page."""
    return tuple((name, labels.get(name, name)) for name in dict.fromkeys(name for row in rows for name in row))


def _signal(value: float | None) -> str:
    """Write a signal: the larger, the coarser."""
    if value is None:
        return ""
    return f"{value:.3f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _failing(row: Row) -> Failing:
    failures = row.scores.failures[:_FAILURES]
    shown = tuple((f"{one.set}/{one.case}", _cut(one.reason)) for one in failures)
    return Failing(row.peer, row.scores.failed, shown)


def _cut(text: str) -> str:
    return text if len(text) <= _REASON else f"{text[:_REASON]} … {len(text) - _REASON:,} more characters"


def _contents(sections: Sequence[Section], results: Results, changes: Changes | None) -> list[tuple[str, str]]:
    found = [("glance", "At a glance"), *((section.id, section.board.track.name) for section in sections)]
    found += [("rules", "Rules")] if results.rules else []
    found += [("changes", "Changes")] if changes else []
    return [*found, ("cases", "Cases to read"), ("made", "How it was made")]


def _legend(sections: Sequence[Section]) -> list[tuple[Markup, str]]:
    """Return the marks that charts use, each with what it stands for."""
    kinds = kinds_of([row for section in sections for row in section.board.rows])
    return [(tag("svg", mark(kind, 7, 7), viewBox="0 0 14 14", aria_hidden="true"), _KINDS[kind]) for kind in kinds]


def _rules(rules: Sequence[RuleYield]) -> list[RuleRow]:
    """Order rules by what they cut; the interval of their precision is Wilson's, over tokens."""
    rows = []
    for rule in rules:
        right, size = rule.noise + rule.free, rule.noise + rule.free + rule.body
        rows.append(RuleRow(rule, *(wilson(right, size) if size else (0.0, 1.0))))
    return sorted(rows, key=lambda row: (-(row.rule.noise + row.rule.free + row.rule.body), row.rule.rule))


def _totals(sections: Sequence[Section]) -> list[str]:
    """Count what was measured: sets that several tracks share count once."""
    sets = {(one.name, one.digest): one for section in sections for one in section.board.track.sets}
    languages = {name for one in sets.values() for name in one.languages if name}
    peers = {row.peer for section in sections for row in section.board.rows}
    cases = f"{sum(one.cases for one in sets.values()):,} cases"
    counts = (number_of(len(peers), "peer"), number_of(len(sections), "track"), number_of(len(sets), "set"))
    return [*counts, cases, number_of(len(languages), "language")]


def _filters(cases: Sequence[Worst], ours: str) -> list[tuple[str, str, list[str]]]:
    """Return the choices by which cases can be filtered: the attribute, its label, its values."""
    names = sorted({name for case in cases for name in case.quality} - {ours})
    return [
        ("track", "Track", list(dict.fromkeys(case.track for case in cases))),
        ("set", "Set", sorted({case.set for case in cases})),
        ("lang", "Language", sorted({case.lang for case in cases if case.lang})),
        ("better", "Better than ours", names),
    ]


def _fit(shown: Sequence[Exhibit], ours: str, room: int) -> tuple[list[Markup], int]:
    """Draw cases, with their texts as long as there is room; count those without."""
    template = templates(_FOLDER).get_template("case.html")
    bare = [template.render(one=one, ours=ours, with_texts=False) for one in shown]
    room -= sum(len(drawn.encode()) for drawn in bare)
    fragments, left_out = [], 0
    for one, head in zip(shown, bare, strict=True):
        drawn = template.render(one=one, ours=ours, with_texts=True)
        more = len(drawn.encode()) - len(head.encode())
        left_out += more > room
        fragments.append(Markup(head if more > room else drawn))
        room -= 0 if more > room else more
    return fragments, left_out
