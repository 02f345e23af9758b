"""A wall-clock limit for a block of code, in any thread.

In the main thread a real-time signal ends the block, where the platform has one and nobody else uses it; elsewhere one
watchdog thread sends the exception. Either way it arrives between two steps of Python code: a single call into C that
never returns is not interrupted. Because careless code swallows exceptions, it is sent again until the block is left.
"""

from __future__ import annotations

import ctypes
import heapq
import itertools
import os
import signal
import sys
import threading
import time
import weakref
from types import FrameType, TracebackType
from typing import Any, Self

AGAIN = 0.1
"""Seconds until the exception is sent once more to a block that swallowed it."""

_SIGNALS = hasattr(signal, "setitimer")


class Overdue(TimeoutError):
    """Say that a block ran longer than its deadline allows."""


class deadline:
    """Raise `Overdue` inside the block when it runs longer than `seconds` of wall-clock time; None sets no limit.

    Deadlines nest: whichever is over first is raised. None is raised once the block is left.

    >>> with deadline(5):
    ...     sum(range(10))
    45
    """

    __slots__ = ("__weakref__", "_by_signal", "_live", "_seconds", "_thread", "_when")

    def __init__(self, seconds: float | None):
        self._seconds = seconds
        self._live = self._by_signal = False
        self._when = 0.0
        self._thread = 0

    def __enter__(self) -> Self:
        """Start the clock."""
        if self._seconds is not None:
            self._when = time.monotonic() + self._seconds
            self._thread = threading.get_ident()
            self._live = True
            self._by_signal = _alarm.take(self)
            if not self._by_signal:
                _watchdog.watch(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the clock."""
        if not self._live:
            return
        self._live = False
        if self._by_signal:
            _alarm.drop(self)
        else:
            _watchdog.forget(self)

    @property
    def over(self) -> bool:
        """Tell whether the block still runs although its time is over."""
        return self._live and time.monotonic() >= self._when


class _Alarm:
    """Serve the main thread's deadlines with the process's real-time timer."""

    def __init__(self) -> None:
        self._open: list[deadline] = []
        self._before: Any = signal.SIG_DFL

    def take(self, one: deadline) -> bool:
        """Arm the timer for a deadline; refuse outside the main thread and where somebody else uses the signal."""
        if not _SIGNALS or threading.current_thread() is not threading.main_thread():
            return False
        if not self._open:
            self._before = signal.getsignal(signal.SIGALRM)
            if self._before not in (signal.SIG_DFL, signal.SIG_IGN) or signal.getitimer(signal.ITIMER_REAL)[0]:
                return False
            signal.signal(signal.SIGALRM, self._ring)
        self._open.append(one)
        self._arm()
        return True

    def drop(self, one: deadline) -> None:
        """Disarm, or arm for the enclosing deadline."""
        self._open = [other for other in self._open if other._live and other is not one]
        self._arm()
        if not self._open:
            signal.signal(signal.SIGALRM, self._before)

    def _arm(self) -> None:
        left = min((one._when for one in self._open), default=None)
        if left is None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        else:
            signal.setitimer(signal.ITIMER_REAL, max(left - time.monotonic(), 1e-6), AGAIN)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if frame is not None and _is_ours(frame):
            if any(one._live for one in self._open):
                signal.setitimer(signal.ITIMER_REAL, 1e-3, AGAIN)
        elif any(one.over for one in self._open):
            raise Overdue("the time for this page is over")


class _Watchdog:
    """Serve the deadlines of all other threads with one daemon thread, started when first needed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: list[tuple[float, int, weakref.ref[deadline]]] = []
        self._numbers = itertools.count()
        self._running = False

    def watch(self, one: deadline) -> None:
        """Queue a deadline."""
        with self._changed:
            self._push(one._when, weakref.ref(one))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="cleaner-deadline", daemon=True).start()
            elif self._queue[0][2]() is one:
                self._changed.notify()

    def forget(self, one: deadline) -> None:
        """Let what was sent to a block that is being left, and has not arrived yet, arrive here and go no further."""
        with self._changed:
            if time.monotonic() >= one._when:
                _drain()

    def _push(self, when: float, one: weakref.ref[deadline]) -> None:
        heapq.heappush(self._queue, (when, next(self._numbers), one))

    def _run(self) -> None:
        with self._changed:
            while True:
                while self._queue and not _is_live(self._queue[0][2]):
                    heapq.heappop(self._queue)
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, one = heapq.heappop(self._queue)
                self._push(time.monotonic() + self._bite(one()), one)

    def _bite(self, one: deadline | None) -> float:
        """Send the exception to the deadline's thread; return the seconds until the next look."""
        frame = sys._current_frames().get(one._thread) if one else None
        if one is None or frame is None or _is_ours(frame):
            return 1e-3
        if one._live:
            _send(one._thread, Overdue)
        return AGAIN


def _is_live(one: weakref.ref[deadline]) -> bool:
    found = one()
    return found is not None and found._live


def _is_ours(frame: FrameType) -> bool:
    """Tell whether a thread is just entering or leaving a deadline: an exception there would leave it half done."""
    inner: FrameType | None = frame
    for _ in range(6):  # deep enough for a lock's frames above ours
        if inner is None:
            return False
        if inner.f_code.co_filename == __file__:
            return True
        inner = inner.f_back
    return False


def _send(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _drain() -> None:
    """Raise here what is pending for this thread, and drop it.

    Taking it back instead, by sending NULL, leaves CPython before 3.13 with its flag for such exceptions up for ever:
    every thread runs slower from then on, and one with a trace function (a debugger, coverage) never goes on.
    """
    try:
        _send(threading.get_ident(), Overdue)  # replaces what is pending, if anything is
        while True:
            pass
    except Overdue:
        return


_alarm = _Alarm()
_watchdog = _Watchdog()


def _start_afresh() -> None:
    """Forget the parent's deadlines after a fork: its timer and its watchdog thread are not inherited."""
    global _alarm, _watchdog
    if _alarm._open:
        signal.signal(signal.SIGALRM, _alarm._before)
    _alarm, _watchdog = _Alarm(), _Watchdog()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_afresh)
