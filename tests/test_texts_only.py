"""Without lxml, trafilatura and what else only pages need: texts are cleaned alike, pages are refused with a reason."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any

import pytest

from cleaner.html import LIBRARIES
from tests.making import LAST, MORE, PROSE

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "packaging" / "text"

NEEDED = "HTML pages, and rules for their elements, need lxml, cssselect, lxml_html_clean, resiliparse, trafilatura"
NOISY = f"A bridge opens in Port Allen\n{PROSE}\nAdvertisement\n{MORE}\n{LAST}"
PAGE = f"<html><body><article><p>{PROSE}</p><p>{MORE}</p></article></body></html>"

BLOCKER = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {(*LIBRARIES, "brotli")!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write inputs, a rule file, and what every Python that starts there imports first."""
    folder = tmp_path_factory.mktemp("texts")
    (folder / "sitecustomize.py").write_text(BLOCKER)
    lines: list[dict[str, Any]] = [{"id": "text", "text": NOISY}, {"id": "page", "html": PAGE}]
    (folder / "both.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "text.jsonl").write_text(json.dumps(lines[0]) + "\n")
    (folder / "page.html").write_text(PAGE)
    return folder


def run(place: Path, *arguments: str, blocked: bool = True) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder, without those libraries unless told otherwise."""
    path = f"{place}{os.pathsep}{ROOT}" if blocked else str(ROOT)
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_the_blocker_blocks(place: Path) -> None:
    """The tests below prove nothing unless the libraries are gone."""
    for name in LIBRARIES:
        assert f"No module named '{name}'" in run(place, "-c", f"import {name}").stderr


def test_texts_are_cleaned_alike_and_pages_rejected(place: Path) -> None:
    """A dump of both: the text's record is that of the whole installation, the page goes to the rejects with what is missing."""
    done = run(place, "-m", "cleaner", "clean", "both.jsonl", "-o", "out.jsonl", "-j", "2", "--quiet")
    assert (done.returncode, done.stderr) == (1, "")
    run(place, "-m", "cleaner", "clean", "text.jsonl", "-o", "whole.jsonl", "--quiet", blocked=False)
    assert (place / "out.jsonl").read_text() == (place / "whole.jsonl").read_text()
    (reject,) = map(json.loads, (place / "out.jsonl.rejects.jsonl").read_text().splitlines())
    assert reject["id"] == "page"
    assert reject["reason"].startswith(f"{NEEDED}: pip install cleaner-news ")


WORKING = [
    ("--version",),
    ("clean", "text.jsonl", "--quiet"),
    ("explain", "text.jsonl"),
    ("explain", "text.jsonl", "--html", "-"),
    ("rules", "list"),
    ("rules", "show", "24heures.newsletter"),
    ("schema",),
]
REFUSED = [
    ("explain", "page.html"),
    ("test",),
    ("lint",),
    ("rules", "compile", "-o", "x.rules"),
]


ASKED = """
import json, sys
from click.testing import CliRunner
from cleaner.cli.main import main

told = []
for arguments in json.loads(sys.argv[1]):
    result = CliRunner().invoke(main, arguments)
    told.append((result.exit_code, result.stdout, result.stderr))
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def here(place: Path) -> dict[tuple[str, ...], list[Any]]:
    """Run all commands in one process without those libraries."""
    return ask(place, [*WORKING, *REFUSED])


def ask(place: Path, commands: list[tuple[str, ...]], blocked: bool = True) -> dict[tuple[str, ...], list[Any]]:
    """Return exit code, output and errors of each command."""
    done = run(place, "-c", ASKED, json.dumps(commands), blocked=blocked)
    assert done.returncode == 0, done.stderr
    return dict(zip(commands, json.loads(done.stdout), strict=True))


def test_what_needs_no_pages_works(place: Path, here: dict[tuple[str, ...], list[Any]]) -> None:
    """Commands on texts and on what rules say print what the whole installation prints."""
    whole = ask(place, WORKING, blocked=False)
    for arguments in WORKING:
        assert here[arguments] == whole[arguments], arguments
        assert whole[arguments][0] == 0


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_needs_pages_says_so(here: dict[tuple[str, ...], list[Any]], arguments: tuple[str, ...]) -> None:
    """Commands that look at pages, or at rules for them, end with one line that says what to install."""
    code, shown, complaint = here[arguments]
    assert code == 2, shown
    (line,) = complaint.splitlines()
    assert line.startswith("cleaner: ")
    assert f"{NEEDED}: pip install cleaner-news (" in line


def test_an_lxml_that_others_brought_is_not_enough(place: Path) -> None:
    """Beside an lxml that is there trafilatura may be missing: a page is refused before work on it begins."""
    code = (
        "import sys; sys.modules.pop('sitecustomize'); blocker = sys.meta_path[0]; found = blocker.find_spec\n"
        "blocker.find_spec = lambda name, *rest: None if name.split('.')[0] == 'lxml' else found(name, *rest)\n"
        "from cleaner import Cleaner, OptionError\n"
        "try: Cleaner().clean_html('<p>Storm.</p>')\n"
        "except OptionError as error: print(error)"
    )
    assert "need cssselect, lxml_html_clean, resiliparse, trafilatura: pip" in run(place, "-c", code).stdout


def test_the_second_distribution_leaves_out_what_only_pages_need() -> None:
    """What packaging/text leaves out are requirements of the whole, and all that the check before pages asks for."""
    pytest.importorskip("hatchling", reason="builds run where hatchling is installed")
    hook: Any = SimpleNamespace(**run_path(str(TEXTS / "build_hook.py")))
    config = tomllib.loads((TEXTS / "pyproject.toml").read_text())["tool"]["hatch"]["metadata"]["hooks"]["custom"]
    metadata: dict[str, Any] = {}
    hook.Metadata(str(TEXTS), config).update(metadata)
    left_out = {hook.key(one) for one in hook.whole()["project"]["dependencies"]} - set(
        map(hook.key, metadata["dependencies"])
    )
    assert left_out == {hook.key(name) for name in (*LIBRARIES, "brotli")}
