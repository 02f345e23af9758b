"""What a case gives to a peer: the page as text, the plain text, the language."""

from __future__ import annotations

import re

from cleaner.bench.case import Case
from cleaner.model import Document, Page, language_of

_LANG = re.compile(r"<html\b[^>]{0,2000}?\blang\s*=\s*[\"']?\s*([A-Za-z]{2,3})\b", re.I)


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
    """Return the language that the set gives, else the one that the page declares, as in `de`; nothing where none does."""
    declared = _LANG.search(markup, 0, 20_000)
    return case.lang or (language_of(declared.group(1)) if declared else "")
