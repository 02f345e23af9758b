"""No input takes longer than its length allows: work is counted, budgets end it, and what was skipped is flagged."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from cProfile import Profile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import regex
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pumped import FORMS, LITERALS, pumps
from cleaner import Cleaned, Cleaner
from cleaner.bulk.tally import Tally
from cleaner.cli.main import main
from cleaner.match import budget, score, tail
from cleaner.match.claims import keep_witnessed, tell_once
from cleaner.match.finding import Finding, Quote, RecordFound
from cleaner.match.settle import settle
from cleaner.text.repair import compose
from cleaner.text.sheet import Sheet
from tests.making import MORE, PROSE, cleaner, load, rule, shipped

SMALL = 2_000
"""Code points of the smaller pumped texts; the larger ones have four times as many."""

PUMPS = pumps(shipped(), every=60)


def calls(work: Callable[[], object]) -> int:
    """Count the calls that some work makes: a measure of time that is the same on every machine."""
    with Profile() as profile:
        work()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("name", PUMPS)
def test_work_follows_length(name: str) -> None:
    """Four times the text makes hardly more than four times the calls, whatever is repeated."""
    small, large = PUMPS[name](SMALL), PUMPS[name](4 * SMALL)
    shipped().clean(small)  # what is built only once is built
    few, many = (calls(lambda text=text: shipped().clean(text)) for text in (small, large))  # type: ignore[misc]
    assert many <= 5.5 * few + 20_000


@pytest.mark.parametrize(
    "name", [f"{name}, {form}" for name in LITERALS for form in ("lines", "one line", "side by side")]
)
def test_oracle_shares_the_budgets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where budgets are spent, trying every rule everywhere finds and flags the same."""
    for place, bound, value in (
        (budget, "LEAST", 12),
        (budget, "PLACES", 20),
        (tail, "MOST_OPENERS", 3),
        (score, "MOST_LINES", 30),
    ):
        monkeypatch.setattr(place, bound, value)
    text = f"{PROSE}\n{PUMPS[name](400)}\n{MORE}"
    fast, slow = shipped().clean(text), oracle().clean(text)
    assert (fast.cuts, fast.flags) == (slow.cuts, slow.flags)


_ORACLES: list[Cleaner] = []


def oracle() -> Cleaner:
    """Return the naive cleaner of the shipped rules, compiled once."""
    if not _ORACLES:
        _ORACLES.append(Cleaner(shipped().ruleset, naive=True))
    return _ORACLES[0]


def flagged(cleaned: Cleaned) -> tuple[tuple[str, ...], str]:
    return cleaned.flags, cleaned.text


TAIL = """tail:
      open: {eq: Zorble}
      confirm: {need: 1, within: 2, of: [{eq: Proof}]}"""


def test_tail_tries_so_many_openers(tmp_path: Path) -> None:
    """A tail behind too many openers that nothing proves stays, and the document is flagged."""
    run = cleaner(tmp_path, rule(TAIL))
    few = f"{PROSE}\n" + f"Zorble\n{PROSE}\n{MORE}\n" * (tail.MOST_OPENERS - 1)
    assert flagged(run.clean(f"{few}Zorble\nProof")) == ((), few.rstrip())
    many = f"{few}Zorble\n{PROSE}\n{MORE}\nZorble\nProof"
    assert flagged(run.clean(many)) == (("budget:tests.one",), many)


def test_row_of_one_label_is_no_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One label repeated to the end of a line is read once, not once for each opener in it."""
    monkeypatch.setattr(budget, "LEAST", 3_000)
    head = "head: {open: {eq: Zorble}, confirm: {need: 3, within: 4, of: [{eq: Zorble}, {eq: Zarble}, {eq: Zurble}]}}"
    run = cleaner(tmp_path, rule(head))
    assert run.clean("Zorble " * 60 + PROSE).flags == ()
    assert run.clean("Zorble " * 5_000 + PROSE).flags == ("budget:tests.one",)


def test_headers_read_so_many_items(tmp_path: Path) -> None:
    """Headers that are items themselves, and make no run, do not each read the list to its end."""
    text = "Zorble headline of the day\n" * 1_000 + PROSE
    got = cleaner(
        tmp_path, rule("run: {header: {starts: Zorble}, item: {len: [5, 90]}, least: 2, before: {eq: Zarble}}")
    )
    assert flagged(got.clean(text)) == (("budget:tests.one",), text)


def test_openings_look_so_far(tmp_path: Path) -> None:
    """Opening phrases without end are not all followed up."""
    text = f"{PROSE} " + "Zorble. Here. " * 4_000
    got = cleaner(tmp_path, rule("span: {from: [Zorble], to: [zarble], most: 4000}")).clean(text)
    assert flagged(got) == (("budget:tests.one",), text)


def test_score_weighs_no_endless_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of more lines than any page has is not weighed, and flagged once."""
    monkeypatch.setattr(score, "MOST_LINES", 100)
    got = shipped().clean("\n".join(f"Harbour {number}" for number in range(200)))
    assert [flag for flag in got.flags if flag.startswith(("budget", "score"))] == ["budget:structure.whole-page"]


def test_crowded_texts_lose_the_noisiest_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where literals stand in too many places, the rules with the most are left out, whatever the order of files."""
    rules = [rule(f"line: {{eq: Zorble {name}}}", name=f"tests.{name}") for name in ("many", "some", "few")]
    text = "\n".join([PROSE, *["Zorble many"] * 300, *["Zorble some"] * 9, "Zorble few", MORE])
    monkeypatch.setattr(budget, "PLACES", 300 - len(text))
    for order in (rules, rules[::-1]):
        got = cleaner(tmp_path, *order).clean(text)
        assert got.flags == ("budget:tests.many",)
        assert ("Zorble some" in got.text, "Zorble many" in got.text) == (False, True)


@pytest.mark.parametrize("name", FORMS)
def test_ordinary_amounts_spend_no_budget(name: str) -> None:
    """What fills a page, and not a book, is cleaned without any budget spent."""
    assert not [flag for flag in shipped().clean(FORMS[name](3_000)).flags if flag.startswith("budget:")]


@pytest.mark.parametrize("gap", [0, 1, 7, 4_000])
def test_long_lines_hold_what_short_ones_hold(gap: int, tmp_path: Path) -> None:
    """A pattern without a bound finds in a very long line, read in pieces, what it finds in a short one."""
    span = "span: {re: '(?P<cut>Zorble +[a-z ]+ end)[.]', most: 60}"
    fast, slow = cleaner(tmp_path, rule(span)), cleaner(tmp_path, rule(span), naive=True)
    piece = "Zorble   marks the end. "
    text = "".join("x" * (gap * number % 997) + ". " + PROSE + " " + piece for number in range(400))
    got = fast.clean(text)
    assert (got.text.count("Zorble"), len(got.cuts)) == (0, 400)
    assert slow.clean(text).cuts == got.cuts


# Findings.

_RULES: list[Any] = []


def some_rule(tmp: Path) -> Any:
    if not _RULES:
        _RULES.extend(load(tmp, f"rules:\n{rule('line: {eq: Zorble}')}").rules)
    return _RULES[0]


@st.composite
def found(draw: st.DrawFn) -> list[tuple[int, int, bool, list[tuple[int, int]], tuple[int, int] | None]]:
    """Draw findings with what they tell and their witnesses."""
    spans = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda pair: (pair[0], sum(pair)))
    rows = []
    for start, end in draw(st.lists(spans, max_size=12)):
        inside = draw(st.lists(st.integers(start, end - 1), max_size=3))
        rows.append((start, end, draw(st.booleans()), [(at, at + 1) for at in inside], draw(st.none() | spans)))
    return rows


def findings(rows: Sequence[Any], of: Any) -> list[Finding]:
    return [
        Finding(a, b, of, headlines=tuple(Quote(c, d, "") for c, d in told), witness=witness, proven=proven,
                records=tuple(RecordFound(None, None, None, c, d) for c, d in told[:1]))
        for a, b, proven, told, witness in rows
    ]  # fmt: skip


@given(rows=found())
def test_findings_yield_to_any_stronger_one(rows: Sequence[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """A finding tells what no stronger one overlaps: as comparing each with each says."""
    all_ = findings(rows, some_rule(tmp_path_factory.mktemp("rules")))
    rank = sorted(all_, key=lambda f: (not f.proven, -len(f.records), f.start - f.end, f.start))
    want = []
    for number, one in enumerate(rank):
        taken = [(s.start, s.end) for s in rank[:number]]
        want.append(
            (one.start, one.end, [h for h in one.headlines if not any(a < h.end and h.start < b for a, b in taken)])
        )
    got = [(f.start, f.end, list(f.headlines)) for f in tell_once(all_)]
    assert sorted(map(repr, got)) == sorted(map(repr, want))


@given(rows=found())
def test_doubles_need_their_witness(rows: Sequence[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    """The doubles that stay are those that dropping one after the other leaves."""
    all_ = findings(rows, some_rule(tmp_path_factory.mktemp("rules")))
    kept = sorted(all_, key=lambda f: (f.start, f.end, f.rule.id))
    for one in reversed(tuple(kept)):
        if one.witness and any(o.start < one.witness[1] and one.witness[0] < o.end for o in kept if o is not one):
            kept = [other for other in kept if other is not one]
    assert sorted(map(repr, keep_witnessed(all_))) == sorted(map(repr, kept))


def test_cuts_beside_invisible_characters_are_disjoint(tmp_path: Path) -> None:
    """Two cuts that only spaces and an invisible character set apart do not both take the space between them."""
    source = "Then    Zorble. \u200b Zarble.     Next it goes on."
    of = some_rule(tmp_path)
    cuts = settle(source, [Finding(8, 15, of), Finding(18, 25, of)])
    assert all(one.end <= other.start for one, other in pairwise(cuts))


# Text.

MARKS = "\u0301\u0316\u0327\u0344\u0345\u0f71\u0f72\u0f73\u0f75\u093c\u094d\u3099\u05b0"


@given(st.lists(st.tuples(st.sampled_from("aéq가ᄀ漢 "), st.text(MARKS, max_size=5), st.integers(0, 60)), max_size=5))
def test_composing_is_nfc(parts: list[tuple[str, str, int]]) -> None:
    """Ordering long stretches of marks beforehand gives what Unicode says."""
    text = "".join(letter + marks * times for letter, marks, times in parts)
    assert compose(text) == unicodedata.normalize("NFC", text)


def test_a_million_accents_are_composed() -> None:
    """Marks out of order by the hundred thousand are put in order without comparing each with each."""
    composed = compose("a" + "\u0301\u0316" * 200_000)
    assert composed == "\u00e1" + "\u0316" * 200_000 + "\u0301" * 199_999


@given(
    st.text("ab \u200b\u00ad\n", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=4)
)
def test_sheets_lead_back(source: str, removed: list[tuple[int, int]]) -> None:
    """Each character of a sheet leads back to itself in the source."""
    spans = [(a, min(a + b, len(source))) for a, b in removed if a < min(a + b, len(source))]
    sheet = Sheet(source, spans)
    assert "".join(source[sheet.to_source(at, at + 1)[0]] for at in range(len(sheet))) == sheet.text


# The account.


def test_tally_counts_documents_by_flag() -> None:
    """Each flag counts once for a document, without the figures it ends with."""
    got = shipped().clean(PROSE)
    tally = Tally()
    for flags in (("budget:a.b", "html:opinion c: 2 blocks"), ("budget:a.b", "html:not-html 3"), ()):
        tally.add(Cleaned(**{**{name: getattr(got, name) for name in got.__slots__}, "flags": flags}))
    assert (tally.flagged, tally.top_flags(1)) == (2, [("budget:a.b", 2)])
    assert tally.describe()["flags"] == {"budget:a.b": 2, "html:not-html": 1, "html:opinion c": 1}


def test_summary_names_flags(tmp_path: Path) -> None:
    """The command says how many documents were flagged, and by what."""
    (tmp_path / "page.txt").write_text("Daily8 " * 400 + "\n" + "No comments yet\n" * 400, encoding="utf-8")
    result = CliRunner().invoke(main, ["clean", str(tmp_path / "page.txt"), "-o", str(tmp_path / "out.jsonl")])
    assert regex.search(r"^1 document flagged: .*budget:\S+ 1", result.stderr, regex.MULTILINE)
