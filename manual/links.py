"""Prepare pages of the documentation for the site: put generated tables in, and lead links of the source tree to pages.

The pages in docs/ also read well where the source is browsed, so they link files: `../DESIGN.md`, `../../examples/x.py`.
On the site such a link leads to the page that shows the file, and is mere text where no page does. A mark
`<!-- generated: NAME -->` gives way to what `manual.tables` makes under that name.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from manual.tables import TABLES

ROOT = Path(__file__).parent.parent
HOMES = {
    "README.md": "index.md",
    "README.md#what-is-measured": "measured.md",
    "DESIGN.md": "design.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "examples": "reference/examples.md",
}
"""Pages of the site, in docs/, that stand for files outside of docs/."""

_FENCE = re.compile(r"(^(?P<fence>`{3,}).*?^(?P=fence)[ \t]*$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)\)")
_MARK = re.compile(r"^<!-- generated: (?P<name>[a-z-]+) -->$", re.MULTILINE)


def prepare(text: str, place: str) -> str:
    """Return a page as the site shows it; `place` is its file, from the root of the source tree.

    >>> prepare("[why](../DESIGN.md#scope), [one](../examples/spark_clean.py), [rules](../rules/), [all](cluster.md)", "docs/x.md")
    '[why](design.md#scope), [one](reference/examples.md#spark_clean), rules, [all](cluster.md)'
    """
    text = _MARK.sub(lambda mark: TABLES[mark["name"]](), text)
    parts = _FENCE.split(text)
    for number in range(0, len(parts), 3):
        parts[number] = _LINK.sub(lambda link: _lead(link, place), parts[number])
    return "".join(part for number, part in enumerate(parts) if number % 3 != 2)


def _lead(link: re.Match[str], place: str) -> str:
    target, _, fragment = link["target"].partition("#")
    if not target or ":" in target:
        return link[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
    if path.startswith("docs/"):
        home, anchor = path.removeprefix("docs/"), fragment
    elif f"{path}#{fragment}" in HOMES:
        home, anchor = HOMES[f"{path}#{fragment}"], ""
    elif path in HOMES:
        home, anchor = HOMES[path], fragment
    elif path.startswith("examples/"):
        home, anchor = HOMES["examples"], Path(path).stem
    else:
        return link["text"] if (ROOT / path).exists() else link[0]
    inside = posixpath.dirname(place.removeprefix("docs/")) if place.startswith("docs/") else ""
    relative = posixpath.relpath(home, inside or ".")
    return f"[{link['text']}]({relative}{'#' if anchor else ''}{anchor})"


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Prepare a page; mkdocs calls this for each."""
    return prepare(markdown, f"docs/{page.file.src_uri}")
