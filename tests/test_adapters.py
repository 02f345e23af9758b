"""Orders and shares: what travels to workers is small and says which rules ran; ranks take everything, once."""

from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, write_compiled
from cleaner.adapters.columns import account_column, clean_columns
from cleaner.adapters.documents import Told, clean_documents
from cleaner.adapters.each import clean_each
from cleaner.adapters.order import Order, order_for
from cleaner.adapters.plan import PART, Plan, share
from cleaner.adapters.rows import account_of, clean_rows
from cleaner.errors import OptionError, RuleError
from cleaner.io.folder import open_folder
from cleaner.io.inputs import Input
from cleaner.io.record import USUAL, WHOLE, Entry, Fields, Place, Style, parse_record, refuse, render, text_of, title_of
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


def test_a_file_that_was_compiled_anew_is_read_anew(compiled: Path, tmp_path: Path) -> None:
    """An order for the same path has the digest of the rules that are there now, in the same process too."""
    first = Order.of(compiled)
    write_compiled(load(tmp_path, "rules:\n" + rule("line: {eq: Another announcement}")), compiled)
    assert Order.of(compiled).digest != first.digest


def test_an_order_is_written_as_json_and_read_again(compiled: Path) -> None:
    """Whatever it holds, an order comes back from JSON as it was; what is no order is refused."""
    fields = Fields(text="body", url="link")
    for order in (
        Order.of(),
        Order.of(compiled.read_bytes(), only=("ad",), fields=fields, lean=True, seconds=None),
        Order.of(compiled, fast=True, recleaning=True),
    ):
        assert Order.from_dict(orjson.loads(orjson.dumps(order.to_dict()))) == order
    for written in ({}, {"digest": "x", "weather": "fine"}, {"digest": "x", "rules_base64": "?"}):
        with pytest.raises(OptionError, match=r"no order that `Order\.to_dict` wrote"):
            Order.from_dict(written)


def test_orders_from_choices(compiled: Path, tmp_path: Path) -> None:
    """Choices name fields and options; rules of YAML come on top of the shipped ones, and travel as bytes."""
    assert order_for(None, {}) == Order.of()
    assert order_for(None, {"text": "body", "lean": True, "rules": compiled}) == Order.of(
        compiled, fields=Fields(text="body"), lean=True
    )
    (tmp_path / "own").mkdir()
    load(tmp_path / "own", "rules:\n" + rule("line: {eq: Zorble announcement}"))
    own = order_for(None, {"rules": [tmp_path / "own"]})
    assert isinstance(own.rules, bytes)
    assert own.job().cleaner.clean(f"{NOISY}\nAdvertisement").text == f"{PROSE}\n{MORE}"
    assert (
        own.digest
        == order_for(None, {"rules": str(tmp_path / "own")}).digest
        == Cleaner([tmp_path / "own"]).ruleset.digest
    )
    order = Order.of()
    assert order_for(order, {}) is order
    with pytest.raises(OptionError, match="an order says it all: put lean into it"):
        order_for(order, {"lean": True})
    with pytest.raises(OptionError, match="'colour' is no choice; there are annotate, "):
        order_for(None, {"colour": "red"})  # type: ignore[typeddict-unknown-key]


ROWS: list[dict[str, Any]] = [
    {"text": NOISY},
    {"text": None, "title": "Its own"},
    {"text": 12},
    {"text": PROSE, "crawled": date(2025, 3, 8)},
    {"text": PROSE, "cleaning": {}},
    {"html_base64": 12},
    {},
]


def test_rows_come_back_each(compiled: Path) -> None:
    """A row comes back for each row, in order; one that cannot be cleaned with what it had, and the reason."""
    order = Order.of(compiled, fields=Fields(text="body"))
    rows = list(clean_rows(order, ROWS))
    assert [row.text for row in rows] == [f"{PROSE}\n{MORE}", None, 12, PROSE, PROSE, None, None]
    assert [row.title for row in rows][1] == "Its own"
    assert [account_of(row, order.style).get("reason") for row in rows] == [
        None,
        "neither `body` nor `html` nor `html_base64` in it",
        "`body` holds int, not a string",
        None,
        "it has `cleaning` already; order recleaning to clean it again",
        "`html_base64` is not base64",
        "neither `body` nor `html` nor `html_base64` in it",
    ]
    assert isinstance(rows[3].result, Cleaned)
    assert rows[3].result.document.crawled == "2025-03-08"


def test_columns_keep_their_bytes(compiled: Path) -> None:
    """Of a batch only rows that change are written; one that is no UTF-8 stays, and says so; maps may be lists."""
    pa = pytest.importorskip("pyarrow")
    raw = pa.array([NOISY.encode(), b"\xff", None, PROSE.encode()], pa.binary())
    texts = pa.Array.from_buffers(pa.large_string(), 4, raw.cast(pa.large_binary()).buffers())
    batch = pa.record_batch({"text": texts, "n": pa.array([1, 2, 3, 4])})
    for maps in (True, False):
        done = clean_columns(batch, Order.of(compiled), maps)
        assert done.schema.names == ["text", "n", "title", "cleaning"]
        assert done["text"].type == pa.large_string()
        assert done["text"].cast(pa.large_binary()).to_pylist() == [
            f"{PROSE}\n{MORE}".encode(),
            b"\xff",
            None,
            PROSE.encode(),
        ]
        assert done["cleaning"].type == account_column(WHOLE, maps)
        assert [row["status"] for row in done["cleaning"].to_pylist()] == [
            "cleaned",
            "rejected",
            "rejected",
            "unchanged",
        ]
    assert done["cleaning"].to_pylist()[1]["reason"] == "`text` is invalid UTF-8 at byte 0"


@pytest.mark.parametrize("account", ["record", "json"])
def test_documents_keep_what_they_know(compiled: Path, account: str) -> None:
    """Metadata stays, the account joins it; an account that was there is kept beside the reason that it was in the way."""
    known = {"desk": "local", "cleaning": {"status": "cleaned"}}
    told = [Told(NOISY, {"desk": "local"}, "1"), Told(None, {}), Told(NOISY, known)]
    found = list(clean_documents(Order.of(compiled), told, account))
    accounts = [orjson.loads(one["cleaning"]) if account == "json" else one["cleaning"] for _, one in found]
    assert [text for text, _ in found] == [f"{PROSE}\n{MORE}", None, NOISY]
    assert [one.get("desk") for _, one in found] == ["local", None, "local"]
    assert [one["status"] for one in accounts] == ["cleaned", "rejected", "rejected"]
    assert accounts[2]["before"] == {"status": "cleaned"}
    assert known == {"desk": "local", "cleaning": {"status": "cleaned"}}
