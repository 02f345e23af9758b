"""The table of what rules cover, and the reader's verdicts on what they cut."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.coverage import LANGUAGES, markdown, measure, phrases_of, tabulate
from benchmarks.hits import Hit, hits, precision, sample
from cleaner.bench.intervals import wilson
from cleaner.model import CLASSES, Document
from cleaner.rules.load import load_shipped
from tests.making import shipped

TEXT = "The bridge opens on Friday after two years of work.\nAdvertisement\nIt cost nine million, the town said."


def test_every_class_has_its_row_and_every_language_its_cell() -> None:
    rows = tabulate(load_shipped(), {("ad", "en"): 3})
    assert [row.class_ for row in rows] == list(CLASSES)
    table = markdown(rows, LANGUAGES).splitlines()
    assert len({line.count("|") for line in table}) == 1
    assert " / 3 |" in next(line for line in table if line.startswith("| ad |"))


def test_phrases_that_hold_a_rule_off_are_not_what_it_looks_for() -> None:
    rule = load_shipped()["generic.related-list"]
    found = set(phrases_of(rule))
    assert "$related.header" in found
    assert "$comments.none" not in found


def test_cuts_are_counted_by_class_and_language() -> None:
    found = measure(shipped(), [Document("a", TEXT, lang="en"), Document("b", TEXT)])
    assert found["ad", "en"] == found["ad", "?"] == 1


def test_samples_are_drawn_evenly_and_the_same_each_time() -> None:
    corpus = [Document(str(number), TEXT) for number in range(9)]
    drawn = [sample(hits(shipped(), corpus), rules=1, each=4, seed=3) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len({hit for hit, _ in drawn[0]}) == 4
    assert all("⟦" in shown and TEXT[hit.start : hit.end] in shown for hit, shown in drawn[0])


def test_unsure_verdicts_count_neither_way(tmp_path: Path) -> None:
    rows = [("1", "noise"), ("2", "meta"), ("3", "body"), ("4", "unsure")]
    path = tmp_path / "hits.jsonl"
    lines = [{"id": name, "start": 0, "end": 4, "rule": "a.b", "verdict": verdict} for name, verdict in rows]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    columns = precision(path, {Hit("3", 0, 4, "a.b")}).columns
    assert [next(iter(column.cells)) for column in columns] == ["a.b", "4", "2", "0.667", "0.208 to 0.939", "0", "1"]


@pytest.mark.parametrize(("right", "count"), [(0, 5), (5, 5), (1, 1), (30, 40)])
def test_wilson_holds_the_share_inside_zero_and_one(right: int, count: int) -> None:
    low, high = wilson(right, count)
    assert 0 <= low <= right / count <= high <= 1
