"""LlamaIndex: each node comes back once, as the command line cleans its record; the cache tells rules apart."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("llama_index.core")
from llama_index.core.ingestion import IngestionCache, IngestionPipeline
from llama_index.core.ingestion.pipeline import get_transformation_hash
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document, MetadataMode, TextNode

from cleaner import load_rules, write_compiled
from cleaner.adapters.llamaindex import NewsCleaner
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGE, PAGES, POOL, clean_records, cleaned_pool, said, told
from tests.making import MORE, PROSE, rule

EXAMPLE = "examples/llamaindex_clean.py"
TEXTS = [number for number, record in enumerate(POOL) if record["text"]]
"""Nodes know no text that is missing, and no difference between none and an empty one."""


def made(record: dict[str, Any], kind: type = Document) -> Any:
    return kind(text=record["text"], id_=record["id"], metadata={name: record[name] for name in ("title", "url")})


def record_of(node: Any) -> dict[str, Any]:
    return {**node.metadata, "text": node.get_content(MetadataMode.NONE)}


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


@pytest.mark.parametrize("kind", [Document, TextNode])
@settings(deadline=None, max_examples=15)
@given(picked=st.lists(st.sampled_from(TEXTS), max_size=12))
def test_any_nodes(kind: type, picked: list[int]) -> None:
    """Whatever nodes there are: as many, in order, as the command line has them; those given stay."""
    nodes = [made(POOL[number], kind) for number in picked]
    before = [node.model_copy(deep=True) for node in nodes]
    cleaned = NewsCleaner()(nodes)
    assert nodes == before
    assert said([record_of(one) for one in cleaned]) == said([cleaned_pool()[number] for number in picked])
    assert [(type(one), one.node_id) for one in cleaned] == [(kind, one.node_id) for one in before]


def test_account_is_kept_from_embeddings_and_prompts() -> None:
    """What is embedded, shown to a model, and taken off the size of chunks is the text and what else was known."""
    node = Document(text=f"{NOISY}\n", metadata={"desk": "local"}, excluded_llm_metadata_keys=["desk"], embedding=[1.0])
    (cleaned,) = NewsCleaner()([node])
    assert cleaned.get_content(MetadataMode.EMBED) == f"desk: local\n\n{PROSE}\n{MORE}"
    assert cleaned.get_content(MetadataMode.LLM) == f"{PROSE}\n{MORE}"
    assert cleaned.embedding is None, "it was that of another text"
    chunks = IngestionPipeline(transformations=[NewsCleaner(), SentenceSplitter(chunk_size=60, chunk_overlap=0)]).run(
        documents=[node]
    )
    assert [chunk.text for chunk in chunks] == [f"{PROSE}\n{MORE}"]


def test_cache_tells_rules_apart(tmp_path: Path) -> None:
    """A pipeline takes from its cache what the same rules made, and cleans anew for others, also of the same file."""

    def compiled(line: str) -> Path:
        (tmp_path / "own.yaml").write_text("rules:\n" + rule(f"line: {{eq: {line}}}"))
        write_compiled(load_rules([tmp_path / "own.yaml"]), tmp_path / "own.compiled")
        return tmp_path / "own.compiled"

    def run(one: NewsCleaner) -> str:
        return str(IngestionPipeline(transformations=[one], cache=cache).run(documents=nodes)[0].text)

    nodes, cache = [Document(text=f"{PROSE}\nZorble announcement\n{MORE}")], IngestionCache()
    first = NewsCleaner(rules=compiled("Zorble announcement"))
    same = NewsCleaner(rules=tmp_path / "own.compiled")
    assert run(first) == run(same) == f"{PROSE}\n{MORE}"
    other = NewsCleaner(rules=compiled("Another announcement"))
    assert run(other) == nodes[0].text
    assert run(first) == f"{PROSE}\n{MORE}", "from the cache: its rules are gone"
    hashes = [
        get_transformation_hash(nodes, one) for one in (first, same, other, NewsCleaner(), NewsCleaner(lean=True))
    ]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_it_travels() -> None:
    """It comes back from a dict, from JSON and from pickle as it was, rules that are bytes with it."""
    for one in (NewsCleaner(), NewsCleaner(without=("ad",), url="link", account="json", pages=True)):
        for again in (
            NewsCleaner.from_dict(one.to_dict()),
            NewsCleaner.from_json(one.to_json()),
            pickle.loads(pickle.dumps(one)),
        ):
            assert again == one
            assert again.to_dict() == one.to_dict()


def test_pages_and_json() -> None:
    """Texts that are pages are extracted first, where that is said; the account may be JSON."""
    (cleaned,) = NewsCleaner(pages=True, account="json")([Document(text=PAGE)])
    record = {**record_of(cleaned), "cleaning": json.loads(cleaned.metadata["cleaning"])}
    assert said([record]) == said(clean_records(PAGES[:1]))


def test_what_cannot_be_cleaned_stays(endless: str) -> None:
    """A text that takes too long stays, and its account says why."""
    slow, quick = NewsCleaner(seconds=1)([Document(text=endless), Document(text=NOISY)])
    assert (slow.text, quick.text) == (endless, f"{PROSE}\n{MORE}")
    assert slow.metadata["cleaning"] == {"status": "rejected", "reason": "it took longer than 1 seconds"}


def test_wrong_choices() -> None:
    """What is no choice, and no order, is refused."""
    with pytest.raises(OptionError, match="'colour' is no choice"):
        NewsCleaner(colour="red")
    with pytest.raises(OptionError, match="an order says it all"):
        NewsCleaner(Order.of(), lean=True)
    with pytest.raises(OptionError, match="this is no order that"):
        NewsCleaner.from_dict({"order": {"weather": "fine"}})
