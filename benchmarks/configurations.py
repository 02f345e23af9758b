"""The ways of turning a page into text that `benchmarks.pages` and `benchmarks.cost` compare: one line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

from cleaner.bench import peer as bench
from cleaner.bench.case import Body, Case
from cleaner.bench.peers import find_peer
from cleaner.bench.peers.given import page_of
from cleaner.bench.peers.ours import host_rules
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


def trafilatura(**options: Any) -> Callable[[], Extract]:
    """Prepare trafilatura's extraction, with metadata as anyone would want it."""

    def make() -> Extract:
        from trafilatura import bare_extraction

        def extract(page: Page) -> str:
            found = bare_extraction(page.html, url=page.url, with_metadata=True, **options)
            return (found.text or "") if found else ""

        return extract

    return make


def of_peer(name: str) -> Callable[[], Extract]:
    """Prepare a peer of `cleaner bench` that takes pages."""

    def make() -> Extract:
        extract = find_peer(name, "html").make()
        return lambda page: extract(Case(page.id, "", page, Body(""), ""))

    return make


def step(name: str) -> bench.Extract:
    """Prepare a configuration for cases of `cleaner bench`."""
    extract = extractor(name)
    return lambda case: extract(page_of(case))


def cleaned(make: Callable[[], Extract], without: Sequence[str] = ()) -> Callable[[], Extract]:
    """Prepare the text rules on top of a way to make a text: what comes is a dump, with the page's address."""

    def remake() -> Extract:
        extract, rules = make(), Cleaner(without=without)
        return lambda page: rules.clean(extract(page), url=page.url, lang=page.lang).text

    return remake


def _lacks(package: str) -> str | None:
    return None if find_spec(package) else package


# Steps stand in the order in which they are taken up: each is compared with the one before it.
CONFIGURATIONS: Mapping[str, Configuration] = {
    configuration.name: configuration
    for configuration in (
        Configuration("readability", of_peer("readability-lxml"), _lacks("readability")),
        Configuration("resiliparse", of_peer("resiliparse"), _lacks("resiliparse")),
        Configuration("whole page", of_peer("inscriptis"), _lacks("inscriptis")),
        Configuration("whole page cleaned", cleaned(of_peer("inscriptis")), _lacks("inscriptis")),
        Configuration("recall", of_peer("trafilatura recall")),
        Configuration("recall cleaned", cleaned(of_peer("trafilatura recall"))),
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


STEPS: tuple[bench.Peer, ...] = tuple(
    bench.Peer(
        name,
        "cleaner",
        "html",
        partial(step, name),
        f"benchmarks.configurations.extractor({name!r})",
        ("cleaner-news",),
    )
    for name in ("1 parsed", "2 pruned", "3 longer", "4 gaps", "5 lead")
)
"""The ablation: `cleaner bench --peer benchmarks.configurations:STEPS` measures each."""
