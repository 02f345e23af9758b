"""Crawl a site with Scrapy and write its articles as clean records.

    python examples/scrapy_clean.py https://news.example/ -o news.jsonl

Every page that the front page links to is an item with its page; the pipeline puts the body beside it. Rejected pages
are dropped, and counted with everything else in Scrapy's stats, which stand at the end of the log.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from scrapy import Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class NewsSpider(Spider):
    """Follow the links of a front page."""

    name = "news"

    def parse(self, response: Response) -> Iterator[Any]:
        """Follow links."""
        yield from response.follow_all(css="a", callback=self.parse_article)

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """Hand the page on; the pipeline does the rest."""
        yield {"url": response.url, "html": response.text}


def main() -> None:
    """Read the command line and crawl."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.jsonl")
    parser.add_argument("-s", "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of Scrapy's")
    given = parser.parse_args()
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {"cleaner.adapters.scrapy.CleanerPipeline": 300},
            "FEEDS": {given.output: {"format": "jsonlines", "encoding": "utf8", "overwrite": True}},
            "CLEANER_ARTICLES_ONLY": True,
            **dict(one.split("=", 1) for one in given.set),
        }
    )
    process.crawl(NewsSpider, start_urls=[given.url])
    process.start()


if __name__ == "__main__":
    main()
