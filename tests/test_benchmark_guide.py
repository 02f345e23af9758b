"""The guide to the benchmark: its files and commands work as they stand, and what it names is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.importers.table import IMPORTERS
from cleaner.bench.measure import FORMULAS
from cleaner.bench.plan import INJECTED, KINDS, read_plan
from tests.test_docs import (
    _CODE,
    _LINK,
    BENCHMARKS,
    ELSEWHERE,
    ROOT,
    blocks,
    commands,
    folder,
    matches,
    put_python,
    run_here,
    run_in_shell,
    run_python,
    surface,
    write_file,
)

PAGE = "docs/benchmark.md"
PLANS = sorted((ROOT / "benchmarks" / "plans").glob("*.toml"))
MEASURING = "cleaner bench "

__all__ = ["folder"]


def write_files(folder: Path) -> None:
    """Write the files that the guide shows, and put `python` on the path."""
    for block in blocks(PAGE):
        write_file(block, folder)
    put_python(folder)


def run_all(folder: Path, measuring: bool) -> list[str]:
    """Run what measures, or the rest; tell what did not print what stands below it.

    Memory is left out: it takes a process of its own for each peer, and other tests measure it.
    """
    wrong: list[str] = []
    for block in blocks(PAGE):
        if block.language == "python" and measuring:
            wrong += run_python(block.body, PAGE, {})
        if block.language == "console":
            for command, expected in commands(block.body):
                if command.startswith(MEASURING) is measuring:
                    wrong += run_command(command, expected, folder)
    return wrong


def run_command(command: str, expected: str, folder: Path) -> Iterator[str]:
    measures = command.startswith(MEASURING)
    code, printed = run_here(f"{command} --no-memory") if measures else run_in_shell(command, folder)
    refused = expected.startswith("benchmarks.importers: ")
    if code != (2 if refused else 0) or not matches(expected, printed):
        yield f"$ {command}\nexit code {code}\n{printed}"


def test_importing_works_as_shown(folder: Path) -> None:
    """What needs nothing but the project prints what stands below it."""
    write_files(folder)
    wrong = run_all(folder, measuring=False)
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not find_spec("cleaner.bench.leaderboard"), reason="the command is not whole yet")
@pytest.mark.skipif(not find_spec("rapidfuzz"), reason="needs the extra `bench`")
def test_measuring_works_as_shown(folder: Path) -> None:
    """Every command that measures ends well, and leaves the files that the guide lists."""
    write_files(folder)
    wrong = run_all(folder, measuring=True)
    assert not wrong, "\n".join(wrong)
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    named = re.findall(r"^\| `([\w.]+\.(?:html|md|json|zst|sqlite|lock))` \|", text, re.MULTILINE)
    assert set(named) == {path.name for path in (folder / "out").iterdir()}


def test_what_it_names_is_there() -> None:
    """Importers, options, kinds of tracks and files that the guide names exist, and no importer is left out."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    _, options = surface()
    options |= {option for source in BENCHMARKS.values() for option in re.findall(r'"(--[a-z-]+)"', source)} | ELSEWHERE
    code = [*_CODE.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))]
    code += [line for block in blocks(PAGE) if block.language in ("sh", "console") for line in block.body.splitlines()]
    used = {option for line in code for option in re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", line)}
    assert not used - options
    importers, kinds = (re.findall(r"^\| `([\w-]+)` \|", part, re.MULTILINE) for part in parts(text))
    assert importers == list(IMPORTERS)
    assert kinds == list(KINDS)
    for name in re.findall(r"benchmarks/[\w./]+", text):
        assert (ROOT / name).exists(), name
    for target in _LINK.findall(text):
        assert (ROOT / "docs" / target).exists(), target


def parts(text: str) -> tuple[str, str]:
    """Return the sections with the table of importers and with that of tracks."""
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    return sections["Public benchmarks"], sections["Tracks"]


def test_every_figure_is_explained() -> None:
    """Each measure of the bench has its line in the table of figures."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    section = text.split("\n## Figures\n")[1].split("\n## ")[0]
    explained = {name for line in re.findall(r"^\| ([^|]+) \|", section, re.MULTILINE) for name in spelled_out(line)}
    assert {formula.measure.label.split(",")[0] for formula in FORMULAS} <= explained


def spelled_out(names: str) -> Iterator[str]:
    """Yield the names that a line lists: `4-gram precision, F1` are `4-gram precision` and `4-gram F1`."""
    first, *others = names.split(", ")
    stem = first.rpartition(" ")[0]
    yield first
    for other in others:
        yield from (other, f"{stem} {other}")


def test_table_of_importers_says_what_they_say() -> None:
    """Licences and numbers of pages in the guide are those of the importers."""
    table, _ = parts((ROOT / PAGE).read_text(encoding="utf-8"))
    for name, about, _, licence in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|$", table, re.MULTILINE):
        importer = IMPORTERS[name]
        assert licence in importer.licence or name == "plain"
        assert importer.pages is None or str(importer.pages) in about


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_plans_name_tracks_and_sets(path: Path) -> None:
    """Every track of a plan is of a known kind and has sets, but for noise, which comes with the project."""
    plan = tomllib.loads(path.read_text(encoding="utf-8"))
    assert plan["about"]
    assert len({track["name"] for track in plan["track"]}) == len(plan["track"])
    for track in plan["track"]:
        assert set(track) <= {"name", "kind", "about", "sets"}
        assert track.get("kind", track["name"]) in KINDS
        assert track.get("sets") or track["name"] in INJECTED
        assert all((path.parent / name).exists() for name in track.get("sets", ()) if name.startswith(".."))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_plans_are_read(path: Path, tmp_path: Path) -> None:
    """The command finds every set of a plan below the folder of data, or beside the plan."""
    for track in tomllib.loads(path.read_text(encoding="utf-8"))["track"]:
        for name in (name for name in track.get("sets", ()) if not name.startswith("..")):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
    tracks = read_plan(path, tmp_path)
    assert {track.kind for track in tracks} <= set(KINDS)
    assert all(found.exists() for track in tracks for found in track.paths)


def test_the_public_plan_takes_what_importers_write() -> None:
    """Each importer of a benchmark has its file there, in every track of pages."""
    plan = tomllib.loads((ROOT / "benchmarks/plans/public.toml").read_text(encoding="utf-8"))
    for track in plan["track"]:
        if track["name"] in ("html", "whole", "recall"):
            assert track["sets"] == [f"{name}.jsonl.zst" for name in IMPORTERS if name != "plain"]
