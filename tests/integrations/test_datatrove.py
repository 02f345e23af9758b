"""datatrove: its executors write what the command line writes, and a killed process is noticed and made good."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from datatrove.data import Document
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

from cleaner.adapters import plan
from cleaner.adapters.datatrove import Cleaning, RecordReader, RecordWriter, ShardCleaner, clean_files
from cleaner.adapters.order import Order
from cleaner.adapters.ranks import RanksMissing, require_all, run
from cleaner.errors import InputError, OptionError
from cleaner.io.folder import open_folder
from cleaner.io.inputs import REJECTS
from tests.integrations.conftest import NOISY, ROOT, Outcome, by_command_line, python, say
from tests.making import MORE, PROSE

EXAMPLE = "examples/datatrove_clean.py"


def outcome_of(folder: Path) -> Outcome:
    """Gather what all ranks wrote, in the order of ranks."""
    names = sorted(folder.glob("*.jsonl"))
    records = [name.read_bytes() for name in names if not name.name.endswith(REJECTS)]
    return Outcome(b"".join(records), b"".join(name.read_bytes() for name in names if name.name.endswith(REJECTS)))


def files(folder: Path) -> dict[str, bytes]:
    """Return what the files of a folder hold, but for the books in it, and drafts."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def accounts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the markers of a folder, but for the time that each took."""
    found = {path.name: json.loads(path.read_text()) for path in (folder / "_run").glob("*.done")}
    return {name: {key: value for key, value in marker.items() if key != "seconds"} for name, marker in found.items()}


def marks(folder: Path) -> dict[str, int]:
    """Return the files of a folder, each with the number by which the file system knows it: another one once replaced."""
    return {path.name: path.stat().st_ino for path in folder.glob("*.jsonl")}


@pytest.fixture(scope="session")
def shards(dump: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean the dump into shards with the command line."""
    folder = tmp_path_factory.mktemp("shards")
    assert python("-m", "cleaner", "clean", str(dump), "-o", f"{folder}/", "--quiet").returncode == 1
    return folder


def test_one_rank_writes_what_the_command_line_writes(dump: Path, expected: Outcome, tmp_path: Path) -> None:
    """A pipeline of one rank leaves the same bytes in the same order: records, odd ones among them, and rejects."""
    run(LocalPipelineExecutor(clean_files(dump, tmp_path / "out", Order.of()), logging_dir=str(tmp_path / "logs")))
    assert outcome_of(tmp_path / "out") == expected
    assert expected.rejects.count(b"\n") == 4


def test_local_example_with_two_workers(dump: Path, shards: Path, tmp_path: Path) -> None:
    """The example on this machine leaves the files that the command line leaves, and the same accounts of them."""
    done = python(EXAMPLE, str(dump), "-o", str(tmp_path), "--ranks", "3", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == files(shards)
    assert accounts(tmp_path) == accounts(shards)


def test_the_command_line_goes_on_where_ranks_were(dump: Path, shards: Path, tmp_path: Path) -> None:
    """What ranks left out, here all shards of one, the command line does, by the same terms; and the other way round."""
    step = ShardCleaner(dump, tmp_path, Order.of())
    for rank in range(2):
        list(step.run(None, rank, 2))
    before = marks(tmp_path)
    (tmp_path / "_run" / "a-00000.done").unlink()
    done = python("-m", "cleaner", "clean", str(dump), "-o", f"{tmp_path}/")
    assert "shards are there already" in done.stderr
    assert files(tmp_path) == files(shards)
    after = marks(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"a-00000.jsonl"}
    (tmp_path / "_run" / "c-00000.done").unlink()
    for rank in range(2):
        list(step.run(None, rank, 2))
    assert files(tmp_path) == files(shards)
    assert {name for name in after if after[name] != marks(tmp_path)[name]} == {"c-00000.jsonl"}


def test_a_killed_rank_keeps_its_shards(tmp_path: Path) -> None:
    """A rank that is done again makes the shards that are missing, and leaves no drafts."""
    source, out, order = tmp_path / "long.jsonl", tmp_path / "out", Order.of()
    source.write_bytes(b"".join(map(say, range(300))))
    step = ShardCleaner(source, out, order, shard_size=0.01)
    list(step.run())
    whole, before = files(out), marks(out)
    assert len(before) > 3
    (out / "_run" / "long-00001.done").unlink()
    (out / ".long-00001.jsonl.abcd0123.part").write_bytes(b"half of i")
    list(step.run())
    assert files(out) == whole
    assert {name for name in before if before[name] != marks(out)[name]} == {"long-00001.jsonl"}


def test_an_input_that_breaks_off_is_cleaned_up_to_there(dump: Path, tmp_path: Path) -> None:
    """The other inputs are whole; the run says at its end which broke off, and the marker of its shard says where."""
    whole = (dump / "c.jsonl.zst").read_bytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "torn.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "in" / "whole.jsonl").write_bytes(say(1))
    step = ShardCleaner(tmp_path / "in", tmp_path / "out", Order.of())
    with pytest.raises(InputError, match=r"torn\.jsonl\.zst: .*after \d+ records"):
        run(LocalPipelineExecutor([step], tasks=2, workers=1, logging_dir=str(tmp_path / "logs")))
    assert json.loads((tmp_path / "out" / "_run" / "torn-00000.done").read_text())["broken"]
    assert (tmp_path / "out" / "whole-00000.jsonl").exists()


def test_two_processes_do_not_do_one_rank(dump: Path, tmp_path: Path) -> None:
    """A rank that another process is doing is refused; the process that was started later changes nothing."""
    with open_folder(str(tmp_path)).hold("_run/rank-00000.lock"):
        done = python(
            "-c",
            f"from cleaner.adapters.datatrove import *; list(ShardCleaner({str(dump)!r}, {str(tmp_path)!r}, Order.of()).run())",
        )
    assert "another run writes there" in done.stderr
    assert not list(tmp_path.glob("*.jsonl"))


def test_ray_example_with_two_workers(dump: Path, shards: Path, tmp_path: Path) -> None:
    """The example on Ray leaves the files that the command line leaves."""
    done = python(
        EXAMPLE, str(dump), "-o", str(tmp_path), "--ranks", "2", "--workers", "2", "--on", "ray", RAY_ADDRESS=""
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == files(shards)


KILLED_ON_RAY = """
import sys; from pathlib import Path
import ray; from datatrove.executor import RayPipelineExecutor
from cleaner.adapters.ranks import run; from tests.integrations.test_datatrove import deadly
ray.init(num_cpus=2, include_dashboard=False)
local = deadly(Path(sys.argv[1]), times=int(sys.argv[2]))
logs = str(Path(sys.argv[1]) / "logs")
run(RayPipelineExecutor(local.pipeline, tasks=3, workers=2, logging_dir=logs, mem_per_cpu_gb=0.5))
"""


def test_a_process_killed_on_ray_is_replaced(tmp_path: Path) -> None:
    """Ray notices a killed process: one is made good, a second one fails the run and says which rank is missing."""
    done = python("-c", KILLED_ON_RAY, str(tmp_path), "2", RAY_ADDRESS="")
    assert done.returncode == 1
    assert "RanksMissing: rank 1 failed: " in done.stderr
    assert "Run it again" in done.stderr
    (tmp_path / "died").unlink()
    done = python("-c", KILLED_ON_RAY, str(tmp_path), "1", RAY_ADDRESS="")
    assert done.returncode == 0, done.stderr
    assert outcome_of(tmp_path / "out") == by_command_line([tmp_path / "in"], tmp_path / "whole.jsonl")


STAND_INS = {
    "sbatch": """#!{python}
import os, pathlib, re, subprocess, sys
script = pathlib.Path(sys.argv[-1]).read_text()
count = int(re.search(r"#SBATCH --array=0-(\\d+)", script)[1]) + 1
given = dict(part.split("=", 1) for part in next(a for a in sys.argv if a.startswith("--export=ALL")).split(",")[1:]) if len(sys.argv) > 2 else {{}}
for number in range(count):
    known = {{**os.environ, **given, "SLURM_ARRAY_TASK_ID": str(number), "SLURM_NODELIST": "node1", "SLURM_JOB_ID": "7"}}
    with open({log!r}, "ab") as log:
        code = subprocess.run(["bash", "-c", script], env=known, stdout=log, stderr=log).returncode
    with open({log!r} + ".codes", "a") as codes:
        print(code, file=codes)
print("Submitted batch job 7")
""",
    "srun": """#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do [ "$1" = -n ] && shift; shift; done
exec "$@"
""",
    "scontrol": """#!/bin/sh
echo node1
""",
}


@pytest.fixture
def slurm(tmp_path: Path) -> Path:
    """Put programs of the names of Slurm's into a folder; sbatch runs the script it is given, once for each of its array."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in STAND_INS.items():
        (folder / name).write_text(text.format(python=sys.executable, log=str(folder / "log")))
        (folder / name).chmod(0o755)
    return folder


def test_slurm_example(dump: Path, shards: Path, tmp_path: Path, slurm: Path) -> None:
    """The example submits a script of which each run does one rank; together they leave what the command line leaves."""
    path = f"{slurm}{os.pathsep}{os.environ['PATH']}"
    done = python(EXAMPLE, str(dump), "-o", str(tmp_path / "out"), "--ranks", "2", "--on", "slurm", PATH=path)
    assert done.returncode == 0, done.stderr
    assert (slurm / "log.codes").read_text() == "0\n0\n0\n", (
        slurm / "log"
    ).read_text()  # two ranks, and the statistics
    assert files(tmp_path / "out") == files(shards)


class Deadly(PipelineStep):
    """Kill the process that does this rank, so many times."""

    type, name = "test", "deadly"

    def __init__(self, folder: Path, rank: int, times: int):
        super().__init__()
        self.folder, self.rank, self.times = str(folder), rank, times

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Hand documents on, and end at the tenth."""
        for number, document in enumerate(data):
            if number == 9 and rank == self.rank:
                died = Path(self.folder, "died")
                times = len(died.read_text()) if died.exists() else 0
                if times < self.times:
                    died.write_text("x" * (times + 1))
                    os.kill(os.getpid(), signal.SIGKILL)
            yield document


def deadly(folder: Path, times: int) -> LocalPipelineExecutor:
    """Return a run of three ranks on two processes, in which the second rank's is killed so many times."""
    if not (folder / "in").exists():
        (folder / "in").mkdir()
        for number in range(3):
            (folder / "in" / f"{number}.jsonl").write_bytes(b"".join(map(say, range(number * 50, number * 50 + 50))))
    reader, cleaning, writer = clean_files(folder / "in", folder / "out", Order.of())
    steps = [reader, cleaning, Deadly(folder, 1, times), writer]
    return LocalPipelineExecutor(steps, tasks=3, workers=2, logging_dir=str(folder / "logs"))


def test_a_killed_process_is_replaced(tmp_path: Path) -> None:
    """A rank whose process was killed is done again by a fresh one; nothing is lost, and nothing is there twice."""
    run(deadly(tmp_path, times=1))
    assert outcome_of(tmp_path / "out") == by_command_line([tmp_path / "in"], tmp_path / "whole.jsonl")


def test_a_process_killed_again_fails_the_run_and_a_rerun_does_what_is_missing(tmp_path: Path) -> None:
    """The run ends at once and says which rank is missing, and why; the same run again leaves what is done alone."""
    with pytest.raises(
        RanksMissing, match=r"rank 1 failed: its process ended \(killed by SIGKILL\); \d of 3 ranks are done"
    ):
        run(deadly(tmp_path, times=2))
    assert not (tmp_path / "out" / "00001.jsonl").exists()
    before = marks(tmp_path / "out")
    run(deadly(tmp_path, times=0))
    assert before.items() <= marks(tmp_path / "out").items()
    assert outcome_of(tmp_path / "out") == by_command_line([tmp_path / "in"], tmp_path / "whole.jsonl")


def test_a_rank_that_fails_says_why(tmp_path: Path, dump: Path) -> None:
    """An input that breaks off fails its rank with the number of records read; no half of a file is left."""
    whole = (dump / "c.jsonl.zst").read_bytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "torn.jsonl.zst").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(RanksMissing, match=r"rank 0 failed: .*torn\.jsonl\.zst: .*after \d+ records"):
        run(
            LocalPipelineExecutor(
                clean_files(tmp_path / "in", tmp_path / "out", Order.of()), logging_dir=str(tmp_path / "logs")
            )
        )
    assert not list((tmp_path / "out").glob("*.jsonl"))
    assert not list((tmp_path / "out").glob(".*.part"))


def test_a_rerun_with_other_inputs_is_refused(tmp_path: Path) -> None:
    """Ranks that are done took their share of the inputs of then: with one more file the shares would be others."""
    run(deadly(tmp_path, times=0))
    (tmp_path / "in" / "3.jsonl").write_bytes(say(3))
    (tmp_path / "logs" / "completions" / "00001").unlink()
    with pytest.raises(RanksMissing, match=r"3 inputs of .* and this run has 4 inputs"):
        run(
            LocalPipelineExecutor(
                clean_files(tmp_path / "in", tmp_path / "out", Order.of()), tasks=3, logging_dir=str(tmp_path / "logs")
            )
        )


def test_what_a_run_left_out_is_said(tmp_path: Path) -> None:
    """Executors that return although ranks are missing are asked for what is done."""
    with pytest.raises(RanksMissing, match=r"0 of 3 ranks are done, missing: 0, 1, 2"):
        require_all(deadly(tmp_path, times=0))


def test_ranks_share_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer inputs than ranks are shared by parts: each rank has some, together they have all, once."""
    monkeypatch.setattr(plan, "PART", 5_000)
    path = tmp_path / "one.jsonl"
    path.write_bytes(b"".join(map(say, range(200))))
    found = [[document.id for document in RecordReader(path, Order.of()).run(None, rank, 3)] for rank in range(3)]
    assert min(map(len, found)) > 40
    assert sorted(chain.from_iterable(found)) == sorted(f"doc-{number}" for number in range(200))


def test_documents_of_other_readers(tmp_path: Path) -> None:
    """`Cleaning` takes any document: body and account come back, and what cannot be cleaned comes back with the reason."""
    documents = [
        Document(NOISY, "1", metadata={"url": "https://post.example/1"}),
        Document("", "2"),
        Document(NOISY, "3", metadata={"cleaning": {}}),
        Document(7, "4"),  # type: ignore[arg-type]
    ]
    step = Cleaning(Order.of())
    cleaned, empty, again, number = step.run(documents)
    assert cleaned.text == f"{PROSE}\n{MORE}"
    assert cleaned.metadata["cleaning"]["headlines"][0] == "Town sells its water tower"
    assert (empty.text, empty.metadata["cleaning"]["status"]) == ("", "unchanged")
    assert (again.text, again.metadata["cleaning"]["status"]) == (NOISY, "rejected")
    assert number.metadata["cleaning"]["reason"] == "its text is no string but int"
    counts = [step.stats[name].total for name in ("documents", "cleaned", "unchanged", "rejected")]
    assert counts == [4, 1, 1, 2]


def test_rejects_go_to_the_exclusion_writer(tmp_path: Path) -> None:
    """With an exclusion writer rejects leave the pipeline, and stand in its file with the reason."""
    documents = [Document(NOISY, "1"), Document(NOISY, "2", metadata={"cleaning": {}})]
    writer = JsonlWriter(str(tmp_path), compression=None)
    assert [document.id for document in Cleaning(Order.of(), exclusion_writer=writer).run(documents, 5)] == ["1"]
    rejected = json.loads((tmp_path / "00005.jsonl").read_text())
    assert (rejected["id"], rejected["metadata"]["cleaning"]["status"]) == ("2", "rejected")


def test_pages_of_other_readers() -> None:
    """Texts of documents are taken as HTML where that is said."""
    page = f"<html><body><article><p>{PROSE}</p><p>Advertisement</p><p>{MORE}</p></article></body></html>"
    (document,) = Cleaning(Order.of(), pages=True).run([Document(page, "1")])
    assert document.text == f"{PROSE}\n{MORE}"


def test_what_datatroves_reader_loses(tmp_path: Path) -> None:
    """datatrove's reader drops a document without text; ours hands it on."""
    path = tmp_path / "in" / "a.jsonl"
    path.parent.mkdir()
    path.write_bytes(b'{"id": "1", "text": ""}\n{"id": "2", "text": "Storm."}\n')
    assert [document.id for document in JsonlReader(str(path.parent)).run()] == ["2"]
    assert [document.id for document in RecordReader(path, Order.of()).run()] == ["1", "2"]


def test_the_writer_writes_no_wrong_account(tmp_path: Path) -> None:
    """What did not come through reader and cleaning, or was changed behind them, is refused; no file is left."""
    order = Order.of()
    (tmp_path / "a.jsonl").write_bytes(say(0))
    with pytest.raises(OptionError, match="did not come from RecordReader"):
        list(RecordWriter(tmp_path / "out", order).run([Document("Storm.", "1")]))

    def shout(data: Any) -> Iterator[Document]:
        for document in data:
            document.text = document.text.upper()
            yield document

    read = RecordReader(tmp_path / "a.jsonl", order)
    with pytest.raises(OptionError, match="was changed after it was cleaned"):
        list(RecordWriter(tmp_path / "out", order).run(shout(Cleaning(order).run(read.run()))))
    changed = list(Cleaning(order).run(shout(read.run())))
    assert changed[0].text == changed[0].text.upper()
    assert not list((tmp_path / "out").iterdir())


def test_an_output_in_the_input_is_refused(tmp_path: Path) -> None:
    """A rerun would read what the first run wrote; so would one of inputs that lie in the output."""
    with pytest.raises(OptionError, match="lie in each other"):
        clean_files(tmp_path, tmp_path / "clean", Order.of())
    with pytest.raises(OptionError, match="lie in each other"):
        ShardCleaner(tmp_path / "clean" / "in.jsonl", tmp_path / "clean", Order.of())


WATCHED = """
import sys, time; from pathlib import Path
from datatrove.executor import LocalPipelineExecutor
from cleaner.adapters.ranks import run
from tests.integrations.test_datatrove import Sleeper
run(LocalPipelineExecutor([Sleeper(sys.argv[1])], tasks=2, workers=2, logging_dir=sys.argv[1] + "/logs"))
"""


class Sleeper(PipelineStep):
    """Say which process does the rank, and do nothing for long."""

    type, name = "test", "sleeper"

    def __init__(self, folder: str):
        super().__init__()
        self.folder = folder

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Sleep."""
        Path(self.folder, f"{rank}.draft").write_text(str(os.getpid()))
        Path(self.folder, f"{rank}.draft").rename(Path(self.folder, f"{rank}.pid"))
        time.sleep(120)
        yield from ()


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """Where the process that runs all is killed, those that do ranks do not go on by themselves."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(tmp_path)], env=environment, stderr=subprocess.DEVNULL
    )
    await_that(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    ranks = [int(path.read_text()) for path in tmp_path.glob("*.pid")]
    parent.kill()
    parent.wait()
    await_that(lambda: not any(map(is_running, ranks)))


def await_that(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Tell whether a process is there and does more than wait to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_input_that_is_missing(tmp_path: Path) -> None:
    """The error is that of the command line."""
    with pytest.raises(InputError, match="no such file or folder"):
        list(RecordReader(tmp_path / "gone", Order.of()).run())
