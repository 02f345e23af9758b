"""Draw figures as inline SVG that needs no script: each chart is data in, Markup out.

Every chart has a title and a description for screen readers, and its figures as a table that opens below it. Colours
are variables of `templates/frame.css`, so that light, dark and print are a matter of the style sheet. `kind` names the
mark of a row or point: `ours`, `cleaner`, `extractor`, `filter`, `floor`, or nothing.

>>> chart = Dots("F1", "Mean of pages, with 95 % intervals.", (Dot("cleaner", 0.95, 0.93, 0.96, "ours"), Dot("peer", 0.9)))
>>> draw_dots(chart)[:22]
Markup('<figure class="chart">')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from cleaner.report.labels import CLOSE, Box, distance, place
from cleaner.report.scale import Scale, fit
from cleaner.report.svg import clip, tag, width_of

Cells = Iterable[Sequence[str]]

_ROW = 21.0
_NARROW = 450.0
_LONGEST = 186.0
_FONT = 12.0


@dataclass(frozen=True, slots=True)
class Dot:
    """Hold a figure and, where it is known, its interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Dots:
    """Hold figures with intervals, one a row.

    `least` and `most` are bounds that the axis never goes beyond; figures that do are arrows at its end.
    """

    title: str
    about: str
    dots: tuple[Dot, ...]
    digits: int = 3
    least: float | None = None
    most: float | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """Name what an axis shows; bounds that are None are found from the points."""

    label: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    digits: int = 3


@dataclass(frozen=True, slots=True)
class Point:
    """Hold two figures of one thing."""

    name: str
    x: float
    y: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Hold points over two axes; `curves` draws lines of equal F1 where x is recall and y precision.

    What lies beyond the axes is drawn at their edge, with its figures in its name.
    """

    title: str
    about: str
    x: Axis
    y: Axis
    points: tuple[Point, ...]
    curves: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """Hold the quantiles of one row at 0, 5, ... 100 %, and the mean of its worst tenth."""

    name: str
    quantiles: tuple[float, ...]
    worst: float | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Strips:
    """Hold distributions, one a row, over one axis."""

    title: str
    about: str
    strips: tuple[Strip, ...]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """Name a column of a heat map, with a note below such as its number of cases."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heat:
    """Hold a table of figures coloured by size: a row of `cells` for each of `rows`, None where there is no figure.

    With `higher` unset less is better, and the least figures are the strongest in colour.
    """

    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[float | None, ...], ...]
    corner: str = ""
    digits: int = 2
    higher: bool = True
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """Hold one figure that begins at zero; `shown` is how it is written, `hue` a colour of its own in degrees."""

    name: str
    value: float
    shown: str = ""
    kind: str = ""
    hue: int | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """Hold bars, one a row."""

    title: str
    about: str
    bars: tuple[Bar, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """Hold the edges of the plot area of a chart in units of its drawing, and the size of the whole."""

    left: float
    top: float
    right: float
    bottom: float
    width: float = field(default=_NARROW)
    height: float = field(default=0.0)

    @property
    def area(self) -> Box:
        """Return the plot area as a box."""
        return Box(self.left, self.top, self.right - self.left, self.bottom - self.top)


def draw_dots(chart: Dots) -> Markup:
    """Draw figures with intervals as dots on lines, one a row, each with its value at the right."""
    ends = [end for dot in chart.dots for end in (dot.value, dot.low, dot.high) if end is not None]
    low, high = fit([*ends, 0.0] if chart.signed else ends, chart.least, chart.most)
    plot = _rows([dot.name for dot in chart.dots])
    scale = Scale(low, high, plot.left, plot.right)
    style = f"{'+' if chart.signed else ''}.{chart.digits}f"
    inner = [*_across(scale, plot), *([_zero(scale, plot)] if chart.signed else [])]
    for number, dot in enumerate(chart.dots):
        inner.append(_dot_row(dot, scale, plot, number, style))
    rows = (
        (d.name, *(format(v, style) if v is not None else "" for v in (d.value, d.low, d.high))) for d in chart.dots
    )
    return _figure(chart.title, chart.about, plot, inner, ("", "value", "low", "high"), rows)


def draw_scatter(chart: Scatter) -> Markup:
    """Draw points over two axes, with names that do not overlap."""
    plot = Plot(46, 10, 548, 352, 560, 392)
    x = _axis_scale(chart.x, [point.x for point in chart.points], plot.left, plot.right)
    y = _axis_scale(chart.y, [point.y for point in chart.points], plot.bottom, plot.top)
    curves = _curves(x, y) if chart.curves else []
    inner = [*_grid(chart, x, y, plot), *(_curve(curve) for curve in curves)]
    order = sorted(chart.points, key=lambda point: (_ORDER.get(point.kind, 2), point.name))
    inner += [mark(point.kind, x(point.x), y(point.y), _hint(point, chart)) for point in reversed(order)]
    inner += _names(chart, order, x, y, plot, [curve.box for curve in curves])
    rows = ((p.name, f"{p.x:.{chart.x.digits}f}", f"{p.y:.{chart.y.digits}f}") for p in chart.points)
    return _figure(chart.title, chart.about, plot, inner, ("", chart.x.label, chart.y.label), rows, "scatter")


def draw_strips(chart: Strips) -> Markup:
    """Draw distributions as bands: 5 to 95 %, 10 to 90 %, the middle half, the median, the mean of the worst tenth."""
    plot = _rows([strip.name for strip in chart.strips])
    values = [value for strip in chart.strips for value in strip.quantiles]
    low, high = fit(values, chart.low, chart.high)
    low, high = chart.low if chart.low is not None else low, chart.high if chart.high is not None else high
    scale = Scale(low, high, plot.left, plot.right)
    inner = _across(scale, plot)
    for number, strip in enumerate(chart.strips):
        inner.append(_strip_row(strip, scale, plot, number))
    rows = (
        (s.name, *(f"{quantile(s.quantiles, share):.3f}" for share in _SHARES), _shown(s.worst)) for s in chart.strips
    )
    head = ("", *(f"{share:.0%}" for share in _SHARES), "worst tenth")
    return _figure(chart.title, chart.about, plot, inner, head, rows)


def draw_bars(chart: Bars) -> Markup:
    """Draw bars from zero, one a row, each with its figure behind it."""
    plot = _rows([bar.name for bar in chart.bars], notes=[bar.shown for bar in chart.bars])
    most = max((bar.value for bar in chart.bars), default=0.0)
    scale = Scale(0.0, most or 1.0, plot.left, plot.right)
    inner = [_bar_row(bar, scale, plot, number) for number, bar in enumerate(chart.bars)]
    rows = ((bar.name, bar.shown or f"{bar.value:g}") for bar in chart.bars)
    return _figure(chart.title, chart.about, plot, inner, ("", chart.unit or "value"), rows)


def draw_heat(chart: Heat) -> Markup:
    """Draw a table whose cells are coloured by their figures; it is its own table of data."""
    values = [value for row in chart.cells for value in row if value is not None]
    scale = _heat_scale(values, chart.higher)
    head = tag("tr", tag("th", chart.corner, scope="col"), *map(_heat_column, chart.columns))
    kinds = chart.kinds or ("",) * len(chart.rows)
    body = Markup("").join(
        tag(
            "tr",
            tag("th", name, scope="row"),
            *(_heat_cell(value, scale, chart.digits) for value in row),
            class_=kind or None,
        )
        for name, row, kind in zip(chart.rows, chart.cells, kinds, strict=True)
    )
    table = tag("table", tag("thead", head), tag("tbody", body), class_="heat")
    return tag("figure", _caption(chart.title, chart.about), _wide(table, chart.title), class_="chart heatmap")


def mark(kind: str, x: float, y: float, name: str = "") -> Markup:
    """Draw the mark of a kind: diamonds for ours, squares for filters, rings for floors, dots for the rest."""
    told = (tag("title", name),) if name else ()
    if kind in ("ours", "cleaner"):
        size = 6.0 if kind == "ours" else 5.0
        path = f"M{x:.2f} {y - size:.2f}L{x + size:.2f} {y:.2f}L{x:.2f} {y + size:.2f}L{x - size:.2f} {y:.2f}Z"
        return tag("path", *told, d=path, class_=f"mark {kind}")
    if kind == "filter":
        return tag("rect", *told, x=x - 3.6, y=y - 3.6, width=7.2, height=7.2, class_="mark filter")
    return tag("circle", *told, cx=x, cy=y, r=3.8, class_=f"mark {kind}".rstrip())


def quantile(quantiles: Sequence[float], share: float) -> float:
    """Return the quantile at a share of evenly spaced ones, between two of them in proportion.

    >>> quantile([0.0, 0.5, 1.0], 0.75)
    0.75
    """
    at = share * (len(quantiles) - 1)
    lower = min(int(at), len(quantiles) - 1)
    upper = min(lower + 1, len(quantiles) - 1)
    return quantiles[lower] + (quantiles[upper] - quantiles[lower]) * (at - lower)


_ORDER = {"ours": 0, "cleaner": 1, "extractor": 2, "filter": 3, "floor": 4}
_SHARES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def _figure(
    title: str, about: str, plot: Plot, inner: Iterable[Markup], head: Sequence[str], rows: Cells, class_: str = ""
) -> Markup:
    drawing = tag(
        "svg",
        tag("title", title),
        tag("desc", about),
        *inner,
        viewBox=f"0 0 {plot.width:g} {plot.height:g}",
        role="img",
        style=f"--width: {plot.width:g}",
    )
    name = f"chart {class_}".rstrip()
    shown = _wide(drawing, title) if class_ else drawing
    return tag("figure", _caption(title, about), shown, table_of(head, rows), class_=name)


def table_of(head: Sequence[str], rows: Cells, summary: str = "Figures") -> Markup:
    """Write the figures of a chart as a table that opens on request; the first column names the row."""
    top = tag("tr", *(tag("th", name, scope="col") for name in head))
    body = (tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows)
    table = tag("table", tag("thead", top), tag("tbody", *body))
    return tag("details", tag("summary", summary), _wide(table, summary), class_="figures")


def _wide(inner: Markup, name: str) -> Markup:
    """Let what is wider than the page scroll in a box of its own, by keyboard too."""
    return tag("div", inner, class_="wide", tabindex="0", role="group", aria_label=name)


def _caption(title: str, about: str) -> Markup:
    return tag("figcaption", tag("b", title), Markup(" "), tag("span", about))


def _rows(names: Sequence[str], notes: Sequence[str] = ("+0.000",)) -> Plot:
    """Lay out a chart of rows: names at the left, the plot, values at the right, an axis below."""
    left = min(_LONGEST, max((width_of(name) for name in names), default=0.0)) + 14
    right = _NARROW - max((width_of(note) for note in notes), default=0.0) - 12
    bottom = 6 + _ROW * len(names)
    return Plot(left, 6, right, bottom, _NARROW, bottom + 24)


def _middle(plot: Plot, number: int) -> float:
    return plot.top + _ROW * (number + 0.5)


def _across(scale: Scale, plot: Plot) -> list[Markup]:
    """Draw the upright lines of a chart of rows, and their values below."""
    marks = scale.marks(4)
    lines = [tag("line", x1=scale(v), x2=scale(v), y1=plot.top, y2=plot.bottom, class_="grid") for v in marks]
    return [*lines, *(_tick(f"{v:g}", scale(v), plot.bottom + 16, "middle") for v in marks)]


def _tick(text: str, x: float, y: float, anchor: str) -> Markup:
    return tag("text", text, x=x, y=y, text_anchor=anchor, class_="tick")


def _zero(scale: Scale, plot: Plot) -> Markup:
    return tag("line", x1=scale(0.0), x2=scale(0.0), y1=plot.top, y2=plot.bottom, class_="zero")


def _row_name(name: str, kind: str, plot: Plot, middle: float) -> Markup:
    shown = clip(name, _LONGEST)
    whole = (tag("title", name),) if shown != name else ()
    return tag("text", *whole, shown, x=plot.left - 10, y=middle + 4, text_anchor="end", class_=f"name {kind}".rstrip())


def _dot_row(dot: Dot, scale: Scale, plot: Plot, number: int, style: str) -> Markup:
    middle = _middle(plot, number)
    parts = [_band(plot, middle)] if dot.kind == "ours" else []
    parts.append(_row_name(dot.name, dot.kind, plot, middle))
    if dot.low is not None and dot.high is not None:
        parts.append(tag("line", x1=scale(dot.low), x2=scale(dot.high), y1=middle, y2=middle, class_="interval"))
        parts += [
            tag("line", x1=scale(v), x2=scale(v), y1=middle - 3, y2=middle + 3, class_="interval")
            for v in (dot.low, dot.high)
        ]
    parts.append(
        mark(dot.kind, scale(dot.value), middle) if scale.holds(dot.value) else _beyond(dot.value, scale, middle)
    )
    parts.append(tag("text", format(dot.value, style), x=plot.width, y=middle + 4, text_anchor="end", class_="value"))
    return tag("g", *parts, class_=dot.kind or None)


def _beyond(value: float, scale: Scale, middle: float) -> Markup:
    """Draw an arrow at the end of a scale that a value lies beyond."""
    x, way = scale(value), 1 if value > scale.high else -1
    return tag("path", d=f"M{x + 2 * way:.1f} {middle:.1f}l{-9 * way} -5v10Z", class_="mark")


def _band(plot: Plot, middle: float) -> Markup:
    return tag("rect", x=0, y=middle - _ROW / 2, width=plot.width, height=_ROW, rx=3, class_="band")


def _strip_row(strip: Strip, scale: Scale, plot: Plot, number: int) -> Markup:
    middle = _middle(plot, number)
    parts = [_band(plot, middle)] if strip.kind == "ours" else []
    parts.append(_row_name(strip.name, strip.kind, plot, middle))
    for low, high, half, class_ in ((0.05, 0.95, 1.0, "p90"), (0.1, 0.9, 3.0, "p80"), (0.25, 0.75, 6.0, "p50")):
        x1, x2 = scale(quantile(strip.quantiles, low)), scale(quantile(strip.quantiles, high))
        parts.append(tag("rect", x=x1, y=middle - half, width=max(0.6, x2 - x1), height=2 * half, class_=class_))
    centre = quantile(strip.quantiles, 0.5)
    parts.append(tag("line", x1=scale(centre), x2=scale(centre), y1=middle - 7, y2=middle + 7, class_="median"))
    if strip.worst is not None:
        parts.append(tag("circle", cx=scale(strip.worst), cy=middle, r=3.4, class_="worst"))
    parts.append(tag("text", f"{centre:.3f}", x=plot.width, y=middle + 4, text_anchor="end", class_="value"))
    return tag("g", *parts, class_=strip.kind or None)


def _bar_row(bar: Bar, scale: Scale, plot: Plot, number: int) -> Markup:
    middle = _middle(plot, number)
    end = scale(bar.value)
    style = f"--hue: {bar.hue}" if bar.hue is not None else None
    drawn = tag(
        "rect",
        x=plot.left,
        y=middle - 6,
        width=max(0.8, end - plot.left),
        height=12,
        rx=1.5,
        class_="bar hued" if style else "bar",
        style=style,
    )
    shown = tag("text", bar.shown or f"{bar.value:g}", x=end + 6, y=middle + 4, class_="value")
    return tag("g", _row_name(bar.name, bar.kind, plot, middle), drawn, shown, class_=bar.kind or None)


def _axis_scale(axis: Axis, values: list[float], start: float, end: float) -> Scale:
    if axis.log:
        least, most = min(values, default=1.0), max(values, default=1.0)
        low, high = max(least, 1e-6) / 1.4, max(most, 1e-6) * 1.4
    else:
        low, high = fit(values, axis.low, axis.high)
    return Scale(
        axis.low if axis.low is not None else low, axis.high if axis.high is not None else high, start, end, axis.log
    )


def _grid(chart: Scatter, x: Scale, y: Scale, plot: Plot) -> Iterator[Markup]:
    for value in x.marks(6):
        yield tag("line", x1=x(value), x2=x(value), y1=plot.top, y2=plot.bottom, class_="grid")
        yield _tick(f"{value:g}", x(value), plot.bottom + 16, "middle")
    for value in y.marks(6):
        yield tag("line", x1=plot.left, x2=plot.right, y1=y(value), y2=y(value), class_="grid")
        yield _tick(f"{value:g}", plot.left - 6, y(value) + 4, "end")
    centre = (plot.left + plot.right) / 2
    yield tag("text", chart.x.label, x=centre, y=plot.height - 6, text_anchor="middle", class_="axis")
    turned = f"translate(11 {(plot.top + plot.bottom) / 2:.1f}) rotate(-90)"
    yield tag("text", chart.y.label, transform=turned, text_anchor="middle", class_="axis")


@dataclass(frozen=True, slots=True)
class _Curve:
    """Hold a line of equal F1, with its name at its lower end."""

    name: str
    places: tuple[tuple[float, float], ...]

    @property
    def box(self) -> Box:
        """Return where the name stands."""
        (right, bottom), width = self.places[-1], width_of(self.name, 10)
        return Box(right - 4 - width, bottom - 14, width, 12)


def _curves(x: Scale, y: Scale) -> list[_Curve]:
    """Return the lines of equal F1 that cross the plot."""
    found = []
    for level in (0.2, 0.4, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98):
        steps = (x.low + (x.high - x.low) * number / 60 for number in range(61))
        points = [(r, level * r / (2 * r - level)) for r in steps if 2 * r > level]
        seen = tuple((x(r), y(p)) for r, p in points if y.holds(p))
        if len(seen) > 6:
            found.append(_Curve(f"F1 {level:g}", seen))
    return found


def _curve(curve: _Curve) -> Markup:
    path = "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in curve.places)
    right, bottom = curve.places[-1]
    name = tag("text", curve.name, x=right - 4, y=bottom - 4, text_anchor="end", class_="curve")
    return tag("g", tag("path", d=path, class_="curve"), name)


def _names(
    chart: Scatter, points: Sequence[Point], x: Scale, y: Scale, plot: Plot, kept_free: Sequence[Box]
) -> Iterator[Markup]:
    """Write the name of each point beside it, with a line to it where there was no room right there."""
    texts = [clip(_told(point, chart, x, y), 2 * _LONGEST) for point in points]
    places = [(x(point.x), y(point.y)) for point in points]
    boxes = place(
        places,
        [width_of(text, _bold(point)) for text, point in zip(texts, points, strict=True)],
        _FONT + 2,
        plot.area,
        kept_free,
    )
    for point, text, at, box in zip(points, texts, places, boxes, strict=True):
        if box is None:
            continue
        if distance(at, box) > CLOSE:
            end = box.near(*at)
            yield tag("line", x1=at[0], y1=at[1], x2=end[0], y2=end[1], class_="leader")
        yield tag("text", text, x=box.x, y=box.y + _FONT - 1, class_=f"name {point.kind}".rstrip())


def _hint(point: Point, chart: Scatter) -> str:
    """Say what a pointer over a mark is told."""
    return f"{point.name}: {point.x:.{chart.x.digits}f}, {point.y:.{chart.y.digits}f}"


def _bold(point: Point) -> float:
    """Return the size in which the name of a point is measured: ours is bold, so wider."""
    return _FONT * 1.12 if point.kind == "ours" else _FONT


def _told(point: Point, chart: Scatter, x: Scale, y: Scale) -> str:
    if x.holds(point.x) and y.holds(point.y):
        return point.name
    return f"{point.name} ({point.x:.{min(2, chart.x.digits)}f}, {point.y:.{min(2, chart.y.digits)}f})"


def _heat_scale(values: list[float], higher: bool) -> Scale:
    """Map figures to shares of colour; the worst outliers share the palest one, so that the rest can be told apart."""
    if not values:
        return Scale(0.0, 1.0, 0.0, 100.0)
    found = sorted(values, reverse=not higher)
    worst, best = found[len(found) // 8], found[-1]
    return Scale(worst, best, 0.0, 100.0) if higher else Scale(best, worst, 100.0, 0.0)


def _heat_column(column: Column) -> Markup:
    note = (tag("small", column.note),) if column.note else ()
    return tag("th", column.name, *note, scope="col")


def _heat_cell(value: float | None, scale: Scale, digits: int) -> Markup:
    if value is None:
        return tag("td", "–", class_="none")
    return tag("td", f"{value:.{digits}f}", style=f"--share: {scale(value):.0f}%")


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
