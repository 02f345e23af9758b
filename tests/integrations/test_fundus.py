"""fundus: articles keep their structure, texts are cleaned as the command line cleans them, beside an older lxml."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fundus", reason="fundus has an environment of its own")

from fundus import Article
from fundus.parser import ArticleBody
from fundus.parser.data import ArticleSection, TextSequence
from fundus.scraping.html import HTML, SourceInfo
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, InputError, OptionError
from cleaner.adapters.fundus import clean_text, document_of, put_back
from cleaner.model import Cleaned, Cut, replay
from examples.fundus_clean import read
from tests.integrations.conftest import python
from tests.integrations.pages import OFFLINE, by_hand, lines_of, run_guide, write_pages
from tests.making import PROSE, shipped


def article(body: Any, title: str | None = None) -> Article:
    """Make an article as a parser of fundus would."""
    html = HTML("https://post.example/1", "https://post.example/1", "", None, SourceInfo("Post"))
    return Article(html=html, body=body, title=title, authors=["Ada Nkemelu"], own="kept")


def body(summary: list[str], *sections: tuple[list[str], list[str]]) -> ArticleBody:
    parts = [ArticleSection(TextSequence(headline), TextSequence(paragraphs)) for headline, paragraphs in sections]
    return ArticleBody(TextSequence(summary), parts)


def test_example_does_as_the_command_line(tmp_path: Path) -> None:
    """Text, title and cuts of the example are those of the command line on the same texts; the structure is kept."""
    pages = write_pages(tmp_path)
    done = python("examples/fundus_clean.py", *map(str, pages), "-o", str(tmp_path / "out.jsonl"), **OFFLINE)
    assert (done.returncode, done.stderr) == (0, "")
    records = lines_of(tmp_path / "out.jsonl")
    expected = by_hand([document_of(read(path)) for path in pages], tmp_path)
    assert len(records) == len(pages)
    for record, line in zip(records, expected, strict=True):
        assert record["cleaning"] == line["cleaning"]
        assert record["cleaning"]["cuts"]
        assert (record["text"], record["title"]) == (line["text"], line["title"])
    assert [section["headline"] for section in records[1]["body"]["sections"]] == [[], ["The night in the hall"]]
    assert records[0]["body"]["summary"] == ["Two years late, and open."]


def test_here_pages_are_refused() -> None:
    """Beside the lxml of fundus there is no trafilatura: a page raises the error that says what to install."""
    assert version("lxml").startswith("5.")
    with pytest.raises(OptionError, match=r"need .*trafilatura: pip install cleaner-news "):
        shipped().clean_html(f"<p>{PROSE}</p>")


def test_the_installed_distribution_cleans_by_itself(tmp_path: Path) -> None:
    """What pip installed, not this source tree, cleans a dump; pages go to the rejects and nothing ends in a traceback."""
    (tmp_path / "in.jsonl").write_text(f'{{"id": "1", "text": "{PROSE}"}}\n{{"id": "2", "html": "<p>{PROSE}</p>"}}\n')
    command = [str(Path(sys.executable).parent / "cleaner"), "clean", "in.jsonl", "-o", "out.jsonl"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    (record,), (reject,) = lines_of(tmp_path / "out.jsonl"), lines_of(tmp_path / "out.jsonl.rejects.jsonl")
    assert (record["text"], reject["id"]) == (PROSE, "2")
    assert "trafilatura: pip install cleaner-news" in reject["reason"]


def test_no_body_is_an_error() -> None:
    """An article whose body was not found, or broke the parser, says so."""
    for found in (None, ValueError("no selector fits")):
        with pytest.raises(InputError, match="fundus found no body"):
            clean_text(article(found), shipped())


def test_a_result_of_another_text_is_refused() -> None:
    """What was cleaned must be what it is put back into."""
    cleaned = clean_text(article(body([], ([], [PROSE]))), shipped())
    with pytest.raises(InputError, match="another text"):
        put_back(article(body([], ([], [PROSE, PROSE]))), cleaned)


WORDS = st.text(st.sampled_from("ab \n.é"), min_size=1, max_size=12)
SEQUENCES = st.lists(WORDS, max_size=3)


@given(SEQUENCES, st.lists(st.tuples(SEQUENCES, SEQUENCES), max_size=3), st.data())
def test_each_piece_loses_what_was_cut_from_it(
    summary: list[str], sections: list[tuple[list[str], list[str]]], data: st.DataObject
) -> None:
    """Whatever is cut, each piece keeps the characters that no cut took, in its place; an article stays as it came."""
    given_ = article(body(summary, *sections))
    document = document_of(given_)
    places = data.draw(st.lists(st.integers(0, len(document.text)), max_size=6, unique=True).map(sorted))
    spans = list(zip(places[::2], places[1::2], strict=False))
    cuts = tuple(Cut(start, end, document.text[start:end], "ad", ("tests.one",)) for start, end in spans)
    cleaned = Cleaned(document, document.text, replay(document.text, cuts), cuts=cuts)
    before = given_.body.serialize()
    after = put_back(given_, cleaned)
    kept = [place for place in range(len(document.text)) if not any(start <= place < end for start, end in spans)]
    expected, at = [], 0
    for piece in given_.body.as_text_sequence():
        left = "".join(document.text[place] for place in kept if at <= place < at + len(piece)).strip()
        expected += [left] if left else []
        at += len(piece) + 2
    assert list(after.body.as_text_sequence()) == expected
    assert given_.body.serialize() == before
    assert (after.authors, after.own) == (["Ada Nkemelu"], "kept")


def test_repairs_keep_pieces_apart() -> None:
    """A text that was repaired is longer or shorter than its pieces, which are still found."""
    garbled = "Il a dÃ©clarÃ© que le pont ouvrira vendredi, aprÃ¨s deux ans de travaux."
    found = article(body([garbled], (["Le pont"], [PROSE, garbled])))
    cleaned = clean_text(found, Cleaner(only="ad"))
    assert cleaned.repairs == ("encoding",)
    fixed = "Il a déclaré que le pont ouvrira vendredi, après deux ans de travaux."
    assert list(put_back(found, cleaned).body.as_text_sequence()) == [fixed, "Le pont", PROSE, fixed]


def test_a_title_is_filled_only_where_there_is_none() -> None:
    """A proven title fills an empty one; the article's own stays."""
    found = clean_text(article(body([], ([], [PROSE]))), shipped())
    proven = replace(found, title="A bridge opens")
    assert put_back(article(body([], ([], [PROSE]))), proven).title == "A bridge opens"
    assert put_back(article(body([], ([], [PROSE])), "Its own"), proven).title == "Its own"


def test_the_guide_tells_the_truth(tmp_path: Path) -> None:
    """What the guide shows of fundus runs and prints what stands below it."""
    run_guide("fundus", tmp_path)
