"""Run a benchmark: read the tracks, ask every peer about every case, judge the answers, sum them up.

tracks ──read──▶ cases ──peers, in processes──▶ answers ──judge──▶ parts ──sum up, resample sites──▶ Results
                                                   │                  │
                                                 store              scores: a line a case
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import orjson

from cleaner.bench.case import Case, Labels
from cleaner.bench.copies import find_copies
from cleaner.bench.forms import FORMS, check_form
from cleaner.bench.peer import ABSENT, Peer, Surface, version_of_package
from cleaner.bench.peers import find_peers
from cleaner.bench.plan import Sources
from cleaner.bench.results import Made, PeerInfo, Results, RuleYield, Set, Track
from cleaner.bench.rouge import load_distances
from cleaner.bench.rules import count_yields
from cleaner.bench.sets import digest_of, thin
from cleaner.bench.store import Store, digest_of_code, identify, key_of, keys_of
from cleaner.bench.summary import Facts, Scored, summarise
from cleaner.bench.workers import LIMIT, Answer, Question, Reply, Workers, weigh
from cleaner.errors import OptionError
from cleaner.rules.load import load_shipped

OURS = "cleaner"
"""The peer that the others are compared with, unless another one is named."""

_WEIGHED = 12  # cases with which memory is measured
_CORE = ("cleaner-news", "lxml", "numpy", "rapidfuzz", "regex", "resiliparse", "trafilatura")

Watch = Callable[[str, int], object]
"""Called with the name of a track and the number of its cases, then with an empty name and 1 for each case done."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Say how to run: processes, seconds for an answer, seed, draws of the bootstrap, cases of each set (None: all)."""

    jobs: int = 2
    limit: float = LIMIT
    seed: int = 0
    resamples: int = 2000
    sample: int | None = None
    memory: bool = True
    ours: str = OURS
    command: str = "cleaner bench"


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one case of a track, what is known of it, and what each peer reached."""

    case: Case
    facts: Facts
    scored: Mapping[str, Scored]
    source: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """Hold a track with its sources and rows, in the order of its sets."""

    track: Track
    sources: Sources
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """Hold what a run found."""

    results: Results
    measured: tuple[Measured, ...]

    def lines(self) -> Iterator[bytes]:
        """Yield a line of JSON for each case: what is known of it and the parts of each peer; no text."""
        for one in self.measured:
            for row in one.rows:
                yield _line(one.track.name, row)


def run(
    tracks: Sequence[Sources], names: Sequence[str], settings: Settings, store: Store, watch: Watch | None = None
) -> Bench:
    """Measure the tracks with the peers of these names.

    Raises `InputError` for a set that cannot be read, `OptionError` where no peer takes what a track gives.
    """
    peers = find_peers(names)
    load_distances()  # or every process would end for the lack of it
    for track in tracks:
        check_form(track.form)
        if not any(peer.takes == track.surface for peer in peers):
            raise OptionError(f"no peer takes the {track.surface} of track {track.name!r}: name one more with --peer")
    runner = _Runner(names, peers, settings, store, watch or (lambda name, count: None))
    with Workers(names, settings.jobs, settings.limit) as workers:
        measured = tuple(runner.measure(track, workers) for track in tracks)
    return Bench(runner.gather(measured), measured)


def answer_of(store: Store, case: Case, form: str, peer: Peer) -> str:
    """Return the text that a peer gave."""
    return store.text(key_of(case, form, identify(peer)))


class _Runner:
    """Carry what all tracks of a run share."""

    def __init__(self, names: Sequence[str], peers: Sequence[Peer], settings: Settings, store: Store, watch: Watch):
        self._names, self._peers, self._settings, self._store, self._watch = (names, peers, settings, store, watch)
        self._identities = {(peer.name, peer.takes): identify(peer) for peer in peers}
        self._memory: dict[tuple[str, Surface], float | None] = {}

    def measure(self, sources: Sources, workers: Workers) -> Measured:
        """Ask about all cases of a track and sum up."""
        sets = list(sources.read(self._settings.seed, self._settings.sample))
        cases = list(chain.from_iterable(sets))
        peers = [peer for peer in self._peers if peer.takes == sources.surface]
        self._watch(sources.name, len(cases))
        questions = (self._question(case, sources, peers) for case in cases)
        rows = []
        for case, reply in zip(cases, workers.ask(questions), strict=True):
            self._keep(case, sources.form, reply, peers)
            rows.append(_row(case, reply, peers))
            self._watch("", 1)
        self._weigh(peers, sources, cases)
        return Measured(self._sum_up(sources, sets, rows, peers), sources, tuple(rows))

    def gather(self, measured: Sequence[Measured]) -> Results:
        """Put the tracks together, with what they were made with."""
        peers = tuple(
            PeerInfo(name=peer.name, family=peer.family, takes=peer.takes, version=peer.version, call=peer.call)
            for peer in self._peers
        )
        tracks = tuple(one.track for one in measured)
        return Results(
            made=_made(self._settings, self._peers),
            ours=self._ours(peer.name for peer in peers),
            peers=peers,
            tracks=tracks,
            rules=_yields(measured) if any(peer.family == "cleaner" for peer in peers) else (),
        )

    def _question(self, case: Case, sources: Sources, peers: Sequence[Peer]) -> Question:
        known: dict[str, Answer] = {}
        for name, key in self._keys(case, sources.form, peers).items():
            answer = self._store.get(key)
            if answer and answer.error is None:  # what failed may have had too little time
                known[name] = answer
        return Question(case, sources.form, sources.surface, tuple(peer.name for peer in peers), known)

    def _keys(self, case: Case, form: str, peers: Sequence[Peer]) -> dict[str, bytes]:
        """Return the key of each peer's answer, by its name."""
        names = [peer.name for peer in peers]
        identities = [self._identities[peer.name, peer.takes] for peer in peers]
        return dict(zip(names, keys_of(case, form, identities), strict=True))

    def _keep(self, case: Case, form: str, reply: Reply, peers: Sequence[Peer]) -> None:
        for name, key in self._keys(case, form, peers).items():
            self._store.put(key, reply.given[name].answer)

    def _weigh(self, peers: Sequence[Peer], sources: Sources, cases: Sequence[Case]) -> None:
        if not self._settings.memory:
            return
        light: list[Case] = []
        for case in thin(cases, _WEIGHED):
            with suppress(Exception):  # told of the case already
                light.append(FORMS[sources.form](case))
        for peer in peers:
            if (peer.name, peer.takes) not in self._memory:
                self._memory[peer.name, peer.takes] = weigh(self._names, peer, light)

    def _sum_up(
        self, sources: Sources, sets: Sequence[Sequence[Case]], rows: Sequence[Row], peers: Sequence[Peer]
    ) -> Track:
        names = [peer.name for peer in peers]
        summary = summarise(
            [row.case for row in rows],
            [row.facts for row in rows],
            {name: [row.scored[name] for row in rows] for name in names},
            ours=self._ours(peer.name for peer in self._peers),
            resamples=self._settings.resamples,
            seed=self._settings.seed,
            memory={name: self._memory.get((name, sources.surface)) for name in names},
            copies=self._compare_copies(sources, [row.case for row in rows], peers),
            source=[row.source for row in rows],
        )
        return Track(
            name=sources.name,
            about=sources.about,
            surface=sources.surface,
            sets=tuple(map(_describe, sets)),
            **summary,
        )

    def _compare_copies(
        self, sources: Sources, cases: Sequence[Case], peers: Sequence[Peer]
    ) -> dict[str, dict[str, float]]:
        """Look for copies of one story among the texts of each peer."""
        told = [case for case in cases if case.story is not None]
        if not told:
            return {}
        stories, keys = [case.story for case in told], [self._keys(case, sources.form, peers) for case in told]
        return {peer.name: find_copies(stories, [self._store.text(own[peer.name]) for own in keys]) for peer in peers}

    def _ours(self, names: Iterable[str]) -> str:
        there = list(names)
        return self._settings.ours if self._settings.ours in there else there[0]


def _describe(cases: Sequence[Case]) -> Set:
    languages: dict[str, int] = {}
    for case in cases:
        languages[case.language] = languages.get(case.language, 0) + 1
    ranked = dict(sorted(languages.items(), key=lambda item: (-item[1], item[0])))
    return Set(
        name=cases[0].set,
        digest=digest_of(cases),
        cases=len(cases),
        sites=len({case.site for case in cases}),
        languages=ranked,
    )


def _row(case: Case, reply: Reply, peers: Sequence[Peer]) -> Row:
    scored = {
        peer.name: Scored(
            judged.parts, judged.answer.seconds, judged.answer.error, not judged.answer.text.strip(), judged.signals
        )
        for peer in peers
        for judged in (reply.given[peer.name],)
    }
    return Row(case, reply.facts or Facts(0, 0.0), scored, reply.source)


def _line(track: str, row: Row) -> bytes:
    case, facts = row.case, row.facts
    scores = {name: {**scored.parts, "ms": round(1000 * scored.seconds, 3)} for name, scored in row.scored.items()}
    failed = {name: scored.error for name, scored in row.scored.items() if scored.error}
    known = {"track": track, "set": case.set, "id": case.id, "site": case.site, "lang": case.language}
    told = {**known, "tokens": facts.tokens, "complexity": facts.complexity, "scores": scores, "failed": failed}
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _yields(measured: Sequence[Measured]) -> tuple[RuleYield, ...]:
    """Count what each rule cut from labelled texts as they were scraped; injected noise is of the rules' own making."""
    scraped = [one for one in measured if one.sources.kind == "dumps"]
    cases = [row.case for one in scraped for row in one.rows if isinstance(row.case.gold, Labels)]
    return count_yields(cases) if cases else ()


def _made(settings: Settings, peers: Sequence[Peer]) -> Made:
    asked = (*_CORE, *(package for peer in peers for package in peer.packages))
    packages = sorted({package.lower(): package for package in asked}.values())
    return Made(
        command=settings.command.encode("utf-8", "replace").decode(),
        seed=settings.seed,
        resamples=settings.resamples,
        python=platform.python_version(),
        machine=_machine(),
        packages={name: found for name in packages if (found := version_of_package(name)) != ABSENT},
        rules=load_shipped().digest,
        code=digest_of_code(),
    )


def _machine() -> str:
    """Name the system, the processor and its cores."""
    parts = (platform.system(), platform.release(), platform.machine(), _processor(), f"{os.cpu_count()} cores")
    return ", ".join(filter(None, parts))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
