"""news-please: `maintext` and the page it was taken from are cleaned as the command line cleans them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("newsplease", reason="news-please has an environment of its own")

import newsplease

from cleaner import InputError
from cleaner.adapters.newsplease import clean_page, clean_text, document_of, page_of, put_back
from tests.integrations.conftest import python
from tests.integrations.pages import OFFLINE, PAGES, by_hand, lines_of, run_guide, write_pages
from tests.making import shipped

URL = "https://harbour-post.example/"


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OFFLINE.items():
        monkeypatch.setenv(name, value)


def article(name: str, **known: Any) -> Any:
    return newsplease.NewsPlease.from_html(PAGES[name], f"{URL}{name}", fetch_images=False, **known)


@pytest.mark.parametrize("option", [(), ("--page",)], ids=["text", "page"])
def test_example_does_as_the_command_line(option: tuple[str, ...], tmp_path: Path) -> None:
    """Text, title and cuts of the example are those of the command line on what news-please took, or on the pages."""
    pages, output = write_pages(tmp_path), tmp_path / "out.jsonl"
    command = ("examples/newsplease_clean.py", *map(str, pages), "-o", str(output), "--url", URL, *option)
    done = python(*command, **OFFLINE)
    assert done.returncode == 0, done.stderr
    found = [article(path.name) for path in pages]
    given = [
        page_of(one, PAGES[path.name]) if option else document_of(one) for one, path in zip(found, pages, strict=True)
    ]
    records, expected = lines_of(output), by_hand(given, tmp_path)
    assert len(records) == len(pages)
    for record, line in zip(records, expected, strict=True):
        assert record["cleaning"] == line["cleaning"]
        assert record["maintext"] == line["text"]
        assert record["title"] == line["title"]
    assert any(record["cleaning"]["cuts"] for record in records)


def test_what_news_please_found_stays() -> None:
    """Title, authors and date of the article stay where it has them, and are filled where it has none."""
    own, bare = article("bridge.html"), article("bridge.html")
    own.title, own.authors, own.date_publish = "Its own", ["Tom Varga"], datetime(2020, 1, 1)
    put_back(own, clean_page(own, PAGES["bridge.html"], shipped()))
    assert (own.title, own.authors, own.date_publish) == ("Its own", ["Tom Varga"], datetime(2020, 1, 1))
    bare.title, bare.authors, bare.date_publish = None, [], None
    put_back(bare, clean_page(bare, PAGES["bridge.html"], shipped()))
    assert (bare.title, bare.authors) == ("A bridge opens in Port Allen", ["Ada Nkemelu"])
    assert bare.date_publish == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_the_download_dates_the_document() -> None:
    """The time of the download is the crawl of the document; without one there is none."""
    assert document_of(article("ferry.html", download_date="2026-05-05 06:00:00")).crawled == "2026-05-05T06:00:00"
    assert document_of(article("ferry.html")).crawled is None


def test_what_is_missing_is_an_error() -> None:
    """An article without text, and what news-please returns for an empty page, say so."""
    silent = article("ferry.html")
    silent.maintext = None
    with pytest.raises(InputError, match="NewsArticle has no text"):
        clean_text(silent, shipped())
    with pytest.raises(InputError, match="makes none of an empty page"):
        clean_text(newsplease.NewsPlease.from_html(""), shipped())


def test_the_guide_tells_the_truth(tmp_path: Path) -> None:
    """What the guide shows of news-please runs and prints what stands below it."""
    run_guide("news-please", tmp_path)
