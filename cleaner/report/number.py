"""Numbers of things, as reports write them."""

from __future__ import annotations


def number_of(count: int, what: str) -> str:
    """Write how many there are of something whose plural ends in s.

    >>> number_of(1, "rule"), number_of(2, "rule")
    ('1 rule', '2 rules')
    """
    return f"{count} {what}{'' if count == 1 else 's'}"
