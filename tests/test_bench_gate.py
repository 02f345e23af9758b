"""The gate: floors only rise, what falls or changes is told, and whoever lowers a floor says why in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.bench.gate import FLOORED, Floor, Floors, check, read_floors, render, update, write_floors
from cleaner.bench.results import Cost, Figure, Group, Made, Measure, PeerScores, Results, Set, Track
from cleaner.errors import CleanerError, InputError, OptionError, OutputError

LESS_IS_BETTER = {"body_lost"}
MADE = Made(
    command="cleaner bench",
    seed=0,
    resamples=0,
    python="3.11",
    machine="any",
    packages={},
    rules="",
    code="",
)

Values = Mapping[str, float]
Sets = Mapping[str, tuple[str, Values]]
"""Digest and figures of each set."""


def results(ours: str = "cleaner", **tracks: Sets) -> Results:
    """Make the results of tracks; a track's own figures are the means over its sets."""
    return Results(
        made=MADE, ours=ours, peers=(), tracks=tuple(_track(name, ours, sets) for name, sets in tracks.items())
    )


def _track(name: str, ours: str, sets: Sets) -> Track:
    measures = sorted({measure for _, values in sets.values() for measure in values})
    means = {}
    for measure in measures:
        found = [values[measure] for _, values in sets.values() if measure in values]
        means[measure] = sum(found) / len(found)
    figures = {measure: Figure(value=value, low=0, high=1) for measure, value in means.items()}
    return Track(
        name=name,
        about="",
        surface="html",
        chief="f1",
        measures=tuple(
            Measure(name=each, label=each, about="", higher=each not in LESS_IS_BETTER) for each in measures
        ),
        sets=tuple(Set(name=each, digest=digest, cases=2, sites=1, languages={}) for each, (digest, _) in sets.items()),
        peers=tuple(PeerScores(peer=peer, figures=figures, cost=Cost(median=1, mean=1)) for peer in ("identity", ours)),
        groups=tuple(
            Group(by="set", name=each, cases=2, values={ours: dict(values)}) for each, (_, values) in sets.items()
        ),
    )


def said(found: Results, floors: Floors) -> list[str]:
    return [finding.message for finding in check(found, floors)]


REACHED = results(
    html={"harbour": ("d1", {"f1": 0.93459, "rouge": 0.9}), "quay": ("d2", {"snippet_f1": 0.87})},
    dumps={"labelled": ("d3", {"noise_removed": 0.97, "body_lost": 0.01231})},
)
FLOORS = update(REACHED)


def test_floors_begin_where_the_figures_are() -> None:
    """The first update takes every floored measure of every set and of tracks with several, rounded to the loose side."""
    assert [(*floor.key, floor.bound, floor.value) for floor in FLOORS.floors] == [
        ("dumps", "labelled", "body_lost", "most", 0.0124),
        ("dumps", "labelled", "noise_removed", "least", 0.97),
        ("html", "", "f1", "least", 0.9345),
        ("html", "", "snippet_f1", "least", 0.87),
        ("html", "harbour", "f1", "least", 0.9345),
        ("html", "quay", "snippet_f1", "least", 0.87),
    ]
    assert [(known.track, known.set, known.digest) for known in FLOORS.sets] == [
        ("dumps", "labelled", "d3"),
        ("html", "harbour", "d1"),
        ("html", "quay", "d2"),
    ]
    assert (FLOORS.peer, FLOORS.lowered, FLOORS.replaced) == ("cleaner", (), ())


def test_floors_are_a_line_each() -> None:
    """The file is JSON with one floor a line, sorted, so that a change of one is a change of one line."""
    assert render(update(results(seeds={"seeds": ("d4", {"exact": 1.0})}))) == (
        "{\n"
        '  "format": 1,\n'
        '  "peer": "cleaner",\n'
        '  "sets": [\n'
        '    {"track": "seeds", "set": "seeds", "digest": "d4", "cases": 2}\n'
        "  ],\n"
        '  "floors": [\n'
        '    {"track": "seeds", "set": "seeds", "measure": "exact", "bound": "least", "value": 1.0}\n'
        "  ],\n"
        '  "lowered": [],\n'
        '  "replaced": []\n'
        "}\n"
    )


DUMPS = {"labelled": ("d3", {"noise_removed": 0.97, "body_lost": 0.01231})}
HTML = {"harbour": ("d1", {"f1": 0.93459}), "quay": ("d2", {"snippet_f1": 0.87})}


@pytest.mark.parametrize(
    ("found", "messages"),
    [
        (results(html=HTML, dumps=DUMPS), []),
        (results(html={**HTML, "harbour": ("d1", {"f1": 0.93459, "exact": 0.4})}, dumps=DUMPS), []),
        (results(html=HTML, dumps={"labelled": ("d3", {"noise_removed": 0.96999999999, "body_lost": 0.0124})}), []),
        (
            results(html=HTML, dumps={"labelled": ("d3", {"noise_removed": 0.95, "body_lost": 0.013})}),
            [
                "dumps, labelled: body_lost is 0.0130, 0.0006 above its floor: it shall be at most 0.0124",
                "dumps, labelled: noise_removed is 0.9500, 0.0200 below its floor: it shall be at least 0.9700",
            ],
        ),
        (
            results(html=HTML, dumps={"labelled": ("d3", {"noise_removed": 0.969999, "body_lost": 0})}),
            ["dumps, labelled: noise_removed is 0.969999, 0.000001 below its floor: it shall be at least 0.9700"],
        ),
        (
            results(html=HTML, dumps={"labelled": ("d3", {"noise_removed": float("nan"), "body_lost": 0})}),
            ["dumps, labelled: noise_removed has a floor of 0.9700 and was not measured"],
        ),
        (
            results(html=HTML),
            [
                "dumps, labelled has floors and was not measured: give its data too; "
                "if that is meant, --update --allow-lower REASON"
            ],
        ),
        (
            results(html={"harbour": ("d9", {"f1": 0.1}), "quay": HTML["quay"]}, dumps=DUMPS),
            [
                "html, harbour is another set, so its figures cannot be compared: its digest was d1 and is d9; "
                "if that is meant, --update --allow-lower REASON"
            ],
        ),
        (
            results(html={**HTML, "jetty": ("d5", {"f1": 0.1})}, dumps=DUMPS),
            [
                "html, jetty is new, so the figures of its track cannot be compared; "
                "if that is meant, --update --allow-lower REASON"
            ],
        ),
        (
            results(html=HTML, dumps=DUMPS, seeds={"seeds": ("d4", {"exact": 1.0})}),
            ["seeds has no floors yet; run --update"],
        ),
        (
            results(html=HTML, dumps={"labelled": ("d3", {"noise_removed": 0.97, "body_lost": 0.0, "f1": 0.9})}),
            ["dumps, labelled: f1 has no floor yet; run --update"],
        ),
        (
            results("cleaner fast", html=HTML, dumps=DUMPS),
            ["the floors are those of cleaner, the results those of cleaner fast: give each a file of its own"],
        ),
    ],
)
def test_findings_say_what_to_do(found: Results, messages: list[str]) -> None:
    """What fell, is missing, or is not what was measured is told in full; rounding is not."""
    assert said(found, FLOORS) == messages


def test_other_data_hide_no_fall_elsewhere() -> None:
    """A set that changed takes its own floors and those of its track out, and no others."""
    found = results(html={"harbour": ("d9", {"f1": 0.1}), "quay": ("d2", {"snippet_f1": 0.5})}, dumps=DUMPS)
    assert [(finding.set, finding.measure) for finding in check(found, FLOORS)] == [
        ("harbour", ""),
        ("quay", "snippet_f1"),
    ]


def test_lowering_is_refused_without_a_reason() -> None:
    """All floors that would fall are named with both values, and all sets that would be replaced."""
    found = results(html={"harbour": ("d9", {"f1": 0.99})}, dumps={"labelled": ("d3", {"body_lost": 0.0201})})
    with pytest.raises(OptionError) as refusal:
        update(found, FLOORS)
    assert str(refusal.value) == (
        "--update would lower floors or replace what they rest on: dumps, labelled: body_lost from 0.0124 to 0.0201; "
        "dumps, labelled: noise_removed from 0.9700 to none, as it was not measured; html, harbour is another set; "
        "html, quay was not measured. Say why: --allow-lower REASON"
    )


def test_a_reason_lowers_and_stays_in_the_file() -> None:
    """With a reason floors fall to the figures, and the file says from where, to where and why, also after later updates."""
    found = results(
        html={"harbour": ("d9", {"f1": 0.5})}, dumps={"labelled": ("d3", {"noise_removed": 0.95, "body_lost": 0.0})}
    )
    lower = update(found, FLOORS, "the old labels\n  were wrong")
    assert [(*floor.key, floor.value) for floor in lower.floors] == [
        ("dumps", "labelled", "body_lost", 0.0),
        ("dumps", "labelled", "noise_removed", 0.95),
        ("html", "harbour", "f1", 0.5),
    ]
    (removed,) = lower.lowered
    assert (removed.measure, removed.was, removed.now, removed.reason) == (
        "noise_removed",
        0.97,
        0.95,
        "the old labels were wrong",
    )
    assert [(known.set, known.was, known.now) for known in lower.replaced] == [
        ("harbour", "d1", "d9"),
        ("quay", "d2", None),
    ]
    again = update(found, lower)
    assert again == lower


def test_an_empty_reason_is_none() -> None:
    """A blank reason is refused even where nothing falls."""
    with pytest.raises(OptionError, match="the reason is empty; say why floors are lowered"):
        update(REACHED, FLOORS, " \n")


def test_a_peer_has_a_file_of_its_own() -> None:
    """Floors of one peer are not overwritten by the figures of another, whatever the reason."""
    with pytest.raises(OptionError, match="those of cleaner, the results those of cleaner fast"):
        update(results("cleaner fast", html=HTML), FLOORS, "a reason")


def test_a_new_track_needs_no_reason() -> None:
    """A track that was never measured replaces nothing."""
    grown = update(results(html=HTML, dumps=DUMPS, seeds={"seeds": ("d4", {"exact": 1.0})}), FLOORS)
    assert len(grown.floors) == len(FLOORS.floors) + 1
    assert grown.replaced == ()


def test_sets_of_one_name_are_refused() -> None:
    """Two sets of a track that share a name could not be told apart in the file."""
    twice = REACHED.tracks[0].model_copy(update={"sets": REACHED.tracks[0].sets[:1] * 2})
    with pytest.raises(InputError, match="html, harbour: 2 sets have this name, so none can have a floor"):
        update(REACHED.model_copy(update={"tracks": (twice,)}))


figures = st.floats(0, 1) | st.just(float("nan"))
measured_sets = st.dictionaries(
    st.sampled_from(["harbour", "quay"]),
    st.tuples(
        st.sampled_from(["d1", "d2"]), st.dictionaries(st.sampled_from([*FLOORED, "rouge"]), figures, max_size=3)
    ),
    min_size=1,
)
runs = st.dictionaries(st.sampled_from(["html", "dumps"]), measured_sets).map(lambda tracks: results(**tracks))


@given(st.lists(runs, min_size=1, max_size=4))
def test_what_was_updated_holds(history: list[Results]) -> None:
    """After any updates, the results last given keep to the floors, and updating again changes nothing."""
    floors = None
    for found in history:
        floors = update(found, floors, "the next run")
        assert check(found, floors) == ()
        assert update(found, floors) == floors


@given(runs, runs)
def test_no_floor_gets_looser_without_a_reason(first: Results, second: Results) -> None:
    """An update that needs no reason keeps every floor or tightens it; one that needs it is one that `check` objects to."""
    floors = update(first)
    try:
        after = {floor.key: floor for floor in update(second, floors).floors}
    except OptionError:
        assert check(second, floors)
        return
    for floor in floors.floors:
        assert after[floor.key].is_kept(floor.value) is (after[floor.key].value == floor.value)
        assert floor.is_kept(after[floor.key].value)


@given(runs, runs)
def test_a_reason_is_kept_with_all_that_it_excused(first: Results, second: Results) -> None:
    """What stands in the file as given up is what got looser or was replaced, no less and no more."""
    floors = update(first)
    after = update(second, floors, "because")
    now = {floor.key: floor.value for floor in after.floors}
    replaced = {(known.track, known.set) for known in after.replaced}
    stale = {*replaced, *((track, "") for track, _ in replaced)}
    looser = {
        floor.key
        for floor in floors.floors
        if floor.key[:2] not in stale and (floor.key not in now or not floor.is_kept(now[floor.key]))
    }
    assert {(lowered.track, lowered.set, lowered.measure) for lowered in after.lowered} == looser
    assert {lowered.reason for lowered in (*after.lowered, *after.replaced)} <= {"because"}


@given(st.lists(runs, min_size=1, max_size=3), st.text(st.characters(), min_size=1).filter(str.strip))
def test_floors_are_read_as_they_were_written(history: list[Results], reason: str) -> None:
    """Floors and reasons survive the file, and writing them again gives the same bytes."""
    floors = None
    for found in history:
        floors = update(found, floors, reason)
    again = Floors.model_validate_json(render(floors or FLOORS))
    assert again == floors
    assert render(again) == render(floors or FLOORS)


def test_files_are_written_and_read(tmp_path: Path) -> None:
    """Floors are written whole, over those before."""
    path = tmp_path / "floors.json"
    write_floors(path, FLOORS)
    write_floors(path, FLOORS)
    assert read_floors(path) == FLOORS
    assert [file.name for file in tmp_path.iterdir()] == ["floors.json"]


def floor(**changes: Any) -> dict[str, Any]:
    return {**Floor(track="html", set="", measure="f1", bound="least", value=0.9).model_dump(), **changes}


def file(**changes: Any) -> str:
    return json.dumps({"peer": "cleaner", **changes})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no floors: Invalid JSON"),
        ("[]", "no floors: Input should be an object"),
        (file(format=2), "no floors: format: Input should be 1"),
        (file(floors=[floor(value="high")]), "no floors: floors.0.value: Input should be a valid number"),
        (file(floors=[floor(bound="more")]), "no floors: floors.0.bound: Input should be 'least' or 'most'"),
        (file(floors=[floor(), floor(note="x")]), "no floors: floors.1.note: Extra inputs are not permitted"),
        (file(floors=[floor(), floor(value=0.1)]), "no floors: floors has html, f1 twice"),
        ('{"peer": "cleaner", "floors": [{"value": NaN}]}', "no floors: floors.0."),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str, message: str) -> None:
    """A file that holds no floors is an error that names the file and the field."""
    path = tmp_path / "floors.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        read_floors(path)
    assert str(refusal.value).startswith(f"{path}: {message}")


def test_files_that_cannot_be_reached_are_errors(tmp_path: Path) -> None:
    """A missing file says how to begin one; a place that is no folder is an error of the output."""
    with pytest.raises(InputError, match="No such file or directory; --update writes them"):
        read_floors(tmp_path / "none.json")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError) as refusal:
        write_floors(tmp_path / "file" / "floors.json", FLOORS)
    assert isinstance(refusal.value, CleanerError)
