"""A rule is proposed from a selection as its author would write it, and cuts that selection and nothing else."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cleaner.clean import Cleaner
from cleaner.lint import lint_of
from cleaner.mine.chosen import guess_language, minus
from cleaner.mine.neutral import neutral
from cleaner.mine.selection import NoRule, Suggestion, rules_for
from cleaner.model import Cleaned, Document
from cleaner.rules.load import Ruleset, load_text
from cleaner.testing import NoisyPage, pages
from cleaner.trial import try_rules
from tests.making import shipped

ONE = "The harbour wall held through the night, the mayor said on Monday, and nobody was hurt when the crane fell over."
TWO = "Repairs begin in March and will cost nine million, twice what the council had planned for when it met last year."
LAST = "It rained for three days in a row, and the river rose by two metres before it fell again on Sunday morning."
PICKS = "Harbour picks\n- Storm shuts the northern quay\n- Mayor sells the water tower\n- Ferry to the islands returns"
HEADLINES = "Storm shuts the northern quay\nMayor sells the water tower\nFerry to the islands returns\nFox found in the cathedral"
CORNER = (
    "Quayside corner\nYour harbour points\nPin this board\nTell the crew\nHarbour people\nStorm shuts the northern quay\n"
    + ("The storm shut the quay on Monday, and it stays shut until Friday, the harbour master said in the evening.")
)
MENU = "Gazette Harbour\nToday boats\nQuay weather\nBoard games\nTide desk"
_KEPT = ("body", "meta", "title")
SITE = "https://www.gazette.example/a"


@cache
def rules() -> Ruleset:
    """Return the shipped rules, read once: sets made of them share what was read."""
    ruleset = shipped().ruleset
    list(ruleset.rules)
    return ruleset


@cache
def words() -> Ruleset:
    """Return terms and patterns of the shipped set without its rules: nothing is cut yet, and little is compiled."""
    return rules().pick([])


@cache
def bare() -> Cleaner:
    return Cleaner(words())


def look(text: str, chosen: str, url: str | None = SITE, **known: str) -> tuple[Cleaned, list[Suggestion]]:
    cleaned = bare().clean_document(Document("", text, url, **known))  # type: ignore[arg-type]
    start = cleaned.source.index(chosen)
    return cleaned, rules_for(cleaned, start, start + len(chosen), words())


def refused(text: str, chosen: str, **known: str) -> str:
    with pytest.raises(NoRule) as error:
        look(text, chosen, **known)
    return str(error.value)


CASES = {
    "a label": (f"{ONE}\nQuayside\n{TWO}", "Quayside", "line: {eq: Quayside, whole: true}"),
    "a prompt": (f"{ONE}\nClick here for the tide board\n{TWO}", "Click here for the tide board", "line: {eq:"),
    "a line with a bullet": (f"{ONE}\n• Quayside board\n{TWO}", "Quayside board", "line: {eq: Quayside board"),
    "a line with a date": (
        f"{ONE}\nLast polished 12 May 2024, 10:30 by the desk\n{TWO}",
        "Last polished 12 May 2024, 10:30 by the desk",
        'line: {re: "Last polished {{date}}, {{clocktime}} by the desk", whole: true}',
    ),
    "a line with a number": (
        f"{ONE}\n14 boats like this\n{TWO}",
        "14 boats like this",
        'line: {re: "\\\\d{1,9} boats like this", whole: true}',
    ),
    "a bare date": (f"{ONE}\n12 May 2024\n{TWO}", "12 May 2024", 'line: {re: "{{date}}", at: {first: 6}, whole: true}'),
    "a link behind a lead-in": (
        f"{ONE}\nWords from the quay: Storm shuts the northern harbour\n{TWO}",
        "Words from the quay: Storm shuts the northern harbour",
        "lead: Words from the quay",
    ),
    "a prompt glued to a paragraph": (
        f"{ONE} Grab our Harbour Letter for free every week! {TWO}",
        "Grab our Harbour Letter for free every week!",
        "span:",
    ),
    "words at the end of a paragraph": (f"{ONE} Gazette quay desk\n{TWO}", "Gazette quay desk", "span:"),
    "a box": (
        f"{ONE}\nQuay letter\nThe tide in your box\nJoin the crew\n{TWO}",
        "Quay letter\nThe tide in your box\nJoin the crew",
        "block:",
    ),
    "a header with headlines": (f"{ONE}\n{PICKS}\n{TWO}", PICKS, "run: {header: {eq: Harbour picks}"),
    "headlines alone": (
        f"{ONE}\n{TWO}\n{HEADLINES}",
        HEADLINES,
        "run: {item: {shape: headline}, bullets: none, least: 3",
    ),
    "all to the end": (f"{ONE}\n{TWO}\n{CORNER}", CORNER, "tail:"),
    "all from the start": (f"{MENU}\n{ONE}\n{TWO}", MENU, "head:"),
    "a line that stands twice": (f"{LAST}\n{ONE}\n{TWO}\n{LAST}", LAST, "dup: {of: later"),
    "in Chinese": (
        "清晨风势减弱，渔民陆续出海，市长周一在会上这样表示。\n请关注海港日报公众号\n海堤的修复将于三月开始，预计耗资九百万，由市政府承担。",
        "请关注海港日报公众号",
        "line: {eq: 请关注海港日报公众号, whole: true}",
    ),
    "glued, in Chinese": (
        "清晨风势减弱，渔民陆续出海，市长周一在会上这样表示。请关注海港日报公众号。海堤的修复将于三月开始，预计耗资九百万，由市政府承担。",
        "请关注海港日报公众号。",
        "span:",
    ),
    "in Arabic": (
        "هدأت الرياح مع الصباح وخرج الصيادون إلى البحر، كما قال رئيس البلدية.\nأرسل صورك إلى نشرة الميناء\nيبدأ إصلاح الجدار في مارس، وسيكلف المدينة تسعة ملايين وفق التقرير.",
        "أرسل صورك إلى نشرة الميناء",
        "line: {eq:",
    ),
    "in Russian": (
        "Ветер стих к утру, и рыбаки вышли в море, сообщил мэр в понедельник.\nСнимки в Портовый листок\nРемонт стены начнут в марте, он обойдётся городу в девять миллионов.",
        "Снимки в Портовый листок",
        "line: {eq:",
    ),
}


class TestKinds:
    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_the_first_is_what_an_author_would_write(self, case: tuple[str, str, str]) -> None:
        """The first suggestion has the expected matcher and is exact: with it the text is what stood around."""
        text, chosen, expected = case
        cleaned, found = look(text, chosen)
        first = found[0]
        assert expected in first.yaml
        assert first.exact
        loaded = load_text(first.yaml, "own.yaml", words())
        after = Cleaner(loaded).clean_document(cleaned.document)
        start = cleaned.source.index(chosen)
        kept = cleaned.source[:start] + cleaned.source[start + len(chosen) :]
        assert "".join(after.text.split()) == "".join(kept.replace("•", "").split())

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES)
    def test_tests_hold_and_show_nothing_else_of_the_page(self, case: tuple[str, str, str]) -> None:
        """Each suggestion loads, passes its tests and lint, and its tests hold the selection and invented text alone."""
        text, chosen, _ = case
        _, found = look(text, chosen)
        around = [word for line in text.replace(chosen, "\n").split("\n") for word in re.findall(r"\w{5,}.{10}", line)]
        for one in found:
            loaded = load_text(one.yaml, "own.yaml", words())
            assert [trial for trial in try_rules(loaded, [one.rule.id]) if not trial.ok] == []
            assert [fault for fault in lint_of(loaded, [one.rule.id]) if fault.severity == "error"] == []
            assert not [words for words in around if words in one.yaml]

    def test_the_first_holds_among_all_rules(self) -> None:
        """Its tests hold alone and together with the shipped rules."""
        text, chosen, _ = CASES["a header with headlines"]
        cleaned = shipped().clean(text, url=SITE)
        start = cleaned.source.index(chosen)
        found = rules_for(cleaned, start, start + len(chosen), rules())
        loaded = load_text(found[0].yaml, "own.yaml", rules())
        trials = try_rules(loaded, [found[0].rule.id])
        assert {trial.mode for trial in trials} == {"alone", "together"}
        assert [trial for trial in trials if not trial.ok] == []
        assert found[0].exact


class TestScope:
    def test_a_known_site_binds(self) -> None:
        """The rule is bound to the site, and its tests stand on it; what the text says of the site is a proof."""
        text = f"{ONE}\nQuayside\n{TWO} More at gazette.example today."
        _, found = look(text, "Quayside")
        assert "scope: {hosts: [gazette.example], proof: gazette.example}" in found[0].yaml
        assert found[0].rule.id == "gazette.quayside"
        assert found[0].rule.tests[0].url == "https://gazette.example/"

    def test_a_source_that_the_text_names_is_a_proof(self) -> None:
        _, found = look(f"{ONE}\nQuayside\n{TWO} By the Harbour Gazette.", "Quayside", None, source="Harbour Gazette")
        assert "scope: {proof: Harbour Gazette}" in found[0].yaml

    def test_a_language_alone_is_wide(self) -> None:
        """Without a site the declared language bounds the rule, and the reason says that this is wide."""
        _, found = look(f"{ONE}\nQuayside\n{TWO}", "Quayside", None, lang="en-GB")
        assert "scope: {lang: [en]}" in found[0].yaml
        assert "wide" in found[0].reason
        _, found = look(f"{ONE}\nQuayside\n{TWO}", "Quayside", None)
        assert "scope:" not in found[0].yaml
        assert "no site and no language" in found[0].reason

    def test_ids_are_free(self) -> None:
        """An id that is taken gets a number; a text in another script gives a plain one."""
        cleaned, found = look(f"{ONE}\nQuayside\n{TWO}", "Quayside")
        start = cleaned.source.index("Quayside")
        again = rules_for(cleaned, start, start + 8, words(), taken=[found[0].rule.id])
        assert (found[0].rule.id, again[0].rule.id) == ("gazette.quayside", "gazette.quayside-2")
        _, found = look(*CASES["in Chinese"][:2], None)
        assert found[0].rule.id == "own.line"


class TestWider:
    def test_what_cuts_more_says_so_and_comes_last(self) -> None:
        """Where the same words stand elsewhere, a rule by them is not exact, and says how often it cuts them."""
        _, found = look(f"{ONE}\nQuayside\n{TWO}\nQuayside\n{LAST}", "Quayside")
        assert not found[0].exact
        assert (found[0].more, found[0].less) == (8, 0)
        assert "the same words stand there once more" in found[0].reason
        _, found = look(*CASES["a line that stands twice"][:2])
        assert [one.exact for one in found] == sorted((one.exact for one in found), reverse=True)
        assert [one.more for one in found] == sorted(one.more for one in found)

    def test_white_space_and_marks_around_a_selection_do_not_matter(self) -> None:
        """A selection with line ends around it, or without the bullet and colon of its line, is that line."""
        text = f"{ONE}\n\n• Quayside board:\n\n{TWO}"
        cleaned = bare().clean(text, url=SITE)
        one, two = text.index("•"), text.index(":\n") + 1
        for start, end in ((one, two), (one + 2, two - 1), (one - 2, two + 2)):
            assert rules_for(cleaned, start, end, words())[0].exact


class TestRefusals:
    def test_nothing(self) -> None:
        assert refused(f"{ONE}\n\n{TWO}", "\n\n").startswith("nothing is selected")

    def test_everything(self) -> None:
        assert "the article itself must stay" in refused(f"{ONE}\n{TWO}", f"{ONE}\n{TWO}")

    def test_what_is_cut_already(self) -> None:
        """The rule that cuts it is named."""
        cleaned = shipped().clean(f"{ONE}\nAdvertisement\n{TWO}")
        start = cleaned.source.index("Advertisement")
        with pytest.raises(NoRule, match=r"generic\.ad-label"):
            rules_for(cleaned, start, start + 13, words())

    def test_what_is_partly_cut(self) -> None:
        """What is left of a selection counts."""
        cleaned = shipped().clean(f"{ONE}\nAdvertisement\nQuayside\n{TWO}")
        start = cleaned.source.index("Advertisement")
        found = rules_for(cleaned, start, start + 22, words())
        assert "eq: Quayside" in found[0].yaml
        assert found[0].exact

    def test_running_text(self) -> None:
        """Paragraphs of an article make no rule, and what to select instead is said."""
        text = f"{ONE}\n{TWO}\n{LAST}\n{ONE.replace('wall', 'gate')}\n{TWO.replace('March', 'June')}"
        assert "running text" in refused(text, f"{TWO}\n{LAST}\n{ONE.replace('wall', 'gate')}")

    def test_a_sentence_is_warned_of(self) -> None:
        """One sentence of an article may be noise of a page; the reason asks to make sure."""
        _, found = look(f"{ONE}\n{TWO}\n{LAST}", TWO)
        assert "reads like a sentence of an article" in found[0].reason

    def test_marks_alone(self) -> None:
        """Signs without letters are nothing that the scan could look for."""
        assert "three letters" in refused(f"{ONE}\n^\n{TWO}", "^")

    def test_a_selection_beyond_the_text(self) -> None:
        """Positions outside the source are cut to it."""
        with pytest.raises(NoRule):
            rules_for(bare().clean(ONE), 500, 900, words())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pages())
def test_an_artefact_of_a_page_gets_an_exact_rule_or_a_refusal(page: NoisyPage) -> None:
    """Over generated pages, cleaned by no rule: what is proposed first for an artefact is exact or says what it cuts
    besides, and body never goes with an exact one."""
    empty = Ruleset((), (), {}, {})
    cleaned = Cleaner(empty).clean(page.text)
    for artefact in page.artefacts[:3]:
        start = cleaned.source.find(artefact.text)
        if start < 0:
            continue
        try:
            found = rules_for(cleaned, start, start + len(artefact.text), empty)
        except NoRule:
            continue
        first = found[0]
        after = Cleaner(load_text(first.yaml, "own.yaml", empty)).clean(page.text)
        cuts = [(cut.start, cut.end) for cut in after.cuts if not cut.is_move]
        spared = [cleaned.source[a:b] for a, b in minus(cuts, [(start, start + len(artefact.text))])]
        assert first.exact == (first.more == first.less == 0)
        if first.exact:
            assert not "".join(spared).strip()


def boxes(text: str, spans: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Join noise that only white space sets apart: what somebody would select."""
    found: list[tuple[int, int]] = []
    for span in spans:
        if span["label"] not in _KEPT:
            if found and not text[found[-1][1] : span["start"]].strip():
                found[-1] = found[-1][0], span["end"]
            else:
                found.append((span["start"], span["end"]))
    return found


def test_seeds_are_covered() -> None:
    """Of the noise labelled in the seeds, cleaned by no rule, most boxes get an exact rule, and none an error."""
    told: list[bool] = []
    for place in sorted((Path(__file__).parent.parent / "seeds").glob("*.gold.json")):
        text = place.with_name(place.name.replace(".gold.json", ".txt")).read_text(encoding="utf-8")
        cleaned = bare().clean(text)
        spans = json.loads(place.read_text(encoding="utf-8"))["spans"]
        for start, end in boxes(text, spans) if cleaned.source == text else ():
            try:
                told.append(rules_for(cleaned, start, end, words())[0].exact)
            except NoRule:
                told.append(False)
    assert len(told) >= 5
    assert sum(told) > 0.5 * len(told)


def test_languages_are_told_by_script_and_words() -> None:
    """The invented sentences of each language are told for what they are, as far as common words are known of it."""
    wrong = {
        lang: guess_language(f"{neutral(lang).before} {neutral(lang).after}")
        for lang in ("en", "fr", "de", "es", "it", "pt", "pl", "ru", "ar", "zh", "ja")
    }
    assert {lang: told for lang, told in wrong.items() if lang != told} == {}
