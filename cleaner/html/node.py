"""What an element of a page is to a rule: its text, its names, what stands in its links, how to take it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import regex
from lxml import etree

from cleaner.text.shape import is_word
from cleaner.text.words import split_words

Element: TypeAlias = Any
"""An element of lxml, which has no types."""

NAMES = frozenset(
    ("class", "id", "data-testid", "data-component", "data-component-name", "data-module", "data-type", "data-qa",
     "data-name", "itemprop", "role", "aria-label")
)  # fmt: skip
"""The attributes in which developers name an element."""

UNSEEN = frozenset(("script", "style", "template"))
"""Elements whose content is no text of the page."""

INLINE = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
     "sup", "time", "tt", "u", "var", "wbr")
)  # fmt: skip
"""Elements that a word can go across; all others end it."""

_LABEL_MOST = 60  # code points up to which an aria-label is a name and no sentence
_NAME_MOST = 1000  # code points read of one attribute
_PLENTY = 2000  # code points of paragraphs from which a page is one with paragraphs
_HARDLY = 200  # code points of paragraphs below which a page is one without paragraphs
_THIN = 0.1  # and the share of all its text
_SLIGHT = 0.005  # share of a page's text that every rule may take
_LARGE = 8  # elements found to hold most of the text after which all elements are measured at once
_ALLOWED = regex.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_PARAGRAPHS = etree.XPath("descendant-or-self::p/descendant::text()", smart_strings=False)
_TEXTS = etree.XPath(
    "descendant::text()[not(parent::script or parent::style or parent::template)]", smart_strings=False
)

Words = tuple[str, ...]


def text_of(node: Any) -> str:
    """Return the text of an element as a reader sees it: white space folded, blocks set apart by a space."""
    if not len(node):
        return " ".join((node.text or "").split()) if node.tag not in UNSEEN else ""
    parts: list[str] = []
    walk = etree.iterwalk(node, events=("start", "end", "comment", "pi"))
    for event, found in walk:
        if event == "start":
            if found.tag in UNSEEN:
                walk.skip_subtree()
            else:
                parts += ("" if found.tag in INLINE else " ", found.text or "")
        else:
            parts.append("" if event != "end" or found.tag in INLINE else " ")
            if found is not node:
                parts.append(found.tail or "")
    return " ".join("".join(parts).split())


def is_longer(node: Any, most: float) -> bool:
    """Tell whether an element holds more text than a number of code points, without reading much more than that."""
    size = 0
    for part in node.itertext():
        size += len(part.strip())
        if size > most:
            return True
    return False


def linked_share(node: Any, text: str) -> float:
    """Return the share of an element's text that stands in links; 0 where it has no text."""
    if node.tag == "a" or any(True for _ in node.iterancestors("a")):
        return 1.0 if text else 0.0
    return min(1.0, sum(len(text_of(link)) for link in node.iter("a")) / len(text)) if text else 0.0


def words_of(node: Any) -> Iterator[Words]:
    """Return the words of each of an element's names."""
    for name, value in node.items():
        if name in NAMES:
            yield name_words(name, value)


@lru_cache(maxsize=1 << 14)
def name_words(name: str, value: str) -> Words:
    """Split the value of one attribute into words; a label that is a sentence has none.

    >>> name_words("class", "read-more authorBio"), name_words("aria-label", "x" * 61)
    (('read', 'more', 'author', 'bio'), ())
    """
    if name == "aria-label" and len(value) > _LABEL_MOST:
        return ()
    return split_words(value[:_NAME_MOST])


def holds_words(words: Words, wanted: Words) -> bool:
    """Tell whether words stand side by side among others.

    >>> holds_words(("read", "more", "link"), ("more", "link")), holds_words(("read", "more"), ("more", "read"))
    (True, False)
    """
    size = len(wanted)
    return any(words[at : at + size] == wanted for at in range(len(words) - size + 1))


class Measure:
    """Measure a page's text: that of its paragraphs, or all of it where there are hardly any.

    `total` counts the code points of a page, white space at the ends of each piece left out.
    """

    __slots__ = ("_large", "_sizes", "_take", "root", "total")

    def __init__(self, root: Any):
        self.root, self._take, self.total = root, _PARAGRAPHS, _count(_PARAGRAPHS, root)
        if self.total < _PLENTY:
            everything = _count(_TEXTS, root)
            if self.total < max(_HARDLY, _THIN * everything):
                self._take, self.total = _TEXTS, everything
        self._large = 0
        self._sizes: dict[Any, int] | None = None

    def holds_most(self, node: Any, most: float) -> bool:
        """Tell whether an element holds more than a share of the page's text."""
        limit = most * self.total
        if self._sizes is not None:
            return self._sizes.get(node, 0) > limit
        if not is_longer(node, limit) or _count(self._take, node) <= limit:
            return False
        self._large += 1
        if self._large == _LARGE:
            self._sizes = dict(self._measure_all(limit=_SLIGHT * self.total))
        return True

    def _measure_all(self, limit: float) -> Iterator[tuple[Any, int]]:
        """Measure every element at once, where measuring nested ones by themselves would take the square of the time."""
        sizes, paragraphs = [0], 0 if self._take is _PARAGRAPHS else 1
        walk = etree.iterwalk(self.root, events=("start", "end", "comment", "pi"))
        for event, node in walk:
            if event == "start":
                paragraphs += node.tag == "p"
                sizes.append(len((node.text or "").strip()) if paragraphs and node.tag not in UNSEEN else 0)
                if node.tag in UNSEEN:
                    walk.skip_subtree()
                continue
            if event == "end":
                paragraphs -= node.tag == "p"
                size = sizes.pop()
                sizes[-1] += size
                if size > limit:
                    yield node, size
            if paragraphs:
                sizes[-1] += len((node.tail or "").strip())


def _count(take: Any, node: Any) -> int:
    return sum(map(len, map(str.strip, take(node))))


def take_out_all(nodes: Iterable[Any]) -> None:
    """Remove elements, wherever they stand, with all they hold; the text after each stays."""
    for node in list(nodes):
        take_out([node])


def take_out(nodes: Sequence[Any]) -> None:
    """Remove adjacent siblings with all they hold; the text after each stays, and no two words become one."""
    parent, before, after = nodes[0].getparent(), nodes[0].getprevious(), nodes[-1].getnext()
    left = _end(before) if before is not None else parent.text or ""
    parts: list[str] = []
    is_block = False
    for node in nodes:
        is_block = is_block or node.tag not in INLINE
        if tail := node.tail or (_beginning(after) if node is nodes[-1] else ""):
            parts += (" " if left and _would_join(left[-1], tail[0], is_block) else "", node.tail or "")
            left, is_block = tail, False
        node.tail = None
        parent.remove(node)
    if before is not None:
        _write(before, "tail", "".join((before.tail or "", *parts)))
    else:
        _write(parent, "text", "".join((parent.text or "", *parts)))


def _write(node: Any, where: str, text: str) -> None:
    """Set a text; lxml refuses control characters, which its own parser lets pass."""
    try:
        setattr(node, where, text)
    except ValueError:
        setattr(node, where, "".join(_ALLOWED.findall(text)))


def _would_join(left: str, right: str, is_block: bool) -> bool:
    if left.isspace() or right.isspace():
        return False
    return is_block or (is_word(left) and is_word(right))


def _end(node: Any) -> str:
    """Return the last piece of text of an element with its tail."""
    while not node.tail:
        if not len(node):
            return node.text or ""
        node = node[-1]
    tail: str = node.tail
    return tail


def _beginning(node: Any) -> str:
    """Return the first piece of text of an element."""
    while node is not None:
        if node.text and isinstance(node.tag, str):
            text: str = node.text
            return text
        node = node[0] if len(node) else None
    return ""
