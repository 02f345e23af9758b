"""What adapters for the article objects of other libraries share: how words and moments are read, and fields put back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cleaner.errors import InputError
from cleaner.model import Cleaned


def moment_of(value: date | None) -> str | None:
    """Return a date or a time in ISO 8601; None where there is none."""
    return value.isoformat() if value else None


def text_of(text: Any, article: Any, hint: str) -> str:
    """Return the text of an article; raises `InputError` where it has none."""
    if isinstance(text, str):
        return text
    raise InputError(f"this {type(article).__name__} has no text ({text!r}): {hint}")


def published(cleaned: Cleaned) -> datetime | None:
    """Return when an article was published, where cleaning recovered it; a mere day begins at midnight.

    >>> from cleaner.model import Document
    >>> published(Cleaned(Document("", ""), "", "", resolved={"published": "2026-05-04"}))
    datetime.datetime(2026, 5, 4, 0, 0)
    """
    try:
        return datetime.fromisoformat(cleaned.resolved["published"])
    except (KeyError, ValueError):
        return None


def authors(cleaned: Cleaned) -> list[str]:
    """Return the authors that cleaning recovered, one a string.

    >>> from cleaner.model import Document
    >>> authors(Cleaned(Document("", ""), "", "", metadata={"authors": "Ada Nkemelu; Tom Varga"}))
    ['Ada Nkemelu', 'Tom Varga']
    """
    return [name for name in str(cleaned.metadata.get("authors") or "").split("; ") if name]
