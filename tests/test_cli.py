"""The command line: data on standard output, one line for what is wrong, and exit codes that can be relied on."""

from __future__ import annotations

import base64
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result

from cleaner import load_rules, write_compiled
from cleaner.cli.config import SETTINGS
from cleaner.cli.main import main

RULES = """
rules:
  - id: tests.zorble
    class: ad
    why: A made-up label that no shipped rule knows.
    line: {eq: Zorble announcement}
    tests:
      - in: "The bridge opens on Friday.\\nZorble announcement\\nIt cost nine million."
        out: "The bridge opens on Friday.\\nIt cost nine million."
      - keep: The Zorble announcement surprised nobody.
"""
BODY = (
    "The bridge opens on Friday after two years of work on both banks.\nIt cost nine million, twice what was planned.\n"
)
NOISY = BODY.replace("\n", "\nZorble announcement\n", 1)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder with one rule file and one noisy text, and no settings from outside."""
    for name in [name for name in os.environ if name.startswith("CLEANER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "news.txt").write_text(NOISY)
    return tmp_path


def run(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, args, input=stdin)


def clean(*args: str, stdin: str | bytes | None = None) -> Result:
    return run("clean", "--rules", "rules.yaml", "--only", "tests.zorble", *args, stdin=stdin)


def program(*args: str, **settings: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cleaner", *args]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=here, **settings)  # type: ignore[call-overload,no-any-return]


def test_text_file_becomes_a_record() -> None:
    """A text file gives one record on standard output, named by the file, and a summary on standard error."""
    result = clean("news.txt")
    record = json.loads(result.stdout)
    assert (result.exit_code, record["id"], record["text"]) == (0, "news", BODY)
    assert record["cleaning"]["status"] == "cleaned"
    assert [cut["rules"] for cut in record["cleaning"]["cuts"]] == [["tests.zorble"]]
    assert result.stderr.startswith("1 document: 1 cleaned, 0 unchanged, 0 rejected; ")
    assert "most cuts: tests.zorble 1\n" in result.stderr


def test_output_file(place: Path) -> None:
    """With -o the records are in the file and standard output is empty."""
    result = clean("news.txt", "-o", "out.jsonl.zst")
    raw = zstandard.ZstdDecompressor().decompressobj().decompress((place / "out.jsonl.zst").read_bytes())
    assert (result.stdout, json.loads(raw)["text"]) == ("", BODY)


def test_folder_output(place: Path) -> None:
    """A folder as output takes records in shards, or one text a document."""
    assert clean("news.txt", "-o", "shards/").exit_code == 0
    assert json.loads((place / "shards/files-00000.jsonl").read_text())["text"] == BODY
    assert clean("news.txt", "-o", "bodies/", "--format", "text").exit_code == 0
    assert (place / "bodies/news.txt").read_text() == BODY


def test_text_format() -> None:
    """With --format text only bodies come out."""
    assert clean("news.txt", "--format", "text").stdout == BODY


@pytest.mark.parametrize("lead", ["", "\n  ", "\ufeff"])
def test_records_from_standard_input(lead: str) -> None:
    """Standard input whose first character is a brace holds records."""
    result = clean("-", stdin=lead + json.dumps({"id": 5, "text": NOISY}) + "\n")
    assert (json.loads(result.stdout)["id"], json.loads(result.stdout)["text"]) == (5, BODY)


def test_text_from_standard_input() -> None:
    """Any other standard input is one text."""
    result = clean("-", stdin=NOISY)
    assert (json.loads(result.stdout)["id"], json.loads(result.stdout)["text"]) == ("stdin", BODY)


def test_rejects_go_beside_the_output(place: Path) -> None:
    """A broken record ends in the rejects with its bytes, the others are cleaned, and the exit code is 1."""
    (place / "in.jsonl").write_bytes(b'{"text":"One."}\n{oops\n{"text":"Two."}\n')
    result = clean("in.jsonl", "-o", "out.jsonl")
    assert result.exit_code == 1
    assert [json.loads(line)["text"] for line in (place / "out.jsonl").read_text().splitlines()] == ["One.", "Two."]
    row = json.loads((place / "out.jsonl.rejects.jsonl").read_text())
    assert (row["id"], row["path"], row["offset"]) == ("in.jsonl#2", "in.jsonl", 16)
    assert base64.b64decode(row["raw"]) == b"{oops"
    assert "rejects: out.jsonl.rejects.jsonl" in result.stderr


def test_rejects_go_to_standard_error_otherwise() -> None:
    """With standard output as output, rejects are lines of JSON on standard error."""
    result = clean("-", "-q", stdin='{"text":1}\n')
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads(result.stderr)["reason"] == "`text` is a JSON number, not a string"


def test_max_rejects_stops(place: Path) -> None:
    """One reject more than allowed stops the run: no output, but the rejects so far."""
    (place / "in.jsonl").write_bytes(b'{"text":"One."}\n' + b"{oops\n" * 5)
    result = clean("in.jsonl", "-o", "out.jsonl", "--max-rejects", "1")
    assert (result.exit_code, (place / "out.jsonl").exists()) == (1, False)
    assert len((place / "out.jsonl.rejects.jsonl").read_text().splitlines()) == 2
    assert result.stderr == (
        "cleaner: stopped after 3 documents, 2 rejected; out.jsonl was not written\nrejects: out.jsonl.rejects.jsonl\n"
    )


def test_jobs_change_nothing(place: Path) -> None:
    """With several processes the output is the same; `auto` and 0 stand for one a core; the setting may stand in a file."""
    (place / "in.jsonl").write_text("".join(json.dumps({"id": n, "text": NOISY}) + "\n" for n in range(9)))
    alone = clean("in.jsonl", "-q").stdout
    assert alone.count("\n") == 9
    for jobs in ("2", "auto", "0"):
        assert clean("in.jsonl", "-q", "--jobs", jobs).stdout == alone
    (place / "pyproject.toml").write_text("[tool.cleaner]\njobs = 2\n")
    assert clean("in.jsonl", "-q").stdout == alone


def test_summary_as_json() -> None:
    """With --json the summary is one JSON object on standard error."""
    summary = json.loads(clean("news.txt", "--json").stderr)
    assert (summary["documents"], summary["cleaned"], summary["rules"]) == (1, 1, {"tests.zorble": 1})


def test_quiet_is_quiet() -> None:
    """With --quiet nothing is said."""
    assert clean("news.txt", "-q").stderr == ""


def test_cleaned_records_are_refused_unless_recleaning() -> None:
    """A record that has been cleaned is a reject, until recleaning is asked for."""
    once = clean("news.txt").stdout
    assert clean("-", stdin=once).exit_code == 1
    again = clean("-", "--recleaning", stdin=once)
    assert (again.exit_code, json.loads(again.stdout)["text"]) == (0, BODY)


def test_annotate_and_lean() -> None:
    """Annotating leaves the text; lean leaves the cut texts out."""
    record = json.loads(clean("news.txt", "--annotate", "--lean").stdout)
    assert record["text"] == NOISY
    cut = record["cleaning"]["cuts"][0]
    assert sorted(cut) == ["class", "end", "rules", "start"]
    assert NOISY[cut["start"] : cut["end"]].strip() == "Zorble announcement"


def test_html_page(place: Path) -> None:
    """A page gives the text of its article, cleaned, without its menu."""
    paragraphs = "".join(f"<p>{line}</p>" for line in NOISY.splitlines())
    page = f"<html><body><nav><a href='/'>Home</a></nav><article>{paragraphs}</article></body></html>"
    (place / "page.html").write_text(page)
    record = json.loads(clean("page.html").stdout)
    assert (record["id"], record["text"]) == ("page", BODY.rstrip())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["clean", "gone.txt"], "gone.txt: no such file or folder"),
        (["clean", "news.txt", "--lean-ish"], "No such option '--lean-ish'"),
        (["clean"], "Missing argument 'INPUT...'"),
        (["clean", "news.txt", "-o", "o.json"], "o.json: the ending .json does not say what to write"),
        (["clean", "news.txt", "--format", "xml"], "xml is no format; choose one of jsonl, csv,"),
        (["clean", "news.txt", "--jobs", "-1"], "Invalid value for '--jobs'"),
        (["clean", "news.txt", "--jobs", "all"], "Invalid value for '--jobs'"),
        (["clean", "news.txt", "--only", "nonsense"], "'nonsense' is neither a rule nor a class in use"),
        (["clean", "news.txt", "--rules", "gone.yaml"], "gone.yaml: no such rule file or folder"),
        (["clean", "news.txt", "--rules", "wrong.yaml"], "wrong.yaml:3: rule tests.wrong, field "),
        (["clean", "news.txt", "-o", "gone/out.jsonl"], "gone/out.jsonl cannot be written: there is no folder gone"),
        (["clean", "news.txt", "-o", "news.txt"], "news.txt is one of the inputs"),
        (["clean", "cut.jsonl.zst"], "cut.jsonl.zst: the Zstandard stream is truncated"),
        (["explain", "gone.txt"], "gone.txt: no such file or folder"),
        (["rules", "show", "tests.zorbel", "--rules", "rules.yaml"], "did you mean tests.zorble?"),
        (["wash"], "No such command 'wash'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_exit_code_2(place: Path, args: list[str], message: str) -> None:
    """Usage, configuration and files that cannot be used end with 2 and one line, no traceback, no output."""
    (place / "wrong.yaml").write_text("rules:\n  - id: tests.wrong\n    clas: ad\n")
    (place / "cut.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(b'{"text":"x"}\n' * 99)[:-4])
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("cleaner: ")
    assert message in result.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_unreadable_file_is_one_line(place: Path) -> None:
    """A file that may not be read ends with 2 and says so."""
    (place / "news.txt").chmod(0)
    assert (clean("news.txt").exit_code, clean("news.txt").stderr) == (
        2, "cleaner: news.txt cannot be read: Permission denied\n",
    )  # fmt: skip


def test_settings_have_an_order(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag counts before the environment, that before pyproject.toml, that before the default."""
    row = json.dumps({"text": "Default.", "a": "From pyproject.", "b": "From environment.", "c": "From flag."})

    def first_word_taken(*args: str) -> str:
        cuts = json.loads(run("explain", "-", "--json", *args, stdin=row).stdout)
        return str(cuts["source"])

    assert first_word_taken() == "Default."
    (place / "pyproject.toml").write_text('[tool.cleaner]\ntext-field = "a"\nrules = ["rules.yaml"]\n')
    assert first_word_taken() == "From pyproject."
    monkeypatch.setenv("CLEANER_TEXT_FIELD", "b")
    assert first_word_taken() == "From environment."
    assert first_word_taken("--text-field", "c") == "From flag."


def test_rules_in_pyproject_are_found_from_below(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule files named in pyproject.toml are relative to it, also for a run further down."""
    (place / "pyproject.toml").write_text(
        '[tool.cleaner]\nrules = "rules.yaml"\nonly = ["tests.zorble"]\nquiet = true\n'
    )
    (place / "below").mkdir()
    monkeypatch.chdir(place / "below")
    result = run("clean", "../news.txt")
    assert (json.loads(result.stdout)["text"], result.stderr) == (BODY, "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("leann = true", "[tool.cleaner]: leann is no option; did you mean lean?"),
        ("lean = 'yes'", "[tool.cleaner]: lean takes true or false"),
        ("only = 3", "[tool.cleaner]: only takes a list of strings"),
        ("lean = ", "cannot be read"),
    ],
)
def test_wrong_settings_are_one_line(place: Path, line: str, message: str) -> None:
    """A wrong setting in pyproject.toml ends with 2 and names file and key."""
    (place / "pyproject.toml").write_text(f"[tool.cleaner]\n{line}\n")
    result = clean("news.txt")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"cleaner: {place}/pyproject.toml")
    assert message in result.stderr


def test_every_setting_is_an_option() -> None:
    """What pyproject.toml may hold is exactly what `clean` takes, but for what one run is told."""
    from cleaner.cli.clean import clean as command

    names = {name for part in command.params for name in part.opts if name.startswith("--")}
    once = {"--output", "--json", "--redo", "--related-output", "--dry-run", "--limit", "--sample"}
    assert {f"--{name}" for name in SETTINGS} == names - once


def test_rules_are_listed_and_shown() -> None:
    """Rules come as a table and as JSON; one rule comes with its file and line, why, matcher and tests."""
    assert "tests.zorble" in run("rules", "list", "--rules", "rules.yaml").stdout
    rows = json.loads(run("rules", "list", "--json", "--rules", "rules.yaml").stdout)
    assert {"id": "tests.zorble", "class": "ad", "kind": "line"}.items() <= {row["id"]: row for row in rows}[
        "tests.zorble"
    ].items()
    shown = run("rules", "show", "tests.zorble", "--rules", "rules.yaml").stdout
    for part in ("rules.yaml:3", "A made-up label", "eq:\n  - Zorble announcement", "keep: The Zorble announcement"):
        assert part in shown


def test_schema_describes_all_kinds_of_file() -> None:
    """The schema is JSON and covers rule files, term files and files of weights."""
    schema = json.loads(run("schema").stdout)
    assert [part["$ref"] for part in schema["anyOf"]] == ["#/$defs/RuleFile", "#/$defs/TermFile", "#/$defs/Weights"]
    assert {"RuleFile", "TermFile", "Rule"} <= set(schema["$defs"])


def test_failing_rule_test_is_a_finding(place: Path) -> None:
    """`cleaner test` names a rule whose own test fails and exits with 1."""
    (place / "rules.yaml").write_text(
        RULES.replace("keep: The Zorble announcement surprised nobody.", "keep: Zorble announcement")
    )
    write_compiled(
        load_rules(["rules.yaml"]), "own.rules"
    )  # these alone: the shipped ones are tried in test_shipped.py
    result = run("test", "--rules", "own.rules")
    assert result.exit_code == 1
    assert "tests.zorble test 2 (alone)" in result.stdout


def test_help_starts_fast() -> None:
    """`cleaner --help` imports neither rules nor HTML nor tables of colours."""
    heavy = ("pydantic", "rich", "trafilatura", "regex", "orjson")
    code = f"import sys, cleaner.cli.main; print([m for m in {heavy} if m in sys.modules])"
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, env=here, check=True).stdout == b"[]\n"
    began = time.monotonic()
    assert program("--help").wait() == 0
    assert time.monotonic() - began < 1.0  # 0.1 s on an idle machine


def test_broken_pipe_is_quiet(place: Path) -> None:
    """A reader that stops early ends the run without a word."""
    (place / "many.jsonl").write_text(json.dumps({"text": "word " * 200}) + "\n")
    (place / "many.jsonl").write_text((place / "many.jsonl").read_text() * 2000)
    running = program("clean", "many.jsonl", "-q", "--rules", "rules.yaml", "--only", "tests.zorble")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.read(100)
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_says_how_far_it_got(place: Path, jobs: str, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM say how many documents were done, and leave no half file and no process behind."""
    chosen = ("--rules", "rules.yaml", "--only", "tests.zorble", "--jobs", jobs)
    # What a shell starts in the background ignores interrupts, and so would its children.
    heeding = partial(signal.signal, signal.SIGINT, signal.default_int_handler)
    running = program(
        "clean", "-", "-o", "out.jsonl", *chosen, stdin=subprocess.PIPE, start_new_session=True, preexec_fn=heeding
    )
    assert running.stdin is not None
    running.stdin.write(b'{"text":"One."}\n{"text":"Two."}\n')
    running.stdin.flush()
    deadline = time.monotonic() + 20
    while not list(place.glob(".out.jsonl.*.part")) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)
    os.killpg(running.pid, number)  # as a terminal does: to all processes
    _, said = running.communicate(timeout=20)
    assert said == b"cleaner: interrupted after 2 documents; out.jsonl was not written\n"
    assert running.returncode == 130
    assert sorted(path.name for path in place.iterdir()) == ["news.txt", "rules.yaml"]


def response(html: bytes, number: int, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    block = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + html
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2024-05-06T07:08:09Z\r\n"
        f"WARC-Target-URI: https://news.example/{number}\r\nContent-Type: application/http\r\nContent-Length: {len(block)}"
    )
    return head.encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def html_page(text: str = BODY) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines() * 3)
    return f"<!DOCTYPE html><html><body><article>{paragraphs}</article></body></html>".encode()


def test_web_archive_becomes_records_and_rejects(place: Path) -> None:
    """Pages of an archive become records with id, url and crawled; what comes before a break stays, and the exit tells."""
    whole = response(html_page(), 1) + response(b"Gone", 2, "404 Not Found") + response(b"\x89PNG", 3, kind="image/png")
    (place / "crawl.warc.gz").write_bytes(gzip.compress(whole + response(html_page(), 4))[:-20])
    result = clean("crawl.warc.gz", "-o", "out/")
    [record] = [json.loads(line) for line in (place / "out/crawl-00000.jsonl").read_text().splitlines()]
    assert (record["id"], record["url"], record["crawled"]) == ("1", "https://news.example/1", "2024-05-06T07:08:09Z")
    assert "The bridge opens on Friday" in record["text"]
    [reject] = [json.loads(line) for line in (place / "out/crawl-00000.rejects.jsonl").read_text().splitlines()]
    assert (reject["id"], reject["reason"]) == ("2", "HTTP status 404")
    assert "crawl.warc.gz: the gzip stream is truncated: it ends inside a frame, inside " in result.stderr
    assert result.exit_code == 2
    alone = clean("crawl.warc.gz", "-o", "out.jsonl")
    assert (alone.exit_code, (place / "out.jsonl").exists()) == (2, False)
    assert "out.jsonl was not written; a folder as output (-o NAME/) keeps what comes before a break" in alone.stderr


def test_archives_and_pages_come_through_a_pipe() -> None:
    """Standard input is an archive or a page where it begins as one."""
    archive = clean("-", stdin=response(html_page(), 7))
    assert (json.loads(archive.stdout)["id"], archive.exit_code) == ("7", 0)
    page = json.loads(clean("-", stdin=b"\xef\xbb\xbf\n" + html_page()).stdout)
    assert (page["id"], "<p>" in page["text"]) == ("stdin", False)


def test_folder_of_pages(place: Path) -> None:
    """Pages of one name in several folders stay apart, and a broken one costs only itself."""
    for name in ("a/index.html", "b/index.html", "b/c/index.html.gz", "b/c/index.htm"):
        (place / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "in" / name).write_bytes(gzip.compress(html_page()) if name.endswith(".gz") else html_page())
    (place / "in/b/cut.html.gz").write_bytes(gzip.compress(html_page())[:-9])
    result = clean("in", "-o", "out.jsonl")
    ids = [json.loads(line)["id"] for line in (place / "out.jsonl").read_text().splitlines()]
    assert ids == ["a/index", "b/index", "b/c/index.htm", "b/c/index.html.gz"]
    [reject] = [json.loads(line) for line in (place / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert (reject["id"], result.exit_code) == ("b/cut", 1)
    assert reject["reason"] == "the gzip stream is truncated: it ends inside a frame"


def test_twin_folders_give_different_ids(place: Path) -> None:
    """Pages of one path in two folders given are called by their whole paths."""
    for name in ("x", "y"):
        (place / name).mkdir()
        (place / name / "index.html").write_bytes(html_page())
    result = clean("x", "y")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["x/index", "y/index"]
