"""A glance settles no document in which a rule would have matched, and what it settles is what cleaning finds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.clean import Cleaner
from cleaner.match.sweep import Facts, Sweeper
from cleaner.model import Cleaned, Document
from cleaner.rules.schema import Rule
from cleaner.testing import articles, check_same, pages, texts
from tests.making import shipped
from tests.variants.build import build

VARIANTS = [row["text"] for row in build()]
BODIES = [row["gold"]["bodies"][0] for row in build()]
MENDED = "Il a dÃ©clarÃ©\nque la mer monte."
LINES = [
    "Le port rouvre lundi après deux ans de travaux au quai",
    "It is late.",
    "-",
    "1. A",
    "Share",
    "x " * 150 + "end.",
    "",
]


def check(cleaner: Cleaner, documents: Sequence[Document]) -> int:
    """Compare what follows from a glance with cleaning, and count what it settles."""
    settled = 0
    for document, glance in zip(documents, cleaner.glance(documents), strict=True):
        settled += isinstance(glance, Cleaned)
        result, expected = cleaner.look(document, glance), cleaner.clean_document(document)
        check_same(result, expected)
        assert result == expected
    return settled


def documents(found: Sequence[str]) -> list[Document]:
    return [Document(str(number), text) for number, text in enumerate(found)]


def test_glance_settles_what_cleaning_leaves() -> None:
    """Of invented pages and their bodies side by side it settles some, all of them rightly."""
    assert check(shipped(), documents([*VARIANTS[::4], *BODIES[::4]])) > 0


@given(st.lists(st.one_of(pages().map(lambda page: page.text), articles().map(lambda one: one.text), texts())))
def test_glance_settles_anything_rightly(found: list[str]) -> None:
    """So it does with any texts side by side, empty ones and arbitrary Unicode too."""
    check(shipped(), documents(found))


@given(st.lists(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join), max_size=4))
def test_glance_knows_doubles_and_lists(found: list[str]) -> None:
    """Lines that stand twice, lists and long lines are never overlooked."""
    check(shipped(), documents(found))


@pytest.mark.parametrize(
    "text",
    [MENDED, "One.\r\nTwo.", "Cafe\u0301 au port."],
    ids=["encoding", "line-ends", "nfc"],
)
def test_glance_leaves_what_needs_repair(text: str) -> None:
    """What needs repair is not settled."""
    assert shipped().glance([Document("1", text)]) == [None]


def test_pipe_gives_what_clean_gives() -> None:
    """A pipe gives one result for each document, in order, each as cleaned by itself."""
    found = [*VARIANTS[:6], "", *BODIES[:6]]
    piped = list(shipped().pipe(found))
    assert [result.document.text for result in piped] == found
    assert piped == [shipped().clean_document(Document(str(number), text)) for number, text in enumerate(found)]


def test_titles_move_at_a_glance() -> None:
    """A document in which nothing but its title moves is settled, the title told."""
    text = "The harbour opens again after two years\nThe harbour opens on Monday, the mayor said. Work took two years."
    (result,) = shipped().glance([Document("1", text)])
    assert isinstance(result, Cleaned)
    assert result.title == "The harbour opens again after two years"
    assert result == shipped().clean(text, id="1") or result == shipped().clean_document(Document("1", text))


@pytest.mark.parametrize("rule", [r for r in shipped().ruleset.rules if r.kind != "select"], ids=lambda rule: rule.id)
def test_no_gate_stops_a_rule(rule: Rule) -> None:
    """A text in which a rule finds something passes all that is asked before the rule is tried, alone and among others."""
    sweeper = Sweeper(shipped().ruleset.only([rule]))
    for case in rule.tests:
        source = case.in_ or case.keep or ""
        facts = Facts.of(case.url, None, case.lang, None, rule.scope.surface[0])
        others = ["The harbour opens on Monday.", source, "It is late."]
        if sweeper.sweep(source, facts).findings:
            assert sweeper.stirred([source], [facts]) != [{}]
            assert sweeper.stirred(others, [facts] * 3)[1] != {}


HARBOUR = (
    "The harbour of the old town opened again on Monday, two years after the storm had torn away the quay. Boats are back at "
    "the pier, and the council wants to know what it cost. The work took longer than anyone had thought it would."
)
"""A paragraph long enough to be read sentence by sentence in which nothing is cut."""

SETTLED = {
    "an opening that a later sentence takes further": f"The harbour of the old town is safe. {HARBOUR}",
    "a long last line without a full stop": f"{HARBOUR} They will open it again",
    "marks that compose with no letter before them": "قال الوزيرُ إنّ المرفأ سيُفتح يوم الاثنين.",
}
"""Texts that hold a part of what a rule needs, never all of it."""

STIRRED = {
    "a title printed twice before flattened text": f"The harbour opens again The harbour opens again {HARBOUR}",
    "a caption printed once more at the end": f"Boats in the old harbour {HARBOUR} Boats in the old harbour",
    "such a caption that closes with a bracket": f"The harbour (at night) {HARBOUR} The harbour (at night)",
}
"""The same with the rest of what a rule needs."""


@pytest.mark.parametrize("text", SETTLED.values(), ids=SETTLED)
def test_a_part_of_what_a_rule_needs_is_settled(text: str) -> None:
    """What lacks a part of what a rule needs costs no second look."""
    assert check(shipped(), documents([text])) == 1


@pytest.mark.parametrize("text", STIRRED.values(), ids=STIRRED)
def test_all_of_what_a_rule_needs_is_looked_at(text: str) -> None:
    """What has all that a rule needs is cleaned one by one, also among others."""
    assert not isinstance(shipped().glance(documents([text]))[0], Cleaned)
    assert check(shipped(), documents(["It is late.", text, "Boats are back."])) == 2


def test_lines_of_invisible_characters_are_none() -> None:
    """A line that holds only a zero-width space has nothing a step could look at; once it raised `IndexError`."""
    document = Document("a", "\u200b\nPopular content", url="https://www.pv-magazine.com/x")
    assert list(shipped().pipe([document])) == [shipped().clean_document(document)]
