"""Clean JSON lines with Hugging Face datasets, and write them as the same.

python examples/datasets_clean.py dump.jsonl -o clean.jsonl --jobs 2
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from datasets import Dataset

from cleaner.adapters.datasets import clean_dataset
from cleaner.adapters.order import Order
from cleaner.errors import CleanerError
from cleaner.io.record import Fields


def main() -> None:
    """Read the command line, clean, and say what became of the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", nargs="+")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--jobs", type=int, help="processes to clean in")
    parser.add_argument("--text-field", default="text", help="the column of the texts")
    parser.add_argument("--rules", help="a file that `cleaner rules compile` wrote; its bytes go to all processes")
    given = parser.parse_args()
    dataset = Dataset.from_json(given.input)
    try:
        rules = Path(given.rules).read_bytes() if given.rules else None
        cleaned = clean_dataset(dataset, Order.of(rules, fields=Fields(text=given.text_field)), num_proc=given.jobs)
    except CleanerError as error:
        sys.exit(f"datasets_clean: {error}")
    cleaned.to_json(given.output, force_ascii=False)
    for status, rows in sorted(Counter(account["status"] for account in cleaned["cleaning"]).items()):
        print(status, rows)


if __name__ == "__main__":
    main()
