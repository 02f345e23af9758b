"""Find folded phrases at word boundaries."""

from __future__ import annotations

from cleaner.text.shape import is_word, lead_length


def is_free(folded: str, start: int, end: int) -> bool:
    """Tell whether a span begins and ends at word boundaries.

    >>> is_free("a newsletters", 2, 12), is_free("a newsletter", 2, 12)
    (False, True)
    """
    before = start > 0 and is_word(folded[start]) and is_word(folded[start - 1])
    after = end < len(folded) and is_word(folded[end - 1]) and is_word(folded[end])
    return not before and not after


def find_phrase(folded: str, phrase: str) -> int:
    """Find a folded phrase at word boundaries; -1 if it is not there.

    >>> find_phrase("a newsletters newsletter", "newsletter")
    14
    """
    at = folded.find(phrase)
    while at >= 0 and not is_free(folded, at, at + len(phrase)):
        at = folded.find(phrase, at + 1)
    return at


def starts_with(folded: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether a text begins with one of the phrases, up to a word boundary, a bullet before it aside."""
    for at in {0, lead_length(folded)}:
        if folded.startswith(phrases, at) and any(
            folded.startswith(phrase, at) and is_free(folded, at, at + len(phrase)) for phrase in phrases
        ):
            return True
    return False


def ends_with(folded: str, phrases: tuple[str, ...]) -> bool:
    """Tell whether a text ends with one of the phrases, from a word boundary on."""
    return any(folded.endswith(p) and is_free(folded, len(folded) - len(p), len(folded)) for p in phrases)
