"""Ourselves as a peer: `Cleaner` called as users call it, on pages and on texts."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from cleaner.bench.artefacts import FOLDS
from cleaner.bench.case import Case
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers.given import document_of, page_of
from cleaner.clean import Cleaner
from cleaner.rules.load import load_shipped

KEPT = FOLDS
"""Cleaners with other rules held out that are kept at a time: all that noise asks for, or making them again would be timed."""


def host_rules() -> tuple[str, ...]:
    """Name the rules that are bound to hosts or networks of hosts."""
    return tuple(rule.id for rule in load_shipped().rules if {"hosts", "networks"} & set(rule.path.split("/")[:-1]))


def on_pages(hosts: bool = True, **options: Any) -> Extract:
    """Prepare `Cleaner.clean_html`, which sees a page and its address."""
    cleaners = _cleaners(hosts, options)

    def extract(case: Case) -> str:
        page = page_of(case)
        return cleaners(case.held_out).clean_html(page.html, url=page.url, charset=page.charset).text

    return extract


def on_texts(hosts: bool = True, **options: Any) -> Extract:
    """Prepare `Cleaner.clean_document`, which sees a text with the address, language and title that come with it."""
    cleaners = _cleaners(hosts, options)
    return lambda case: cleaners(case.held_out).clean_document(document_of(case)).text


def _cleaners(hosts: bool, options: dict[str, Any]) -> Callable[[tuple[str, ...]], Cleaner]:
    """Return a maker of cleaners that may not use the rules named; one with all rules is made at once and kept."""
    left_out = () if hosts else host_rules()
    whole = Cleaner(without=left_out, **options)

    @lru_cache(maxsize=KEPT)
    def limited(held_out: tuple[str, ...]) -> Cleaner:
        return Cleaner(without=(*left_out, *held_out), **options)

    return lambda held_out: limited(held_out) if held_out else whole


_PACKAGES = ("cleaner-news",)

OURS = (
    Peer("cleaner", "cleaner", "html", on_pages, "Cleaner().clean_html(html, url=url).text", _PACKAGES),
    Peer(
        "cleaner fast",
        "cleaner",
        "html",
        partial(on_pages, fast=True),
        "Cleaner(fast=True).clean_html(html, url=url).text",
        _PACKAGES,
    ),
    Peer(
        "cleaner without hosts",
        "cleaner",
        "html",
        partial(on_pages, hosts=False),
        "Cleaner(without=host_rules()).clean_html(html, url=url).text",
        _PACKAGES,
    ),
    Peer(
        "cleaner",
        "cleaner",
        "text",
        on_texts,
        "Cleaner(without=held_out).clean_document(Document(id, text, url, lang=lang, title=title)).text",
        _PACKAGES,
    ),
    Peer(
        "cleaner without hosts",
        "cleaner",
        "text",
        partial(on_texts, hosts=False),
        "Cleaner(without=(*host_rules(), *held_out)).clean_document(Document(id, text, url, lang=lang, title=title)).text",
        _PACKAGES,
    ),
)
