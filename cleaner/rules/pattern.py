"""Find what is bad about one pattern: it can blow up, run over body text, or mean something else than it seems to.

Each check is one function of a pattern in its place and stands in the table `PATTERN_CHECKS`.
"""

from __future__ import annotations

import re._constants as sre
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import regex

from cleaner.rules.backtracking import Nodes, adjacent, nested, parse, pumped, repeats

try:
    import re2
except ImportError:
    re2 = None

_LARGE = 16_000  # code points of the largest input that patterns are tried on
_SQUARE = 600  # code points up to which a pattern's time may grow with the square of its text
_FOREIGN = regex.compile(r"\[\[:\^?\w+:\]|\{[eidsc]\d*<|\\[KGXL]|\(\?[0-9+]")
_NAMED = regex.compile(r"\(\?P<\w+>")
_SOFT = (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY)


class Placed(NamedTuple):
    """Hold a pattern, whether it searches for spans, and the longest text it is tried on (0: any)."""

    pattern: str
    span: bool
    most: int

    @property
    def nodes(self) -> Nodes:
        """Return the parsed pattern; nothing where the standard parser does not read it."""
        return parse(self.pattern) or ()


Advice = tuple[str, str]
"""What is bad and what to write instead."""


def pattern_faults(pattern: str, span: bool, most: int) -> Iterator[Advice]:
    """Return what is bad about a pattern, and what to write instead."""
    for check in PATTERN_CHECKS:
        yield from check(Placed(pattern, span, most))


def slow(placed: Placed) -> Iterator[Advice]:
    """Complain of patterns that can blow up, by their form or on pumped inputs."""
    bounded = 0 < placed.most <= _SQUARE
    if nested(placed.nodes):
        hint = "Begin or end each round of the outer repeat with a character the inner one cannot take"
        yield "a repeat inside a repeat can split its text in too many ways", hint
    elif adjacent(placed.nodes) and not bounded:
        hint = "Merge the two, put a character between them that neither takes, or bound them: {1,80}"
        yield "two unbounded repeats side by side take the same characters", hint
    elif grown := _pumped(placed.pattern, not placed.span, placed.most if bounded else _LARGE):
        yield f"slow on long text: it {grown}", "Bound its repeats, {1,80}, or give the line a `len`"


_pumped = cache(pumped)


def wide(placed: Placed) -> Iterator[Advice]:
    """Complain of unbounded repeats of anything in span patterns: nothing ends them but the text."""
    if placed.span and any(repeat.is_open and repeat.is_wide for repeat in repeats(placed.nodes)):
        yield "an unbounded repeat of a wide class can run over body text", "Bound it: {1,80}"


def loose(placed: Placed) -> Iterator[Advice]:
    """Complain of `^a|b`, where the anchor binds one branch only."""
    if half_anchored(placed.nodes):
        yield "an anchor beside an ungrouped alternation binds one branch only", "Write ^(?:a|b)$"


def foreign(placed: Placed) -> Iterator[Advice]:
    """Complain of syntax outside the RE2-safe subset that loading lets pass, and of what google-re2 refuses."""
    odd = _FOREIGN.search(placed.pattern)
    refused = f"{odd.group()!r} is read differently elsewhere" if odd else _refused(placed.pattern)
    if refused:
        yield f"outside the RE2-safe subset: {refused}", "Write it with plain classes, groups and repeats"


@cache
def _refused(pattern: str) -> str:
    """Say why RE2 refuses a pattern; it takes no group name twice, and the engine does, so names are left out."""
    if re2 is None:
        return ""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(_NAMED.sub("(", pattern), options)
    except re2.error as error:
        told = error.args[0] if error.args else error
        return told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    return ""


PATTERN_CHECKS: tuple[Callable[[Placed], Iterator[Advice]], ...] = (slow, wide, loose, foreign)


def half_anchored(nodes: Nodes) -> bool:
    """Tell whether an anchor binds one branch of an ungrouped alternation and not the others.

    >>> half_anchored(parse("^ad|promo")), half_anchored(parse("^(?:ad|promo)")), half_anchored(parse("(?:^| )ad"))
    (True, False, False)
    """
    if len(nodes) != 1 or nodes[0][0] is not sre.BRANCH:
        return False
    branches = [list(branch) for branch in nodes[0][1][1]]
    for end in (0, -1):
        bound = [bool(branch) and branch[end][0] is sre.AT and branch[end][1] not in _SOFT for branch in branches]
        if any(bound) and not all(bound):
            return True
    return False


_SOFT = (sre.AT_BOUNDARY, sre.AT_NON_BOUNDARY)


def literals(nodes: Nodes) -> Iterator[str]:
    """Return the words of three letters or more that stand anywhere in a parsed pattern.

    >>> sorted(literals(parse("(?:hier|heute)? gegen [0-9]+")))
    ['eute', 'gegen', 'ier']
    """
    run = ""
    for op, value in (*nodes, (None, None)):
        if op is sre.LITERAL and chr(value).isalpha():
            run += chr(value)
            continue
        if len(run) >= 3:
            yield run
        run = ""
        if op is sre.SUBPATTERN:
            yield from literals(list(value[-1]))
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from literals(list(value[2]))
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from literals(list(branch))
