"""Gather the evidence of a page in one place, and the order in which its sources are trusted for each field.

A source is `KIND:NAME`: `json-ld` is the page's own article, `page` a JSON-LD page or site object, `meta` a meta element
of that name or property, `microdata` a property of the article's item, `html` plain markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

from cleaner.html.declared_head import Head, text_within
from cleaner.html.declared_text import clean_value, texts_of
from cleaner.html.jsonld_graph import Graph, Node
from cleaner.html.microdata import Microdata

MAX_CLIMB = 60

TRUST: Mapping[str, tuple[str, ...]] = {
    "published": (
        "json-ld:datePublished", "meta:article:published_time", "meta:og:article:published_time",
        "microdata:datePublished", "page:datePublished", "meta:parsely-pub-date", "meta:sailthru.date",
        "meta:cxenseparse:recs:publishtime", "meta:dc.date.issued", "meta:dc.date.created", "meta:dc.date",
        "meta:citation_publication_date", "meta:datepublished", "meta:date", "meta:pubdate", "meta:publish_date",
        "meta:publish-date", "meta:publication_date", "meta:article.published", "meta:og:publish_date",
        "meta:og:pubdate", "meta:date.created", "meta:publish_time", "meta:publishdate", "meta:article:published:time", "html:published", "json-ld:dateCreated",
    ),
    "updated": (
        "json-ld:dateModified", "meta:article:modified_time", "meta:og:article:modified_time",
        "microdata:dateModified", "page:dateModified", "meta:og:updated_time", "meta:dc.date.modified",
        "meta:dc.modified", "meta:datemodified", "meta:article.updated", "meta:date.updated", "meta:date.modified",
        "meta:article:modified:time", "meta:last-modified", "html:updated",
    ),
    "authors": (
        "json-ld:author", "meta:parsely-author", "meta:sailthru.author", "meta:citation_author", "meta:author",
        "meta:dc.creator", "meta:article:author", "meta:og:article:author", "microdata:author", "json-ld:creator",
        "page:author", "meta:cxenseparse:author", "meta:byl", "html:author",
    ),
    "language": (
        "html:lang", "json-ld:inLanguage", "page:inLanguage", "meta:og:locale", "meta:content-language",
        "meta:dc.language", "meta:language", "microdata:inLanguage",
    ),
    "site": ("meta:og:site_name", "json-ld:publisher", "site:name", "meta:application-name", "microdata:publisher"),
    "canonical": ("html:canonical", "meta:og:url"),
    "image": (
        "meta:og:image", "meta:og:image:url", "meta:og:image:secure_url", "json-ld:image", "meta:twitter:image",
        "meta:twitter:image:src", "microdata:image", "page:primaryImageOfPage", "json-ld:thumbnailUrl",
    ),
    "section": (
        "json-ld:articleSection", "meta:article:section", "meta:og:article:section", "meta:parsely-section",
        "microdata:articleSection", "meta:og:section", "meta:section", "meta:category",
    ),
    "tags": (
        "json-ld:keywords", "meta:article:tag", "meta:og:article:tag", "meta:parsely-tags", "meta:news_keywords",
        "meta:sailthru.tags", "meta:keywords", "microdata:keywords",
    ),
    "teaser": (
        "meta:og:description", "json-ld:description", "meta:description", "meta:twitter:description",
        "microdata:description", "page:description", "meta:dc.description", "json-ld:abstract",
    ),
    "paywalled": ("json-ld:isAccessibleForFree", "microdata:isAccessibleForFree", "meta:isaccessibleforfree"),
}  # fmt: skip
"""The sources of each field, the most trusted first."""

_PAGES = frozenset(
    ("webpage", "itempage", "collectionpage", "aboutpage", "faqpage", "newsarticlepage", "medicalwebpage")
)
_SITES = frozenset(("website", "newsmediaorganization", "organization"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold all that a page declares, read but not yet judged."""

    head: Head
    graph: Graph
    main: Node | None
    microdata: Microdata

    def read(self, source: str) -> Iterator[Any]:
        """Yield what a source says, cleaned; names of authors as they are structured."""
        kind, _, name = source.partition(":")
        if kind == "meta":
            yield from self.head.meta(name)
        elif kind == "microdata":
            yield from filter(None, map(clean_value, self.microdata.values.get(name, ())))
        elif kind == "html":
            yield from filter(None, [_READERS[name](self.head)])
        else:
            yield from self._read_graph(kind, name)

    def _read_graph(self, kind: str, name: str) -> Iterator[Any]:
        for node in self._nodes(kind):
            value = self.graph.resolve(node.value.get(name))
            if value and name in ("author", "creator"):
                yield value
            else:
                yield from filter(None, map(clean_value, texts_of(value)))

    def _nodes(self, kind: str) -> list[Node]:
        if kind == "json-ld":
            return [self.main] if self.main else []
        wanted = _PAGES if kind == "page" else _SITES
        return [node for node in self.graph.nodes if not node.place and not wanted.isdisjoint(node.types)][:3]


def origin_of(source: str) -> str:
    """Name the kind of markup a source is.

    >>> origin_of("meta:article:tag"), origin_of("meta:keywords"), origin_of("page:author")
    ('open-graph', 'meta', 'json-ld')
    """
    kind, _, name = source.partition(":")
    if kind == "meta":
        return "open-graph" if name.startswith(("og:", "article:")) else "meta"
    return kind if kind in ("html", "microdata") else "json-ld"


def heading_times(head: Head) -> Iterator[HtmlElement]:
    """Yield the time elements of the article that the first heading heads: not in nested articles, lists and asides."""
    article = next((above for heading in head.headings[:2] for above in heading.iterancestors("article")), None)
    if article is None:
        return
    for time in head.times:
        for depth, above in enumerate(time.iterancestors()):
            if above is article:
                yield time
            if above is article or depth > MAX_CLIMB or above.tag in _ELSEWHERE:
                break


_ELSEWHERE = frozenset(("article", "aside", "nav", "footer", "figure", "blockquote", "table"))


def _is_update(time: HtmlElement) -> bool:
    marks = f"{time.get('class') or ''} {time.get('itemprop') or ''}".lower()
    return any(word in marks for word in ("updat", "modif"))


def _moment(time: HtmlElement) -> str:
    return str(time.get("datetime") or text_within(time, 80))


def _published(head: Head) -> str:
    return next((_moment(time) for time in heading_times(head) if not _is_update(time)), "")


def _updated(head: Head) -> str:
    return next((_moment(time) for time in heading_times(head) if _is_update(time)), "")


def _author(head: Head) -> str:
    """Return the names that links to authors show; none where there are many, as on a list of articles."""
    links = [element for element in head.marked if element.get("rel") == "author" and element.tag == "a"]
    names = dict.fromkeys(text for link in links[:8] if 0 < len(text := text_within(link)) < 100)
    own = [name for name in names if not any(other in name for other in names if other != name)]
    return "; ".join(own) if len(own) <= 3 else ""


_READERS = {
    "lang": lambda head: head.language,
    "canonical": lambda head: head.canonical or "",
    "published": _published,
    "updated": _updated,
    "author": _author,
}
