"""What a run did, told from the markers of its shards and from its records: both tell the same, and what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result

from cleaner.audit import stats as stats_module
from cleaner.audit.stats import stats_of_file, stats_of_folder
from cleaner.cli.main import main
from cleaner.io.folder import open_folder
from cleaner.io.record import USUAL
from tests.making import MORE, PROSE

NOISY = f"{PROSE}\nAdvertisement\n{MORE}"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean two inputs into a folder of shards and into one file."""
    folder = tmp_path_factory.mktemp("stats")
    (folder / "in").mkdir()
    rows: list[dict[str, Any]] = [{"id": number, "text": NOISY if number % 2 else PROSE} for number in range(20)]
    for number, row in enumerate(rows):
        row |= {"url": "https://www.one.example/x"} if number < 10 else {"source": "Two"} if number < 15 else {}
    lines = [json.dumps(row) for row in rows]
    (folder / "in/a.jsonl").write_text("\n".join([*lines, '{"text":1}', '{"text":2}', "{"]))
    (folder / "in/b.jsonl").write_text("\n".join(lines[:4]))
    inputs = [f"{folder}/in/a.jsonl", f"{folder}/in/b.jsonl"]
    assert run("clean", *inputs, "-o", f"{folder}/out/", "--shard-size", "0.001", "-q").exit_code == 1
    assert run("clean", *inputs, "-o", f"{folder}/out.jsonl", "-q").exit_code == 1
    return folder


def test_markers_and_records_tell_the_same(made: Path) -> None:
    """The markers of shards, their records, and the records of one file give the same figures."""
    marked, read = stats_of_folder(open_folder(f"{made}/out")), stats_of_folder(open_folder(f"{made}/out"), USUAL)
    whole = stats_of_file(f"{made}/out.jsonl", USUAL)
    assert marked.tally == read.tally == whole.tally
    assert (marked.tally.cleaned, marked.tally.unchanged, marked.tally.rejected) == (12, 12, 3)
    assert (read.classes, read.sources, read.reasons) == (whole.classes, whole.sources, whole.reasons)
    assert set(whole.classes) == {"ad"}
    assert {name: tally.documents for name, tally in whole.sources.items()} == {
        "one.example": 14,
        "Two": 5,
        "unknown": 5,
    }
    assert whole.reasons["`text` is a JSON number, not a string"] == 2
    assert {name: tally.documents for name, tally in marked.parts.items()} == {"a.jsonl": 23, "b.jsonl": 4}
    assert (marked.missing, marked.unfinished, marked.broken, marked.unread) == ([], [], [], [])
    assert marked.bytes == sum(path.stat().st_size for path in (made / "in").iterdir())
    assert marked.seconds > 0


def test_annotated_records_count_the_same(made: Path) -> None:
    """Of annotated records, whose texts hold what was cut, the same is told."""
    assert (
        run(
            "clean", f"{made}/in/a.jsonl", f"{made}/in/b.jsonl", "-o", f"{made}/noted.jsonl", "--annotate", "-q"
        ).exit_code
        == 1
    )
    assert stats_of_file(f"{made}/noted.jsonl", USUAL).tally == stats_of_file(f"{made}/out.jsonl", USUAL).tally


def test_lean_annotated_shards_count_the_same(made: Path) -> None:
    """Of shards whose records hold their sources, and no texts of cuts, the characters of sources are told right."""
    names = ("clean", f"{made}/in/a.jsonl", f"{made}/in/b.jsonl", "-o", f"{made}/both/", "--lean", "--annotate", "-q")
    assert run(*names).exit_code == 1
    told = json.loads(run("stats", f"{made}/both", "--read", "--json").stdout)
    whole = json.loads(run("stats", f"{made}/out.jsonl", "--json").stdout)
    assert told["sources"] == whole["sources"]


def test_what_is_missing_is_told(made: Path, tmp_path: Path) -> None:
    """A shard without a marker, an input without its last shard, and files that are gone are told, with exit code 1."""
    shutil.copytree(made / "out", tmp_path / "out")
    for name in ("_run/a-00001.done", "_run/b-00000.done", "a-00002.jsonl"):
        (tmp_path / "out" / name).unlink()
    last = sorted((tmp_path / "out/_run").glob("a-*"))[-1]
    last.unlink()
    found = run("stats", f"{tmp_path}/out", "--read")
    assert found.exit_code == 1
    assert "missing: a-00001\n" in found.stdout
    assert "not finished: a.jsonl\n" in found.stdout
    assert "a-00002.jsonl: it is missing\n" in found.stdout


def test_input_that_broke_off_is_told(tmp_path: Path) -> None:
    """An input that broke off is named, with the reason."""
    pressed = zstandard.ZstdCompressor().compress(b'{"text":"One."}\n' * 9)
    (tmp_path / "in.jsonl.zst").write_bytes(pressed[:-1])
    assert run("clean", f"{tmp_path}/in.jsonl.zst", "-o", f"{tmp_path}/out/", "-q").exit_code == 2
    found = run("stats", f"{tmp_path}/out")
    assert (found.exit_code, found.stderr) == (1, "")
    assert "broke off: in.jsonl.zst: the Zstandard stream is truncated" in found.stdout


def test_tables_and_json_hold_the_figures(made: Path) -> None:
    """The plain output has a table for each kind of figure; JSON holds all of them."""
    text = run("stats", f"{made}/out", "--read").stdout
    for line in (
        "27 records = 12 cleaned + 12 unchanged + 3 rejected",
        "generic.ad-label  12\n",
        "one.example  14",
        "bad JSON",
    ):
        assert line in text
    assert "a.jsonl  23       10       10         3" in text
    row = json.loads(run("stats", f"{made}/out", "--json").stdout)
    assert (row["documents"], row["rules"], row["inputs"]["b.jsonl"]["documents"]) == (27, {"generic.ad-label": 12}, 4)
    assert run("stats", f"{made}/out", "--top", "1").stdout.count(" more ") == 1


def test_sources_are_bounded(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind so many sources all others count as one: memory does not grow with the number of hosts."""
    monkeypatch.setattr(stats_module, "_MOST_SOURCES", 1)
    found = stats_of_file(f"{made}/out.jsonl", USUAL).sources
    assert {name: tally.documents for name, tally in found.items()} == {"one.example": 14, "others": 10}


def test_lines_that_are_no_records_are_told(tmp_path: Path) -> None:
    """What holds no account is counted and told, not guessed at."""
    (tmp_path / "out.jsonl").write_text('{"text":"One."}\nrubbish\n')
    found = run("stats", f"{tmp_path}/out.jsonl")
    assert found.exit_code == 1
    assert "2 lines of it hold no record with `cleaning`" in found.stdout


def test_records_with_lone_surrogates_are_read(tmp_path: Path) -> None:
    """A record with what UTF-8 cannot hold counts like any other, and replays."""
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": 1, "text": f"\ud800 {NOISY}"}))
    assert run("clean", f"{tmp_path}/in.jsonl", "-o", f"{tmp_path}/out.jsonl", "-q").exit_code == 0
    assert stats_of_file(f"{tmp_path}/out.jsonl", USUAL).tally.cleaned == 1
    assert run("verify", f"{tmp_path}/in.jsonl", f"{tmp_path}/out.jsonl").exit_code == 0


@pytest.mark.parametrize(("name", "about"), [("gone.jsonl", "no such output"), ("x.txt", "holds no records")])
def test_what_has_no_stats(tmp_path: Path, name: str, about: str) -> None:
    """What is missing or holds no records ends with one line and exit code 2."""
    (tmp_path / "x.txt").write_text("One.")
    found = run("stats", f"{tmp_path}/{name}")
    assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert about in found.stderr
