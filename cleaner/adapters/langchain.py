"""Clean inside LangChain: a document transformer, to stand between a loader and a splitter.

    documents = NewsCleaner(url="source").transform_documents(WebBaseLoader(addresses).load())

Loaders put the address of a page into `metadata["source"]`: `url="source"` says so, and rules for one site apply. The
documents given stay as they are; new ones come back, one for each, with the body as `page_content`, `metadata["title"]`
where none was there and one is proven, and the account as `metadata["cleaning"]`. One that cannot be cleaned keeps its
text, and its account has the `status` `rejected` and the `reason`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from cleaner.adapters.documents import Account, Told, check_account, clean_documents
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, order_for

with needs("langchain"):
    from langchain_core.documents import BaseDocumentTransformer, Document


class NewsCleaner(BaseDocumentTransformer):
    """Clean documents; texts that are pages (`pages`) are extracted first.

    Choices name keys of the metadata (`url="source"`) and options of `cleaner clean`, in place of an order. `account` is
    "record" for a dict, or "json" for stores that hold no dicts.
    """

    def __init__(
        self,
        order: Order | None = None,
        *,
        account: Account = "record",
        pages: bool = False,
        **choices: Unpack[Choices],
    ):
        """Take an order, or write one; raises what `Order.of` raises, and `OptionError` for another account."""
        check_account(account)
        self.order, self.account, self.pages = order_for(order, choices), account, pages

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> list[Document]:
        """Return the documents cleaned, in order; `atransform_documents` does so beside the event loop."""
        told = (Told(document.page_content, document.metadata, document.id) for document in documents)
        cleaned = clean_documents(self.order, told, self.account, self.pages)
        return [
            document.model_copy(update={"page_content": text, "metadata": metadata})
            for document, (text, metadata) in zip(documents, cleaned, strict=True)
        ]
