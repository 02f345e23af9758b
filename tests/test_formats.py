"""Formats written: what a file holds reads back the same, whatever pieces it came in, and nothing else gets lost."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import sys
import tarfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaned, Cleaner, Cut, Document, load_rules
from cleaner.bulk.batch import Job
from cleaner.bulk.parcel import pack
from cleaner.bulk.plan import whole
from cleaner.bulk.pool import Pool
from cleaner.cli.main import main
from cleaner.errors import OptionError, OutputError
from cleaner.io import rowgroups
from cleaner.io.cells import header_of, row_of
from cleaner.io.columns import usual_columns, usual_row
from cleaner.io.conversion import UNKNOWN_DATE
from cleaner.io.file import NewFile
from cleaner.io.inputs import find_inputs
from cleaner.io.press import PRESSES, Pressed
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, WHOLE, Entry, Fields, Place, Style, describe, parse_record, row_to_record
from cleaner.io.splice import members, parse
from cleaner.io.stream import split_lines
from cleaner.io.table import read_table
from cleaner.io.tray import tray_of
from cleaner.io.write import FORMATS, Output, Piece, Shape, Sink
from cleaner.model import Drop, Related
from tests.making import MORE, PROSE, rule
from tests.test_io import loose_records

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

NOISY = f"{PROSE}\nZorble announcement\n{MORE}"
PLACE = Place("news.jsonl#1", "news.jsonl", 0)
ODD = (
    b'{"id": 7, "n":123456789012345678901234567890, "k":1, "k":2.0, "title":null, "url":["a"], "crawled":1700000000,'
    b' "text":"old", "text":"A b"}'
)


def left(entry: Entry, text: str | None = None, **more: Any) -> Cleaned:
    """Make what a document became: its text, and an account where there is something to account for."""
    assert isinstance(entry.value, Document)
    return Cleaned(entry.value, entry.value.text, entry.value.text if text is None else text, rules_digest="d", **more)


def busy(entry: Entry, text: str = "Left.") -> Cleaned:
    """Make what a document became, with every member of the account filled."""
    cut = Cut(0, 2, "A ", "ad", ("x.ad",), ("bias +1.00",))
    return left(
        entry, text, title="Found", repairs=("nfc",), cuts=(cut, Cut(2, 3, "b", "ad", ("y", "z"))),
        drops=(Drop("/html/body/p", "Gone", "page.x"),), metadata={"byline": "By X", "tags": ["a", 1]},
        resolved={"published": "2024-01-01"}, origins={"byline": "x.ad"}, headlines=("One", "Two"), flags=("guard:x",),
        related=(Related("T", None, "1 h", "Body", 3, 7, "u", (cut,), {"section": "s"}), Related(None, "dpa", None, "B")),
    )  # fmt: skip


def write(path: Path, pieces: Sequence[Piece], shape: Shape) -> Path:
    sink = Sink(NewFile(path), shape)
    sink.put(pieces)
    sink.commit()
    return path


def rendered(shape: Shape, *done: tuple[Entry, Cleaned]) -> list[Piece]:
    return [shape.render(entry, cleaned) for entry, cleaned in done]


def _rules(folder: Path) -> Path:
    rules = folder / "rules.yaml"
    rules.write_text("rules:\n" + rule("line: {eq: Zorble announcement}"))
    return rules


def clean(source: Path, output: Path | str, folder: Path, least: int = 1 << 18, **form: Any) -> Output:
    """Clean a file as the command does, with one made-up rule."""
    rules = _rules(folder)
    redo = form.pop("recleaning", False)
    output = Output(str(output), **form)
    job = Job(Cleaner(load_rules([rules])), output.shape, recleaning=redo)
    with output:
        for parcel in pack(whole(find_inputs([str(source)])), output.shape.fields, least=least):
            for stretch in job.do(parcel).stretches if parcel else ():
                output.put(stretch.pieces)
                if stretch.rejected:
                    output.reject(stretch.rejected)
    return output


def account_of(row: dict[str, Any]) -> Any:
    """Return the account of a row as JSON would hold it: without members that are null because JSON leaves them out."""

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: bare(inner) for name, inner in value.items() if (name, inner) != ("because", None)}
        return [bare(inner) for inner in value] if isinstance(value, list) else value

    return bare(row["cleaning"])


def rows_of(path: Path) -> list[dict[str, Any]]:
    return list(pq.read_table(path).to_pylist(maps_as_pydicts="strict"))


# --- names


@pytest.mark.parametrize(
    ("path", "given", "ending"),
    [
        ("o.jsonl", None, ".jsonl"), ("o.JSONL.GZ", None, ".jsonl.gz"), ("o.csv.bz2", None, ".csv.bz2"),
        ("o.parquet", None, ".parquet"), ("o.warc.wet.gz", None, ".wet.gz"), ("o.tar.zst", None, ".tar.zst"), ("o.TGZ", None, ".tar.gz"),
        ("o.txt", None, ".txt"), ("o.out", "jsonl", ".jsonl"), ("o.dat", "csv.zst", ".csv.zst"),
        ("o.gz", "tsv", ".tsv.gz"), ("o.jsonl", "jsonl.zst", ".jsonl.zst"), ("o.x.gz", "parquet", ".parquet"),
    ],
)  # fmt: skip
def test_the_ending_or_the_format_chooses(tmp_path: Path, path: str, given: str | None, ending: str) -> None:
    """`--format` counts before the ending of the output; what it leaves open, the compression, the ending says."""
    output = Output(str(tmp_path / path), given)
    output.abandon()
    assert output.shape.ending == ending


@pytest.mark.parametrize(
    ("path", "given", "style", "fields", "reason"),
    [
        ("o.jsonl", "xml", WHOLE, USUAL, "xml is no format; choose one of jsonl, csv"),
        ("o.parquet.gz", None, WHOLE, USUAL, "parquet.gz is no format"),
        ("o.html", None, WHOLE, USUAL, "what ends in .html is read, not written"),
        ("o.warc.gz", None, WHOLE, USUAL, "what ends in .warc is read, not written"),
        ("o.tar", None, Style(lean=True), USUAL, "--annotate and --lean are for records"),
        ("o.wet", None, Style(annotate=True), USUAL, "--annotate and --lean are for records"),
        ("o.csv", None, WHOLE, Fields(text="extra"), "a table gets a column `extra` of its own"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, path: str, given: str | None, style: Style, fields: Fields, reason: str
) -> None:
    """A format that is none, or that cannot hold what is asked for, is an error before anything is read."""
    with pytest.raises(OptionError) as caught:
        Output(str(tmp_path / path), given, fields, style)
    assert reason in str(caught.value)
    assert not list(tmp_path.iterdir())


# --- CSV and TSV


cells = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["=1+1", '"', ",", "\t", "\n", "\r", "\r\n", " a ", "'", "", "\x00", "\ufeff", "null"]
)


@given(
    st.lists(cells.map(str.strip).filter(lambda name: name not in ("", "\ufeff")), max_size=4, unique=True),
    st.lists(st.lists(cells, min_size=4, max_size=4), max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_tables_read_back_the_same(names: list[str], table: list[list[str]], tab: bool, annotate: bool) -> None:
    """Whatever stands in cells, a table leaves with its columns in order and reads back cell for cell."""
    columns = tuple(dict.fromkeys([*(name for name in names if not name.startswith("\ufeff")), "text"]))
    rows = [(*row[: len(columns) - 1], "Some words.") for row in table if len(columns) <= len(row) + 1]
    place, style = Place("t#1", "t", 0, columns), Style(annotate=annotate)
    entries = [parse_record(row_to_record(columns, row), place, USUAL, True) for row in rows]
    lines = [row_of(entry, left(entry), USUAL, style, tab) for entry in entries]
    written = b"".join([header_of(columns, USUAL, style, tab), *(line + b"\n" for line in lines)])
    again = [
        parse(item.raw)
        for item in read_table(split_lines([written]), "t", "t", tab, USUAL)
        if not isinstance(item, Entry)
    ]
    assert len(again) == len(entries)
    for entry, row in zip(entries, again, strict=True):
        own = parse(entry.raw)
        added = {"id": own.get("id") or entry.value.id, "cleaning": row["cleaning"]}
        titled = {} if annotate else {"title": own.get("title", "")}
        assert row == {**own, **titled, **added}
        assert json.loads(row["cleaning"])["status"] == "unchanged"


def test_a_table_keeps_its_columns_and_gets_what_it_lacks(tmp_path: Path) -> None:
    """Columns stay in order, equal names and formulas as they are; short rows are filled; new columns come last."""
    (tmp_path / "in.csv").write_text(f'n,text,n\n=1+1,"{NOISY}",2\n3,"{PROSE}"\n')
    clean(tmp_path / "in.csv", tmp_path / "out.csv", tmp_path)
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text())))
    assert rows[0] == ["n", "text", "n", "id", "title", "cleaning"]
    assert rows[1][:5] == ["=1+1", f"{PROSE}\n{MORE}", "2", "in.csv#2", ""]
    assert rows[2][:5] == ["3", PROSE, "", "in.csv#3", ""]
    assert json.loads(rows[1][5])["cuts"][0]["text"] == "Zorble announcement\n"


def test_records_become_rows_of_the_known_columns() -> None:
    """What is read from JSON gets a column for each known field; all else stays in `extra`, byte for byte."""
    entry = parse_record(ODD, PLACE, USUAL)
    line = row_of(entry, left(entry, "A", title="T"), USUAL, WHOLE, False)
    [header, row] = csv.reader(io.StringIO((header_of((), USUAL, WHOLE, False) + line).decode()))
    assert header == ["id", "text", "title", "url", "source", "lang", "crawled", "extra", "cleaning"]
    assert row[:7] == ["7", "A", "T", "", "", "", "1700000000"]
    assert row[7] == '{"n":123456789012345678901234567890,"k":1,"k":2.0,"url":["a"],"text":"old"}'


def test_columns_bear_the_names_of_the_user() -> None:
    """Columns of known fields are called as the user's fields are."""
    fields = Fields(text="body", id="key", title="id")
    entry = parse_record(b'{"key":"x","body":"A","id":"T","text":"other"}', PLACE, fields)
    line = row_of(entry, left(entry), fields, WHOLE, True)
    [header, row] = csv.reader(io.StringIO((header_of((), fields, WHOLE, True) + line).decode()), delimiter="\t")
    known = dict(zip(header, row, strict=True))
    assert {name: known[name] for name in ("key", "body", "id", "extra")} == {
        "key": "x", "body": "A", "id": "T", "extra": '{"text":"other"}',
    }  # fmt: skip


@given(loose_records(), st.sampled_from([USUAL, Fields(text="k", id="title", title="id")]))
def test_no_member_of_a_record_is_lost(raw: bytes, fields: Fields) -> None:
    """Each member of a record stands in its column or in `extra`, there with its own bytes and in order."""
    entry = parse_record(raw, PLACE, fields, True)
    if not isinstance(entry.value, Document):
        return
    row = dict(zip(usual_columns(fields), usual_row(entry, left(entry), fields, WHOLE).cells, strict=True))
    extra = (row.pop("extra") or "{}").encode()
    came, stayed = list(members(entry.raw)), list(members(extra))
    kept = [extra[one.start : one.end] for one in stayed]
    left_out = []
    for one in came:
        if stayed and (stayed[0].key, kept[0]) == (one.key, entry.raw[one.start : one.end]):
            del stayed[0], kept[0]
        else:
            left_out.append(one.key)
    assert not stayed
    assert len(left_out) - left_out.count("cleaning") == len({*left_out} - {"cleaning"})
    assert {*left_out} <= {*row, "cleaning"}
    assert (row[fields.id], row[fields.text]) == (entry.value.id, entry.value.text)


def test_a_cleaning_before_is_replaced(tmp_path: Path) -> None:
    """Cleaned again, a table has one account, in the column where it was."""
    (tmp_path / "in.csv").write_text(f'cleaning,text\nold,"{PROSE}"\n')
    clean(tmp_path / "in.csv", tmp_path / "o.csv", tmp_path, recleaning=True)
    [header, row] = csv.reader(io.StringIO((tmp_path / "o.csv").read_text()))
    assert header == ["cleaning", "text", "id", "title"]
    assert json.loads(row[0])["status"] == "unchanged"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_other_columns_are_an_error_that_says_what_to_do(tmp_path: Path, ending: str) -> None:
    """A table ends where an input with other columns begins; what differs is said, and nothing is left."""
    pq.write_table(pa.table({"text": ["A."], "n": [1]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"text": ["A."], "n": ["x"], "m": [1]}), tmp_path / "b.parquet")
    with pytest.raises(OutputError) as caught:
        clean(tmp_path, tmp_path / f"o.{ending}", tmp_path)
    (tmp_path / "rules.yaml").unlink()
    assert {"csv": "columns text,n,id,title,cleaning, and an input has text,n,m", "parquet": "m (int64), n as string"}[
        ending
    ] in str(caught.value)
    assert "name a folder as output" in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == {"a.parquet", "b.parquet"}


# --- Parquet


TYPED = {
    "n": pa.array([2**64 - 1, None, 3], pa.uint64()),
    "when": pa.array([1_700_000_000_123_456_789, 0, None], pa.timestamp("ns", tz="Europe/Zurich")),
    "price": pa.array([None, 1, 2], pa.int64()).cast(pa.decimal128(38, 0)),
    "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
    "tags": pa.array([["x"], [], None], pa.list_(pa.large_string())),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int32())),
    "deep": pa.array([{"a": {"b": 1.0}}, None, {"a": None}]),
    "raw": pa.array([b"\xff\x00", None, b""], pa.large_binary()),
    "day": pa.array([1, None, 3], pa.date32()),
    "half": pa.array([1.5, float("nan"), None], pa.float16()),
}


def typed(texts: Sequence[str | None], **more: Any) -> Any:
    return pa.table({**TYPED, "text": pa.array(texts, pa.large_string()), **more})


def test_columns_of_parquet_keep_types_and_values(tmp_path: Path) -> None:
    """Whatever a table holds beside text and title leaves with its type and value; id, title and account are added."""
    table = typed([NOISY, PROSE, f"{NOISY}\n"])
    pq.write_table(table, tmp_path / "in.parquet")
    clean(tmp_path / "in.parquet", tmp_path / "out.parquet", tmp_path)
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.schema.names == [*table.schema.names, "id", "title", "cleaning"]
    for name in TYPED:
        assert out.schema.field(name).equals(table.schema.field(name))
        assert out.column(name).cast(table.schema.field(name).type).equals(table.column(name)) or name == "half"
    assert str(out.column("half").to_pylist()) == "[1.5, nan, None]"
    assert out.column("text").to_pylist() == [f"{PROSE}\n{MORE}", PROSE, f"{PROSE}\n{MORE}\n"]
    assert (out.schema.field("text").type, out.column("id").to_pylist()[0]) == (pa.large_string(), "in.parquet#1")
    assert [row["status"] for row in out.column("cleaning").to_pylist()] == ["cleaned", "unchanged", "cleaned"]


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        (pa.array([NOISY.encode()]), pa.binary()),
        (pa.array([NOISY]).dictionary_encode(), pa.string()),
        (pa.array([NOISY], pa.string_view()), pa.string_view()),
    ],
)
def test_columns_of_texts_take_cleaned_ones(tmp_path: Path, column: Any, type_: Any) -> None:
    """A text that stands as bytes, in a dictionary or as a view leaves cleaned."""
    pq.write_table(
        pa.table({"text": column, "title": pa.nulls(1), "id": pa.array([None], pa.int32())}), tmp_path / "i.parquet"
    )
    clean(tmp_path / "i.parquet", tmp_path / "o.parquet", tmp_path)
    out = pq.read_table(tmp_path / "o.parquet")
    assert out.schema.types[:3] == [type_, pa.string(), pa.int32()]
    assert out.column("text").cast(pa.string()).to_pylist() == [f"{PROSE}\n{MORE}"]


def test_pages_in_a_table_stay_and_their_text_is_added(tmp_path: Path) -> None:
    """A table of pages, as bytes or as text, leaves with the pages as they were and a column for the text."""
    page = f"<html lang='en'><title>T</title><body><article><p>{PROSE}</p><p>{MORE}</p></article></body></html>"
    for name, column in {"b": pa.array([page.encode()]), "s": pa.array([page])}.items():
        pq.write_table(pa.table({"html": column, "url": ["https://x.example/a"]}), tmp_path / f"{name}.parquet")
        clean(tmp_path / f"{name}.parquet", tmp_path / f"{name}-out.parquet", tmp_path)
        out = pq.read_table(tmp_path / f"{name}-out.parquet")
        assert out.schema.names == ["html", "url", "id", "text", "title", "cleaning"]
        assert out.column("html").to_pylist() == column.to_pylist()
        assert PROSE in out.column("text")[0].as_py()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
def test_a_process_that_ends_costs_one_row(tmp_path: Path) -> None:
    """The row that ends a process is rejected; its neighbours leave with their types, in order."""

    class Trap(Cleaner):
        def clean_document(self, document: Document, *more: Any) -> Cleaned:
            if "KILL" in document.text:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().clean_document(document, *more)

        def glance(self, documents: Any) -> Any:
            return [None] * len(documents)

    pq.write_table(typed([NOISY, "KILL", PROSE]), tmp_path / "in.parquet")
    cleaner = Trap(load_rules([_rules(tmp_path)]))
    with Output(str(tmp_path / "out.parquet")) as output, Pool(Job(cleaner, output.shape), 2) as pool:
        for done in pool.work(pack(whole(find_inputs([str(tmp_path / "in.parquet")])), USUAL)):
            for stretch in done.stretches:
                output.put(stretch.pieces)
                if stretch.rejected:
                    output.reject(stretch.rejected)
    assert pq.read_table(tmp_path / "out.parquet").column("n").to_pylist() == [2**64 - 1, 3]
    [reject] = map(json.loads, (tmp_path / "out.parquet.rejects.jsonl").read_text().splitlines())
    assert reject["id"] == "in.parquet#2"
    assert "the process that cleaned it ended" in reject["reason"]


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed, the error says how to get it, before anything is read."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OptionError, match=r"pip install 'cleaner-news\[parquet\]'"):
        Output(str(tmp_path / "o.parquet"))


def test_a_table_leaves_the_same_columns_whatever_becomes_of_its_rows(tmp_path: Path) -> None:
    """Rejected rows leave, their neighbours stay, and a table of which nothing is left still has its columns."""
    schemas = []
    for number, texts in enumerate([[NOISY, None, PROSE], [None, None, None]]):
        pq.write_table(typed(texts), tmp_path / f"{number}.parquet")
        clean(tmp_path / f"{number}.parquet", tmp_path / f"out-{number}.parquet", tmp_path)
        schemas.append(pq.read_schema(tmp_path / f"out-{number}.parquet"))
    assert pq.read_table(tmp_path / "out-0.parquet").column("n").to_pylist() == [2**64 - 1, 3]
    assert pq.read_metadata(tmp_path / "out-1.parquet").num_rows == 0
    assert schemas[0].equals(schemas[1], check_metadata=True)


def test_a_table_cleaned_again_replaces_its_account(tmp_path: Path) -> None:
    """The account of an earlier run goes; the column stays where it was, and so do id and title."""
    pq.write_table(typed([NOISY] * 3), tmp_path / "in.parquet")
    clean(tmp_path / "in.parquet", tmp_path / "one.parquet", tmp_path)
    clean(tmp_path / "one.parquet", tmp_path / "two.parquet", tmp_path, recleaning=True)
    one, two = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("one", "two"))
    assert one.schema.equals(two.schema)
    assert one.drop_columns(["cleaning", "half"]).equals(two.drop_columns(["cleaning", "half"]))  # NaN equals nothing
    assert two.column("cleaning")[0].as_py()["status"] == "unchanged"


@pytest.mark.parametrize("style", [WHOLE, Style(lean=True), Style(annotate=True)])
def test_the_account_in_columns_is_the_account(tmp_path: Path, style: Style) -> None:
    """`cleaning` holds in columns what it holds as JSON; values of metadata that are no strings are their JSON."""
    shape = Shape.of("parquet", style=style)
    entry = parse_record(ODD, PLACE, USUAL)
    quiet = parse_record(b'{"text":"Quiet."}', PLACE, USUAL)
    write(tmp_path / "o.parquet", rendered(shape, (entry, busy(entry)), (quiet, left(quiet))), shape)
    one, two = rows_of(tmp_path / "o.parquet")
    account = {**describe(busy(entry), style.lean), "metadata": {"byline": "By X", "tags": '["a",1]'}}
    source = {"source": None} if style.annotate else {}
    assert account_of(one) == {**account, **source}
    assert account_of(two) == {**describe(left(quiet)), **source}
    assert one["extra"] == '{"n":123456789012345678901234567890,"k":1,"k":2.0,"url":["a"],"text":"old"}'
    assert (one["id"], one["text"], two["id"], two["extra"]) == (
        "7", "A b" if style.annotate else "Left.", "news.jsonl#1", None,
    )  # fmt: skip


def test_annotated_tables_hold_the_source_where_it_is_another() -> None:
    """Where a repaired text is left alone, the account holds the source that offsets count in."""
    entry = parse_record(b'{"text":"a\\r\\nb"}', PLACE, USUAL)
    cleaned = Cleaned(entry.value, "a\nb", "a\nb")  # type: ignore[arg-type]
    shape = Shape.of("parquet", style=Style(annotate=True))
    with pa.ipc.open_stream(shape.render(entry, cleaned).raw) as stream:
        [row] = stream.read_all().to_pylist()
    assert (row["text"], row["cleaning"]["source"]) == ("a\r\nb", "a\nb")


@pytest.mark.parametrize("name", ["parquet", "csv", "wet", "tar", "text"])
def test_a_lone_surrogate_becomes_a_sign_of_its_own(tmp_path: Path, name: str) -> None:
    """What UTF-8 cannot hold leaves as U+FFFD where there are no escapes, wherever it stands; no record is lost."""
    shape = Shape.of(name)
    entry = parse_record(b'{"id":"\\udc00x","text":"a \\ud800 b","z":"\\ud800"}', PLACE, USUAL)
    done = left(entry, cuts=(Cut(0, 1, "\ud800", "ad", ("x",)),), metadata={"byline": "\ud800"}, headlines=("\ud800",))
    written = write(tmp_path / "o", rendered(shape, (entry, done)), shape).read_bytes()
    if name == "parquet":
        [row] = rows_of(tmp_path / "o")
        assert (row["id"], row["text"], row["cleaning"]["cuts"][0]["text"]) == ("\ufffdx", "a \ufffd b", "\ufffd")
        assert (row["cleaning"]["headlines"], row["extra"]) == (["\ufffd"], '{"z":"\\ud800"}')
    else:
        assert "a \ufffd b" in written.decode()


def test_a_row_that_no_column_holds_is_rejected_and_its_neighbours_stay(tmp_path: Path) -> None:
    """A text in a column that holds no other text costs its row, with the reason."""
    texts = pa.array([PROSE.encode()[:40], PROSE.encode()[:40]], pa.binary(40))
    pq.write_table(pa.table({"text": texts}), tmp_path / "in.parquet")
    clean(tmp_path / "in.parquet", tmp_path / "out.parquet", tmp_path)
    rejects = [json.loads(line) for line in (tmp_path / "out.parquet.rejects.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rejects] == ["in.parquet#1", "in.parquet#2"]
    assert "fixed_size_binary[40], which holds no other text" in rejects[0]["reason"]


def test_row_groups_end_by_rows_and_bytes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the rows were parted, a file has the same bytes."""
    monkeypatch.setattr(rowgroups, "ROWS", 7)
    monkeypatch.setattr(rowgroups, "BYTES", 3_000)
    rows = [{"text": NOISY * (number % 5 * 3 + 1), "kind": "ab"[number % 2]} for number in range(40)]
    table = pa.Table.from_pylist(rows)
    table = table.set_column(1, "kind", table.column("kind").dictionary_encode())
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=11)
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for source in ("in.parquet", "in.jsonl"):
        found = set()
        for least in (1, 700, 1 << 20):
            clean(tmp_path / source, tmp_path / "out.parquet", tmp_path, least=least)
            found.add((tmp_path / "out.parquet").read_bytes())
        assert len(found) == 1
        groups = pq.read_metadata(tmp_path / "out.parquet")
        counts = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
        assert sum(counts) == 40
        assert len(set(counts)) > 1
        assert max(counts) <= 7


# --- bodies


DATES = [
    ("2024-03-01T10:00:00+02:00", "2024-03-01T08:00:00Z"), ("2024-03-01", "2024-03-01T00:00:00Z"),
    ("yesterday", UNKNOWN_DATE), (None, UNKNOWN_DATE), ("0001-01-01T00:00:00+14:00", UNKNOWN_DATE),
]  # fmt: skip


@pytest.mark.parametrize("press", ["", *PRESSES])
def test_conversions_read_back(tmp_path: Path, press: str) -> None:
    """Bodies in a web archive read back exactly, with address and date, here and by another reader."""
    fastwarc = pytest.importorskip("fastwarc")
    shape = Shape.of(f"wet.{press}" if press else "wet")
    entries = [
        Entry(
            Document(f"é\n{number}", f"Bödy {number}\r\n\r\nWARC/1.0\n", f"https://x.example/ü {number}", crawled=date),
            PLACE,
        )
        for number, (date, _) in enumerate(DATES)
    ]
    path = write(tmp_path / f"o{shape.ending}", rendered(shape, *((entry, left(entry)) for entry in entries)), shape)
    again = [entry.value for entry in read_entries(find_inputs([str(path)]))]
    assert [(one.text, one.url, one.crawled) for one in again if isinstance(one, Document)] == [
        (entry.value.text, entry.value.url, date)  # type: ignore[union-attr]
        for entry, (_, date) in zip(entries, DATES, strict=True)
    ]
    assert len({one.id for one in again}) == len(DATES)
    if press == "bz2":
        return
    with path.open("rb") as file:
        records = list(fastwarc.warc.ArchiveIterator(file, parse_http=False, verify_digests=True))
    kinds = [(str(record.record_type), record.headers.get("Cleaner-Document-ID")) for record in records]
    assert kinds == [("warcinfo", None), *(("conversion", f"é%0A{number}") for number in range(len(DATES)))]


def test_a_conversion_refers_to_the_record_that_it_was_made_from() -> None:
    """A document from an archive bears the id of its record: the conversion names it."""
    id_ = "3f2b8c1e-7d4a-4a51-9b7e-0c6d5e4f3a2b"
    entry = Entry(Document(id_, "A."), PLACE)
    header = Shape.of("wet").render(entry, left(entry)).raw.decode().split("\r\n\r\n")[0].split("\r\n")
    named = dict(line.split(": ", 1) for line in header[1:])
    assert named["WARC-Refers-To"] == f"<urn:uuid:{id_}>"
    assert named["WARC-Record-ID"] == f"<{named['WARC-Target-URI']}>" != named["WARC-Refers-To"]


def test_members_of_an_archive_are_texts_with_safe_names(tmp_path: Path) -> None:
    """Each body is a file named by its id; names are safe, of any length, and differ; no time or owner is told."""
    shape = Shape.of("tar.gz")
    ids = ["a", "a", "../../etc/x", "news/é/" + "long" * 60, "b" * 300]
    entries = [Entry(Document(id_, f"Body {number}\r"), PLACE) for number, id_ in enumerate(ids)]
    path = write(tmp_path / "o.tar.gz", rendered(shape, *((entry, left(entry)) for entry in entries)), shape)
    with tarfile.open(path) as archive:
        members = archive.getmembers()
        bodies = [archive.extractfile(member).read().decode() for member in members]  # type: ignore[union-attr]
    names = [member.name for member in members]
    assert names[:3] == ["a.txt", "a~2.txt", "_/_/etc/x.txt"]
    assert len(set(names)) == len(ids)
    assert bodies == [f"Body {number}\r" for number in range(len(ids))]
    again = [entry.value for entry in read_entries(find_inputs([str(path)]))]
    assert [one.text for one in again if isinstance(one, Document)] == bodies
    assert {(member.mtime, member.uid, member.uname, member.mode) for member in members} == {(0, 0, "", 0o644)}


# --- all


@pytest.mark.parametrize("name", FORMATS)
def test_no_documents_make_a_file_that_reads_as_empty(tmp_path: Path, name: str) -> None:
    """A file without documents is whole in its format."""
    shape = Shape.of(name)
    path = write(tmp_path / f"o{shape.ending}", [], shape)
    if shape.format == "parquet":
        assert pq.read_table(path).num_rows == 0
    elif shape.format == "tar":
        with tarfile.open(fileobj=io.BytesIO(_unpressed(path))) as archive:
            assert archive.getmembers() == []
    elif shape.format == "text":
        assert _unpressed(path) == b""
    else:
        assert list(read_entries(find_inputs([str(path)]))) == []


@pytest.mark.parametrize("name", ["csv.gz", "parquet", "wet.zst", "tar"])
def test_shards_are_whole_files_of_the_format(tmp_path: Path, name: str) -> None:
    """Each shard of a folder is a file of the format that reads by itself, the same for any number of processes."""
    rows = [json.dumps({"id": f"d{n}", "text": NOISY}) for n in range(40)]
    (tmp_path / "news.jsonl").write_text("\n".join(rows))
    (tmp_path / "rules.yaml").write_text("rules:\n" + rule("line: {eq: Zorble announcement}"))
    found = []
    for jobs in ("1", "2"):
        out = tmp_path / f"out{jobs}"
        options = ["--rules", f"{tmp_path}/rules.yaml", "--only", "tests.one", "--shard-size", "0.003", "-q"]
        arguments = ["clean", f"{tmp_path}/news.jsonl", "-o", f"{out}/", "--format", name, "-j", jobs, *options]
        assert CliRunner().invoke(main, arguments).exit_code == 0
        found.append({path.name: path.read_bytes() for path in out.iterdir() if path.is_file()})
    assert found[0] == found[1]
    assert [file.startswith("news-0000") and file.endswith(f".{name}") for file in found[0]] == [True] * 3
    again = list(read_entries(find_inputs([str(out)]), recleaning=True))
    assert [entry.value.text for entry in again if isinstance(entry.value, Document)] == [f"{PROSE}\n{MORE}"] * 40


def _unpressed(path: Path) -> bytes:
    from cleaner.io.stream import read_chunks

    return b"".join(read_chunks(str(path)))


@given(
    st.binary(max_size=4_000), st.lists(st.integers(0, 4_000), max_size=6), st.sampled_from(PRESSES), st.integers(1, 90)
)
def test_compression_depends_on_the_bytes_alone(raw: bytes, cuts: list[int], press: Any, times: int) -> None:
    """A compressed file is the same however its bytes were handed over."""

    class Kept(io.BytesIO):
        def write(self, data: Any) -> None:  # type: ignore[override]
            super().write(data)

    raw, found = raw * times, []
    for parts in ([0, len(raw)], sorted({0, len(raw), *(cut * times for cut in cuts)})):
        kept = Kept()
        pressed = Pressed(kept, press)  # type: ignore[arg-type]
        for start, end in pairwise(parts):
            pressed.write(raw[start:end])
        pressed.end()
        found.append(kept.getvalue())
    assert found[0] == found[1]


@pytest.mark.parametrize("name", ["jsonl", "csv", "tsv", "parquet", "text", "wet", "tar"])
def test_the_tray_renders_as_documents_one_by_one(tmp_path: Path, name: str) -> None:
    """Documents gathered in a tray make the file that they make one by one."""
    shape, tray = Shape.of(name), tray_of(Shape.of(name))
    entries = [parse_record(b'{"id":%d,"text":"Body %d."}' % (n, n), PLACE, USUAL) for n in range(9)]
    for entry in entries:
        tray.add(entry, left(entry), 0)
    one = write(tmp_path / "one", tray.clear(), shape)
    two = write(tmp_path / "two", rendered(shape, *((entry, left(entry)) for entry in entries)), shape)
    assert one.read_bytes() == two.read_bytes()
