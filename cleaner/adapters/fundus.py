"""Clean the articles of fundus, whose bodies keep their structure: a summary, and sections of headlines and paragraphs.

    article = put_back(article, clean_text(article, cleaner))

Each piece loses what was cut from it, and one of which nothing is left goes. fundus needs lxml below 6, trafilatura 6.1
or newer: install `cleaner-news-text[fundus]`, which leaves out what only pages need.

`document_of` is for many: `cleaner.pipe(map(document_of, articles))`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cleaner.adapters.article import moment_of
from cleaner.clean import Cleaner
from cleaner.errors import InputError
from cleaner.model import Cleaned, Document, replay
from cleaner.text.repair import repair

if TYPE_CHECKING:
    from fundus import Article
    from fundus.parser import ArticleBody

BETWEEN = "\n\n"
"""What stands between two pieces of a body; fundus itself prints them so."""


def document_of(article: Article) -> Document:
    """Return the pieces of the body as one text, with URL, publisher, title and the time of the crawl.

    `article.lang` is a guess that differs from call to call: name the language where it is known, by `replace`. Raises
    `InputError` where fundus found no body.
    """
    html = article.html
    return Document(
        html.responded_url,
        BETWEEN.join(_pieces(_body_of(article))),
        html.responded_url or None,
        source=article.publisher or None,
        title=_title_of(article),
        crawled=moment_of(html.crawl_date),
    )


def clean_text(article: Article, cleaner: Cleaner) -> Cleaned:
    """Clean the body; raises `InputError` where fundus found none."""
    return cleaner.clean_document(document_of(article))


def put_back(article: Article, cleaned: Cleaned) -> Article:
    """Return the article, which cannot be changed, anew with a clean body; with a title where it has none and one is proven.

    Raises `InputError` where `cleaned` was made of another text.
    """
    body = _body_of(article)
    pieces = list(_pieces(body))
    if cleaned.document.text != BETWEEN.join(pieces):
        raise InputError(f"{article.html.responded_url}: this result is of another text than the article's body")
    left = iter(_left(pieces, cleaned))

    def rest(texts: Any) -> Any:
        return type(texts)([text for _ in texts if (text := next(left))])

    summary = rest(body.summary)
    sections = [replace(part, headline=rest(part.headline), paragraphs=rest(part.paragraphs)) for part in body.sections]
    clean = replace(body, summary=summary, sections=[part for part in sections if part.headline or part.paragraphs])
    known = {**article.__extraction__, "body": clean}
    if cleaned.title and not _title_of(article):
        known["title"] = cleaned.title
    return type(article)(html=article.html, exception=article.exception, **known)


def _body_of(article: Article) -> ArticleBody:
    if hasattr(article.body, "sections"):
        return article.body
    raise InputError(f"{article.html.responded_url}: fundus found no body ({article.body!r})")


def _title_of(article: Article) -> str | None:
    return article.title if isinstance(article.title, str) and article.title else None


def _pieces(body: ArticleBody) -> Iterator[str]:
    """Yield the texts of a body, in the order in which it is read."""
    yield from body.summary
    for section in body.sections:
        yield from section.headline
        yield from section.paragraphs


def _left(pieces: Sequence[str], cleaned: Cleaned) -> list[str]:
    """Return what cuts left of each piece, without the white space at its ends.

    Repair may change how long a piece is, but not how many lines it has: by these it is found in the source. Raises
    `InputError` where it did change that.
    """
    lines, blank = cleaned.source.split("\n"), BETWEEN.count("\n") - 1
    counts = [repair(piece)[0].count("\n") + 1 for piece in pieces]
    if pieces and sum(counts) + blank * (len(pieces) - 1) != len(lines):
        raise InputError(
            f"{cleaned.document.id}: the body has line ends that were repaired; its pieces cannot be told apart"
        )
    left: list[str] = []
    at = line = 0
    for count in counts:
        length = len("\n".join(lines[line : line + count]))
        left.append(_within(cleaned, at, at + length).strip())
        at, line = at + length + len(BETWEEN), line + count + blank
    return left


def _within(cleaned: Cleaned, start: int, end: int) -> str:
    """Return what is left between two places of the source; cuts may begin before and end behind them."""
    cuts = [
        replace(cut, start=max(cut.start, start), end=min(cut.end, end))
        for cut in cleaned.cuts
        if cut.start < end and cut.end > start
    ]
    return replay(cleaned.source, cuts, start, end)
