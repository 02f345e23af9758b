"""Charts keep their figures inside the plot, their names apart, and their texts harmless."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cleaner.report.charts import (
    Axis,
    Bar,
    Bars,
    Column,
    Dot,
    Dots,
    Heat,
    Point,
    Scatter,
    Strip,
    Strips,
    draw_bars,
    draw_dots,
    draw_heat,
    draw_scatter,
    draw_strips,
    quantile,
)
from cleaner.report.frame import draw_frame, policy
from cleaner.report.labels import Box, place
from cleaner.report.scale import Scale, fit
from cleaner.report.svg import width_of

HOSTILE = "</script><b onmouseover='x'>\x1b[31m\u202e\ud800\x00 & \"quoted\""
shares = st.floats(0, 1, allow_nan=False)
finite = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(finite, min_size=2, max_size=20, unique=True))
def test_scales_are_monotone_and_stay_on_their_line(values: list[float]) -> None:
    """A greater value never lies before a smaller one, and none lies off the line, marks included."""
    scale = Scale(*fit(values), 40.0, 300.0)
    places = [scale(value) for value in sorted(values)]
    assert all(a <= b for a, b in pairwise(places))
    assert all(scale.holds(value) for value in values)
    assert all(40 <= at <= 300 for at in [*places, *map(scale, scale.marks())])
    assert list(scale.marks()) == sorted(scale.marks())


@given(st.floats(1e-3, 1e3), st.floats(1.1, 1e4))
def test_logarithmic_marks_are_few_and_within(low: float, ratio: float) -> None:
    """Marks of a logarithmic axis rise, lie between its ends, and do not crowd."""
    scale = Scale(low, low * ratio, 0.0, 1.0, log=True)
    assert all(low <= mark <= low * ratio for mark in scale.marks())
    assert len(scale.marks()) <= 10
    assert scale(low * ratio**0.5) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(0, 300)), max_size=24))
def test_names_of_points_never_overlap(points: list[tuple[float, float]]) -> None:
    """However close points are, their names lie apart, inside the plot, and on no point."""
    area = Box(0, 0, 500, 300)
    boxes = [box for box in place(points, [90.0] * len(points), 14.0, area) if box]
    assert not any(one.meets(other) for one, other in combinations(boxes, 2))
    assert all(box.inside(area) for box in boxes)
    assert not any(box.meets(Box(x - 1, y - 1, 2, 2)) for box in boxes for x, y in points)


def test_a_common_crowd_is_named_whole() -> None:
    """Twenty points in one corner all get their names."""
    points = [(400 + number % 5 * 9.0, 40 + number // 5 * 9.0) for number in range(20)]
    assert None not in place(points, [100.0] * 20, 14.0, Box(0, 0, 500, 340))


@given(st.lists(st.tuples(shares, shares), min_size=1, max_size=12))
def test_points_lie_inside_the_plot(points: list[tuple[float, float]]) -> None:
    """No mark is drawn outside the plot area, also where the axes are narrower than the points."""
    chart = Scatter(
        "P", "R", Axis("recall", 0.4, 1.0), Axis("precision"), tuple(Point(f"p{n}", *at) for n, at in enumerate(points))
    )
    drawn = draw_scatter(chart)
    places = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert len(places) == len(points)
    assert all(46 <= float(x) <= 548 and 10 <= float(y) <= 352 for x, y in places)


def test_dots_keep_order_and_figures() -> None:
    """A larger figure lies further right, the table holds all figures, and what lies beyond the axis is an arrow."""
    dots = (Dot("ours", 0.95, 0.93, 0.97, "ours"), Dot("peer", 0.9, 0.88, 0.92), Dot("floor", 0.2, kind="floor"))
    drawn = draw_dots(Dots("F1", "About.", dots, least=0.8, most=1.0))
    ours = float(re.search(r'd="M([\d.]+) [^"]*" class="mark ours"', drawn)[1])  # type: ignore[index]
    peer = float(re.search(r'<circle cx="([\d.]+)"', drawn)[1])  # type: ignore[index]
    assert peer < ours
    assert "<td>0.950</td><td>0.930</td><td>0.970</td>" in drawn
    assert re.search(r'd="M[\d.]+ [\d.]+l9 -5v10Z"', drawn)


def test_differences_show_zero_and_signs() -> None:
    """Signed figures have a line at zero and a sign."""
    drawn = draw_dots(Dots("Ahead", "About.", (Dot("peer", 0.02, -0.01, 0.05),), signed=True))
    assert 'class="zero"' in drawn
    assert "+0.020" in drawn
    assert "-0.010" in drawn


CHARTS = [
    draw_dots(Dots(HOSTILE, HOSTILE, (Dot(HOSTILE, 0.5, 0.4, 0.6, "ours"),))),
    draw_scatter(Scatter(HOSTILE, HOSTILE, Axis(HOSTILE), Axis(HOSTILE), (Point(HOSTILE, 0.5, 0.5),), curves=True)),
    draw_strips(Strips(HOSTILE, HOSTILE, (Strip(HOSTILE, tuple(n / 20 for n in range(21)), 0.1),))),
    draw_bars(Bars(HOSTILE, HOSTILE, (Bar(HOSTILE, 3.0, HOSTILE, hue=40),))),
    draw_heat(Heat(HOSTILE, HOSTILE, (Column(HOSTILE, HOSTILE),), (HOSTILE,), ((0.5,),), corner=HOSTILE)),
]


@pytest.mark.parametrize("chart", CHARTS)
def test_texts_of_charts_are_harmless(chart: Markup) -> None:
    """A hostile name is shown as text: no tag or attribute comes of it, no control character, and it can be encoded."""
    chart.encode()
    assert isinstance(chart, Markup)
    assert "<b onmouseover" not in chart
    assert "</script>" not in chart
    assert not re.search("[\x00\x1b\u202e]", chart)


@pytest.mark.parametrize("chart", CHARTS)
def test_charts_can_be_read_without_eyes(chart: Markup) -> None:
    """A drawing has a title, a description and a table of its figures; a heat map is a table with headers."""
    if "<svg" in chart:
        assert re.search(r'<svg [^>]*role="img"[^>]*><title>.+?</title><desc>.+?</desc>', chart)
    assert '<th scope="col"' in chart
    assert '<th scope="row"' in chart


def test_charts_of_nothing_are_drawn() -> None:
    """No figures are no error."""
    assert "<svg" in draw_dots(Dots("F1", "About.", ()))
    assert "<svg" in draw_scatter(Scatter("F1", "About.", Axis("x", log=True), Axis("y"), ()))
    assert "<svg" in draw_strips(Strips("F1", "About.", ()))
    assert "<svg" in draw_bars(Bars("F1", "About.", ()))
    assert "<table" in draw_heat(Heat("F1", "About.", (), (), ()))


@given(st.lists(shares, min_size=21, max_size=21).map(sorted), shares, shares)
def test_quantiles_rise(quantiles: list[float], one: float, other: float) -> None:
    """Between given quantiles the found ones rise with the share."""
    low, high = sorted((one, other))
    assert quantile(quantiles, low) <= quantile(quantiles, high) + 1e-12


def test_stronger_colour_is_better() -> None:
    """The best figure of a heat map has the strongest colour, whichever way is better."""
    for higher, best in ((True, "0.90"), (False, "0.10")):
        drawn = draw_heat(
            Heat("F1", "A.", (Column("en"), Column("de"), Column("fr")), ("a",), ((0.1, 0.5, 0.9),), higher=higher)
        )
        assert f'--share: 100%">{best}</td>' in drawn


def test_frames_let_only_their_own_script_run(tmp_path: Path) -> None:
    """The policy names the digest of the script as it stands in the page; texts of the page are escaped."""
    (tmp_path / "one.html").write_text(
        '{% extends "frame.html" %}{% block main %}<p>{{ text }}</p>{% endblock %}', encoding="utf-8"
    )
    script = "document.title = 'a < b';"
    page = draw_frame(tmp_path, "one.html", title=HOSTILE, script=script, text=HOSTILE)
    page.encode()
    assert f"<script>{script}</script>" in page
    assert page.count("</script>") == 1
    assert policy(script).replace("'", "&#39;") in page
    assert "<U+" not in page
    assert "&lt;U+001B&gt;" in page
    assert "script-src" not in policy("")


@pytest.mark.parametrize(
    ("name", "width"),
    [("badmake", 0.635 + 0.613 + 0.635 + 0.974 + 0.613 + 0.579 + 0.615), ("good", 0.635 + 2 * 0.612 + 0.635)],
)
def test_names_have_the_room_that_a_wide_font_takes(name: str, width: float) -> None:
    """A name is no wider than it is taken for, measured in DejaVu Sans: else its first letter is cut off."""
    assert width_of(name, 1) >= width
