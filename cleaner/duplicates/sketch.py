"""Sketch texts as MinHash signatures: the share of slots in which two agree estimates how much of their shingles they share.

A signature has 256 slots of two bytes, of which two different shingles share one by chance in 65,536 cases. The estimate
is off by .03 or less two times in three.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from cleaner.duplicates.shingles import shingle
from cleaner.errors import OptionError
from cleaner.io.spool import Spool

SLOTS = 256
SEED = 20

Signatures = npt.NDArray[np.uint16]
Digests = npt.NDArray[np.uint64]


def digest(text: str) -> int:
    """Return 64 bits that texts share where they are the same, code point by code point."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def sketch(texts: Sequence[str]) -> Signatures:
    """Return a signature for each text; one without a letter or digit agrees only with its like.

    Raises `OptionError` where the library is not installed.
    """
    minhash = load_minhash()
    hashes, bounds = shingle(texts)
    if (bare := np.flatnonzero(np.diff(bounds) == 0)).size:
        own = np.array([digest(texts[at]) for at in bare.tolist()], np.uint64)
        hashes = np.insert(hashes, bounds[bare], own)
        bounds = bounds + np.searchsorted(bare, np.arange(len(bounds)))
    matrix = minhash.digest_matrix_from_flat_token_hashes(hashes, bounds, SLOTS, SEED)
    return np.array(matrix.to_rows(), np.uint32).astype(np.uint16).reshape(-1, SLOTS)


def load_minhash() -> Any:
    """Import the library that hashes. Raises `OptionError` where it is not installed."""
    try:
        from rensa import RMinHash  # loaded late: only the search for near-duplicates needs it
    except ImportError:
        raise OptionError("near-duplicates need rensa: pip install 'cleaner-news[dedup]'") from None
    return RMinHash


class Sketchbook:
    """Keep the digests of many texts in memory, and their signatures in a temporary file in the folder given."""

    def __init__(self, folder: Path | None = None):
        self._digests = array("Q")
        self._spool = Spool(folder)

    def add(self, texts: Sequence[str]) -> None:
        """Add texts behind those that are there."""
        self._digests.extend(map(digest, texts))
        self._spool.write(sketch(texts).data)

    def digests(self) -> Digests:
        """Return the digests in the order of the texts."""
        return np.array(self._digests, np.uint64)

    def signatures(self) -> Signatures:
        """Map the signatures into memory, in the order of the texts."""
        if not self._digests:
            return np.empty((0, SLOTS), np.uint16)
        return np.memmap(self._spool.finish(), np.uint16, "r", shape=(len(self._digests), SLOTS))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *how: Any) -> None:
        self._spool.__exit__(*how)
