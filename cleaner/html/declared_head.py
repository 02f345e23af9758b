"""Collect, in one pass over a page's tree, the elements with which it speaks about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from cleaner.html.declared_text import absolute, clean_value, is_root

MAX_ELEMENTS = 400
"""How many elements of each kind are looked at."""

_TAGS = ("meta", "link", "script", "title", "h1", "time", "base", "figure")
_TEXT = etree.XPath(
    "descendant::text()[not(parent::script or parent::style or parent::noscript or parent::template)]",
    smart_strings=False,
)
_MARKED = etree.XPath(
    "descendant-or-self::*[@itemprop or (@property and not(self::meta) and not(self::link)) or @rel='author']"
)


@dataclass(frozen=True, slots=True)
class Head:
    """Hold those elements; `metas` by name or property in lower case, contents as they stand."""

    metas: Mapping[str, tuple[str, ...]]
    scripts: tuple[str, ...]
    page_title: str
    headings: tuple[HtmlElement, ...]
    times: tuple[HtmlElement, ...]
    figures: tuple[HtmlElement, ...]
    marked: tuple[HtmlElement, ...]
    url: str | None
    base: str | None
    canonical: str | None
    language: str

    def meta(self, name: str) -> tuple[str, ...]:
        """Return the cleaned contents of the meta elements of a name."""
        return tuple(filter(None, map(clean_value, self.metas.get(name, ()))))


def read_head(root: HtmlElement, url: str | None) -> Head:
    """Walk the tree once for elements by name and once for those with marks."""
    found: dict[str, list[HtmlElement]] = {tag: [] for tag in _TAGS}
    for element in root.iter(*_TAGS):
        kept = found[element.tag]
        if len(kept) < MAX_ELEMENTS:
            kept.append(element)
    base = next(filter(None, (absolute(tag.get("href") or "", url) for tag in found["base"])), url)
    return Head(
        metas=_metas(found["meta"]),
        scripts=tuple(tag.text or "" for tag in found["script"] if "ld+json" in (tag.get("type") or "").lower()),
        page_title=next(
            filter(None, (clean_value(tag.text or "") for tag in found["title"] if not _is_drawing(tag))), ""
        ),
        headings=tuple(found["h1"][:20]),
        times=tuple(found["time"][:100]),
        figures=tuple(found["figure"][:60]),
        marked=tuple(_MARKED(root)[:MAX_ELEMENTS]),
        url=url,
        base=base,
        canonical=_canonical(found["link"], base, url),
        language=_language(root),
    )


def _metas(elements: list[HtmlElement]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for element in elements:
        content = element.get("content") or element.get("value")
        if not content:
            continue
        for name in {element.get("property"), element.get("name"), element.get("http-equiv")}:
            for word in (name or "").lower().split()[:2]:
                word = word.replace("dcterms", "dc", 1).replace(":", ".", 1) if word.startswith("dc") else word
                found[word] = (*found.get(word, ()), content)[:60]
    return found


def _is_drawing(title: HtmlElement) -> bool:
    parent = title.getparent()
    return parent is not None and parent.tag not in ("head", "html", "body")


def _canonical(links: list[HtmlElement], base: str | None, url: str | None) -> str | None:
    for link in links:
        if "canonical" in (link.get("rel") or "").lower().split():
            found = absolute(link.get("href") or "", base)
            if found and not (is_root(found) and url and not is_root(url)):
                return found
    return None


def _language(root: HtmlElement) -> str:
    top = root.getroottree().getroot()
    return (
        top.get("lang") or top.get("{http://www.w3.org/XML/1998/namespace}lang") or top.get("xml:lang") or ""
    ).strip()


def text_within(element: HtmlElement, limit: int = 1000) -> str:
    """Return the text of an element on one line, without scripts and styles."""
    parts: list[str] = []
    size = 0
    for text in _TEXT(element):
        if parts and text and _is_seam(parts[-1][-1:], text[0]):
            parts.append(" ")
        parts.append(text)
        size += len(text)
        if size > 4 * limit:
            break
    return " ".join("".join(parts).split())[:limit]


def _is_seam(before: str, after: str) -> bool:
    """Tell whether two elements without space between them hold words of their own, as `<i>Storm</i><b>Ships sink</b>`."""
    return (before.islower() or before.isdigit() or before in ".!?:»”") and (after.isupper() or after in "«„“")
