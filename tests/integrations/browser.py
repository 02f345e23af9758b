"""Open a page of ours in headless Chromium, as a reader would, and note what goes wrong: errors, requests, text that cannot be read.

`python -m tests.integrations.browser FILE --out FOLDER` draws it on a desk, on a phone and on paper, light and dark.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCRIPTS = Path(__file__).parent / "page.js"
LONGEST = 12_000  # pixels of a page that are drawn
Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class View:
    """Name a window: its size in CSS pixels, and what its owner prefers."""

    name: str
    width: int
    height: int
    scheme: Scheme
    phone: bool = False
    still: bool = False
    scripts: bool = True
    print: bool = False


VIEWS = (
    View("desk-light", 1280, 800, "light"),
    View("desk-dark", 1280, 800, "dark"),
    View("phone-light", 390, 844, "light", phone=True),
    View("phone-dark", 390, 844, "dark", phone=True, still=True),
)
PAPER = View("paper", 794, 1123, "light", print=True)
WIDE_PAPER = View("wide-paper", 1017, 690, "light", print=True)
"""A sheet of A4 on its side, without its margins."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Hold a page that is open; `problems` are what the browser complained of or was asked to do since it opened."""

    page: Page
    view: View
    problems: list[str] = field(default_factory=list)

    def ask(self, question: str, *arguments: Any) -> Any:
        """Call one of the functions of `page.js`."""
        return self.page.evaluate(f"arguments_ => window.asked.{question}(...arguments_)", list(arguments))

    def unfold(self) -> None:
        """Open whatever is folded away."""
        self.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")

    def overflow(self) -> list[str]:
        """List elements that reach beyond the window and do not scroll by themselves; none where the page is no wider."""
        return list(self.ask("overflow", self.view.width))

    def faint(self, least: float = 4.5) -> list[str]:
        """List visible text whose contrast with what lies behind it is below WCAG's 4.5."""
        return list(self.ask("faint", least))

    def repeated_ids(self) -> list[str]:
        """List ids that stand more than once."""
        return list(self.ask("repeatedIds"))

    def nameless(self) -> list[str]:
        """List things to press, fill in or look at that have no name for those who do not see them."""
        return list(self.ask("nameless"))

    def unreachable(self, most: int = 400) -> list[str]:
        """Press Tab through the page, and list what can be pressed or filled in but is not come by."""
        total = self.ask("markInteractive")
        for _ in range(min(total, most) + 2):
            self.page.keyboard.press("Tab")
            self.ask("noteFocus")
        return list(self.ask("unreached", total <= most))

    def figures(self) -> dict[str, float]:
        """Return how long the page took: milliseconds until it was parsed, loaded and painted, and how many elements it has."""
        return dict(self.ask("figures"))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser that is installed; nothing is downloaded."""
    from playwright.sync_api import sync_playwright

    if not CHROMIUM.exists():
        raise FileNotFoundError(f"no browser at {CHROMIUM}: install chromium, or name one by CHROMIUM=PATH")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visit(browser: Browser, path: Path, view: View, fragment: str = "") -> Iterator[Visit]:
    """Open a file in a fresh context without a network; whatever it asks for beside itself is refused and noted."""
    address = path.resolve().as_uri()
    with _open(browser, view, lambda url: url.split("#")[0] == address, offline=True) as found:
        found.page.goto(f"{address}{fragment}", wait_until="load")
        yield found


@contextmanager
def visit_server(browser: Browser, address: str, view: View, fragment: str = "") -> Iterator[Visit]:
    """Open a page of a server of ours in a fresh context; whatever it asks of anybody else is refused and noted."""
    with _open(browser, view, lambda url: url.startswith(address), offline=False) as found:
        found.page.goto(f"{address}{fragment}", wait_until="load")
        yield found


@contextmanager
def _open(browser: Browser, view: View, is_ours: Callable[[str], bool], offline: bool) -> Iterator[Visit]:
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        color_scheme=view.scheme,
        reduced_motion="reduce" if view.still else "no-preference",
        is_mobile=view.phone,
        has_touch=view.phone,
        device_scale_factor=2 if view.phone else 1,
        java_script_enabled=view.scripts,
        offline=offline,
    )
    try:
        page = context.new_page()
        found = Visit(page, view)
        _watch(found, is_ours)
        if view.print:
            page.emulate_media(media="print")
        yield found
    finally:
        context.close()


def _watch(found: Visit, is_ours: Callable[[str], bool]) -> None:
    page, note = found.page, found.problems.append
    page.add_init_script(path=SCRIPTS)

    def decide(route: Any) -> None:
        if is_ours(route.request.url):
            route.continue_()
        else:
            note(f"request: {route.request.method} {route.request.url[:200]}")
            route.abort()

    def dismiss(dialog: Any) -> None:
        note(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.route("**/*", decide)
    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: note(f"script: {error}"))
    page.on("popup", lambda popup: note(f"window: {popup.url}"))
    page.on("download", lambda file: note(f"download: {file.url[:200]}"))
    page.on("crash", lambda _: note("the page crashed"))
    page.on("console", lambda line: note(f"{line.type}: {line.text}") if line.type in ("error", "warning") else None)


def shoot(browser: Browser, path: Path, view: View, out: Path) -> Path:
    """Draw a page from its top down, and on paper as a PDF too."""
    with visit(browser, path, view) as found:
        height = min(LONGEST, found.page.evaluate("document.scrollingElement.scrollHeight"))
        found.page.set_viewport_size({"width": view.width, "height": height})  # what is out of sight may not be drawn
        picture = out / f"{path.stem}-{view.name}.png"
        found.page.screenshot(path=picture)
        if view.print:
            found.page.pdf(path=picture.with_suffix(".pdf"), prefer_css_page_size=True)
    return picture


def main() -> None:
    """Draw the files named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, default=Path("build/pictures"), help="where pictures go")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for path in options.files:
            for view in (*VIEWS, WIDE_PAPER):
                print(shoot(browser, path, view, options.out))


if __name__ == "__main__":
    main()
