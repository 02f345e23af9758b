"""Shards: each whole or not there, the same whoever makes them; a second run does what is missing and says what changed."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.bulk.batch import Job
from cleaner.bulk.ledger import Ledger, read_markers
from cleaner.bulk.marker import Marker
from cleaner.bulk.plan import Stream, group
from cleaner.bulk.run import Run, work_here
from cleaner.bulk.shards import Shards
from cleaner.bulk.terms import Terms
from cleaner.cli.main import main
from cleaner.errors import OutputError
from cleaner.io.folder import open_folder
from cleaner.io.inputs import find_inputs
from cleaner.io.read import Sheaf, cut_sheaf, split_sheaf
from cleaner.io.stream import Lines
from cleaner.io.write import Shape
from tests.making import MORE, PROSE, rule
from tests.test_bulk import cleaner_of, files

NOISY = f"{PROSE}\nZorble announcement\n{MORE}"
SIZE = 1049  # bytes of a shard, just above the least


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rules") / "rules.yaml"
    path.write_text("rules:\n" + rule("line: {eq: Zorble announcement}"))
    return path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: Path) -> Path:
    """Work in a folder of all kinds of inputs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLEANER_RULES", str(rules))
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    lines = [json.dumps({"id": n, "text": NOISY if n % 3 else PROSE}) for n in range(40)]
    lines[5:5] = ["", "{broken", '{"text":1}']
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "deep/a.jsonl.gz").write_bytes(gzip.compress("\n".join(reversed(lines)).encode()))
    (folder / "empty.jsonl").write_text("")
    (folder / "t.csv").write_text("id,text\n" + "".join(f'{n},"{NOISY}"\n' for n in range(20)))
    for n in range(12):
        (folder / f"deep/{n:02}.txt").write_text(NOISY)
    return tmp_path


def clean(*args: str) -> Result:
    return CliRunner().invoke(main, ["clean", *args, "--shard-size", str(SIZE / (1 << 20))])


def records(folder: Path) -> list[Any]:
    return [
        json.loads(line)
        for path in sorted(folder.rglob("*.jsonl"))
        if "rejects" not in path.name and "related" not in path.name
        for line in path.read_text().splitlines()
    ]


def results(folder: Path) -> dict[str, bytes]:
    """Return all files but the lock, markers less the time they took."""
    found = files(folder)
    del found["_run/lock"]
    for name, raw in found.items():
        if name.endswith(".done"):
            found[name] = orjson.dumps({**orjson.loads(raw), "seconds": 0})
    return found


# --- what is written


def test_shards_hold_all_records_in_order(place: Path) -> None:
    """Each record and reject is in one shard, in the order of its input, and the books say so."""
    done = clean("in", "-o", "out/")
    assert done.exit_code == 1, done.output
    whole = clean("in", "-o", "whole.jsonl")
    assert whole.exit_code == 1
    markers = read_markers(open_folder("out"))
    by_input: dict[str, list[bytes]] = {}
    for marker in markers.values():
        part = marker.files.get("records")
        by_input.setdefault(marker.inputs[0].label, []).extend(
            (place / "out" / part.name).read_bytes().splitlines() if part else []
        )
        assert marker.read == marker.tally.documents
    lines = [line for group in by_input.values() for line in group]
    assert sorted(lines) == sorted((place / "whole.jsonl").read_bytes().splitlines())
    assert [json.loads(line)["id"] for line in by_input["a.jsonl"]] == list(range(40))
    assert sum(marker.read for marker in markers.values()) == 2 * 42 + 20 + 12
    assert "116 records in = " in done.output


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_shards_do_not_depend_on_processes(place: Path, jobs: str) -> None:
    """Borders and bytes of shards, and their markers, are the same for any number of processes."""
    clean("in", "-o", "one/")
    clean("in", "-o", "many/", "--jobs", jobs)
    assert results(place / "one") == results(place / "many")


@given(st.lists(st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"")), max_size=20), st.integers(0, 400))
def test_a_border_parts_lines_by_where_they_begin(rows: list[bytes], border: int) -> None:
    """A line belongs to the shard in which it begins; numbers and offsets go on behind the border."""
    sheaf = Sheaf(Lines(7, 3, b"\n".join(rows)), "a", "a.jsonl")
    head, rest = cut_sheaf(sheaf, border)
    parts = [list(split_sheaf(part)) for part in (head, rest) if part]
    assert [record for part in parts for record in part] == list(split_sheaf(sheaf))
    assert all(record.place.offset < border for record in split_sheaf(head)) if head else True
    assert all(record.place.offset >= border for record in split_sheaf(rest)) if rest else True


def test_small_files_come_together(place: Path) -> None:
    """Files of one document each share shards of about the size asked for, none left out."""
    sources = [source for source in find_inputs(["in"]) if source.kind == "text"]
    streams = list(group(sources, SIZE))
    assert [source for stream in streams for source in stream.inputs] == sources
    assert 1 < len(streams) < len(sources)
    assert [stream.number for stream in streams] == list(range(len(streams)))


def test_bodies_alone_are_shards_too(place: Path) -> None:
    """Bodies in files of their own are accounted for, and a second run leaves them alone."""
    clean("in/deep", "-o", "out/", "--format", "text")
    texts = {path.name for path in (place / "out").rglob("*.txt")}
    names = [name for marker in read_markers(open_folder("out")).values() for name in marker.names]
    assert texts == {Path(name).name for name in names}
    (place / "out" / names[0]).write_text("touched by hand")
    assert clean("in/deep", "-o", "out/", "--format", "text").exit_code == 1
    assert (place / "out" / names[0]).read_text() == "touched by hand"


@pytest.mark.parametrize("format_", ["text", "text.gz"])
def test_bodies_of_a_later_run_take_no_names_that_are_taken(place: Path, format_: str) -> None:
    """A record whose id is that of one written before gets a file of its own, also where names have two endings."""
    for name, text in (("a", NOISY), ("b", MORE)):
        (place / f"{name}.jsonl").write_text(json.dumps({"id": "same.id", "text": text}) + "\n")
    clean("a.jsonl", "-o", "out/", "--format", format_)
    before = {name: raw for name, raw in files(place / "out").items() if name.startswith("same")}
    clean("a.jsonl", "b.jsonl", "-o", "out/", "--format", format_)
    after = {name: raw for name, raw in files(place / "out").items() if name.startswith("same")}
    assert (len(before), len(after)) == (1, 2)
    assert before.items() <= after.items()


def test_appended_articles_are_records_of_their_own(place: Path) -> None:
    """What an aggregator appended is written to one file, from shards and from a single output alike."""
    for name, output in (("one.jsonl", "whole.jsonl"), ("two.jsonl", "out/")):
        assert clean(str(Path(__file__).parent.parent / "seeds"), "-o", output, "--related-output", name).exit_code == 0
    found = [json.loads(line) for line in (place / "one.jsonl").read_text().splitlines()]
    assert (place / "one.jsonl").read_bytes() == (place / "two.jsonl").read_bytes()
    assert len(found) > 5
    assert {"id", "parent", "title", "text"} <= set(found[0])
    for row in found:
        assert row["id"].startswith(row["parent"])
    by_id = {row["id"]: row for row in map(json.loads, (place / "whole.jsonl").read_text().splitlines())}
    texts = {related["text"] for row in by_id.values() for related in row["cleaning"]["related"]}
    assert texts == {row["text"] for row in found}


@pytest.mark.parametrize("how", ["--limit", "--sample"])
def test_chosen_records_are_the_same_when_a_run_is_resumed(place: Path, how: str) -> None:
    """A run over some of the records goes on with the same ones, whatever was done before."""
    clean("in", "-o", "out/", how, "60")
    before = results(place / "out")
    assert len(records(place / "out")) + count_rejects(before) == 60
    for name in ("files-00001", "a-00001"):
        (place / f"out/_run/{name}.done").unlink(missing_ok=True)
    clean("in", "-o", "out/", how, "60")
    assert results(place / "out") == before


def count_rejects(found: dict[str, bytes]) -> int:
    return sum(raw.count(b"\n") for name, raw in found.items() if name.endswith(".rejects.jsonl"))


# --- what a second run does


def test_a_second_run_does_what_is_missing(place: Path) -> None:
    """Lost markers and damaged shards are made again, the others are not touched."""
    clean("in", "-o", "out/")
    before = results(place / "out")
    (place / "out/_run/a-00001.done").unlink()
    with (place / "out/deep/a-00002.jsonl").open("ab") as file:
        file.write(b"x")
    (place / "out/.a-00001.jsonl.0000.part").write_text("left by a crash")
    kept = (place / "out/a-00000.jsonl").stat().st_mtime_ns
    done = clean("in", "-o", "out/", "--jobs", "2")
    assert "2 of them made now" in done.output
    assert results(place / "out") == before
    assert (place / "out/a-00000.jsonl").stat().st_mtime_ns == kept
    assert "0 of them made now" in clean("in", "-o", "out/").output


def write_archive(path: Path, documents: int) -> None:
    """Write a tar archive in which pictures stand before, between and behind documents."""
    with tarfile.open(path, "w") as archive:
        for number in range(documents):
            for name, raw in ((f"{number}.png", b"x"), (f"{number}.txt", NOISY.encode()), (f"{number}.pdf", b"x")):
                member = tarfile.TarInfo(name)
                member.size = len(raw)
                archive.addfile(member, io.BytesIO(raw))


@pytest.mark.parametrize("lost", [0, 1, 3, -1])
@pytest.mark.parametrize("cut", [False, True])
def test_a_shard_made_again_is_as_it_was(place: Path, lost: int, cut: bool) -> None:
    """Markers say the same of breaks, last shards and what was passed over when any one of them is made again."""
    write_archive(place / "x.tar", 8)
    if cut:
        raw = (place / "x.tar").read_bytes()
        (place / "x.tar").write_bytes(raw[: len(raw) * 2 // 3])
    first = clean("x.tar", "-o", "out/")
    before = results(place / "out")
    markers = list(read_markers(open_folder("out")))
    assert len(markers) > 4
    (place / f"out/_run/{markers[lost]}.done").unlink()
    again = clean("x.tar", "-o", "out/")
    assert results(place / "out") == before
    assert (again.exit_code, again.output.count("truncated")) == (first.exit_code, int(cut)), again.output
    clean("x.tar", "-o", "many/", "--jobs", "2")
    assert results(place / "many") == before


@pytest.mark.parametrize("lost", [0, 1])
def test_small_files_of_a_lost_shard_come_together_again(place: Path, lost: int) -> None:
    """Small files whose shard was lost are written under its name again, so that none stands there twice."""
    clean("in", "-o", "out/")
    before = results(place / "out")
    (place / f"out/_run/files-{lost:05}.done").unlink()
    assert "1 of them made now" in clean("in", "-o", "out/").output
    assert results(place / "out") == before


def test_what_is_new_is_added(place: Path) -> None:
    """Inputs that were not there before get shards of their own; nothing else is made again."""
    clean("in", "-o", "out/")
    before = files(place / "out")
    (place / "in/b.jsonl").write_text(json.dumps({"id": "new", "text": NOISY}) + "\n")
    (place / "in/deep/aa.txt").write_text(NOISY)
    assert "2 of them made now" in clean("in", "-o", "out/").output
    after = files(place / "out")
    assert all(after[name] == raw for name, raw in before.items() if name != "_run/lock")
    assert "new" in [record["id"] for record in records(place / "out")]


def test_inputs_that_are_named_otherwise_are_the_same(place: Path) -> None:
    """What is there already is not made again where other paths change what an input is called, nor where it is named twice."""
    (place / "b").mkdir()
    (place / "b/a.jsonl").write_text(json.dumps({"id": "b", "text": NOISY}) + "\n")
    (place / "b/00.txt").write_text(NOISY)
    clean("in/a.jsonl", "in/deep/00.txt", "-o", "out/")
    count = len(read_markers(open_folder("out")))
    named = ("in/a.jsonl", "./in/a.jsonl", "in/deep/00.txt", "b")
    assert f"{count + 2} shards in out/, 2 of them made now" in clean(*named, "-o", "out/").output
    assert [record["id"] for record in records(place / "out") if "id" in record].count("b") == 1
    (place / "out/_run/a-00001.done").unlink()
    assert f"{count + 2} shards in out/, 1 of them made now" in clean(*named, "-o", "out/").output
    verified = CliRunner().invoke(main, ["verify", *named, "out/"])
    assert verified.exit_code == 0, verified.output


def test_what_is_gone_is_told(place: Path) -> None:
    """Shards of inputs that are no longer named stay, and are counted."""
    clean("in", "-o", "out/")
    done = clean("in/t.csv", "-o", "out/")
    assert "are of inputs that were not named now; they stay" in done.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda place: (place / "in/a.jsonl").write_text('{"text":"x"}\n'), "what has changed since: in/a.jsonl"),
        (lambda place: (place / "in/deep/03.txt").write_text("Other."), "what has changed since: in/deep/03.txt"),
        (lambda place: ["--lean"], "made on other terms (lean false, now true)"),
        (lambda place: ["--without", "ad"], "made on other terms (rules "),
        (lambda place: ["--limit", "3"], "made on other terms (limit not set, now 3; "),
    ],
)
def test_what_has_changed_is_refused_or_made_anew(place: Path, change: Any, said: str) -> None:
    """Other rules, settings or inputs are noticed and said; --redo makes anew just what they concern."""
    clean("in", "-o", "out/")
    changed = change(place)
    more = changed if isinstance(changed, list) else []
    before = files(place / "out")
    refused = clean("in", "-o", "out/", *more)
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    after = files(place / "out")
    assert all(after[name] == raw for name, raw in before.items() if name != "_run/lock")
    assert clean("in", "-o", "out/", "--redo", *more).exit_code in (0, 1)
    clean("in", "-o", "fresh/", *more)
    redone, fresh = records(place / "out"), records(place / "fresh")
    assert sorted(map(json.dumps, redone)) == sorted(map(json.dumps, fresh))


def test_bodies_of_shards_made_anew_take_the_place_of_the_old(place: Path) -> None:
    """Where bodies have files of their own, none stays of a record that is no longer in its input."""
    for name in ("old", "new"):
        (place / "b.jsonl").write_text(json.dumps({"id": name, "text": NOISY}) + "\n")
        clean("b.jsonl", "-o", "out/", "--format", "text", "--redo")
    assert [path.name for path in (place / "out").glob("*.txt")] == ["new.txt"]


@pytest.mark.parametrize("how", ["--limit", "--sample"])
def test_chosen_records_are_of_one_set_of_inputs(place: Path, how: str) -> None:
    """What is chosen depends on all inputs: with others, or changed ones, a run is refused or begun anew."""
    (place / "other").mkdir()
    (place / "other/a.csv").write_text(f'id,text\n1,"{NOISY}"\n')
    (place / "other/x.txt").write_text(NOISY)
    assert clean("in/deep/00.txt", "in/a.jsonl", "-o", "out/", how, "5").exit_code in (0, 1)
    refused = clean("other", "-o", "out/", how, "5")
    assert (refused.exit_code, "(selected_from " in refused.output) == (2, True), refused.output
    assert clean("other", "-o", "out/", how, "5", "--redo").exit_code == 0
    assert len(records(place / "out")) == 2


def test_two_runs_refuse_each_other(place: Path) -> None:
    """While a run writes to a folder, a second one is refused and says who is there."""
    code = "from cleaner.io.folder import open_folder\nwith open_folder('out').hold('_run/lock'):\n print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        refused = clean("in", "-o", "out/")
        assert refused.exit_code == 2
        assert f"another run writes there (process {other.pid} on " in refused.output
        other.kill()
    assert clean("in", "-o", "out/").exit_code == 1


def test_a_broken_input_costs_only_its_rest(place: Path) -> None:
    """What came before a break is kept and counted, other inputs are done, and every run says that it breaks off."""
    whole = (place / "in/deep/a.jsonl.gz").read_bytes()
    noise = "".join(json.dumps({"id": f"n{n}", "text": f"{n * 7919 % 1009:x} " * 40}) + "\n" for n in range(500))
    packed = gzip.compress(noise.encode())
    (place / "in/deep/a.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    for _ in range(2):
        done = clean("in", "-o", "out/")
        assert done.exit_code == 2
        read = sum(marker.read for marker in read_markers(open_folder("out")).values() if "deep/a" in marker.shard)
        assert read > 100
        assert (
            f"in/deep/a.jsonl.gz: the gzip stream is truncated: it ends inside a frame, after {read} records"
            in done.output
        )
    assert len([record for record in records(place / "out") if record["id"] == 39]) == 1
    (place / "in/deep/a.jsonl.gz").write_bytes(whole)
    assert clean("in", "-o", "out/").exit_code == 2
    assert clean("in", "-o", "out/", "--redo").exit_code == 1
    assert len([record for record in records(place / "out") if record["id"] == 39]) == 2


def test_a_small_file_that_cannot_be_read_costs_only_itself(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many small files one that cannot be read is a reject that says why; the others of its shard are written."""
    real = Path.open

    def fail(self: Path, *args: Any, **more: Any) -> Any:
        if self.name == "03.txt" and args[:1] == ("rb",):
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **more)

    monkeypatch.setattr(Path, "open", fail)
    done = clean("in/deep", "-o", "out/")
    assert done.exit_code == 1
    told = [json.loads(line) for path in (place / "out").glob("files-*.rejects.jsonl") for line in path.open()]
    assert [(row["id"], row["reason"]) for row in told] == [("03", "in/deep/03.txt cannot be read: Permission denied")]
    assert len([record for record in records(place / "out") if isinstance(record["id"], str)]) == 11


def test_outputs_stand_apart_from_inputs(place: Path) -> None:
    """A folder that inputs stand in is refused as output; one inside a folder of inputs is not read as input later."""
    refused = clean("in", "-o", "in/")
    assert (refused.exit_code, "in/a.jsonl stands in the output in/" in refused.output) == (2, True)
    clean("in", "-o", "in/out/", "--related-output", "in/out.related.jsonl")
    assert "0 of them made now" in clean("in", "-o", "in/out/", "--related-output", "in/out.related.jsonl").output
    named = find_inputs(["in/out"])
    assert {source.label for source in named} >= {"a-00000.jsonl", "files-00000.jsonl"}
    assert not [source.label for source in named if "_run" in source.label or "rejects" in source.label]


# --- how a run ends early


@pytest.mark.parametrize("step", range(9))
def test_a_crash_at_any_step_of_a_commit_loses_nothing(
    place: Path, rules: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the step at which a commit ends, no reader sees half a shard, and the next run makes the same."""
    clean("in", "-o", "fresh/")
    count = 0

    def crash(do: Any) -> Any:
        def step_or_crash(*args: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count > 20 + step:
                raise KeyboardInterrupt
            return do(*args, **more)

        return step_or_crash

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", crash(os.fsync))
        patch.setattr(Path, "replace", crash(Path.replace))
        patch.setattr("cleaner.io.file.NewFile.abandon", lambda self: None)  # nothing tidies up after a crash
        assert clean("in", "-o", "out/").exit_code == 130
    fresh = files(place / "fresh")
    for marker in read_markers(open_folder("out")).values():
        for file in marker.files.values():
            assert (place / "out" / file.name).read_bytes() == fresh[file.name]
    assert clean("in", "-o", "out/").exit_code == 1
    assert results(place / "out") == results(place / "fresh")


def test_an_interrupt_ends_with_the_shard(place: Path) -> None:
    """SIGINT finishes the shard that is open, says how to go on, and the next run makes only the rest."""
    text = json.dumps({"text": f"{NOISY}\n" * 20})
    (place / "long.jsonl").write_text(f"{text}\n" * 3000)
    command = [sys.executable, "-m", "cleaner", "clean", "long.jsonl", "-o", "out/", "--shard-size", "0.2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        while run.poll() is None and not list(place.glob("out/_run/*.done")):
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "finishing long-" in said
    assert "the same command again goes on" in said
    made = len(read_markers(open_folder("out")))
    assert not list(place.glob("out/.*.part"))
    again = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert again.returncode == 0
    assert f"{made} shards are there already" in again.stderr
    assert "3000 records in = " in again.stderr
    assert len(records(place / "out")) == 3000


@pytest.mark.parametrize("most", ["2", "1000"])
def test_a_sample_of_what_breaks_off_is_drawn_from_what_comes_before(place: Path, most: str) -> None:
    """A sample is also drawn where an input breaks off; the run ends as any over such an input does."""
    noise = "".join(json.dumps({"id": n, "text": f"{n * 7919 % 1009:x} " * 40}) + "\n" for n in range(500))
    packed = gzip.compress(noise.encode())
    (place / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    done = clean("cut.jsonl.gz", "-o", "out/", "--sample", most)
    assert (done.exit_code, "truncated" in done.output) == (2, True), done.output
    assert len(records(place / "out")) > (100 if int(most) > 2 else 1)
    done = clean("cut.jsonl.gz", "-o", "out.jsonl", "--sample", most)
    assert (done.exit_code, "truncated" in done.output) == (2, True), done.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["-", "--sample", "3"], "standard input can be read once"),
        (["in/a.jsonl", "--related-output", "none/there.jsonl"], "there is no folder none"),
        (["in/a.jsonl", "--related-output", "out.jsonl"], "out.jsonl is what the run itself writes"),
        (["in/a.jsonl", "--related-output", "./out.jsonl.rejects.jsonl"], "is what the run itself writes"),
    ],
)
def test_a_run_that_cannot_begin_leaves_nothing(place: Path, args: list[str], said: str) -> None:
    """What is refused before the first record leaves no draft, and no file is asked to hold two things."""
    (place / "out.jsonl").write_text("before")
    before = files(place)
    refused = clean(*args, "-o", "out.jsonl")
    assert (refused.exit_code, said in refused.output) == (2, True), refused.output
    assert files(place) == before


def test_a_reader_that_leaves_leaves_no_draft(place: Path) -> None:
    """Where nobody reads on, the draft of appended articles goes too."""
    (place / "long.jsonl").write_text(f"{json.dumps({'text': NOISY})}\n" * 3000)
    command = [sys.executable, "-m", "cleaner", "clean", "long.jsonl", "--related-output", "related.jsonl", "-q"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        assert run.stdout
        run.stdout.read(10)
        run.stdout.close()
        assert run.wait(timeout=60) == 0
    assert not [path.name for path in place.iterdir() if "related" in path.name]


def test_an_interrupt_is_answered_while_a_pipe_is_silent(place: Path) -> None:
    """SIGTERM says what it waits for, also where nothing comes; a second one ends the run, and no draft stays."""
    command = [sys.executable, "-m", "cleaner", "clean", "-", "-o", "out/", "--shard-size", "0.001"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdin
        assert run.stderr
        run.stdin.write((place / "in/a.jsonl").read_bytes())
        run.stdin.flush()
        while run.poll() is None and not list(place.glob("out/.stdin-*.part")):
            time.sleep(0.02)
        time.sleep(0.5)
        run.send_signal(signal.SIGTERM)
        assert b"once more stops at once" in run.stderr.readline()
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 130
        run.stdin.close()
    assert not list(place.glob("out/.*.part"))


# --- parts of a run


def test_books_that_do_not_close_are_an_error(tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is read and not accounted for stops the run: its shard gets no marker."""
    (tmp_path / "in.jsonl").write_text('{"text":"One."}\n{"text":"Two."}\n')
    shape, ledger = Shape(), Ledger(open_folder(str(tmp_path / "out")), Terms("digest", {}))
    streams = ledger.plan(find_inputs([str(tmp_path / "in.jsonl")]), SIZE)
    job = Job(cleaner_of(rules), shape)
    lose = Job.do

    def lost(self: Job, parcel: Any) -> Any:
        done = lose(self, parcel)
        for stretch in done.stretches:
            stretch.tally.unchanged -= 1
        return done

    monkeypatch.setattr(Job, "do", lost)
    with pytest.raises(OutputError, match="2 records were read and 1 are accounted for"):
        Run(Shards(ledger, streams, shape)).take(streams, work_here(job))
    assert not read_markers(ledger.folder)


@settings(max_examples=20)
@given(st.integers(1, 30), st.integers(1, 12))
def test_a_sample_is_the_same_every_time(tmp_path_factory: pytest.TempPathFactory, count: int, most: int) -> None:
    """A sample has as many records as asked for, or all, in order, the same in every run; a limit takes the first."""
    place = tmp_path_factory.mktemp("sample")
    (place / "in.jsonl").write_text("".join(f'{{"id":{n},"text":"Words."}}\n' for n in range(count)))
    found = []
    for how in ("--sample", "--sample", "--limit"):
        done = CliRunner().invoke(
            main, ["clean", str(place / "in.jsonl"), "-o", str(place / "o.jsonl"), how, str(most)]
        )
        assert done.exit_code == 0, done.output
        found.append([json.loads(line)["id"] for line in (place / "o.jsonl").read_text().splitlines()])
    assert found[0] == found[1] == sorted(set(found[0]))
    assert len(found[0]) == min(count, most)
    assert found[2] == list(range(min(count, most)))


def test_a_dry_run_writes_nothing(place: Path) -> None:
    """A dry run counts what would be done and leaves no file."""
    before = files(place)
    done = clean("in", "-o", "out/", "--dry-run", "--json")
    assert files(place) == before
    assert json.loads(done.stderr)["documents"] == 116


def test_markers_read_back() -> None:
    """What a marker says is what is read back from it."""
    marker = Marker("a-00000", (), files={}, names=("x.txt",), read=3)
    marker.tally.rules["x.y"] = 2
    assert Marker.parse(marker.write(), "here") == marker
    assert Stream("a", bytes=10).border(25) == 30
