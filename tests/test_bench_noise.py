"""Injected noise is known to the character and held out where it says so; seeds and rules are counted as they are."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from functools import cache
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import seeds
from cleaner import Cleaner, load_rules
from cleaner.bench.artefacts import Artefact, Slot, Stock, take_stock
from cleaner.bench.case import Body, Case, Labels
from cleaner.bench.languages import Tongues, language_of_prose, script_of, script_of_language
from cleaner.bench.noise import (
    RATES,
    Article,
    NoiseSet,
    article_of,
    articles_of,
    inject,
    make_noise,
    shipped_articles,
)
from cleaner.bench.rules import count_yields, map_spans
from cleaner.bench.seeds import SeedScores, is_exact, judge_seeds, load_seeds, read_seeds, score_seeds
from cleaner.bench.sets import FREE, read_set
from cleaner.errors import InputError
from cleaner.model import CLASSES, Document
from cleaner.rules.load import load_shipped
from cleaner.rules.scope import host_of, is_on, plain_host
from cleaner.text.repair import repair
from cleaner.text.tokens import tokenize
from tests.making import LAST, MORE, PROSE, load, rule, shipped

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
SHIPPED = ROOT / "benchmarks" / "shipped"
_TAG = re.compile(r"<[^>]*>")
EN = Article("bridge", "en", (f"{PROSE} {MORE}", LAST), "bridge", "Harbour bridge reopens after six years")


@cache
def stock() -> Stock:
    return take_stock(load_shipped())


@cache
def noisy(which: NoiseSet) -> tuple[Case, ...]:
    """A third of the shipped articles with noise in them."""
    return tuple(make_noise(shipped_articles()[::3], stock(), which))


def text_of(case: Case) -> str:
    assert isinstance(case.input, Document)
    return case.input.text


def stretches(case: Case, label: str) -> list[str]:
    assert isinstance(case.gold, Labels)
    return [text_of(case)[start:end] for start, end, found in case.gold.spans if found == label]


def noise_of(case: Case) -> list[str]:
    assert isinstance(case.gold, Labels)
    return [text_of(case)[start:end] for start, end, label in case.gold.spans if label not in FREE]


def joined(parts: list[str]) -> str:
    return "".join("".join(parts).split())


def covered(text: str, spans: tuple[tuple[int, int, str], ...]) -> bool:
    """Tell whether spans are in order, apart from each other, and over all that is not white space."""
    at = 0
    for start, end, _ in spans:
        if text[at:start].strip() or start < at or end <= start:
            return False
        at = end
    return not text[at:].strip()


@pytest.mark.parametrize("which", get_args(NoiseSet))
class TestNoise:
    """What holds for both sets of noise."""

    def test_spans_are_exact(self, which: NoiseSet) -> None:
        """Spans cover all characters, and without the noise each article is whole: of both copies the same body is left."""
        clean = {article.id: article for article in shipped_articles()}
        bodies = defaultdict(set)
        for case in noisy(which):
            assert isinstance(case.gold, Labels)
            assert covered(text_of(case), case.gold.spans), case.id
            bodies[case.story].add(joined(stretches(case, "body")))
            assert stretches(case, "meta") == [title for title in [clean[str(case.story)].title] if title]
        assert all(len(found) == 1 for found in bodies.values())
        plain = [story for story, found in bodies.items() if found == {joined([clean[str(story)].body])}]
        assert len(plain) > len(bodies) / 2, "few articles are without a look-alike, or too many were shortened"

    def test_rates_are_reached(self, which: NoiseSet) -> None:
        """The mean share of noise is within a fifth of the rate, and no case has much more than it."""
        shares = defaultdict(list)
        for case in noisy(which):
            size = len(tokenize(" ".join(noise_of(case))))
            shares[case.rate].append(size / len(tokenize(text_of(case))))
        assert set(shares) == {"5 %", "20 %", "50 %"}
        for rate, found in zip(RATES, (shares[f"{rate:.0%}".replace("%", " %")] for rate in RATES), strict=True):
            assert sum(found) / len(found) == pytest.approx(rate, rel=0.2)
            assert max(found) < 1.1 * rate + 0.1

    def test_both_copies_of_a_story_differ(self, which: NoiseSet) -> None:
        """Every story stands twice, with different noise."""
        stories = defaultdict(list)
        for case in noisy(which):
            stories[case.story].append(case)
        for one, other in stories.values():
            assert text_of(one) != text_of(other)
            assert noise_of(one) != noise_of(other)
            assert one.rate == other.rate

    def test_it_is_the_same_each_time(self, which: NoiseSet) -> None:
        """The same seed gives the same cases, another one others."""
        articles = shipped_articles()[:6]
        assert list(make_noise(articles, stock(), which)) == list(make_noise(articles, stock(), which))
        assert list(make_noise(articles, stock(), which)) != list(make_noise(articles, stock(), which, seed=1))

    def test_noise_speaks_the_language_of_its_article(self, which: NoiseSet) -> None:
        """Each stretch of noise is an artefact of the case's language, and one of a host only where the case has it."""
        known = defaultdict(set)
        for artefact in stock().artefacts:
            known[artefact.text].add((artefact.lang, artefact.host))
        for case in noisy(which):
            host = plain_host(host_of(case.input.url or ""))
            for text in noise_of(case):
                assert any(lang == case.lang and (not site or is_on(host, site)) for lang, site in known[text]), case.id


def test_what_is_held_out_does_not_run() -> None:
    """A held-out case names a whole fold, its noise is of that fold alone, and no cut names a rule of it."""
    fold_of = defaultdict(set)
    for artefact in stock().artefacts:
        fold_of[artefact.text].add(artefact.fold)
    cleaners = {fold: Cleaner(without=fold) for fold in stock().folds}
    for case in noisy("held-out"):
        number = stock().folds.index(case.held_out)
        assert all(number in fold_of[text] for text in noise_of(case))
    for case in noisy("held-out")[::4]:
        assert isinstance(case.input, Document)
        cuts = cleaners[case.held_out].clean_document(case.input).cuts
        assert not {rule for cut in cuts for rule in cut.rules} & set(case.held_out)


def test_kin_share_a_fold() -> None:
    """No rule of another fold cuts an artefact as a line of its own in the example that it is from."""
    rules = {rule.id: rule for rule in load_shipped().rules}
    fold_of = {id: number for number, fold in enumerate(stock().folds) for id in fold}
    together = Cleaner(guarded=False)
    for id in list(fold_of)[::12]:
        for example in (example for example in rules[id].tests if example.in_):
            cuts = together.clean(example.in_ or "", url=example.url, lang=example.lang).cuts
            others = {other for cut in cuts if id in cut.rules for other in cut.rules if other in fold_of}
            assert {fold_of[other] for other in others} <= {fold_of[id]}


def test_known_noise_is_known() -> None:
    """Of the noise whose rules may be used, nine tenths go."""
    left = total = 0
    for case in noisy("known")[::3]:
        assert isinstance(case.input, Document)
        kept = Counter(tokenize(shipped().clean_document(case.input).text)) - Counter(
            tokenize(" ".join([*stretches(case, "body"), *stretches(case, "meta")]))
        )
        left += kept.total()
        total += len(tokenize(" ".join(noise_of(case))))
    assert left < 0.1 * total


def test_stock() -> None:
    """Artefacts are of classes of noise, in many languages and all slots; look-alikes are left alone by all rules."""
    artefacts = stock().artefacts
    assert {artefact.class_ for artefact in artefacts} <= set(CLASSES) - {"meta", "duplicate"}
    assert {artefact.slot for artefact in artefacts} == {"head", "start", "inside", "end", "furniture", "tail"}
    assert len({artefact.lang for artefact in artefacts}) > 20
    assert len(stock().lookalikes) > 200
    sizes = [len(fold) for fold in stock().folds]
    assert sum(sizes) == len({id for fold in stock().folds for id in fold})
    assert max(sizes) < 1.5 * min(sizes)


def test_a_rule_cuts_its_artefact_exactly(tmp_path: Path) -> None:
    """What is taken is what goes, with the place it stood in; a rule that asks for a neighbour offers nothing."""
    own = "tests: [{in: one two, out: one}, {keep: one}]"
    tests = r'tests: [{in: "It sails.\nBuy a boat\nIt sinks.", out: "It sails.\nIt sinks."}, {keep: It sails.}]'
    free = rule("line: {eq: buy a boat}", name="tests.free").replace(own, tests)
    bound = rule("line: {eq: buy a boat, after: {len: [1, 9]}}", name="tests.bound").replace(own, tests)
    other = rule("line: {eq: sell a boat}", name="tests.other")
    (found,) = take_stock(load(tmp_path, f"rules:\n{free}{bound}{other}"), folds=2).artefacts
    assert (found.rule, found.slot, found.text, found.class_) == ("tests.free", "furniture", "Buy a boat", "ad")


@given(
    paragraphs=st.lists(st.sampled_from((PROSE, MORE, LAST, f"{PROSE} {MORE} {LAST}", "A heading", "橋は金曜に開く。町は喜ぶ。")), min_size=1, max_size=6),
    slots=st.lists(st.sampled_from(("head", "start", "inside", "end", "furniture", "tail")), min_size=1, max_size=8),
    titled=st.booleans(),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_injection_loses_nothing(paragraphs: list[str], slots: list[Slot], titled: bool, seed: int) -> None:
    """Whatever is injected, the spans lie side by side, all noise is there once, and body and title are whole, in order."""
    article = Article("a", "en", tuple(paragraphs), "a", "A title" if titled else None)
    artefacts = [Artefact("r.one", "ad", slot, f"Noise {at}", "en", last=at == 0) for at, slot in enumerate(slots)]
    text, spans = inject(article, artefacts, random.Random(seed))
    assert covered(text, spans)
    found = [(text[start:end], label) for start, end, label in spans]
    assert sorted(part for part, label in found if label == "ad") == sorted(artefact.text for artefact in artefacts)
    assert joined([part for part, label in found if label == "body"]) == joined(paragraphs)
    assert [part for part, label in found if label == "meta"] == ["A title"] * titled
    before = [label for _, label in found[: slots.count("head")]]
    assert before == ["ad"] * slots.count("head")
    assert all(label == "ad" for _, label in found[len(found) - slots.count("tail") :])


def test_what_closes_a_text_comes_last() -> None:
    """An artefact behind which nothing may stand is the last one, whatever was drawn before it."""
    artefacts = [
        Artefact("r.one", "other_article", "tail", "Other", "en", last=True),
        Artefact("r.two", "ad", "tail", "Ad", "en"),
    ]
    text, _ = inject(EN, artefacts, random.Random(0))
    assert text.endswith("Ad\nOther")


def test_articles_of_cases() -> None:
    """Gold bodies become articles of their publisher; other gold is passed over, and so are empty bodies."""
    page = Document("one", "x", url="https://news.harbour-post.example/1", lang="en-GB")
    cases = [
        Case("one", "pages", page, Body(f"{PROSE}\n\n{MORE}\n"), "harbour-post.example"),
        Case("two", "pages", page, Labels(()), "harbour-post.example"),
        Case("three", "pages", page, Body(" \n"), "harbour-post.example"),
    ]
    (article,) = articles_of(cases)
    assert (article.paragraphs, article.site, article.lang) == ((PROSE, MORE), "harbour-post.example", "en")
    assert (article.id, article.url) == ("pages/one", page.url)


def test_an_article_that_is_too_long_is_shortened() -> None:
    """Where there is too little noise for the rate, both copies keep the first paragraphs, and the rate is reached."""
    long = article_of(Document("long", "\n".join([PROSE, MORE, LAST] * 400), lang="ja"), site="x")
    one, other = make_noise([long], stock(), "known", rates=(0.5,))
    assert joined(stretches(one, "body")) == joined(stretches(other, "body"))
    share = len(tokenize(" ".join(noise_of(one)))) / len(tokenize(text_of(one)))
    assert 0.3 < share < 0.6


def test_a_language_without_noise_is_passed_over() -> None:
    """Of a language in which no rule has anything to offer nothing is made."""
    assert list(make_noise([article_of(Document("one", PROSE, lang="xx"))], stock(), "known")) == []


def test_languages() -> None:
    """Languages are told by script, by common words, and by the phrases that rules list."""
    tongues = Tongues(load_shipped())
    assert tongues.guess("ログインしてください") == "ja"
    assert tongues.guess("Das könnte Sie auch interessieren") == "de"
    assert tongues.guess("12:30", context="Die Fähre fährt wieder, und niemand weiß, wer sie bezahlt.") == "de"
    assert tongues.guess("12:30") == ""
    assert language_of_prose("Le pont est rouvert, et personne ne sait qui a payé pour les travaux.") == "fr"
    assert script_of_language("uk") == script_of("Подписаться") == "cyrillic"


class TestSeeds:
    """Seeds, as cases and as whole results."""

    def test_all_come_out(self) -> None:
        """Every figure that the shipped rules reach on the seeds is full."""
        assert str(judge_seeds(SEEDS, shipped())) == (
            "exact bodies=5/5 titles=5/5 related=5/5 headlines=80/80 metadata=8/8 replayed=5/5 false headlines=0"
        )

    def test_what_is_missing_shows(self) -> None:
        """Without two classes of rules bodies, titles, appended articles and headlines fall, and the figures say how far."""
        found = judge_seeds(SEEDS, Cleaner(without=["related", "ticker"]))
        assert found == SeedScores(5, 4, 4, 3, 30, 80, 8, 8, 5, 0)

    def test_a_folder_is_counted_by_one_command(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The counts are printed, of other rules too; a folder without seeds is refused."""
        monkeypatch.setattr("sys.argv", ["seeds", str(SEEDS), "--without", "related", "--without", "ticker"])
        seeds.main()
        assert capsys.readouterr().out.startswith("exact bodies=4/5 titles=4/5 related=3/5 headlines=30/80 ")
        monkeypatch.setattr("sys.argv", ["seeds", str(SEEDS.parent / "rules")])
        with pytest.raises(InputError, match="no seeds"):
            seeds.main()

    def test_nothing_is_cleaned(self) -> None:
        """A text that is left as it is has no exact body, and replays."""
        seeds = load_seeds(SEEDS)
        found = score_seeds((seed, Cleaner(only=["chrome"]).clean_document(seed.document)) for seed in seeds)
        assert (found.bodies, found.related, found.replayed) == (0, 2, 5)

    def test_as_cases(self) -> None:
        """Each seed is a case of its own site, with the gold's body."""
        cases = list(read_seeds(SEEDS))
        assert [case.id for case in cases] == [seed.document.id for seed in load_seeds(SEEDS)]
        assert all(case.set == "seeds" and case.site == case.id for case in cases)
        assert all(
            isinstance(case.gold, Body) and is_exact(case.gold.text, shipped().clean(case.markup).text)
            for case in cases
        )

    @pytest.mark.parametrize(
        ("gold", "says"),
        [
            ("{", "cannot be read"),
            ("[]", "no JSON object"),
            ('{"id": "a"}', "`body`"),
            ('{"id": "a", "body": "x", "metadata": {}, "headlines": [], "related": [{}]}', "related article 1"),
        ],
    )
    def test_wrong_gold_is_told(self, tmp_path: Path, gold: str, says: str) -> None:
        """A gold file that is none is an error that names it, and so are a folder without seeds and a missing text."""
        with pytest.raises(InputError, match="no seeds"):
            load_seeds(tmp_path)
        (tmp_path / "a.gold.json").write_text(gold, encoding="utf-8")
        with pytest.raises(InputError, match=r"a\.txt.*cannot be read|a\.gold\.json"):
            load_seeds(tmp_path)
        (tmp_path / "a.txt").write_text("x", encoding="utf-8")
        with pytest.raises(InputError, match=says):
            load_seeds(tmp_path)


class TestRules:
    """The yield of single rules."""

    def case(self, text: str, *parts: tuple[str, str], **known: str) -> Case:
        spans = tuple((text.index(part), text.index(part) + len(part), label) for part, label in parts)
        return Case("one", "dumps", Document("one", text, **known), Labels(spans), "one")  # type: ignore[arg-type]

    def yields(self, place: Path, *cases: Case) -> dict[str, tuple[int, ...]]:
        written = rule("line: {eq: buy a boat}", name="tests.boat") + rule("line: {starts: Buy}", name="tests.buy")
        rules = load_rules([_write(place, f"rules:\n{written}")])
        rows = count_yields(cases, Cleaner(rules, guarded=False))
        return {row.rule: (row.cuts, row.documents, row.noise, row.free, row.body) for row in rows}

    def test_tokens_are_counted_by_label(self, tmp_path: Path) -> None:
        """A cut counts for every rule that asked for it, its tokens by what they are labelled as."""
        one = self.case(f"{PROSE}\nBuy a boat\n{MORE}\nBuy it now, he said.\n{LAST}",
                        (PROSE, "body"), ("Buy a boat", "ad"), (MORE, "body"), ("Buy it now,", "meta"), ("he said.", "body"), (LAST, "body"))  # fmt: skip
        found = self.yields(tmp_path, one)
        assert found == {"tests.boat": (1, 1, 3, 0, 0), "tests.buy": (2, 1, 3, 3, 2)}

    def test_line_ends_move_places(self, tmp_path: Path) -> None:
        """Labels count the text as it came, cuts the repaired one: both are brought together."""
        text = f"{PROSE}\r\n\r\nBuy a boat\r\n{MORE}"
        found = self.yields(tmp_path, self.case(text, (PROSE, "body"), ("Buy a boat", "ad"), (MORE, "body")))
        assert found["tests.boat"] == (1, 1, 3, 0, 0)

    def test_held_out_cases_count_for_no_rule(self, tmp_path: Path) -> None:
        """Where rules may not run they are not measured."""
        one = self.case(f"{PROSE}\nBuy a boat", (PROSE, "body"), ("Buy a boat", "ad"))
        held = Case(one.id, one.set, one.input, one.gold, one.site, held_out=("tests.boat",))
        assert self.yields(tmp_path, held) == {}

    @given(
        st.lists(st.sampled_from(("a", "é", "e\u0301", "\r\n", "\r", "\n", "Ã©", " ", "。", "\u2028")), max_size=30),
        st.integers(0, 30),
    )
    def test_places_stay_inside(self, parts: list[str], cut: int) -> None:
        """Moved spans stay in order and inside the repaired text, and lie side by side where they did."""
        text = "".join(parts)
        at = min(cut, len(text))
        gold = Labels(tuple((start, end, "body") for start, end in ((0, at), (at, len(text))) if end > start))
        moved, size = map_spans(text, gold), len(repair(text)[0])
        assert all(0 <= start <= end <= size for start, end, _ in moved)
        assert all(one[1] == other[0] for one, other in pairwise(moved))


def _write(place: Path, text: str) -> Path:
    path = place / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


class TestShipped:
    """The small sets that come with the benchmark."""

    def test_spans_cover_all(self) -> None:
        """Every character of the dumps that is not white space has one label; most have noise, some have none."""
        cases = list(read_set(SHIPPED / "dumps.jsonl"))
        for case in cases:
            assert isinstance(case.gold, Labels)
            assert covered(text_of(case), case.gold.spans), case.id
            assert stretches(case, "body"), case.id
        clean = [case for case in cases if not noise_of(case)]
        assert len(cases) >= 30
        assert 5 <= len(clean) <= 10

    def test_gold_stands_in_the_page(self) -> None:
        """Every line of a page's gold is found in its text, in order, word by word."""
        cases = list(read_set(SHIPPED / "pages.jsonl"))
        assert len(cases) >= 24
        for case in cases:
            assert isinstance(case.gold, Body)
            printed, at = joined([_TAG.sub("", unescape(case.markup))]), 0
            for line in case.gold.text.split("\n"):
                found = printed.find(joined([line]), at)
                assert found >= 0, (case.id, line)
                at = found + 1

    @pytest.mark.parametrize("name", ["pages", "dumps"])
    def test_variety(self, name: str) -> None:
        """Ids are unique, sites are invented, and many languages are there."""
        cases = list(read_set(SHIPPED / f"{name}.jsonl"))
        assert len({case.id for case in cases}) == len(cases)
        assert all(case.site.endswith(".example") for case in cases)
        assert len({case.lang for case in cases}) >= 12
