"""The playground in a browser, in front of a server that really runs: all that a rule author does there, and what a page may not do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from cleaner.report.visible import escape
from tests.integrations.browser import VIEWS, View, Visit, chromium, visit_server
from tests.making import LAST, MORE, PROSE

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

from tests.integrations.test_browser import HOSTILE  # noqa: E402 - it skips where there is no browser

ROOT = Path(__file__).parents[2]
SEED = sorted((ROOT / "seeds").glob("*.txt"))[0]
TOKEN = "a-token-of-this-test"
TEXT = f"{PROSE}\n{MORE}\nAdvertisement\n{LAST}"
NOTE = "Note of the harbour office"
NOTE_RULE = f"""rules:
  - id: test.note
    rev: 1
    status: test
    class: chrome
    why: A note that may stand in one document thousands of times.
    line: {{eq: "{NOTE}", whole: true}}
    guard: {{max_hits: 9000}}
    action: drop
    tests:
      - {{in: "One.\\n{NOTE}\\nTwo.", out: "One.\\nTwo."}}
      - {{keep: "{NOTE} was lost."}}
"""
PATIENCE = 60_000  # milliseconds: on a busy machine all of this takes its time


@dataclass(frozen=True, slots=True)
class Server:
    """Hold a server that runs: its address, and the folder it saves in."""

    address: str
    folder: Path
    process: subprocess.Popen[str]


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Run `cleaner serve` over the seeds in a process of its own, on any free port."""
    words = ("serve", SEED.parent, "--save", folder, "--port", "0", "--no-browser", "--token", TOKEN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "cleaner", *map(str, words)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            address = re.search(r"http://\S+/", process.stdout.readline())
            assert address, "the server printed its address"
            warm(address[0])
            yield Server(address[0], folder, process)
        finally:
            process.terminate()


def warm(address: str) -> None:
    """Ask until rules and libraries are loaded, which takes a busy machine longer than one question may take."""
    draft = {"text": Path(ROOT / "rules/generic/ad.yaml").read_text(encoding="utf-8")}
    for path, body in (
        ("clean", {"document": {"id": "", "text": TEXT}}),
        ("check", {"draft": draft}),
        ("test", {"draft": draft}),
    ):
        request = Request(f"{address}api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        for _ in range(12):
            with suppress(HTTPError), urlopen(request):
                break


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("serve") / "own"
    folder.mkdir()
    (folder / "notes.yaml").write_text(NOTE_RULE, encoding="utf-8")
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as started:
        yield started


@contextmanager
def at(browser: sync_api.Browser, server: Server, view: View = VIEWS[0], fragment: str = "") -> Iterator[Visit]:
    with visit_server(browser, server.address, view, fragment) as found:
        found.page.set_default_timeout(PATIENCE)
        until(found.page, "document.getElementById('about').textContent")
        yield found


def paste(found: Visit, text: str) -> None:
    """Put a text into the page, as the clipboard would, and wait until it is drawn."""
    found.page.locator("#paste").click()
    found.page.locator("#text").evaluate("(field, text) => { field.value = text; }", text)
    found.page.locator("#blank button[type=submit]").click()
    for _ in range(6):
        found.page.wait_for_selector("#source .sheet, #trouble:not([hidden])")
        if found.page.locator("#source .sheet").count():
            break
        found.page.get_by_role("button", name="Try again").click()  # a busy machine takes longer than a question may
    found.page.wait_for_selector("#source .sheet")
    found.problems[:] = [told for told in found.problems if "503" not in told]


def until(page: sync_api.Page, condition: str) -> None:
    """Wait until an expression holds on the page, whose policy forbids what Playwright would wait with."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(f"Boolean({condition})"):
        assert time.monotonic() < end, f"it never came to this: {condition}"
        page.wait_for_timeout(50)


def shown(found: Visit) -> str:
    return str(found.page.locator("#source > .source").text_content())


def retype(found: Visit, line: str, old: str, new: str) -> None:
    """Replace what stands last but one in a line of the editor, key by key."""
    page = found.page
    page.locator(".cm-line", has_text=line).click()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    for _ in old:
        page.keyboard.press("Backspace")
    page.keyboard.type(new)


def rules_told(page: sync_api.Page) -> int:
    """Return how many rules the foot of the page says there are."""
    return int(re.search(r"([0-9]+) rules", page.locator("#about").inner_text())[1])


def test_whole_path(browser: sync_api.Browser, server: Server) -> None:
    """Paste a seed, press a cut, edit its rule, see what changes, run the tests, save, reload: all of it is still there."""
    with at(browser, server) as found:
        page = found.page
        paste(found, SEED.read_text(encoding="utf-8"))
        cut = page.locator("#source .cut[data-rules~='generic.caption-credit']").first
        text = cut.inner_text()
        cut.hover()
        assert "generic.caption-credit" in page.locator("#card").inner_text()
        assert "caption" in page.locator("#card").inner_text()
        cut.click()
        page.wait_for_selector("#tab-tests .badge.good")
        retype(found, "first: 8", "8", "1")
        page.wait_for_selector("#source [data-change=kept]")
        assert page.locator("#source [data-change=kept]").first.inner_text().strip() == text.strip()
        assert page.locator("#tab-here .badge.kept").inner_text() == "−1"
        page.wait_for_selector("#tab-corpus .badge.kept")
        page.locator("#run").click()
        page.wait_for_selector("#panel .failed")
        page.locator("#panel .failed button").first.click()
        assert "in:" in page.locator(".cm-activeLine").inner_text()
        retype(found, "first: 1", "1", "9")
        page.wait_for_selector("#tab-tests .badge.good")
        count = rules_told(page)
        page.keyboard.press("Control+s")
        page.locator("#file-name").fill("harbour.yaml")
        page.keyboard.press("Enter")
        until(page, "document.getElementById('told').textContent.includes('Saved in')")
        until(page, f"document.getElementById('about').textContent.includes('{count + 1} rules')")
        saved = (server.folder / "harbour.yaml").read_text(encoding="utf-8")
        assert "first: 9" in saved
        name = page.locator("#rule-name").inner_text()
        assert name in saved
        assert name != "generic.caption-credit"
        assert page.locator("#dot").is_hidden()
        drawing = shown(found)
        page.reload()
        page.wait_for_selector("#source .sheet")
        page.wait_for_selector(".cm-line >> text=first: 9")
        assert (page.locator("#rule-name").inner_text(), shown(found)) == (name, drawing)
        assert page.locator(f"#source .cut[data-rules~='{name}']").first.inner_text() == text
        assert found.problems == []


def test_what_is_not_saved_survives(browser: sync_api.Browser, server: Server) -> None:
    """Who leaves is warned while a rule is not saved; a reload brings the document and the draft back."""
    with at(browser, server) as found:
        page = found.page
        paste(found, TEXT)
        page.locator("#new-rule").click()
        page.locator(".cm-content").press_sequentially("# mine\n")
        page.wait_for_selector("#dot", state="attached")
        warned = page.evaluate(
            "(() => { const leaving = new Event('beforeunload', { cancelable: true });"
            " dispatchEvent(leaving); return leaving.defaultPrevented; })()"
        )
        assert warned
        kept = json.dumps(page.evaluate("sessionStorage.getItem('cleaner-desk')"))
        again = page.context.new_page()
        again.add_init_script(f"sessionStorage.setItem('cleaner-desk', {kept})")
        again.goto(server.address)
        again.wait_for_selector(".cm-line >> text=# mine", timeout=PATIENCE)
        again.wait_for_selector("#source .cut", timeout=PATIENCE)
        assert again.locator("#rule-about").inner_text().endswith("not saved")


def test_rule_from_selection(browser: sync_api.Browser, server: Server) -> None:
    """By keyboard alone: a text is cleaned, a line marked, a rule proposed and taken; the draft cuts that line and no other."""
    line = "Harbour Post Plus: 20 weeks for 20 crowns"
    with at(browser, server) as found:
        page = found.page
        page.locator("#text").focus()
        page.keyboard.insert_text(f"{PROSE}\n{MORE}\n{line}\n{LAST}")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#source .sheet")
        page.keyboard.press("d")
        for _ in range(20):
            page.keyboard.press("j")
            if page.evaluate("getSelection().toString()") == line:
                break
        page.keyboard.press("m")
        page.wait_for_selector(".proposal >> nth=0")
        assert line in page.locator(".proposals blockquote").inner_text()
        page.keyboard.press("Enter")
        page.wait_for_selector("#source .cut[data-change=cut]")
        assert page.locator("#source .cut[data-change=cut]").all_inner_texts() == [line]
        assert page.evaluate("document.activeElement.closest('.cm-editor') !== null")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector("#panel .passed")
        assert page.locator("#panel .failed").count() == 0
        assert found.problems == []


def test_faults_are_told_where_they_are(browser: sync_api.Browser, server: Server) -> None:
    """A fault is underlined in its line and listed with it; pressing it leads there; once mended, it is gone."""
    with at(browser, server) as found:
        page = found.page
        page.locator("#new-rule").click()
        page.wait_for_selector("#tab-problems .badge")
        page.locator(".cm-line", has_text="class: other").click()
        page.keyboard.press("End")
        page.keyboard.type("wise")
        page.wait_for_selector("#panel .error")
        assert (
            page.locator("#panel .error button")
            .first.inner_text()
            .split(maxsplit=2)[2]
            .startswith("error: class: found 'otherwise'")
        )
        page.wait_for_selector(".cm-lintRange-error")
        page.locator("#panel .error button").first.click()
        assert "otherwise" in page.locator(".cm-activeLine").inner_text()
        page.keyboard.press("End")
        for _ in "otherwise":
            page.keyboard.press("Backspace")
        page.keyboard.press("Control+Space")
        page.wait_for_selector(".cm-tooltip-autocomplete")
        assert "newsletter" in page.locator(".cm-tooltip-autocomplete").inner_text()
        page.keyboard.type("ad")
        page.keyboard.press("Escape")
        page.wait_for_selector(".cm-lintRange-error", state="detached")


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "long"])
def test_hostile_text_is_shown_as_text(browser: sync_api.Browser, server: Server, name: str) -> None:
    """What a document holds is shown with every character that hides or moves written out, and nothing of it runs."""
    with at(browser, server) as found:
        paste(found, f"{PROSE}\n{MORE}\nAdvertisement\n{HOSTILE[name]}\n{LAST}\nBridge {HOSTILE[name][:80]}")
        drawn = shown(found)
        for part in HOSTILE[name].split():
            assert escape(part.encode("utf-8", "replace").decode()) in drawn or escape(part) in drawn or name in CHANGED
        assert found.page.locator("#source :not(div, span, del)").count() == 0
        found.page.keyboard.press("n")
        assert found.page.evaluate("typeof window.hostile") == "undefined"
        assert found.problems == []


CHANGED = ("surrogate", "terminal", "direction", "template", "long")
"""Those whose characters a field of a page, or the repair of texts, changes before they are drawn."""


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_page_can_be_read(browser: sync_api.Browser, server: Server, view: View) -> None:
    """On a desk and a phone, light and dark, each part fits, has names and contrast, and is come by with Tab."""
    with at(browser, server, view, "#document=" + SEED.stem + "&rule=generic.ad-label") as found:
        page = found.page
        page.wait_for_selector("#source .cut")
        page.wait_for_selector(".cm-content", state="attached")
        for pane in ("document", "rule", "results"):
            page.evaluate(f"document.body.dataset.pane = '{pane}'")
            assert (found.overflow(), found.faint(), found.repeated_ids(), found.nameless()) == ([], [], [], [])
        page.evaluate("document.body.dataset.pane = 'document'")
        page.keyboard.press("Escape")
        left = found.unreachable()
        assert [each for each in left if "cm-" not in each] == []
        page.locator("#keys").click()
        assert (found.overflow(), found.faint(), found.nameless()) == ([], [], [])
        assert found.problems == []


@pytest.mark.parametrize("view", VIEWS[:2], ids=lambda view: view.name)
def test_light_and_dark_are_chosen(browser: sync_api.Browser, server: Server, view: View) -> None:
    """The button turns the page dark, or light, whatever the system prefers; a reload keeps that, and all can be read."""
    with at(browser, server, view) as found:
        ground = "getComputedStyle(document.body).backgroundColor"
        before = found.page.evaluate(ground)
        found.page.locator("#theme").click()
        chosen = found.page.evaluate(ground)
        found.page.reload()
        paste(found, TEXT)
        assert found.page.evaluate(ground) == chosen != before
        assert found.faint() == []


def test_documents_and_rules_are_found_by_keyboard(browser: sync_api.Browser, server: Server) -> None:
    """Documents and rules are searched and taken with keys; n goes from cut to cut, Enter opens the rule, Escape goes back."""
    with at(browser, server) as found:
        page = found.page
        page.keyboard.press("o")
        page.wait_for_selector("[role=option]")
        page.keyboard.type(SEED.stem[:8])
        until(page, "document.querySelectorAll('[role=option]').length === 1")
        page.keyboard.press("Enter")
        page.wait_for_selector("#source .cut")
        assert f"#document={SEED.stem}" in page.url
        stops = []
        for _ in range(3):
            page.keyboard.press("n")
            stops.append(page.evaluate("document.activeElement.dataset.at"))
        assert stops == sorted(set(stops), key=int)
        page.keyboard.press("Shift+N")
        assert page.evaluate("document.activeElement.dataset.at") == stops[1]
        assert page.locator("#source [tabindex='0']").count() == 1
        page.keyboard.press("Enter")
        page.wait_for_selector(".cm-content")
        until(page, "document.activeElement.closest('.cm-editor')")
        page.keyboard.press("Escape")
        until(page, "document.activeElement.matches('#source .cut')")
        page.keyboard.press("r")
        page.wait_for_selector("[role=option]")
        page.keyboard.type("generic.ad-label")
        until(page, "document.querySelector('[role=option]')?.textContent.includes('generic.ad-label')")
        page.keyboard.press("Enter")
        until(page, "document.getElementById('rule-name').textContent === 'generic.ad-label'")
        assert "rule=generic.ad-label" in page.url
        assert found.problems == []


def test_view_and_legend(browser: sync_api.Browser, server: Server) -> None:
    """Kept only shows exactly the cleaned text; a class of the legend, pressed, dims the cuts of all others."""
    with at(browser, server) as found:
        page = found.page
        paste(found, TEXT)
        page.locator(".choice span", has_text="Kept only").click()
        assert page.locator("#source").inner_text().strip() == f"{PROSE}\n{MORE}\n{LAST}".strip()
        page.locator(".choice span", has_text="Marked").click()
        page.locator("#legend button").first.click()
        assert page.locator("#legend button").first.get_attribute("aria-pressed") == "true"
        assert found.faint() == []


def test_strangers_are_refused(browser: sync_api.Browser, server: Server) -> None:
    """Without the token, by another name, from another page, or beside the closed list of files, nothing is given."""
    origin = server.address.removesuffix(f"{TOKEN}/")
    with at(browser, server) as found:
        page = found.page
        statuses = page.evaluate(
            """addresses => Promise.all(addresses.map(each => fetch(each).then(answer => answer.status, () => 'none')))""",
            [
                f"{server.address}static/..%2f..%2fdesk.py",
                f"{server.address}static/%252e%252e%252fdesk.py",
                f"{server.address}static/nothing.js",
            ],
        )
        assert set(statuses) == {404}
    context = browser.new_context()
    try:
        page = context.new_page()
        for path, status in (("", 404), ("api/start", 404), ("a-token-of-nobody/", 404), (f"{TOKEN}/", 200)):
            answer = page.goto(f"{origin}{path}")
            assert answer is not None
            assert answer.status == status
        page.goto("about:blank")
        told = page.evaluate(
            """address => fetch(address + 'api/start').then(answer => answer.status, error => String(error))""",
            server.address,
        )
        assert "TypeError" in str(told), "a page of another origin reads nothing"
        by_name = context.request.get(f"{server.address}api/start", headers={"Host": "evil.example"})
        assert by_name.status == 421
        from_page = context.request.get(f"{server.address}api/start", headers={"Origin": "https://evil.example"})
        assert from_page.status == 403
    finally:
        context.close()


def test_lost_server_is_told(browser: sync_api.Browser, tmp_path: Path) -> None:
    """When the server ends, the page says so, and keeps what was written."""
    with serving(tmp_path / "own") as running, at(browser, running) as found:
        page = found.page
        paste(found, TEXT)
        running.process.terminate()
        running.process.wait(30)
        page.locator("#find-rule").click()
        page.wait_for_selector("#trouble:not([hidden])")
        assert "does not answer" in page.locator("#trouble").inner_text()


def test_figures(browser: sync_api.Browser, server: Server) -> None:
    """First paint, and a document of 1 MB with 8,000 cuts, are on the screen soon; how soon is printed."""
    text = "".join(f"{PROSE} {number}.\n{NOTE}\n" for number in range(8_000))
    with at(browser, server) as found:
        page = found.page
        page.reload()
        until(page, "document.getElementById('about').textContent")
        painted = found.figures()["painted"]
        paste(found, text)
        until(page, "performance.getEntriesByName('cleaner-draw').length")
        cuts = page.locator("#source .cut").count()
        waited, drawn = (
            page.evaluate(f"performance.getEntriesByName('{name}')[0].duration")
            for name in ("cleaner-answer", "cleaner-draw")
        )
        print(
            f"first paint {painted:.0f} ms; {len(text):,} characters, {cuts} cuts: answer {waited:.0f} ms, drawn {drawn:.0f} ms"
        )
        assert cuts > 7_500
        assert painted < 2_000
        assert drawn < 2_000
