"""Run `cleaner clean` as a process of its own, to see its wall time and the memory of its workers."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.1  # seconds between two looks at the memory; the peak itself is kept by the system
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """Hold what one run took: wall time in seconds, and the peak memory of each of its processes in bytes."""

    seconds: float
    peaks: tuple[int, ...]


def clean_apart(source: Path, target: Path, *options: str) -> Run:
    """Clean a file with the command line.

    Raises `RuntimeError` with what it said where it fails.
    """
    command = [sys.executable, "-m", "cleaner", "clean", str(source), "-o", str(target), "--quiet", *options]
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in processes_of(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), peak_of(pid))
        time.sleep(_PAUSE)
    seconds = time.perf_counter() - began
    said = process.stderr.read() if process.stderr else ""
    if process.returncode:
        raise RuntimeError(f"cleaner clean {' '.join(options)} ended with {process.returncode}: {said.strip()}")
    return Run(seconds, tuple(peaks.values()))


def knows(option: str) -> bool:
    """Tell whether the command line has an option."""
    said = subprocess.run(
        [sys.executable, "-m", "cleaner", "clean", "--help"], capture_output=True, text=True, check=True
    )
    return option in said.stdout


def repeat(records: Sequence[bytes], target: Path, size: float) -> int:
    """Write records over and over, up to so many bytes; return how many were written."""
    count = written = 0
    with target.open("wb") as file:
        while written < size:
            for record in records:
                file.write(record)
                written += len(record)
            count += len(records)
    return count


def processes_of(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    yield from children_of(pid)


def children_of(pid: int) -> Iterator[int]:
    """Yield the processes below one, as far down as they go."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in map(int, found):
        yield child
        yield from children_of(child)


def peak_of(pid: int) -> int:
    """Return the most memory that a process has held so far, in bytes; 0 where the system does not tell."""
    return _memory(pid, "VmHWM:")


def resident_of(pid: int) -> int:
    """Return the memory that a process holds, in bytes; 0 where the system does not tell."""
    return _memory(pid, "VmRSS:")


def _memory(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * _KIB
    return 0
