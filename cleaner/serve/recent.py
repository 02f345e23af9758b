"""Keep what was made last, so that it need not be made again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """Keep the values used last."""

    def __init__(self, most: int):
        super().__init__()
        self._most = most

    def take(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made where it is not there."""
        if key in self:
            self.move_to_end(key)
            return self[key]
        value = self[key] = make()
        while len(self) > self._most:
            self.popitem(last=False)
        return value
