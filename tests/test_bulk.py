"""Bulk runs: one process or many give the same bytes, a process that ends costs one record, memory stays bounded."""

from __future__ import annotations

import gzip
import json
import mmap
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaned, Cleaner, Document, load_rules
from cleaner.bulk import pool
from cleaner.bulk.batch import Done, Job, try_clean
from cleaner.bulk.parcel import Parcel, pack
from cleaner.bulk.plan import whole
from cleaner.bulk.pool import Pool
from cleaner.bulk.run import Hopeless, Run, Whole, work_here
from cleaner.bulk.way import Way
from cleaner.clean import Glance
from cleaner.errors import BrokenOff, InputError, OptionError
from cleaner.io.inputs import find_inputs
from cleaner.io.read import open_item, read_entries
from cleaner.io.record import USUAL, Fields, Place, Style, Unread, render
from cleaner.io.write import Output, Shape
from cleaner.match.lookout import Stirred
from cleaner.model import Rejected
from tests.making import LAST, MORE, PROSE, rule
from tests.test_io import loose_records

LIGHT = Parcel(0, (Unread(Place("1", "in.jsonl"), b"{"),), 0)
NOISY = f"{PROSE}\nZorble announcement\n{MORE}"
forks = pytest.mark.skipif("fork" not in pool.multiprocessing.get_all_start_methods(), reason="needs fork")


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write one file of one rule."""
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text("rules:\n" + rule("line: {eq: Zorble announcement}"))
    return path


class Trap(Cleaner):
    """Clean as any cleaner does, but for the documents whose text says what happens to this process."""

    def glance(self, documents: Any) -> list[Glance]:
        """Settle nothing."""
        return [None] * len(documents)

    def clean_document(self, document: Document, stirred: Stirred | None = None) -> Cleaned:
        """Clean, or end this process."""
        if "KILL" in document.text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "EXIT" in document.text:
            os._exit(3)
        if "FILL" in document.text:
            raise MemoryError
        return super().clean_document(document, stirred)


class Settling(Cleaner):
    """Settle all that nothing touches, whatever it takes."""

    def glance(self, documents: Sequence[Document]) -> list[Glance]:
        """Clean, and keep what left as it came."""
        found = map(self.clean_document, documents)
        return [one if one.text == one.document.text and not one.repairs else None for one in found]


@cache
def cleaner_of(rules: Path, kind: type[Cleaner] = Cleaner) -> Cleaner:
    return kind(load_rules([rules]))


def run(
    cleaner: Cleaner,
    inputs: list[Path],
    output: Path | str,
    jobs: int = 1,
    least: int = 64,
    most_rejects: int | None = None,
    **form: Any,
) -> Run:
    sources = find_inputs([str(path) for path in inputs])
    target = Output(str(output), inputs=[source.path for source in sources], **form)
    streams = whole(sources)
    job, done = Job(cleaner, target.shape, seconds=30), Run(Whole(target, streams), most_rejects)
    with target, pytest.MonkeyPatch.context() as patch:
        patch.setattr("cleaner.io.stream._CHUNK", least)  # lines are cut where a read ends
        if jobs == 1:
            done.take(streams, work_here(job), least=least)
        else:
            with Pool(job, jobs, "fork") as workers:
                done.take(streams, workers.work, least=least)
    return done


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def outcome(cleaner: Cleaner, inputs: list[Path], folder: Path, name: str, jobs: int, **form: Any) -> tuple[Any, ...]:
    """Return all that a run leaves behind: the files, the tally, what was passed over, and the error."""
    folder.mkdir(exist_ok=True)
    for path in files(folder):
        (folder / path).unlink()
    try:
        done = run(cleaner, inputs, f"{folder}/{name}", jobs, **form)
    except (InputError, Hopeless) as error:
        return files(folder), type(error), str(error)
    return files(folder), done.tally.describe(), done.passed


def archive(*bodies: bytes) -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: {}\r\nWARC-Record-ID: <urn:uuid:{}>\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"
    )
    kinds = [("conversion", "text/plain"), ("resource", "image/png"), ("resource", "text/html")]
    records = []
    for number, body in enumerate(bodies):
        kind, media = kinds[number % 3]
        records.append(head.format(kind, number, media, len(body)).encode() + body + b"\r\n\r\n")
    return b"".join(records)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Write a folder of all kinds of inputs, with records that cannot be read in each."""
    folder = tmp_path / "in"
    folder.mkdir()
    page = f"<!DOCTYPE html><html><body><article><p>{PROSE}</p><p>{MORE}</p><p>{LAST}</p></article></body></html>"
    rows = [{"id": n, "text": NOISY if n % 3 else PROSE} for n in range(9)]
    lines = [json.dumps(row) for row in rows]
    lines[2:2] = ["", "{broken", '{"text":1}', " \t\r"]
    (folder / "a.jsonl").write_text("\n".join(lines))
    (folder / "b.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress("\n".join(reversed(lines)).encode()))
    (folder / "c.jsonl.gz").write_bytes(gzip.compress("\r\n".join(lines).encode()))
    table = f'id,text\n1,"{NOISY}"\n2,x,y\n3,"{NOISY}"\n\n4,{MORE}\n5,\xff\n'
    (folder / "d.csv").write_bytes(table.encode("latin-1"))
    (folder / "e.txt").write_text(NOISY)
    (folder / "f.txt").write_bytes(b"caf\xe9")
    (folder / "g.html").write_text(page)
    (folder / "h.warc.gz").write_bytes(
        gzip.compress(archive(NOISY.encode(), b"\x89PNG", page.encode(), b"\xff") + b"torn")
    )
    (folder / "i/j.txt").parent.mkdir()
    (folder / "i/j.txt").write_text(f"{PROSE}\n")
    return folder


def ids(parcel: Parcel) -> list[str]:
    return [entry.value.id for item in parcel.items for entry in open_item(item, USUAL)]


# --- the same bytes


@forks
@pytest.mark.parametrize("name", ["out.jsonl", "out.txt", "out.jsonl.zst", "out.parquet", "out.wet.gz", "out.tar"])
def test_all_inputs_give_the_same_for_any_number_of_processes(
    tmp_path: Path, inputs: Path, rules: Path, name: str
) -> None:
    """Records, bodies, files, rejects and counts are the same, whatever the inputs and the size of parcels."""
    cleaner, there = cleaner_of(rules), tmp_path / "out"
    alone = outcome(cleaner, [inputs], there, name, 1, least=1 << 20)
    assert alone[1]["rejected"] == 12
    assert alone[2] == Counter({"image/png": 1})
    for jobs, least in [(1, 30), (2, 30), (3, 500), (2, 1 << 20)]:
        assert outcome(cleaner, [inputs], there, name, jobs, least=least) == alone


lines = st.sampled_from(
    [
        b"", b" \r", b"{", b'{"text":2}', b'{"text":""}', b'{"text":"x","cleaning":{}}', b"\xff", b'{"text":"lone \\ud800"}',
        *(json.dumps(row).encode() for row in [{"text": NOISY}, {"id": "n", "text": PROSE}, {"text": "a", "id": 5}]),
    ]
)  # fmt: skip


@forks
@settings(max_examples=12)
@given(st.lists(lines, max_size=12), st.integers(1, 300), st.sampled_from([2, 3]), st.none() | st.integers(0, 3))
def test_any_lines_give_the_same_for_any_number_of_processes(
    tmp_path_factory: pytest.TempPathFactory, rules: Path, rows: list[bytes], least: int, jobs: int, most: int | None
) -> None:
    """Order, ids, offsets and the point where a hopeless run stops are those of one process with one parcel."""
    place = tmp_path_factory.mktemp("lines")
    (place / "in.jsonl").write_bytes(b"\n".join(rows))
    found = [
        outcome(cleaner_of(rules), [place / "in.jsonl"], place / "out", "o.jsonl", n, least=size, most_rejects=most)
        for n, size in [(1, 1 << 20), (jobs, least)]
    ]
    assert found[0] == found[1]


@st.composite
def plain_lines(draw: st.DrawFn) -> bytes:
    """Write a record that is nearly of the usual form: some field is odd, or there is space where none is needed."""
    seldom = st.sampled_from(['"text":"","html":"<p>Some words.</p>"', '"text":"a\\r\\nb"'])
    members = [
        draw(seldom) if draw(st.integers(0, 19)) == 19 else '"text":"Some words."',
        draw(
            st.sampled_from(['"id":"x"', '"id":null', '"id":""', '"id":0', '"id":-0', '"id":7', '"id":1.50', '"k":"v"'])
        ),
        draw(
            st.sampled_from(['"title":"T"', '"title":null', '"title":7', '"cleaning":{"old":1}', '"url":"", "lang":2'])
        ),
    ]
    space, end = draw(st.sampled_from(["", " ", "\t"])), draw(st.sampled_from(["", "\r", " "]))
    inner = f"{space},{space}".join(draw(st.permutations(members)))
    return f"{{{inner}{space}}}{end}".encode()


@given(
    st.lists(plain_lines() | plain_lines() | lines | loose_records(), max_size=12),
    st.booleans(),
    st.builds(Style, st.booleans(), st.booleans()),
    st.sampled_from([USUAL, Fields(text="k", id="title", title="id"), Fields(html="text", text="html")]),
)
def test_the_short_way_writes_what_the_long_way_writes(
    tmp_path_factory: pytest.TempPathFactory, rules: Path, rows: list[bytes], redo: bool, style: Style, fields: Fields
) -> None:
    """Records read, settled and written in batches give what reading, cleaning and rendering one by one gives."""

    cleaner = cleaner_of(rules, Settling)
    path = tmp_path_factory.mktemp("ways") / "in.jsonl"
    path.write_bytes(b"\n".join(rows))
    sources = find_inputs([str(path)])
    written, rejects = [], []
    for entry in read_entries(sources, fields, redo):
        if isinstance(entry.value, Rejected):
            rejects.append(entry.value)
        else:
            result = try_clean(cleaner, entry)
            assert isinstance(result, Cleaned)
            written.append(render(entry, result, fields, style))
    job = Job(cleaner, Shape(fields=fields, style=style), recleaning=redo)
    dones = [job.do(parcel) for parcel in pack(whole(sources), fields) if parcel]
    stretches = [stretch for done in dones for stretch in done.stretches]
    pieces = [piece.raw for stretch in stretches for piece in stretch.pieces]
    assert b"\n".join(pieces) == b"\n".join(written)
    assert [stretch.rejected for stretch in stretches if stretch.rejected] == rejects


@forks
def test_a_stream_that_breaks_off_says_the_same(tmp_path: Path, rules: Path) -> None:
    """All records before the break are done before the error, which counts them."""
    packed = gzip.compress(b"".join(b'{"id":%d,"text":"%x"}\n' % (n, hash((n, "salt"))) for n in range(4_000)))
    (tmp_path / "a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.txt").write_text(PROSE)
    read = []
    with pytest.raises(InputError) as caught:
        read.extend(read_entries(find_inputs([str(tmp_path / "a.jsonl.gz")])))
    said = [
        outcome(
            cleaner_of(rules), [tmp_path / "b.txt", tmp_path / "a.jsonl.gz"], tmp_path / "out", "o.jsonl", n, least=4096
        )
        for n in (1, 2)
    ]
    assert said[0] == said[1] == ({}, BrokenOff, str(caught.value))
    assert str(caught.value).endswith(f"after {len(read)} records")
    assert read


@pytest.mark.parametrize("method", pool.multiprocessing.get_all_start_methods())
def test_every_way_to_start_processes_works(tmp_path: Path, rules: Path, method: str) -> None:
    """Forked or fresh, a process cleans by the same rules."""
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": NOISY}) + "\n")
    job = Job(cleaner_of(rules), Output(str(tmp_path / "o.jsonl")).shape)
    parcels = list(pack(whole(find_inputs([str(tmp_path / "in.jsonl")])), USUAL))
    with Pool(job, 1, method) as workers:
        assert list(workers.work(parcels)) == [job.do(parcel) for parcel in parcels if parcel]


# --- processes that end


@forks
@pytest.mark.parametrize(
    ("trap", "reason"),
    [
        ("KILL", "the process that cleaned it ended twice (killed by SIGKILL)"),
        ("EXIT", "the process that cleaned it ended twice (exit code 3)"),
        ("FILL", "it takes more memory than there is"),
    ],
)
@pytest.mark.parametrize("least", [30, 300, 1 << 20])
def test_a_process_that_ends_costs_one_record(tmp_path: Path, rules: Path, trap: str, reason: str, least: int) -> None:
    """The record that ends a process is rejected with the reason; all others are cleaned, in order."""
    texts = [NOISY, PROSE, trap, MORE, NOISY, trap, LAST]
    rows = [json.dumps({"id": n, "text": text}).encode() for n, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(rows))
    done = run(cleaner_of(rules, Trap), [tmp_path / "in.jsonl"], tmp_path / "o.jsonl", 2, least)
    written = [json.loads(row) for row in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [row["id"] for row in written] == [0, 1, 3, 4, 6]
    rejects = [json.loads(row) for row in (tmp_path / "o.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(row["reason"], row["offset"]) for row in rejects] == [
        (reason, len(b"\n".join([*rows[:n], b""]))) for n in (2, 5)
    ]
    assert done.tally.documents == 7


@forks
def test_a_process_killed_from_outside_costs_nothing(tmp_path: Path, rules: Path) -> None:
    """What a killed process was at is done again by another one."""
    (tmp_path / "in.jsonl").write_bytes(b"".join(b'{"id":%d,"text":"Some words."}\n' % n for n in range(400)))
    sources = find_inputs([str(tmp_path / "in.jsonl")])
    job = Job(cleaner_of(rules), Output(str(tmp_path / "o.jsonl")).shape)
    parcels = [parcel for parcel in pack(whole(sources), USUAL) if parcel]
    small = [part for parcel in parcels for part in parcel.split()]
    found: list[Done] = []
    with Pool(job, 2, "fork") as workers:
        for number, done in enumerate(workers.work(small)):
            found.append(done)
            if number % 100 == 50:
                os.kill(workers.processes[number % 2], signal.SIGKILL)
    assert found == [job.do(part) for part in small]


@forks
def test_a_process_that_cannot_start_is_an_error(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes end as they start the run ends with an error that says what to do."""
    monkeypatch.setattr(pool, "_serve", lambda *_: os._exit(9))
    with Pool(Job(cleaner_of(rules), Shape()), 2, "fork") as workers, pytest.raises(OptionError, match="exit code 9"):
        list(workers.work([LIGHT]))


@forks
def test_no_process_outlives_the_pool(rules: Path) -> None:
    """Leaving the pool ends its processes, also in the middle of the work."""
    with Pool(Job(cleaner_of(rules), Shape()), 2, "fork") as workers:
        processes = workers.processes
        next(workers.work([LIGHT] * 9))
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_values_arrive_as_they_were_sent(parts: list[bytes]) -> None:
    """Large bytes go through the shared memory, what finds no place there through the pipe; both arrive."""
    ours, theirs = pool.multiprocessing.Pipe()
    arena = mmap.mmap(-1, 1 << 16)
    here, there = Way(ours, arena), Way(theirs, arena)
    value = [part * 999 for part in parts]
    for one, other in [(here, there), (there, here)]:
        one.send({"parts": value})
        assert other.receive() == {"parts": value}
    there.connection.close()
    with pytest.raises(EOFError):
        here.receive()
    here.close()


# --- bounds


@forks
def test_reading_stays_a_bounded_way_ahead(rules: Path) -> None:
    """However slow the writer, only so many parcels are under way; large ones count for many."""

    def parcels(size: int) -> Iterator[Parcel]:
        nonlocal read
        for _ in range(60):
            read += 1
            yield Parcel(0, LIGHT.items, size)

    for size, most in [(1, 8), (1 << 20, 5), (1 << 28, 2)]:
        read = 0
        with Pool(Job(cleaner_of(rules), Shape()), 2, "fork", ahead=4) as workers:
            for number, _ in enumerate(workers.work(parcels(size)), 1):
                assert read - number <= most
        assert number == read == 60


def test_silence_hands_out_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a pipe is silent, what came so far is handed out, and the reader can turn to other things."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb", buffering=0) as writer, os.fdopen(reading, "rb") as reader:
        monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": reader}))
        parcels = pack(whole(find_inputs(["-"])), USUAL)
        writer.write(b'{"text":"One."}\n{"text":"Tw')
        first = next(parcel for parcel in parcels if parcel)
        assert ids(first) == ["stdin#1"]
        assert next(parcels) is None
        writer.write(b'o."}')
        writer.close()
        [last, end] = [parcel for parcel in parcels if parcel]
        assert end.end
        assert ids(last) == ["stdin#2"]


# --- what fails


def test_what_settles_documents_may_fail(tmp_path: Path, rules: Path) -> None:
    """Where settling a batch fails, its documents are cleaned one by one."""

    class Broken(Cleaner):
        def glance(self, documents: Any) -> list[Glance]:
            raise ValueError

    (tmp_path / "in.jsonl").write_text(json.dumps({"text": NOISY}) + "\n")
    run(cleaner_of(rules, Broken), [tmp_path / "in.jsonl"], tmp_path / "o.jsonl")
    assert json.loads((tmp_path / "o.jsonl").read_text())["text"] == f"{PROSE}\n{MORE}"


def test_a_record_that_cannot_be_written_costs_only_itself(
    tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where rendering breaks for one record it is rejected, and the others of its parcel are written."""
    render = Shape.render

    def fail(self: Any, entry: Any, cleaned: Cleaned) -> Any:
        if cleaned.text.startswith("odd"):
            raise ValueError("odd")
        return render(self, entry, cleaned)

    monkeypatch.setattr(Shape, "render", fail)
    (tmp_path / "in.jsonl").write_bytes(b'{"id":1,"text":"a"}\n{"id":2,"text":"odd\\r"}\n{"id":3,"text":"b"}\n')
    done = run(cleaner_of(rules), [tmp_path / "in.jsonl"], tmp_path / "o.jsonl", least=1 << 20)
    assert [json.loads(row)["id"] for row in (tmp_path / "o.jsonl").read_text().splitlines()] == [1, 3]
    reject = json.loads((tmp_path / "o.jsonl.rejects.jsonl").read_text())
    assert (reject["id"], reject["offset"], reject["reason"]) == ("in.jsonl#2", 20, "cleaning failed: ValueError: odd")
    assert (done.tally.documents, done.tally.rejected) == (3, 1)
