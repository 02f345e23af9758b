"""Hold the completion marker of a shard: what went in, what came out, and by which rules.

It is written last. A shard without one was never finished, and is done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import orjson

from cleaner.bulk.tally import Tally
from cleaner.errors import InputError
from cleaner.io.inputs import Input


@dataclass(frozen=True, slots=True)
class Origin:
    """Hold which input records came from, and what tells that it is still the same."""

    label: str
    path: str
    size: int
    identity: str

    @classmethod
    def of(cls, source: Input) -> Origin:
        """Return the origin that an input is."""
        return cls(source.label, source.path, source.size, source.identity)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Hold the name of a finished file, its size in bytes, and a digest of them (BLAKE2b of 20 bytes)."""

    name: str
    bytes: int
    blake2b: str


@dataclass(frozen=True, slots=True)
class Marker:
    """Account for one shard.

    It holds what begins at offsets from `start` up to `end` of its input, decompressed; of small files `end` is None.
    The `last` shard of an input has the `count` of its shards, and says in `broken` why the input broke off behind it.
    `files` are by part: `records`, `rejects`, `related`; `names` are those of files of one body each. `made` is a
    digest of all that decides what records become, `read` counts records, `seconds` passed since the shard before it.
    """

    shard: str
    inputs: tuple[Origin, ...]
    start: int = 0
    end: int | None = None
    last: bool = False
    count: int = 0
    broken: str | None = None
    files: Mapping[str, Sealed] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    rules: str = ""
    made: str = ""
    read: int = 0
    tally: Tally = field(default_factory=Tally)
    passed: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def bare(self) -> Marker:
        """Return the marker without its counts by rule, flag and kind, and without names: what a run holds in memory."""
        tally = replace(self.tally, rules=Counter(), flags=Counter())
        return replace(self, tally=tally, passed=Counter(), names=())

    def write(self) -> bytes:
        """Write the marker as JSON."""
        row = {part.name: getattr(self, part.name) for part in fields(self)}
        return orjson.dumps(row, option=orjson.OPT_INDENT_2 | orjson.OPT_PASSTHROUGH_SUBCLASS, default=_plain) + b"\n"

    @classmethod
    def parse(cls, raw: bytes, place: str) -> Marker:
        """Read a marker; raises `InputError` where it is none."""
        try:
            row: dict[str, Any] = orjson.loads(raw)
            row["inputs"] = tuple(Origin(**origin) for origin in row["inputs"])
            row["files"] = {part: Sealed(**file) for part, file in row["files"].items()}
            row["names"] = tuple(row["names"])
            counts = row["tally"]
            row["tally"] = Tally(**{**counts, "rules": Counter(counts["rules"]), "flags": Counter(counts["flags"])})
            row["passed"] = Counter(row["passed"])
            return cls(**row)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"{place} is no completion marker ({error}): remove it, and its shard is made again"
            ) from None


def _plain(value: Any) -> dict[str, int]:
    assert isinstance(value, Counter)
    return dict(value)
