"""Measure what cleaning text costs, beside floors, peers and a naive loop, all in one run; print ratios and targets.

Usage: python -m benchmarks.speed [--megabytes 40] [--sizes 50 500 5000 10000] [--rounds 5] [--data DIR] [--profile]
       [--engines portable] [--part text files processes peers]

All measures are CPU time of one thread (`time.process_time`), medians of rounds, each round taking every work in turn
from another starting point, so that a busy machine favours none; only ratios compare between machines. Slow works get
a part of the corpus. `--jobs` is wall time and wants two idle cores.

The answer is checked first: all engines must make the same cuts, those of the naive oracle on a sample, none in the
clean corpus, one title in each document that opens with it, and of the noisy corpus every line that was put in for a
rule. So every cleaner has read a corpus before it is measured: a pattern is compiled when it is first used.

Exits with 1 where an answer is wrong; a missed target is printed, and is no error.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import logging
import os
import pstats
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from benchmarks.corpora import Corpus, clean, noisy, real, titled
from benchmarks.packs import Pack, Shares, make_packs, shipped_pack, text_rules
from benchmarks.peers import FINEWEB, PEERS, as_case, line_loop
from benchmarks.processes import clean_apart, knows, repeat
from cleaner.bench.peer import Peer
from cleaner.bulk.batch import Job
from cleaner.bulk.plan import whole
from cleaner.bulk.run import Run, Whole, work_here
from cleaner.clean import Cleaner
from cleaner.errors import CleanerError
from cleaner.io.inputs import find_inputs
from cleaner.io.write import Output
from cleaner.model import Cleaned, Document
from cleaner.rules.load import Ruleset, load_shipped

ENGINES: Mapping[str, str] = {"portable": "portable", "accelerated": "hyperscan"}
"""The columns of the tables, and the engine that `Cleaner` knows for each."""

SLOW = 0.4  # megabytes for peers
LOOPED = 0.1  # megabytes for the naive loop
MOST_BUSY = 0.5  # processes that run besides while wall time is measured
STARTS = 2  # runs on an empty file, of which the faster counts
GLANCED = 40  # documents that are glanced at together
SAMPLE = 12  # documents that the naive oracle sees, a pack
LEAST_SPLIT = 5.0  # megabytes of splitting in one turn: less cannot be timed
SHOWN = 60  # code points of a line that should have stayed
TITLE = "title"
"""Stands for a rule where the title is moved."""
SHIPPED = 0
"""Stands for the shipped rules among the sizes of packs."""

Item = TypeVar("Item")
Make = Callable[[Ruleset], Cleaner]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Work:
    """Name something to measure, and say how many megabytes one turn of it treats."""

    name: str
    do: Callable[[], object]
    megabytes: float


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """Hold one ratio that must be reached: at most or at least, by engine."""

    name: str
    at_most: bool
    figures: Mapping[str, float]
    unit: str = ""


FLAT = Target("cost at {most} rules / at {least}, clean text", True, {"portable": 1.25, "accelerated": 1.15})
LOOP = Target("against the naive loop at {most} rules", False, {"portable": 200, "accelerated": 600}, "x")
SPLIT = Target("against str.split at {most} rules", False, {"portable": 0.10, "accelerated": 0.25})
JSONL = Target("JSONL at {most} rules, against untouched", False, {"portable": 0.35, "accelerated": 0.55})
PEER = Target("against FineWeb's filter, shipped rules", False, {"portable": 80, "accelerated": 200}, "x")
JOBS = Target("--jobs 2 against 1, wall time, whole run", False, {"portable": 1.8, "accelerated": 1.8}, "x")
JOBS_RUNNING = Target("--jobs 2 against 1, wall time less start-up", False, {"portable": 1.8, "accelerated": 1.8}, "x")
MEMORY = Target("peak memory of a process, MB", True, {"portable": 300, "accelerated": 300})
TARGETS = (FLAT, LOOP, SPLIT, JSONL, PEER, JOBS, JOBS_RUNNING, MEMORY)

PARTS = ("text", "files", "processes", "peers")
"""The pieces that can be run apart."""

NAIVE = "naive loop"


def engines() -> dict[str, Make]:
    """Return the engines that are there, by column."""
    if "engine" not in signature(Cleaner.__init__).parameters:
        return {"portable": Cleaner}
    found: dict[str, Make] = {}
    probe = load_shipped().only((), ())
    for column, name in ENGINES.items():
        make: Make = partial(Cleaner, engine=name)
        try:
            make(probe)
        except (CleanerError, ImportError):
            continue
        found[column] = make
    return found


def measure(works: Sequence[Work], rounds: int, step: Callable[[], object]) -> dict[str, float]:
    """Return MB/s of CPU time of each work, the median of some rounds."""
    taken: dict[str, list[float]] = {work.name: [] for work in works}
    with settled_heap():
        for turn in range(rounds):
            shift = turn * len(works) // rounds
            for work in (*works[shift:], *works[:shift]):
                gc.collect()  # or the garbage of one is swept in the time of the next
                began = time.process_time()
                work.do()
                taken[work.name].append(work.megabytes / max(1e-9, time.process_time() - began))
                step()
    return {name: median(rates) for name, rates in taken.items()}


@contextmanager
def settled_heap() -> Iterator[None]:
    """Leave out of garbage collection what is there now: no work shall pay for the corpora and cleaners of others."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def drain(cleaner: Cleaner, documents: Sequence[Document]) -> None:
    """Clean all documents and keep nothing."""
    deque(cleaner.pipe(documents), maxlen=0)


def each(work: Callable[[Item], object], items: Iterable[Item]) -> None:
    """Treat one after the other."""
    for item in items:
        work(item)


def split(texts: Sequence[str], times: int) -> None:
    """Split texts into lines, so many times."""
    for _ in range(times):
        for text in texts:
            text.split("\n")


def clean_file(cleaner: Cleaner, source: Path, target: Path) -> None:
    """Clean a file of records into another, as `cleaner clean` does."""
    with Output(str(target), inputs=[str(source)]) as output:
        streams = whole(find_inputs([str(source)]))
        Run(Whole(output, streams)).take(streams, work_here(Job(cleaner, output.shape)))


def copy_file(source: Path, target: Path) -> None:
    """Read and write every record of a file, and change nothing."""
    with source.open("rb") as file, target.open("wb") as out:
        for line in file:
            out.write(orjson.dumps(orjson.loads(line)) + b"\n")


def records(corpus: Corpus) -> list[bytes]:
    """Write documents as JSON lines."""
    return [
        orjson.dumps({"id": doc.id, "url": doc.url, "lang": doc.lang, "title": doc.title, "text": doc.text}) + b"\n"
        for doc in corpus.documents
    ]


def upto(corpus: Corpus, megabytes: float) -> list[str]:
    """Return as many texts as come to so many megabytes, taken evenly."""
    step = max(1, int(corpus.bytes / 1e6 / megabytes))
    return [document.text for document in corpus.documents[::step]]


def size_of(texts: Sequence[str]) -> float:
    """Return the megabytes of texts in UTF-8."""
    return sum(len(text.encode("utf-8", "replace")) for text in texts) / 1e6


def text_works(corpus: Corpus, cleaners: Mapping[tuple[str, int], Cleaner]) -> Iterator[Work]:
    """Yield the cleaning of a corpus by each engine and pack."""
    for (engine, size), cleaner in cleaners.items():
        yield Work(_name(corpus.name, engine, size), partial(drain, cleaner, corpus.documents), corpus.bytes / 1e6)


def floor_work(corpus: Corpus) -> Work:
    """Return the splitting into lines, as often as takes long enough to be timed."""
    texts = [document.text for document in corpus.documents]
    size = size_of(texts)
    times = max(1, round(LEAST_SPLIT / size))
    return Work("str.split", partial(split, texts, times), size * times)


def loop_works(corpus: Corpus, ruleset: Ruleset) -> Iterator[Work]:
    """Yield the naive loops over lines."""
    few = upto(corpus, LOOPED)
    prepare = line_loop(ruleset)
    yield Work(NAIVE, partial(each, prepare("match"), few), size_of(few))
    yield Work(f"{NAIVE}, searching", partial(each, prepare("search"), few), size_of(few))


def peer_works(corpus: Corpus, say: Say, peers: Iterable[Peer] = PEERS) -> Iterator[Work]:
    """Yield the peers that are here, and say which are not."""
    some = upto(corpus, SLOW)
    cases = list(map(as_case, some))
    for peer in peers:
        if peer.missing:
            say(escape(f"{peer.name} is not measured: no {peer.missing}; pip install -e '.[bench]'"))
            continue
        try:
            work = peer.make()
            work(cases[0])  # imports and models are paid once
        except Exception as error:
            say(escape(f"{peer.name} is not measured: {type(error).__name__}: {error}"))
            continue
        yield Work(peer.name, partial(each, work, cases), size_of(some))


def file_works(corpus: Corpus, cleaners: Mapping[str, Cleaner], folder: Path) -> Iterator[Work]:
    """Yield JSON lines in and out: untouched, and cleaned by each engine."""
    source, size = folder / "in.jsonl", corpus.bytes / 1e6
    source.write_bytes(b"".join(records(corpus)))
    yield Work("JSONL untouched", partial(copy_file, source, folder / "copy.jsonl"), size)
    for engine, cleaner in cleaners.items():
        yield Work(f"JSONL, {engine}", partial(clean_file, cleaner, source, folder / "out.jsonl"), size)


def check(
    corpus: Corpus, pack: Pack, cleaners: Mapping[str, Cleaner], naive: Cleaner | None
) -> tuple[list[str], list[str]]:
    """Count the cuts of each engine, and the documents settled at a glance; return a row, and what is wrong with it.

    Where a document's cuts are known they must be just those; a sample must come out as the oracle has it.
    """
    held = frozenset(rule.id for rule in pack.ruleset.rules)
    told = bool(corpus.marks) or corpus.name.startswith("clean")
    total = dict.fromkeys(cleaners, 0)
    faults: list[str] = []
    first = next(iter(cleaners))
    cuts: dict[int, tuple[object, ...]] = {}
    for engine, cleaner in cleaners.items():
        for at, cleaned in enumerate(cleaner.pipe(corpus.documents)):
            total[engine] += len(cleaned.cuts)
            seen = (cleaned.cuts, cleaned.title, cleaned.flags)
            if engine == first:
                cuts[at] = seen
            elif seen != cuts[at]:
                faults.append(f"{corpus.name}: {engine} differs from {first} on {cleaned.document.id}")
            if told and at not in corpus.loose:
                about = f"{corpus.name}, {engine}, {cleaned.document.id}"
                faults += (f"{about}: {wrong}" for wrong in judge(cleaned, planted(corpus, at), held))
    sample = [*corpus.marks, *sorted(corpus.loose)]
    sample += range(0, len(corpus.documents), max(1, len(corpus.documents) // SAMPLE))
    sample = sample[:: max(1, len(sample) // SAMPLE)] if naive else []
    for at in sample:
        assert naive is not None
        cleaned = naive.clean_document(corpus.documents[at])
        if (cleaned.cuts, cleaned.title, cleaned.flags) != cuts[at]:
            faults.append(f"{corpus.name}: {first} differs from the oracle on {cleaned.document.id}")
    known = sum(
        rule == TITLE or rule in held for at in range(len(corpus.documents)) for rule in planted(corpus, at).values()
    )
    shown = [*(f"{total[engine]:,}" for engine in cleaners), f"{known:,}" if told else "", str(len(sample))]
    return [*shown, f"{settled(cleaners[first], corpus.documents) / max(1, len(corpus.documents)):.0%}"], faults


def planted(corpus: Corpus, at: int) -> dict[str, str]:
    """Return the lines of a document that may be cut, each with the rule that must cut it; a title goes without any."""
    if corpus.name.endswith("titled"):
        return {corpus.documents[at].text.split("\n", 1)[0]: TITLE}
    return {mark.text: mark.rule for mark in corpus.marks.get(at, ())}


def judge(cleaned: Cleaned, lines: Mapping[str, str], held: Container[str]) -> Iterator[str]:
    """Say which lines stayed that a rule at hand must cut, and what went that is none of the lines."""
    gone = {line for cut in cleaned.cuts for line in cut.text.split("\n") if line.strip()}
    for line, rule in lines.items():
        if line not in gone and (rule == TITLE or rule in held):
            yield f"{rule} did not cut {line!r}"
    for line in sorted(gone - lines.keys()):
        yield f"{line[:SHOWN]!r} was cut"


def settled(cleaner: Cleaner, documents: Sequence[Document]) -> int:
    """Return how many documents are settled at a glance: those in which no rule can match."""
    groups = (documents[at : at + GLANCED] for at in range(0, len(documents), GLANCED))
    return sum(isinstance(found, Cleaned) for group in groups for found in cleaner.glance(group))


def profile(engine: str, cleaner: Cleaner, corpus: Corpus, rows: int = 12) -> Table:
    """Draw where the time goes: modules by their own time and that of the built-in functions they call, with the first of both."""
    profiler = cProfile.Profile(time.process_time)
    profiler.enable()
    drain(cleaner, corpus.documents)
    profiler.disable()
    modules: Counter[str] = Counter()
    parts: dict[str, Counter[str]] = {}
    for (path, _, name), (_, _, own, _, callers) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]
        spent = {path: own} if path != "~" else {}
        for (caller, _, _), (_, _, share, _) in callers.items() if path == "~" else ():
            spent[caller] = spent.get(caller, 0.0) + share
        for place, seconds in spent.items():
            module = "/".join(Path(place).with_suffix("").parts[-2:])
            modules[module] += seconds
            parts.setdefault(module, Counter())[name.strip("<>").removeprefix("built-in method ")] += seconds
    whole = sum(modules.values()) or 1.0
    title = f"where the time goes: {_name(corpus.name, engine, len(cleaner.ruleset.rules))}"
    table = Table("module", title=title, title_justify="left")
    table.add_column("share", justify="right")
    table.add_column("most of it in")
    for module, seconds in modules.most_common(rows):
        most = ", ".join(f"{name} {part / whole:.1%}" for name, part in parts[module].most_common(3))
        table.add_row(module, f"{seconds / whole:.1%}", most)
    return table


def run_processes(corpus: Corpus, folder: Path, gigabytes: float, console: Console, say: Say) -> dict[Target, float]:
    """Run the command line with one and two processes, and over a large file; both with the shipped rules."""
    found: dict[Target, float] = {}
    small, large, out = folder / "small.jsonl", folder / "large.jsonl", folder / "out.jsonl"
    lines = records(corpus)
    if jobs := knows("--jobs"):
        repeat(lines, small, max(corpus.bytes, gigabytes * 2e8))
        found |= run_jobs(small, folder, console, say)
        small.unlink()
    else:
        console.print("the command line has no --jobs: not measured")
    if gigabytes:
        say(f"cleaning {gigabytes:g} GB")
        count = repeat(lines, large, gigabytes * 1e9)
        run = clean_apart(large, out, *(("--jobs", "2") if jobs else ()))
        found[MEMORY] = max(run.peaks) / 1e6
        console.print(f"{gigabytes:g} GB, {count:,} records: {run.seconds:.0f} s, {len(run.peaks)} processes")
    for path in (large, out):
        path.unlink(missing_ok=True)
    return found


def run_jobs(source: Path, folder: Path, console: Console, say: Say) -> dict[Target, float]:
    """Clean a file with one process and with two, and an empty one: that is what starting takes."""
    empty, out = folder / "empty.jsonl", folder / "out.jsonl"
    empty.write_bytes(b"")
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if busy > MOST_BUSY:
        console.print(f"the machine is busy (load {busy:.1f}): what --jobs gains will look smaller than it is")
    whole: dict[str, float] = {}
    start: dict[str, float] = {}
    for count in ("1", "2"):
        say(f"--jobs {count}")
        start[count] = min(clean_apart(empty, out, "--jobs", count).seconds for _ in range(STARTS))
        whole[count] = clean_apart(source, out, "--jobs", count).seconds
        console.print(
            f"--jobs {count}, {source.stat().st_size / 1e6:,.0f} MB: {whole[count]:.1f} s wall time, "
            f"{start[count]:.1f} s of it start-up (an empty file)"
        )
    running = {count: max(1e-9, whole[count] - start[count]) for count in whole}
    return {JOBS: whole["1"] / whole["2"], JOBS_RUNNING: running["1"] / running["2"]}


def ratios(
    rates: Mapping[str, float], sizes: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[Target, str, float]]:
    """Yield the ratios that follow from the rates there are, by engine."""
    least, most = min(sizes), max(sizes)
    for engine in columns:
        at_least, at_most, shipped = (_name("clean", engine, size) for size in (least, most, SHIPPED))
        for target, above, below in (
            (FLAT, at_least, at_most),
            (LOOP, at_most, NAIVE),
            (SPLIT, at_most, "str.split"),
            (JSONL, f"JSONL, {engine}", "JSONL untouched"),
            (PEER, shipped, FINEWEB.name),
        ):
            if above in rates and below in rates:
                yield target, engine, rates[above] / rates[below]


def target_table(found: Mapping[tuple[Target, str], float], sizes: Sequence[int], columns: Sequence[str]) -> Table:
    """Draw each ratio beside its target."""
    table = Table("ratio", title="what must show", title_justify="left")
    for engine in columns:
        for name in (engine, "target", ""):
            table.add_column(name, justify="right")
    for target in TARGETS:
        cells = []
        for engine in columns:
            value, goal = found.get((target, engine)), target.figures[engine]
            sign = "≤" if target.at_most else "≥"
            if value is None:
                cells += ["–", f"{sign} {goal:g}{target.unit}", "not measured"]
                continue
            passed = value <= goal if target.at_most else value >= goal
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
            cells += [
                shown + target.unit,
                f"{sign} {goal:g}{target.unit}",
                "[green]pass[/]" if passed else "[red]FAIL[/]",
            ]
        table.add_row(target.name.format(most=f"{max(sizes):,}", least=f"{min(sizes):,}"), *cells)
    return table


def rate_table(rates: Mapping[str, float]) -> Table:
    """Draw MB/s and nanoseconds a byte of every work, and its share of the floor."""
    table = Table("work", title="CPU time, one thread, medians", title_justify="left")
    for column in ("MB/s", "ns a byte", "of str.split"):
        table.add_column(column, justify="right")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.2f}", f"{1e3 / rate:,.1f}", f"{rate / rates['str.split']:.4f}")
    return table


def share_table(packs: Mapping[int, Pack]) -> Table:
    """Draw what the packs are made of."""
    table = Table("rules", title="packs (shares of rules; short phrases: share of phrases)", title_justify="left")
    measured = {size: Shares.of(pack.ruleset.rules) for size, pack in packs.items()}
    kinds = sorted({kind for shares in measured.values() for kind in shares.kinds})
    for column in (*kinds, "hosts", "terms", "patterns", "phrases", "length", "short"):
        table.add_column(column, justify="right")
    for size, shares in measured.items():
        parts = [f"{shares.kinds.get(kind, 0):.1%}" for kind in kinds]
        parts += [f"{share:.0%}" for share in (shares.bound, shares.termed, shares.patterned)]
        table.add_row(f"{size:,}", *parts, f"{shares.phrases:.1f}", f"{shares.length:.1f}", f"{shares.short:.0%}")
    return table


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=float, default=40.0, help="of the generated corpora, each")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[50, 500, 5000, 10000], metavar="N", help="rules of packs"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), help="those to measure instead of all there are")
    parser.add_argument(
        "--gigabytes", type=float, default=2.0, help="of the file for memory, written and deleted; 0: none"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="real dumps and pages, where it is there"
    )
    parser.add_argument("--folder", type=Path, help="where large files go for a while; else the system's own")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=list(PARTS), help="pieces to run instead of all")
    parser.add_argument("--no-oracle", action="store_true", help="do not compare with the naive oracle, which is slow")
    parser.add_argument("--profile", action="store_true", help="also show where the time goes")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, check and print; return the exit code."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    makers = {name: make for name, make in engines().items() if name in (options.engines or ENGINES)}
    for column in options.engines or ENGINES:
        if column not in makers:
            console.print(f"the engine {column} is not there: not measured")
    if not makers:
        return 1
    progress = Progress(console=Console(stderr=True), transient=True)
    with quiet(), progress, TemporaryDirectory(prefix="cleaner-speed-", dir=options.folder) as name:
        return Measurement(options, makers, Path(name), console, Teller(progress)).run()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep libraries from logging: it would be timed as well."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


class Teller:
    """Say what is being done: on one line of a terminal, or else a line each."""

    def __init__(self, progress: Progress):
        self.progress = progress
        self._task = progress.add_task("", total=None)

    def say(self, what: str, steps: int | None = None) -> None:
        """Say what is done from now on, in so many steps."""
        self.progress.update(self._task, description=what, completed=0, total=steps)
        if not self.progress.console.is_terminal:
            self.progress.console.print(f"... {what}", highlight=False, soft_wrap=True)

    def step(self) -> None:
        """Go on by a step."""
        self.progress.advance(self._task)


@dataclass(slots=True)
class Measurement:
    """Run the pieces asked for, with cleaners that are built once."""

    options: argparse.Namespace
    makers: Mapping[str, Make]
    folder: Path
    console: Console
    teller: Teller
    faults: list[str] = field(default_factory=list)

    @property
    def sizes(self) -> list[int]:
        """The sizes of packs, each once."""
        return sorted(set(self.options.sizes))

    def run(self) -> int:
        """Run the pieces; return the exit code."""
        parts, columns, sizes = self.options.part, list(self.makers), self.sizes
        self.teller.say("writing articles")
        articles = clean(self.options.megabytes, sorted({host for rule in text_rules() for host in rule.scope.hosts}))
        packs = self.packs()
        cleaners = self.cleaners(packs)
        corpora = [articles]
        if "text" in parts:
            corpora += [titled(articles), noisy(articles, [pack.marks for pack in packs.values()])]
            corpora += real(self.options.data, max(0.2, self.options.megabytes / 20))
            self.check(packs, corpora, cleaners)
        else:
            for cleaner in cleaners.values():
                drain(cleaner, articles.documents)
        works = list(self.works(packs, corpora, cleaners))
        self.teller.say("measuring", len(works) * self.options.rounds)
        rates = measure(works, self.options.rounds, self.teller.step) if works else {}
        if rates:
            self.console.print(rate_table(rates))
        found = {(target, engine): value for target, engine, value in ratios(rates, sizes, columns)}
        if "processes" in parts:
            told = run_processes(articles, self.folder, self.options.gigabytes, self.console, self.teller.say)
            found |= {(target, engine): value for target, value in told.items() for engine in columns}
        self.console.print(target_table(found, sizes, columns))
        if self.options.profile and "text" in parts:
            for corpus in (corpora[0], corpora[2]):
                for engine in columns:
                    self.console.print(profile(engine, cleaners[engine, max(sizes)], corpus))
        for fault in self.faults:
            self.console.print(f"[red]wrong:[/] {escape(fault)}", soft_wrap=True)
        return 1 if self.faults else 0

    def packs(self) -> Mapping[int, Pack]:
        """Make the packs that the pieces need, the shipped rules among them."""
        parts = self.options.part
        wanted = self.sizes if "text" in parts else self.sizes[-1:] if "files" in parts else []
        packs: dict[int, Pack] = {}
        if wanted:
            self.teller.say(f"making packs of {', '.join(f'{size:,}' for size in wanted)} rules")
            packs |= make_packs(tuple(wanted))
            self.console.print(share_table(packs))
        if {"text", "peers"} & {*parts}:
            packs[SHIPPED] = shipped_pack()
        return packs

    def cleaners(self, packs: Mapping[int, Pack]) -> dict[tuple[str, int], Cleaner]:
        """Build a cleaner of each pack with each engine."""
        found = {}
        for size, pack in packs.items():
            for engine, make in self.makers.items():
                self.teller.say(f"building a cleaner: {_rules(size)}, {engine}")
                found[engine, size] = make(pack.ruleset)
        return found

    def works(
        self, packs: Mapping[int, Pack], corpora: Sequence[Corpus], cleaners: Mapping[tuple[str, int], Cleaner]
    ) -> Iterator[Work]:
        """Yield what is to be measured."""
        parts, articles, least, most = self.options.part, corpora[0], self.sizes[0], self.sizes[-1]
        if {*parts} - {"processes"}:
            yield floor_work(articles)
        if "text" in parts:
            self.teller.say(f"compiling the naive loop: {_rules(most)}")
            yield from loop_works(articles, packs[most].ruleset)
        if "peers" in parts:
            self.teller.say("loading peers")
            yield from peer_works(articles, self.console.print)
        shipped = {key: cleaner for key, cleaner in cleaners.items() if key[1] == SHIPPED}
        yield from text_works(articles, cleaners if "text" in parts else shipped)
        ends = {key: cleaner for key, cleaner in cleaners.items() if key[1] in (least, most)}
        for corpus in corpora[1:]:
            yield from text_works(corpus, ends)
        if "files" in parts:
            yield from file_works(articles, {engine: cleaners[engine, most] for engine in self.makers}, self.folder)

    def check(
        self, packs: Mapping[int, Pack], corpora: Sequence[Corpus], cleaners: Mapping[tuple[str, int], Cleaner]
    ) -> None:
        """Check the cuts of every corpus with the smallest and the largest pack, of the noisy one with all; print them."""
        table = Table("corpus", "documents", "MB", "rules", title="cuts", title_justify="left")
        for column in (*self.makers, "known", "as the oracle", "settled at a glance"):
            table.add_column(column, justify="right")
        for size, pack in packs.items():
            naive = None
            if not self.options.no_oracle:
                self.teller.say(f"building the oracle: {_rules(size)}")
                naive = Cleaner(pack.ruleset, naive=True)
            wide = size in (self.sizes[0], self.sizes[-1])
            mine = [corpus for corpus in corpora if wide or corpus.marks or (size == SHIPPED and corpus is corpora[0])]
            self.teller.say(f"checking the cuts: {_rules(size)}", len(mine))
            for corpus in mine:
                row, wrong = check(corpus, pack, {engine: cleaners[engine, size] for engine in self.makers}, naive)
                count, megabytes = f"{len(corpus.documents):,}", f"{corpus.bytes / 1e6:,.1f}"
                table.add_row(corpus.name, count, megabytes, _rules(size).removesuffix(" rules"), *row)
                self.faults += [f"{_rules(size)}: {fault}" for fault in wrong]
                self.teller.step()
        self.console.print(table)


def _name(corpus: str, engine: str, size: int) -> str:
    return f"{corpus}, {engine}, {_rules(size)}"


def _rules(size: int) -> str:
    return f"{size:,} rules" if size != SHIPPED else "shipped rules"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CleanerError as error:
        sys.exit(f"benchmarks.speed: {error}")
