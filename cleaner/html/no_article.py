"""Judge whether a page is an article, by what it declares and how it is built, after its text was extracted.

A page that is an article and is called none is lost, so every reason needs two witnesses, one of them the lack of prose
or of a body. Each test is one function of the evidence; the first that holds names the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.etree import XPath

from cleaner.html import signs
from cleaner.html.declared import Declared
from cleaner.html.lengths import ends_sentence, weight
from cleaner.html.node import Element

REASONS = (
    "error",
    "captcha",
    "consent",
    "login",
    "script",
    "search",
    "listing",
    "product",
    "video",
    "gallery",
    "empty",
)
"""The closed list of reasons why a page is no article."""


_HIDDEN = ("script", "style", "noscript", "template", "iframe")
_TEXTS = XPath(".//text()", smart_strings=False)  # a predicate on each text costs ten times as much


@dataclass(frozen=True)
class Evidence:
    """Hold what speaks for and against an article; what is dear to count is counted when it is asked for."""

    declared: Declared
    root: Element
    text: str
    url: str

    @cached_property
    def prose(self) -> float:
        """Weigh the lines that are long and end as sentences do."""
        lines = map(weight, filter(ends_sentence, self.text.splitlines()))
        return sum(length for length in lines if length >= 60)

    @cached_property
    def is_typed(self) -> bool:
        """Say that the page declares its main entity to be some kind of article."""
        return any(signs.ARTICLE.search(name) for name in self.declared.types)

    @cached_property
    def is_dated(self) -> bool:
        """Say that the page's head declares when it was published: a date shown somewhere may be a teaser's."""
        return self.declared.origins.get("published") in ("json-ld", "open-graph", "meta")

    @cached_property
    def path(self) -> str:
        """Return the path of the page's address, without the slashes around it."""
        return unquote(_split(self.url).path).strip("/")

    @cached_property
    def is_home(self) -> bool:
        """Say that the address is the root of a site, or of one language of it."""
        return bool(self.url) and not _split(self.url).query and bool(signs.HOME.match(self.path))

    @cached_property
    def body(self) -> Element:
        """Return the body element, the root where there is none."""
        return next(self.root.iter("body"), self.root)

    @cached_property
    def classes(self) -> str:
        """Return class and id of the root and body elements."""
        return f"{self.root.get('class') or ''} {self.body.get('class') or ''} {self.body.get('id') or ''}"

    @cached_property
    def names(self) -> frozenset[str]:
        """Return what the site's own software calls the page, nothing where it calls it one post."""
        names = frozenset(self.classes.lower().split())
        return frozenset() if any(map(signs.ONE_CLASSES.match, names)) else names

    @cached_property
    def shown(self) -> str:
        """Return the text that a reader without scripts would see, equal stretches together, white space collapsed."""
        hidden = Counter(text for node in self.body.iter(*_HIDDEN) for text in _TEXTS(node))
        return " ".join(" ".join((Counter(_TEXTS(self.body)) - hidden).elements()).split())

    @cached_property
    def headings(self) -> list[str]:
        """Return the titles and the headings of the first ranks."""
        named = [" ".join("".join(node.itertext()).split()) for node in self.root.iter("title", "h1", "h2")]
        return [name for name in [self.declared.title or "", *named] if name]

    @cached_property
    def teasers(self) -> dict[str, str]:
        """Return the texts of the headings that are links, by different targets."""
        found = {}
        for node in self.root.iter("h1", "h2", "h3", "h4"):
            link = next(node.iter("a"), None)
            if link is None:
                link = next((up for up, _ in zip(node.iterancestors(), range(2), strict=False) if up.tag == "a"), None)
            if link is not None and len(link.get("href") or "") > 1:
                found[link.get("href")] = _squeeze(node)
        return found

    @cached_property
    def cards(self) -> int:
        """Count the teasers of other pages."""
        return len(self.teasers)

    @cached_property
    def stretches(self) -> list[float]:
        """Weigh the prose of the text between one teaser's headline and the next, first what precedes them all."""
        headlines = set(self.teasers.values())
        found = [0.0]
        for line in self.text.splitlines():
            if " ".join(line.split()).casefold() in headlines:
                found.append(0.0)
            elif ends_sentence(line):
                found[-1] += weight(line)
        return found

    @cached_property
    def mass(self) -> float:
        """Weigh the paragraphs of the element that holds most of them: the body, if there is one."""
        held: Counter[Element] = Counter()
        for node in self.root.iter("p"):
            box = node.getparent()
            text = "".join(node.itertext()).strip()
            if len(text) >= 20 and box is not None and box.tag != "noscript":
                held[box] += int(weight(text))
        return max(held.values(), default=0)


def judge(declared: Declared, root: Element, text: str, url: str | None) -> str | None:
    """Return the reason why a page is no article, one of `REASONS`, or None for an article.

    `text` is what was extracted from the page.
    """
    evidence = Evidence(declared, root, text, url or declared.fields.get("canonical") or "")
    return next((reason for reason, holds in _TESTS if holds(evidence)), None)


def _is_error(page: Evidence) -> bool:
    if page.prose >= 1500:
        return False
    if signs.ERROR_CLASS.search(page.classes) or (signs.ERROR_PATH.search(page.path) and not page.is_typed):
        return not page.is_dated
    if page.prose >= 500 or page.is_dated or page.is_typed:
        return False
    return any(
        signs.ERROR_NUMBER.search(name) or (len(name) < 100 and signs.ERROR.search(name)) for name in page.headings
    )


def _is_captcha(page: Evidence) -> bool:
    if page.prose >= 300 or page.mass >= 600 or len(page.text) >= 800:
        return False
    if any(signs.ROBOT.search(name) for name in page.headings if len(name) < 70) and not page.is_dated:
        return True
    if weight(page.shown) >= 800:
        return False
    marks = [
        f"{node.get('src') or ''} {node.get('id') or ''}" for node in page.root.iter("script", "iframe", "form", "div")
    ]
    return any(signs.CHALLENGE.search(mark) for mark in marks)


def _is_consent(page: Evidence) -> bool:
    if page.is_typed or page.is_dated or page.prose >= 2500 or len(page.text) >= 6000:
        return False
    length = weight(page.shown)
    if length >= 6000 or page.cards > 3:
        return False
    found = len(signs.CONSENT.findall(page.shown))
    return found >= 4 and found * 220 > length


def _is_login(page: Evidence) -> bool:
    if page.is_typed or page.is_dated or page.prose >= 300 or page.mass >= 600:
        return False
    if not any(node.get("type") == "password" for node in page.root.iter("input")):
        return False
    return any(signs.LOGIN.search(name) for name in (page.path, *page.headings)) or weight(page.shown) < 600


def _needs_script(page: Evidence) -> bool:
    if weight(page.text) >= 200 or page.mass >= 60:
        return False
    return any(_runs(node) for node in page.root.iter("script")) and weight(page.shown) < 250


def _runs(script: Element) -> bool:
    """Tell whether a script is a program, not data."""
    return "json" not in (script.get("type") or "")


def _is_search(page: Evidence) -> bool:
    if page.is_dated and page.is_typed:
        return False
    if signs.SEARCHES & page.names or "searchresultspage" in page.declared.types:
        return True
    if page.is_typed or page.mass >= 1500 or max(page.stretches) >= 700:
        return False
    asked = {key.lower() for key, value in parse_qsl(_split(page.url).query) if value} & signs.SEARCH_KEYS
    searching = any(map(signs.SEARCH_SEGMENT.match, page.path.split("/")))
    return bool(searching or (asked and len(page.path.split("/")) <= 2)) and page.cards >= 3


def _is_listing(page: Evidence) -> bool:
    if page.is_typed and page.is_dated:
        return False
    if signs.ARCHIVES & page.names or signs.COLLECTIONS & page.declared.types:
        return page.mass < 1500 and page.cards >= 4
    if page.is_dated:
        return False
    if page.is_home:
        return page.mass < 2500 and page.cards >= (8 if page.is_typed else 4)
    if page.is_typed or page.mass >= 1500 or max(page.stretches) >= 700:
        return False
    if signs.FRONTS & page.names or signs.LISTS & page.declared.types or _has_list_path(page.path):
        return page.cards >= 4
    return page.cards >= 15 and page.mass < 500 and len(page.stretches) > 8


def _has_list_path(path: str) -> bool:
    *parents, last = path.split("/")
    return "." not in last and any(map(signs.LIST_SEGMENT.match, parents))


def _is_product(page: Evidence) -> bool:
    if page.is_typed or page.is_dated or not signs.PRODUCTS & page.declared.types:
        return False
    marks = (" ".join(node.attrib.values()) for node in page.root.iter("button", "form", "input"))
    return page.prose < 1500 or any(map(signs.CART.search, marks))


def _is_video(page: Evidence) -> bool:
    types = page.declared.types
    told = bool(signs.VIDEOS & types) or any(name.startswith("video.") for name in types)
    return told and not page.is_typed and page.prose < 500


def _is_gallery(page: Evidence) -> bool:
    if page.prose >= 250 or page.mass >= 500 or page.is_typed:
        return False
    if signs.GALLERIES & page.declared.types:
        return True
    named = signs.GALLERY.search(f"{page.path} {page.classes}")
    return bool(named) and sum(1 for _ in page.body.iter("figure", "img")) >= 6


def _is_empty(page: Evidence) -> bool:
    return weight(page.text) < 40 and page.mass < 200 and weight(page.shown) < 600


_TESTS: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("error", _is_error), ("captcha", _is_captcha), ("consent", _is_consent), ("login", _is_login),
    ("script", _needs_script), ("search", _is_search), ("listing", _is_listing), ("product", _is_product),
    ("video", _is_video), ("gallery", _is_gallery), ("empty", _is_empty),
)  # fmt: skip


def _squeeze(element: Element) -> str:
    return " ".join("".join(element.itertext()).split()).casefold()


def _split(url: str) -> Any:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")
