"""Scan texts for the literals of all rules: which rules can match at all, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from cleaner.errors import OptionError
from cleaner.match.scan.engine import Engine, Keys
from cleaner.match.scan.grams import GramEngine
from cleaner.match.scan.hyperscan import HyperscanEngine, is_available
from cleaner.match.scan.index import Index, Owners
from cleaner.match.scan.lexicon import Lexicon
from cleaner.match.scan.naive import NaiveEngine
from cleaner.text.fold import lower
from cleaner.text.shadow import Places, Shadow, shade

AUTO = "auto"

ENGINES: Mapping[str, Callable[[Keys], Engine]] = MappingProxyType(
    {"portable": GramEngine.build, "hyperscan": HyperscanEngine.build, "naive": NaiveEngine}
)
"""The engines by name: the portable one, the accelerated one, and the obvious one for tests."""

Hits = Mapping[int, Sequence[tuple[int, int]]]
"""For each rule that can match, the sorted bounds (code points) of the places of its literals."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Hold the index of the literals of some rules, and the rules that need each."""

    index: Index
    texts: tuple[str | None, ...]
    """What stands at a literal's place; None where several texts may."""
    owners: Owners

    @classmethod
    def build(
        cls,
        lexicon: Lexicon,
        literals: Places,
        rules: Places,
        engine: str = AUTO,
        homes: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> Scan:
        """Build the scan for the literals of a lexicon, given each one's number with that of a rule, rules in order.

        `homes` are the numbers of the sites that alone have a rule.
        """
        return cls(
            index=Index.of(lexicon, _builder(engine)),
            texts=tuple(None if "\n" in text else text for text in lexicon.texts),
            owners=Owners.build(literals, rules, len(lexicon), homes),
        )

    def reads(self, number: int, shadow: Shadow, start: int, end: int) -> bool:
        """Tell whether a part of a text is what a literal says, as far as its shadow leaves that open."""
        text = self.texts[number]
        if text is None or (text.isascii() and text.replace(" ", "").isalnum()):
            return True
        return lower(shadow.unified[start:end]).replace("\n", " ") == text

    def hits(self, folded: str, pieces: Iterable[Piece], sites: Sequence[int] = ()) -> Hits:
        """Return what is found in the pieces of a text of some sites, in order."""
        found: dict[int, list[tuple[int, int]]] = {}
        for piece in pieces:
            for start, end, number in self._in_piece(piece):
                text = self.texts[number]
                if text is None or folded[start:end].replace("\n", " ") == text:
                    for rule in self.owners.of(number, sites):
                        places = found.setdefault(rule, [])
                        if not places or places[-1] != (start, end):
                            places.append((start, end))
        return found

    def _in_piece(self, piece: Piece) -> list[tuple[int, int, int]]:
        """Return the literals that begin in a piece, in order: start and end in the text, number."""
        starts, ends, numbers = self.index.find(piece.shadow)
        starts, ends = starts + piece.at, ends + piece.at
        own = (starts >= piece.first) & (starts < piece.last)
        return sorted(zip(starts[own].tolist(), ends[own].tolist(), numbers[own].tolist(), strict=True))


PIECE = 1 << 20
"""Code points of a text that are scanned at once: what a scan takes besides is some ten bytes for each."""

_BESIDE = 1 << 12  # code points on either side that are read with a piece: no literal is longer


class Piece(NamedTuple):
    """Hold the shadow of a part of a text: of what begins from `first` up to `last`; `at` is where the shadow begins."""

    shadow: Shadow
    at: int
    first: int
    last: int


def pieces(text: str) -> Iterator[Piece]:
    """Cast the shadow of a text, piece by piece where it is long."""
    for first in range(0, max(1, len(text)), PIECE):
        last = first + PIECE
        begin, end = max(0, first - _BESIDE), min(len(text), last + _BESIDE)
        part = text[begin:end] if begin or end < len(text) else text
        yield Piece(shade(f"\n{part}\n\n"), begin - 1, first, last)


def _builder(engine: str) -> Callable[[Keys], Engine]:
    name = "portable" if engine == AUTO else engine
    if name not in ENGINES:
        raise OptionError(f"there is no engine {engine!r}: write {', '.join((AUTO, *ENGINES))}")
    if name not in engines():
        raise OptionError("the engine 'hyperscan' is not installed: pip install 'cleaner-news[fast]'")
    return ENGINES[name]


def engines() -> list[str]:
    """Name the engines that can run here."""
    return [name for name in ENGINES if name != "hyperscan" or is_available()]
