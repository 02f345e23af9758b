"""Settle findings into cuts: disjoint, sorted, seam white space included, each with all the rules that asked for it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from cleaner.match.finding import Finding
from cleaner.model import TITLE_RULE, Cut
from cleaner.text.fold import INVISIBLE

Part = tuple[int, int, str, tuple[str, ...]]
"""Start, end, class and rules of a cut before its seams are settled."""


def settle(
    source: str,
    findings: Iterable[Finding],
    start: int = 0,
    end: int | None = None,
    titles: Iterable[tuple[int, int]] = (),
) -> tuple[Cut, ...]:
    """Turn findings, and the parts of a title that leave the text, into the cuts of `source[start:end]`.

    Where findings overlap they become one cut, of the class of the widest.
    """
    findings = tuple(findings)
    parts = merge((f.start, f.end, f.rule.class_, (f.rule.id,)) for f in findings)
    moved = [(a, b, "meta", (TITLE_RULE,)) for a, b in titles]
    cuts = seam(source, sorted([*parts, *moved]), start, len(source) if end is None else end)
    weighed = [finding for finding in findings if finding.because]
    return _explained(cuts, weighed) if weighed else cuts


def _explained(cuts: Sequence[Cut], weighed: Iterable[Finding]) -> tuple[Cut, ...]:
    """Add to each cut what weighed in the widest of the scored findings inside it."""
    starts = [cut.start for cut in cuts]
    widest: dict[int, Finding] = {}
    for finding in sorted(weighed, key=lambda f: (f.start - f.end, f.start)):
        number = bisect_right(starts, finding.start) - 1
        if number >= 0 and finding.end <= cuts[number].end:
            widest.setdefault(number, finding)
    return tuple(replace(cut, because=widest[n].because) if n in widest else cut for n, cut in enumerate(cuts))


def merge(parts: Iterable[Part]) -> list[Part]:
    """Unite overlapping parts.

    >>> merge([(5, 9, "ad", ("b",)), (0, 7, "nav", ("a",)), (9, 12, "ad", ("c",))])
    [(0, 9, 'nav', ('a', 'b')), (9, 12, 'ad', ('c',))]
    """
    merged: list[tuple[int, int, str, set[str]]] = []
    widest = 0
    for start, end, class_, rules in sorted(parts, key=lambda part: (part[0], -part[1], part[2], part[3])):
        if merged and start < merged[-1][1]:
            first, last, theirs, names = merged[-1]
            if end - start > widest:
                theirs, widest = class_, end - start
            names.update(rules)
            merged[-1] = (first, max(last, end), theirs, names)
        else:
            merged.append((start, end, class_, set(rules)))
            widest = end - start
    return [(start, end, class_, tuple(sorted(names))) for start, end, class_, names in merged]


def gaps(parts: Sequence[Part], span: tuple[int, int] | None) -> list[tuple[int, int]]:
    """Return what disjoint parts leave of a span.

    >>> gaps([(3, 5, "ad", ("a",))], (0, 9)), gaps([], None)
    ([(0, 3), (5, 9)], [])
    """
    if span is None:
        return []
    at, left = span[0], []
    for start, end, _, _ in parts:
        if start < span[1] and end > at:
            left.append((at, max(at, start)))
            at = end
    return [(a, b) for a, b in (*left, (at, span[1])) if a < b]


def seam(source: str, parts: Sequence[Part], start: int, end: int) -> tuple[Cut, ...]:
    """Widen parts by the white space that would be left double, or loose at either end of the text.

    Of the white space on the two sides of a group of parts the weightier stays: more line ends, then more of it. Of as
    many line ends the left side stays, unless it is longer by the indentation of what goes.
    """
    cuts: list[Cut] = []
    for group in _groups(source, parts):
        first, last = group[0][0], group[-1][1]
        left, right = _space_before(source, first, start), _space_after(source, last, end)
        if left == start or right == end:
            first, last = (left if right == end else start if left == start else first), right
        elif _outweighs(source[left:first], source[last:right]):
            last = right
        else:
            first = left
        bounds = [first, *(part[0] for part in group[1:]), last]
        for (_, _, class_, rules), a, b in zip(group, bounds, bounds[1:], strict=False):
            cuts.append(Cut(a, b, source[a:b], class_, rules))
    return tuple(cuts)


def _groups(source: str, parts: Sequence[Part]) -> list[list[Part]]:
    """Gather the parts that only white space and invisible characters set apart."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and _space_after(source, groups[-1][-1][1], part[0]) >= part[0]:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _outweighs(left: str, right: str) -> bool:
    """Tell whether the white space before a cut stays, and not that behind it."""
    ends, other = left.count("\n"), right.count("\n")
    if ends == other > 0:
        return left.endswith("\n")
    return (ends, len(left)) >= (other, len(right))


def _space_before(source: str, at: int, start: int) -> int:
    while at > start and (source[at - 1].isspace() or source[at - 1] in INVISIBLE):
        at -= 1
    return at


def _space_after(source: str, at: int, end: int) -> int:
    while at < end and (source[at].isspace() or source[at] in INVISIBLE):
        at += 1
    return at


def spans(cuts: Iterable[Cut]) -> list[tuple[int, int]]:
    """Return the bounds of cuts."""
    return [(cut.start, cut.end) for cut in cuts]
