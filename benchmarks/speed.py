"""Measure what cleaning text costs, beside floors, peers and a naive loop, all in one run; print ratios and targets.

Usage: python -m benchmarks.speed [--megabytes 40] [--sizes 50 500 5000 10000] [--rounds 5] [--data DIR] [--profile]

All measures are CPU time of one thread (`time.process_time`), medians of rounds, each round taking every work in turn
from another starting point, so that a busy machine favours none; only ratios compare between machines. Slow works get
a part of the corpus. `--jobs` is wall time and wants two idle cores.

The answer is checked: all engines must make the same cuts, those of the naive oracle on a sample, none in the clean
corpus, one title in each document that opens with it, and of the noisy corpus every line that was put in for a rule.
Exits with 1 where an answer is wrong; a missed target is printed, and is no error.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import logging
import pstats
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from inspect import signature
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.corpora import Corpus, clean, noisy, real, titled
from benchmarks.packs import Pack, Shares, make_packs, text_rules
from benchmarks.peers import FINEWEB, PEERS, line_loop
from benchmarks.processes import clean_apart, knows, repeat
from cleaner.bulk.batch import Job
from cleaner.bulk.run import Run, work_here
from cleaner.clean import Cleaner
from cleaner.errors import CleanerError
from cleaner.io.inputs import find_inputs
from cleaner.io.write import Output
from cleaner.model import Document
from cleaner.rules.load import Ruleset, load_shipped

ENGINES: Mapping[str, str] = {"portable": "portable", "accelerated": "hyperscan"}
"""The columns of the tables, and the engine that `Cleaner` knows for each."""

SLOW = 0.4  # megabytes for peers
LOOPED = 0.1  # megabytes for the naive loop
SAMPLE = 12  # documents that the naive oracle sees, a pack
LEAST_SPLIT = 5.0  # megabytes of splitting in one turn: less cannot be timed
SHIPPED = 0
"""Stands for the shipped rules among the sizes of packs."""

Make = Callable[[Ruleset], Cleaner]


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
JOBS = Target("--jobs 2 against 1, wall time", False, {"portable": 1.8, "accelerated": 1.8}, "x")
MEMORY = Target("peak memory of a process, MB", True, {"portable": 300, "accelerated": 300})
TARGETS = (FLAT, LOOP, SPLIT, JSONL, PEER, JOBS, MEMORY)


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
    for turn in range(rounds):
        shift = turn * len(works) // rounds
        for work in (*works[shift:], *works[:shift]):
            gc.collect()  # or the garbage of one is swept in the time of the next
            began = time.process_time()
            work.do()
            taken[work.name].append(work.megabytes / max(1e-9, time.process_time() - began))
            step()
    return {name: median(rates) for name, rates in taken.items()}


def drain(cleaner: Cleaner, documents: Sequence[Document]) -> None:
    """Clean all documents and keep nothing."""
    deque(cleaner.pipe(documents), maxlen=0)


def each(work: Callable[[str], object], texts: Sequence[str]) -> None:
    """Treat one text after the other."""
    for text in texts:
        work(text)


def split(texts: Sequence[str], times: int) -> None:
    """Split texts into lines, so many times."""
    for _ in range(times):
        for text in texts:
            text.split("\n")


def clean_file(cleaner: Cleaner, source: Path, target: Path) -> None:
    """Clean a file of records into another, as `cleaner clean` does."""
    with Output(str(target), inputs=[str(source)]) as output:
        Run(output).take(find_inputs([str(source)]), work_here(Job(cleaner, output.shape)))


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


def other_works(corpus: Corpus, loop: Callable[[str], object]) -> Iterator[Work]:
    """Yield the floor, the naive loop and the peers that are installed."""
    texts = [document.text for document in corpus.documents]
    size = size_of(texts)
    times = max(1, round(LEAST_SPLIT / size))
    yield Work("str.split", partial(split, texts, times), size * times)
    few = upto(corpus, LOOPED)
    yield Work("naive loop", partial(each, loop, few), size_of(few))
    some = upto(corpus, SLOW)
    for peer in PEERS.values():
        if not peer.missing:
            work = peer.make()
            work(some[0])  # imports and models are paid once
            yield Work(peer.name, partial(each, work, some), size_of(some))


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
    """Count the cuts of each engine; return a row of figures, and what is wrong with them.

    Where a document's cuts are known they must be just that many; a sample must come out as the oracle has it.
    """
    held = {rule.id for rule in pack.ruleset.rules}
    loose = corpus.loose
    known = sum(sum(rule in held for rule in rules) for rules in corpus.marks.values())
    known += len(corpus.documents) if corpus.name.endswith("titled") else 0
    exact = dict.fromkeys(cleaners, 0)
    total = dict.fromkeys(cleaners, 0)
    told = bool(corpus.marks) or corpus.name.startswith("clean")
    faults: list[str] = []
    first = next(iter(cleaners))
    cuts: dict[int, tuple[object, ...]] = {}
    for engine, cleaner in cleaners.items():
        for at, cleaned in enumerate(cleaner.pipe(corpus.documents)):
            total[engine] += len(cleaned.cuts)
            exact[engine] += 0 if at in loose else len(cleaned.cuts)
            seen = (cleaned.cuts, cleaned.title, cleaned.flags)
            if engine == first:
                cuts[at] = seen
            elif seen != cuts[at]:
                faults.append(f"{corpus.name}: {engine} differs from {first} on {cleaned.document.id}")
        if told and exact[engine] != known:
            faults.append(f"{corpus.name}, {engine}: {exact[engine]} cuts where {known} are known")
    sample = [*corpus.marks, *sorted(loose), *range(0, len(corpus.documents), max(1, len(corpus.documents) // SAMPLE))]
    sample = sample[:: max(1, len(sample) // SAMPLE)] if naive else []
    for at in sample:
        assert naive is not None
        cleaned = naive.clean_document(corpus.documents[at])
        if (cleaned.cuts, cleaned.title, cleaned.flags) != cuts[at]:
            faults.append(f"{corpus.name}: {first} differs from the oracle on {cleaned.document.id}")
    return [*(f"{total[engine]:,}" for engine in cleaners), f"{known:,}" if told else "", str(len(sample))], faults


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


def run_processes(corpus: Corpus, folder: Path, gigabytes: float, console: Console) -> dict[Target, float]:
    """Run the command line with one and two processes, and over a large file; both with the shipped rules."""
    found: dict[Target, float] = {}
    small, large, out = folder / "small.jsonl", folder / "large.jsonl", folder / "out.jsonl"
    lines = records(corpus)
    jobs = knows("--jobs")
    if jobs:
        repeat(lines, small, max(corpus.bytes, gigabytes * 1e8))
        one, two = (clean_apart(small, out, "--jobs", count).seconds for count in ("1", "2"))
        found[JOBS] = one / two
        small.unlink()
    else:
        console.print("the command line has no --jobs: not measured")
    if gigabytes:
        count = repeat(lines, large, gigabytes * 1e9)
        run = clean_apart(large, out, *(("--jobs", "2") if jobs else ()))
        found[MEMORY] = max(run.peaks) / 1e6
        console.print(f"{gigabytes:g} GB, {count:,} records: {run.seconds:.0f} s, {len(run.peaks)} processes")
    for path in (large, out):
        path.unlink(missing_ok=True)
    return found


def ratios(
    rates: Mapping[str, float], sizes: Sequence[int], columns: Sequence[str]
) -> Iterator[tuple[Target, str, float]]:
    """Yield the ratios that follow from the rates, by engine."""
    least, most = min(sizes), max(sizes)
    for engine in columns:
        at_most = rates[_name("clean", engine, most)]
        yield FLAT, engine, rates[_name("clean", engine, least)] / at_most
        yield LOOP, engine, at_most / rates["naive loop"]
        yield SPLIT, engine, at_most / rates["str.split"]
        yield JSONL, engine, rates[f"JSONL, {engine}"] / rates["JSONL untouched"]
        if FINEWEB in rates:
            yield PEER, engine, rates[_name("clean", engine, SHIPPED)] / rates[FINEWEB]


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
    """Draw MB/s of every work, and its share of the floor."""
    table = Table("work", title="CPU time, one thread, medians", title_justify="left")
    for column in ("MB/s", "of str.split"):
        table.add_column(column, justify="right")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.2f}", f"{rate / rates['str.split']:.4f}")
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
    parser.add_argument("--no-processes", action="store_true", help="measure neither --jobs nor memory")
    parser.add_argument("--no-oracle", action="store_true", help="do not compare with the naive oracle, which is slow")
    parser.add_argument("--profile", action="store_true", help="also show where the time goes")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, check and print; return the exit code."""
    options = parse(arguments)
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    logging.disable(logging.CRITICAL)  # what the libraries log would be timed as well
    makers = {name: make for name, make in engines().items() if name in (options.engines or ENGINES)}
    for column in options.engines or ENGINES:
        if column not in makers:
            console.print(f"the engine {column} is not there: not measured")
    if not makers:
        return 1
    for peer in PEERS.values():
        if peer.missing:
            console.print(f"{peer.name} is not measured: no {peer.missing}; pip install -e '.\\[bench]'")
    sizes = sorted(set(options.sizes))
    progress = Progress(console=Console(stderr=True), transient=True)
    with progress, TemporaryDirectory(prefix="cleaner-speed-", dir=options.folder) as name:
        return _run(options, sizes, makers, Path(name), console, progress)


def _run(
    options: argparse.Namespace,
    sizes: Sequence[int],
    makers: Mapping[str, Make],
    folder: Path,
    console: Console,
    progress: Progress,
) -> int:
    task = progress.add_task("packs and corpora", total=None)
    packs = dict(make_packs(tuple(sizes)))
    console.print(share_table(packs))
    hosts = sorted({host for rule in text_rules() for host in rule.scope.hosts})
    articles = clean(options.megabytes, hosts)
    corpora = [articles, titled(articles), noisy(articles, packs[max(sizes)].marks)]
    reals = list(real(options.data, max(0.2, options.megabytes / 20)))
    progress.update(task, description="compiling rules")
    rulesets = {SHIPPED: load_shipped(), **{size: pack.ruleset for size, pack in packs.items()}}
    cleaners = {(engine, size): make(rules) for engine, make in makers.items() for size, rules in rulesets.items()}
    ends = {key: cleaner for key, cleaner in cleaners.items() if key[1] in (min(sizes), max(sizes))}
    works = [
        *other_works(articles, line_loop(packs[max(sizes)].ruleset)),
        *text_works(articles, cleaners),
        *(work for corpus in (*corpora[1:], *reals) for work in text_works(corpus, ends)),
        *file_works(articles, {engine: cleaners[engine, max(sizes)] for engine in makers}, folder),
    ]
    progress.update(task, description="measuring", total=len(works) * options.rounds)
    rates = measure(works, options.rounds, lambda: progress.advance(task))
    console.print(rate_table(rates))
    faults = _check_all(options, packs, (*corpora, *reals), cleaners, console, progress)
    found = {(target, engine): value for target, engine, value in ratios(rates, sizes, list(makers))}
    if not options.no_processes:
        progress.update(task, description="processes", total=None)
        found |= {
            (target, engine): value
            for target, value in run_processes(articles, folder, options.gigabytes, console).items()
            for engine in makers
        }
    console.print(target_table(found, sizes, list(makers)))
    if options.profile:
        for corpus in (corpora[0], corpora[2]):
            for engine in makers:
                console.print(profile(engine, cleaners[engine, max(sizes)], corpus))
    for fault in faults:
        console.print(f"[red]wrong:[/] {fault}")
    return 1 if faults else 0


def _check_all(
    options: argparse.Namespace,
    packs: Mapping[int, Pack],
    corpora: Sequence[Corpus],
    cleaners: Mapping[tuple[str, int], Cleaner],
    console: Console,
    progress: Progress,
) -> list[str]:
    """Check the cuts of every corpus with the smallest and the largest pack, those of the noisy one with all."""
    columns = list(dict.fromkeys(engine for engine, _ in cleaners))
    table = Table("corpus", "rules", title="cuts", title_justify="left")
    for column in (*columns, "known", "as the oracle"):
        table.add_column(column, justify="right")
    faults: list[str] = []
    task = progress.add_task("checking", total=len(packs) * len(corpora))
    for size, pack in packs.items():
        naive = None if options.no_oracle else Cleaner(pack.ruleset, naive=True)
        for corpus in corpora:
            progress.advance(task)
            if size in (min(packs), max(packs)) or corpus.marks:
                row, wrong = check(corpus, pack, {engine: cleaners[engine, size] for engine in columns}, naive)
                table.add_row(corpus.name, f"{size:,}", *row)
                faults += wrong
    console.print(table)
    return faults


def _name(corpus: str, engine: str, size: int) -> str:
    rules = f"{size:,} rules" if size != SHIPPED else "shipped rules"
    return f"{corpus}, {engine}, {rules}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CleanerError as error:
        sys.exit(f"benchmarks.speed: {error}")
