"""pandas: each row comes back once, in its place, as the command line cleans it; nothing else of a frame changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("pandas")
import pandas as pd
import pyarrow as pa

from cleaner.adapters.order import Order
from cleaner.adapters.pandas import clean
from cleaner.errors import OptionError
from cleaner.io.record import Fields
from tests.integrations.conftest import NOISY, by_command_line, python, say
from tests.integrations.pool import PAGES, POOL, TITLED, clean_records, cleaned_pool, said, told
from tests.making import MORE, PROSE

EXAMPLE = "examples/pandas_clean.py"
DTYPES = (object, "str", "string[python]", "string[pyarrow]", pd.ArrowDtype(pa.string()), "category")
"""What a column of strings may be of."""


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{name: _known(value) for name, value in row.items()} for row in frame.to_dict("records")]


def _known(value: Any) -> Any:
    return value if isinstance(value, dict) or not pd.isna(value) else None


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


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@settings(deadline=None, max_examples=15)
@given(
    picked=st.lists(st.integers(0, len(POOL) - 1), max_size=12),
    labels=st.data(),
)
def test_any_frame(dtype: Any, picked: list[int], labels: st.DataObject) -> None:
    """Whatever rows a frame has, and however they are labelled: the same rows, in order, as the command line has them.

    The frame that came stays as it was; types, index and other columns come back.
    """
    rows = [POOL[number] for number in picked]
    index = labels.draw(
        st.lists(st.one_of(st.integers(0, 3), st.text(max_size=1)), min_size=len(rows), max_size=len(rows))
    )
    frame = pd.DataFrame(
        {
            **{name: pd.Series([row[name] for row in rows], dtype=dtype) for name in ("text", "title", "url")},
            "weight": np.arange(len(rows), dtype=np.float32),
            "when": pd.to_datetime(pd.Series(["2025-03-08"] * len(rows), dtype=object)),
        }
    )
    frame.index = pd.Index(index, dtype=object)
    before = frame.copy(deep=True)
    cleaned = clean(frame)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(cleaned[["url", "weight", "when"]], before[["url", "weight", "when"]])
    assert list(cleaned.columns) == ["text", "title", "url", "weight", "when", "cleaning"]
    if dtype != "category":
        assert (cleaned["text"].dtype, cleaned["title"].dtype) == (before["text"].dtype, before["title"].dtype)
    else:
        assert isinstance(cleaned["text"].dtype, pd.CategoricalDtype)
    assert said(records(cleaned)) == said([cleaned_pool()[number] for number in picked])
    missing = before["text"].isna()
    assert [*cleaned["text"][missing]] == [*before["text"][missing]] or all(map(pd.isna, cleaned["text"][missing]))


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA], ids=str)
def test_what_stands_for_missing_stays(nothing: Any) -> None:
    """A missing text or title is whatever it was, and its account says why there is none."""
    frame = pd.DataFrame(
        {"text": pd.Series([NOISY, nothing], dtype=object), "title": pd.Series([nothing] * 2, dtype=object)}
    )
    cleaned = frame.cleaner.clean()
    assert cleaned["text"].iloc[1] is nothing
    assert cleaned["title"].iloc[0] is nothing
    assert cleaned["cleaning"].iloc[1] == {
        "status": "rejected",
        "reason": "neither `text` nor `html` nor `html_base64` in it",
    }


def test_values_that_are_no_text_stay() -> None:
    """A number among texts is rejected with what it is, and stays."""
    frame = pd.DataFrame({"text": [NOISY, 12]})
    cleaned = frame.cleaner.clean()
    assert cleaned["text"].tolist() == [f"{PROSE}\n{MORE}", 12]
    assert cleaned["cleaning"].iloc[1] == {"status": "rejected", "reason": "`text` holds int, not a string"}


def test_pages() -> None:
    """Rows without a text are extracted from their page, as a string or as bytes."""
    for turn in (str, str.encode):
        frame = pd.DataFrame(PAGES)
        frame["html"] = frame["html"].map(turn).astype(object)
        assert said(records(frame.cleaner.clean())) == said(clean_records(PAGES))


def test_columns_of_other_names() -> None:
    """Choices name columns; the order of columns stays, what is added stands behind."""
    frame = pd.DataFrame({"body": [TITLED], "n": [1], "link": ["https://post.example/a"]})
    cleaned = frame.cleaner.clean(text="body", title="headline", url="link", lean=True)
    assert list(cleaned.columns) == ["body", "n", "link", "headline", "cleaning"]
    assert cleaned["headline"].tolist() == ["A bridge opens in Port Allen"]
    assert cleaned["cleaning"].iloc[0]["cuts"] == [{"start": 0, "end": 29, "class": "meta", "rules": ["title"]}]
    order = Order.of(lean=True, fields=Fields(text="body", title="headline", url="link"))
    pd.testing.assert_frame_equal(frame.cleaner.clean(order), cleaned)


def test_a_column_alone() -> None:
    """A column becomes a frame of its index, with text, title and account."""
    cleaned = pd.Series([TITLED, None], index=["a", "a"], name="whatever").cleaner.clean()
    assert (list(cleaned.columns), list(cleaned.index)) == (["text", "title", "cleaning"], ["a", "a"])
    assert cleaned["title"].iloc[0] == "A bridge opens in Port Allen"


def test_accounts_as_parquet_has_them(tmp_path: Path) -> None:
    """With `arrow` the account goes into Parquet with the members that the command line's has."""
    frame = pd.DataFrame({"id": ["1", "2"], "text": [NOISY, PROSE]})
    frame.to_parquet(tmp_path / "in.parquet")
    frame.cleaner.clean(arrow=True).to_parquet(tmp_path / "ours.parquet")
    by_command_line([tmp_path / "in.parquet"], tmp_path / "cli.parquet")
    ours, theirs = (pa.parquet.read_table(tmp_path / f"{name}.parquet")["cleaning"] for name in ("ours", "cli"))
    for member in theirs.type:
        left, right = (pa.compute.struct_field(column.combine_chunks(), member.name) for column in (ours, theirs))
        assert left == right, member.name


def test_empty_frame() -> None:
    """A frame without rows gets its columns all the same, of the type that this pandas has for strings."""
    strings = str(pd.Series(["a"]).dtype)
    cleaned = pd.DataFrame({"text": pd.Series([], dtype=strings)}).cleaner.clean()
    assert cleaned.dtypes.astype(str).to_dict() == {"text": strings, "title": strings, "cleaning": "object"}


def test_a_text_that_takes_too_long_stays(endless: str) -> None:
    """The deadline holds for each document: what takes too long is rejected, with its text, and others are cleaned."""
    frame = pd.DataFrame({"text": [NOISY, endless, PROSE]}).cleaner.clean(seconds=1)
    assert [account["status"] for account in frame["cleaning"]] == ["cleaned", "rejected", "unchanged"]
    assert frame["cleaning"].iloc[1]["reason"] == "it took longer than 1 seconds"
    assert frame["text"].iloc[1] == endless


@pytest.mark.parametrize(
    ("frame", "choices", "message"),
    [
        (pd.DataFrame({"body": [PROSE]}), {}, r"neither `text` nor `html` among the columns body; say which"),
        (pd.DataFrame([[PROSE, PROSE]], columns=["text", "text"]), {}, "2 columns are called `text`"),
        (pd.DataFrame({"text": [PROSE], "cleaning": [1]}), {}, "a column `cleaning` already"),
        (pd.DataFrame({("a", "text"): [PROSE]}), {}, "names of several levels"),
        (pd.DataFrame({"text": [PROSE]}), {"txt": "a"}, "'txt' is no choice; there are annotate, "),
        (pd.DataFrame({"text": [PROSE]}), {"without": "nothing"}, "'nothing' is neither a rule nor a class"),
        (
            pd.DataFrame({"text": [PROSE]}),
            {"order": Order.of(), "lean": True},
            "an order says it all: put lean into it",
        ),
    ],
)
def test_frames_that_cannot_be_cleaned(frame: pd.DataFrame, choices: dict[str, Any], message: str) -> None:
    """What is wrong with a frame or a choice is said before any work is done."""
    with pytest.raises(OptionError, match=message):
        frame.cleaner.clean(**choices)


def test_cleaning_again() -> None:
    """A frame that was cleaned is cleaned again where that is chosen; the account is the new one."""
    once = pd.DataFrame({"text": [NOISY]}).cleaner.clean()
    twice = once.cleaner.clean(recleaning=True)
    assert list(twice.columns) == ["text", "title", "cleaning"]
    assert twice["cleaning"].iloc[0]["status"] == "unchanged"


def test_rules_of_ones_own(tmp_path: Path) -> None:
    """Rules may be folders of YAML: they come on top of the shipped ones."""
    (tmp_path / "own.yaml").write_text(
        "rules:\n  - id: own.line\n    class: other\n    why: A line of its own.\n    line: {eq: Zorble announcement}\n"
        '    tests: [{in: "One.\\nZorble announcement", out: One.}, {keep: A Zorble announcement came.}]\n'
    )
    frame = pd.DataFrame({"text": [f"{PROSE}\nZorble announcement\nAdvertisement\n{MORE}"]})
    assert frame.cleaner.clean(rules=tmp_path)["text"].tolist() == [f"{PROSE}\n{MORE}"]
