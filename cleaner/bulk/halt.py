"""End a run early, when it is asked to: with the shard that is open, or at once."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from cleaner.bulk.run import Run

ASKS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def halting(run: Run, told: Callable[[], object]) -> Iterator[None]:
    """Have a signal end a run where its next shard would begin, and a second one at once; `told` hears of the first.

    Raises `KeyboardInterrupt` at the second.
    """

    def halt(number: int, frame: FrameType | None) -> None:
        if run.halted:
            raise KeyboardInterrupt
        run.halted = True
        told()

    with _heeding(halt, *ASKS):
        yield


@contextmanager
def stopping(run: Run) -> Iterator[None]:
    """Have a signal end a run at once, by a `KeyboardInterrupt`; one that is ignored stays so, as in the background.

    Python drops what is raised inside a destructor: `Run.halted` tells of it all the same.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        run.halted = True
        raise KeyboardInterrupt

    with _heeding(stop, *(number for number in ASKS if signal.getsignal(number) != signal.SIG_IGN)):
        yield


@contextmanager
def _heeding(handler: Callable[[int, FrameType | None], object], *numbers: int) -> Iterator[None]:
    """Answer these signals so, as long as it lasts."""
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, one in before.items():
            signal.signal(number, one)
