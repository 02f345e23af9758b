"""newspaper4k: the text that it took and the page that it fetched are cleaned as the command line cleans them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("newspaper", reason="newspaper4k has an environment of its own")

import newspaper

from cleaner import InputError, OptionError
from cleaner.adapters.newspaper import clean_page, clean_text, document_of, page_of, put_back
from tests.integrations.conftest import python
from tests.integrations.pages import OFFLINE, PAGES, by_hand, lines_of, run_guide, write_pages
from tests.making import shipped


def article(name: str, parsed: bool = True) -> newspaper.Article:
    made = newspaper.Article(f"https://harbour-post.example/{name}", fetch_images=False)
    made.download(input_html=PAGES[name])
    return made.parse() if parsed else made


@pytest.mark.parametrize("option", [(), ("--page",)], ids=["text", "page"])
def test_example_does_as_the_command_line(option: tuple[str, ...], tmp_path: Path) -> None:
    """Text, title and cuts of the example are those of the command line on what newspaper took, or on the pages."""
    pages = write_pages(tmp_path)
    output = tmp_path / "out.jsonl"
    done = python("examples/newspaper_clean.py", *map(str, pages), "-o", str(output), *option, **OFFLINE)
    assert (done.returncode, done.stderr) == (0, "")
    given = []
    for path in pages:
        made = newspaper.Article(path.as_uri(), fetch_images=False)
        made.download(input_html=path.read_text(encoding="utf-8"))
        given.append(page_of(made) if option else document_of(made.parse()))
    records, expected = lines_of(output), by_hand(given, tmp_path)
    assert len(records) == len(pages)
    for record, line in zip(records, expected, strict=True):
        assert record["cleaning"] == line["cleaning"]
        assert record["text"] == line["text"]
        assert record["title"] == line["title"]
    assert any(record["cleaning"]["cuts"] for record in records)


def test_what_newspaper_found_stays() -> None:
    """Title, authors and date of the article stay where it has them, and are filled where it has none."""
    own = article("bridge.html")
    own.title, own.authors, own.publish_date = "Its own", ["Tom Varga"], datetime(2020, 1, 1)
    put_back(own, clean_page(own, shipped()))
    assert (own.title, own.authors, own.publish_date) == ("Its own", ["Tom Varga"], datetime(2020, 1, 1))
    bare = article("bridge.html")
    bare.title, bare.authors, bare.publish_date = "", [], None
    put_back(bare, clean_page(bare, shipped()))
    assert (bare.title, bare.authors) == ("A bridge opens in Port Allen", ["Ada Nkemelu"])
    assert bare.publish_date == datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def test_nothing_is_invented() -> None:
    """What neither the page nor the text tells stays empty."""
    made = newspaper.Article("https://harbour-post.example/1", fetch_images=False)
    made.download(input_html="<p>Storm.</p>")
    made.parse()
    put_back(made, clean_text(made, shipped()))
    assert (made.title, made.authors, made.publish_date) == ("", [], None)


def test_what_is_missing_is_an_error() -> None:
    """An article that was not parsed, or not fetched, says so; one that newspaper would cut short is not put back."""
    with pytest.raises(InputError, match=r"call `parse\(\)` first"):
        clean_text(article("bridge.html", parsed=False), shipped())
    with pytest.raises(InputError, match=r"call `download\(\)` first"):
        clean_page(newspaper.Article("https://harbour-post.example/1"), shipped())
    short = article("ferry.html")
    short.config.max_text = 100
    with pytest.raises(OptionError, match="newspaper keeps 100 of"):
        put_back(short, clean_page(short, shipped()))


def test_the_guide_tells_the_truth(tmp_path: Path) -> None:
    """What the guide shows of newspaper4k runs and prints what stands below it."""
    run_guide("newspaper4k", tmp_path)
