"""Do parcels in other processes, results in the order of the input, with a bounded number under way.

Each process has a connection of its own, so that it is known which parcel it holds when it ends without a word (killed,
out of memory, a crash in a library): its records are then tried one by one in a fresh process, and one that ends
two of them by itself is rejected: it may have been ended from outside once. One thread does all: it reads ahead, sends, waits and hands out.
"""

from __future__ import annotations

import gc
import mmap
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Self

from cleaner.bulk.batch import Done, Job, give_up, join
from cleaner.bulk.memory import keep_memory
from cleaner.bulk.parcel import Parcel
from cleaner.bulk.way import ARENA, Way
from cleaner.errors import OptionError

LOAD = 1 << 19
"""Bytes of a parcel that is worth the way to another process."""

AHEAD = 4
"""Parcels under way for each process: read, being cleaned, or waiting for an earlier one to be written."""

_HELD = frozenset({signal.SIGINT, signal.SIGTERM})
_FAREWELL = 5.0  # seconds that a process gets to end


def count_cores() -> int:
    """Return the number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe_exit(code: int | None) -> str:
    """Say how a process ended, by its exit code: which signal killed it, or the code."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def start_method() -> str:
    """Return how processes are started: forked where that is safe, as they then share the compiled rules.

    It is not where other threads run, such as those of a library that reads from a network.
    """
    forks = "fork" in multiprocessing.get_all_start_methods() and sys.platform != "darwin"
    return "fork" if forks and threading.active_count() == 1 else "spawn"


@dataclass(slots=True, eq=False)
class _Task:
    """Hold a parcel under way: what is left of it to do, and what became of the rest."""

    parcel: Parcel
    left: deque[Parcel]
    done: list[Done] = field(default_factory=list)
    in_pieces: bool = False
    suspect: Parcel | None = None

    def retry(self, reason: str) -> None:
        """Break the parcel up after a process ended over it; give up a record that ended two by itself."""
        if not self.in_pieces:
            self.left.extend(self.left.popleft().split())
            self.in_pieces = True
        elif self.suspect is self.left[0]:
            self.done.append(give_up(self.left.popleft(), f"the process that cleaned it ended twice ({reason})"))
        else:
            self.suspect = self.left[0]


class Pool:
    """Do parcels in `count` processes; used as a context, which ends them all.

    Raises `OptionError` where a process ends before it has begun.
    """

    def __init__(self, job: Job, count: int, method: str | None = None, ahead: int = AHEAD):
        self._job, self._method = job, method or start_method()
        self._context: Any = multiprocessing.get_context(self._method)
        self._most = max(2, ahead) * count
        self._count = count
        self._workers: list[_Worker] = []
        self._queue: deque[_Task] = deque()

    def __enter__(self) -> Self:
        try:
            for _ in range(self._count):
                self._workers.append(self._start())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def processes(self) -> list[int]:
        """Return the ids of the processes."""
        return [worker.process.pid for worker in self._workers]

    def work(self, parcels: Iterable[Parcel | None]) -> Iterator[Done]:
        """Yield what becomes of each parcel, in order; an error of the iterator is raised once all before it is out."""
        parcels = iter(parcels)
        under_way: deque[_Task] = deque()
        failure: Exception | None = None
        ended = False
        while under_way or not ended:
            if not ended and self._has_room(under_way):
                try:
                    parcel = next(parcels)
                except StopIteration:
                    ended = True
                except Exception as error:
                    ended, failure = True, error
                else:
                    if parcel and not parcel.items:
                        under_way.append(_Task(parcel, deque()))
                    elif parcel:
                        under_way.append(_Task(parcel, deque([parcel])))
                        self._queue.append(under_way[-1])
                        self._wait(0)
                        self._feed()
            if under_way and under_way[0].left:
                self._wait(None if ended or not self._has_room(under_way) else 0)
                self._feed()
            while under_way and not under_way[0].left:
                task = under_way.popleft()
                yield join(task.parcel, task.done)
        if failure:
            raise failure

    def _has_room(self, under_way: deque[_Task]) -> bool:
        size = sum(task.parcel.size for task in under_way)
        return not under_way or (len(under_way) < self._most and size < self._most * LOAD)

    def _feed(self) -> None:
        """Give each idle process a task."""
        for worker in self._workers:
            if not self._queue:
                return
            if worker.ready and not worker.task:
                worker.task = self._queue.popleft()
                worker.send()

    def _wait(self, seconds: float | None) -> None:
        """Take the results that are there, or that come within so many seconds; None waits for one."""
        ready = wait([worker.way.connection for worker in self._workers], seconds)
        for number, worker in enumerate(self._workers):
            if worker.way.connection in ready and not worker.receive():
                self._workers[number] = self._replace(worker)

    def _replace(self, dead: _Worker) -> _Worker:
        """Start a fresh process for one that ended; what it was at is tried record by record, or given up."""
        reason = dead.bury()
        if not dead.ready:
            raise OptionError(
                f"a process ended as it started ({reason}); with fewer jobs there is more memory for each"
            )
        fresh = self._start()
        if dead.task:
            dead.task.retry(reason)
            fresh.task = dead.task if dead.task.left else None
        return fresh

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        forks = self._method == "fork"
        arena = mmap.mmap(-1, ARENA) if forks else None
        inherited = [ours, *(worker.way.connection for worker in self._workers)] if forks else []
        process = self._context.Process(target=_serve, args=(Way(theirs, arena), self._job, inherited), daemon=True)
        with uninterrupted():
            process.start()
        theirs.close()
        return _Worker(process, Way(ours, arena))

    def _end(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.bury()
        self._workers.clear()


@dataclass(slots=True, eq=False)
class _Worker:
    """Hold a process, the way to it, and the task it is at; it is `ready` once it said so."""

    process: Any
    way: Way
    task: _Task | None = None
    ready: bool = False

    def send(self) -> None:
        """Send what is next of the task; a process that has ended is noticed when it is waited for."""
        assert self.task
        with suppress(OSError):
            self.way.send(self.task.left[0])

    def receive(self) -> bool:
        """Take what the process says; false where it has ended."""
        try:
            done: Done | None = self.way.receive()
        except (EOFError, OSError):
            return False
        if done is None:
            self.ready = True
        elif self.task:
            self.task.left.popleft()
            self.task.done.append(done)
        if self.task and self.task.left:
            self.send()
        else:
            self.task = None
        return True

    def bury(self) -> str:
        """End the process; return what ended it."""
        self.way.close()
        self.process.join(_FAREWELL)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        return describe_exit(self.process.exitcode)


def _serve(way: Way, job: Job, inherited: Sequence[Connection]) -> None:
    """Do parcels until the other side is gone; an interrupt is its business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    listen()
    for other in inherited:
        other.close()  # else neither side would notice that the other has ended
    keep_memory()
    gc.freeze()  # what is there stays: looking at it again would also copy the memory that a fork shares
    try:
        way.send(None)
        while True:
            way.send(job.do(way.receive()))
    except (EOFError, OSError):
        os._exit(0)  # what a fork inherited of half-written output must not be flushed


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold signals back for a moment: a process that is just starting would take them for its parent."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def listen() -> None:
    """Take the signals again that were held back as this process started."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD)
