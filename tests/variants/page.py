"""A scraped page as a list of pieces, each with the role that says whether it belongs to the body.

The text is the pieces joined; the gold follows from their roles, so that the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Literal

Role = Literal["title", "body", "noise", "meta", "taste"]
"""`meta`: noise on a line of its own, a matter of taste inside one; `taste`: may stay or go, either is accepted."""

Layout = Literal["compact", "expanded"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; with `glue` it continues the line of the piece before it."""

    text: str
    role: Role = "body"
    glue: bool = False


@dataclass(frozen=True, slots=True)
class Related:
    """The gold of one appended article; `body` is without its own noise."""

    title: str | None
    source: str
    age: str
    body: str
    layout: Layout

    def flat(self) -> Related:
        """Return it as it is known from running text: only a doubled title can be told from the body."""
        if self.layout == "expanded" or self.title is None:
            return self
        return replace(self, title=None, body=f"{self.title} {self.body}")

    def gold(self) -> dict[str, str | None]:
        """Return the record that goes into the gold."""
        return {"title": self.title, "source": self.source, "age": self.age, "body": self.body}


@dataclass(frozen=True, slots=True)
class Page:
    """A whole document; `tail` is the number of the first piece behind the article, if anything is appended."""

    pieces: tuple[Piece, ...]
    related: tuple[Related, ...] = ()
    headlines: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    tail: int | None = None

    @property
    def text(self) -> str:
        """The text as scraped, before any damage."""
        return "\n".join(" ".join(p.text for p in line) for line in lines(self.pieces))

    @property
    def title(self) -> str | None:
        """The title, where it can be proven."""
        return next((p.text for p in self.pieces if p.role == "title"), None)

    def gold(self) -> dict[str, Any]:
        """Return bodies, title, related articles, headlines and metadata."""
        return {
            "bodies": list(bodies(self.pieces)),
            "title": self.title,
            "related": [r.gold() for r in self.related],
            "headlines": list(self.headlines),
            "metadata": dict(self.metadata),
        }

    def with_tail(self, pieces: Iterable[Piece], related: Iterable[Related] = ()) -> Page:
        """Append an aggregator's tail."""
        return replace(self, pieces=(*self.pieces, *pieces), related=(*self.related, *related), tail=len(self.pieces))


def lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Group pieces into the lines they are printed on."""
    found: list[list[Piece]] = []
    for piece in pieces:
        if piece.glue and found:
            found[-1].append(piece)
        else:
            found.append([piece])
    return found


def bodies(pieces: Sequence[Piece]) -> Iterator[str]:
    """Yield every acceptable body, the one with the least left in first."""
    tastes = [i for i, p in enumerate(pieces) if p.role == "taste"]
    for kept in product((False, True), repeat=len(tastes)):
        stays = {i for i, keep in zip(tastes, kept, strict=True) if keep}
        stays |= {i for i, p in enumerate(pieces) if p.role == "body"}
        yield "\n".join(_kept_lines(pieces, stays))


def _kept_lines(pieces: Sequence[Piece], stays: set[int]) -> Iterator[str]:
    """Yield the non-blank lines that the numbered pieces leave."""
    number = 0
    for line in lines(pieces):
        texts = [p.text for i, p in enumerate(line, number) if i in stays and p.text.strip()]
        number += len(line)
        if texts:
            yield " ".join(texts)


def flatten(page: Page) -> Page:
    """Put the whole page on one line; a title printed only once can no longer be proven."""
    doubled = sum(p.role == "title" for p in page.pieces) > 1
    pieces = [_in_line(p, doubled) for p in page.pieces if p.text.strip()]
    return replace(
        page,
        pieces=tuple(pieces),
        related=tuple(r.flat() for r in page.related),
        metadata={k: v for k, v in page.metadata.items() if k not in ("published", "updated")},
    )


def flatten_tail(page: Page, glue: bool) -> Page:
    """Put only the tail on one line: one of its own, or with `glue` the article's last."""
    if page.tail is None:
        raise ValueError("only a page with a tail has one to flatten")
    tail = [replace(p, glue=True) for p in page.pieces[page.tail :] if p.text.strip()]
    if not glue:
        tail[0] = replace(tail[0], glue=False)
    return replace(page, pieces=(*page.pieces[: page.tail], *tail), related=tuple(r.flat() for r in page.related))


def _in_line(piece: Piece, doubled: bool) -> Piece:
    """Return a piece as part of running text."""
    roles: dict[Role, Role] = {"meta": "taste", "title": "title" if doubled else "body"}
    return Piece(piece.text.strip(), roles.get(piece.role, piece.role), glue=True)
