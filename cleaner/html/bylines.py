"""Tell the names of the authors in what a page declares: plain strings, lists, persons and organizations.

A name is no address, no handle, no placeholder and not the site itself. A string is taken apart only where every part
has two words or more, so that `Smith, John` and `Ortega y Gasset` stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from cleaner.html.declared_text import clean_value, key_of

MAX_AUTHORS = 30
MAX_NAME = 120

_LEAD = re.compile(
    r"(?:written by|posted by|by|von|par|por|di|door|av|af|przez|text(?:e|o)?(?: von)?|autore?|author)(?:\s*:\s*|\s+)",
    re.I,
)
_PARTING = re.compile(r"\s*(?:;|\||\s/\s|\n)\s*")
_JOINING = re.compile(r"\s*&\s*|\s+(?:and|und|et|y|e|og|och|en|i|и)\s+", re.I)
_LISTING = re.compile(r"\s*[,、，]\s*")
_INITIALS = re.compile(r"\s*\([^()]*\)\.?$|\s*\([^()]*$")
_AGENCIES = frozenset(
    ("dpa", "afp", "reuters", "ap", "apa", "sda", "ansa", "efe", "ntb", "tt", "ritzau", "belga", "anp")
)
_ADDRESS = re.compile(r"(?:https?:)?//\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,250}|(?<!\S)@\w+")
_PLACEHOLDERS = frozenset((
    "admin", "administrator", "root", "user", "undefined", "null", "none", "unknown", "author", "autor", "auteur",
    "editor", "redaktion", "webmaster", "staff", "guest", "anonymous", "default", "test",
))  # fmt: skip


def list_authors(value: Any, no_names: Iterable[str] = ()) -> tuple[str, ...]:
    """List the names in a declared value, each once; `no_names` are the site's own names.

    >>> list_authors(["By Ann Bee and Carl Doe", {"name": "Ann Bee"}, "https://x.org/ann", "The Daily"], ["The Daily"])
    ('Ann Bee', 'Carl Doe')
    """
    barred = {key_of(name) for name in no_names}
    found: dict[str, str] = {}
    for name in _names(value):
        key = key_of(name)
        if key and not key.isdigit() and key not in barred and key not in _PLACEHOLDERS and len(name) <= MAX_NAME:
            found.setdefault(key, name)
        if len(found) >= MAX_AUTHORS:
            break
    return tuple(found.values())


def _names(value: Any) -> Iterator[str]:
    """Yield every name; nested lists and persons are followed one level each, as far as they go in practice."""
    stack, seen = [value], 0
    while stack and seen < 4 * MAX_AUTHORS:
        item = stack.pop()
        seen += 1
        if isinstance(item, str):
            yield from _split(clean_value(_ADDRESS.sub(" ", item[:2000])))
        elif isinstance(item, (list, tuple)):
            stack.extend(reversed(item[: 2 * MAX_AUTHORS]))
        elif isinstance(item, dict):
            stack.append(item.get("name") or item.get("@value") or _joined(item) or item.get("alternateName"))


def _joined(person: dict[str, Any]) -> str:
    parts = (person.get("givenName"), person.get("familyName"))
    return " ".join(part for part in parts if isinstance(part, str))


def _split(text: str) -> Iterator[str]:
    for part in _PARTING.split(text):
        bare = _LEAD.sub("", part, count=1) if _LEAD.match(part) else part
        for piece in _apart(bare, _JOINING):
            yield from filter(None, (_INITIALS.sub("", name).strip(" ,;:-–|()") for name in _apart(piece, _LISTING)))


def _apart(text: str, between: re.Pattern[str]) -> list[str]:
    """Take names apart where each part looks like one: an agency, or two to four words after the last comma."""
    pieces = [piece for piece in between.split(text) if piece.strip()]
    return pieces if len(pieces) > 1 and all(map(_is_name, pieces)) else [text]


def _is_name(piece: str) -> bool:
    return piece.strip(" .").lower() in _AGENCIES or 1 < len(piece.partition(",")[0].split()) < 5
