"""Bad inputs, one by one: what the user sees of each, the exit code, and where the records went. Nothing is lost in silence."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner

from cleaner.cli.main import main

ROOT = Path(__file__).parent.parent
ROWS = b"".join(b'{"id":%d,"text":"Some words %x."}\n' % (n, hash((n, 7))) for n in range(400))
GOOD = b'{"id":"last","text":"Some words."}\n'
PAGE = b"<!DOCTYPE html><html><body><p>Some words.</p></body></html>"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\n"
DEEP = 100_000
MEGABYTE = 1 << 20


def zstd(raw: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(raw)


def warc(*texts: bytes) -> bytes:
    head = "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Record-ID: <urn:uuid:{}>\r\nContent-Length: {}\r\n\r\n"
    return b"".join(head.format(n, len(text)).encode() + text + b"\r\n\r\n" for n, text in enumerate(texts))


def tar(**members: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, raw in members.items():
            info = tarfile.TarInfo(name.replace("_", "."))
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return file.getvalue()


def parquet(broken: bool = False) -> bytes:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    table = pa.table({"text": [f"Some words {n}." for n in range(90)]})
    pq.write_table(
        table, file, row_group_size=30, write_page_checksum=True, write_statistics=False, use_dictionary=False
    )
    raw = bytearray(file.getvalue())
    if broken:
        file.seek(0)
        after = pq.read_metadata(file).row_group(2).column(0).data_page_offset
        raw[after - 9 : after - 2] = bytes(7)
    return bytes(raw)


@dataclass(frozen=True)
class Case:
    """Hold a bad input and its answer: what standard error says, the reasons of the rejects, what the output has kept."""

    about: str
    name: str
    raw: bytes | Callable[[], bytes]
    said: str
    code: int
    reasons: Sequence[str] = ()
    stdin: bool = False
    kept: bytes = b""


def cut(raw: bytes) -> bytes:
    return raw[: len(raw) * 2 // 3]


TRUNCATED = r"stream is truncated: it ends inside a frame, after \d+ records?$"
ALL_READ = "1 document: 0 cleaned, 1 unchanged, 0 rejected"
ONE_LEFT = "1 document: 0 cleaned, 0 unchanged, 1 rejected"
NOTHING = "0 documents: 0 cleaned, 0 unchanged, 0 rejected"

CASES = [
    # cut short
    Case("JSONL in gzip, cut short", "x.jsonl.gz", cut(gzip.compress(ROWS)), f"the gzip {TRUNCATED}", 2),
    Case("JSONL in Zstandard, cut short", "x.jsonl.zst", cut(zstd(ROWS)), f"the Zstandard {TRUNCATED}", 2),
    Case("JSONL in bzip2, cut short", "x.jsonl.bz2", cut(bz2.compress(ROWS)), f"the bzip2 {TRUNCATED}", 2),
    Case("JSONL in gzip, a byte flipped", "x.jsonl.gz", gzip.compress(ROWS)[:-8] + bytes(8),
         r"the gzip stream is broken \(.*incorrect data check.*\), after \d+ records$", 2),
    Case("page in gzip, cut short", "x.html.gz", gzip.compress(PAGE)[:-5], ONE_LEFT, 1,
         ["the gzip stream is truncated: it ends inside a frame"]),
    Case("WARC, cut short", "x.warc", warc(b"One.", b"Two." * 9)[:-9],
         "x.warc: the file ends inside a record, 31 of its 36 bytes read, after 1 record$", 2),
    Case("WARC in gzip, cut short", "x.warc.gz", gzip.compress(warc(b"One.")) + gzip.compress(warc(b"Two." * 9))[:-20],
         "x.warc.gz: the gzip stream is truncated: it ends inside a frame, inside .*, after 1 record$", 2),
    Case("tar, cut short in a member", "x.tar", tar(a_txt=b"A.", b_txt=b"B." * 999)[:2000],
         "the tar archive is truncated: it ends inside b.txt, after 2 records$", 2),
    Case("tar, cut short between members", "x.tar", tar(a_txt=b"A.", b_txt=b"B.")[:1024],
         "the tar archive is truncated: the zeros are missing that end one, after 1 record$", 2),
    Case("tar in Zstandard, cut short", "x.tar.zst", cut(zstd(tar(a_txt=b"A.", b_jsonl=ROWS))),
         f"the Zstandard {TRUNCATED}", 2),
    Case("Parquet, cut short", "x.parquet", lambda: cut(parquet()),
         "the Parquet file is truncated: its end, which says where the rows stand, is missing, after 0 records$", 2),
    Case("Parquet, a page damaged", "x.parquet", lambda: parquet(broken=True),
         r"the Parquet file is broken \(.*\), after 30 records$", 2),
    # JSON
    Case("NaN and Infinity", "x.jsonl", b'{"id":1,"n":NaN,"m":-Infinity,"text":"A b."}\n', ALL_READ, 0,
         kept=b'"n":NaN,"m":-Infinity,"text":"A b."'),
    Case("integer of thirty digits", "x.jsonl", b'{"id":1,"n":123456789012345678901234567890,"text":"A b."}\n', ALL_READ, 0,
         kept=b'"n":123456789012345678901234567890,'),
    Case("lone surrogate", "x.jsonl", b'{"id":1,"text":"A \\ud800 b."}\n', ALL_READ, 0, kept=b'"text":"A \\ud800 b."'),
    Case("NUL as an escape", "x.jsonl", b'{"id":1,"text":"A \\u0000 b."}\n', ALL_READ, 0, kept=b'"text":"A \\u0000 b."'),
    Case("NUL as a byte", "x.jsonl", b'{"id":1,"text":"A \0 b."}\n', ONE_LEFT, 1,
         ["bad JSON: Invalid control character at character 18"]),
    Case("arrays 100,000 deep", "x.jsonl", b"[" * DEEP + b"]" * DEEP, ONE_LEFT, 1, ["bad JSON: nested too deeply"]),
    Case("a field 100,000 deep", "x.jsonl", b'{"text":"A","x":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}\n" + GOOD,
         "2 documents: 0 cleaned, 1 unchanged, 1 rejected", 1, ["bad JSON: nested too deeply"]),
    Case("100,000 deep and open", "x.jsonl", b'{"a":' * DEEP, ONE_LEFT, 1, ["bad JSON: nested too deeply"]),
    Case("not UTF-8", "x.jsonl", b'{"id":1,"text":"caf\xe9"}\n' + GOOD, "1 unchanged, 1 rejected", 1,
         ["invalid UTF-8 at byte 19"]),
    Case("broken lines", "x.jsonl", b'{"id":1,\nnull\n\n' + GOOD, "1 unchanged, 2 rejected", 1,
         ["bad JSON: Expecting property name enclosed in double quotes at character 8", "a JSON null, not an object"]),
    Case("no text", "x.jsonl", b'{"id":1}\n{"id":2,"text":3}\n', "2 rejected", 1,
         ["neither `text` nor `html` nor `html_base64` in it", "`text` is a JSON number, not a string"]),
    # marks of byte order
    Case("JSONL with a byte order mark", "x.jsonl", b"\xef\xbb\xbf" + GOOD, ALL_READ, 0),
    Case("JSONL in UTF-16", "x.jsonl", GOOD.decode().encode("utf-16"),
         "x.jsonl: by its name JSONL, but it is UTF-16: convert it to UTF-8, as `iconv -f UTF-16 -t UTF-8` does$", 2),
    Case("CSV in UTF-16", "x.csv", "text\nA b.\n".encode("utf-16"), "by its name CSV, but it is UTF-16", 2),
    Case("text in UTF-16", "x.txt", "A b.\n".encode("utf-16"), ALL_READ, 0),
    Case("records in UTF-16, piped", "x.jsonl", GOOD.decode().encode("utf-16"),
         "standard input is records in UTF-16: convert it to UTF-8", 2, stdin=True),
    Case("text in Latin-1", "x.txt", b"caf\xe9", ONE_LEFT, 1, ["invalid utf-8 at byte 3; convert the file to UTF-8"]),
    # another kind than the name says
    Case("gzip by another name", "x.jsonl", gzip.compress(GOOD), ALL_READ, 0),
    Case("Zstandard by another name, piped", "x.jsonl", zstd(GOOD), ALL_READ, 0, stdin=True),
    Case("bzip2 by another name, piped", "x.jsonl", bz2.compress(GOOD), ALL_READ, 0, stdin=True),
    Case("JSONL that calls itself gzip", "x.jsonl.gz", GOOD, "the gzip stream is broken .*, after 0 records$", 2),
    Case("Parquet called JSONL", "x.jsonl", b"PAR1\x15\x04" + bytes(90), "but it is Parquet: name it .parquet$", 2),
    Case("JSONL called Parquet", "x.parquet", GOOD, "no Parquet file: it does not begin with PAR1$", 2),
    Case("Parquet, piped", "x.parquet", b"PAR1\x15\x04" + bytes(90),
         "standard input is Parquet, which is read from its end: give the file by its name$", 2, stdin=True),
    Case("PDF called JSONL", "x.jsonl", PDF, "by its name JSONL, but it is a PDF: extract its text first$", 2),
    Case("PDF called text", "x.txt", PDF, ONE_LEFT, 1, ["it is a PDF: extract its text first"]),
    Case("PDF called HTML", "x.html", PDF, "1 document flagged: html:no-article empty 1, html:not-html pdf 1$", 0),
    Case("PDF called tar", "x.tar", PDF * 90, "x.tar: no tar archive: it does not begin as one$", 2),
    Case("PDF called WARC", "x.warc", PDF, ONE_LEFT, 1, ["no WARC record begins here"]),
    Case("page called JSONL", "x.jsonl", PAGE, "by its name JSONL, but it is an HTML page: name it .html$", 2),
    Case("page called CSV", "x.csv", PAGE, "by its name CSV, but it is an HTML page: name it .html$", 2),
    Case("tar called JSONL", "x.jsonl", tar(a_txt=b"A."), "but it is a tar archive: name it .tar$", 2),
    Case("xz", "x.jsonl", b"\xfd7zXZ\x00" + bytes(90), "but it is compressed with xz: decompress it first$", 2),
    Case("one JSON array", "x.jsonl", b'[\n{"text": "A"},\n{"text": "B"}\n]\n',
         r"but it is one JSON array: records are read one a line, as `jq -c '\.\[\]'` writes them$", 2),
    Case("one JSON array, piped", "x.json", b'[{"text": "A"}]', "standard input is one JSON array", 2, stdin=True),
    Case("unknown ending", "x.json", b'{"text": "A"}', "x.json: the ending does not say what it is; .txt, ", 2),
    # tables
    Case("CSV without a text", "x.csv", b"id,body\n1,A\n", "no column is named text, html or html_base64; found: id, body", 2),
    Case("CSV with a quote left open", "x.csv", b'id,text\n1,A b.\n2,"A b.\n3,A c.\n', "1 unchanged, 1 rejected", 1,
         ["a quote in it is not closed"]),
    Case("... of one column, at the end", "x.csv", b'text\nA b.\n"', "1 unchanged, 1 rejected", 1,
         ["a quote in it is not closed"]),
    Case("CSV with rows too long", "x.csv", b"id,text\n1,A b.,x\n2,A b.\n", "1 unchanged, 1 rejected", 1,
         ["the row has 3 cells, the header 2"]),
    # little or nothing
    Case("empty JSONL", "x.jsonl", b"", NOTHING, 0),
    Case("empty text", "x.txt", b"", ALL_READ, 0),
    Case("empty page", "x.html", b"", "1 document flagged: html:no-article empty 1$", 0),
    Case("empty WARC", "x.warc", b"", NOTHING, 0),
    Case("empty gzip", "x.jsonl.gz", b"", "the gzip stream is truncated: the file is empty, after 0 records$", 2),
    Case("empty Parquet", "x.parquet", b"", "x.parquet: an empty file: it does not begin with PAR1$", 2),
    Case("empty tar", "x.tar", b"", "the tar archive is truncated: the zeros are missing that end one, after 0 records$", 2),
    Case("nothing, piped", "x", b"", NOTHING, 0, stdin=True),
    Case("NULs alone", "x.jsonl", bytes(99), ONE_LEFT, 1, ["bad JSON: Expecting value at character 0"]),
    Case("NUL in a text", "x.txt", b"A \0 b.", ALL_READ, 0),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_every_bad_input_has_its_answer(tmp_path: Path, case: Case) -> None:
    """Each ends with the message and the exit code of its case; no output is left of an error, no reject without a reason."""
    raw = case.raw if isinstance(case.raw, bytes) else case.raw()
    path, output = tmp_path / case.name, tmp_path / "out" / "o.jsonl"
    output.parent.mkdir()
    path.write_bytes(raw)
    source = "-" if case.stdin else str(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.io.stream._CHUNK", 4096)
        done = CliRunner().invoke(main, ["clean", source, "-o", str(output)], input=raw if case.stdin else None)
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit), done.exception
    assert "Traceback" not in done.output
    assert re.search(case.said, done.stderr, re.MULTILINE), done.stderr
    assert done.exit_code == case.code
    rejects = output.with_name("o.jsonl.rejects.jsonl")
    found = [json.loads(line)["reason"] for line in rejects.read_text().splitlines()] if rejects.exists() else []
    assert len(found) == len(case.reasons)
    assert all(reason.startswith(begin) for reason, begin in zip(found, case.reasons, strict=True)), found
    assert output.exists() == (case.code < 2)
    assert not case.kept or case.kept in output.read_bytes()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gone.jsonl", "gone.jsonl: no such file or folder"),
        ("folder.jsonl", "folder.jsonl: nothing in it ends in .txt, "),
        ("*.jsonl.gz", r"\*.jsonl.gz: no file matches"),
    ],
)
def test_what_is_no_file_has_its_answer(tmp_path: Path, name: str, said: str) -> None:
    """A missing file, an empty folder that is called a file, and a pattern without a match are errors."""
    (tmp_path / "folder.jsonl").mkdir()
    done = CliRunner().invoke(main, ["clean", str(tmp_path / name), "-o", str(tmp_path / "o.jsonl")])
    assert done.exit_code == 2
    assert re.search(said, done.stderr)


def test_a_row_that_is_too_long_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a table that is longer than memory should hold is rejected, and an open quote ends the reading."""
    monkeypatch.setattr("cleaner.io.read.LONGEST_ROW", 10_000)
    monkeypatch.setattr("cleaner.io.stream._CHUNK", 4096)
    path = tmp_path / "x.csv"
    path.write_bytes(b"id,text\n1," + b"word " * 9_000 + b"\n2,A b.\n")
    done = CliRunner().invoke(main, ["clean", str(path), "-o", str(tmp_path / "o.jsonl")])
    assert (done.exit_code, "1 unchanged, 1 rejected" in done.stderr) == (1, True)
    monkeypatch.setattr("cleaner.io.table._LONGEST_CELL", 1_000)
    path.write_bytes(b'id,text\n1,A b.\n2,"' + b"word\n" * 900)
    done = CliRunner().invoke(main, ["clean", str(path), "-o", str(tmp_path / "o.jsonl")])
    assert done.exit_code == 2
    assert "the row at byte 15 has a cell of more than" in done.stderr
    assert "a quote may be left open, and no row after it is sure, after 1 record\n" in done.stderr


def write_bomb(path: Path, press: Callable[[bytes], bytes], first: bytes, unit: bytes, times: int, last: bytes) -> None:
    many = press(unit)
    with path.open("wb") as file:
        file.write(press(first))
        for _ in range(times):
            file.write(many)
        file.write(press(last))


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs wait4")
def test_bombs_fill_no_memory(tmp_path: Path) -> None:
    """A gigabyte in a few kilobytes is unpacked by the piece: what is too long is rejected, and the next record is read."""
    zeros, letters = bytes(44 * MEGABYTE), b"a" * (44 * MEGABYTE)
    write_bomb(tmp_path / "a.jsonl.zst", zstd, b"", zeros, 24, b"\n" + GOOD)
    write_bomb(tmp_path / "b.jsonl.gz", gzip.compress, b'{"text":"', letters, 6, b'"}\n' + GOOD)
    write_bomb(tmp_path / "c.html.zst", zstd, b"<p>", letters, 6, b"")
    write_bomb(tmp_path / "d.csv.zst", zstd, b"text\n", letters, 2, b"\nA b.\n")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < MEGABYTE
    command = [sys.executable, "-m", "cleaner", "clean", str(tmp_path), "-o", str(tmp_path / "o.jsonl"), "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1
    assert used.ru_maxrss < 700 * (1 << 10 if sys.platform == "linux" else 1 << 20)
    rejects = [json.loads(line) for line in (tmp_path / "o.jsonl.rejects.jsonl").read_text().splitlines()]
    too_long = "the {} is too long to hold in memory (its beginning is kept)"
    assert [(row["id"], row["reason"]) for row in rejects] == [
        ("a.jsonl.zst#1", too_long.format("line")),
        ("b.jsonl.gz#1", too_long.format("line")),
        ("c", too_long.format("file")),
        ("d.csv.zst#2", too_long.format("row")),
    ]
    assert len((tmp_path / "o.jsonl").read_text().splitlines()) == 3
