"""Filters of text that make corpora from web pages, by the classes of datatrove that made C4's and FineWeb's.

They drop lines, and whole documents: a document that is dropped counts as an empty text. As that says little of the
lines, each stands beside its line rules alone, set by the class's own options. datatrove splits English with a blank
spaCy pipeline, which needs no model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers.lines import by_text

LINES_ONLY = {"min_num_sentences": -1, "filter_lorem_ipsum": False, "filter_curly_bracket": False}
"""The options of C4's filter that leave it no reason to drop a document."""


def c4(**options: Any) -> Callable[[str], str]:
    """Prepare `C4QualityFilter`."""
    from datatrove.pipeline.filters import C4QualityFilter

    return _passing(C4QualityFilter(**options))


def fineweb() -> Callable[[str], str]:
    """Prepare the two filters of FineWeb's recipe that are about lines: C4's, less its rule on punctuation, and its own."""
    from datatrove.pipeline.filters import C4QualityFilter, FineWebQualityFilter

    return _passing(C4QualityFilter(filter_no_terminal_punct=False), FineWebQualityFilter())


def fineweb_quality() -> Callable[[str], str]:
    """Prepare `FineWebQualityFilter` alone, which judges documents by their lines."""
    from datatrove.pipeline.filters import FineWebQualityFilter

    return _passing(FineWebQualityFilter())


def on_cases(make: Callable[[], Callable[[str], str]]) -> Extract:
    """Prepare a filter of texts for cases."""
    return by_text(make())


def _passing(*filters: Any) -> Callable[[str], str]:
    """Return what passes all filters, with the lines that they leave; nothing where one drops it."""
    from datatrove.data import Document

    def keep(text: str) -> str:
        document = Document(text=text, id="")
        passes = (one.filter(document) for one in filters)
        return document.text if all(found is True for found in passes) else ""

    return keep


def _peer(name: str, make: Callable[[], Callable[[str], str]], call: str) -> Peer:
    return Peer(name, "filter", "text", partial(on_cases, make), call, ("datatrove", "spacy"), ("datatrove", "spacy"))


_ONLY = "min_num_sentences=-1, filter_lorem_ipsum=False, filter_curly_bracket=False"

FILTERS = (
    _peer("C4", c4, "C4QualityFilter().filter(Document(text, id))"),
    _peer("C4 lines", partial(c4, **LINES_ONLY), f"C4QualityFilter({_ONLY}).filter(Document(text, id))"),
    _peer(
        "FineWeb",
        fineweb,
        "C4QualityFilter(filter_no_terminal_punct=False).filter(document), then FineWebQualityFilter().filter(document)",
    ),
    _peer(
        "FineWeb lines",
        partial(c4, filter_no_terminal_punct=False, **LINES_ONLY),
        f"C4QualityFilter(filter_no_terminal_punct=False, {_ONLY}).filter(Document(text, id))",
    ),
)
