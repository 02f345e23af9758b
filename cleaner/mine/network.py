"""Find paragraphs that several sources print: boxes of a network, an agency or a publishing system.

A paragraph or a sentence of flattened text counts by its first and by its last words, digits folded, so that copies
which differ inside, by the name of the site for example, meet. Documents that share more than the one paragraph are
copies of one article, and prove nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cleaner.mine.corpus import Text
from cleaner.mine.evidence import SHOWN, Place, where
from cleaner.mine.shortlist import Candidate
from cleaner.mine.tokens import SENTENCE_END, find_tokens

NETWORK = "network"
"""The source of what stands on several sites."""

LEAST_SOURCES = 3

_PIECE = re.compile(r"[^\n]+")
_SIZE = range(60, 1500)
_LONG = 400
_EDGE = 40
_ALIKE = 0.3
_FINGERPRINTS = 12
_HELD = 24
_HELD_MOST = 10_000_000  # code points of held documents
_KEYS = 20_000  # edges looked for in pass two
_VARIANTS = 60
_COUNT, _SOURCES = (1 << 24) - 1, 24  # packed: documents, sources, number of the last source


def _folded(text: str) -> str:
    """Fold digits one by one; nine searches for what is rare take a fraction of one translation."""
    for digit in "123456789":
        text = text.replace(digit, "0")
    return text


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the bounds of paragraphs, and of the sentences of long ones."""
    for line in _PIECE.finditer(text):
        start, end = line.span()
        if end - start > _LONG:
            at = start
            for found in SENTENCE_END.finditer(text, start, end):
                if found.start() - at in _SIZE:
                    yield at, found.start()
                at = found.end()
            start = at
        if end - start in _SIZE:
            yield start, end


def _keys(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the keys of a piece by its first and its last words; `text` has its digits folded one by one."""
    return hash(("head", text[start : start + _EDGE])), hash(("tail", text[end - _EDGE : end]))


@dataclass(slots=True)
class Shared:
    """Count in how many documents and sources the edges of paragraphs stand; beyond `limit` the oldest of one source go."""

    limit: int
    table: dict[int, int] = field(default_factory=dict)

    def add(self, text: Text) -> None:
        """Count one document."""
        folded = _folded(text.text)
        for key in dict.fromkeys(key for a, b in pieces(folded) for key in _keys(folded, a, b)):
            packed = self.table.get(key)
            if packed is None:
                self.table[key] = ((text.source + 1) << 48) | (1 << _SOURCES) | 1
            elif packed >> 48 == text.source + 1:
                self.table[key] = packed + 1
            else:
                sources = (packed >> _SOURCES & _COUNT) + 1
                self.table[key] = ((text.source + 1) << 48) | (sources << _SOURCES) | ((packed & _COUNT) + 1)
        if len(self.table) > self.limit:
            self._prune()

    def settle(self, least_docs: int) -> frozenset[int]:
        """Return the keys of several sources; a source that comes back is counted again, pass two counts exactly."""
        chosen = {
            key: packed & _COUNT
            for key, packed in self.table.items()
            if (packed >> _SOURCES & _COUNT) >= LEAST_SOURCES and packed & _COUNT >= least_docs
        }
        self.table.clear()
        most = max(100, min(_KEYS, self.limit // 10))
        return frozenset(sorted(chosen, key=lambda key: -chosen[key])[:most])

    def _prune(self) -> None:
        lone = [key for key, packed in self.table.items() if packed >> _SOURCES & _COUNT == 1]
        for key in lone[: max(len(lone) // 2, 1)] or list(self.table)[: self.limit // 2]:
            del self.table[key]


@dataclass(slots=True)
class _Seen:
    docs: int = 0
    sources: set[int] = field(default_factory=set)
    hosts: Counter[str] = field(default_factory=Counter)
    langs: Counter[str] = field(default_factory=Counter)
    variants: Counter[str] = field(default_factory=Counter)
    at: Counter[str] = field(default_factory=Counter)
    prints: list[frozenset[int]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    characters: int = 0
    shortest: int = 1 << 30
    longest: int = 0


@dataclass(slots=True)
class Network:
    """Gather what is known of the paragraphs that survived."""

    known: frozenset[int]
    held: list[Text] = field(default_factory=list)
    seen: dict[int, _Seen] = field(default_factory=dict)
    documents: int = 0
    held_size: int = 0

    def add(self, text: Text) -> None:
        """Look at one document."""
        self.documents += 1
        found: dict[int, tuple[int, int]] = {}
        prints: set[int] = set()
        folded = _folded(text.text)
        for a, b in pieces(folded):
            head, tail = _keys(folded, a, b)
            prints.add(head)
            for key in (head, tail):
                if key in self.known:
                    found.setdefault(key, (a, b))
        shared = frozenset(prints)
        for key, (a, b) in found.items():
            self._see(key, text, a, b, shared)

    def _see(self, key: int, text: Text, a: int, b: int, prints: frozenset[int]) -> None:
        seen = self.seen.setdefault(key, _Seen())
        seen.docs += 1
        fresh = text.source not in seen.sources
        seen.sources.add(text.source)
        seen.hosts[text.host] += 1
        seen.langs[text.lang] += 1
        if len(seen.variants) < _VARIANTS or text.text[a:b] in seen.variants:
            seen.variants[text.text[a:b]] += 1
        seen.at[where(a, b, len(text.text))] += 1
        seen.characters += b - a
        seen.shortest, seen.longest = min(seen.shortest, b - a), max(seen.longest, b - a)
        if fresh and len(seen.prints) < _FINGERPRINTS:
            seen.prints.append(prints)
            if len(seen.places) < _HELD and self._hold(text):
                seen.places.append(Place(len(self.held) - 1, a, b))

    def _hold(self, text: Text) -> bool:
        """Keep a document in memory, once, as long as there is room; it is the last one of those held."""
        if self.held and self.held[-1] is text:
            return True
        if self.held_size + len(text.text) > _HELD_MOST:
            return False
        self.held.append(text)
        self.held_size += len(text.text)
        return True

    def candidates(self, least_docs: int) -> list[Candidate]:
        """Return the paragraphs of several sources whose documents have little else in common, one for each text."""
        chosen: dict[str, Candidate] = {}
        for seen in sorted(self.seen.values(), key=lambda s: (-s.characters, min(s.variants))):
            if (
                not seen.places
                or len(seen.sources) < LEAST_SOURCES
                or seen.docs < least_docs
                or _alike(seen.prints) > _ALIKE
            ):
                continue
            text = max(sorted(seen.variants), key=lambda variant: seen.variants[variant])
            if not any(variant in chosen for variant in seen.variants):
                chosen[text] = self._candidate(text, seen)
        return list(chosen.values())

    def _candidate(self, text: str, seen: _Seen) -> Candidate:
        examples = sorted(seen.variants, key=lambda v: (-seen.variants[v], v))
        head, tail = _common(examples)
        return Candidate(
            source=NETWORK,
            form="paragraph",
            key=(head,),
            tail=(tail,),
            docs=seen.docs,
            of=self.documents,
            hits=seen.docs,
            free=seen.docs,
            start=seen.at["start"],
            middle=seen.at["middle"],
            end=seen.at["end"],
            characters=seen.characters,
            shortest=seen.shortest,
            longest=seen.longest,
            begins=seen.docs,
            ends=seen.docs,
            examples=tuple(examples[:SHOWN]),
            places=tuple(seen.places),
            hosts=tuple(sorted(host for host in seen.hosts if host)),
            lang=max(sorted(seen.langs), key=lambda lang: (bool(lang), seen.langs[lang])),
        )


def _alike(prints: list[frozenset[int]]) -> float:
    """Return how much documents share beyond the one paragraph, 0 to 1, the median over pairs."""
    shares = sorted(
        (len(one & two) - 1) / max(1, min(len(one), len(two)) - 1) for n, one in enumerate(prints) for two in prints[:n]
    )
    return shares[len(shares) // 2] if shares else 0.0


def _common(variants: list[str]) -> tuple[str, str]:
    """Return the first and the last words that all variants have; both empty where they are equal."""
    if len(variants) == 1:
        return "", ""
    forms = [[(v[t.start : t.end], t) for t in find_tokens(v)] for v in variants]
    least = min(map(len, forms))
    head = next((n for n in range(least) if len({tokens[n][0] for tokens in forms}) > 1), least)
    tail = next((n for n in range(least) if len({tokens[-1 - n][0] for tokens in forms}) > 1), least)
    first = variants[0][: forms[0][head - 1][1].end] if head else ""
    last = variants[0][forms[0][-tail][1].start :] if tail else ""
    return first, last
