"""Write elements of a drawing: names and numbers as Markup, everything else escaped."""

from __future__ import annotations

from unicodedata import east_asian_width

from markupsafe import Markup
from markupsafe import escape as quote

from cleaner.report.visible import escape_line

Value = str | float | None

_SLIM = " fijlrtI.,:;'|!-()[]"
_BROAD = "mwMW%@…+"


def tag(element: str, *inner: Markup | str, **attributes: Value) -> Markup:
    """Write one element; `class_` is `class`, `_` in a name is `-`, None leaves an attribute out, texts are escaped.

    >>> tag("text", "a < b", class_="name", text_anchor="end", x=1.50)
    Markup('<text class="name" text-anchor="end" x="1.5">a &lt; b</text>')
    """
    pairs = ((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items() if value is not None)
    head = "".join(f' {name}="{safe(write(value))}"' for name, value in pairs)
    return Markup(f"<{element}{head}>{Markup('').join(map(safe, inner))}</{element}>")


def safe(text: Markup | str) -> Markup:
    """Escape a text for a page, and write out what would hide, turn or break it; Markup stays as it is."""
    return text if isinstance(text, Markup) else quote(escape_line(text))


def write(value: str | float) -> str:
    """Write a number with two decimals at most, and no zeros behind; a text stays as it is."""
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") if round(value, 2) else "0"


def width_of(text: str, size: float = 12.0) -> float:
    """Estimate how wide a text is in a sans-serif font of so many units, from above: as in DejaVu Sans, a wide one."""
    return size * sum(_share(sign) for sign in text)


def clip(text: str, room: float, size: float = 12.0) -> str:
    """Shorten a text to so much room.

    >>> clip("trafilatura without comments", 90)
    'trafilatura…'
    """
    if width_of(text, size) <= room:
        return text
    kept = text
    while kept and width_of(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _share(sign: str) -> float:
    if east_asian_width(sign) in "WF":
        return 1.05
    if sign in _SLIM:
        return 0.42
    if sign in _BROAD:
        return 1.0
    return 0.8 if sign.isupper() else 0.64
