"""Patterns and URLs: what they name is found in a sorted order, read as local files are, and written whole or not at all."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from cleaner.errors import InputError, OutputError
from cleaner.io import remote
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Entry
from cleaner.model import Document, Page

fsspec = pytest.importorskip("fsspec")

ROWS = b'{"text":"One."}\n{"text":"Two."}\n'
FILES = {"b/2.txt": b"B", "a.txt": b"A", "a.pdf": b"%PDF", "c.jsonl.gz": gzip.compress(ROWS), "b/x/3.html": b"<p>C"}
ORDER = ["a", "c.jsonl.gz#1", "c.jsonl.gz#2", "b/2", "b/x/3"]


def ids(*paths: str) -> list[str]:
    return [entry.value.id for entry in read(*paths)]


def read(*paths: str) -> list[Entry]:
    return list(read_entries(find_inputs(paths)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a folder of files."""
    for name, raw in FILES.items():
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    return tmp_path / "data"


@pytest.fixture
def memory() -> Iterator[str]:
    """Write the same files behind URLs."""
    files = fsspec.filesystem("memory")
    for name, raw in FILES.items():
        files.pipe_file(f"/dumps/{name}", raw)
    yield "memory://dumps"
    files.rm("/dumps", recursive=True)


@pytest.fixture
def web(folder: Path) -> Iterator[str]:
    """Serve the same files on the loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    pytest.importorskip("aiohttp")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
    end_loop()


def end_loop() -> None:
    """End the thread that fsspec asks remote servers in: tests that follow fork processes, which no thread survives."""
    from fsspec import asyn

    fsspec.get_filesystem_class("http").clear_instance_cache()
    if asyn.loop[0]:
        asyn.loop[0].call_soon_threadsafe(asyn.loop[0].stop)
        asyn.iothread[0].join()
        asyn.reset_lock()


# --- patterns


def test_a_pattern_names_files_in_sorted_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What matches is read as a folder is walked; labels begin behind the folders before the first wild card."""
    assert ids(str(folder)) == ORDER
    assert ids(f"{folder}/**") == ORDER
    assert ids(f"{folder}/*.txt") == ["a"]
    assert ids(f"{folder}/**/*.txt") == ["a", "b/2"]
    assert ids(f"{folder}/b*") == ["b/2", "b/x/3"]
    assert ids(f"{folder}/b/*") == ["2", "x/3"]
    monkeypatch.chdir(folder)
    assert ids("*.jsonl.*") == ["c.jsonl.gz#1", "c.jsonl.gz#2"]
    assert ids("?.txt", "[b]/*.txt") == ["a", "b/2"]


def test_a_pattern_without_a_match_is_an_error(folder: Path) -> None:
    """A pattern that matches nothing, or nothing that is read, is an error."""
    with pytest.raises(InputError, match="no file matches"):
        read(f"{folder}/*.csv")
    with pytest.raises(InputError, match="nothing in it ends in"):
        read(f"{folder}/*.pdf")


def test_a_name_that_looks_like_a_pattern_is_a_name(tmp_path: Path) -> None:
    """A file that is there is meant, whatever its name looks like."""
    (tmp_path / "a[1].txt").write_text("One.")
    (tmp_path / "a1.txt").write_text("Two.")
    assert ids(f"{tmp_path}/a[1].txt") == ["a[1]"]


def test_identity_changes_with_the_file(tmp_path: Path) -> None:
    """A file written again has another identity."""
    path = tmp_path / "a.txt"
    path.write_text("One.")
    [before] = find_inputs([str(path)])
    assert find_inputs([str(path)]) == [before]
    __import__("os").utime(path, ns=(1, 1))
    [after] = find_inputs([str(path)])
    assert (before.size, after.size, after.identity) == (4, 4, "4-1")
    assert before.identity != after.identity


# --- URLs


@pytest.mark.parametrize("pattern", ["", "/", "/**", "/*"])
def test_a_remote_folder_reads_as_a_local_one(memory: str, pattern: str) -> None:
    """Folders and patterns behind a URL name the same documents in the same order."""
    assert ids(memory + pattern) == (["a", *ORDER[1:3]] if pattern == "/*" else ORDER)


def test_a_remote_file_is_read(memory: str, folder: Path) -> None:
    """A file behind a URL has its name as a label, and its size and identity."""
    [source] = find_inputs([f"{memory}/c.jsonl.gz"])
    assert (source.path, source.label, source.size) == (f"{memory}/c.jsonl.gz", "c.jsonl.gz", len(FILES["c.jsonl.gz"]))
    assert source.identity.startswith(f"{source.size}-20")
    assert [entry.value for entry in read_entries([source])] == [
        Document("c.jsonl.gz#1", "One."),
        Document("c.jsonl.gz#2", "Two."),
    ]
    assert ids(folder.as_uri() + "/a.txt") == ["a"]


def test_remote_parquet_is_read(memory: str) -> None:
    """What is read from its end is read so behind a URL as well."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    pq.write_table(pa.table({"text": ["One.", "Two."]}), file)
    fsspec.filesystem("memory").pipe_file("/dumps/d.parquet", file.getvalue())
    assert ids(f"{memory}/d.parquet") == ["d.parquet#1", "d.parquet#2"]


def test_web_addresses_are_read(web: str) -> None:
    """An address is read as it streams in; what follows its name is no ending."""
    [one, two] = read(f"{web}/c.jsonl.gz?ask=x.csv", f"{web}/b/x/3.html")[1:]
    assert (one.value.id, two.value) == ("c.jsonl.gz#2", Page("3", b"<p>C"))
    with pytest.raises(InputError, match=r"gone\.txt: no such file or folder"):
        read(f"{web}/gone.txt")
    with pytest.raises(InputError, match=r"cannot be read: .*[Cc]onnect"):
        read("http://127.0.0.1:9/a.txt")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("memory://dumps/gone.txt", "no such file or folder"),
        ("memory://dumps/*.csv", "no file matches"),
        ("memory://dumps/*.pdf", "nothing in it ends in"),
        ("memory://dumps/a.pdf", "the ending does not say what it is"),
        ("nowhere://dumps/a.txt", "Protocol not known: nowhere"),
    ],
)
@pytest.mark.usefixtures("memory")
def test_useless_urls_are_errors(path: str, said: str) -> None:
    """What is missing, unknown or not answering is an error before anything is read."""
    with pytest.raises(InputError, match=said):
        read(path)


@pytest.mark.parametrize(("scheme", "extra"), [("s3", "s3"), ("https", "remote")])
def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, scheme: str, extra: str) -> None:
    """Without fsspec the error says what to install."""
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(InputError, match=rf"pip install 'cleaner-news\[{extra}\]'"):
        read(f"{scheme}://dumps/a.txt")


def test_reading_that_fails_later_is_an_error(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that breaks while a file is read is an error that names the file."""

    class Broken(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise RuntimeError("the line went dead\nsecond line")

    sources = find_inputs([f"{memory}/a.txt"])
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "open", lambda *_, **__: Broken())
    with pytest.raises(InputError, match=r"memory://dumps/a\.txt cannot be read: the line went dead$"):
        list(read_entries(sources))


# --- writing


def test_a_remote_file_appears_when_it_is_whole(memory: str) -> None:
    """What is written appears on commit, and never if it is abandoned."""
    file = remote.begin(f"{memory}/out/o.jsonl")
    file.write(ROWS)
    assert remote.list_names(f"{memory}/out") == []
    file.commit()
    assert remote.list_names(f"{memory}/out") == ["o.jsonl"]
    raw = remote.read_bytes(f"{memory}/out/o.jsonl")
    assert (raw, len(raw), len(file.digest)) == (ROWS, file.size, 40)
    given_up = remote.begin(f"{memory}/out/p.jsonl")
    given_up.write(ROWS)
    given_up.abandon()
    remote.remove(f"{memory}/out/o.jsonl")
    remote.remove(f"{memory}/out/o.jsonl")
    assert remote.list_names(f"{memory}/out") == []


def test_drafts_of_remote_files_do_not_stay(memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file that was sent nor one given up nor one that could not be sent leaves a draft behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    remote.begin(f"{memory}/o.txt").commit()
    remote.begin(f"{memory}/p.txt").abandon()
    with pytest.raises(OutputError, match="cannot be written: Protocol not known"):
        remote.begin("nowhere://dumps/o.txt")
    refused = remote.begin(f"{memory}/q.txt")
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "put_file", None)
    with pytest.raises(OutputError, match="cannot be written"):
        refused.commit()
    refused.abandon()
    assert list(tmp_path.iterdir()) == []


def test_what_arrives_cut_short_is_an_error(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of which not all bytes arrived is no output."""
    files = fsspec.filesystem("memory")
    monkeypatch.setattr(type(files), "put_file", lambda _self, _local, place: files.pipe_file(place, b"x"))
    file = remote.begin(f"{memory}/o.txt")
    file.write(b"whole")
    with pytest.raises(OutputError, match="1 of 5 bytes arrived"):
        file.commit()
    file.abandon()
