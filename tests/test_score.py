"""`score` rules: whole pages lose what surrounds their article, and nothing else is touched."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from textwrap import fill

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.clean import Cleaner
from cleaner.errors import RuleError
from cleaner.io.record import describe
from cleaner.lint import lint
from cleaner.match.naive import weigh_blocks
from cleaner.match.score import NO_CORE, TWO_CORES, ScoreMatcher, score
from cleaner.match.whole_page import is_whole, is_whole_page, may_be_whole, profile
from cleaner.model import Cleaned, replay
from cleaner.report.drawing import lay_out
from cleaner.rules.atoms import pattern_width
from cleaner.rules.load import load_rules, load_shipped, shipped_rules
from cleaner.testing import Article, NoisyPage, articles, pages
from cleaner.text.features import _ADDRESS, _MARK, _MOMENT, _QUOTE, FIRST, SCORES, describe_scores
from cleaner.text.features import describe as describe_blocks
from cleaner.text.layout import blocks, wrap_width
from cleaner.text.sheet import Sheet
from tests.making import shipped

RULE = "structure.whole-page"
WEIGHTS = load_shipped().weights["whole-page"]
FILE = shipped_rules() / "weights" / "whole-page.yaml"

MENU = (
    "Skip to content", "Menu", "News", "Sport", "Culture", "Weather", "Podcasts", "Videos", "Sections", "Harbour",
    "Old Town", "Markets", "Schools", "Transport", "Letters", "Log in",
)  # fmt: skip
FOOTER = (
    "Most read", "Ferry timetable", "Market days", "School meals", "Tide tables", "Flood maps", "Company", "Imprint",
    "Careers", "Press", "Our paper", "Archive", "Contact", "Help",
)  # fmt: skip
TITLE = "Bridge opens again after two years of work"
BODY = (
    "The bridge over the harbour opened again on Friday after two years of work, and the first to cross it were the "
    "pupils of the school on the other bank.",
    "Engineers replaced all forty cables of the bridge one by one while boats kept passing below. The work cost nine "
    "million, a third more than the council had planned for.",
    "“We closed it for eleven nights in all,” the head of works said, “and every one of them was announced a month "
    "before.” Shops on the quay had feared worse.",
    "Lorries may cross from Monday. Until then the old road by the mill stays open, and the ferry over the harbour "
    "runs every ten minutes in the morning and in the evening.",
    "The council wants to decide in spring whether the second bridge gets new cables as well. It was built in the same "
    "year, by the same engineers, and its cables are as old.",
)
OTHER = (
    "The museum on the hill shows the maps of three hundred years of sailing from today on, among them the first one on "
    "which the island of the town bears its name.",
    "Visitors can unroll copies of the maps on long tables and follow the routes of the merchants with a finger. The "
    "originals hang behind glass, in a light that hurts no paper.",
    "“Nobody has seen these sheets since the fire,” the curator said, “and some of them we had given up for lost.” A "
    "family on the mainland had kept them in its attic.",
    "The exhibition stays open until the end of winter. On Sundays children pay nothing, and in the evening the "
    "museum shows films about the wreck in the bay.",
)


PLACES = (
    "Eel Gate", "Lower quay", "Upper quay", "Mill weir", "Lantern hill", "Rope walk", "Salt yard", "Net lofts",
    "Tar lane", "Swan bank", "Oyster steps", "Gull rock", "Fish stairs", "Cooper row", "Anchor mews", "Sand end",
)  # fmt: skip


def indented(body: tuple[str, ...] = BODY, title: str = TITLE, entries: tuple[str, ...] = MENU) -> str:
    """Lay a page out as inscriptis does."""
    menu = "\n".join(f"    * {entry}" for entry in entries)
    text = "\n\n".join(f"      {paragraph}" for paragraph in body)
    footer = "\n".join(f"    * {entry}" for entry in FOOTER)
    return f"Harbour Post\n{menu}\n\n  {title}\n\n{text}\n\n{footer}"


def plain() -> str:
    """Lay a page out at the margin."""
    return "\n".join((*MENU, *(f"{entry} today" for entry in MENU), TITLE, "", "\n\n".join(BODY), "", *FOOTER, *FOOTER))


def broken() -> str:
    """Lay a page out as a terminal browser does."""
    text = "\n\n".join(fill(paragraph, 79, initial_indent="   ", subsequent_indent="   ") for paragraph in BODY)
    menu = "\n".join(f"     * {entry}" for entry in MENU)
    return f"   Harbour Post\n\n{menu}\n\n{TITLE}\n\n{text}\n\n" + "\n".join(f"     * {entry}" for entry in FOOTER)


PAGES = {"indented": indented(), "plain": plain(), "broken": broken()}


def alone(**options: bool) -> Cleaner:
    return Cleaner(only=RULE, **options)


def squash(text: str) -> list[str]:
    return text.split()


def acted(cleaned: Cleaned) -> bool:
    return any(cut.because for cut in cleaned.cuts)


@pytest.mark.parametrize("form", PAGES)
@pytest.mark.parametrize("only", [(), (RULE,)])
def test_a_page_is_left_with_its_article(form: str, only: tuple[str, ...]) -> None:
    """Menus and footers go, in each form that pages are turned into text; every word of the body stays, in order."""
    cleaned = Cleaner(only=only).clean(PAGES[form])
    assert squash(cleaned.text) == squash(" ".join(BODY))
    assert cleaned.title == TITLE


@pytest.mark.parametrize("form", PAGES)
def test_each_cut_says_what_weighed_most(form: str) -> None:
    """Contiguous blocks are one cut; it names three features of the file with what they took off."""
    cuts = [cut for cut in alone().clean(PAGES[form]).cuts if cut.rules == (RULE,)]
    assert len(cuts) == 2
    for cut in cuts:
        assert len(cut.because) == 3
        for name, value in map(str.split, cut.because):
            assert name in WEIGHTS.second.features
            assert float(value) < 0


def test_the_reasons_are_recorded_and_drawn() -> None:
    """A record has `because` where features decided, and nowhere else; drawings show it behind the rule."""
    cleaned = shipped().clean(indented(entries=PLACES))
    rows = describe(cleaned)["cuts"]
    assert any("because" in row for row in rows)
    assert all(("because" in row) == bool(cut.because) for row, cut in zip(rows, cleaned.cuts, strict=True))
    scored = next(cut for cut in cleaned.cuts if cut.because)
    assert f"{RULE} ({', '.join(scored.because)})" in " ".join(
        piece.label for piece in lay_out(cleaned.source, cleaned.cuts)
    )


def test_a_page_without_prose_is_flagged_and_left() -> None:
    """Where nothing is surely body, nothing goes."""
    text = "\n".join(f"    * {entry}" if number % 3 else f"  {entry}" for number, entry in enumerate((*MENU, *FOOTER)))
    cleaned = alone().clean(text)
    assert cleaned.flags == (NO_CORE,)
    assert not acted(cleaned)


def test_a_page_of_two_articles_is_flagged_and_left() -> None:
    """Where two stretches far apart could be the article, nothing goes."""
    links = "\n".join(f"    * {entry} {number}" for number in range(12) for entry in MENU[2:8])
    cleaned = alone().clean(f"{indented()}\n{links}\n{indented(OTHER, 'Maps of the island come to the museum')}")
    assert cleaned.flags == (TWO_CORES,)
    assert not acted(cleaned)


def test_the_gate_asks_about_the_text_as_it_came() -> None:
    """A page whose menu another rule has cut is one still; the same words without it never were."""
    text = indented(entries=PLACES)
    start, end = text.index(PLACES[0]), text.index(PLACES[-3])
    first = Sheet(text)
    rest = Sheet(text, [(start, end)], whole=first)
    assert first.whole is first
    assert rest.whole is first
    matcher = ScoreMatcher(WEIGHTS, WEIGHTS.thresholds, "score test")
    cut = [rest.text[one.start : one.end] for one in matcher.find(rest, None)]
    assert any(PLACES[-1] in part for part in cut)
    assert any(FOOTER[-1] in part for part in cut)
    bare = Sheet("\n".join((*PLACES[-3:], TITLE, *BODY)))
    assert matcher.find(bare, None) == []


@given(articles())
@settings(max_examples=60, deadline=None)
def test_articles_are_no_pages(article: Article) -> None:
    """Invented articles in many languages, in every layout, are not recognised as whole pages."""
    assert not is_whole(profile(blocks(Sheet(article.text))), WEIGHTS.gate)


@given(pages())
@settings(max_examples=60, deadline=None)
def test_articles_with_some_noise_are_no_pages(page: NoisyPage) -> None:
    """Nor are those into which furniture was put."""
    assert not is_whole(profile(blocks(Sheet(page.text))), WEIGHTS.gate)


SENTENCES = st.sampled_from([*BODY, *OTHER, "Nobody was hurt.", "Why now?", "It rained."])


@given(st.lists(SENTENCES, min_size=1, max_size=60), st.sampled_from(["\n", "\n\n", " "]))
@settings(max_examples=60, deadline=None)
def test_prose_is_never_touched(sentences: list[str], between: str) -> None:
    """However many paragraphs there are, and however short, text that closes its sentences is no page."""
    cleaned = alone().clean(between.join(sentences))
    assert not acted(cleaned)
    assert cleaned.flags == ()


LINES = st.one_of(SENTENCES, st.sampled_from(MENU + FOOTER), st.text(max_size=60))
LAYOUT = st.tuples(st.sampled_from(["", "  ", "    * ", "   "]), LINES, st.sampled_from(["\n", "\n\n"]))


@given(st.lists(LAYOUT, max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_page_raises_and_cuts_replay(rows: list[tuple[str, str, str]]) -> None:
    """Any page gives disjoint cuts that lead back to its source, the same with and without the fast way."""
    text = "".join(lead + line + end for lead, line, end in rows)
    cleaned = alone().clean(text)
    assert replay(cleaned.source, cleaned.cuts) == cleaned.text
    assert all(cleaned.source[cut.start : cut.end] == cut.text for cut in cleaned.cuts)
    assert alone(naive=True).clean(text).cuts == cleaned.cuts


@given(st.lists(LAYOUT, min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_the_oracle_weighs_the_same(rows: list[tuple[str, str, str]]) -> None:
    """Scores equal, digit for digit, those of plain loops over blocks and features."""
    columns = describe_blocks(blocks(Sheet("".join(lead + line + end for lead, line, end in rows))))
    first = score(WEIGHTS.first, columns)
    assert score(WEIGHTS.second, describe_scores(columns, first)) == weigh_blocks(WEIGHTS, columns)


def test_the_order_of_features_is_irrelevant() -> None:
    """Weights listed backwards cut the same, for the same reasons."""
    backwards = WEIGHTS.model_copy(
        update={
            part: weights.model_copy(update={"features": dict(reversed(weights.features.items()))})
            for part, weights in (("first", WEIGHTS.first), ("second", WEIGHTS.second))
        }
    )
    turned = Cleaner(replace(load_shipped(), weights={"whole-page": backwards}), only=RULE)
    for text in PAGES.values():
        assert turned.clean(text).cuts == alone().clean(text).cuts


def test_all_features_have_values_and_bounds() -> None:
    """Each declared feature is measured for each block, as a finite number."""
    columns = describe_blocks(blocks(Sheet(PAGES["indented"])))
    assert tuple(columns) == FIRST
    count = len(columns["size"])
    both = describe_scores(columns, [0.5] * count)
    assert tuple(both) == (*FIRST, *SCORES)
    assert all(len(values) == count and all(abs(value) < 1e6 for value in values) for values in both.values())
    assert describe_scores(describe_blocks([]), []) == {name: [] for name in (*FIRST, *SCORES)}


def test_addresses_are_found_in_linear_time() -> None:
    """The patterns that are searched in every block bound what they match: a blob of one long word costs no more."""
    assert all(pattern_width(found.pattern) is not None for found in (_ADDRESS, _MOMENT, _MARK, _QUOTE))
    told = [
        text
        for text in ("to jo@x.org", "x.example.com", "www.x", "http: x", "e.g. this", "@jo, a.b")
        if _ADDRESS.search(text)
    ]
    assert told == ["to jo@x.org", "x.example.com", "www.x", "http: x"]


def test_lines_broken_at_a_width_are_one_block() -> None:
    """A paragraph broken by a terminal browser is read as one line; items of a list, and short lines, stay apart."""
    texts = [block.text for block in blocks(Sheet(broken()))]
    assert [text for text in texts if text in BODY] == list(BODY)
    assert {f"* {entry}" for entry in MENU} <= set(texts)
    assert [block.text for block in blocks(Sheet("\n".join(BODY)))] == list(BODY)


def test_a_width_is_known_by_many_full_lines() -> None:
    """Texts of long lines, and texts of short ones alone, were not broken."""
    assert wrap_width([79] * 20 + [12] * 5) == 79
    assert wrap_width([12, 18, 9, 30]) == wrap_width([]) == wrap_width([400] * 30) == 0


def test_the_first_look_lets_every_page_through() -> None:
    """What the cheap look at lines refuses, the gate refuses as well."""
    for text in PAGES.values():
        assert may_be_whole(Sheet(text), WEIGHTS.gate)
    assert not may_be_whole(Sheet("\n".join(BODY)), WEIGHTS.gate)


@given(st.lists(LAYOUT, max_size=80))
@settings(max_examples=60, deadline=None)
def test_the_first_look_refuses_no_page(rows: list[tuple[str, str, str]]) -> None:
    """In no layout does the cheap look decide otherwise than the gate itself would."""
    sheet = Sheet("".join(lead + line + end for lead, line, end in rows))
    assert is_whole_page(sheet, WEIGHTS.gate) == is_whole(profile(blocks(sheet)), WEIGHTS.gate)


# files of weights


def weights_file(place: Path, old: str = "", new: str = "") -> Path:
    path = place / "weights.yaml"
    path.write_text(FILE.read_text(encoding="utf-8").replace(old, new, 1) if old else FILE.read_text(encoding="utf-8"))
    return path


def test_unknown_features_are_refused(tmp_path: Path) -> None:
    """A feature that is none is a `RuleError` with file and line that names those most like it."""
    with pytest.raises(RuleError, match=r"'size_of_hats' is no feature of this pass\. Write one of .* size") as caught:
        load_rules([weights_file(tmp_path, "size10:", "size_of_hats:")])
    assert str(tmp_path / "weights.yaml") in str(caught.value)


@pytest.mark.parametrize("value", ["nan", "inf", "heavy"])
def test_weights_are_finite_numbers(tmp_path: Path, value: str) -> None:
    """A weight that is no finite number is a `RuleError` with line and field that asks for a number."""
    with pytest.raises(RuleError, match=rf"yaml:\d+: field first\.features\.size10: found '{value}'\. Write a number"):
        load_rules([weights_file(tmp_path, "size10: ", f"size10: {value} #")])


def test_weights_that_no_file_has_are_refused(tmp_path: Path) -> None:
    """A rule that names no file of weights is a `RuleError` that suggests one."""
    rule = (shipped_rules() / "structure" / "whole-page.yaml").read_text(encoding="utf-8")
    (tmp_path / "rule.yaml").write_text(rule.replace("weights: whole-page", "weights: whole-pages"))
    with pytest.raises(RuleError, match="the weights whole-pages exist in no file"):
        load_rules([tmp_path / "rule.yaml", FILE])


def test_thresholds_can_be_set_by_the_rule(tmp_path: Path) -> None:
    """A rule that asks for more certainty than there can be abstains."""
    rule = (shipped_rules() / "structure" / "whole-page.yaml").read_text(encoding="utf-8")
    (tmp_path / "rule.yaml").write_text(rule.replace("weights: whole-page}", "weights: whole-page, sure: 1}"))
    cleaned = Cleaner(load_rules([tmp_path / "rule.yaml", FILE])).clean(PAGES["indented"])
    assert cleaned.flags == (NO_CORE,)
    assert cleaned.text == PAGES["indented"]


def test_weights_count_in_the_digest_and_travel(tmp_path: Path) -> None:
    """Other weights are another ruleset; a cleaner sent to another process keeps its own."""
    other = load_rules([weights_file(tmp_path, "keep: 0.6", "keep: 0.7")], base=load_shipped())
    assert other.digest != load_shipped().digest
    sent = pickle.loads(pickle.dumps(alone()))
    assert sent.clean(PAGES["plain"]) == alone().clean(PAGES["plain"])


def test_the_shipped_weights_name_known_features_only() -> None:
    """The committed file is what the fitting script writes: every feature has a weight in both passes."""
    stored = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert json.loads(WEIGHTS.model_dump_json()) == stored
    assert {*FIRST, *SCORES} - {"size", "indent_level"} == set(stored["second"]["features"])


def test_lint_knows_the_kind() -> None:
    """The shipped rule draws no complaint; a keep without anything like a menu proves nothing."""
    rule = load_shipped()[RULE]
    bare = rule.tests[1].model_copy(update={"keep": "The bridge is open again."})
    poor = rule.model_copy(update={"tests": (rule.tests[0], bare)})
    found, poorly = (lint(load_shipped().only([one])) for one in (rule, poor))
    assert [complaint for complaint in found if complaint.rule == RULE] == []
    assert any("proves nothing" in complaint.reason for complaint in poorly)
