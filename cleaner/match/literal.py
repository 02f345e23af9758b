"""Literals: the texts without which a rule cannot match, and what must be around each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, reduce
from itertools import product
from typing import NamedTuple

from cleaner.rules.atoms import choose, is_capital, worth
from cleaner.text.fold import lower
from cleaner.text.shadow import MARK, is_mark, shade

GAP = 0
"""Stands in a literal's shadow for a space or a mark."""

_GAP, _MARK = bytes([GAP]), bytes([MARK])
_UNANCHORED = "。！？」』”）"
"""What ends a sentence without white space behind it."""


class Literal(NamedTuple):
    """Hold a folded text that a match needs.

    `opens` and `closes`: a line or sentence begins or ends with it. `capital`: it does not begin with a lower-case letter;
    `label`: nor does it where it opens no line or sentence. `word`: it neither begins nor ends inside a word.
    `flows`: a line end may stand for its spaces.
    """

    text: str
    word: bool = True
    opens: bool = False
    closes: bool = False
    capital: bool = False
    label: bool = False
    flows: bool = False


Literals = frozenset[Literal]


def literals(texts: Iterable[str] | None, **around: bool) -> Literals | None:
    """Make literals of texts that stand in the same surroundings; None for None."""
    return None if texts is None else _made(frozenset(texts), tuple(sorted(around.items())))


@lru_cache(maxsize=1 << 10)
def _made(texts: frozenset[str], around: tuple[tuple[str, bool], ...]) -> Literals:
    """Make literals once for all rules that share a term."""
    known = dict(around)
    return frozenset(_anchored(Literal(text, **known)) for text in texts)


def marked(texts: Iterable[str] | None, flows: bool) -> Literals | None:
    """Make literals of a pattern's texts with marks; None for None."""
    if texts is None:
        return None
    return frozenset(
        _anchored(
            Literal(
                lower(text.strip("\n")),
                word=False,
                opens=text[:1] == "\n",
                closes=text[-1:] == "\n",
                capital=is_capital(text),
                flows=flows,
            )
        )
        for text in texts
    )


def _anchored(literal: Literal) -> Literal:
    """Take an anchor back that the text's own first or last character does without."""
    text = literal.text.strip()
    return literal._replace(
        opens=literal.opens and not is_mark(text[0]), closes=literal.closes and text[-1:] not in _UNANCHORED
    )


def better(one: Literals | None, two: Literals | None) -> Literals | None:
    """Choose the set that says more about where a rule can match.

    What opens or closes a unit counts as two code points more; of equal sets the smaller one.
    """
    return choose(one, two, _worth)


def best(sets: Iterable[Literals | None]) -> Literals | None:
    """Choose the best of several sets of which a match needs one literal each."""
    return reduce(better, sets, None)


def united(sets: Iterable[Literals | None]) -> Literals | None:
    """Return the literals of all alternatives, or None where one has none."""
    found: set[Literal] = set()
    for one in sets:
        if not one:
            return None
        found |= one
    return frozenset(found)


def _worth(one: Literals) -> float:
    return worth((literal.text, 2 * (literal.opens + literal.closes) + literal.capital) for literal in one)


def encode(literals: Sequence[Literal]) -> list[bytes]:
    """Return the shadow of each literal, anchors included; `GAP` stands where either a space or a mark may be.

    >>> encode([Literal("read more", opens=True), Literal(" ago", word=False)])
    [b'\\x0bread more', b'\\x00ago']
    """
    bare = [literal.text.strip(" ") for literal in literals]
    codes = shade("\n" + "\n".join(bare) + "\n").codes.tobytes()
    found, at = [], 1
    for literal, text in zip(literals, bare, strict=True):
        part = codes[at : at + len(text)]
        at += len(text) + 1
        before = _MARK if literal.opens else _GAP if literal.text[:1] == " " else b""
        after = _MARK if literal.closes else _GAP if literal.text[-1:] == " " else b""
        found.append(before + (part.replace(b" ", _GAP) if literal.flows else part) + after)
    return found


def spelled(code: bytes) -> Iterator[bytes]:
    """Return every string of bytes that a shadow with gaps stands for.

    >>> list(spelled(b"a\\0b"))
    [b'a b', b'a\\x0bb']
    """
    first, *rest = code.split(_GAP)
    for gaps in product((b" ", _MARK), repeat=len(rest)):
        yield first + b"".join(gap + part for gap, part in zip(gaps, rest, strict=True))
