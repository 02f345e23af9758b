"""What is read out of a run's scores: steps compared, candidates chosen, errors counted by class."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import zstandard

from benchmarks import errors, steps, tune
from benchmarks.errors import Label, read_labels, tabulate, worst
from benchmarks.steps import compare_runs, compare_steps, read_tracks
from cleaner.bench.output import SCORES
from cleaner.bench.scores import CaseScores, read_scores
from cleaner.errors import InputError

Rows = dict[str, list[float]]


def write_run(folder: Path, sets: dict[str, Rows], track: str = "html") -> Path:
    """Write the scores of a run: for each set the F1 of every peer, a site a case."""
    lines = []
    for name, peers in sets.items():
        for at in range(len(next(iter(peers.values())))):
            scores = {peer: {"cases": 1, "f1": values[at], "ms": 1.5} for peer, values in peers.items()}
            known = {"track": track, "set": name, "id": f"{at}", "site": f"{at}.example", "lang": "en"}
            lines.append(orjson.dumps({**known, "scores": scores, "failed": {}}) + b"\n")
    folder.mkdir(exist_ok=True)
    (folder / SCORES).write_bytes(zstandard.compress(b"".join(lines)))
    return folder


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """Write a run of three cases, in which the second peer is worse on two."""
    return write_run(tmp_path / "run", {"harbour": {"plain": [0.9, 0.8, 1.0], "shouting": [0.8, 0.8, 0.0]}})


def call(main: Callable[[], None], monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> None:
    monkeypatch.setattr("sys.argv", ["", *map(str, words)])
    main()


def test_cases_are_read_with_their_parts(harbour: Path) -> None:
    """A case has its name, its site, and by peer its parts and the one figure that orders cases."""
    first = next(read_scores(harbour / SCORES))
    assert first.name == ("html", "harbour", "0")
    assert first.site == "0.example"
    assert (first.quality("plain"), first.scores["shouting"]["ms"]) == (0.9, 1.5)


@pytest.mark.parametrize("raw", [b"{}", b"no", b"[1]", b'{"track": "html"}'])
def test_what_holds_no_scores_is_refused(tmp_path: Path, raw: bytes) -> None:
    """A file that is something else, or is not there, is named with what is wrong."""
    path = tmp_path / "scores.jsonl"
    path.write_bytes(raw)
    with pytest.raises(InputError, match="no scores of `cleaner bench`"):
        list(read_scores(path))
    with pytest.raises(InputError, match="absent"):
        list(read_scores(tmp_path / "absent.jsonl"))


def test_steps_are_compared_with_the_one_before(harbour: Path) -> None:
    """Each peer stands beside the one named before it: means, difference, and cases that became better and worse."""
    (table,) = compare_steps(read_tracks(harbour), ["plain", "shouting", "plain"])
    assert [list(column.cells) for column in table.columns[1:5]] == [
        ["shouting", "plain"], ["plain", "shouting"], ["0.9000", "0.5333"], ["0.5333", "0.9000"],
    ]  # fmt: skip
    assert list(table.columns[7].cells) == ["0/2", "2/0"]
    with pytest.raises(InputError, match="did not ask 'loud' about track 'html'; it asked plain, shouting"):
        list(compare_steps(read_tracks(harbour), ["plain", "loud"]))


def test_runs_are_compared_over_the_same_cases(
    harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each peer stands beside itself in an earlier run; other cases are no comparison; one command prints it."""
    call(steps.main, monkeypatch, harbour, "--against", harbour, "--track", "html")
    assert "+0.0000 [+0.0000 +0.0000]" in capsys.readouterr().out
    then = write_run(tmp_path / "then", {"harbour": {"plain": [0.8, 0.7, 0.9]}})
    (table,) = compare_runs(read_tracks(harbour), read_tracks(then), [])
    assert [list(column.cells) for column in table.columns[1:5]] == [
        ["plain"], ["0.8000"], ["0.9000"], ["+0.1000 [+0.1000 +0.1000]*"],
    ]  # fmt: skip
    fewer = write_run(tmp_path / "fewer", {"harbour": {"plain": [0.8]}})
    with pytest.raises(InputError, match="the earlier run has other cases"):
        list(compare_runs(read_tracks(harbour), read_tracks(fewer), []))
    with pytest.raises(InputError, match="no track 'whole'"):
        read_tracks(harbour, ["whole"])


def test_a_candidate_is_chosen_on_other_folds_and_sets_count_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What does well on the one case of a small set is chosen as the sets count the same; its gain is told by set."""
    large: Rows = {"plain": [0.6] * 8, "bold": [0.5] * 8}
    small: Rows = {"plain": [0.1] * 4, "bold": [0.9] * 4}
    run = write_run(tmp_path / "run", {"large": large, "small": small})
    call(tune.main, monkeypatch, run, "--candidates", "plain", "bold", "--folds", "2")
    out = capsys.readouterr().out
    assert "chosen in 2 folds over 8 sites: bold, bold" in out
    assert re.search(r"large .*0\.6000 .*0\.5000 .*-0\.1000", out)
    assert re.search(r"small .*0\.1000 .*0\.9000 .*\+0\.8000", out)
    with pytest.raises(ValueError, match="cannot be dealt out"):
        call(tune.main, monkeypatch, run, "--candidates", "plain", "--folds", "20")


def test_errors_are_counted_by_class(
    harbour: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels are found by id, or by set and id where ids repeat; classes are ordered by what they cost."""
    found = worst(read_tracks(harbour)["html"], "shouting", 2)
    assert [loss.case.id for loss in found] == ["2", "0"]
    labels = {"harbour/2": Label("nothing found", "real"), "0": Label("gold is longer", "convention")}
    table = tabulate(found, labels)
    assert list(table.columns[0].cells) == ["nothing found", "gold is longer", "all", "all", "all"]
    assert list(table.columns[3].cells) == ["1.00", "0.20", "1.00", "0.20", "1.20"]
    assert list(table.columns[5].cells) == ["1.000", "0.900", "1.000", "0.900", "0.950"]
    path = harbour / "labels.jsonl"
    path.write_text('{"id": "2", "class": "nothing found", "kind": "real"}\n', encoding="utf-8")
    call(errors.main, monkeypatch, harbour, path, "--peer", "shouting", "--worst", "2")
    assert "not labelled" in capsys.readouterr().out


def test_a_track_without_losses_has_no_classes() -> None:
    """Nothing labelled and nothing lost is an empty table."""
    assert tabulate([], {}).row_count == 0
    done = CaseScores("html", "harbour", "0", "a.example", {"plain": {"f1": 1.0}})
    assert list(tabulate(worst([done], "plain", 1), {}).columns[4].cells) == ["0%", "0%"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "7", "class": "lead", "kind": "maybe"}', "not 'maybe'"),
        ('{"id": "7", "class": "lead"}', "kind"),
        ("[]", "no label"),
        ("{", "no label"),
    ],
)
def test_labels_of_another_kind_are_refused(tmp_path: Path, line: str, reason: str) -> None:
    """An error is real or a convention of the gold, nothing else."""
    path = tmp_path / "labels.jsonl"
    path.write_text('{"set": "harbour", "id": 7, "class": "lead", "kind": "real"}\n', encoding="utf-8")
    assert read_labels(path) == {"harbour/7": Label("lead", "real")}
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2") as refused:
        read_labels(path)
    assert reason in str(refused.value)


def test_the_labels_kept_can_be_read() -> None:
    """Those that stand in the tree are sound."""
    assert len(read_labels(Path(errors.__file__).with_name("labels.jsonl"))) == 77
