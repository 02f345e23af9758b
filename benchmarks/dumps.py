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

from cleaner.bench.case import Case
from cleaner.bench.judge import Judge, Parts
from cleaner.bench.measure import class_rows, classes_of, reckon
from cleaner.bench.sets import FREE, read_set
from cleaner.clean import Cleaner
from cleaner.model import Cleaned
from cleaner.report.visible import escape_line
from cleaner.rules.load import load_rules

_WHOLE = 0.95  # share of a span that must go for it to count as gone in the listing
Row = tuple[Case, Cleaned, Parts]


def run(cleaner: Cleaner, gold: Sequence[Case]) -> list[Row]:
    """Clean every article and compare."""
    rows = []
    for case in gold:
        cleaned = cleaner.clean_document(case.input)
        rows.append((case, cleaned, Judge(case).score(cleaned.text)))
    return rows


def figures(rows: Sequence[Row]) -> dict[str, float]:
    """Return the figures of some documents, by measure."""
    return reckon([parts for _, _, parts in rows], [case.site for case, _, _ in rows])


def total(rows: Sequence[Row], name: str) -> int:
    """Add a part up."""
    return int(sum(parts[name] for _, _, parts in rows))


def summary(rows: Sequence[Row]) -> str:
    """Write the figures of all documents."""
    found = {"noise_removed": 1.0, "noise_removed_mean": 1.0, "body_lost": 0.0} | figures(rows)
    return (
        f"noise removed {found['noise_removed']:.4f} of {total(rows, 'noise')} tokens, "
        f"mean over sources {found['noise_removed_mean']:.4f}, "
        f"body lost {found['body_lost']:.5f} of {total(rows, 'body')}, "
        f"clean documents untouched {total(rows, 'untouched')}/{total(rows, 'clean')}"
    )


def by(rows: Sequence[Row], name: str) -> Table:
    """Tabulate the figures by `source` or `lang`, the noisiest first; those without noise or loss are left out."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[0].site if name == "source" else row[0].input.lang or "?", []).append(row)
    table = Table(name, "noise", "removed", "body", "lost")
    for key, members in sorted(groups.items(), key=lambda item: -total(item[1], "noise")):
        noise, body, found = total(members, "noise"), total(members, "body"), figures(members)
        if noise or found.get("body_lost"):
            removed, lost = found.get("noise_removed", 1.0), found.get("body_lost", 0.0)
            table.add_row(key, str(noise), f"{removed:.3f}", str(body), f"{lost:.4f}")
    return table


def by_class(rows: Sequence[Row]) -> Table:
    """Tabulate the share removed of each class of noise."""
    table = Table("class", "tokens", "removed")
    all_parts = [parts for _, _, parts in rows]
    for label in classes_of(all_parts):
        noise = class_rows(all_parts, label)
        removed = reckon(noise, [label] * len(noise))["noise_removed"]
        table.add_row(label, f"{sum(row['noise'] for row in noise):.0f}", f"{removed:.3f}")
    return table


def left(row: Row) -> list[str]:
    """List the noise that stayed and the body that went, as lines."""
    case, cleaned, _ = row
    cuts = [(cut.start, cut.end, cut.rules) for cut in cleaned.cuts if not cut.is_move]
    lines = []
    text = case.markup
    for first, last, label in case.gold.spans:
        start, end = (at - text.count("\r\n", 0, at) for at in (first, last))  # where the source has it
        gone = [(max(a, start), min(b, end), rules) for a, b, rules in cuts if a < end and b > start]
        if label not in FREE and sum(b - a for a, b, _ in gone) < _WHOLE * (end - start):
            lines.append(f"  stayed ({label}): {escape_line(cleaned.source[start:end].replace(chr(10), ' '))[:400]}")
        if label == "body":
            shown = ((rules, cleaned.source[a:b]) for a, b, rules in gone)
            lines += [
                f"  lost to {', '.join(rules)}: {escape_line(text)[:300]}" for rules, text in shown if text.strip()
            ]
    return [f"{case.id} ({case.site})", *lines] if lines else []


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
    gold = [case for case in read_set(options.labelled) if case.id.startswith(wanted)]
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
