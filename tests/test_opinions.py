"""Opinions settle what extractors disagree on: what they put back, take and refuse, and that flags say so."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from lxml import etree

from cleaner import Cleaner
from cleaner.html import drafts as drafts_module
from cleaner.html.blocks import list_blocks
from cleaner.html.declared import read_declared
from cleaner.html.drafts import Draft, Drafts
from cleaner.html.extract import Extracted, Extractor
from cleaner.html.lead import find_lead, may_lack_lead
from cleaner.html.opinions import is_far_longer, replace_draft, rescue_draft, restore_blocks
from cleaner.html.parse import parse
from cleaner.model import Page
from cleaner.rules.load import Ruleset, load_rules, load_shipped
from cleaner.rules.opinion import Lead, Replace, Rescue, Restore, Witness

PARAGRAPHS = (
    "The bridge over the lower harbour opens on Friday after two years of work on both banks of the river.",
    "It cost nine million, twice what the council had planned before the flood came and took the old pillars.",
    "Divers replaced the cables one by one, and for most of a winter trucks had to take the road through the hills.",
    "The mayor wants to cross first, on foot, with the last of the workers who laid the stones of the southern arch.",
)
ITEMS = (
    "Cyclists may use the western lane between six and ten at night",
    "Lorries of more than twenty tonnes stay on the road through the hills",
)
LEAD = "After the flood nobody believed that the bridge would ever open again, but on Friday it does."
ALL = get_args(Witness)


@cache
def rules() -> Ruleset:
    return load_shipped()


def only(*names: str) -> Ruleset:
    """Return a set of no rules and the opinions named by the end of their ids."""
    return rules().only((), (opinion for opinion in rules().opinions if opinion.id.endswith(names or ("nothing",))))


def page(body: str, head: str = "") -> str:
    return f"<html lang=en><head><title>Bridge opens</title>{head}</head><body>{body}</body></html>"


def prose(*more: str) -> str:
    return "".join(f"<p>{line}</p>" for line in (*PARAGRAPHS, *more))


def extract(html: str, ruleset: Ruleset | None = None, fast: bool = False) -> Extracted:
    return Extractor(rules() if ruleset is None else ruleset, fast).extract(Page("p", html))


def opinions_in(found: Extracted) -> list[str]:
    return [flag.removeprefix("html:opinion ") for flag in found.flags if flag.startswith("html:opinion ")]


def given(main: str, **texts: str) -> Drafts:
    """Return drafts with the texts given; extractors that have none found nothing."""
    made = parse(page("<p>x</p>")).root
    found = Drafts(made, None, read_declared(made, None))
    found.__dict__["main"] = Draft(main)
    found._known |= {name: Draft(texts.get(name.replace("-", "_"), "")) for name in ALL}
    return found


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{number}" for number in range(start, start + count))


class TestReplace:
    PAIRS = Replace.model_validate({"pairs": (("resiliparse", "readability"), ("recall", "json-ld"))})

    def settle(self, main: str, /, policy: Replace | None = None, **texts: str) -> tuple[str, str]:
        found = given(main, **texts)
        draft, why = replace_draft(found.main, found, policy or self.PAIRS)
        assert (draft is found.main) == (not why)
        return draft.text, why

    def test_longer_text_that_another_confirms(self) -> None:
        """A much longer text that holds the first one is taken where a second extractor agrees, and the pair is named."""
        assert self.settle(words(40), resiliparse=words(200), readability=words(190)) == (
            words(200), "resiliparse, readability agree",
        )  # fmt: skip

    def test_disagreement(self) -> None:
        """Where the two do not agree nothing changes."""
        assert self.settle(words(40), resiliparse=words(200), readability=words(40) + words(160, 900))[1] == ""

    def test_not_longer(self) -> None:
        """Texts that are hardly longer are not taken, though both agree; nor where one of them is short."""
        assert self.settle(words(40), resiliparse=words(59), readability=words(59))[1] == ""
        assert self.settle(words(40), resiliparse=words(60), readability=words(60))[1] != ""
        assert self.settle(words(40), resiliparse=words(60), readability=words(50))[1] == ""

    def test_not_covering(self) -> None:
        """A longer text is not taken where it lacks more than a tenth of the first one."""
        assert self.settle(words(40, 5), resiliparse=words(200, 10), readability=words(200, 10))[1] == ""
        assert self.settle(words(40, 5), resiliparse=words(200, 9), readability=words(200, 9))[1] != ""

    def test_pairs_in_order(self) -> None:
        """The first pair that agrees decides."""
        texts: dict[str, Any] = {"recall": words(300), "json_ld": words(290)}
        assert self.settle(words(40), **texts)[0] == words(300)
        assert self.settle(words(40), resiliparse=words(90), readability=words(90), **texts)[0] == words(90)

    def test_no_doubt(self) -> None:
        """A text of fair length is not doubted as long as the quick second one is about as long."""
        texts: dict[str, Any] = {"recall": words(600), "json_ld": words(600)}
        assert self.settle(words(200), **texts, resiliparse=words(200))[1] != ""  # what the page declares is far longer
        quiet = replace_asking(self.PAIRS, 4)
        assert self.settle(words(200), quiet, **texts, resiliparse=words(200))[1] == ""
        assert self.settle(words(200), quiet, **texts, resiliparse=words(99))[1] != ""  # the second one is but half
        assert self.settle(words(149), quiet, **texts, resiliparse=words(149))[1] != ""  # the text is short

    def test_only_the_extractors_needed_are_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nothing is in doubt no slow extractor is asked."""
        found = given(words(200), resiliparse=words(200))
        del found._known["readability"], found._known["recall"]
        for name in ("_readability", "_trafilatura"):
            monkeypatch.setattr(drafts_module, name, refuse)
        assert replace_draft(found.main, found, self.PAIRS)[1] == ""

    def test_nothing_at_all(self) -> None:
        """Where nobody found anything the text stays empty."""
        assert self.settle("") == ("", "")

    def test_page(self) -> None:
        """On a page the text is replaced, and the flag names opinion and pair."""
        found = settle_with(only("longer"), page(prose()), words(20), resiliparse=words(80), readability=words(80))
        assert found.document.text == words(80)
        assert opinions_in(found) == ["page.2-longer: resiliparse, readability agree"]


def replace_asking(policy: Replace, ask: float) -> Replace:
    return policy.model_copy(update={"ask": ask})


def refuse(*_: Any, **__: Any) -> str:
    raise AssertionError("an extractor that nothing called for")


def settle_with(ruleset: Ruleset, html: str, main: str, **texts: str) -> Extracted:
    """Extract a page while extractors return the texts given."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            drafts_module, "_trafilatura", lambda *_, recall=False, **__: texts.get("recall", "") if recall else main
        )
        patch.setattr(drafts_module, "_resiliparse", lambda *_: texts.get("resiliparse", ""))
        patch.setattr(drafts_module, "_readability", lambda *_: texts.get("readability", ""))
        return extract(html, ruleset)


LIST = "<ul>" + "".join(f"<li>{item}</li>" for item in ITEMS) + "</ul>"


def between(fragment: str, first: int = 2) -> str:
    paragraphs = [f"<p>{line}</p>" for line in PARAGRAPHS]
    return page("<article><div>" + "".join([*paragraphs[:first], fragment, *paragraphs[first:]]) + "</div></article>")


def restore(html: str, main: str = "\n".join(PARAGRAPHS), witness: str | None = None) -> Extracted:
    """Settle gaps of a page whose extractor kept the paragraphs, and whose witness has every block."""
    if witness is None:
        witness = "\n".join(block.text for block in list_blocks(parse(html).root))
    return settle_with(only("gaps"), html, main, resiliparse=witness)


class TestRestore:
    def test_list_comes_back_in_its_place(self) -> None:
        """A list between two paragraphs that the first extractor dropped comes back between them, and is counted."""
        found = restore(between(LIST))
        expected = [*PARAGRAPHS[:2], *(f"- {item}" for item in ITEMS), *PARAGRAPHS[2:]]
        assert found.document.text.split("\n") == expected
        assert opinions_in(found) == ["page.4-gaps: 2 blocks"]

    def test_paragraph_that_looks_like_the_others(self) -> None:
        """A paragraph of the same tag and class comes back; one in a box of another kind does not."""
        odd = "Nobody was hurt while the bridge was built, according to the report of the council."
        assert odd in restore(between(f"<p>{odd}</p>")).document.text
        assert odd not in restore(between(f"<div class=box>{odd}</div>")).document.text

    def test_code_comes_back(self) -> None:
        """Preformatted text comes back whatever its size."""
        assert "bridge --open now" in restore(between("<pre>bridge --open now</pre>" + LIST)).document.text

    @pytest.mark.parametrize(
        "html",
        [
            pytest.param(
                between(f"<ul>{''.join(f'<li><a href=/x>{item}</a></li>' for item in ITEMS)}</ul>"), id="links"
            ),
            pytest.param(between(LIST, first=0), id="before the first paragraph"),
            pytest.param(between(LIST, first=4), id="after the last paragraph"),
            pytest.param(between("<ul><li>Too short to tell</li><li>And so is this</li></ul>"), id="short items"),
            pytest.param(between("<p>Bridge opens</p>"), id="the title"),
            pytest.param(
                between(f"<nav><section><div>{LIST}</div></section></nav>"), id="a list far from the paragraphs"
            ),
        ],
    )
    def test_what_does_not(self, html: str) -> None:
        """Links, what stands around the body, and the title do not come back, and no flag claims it."""
        found = restore(html)
        assert found.document.text == "\n".join(PARAGRAPHS)
        assert opinions_in(found) == []

    def test_without_a_witness(self) -> None:
        """What the second extractor has not does not come back."""
        other = between(LIST).replace(ITEMS[0], "Other words that nobody else has seen in this place")
        found = restore(between(LIST), witness="\n".join(block.text for block in list_blocks(parse(other).root)))
        assert ITEMS[0] not in found.document.text
        assert f"- {ITEMS[1]}" in found.document.text
        assert opinions_in(found) == ["page.4-gaps: 1 blocks"]

    def test_no_prose(self) -> None:
        """Where no paragraph was kept nothing is put back."""
        blocks, found = list_blocks(parse(between(LIST)).root), given("", resiliparse="\n".join(ITEMS))
        assert restore_blocks(blocks, found.main, found, frozenset(), Restore.model_validate({})) == (found.main, 0)


def lead_page(block: str, description: str = LEAD, body: str = "") -> str:
    head = f'<meta name=description content="{description}">'
    return page(f"<header>{block}</header><article>{body or prose()}</article>", head)


def lead(html: str, main: str = "\n".join(PARAGRAPHS)) -> Extracted:
    return settle_with(only("lead"), html, main)


class TestLead:
    def test_block_that_the_description_repeats(self) -> None:
        """A block before the body that the description repeats opens the text, and a flag says so."""
        found = lead(lead_page(f"<div><b>{LEAD}</b></div>"))
        assert found.document.text.split("\n") == [LEAD, *PARAGRAPHS]
        assert opinions_in(found) == ["page.5-lead"]

    def test_description_cut_short(self) -> None:
        """A description that breaks off still finds its block, and the block is taken, not the description."""
        found = lead(lead_page(f"<p>{LEAD}</p>", " ".join(LEAD.split()[:12]) + " …"))
        assert found.document.text.split("\n")[0] == LEAD

    def test_description_alone(self) -> None:
        """A description that no block repeats is not taken."""
        assert lead(
            lead_page("<p>Something else stands in the header of the page today.</p>")
        ).document.text == "\n".join(PARAGRAPHS)

    @pytest.mark.parametrize(
        "block",
        ["<figure><figcaption>{}</figcaption></figure>", "<ul><li>{}</li></ul>", "<nav><p>{}</p></nav>",
         "<nav><div><p>{}</p></div></nav>", "<table><tr><td>{}</td></tr></table>", "<p><a href=/x>{}</a></p>", "<script>{}</script>"],
    )  # fmt: skip
    def test_captions_items_and_links_are_no_lead(self, block: str) -> None:
        """A caption, list item, cell, link or menu is no lead, whatever it repeats."""
        found = lead(lead_page(block.format(LEAD)))
        assert (found.document.text, opinions_in(found)) == ("\n".join(PARAGRAPHS), [])

    def test_lead_after_the_body_begins(self) -> None:
        """Only what stands before the first paragraph kept can be the lead."""
        html = lead_page("", body=f"<p>{PARAGRAPHS[0]}</p><div>{LEAD}</div>" + prose())
        assert lead(html).document.text == "\n".join(PARAGRAPHS)

    @pytest.mark.parametrize("shown", [LEAD, LEAD.upper(), LEAD.replace(",", " –")])
    def test_lead_that_is_there_is_not_doubled(self, shown: str) -> None:
        """A lead that the text has, however written, is not put in again."""
        text = "\n".join((shown, *PARAGRAPHS))
        assert lead(lead_page(f"<p>{LEAD}</p>"), text).document.text == text

    def test_title_is_no_lead(self) -> None:
        """A headline that the description repeats is not put into the text."""
        title = "Bridge over the lower harbour opens on Friday after two years"
        html = lead_page(f"<h1>{title}</h1>", title).replace("<title>Bridge opens", f"<title>{title}")
        assert lead(html).document.text == "\n".join(PARAGRAPHS)

    def test_closest_block_wins(self) -> None:
        """Of two blocks that match the one closer to the body is taken."""
        found = lead(lead_page(f"<div>{LEAD} (1)</div><div>{LEAD} (2)</div>"))
        assert found.document.text.split("\n")[0] == f"{LEAD} (2)"

    def test_page_without_a_body(self) -> None:
        """Where nothing was extracted a lead is the text."""
        assert lead(lead_page(f"<p>{LEAD}</p>"), "").document.text == LEAD

    @pytest.mark.parametrize(
        ("description", "asked"), [("", False), ("News", False), (LEAD, True), (PARAGRAPHS[0], False)]
    )
    def test_cheap_question(self, description: str, asked: bool) -> None:
        """Blocks are only read where a description of some length is missing from the text."""
        assert may_lack_lead("\n".join(PARAGRAPHS), [description]) is asked

    def test_several_descriptions(self) -> None:
        """Any of the descriptions that a page declares can tell the lead."""
        root = parse(lead_page(f"<p>{LEAD}</p>")).root
        found = find_lead(
            list_blocks(root), Draft("\n".join(PARAGRAPHS)), ["All of today's news", LEAD], Lead.model_validate({})
        )
        assert found is not None
        assert found.text == LEAD

    def test_can_be_switched_off(self) -> None:
        """An opinion is left out by its name."""
        html = lead_page(f"<div>{LEAD}</div>", body=prose(*(f"{line} Again." for line in PARAGRAPHS)))
        without = Cleaner(without=["page.5-lead"])
        assert [one.id for one in without.ruleset.opinions] == [
            one.id for one in rules().opinions if one.id != "page.5-lead"
        ]
        assert not any("page.5-lead" in flag for flag in without.clean_html(html).flags)


class TestFallback:
    def box(self) -> str:
        """Return a page whose whole body stands in boxes that rules take out one by one."""
        return page(
            "<article>" + "".join(f"<div class=newsletter><p>{line}</p></div>" for line in PARAGRAPHS) + "</article>"
        )

    def test_pruning_that_takes_the_body_is_given_up(self) -> None:
        """Where rules take most of a short text, the page is read as it came: no drops, and a flag."""
        found = extract(self.box())
        assert all(line in found.document.text for line in PARAGRAPHS)
        assert found.drops == ()
        assert opinions_in(found)[0] == "page.1-unpruned: nothing is taken out"

    def test_without_it(self) -> None:
        """Without the opinion the rules stand."""
        unguarded = replace(rules(), opinions=())
        found = extract(self.box(), unguarded)
        assert len(found.drops) == len(PARAGRAPHS)
        assert not any(line in found.document.text for line in PARAGRAPHS)

    def test_enough_left(self) -> None:
        """Where the text that is left is long enough nothing is given up."""
        more = tuple(f"{line} {line}" for line in PARAGRAPHS)
        found = extract(page(f"<article>{prose(*more)}<div class=newsletter><p>{LEAD}</p></div></article>"))
        assert [drop.text for drop in found.drops] == [LEAD]
        assert opinions_in(found) == []

    def test_fast_too(self) -> None:
        """The fast way gives up pruning as well."""
        assert opinions_in(extract(self.box(), fast=True))[0] == "page.1-unpruned: nothing is taken out"


class TestFlags:
    def test_each_opinion_that_changed_the_text_and_no_other(self) -> None:
        """A flag for each opinion that changed the text, in the order of their ids, and none for the others."""
        html = lead_page(f"<div>{LEAD}</div>", body=f"<div><p>{PARAGRAPHS[0]}</p>{LIST}{prose()}</div>")
        witness = "\n".join(block.text for block in list_blocks(parse(html).root))
        found = settle_with(only("longer", "gaps", "lead"), html, "\n".join(PARAGRAPHS), resiliparse=witness)
        assert opinions_in(found) == ["page.4-gaps: 2 blocks", "page.5-lead"]

    def test_nothing_in_doubt(self) -> None:
        """A plain page has no flags of opinions, and its text is the first extractor's."""
        found = extract(page(f"<article>{prose()}</article>"))
        assert (found.document.text, opinions_in(found)) == ("\n".join(PARAGRAPHS), [])

    def test_no_opinions(self) -> None:
        """A set without opinions settles nothing."""
        assert settle_with(
            only(), between(LIST), "\n".join(PARAGRAPHS), resiliparse=words(900)
        ).document.text == "\n".join(PARAGRAPHS)


class TestFast:
    def test_no_second_extractor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fast way asks no second extractor, on whatever page, and no looser run of the first one."""
        asked: list[dict[str, Any]] = []

        def first(*_: Any, **how: Any) -> str:
            asked.append(how)
            return PARAGRAPHS[0]

        monkeypatch.setattr(drafts_module, "_resiliparse", refuse)
        monkeypatch.setattr(drafts_module, "_readability", refuse)
        monkeypatch.setattr(drafts_module, "_trafilatura", first)
        extract(lead_page(f"<p>{LEAD}</p>", body=prose() + LIST), fast=True)
        assert asked == [{"fast": True}]

    def test_travels(self) -> None:
        """A cleaner sent to another process stays fast, and keeps its opinions."""
        cleaner = Cleaner(fast=True, without=["page.5-lead"])
        again = pickle.loads(pickle.dumps(cleaner))
        assert again._fast is True
        assert again.ruleset == cleaner.ruleset
        assert not any(opinion.id == "page.5-lead" for opinion in again.ruleset.opinions)
        assert pickle.loads(pickle.dumps(Cleaner(only=["page.title"])))._fast is False


PAGES = (
    page(f"<article>{prose()}</article>"),
    between(LIST),
    lead_page(f"<div>{LEAD}</div>"),
    lead_page(
        f"<h1>Bridge opens</h1><p class=byline>By Ann Bee</p><div>{LEAD}</div>",
        body=prose() + LIST + "<aside>x</aside>",
    ),
    TestFallback().box(),
    page("<table><tr><td>" + prose() + "<!-- note --></td></tr></table><p>a<br>b<script>1</script> tail"),
    page(""),
)


class TestTrees:
    @pytest.mark.parametrize("html", PAGES)
    @pytest.mark.parametrize("fast", [False, True])
    def test_asking_changes_no_tree(self, html: str, fast: bool) -> None:
        """Whoever is asked for the text of a tree, the tree stays as it was to the last character."""
        root = parse(html).root
        found = Drafts(root, "https://post.example/a", read_declared(root, None), fast)
        before = etree.tostring(root)
        asks: list[Callable[[], Draft]] = [lambda: found.main, *(lambda name=name: found.by(name) for name in ALL)]
        for ask in asks:
            ask()
            assert etree.tostring(root) == before

    def test_drafts_are_made_once(self) -> None:
        """A draft is computed when it is first asked for, and kept."""
        root = parse(PAGES[0]).root
        found = Drafts(root, None, read_declared(root, None))
        assert found.main is found.main
        assert all(found.by(name) is found.by(name) for name in ALL)

    @pytest.mark.parametrize("html", PAGES)
    def test_order_of_rules_does_not_matter(self, html: str) -> None:
        """Rules and opinions in any order of files give the same."""
        turned = replace(rules(), rules=tuple(reversed(rules().rules)))
        assert extract(html, turned) == extract(html)

    def test_opinions_apply_by_id(self, tmp_path: Path) -> None:
        """Opinions apply in the order of their ids, in whatever order their files are read."""
        spec = "opinions: [{{id: tests.{}, why: Only a test needs it., {}: {{}}}}]"
        files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
        for file, name, kind in zip(files, ("2-gaps", "1-lead"), ("restore", "lead"), strict=True):
            file.write_text(spec.format(name, kind))
        for order in (files, files[::-1]):
            assert [opinion.id for opinion in load_rules(order).opinions] == ["tests.1-lead", "tests.2-gaps"]

    def test_threads_share_an_extractor(self) -> None:
        """Four threads that share one extractor get what one gets."""
        shared = Extractor(rules())
        pages = [Page(str(number), html) for number, html in enumerate(PAGES * 6)]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(shared.extract, pages)) == [shared.extract(page) for page in pages]


def rescued(paragraphs: int, box: str = "div", **change: Any) -> tuple[Draft, str]:
    """Return what a rescue makes of a teaser where a second extractor has the teaser and paragraphs more."""
    teaser = words(30)
    texts = [words(25, 100 * number) for number in range(1, paragraphs + 1)]
    inner = "".join(f"<p>{text}</p>" for text in texts)
    root = parse(page(f"<div><p>{teaser}</p></div><{box}>{inner}</{box}>")).root
    drafts = given(teaser, resiliparse="\n".join([teaser, *texts]))
    policy = Rescue(**change)
    if not is_far_longer(drafts.main, drafts, policy):
        return drafts.main, ""
    return rescue_draft(list_blocks(root), drafts.main, drafts, policy)


def test_rescue_takes_an_article_behind_a_teaser() -> None:
    """Ten long paragraphs more, and the second text is taken alone."""
    draft, what = rescued(10)
    assert len(draft.tokens) == 30 + 10 * 25
    assert what == "10 paragraphs more"


@pytest.mark.parametrize(
    "case", [{"paragraphs": 9}, {"paragraphs": 12, "box": "aside"}, {"paragraphs": 10, "longer": 20}]
)
def test_rescue_asks_for_proof(case: dict[str, Any]) -> None:
    """Too few paragraphs, furniture, or a text not long enough prove nothing."""
    draft, what = rescued(**case)
    assert (draft.text, what) == (words(30), "")
