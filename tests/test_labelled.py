"""Labelled dumps: what stays and what goes is told apart in order, and counted by class."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.left import clean, left, main, sum_up
from cleaner.bench.case import Case, Labels
from cleaner.bench.judge import Judge, Parts
from cleaner.bench.measure import reckon
from cleaner.errors import InputError
from cleaner.model import Document
from tests.making import shipped

PARTS = [("The bridge opens on Friday.", "body"), ("Advertisement", "ad"), ("It cost nine million.", "body")]


def label(parts: list[tuple[str, str]], source: str = "harbour.example") -> Case:
    """Join parts with line ends, and label each."""
    at, spans = 0, []
    for text, name in parts:
        spans.append((at, at + len(text), name))
        at += len(text) + 1
    document = Document("d", "\n".join(text for text, _ in parts), source=source)
    return Case("d", "dumps", document, Labels(tuple(spans)), source)


def judged(parts: list[tuple[str, str]], text: str) -> Parts:
    return Judge(label(parts)).score(text)


def figures(parts: list[tuple[str, str]], text: str) -> tuple[float, float]:
    found = reckon([judged(parts, text)], ["harbour.example"])
    return found.get("noise_removed", 1.0), found.get("body_lost", 0.0)


def test_the_gold_body_is_a_perfect_result() -> None:
    """All noise went, no body did, nothing was invented."""
    text = "The bridge opens on Friday.\nIt cost nine million."
    assert figures(PARTS, text) == (1, 0)
    assert judged(PARTS, text)["invented"] == 0
    assert judged(PARTS, text + " Sensation!")["invented"] == 1


def test_noise_that_stays_cannot_stand_in_for_body_that_went() -> None:
    """Tokens are aligned in order: the same words further down are other words."""
    parts = [("the bridge opens", "body"), ("Read more", "nav"), ("the bridge opens", "related")]
    assert figures(parts, "the bridge opens") == (1, 0)
    swapped = [("the bridge opens and closes", "body"), ("the bridge opens", "related")]
    assert figures(swapped, "the bridge opens")[1] == pytest.approx(2 / 5)


def test_of_a_double_either_copy_may_go() -> None:
    """Doubles are judged by count."""
    parts = [("The bridge opens", "body"), ("The bridge opens", "duplicate"), ("It cost nine million", "body")]
    text = "The bridge opens\nIt cost nine million"
    assert figures(parts, text)[0] == 1
    assert figures(parts, "The bridge opens\n" + text)[0] == 0


def test_what_may_go_or_stay_counts_for_nothing() -> None:
    """Neither meta nor what readers disagreed on is noise or body."""
    parts = [*PARTS, ("By Ines Moreau", "meta"), ("Read our guide", "disputed")]
    body = "The bridge opens on Friday.\nIt cost nine million."
    for text in (body, f"{body}\nBy Ines Moreau", f"{body}\nBy Ines Moreau\nRead our guide"):
        assert figures(parts, text) == (1, 0)


def test_removal_is_no_better_for_taking_all() -> None:
    """Who removes everything removes all noise, at the precision of the noise in the document."""
    found = reckon([judged(PARTS, "")], ["harbour.example"])
    assert (found["noise_removed"], found["body_lost"]) == (1, 1)
    assert found["removal_precision"] == pytest.approx(1 / 10)
    assert found["removal_f1"] == pytest.approx(2 / 11)
    assert reckon([judged(PARTS, label(PARTS).markup)], ["harbour.example"])["removal_f1"] == 0


def test_sources_count_alike_and_those_with_little_noise_not_at_all() -> None:
    """The mean is over sources that have ten tokens of noise."""
    rows = [{"noise": noise, "noise_kept": kept} for noise, kept in ((90, 0), (10, 10), (20, 20), (9, 9))]
    sites = ["a.example", "a.example", "b.example", "c.example"]
    assert reckon(rows, sites)["noise_removed_mean"] == pytest.approx((0.9 + 0.0) / 2)
    assert list(reckon(rows[3:], sites[3:])) == ["removal_f1", "removal_precision", "noise_removed"]


@given(
    st.lists(
        st.tuples(st.text(alphabet="ab c.", min_size=1, max_size=12), st.sampled_from(["body", "ad", "meta"])),
        max_size=8,
    )
)
def test_what_stays_as_it_came_loses_nothing_and_removes_nothing(parts: list[tuple[str, str]]) -> None:
    """The source as an answer keeps every token of every label."""
    case = label(parts)
    found = Judge(case).score(case.markup)
    assert found["body_kept"] == found["body"]
    assert found["noise_kept"] == found["noise"]
    assert found["invented"] == 0
    assert found["untouched"] == found["clean"] == (found["noise"] == 0)


def test_what_is_left_is_listed_and_summed_up() -> None:
    """Noise that stayed is listed with its class, body that went with the rules; the last line has the figures."""
    cases = [label(PARTS), label(PARTS[:1]), label([*PARTS, ("Zzyzx portal widget", "chrome")])]
    pairs = clean(shipped(), cases)
    assert [left(*pair) for pair in pairs[:2]] == [[], []]
    assert left(*pairs[2]) == ["d (harbour.example)", "  stayed (chrome): Zzyzx portal widget"]
    wrong = label([("The bridge opens on Friday.", "body"), ("Advertisement", "body")])
    (taken,) = left(*clean(shipped(), [wrong])[0])[1:]
    assert taken.startswith("  lost to generic.")
    assert taken.endswith(": Advertisement")
    assert sum_up(pairs) == (
        "3 texts, 5 tokens of noise, 23 tokens of body, noise 0.4000, clean untouched 1.0000, body lost 0.00000"
    )


def test_only_labelled_texts_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Texts are chosen by how their ids begin, rules left out by name; a case with a body has nothing to list."""
    known = {"text": "Advertisement\nIt opens.", "spans": [[0, 13, "ad"], [14, 23, "body"]]}
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps({"id": id, **known}) + "\n" for id in ("a1", "b1")), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["left", str(path), "--only-ids", "b", "--without", "ad"])
    main()
    assert capsys.readouterr().out == (
        "b1 (b1)\n  stayed (ad): Advertisement\n1 texts, 1 tokens of noise, 2 tokens of body, noise 0.0000, body lost 0.00000\n"
    )
    path.write_text('{"id": "c", "text": "It opens.", "gold": "It opens."}\n', encoding="utf-8")
    with pytest.raises(InputError, match="c: no `spans`"):
        main()
