"""Ask trafilatura for the date and authors that a page shows but does not declare."""

from __future__ import annotations

import warnings

from cleaner.html.bylines import list_authors
from cleaner.html.dates import resolve_date
from cleaner.html.declared import Declared
from cleaner.html.node import Element

GUESSED = "trafilatura"
"""The origin of what was not declared."""


def guess_missing(root: Element, declared: Declared, url: str | None) -> dict[str, str]:
    """Return what trafilatura finds of `published` and `authors` where the page declares neither of the two.

    A first of January is left out: on a quarter of the pages without a declared date it only stands for the year.
    """
    if "published" in declared.fields or "authors" in declared.fields:
        return {}
    from trafilatura.metadata import extract_metadata

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # date parsers warn of time zones that they do not know
            found = extract_metadata(root, url, extensive=False)
    except Exception:  # it reads pages of any kind with parsers of its own: then there is nothing to guess
        return {}
    guessed: dict[str, str] = {}
    date = resolve_date(found.date or "")
    if date and date[4:10] != "-01-01":
        guessed["published"] = date
    site = declared.fields.get("site", "")
    if authors := list_authors(found.author or "", [site] if site else []):
        guessed["authors"] = "; ".join(authors)
    return guessed
