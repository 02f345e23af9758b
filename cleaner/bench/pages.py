"""Read pages with gold: the article's body as plain text, or snippets that must stay or go."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cleaner.bench.folds import publisher
from cleaner.bench.metrics import Score, Snippets, find_snippets, score_shingles, score_tokens
from cleaner.errors import InputError
from cleaner.io.stream import Truncated, read_chunks, split_lines
from cleaner.model import Page


@dataclass(frozen=True, slots=True)
class GoldPage:
    """Hold a page, its publisher, and what should come of it; `wanted` and `unwanted` count where `gold` is None."""

    page: Page
    site: str
    gold: str | None
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Hold the scores of one text: of tokens and 4-grams where the page has a gold body, else of snippets."""

    tokens: Score | None = None
    shingles: Score | None = None
    snippets: Snippets | None = None

    @property
    def quality(self) -> float:
        """Return the one figure by which pages are ordered and candidates chosen: F1 of tokens, or snippets done right."""
        return self.tokens.f1 if self.tokens else (self.snippets or Snippets()).share


def judge(page: GoldPage, text: str) -> Verdict:
    """Score the text that was extracted from a page."""
    if page.gold is None:
        return Verdict(snippets=find_snippets(text, page.wanted, page.unwanted))
    return Verdict(score_tokens(page.gold, text), score_shingles(page.gold, text))


def set_name(path: str | Path) -> str:
    """Name a set after its file.

    >>> set_name("data/harbour_pages.jsonl.zst")
    'harbour_pages'
    """
    return Path(path).name.split(".")[0]


def read_pages(path: str | Path) -> Iterator[GoldPage]:
    """Yield the pages of a JSON Lines file (also .gz, .zst) with `id`, `html` or `html_base64`, and `gold`, or `with` and `without`.

    Raises `InputError` with the line's number for a record that is no such page: a set must be whole to be measured.
    """
    number = 0
    try:
        for line in split_lines(read_chunks(str(path))):
            number += 1
            if line.raw.strip():
                yield _page(orjson.loads(line.raw))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}, line {number}: no page with gold ({type(error).__name__}: {error})") from None
    except Truncated as error:
        raise InputError(f"{path}: {error}, after {number} lines") from None


def _page(record: Any) -> GoldPage:
    if not isinstance(record, dict):
        raise TypeError("not an object")
    html = b64decode(record["html_base64"]) if record.get("html") is None else str(record["html"])
    if record.get("gold") is None and "with" not in record:
        raise ValueError("neither `gold` nor `with`")
    id, url = str(record["id"]), record.get("url")
    markup = html if isinstance(html, str) else html.decode("utf-8", "replace")
    return GoldPage(
        page=Page(id=id, html=html, url=url, lang=record.get("lang"), title=record.get("title")),
        site=publisher(markup, url, id),
        gold=record.get("gold"),
        wanted=tuple(record.get("with") or ()),
        unwanted=tuple(record.get("without") or ()),
    )
