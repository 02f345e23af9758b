"""Tell the articles that a page declares in JSON-LD, and which of them is the page's own.

An article is the page's own if its address is the page's, else if its headline is the page's title, else if it is the
only one that is declared for the page itself and neither address nor headline speak against it. What stands in lists,
as update, comment or recommendation of something else is never the page's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cleaner.html.dates import resolve_date
from cleaner.html.declared_text import clean_body, clean_value, key_of, overlap, page_key, texts_of
from cleaner.html.jsonld_graph import Graph, Node

MAX_ARTICLES = 500
MAX_BODY = 1_000_000

_OWN_PLACES = frozenset(("", "hasPart", "subjectOf"))
ACCESS = {"true": True, "false": False, "yes": True, "no": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class DeclaredArticle:
    """Hold an article as JSON-LD tells it; `body` is plain text in lines, `place` the property that holds it if not main.

    `published` is ISO 8601; `access` says whether reading it is free. `origin` is `json-ld` or `microdata`.
    """

    headline: str
    url: str | None
    body: str
    types: frozenset[str]
    published: str | None
    access: bool | None
    main: bool = False
    place: str = ""
    origin: str = "json-ld"


@dataclass(frozen=True, slots=True)
class Claims:
    """Hold what the page is known by besides JSON-LD: keys of its addresses and of its titles."""

    addresses: frozenset[str]
    titles: frozenset[str]


def choose_main(graph: Graph, claims: Claims) -> Node | None:
    """Choose the article that is the page's own."""
    nodes = [node for node in graph.nodes if node.is_article and node.place in _OWN_PLACES]
    named = [node for node in nodes if claims.addresses & _addresses(node.value)]
    titled = [node for node in nodes if headline_key(node.value) in claims.titles]
    both = [node for node in named if headline_key(node.value) in claims.titles]
    for candidates in (both, named, titled):
        if candidates:
            return max(candidates, key=lambda node: len(node.value))
    own = [node for node in nodes if not node.place]
    return own[0] if _agree(own) and not _is_foreign(own[0], claims) else None


def _agree(nodes: list[Node]) -> bool:
    return bool(nodes) and len({headline_key(node.value) for node in nodes}) == 1


def _is_foreign(node: Node, claims: Claims) -> bool:
    """Tell whether both the address and the words of the headline are another article's."""
    addresses, key = _addresses(node.value), headline_key(node.value)
    hosts = {address.partition("/")[0] for address in claims.addresses}
    elsewhere = any(address.partition("/")[0] in hosts for address in addresses)
    if not (elsewhere and claims.titles and key):
        return False
    return not any(overlap(key, title) >= 0.4 for title in claims.titles)


def _addresses(value: Mapping[str, Any]) -> set[str]:
    given = (value.get(name) for name in ("url", "@id", "mainEntityOfPage"))
    texts = [_address(item) for item in given]
    return {key for text in texts if text.startswith("http") and (key := page_key(text))}


def _address(item: Any) -> str:
    if isinstance(item, dict):
        item = item.get("@id") or item.get("url")
    if isinstance(item, list):
        item = next((part for part in item if isinstance(part, str)), "")
    return item if isinstance(item, str) else ""


def headline_key(value: Mapping[str, Any]) -> str:
    """Return the key of an article's headline; empty where it has none."""
    return key_of(first_text(value, "headline", "name"))


def first_text(value: Mapping[str, Any], *names: str) -> str:
    """Return the first text under any of the names, cleaned."""
    for name in names:
        for text in texts_of(value.get(name)):
            if cleaned := clean_value(text):
                return cleaned
    return ""


def read_access(value: Mapping[str, Any]) -> bool | None:
    """Return whether an article, or else any part of it, is declared free to read."""
    parts = value.get("hasPart")
    declared = [value, *([parts] if isinstance(parts, dict) else parts if isinstance(parts, list) else ())]
    found = [access for item in declared[:50] if isinstance(item, dict) and (access := _access(item)) is not None]
    return None if not found else found[0] if _access(value) is not None else all(found)


def _access(value: Mapping[str, Any]) -> bool | None:
    text = word_of(texts_of(value.get("isAccessibleForFree")))
    return ACCESS.get(text)


def word_of(texts: Iterable[str]) -> str:
    """Return the first of the words for true and false, without a schema.org address before it."""
    return next((text.strip().lower().rpartition("/")[2] for text in texts if text.strip()), "")


def list_articles(graph: Graph, main: Node | None) -> tuple[DeclaredArticle, ...]:
    """List every article, the page's own first."""
    nodes = [node for node in graph.nodes if node.is_article and node is not main]
    ordered = [main, *nodes] if main else nodes
    return tuple(_article(node, node is main) for node in ordered[:MAX_ARTICLES])


def _article(node: Node, main: bool) -> DeclaredArticle:
    value = node.value
    body = "\n".join(text for text in texts_of(value.get("articleBody"))) if value.get("articleBody") else ""
    return DeclaredArticle(
        headline=first_text(value, "headline", "name"),
        url=clean_value(_address(value.get("url")) or _address(value.get("mainEntityOfPage"))) or None,
        body=clean_body(body[:MAX_BODY]),
        types=node.types,
        published=resolve_date(first_text(value, "datePublished")),
        access=read_access(value),
        main=main,
        place=node.place,
    )
