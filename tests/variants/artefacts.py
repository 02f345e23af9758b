"""The invented material, and the noise built from it as pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.variants.page import Layout, Page, Piece, Related

HERE = Path(__file__).parent
LANGUAGES = ("fr", "en", "es", "de", "it", "pt")
UNKNOWN = ("pl", "nl", "sv", "tr")
CLOCK = {"fr": "{}h{:02}", "de": "{:02}:{:02} Uhr"}


@dataclass(frozen=True, slots=True)
class Article:
    """A clean article; `paragraphs` holds its sub-headings too, `prose` does not."""

    lang: str
    title: str
    source: str
    paragraphs: tuple[str, ...]
    prose: tuple[str, ...]

    def page(self) -> Page:
        """Return the article alone, its title on the first line."""
        return Page((Piece(self.title, "title"), *map(Piece, self.paragraphs)))


@dataclass(frozen=True, slots=True)
class Tail:
    """How an aggregator's tail is printed; `parts` says which of its three boxes there are."""

    lang: str
    layout: Layout = "compact"
    parts: frozenset[str] = frozenset({"promo", "comments", "related"})
    wording: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    noisy: bool = False
    dated: bool = False


@cache
def stock(name: str) -> dict[str, Any]:
    """Return one of the YAML files."""
    with (HERE / f"{name}.yaml").open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded


@cache
def articles(lang: str) -> tuple[Article, ...]:
    """Return the invented articles of a language."""
    return tuple(_article(lang, a) for a in stock("articles")[lang])


def _article(lang: str, record: dict[str, str]) -> Article:
    lines = record["text"].splitlines()
    paragraphs = tuple(line.removeprefix("## ") for line in lines)
    prose = tuple(line for line in lines if not line.startswith("## "))
    return Article(lang, record["title"], record["source"], paragraphs, prose)


def lookalike(kind: str, lang: str, bullet: str = "") -> Page:
    """Return an article that resembles noise; `bullet` marks its items ("-\\n" puts the mark on its own line)."""
    record = stock("lookalikes")[kind][lang]
    paragraphs: list[str] = []
    for number, line in enumerate(record["text"].splitlines()):
        mark = f"{number}." if bullet == "1." else bullet
        paragraphs += line.replace("{b} ", mark if mark.endswith("\n") else f"{mark} ").split("\n")
    return Page((Piece(record["title"], "title"), *map(Piece, paragraphs)))


def noise(*texts: str, glue: bool = False) -> list[Piece]:
    """Return pieces that must go."""
    return [Piece(t, "noise", glue) for t in texts]


# Lists of headlines


def headline_list(heading: str, items: Sequence[str], style: str, lang: str, rng: Random) -> list[Piece]:
    """Return a playlist or ticker.

    `style` is a mark and where it stands: "own -", "line •", "own 1.", "none"; "clock" and "clock own" print times.
    """
    pieces = noise(heading) if heading else []
    minute = rng.randrange(700, 1300)
    for number, item in enumerate(items, 1):
        minute -= rng.randrange(3, 19)
        pieces += noise(*_item(style, number, _clock(minute, lang), item))
    return pieces


def _item(style: str, number: int, clock: str, item: str) -> list[str]:
    """Return the lines of one entry."""
    where, _, mark = style.partition(" ")
    if where == "none":
        return [item]
    mark = f"{number}{mark[1:]}" if mark.startswith("1") else mark
    if where == "clock":
        return {"": [f"{clock} {item}"], "own": [clock, item], "-": [f"{clock} - {item}"]}[mark]
    return [mark, item] if where == "own" else [f"{mark} {item}"]


def _clock(minute: int, lang: str) -> str:
    return CLOCK.get(lang, "{:02}:{:02}").format(minute // 60, minute % 60)


# Between and behind paragraphs


def choose(kind: str, lang: str, rng: Random) -> Any:
    """Return one of a language's alternatives."""
    return rng.choice(stock("artefacts")[kind][lang])


def ad(lang: str, rng: Random, glue: bool = False) -> list[Piece]:
    """Return an ad label."""
    return noise(choose("ads", lang, rng), glue=glue)


def read_also(lang: str, rng: Random, split: bool = False) -> list[Piece]:
    """Return a read-also link, its label on the same line or with `split` on the line before."""
    label, headline = choose("read_also", lang, rng), choose("headlines", lang, rng)
    return noise(label, headline) if split else noise(f"{label} {headline}")


def newsletter(lang: str, rng: Random, glue: bool = False) -> list[Piece]:
    """Return a newsletter box; with `glue` its first line continues the paragraph before it."""
    first, *rest = noise(*choose("newsletter", lang, rng))
    return [replace(first, glue=glue), *rest]


def lines_of(kind: str, lang: str) -> list[Piece]:
    """Return a fixed box: log-in prompt, app promo."""
    return noise(*stock("artefacts")[kind][lang])


def feedback(lang: str) -> list[Piece]:
    """Return a feedback prompt."""
    return noise(stock("artefacts")["feedback"][lang])


# Aggregator


def expanded_head(article: Article, age: str) -> Page:
    """Return the article as the expanded layout prints it: logo, doubled title, source and age, a teaser."""
    teaser = article.paragraphs[1].split(". ")[0]
    teaser += "" if teaser.endswith((".", "»", "”", "“")) else "."
    title = Piece(article.title, "title")
    top = [*noise("logo"), title, *noise(""), title, *noise("", f"{article.source}{age}"), Piece(teaser, "meta")]
    body = [Piece(p) for p in article.paragraphs]
    return Page((*top, *body), metadata={"source": article.source, "age": age})


def with_daily8(page: Page, tail: Tail, others: Sequence[Article], rng: Random) -> Page:
    """Append the aggregator's boxes and `others` in full."""
    promo = tail.wording or tuple(stock("artefacts")["daily8"][tail.lang][0])
    gap = ("",) if tail.layout == "expanded" else ()
    pieces = noise("Orange background", "") if tail.layout == "expanded" else noise("Hashtags", "", *tail.tags)
    boxes = {"promo": promo[:2], "comments": promo[2:4], "related": promo[4:]}
    for name, texts in boxes.items():
        if name in tail.parts:
            pieces += noise(*(t for text in texts for t in (text, *gap)))
    related: list[Related] = []
    for other in others if "related" in tail.parts else ():
        printed, gold = _related(other, tail, rng)
        pieces += printed
        related.append(gold)
    if tail.layout == "expanded":
        title, line, text = stock("artefacts")["daily8"][tail.lang][1]
        pieces += noise("", title, "", line, "", text, "app-storeplay-store")
    return page.with_tail(pieces, related)


def _related(other: Article, tail: Tail, rng: Random) -> tuple[list[Piece], Related]:
    """Return one appended article as printed, and its gold."""
    age = rng.choice(stock("artefacts")["dated_ages" if tail.dated else "ages"])
    body = " ".join(other.paragraphs)
    printed = _noisy(other, rng) if tail.noisy else body
    title, source = other.title, other.source
    if tail.layout == "compact":
        texts = ["", "", source, age, f"- {source}", title, printed]
    else:
        head = [title, title, "", source, "", f"time{age}", "", f"  • {source}", "", title]
        texts = [*head, "", printed, ""]
    return noise(*texts), Related(title, source, age, body, tail.layout)


def _noisy(other: Article, rng: Random) -> str:
    """Return an article's text with promos inside, each bounded so that a reader sees where it ends."""
    lang = other.lang
    first, *middle, last = other.paragraphs
    link = [*read_also(lang, rng), *ad(lang, rng)]
    end = [*newsletter(lang, rng), *feedback(lang)]
    inner = " ".join(p.text for p in link)
    after = " ".join(p.text for p in end)
    return " ".join((first, inner, *middle, last, after))
