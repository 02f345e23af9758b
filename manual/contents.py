"""List the pages that are generated whole."""

from __future__ import annotations

from collections.abc import Iterator

from manual.python_names import write_adapters, write_python, write_testing
from manual.shipped import write_folders, write_index
from manual.sources import read_measured, read_root, write_examples


def generate() -> Iterator[tuple[str, str]]:
    """Yield each page: its path in docs/, and its text."""
    yield "design.md", read_root("DESIGN.md")
    yield "changelog.md", read_root("CHANGELOG.md")
    yield "contributing.md", read_root("CONTRIBUTING.md")
    yield "measured.md", read_measured()
    yield "reference/python.md", write_python()
    yield "reference/testing.md", write_testing()
    yield "reference/adapters.md", write_adapters()
    yield "reference/examples.md", write_examples()
    yield "reference/rules/index.md", write_index()
    for folder, text in write_folders():
        yield f"reference/rules/{folder}.md", text
