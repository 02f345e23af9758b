"""Grow shingles that many documents share to the longest stretches they share, line by line and inside lines.

Each token gets the document frequency of the most frequent shingle or short line that covers it. Phrases that the
article's prose shares with a stretch make short peaks in it, which an opening levels; where the level changes for
good, one stretch ends and another begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cleaner.mine.survey import SHINGLE, SHORT_LINE, shingle_keys, short_line_key
from cleaner.mine.tokens import BREAK, Token, closes, is_wordlike, letters, stops

_WINDOW = 8
_STEP = 1.3
_LEAST_LETTERS = 12
_EDGE = 6  # tokens at either end that may belong to the sentence before or after a stretch
_LONG = 12  # tokens of a stretch that is no accident of prose: it may begin behind anything


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bound a stretch by tokens; `whole` where it is one or more whole lines."""

    first: int
    last: int
    level: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Levels:
    """Hold for each token in how many documents what covers it stands, and what covers it and the token before it."""

    tokens: Sequence[int]
    joints: Sequence[int]


def levels(tokens: Sequence[Token], known: Mapping[int, int], least: int) -> Levels:
    """Return the document frequencies of a text, 0 where they are smaller than `least`."""
    forms = [token.form for token in tokens]
    found = [0] * len(forms)
    joints = [0] * len(forms)
    for at, key in enumerate(shingle_keys(forms)):
        count = known.get(key, 0)
        if count >= least:
            for n in range(at, at + SHINGLE):
                if count > found[n]:
                    found[n] = count
                if n > at and count > joints[n]:
                    joints[n] = count
    for first, end in line_bounds(forms):
        if end - first <= SHORT_LINE:
            count = known.get(short_line_key(forms[first:end]), 0)
            if count >= least:
                for n in range(first, end):
                    found[n] = max(found[n], count)
                joints[n] = max(joints[n], count if n > first else 0)
    for at, form in enumerate(forms):
        if form == BREAK:
            found[at] = min(found[at - 1] if at else 0, found[at + 1] if at + 1 < len(forms) else 0)
    return Levels(found, joints)


def line_bounds(forms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield first and last token (exclusive) of each line."""
    at = 0
    for n, form in enumerate(forms):
        if form == BREAK:
            if n > at:
                yield at, n
            at = n + 1
    if len(forms) > at:
        yield at, len(forms)


def find_stretches(tokens: Sequence[Token], level: Levels) -> list[Stretch]:
    """Return the stretches of a document, in order."""
    return [stretch for a, b in _runs(level.tokens) for stretch in _stretches(tokens, a, b, level)]


def _stretches(tokens: Sequence[Token], a: int, b: int, level: Levels) -> Iterator[Stretch]:
    smooth = _open(level.tokens[a:b])
    at = a
    for n in range(a + 1, b + 1):
        if n == b or _parts(smooth[n - 1 - a], smooth[n - a], level.joints[n]):
            yield from _by_lines(tokens, at, n, min(smooth[at - a : n - a]))
            at = n


def _runs(level: Sequence[int]) -> Iterator[tuple[int, int]]:
    at = -1
    for n, value in enumerate(level):
        if value and at < 0:
            at = n
        elif not value and at >= 0:
            yield at, n
            at = -1
    if at >= 0:
        yield at, len(level)


def _parts(one: int, two: int, joint: int) -> bool:
    """Tell whether two neighbours belong to different stretches: other levels, or hardly ever together."""
    low, high = min(one, two), max(one, two)
    return (high > _STEP * low and high - low > 1) or (low > _STEP * joint and low - joint > 1)


def _open(values: Sequence[int]) -> list[int]:
    """Level peaks narrower than the window: the largest of the smallest values of all windows over a token."""
    size = min(_WINDOW, len(values))
    lows = [min(values[n : n + size]) for n in range(len(values) - size + 1)]
    return [max(lows[max(0, n - size + 1) : n + 1]) for n in range(len(values))]


def _by_lines(tokens: Sequence[Token], a: int, b: int, level: int) -> Iterator[Stretch]:
    """Part what covers whole lines from what begins or ends inside one."""
    while a < b and tokens[a].form == BREAK:
        a += 1
    while b > a and tokens[b - 1].form == BREAK:
        b -= 1
    if a == b:
        return
    starts = a == 0 or tokens[a - 1].form == BREAK
    ends = b == len(tokens) or tokens[b].form == BREAK
    breaks = [n for n in range(a, b) if tokens[n].form == BREAK]
    if not starts and breaks:
        yield from _by_lines(tokens, a, breaks[0], level)
        yield from _by_lines(tokens, breaks[0], b, level)
    elif not ends and breaks:
        yield from _by_lines(tokens, a, breaks[-1], level)
        yield from _by_lines(tokens, breaks[-1], b, level)
    elif starts and ends:
        yield Stretch(a, b, level, True)
    else:
        yield from _trimmed(tokens, a, b, level)


def _trimmed(tokens: Sequence[Token], a: int, b: int, level: int) -> Iterator[Stretch]:
    """Leave out what belongs to the text around: the end of a sentence before the stretch, the beginning of one after it."""
    a = _past_sentence(tokens, a, b)
    b = _before_sentence(tokens, a, b)
    while a < b and _belongs_before(tokens, a):
        a += 1
    while b > a and tokens[b - 1].form in ",;([“«¿¡":
        b -= 1
    if letters(token.form for token in tokens[a:b]) >= _LEAST_LETTERS:
        yield Stretch(a, b, level, False)


def _belongs_before(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a token closes what stands before it; a straight quotation mark that touches a word opens one."""
    form = tokens[at].form
    if form in "\"'" and at + 1 < len(tokens) and tokens[at].end == tokens[at + 1].start:
        return False
    return stops(form) or closes(form) or form in ",;)"


def _past_sentence(tokens: Sequence[Token], a: int, b: int) -> int:
    """Return where a new sentence begins within the first tokens, if the stretch begins inside one."""
    if not _goes_on(tokens[a].form):
        return a
    for n in range(a, min(a + _EDGE, b - 1)):
        if stops(tokens[n].form) and not _goes_on(tokens[n + 1].form):
            return n + 1
    return a


def _before_sentence(tokens: Sequence[Token], a: int, b: int) -> int:
    """Return where the last sentence ends within the last tokens, if the stretch ends inside one."""
    if b == len(tokens) or not _goes_on(tokens[b].form):
        return b
    for n in range(b - 1, max(a, b - 1 - _EDGE), -1):
        if stops(tokens[n].form):
            return n + 1
    return b


def _goes_on(form: str) -> bool:
    return is_wordlike(form) and form[0].islower()


def begins_anew(tokens: Sequence[Token], level: Sequence[int], at: int, end: int = 0) -> bool:
    """Tell whether a stretch that begins at a token can be no part of the sentence before it."""
    if at == 0 or tokens[at - 1].form == BREAK or tokens[at].start - tokens[at - 1].end > 1:
        return True
    before, form = tokens[at - 1].form, tokens[at].form
    if is_wordlike(form) and form[0].islower():
        return False
    return bool(level[at - 1]) or stops(before) or closes(before) or end - at >= _LONG


def ends_there(tokens: Sequence[Token], level: Sequence[int], end: int) -> bool:
    """Tell whether a stretch that ends before a token can be no part of the sentence after it."""
    if end == len(tokens) or tokens[end].form == BREAK or tokens[end].start - tokens[end - 1].end > 1:
        return True
    after, last = tokens[end].form, tokens[end - 1].form
    if after in ",;)":
        return False
    if is_wordlike(after):
        return not after[0].islower()
    return bool(level[end]) or stops(last) or closes(last) or not (stops(after) or after in "-'\"")
