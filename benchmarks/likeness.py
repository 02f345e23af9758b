"""Compare the invented articles with real ones: lengths, variety, repetition, labels, and what the rules see in them.

Usage: python -m benchmarks.likeness SET... [--dumps DUMP...] [--megabytes 1]

Prints a table for English and one for French: the gold bodies of sets of pages, whole documents of dumps beside them,
and the invented articles.
Figures a kilobyte or a megabyte are of UTF-8 bytes; those that grow more slowly than the text are taken over the same
size of both, cut up evenly where there is more.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.corpora import SHORTEST, clean, dump, golds
from benchmarks.packs import text_rules
from benchmarks.prose import OPENING
from benchmarks.wording import BRIEF, LANGUAGES
from cleaner.clean import Cleaner
from cleaner.model import Cleaned, Document
from cleaner.text.shadow import shade

LABELS: Mapping[str, Sequence[str]] = {
    "en": (*BRIEF["en"], "follow", "minutes", "hours", "image", "story", "news", "comment", "sign", "report", "related", "support"),
    "fr": (*BRIEF["fr"], "partager", "suivre", "minutes", "heures", "image", "article", "commentaire", "direct", "suivez", "publié", "lien"),
}  # fmt: skip
"""Words that labels are made of and that prose has as well."""

_COMMON = {
    "en": "the of and to in that was with for by from his they",
    "fr": "le la les des du est une dans que pour qui par sur",
}
_WORD = re.compile(r"[^\W\d_]+")
_OPENS = re.compile(r"(?:^|(?<=[.!?…] ))\S.{19}", re.MULTILINE)

Measure = Callable[[Sequence[str]], float]


def language(text: str) -> str:
    """Tell English from French by common words; nothing for other languages."""
    words = _WORD.findall(text.lower())
    shares = {
        lang: sum(word in common.split() for word in words) / max(1, len(words)) for lang, common in _COMMON.items()
    }
    best = max(shares, key=lambda lang: shares[lang])
    return best if shares[best] > 0.12 else ""


def repeats(text: str) -> bool:
    """Tell whether one of the first lines opens as another line or sentence does."""
    openings = Counter(opening.lower() for opening in _OPENS.findall(text))
    return any(openings[line[:OPENING].lower()] > 1 for line in text.split("\n")[:3] if len(line) >= OPENING)


def says_again(text: str) -> bool:
    """Tell whether a sentence of some length stands twice."""
    sentences = Counter(part.strip() for part in re.split(r"(?<=[.!?…»”])\s+", text) if len(part) > 2 * OPENING)
    return any(count > 1 for count in sentences.values())


def paragraphs(texts: Sequence[str]) -> list[int]:
    """Return the lengths of all lines, in code points."""
    return [len(line) for text in texts for line in text.split("\n") if line.strip()]


def a_kilobyte(pattern: str) -> Measure:
    """Return what counts a pattern in a kilobyte."""
    found = re.compile(pattern)
    return lambda texts: 1e3 * sum(len(found.findall(text)) for text in texts) / _size(texts)


def grams(texts: Sequence[str]) -> float:
    """Return how many different four-byte grams the shadows of texts hold."""
    codes = shade("\n".join(["", *texts, ""])).codes
    fours = np.ndarray((len(codes) - 3,), np.uint32, codes.tobytes(), strides=(1,))
    return float(len(np.unique(fours)))


def count_words(texts: Sequence[str]) -> float:
    """Return how many different words there are."""
    return float(len({word for text in texts for word in _WORD.findall(text.lower())}))


def rank(number: int) -> Measure:
    """Return what tells the share of all words that the most frequent ones make up."""

    def share(texts: Sequence[str]) -> float:
        words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        return 100 * sum(count for _, count in words.most_common(number)) / sum(words.values())

    return share


def share(test: Callable[[str], bool]) -> Measure:
    """Return what tells in how many of a hundred texts something holds."""
    return lambda texts: 100 * sum(map(test, texts)) / len(texts)


MEASURES: Mapping[str, Measure] = {
    "documents": lambda texts: float(len(texts)),
    "median length": lambda texts: median(map(len, texts)),
    "first decile": lambda texts: quantiles(map(len, texts), n=10)[0],
    "last decile": lambda texts: quantiles(map(len, texts), n=10)[-1],
    "median line": lambda texts: median(paragraphs(texts)),
    "lines up to 40, %": lambda texts: 100 * sum(size <= 40 for size in paragraphs(texts)) / len(paragraphs(texts)),
    "lines over 200, %": lambda texts: 100 * sum(size > 200 for size in paragraphs(texts)) / len(paragraphs(texts)),
    "lines left open, %": lambda texts: (
        100
        - share(lambda line: line.strip()[-1] in ".!?…\"'»”’:)")(
            [line for text in texts for line in text.split("\n") if line.strip()]
        )
    ),
    "digits a kB": a_kilobyte(r"\d"),
    "quotes a kB": a_kilobyte(r"[\"“”«»„]"),
    "capitals a kB": a_kilobyte(r"[A-ZÀ-Ý]"),
    "sentences a kB": a_kilobyte(r"[.!?…][\"”»’]?(?:\s|$)"),
    "an opening twice, %": share(repeats),
    "a sentence twice, %": share(says_again),
}


GROWING: Mapping[str, Measure] = {
    "four-byte grams": grams,
    "words": count_words,
    "100 most frequent, %": rank(100),
    "1,000 most frequent, %": rank(1000),
}
"""What depends on how much text is measured: taken over as much of each source."""


def seen(cleaner: Cleaner, texts: Sequence[str]) -> dict[str, float]:
    """Return what the rules for all sites see in texts: literals a kilobyte, and the share settled at a glance."""
    index = cleaner._sweeper._lookout.scan.index
    count = sum(len(index.find(shade(f"\n{text}\n"))[0]) for text in texts)
    settled = cleaner.glance([Document(str(number), text) for number, text in enumerate(texts)])
    cut = [cleaner.clean(text).cuts for text in texts]
    return {
        "literals a kB": 1e3 * count / _size(texts),
        "settled, %": 100 * sum(isinstance(one, Cleaned) for one in settled) / len(texts),
        "with cuts, %": 100 * sum(map(bool, cut)) / len(texts),
    }


def labels(lang: str, texts: Sequence[str]) -> dict[str, float]:
    """Return how often words of labels stand in prose, in a megabyte."""
    words = Counter(word for text in texts for word in _WORD.findall(text.lower()))
    return {word: 1e6 * words[word] / _size(texts) for word in LABELS[lang]}


def take(texts: Sequence[str], megabytes: float) -> list[str]:
    """Return texts of so many megabytes, in an order of chance that is always the same."""
    found: list[str] = []
    left = megabytes * 1e6
    for text in Random(1).sample(list(texts), len(texts)):
        if left <= 0:
            break
        found.append(text)
        left -= len(text.encode("utf-8", "replace"))
    return found


def texts_of(documents: Iterable[Document]) -> list[str]:
    """Return texts that are long enough for an article."""
    return [document.text for document in documents if len(document.text) >= SHORTEST]


def compare(sources: Mapping[str, Sequence[str]], lang: str, rules: Cleaner, megabytes: float) -> Table:
    """Draw what sources of texts are like in one language."""
    taken = {
        name: take([text for text in texts if language(text) == lang], megabytes) for name, texts in sources.items()
    }
    taken = {name: texts for name, texts in taken.items() if len(texts) > 1}
    least = min(map(_size, taken.values())) / 1e6
    table = Table(f"{lang}, {least:.2f} MB")
    rows = []
    for name, texts in taken.items():
        table.add_column(name, justify="right")
        part = take(texts, least)
        found = {row: measure(part) for row, measure in GROWING.items()}
        found |= {row: measure(texts) for row, measure in MEASURES.items()}
        rows.append(found | seen(rules, texts) | labels(lang, texts))
    for name in rows[0]:
        values = [row[name] for row in rows]
        table.add_row(name, *(f"{value:,.0f}" if max(values) >= 100 else f"{value:.2f}" for value in values))
    return table


def _size(texts: Sequence[str]) -> int:
    return sum(len(text.encode("utf-8", "replace")) for text in texts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.likeness", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=Path, nargs="*", metavar="SET", help="pages with gold bodies")
    parser.add_argument("--dumps", type=Path, nargs="+", default=[], metavar="DUMP", help="documents as they came")
    parser.add_argument("--megabytes", type=float, default=1.0, help="of each language, at the most")
    options = parser.parse_args()
    sources = {
        "gold bodies": texts_of(document for path in options.sets for document in golds(path)),
        "dumps": texts_of(document for path in options.dumps for document in dump(path)),
        "invented": texts_of(clean(2.5 * options.megabytes).documents),
    }
    rules = Cleaner(only=[rule.id for rule in text_rules() if not rule.scope.hosts])
    for lang in LANGUAGES:
        Console(width=100, highlight=False).print(compare(sources, lang, rules, options.megabytes))


if __name__ == "__main__":
    main()
