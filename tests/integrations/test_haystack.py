"""Haystack: each document comes back once, as the command line cleans its record; a pipeline in YAML does the same."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
pytest.importorskip("haystack")
from haystack import Document, Pipeline
from haystack.components.preprocessors import DocumentSplitter

from cleaner import Cleaner
from cleaner.adapters.haystack import NewsCleaner
from cleaner.errors import OptionError, RuleError
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGE, PAGES, POOL, clean_records, cleaned_pool, said, told
from tests.making import MORE, PROSE

EXAMPLE = "examples/haystack_clean.py"


def made(record: dict[str, Any]) -> Document:
    return Document(content=record["text"], id=record["id"], meta={name: record[name] for name in ("title", "url")})


def record_of(document: Document) -> dict[str, Any]:
    return {**document.meta, "text": document.content}


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
@given(st.lists(st.integers(0, len(POOL) - 1), max_size=12))
def test_any_documents(picked: list[int]) -> None:
    """Whatever documents there are, those without content too: as many, in order, as the command line has them."""
    documents = [made(POOL[number]) for number in picked]
    before = [document.to_dict(flatten=False) for document in documents]
    cleaned = NewsCleaner().run(documents)["documents"]
    assert [document.to_dict(flatten=False) for document in documents] == before
    assert said([record_of(one) for one in cleaned]) == said([cleaned_pool()[number] for number in picked])
    assert [one.id for one in cleaned] == [one.id for one in documents]


def test_pipeline_in_yaml() -> None:
    """A pipeline that was written to YAML and read again cleans as before, in front of a splitter."""
    pipeline = Pipeline()
    pipeline.add_component("cleaner", NewsCleaner(without=("ticker",), rules=None, lean=True))
    pipeline.add_component("splitter", DocumentSplitter(split_by="line", split_length=1))
    pipeline.connect("cleaner.documents", "splitter.documents")
    written = pipeline.dumps()
    again = Pipeline.loads(written, allowed_modules=["cleaner.adapters.haystack", "haystack.*"])
    assert again.dumps() == written
    for one in (pipeline, again):
        chunks = one.run({"cleaner": {"documents": [Document(content=NOISY)]}})["splitter"]["documents"]
        assert [chunk.content.strip() for chunk in chunks] == [PROSE, MORE]
        assert "text" not in chunks[0].meta["cleaning"]["cuts"][0]


def test_component_is_written_as_its_choices() -> None:
    """The dict holds what was chosen, as YAML can hold it, and makes the same component."""
    component = NewsCleaner(rules=Path("own.compiled"), only=["ad"], url="link", account="json", keep_id=False)
    written = component.to_dict()
    assert written["init_parameters"] == {
        "account": "json", "pages": False, "keep_id": False, "digest": None,
        "rules": "own.compiled", "only": ["ad"], "url": "link",
    }  # fmt: skip
    assert NewsCleaner.from_dict(written).to_dict() == written


def test_a_digest_pins_the_rules() -> None:
    """A component made for other rules refuses to work; one made for these works."""
    NewsCleaner(digest=Cleaner().ruleset.digest).warm_up()
    with pytest.raises(RuleError, match="but the component was made for 000"):
        NewsCleaner(digest="000").run([Document(content=PROSE)])


def test_ids_and_embeddings() -> None:
    """An id stays, or is made anew where that is said; an embedding stays only where its text does."""
    noisy = Document(content=NOISY, embedding=[1.0], score=0.5)
    plain = Document(content=PROSE, embedding=[1.0])
    first, second = NewsCleaner().run([noisy, plain])["documents"]
    assert (first.id, first.embedding, first.score) == (noisy.id, None, 0.5)
    assert (second.id, second.embedding) == (plain.id, [1.0])
    (anew,) = NewsCleaner(keep_id=False).run([noisy])["documents"]
    assert anew.id not in ("", noisy.id)


def test_pages_and_json() -> None:
    """Contents that are pages are extracted first, where that is said; the account may be JSON."""
    (cleaned,) = NewsCleaner(pages=True, account="json").run([Document(content=PAGE)])["documents"]
    record = {**record_of(cleaned), "cleaning": json.loads(cleaned.meta["cleaning"])}
    assert said([record]) == said(clean_records(PAGES[:1]))


def test_what_cannot_be_cleaned_stays(endless: str) -> None:
    """A text that takes too long stays, and its account says why."""
    slow, quick = NewsCleaner(seconds=1).run([Document(content=endless), Document(content=NOISY)])["documents"]
    assert (slow.content, quick.content) == (endless, f"{PROSE}\n{MORE}")
    assert slow.meta["cleaning"] == {"status": "rejected", "reason": "it took longer than 1 seconds"}


def test_wrong_choices() -> None:
    """What is no choice is refused when the component is made."""
    with pytest.raises(OptionError, match="'colour' is no choice"):
        NewsCleaner(colour="red")  # type: ignore[call-arg]
    with pytest.raises(OptionError, match="give the path of their file"):
        NewsCleaner(rules=b"...")
