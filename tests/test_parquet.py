"""Parquet is read row by row without loss: every type has its form in JSON, and what is broken is said."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io import parquet
from cleaner.io.inputs import find_inputs
from cleaner.io.parquet import Rows, open_rows, split_rows
from cleaner.io.read import open_item, read_entries, read_items, reject_item, size_of, split_item
from cleaner.io.record import USUAL, Entry, Fields
from cleaner.model import Document, Page, Rejected

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

WORDS = "The harbour bridge reopened on Saturday after six years of works that cost nine million francs. "


def write(path: Path, columns: dict[str, Any], **settings: Any) -> Path:
    arrays = {name: cells if isinstance(cells, pa.Array) else pa.array(cells) for name, cells in columns.items()}
    pq.write_table(pa.table(arrays), path, **settings)
    return path


def read(path: Path | str, fields: Fields = USUAL) -> list[Entry]:
    return list(read_entries(find_inputs([str(path)]), fields))


def batches(path: Path) -> list[Rows]:
    [source] = find_inputs([str(path)])
    return [item for item in read_items(source, USUAL) if isinstance(item, Rows)]


def raw_of(tmp_path: Path, cells: Any) -> Any:
    """Write cells beside a text each, and return how they stand in the JSON objects."""
    column = cells if isinstance(cells, pa.Array) else pa.array(cells)
    path = write(tmp_path / "cells.parquet", {"x": column, "text": ["A."] * len(column)})
    return [entry.raw.removesuffix(b',"text":"A."}').removeprefix(b'{"x":').decode() for entry in read(path)]


# --- rows


def test_rows_become_records(tmp_path: Path) -> None:
    """A row is a document with the id of its own, or of its place; its columns stand in the JSON object in order."""
    path = write(tmp_path / "a.parquet", {"n": [1, 2], "id": ["x", None], "text": ["One.", "Two."], "url": ["u", None]})
    one, two = read(path)
    assert one.value == Document("x", "One.", url="u")
    assert one.raw == b'{"n":1,"id":"x","text":"One.","url":"u"}'
    assert (two.value.id, two.place.path) == ("a.parquet#2", str(path))


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ([True, None, False], ["true", "null", "false"]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        ([1.5, float("nan"), float("inf"), -float("inf"), 1e300], ["1.5", "NaN", "Infinity", "-Infinity", "1e+300"]),
        (pa.array([1.1], pa.float32()), [repr(1.100000023841858)]),
        ([Decimal("12345678901234567890123456789.10"), None], ['"12345678901234567890123456789.10"', "null"]),
        (['a"\n\u2028', "é"], ['"a\\"\\n\u2028"', '"é"']),
        ([b"\x00\xff", b""], ['"AP8="', '""']),
        ([date(1969, 12, 31)], ['"1969-12-31"']),
        ([time(1, 2, 3, 400)], ['"01:02:03.0004"']),
        (pa.array([1_700_000_000_123_456_789, -1, 0], pa.timestamp("ns")),
         ['"2023-11-14T22:13:20.123456789"', '"1969-12-31T23:59:59.999999999"', '"1970-01-01T00:00:00"']),
        (pa.array([1_700_000_000_120, 10**17], pa.timestamp("ms", tz="Europe/Zurich")),
         ['"2023-11-14T22:13:20.12Z"', "100000000000000000"]),
        (pa.array([-1500], pa.duration("ms")), ['"-PT1.5S"']),
        ([[1, None], None, []], ["[1,null]", "null", "[]"]),
        ([[["a"], []], [None]], ['[["a"],[]]', "[null]"]),
        ([{"a": 1, "b": [float("nan")]}, None], ['{"a":1,"b":[NaN]}', "null"]),
        (pa.array([[("k", 1), ("k", 2)], None, []], pa.map_(pa.string(), pa.int8())), ['{"k":1,"k":2}', "null", "{}"]),
        (pa.array([[(1, b"x")]], pa.map_(pa.int8(), pa.binary())), ['[[1,"eA=="]]']),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ['"a"', '"b"', '"a"']),
        (pa.array([None, None], pa.null()), ["null", "null"]),
    ],
    ids=str,
)  # fmt: skip
def test_every_type_has_a_form_in_json(tmp_path: Path, cells: Any, shown: list[str]) -> None:
    """No digit, no nanosecond and no NaN is lost, also inside lists, structs and maps."""
    assert raw_of(tmp_path, cells) == shown


json_cells = st.recursive(
    st.none() | st.integers(-(2**63), 2**63 - 1), lambda inner: st.lists(inner, max_size=3), max_leaves=6
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "s": st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
                "f": st.none() | st.floats(allow_nan=False),
                "l": st.none() | st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=3),
                "d": st.none()
                | st.fixed_dictionaries({"a": st.none() | st.booleans(), "b": st.none() | st.text("ab")}),
            }
        ),
        min_size=1,
        max_size=9,
    ),
    st.integers(1, 9),
)
def test_objects_are_the_rows(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], group: int) -> None:
    """The JSON objects read back as the rows that were written, whole and split, however the file is cut in groups."""
    path = tmp_path_factory.mktemp("rows") / "a.parquet"
    kinds = pa.schema(
        [
            ("s", pa.string()), ("f", pa.float64()), ("l", pa.list_(pa.int64())),
            ("d", pa.struct([("a", pa.bool_()), ("b", pa.string())])), ("text", pa.string()),
        ]
    )  # fmt: skip
    rows = [{**row, "text": f"Text {number}."} for number, row in enumerate(rows)]
    pq.write_table(pa.Table.from_pylist(rows, kinds), path, row_group_size=group)
    items = batches(path)
    entries = [entry for item in items for entry in open_item(item, USUAL)]
    assert [json.loads(entry.raw) for entry in entries] == rows
    assert [entry.place.id for entry in entries] == [f"a.parquet#{number}" for number in range(1, len(rows) + 1)]
    assert [e for item in items for part in split_item(item) for e in open_item(part, USUAL)] == entries
    offsets = [entry.place.offset for entry in entries]
    assert offsets == sorted(set(offsets))


def test_a_batch_travels_and_comes_with_its_entries(tmp_path: Path) -> None:
    """A batch is bytes on its way to another process, and opens into Arrow's batch and an entry a row."""
    [rows] = batches(write(tmp_path / "a.parquet", {"text": ["One.", None, "Two."], "n": [1, 2, 3]}))
    rows = pickle.loads(pickle.dumps(rows))
    batch, entries = open_rows(rows, USUAL)
    assert batch.column("n").to_pylist() == [1, 2, 3]
    assert [type(entry.value) for entry in entries] == [Document, Rejected, Document]
    assert size_of(rows) == len(rows.raw)
    alone = split_rows(rows)[2]
    assert reject_item(alone, "why") == Rejected(
        "a.parquet#3", rows.path, alone.offset, "why", b'{"text":"Two.","n":3}'
    )


def test_batches_depend_on_the_file_alone(tmp_path: Path) -> None:
    """Batches are of about the same bytes and end at the same rows whatever a reader asks for."""
    texts = [WORDS * 40 + str(n) for n in range(2_000)]
    path = write(tmp_path / "a.parquet", {"text": texts}, row_group_size=700, use_dictionary=False)
    [source] = find_inputs([str(path)])
    cuts = [[item.number for item in read_items(source, USUAL, least=least)] for least in (1, 1 << 30)]  # type: ignore[union-attr]
    assert cuts[0] == cuts[1]
    sizes = [len(rows.raw) for rows in batches(path)]
    assert len(sizes) > 20
    assert max(sizes) < 1 << 19


def test_what_is_stored_once_for_many_rows_is_handed_out_in_pieces(tmp_path: Path) -> None:
    """A small file that holds one long text many times comes in batches of bounded size."""
    path = write(tmp_path / "a.parquet", {"text": [WORDS * 1_000] * 600})
    assert path.stat().st_size < 200_000
    assert sum(rows.count for rows in batches(path)) == 600
    assert max(len(rows.raw) for rows in batches(path)) < 1 << 20


def test_html_in_bytes_is_a_page(tmp_path: Path) -> None:
    """Bytes in the column of HTML are a page as it was fetched, and stand in the object as `html_base64`."""
    path = write(tmp_path / "a.parquet", {"id": ["x"], "html": [b"<p>caf\xe9"]})
    [entry] = read(path)
    assert entry.value == Page("x", b"<p>caf\xe9")
    assert entry.raw == b'{"id":"x","html_base64":"PHA+Y2Fm6Q=="}'


def test_strings_that_old_writers_left_as_bytes_are_strings(tmp_path: Path) -> None:
    """Bytes in the columns of text, id or address are taken for UTF-8; a row where they are not is rejected."""
    path = write(tmp_path / "a.parquet", {"id": [b"x", b"y"], "text": ["é".encode(), b"a\xff"], "k": [b"x", b"y"]})
    fine, bad = read(path)
    assert fine.raw == '{"id":"x","text":"é","k":"eA=="}'.encode()
    assert isinstance(bad.value, Rejected)
    assert (bad.value.reason, bad.value.raw) == ("the row cannot be read: invalid UTF-8 at byte 1", b"a\xff")


def test_a_string_column_that_holds_no_utf8_costs_its_row(tmp_path: Path) -> None:
    """A column that says it holds strings and does not costs the rows where it does not."""
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"a\xff"], pa.binary()).buffers())
    path = write(tmp_path / "a.parquet", {"text": pa.concat_arrays([pa.array(["One."]), broken, pa.array(["Two."])])})
    kinds = [type(entry.value) for entry in read(path)]
    assert kinds == [Document, Rejected, Document]


def test_an_overlong_row_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row longer than memory should hold is rejected with its beginning, and the next one is read."""
    monkeypatch.setattr(parquet, "LONGEST", 100_000)
    path = write(tmp_path / "a.parquet", {"text": ["One.", WORDS * 2_000, "Two."]})
    _, long, last = read(path)
    assert isinstance(long.value, Rejected)
    assert long.value.reason == "the row is too long to hold in memory (its beginning is kept)"
    assert long.value.raw == (WORDS * 2_000)[: 1 << 16].encode()
    assert last.value == Document("a.parquet#3", "Two.")


# --- what is broken


def test_a_table_without_a_text_is_an_error(tmp_path: Path) -> None:
    """A table with nothing to clean is an error that names its columns; with the right name it is read."""
    path = write(tmp_path / "a.parquet", {"body": ["One."], "n": [1]})
    with pytest.raises(InputError, match=r"found: body, n\. Name it with --text-field"):
        read(path)
    assert read(path, Fields(text="body"))[0].value == Document("a.parquet#1", "One.")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file: it does not begin with PAR1"),
        (b"{}\n", "no Parquet file: it does not begin with PAR1"),
        (b"PAR1" + bytes(20), "the Parquet file is truncated: its end, which says where the rows stand, is missing, after 0"),
        (b"PAR1" + bytes(20) + b"PAR1", "the Parquet file is broken"),
        (b"PAR1" + bytes(20) + b"PARE", "an encrypted Parquet file"),
    ],
)  # fmt: skip
def test_what_is_no_whole_parquet_file_is_an_error(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is empty, another kind, cut short or encrypted says so."""
    path = tmp_path / "a.parquet"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        read(path)


def test_a_damaged_page_is_an_error_that_counts_rows(tmp_path: Path) -> None:
    """Where a page in the middle is damaged, the rows before are read, and the error counts them."""
    path = write(
        tmp_path / "a.parquet", {"text": [f"{WORDS * 9}{n}" for n in range(900)]}, row_group_size=300,
        write_page_checksum=True,
    )  # fmt: skip
    raw = bytearray(path.read_bytes())
    after = pq.read_metadata(path).row_group(2).column(0).dictionary_page_offset
    raw[after - 40 : after - 32] = bytes(8)
    path.write_bytes(raw)
    entries = []
    with pytest.raises(InputError) as caught:
        entries.extend(read_entries(find_inputs([str(path)])))
    assert len(entries) == 300
    assert "the Parquet file is broken (" in str(caught.value)
    assert str(caught.value).endswith("after 300 records")


@given(st.data())
def test_no_damage_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever bytes of a file are changed, it is read, or an error that says so is raised."""
    path = tmp_path_factory.mktemp("damage") / "a.parquet"
    write(path, {"text": ["One.", "Two."], "n": [[1], None]}, write_page_checksum=True)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    with suppress(InputError):
        read(path)


def test_parquet_inside_gzip_is_refused(tmp_path: Path) -> None:
    """Parquet is read from its end, so that it cannot come compressed as a whole."""
    (tmp_path / "a.parquet.gz").write_bytes(b"")
    with pytest.raises(InputError, match="decompress the file first"):
        read(tmp_path / "a.parquet.gz")


def test_the_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pyarrow the error says what to install."""
    path = write(tmp_path / "a.parquet", {"text": ["One."]})
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'cleaner-news\[parquet\]'"):
        read(path)


def test_progress_adds_up_to_the_size_of_the_file(tmp_path: Path) -> None:
    """What a progress bar is told sums up to the bytes of the file."""
    path = write(tmp_path / "a.parquet", {"text": [f"{WORDS}{n}" for n in range(3_000)]}, row_group_size=900)
    steps: list[int] = []
    [source] = find_inputs([str(path)])
    entries: Sequence[Entry] = list(read_entries([source], watch=steps.append))
    assert (len(entries), sum(steps)) == (3_000, path.stat().st_size)
    assert len(steps) > 3
