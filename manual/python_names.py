"""Write the pages of the Python reference: directives that draw the public names from their docstrings."""

from __future__ import annotations

import cleaner
from manual.sources import list_adapters

FIRST = ("Cleaner", "Cleaned", "Cut", "Drop", "Related", "Document", "Page", "Rejected", "replay")
"""What a reader needs first; the other public names follow in the order of the alphabet."""


def public_names() -> list[str]:
    """Return the names that `cleaner` offers, in the order of the page."""
    return [*FIRST, *(name for name in cleaner.__all__ if name not in FIRST)]


def write_python() -> str:
    """Return the page on the names of `cleaner`."""
    head = "# Python\n\nAll that `from cleaner import ...` offers. Values are frozen dataclasses; offsets count code points.\n"
    return "\n".join([head, *(f"::: cleaner.{name}\n" for name in public_names())])


def write_testing() -> str:
    """Return the page on `cleaner.testing`."""
    return "# Testing rules\n\n::: cleaner.testing\n    options:\n      show_root_heading: false\n"


def write_adapters() -> str:
    """Return the page on the modules of `cleaner.adapters`."""
    head = "# Adapters\n\nEach needs its library, which the extra of the same name installs. The how-tos show them at work.\n"
    names = [f"cleaner.adapters.{path.stem}" for path in list_adapters()]
    return "\n".join([head, *(f"::: {name}\n    options:\n      show_root_full_path: true\n" for name in names)])
