"""Clean a folder of documents and show what went and why: `python -m benchmarks.demo seeds`."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from cleaner import Cleaned, Cleaner, Document, Page
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.report.overview import draw_overview, draw_trail
from cleaner.report.terminal import show

NEXT = """\
.venv/bin/cleaner clean seeds -o seeds.jsonl    the same as records, one a line
.venv/bin/cleaner explain FILE                  any of your own texts or pages
.venv/bin/cleaner rules show daily8.tail        a rule with its examples
make test                                       every check of the project
README.md                                       dumps, the Python interface, new rules"""


def main(folder: str) -> None:
    console, cleaner = Console(highlight=False), Cleaner()
    results = clean_folder(cleaner, folder)
    head(console, f"{len(results)} documents from {folder}, cleaned with {len(cleaner.ruleset.rules)} rules")
    console.print(draw_overview(results))
    head(console, "What went, and why (class, characters, how it begins)")
    for cleaned in results:
        console.print(f"\n{cleaned.document.id}", style="bold")
        console.print(draw_trail(cleaned, cleaner.ruleset))
    head(console, "The shortest one with its cuts in place (cleaner explain)")
    show(min(results, key=lambda cleaned: len(cleaned.source)), console)
    head(console, "Where to go next")
    console.print(Text(NEXT), soft_wrap=True)


def clean_folder(cleaner: Cleaner, folder: str) -> list[Cleaned]:
    values = (entry.value for entry in read_entries(find_inputs([folder])))
    return list(cleaner.pipe(value for value in values if isinstance(value, (Document, Page))))


def head(console: Console, text: str) -> None:
    console.print()
    console.rule(text, align="left")
    console.print()


if __name__ == "__main__":
    main(sys.argv[1])
