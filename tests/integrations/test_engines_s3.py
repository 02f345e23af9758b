"""Engines over S3: ranks read and write buckets as they do folders, and hold to one plan there too."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.adapters.datatrove import ShardCleaner, clean_files
from cleaner.adapters.order import Order
from cleaner.errors import OptionError
from cleaner.io.folder import open_folder
from tests.integrations.conftest import python


def contents(path: str) -> dict[str, bytes | None]:
    """Return what a folder holds, but for its books."""
    folder = open_folder(path)
    return {name: folder.read(name) for name in folder.names() if not name.startswith("_run/")}


def test_ranks_write_to_a_bucket(bucket: str, dump: Path, tmp_path: Path) -> None:
    """Shards in a bucket are those that the command line writes to a folder; a rank that is done again does nothing."""
    output = bucket.replace("news", "ranks")
    step = ShardCleaner(dump, output, Order.of())
    for rank in (0, 1, 0):
        list(step.run(None, rank, 2))
    done = python("-m", "cleaner", "clean", str(dump), "-o", f"{tmp_path}/", "--quiet")
    assert done.returncode == 1, done.stderr
    assert contents(output) == contents(str(tmp_path))
    step.conclude()
    with pytest.raises(OptionError, match="other ranks"):
        list(step.run(None, 0, 3))


def test_records_are_written_to_a_bucket(bucket: str) -> None:
    """Reader and writer take URLs; an output inside an input is refused there as well."""
    output = bucket.replace("news", "records")
    data = None
    for step in clean_files(f"{bucket}/b", output, Order.of()):
        data = step.run(data, 0, 1)
    assert data is not None
    assert sum(1 for _ in data) == 50_000
    written = contents(output)["00000.jsonl"]
    assert written is not None
    assert written.count(b"\n") == 50_000
    with pytest.raises(OptionError, match="lie in each other"):
        ShardCleaner(bucket, f"{bucket}/clean", Order.of())
