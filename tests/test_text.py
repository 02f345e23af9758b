"""The text layer: repair, folding, lines, sentences, shapes."""

from __future__ import annotations

import pytest

from cleaner.text.fold import fold, lower, unify
from cleaner.text.repair import repair
from cleaner.text.shape import SHAPES, clock, core, lead_length
from cleaner.text.sheet import Sheet, Unit, ends_sentence

LONG = "The harbour stayed closed on Monday because of the storm, its master said. Mr. Hale lives in St. Ives! Is it far? No."


def lines(sheet: Sheet) -> list[str]:
    return [sheet.text[slice(*unit)] for unit in sheet.lines]


def sentences(text: str) -> list[str]:
    sheet = Sheet(text)
    return [sheet.text[slice(*unit)] for unit in sheet.sentences(0)]


@pytest.mark.parametrize(
    ("text", "expected", "repairs"),
    [
        ("Déjà vu", "Déjà vu", ()),
        ("“Quotes” … and dashes – stay", "“Quotes” … and dashes – stay", ()),
        ("DÃ©jÃ\u00a0 vu", "Déjà vu", ("encoding",)),
        ("itâ€™s", "it’s", ("encoding",)),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd", ("line-ends",)),
        ("cafe\u0301", "café", ("nfc",)),
        ("\ud800", "\ud800", ()),
    ],
)
def test_repair_mends_damage_only(text: str, expected: str, repairs: tuple[str, ...]) -> None:
    """Damaged encodings, line ends and accents are mended and named; typography and lone surrogates stay."""
    assert repair(text) == (expected, repairs)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("l’été", "L'ÉTÉ"),
        ("5\u202f%", "5 %"),
        ("a–b", "a-b"),
        ("ΟΔΟΣ", "οδος"),
        ("İstanbul", "istanbul"),
        ("ſtraſſe", "STRASSE"),
        ("µm", "μm"),
        ("news\u00adletter", "NEWSLETTER"),
        ("\u200bnews", "news\ufeff"),
    ],
)
def test_folding_ignores_case_and_typography(one: str, two: str) -> None:
    """Case, apostrophes, spaces, dashes and invisible characters make no difference."""
    assert fold(one) == fold(two)


@pytest.mark.parametrize(("one", "two"), [("e", "é"), ("ss", "ß"), ("a b", "ab"), (".", "…")])
def test_folding_keeps_what_differs(one: str, two: str) -> None:
    """Accents, double letters, spaces and dots do make a difference."""
    assert fold(one) != fold(two)


def test_unifying_keeps_case_and_length() -> None:
    """The cased shadow has one code point for each of the text, a lone surrogate included."""
    assert unify("L’Été\ud800—Z") == "L'Été\ufffd-Z"
    assert lower("İ") == "i"


@pytest.mark.parametrize("char", ["\v", "\f", "`"])
def test_folding_does_not_depend_on_neighbours(char: str) -> None:
    """A character folds alike whether or not the text holds others that are not ASCII."""
    assert fold(f"a{char}b é")[:3] == fold(f"a{char}b e")[:3]


def test_folding_knows_the_dotless_i() -> None:
    """A phrase with a dotless i is found in capitals."""
    assert fold("YAYINLANDI") == fold("yayınlandı")


def test_lines_leave_blank_ones_and_margins_out() -> None:
    """Blank lines are no lines, and white space at a line's ends is not part of it."""
    sheet = Sheet("  One \n\n \u00a0\n\tTwo\n")
    assert lines(sheet) == ["One", "Two"]
    assert sheet.gap_before(1) == 3
    assert [sheet.line_at(at) for at in (0, 2, 6, 12)] == [-1, 0, 0, 1]


def test_sentences_of_long_lines() -> None:
    """Sentences end where punctuation is followed by a capital, not behind an initial."""
    assert sentences(LONG + " J. Doe left.")[-2:] == ["No.", "J. Doe left."]
    assert sentences(LONG)[0].endswith("its master said.")


def test_short_lines_are_one_sentence() -> None:
    """A short line is never split."""
    assert sentences("Yes. No. Maybe.") == ["Yes. No. Maybe."]


def test_sheet_maps_back_over_holes_and_invisible_characters() -> None:
    """A span of the sheet leads to the source; what was left out inside it is taken in."""
    source = "ab\u200bcd[noise]ef"
    sheet = Sheet(source, [(5, 12)])
    assert sheet.text == "abcdef"
    assert sheet.to_source(0, 6) == (0, 14)
    assert sheet.to_source(2, 4) == (3, 5)
    assert sheet.found(0, 4) == "ab\u200bcd"


def test_sheet_of_a_part() -> None:
    """A sheet of a part of the source has the source's positions, too."""
    sheet = Sheet("0123 ab\ncd 89", (), 5, 10)
    assert lines(sheet) == ["ab", "cd"]
    assert sheet.to_source(*sheet.lines[1]) == (8, 10)


def test_doubled_opening_of_flattened_text_is_two_lines() -> None:
    """A title printed twice at the start of one long line is set apart from the text behind it."""
    title = "Storm Benjamin breaks all records"
    assert lines(Sheet(f"{title} {title} {LONG} {LONG}"))[:2] == [title, title]


@pytest.mark.parametrize(
    ("text", "expected"), [("Yes.", True), ("« Oui ! »", True), ("好。", True), ("So:", False), ("", False)]
)
def test_ends_sentence(text: str, expected: bool) -> None:
    """Closing quotes and other scripts' stops count; a colon does not."""
    assert ends_sentence(text) is expected


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Storm Benjamin breaks all records", "headline"),
        ("Most read", "label"),
        ("The harbour stayed closed on Monday because of the storm, its master said.", "prose"),
        ("DOWNLOAD THE APP", "caps"),
        ("•", "bullet"),
        ("14:05", "clock"),
    ],
)
def test_shapes(text: str, shape: str) -> None:
    """Each shape holds for what it is named after."""
    assert SHAPES[shape](text)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Nobody was hurt, he said.", "headline"),
        ("It rained.", "label"),
        ("Most read", "prose"),
        ("DOWNLOAD the app", "caps"),
        ("• Item", "bullet"),
        ("2024", "clock"),
    ],
)
def test_shapes_do_not_hold_for_near_misses(text: str, shape: str) -> None:
    """Each shape is refused to something close to it."""
    assert not SHAPES[shape](text)


def test_labels_lose_their_decoration() -> None:
    """Bullets, colons, dots and arrows around a label are not part of it; a number is a heading's."""
    assert [core(t) for t in ("• More :", "More...", "More »", "- More -", "3. More", "24 Heures")] == ["More"] * 4 + [
        "3. More",
        "24 Heures",
    ]
    assert [lead_length(t) for t in ("• a", "12) a", "a", "1.5 m")] == [2, 4, 0, 0]


def test_clock_times() -> None:
    """Clock times of several countries are read as minutes; numbers that are none are not."""
    assert [clock(t) for t in ("9h30", "14:05 x", "1:20 pm")] == [(4, 570), (5, 845), (7, 800)]
    assert [clock(t) for t in ("25:00", "2024", "3:2")] == [None, None, None]


def test_units_are_half_open() -> None:
    """A unit bounds its text like a slice."""
    assert Sheet(" ab ").lines == [Unit(1, 3)]
