"""Clean JSON lines with polars as they stream by, and write them as the same, or as Parquet.

python examples/polars_clean.py dump.jsonl -o clean.jsonl
python examples/polars_clean.py 'dump/*.jsonl' -o clean.parquet
"""

from __future__ import annotations

import argparse
import sys

import polars as pl

import cleaner.adapters.polars  # noqa: F401  gives frames their `cleaner`
from cleaner.errors import CleanerError


def main() -> None:
    """Read the command line, clean, and say what became of the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--text-field", default="text", help="the column of the texts")
    given = parser.parse_args()
    try:
        cleaned = pl.scan_ndjson(given.input, infer_schema_length=None).cleaner.clean(text=given.text_field)
    except CleanerError as error:
        sys.exit(f"polars_clean: {error}")
    if given.output.endswith(".parquet"):
        cleaned.sink_parquet(given.output)
        written = pl.scan_parquet(given.output)
    else:
        cleaned.sink_ndjson(given.output)
        written = pl.scan_ndjson(given.output, infer_schema_length=None)
    status = pl.col("cleaning").struct.field("status")
    for name, rows in written.group_by(status).len().sort("status").collect().iter_rows():
        print(name, rows)


if __name__ == "__main__":
    main()
