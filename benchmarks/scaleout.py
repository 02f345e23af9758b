"""Clean the same documents with the command line, datatrove and Spark: do they write the same, and at what cost?

Usage: python -m benchmarks.scaleout DUMP.jsonl[.zst]... [--documents 200000] [--files 8] [--only command,datatrove,spark] [--keep FOLDER]

The documents of the dumps are repeated, each with an id of its own, up to the number asked for, and spread over files.
Each way cleans them with two processes. A digest is taken of all records, each written in one canonical form and sorted
by its id; CPU time is that of all processes of a way, the Java machine among them, in user and system mode.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries

WAYS = ("command", "datatrove", "spark")
_ROOT = Path(__file__).parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")
_PAUSE = 0.1  # seconds between two looks at what runs
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux
_KEPT = ("text", "title", "url", "source", "lang")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what one way wrote and took; times in seconds."""

    way: str
    documents: int
    digest: str
    cpu: float
    wall: float

    @property
    def hourly(self) -> float:
        """Return the documents that one core cleans in an hour."""
        return self.documents / self.cpu * 3600


def make(dumps: Sequence[str], folder: Path, documents: int, files: int) -> int:
    """Write so many documents into so many files; return their bytes."""
    known = [dict(entry.record or {}) for entry in read_entries(find_inputs(dumps))]
    usable = [{name: row[name] for name in _KEPT if isinstance(row.get(name), str)} for row in known]
    outputs = [(folder / f"part-{number:03}.jsonl").open("wb") for number in range(files)]
    size = 0
    for number, row in enumerate(itertools.islice(itertools.cycle(usable), documents)):
        size += outputs[number % files].write(orjson.dumps({"id": f"{number:09}", **row}) + b"\n")
    for output in outputs:
        output.close()
    return size


def canonical(raw: bytes) -> tuple[str, bytes]:
    """Return the id of a record and the record in one form: keys sorted, what is null left out."""
    row: dict[str, Any] = orjson.loads(raw)
    return str(row["id"]), orjson.dumps(without_nulls(row), option=orjson.OPT_SORT_KEYS)


def without_nulls(value: Any) -> Any:
    """Return a JSON value without the members that are null: a table has them where JSON has none."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def digest_of(lines: Iterable[bytes]) -> tuple[str, int]:
    """Return a digest of records whatever their order, and their number."""
    parts = sorted((id_, hashlib.sha256(form).digest()) for id_, form in map(canonical, lines))
    whole = hashlib.sha256()
    for _, part in parts:
        whole.update(part)
    return whole.hexdigest(), len(parts)


def command_of(way: str, source: Path, target: Path) -> list[str]:
    """Return the command that cleans with two processes."""
    if way == "command":
        return ["-m", "cleaner", "clean", str(source), "-o", f"{target}/", "--jobs", "2", "--quiet"]
    if way == "datatrove":
        ranks = str(len(list(source.iterdir())))
        return ["examples/datatrove_clean.py", str(source), "-o", str(target), "--ranks", ranks, "--workers", "2"]
    return ["examples/spark_clean.py", str(source), "-o", str(target), "--master", "local[2]"]


def lines_of(folder: Path) -> Iterator[bytes]:
    """Yield the records of all files that a way wrote."""
    for path in sorted(folder.glob("*.json*")):
        if not path.name.startswith(".") and not path.name.endswith(".rejects.jsonl"):
            with path.open("rb") as file:
                yield from file


class Meter:
    """Add up the CPU time of all processes below this one, whoever waits for them, or nobody.

    The system adds the time of a process to its parent's only where that waits for it, which Spark's and datatrove's do
    not. So all are looked at while they run; of each the last look counts.
    """

    def __init__(self) -> None:
        if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):  # those whose parent ended stay below
            raise OSError(ctypes.get_errno(), "processes without a parent cannot be kept here (Linux can)")
        self._seen: dict[tuple[int, int], float] = {}

    def look(self) -> bool:
        """Look at all processes that run; tell whether there are any."""
        parents: dict[int, int] = {}
        used: dict[int, tuple[int, float]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError):
                    fields = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
                    pid, ticks = int(entry.name), int(fields[11]) + int(fields[12])
                    parents[pid], used[pid] = int(fields[1]), (int(fields[19]), ticks / _TICKS)
        below = {os.getpid()}
        while more := {pid for pid, parent in parents.items() if parent in below} - below:
            below |= more
        for pid in below - {os.getpid()}:
            began, seconds = used[pid]
            self._seen[pid, began] = seconds
        return len(below) > 1

    @property
    def seconds(self) -> float:
        """Return the CPU time of all processes seen so far."""
        return sum(self._seen.values())


def bury() -> None:
    """Take note of all that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def measure(way: str, source: Path, target: Path) -> Outcome:
    """Clean one way; raises `RuntimeError` with what it said where it fails."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PYSPARK_PYTHON": sys.executable}
    meter, began = Meter(), time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, *command_of(way, source, target)]
        process = subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        while process.poll() is None:
            meter.look()
            time.sleep(_PAUSE)
        wall = time.monotonic() - began
        while meter.look():
            bury()
            time.sleep(_PAUSE)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{way} ended with {process.returncode}: {said.read()[-2000:]}")
    digest, documents = digest_of(lines_of(target))
    return Outcome(way, documents, digest, meter.seconds, wall)


def show(outcomes: Sequence[Outcome], size: int) -> Table:
    """Tabulate what all ways took."""
    table = Table("way", "records", "CPU s", "wall s", "documents per core-hour", "MB per CPU s", "digest")
    for one in outcomes:
        table.add_row(
            one.way,
            str(one.documents),
            f"{one.cpu:.1f}",
            f"{one.wall:.1f}",
            f"{one.hourly:,.0f}",
            f"{size / 1e6 / one.cpu:.1f}",
            one.digest[:16],
        )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dumps", nargs="+")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--only", default=",".join(WAYS))
    parser.add_argument("--keep", help="leave inputs and outputs in this folder")
    given = parser.parse_args()
    folder = Path(given.keep or tempfile.mkdtemp(prefix="scaleout-"))
    try:
        source = folder / "in"
        source.mkdir(parents=True, exist_ok=True)
        size = make(given.dumps, source, given.documents, given.files)
        outcomes = []
        for way in given.only.split(","):
            shutil.rmtree(folder / way, ignore_errors=True)
            outcomes.append(measure(way, source, folder / way))
            print(outcomes[-1], file=sys.stderr, flush=True)
    finally:
        if not given.keep:
            shutil.rmtree(folder)
    console = Console(width=140)
    console.print(f"{given.documents:,} documents, {size / 1e6:.1f} MB")
    console.print(show(outcomes, size))
    if len({(one.digest, one.documents) for one in outcomes}) > 1:
        sys.exit("the ways wrote different records")
    console.print(f"all ways wrote the same records: sha256 {outcomes[0].digest}")


if __name__ == "__main__":
    main()
