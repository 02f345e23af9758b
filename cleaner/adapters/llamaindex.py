"""Clean inside LlamaIndex: a transformation, to stand before the splitter of an ingestion pipeline.

    pipeline = IngestionPipeline(transformations=[NewsCleaner(), SentenceSplitter()])

The nodes given stay as they are; new ones come back, one for each, with the body as text, `metadata["title"]` where none
was there and one is proven, and the account as `metadata["cleaning"]`, which is kept from embeddings and prompts. One
that cannot be cleaned keeps its text, and its account has the `status` `rejected` and the `reason`. Nodes are cleaned
whole: behind a splitter a rule that looks at the ends of a text finds others.

The pipeline's cache tells rules apart: what was cleaned is taken again where the same rules would run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, InstanceOf, PlainSerializer

from cleaner.adapters.documents import Account, Told, clean_documents
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, order_for
from cleaner.io.record import CLEANING
from cleaner.rules.compiled import version

with needs("llama-index"):
    from llama_index.core.schema import BaseNode, MetadataMode, TransformComponent


def _read(value: Any) -> Any:
    return Order.from_dict(value) if isinstance(value, dict) else value


class NewsCleaner(TransformComponent):
    """Clean nodes; texts that are pages (`pages`) are extracted first.

    Choices name keys of the metadata (`url="link"`) and options of `cleaner clean`, in place of an order. `account` is
    "record" for a dict, or "json" for stores that hold no dicts. What it is written as names the rules by their digest,
    and `made_by` is the version of `cleaner`: the cache looks at both.
    """

    order: Annotated[InstanceOf[Order], BeforeValidator(_read), PlainSerializer(Order.to_dict)]
    account: Account = "record"
    pages: bool = False
    made_by: str = Field(default_factory=version, exclude=False)

    def __init__(self, order: Order | dict[str, Any] | None = None, **given: Any):
        """Take an order, or write one; raises what `Order.of` raises, pydantic's error for another account."""
        own = {name: given.pop(name) for name in ("account", "pages") if name in given}
        for name in ("made_by", "class_name"):
            given.pop(name, None)
        super().__init__(order=order_for(_read(order), cast(Choices, given)), **own)

    @classmethod
    def class_name(cls) -> str:
        """Return the name under which LlamaIndex writes it."""
        return "CleanerNewsCleaner"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> list[BaseNode]:
        """Return the nodes cleaned, in order."""
        told = (Told(node.get_content(MetadataMode.NONE), node.metadata, node.node_id) for node in nodes)
        cleaned = clean_documents(self.order, told, self.account, self.pages)
        return [_copy(node, text or "", metadata) for node, (text, metadata) in zip(nodes, cleaned, strict=True)]


def _copy(node: BaseNode, text: str, metadata: dict[str, Any]) -> BaseNode:
    """Return a node with another text; an embedding of the text it had is left out."""
    hidden = {
        name: [*dict.fromkeys([*getattr(node, name), CLEANING])]
        for name in ("excluded_embed_metadata_keys", "excluded_llm_metadata_keys")
    }
    changed = text != node.get_content(MetadataMode.NONE)
    copy = node.model_copy(update={"metadata": metadata, **hidden, **({"embedding": None} if changed else {})})
    if changed:
        copy.set_content(text)
    return copy
