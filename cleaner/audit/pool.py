"""Choose few of many in one pass: the same ones in whatever order they come, and how often each of them came."""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")

Rank = tuple[float, ...]
"""What is chosen by; the lowest come first."""

_KEYS = 1 << 64


class Lot:
    """Number texts by a seed: the lowest numbers among many texts are a random choice of them."""

    def __init__(self, seed: int = 0):
        self._seed = seed.to_bytes(16, "little", signed=True)

    def draw(self, *texts: str) -> int:
        """Return the number of some texts, below 2 to the power of 64."""
        raw = "\0".join(texts).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(raw, digest_size=8, key=self._seed).digest(), "little")


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Item]):
    """Hold what was chosen, its key, and how often that came."""

    item: Item
    key: int
    count: int


@dataclass(slots=True)
class _Held(Generic[Item]):
    item: Item
    mark: tuple[int | str, ...]
    count: int = 1


@dataclass(slots=True)
class Pool(Generic[Item]):
    """Hold the `most` things that rank first, those of one key as one.

    What ranks among them at the end did so when it first came, so that counts are exact. Of all that have one key the
    one with the lowest mark is shown. Equal keys must rank equally. By keys of a `Lot` and no rank it is a random
    choice of distinct things, in one pass (bottom-k sketch: Cohen and Kaplan, PODC 2007).
    """

    most: int
    overflowed: bool = False
    """Whether more came than are held."""
    _held: dict[int, _Held[Item]] = field(default_factory=dict)
    _order: list[tuple[Rank, int]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._order)

    def wants(self, rank: Rank = (), key: int = -1) -> bool:
        """Tell whether something of this rank could be held."""
        return len(self._order) < self.most or (rank, key) <= self._order[-1]

    def take(self, key: int, mark: tuple[int | str, ...], make: Callable[[], Item], rank: Rank = ()) -> None:
        """Count what has this key, and make it where it is to be held."""
        held = self._held.get(key)
        if held:
            held.count += 1
            if mark < held.mark:
                held.item, held.mark = make(), mark
        elif self.wants(rank, key):
            self._held[key] = _Held(make(), mark)
            insort(self._order, (rank, key))
            self.trim(self.most)
        else:
            self.overflowed = True

    def trim(self, most: int) -> None:
        """Hold no more than so many from now on."""
        self.most = most
        while len(self._order) > most:
            del self._held[self._order.pop()[1]]
            self.overflowed = True

    @property
    def distinct(self) -> int:
        """Estimate how many different things of the ranks held came (Bar-Yossef et al., RANDOM 2002).

        It is exact where all of them are held, and an estimate only of what is chosen by keys of a `Lot`.
        """
        if not self.overflowed or not self._order:
            return len(self)
        last, key = self._order[-1]
        before = sum(rank < last for rank, _ in self._order)
        return max(len(self), before + round((len(self) - before - 1) * _KEYS / max(key, 1)))

    def __iter__(self) -> Iterator[Chosen[Item]]:
        """Yield what is held, in order of rank."""
        for _, key in self._order:
            held = self._held[key]
            yield Chosen(held.item, key, held.count)


@dataclass(frozen=True, slots=True)
class _Leader(Generic[Item]):
    place: tuple[Rank, tuple[int | str, ...]]
    key: int
    item: Item


@dataclass(slots=True)
class Leaders(Generic[Item]):
    """Hold the first thing of each group, of the `most` groups whose first things rank first, in whatever order they come."""

    most: int
    _held: dict[str, _Leader[Item]] = field(default_factory=dict)

    def wants(self, group: str, rank: Rank) -> bool:
        """Tell whether something of this rank could be held."""
        held = self._held.get(group)
        if held:
            return rank <= held.place[0]
        return len(self._held) < self.most or rank <= max(one.place for one in self._held.values())[0]

    def take(self, group: str, key: int, mark: tuple[int | str, ...], make: Callable[[], Item], rank: Rank) -> None:
        """Hold what ranks first of its group; of equal ranks the lowest mark counts."""
        held = self._held.get(group)
        if held and (rank, mark) >= held.place:
            return
        self._held[group] = _Leader((rank, mark), key, make())
        if len(self._held) > self.most:
            del self._held[max(self._held, key=lambda name: self._held[name].place)]

    def __iter__(self) -> Iterator[Chosen[Item]]:
        """Yield what is held, in order of rank."""
        for one in sorted(self._held.values(), key=lambda one: one.place):
            yield Chosen(one.item, one.key, 1)
