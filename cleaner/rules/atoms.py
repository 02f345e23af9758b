"""Derive the literals that a pattern cannot match without, over folded text.

Literals are never written by hand: what is derived here is what the one scan looks for, and a rule is tried only where
one of its literals occurs.
"""

from __future__ import annotations

import re._constants as sre
import re._parser as parser
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import regex

from cleaner.text.fold import fold, lower
from cleaner.text.shadow import is_mark

Text = TypeVar("Text", bound=Any)

SHORTEST = 3
"""Literals under this many code points (two in scripts without spaces) are no use to the scan."""

MARK = "\n"
"""Stands for what sets off a line or sentence: its end, or punctuation."""

MOST = 64
"""Literals in one set that alternatives and character classes are multiplied out to."""

LISTED = 1024
"""Literals in one set of alternatives that nothing is multiplied by."""

UNBOUNDED = 10_000
"""Code points from which on a pattern counts as unbounded."""

_ANCHOR = (sre.LITERAL, ord(MARK))
_ENOUGH = 10  # code points from which a longer literal is no better
_RARER = 6.0
_WORD_LESS = 2
_CLASS_MOST = 24  # characters of a class that are written out: digits are, letters are not

_BLANK = f" {MARK}"
_CASELESS = regex.compile(r"\(\?[a-zA-Z]*i")
_PROPERTY = regex.compile(r"\\[pP]\{[^}]*\}|\[:\^?[a-z]+:\]")
_PLAIN_PROPERTY = regex.compile(r"\\[pP]\{\^?[\w =]+\}|\[:\^?[a-z]+:\]")
_NAMED = regex.compile(r"\(\?P<(\w+)>(.?)", regex.DOTALL)
_GROUP_NAME = regex.compile(r"\(\?P<\w+>")  # one name may stand for several groups, which the parser does not take


@lru_cache(maxsize=1 << 13)
def pattern_atoms(pattern: str) -> frozenset[str] | None:
    """Return folded literals of which every match holds at least one, or None where there are none to rely on.

    What stands side by side is multiplied out, so that "day ago" is looked for and not "ago".

    >>> sorted(pattern_atoms("(?:hier|heute) gegen [0-9]+ Uhr"))
    ['heute gegen ', 'hier gegen ']
    >>> sorted(pattern_atoms(".* (?:hour|day)s? ago"))
    [' day ago', ' days ago', ' hour ago', ' hours ago']

    Of what would be too many literals the last words are multiplied.

    >>> sorted(pattern_atoms("(?:an?|[0-9]{1,3}) (?:second|minute|hour|day|week)s? ago"))[:4]
    [' day ago', ' days ago', ' hour ago', ' hours ago']
    """
    tree = _parsed(pattern)  # without literals a gate or a position says where to look
    return usable(_Reader().read(tree).needed) if tree else None


@lru_cache(maxsize=1 << 13)
def marked_atoms(pattern: str, whole: bool) -> frozenset[str] | None:
    """Return the same with `MARK` for whatever may set off a line or sentence, and at the ends of a `whole` pattern.

    Each alternative has its own best literals, so that a common word is no literal where its place says more. A capital
    tells that the pattern takes no small letter there.

    >>> sorted(marked_atoms("(?:[-•*] ?)?(?:Foto|Bild|[Tt]ext)(?: von [A-Z].{2,20})?", True))
    ['\\nBild', '\\nFoto', '\\ntext']
    """
    tree = _parsed(pattern)
    if not tree:
        return None
    nodes = [_ANCHOR, *tree, _ANCHOR] if whole else tree
    return usable(_Reader(marked=True, cased=not _CASELESS.search(pattern)).read(nodes).needed, anchored=True)


def _bare(atom: str) -> str:
    """Leave one mark at each end of a literal that begins or ends with marks."""
    if MARK not in atom:
        return atom
    inner = atom.strip(f"{MARK} ")
    ends = atom[: atom.index(inner)], atom[atom.index(inner) + len(inner) :]
    before, after = (MARK if MARK in end else end[:1] and " " for end in ends)
    return before + inner + after


def pattern_edges(pattern: str) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Return folded characters of which every match begins with one, and texts of which it ends with one; None for any.

    >>> begins, ends = pattern_edges("[#*]? ?Note .{2,20}(?:[.]{3}|…)")
    >>> sorted(begins), sorted(ends)
    ([' ', '#', '*', 'n'], ['...', '…'])
    >>> sorted(pattern_edges("Euro .{2,20}[0-2][0-2,]{0,9}(?: ?(?:%|points))?")[1])
    ['%', ',', '0', '1', '2', 's']
    """
    tree = _parsed(pattern)
    if not tree:
        return None, None
    ends = _Reader().read(tree).suffix
    return _outer(tree), (ends if all(ends) else _outer(tree, backwards=True))


def _outer(tree: Any, backwards: bool = False) -> frozenset[str] | None:
    """Return the characters that every match begins with one of, or ends with `backwards`; None for any."""
    chars, may_be_empty = _first(tree, backwards)
    return None if may_be_empty else chars


def pattern_needs(pattern: str) -> frozenset[str] | None:
    """Return characters of which every match holds one, the fewest there are; None where letters may do.

    >>> pattern_needs("(?:Euro|Dollar) .{2,20}[0-9] ?%"), pattern_needs("(?:by|von) .*")
    (frozenset({'%'}), None)
    """
    tree = _parsed(pattern)
    return _needed_char(tree) if tree else None


def _needed_char(nodes: Any) -> frozenset[str] | None:
    """Return the smallest set of characters of which nodes in a row hold one."""
    return min(filter(None, (_needed_of(op, value) for op, value in nodes)), key=len, default=None)


def _needed_of(op: Any, value: Any) -> frozenset[str] | None:
    if op is sre.SUBPATTERN:
        return _needed_char(value[-1])
    if op is sre.BRANCH:
        branches = [_needed_char(branch) for branch in value[1]]
        every = [found for found in branches if found]
        return frozenset().union(*every) if len(every) == len(branches) else None
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _needed_char(value[2]) if value[0] else None
    found = _first_of(op, value, backwards=False)[0] if op in (sre.LITERAL, sre.IN) else None
    return found if found and not any(char.isalpha() or char == " " for char in found) else None


def _first(nodes: Any, backwards: bool) -> tuple[frozenset[str] | None, bool]:
    """Return what nodes in a row may begin with (end with), and whether they may match nothing."""
    found: frozenset[str] = frozenset()
    for op, value in reversed(list(nodes)) if backwards else nodes:
        chars, may_be_empty = _first_of(op, value, backwards)
        if chars is None:
            return None, True
        found |= chars
        if not may_be_empty:
            return found, False
    return found, True


def _first_of(op: Any, value: Any, backwards: bool) -> tuple[frozenset[str] | None, bool]:
    if op is sre.LITERAL:
        return frozenset(fold(chr(value))), False
    if op is sre.IN:
        known = _Reader()._class(value)
        return (None if known is _ANYTHING else known.prefix), False
    if op is sre.SUBPATTERN:
        return _first(value[-1], backwards)
    if op is sre.BRANCH:
        rows = [_first(branch, backwards) for branch in value[1]]
        every = [chars for chars, _ in rows if chars is not None]
        return (frozenset().union(*every) if len(every) == len(rows) else None), any(empty for _, empty in rows)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        chars, empty = _first(value[2], backwards)
        return chars, empty or value[0] == 0
    return (_NOTHING - _NOTHING, True) if op is sre.AT else (None, False)


def pattern_width(pattern: str) -> int | None:
    """Return the code points of the longest text that a pattern can match, or None where nothing bounds it.

    >>> pattern_width("(?:hier|heute) gegen [0-9]{1,2} Uhr"), pattern_width("hier .*")
    (18, None)
    """
    tree = _parsed(pattern)
    width = int(tree.getwidth()[1]) if tree else UNBOUNDED
    return width if width < UNBOUNDED else None


@lru_cache(maxsize=1 << 6)  # all that is asked of a pattern is asked at once, and trees are large
def _parsed(pattern: str) -> Any:
    """Parse a pattern; None for a dialect that the standard parser does not read."""
    try:
        return parser.parse(_GROUP_NAME.sub("(", _PROPERTY.sub(r"\\w", pattern)))
    except Exception:  # the parser raises more than its own error on foreign dialects
        return None


def is_sound(pattern: str) -> bool:
    """Tell whether a pattern can surely be compiled; of those that the standard parser does not read nothing is known.

    What it reads `regex` reads as well, but for what is taken out beforehand: names of groups and of properties.

    >>> is_sound("(?P<time>[0-9]+) \\\\p{Lu}.*"), is_sound("a|(b"), is_sound("\\\\p{Q}")
    (True, False, False)
    """
    return (
        _parsed(pattern) is not None
        and all(name.isidentifier() and behind != "?" for name, behind in _NAMED.findall(pattern))
        and all(map(_is_property, _PROPERTY.findall(pattern)))
    )


@lru_cache(maxsize=1 << 10)
def _is_property(text: str) -> bool:
    """Tell whether there is a property of this name, or class of characters."""
    if not _PLAIN_PROPERTY.fullmatch(text):
        return False
    try:
        regex.compile(f"[{text}]")
    except regex.error:
        return False
    return True


def usable(atoms: Iterable[str] | None, anchored: bool = False) -> frozenset[str] | None:
    """Return the atoms if all are long enough for the scan, else None; `anchored` ones may be shorter between marks."""
    found = frozenset(atoms or ())
    return found if found and all(_is_long(atom, anchored) for atom in found) else None


@lru_cache(maxsize=1 << 16)
def _is_long(atom: str, anchored: bool) -> bool:
    size = len(atom.strip())
    if anchored and size >= 2 and ((atom[0] == MARK == atom[-1]) or not any(map(_is_common, atom))):
        return True
    return size >= SHORTEST or (size == 2 and not atom.isascii() and any(char >= "\u2e80" for char in atom))


def better(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    """Choose the set whose literals are rarer together."""
    return choose(one, two, _worth)


def choose(
    one: frozenset[Text] | None, two: frozenset[Text] | None, worth: Callable[[frozenset[Text]], float]
) -> frozenset[Text] | None:
    """Choose the set of more worth; of equal ones the first in order, and of one set and none the set."""
    if not one or not two:
        return one or two
    first, second = worth(one), worth(two)
    if first == second:
        return min(one, two, key=sorted)
    return one if first > second else two


@lru_cache(maxsize=1 << 15)
def _worth(atoms: frozenset[str]) -> float:
    return worth((atom, is_capital(atom)) for atom in atoms)


def worth(atoms: Iterable[tuple[str, int]]) -> float:
    """Say how rare the literals of a set are together, each given with what more is known of its place in code points.

    Each code point makes a literal so many times rarer, up to a length at which it is rare enough.
    """
    return -sum(_RARER ** -min(_ENOUGH, _size(text) + more) for text, more in sorted(atoms))


@lru_cache(maxsize=1 << 16)
def _size(atom: str) -> int:
    """Count the code points of a literal: punctuation twice, as there is less of it, and fewer of a single word."""
    bare = atom.strip(" ")
    if bare.isalpha():
        return len(bare) - _WORD_LESS * (bare[0] < "\u2e80")
    return 2 * len(bare) - sum(map(str.isalnum, bare)) - bare.count(" ") - bare.count(MARK)


def _is_common(char: str) -> bool:
    return char.isalnum() or char in f" {MARK}"


@dataclass(frozen=True, slots=True)
class _Known:
    """Hold what is known of the text that a part of a pattern matches.

    It begins with one of `prefix` and ends with one of `suffix`; where it `is_exact` the two are all it can be. `best`
    is a set of which it holds one. The empty text says nothing.
    """

    prefix: frozenset[str]
    suffix: frozenset[str]
    is_exact: bool = False
    best: frozenset[str] | None = None

    @property
    def needed(self) -> frozenset[str] | None:
        """Return the best set of which every match holds one."""
        return better(self.best, better(_telling(self.prefix), _telling(self.suffix)))


_NOTHING = frozenset([""])
_ANYTHING = _Known(_NOTHING, _NOTHING)
_EMPTY = _Known(_NOTHING, _NOTHING, is_exact=True)


def _exactly(texts: Iterable[str], cased: bool = False) -> _Known:
    found = _merged(frozenset(map(_fold_rest if cased else fold, texts)))
    return _Known(found, found, is_exact=True)


def is_capital(atom: str) -> bool:
    """Tell whether a literal asks for a capital where it begins, marks and spaces aside."""
    return atom.lstrip(_BLANK)[:1].isupper()


@lru_cache(maxsize=1 << 14)
def _fold_rest(text: str) -> str:
    """Fold a text, but for a capital at its beginning."""
    folded = fold(text)
    at = len(folded) - len(folded.lstrip(_BLANK))
    is_kept = len(folded) == len(text) and is_capital(text)
    return folded[:at] + text[at] + folded[at + 1 :] if is_kept else folded


def _merged(texts: frozenset[str]) -> frozenset[str]:
    """Leave out what differs from another text by its capital alone: that one stands for both."""
    if len(texts) < 2:
        return texts
    return texts - {text for text in texts if is_capital(text) and fold(text) in texts}


@lru_cache(maxsize=1 << 15)
def _telling(atoms: frozenset[str] | None) -> frozenset[str] | None:
    """Return the atoms, unless one is too short to tell anything; of many marks at an end one is enough."""
    if not atoms or not all(map(str.strip, atoms)):
        return None
    bare = frozenset(map(_bare, atoms)) if any(MARK in atom for atom in atoms) else atoms
    return usable(bare, anchored=True)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Read a parsed pattern from left to right."""

    marked: bool = False
    cased: bool = False

    def read(self, nodes: Any) -> _Known:
        """Return what is known of the text that nodes in a row match."""
        return self._within(_EMPTY, nodes)

    def _within(self, known: _Known, nodes: Any) -> _Known:
        """Go on with nodes in a row."""
        run = ""
        for op, value in (*nodes, (None, None)):
            if op is sre.LITERAL:
                run += chr(value)
                continue
            if run:
                known, run = _joined(known, _exactly([run], self.cased)), ""
            if op is not None:
                known = self._after(known, op, value)
        return known

    def _after(self, known: _Known, op: Any, value: Any) -> _Known:
        """Go on with one node, into each alternative apart. Any number of marks behind a mark end with a mark."""
        if self.marked and op is sre.SUBPATTERN:
            return self._within(known, value[-1])
        if self.marked and op is sre.BRANCH:
            return _at_least(known, _either([self._within(known, branch) for branch in value[1]]))
        if self.marked and op in (sre.MAX_REPEAT, sre.MIN_REPEAT) and (value[0], value[1]) == (0, 1):
            return _at_least(known, _either([known, self._within(known, value[2])]))
        if self.marked and op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            inner = self.read(value[2])
            if inner.is_exact and not any(text.strip(f"{MARK} ") for text in inner.suffix) and _set_off(known):
                return _Known(known.prefix, frozenset([MARK]), best=known.best)
        return _joined(known, self._part(op, value))

    def _part(self, op: Any, value: Any) -> _Known:
        if op is sre.IN:
            return self._class(value)
        if op is sre.SUBPATTERN:
            return self.read(value[-1])
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeated(*value)
        if op is sre.BRANCH:
            return _either([self.read(branch) for branch in value[1]])
        if op is sre.AT:
            edge = value in (sre.AT_BEGINNING, sre.AT_END, sre.AT_BEGINNING_STRING, sre.AT_END_STRING)
            return _exactly([MARK]) if self.marked and edge else _EMPTY
        return _ANYTHING

    def _class(self, members: Sequence[tuple[Any, Any]]) -> _Known:
        chars: list[str] = []
        for op, value in members:
            if op is sre.LITERAL:
                chars.append(chr(value))
            elif op is sre.RANGE and value[1] - value[0] < _CLASS_MOST:
                chars += map(chr, range(value[0], value[1] + 1))
            else:
                return _ANYTHING
        if self.marked:
            chars = list(dict.fromkeys(MARK if is_mark(char) else char for char in chars))
        return _exactly(chars, self.cased) if 0 < len(chars) <= _CLASS_MOST else _ANYTHING

    def _repeated(self, least: int, most: Any, nodes: Any) -> _Known:
        inner = self.read(nodes)
        if (least, most) == (1, 1):
            return inner
        if (least, most) == (0, 1) and inner.is_exact:
            texts = inner.prefix | _NOTHING
            return _Known(texts, texts, is_exact=True)
        if inner.is_exact and least > 1 and len(inner.prefix) == 1:
            texts = frozenset(text * least for text in inner.prefix)
            return _Known(texts, texts, is_exact=least == most)
        return _Known(inner.prefix, inner.suffix, best=inner.best) if least else _ANYTHING


def _set_off(known: _Known) -> bool:
    return all(text.endswith(MARK) for text in known.suffix)


def _joined(left: _Known, right: _Known) -> _Known:
    """Multiply the end of one part by the beginning of the next, as far as that does not grow too large."""
    border = _multiplied(left.suffix, right.prefix)
    best = better(left.best, right.best)
    if border is not None and left.is_exact and right.is_exact:
        return _Known(border, border, is_exact=True, best=best)
    best = better(best, better(_telling(left.suffix), _telling(right.prefix)))
    if border is None:  # too many: the last words of the left do, of which there are fewer
        words = _multiplied(frozenset(map(_last_word, left.suffix)), right.prefix)
        suffix = words if words is not None and right.is_exact else right.suffix
        return _Known(left.prefix, suffix, best=better(best, _telling(words)))
    best = better(best, _telling(border))
    return _Known(border if left.is_exact else left.prefix, border if right.is_exact else right.suffix, best=best)


def _last_word(text: str) -> str:
    """Return a text from the last space on that something follows."""
    return text[max(0, text.rstrip(" ").rfind(" ")) :]


def _multiplied(left: frozenset[str], right: frozenset[str]) -> frozenset[str] | None:
    if len(left) * len(right) > MOST:
        return None
    small = [lower(text) for text in right]  # behind more than marks no capital is told
    return _merged(frozenset(a + b for a in left for b in (small if a.strip(_BLANK) else right)))


def _at_least(before: _Known, known: _Known) -> _Known:
    """Prefer what was known before an alternation, where its alternatives have rarer literals each but not together."""
    return _Known(known.prefix, known.suffix, known.is_exact, better(before.needed, known.best))


def _either(parts: Sequence[_Known]) -> _Known:
    prefix = _merged(frozenset().union(*(part.prefix for part in parts)))
    suffix = _merged(frozenset().union(*(part.suffix for part in parts)))
    needed = [part.needed for part in parts]
    best = frozenset().union(*filter(None, needed)) if all(needed) else None
    if len(prefix) > LISTED or len(suffix) > LISTED:
        return _Known(_NOTHING, _NOTHING, best=best)
    return _Known(prefix, suffix, all(part.is_exact for part in parts), best)
