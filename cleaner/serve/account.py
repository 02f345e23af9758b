"""Tell what became of a document in plain values: drawn, listed cut by cut, and compared with what another set makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cleaner.model import TITLE_RULE, Cleaned, Cut, Related
from cleaner.report.drawing import Line, headline, hue, legend, sections
from cleaner.report.page import TITLE_MOVES, draw_related, draw_source
from cleaner.review.change import Piece, compare
from cleaner.rules.load import Ruleset

CHANGES = 200
"""Pieces told of what changes in one document, of each direction."""

LONGEST = 600
"""Code points told of one piece."""


def account(
    cleaned: Cleaned, ruleset: Ruleset, is_own: Callable[[str], bool], before: Cleaned | None = None
) -> dict[str, Any]:
    """Return all that a page shows of a result; `before` is that of the set to compare with.

    `is_own` tells of the path of a rule whether it stands in the folder for saving.
    """
    cuts = cleaned.cuts
    by_class: dict[str, int] = {}
    for cut in cuts:
        by_class[cut.class_] = by_class.get(cut.class_, 0) + 1
    drops = {head.id: head.class_ for head in ruleset.heads} if cleaned.drops else {}
    for drop in cleaned.drops:
        class_ = drops.get(drop.rule, "")
        by_class[class_] = by_class.get(class_, 0) + 1
    return {
        "id": cleaned.document.id,
        "status": cleaned.status,
        "headline": headline(cleaned),
        "characters": len(cleaned.source),
        "removed": sum(cut.end - cut.start for cut in cuts if not cut.is_move),
        "drawing": str(draw_source(cleaned, places=True, before=before)),
        "text": cleaned.text,
        "title": cleaned.title,
        "legend": [
            {"class": class_, "hue": hue(class_), "cuts": by_class.get(class_, 0)}
            for class_ in legend(cleaned, ruleset)
        ],
        "cuts": [_cut(cut) for cut in cuts],
        "sections": [
            {"name": name, "lines": list(_lines(name, lines, cleaned))} for name, lines in sections(cleaned, ruleset)
        ],
        "related": [_related(cleaned, related) for related in cleaned.related],
        "rules": {name: about(name, ruleset, is_own) for name in sorted(_rules_of(cleaned))},
        "flags": list(cleaned.flags),
        "changes": None if before is None else _changes(before, cleaned),
    }


def about(name: str, ruleset: Ruleset, is_own: Callable[[str], bool]) -> dict[str, Any]:
    """Tell of a rule what it is and where it stands; of one that is no rule of the set as much as its name says."""
    try:
        rule = ruleset[name]
    except KeyError:
        why = TITLE_MOVES if name == TITLE_RULE else ""
        kind = "title" if name == TITLE_RULE else ""
        return dict(zip(_ABOUT, ("meta", kind, why, 1, "", "", 0, False), strict=True))
    told = (rule.class_, rule.kind, rule.why, rule.rev, rule.status, rule.path, rule.lineno, is_own(rule.path))
    return dict(zip(_ABOUT, told, strict=True))


_ABOUT = ("class", "kind", "why", "rev", "status", "path", "line", "own")


def piece_of(piece: Piece) -> dict[str, Any]:
    """Tell what only one of two sets cuts, the middle of a long piece left out."""
    text = piece.text
    if len(text) > LONGEST:
        last = LONGEST // 3
        text = f"{text[: LONGEST - last]} … {text[-last:]}"
    return {
        "text": text,
        "before": piece.before,
        "after": piece.after,
        "rules": list(piece.rules),
        "start": piece.start,
        "characters": len(piece.text),
    }


def _changes(before: Cleaned, cleaned: Cleaned) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"cut": [], "kept": []}
    for piece in compare(before, cleaned):
        if len(found[piece.direction]) < CHANGES:
            found[piece.direction].append(piece_of(piece))
    return found


def _cut(cut: Cut) -> dict[str, Any]:
    return {
        "start": cut.start,
        "end": cut.end,
        "class": cut.class_,
        "rules": cut.rules,
        "because": cut.because,
        "characters": cut.end - cut.start,
    }


def _related(cleaned: Cleaned, related: Related) -> dict[str, Any]:
    return {
        "title": related.title,
        "source": related.source,
        "age": related.age,
        "url": related.url,
        "text": related.text,
        "drawing": str(draw_related(cleaned, related)),
    }


def _lines(name: str, lines: Iterable[Line], cleaned: Cleaned) -> Iterator[dict[str, Any]]:
    """Tell the lines of a section, each with the rules that it speaks of."""
    rules = iter(_SPEAKING[name](cleaned) if name in _SPEAKING else ())
    for line in lines:
        class_ = line.piece.class_
        yield {
            "text": line.piece.text,
            "class": class_,
            "hue": hue(class_) if class_ else None,
            "label": line.piece.label,
            "note": line.note,
            "rules": list(filter(None, [next(rules, "")])),
        }


def _origin_of(cleaned: Cleaned, name: str) -> str:
    """Return the rule that recovered a field; that of a page names a kind of markup, where no rule did."""
    origin = cleaned.origins.get(name, "")
    return origin if "." in origin else ""


def _named_by(flag: str) -> str:
    """Return the rule that a flag names.

    >>> _named_by("guard:generic.newsletter"), _named_by("html:live")
    ('generic.newsletter', '')
    """
    kind, _, name = flag.partition(":")
    return name if kind in ("guard", "budget") else ""


_SPEAKING: dict[str, Callable[[Cleaned], Iterable[str]]] = {
    "Title": lambda cleaned: [_origin_of(cleaned, "title")],
    "Fields": lambda cleaned: [_origin_of(cleaned, name) for name in cleaned.metadata],
    "Dropped elements": lambda cleaned: [drop.rule for drop in cleaned.drops],
    "Flags": lambda cleaned: [_named_by(flag) for flag in cleaned.flags],
}
"""The rules that the lines of a section speak of, one a line, in the order of `report.drawing.sections`."""


def _rules_of(cleaned: Cleaned) -> set[str]:
    cuts = (*cleaned.cuts, *(cut for related in cleaned.related for cut in related.cuts))
    found = {rule for cut in cuts for rule in cut.rules}
    found |= {rule for speaking in _SPEAKING.values() for rule in speaking(cleaned)}
    return found - {""}
