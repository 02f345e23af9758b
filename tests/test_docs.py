"""The documentation: what it shows runs and prints what it says, and what it names is there.

A block after a line that ends in a file name (`name`:) is written to that file. Lines after `$` in console blocks run
in the same folder, with `...` standing for anything; Python blocks are doctests, of one session for each page.

What a page needs besides `cleaner` stands in its first lines (`needs: [polars]`), what a section needs in a comment under
its heading (`<!-- needs: polars -->`). Where that is not installed, it is passed over, and some target of the Makefile
runs it where it is.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from click.testing import CliRunner

from cleaner.cli.main import main
from manual.contents import generate
from manual.links import HOMES

ROOT = Path(__file__).parent.parent
SITE = tuple(sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")))
PAGES = ("README.md", "CONTRIBUTING.md", "DESIGN.md", "CHANGELOG.md", *SITE)
RUN_ELSEWHERE = {
    "docs/benchmark.md": "tests/test_benchmark_guide.py",
    "docs/cluster.md": "tests/integrations/test_cluster.py",
}
"""Pages whose examples a test of their own runs."""

MODULES = {
    "newspaper4k": "newspaper", "news-please": "newsplease", "haystack-ai": "haystack", "langchain-core": "langchain_core",
    "llama-index-core": "llama_index",
}  # fmt: skip
"""Modules that are not called as their distribution is."""

ELSEWHERE = {"--upgrade"}
"""Options of other programs that the pages name."""

BENCHMARKS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")} | {
    path.parent.name: path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*/__main__.py")
}

_BLOCK = re.compile(r"^(?P<before>[^\n]*)\n+```(?P<language>[a-z]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FRONT = re.compile(r"\A---\n(?:.*\n)*?needs: \[(?P<names>[\w., -]+)\]\n(?:.*\n)*?---\n")
_SECTION = re.compile(r"^(?:#+ (?P<heading>.*)|<!-- needs: (?P<names>[\w., -]+) -->)$", re.MULTILINE)
_FILE_NAME = re.compile(r"`([\w./-]+\.\w+)`(?: \([^)]*\))?:$")
_CODE = re.compile(r"`([^`\n]+)`")
_SHELL = re.compile(r"[|&;<>$*`]")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    """Hold one fenced block, the line of text before it, its section, and what that needs installed."""

    before: str
    language: str
    body: str
    heading: str = ""
    needs: tuple[str, ...] = ()


def blocks(page: str) -> Iterator[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    inside = [(match.start(), match.end()) for match in _BLOCK.finditer(text)]
    marks = [mark for mark in _SECTION.finditer(text) if not any(start < mark.start() < end for start, end in inside)]
    for match in _BLOCK.finditer(text):
        above = [mark for mark in marks if mark.start() <= match.start()]
        heading = next((mark["heading"] for mark in reversed(above) if mark["heading"]), "")
        needs = _names(above[-1]["names"]) if above else ()
        yield Block(match["before"], match["language"], match["body"], heading, needs)


def needs_of(page: str) -> tuple[str, ...]:
    """Return the modules without which no example of a page runs."""
    front = _FRONT.match((ROOT / page).read_text(encoding="utf-8"))
    return _names(front["names"]) if front else ()


def _names(text: str | None) -> tuple[str, ...]:
    found = [name.strip() for name in (text or "").split(",") if name.strip()]
    return tuple(MODULES.get(name, name.replace("-", "_")) for name in found)


def is_here(name: str) -> bool:
    """Tell whether a module is installed, without importing it."""
    return find_spec(name.partition(".")[0]) is not None


def matches(expected: str, got: str) -> bool:
    return doctest.OutputChecker().check_output(expected, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def write_file(block: Block, folder: Path) -> None:
    """Write the file that a block shows, if the text before it names one."""
    if named := _FILE_NAME.search(block.before):
        path = folder / named[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body, encoding="utf-8")


def put_python(folder: Path) -> None:
    """Let `python` be the interpreter that runs the tests."""
    python = folder.parent / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder where `cleaner` is the one under test."""
    shim = tmp_path / "bin" / "cleaner"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cleaner "$@"\n')
    shim.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("CLEANER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "120")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RUN_ELSEWHERE])
def test_examples_run_and_print_what_the_page_shows(page: str, folder: Path) -> None:
    """Every example of a page runs, in order, and prints what stands below it; README's first in a shell of its own."""
    missing = [name for name in needs_of(page) if not is_here(name)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    wrong: list[str] = []
    done: set[str] = set() if page == "README.md" else {page}
    names: dict[str, object] = {}
    (folder / "examples").symlink_to(ROOT / "examples")
    put_python(folder)
    for block in blocks(page):
        if not all(map(is_here, block.needs)):
            continue
        write_file(block, folder)
        if block.language == "console":
            wrong += run_console(block.body, folder, done)
        if block.language == "python":
            wrong += run_python(block.body, page, names)
    assert not wrong, "\n".join(wrong)


def run_console(body: str, folder: Path, done: set[str]) -> Iterator[str]:
    for command, shown in commands(body):
        plain = command.startswith("cleaner ") and not _SHELL.search(command)
        code, printed = run_here(command) if plain and done else run_in_shell(command, folder)
        done.add(command)
        refused = code > 1 and not shown.startswith("cleaner: ")
        if refused or not matches(shown, printed):
            yield f"$ {command}\nexit code {code}\n{printed}"


def run_here(command: str) -> tuple[int, str]:
    """Run a command of ours without another start of Python."""
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    return result.exit_code, result.output


def run_in_shell(command: str, folder: Path) -> tuple[int, str]:
    """Run any command as a reader would."""
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def run_python(body: str, page: str, names: dict[str, object]) -> list[str]:
    test = doctest.DocTestParser().get_doctest(body, names, page, page, 0)
    assert test.examples, "a Python block without >>> is not tested"
    failures: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=failures.append, clear_globs=False)
    names.update(test.globs)
    return failures


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RUN_ELSEWHERE])
def test_commands_and_options_named_exist(page: str) -> None:
    """Every command and option that a page names in code exists, and so does every benchmark and make target."""
    text = (ROOT / page).read_text(encoding="utf-8")
    code = [*_CODE.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))]
    code += [line for block in blocks(page) if block.language in ("sh", "console") for line in block.body.splitlines()]
    known_commands, known_options = surface()
    known_options |= {name for source in BENCHMARKS.values() for name in re.findall(r'"(--[a-z-]+)"', source)}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in code:
        named = re.match(r"(?:\$ )?(?:\S*/)?cleaner ([a-z]+)\b(?![/.])", line)
        assert not named or named[1] in known_commands, line
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", line)) <= known_options | ELSEWHERE, line
        measured = re.match(r"python -m benchmarks\.(\w+)", line)
        assert not measured or measured[1] in BENCHMARKS, line
        made = re.match(r"(?:\$ )?make ([a-z-]+)", line)
        assert not made or made[1] in targets, line


def surface() -> tuple[set[str], set[str]]:
    """Return the names of all commands and of all their options."""
    context = click.Context(main)
    names, options = set(main.list_commands(context)), {"--help", "--version"}
    found = [main.get_command(context, name) for name in names]
    found += [part for group in found if isinstance(group, click.Group) for part in group.commands.values()]
    for command in filter(None, found):
        options |= {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    return names, options


@cache
def generated_pages() -> frozenset[str]:
    return frozenset(path for path, _ in generate())


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Every link to a file of the project leads to one, or to a page that is generated."""
    generated = {Path(f"docs/{path}") for path in generated_pages()}
    for target in _LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        path = Path(os.path.normpath(Path(page).parent / target))
        assert (ROOT / path).exists() or path in generated, target


def test_pages_of_the_root_stand_on_the_site() -> None:
    """What the site shows in the place of a file of the root is a page of it."""
    there = generated_pages() | {page.removeprefix("docs/") for page in SITE}
    assert {home.partition("#")[0] for home in HOMES.values()} <= there


def test_each_page_is_run_by_some_target() -> None:
    """Every page's examples run in `make test`, or where a target installs what they need; those of tests of their own too."""
    recipes = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page, test in RUN_ELSEWHERE.items():
        assert f'PAGE = "{page}"' in (ROOT / test).read_text(encoding="utf-8")
    guided = {
        heading
        for path in (ROOT / "tests" / "integrations").glob("test_*.py")
        if re.search(rf"\b(?:{path.stem}|{path.stem.removeprefix('test_')})\b", recipes)
        for heading in re.findall(r'run_guide\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    for page in set(SITE) - set(RUN_ELSEWHERE):
        for heading, names in {
            (block.heading, block.needs) for block in blocks(page) if block.language in ("python", "console")
        }:
            needs = {*needs_of(page), *names}
            assert not needs or heading in guided or any(map(needs.issubset, environments(recipes))), (page, heading)


def environments(recipes: str) -> Iterator[set[str]]:
    """Yield, for each target that runs this file, the modules that its environment brings."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for name in re.findall(r"\$\((\w+)\)/bin/python -m pytest [^\n]*tests/test_docs\.py", recipes):
        installed = re.findall(rf"\$\({name}\)/bin/python -m pip (.*)", recipes)
        words = {word for line in installed for word in re.findall(r"[\w-]+", line)}
        brought = {re.split(r"[^\w-]", found)[0] for word in words for found in extras.get(word, [])}
        yield set(_names(",".join(words | brought)))


def test_license_is_whole() -> None:
    """The licence is the Apache License 2.0 with its appendix."""
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert len(text.split()) == 1581
    assert text.rstrip().endswith("limitations under the License.")
