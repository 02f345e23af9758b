"""The ways of turning a page into text that `benchmarks.pages` and `benchmarks.cost` compare: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from cleaner.clean import Cleaner
from cleaner.model import Page
from cleaner.rules.load import load_shipped

Extract = Callable[[Page], str]


@dataclass(frozen=True, slots=True)
class Configuration:
    """Name a way to extract; `make` prepares it once in each process, and `missing` names a package it lacks."""

    name: str
    make: Callable[[], Extract]
    missing: str | None = None


def cleaner(
    without: Sequence[str] = (), hosts: bool = True, recorded: bool = False, **options: Any
) -> Callable[[], Extract]:
    """Prepare a `Cleaner` with these options, less the classes or rules in `without`, and without `hosts` less host rules.

    It sees the page and its address alone, or with `recorded` also the language and title that the set gives.
    """

    def make() -> Extract:
        made = Cleaner(without=(*without, *(() if hosts else host_rules())), **options)
        if recorded:
            return lambda page: made.clean_page(page).text
        return lambda page: made.clean_html(page.html, url=page.url).text

    return make


def parts(select: bool = False, opinions: Sequence[str] = ()) -> Callable[[], Extract]:
    """Prepare a `Cleaner` with generic `select` rules or none, the opinions named by the end of their ids, no text rules."""

    def make() -> Extract:
        shipped = load_shipped()
        bound = set(host_rules())
        rules = [rule for rule in shipped.rules if select and rule.select and rule.id not in bound]
        kept = [opinion for opinion in shipped.opinions if opinion.id.endswith(tuple(opinions) or ("none at all",))]
        made = Cleaner(shipped.only(rules, kept))
        return lambda page: made.clean_html(page.html, url=page.url).text

    return make


def host_rules() -> tuple[str, ...]:
    """Name the rules that are bound to hosts or networks of hosts."""
    return tuple(rule.id for rule in load_shipped().rules if {"hosts", "networks"} & set(rule.path.split("/")[:-1]))


def trafilatura(**options: Any) -> Callable[[], Extract]:
    """Prepare trafilatura's extraction, with metadata as anyone would want it."""

    def make() -> Extract:
        from trafilatura import bare_extraction

        def extract(page: Page) -> str:
            found = bare_extraction(page.html, url=page.url, with_metadata=True, **options)
            return (found.text or "") if found else ""

        return extract

    return make


def resiliparse() -> Extract:
    """Prepare resiliparse's main content."""
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: str(extract_plain_text(_markup(page), main_content=True, alt_texts=False, links=False))


def readability() -> Extract:
    """Prepare readability-lxml; resiliparse prints the fragment it chooses."""
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: str(extract_plain_text(Document(_markup(page)).summary(), alt_texts=False, links=False))


def whole() -> Extract:
    """Prepare the text of the whole page, layout kept: what is left of a page when nobody looks for the article."""
    from inscriptis import get_text

    return lambda page: str(get_text(_markup(page)))


def recall() -> Extract:
    """Prepare trafilatura set to take more, without metadata: what most web corpora hold."""
    from trafilatura import extract

    return lambda page: extract(page.html, favor_recall=True) or ""


def cleaned(make: Callable[[], Extract], without: Sequence[str] = ()) -> Callable[[], Extract]:
    """Prepare the text rules on top of a way to make a text: what comes is a dump, with the page's address."""

    def remake() -> Extract:
        extract, rules = make(), Cleaner(without=without)
        return lambda page: rules.clean(extract(page), url=page.url, lang=page.lang).text

    return remake


def _markup(page: Page) -> str:
    return page.html if isinstance(page.html, str) else page.html.decode("utf-8", "replace")


def _lacks(package: str) -> str | None:
    return None if find_spec(package) else package


# Steps stand in the order in which they are taken up: each is compared with the one before it.
CONFIGURATIONS: Mapping[str, Configuration] = {
    configuration.name: configuration
    for configuration in (
        Configuration("readability", readability, _lacks("readability")),
        Configuration("resiliparse", resiliparse, _lacks("resiliparse")),
        Configuration("whole page", whole, _lacks("inscriptis")),
        Configuration("whole page cleaned", cleaned(whole), _lacks("inscriptis")),
        Configuration("recall", recall),
        Configuration("recall cleaned", cleaned(recall)),
        Configuration("trafilatura fast", trafilatura(fast=True)),
        Configuration("trafilatura precision", trafilatura(favor_precision=True)),
        Configuration("trafilatura", trafilatura()),
        Configuration("trafilatura no comments", trafilatura(include_comments=False)),
        Configuration("1 parsed", parts()),
        Configuration("2 pruned", parts(select=True, opinions=("unpruned",))),
        Configuration("3 longer", parts(select=True, opinions=("unpruned", "longer", "rescue"))),
        Configuration("4 gaps", parts(select=True, opinions=("unpruned", "longer", "rescue", "gaps"))),
        Configuration("5 lead", parts(select=True, opinions=("unpruned", "longer", "rescue", "gaps", "lead"))),
        Configuration("generic rules", cleaner(hosts=False)),
        Configuration("cleaner", cleaner()),
        Configuration("cleaner recorded", cleaner(recorded=True)),
        Configuration("cleaner fast", cleaner(fast=True)),
    )
}


@cache
def extractor(name: str) -> Extract:
    """Return a configuration ready to run, made once in each process."""
    return CONFIGURATIONS[name].make()
