"""README's tables of quality are those of the committed results."""

from __future__ import annotations

import pytest

from benchmarks.readme import BEGIN, END, README, RESULTS, insert
from cleaner.bench.results import read_results
from cleaner.errors import InputError


def test_tables_are_generated_from_the_committed_results() -> None:
    """Nobody edits a figure by hand: writing them anew changes nothing."""
    text = README.read_text(encoding="utf-8")
    assert insert(text, read_results(RESULTS)) == text


def test_what_stood_between_the_marks_goes() -> None:
    """The text around the marks stays; without marks nothing is written."""
    written = insert(f"before\n{BEGIN}old\n{END}after\n", read_results(RESULTS))
    assert written.startswith(f"before\n{BEGIN}")
    assert written.endswith(f"{END}after\n")
    assert "old\n" not in written
    with pytest.raises(InputError, match="marks"):
        insert("no marks", read_results(RESULTS))
