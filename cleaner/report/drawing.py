"""Lay out a source with its cuts in place: the pieces that the terminal and the HTML page both draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cleaner.model import CLASSES, Cleaned, Cut, Related
from cleaner.report.visible import escape, escape_line


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a stretch of the source, safe to show: kept, or cut with a label that says why."""

    text: str
    class_: str = ""
    label: str = ""


def lay_out(source: str, cuts: Iterable[Cut]) -> Iterator[Piece]:
    r"""Yield the source piece by piece; white space at the seams of a cut shows as kept, unmarked.

    >>> from cleaner.model import Cut
    >>> [piece.text for piece in lay_out("Body.\nAd\nMore.", [Cut(5, 8, "\nAd", "ad", ("x.ad",))])]
    ['Body.', '\n', 'Ad', '\nMore.']
    """
    at = 0
    for cut in cuts:
        yield from _kept(source[at : cut.start])
        inner = cut.text.strip()
        lead = len(cut.text) - len(cut.text.lstrip())
        yield from _kept(cut.text[:lead] if inner else "")
        yield Piece(escape(inner or cut.text), cut.class_, f"{cut.class_} {', '.join(cut.rules)}")
        yield from _kept(cut.text[lead + len(inner) :] if inner else "")
        at = cut.end
    yield from _kept(source[at:])


def hue(class_: str) -> int:
    """Return the hue of a class in degrees, classes spread evenly over the circle."""
    place = CLASSES.index(class_) if class_ in CLASSES else 0
    return place * 7 % len(CLASSES) * 360 // len(CLASSES)  # steps of 7: neighbours in the list differ clearly


def sections(cleaned: Cleaned) -> list[tuple[str, list[str]]]:
    """Return what stands below the source: headings, each with its lines, safe to show; empty ones left out."""
    document = cleaned.document
    drops = [f"{drop.path} ({drop.rule}): {drop.text}" for drop in cleaned.drops]
    found = [
        ("Title", [cleaned.title] if cleaned.title else []),
        ("Fields", [f"{name}: {value}" for name, value in cleaned.metadata.items()]),
        ("Related", [_describe(related) for related in cleaned.related]),
        ("Headlines", list(cleaned.headlines)),
        ("Dropped nodes", drops),
        ("Repairs", list(cleaned.repairs)),
        ("Flags", list(cleaned.flags)),
        ("Address", [document.url] if document.url else []),
    ]
    return [(name, [escape_line(str(line)) for line in lines]) for name, lines in found if lines]


def headline(cleaned: Cleaned) -> str:
    """Say in one line which document it is and what became of it."""
    gone = sum(cut.end - cut.start for cut in cleaned.cuts)
    name, size = escape_line(cleaned.document.id), len(cleaned.source)
    return f"{name}: {cleaned.status}, {len(cleaned.cuts)} cuts, {gone} of {size} characters"


def legend(cleaned: Cleaned) -> list[str]:
    """Return the classes that occur, in the order of the closed list."""
    found = {cut.class_ for cut in cleaned.cuts}
    return [class_ for class_ in CLASSES if class_ in found]


def _kept(text: str) -> Iterator[Piece]:
    if text:
        yield Piece(escape(text))


def _describe(related: Related) -> str:
    about = [related.title or "(no title)", related.source, related.age, f"{len(related.text)} characters"]
    if related.cuts:
        about.append(f"{len(related.cuts)} cuts")
    return " · ".join(part for part in about if part)
