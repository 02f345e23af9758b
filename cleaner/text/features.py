"""Features of blocks, by which weights tell an article from the page around it: shapes and places, no words of any language.

`describe` measures each block and what stands around it. `describe_scores` measures what a first pass made of a block's
neighbours. All values are built from counts by sums, quotients and bounds, so that they are the same on every machine;
nearly all lie between 0 and 1.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum

import regex

from cleaner.text.layout import Block
from cleaner.text.shape import lead_length
from cleaner.text.sheet import BREAK, Sheet, ends_sentence

Columns = dict[str, list[float]]
"""Values of features by name, one for each block."""

PROSE = 12.0
"""Words from which a block that closes like a sentence counts as prose; without a sentence's end twice as many."""

_DENSE = 0.6  # words that one ideograph, kana, Hangul or Thai letter stands for
_DENSE_LETTER = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f\U00020000-\U0003fffd]")
_WORD = regex.compile(r"[^\W_]+")
_DIGITS = regex.compile(r"\d+")
_COMMA = regex.compile(r"[,،、，;；]")
_MARK = regex.compile(r"[|•›»>©®™@#/\\\[\]_=<{}~^*+→·]")
_QUOTE = regex.compile(r"[\"«»“”„「」『』]")
_ADDRESS = regex.compile(r"https?:|www\.|[\w.]@[\w.]|\w\.(?:com|org|net|html?)\b")  # no repeats: blobs have long words
_MOMENT = regex.compile(r"\b\d{1,2}\s?[:hH]\s?\d\d\b|\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\d年|\d月")
_COLUMNS = regex.compile(r"\S {3,}\S")
_FIELD = regex.compile(r"\[[\s_xX*]*\]|_{3,}|\(\w?\)|={4,}|-{4,}")
_ENDS = (".", "!", "?")


@dataclass(frozen=True, slots=True)
class Measure:
    """Hold what counting tells of one block."""

    text: str
    words: tuple[str, ...]
    size: float
    ends: bool

    @property
    def is_prose(self) -> bool:
        """Tell whether it is as long as sentences of an article are."""
        return self.size >= PROSE * (1 if self.ends else 2)


def measure(block: Block) -> Measure:
    """Count the words of a block."""
    words, size = _words(block.text)
    return Measure(block.text, words, size, ends_sentence(block.text))


def size_of(text: str) -> float:
    """Count the words of a text."""
    return _words(text)[1]


def _words(text: str) -> tuple[tuple[str, ...], float]:
    """Return the words and their number; each letter of a script without spaces is one, and counts for a part."""
    dense = [] if text.isascii() else _DENSE_LETTER.findall(text)
    words = _WORD.findall(_DENSE_LETTER.sub(" ", text) if dense else text)
    return (*words, *dense), len(words) + _DENSE * len(dense)


def measures_on(sheet: Sheet) -> dict[str, Measure]:
    """Return the measures taken so far of texts on a sheet and on what other rules leave of it."""
    known: dict[str, Measure] = sheet.whole.memo.setdefault("measures", {})
    return known


def measure_all(blocks: Sequence[Block], known: dict[str, Measure] | None = None) -> list[Measure]:
    """Count the words of blocks, those of one text only once."""
    known = {} if known is None else known
    for block in blocks:
        if block.text not in known:
            known[block.text] = measure(block)
    return [known[block.text] for block in blocks]


def describe(blocks: Sequence[Block], known: dict[str, Measure] | None = None) -> Columns:
    """Return the features of the first pass; `known` holds measures taken before, and takes those taken now."""
    if not blocks:
        return {name: [] for name in FIRST}
    measures = measure_all(blocks, known)
    rows = {one.text: _own(one) for one in measures}
    own = [rows[one.text] for one in measures]
    columns: Columns = {name: [row[name] for row in own] for name in OWN}
    columns |= _repeats(measures)
    columns |= _layout(blocks, measures)
    columns |= _places(measures)
    columns |= _neighbours(measures)
    columns |= _shared_words(measures)
    columns |= _crossed(columns)
    return {name: columns[name] for name in FIRST}


def describe_scores(columns: Columns, shares: Sequence[float]) -> Columns:
    """Return the features of the second pass: those of the first, and what it made of each block and its neighbours.

    `shares` hold how much of each block the first pass takes for body, from 0 to 1.
    """
    if not shares:
        return columns | {name: [] for name in SCORES}
    sizes = columns["size"]
    count = len(shares)
    mass = [share * size for share, size in zip(shares, sizes, strict=True)]
    found: Columns = {"p": list(shares)}
    for step in (1, 2, 3):
        found[f"p_before{step}"] = [shares[at - step] if at >= step else 0.0 for at in range(count)]
        found[f"p_after{step}"] = [shares[at + step] if at + step < count else 0.0 for at in range(count)]
    for reach in (3, 8, 20):
        weight = _window(sizes, reach)
        around = _window(mass, reach)
        found[f"p_mean{reach}"] = [a / w if w else 0.0 for a, w in zip(around, weight, strict=True)]
    for reach in (5, 12):
        before, after = _peaks(shares, reach)
        found[f"p_between{reach}"] = [min(a, b) for a, b in zip(before, after, strict=True)]
        found[f"p_beside{reach}"] = [max(a, b) for a, b in zip(before, after, strict=True)]
    total = fsum(mass) or 1.0
    so_far = list(accumulate(mass, initial=0.0))
    found["mass_before"] = [so_far[at] / total for at in range(count)]
    found["mass_after"] = [max(0.0, total - so_far[at + 1]) / total for at in range(count)]
    found["mass_both"] = [min(a, b) for a, b in zip(found["mass_before"], found["mass_after"], strict=True)]
    found["mass_around"] = [value / total for value in _window(mass, 8)]
    found["mass_cluster"] = _clusters(shares, mass, total)
    found["p_indent"] = _by_indent(shares, columns)
    found["p_indent_size"] = [p * s for p, s in zip(found["p_indent"], columns["size10"], strict=True)]
    found["p_mean_ends"] = [p * s for p, s in zip(found["p_mean8"], columns["ends"], strict=True)]
    found["p_mean_size"] = [p * s for p, s in zip(found["p_mean8"], columns["size25"], strict=True)]
    found["p_mean_bullet"] = [p * s for p, s in zip(found["p_mean8"], columns["bullet"], strict=True)]
    found["p_both"] = [share * value for share, value in zip(shares, found["mass_cluster"], strict=True)]
    found["p_short"] = [m * (1 - s) for m, s in zip(found["p_mean3"], columns["size10"], strict=True)]
    found["p_between_short"] = [b * (1 - s) for b, s in zip(found["p_between5"], columns["size10"], strict=True)]
    return columns | {name: found[name] for name in SCORES}


def _own(one: Measure) -> dict[str, float]:
    """Measure a block by itself."""
    text, size = one.text, one.size
    length = max(1, len(text))
    cased = [word for word in one.words if word[0].isupper() or word[0].islower()]
    lead = lead_length(text)
    bare = text[lead:]
    letters = sum(map(len, one.words))
    marks = len(_MARK.findall(text))
    digits = sum(map(str.isdigit, text))
    return {
        "size": size,
        "size4": min(size, 4) / 4,
        "size10": min(size, 10) / 10,
        "size25": min(size, 25) / 25,
        "size60": min(size, 60) / 60,
        "size150": min(size, 150) / 150,
        "ends": float(one.ends),
        "ends_colon": float(text[-1:] in ":："),
        "ends_open": float(text.endswith(("…", "..."))),
        "ends_ask": float(text[-1:] in "?？!！؟"),
        "sentences": min(5, len(BREAK.findall(text)) + one.ends) / 5,
        "commas": min(1.0, 10 * len(_COMMA.findall(text)) / (size + 5)),
        "marks": min(1.0, 10 * marks / length),
        "marked": float(marks > 0),
        "digits": digits / length,
        "capitals": sum(word[0].isupper() for word in cased) / len(cased) if cased else 0.0,
        "all_capitals": float(text.isupper()),
        "caseless": float(not cased and letters > 0),
        "opens_lower": float(bare[:1].islower()),
        "opens_digit": float(text[:1].isdigit()),
        "opens_quote": float(_QUOTE.match(text) is not None),
        "quotes": min(4, len(_QUOTE.findall(text))) / 4,
        "short_words": sum(len(word) <= 3 for word in one.words) / len(one.words) if cased else 0.0,
        "word_length": min(12.0, letters / len(one.words)) / 12 if cased else 0.0,
        "bullet": float(lead > 0),
        "address": float(("." in text or ":" in text or "@" in text) and _ADDRESS.search(text) is not None),
        "moment": float(digits > 0 and _MOMENT.search(text) is not None),
        "columns": float("   " in text and _COLUMNS.search(text) is not None),
        "field": float(_FIELD.search(text) is not None),
        "no_words": float(not one.words),
    }


def _repeats(measures: Sequence[Measure]) -> Columns:
    """Count how often a text stands on the page, numbers apart, and whether a longer one opens with it."""
    keys = [_DIGITS.sub("0", " ".join(one.text.split()).casefold()) for one in measures]
    counts = Counter(keys)
    return {
        "repeated": [min(5, counts[key] - 1) / 5 for key in keys],
        "repeated_prose": [float(counts[key] > 1 and one.is_prose) for key, one in zip(keys, measures, strict=True)],
    }


def _layout(blocks: Sequence[Block], measures: Sequence[Measure]) -> Columns:
    """Compare indentation and blank lines with those of the prose."""
    by_indent: Counter[int] = Counter()
    for block, one in zip(blocks, measures, strict=True):
        by_indent[block.indent] += int(one.size) if one.is_prose else 0
    usual = max(by_indent, key=lambda indent: (by_indent[indent], -indent), default=0)
    gaps = [block.gap for block in blocks]
    after = [*gaps[1:], 0]
    indents = [block.indent for block in blocks]
    same_before = [float(at > 0 and indents[at - 1] == own) for at, own in enumerate(indents)]
    return {
        "indent": [min(20, own) / 20 for own in indents],
        "indent_usual": [float(own == usual) for own in indents],
        "indent_prose": [by_indent[own] / max(1, by_indent.total()) for own in indents],
        "indent_level": [float(own) for own in indents],
        "indent_off": [min(10, abs(own - usual)) / 10 for own in indents],
        "indent_same": [(a + b) / 2 for a, b in zip(same_before, [*same_before[1:], 0.0], strict=True)],
        "gap_before": [min(4, gap) / 4 for gap in gaps],
        "gap_after": [min(4, gap) / 4 for gap in after],
        "stands_free": [float(a > 1 and b > 1) for a, b in zip(gaps, after, strict=True)],
    }


def _places(measures: Sequence[Measure]) -> Columns:
    """Place blocks on the page and with regard to its prose, above all to the largest block."""
    count = len(measures)
    sizes = [one.size for one in measures]
    prose = [one.size if one.is_prose else 0.0 for one in measures]
    total, all_prose = fsum(sizes) or 1.0, fsum(prose) or 1.0
    size_so_far, prose_so_far = list(accumulate(sizes, initial=0.0)), list(accumulate(prose, initial=0.0))
    largest = max(range(count), key=lambda at: (prose[at], -at))
    top = max(sizes) or 1.0
    back, ahead = _distances([value > 0 for value in prose])
    return {
        "size_top": [size / top for size in sizes],
        "size_share": [min(1.0, 10 * size / total) for size in sizes],
        "page_ends": [sum(one.ends for one in measures) / count] * count,
        "place": [at / count for at in range(count)],
        "place_words": [size_so_far[at] / total for at in range(count)],
        "near_start": [max(0, 10 - at) / 10 for at in range(count)],
        "near_end": [max(0, 10 - (count - 1 - at)) / 10 for at in range(count)],
        "prose_before": [prose_so_far[at] / all_prose for at in range(count)],
        "prose_after": [1 - prose_so_far[at + 1] / all_prose for at in range(count)],
        "no_prose_before": [float(prose_so_far[at] == 0) for at in range(count)],
        "no_prose_after": [float(prose_so_far[at + 1] == prose_so_far[-1]) for at in range(count)],
        "largest_ahead": [min(40, max(0, largest - at)) / 40 for at in range(count)],
        "largest_behind": [min(40, max(0, at - largest)) / 40 for at in range(count)],
        "to_prose": [min(10, min(a, b)) / 10 for a, b in zip(back, ahead, strict=True)],
        "between_prose": [1 - min(10, max(a, b)) / 10 for a, b in zip(back, ahead, strict=True)],
        "page_size": [min(4000.0, total) / 4000] * count,
        "page_prose": [all_prose / total if all_prose <= total else 0.0] * count,
    }


def _neighbours(measures: Sequence[Measure]) -> Columns:
    """Measure what stands around a block."""
    sizes = [one.size for one in measures]
    short = [float(one.size < 8 and not one.ends) for one in measures]
    prose = [one.size if one.is_prose else 0.0 for one in measures]
    ends = [float(one.ends) for one in measures]
    found: Columns = {}
    for step, suffix in ((1, ""), (2, "2")):
        for name, values, bound in (("size", sizes, 25.0), ("ends", ends, 1.0)):
            found[f"{name}_before{suffix}"] = _shifted(values, -step, bound)
            found[f"{name}_after{suffix}"] = _shifted(values, step, bound)
    for reach in (3, 8, 20):
        around, whole = _window(prose, reach), _window(sizes, reach)
        found[f"prose_around{reach}"] = [a / b if b else 0.0 for a, b in zip(around, whole, strict=True)]
    found["words_around"] = [min(300.0, value) / 300 for value in _window(sizes, 4)]
    reached = [min(len(short) - 1, at + 5) - max(0, at - 5) + 1 for at in range(len(short))]
    found["short_around"] = [value / n for value, n in zip(_window(short, 5), reached, strict=True)]
    found["long_run"] = _rows([not value for value in short])
    found["short_run"] = _rows([bool(value) for value in short])
    return found


def _shared_words(measures: Sequence[Measure]) -> Columns:
    """Measure how much of a block's own words the prose has in other blocks too: what it is about."""
    bags = [_notions(one.words) for one in measures]
    counts = Counter(word for bag, one in zip(bags, measures, strict=True) if one.is_prose for word in bag)
    shared = []
    for bag, one in zip(bags, measures, strict=True):
        own = 1 if one.is_prose else 0
        shared.append(sum(counts[word] > own for word in bag) / (len(bag) + 1))
    return {
        "shared": shared,
        "shared_short": [s if one.size < PROSE else 0.0 for s, one in zip(shared, measures, strict=True)],
    }


def _notions(words: Sequence[str]) -> set[str]:
    """Return the longer words of a text, and pairs of letters in scripts without spaces."""
    found = {word.casefold() for word in words if len(word) >= 5}
    dense = [word for word in words if len(word) == 1 and word >= "\u0e00"]
    return found | {a + b for a, b in pairwise(dense)}


def _crossed(columns: Columns) -> Columns:
    """Multiply features of which one says how far another counts."""
    products = {
        "prose_ends": ("size25", "ends"),
        "long_ends": ("size60", "ends"),
        "short_between": ("size10", "between_prose"),
        "ends_between": ("ends", "between_prose"),
        "long_around": ("size25", "prose_around8"),
        "usual_free": ("indent_usual", "stands_free"),
        "usual_prose": ("indent_usual", "size25"),
        "bullet_between": ("bullet", "between_prose"),
        "caseless_size": ("caseless", "size25"),
        "caseless_ends": ("caseless", "ends"),
        "caseless_between": ("caseless", "between_prose"),
        "long_row": ("long_run", "size25"),
        "indent_prose_size": ("indent_prose", "size25"),
    }
    return {name: [a * b for a, b in zip(columns[x], columns[y], strict=True)] for name, (x, y) in products.items()}


def _shifted(values: Sequence[float], step: int, bound: float) -> list[float]:
    count = len(values)
    return [min(values[at + step], bound) / bound if 0 <= at + step < count else 0.0 for at in range(count)]


def _window(values: Sequence[float], reach: int) -> list[float]:
    """Sum the values at most `reach` places away, the own one included."""
    so_far = list(accumulate(values, initial=0.0))
    count = len(values)
    return [max(0.0, so_far[min(count, at + reach + 1)] - so_far[max(0, at - reach)]) for at in range(count)]


def _peaks(values: Sequence[float], reach: int) -> tuple[list[float], list[float]]:
    """Return the highest value within `reach` places before, and after, each place."""
    count = len(values)
    before = [max(values[max(0, at - reach) : at], default=0.0) for at in range(count)]
    after = [max(values[at + 1 : at + 1 + reach], default=0.0) for at in range(count)]
    return before, after


def _distances(there: Sequence[bool]) -> tuple[list[int], list[int]]:
    """Return how many places before, and after, each place the next one that holds stands (0: it holds itself)."""
    return _run_lengths(there), _run_lengths(there[::-1])[::-1]


def _run_lengths(there: Sequence[bool]) -> list[int]:
    found, since = [], 1 << 20
    for holds in there:
        since = 0 if holds else since + 1
        found.append(since)
    return found


def _rows(there: Sequence[bool]) -> list[float]:
    """Return how long the row is in which each place stands, up to twelve; 0 where it does not hold."""
    back, ahead = _distances([not holds for holds in there])
    return [min(12, a + b - 1) / 12 if holds else 0.0 for a, b, holds in zip(back, ahead, there, strict=True)]


def _by_indent(shares: Sequence[float], columns: Columns) -> list[float]:
    """Return for each block how much of the words at its indentation is body."""
    mass: dict[float, float] = defaultdict(float)
    words: dict[float, float] = defaultdict(float)
    for share, size, indent in zip(shares, columns["size"], columns["indent_level"], strict=True):
        mass[indent] += share * size
        words[indent] += size
    return [mass[own] / words[own] if words[own] else 0.0 for own in columns["indent_level"]]


def _clusters(shares: Sequence[float], mass: Sequence[float], total: float) -> list[float]:
    """Return the share of all body that stands in the same stretch, one that no six weak blocks in a row interrupt."""
    found = [0.0] * len(shares)
    back, ahead = _distances([share >= 0.5 for share in shares])
    at = 0
    while at < len(shares):
        stop = at
        while stop < len(shares) and min(back[stop], ahead[stop]) <= 3:
            stop += 1
        value = fsum(mass[at:stop]) / total
        for place in range(at, stop):
            found[place] = value
        at = max(stop, at + 1)
    return found


OWN = (
    "size", "size4", "size10", "size25", "size60", "size150", "ends", "ends_colon", "ends_open", "ends_ask", "sentences",
    "commas", "marks", "marked", "digits", "capitals", "all_capitals", "caseless", "opens_lower", "opens_digit",
    "opens_quote", "quotes", "short_words", "word_length", "bullet", "address", "moment", "columns", "field", "no_words",
)  # fmt: skip

FIRST = (
    *OWN,
    "repeated", "repeated_prose",
    "indent", "indent_usual", "indent_prose", "indent_level", "indent_off", "indent_same", "gap_before", "gap_after", "stands_free",
    "size_top", "size_share", "page_ends", "place", "place_words", "near_start", "near_end", "prose_before", "prose_after", "no_prose_before", "no_prose_after",
    "largest_ahead", "largest_behind", "to_prose", "between_prose", "page_size", "page_prose",
    "size_before", "size_after", "ends_before", "ends_after", "size_before2", "size_after2", "ends_before2", "ends_after2",
    "prose_around3", "prose_around8", "prose_around20", "words_around", "short_around", "short_run", "long_run",
    "shared", "shared_short",
    "prose_ends", "long_ends", "short_between", "ends_between", "long_around", "usual_free", "usual_prose",
    "bullet_between", "caseless_size", "caseless_ends", "caseless_between", "long_row", "indent_prose_size",
)  # fmt: skip
"""The features of the first pass; `size` (words) and `indent_level` (columns) serve others and are not to be weighed."""

SCORES = (
    "p", "p_before1", "p_after1", "p_before2", "p_after2", "p_before3", "p_after3", "p_mean3", "p_mean8", "p_mean20",
    "p_between5", "p_beside5", "p_between12", "p_beside12", "mass_before", "mass_after", "mass_both", "mass_around",
    "mass_cluster", "p_indent", "p_indent_size", "p_mean_ends", "p_mean_size", "p_mean_bullet", "p_both", "p_short", "p_between_short",
)  # fmt: skip
"""The features that the second pass has besides."""
