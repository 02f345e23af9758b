"""Signals of a text's quality that need neither gold nor a language: what filters of web corpora look at.

From Gopher (Rae et al., "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", 2021, appendix A),
C4 (Raffel et al., "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer", 2020, section 2.2)
and FineWeb (Penedo et al., "The FineWeb Datasets", 2024, section 3.6); lists of words are left out, and ends of sentences
are those of any script.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import regex

from cleaner.text.tokens import tokenize

SHORT = 30
"""Characters below which a line counts as short, as in FineWeb."""

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "ended": "Share of lines that end as sentences do (C4, FineWeb).",
        "short": f"Share of lines below {SHORT} characters (FineWeb).",
        "doubled": "Share of the characters that stand in lines which stood before (Gopher, FineWeb).",
        "listed": "Share of lines that begin as items of a list do (Gopher).",
        "symbols": "Symbols for each word (Gopher).",
        "letters": "Share of words with a letter (Gopher).",
        "line_words": "Words in a line (C4).",
        "words": "Words.",
    }
)
"""The signals and what they say."""

_END = regex.compile(r"[\p{Sentence_Terminal}…][\p{Pe}\p{Pf}\p{Pi}\"'»«”’*\s]*$")
_ITEM = regex.compile(r"(?:[-*+•‣▪●◦■–—·>|]|\(?\p{Nd}{1,3}[.)]|\p{L}[.)])\s")
_LETTER = regex.compile(r"[\p{L}\p{M}]")
_SYMBOL = regex.compile(r"[#{}<>|\\~^_=*]|…|\.\.\.")


def read_signals(text: str) -> dict[str, float]:
    """Return the signals of a text, those of `SIGNALS`; of one without any line none.

    >>> read_signals("The bridge is open.\\n- Share\\n- Share")["doubled"]
    0.21212121212121213
    """
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    if not lines:
        return {}
    count, size, words = len(lines), sum(map(len, lines)), tokenize(text)
    doubled = size - sum(map(len, set(lines)))
    return {
        "ended": sum(_END.search(line[-40:]) is not None for line in lines) / count,
        "short": sum(len(line) < SHORT for line in lines) / count,
        "doubled": doubled / size,
        "listed": sum(_ITEM.match(line) is not None for line in lines) / count,
        "symbols": len(_SYMBOL.findall(text)) / max(1, len(words)),
        "letters": sum(_LETTER.search(word) is not None for word in words) / max(1, len(words)),
        "line_words": len(words) / count,
        "words": float(len(words)),
    }
