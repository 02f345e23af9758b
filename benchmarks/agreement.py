"""Compare the figures of this benchmark with those of a reference scorer, to four digits.

Usage: python -m benchmarks.agreement SCORER DATA... --run FOLDER [--data FOLDER] [--peer NAME]...
       python -m benchmarks.agreement SCORER DATA --texts CLEANED.jsonl

SCORER is a program called as `SCORER html|dumps GOLD CLEANED` that prints its figures, CLEANED being JSON Lines of `id`
and `text`. With `--run` the figures are those in the folder's `results.json` and the texts those that the run kept, of
every set of every track of DATA; with `--texts` both are those of the file. Ends with 1 where a figure differs.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.table import Table

from cleaner.bench.case import Case, Labels
from cleaner.bench.judge import Judge
from cleaner.bench.measure import class_rows, classes_of, reckon
from cleaner.bench.sets import read_set, set_name
from cleaner.errors import CleanerError, InputError
from cleaner.io.stream import read_chunks, split_lines

Figures = dict[str, float]

_LINE = re.compile(r"^(token|4-gram|snippets)\s.*?precision=([\d.]+) recall=([\d.]+) f1=([\d.]+)", re.MULTILINE)
_PREFIX = {"token": "", "4-gram": "shingle_", "snippets": "snippet_"}
_CLASS = re.compile(r"^  (\w+)\s+tokens=\s*\d+ removed=([\d.]+)", re.MULTILINE)
_TOTAL = re.compile(r"noise removed=([\d.]+) mean over \d+ sources=([\d.]+) body lost=([\d.]+)")
_UNTOUCHED = re.compile(r"clean documents untouched=(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold one figure as both reckon it; theirs is as it was printed."""

    where: str
    name: str
    theirs: str
    ours: float

    @property
    def agrees(self) -> bool:
        """Tell whether ours, printed like theirs, differs by rounding at most."""
        digits = len(self.theirs.partition(".")[2])
        return abs(float(self.theirs) - self.ours) <= 0.500001 * 10**-digits


def read_printed(printed: str) -> dict[str, str]:
    """Read the figures that the reference prints, under the names of our measures.

    >>> read_printed("token   n=2 precision=0.5000 recall=1.0000 f1=0.6667")
    {'precision': '0.5000', 'recall': '1.0000', 'f1': '0.6667'}
    """
    found = {}
    for kind, *values in _LINE.findall(printed):
        names = (_PREFIX[kind] + name for name in ("precision", "recall", "f1"))
        found |= dict(zip(names, values, strict=True))
    found |= {f"class:{label}": removed for label, removed in _CLASS.findall(printed)}
    if total := _TOTAL.search(printed):
        found |= dict(zip(("noise_removed", "noise_removed_mean", "body_lost"), total.groups(), strict=True))
    untouched = _UNTOUCHED.search(printed)
    if untouched and int(untouched[2]):
        found["untouched"] = f"{int(untouched[1]) / int(untouched[2]):.4f}"
    return found


def ask(scorer: Path, gold: Path, texts: Mapping[str, str], kind: str) -> dict[str, str]:
    """Let the reference score texts. Raises `InputError` where it fails."""
    with TemporaryDirectory() as folder:
        cleaned = Path(folder, "cleaned.jsonl")
        cleaned.write_bytes(b"".join(orjson.dumps({"id": id, "text": text}) + b"\n" for id, text in texts.items()))
        done = subprocess.run([sys.executable, scorer, kind, gold, cleaned], capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"{scorer} failed on {gold}: {done.stderr.strip().splitlines()[-1:]}")
    return read_printed(done.stdout)


def reckon_here(cases: Sequence[Case], texts: Mapping[str, str]) -> Figures:
    """Reckon the figures of some texts, those of classes too."""
    rows = [Judge(case, aligned=False).score(texts.get(case.id, "")) for case in cases]
    figures = reckon(rows, [case.site for case in cases])
    for label in classes_of(rows):
        noise = class_rows(rows, label)
        figures[f"class:{label}"] = reckon(noise, [label] * len(noise))["noise_removed"]
    return figures


def pair(where: str, theirs: Mapping[str, str], ours: Figures) -> list[Pair]:
    """Pair the figures that both have. Raises `InputError` where the reference has one that is missing here."""
    if lacking := sorted(theirs.keys() - ours.keys()):
        raise InputError(f"{where}: the results have no {', '.join(lacking)}")
    return [Pair(where, name, value, ours[name]) for name, value in theirs.items()]


def pairs_of_texts(scorer: Path, gold: Path, path: Path) -> list[Pair]:
    """Score one file of texts both ways."""
    cases = list(read_set(gold))
    records = [orjson.loads(line.raw) for line in split_lines(read_chunks(str(path))) if line.raw.strip()]
    texts = {str(record["id"]): record.get("text") or "" for record in records}
    return pair(set_name(gold), ask(scorer, gold, texts, _kind(cases)), reckon_here(cases, texts))


def pairs_of_run(
    scorer: Path, data: Sequence[str], folder: Path, peers: Sequence[str], data_folder: str | None = None
) -> Iterator[Pair]:
    """Score the texts that a run kept, and compare with what it wrote."""
    from cleaner.bench.output import ANSWERS, RESULTS
    from cleaner.bench.peers import find_peers
    from cleaner.bench.plan import INJECTED, find_tracks
    from cleaner.bench.results import read_results
    from cleaner.bench.run import answer_of
    from cleaner.bench.store import Store

    results = read_results(folder / RESULTS)
    with Store(folder / ANSWERS, afresh=False) as store:
        for sources in find_tracks(data, data_folder):
            track = results.track(sources.name)
            if track is None or sources.kind == "seeds" or sources.kind in INJECTED:
                continue
            for path in sources.paths:
                cases = list(read_set(path))
                for name in peers or [one.peer for one in track.peers]:
                    peer = next(peer for peer in find_peers([name]) if peer.takes == sources.surface)
                    texts = {case.id: answer_of(store, case, sources.form, peer) for case in cases}
                    theirs = ask(scorer, path, texts, _kind(cases))
                    written = figures_of(track.groups, set_name(path), name)
                    told = {key: value for key, value in theirs.items() if not key.startswith("class:")}
                    yield from pair(f"{track.name}, {set_name(path)}, {name}", told, written)


def figures_of(groups: Sequence, name: str, peer: str) -> Figures:
    """Return what a run wrote of one set and peer."""
    return next((group.values[peer] for group in groups if (group.by, group.name) == ("set", name)), {})


def _kind(cases: Sequence[Case]) -> str:
    return "dumps" if isinstance(cases[0].gold, Labels) else "html"


def tabulate(pairs: Sequence[Pair]) -> Table:
    """Draw the figures side by side."""
    table = Table("where", "figure", "theirs", "ours", "")
    for one in pairs:
        table.add_row(one.where, one.name, one.theirs, f"{one.ours:.6f}", "" if one.agrees else "differs")
    return table


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scorer", type=Path)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--data", dest="folder", metavar="FOLDER", help="where the sets of a plan are")
    parser.add_argument("--run", type=Path, metavar="FOLDER")
    parser.add_argument("--texts", type=Path, metavar="CLEANED")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME")
    options = parser.parse_args()
    if (options.run is None) == (options.texts is None):
        parser.error("give either --run or --texts")
    if options.run:
        pairs = list(pairs_of_run(options.scorer, options.data, options.run, options.peer, options.folder))
    else:
        found = (pairs_of_texts(options.scorer, Path(path), options.texts) for path in options.data)
        pairs = list(chain.from_iterable(found))
    Console(width=140).print(tabulate(pairs))
    differing = [one for one in pairs if not one.agrees]
    print(f"{len(pairs)} figures, {len(differing)} differ")
    sys.exit(bool(differing) or not pairs)


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.agreement: {error}")
