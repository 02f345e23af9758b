"""Configurations of the extraction that are measured as peers and not shipped as such.

cleaner bench SET... --peer benchmarks.configurations:STEPS --peer cleaner              # the ablation
cleaner bench SET... --peer benchmarks.configurations:WITH_METADATA --peer cleaner      # what a whole record costs

`benchmarks.steps` compares each step with the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from cleaner.bench.case import Case
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers import find_peer
from cleaner.bench.peers.extractors import hush
from cleaner.bench.peers.given import markup_of, page_of
from cleaner.bench.peers.ours import host_rules
from cleaner.clean import Cleaner
from cleaner.rules.load import load_shipped


def parts(opinions: Sequence[str]) -> Extract:
    """Prepare a `Cleaner` with the opinions named by the end of their ids, and no text rules.

    With any opinion it has the `select` rules that are bound to no host, without any it has none.
    """
    shipped, bound = load_shipped(), set(host_rules())
    rules = [rule for rule in shipped.rules if opinions and rule.select and rule.id not in bound]
    kept = [opinion for opinion in shipped.opinions if opinions and opinion.id.endswith(tuple(opinions))]
    made = Cleaner(shipped.only(rules, kept))

    def extract(case: Case) -> str:
        page = page_of(case)
        return made.clean_html(page.html, url=page.url, charset=page.charset).text

    return extract


def with_metadata(**options: Any) -> Extract:
    """Prepare trafilatura with the metadata that ours always reads: by `bare_extraction`, as `extract` prints them."""
    from trafilatura import bare_extraction

    def extract(case: Case) -> str:
        found = bare_extraction(markup_of(case), url=page_of(case).url, with_metadata=True, **options)
        return (found.text or "") if found else ""

    return hush(extract, "trafilatura", "htmldate", "courlan")


def _step(name: str, *opinions: str) -> Peer:
    rules = f"select rules of no host and the opinions {', '.join(opinions)}" if opinions else "no rule and no opinion"
    call = f"Cleaner({rules}).clean_html(html, url=url).text"
    return Peer(name, "cleaner", "html", partial(parts, opinions), call, ("cleaner-news",))


def _with_metadata(name: str, **options: Any) -> Peer:
    told = "".join(f", {key}={value}" for key, value in options.items())
    call = f"bare_extraction(html, url=url, with_metadata=True{told}).text"
    made = partial(with_metadata, **options)
    return Peer(f"trafilatura{name} with metadata", "extractor", "html", made, call, ("trafilatura", "lxml"))


STEPS: tuple[Peer, ...] = (
    _step("1 parsed"),
    _step("2 pruned", "unpruned"),
    _step("3 longer", "unpruned", "longer", "rescue"),
    _step("4 gaps", "unpruned", "longer", "rescue", "gaps"),
    _step("5 lead", "unpruned", "longer", "rescue", "gaps", "lead"),
    find_peer("cleaner without hosts", "html"),
)
"""The extraction taken apart, in the order in which its steps are taken up; `cleaner` is the last."""

WITH_METADATA = (_with_metadata(""), _with_metadata(" fast", fast=True))
"""trafilatura as it reads metadata too, for comparisons of CPU time."""
