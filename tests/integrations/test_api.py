"""The API as others meet it: a running `cleaner serve --api`, held to its own description by schemathesis.

Every address is asked with what its description allows and with what it does not, in all ways that schemathesis knows. It needs
an environment of its own: `make test-api`.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("schemathesis", reason="make test-api installs it")
pytest.importorskip("uvicorn", reason="needs the extra serve")

from cleaner.serve.door import DATA_POLICY, LEAST_TOKEN
from tests.making import MORE, PROSE

ROOT = Path(__file__).parent.parent.parent
TOKEN = "Zm9yLXRlc3RzLW9ubHk"
NOISY = f"{PROSE}\nAdvertisement\n{MORE}"
assert len(TOKEN) >= LEAST_TOKEN


class Server(NamedTuple):
    """Hold a server that runs, and where."""

    process: subprocess.Popen[str]
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Authorization": f"Bearer {TOKEN}", **named})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def start(*options: str) -> Server:
    process = subprocess.Popen(
        [sys.executable, "-m", "cleaner", "serve", "--api", "--port", "0", "--token", TOKEN, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    address = process.stdout.readline()
    assert address.startswith("http://127.0.0.1:"), process.communicate(timeout=10)
    return Server(process, int(address.rstrip("/\n").rpartition(":")[2]))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run the API, and stop it as Ctrl-C does; it says nothing meanwhile, and leaves nobody behind."""
    running = start("--most-megabytes", "1", "--most-records", "500")
    try:
        yield running
    finally:
        os.killpg(running.process.pid, signal.SIGINT)
        _, said = running.process.communicate(timeout=60)
    assert (running.process.returncode, said) == (0, "")
    for _ in range(100):
        if not lives(running.process.pid):
            return
        time.sleep(0.1)
    raise AssertionError("a process stayed behind")


def lives(group: int) -> bool:
    with suppress(ProcessLookupError):
        os.killpg(group, 0)
        return True
    return False


HOOKS = """
import schemathesis

@schemathesis.hook
def before_call(context, case, **kwargs):
    # what is no article may be refused then, whatever the description allows
    if case.query and str(case.query.get("articles_only")).lower() == "true":
        del case.query["articles_only"]
"""
CONFIG = """
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 413, 415, 422]
"""
"""Too many records are too much (413), and what is no JSON is of another kind (415): both are refused."""


def test_answers_keep_the_description(server: Server, tmp_path: Path) -> None:
    """Whatever is sent, allowed or not, no answer breaks the description: status, type, form, headers, methods, token."""
    (tmp_path / "hooks.py").write_text(HOOKS, encoding="utf-8")
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    checks = ["--checks", "all", "--mode", "all", "--max-examples", "25", "--generation-deterministic", "--no-color"]
    token = ["--header", f"Authorization: Bearer {TOKEN}"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{server.address}/openapi.json", *token, *checks],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": f"{tmp_path}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 selected / 5 total" in done.stdout


def test_one_answer_leads_to_the_next(server: Server) -> None:
    """What one request cleaned, another accepts as cleaned, and no other way."""
    json_ = {"Content-Type": "application/json"}
    status, _, cleaned = server.ask("POST", "/clean", json.dumps({"id": "a", "text": NOISY}), **json_)
    assert (status, json.loads(cleaned)["text"]) == (200, f"{PROSE}\n{MORE}")
    status, _, told = server.ask("POST", "/clean", cleaned, **json_)
    assert (status, json.loads(told)["error"]["hint"]) == (422, "add ?recleaning=true")
    status, _, again = server.ask("POST", "/clean?recleaning=true", cleaned, **json_)
    assert (status, json.loads(again)["text"], json.loads(again)["cleaning"]["cuts"]) == (200, f"{PROSE}\n{MORE}", [])


def test_lines_are_answered_as_they_come(server: Server) -> None:
    """The answer to the first line is there before the second one is sent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        head = f"POST /batch HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
        wire.sendall(f"{head}Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        taken = b""
        for name in ("first", "second"):
            line = json.dumps({"id": name, "text": PROSE}) + "\n"
            wire.sendall(f"{len(line):x}\r\n{line}\r\n".encode())
            while f'"id": "{name}"'.encode() not in taken:
                more = wire.recv(1 << 16)
                assert more, taken
                taken += more
        wire.sendall(b"0\r\n\r\n")
        while not taken.endswith(b"0\r\n\r\n"):
            taken += wire.recv(1 << 16)


def test_who_sends_all_before_reading_is_answered(server: Server) -> None:
    """A client that reads nothing until it has sent everything does not wait for ever."""
    lines = [json.dumps({"id": str(n), "text": (NOISY + "\n") * 8}) for n in range(400)]
    status, _, body = server.ask("POST", "/batch", "\n".join(lines), Content_Type="application/x-ndjson")
    assert status == 200
    assert [json.loads(line)["id"] for line in body.splitlines()] == [str(n) for n in range(400)]


def send(server: Server, raw: bytes) -> bytes:
    """Send bytes as they are, and read to the end of what is answered first."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        wire.sendall(raw)
        taken = b""
        while (part := wire.recv(1 << 16)) or not taken:
            taken += part
            head, end, body = taken.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if end and length and len(body) >= int(length[1]):
                break
            assert part, taken
        return taken


ATTACKS = {
    "a name of its own": (b"GET /rules HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
    "no name": (b"GET /rules HTTP/1.0\r\n\r\n", b"421"),
    "two names": (b"GET /rules HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n\r\n", b"400"),
    "no token": (b"GET /rules HTTP/1.1\r\nHost: {host}\r\n\r\n", b"401"),
    "a page of another site": (b"GET /rules HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n\r\n", b"403"),
    "a body beyond the limit": (b"POST /clean HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1000001\r\n\r\n", b"413"),
    "chunks beyond the limit": (b"POST /clean HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"FFFF\r\n" + b"x" * 0xFFFF + b"\r\n" + (b"FFFF\r\n" + b"x" * 0xFFFF + b"\r\n") * 16, b"413"),
    "lines beyond the limit": (b"POST /batch HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-ndjson\r\nContent-Length: 1002\r\n\r\n" + b"1\n" * 501, b"413"),
    "two lengths": (b"POST /clean HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}", b"400"),
    "length and chunks": (b"POST /clean HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /rules HTTP/1.1\r\n\r\n", b"4"),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    "a path out": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n", b"404"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attacks_are_refused(server: Server, name: str) -> None:
    """What is sent past every client is refused on the wire, and the server goes on."""
    raw, status = ATTACKS[name]
    filled = raw.replace(b"{host}", f"127.0.0.1:{server.port}".encode()).replace(b"{token}", TOKEN.encode())
    answer = send(server, filled)
    assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]
    assert b"root:" not in answer
    assert b"uvicorn" not in answer
    assert server.ask("GET", "/health")[0] == 200


def test_headers_are_on_every_answer(server: Server) -> None:
    """Whatever the answer, it binds the browser and names no software."""
    for path in ("/", "/health", "/nowhere", "/openapi.json", "/clean"):
        _, headers, _ = server.ask("GET", path)
        assert headers["content-security-policy"] == DATA_POLICY
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_a_client_that_goes_away_leaves_the_server_free(server: Server) -> None:
    """Who hangs up half-way, again and again, takes no place from others."""
    for _ in range(40):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
            head = f"POST /batch HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {TOKEN}\r\n"
            wire.sendall(f"{head}Content-Type: application/x-ndjson\r\nContent-Length: 90000\r\n\r\n{{}}\n".encode())
    deadline = time.monotonic() + 60
    while (
        status := server.ask("POST", "/clean", json.dumps({"text": PROSE}), Content_Type="application/json")[0]
    ) == 503:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status == 200
