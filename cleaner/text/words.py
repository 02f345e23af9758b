"""Split the names that developers give to things into words."""

from __future__ import annotations

import regex

_WORD = regex.compile(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}")


def split_words(name: str) -> tuple[str, ...]:
    """Split a name at punctuation, digits and capitals, in lower case.

    >>> split_words("readMore-link_2 HTMLBox"), split_words("col-12")
    (('read', 'more', 'link', 'html', 'box'), ('col',))
    """
    return tuple(word.lower() for word in _WORD.findall(name))
