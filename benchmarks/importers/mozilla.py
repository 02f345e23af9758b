"""Mozilla Readability's test pages: `test/test-pages/<name>/` with `source.html`, `expected.html`, `expected-metadata.json`.

The expected page is what Readability itself makes of the source; its text is the gold, laid out by inscriptis.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.importers.checkout import NO_GOLD, find_top, read_object, text_of
from benchmarks.importers.entry import Entry, Found, Remark
from cleaner.errors import OptionError

TOP = "test/test-pages"
SOURCE, EXPECTED, METADATA = "source.html", "expected.html", "expected-metadata.json"


def read(checkout: Path) -> Iterator[Found]:
    """Yield the pages by name. Raises `OptionError` where inscriptis is not installed."""
    top = find_top(checkout, f"{TOP}/*/{SOURCE}") / TOP
    for folder in sorted(path for path in top.iterdir() if path.is_dir()):
        if (folder / EXPECTED).is_file():
            metadata = read_object(folder / METADATA).by_id if (folder / METADATA).is_file() else {}
            yield Entry(folder.name, folder / SOURCE, _text(folder / EXPECTED), lang=text_of(metadata.get("lang")))
        elif (folder / SOURCE).is_file():
            yield Remark(folder.name, NO_GOLD)


def _text(path: Path) -> str:
    try:
        from inscriptis import get_text  # loaded late: no other importer needs it
    except ImportError:
        raise OptionError("the importer mozilla needs inscriptis: pip install 'cleaner-news[bench]'") from None
    return str(get_text(path.read_text(encoding="utf-8", errors="replace")))
