"""Read what single cases added in a run, the lines of its `scores.jsonl.zst`: for comparisons and statistics of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from cleaner.bench.judge import Parts
from cleaner.bench.summary import quality_of
from cleaner.errors import InputError
from cleaner.io.stream import Truncated, read_chunks, split_lines


@dataclass(frozen=True, slots=True)
class CaseScores:
    """Hold one case of a track, and by peer the parts that it added, with CPU milliseconds as `ms`."""

    track: str
    set: str
    id: str
    site: str
    scores: dict[str, Parts]

    @property
    def name(self) -> tuple[str, str, str]:
        """Name the case among all of a run."""
        return self.track, self.set, self.id

    def quality(self, peer: str) -> float:
        """Return the one figure by which cases are ordered. Raises `KeyError` for a peer that was not asked."""
        return quality_of(self.scores[peer])


def read_scores(path: str | Path) -> Iterator[CaseScores]:
    """Yield the cases of a run. Raises `InputError` where the file is missing or holds no scores."""
    try:
        yield from parse_scores(line.raw for line in split_lines(read_chunks(str(path))))
    except (ValueError, KeyError, TypeError, Truncated) as error:
        reason = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(f"{path}: no scores of `cleaner bench`: {reason}") from None


def parse_scores(lines: Iterable[bytes]) -> Iterator[CaseScores]:
    """Yield the cases of lines. Raises `ValueError`, `KeyError` or `TypeError` for one that holds none."""
    for line in filter(None, map(bytes.strip, lines)):
        record = orjson.loads(line)
        yield CaseScores(*(record[name] for name in ("track", "set", "id", "site", "scores")))
