"""From a page to a document: the article's text, what the page says of itself, and an account of what was done."""

from __future__ import annotations

from functools import cache

import pytest

from cleaner.html.extract import Extracted, Extractor
from cleaner.model import Document, Page
from cleaner.rules.load import load_shipped
from tests.making import shipped

LINES = (
    "The bridge opens on Friday after two years of work on both banks of the river.",
    "It cost nine million, twice what the council had planned before the flood came.",
)


@cache
def extractor(fast: bool = False) -> Extractor:
    return Extractor(load_shipped(), fast)


def extract(page: Page) -> Extracted:
    return extractor().extract(page)


def page(title: str, heading: str = "", more: str = "", after: str = "") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in LINES)
    head = f"<head><meta charset='utf-8'><title>{title}</title>{more}</head>"
    return f"<html lang='en-GB'>{head}<body><article>{heading}{paragraphs}{after}</article></body></html>"


def test_text_is_the_article() -> None:
    """The paragraphs of the article are the text, and id, URL, language and crawl date pass."""
    found = extract(Page("p", page("Other"), "https://x.org/a", lang="en", crawled="2026-01-02")).document
    assert (found.text, found.id, found.url, found.lang, found.crawled) == (
        "\n".join(LINES), "p", "https://x.org/a", "en", "2026-01-02",
    )  # fmt: skip


def test_title_is_declared_and_leaves_the_text() -> None:
    """The headline becomes the title with its origin, and its element is a drop."""
    found = extract(Page("p", page("A bridge opens - The Bank", "<h1>A bridge opens</h1>")))
    assert (found.document.title, found.document.origins["title"]) == ("A bridge opens", "html")
    assert found.document.text == "\n".join(LINES)
    assert [(drop.rule, drop.text) for drop in found.drops] == [("page.title", "A bridge opens")]


def test_what_the_record_says_comes_first() -> None:
    """A title, a language and a source given with the page stand."""
    found = extract(Page("p", page("Bridge news"), title="Given", source="x.org", lang="fr")).document
    assert (found.title, found.source, found.lang) == ("Given", "x.org", "fr")


def test_metadata_is_named_as_in_records() -> None:
    """Site, authors and date come under the record's names, each with its origin, dates in ISO 8601 beside."""
    more = (
        "<meta property='og:site_name' content='The Bank'><meta name='author' content='Ann Bee'>"
        "<meta property='article:published_time' content='2026-01-02T08:30Z'>"
    )
    found = extract(Page("p", page("Other", more=more))).document
    assert found.metadata == {
        "published": "2026-01-02T08:30Z", "site": "The Bank", "authors": "Ann Bee", "language": "en-GB",
    }  # fmt: skip
    assert found.resolved == {"published": "2026-01-02T08:30:00+00:00"}
    assert found.origins["published"] == "open-graph"
    assert found.lang == "en"


def test_bytes_are_decoded() -> None:
    """Bytes are decoded by what they are, and a wrong declaration is told of."""
    html = page("Été").replace("river", "rivière").encode("cp1252")
    found = extract(Page("p", html))
    assert "rivière" in found.document.text
    assert any(flag.startswith("html:encoding declared utf-8") for flag in found.flags)


@pytest.mark.parametrize("html", ["", " ", "<html></html>", b"", b"\x00\xff"])
def test_empty_page_gives_an_empty_document(html: str | bytes) -> None:
    """Where there is nothing to extract the text is empty, a flag says so, and nothing is raised."""
    found = extract(Page("p", html))
    assert (found.document.text, found.document.metadata) == ("", {})
    assert "html:no-article empty" in found.flags
    assert isinstance(found.document, Document)


def test_elements_that_rules_select_are_drops() -> None:
    """What a rule selects is gone from the text and stands in the account, with its path and its words."""
    box = "<div class='newsletter-box'><p>The week in your inbox, every Sunday morning at eight.</p></div>"
    found = extract(Page("p", page("Other", after=box)))
    assert found.document.text == "\n".join(LINES)
    assert found.drops[0].rule == "page.newsletter"
    assert found.drops[0].text == "The week in your inbox, every Sunday morning at eight."
    assert found.drops[0].path.startswith("/html/body/article/div")


def test_lead_comes_back() -> None:
    """A block of the header that the page repeats as its description opens the body."""
    lead = "After the flood nobody believed that the bridge would ever open again, but it does."
    header = f"<header><h1>Bridge opens</h1><div class='x'>{lead}</div></header>"
    more = f"<meta name='description' content='{lead}'>"
    html = f"<html><head><title>Bridge opens</title>{more}</head><body>{header}<article>" + "".join(
        f"<p>{line} {line}</p>" for line in LINES * 3
    )
    found = extract(Page("p", html + "</article></body></html>"))
    assert found.document.text.startswith(lead)
    assert "html:opinion page.5-lead" in found.flags or lead in found.document.text


def test_fast_asks_one_extractor() -> None:
    """The fast way settles no doubts, and gives the same text on a simple page."""
    html = page("Other")
    assert extractor(fast=True).extract(Page("p", html)).document.text == extract(Page("p", html)).document.text


def test_cleaned_page_accounts_for_both_parts() -> None:
    """A cleaned page has drops of elements and cuts of text, and replays."""
    box = "<div class='newsletter-box'><p>The week in your inbox, every Sunday morning at eight.</p></div><p>Advertisement</p>"
    cleaned = shipped().clean_html(page("Other", after=box))
    assert cleaned.text == "\n".join(LINES)
    assert cleaned.drops[0].rule == "page.newsletter"
    assert cleaned.document.surface == "html"


def test_what_is_shown_but_not_declared_is_guessed() -> None:
    """Where a page declares neither date nor author, trafilatura's finds come along, and say that they are its."""
    shown = "<div class='byline'>By Ann Bee</div><div class='date'>March 8, 2025</div>"
    html = page("Other", "<h1>Bridge opens</h1>" + shown)
    found = extract(Page("p", html)).document
    assert (found.resolved["published"], found.origins["published"]) == ("2025-03-08", "trafilatura")
    assert "published" not in extractor(fast=True).extract(Page("p", html)).document.metadata
