"""Lay out the cases that went worst: gold, ours and others side by side, as many as a page of a few megabytes holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from cleaner.report.difference import Row, beside, shorten, spot

MOST_TEXTS = 3
"""Texts of other peers shown of one case."""

_SHOWN = 5000  # code points shown of a column
_READ = 60_000  # code points of a text that are looked at


@dataclass(frozen=True, slots=True)
class Worst:
    """Hold a case with its gold, our text and those of other peers; `quality` is that of every peer, 0 to 1.

    Where the gold is snippets, `wanted` and `unwanted` are looked for in the texts instead of comparing them with it.
    """

    track: str
    set: str
    id: str
    lang: str
    site: str
    url: str | None
    gold: str
    ours: str
    peers: Mapping[str, str]
    quality: Mapping[str, float]
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Hold a case as it is shown: the rows of its texts, and the quality of ours and of the others, best first."""

    case: Worst
    quality: float | None
    others: tuple[tuple[str, float], ...]
    peers: tuple[str, ...]
    rows: tuple[Row, ...]
    unread: tuple[tuple[str, int], ...]

    @property
    def better(self) -> tuple[str, ...]:
        """Name the peers that did better than ours."""
        return tuple(name for name, value in self.others if self.quality is not None and value > self.quality)


def exhibit(cases: Sequence[Worst], ours: str) -> Iterator[Exhibit]:
    """Yield cases as they are shown, in the order given."""
    for case in cases:
        others = sorted(
            ((name, value) for name, value in case.quality.items() if name != ours),
            key=lambda pair: (-pair[1], pair[0]),
        )
        known = dict(others)
        peers = tuple(islice(sorted(case.peers, key=lambda name: -known.get(name, 0.0)), MOST_TEXTS))
        texts = {"gold": case.gold, ours: case.ours, **{name: case.peers[name] for name in peers}}
        read = [text[:_READ] for text in (case.gold, case.ours, *(case.peers[name] for name in peers))]
        yield Exhibit(
            case=case,
            quality=case.quality.get(ours),
            others=tuple(others),
            peers=peers,
            rows=tuple(shorten(_rows(case, read), _SHOWN)),
            unread=tuple((name, len(text) - _READ) for name, text in texts.items() if len(text) > _READ),
        )


def _rows(case: Worst, texts: Sequence[str]) -> Iterator[Row]:
    """Lay out the texts, the gold first."""
    if not case.wanted and not case.unwanted:
        yield from beside(*texts)
        return
    gold, *others = texts
    yield Row(False, gold, tuple(spot(text, case.wanted, case.unwanted) for text in others))
