"""Other cleaners and filters of text, to measure the speed beside: with the settings they come with.

They come with `pip install -e '.[bench]'`. C4's filter is the peer of `cleaner bench`. Of FineWeb's recipe only the
filter of its own is measured: the peer of `cleaner bench` runs C4's before it, and is slower.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Literal

from cleaner.bench.case import Body, Case
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers import find_peer
from cleaner.bench.peers.filters import fineweb_quality, on_cases
from cleaner.bench.peers.lines import by_text
from cleaner.match.sweep import compile_rule
from cleaner.model import Document
from cleaner.rules.load import Ruleset

Work = Callable[[str], object]
Method = Literal["match", "search"]


def ftfy() -> Extract:
    """Prepare ftfy's repair of a text."""
    from ftfy import fix_text

    return by_text(lambda text: str(fix_text(text)))


def clean_text() -> Extract:
    """Prepare clean-text as it comes."""
    from cleantext import clean

    return by_text(lambda text: str(clean(text)))


FINEWEB = Peer(
    "FineWebQualityFilter",
    "filter",
    "text",
    partial(on_cases, fineweb_quality),
    "FineWebQualityFilter().filter(Document(text, id))",
    ("datatrove", "spacy"),
    ("datatrove", "spacy"),
)

PEERS = (
    Peer("ftfy.fix_text", "filter", "text", ftfy, "fix_text(text)", ("ftfy",), ("ftfy",)),
    Peer("clean-text", "filter", "text", clean_text, "clean(text)", ("clean-text",), ("cleantext",)),
    find_peer("C4", "text"),
    FINEWEB,
)


def as_case(text: str) -> Case:
    """Put a text into a case that asks for nothing."""
    return Case("", "", Document("", text), Body(""), "")


def line_loop(ruleset: Ruleset) -> Callable[[Method], Work]:
    """Prepare the usual way in a cheap form: each line, lower-cased with its text, against one pattern for each rule.

    A pattern is a literal that the rule needs. It is tried where the line begins, as whole lines are looked up, or all
    along it.
    """
    rules = (rule for rule in ruleset.rules if rule.kind != "select")
    found = (compile_rule(rule, ruleset).literals for rule in rules)
    patterns = [re.compile(re.escape(max((one.text for one in own), key=len))) for own in found if own]

    def prepare(method: Method) -> Work:
        tries = [getattr(pattern, method) for pattern in patterns]
        return lambda text: sum(tried(line) is not None for line in text.lower().split("\n") for tried in tries)

    return prepare
