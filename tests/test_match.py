"""Each kind of matcher by a minimal rule: what it takes, and the near miss that it leaves."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, RuleError
from cleaner.testing import Artefact, Article, articles, check_replay
from tests.making import LAST, MORE, PROSE, clean, cleaner, load, rule, shipped

LONG = f"{PROSE} {MORE} {LAST}"
PARTS = (
    "Home",
    "Home:",
    "Sports",
    "Weather",
    "Arts",
    "|",
    ".",
    "he said.",
    PROSE,
    MORE,
    "  ",
    "\n",
    "«",
    "sports",
    ":",
)


def taken(place: Path, matcher: str, text: str, **options: str) -> list[str]:
    """Return what one rule cuts, white space at the ends aside."""
    return [cut.text.strip() for cut in clean(place, matcher, text, **options).cuts if cut.rules == ("tests.one",)]


def page(*lines: str) -> str:
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("matcher", "line"),
    [
        ("line: {eq: Zorble now}", "• ZORBLE NOW :"),
        ("line: {starts: Zorble}", "- Zorble of the day"),
        ("line: {ends: zorble}", "Read the zorble"),
        ("line: {has: zorble}", "Today (Zorble) again"),
        ('line: {re: "Zorble [0-9]+"}', "Zorble 12"),
        ("line: {has: zorble, len: [3, 9]}", "Zorble!"),
        ("line: {has: zorble, shape: caps}", "ZORBLE NOW"),
        ("line: {has: zorble, without: {ends: later}}", "Zorble now"),
        ("line: {eq: [Other, Zorble]}", "Zorble"),
    ],
)
def test_line_takes(tmp_path: Path, matcher: str, line: str) -> None:
    """A line that the predicate describes goes."""
    assert taken(tmp_path, matcher, page(PROSE, line, MORE)) == [line]


@pytest.mark.parametrize(
    ("matcher", "line"),
    [
        ("line: {eq: Zorble now}", "Zorble now and then"),
        ("line: {starts: Zorble}", "Zorbles of the day"),
        ("line: {ends: zorble}", "Read the antizorble"),
        ("line: {has: zorble}", "Zorbles again"),
        ('line: {re: "Zorble [0-9]+"}', "zorble 12"),
        ('line: {re: "Zorble [0-9]+"}', "Zorble 12!"),
        ("line: {has: zorble, len: [3, 9]}", "A long zorble"),
        ("line: {has: zorble, shape: caps}", "ZORBLE now"),
        ("line: {has: zorble, without: {ends: later}}", "Zorble later"),
    ],
)
def test_line_leaves(tmp_path: Path, matcher: str, line: str) -> None:
    """A near miss stays: words are whole, patterns match full lines with their case, keys are ANDed."""
    assert taken(tmp_path, matcher, page(PROSE, line, MORE)) == []


def test_line_takes_a_sentence_of_a_long_line(tmp_path: Path) -> None:
    """In flattened text a sentence is a line, unless the rule wants whole ones."""
    text = f"{PROSE} Zorble everyone! {MORE} {LAST}"
    assert taken(tmp_path, "line: {starts: Zorble}", text) == ["Zorble everyone!"]
    assert taken(tmp_path, "line: {starts: Zorble, whole: true}", text) == []


def test_line_places(tmp_path: Path) -> None:
    """`at` counts non-blank lines from the start or the end."""
    text = page("Zorble 1", "", PROSE, MORE, LAST, "", "Zorble 2")
    assert taken(tmp_path, "line: {starts: Zorble, at: {first: 1}}", text) == ["Zorble 1"]
    assert taken(tmp_path, "line: {starts: Zorble, at: {last: 1}}", text) == ["Zorble 2"]


def test_line_context(tmp_path: Path) -> None:
    """`before` describes the next line, `after` the one before."""
    text = page(PROSE, "Zorble", "Next one", MORE, "Zorble", LAST)
    assert len(taken(tmp_path, "line: {eq: Zorble, before: {starts: Next}}", text)) == 1
    assert len(taken(tmp_path, "line: {eq: Zorble, after: {starts: It cost}}", text)) == 1
    assert len(taken(tmp_path, "line: {eq: Zorble, after: {starts: Next}}", text)) == 0


def test_line_captures_fields(tmp_path: Path) -> None:
    """Named groups become metadata where the rule extracts."""
    matcher = 'line: {re: "Words by (?P<byline>[A-Z].+)"}'
    assert clean(tmp_path, matcher, page("Words by Ann Lee", PROSE), more="action: extract").metadata == {
        "byline": "Ann Lee"
    }
    assert clean(tmp_path, matcher, page("Words by Ann Lee", PROSE)).metadata == {}


def test_block_takes_its_steps_and_leaves_a_part(tmp_path: Path) -> None:
    """All steps must stand in order; optional ones may be missing."""
    matcher = "block: {steps: [{eq: Zorble}, {eq: Maybe, optional: true}, {starts: Sign up}]}"
    assert taken(tmp_path, matcher, page(PROSE, "Zorble", "Maybe", "Sign up now", MORE)) == [
        "Zorble\nMaybe\nSign up now"
    ]
    assert taken(tmp_path, matcher, page(PROSE, "Zorble", "Sign up now", MORE)) == ["Zorble\nSign up now"]
    assert taken(tmp_path, matcher, page(PROSE, "Zorble", "Maybe", "Or not", MORE)) == []


def test_a_step_takes_several_lines(tmp_path: Path) -> None:
    """A step with `up_to` takes lines as long as they fit, no more than so many, and at least one."""
    matcher = "block: {steps: [{eq: Zorble}, {starts: Item, up_to: 3}, {starts: Sign up}]}"
    for count, cut in ((0, False), (1, True), (3, True), (4, False)):
        box = "\n".join(["Zorble", *(f"Item {number}" for number in range(count)), "Sign up now"])
        assert taken(tmp_path, matcher, f"{PROSE}\n{box}\n{MORE}") == ([box] if cut else [])


def test_block_glued_to_a_paragraph(tmp_path: Path) -> None:
    """With `glued` the first step may be the last sentence of a longer line."""
    text = page(f"{PROSE} Zorble", "Sign up now", MORE)
    steps = "steps: [{eq: Zorble}, {starts: Sign up}]"
    assert taken(tmp_path, f"block: {{glued: true, {steps}}}", text) == ["Zorble\nSign up now"]
    assert taken(tmp_path, f"block: {{{steps}}}", text) == []


def test_block_repeats_what_it_captured(tmp_path: Path) -> None:
    """`same_as` asks for the text that an earlier step named."""
    matcher = "block: {steps: [{as: source, len: [3, 20]}, {eq: Zorble}, {same_as: source}]}"
    assert taken(tmp_path, matcher, page(PROSE, "Port Times", "Zorble", "- Port Times", MORE)) == [
        "Port Times\nZorble\n- Port Times"
    ]
    assert taken(tmp_path, matcher, page(PROSE, "Port Times", "Zorble", "Sea Times", MORE)) == []


def test_block_repeats_after_starts(tmp_path: Path) -> None:
    """With `starts` the rest of the line is compared."""
    matcher = "block: {steps: [{as: source, len: [3, 20]}, {eq: Zorble}, {starts: From, same_as: source}]}"
    assert taken(tmp_path, matcher, page(PROSE, "Port Times", "Zorble", "From Port Times", MORE))


def test_span_by_pattern_and_by_phrase(tmp_path: Path) -> None:
    """A stretch inside a line goes: what the group `cut` holds, or from an opening phrase to a closing one."""
    text = f"{PROSE} Zorble box Get more Sign off. {MORE}"
    assert taken(tmp_path, 'span: {re: " (?P<cut>Zorble box Get more Sign off\\\\.)"}', text) == [
        "Zorble box Get more Sign off."
    ]
    assert taken(tmp_path, "span: {from: Zorble box, to: Sign off.}", text) == ["Zorble box Get more Sign off."]
    assert taken(tmp_path, "span: {from: Zorble box, to: Sign off., most: 20}", text) == []


def test_span_to_sentence_line_and_phrase(tmp_path: Path) -> None:
    """A span may end with its sentence, its line or the phrase itself."""
    text = f"{PROSE} Zorble box Get more. {MORE}"
    assert taken(tmp_path, "span: {from: Zorble box, to: sentence}", text) == ["Zorble box Get more."]
    assert taken(tmp_path, "span: {from: Zorble box, to: line}", text) == [f"Zorble box Get more. {MORE}"]
    assert taken(tmp_path, "span: {from: Zorble box, to: phrase}", text) == ["Zorble box"]
    assert taken(tmp_path, "span: {from: Zorble box, to: phrase}", f"{PROSE} Zorble box, he said. {MORE}") == []


def test_span_leaves_quotations_and_sentences(tmp_path: Path) -> None:
    """A phrase in quotation marks, or one that a sentence leads into, is text."""
    for text in (f"{PROSE} «Zorble box» it said. {MORE}", f"He opened the Zorble box and left. {PROSE}"):
        assert taken(tmp_path, "span: {from: Zorble box, to: sentence}", text) == []


def test_span_ends_with_the_colon_of_a_lead_in(tmp_path: Path) -> None:
    """In flattened text a lead-in goes up to its colon, the name of an outlet before it aside; what follows stays."""
    matcher = "span: {from: Zorble also, to: colon}"
    for lead in ("Zorble also:", "Zorble also :", "Zorble also on Port Radio:", "Zorble also in the Port Times :"):
        assert clean(tmp_path, matcher, f"{PROSE} {lead} {MORE} {LAST}").text == f"{PROSE} {MORE} {LAST}"
        assert clean(tmp_path, matcher, f"{PROSE} {MORE} {LAST} {lead}").text == f"{PROSE} {MORE} {LAST}"


@pytest.mark.parametrize(
    "line",
    [
        "Zorble also: that is what the teacher asked of her pupils.",
        "Zorble also the towns that pay two things for it: Rope and sand.",
        "Zorble also, they say: Rope and sand.",
        "He read Zorble also: Rope and sand.",
        "«Zorble also»: Rope and sand.",
    ],
)
def test_span_leaves_a_lead_in_that_a_sentence_takes_further(tmp_path: Path, line: str) -> None:
    """A lead-in that goes on in lower case, is quoted, or stands inside a sentence is text; so is a short line."""
    matcher = "span: {from: Zorble also, to: colon}"
    assert taken(tmp_path, matcher, f"{PROSE} {line} {MORE} {LAST}") == []
    assert taken(tmp_path, matcher, page(PROSE, "Zorble also: The harbour reopens", MORE)) == []


def test_span_takes_sentences_along(tmp_path: Path) -> None:
    """Sentences right behind a prompt that speak of the same matter go with it, one between them as well."""
    matcher = "span: {from: Your zorble, to: sentence, along: [the zorble, zorbles], most: 400}"
    prompt = "Your zorble is in use by someone else. Why do I see this? Leave the zorble alone. Two zorbles cost more."
    assert taken(tmp_path, matcher, f"{PROSE} {prompt} {MORE} {LAST}") == [prompt]
    far = f"{PROSE} Your zorble is in use by someone else. {MORE} {LAST} Leave the zorble alone. {MORE}"
    assert taken(tmp_path, matcher, far) == ["Your zorble is in use by someone else."]
    assert taken(tmp_path, matcher.replace("400", "60"), f"{PROSE} {prompt} {MORE} {LAST}") == [
        "Your zorble is in use by someone else."
    ]


def test_sentences_along_flow_across_lines(tmp_path: Path) -> None:
    """With `flow` the sentences of the next lines go along as well; without, those of the line alone."""
    matcher = "span: {from: Your zorble, to: sentence, along: the zorble, flow: true}"
    text = page(PROSE, "Your zorble is in use by someone else.", "Leave the zorble alone.", MORE)
    assert clean(tmp_path, matcher, text).text == page(PROSE, MORE)
    assert clean(tmp_path, matcher.replace(", flow: true", ""), text).text == page(
        PROSE, "Leave the zorble alone.", MORE
    )


def test_span_leaves_what_it_must_not_be(tmp_path: Path) -> None:
    """`without` keeps the stretch from going, whatever ends it, and ends the sentences that go along."""
    prompt = "Your zorble is in use by someone else."
    told = "Leave the zorble alone, the mayor said."
    matcher = 'span: {from: Your zorble, to: sentence, along: the zorble, without: {re: ".*the mayor said."}}'
    assert taken(tmp_path, matcher, f"{PROSE} {prompt} Leave the zorble alone. {MORE}") == [
        f"{prompt} Leave the zorble alone."
    ]
    assert taken(tmp_path, matcher, f"{PROSE} {prompt} {told} Leave the zorble alone. {MORE}") == [prompt]
    assert taken(tmp_path, matcher, f"{PROSE} Your zorble is full, the mayor said. {MORE}") == []
    for made in ("from: Zorble box, to: phrase", "from: Zorble box, to: line", 're: "Zorble box"'):
        text = f"{PROSE} Zorble box {MORE}"
        assert taken(tmp_path, f"span: {{{made}}}", text) != []
        assert taken(tmp_path, f"span: {{{made}, without: {{has: box}}}}", text) == []


def test_a_sentence_ends_where_its_link_is_gone(tmp_path: Path) -> None:
    """A full stop set apart by a space closes a sentence whatever follows: a link stood before it."""
    text = f"{PROSE} Zorble now . the rest of the sentence stays. {MORE}"
    matcher = "span: {from: Zorble now, to: sentence, along: zorble}"
    assert taken(tmp_path, matcher, text) == ["Zorble now ."]


def test_glued_span_begins_anywhere(tmp_path: Path) -> None:
    """With `glued` a label may stand right behind text that no sentence closes; inside a sentence it is text."""
    matcher = "span: {from: Zorble box, to: Sign off, glued: true}"
    text = f"{PROSE} Rope and sand Zorble box Get more Sign off"
    assert taken(tmp_path, matcher, text) == ["Zorble box Get more Sign off"]
    assert taken(tmp_path, matcher.replace(", glued: true", ""), text) == []
    assert taken(tmp_path, matcher, f"{PROSE} The Zorble box was empty. Sign off") == []


def test_unbroken_span_ends_with_a_line_of_no_sentence(tmp_path: Path) -> None:
    """With `unbroken` a span takes the rest of the line only where no sentence ends in it."""
    matcher = "span: {from: Zorble also, to: line, unbroken: true}"
    assert taken(tmp_path, matcher, f"{PROSE} Zorble also: Storm breaks records") == [
        "Zorble also: Storm breaks records"
    ]
    assert taken(tmp_path, matcher, f"{PROSE} Zorble also: Storm breaks records. {MORE}") == []
    assert taken(tmp_path, matcher, f"{PROSE} Zorble also: Storm breaks records, he said.") == []


@pytest.mark.parametrize("before", ["It closed:", "Rope and sand"])
def test_span_begins_behind_a_gap(tmp_path: Path, before: str) -> None:
    """Where white space stands double, something was dropped: a phrase may begin there, as behind a sentence."""
    text = f"{PROSE} {before}  Zorble box Get more. {MORE}"
    assert taken(tmp_path, "span: {from: Zorble box, to: sentence}", text) == ["Zorble box Get more."]
    assert taken(tmp_path, "span: {from: Zorble box, to: sentence}", text.replace("  Zorble", " Zorble")) == []


@pytest.mark.parametrize(
    "matcher",
    [
        "span: {from: Zorble, to: [colon, sentence]}",
        "span: {from: Zorble, to: colon, along: zorbles}",
        "span: {re: Zorble now, along: zorbles}",
        "dup: {of: later, how: echo}",
        "span: {re: Zorble now, glued: true}",
        "span: {re: Zorble now, to: sentence}",
        "span: {re: Zorble now, has: zorbles}",
        "span: {re: Zorble now, chain: true}",
        "span: {from: Zorble, to: phrase, unbroken: true}",
        "span: {from: Zorble, to: colon, has: zorbles}",
    ],
)
def test_ends_that_exclude_each_other_are_refused(tmp_path: Path, matcher: str) -> None:
    """What can have no meaning is an error of the rule, not a rule that never fires."""
    with pytest.raises(RuleError):
        load(tmp_path, f"rules:\n{rule(matcher)}")


def test_span_flows_across_lines(tmp_path: Path) -> None:
    """With `flow` a stretch may cross line ends."""
    text = page(f"{PROSE} Zorble box", "and more Sign off", MORE)
    pattern = 're: "(?P<cut>Zorble box and more Sign off)"'
    assert taken(tmp_path, f"span: {{flow: true, {pattern}}}", text) == ["Zorble box\nand more Sign off"]
    assert taken(tmp_path, f"span: {{{pattern}}}", text) == []


def test_run_takes_items_in_every_style(tmp_path: Path) -> None:
    """Bullets stand on the line, on their own line or nowhere; too few items are no run."""
    matcher = "run: {header: {eq: Zorble list}, item: {shape: headline}, least: 3}"
    items = ["Storm breaks three records", "Rescue on the open sea", "The last typewriter shop"]
    for style in ("- {}", "-\n{}", "3. {}", "{}"):
        listed = page("Zorble list", *map(style.format, items))
        assert taken(tmp_path, matcher, page(PROSE, listed, MORE)) == [listed]
    assert taken(tmp_path, matcher, page(PROSE, "Zorble list", *items[:2], MORE)) == []


def test_run_gathers_headlines(tmp_path: Path) -> None:
    """Where the rule extracts, the items become headlines, without their bullets."""
    matcher = "run: {header: {eq: Zorble list}, item: {as: title, shape: headline}, bullets: inline, least: 2}"
    text = page(PROSE, "Zorble list", "• Storm breaks three records", "• Rescue on the open sea", MORE)
    assert clean(tmp_path, matcher, text, more="action: extract").headlines == (
        "Storm breaks three records", "Rescue on the open sea",
    )  # fmt: skip


def test_run_by_clock(tmp_path: Path) -> None:
    """Clock times that fall make a ticker; those that rise make a programme, which stays."""
    matcher = "run: {item: {len: [8, 80]}, clock: yes, order: falling, least: 3, edge: start}"
    falling = page("14:05 Harbour reopens", "13:58 Tower is sold", "13:40 A fox appears")
    rising = page("13:40 A fox appears", "13:58 Tower is sold", "14:05 Harbour reopens")
    assert taken(tmp_path, matcher, page(falling, PROSE)) == [falling]
    assert taken(tmp_path, matcher, page(rising, PROSE)) == []


TAIL = "tail: {open: {eq: Zorble tail}, confirm: {need: 2, within: 3, of: [{eq: Proof one}, {eq: Proof two}]}}"


def test_tail_needs_its_proof(tmp_path: Path) -> None:
    """An opener alone proves nothing; with its markers near it everything behind it goes."""
    tail = page("Zorble tail", "Proof one", "Proof two", MORE, LAST)
    assert taken(tmp_path, TAIL, page(PROSE, tail)) == [tail]
    assert taken(tmp_path, TAIL, page(PROSE, "Zorble tail", "Proof one", MORE)) == []
    assert taken(tmp_path, TAIL, page(PROSE, "Zorble tail", MORE, "Proof one", "Proof two")) == []


def test_tail_goes_back_over_labels(tmp_path: Path) -> None:
    """`back` takes lines directly before a proven tail."""
    text = page(PROSE, "Tags", "Zorble tail", "Proof one", "Proof two")
    assert taken(tmp_path, f"{TAIL[:-1]}, back: [{{eq: Tags}}]}}", text) == ["Tags\nZorble tail\nProof one\nProof two"]


RECORDS = """tail:
      open: {eq: Zorble tail}
      confirm: {need: 2, of: [{eq: Proof}]}
      records:
        layouts: {plain: [{as: source, len: [2, 40]}, {re: "(?P<age>[0-9]+ hours ago)"}, {as: title, len: [8, 80]}, {as: body, len: [40, 9999]}]}
    action: extract"""


def test_tail_reads_records(tmp_path: Path) -> None:
    """Appended articles become related records that replay."""
    got = clean(
        tmp_path, RECORDS, page(PROSE, "Zorble tail", "Proof", "Port Times", "3 hours ago", "Storm at sea", MORE, LAST)
    )
    assert [(r.title, r.source, r.age, r.text) for r in got.related] == [
        ("Storm at sea", "Port Times", "3 hours ago", page(MORE, LAST))
    ]
    check_replay(got)


def test_head_ends_with_its_last_marker(tmp_path: Path) -> None:
    """From the start to the last marker of a proven group, if no prose stands there."""
    matcher = "head: {open: {eq: Zorble menu}, confirm: {need: 2, within: 4, of: [{eq: Sports}, {eq: Weather}]}}"
    assert taken(tmp_path, matcher, page("Zorble menu", "Sports", "Weather", PROSE)) == ["Zorble menu\nSports\nWeather"]
    assert taken(tmp_path, matcher, page("Zorble menu", "Sports", PROSE)) == []
    assert taken(tmp_path, matcher, page(PROSE, "Zorble menu", "Sports", "Weather", MORE)) == []


HEAD = "head: {open: {eq: Home}, confirm: {need: 3, within: 10, of: [{eq: [Sports, Arts]}, {eq: Weather}]}}"


@pytest.mark.parametrize(
    "menu",
    [
        "Home Sports Weather Arts",
        "Home | Sports | Weather | Arts",
        "Storm breaks records Rescue on the open sea Home Sports Weather Arts",
        "Home Rescue on the open sea Home Sports Weather Arts Weather",
    ],
)
def test_head_is_found_in_flattened_text(tmp_path: Path, menu: str) -> None:
    """A row of labels proves the menu of flattened text; headlines before it go as well."""
    assert taken(tmp_path, HEAD, f"{menu} {PROSE} {MORE} {LAST}") == [menu]


@pytest.mark.parametrize(
    "text",
    [
        f"Home Sports Weather {PROSE} {MORE} {LAST}",
        f"Home Sports and Weather Arts {PROSE} {MORE} {LAST}",
        f"{PROSE} {MORE} Home Sports Weather Arts {LAST}",
        f"{'Storm breaks records ' * 40} Home Sports Weather Arts {PROSE}",
    ],
)
def test_head_leaves_an_article_before_a_row_of_labels(tmp_path: Path, text: str) -> None:
    """Too few labels, labels in a sentence, sentences before them, or a row too far down are no menu."""
    assert taken(tmp_path, HEAD, text) == []


def test_dup_finds_the_echo_of_an_opening(tmp_path: Path) -> None:
    """The end of flattened text that repeats its opening goes; the opening is the witness."""
    matcher = "dup: {of: earlier, how: echo}"
    caption = "Boats in the harbour: waiting for the tide"
    got = clean(tmp_path, matcher, f"{caption} {PROSE} {MORE} {LAST} {caption}", class_="duplicate")
    assert got.text == f"{caption} {PROSE} {MORE} {LAST}"


@pytest.mark.parametrize(
    "text",
    [
        f"Boats in the harbour wait. {PROSE} {MORE} {LAST} Boats in the harbour wait.",
        f"Boats in the harbour {PROSE} {MORE} {LAST} She saw Boats in the harbour",
        f"Boats in the harbours {PROSE} {MORE} {LAST} Boats in the harbour",
        f"Harbour {PROSE} {MORE} {LAST} Harbour",
        "Boats in the harbour: waiting. Boats in the harbour",
    ],
)
def test_dup_leaves_what_is_no_echo(tmp_path: Path, text: str) -> None:
    """A refrain, the end of a sentence, part of a word, a short word and a short line stay."""
    assert taken(tmp_path, "dup: {of: earlier, how: echo}", text, class_="duplicate") == []


@pytest.mark.parametrize(
    "matcher",
    [
        HEAD,
        "span: {from: Home, to: colon}",
        "span: {from: Home, to: sentence, along: [sports, weather]}",
        "span: {from: Home, to: line, unbroken: true}",
    ],
)
@given(parts=st.lists(st.sampled_from(PARTS), max_size=14))
def test_flattened_text_is_found_the_same_way_everywhere(matcher: str, parts: list[str]) -> None:
    """What is tried near literals alone equals what is tried everywhere."""
    with TemporaryDirectory() as place:
        ruleset = load(Path(place), f"rules:\n{rule(matcher)}")
    text = " ".join(parts)
    assert Cleaner(ruleset).clean(text).cuts == Cleaner(ruleset, naive=True).clean(text).cuts


def test_dup_keeps_a_witness(tmp_path: Path) -> None:
    """Of equal lines the first stays; an opening goes where the longer line stays."""
    equal = clean(tmp_path, "dup: {of: earlier, least: 20}", page(MORE, PROSE, LAST, PROSE), class_="duplicate")
    assert equal.text == page(MORE, PROSE, LAST)
    later = "dup: {of: later, how: prefix, least: 20}"
    assert clean(tmp_path, later, page(MORE, PROSE, f"{PROSE} {LAST}")).text == page(MORE, f"{PROSE} {LAST}")
    assert clean(tmp_path, later, page("The bridge opens on Friday", PROSE)).text.endswith(PROSE)


def test_dup_never_loses_the_last_copy(tmp_path: Path) -> None:
    """Two rules that each call the other's witness a double leave one of the two."""
    rules = [
        rule(f"dup: {{of: {of}, least: 20}}", name=f"tests.{of}", class_="duplicate") for of in ("earlier", "later")
    ]
    got = cleaner(tmp_path, *rules).clean(page(MORE, PROSE, LAST, PROSE))
    assert got.text.count(PROSE) + (got.title or "").count(PROSE) == 1


def test_rules_without_literal_or_place_are_refused(tmp_path: Path) -> None:
    """A rule that would be tried on every line of every document says so when it is compiled."""
    with pytest.raises(RuleError, match="no literal"):
        Cleaner(load(tmp_path, f"rules:\n{rule('line: {len: [3, 5]}')}"))


# Known faults, each with the smallest example found.


def both(place: Path, matcher: str, text: str) -> tuple[str, str]:
    """Clean with the prefilter and without."""
    ruleset = load(place, f"rules:\n{rule(matcher)}")
    return Cleaner(ruleset).clean(text).text, Cleaner(ruleset, naive=True).clean(text).text


@pytest.mark.filterwarnings("ignore:Possible nested set")
def test_prefilter_reads_posix_classes(tmp_path: Path) -> None:
    """A pattern with a POSIX class is refused, or found with the prefilter as without."""
    fast, slow = both(tmp_path, 'line: {re: "[[:upper:]]oo zorble"}', page(PROSE, "Zoo zorble", MORE))
    assert fast == slow


def test_prefilter_reads_fuzzy_patterns(tmp_path: Path) -> None:
    """A fuzzy pattern, outside the RE2-safe subset, is refused, or found with the prefilter as without."""
    try:
        fast, slow = both(tmp_path, 'line: {re: "(?:zorble){e<=1} now"}', page(PROSE, "zorbla now", MORE))
    except RuleError:
        return
    assert fast == slow


def test_dashes_in_classes_make_no_range(tmp_path: Path) -> None:
    """[*–•] means three characters."""
    assert taken(tmp_path, 'line: {re: "[*–•] zorble"}', page(PROSE, "a zorble", MORE)) == []


@pytest.mark.parametrize("at", ["first: 1", "last: 1"])
def test_flowing_spans_keep_their_place(tmp_path: Path, at: str) -> None:
    """A flowing span with a place begins on a line of that place, with the prefilter as without."""
    matcher = f'span: {{flow: true, at: {{{at}}}, re: "(?P<cut>Foo [^.]{{0,40}}zorble now)"}}'
    noise = page("Foo bar", "baz zorble now")
    fast, slow = both(tmp_path, matcher, page(noise, PROSE, MORE) if "first" in at else page(PROSE, MORE, noise))
    assert fast == slow


def test_flattened_text_needs_all_keys_of_a_predicate(tmp_path: Path) -> None:
    """In flattened text, too, keys are ANDed: what is no opener on a line of its own is none inside a long one."""
    tail = TAIL.replace("{eq: Zorble tail}", "{starts: Zorble tail, has: the daily zebra}")
    text = f"{LONG} Zorble tail Proof one Proof two And so on"
    assert cleaner(tmp_path, rule(tail), naive=True).clean(text).text == text


def test_prefilter_knows_what_flattened_text_is_searched_for(tmp_path: Path) -> None:
    """An opener that ANDs two texts is found in flattened text with the prefilter as without."""
    tail = TAIL.replace("{eq: Zorble tail}", "{starts: Zorble tail, has: the daily zebra}")
    fast, slow = both(tmp_path, tail, f"{LONG} Zorble tail Proof one Proof two And so on")
    assert fast == slow


ARTICLE = Article("en", "dialogue", "Tower to be lit again", (PROSE, "— You still have the key, then?", MORE))
VIDEOS = Artefact(
    "playlist", "inline", "Watch next\n- How a lens is ground\n- Inside the last rope factory\n- Night shift at sea"
)


def test_lists_end_where_dialogue_begins() -> None:
    """A list with hyphens does not take a line of dialogue with a long dash."""
    got = shipped().clean(page(ARTICLE.title, PROSE, VIDEOS.text, *ARTICLE.paragraphs[1:]))
    assert got.text == ARTICLE.body


def test_headers_of_comment_boxes_go_with_a_tail() -> None:
    """The header of a comment box goes with the box, whatever stands between the box and the tail."""
    tail = (
        "Try Our AI Features",
        "Explore what Daily8 AI can do for you:",
        "Comments",
        "No comments yet...",
        "Related Articles",
    )
    record = ("The Fen Observer", "5 hours ago", "- The Fen Observer", "Orchard owners fear a late frost", LAST)
    notice = "© 2025 The Sound Herald. All rights reserved."
    got = shipped().clean(page(PROSE, MORE, "Comments", "No comments yet...", notice, *tail, *record))
    assert "Comments" not in got.text


@given(articles("fr", "headings"))
@settings(max_examples=5, derandomize=True, deadline=None, database=None)
def test_strategies_draw_what_they_say(article: Article) -> None:
    """The strategy for articles keeps to the language and layout asked for."""
    assert (article.lang, article.layout) == ("fr", "headings")
    assert re.search(r"[éèà]", article.body)
