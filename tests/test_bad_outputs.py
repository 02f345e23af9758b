"""Places that cannot be written: each has one line that says why, exit code 2, and nothing half-written stays.

All situations are acted out in one process of their own, in a namespace where a small disk can be mounted and made
read-only; `python -m tests.test_bad_outputs` prints the table.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

ROOT = Path(__file__).parent.parent
DISK = 1 << 16
"""Bytes of the small disk."""

BIG, SMALL, BAD = "big.jsonl", "small.jsonl", "bad.jsonl"
NO_SPACE, READ_ONLY = "cannot be written: No space left on device", "cannot be written: Read-only file system"


class Situation(NamedTuple):
    """Say what is asked for, where the output goes, what the user has to see, and what may be left there."""

    name: str
    args: str
    says: str
    around: str = ""
    left: tuple[str, ...] = ()


SITUATIONS = (
    Situation("a device that is full", f"clean {BIG} -o /dev/full", f"/dev/full {NO_SPACE}"),
    Situation("standard output is full", f"clean {BIG}", f"standard output {NO_SPACE}", "full"),
    Situation("standard output is full, at the end", f"clean {SMALL}", f"standard output {NO_SPACE}", "full"),
    Situation("the disk fills up: records", f"clean {BIG} -o disk/o.jsonl", f"disk/o.jsonl {NO_SPACE}", "disk"),
    Situation("... in the last bytes", f"clean {SMALL} -o disk/o.jsonl", f"disk/o.jsonl {NO_SPACE}", "nearly full",
              ("filler",)),
    Situation("... with two processes", f"clean {BIG} -o disk/o.jsonl -j 2", f"disk/o.jsonl {NO_SPACE}", "disk"),
    Situation("... compressed records", f"clean {BIG} -o disk/o.jsonl.zst", f"disk/o.jsonl.zst {NO_SPACE}", "disk"),
    Situation("... rows", f"clean {BIG} -o disk/o.csv.gz", f"disk/o.csv.gz {NO_SPACE}", "disk"),
    Situation("... Parquet", f"clean {BIG} -o disk/o.parquet", f"disk/o.parquet {NO_SPACE}", "disk"),
    Situation("... a web archive", f"clean {BIG} -o disk/o.wet", f"disk/o.wet {NO_SPACE}", "disk"),
    Situation("... tar", f"clean {BIG} -o disk/o.tar.bz2", f"disk/o.tar.bz2 {NO_SPACE}", "disk"),
    Situation("... bodies", f"clean {BIG} -o disk/o.txt", f"disk/o.txt {NO_SPACE}", "disk"),
    Situation("... rejects", f"clean {BAD} -o disk/o.jsonl", f"disk/o.jsonl.rejects.jsonl {NO_SPACE}", "disk"),
    Situation("... in the last bytes of rejects", "clean mixed.jsonl -o o.jsonl",
              "o.jsonl.rejects.jsonl cannot be written: File too large", "low limit"),
    Situation("... a shard", f"clean {BIG} -o disk/o/ --shard-size 0.03", f"jsonl {NO_SPACE}", "disk", ("o/",)),
    Situation("... an explanation", "explain small.jsonl --html disk/o.html", f"disk/o.html {NO_SPACE}", "nearly full",
              ("filler",)),
    Situation("a limit on the size of files", f"clean {BIG} -o o.jsonl", "o.jsonl cannot be written: File too large",
              "limit"),
    Situation("a read-only disk", f"clean {SMALL} -o disk/o.jsonl", f"disk/o.jsonl {READ_ONLY}", "read-only"),
    Situation("... a folder on it", f"clean {SMALL} -o disk/o/", f"disk/o/_run/lock {READ_ONLY}", "read-only"),
    Situation("... an explanation", "explain small.jsonl --html disk/o.html", f"disk/o.html {READ_ONLY}", "read-only"),
    Situation("no such folder", f"clean {SMALL} -o no/where/o.jsonl", "there is no folder no/where"),
    Situation("a file for a folder", f"clean {SMALL} -o {BIG}/o.jsonl", f"{BIG}/o.jsonl cannot be written: Not a directory"),
    Situation("too long a name", f"clean {SMALL} -o {'o' * 300}.jsonl", "o.jsonl cannot be written: File name too long"),
    Situation("the folder vanishes", "clean - -o gone/o.jsonl", "gone/o.jsonl cannot be written: there is no folder gone",
              "vanishing"),
    Situation("the folder vanishes: Parquet", "clean - -o gone/o.parquet",
              "gone/o.parquet cannot be written: there is no folder gone", "vanishing"),
    Situation("the output is an input", f"clean {SMALL} -o {SMALL}", f"{SMALL} is one of the inputs: choose another"),
    Situation("the output takes appended articles", f"clean {SMALL} -o o.jsonl --related-output o.jsonl",
              "o.jsonl is what the run itself writes: choose another file for appended articles"),
    Situation("a format that is none", f"clean {SMALL} -o o.x --format xml", "xml is no format; choose one of jsonl, csv"),
    Situation("a format that is only read", f"clean {SMALL} -o o.warc", "what ends in .warc is read, not written"),
    Situation("tables with other columns", "clean a.csv b.csv -o o.csv",
              "o.csv: it began with the columns text,a,id,title,cleaning, and an input has text,b,id,title,cleaning"),
)  # fmt: skip
MOUNTED = {"disk", "nearly full", "read-only"}


class Seen(NamedTuple):
    """Hold what the user saw, the exit code, and the files that were not there before."""

    message: str
    code: Any
    left: list[str]


# --- acting


def act(mounts: bool) -> Iterator[tuple[int, Seen]]:
    """Act out the situations, in this process and folder."""
    from cleaner import Cleaner
    from cleaner.cli import clean, explain
    from cleaner.cli.main import main

    cleaner = Cleaner()
    _make_inputs()
    with contextlib.ExitStack() as stack:
        for module in (clean, explain):
            stack.enter_context(mock.patch.object(module, "Cleaner", return_value=cleaner))
        for number, situation in enumerate(SITUATIONS):
            if situation.around in MOUNTED and not mounts:
                continue
            before = set(_files())
            error = io.StringIO()
            with _around(situation.around), contextlib.redirect_stderr(error):
                try:
                    main(situation.args.split())
                except SystemExit as end:
                    code = end.code
                left = sorted({*_files()} - before)
            yield number, Seen(error.getvalue(), code, left)
            shutil.rmtree("o", ignore_errors=True)


def _make_inputs() -> None:
    noise = random.Random(5)
    words = ["".join(noise.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(40_000)]
    texts = [" ".join(words[at : at + 400]) + "." for at in range(0, len(words), 400)]
    Path(BIG).write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)))
    Path(SMALL).write_text(json.dumps({"text": texts[0]}) + "\n")
    Path(BAD).write_text("".join(f"no JSON {text}\n" for text in texts))
    Path("mixed.jsonl").write_text(json.dumps({"text": "Some words."}) + f"\nno JSON {texts[0]}\n")
    for name in "ab":
        Path(f"{name}.csv").write_text(f"text,{name}\nSome words.,1\n")


def _files() -> Iterator[str]:
    for at, _, names in os.walk("."):
        yield from (os.path.join(at, name) for name in names)


@contextlib.contextmanager
def _around(what: str) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for prepare in _PREPARE.get(what, ()):
            stack.enter_context(prepare())
        yield


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    Path("disk").mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", "disk"], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "disk"], check=True)


@contextlib.contextmanager
def _filled() -> Iterator[None]:
    Path("disk/filler").write_bytes(bytes(DISK))
    yield


@contextlib.contextmanager
def _read_only() -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", "disk"], check=True)
    yield


@contextlib.contextmanager
def _full() -> Iterator[None]:
    with contextlib.suppress(OSError), open("/dev/full", "w") as full, contextlib.redirect_stdout(full):
        yield


@contextlib.contextmanager
def _limit(size: int = DISK) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def _vanishing() -> Iterator[None]:
    """Take the folder away while its output is being written."""
    there, here = os.pipe()
    Path("gone").mkdir()

    def vanish() -> None:
        os.write(here, Path(SMALL).read_bytes())
        while not list(Path("gone").iterdir()):
            time.sleep(0.01)
        shutil.rmtree("gone")
        os.close(here)

    thread = threading.Thread(target=vanish)
    with os.fdopen(there) as stdin, mock.patch("sys.stdin", stdin):
        thread.start()
        yield
        thread.join()


_PREPARE: dict[str, tuple[Callable[[], Any], ...]] = {
    "disk": (_disk,),
    "nearly full": (_disk, _filled),
    "read-only": (_disk, _read_only),
    "full": (_full,),
    "limit": (_limit,),
    "low limit": (functools.partial(_limit, 1 << 12),),
    "vanishing": (_vanishing,),
}


# --- watching


@functools.cache
def can_mount() -> bool:
    """Tell whether a disk can be mounted in a namespace of one's own."""
    trial = "mount -t tmpfs -o size=65536 none /mnt"
    try:
        return subprocess.run(["unshare", "-rm", "sh", "-c", trial], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


@functools.cache
def seen() -> dict[int, Seen]:
    """Act out all situations, and return what was seen in each."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*(["unshare", "-rm"] if can_mount() else []), sys.executable, "-c", _ACT, json.dumps(can_mount())]
        told = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            timeout=120,
            check=False,
        )
    assert told.returncode == 0, told.stderr.decode()
    return {number: Seen(*found) for number, found in map(json.loads, told.stdout.splitlines())}


_ACT = """
import json, sys
from tests.test_bad_outputs import act
for found in act(json.loads(sys.argv[1])):
    print(json.dumps(found), flush=True)
"""


@pytest.mark.parametrize("number", range(len(SITUATIONS)), ids=[situation.name for situation in SITUATIONS])
def test_what_cannot_be_written_is_said_and_leaves_nothing(number: int) -> None:
    """The user sees one line with the file and the system's reason, the exit code is 2, and no draft stays."""
    situation = SITUATIONS[number]
    if situation.around in MOUNTED and not can_mount():
        pytest.skip("needs a namespace to mount a disk in")
    if situation.around == "full" and not os.path.exists("/dev/full"):
        pytest.skip("needs /dev/full")
    message, code, left = seen()[number]
    assert situation.says in message
    assert (code, message.count("\n"), message[:9]) == (2, 1, "cleaner: ")
    assert [name for name in left if not name.removeprefix("./disk/").startswith(situation.left or "-")] == []
    assert not [name for name in left if name.endswith(".part")]


if __name__ == "__main__":
    for number, (message, code, _) in seen().items():
        print(f"| {SITUATIONS[number].name} | `{message.strip()[:200]}` | {code} |")
