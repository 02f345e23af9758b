"""Read microdata and RDFa of a page's article: properties of the item that holds, or heads, the article.

Items of other types (authors, images, navigation) give no properties of their own; values they stand for do. A marked
element outside of any item counts for the page, as many pages forget the item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from cleaner.html.declared_head import text_within
from cleaner.html.jsonld_graph import ARTICLES, types_of

MAX_CLIMB = 80
MAX_BLOCKS = 2_000
MAX_VALUES = 30
MAX_LOOSE_AUTHORS = 3
"""More authors outside of any item are those of a list of articles."""

_PAGES = frozenset(("webpage", "itempage", "creativework", "mediaobject"))
_WANTED = frozenset((
    "headline", "author", "creator", "datePublished", "dateModified", "description", "image", "articleSection",
    "keywords", "inLanguage", "isAccessibleForFree", "articleBody", "alternativeHeadline", "publisher",
))  # fmt: skip
_BY_ATTRIBUTE = {"meta": "content", "img": "src", "link": "href", "a": "", "time": "datetime", "data": "value"}


@dataclass(frozen=True, slots=True)
class Microdata:
    """Hold values by property, as found, the types of the article's item and the element that holds its body."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    body: HtmlElement | None = None


def read_microdata(marked: Sequence[HtmlElement], headings: Sequence[HtmlElement]) -> Microdata:
    """Read the article's item among marked elements; where several articles stand, the one with the first heading."""
    items: dict[HtmlElement | None, list[tuple[str, HtmlElement]]] = {}
    types: dict[HtmlElement | None, frozenset[str]] = {None: frozenset()}
    for element in marked:
        names = _names(element)
        if not names:
            continue
        item = _item_above(element)
        if item not in types and item is not None:
            types[item] = types_of((item.get("itemtype") or item.get("typeof") or "").split())
        items.setdefault(item, []).extend((name, element) for name in names)
    chosen = _choose(items, types, headings)
    values: dict[str, tuple[str, ...]] = {}
    body = None
    for item in chosen:
        if item is None and sum(name == "author" for name, _ in items[item]) > MAX_LOOSE_AUTHORS:
            items[item] = [(name, element) for name, element in items[item] if name != "author"]
        for name, element in items.get(item, ()):
            if name == "articleBody":
                body = element if body is None else body
            elif len(values.get(name, ())) < MAX_VALUES and (text := _value(element, name)):
                values[name] = (*values.get(name, ()), text)
    return Microdata(values, frozenset().union(*(types[item] for item in chosen)), body)


def body_text(body: HtmlElement) -> str:
    """Return the paragraphs, headings and list items of an article's body as lines."""
    blocks = list(body.iter("p", "h2", "h3", "h4", "li", "blockquote"))[:MAX_BLOCKS]
    inner = [block for block in blocks if next(block.iterdescendants("p", "li"), None) is None]
    lines = (text_within(block, 10_000) for block in inner or [body])
    return "\n".join(filter(None, lines))


def _names(element: HtmlElement) -> list[str]:
    marks = element.get("itemprop") or element.get("property") or ""
    names = (mark.removeprefix("schema:") for mark in marks.split()[:4])
    return [name for name in names if name in _WANTED]


def _item_above(element: HtmlElement) -> HtmlElement | None:
    above = element.getparent()
    for _ in range(MAX_CLIMB):
        if above is None:
            return None
        attributes = above.attrib
        if "itemscope" in attributes or "itemtype" in attributes or "typeof" in attributes:
            return above
        above = above.getparent()
    return None


def _choose(
    items: Mapping[HtmlElement | None, object],
    types: Mapping[HtmlElement | None, frozenset[str]],
    headings: Sequence[HtmlElement],
) -> list[HtmlElement | None]:
    articles = [item for item in items if not ARTICLES.isdisjoint(types[item])]
    if len(articles) > 1:
        above = {element for heading in headings[:3] for element in heading.iterancestors()}
        articles = [item for item in articles if item in above][:1]
        if not articles:
            return []
    pages = [item for item in items if item is None or not _PAGES.isdisjoint(types[item])]
    return [*articles, *pages]


def _value(element: HtmlElement, name: str) -> str:
    attribute = _BY_ATTRIBUTE.get(str(element.tag))
    if name == "image" and (found := _image(element)):
        return found
    found = element.get("content") or (element.get(attribute) if attribute else None)
    if found:
        return str(found).strip()
    if name in ("author", "creator", "publisher"):
        return _named(element)
    return text_within(element)


def _image(element: HtmlElement) -> str | None:
    inner = element if element.tag in ("img", "meta", "link") else None
    for candidate in [inner] if inner is not None else element.iter("img", "meta", "link"):
        if candidate is inner or candidate.get("itemprop") in ("url", "contentUrl", "image", None):
            found = candidate.get("src") or candidate.get("content") or candidate.get("href")
            if found:
                return str(found).strip()
    return None


def _named(element: HtmlElement) -> str:
    for inner in element.iter():
        if isinstance(inner.tag, str) and "name" in (inner.get("itemprop") or inner.get("property") or "").split():
            return (inner.get("content") or text_within(inner)).strip()
    text = text_within(element)
    return text if len(text) <= 120 else ""
