"""Put the tables of a benchmark's results into README.md, between two marks.

Usage: python -m benchmarks.readme [RESULTS]     # benchmarks/results.json, unless another file is named

A test holds that README's tables are those of the committed results.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cleaner.bench.leaderboard import write_summary
from cleaner.bench.results import Results, read_results
from cleaner.errors import CleanerError, InputError

ROOT = Path(__file__).parent.parent
README, RESULTS = ROOT / "README.md", ROOT / "benchmarks" / "results.json"
BEGIN, END = "<!-- quality: written by python -m benchmarks.readme -->\n", "<!-- /quality -->\n"


def insert(text: str, results: Results) -> str:
    """Return a text with the tables between its marks. Raises `InputError` where it has no marks."""
    if BEGIN not in text or END not in text:
        raise InputError(f"the marks {BEGIN.strip()} and {END.strip()} are missing")
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n{tables(results)}\n{END}{rest.split(END, 1)[1]}"


def tables(results: Results) -> str:
    """Write the tables, and under them what was measured with what."""
    made = results.made
    names = ("trafilatura", "readability-lxml", "resiliparse", "newspaper4k", "goose3", "datatrove")
    versions = ", ".join(f"{name} {made.packages[name]}" for name in names if name in made.packages)
    note = f"`{made.command}`, Python {made.python}, {versions}; rules {made.rules[:12]}."
    return f"{write_summary(results).strip()}\n\n{note}\n"


def main() -> None:
    """Write README.md anew."""
    results = read_results(sys.argv[1] if len(sys.argv) > 1 else RESULTS)
    README.write_text(insert(README.read_text(encoding="utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.readme: {error}")
