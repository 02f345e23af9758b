"""Check that mining finds known furniture unaided, and measure its speed and memory on a corpus inflated to N MB.

Usage: python -m benchmarks.mine FOLDER [--megabytes 100] [--sample 1000] [--only-check | --only-measure]

FOLDER holds dumps as .jsonl or .jsonl.zst. Inflated documents keep the lines and sentences that others of their source have
too; in all others half of the words change at every turn, so that furniture stays as frequent as it was and bodies stay
as rare. The inflated file lives in a temporary folder.
Exits with 1 where something known is not found.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from sys import intern

import orjson

from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.model import Document


@dataclass(frozen=True, slots=True)
class Known:
    """Name furniture that mining must find: the dump, the source, and phrases that one proposal must hold."""

    name: str
    dump: str
    source: str
    phrases: tuple[str, ...]


KNOWN = (
    Known("menu", "canrollas_fr_es_de_en", "lemonde.fr", ("Consulter le journal",)),
    Known("device lock", "canrollas_fr_es_de_en", "lemonde.fr", ("sur un autre appareil", "seul appareil")),
    Known("subscription block", "canrollas_fr_es_de_en", "elpais.com", ("otro usuario", "lee sin límites")),
    Known("copyright", "canrollas_fr_es_de_en", "cnn.com", ("Cable News Network",)),
    Known("+++ links", "fakebr_pt", "estadao.com.br", ("+++",)),
    Known("video block", "allsides_en", "cnn.com", ("JUST WATCHED", "MUST WATCH")),
)

_PIECE = re.compile(r"((?:(?<=[.!?])\s+|\n+))")
_WORD = re.compile(r"([^\W\d_]{4,})")
_ALIKE = 200  # documents in which a word changes alike: phrases of prose stay as frequent as they were


def find_dump(folder: Path, name: str) -> Path | None:
    """Return the dump of that name, however it is compressed."""
    return next(iter(sorted(folder.glob(f"{name}.jsonl*"))), None)


def propose(path: Path, *options: str) -> tuple[list[dict[str, object]], float, float]:
    """Mine in a process of its own; returns proposals, seconds and the peak of its memory in MB."""
    before = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.mine", "--child", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr or f"mining {path.name} failed")
    *_, peak = done.stderr.strip().split("\n")
    return json.loads(done.stdout), time.monotonic() - before, float(peak)


def run_child(arguments: list[str]) -> None:
    """Run `cleaner mine`, and say on standard error how much memory it took."""
    from cleaner.cli.main import main as run

    try:
        run(["mine", "--json", "-q", *arguments])
    finally:
        sys.stdout.flush()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(peak / (1e6 if sys.platform == "darwin" else 1e3), file=sys.stderr)


def check(folder: Path) -> int:
    """Print what of the known furniture is found; returns how much is not."""
    missing = 0
    for known in KNOWN:
        path = find_dump(folder, known.dump)
        if path is None:
            print(f"?  {known.name}: no dump {known.dump} in {folder}")
            continue
        rows, _, _ = propose(path, "--source", known.source, "--all")
        found = next((row for row in rows if _holds(row, known.phrases)), None)
        missing += found is None
        print(f"{'ok' if found else 'NO'} {known.name} ({known.source}): {_told(found) if found else 'not proposed'}")
    return missing


def _holds(row: dict[str, object], phrases: tuple[str, ...]) -> bool:
    text = json.dumps([row["rule"], row["examples"]], ensure_ascii=False)
    return all(phrase in text for phrase in phrases)


def _told(row: dict[str, object]) -> str:
    rule = row["rule"]
    assert isinstance(rule, dict)
    return f"{rule['id']} ({rule['class']}), {row['documents']} of {row['of']} documents, precision {row['precision']}"


def inflate(folder: Path, target: Path, megabytes: int, seed: int = 1) -> tuple[int, float]:
    """Write varied documents until the file has its size; returns documents and MB."""
    templates = _templates(folder)
    words = _Words(random.Random(seed))
    size = number = 0
    with target.open("wb") as file:
        while size < megabytes * 1e6:
            for row, parts in templates:
                if number % _ALIKE == 0:
                    words.clear()
                text = "".join(
                    [part if isinstance(part, str) else "".join(map(words.__getitem__, part)) for part in parts]
                )
                line = orjson.dumps({**row, "id": f"{number}", "text": text}) + b"\n"
                size += file.write(line)
                number += 1
                if size >= megabytes * 1e6:
                    break
    return number, size / 1e6


def _templates(folder: Path) -> list[tuple[dict[str, object], list[str | list[str]]]]:
    """Return the records with their texts in parts: what others of the source have too whole, the rest in words."""
    rows: list[tuple[dict[str, object], list[str]]] = []
    shared: Counter[tuple[object, str]] = Counter()
    for path in sorted(folder.glob("*.jsonl*")):
        for entry in read_entries(find_inputs([str(path)])):
            if isinstance(entry.value, Document):
                row, pieces = orjson.loads(entry.raw), [intern(piece) for piece in _PIECE.split(entry.value.text)]
                row.pop("text")
                rows.append((row, pieces))
                shared.update({(row.get("source"), piece) for piece in pieces})
    return [
        (row, [p if shared[(row.get("source"), p)] > 1 else [*map(intern, _WORD.split(p))] for p in pieces])
        for row, pieces in rows
    ]


class _Words(dict[str, str]):
    """Exchange half of the words of what is one document's own, letters shuffled: bodies stay as rare as they were."""

    def __init__(self, rng: random.Random):
        super().__init__()
        self._rng = rng

    def __missing__(self, word: str) -> str:
        self[word] = word
        if len(word) > 3 and word.isalpha() and self._rng.random() < 0.5:
            middle = list(word[1:])
            self._rng.shuffle(middle)
            self[word] = word[0] + "".join(middle)
        return self[word]


def measure(folder: Path, megabytes: int, sample: int) -> None:
    """Print speed and peak memory over an inflated corpus."""
    with tempfile.TemporaryDirectory(prefix="cleaner-mine-") as place:
        target = Path(place) / "inflated.jsonl"
        number, size = inflate(folder, target, megabytes)
        rows, seconds, peak = propose(target, "--sample", str(sample))
        print(
            f"{size:.0f} MB, {number} documents: {len(rows)} proposals in {seconds:.0f} s, "
            f"{size / seconds:.2f} MB/s, peak {peak:.0f} MB"
        )


def main() -> None:
    """Check, then measure."""
    if sys.argv[1:2] == ["--child"]:
        run_child(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--only-check", action="store_true")
    parser.add_argument("--only-measure", action="store_true")
    options = parser.parse_args()
    for name in ("SIGTERM", "SIGHUP"):  # an end from outside clears the temporary folder and the child too
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, _: sys.exit(128 + number))
    missing = 0 if options.only_measure else check(options.folder)
    if not options.only_check:
        measure(options.folder, options.megabytes, options.sample)
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
