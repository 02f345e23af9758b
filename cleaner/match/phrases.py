"""Sets of phrases looked up in flattened text: where does one stand as a label, not quoted, not inside a sentence?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ahocorasick_rs

from cleaner.text.phrase import is_free
from cleaner.text.sheet import Sheet, Unit

_OPENING = "«“„‘"
_CLOSING = "»”’"
_LEADS_IN = (*",;(\"'", *_OPENING)
_BEHIND = 12  # code points behind a label that tell whether something begins there
_FEW = 4  # phrases up to which one `find` each is cheaper than an automaton


class Phrases:
    """Hold folded phrases; the automaton over them is built when it is first needed."""

    __slots__ = ("_automaton", "known", "texts")

    def __init__(self, texts: Iterable[str]):
        self.known = frozenset(texts)
        self.texts = tuple(sorted(self.known))
        self._automaton: ahocorasick_rs.AhoCorasick | None = None

    def __bool__(self) -> bool:
        return bool(self.texts)

    def places(self, sheet: Sheet, start: int, stop: int, lone: bool = True) -> Iterator[Unit]:
        """Yield every place between two positions where a phrase stands free, in order.

        With `lone` unset a phrase may be part of a label or sentence; quoted it never counts.
        """
        yield from self._free(sheet, self._found(sheet.folded[start:stop], start), lone)

    def occur_in(self, folded: str) -> bool:
        """Tell whether a phrase occurs in a folded text at all, quoted, inside of a word, or free."""
        return bool(self._found(folded, 0))

    def among(self, sheet: Sheet, hits: Iterable[tuple[int, int]], lone: bool = True) -> Iterator[Unit]:
        """Yield the hits at which a phrase stands free: all its places, where the scan has looked for all phrases."""
        folded = sheet.folded
        yield from self._free(sheet, (Unit(a, b) for a, b in hits if folded[a:b] in self.known), lone)

    def _free(self, sheet: Sheet, units: Iterable[Unit], lone: bool) -> Iterator[Unit]:
        for unit in units:
            if is_free(sheet.folded, *unit) and (stands_free(sheet, *unit) if lone else not is_quoted(sheet, *unit)):
                yield unit

    def _found(self, text: str, start: int) -> list[Unit]:
        if len(self.texts) <= _FEW:
            return sorted(unit for phrase in self.texts for unit in _occurrences(text, phrase, start))
        if self._automaton is None:
            self._automaton = ahocorasick_rs.AhoCorasick(self.texts, matchkind=ahocorasick_rs.MatchKind.Standard)
        matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return sorted(Unit(start + a, start + b) for _, a, b in matches)


def _occurrences(text: str, phrase: str, start: int) -> Iterator[Unit]:
    at = text.find(phrase)
    while at >= 0:
        yield Unit(start + at, start + at + len(phrase))
        at = text.find(phrase, at + 1)


def is_quoted(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether quotation marks stand right around a span."""
    before = sheet.text[max(0, start - 2) : start]
    after = sheet.text[end : end + 2]
    return (
        before.rstrip()[-1:] in (*_OPENING,)
        or after.lstrip()[:1] in (*_CLOSING,)
        or (before[-1:] in ('"', "'", "(") and after[:1] in ('"', "'", ")", ".", ","))
    )


def may_stand_free(text: str, start: int, end: int) -> bool:
    """Tell what `stands_free` asks of what follows, of a text that no sheet is made of yet."""
    return not text[start].islower() and _begins_anew(text[end : end + _BEHIND])


def stands_free(sheet: Sheet, start: int, end: int) -> bool:
    """Tell whether a span of flattened text can be a label: it and what follows begin anew, nothing leads in to it."""
    text = sheet.text
    if text[start].islower() or is_quoted(sheet, start, end):
        return False
    if text[max(0, start - 3) : start].rstrip(" \n")[-1:] in _LEADS_IN:
        return False
    return _begins_anew(text[end : end + _BEHIND])


def _begins_anew(behind: str) -> bool:
    rest = behind.lstrip(" .…:>›→|\n")
    return not rest or not (rest[0].islower() or rest[0] in ",;)")
