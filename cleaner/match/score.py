"""`score`: the blocks of a whole page that weighted features take for anything but the article.

It acts only on texts that were whole pages when they came (`whole_page`), and not even there where no block is surely body, or
where two stretches far apart could be the article. Two passes: the second sees what the first made of the neighbours.
Everything is summed in one order, without any library, so that the same text gives the same cuts on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import accumulate, groupby
from math import fsum, sqrt
from operator import mul

from cleaner.match.budget import Spent
from cleaner.match.finding import Found, Hits
from cleaner.match.gate import Gate
from cleaner.match.literal import Literals
from cleaner.match.predicate import Compiler
from cleaner.match.reach import Open
from cleaner.match.whole_page import Pages, is_whole_page, may_be_whole
from cleaner.rules.schema import Score
from cleaner.rules.weights import First, Second, Thresholds, Weights
from cleaner.text.features import PROSE, Columns, describe, describe_scores, measures_on
from cleaner.text.layout import Block, blocks
from cleaner.text.shape import is_headline
from cleaner.text.sheet import Sheet

NO_CORE = "score:abstained no-core"
"""The flag of a whole page of which no block is surely body."""

TWO_CORES = "score:abstained two-cores"
"""The flag of a whole page with two stretches far apart that could be the article."""

MOST_LINES = 50_000
"""Lines of the longest text that is weighed: each takes some 4 kB of memory."""

_TOLD = 3  # features named for each cut
_TITLE_ABOVE = 12  # blocks above the article among which its title is looked for
_TITLE_SHARED = 0.34


@dataclass(frozen=True, slots=True)
class Judgement:
    """Hold what was made of one sheet: what goes, or why nothing does."""

    found: tuple[Found, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoreMatcher(Open):
    """Match the blocks around an article by weights."""

    weights: Weights
    thresholds: Thresholds
    key: str
    """Under which rules of the same weights and thresholds share their judgement of a sheet."""

    @classmethod
    def build(cls, spec: Score, compiler: Compiler) -> ScoreMatcher:
        """Take the weights from their file, and the thresholds that the rule does not set itself."""
        weights = compiler.ruleset.weights.get(spec.weights)
        if weights is None:
            compiler.refuse(f"the weights {spec.weights} exist in no file", "score.weights")
        own = {name: value for name in ("keep", "relative", "sure") if (value := getattr(spec, name)) is not None}
        thresholds = weights.thresholds.model_copy(update=own)
        return cls(weights, thresholds, f"score {weights.weights} {thresholds!r}")

    @property
    def literals(self) -> Literals | None:
        """Return None: the form of the whole text is the gate."""
        return None

    @property
    def gate(self) -> Gate:
        """Return what asks for the lines of a whole page."""
        return Pages(self.weights.gate)

    def find(self, sheet: Sheet, hits: Hits) -> list[Found]:
        """Return the stretches of blocks that go, each with the features that weighed most.

        Raises `Spent` on a text of more lines than any page has.
        """
        if len(sheet.whole.lines) > MOST_LINES and may_be_whole(sheet.whole, self.weights.gate):
            raise Spent
        return list(self._judgement(sheet).found)

    def flags(self, sheet: Sheet) -> tuple[str, ...]:
        """Say why nothing was cut from a whole page."""
        return self._judgement(sheet).flags

    def _judgement(self, sheet: Sheet) -> Judgement:
        if self.key not in sheet.memo:
            sheet.memo[self.key] = self._judge(sheet)
        judgement: Judgement = sheet.memo[self.key]
        return judgement

    def _judge(self, sheet: Sheet) -> Judgement:
        if len(sheet.whole.lines) > MOST_LINES or not is_whole_page(sheet.whole, self.weights.gate):
            return Judgement()
        parts = blocks(sheet)
        if not parts:  # other rules took all of it
            return Judgement()
        columns = describe(parts, measures_on(sheet))
        columns = describe_scores(columns, score(self.weights.first, columns))
        scores = score(self.weights.second, columns)
        kept = choose(scores, columns, self.thresholds)
        if not any(kept):
            return Judgement(flags=(NO_CORE,))
        if has_two_cores(kept, scores, columns["size"], self.thresholds):
            return Judgement(flags=(TWO_CORES,))
        spare_between(kept, scores, self.thresholds)
        spare_title(kept, parts, columns)
        return Judgement(tuple(self._cuts(parts, kept, columns)))

    def _cuts(self, parts: Sequence[Block], kept: Sequence[bool], columns: Columns) -> list[Found]:
        rows = [list(group) for stays, group in groupby(range(len(parts)), key=lambda at: kept[at]) if not stays]
        reasons = explain(self.weights.second, columns, [(row[0], row[-1] + 1) for row in rows])
        return [
            Found(parts[row[0]].start, parts[row[-1]].end, because=because)
            for row, because in zip(rows, reasons, strict=True)
        ]


def score(weights: First | Second, columns: Columns) -> list[float]:
    """Weigh each block: from 0, the page around, to 1, the article."""
    totals = [weights.bias] * len(columns["size"])
    for name, weight in sorted(weights.features.items()):
        if any(columns[name]):
            totals = [total + weight * value for total, value in zip(totals, columns[name], strict=True)]
    return [share_of(total) for total in totals]


def share_of(total: float) -> float:
    """Bring a sum of weights between 0 and 1, by operations that give the same digits everywhere.

    >>> share_of(0.0), share_of(2.0)
    (0.5, 0.853553)
    """
    half = total / 2
    return round(0.5 + half / sqrt(1 + half * half) / 2, 6)


def choose(scores: Sequence[float], columns: Columns, limits: Thresholds) -> list[bool]:
    """Choose the blocks that stay: none where even the surest are not sure, and prose near the others by less."""
    level = surest(scores, columns["size"], limits.core)
    if level < limits.sure:
        return [False] * len(scores)
    least = min(limits.keep, limits.relative * level)
    sure = [value >= least for value in scores]
    kept = list(sure)
    for at, (value, size, ends) in enumerate(zip(scores, columns["size"], columns["ends"], strict=True)):
        if value >= limits.prose and size >= PROSE * (2 - ends):
            kept[at] = kept[at] or any(sure[max(0, at - limits.reach) : at + limits.reach + 1])
    return kept


def surest(scores: Sequence[float], sizes: Sequence[float], words: int) -> float:
    """Return the score that the best `words` words reach."""
    reached, level = 0.0, 0.0
    for value, size in sorted(zip(scores, sizes, strict=True), reverse=True):
        level = value
        reached += size
        if reached >= words:
            break
    return level


def has_two_cores(kept: Sequence[bool], scores: Sequence[float], sizes: Sequence[float], limits: Thresholds) -> bool:
    """Tell whether what stays is in two stretches of about the same weight, far apart."""
    masses: list[float] = []
    since = limits.apart
    for stays, value, size in zip(kept, scores, sizes, strict=True):
        if stays and since >= limits.apart:
            masses.append(0.0)
        since = 0 if stays else since + 1
        if stays:
            masses[-1] += value * size
    largest, second = [*sorted(masses, reverse=True), 0.0, 0.0][:2]
    return second > 0 and second >= limits.second * largest


def spare_between(kept: list[bool], scores: Sequence[float], limits: Thresholds) -> None:
    """Let blocks inside the article stay by less than those around it: only strong evidence cuts a body in two."""
    first, last = kept.index(True), len(kept) - 1 - kept[::-1].index(True)
    for at in range(first + 1, last):
        kept[at] = kept[at] or scores[at] >= limits.between


def spare_title(kept: list[bool], parts: Sequence[Block], columns: Columns) -> None:
    """Let the headline above the article stay: the one nearest to what the prose is about."""
    first = kept.index(True)
    places = [
        at
        for at in range(max(0, first - _TITLE_ABOVE), first)
        if columns["size"][at] >= 3 and columns["shared"][at] >= _TITLE_SHARED and is_headline(parts[at].text)
    ]
    if places and columns["size"][first] >= PROSE:
        kept[max(places, key=lambda at: (columns["shared"][at] * min(10.0, columns["size"][at]), at))] = True


def explain(weights: Second, columns: Columns, cuts: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    """Name for each stretch of blocks that goes the features by which it falls short of what stays, and by how much each.

    Blocks count by their words.
    """
    if not cuts:
        return []
    sizes = [size + 1 for size in columns["size"]]
    words = _sums(sizes, cuts)
    lacks: list[list[tuple[float, str]]] = [[] for _ in cuts]
    for name, weight in weights.features.items():
        if any(columns[name]):
            stays, *goes = (
                value / size for value, size in zip(_sums(map(mul, columns[name], sizes), cuts), words, strict=True)
            )
            for row, own in zip(lacks, goes, strict=True):
                row.append((round(weight * (own - stays), 2), name))
    return [tuple(f"{name} {lack:+.2f}" for lack, name in nsmallest(_TOLD, row)) for row in lacks]


def _sums(values: Iterable[float], cuts: Sequence[tuple[int, int]]) -> list[float]:
    """Sum values over all places outside of the cuts, then over each cut."""
    so_far = list(accumulate(values, initial=0.0))
    inside = [so_far[end] - so_far[start] for start, end in cuts]
    return [so_far[-1] - fsum(inside), *inside]
