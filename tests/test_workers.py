"""Workers: whatever a question does to its process, it costs that question its answer, and nobody else anything."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cleaner.deadline import Overdue
from cleaner.errors import InputError, RuleError
from cleaner.serve.workers import Busy, WorkerFault, WorkerLost, Workers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="harm is done by POSIX")


class Strange(Exception):
    """An error that cannot be built again from what it holds."""

    def __init__(self, one: str, other: str):
        super().__init__(one + other)


class Clerk:
    """Do what is asked, harm as well."""

    def __init__(self, name: str = "clerk", marks: str = ""):
        self.name = name
        self.count = 0
        if marks:
            with open(marks, "a") as file:
                file.write("built\n")

    def echo(self, *values: Any) -> tuple[Any, ...]:
        self.count += 1
        return values

    def counted(self) -> int:
        return self.count

    def pid(self) -> int:
        return os.getpid()

    def wait(self, seconds: float) -> str:
        time.sleep(seconds)
        return "slept"

    def time_left(self) -> float:
        return signal.getitimer(signal.ITIMER_PROF)[0]

    def search(self) -> object:
        return sum(range(1 << 60))  # never returns from C, and looks at no signal meanwhile

    def quit(self) -> None:
        os._exit(7)

    def kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self) -> None:
        raise SystemExit(3)

    def refuse(self) -> None:
        raise RuleError(
            "a rule without end", path="own.yaml", line=7, rule="own.one", field="drop.line", hint="End it."
        )

    def stumble(self) -> None:
        raise ZeroDivisionError("one by none")

    def strange(self) -> None:
        raise Strange("a", "b")

    def unsendable(self) -> object:
        return threading.Lock()

    def late(self) -> None:
        raise Overdue("a step took too long")


class Unbuilt:
    def __init__(self) -> None:
        raise InputError("nothing to read at nowhere.jsonl")


def dying() -> object:
    os._exit(9)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(work(), 60))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shared() -> Iterator[Workers]:
    """Lend one clerk to all tests that do him no harm, or whose harm is their claim."""
    with Workers(Clerk, seconds=30) as workers:
        yield workers


def test_values_go_and_come(shared: Workers) -> None:
    """Arguments and answers arrive as they are, large ones and lone surrogates too."""
    values = ("täglich\ud800", b"\0" * 3_000_000, {"a": [1, None]}, ())
    assert run(lambda: shared.ask("echo", *values)) == values


def test_questions_are_answered_in_order_by_one_object(shared: Workers) -> None:
    """Many at once each get their own answer, and all reach one object."""

    async def many() -> list[Any]:
        before = await shared.ask("counted")
        answers = await asyncio.gather(*(shared.ask("echo", number) for number in range(20)))
        assert await shared.ask("counted") == before + 20
        return answers

    assert run(many) == [(number,) for number in range(20)]


def test_errors_of_ours_arrive_as_themselves(shared: Workers) -> None:
    """An error that speaks to the author keeps its class, words and places, and the process lives on."""
    before = run(lambda: shared.ask("pid"))
    with pytest.raises(RuleError) as caught:
        run(lambda: shared.ask("refuse"))
    error = caught.value
    assert (error.path, error.line, error.rule, error.field) == ("own.yaml", 7, "own.one", "drop.line")
    assert str(error) == "own.yaml:7: rule own.one, field drop.line: a rule without end. End it."
    with pytest.raises(Overdue, match="a step took too long"):
        run(lambda: shared.ask("late"))
    assert run(lambda: shared.ask("pid")) == before


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("stumble", "ZeroDivisionError: one by none"),
        ("strange", "Strange: ab"),
        ("unsendable", "cannot be sent"),
        ("unknown", "AttributeError"),
    ],
)
def test_other_errors_are_faults(shared: Workers, method: str, message: str) -> None:
    """What no method should raise, or answer, is told as a fault of ours, and the process lives on."""
    before = run(lambda: shared.ask("pid"))
    with pytest.raises(WorkerFault, match=message):
        run(lambda: shared.ask(method))
    assert run(lambda: shared.ask("pid")) == before


def test_a_question_that_cannot_be_sent_is_a_fault(shared: Workers) -> None:
    """What cannot be pickled never reaches the process."""
    with pytest.raises(WorkerFault, match="cannot be sent"):
        run(lambda: shared.ask("echo", threading.Lock()))


@pytest.mark.parametrize(("method", "how"), [("quit", "exit code 7"), ("kill", "SIGKILL"), ("leave", "exit code 3")])
def test_a_process_that_ends_is_replaced(shared: Workers, method: str, how: str) -> None:
    """The question over which it ended is told how; the next one has a fresh process."""
    before = run(lambda: shared.ask("pid"))
    with pytest.raises(WorkerLost, match=how):
        run(lambda: shared.ask(method))
    assert run(lambda: shared.ask("pid")) != before


def test_what_never_ends_is_ended(shared: Workers) -> None:
    """A search inside C code costs its time and its process; those that wait are answered by the next."""

    async def both() -> tuple[Any, Any]:
        return await asyncio.gather(shared.ask("search", seconds=0.3), shared.ask("echo", 1), return_exceptions=True)

    endless, other = run(both)
    assert isinstance(endless, Overdue)
    assert str(endless) == "it took longer than 0.3 seconds"
    assert other == (1,)


def test_who_goes_away_leaves_no_process_busy(shared: Workers) -> None:
    """A question whose asker is gone is dropped while it waits, and ended soon where it runs."""

    async def leave() -> Any:
        await shared.ask("echo")
        before = await shared.ask("counted")
        running = asyncio.ensure_future(shared.ask("search"))
        waiting = asyncio.ensure_future(shared.ask("echo", "never asked"))
        await asyncio.sleep(0.2)
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        assert before > 0
        return await shared.ask("counted")

    assert run(leave) == 0  # a fresh object that nobody has asked to echo


def test_too_many_are_refused_at_once() -> None:
    """Beyond the bound a question is `Busy`, and a place that its asker left is free again."""

    async def crowd() -> None:
        with Workers(Clerk, seconds=30, waiting=2) as workers:
            await workers.ask("echo")
            asked = [asyncio.ensure_future(workers.ask("wait", 0.5))]
            await asyncio.sleep(0.1)
            asked += [asyncio.ensure_future(workers.ask("echo", number)) for number in range(2)]
            await asyncio.sleep(0)
            assert workers.waiting == 2
            with pytest.raises(Busy, match="2 requests wait already"):
                await workers.ask("echo", "too many")
            asked[1].cancel()
            await asyncio.sleep(0)
            assert await workers.ask("echo", "room again") == ("room again",)
            assert (await asked[0], await asked[2]) == ("slept", (1,))
            assert asked[1].cancelled()

    run(crowd)


def test_processes_can_be_started_afresh() -> None:
    """Where a system does not fork, all is the same."""
    with Workers(Clerk, method="spawn", seconds=30) as workers:
        assert run(lambda: workers.ask("echo", 1)) == (1,)


def test_two_processes_work_side_by_side() -> None:
    """While one is at a question that never ends, the other answers."""

    async def side_by_side() -> None:
        with Workers(Clerk, count=2, seconds=30) as workers:
            stuck = asyncio.ensure_future(workers.ask("search"))
            assert await workers.ask("echo", 1) == (1,)
            assert await workers.ask("echo", 2) == (2,)
            assert not stuck.done()
            stuck.cancel()

    run(side_by_side)


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [(Unbuilt, InputError, "nothing to read at nowhere.jsonl"), (dying, WorkerLost, "as it started .exit code 9.")],
)
def test_an_object_that_cannot_be_built_is_told_to_each_asker(
    build: Callable[[], object], error: type[Exception], message: str
) -> None:
    """Who asks hears why, each time, and nothing hangs."""
    with Workers(build) as workers:
        for _ in range(2):
            with pytest.raises(error, match=message):
                run(lambda: workers.ask("echo"))
        assert workers.warm == 0


def test_objects_are_built_before_anybody_asks(tmp_path: Path) -> None:
    """The first question finds its object ready, and a fresh one is built at once where one is lost."""
    marks = tmp_path / "marks"
    with Workers(partial(Clerk, marks=str(marks))) as workers:
        await_until(lambda: workers.warm == 1)
        assert marks.read_text() == "built\n"
        with pytest.raises(WorkerLost):
            run(lambda: workers.ask("quit"))
        await_until(lambda: workers.warm == 1)
        assert marks.read_text() == "built\n" * 2


def test_nothing_stays_behind() -> None:
    """Closed amid work, twice, no process, thread, or open file is left; who waited is told."""
    Workers(Clerk).close()  # what the interpreter itself keeps open from now on
    children, threads, files = set(multiprocessing.active_children()), threading.active_count(), open_files()

    async def amid_work() -> None:
        workers = Workers(Clerk, seconds=30)
        await workers.ask("echo")
        asked = [asyncio.ensure_future(workers.ask("search")), asyncio.ensure_future(workers.ask("echo"))]
        await asyncio.sleep(0.1)
        pids = workers.processes
        await asyncio.to_thread(workers.close)
        workers.close()
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(answer, WorkerLost)
            assert str(answer) == "the server is stopping"
        with pytest.raises(WorkerLost):
            await workers.ask("echo")
        assert not any(map(lives, pids))

    run(amid_work)
    assert set(multiprocessing.active_children()) == children
    assert threading.active_count() <= threads
    assert open_files() <= files


SERVER = """
import asyncio, sys
from tests.test_workers import Clerk
from cleaner.serve.workers import Workers

async def main():
    workers = Workers(Clerk, seconds=1.0)
    print(await workers.ask("pid"), flush=True)
    asked = asyncio.ensure_future(workers.ask(sys.argv[1], seconds=0.5 if sys.argv[1] == "search" else 60))
    try:
        await asyncio.sleep(60)
    finally:
        workers.close()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_a_question_has_a_limit_that_needs_no_server() -> None:
    """Should the server be killed over a question without an end, the system ends the process soon after its time."""
    with Workers(Clerk) as workers:
        left = asyncio.run(workers.ask("time_left", seconds=40.0))
    assert 80 < left < 90


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_its_server(tmp_path: Path, how: signal.Signals) -> None:
    """Interrupted with all its group as Ctrl-C does, or killed without a word, the server takes its processes along."""
    import subprocess

    script = tmp_path / "server.py"
    script.write_text(SERVER)
    root = Path(__file__).parent.parent
    server = subprocess.Popen(
        [sys.executable, str(script), "counted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
        start_new_session=True,
    )
    assert server.stdout
    worker = int(server.stdout.readline())
    os.killpg(server.pid, how) if how == signal.SIGINT else os.kill(server.pid, how)
    _, told = server.communicate(timeout=30)
    assert "cleaner-worker" not in told
    await_until(lambda: not lives(worker))


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


def lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return not Path(f"/proc/{pid}/stat").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return False


def await_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.01)
