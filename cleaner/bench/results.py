"""The results of a benchmark as they are written, read again, compared, drawn and gated: figures, no text of a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError

from cleaner.bench.peer import Family, Surface
from cleaner.errors import InputError

FORMAT = 1


Number = Annotated[float, PlainSerializer(lambda value: round(value, 6), return_type=float)]
"""A figure, written with six digits."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(_Frozen):
    """Hold a figure and its interval."""

    value: Number
    low: Number
    high: Number


class Spread(_Frozen):
    """Hold how the figure of single cases is spread: `quantiles` are those at 0, 5, ... 100 %, `worst` the mean of the worst tenth."""

    median: Number
    worst: Number
    quantiles: tuple[Number, ...]


class Difference(_Frozen):
    """Hold how much `ours` is ahead of a peer over the same cases, with its interval and the p-value of the sign-flip test.

    `better`, `worse` and `same` count cases, seen from ours.
    """

    value: Number
    low: Number
    high: Number
    chance: Number
    better: int
    worse: int
    same: int


class Cost(_Frozen):
    """Hold CPU milliseconds a case, and the peak of a process that does nothing else, in megabytes (base included)."""

    median: Number
    mean: Number
    memory: Number | None = None


class Failure(_Frozen):
    """Name a case on which a peer raised, ended its process or took too long; it counts as an empty text."""

    case: str
    set: str
    reason: str


class PeerScores(_Frozen):
    """Hold what one peer reached on a track, by measure; `ahead` is ours minus this peer."""

    peer: str
    figures: dict[str, Figure]
    spreads: dict[str, Spread] = {}
    ahead: dict[str, Difference] = {}
    cost: Cost
    failed: int = 0
    failures: tuple[Failure, ...] = ()
    empty: int = 0
    signals: dict[str, Number] = {}
    copies: dict[str, Number] = {}


class Group(_Frozen):
    """Hold the figures of some cases of a track: those of one set, language, site, length, difficulty or class of noise.

    `values` is by peer, then by measure.
    """

    by: Literal["set", "lang", "site", "length", "difficulty", "class", "rate"]
    name: str
    cases: int
    values: dict[str, dict[str, Number]]


class Measure(_Frozen):
    """Name a measure and say what it means; `higher` tells whether more is better."""

    name: str
    label: str
    about: str
    higher: bool = True


class Set(_Frozen):
    """Name a set of cases; `digest` is of inputs and gold, in order."""

    name: str
    digest: str
    cases: int
    sites: int
    languages: dict[str, int]


class Track(_Frozen):
    """Hold one track: the same question asked of all peers. `chief` is the measure by which they are ordered."""

    name: str
    about: str
    surface: Surface
    chief: str
    measures: tuple[Measure, ...]
    sets: tuple[Set, ...]
    peers: tuple[PeerScores, ...]
    groups: tuple[Group, ...] = ()
    source: dict[str, Number] = {}


class PeerInfo(_Frozen):
    """Tell what a peer is."""

    name: str
    family: Family
    takes: Surface
    version: str
    call: str


class RuleYield(_Frozen):
    """Count what one rule cut from labelled documents: tokens of noise, of what may go (meta, disputed) and of body."""

    rule: str
    class_: str
    cuts: int
    documents: int
    noise: int
    free: int
    body: int

    @property
    def precision(self) -> float:
        """Return the share of its tokens that are no body."""
        size = self.noise + self.free + self.body
        return (self.noise + self.free) / size if size else 1.0


class Made(_Frozen):
    """Say what the results were made with, so that they can be made again."""

    command: str
    seed: int
    resamples: int
    python: str
    machine: str
    packages: dict[str, str]
    rules: str
    code: str


class Results(_Frozen):
    """Hold all figures of one run; `ours` is the peer that the others are compared with."""

    format: int = FORMAT
    made: Made
    ours: str
    peers: tuple[PeerInfo, ...]
    tracks: tuple[Track, ...]
    rules: tuple[RuleYield, ...] = ()

    def track(self, name: str) -> Track | None:
        """Return a track by its name."""
        return next((track for track in self.tracks if track.name == name), None)


def read_results(path: str | Path) -> Results:
    """Read results. Raises `InputError` where the file is missing or holds none."""
    try:
        return Results.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"{path}: the results cannot be read: {error.strerror}") from None
    except ValidationError as error:
        raise InputError(f"{path}: no results of `cleaner bench`: {describe_fault(error)}") from None


def describe_fault(error: ValidationError) -> str:
    """Say what is wrong first, and in which field, as in `tracks.0.name: Field required`."""
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place + ': ' if place else ''}{first['msg'].removeprefix('Value error, ')}"
