"""Judge a text against the gold of its case: the parts that one case adds to the sums of all.

Parts are summed over cases and only then divided (see `cleaner.bench.measure`), so that any set of cases, and any
resample of it, is reckoned alike. Tokens and 4-grams are compared as multisets; of labelled documents the tokens are
aligned in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain

from cleaner.bench.alignment import find_blocks
from cleaner.bench.case import Body, Case, Labels, Phrases
from cleaner.bench.metrics import compare, find_snippets, shingle
from cleaner.bench.rouge import levenshtein_ratio, rouge_lsum, split_lines
from cleaner.bench.sets import FREE
from cleaner.text.tokens import tokenize

Parts = Mapping[str, float]
"""What one case adds to each sum, by name."""


class Judge:
    """Judge texts against one case, whose gold is prepared once.

    Without `aligned` the parts that need rapidfuzz (`rouge`, `levenshtein`) are left out.

    >>> from cleaner.model import Page
    >>> case = Case("1", "harbour", Page("1", "<p>Open</p>"), Body("The bridge is open."), "a.example")
    >>> Judge(case, aligned=False).score("Bridge open Advertisement")["f1"]
    0.5714285714285715
    """

    def __init__(self, case: Case, aligned: bool = True) -> None:
        self._judge = _prepare(case, aligned)

    def score(self, text: str) -> Parts:
        """Return the parts that a text adds. Raises `OptionError` where rapidfuzz is needed and not installed."""
        return self._judge(text)


def judge(case: Case, text: str) -> Parts:
    """Return the parts that one text adds; for several texts of one case make a `Judge`."""
    return Judge(case).score(text)


def label_tokens(text: str, labels: Labels) -> Iterator[tuple[str, str]]:
    """Yield each token of a labelled text with its label.

    >>> list(label_tokens("Open. Share", Labels(((0, 5, "body"), (6, 11, "share")))))
    [('open', 'body'), ('share', 'share')]
    """
    for start, end, label in labels.spans:
        yield from ((token, label) for token in tokenize(text[start:end]))


def _prepare(case: Case, aligned: bool) -> Callable[[str], Parts]:
    match case.gold:
        case Body(gold):
            return _of_body(gold, aligned)
        case Phrases(wanted, unwanted):
            return lambda text: _phrases(text, wanted, unwanted)
        case Labels() as labels:
            return _of_labels(list(label_tokens(case.markup, labels)))


def _of_body(gold: str, aligned: bool) -> Callable[[str], Parts]:
    lines = split_lines(gold)
    tokens = list(chain.from_iterable(lines))
    shingles = Counter(shingle(tokens))
    counts = Counter(tokens)

    def score(text: str) -> Parts:
        found_lines = split_lines(text)
        found = list(chain.from_iterable(found_lines))
        by_token, by_shingle = compare(counts, found), compare(shingles, shingle(found))
        parts: dict[str, float] = {
            "cases": 1.0,
            "precision": by_token.precision,
            "recall": by_token.recall,
            "f1": by_token.f1,
            "shingle_precision": by_shingle.precision,
            "shingle_recall": by_shingle.recall,
            "shingle_f1": by_shingle.f1,
            "exact": float(found == tokens),
        }
        if aligned:
            parts |= {"rouge": rouge_lsum(lines, found_lines), "levenshtein": levenshtein_ratio(tokens, found)}
        return parts

    return score


def _phrases(text: str, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> Parts:
    found = find_snippets(text, wanted, unwanted)
    counts = {"kept": found.kept, "lost": found.lost, "leaked": found.leaked, "removed": found.removed}
    return {name: float(count) for name, count in counts.items()}


def _of_labels(labelled: list[tuple[str, str]]) -> Callable[[str], Parts]:
    """Prepare a labelled document: of doubles either copy may go, so they are judged by count, all else in order."""
    single = [(token, label) for token, label in labelled if label != "duplicate"]
    double = Counter(token for token, label in labelled if label == "duplicate")
    total = Counter(label for _, label in labelled)
    tokens, labels = [token for token, _ in single], [label for _, label in single]

    def score(text: str) -> Parts:
        found = tokenize(text)
        kept, rest = _align(tokens, labels, found)
        kept["duplicate"] = (rest & double).total()
        return _removal(total, kept, invented=(rest - double).total())

    return score


def _align(tokens: list[str], labels: list[str], found: list[str]) -> tuple[Counter[str], Counter[str]]:
    """Count the labels of the tokens that stayed, and what else the text holds."""
    if tokens == found:
        return Counter(labels), Counter()
    kept: Counter[str] = Counter()
    used = [False] * len(found)
    for ours, theirs, size in find_blocks(tokens, found):
        kept.update(labels[ours : ours + size])
        used[theirs : theirs + size] = [True] * size
    return kept, Counter(token for token, taken in zip(found, used, strict=True) if not taken)


def _removal(total: Counter[str], kept: Counter[str], invented: int) -> Parts:
    classes = [label for label in total if label not in FREE]
    noise = sum(total[label] for label in classes)
    parts = {
        "documents": 1,
        "noise": noise,
        "noise_kept": sum(kept[label] for label in classes),
        "body": total["body"],
        "body_kept": kept["body"],
        "invented": invented,
        "clean": noise == 0,
        "untouched": noise == 0 and kept["body"] == total["body"],
    }
    for label in classes:
        parts |= {f"class:{label}": total[label], f"class_kept:{label}": kept[label]}
    return {name: float(count) for name, count in parts.items()}
