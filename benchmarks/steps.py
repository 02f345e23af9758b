"""Compare peers of a run step by step, or one of them with an earlier run, case by case and with intervals over sites.

Usage: python -m benchmarks.steps RUN_FOLDER [--peers NAME NAME...] [--against EARLIER_FOLDER] [--track NAME]...

RUN_FOLDER is what `cleaner bench -o` wrote. Each peer is compared with the one named before it; without names with the
one before it in the run. `--against` compares each with itself in an earlier run over the same cases: what a change did.
The quality of a case is the F1 of its tokens, the share of its snippets done right, or the F1 of a labelled body. A star
marks a difference whose interval leaves zero out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from cleaner.bench.intervals import Comparison, compare_means
from cleaner.bench.output import SCORES
from cleaner.bench.scores import CaseScores, read_scores
from cleaner.errors import CleanerError, InputError

Cases = list[CaseScores]


def read_tracks(folder: Path, names: Collection[str] = ()) -> dict[str, Cases]:
    """Return the cases of a run by track, of all tracks or of those named. Raises `InputError` where one is missing."""
    tracks: dict[str, Cases] = {}
    for case in read_scores(folder / SCORES):
        if not names or case.track in names:
            tracks.setdefault(case.track, []).append(case)
    if missing := sorted(set(names) - set(tracks)):
        raise InputError(f"{folder}: the run has no track {missing[0]!r}")
    return tracks


def by_set(cases: Sequence[CaseScores]) -> dict[str, Cases]:
    """Part the cases of a track into its sets."""
    sets: dict[str, Cases] = {}
    for case in cases:
        sets.setdefault(case.set, []).append(case)
    return sets


def qualities(cases: Sequence[CaseScores], peer: str) -> list[float]:
    """Return the quality of each case under a peer. Raises `InputError` where the peer was not asked."""
    if lacking := next((case for case in cases if peer not in case.scores), None):
        asked = ", ".join(lacking.scores)
        raise InputError(f"the run did not ask {peer!r} about track {lacking.track!r}; it asked {asked}")
    return [case.quality(peer) for case in cases]


class Comparisons:
    """Gather comparisons into a table, a line each."""

    def __init__(self, title: str, *columns: str) -> None:
        self.table = Table(title=title, title_justify="left")
        for name in columns:
            self.table.add_column(name, no_wrap=True)
        for name in ("before", "after", "change [95 %]", "p", "+/- cases"):
            self.table.add_column(name, no_wrap=True, justify="right")

    def add(self, *names: str, before: Sequence[float], after: Sequence[float], cases: Sequence[CaseScores]) -> None:
        """Compare the qualities of the same cases."""
        change = compare_means(before, after, [case.site for case in cases])
        means = (f"{fmean(before):.4f}", f"{fmean(after):.4f}")
        self.table.add_row(*names, *means, _interval(change), f"{change.chance:.3f}", f"{change.better}/{change.worse}")


def _interval(change: Comparison) -> str:
    return f"{change.difference:+.4f} [{change.low:+.4f} {change.high:+.4f}]{'*' if change.clear else ' '}"


def compare_steps(tracks: dict[str, Cases], peers: Sequence[str]) -> Iterator[Table]:
    """Yield a table a track, in which each peer is compared with the one before it, set by set."""
    for track, cases in tracks.items():
        found = Comparisons(f"{track}: each beside the one before", "set", "peer", "beside")
        for name, members in by_set(cases).items():
            for before, after in pairwise(peers or list(members[0].scores)):
                was, now = qualities(members, before), qualities(members, after)
                found.add(name, after, before, before=was, after=now, cases=members)
        yield found.table


def compare_runs(now: dict[str, Cases], then: dict[str, Cases], peers: Sequence[str]) -> Iterator[Table]:
    """Yield a table a track that both runs have, in which each peer is compared with itself.

    Raises `InputError` where a set holds other cases than then.
    """
    for track in (track for track in now if track in then):
        found, earlier = Comparisons(f"{track}: then and now", "set", "peer"), by_set(then[track])
        for name, members in by_set(now[track]).items():
            old = earlier.get(name, [])
            if [case.name for case in old] != [case.name for case in members]:
                raise InputError(f"track {track!r}, set {name!r}: the earlier run has other cases")
            for peer in peers or [peer for peer in members[0].scores if peer in old[0].scores]:
                found.add(name, peer, before=qualities(old, peer), after=qualities(members, peer), cases=members)
        yield found.table


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.steps", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--peers", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--against", type=Path, metavar="EARLIER_FOLDER")
    parser.add_argument("--track", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    tracks = read_tracks(options.run, options.track)
    if options.against:
        tables = compare_runs(tracks, read_tracks(options.against), options.peers)
    else:
        tables = compare_steps(tracks, options.peers)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for table in tables:
        console.print(table)


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.steps: {error}")
