"""Walk the JSON-LD of a page: every object with a type, the place it was found in, references followed by `@id`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_NODES = 5_000
MAX_DEPTH = 40

ARTICLES = frozenset((
    "article", "newsarticle", "blogposting", "liveblogposting", "reportagenewsarticle", "analysisnewsarticle",
    "opinionnewsarticle", "backgroundnewsarticle", "reviewnewsarticle", "askpublicnewsarticle",
    "socialmediaposting", "discussionforumposting", "techarticle", "scholarlyarticle", "medicalscholarlyarticle",
    "satiricalarticle", "advertisercontentarticle", "report",
))  # fmt: skip
"""The types, in lower case, of what can be a page's article."""

AROUND = frozenset((
    "organization", "newsmediaorganization", "corporation", "person", "website", "breadcrumblist", "listitem",
    "imageobject", "searchaction", "readaction", "entrypoint", "sitenavigationelement", "wpheader", "wpfooter",
    "wpsidebar", "wpadblock", "speakablespecification", "localbusiness", "postaladdress", "contactpoint", "place",
    "thing", "webpageelement", "comment", "rating", "aggregaterating", "brand", "offer", "question", "answer",
    "propertyvaluespecification", "quantitativevalue", "blog", "dataset", "imagegallery",
))  # fmt: skip
"""Types of what stands around a page's subject on any page."""

_TRANSPARENT = frozenset(("@graph", "mainEntity", "mainEntityOfPage", "@list", "@set"))
_SCALARS = frozenset(("@id", "@context", "@type"))


@dataclass(frozen=True, slots=True)
class Node:
    """Hold a JSON-LD object with its types in lower case; `place` is the property that leads away from the page to it."""

    value: Mapping[str, Any]
    types: frozenset[str]
    place: str

    @property
    def is_article(self) -> bool:
        """Tell whether this is an article by its type, or without any by its properties."""
        if self.types:
            return not ARTICLES.isdisjoint(self.types)
        return "articleBody" in self.value or ("headline" in self.value and "datePublished" in self.value)


@dataclass(frozen=True, slots=True)
class Graph:
    """Hold the nodes of a page in the order they stand, and those that can be referred to."""

    nodes: tuple[Node, ...]
    by_id: Mapping[str, Mapping[str, Any]]

    def resolve(self, value: Any) -> Any:
        """Follow references in a value, one level and through lists."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value[:200] if not isinstance(item, list)]
        if isinstance(value, dict) and isinstance(value.get("@id"), str) and len(value) <= 2:
            return self.by_id.get(value["@id"], value)
        return value


def read_graph(values: Iterable[Any]) -> Graph:
    """Collect the typed objects of JSON values, breadth and depth bounded."""
    nodes: list[Node] = []
    by_id: dict[str, Mapping[str, Any]] = {}
    stack: list[tuple[Any, str, int]] = [(value, "", 0) for value in reversed(list(values))]
    seen = 0
    while stack and seen < MAX_NODES:
        value, place, depth = stack.pop()
        if isinstance(value, list):
            stack.extend((item, place, depth + 1) for item in reversed(value[:MAX_NODES]) if depth < MAX_DEPTH)
        elif isinstance(value, dict):
            seen += 1
            _note(value, place, nodes, by_id)
            if depth < MAX_DEPTH:
                stack.extend(reversed(_children(value, place, depth + 1)))
    return Graph(tuple(nodes), by_id)


def _note(value: dict[str, Any], place: str, nodes: list[Node], by_id: dict[str, Mapping[str, Any]]) -> None:
    types = types_of(value.get("@type"))
    if types or "headline" in value or "articleBody" in value:
        nodes.append(Node(value, types, place))
    name = value.get("@id")
    if isinstance(name, str) and len(value) > len(by_id.get(name, ())):
        by_id[name] = value


def _children(value: dict[str, Any], place: str, depth: int) -> list[tuple[Any, str, int]]:
    return [
        (child, place or ("" if key in _TRANSPARENT else key), depth)
        for key, child in value.items()
        if isinstance(child, (dict, list)) and key not in _SCALARS
    ]


def types_of(value: Any) -> frozenset[str]:
    """Return the names of schema.org types in lower case, without what stands before them.

    >>> sorted(types_of(["http://schema.org/NewsArticle", "schema:Product", 7]))
    ['newsarticle', 'product']
    """
    items = value if isinstance(value, list) else [value]
    names = (item.rstrip("/ ").rpartition("/")[2].rpartition(":")[2] for item in items if isinstance(item, str))
    return frozenset(name.strip().lower() for name in names if 0 < len(name.strip()) < 60 and name.isascii())
