"""HTML pages: the only package that knows lxml, trafilatura and resiliparse.

Importing any of it raises `OptionError` where one of these is not installed, as with the distribution for texts alone.
Present is not enough: beside an lxml of another library's choice trafilatura may be missing, in the middle of a page.
"""

from __future__ import annotations

from importlib.util import find_spec

from cleaner.errors import OptionError

LIBRARIES = ("lxml", "cssselect", "lxml_html_clean", "resiliparse", "trafilatura")
"""What pages and rules for their elements need, by the names that are imported."""


def missing() -> list[str]:
    """Return which of the libraries are not installed."""
    return [name for name in LIBRARIES if not _is_here(name)]


def _is_here(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


if _missing := missing():
    raise OptionError(
        f"HTML pages, and rules for their elements, need {', '.join(_missing)}: pip install cleaner-news "
        "(cleaner-news-text, and an install without its requirements, cleans texts only)"
    )
