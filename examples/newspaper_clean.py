"""Clean pages that newspaper4k read: the text that it took, or, with --page, the page by the extraction of `cleaner`.

    python examples/newspaper_clean.py saved/*.html -o articles.jsonl

Each line is an article as newspaper writes it, with its clean text, and the account of the cleaning.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson
from newspaper import Article

from cleaner import Cleaner, CleanerError
from cleaner.adapters.newspaper import clean_page, clean_text, put_back
from cleaner.io.record import describe


def read(path: Path) -> Article:
    """Return the article of a saved page; of a site it would be `article.download()`."""
    article = Article(path.resolve().as_uri(), fetch_images=False)
    article.download(input_html=path.read_text(encoding="utf-8"))
    article.parse()
    return article


def main() -> None:
    """Read the command line, clean, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("-o", "--output", required=True, type=Path)
    parser.add_argument("--page", action="store_true", help="extract the text of the page anew")
    given = parser.parse_args()
    cleaner = Cleaner()
    clean = clean_page if given.page else clean_text
    with given.output.open("wb") as file:
        for path in given.pages:
            article = read(path)
            try:
                cleaned = clean(article, cleaner)
                record = {**put_back(article, cleaned).to_json(as_string=False), "cleaning": describe(cleaned)}
            except CleanerError as error:
                print(f"newspaper_clean: {path}: {error}", file=sys.stderr)
                continue
            file.write(orjson.dumps(record, default=str) + b"\n")


if __name__ == "__main__":
    main()
