"""Choose among peers of a run by cross-validation over sites, and say what the choice is worth on sites not seen.

Usage: python -m benchmarks.tune RUN_FOLDER --candidates PLAIN OTHER... [--track NAME]... [--folds 5]

RUN_FOLDER is what `cleaner bench -o` wrote, with each candidate as a peer. For every fold that candidate is taken which
does best on the other folds, every set counting the same; of equals the one named first. Its scores on the fold, which
it was not chosen by, are compared with those of the first candidate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.steps import Comparisons, by_set, qualities, read_tracks
from cleaner.bench.folds import assign_folds, cross_validate
from cleaner.bench.scores import CaseScores
from cleaner.errors import CleanerError


def tune(track: str, cases: Sequence[CaseScores], candidates: Sequence[str], folds: int) -> Table:
    """Choose on the other folds, and draw what each set gains. Raises `ValueError` for fewer sites than folds."""
    sets = by_set(cases)
    ordered = [case for members in sets.values() for case in members]
    sites = [case.site for case in ordered]
    weights = [1 / len(sets[case.set]) for case in ordered]
    scores = {name: qualities(ordered, name) for name in candidates}
    held = cross_validate(scores, assign_folds(sites, folds), weights)
    found = Comparisons(
        f"{track}: chosen in {folds} folds over {len(set(sites))} sites: {', '.join(held.chosen)}", "set"
    )
    at = 0
    for name, members in sets.items():
        here = slice(at, at := at + len(members))
        found.add(name, before=scores[candidates[0]][here], after=held.scores[here], cases=members)
    return found.table


def main() -> None:
    """Choose and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("--candidates", nargs="+", required=True, metavar="NAME")
    parser.add_argument("--track", action="append", default=[], metavar="NAME")
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    for track, cases in read_tracks(options.run, options.track).items():
        console.print(tune(track, cases, options.candidates, options.folds))


if __name__ == "__main__":
    try:
        main()
    except (CleanerError, ValueError) as error:
        sys.exit(f"benchmarks.tune: {error}")
