"""polars: each row comes back once, in order, as the command line cleans it, eager, lazy and streamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("polars")
import polars as pl
from polars.testing import assert_frame_equal

import cleaner.adapters.polars  # noqa: F401  gives frames their `cleaner`
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from cleaner.io.record import Fields
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGES, POOL, TITLED, clean_records, cleaned_pool, said, told
from tests.making import MORE, PROSE

EXAMPLE = "examples/polars_clean.py"
TYPES = dict.fromkeys(("text", "title", "url"), pl.String)


def records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as JSON has them, so that maps are objects."""
    return [json.loads(line) for line in frame.write_ndjson().splitlines()]


def test_example(tmp_path: Path) -> None:
    """The example writes the records that the command line writes, and counts them; or the same as Parquet."""
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"".join(map(say, range(90))) + b'{"id": "empty", "text": ""}\n')
    expected = by_command_line([source], tmp_path / "all.jsonl")
    for name in ("out.jsonl", "out.parquet"):
        done = python(EXAMPLE, str(source), "-o", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert done.stdout.split("\n") == ["cleaned 60", "unchanged 31", ""]
        written = (tmp_path / name).read_bytes() if name.endswith("jsonl") else b""
        found = [json.loads(line) for line in written.splitlines()] or records(pl.read_parquet(tmp_path / name))
        assert said(found) == said([json.loads(line) for line in expected.records.splitlines()])
        assert [row["id"] for row in found] == [json.loads(line)["id"] for line in expected.records.splitlines()]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, len(POOL) - 1), max_size=12), st.integers(1, 5))
def test_any_frame(picked: list[int], parts: int) -> None:
    """Whatever rows a frame has, in however many pieces: the same rows, in order, as the command line has them.

    Other columns stay, and what a lazy frame says that it will hold it holds, streamed or not.
    """
    rows = [POOL[number] for number in picked]
    whole = pl.DataFrame([{name: row[name] for name in TYPES} for row in rows], schema=TYPES)
    whole = whole.with_columns(weight=pl.int_range(pl.len()).cast(pl.Float32))
    step = -(-len(rows) // parts) or 1
    frame = pl.concat([whole[:0], *(whole[at : at + step] for at in range(0, len(rows), step))], rechunk=False)
    cleaned = frame.cleaner.clean()
    assert said(records(cleaned)) == said([cleaned_pool()[number] for number in picked])
    assert cleaned.columns == ["text", "title", "url", "weight", "cleaning"]
    assert_frame_equal(cleaned.select("url", "weight"), whole.select("url", "weight"))
    assert cleaned["text"].is_null().to_list() == whole["text"].is_null().to_list()
    lazy = frame.lazy().cleaner.clean()
    assert lazy.collect_schema() == cleaned.schema
    for engine in ("in-memory", "streaming"):
        assert_frame_equal(lazy.collect(engine=engine), cleaned)
    known = {"title": "title", "url": pl.col("url")}
    parts_ = frame.select(pl.col("text").cleaner.clean(**known).alias("all"), pl.col("text").cleaner.text(**known))
    assert_frame_equal(parts_["all"].struct.unnest(), cleaned.select("text", "title", "cleaning"))
    assert parts_["text"].to_list() == cleaned["text"].to_list()


def test_types_are_those_of_parquet(tmp_path: Path) -> None:
    """The account has the type, and the value, that polars reads from Parquet of the command line, and the reason."""
    frame = pl.DataFrame({"id": ["1", "2"], "text": [NOISY, PROSE]})
    frame.write_parquet(tmp_path / "in.parquet")
    by_command_line([tmp_path / "in.parquet"], tmp_path / "out.parquet")
    theirs = pl.read_parquet(tmp_path / "out.parquet")["cleaning"].struct.unnest()
    ours = frame.cleaner.clean()["cleaning"].struct.unnest()
    assert_frame_equal(ours.drop("reason"), theirs)


def test_streams_in_batches(tmp_path: Path) -> None:
    """A file larger than a batch of the streaming engine goes through it into another, every row once and in order."""
    rows = pl.DataFrame({"id": range(3000), "text": [NOISY if number % 2 else PROSE for number in range(3000)]})
    rows.write_parquet(tmp_path / "in.parquet", row_group_size=500)
    with pl.Config() as config:
        config.set_streaming_chunk_size(250)
        pl.scan_parquet(tmp_path / "in.parquet").cleaner.clean().sink_parquet(tmp_path / "out.parquet")
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found["id"].to_list() == list(range(3000))
    assert found["text"].to_list() == [f"{PROSE}\n{MORE}" if number % 2 else PROSE for number in range(3000)]


def test_what_is_not_asked_for_is_not_cleaned() -> None:
    """A plan that takes no column of what was cleaned, or few rows of it, cleans nothing, or few rows."""
    frame = pl.DataFrame({"text": [NOISY, PROSE], "n": [1, 2]}).lazy().cleaner.clean()
    assert "python_udf" not in frame.select("n").explain()
    plan = frame.filter(pl.col("n") > 1).explain()
    assert plan.index("python_udf") < plan.index("FILTER" if "FILTER" in plan else "SELECTION")


def test_pages() -> None:
    """Rows without a text are extracted from their page, as a string or as bytes."""
    for kind in (pl.String, pl.Binary):
        frame = pl.DataFrame(PAGES, schema={"id": pl.String, "text": pl.String, "html": pl.String})
        cleaned = frame.with_columns(pl.col("html").cast(kind)).cleaner.clean()
        assert said(records(cleaned.drop("html"))) == said(clean_records(PAGES))


def test_columns_of_other_names() -> None:
    """Choices name columns; the order of columns stays, what is added stands behind; one column may be two things."""
    frame = pl.DataFrame({"body": [TITLED], "cleaned": [1], "link": ["https://post.example/a"]})
    cleaned = frame.cleaner.clean(text="body", title="headline", url="link", source="link", lean=True)
    assert cleaned.columns == ["body", "cleaned", "link", "headline", "cleaning"]
    assert cleaned["headline"].to_list() == ["A bridge opens in Port Allen"]
    order = Order.of(lean=True, fields=Fields(text="body", title="headline", url="link"))
    assert_frame_equal(frame.lazy().cleaner.clean(order).collect(), cleaned)
    assert "text" not in cleaned["cleaning"].struct.field("cuts").explode().struct.fields


def test_reasons_name_columns() -> None:
    """A row without text is rejected with the names that columns have."""
    cleaned = pl.DataFrame({"body": [None, PROSE]}).cleaner.clean(text="body")
    account = cleaned["cleaning"].struct.unnest()
    assert account["reason"].to_list() == ["neither `body` nor `html` nor `html_base64` in it", None]
    assert account["status"].to_list() == ["rejected", "unchanged"]


def test_other_strings() -> None:
    """Texts that are categories leave as strings; a column of nulls is a column of texts that are missing."""
    frame = pl.DataFrame({"text": [NOISY, None]}, schema={"text": pl.Categorical})
    assert frame.cleaner.clean()["text"].to_list() == [f"{PROSE}\n{MORE}", None]
    nulls = pl.DataFrame({"text": [None]}).cleaner.clean()
    assert (nulls.schema["text"], nulls["text"].to_list()) == (pl.String, [None])


def test_a_text_that_takes_too_long_stays(endless: str) -> None:
    """The deadline holds for each document, in the threads of polars too."""
    frame = pl.DataFrame({"text": [NOISY, endless, PROSE]})
    for cleaned in (
        frame.cleaner.clean(seconds=1),
        frame.lazy().cleaner.clean(seconds=1).collect(engine="streaming"),
    ):
        account = cleaned["cleaning"].struct.unnest()
        assert account["status"].to_list() == ["cleaned", "rejected", "unchanged"]
        assert account["reason"].to_list() == [None, "it took longer than 1 seconds", None]
        assert cleaned["text"].to_list()[1] == endless


@pytest.mark.parametrize(
    ("columns", "choices", "message"),
    [
        ({"body": [PROSE]}, {}, "neither `text` nor `html` among the columns body; say which"),
        ({"text": [1]}, {}, "the column `text` holds Int64, not strings: cast it"),
        ({"text": [PROSE], "title": [1.5]}, {}, "the column `title` holds Float64, not strings"),
        ({"text": [PROSE], "cleaning": [1]}, {}, "a column `cleaning` already"),
        ({"text": [PROSE]}, {"txt": "a"}, "'txt' is no choice"),
    ],
)
def test_frames_that_cannot_be_cleaned(columns: dict[str, Any], choices: dict[str, Any], message: str) -> None:
    """What is wrong with a frame or a choice is said before any work is done, of a lazy one too."""
    for frame in (pl.DataFrame(columns), pl.LazyFrame(columns)):
        with pytest.raises(OptionError, match=message):
            frame.cleaner.clean(**choices)


def test_expressions_that_cannot_be_cleaned() -> None:
    """An expression says what is wrong with what it is given, and with a column once there is one."""
    with pytest.raises(OptionError, match="'link' is nothing known of a text; there are html, "):
        pl.col("text").cleaner.clean(link="link")
    with pytest.raises(Exception, match="the column `text` holds Int64, not strings"):
        pl.DataFrame({"n": [1]}).select(pl.col("n").cleaner.text())


def test_cleaning_again() -> None:
    """A frame that was cleaned is cleaned again where that is chosen; the account is the new one."""
    once = pl.DataFrame({"text": [NOISY]}).cleaner.clean()
    twice = once.cleaner.clean(recleaning=True)
    assert twice.schema == once.schema
    assert told(records(twice)[0])["cleaning"]["status"] == "unchanged"
