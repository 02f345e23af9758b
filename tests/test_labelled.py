"""Labelled dumps: what stays and what goes is told apart in order, and a wrong record says what it lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.dumps import left, run, summary
from cleaner.bench.labelled import Labelled, Removal, judge_removal, mean_over_sources, read_labelled
from cleaner.errors import InputError
from cleaner.model import Document
from tests.making import shipped

PARTS = [("The bridge opens on Friday.", "body"), ("Advertisement", "ad"), ("It cost nine million.", "body")]


def label(parts: list[tuple[str, str]], source: str | None = None) -> Labelled:
    """Join parts with line ends, and label each."""
    at, spans = 0, []
    for text, name in parts:
        spans.append((at, at + len(text), name))
        at += len(text) + 1
    return Labelled(Document("d", "\n".join(text for text, _ in parts), source=source), tuple(spans))


def test_the_gold_body_is_a_perfect_result() -> None:
    removal = judge_removal(label(PARTS), "The bridge opens on Friday.\nIt cost nine million.")
    assert (removal.removed, removal.lost, removal.invented) == (1.0, 0.0, 0)


def test_noise_that_stays_cannot_stand_in_for_body_that_went() -> None:
    parts = [("the bridge opens", "body"), ("Read more", "nav"), ("the bridge opens", "related")]
    removal = judge_removal(label(parts), "the bridge opens")
    assert (removal.removed, removal.lost) == (1.0, 0.0)
    swapped = [("the bridge opens and closes", "body"), ("the bridge opens", "related")]
    assert judge_removal(label(swapped), "the bridge opens").lost == pytest.approx(2 / 5)


def test_of_a_double_either_copy_may_go() -> None:
    parts = [("The bridge opens", "body"), ("The bridge opens", "duplicate"), ("It cost nine million", "body")]
    text = "The bridge opens\nIt cost nine million"
    assert judge_removal(label(parts), text).removed == 1
    assert judge_removal(label(parts), "The bridge opens\n" + text).removed == 0


def test_sources_count_alike_and_those_with_little_noise_not_at_all() -> None:
    gold = [label(PARTS, name) for name in ("a.example", "a.example", "b.example", "c.example")]
    rows = zip(gold, [_noise(90, 0), _noise(10, 10), _noise(20, 20), _noise(9, 9)], strict=True)
    assert mean_over_sources(rows) == pytest.approx((0.9 + 0.0) / 2)


@given(
    st.lists(
        st.tuples(st.text(alphabet="ab c.", min_size=1, max_size=12), st.sampled_from(["body", "ad", "meta"])),
        max_size=8,
    )
)
def test_what_stays_as_it_came_loses_nothing_and_removes_nothing(parts: list[tuple[str, str]]) -> None:
    gold = label(parts)
    removal = judge_removal(gold, gold.document.text)
    assert removal.lost == 0
    assert removal.removed in (0, 1)
    assert removal.kept == +removal.total


def test_the_summary_counts_clean_documents_and_the_listing_shows_what_stayed() -> None:
    rows = run(shipped(), [label(PARTS), label(PARTS[:1]), label([*PARTS, ("Zzyzx portal widget", "chrome")])])
    assert summary(rows).endswith("clean documents untouched 1/1")
    assert left(rows[0]) == []
    assert "stayed (chrome): Zzyzx portal widget" in "\n".join(left(rows[2]))


@pytest.mark.parametrize("spans", [[[0, 99, "body"]], [[0, 3, "advert"]], [[0, 3]], None])
def test_a_record_that_is_not_labelled_rightly_is_named_by_its_line(tmp_path: Path, spans: object) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "The bridge", "spans": spans}), encoding="utf-8")
    with pytest.raises(InputError, match=r"gold\.jsonl, line 1: no labelled document"):
        list(read_labelled(path))


def _noise(total: int, kept: int) -> Removal:
    removal = Removal()
    removal.total["ad"], removal.kept["ad"] = total, kept
    return removal
