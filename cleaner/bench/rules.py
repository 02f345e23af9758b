"""Tell what each rule cuts from labelled documents: how many tokens of noise, of what may go, and of the body."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from cleaner.bench.case import Case, Labels
from cleaner.bench.results import RuleYield
from cleaner.bench.sets import FREE
from cleaner.clean import Cleaner
from cleaner.model import TITLE_RULE, Cleaned, Document
from cleaner.text.repair import repair
from cleaner.text.tokens import tokenize


@dataclass(slots=True)
class _Tally:
    cuts: int = 0
    documents: int = 0
    tokens: Counter[str] = field(default_factory=Counter)


def count_yields(cases: Iterable[Case], cleaner: Cleaner | None = None) -> tuple[RuleYield, ...]:
    """Clean labelled texts (with the shipped rules) and count for each rule that cut; those that cost most body come first.

    A cut that several rules asked for counts for each of them. Cases that are no labelled text are passed over, and so
    are those for which rules are held out.
    """
    cleaner, tallies = cleaner or Cleaner(), dict[str, _Tally]()
    for case in cases:
        if isinstance(case.gold, Labels) and isinstance(case.input, Document) and not case.held_out:
            cleaned = cleaner.clean_document(case.input)
            for rule, tally in _count(cleaned, map_spans(case.input.text, case.gold)).items():
                whole = tallies.setdefault(rule, _Tally())
                whole.cuts += tally.cuts
                whole.documents += 1
                whole.tokens.update(tally.tokens)
    class_of = {head.id: head.class_ for head in cleaner.ruleset.heads}
    rows = (_row(rule, class_of[rule], tally) for rule, tally in tallies.items())
    return tuple(sorted(rows, key=lambda row: (-row.body, -row.noise, row.rule)))


def map_spans(text: str, gold: Labels) -> tuple[tuple[int, int, str], ...]:
    """Place the spans of a text in its repaired form, where cuts are counted, in order."""
    spans = tuple(sorted(gold.spans))
    repaired, _ = repair(text)
    if repaired == text or not spans:
        return spans
    places = sorted({at for start, end, _ in spans for at in (start, end)})
    moved = _move_by_parts(text, repaired, places) or _move_by_likeness(text, repaired, places)
    return tuple((moved[start], moved[end], label) for start, end, label in spans)


def _move_by_parts(text: str, repaired: str, places: Sequence[int]) -> dict[int, int]:
    """Repair what lies between places part by part; nothing where that is not the repaired text."""
    moved: dict[int, int] = {}
    parts: list[str] = []
    size = 0
    for last, at in pairwise((0, *places)):
        parts.append(repair(text[last:at])[0])
        size += len(parts[-1])
        moved[at] = size
    return moved if "".join(parts) + repair(text[places[-1] :])[0] == repaired else {}


def _move_by_likeness(text: str, repaired: str, places: Sequence[int]) -> dict[int, int]:
    """Align both texts; a place inside what differs moves to where that ends."""
    moved: dict[int, int] = {}
    blocks = SequenceMatcher(None, text, repaired, autojunk=False).get_matching_blocks()
    ends = [block.a + block.size for block in blocks]
    for at in places:
        block = blocks[min(bisect_left(ends, at), len(blocks) - 1)]
        moved[at] = block.b + max(0, at - block.a)
    return moved


def _count(cleaned: Cleaned, spans: tuple[tuple[int, int, str], ...]) -> dict[str, _Tally]:
    found: dict[str, _Tally] = {}
    starts = [start for start, _, _ in spans]
    for cut in cleaned.cuts:
        if cut.is_move:
            continue
        tokens: Counter[str] = Counter()
        for label, part in _under(cleaned.source, spans, starts, cut.start, cut.end):
            tokens[label] += len(tokenize(part))
        for rule in (rule for rule in cut.rules if rule != TITLE_RULE):
            tally = found.setdefault(rule, _Tally())
            tally.cuts += 1
            tally.tokens.update(tokens)
    return found


def _under(
    source: str, spans: tuple[tuple[int, int, str], ...], starts: list[int], start: int, end: int
) -> Iterator[tuple[str, str]]:
    """Yield the parts of labelled spans that lie in a stretch."""
    for first, last, label in spans[max(0, bisect_right(starts, start) - 1) :]:
        if first >= end:
            break
        if last > start:
            yield label, source[max(first, start) : min(last, end)]


def _row(rule: str, class_: str, tally: _Tally) -> RuleYield:
    tokens = tally.tokens
    return RuleYield(
        rule=rule,
        class_=class_,
        cuts=tally.cuts,
        documents=tally.documents,
        noise=sum(count for label, count in tokens.items() if label not in FREE),
        free=sum(count for label, count in tokens.items() if label in FREE and label != "body"),
        body=tokens["body"],
    )
