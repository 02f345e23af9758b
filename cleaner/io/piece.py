"""What travels from those who clean to those who write."""

from __future__ import annotations

from typing import NamedTuple


class Piece(NamedTuple):
    """Hold what documents were rendered to: one, whose id names a file of its own, or several that follow each other.

    `head` is what the file has to begin with that they stand in.
    """

    id: str
    raw: bytes
    head: bytes = b""


OTHERWISE = "; name a folder as output, where each input gets files of its own, or a file that ends in .jsonl"
"""What to do about inputs that do not fit into one table."""
