"""Share out the bytes of a page: everyone gets a first helping before anyone gets a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def ration(queues: Sequence[Sequence[Item]], draw: Callable[[Item], str], most: int) -> Iterator[tuple[int, Item, str]]:
    """Yield items drawn with the numbers of their queues, round by round, as long as `most` bytes hold them all.

    What alone would take more than is left is passed over.

    >>> list(ration([["aa", "b"], ["c"]], str.upper, 4))
    [(0, 'aa', 'AA'), (1, 'c', 'C'), (0, 'b', 'B')]
    """
    for turn in range(max(map(len, queues), default=0)):
        for number, queue in enumerate(queues):
            if turn < len(queue):
                drawn = draw(queue[turn])
                size = len(drawn.encode("utf-8", "replace"))
                if size <= most:
                    most -= size
                    yield number, queue[turn], drawn
        if most <= 0:
            return
