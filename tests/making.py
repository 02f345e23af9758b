"""Make rules for tests: a matcher in YAML becomes a rule, a file, a loaded set, a cleaner."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from cleaner import Cleaned, Cleaner, Ruleset, load_rules

PROSE = "The bridge opens on Friday after two years of work on both banks, the mayor said on Monday."
MORE = "It cost nine million, twice what the council had planned when the first stone was laid."
LAST = "Nobody was hurt while it was built, according to a report that runs to four hundred pages."


@cache
def shipped() -> Cleaner:
    """Return a cleaner of the shipped rules, compiled once for all tests of a process: it never changes."""
    return Cleaner()


def rule(matcher: str, *, name: str = "tests.one", class_: str = "ad", more: str = "") -> str:
    """Write one rule out as an item of a list; `more` are further keys, one a line."""
    lines = [f"id: {name}", f"class: {class_}", "why: A rule that only a test needs.", matcher, *more.splitlines()]
    lines.append("tests: [{in: one two, out: one}, {keep: one}]")
    return "  - " + "\n    ".join(lines) + "\n"


def load(place: Path, *files: str) -> Ruleset:
    """Write files, in the given order of names, and load them."""
    for number, text in enumerate(files):
        (place / f"{number:02}.yaml").write_text(text, encoding="utf-8")
    return load_rules([place])


def cleaner(place: Path, *rules: str, head: str = "", **options: Any) -> Cleaner:
    """Load rules from one file (`head` stands above them) and build a cleaner of nothing else."""
    return Cleaner(load(place, f"{head}\nrules:\n{''.join(rules)}"), **options)


def clean(place: Path, matcher: str, text: str, more: str = "", class_: str = "ad", **known: Any) -> Cleaned:
    """Clean a text with one rule."""
    return cleaner(place, rule(matcher, more=more, class_=class_)).clean(text, **known)
