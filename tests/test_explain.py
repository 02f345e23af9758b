"""`cleaner explain` and the drawings behind it: every cut in place, and nothing hostile gets through."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cleaner.cli.main import main
from cleaner.model import CLASSES, Cleaned, Cut, Document, Related
from cleaner.report import drawing
from cleaner.report.drawing import SHEET, hue, lay_out, lay_out_sheets
from cleaner.report.page import draw_page, draw_related, draw_source
from cleaner.report.terminal import show
from cleaner.report.visible import escape, place_of
from cleaner.rules.load import load_shipped
from tests.making import shipped

HOSTILE = "Red \x1b[31mtext\x1b[0m, \x9b1m, turned \u202etxet\u202c, <script>alert(1)</script> & \x07\r\x00 \ud800."
SOURCE = f"{HOSTILE}\nBuy now\nThe end."


def result(source: str = SOURCE) -> Cleaned:
    at = source.index("\nBuy")
    cut = Cut(at, at + 8, "\nBuy now", "ad", ("x.ad", "x.buy"))
    return Cleaned(
        document=Document("id<b>\x1b[2J", source, url="https://x.org/?a=<i>"),
        source=source,
        text=source[:at] + source[at + 8 :],
        title="A <u>title",
        cuts=(cut,),
        metadata={"byline": "By \u202eA. B. <script>"},
        related=(Related("Other <b>", "dpa", "2 hours", "Text.", 0, 5),),
        headlines=("Head\x1b]0;line",),
        flags=("guard:x.y",),
    )


def drawn(**settings: object) -> str:
    out = io.StringIO()
    show(result(), Console(file=out, **settings))  # type: ignore[arg-type]
    return out.getvalue()


@pytest.fixture(autouse=True)
def _no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def run(*args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["explain", *args], input=stdin)


def test_pieces_join_to_the_source() -> None:
    """The pieces of a drawing, labels aside, are the whole source in order, escaped."""
    assert "".join(piece.text for piece in lay_out(SOURCE, result().cuts)) == escape(SOURCE)


def test_plain_drawing_marks_cuts() -> None:
    """In a pipe a cut stands in place between marks, with class and rules; then what was recovered."""
    text = drawn()
    assert "\n[-Buy now-]{ad x.ad, x.buy}\nThe end." in text
    assert "\x1b" not in text
    for part in ("Title\n  A <u>title", "Related\n  Other <b> · dpa · 2 hours · 5 characters", "Flags\n  guard:x.y"):
        assert part in text


def test_coloured_drawing_strikes_cuts() -> None:
    """On a terminal a cut is struck out behind its label, and the only escape sequences are the drawing's own."""
    text = drawn(force_terminal=True, color_system="truecolor")
    assert re.search(r"\x1b\[7;38;2;[0-9;]*m ad x\.ad, x\.buy \x1b\[0m\x1b\[2;9;38;2;[0-9;]*mBuy now\x1b\[0m", text)
    assert set(re.findall(r"\x1b.", text)) == {"\x1b["}
    assert set(re.findall(r"\x1b\[[0-9;]*(.)", text)) == {"m"}
    assert "\x1b[31m" not in text


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    """With NO_COLOR a terminal gets the plain marks."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in drawn(force_terminal=True)
    assert "[-Buy now-]" in drawn(force_terminal=True)


def test_hostile_characters_are_written_out() -> None:
    """Escape sequences, direction marks, bells, NULs and lone surrogates are written as code points everywhere."""
    for text in (drawn(), draw_page(result())):
        for char in "\x1b\x9b\x07\r\x00\u202e\ud800":
            assert char not in text
            assert f"U+{ord(char):04X}" in text


def test_page_runs_nothing() -> None:
    """On the page markup from the text is text, nothing is loaded, and no script could run."""
    page = draw_page(result())
    assert "<script" not in page
    assert "<i>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"src=|href=(?!\"#)|url\(|@import", page)


def test_page_shows_cuts_in_place() -> None:
    """On the page a cut is struck out where it stood, coloured by its class, labelled with class and rules."""
    label = '<span class="label" dir="ltr">ad x.ad, x.buy</span>'
    assert f'\n<del class="cut" style="--hue: {hue("ad")}">{label}Buy now</del>\nThe end.' in draw_page(result())


def test_classes_have_colours_of_their_own() -> None:
    """No two classes share a hue."""
    assert len({hue(class_) for class_ in CLASSES}) == len(CLASSES)


@given(st.text(st.characters(exclude_categories=[])))
def test_escaped_text_is_harmless(text: str) -> None:
    """Whatever the text, what is shown encodes, and holds no control character but line ends and tabs."""
    shown = escape(text)
    shown.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", shown)


@given(st.text(st.characters(exclude_categories=[])), st.data())
def test_places_lead_back(text: str, data: st.DataObject) -> None:
    """Each place in what is shown is that of the character it shows: what is shown before it is no longer than that."""
    shown = data.draw(st.integers(0, len(escape(text)) + 3))
    place = place_of(text, shown)
    assert len(escape(text[:place])) <= shown
    assert place == len(text) or len(escape(text[: place + 1])) > shown


LINES_AND_NOISE = st.text(st.sampled_from("ab \n\x1b\u202e"), max_size=300)


@st.composite
def cuts_in(draw: st.DrawFn, source: str) -> list[Cut]:
    edges = sorted(draw(st.lists(st.integers(0, len(source)), max_size=12, unique=True)))
    spans = list(zip(edges[0::2], edges[1::2], strict=False))
    return [Cut(start, end, source[start:end], "ad", ("x.ad",)) for start, end in spans]


@given(LINES_AND_NOISE, st.integers(0, 40), st.data())
def test_sheets_lose_nothing(text: str, times: int, data: st.DataObject) -> None:
    """Sheets joined are the source; each piece knows its place, and what only one of two results cuts is marked."""
    source = text * times
    cuts, before = data.draw(cuts_in(source)), data.draw(cuts_in(source))
    sheets = list(lay_out_sheets(source, cuts, before))
    pieces = [piece for sheet in sheets for piece in sheet]
    assert "".join(piece.text for piece in pieces) == escape(source)
    gone = {at for cut in cuts for at in range(cut.start, cut.end)}
    went = {at for cut in before for at in range(cut.start, cut.end)}
    for piece, after in zip(pieces, [*(piece.start for piece in pieces[1:]), len(source)], strict=False):
        assert escape(source[piece.start : after]) == piece.text
        places = [at for at in range(piece.start, after) if not source[at].isspace()]
        told = {"cut": gone - went, "kept": went - gone, "": gone & went | set(range(len(source))) - gone - went}
        assert told[piece.change].issuperset(places)
    assert all(sheet[-1].text.endswith("\n") for sheet in sheets[:-1])


def test_sheets_are_short() -> None:
    """A long source stands in sheets of about one length: cut never, inside lines, or with whole lines gone."""
    line = "The bridge opens on Friday.\n"
    source = line * 20_000
    for every, size in ((0, 0), (40, 3), (40, len(line)), (2, len(line))):
        starts = range(0, len(source), every * len(line)) if every else ()
        cuts = [Cut(at, at + size, source[at : at + size], "ad", ("x.ad",)) for at in starts]
        sizes = [sum(len(piece.text) for piece in sheet) for sheet in lay_out_sheets(source, cuts)]
        assert max(sizes) < SHEET + 3 * len(line)
        assert len(sizes) > 120


def test_source_with_places() -> None:
    """For the playground each piece says where it begins and each cut its class and rules; a comparison marks both ways."""
    cleaned = result("One <b>.\nBuy now\nThe end.")
    before = replace(cleaned, cuts=(Cut(18, 21, "The", "nav", ("x.the",)),))
    assert draw_source(cleaned, places=True, before=before) == (
        '<div class="source"><div class="sheet"><span class="kept" data-at="0">One &lt;b&gt;.</span>'
        '<span class="kept seam" data-at="8">\n</span>'
        '<del class="cut" data-at="9" data-rules="x.ad x.buy" data-class="ad" data-change="cut">Buy now</del>'
        '<span class="kept" data-at="16">\n</span><span class="kept" data-at="17">T</span>'
        '<span class="kept" data-at="18" data-change="kept">he </span><span class="kept" data-at="21">end.</span></div></div>'
    ).replace('16">\n</span><span class="kept" data-at="17">T</span>', '16">\nT</span>')
    assert "data-change" not in draw_source(cleaned, places=True)
    assert "data-change" not in draw_source(cleaned, places=True, before=replace(before, source="Another text."))


def test_related_article_is_drawn_with_its_own_cuts() -> None:
    """An article that was appended shows its noise at its places in the document; one from elsewhere shows its text."""
    cut = Cut(9, 16, "Buy now", "ad", ("x.ad",))
    related = Related("Other", None, None, "The end.", 9, 25, cuts=(cut,))
    cleaned = replace(result("One two.\nBuy now\nThe end."), related=(related,))
    drawing_ = draw_related(cleaned, related)
    assert '<del class="cut" data-at="9" data-rules="x.ad" data-class="ad">Buy now</del>' in drawing_
    assert "One" not in drawing_
    assert ">The &lt;b&gt;<" in draw_related(cleaned, Related("Other", None, None, "The <b>"))


def test_page_leads_to_a_playground() -> None:
    """With the address of a playground the document and each label link there, ids written so that they break nothing."""
    page = draw_page(result(), playground="http://127.0.0.1:8417/token/")
    here = "http://127.0.0.1:8417/token/#document=id%3Cb%3E%1B%5B2J"
    assert f'<a href="{here}">Open in the playground</a>' in page
    assert f'<a class="label" dir="ltr" href="{here}&amp;rule=x.ad">ad x.ad, x.buy</a>' in page


def test_page_says_why_where_a_pointer_rests() -> None:
    """On the page a cut says what its rule is for."""
    cleaned = shipped().clean(
        "The bridge opens on Friday after two years of work.\nAdvertisement\nIt cost nine million."
    )
    why = shipped().ruleset["generic.ad-label"].why
    assert f'title="{why}"' in draw_page(cleaned, shipped().ruleset)


def test_command_shows_one_document(tmp_path: Path) -> None:
    """A text file is shown with its id; joiners that spelling needs stay."""
    path = tmp_path / "a.txt"
    path.write_text("می‌خواهم\x1b[2J")
    shown = run(str(path)).stdout
    assert shown.startswith("a: unchanged, 0 cuts, 0 of ")
    assert "می‌خواهم<U+001B>[2J" in shown


def test_command_chooses_by_id() -> None:
    """Of several documents --id chooses one; without it the question is put back; a wrong one is said."""
    rows = "".join(json.dumps({"id": name, "text": f"Text {name}."}) + "\n" for name in "abc")
    assert "Text b." in run("-", "--id", "b", stdin=rows).stdout
    asked = run("-", stdin=rows)
    assert (asked.exit_code, asked.stdout) == (2, "")
    assert "choose with --id (the first are 'a' and 'b')" in asked.stderr
    assert (
        run("-", "--id", "z", stdin=rows).stderr
        == "cleaner: - holds no document with the id 'z' (the first are 'a' and 'b')\n"
    )


def test_command_writes_json() -> None:
    """With --json the account comes with source and text, also for a lone surrogate."""
    shown = json.loads(run("-", "--json", stdin='{"id":"x","text":"a \\ud800 b"}').stdout)
    assert (shown["source"], shown["text"], shown["cleaning"]["cuts"]) == ("a \ud800 b", "a \ud800 b", [])


def test_command_writes_a_page(tmp_path: Path) -> None:
    """With --html one page is written, and never over the input."""
    path = tmp_path / "a.txt"
    path.write_text("Text.")
    assert run(str(path), "--html", str(tmp_path / "a.html")).exit_code == 0
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert run(str(path), "--html", str(path)).exit_code == 2
    assert path.read_text() == "Text."


def test_broken_document_is_said() -> None:
    """A record that is no document ends with 2 and its reason."""
    broken = run("-", stdin='{"text":1}')
    assert (broken.exit_code, broken.stderr) == (2, "cleaner: stdin#1: `text` is a JSON number, not a string\n")


LINES = (
    "The suspension bridge over the harbour reopened on Saturday, six years after it was closed for repairs.",
    "The works cost nine million francs, twice what was planned. Divers replaced the cables one by one.",
    "The mayor wants to cross first, on foot, with the last of the workers who laid the stones of the arch.",
    "Nobody was hurt while it was built, according to a report that runs to four hundred pages in all.",
    "Lorries of more than twenty tonnes stay on the road through the hills until the lamps are in place.",
    "A second bridge, for trams, is drawn but not paid for, and the council votes on it in the autumn.",
)
LEAD = "After the flood nobody believed that the bridge would ever open again, but on Friday it does."
LONG = "The week in your inbox, every Sunday morning at eight: " + "harbour news, recipes, letters, " * 3 + "and more."
HEAD = (
    "<title>Harbour bridge reopens - The Post</title><meta name=author content='Ann Bee'>"
    f"<meta name=description content='{LEAD}'><meta property='article:published_time' content='2026-05-12T08:30Z'>"
)
WEB_PAGE = (
    f"<html lang=en><head>{HEAD}</head><body><header><h1>Harbour bridge reopens</h1><div>{LEAD}</div></header><article>"
    + "".join(f"<p>{line}</p>" for line in LINES)
    + f"<div class=newsletter><p>{LONG}</p></div><div class=share>Sh\u202ear&lt;b&gt;e</div></article></body></html>"
)


@pytest.fixture(name="web_page")
def _web_page(tmp_path: Path) -> str:
    path = tmp_path / "page.html"
    path.write_text(WEB_PAGE, encoding="utf-8")
    return str(path)


def test_page_says_what_was_dropped(web_page: str) -> None:
    """Of a page each element dropped is shown with class and rule, its first words, its size where cut short, its path."""
    shown = run(web_page).stdout
    assert shown.startswith("page: unchanged, 3 elements dropped, ")
    assert "[-Harbour bridge reopens-]{meta page.title}  (/html/body/header/h1)" in shown
    assert (
        f"[-{LONG[:89].rstrip()}…-]{{newsletter page.newsletter}}  ({len(LONG)} characters, /html/body/article/div[1])"
        in shown
    )
    assert "[-Sh<U+202E>ar<b>e-]{share page.share}  (/html/body/article/div[2])" in shown


def test_page_says_where_fields_come_from(web_page: str) -> None:
    """Fields of a page come with their origin, dates in ISO 8601 as well; the title too."""
    shown = run(web_page).stdout
    assert "Title\n  Harbour bridge reopens  (html)\n" in shown
    assert "  published: 2026-05-12T08:30Z  (2026-05-12T08:30:00+00:00 · open-graph)\n" in shown
    assert "  authors: Ann Bee  (meta)\n" in shown


def test_fields_of_a_text_have_no_origin() -> None:
    """A field of a text was cut from it, and its rule stands at the cut alone."""
    cleaned = replace(result(), origins={"byline": "x.byline"})
    assert [line.note for name, lines in drawing.sections(cleaned) if name == "Fields" for line in lines] == [""]


def test_flag_of_an_opinion_says_why(web_page: str) -> None:
    """A flag that names an opinion is followed by what the opinion is for; one that counts its blocks, too."""
    opinion = load_shipped().opinions[-1]
    flags = (f"html:opinion {opinion.id}", f"html:opinion {opinion.id}: 2 blocks", "html:live", "guard:x.y")
    lines = dict(drawing.sections(replace(result(), flags=flags), load_shipped()))["Flags"]
    assert [(line.piece.text, line.note) for line in lines] == [
        (flags[0], opinion.why), (flags[1], opinion.why), (flags[2], ""), (flags[3], ""),
    ]  # fmt: skip
    assert "Flags\n" in run(web_page).stdout


def test_html_shows_drops_in_the_colour_of_their_class(web_page: str, tmp_path: Path) -> None:
    """On the drawn page dropped elements look like cuts, their classes stand in the legend, and all of it is escaped."""
    assert run(web_page, "--html", str(tmp_path / "out.html")).exit_code == 0
    drawn_page = (tmp_path / "out.html").read_text(encoding="utf-8")
    cut = f'<del class="cut" style="--hue: {hue("share")}"><span class="label" dir="ltr">share page.share</span>'
    assert (
        f'{cut}Sh&lt;U+202E&gt;ar&lt;b&gt;e</del> <span class="note" dir="ltr">(/html/body/article/div[2])'
        in drawn_page
    )
    assert all(
        f'style="--hue: {hue(class_)}">{class_}</span>' in drawn_page for class_ in ("newsletter", "share", "meta")
    )
    assert "\u202e" not in drawn_page


def test_json_holds_the_account_of_a_page(web_page: str) -> None:
    """As JSON a page's drops, origins, dates and flags stand as in records."""
    account = json.loads(run(web_page, "--json").stdout)["cleaning"]
    assert account["drops"][0] == {
        "path": "/html/body/header/h1",
        "text": "Harbour bridge reopens",
        "rule": "page.title",
    }
    assert account["origins"]["published"] == "open-graph"
    assert account["resolved"]["published"] == "2026-05-12T08:30:00+00:00"
    assert isinstance(account["flags"], list)


def test_fast_is_explained_as_it_is_cleaned(web_page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --fast no second extractor is asked."""

    def refuse(*_: object) -> str:
        raise AssertionError("a second extractor")

    monkeypatch.setattr("cleaner.html.drafts._resiliparse", refuse)
    assert run(web_page, "--fast").exit_code == 0
    assert run(web_page).exit_code != 0
