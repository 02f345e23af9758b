"""datasets: each row comes back once, as the command line cleans it, and other rules are never taken from the cache."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
pytest.importorskip("datasets")
import datasets
from datasets.fingerprint import Hasher

from cleaner import load_rules, write_compiled
from cleaner.adapters.datasets import clean_batch, clean_dataset, cleaned_features
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from cleaner.io.record import Fields
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGES, POOL, TITLED, clean_records, cleaned_pool, said
from tests.making import MORE, PROSE, rule

EXAMPLE = "examples/datasets_clean.py"
FEATURES = datasets.Features({name: datasets.Value("string") for name in ("text", "title", "url")})

datasets.disable_progress_bars()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the cache of datasets to one test."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def made(rows: list[dict[str, Any]]) -> datasets.Dataset:
    columns = {name: [row[name] for row in rows] for name in FEATURES}
    features = datasets.Features({**FEATURES, "weight": datasets.Value("float32")})
    return datasets.Dataset.from_dict({**columns, "weight": [*map(float, range(len(rows)))]}, features)


def compile_rule(folder: Path, line: str) -> Path:
    (folder / "own.yaml").write_text("rules:\n" + rule(f"line: {{eq: {line}}}"))
    write_compiled(load_rules([folder / "own.yaml"]), folder / "own.compiled")
    return folder / "own.compiled"


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]])
def test_example(tmp_path: Path, jobs: list[str]) -> None:
    """The example writes the records that the command line writes, and counts them, in one process and in two."""
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"".join(map(say, range(90))) + b'{"id": "empty", "text": ""}\n')
    done = python(EXAMPLE, str(source), "-o", str(tmp_path / "out.jsonl"), *jobs)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["cleaned 60", "unchanged 31", ""]
    expected = by_command_line([source], tmp_path / "all.jsonl")
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    assert said(found) == said([json.loads(line) for line in expected.records.splitlines()])


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, len(POOL) - 1), max_size=10), st.integers(1, 6))
def test_any_dataset(picked: list[int], batch_size: int) -> None:
    """Whatever rows a dataset has, in batches of any size: the same rows, in order, as the command line has them.

    Values of Python and of Arrow, whole and streamed, give the same, with the features that were declared.
    """
    dataset = made([POOL[number] for number in picked])
    cleaned = clean_dataset(dataset, batch_size=batch_size)
    assert said(list(cleaned)) == said([cleaned_pool()[number] for number in picked])
    assert cleaned.features == cleaned_features(dataset.features)
    assert (cleaned["url"][:], cleaned["weight"][:]) == (dataset["url"][:], dataset["weight"][:])
    arrow = clean_dataset(dataset.with_format("arrow"), batch_size=batch_size)
    assert (arrow.features, list(arrow.with_format(None))) == (cleaned.features, list(cleaned))
    if picked:  # datasets streams none that is empty
        streamed = clean_dataset(dataset.to_iterable_dataset(), batch_size=batch_size)
        assert (streamed.features, list(streamed)) == (cleaned.features, list(cleaned))


def test_features_hold_whatever_the_first_batch_holds() -> None:
    """Types are declared, not guessed from the first rows: these have no title, no cut and no text."""
    rows = [{"text": None, "title": None, "url": None}, {"text": PROSE, "title": None, "url": None}]
    last = {"text": TITLED, "title": None, "url": None}
    cleaned = clean_dataset(made([*rows, last]), batch_size=1, writer_batch_size=1)
    assert cleaned["title"][:] == [None, None, "A bridge opens in Port Allen"]
    assert cleaned[2]["cleaning"]["cuts"][0]["rules"] == ["title"]


def test_two_processes() -> None:
    """Two processes leave what one leaves; the order is all that travels."""
    dataset = made([POOL[number] for number in range(len(POOL))])
    assert list(clean_dataset(dataset, num_proc=2)) == list(clean_dataset(dataset))


def test_splits_and_missing_features(tmp_path: Path) -> None:
    """A dict of splits is cleaned split by split; a streamed dataset that does not know its features is cleaned too."""
    both = datasets.DatasetDict(train=made([dict(POOL[0])]), test=made([]))
    cleaned = clean_dataset(both)
    assert type(cleaned) is datasets.DatasetDict
    assert cleaned["test"].features == cleaned["train"].features == cleaned_features(both["train"].features)
    unknown = datasets.IterableDataset.from_generator(lambda: iter([{"text": NOISY}]))
    assert [row["text"] for row in clean_dataset(unknown)] == [f"{PROSE}\n{MORE}"]


def test_fingerprint_is_that_of_the_rules(tmp_path: Path) -> None:
    """The same rules and settings have one fingerprint, in other processes too; others have another."""
    path = compile_rule(tmp_path, "Zorble announcement")
    code = (
        "from cleaner.adapters.datasets import clean_batch; from datasets.fingerprint import Hasher; import sys;"
        "print(Hasher.hash(clean_batch(rules=sys.argv[1])))"
    )
    here = Hasher.hash(clean_batch(rules=path))
    assert here == Hasher.hash(clean_batch(rules=path)) == python("-c", code, str(path)).stdout.strip()
    others = [clean_batch(), clean_batch(without="ad"), clean_batch(lean=True), clean_batch(text="body")]
    compile_rule(tmp_path, "Another announcement")
    others.append(clean_batch(rules=path))
    assert len({here, *map(Hasher.hash, others)}) == len(others) + 1


def test_cache_is_taken_for_the_same_rules_only(tmp_path: Path) -> None:
    """What is in the cache is taken where the rules are the same, and made anew where a file of rules was written anew."""
    dataset = made([{"text": f"{PROSE}\nZorble announcement\n{MORE}", "title": None, "url": None}])
    dataset.save_to_disk(tmp_path / "saved")
    dataset = datasets.load_from_disk(tmp_path / "saved")
    first = clean_dataset(dataset, Order.of(compile_rule(tmp_path, "Zorble announcement")))
    again = clean_dataset(dataset, Order.of(tmp_path / "own.compiled"))
    other = clean_dataset(dataset, Order.of(compile_rule(tmp_path, "Another announcement")))
    assert first["text"][0] == again["text"][0] == f"{PROSE}\n{MORE}"
    assert first.cache_files == again.cache_files
    assert other["text"][0] == dataset["text"][0]


def test_pages() -> None:
    """Rows without a text are extracted from their page."""
    dataset = datasets.Dataset.from_list([{"text": None, **page} for page in PAGES])
    assert said(list(clean_dataset(dataset))) == said(clean_records(PAGES))


def test_columns_of_other_names() -> None:
    """An order names columns; what is added stands behind."""
    dataset = datasets.Dataset.from_list([{"body": TITLED, "n": 1}])
    cleaned = clean_dataset(dataset, Order.of(fields=Fields(text="body", title="headline")))
    assert cleaned.column_names == ["body", "n", "headline", "cleaning"]
    assert cleaned["headline"][:] == ["A bridge opens in Port Allen"]


def test_a_text_that_takes_too_long_stays(endless: str) -> None:
    """The deadline holds for each document: what takes too long is rejected, with its text, and others are cleaned."""
    dataset = datasets.Dataset.from_dict({"text": [NOISY, endless, PROSE]})
    cleaned = clean_dataset(dataset, Order.of(seconds=1))
    assert [row["status"] for row in cleaned["cleaning"]] == ["cleaned", "rejected", "unchanged"]
    assert (cleaned[1]["cleaning"]["reason"], cleaned[1]["text"]) == ("it took longer than 1 seconds", endless)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"body": PROSE}, "neither `text` nor `html` among the columns body; say which"),
        ({"text": 1}, "the column `text` holds int64, not strings: cast it"),
        ({"text": [PROSE]}, "the column `text` holds list, not strings: cast it"),
        ({"text": PROSE, "cleaning": 1}, "a column `cleaning` already"),
    ],
)
def test_datasets_that_cannot_be_cleaned(row: dict[str, Any], message: str) -> None:
    """What is wrong with a dataset is said before any work is done."""
    with pytest.raises(OptionError, match=message):
        clean_dataset(datasets.Dataset.from_list([row]))


def test_other_formats_are_refused() -> None:
    """A batch of a format that is neither Python's nor Arrow's is refused with what to do."""
    with pytest.raises(OptionError, match=r"takes values of Python or of Arrow: dataset\.with_format\(None\)"):
        made([dict(POOL[0])]).with_format("pandas").map(clean_batch(), batched=True)


def test_cleaning_again() -> None:
    """A dataset that was cleaned is cleaned again where that is ordered; the account is the new one."""
    once = clean_dataset(made([dict(POOL[0])]))
    twice = clean_dataset(once, Order.of(recleaning=True))
    assert twice.features == once.features
    assert twice[0]["cleaning"]["status"] == "unchanged"
