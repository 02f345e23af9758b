"""What is measured: one page or text, what should come of it, and whom it is resampled with."""

from __future__ import annotations

from dataclasses import dataclass

from cleaner.html.decode import decode
from cleaner.model import Document, Page, language_of


@dataclass(frozen=True, slots=True)
class Body:
    """Ask for a text: the article's body."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """Ask for snippets that must stay, and for others that must go."""

    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """Say of stretches `(start, end, label)` of the input, in code points, whether they are body, noise or neither."""

    spans: tuple[tuple[int, int, str], ...]


Gold = Body | Phrases | Labels


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one input and its gold.

    `site` names the publisher: cases of one site rise and fall together, so they are resampled together. `held_out` are
    ids of rules that a cleaner by rules may not use here, as its noise was taken from them. Cases with one `story` hold
    the same article. `rate` is the share of injected noise, as in `20 %`. `language` is that of the gold, declared or
    detected: results are grouped by it, and no peer is told.
    """

    id: str
    set: str
    input: Page | Document
    gold: Gold
    site: str
    held_out: tuple[str, ...] = ()
    story: str | None = None
    rate: str | None = None
    language: str = ""

    @property
    def lang(self) -> str:
        """Return the language without script or region; nothing where it is not known."""
        return language_of(self.input.lang)

    @property
    def markup(self) -> str:
        """Return the page as text; a text as it is."""
        if isinstance(self.input, Document):
            return self.input.text
        html = self.input.html
        return html if isinstance(html, str) else decode(html, self.input.charset).text
