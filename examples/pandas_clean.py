"""Clean JSON lines with pandas, and write them as the same.

python examples/pandas_clean.py dump.jsonl -o clean.jsonl
"""

from __future__ import annotations

import argparse
import sys

import pandas as pd

import cleaner.adapters.pandas  # noqa: F401  gives frames their `cleaner`
from cleaner.errors import CleanerError


def main() -> None:
    """Read the command line, clean, and say what became of the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--text-field", default="text", help="the column of the texts")
    given = parser.parse_args()
    frame = pd.read_json(given.input, lines=True, dtype=False)
    try:
        cleaned = frame.cleaner.clean(text=given.text_field)
    except CleanerError as error:
        sys.exit(f"pandas_clean: {error}")
    cleaned.to_json(given.output, orient="records", lines=True, force_ascii=False)
    for status, rows in cleaned["cleaning"].str["status"].value_counts().sort_index().items():
        print(status, rows)


if __name__ == "__main__":
    main()
