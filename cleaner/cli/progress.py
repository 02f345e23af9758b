"""Show how far a run is, on standard error: a bar on a terminal, else a line of JSON every so often."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson

from cleaner.bulk.tally import Tally
from cleaner.io.inputs import REJECTS
from cleaner.io.stream import Watch

_SHOWN = 3  # rules


@contextmanager
def progress(label: str, quiet: bool, size: int) -> Iterator[Watch | None]:
    """Yield what is to be told the bytes read; None where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # loaded late: only a terminal needs it
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(label), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size or None)
        yield partial(bar.advance, task)


def size_of_output(path: str) -> int:
    """Return the bytes of a file of records and its rejects, or of all in a folder of shards."""
    if os.path.isdir(path):
        return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
    return sum(os.path.getsize(name) for name in (path, path + REJECTS) if os.path.isfile(name))


@contextmanager
def watch_run(tally: Tally, size: int, every: float, quiet: bool) -> Iterator[Watch | None]:
    """Yield what is to be told the bytes read, and show what the tally says beside: every so many seconds, or on a bar."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar(tally, size) as watch:
            yield watch
    else:
        yield _Log(tally, size, every).watch


class _Log:
    """Write a line of JSON now and then."""

    def __init__(self, tally: Tally, size: int, every: float):
        self._tally, self._size, self._every = tally, size, every
        self._bytes = 0
        self._begun = self._next = time.monotonic()
        self._next += every

    def watch(self, size: int) -> None:
        """Count bytes read, and write where it is time."""
        self._bytes += size
        now = time.monotonic()
        if self._every and now >= self._next:
            self._next = now + self._every
            click.echo(orjson.dumps(self._describe(now - self._begun)), err=True)

    def _describe(self, seconds: float) -> dict[str, Any]:
        tally, rate = self._tally, self._bytes / seconds
        return {
            "documents": tally.documents,
            "rejected": tally.rejected,
            "share": round(tally.share, 4),
            "rules": dict(tally.top_rules(_SHOWN)),
            "megabytes": round(self._bytes / 1e6, 1),
            "of": round(self._size / 1e6, 1) or None,
            "rate": round(rate / 1e6, 2),
            "seconds": round(seconds, 1),
            "left": round(max(0, self._size - self._bytes) / rate) if self._size and rate else None,
        }


@contextmanager
def _bar(tally: Tally, size: int) -> Iterator[Watch]:
    from rich.console import Console, RenderableType  # loaded late: only a terminal needs it
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.text import Text

    class Bar(Progress):
        def get_renderables(self) -> Iterable[RenderableType]:
            yield self.make_tasks_table(self.tasks)
            yield Text(_describe(tally), style="dim", no_wrap=True, overflow="ellipsis")

    columns = (
        TextColumn("cleaning"), BarColumn(), TaskProgressColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=4) as bar:
        task = bar.add_task("", total=size or None)
        yield partial(bar.advance, task)


def _describe(tally: Tally) -> str:
    parts = [f"{tally.documents:,} documents", f"{tally.share:.1%} removed"]
    if tally.rejected:
        parts.append(f"{tally.rejected:,} rejected")
    parts += [f"{rule} {count:,}" for rule, count in tally.top_rules(_SHOWN)]
    return " · ".join(parts)
