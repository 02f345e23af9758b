"""The story of mining: count documents, count what they share, gather evidence, draft rules, hold them to clean text.

Read `Miner.mine` from top to bottom. Memory is bounded by the tables of pass one, by the documents held of each source,
and by the candidates of each source; it does not grow with the corpus.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaner.clean import Cleaner
from cleaner.errors import OptionError
from cleaner.io.stream import Watch
from cleaner.mine.corpus import Census, Corpus
from cleaner.mine.evidence import HELD, Evidence
from cleaner.mine.judge import Held, count_hits
from cleaner.mine.network import LEAST_SOURCES, Network, Shared
from cleaner.mine.proposal import Classes, Drafting, Proposal, held_to, propose
from cleaner.mine.shortlist import Candidate, shortlist
from cleaner.mine.survey import keys_of
from cleaner.mine.tables import Frequencies
from cleaner.rules.load import Ruleset

if TYPE_CHECKING:
    from cleaner.html.extract import Extractor

PASSES = 3
"""How often the corpus is read."""

_HELD = 8_000  # documents held of all sources
_HELD_SIZE = 40_000_000  # code points of them
_KEYS = 200_000  # candidates of all sources in memory
_SOURCES = 3_000  # sources mined one by one: the largest
_SMALLEST = 500  # code points that any document counts for
_FLOOR = 20  # documents looked at of each source, however many sources there are
_CLEAN = 3_000_000  # code points of clean text that proposals are held to


@dataclass(frozen=True, slots=True)
class Settings:
    """Choose what is proposed.

    `min_docs` and `min_share` say in how many documents of a source something stands at least; `sample` bounds the
    documents counted of one source, `seen` those whose evidence is gathered; `count_size` and `seen_size` bound the code
    points of all sources that these passes look at, `table` the entries of pass one, `keys` the candidates of pass two.
    """

    min_docs: int = 5
    min_share: float = 0.03
    limit: int = 0
    sources: tuple[str, ...] = ()
    sample: int = 1000
    seen: int = 300
    count_size: int = 160_000_000
    seen_size: int = 80_000_000
    table: int = 4_000_000
    keys: int = _KEYS
    known_too: bool = False
    min_precision: float = 0.5


@dataclass(frozen=True, slots=True)
class Mined:
    """Hold the proposals, the most useful first, and what they were made from."""

    proposals: tuple[Proposal, ...]
    documents: int
    sources: int
    mined: int
    rejected: int
    peak_entries: int
    clean_characters: int


@dataclass(slots=True)
class Miner:
    """Mine one corpus. `clean` are texts without noise; where there are none, the corpus gives them itself."""

    corpus: Corpus
    ruleset: Ruleset
    settings: Settings = field(default_factory=Settings)
    clean: Sequence[str] = ()
    watch: Watch | None = None

    def mine(self) -> Mined:
        """Read the corpus three times and propose.

        Raises `InputError` where it cannot be read, `OptionError` where no source is large enough or so named.
        """
        census = self.corpus.census(self.watch)
        wanted, large = self._choose(census)
        counts, shared = self._count(census, wanted, frozenset(large))
        evidence, network = self._gather(census, wanted, counts, shared)
        shortlists = self._shortlist(census, self._counted(census, wanted), evidence)
        proposals = self._propose(census, evidence, shortlists, network)
        clean = list(self._clean_texts(evidence, shortlists))
        proposals = self._hold_to(clean, proposals)
        proposals.sort(key=lambda p: (-p.removed, p.rule.id))
        return Mined(
            tuple(proposals[: self.settings.limit or None]),
            sum(census.documents),
            len(census.names),
            len(large),
            census.rejected,
            counts.peak,
            sum(map(len, clean)),
        )

    def _choose(self, census: Census) -> tuple[list[int], list[int]]:
        """Return the numbers of the sources to read, and of those large enough to be mined one by one."""
        named = self.settings.sources
        for name in named:
            if not any(_is_named(source, name) for source in census.names):
                known = ", ".join(sorted(census.names, key=lambda s: -census.documents[census.numbers[s]])[:5])
                raise OptionError(f"--source {name!r}: no document comes from it; the largest sources are {known}")
        numbers = range(len(census.names))
        chosen = [n for n in numbers if not named or any(_is_named(census.names[n], name) for name in named)]
        large = [n for n in chosen if census.documents[n] >= self.settings.min_docs]
        large = sorted(sorted(large, key=lambda n: (-census.documents[n], n))[:_SOURCES])
        together = sum(census.documents[n] for n in chosen)
        if not large and (len(chosen) < LEAST_SOURCES or together < self.settings.min_docs):
            most = max(census.documents[n] for n in chosen)
            raise OptionError(
                f"no source has {self.settings.min_docs} documents (the largest has {most}): "
                "lower --min-docs, or name the field that says the source with --source-field"
            )
        return chosen, large

    def _quota(self, census: Census, wanted: Sequence[int], most: int, size: int) -> list[int]:
        """Return how many documents of each source are looked at: all of small sources, of large ones equally many."""
        if not self.settings.sample:
            most = max(census.documents, default=0)
        else:
            means = {n: max(_SMALLEST, census.sizes[n] // census.documents[n]) for n in wanted}
            caps = range(min(_FLOOR, most), most + 1)
            over = bisect_right(
                caps, size, key=lambda cap: sum(min(census.documents[n], cap) * means[n] for n in wanted)
            )
            most = caps[max(0, over - 1)]
        quota = [0] * len(census.names)
        for number in wanted:
            quota[number] = min(census.documents[number], most)
        return quota

    def _counted(self, census: Census, wanted: Sequence[int]) -> list[int]:
        return self._quota(census, wanted, self.settings.sample, self.settings.count_size)

    def _least(self, of: int) -> int:
        return max(self.settings.min_docs, math.ceil(self.settings.min_share * of))

    def _count(
        self, census: Census, wanted: Sequence[int], large: frozenset[int]
    ) -> tuple[Frequencies, frozenset[int]]:
        """Pass one: count what the documents of each source share."""
        quota = self._counted(census, wanted)
        counts, shared = Frequencies(self.settings.table), Shared(self.settings.table // 4)
        left = dict(enumerate(quota))
        for text in self.corpus.texts(census, quota, self.watch):
            shared.add(text)
            if text.source not in large:
                continue
            counts.add(text.source, keys_of(text.text))
            left[text.source] -= 1
            if not left[text.source]:
                counts.settle(text.source, self._least(quota[text.source]))
        for number in list(counts.tables):  # texts that stand twice are counted once
            counts.settle(number, self._least(quota[number]))
        return counts, shared.settle(self.settings.min_docs)

    def _gather(
        self, census: Census, wanted: Sequence[int], counts: Frequencies, shared: frozenset[int]
    ) -> tuple[dict[int, Evidence], Network]:
        """Pass two: look where it stands."""
        settings, sources = self.settings, max(1, len(counts.settled))
        counted = self._counted(census, wanted)
        quota = self._quota(census, wanted, min(settings.seen, settings.sample or settings.seen), settings.seen_size)
        held, room = max(4, min(HELD, _HELD // sources)), _HELD_SIZE // sources
        keys = max(20, min(30_000, settings.keys // sources))
        evidence: dict[int, Evidence] = {}
        network = Network(shared)
        for number, known in counts.settled.items():
            evidence[number] = Evidence(
                known,
                self._least(counted[number]),
                stride=max(1, quota[number] // held),
                held_most=held,
                held_room=room,
                keys_most=keys,
            )
        for text in self.corpus.texts(census, quota, self.watch):
            if text.source in evidence:
                evidence[text.source].add(text)
            if shared:
                network.add(text)
        return evidence, network

    def _shortlist(
        self, census: Census, counted: Sequence[int], evidence: dict[int, Evidence]
    ) -> dict[int, list[Candidate]]:
        found: dict[int, list[Candidate]] = {}
        for number, seen in evidence.items():
            share = seen.documents / counted[number] if counted[number] else 1.0
            least = seen.least if share >= 1 else max(3, math.floor(0.9 * seen.least * share))
            found[number] = shortlist(census.names[number], seen, least)
            seen.found.clear()
            seen.pairs.clear()
        return found

    def _propose(
        self,
        census: Census,
        evidence: dict[int, Evidence],
        shortlists: dict[int, list[Candidate]],
        network: Network,
    ) -> list[Proposal]:
        """Draft rules; what a network prints is proposed once, not for each of its sites."""
        classes, taken = Classes(self.ruleset), {head.id for head in self.ruleset.heads}
        cleaner = None if self.settings.known_too else Cleaner(self.ruleset)
        scale = sum(census.documents) / network.documents if network.documents else 1.0
        common = Drafting(Held(network.held, cleaner), classes, taken, scale)
        proposals = propose(network.candidates(self.settings.min_docs), common)
        printed = {example for proposal in proposals for example in proposal.candidate.examples}
        for number, candidates in shortlists.items():
            seen = evidence[number]
            held = Held(seen.held, cleaner)
            own = Drafting(held, classes, taken, census.documents[number] / max(1, seen.documents))
            ordered = sorted(candidates, key=lambda c: (-c.characters, c.key))
            proposals += propose((c for c in ordered if printed.isdisjoint(c.examples)), own)
        return proposals

    def _clean_texts(self, evidence: dict[int, Evidence], shortlists: dict[int, list[Candidate]]) -> Iterator[str]:
        """Yield clean text: what was given, else the held documents less all that was shortlisted in them."""
        if self.clean:
            yield from self.clean
            return
        each = _CLEAN // max(1, len(evidence))
        for number, seen in evidence.items():
            size = 0
            for at, text in enumerate(seen.held):
                spans = sorted((p.start, p.end) for c in shortlists[number] for p in c.places if p.document == at)
                body = _less(text.text, spans)
                if size > each:
                    break
                size += len(body)
                yield body

    def _hold_to(self, clean: Sequence[str], proposals: Sequence[Proposal]) -> list[Proposal]:
        if not proposals:
            return []
        hits = count_hits([proposal.rule for proposal in proposals], clean)
        return held_to(proposals, hits, 0.0 if self.settings.known_too else self.settings.min_precision)


def _less(text: str, spans: Sequence[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        if start > at:
            parts.append(text[at:start])
        at = max(at, end)
    return "\n".join([*parts, text[at:]])


def _is_named(source: str, name: str) -> bool:
    return source.lower() == name.lower() or source.lower().endswith("." + name.lower())


def lazy_extractor(ruleset: Ruleset) -> Extractor:
    """Return the fast extractor for pages: loaded where the corpus holds any."""
    from cleaner.html.extract import Extractor

    return Extractor(ruleset, True)
