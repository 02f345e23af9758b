"""Reading and writing: nothing is lost, nothing but the text changes, and what is broken is said."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError, OptionError, OutputError
from cleaner.io.inputs import find_inputs
from cleaner.io.names import Names
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, WHOLE, Entry, Fields, Place, Style, describe, parse_record, render
from cleaner.io.splice import dump, members, parse, splice
from cleaner.io.stream import BOM, Lines, Truncated, gather_lines, read_chunks, split_lines
from cleaner.io.write import Output
from cleaner.model import Cleaned, Cut, Document, Page, Rejected

PLACE = Place("news.jsonl#1", "news.jsonl", 0)
PRESSES: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": lambda raw: zstandard.ZstdCompressor().compress(raw),
    "bz2": bz2.compress,
}
ROWS = b'{"id":"a","text":"One."}\n{"id":"b","text":"Two."}\n{"id":"c","text":"Three."}\n'


def read(*paths: Path | str, fields: Fields = USUAL, recleaning: bool = False) -> list[Entry]:
    return list(read_entries(find_inputs([str(path) for path in paths]), fields, recleaning))


def rejected(entry: Entry) -> Rejected:
    assert isinstance(entry.value, Rejected)
    return entry.value


def document(entry: Entry) -> Document:
    assert isinstance(entry.value, Document)
    return entry.value


def cleaned(entry: Entry, text: str, title: str | None = None, source: str | None = None) -> Cleaned:
    known = document(entry)
    return Cleaned(known, known.text if source is None else source, text, title, rules_digest="d1")


def written(raw: bytes, text: str, title: str | None = None, style: Style = WHOLE) -> bytes:
    entry = parse_record(raw, PLACE, Fields())
    return render(entry, cleaned(entry, text, title), Fields(), style)


def own_part(line: bytes) -> bytes:
    return line[: line.index(b',"cleaning":')]


# --- records: bytes that are not the text's stay


def test_thirty_digit_integers_pass_through() -> None:
    """An integer that no parser holds exactly leaves digit for digit, as a value and as an id."""
    raw = b'{"id":123456789012345678901234567890,"n": 998877665544332211009988776655 ,"text":"A b"}'
    assert own_part(written(raw, "A")) == raw.replace(b'"A b"}', b'"A"')
    assert parse_record(raw, PLACE, Fields()).value.id == "123456789012345678901234567890"


@pytest.mark.parametrize("number", ["7", "-1", "18446744073709551615", "-9223372036854775808", "18446744073709551616",
                                    "-9223372036854775809", "9" * 400, "1.0", "1e3"])  # fmt: skip
def test_numbers_read_the_same_beside_lone_surrogates(number: str) -> None:
    """What only the slower parser reads has the numbers that the faster one finds elsewhere."""
    plain = parse(f'{{"n": {number}}}'.encode())["n"] if len(number) < 400 else float("inf")
    beside = parse(f'{{"n": {number}, "text": "\\ud800"}}'.encode())["n"]
    assert (beside, type(beside)) == (plain, type(plain))


def test_duplicate_keys_stay_and_the_last_text_counts() -> None:
    """Of one key twice both stay; the last one is read and replaced, as parsers would."""
    raw = b'{"id":"x","k":1,"text":"old","k":2,"text":"A b"}'
    assert document(parse_record(raw, PLACE, Fields())).text == "A b"
    assert own_part(written(raw, "A")) == b'{"id":"x","k":1,"text":"old","k":2,"text":"A"'


def test_numbers_escapes_and_white_space_stay() -> None:
    """1.0 stays 1.0, an escape stays an escape, and white space between members stays."""
    raw = b'{ "id" : "\\u0061\\/b" , "f": 1.0, "e": 1E5, "o": {"text": "inner", "x": [1, {}, "]}"]}, "text": "A b" }'
    assert own_part(written(raw, "A")) == raw[: -len(b'"A b" }')] + b'"A"'


def test_unchanged_text_keeps_its_own_escapes() -> None:
    """A text that leaves as it came leaves in its own spelling."""
    raw = b'{"id":"x","text":"caf\\u00e9"}'
    assert own_part(written(raw, "café")) == raw[:-1]


def test_escaped_key_is_recognised() -> None:
    """A key spelt with escapes is the same key."""
    assert own_part(written(b'{"id":"x","te\\u0078t":"A b"}', "A")) == b'{"id":"x","te\\u0078t":"A"'


def test_lone_surrogate_is_read_and_written_as_an_escape() -> None:
    """A lone surrogate, which UTF-8 cannot hold, comes in and goes out as an ASCII escape."""
    entry = parse_record(b'{"id":"x","text":"a \\ud800 b"}', PLACE, Fields())
    assert document(entry).text == "a \ud800 b"
    assert own_part(render(entry, cleaned(entry, "a \ud800"), Fields())) == b'{"id":"x","text":"a \\ud800"'


def test_nan_passes_through() -> None:
    """NaN, which is no JSON but is written by Python, passes through."""
    assert own_part(written(b'{"id":"x","n":NaN,"text":"A b"}', "A")) == b'{"id":"x","n":NaN,"text":"A"'


def test_title_is_filled_and_never_replaced() -> None:
    """A proven title fills an absent or empty field; a title that is there stays."""
    assert own_part(written(b'{"id":"x","text":"T\\nB"}', "B", "T")) == b'{"id":"x","text":"B","title":"T"'
    assert own_part(written(b'{"id":"x","title":null,"text":"T\\nB"}', "B", "T")) == b'{"id":"x","title":"T","text":"B"'
    assert own_part(written(b'{"id":"x","title":"Own","text":"B"}', "B", "T")) == b'{"id":"x","title":"Own","text":"B"'


def test_record_without_id_gets_one() -> None:
    """A record without an id gets its path and line."""
    assert json.loads(written(b'{"text":"A"}', "A"))["id"] == "news.jsonl#1"
    assert json.loads(written(b'{"id":null,"text":"A"}', "A"))["id"] == "news.jsonl#1"


def test_account_is_complete() -> None:
    """`cleaning` holds every member that the contract names, and lean leaves only the cut texts out."""
    entry = parse_record(b'{"id":"x","source":"dpa","text":"A. Ad"}', PLACE, Fields())
    result = Cleaned(
        document(entry),
        "A. Ad",
        "A.",
        cuts=(Cut(2, 5, " Ad", "ad", ("x.ad",)),),
        metadata={"age": "1 h"},
    )
    account = json.loads(render(entry, result, Fields()))["cleaning"]
    assert account == {
        "status": "cleaned", "flags": [], "rules": "", "repairs": [],
        "cuts": [{"start": 2, "end": 5, "text": " Ad", "class": "ad", "rules": ["x.ad"]}],
        "drops": [], "metadata": {"age": "1 h"}, "resolved": {}, "origins": {}, "related": [], "headlines": [],
    }  # fmt: skip
    lean = json.loads(render(entry, result, Fields(), Style(lean=True)))["cleaning"]
    assert lean["cuts"] == [{"start": 2, "end": 5, "class": "ad", "rules": ["x.ad"]}]


def test_annotate_leaves_text_and_title() -> None:
    """Annotating changes no field of the input."""
    raw = b'{"id":"x","text":"T\\nA b"}'
    assert own_part(written(raw, "A", "T", Style(annotate=True))) == raw[:-1]


def test_annotate_gives_the_source_where_repairs_moved_offsets() -> None:
    """Where the source is not the record's text, the account holds the source that offsets count in."""
    entry = parse_record(b'{"id":"x","text":"a\\r\\nb"}', PLACE, Fields())
    account = json.loads(render(entry, cleaned(entry, "a\nb", source="a\nb"), Fields(), Style(annotate=True)))
    assert (account["text"], account["cleaning"]["source"]) == ("a\r\nb", "a\nb")


def test_renamed_fields_are_read_and_written() -> None:
    """With a renamed text field that field is read, and that field becomes the body."""
    fields = Fields(text="body", id="key", title="headline", source="site")
    entry = parse_record(b'{"key":7,"body":"A b","text":"other","site":"x.org"}', PLACE, fields)
    assert (document(entry).id, document(entry).text, document(entry).source) == ("7", "A b", "x.org")
    assert own_part(render(entry, cleaned(entry, "A"), fields)) == b'{"key":7,"body":"A","text":"other","site":"x.org"'


def test_html_stays_and_text_is_added() -> None:
    """HTML leaves as it is, and the text stands beside it; also from base64, and beside an empty text."""
    entry = parse_record(b'{"id":"x","html":"<p>A</p>","text":null}', PLACE, Fields())
    assert isinstance(entry.value, Page)
    result = Cleaned(Document("x", "A"), "A", "A")
    assert own_part(render(entry, result, Fields())) == b'{"id":"x","html":"<p>A</p>","text":"A"'
    pressed = json.dumps({"html_base64": base64.b64encode("é".encode("cp1252")).decode()}).encode()
    assert parse_record(pressed, PLACE, Fields()).value.html == b"\xe9"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"text": "a"', "bad JSON: Expecting ',' delimiter at character 12"),
        (b"[1]", "a JSON array, not an object"),
        (b'{"title":"t"}', "neither `text` nor `html` nor `html_base64` in it"),
        (b'{"text":["a"]}', "`text` is a JSON array, not a string"),
        (b'{"text":"\xff"}', "invalid UTF-8 at byte 9"),
        (b'{"html_base64":"?"}', "`html_base64` is not base64"),
        (b"[" * 100_000 + b"]" * 100_000, "bad JSON: nested too deeply"),
        (b'{"text":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "bad JSON: nested too deeply"),
        (b'{"text":"a","cleaning":{}}', "it has `cleaning` already; use --recleaning to clean it again"),
    ],
)
def test_broken_records_are_rejected_with_the_reason(raw: bytes, reason: str) -> None:
    """What is no document comes back with place, reason and bytes."""
    assert rejected(parse_record(raw, PLACE, Fields())) == Rejected("news.jsonl#1", "news.jsonl", 0, reason, raw)


def test_recleaning_replaces_the_account() -> None:
    """With recleaning the old account gives way, in its place."""
    entry = parse_record(b'{"cleaning":{"old":[1]},"id":"x","text":"A"}', PLACE, Fields(), recleaning=True)
    record = json.loads(render(entry, cleaned(entry, "A"), Fields()))
    assert list(record) == ["cleaning", "id", "text"]
    assert record["cleaning"]["rules"] == "d1"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


@given(st.dictionaries(st.text(max_size=4), json_values, max_size=6), st.booleans(), st.text())
def test_splicing_equals_setting_members(record: dict[str, object], indented: bool, text: str) -> None:
    """Splicing gives what parsing, setting and writing would give, for any object in any layout."""
    raw = json.dumps(record, indent=2 if indented else None).encode()
    assert repr(json.loads(splice(raw, {"text": dump(text)}))) == repr({**json.loads(raw), "text": text})
    assert [member.key for member in members(raw)] == list(record)
    for member in members(raw):
        assert repr(json.loads(raw[member.start : member.end])) == repr(json.loads(raw)[member.key])


def plainly_rendered(entry: Entry, result: Cleaned, fields: Fields, style: Style) -> bytes:
    """Write a record without any short cut: parse it anew, search it for every key, write the whole account."""
    record, known = parse(entry.raw), result.document
    changes: dict[str, object] = {} if record.get(fields.id) not in (None, "") else {fields.id: known.id}
    account = describe(result, style.lean)
    own_text = record.get(fields.text)
    if style.annotate:
        if not own_text:
            changes[fields.text] = result.source
        elif result.source != own_text:
            account["source"] = result.source
    else:
        if result.title and record.get(fields.title) in (None, ""):
            changes[fields.title] = result.title
        if own_text != result.text:
            changes[fields.text] = result.text
    return splice(entry.raw, {key: dump(value) for key, value in {**changes, "cleaning": account}.items()})


spaces = st.sampled_from(["", " ", "\n", "\t "])
words = st.sampled_from(["", "x", "A b", "a\r\nb", "caf\u00e9", "lone \ud800", '"}'])
loose_members = st.tuples(
    st.sampled_from(["id", "text", "html", "title", "cleaning", "k", "te\u0078t"]),
    words.map(json.dumps)
    | st.sampled_from(["null", "0", "-0", "7", "1.0", "12345678901234567890", "NaN", "{}", "[1, {}]"]),
)


@st.composite
def loose_records(draw: st.DrawFn) -> bytes:
    """Write a JSON object as it may come: keys twice or spelt with escapes, spaces anywhere, what parsers refuse."""
    members = draw(st.lists(loose_members, max_size=5))
    gap = draw(spaces)
    inner = f"{gap},{gap}".join(f'"{key}"{gap}:{gap}{value}' for key, value in members)
    return f"{draw(spaces)}{{{draw(spaces)}{inner}{draw(spaces)}}}{draw(spaces)}".encode()


@given(
    loose_records(),
    st.none() | words,
    st.none() | words,
    st.sampled_from([(), (Cut(0, 1, "x", "ad", ("x.ad",)),)]),
    st.builds(Style, st.booleans(), st.booleans()),
    st.sampled_from([USUAL, Fields(text="k"), Fields(id="k", title="text", text="title")]),
)
def test_short_cuts_write_what_parsing_anew_writes(
    raw: bytes, text: str | None, title: str | None, cuts: tuple[Cut, ...], style: Style, fields: Fields
) -> None:
    """A record leaves the same bytes whether it is written by short cuts or without any, however it is laid out."""
    entry = parse_record(raw, PLACE, fields, recleaning=True)
    if isinstance(entry.value, Document):
        source = entry.value.text if text is None else text
        kept = source if text is None else text.strip()
        result = Cleaned(entry.value, source, kept, title or entry.value.title, cuts=cuts, rules_digest="d1")
        assert render(entry, result, fields, style) == plainly_rendered(entry, result, fields, style)


@given(st.lists(st.binary(max_size=6), max_size=8))
def test_lines_join_to_what_was_read(chunks: list[bytes]) -> None:
    """However the bytes are chunked, lines join to them, and offsets point at their beginnings."""
    whole = b"".join(chunks)
    bare = whole.removeprefix(b"\xef\xbb\xbf")
    lines = list(split_lines(chunks))
    assert b"".join(line.raw for line in lines) == bare
    assert all(whole[line.offset :].startswith(line.raw) for line in lines)
    assert all(line.raw.endswith(b"\n") for line in lines[:-1])
    assert all(b"\n" not in line.raw[:-1] for line in lines)


@given(st.lists(st.text("ab\n\ufeff", max_size=6).map(str.encode), max_size=8), st.integers(1, 20))
def test_gathered_lines_are_the_same_lines(chunks: list[bytes], least: int) -> None:
    """Lines gathered into parcels have the offsets and numbers they have one by one; beyond one line a parcel is bounded."""
    found = []
    for lines in filter(None, gather_lines(chunks, least)):
        at = lines.offset
        for number, raw in enumerate(lines.raw.splitlines(keepends=True), lines.number):
            found.append((number, at, raw))
            at += len(raw)
        assert lines.whole
        assert len(lines.raw.partition(b"\n")[2]) < least + max(map(len, chunks)) + len(BOM)
    assert found == [(number, line.offset, line.raw) for number, line in enumerate(split_lines(chunks), 1)]


def test_lines_before_a_break_are_handed_out() -> None:
    """Where a stream breaks off, the whole lines before are there before the error is."""

    def chunks() -> Iterator[bytes]:
        yield b"one\ntwo\nthr"
        raise Truncated

    found: list[Lines | None] = []
    with pytest.raises(Truncated):
        found.extend(gather_lines(chunks()))
    assert found == [Lines(0, 1, b"one\ntwo\n")]


def test_overlong_line_is_bounded_and_named() -> None:
    """A line longer than memory allows is marked, its beginning kept, and the next line is read."""
    chunks = [b"aaaa", b"bbbb", b"cccc", b"c\nok\n"]
    lines = list(split_lines(chunks, most=8))
    assert [(line.offset, line.raw[:8], line.whole) for line in lines] == [(0, b"aaaabbbb", False), (14, b"ok\n", True)]
    assert list(gather_lines([b"o\n", *chunks], 1 << 20, most=8)) == [
        Lines(0, 1, b"o\n"),
        Lines(2, 2, b"aaaabbbb", whole=False),
        Lines(16, 3, b"ok\n"),
    ]
    assert list(gather_lines(chunks[:3], 1 << 20, most=8)) == [Lines(0, 1, b"aaaabbbb", whole=False)]


def test_integers_beyond_limits_parse() -> None:
    """An integer of five thousand digits is no error."""
    assert isinstance(parse(b'{"n":NaN,"i":' + b"9" * 5000 + b"}"), dict)


# --- inputs


def test_jsonl_reads_the_same_however_it_is_compressed(tmp_path: Path) -> None:
    """Compression changes nothing; several frames or members in one file are read to the end."""
    (tmp_path / "a.jsonl").write_bytes(ROWS)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(ROWS[:25]) + gzip.compress(ROWS[25:]) + b"\0\0")
    press = zstandard.ZstdCompressor().compress
    (tmp_path / "c.jsonl.zst").write_bytes(press(ROWS[:30]) + press(ROWS[30:]))
    (tmp_path / "d.jsonl.bz2").write_bytes(bz2.compress(ROWS[:30]) + bz2.compress(b"") + bz2.compress(ROWS[30:]))
    for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.jsonl.bz2"):
        assert [document(entry).text for entry in read(tmp_path / name)] == ["One.", "Two.", "Three."]


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
def test_a_bomb_is_unpacked_by_the_piece(press: Callable[[bytes], bytes]) -> None:
    """However much a few compressed bytes stand for, no piece handed out is larger than memory should hold."""
    bomb = press(bytes(100_000_000))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(bomb)))
        sizes = [len(chunk) for chunk in read_chunks("-")]
    assert sum(sizes) == 100_000_000
    assert max(sizes) <= 1 << 25


@pytest.mark.parametrize("ending", PRESSES)
def test_truncated_stream_is_an_error_that_counts_records(tmp_path: Path, ending: str) -> None:
    """A compressed stream cut short is an error naming the file and how many records were read."""
    path = tmp_path / f"cut.jsonl.{ending}"
    rows = b"".join(b'{"id":%d,"text":"%x"}\n' % (n, hash((n, "salt")) & (1 << 60) - 1) for n in range(60_000))
    whole = PRESSES[ending](rows)
    path.write_bytes(whole[: len(whole) * 2 // 3])
    entries = []
    with pytest.raises(InputError) as caught:
        entries.extend(read_entries(find_inputs([str(path)])))
    read_so_far = len(entries)
    assert 0 < read_so_far < 60_000
    assert str(caught.value).startswith(f"{path}: the ")
    assert str(caught.value).endswith(f"stream is truncated: it ends inside a frame, after {read_so_far} records")


@pytest.mark.parametrize("content", [b"", b"no such stream"])
@pytest.mark.parametrize("ending", PRESSES)
def test_what_is_not_compressed_as_it_says_is_an_error(tmp_path: Path, content: bytes, ending: str) -> None:
    """An empty or foreign file that calls itself compressed is an error, never an empty input."""
    path = tmp_path / f"x.jsonl.{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError, match="after 0 records"):
        read(path)


def test_byte_order_marks_are_accepted(tmp_path: Path) -> None:
    """A byte order mark is no part of a record, a text or a header; offsets still count it."""
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + ROWS + b"{\n")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfText.\r\n")
    (tmp_path / "c.csv").write_bytes(b"\xef\xbb\xbftext,id\nCell.,7\n")
    entries = read(tmp_path / "a.jsonl")
    assert document(entries[0]).text == "One."
    assert rejected(entries[3]).offset == 3 + len(ROWS)
    assert document(read(tmp_path / "b.txt")[0]).text == "Text.\r\n"
    assert document(read(tmp_path / "c.csv")[0]).text == "Cell."


def test_bad_line_has_its_place(tmp_path: Path) -> None:
    """A broken line is rejected with path, byte offset and bytes, and the next one is read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text":"\xc3\xa9"}\n\nnope\r\n{"text":"b"}')
    first, bad, last = read(path)
    assert rejected(bad) == Rejected("a.jsonl#3", str(path), 15, "bad JSON: Expecting value at character 0", b"nope")
    assert (first.value.id, last.value.id) == ("a.jsonl#1", "a.jsonl#4")


def test_csv_rows_become_records(tmp_path: Path) -> None:
    """Columns become fields in order; quoted line ends, quotes and large cells are kept."""
    big = "word " * 60_000
    path = tmp_path / "a.csv"
    path.write_text(f'id,n,text\r\n1,1.0,"Say ""hi""\nthere"\r\n2,,"{big}"\r\n', encoding="utf-8", newline="")
    one, two = read(path)
    assert document(one) == Document("1", 'Say "hi"\nthere')
    assert one.raw == b'{"id":"1","n":"1.0","text":"Say \\"hi\\"\\nthere"}'
    assert document(two).text == big


def test_csv_row_that_does_not_fit_is_rejected(tmp_path: Path) -> None:
    """A row longer than the header, or not UTF-8, is rejected with its offset and bytes."""
    path = tmp_path / "a.tsv"
    path.write_bytes(b"id\ttext\n1\ta\tb\n2\t\xff\n3\tok\n")
    long, odd, fine = read(path)
    assert rejected(long) == Rejected("a.tsv#2", str(path), 8, "the row has 3 cells, the header 2", b"1\ta\tb\n")
    assert (rejected(odd).offset, rejected(odd).reason, rejected(odd).raw) == (14, "invalid UTF-8", b"2\t\xff\n")
    assert document(fine).text == "ok"


def test_csv_without_a_text_column_is_an_error(tmp_path: Path) -> None:
    """A table with nothing to clean is an error that names its columns."""
    path = tmp_path / "a.csv"
    path.write_text("id,content\n1,a\n")
    with pytest.raises(InputError, match=r"found: id, content\. Name it with --text-field"):
        read(path)


def test_folder_is_walked_in_order(tmp_path: Path) -> None:
    """A folder is read recursively and sorted; ids are relative paths; other endings and old rejects are not."""
    for name in ("b/2.txt", "a.txt", "a.html", "b/x.pdf", "c.jsonl", "old.jsonl.rejects.jsonl", ".x.part"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b'{"text":"r"}\n' if name.endswith("jsonl") else b"text")
    assert [entry.value.id for entry in read(tmp_path)] == ["a.html", "a.txt", "c.jsonl#1", "b/2"]


def test_ids_of_files_given_directly(tmp_path: Path) -> None:
    """A file given directly is called by its name without the ending, by its path where two share a name."""
    for name in ("a/x.txt", "b/x.txt", "b/y.v2.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("t")
    assert [entry.value.id for entry in read(tmp_path / "a/x.txt", tmp_path / "b/y.v2.txt")] == ["x", "y.v2"]
    twins = [entry.value.id for entry in read(tmp_path / "a/x.txt", tmp_path / "b/x.txt")]
    assert twins == [f"{tmp_path}/a/x", f"{tmp_path}/b/x"]


def test_text_file_that_is_not_utf8_is_rejected(tmp_path: Path) -> None:
    """A text in another encoding is rejected, never guessed; UTF-16 says itself what it is."""
    (tmp_path / "a.txt").write_bytes("Café".encode("cp1252"))
    (tmp_path / "b.txt").write_bytes("Café\n".encode("utf-16"))
    assert rejected(read(tmp_path / "a.txt")[0]).reason == "invalid utf-8 at byte 3; convert the file to UTF-8"
    assert document(read(tmp_path / "b.txt")[0]).text == "Café\n"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.txt", "no such file or folder"),
        ("empty", "nothing in it ends in"),
        ("x.pdf", "the ending does not say what"),
    ],
)
def test_useless_inputs_are_errors(tmp_path: Path, name: str, reason: str) -> None:
    """What is missing, empty or unknown is an error before anything is read."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match=reason):
        find_inputs([str(tmp_path / name)])


# --- outputs


def write(path: Path | str, entries: list[Entry], **settings: object) -> None:
    with Output(str(path), **settings) as output:  # type: ignore[arg-type]
        for entry in entries:
            output.put([output.shape.render(entry, cleaned(entry, document(entry).text))])


def test_output_is_compressed_by_its_ending(tmp_path: Path) -> None:
    """What is written reads back, whatever the compression."""
    entries = [parse_record(line, PLACE, Fields()) for line in ROWS.splitlines()]
    for name in ("o.jsonl", "o.jsonl.gz", "o.jsonl.zst"):
        write(tmp_path / name, entries)
        assert [document(entry).text for entry in read(tmp_path / name, recleaning=True)] == ["One.", "Two.", "Three."]


def test_failed_run_leaves_the_old_output(tmp_path: Path) -> None:
    """Where a run fails, what was there stays, and no half file is left."""
    path = tmp_path / "o.jsonl"
    path.write_text("old")
    with pytest.raises(KeyError), Output(str(path)):
        raise KeyError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("o.jsonl", "old")]


def test_input_is_never_written_over(tmp_path: Path) -> None:
    """An output that is an input is refused, also through a link."""
    path = tmp_path / "a.txt"
    path.write_text("Text.")
    (tmp_path / "link.jsonl").symlink_to(path)
    with pytest.raises(OutputError, match="one of the inputs"):
        Output(str(tmp_path / "link.jsonl"), inputs=[str(path)])
    assert path.read_text() == "Text."


def test_texts_in_one_file_are_set_apart(tmp_path: Path) -> None:
    """Bodies in one file stand a blank line and a form feed apart."""
    write(tmp_path / "o.txt", [parse_record(line, PLACE, Fields()) for line in ROWS.splitlines()])
    assert (tmp_path / "o.txt").read_text() == "One.\n\n\f\nTwo.\n\n\f\nThree.\n"


def test_formats_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    """Bodies cannot be annotated."""
    with pytest.raises(OptionError):
        Output(str(tmp_path / "o.txt"), style=Style(annotate=True))


def test_stale_rejects_go(tmp_path: Path) -> None:
    """Rejects of an earlier run do not outlive it."""
    (tmp_path / "o.jsonl.rejects.jsonl").write_text("{}")
    write(tmp_path / "o.jsonl", [])
    assert [path.name for path in tmp_path.iterdir()] == ["o.jsonl"]


@given(st.lists(st.text(max_size=300), max_size=5))
def test_names_stay_in_their_folder_and_differ(ids: list[str]) -> None:
    """No id leads out of the folder, and no two ids share a file."""
    names = Names()
    chosen = [names.choose(id_, ".txt") for id_ in ids]
    assert len({name.lower() for name in chosen}) == len(ids)
    for name in chosen:
        assert not name.startswith("/")
        assert not {"..", ".", ""} & set(name.split("/"))
        assert all(len(part.encode()) < 255 for part in name.split("/"))


def test_one_broken_page_does_not_stop_the_others(tmp_path: Path) -> None:
    """A compressed page or text that is cut short is rejected with the bytes there are, and the next file is read."""
    whole = gzip.compress(b"<p>Page</p>")
    (tmp_path / "a.html.gz").write_bytes(whole[:-3])
    (tmp_path / "b.html.gz").write_bytes(whole)
    bad, good = read(tmp_path)
    assert rejected(bad).reason == "the gzip stream is truncated: it ends inside a frame"
    assert rejected(bad).raw == b"<p>Page</p>"
    assert good.value == Page("b", b"<p>Page</p>")


def test_overlong_file_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page longer than memory allows, as one blown up by compression, is not held; its beginning is kept."""
    monkeypatch.setattr("cleaner.io.read.LONGEST", 100_000)
    (tmp_path / "a.html.gz").write_bytes(gzip.compress(b"<p>" * 1_000_000))
    [entry] = read(tmp_path)
    assert rejected(entry).reason == "the file is too long to hold in memory (its beginning is kept)"
    assert len(rejected(entry).raw) == 1 << 16
