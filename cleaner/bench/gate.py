"""Hold what was reached: floors below which no figure of ours may fall, and the digests of the data they were measured on.

Floors stand in a committed file, one a line. They rise with the figures; whoever lowers one, or measures other data under
its name, says why in the file.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cleaner.bench.results import Results, Track, describe_fault
from cleaner.errors import InputError, OptionError
from cleaner.io.folder import open_folder, write_whole

FLOORED = ("f1", "shingle_f1", "snippet_f1", "noise_removed", "body_lost")
"""The measures that have floors: is the body there and in order, did the noise go, did the body stay.

Precision and recall have none, as one may give way where F1 gains; further measures of likeness would say the same again,
and costs are those of a machine.
"""

EXACT = ("seeds",)
"""The tracks on which the share of exact texts has a floor too: elsewhere it moves with any page."""

DIGITS = 4
_NOISE = 1e-9  # by which sums differ that were added up in another order

Bound = Literal["least", "most"]
Finite = Annotated[float, Field(allow_inf_nan=False)]
_Key = tuple[str, str, str]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Floor(_Line):
    """Bound one figure: it is at `least` the value or, where less is better, at `most`; `set` is empty for a track of several."""

    track: str
    set: str
    measure: str
    bound: Bound
    value: Finite

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what is bounded."""
        return self.track, self.set, self.measure

    def is_kept(self, figure: float) -> bool:
        """Tell whether a figure keeps to the bound, rounding apart."""
        return figure >= self.value - _NOISE if self.bound == "least" else figure <= self.value + _NOISE

    def raised(self, figure: float) -> Floor:
        """Return the floor moved to a figure that keeps to it, rounded to the loose side; it never gets looser."""
        value = _rounded(figure, self.bound)
        best = max(value, self.value) if self.bound == "least" else min(value, self.value)
        return self.model_copy(update={"value": best})


class Measured(_Line):
    """Name a set that was measured; `digest` is of inputs and gold."""

    track: str
    set: str
    digest: str
    cases: int


class Lowered(_Line):
    """Say why a floor was lowered; `now` is None where the measure is no longer taken."""

    track: str
    set: str
    measure: str
    was: Finite
    now: Finite | None
    reason: str


class Replaced(_Line):
    """Say why a set came, went or changed, by its digests; the floors over it began anew."""

    track: str
    set: str
    was: str | None
    now: str | None
    reason: str


class Floors(_Line):
    """Hold the floors of one peer, the sets behind them, and what was given up and why, in the order in which it was."""

    format: Literal[1] = 1
    peer: str
    sets: tuple[Measured, ...] = ()
    floors: tuple[Floor, ...] = ()
    lowered: tuple[Lowered, ...] = ()
    replaced: tuple[Replaced, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Floors:
        for name, keys in (("floors", [floor.key for floor in self.floors]), ("sets", [*map(_place, self.sets)])):
            twice = next((key for at, key in enumerate(keys) if key in keys[:at]), None)
            if twice:
                raise ValueError(f"{name} has {', '.join(filter(None, twice))} twice")
        return self


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold one reason to fail: a figure beyond its floor, or something that cannot be compared with its floor."""

    track: str
    set: str
    measure: str
    message: str


def check(results: Results, floors: Floors) -> tuple[Finding, ...]:
    """Compare our figures with their floors: what is below, what is missing, and sets that are not those of the floors."""
    if results.ours != floors.peer:
        return (Finding("", "", "", _other_peer(results, floors)),)
    both = _pair(results, floors)
    found = [Finding(*place, "", _moved(place, was, now)) for place, (was, now) in both.changes.items()]
    found += [Finding(track, "", "", f"{track} has no floors yet; run --update") for track in both.new]
    found += [finding for floor in both.floors for finding in _judge(floor, both.reached.get(floor.key))]
    found += [Finding(*key, f"{_named(*key)} has no floor yet; run --update") for key in both.bare]
    return tuple(sorted(found, key=lambda finding: (finding.track, finding.set, finding.measure)))


def update(results: Results, floors: Floors | None = None, allow_lower: str | None = None) -> Floors:
    """Raise every floor to the figure reached, rounded to four digits; without floors, begin them.

    Raises `OptionError` where a floor would be lowered or a set replaced, unless `allow_lower` says why; the reason is
    kept.
    """
    old = floors or Floors(peer=results.ours)
    if results.ours != old.peer:
        raise OptionError(_other_peer(results, old))
    reason, both = _reason(allow_lower), _pair(results, old)
    lowered, replaced = list(_lower(both, reason)), list(_replace(both, reason))
    if (lowered or replaced) and not reason:
        raise OptionError(_refusal(lowered, replaced))
    return Floors(
        peer=old.peer,
        sets=tuple(sorted(both.sets, key=_place)),
        floors=tuple(sorted(_raise(both), key=lambda floor: floor.key)),
        lowered=(*old.lowered, *lowered),
        replaced=(*old.replaced, *replaced),
    )


def read_floors(path: str | Path) -> Floors:
    """Read floors. Raises `InputError` with the field where the file holds none."""
    try:
        return Floors.model_validate_json(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"{path}: floors cannot be read: {error.strerror}; --update writes them") from None
    except ValidationError as error:
        raise InputError(f"{path}: no floors: {describe_fault(error)}") from None


def write_floors(path: str | Path, floors: Floors) -> None:
    """Write floors, or leave the file as it is. Raises `OutputError`."""
    place = Path(path)
    write_whole(open_folder(str(place.parent)), place.name, render(floors).encode())


def render(floors: Floors) -> str:
    """Write floors as JSON, one a line, so that a change of one is a change of one line."""
    values = floors.model_dump(by_alias=True)
    parts = (f"{json.dumps(name)}: {_listed(value)}" for name, value in values.items())
    return "{\n  " + ",\n  ".join(parts) + "\n}\n"


def _listed(value: object) -> str:
    if not isinstance(value, list | tuple) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n    " + ",\n    ".join(json.dumps(line, ensure_ascii=False) for line in value) + "\n  ]"


@dataclass(frozen=True, slots=True)
class _Pair:
    """Hold results beside floors: the figures reached, the sets that differ, and the floors that still say something."""

    reached: dict[_Key, tuple[Bound, float]]
    sets: list[Measured]
    new: list[str]
    changes: dict[tuple[str, str], tuple[str | None, str | None]]
    floors: list[Floor]
    bare: list[_Key]


def _pair(results: Results, floors: Floors) -> _Pair:
    """Put results beside floors. A new track replaces nothing; a set that changed leaves its track incomparable too."""
    reached, sets = _figures(results), _sets(results)
    known = {measured.track for measured in floors.sets}
    new = [track.name for track in results.tracks if track.name not in known]
    before = {_place(measured): measured.digest for measured in floors.sets}
    after = {_place(measured): measured.digest for measured in sets if measured.track in known}
    pairs = {place: (before.get(place), after.get(place)) for place in sorted(before | after)}
    changes = {place: (was, now) for place, (was, now) in pairs.items() if was != now}
    stale = {*changes, *((track, "") for track, _ in changes)}
    valid = [floor for floor in floors.floors if floor.key[:2] not in stale]
    bare = sorted({key for key in reached if key[0] in known and key[:2] not in stale} - {floor.key for floor in valid})
    return _Pair(reached, sets, new, changes, valid, bare)


def _figures(results: Results) -> dict[_Key, tuple[Bound, float]]:
    """Return our figures on the measures that have floors; what is no number was not measured."""
    return {
        (track.name, set_, measure.name): ("least" if measure.higher else "most", values[measure.name])
        for track in results.tracks
        for set_, values in _values(track, results.ours)
        for measure in track.measures
        if _has_floor(track.name, measure.name) and math.isfinite(values.get(measure.name, math.nan))
    }


def _has_floor(track: str, measure: str) -> bool:
    return measure in FLOORED or (measure == "exact" and track in EXACT)


def _values(track: Track, ours: str) -> Iterator[tuple[str, Mapping[str, float]]]:
    """Yield our figures on the whole track and on each of its sets; where there is one set, under its name only."""
    whole = track.sets[0].name if len(track.sets) == 1 else ""
    for scores in track.peers:
        if scores.peer == ours:
            yield whole, {name: figure.value for name, figure in scores.figures.items()}
    for group in track.groups:
        if group.by == "set" and not whole:
            yield group.name, group.values.get(ours, {})


def _sets(results: Results) -> list[Measured]:
    sets = [
        Measured(track=track.name, set=known.name, digest=known.digest, cases=known.cases)
        for track in results.tracks
        for known in track.sets
    ]
    (twice, times), *_ = Counter(map(_place, sets)).most_common(1) or [(("", ""), 0)]
    if times > 1:
        raise InputError(f"{_named(*twice)}: {times} sets have this name, so none can have a floor; rename their files")
    return sets


def _judge(floor: Floor, reached: tuple[Bound, float] | None) -> Iterator[Finding]:
    name = _named(*floor.key)
    if reached is None:
        yield Finding(*floor.key, f"{name} has a floor of {floor.value:.{DIGITS}f} and was not measured")
    elif not floor.is_kept(reached[1]):
        gap = abs(reached[1] - floor.value)
        digits = max(DIGITS, -math.floor(math.log10(gap)))
        side, least = ("below", "at least") if floor.bound == "least" else ("above", "at most")
        figure = f"{name} is {reached[1]:.{digits}f}, {gap:.{digits}f} {side} its floor"
        yield Finding(*floor.key, f"{figure}: it shall be {least} {floor.value:.{DIGITS}f}")


def _moved(place: tuple[str, str], was: str | None, now: str | None) -> str:
    if was is None:
        reason = "is new, so the figures of its track cannot be compared"
    elif now is None:
        reason = "has floors and was not measured: give its data too"
    else:
        reason = f"is another set, so its figures cannot be compared: its digest was {was} and is {now}"
    return f"{_named(*place)} {reason}; if that is meant, --update --allow-lower REASON"


def _lower(both: _Pair, reason: str) -> Iterator[Lowered]:
    """Yield the floors that the figures do not keep to."""
    for floor in both.floors:
        found = both.reached.get(floor.key)
        if found is None or not floor.is_kept(found[1]):
            now = _rounded(found[1], floor.bound) if found else None
            track, set_, measure = floor.key
            yield Lowered(track=track, set=set_, measure=measure, was=floor.value, now=now, reason=reason)


def _replace(both: _Pair, reason: str) -> Iterator[Replaced]:
    for (track, set_), (was, now) in both.changes.items():
        yield Replaced(track=track, set=set_, was=was, now=now, reason=reason)


def _raise(both: _Pair) -> Iterator[Floor]:
    """Yield a floor for each figure: the old one raised where the figure keeps to it, else one where the figure is."""
    known = {floor.key: floor for floor in both.floors}
    for key, (bound, figure) in both.reached.items():
        old = known.get(key)
        if old and old.is_kept(figure):
            yield old.raised(figure)
        else:
            side = old.bound if old else bound
            track, set_, measure = key
            yield Floor(track=track, set=set_, measure=measure, bound=side, value=_rounded(figure, side))


def _refusal(lowered: Iterable[Lowered], replaced: Iterable[Replaced]) -> str:
    """Name every floor that would be lowered, with both values, and every set that would be replaced."""
    parts = []
    for floor in lowered:
        now = "none, as it was not measured" if floor.now is None else f"{floor.now:.{DIGITS}f}"
        parts.append(f"{_named(floor.track, floor.set, floor.measure)} from {floor.was:.{DIGITS}f} to {now}")
    for known in replaced:
        what = "is new" if known.was is None else "was not measured" if known.now is None else "is another set"
        parts.append(f"{_named(known.track, known.set)} {what}")
    return (
        f"--update would lower floors or replace what they rest on: {'; '.join(parts)}. Say why: --allow-lower REASON"
    )


def _reason(allow_lower: str | None) -> str:
    reason = " ".join((allow_lower or "").encode("utf-8", "replace").decode().split())
    if allow_lower is not None and not reason:
        raise OptionError("--allow-lower: the reason is empty; say why floors are lowered, as it goes into their file")
    return reason


def _other_peer(results: Results, floors: Floors) -> str:
    return f"the floors are those of {floors.peer}, the results those of {results.ours}: give each a file of its own"


def _named(track: str, set_: str, measure: str = "") -> str:
    """Name a place as messages do.

    >>> _named("html", "harbour", "f1"), _named("html", "", "f1"), _named("html", "harbour")
    ('html, harbour: f1', 'html: f1', 'html, harbour')
    """
    return ": ".join(filter(None, [", ".join(filter(None, [track, set_])), measure]))


def _place(known: Measured) -> tuple[str, str]:
    return known.track, known.set


def _rounded(figure: float, bound: Bound) -> float:
    """Round to the side that the figure keeps to.

    >>> _rounded(0.93459, "least"), _rounded(0.01231, "most"), _rounded(0.29, "least")
    (0.9345, 0.0124, 0.29)
    """
    rounding = ROUND_FLOOR if bound == "least" else ROUND_CEILING
    return float(Decimal(repr(float(figure))).quantize(Decimal(1).scaleb(-DIGITS), rounding))
