"""Clean the texts of JSON lines in a pipeline of Haystack, and write them as JSON lines.

python examples/haystack_clean.py dump.jsonl -o clean.jsonl
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from haystack import Document, Pipeline

from cleaner.adapters.haystack import NewsCleaner


def main() -> None:
    """Read the command line, clean, and say what became of the documents."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("-o", "--output", required=True)
    given = parser.parse_args()
    documents = [Document(content=record.pop("text"), meta=record) for record in read(given.input)]
    pipeline = Pipeline()
    pipeline.add_component("cleaner", NewsCleaner())
    cleaned = pipeline.run({"cleaner": {"documents": documents}})["cleaner"]["documents"]
    write(given.output, ({**document.meta, "text": document.content} for document in cleaned))
    for status, number in sorted(Counter(record["cleaning"]["status"] for record in read(given.output)).items()):
        print(status, number)


def read(path: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a file."""
    with open(path, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def write(path: str, records: Iterable[dict[str, Any]]) -> None:
    """Write records as lines."""
    with open(path, "w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


if __name__ == "__main__":
    main()
