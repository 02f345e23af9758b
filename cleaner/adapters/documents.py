"""Clean documents of a text and a dict of metadata, as frameworks around language models hold them.

What is known of a document stands in its metadata, by the names of `Fields`; its title goes there, and so does its
account, as `cleaning`. One that cannot be cleaned keeps its text, and its account has the `status` `rejected` and the
`reason`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, Literal, NamedTuple

from cleaner.adapters.order import Order
from cleaner.adapters.rows import account_of, clean_rows
from cleaner.errors import OptionError
from cleaner.io.record import CLEANING
from cleaner.io.splice import dump

Account = Literal["record", "json"]
"""What an account is written as: the dict that a record has, or its JSON for stores that hold no dicts."""

ACCOUNTS = ("record", "json")

_ASIDE = ("text", "html", "html_base64", "id")


class Told(NamedTuple):
    """Hold a document's text and all that is known of it; `id` is its own where its metadata has none."""

    text: str | None
    metadata: Mapping[str, Any]
    id: str | None = None


def check_account(account: str) -> None:
    """Raise `OptionError` where an account cannot be written so."""
    if account not in ACCOUNTS:
        raise OptionError(f"account={account!r}: choose one of {', '.join(map(repr, ACCOUNTS))}")


def clean_documents(
    order: Order, documents: Iterable[Told], account: str = "record", pages: bool = False
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Yield the text and the metadata that each document leaves with, in order; where `pages` is set texts are HTML.

    A document that has `cleaning` already is rejected where nothing else was ordered; its new account holds the one it
    came with as `before`.
    """
    own = list(documents)
    title = order.fields.title
    for told, row in zip(own, clean_rows(order, (_row(order, one, pages) for one in own)), strict=True):
        metadata = {**told.metadata}
        written = account_of(row, order.style)
        if written["status"] == "rejected":
            before = metadata.get(CLEANING)
            metadata[CLEANING] = _written(written if before is None else {**written, "before": before}, account)
            yield told.text, metadata
            continue
        if row.title is not None:
            metadata[title] = row.title
        metadata[CLEANING] = _written(written, account)
        yield row.text, metadata


def _row(order: Order, told: Told, pages: bool) -> dict[str, Any]:
    """Return what is read of a document, by the names of `Fields`."""
    names = {role: name for role, name in asdict(order.fields).items() if role not in _ASIDE}
    known = {role: told.metadata[name] for role, name in names.items() if name in told.metadata}
    if CLEANING in told.metadata:
        known[CLEANING] = told.metadata[CLEANING]
    return {"id": told.id, "html" if pages else "text": told.text, **known}


def _written(account: dict[str, Any], form: str) -> Any:
    return dump(account).decode() if form == "json" else account
