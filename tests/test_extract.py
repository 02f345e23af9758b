"""From a page to a document: the article's text, what the page says of itself, and titles only where proven."""

from __future__ import annotations

from cleaner.html.extract import extract
from cleaner.model import Document, Page

LINES = (
    "The bridge opens on Friday after two years of work on both banks of the river.",
    "It cost nine million, twice what the council had planned before the flood came.",
)


def page(title: str, heading: str = "", more: str = "") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in LINES)
    head = f"<head><meta charset='utf-8'><title>{title}</title>{more}</head>"
    return f"<html lang='en'>{head}<body><article>{heading}{paragraphs}</article></body></html>"


def test_text_is_the_article() -> None:
    """The paragraphs of the article are the text, and id, URL, language and crawl date pass."""
    found = extract(Page("p", page("Other"), "https://x.org/a", lang="en", crawled="2026-01-02"))
    assert (found.text, found.id, found.url, found.lang, found.crawled) == (
        "\n".join(LINES), "p", "https://x.org/a", "en", "2026-01-02",
    )  # fmt: skip


def test_title_needs_to_stand_in_the_text() -> None:
    """The page's title is the document's where the text begins with it, else it is kept aside."""
    proven = extract(Page("p", page("A Bridge Opens", "<h1>A bridge opens</h1>")))
    assert (proven.title, proven.extra) == ("A bridge opens", {})
    aside = extract(Page("p", page("Bridge news")))
    assert (aside.title, aside.extra) == (None, {"page_title": "Bridge news"})


def test_what_the_record_says_comes_first() -> None:
    """A title and a source given with the page stand."""
    found = extract(Page("p", page("Bridge news"), title="Given", source="x.org"))
    assert (found.title, found.source) == ("Given", "x.org")


def test_metadata_is_named_as_in_records() -> None:
    """Site, authors and date come under the record's names."""
    more = (
        "<meta property='og:site_name' content='The Bank'><meta name='author' content='Ann Bee'>"
        "<meta property='article:published_time' content='2026-01-02'>"
    )
    found = extract(Page("p", page("Other", more=more)))
    assert found.metadata == {"published": "2026-01-02", "site": "The Bank", "authors": "Ann Bee"}


def test_bytes_are_decoded() -> None:
    """Bytes are decoded by what they are."""
    html = page("Été").replace("river", "rivière").replace("utf-8", "windows-1252").encode("cp1252")
    assert "rivière" in extract(Page("p", html)).text


def test_empty_page_gives_an_empty_document() -> None:
    """Where there is nothing to extract the text is empty, and nothing is raised."""
    for html in ("", " ", "<html></html>", b"", b"\x00\xff", "no markup at all"):
        assert isinstance(extract(Page("p", html)), Document)
    assert extract(Page("p", "")) == Document("p", "")
