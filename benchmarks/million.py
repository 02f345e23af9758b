"""Clean a million documents into shards: do the books close, is memory flat, and what does it cost beside a bare copy?

    python -m benchmarks.million DUMP... [--documents 1000000] [--jobs 2] [--place FOLDER]

The documents are those of the DUMPs (JSON lines with `text`), over and over, each under an id of its own; they are some
4 kB long. The bare copy reads the same file line by line and writes it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.processes import peak_of, processes_of, resident_of
from cleaner.bulk.ledger import read_markers
from cleaner.io.folder import open_folder
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.model import Document

_PAUSE = 0.5  # seconds between two looks at the memory
_HELD = 40_000  # documents of the dumps at most


@dataclass(slots=True)
class Memory:
    """Hold the memory of all processes of a run together, look by look, and the peak of each, in bytes."""

    looks: list[int] = field(default_factory=list)
    peaks: dict[int, int] = field(default_factory=dict)

    def quarter(self, number: int) -> int:
        """Return the most that was in use in one quarter of the run."""
        size = max(1, len(self.looks) // 4)
        return max(self.looks[number * size : (number + 1) * size], default=0)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(dir=options.place) as folder:
        place = Path(folder)
        size = write_documents(place / "in.jsonl", options.dumps, options.documents)
        print(f"{options.documents} documents, {size / 1e9:.2f} GB")
        wall, cpu = copy(place / "in.jsonl", place / "copy.jsonl")
        (place / "copy.jsonl").unlink()
        print(f"bare copy, line by line: {size / wall / 1e6:.0f} MB/s, {cpu:.1f} s CPU")
        command = [
            "-m",
            "cleaner",
            "clean",
            str(place / "in.jsonl"),
            "-o",
            f"{place}/out/",
            "--jobs",
            str(options.jobs),
        ]
        began = time.perf_counter()
        memory, cpu, said = run(command)
        seconds = time.perf_counter() - began
        print(said)
        print(
            f"cleaned: {seconds:.0f} s, {size / seconds / 1e6:.1f} MB/s, {options.documents / seconds:.0f} documents/s"
        )
        print(
            f"CPU {cpu:.0f} s: {options.documents / cpu * 3600:,.0f} documents a core-hour; {wall / seconds:.4f} of the copy's rate"
        )
        quarters = ", ".join(f"{memory.quarter(number) / 1e6:.0f}" for number in range(4))
        peaks = ", ".join(f"{peak / 1e6:.0f}" for peak in sorted(memory.peaks.values(), reverse=True))
        print(f"memory of all processes, most in each quarter of the run: {quarters} MB; peaks of each: {peaks} MB")
        markers = read_markers(open_folder(f"{place}/out"))
        read = sum(marker.read for marker in markers.values())
        told = sum(marker.tally.documents for marker in markers.values())
        lines = sum(count_lines(path) for path in (place / "out").glob("*.jsonl"))
        print(
            f"books: {options.documents} written, {read} read, {told} accounted for, {lines} lines in {len(markers)} shards"
        )
        closes = options.documents == read == told == lines
        if options.verify:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "cleaner", "verify", str(place / "in.jsonl"), f"{place}/out/"],
                capture_output=True,
                text=True,
                check=False,
            )
            print(done.stdout + done.stderr)
            print(f"verified in {time.perf_counter() - began:.0f} s")
            closes = closes and done.returncode == 0
        return int(not closes)


def write_documents(path: Path, dumps: Sequence[str], count: int) -> int:
    """Write so many records; return their bytes."""
    texts = list(itertools.islice(_texts(dumps), _HELD))
    with path.open("wb") as file:
        for number in range(count):
            file.write(orjson.dumps({"id": f"d{number}", "text": texts[number % len(texts)]}) + b"\n")
    return path.stat().st_size


def _texts(dumps: Sequence[str]) -> Iterator[str]:
    for entry in read_entries(find_inputs(list(dumps)), recleaning=True):
        if isinstance(entry.value, Document) and 200 < len(entry.value.text) < 40_000:
            yield entry.value.text


def copy(source: Path, target: Path) -> tuple[float, float]:
    """Copy a file line by line; return the seconds and the CPU seconds it took."""
    began, cpu = time.perf_counter(), time.process_time()
    with source.open("rb") as lines, target.open("wb") as file:
        for line in lines:
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return time.perf_counter() - began, time.process_time() - cpu


def run(command: Sequence[str]) -> tuple[Memory, float, str]:
    """Run `cleaner` and look at its memory; return that, the CPU seconds, and what it said."""
    memory = Memory()
    before = os.times()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *command, "--progress-every", "0"], stderr=said)
        while process.poll() is None:
            found = list(processes_of(process.pid))
            memory.looks.append(sum(map(resident_of, found)))
            memory.peaks.update({pid: peak for pid in found if (peak := peak_of(pid))})
            time.sleep(_PAUSE)
        said.seek(0)
        text = said.read().strip()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    if process.returncode not in (0, 1):
        raise SystemExit(f"cleaner ended with {process.returncode}: {text}")
    return memory, cpu, text


def count_lines(path: Path) -> int:
    """Count the lines of a file."""
    with path.open("rb") as file:
        return sum(len(re.findall(rb"\n", part)) for part in iter(lambda: file.read(1 << 24), b""))


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dumps", nargs="+", metavar="DUMP")
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verify", action="store_true", help="replay every record afterwards")
    parser.add_argument("--place", help="a folder with room for some 15 GB")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
