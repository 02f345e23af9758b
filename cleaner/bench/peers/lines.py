"""Filters of text by lines, without a library: floors, and the line rules of the paper on RefinedWeb."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby

import regex

from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers.given import document_of
from cleaner.text.tokens import tokenize

WORDS = 5
"""Tokens that a line needs to read like a sentence."""

FLAGGED = 0.05
"""Share of a document's words in flagged lines over which RefinedWeb drops the document."""

SHORT = 10
"""Words up to which RefinedWeb looks for phrases of menus in a line."""

_SENTENCE_END = regex.compile(r"[\p{Sentence_Terminal}…][\p{Pe}\p{Pf}\p{Pi}\"'*\s]*$")
_NUMERIC = regex.compile(r"[\p{N}\p{P}\p{S}\s]*\p{N}[\p{N}\p{P}\p{S}\s]*")
_COUNTER = regex.compile(
    r"\W*\d[\d.,]*\s*[kmb]?\s+"
    r"(?:likes?|shares?|comments?|retweets?|reposts?|replies|reply|quotes?|bookmarks?|(?:up|down)?votes?|downloads?|views?|followers?)\W*",
    regex.I,
)
_MENU = regex.compile(r"^\W*sign[- ]in\b|\bread more\W*$|\bitems? in (?:your )?cart\b", regex.I)


def identity() -> Extract:
    """Prepare nothing: the text as it came."""
    return lambda case: document_of(case).text


def by_text(clean: Callable[[str], str]) -> Extract:
    """Prepare a cleaner of texts that looks at nothing else."""
    return lambda case: clean(document_of(case).text)


def keep_sentences(text: str) -> str:
    r"""Keep the lines that end like a sentence, in any script, and have five words or more.

    >>> keep_sentences("Home\nThe bridge opens again on Friday.\nRead all about it here\n大桥将于周五重新开放。")
    'The bridge opens again on Friday.\n大桥将于周五重新开放。'
    """
    return "\n".join(line for line in text.splitlines() if _is_sentence(line))


def keep_longest(text: str) -> str:
    r"""Keep the longest run of lines that end like sentences; blank lines, and one other line at a time, break none.

    >>> keep_longest("Accept all cookies now, please do.\nMenu\nHome\nThe bridge opens again on Friday.\nCosts\nIt cost nine million in the end.")
    'The bridge opens again on Friday.\nCosts\nIt cost nine million in the end.'
    """
    lines = [line for line in text.splitlines() if line.strip()]
    reads = [_is_sentence(line) for line in lines]
    inside = [own or (0 < at < len(reads) - 1 and reads[at - 1] and reads[at + 1]) for at, own in enumerate(reads)]
    runs = (
        [line for line, _ in run] for kept, run in groupby(zip(lines, inside, strict=True), lambda one: one[1]) if kept
    )
    return max(("\n".join(run) for run in runs), key=len, default="")


def drop_flagged(text: str, rejects: bool = True) -> str:
    r"""Drop the lines that RefinedWeb's line-wise corrections flag, and a document with over 5 % of its words in them.

    Flagged are lines mainly in upper case, of numbers only, of a counter, of one word, and short ones with a phrase of
    menus. Without `rejects` no document is dropped. Source: Penedo et al. 2023, "The RefinedWeb Dataset", appendix G.2;
    the paper gives kinds of lines and examples, and no list of phrases: these are its examples.

    >>> drop_flagged("The bridge opens again on Friday.\n3 likes", rejects=False)
    'The bridge opens again on Friday.'
    >>> drop_flagged("The bridge opens again on Friday.\n3 likes")
    ''
    """
    lines = text.splitlines()
    kept = [line for line in lines if not line.strip() or not _is_flagged(line)]
    total, left = _count(lines), _count(kept)
    if rejects and total - left > FLAGGED * total:
        return ""
    return "\n".join(kept)


def _is_sentence(line: str) -> bool:
    return bool(_SENTENCE_END.search(line)) and len(tokenize(line)) >= WORDS


def _is_flagged(line: str) -> bool:
    words = tokenize(line)
    letters = [sign for sign in line if sign.isalpha()]
    return (
        len(words) <= 1
        or sum(map(str.isupper, letters)) * 2 > len(letters)
        or bool(_NUMERIC.fullmatch(line))
        or bool(_COUNTER.fullmatch(line.strip()))
        or (len(words) <= SHORT and bool(_MENU.search(line)))
    )


def _count(lines: Iterable[str]) -> int:
    return sum(len(tokenize(line)) for line in lines)


_PACKAGES = ("cleaner-news",)

LINES = (
    Peer("identity", "floor", "text", identity, "the text as it came", _PACKAGES),
    Peer(
        "sentence lines",
        "floor",
        "text",
        partial(by_text, keep_sentences),
        "keep_sentences(text): lines of 5 words or more that end like a sentence",
        _PACKAGES,
    ),
    Peer(
        "longest block",
        "floor",
        "text",
        partial(by_text, keep_longest),
        "keep_longest(text): the longest run of lines that end like sentences",
        _PACKAGES,
    ),
    Peer(
        "RefinedWeb",
        "filter",
        "text",
        partial(by_text, drop_flagged),
        "drop_flagged(text): line-wise corrections of Penedo et al. 2023; a document with over 5 % of its words flagged is dropped",
        _PACKAGES,
    ),
    Peer(
        "RefinedWeb lines",
        "filter",
        "text",
        partial(by_text, partial(drop_flagged, rejects=False)),
        "drop_flagged(text, rejects=False): line-wise corrections of Penedo et al. 2023; no document is dropped",
        _PACKAGES,
    ),
)
