"""Peers that do harm: each of them on the pages that say so, and one that tells what state it found the process in."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import locale
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from cleaner.bench.case import Case
from cleaner.bench.peer import Extract, Peer

HARM = "harm"
"""The beginning of the ids of cases on which harm is done."""


class Swallowed(BaseException):
    """Be an exception that nobody expects."""


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


class Smart(str):
    """Be a text that cannot be sent to another process."""

    def __reduce__(self) -> Any:
        raise TypeError("cannot be pickled")


def failing(name: str, act: Callable[[], Any]) -> Peer:
    """Make a peer that does as told on the cases meant for it, and else returns the page."""

    def extract(case: Case) -> str:
        return act() if case.id.startswith(HARM) else case.markup

    return Peer(name, "floor", "html", lambda: extract, name)


def throw(error: BaseException) -> Any:
    raise error


def crash() -> None:
    faulthandler.disable()
    ctypes.string_at(0)


def abort() -> None:
    faulthandler.disable()
    os.abort()


def hang() -> None:
    while True:
        time.sleep(0.05)


def hang_for_good() -> None:
    """Ignore whatever Python can be told: the signal is blocked, as it is while C code runs on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    hang()


def hang_and_swallow() -> str:
    began = time.monotonic()
    while time.monotonic() - began < 0.8:
        try:
            time.sleep(2)
        except TimeoutError:
            continue
    return "late"


def recurse(depth: int = 0) -> int:
    return recurse(depth + 1) + 1


def talk() -> str:
    print("loud")
    print("louder", file=sys.stderr)
    os.write(1, b"loudest\n")
    os.write(2, b"loudest\n")
    subprocess.run(["echo", "loud child"], check=True)
    return "said"


def listen() -> str:
    return f"heard {sys.stdin.read()!r}"


def unsettle() -> str:
    """Change what a process has but once."""
    os.chdir("/")
    sys.setrecursionlimit(12_345)
    locale.setlocale(locale.LC_ALL, "C")
    os.environ["LANG"] = "xx"
    gc.disable()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    return "unsettled"


def leave_child() -> str:
    """Leave a process behind that holds whatever this one has open."""
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
    os._exit(7)


def leak() -> str:
    kept.append(bytearray(100_000_000))
    return "leaked"


def state() -> str:
    """Tell what others may have changed."""
    return " ".join(
        (
            os.getcwd(),
            str(sys.getrecursionlimit()),
            str(locale.setlocale(locale.LC_ALL)),
            str(gc.isenabled()),
        )
    )


kept: list[bytearray] = []


def _witness() -> Extract:
    return lambda case: state()


def _no_make() -> Extract:
    raise SystemExit("no model here")


def _exits_when_warmed() -> Extract:
    return lambda case: sys.exit(3)


FINE = failing("fine", lambda: "fine")
WITNESS = Peer("witness", "floor", "html", _witness, "state")
STATE = [failing("unsettle", unsettle), WITNESS]
UNMADE = Peer("unmade", "floor", "html", _no_make, "sys.exit")
EXITING = Peer("exiting", "floor", "html", _exits_when_warmed, "sys.exit")

HARMS: dict[str, tuple[Callable[[], Any], str]] = {
    "error": (lambda: throw(ValueError("broken")), "ValueError: broken"),
    "exit": (lambda: sys.exit("gone"), "SystemExit: gone"),
    "interrupt": (lambda: throw(KeyboardInterrupt()), "KeyboardInterrupt"),
    "recursion": (recurse, "RecursionError"),
    "memory": (lambda: bytearray(1 << 60), "MemoryError"),
    "unexpected": (lambda: throw(Swallowed("odd")), "Swallowed: odd"),
    "generator": (lambda: throw(GeneratorExit()), "GeneratorExit"),
    "speechless": (lambda: throw(Speechless()), "Speechless"),
    "no text": (lambda: None, "it returned NoneType, not a text"),
    "bytes": (lambda: b"text", "it returned bytes, not a text"),
    "hang": (hang, "more than 0.5 s"),
    "swallow": (hang_and_swallow, "more than 0.5 s"),
    "hang for good": (hang_for_good, "no answer after 0.5 s"),
    "crash": (crash, "its process ended (killed by SIGSEGV)"),
    "quit": (lambda: os._exit(7), "its process ended (exit code 7)"),
    "killed": (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process ended (killed by SIGKILL)"),
    "aborted": (abort, "its process ended (killed by SIGABRT)"),
    "left a child": (leave_child, ""),
    "closed": (lambda: os.closerange(3, 256), ""),
    "closed, then hung": (lambda: (os.closerange(3, 256), hang_for_good()), ""),
}
"""What a peer does, and how the reason told of it begins."""

ALL = [failing(name, act) for name, (act, _) in HARMS.items()]
ODDITIES: dict[str, tuple[Callable[[], Any], str]] = {
    "smart": (lambda: Smart("a text"), "a text"),
    "half a pair": (lambda: "half \ud83d", "half \ud83d"),
    "talks": (talk, "said"),
    "listens": (listen, "heard ''"),
    "a long text": (lambda: "bridge " * 400_000, "bridge " * 400_000),
}
"""What is unusual, but a text; with what comes of it."""

ODD = [failing(name, act) for name, (act, _) in ODDITIES.items()]
LEAK = failing("leak", leak)
