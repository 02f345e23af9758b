"""Read what to measure: files of cases as they come, or a plan (TOML) that names tracks and their sets.

    about = "Two sets of pages, and the same pages as text"

    [[track]]
    name = "html"                    # names the track, and says of what kind it is unless `kind` does
    sets = ["pages.jsonl.zst", "more.jsonl"]

    [[track]]
    name = "text of pages"
    kind = "whole"
    sets = ["pages.jsonl.zst"]

Paths are relative to the folder of data, or else to the plan's own. Kinds: `html`, `texts` and `dumps` ask what their
records ask; `whole` and `recall` turn pages into text first; `seeds` takes a folder; `noise` and
`held-out` inject artefacts of the rules into the bodies of their sets, or without sets into the shipped clean articles.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cleaner.bench.artefacts import Stock, take_stock
from cleaner.bench.case import Case, Labels
from cleaner.bench.noise import NoiseSet, articles_of, make_noise, shipped_articles
from cleaner.bench.peer import Surface
from cleaner.bench.seeds import read_seeds
from cleaner.bench.sets import read_set, set_name, thin
from cleaner.errors import InputError, OptionError
from cleaner.model import Page
from cleaner.rules.load import load_shipped

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "html": "The page to the article's body.",
        "whole": "The text of the whole page, laid out by inscriptis, to the article's body.",
        "recall": "What trafilatura extracts when it favours recall, as most web corpora hold it, to the article's body.",
        "texts": "A scraped text to the article's body.",
        "dumps": "Scraped texts, labelled stretch by stretch: noise removed against body lost.",
        "seeds": "Scraped documents with promos, playlists, tickers and appended articles, to the exact body.",
        "noise": "Clean articles with artefacts put into them that the rules of ours know.",
        "held-out": "The same, with artefacts whose rules ours may not use.",
    }
)
"""What each kind of track asks."""

INJECTED: Mapping[str, NoiseSet] = MappingProxyType({"noise": "known", "held-out": "held-out"})
"""The kinds whose cases are made, and which rules ours may use there."""

SEEDS = "*.gold.json"
"""What a folder of seeds holds beside its texts."""

_PLAN = frozenset({"about", "track"})
_TRACK = frozenset({"name", "kind", "about", "sets"})


@dataclass(frozen=True, slots=True)
class Sources:
    """Name a track and where its cases come from; `form` says how a page is prepared."""

    name: str
    kind: str
    about: str
    paths: tuple[Path, ...]

    @property
    def form(self) -> str:
        """Return the form that pages take."""
        return self.kind if self.kind in ("whole", "recall") else ""

    @property
    def surface(self) -> Surface:
        """Return what peers are given."""
        return "html" if self.kind == "html" else "text"

    def read(self, seed: int, sample: int | None = None) -> Iterator[tuple[Case, ...]]:
        """Yield the sets, or so many cases of each; where noise is injected, two copies of so many articles.

        Raises `InputError` for a set that cannot be read, is empty, or is of another kind.
        """
        if self.kind in INJECTED:
            yield self._inject(seed, sample)
            return
        for path in self.paths:
            cases = tuple(read_seeds(path) if self.kind == "seeds" else read_set(path))
            if not cases:
                raise InputError(f"{path}: the set is empty")
            _check_kind(self, path, cases)
            yield thin(cases, sample)

    def _inject(self, seed: int, sample: int | None) -> tuple[Case, ...]:
        """Put noise into the bodies of the sets, or without any into the shipped articles."""
        sets = [tuple(articles_of(read_set(path))) for path in self.paths]
        for path, articles in zip(self.paths, sets, strict=True):
            if not articles:
                raise InputError(f"{path}: track {self.name!r} puts noise into bodies, and the set has none")
        chosen = [article for articles in sets or [shipped_articles()] for article in thin(articles, sample)]
        cases = tuple(make_noise(chosen, _shipped_stock(), INJECTED[self.kind], seed=seed))
        if not cases:
            raise InputError(
                f"{', '.join(map(str, self.paths))}: track {self.name!r} is empty, as the rules have too little noise in "
                "the languages of its articles; give texts in others, or longer ones"
            )
        return cases


def read_plan(path: Path, data: Path | None = None) -> tuple[Sources, ...]:
    """Read a plan. Raises `InputError` with the file and the track where it is wrong."""
    if data and not data.is_dir():
        raise InputError(f"{data} is no folder; --data names the one that holds the sets of a plan")
    try:
        plan = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is no plan: {error}") from None
    unknown = sorted(set(plan) - _PLAN)
    if unknown:
        raise InputError(f"{path}: there is no key {unknown[0]!r}; there are: {', '.join(sorted(_PLAN))}")
    tracks = plan.get("track")
    if not isinstance(tracks, list) or not tracks:
        raise InputError(f'{path} names no track: write [[track]], name = "html" and sets = [...]')
    found = tuple(_track(path, number, track, data) for number, track in enumerate(tracks, 1))
    twice = _twice(track.name for track in found)
    if twice:
        raise InputError(f"{path}: two tracks are called {twice!r}")
    return found


def sort_data(paths: Sequence[Path]) -> tuple[Sources, ...]:
    """Sort files of cases and folders of seeds into tracks, by what their first case asks."""
    kinds: dict[str, list[Path]] = {}
    for path in paths:
        kinds.setdefault(_kind_of(path), []).append(path)
    for kind, found in kinds.items():
        _check_names(kind, kind, found)
    return tuple(Sources(kind, kind, KINDS[kind], tuple(kinds[kind])) for kind in KINDS if kind in kinds)


def find_tracks(data: Sequence[str], folder: str | None = None) -> tuple[Sources, ...]:
    """Return the tracks that arguments name: one plan, or sets. Raises `OptionError` where both are mixed."""
    paths = [Path(name) for name in data]
    plans = [path for path in paths if path.suffix == ".toml"]
    if folder and not plans:
        raise OptionError("--data goes with a plan: name the sets with their folder")
    if not plans:
        return sort_data(paths)
    if len(paths) > 1:
        raise OptionError(f"a plan stands alone: give {plans[0]} or sets, not both")
    return read_plan(plans[0], Path(folder) if folder else None)


def _track(path: Path, number: int, track: Any, data: Path | None) -> Sources:
    place = f"{path}, track {number}"
    if not isinstance(track, dict) or not isinstance(track.get("name"), str):
        raise InputError(f'{place}: it has no name: write name = "html"')
    name, place = track["name"], f"{path}, track {track['name']!r}"
    unknown = sorted(set(track) - _TRACK)
    if unknown:
        raise InputError(f"{place}: there is no key {unknown[0]!r}; there are: {', '.join(sorted(_TRACK))}")
    kind = track.get("kind", name)
    sets = track.get("sets", [])
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError(f"{place}: there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    if not isinstance(sets, list) or not all(isinstance(one, str) for one in sets):
        raise InputError(f"{place}: `sets` is no list of paths")
    if not sets and kind not in INJECTED:
        raise InputError(f'{place}: it has no sets: write sets = ["pages.jsonl"]')
    paths = _find(place, path, sets, data)
    _check_names(place, kind, paths)
    return Sources(name, kind, str(track.get("about", KINDS[kind])), paths)


def _check_names(place: str, kind: str, paths: Sequence[Path]) -> None:
    """Refuse sets of one name in one track: their cases would be taken for each other."""
    twice = _twice("seeds" if kind == "seeds" else set_name(path) for path in paths)
    if twice:
        files = " and ".join(str(path) for path in paths if kind == "seeds" or set_name(path) == twice)
        raise InputError(f"{place}: {files} are both called {twice!r}; a set is named after its file: rename one")


def _twice(names: Iterable[str]) -> str | None:
    """Return the first name that stands twice."""
    return next((name for name, count in Counter(names).items() if count > 1), None)


def _find(place: str, plan: Path, names: Sequence[str], data: Path | None) -> tuple[Path, ...]:
    """Find sets in the folder of data, else beside the plan; a path that leads upwards is of the plan's own project."""
    found: dict[str, Path] = {}
    for name in names:
        folders = [plan.parent] if ".." in Path(name).parts else [*filter(None, [data]), plan.parent]
        there = [folder / name for folder in folders if (folder / name).exists()]
        if there:
            found[name] = there[0]
    missing = [name for name in names if name not in found]
    if missing:
        looked = " or ".join(str(folder) for folder in [*filter(None, [data]), plan.parent])
        named = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'}"
        raise InputError(f"{place}: {named} not in {looked}; name the folder of data with --data")
    return tuple(found[name] for name in names)


@cache
def _shipped_stock() -> Stock:
    """Take stock of the shipped rules, which takes seconds, once for all tracks."""
    return take_stock(load_shipped())


def _kind_of(path: Path) -> str:
    if path.is_dir():
        if any(path.glob(SEEDS)):
            return "seeds"
        raise InputError(f"{path} is a folder without {SEEDS}: name the files of cases in it")
    first = next(read_set(path), None)
    if first is None:
        raise InputError(f"{path}: the set is empty")
    if isinstance(first.input, Page):
        return "html"
    return "dumps" if isinstance(first.gold, Labels) else "texts"


def _check_kind(track: Sources, path: Path, cases: Sequence[Case]) -> None:
    """Refuse cases that a track cannot ask."""
    pages, labelled = track.kind in ("html", "whole", "recall"), track.kind == "dumps"
    for case in cases:
        if isinstance(case.input, Page) != pages:
            raise InputError(f"{path}, {case.id}: track {track.name!r} takes {'pages' if pages else 'texts'}")
        if isinstance(case.gold, Labels) != labelled:
            raise InputError(f"{path}, {case.id}: track {track.name!r} takes gold {'spans' if labelled else 'bodies'}")
