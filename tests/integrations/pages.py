"""Invented pages of one paper, a server for them, and what the command line makes of documents."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from cleaner.io.record import describe
from cleaner.model import Cleaned, Document, Page
from tests.integrations.conftest import ROOT, by_command_line, python
from tests.making import LAST, MORE, PROSE

OFFLINE = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
"""An environment in which nothing is fetched: libraries that would ask for lists of domains are refused at once."""

WALKER = "The ferry stayed in port for a third day because the wind had not dropped, the harbour master said."
QUAY = "Two hundred passengers were put up in the town hall, where volunteers served soup until midnight."
NIGHT = "By the morning the waves had fallen to two metres, and the first boats went out to lay their nets."


def page(title: str, *blocks: str, summary: str = "") -> str:
    """Write a page of the paper; a block that begins with a mark is a headline within the text."""
    inner = [f'<p class="summary">{summary}</p>'] if summary else []
    inner += [f"<h2>{block[2:]}</h2>" if block.startswith("# ") else f"<p>{block}</p>" for block in blocks]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} - Harbour Post</title>'
        f'<meta property="og:title" content="{title}"><meta property="og:type" content="article">'
        '<meta name="author" content="Ada Nkemelu"><meta property="article:published_time" content="2026-05-04T09:30:00Z">'
        f"</head><body><nav><a href='/'>Home</a> <a href='/sport/'>Sport</a></nav>"
        f"<main><article><h1>{title}</h1>{''.join(inner)}</article></main>"
        '<div class="newsletter-signup"><p>Get our stories every morning. Sign up now.</p></div>'
        "<footer><p>Copyright Harbour Post</p></footer></body></html>"
    )


PAGES: Mapping[str, str] = {
    "bridge.html": page(
        "A bridge opens in Port Allen", PROSE, "Advertisement", MORE, LAST, summary="Two years late, and open."
    ),
    "ferry.html": page(
        "The ferry waits", WALKER, "# The night in the hall", QUAY, "Read more: Ten islands to see", NIGHT
    ),
    "quiet.html": page(
        "A quiet night", WALKER, QUAY, NIGHT, "Sign up for our newsletter to get the day's stories in your inbox."
    ),
}


def write_pages(folder: Path, front: bool = False) -> list[Path]:
    """Write the pages, and a front page with links to them and to one that is not there."""
    paths = [folder / name for name in PAGES]
    for path in paths:
        path.write_text(PAGES[path.name], encoding="utf-8")
    if front:
        links = "".join(f'<a href="/{name}">{name}</a>' for name in (*PAGES, "gone.html"))
        (folder / "index.html").write_text(f"<html><body>{links}</body></html>")
    return paths


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on the loopback; its address ends in a slash."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def record_of(given: Document | Page) -> dict[str, Any]:
    """Write a document as the record that the command line would read."""
    names = ("id", "text", "html", "url", "source", "lang", "title", "crawled")
    return {name: value for name in names if (value := getattr(given, name, None)) is not None}


def by_hand(given: Sequence[Document | Page], folder: Path) -> list[dict[str, Any]]:
    """Clean documents with the command line; return its records."""
    path = folder / "given.jsonl"
    path.write_bytes(b"".join(orjson.dumps(record_of(one)) + b"\n" for one in given))
    return [orjson.loads(line) for line in by_command_line([path], folder / "by-hand.jsonl").records.splitlines()]


def account(cleaned: Cleaned) -> dict[str, Any]:
    """Return an account as it reads once it was written."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(describe(cleaned)))
    return found


def lines_of(path: Path) -> list[dict[str, Any]]:
    """Read the records of a file."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


_BLOCK = re.compile(r"^(?P<before>[^\n]*)\n+```(?P<language>[a-z]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`([\w./-]+\.\w+)`:$")


def run_guide(heading: str, folder: Path) -> None:
    """Run what a section of the guide shows, in a folder that holds the files shown before it."""
    before, _, rest = (ROOT / "docs/how-to/embed.md").read_text(encoding="utf-8").partition(f"## {heading}\n")
    section = re.split(r"^## ", rest, flags=re.MULTILINE)[0]
    blocks = [*_BLOCK.finditer(before.partition("\n## ")[0]), *_BLOCK.finditer(section)]
    for block in blocks:
        if named := _FILE.search(block["before"]):
            (folder / named[1]).write_text(block["body"], encoding="utf-8")
    shown = [block["body"] for block in blocks if block["language"] in ("python", "console")]
    assert shown, f"nothing to run under {heading}"
    (folder / "shown.txt").write_text("\n".join(map(_as_doctest, shown)))
    code = "import doctest; doctest.testfile('shown.txt', False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)"
    done = python("-c", f"import os; os.chdir({str(folder)!r}); {code}", **OFFLINE)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def _as_doctest(body: str) -> str:
    """Return a block with its commands as Python that runs them."""
    return re.sub(r"^\$ (.*)$", lambda command: _run(command[1]), body, flags=re.MULTILINE)


def _run(command: str) -> str:
    own = re.sub(r"^python(?= )", sys.executable, command)
    return (
        f">>> print(__import__('subprocess').run({own!r}, shell=True, text=True, stdout=-1, stderr=-2).stdout, end='')"
    )
