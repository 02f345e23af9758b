"""Texts laid out beside a gold text are whole, marked where they differ, and bounded whatever comes."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from cleaner.report.difference import MOST_CHARACTERS, MOST_LINES, Piece, Row, beside, hunks, shorten

words = st.lists(st.sampled_from(["the", "The", "bridge", "is", "open.", "\n", "閉", "鎖", "—"]), max_size=30)
texts = words.map(" ".join)
items = st.lists(st.sampled_from("abcd"), max_size=14)


def joined(pieces: Iterable[Piece], *kinds: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


@given(texts, texts, texts)
def test_texts_side_by_side_are_whole(gold: str, one: str, other: str) -> None:
    """No text loses a word, words lost and shared are those of the gold, and a row is called the same only where it is."""
    rows = list(beside(gold, one, other))
    assert "\n".join(row.gold for row in rows).split() == gold.split()
    for number, text in enumerate((one, other)):
        assert "\n".join(joined(row.texts[number], "", "extra") for row in rows).split() == text.split()
        kept = "\n".join(joined(row.texts[number], "", "lost") for row in rows)
        assert "".join(kept.lower().split()) == "".join(gold.lower().split())
    assert all({joined(text, "", "lost", "extra") for text in row.texts} == {row.gold} for row in rows if row.same)


@given(items, items)
def test_outside_of_hunks_all_is_equal(left: list[str], right: list[str]) -> None:
    """What lies outside the stretches that differ is equal, and no such stretch is empty on both sides."""
    found = hunks(left, right)
    for hunk in reversed(found):
        left[hunk.start : hunk.end] = right[hunk.first : hunk.last]
    assert left == right
    assert all(hunk.end > hunk.start or hunk.last > hunk.first for hunk in found)


@given(items, items)
def test_the_common_subsequence_is_longest(left: list[str], right: list[str]) -> None:
    """It is as long as the one found by the textbook's table."""
    row = [0] * (len(right) + 1)
    for item in left:
        last = row[:]
        for at, other in enumerate(right, 1):
            row[at] = last[at - 1] + 1 if item == other else max(last[at], row[at - 1])
    assert len(right) - sum(hunk.last - hunk.first for hunk in hunks(left, right)) == row[-1]


def test_words_that_differ_are_marked() -> None:
    """Equal lines are one row; between them the words that only one side has are marked."""
    rows = list(beside("Open.\nIt cost nine million.\nEnd.", "Open.\nIt cost ten million.\nShare\nEnd."))
    assert [row.same for row in rows] == [True, False, True]
    assert rows[1].gold == "It cost nine million."
    assert rows[1].texts == (
        (
            Piece("It cost "),
            Piece("nine ", "lost"),
            Piece("ten ", "extra"),
            Piece("million.\n"),
            Piece("Share", "extra"),
        ),
    )


def test_texts_stand_in_one_row_with_their_gold() -> None:
    """Where one of several texts differs, all show what they have at that place of the gold."""
    rows = list(beside("One.\nTwo.\nThree.", "One.\nTwo.", "Menu\nOne.\nTwo.\nThree."))
    assert [(row.same, row.gold) for row in rows] == [(False, ""), (True, "One."), (True, "Two."), (False, "Three.")]
    assert rows[0].texts == ((), (Piece("Menu", "extra"),))
    assert rows[3].texts == ((Piece("Three.", "lost"),), (Piece("Three."),))


def test_huge_texts_are_compared_as_far_as_the_limits_go() -> None:
    """A line of a megabyte and ten thousand lines are cut, and the rest is counted."""
    line, lines = "x" * 1_000_000, "\n".join(f"line {number}" for number in range(10_000))
    assert list(beside(line, line + "y"))[-1].skipped == (1_000_000 - MOST_CHARACTERS, 1_000_001 - MOST_CHARACTERS)
    rows = list(beside(lines, lines))
    assert [len(rows) - 1, rows[0].same, rows[-1].same] == [MOST_LINES, True, False]
    assert rows[-1].skipped == (len(lines) - len("\n".join(lines.split("\n")[:MOST_LINES])),) * 2
    (row,) = beside("a b " * 12_000, "b a a " * 12_000)
    assert joined(row.texts[0], "more") == " … 30,000 more words are not compared"


def test_what_is_alike_is_folded() -> None:
    """Of lines alike only those beside a difference stay; the others are counted."""
    alike = "\n".join(f"Paragraph {number}: {'the river rose again ' * 8}" for number in range(20))
    rows = list(shorten(beside(f"{alike}\nEnd.", f"Menu\n{alike}\nEnd here.")))
    assert [row.same for row in rows] == [False, True, True, True, False]
    assert rows[2].skipped[0] == rows[2].skipped[1] > 2000


@given(texts, texts, st.integers(1, 60))
def test_short_versions_account_for_all(gold: str, text: str, most: int) -> None:
    """What is shown and what is skipped add up to what was there, where no stretch was shortened within a row."""
    rows = list(beside(gold, text))
    short = list(shorten(rows, most))
    shown = sum(row.size for row in short if not row.skipped)
    assert shown <= most + max((row.size for row in rows), default=0) + 80
    if not any(
        piece.kind == "more" or "[…" in piece.text for row in short for piece in (*row.texts[0], Piece(row.gold))
    ):
        assert sum(len(row.gold) for row in rows) == sum(len(row.gold) + sum(row.skipped[:1]) for row in short)


def test_a_single_huge_difference_is_shown_in_part() -> None:
    """A document without a line end shows how it begins, and says how much is left out."""
    rows = list(shorten(beside("a b " * 9000, "b a a " * 9000), 2000))
    assert 1000 < rows[0].size < 6000
    assert "more characters are not shown" in rows[0].texts[0][-1].text


def test_hostile_text_is_written_out() -> None:
    """Control and direction characters, lone surrogates and NUL are shown as code points."""
    (row,) = beside("", "red \x1b[31m \u202e \ud800 \x00 </script>")
    assert row == Row(False, "", ((Piece("red <U+001B>[31m <U+202E> <U+D800> <U+0000> </script>", "extra"),),))
