"""Compress what is written: a whole file as one stream, or each record of it as a member of its own."""

from __future__ import annotations

import bz2
import zlib
from typing import Any, Literal, Protocol

Press = Literal["", "gz", "zst", "bz2"]
"""How a file is compressed, as its name ends; empty where it is not."""

PRESSES: tuple[Press, ...] = ("gz", "zst", "bz2")

_LEVEL = 6  # of gzip: 9 takes three times as long for a hundredth less
_CONTAINER = 31  # for zlib: a gzip member, which bears no time of day


def press_of(name: str) -> Press:
    """Tell by its ending how a file is compressed.

    >>> press_of("news.CSV.GZ"), press_of("news.csv")
    ('gz', '')
    """
    ending = name.rpartition(".")[2].lower()
    return next((press for press in PRESSES if press == ending), "")


class Target(Protocol):
    """Take bytes."""

    def write(self, data: bytes) -> None:
        """Write bytes."""


class Pressed:
    """Write bytes to a target as one compressed stream, which does not depend on where the bytes were parted."""

    def __init__(self, target: Target, press: Press):
        self._target, self._stream = target, _begin(press)

    def write(self, data: bytes) -> None:
        """Compress bytes."""
        if pressed := self._stream.compress(data):
            self._target.write(pressed)

    def end(self) -> None:
        """Write what the stream still holds, and its end."""
        self._target.write(self._stream.flush())


def press(raw: bytes, how: Press) -> bytes:
    """Compress bytes into one member, stream or frame, which says how long they are where the format can say it."""
    if how == "zst":
        import zstandard  # loaded late: few outputs need it

        return zstandard.ZstdCompressor(write_checksum=True).compress(raw)
    if not how:
        return raw
    stream = _begin(how)
    pressed: bytes = stream.compress(raw) + stream.flush()
    return pressed


def _begin(how: Press) -> Any:
    if how == "gz":
        return zlib.compressobj(_LEVEL, zlib.DEFLATED, _CONTAINER)
    if how == "bz2":
        return bz2.BZ2Compressor()
    import zstandard  # loaded late: few outputs need it

    return zstandard.ZstdCompressor(write_checksum=True).compressobj()
