"""Count the errors of a run by the classes that a reader gave to its worst cases.

Usage: python -m benchmarks.errors RUN_FOLDER LABELS.jsonl [--track html] [--peer cleaner] [--worst 60]

RUN_FOLDER is what `cleaner bench -o` wrote; its report shows the worst cases beside their gold, for reading. LABELS has a
record a line with `id`, `class`, `kind` (real, or convention of the gold), and `set` where ids repeat;
`benchmarks/labels.jsonl` holds those given so far.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from statistics import fmean

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.steps import qualities, read_tracks
from cleaner.bench.scores import CaseScores
from cleaner.errors import CleanerError, InputError

KINDS = ("real", "convention")


@dataclass(frozen=True, slots=True)
class Label:
    """Hold a reader's judgement: what went wrong, and whether it is a real error or a convention of the gold."""

    class_: str
    kind: str


UNREAD = Label("not labelled", "?")


@dataclass(frozen=True, slots=True)
class Loss:
    """Hold a case and what it lacks to full quality."""

    case: CaseScores
    size: float


def read_labels(path: Path) -> dict[str, Label]:
    """Read labels, by `set/id`, or by id where no set is named. Raises `InputError` with the line of one that is none."""
    labels = {}
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
            name = f"{record['set']}/{record['id']}" if "set" in record else str(record["id"])
            labels[name] = Label(record["class"], record["kind"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}: no label with `id`, `class` and `kind`: {error!r}") from None
        if labels[name].kind not in KINDS:
            raise InputError(f"{path}, line {number}: `kind` is real or convention, not {labels[name].kind!r}")
    return labels


def worst(cases: Sequence[CaseScores], peer: str, count: int) -> list[Loss]:
    """Return the cases that lose most under a peer, the largest loss first."""
    losses = (Loss(case, 1 - quality) for case, quality in zip(cases, qualities(cases, peer), strict=True))
    return nlargest(count, losses, key=lambda loss: loss.size)


def label_of(case: CaseScores, labels: Mapping[str, Label]) -> Label:
    return labels.get(f"{case.set}/{case.id}") or labels.get(case.id) or UNREAD


def tabulate(losses: Sequence[Loss], labels: Mapping[str, Label]) -> Table:
    """Draw a line a class: its cases, its share of the loss, and the mean quality of these cases under each peer."""
    groups: dict[Label, list[Loss]] = {}
    for loss in losses:
        groups.setdefault(label_of(loss.case, labels), []).append(loss)
    peers = list(losses[0].case.scores) if losses else []
    table = Table("class", "kind", title=f"errors on {len(losses)} cases by class", title_justify="left")
    for name in ("cases", "loss", "share", *peers):
        table.add_column(name, justify="right")
    total = _total(losses) or 1.0
    for label, group in sorted(groups.items(), key=lambda item: -_total(item[1])):
        table.add_row(label.class_, label.kind, *_figures(group, total, peers))
    table.add_section()
    kinds = {kind: [loss for loss in losses if label_of(loss.case, labels).kind == kind] for kind in KINDS}
    for kind, group in (*kinds.items(), ("", list(losses))):
        if group:
            table.add_row("all", kind, *_figures(group, total, peers))
    return table


def _total(losses: Iterable[Loss]) -> float:
    return sum(loss.size for loss in losses)


def _figures(group: Sequence[Loss], total: float, peers: Sequence[str]) -> list[str]:
    means = [f"{fmean(loss.case.quality(peer) for loss in group):.3f}" for peer in peers]
    return [str(len(group)), f"{_total(group):.2f}", f"{_total(group) / total:.0%}", *means]


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.errors", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, metavar="RUN_FOLDER")
    parser.add_argument("labels", type=Path, metavar="LABELS")
    parser.add_argument("--track", default="html", metavar="NAME")
    parser.add_argument("--peer", default="cleaner", metavar="NAME")
    parser.add_argument("--worst", type=int, default=60, metavar="N")
    options = parser.parse_args()
    losses = worst(read_tracks(options.run, [options.track])[options.track], options.peer, options.worst)
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(tabulate(losses, read_labels(options.labels)))


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.errors: {error}")
