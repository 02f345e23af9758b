"""The documentation site in a browser: it asks nothing of anybody else, search works, and all of it can be read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.browser import SCRIPTS, VIEWS, View, Visit, chromium

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

SITE = Path(__file__).parent.parent.parent / "build" / "site"
PAGES = ("tutorial", "reference/rule-files", "reference/command-line", "reference/python")

pytestmark = pytest.mark.skipif(not (SITE / "index.html").exists(), reason="needs the site: make docs")


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without a line for each."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@contextmanager
def opened(browser: sync_api.Browser, address: str, name: str, view: View) -> Iterator[Visit]:
    """Open a page of the site; every request that leaves the site, and every complaint, is noted."""
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        color_scheme=view.scheme,
        is_mobile=view.phone,
        has_touch=view.phone,
    )
    try:
        page = context.new_page()
        found = Visit(page, view)
        page.add_init_script(path=SCRIPTS)
        page.on("request", lambda made: None if is_ours(made.url, address) else found.problems.append(made.url))
        page.on("requestfailed", lambda made: found.problems.append(f"failed: {made.url}"))
        page.on("pageerror", lambda error: found.problems.append(f"script: {error}"))
        page.on("console", lambda line: found.problems.append(line.text) if line.type == "error" else None)
        page.goto(f"{address}{name}.html", wait_until="networkidle")
        yield found
    finally:
        context.close()


def is_ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:", "about:"))


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_can_be_read_and_asks_nothing_of_others(
    browser: sync_api.Browser, address: str, name: str, view: View
) -> None:
    """No request leaves the site, nothing is wider than the window, and text stands out from its ground."""
    with opened(browser, address, name, view) as found:
        assert found.problems == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= view.width
        scheme = "slate" if view.scheme == "dark" else "default"
        found.page.wait_for_function("wanted => document.body.dataset.mdColorScheme === wanted", arg=scheme)
        assert found.faint() == []


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "from disk"])
@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("generic.ad-label", "reference/rules/generic.html"),
        ("shard-size", "how-to/dump.html"),
        ("same_as", "reference/rule-files.html"),
    ],
)
def test_search_finds(browser: sync_api.Browser, address: str, from_disk: bool, words: str, page: str) -> None:
    """What is typed into the search leads to its page, served and read from disk, and again nothing is fetched elsewhere."""
    base = f"{SITE.resolve().as_uri()}/" if from_disk else address
    with opened(browser, base, "index", VIEWS[0]) as found:
        found.page.keyboard.press("/")
        found.page.keyboard.type(words)
        links = found.page.locator(".md-search-result__link")
        links.first.wait_for()
        assert any(page in (link.get_attribute("href") or "") for link in links.all())
        assert found.problems == []


def test_the_switch_of_light_and_dark_is_kept(browser: sync_api.Browser, address: str) -> None:
    """A reader's choice holds on the next page."""
    with opened(browser, address, "index", VIEWS[0]) as found:
        for _ in range(3):
            if found.page.evaluate("document.body.dataset.mdColorScheme") == "slate":
                break
            found.page.locator("form[data-md-component=palette] label:visible").click()
        found.page.goto(f"{address}tutorial.html")
        assert found.page.evaluate("document.body.dataset.mdColorScheme") == "slate"
        assert found.problems == []
