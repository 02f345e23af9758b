"""Mozilla Readability's test pages: `test/test-pages/<name>/` with `source.html`, `expected.html`, `expected-metadata.json`.

The expected page is what Readability itself makes of the source; its text is the gold, laid out by inscriptis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.importers.checkout import NO_GOLD, NO_UTF8, find_top, read_object, read_text, text_of
from benchmarks.importers.entry import Entry, Found, Remark
from cleaner.errors import OptionError

TOP = "test/test-pages"
SOURCE, EXPECTED, METADATA = "source.html", "expected.html", "expected-metadata.json"


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages by name. Raises `OptionError` where inscriptis is not installed."""
    top = find_top(checkout, f"{TOP}/*/{SOURCE}") / TOP
    print_page = _load_printer()
    for folder in sorted(path for path in top.iterdir() if path.is_dir()):
        if (folder / EXPECTED).is_file():
            yield _read_page(folder, print_page)
        elif (folder / SOURCE).is_file():
            yield Remark(folder.name, NO_GOLD)


def _read_page(folder: Path, print_page: Callable[[str], str]) -> Found:
    metadata = read_object(folder / METADATA).by_id if (folder / METADATA).is_file() else {}
    expected = read_text(folder / EXPECTED)
    if expected is None:
        return Remark(folder.name, NO_UTF8)
    return Entry(folder.name, folder / SOURCE, print_page(expected), lang=text_of(metadata.get("lang")))


def _load_printer() -> Callable[[str], str]:
    try:
        from inscriptis import get_text  # loaded late: no other importer needs it
    except ImportError:
        raise OptionError("the importer mozilla needs inscriptis: pip install 'cleaner-news[bench]'") from None
    return lambda html: str(get_text(html))
