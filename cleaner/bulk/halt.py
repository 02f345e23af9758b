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

    before = {number: signal.signal(number, halt) for number in ASKS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
