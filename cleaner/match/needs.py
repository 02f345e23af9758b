"""What rules need before they are worth trying, side by side: derived from each rule, or read from a compiled file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from cleaner.match.edge import Edge
from cleaner.match.gate import Always, Echoes, Gate, Headlines, Items, Short
from cleaner.match.literal import Literals
from cleaner.match.reach import Room, Within
from cleaner.match.scan.lexicon import Lexicon, Prose, ends_of
from cleaner.rules.expression import Expression
from cleaner.rules.schema import At
from cleaner.text.shadow import Places


@dataclass(frozen=True, slots=True)
class Need:
    """Say what one rule needs to match: one of some literals, or for lack of them that a gate lets the text through."""

    literals: Literals | None
    gate: Gate | Edge | None
    room: Room


@dataclass(frozen=True, slots=True)
class Needs:
    """Hold the needs of rules by number: those of rule n are the literals `literals[bounds[n]:bounds[n + 1]]`, or a gate."""

    lexicon: Lexicon
    literals: Places
    bounds: Places
    gates: Mapping[int, Gate | Edge]
    rooms: Places
    """The room of each rule, a row for each."""

    @classmethod
    def of(cls, needs: Sequence[Need], prose: Prose | None = None) -> Needs:
        """Put the needs of rules side by side."""
        literals = sorted({literal for need in needs for literal in need.literals or ()})
        numbers = {literal: number for number, literal in enumerate(literals)}
        rows = [sorted(numbers[literal] for literal in need.literals or ()) for need in needs]
        return cls(
            Lexicon.of(literals, prose),
            np.array([number for row in rows for number in row], np.int64),
            np.cumsum([0, *map(len, rows)]),
            {number: need.gate for number, need in enumerate(needs) if need.gate is not None},
            np.array([need.room for need in needs], np.int64).reshape(-1, len(Room._fields)),
        )

    def __len__(self) -> int:
        return len(self.rooms)

    @property
    def rules(self) -> Places:
        """The rule that each of `literals` is one of."""
        return np.repeat(np.arange(len(self)), np.diff(self.bounds))

    def pick(self, rows: Sequence[int]) -> Needs:
        """Take some rules in a given order, and the literals that these need."""
        taken = np.array(rows, np.int64)
        sizes = np.diff(self.bounds)[taken]
        bounds = ends_of(sizes)
        literals = self.literals[np.arange(int(bounds[-1])) + np.repeat(self.bounds[taken] - bounds[:-1], sizes)]
        kept = np.zeros(len(self.lexicon), bool)
        kept[literals] = True
        return Needs(
            self.lexicon.pick(kept),
            (np.cumsum(kept) - 1)[literals],
            bounds,
            {number: self.gates[row] for number, row in enumerate(rows) if row in self.gates},
            self.rooms[taken],
        )

    def waive(self, rules: Sequence[int]) -> Needs:
        """Ask nothing of some rules any more: they are tried anyway."""
        if not rules:
            return self
        own = np.isin(self.rules, rules)
        sizes = np.diff(self.bounds)
        sizes[list(rules)] = 0
        left = Needs(self.lexicon, self.literals[~own], ends_of(sizes), self.gates, self.rooms)
        return replace(left.pick(range(len(self))), gates={**self.gates, **dict.fromkeys(rules, Always())})

    def join(self, other: Needs) -> Needs:
        """Put further rules behind these; a literal that both need stays one."""
        known = {name: number for number, name in enumerate(self.lexicon.names)}
        names = other.lexicon.names
        fresh = np.array([name not in known for name in names], bool)
        numbers = np.cumsum(fresh) - 1 + len(known)
        numbers[~fresh] = [known[name] for name in names if name in known]
        return Needs(
            self.lexicon.join(other.lexicon.pick(fresh)),
            np.concatenate([self.literals, numbers[other.literals]]),
            np.concatenate([self.bounds, other.bounds[1:] + self.bounds[-1]]),
            {**self.gates, **{number + len(self): gate for number, gate in other.gates.items()}},
            np.concatenate([self.rooms, other.rooms]),
        )

    @property
    def untold(self) -> frozenset[int]:
        """The rules with neither literals nor a gate, of which a file could not tell what they need."""
        return frozenset(np.flatnonzero(np.diff(self.bounds) == 0).tolist()) - self.gates.keys()

    def pack(self) -> dict[str, Any]:
        """Write them as JSON values and bytes, by name, but for gates that belong to one matcher."""
        return {
            **{f"lexicon {name}": value for name, value in self.lexicon.pack().items()},
            "literals": self.literals.astype("<u4").tobytes(),
            "sizes": np.diff(self.bounds).astype("<u4").tobytes(),
            "gates": [[number, *told] for number, gate in self.gates.items() if (told := _plain(gate))],
            "rooms": self.rooms.astype("<i8").tobytes(),
        }

    @classmethod
    def unpack(cls, values: Mapping[str, Any]) -> Needs:
        """Read them; raises `ValueError`, `TypeError` or `LookupError` for anything else than what `pack` writes."""
        parts = {name.removeprefix("lexicon "): values[name] for name in values if name.startswith("lexicon ")}
        found = cls(
            Lexicon.unpack(parts),
            np.frombuffer(values["literals"], "<u4").astype(np.int64),
            ends_of(np.frombuffer(values["sizes"], "<u4")),
            {number: _gate(kind, told) for number, kind, told in values["gates"]},
            np.frombuffer(values["rooms"], "<i8").astype(np.int64).reshape(-1, len(Room._fields)),
        )
        if not found._is_sound():
            raise ValueError("needs of rules of which one part does not fit another")
        return found

    def _is_sound(self) -> bool:
        return (
            len(self.bounds) == len(self) + 1
            and int(self.bounds[-1]) == len(self.literals)
            and (not len(self.literals) or int(self.literals.max()) < len(self.lexicon))
            and bool(np.isin(self.rooms[:, 0], [*Within]).all())
            and all(number in range(len(self)) for number in self.gates)
        )


_KINDS: Mapping[str, Callable[..., Gate | Edge]] = MappingProxyType(
    {kind.__name__: kind for kind in (Always, Echoes, Edge, Headlines, Items, Short)}
)
"""The gates that a file can hold."""


def _plain(gate: Gate | Edge) -> tuple[str, dict[str, Any]] | None:
    """Write a gate as its name and JSON values; None for one that holds more than these."""
    values = {one.name: getattr(gate, one.name) for one in fields(gate)}  # type: ignore[arg-type]
    if type(gate).__name__ not in _KINDS or not all(isinstance(value, _STORABLE) for value in values.values()):
        return None
    return type(gate).__name__, {name: _told(value) for name, value in values.items()}


_STORABLE = (bool, int, str, frozenset, At, Expression, type(None))


def _told(value: Any) -> Any:
    if isinstance(value, frozenset):
        return {"any of": sorted(value)}
    if isinstance(value, At):
        return {"at": value.model_dump()}
    return {"pattern": value.pattern} if isinstance(value, Expression) else value


def _gate(kind: str, told: Mapping[str, Any]) -> Gate | Edge:
    return _KINDS[kind](**{name: _read(value) for name, value in told.items()})


def _read(told: Any) -> Any:
    if isinstance(told, dict):
        ((name, value),) = told.items()
        return _READERS[name](value)
    return told


_READERS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"any of": frozenset, "at": At.model_validate, "pattern": Expression}
)
