"""What would change a figure unseen, or lose a run: wrong comparisons, stale answers, data that means two things."""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.bench import workers
from cleaner.bench.case import Body, Case
from cleaner.bench.copies import MOST, find_copies
from cleaner.bench.forms import FORMS, extract_much, version_of
from cleaner.bench.leaderboard import rank
from cleaner.bench.output import ANSWERS, LOCK, REPORT, RESULTS, SCORES, TABLES
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.plan import Sources
from cleaner.bench.results import read_results
from cleaner.bench.sets import digest_of, read_set
from cleaner.bench.store import Store, key_of
from cleaner.bench.workers import Answer
from cleaner.cli.main import main
from cleaner.errors import InputError, OutputError
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
from cleaner.bench.output import ANSWERS, LOCK, REPORT, RESULTS, SCORES, TABLES
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
    known: tuple[dict[str, Any], ...] = ({}, {"source": "s"}, {"title": "s"}, {"lang": "s"}, {"crawled": "s"})
    text = case.input
    assert isinstance(text, Document)
    keys = {key_of(replace(case, input=replace(text, **one)), "", "peer") for one in known}
    assert len({*keys, key_of(case, "recall", "peer")}) == 6
    assert "trafilatura " in version_of("recall")


def test_a_sample_of_noise_has_all_rates_and_both_copies() -> None:
    """Articles are sampled, not their noisy copies: these follow each other by rate, which a sample would beat with."""
    whole, few = (next(Sources("noise", "noise", "", ()).read(0, sample)) for sample in (None, 30))
    assert len(few) < len(whole)
    assert {case.rate for case in few} == {"5 %", "20 %", "50 %"}
    assert set(Counter(case.story for case in few).values()) == {2}


def test_pairs_of_copies_are_not_parted() -> None:
    """Where there are more texts than are compared, whole stories are left out."""
    stories = [str(number // 2) for number in range(2 * MOST)]
    found = find_copies(stories, [f"The bridge is open {story} again and again" for story in stories])
    assert found["pairs"] == MOST / 2
    assert found["recall"] == 1.0


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("a/pages.jsonl", "b/pages.jsonl"), "a/pages.jsonl and b/pages.jsonl are both called 'pages'"),
        (("pages.jsonl", "pages.jsonl"), "pages.jsonl and pages.jsonl are both called 'pages'"),
    ],
)
def test_sets_of_one_name_are_refused_before_anything_runs(names: tuple[str, ...], told: str) -> None:
    """Groups, falls and floors are by the name of a set; two of one name would be mixed."""
    done = bench(*map(texts, names), "--peer", "identity")
    assert done.exit_code == 2
    assert told in done.stderr
    assert bench(texts("2025.01.jsonl"), texts("2025.02.jsonl"), "--peer", "identity").exit_code == 0


def test_noise_is_put_into_what_is_named_or_nothing() -> None:
    """A set without bodies is refused; it is not the shipped articles that are measured in its place."""
    write("snippets.jsonl", {"id": "1", "text": BODY, "with": [LAST], "without": []})
    write("foreign.jsonl", {"id": "1", "text": BODY, "gold": BODY, "lang": "la"})
    for name, told in (("snippets", "the set has none"), ("foreign", "the rules have too little noise")):
        Path("plan.toml").write_text(f'[[track]]\nname = "noise"\nsets = ["{name}.jsonl"]\n')
        done = bench("plan.toml", "--peer", "identity")
        assert done.exit_code == 2
        assert told in done.stderr


def _mumble() -> Extract:
    def extract(case: Case) -> str:
        if case.id == "t0":
            raise ValueError("lone \ud800 and \x1b[31m")
        if case.id == "t1":
            time.sleep(0.3)
            os._exit(7)
        return "lone \ud800 and \x1b[31m"

    return extract


def _leave() -> Extract:
    raise SystemExit(3)


class _Litter:
    """Refer to itself, so that only a collection frees it."""

    alive = 0

    def __init__(self) -> None:
        self.me = self
        _Litter.alive += 1

    def __del__(self) -> None:
        _Litter.alive -= 1


def _litter() -> Extract:
    def extract(case: Case) -> str:
        found = _Litter.alive
        for _ in range(10):
            _Litter()
        return "clean" if found == 0 else "littered"

    return extract


LITTERING = Peer("littering", "floor", "text", _litter, "leaves garbage")
EMPTY = Peer("empty", "floor", "text", lambda: lambda case: "", "nothing")
MUMBLING = Peer("mumb|ing\\", "floor", "text", _mumble, "odd in every way")
LEAVING = Peer("leaving", "floor", "text", _leave, "leaves where it should be made")


def test_what_peers_say_and_how_they_end_costs_no_run() -> None:
    """Reasons are made fit to be written, a peer that leaves leaves alone, and one that dies had the time it took."""
    peers = ("--peer", "identity", "--peer", f"{__name__}:MUMBLING", "--peer", f"{__name__}:LEAVING")
    done = bench(texts(), *peers, "-o", "o")
    assert done.exit_code == 0, done.output
    _, mumbling, leaving = read_results("o/results.json").tracks[0].peers
    assert [failure.reason for failure in mumbling.failures] == [
        "ValueError: lone \\ud800 and \x1b[31m",
        "its process ended (exit code 7)",
    ]
    assert mumbling.cost.mean > 90
    assert [failure.reason for failure in leaving.failures] == ["SystemExit: 3"] * 3
    assert "| mumb&#124;ing&#92; | 0.0000" in Path("o/report.md").read_text()
    page = Path("o/report.html").read_text()
    assert "\x1b" not in page
    assert "lone \\ud800 and &lt;U+001B&gt;[31m" in page


def test_a_page_that_cannot_be_prepared_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """All peers fail on it, with the reason; the run goes on, and memory is measured without it."""

    def spoil(case: Case) -> Case:
        if case.id == "p1":
            raise ValueError("no root")
        return extract_much(case)

    monkeypatch.setattr(workers, "FORMS", {**FORMS, "recall": spoil})
    monkeypatch.setattr("cleaner.bench.run.FORMS", {**FORMS, "recall": spoil})
    Path("plan.toml").write_text(f'[[track]]\nname = "recall"\nsets = ["{pages()}"]\n')
    done = bench("plan.toml", "--peer", "identity", "--memory", "-o", "o")
    assert done.exit_code == 0, done.output
    (peer,) = read_results("o/results.json").tracks[0].peers
    assert [failure.reason for failure in peer.failures] == ["the form `recall` failed: ValueError: no root"]
    assert peer.cost.memory


@pytest.mark.skipif(
    not Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists(), reason="children are listed by Linux alone"
)
def test_processes_end_with_their_parent() -> None:
    """Killed without a chance to say so, a run leaves no process behind."""
    texts(count=40)
    code = f"import sys; sys.path[:0] = {sys.path!r}; from cleaner.cli.main import main; main(sys.argv[1:])"
    Path("slow_peer.py").write_text(
        HOUSE.format(pause=0, word="a").replace("return word", "time.sleep(0.2)\n        return word")
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code, "bench", "--quiet", "--jobs", "2", "texts.jsonl", "--peer", "slow_peer:HOUSE"]
    )
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
    while len(pids := children.read_text().split()) < 2:
        assert run.poll() is None
        time.sleep(0.05)
    run.kill()
    run.wait()
    end = time.monotonic() + 30
    while any(_lives(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in pids)


def _lives(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("name", ["results.json", "scores.jsonl.zst"])
def test_what_is_left_of_an_earlier_run_stands_in_nobodys_way(name: str) -> None:
    """Broken or older results in the folder are told and replaced; those that were named are an error, at once."""
    run = (texts(), "--peer", "identity", "-o", "o")
    assert bench(*run).exit_code == 0
    Path("o", name).write_bytes(b'{"format": 0}')
    done = bench(texts(), "--peer", "identity", "--against", "o")
    assert done.exit_code == 2
    assert name in done.stderr
    done = bench(*run)
    assert done.exit_code == 0
    assert done.stderr.startswith(f"nothing to compare with: o/{name}: no ")
    assert bench(*run).stderr == "report: o/report.html\n"
    assert sorted(os.listdir("o")) == sorted([ANSWERS, LOCK, REPORT, RESULTS, SCORES, TABLES])


def test_two_runs_do_not_share_a_folder() -> None:
    """The second is refused before it removes the answers of the first."""
    texts()
    Path("slow_peer.py").write_text(HOUSE.format(pause=30, word="a"))
    code = f"import sys; sys.path[:0] = {sys.path!r}; from cleaner.cli.main import main; main(sys.argv[1:])"
    run = (sys.executable, "-c", code, "bench", "--quiet", "texts.jsonl", "--peer", "slow_peer:HOUSE", "-o", "o")
    with subprocess.Popen(run) as first:
        while not Path("o", "answers.sqlite").exists():
            assert first.poll() is None
            time.sleep(0.05)
        second = bench("texts.jsonl", "--peer", "identity", "-o", "o")
        first.send_signal(signal.SIGINT)
        assert first.wait() == 130
    assert second.exit_code == 2
    assert "another run writes there" in second.stderr


def test_what_cannot_be_kept_is_told_in_one_line() -> None:
    """Of a store that is in the way, broken, or on a full disk."""
    Path("o/answers.sqlite").mkdir(parents=True)
    done = bench(texts(), "--peer", "identity", "-o", "o")
    assert done.exit_code == 2
    assert done.stderr.startswith("cleaner: o/answers.sqlite cannot be written: ")
    path = Path("one.sqlite")
    with Store(path, afresh=True) as store:
        store.put(b"key", Answer("a" * 20_000, 0.0))
    path.write_bytes(path.read_bytes()[:4096] + bytes(4096))
    with pytest.raises(InputError, match="run without --resume"), Store(path, afresh=False) as store:
        store.get(b"key")
    with pytest.raises(OutputError, match="cannot be written"):
        _overfill(path)


def _overfill(path: Path) -> None:
    with Store(path, afresh=True) as store:
        store._base.execute("PRAGMA max_page_count = 3")
        for number in range(9):
            store.put(bytes([number]), Answer(random.Random(number).randbytes(4000).hex(), 0.0))


def test_floors_are_read_before_anything_runs() -> None:
    """A run whose figures cannot be checked would be in vain."""
    Path("floors.json").write_text("{}")
    for more in ((), ("--update",)):
        done = bench(texts(), "--peer", f"{__name__}:MUMBLING", "--gate", "floors.json", *more, "-o", "o")
        assert done.exit_code == 2
        assert not Path("o").exists()


def test_a_few_sites_prove_nothing() -> None:
    """Of one site every resample is the same, so that the interval has no width; it is no star."""
    for sites, stars in ((1, 0), (5, 0), (8, 1)):
        write(
            "s.jsonl",
            *({"id": f"{n}", "text": f"{BODY}\nAd", "gold": BODY, "source": f"s{n % sites}"} for n in range(8)),
        )
        assert bench("s.jsonl", "--peer", "identity", "--peer", f"{__name__}:EMPTY", "-o", "o").exit_code == 0
        assert Path("o/report.md").read_text().count("]* |") == stars


def test_what_one_case_leaves_is_collected_before_the_next() -> None:
    """Nobody's time holds the garbage of the case before."""
    write("s.jsonl", *({"id": f"{n}", "text": "x", "gold": "clean"} for n in range(30)))
    assert bench("s.jsonl", "--peer", f"{__name__}:LITTERING", "-o", "o").exit_code == 0
    (peer,) = read_results("o/results.json").tracks[0].peers
    assert peer.figures["exact"].value >= 29 / 30 - 1e-6  # the first case comes after a call that warms the peer


def test_the_digest_of_a_set_is_that_of_its_bytes() -> None:
    """Which bytes a page has decides, not how they are decoded today."""
    case = Case("1", "harbour", Page("1", "<p>a</p>"), Body("a"), "harbour.example")
    pages = (b"\xff\xfe<\0p\0>\0", b"<p>", "<p>")
    digests = {digest_of([replace(case, input=Page("1", page))]) for page in pages}
    assert len(digests) == 2  # of the same signs, text and bytes ask the same
