"""Ask every peer about every case, in processes of their own, so that a peer that hangs or dies costs one answer.

The peers of a case run one after the other in one process, another one first each time: a busy machine slows all alike.
CPU time is that of the process while the peer runs. A peer that raises has given an empty text; so has one that runs
beyond its limit, and one over which the process ends, which is then replaced.
"""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from itertools import islice
from locale import LC_ALL, setlocale
from locale import Error as LocaleError
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cleaner.bench.case import Body, Case
from cleaner.bench.forms import FORMS
from cleaner.bench.judge import Judge
from cleaner.bench.peer import Extract, Peer, Surface
from cleaner.bench.peers import PEERS, find_peers
from cleaner.bench.signals import read_signals
from cleaner.bench.summary import Facts, gather_facts
from cleaner.bulk.pool import describe_exit
from cleaner.deadline import Overdue, deadline
from cleaner.model import Document, Page

LIMIT = 30.0
"""Seconds that a peer has for one case."""

_GRACE = 5.0  # seconds beyond the limit after which a process that does not answer is ended
_AHEAD = 32  # cases under way for each process
_JUDGED = 8  # the times the limit that a form or the judging of a text may take
_SETTLING = 20  # cases after which peers have loaded what they load with their first
_WEIGHING = 120.0  # seconds for measuring the memory of one peer
_PROSE = "The bridge over the harbour is open again after two years of work, the council said on Friday. "

Key = tuple[str, Surface]
"""The name of a peer and what it takes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what a peer made of a case: its text, the CPU seconds it took, why it failed."""

    text: str
    seconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Ask peers about one case, prepared by a form; `known` are answers of an earlier run, which are only judged."""

    case: Case
    form: str
    surface: Surface
    peers: tuple[str, ...]
    known: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold an answer, the parts that it adds to the sums of the track, and the signals of its text."""

    answer: Answer
    parts: Mapping[str, float]
    signals: Mapping[str, float]


@dataclass(slots=True)
class Reply:
    """Gather what came back for one question."""

    facts: Facts | None = None
    source: Mapping[str, float] = field(default_factory=dict)
    given: dict[str, Judged] = field(default_factory=dict)


_ready: dict[Key, Extract] = {}


def prepare(peers: Iterable[Peer], limit: float = LIMIT) -> None:
    """Make peers ready and run each once, so that imports and first calls are in nobody's time.

    The first call ends after `limit` seconds.
    """
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for peer in peers:
            extract = _make(peer)
            with suppress(Exception, SystemExit), _undisturbed(), deadline(limit):
                extract(_warm(peer.takes))


class Workers:
    """Lend processes that answer questions; used as a context, which ends them.

    Peers are named as `find_peers` takes them: a process that shares no memory finds them by these names.
    """

    def __init__(self, names: Sequence[str], jobs: int, limit: float = LIMIT):
        self._names, self._limit = tuple(names), limit
        self._context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._workers: list[_Worker] = []
        self._jobs = jobs

    def __enter__(self) -> Self:
        prepare(_shipped(self._names))
        gc.freeze()  # what is shared with the processes stays shared
        self._workers = [self._start() for _ in range(self._jobs)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end()
        gc.unfreeze()

    def ask(self, questions: Iterable[Question]) -> Iterator[Reply]:
        """Yield the replies, in the order of the questions."""
        errands = (_Errand(question, turn) for turn, question in enumerate(questions))
        under_way: deque[_Errand] = deque()
        waiting: deque[_Errand] = deque()
        while True:
            for errand in islice(errands, _AHEAD * self._jobs - len(under_way)):
                under_way.append(errand)
                waiting.append(errand)
            if not under_way:
                return
            for worker in self._workers:
                if waiting and worker.errand is None:
                    worker.take(waiting.popleft(), self._limit)
            self._listen()
            while under_way and under_way[0].is_done:
                yield under_way.popleft().reply

    def _listen(self) -> None:
        """Take in what processes say, and replace those that died or are silent for too long."""
        busy = {worker.connection: worker for worker in self._workers if worker.errand}
        if not busy:
            return
        soonest = min(worker.due for worker in busy.values())
        for connection in wait(list(busy), max(0.0, soonest - time.monotonic())):
            self._hear(busy[connection])  # type: ignore[index]
        for worker in list(self._workers):
            if worker.errand and worker.due <= time.monotonic():
                self._replace(worker, f"no answer after {self._limit:g} s")

    def _hear(self, worker: _Worker) -> None:
        try:
            worker.hear(self._limit)
        except (EOFError, OSError):
            self._replace(worker, f"its process ended ({_how(_await_end(worker.process))})")

    def _replace(self, worker: _Worker, reason: str) -> None:
        """Blame the peer that ran, and let a fresh process go on with those that are left."""
        worker.end()
        errand, at = worker.errand, self._workers.index(worker)
        self._workers[at] = self._start()
        if errand:
            errand.blame(reason, self._limit)
            if not errand.is_done:
                self._workers[at].take(errand, self._limit)

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, self._names, self._limit), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)


class _Errand:
    """Follow one question through the processes it takes."""

    def __init__(self, question: Question, turn: int):
        peers = question.peers
        shift = turn % len(peers) if peers else 0
        self.question = question
        self.left = [*peers[shift:], *peers[:shift]]
        self.reply = Reply()
        self.is_done = not peers
        self._runs, self._began = "", 0.0

    @property
    def rest(self) -> Question:
        """Return the question for the peers that are left."""
        asked = self.question
        return Question(asked.case, asked.form, asked.surface, tuple(self.left), asked.known)

    def take(self, word: str, value: Any) -> None:
        """Take in one message of a process."""
        if word == "facts":
            self.reply.facts, self.reply.source = value
        elif word in ("makes", "begins"):
            self._runs, self._began = value, time.monotonic()
        elif word == "judged":
            peer, judged = value
            self._give(peer, judged)
        self.is_done = word == "done"

    def blame(self, reason: str, limit: float) -> None:
        """Book the peer that ran as failed; without one, preparing the case failed, and all of them with it.

        Its CPU time is not known: the time since it began stands for it, up to the limit.
        """
        ran = self._runs in self.left
        seconds = min(time.monotonic() - self._began, limit) if ran else 0.0
        for peer in [self._runs] if ran else list(self.left):
            self._give(peer, Judged(Answer("", seconds, reason), judge_empty(self.question.case), {}))
        self.is_done = not self.left
        self._runs = ""

    def _give(self, peer: str, judged: Judged) -> None:
        self.reply.given[peer] = judged
        self.left.remove(peer)


class _Worker:
    """Hold one process, what it works on and when it has to say something."""

    def __init__(self, process: Any, connection: Connection):
        self.process, self.connection = process, connection
        self.errand: _Errand | None = None
        self.due = 0.0

    def take(self, errand: _Errand, limit: float) -> None:
        """Send a question."""
        self.errand = errand
        self.due = time.monotonic() + _JUDGED * limit + _GRACE
        with suppress(OSError):  # a process that is gone is noticed when it is listened to
            self.connection.send(errand.rest)

    def hear(self, limit: float) -> None:
        """Take in one message."""
        word, value = self.connection.recv()
        self.due = time.monotonic() + (limit if word == "begins" else _JUDGED * limit) + _GRACE
        if self.errand:
            self.errand.take(word, value)
            if self.errand.is_done:
                self.errand = None

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join(_GRACE)
        self.connection.close()


def judge_empty(case: Case) -> Mapping[str, float]:
    """Return the parts of an empty text."""
    return Judge(case).score("")


def weigh(names: Sequence[str], peer: Peer, cases: Sequence[Case]) -> float | None:
    """Return the peak memory of a fresh process that runs one peer on these cases, in megabytes; None where it ends early.

    The peer is found again by the names that led to it.
    """
    asked = pickle.dumps((tuple(names), (peer.name, peer.takes), tuple(cases)))
    code = f"from {__name__} import weigh_alone; weigh_alone()"
    try:
        done = subprocess.run([sys.executable, "-c", code], input=asked, capture_output=True, timeout=_WEIGHING)
        return float(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None


def weigh_alone() -> None:
    """Read from standard input what to run, run it, and print the peak memory of this process in megabytes."""
    names, key, cases = pickle.load(sys.stdin.buffer)
    told = os.dup(1)
    _hush()
    extract = _make(next(peer for peer in find_peers(names) if (peer.name, peer.takes) == key))
    for case in cases:
        _answer(extract, case, LIMIT)
    os.write(told, str(_peak()).encode())


def _peak() -> float:
    """Return the peak memory of this process in megabytes; of Linux its own, as what `getrusage` tells is inherited."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    from resource import RUSAGE_SELF, getrusage  # loaded late: only POSIX has it

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def _serve(connection: Connection, names: Sequence[str], limit: float) -> None:
    """Answer questions until the connection closes."""
    _hush()
    prepare(peer for peer in _shipped(names) if (peer.name, peer.takes) not in _ready)
    peers = {(peer.name, peer.takes): peer for peer in find_peers(names)}
    parent, answered = multiprocessing.parent_process(), 0  # it may be gone by now
    with suppress(EOFError, BrokenPipeError):
        # other workers hold this end open, too: a parent that was killed closes nothing
        while parent and os.getppid() == parent.pid:
            if connection.poll(_GRACE):
                _reply(connection, connection.recv(), peers, limit)
                _tidy(answered := answered + 1)


def _shipped(names: Sequence[str]) -> list[Peer]:
    """Return the peers that may be made where processes part; another's, which may end its process, are made in these."""
    return [peer for peer in find_peers(names) if peer in PEERS]


def _tidy(answered: int) -> None:
    """Collect what the last case left, and keep what peers load with their first cases out of later collections.

    Else whoever allocates much would pay for the garbage of the others, and for walking through their tables.
    """
    gc.collect()
    if answered <= _SETTLING:
        gc.freeze()


def _reply(connection: Connection, question: Question, peers: Mapping[Key, Peer], limit: float) -> None:
    case, failure = _form(question)
    facts = gather_facts(question.case)
    connection.send(("facts", (facts, read_signals(case.input.text) if isinstance(case.input, Document) else {})))
    judge, seen = Judge(case), dict[str, tuple[Mapping[str, float], Mapping[str, float]]]()
    for peer in question.peers:
        answer = failure or question.known.get(peer)
        if answer is None:
            key = peer, question.surface
            if key not in _ready:
                connection.send(("makes", peer))
                prepare([peers[key]], limit)
            connection.send(("begins", peer))
            answer = _answer(_ready[key], case, limit)
            connection.send(("ran", peer))
        if answer.text not in seen:
            seen[answer.text] = judge.score(answer.text), read_signals(answer.text)
        connection.send(("judged", (peer, Judged(answer, *seen[answer.text]))))
    connection.send(("done", None))


def _form(question: Question) -> tuple[Case, Answer | None]:
    """Give the case its form; where that fails, nobody can answer."""
    try:
        return FORMS[question.form](question.case), None
    except Exception as error:  # a library that prints pages fails in its own way, and no peer is to blame
        return question.case, Answer("", 0.0, f"the form `{question.form}` failed: {_tell(error)}")


def _answer(extract: Extract, case: Case, limit: float) -> Answer:
    text: object = ""
    error = None
    began, until = time.process_time(), time.monotonic() + limit
    try:
        with _undisturbed(), deadline(limit):
            text = extract(case)
    except Overdue:
        pass
    except BaseException as raised:  # any peer may fail in its own way; it is counted, not hidden
        error = _tell(raised)
    seconds = time.process_time() - began
    if error is None and time.monotonic() >= until:  # a peer may have swallowed the exception
        error = f"more than {limit:g} s"
    if error is None and not isinstance(text, str):
        error = f"it returned {type(text).__name__}, not a text"
    return Answer(str.__str__(text) if isinstance(text, str) and error is None else "", seconds, error)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put back what belongs to the whole process, whoever changed it."""
    folder, depth, place, collects = os.getcwd(), sys.getrecursionlimit(), setlocale(LC_ALL), gc.isenabled()
    try:
        yield
    finally:
        os.chdir(folder)
        sys.setrecursionlimit(depth)
        with suppress(LocaleError):
            setlocale(LC_ALL, place)
        if collects:
            gc.enable()


def _tell(error: BaseException) -> str:
    try:
        told = str(error).encode("utf-8", "backslashreplace").decode()  # a lone surrogate cannot be written
        return f"{type(error).__name__}: {told}"[:300]
    except Exception:  # its own words failed
        return type(error).__name__


def _make(peer: Peer) -> Extract:
    key = peer.name, peer.takes
    if key not in _ready:
        try:
            with _undisturbed():
                _ready[key] = peer.make()
        except (Exception, SystemExit) as error:  # it then fails on every case, which is told
            _ready[key] = _fail(error)
    return _ready[key]


def _fail(error: BaseException) -> Extract:
    def raise_again(case: Case) -> str:
        raise error

    return raise_again


def _warm(surface: Surface) -> Case:
    text = _PROSE * 20
    page = Page("warm", f"<html><body><article><p>{text}</p></article></body></html>", lang="en")
    return Case("warm", "warm", page if surface == "html" else Document("warm", text, lang="en"), Body(text), "warm")


def _hush() -> None:
    """Keep what peers print away from the terminal, and let the parent alone hear of an interruption."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")


def _await_end(process: Any) -> int | None:
    """Return the exit code of a process that went silent; None where it lives on. `join` may wait for ever for such a one."""
    until = time.monotonic() + _GRACE
    while process.exitcode is None and time.monotonic() < until:
        time.sleep(0.01)
    return process.exitcode  # type: ignore[no-any-return]


def _how(code: int | None) -> str:
    """Say how a process ended."""
    return "it closed its connection and lives on" if code is None else describe_exit(code)
