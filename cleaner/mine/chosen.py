"""What somebody selected in a document, seen as lines: where it begins and ends, what stands around it, in which language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cleaner.mine.tokens import normalize
from cleaner.model import Cleaned, language_of
from cleaner.rules.prose import common_words
from cleaner.rules.scope import Facts
from cleaner.text.fold import fold
from cleaner.text.shape import BULLETS
from cleaner.text.sheet import LINE, ends_sentence

Spans = list[tuple[int, int]]

_DECORATION = re.compile(rf"[\s{re.escape(BULLETS)}:…]*")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)
_SOME = 0.02  # share of a text that its own script has at least; kana stand among many other signs
_READ = 4000  # code points read to guess a language
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Chosen:
    """Hold a stretch of a document's source, white space and the decoration of its line taken in or left out."""

    cleaned: Cleaned
    start: int
    end: int

    @classmethod
    def of(cls, cleaned: Cleaned, start: int, end: int) -> Chosen:
        """Take a selection in code points; where only bullets or colons are left of a line, they belong to it."""
        source = cleaned.source
        start, end = max(0, start), min(len(source), end)
        while start < end and source[start].isspace():
            start += 1
        while end > start and source[end - 1].isspace():
            end -= 1
        if start < end:
            begin = source.rfind("\n", 0, start) + 1
            stop = source.find("\n", end)
            stop = len(source) if stop < 0 else stop
            if _DECORATION.fullmatch(source, begin, start):
                start = begin + len(source[begin:start]) - len(source[begin:start].lstrip())
            if _DECORATION.fullmatch(source, end, stop):
                end += len(source[end:stop].rstrip())
        return cls(cleaned, start, end)

    @property
    def source(self) -> str:
        """The text of the document as rules see it first."""
        return self.cleaned.source

    @cached_property
    def text(self) -> str:
        """What is selected, spaces and line ends unified."""
        return normalize(self.source[self.start : self.end])

    @cached_property
    def lines(self) -> list[str]:
        """The lines selected, whole or not, unified."""
        return self.text.split("\n")

    @cached_property
    def opens_line(self) -> bool:
        """Whether it begins where a line does."""
        return not self.source[self.source.rfind("\n", 0, self.start) + 1 : self.start].strip()

    @cached_property
    def closes_line(self) -> bool:
        """Whether it ends where a line does."""
        return not self.source[self.end :].partition("\n")[0].strip()

    @property
    def is_whole(self) -> bool:
        """Whether it is made of whole lines."""
        return self.opens_line and self.closes_line

    @cached_property
    def is_flat(self) -> bool:
        """Whether it is all of one line, or part of one."""
        return len(self.lines) == 1

    @cached_property
    def stands_free(self) -> bool:
        """Whether what stands before it on its line ends a sentence."""
        before = normalize(self.source[self.source.rfind("\n", 0, self.start) + 1 : self.start])
        return not before or ends_sentence(before)

    def follows(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Tell whether nothing but white space and the given spans stands behind it."""
        return not weight(self.source, minus([(self.end, len(self.source))], spans))

    def leads(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Tell whether nothing but white space and the given spans stands before it."""
        return not weight(self.source, minus([(0, self.start)], spans))

    @cached_property
    def all_lines(self) -> list[tuple[int, int]]:
        """The bounds of all lines of the document that are not blank."""
        return [match.span() for match in LINE.finditer(self.source)]

    @cached_property
    def inside(self) -> range:
        """The numbers of the lines it touches."""
        touched = [n for n, (a, b) in enumerate(self.all_lines) if a < self.end and b > self.start]
        return range(touched[0], touched[-1] + 1) if touched else range(0)

    @cached_property
    def host(self) -> str:
        """The host of the document; empty where it is not known."""
        document = self.cleaned.document
        return Facts.of(document.url, document.source, None, None).host

    @cached_property
    def lang(self) -> str:
        """The language declared, else the one that script and common words tell; empty where nothing does."""
        return language_of(self.cleaned.document.lang) or guess_language(self.source[:_READ])


def guess_language(text: str) -> str:
    """Guess a language by script, then by its common words; nothing where neither tells.

    >>> guess_language("这座桥历时两年施工。"), guess_language("Die Brücke ist offen, und das Wetter ist gut.")
    ('zh', 'de')
    """
    letters = sum(map(str.isalpha, text)) or 1
    for lang, script in _SCRIPTS:
        if len(script.findall(text)) > _SOME * letters:
            return lang
    words = _WORD.findall(fold(text))
    counts = {lang: sum(word in common for word in words) for lang, common in common_words().items()}
    best = max(sorted(counts), key=lambda lang: counts[lang], default="")
    return best if counts.get(best) else ""


def minus(spans: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int]]) -> Spans:
    """Take holes out of spans; both in order, each apart from the next.

    >>> minus([(0, 10)], [(2, 4), (8, 12)])
    [(0, 2), (4, 8)]
    """
    left, holes = [], sorted(holes)
    for start, end in spans:
        for a, b in holes:
            if b <= start or a >= end:
                continue
            if a > start:
                left.append((start, a))
            start = max(start, b)
        if start < end:
            left.append((start, end))
    return left


def weight(source: str, spans: Iterable[tuple[int, int]]) -> int:
    """Count the code points of spans that are no white space."""
    return sum(len("".join(source[a:b].split())) for a, b in spans)
