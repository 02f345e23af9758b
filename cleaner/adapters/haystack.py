"""Clean inside Haystack: a component, to stand between a converter and a splitter.

    pipeline.add_component("cleaner", NewsCleaner(without=["ticker"]))

The documents given stay as they are; new ones come back, one for each, with the body as `content`, `meta["title"]` where
none was there and one is proven, and the account as `meta["cleaning"]`. One that cannot be cleaned keeps its content, and
its account has the `status` `rejected` and the `reason`.

A pipeline that is written to YAML holds the choices, not the rules: it runs with those that are there when it is read,
or, where `digest` is given, with those alone.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from cleaner.adapters.documents import Account, Told, check_account, clean_documents
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, check_choices, order_for
from cleaner.errors import OptionError, RuleError

with needs("haystack"):
    from haystack import Document, component, default_from_dict, default_to_dict


@component
class NewsCleaner:
    """Clean documents; contents that are pages (`pages`) are extracted first.

    Choices name keys of the metadata (`url="link"`) and options of `cleaner clean`. `account` is "record" for a dict, or
    "json" for stores that hold no dicts. `keep_id` unset, ids are made anew from what documents hold.
    """

    def __init__(
        self,
        *,
        account: Account = "record",
        pages: bool = False,
        keep_id: bool = True,
        digest: str | None = None,
        **choices: Unpack[Choices],
    ):
        """Take choices; rules are paths. Raises `OptionError` for what is no choice, and for rules given as bytes."""
        check_account(account)
        check_choices(choices)
        if isinstance(choices.get("rules"), bytes):
            raise OptionError("rules given as bytes cannot be written into a pipeline: give the path of their file")
        self.account, self.pages, self.keep_id, self.digest = account, pages, keep_id, digest
        self.choices = choices
        self._order: Order | None = None

    def warm_up(self) -> None:
        """Read the rules; raises `RuleError` where they are wrong, or not those of the digest."""
        if self._order is None:
            order = order_for(None, self.choices)
            if self.digest and order.digest != self.digest:
                raise RuleError(
                    f"the rules have the digest {order.digest}, but the component was made for {self.digest}",
                    hint="Install the same cleaner and rules, or leave `digest` out",
                )
            self._order = order

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, list[Document]]:
        """Return the documents cleaned, in order."""
        self.warm_up()
        assert self._order
        told = (Told(document.content, document.meta, document.id) for document in documents)
        cleaned = clean_documents(self._order, told, self.account, self.pages)
        pairs = zip(documents, cleaned, strict=True)
        return {"documents": [self._copy(document, *both) for document, both in pairs]}

    def to_dict(self) -> dict[str, Any]:
        """Return the component as Haystack writes it."""
        plain = {name: _plain(value) for name, value in self.choices.items()}
        written: dict[str, Any] = default_to_dict(
            self, account=self.account, pages=self.pages, keep_id=self.keep_id, digest=self.digest, **plain
        )
        return written

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> NewsCleaner:
        """Make the component from what `to_dict` returned."""
        made: NewsCleaner = default_from_dict(cls, data)
        return made

    def _copy(self, document: Document, text: str | None, meta: dict[str, Any]) -> Document:
        """Return a document with another text; embeddings of the text it had are left out."""
        known = {"id": document.id if self.keep_id else "", "content": text, "meta": meta}
        if text != document.content:
            known |= {"embedding": None, "sparse_embedding": None}
        return replace(document, **known)


def _plain(value: Any) -> Any:
    """Write a choice as YAML can hold it."""
    if isinstance(value, Path):
        return str(value)
    return value if value is None or isinstance(value, (str, bool, int, float)) else [_plain(one) for one in value]
