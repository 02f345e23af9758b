"""Turn an HTML page into a `Document` with trafilatura: the article's text, and what the page says about itself."""

from __future__ import annotations

from typing import Any

from cleaner.model import Document, Page
from cleaner.text.fold import fold

_METADATA = {
    "date": "published",
    "sitename": "site",
    "url": "canonical",
    "language": "language",
    "image": "image",
    "author": "authors",
}


def extract(page: Page) -> Document:
    """Extract the text of a page; an empty text where there is none to find.

    The page's title becomes the document's only where the text begins with it; else it is kept as `page_title` in
    `extra`. A title that was given comes first.
    """
    from trafilatura import bare_extraction
    from trafilatura.utils import decode_file

    html = decode_file(page.html) if isinstance(page.html, bytes) else page.html
    found = bare_extraction(html, url=page.url, include_comments=False, with_metadata=True) if html.strip() else None
    text = (getattr(found, "text", None) or "") if found else ""
    shown = getattr(found, "title", None)
    extra = dict(page.extra)
    if shown and not _begins_with(text, shown):
        extra["page_title"] = shown
        shown = None
    return Document(
        id=page.id,
        text=text,
        url=page.url,
        source=page.source,
        lang=page.lang or getattr(found, "language", None),
        title=page.title or shown,
        crawled=page.crawled,
        metadata=_metadata(found, page.url),
        extra=extra,
    )


def _begins_with(text: str, title: str) -> bool:
    first = next(filter(None, map(str.strip, text.splitlines())), "")
    return fold(" ".join(first.split())) == fold(" ".join(title.split()))


def _metadata(found: Any, url: str | None) -> dict[str, str]:
    known = {ours: getattr(found, theirs, None) for theirs, ours in _METADATA.items()}
    if known["canonical"] == url:
        known["canonical"] = None
    return {name: value for name, value in known.items() if value}
