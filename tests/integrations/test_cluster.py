"""The guide for clusters: its commands run here as they stand, and what it shows of others is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.conftest import ROOT
from tests.test_docs import (
    _LINK,
    BENCHMARKS,
    blocks,
    commands,
    folder,
    matches,
    put_python,
    run_in_shell,
    run_python,
    write_file,
)

PAGE = "docs/cluster.md"
EXAMPLES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "examples").glob("*.py")}

__all__ = ["folder"]


def test_the_guide_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every console and Python block runs, in order, and prints what stands below it."""
    (folder / "examples").symlink_to(ROOT / "examples")
    put_python(folder)
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    wrong: list[str] = []
    names: dict[str, object] = {}
    for block in blocks(PAGE):
        write_file(block, folder)
        if block.language == "console":
            wrong += run_console(block.body, folder)
        if block.language == "python":
            wrong += run_python(block.body, PAGE, names)
    assert not wrong, "\n".join(wrong)


def run_console(body: str, folder: Path) -> Iterator[str]:
    """Run the commands of a block in a shell; tell which did not print what stands below them."""
    for command, shown in commands(body):
        code, printed = run_in_shell(command, folder)
        if code > 1 or not matches(shown, printed):
            yield f"$ {command}\nexit code {code}\n{printed}"


def test_what_is_only_shown_is_there() -> None:
    """Options of the examples, benchmarks and links that the guide names exist."""
    text = (ROOT / PAGE).read_text(encoding="utf-8")
    for name, options in re.findall(r"examples/(\w+\.py)([^\n`)]*)", text):
        for option in re.findall(r"--[a-z-]+", options):
            assert f'"{option}"' in EXAMPLES[name], option
    assert set(re.findall(r"benchmarks\.(\w+)", text)) <= BENCHMARKS.keys()
    for target in _LINK.findall(text):
        assert (ROOT / "docs" / target).exists(), target
