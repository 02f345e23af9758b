"""What the benchmark reads: sets are whole or refused with the line, plans name tracks, pages take their forms."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from cleaner.bench.case import Body, Case, Labels, Phrases
from cleaner.bench.forms import FORMS
from cleaner.bench.plan import find_tracks, read_plan, sort_data
from cleaner.bench.sets import LABELS, digest_of, read_set
from cleaner.errors import InputError, OptionError
from cleaner.model import Document, Page

PAGE = {"id": "p1", "html": "<p>The bridge is open.</p>", "gold": "The bridge is open.", "lang": "en"}
TEXT = {"id": "t1", "text": "Ad\nThe bridge is open.", "gold": "The bridge is open.", "source": "harbour.example"}
LABELLED = {"id": "d1", "text": "Ad\nThe bridge is open.", "spans": [[0, 2, "ad"], [3, 22, "body"]]}


def write(folder: Path, name: str, *records: Any) -> Path:
    path = folder / name
    raw = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    path.write_bytes(zstandard.ZstdCompressor().compress(raw) if name.endswith(".zst") else raw)
    return path


def test_each_kind_of_record_becomes_a_case(tmp_path: Path) -> None:
    """Pages and texts come with a body, snippets or labels; what is no article is left out."""
    snippets = {"id": "p2", "html_base64": base64.b64encode(b"<p>caf\xe9</p>").decode(), "with": ["a"], "without": []}
    path = write(tmp_path, "one.jsonl.zst", PAGE, snippets, TEXT, LABELLED, {**TEXT, "id": "t2", "not_article": True})
    page, bytes_, text, labelled = read_set(path)
    input_ = Page("p1", PAGE["html"], lang="en")
    assert page == Case("p1", "one", input_, Body("The bridge is open."), "p1", language="en")
    assert isinstance(bytes_.input, Page)
    assert bytes_.input.html == b"<p>caf\xe9</p>"
    assert bytes_.gold == Phrases(("a",), ())
    assert text.site == "harbour.example"
    assert isinstance(text.input, Document)
    assert labelled.gold == Labels(((0, 2, "ad"), (3, 22, "body")))


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"html": "<p>", "gold": ""}, "`id` is missing"),
        ({"id": "x", "gold": "Body."}, "neither `html`, `html_base64` nor `text`"),
        ({"id": "x", "html": "<p>"}, "it has no gold, only id, html; write `gold`, or `with` and `without`, or `spans` for a text"),
        ({"id": "x", "html": "<p>", "gold": ["Body."]}, "`gold` is list, not a string"),
        ({"id": "x", "html": "<p>", "spans": []}, "`spans` label a text: a page has `gold`, or `with` and `without`"),
        ({"id": "x", "text": "ab", "spans": [[0, 3, "body"]]}, "a span from 0 to 3, in a text of 2 code points"),
        ({"id": "x", "text": "ab", "spans": [[0, 2, "boddy"]]}, f"there is no label 'boddy'; there are: {', '.join(LABELS)}"),
        ({"id": "x", "text": "ab cd", "spans": [[0, 2, "body"]]}, "what stands from 2 to 5 has no label: `disputed` says that it counts for nothing"),
        ({"id": "x", "text": "abcd", "spans": [[2, 4, "ad"], [0, 3, "body"]]}, "the span from 2 to 4 labelled 'ad' begins before the last one ends, at 3"),
        ({"id": "x", "text": "ab", "gold": "", "lang": ["en"]}, "`lang` is list, not a string"),
        ({"id": "x", "html": ["<p>"], "gold": ""}, "`html` is list, not a string"),
        ({"id": "x", "html": "<p>", "with": [" "]}, "`with` has an empty snippet, which every text holds"),
        ({"id": "x", "html": "<p>", "with": "ab"}, "`with` is no list of strings"),
        ("x", "not an object"),
        (["x"], "a JSON array, where each line shall be an object: `jq -c '.[]'` writes it so"),
        ({**PAGE}, "the id 'p1' stands twice"),
    ],
)  # fmt: skip
def test_a_record_that_is_no_case_is_refused_with_its_line(tmp_path: Path, record: Any, reason: str) -> None:
    """A set must be whole to be measured: nothing is passed over."""
    path = write(tmp_path, "one.jsonl", PAGE, record)
    with pytest.raises(InputError) as raised:
        list(read_set(path))
    assert str(raised.value) == f"{path}, line 2: no case with gold: {reason}"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[", "a JSON array, where each line shall be an object: `jq -c '.[]'` writes it so"),
        (b'{"id": "caf\xe9"}', "byte 12 is not UTF-8; write lines in UTF-8, and a page in another encoding as `html_base64`"),
        (b'{"id": "x", "ht', "it is no JSON: unexpected end of data at column 16"),
    ],
)  # fmt: skip
def test_a_line_that_is_no_json_is_refused_with_the_reason(tmp_path: Path, line: bytes, reason: str) -> None:
    """Arrays over many lines, other encodings and lines that are cut short are told apart."""
    path = tmp_path / "one.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(InputError) as raised:
        list(read_set(path))
    assert str(raised.value) == f"{path}, line 1: no case with gold: {reason}"


def test_a_truncated_set_is_refused(tmp_path: Path) -> None:
    """Half a set is no set."""
    path = write(tmp_path, "one.jsonl.zst", PAGE, {**PAGE, "id": "p2"})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(InputError, match="truncated"):
        list(read_set(path))


def test_the_digest_tells_inputs_and_gold_apart(tmp_path: Path) -> None:
    """Equal questions have equal digests; another gold, input or order has another."""
    one, two = read_set(write(tmp_path, "one.jsonl", PAGE, {**PAGE, "id": "p2"}))
    other = next(read_set(write(tmp_path, "two.jsonl", {**PAGE, "gold": "The bridge is shut."})))
    again = next(read_set(write(tmp_path, "three.jsonl", PAGE)))
    digests = {digest_of([one, two]), digest_of([two, one]), digest_of([one]), digest_of([other])}
    assert len(digests) == 4
    assert digest_of([again]) == digest_of([one])


def test_files_are_sorted_into_tracks(tmp_path: Path) -> None:
    """What the first record asks tells the track; sets of one kind share it."""
    pages, more = write(tmp_path, "pages.jsonl", PAGE), write(tmp_path, "more.jsonl", PAGE)
    texts, dumps = write(tmp_path, "texts.jsonl", TEXT), write(tmp_path, "dumps.jsonl", LABELLED)
    tracks = sort_data([dumps, pages, texts, more])
    assert [(track.name, track.surface, track.paths) for track in tracks] == [
        ("html", "html", (pages, more)),
        ("texts", "text", (texts,)),
        ("dumps", "text", (dumps,)),
    ]


def test_a_plan_names_tracks(tmp_path: Path) -> None:
    """Paths are looked for in the folder of data, then beside the plan; the name says the kind unless `kind` does."""
    data = tmp_path / "data"
    data.mkdir()
    pages, texts = write(data, "pages.jsonl", PAGE), write(tmp_path, "texts.jsonl", TEXT)
    plan = tmp_path / "plan.toml"
    plan.write_text(
        '[[track]]\nname = "html"\nsets = ["pages.jsonl"]\n'
        '[[track]]\nname = "flat"\nkind = "whole"\nabout = "As text."\nsets = ["pages.jsonl"]\n'
        '[[track]]\nname = "texts"\nsets = ["texts.jsonl"]\n'
    )
    html, flat, plain = read_plan(plan, data)
    assert (html.paths, flat.paths, plain.paths) == ((pages,), (pages,), (texts,))
    assert (flat.form, flat.surface, flat.about) == ("whole", "text", "As text.")
    assert [case.id for cases in flat.read(0) for case in cases] == ["p1"]


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ("", 'names no track: write [[track]], name = "html" and sets = [...]'),
        ("[[track]\n", "is no plan: "),
        ('[[track]]\nsets = ["a"]\n', 'track 1: it has no name: write name = "html"'),
        ('[[track]]\nname = "pages"\nsets = ["a"]\n', "track 'pages': there is no kind 'pages'; there are: html, whole"),
        ('[[track]]\nname = "html"\nset = ["a"]\n', "track 'html': there is no key 'set'; there are: about, kind, name, sets"),
        ('[[track]]\nname = "html"\n', "track 'html': it has no sets: write sets = [\"pages.jsonl\"]"),
        ('[[track]]\nname = "html"\nsets = "a"\n', "track 'html': `sets` is no list of paths"),
        ('[[track]]\nname = "html"\nsets = ["gone.jsonl"]\n', "track 'html': gone.jsonl is not in"),
    ],
)  # fmt: skip
def test_a_wrong_plan_says_what_is_wrong(tmp_path: Path, plan: str, reason: str) -> None:
    """The message names the file, the track and what to write."""
    path = tmp_path / "plan.toml"
    path.write_text(plan)
    with pytest.raises(InputError) as raised:
        read_plan(path)
    assert str(raised.value).startswith(str(path))
    assert reason in str(raised.value)


def test_a_plan_stands_alone(tmp_path: Path) -> None:
    """A plan beside a set would leave open which tracks the set belongs to."""
    with pytest.raises(OptionError, match="a plan stands alone"):
        find_tracks([str(tmp_path / "plan.toml"), str(tmp_path / "pages.jsonl")])


def test_a_track_refuses_what_it_cannot_ask(tmp_path: Path) -> None:
    """Labels have no place among pages."""
    write(tmp_path, "texts.jsonl", TEXT)
    plan = tmp_path / "plan.toml"
    plan.write_text('[[track]]\nname = "html"\nsets = ["texts.jsonl"]\n')
    with pytest.raises(InputError, match="t1: track 'html' takes pages"):
        list(read_plan(plan)[0].read(0))


@pytest.mark.parametrize(("form", "holds_menu"), [("whole", True), ("recall", False)])
def test_a_page_takes_the_form_of_a_text(form: str, holds_menu: bool) -> None:
    """The whole page keeps its menu, the extracted text has the body alone; what is known of the page stays."""
    pytest.importorskip("inscriptis")
    body = "".join(
        f"<p>The bridge is open again after {years} years of work, the council said.</p>" for years in range(9)
    )
    page = Page(
        "p1", f"<nav>Home Sport Culture</nav><article>{body}</article>", url="https://post.example/1", lang="en"
    )
    case = FORMS[form](Case("p1", "one", page, Body(""), "post.example"))
    assert isinstance(case.input, Document)
    assert ("Sport" in case.input.text) is holds_menu
    assert "after 5 years" in case.input.text
    assert (case.input.url, case.lang) == ("https://post.example/1", "en")
