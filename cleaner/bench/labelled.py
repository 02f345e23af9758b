"""Score a cleaned text against a document labelled span by span: share of noise removed, share of body lost.

The tokens of document and output are aligned in order, so that noise which stayed cannot stand in for body that went.
Of doubles either copy may go: they are judged by count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from typing import Any

import orjson

from cleaner.errors import InputError
from cleaner.io.stream import read_chunks, split_lines
from cleaner.model import CLASSES, Document
from cleaner.text.tokens import tokenize

FREE = ("body", "meta", "disputed")
"""Labels that are no noise: body must stay, meta may do either, disputed counts for nothing."""

_FEW = 10  # tokens of noise below which a source says nothing about the share removed


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hold a document with its spans `(start, end, label)` in code points, over all that is not white space."""

    document: Document
    spans: tuple[tuple[int, int, str], ...]
    is_article: bool = True

    @property
    def source(self) -> str:
        """Name where the document comes from; without a source, the first part of its id."""
        return self.document.source or self.document.id.split("/")[0]

    def tokens(self) -> Iterator[tuple[str, str]]:
        """Yield each token with its label."""
        for start, end, label in self.spans:
            yield from ((token, label) for token in tokenize(self.document.text[start:end]))


@dataclass(frozen=True, slots=True)
class Removal:
    """Count tokens by label, and how many of them the output still has; `invented` are those the document never had."""

    total: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    invented: int = 0

    def __add__(self, other: Removal) -> Removal:
        return Removal(self.total + other.total, self.kept + other.kept, self.invented + other.invented)

    @property
    def noise(self) -> int:
        """Count the tokens of noise."""
        return sum(count for label, count in self.total.items() if label not in FREE)

    @property
    def removed(self) -> float:
        """Return the share of the noise that went; 1 where there is none."""
        kept = sum(count for label, count in self.kept.items() if label not in FREE)
        return 1 - kept / self.noise if self.noise else 1.0

    @property
    def lost(self) -> float:
        """Return the share of the body that went."""
        return 1 - self.kept["body"] / self.total["body"] if self.total["body"] else 0.0

    def removed_of(self, label: str) -> float:
        """Return the share of one class of noise that went; 1 where there is none."""
        return 1 - self.kept[label] / self.total[label] if self.total[label] else 1.0


def judge_removal(gold: Labelled, text: str) -> Removal:
    """Compare a cleaned text with the labels of its source."""
    out, found = tokenize(text), list(gold.tokens())
    single = [(token, label) for token, label in found if label != "duplicate"]
    double = Counter(token for token, label in found if label == "duplicate")
    kept: Counter[str] = Counter()
    used = [False] * len(out)
    matcher = SequenceMatcher(None, [token for token, _ in single], out, autojunk=False)
    for ours, theirs, size in matcher.get_matching_blocks():
        kept.update(label for _, label in single[ours : ours + size])
        used[theirs : theirs + size] = [True] * size
    rest = Counter(token for token, taken in zip(out, used, strict=True) if not taken)
    kept["duplicate"] += (rest & double).total()
    return Removal(Counter(label for _, label in found), kept, (rest - double).total())


def mean_over_sources(rows: Iterable[tuple[Labelled, Removal]]) -> float:
    """Return the share of noise removed, averaged over the sources with ten tokens of noise or more; 1 without any."""
    sources: dict[str, Removal] = {}
    for gold, removal in rows:
        sources[gold.source] = sources.get(gold.source, Removal()) + removal
    shares = [removal.removed for removal in sources.values() if removal.noise >= _FEW]
    return fmean(shares) if shares else 1.0


def read_labelled(path: str | Path) -> Iterator[Labelled]:
    """Yield the documents of a JSON Lines file (also .gz, .zst) with `id`, `text`, `spans` and what else is known.

    Raises `InputError` with the line's number for a record that is no labelled document.
    """
    for number, line in enumerate(split_lines(read_chunks(str(path))), 1):
        if line.raw.strip():
            try:
                yield _labelled(orjson.loads(line.raw))
            except (ValueError, KeyError, TypeError) as error:
                reason = f"no labelled document ({type(error).__name__}: {error})"
                raise InputError(f"{path}, line {number}: {reason}; write id, text and spans") from None


def _labelled(record: dict[str, Any]) -> Labelled:
    spans = tuple((int(start), int(end), str(label)) for start, end, label in record["spans"])
    for start, end, label in spans:
        if label not in (*FREE, *CLASSES) or not 0 <= start < end <= len(record["text"]):
            raise ValueError(f"a span from {start} to {end} labelled {label!r}")
    known: dict[str, Any] = {name: record.get(name) for name in ("url", "source", "lang", "title", "crawled")}
    return Labelled(Document(str(record["id"]), record["text"], **known), spans, not record.get("not_article"))
