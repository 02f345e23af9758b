"""Workers: whatever a peer does to its process, it costs that peer that answer, and nobody else anything."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Sequence

import pytest

from cleaner.bench import workers
from cleaner.bench.case import Body, Case
from cleaner.bench.workers import Question, Reply, Workers, weigh
from cleaner.model import Page
from tests import failing
from tests.failing import HARM, HARMS, ODDITIES

pytest.importorskip("rapidfuzz", reason="needs the extra bench")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="peers do harm by POSIX")

TEXT = "The bridge is open."


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait half a second for what never comes."""
    monkeypatch.setattr(workers, "_GRACE", 0.5)


def case(id: str) -> Case:
    return Case(id, "harbour", Page(id, TEXT), Body(TEXT), "harbour.example")


def ask(names: Sequence[str], ids: Sequence[str], jobs: int = 1, limit: float = 0.5) -> list[Reply]:
    """Ask peers about cases, on those whose ids begin with `harm` they do theirs."""
    peers = [peer.name for peer in workers.find_peers(names)]
    questions = [Question(case(id), "", "html", tuple(peers)) for id in ids]
    with Workers(names, jobs, limit) as lent:
        return list(lent.ask(questions))


@pytest.mark.parametrize("name", HARMS)
def test_harm_costs_one_answer(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A peer that raises, hangs, crashes or quits has failed on that case, with the reason; all other answers stand."""
    monkeypatch.setattr(failing, "ONE", failing.failing(name, HARMS[name][0]), raising=False)
    replies = ask(["tests.failing:FINE", "tests.failing:ONE"], ["a", HARM, "b"])
    assert len(replies) == 3
    for at, reply in enumerate(replies):
        harmed = at % 2 == 1
        assert reply.facts
        assert set(reply.given) == {"fine", name}
        assert reply.given["fine"].answer.text == ("fine" if harmed else TEXT)
        answer = reply.given[name].answer
        assert answer.text == ("" if harmed else TEXT)
        assert bool(answer.error) is harmed
        assert (answer.error or "").startswith(HARMS[name][1] if harmed else "")
        assert reply.given[name].parts["f1"] == (0.0 if harmed else 1.0)


@pytest.mark.parametrize("name", ODDITIES)
def test_odd_texts_are_texts(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str) -> None:
    """What a peer prints stays unheard, and an unusual text arrives as it is."""
    monkeypatch.setattr(failing, "ONE", failing.failing(name, ODDITIES[name][0]), raising=False)
    (reply,) = ask(["tests.failing:ONE"], [HARM], limit=20)
    answer = reply.given[name].answer
    assert (answer.error, answer.text) == (None, ODDITIES[name][1])
    assert type(answer.text) is str
    assert capfd.readouterr() == ("", "")


def test_a_peer_leaves_the_process_as_it_was() -> None:
    """Folder, recursion limit, locale and collector are for the next peer, and the parent, what they were before."""
    before = failing.state()
    replies = ask(["tests.failing:STATE"], [HARM, "b"])
    assert replies[0].given["unsettle"].answer.text == "unsettled"
    found = {reply.given["witness"].answer.text for reply in replies}
    assert found == {failing.state()} == {before}


@pytest.mark.parametrize("name", ["UNMADE", "EXITING"])
def test_peers_that_cannot_be_made_fail_on_every_case(name: str) -> None:
    """A peer that gives up while it is prepared, by whatever exception, takes nobody with it."""
    fine, other = workers.find_peers(["tests.failing:FINE", f"tests.failing:{name}"])
    for reply in ask([f"tests.failing:{name}", "tests.failing:FINE"], ["a", "b"]):
        assert reply.given[fine.name].answer.text == TEXT
        assert (reply.given[other.name].answer.error or "").startswith("SystemExit")


def test_replies_come_in_order_from_many_processes() -> None:
    """Whoever dies meanwhile, replies come in the order of the questions, each with all answers."""
    ids = [f"{HARM} {number}" if number % 5 == 0 else str(number) for number in range(40)]
    names = ["tests.failing:FINE", "tests.failing:QUIT"]
    failing.QUIT = failing.failing("quit", HARMS["quit"][0])  # type: ignore[attr-defined]
    replies = ask(names, ids, jobs=3)
    failed = [bool(reply.given["quit"].answer.error) for reply in replies]
    assert failed == [id.startswith(HARM) for id in ids]
    assert not [reply for reply in replies if reply.given["fine"].answer.error]


def test_no_process_stays_behind() -> None:
    """Neither children nor open files are left when the workers go, nor a frozen collector."""
    before, files = set(multiprocessing.active_children()), set(os.listdir("/proc/self/fd"))
    ask(["tests.failing:FINE"], ["a", "b", "c"], jobs=2)
    assert set(multiprocessing.active_children()) == before
    assert len(os.listdir("/proc/self/fd")) <= len(files)
    assert gc.get_freeze_count() == 0


def test_memory_is_that_of_the_peer_alone() -> None:
    """What the parent holds is not weighed with the peer; what the peer keeps is."""
    ballast = bytearray(300_000_000)
    ballast[::4096] = b"x" * len(ballast[::4096])
    fine, leaking = (workers.find_peers([f"tests.failing:{name}"])[0] for name in ("FINE", "LEAK"))
    light = weigh(["tests.failing:FINE"], fine, [case(HARM)])
    heavy = weigh(["tests.failing:LEAK"], leaking, [case(HARM)])
    assert light
    assert heavy
    assert light < 300
    assert 80 < heavy - light < 130
    del ballast


@pytest.mark.skipif(sys.platform != "linux", reason="the fault reaches forked processes only")
def test_a_page_that_cannot_be_printed_fails_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that raises is named as the reason, and the next page is asked about as ever."""

    def print_page(given: Case) -> Case:
        if given.id == HARM:
            raise ValueError("no such element")
        return given

    monkeypatch.setattr(workers, "FORMS", {"whole": print_page})
    questions = [Question(case(id), "whole", "html", ("fine",)) for id in (HARM, "b")]
    with Workers(["tests.failing:FINE"], 1, 0.5) as lent:
        first, second = (reply.given["fine"].answer for reply in lent.ask(questions))
    assert first.error == "the form `whole` failed: ValueError: no such element"
    assert (second.error, second.text) == (None, TEXT)
