"""Count what of a folder of seeds comes out as its gold has it: bodies, titles, appended articles, headlines, metadata.

Usage: python -m benchmarks.seeds [FOLDER] [--rules FOLDER] [--without CLASS|RULE]...

The track `seeds` of `cleaner bench` compares bodies alone, as other peers return nothing else.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cleaner.bench.seeds import judge_seeds
from cleaner.clean import Cleaner
from cleaner.errors import CleanerError
from cleaner.rules.load import load_rules

SEEDS = Path(__file__).parent.parent / "seeds"


def main() -> None:
    """Clean, compare and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.seeds", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SEEDS)
    parser.add_argument("--rules", type=Path, metavar="FOLDER")
    parser.add_argument("--without", action="append", default=[], metavar="CLASS|RULE")
    options = parser.parse_args()
    rules = load_rules([options.rules]) if options.rules else None
    print(judge_seeds(options.folder, Cleaner(rules, without=options.without)))


if __name__ == "__main__":
    try:
        main()
    except CleanerError as error:
        sys.exit(f"benchmarks.seeds: {error}")
