"""False alarms: texts that hold a part of what a rule needs, and the same texts with the rest of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.match.block import BlockMatcher
from cleaner.match.gate import Batch, Doubles
from cleaner.match.line import LineMatcher
from cleaner.match.lookout import ANYWHERE
from cleaner.match.reach import WIDEST
from cleaner.match.run import RunMatcher
from cleaner.match.span import SpanMatcher
from cleaner.match.tail import HeadMatcher, TailMatcher
from cleaner.match.whole_page import Pages, may_be_whole
from cleaner.model import Cleaned, Document
from cleaner.text.sheet import Sheet
from tests.making import shipped

HARBOUR = (
    "The harbour of the old town opened again on Monday, two years after the storm had torn away the quay. Boats are back at "
    "the pier, and the council wants to know what it cost. The work took longer than anyone had thought it would."
)
"""A paragraph long enough to be read sentence by sentence in which nothing is cut."""

TEASER = "Two years of work at the quay are over, and boats are back at the pier."
BOATS = [f"Another boat came to pier {name} of the harbour" for name in "abcdefghijklmno"]
LATER = "\n".join(f"{line}{' on that day of the year' * (at % 5)}." for at, line in enumerate(BOATS))
"""Lines of many lengths."""

SETTLED = {
    "a first line that stands again far below": f"{TEASER}\n{LATER}\n{TEASER} The rest follows.",
    "a headline that a paragraph takes further": f"{TEASER[:-1]}\n{TEASER[:-1]}, the mayor said. The rest follows.",
    "a first line with a number and a full stop": f"2 boats are back at the pier in the old harbour.\n{LATER}",
    "items far apart": LATER.join(f"\n- {name} boats\n" for name in ("One", "Two", "Three", "Four", "Five")),
    "items in rows without times": "\n".join(
        [HARBOUR, *(f"- 2 boats at pier {name}, the old quay" for name in "abcdef")]
    ),
    "a label of a menu that heads a paragraph": f"Service\n{LATER}",
    "a label of a menu inside a sentence": f"{HARBOUR} The Secret Service, they said, had been told. {HARBOUR}",
    "a header of a list without a list": f"{TEASER}\nHarbour videos\n{LATER}",
    "a header of a list inside a line": f"{HARBOUR} Most of it was seen in videos of the day. {HARBOUR}",
    "a network inside a line": f"{HARBOUR} All of it stood on Facebook. {HARBOUR}",
    "a lead-in that no label closes": f"{HARBOUR} Related work at the pier goes on. {HARBOUR[10:]}",
    "a call without what it calls for": f"{HARBOUR} Stay ahead and you will find the quay. {HARBOUR}",
    "a name that no date follows": f"Boats are back\nAda Lund\n{HARBOUR}",
    "one teaser that breaks off": f"{LATER}\nThe harbour opens again\n{TEASER[:60]} and ...\n{HARBOUR}",
    "invisible characters": f"\u200b\nThe har\u00adbour opens again\n\u200b\n\ufeff\n\u200b\n\u200b\n{HARBOUR}",
    "short lines none of which is broken": "\n".join(f"{line[:40]}." for line in BOATS),
    "paragraphs that are all indented": "\n".join(f"    {line}" for line in [TEASER, *LATER.split("\n")]),
    "an opening that a later sentence takes further": f"The harbour of the old town is safe. {HARBOUR}",
    "a long last line without a full stop": f"{HARBOUR} They will open it again",
    "marks that compose with no letter before them": "قال الوزيرُ إنّ المرفأ سيُفتح يوم الاثنين.",
}

STIRRED = {
    "a standfirst that a paragraph repeats": f"Boats are back\n{TEASER}\nAnother.\n{TEASER} The rest follows.",
    "a standfirst cut short by dots": f"- {TEASER[:60]}...\nAnother.\n{TEASER} The rest follows.",
    "a name, and a date behind blank lines": f"Boats are back\n\nAda Lund\n\n \n5 May 2024\n\n{HARBOUR}",
    "teasers that break off, blank lines between": f"{LATER}\n\n"
    + f"\n\n\nThe harbour opens again\n\n \n{TEASER[:60]} and ...\n" * 2,
    "a standfirst inside a paragraph": f"Boats are back\n{TEASER}\nThe quay is open. {TEASER} The rest follows.",
    "times behind bullets": f"{HARBOUR}\n" + "\n".join(f"- [1{at}:20] Boats at pier {at} again" for at in (7, 6, 5, 4)),
    "times on their own lines": "\n".join(f"-\n1{at}:20\nBoats at pier {at} again" for at in (7, 6, 5, 4))
    + f"\n{HARBOUR}",
    "a title printed twice before flattened text": f"The harbour opens again The harbour opens again {HARBOUR}",
    "a caption printed once more at the end": f"Boats in the old harbour {HARBOUR} Boats in the old harbour",
    "such a caption that closes with a bracket": f"The harbour (at night) {HARBOUR} The harbour (at night)",
}


@pytest.mark.parametrize("text", SETTLED.values(), ids=SETTLED)
def test_a_part_of_what_a_rule_needs_is_settled(text: str) -> None:
    """What lacks a part of what a rule needs is settled at a glance, as cleaning would."""
    (glanced,) = shipped().glance([Document("1", text)])
    assert glanced == shipped().clean(text, id="1")


@pytest.mark.parametrize("text", STIRRED.values(), ids=STIRRED)
def test_all_of_what_a_rule_needs_is_looked_at(text: str) -> None:
    """What has all that a rule needs is no more than looked at by a glance, also among others, and cut."""
    documents = [Document("1", HARBOUR), Document("2", text), Document("3", TEASER)]
    before, glanced, behind = shipped().glance(documents)
    assert isinstance(before, Cleaned)
    assert not isinstance(glanced, Cleaned)
    assert isinstance(behind, Cleaned)
    assert shipped().clean(text).cuts


OUTLINES = [
    " " * indent + word * times for indent in (0, 3, 6) for word, times in (("Menu ", 2), ("port ", 13), ("港口", 30))
]
PAGES = Pages(next(iter(shipped().ruleset.weights.values())).gate)


@given(st.lists(st.sampled_from([*OUTLINES, "", TEASER, HARBOUR]), min_size=8, max_size=60).map("\n".join))
def test_the_gate_of_whole_pages_asks_of_many_texts_what_is_asked_of_one(text: str) -> None:
    """Side by side with others a text passes the gate as it passes by itself."""
    passed = PAGES.passes(Batch.of([HARBOUR, text, LATER]))
    assert passed[1] == may_be_whole(Sheet(text), PAGES.gate)


@given(
    st.lists(
        st.sampled_from(
            [*"\u00ad\u200b\n ", "Ad\u00advertisement", "Advertisement", TEASER, "The harbour opens again\n"]
        )
    )
)
def test_invisible_characters_change_nothing(parts: list[str]) -> None:
    """What a glance settles among texts with invisible characters is what cleaning finds, titles too."""
    documents = [Document("1", "".join(parts)), Document("2", HARBOUR + "".join(parts)), Document("3", "".join(parts))]
    for document, glanced in zip(documents, shipped().glance(documents), strict=True):
        assert not isinstance(glanced, Cleaned) or glanced == shipped().clean_document(document)


def test_what_takes_too_wide_a_look_is_tried_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a very long line no place of a literal is looked at by itself, however many there are: the rules are tried."""

    def look(*_: object) -> bool:
        raise AssertionError

    long = f"{HARBOUR} " + "Sign up for our newsletter. Articles similaires. " * (1 + WIDEST // 40)
    short = "The ferry sails."
    for kind in (BlockMatcher, RunMatcher, LineMatcher, SpanMatcher, TailMatcher, HeadMatcher):
        monkeypatch.setattr(kind, "may_match", look)
    tried, settled = shipped().glance([Document("1", long), Document("2", short)])
    assert tried
    assert not isinstance(tried, Cleaned)
    assert isinstance(settled, Cleaned)


def test_lines_that_stand_very_often_are_doubles_at_once() -> None:
    """Of a line that stands so often that comparing would take long, the rule itself finds out."""
    text = "[_] " * 4000
    batch = Batch.of([text, TEASER])
    gate = next(
        gate for gate, _ in shipped()._sweeper._lookout.gates[ANYWHERE, "text"].others if isinstance(gate, Doubles)
    )
    assert not gate.passes(batch)[1]
    assert shipped().look(Document("1", text), shipped().glance([Document("1", text)])[0]) == shipped().clean_document(
        Document("1", text)
    )
