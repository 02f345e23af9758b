"""Spark: each row comes back once, cleaned as the command line cleans it; a killed worker costs time, no rows."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from benchmarks.scaleout import without_nulls
from cleaner.adapters.order import Order
from cleaner.adapters.spark import clean_batches, cleaned_schema
from cleaner.errors import OptionError
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.making import MORE, PROSE

EXAMPLE = "examples/spark_clean.py"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Start Spark with two workers; a task may fail four times, as on a cluster."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    session = (
        builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def cleaned(frame: DataFrame, order: Order) -> DataFrame:
    return frame.mapInArrow(clean_batches(order), cleaned_schema(frame.schema, order))


def plain(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Write records the same way whoever wrote them before, sorted; what is null counts as not there."""
    return sorted(json.dumps(without_nulls(row), sort_keys=True) for row in rows)


def test_example_with_two_workers(tmp_path: Path) -> None:
    """The example writes the records that the command line writes, and counts them."""
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"".join(map(say, range(300))) + b'{"id": "empty", "text": ""}\n')
    done = python(EXAMPLE, str(source), "-o", str(tmp_path / "out"), "--master", "local[2]")
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.split("\n")) == ["", "cleaned 200", "unchanged 101"]
    lines = [line for path in (tmp_path / "out").glob("*.json") for line in path.read_bytes().splitlines()]
    expected = by_command_line([source], tmp_path / "all.jsonl")
    assert plain(map(json.loads, lines)) == plain(map(json.loads, expected.records.splitlines()))


def test_rows_that_cannot_be_cleaned_come_back(spark: SparkSession) -> None:
    """A row without text, or with one that is no UTF-8, keeps what it has, and its account says why it was rejected."""
    garbled = "cast(unhex('536EFF') as string)"
    frame = spark.sql(f"select '1' id, '{PROSE}' text union all select '2', null union all select '3', {garbled}")
    done = cleaned(frame, Order.of())
    rows = {row["id"]: row for row in done.selectExpr("id", "hex(text) raw", "cleaning").collect()}
    accounts = {id_: (row["cleaning"]["status"], row["cleaning"]["reason"]) for id_, row in rows.items()}
    assert accounts == {
        "1": ("unchanged", None),
        "2": ("rejected", "neither `text` nor `html` nor `html_base64` in it"),
        "3": ("rejected", "`text` is invalid UTF-8 at byte 2"),
    }
    assert (rows["2"]["raw"], rows["3"]["raw"]) == (None, "536EFF")


def test_other_columns_stay(spark: SparkSession) -> None:
    """Columns of any type come back as they came; a title that is proven fills an empty one only."""
    text = f"A bridge opens in Port Allen\n{PROSE}\n{MORE}"
    rows = [(1, [1.5], text, None, "x"), (2, [], text, "Its own", None)]
    frame = spark.createDataFrame(rows, "id bigint, weights array<double>, text string, title string, note string")
    found = cleaned(frame, Order.of()).collect()
    assert [(row["id"], row["weights"], row["note"]) for row in found] == [(1, [1.5], "x"), (2, [], None)]
    assert [row["title"] for row in found] == ["A bridge opens in Port Allen", "Its own"]


def test_pages(spark: SparkSession) -> None:
    """Pages in a column of strings or of bytes are extracted, and get a column for the text."""
    page = f"<html><body><article><p>{PROSE}</p><p>Advertisement</p><p>{MORE}</p></article></body></html>"
    for kind, value in (("string", page), ("binary", page.encode())):
        frame = spark.createDataFrame([(value,)], f"html {kind}")
        (row,) = cleaned(frame, Order.of()).collect()
        assert (row["html"], row["text"]) == (value, f"{PROSE}\n{MORE}")


def test_a_killed_worker_costs_no_row(spark: SparkSession, tmp_path: Path) -> None:
    """A Python worker that is killed between two batches is replaced, its task done again: every row is there once."""
    died, order = str(tmp_path / "died"), Order.of()

    def deadly(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number, batch in enumerate(clean_batches(order)(batches)):
            if number == 2 and not os.path.exists(died):
                open(died, "x").close()
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch

    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 20)
    try:
        rows = [(str(number), NOISY if number % 2 else PROSE) for number in range(300)]
        frame = spark.createDataFrame(rows, "id string, text string").repartition(3)
        frame.mapInArrow(deadly, cleaned_schema(frame.schema, order)).write.parquet(str(tmp_path / "out"))
    finally:
        spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert os.path.exists(died)
    found = spark.read.parquet(str(tmp_path / "out")).collect()
    assert sorted(row["id"] for row in found) == sorted(id_ for id_, _ in rows)
    assert sum(row["cleaning"]["status"] == "cleaned" for row in found) == 150


def test_a_worker_with_other_rules_says_so(spark: SparkSession) -> None:
    """The error of a worker whose rules are not those of the order reaches the driver."""
    frame = spark.createDataFrame([("1", PROSE)], "id string, text string")
    with pytest.raises(Exception, match="but the order was written for 000000000000000000000000"):
        frame.mapInArrow(clean_batches(Order("0" * 24)), cleaned_schema(frame.schema, Order.of())).collect()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("id string, body string", "neither `text` nor `html` among the columns id, body"),
        ("text bigint", "the column `text` holds bigint, not strings: cast it"),
        ("text string, cleaning string", "a column `cleaning` already"),
    ],
)
def test_frames_that_cannot_be_cleaned(spark: SparkSession, columns: str, message: str) -> None:
    """What is wrong with a frame is said before any work is done."""
    with pytest.raises(OptionError, match=message):
        cleaned_schema(spark.createDataFrame([], columns).schema, Order.of())


def test_cleaning_again(spark: SparkSession) -> None:
    """A frame that was cleaned is cleaned again where that is ordered; the account is the new one."""
    order = Order.of(recleaning=True)
    once = cleaned(spark.createDataFrame([("1", NOISY)], "id string, text string"), order)
    twice = cleaned(once, order).collect()
    assert [(row["text"], row["cleaning"]["status"]) for row in twice] == [(f"{PROSE}\n{MORE}", "unchanged")]
