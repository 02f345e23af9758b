"""The benchmark as a whole: what is asked is answered, kept, judged and written; what fails is told."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from click.testing import CliRunner, Result

from cleaner.bench.case import Case
from cleaner.bench.output import show_gold
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.results import read_results
from cleaner.bench.sets import read_set
from cleaner.bench.store import Store, identify, key_of
from cleaner.bench.workers import Answer
from cleaner.cli.main import main
from cleaner.errors import InputError
from tests.making import LAST, MORE, PROSE

pytest.importorskip("rapidfuzz")

BODY = f"{PROSE}\n{MORE}\n{LAST}"
calls = Path("calls")


def _raise() -> Extract:
    def extract(case: Case) -> str:
        if case.id.endswith("1"):
            raise RuntimeError("no such\nelement")
        return case.markup

    return extract


def _count() -> Extract:
    """Note each call in a file of the working folder, as the peer runs in another process."""

    def extract(case: Case) -> str:
        with calls.open("a") as file:
            file.write(f"{case.id}\n")
        return case.markup

    return extract


def _break() -> Extract:
    raise ImportError("no model here")


def _leave() -> Extract:
    def extract(case: Case) -> str:
        raise SystemExit(3)

    return extract


def _die() -> Extract:
    def extract(case: Case) -> str:
        os._exit(3)

    return extract


def _hang() -> Extract:
    def extract(case: Case) -> str:
        time.sleep(60)
        return case.markup

    return extract


def _refuse() -> Extract:
    raise SystemExit("no licence")


FRAGILE = Peer("fragile", "filter", "text", _raise, "raises on every tenth text")
COUNTED = Peer("counted", "filter", "text", _count, "returns the text")
BROKEN = Peer("broken", "filter", "text", _break, "cannot be made")
LEAVING = Peer("leaving", "filter", "text", _leave, "calls sys.exit")
DYING = Peer("dying", "filter", "text", _die, "ends its process")
HANGING = Peer("hanging", "filter", "text", _hang, "sleeps")
REFUSING = Peer("refusing", "filter", "text", _refuse, "calls sys.exit where it is made")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write two sets of texts, one of pages and one of labelled texts, and work beside them."""
    monkeypatch.chdir(tmp_path)
    write(
        "texts.jsonl",
        *(
            {"id": f"t{n}", "text": f"{BODY}\nAdvertisement", "gold": BODY, "lang": "en", "source": f"s{n % 4}"}
            for n in range(12)
        ),
    )
    write(
        "more.jsonl",
        *({"id": f"m{n}", "text": BODY, "gold": BODY, "lang": "de", "source": f"s{n % 3}"} for n in range(5)),
    )
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.split("\n"))
    page = f"<html><body><nav><a href='/'>Home</a></nav><article>{paragraphs}</article></body></html>"
    write(
        "pages.jsonl",
        {"id": "p1", "html": page, "gold": BODY},
        {"id": "p2", "html": page, "with": [LAST], "without": ["Home"]},
    )
    text = f"Advertisement\n{BODY}"
    write("dumps.jsonl", {"id": "d1", "text": text, "spans": [[0, 13, "ad"], [14, len(text), "body"]]})
    return tmp_path


def write(name: str, *records: Mapping[str, Any]) -> None:
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["bench", "--quiet", "--no-memory", "--jobs", "1", "--resamples", "100", *arguments]
    )


def test_a_run_measures_every_track_and_writes_its_files(data: Path) -> None:
    """Tracks follow from the data; figures, scores of each case, the page and the tables are written."""
    done = bench(
        "texts.jsonl",
        "more.jsonl",
        "pages.jsonl",
        "dumps.jsonl",
        "--peer",
        "cleaner",
        "--peer",
        "identity",
        "-o",
        "out",
    )
    assert done.exit_code == 0, done.output
    results = read_results("out/results.json")
    assert [(track.name, track.chief) for track in results.tracks] == [
        ("html", "f1"),
        ("texts", "f1"),
        ("dumps", "removal_f1"),
    ]
    html, texts, dumps = results.tracks
    assert [(one.name, one.cases, one.sites) for one in texts.sets] == [("texts", 12, 4), ("more", 5, 3)]
    ours, identity = texts.peers
    assert (ours.peer, ours.figures["f1"].value, ours.figures["exact"].value) == ("cleaner", 1.0, 1.0)
    assert identity.figures["recall"].value == 1.0
    assert identity.figures["exact"].value == pytest.approx(5 / 17, abs=1e-6)
    assert html.peers[0].figures["snippet_f1"].value == 1.0
    assert dumps.peers[0].figures["removal_f1"].value == 1.0
    assert dumps.peers[1].figures["noise_removed"].value == 0.0
    lines = zstandard.ZstdDecompressor().stream_reader(Path("out/scores.jsonl.zst").read_bytes()).read().splitlines()
    scores = [orjson.loads(line) for line in lines]
    assert len(scores) == 20
    assert scores[2]["scores"]["cleaner"]["f1"] == 1.0
    assert PROSE not in Path("out/results.json").read_text() + lines[0].decode()
    assert "cleaner" in Path("out/report.md").read_text()
    assert Path("out/report.html").read_text().startswith("<!doctype html>")


def test_a_run_can_be_repeated_to_the_digit(data: Path) -> None:
    """Figures and intervals depend on data, peers and seed alone; only times differ."""
    first, second = ("out1", "out2")
    for folder in (first, second):
        assert (
            bench("texts.jsonl", "--peer", "cleaner", "--peer", "identity", "--seed", "7", "-o", folder).exit_code == 0
        )
    tracks = [read_results(f"{folder}/results.json").tracks[0] for folder in (first, second)]
    figures = [[(peer.figures, peer.spreads, peer.ahead, peer.signals) for peer in track.peers] for track in tracks]
    assert figures[0] == figures[1]
    assert tracks[0].groups == tracks[1].groups
    assert tracks[0].sets == tracks[1].sets


def test_a_peer_that_raises_counts_as_empty_and_is_listed(data: Path) -> None:
    """A failure costs the case, is named with its reason, and stops nobody."""
    done = bench(
        "texts.jsonl",
        "--peer",
        "identity",
        "--peer",
        f"{__name__}:FRAGILE",
        "--peer",
        f"{__name__}:BROKEN",
        "--ours",
        "identity",
        "-o",
        "out",
    )
    assert done.exit_code == 0, done.output
    _, fragile, broken = read_results("out/results.json").tracks[0].peers
    assert [(one.case, one.reason) for one in fragile.failures] == [
        ("t1", "RuntimeError: no such\nelement"),
        ("t11", "RuntimeError: no such\nelement"),
    ]
    assert (fragile.failed, fragile.empty) == (2, 2)
    assert broken.failed == 12
    assert broken.failures[0].reason == "ImportError: no model here"
    assert broken.figures["f1"].value == 0.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("LEAVING", "SystemExit: 3"),
        ("DYING", "its process ended (exit code 3)"),
        ("HANGING", "more than 0.1 s"),
        ("REFUSING", "SystemExit: no licence"),
    ],
)
def test_a_peer_that_fails_from_its_first_call_on_ends_no_run(data: Path, name: str, reason: str) -> None:
    """Whatever a peer of one's own does to its process, from the first call on, costs its own answers alone."""
    write("texts.jsonl", {"id": "t0", "text": BODY, "gold": BODY}, {"id": "t1", "text": BODY, "gold": BODY})
    done = bench("texts.jsonl", "--peer", "identity", "--peer", f"{__name__}:{name}", "--limit", "0.1", "-o", "out")
    assert done.exit_code == 0, done.output
    identity, fallen = read_results("out/results.json").tracks[0].peers
    assert (identity.failed, identity.figures["f1"].value) == (0, 1.0)
    assert [one.reason for one in fallen.failures] == [reason, reason]


def test_a_run_is_taken_up_where_the_same_was_asked(data: Path) -> None:
    """With --resume answers that still hold are not asked for again; another text is; without it all are."""
    once = ("texts.jsonl", "--peer", "cleaner", "--peer", f"{__name__}:COUNTED", "-o", "out")
    warm = 1  # each process calls a peer once before its first case

    def called() -> int:
        count = len(calls.read_text().splitlines()) if calls.exists() else 0
        calls.unlink(missing_ok=True)
        return count

    assert bench(*once).exit_code == 0
    assert called() == warm + 12
    assert bench(*once, "--resume").exit_code == 0
    assert called() == 0
    write("texts.jsonl", {"id": "t0", "text": f"{BODY}\nRead also", "gold": BODY})
    assert bench(*once, "--resume").exit_code == 0
    assert called() == warm + 1
    assert bench(*once).exit_code == 0
    assert called() == warm + 1


def test_a_peer_that_no_track_can_ask_is_told(data: Path) -> None:
    """Who asks for a peer of pages on texts learns why it is in no table."""
    asked = bench("texts.jsonl", "--peer", "identity", "--peer", "inscriptis")
    assert asked.exit_code == 0
    assert asked.stderr == "inscriptis is left out: it takes html, which no track gives\n"


def test_floors_are_set_and_kept(data: Path) -> None:
    """A gate is written by --update, passes on the same figures, and fails with one line a figure that fell."""
    peers = ("texts.jsonl", "--peer", "cleaner", "--peer", "identity")
    assert bench(*peers, "--gate", "floors.json", "--update").exit_code == 0
    kept = bench(*peers, "--gate", "floors.json")
    assert (kept.exit_code, kept.stderr) == (0, "floors: floors.json: all 2 are kept\n")
    floors = json.loads(Path("floors.json").read_text())
    assert {"track": "texts", "set": "texts", "measure": "f1", "bound": "least", "value": 1.0} in floors["floors"]
    write("texts.jsonl", {"id": "t0", "text": f"{BODY}\nOther words", "gold": BODY})
    done = bench(*peers, "--gate", "floors.json")
    assert done.exit_code == 1
    assert "other" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "cleaner: name files of cases, a folder of seeds, or a plan"),
        (("texts.jsonl", "--resume"), "cleaner: --resume needs the folder of the earlier run: name it with -o"),
        (("texts.jsonl", "--update"), "cleaner: --update needs the file of floors: name it with --gate"),
        (("texts.jsonl", "--allow-lower", "x", "--gate", "f"), "cleaner: --allow-lower goes with --update"),
        (("texts.jsonl", "--track", "html"), "cleaner: there is no track 'html'; there are: texts"),
        (("texts.jsonl", "--peer", "inscriptis"), "cleaner: no peer takes the text of track 'texts': name one more with --peer"),
        (("gone.jsonl",), "cleaner: gone.jsonl"),
        (("texts.jsonl", "--data", "."), "cleaner: --data goes with a plan"),
        (("plan.toml", "--data", "gone"), "cleaner: gone is no folder; --data names the one that holds the sets of a plan"),
        (("texts.jsonl", "--peer", "cleaner", "--ours", "mine"), "cleaner: --ours mine: no such peer runs; there are: cleaner"),
        (("texts.jsonl", "--peer", "cleaner", "--gate", "gone.json"), "cleaner: gone.json: floors cannot be read: No such file"),
        (("texts.jsonl", "--peer", "cleaner", "--gate", "texts.jsonl", "--update"), "cleaner: texts.jsonl: no floors: "),
        (("texts.jsonl", "--peer", "cleener"), "cleaner: "),
        (("texts.jsonl", "--peer", "cleaner", "--against", "gone.json"), "cleaner: gone.json: the results cannot be read: No such file"),
        (("texts.jsonl", "--peer", "cleaner", "--against", "texts.jsonl"), "cleaner: texts.jsonl: no results of `cleaner bench`: "),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_one_line(data: Path, arguments: tuple[str, ...], message: str) -> None:
    """The exit code is 2, the line says what to write instead, and nothing was measured before."""
    done = bench(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(message)


def test_answers_are_kept_with_what_was_asked(tmp_path: Path) -> None:
    """Any text comes back as it was; another case, form or peer has another key."""
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"id": "t1", "text": "Body.", "gold": "Body."}))
    case = next(read_set(path))
    keys = {
        key_of(case, "", identify(FRAGILE)),
        key_of(case, "whole", identify(FRAGILE)),
        key_of(case, "", identify(COUNTED)),
        key_of(replace(case, held_out=("a.b",)), "", identify(FRAGILE)),
    }
    assert len(keys) == 4
    answer = Answer("lone \ud800, NUL \0, line\r\n", 0.25, "why")
    with Store(tmp_path / "a.sqlite", afresh=True) as store:
        store.put(b"key", answer)
    with Store(tmp_path / "a.sqlite", afresh=False) as store:
        assert store.get(b"key") == answer
        assert store.get(b"other") is None
    with Store(tmp_path / "a.sqlite", afresh=True) as store:
        assert store.get(b"key") is None
    (tmp_path / "b.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match="run without --resume"):
        Store(tmp_path / "b.sqlite", afresh=False)


def test_gold_is_shown_as_a_text(tmp_path: Path) -> None:
    """Of labels stays what is no noise, at its places; snippets are listed."""
    path = tmp_path / "one.jsonl"
    text = "Ad\nThe bridge. Subscribe now. It is open.\nMore"
    labels = [[0, 2, "ad"], [3, 14, "body"], [15, 29, "newsletter"], [30, 41, "body"], [42, 46, "nav"]]
    rows = [{"id": "d", "text": text, "spans": labels}, {"id": "s", "text": text, "with": ["a"], "without": ["b"]}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [show_gold(case) for case in read_set(path)] == ["The bridge. It is open.", "stays: a\ngoes: b"]


def test_a_run_is_compared_with_the_one_before(data: Path) -> None:
    """What stood in the folder, or is named, tells which cases fell."""
    peers = ("--peer", "cleaner", "--peer", "identity", "-o", "out")
    assert bench("texts.jsonl", *peers).exit_code == 0
    assert "cases that fell" not in Path("out/report.html").read_text().lower()
    write("texts.jsonl", {"id": "t0", "text": f"{BODY}\nOther words", "gold": BODY})
    assert bench("texts.jsonl", *peers, "--against", "out").exit_code == 0
    page = Path("out/report.html").read_text()
    assert "t0" in page
    assert "fell" in page


def test_what_cannot_be_written_is_told_and_leaves_nothing(data: Path) -> None:
    """A file of the run that cannot be written is named in one line; no half of it stays."""
    Path("out/report.md").mkdir(parents=True)
    done = bench("texts.jsonl", "--peer", "identity", "-o", "out")
    assert done.exit_code == 2
    assert done.output.splitlines() == ["cleaner: out/report.md cannot be written: Is a directory"]
    assert {path.name for path in Path("out").iterdir()} == {
        "answers.lock", "answers.sqlite", "report.md", "scores.jsonl.zst",
    }  # fmt: skip
