"""Inject noise into clean articles at controlled rates, so that every span of the outcome is known exactly.

The noise is what rules cut from their own examples (`artefacts`). In the set `known` all rules may be used; in `held-out`
the artefacts of a case come from one fold of rules, none of which may be used, so that what generalises is measured.
Every article stands twice, at one rate and with different noise, so that copies of one story can be looked for.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cleaner.bench.artefacts import Artefact, LookAlike, Stock
from cleaner.bench.case import Body, Case, Labels
from cleaner.bench.folds import site_of
from cleaner.bench.languages import language_of_prose
from cleaner.model import Document, language_of
from cleaner.rules.prose import load_clean
from cleaner.rules.scope import host_of, is_on, plain_host
from cleaner.text.shape import is_headline, is_spaceless
from cleaner.text.sheet import Sheet, ends_sentence
from cleaner.text.tokens import tokenize

NoiseSet = Literal["known", "held-out"]
RATES = (0.05, 0.2, 0.5)
COPIES = 2
ONE_HOST = 0.3  # of the articles without an address, those that are put on a host with noise of its own
LOOK_ALIKE = 0.2  # of the articles, those that get a paragraph that resembles noise
_OVER = 1.1  # how far the last artefact may go beyond the tokens asked for
_LEAST = 3  # artefacts below which a language cannot make two copies that differ


@dataclass(frozen=True, slots=True)
class Article:
    """Hold a clean article: a title, if it is printed, and paragraphs, one a line."""

    id: str
    lang: str
    paragraphs: tuple[str, ...]
    site: str
    title: str | None = None
    url: str | None = None

    @property
    def body(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(self.paragraphs)

    @property
    def size(self) -> int:
        """Count the tokens of title and body."""
        return len(tokenize(f"{self.title or ''}\n{self.body}"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """Hold a stretch of the noisy text, with its label and what joins it to the one before."""

    text: str
    label: str
    joint: str = "\n"


def shipped_articles() -> tuple[Article, ...]:
    """Return the clean passages that come with the package, each a short article under its headline."""
    return tuple(
        article_of(Document(id=passage.id, text=passage.text, lang=passage.lang), titled=True)
        for passage in load_clean()
        if "\n" in passage.text
    )


def article_of(document: Document, site: str = "", titled: bool = False) -> Article:
    """Take a document as a clean article; with `titled` its first line is the title if it reads like a headline.

    The language is guessed where it is not known; the site is that of the address, else the id.
    """
    lines = [line.strip() for line in document.text.splitlines() if line.strip()]
    has_title = titled and len(lines) > 1 and is_headline(lines[0])
    return Article(
        id=document.id,
        lang=language_of(document.lang) or language_of_prose(document.text),
        paragraphs=tuple(lines[has_title:]),
        site=site or site_of(document.url) or document.id,
        title=lines[0] if has_title else None,
        url=document.url,
    )


def articles_of(cases: Iterable[Case]) -> Iterator[Article]:
    """Yield the gold bodies of cases as clean articles; those without one, and empty ones, are passed over."""
    for case in cases:
        if isinstance(case.gold, Body) and case.gold.text.strip():
            known = case.input
            document = Document(id=f"{case.set}/{case.id}", text=case.gold.text, url=known.url, lang=known.lang)
            yield article_of(document, site=case.site)


def make_noise(
    articles: Iterable[Article], stock: Stock, which: NoiseSet, rates: Sequence[float] = RATES, seed: int = 0
) -> Iterator[Case]:
    """Yield two noisy copies of each article; rates are dealt out in turn.

    An article that is too long for the artefacts of its language is shortened to its first paragraphs; where not even
    one of them comes near the rate, it is passed over. The same seed gives the same cases.
    """
    for number, article in enumerate(articles):
        rate = rates[number % len(rates)]
        yield from _copies(article, stock, which, rate, random.Random(f"{seed}/{which}/{rate}/{article.id}"))


def _copies(article: Article, stock: Stock, which: NoiseSet, rate: float, chance: random.Random) -> Iterator[Case]:
    shelves = _shelves(article, stock, which, chance)
    if len(shelves) < COPIES:
        return
    room = min(sum(artefact.size for artefact in shelf) for shelf, _, _ in shelves)
    article = _shorten(_with_lookalike(article, stock.lookalikes, chance), room * (1 - rate) / rate)
    target = article.size * rate / (1 - rate)
    if room < target / 2:
        return
    for copy, (shelf, held_out, host) in enumerate(shelves, 1):
        text, spans = inject(article, _choose(shelf, target, chance), chance)
        url = article.url or (f"https://{host}/{article.id.replace(':', '-')}" if host else None)
        id = f"{article.id}/{which}/{rate:.0%}/{copy}"
        yield Case(
            id=id,
            set=which,
            input=Document(id=id, text=text, url=url, lang=article.lang or None),
            gold=Labels(spans),
            site=article.site,
            held_out=held_out,
            story=article.id,
            language=article.lang,
            rate=f"{rate:.0%}".replace("%", " %"),
        )


Shelf = tuple[tuple[Artefact, ...], tuple[str, ...], str]
"""What one copy may take its noise from, the rules that are held out for it, and its host."""


def _shelves(article: Article, stock: Stock, which: NoiseSet, chance: random.Random) -> list[Shelf]:
    """Deal what fits an article to its copies: of all rules, or each from one fold; no copy gets what another has."""
    host = plain_host(host_of(article.url)) if article.url else _draw_host(article, stock, chance)
    fitting = [a for a in stock.artefacts if a.lang == article.lang and (not a.host or is_on(host, a.host))]
    chance.shuffle(fitting)
    if which == "known":
        split = [tuple(fitting[at::COPIES]) for at in range(COPIES)]
        return [(shelf, (), host) for shelf in split if len(shelf) >= _LEAST]
    by_fold = [tuple(a for a in fitting if a.fold == number) for number in range(len(stock.folds))]
    stocked = [number for number, shelf in enumerate(by_fold) if len(shelf) >= _LEAST]
    drawn = chance.sample(stocked, COPIES) if len(stocked) >= COPIES else []
    return [(by_fold[number], stock.folds[number], host) for number in drawn]


def _draw_host(article: Article, stock: Stock, chance: random.Random) -> str:
    """Put some articles without an address on a host that has noise of its own in their language."""
    hosts = sorted({artefact.host for artefact in stock.artefacts if artefact.host and artefact.lang == article.lang})
    return chance.choice(hosts) if hosts and chance.random() < ONE_HOST else ""


def _with_lookalike(article: Article, known: Sequence[LookAlike], chance: random.Random) -> Article:
    usable = [lookalike for lookalike in known if lookalike.lang == article.lang]
    if not usable or len(article.paragraphs) < 2 or chance.random() >= LOOK_ALIKE:
        return article
    lines, place = chance.choice(usable).text.split("\n"), chance.randrange(1, len(article.paragraphs))
    return replace(article, paragraphs=(*article.paragraphs[:place], *lines, *article.paragraphs[place:]))


def _shorten(article: Article, most: float) -> Article:
    """Keep the first paragraphs, as many as hold no more tokens than that, and at least one."""
    left, paragraphs = most - len(tokenize(article.title or "")), list[str]()
    for paragraph in article.paragraphs:
        left -= len(tokenize(paragraph))
        if paragraphs and left < 0:
            break
        paragraphs.append(paragraph)
    return replace(article, paragraphs=tuple(paragraphs))


def _choose(shelf: Sequence[Artefact], target: float, chance: random.Random) -> list[Artefact]:
    """Draw artefacts until their tokens come close to a number; one at least, and one that closes the text at most."""
    chosen: list[Artefact] = []
    size, closed = 0, False
    for artefact in chance.sample(shelf, len(shelf)):
        if size + artefact.size <= target * _OVER and not (closed and artefact.last):
            chosen.append(artefact)
            size, closed = size + artefact.size, closed or artefact.last
        if size >= target:
            break
    return chosen or [min(shelf, key=lambda artefact: (artefact.size, artefact.text))]


def inject(
    article: Article, artefacts: Sequence[Artefact], chance: random.Random
) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    """Print an article with artefacts in their slots; return the text and its spans: body, the title as meta, noise."""
    head = [_Piece(artefact.text, artefact.class_) for artefact in artefacts if artefact.slot == "head"]
    title = [_Piece(article.title, "meta")] if article.title else []
    paragraphs = [[_Piece(paragraph, "body")] for paragraph in article.paragraphs]
    for artefact in artefacts:
        if artefact.slot in ("start", "inside", "end"):
            _glue(paragraphs, artefact, chance)
    for artefact in artefacts:
        if artefact.slot == "furniture":
            place = chance.randint(1, len(paragraphs))
            paragraphs.insert(place, [_Piece(artefact.text, artefact.class_)])
    tail = sorted((artefact for artefact in artefacts if artefact.slot == "tail"), key=lambda artefact: artefact.last)
    last = [_Piece(artefact.text, artefact.class_) for artefact in tail]
    return _print([*head, *title, *(piece for paragraph in paragraphs for piece in paragraph), *last])


def _glue(paragraphs: list[list[_Piece]], artefact: Artefact, chance: random.Random) -> None:
    """Put an artefact on the line of a paragraph: one that ends a sentence, and for the inside one that has several."""
    joint = "" if is_spaceless(artefact.text) else " "
    noise = _Piece(artefact.text, artefact.class_, joint)
    whole = [paragraph for paragraph in paragraphs if ends_sentence(paragraph[-1].text)] or paragraphs
    parted = [(paragraph, at) for paragraph in whole for at, piece in enumerate(paragraph) if _has_seam(piece)]
    if artefact.slot == "inside" and parted:
        paragraph, at = chance.choice(parted)
        first, second = _part(paragraph[at], chance)
        paragraph[at : at + 1] = [first, noise, second]
    elif artefact.slot == "start":
        paragraph = chance.choice(whole)
        paragraph[:1] = [replace(noise, joint="\n"), replace(paragraph[0], joint=joint)]
    else:
        chance.choice(whole).append(noise)


def _has_seam(piece: _Piece) -> bool:
    return piece.label == "body" and len(Sheet(piece.text).sentences(0)) > 1


def _part(piece: _Piece, chance: random.Random) -> tuple[_Piece, _Piece]:
    """Part a paragraph between two of its sentences."""
    sheet = Sheet(piece.text)
    at, _ = sheet.to_source(*chance.choice(sheet.sentences(0)[1:]))
    first, second = piece.text[:at], piece.text[at:]
    joint = " " if first != first.rstrip() else ""
    return replace(piece, text=first.rstrip()), _Piece(second, piece.label, joint)


def _print(pieces: Iterable[_Piece]) -> tuple[str, tuple[tuple[int, int, str], ...]]:
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    at = 0
    for piece in pieces:
        joint = piece.joint if parts else ""
        parts += [joint, piece.text]
        spans.append((at + len(joint), at + len(joint) + len(piece.text), piece.label))
        at += len(joint) + len(piece.text)
    return "".join(parts), tuple(spans)
