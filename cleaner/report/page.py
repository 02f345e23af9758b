"""Draw a cleaned document as one HTML page that needs nothing else: no script, no font, no network.

`draw_source` is what draws a source wherever one is shown: here, in the report of a run, and in the playground.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from pathlib import Path

from markupsafe import Markup

from cleaner.model import TITLE_RULE, Cleaned, Related
from cleaner.report.drawing import Piece, address, headline, hue, lay_out, lay_out_sheets, legend, sections
from cleaner.report.frame import draw_frame, templates
from cleaner.rules.load import Ruleset

_FOLDER = Path(__file__).parent / "templates"
TITLE_MOVES = "The title leaves the text for a field of its own."
"""Why a title that moves is cut: no rule of a file says so."""


def draw_page(cleaned: Cleaned, ruleset: Ruleset | None = None, playground: str = "", command: str = "") -> str:
    """Return the page, explained by the rules that ran.

    With the address of a running playground, the document and each rule in it link there; without, `command` is shown,
    which opens the document in one.
    """
    below = [(f"s{number}", name, lines) for number, (name, lines) in enumerate(sections(cleaned, ruleset))]
    link = _link(cleaned, playground) if playground else None
    return draw_frame(
        _FOLDER,
        "explain.html",
        title=headline(cleaned),
        contents=[("source", "Source"), *((id_, name) for id_, name, _ in below)],
        drawing=draw_pieces(lay_out(cleaned.source, cleaned.cuts), _whys(cleaned, ruleset), link),
        legend=[(class_, hue(class_)) for class_ in legend(cleaned, ruleset)],
        sections=below,
        rules=cleaned.rules_digest,
        command=command,
        playground=address(playground, cleaned.document.id) if playground else "",
        hue=hue,
    )


def draw_source(cleaned: Cleaned, *, places: bool = False, before: Cleaned | None = None) -> Markup:
    """Return the source with its cuts in place as a fragment; `templates/source.css` gives it its looks.

    With `places` each piece says where it begins in the source, in code points, and each cut which class and rules
    took it, in attributes instead of labels; the source stands in sheets, so that a browser need lay out only those in
    sight. `before` is the result to compare with: what fared otherwise there is marked, where both have one source.
    """
    if not places:
        return draw_pieces(lay_out(cleaned.source, cleaned.cuts))
    earlier = before.cuts if before is not None and before.source == cleaned.source else None
    return _draw_sheets(lay_out_sheets(cleaned.source, cleaned.cuts, earlier))


def draw_related(cleaned: Cleaned, related: Related) -> Markup:
    """Return an appended article with the noise inside it in place; places are those of the document's source.

    One that stood apart in a page has no place there: its text alone is drawn.
    """
    if related.start is None or related.end is None:
        return _draw_sheets(lay_out_sheets(related.text, ()))
    return _draw_sheets(lay_out_sheets(cleaned.source, related.cuts, bounds=(related.start, related.end)))


def draw_pieces(
    pieces: Iterable[Piece], whys: Mapping[str, str] | None = None, link: Callable[[str], str] | None = None
) -> Markup:
    """Return a source laid out as a fragment: each cut behind a label.

    `whys` says of rules why they are there, shown where a pointer rests; `link` gives the address a label leads to.
    """
    template = templates(_FOLDER).get_template("source.html")
    return Markup(template.render(pieces=pieces, whys=whys or {}, link=link, hue=hue))


def _draw_sheets(sheets: Iterable[list[Piece]]) -> Markup:
    """Write sheets as a fragment, without a template: a source of 8,000 cuts takes it a third of the time."""
    drawn = "".join(f'<div class="sheet">{"".join(map(_draw_piece, sheet))}</div>' for sheet in sheets)
    # its style turns each line by itself; `dir` would double the time that a browser takes to parse
    return Markup(f'<div class="source">{drawn}</div>')


def _draw_piece(piece: Piece) -> str:
    change = f' data-change="{piece.change}"' if piece.change else ""
    text = escape(piece.text, quote=False)
    if not piece.class_:
        return f'<span class="{"kept seam" if piece.seam else "kept"}" data-at="{piece.start}"{change}>{text}</span>'
    rules, class_ = escape(" ".join(piece.rules)), escape(piece.class_)
    return f'<del class="cut" data-at="{piece.start}" data-rules="{rules}" data-class="{class_}"{change}>{text}</del>'


def _whys(cleaned: Cleaned, ruleset: Ruleset | None) -> dict[str, str]:
    asked = {cut.rules[0] for cut in cleaned.cuts} - {TITLE_RULE}
    return {TITLE_RULE: TITLE_MOVES, **({rule: ruleset[rule].why for rule in asked} if ruleset else {})}


def _link(cleaned: Cleaned, playground: str) -> Callable[[str], str]:
    return lambda rule: address(playground, cleaned.document.id, "" if rule == TITLE_RULE else rule)
