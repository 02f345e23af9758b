"""Checks of rules kept elsewhere: annotations, the hooks of pre-commit, the action and the workflow for GitHub."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cleaner.cli.check import annotation
from cleaner.cli.main import main
from cleaner.pack.scaffold import Plan, write_pack
from cleaner.rules.json_schema import json_schema, write_schema
from cleaner.rules.ruleset import shipped_rules

ROOT = Path(__file__).parent.parent
RULE = """\
# yaml-language-server: $schema=schema.json
rules:
  - id: tests.zorble
    class: ad
    why: A made-up label that no shipped rule knows.
    line: {eq: Zorble announcement}
    tests: [{in: "One.\\nZorble announcement", out: One.}, {keep: The Zorble announcement surprised nobody.}]
"""
FAILING = RULE.replace("keep: The Zorble announcement surprised nobody.", "keep: Zorble announcement")
BROKEN = RULE.replace("eq:", "eqq:")
WEAK = RULE.replace("line: {eq: Zorble announcement}", "span: {re: 'Zorble announcement[^.]+day'}").replace(
    "announcement\\", "announcement of the day\\"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a checkout with a folder `rules`, below a folder of its own."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    (tmp_path / "part" / "rules").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "part")
    return tmp_path / "part"


def put(place: Path, text: str) -> None:
    (place / "rules" / "a.yaml").write_text(text, encoding="utf-8")


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


@given(st.text(), st.text(), st.sampled_from(["a.yaml", "a,b.yaml", "100%.yaml", "c:d.yaml", ""]), st.integers(0, 99))
def test_an_annotation_is_one_line_that_reads_back(message: str, title: str, path: str, line: int) -> None:
    """Whatever is in a message, the command stays one line, its properties stay apart, and all reads back."""
    told = annotation("error", path, line, title, message)
    assert "\n" not in told
    assert "\r" not in told
    head, _, data = told.removeprefix("::").partition("::")
    assert read_back(data) == message
    _, _, listed = head.partition(" ")
    found = {name: read_back(value) for name, _, value in (part.partition("=") for part in listed.split(",") if part)}
    expected = {"file": path, "line": str(line) if line else "", "title": title}
    assert {name: found.get(name, "") for name in expected} == expected


def read_back(text: str) -> str:
    """Undo the escapes of workflow commands, as the runner does."""
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


@pytest.mark.parametrize(
    ("command", "text", "code", "told"),
    [
        ("lint", RULE, 0, ""),
        ("test", RULE, 0, ""),
        ("lint", WEAK, 1, "::error file=part/rules/a.yaml,line=3,title=tests.zorble%2C span.re::an unbounded repeat"),
        ("test", FAILING, 1, "::error file=part/rules/a.yaml,line=3,title=tests.zorble test 2 (alone)::expected 'Zorble"),
        ("lint", BROKEN, 2, "::error file=part/rules/a.yaml,line=6,title=tests.zorble%2C line.eqq::there is no such key"),
        ("test", BROKEN, 2, "::error file=part/rules/a.yaml,line=6,title=tests.zorble%2C line.eqq::there is no such key"),
    ],
)  # fmt: skip
def test_github_is_told_file_and_line(place: Path, command: str, text: str, code: int, told: str) -> None:
    """With --github, what is wrong becomes an annotation from the folder of the checkout; the exit codes stay."""
    put(place, text)
    done = run(command, "--github", "--rules", "rules", *(["--own"] if command == "test" else []))
    assert done.exit_code == code
    assert done.stdout.startswith(told) if told else "::" not in done.stdout
    assert len(re.findall("^::", done.stdout, re.MULTILINE)) == (2 if text is FAILING else 1 if told else 0)


def test_two_formats_are_refused(place: Path) -> None:
    """JSON and annotations cannot share standard output."""
    put(place, RULE)
    assert run("lint", "--github", "--json", "--rules", "rules").exit_code == 2


def test_own_tests_are_those_of_the_rules_given(place: Path) -> None:
    """`cleaner test --own` runs the examples of the rules given, alone and together, and no shipped ones."""
    put(place, RULE)
    rows = json.loads(run("test", "--own", "--json", "--rules", "rules").stdout)
    assert [(row["rule"], row["number"], row["mode"]) for row in rows] == [
        ("tests.zorble", number, mode) for number in (1, 2) for mode in ("alone", "together")
    ]


HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_hooks_check_the_folder(place: Path, hook: dict[str, Any]) -> None:
    """Each hook runs as it stands over a folder `rules`, and fails where a rule is broken; only rule files call it."""
    command, *args = [*shlex.split(hook["entry"]), *hook["args"]]
    assert (command, hook["language"], hook["pass_filenames"]) == ("cleaner", "python", False)
    put(place, RULE)
    assert run(*args).exit_code == 0
    put(place, BROKEN)
    assert run(*args).exit_code == 2
    files = re.compile(hook["files"])
    assert files.search("rules/a.yaml")
    assert files.search("src/house/rules/hosts/a.example.yaml")
    assert not files.search("rules/schema.json")
    assert not files.search("docs/my-rules/a.yaml")


ACTION = yaml.load((ROOT / "action.yml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
STEPS = ACTION["runs"]["steps"]


def test_the_action_is_whole() -> None:
    """Every input is described and used, none used is missing, and none reaches a script but by its environment."""
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == ACTION["inputs"].keys()
    assert all(entry["description"] and "default" in entry for entry in ACTION["inputs"].values())
    assert ACTION["runs"]["using"] == "composite"
    for step in STEPS:
        assert set(step) <= {"name", "shell", "env", "run", "uses", "with"}
        assert ("run" in step) == ("shell" in step) != ("uses" in step)
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("rules", "fails", "code", "told"),
    [
        ("rules\n", "", 0, ["lint --github --rules rules", "test --github --own --rules rules"]),
        ("a b\nc", "", 0, ["lint --github --rules a b --rules c", "test --github --own --rules a b --rules c"]),
        ("rules", "lint", 1, ["lint --github --rules rules", "test --github --own --rules rules"]),
        ("rules", "test", 1, ["lint --github --rules rules", "test --github --own --rules rules"]),
        ("$(touch hacked)", "", 0, ["lint --github --rules $(touch hacked)", "test --github --own --rules $(touch hacked)"]),
        ("\n\n", "", 2, []),
    ],
)  # fmt: skip
def test_the_action_runs_the_checks(place: Path, rules: str, fails: str, code: int, told: list[str]) -> None:
    """The script of the action runs what it is asked to, goes on after a failure, and ends with a code for all."""
    python = place / "temp" / "cleaner" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nshift 2; echo "ran: $*"; [ "$1" != "{fails}" ]\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    chosen = {"RULES": rules, "LINT": "true", "TEST": "true", "GATE": "no"}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[-1]["run"]],
        env={**os.environ, **chosen, "RUNNER_TEMP": str(place / "temp")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert [line.removeprefix("ran: ") for line in done.stdout.splitlines() if line.startswith("ran: ")] == told
    assert code != 2 or done.stdout == "::error::the input rules names no file\n"
    assert not (place / "hacked").exists()


def test_the_action_calls_commands_that_are_there() -> None:
    """What the script of the action runs exists, with its options."""
    calls = [shlex.split(call) for call in re.findall(r"then check (.*); fi", STEPS[-1]["run"])]
    assert [call[0] for call in calls] == ["lint", "test", "rules"]
    for call in calls:
        check_call([*call, "--rules", "rules"])


def check_call(call: list[str]) -> None:
    """Check that a command line names a command and options that exist."""
    command: click.Command | None = main
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), call.pop(0))
    assert command
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in call if word.startswith("--")} <= known


def test_every_command_of_the_skeleton_is_there(tmp_path: Path) -> None:
    """Workflow and hooks of a new pack call commands with options that exist, on three Pythons."""
    plan = Plan("kite")
    write_pack(plan, tmp_path)
    workflow = yaml.load((tmp_path / ".github/workflows/test.yml").read_text(), Loader=yaml.BaseLoader)
    job = workflow["jobs"]["rules"]
    assert set(workflow) == {"name", "on", "permissions", "jobs"}
    assert len(job["strategy"]["matrix"]["python"]) == 3
    assert job["steps"][1]["with"] == {"python-version": "${{ matrix.python }}"}
    hooks = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lines = [step["run"] for step in job["steps"] if "run" in step] + [hook["entry"] for hook in hooks]
    calls = [shlex.split(line)[1:] for line in lines if line.startswith("cleaner ")]
    assert [call[0] for call in calls] == ["lint", "test", "rules", "lint", "test"]
    for call in calls:
        assert call[call.index("--rules") + 1] == plan.rules
        check_call(call)
    for hook in hooks:
        assert re.search(hook["files"], f"{plan.rules}/terms/en.yaml")


class TestModeline:
    def test_every_shipped_file_names_its_schema(self) -> None:
        """The first line of each shipped rule file leads editors to the schema beside the rules."""
        root = shipped_rules()
        for path in sorted(root.rglob("*.yaml")):
            assert schema_of(path) == (root / "schema.json").resolve(), path

    def test_the_schema_beside_the_rules_is_current(self) -> None:
        """What is committed is what `cleaner schema` prints."""
        assert (shipped_rules() / "schema.json").read_text(encoding="utf-8") == write_schema()
        assert run("schema").stdout == write_schema()

    def test_the_schema_is_written_to_a_file(self, tmp_path: Path) -> None:
        """`cleaner schema -o` writes the same, and says where it cannot."""
        assert run("schema", "-o", str(tmp_path / "schema.json")).exit_code == 0
        assert (tmp_path / "schema.json").read_text(encoding="utf-8") == write_schema()
        assert run("schema", "-o", str(tmp_path / "none" / "schema.json")).exit_code == 2

    def test_a_new_pack_names_its_schema_and_fits_it(self, tmp_path: Path) -> None:
        """The rule files of a new pack lead to the schema beside them, and are valid under it."""
        jsonschema = pytest.importorskip("jsonschema")
        write_pack(Plan("kite-post"), tmp_path)
        files = sorted((tmp_path / "src").rglob("*.yaml"))
        assert len(files) == 2
        told = json.loads((tmp_path / "schema.json").read_text(encoding="utf-8"))
        for path in files:
            assert schema_of(path) == tmp_path / "schema.json"
            jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), told)

    def test_every_key_is_described(self) -> None:
        """An editor has something to say of every key."""
        found = json_schema()["$defs"]
        keys = [(n, key, value) for n, kind in found.items() for key, value in kind.get("properties", {}).items()]
        assert [(name, key) for name, key, value in keys if not value.get("description")] == []

    @pytest.mark.parametrize(
        ("right", "wrong"),
        [
            ("eq:", "eqq:"),
            ("class: ad", "class: advert"),
            ("id: tests.zorble", "id: Zorble"),
            ("why: A made-up label that no shipped rule knows.", "why: ad"),
            ("    class: ad\n", ""),
            ("{eq: Zorble announcement}", "Zorble announcement"),
            ("tests: [{", "tests: [{given: x, "),
            ("rules:", "rule:"),
        ],
    )
    def test_an_editor_marks_a_slip(self, right: str, wrong: str) -> None:
        """What is often mistyped does not fit the schema, and the same file without the slip does."""
        jsonschema = pytest.importorskip("jsonschema")
        checker = jsonschema.Draft202012Validator(json_schema())
        assert checker.is_valid(yaml.safe_load(RULE))
        assert right in RULE
        assert not checker.is_valid(yaml.safe_load(RULE.replace(right, wrong)))


def schema_of(path: Path) -> Path:
    """Return the file that the first line of a rule file names."""
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    head = "# yaml-language-server: $schema="
    assert first.startswith(head), path
    return (path.parent / first.removeprefix(head)).resolve()
