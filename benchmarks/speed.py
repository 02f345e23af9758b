"""Measure the CPU time of cleaning text, beside a naive per-line loop and the floor, in one run.

Usage: python -m benchmarks.speed [--megabytes 4] [--dump FILE.jsonl[.zst]]...

Prints MB/s of CPU time (medians of several rounds) and ratios, since only ratios compare between machines. The answer
is checked: the fast engine's cuts must be those of the naive oracle, which tries every rule everywhere, on a sample.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import regex
from rich.console import Console
from rich.table import Table

from cleaner.clean import Cleaner
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Fields
from cleaner.match.sweep import compile_rule
from cleaner.model import Document
from tests.variants.build import build

ROUNDS = 3
SAMPLE = 60
LOOPED = 12  # documents for the line loop, which takes seconds a document


def variants(megabytes: float) -> list[str]:
    """Return invented pages, noise and look-alikes, about as many megabytes as asked for."""
    texts = [row["text"] for row in build()]
    wanted = int(megabytes * 1e6)
    size = sum(len(text.encode()) for text in texts)
    return texts * max(1, round(wanted / size))


def clean_articles(megabytes: float) -> list[str]:
    """Return the bodies of the same pages: text on which no rule should fire."""
    texts = [row["gold"]["bodies"][0] for row in build()]
    wanted = int(megabytes * 1e6)
    return texts * max(1, round(wanted / sum(len(text.encode()) for text in texts)))


def dump(path: str, megabytes: float) -> list[str]:
    """Return the texts of a dump, up to so many megabytes."""
    texts, size = [], 0
    for entry in read_entries(find_inputs([path]), Fields(), recleaning=True):
        if isinstance(entry.value, Document):
            texts.append(entry.value.text)
            size += len(entry.value.text.encode())
            if size > megabytes * 1e6:
                break
    return texts


def line_loop(cleaner: Cleaner) -> Callable[[str], int]:
    """Return the usual way: each line against one case-insensitive pattern for each rule."""
    patterns = []
    for rule in cleaner.ruleset.rules:
        atoms = compile_rule(rule, cleaner.ruleset).atoms
        if atoms:
            patterns.append(regex.compile("|".join(map(regex.escape, sorted(atoms))), regex.IGNORECASE))

    def loop(text: str) -> int:
        return sum(pattern.search(line) is not None for line in text.split("\n") for pattern in patterns)

    return loop


def rate(work: Callable[[str], object], texts: list[str]) -> float:
    """Return MB/s of CPU time, the median of some rounds."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for text in texts:
            work(text)
        rounds.append(size / max(1e-9, time.process_time() - began))
    return statistics.median(rounds)


def check(fast: Cleaner, texts: Iterable[str]) -> int:
    """Count the cuts of the fast engine on a sample; exits where the oracle sees others."""
    naive = Cleaner(fast.ruleset, naive=True)
    cuts = 0
    for text in texts:
        ours, theirs = fast.clean(text), naive.clean(text)
        if ours != theirs:
            sys.exit(f"the fast engine differs from the oracle on: {text[:200]!r}")
        cuts += len(ours.cuts)
    return cuts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--dump", action="append", default=[])
    options = parser.parse_args()
    fast = Cleaner()
    loop = line_loop(fast)
    corpora = {
        "clean articles": clean_articles(options.megabytes),
        "pages with noise": variants(options.megabytes),
        **{Path(path).name.split(".")[0]: dump(path, options.megabytes) for path in options.dump},
    }
    table = Table(title=f"CPU time, one thread, {len(fast.ruleset.rules)} rules, digest {fast.ruleset.digest}")
    for name in ("corpus", "MB", "cleaner MB/s", "line loop MB/s", "split MB/s", "cleaner / loop", "cuts checked"):
        table.add_column(name, justify="left" if name == "corpus" else "right")
    for name, texts in corpora.items():
        step = max(1, len(texts) // SAMPLE)
        cuts = check(fast, texts[::step][:SAMPLE])
        few = texts[:: max(1, len(texts) // LOOPED)][:LOOPED]
        ours, theirs, floor = rate(fast.clean, texts), rate(loop, few), rate(str.split, texts)
        size = sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6
        table.add_row(
            name, f"{size:.1f}", f"{ours:.2f}", f"{theirs:.3f}", f"{floor:.0f}", f"{ours / theirs:.1f}x", str(cuts)
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
