"""Lay out a source with its cuts in place: the pieces that the terminal, the reports and the playground all draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

from cleaner.model import CLASSES, Cleaned, Cut, Drop, Related
from cleaner.report.number import number_of
from cleaner.report.visible import escape, escape_line
from cleaner.rules.load import Ruleset

FIRST = 90
"""Code points shown of an element dropped."""

_LEAST = 40  # code points that are worth leaving out

SHEET = 4_000
"""Code points of a sheet of a long source, about; a sheet ends where a line ends."""

_CROWD = 80  # pieces of a sheet, about: what is out of sight is not laid out, and a sheet is laid out whole


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a stretch of the source, safe to show: kept, or cut with a label that says why.

    `start` is where it begins in the source, in code points. One that is `skipped` says what is not shown there; a
    `seam` is white space that goes with the cut beside it and shows as kept. `change` tells, where two results are
    compared, that only this one cuts it, or that only this one keeps it.
    """

    text: str
    class_: str = ""
    label: str = ""
    skipped: bool = False
    start: int = 0
    rules: tuple[str, ...] = ()
    seam: bool = False
    change: Literal["", "cut", "kept"] = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bound a drawing in code points: of a kept stretch, of a cut, and of all that is shown."""

    kept: int = 240
    cut: int = 500
    all: int = 5_000


USUAL = Bounds()


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one line below the source, safe to show: a piece, and a note on where it comes from or what it means."""

    piece: Piece
    note: str = ""


def lay_out(source: str, cuts: Iterable[Cut]) -> Iterator[Piece]:
    r"""Yield the source piece by piece; white space at the seams of a cut shows as kept, unmarked.

    >>> from cleaner.model import Cut
    >>> [piece.text for piece in lay_out("Body.\nAd\nMore.", [Cut(5, 8, "\nAd", "ad", ("x.ad",))])]
    ['Body.', '\n', 'Ad', '\nMore.']
    """
    return map(_show, _divide(source, cuts, 0, len(source)))


def lay_out_sheets(
    source: str, cuts: Iterable[Cut], before: Iterable[Cut] | None = None, bounds: tuple[int, int] | None = None
) -> Iterator[list[Piece]]:
    r"""Yield the source, or what lies within bounds of it, in sheets: lists of pieces that end where a line ends.

    With the cuts of `before`, pieces that fared otherwise there say so.

    >>> from cleaner.model import Cut
    >>> [sheet] = lay_out_sheets("Body.\nAd", [Cut(5, 8, "\nAd", "ad", ("x.ad",))], before=())
    >>> [(piece.start, piece.text, piece.change) for piece in sheet]
    [(0, 'Body.', ''), (5, '\n', ''), (6, 'Ad', 'cut')]
    """
    pieces = _divide(source, cuts, *(bounds or (0, len(source))))
    for sheet in _sheets(pieces if before is None else _compare(pieces, before)):
        yield list(map(_show, sheet))


def outline(source: str, cuts: Iterable[Cut], bounds: Bounds = USUAL) -> Iterator[Piece]:
    r"""Yield the same within bounds: long stretches lose their middles, and a long source its end, which is said.

    >>> from cleaner.model import Cut
    >>> [piece.text for piece in outline("Body. " * 90 + "Ad", [Cut(540, 542, "Ad", "ad", ("x.ad",))], Bounds(kept=9))]
    ['Body. ', ' … 531 characters … ', 'y. ', 'Ad']
    """
    left = bounds.all
    pieces = _divide(source, cuts, 0, len(source))
    for piece in pieces:
        for part in _shorten(piece, bounds):
            yield replace(part, text=escape(part.text))
            left -= len(part.text)
        if left <= 0:
            rest = list(pieces)
            if rest:
                more = sum(bool(piece.label) for piece in rest)
                size = sum(len(piece.text) for piece in rest)
                yield Piece(f" … {size:,} characters more, {number_of(more, 'cut')} in them", skipped=True)
            return


def _show(piece: Piece) -> Piece:
    shown = escape(piece.text)
    return piece if shown == piece.text else replace(piece, text=shown)


def _shorten(piece: Piece, bounds: Bounds) -> Iterator[Piece]:
    """Leave out the middle of what is longer than a piece may be; two thirds of what stays stand before it."""
    most = bounds.cut if piece.label else bounds.kept
    text = piece.text
    if len(text) <= most + _LEAST:
        yield piece
        return
    last = most // 3
    yield replace(piece, text=text[: most - last])
    yield replace(piece, text=f" … {len(text) - most:,} characters … ", label="", skipped=True)
    yield replace(piece, text=text[len(text) - last :], label="")


def _divide(source: str, cuts: Iterable[Cut], start: int, end: int) -> Iterator[Piece]:
    at = start
    for cut in cuts:
        yield from _kept(source, at, cut.start)
        inner = cut.text.strip() or cut.text
        first = cut.start + cut.text.index(inner)
        yield from _kept(source, cut.start, first, seam=True)
        yield Piece(inner, cut.class_, _label(cut.class_, cut.rules, cut.because), start=first, rules=cut.rules)
        yield from _kept(source, first + len(inner), cut.end, seam=True)
        at = cut.end
    yield from _kept(source, at, end)


def _kept(source: str, start: int, end: int, seam: bool = False) -> Iterator[Piece]:
    if start < end:
        yield Piece(source[start:end], start=start, seam=seam)


def _compare(pieces: Iterable[Piece], before: Iterable[Cut]) -> Iterator[Piece]:
    """Divide pieces where cuts of `before` begin and end, and mark those that fared otherwise; white space never."""
    edges = [edge for cut in before for edge in (cut.start, cut.end)]
    passed = 0
    for piece in pieces:
        at, end = piece.start, piece.start + len(piece.text)
        while at < end:
            while passed < len(edges) and edges[passed] <= at:
                passed += 1
            stop = min(end, edges[passed]) if passed < len(edges) else end
            part = _part(piece, at, stop)
            was_cut = passed % 2 == 1
            if was_cut == bool(part.class_) or not part.text.strip():
                yield part
            else:
                yield replace(part, change="kept" if was_cut else "cut")
            at = stop


def _part(piece: Piece, start: int, end: int) -> Piece:
    """Return what of a piece lies between two places of the source; its label stands at its beginning only."""
    if (start, end) == (piece.start, piece.start + len(piece.text)):
        return piece
    text = piece.text[start - piece.start : end - piece.start]
    return replace(piece, text=text, start=start, label=piece.label if start == piece.start else "")


def _sheets(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Bundle pieces; what is kept is divided behind a line end where a sheet is full."""
    sheet: list[Piece] = []
    size = 0
    for piece in pieces:
        at, end = piece.start, piece.start + len(piece.text)
        while at < end and not piece.class_:
            room = 0 if len(sheet) >= _CROWD else max(0, SHEET - size)
            ends = piece.start + piece.text.find("\n", at - piece.start + room) + 1
            if ends <= at:
                break
            sheet.append(_part(piece, at, ends))
            yield sheet
            sheet, size, at = [], 0, ends
        if at < end:
            sheet.append(_part(piece, at, end))
            size += end - at
    if sheet:
        yield sheet


@lru_cache(4_000)
def _label(class_: str, rules: tuple[str, ...], because: tuple[str, ...]) -> str:
    """Name the class, the rules and what weighed most."""
    weighed = f" ({', '.join(because)})" if because else ""
    return escape_line(f"{class_} {', '.join(rules)}{weighed}")


def hue(class_: str) -> int:
    """Return the hue of a class in degrees, classes spread evenly over the circle."""
    place = CLASSES.index(class_) if class_ in CLASSES else 0
    return place * 7 % len(CLASSES) * 360 // len(CLASSES)  # steps of 7: neighbours in the list differ clearly


def address(playground: str, document: str, rule: str = "") -> str:
    """Return where a running playground opens a document, or a rule upon it; `playground` is its own address.

    >>> address("http://127.0.0.1:8417/token/", "post/7 b", "generic.ad-label")
    'http://127.0.0.1:8417/token/#document=post%2F7%20b&rule=generic.ad-label'
    """
    asked = {"document": document, "rule": rule}
    named = (f"{name}={quote(value, safe='', errors='replace')}" for name, value in asked.items() if value)
    return f"{playground.split('#')[0].rstrip('/')}/#{'&'.join(named)}"


def sections(cleaned: Cleaned, ruleset: Ruleset | None = None) -> list[tuple[str, list[Line]]]:
    """Return what stands below the source: headings, each with its lines, safe to show; empty ones left out.

    With the rules that ran, elements dropped show the class of their rule, and flags say what an opinion is for.
    """
    classes = {head.id: head.class_ for head in ruleset.heads} if ruleset else {}
    reasons = {opinion.id: opinion.why for opinion in ruleset.opinions} if ruleset else {}
    found: list[tuple[str, Iterable[Line]]] = [
        ("Title", [_line(cleaned.title, _origin(cleaned, "title"))] if cleaned.title else []),
        ("Fields", (_field(cleaned, name) for name in cleaned.metadata)),
        ("Related", (_line(_describe(related), related.url) for related in cleaned.related)),
        ("Headlines", map(_line, cleaned.headlines)),
        ("Dropped elements", (_drop(drop, classes.get(drop.rule, "")) for drop in cleaned.drops)),
        ("Repairs", map(_line, cleaned.repairs)),
        ("Flags", (_line(flag, reasons.get(_opinion(flag))) for flag in cleaned.flags)),
        ("Address", [_line(cleaned.document.url)] if cleaned.document.url else []),
    ]
    listed = ((name, list(lines)) for name, lines in found)
    return [(name, lines) for name, lines in listed if lines]


def headline(cleaned: Cleaned) -> str:
    """Say in one line which document it is and what became of it."""
    gone = sum(cut.end - cut.start for cut in cleaned.cuts)
    name, size = escape_line(cleaned.document.id), len(cleaned.source)
    dropped = f"{number_of(len(cleaned.drops), 'element')} dropped, " if cleaned.drops else ""
    return f"{name}: {cleaned.status}, {dropped}{number_of(len(cleaned.cuts), 'cut')}, {gone} of {size} characters"


def legend(cleaned: Cleaned, ruleset: Ruleset | None = None) -> list[str]:
    """Return the classes that occur, in the order of the closed list."""
    rules = {drop.rule for drop in cleaned.drops}
    found = {cut.class_ for cut in cleaned.cuts}
    found |= {head.class_ for head in ruleset.heads if head.id in rules} if ruleset else set()
    return [class_ for class_ in CLASSES if class_ in found]


def _describe(related: Related) -> str:
    about = [related.title or "(no title)", related.source, related.age, f"{len(related.text)} characters"]
    if related.cuts:
        about.append(f"{len(related.cuts)} cuts")
    return " · ".join(part for part in about if part)


def _line(text: Any, note: str | None = None) -> Line:
    return Line(Piece(escape_line(str(text))), escape_line(note or ""))


def _field(cleaned: Cleaned, name: str) -> Line:
    """Show a field as found, then as a date in ISO 8601 and with its origin where these are known."""
    value = str(cleaned.metadata[name])
    resolved = cleaned.resolved.get(name, "")
    notes = (resolved if resolved != value else "", _origin(cleaned, name))
    return _line(f"{name}: {value}", " · ".join(filter(None, notes)))


def _origin(cleaned: Cleaned, name: str) -> str:
    """Return where a field of a page comes from; that of a text was cut, and its rule stands there."""
    return cleaned.origins.get(name, "") if cleaned.document.surface == "html" else ""


def _drop(drop: Drop, class_: str) -> Line:
    text = escape_line(drop.text)
    shown = text if len(text) <= FIRST else f"{text[: FIRST - 1].rstrip()}…"
    label = escape_line(f"{class_} {drop.rule}".strip())
    size = f"{len(drop.text)} characters, " if len(text) > FIRST else ""
    return Line(Piece(shown or "(no text)", class_, label), f"{size}{escape_line(drop.path)}")


def _opinion(flag: str) -> str:
    """Return the id of the opinion that a flag names.

    >>> _opinion("html:opinion page.4-gaps: 2 blocks")
    'page.4-gaps'
    """
    return flag.removeprefix("html:opinion ").split(":")[0]
