"""`cleaner serve` as a command, and the links of reports that lead into it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner import load_rules, write_compiled
from cleaner.cli.main import main
from cleaner.cli.serve import place_of_rules
from tests.test_serve_desk import AD, TEXT, write_records

TOKEN = "a-token-that-is-long-enough"
ADDRESS = f"http://127.0.0.1:8417/{TOKEN}/"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "base.yaml").write_text(AD)
    write_compiled(load_rules([tmp_path / "base.yaml"]), tmp_path / "base.rules")
    write_records(tmp_path, [{"id": "one", "text": TEXT}, {"id": "two & <3>", "text": TEXT}])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(args))
    return result.exit_code, result.output


class TestServe:
    def test_it_prints_its_address_serves_and_ends_quietly(self, place: Path) -> None:
        """The address alone goes to standard output; an interrupt ends it with 0 and without a word."""
        command = [
            sys.executable,
            "-m",
            "cleaner",
            "serve",
            "news.jsonl",
            "--rules",
            "base.rules",
            "--save",
            "own",
            "--port",
            "0",
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        ) as server:
            try:
                assert server.stdout is not None
                address = server.stdout.readline().strip()
                assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{22}/", address)
                with urllib.request.urlopen(address + "api/start", timeout=60) as answer:
                    assert json.load(answer)["save"]["folder"] == str((place / "own").resolve())
                server.send_signal(signal.SIGINT)
                out, err = server.communicate(timeout=60)
            finally:
                server.kill()
        assert (server.returncode, out, err) == (0, "", "")

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (("--only", "ad"), "--only is for the API: add --api"),
            (("--jobs", "1"), "--jobs is for the API: add --api"),
            (("--save", "base.yaml/own"), "--save base.yaml/own cannot be made: Not a directory; choose a folder"),
            (("--host", "192.0.2.1", "--port", "0"), "--host is an address of this machine"),
        ],
    )
    def test_what_would_be_passed_over_or_cannot_be_is_said(
        self, place: Path, args: tuple[str, ...], told: str
    ) -> None:
        """An option of the API alone, a folder and an address that cannot be had: each is told with what to write instead."""
        code, out = run("serve", "--rules", "base.rules", *args)
        assert code == 2
        assert told in out

    def test_a_port_that_is_taken(self, place: Path) -> None:
        """The error names the address and what to do."""
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            code, told = run("serve", "--rules", "base.rules", "--port", str(other.getsockname()[1]))
        assert code == 2
        assert "cannot be listened on" in told
        assert "--port" in told

    @pytest.mark.parametrize(
        ("args", "told"),
        [
            (["--token", "short"], "a token has at least 16"),
            (["nowhere.jsonl"], "no such file"),
            (["-"], "standard input"),
            (["--rules", "broken.yaml"], "broken.yaml:"),
            (["--save", "news.jsonl"], "news.jsonl"),
            (["--pack", "no-such-pack"], "no-such-pack"),
        ],
    )
    def test_what_is_wrong_is_told_before_it_serves(self, place: Path, args: list[str], told: str) -> None:
        """Each wrong argument ends it with 2 and one line."""
        (place / "broken.yaml").write_text("rules: [")
        code, output = run("serve", "--port", "0", *args)
        assert code == 2
        assert told in output
        assert "Traceback" not in output

    def test_without_the_extra(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the libraries are missing, the command says what to install."""
        for name in [name for name in sys.modules if name.startswith(("starlette", "cleaner.serve.door"))]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "starlette", None)
        code, told = run("serve")
        assert code == 2
        assert 'pip install "cleaner-news[serve]"' in told

    def test_where_rules_are_saved(self, place: Path) -> None:
        """The folder named, which is made; else the first folder among the rules; else none."""
        (place / "mine").mkdir()
        assert place_of_rules(["base.rules"], None) == (("base.rules",), None)
        assert place_of_rules(["base.rules", "mine"], None) == (("base.rules",), str((place / "mine").resolve()))
        assert place_of_rules(["mine"], "a/b") == (("mine",), str((place / "a/b").resolve()))
        assert (place / "a/b").is_dir()


class TestLinks:
    def test_explain_links_documents_and_rules(self, place: Path) -> None:
        """With an address the page leads to the document, and each label to its rule upon it."""
        args = ("explain", "news.jsonl", "--id", "two & <3>", "--rules", "base.rules", "--html", "-")
        code, page = run(*args, "--playground", ADDRESS)
        assert code == 0
        assert f'href="{ADDRESS}#document=two%20%26%20%3C3%3E"' in page
        assert f'href="{ADDRESS}#document=two%20%26%20%3C3%3E&amp;rule=base.ad"' in page
        assert "cleaner serve" not in page

    def test_explain_tells_the_command_otherwise(self, place: Path) -> None:
        """Without one the page shows the command that opens the document, as text."""
        code, page = run("explain", "news.jsonl", "--id", "two & <3>", "--rules", "base.rules", "--html", "-")
        assert code == 0
        assert "<code>cleaner serve news.jsonl --id &#39;two &amp; &lt;3&gt;&#39; --rules base.rules</code>" in page
        assert "#document=" not in page

    def test_the_report_links_documents_and_cuts(self, place: Path) -> None:
        """Each document of the report, and each cut shown of a rule, leads to the page."""
        assert run("clean", "news.jsonl", "--rules", "base.rules", "-o", "out.jsonl", "-q")[0] == 0
        code, page = run("report", "out.jsonl", "--rules", "base.rules", "-o", "-", "-q", "--playground", ADDRESS)
        assert code == 0
        assert f'href="{ADDRESS}#document=one"' in page
        assert f'href="{ADDRESS}#document=one&amp;rule=base.ad"' in page
        assert "#document=" not in run("report", "out.jsonl", "--rules", "base.rules", "-o", "-", "-q")[1]

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "127.0.0.1:8417",
            "http://",
            "http://a b/",
            "http://[",
            "data:text/html,x",
        ],
    )
    def test_only_addresses_of_pages(self, place: Path, url: str) -> None:
        """A link to anything but a page is refused before anything is written."""
        code, told = run("explain", "news.jsonl", "--id", "one", "--html", "page.html", "--playground", url)
        assert code == 2
        assert "is no address" in told
        assert not (place / "page.html").exists()
