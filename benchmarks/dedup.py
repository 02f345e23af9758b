"""Measure how cleaning changes which near-duplicates are found: on the seeds, on injected syndication, and on dumps.

Usage: python -m benchmarks.dedup SEEDS LABELLED.jsonl [DUMP...] [--rules FOLDER] [--threshold 0.5] [--sample 3000] [--seed 1]

A pair is found where the report has both documents in one cluster. What is true is told without the cleaner:

- *seeds*: the gold bodies share at least the threshold of their shingles.
- *syndication*: the gold body of each labelled dump is put into the pages of other sources of its language, in place of
  their own: their noise and metadata stay where they stood. The copies are whole, or edited as clients of an agency do,
  shortened from the end and here and there inside. A pair is true where the bodies put in share the threshold.
- *dumps*, where no gold is: furniture stands in many documents, a story in few. A pair is true where shingles that no
  more than eight different texts of a dump hold agree to the threshold, thirty of them or more on either side. An
  article that an aggregator appended to two stories counts as story here: raw texts are flattered by it.

`--rules` measures exactly the rules of a folder. The shipped ones were written with the labelled dumps at hand.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from random import Random

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import dump
from cleaner.bench.labelled import Labelled, read_labelled
from cleaner.bulk.cluster import agreement
from cleaner.bulk.duplicates import THRESHOLD, Record, find_duplicates
from cleaner.bulk.sketch import sketch
from cleaner.clean import Cleaner
from cleaner.model import Document
from cleaner.rules.load import load_rules
from cleaner.text.shingles import shingle

CARRIERS = 3
"""Pages of other sources that each body is put into."""

RARE = 8
"""Different texts of a dump that may hold a shingle of a story."""

LEAST = 30
"""Rare shingles that either document of a true pair must have."""

SWEEP = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)

Pair = tuple[int, int]
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
        others = [one for one in stories if one.document.lang == story.document.lang and one.source != story.source]
        units = units_of(body_of(story))
        for carrier in rng.sample(others, min(CARRIERS, len(others))):
            taken = edit(units, rng) if edited else units
            text = wrap(carrier, taken)
            document = replace(
                carrier.document, id=f"{story.document.id} in {carrier.document.id}", text=text, title=None
            )
            yield Case(document, "\n".join(taken), carrier.document.id.split("/")[0])


def body_of(labelled: Labelled) -> str:
    """Return the body of a labelled document."""
    text = labelled.document.text
    return "\n".join(text[start:end].strip() for start, end, label in labelled.spans if label == "body")


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
    text = carrier.document.text
    between = "\n" if "\n" in text.strip() else " "
    stretches = [(start, end, label) for start, end, label in sorted(carrier.spans) if label not in _LEFT_OUT]
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


def try_dump(documents: Sequence[Document], cleaned: Sequence[str], group: str, threshold: float) -> Trial:
    """Compare the documents of a dump by the shingles that few of its texts hold."""
    texts = [document.text for document in documents]
    raw, clean = shares_of(texts), shares_of(cleaned)
    held: Counter[int] = Counter()
    for own in dict(zip(texts, raw, strict=True)).values():
        held.update(own)
    rare = [frozenset(one for one in own if held[one] <= RARE) for own in raw]
    where: defaultdict[int, list[int]] = defaultdict(list)
    for number, own in enumerate(rare):
        if len(own) >= LEAST:
            for one in own:
                where[one].append(number)
    met: Counter[Pair] = Counter()
    for numbers in where.values():
        met.update(combinations(numbers, 2))
    true = {
        (a, b): (jaccard(raw[a], raw[b]), jaccard(clean[a], clean[b]))
        for (a, b), shared in met.items()
        if shared >= threshold * max(len(rare[a]), len(rare[b])) and jaccard(rare[a], rare[b]) >= threshold
    }
    return Trial(true, find_pairs(texts, threshold), find_pairs(cleaned, threshold), [group] * len(texts))


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
    parser.add_argument("--sample", type=int, default=3000, help="documents of each dump")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--examples", type=int, default=0, help="show so many false pairs of each dump, raw and cleaned"
    )
    options = parser.parse_args()
    cleaner = Cleaner(load_rules([options.rules])) if options.rules else Cleaner()
    console = Console(width=140)

    def clean(documents: Iterable[Document]) -> list[str]:
        return [cleaner.clean_document(document).text for document in documents]

    seeds = read_seeds(options.seeds)
    console.print(
        tabulate("seeds", [("seeds", try_cases(seeds, clean(case.document for case in seeds), options.threshold))])
    )
    labelled = [one for one in read_labelled(options.labelled) if one.is_article]
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
    rows: list[tuple[str, Trial]] = []
    for path in options.dumps:
        documents = list(dump(path))
        documents = Random(options.seed).sample(documents, min(options.sample, len(documents)))
        cleaned = clean(documents)
        rows.append((path.name.split(".")[0], try_dump(documents, cleaned, path.name, options.threshold)))
        show(console, documents, cleaned, rows[-1][1], options.examples, Random(options.seed))
    if rows:
        total = join([trial for _, trial in rows])
        console.print(tabulate("dumps", [*rows, ("all", total)]))
        console.print(draw_shares(total))


def join(trials: Sequence[Trial]) -> Trial:
    """Put trials together, their documents numbered on."""
    true: dict[Pair, tuple[float, float]] = {}
    raw: set[Pair] = set()
    clean: set[Pair] = set()
    groups: list[str] = []
    for trial in trials:
        first = len(groups)
        true.update({(a + first, b + first): shares for (a, b), shares in trial.true.items()})
        raw.update((a + first, b + first) for a, b in trial.raw)
        clean.update((a + first, b + first) for a, b in trial.clean)
        groups += trial.groups
    return Trial(true, frozenset(raw), frozenset(clean), groups)


def show(
    console: Console, documents: Sequence[Document], cleaned: Sequence[str], trial: Trial, most: int, rng: Random
) -> None:
    """Print how some false and missed pairs begin."""
    kinds = {
        "false raw": (trial.raw - trial.true.keys(), [document.text for document in documents]),
        "false cleaned": (trial.clean - trial.true.keys(), cleaned),
        "missed cleaned": (trial.true.keys() - trial.clean, cleaned),
        "missed raw": (trial.true.keys() - trial.raw, [document.text for document in documents]),
    }
    for kind, (pairs, texts) in kinds.items():
        for a, b in rng.sample(sorted(pairs), min(most, len(pairs))):
            estimate = agreement(sketch([texts[a], texts[b]]), np.array([0]), np.array([1]))[0]
            console.print(
                f"{kind}, {estimate:.2f}: {documents[a].id} | {documents[b].id}", markup=False, highlight=False
            )
            for number in (a, b):
                console.print("  " + " / ".join(texts[number].split("\n"))[:200], markup=False, highlight=False)


if __name__ == "__main__":
    main()
