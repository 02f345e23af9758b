"""Clean the articles of news-please: their `maintext`, or the page they were made from, which they do not keep.

    article = NewsPlease.from_html(html, url)
    put_back(article, clean_page(article, html, cleaner))

`document_of` and `page_of` are for many: `cleaner.pipe(map(document_of, articles))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaner.adapters.article import authors, moment_of, published, text_of
from cleaner.clean import Cleaner
from cleaner.errors import InputError
from cleaner.model import Cleaned, Document, Page

if TYPE_CHECKING:
    from newsplease.NewsArticle import NewsArticle


def document_of(article: NewsArticle) -> Document:
    """Return the `maintext`, with URL, host, title, language and time of the download.

    Raises `InputError` where news-please found no text.
    """
    _check(article)
    return Document(
        article.url or "",
        text_of(article.maintext, article, "news-please found none; `clean_page` asks another extractor"),
        article.url or None,
        source=article.source_domain or None,
        lang=article.language or None,
        title=article.title or None,
        crawled=moment_of(article.date_download),
    )


def page_of(article: NewsArticle, html: str | bytes) -> Page:
    """Return the page that an article was made from, with its URL, host and time of the download."""
    _check(article)
    crawled = moment_of(article.date_download)
    return Page(article.url or "", html, article.url or None, source=article.source_domain or None, crawled=crawled)


def clean_text(article: NewsArticle, cleaner: Cleaner) -> Cleaned:
    """Clean the `maintext`; raises `InputError` where there is none."""
    return cleaner.clean_document(document_of(article))


def clean_page(article: NewsArticle, html: str | bytes, cleaner: Cleaner) -> Cleaned:
    """Extract the text of the page that the article was made from, and clean it."""
    return cleaner.clean_page(page_of(article, html))


def put_back(article: NewsArticle, cleaned: Cleaned) -> NewsArticle:
    """Give the article its clean `maintext`; title, authors and date only where it has none and cleaning proved one."""
    _check(article)
    article.maintext = cleaned.text
    article.title = article.title or cleaned.title
    article.authors = article.authors or authors(cleaned)
    article.date_publish = article.date_publish or published(cleaned)
    return article


def _check(article: NewsArticle) -> None:
    """Refuse the empty dict that `from_html` returns for an empty page."""
    if not hasattr(article, "maintext"):
        raise InputError(f"{article!r} is no NewsArticle: news-please makes none of an empty page")
