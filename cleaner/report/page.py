"""Draw a cleaned document as one HTML page that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cleaner.model import Cleaned
from cleaner.report.drawing import Piece, headline, hue, lay_out, legend, sections
from cleaner.rules.load import Ruleset

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def draw_page(cleaned: Cleaned, ruleset: Ruleset | None = None) -> str:
    """Return the page, explained by the rules that ran."""
    return _TEMPLATES.get_template("explain.html").render(
        headline=headline(cleaned),
        drawing=draw_source(cleaned),
        legend=[(class_, hue(class_)) for class_ in legend(cleaned, ruleset)],
        sections=sections(cleaned, ruleset),
        rules=cleaned.rules_digest,
        hue=hue,
    )


def draw_source(cleaned: Cleaned) -> Markup:
    """Return the source with its cuts in place as a fragment; `templates/style.css` gives it its looks."""
    return draw_pieces(lay_out(cleaned.source, cleaned.cuts))


def draw_pieces(pieces: Iterable[Piece]) -> Markup:
    """Return a source laid out as the same fragment."""
    return Markup(_TEMPLATES.get_template("source.html").render(pieces=pieces, hue=hue))
