"""Score the rules on dumps labelled span by span: noise removed, body lost, by class, source and language.

Usage: python -m benchmarks.dumps LABELLED.jsonl [--rules FOLDER] [--without CLASS|RULE]... [--only-ids PREFIX]... [--left]

`--rules` measures exactly the rules of a folder, such as an older state of `rules/`. `--left` prints the noise that
stayed and the body that went, document by document.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from cleaner.bench.labelled import FREE, Labelled, Removal, judge_removal, mean_over_sources, read_labelled
from cleaner.clean import Cleaner
from cleaner.model import Cleaned
from cleaner.report.visible import escape_line
from cleaner.rules.load import load_rules

_WHOLE = 0.95  # share of a span that must go for it to count as gone in the listing
Row = tuple[Labelled, Cleaned, Removal]


def run(cleaner: Cleaner, gold: Sequence[Labelled]) -> list[Row]:
    """Clean every article and compare."""
    rows = []
    for labelled in gold:
        cleaned = cleaner.clean_document(labelled.document)
        rows.append((labelled, cleaned, judge_removal(labelled, cleaned.text)))
    return rows


def summary(rows: Sequence[Row]) -> str:
    """Write the figures of all documents."""
    total = sum((removal for _, _, removal in rows), Removal())
    clean = [removal for _, _, removal in rows if not removal.noise]
    untouched = sum(removal.kept["body"] == removal.total["body"] for removal in clean)
    mean = mean_over_sources((labelled, removal) for labelled, _, removal in rows)
    return (
        f"noise removed {total.removed:.4f} of {total.noise} tokens, mean over sources {mean:.4f}, "
        f"body lost {total.lost:.5f} of {total.total['body']}, clean documents untouched {untouched}/{len(clean)}"
    )


def by(rows: Sequence[Row], name: str) -> Table:
    """Tabulate the figures by `source` or `lang`, the noisiest first; those without noise or loss are left out."""
    groups: dict[str, Removal] = {}
    for labelled, _, removal in rows:
        key = labelled.source if name == "source" else labelled.document.lang or "?"
        groups[key] = groups.get(key, Removal()) + removal
    table = Table(name, "noise", "removed", "body", "lost")
    for key, removal in sorted(groups.items(), key=lambda item: -item[1].noise):
        if not removal.noise and not removal.lost:
            continue
        table.add_row(
            key, str(removal.noise), f"{removal.removed:.3f}", str(removal.total["body"]), f"{removal.lost:.4f}"
        )
    return table


def by_class(rows: Sequence[Row]) -> Table:
    """Tabulate the share removed of each class of noise."""
    total = sum((removal for _, _, removal in rows), Removal())
    table = Table("class", "tokens", "removed")
    for label, count in total.total.most_common():
        if label not in FREE:
            table.add_row(label, str(count), f"{total.removed_of(label):.3f}")
    return table


def left(row: Row) -> list[str]:
    """List the noise that stayed and the body that went, as lines."""
    labelled, cleaned, _ = row
    cuts = [(cut.start, cut.end, cut.rules) for cut in cleaned.cuts if not cut.is_move]
    lines = []
    text = labelled.document.text
    for first, last, label in labelled.spans:
        start, end = (at - text.count("\r\n", 0, at) for at in (first, last))  # where the source has it
        gone = [(max(a, start), min(b, end), rules) for a, b, rules in cuts if a < end and b > start]
        if label not in FREE and sum(b - a for a, b, _ in gone) < _WHOLE * (end - start):
            lines.append(f"  stayed ({label}): {escape_line(cleaned.source[start:end].replace(chr(10), ' '))[:400]}")
        if label == "body":
            shown = ((rules, cleaned.source[a:b]) for a, b, rules in gone)
            lines += [
                f"  lost to {', '.join(rules)}: {escape_line(text)[:300]}" for rules, text in shown if text.strip()
            ]
    return [f"{labelled.document.id} ({labelled.source})", *lines] if lines else []


def main() -> None:
    """Clean, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("--only-ids", action="append", default=[])
    parser.add_argument("--left", action="store_true")
    options = parser.parse_args()
    wanted = tuple(options.only_ids) or ("",)
    gold = [row for row in read_labelled(options.labelled) if row.is_article and row.document.id.startswith(wanted)]
    rules = load_rules([options.rules]) if options.rules else None
    rows = run(Cleaner(rules, without=options.without), gold)
    console = Console()
    if options.left:
        for row in rows:
            for line in left(row):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
    for table in (by_class(rows), by(rows, "lang"), by(rows, "source")):
        console.print(table)
    console.print(summary(rows), soft_wrap=True)


if __name__ == "__main__":
    main()
