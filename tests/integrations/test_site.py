"""The documentation site as it is built: whole, without a warning, and without a request to anywhere else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

import cleaner
from cleaner.model import CLASSES
from cleaner.rules.load import load_shipped
from manual.python_names import public_names
from manual.settings import commands

pytestmark = pytest.mark.skipif(not find_spec("material"), reason="needs the extra `docs`")

ROOT = Path(__file__).parent.parent.parent
LOADS = {
    "script": ("src",), "img": ("src", "srcset"), "iframe": ("src", "srcdoc"), "source": ("src", "srcset"),
    "video": ("src", "poster"), "audio": ("src",), "embed": ("src",), "object": ("data",), "input": ("src",),
    "form": ("action",), "use": ("href",), "image": ("href",), "base": ("href",),
}  # fmt: skip
"""Attributes by which an element makes a browser fetch something; `link` is looked at apart."""

FETCHED = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}


class Reader(HTMLParser):
    """Note what a page loads, where it leads, and the ids it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.loads += [found[name] for name in LOADS.get(tag, ()) if found.get(name)]
        self.loads += re.findall(r"url\(([^)]+)\)", found.get("style", ""))
        if tag == "link" and FETCHED & set(found.get("rel", "").split()):
            self.loads.append(found["href"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if "id" in found:
            self.ids.add(found["id"])

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def site() -> Path:
    """Build the site as `make docs` does, into build/site; a warning fails."""
    told = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"],
        cwd=ROOT,
        env={**os.environ, "DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert not re.search(r"WARNING|ERROR", told.stderr), told.stderr
    return ROOT / "build" / "site"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Reader]:
    return {path.relative_to(site).as_posix(): read(path) for path in sorted(site.rglob("*.html"))}


def read(path: Path) -> Reader:
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def is_elsewhere(address: str) -> bool:
    return bool(urlsplit(address.strip("'\" ")).netloc)


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[str, Reader]) -> None:
    """Pages and style sheets fetch only what the site brings, and all of it is there."""
    assert len(pages) > 30
    for name, page in pages.items():
        assert page.loads
        for address in page.loads:
            assert not is_elsewhere(address), (name, address)
            if name != "404.html" and not address.startswith("data:"):
                path = (site / name).parent / unquote(urlsplit(address).path)
                assert path.exists(), (name, address)
    for path in site.rglob("*.css"):
        for address in re.findall(r"url\(([^)]+)\)|@import\s+['\"]([^'\"]+)", path.read_text(encoding="utf-8")):
            assert not is_elsewhere("".join(address)), (path.name, address)


def test_links_within_the_site_lead_to_a_page_and_a_place(site: Path, pages: dict[str, Reader]) -> None:
    """Each link to a page of the site leads to one, and its fragment to an id there."""
    for name, page in pages.items():
        if name == "404.html":
            continue
        for link in page.links:
            if is_elsewhere(link) or urlsplit(link).scheme:
                continue
            target, fragment = urldefrag(link)
            path = os.path.normpath(Path(name).parent / unquote(target)) if target else name
            if path == "..":
                continue
            assert (site / path).exists(), (name, link)
            if fragment and path in pages and fragment != "__skip":
                assert unquote(fragment) in pages[path].ids, (name, link)


def test_every_command_and_option_stands_in_the_reference(pages: dict[str, Reader]) -> None:
    """Each command, those of groups too, has its section, and each of its options stands on the page."""
    page = pages["reference/command-line.html"]
    text = " ".join(page.text)
    for name, command in commands():
        assert re.search(rf"cleaner {name}\b", text), name
        for parameter in command.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert option in text or not option.startswith("-"), (name, option)


def test_every_public_name_stands_in_the_reference(pages: dict[str, Reader]) -> None:
    """Each name that `cleaner` offers is drawn with its docstring, and can be linked."""
    page = pages["reference/python.html"]
    text = " ".join(" ".join(page.text).split())
    for name in public_names():
        assert f"cleaner.{name}" in page.ids, name
        about = (getattr(cleaner, name).__doc__ or "").strip().split("\n")[0].replace("`", "")
        assert about[:40] in re.sub(r" ([.,;:)])", r"\1", text).replace("`", ""), name


def test_every_rule_and_class_can_be_linked(pages: dict[str, Reader]) -> None:
    """Each shipped rule and each class has an id on some page."""
    ids = set().union(*(page.ids for name, page in pages.items() if name.startswith("reference/rules/")))
    assert {head.id for head in load_shipped().heads} <= ids
    assert set(CLASSES) <= pages["reference/classes.html"].ids


def test_search_knows_what_is_looked_for(site: Path) -> None:
    """The index of the search holds every page, and the words of rules, keys and commands."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    assert {"tutorial.html", "design.html", "reference/rules/generic.html", "how-to/review.html"} <= found
    words = "\n".join(entry["title"] + entry["text"] for entry in index["docs"])
    for word in ("generic.ad-label", "same_as", "--shard-size", "CLEANER_CACHE", "write_compiled"):
        assert word in words
    assert (site / "search" / "search_index.js").exists()
