"""Clean articles that fundus read, here from saved pages of an invented paper, for which this file brings the parser.

    python examples/fundus_clean.py saved/*.html -o articles.jsonl

For the publishers that fundus knows, `for article in Crawler(PublisherCollection.de).crawl()` takes the place of `read`.
fundus needs an lxml that trafilatura cannot use: pip install 'cleaner-news-text[fundus]'
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

import orjson
from fundus import Article
from fundus.parser import ArticleBody, BaseParser, attribute
from fundus.parser.utility import extract_article_body_with_selector, generic_author_parsing
from fundus.scraping.html import HTML, SourceInfo
from lxml.etree import XPath

from cleaner import Cleaner, CleanerError
from cleaner.adapters.fundus import clean_text, put_back
from cleaner.io.record import describe


class HarbourPost(BaseParser):
    """Read the pages of an invented paper."""

    @attribute
    def body(self) -> ArticleBody | None:
        """Take summary, headlines and paragraphs."""
        return extract_article_body_with_selector(
            self.precomputed.doc,
            summary_selector=XPath("//article/p[@class='summary']"),
            subheadline_selector=XPath("//article/h2"),
            paragraph_selector=XPath("//article/p[not(@class)]"),
        )

    @attribute
    def title(self) -> str | None:
        """Take the headline."""
        return self.precomputed.meta.get("og:title")

    @attribute
    def authors(self) -> list[str]:
        """Take the byline."""
        return generic_author_parsing(self.precomputed.meta.get("author"))


def read(path: Path) -> Article:
    """Return the article of a saved page."""
    content, url = path.read_text(encoding="utf-8"), f"https://harbour-post.example/{path.name}"
    fetched = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    html = HTML(url, url, content, fetched, SourceInfo("Harbour Post"))
    return Article(html=html, **HarbourPost().parse(content, error_handling="raise"))


def main() -> None:
    """Read the command line, clean, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("-o", "--output", required=True, type=Path)
    given = parser.parse_args()
    cleaner = Cleaner()
    with given.output.open("wb") as file:
        for path in given.pages:
            article = read(path)
            try:
                cleaned = clean_text(article, cleaner)
                clean = put_back(article, cleaned)
            except CleanerError as error:
                print(f"fundus_clean: {path}: {error}", file=sys.stderr)
                continue
            record = {
                **clean.to_json("title", "authors", "body"),
                "text": clean.plaintext,
                "cleaning": describe(cleaned),
            }
            file.write(orjson.dumps(record) + b"\n")


if __name__ == "__main__":
    main()
