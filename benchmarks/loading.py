"""Measure how long a set of rules takes to load: as YAML, and compiled into one file.

    python -m benchmarks.loading [--rules 10000]

The set is the shipped one and copies of its rules under other ids, with the shipped terms, patterns and weights, so that
its rules are as long as rules are. Copies compress better than rules do: the size of a compiled set of rules that differ
is about three times that shown. Times are CPU times of this process, imports aside, the best of several.
"""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import yaml
from rich.console import Console
from rich.table import Table

from cleaner.clean import Cleaner, choose
from cleaner.match.stock import write_compiled
from cleaner.rules.compiled import read_compiled
from cleaner.rules.load import load_rules, load_shipped, shipped_rules
from cleaner.rules.schema import Rule
from cleaner.rules.yaml import read_yaml

FILE = 50  # rules of one file, as authors keep them
ROUNDS = 5

Value = TypeVar("Value")


def copies() -> Iterator[dict[str, Any]]:
    """Yield the shipped rules again and again as a file holds them, each time under other ids."""
    for number in count(1):
        for rule in load_shipped().rules:
            yield _renamed(rule, number)


def _renamed(rule: Rule, number: int) -> dict[str, Any]:
    told = rule.model_dump(mode="json", by_alias=True, exclude_unset=True)
    names: dict[str, Any] = {key: f"{told[key]}-{number}" for key in ("id", "replaced_by") if key in told}
    return {**told, **names}


def write_pack(folder: Path, size: int) -> None:
    """Write the shipped rules and copies of them, so many rules in all, as files of YAML."""
    copytree(shipped_rules(), folder, dirs_exist_ok=True)
    more = islice(copies(), max(0, size - len(load_shipped().heads)))
    for number in count():
        rules = list(islice(more, FILE))
        if not rules:
            return
        text = yaml.dump({"rules": rules}, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
        (folder / f"copies-{number:03}.yaml").write_text(text, encoding="utf-8")


def best(work: Callable[[], Value], rounds: int = ROUNDS) -> tuple[float, Value]:
    """Return the least CPU time of some rounds, in seconds, and what the last one gave."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        value = work()
        times.append(time.process_time() - start)
    return min(times), value


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rules", type=int, default=10_000)
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        folder, file = Path(place) / "pack", Path(place) / "pack.rules"
        write_pack(folder, options.rules)
        texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.yaml")]
        parsing, _ = best(lambda: [read_yaml(text, "") for text in texts], 1)
        loading, plain = best(lambda: load_rules([folder]), 1)
        deriving, _ = best(lambda: Cleaner(plain), 1)
        writing, size = best(lambda: write_compiled(plain, file), 1)
        reading, compiled = best(lambda: read_compiled(file))
        choosing, chosen = best(lambda: choose(compiled, (), ()))
        naming, digest = best(lambda: choose(compiled, (), ()).digest)
        assert compiled.held.read == 0
        making, _ = best(lambda: Cleaner(read_compiled(file)))
        sending, _ = best(lambda: pickle.loads(pickle.dumps(chosen)))
        assert (compiled.digest, digest) == (plain.digest, choose(plain, (), ()).digest)
    table = Table()
    table.add_column(f"{len(plain.heads)} rules, compiled {size / 1e6:.2f} MB")
    table.add_column("CPU ms", justify="right")
    for what, seconds in (
        ("YAML: parse", parsing),
        ("YAML: parse, validate, check", loading),
        ("YAML: make a cleaner", deriving),
        ("compile: derive what a cleaner needs, and write the file", writing),
        ("compiled: read", reading),
        ("compiled: choose the rules that run", choosing),
        ("compiled: choose, and name them by a digest", naming),
        ("compiled: read, and make a cleaner", making),
        ("compiled: send to another process and back", sending),
    ):
        table.add_row(what, f"{1000 * seconds:,.1f}")
    Console(width=80).print(table)


if __name__ == "__main__":
    main()
