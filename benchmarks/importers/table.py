"""The importers, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from benchmarks.importers import (
    fundus_evaluation,
    fundus_tests,
    magic_html,
    mozilla,
    plain,
    trafilatura_snippets,
    wcxb,
    zyte,
)
from benchmarks.importers.entry import Importer
from cleaner.errors import OptionError

_ALL = (
    Importer(
        "zyte",
        "Articles of news sites and blogs of 2019, most of them English",
        "github.com/scrapinghub/article-extraction-benchmark",
        "MIT",
        "Bodies marked by hand",
        zyte.read,
        181,
    ),
    Importer(
        "fundus_evaluation",
        "English news of 16 publishers, five articles of each (Dallabetta et al. 2024)",
        "github.com/dobbersc/fundus-evaluation",
        "MIT",
        "Paragraphs marked by hand, some of them optional",
        fundus_evaluation.read,
        80,
    ),
    Importer(
        "wcxb",
        "Web pages of 2025 of seven types, in two splits; --page-type article takes the articles",
        "github.com/Murrough-Foley/web-content-extraction-benchmark",
        "CC-BY-4.0",
        "Bodies drafted by a language model, then reviewed; snippets beside them",
        wcxb.read,
    ),
    Importer(
        "fundus_tests",
        "News of over 100 publishers in 41 countries and many languages",
        "github.com/flairNLP/fundus",
        "MIT",
        "What parsers written for each publisher find, checked by their authors",
        fundus_tests.read,
    ),
    Importer(
        "trafilatura",
        "Blogs, news and other pages, much of it German",
        "github.com/adbar/trafilatura",
        "Apache-2.0",
        "Snippets chosen by hand: some must be kept, others must go; no bodies",
        trafilatura_snippets.read,
        990,
    ),
    Importer(
        "mozilla",
        "The test pages of Readability",
        "github.com/mozilla/readability",
        "Apache-2.0",
        "Readability's own output, reviewed: it favours Readability and its ports",
        mozilla.read,
        130,
    ),
    Importer(
        "magic_html",
        "Chinese and English articles and forum pages; --page-type article takes the articles",
        "github.com/opendatalab/magic-html",
        "Apache-2.0",
        "Bodies marked by hand",
        magic_html.read,
    ),
    Importer(
        "plain",
        "Your own pages: a folder of *.html, each beside its body in *.txt",
        "your own",
        "your own",
        "The text files",
        plain.read,
    ),
)

IMPORTERS: Mapping[str, Importer] = MappingProxyType({importer.name: importer for importer in _ALL})


def find_importer(name: str) -> Importer:
    """Return an importer by its name; hyphens do for underscores. Raises `OptionError` where there is none."""
    found = IMPORTERS.get(name.replace("-", "_"))
    if found is None:
        raise OptionError(f"there is no importer {name!r}; there are: {', '.join(IMPORTERS)}")
    return found
