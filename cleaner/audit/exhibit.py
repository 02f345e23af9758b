"""What a report shows of a run: cuts with what stands around them, documents, values, rejects; each of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cleaner.audit.sides import Refused
from cleaner.audit.trail import Trail
from cleaner.model import Cut, Drop
from cleaner.report.drawing import Bounds, Piece, lay_out, outline

AROUND = 48
"""Code points shown on either side of a cut."""

HEAD, TAIL = 200, 80
"""Code points shown of a cut that is longer than both."""

NAME = 120
"""Code points shown of a name: an id, a place, a host, a rule."""

_RAW = 300  # code points of a reject
_SHOWN = 6  # rules named of a cut, flags of a document


def clip(text: str, most: int = NAME) -> str:
    """Leave out the middle of a long name.

    >>> clip("abcdefgh", 5)
    'abc…h'
    """
    if len(text) <= most:
        return text
    last = (most - 1) // 3
    return f"{text[: most - 1 - last]}…{text[len(text) - last :]}"


@dataclass(frozen=True, slots=True)
class Known:
    """Hold what names a document and where it is from, each clipped."""

    id: str
    place: str
    origin: str
    lang: str
    title: str

    @classmethod
    def of(cls, trail: Trail) -> Known:
        """Gather it from a record."""
        fields = trail.fields
        id_, title = trail.known(fields.id), trail.known(fields.title)
        return cls(*map(clip, (id_ or trail.place, trail.place, trail.origin, trail.lang, title or "")))


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold one cut: its first code points, its last ones where it is long, and what stands around it.

    `size` is that of the cut. Of an element of a page `path` says where it stood, and nothing stands around it.
    """

    known: Known
    class_: str
    rules: tuple[str, ...]
    text: str
    tail: str
    size: int
    before: str = ""
    after: str = ""
    path: str = ""

    @classmethod
    def of(cls, trail: Trail, cut: Cut) -> Sample:
        """Take a cut and what stands around it out of a source."""
        source = trail.source or ""
        return cls(
            Known.of(trail),
            cut.class_,
            _clip_all(cut.rules),
            *_ends(cut.text),
            len(cut.text),
            source[max(0, cut.start - AROUND) : cut.start],
            source[cut.end : cut.end + AROUND],
        )

    @classmethod
    def of_drop(cls, trail: Trail, drop: Drop, class_: str = "") -> Sample:
        """Take an element that a rule took out of a page."""
        return cls(Known.of(trail), class_, (clip(drop.rule),), *_ends(drop.text), len(drop.text), path=clip(drop.path))

    @property
    def pieces(self) -> list[Piece]:
        """Lay the cut out in its place."""
        if not self.tail:
            return list(self._lay_out(self.before, self.text, self.after))
        skipped = f" … {self.size - len(self.text) - len(self.tail):,} characters … "
        return [
            *self._lay_out(self.before, self.text, ""),
            Piece(skipped, skipped=True),
            *self._lay_out("", self.tail, self.after),
        ]

    def _lay_out(self, before: str, text: str, after: str) -> Iterator[Piece]:
        """Lay out a part of the cut without the label that its rule stands for already."""
        cut = Cut(len(before), len(before) + len(text), text, self.class_ or "other", self.rules)
        for piece in lay_out(before + text + after, [cut]):
            yield replace(piece, label="")


@dataclass(frozen=True, slots=True)
class Sheet:
    """Hold one document drawn around its cuts, and what was taken from it and found in it."""

    known: Known
    size: int
    removed: int
    cuts: int
    classes: tuple[str, ...]
    rules: tuple[str, ...]
    flags: tuple[str, ...]
    fields: tuple[str, ...]
    related: int
    headlines: int
    pieces: tuple[Piece, ...]
    """Empty where the account is lean."""

    @classmethod
    def of(cls, trail: Trail, bounds: Bounds) -> Sheet:
        """Draw a document within bounds."""
        account = trail.account
        gone = [cut for cut in account.cuts if not cut.is_move]
        rules = dict.fromkeys(rule for cut in gone for rule in cut.rules)
        rules |= dict.fromkeys(drop.rule for drop in account.drops)
        return cls(
            Known.of(trail),
            trail.size,
            trail.removed,
            len(gone),
            tuple(dict.fromkeys(cut.class_ for cut in gone)),
            _clip_all(list(rules)[:50]),
            _clip_all(account.flags[:_SHOWN]),
            _clip_all([str(name) for name in account.metadata][:30]),
            len(account.related),
            len(account.headlines),
            tuple(outline(trail.source, trail.cuts, bounds)) if trail.source is not None else (),
        )

    @property
    def share(self) -> float:
        """Return the share of the source that was cut."""
        return self.removed / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class Value:
    """Hold what one field of metadata was filled with, clipped."""

    known: Known
    text: str

    @classmethod
    def of(cls, trail: Trail, text: str) -> Value:
        """Show a value and the record it stands in."""
        return cls(Known.of(trail), text)


@dataclass(frozen=True, slots=True)
class Reject:
    """Hold what was rejected: why, where it stands in its input, and how it begins."""

    id: str
    path: str
    offset: int
    reason: str
    text: str
    size: int

    @classmethod
    def of(cls, line: Refused) -> Reject:
        """Show the line of a file of rejects."""
        told = line.rejected
        if told is None:
            return cls("", "", 0, "the reject cannot be read", "", 0)
        text = told.raw[: 4 * _RAW].decode("utf-8", "replace")[:_RAW]
        return cls(clip(told.id), clip(told.path), told.offset, clip(told.reason, 400), text, len(told.raw))

    def shown(self) -> str:
        """Return all of it that a page shows."""
        return f"{self.id}{self.path}{self.text}"


def _ends(text: str) -> tuple[str, str]:
    """Return a text in one part, or its head and tail."""
    return (text, "") if len(text) <= HEAD + TAIL else (text[:HEAD], text[len(text) - TAIL :])


def _clip_all(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(clip(name) for name in names)
