"""Find the articles of a page that holds several (endless scrolling, "next article"), and take out all but its own.

One lost body costs more than a hundred appended articles, so another article needs proof: a headline of its own at the
rank of the page's, `FULL` characters of paragraphs under it, and a URL, date or byline of its own. Nothing is taken
where the page's own article is not named by URL, canonical URL or declared title, or is not there in full.
Sections, list items, teasers, comments and the posts of a live blog fail one of these.

Finding changes nothing: `find_articles` returns what it found, `detach` takes it out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from cleaner.html.declared import Declared
from cleaner.html.node import Element

FULL = 800
"""Characters of paragraph text that another article has at least."""

OWN = 200
"""Characters of paragraph text that the page's own article has at least: less, and its body stands elsewhere."""

NAMED = 0.6
"""Likeness from which a title or slug names a headline."""

BEFORE = 250
"""Characters of paragraph text that may stand in another article's container before its headline: more is a body."""

MANY = 60
"""Headlines of one rank in a page above which it is a list, not a scroll."""

_ADDRESSES = ("data-url", "data-href", "data-permalink", "data-path", "data-article-url", "data-page-url",
              "data-canonical", "data-canonical-url", "data-share-url", "data-link", "data-uri", "itemid")  # fmt: skip
_ARTICLE_TYPE = re.compile(r"(?:article|blogposting|reportage)\b", re.I)
_TALK = re.compile(r"comment|kommentar|coment|disqus|respon[ds]|reply|replies|forum|review|teaser|faq", re.I)
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|bylines|authors?|autor(?:e|es|en)?)(?:$|[\s_-])", re.I)
_DATE = re.compile(r"(?:^|[\s_-])(?:published|pubdate|posted-on|entry-date|post-date|article-date|timestamp)", re.I)
_WORD = re.compile(r"[^\W_]+")
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "li", "blockquote", "pre")


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold a container with one headline of its own; `length` counts the paragraph text that follows the headline."""

    element: Element
    heading: Element
    headline: str
    length: int
    before: int
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """Hold the page's own article and the other articles beside or inside it, in document order."""

    own: Unit
    others: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Separate:
    """Hold another article that was taken out of the tree; `path` is where its element stood."""

    title: str
    url: str | None
    text: str
    path: str
    element: Element


def separate(declared: Declared, root: Element, url: str | None) -> tuple[Separate, ...]:
    """Take the other articles out of the tree, each returned whole; none where they are not proven."""
    found = find_articles(declared, root, url)
    return detach(found) if found else ()


def find_articles(declared: Declared, root: Element, url: str | None) -> Several | None:
    """Tell the page's own article from the others that were appended to it; None where there is but one."""
    if "liveblogposting" in declared.types:
        return None
    headings = _headings(root)
    if not headings:
        return None
    units = _units(root, headings)
    if len(units) < 2:
        return None
    addresses = [address for address in (url, declared.fields.get("canonical")) if address]
    titles = [title for title in (declared.title or declared.page_title, declared.page_title) if title]
    own = _own(units, addresses, titles)
    if own is None:
        return None
    others = _outermost(unit for unit in units if unit is not own and _is_other(unit, own, addresses, titles))
    if not others or own.length - sum(unit.length for unit in others if _contains(own.element, unit.element)) < OWN:
        return None
    return Several(own, others)


def detach(found: Several) -> tuple[Separate, ...]:
    """Take the other articles out of their tree, in document order."""
    return tuple([_detach(unit) for unit in found.others])


def _detach(unit: Unit) -> Separate:
    element = unit.element
    path = element.getroottree().getpath(element)
    taken = Separate(unit.headline, unit.urls[0] if unit.urls else None, text_of(element), path, element)
    remove(element)
    return taken


def remove(element: Element) -> None:
    """Take an element out of its tree, leaving the text that follows it."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def text_of(element: Element) -> str:
    """Join the blocks of text of an element, a line a block."""
    blocks = [node for node in element.iter(*_BLOCKS) if not any(up.tag in _BLOCKS for up in _up(node, element))]
    return "\n".join(filter(None, map(words, blocks)))


def words(element: Element) -> str:
    """Return the text of an element with white space collapsed."""
    return " ".join("".join(element.itertext()).split())


def _headings(root: Element) -> list[tuple[Element, Element | None]]:
    """Return the headlines that compete, each with the article element it heads: all h1, or the h2 of articles."""
    h1 = list(root.iter("h1"))
    if 2 <= len(h1) <= MANY:
        return [(heading, _article_around(heading)) for heading in h1]
    if len(h1) > MANY:
        return []
    articles = [node for node in root.iter("article") if not _is_talk(node)]
    if not 2 <= len(articles) <= MANY:
        return []
    headed = ((next(node.iter("h1", "h2"), None), node) for node in articles)
    return [(heading, node) for heading, node in headed if heading is not None and heading.tag == "h2"]


def _article_around(heading: Element) -> Element | None:
    return next((up for up in heading.iterancestors() if _is_article(up)), None)


def _is_article(element: Element) -> bool:
    kind = element.get("itemtype") or element.get("typeof")
    return element.tag == "article" or bool(kind and _ARTICLE_TYPE.search(kind))


def _units(root: Element, headings: Sequence[tuple[Element, Element | None]]) -> list[Unit]:
    """Return each headline with the largest element that holds no other one, in document order."""
    holds = Counter(up for heading, _ in headings for up in heading.iterancestors())
    places = [(heading, _place(heading, article, holds)) for heading, article in headings]
    after, before = _lengths(root, {place: heading for heading, place in places if place is not None})
    units = []
    for heading, place in places:
        if place is None or after[place] < OWN or _is_talk(place):
            continue
        headline = words(heading)
        if headline:
            units.append(Unit(place, heading, headline, after[place], before[place], _urls(place, heading)))
    return units if max((unit.length for unit in units), default=0) >= FULL else []


def _place(heading: Element, article: Element | None, holds: Counter[Element]) -> Element | None:
    if article is not None and holds[article] > 1 and _heads(heading, article):
        return article if heading.tag == "h1" and _nests(article) else None
    place = None
    for up in heading.iterancestors():
        if holds[up] > 1 or up.tag in ("body", "html", "main"):
            break
        if up.tag != "header":
            place = up
    return place


def _heads(heading: Element, article: Element) -> bool:
    return next(article.iter("h1", "h2"), None) is heading


def _nests(article: Element) -> bool:
    return any(
        _is_article(node) for node in article.iterdescendants("article", "div", "section") if node is not article
    )


def _lengths(root: Element, places: Mapping[Element, Element]) -> tuple[Counter[Element], Counter[Element]]:
    """Count the paragraph text of each place after and before its headline."""
    after: Counter[Element] = Counter()
    before: Counter[Element] = Counter()
    passed: set[Element] = set()
    headings = set(places.values())
    for node in root.iter("p", "h1", "h2"):
        if node in headings:
            passed.add(node)
        elif node.tag == "p":
            length = len(words(node))
            for up in node.iterancestors():
                if up in places:
                    (after if places[up] in passed else before)[up] += length
    return after, before


def _own(units: Sequence[Unit], addresses: Sequence[str], titles: Sequence[str]) -> Unit | None:
    """Choose the article that the page is about: the one of its address, else the one that all its names agree on.

    The first of `titles` may have been read from an appended article, so it needs the title element or an address to
    agree. The first article is chosen where nothing names one and only the others have addresses.
    """
    for unit in units:
        if any(same_address(mine, address) for mine in unit.urls for address in addresses):
            return unit
    slugs = [slug for slug in map(slug_of, addresses) if slug]
    shown = [*titles[1:], *slugs]
    named = {best.element: best for name in (*titles, *slugs) if (best := _named(units, name))}
    if named:
        own = next(iter(named.values()))
        told = not shown or any(likeness(own.headline, name) >= NAMED for name in shown)
        return own if len(named) == 1 and told else None
    first, *rest = units
    if slugs and not first.urls and first.heading.tag == "h1" and all(unit.urls for unit in rest):
        return first
    return None


def _named(units: Sequence[Unit], name: str) -> Unit | None:
    best = max(units, key=lambda unit: likeness(unit.headline, name))
    return best if likeness(best.headline, name) >= NAMED else None


def _is_other(unit: Unit, own: Unit, addresses: Sequence[str], titles: Sequence[str]) -> bool:
    """Tell whether a unit is proven to be another article than the page's own."""
    if unit.length < FULL or unit.before > BEFORE or _contains(unit.element, own.element):
        return False
    if unit.heading.tag != own.heading.tag or not _is_alike(unit.element, own.element):
        return False
    if any(likeness(unit.headline, named) >= 0.5 for named in (own.headline, *titles)):
        return False
    if any(same_address(mine, address) for mine in unit.urls for address in addresses):
        return False
    return bool(unit.urls) or _is_signed(unit.element)


def _is_alike(element: Element, own: Element) -> bool:
    """Tell whether two containers are of one kind: both articles, or of one tag with a class or address in common."""
    if _holds_article(element) and _holds_article(own):
        return True
    classes = set((element.get("class") or "").split()) & set((own.get("class") or "").split())
    return element.tag == own.tag and bool(classes or any(element.get(name) and own.get(name) for name in _ADDRESSES))


def _holds_article(element: Element) -> bool:
    return _is_article(element) or any(_is_article(node) for node in element.iterchildren())


def _is_signed(element: Element) -> bool:
    """Tell whether a container carries a date or byline of its own."""
    for node in element.iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag == "time" or node.get("rel") == "author":
            return not _is_talk(node)
        if node.get("itemprop") in ("datePublished", "author"):
            return True
        name = node.get("class")
        if name and (_BYLINE.search(name) or _DATE.search(name)):
            return True
    return False


def _urls(element: Element, heading: Element) -> tuple[str, ...]:
    """Return the addresses that a container claims for itself: its attributes, its microdata, its headline's link."""
    held = [element.get(name) for name in _ADDRESSES]
    for node in element.iterchildren():
        held += [node.get(name) for name in _ADDRESSES] if _is_article(node) else []
    for node in element.iter("link", "meta"):
        if node.get("itemprop") == "mainEntityOfPage" or node.get("rel") == "canonical" or _is_own_url(node):
            held.append(node.get("href") or node.get("content") or node.get("itemid"))
    links = [*heading.iter("a"), *(up for up in _up(heading, element) if up.tag == "a")]
    held += [link.get("href") for link in links]
    return tuple(dict.fromkeys(value.strip() for value in held if value and "/" in value and _path(value)))


def _is_own_url(node: Element) -> bool:
    """Tell whether a URL in microdata is the article's, not its picture's or publisher's."""
    if node.get("itemprop") != "url":
        return False
    return _is_article(next((up for up in node.iterancestors() if up.get("itemscope") is not None), node))


def same_address(one: str, other: str) -> bool:
    """Tell whether two URLs, either of which may be relative, lead to the same page.

    >>> same_address("https://x.org/a/storm/?ref=1", "a/storm")
    True
    """
    return _path(one) == _path(other) != ""


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(urljoin("https://x/", url)).path).strip("/").lower()
    except ValueError:
        return ""


def slug_of(url: str) -> str:
    """Return the words of the last speaking segment of a URL's path, empty where none speaks.

    >>> slug_of("https://x.org/news/2024/storm-hits-the-coast-1234.html")
    'storm hits the coast'
    """
    for segment in reversed(_path(url).split("/")):
        found = [word for word in _WORD.findall(segment.rsplit(".", 1)[0]) if not any(map(str.isdigit, word))]
        if len(found) >= 3:
            return " ".join(found)
    return ""


def likeness(one: str, other: str) -> float:
    """Return the share of words of the shorter text that the longer has too; under three words only equal texts are alike.

    >>> likeness("Storm hits the coast", "Storm hits the coast - The Herald")
    1.0
    """
    one, other = sorted((" ".join(one.casefold().split()), " ".join(other.casefold().split())), key=len)
    if one == other or (len(one) >= 8 and one in other):
        return float(bool(one))
    first, second = set(_WORD.findall(one)), set(_WORD.findall(other))
    less = min(len(first), len(second))
    return len(first & second) / less if less >= 3 else 0.0


def _outermost(units: Iterable[Unit]) -> tuple[Unit, ...]:
    found = tuple(units)
    inner = {one.element for one in found for two in found if _contains(two.element, one.element)}
    return tuple(unit for unit in found if unit.element not in inner)


def _contains(outer: Element, inner: Element) -> bool:
    return any(up is outer for up in inner.iterancestors())


def _up(element: Element, top: Element) -> Iterator[Element]:
    """Yield the ancestors of an element below `top`."""
    for up in element.iterancestors():
        if up is top:
            return
        yield up


def _is_talk(element: Element) -> bool:
    """Tell whether an element is, or stands among, comments, questions or teasers."""
    for node in (element, *element.iterancestors()):
        if node.tag in ("body", "html"):
            return False
        name = f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemtype') or ''}"
        if _TALK.search(name):
            return True
    return False
