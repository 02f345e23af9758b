"""What would change a figure unseen, or lose a run: wrong comparisons, stale answers, data that means two things."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.bench import workers
from cleaner.bench.case import Body, Case
from cleaner.bench.forms import extract_much, version_of
from cleaner.bench.leaderboard import rank
from cleaner.bench.results import read_results
from cleaner.bench.sets import read_set
from cleaner.bench.store import key_of
from cleaner.cli.main import main
from cleaner.model import Document, Page
from tests.making import LAST, MORE, PROSE

pytest.importorskip("rapidfuzz")

BODY = f"{PROSE}\n{MORE}\n{LAST}"
PAGE = "<html><body><article>" + "".join(f"<p>{line}</p>" for line in BODY.split("\n")) + "</article></body></html>"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, *records: Mapping[str, Any]) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return name


def texts(name: str = "texts.jsonl", count: int = 3, **more: Any) -> str:
    """Write a set of texts."""
    return write(name, *({"id": f"t{n}", "text": f"{BODY}\nAdvertisement", "gold": BODY, **more} for n in range(count)))


def pages(name: str = "pages.jsonl") -> str:
    return write(name, {"id": "p1", "html": PAGE, "gold": BODY}, {"id": "p2", "html": PAGE, "gold": MORE})


def bench(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["bench", "--quiet", "--no-memory", "--jobs", "1", "--resamples", "100", *arguments]
    )


def test_a_title_of_the_set_does_not_go_along_with_the_text_of_a_page() -> None:
    """Who extracts from the page does not get it, so who cleans its text does not either."""
    page = Page("1", PAGE, "https://harbour.example/1", "harbour.example", "en", "Bridge open again", "2025")
    made = extract_much(Case("1", "harbour", page, Body(BODY), "harbour.example")).input
    assert isinstance(made, Document)
    assert (made.url, made.source, made.lang, made.crawled) == (page.url, page.source, page.lang, page.crawled)
    assert made.title is None


def test_only_ours_is_called_ours() -> None:
    """Where ours does not take what a track gives nothing is compared: no other peer takes its place."""
    done = bench(pages(), texts(), "--peer", "resiliparse", "--peer", "identity", "--peer", "sentence lines", "-o", "o")
    assert done.exit_code == 0, done.output
    results = read_results("o/results.json")
    assert results.ours == "resiliparse"
    assert [peer.ahead for track in results.tracks for peer in track.peers] == [{}, {}, {}]


def test_ours_is_one_that_runs() -> None:
    """A name that no peer of the run has is refused, not passed over."""
    done = bench(texts(), "--peer", "identity", "--ours", "identiti")
    assert (done.exit_code, done.stderr) == (
        2,
        "cleaner: --ours identiti: no such peer runs; there are: identity\n",
    )


def test_cleaner_is_a_rival_where_another_is_ours() -> None:
    """Other settings of ours are no rivals of ours; seen from another peer they are."""
    peers = ("--peer", "cleaner", "--peer", "cleaner without hosts", "--peer", "identity")
    for ours, rival in (("cleaner", "identity"), ("identity", "cleaner")):
        assert bench(texts(), *peers, "--ours", ours, "-o", ours).exit_code == 0
        (board,) = rank(read_results(f"{ours}/results.json"))
        assert board.rival
        assert board.rival.peer == rival


HOUSE = """
import time
from functools import partial
from cleaner.bench.peer import Peer


def make(word):
    def extract(case):
        if case.id == "t1":
            time.sleep({pause})
        return word
    return extract


HOUSE = Peer("house", "floor", "text", partial(make, {word!r}), "make()")
"""


def test_resume_asks_again_what_was_changed_or_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of one's own peer counts, though it has no version; so does more time for what took too long."""
    monkeypatch.syspath_prepend(".")

    def answer(pause: float, word: str, *more: str) -> tuple[float, int]:
        Path("house_peer.py").write_text(HOUSE.format(pause=pause, word=word))
        sys.modules.pop("house_peer", None)
        importlib.invalidate_caches()
        workers._ready.clear()
        done = bench(texts(), "--peer", "house_peer:HOUSE", "-o", "o", *more)
        assert done.exit_code == 0, done.output
        (peer,) = read_results("o/results.json").tracks[0].peers
        return round(peer.figures["f1"].value, 3), peer.failed

    assert answer(0.4, "nothing", "--limit", "0.1") == (0.0, 1)
    assert answer(0.4, "nothing", "--resume") == (0.0, 0)
    assert answer(0.0, BODY, "--resume") == (1.0, 0)


def test_what_a_peer_may_use_is_part_of_what_was_asked() -> None:
    """Source, title, language and day of a text have their share in an answer, and so has the library of a form."""
    (case,) = read_set(write("one.jsonl", {"id": "1", "text": BODY, "gold": BODY}))
    known: tuple[dict[str, str], ...] = ({}, {"source": "s"}, {"title": "s"}, {"lang": "s"}, {"crawled": "s"})
    keys = {key_of(replace(case, input=replace(case.input, **one)), "", "peer") for one in known}
    assert len({*keys, key_of(case, "recall", "peer")}) == 6
    assert "trafilatura " in version_of("recall")
