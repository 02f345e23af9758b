"""No rule cuts what a news article may print: reported sentences, sub-headings, lists, quotes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner import Cleaner

CASES = Path(__file__).parent / "cases" / "stays.txt"
BEFORE = "The bridge opened on Friday after two years of work, the mayor said in a short speech."
AFTER = (
    "It cost nine million euros, which the town paid out of its own reserves over four years.\n"
    "The next one is planned for the year after next, if the council agrees to it in May."
)


def cases() -> list[str]:
    lines = CASES.read_text(encoding="utf-8").splitlines()
    return [line.replace("⏎", "\n") for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner()


@pytest.mark.parametrize("line", cases())
def test_body_stays(cleaner: Cleaner, line: str) -> None:
    """Between two paragraphs of body the line is left as it is."""
    text = f"{BEFORE}\n{line}\n{AFTER}"
    assert cleaner.clean(text).text == text
