"""`select` rules take elements out of pages: what they find, what they leave, and that no text beside them is harmed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from cleaner.errors import RuleError
from cleaner.html import css
from cleaner.html.node import INLINE, Measure, take_out, text_of
from cleaner.html.parse import parse
from cleaner.html.select import Mark, Pruner, remove
from cleaner.lint import lint
from cleaner.match.sweep import Sweeper
from cleaner.model import Drop
from cleaner.rules.scope import Facts
from cleaner.trial import run_trials
from tests.making import MORE, PROSE, cleaner, load, rule

BODY = f"<p>{PROSE}</p><p>{MORE}</p>" * 3
HOST = "scope: {hosts: [bank.example]}"


def page(fragment: str, body: str = BODY) -> Any:
    return parse(f"<html><head><title>x</title></head><body><div>{fragment}</div>{body}</body></html>").root


def pruner(place: Path, *rules: str, head: str = "") -> Pruner:
    return Pruner(load(place, f"{head}\nrules:\n{''.join(rules)}"))


def prune(
    place: Path, spec: str, fragment: str, more: str = "", titles: tuple[str, ...] = (), **known: str
) -> list[str]:
    """Return the texts of the elements that one rule takes out of a page."""
    made = pruner(place, rule(f"select: {{{spec}}}", more=more))
    return [drop.text for drop in made.prune(page(fragment), Facts(surface="html", **known), titles)]


class TestWords:
    @pytest.mark.parametrize(
        "name", ["class='newsletter'", "class='c-newsletter--big x'", "id='NewsletterBox'", "data-testid=inline_newsletter2",
                 "role=newsletter", "aria-label='Newsletter'", "class='articleNewsletter'"],
    )  # fmt: skip
    def test_found_in_names(self, tmp_path: Path, name: str) -> None:
        """A word is found in every attribute that names an element, however it is joined to others."""
        assert prune(tmp_path, "words: newsletter", f"<div {name}>Box</div>") == ["Box"]

    @pytest.mark.parametrize(
        "name", ["class='newsletters'", "title='newsletter'", "href='/newsletter'", "class='news letter'", "style=newsletter",
                 f"aria-label='newsletter {'of the week ' * 5}'"],
    )  # fmt: skip
    def test_near_misses(self, tmp_path: Path, name: str) -> None:
        """Other words, other attributes and labels that are sentences do not count."""
        assert prune(tmp_path, "words: newsletter", f"<div {name}>Box</div>") == []

    @pytest.mark.parametrize("name", ["read-more-link", "link readMore", "READ_MORE", "read2more"])
    def test_several_words_in_order(self, tmp_path: Path, name: str) -> None:
        """An entry of several words stands in the name as that sequence."""
        assert prune(tmp_path, "words: [read more]", f"<div class='{name}'>Box</div>") == ["Box"]
        assert prune(tmp_path, "words: [more read]", f"<div class='{name}'>Box</div>") == []

    def test_without(self, tmp_path: Path) -> None:
        """A word that must not be among the names keeps the element, in whatever attribute it stands."""
        spec = "words: share, without: [embed, share price]"
        assert prune(tmp_path, spec, "<div class=share id=an-embed>Box</div><div class='share-price'>9</div>") == []
        assert prune(tmp_path, spec, "<div class='share'>Box</div>") == ["Box"]

    def test_tags(self, tmp_path: Path) -> None:
        """Only the tags listed are taken."""
        fragment = "<div class=share>One</div><aside class=share>Two</aside>"
        assert prune(tmp_path, "words: share, tags: [aside]", fragment) == ["Two"]


class TestCss:
    @pytest.mark.parametrize(
        "selector",
        ["#x", ".a", ".b.a", "div.a", "[data-k]", "[data-k=v1]", "[data-k^=v]", "[data-k$='1']", "[data-k*=v]", "[class~=b]",
         "section .a", "section > div .a", "section > div > .a", ".a:not(.c)", ".none, #x", "div#x[data-k].a", "*#x",
         "section div div", "[lang|=en]", "DIV.a"],
    )  # fmt: skip
    def test_agrees_with_lxml(self, selector: str) -> None:
        """Selectors mean what they mean to lxml."""
        text = "<section><div><div id=x class='a b' data-k=v1 lang=en-GB>One</div></div><p class=c>Two</p></section>"
        root = page(text)
        expected = [node for node in root.iter("*") if any(part.holds(node) for part in css.parse(selector))]
        assert expected == root.cssselect(selector)
        assert root.get_element_by_id("x") in expected

    @pytest.mark.parametrize(
        "selector", [".c", "div > .a > .a", "section > .a", ".a:not(.b)", "p .a", "[data-k='']", "[data-k^='']", ".A"]
    )
    def test_near_misses(self, selector: str) -> None:
        """Other classes, places and values are not selected."""
        root = page("<section><div><div id=x class='a b' data-k=v1>One</div></div></section>")
        assert not any(part.holds(node) for part in css.parse(selector) for node in root.iter("*"))

    def test_takes_what_is_selected(self, tmp_path: Path) -> None:
        """A selector of each key takes its element out."""
        for selector in ("#x", ".a", "[data-k=v]", "[data-k^=v]", "div > p", "div > *"):
            assert prune(tmp_path, f"css: '{selector}'", "<p id=x class=a data-k=v>One</p>") == ["One"], selector

    @pytest.mark.parametrize(
        ("selector", "told"),
        [("a + b", "the combinator '+' is not supported"), ("a:hover", "is not supported"), ("p::before", "::before is no element"),
         ("a[", "broken selector"), ("svg|a", "the name space 'svg' is not known")],
    )  # fmt: skip
    def test_refusals(self, tmp_path: Path, selector: str, told: str) -> None:
        """What is broken or outside the part of CSS that is supported is refused, with rule and field."""
        with pytest.raises(RuleError, match=r"rule tests\.one, field select\.css") as refused:
            pruner(tmp_path, rule(f"select: {{css: '{selector}'}}"))
        assert told in str(refused.value)


class TestXpath:
    def test_takes_elements(self, tmp_path: Path) -> None:
        """A host's rule may say where its element stands by an XPath."""
        spec = "xpath: '//div/p[2]'"
        assert prune(tmp_path, spec, "<p>One</p><p>Two</p>", HOST, host="www2.bank.example") == ["Two"]
        assert prune(tmp_path, spec, "<p>One</p><p>Two</p>", HOST, host="other.example") == []

    @pytest.mark.parametrize("path", ["string(//p)", "//p/text()", "count(//p)", "//p[unknown()]"])
    def test_what_is_no_element_goes_nowhere(self, tmp_path: Path, path: str) -> None:
        """Strings, numbers and calls of unknown functions take nothing out."""
        assert prune(tmp_path, f'xpath: "{path}"', "<p>One</p>", HOST, host="bank.example") == []

    def test_needs_a_host(self, tmp_path: Path) -> None:
        """Without hosts an XPath would be tried on every page."""
        with pytest.raises(RuleError) as refused:
            load(tmp_path, "rules:\n" + rule("select: {xpath: //p}"))
        assert str(refused.value).endswith(
            "rule tests.one: xpath is tried on every page. Write css or words, or bind the rule to scope.hosts"
        )

    def test_broken(self, tmp_path: Path) -> None:
        """A broken path is refused when rules are compiled."""
        with pytest.raises(RuleError, match=r"field select\.xpath: broken path"):
            pruner(tmp_path, rule("select: {xpath: '//p['}", more=HOST))


class TestConditions:
    def test_text(self, tmp_path: Path) -> None:
        """The element's text, white space folded, is as described; of several descriptions any."""
        fragment = "<div class=box>Read\n also</div><div class=box>Read too</div><div class=box>Story</div>"
        assert prune(tmp_path, "words: box, text: {eq: read ALSO}", fragment) == ["Read also"]
        assert prune(tmp_path, "words: box, text: [{starts: read also}, {has: story}]", fragment) == [
            "Read also",
            "Story",
        ]
        assert prune(tmp_path, "words: box, text: {re: 'Read .*', ends: too}", fragment) == ["Read too"]
        assert prune(tmp_path, "words: box, text: {len: [1, 5]}", fragment) == ["Story"]

    def test_terms(self, tmp_path: Path) -> None:
        """Phrases may be terms, patterns may refer to patterns."""
        (tmp_path / "en.yaml").write_text("lang: en\nterms:\n  share.label: [Share this]\n", encoding="utf-8")
        fragment = "<div class=box>Share this:</div><div class=box>Nine days</div>"
        assert prune(tmp_path, "words: box, text: {eq: $share.label}", fragment) == ["Share this:"]
        made = pruner(
            tmp_path, rule("select: {words: box, text: {re: 'Nine {{unit}}'}}"), head="patterns: {unit: days}"
        )
        assert [drop.text for drop in made.prune(page(fragment), Facts())] == ["Nine days"]

    def test_links(self, tmp_path: Path) -> None:
        """The share of text in links lies between two bounds."""
        fragment = (
            "<ul class=box><li><a href=#>One two</a></li></ul><ul class=box><li><a href=#>One</a> two three</li></ul>"
        )
        assert prune(tmp_path, "words: box, links: [0.9, 1]", fragment) == ["One two"]
        assert prune(tmp_path, "words: box, links: [0, 0.5]", fragment) == ["One two three"]

    def test_len(self, tmp_path: Path) -> None:
        """The length of the text lies between two bounds."""
        assert prune(tmp_path, "words: box, len: [4, 5]", "<i class=box>123</i> <i class=box>12345</i>") == ["12345"]

    def test_inside_and_outside(self, tmp_path: Path) -> None:
        """Tags and names of the elements around decide."""
        fragment = "<figure><b class=box>One</b></figure><p class='side-bar'><b class=box>Two</b></p>"
        assert prune(tmp_path, "words: box, inside: [figure]", fragment) == ["One"]
        assert prune(tmp_path, "words: box, inside: [side bar]", fragment) == ["Two"]
        assert prune(tmp_path, "words: box, outside: [figure]", fragment) == ["Two"]
        assert prune(tmp_path, "words: box, outside: [figure, side bar]", fragment) == []

    def test_same_as_title(self, tmp_path: Path) -> None:
        """A copy of a title goes, the widest element that holds nothing else; what only begins like it stays."""
        spec = "css: 'h1, header, p, b', same_as: title"
        fragment = "<header><h1>The  <i>Bridge</i> opens</h1></header><p>The bridge opens on Friday.</p><p><b>THE BRIDGE OPENS</b>:</p>"
        assert prune(tmp_path, spec, fragment, titles=("Other", "The bridge opens")) == [
            "The Bridge opens",
            "THE BRIDGE OPENS:",
        ]
        assert prune(tmp_path, spec, fragment) == []

    def test_same_as_title_in_a_named_element(self, tmp_path: Path) -> None:
        """Where names lead to the element, the title is a condition as any other."""
        fragment = "<b class=box>Bridge opens</b><b class=box>Bridge</b>"
        assert prune(tmp_path, "words: box, same_as: title", fragment, titles=("Bridge opens",)) == ["Bridge opens"]


class TestSize:
    def test_an_element_that_holds_much_of_the_page_stays(self, tmp_path: Path) -> None:
        """Above its share of the paragraphs' text an element stays; a host's rule may take more; a rule may say."""
        fragment = f"<div class=box>{BODY}</div>"
        assert prune(tmp_path, "words: box", fragment) == []
        assert len(prune(tmp_path, "words: box", fragment, HOST, host="bank.example")) == 1
        assert len(prune(tmp_path, "words: box, most: 0.6", fragment)) == 1
        assert prune(tmp_path, "words: box, most: 0.4", fragment, HOST, host="bank.example") == []

    def test_text_beside_paragraphs_does_not_count(self, tmp_path: Path) -> None:
        """A long list of links is no part of the article, however long it is."""
        assert len(prune(tmp_path, "words: box", f"<ul class=box>{'<li>Home and away</li>' * 200}</ul>")) == 1

    def test_a_page_without_paragraphs_is_measured_whole(self, tmp_path: Path) -> None:
        """Where the text stands in other elements, all of it counts."""
        made = pruner(tmp_path, rule("select: {words: box}"))
        text = f"<div class=box>{PROSE} {MORE}</div>"
        assert made.prune(page(text, f"<p>Home</p>{PROSE}"), Facts()) == ()
        assert len(made.prune(page(text, f"<p>Home</p>{PROSE * 9}"), Facts())) == 1

    def test_very_many_large_elements(self, tmp_path: Path) -> None:
        """Of very many nested elements too large to go, the innermost small one still goes."""
        nest = "<div class=box>" * 120
        assert prune(tmp_path, "words: box", f"{nest}{BODY}<i class=box>One</i>{'</div>' * 120}") == ["One"]

    @pytest.mark.parametrize("first", ["", f"<div>{PROSE * 20}</div>"])
    def test_sizes_measured_one_by_one_and_at_once_agree(self, first: str) -> None:
        """However many elements were measured before, an element is found as large as by itself."""
        boxes = "".join(f"<div>{'<b>' * n}<p>{MORE * n} <i>x</i></p>{MORE}</div>{PROSE}" for n in range(1, 12))
        root = page(f"{first}<section>{'<div>' * 12}{boxes}<script>{MORE}</script></section>", "")
        nodes, shared = list(root.iter("*")), Measure(root)
        for most in (0.01, 0.05, 0.1, 0.3, 0.9):
            alone = [Measure(root).holds_most(node, most) for node in nodes]
            assert [shared.holds_most(node, most) for node in nodes] == alone
            assert 8 < sum(alone) < len(nodes)

    @pytest.mark.parametrize("tag", ["html", "body", "main", "article"])
    def test_the_page_itself_stays(self, tmp_path: Path, tag: str) -> None:
        """A generic rule never takes the page, its body, main or article, however little they hold."""
        root = parse(f"<html><body><main><article>x</article></main>{BODY}</body></html>").root
        node = root if tag == "html" else next(root.iter(tag))
        node.set("class", "box")
        assert pruner(tmp_path, rule("select: {words: box}")).prune(root, Facts()) == ()

    def test_a_host_may_take_an_article(self, tmp_path: Path) -> None:
        """On a site whose teasers are articles, its rule may say so; the body stays even there."""
        assert prune(tmp_path, "css: .box", "<article class=box>x</article>", HOST, host="bank.example") == ["x"]
        made = pruner(tmp_path, rule("select: {css: 'body, html', most: 1}", more=HOST))
        assert made.prune(page("x"), Facts(host="bank.example")) == ()


class TestScope:
    def test_hosts(self, tmp_path: Path) -> None:
        """A host's rule runs there and on its subdomains, beside the generic ones."""
        made = pruner(
            tmp_path, rule("select: {words: box}", name="a.one"), rule("select: {css: .side}", name="a.two", more=HOST)
        )
        fragment = "<div class=box>One</div><div class=side>Two</div>"
        for host, expected in (("bank.example", 2), ("m.bank.example", 2), ("riverbank.example", 1), ("", 1)):
            assert len(made.prune(page(fragment), Facts(host=host))) == expected, host

    def test_language_and_dates(self, tmp_path: Path) -> None:
        """Language and crawl date exclude where they are known."""
        more = "scope: {lang: [fr], valid_until: 2025-01-31}"
        for known, expected in (({"lang": "fr"}, 1), ({}, 1), ({"lang": "de"}, 0), ({"crawled": "2025-02-01"}, 0)):
            assert len(prune(tmp_path, "words: box", "<i class=box>One</i>", more, **known)) == expected, known

    def test_exceptions(self, tmp_path: Path) -> None:
        """An exception switches a rule off on a host."""
        off = "exceptions: [{rule: tests.one, why: This host says otherwise., scope: {hosts: [bank.example]}}]"
        made = pruner(tmp_path, rule("select: {words: box}"), head=off)
        counts = [len(made.prune(page("<i class=box>x</i>"), Facts(host=h))) for h in ("bank.example", "b.example")]
        assert counts == [0, 1]

    def test_text_rules_and_page_rules_do_not_see_each_other(self, tmp_path: Path) -> None:
        """Texts are cleaned by the rules for texts alone, pages pruned by those for pages."""
        both = rule("select: {words: box}", name="a.one"), rule("line: {eq: Advertisement}", name="a.two")
        assert cleaner(tmp_path, *both).clean("One.\nAdvertisement\nTwo.").text == "One.\nTwo."
        assert [drop.rule for drop in pruner(tmp_path, *both).prune(page("<i class=box>x</i>"), Facts())] == ["a.one"]
        assert not pruner(tmp_path, both[1])

    def test_surface(self, tmp_path: Path) -> None:
        """A rule may be for texts of pages only, or for texts that came as such."""
        for surface, expected in (("html", 0), ("text", 1), ("[html, text]", 1)):
            made = load(tmp_path, "rules:\n" + rule("line: {eq: Advertisement}", more=f"scope: {{surface: {surface}}}"))
            found = Sweeper(made).sweep("One.\nAdvertisement\nTwo.", Facts())
            assert len(found.findings) == expected, surface
            on_page = Sweeper(made).sweep("One.\nAdvertisement\nTwo.", Facts(surface="html"))
            assert len(on_page.findings) == ("html" in surface), surface

    @pytest.mark.parametrize(
        ("more", "told"),
        [("scope: {proof: Bank News}", "looks at pages, by their host"), ("scope: {apply_to: body}", "looks at pages"),
         ("guard: {max_hits: 3}", "Write select.most"), ("action: extract", "Write select.most")],
    )  # fmt: skip
    def test_what_has_no_meaning_is_refused(self, tmp_path: Path, more: str, told: str) -> None:
        """Keys for rules on texts are refused."""
        with pytest.raises(RuleError, match=told):
            load(tmp_path, "rules:\n" + rule("select: {words: box}", more=more))

    @pytest.mark.parametrize(
        ("spec", "told"),
        [("words: box, css: .box", "found css, words. Write exactly one of css, xpath, words"), ("len: [1, 2]", "found none"),
         ("words: '12'", "'12' holds no word"), ("word: box", "Did you mean 'words'"), ("words: box, links: [1, 0]", "[least, most]")],
    )  # fmt: skip
    def test_faults_of_a_matcher(self, tmp_path: Path, spec: str, told: str) -> None:
        """What is wrong in a matcher is answered with what to write instead."""
        with pytest.raises(RuleError) as refused:
            load(tmp_path, "rules:\n" + rule(f"select: {{{spec}}}"))
        assert told in str(refused.value)


class TestDrops:
    def test_account(self, tmp_path: Path) -> None:
        """Each drop has the path in the whole page, the text with blocks set apart, and the rule."""
        made = pruner(tmp_path, rule("select: {words: box}"))
        root = page("<p class=box>One</p><div class=box><p>Two</p><p>th<b>ree</b></p><script>no</script></div>")
        assert made.prune(root, Facts()) == (
            Drop("/html/body/div/p", "One", "tests.one"),
            Drop("/html/body/div/div", "Two three", "tests.one"),
        )

    def test_all_rules_see_the_same_page(self, tmp_path: Path) -> None:
        """Paths and conditions are those of the whole page, whatever else goes; the outermost element counts."""
        made = pruner(
            tmp_path, rule("select: {words: inner, inside: [outer]}", name="a.inner"),
            rule("select: {words: outer}", name="b.outer"), rule("select: {words: last}", name="c.last"),
        )  # fmt: skip
        root = page("<div class=outer><i class=inner>One</i> two</div><div class=last>Three</div>")
        assert made.prune(root, Facts()) == (
            Drop("/html/body/div/div[1]", "One two", "b.outer"), Drop("/html/body/div/div[2]", "Three", "c.last"),
        )  # fmt: skip

    def test_the_first_rule_by_id_is_named(self, tmp_path: Path) -> None:
        """Of several rules that mark an element the first by id is named, whichever way it was found."""
        for one, two in (("words: box", "css: '#x'"), ("css: 'div > p'", "words: box"), ("css: .box", "css: .box")):
            made = pruner(tmp_path, rule(f"select: {{{two}}}", name="b.two"), rule(f"select: {{{one}}}", name="a.one"))
            drops = made.prune(page("<p class=box id=x>One</p>"), Facts())
            assert [drop.rule for drop in drops] == ["a.one"], one

    def test_order_is_that_of_the_page(self, tmp_path: Path) -> None:
        """However rules find their elements, drops come as these stand in the page."""
        made = pruner(
            tmp_path, rule("select: {words: late}", name="a.one"), rule("select: {css: 'div > b'}", name="b.two"),
            rule("select: {css: h2, same_as: title}", name="c.three"),
        )  # fmt: skip
        fragment = "<b>One</b><h2>Bridge opens</h2><i class=late>Two</i><b>Three</b>"
        drops = made.prune(page(fragment), Facts(), ("Bridge opens",))
        assert [drop.text for drop in drops] == ["One", "Bridge opens", "Two", "Three"]

    def test_marking_changes_nothing(self, tmp_path: Path) -> None:
        """Marks can be shown before anything goes."""
        made = pruner(tmp_path, rule("select: {words: box}"))
        root = page("One <i class=box>two</i> three")
        before = etree.tostring(root)
        marks = made.mark(root, Facts())
        assert (etree.tostring(root), [mark.node.text for mark in marks]) == (before, ["two"])
        assert remove(marks) == tuple(mark.drop for mark in marks)
        assert text_of(root.find("body")[0]) == "One three"

    def test_unseen_content_is_left_alone(self, tmp_path: Path) -> None:
        """What stands in scripts, styles and templates is no part of the page's text."""
        fragment = "<template><i class=box>One</i></template><script class=box>1</script><style class=box>a</style>"
        assert prune(tmp_path, "words: box", fragment) == []

    def test_a_fragment_as_root(self, tmp_path: Path) -> None:
        """A tree without a body is pruned as well, but for its root."""
        root = html.fragment_fromstring(f"<div class=box><i class=box>One</i>{BODY}</div>")
        assert [drop.text for drop in pruner(tmp_path, rule("select: {words: box}")).prune(root, Facts())] == ["One"]


class TestTakingOut:
    @pytest.mark.parametrize(
        ("fragment", "left"),
        [
            ("one <x>gone</x> two", "one two"),
            ("one<x>gone</x>two", "one two"),
            ("<x>gone</x>two", "two"),
            ("one<x>gone</x>.", "one."),
            ("<b>one</b><x>gone</x>two", "one two"),
            ("<b>one</b><x>gone</x><b>two</b>", "one two"),
            ("<b><i>one</i></b><x>gone</x><b><i>two</i></b>", "one two"),
            ("<b>one</b>,<x>gone</x> two", "one, two"),
            ("<x>gone</x><x>gone</x>two", "two"),
            ("one<x>gone</x><x>gone</x>two", "one two"),
            ("one<x>gone</x>two<x>gone</x><b>three</b>", "one two three"),
            ("<b>one</b><x>gone</x>, <x>gone</x>two<i>three</i>", "one, twothree"),
            ("橋が<x>gone</x>開く", "橋が開く"),
        ],
    )
    def test_text_around_stays(self, fragment: str, left: str) -> None:
        """The text after an element stays, two words never become one, and no space comes before a full stop."""
        root = page(fragment.replace("<x>", "<i class=x>").replace("</x>", "</i>"))
        remove(Mark(node, Drop("", "", "")) for node in root.xpath("//i[@class='x']"))
        assert text_of(root.find("body")[0]) == left

    def test_a_block_leaves_a_space(self) -> None:
        """Where a block stood, sentences do not run into each other."""
        root = page("One.<div id=x>gone</div>Two.")
        take_out([root.get_element_by_id("x")])
        assert text_of(root.find("body")[0]) == "One. Two."

    def test_control_characters(self) -> None:
        """Characters that lxml parses and then refuses to write do no harm."""
        root = html.fromstring("<div>one <i>gone</i> t\x0bwo&#x1;</div>")
        take_out([root.find("i")])
        assert text_of(root).split() in (["one", "two"], ["one", "t", "wo"])

    def test_comments(self) -> None:
        """Comments are no text, what follows them is."""
        root = html.fragment_fromstring("<div>one<!-- no --> two<?pi no?> three</div>")
        assert text_of(root) == "one two three"

    def test_inline_elements_do_not_end_words(self) -> None:
        """Words go across inline elements, and end at all others."""
        assert "span" in INLINE
        assert (
            text_of(html.fragment_fromstring("<div>o<span>n</span>e<br>two<ul><li>three</ul></div>")) == "one two three"
        )


class TestTrials:
    def trial(self, place: Path, spec: str, tests: str, more: str = "") -> list[tuple[str, bool]]:
        text = rule(f"select: {{{spec}}}", more=more).replace(
            "tests: [{in: one two, out: one}, {keep: one}]", f"tests: {tests}"
        )
        return [(trial.mode, trial.ok) for trial in run_trials(load(place, "rules:\n" + text))]

    GOOD = "[{in: '<p>One</p><i class=box>two</i>', out: <p>One</p>}, {keep: '<i class=boxing>two</i>'}]"

    def test_examples_are_parts_of_pages(self, tmp_path: Path) -> None:
        """What stays of a part of a page is compared as text, with another part or with plain text."""
        assert self.trial(tmp_path, "words: box", self.GOOD) == [("alone", True), ("together", True)] * 2
        assert self.trial(tmp_path, "words: box", self.GOOD.replace("<p>One</p>}", "One}"))[0] == ("alone", True)

    def test_what_is_wrong(self, tmp_path: Path) -> None:
        """A rule that takes nothing, too much, or what it should keep fails."""
        assert self.trial(tmp_path, "words: crate", self.GOOD)[0] == ("alone", False)
        assert self.trial(tmp_path, "words: box", self.GOOD.replace("<p>One</p>}", "One two}"))[0] == ("alone", False)
        assert self.trial(tmp_path, "words: [box, boxing]", self.GOOD)[2] == ("alone", False)

    def test_size_does_not_stop_an_example(self, tmp_path: Path) -> None:
        """An example stands in a long page, so that the share of its text is small."""
        tests = f"[{{in: '<div class=box>{BODY}</div>', out: ''}}, {{keep: box}}]"
        assert self.trial(tmp_path, "words: box", tests)[0] == ("alone", True)

    def test_titles(self, tmp_path: Path) -> None:
        """An example says what the page declares as its title, by a key or an element."""
        tests = "[{in: '<p>One two</p>', out: '', title: One two}, {keep: '<title>One</title><p>One two</p>'}]"
        assert self.trial(tmp_path, "css: p, same_as: title", tests) == [("alone", True), ("together", True)] * 2


class TestLint:
    def told(self, place: Path, spec: str, more: str = "", tests: str = "") -> list[tuple[str, str]]:
        tests = tests or "[{in: <i>one</i>, out: one}, {keep: <i class='promo-box content'>phrase here</i>}]"
        text = rule(f"select: {{{spec}}}", more=more).replace(
            "tests: [{in: one two, out: one}, {keep: one}]", f"tests: {tests}"
        )
        return [(c.field, c.reason) for c in lint(load(place, "rules:\n" + text))]

    @pytest.mark.parametrize("spec", ["css: div", "css: '*'", "css: '[style]'", "css: p", "css: '.promo, div'", "css: '[class*=promo]'",
                                      "css: '.promo div'"])  # fmt: skip
    def test_wide_selectors(self, tmp_path: Path, spec: str) -> None:
        """A selector that ends on what every page is full of is refused, unless it is bound to a host."""
        found = self.told(tmp_path, spec)
        assert [field for field, _ in found] == ["select.css"]
        assert "it is tried on every element that has" in found[0][1]
        assert self.told(tmp_path, spec, HOST) == []

    @pytest.mark.parametrize(
        "more",
        ["text: {eq: phrase here}", "text: [{starts: phrase}]", "links: [0.8, 1], len: [1, 200]", "same_as: title"],
    )
    def test_narrowed_selectors(self, tmp_path: Path, more: str) -> None:
        """Phrases, the title, or a small size and links narrow a wide selector."""
        assert self.told(tmp_path, f"css: p, {more}") == []

    @pytest.mark.parametrize("more", ["text: {len: [1, 20]}", "text: {re: '.*'}", "links: [0.8, 1]"])
    def test_not_narrow_enough(self, tmp_path: Path, more: str) -> None:
        """Lengths and patterns alone do not."""
        assert [field for field, _ in self.told(tmp_path, f"css: p, {more}")] == ["select.css"]

    @pytest.mark.parametrize(
        "spec", ["words: content", "words: [promo, article body]", "css: .content", "css: 'div#main, .promo'"]
    )
    def test_common_names(self, tmp_path: Path, spec: str) -> None:
        """Names that articles have are refused; as part of a longer one, or on a host, they are not."""
        assert [reason.split(":")[0] for _, reason in self.told(tmp_path, spec)] == [
            "articles themselves are named like this"
        ]
        assert self.told(tmp_path, spec, HOST) == []
        assert self.told(tmp_path, "words: [content promo, promo]") == []

    def test_far_keeps(self, tmp_path: Path) -> None:
        """A keep with nothing like what the rule looks for proves nothing."""
        tests = "[{in: <i>one</i>, out: one}, {keep: <i class='lead'>three</i>}]"
        assert [field for field, _ in self.told(tmp_path, "words: promo", tests=tests)] == ["tests.1.keep"]
        assert self.told(tmp_path, "words: promo") == []

    def test_slow_patterns(self, tmp_path: Path) -> None:
        """Patterns on texts of elements are judged as those on lines."""
        found = self.told(tmp_path, "words: promo, text: {re: '(?:[a-z]+ ?)+x'}")
        assert [field for field, _ in found] == ["select.text.0.re"]
