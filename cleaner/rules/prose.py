"""Clean passages: invented journalism that comes with the package, by language, and the reader of such files.

A file `<lang>.txt` holds passages set apart by lines of three dashes. No rule may cut any of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import regex

from cleaner.text.fold import fold
from cleaner.text.shape import is_spaceless

SEPARATOR = "---"
"""The line that sets passages apart."""


STANDS = 2
"""A word that stands in this many clean passages of a language is a common one,"""

BEGINS = 2
"""and so is one that begins a line in this many."""

_WORD = regex.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """Hold a clean text and where it comes from.

    `body` bounds what is clean (code points) where only parts of the text are; `line` is that of the file it begins on.
    """

    id: str
    text: str
    lang: str = ""
    url: str | None = None
    source: str | None = None
    crawled: str | None = None
    line: int = 1
    body: tuple[tuple[int, int], ...] | None = None


def shipped_clean() -> Path:
    """Return the folder of the clean passages that come with the package (in a wheel, or in the tests of a source tree)."""
    inside = Path(__file__).parent.parent / "shipped_clean"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "tests" / "clean"


@lru_cache(maxsize=1)
def load_clean() -> tuple[Passage, ...]:
    """Load the clean passages once; none where neither folder came along."""
    return tuple(
        Passage(f"{path.name}:{line}", text, path.stem, line=line)
        for path in sorted(shipped_clean().glob("*.txt"))
        for line, text in split_passages(path.read_text(encoding="utf-8"))
    )


def split_passages(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield each passage of a file with the line it begins on, counted from 1.

    >>> list(split_passages("One.\nTwo.\n---\nThree.\n"))
    [(1, 'One.\nTwo.'), (4, 'Three.')]
    """
    lines = text.split("\n")
    bounds = [-1, *(number for number, line in enumerate(lines) if line.strip() == SEPARATOR), len(lines)]
    for before, after in pairwise(bounds):
        passage = "\n".join(lines[before + 1 : after])
        if passage.strip():
            blank = len(passage) - len(passage.lstrip("\n"))
            yield before + 2 + blank, passage.strip("\n")


@lru_cache(maxsize=1)
def common_words() -> Mapping[str, frozenset[str]]:
    """Return the common words of each language, folded, by the clean passages; scripts without spaces have none."""
    by_language: dict[str, list[str]] = {}
    for passage in load_clean():
        by_language.setdefault(passage.lang, []).append(fold(passage.text))
    return {
        lang: _common(texts)
        for lang, texts in by_language.items()
        if not is_spaceless("".join(" ".join(texts).split()))
    }


def _common(texts: Iterable[str]) -> frozenset[str]:
    stands: Counter[str] = Counter()
    begins: Counter[str] = Counter()
    for text in texts:
        stands.update(set(_WORD.findall(text)))
        begins.update({found.group() for line in text.split("\n") if (found := _WORD.match(line))})
    return frozenset(word for word in stands if stands[word] >= STANDS or begins[word] >= BEGINS)


def flatten(text: str) -> str:
    r"""Write a passage as one line, as dumps do that lost their line ends.

    >>> flatten("One.\n\nTwo."), flatten("一つ目だ。\n二つ目だ。")
    ('One. Two.', '一つ目だ。 二つ目だ。')
    """
    return " ".join(_filled(text.split("\n")))


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return (line.strip() for line in lines if line.strip())
