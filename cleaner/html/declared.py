"""Tell what a page says about itself: fields, titles, descriptions, types and articles, each field with its origin.

Of each field the first usable value counts, in the order of `declared_trust.TRUST`. In short:

| field | order of trust | why (`benchmarks/metadata.py`) |
|---|---|---|
| published, updated | JSON-LD, article:, microdata, named meta, `<time>` | days agree between kinds on 98 %; JSON-LD is there most |
| authors | JSON-LD, named meta, microdata, rel=author | meta name=author is a company or desk on one page in ten |
| title | heading that a declared title resembles, JSON-LD, og, `<title>` | equals a reviewed title on 88 % of pages, `<title>` on 24 % |
| teaser | og, JSON-LD, meta, Twitter | equals the standfirst that readers see on 63, 60, 57, 64 % |
| image, canonical | og:image; rel=canonical, og:url | the same picture at other sizes; the two addresses agree on 95 % |
| language | html lang, JSON-LD, og:locale | 99 % agree; html lang is there on 97 % |
| site | og:site_name, publisher, WebSite, application-name | a publisher is often the company behind the site |
| paywalled | isAccessibleForFree only | nothing else says it plainly |

Where JSON-LD tells of no article of the page, its WebPage, Recipe or ClaimReview speaks with less weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from cleaner.html.dates import resolve_date
from cleaner.html.declared_article import (
    ACCESS,
    Claims,
    DeclaredArticle,
    choose_main,
    first_text,
    list_articles,
    word_of,
)
from cleaner.html.declared_fields import DATES, host_of, judge, list_sites
from cleaner.html.declared_head import Head, read_head, text_within
from cleaner.html.declared_image import find_caption, read_picture, stem_of
from cleaner.html.declared_text import key_of, page_key
from cleaner.html.declared_title import Titles, choose_title, strip_site
from cleaner.html.declared_trust import TRUST, Evidence, origin_of
from cleaner.html.jsonld import load_values
from cleaner.html.jsonld_graph import AROUND, ARTICLES, read_graph
from cleaner.html.microdata import body_text, read_microdata

MAX_FIELD = 5_000


@dataclass(frozen=True, slots=True)
class Declared:
    """Hold what a page declares.

    `fields` are named as in `model.FIELDS`, values as found; `resolved` has the dates among them in ISO 8601; `origins`
    names the markup of each field and of the title: `json-ld`, `open-graph`, `meta`, `microdata` or `html`. `types` are
    those of the page's main entity, in lower case, with the Open Graph type. The article of the page comes first in
    `articles` and is marked `main`.
    """

    fields: Mapping[str, str]
    origins: Mapping[str, str]
    resolved: Mapping[str, str]
    title: str | None
    page_title: str | None
    description: tuple[str, ...]
    types: frozenset[str]
    articles: tuple[DeclaredArticle, ...]

    @property
    def main(self) -> DeclaredArticle | None:
        """Return the article that is the page's own."""
        return self.articles[0] if self.articles and self.articles[0].main else None


def read_declared(root: HtmlElement, url: str | None) -> Declared:
    """Read what a page declares from its tree, scripts still in it; `url` is the address it was fetched from, if known."""
    evidence = _gather(root, url)
    sites = list_sites(evidence)
    fields: dict[str, str] = {}
    origins: dict[str, str] = {}
    for name in TRUST:
        for source in TRUST[name]:
            if value := judge(name, evidence, source, sites):
                fields[name], origins[name] = value[:MAX_FIELD], origin_of(source)
                break
    _add_caption(evidence, fields, origins)
    title = choose_title(_titles(evidence), sites, host_of(evidence.head))
    if title:
        origins["title"] = title[1]
    return Declared(
        fields=fields,
        origins=origins,
        resolved={name: date for name in DATES if (date := resolve_date(fields.get(name, "")))},
        title=title[0] if title else None,
        page_title=evidence.head.page_title or None,
        description=_descriptions(evidence),
        types=_types(evidence),
        articles=(*_marked_article(evidence), *list_articles(evidence.graph, evidence.main)),
    )


def list_evidence(root: HtmlElement, url: str | None) -> dict[str, dict[str, str]]:
    """Tell what every source says, by field and source, to compare the sources; dates in ISO 8601."""
    evidence = _gather(root, url)
    sites = list_sites(evidence)
    found: dict[str, dict[str, str]] = {}
    for name, sources in TRUST.items():
        values = {source: judge(name, evidence, source, sites) for source in sources}
        found[name] = {
            source: (resolve_date(value) or "") if name in DATES else value for source, value in values.items() if value
        }
    return found


def _gather(root: HtmlElement, url: str | None) -> Evidence:
    head = read_head(root, url)
    graph = read_graph(load_values(head.scripts))
    return Evidence(head, graph, choose_main(graph, _claims(head)), read_microdata(head.marked, head.headings))


def _claims(head: Head) -> Claims:
    addresses = (head.url, head.canonical, *head.meta("og:url"))
    titles = (head.page_title, *head.meta("og:title"), *head.meta("twitter:title"))
    shown = [text_within(heading) for heading in head.headings]
    bare = [strip_site(text, _site_keys(head), host_of(head)) for text in titles]
    return Claims(
        frozenset(key for address in addresses if address and (key := page_key(address))),
        frozenset(key for text in (*shown, *bare) if len(key := key_of(text)) >= 4),
    )


def _site_keys(head: Head) -> list[str]:
    return [key_of(name) for name in (*head.meta("og:site_name"), *head.meta("application-name"))]


def _titles(evidence: Evidence) -> Titles:
    graph = (*evidence.head.meta("og:title"), *evidence.head.meta("twitter:title"))
    marked = tuple(evidence.read("microdata:headline"))
    return Titles(
        headline=first_text(evidence.main.value, "headline", "name") if evidence.main else "",
        graph=graph[0] if graph else "",
        marked=marked[0] if marked else "",
        page=evidence.head.page_title,
        headings=[text for heading in evidence.head.headings if (text := text_within(heading))],
    )


def _descriptions(evidence: Evidence) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for source in TRUST["teaser"]:
        for value in evidence.read(source):
            found.setdefault(key_of(value), value)
    found.pop("", None)
    return tuple(found.values())


def _types(evidence: Evidence) -> frozenset[str]:
    found = {kind.lower() for kind in evidence.head.meta("og:type")[:1]}
    own = [node.types for node in evidence.graph.nodes if not node.place]
    if evidence.main:
        found |= evidence.main.types
        found |= {kind for types in own for kind in types if kind.endswith("page")}
    else:
        found |= {kind for types in own for kind in types - AROUND} or evidence.microdata.types
    return frozenset(found)


def _marked_article(evidence: Evidence) -> tuple[DeclaredArticle, ...]:
    """Return the article that microdata marks, where JSON-LD has none for the page."""
    marked = evidence.microdata
    if evidence.main or ARTICLES.isdisjoint(marked.types):
        return ()
    first = {name: next(evidence.read(f"microdata:{name}"), "") for name in ("headline", "datePublished")}
    return (
        DeclaredArticle(
            headline=first["headline"],
            url=None,
            body=body_text(marked.body) if marked.body is not None else "",
            types=marked.types,
            published=resolve_date(first["datePublished"]),
            access=ACCESS.get(word_of(evidence.read("microdata:isAccessibleForFree"))),
            main=True,
            origin="microdata",
        ),
    )


def _add_caption(evidence: Evidence, fields: dict[str, str], origins: dict[str, str]) -> None:
    """Add caption and credit of the image: declared with it, else from the figure that shows it."""
    image = fields.get("image")
    if not image:
        return
    declared = read_picture(evidence.main.value.get("image") if evidence.main else None, evidence.graph)
    same = bool(declared.url) and stem_of(declared.url) == stem_of(image)
    shown = find_caption(evidence.head.figures, image)
    for name in ("caption", "credit"):
        for origin, picture in (("json-ld", declared if same else None), ("html", shown)):
            if picture and (text := getattr(picture, name)) and name not in fields:
                fields[name], origins[name] = text, origin
