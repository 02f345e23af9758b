"""Ask extractors for the text of a tree: trafilatura first, others only where they are wanted.

The only module that calls an extractor. A draft is computed once, when it is first asked for.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from functools import cached_property

from lxml import etree

from cleaner.html.blocks import Shelf, list_blocks
from cleaner.html.declared import Declared
from cleaner.html.node import Element, take_out_all
from cleaner.rules.opinion import Witness
from cleaner.text.tokens import tokenize

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a page without text is told of by flags, not by a log
logging.getLogger("readability").setLevel(logging.CRITICAL)


def lighten(root: Element) -> None:
    """Take out of a tree what no extractor reads, so that the copies they make cost less: code, styles, drawings."""
    take_out_all(script for script in root.iter("script") if script.get("type") != "application/ld+json")
    etree.strip_elements(root, "style", "svg", "template", "link", with_tail=False)


class Draft:
    """Hold one extractor's text, and its tokens once they are asked for."""

    __slots__ = ("__dict__", "text")

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def tokens(self) -> list[str]:
        """Return the tokens of the text."""
        return tokenize(self.text)

    @cached_property
    def shelf(self) -> Shelf:
        """Return the text as a place where blocks are looked up."""
        return Shelf(self.text, self.tokens)

    def holds(self, other: Draft, share: float) -> bool:
        """Tell whether at least a share of another draft's tokens is here too."""
        return (Counter(other.tokens) & Counter(self.tokens)).total() >= share * len(other.tokens)


class Drafts:
    """Hold what extractors make of one tree. The tree is read, never changed."""

    def __init__(self, root: Element, url: str | None, declared: Declared, fast: bool = False):
        self._root, self._url, self._declared, self._fast = root, url, declared, fast
        self._known: dict[str, Draft] = {}
        self._ways: dict[str, Callable[[], str]] = {
            "recall": lambda: _trafilatura(root, url, recall=True),
            "resiliparse": lambda: _resiliparse(root),
            "readability": lambda: _readability(root),
            "json-ld": lambda: declared.main.body if declared.main else "",
        }

    @cached_property
    def main(self) -> Draft:
        """Return trafilatura's text, without comments."""
        return Draft(_trafilatura(self._root, self._url, fast=self._fast))

    def by(self, witness: Witness) -> Draft:
        """Return another extractor's text."""
        if witness not in self._known:
            self._known[witness] = Draft(self._ways[witness]())
        return self._known[witness]


def _trafilatura(root: Element, url: str | None, *, fast: bool = False, recall: bool = False) -> str:
    from trafilatura import bare_extraction  # loaded late: it takes longer to import than all else

    found = bare_extraction(root, url=url, include_comments=False, fast=fast, favor_recall=recall)
    return (getattr(found, "text", None) or "") if found else ""


def _resiliparse(root: Element) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    page = etree.tostring(root, encoding="unicode", method="html")
    text: str = extract_plain_text(
        page, main_content=True, alt_texts=False, links=False, form_fields=False, noscript=False
    )
    return text


def _readability(root: Element) -> str:
    from trafilatura.readability_lxml import Document

    try:
        summary = etree.fromstring(Document(deepcopy(root), min_text_length=25).summary(), parser=etree.HTMLParser())
    except Exception:  # it gives up on odd trees with errors of many kinds: then it has no opinion
        return ""
    return "\n".join(block.text for block in list_blocks(summary)) if summary is not None else ""
