"""Measure what a page costs: CPU time of `Cleaner.clean_html` beside trafilatura, in one run, with the F1 beside it.

Usage: python -m benchmarks.cost SET.jsonl.zst... [--sample 60] [--rounds 3]

Every configuration takes each page in turn, in an order that shifts from page to page, so that a busy machine and warm
caches favour none. A page's time is the median of its rounds (`time.process_time`, one thread). Two ratios to the first
configuration are given, as only ratios compare between machines: of the sums, and the median of the pages' own ratios.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.configurations import CONFIGURATIONS, extractor
from cleaner.bench.case import Case
from cleaner.bench.judge import Judge
from cleaner.bench.sets import read_set, set_name
from cleaner.bench.summary import quality_of
from cleaner.errors import CleanerError

NAMES = ("trafilatura", "trafilatura fast", "cleaner", "cleaner fast")


@dataclass(frozen=True, slots=True)
class Cost:
    """Hold what one configuration took for each page, in seconds, and the quality of each page."""

    seconds: tuple[float, ...]
    quality: tuple[float, ...]


def take(name: str, case: Case) -> tuple[float, str]:
    """Time one configuration on one page; what it raises counts as an empty text."""
    extract = extractor(name)
    began = time.process_time()
    try:
        text = extract(case.input)
    except Exception:  # an extractor may fail in its own way; its quality shows it
        text = ""
    return time.process_time() - began, text


def measure(names: Sequence[str], cases: Sequence[Case], rounds: int, title: str) -> dict[str, Cost]:
    """Take every page `rounds` times with every configuration."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    quality: dict[str, list[float]] = {name: [] for name in names}
    for at, case in enumerate(track(cases, title, console=Console(stderr=True), transient=True)):
        taken: dict[str, list[float]] = {name: [] for name in names}
        texts = {}
        for turn in range(rounds):
            shift = (at + turn) % len(names)
            for name in (*names[shift:], *names[:shift]):
                gc.collect()  # or the garbage of one is swept in the time of the next
                spent, texts[name] = take(name, case)
                taken[name].append(spent)
        judge = Judge(case, aligned=False)
        for name in names:
            seconds[name].append(median(taken[name]))
            quality[name].append(quality_of(judge.score(texts[name])))
    return {name: Cost(tuple(seconds[name]), tuple(quality[name])) for name in names}


def ratios(cost: Cost, base: Cost) -> tuple[float, float]:
    """Return the ratio of the sums, and the median of the ratios page by page."""
    pairs = zip(cost.seconds, base.seconds, strict=True)
    return sum(cost.seconds) / sum(base.seconds), median(own / max(1e-9, other) for own, other in pairs)


def cost_table(title: str, costs: dict[str, Cost]) -> Table:
    """Draw a line a configuration; ratios are to the first."""
    table = Table("configuration", title=title, title_justify="left")
    first = next(iter(costs))
    for name in ("CPU ms a page", f"of {first}", "median of pages", "mean quality (F1)"):
        table.add_column(name, justify="right")
    for name, cost in costs.items():
        whole, typical = ratios(cost, costs[first])
        table.add_row(
            name, f"{1000 * fmean(cost.seconds):.2f}", f"{whole:.3f}x", f"{typical:.3f}x", f"{fmean(cost.quality):.4f}"
        )
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.cost", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--sample", type=int, default=60, metavar="N", help="pages of each set, evenly spaced; 0: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", nargs="+", metavar="NAME", help="configurations; ratios are to the first")
    options = parser.parse_args()
    names = options.steps or [name for name in NAMES if name in CONFIGURATIONS]
    for name in names:
        if name not in CONFIGURATIONS:
            sys.exit(f"there is no configuration {name!r}; there are: {', '.join(CONFIGURATIONS)}")
    logging.disable(logging.CRITICAL)  # what the libraries log would be timed as well
    for path in options.sets:
        cases = list(read_set(path))
        count = min(options.sample or len(cases), len(cases))
        cases = [cases[at * len(cases) // count] for at in range(count)]
        for name in names:
            take(name, cases[0])  # imports and compiled patterns are paid once
        costs = measure(names, cases, options.rounds, set_name(path))
        title = f"{set_name(path)}: {count} pages, median of {options.rounds} rounds"
        Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(cost_table(title, costs))


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.cost: {error}")
