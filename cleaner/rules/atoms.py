"""Derive the literals that a pattern cannot match without, over folded text.

Literals are never written by hand: what is derived here is what the one scan looks for, and a rule is tried only where
one of its literals occurs.
"""

from __future__ import annotations

import re._constants as sre
import re._parser as parser
from collections.abc import Iterable
from typing import Any

import regex

from cleaner.text.fold import fold

SHORTEST = 3
"""Literals under this many code points (two in scripts without spaces) are no use to the scan."""

_PROPERTY = regex.compile(r"\\[pP]\{[^}]*\}|\[:\^?[a-z]+:\]")
_GROUP_NAME = regex.compile(r"\(\?P<\w+>")  # one name may stand for several groups, which the parser does not take


def pattern_atoms(pattern: str) -> frozenset[str] | None:
    """Return folded literals of which every match holds at least one, or None where there are none to rely on.

    >>> sorted(pattern_atoms("(?:hier|heute) gegen [0-9]+"))
    [' gegen ']
    >>> sorted(pattern_atoms("(?:an?|[0-9]+) (?:hour|day)s? ago"))
    [' ago']
    """
    try:
        tree = parser.parse(_GROUP_NAME.sub("(", _PROPERTY.sub(r"\\w", pattern)))
    except Exception:  # a dialect that the standard parser does not read: no literal, a gate or position instead
        return None
    return usable(_best(tree))


def usable(atoms: Iterable[str] | None) -> frozenset[str] | None:
    """Return the atoms if all are long enough for the scan, else None."""
    found = frozenset(atoms or ())
    return found if found and all(map(_is_long, found)) else None


def _is_long(atom: str) -> bool:
    return len(atom.strip()) >= (2 if any(char >= "\u2e80" for char in atom) else SHORTEST)


def better(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    """Choose the set whose shortest literal is longer; the smaller set where they are equal."""
    if not one or not two:
        return one or two
    return max(one, two, key=lambda atoms: (min(len(atom.strip()) for atom in atoms), -len(atoms), sorted(atoms)))


def _best(nodes: Any) -> frozenset[str] | None:
    best: frozenset[str] | None = None
    run = ""
    for op, value in (*nodes, (None, None)):
        if op is sre.LITERAL:
            run += chr(value)
            continue
        if run:
            best, run = better(best, _folded(run)), ""
        if op is not None:
            best = better(best, _inside(op, value))
    return best


def _inside(op: Any, value: Any) -> frozenset[str] | None:
    if op is sre.SUBPATTERN:
        return _best(value[-1])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and value[0] > 0:
        return _best(value[2])
    if op is sre.BRANCH:
        branches = [_best(branch) for branch in value[1]]
        return frozenset().union(*branches) if all(branches) else None  # type: ignore[arg-type]
    return None


def _folded(run: str) -> frozenset[str] | None:
    atom = fold(run)
    return frozenset([atom]) if atom else None
