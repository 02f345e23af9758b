"""Web archives: every page comes out or is said to be lost, whatever is cut, broken or lied about."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
import zstandard
from fastwarc.warc import WarcRecord, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, Entry, Fields, Place, reject, render
from cleaner.io.stream import Gap, inflate
from cleaner.io.warc import Record, Torn, split_records
from cleaner.model import Cleaned, Document, Page, Rejected

HTML = b"<html><body><p>The bridge at Zorble opens on Friday.</p></body></html>"


def http(body: bytes = HTML, more: str = "", status: str = "200 OK", kind: str = "text/html") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}\r\n".encode() + body


def record(block: bytes, number: int = 1, kind: str = "response", more: str = "", length: str = "") -> bytes:
    """Write one record by hand."""
    types = {"response": "application/http; msgtype=response", "conversion": "text/plain", "resource": "text/html"}
    content_type = "" if "Content-Type" in more else f"Content-Type: {types.get(kind, 'application/warc-fields')}\r\n"
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"WARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2024-05-06T07:08:09Z\r\n"
        f"{content_type}{more}Content-Length: {length or len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def id_of(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def read(path: Path, raw: bytes, passed: Counter[str] | None = None, fields: Fields = USUAL) -> list[Entry]:
    """Read an archive; the error of one that ends too early comes last, as a reject would."""
    path.write_bytes(raw)
    entries: list[Entry] = []
    try:
        for entry in read_entries(find_inputs([str(path)]), fields, passed=passed):
            entries.append(entry)  # noqa: PERF402 - what came before an error counts
    except InputError as error:
        said = str(error).removeprefix(f"{path}: ")
        entries.append(Entry(Rejected("end", str(path), 0, said, b""), Place("end", str(path))))
    return entries


def one(path: Path, raw: bytes) -> Page | Document | Rejected:
    [entry] = read(path, raw)
    return entry.value


def pages(entries: list[Entry]) -> list[str]:
    return [entry.value.id for entry in entries if not isinstance(entry.value, Rejected)]


def reasons(entries: list[Entry]) -> list[str]:
    return [entry.value.reason for entry in entries if isinstance(entry.value, Rejected)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "news.warc"


# --- what becomes of each kind of record


def test_response_becomes_a_page(path: Path) -> None:
    """A page has its record's id, URL, date and HTTP charset, and its body without the HTTP header."""
    raw = record(http("<p>Café</p>".encode("latin-1"), kind='text/html; Charset="ISO-8859-1"'), 7)
    url, date = "https://news.example/7", "2024-05-06T07:08:09Z"
    assert one(path, raw) == Page(id_of(7), b"<p>Caf\xe9</p>", url, crawled=date, charset="iso-8859-1")


def test_output_record_begins_with_what_the_archive_says(path: Path) -> None:
    """The record written holds id, url and crawled, under the names asked for, and what the crawler cut is said."""
    [entry] = read(path, record(http(), 7, more="WARC-Truncated: length\r\n"), fields=Fields(url="address"))
    result = Cleaned(Document(entry.value.id, "A"), "A", "A")
    written = json.loads(render(entry, result, Fields(url="address")))
    assert list(written) == ["id", "address", "crawled", "warc_truncated", "text", "cleaning"]
    assert [written[name] for name in list(written)[:5]] == [
        id_of(7), "https://news.example/7", "2024-05-06T07:08:09Z", "length", "A",
    ]  # fmt: skip


def test_a_page_that_breaks_the_cleaner_is_kept_whole(path: Path) -> None:
    """A reject made of a page holds its HTML, not the few words of the archive about it."""
    [entry] = read(path, record(http(), 7))
    assert reject(entry, "cleaning failed").raw == HTML


def test_other_records_are_passed_over_and_what_is_no_page_is_counted(path: Path) -> None:
    """Requests, metadata and revisits are no documents; images and redirects are counted by their kind."""
    raw = b"".join(
        [
            *(record(b"a: b\r\n", kind=kind) for kind in ("warcinfo", "request", "metadata", "revisit")),
            record(http(kind="image/png"), 1),
            record(http(kind="application/pdf"), 2),
            record(http(kind="image/png", status="404 Not Found"), 3),
            record(http(status="301 Moved Permanently"), 4),
            record(b"news.example. 300 IN A 192.0.2.1", 5, more="Content-Type: text/dns\r\n"),
            record(http(kind="application/xhtml+xml; charset=utf-8"), 6),
        ]
    )
    passed: Counter[str] = Counter()
    assert pages(read(path, raw, passed)) == [id_of(6)]
    assert passed == {"image/png": 2, "application/pdf": 1, "redirect": 1, "text/dns": 1}


def test_page_without_a_content_type_is_recognised(path: Path) -> None:
    """Where the header says nothing, the beginning of the body tells a page from what is none."""
    bare = b"HTTP/1.0 200 OK\r\n\r\n"
    passed: Counter[str] = Counter()
    assert pages(read(path, record(bare + HTML, 1) + record(bare + b"\x89PNG", 2), passed)) == [id_of(1)]
    assert passed == {"unknown type": 1}


def test_error_pages_are_rejected(path: Path) -> None:
    """A page of an HTTP error is no article: it is rejected with the status."""
    value = one(path, record(http(status="404 Not Found")))
    assert isinstance(value, Rejected)
    assert (value.id, value.reason, value.raw) == (id_of(1), "HTTP status 404", http(status="404 Not Found"))


def test_wet_records_become_documents(path: Path) -> None:
    """The text of a conversion is a document; one that is not UTF-8 is rejected."""
    text = "The bridge opens.\nCafé Zorble.\n"
    raw = record(text.encode(), 1, "conversion") + record(b"\xff", 2, "conversion")
    good, bad = read(path.with_name("news.warc.wet"), raw)
    assert good.value == Document(id_of(1), text, "https://news.example/1", crawled="2024-05-06T07:08:09Z")
    assert reasons([bad]) == ["invalid UTF-8 at byte 0"]


def test_resource_becomes_a_page(path: Path) -> None:
    """A resource is a page without an HTTP header; its charset is that of its content type."""
    value = one(path, record(HTML, kind="resource", more="Content-Type: text/html;charset=utf-8\r\n"))
    assert isinstance(value, Page)
    assert (value.html, value.charset) == (HTML, "utf-8")


def test_record_without_id_is_called_by_its_place(path: Path) -> None:
    """Where a record does not name itself, the file and the record's number do."""
    raw = b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(http()), http())
    assert pages(read(path, raw + raw)) == ["news.warc#1", "news.warc#2"]


def test_segments_are_rejected(path: Path) -> None:
    """A page spread over several records is not read as if its first part were all of it."""
    assert reasons(read(path, record(http(), more="WARC-Segment-Number: 1\r\n"))) == [
        "the record is one segment of several, and segments are not joined"
    ]


def test_what_another_writer_writes_is_read(path: Path) -> None:
    """An archive that a WARC library wrote, each record a gzip member, reads back."""
    members = b""
    for number in range(3):
        target = io.BytesIO()
        written = WarcRecord()
        written.init_headers(WarcRecordType.response, f"00000000-0000-4000-8000-{number:012}".encode())
        written.headers["Content-Type"] = "application/http; msgtype=response"
        written.set_bytes_content(http(b"<p>%d</p>" % number))
        written.write(target)
        members += gzip.compress(target.getvalue())
    entries = read(path.with_name("lib.warc.gz"), members)
    assert [entry.value.html for entry in entries if isinstance(entry.value, Page)] == [
        b"<p>0</p>", b"<p>1</p>", b"<p>2</p>",
    ]  # fmt: skip


# --- encodings of HTTP


def chunked(body: bytes, size: int = 20) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def bare_deflate(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
    "gzip, br": lambda body: brotli.compress(gzip.compress(body)),
}


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("in_chunks", [False, True])
def test_encodings_are_undone(path: Path, name: str, in_chunks: bool) -> None:
    """Content encodings and chunks are taken off, in the order they were put on."""
    body = ENCODINGS[name](HTML)
    more = f"Content-Encoding: {name}\r\n" + ("Transfer-Encoding: chunked\r\n" if in_chunks else "")
    value = one(path, record(http(chunked(body) if in_chunks else body, more)))
    assert isinstance(value, Page)
    assert value.html == HTML


def test_deflate_without_its_header_is_read(path: Path) -> None:
    """Servers that leave out the zlib header are understood, as by browsers."""
    value = one(path, record(http(bare_deflate(HTML), "Content-Encoding: deflate\r\n")))
    assert isinstance(value, Page)
    assert value.html == HTML


@pytest.mark.parametrize("more", [f"Content-Encoding: {name}\r\n" for name in ("gzip", "deflate", "br", "zstd", "odd")])
@pytest.mark.parametrize("also", ["", "Transfer-Encoding: chunked\r\n"])
def test_body_stored_decoded_beside_the_old_header_is_read(path: Path, more: str, also: str) -> None:
    """Many archives store the decoded body and keep the header: what begins as HTML is HTML."""
    value = one(path, record(http(HTML, more + also)))
    assert isinstance(value, Page)
    assert value.html == HTML


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_body_cut_short_is_rejected(path: Path, name: str) -> None:
    """An encoded body that ends early is refused, never half a page without a word."""
    body = ENCODINGS[name](HTML * 40)
    [reason] = reasons(read(path, record(http(body[:-8], f"Content-Encoding: {name}\r\n"))))
    assert reason.startswith("its body cannot be decoded: the ")


def test_chunked_body_cut_short_is_rejected(path: Path) -> None:
    """A chunked body whose chunks end early is refused."""
    [reason] = reasons(read(path, record(http(chunked(HTML)[:-30], "Transfer-Encoding: chunked\r\n"))))
    assert reason.startswith("its chunked body is cut short after ")


def test_unknown_encoding_is_rejected(path: Path) -> None:
    """Bytes in an encoding that nobody knows are refused, not read as text."""
    assert reasons(read(path, record(http(b"\x01\x02", "Content-Encoding: odd\r\n")))) == [
        "its content encoding 'odd' is unknown"
    ]


def test_response_without_http_header_is_rejected(path: Path) -> None:
    """A response that does not begin with an HTTP header is refused."""
    assert reasons(read(path, record(HTML))) == ["it has no HTTP header"]


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_bombs_are_refused_before_they_fill_the_memory(name: str) -> None:
    """A few bytes that stand for very many are given up at the limit."""
    content = b"<" + bytes(64 << 20)
    bomb = brotli.compress(content, quality=5) if name == "br" else ENCODINGS[name](content)
    tracemalloc.start()
    found = inflate(bomb, name, 1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == Gap(f"the {name} stream is longer than {1 << 20} bytes")
    assert peak < 40 << 20


def test_what_stands_behind_a_gzip_body_is_ignored() -> None:
    """Several members are one body; junk after the last is no reason to lose it."""
    assert inflate(gzip.compress(b"a") + gzip.compress(b"b") + b"\0junk", "gzip", 99) == b"ab"


# --- damage

THREE = [record(http(b"<p>%d %s</p>" % (number, b"x" * 60)), number) for number in (1, 2, 3)]
PRESSED: dict[str, Callable[[bytes], bytes]] = {
    ".warc": bytes,
    ".warc.gz": gzip.compress,
    ".warc.zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


@pytest.mark.parametrize("ending", PRESSED)
def test_archive_cut_anywhere_gives_the_good_records_and_says_so(tmp_path: Path, ending: str) -> None:
    """Cut at every tenth byte, an archive gives the records before the cut and an error that counts them, or ends between two."""
    parts = [PRESSED[ending](part) for part in THREE]
    whole = b"".join(parts)
    ends = [0, len(parts[0]), len(parts[0] + parts[1]), len(whole)]
    for cut in range(0, len(whole), 10):
        entries = read(tmp_path / f"news{ending}", whole[:cut])
        complete = sum(end <= cut for end in ends[1:])
        found = pages(entries)
        assert found[:complete] == [id_of(number) for number in (1, 2, 3)[:complete]]
        if len(found) == complete and (cut not in ends or (cut == 0 and ending != ".warc")):
            assert len(reasons(entries)) == 1
            assert "the file ends inside" in reasons(entries)[0] or "truncated" in reasons(entries)[0]
            assert f", after {complete} record" in reasons(entries)[0]
        if len(found) > complete:  # only the end of the member, or the line ends after the record, are cut off
            assert len(found) == complete + 1
            assert len(reasons(entries)) == (ending != ".warc")


@pytest.mark.parametrize("ending", [".warc.gz", ".warc.zst"])
@pytest.mark.parametrize("damage", [b"\xff" * 9, b""])
def test_broken_member_costs_only_itself(tmp_path: Path, ending: str, damage: bytes) -> None:
    """Where a compressed record is damaged or cut short, the ones after it are read."""
    parts = [PRESSED[ending](part) for part in THREE]
    hurt = parts[1][:60] + damage + parts[1][60 + len(damage) :] if damage else parts[1][:90]
    entries = read(tmp_path / f"news{ending}", parts[0] + hurt + parts[2])
    assert pages(entries) == [id_of(1), id_of(3)]
    [reason] = reasons(entries)
    assert " stream is broken (" in reason


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (record(http(), 2, length="999"), "the record's Content-Length does not fit: no record ends there"),
        (record(http(), 2, length="99999999999"), "the record's Content-Length does not fit: no record ends there"),
        (record(http(), 2, length="9"), "the record's Content-Length does not fit: no record ends there"),
        (record(http(), 2, length="many"), "the record has no Content-Length"),
        (b"garbage\r\n\r\nmore garbage\r\n", "no WARC record begins here"),
        (b"WARC/x.y\r\n\r\n", "no WARC record begins here"),
        (b"WARC/1.0\r\n" + b"x" * 70_000 + b"\r\n", "the record's header breaks off"),
        (record(http(), 2)[:70] + b"\r\n", "the record's header breaks off"),
    ],
)
@pytest.mark.parametrize("size", [7, 1 << 20])
def test_damaged_record_costs_only_itself(second: bytes, reason: str, size: int) -> None:
    """Where a header lies or is garbled, that is said with its place and bytes, and the next record is read."""
    whole = THREE[0] + second + THREE[2]
    first, torn, last = split_records([whole[at : at + size] for at in range(0, len(whole), size)])
    assert isinstance(first, Record)
    assert isinstance(torn, Torn)
    assert isinstance(last, Record)
    assert (torn.offset, torn.reason) == (len(THREE[0]), reason)
    assert second.startswith(torn.raw[:20])
    assert (last.offset, last.header["warc-record-id"]) == (len(THREE[0] + second), f"<urn:uuid:{id_of(3)}>")


def test_overlong_page_is_rejected_and_the_next_is_read() -> None:
    """A record longer than memory allows is not held; its beginning is kept, and the one after it is read."""
    whole = record(b"x" * 900_000, 2) + THREE[2]
    chunks = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    long, last = split_records(chunks, most=100_000)
    assert isinstance(long, Record)
    assert isinstance(last, Record)
    assert (long.whole, len(long.block), last.header["warc-target-uri"]) == (False, 1 << 16, "https://news.example/3")
    assert [type(part) for part in split_records(chunks[:500], most=100_000)] == [Torn]


def test_overlong_page_is_rejected_with_its_size(path: Path) -> None:
    """The reject of an overlong page names its size; an overlong image is passed over as any image."""
    raw = record(http(bytes(65 << 20)), 1) + record(http(bytes(65 << 20), kind="video/mp4"), 2) + THREE[2]
    entries = read(path, raw)
    assert [reason.split(":")[0] for reason in reasons(entries)] == ["the record is too long to hold in memory"]
    assert pages(entries) == [id_of(3)]


def test_foreign_file_is_rejected(path: Path) -> None:
    """A file that calls itself an archive and holds none is rejected, not read as empty; an empty one is empty."""
    assert reasons(read(path, HTML)) == ["no WARC record begins here"]
    assert reasons(read(path.with_name("a.warc.gz"), HTML)) == [
        "the gzip stream is broken (Error -3 while decompressing data: incorrect header check), after 0 records"
    ]
    assert read(path, b"") == []


def test_zstandard_with_a_dictionary_is_read(tmp_path: Path) -> None:
    """An archive that begins with its dictionary, itself compressed or not, is read, and cut short it says so."""
    samples: list[Any] = [record(http(b"<p>%d</p>" % (n * n)), n) for n in range(400)]
    learnt = zstandard.train_dictionary(4096, samples)
    press = zstandard.ZstdCompressor(dict_data=learnt).compress
    for held in (learnt.as_bytes(), zstandard.ZstdCompressor().compress(learnt.as_bytes())):
        whole = b"\x5d\x2a\x4d\x18" + len(held).to_bytes(4, "little") + held + b"".join(map(press, THREE))
        assert pages(read(tmp_path / "a.warc.zst", whole)) == [id_of(1), id_of(2), id_of(3)]
        cut = read(tmp_path / "a.warc.zst", whole[:-20])
        assert (pages(cut), len(reasons(cut))) == ([id_of(1), id_of(2)], 1)
        assert reasons(read(tmp_path / "a.warc.zst", whole[:40])) == [
            "the Zstandard dictionary is broken, after 0 records"
        ]


@given(st.binary(max_size=300), st.sampled_from(["a.warc", "a.warc.gz", "a.warc.zst"]), st.booleans())
def test_arbitrary_bytes_are_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str, begun: bool
) -> None:
    """Whatever stands in a file called .warc, reading ends; what is there comes out as rejects."""
    path = tmp_path_factory.getbasetemp() / name
    entries = read(path, (PRESSED[name[1:]](THREE[0]) if begun else b"") + raw)
    assert pages(entries)[:begun] == [id_of(1)][:begun]


edits = st.tuples(st.integers(0, 10_000), st.integers(0, 30), st.binary(max_size=30))


@given(st.lists(edits, min_size=1, max_size=3), st.sampled_from(sorted(PRESSED)))
def test_mutated_archives_are_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int, bytes]], ending: str
) -> None:
    """Cut out, overwritten and inserted bytes raise nothing, and the last record is lost only if it was hit.

    The first bytes of a file are another matter: they tell how it is compressed.
    """
    raw = b"".join(PRESSED[ending](part) for part in THREE)
    last = len(PRESSED[ending](THREE[2]))
    spared = True
    for at, size, new in changes:
        at %= len(raw)
        spared = spared and 4 <= at < at + size + 4 < len(raw) - last
        raw = raw[:at] + new + raw[at + size :]
    found = pages(read(tmp_path_factory.getbasetemp() / f"m{ending}", raw))
    assert not spared or id_of(3) in found


@given(st.binary(max_size=200), st.sampled_from([*ENCODINGS, "deflate"]), st.booleans())
def test_arbitrary_responses_are_read_without_an_exception(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, name: str, headless: bool
) -> None:
    """Whatever stands in a response, it is a page, a reject or passed over, and the next record is read."""
    more = f"Content-Encoding: {name}\r\nTransfer-Encoding: chunked\r\n"
    raw = record(body if headless else http(body, more), 1) + THREE[2]
    assert pages(read(tmp_path_factory.getbasetemp() / "r.warc", raw))[-1:] == [id_of(3)]


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 50))
def test_chunks_do_not_matter(blocks: list[bytes], size: int) -> None:
    """However the stream is cut into chunks, the blocks come out byte for byte."""
    raw = b"".join(record(block, number) for number, block in enumerate(blocks))
    found = list(split_records(raw[at : at + size] for at in range(0, len(raw), size)))
    assert [part.block for part in found if isinstance(part, Record)] == blocks
    assert [raw[part.offset :][:5] for part in found] == [b"WARC/"] * len(blocks)


# --- as an input among others


def test_folders_and_progress(tmp_path: Path) -> None:
    """Archives in a folder are read in their order, and the bytes watched add up to the files."""
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(THREE[0]) + gzip.compress(THREE[1]))
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c.warc").write_bytes(THREE[2])
    (tmp_path / "d.xhtml").write_bytes(HTML)
    steps: list[int] = []
    inputs = find_inputs([str(tmp_path)])
    entries = list(read_entries(inputs, watch=steps.append))
    assert pages(entries) == [id_of(1), id_of(2), "d", id_of(3)]
    assert sum(steps) == sum(source.size for source in inputs)


def test_importing_loads_no_archive_library() -> None:
    """Only an archive loads what reads archives."""
    code = "import sys, cleaner, cleaner.io.read; print(*{'fastwarc', 'brotli', 'zstandard'} & set(sys.modules))"
    root = Path(__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.split() == []
