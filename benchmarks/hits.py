"""Read what rules cut: sample hits for a reader, and reckon each rule's precision from the verdicts given.

Usage: python -m benchmarks.hits sample CORPUS... [--rules 20] [--each 10] [--seed 1] > sheet.jsonl
       python -m benchmarks.hits precision [CORPUS]...

`sample` draws hits of the most frequent text rules and prints each with its surroundings, for a reader to add a
`verdict`: `noise`, `meta` (title, byline, date, credit: may go or stay), `body` or `unsure`. `benchmarks/hits.jsonl`
keeps id, offsets, rule and verdict, never the text. `precision` counts noise and meta as right; given the corpus again,
it tells which of the hits the rules still make.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.coverage import documents
from cleaner.bench.intervals import wilson
from cleaner.clean import Cleaner
from cleaner.model import TITLE_RULE, Document

VERDICTS = Path(__file__).with_name("hits.jsonl")
RIGHT = ("noise", "meta")
_AROUND = 160  # code points shown on either side


@dataclass(frozen=True, slots=True)
class Hit:
    """Bound one cut of one rule in a document, in code points of its source."""

    id: str
    start: int
    end: int
    rule: str


def hits(cleaner: Cleaner, corpus: Iterable[Document]) -> Iterator[tuple[Hit, str]]:
    """Yield every cut of every text rule with the source it stands in."""
    for document in corpus:
        cleaned = cleaner.clean_document(document)
        for cut in cleaned.cuts:
            for rule in cut.rules:
                if rule != TITLE_RULE:
                    yield Hit(document.id, cut.start, cut.end, rule), cleaned.source


def sample(found: Iterable[tuple[Hit, str]], rules: int, each: int, seed: int) -> list[tuple[Hit, str]]:
    """Draw hits of the rules with most of them, the same number of each rule; one pass, by reservoirs."""
    chance = random.Random(seed)
    kept: dict[str, list[tuple[Hit, str]]] = defaultdict(list)
    seen: Counter[str] = Counter()
    for hit, source in found:
        seen[hit.rule] += 1
        shown = source[max(0, hit.start - _AROUND) : hit.start] + "⟦" + source[hit.start : hit.end][:600] + "⟧"
        shown += source[hit.end : hit.end + _AROUND]
        if len(kept[hit.rule]) < each:
            kept[hit.rule].append((hit, shown))
        elif (place := chance.randrange(seen[hit.rule])) < each:
            kept[hit.rule][place] = hit, shown
    return [pair for rule, _ in seen.most_common(rules) for pair in kept[rule]]


def precision(path: Path, still: set[Hit] | None) -> Table:
    """Tabulate verdicts by rule, with 95 % intervals (Wilson), and how many of the hits are still made."""
    table = Table(
        "rule",
        "read",
        "right",
        "precision",
        "95 %",
        *(["right, still cut", "wrong, still cut"] if still is not None else []),
    )
    rows: dict[str, list[tuple[Hit, str]]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["rule"]].append((Hit(row["id"], row["start"], row["end"], row["rule"]), row["verdict"]))
    every = [pair for pairs in rows.values() for pair in pairs]
    for rule, pairs in [*sorted(rows.items(), key=lambda item: -len(item[1])), ("all", every)]:
        sure = [(hit, verdict in RIGHT) for hit, verdict in pairs if verdict != "unsure"]
        right = sum(good for _, good in sure)
        low, high = wilson(right, len(sure))
        cells = [rule, str(len(pairs)), str(right), f"{right / max(1, len(sure)):.3f}", f"{low:.3f} to {high:.3f}"]
        if still is not None:
            cells += [str(sum(good == wanted and hit in still for hit, good in sure)) for wanted in (True, False)]
        table.add_row(*cells)
    return table


def main() -> None:
    """Sample, or count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("sample", "precision"))
    parser.add_argument("corpus", nargs="*")
    parser.add_argument("--rules", type=int, default=20)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = (document for document in documents(options.corpus) if isinstance(document, Document))
    if options.what == "sample":
        for hit, shown in sample(hits(Cleaner(), texts), options.rules, options.each, options.seed):
            print(json.dumps({**asdict(hit), "verdict": "", "text": shown}, ensure_ascii=False))
    elif not VERDICTS.is_file():
        sys.exit(f"{VERDICTS} is missing: sample hits, read them, and keep id, start, end, rule and verdict")
    else:
        still = {hit for hit, _ in hits(Cleaner(), texts)} if options.corpus else None
        Console(width=120).print(precision(VERDICTS, still))


if __name__ == "__main__":
    main()
