"""Take documents and drafts out of what a page sends, or say what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cleaner.errors import InputError
from cleaner.html.decode import decode
from cleaner.model import Document, Page
from cleaner.serve.sets import Draft

_KNOWN = ("url", "lang", "title", "source", "crawled")


def take_document(value: Any) -> Document | Page:
    """Read a document from plain values: a text or a page, with what is known of it.

    Raises `InputError` where it has neither or both, or something in it is no text.
    """
    if not isinstance(value, Mapping):
        raise InputError("`document` is missing: send an object with `text` or `html`")
    known: dict[str, Any] = {name: _word(value, name) or None for name in _KNOWN}
    text, html = _word(value, "text"), _word(value, "html")
    id_ = _word(value, "id") or ""
    if (text is None) == (html is None):
        raise InputError("a document has either `text` or `html`")
    return Document(id_, text, **known) if text is not None else Page(id_, html or "", **known)


def take_draft(value: Any) -> Draft | None:
    """Read a draft: the text of a rule file, and the ids of rules that are off while it is tried; None where there is none.

    Raises `InputError` for anything else.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        raise InputError(
            "a draft is an object with `text`, the YAML of a rule file, and maybe `instead`, a list of ids"
        )
    instead = value.get("instead") or ()
    if not isinstance(instead, (list, tuple)) or not all(isinstance(name, str) for name in instead):
        raise InputError("`instead` is a list of ids of rules")
    return Draft(value["text"], tuple(instead))


def need_draft(value: Any) -> Draft:
    """Read a draft that must be there."""
    draft = take_draft(value)
    if draft is None:
        raise InputError("`draft` is missing: send an object with `text`, the YAML of a rule file")
    return draft


def take_place(value: Any, name: str) -> tuple[int, int]:
    """Read where a selection begins or ends: the place of a piece in the source, and the code points shown before it."""
    if isinstance(value, Mapping):
        at, shown = value.get("at"), value.get("shown")
        if type(at) is int and type(shown) is int and at >= 0 and shown >= 0:
            return at, shown
    raise InputError(f"`{name}` is an object with `at` and `shown`, both counted in code points")


def told_of(value: Document | Page, id_: str, path: str) -> dict[str, Any]:
    """Tell a document in plain values, as `take_document` reads them; the bytes of a page are decoded."""
    known: dict[str, Any] = {name: getattr(value, name) for name in _KNOWN if getattr(value, name) is not None}
    if isinstance(value, Document):
        return {"id": id_, "text": value.text, **known, "path": path}
    html = value.html if isinstance(value.html, str) else decode(value.html, value.charset).text
    return {"id": id_, "html": html, **known, "path": path}


def _word(value: Mapping[str, Any], name: str) -> str | None:
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise InputError(f"`{name}` of a document is a text")
    return found
