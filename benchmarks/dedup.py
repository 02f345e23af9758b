"""Measure how cleaning changes which near-duplicates are found: on the seeds, on injected syndication, and on dumps.

Usage: python -m benchmarks.dedup SEEDS LABELLED.jsonl [DUMP...] [--rules FOLDER] [--threshold 0.5] [--sheet 8]

A pair is found where the report has both documents in one cluster. What is true is told without the cleaner:

- *seeds*: the gold bodies share at least the threshold of their shingles.
- *syndication*: the gold body of each labelled dump is put into the pages of other sources of its language, in place of
  their own: their noise and metadata stay where they stood. The copies are whole, or edited as clients of an agency do,
  shortened from the end and here and there inside. A pair is true where the bodies put in share the threshold.
- *dumps*, where no gold is: pairs were read (`benchmarks/duplicates.jsonl`). `story` is the same story, as it was or
  taken further; `notice` the same notice in place of an article, `template` another story of the same form, `furniture`
  what the site prints around any. Of what was found both ways, raw only and cleaned only, the judged ones stand for
  the rest; recall counts the stories found either way. `--sheet` prints pairs that nobody has judged.

- *cost*: CPU microseconds for a text of 2,000 code points, with datasketch beside it where that is installed.

`--rules` measures exactly the rules of a folder. The shipped ones were written with the labelled dumps at hand.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import TypeVar

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import dump
from cleaner.bench.case import Case as Labelled
from cleaner.bench.sets import read_set
from cleaner.clean import Cleaner
from cleaner.duplicates.report import THRESHOLD, Record, find_duplicates
from cleaner.duplicates.shingles import shingle
from cleaner.duplicates.sketch import SEED, digest, load_minhash
from cleaner.model import Document
from cleaner.rules.load import load_rules

CARRIERS = 3
"""Pages of other sources that each body is put into."""

VERDICTS = Path(__file__).with_name("duplicates.jsonl")
SWEEP = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

LENGTH = 2000
"""Code points of the texts whose cost is measured."""

Pair = tuple[int, int]
Result = TypeVar("Result")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=\S)|(?<=[。！？])")
_LEFT_OUT = ("duplicate", "disputed")  # of a page: they hold its own body once more, or may
_SHORTEST = 60  # shingles of a body worth a copy


@dataclass(frozen=True, slots=True)
class Case:
    """Hold a document as it was scraped, its body where that is known, and the group it is counted in."""

    document: Document
    body: str
    group: str


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold the shares of true pairs raw and cleaned, and the pairs found on either side."""

    true: Mapping[Pair, tuple[float, float]]
    raw: frozenset[Pair]
    clean: frozenset[Pair]
    groups: Sequence[str]

    def of(self, group: str) -> Trial:
        """Return the part of one group: pairs whose first document is in it."""
        inside = {number for number, name in enumerate(self.groups) if name == group}
        raw, clean = (frozenset(p for p in pairs if p[0] in inside) for pairs in (self.raw, self.clean))
        return Trial({p: shares for p, shares in self.true.items() if p[0] in inside}, raw, clean, self.groups)


def shares_of(texts: Sequence[str]) -> list[frozenset[int]]:
    """Return the set of shingles of each text."""
    sets: list[frozenset[int]] = []
    for at in range(0, len(texts), 64):
        hashes, bounds = shingle(texts[at : at + 64])
        sets += [frozenset(hashes[a:b].tolist()) for a, b in pairwise(bounds)]
    return sets


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of all shingles that both have."""
    return len(one & other) / len(one | other) if one or other else 0.0


def find_pairs(texts: Sequence[str], threshold: float) -> frozenset[Pair]:
    """Return the pairs that the report puts into one cluster."""
    bodies = ((Record(str(number), ""), text) for number, text in enumerate(texts) if text.strip())
    clusters = (sorted(int(one.id) for one in found.documents) for found in find_duplicates(bodies, threshold))
    return frozenset(pair for members in clusters for pair in combinations(members, 2))


def try_cases(cases: Sequence[Case], cleaned: Sequence[str], threshold: float) -> Trial:
    """Compare all pairs of cases whose bodies are known."""
    bodies, raw, clean = (
        shares_of(texts) for texts in ([c.body for c in cases], [c.document.text for c in cases], cleaned)
    )
    true = {
        (a, b): (jaccard(raw[a], raw[b]), jaccard(clean[a], clean[b]))
        for a, b in combinations(range(len(cases)), 2)
        if jaccard(bodies[a], bodies[b]) >= threshold
    }
    texts = [case.document.text for case in cases]
    return Trial(true, find_pairs(texts, threshold), find_pairs(cleaned, threshold), [case.group for case in cases])


def read_seeds(folder: Path) -> list[Case]:
    """Read the seeds with their gold bodies."""
    paths = sorted(folder.glob("*.gold.json"))
    golds = [orjson.loads(path.read_bytes())["body"] for path in paths]
    texts = [path.with_name(path.name.replace(".gold.json", ".txt")).read_bytes().decode() for path in paths]
    return [
        Case(Document(path.name[:3], text), gold, "seeds") for path, text, gold in zip(paths, texts, golds, strict=True)
    ]


def syndicate(labelled: Sequence[Labelled], rng: Random, edited: bool) -> Iterator[Case]:
    """Put each body into pages of other sources of its language."""
    stories = [one for one in labelled if len(shingle([body_of(one)]).hashes) >= _SHORTEST]
    for story in stories:
        others = [one for one in stories if one.input.lang == story.input.lang and one.site != story.site]
        units = units_of(body_of(story))
        for carrier in rng.sample(others, min(CARRIERS, len(others))):
            taken = edit(units, rng) if edited else units
            text = wrap(carrier, taken)
            document = replace(carrier.input, id=f"{story.id} in {carrier.id}", text=text, title=None)
            yield Case(document, "\n".join(taken), carrier.id.split("/")[0])


def body_of(labelled: Labelled) -> str:
    """Return the body of a labelled document."""
    text = labelled.markup
    return "\n".join(text[start:end].strip() for start, end, label in labelled.gold.spans if label == "body")


def units_of(body: str) -> list[str]:
    """Split a body into paragraphs, or into sentences where no line end is left in it."""
    lines = [line.strip() for line in body.split("\n") if line.strip()]
    return lines if len(lines) > 3 else [part for line in lines for part in _SENTENCE_END.split(line) if part.strip()]


def edit(units: Sequence[str], rng: Random) -> list[str]:
    """Shorten a story from the end by up to three tenths, and leave out one unit in twenty of the rest."""
    kept = units[: max(1, round(len(units) * rng.uniform(0.7, 1)))]
    return [unit for number, unit in enumerate(kept) if not number or rng.random() > 0.05]


def wrap(carrier: Labelled, units: Sequence[str]) -> str:
    """Put a story where the body of a page stood; where noise stood between paragraphs it stands there again."""
    text = carrier.markup
    between = "\n" if "\n" in text.strip() else " "
    stretches = [(start, end, label) for start, end, label in sorted(carrier.gold.spans) if label not in _LEFT_OUT]
    bodies = [end - start for start, end, label in stretches if label == "body"]
    size, read, put = sum(bodies), 0, 0
    parts: list[str] = []
    for start, end, label in stretches:
        if label != "body":
            parts.append(text[start:end].strip())
            continue
        read += end - start
        upto = round(len(units) * read / size)
        parts += units[put:upto]
        put = upto
    return between.join(part for part in parts if part)


def measure_cost(labelled: Sequence[Labelled]) -> Table:
    """Tabulate what shingles and signatures of texts of one length cost, with 128 and 256 slots."""
    text = "\n".join(body_of(one) for one in labelled)
    texts = [text[at : at + LENGTH] for at in range(0, len(text) - LENGTH, LENGTH)]
    parts = [texts[at : at + 64] for at in range(0, len(texts), 64)]
    table = Table("of a text of 2,000 code points", "CPU, µs", title=f"cost, {len(texts)} texts")
    ready, spent = timed(lambda: [shingle(part) for part in parts])
    table.add_row("shingles", f"{spent / len(texts):.0f}")
    minhash = load_minhash().digest_matrix_from_flat_token_hashes
    for slots in (128, 256):
        _, spent = timed(lambda n=slots: [minhash(*part, n, SEED).to_rows() for part in ready])
        table.add_row(f"rensa, {slots} slots", f"{spent / len(texts):.0f}")
    try:
        from datasketch import MinHash
    except ImportError:
        return table
    few = [[one.tobytes() for one in hashes[a:b]] for hashes, bounds in ready[:4] for a, b in pairwise(bounds)]
    for slots in (128, 256):
        _, spent = timed(lambda n=slots: MinHash.bulk(few, num_perm=n))
        table.add_row(f"datasketch, {slots} slots", f"{spent / len(few):.0f}")
    return table


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what some work gives, and the CPU microseconds it took, the least of three times."""
    spent: list[float] = []
    for _ in range(3):
        before = time.process_time()
        given = work()
        spent.append(time.process_time() - before)
    return given, min(spent) * 1e6


def read_verdicts(path: Path) -> dict[tuple[str, str], str]:
    """Read what pairs were found to be, by the digests of their raw texts."""
    rows = map(orjson.loads, path.read_bytes().splitlines())
    return {_key(row["one"], row["other"]): row["verdict"] for row in rows}


def _key(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Count the pairs that were found in one way, those that were judged, and those that are one story."""

    pairs: int = 0
    judged: int = 0
    stories: int = 0

    @property
    def estimate(self) -> float:
        """Return how many of all the pairs are one story, the judged ones standing for the rest."""
        return self.pairs * self.stories / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what was found in a dump both ways, raw only and cleaned only."""

    both: Stratum
    raw: Stratum
    clean: Stratum


def try_dump(
    documents: Sequence[Document], cleaned: Sequence[str], verdicts: Mapping[tuple[str, str], str], threshold: float
) -> tuple[Found, Mapping[str, frozenset[Pair]]]:
    """Find the pairs of a dump, raw and cleaned, and count those that were judged."""
    raw, clean = (find_pairs(texts, threshold) for texts in ([document.text for document in documents], cleaned))
    names = [f"{digest(document.text):016x}" for document in documents]
    parts = {"both": raw & clean, "raw": raw - clean, "clean": clean - raw}

    def count(pairs: frozenset[Pair]) -> Stratum:
        told = [verdicts[key] for a, b in pairs if (key := _key(names[a], names[b])) in verdicts]
        return Stratum(len(pairs), len(told), told.count("story"))

    unread = {
        name: frozenset((a, b) for a, b in pairs if _key(names[a], names[b]) not in verdicts)
        for name, pairs in parts.items()
    }
    return Found(**{name: count(pairs) for name, pairs in parts.items()}), unread


def tabulate_found(rows: Sequence[tuple[str, Found]]) -> Table:
    """Tabulate pairs found, and what judged ones tell of precision and recall."""
    heads = ("", "found raw", "cleaned", "judged", "stories", "recall raw", "cleaned", "precision raw", "cleaned")
    table = Table(*heads, "raw only: stories", "cleaned only: stories", title="dumps")
    for name, found in [*rows, ("all", None)]:
        parts = [found] if found else [one for _, one in rows]
        both, raw, clean = (
            (
                sum(getattr(one, side).pairs for one in parts),
                sum(getattr(one, side).judged for one in parts),
                sum(getattr(one, side).estimate for one in parts),
            )
            for side in ("both", "raw", "clean")
        )
        stories = both[2] + raw[2] + clean[2]
        table.add_row(
            name,
            str(both[0] + raw[0]),
            str(both[0] + clean[0]),
            str(both[1] + raw[1] + clean[1]),
            f"{stories:.0f}",
            *(_share(both[2] + side[2], stories) for side in (raw, clean)),
            *(_share(both[2] + side[2], both[0] + side[0]) for side in (raw, clean)),
            *(f"{side[0]}: {side[2]:.0f}" for side in (raw, clean)),
        )
    return table


def tabulate(title: str, trials: Iterable[tuple[str, Trial]]) -> Table:
    """Tabulate recall and precision, raw and cleaned, and the false pairs that cleaning unmakes or makes."""
    table = Table(
        "",
        "true pairs",
        "recall raw",
        "cleaned",
        "precision raw",
        "cleaned",
        "false raw",
        "cleaned",
        "new",
        title=title,
    )
    for name, trial in trials:
        true = trial.true.keys()
        wrong_raw, wrong_clean = trial.raw - true, trial.clean - true
        table.add_row(
            name,
            str(len(true)),
            *(_share(len(found & true), len(true)) for found in (trial.raw, trial.clean)),
            *(_share(len(found & true), len(found)) for found in (trial.raw, trial.clean)),
            str(len(wrong_raw)),
            str(len(wrong_clean)),
            str(len(wrong_clean - wrong_raw)),
        )
    return table


def draw_shares(trial: Trial) -> Table:
    """Tabulate how much the true pairs share, by tenths, raw and cleaned."""
    table = Table("share of", *(f".{tenth}" for tenth in range(10)), "1", "median", title="true pairs by exact share")
    for name, side in (("raw", 0), ("cleaned", 1)):
        values = [shares[side] for shares in trial.true.values()]
        counts = Counter(int(value * 10) for value in values)
        table.add_row(name, *(str(counts[tenth]) for tenth in range(11)), f"{np.median(values or [0]):.2f}")
    return table


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("dumps", type=Path, nargs="*")
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sheet", type=int, default=0, help="print so many pairs not judged, of each dump and way")
    options = parser.parse_args()
    cleaner = Cleaner(load_rules([options.rules])) if options.rules else Cleaner()
    console = Console(width=140)

    def clean(documents: Iterable[Document]) -> list[str]:
        return [cleaner.clean_document(document).text for document in documents]

    seeds = read_seeds(options.seeds)
    console.print(
        tabulate("seeds", [("seeds", try_cases(seeds, clean(case.document for case in seeds), options.threshold))])
    )
    labelled = list(read_set(options.labelled))
    console.print(measure_cost(labelled))
    for name, edited in (("whole", False), ("edited", True)):
        cases = list(syndicate(labelled, Random(options.seed), edited))
        cleaned = clean(case.document for case in cases)
        trial = try_cases(cases, cleaned, options.threshold)
        groups = sorted(set(trial.groups))
        title = f"syndication, {name}: {len(cases)} pages"
        console.print(tabulate(title, [*((group, trial.of(group)) for group in groups), ("all", trial)]))
        console.print(draw_shares(trial))
        sweep = ((f"{at:g}", try_cases(cases, cleaned, at)) for at in SWEEP)
        console.print(tabulate(f"syndication, {name}, by threshold", sweep))
    verdicts = read_verdicts(VERDICTS)
    rows: list[tuple[str, Found]] = []
    for path in options.dumps:
        documents = list(dump(path))
        cleaned = clean(documents)
        found, unread = try_dump(documents, cleaned, verdicts, options.threshold)
        rows.append((path.name.split(".")[0], found))
        for name, pairs in unread.items():
            for a, b in Random(options.seed).sample(sorted(pairs), min(options.sheet, len(pairs))):
                show(console, name, [(documents[number], cleaned[number]) for number in (a, b)])
    if rows:
        console.print(tabulate_found(rows))


def show(console: Console, name: str, pair: Sequence[tuple[Document, str]]) -> None:
    """Print a pair to read: the digests of its raw texts, and how both begin and go on in the middle."""
    console.print(f"{name}: " + " ".join(f"{digest(document.text):016x}" for document, _ in pair), highlight=False)
    for document, cleaned in pair:
        text = cleaned or document.text
        for part in (text[:200], text[len(text) // 2 :][:100]):
            console.print("  " + " ".join(part.split()), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
