"""LangChain: each document comes back once, in order, as the command line cleans its record; those given stay."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("langchain_core")
from langchain_core.documents import BaseDocumentTransformer, Document

from cleaner.adapters.langchain import NewsCleaner
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGE, PAGES, POOL, TITLED, clean_records, cleaned_pool, said, told
from tests.making import MORE, PROSE

EXAMPLE = "examples/langchain_clean.py"
TEXTS = [number for number, record in enumerate(POOL) if record["text"] is not None]
"""LangChain's documents always have a text."""


def made(record: dict[str, Any]) -> Document:
    return Document(record["text"], id=record["id"], metadata={name: record[name] for name in ("title", "url", "id")})


def record_of(document: Document) -> dict[str, Any]:
    return {**document.metadata, "text": document.page_content}


def test_example(tmp_path: Path) -> None:
    """The example writes the records that the command line writes, and counts them."""
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"".join(map(say, range(90))) + b'{"id": "empty", "text": ""}\n')
    done = python(EXAMPLE, str(source), "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["cleaned 60", "unchanged 31", ""]
    expected = by_command_line([source], tmp_path / "all.jsonl")
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert [told(row) for row in found] == [told(json.loads(line)) for line in expected.records.splitlines()]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(TEXTS), max_size=12))
def test_any_documents(picked: list[int]) -> None:
    """Whatever documents there are: as many, in order, as the command line has them, beside the event loop too."""
    documents = [made(POOL[number]) for number in picked]
    before = [document.model_copy(deep=True) for document in documents]
    transformer = NewsCleaner()
    assert isinstance(transformer, BaseDocumentTransformer)
    cleaned = transformer.transform_documents(documents)
    assert documents == before
    assert said([record_of(one) for one in cleaned]) == said([cleaned_pool()[number] for number in picked])
    assert [one.id for one in cleaned] == [one.id for one in before]
    assert asyncio.run(transformer.atransform_documents(documents)) == cleaned


def test_addresses_of_loaders() -> None:
    """Loaders put the address into `source`: a choice says so, and the record with that field is cleaned the same."""
    document = Document(
        TITLED, metadata={"source": "https://post.example/2025/a-bridge-opens-in-port-allen", "page": 1}
    )
    (cleaned,) = NewsCleaner(url="source", lang="language").transform_documents([document])
    record = {"id": "1", "text": TITLED, "source": document.metadata["source"]}
    (expected,) = clean_records([record], "--url-field", "source")
    assert said([record_of(cleaned)]) == said([expected])
    assert cleaned.metadata["page"] == 1


def test_pages() -> None:
    """Texts that are pages are extracted first, where that is said."""
    (cleaned,) = NewsCleaner(pages=True).transform_documents([Document(PAGE, metadata={})])
    assert said([record_of(cleaned)]) == said(clean_records(PAGES[:1]))


def test_accounts_as_json() -> None:
    """The account may be JSON for stores that hold no dicts; it says the same."""
    documents = [Document(NOISY, metadata={})]
    (whole,), (line,) = (NewsCleaner(account=one).transform_documents(documents) for one in ("record", "json"))
    assert json.loads(line.metadata["cleaning"]) == whole.metadata["cleaning"]
    with pytest.raises(OptionError, match="account='none': choose one of 'record', 'json'"):
        NewsCleaner(account="none")  # type: ignore[arg-type]


def test_what_cannot_be_cleaned_stays(endless: str) -> None:
    """A text that takes too long stays, and its account says why; one that was cleaned keeps its account."""
    slow, quick = NewsCleaner(seconds=1).transform_documents([Document(endless), Document(NOISY)])
    assert slow.page_content == endless
    assert slow.metadata["cleaning"] == {"status": "rejected", "reason": "it took longer than 1 seconds"}
    assert quick.page_content == f"{PROSE}\n{MORE}"
    once = NewsCleaner().transform_documents([Document(NOISY)])
    (twice,) = NewsCleaner().transform_documents(once)
    assert (twice.page_content, twice.metadata["cleaning"]["before"]) == (
        once[0].page_content,
        once[0].metadata["cleaning"],
    )
    assert twice.metadata["cleaning"]["reason"] == "it has `cleaning` already; order recleaning to clean it again"
    (again,) = NewsCleaner(recleaning=True).transform_documents(once)
    assert again.metadata["cleaning"]["status"] == "unchanged"


def test_orders() -> None:
    """An order does as well as choices; both at once, and what is no choice, are refused."""
    documents = [Document(NOISY)]
    assert NewsCleaner(Order.of(lean=True)).transform_documents(documents) == NewsCleaner(
        lean=True
    ).transform_documents(documents)
    with pytest.raises(OptionError, match="an order says it all: put fast into it"):
        NewsCleaner(Order.of(), fast=True)
    with pytest.raises(OptionError, match="'colour' is no choice"):
        NewsCleaner(colour="red")  # type: ignore[call-arg]
