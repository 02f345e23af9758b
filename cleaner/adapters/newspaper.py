"""Clean the articles of newspaper4k: from their page, by the extraction of `cleaner`, or from the text that newspaper took.

    article = Article(url).download().parse()
    put_back(article, clean_page(article, cleaner))

`document_of` and `page_of` are for many: `cleaner.pipe(map(page_of, articles))`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaner.adapters.article import authors, published, text_of
from cleaner.clean import Cleaner
from cleaner.errors import InputError, OptionError
from cleaner.model import Cleaned, Document, Page

if TYPE_CHECKING:
    from newspaper import Article


def document_of(article: Article) -> Document:
    """Return the text that newspaper extracted, with URL, title and language; raises `InputError` before `parse()`."""
    if not article.is_parsed:
        raise InputError(f"{article.url}: call `parse()` first; what is not parsed has no text")
    text = text_of(article.text, article, "call `parse()` first")
    return Document(article.url, text, article.url or None, lang=article.meta_lang or None, title=article.title or None)


def page_of(article: Article) -> Page:
    """Return the page that newspaper fetched, with its URL alone: title and language are taken from the page.

    Raises `InputError` before `download()`.
    """
    if not article.html:
        raise InputError(f"{article.url}: call `download()` first; there is no page yet")
    return Page(article.url, article.html, article.url or None)


def clean_text(article: Article, cleaner: Cleaner) -> Cleaned:
    """Clean the text that newspaper extracted; raises `InputError` before `parse()`."""
    return cleaner.clean_document(document_of(article))


def clean_page(article: Article, cleaner: Cleaner) -> Cleaned:
    """Extract the text of the page and clean it; raises `InputError` before `download()`."""
    return cleaner.clean_page(page_of(article))


def put_back(article: Article, cleaned: Cleaned) -> Article:
    """Give the article its clean text; title, authors and date only where it has none and cleaning proved one.

    Raises `OptionError` where newspaper would cut the text short.
    """
    most = article.config.max_text
    if len(cleaned.text) > most:
        raise OptionError(f"{article.url}: newspaper keeps {most} of {len(cleaned.text)} characters: raise `max_text`")
    article.text = cleaned.text
    article.title = article.title or cleaned.title or ""
    article.authors = article.authors or authors(cleaned)
    article.publish_date = article.publish_date or published(cleaned)
    return article
