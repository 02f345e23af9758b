"""Turn the board of a track into charts: who stands where, how sure that is, what it costs, and where it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import quantiles

from markupsafe import Markup

from cleaner.bench.leaderboard import Board, Row
from cleaner.bench.results import Group, Measure
from cleaner.report.charts import (
    Axis,
    Column,
    Dot,
    Dots,
    Heat,
    Point,
    Scatter,
    Strip,
    Strips,
    draw_dots,
    draw_heat,
    draw_scatter,
    draw_strips,
)
from cleaner.report.scale import fit

PAIRS = (("recall", "precision"), ("snippet_recall", "snippet_precision"), ("noise_removed", "removal_precision"))
"""Measures that are drawn over each other with lines of equal F1, the first pair that a track has."""

_MOST_COLUMNS = 24
_BY = {
    "lang": "language",
    "set": "set",
    "length": "length of the gold, in tokens",
    "difficulty": "difficulty: the share of the page that is no body",
    "class": "class of noise",
    "rate": "rate of injected noise",
    "site": "site",
}


def draw_plots(board: Board) -> Iterator[Markup]:
    """Yield the plots of a track: standing, differences, precision and recall, cost, distribution."""
    if not board.rows:
        return
    yield _standing(board)
    if any(row.ahead for row in board.rows):
        yield _ahead(board)
    yield from _trade(board)
    yield _cost(board)
    if any(board.chief.name in row.scores.spreads for row in board.rows):
        yield _spread(board)


def draw_heats(board: Board) -> Iterator[Markup]:
    """Yield a heat map for each way to group the cases of a track, of the chief measure and its companions."""
    for by, name in _BY.items():
        groups = [group for group in board.track.groups if group.by == by]
        if len(groups) > 1 or by == "class":
            for place in board.shown:
                measure = board.measures[place]
                there = [group for group in groups if any(measure.name in row for row in group.values.values())]
                if there:
                    yield _heat(board, measure, name, there)


def _standing(board: Board) -> Markup:
    dots = tuple(
        Dot(row.peer, row.chief.value, row.chief.low, row.chief.high, row.kind) for row in board.rows if row.chief
    )
    low, high = _bounds([dot.value for dot in dots], board.chief.higher)
    least, most = _ends([end for dot in dots for end in (dot.low, dot.high) if end is not None])
    about = f"{board.chief.about} Lines are 95 % intervals; sites are resampled."
    bounds = (least if low is None else low, most if high is None else high)
    return draw_dots(Dots(_name(board.chief), about, dots, least=bounds[0], most=bounds[1]))


def _ahead(board: Board) -> Markup:
    rows = [(row, row.ahead) for row in board.rows if row.ahead]
    dots = tuple(Dot(row.peer, ahead.value, ahead.low, ahead.high, row.kind) for row, ahead in rows)
    least, most = _bounds([-dot.value for dot in dots], board.chief.higher)
    side = "right" if board.chief.higher else "left"
    about = f"Ours minus the peer over the same cases: {side} of zero ours is better. Lines are 95 % intervals."
    bounds = (None if most is None else -most, None if least is None else -least)
    return draw_dots(Dots(f"Ahead in {board.chief.label}", about, dots, least=bounds[0], most=bounds[1], signed=True))


def _trade(board: Board) -> Iterator[Markup]:
    """Draw what a peer finds against what it lets through, and noise that goes against body that goes with it."""
    for across, up in PAIRS:
        x, y = board.measure(across), board.measure(up)
        if x and y:
            yield _over(board, x, y, "Above and right is better; dashed lines join equal F1.", curves=True)
            break
    x, y = board.measure("body_lost"), board.measure("noise_removed")
    if x and y:
        yield _over(board, x, y, "Above and left is better.")


def _over(board: Board, across: Measure, up: Measure, about: str, curves: bool = False) -> Markup:
    found = ((row, row.scores.figures.get(across.name), row.scores.figures.get(up.name)) for row in board.rows)
    points = tuple(Point(row.peer, x.value, y.value, row.kind) for row, x, y in found if x and y)
    x, y = _axis(across, [point.x for point in points]), _axis(up, [point.y for point in points])
    return draw_scatter(Scatter(f"{_name(up)} and {across.label}", about, x, y, points, curves))


def _cost(board: Board) -> Markup:
    points = tuple(
        Point(row.peer, max(row.scores.cost.median, 0.001), row.chief.value, row.kind)
        for row in board.rows
        if row.chief
    )
    x = Axis("CPU milliseconds a case, median (logarithmic)", log=True, digits=2)
    y = _axis(board.chief, [point.y for point in points])
    about = f"{'Above' if board.chief.higher else 'Below'} and left is better and faster."
    return draw_scatter(Scatter("Quality and speed", about, x, y, points))


def _spread(board: Board) -> Markup:
    name = board.chief.name
    found = ((row, row.scores.spreads.get(name)) for row in board.rows)
    strips = tuple(Strip(row.peer, spread.quantiles, spread.worst, row.kind) for row, spread in found if spread)
    about = (
        "Single cases: the line is the median, bands hold the middle 50, 80 and 90 %, "
        "the ring is the mean of the worst tenth."
    )
    values = [value for strip in strips for value in strip.quantiles]
    return draw_strips(Strips(f"{_name(board.chief)} of single cases", about, strips, *_ends(values)))


def _heat(board: Board, measure: Measure, name: str, groups: Sequence[Group]) -> Markup:
    shown = groups[:_MOST_COLUMNS]
    rows = [row for row in board.rows if any(row.peer in group.values for group in shown)]
    cells = tuple(tuple(group.values.get(row.peer, {}).get(measure.name) for group in shown) for row in rows)
    left_out = f" The {len(shown)} with most cases of {len(groups)}." if len(groups) > len(shown) else ""
    way = "The stronger the colour, the better" if measure.higher else "Less is better, and stronger in colour"
    return draw_heat(
        Heat(
            f"{_name(measure)} by {name}",
            f"{way}; below each name its number of cases.{left_out}",
            tuple(Column(group.name or "?", f"{group.cases:,}") for group in shown),
            tuple(row.peer for row in rows),
            cells,
            digits=2 if measure.higher else 3,
            higher=measure.higher,
            kinds=tuple(row.kind for row in rows),
        )
    )


def _bounds(values: Sequence[float], higher: bool) -> tuple[float | None, float | None]:
    """Return bounds that let the better ones be told apart; None where nothing lies beyond."""
    crowd = _crowd(values, higher)
    if len(crowd) == len(values):
        return None, None
    low, high = fit(crowd)
    return (low, None) if higher else (None, high)


def _ends(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Return 0 and 1 where the values are shares."""
    return (0.0, 1.0) if values and min(values) >= 0 and max(values) <= 1 else (None, None)


def _crowd(values: Sequence[float], higher: bool) -> list[float]:
    """Return the values less those that are far worse than the others."""
    if len(values) < 6:
        return list(values)
    lower, middle, upper = quantiles(values, n=4)
    if higher:
        return [value for value in values if value >= lower - 1.5 * (max(values) - middle)]
    return [value for value in values if value <= upper + 1.5 * (middle - min(values))]


def _axis(measure: Measure, values: Sequence[float]) -> Axis:
    """Return the axis of a share: around the better ones, never beyond 0 and 1."""
    return Axis(measure.label, *fit(_crowd(values, measure.higher), 0.0, 1.0))


def _name(measure: Measure) -> str:
    return measure.label[:1].upper() + measure.label[1:]


def kinds_of(rows: Sequence[Row]) -> list[str]:
    """List the kinds of marks that charts of these rows show, ours first."""
    order = ("ours", "cleaner", "extractor", "filter", "floor")
    there = {row.kind for row in rows}
    return [kind for kind in order if kind in there]
