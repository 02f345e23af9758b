"""The story of a document: strata, guard, title, scopes, exceptions, choices, what is recovered."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, Document, OptionError, RuleError
from cleaner.testing import check_nothing_invented, check_offsets, check_replay
from tests.making import LAST, MORE, PROSE, clean, cleaner, load, rule, shipped

ZORBLE = "line: {eq: Zorble announcement}"
NOISY = f"{PROSE}\nZorble announcement\n{MORE}"
CLEAN = f"{PROSE}\n{MORE}"
TITLE = "Bridge opens after two years"


def test_untouched_text_is_unchanged(tmp_path: Path) -> None:
    """Text in which nothing is found leaves byte for byte as it came, odd white space included."""
    text = f"  {PROSE} \n\n\n{MORE}\t\n"
    got = clean(tmp_path, ZORBLE, text)
    assert (got.text, got.status, got.cuts, got.repairs) == (text, "unchanged", (), ())


def test_cuts_hold_what_went(tmp_path: Path) -> None:
    """A cut has the place, text, class and rules of what was removed, the seam's white space included."""
    got = clean(tmp_path, ZORBLE, NOISY)
    start = len(PROSE) + 1
    assert [(c.start, c.end, c.text, c.class_, c.rules) for c in got.cuts] == [
        (start, start + 20, "Zorble announcement\n", "ad", ("tests.one",))
    ]
    assert (got.text, got.status) == (CLEAN, "cleaned")


def test_repairs_come_first_and_are_named(tmp_path: Path) -> None:
    """Offsets count in the repaired source, which the result holds."""
    got = clean(tmp_path, ZORBLE, NOISY.replace("\n", "\r\n"))
    assert (got.source, got.text, got.repairs) == (NOISY, CLEAN, ("line-ends",))


def test_overlapping_findings_are_one_cut(tmp_path: Path) -> None:
    """Where two rules want the same text the cut names both and has the class of the wider."""
    wide = rule("block: {steps: [{eq: Zorble announcement}, {eq: Click here}]}", name="tests.wide", class_="newsletter")
    got = cleaner(tmp_path, rule(ZORBLE), wide).clean(NOISY.replace("announcement", "announcement\nClick here"))
    assert [(c.class_, c.rules) for c in got.cuts] == [("newsletter", ("tests.one", "tests.wide"))]


TAIL = "tail: {open: {eq: Zorble tail}, confirm: {need: 1, of: [{eq: Proof}]}}"


def test_regions_go_before_furniture_counts_lines(tmp_path: Path) -> None:
    """The last line is the last one that tails have left."""
    rules = [rule(TAIL, name="tests.tail"), rule("line: {starts: Zorble, at: {last: 1}}", name="tests.line")]
    got = cleaner(tmp_path, *rules).clean(f"{PROSE}\n{MORE}\nZorble of the day\nZorble tail\nProof\n{LAST}")
    assert [c.rules for c in got.cuts] == [("tests.line",), ("tests.tail",)]


def test_furniture_sees_one_text(tmp_path: Path) -> None:
    """Within a stratum no rule sees what another has cut: neither of two last lines makes room for a third."""
    rules = [rule(f"line: {{eq: Zorble {n}, at: {{last: 2}}}}", name=f"tests.{n}") for n in ("one", "two", "three")]
    got = cleaner(tmp_path, *rules).clean(f"{PROSE}\n{MORE}\nZorble three\nZorble two\nZorble one")
    assert got.text == f"{CLEAN}\nZorble three"


def test_doubles_are_judged_last(tmp_path: Path) -> None:
    """A line is no double of one that furniture rules took."""
    rules = [rule("dup: {of: earlier, least: 20}", name="tests.dup"), rule("line: {starts: Zorble, at: {first: 1}}")]
    got = cleaner(tmp_path, *rules).clean(
        f"Zorble of the whole long day\n{PROSE}\nZorble of the whole long day\n{MORE}"
    )
    assert got.text == f"{PROSE}\nZorble of the whole long day\n{MORE}"


def test_guard_gives_up_the_least_sure(tmp_path: Path) -> None:
    """Below the least body the rule of lower confidence is held back, and the document is flagged."""
    sure = rule("line: {starts: Sure}", name="tests.sure", more="guard: {confidence: 0.9}")
    unsure = rule("line: {starts: Unsure}", name="tests.unsure", more="guard: {confidence: 0.2}")
    text = "Sure enough, that is noise of the page, all of it, to the end.\nUnsure, this might be text that someone wrote, or not."
    got = cleaner(tmp_path, sure, unsure).clean(text)
    assert (got.text, got.flags) == (text.split("\n")[1], ("guard:tests.unsure",))


def test_guard_spares_a_proven_tail(tmp_path: Path) -> None:
    """Before a confirmed tail one sentence is enough of a body."""
    got = clean(tmp_path, TAIL, f"The vote is on Friday.\nZorble tail\nProof\n{LAST}\n{LAST}")
    assert (got.text, got.flags) == ("The vote is on Friday.", ())


def test_guard_bounds_a_rule(tmp_path: Path) -> None:
    """A rule that takes more hits or a larger share than it allows itself takes nothing."""
    text = f"{PROSE}\nZorble one\n{MORE}\nZorble two\n{LAST}"
    assert clean(tmp_path, "line: {starts: Zorble}", text, more="guard: {max_hits: 1}").cuts == ()
    assert clean(tmp_path, "line: {starts: Zorble}", text, more="guard: {max_share: 0.01}").cuts == ()
    assert len(clean(tmp_path, "line: {starts: Zorble}", text, more="guard: {max_hits: 2}").cuts) == 2


def test_guard_counts_no_white_space(tmp_path: Path) -> None:
    """A page of noise and blank lines keeps something to read."""
    assert clean(tmp_path, "line: {starts: Zorble}", "Zorble one\n\n\nZorble two\n\n\nZorble three").text.strip()


# The title.


def title(text: str, **known: Any) -> str | None:
    return shipped().clean(text, **known).title


def test_title_is_the_first_line_before_sentences() -> None:
    """A line without sentence end, followed by sentences, moves out of the text, as a cut of its own."""
    got = shipped().clean(f"{TITLE}\n{CLEAN}")
    assert (got.title, got.text) == (TITLE, CLEAN)
    assert [(c.class_, c.rules, c.text) for c in got.cuts] == [("meta", ("title",), f"{TITLE}\n")]


@pytest.mark.parametrize(
    "text", [CLEAN, f"{TITLE}:\n{CLEAN}", f"Short\n{CLEAN}", TITLE, f"{TITLE} {CLEAN}".replace("\n", " ")]
)
def test_title_needs_proof(text: str) -> None:
    """A sentence, a lead-in, a word, a line alone and flattened text are no titles."""
    got = shipped().clean(text)
    assert (got.title, got.text) == (None, text)


def test_known_title_goes_from_the_text_and_stays() -> None:
    """A title that came with the document is cut where it is the first line, and never replaced."""
    assert shipped().clean(f"{TITLE.upper()}\n{CLEAN}", title=TITLE).text == CLEAN
    got = shipped().clean(f"{TITLE}\n{CLEAN}", title="Another title")
    assert (got.title, got.text) == ("Another title", f"{TITLE}\n{CLEAN}")


def test_doubled_title_is_proven() -> None:
    """A first line printed twice is the title, also one that asks or ends a sentence."""
    asked = "Is the bridge safe, and who has paid for all of it."
    assert title(f"{asked}\n{asked}\n{CLEAN}") == asked


def test_slug_proves_a_title() -> None:
    """A first line whose words stand in the URL is the title."""
    asked = "Bridge opens after two years, at last."
    assert title(f"{asked}\n{CLEAN}") is None
    assert title(f"{asked}\n{CLEAN}", url="https://news.example/2025/bridge-opens-after-two-years") == asked


@pytest.mark.parametrize(
    "text",
    [
        f"What would you do if the bridge closed again?\n{CLEAN}",
        f"The bridge opens again. Nobody is glad about it\n{CLEAN}",
        f"Key takeaways\n{CLEAN}",
        f"{'The town has paid for the bridge, the ferry and the lighthouse, ' * 2}and for the old road as well\n{CLEAN}",
        f"近日，港务局宣布渡轮将于周五恢复航行\n{CLEAN}",
        f"8 月 9 日消息，港务局宣布渡轮恢复航行\n{CLEAN}",
        f"港务局在渡轮公司的记者会上宣布，\n渡轮周五恢复航行，票价保持不变。\n{CLEAN}",
    ],
)
def test_first_sentence_is_no_title(text: str) -> None:
    """A first line that is a sentence, opens a report, heads a box or is as long as a standfirst stays without proof."""
    got = shipped().clean(text)
    assert (got.title, got.text) == (None, text)


@pytest.mark.parametrize(
    "first",
    [
        "Bridge opens after two years. The town has paid for it.",
        "Bridge opens after two years, and\nnobody is glad of it.",
    ],
)
def test_slug_proves_no_more_than_a_title(first: str) -> None:
    """Where a first line that names the slug goes on, or holds the first sentence too, it stays whole."""
    url = "https://news.example/2025/bridge-opens-after-two-years"
    assert (title(f"{first}\n{CLEAN}", url=url), title("Bridge opens after two years\n" + CLEAN, url=url)) == (
        None,
        "Bridge opens after two years",
    )


def test_words_with_spaces_are_no_slug() -> None:
    """An address made of a post's first words proves no title."""
    asked = "My brother has sent me this letter, he says:"
    assert title(f"{asked}\n{CLEAN}", url="My brother has sent me this letter - Harbour | Network") is None


def test_title_with_noise_inside() -> None:
    """A title through which a cut goes is moved whole, without the noise."""
    got = shipped().clean(f"Le pont rouvre Publié hier à 10h00 La ville respire\n{CLEAN}")
    assert (got.title, got.text) == ("Le pont rouvre La ville respire", CLEAN)


def test_doubled_teaser_proves_no_title() -> None:
    """A teaser that the first paragraph opens with goes; the paragraph stays in the text."""
    got = shipped().clean(f"{PROSE}\n{PROSE} {MORE}")
    assert (got.title, got.text) == (None, f"{PROSE} {MORE}")


# Scopes, exceptions, choices.


@pytest.mark.parametrize(
    ("scope", "known", "applies"),
    [
        ("hosts: [a.example]", {"url": "https://a.example/x"}, True),
        ("hosts: [a.example]", {"url": "https://www.a.example/x"}, True),
        ("hosts: [a.example]", {"url": "https://m.a.example/x"}, True),
        ("hosts: [a.example]", {"url": "https://ba.example/x"}, False),
        ("hosts: [a.example]", {}, False),
        ("hosts: [a.example]", {"source": "a.example"}, True),
        ("hosts: [a.example], proof: [nine million]", {}, True),
        ("hosts: [a.example], proof: [ten million]", {}, False),
        ("lang: [fr, de]", {"lang": "de"}, True),
        ("lang: [fr, de]", {"lang": "de-CH"}, True),
        ("lang: [fr, de]", {"lang": "en"}, False),
        ("lang: [fr, de]", {}, True),
        ('valid_from: "2025-01-01"', {"crawled": "2025-06-01T10:00:00Z"}, True),
        ('valid_from: "2025-01-01"', {"crawled": "2024-12-31"}, False),
        ('valid_until: "2025-01-01"', {"crawled": "2025-01-02"}, False),
        ('valid_until: "2025-01-01"', {}, True),
        ("apply_to: related", {}, False),
        ("apply_to: body", {}, True),
    ],
)
def test_scopes(tmp_path: Path, scope: str, known: Mapping[str, Any], applies: bool) -> None:
    """A rule applies by host, proof in the text, language, date of the crawl and part."""
    got = clean(tmp_path, ZORBLE, NOISY, more=f"scope: {{{scope}}}", **known)
    assert got.text == (CLEAN if applies else NOISY)


def test_scopes_of_three_letter_languages(tmp_path: Path) -> None:
    """A rule for a language with a code of three letters applies to it."""
    assert clean(tmp_path, ZORBLE, NOISY, more="scope: {lang: [gsw]}", lang="gsw").text == CLEAN


@pytest.mark.parametrize("host", ["www.a.example", "A.example"])
def test_scopes_of_hosts_as_people_write_them(tmp_path: Path, host: str) -> None:
    """A host with www. or capitals in a rule is the same host."""
    assert (
        clean(tmp_path, ZORBLE, NOISY, more=f"scope: {{hosts: [{host}]}}", url="https://www.a.example/x").text == CLEAN
    )


def test_malformed_urls_are_no_host() -> None:
    """A URL that cannot be read is no reason to fail."""
    assert shipped().clean(CLEAN, url="http://[news").text == CLEAN


EXCEPT = "exceptions:\n  - {{rule: tests.one, why: This site writes about it., scope: {{hosts: [{}]}}}}\n"


def test_exceptions_switch_a_rule_off_in_their_scope(tmp_path: Path) -> None:
    """Within its scope an exception wins, elsewhere the rule runs."""
    made = Cleaner(load(tmp_path, f"{EXCEPT.format('a.example')}rules:\n{rule(ZORBLE)}"))
    assert made.clean(NOISY, url="https://a.example/").text == NOISY
    assert made.clean(NOISY, url="https://b.example/").text == CLEAN


def test_exceptions_add_up(tmp_path: Path) -> None:
    """Two exceptions to one rule both hold, whatever the order of their files."""
    made = Cleaner(load(tmp_path, f"rules:\n{rule(ZORBLE)}", EXCEPT.format("a.example"), EXCEPT.format("b.example")))
    assert [made.clean(NOISY, url=f"https://{host}.example/").text for host in "ab"] == [NOISY, NOISY]


def test_patterns_do_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    """A pattern named twice is refused, or means the same in either order of files."""
    texts = []
    for number, names in enumerate((("Zorble", "Other"), ("Other", "Zorble"))):
        place = tmp_path / str(number)
        place.mkdir()
        matcher = 'line: {re: "{{p}} announcement"}'
        try:
            made = load(place, f"rules:\n{rule(matcher)}", *(f"patterns: {{p: {name}}}" for name in names))
        except RuleError:
            return
        texts.append(Cleaner(made).clean(NOISY).text)
    assert texts[0] == texts[1]


RULES = (rule(ZORBLE), rule("line: {eq: Share this}", name="tests.two", class_="share"))


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({}, ()),
        ({"only": ["share"]}, ("Zorble announcement",)),
        ({"only": ["tests.one"]}, ("Share this",)),
        ({"without": ["ad"]}, ("Zorble announcement",)),
        ({"without": ["tests.two"]}, ("Share this",)),
        ({"only": ["ad", "share"], "without": ["share"]}, ("Share this",)),
    ],
)
def test_only_and_without(tmp_path: Path, options: dict[str, Any], left: tuple[str, ...]) -> None:
    """Classes and rules are run or left out by name."""
    got = cleaner(tmp_path, *RULES, **options).clean(f"{PROSE}\nZorble announcement\nShare this\n{MORE}")
    assert got.text == "\n".join([PROSE, *left, MORE])


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    """A misspelt class or rule is an error, not an empty choice."""
    with pytest.raises(OptionError, match="'adds' is neither"):
        cleaner(tmp_path, *RULES, only=["adds"])


def test_experimental_rules_run_on_request(tmp_path: Path) -> None:
    """A rule on trial runs only where it is named."""
    trial = rule(ZORBLE, more="status: experimental")
    assert cleaner(tmp_path, trial).clean(NOISY).text == NOISY
    assert cleaner(tmp_path, trial, only=["tests.one"]).clean(NOISY).text == CLEAN


# What is recovered.


def test_metadata_of_the_input_stays_and_is_added_to(tmp_path: Path) -> None:
    """Fields found in the text join those that came; of two values in the text the first counts."""
    matcher = 'line: {re: "Words by (?P<byline>.+)"}'
    got = clean(
        tmp_path,
        matcher,
        f"Words by Ann\n{PROSE}\nWords by Bob\n{MORE}",
        more="action: extract",
        metadata={"section": "Local"},
    )
    assert dict(got.metadata) == {"section": "Local", "byline": "Ann"}


RELATED = f"""{PROSE}
{MORE}
Try Our AI Features
Explore what Daily8 AI can do for you:
Comments
No comments yet...
Related Articles

The Gazette
3 hours ago
- The Gazette
Harbour closed after storm
The harbour stayed closed on Monday because of the storm, its master said, and boats were moved.
Advertisement
Nobody knows when it will open again, and the ferry to the island is cancelled until Wednesday."""


def test_related_articles_are_cleaned_and_replay() -> None:
    """An appended article loses its own noise, and its cuts lead back to the source."""
    got = shipped().clean(RELATED)
    assert got.text == CLEAN
    (record,) = got.related
    assert (record.title, record.source, record.age) == ("Harbour closed after storm", "The Gazette", "3 hours ago")
    assert "Advertisement" not in record.text
    assert [cut.class_ for cut in record.cuts] == ["ad"]
    for check in (check_replay, check_offsets, check_nothing_invented):
        check(got)


def test_rules_of_the_page_host_do_not_reach_related(tmp_path: Path) -> None:
    """An appended article comes from elsewhere: the host of the page says nothing about it."""
    place = load(tmp_path, f"rules:\n{rule('line: {eq: Advertisement}', more='scope: {hosts: [a.example]}')}")
    shipped = Cleaner().ruleset
    both = Cleaner([tmp_path / "00.yaml"], without=["generic.ad-label", "generic.ad-label-inline"])
    assert len(both.ruleset.rules) == len(shipped.rules) + len(place.rules) - 2
    (record,) = both.clean(RELATED, url="https://a.example/x").related
    assert "Advertisement" in record.text


def test_pipe_keeps_order_and_ids() -> None:
    """Texts get their number as id, documents keep theirs."""
    got = list(shipped().pipe([CLEAN, Document("x", NOISY)]))
    assert [(c.document.id, c.text) for c in got] == [("0", CLEAN), ("x", NOISY)]


def test_results_name_their_rules(tmp_path: Path) -> None:
    """The digest tells sets of rules apart and is the same for the same set."""
    made = cleaner(tmp_path, *RULES)
    assert made.clean(CLEAN).rules_digest == made.ruleset.digest
    assert (
        made.ruleset.digest
        != made.ruleset.only(made.ruleset.rules[:1]).digest
        == cleaner(tmp_path, RULES[0]).ruleset.digest
    )


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\0", "\ud800", "a", "-", "\u200b", "é" * 5000])
def test_tiny_and_odd_texts_pass(text: str) -> None:
    """What holds nothing to clean comes back as it is."""
    assert shipped().clean(text).text == text


HUGE = (f"{PROSE} " * 10_000, f"{PROSE[:20]}\n" * 50_000, "- \n" * 20_000, "Advertisement\n" * 2_000)


@pytest.mark.parametrize("text", HUGE, ids=["line", "lines", "bullets", "labels"])
def test_huge_texts_pass(text: str) -> None:
    """A line of a million characters and fifty thousand lines are cleaned like any other text."""
    check_replay(shipped().clean(text))


def test_work_grows_with_the_text() -> None:
    """Twice the text is about twice the work, counted in calls, also where every few words look like a list's header."""
    made = Cleaner()
    once, twice = (count_calls(made, "Watch next - item one " * number) for number in (100, 200))
    assert twice < 2.5 * once


def count_calls(made: Cleaner, text: str) -> int:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        made.clean(text)
    finally:
        sys.setprofile(None)
    return calls
