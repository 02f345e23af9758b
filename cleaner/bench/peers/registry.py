"""Which peers there are: those shipped, those that installed packages offer, and those named by module."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import get_args

from cleaner.bench.peer import Family, Peer, Surface
from cleaner.bench.peers.extractors import EXTRACTORS
from cleaner.bench.peers.filters import FILTERS
from cleaner.bench.peers.lines import LINES
from cleaner.bench.peers.ours import OURS
from cleaner.errors import OptionError

PEERS: tuple[Peer, ...] = (*OURS, *EXTRACTORS, *FILTERS, *LINES)
"""The peers that come with the package. A name stands twice where it takes pages and texts."""

GROUP = "cleaner.bench.peers"
"""The entry-point group by which other packages offer peers: each entry is a `Peer` or a sequence of them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Tell where a peer comes from: `origin` is the package that offers it, or the module and name it was found by."""

    peer: Peer
    origin: str


def list_offers(names: Sequence[str] = ()) -> list[Offer]:
    """List all peers that can be named, or those with these names, with their origins; what it imports it does not run.

    Raises `OptionError` where a package offers something else, and for a name that nobody offers.
    """
    offers = [*(Offer(peer, "cleaner") for peer in PEERS), *_installed()]
    if not names:
        return offers
    origins = {offer.peer: offer.origin for offer in offers}
    return [Offer(peer, origins.get(peer, name)) for name in names for peer in find_peers([name])]


def find_peers(names: Iterable[str] = (), extra: Iterable[Peer] = ()) -> list[Peer]:
    """Return the peers with these names, in their order: `NAME` for all surfaces it takes, or `MODULE:NAME`.

    Without names it is all that are shipped. They are sought first among `extra` and those shipped, then among those of
    other packages. Raises `OptionError` for a name that nobody offers, and where two for one surface are called the same.
    """
    names, extra = list(names), list(extra)
    near = _by_name((*extra, *PEERS))
    wanted = [peer for name in names for peer in _find(name, near)] if names else [*extra, *PEERS]
    taken: dict[tuple[str, Surface], Peer] = {}
    for peer in wanted:
        if taken.setdefault((peer.name, peer.takes), peer) != peer:
            raise OptionError(f"two peers that take {peer.takes} are called {peer.name!r}: name one of them")
    return list(taken.values())


def find_peer(name: str, takes: Surface) -> Peer:
    """Return the peer with this name, shipped, installed or `MODULE:NAME`, that takes pages or texts.

    Raises `OptionError` where there is none.
    """
    for peer in _find(name, _by_name(PEERS)):
        if peer.takes == takes:
            return peer
    raise OptionError(f"the peer {name!r} takes no {takes}")


def _find(name: str, near: Mapping[str, Sequence[Peer]]) -> Sequence[Peer]:
    if name in near:
        return near[name]
    if ":" in name:
        return _from_module(name)
    offered = _by_name(offer.peer for offer in _installed())
    if name in offered:
        return offered[name]
    known = sorted({*near, *offered}, key=str.lower)
    close = get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
    rest = [one for one in known if one not in close]
    raise OptionError(
        f"no peer is called {name!r}: {hint}There are {', '.join((*close, *rest))}; MODULE:NAME names one of your own"
    )


def _by_name(peers: Iterable[Peer]) -> Mapping[str, Sequence[Peer]]:
    named: dict[str, list[Peer]] = {}
    for peer in peers:
        if all(peer.takes != other.takes for other in named.get(peer.name, [])):
            named.setdefault(peer.name, []).append(peer)
    return named


def _from_module(name: str) -> Sequence[Peer]:
    """Import what `MODULE:NAME` names; a module may lie in the folder where the command runs."""
    module, _, attribute = name.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise OptionError(
            f"{name!r} names no peer: {error}; MODULE:NAME is importable and a Peer, or several"
        ) from error
    except (Exception, SystemExit) as error:
        raise OptionError(
            f"{name!r} names no peer: its module fails with {type(error).__name__}: {error}; repair it"
        ) from error
    return list(_peers_in(found, name))


@cache
def _installed() -> tuple[Offer, ...]:
    return tuple(offer for entry in entry_points(group=GROUP) for offer in _load(entry))


def _load(entry: EntryPoint) -> Iterator[Offer]:
    origin = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
    try:
        found = entry.load()
    except Exception as error:
        raise OptionError(
            f"{origin} offers peers as {entry.value!r}, which fails: {type(error).__name__}: {error}; repair or remove it"
        ) from error
    for peer in _peers_in(found, f"{entry.value} of {origin}"):
        yield Offer(peer, origin)


def _peers_in(found: object, where: str) -> Iterator[Peer]:
    peers = [found] if isinstance(found, Peer) else list(found) if isinstance(found, Sequence) else []
    if not peers or not all(isinstance(peer, Peer) for peer in peers):
        raise OptionError(f"{where} is a {type(found).__name__}, and no Peer or sequence of Peers (cleaner.bench.peer)")
    for peer in peers:
        _check(peer, where)
    yield from peers


def _check(peer: Peer, where: str) -> None:
    """Refuse a peer whose fields say what nobody understands."""
    for field, value, allowed in (("family", peer.family, Family), ("takes", peer.takes, Surface)):
        if value not in get_args(allowed):
            raise OptionError(f"{where}: `{field}` is {value!r}; it is one of {', '.join(get_args(allowed))}")
    if not callable(peer.make):
        raise OptionError(f"{where}: `make` is a {type(peer.make).__name__}; it is a function that returns one")
    for field, names in (("packages", peer.packages), ("needs", peer.needs)):
        if not isinstance(names, tuple):
            raise OptionError(f'{where}: `{field}` is a {type(names).__name__}; write a tuple, as in ("lxml",)')
