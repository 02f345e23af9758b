"""Keep objects in processes of their own and ask them, so that a question that never ends costs one process, not the server.

A pattern inside C code cannot be interrupted in a thread. Each process is looked after by one thread of the server, which
starts it, sends it one question at a time and waits; nobody else touches it. The server has threads, so processes are not
forked from it, but from a process that has nothing but the modules loaded (Linux), or started afresh. None outlives its
server, not even where that is killed: one that waits sees its pipe end, one that works has a limit on its processor time.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from multiprocessing.resource_tracker import ensure_running
from types import TracebackType
from typing import Any, Self

from cleaner.bulk.pool import describe_exit, listen, uninterrupted
from cleaner.deadline import Overdue
from cleaner.errors import CleanerError

WAITING = 32
"""Questions that may wait for a process; more are refused as `Busy`."""

PATIENCE = 1.0
"""Seconds that a process has left for a question that nobody waits for any more."""

_BIRTH = 120.0  # seconds that a process has to start and build its object
_LOOK = 0.05  # seconds between two looks at whether the server stops, or the asker has gone
_FAREWELL = 5.0  # seconds that a killed process gets to be gone
_LOADED = ["cleaner.serve.workers", "cleaner.clean"]  # modules that processes need not load by themselves


class Busy(CleanerError):
    """Say that too many questions wait already; `after` are the seconds after which to ask again."""

    after = 1


class WorkerLost(CleanerError):
    """Say that the process ended over a question, or could not be started, and how."""


class WorkerFault(Exception):
    """Say that the object raised what it should not have: a fault of ours; `trace` is for the log."""

    def __init__(self, message: str, trace: str = ""):
        self.trace = trace
        super().__init__(message)


class _Silent(Exception):
    pass


class Workers:
    """Lend `count` processes, each with one object made by `build`; they start at once, in the background.

    `build` and all that is asked and answered must be picklable. `seconds` of wall-clock time are given to one question,
    from when a process takes it; at most `waiting` wait. `method` starts processes: `spawn`, or `forkserver` where there
    is one. Used as a context it ends the processes.
    """

    def __init__(
        self,
        build: Callable[[], object],
        *,
        count: int = 1,
        seconds: float = 10.0,
        waiting: int = WAITING,
        method: str | None = None,
    ) -> None:
        context: Any = multiprocessing.get_context(method or ("forkserver" if sys.platform == "linux" else "spawn"))
        context.set_forkserver_preload(_LOADED)
        self._line = _Line(waiting)
        self._seconds = seconds
        self._lanes = [_Lane(self._line, context, build) for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def ask(self, method: str, *args: Any, seconds: float | None = None) -> Any:
        """Call a method of an object and return what it returns; `seconds` sets another limit for this one.

        Raises the `CleanerError` that the method raised, `Overdue` where it takes too long, `WorkerLost` where its process
        ends, `WorkerFault` where it raised anything else, and `Busy` at once where too many wait. Cancelled, a question
        that waits is dropped, and one under way is ended soon.
        """
        question = _Question(method, args, seconds or self._seconds)
        self._line.join(question)
        try:
            return await asyncio.wrap_future(question.answer)
        except asyncio.CancelledError:
            question.dropped = True
            raise

    @property
    def warm(self) -> int:
        """Return how many processes have their object ready."""
        return sum(lane.warm for lane in self._lanes)

    @property
    def waiting(self) -> int:
        """Return how many questions wait for a process."""
        return len(self._line)

    @property
    def processes(self) -> list[int]:
        """Return the ids of the processes that live."""
        return [process.pid for lane in self._lanes if (process := lane.process)]

    def close(self) -> None:
        """End all processes at once; who still waits gets `WorkerLost`. May be called twice, and from any thread."""
        self._line.close()
        for lane in self._lanes:
            lane.thread.join()


@dataclass(slots=True, eq=False)
class _Question:
    """Hold a call, the seconds it may take, and where its answer goes; `dropped` once nobody waits for it."""

    method: str
    args: tuple[Any, ...]
    seconds: float
    answer: Future[Any] = field(default_factory=Future)
    dropped: bool = False


class _Line:
    """Hold the questions that wait, first come first served."""

    def __init__(self, most: int):
        self._most = most
        self._waiting: deque[_Question] = deque()
        self._changed = threading.Condition()
        self.closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, question: _Question) -> None:
        with self._changed:
            if self.closed:
                raise WorkerLost("the server is stopping")
            if len(self._waiting) >= self._most and not self._drop():
                raise Busy(f"{self._most} requests wait already; ask again in a moment")
            self._waiting.append(question)
            self._changed.notify()

    def take(self) -> _Question | None:
        """Wait for a question that somebody wants answered; None once closed."""
        with self._changed:
            while not self.closed:
                while self._waiting:
                    question = self._waiting.popleft()
                    if question.answer.set_running_or_notify_cancel():
                        return question
                self._changed.wait()
        return None

    def close(self) -> None:
        with self._changed:
            self.closed = True
            while self._waiting:
                question = self._waiting.popleft()
                if question.answer.set_running_or_notify_cancel():
                    question.answer.set_exception(WorkerLost("the server is stopping"))
            self._changed.notify_all()

    def _drop(self) -> bool:
        """Let go of those whose askers have gone; tell whether there were any."""
        before = len(self._waiting)
        self._waiting = deque(question for question in self._waiting if not question.answer.cancelled())
        return len(self._waiting) < before


class _Lane:
    """Look after one process, from a thread of its own."""

    def __init__(self, line: _Line, context: Any, build: Callable[[], object]):
        self._line, self._context, self._build = line, context, build
        self.process: Any = None
        self._way: Connection | None = None
        self.warm = False
        self.thread = threading.Thread(target=self._run, name="cleaner-worker", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            with suppress(Exception):  # told to the first who asks
                self._begin()
            while question := self._line.take():
                self._serve(question)
        finally:
            self._end()

    def _serve(self, question: _Question) -> None:
        try:
            if not self.warm:
                self._begin()
        except Exception as error:
            question.answer.set_exception(error)  # the next one tries again
            return
        try:
            answer = self._ask(question)
        except Exception as error:
            question.answer.set_exception(error)
        else:
            question.answer.set_result(answer)
        if not self.warm and not self._line.closed:
            with suppress(Exception):
                self._begin()

    def _ask(self, question: _Question) -> Any:
        assert self._way
        try:
            call = ForkingPickler.dumps((question.method, question.args, question.seconds))
        except Exception as error:
            raise WorkerFault(f"the question cannot be sent: {error}", traceback.format_exc()) from None
        try:
            self._way.send_bytes(call)
            told = self._receive(question.seconds, question)
        except _Silent:
            self._end()
            raise Overdue(f"it took longer than {question.seconds:g} seconds") from None
        except (EOFError, OSError):
            raise WorkerLost(f"the process that worked on it ended ({self._end()})") from None
        return _unpack(told)

    def _receive(self, seconds: float, question: _Question | None = None) -> bytes:
        """Wait for what the process says."""
        assert self._way
        until = time.monotonic() + seconds
        while not self._way.poll(min(_LOOK, max(until - time.monotonic(), 0))):
            if self._line.closed:
                raise WorkerLost("the server is stopping")
            if question and question.dropped:
                until, question = min(until, time.monotonic() + PATIENCE), None
            if time.monotonic() >= until:
                raise _Silent
        return self._way.recv_bytes()

    def _begin(self) -> None:
        """Start the process, and wait until its object is there; raise what building it raised."""
        self._end()
        self._way, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._build), name="cleaner-worker", daemon=True)
        if hasattr(signal, "pthread_sigmask"):
            ensure_running()  # else the first start would, and let the signals through that are held back
        try:
            with uninterrupted():
                process.start()
            self.process = process
            theirs.close()
            _unpack(self._receive(_BIRTH))
            self.warm = True
        except _Silent:
            raise WorkerLost(f"a process did not start within {_BIRTH:g} seconds") from None
        except (EOFError, OSError):
            raise WorkerLost(f"a process ended as it started ({self._end()})") from None
        finally:
            theirs.close()
            if not self.warm:
                self._end()

    def _end(self) -> str:
        """End the process and wait for it; return how it ended."""
        self.warm = False
        process, way, self.process, self._way = self.process, self._way, None, None
        if way:
            way.close()
        if not process:
            return "it never ran"
        process.join(0.2)  # one that has just died tells how; one that waits sees its pipe end
        if process.exitcode is None:
            process.kill()
            process.join(_FAREWELL)
        how = describe_exit(process.exitcode)
        with suppress(ValueError):  # still there: the kernel is not done with it
            process.close()
        return how


def _work(way: Connection, build: Callable[[], object]) -> None:
    """Build the object, and answer until the other side is gone; an interrupt is its business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    listen()
    try:
        try:
            made = build()
        except Exception as error:
            way.send_bytes(_pack(False, _as_told(error)))
            return
        gc.freeze()  # what is there stays
        way.send_bytes(_pack(True, None))
        while True:
            way.send_bytes(_answer(made, way.recv_bytes()))
    except (EOFError, OSError):
        return


def _answer(made: object, call: bytes) -> bytes:
    try:
        method, args, seconds = ForkingPickler.loads(call)
        _limit(seconds)
        return _pack(True, getattr(made, method)(*args))
    except Exception as error:
        return _pack(False, _as_told(error))
    finally:
        _limit(0)


def _limit(seconds: float) -> None:
    """Let the system end this process after so much processor time, should nobody be there any more to do it; 0 lifts it."""
    if hasattr(signal, "ITIMER_PROF"):
        signal.setitimer(signal.ITIMER_PROF, seconds and 2 * seconds + _FAREWELL)


def _as_told(error: Exception) -> Exception:
    """Return an error that is meant to be read as it is, any other as a fault with its trace."""
    if isinstance(error, (CleanerError, Overdue)):
        return error
    return WorkerFault(f"{type(error).__name__}: {error}", traceback.format_exc())


def _pack(good: bool, value: Any) -> bytes:
    try:
        return bytes(ForkingPickler.dumps((good, value)))
    except Exception as error:
        return bytes(ForkingPickler.dumps((False, WorkerFault(f"the answer cannot be sent: {error}"))))


def _unpack(told: bytes) -> Any:
    """Return what a process answered, or raise it."""
    try:
        good, value = ForkingPickler.loads(told)
    except Exception as error:
        raise WorkerFault(f"the answer cannot be read: {error}", traceback.format_exc()) from None
    if good:
        return value
    raise value
