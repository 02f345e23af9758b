"""Clean pages that news-please read: the `maintext` that it took, or, with --page, the page by the extraction of `cleaner`.

    python examples/newsplease_clean.py saved/*.html -o articles.jsonl --url https://news.example/

Each line is an article as news-please writes it, with its clean text, and the account of the cleaning.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson
from newsplease import NewsPlease

from cleaner import Cleaner, CleanerError
from cleaner.adapters.newsplease import clean_page, clean_text, put_back
from cleaner.io.record import describe


def main() -> None:
    """Read the command line, clean, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument(
        "--url", default="https://news.example/", help="where the pages come from; their names follow it"
    )
    parser.add_argument("--page", action="store_true", help="extract the text of the page anew")
    given = parser.parse_args()
    cleaner = Cleaner()
    with given.output.open("wb") as file:
        for path in given.pages:
            html = path.read_text(encoding="utf-8")
            article = NewsPlease.from_html(html, given.url + path.name, fetch_images=False)
            try:
                cleaned = clean_page(article, html, cleaner) if given.page else clean_text(article, cleaner)
                record = {**put_back(article, cleaned).get_serializable_dict(), "cleaning": describe(cleaned)}
            except CleanerError as error:
                print(f"newsplease_clean: {path}: {error}", file=sys.stderr)
                continue
            file.write(orjson.dumps(record, default=str) + b"\n")


if __name__ == "__main__":
    main()
