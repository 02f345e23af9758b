"""Draw a cleaned document for a terminal, or for a pipe in plain marks."""

from __future__ import annotations

from colorsys import hls_to_rgb

from rich.console import Console
from rich.style import Style
from rich.text import Text

from cleaner.model import Cleaned
from cleaner.report.drawing import Piece, headline, hue, lay_out, sections
from cleaner.rules.load import Ruleset


def show(cleaned: Cleaned, console: Console, ruleset: Ruleset | None = None) -> None:
    """Print a document: the source with its cuts in place, then what was recovered, explained by the rules that ran.

    Without a terminal, or with NO_COLOR, cuts are marked `[-text-]{class rules}`.
    """
    plain = not console.is_terminal or console.no_color
    page = draw(cleaned, plain, ruleset)
    console.print(page, soft_wrap=True, highlight=False, emoji=False, markup=False)


def draw(cleaned: Cleaned, plain: bool, ruleset: Ruleset | None = None) -> Text:
    """Draw a document as one text."""
    page = Text()
    page.append(headline(cleaned) + "\n\n", "" if plain else "bold")
    for piece in lay_out(cleaned.source, cleaned.cuts):
        page.append_text(_plain(piece) if plain else _coloured(piece))
    for name, lines in sections(cleaned, ruleset):
        page.append(f"\n\n{name}" if page.plain[-1:] != "\n" else f"\n{name}", "" if plain else "bold")
        for line in lines:
            page.append("\n  ").append_text(_plain(line.piece) if plain else _coloured(line.piece))
            page.append(f"  ({line.note})" if line.note else "", "" if plain else "dim")
    page.append("" if page.plain.endswith("\n") else "\n")
    page.rstrip()
    return page


def colour(class_: str) -> str:
    """Return the colour of a class, readable on dark and on light ground."""
    red, green, blue = (round(part * 255) for part in hls_to_rgb(hue(class_) / 360, 0.55, 0.65))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _plain(piece: Piece) -> Text:
    return Text(f"[-{piece.text}-]{{{piece.label}}}" if piece.label else piece.text)


def _coloured(piece: Piece) -> Text:
    if not piece.label:
        return Text(piece.text)
    tone = colour(piece.class_)
    label = (f" {piece.label} ", Style(color=tone, reverse=True))
    return Text.assemble(label, (piece.text, Style(color=tone, dim=True, strike=True)))
