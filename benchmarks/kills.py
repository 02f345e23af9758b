"""Kill runs again and again, and compare what they leave with a run that nobody disturbed.

    python -m benchmarks.kills DUMP... [--kills 150] [--each 10] [--seed 1]

DUMPs are JSON lines (.gz, .zst, .bz2) with `text`. A run into shards is killed with SIGKILL: a process that cleans, or the
one that reads, writes and keeps the books, at random moments while records are under way; and the latter right before
each step of a commit. After each kill the run goes on, or is started again, until it ends; then every file must be, byte
for byte, what the undisturbed run wrote, and the accounts must close.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.processes import children_of
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.model import Document

SEEDS = Path(__file__).parent.parent / "seeds"
STEPS = [
    f"{call} {part}" for part in ("records", "rejects", "related", "marker") for call in ("fsync", "rename", "settle")
]
"""The steps of a commit, in order: a file is written down, gets its name, and its folder is written down."""

PATIENCE = 30.0  # seconds without a sign of life that count as a hang

_SUICIDE = """
import os, signal, sys
from pathlib import Path
call, part, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
endings = {"rejects": ".rejects.jsonl", "related": ".related.jsonl", "marker": ".done"}
seen, last = 0, ""
def name_of(path):
    name = Path(path).name
    if name.endswith(".part"):
        name = name[1:].rsplit(".", 2)[0]
    return next((part for part, ending in endings.items() if name.endswith(ending)), "records" if name.endswith(".jsonl") else "")
def at(now, path):
    global seen, last
    if now == "settle":
        path = last
    elif now == "rename":
        last = path
    if (now, name_of(path)) == (call, part):
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)
fsync, replace = os.fsync, Path.replace
def watched_fsync(handle):
    path = os.readlink(f"/proc/self/fd/{handle}")
    at("settle" if os.path.isdir(path) else "fsync", path)
    fsync(handle)
def watched_replace(self, target):
    at("rename", self)
    return replace(self, target)
os.fsync, Path.replace = watched_fsync, watched_replace
from cleaner.cli.main import main
sys.argv[1:] = sys.argv[4:]
main()
"""


@dataclass(slots=True)
class Row:
    """Count what kills of one sort did."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    differing: int = 0
    redone: int = 0
    longest: float = 0.0


@dataclass(slots=True)
class Study:
    """Hold the place of the study, and what it has found."""

    place: Path
    dice: random.Random
    shard: str
    expected: dict[str, bytes] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)

    @property
    def out(self) -> Path:
        """Return where runs write that are killed."""
        return self.place / "out"

    def command(self, out: Path) -> list[str]:
        """Return what a run is called with."""
        names = ["in.jsonl.gz", "more.jsonl"]
        files = [str(self.place / name) for name in names]
        return ["clean", *files, "-o", f"{out}/", "--jobs", "2", "--shard-size", self.shard, "--related-output",
                str(self.place / "related.jsonl")]  # fmt: skip

    def start(self, *lead: str, out: Path | None = None) -> subprocess.Popen[str]:
        """Start a run."""
        command = [sys.executable, *(lead or ("-m", "cleaner")), *self.command(out or self.out)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def note(self, sort: str, waited: float, redone: int) -> None:
        """Count a kill."""
        row = self.rows.setdefault(sort, Row())
        row.kills += 1
        row.longest = max(row.longest, waited)
        row.redone = max(row.redone, redone)
        self.pending.append(sort)

    def judge(self) -> None:
        """Compare what a run left that has come to its end, and charge the kills on its way with what is wrong."""
        found = outcome(self.out)
        lost, doubled = compare(ids(self.expected), ids(found))
        differing = sum(self.expected.get(name) != found.get(name) for name in {*self.expected, *found})
        for sort in set(self.pending):
            row = self.rows[sort]
            row.lost += lost
            row.doubled += doubled
            row.differing += differing
        self.pending.clear()
        shutil.rmtree(self.out, ignore_errors=True)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder), random.Random(options.seed), str(options.shard_size))
        records = write_input(study.place, options.dumps, options.megabytes)
        run = study.start(out=study.place / "whole")
        said = run.communicate()[1]
        if run.returncode not in (0, 1):
            raise SystemExit(f"the undisturbed run failed: {said}")
        study.expected = outcome(study.place / "whole")
        shards = sum(name.endswith(".done") for name in study.expected)
        print(f"{records} records in {shards} shards; undisturbed: {said.splitlines()[-1]}")
        kill_at_random(study, options.kills)
        for step in STEPS:
            for _ in range(options.each):
                kill_at(study, step, shards)
            print(f"{step}: {study.rows[step].kills} kills", file=sys.stderr)
    report(study)
    return int(any(row.lost or row.doubled or row.differing or row.longest > PATIENCE for row in study.rows.values()))


def kill_at_random(study: Study, kills: int) -> None:
    """Kill processes that clean, and runs, at random moments."""
    done = 0
    while done < kills:
        run = study.start()
        done += _disturb(study, run, kills - done)
        if run.poll() is None or run.returncode in (0, 1):
            _end(study, run)
        print(f"{done} kills at random", file=sys.stderr)
    _finish(study)


def _disturb(study: Study, run: subprocess.Popen[str], most: int) -> int:
    """Kill until the run itself is killed or ends; return how often."""
    done = 0
    while done < most:
        _wait_for_work(run, study.out)
        time.sleep(study.dice.uniform(0, 0.4))
        workers = list(children_of(run.pid))
        whole = study.dice.random() < 0.5
        while not (busy := [pid for pid in workers if state(pid) == "R"]) and run.poll() is None:
            time.sleep(0.002)
        open_shards = drafts(study.out)
        if run.poll() is not None:
            return done
        if not open_shards:
            continue
        if whole:
            os.kill(run.pid, signal.SIGKILL)
            run.wait()
            study.note("run, records in flight", _await_end(workers), open_shards)
            return done + 1
        before, since = progress(study.out), time.monotonic()
        os.kill(study.dice.choice(busy), signal.SIGKILL)
        while run.poll() is None and progress(study.out) == before and time.monotonic() - since < 2 * PATIENCE:
            time.sleep(0.01)
        study.note("worker, records in flight", time.monotonic() - since, 0)
        done += 1
    return done


def kill_at(study: Study, step: str, shards: int) -> None:
    """Have a run kill itself right before a step of the commit of some shard, and then finish it."""
    call, part = step.split()
    nth = study.dice.randint(1, 3 if part in ("rejects", "related") else max(3, shards // 2))
    run = study.start("-c", _SUICIDE, call, part, str(nth))
    workers: set[int] = set()
    while run.poll() is None:
        workers.update(children_of(run.pid))
        time.sleep(0.02)
    if run.returncode != -signal.SIGKILL:
        raise SystemExit(f"no {step} number {nth} came: {run.communicate()[1]}")
    study.note(step, _await_end(workers), drafts(study.out))
    _finish(study)


def _finish(study: Study) -> None:
    if study.out.exists():
        _end(study, study.start())


def _end(study: Study, run: subprocess.Popen[str]) -> None:
    before, since = progress(study.out), time.monotonic()
    while run.poll() is None:
        time.sleep(0.02)
        now = progress(study.out)
        if now != before:
            before, since = now, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            run.kill()
            raise SystemExit("a run hangs")
    assert run.stderr
    said = run.stderr.read()
    if run.returncode not in (0, 1):
        raise SystemExit(f"a run failed with code {run.returncode}: {said}")
    study.judge()


def _wait_for_work(run: subprocess.Popen[str], out: Path) -> None:
    while run.poll() is None and not drafts(out):
        time.sleep(0.01)


def _await_end(processes: set[int] | list[int]) -> float:
    """Wait until processes are gone; return the seconds it took."""
    since = time.monotonic()
    while any(state(pid) not in ("", "Z") for pid in processes) and time.monotonic() - since < 2 * PATIENCE:
        time.sleep(0.01)
    return time.monotonic() - since


def state(pid: int) -> str:
    """Return the letter for what a process is doing; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def drafts(out: Path) -> int:
    """Count shards that are begun and not there yet."""
    return len({path.name.split(".")[1] for path in out.glob(".*.part")})


def progress(out: Path) -> tuple[int, int]:
    """Return what changes while a run is alive: its markers, and the bytes of its drafts."""
    size = 0
    for path in out.glob(".*.part"):
        try:
            size += path.stat().st_size
        except OSError:
            continue
    return len(list(out.glob("_run/*.done"))), size


def outcome(out: Path) -> dict[str, bytes]:
    """Return all that a run left, less the time it took."""
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != "lock":
            raw = path.read_bytes()
            if path.suffix == ".done":
                raw = orjson.dumps({**orjson.loads(raw), "seconds": 0})
            found[path.relative_to(out).as_posix()] = raw
    return found


def ids(found: dict[str, bytes]) -> Counter[str]:
    """Count the records of a run by their ids, rejects by their places."""
    counts: Counter[str] = Counter()
    for name, raw in found.items():
        if name.endswith(".jsonl") and not name.endswith(".related.jsonl"):
            counts.update(str(orjson.loads(line)["id"]) for line in raw.splitlines())
    return counts


def compare(expected: Counter[str], found: Counter[str]) -> tuple[int, int]:
    """Return how many records are lost and how many are there too often."""
    return (expected - found).total(), (found - expected).total()


def write_input(place: Path, dumps: Sequence[str], megabytes: float) -> int:
    """Write records of the dumps, with seeds, which have articles appended, and lines that are no records."""
    seeds = [path.read_text() for path in sorted(SEEDS.glob("*.txt"))]
    rows: list[str] = []
    size = 0
    for number, text in enumerate(_texts(dumps)):
        rows.append(json.dumps({"id": f"r{number}", "text": text}))
        if number % 40 == 20:
            rows.append('{"id": "no record", "text": ' + str(number))
        if number % 60 == 30:
            rows.append(json.dumps({"id": f"s{number}", "text": seeds[number // 60 % len(seeds)]}))
        size += len(rows[-1])
        if size > megabytes * 1e6:
            break
    import gzip

    middle = len(rows) // 2
    (place / "in.jsonl.gz").write_bytes(gzip.compress("\n".join(rows[:middle]).encode(), 1))
    (place / "more.jsonl").write_text("\n".join(rows[middle:]))
    return len(rows)


def _texts(dumps: Sequence[str]) -> Iterator[str]:
    while True:
        for entry in read_entries(find_inputs(list(dumps)), recleaning=True):
            if isinstance(entry.value, Document):
                yield entry.value.text


def report(study: Study) -> None:
    """Print the table."""
    print("\n| killed | kills | records lost | doubled | files that differ | shards begun again | longest wait, s |")
    print("|---|---|---|---|---|---|---|")
    total = Row()
    for sort, row in study.rows.items():
        name = sort if "flight" in sort else f"run, before {sort}"
        print(
            f"| {name} | {row.kills} | {row.lost} | {row.doubled} | {row.differing} | {row.redone} | {row.longest:.2f} |"
        )
        total.kills += row.kills
    print(f"\n{total.kills} kills")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dumps", nargs="+", metavar="DUMP")
    parser.add_argument("--kills", type=int, default=150, help="with records in flight")
    parser.add_argument("--each", type=int, default=10, help="before each step of a commit")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--megabytes", type=float, default=3.0)
    parser.add_argument("--shard-size", type=float, default=0.2)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
