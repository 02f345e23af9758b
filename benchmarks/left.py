"""List the noise that rules leave and the body that they take in labelled texts, document by document.

Usage: python -m benchmarks.left LABELLED.jsonl [--rules FOLDER] [--without CLASS|RULE]... [--only-ids PREFIX]...

For authors of rules. `--rules` takes exactly the rules of a folder, such as an older state of `rules/`. The last line
sums up; `cleaner bench LABELLED.jsonl` has the figures by class, language and source, with intervals.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cleaner.bench.case import Case, Labels
from cleaner.bench.judge import Judge
from cleaner.bench.measure import reckon
from cleaner.bench.rules import map_spans
from cleaner.bench.sets import FREE, read_set
from cleaner.clean import Cleaner
from cleaner.errors import CleanerError, InputError
from cleaner.model import Cleaned, Document
from cleaner.report.visible import escape_line
from cleaner.rules.load import load_rules

WHOLE = 0.95
"""Share of a stretch that must go for it to count as gone."""

Pair = tuple[Case, Cleaned]


def read_labelled(path: Path, prefixes: Sequence[str] = ()) -> Iterator[Case]:
    """Yield the labelled texts whose ids begin so. Raises `InputError` for a case without labels."""
    for case in read_set(path):
        if not isinstance(case.gold, Labels):
            raise InputError(f"{path}, {case.id}: no `spans`: only texts in labels can be listed")
        if case.id.startswith(tuple(prefixes) or ("",)):
            yield case


def clean(cleaner: Cleaner, cases: Sequence[Case]) -> list[Pair]:
    """Clean every text."""
    return [(case, cleaner.clean_document(case.input)) for case in cases if isinstance(case.input, Document)]


def left(case: Case, cleaned: Cleaned) -> list[str]:
    """List the noise that stayed and the body that went, as lines; nothing where neither did."""
    assert isinstance(case.gold, Labels)
    cuts = [(cut.start, cut.end, cut.rules) for cut in cleaned.cuts if not cut.is_move]
    lines = []
    for start, end, label in map_spans(case.markup, case.gold):
        gone = [(max(a, start), min(b, end), rules) for a, b, rules in cuts if a < end and b > start]
        if label not in FREE and sum(b - a for a, b, _ in gone) < WHOLE * (end - start):
            lines.append(f"  stayed ({label}): {escape_line(cleaned.source[start:end].replace(chr(10), ' '))[:400]}")
        if label == "body":
            shown = ((rules, cleaned.source[a:b]) for a, b, rules in gone)
            lines += [
                f"  lost to {', '.join(rules)}: {escape_line(text)[:300]}" for rules, text in shown if text.strip()
            ]
    return [f"{case.id} ({case.site})", *lines] if lines else []


def sum_up(pairs: Sequence[Pair]) -> str:
    """Write the figures of all texts."""
    rows = [Judge(case).score(cleaned.text) for case, cleaned in pairs]
    found = reckon(rows, [case.site for case, _ in pairs])
    told = {"noise": "noise_removed", "mean over sources": "noise_removed_mean", "clean untouched": "untouched"}
    shares = [f"{label} {found[name]:.4f}" for label, name in told.items() if name in found]
    sizes = [f"{sum(row[name] for row in rows):.0f} tokens of {name}" for name in ("noise", "body")]
    return ", ".join([f"{len(rows)} texts", *sizes, *shares, f"body lost {found.get('body_lost', 0.0):.5f}"])


def main() -> None:
    """Clean, list and sum up."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.left", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--rules", type=Path, metavar="FOLDER")
    parser.add_argument("--without", action="append", default=[], metavar="CLASS|RULE")
    parser.add_argument("--only-ids", action="append", default=[], metavar="PREFIX")
    options = parser.parse_args()
    rules = load_rules([options.rules]) if options.rules else None
    pairs = clean(Cleaner(rules, without=options.without), list(read_labelled(options.labelled, options.only_ids)))
    for case, cleaned in pairs:
        for line in left(case, cleaned):
            print(line)
    print(sum_up(pairs))


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.left: {error}")
