"""A small dump with all that real ones hold, what the command line makes of it, and how examples are run."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard

from cleaner.clean import Cleaner
from cleaner.model import Document
from tests.making import LAST, MORE, PROSE

ROOT = Path(__file__).parent.parent.parent
NOISY = f"{PROSE}\nAdvertisement\n{MORE}\nMost read\n- Town sells its water tower\n- A fox in the cathedral\n- Choir looks for tenors"

ODD = (
    b'{"id": 123456789012345678901234567890, "text": "' + PROSE.encode() + b'", "rate": 1.0, "rate": 1e5}\n'
    b'{"id": "empty", "text": ""}\n'
    b'{"id": "number", "text": 12}\n'
    b'{"id": "cut short", "text": "' + PROSE.encode() + b"\n"
    b'{"id": "garbled", "text": "\xff\xfe"}\n'
    b"\n"
    b'{"text": "' + PROSE.encode() + b'\\nAdvertisement\\n' + MORE.encode() + b'", "weight": NaN}\r\n'
    b'{"id": "page", "html": "<html><body><article><p>' + PROSE.encode() + b"</p><p>Advertisement</p><p>" + MORE.encode()
    + b"</p><p>" + LAST.encode() + b'</p></article></body></html>"}\n'
)  # fmt: skip

ROWS = b"".join(b'{"id":%d,"text":"Some words."}\n' % number for number in range(50_000))
"""What stands in the dumps of the bucket."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold the bytes of the records and of the rejects that a run wrote."""

    records: bytes
    rejects: bytes


def say(number: int) -> bytes:
    """Write one usual record: noisy, clean, or with a title to find."""
    text = (NOISY, f"{PROSE} {number}", f"A bridge opens in Port Allen\n{PROSE}\n{MORE}\n{LAST}")[number % 3]
    return orjson.dumps({"id": f"doc-{number}", "url": f"https://post.example/{number}", "text": text}) + b"\n"


@pytest.fixture(scope="session")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write five inputs: lines, odd lines, compressed lines, a table and a text."""
    folder = tmp_path_factory.mktemp("dump")
    (folder / "a.jsonl").write_bytes(b"".join(map(say, range(300))))
    (folder / "b.jsonl").write_bytes(ODD)
    (folder / "c.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(b"".join(map(say, range(300, 500)))))
    (folder / "d.csv").write_text(f'id,text\n1,"{NOISY}"\n2,{LAST}\n', encoding="utf-8")
    (folder / "e.txt").write_text(NOISY, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def expected(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Clean the dump with the command line."""
    return by_command_line([dump], tmp_path_factory.mktemp("expected") / "all.jsonl")


def by_command_line(inputs: Sequence[Path], output: Path, *options: str) -> Outcome:
    """Clean inputs into one file with the command line."""
    done = python("-m", "cleaner", "clean", *map(str, inputs), "-o", str(output), "--quiet", *options)
    assert done.returncode in (0, 1), done.stderr
    rejects = Path(f"{output}.rejects.jsonl")
    return Outcome(output.read_bytes(), rejects.read_bytes() if rejects.exists() else b"")


def python(*arguments: str, seconds: float = 180, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder, against the tree that is tested."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RAY_AUTH_MODE": "disabled",
            "PYSPARK_PYTHON": sys.executable,
            **environment,
        },
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
    )


ENDLESS = "A text that never comes to its end."


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a text that takes for ever to clean."""
    look = Cleaner.look

    def forever(self: Cleaner, document: Document, glance: Any) -> Any:
        while document.text == ENDLESS:
            pass
        return look(self, document, glance)

    monkeypatch.setattr(Cleaner, "look", forever)
    return ENDLESS


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """Start a server on the loopback, with a bucket of dumps; what is asked of S3 goes there."""
    moto, s3fs = pytest.importorskip("moto.server", reason="needs moto[server]"), pytest.importorskip("s3fs")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        s3fs.S3FileSystem.clear_instance_cache()
        files = s3fs.S3FileSystem()
        files.mkdir("dumps")
        files.pipe_file("dumps/news/b/2.jsonl.zst", zstandard.ZstdCompressor().compress(ROWS))
        files.pipe_file("dumps/news/a.txt", b"Some words.")
        files.pipe_file("dumps/news/cut.jsonl.zst", zstandard.ZstdCompressor().compress(ROWS)[:-9])
        yield "s3://dumps/news"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()
