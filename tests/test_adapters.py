"""Orders and shares: what travels to workers is small and says which rules ran; ranks take everything, once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, write_compiled
from cleaner.adapters.each import clean_each
from cleaner.adapters.order import Order
from cleaner.adapters.plan import PART, Plan, share
from cleaner.errors import OptionError, RuleError
from cleaner.io.folder import open_folder
from cleaner.io.inputs import Input
from cleaner.io.record import USUAL, Entry, Place, Style, parse_record, refuse, render, text_of, title_of
from cleaner.model import Cleaned, Document
from tests.making import MORE, PROSE, load, rule

NOISY = f"{PROSE}\nZorble announcement\n{MORE}"


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """Compile one rule into a file."""
    path = tmp_path / "one.compiled"
    write_compiled(load(tmp_path, "rules:\n" + rule("line: {eq: Zorble announcement}")), path)
    return path


def test_an_order_travels_by_digest(compiled: Path) -> None:
    """Orders for shipped rules and for a file take a few hundred bytes; the worker cleans with the rules named."""
    order = Order.of(compiled)
    assert len(pickle.dumps(order)) < 1000 > len(pickle.dumps(Order.of()))
    again: Order = pickle.loads(pickle.dumps(order))
    assert again.job().cleaner.clean(NOISY).text == f"{PROSE}\n{MORE}"
    assert again.job().cleaner is order.job().cleaner, "compiled once a process"
    assert Order.of().digest == Cleaner().ruleset.digest


def test_bytes_of_a_file_do_as_well(compiled: Path) -> None:
    """Where workers share no disk the bytes of the file go along."""
    assert Order.of(compiled.read_bytes()).digest == Order.of(compiled).digest


def test_a_worker_with_other_rules_refuses(compiled: Path, tmp_path: Path) -> None:
    """A file that was compiled anew after the order was written is not taken for the one that was meant."""
    order = Order.of(compiled)
    write_compiled(load(tmp_path, "rules:\n" + rule("line: {eq: Another announcement}")), compiled)
    with pytest.raises(RuleError, match=r"one\.compiled: they have the digest \w+, but the order was written for"):
        order.job()


def test_a_worker_of_another_version_refuses() -> None:
    """Shipped rules that are not those of the machine that wrote the order are refused with what to do."""
    with pytest.raises(RuleError, match="Install the same cleaner everywhere"):
        Order("0" * 24).job()


def test_bodies_in_files_of_their_own_are_refused() -> None:
    """Bodies are named by their ids, and ranks do not know each other's; other formats are those of the command line."""
    assert Order.of(format_="jsonl.zst").shape.ending == ".jsonl.zst"
    with pytest.raises(OptionError, match="would take each other's names"):
        Order.of(format_="text")
    with pytest.raises(OptionError, match="docx is no format"):
        Order.of(format_="docx")


def test_rules_in_yaml_are_refused(tmp_path: Path) -> None:
    """Workers take compiled rules only; the error says how to make them."""
    (tmp_path / "rules.yaml").write_text("rules: []")
    with pytest.raises(OptionError, match="cleaner rules compile --rules"):
        Order.of(tmp_path / "rules.yaml")


@given(st.integers(1, 12), st.integers(1, 12), st.lists(st.integers(0, 40 * PART), max_size=20))
def test_ranks_take_everything_once(inputs: int, ranks: int, offsets: list[int]) -> None:
    """Whatever the number of inputs and ranks, each record is in the share of exactly one rank."""
    sources = [Input(f"{number}.jsonl", "jsonl", f"{number}.jsonl", str(number)) for number in range(inputs)]
    shares = [one for rank in range(ranks) for one in share(sources, rank, ranks)]
    for source in sources:
        for offset in (0, *offsets):
            assert sum(one.source == source and one.holds(offset) for one in shares) == 1


def test_parts_are_spread() -> None:
    """Ranks that share few inputs get about as many parts each, also of inputs that have but one."""
    sources = [Input(f"{number}.jsonl", "jsonl", f"{number}.jsonl", str(number)) for number in range(4)]
    assert [sum(one.holds(0) for one in share(sources, rank, 8)) for rank in range(8)] == [1, 1, 1, 1, 0, 0, 0, 0]


def test_ranks_hold_to_one_plan(tmp_path: Path) -> None:
    """The first rank leaves the plan; one with other inputs, ranks, rules or options is refused, and told what differs."""
    source = Input("a.jsonl", "jsonl", "a.jsonl", "a", 7)
    folder = open_folder(str(tmp_path))
    Plan.of([source], 2, Order("one")).hold(folder)
    Plan.of([source], 2, Order("one")).hold(folder)
    for plan, what in (
        (Plan.of([source], 3, Order("one")), "other ranks"),
        (Plan.of([source, source], 2, Order("one")), "other inputs, bytes, files"),
        (Plan.of([source], 2, Order("two")), "other rules"),
        (Plan.of([source], 2, Order("one", style=Style(lean=True))), "other options"),
    ):
        with pytest.raises(OptionError, match=what):
            plan.hold(folder)
    assert [name.name for name in (tmp_path / "_run").iterdir()] == ["plan.json"]


@pytest.mark.parametrize("style", [Style(), Style(lean=True), Style(annotate=True)])
def test_documents_leave_as_records_do(compiled: Path, style: Style) -> None:
    """Text and title that a document of another engine leaves with are those that `render` writes into a record."""
    job = Order.of(compiled, lean=style.lean, annotate=style.annotate).job()
    rows: list[dict[str, Any]] = [
        {"id": "1", "text": NOISY},
        {"id": "2", "text": PROSE, "title": ""},
        {"id": "3", "text": f"A bridge opens\n{PROSE} â€™\n{MORE}"},
        {"id": "4", "text": ""},
        {"id": "5", "html": f"<html><body><p>{PROSE}</p><p>Zorble announcement</p><p>{MORE}</p></body></html>"},
        {"id": "6", "text": PROSE, "title": "Its own"},
    ]
    entries = [parse_record(orjson.dumps(row), Place("", ""), USUAL) for row in rows]
    for row, entry, result in clean_each(job, zip(rows, entries, strict=True)):
        assert isinstance(result, Cleaned)
        written = orjson.loads(render(entry, result, USUAL, style))
        assert text_of(result, row.get("text"), style) == written["text"]
        assert title_of(result, row.get("title"), style) == written.get("title")


def test_one_that_cannot_be_cleaned_stands_alone(compiled: Path) -> None:
    """A reject among documents of one batch leaves the others as they are."""
    job = Order.of(compiled).job()
    entries = [
        Entry(Document("1", NOISY), Place("1", "")),
        refuse(Place("2", ""), "no", b""),
        Entry(Document("3", PROSE), Place("3", "")),
    ]
    statuses = [
        getattr(result, "status", "rejected") for _, _, result in clean_each(job, zip(entries, entries, strict=True))
    ]
    assert statuses == ["cleaned", "rejected", "unchanged"]
