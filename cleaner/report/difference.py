"""Lay texts out beside a gold text: what each of them lost and what it has too many, word by word.

Lines are aligned first, then the words of the lines that differ, both by their longest common subsequence. It is found
with bit vectors (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"), so that a hostile text costs no more than
a long one; and what goes beyond the limits below is counted, not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

import regex

from cleaner.report.visible import escape_line

MOST_CHARACTERS = 100_000
"""Code points of a text that are looked at."""

MOST_LINES = 4_000
"""Lines of a text that are compared."""

MOST_WORDS = 6_000
"""Words that are compared of one stretch between equal lines."""

Kind = Literal["", "lost", "extra", "found", "more"]
"""What both texts have, only the gold, only the other; what was looked for and is there; a remark on what is not shown."""

_WORD = regex.compile(r"(?:[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]|[^\W_]+|\S)\s*")  # as scores see them
_ISLAND = 2  # equal words that are no help to a reader between longer stretches that differ
_ALIKE = 640  # code points shown of a stretch that is alike
_DIFFERENT = 1600  # code points shown of a stretch that differs


class Piece(NamedTuple):
    """Hold a stretch of a line, safe to show."""

    text: str
    kind: Kind = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold lines of the gold and what the texts have there; the pieces of a text hold what it lost as well.

    `same` tells that all have the same. `skipped` counts the code points, of the gold and of each text, that the row
    stands for without showing them.
    """

    same: bool
    gold: str
    texts: tuple[tuple[Piece, ...], ...]
    skipped: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Count the code points of the widest cell."""
        return max(len(self.gold), *(sum(len(piece.text) for piece in text) for text in self.texts), 0)


class Hunk(NamedTuple):
    """Hold a stretch that differs: items `start` to `end` of the gold stand for `first` to `last` of the other."""

    start: int
    end: int
    first: int
    last: int


def beside(gold: str, *texts: str) -> Iterator[Row]:
    """Lay texts out beside the gold: equal lines in one row each, the lines between them in one, compared word by word.

    >>> [row.texts[0] for row in beside("Open.\\nEnd.", "Open.\\nShare\\nEnd.")][1]
    (Piece(text='Share', kind='extra'),)
    """
    (left, gone), *others = map(_lines, (gold, *texts))
    sides = [lines for lines, _ in others]
    at = 0
    for start, end, spans in _stretches([hunks(left, lines) for lines in sides]):
        yield from (_alike(line, len(sides)) for line in left[at:start])
        whole = "\n".join(left[start:end])
        found = ("\n".join(lines[first:last]) for lines, (first, last) in zip(sides, spans, strict=True))
        yield Row(False, whole, tuple(_pieces(whole, text) for text in found))
        at = end
    yield from (_alike(line, len(sides)) for line in left[at:])
    skipped = (gone, *(rest for _, rest in others))
    if any(skipped):
        yield Row(False, "", ((),) * len(sides), skipped)


def spot(text: str, wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[Piece, ...]:
    r"""Mark in a text the snippets that must stay and those that must go; snippets lost come first.

    >>> spot("The bridge is open. Share", ["is open", "closed"], ["Share"])[:3]
    (Piece(text='closed\n', kind='lost'), Piece(text='The bridge ', kind=''), Piece(text='is open', kind='found'))
    """
    shown = "\n".join(_lines(text)[0])
    kinds: tuple[tuple[Sequence[str], Kind], ...] = ((wanted, "found"), (unwanted, "extra"))
    spots = sorted(
        (match.start(), match.end(), kind)
        for snippets, kind in kinds
        for snippet in snippets
        if (match := _flexible(snippet).search(shown))
    )
    lost = [snippet for snippet in wanted if not _flexible(snippet).search(shown)]
    found, at = [Piece(f"{escape_line(snippet)}\n", "lost") for snippet in lost], 0
    for start, end, kind in spots:
        if end > at:
            found += [Piece(shown[at:start]), Piece(shown[max(at, start) : end], kind)]
            at = end
    return tuple(piece for piece in (*found, Piece(shown[at:])) if piece.text)


def shorten(rows: Iterable[Row], most: int = 6000) -> Iterator[Row]:
    """Leave out what differs from nothing: lines alike but for one beside a difference, the middle of long stretches.

    After `most` code points one row stands for the rest. What is left out is counted in `skipped`.
    """
    groups = [(same, list(group)) for same, group in groupby(rows, key=lambda row: row.same)]
    folded = (row for number, (same, group) in enumerate(groups) for row in (
        _fold(group, number > 0, number < len(groups) - 1) if same else group
    ))  # fmt: skip
    left = most
    for row in folded:
        if left <= 0:
            yield _rest([row, *folded])
            return
        shown = _trim(row, left)
        left -= shown.size
        yield shown


def hunks(left: Sequence[str], right: Sequence[str]) -> list[Hunk]:
    """Return the stretches that differ, in order, around a longest common subsequence.

    >>> hunks(["a", "b", "c"], ["a", "c", "d"])
    [Hunk(start=1, end=2, first=1, last=1), Hunk(start=3, end=3, first=2, last=3)]
    """
    found = []
    at = other = 0
    for one, two in [*_matches(left, right), (len(left), len(right))]:
        if one > at or two > other:
            found.append(Hunk(at, one, other, two))
        at, other = one + 1, two + 1
    return found


def _matches(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of equal items: the common start, a longest common subsequence of the middle, the common end."""
    start, shorter = 0, min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    yield from ((place, place) for place in range(start))
    middle = _common(left[start : len(left) - end], right[start : len(right) - end])
    yield from ((start + one, start + two) for one, two in middle)
    yield from ((len(left) - place, len(right) - place) for place in range(end, 0, -1))


def _common(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of a longest common subsequence, by bit vectors over the left side, one a right item."""
    where: dict[str, int] = {}
    for place, item in enumerate(left):
        where[item] = where.get(item, 0) | 1 << place
    full = (1 << len(left)) - 1
    state, states = full, []
    for item in right:
        both = state & where.get(item, 0)
        state = ((state + both) | (state - both)) & full
        states.append(state)
    found = []
    one, two = len(left), len(right)
    while one and two:
        if states[two - 1] >> (one - 1) & 1:
            one -= 1
        else:
            two -= 1
            if not two or states[two - 1] >> (one - 1) & 1:
                one -= 1
                found.append((one, two))
    return found[::-1]


def _stretches(sides: Sequence[Sequence[Hunk]]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield the stretches of the gold in which some text differs, with the places of each text there."""
    at = [(0, 0)] * len(sides)
    left = [list(reversed(found)) for found in sides]
    for start, end in _united(hunk for found in sides for hunk in found):
        spans = []
        for number, found in enumerate(left):
            own, other = at[number]
            first = other + start - own
            while found and found[-1].end <= end:
                own, other = (hunk := found.pop()).end, hunk.last
            at[number] = (end, other + end - own)
            spans.append((first, at[number][1]))
        yield start, end, spans


def _united(found: Iterable[Hunk]) -> list[tuple[int, int]]:
    """Unite stretches of the gold that overlap or touch."""
    united: list[tuple[int, int]] = []
    for start, end in sorted((hunk.start, hunk.end) for hunk in found):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _pieces(gold: str, text: str) -> tuple[Piece, ...]:
    """Compare word by word; of what one place has in both, the lost comes first."""
    left, right = _WORD.findall(gold), _WORD.findall(text)
    rest = max(0, len(left) - MOST_WORDS, len(right) - MOST_WORDS)
    left, right = left[:MOST_WORDS], right[:MOST_WORDS]
    keys = [[word.strip().lower() for word in words] for words in (left, right)]
    found, at = [], 0
    for hunk in _joined(hunks(*keys)):
        found.append(Piece("".join(right[at : hunk.first])))
        lost = "".join(left[hunk.start : hunk.end])
        found.append(Piece(_ending(left, hunk.start, right, hunk.first) + lost if lost else "", "lost"))
        found.append(Piece("".join(right[hunk.first : hunk.last]), "extra"))
        at = hunk.last
    found.append(Piece("".join(right[at:])))
    found.append(Piece(f" … {rest:,} more words are not compared" if rest else "", "more"))
    return tuple(piece for piece in found if piece.text)


def _ending(left: Sequence[str], start: int, right: Sequence[str], first: int) -> str:
    """Return the white space that the gold has before a lost word, where the text has none there."""
    if not start or not first or right[first - 1][-1].isspace():
        return ""
    return left[start - 1][len(left[start - 1].rstrip()) :]


def _flexible(snippet: str) -> regex.Pattern[str]:
    """Return a pattern that finds a snippet whatever white space it has; an empty one is nowhere."""
    words = escape_line(snippet).split()
    return regex.compile(r"\s+".join(map(regex.escape, words)) if words else r"(?!)")


def _joined(found: Iterable[Hunk]) -> list[Hunk]:
    """Join stretches that a few chance words part."""
    joined: list[Hunk] = []
    for hunk in found:
        last = joined[-1] if joined else None
        between = hunk.start - last.end if last else 0
        if last and between <= _ISLAND and min(_length(last), _length(hunk)) >= 4 * between:
            joined[-1] = Hunk(last.start, hunk.end, last.first, hunk.last)
        else:
            joined.append(hunk)
    return joined


def _length(hunk: Hunk) -> int:
    return hunk.end - hunk.start + hunk.last - hunk.first


def _lines(text: str) -> tuple[list[str], int]:
    """Return the lines that are not blank, safe to show, and how many code points are beyond the limits."""
    lines = text[:MOST_CHARACTERS].split("\n")
    kept, rest = lines[:MOST_LINES], lines[MOST_LINES:]
    beyond = len(text) - min(len(text), MOST_CHARACTERS) + sum(len(line) + 1 for line in rest)
    return [line for line in map(escape_line, kept) if line], beyond


def _alike(line: str, count: int) -> Row:
    return Row(True, line, ((Piece(line),),) * count)


def _fold(rows: list[Row], after: bool, before: bool) -> Iterator[Row]:
    """Leave of rows alike the one after a difference and the one before the next; of a lone text's rows, the first."""
    first = rows[:1] if after or not before else []
    last = rows[-1:] if before and len(rows) > len(first) else []
    middle = rows[len(first) : len(rows) - len(last)]
    yield from first
    if sum(row.size for row in middle) > _ALIKE:
        yield _rest(middle, same=True)
    else:
        yield from middle
    yield from last


def _rest(rows: Sequence[Row], same: bool = False) -> Row:
    """Return a row that stands for others."""
    sums = (sum(column) for column in zip(*map(_sizes, rows), strict=True))
    return Row(same, "", ((),) * len(rows[0].texts), tuple(sums))


def _sizes(row: Row) -> tuple[int, ...]:
    """Count the code points of the gold and of each text, shown or not."""
    texts = (sum(len(piece.text) for piece in text if piece.kind in ("", "extra")) for text in row.texts)
    shown = (len(row.gold), *texts)
    return tuple(map(sum, zip(shown, row.skipped, strict=True))) if row.skipped else shown


def _trim(row: Row, most: int) -> Row:
    """Shorten long stretches of a row, and end its cells after so many code points."""
    return Row(
        row.same,
        _gap(row.gold, min(most, 2 * _DIFFERENT)),
        tuple(tuple(_ended(text, most)) for text in row.texts),
        row.skipped,
    )


def _ended(pieces: Sequence[Piece], most: int) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        if most <= 0:
            rest = sum(len(piece.text) for piece in pieces[number:])
            yield Piece(f" … {rest:,} more characters are not shown", "more")
            return
        shown = _gap(piece.text, _DIFFERENT if piece.kind else _ALIKE)
        most -= len(shown)
        yield Piece(shown, piece.kind)


def _gap(text: str, most: int) -> str:
    """Say in the middle of a long text how much of it is left out."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]} [… {len(text) - 2 * half:,} characters …] {text[-half:]}"
