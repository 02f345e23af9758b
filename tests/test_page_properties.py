"""Invariants of cleaned pages, over generated ones: paragraphs, furniture and odd markup nested at random."""

from __future__ import annotations

import re
from functools import cache

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cleaner import Cleaned, Cleaner, replay
from cleaner.html.blocks import UNSEEN
from cleaner.html.parse import parse
from cleaner.model import FIELDS
from cleaner.testing import check_offsets, check_replay
from tests.making import shipped

GENERATED = settings(max_examples=40, suppress_health_check=list(HealthCheck))

WHO = ("The mayor", "A diver", "The council", "Her sister", "The old harbour master", "A baker from the upper town")
DID = ("told", "asked", "showed", "reminded", "promised", "warned")
WHOM = ("the workers", "two neighbours", "a judge", "the children of the school", "everyone on the ferry")
WHAT = ("that the bridge would open in spring", "why the cables had been replaced", "how the water had risen overnight",
        "that nobody had counted the stones", "where the lamps of the lower quay had gone")  # fmt: skip
NAMES = ("newsletter", "share-bar", "related", "author-bio", "comments", "promo", "article__body", "content", "social", "tags",
         "breadcrumb", "ad-slot", "cookie-banner", "factbox", "byline", "card", "caption", "x", "sidebar", "paywall", "live-blog")  # fmt: skip
LABELS = ("Advertisement", "Read also", "Share this article", "Subscribe to our newsletter", "Follow us on", "Most read",
          "By Ann Bee", "Comments (3)", "Photo: The Bank", "12 May 2026, 08:30", "Bridge opens", "© The Bank", "")  # fmt: skip
BOXES = (
    "div",
    "section",
    "aside",
    "article",
    "header",
    "footer",
    "nav",
    "ul",
    "ol",
    "figure",
    "form",
    "table",
    "main",
    "blockquote",
)
LEAVES = ("p", "p", "p", "li", "h1", "h2", "h3", "span", "strong", "figcaption", "td", "button", "pre", "time", "a")


@cache
def fast() -> Cleaner:
    return Cleaner(fast=True)


def sentences() -> st.SearchStrategy[str]:
    return st.tuples(*map(st.sampled_from, (WHO, DID, WHOM, WHAT))).map(lambda parts: " ".join(parts) + ".")


def paragraphs(least: int = 1) -> st.SearchStrategy[str]:
    return st.lists(sentences(), min_size=least, max_size=4).map(" ".join)


def _names() -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", *(f' class="{name}"' for name in NAMES), *(f' id="{name}"' for name in NAMES[:6])))


def _leaf() -> st.SearchStrategy[str]:
    words = st.one_of(
        paragraphs(), st.sampled_from(LABELS), sentences().map(lambda text: f'<a href="/x">{text}</a> <b>more</b>')
    )
    made = st.tuples(st.sampled_from(LEAVES), _names(), words).map(lambda p: f"<{p[0]}{p[1]}>{p[2]}</{p[0]}> ")
    odd = st.sampled_from(("<br>", "<hr>", "<!-- note -->", "<script>var never = '<p>';</script>", "<img src=x alt=never>",
                           "</div>", "<p>", "&nbsp;", "<style>p{}</style>", " loose words ", "<template><p>never</p></template>"))  # fmt: skip
    return st.one_of(made, made, made, odd)


def _box(parts: tuple[str, str, list[str]]) -> str:
    tag, names, inner = parts
    return f"<{tag}{names}>{''.join(inner)}</{tag}>"


def fragments() -> st.SearchStrategy[str]:
    return st.recursive(
        _leaf(),
        lambda inner: st.tuples(st.sampled_from(BOXES), _names(), st.lists(inner, min_size=1, max_size=6)).map(_box),
        max_leaves=15,
    )


def _heads() -> st.SearchStrategy[str]:
    fields = st.sampled_from(
        (
            "<title>Bridge opens - The Bank</title>",
            "<meta property='og:title' content='Bridge opens'>",
            "<meta name=description content='The mayor told a judge that the bridge would open in spring.'>",
            "<meta name=author content='Ann Bee'>",
            "<meta property='article:published_time' content='2026-05-12T08:30Z'>",
            "<link rel=canonical href='https://bank.example/a'>",
            "<meta property='og:site_name' content='The Bank'>",
            '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Bridge opens","articleBody":"The mayor"}</script>',
            '<script type="application/ld+json">{"@type": broken</script>',
        )
    )
    return st.lists(fields, max_size=6).map("".join)


def pages() -> st.SearchStrategy[str]:
    body = st.lists(fragments(), min_size=1, max_size=5).map("".join)
    return st.tuples(_heads(), body).map(
        lambda parts: f"<html lang=en><head>{parts[0]}</head><body>{parts[1]}</body></html>"
    )


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def words_of_page(html: str) -> set[str]:
    """Return all words of a page's visible text."""
    root = parse(html).root
    seen = () if root is None else (
        piece
        for node in root.iter()
        for piece in (node.text if isinstance(node.tag, str) and node.tag not in UNSEEN else None, node.tail)
    )  # fmt: skip
    return {word for piece in seen if piece for word in words(piece)}


def check(result: Cleaned, html: str) -> None:
    assert replay(result.source, result.cuts) == result.text
    check_replay(result)
    check_offsets(result)
    known = words_of_page(html)
    for line in result.document.text.splitlines():
        assert known.issuperset(words(line)), line
    _check_drops(result, html)
    assert set(result.origins) <= {*FIELDS, "title"}
    assert set(result.origins) - {"title"} <= set(result.metadata)
    assert set(result.resolved) <= set(result.metadata)
    assert set(result.metadata) <= set(FIELDS)


def _check_drops(result: Cleaned, html: str) -> None:
    """Check that drops are elements of the page, that none stands in another, and that each names a rule for elements."""
    paths = [drop.path for drop in result.drops]
    assert len(set(paths)) == len(paths)
    assert not any(one.startswith(f"{other}/") for one in paths for other in paths)
    selecting = {rule.id for rule in shipped().ruleset.rules if rule.select}
    assert {drop.rule for drop in result.drops} <= selecting
    tree = parse(html).root
    known = words_of_page(html)
    for drop in result.drops:
        assert known.issuperset(words(drop.text)), drop
        if not result.related:  # other articles go first, and paths are those of what they leave
            assert tree is not None
            assert len(tree.getroottree().xpath(drop.path)) == 1


@GENERATED
@given(pages())
@example("")
@example("<html><body></body></html>")
@example("<p>")
def test_invariants(html: str) -> None:
    """Nothing is raised; cuts replay; every word stood in the page; drops and origins name what is there."""
    check(shipped().clean_html(html, url="https://bank.example/2026/bridge-opens"), html)


@GENERATED
@given(pages())
def test_invariants_of_the_fast_way(html: str) -> None:
    """All of it holds for the fast way as well."""
    check(fast().clean_html(html), html)


@GENERATED
@given(
    st.lists(paragraphs(2), min_size=3, max_size=8, unique=True), st.sampled_from(["div", "article", "main", "section"])
)
def test_plain_paragraphs_all_stay(lines: list[str], box: str) -> None:
    """A page of paragraphs and nothing else loses none of them, and they stay in order."""
    html = f"<html><head><title>Something else</title></head><body><{box}>{''.join(f'<p>{line}</p>' for line in lines)}</{box}>"
    for result in (shipped().clean_html(html), fast().clean_html(html)):
        assert result.text.split("\n") == lines
        assert result.drops == ()


@GENERATED
@given(st.lists(paragraphs(2), min_size=4, max_size=6, unique=True), st.data())
def test_furniture_takes_no_paragraph_with_it(lines: list[str], data: st.DataObject) -> None:
    """Boxes that rules take out from between paragraphs leave the paragraphs whole."""
    box = "<div class='newsletter'><p>Subscribe to our newsletter</p></div>"
    parts = [f"<p>{line}</p>" + (box if data.draw(st.booleans()) else "") for line in lines]
    html = f"<html><head><title>Something else</title></head><body><article>{''.join(parts)}</article></body></html>"
    result = shipped().clean_html(html)
    assert result.text.split("\n") == lines
    assert len(result.drops) == html.count(box)


@GENERATED
@given(pages())
def test_same_page_same_result(html: str) -> None:
    """A page gives the same result again, as a string and as bytes."""
    first = shipped().clean_html(html)
    assert shipped().clean_html(html) == first
    assert shipped().clean_html(html.encode()).text == first.text


@settings(max_examples=60)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_anything_may_come(html: str | bytes) -> None:
    """Whatever is given as a page, nothing is raised and the cuts replay."""
    result = shipped().clean_html(html)
    assert replay(result.source, result.cuts) == result.text
