"""Clean whole pages of text as web archives of a crawl hold them (WET), and work out what a month of it would take.

Usage: python -m benchmarks.crawl PAGES.jsonl[.zst]... [--megabytes 60] [--jobs 2] [--price 0.04]
           [--month-files 90000] [--month-pages 3e9] [--month-bytes 25e12]

Pages with a field `html` become plain text, all of it, menus and footers too, as the makers of such archives do it; the
texts are repeated up to the size asked for and written as one archive, compressed record by record. CPU time is that of
all processes, reading and writing included. The size of a month is an assumption: give the one you have.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inscriptis import get_text

from cleaner.io.conversion import write_conversion, write_info
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.model import Document, Page

_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rate:
    """Hold what was cleaned, and the CPU time in seconds that it took."""

    pages: int
    size: int
    cpu: float

    def hours(self, pages: float, size: float) -> tuple[float, float]:
        """Return the core-hours that so many pages, and that so many bytes take at this rate."""
        return pages * self.cpu / self.pages / _HOUR, size * self.cpu / self.size / _HOUR


def texts_of(paths: Sequence[str]) -> Iterator[Document]:
    """Yield the whole text of each page."""
    for entry in read_entries(find_inputs(paths)):
        page = entry.value
        if isinstance(page, Page):
            html = page.html if isinstance(page.html, str) else page.html.decode("utf-8", "replace")
            if text := get_text(html).strip():
                yield Document(page.id, text, page.url)


def write_archive(texts: Sequence[Document], path: Path, most: float) -> tuple[int, int]:
    """Write texts over and over, up to so many bytes; return how many, and the bytes of text."""
    pages = size = 0
    with path.open("wb") as file:
        file.write(write_info("gz"))
        for text in itertools.cycle(texts):
            body = text.text.encode("utf-8", "replace")
            file.write(write_conversion(Document(f"{text.id}-{pages}", "", text.url), body, "gz"))
            pages, size = pages + 1, size + len(body)
            if size >= most:
                return pages, size
    return pages, size


def clean(path: Path, target: Path, jobs: int) -> float:
    """Clean an archive into shards; return the CPU seconds of all processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "cleaner", "clean", str(path), "-o", f"{target}/", "--jobs", str(jobs), "--quiet"]
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--megabytes", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour")
    parser.add_argument("--month-files", type=float, default=90_000)
    parser.add_argument("--month-pages", type=float, default=3e9)
    parser.add_argument("--month-bytes", type=float, default=25e12, help="of text, decompressed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crawl-") as name:
        path, target = Path(name) / "crawl.wet.gz", Path(name) / "out"
        pages, size = write_archive(list(texts_of(given.pages)), path, given.megabytes * 1e6)
        pressed = path.stat().st_size
        rate = Rate(pages, size, clean(path, target, given.jobs))
    print(
        f"{pages:,} pages, {size / 1e6:.1f} MB of text, {pressed / 1e6:.1f} MB compressed: {rate.cpu:.1f} CPU seconds"
    )
    per_hour = _HOUR / rate.cpu
    print(
        f"a core-hour: {pages * per_hour:,.0f} pages, {size * per_hour / 1e9:.2f} GB; a page {size / pages:,.0f} bytes"
    )
    by_pages, by_bytes = rate.hours(given.month_pages, given.month_bytes)
    month_page = given.month_bytes / given.month_pages
    print(
        f"a month of {given.month_pages:,.0f} pages, {given.month_bytes / 1e12:g} TB of text ({month_page:,.0f} bytes a page):"
    )
    for how, hours in (("by pages", by_pages), ("by bytes", by_bytes)):
        files = hours * _HOUR / given.month_files
        print(
            f"  {how}: {hours:,.0f} core-hours, {files:,.0f} CPU seconds a file, {hours * given.price:,.0f} at {given.price} a core-hour"
        )


if __name__ == "__main__":
    main()
