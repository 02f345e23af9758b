"""Clean passages: invented journalism that comes with the package, by language, and the reader of such files.

A file `<lang>.txt` holds passages set apart by lines of three dashes. No rule may cut any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

SEPARATOR = "---"
"""The line that sets passages apart."""


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


def flatten(text: str) -> str:
    r"""Write a passage as one line, as dumps do that lost their line ends.

    >>> flatten("One.\n\nTwo."), flatten("一つ目だ。\n二つ目だ。")
    ('One. Two.', '一つ目だ。 二つ目だ。')
    """
    return " ".join(_filled(text.split("\n")))


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return (line.strip() for line in lines if line.strip())
