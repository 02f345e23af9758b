"""Compare ways of extracting over page sets, with intervals that resample publishers.

Usage: python -m benchmarks.pages SET.jsonl.zst... [--steps NAME...] [--sample N] [--jobs 2] [--out results.json]

For each set: macro precision, recall and F1 of tokens (of snippets where a set has no bodies), F1 of 4-grams, the
difference to the line above with its 95 % interval (starred where it leaves zero out), pages that became better and
worse, and the median CPU time of a page; `benchmarks.cost` measures cost. Nothing is cached between runs. Where one
figure a page is needed, its `quality` is the F1 of its tokens, or the share of its snippets done right.

`--against` compares with an earlier `--out`; `--tune` chooses among configurations by cross-validation over sites;
`--worst` lists the pages that lose most and draws them for reading; `--errors` adds the classes a reader gave them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean, median
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.configurations import CONFIGURATIONS, extractor
from benchmarks.worst import Loss, draw, error_table, read_labels, worst, worst_table
from cleaner.bench.case import Body, Case
from cleaner.bench.folds import assign_folds, cross_validate
from cleaner.bench.intervals import Comparison, compare_means, compare_snippets
from cleaner.bench.judge import Judge, Parts
from cleaner.bench.measure import reckon
from cleaner.bench.metrics import Snippets
from cleaner.bench.sets import read_set, set_name
from cleaner.bench.summary import quality_of
from cleaner.errors import CleanerError
from cleaner.model import Page

STEPS = (
    "trafilatura",
    "trafilatura no comments",
    "1 parsed",
    "2 pruned",
    "3 longer",
    "4 gaps",
    "5 lead",
    "generic rules",
    "cleaner",
)


WARM = Case(
    id="warm",
    set="warm",
    input=Page("warm", f"<html><body><article><p>{'The bridge is open again. ' * 20}</p></article></body></html>"),
    gold=Body(""),
    site="",
)
"""A page that is run before any is timed."""

Task = tuple[int, Sequence[str], Case]
"""The place of a page in its set, what to run on it, and the page."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what one configuration made of one page; a raised `error` leaves an empty text."""

    text: str
    parts: Parts
    seconds: float
    error: str | None = None

    @property
    def quality(self) -> float:
        """Return the one figure of the page."""
        return quality_of(self.parts)


Work = Callable[[Task], list[Outcome]]


@dataclass(frozen=True, slots=True)
class Run:
    """Hold one set, and for each configuration an outcome a page."""

    set: str
    cases: tuple[Case, ...]
    outcomes: Mapping[str, tuple[Outcome, ...]]

    @property
    def sites(self) -> list[str]:
        """List the publisher of each page."""
        return [case.site for case in self.cases]

    def quality(self, step: str) -> list[float]:
        """List the quality of each page under one configuration."""
        return [outcome.quality for outcome in self.outcomes[step]]


def measure(task: Task) -> list[Outcome]:
    """Run every configuration on one page, so that a busy machine slows all alike; another one begins each time."""
    turn, steps, case = task
    shift, judge = turn % len(steps), Judge(case, aligned=False)
    found = {step: _measure(step, case, judge) for step in (*steps[shift:], *steps[:shift])}
    return [found[step] for step in steps]


def _measure(step: str, case: Case, judge: Judge) -> Outcome:
    extract, error, text = extractor(step), None, ""
    began = time.process_time()
    try:
        text = extract(case.input)
    except Exception as raised:  # any extractor may fail in its own way; the failure is counted, not hidden
        error = f"{type(raised).__name__}: {raised}"
    seconds = time.process_time() - began
    return Outcome(text, judge.score(text), seconds, error)


def run(path: str, steps: Sequence[str], jobs: int, sample: int | None) -> Run:
    """Measure one set."""
    cases = list(read_set(path))
    if sample and sample < len(cases):
        cases = [cases[at * len(cases) // sample] for at in range(sample)]
    tasks = [(turn, steps, case) for turn, case in enumerate(cases)]
    with _workers(jobs) as work:
        done = track(work(measure, tasks), set_name(path), len(tasks), console=Console(stderr=True), transient=True)
        rows = list(done)
    return Run(set_name(path), tuple(cases), {step: tuple(row[at] for row in rows) for at, step in enumerate(steps)})


@contextmanager
def _workers(jobs: int) -> Iterator[Callable[[Work, Iterable[Task]], Iterable[list[Outcome]]]]:
    """Lend a `map` over processes, which part before any thread (the progress bar's) has begun."""
    if jobs == 1:
        yield map
        return
    with get_context("fork" if sys.platform == "linux" else None).Pool(jobs) as pool:
        yield pool.imap


def scored(run: Run, step: str) -> dict[str, float]:
    """Sum a configuration up, by measure."""
    return reckon([outcome.parts for outcome in run.outcomes[step]], run.sites)


def chief_scores(run: Run, step: str) -> list[float]:
    """Return precision, recall and F1: of tokens, or of snippets where a set has no bodies."""
    found = scored(run, step)
    kind = "" if "f1" in found else "snippet_"
    return [found.get(kind + name, 0.0) for name in ("precision", "recall", "f1")]


def compared(run: Run, before: str, after: str) -> Comparison:
    """Compare two configurations over the pages of a set: those with a body, or without any by their snippets."""
    old, new = run.outcomes[before], run.outcomes[after]
    body = [at for at, case in enumerate(run.cases) if isinstance(case.gold, Body)]
    if body:
        was, now = ([outcomes[at].quality for at in body] for outcomes in (old, new))
        return compare_means(was, now, [run.sites[at] for at in body])
    return compare_snippets([_snippets(one) for one in old], [_snippets(one) for one in new], run.sites)


def _snippets(outcome: Outcome) -> Snippets:
    return Snippets(*(int(outcome.parts[name]) for name in ("kept", "lost", "leaked", "removed")))


def step_table(run: Run) -> Table:
    """Draw a line a configuration, each compared with the one above."""
    table = _table(
        f"{run.set}: {len(run.cases)} pages of {len(set(run.sites))} sites",
        "configuration", "precision", "recall", "F1", "4-gram", "snippets", "change [95 %]", "p", "+/- pages", "median ms",
        "raised",
    )  # fmt: skip
    changes = {after: compared(run, before, after) for before, after in pairwise(run.outcomes)}
    for step, outcomes in run.outcomes.items():
        found = scored(run, step)
        table.add_row(
            step,
            *(f"{figure:.4f}" for figure in chief_scores(run, step)),
            *(f"{found[name]:.4f}" if name in found else "" for name in ("shingle_f1", "snippet_f1")),
            *_change(changes.get(step)),
            f"{1000 * median(outcome.seconds for outcome in outcomes):.1f}",
            str(sum(outcome.error is not None for outcome in outcomes) or ""),
        )
    return table


def _change(change: Comparison | None) -> tuple[str, str, str]:
    if change is None:
        return "", "", ""
    mark = "*" if change.clear else " "
    interval = f"{change.difference:+.4f} [{change.low:+.4f} {change.high:+.4f}]{mark}"
    return interval, f"{change.chance:.3f}", f"{change.better}/{change.worse}"


def against_table(runs: Iterable[Run], path: str) -> Table:
    """Compare with an earlier run over the same pages, by the quality of each page."""
    earlier = json.loads(Path(path).read_text(encoding="utf-8"))
    table = _table(
        f"against {path} (mean quality of pages)",
        "set",
        "configuration",
        "then",
        "now",
        "change [95 %]",
        "p",
        "+/- pages",
    )
    for one in runs:
        then = earlier.get(one.set, {})
        if then.get("ids") != [case.id for case in one.cases]:
            table.add_row(one.set, "other pages than then: not comparable")
            continue
        for step in one.outcomes:
            if step in then["steps"]:
                old, new = then["steps"][step]["pages"], one.quality(step)
                change = compare_means(old, new, one.sites)
                table.add_row(one.set, step, f"{fmean(old):.4f}", f"{fmean(new):.4f}", *_change(change))
    return table


def tune_table(runs: Sequence[Run], candidates: Sequence[str], folds: int) -> Table:
    """Choose among candidates on the other folds, every set counting the same, and compare held-out scores with the first."""
    sites = [site for one in runs for site in one.sites]
    weights = [1 / len(one.cases) for one in runs for _ in one.cases]
    held = cross_validate(
        {name: [score for one in runs for score in one.quality(name)] for name in candidates},
        assign_folds(sites, folds),
        weights,
    )
    table = _table(
        f"chosen in {folds} folds over {len(set(sites))} sites: {', '.join(held.chosen)}",
        "set", candidates[0], "held out", "change [95 %]", "p", "+/- pages",
    )  # fmt: skip
    at = 0
    for one in runs:
        base, tuned = one.quality(candidates[0]), held.scores[at : at + len(one.cases)]
        at += len(one.cases)
        change = compare_means(base, tuned, one.sites)
        table.add_row(one.set, f"{fmean(base):.4f}", f"{fmean(tuned):.4f}", *_change(change))
    return table


def losses(runs: Iterable[Run], step: str) -> Iterator[Loss]:
    """Yield what each page loses under one configuration, with its quality under all of them."""
    for one in runs:
        for at, case in enumerate(one.cases):
            quality = {name: outcomes[at].quality for name, outcomes in one.outcomes.items()}
            outcome = one.outcomes[step][at]
            yield Loss(one.set, case, outcome.text, outcome.parts, quality)


def as_record(run: Run) -> dict[str, Any]:
    """Return what `--out` keeps of a set: the figures, and the scores of every page."""
    changes = {after: asdict(compared(run, before, after)) for before, after in pairwise(run.outcomes)}
    return {
        "ids": [case.id for case in run.cases],
        "sites": run.sites,
        "steps": {
            step: {
                **dict(zip(("precision", "recall", "f1"), chief_scores(run, step), strict=True)),
                "change": changes.get(step),
                "pages": run.quality(step),
                "ms": [round(1000 * outcome.seconds, 2) for outcome in outcomes],
                "raised": {case.id: o.error for case, o in zip(run.cases, outcomes, strict=True) if o.error},
            }
            for step, outcomes in run.outcomes.items()
        },
    }


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for at, name in enumerate(columns):
        table.add_column(name, justify="left" if not at else "right", no_wrap=True)
    return table


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", metavar="SET")
    parser.add_argument("--steps", nargs="+", metavar="NAME", help=f"of: {', '.join(CONFIGURATIONS)}; `all`")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many pages of each set, evenly spaced")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--out", metavar="FILE", help="write figures and the scores of every page as JSON")
    parser.add_argument("--against", metavar="FILE", help="compare with an earlier --out")
    parser.add_argument(
        "--tune", nargs="+", metavar="NAME", help="choose by cross-validation; the first is the plain one"
    )
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the pages that lose most")
    parser.add_argument("--of", metavar="NAME", help="the configuration whose losses are listed (the last one)")
    parser.add_argument("--html", metavar="FILE", help="draw these pages beside their gold")
    parser.add_argument(
        "--errors", metavar="LABELS", help="JSON Lines of id, class, kind (real or convention), set if ids repeat"
    )
    return parser.parse_args()


def chosen_steps(options: argparse.Namespace) -> list[str]:
    """List what to run; exits where a name is unknown, says what is left out for lack of a package."""
    named = CONFIGURATIONS if options.steps == ["all"] else options.steps or (() if options.tune else STEPS)
    names = list(dict.fromkeys([*named, *(options.tune or ()), *filter(None, [options.of])]))
    for name in names:
        if name not in CONFIGURATIONS:
            sys.exit(f"there is no configuration {name!r}; there are: {', '.join(CONFIGURATIONS)}")
        if CONFIGURATIONS[name].missing:
            print(f"left out: {name}, which needs {CONFIGURATIONS[name].missing}", file=sys.stderr)
    return [name for name in names if not CONFIGURATIONS[name].missing]


def main() -> None:
    """Measure and print."""
    options = read_options()
    steps = chosen_steps(options)
    measure((0, steps, WARM))  # before the processes part: they share the rules, and imports are in no page's time
    console = Console(width=None if sys.stdout.isatty() else 170, highlight=False)
    runs = []
    for path in options.sets:
        runs.append(run(path, steps, options.jobs, options.sample))
        console.print(step_table(runs[-1]))
    if options.out:
        Path(options.out).write_text(json.dumps({one.set: as_record(one) for one in runs}), encoding="utf-8")
    if options.against:
        console.print(against_table(runs, options.against))
    if options.tune:
        console.print(tune_table(runs, options.tune, options.folds))
    if options.worst:
        found = worst(losses(runs, options.of or steps[-1]), options.worst)
        labels = read_labels(options.errors) if options.errors else {}
        console.print(worst_table(found, labels))
        if options.errors:
            console.print(error_table(found, labels))
        if options.html:
            Path(options.html).write_text(draw(found, labels, options.of or steps[-1]), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.pages: {error}")
