"""Find the page's image with its caption and credit: as declared, else in the figure that shows this image."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from cleaner.html.declared_article import first_text
from cleaner.html.declared_head import text_within
from cleaner.html.declared_text import key_of
from cleaner.html.jsonld_graph import Graph

MAX_CAPTION = 1_000

_SIZE = re.compile(r"[-_](?:\d{2,4}x\d{2,4}|scaled|\d{3,4}w|large|small|medium|thumb)(?=\.|$)")
_CREDIT = re.compile(r"credit|copyright|source|fotogra|photogra|author|agency|byline|rights|quelle|bildnachweis", re.I)
_CREDITED = re.compile(
    r"(?P<caption>.*?)[\s|(\[–-]{0,5}(?:\b(?:photo(?: by| credit)?|image(?: credit)?|picture|credits?|foto|bild|photos)\s*:|©)"
    r"\s*(?P<credit>[^:©]{2,100}?)[)\]]?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold an image as declared; empty where nothing is said."""

    url: str = ""
    caption: str = ""
    credit: str = ""


def read_picture(value: Any, graph: Graph) -> Picture:
    """Read a JSON-LD image: an address, an ImageObject, or the first of a list."""
    value = graph.resolve(value)
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, (str, dict))), None)
    if isinstance(value, str):
        return Picture(value.strip())
    if not isinstance(value, dict):
        return Picture()
    address = first_text(value, "url", "contentUrl") or _id(value)
    credit = first_text(value, "creditText", "copyrightHolder", "copyrightNotice")
    return tell_credit(Picture(address, first_text(value, "caption"), credit))


def _id(value: Mapping[str, Any]) -> str:
    name = value.get("@id")
    return name if isinstance(name, str) and name.startswith("http") and "#" not in name else ""


def find_caption(figures: Sequence[HtmlElement], image: str) -> Picture:
    """Find the figure that shows the image, and tell its caption and credit apart."""
    stem = stem_of(image)
    for figure in figures if stem else ():
        if any(stem in _sources(shown) for shown in figure.iter("img", "source")):
            return _read_caption(figure, image)
    return Picture(image)


def stem_of(address: str) -> str:
    """Return what names an image in its address: the last part of its path, without size and ending.

    >>> stem_of("https://x.org/img/bridge-at-dawn-1200x630.jpg?w=3")
    'bridge-at-dawn'
    """
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        return ""
    name = path.rstrip("/").rpartition("/")[2].lower()
    stem = _SIZE.sub("", name).partition(".")[0]
    return stem if len(stem) >= 6 else ""


def _sources(shown: HtmlElement) -> str:
    names = ("src", "srcset", "data-src", "data-srcset", "data-original")
    return unquote(" ".join(filter(None, map(shown.get, names)))[:8000]).lower()


def _read_caption(figure: HtmlElement, image: str) -> Picture:
    captions = list(figure.iter("figcaption"))[:1]
    if not captions:
        return Picture(image)
    credits = [part for part in captions[0].iterdescendants() if _is_credit(part)]
    credit = text_within(credits[0]) if credits else ""
    caption = text_within(captions[0])
    if credit and caption != credit:
        caption = caption.replace(credit, "", 1).strip(" |·-–—/()")
    return tell_credit(Picture(image, "" if caption == credit else caption, credit))


def tell_credit(picture: Picture) -> Picture:
    """Take a credit that ends the caption, after a label or a copyright sign, out of it; a caption has letters.

    >>> tell_credit(Picture("", "The bridge at dawn. (Photo: Ann Bee)"))
    Picture(url='', caption='The bridge at dawn.', credit='Ann Bee')
    """
    caption, credit = picture.caption, picture.credit
    if not credit and len(caption) < MAX_CAPTION and (found := _CREDITED.fullmatch(caption)):
        caption, credit = found["caption"].strip(), found["credit"].strip()
    return Picture(picture.url, caption if key_of(caption) else "", credit if key_of(credit) else "")


def _is_credit(element: HtmlElement) -> bool:
    marks = f"{element.get('class') or ''} {element.get('itemprop') or ''}" if isinstance(element.tag, str) else ""
    return bool(marks.strip()) and bool(_CREDIT.search(marks))
