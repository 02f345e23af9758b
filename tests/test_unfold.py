"""A page is shown as its own code would show it, and a page misread before it came is read again."""

from __future__ import annotations

import pytest

from cleaner.html.decode import reread
from cleaner.html.node import text_of
from cleaner.html.parse import parse
from cleaner.html.unfold import unfold
from tests.making import shipped

LINES = tuple(
    f"On day {number} the crew laid another span, and the mayor came to look at it from the quay."
    for number in range(1, 9)
)


def unfolded(body: str) -> str:
    root = parse(f"<html><body>{body}</body></html>").root
    assert root is not None
    unfold(root)
    return text_of(root.find("body"))


def test_streamed_part_moves_to_its_place() -> None:
    """What was sent behind the page stands where its template stood, and its own tail stays behind."""
    body = "<p>One.</p><template id='B:3'></template><p>Three.</p><div hidden id='S:3'><p>Two.</p></div>End."
    assert unfolded(body) == "One. Two. Three. End."


@pytest.mark.parametrize(
    "panel",
    [
        "<div class='faq-accordion' style='display:none'><p>Why? Because of the flood.</p></div>",
        "<div role='tabpanel' aria-labelledby='t1' hidden><p>Why? Because of the flood.</p></div>",
    ],
)
def test_panels_open(panel: str) -> None:
    """A panel that opens on a click is no longer hidden from extractors."""
    text = shipped().clean_html("".join(f"<p>{line}</p>" for line in LINES[:4]) + panel + f"<p>{LINES[4]}</p>").text
    assert "Because of the flood." in text


def test_what_is_hidden_for_a_reason_stays_hidden() -> None:
    """Menus, dialogs and whatever has no name of a panel keep their style."""
    for shape in (
        "class='menu-panel' style='display:none'",
        "class='x' style='display:none'",
        "class='modal-tabs' hidden",
    ):
        root = parse(f"<html><body><div {shape}>Hidden.</div></body></html>").root
        assert root is not None
        unfold(root)
        node = root.find("body")[0]
        assert node.get("hidden") is not None or "none" in node.get("style")


def test_readings_go() -> None:
    """The characters stay in one word, the readings above them go."""
    assert (
        unfolded("<p>東京で<ruby><rb>弾劾</rb><rp>(</rp><rt>だんがい</rt><rp>)</rp></ruby>が始まった。</p>")
        == "東京で弾劾が始まった。"
    )


def test_misread_page_is_read_again() -> None:
    """A Chinese page whose bytes somebody read as Western European comes back, with a flag."""
    page = "<p>" + "大桥将于星期五通车，工程历时两年，耗资九百万元。" * 20 + "</p>"
    found = reread(page.encode("gb18030").decode("cp1252", "replace").replace("\ufffd", "\x81"))
    assert "html:encoding read as cp1252, is gb18030" in found.flags
    assert found.text.count("大桥") >= 18


@pytest.mark.parametrize(
    "text",
    ["Été à la plage, où l'on dîne. " * 50, "Über die Brücke, größer als früher — schön. " * 50, "Plain text. " * 90,
     "«Привет», сказал мэр. " * 60, "大桥将于星期五通车。" * 40],
)  # fmt: skip
def test_what_was_read_right_stays(text: str) -> None:
    """Accented words, quotation marks and other scripts are no sign of misreading."""
    assert reread(text).text == text
