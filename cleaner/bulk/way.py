"""Send values between two processes that take turns; large bytes go through memory that both share, where they can.

A pipe copies a megabyte in many pieces and wakes both sides for each, which costs as much as cleaning it.
"""

from __future__ import annotations

import io
import mmap
import pickle
from multiprocessing.connection import Connection
from typing import Any

ARENA = 1 << 22
"""Bytes of the memory shared; what finds no place in it goes through the pipe."""

_LARGE = 1 << 12


class Way:
    """Send and receive values; without an `arena`, or with no space left in it, all through the pipe."""

    def __init__(self, connection: Connection, arena: mmap.mmap | None = None):
        self.connection, self._arena = connection, arena

    def send(self, value: object) -> None:
        """Send a value, once the last one received is no longer needed by the other side.

        Raises `OSError` where the other side has ended.
        """
        if self._arena is None:
            self.connection.send(value)
            return
        pickled = io.BytesIO()
        _Pickler(pickled, self._arena).dump(value)
        self.connection.send_bytes(pickled.getbuffer())

    def receive(self) -> Any:
        """Wait for a value; raises `EOFError` or `OSError` where the other side has ended."""
        if self._arena is None:
            return self.connection.recv()
        return _Unpickler(io.BytesIO(self.connection.recv_bytes()), self._arena).load()

    def close(self) -> None:
        """Leave this side."""
        self.connection.close()
        if self._arena is not None:
            self._arena.close()


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, arena: mmap.mmap):
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._arena, self._at = arena, 0

    def persistent_id(self, obj: Any) -> tuple[int, int] | None:
        if type(obj) is not bytes or not _LARGE <= len(obj) <= len(self._arena) - self._at:
            return None
        start, self._at = self._at, self._at + len(obj)
        self._arena[start : self._at] = obj
        return start, self._at


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, arena: mmap.mmap):
        super().__init__(file)
        self._arena = arena

    def persistent_load(self, pid: tuple[int, int]) -> bytes:
        return self._arena[pid[0] : pid[1]]
