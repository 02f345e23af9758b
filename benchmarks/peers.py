"""Other cleaners and filters of text, to measure beside: each takes one text, with the settings it comes with.

They come with `pip install -e '.[bench]'`. datatrove splits English with a blank spaCy pipeline, which needs no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Literal

from cleaner.bench.peers import filters
from cleaner.match.sweep import compile_rule
from cleaner.rules.load import Ruleset

Work = Callable[[str], object]
Method = Literal["match", "search"]


@dataclass(frozen=True, slots=True)
class Peer:
    """Name a way to treat a text; `make` prepares it, `needs` are the modules it imports."""

    name: str
    make: Callable[[], Work]
    needs: tuple[str, ...]

    @property
    def missing(self) -> str:
        """Return the module that is not installed; nothing where all are."""
        for name in self.needs:
            try:
                import_module(name)
            except ImportError:
                return name
        return ""


def ftfy() -> Work:
    """Prepare ftfy's repair of a text."""
    from ftfy import fix_text

    return lambda text: fix_text(text)


def clean_text() -> Work:
    """Prepare clean-text as it comes."""
    from cleantext import clean

    return lambda text: clean(text)


FINEWEB = "datatrove FineWeb filter"

PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        peer.name: peer
        for peer in (
            Peer("ftfy.fix_text", ftfy, ("ftfy",)),
            Peer("clean-text", clean_text, ("cleantext",)),
            Peer("datatrove C4 filter", filters.c4, ("datatrove.pipeline.filters", "spacy")),
            Peer(FINEWEB, filters.fineweb_quality, ("datatrove.pipeline.filters", "spacy")),
        )
    }
)


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
