"""What a case gives to a peer: the page as text, the plain text, the language."""

from __future__ import annotations

import re

from cleaner.bench.case import Case
from cleaner.bench.languages import script_of
from cleaner.model import Document, Page, language_of

_LANG = re.compile(r"<html\b[^>]{0,2000}?\blang\s*=\s*[\"']?\s*([A-Za-z]{2,3})\b", re.I)

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_ENOUGH = 200
_USUAL = {"kana": "ja", "hangul": "ko", "han": "zh", "greek": "el", "hebrew": "he", "thai": "th"}
"""The languages of scripts in which little else is written."""


def page_of(case: Case) -> Page:
    """Return the page. Raises `TypeError` where the case is a text."""
    if isinstance(case.input, Page):
        return case.input
    raise TypeError(f"{case.id} is a text, and this peer takes pages")


def document_of(case: Case) -> Document:
    """Return the text with what is known of it. Raises `TypeError` where the case is a page."""
    if isinstance(case.input, Document):
        return case.input
    raise TypeError(f"{case.id} is a page, and this peer takes texts")


def markup_of(case: Case) -> str:
    """Return the page as text, for peers that take none other: they get the decoding that we use."""
    from cleaner.html.decode import decode

    page = page_of(case)
    return page.html if isinstance(page.html, str) else decode(page.html, page.charset).text


def language(case: Case, markup: str) -> str:
    """Return the language that the set gives, else the one that the page declares or that its script tells, as in `de`.

    Nothing where none does. Some libraries need it to split words, and whoever collects pages in Chinese knows it.
    """
    if case.lang:
        return case.lang
    declared = _LANG.search(markup, 0, 20_000)
    return language_of(declared.group(1)) if declared else _guess(markup)


def _guess(markup: str) -> str:
    """Read signs beyond ASCII alone: a page's code would outweigh its text."""
    signs = "".join(_FOREIGN.findall(markup, 0, 200_000))
    return _USUAL.get(script_of(signs), "") if len(signs) >= _ENOUGH else ""
