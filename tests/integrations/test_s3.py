"""Dumps in S3, on a server of the tests' own: read, listed and written as local ones."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.cli.main import main
from cleaner.errors import InputError
from cleaner.io import remote
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from tests.integrations.conftest import ROWS

moto = pytest.importorskip("moto.server", reason="needs moto[server]")
s3fs = pytest.importorskip("s3fs")


def test_buckets_are_read(bucket: str) -> None:
    """Files, folders and patterns in a bucket are found with size and identity, and read."""
    sources = find_inputs([bucket])
    assert [source.label for source in sources] == ["a.txt", "cut.jsonl.zst", "b/2.jsonl.zst"]
    assert [source.path for source in find_inputs([f"{bucket}/**/2.*"])] == [f"{bucket}/b/2.jsonl.zst"]
    [source] = find_inputs([f"{bucket}/b/2.jsonl.zst"])
    assert (source.size, source.identity) == (sources[2].size, sources[2].identity)
    assert source.identity.startswith(f'{source.size}-"')
    assert sum(1 for _ in read_entries([source])) == 50_000


def test_a_truncated_object_is_an_error(bucket: str) -> None:
    """What is cut short in a bucket is an error that counts records, as it is on a disk."""
    with pytest.raises(InputError, match=r"cut\.jsonl\.zst: the Zstandard stream is truncated.*, after \d+ records"):
        list(read_entries(find_inputs([f"{bucket}/cut.jsonl.zst"])))


@pytest.mark.parametrize(("place", "said"), [("s3://dumps/gone.txt", "no such file"), ("s3://none/*.txt", "none/")])
def test_what_is_not_there_is_an_error(bucket: str, place: str, said: str) -> None:
    """A missing object or bucket is an error before anything is read."""
    with pytest.raises(InputError, match=said):
        find_inputs([place])


def test_objects_appear_when_they_are_whole(bucket: str) -> None:
    """An object appears on commit, with its size and digest known, and can be listed, read and removed."""
    place = f"{bucket.replace('news', 'out')}/_run/x.jsonl"
    file = remote.begin(place)
    file.write(ROWS)
    assert remote.list_names("s3://dumps/out") == []
    file.commit()
    assert remote.list_names("s3://dumps/out") == ["_run/x.jsonl"]
    assert remote.read_bytes(place) == ROWS
    remote.remove(place)
    assert remote.list_names("s3://dumps/out") == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_command_reads_buckets(bucket: str, tmp_path: Path, jobs: str) -> None:
    """`cleaner clean` takes a URL where it takes a path, also with several processes."""
    with pytest.raises(SystemExit) as ended:
        main(["clean", f"{bucket}/b/*", "-o", f"{tmp_path}/o.jsonl", "--quiet", "--jobs", jobs])
    assert ended.value.code == 0
    with (tmp_path / "o.jsonl").open() as lines:
        assert [json.loads(line)["id"] for line in lines] == list(range(50_000))


def test_a_run_writes_shards_to_a_bucket(bucket: str) -> None:
    """A run reads from a bucket and writes shards to one, whole or not there, locked meanwhile; a rerun goes on."""
    files, out = s3fs.S3FileSystem(), "s3://dumps/shards"
    command = ["clean", f"{bucket}/a.txt", f"{bucket}/b", "-o", f"{out}/", "--shard-size", "0.5", "--jobs", "2"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "50001 records in = " in done.output
    shards = sorted(files.find(f"{out}/"))
    lines = b"".join(files.cat_file(name) for name in shards if name.endswith(".jsonl")).splitlines()
    assert sorted(json.loads(line)["id"] for line in lines if b'"a"' not in line) == list(range(50_000))
    assert not files.exists(f"{out}/_run/lock")
    files.rm_file(f"{out}/_run/2-00001.done".removeprefix("s3://"))
    files.pipe_file(f"{out}/_run/lock", f"process 1 on elsewhere, {time.time():.0f}".encode())
    refused = CliRunner().invoke(main, command)
    assert (refused.exit_code, "another run writes there (process 1 on elsewhere, seen" in refused.output) == (2, True)
    files.pipe_file(f"{out}/_run/lock", b"process 1 on elsewhere, 12345")
    again = CliRunner().invoke(main, command)
    assert "1 of them made now" in again.output, again.output
    assert sorted(files.find(f"{out}/")) == shards
