"""The forms in which a page reaches a peer: as a page, as the text of the whole page, or as a text already extracted.

What a set says of a title does not go along with a text that was made of a page: those who extract from pages do not get
it, and in many sets somebody wrote it down as gold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from cleaner.bench.case import Case
from cleaner.bench.peer import is_installed, version_of_package
from cleaner.errors import OptionError
from cleaner.model import Document, Page


def lay_out(case: Case) -> Case:
    """Print the whole page as text, with `inscriptis.get_text`: menus, boxes and footers stay, markup goes."""
    from inscriptis import get_text  # loaded late: only this form needs it

    return _as_text(case, str(get_text(case.markup)))


def extract_much(case: Case) -> Case:
    """Extract with `trafilatura.extract(html, favor_recall=True)`: what most web corpora hold."""
    from trafilatura import extract  # loaded late: heavy

    page = case.input
    return _as_text(case, extract(page.html, favor_recall=True) or "" if isinstance(page, Page) else case.markup)


def keep(case: Case) -> Case:
    """Leave the case as it is."""
    return case


FORMS: Mapping[str, Callable[[Case], Case]] = MappingProxyType({"": keep, "whole": lay_out, "recall": extract_much})
"""How cases are prepared, by the name of the form; the empty name leaves them alone."""


_LIBRARIES = MappingProxyType({"whole": ("inscriptis", "lxml"), "recall": ("trafilatura", "lxml")})


def version_of(form: str) -> str:
    """Return what prepares a form, with versions; nothing where nothing does."""
    return ", ".join(f"{name} {version_of_package(name)}" for name in _LIBRARIES.get(form, ()))


def check_form(form: str) -> None:
    """Raise `OptionError` where a form needs a library that is not installed."""
    if form == "whole" and not is_installed("inscriptis"):
        raise OptionError("the track `whole` needs inscriptis: pip install 'cleaner-news[bench]'")


def _as_text(case: Case, text: str) -> Case:
    page = case.input
    return replace(case, input=Document(page.id, text, page.url, page.source, page.lang, crawled=page.crawled))
