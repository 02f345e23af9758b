"""Build the variant and look-alike documents: `python -m tests.variants.build OUT.jsonl`.

Each family is a generator of `Variant`; every choice hangs on the seed and the document's id, so that adding a family
changes no other document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.variants.artefacts import (
    LANGUAGES,
    UNKNOWN,
    Article,
    Tail,
    ad,
    articles,
    choose,
    expanded_head,
    feedback,
    headline_list,
    lines_of,
    lookalike,
    newsletter,
    noise,
    read_also,
    stock,
    with_daily8,
)
from tests.variants.damage import DAMAGES
from tests.variants.page import Layout, Page, Piece, flatten, flatten_tail

LAYOUTS: tuple[Layout, ...] = ("compact", "expanded")
BULLETS = ("own -", "own •", "own *", "own –", "own >", "own 1.", "line -", "line •", "line *", "line –", "line >")
STYLES = (*BULLETS, "line 1.", "line 1)", "none")
CLOCKS = ("clock", "clock own", "clock -")

SHAPES: dict[str, Callable[[Page], Page]] = {
    "flat": flatten,
    "tailline": lambda page: flatten_tail(page, glue=False),
    "tailglued": lambda page: flatten_tail(page, glue=True),
}


@dataclass(frozen=True, slots=True)
class Variant:
    """A page and what happens to it: names of `SHAPES` and `DAMAGES`, joined by "+" ("lines" is neither)."""

    id: str
    page: Page
    shape: str = "lines"

    def document(self) -> dict[str, Any]:
        """Return the document with its gold."""
        page, damage = self.page, []
        for step in self.shape.split("+"):
            page = SHAPES[step](page) if step in SHAPES else page
            damage += [DAMAGES[step]] if step in DAMAGES else []
        text = page.text
        for harm in damage:
            text = harm(text)
        return {"id": f"{self.id}/{self.shape}", "text": text, "gold": page.gold()}


def build(seed: int = 0) -> list[dict[str, Any]]:
    """Return all documents, each `id`, `text` and `gold`."""
    return [variant.document() for family in FAMILIES for variant in family(seed)]


def chance(seed: int, name: str) -> Random:
    """Return the source of choices for one document."""
    return Random(f"{seed}/{name}")


def pick(lang: str, number: int) -> tuple[Article, list[Article]]:
    """Return an article and others to append to it, topped up from another language where there are few."""
    own = articles(lang)
    at = number % len(own)
    others = [*own[at + 1 :], *own[:at]]
    if len(others) < 2:
        others.append(articles("en")[number % 4])
    return own[at], others[: 2 + number % 2]


# Daily8


def daily8(seed: int) -> Iterator[Variant]:
    """Both layouts in the six languages, every shape and damage."""
    shapes = ("lines", "flat", "crlf", "nbsp", "nfd", "mojibake", "tailline", "tailglued", "flat+nbsp")
    for layout in LAYOUTS:
        for lang in LANGUAGES:
            for number, shape in enumerate(shapes):
                yield _daily8(seed, f"daily8-{layout}/{lang}/{number}", lang, number, Tail(lang, layout), shape)


def daily8_unknown(seed: int) -> Iterator[Variant]:
    """Languages whose phrases nobody wrote down: brand, empty box, age, source line and doubled titles must do."""
    shapes = ("lines", "flat", "crlf-nbsp", "mojibake", "tailline", "mojibake-latin")
    for layout in LAYOUTS:
        for lang in UNKNOWN:
            for number, shape in enumerate(shapes):
                yield _daily8(seed, f"unknown-{layout}/{lang}/{number}", lang, number, Tail(lang, layout), shape)


def daily8_boxes(seed: int) -> Iterator[Variant]:
    """Tails with a box missing, with another wording, another language, hash tags, dates, promos inside."""
    full = frozenset({"promo", "comments", "related"})
    for number, lang in enumerate(LANGUAGES):
        for gone in sorted(full):
            tail = Tail(lang, LAYOUTS[number % 2], parts=full - {gone})
            yield _daily8(seed, f"daily8-no-{gone}/{lang}/{number}", lang, number, tail, "lines")
        for layout in LAYOUTS:
            for shape in ("lines", "flat"):
                tail = Tail(lang, layout, noisy=True)
                yield _daily8(seed, f"daily8-noisy-{layout}/{lang}/{number}", lang, number, tail, shape)
        english = Tail("en" if lang != "en" else "fr", LAYOUTS[number % 2])
        yield _daily8(seed, f"daily8-foreign/{lang}/{number}", lang, number, english, "lines")
    for number, (lang, wording) in enumerate(stock("artefacts")["daily8_other"].items()):
        tail = Tail(lang, LAYOUTS[number % 2], wording=tuple(wording))
        for shape in ("lines", "flat"):
            yield _daily8(seed, f"daily8-wording/{lang}/{number}", lang, number, tail, shape)
    for number, lang in enumerate(("en", "de", "pl")):
        tail = Tail(lang, tags=("- #Region", "- #Daily", f"- {articles(lang)[0].source.split()[-1]}"))
        yield _daily8(seed, f"daily8-tags/{lang}/{number}", lang, number, tail, "lines")
        yield _daily8(seed, f"daily8-dated/{lang}/{number}", lang, number, Tail(lang, LAYOUTS[number % 2], dated=True))


def _daily8(seed: int, name: str, lang: str, number: int, tail: Tail, shape: str = "lines") -> Variant:
    """Return an article with a tail behind it."""
    rng = chance(seed, name)
    article, others = pick(lang, number)
    expanded = tail.layout == "expanded"
    page = expanded_head(article, rng.choice(stock("artefacts")["ages"])) if expanded else article.page()
    return Variant(name, with_daily8(page, tail, others, rng), shape)


# Headline lists


def playlists(seed: int) -> Iterator[Variant]:
    """Every bullet style in the middle and at the end, under changing headings; some without any."""
    number = 0
    for place in ("middle", "end"):
        for _ in range(2):
            for style in STYLES:
                lang = LANGUAGES[number % 6]
                yield _list(seed, f"playlist-{place}/{lang}/{number}-{_slug(style)}", style, place, "lines", number)
                number += 1
    for style in ("own -", "line •", "own 1.", "own *"):
        for place in ("middle", "end"):
            lang = LANGUAGES[number % 6]
            name = f"playlist-bare-{place}/{lang}/{number}-{_slug(style)}"
            yield _list(seed, name, style, place, "lines", number, headed=False)
            number += 1
    for shape in ("flat", "crlf", "nbsp", "nfd", "mojibake", "crlf-mojibake", "flat+mojibake"):
        for style in ("own -", "line •"):
            lang = LANGUAGES[number % 6]
            yield _list(seed, f"playlist-end/{lang}/{number}-{_slug(style)}", style, "end", shape, number)
            number += 1


def tickers(seed: int) -> Iterator[Variant]:
    """Before the article with bullets or times, after it with times."""
    number = 0
    for style in (*BULLETS[:4], "line -", "line •", *CLOCKS, *CLOCKS):
        lang = LANGUAGES[number % 6]
        yield _list(seed, f"ticker-before/{lang}/{number}-{_slug(style)}", style, "before", "lines", number)
        number += 1
    for shape in ("lines", "lines", "flat", "crlf", "nfd", "nbsp"):
        for style in CLOCKS:
            lang = LANGUAGES[number % 6]
            yield _list(seed, f"ticker-after/{lang}/{number}-{_slug(style)}", style, "end", shape, number)
            number += 1


def _list(seed: int, name: str, style: str, place: str, shape: str, number: int, *, headed: bool = True) -> Variant:
    """Return an article with a list of headlines before, inside or behind it."""
    family, lang = name.split("/")[:2]
    rng = chance(seed, name)
    article, _ = pick(lang, number // 6)
    kind = "ticker_headings" if family.startswith("ticker") else "playlist_headings"
    heading = choose(kind, lang, rng) if headed and place != "before" else ""
    items = rng.sample(stock("artefacts")["headlines"][lang], rng.randrange(4, 8))
    listed = headline_list(heading, items, style, lang, rng)
    if place == "end" and family.startswith("playlist") and number % 2:
        listed += lines_of("login", lang)
    page = article.page()
    at = {"before": 0, "middle": _middle(page, style), "end": len(page.pieces)}[place]
    pieces = (*page.pieces[:at], *listed, *page.pieces[at:])
    return Variant(name, replace(page, pieces=pieces, headlines=tuple(items)), shape)


def _middle(page: Page, style: str) -> int:
    """Return where a list may stand: without bullets, not before a sub-heading, which would read as one item more."""
    return 2 if style == "none" and len(page.pieces[3].text) < 60 else 3


def _slug(style: str) -> str:
    """Return a style's name for an id."""
    names = {"-": "hyphen", "•": "dot", "*": "star", "–": "dash", ">": "angle", "1.": "number", "1)": "bracket"}
    return "-".join(names.get(part, part) for part in style.split())


# Signatures and furniture


def signatures(seed: int) -> Iterator[Variant]:
    """Other initials of the network, with its sub-headings, behind a ticker every other time."""
    for number, signature in enumerate(stock("artefacts")["signatures"]):
        lang = LANGUAGES[number % 6]
        name = f"signature/{lang}/{number}"
        rng = chance(seed, name)
        page = _with_afp_headings(pick(lang, number // 3)[0])
        items = rng.sample(stock("artefacts")["headlines"][lang], 6) if number % 2 else []
        ticker = headline_list("", items, "own -", lang, rng)
        pieces = (*ticker, *page.pieces, *noise(signature))
        signed = replace(page, pieces=pieces, headlines=tuple(items), metadata={"signature": signature})
        yield Variant(name, signed, "lines" if items else ("lines", "flat", "crlf")[number // 2 % 3])


def furniture(seed: int) -> Iterator[Variant]:
    """Ad labels, read-also links, newsletter boxes and prompts between and behind paragraphs."""
    shapes = ("lines", "flat", "glued", "crlf-nbsp", "split", "mojibake")
    for lang in LANGUAGES:
        for number, shape in enumerate(shapes):
            name = f"furniture/{lang}/{number}" + (f"-{shape}" if shape in ("glued", "split") else "")
            page = _furnished(pick(lang, number)[0], chance(seed, name), shape == "glued", shape == "split")
            yield Variant(name, page, "lines" if shape in ("glued", "split") else shape)
        for shape in ("lines", "flat"):
            name = f"prompts/{lang}/0"
            page = pick(lang, 1)[0].page()
            end = (*feedback(lang), *lines_of("app", lang), *lines_of("login", lang))
            yield Variant(name, replace(page, pieces=(*page.pieces, *end)), shape)


def _furnished(article: Article, rng: Random, glued: bool, split: bool) -> Page:
    """Return an article with promos between its paragraphs."""
    lang = article.lang
    page = article.page()
    title, first, second, third, *rest = page.pieces
    link = [*read_also(lang, rng, split), *ad(lang, rng)]
    box = newsletter(lang, rng, glue=glued)
    inner = (title, first, *ad(lang, rng, glue=glued), second, *link, third, *rest[:1])
    return replace(page, pieces=(*inner, *box, *rest[1:], *feedback(lang)))


def heads(seed: int) -> Iterator[Variant]:
    """Date line, caption and credit under the title."""
    for number, lang in enumerate(LANGUAGES):
        for shape in ("lines", "flat"):
            article, _ = pick(lang, number)
            yield Variant(f"head/{lang}/{number}", _dated(article), shape)


def _dated(article: Article) -> Page:
    """Return an article with a date line, a caption and a credit."""
    published, updated = stock("artefacts")["dates"][article.lang]
    caption, credit = stock("artefacts")["captions"][article.lang]
    title, *rest = article.page().pieces
    top = (Piece(f"{published} {updated}", "meta"), Piece(caption, "taste"), Piece(credit, "taste"))
    return Page((title, *top, *rest), metadata={"published": published, "updated": updated})


def doubled(seed: int) -> Iterator[Variant]:
    """A title printed twice, which proves it even on one line."""
    for number, lang in enumerate(LANGUAGES):
        page = pick(lang, number + 2)[0].page()
        gap = noise("") if number % 2 else []
        for shape in ("lines", "flat"):
            yield Variant(f"doubled/{lang}/{number}", replace(page, pieces=(page.pieces[0], *gap, *page.pieces)), shape)


def everything(seed: int) -> Iterator[Variant]:
    """All of it at once: date line, furniture, playlist, aggregator."""
    for number, lang in enumerate(LANGUAGES):
        for shape in ("lines", "crlf-mojibake", "flat"):
            name = f"everything/{lang}/{number}"
            rng = chance(seed, name)
            article, others = pick(lang, number)
            page = _furnished(article, rng, glued=bool(number % 2), split=False)
            items = rng.sample(stock("artefacts")["headlines"][lang], 5)
            listed = headline_list(choose("playlist_headings", lang, rng), items, BULLETS[number], lang, rng)
            title, *rest = page.pieces
            published, updated = stock("artefacts")["dates"][lang]
            pieces = (title, Piece(f"{published} {updated}", "meta"), *rest, *listed)
            metadata = {"published": published, "updated": updated}
            full = replace(page, pieces=pieces, headlines=tuple(items), metadata=metadata)
            yield Variant(name, with_daily8(full, Tail(lang, noisy=True), others, rng), shape)


# Look-alikes

KEPT_SHAPES = ("lines", "lines", "crlf", "nfd", "nbsp", "lines")
MARKS: dict[str, Sequence[str]] = {"list": ("-", "•", "*", "1.", "–", "-"), "dialogue": ("-", "–", "—", "-", "–", "—")}


def lookalikes(seed: int) -> Iterator[Variant]:
    """Articles that resemble noise: alone, on one line, damaged, and with an aggregator's tail behind them."""
    for kind, make in LOOKALIKES.items():
        for number, lang in enumerate(LANGUAGES):
            page = make(lang, number)
            yield Variant(f"keep-{kind}/{lang}/{number}", page, KEPT_SHAPES[number])
            for layout in LAYOUTS if kind in ("comments", "daily8") else (LAYOUTS[number % 2],):
                yield _tailed(seed, f"keep-{kind}-tail-{layout}/{lang}/{number}", page, layout, "lines")
            if kind not in ("list", "sports", "agenda"):
                if number % 2:
                    yield Variant(f"keep-{kind}/{lang}/{number}", page, "flat")
                else:
                    yield _tailed(seed, f"keep-{kind}-tail-compact/{lang}/{number}", page, "compact", "flat")


def lookalikes_and_lists(seed: int) -> Iterator[Variant]:
    """Lists that belong to the article and lists that do not, in one document."""
    for number, lang in enumerate(LANGUAGES):
        own = lookalike("list", lang, "-\n")
        yield Variant(f"keep-list-own/{lang}/{number}", own)
        yield _tailed(seed, f"keep-list-own-tail/{lang}/{number}", own, "compact", "lines")
        name = f"keep-list-playlist/{lang}/{number}"
        yield _followed(seed, name, lookalike("list", lang, "-"), lang, "playlist_headings", "own -")
        name = f"keep-agenda-ticker/{lang}/{number}"
        yield _followed(seed, name, lookalike("agenda", lang), lang, "ticker_headings", "clock")
        name = f"keep-dialogue-playlist/{lang}/{number}"
        yield _followed(seed, name, lookalike("dialogue", lang, "–"), lang, "playlist_headings", "line -")


def _followed(seed: int, name: str, page: Page, lang: str, headings: str, style: str) -> Variant:
    """Return a look-alike with a real list of headlines behind it."""
    rng = chance(seed, name)
    items = rng.sample(stock("artefacts")["headlines"][lang], 5)
    listed = headline_list(choose(headings, lang, rng), items, style, lang, rng)
    return Variant(name, replace(page, pieces=(*page.pieces, *listed), headlines=tuple(items)))


def _tailed(seed: int, name: str, page: Page, layout: Layout, shape: str) -> Variant:
    """Return a look-alike with an aggregator's tail."""
    lang, number = name.split("/")[1:3]
    tail = Tail(lang, layout)
    return Variant(name, with_daily8(page, tail, pick(lang, int(number))[1], chance(seed, name)), shape)


def _with_afp_headings(article: Article) -> Page:
    """Return an article whose sub-headings are the agency's, between dashes."""
    headings = [Piece(h) for h in stock("lookalikes")["afp_headings"][article.lang]]
    first, second, *rest = map(Piece, article.prose)
    return Page((Piece(article.title, "title"), first, headings[0], second, *rest[:1], headings[1], *rest[1:]))


def _one_sentence_paragraphs(article: Article) -> Page:
    """Return an article with every sentence on its own line."""
    title, *rest = article.page().pieces
    sentences = [s for p in rest for s in p.text.replace(". ", ".\n").splitlines()]
    return Page((title, *map(Piece, sentences)))


LOOKALIKES: dict[str, Callable[[str, int], Page]] = {
    "comments": lambda lang, number: lookalike("about_comments", lang),
    "daily8": lambda lang, number: lookalike("about_daily8", lang),
    "list": lambda lang, number: lookalike("list", lang, MARKS["list"][number]),
    "dialogue": lambda lang, number: lookalike("dialogue", lang, MARKS["dialogue"][number]),
    "sports": lambda lang, number: lookalike("sports", lang),
    "agenda": lambda lang, number: lookalike("agenda", lang),
    "promos": lambda lang, number: lookalike("about_promos", lang),
    "afp": lambda lang, number: _with_afp_headings(articles(lang)[number % 4]),
    "sentences": lambda lang, number: _one_sentence_paragraphs(articles(lang)[(number + 1) % 4]),
}

FAMILIES: tuple[Callable[[int], Iterator[Variant]], ...] = (
    daily8,
    daily8_unknown,
    daily8_boxes,
    playlists,
    tickers,
    signatures,
    furniture,
    heads,
    doubled,
    everything,
    lookalikes,
    lookalikes_and_lists,
)


def main(arguments: Sequence[str]) -> None:
    """Write the documents as JSON lines."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    with Path(arguments[0]).open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in build())


if __name__ == "__main__":
    main(sys.argv[1:])
