"""Pages of ours in a browser: no script error, no request, hostile text is text, and they can be read by anyone anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cleaner.bench.changes import Fall
from cleaner.bench.report import draw_report
from cleaner.cli.main import main
from cleaner.model import Document
from cleaner.report.page import draw_page
from cleaner.report.visible import escape
from tests.integrations.browser import PAPER, VIEWS, WIDE_PAPER, View, Visit, chromium, visit
from tests.making import LAST, MORE, PROSE, shipped
from tests.making_results import make_cases, make_results

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

HOSTILE = {
    "script": "</div></script></style></title></textarea><script>window.hostile = 1; alert(1)</script>",
    "attribute": '" onmouseover="window.hostile = 1" \' autofocus onfocus=\'window.hostile = 1',
    "image": "<img src=x onerror='window.hostile = 1'><svg onload='window.hostile = 1'><iframe srcdoc='<script>top.hostile = 1</script>'>",
    "comment": "<!-- <!--> --!> <![CDATA[ ]]> <!doctype html> </body></html><base href='https://evil.example/'>",
    "link": "<a href='javascript:window.hostile = 1'>Read</a> <meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "style": "</style><style>* { display: none } @import 'https://evil.example/a.css'</style><link rel=stylesheet href=//evil.example>",
    "template": "{{ 7 * 7 }} {% for a in b %} ${7 * 7} &lt;b&gt; &amp; &#x3c;script&#x3e; %3Cscript%3E \\u003cscript\\u003e \\x3c!--",
    "terminal": "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J \x9b31m back\b\b\bspace \r carriage \x00 nul \x7f delete \x85 next",
    "direction": "\u202eturned \u2066isolated \u200flast\u2069 \u061c \u2028 line \u2029 paragraph \u00ad soft \ufeff mark \u2060 \U000e0041",
    "surrogate": "half a pair \ud83d and the other \ude00, swapped \ude00\ud83d, private \ue000, no character \uffff \U0010ffff",
    "json": '"}]}</script><script>window.hostile = 1</script>{"a": [" \\',
    "long": "bridge" * 170_000,
}
"""Texts by which a page may be broken into, turned around or stretched; `window.hostile` tells whether anything ran."""


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as started:
        yield started


def explained(place: Path, text: str, **known: str) -> Path:
    """Write the page that `cleaner explain --html` makes of a text."""
    path = place / "page.html"
    document = Document("harbour-7", f"{PROSE}\n{MORE}\nAdvertisement\n{text}\n{LAST}", **known)
    path.write_text(draw_page(shipped().clean_document(document), shipped().ruleset), encoding="utf-8")
    return path


def assert_readable(found: Visit) -> None:
    """Hold a page to what every page of ours promises: at rest it is quiet, it fits, and all of it can be read and used."""
    found.unfold()
    assert found.problems == []
    assert found.overflow() == []
    assert found.faint() == []
    assert found.repeated_ids() == []
    assert found.nameless() == []
    assert found.unreachable() == []
    assert found.page.evaluate("typeof window.hostile") == "undefined"
    assert found.problems == []


@pytest.mark.parametrize("view", [*VIEWS, PAPER], ids=lambda view: view.name)
def test_an_explained_document_can_be_read(browser: sync_api.Browser, tmp_path: Path, view: View) -> None:
    """On a desk, a phone and paper, light and dark, the page is quiet, fits its window and has enough contrast."""
    path = explained(
        tmp_path, "Most read\n- Town sells its water tower\n- A fox in the cathedral\n- Choir looks for tenors"
    )
    with visit(browser, path, view) as found:
        assert_readable(found)
        assert found.page.locator("del.cut").count() >= 2


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_shown_as_text(browser: sync_api.Browser, tmp_path: Path, name: str) -> None:
    """What a document holds is shown with every character that hides or moves written out, and nothing of it runs."""
    path = explained(tmp_path, HOSTILE[name], url=HOSTILE[name][:500], title=HOSTILE[name][:500])
    with visit(browser, path, VIEWS[2]) as found:
        assert_readable(found)
        found.page.evaluate("document.querySelectorAll('.label').forEach(each => each.remove())")
        source = shipped().clean(f"{PROSE}\n{MORE}\nAdvertisement\n{HOSTILE[name]}\n{LAST}").source
        assert found.page.locator(".source").text_content() == escape(source)


def benchmark(place: Path) -> Path:
    """Write the report of a benchmark with all that it may hold, on cases with hostile texts, names and addresses."""
    results = make_results()
    failing = [
        scores.model_copy(
            update={"failures": tuple(one.model_copy(update={"reason": HOSTILE["image"]}) for one in scores.failures)}
        )
        for scores in results.tracks[0].peers
    ]
    first = results.tracks[0].model_copy(update={"about": HOSTILE["script"], "peers": tuple(failing)})
    made = results.made.model_copy(update={"command": HOSTILE["terminal"], "machine": HOSTILE["direction"]})
    results = results.model_copy(update={"tracks": (first, *results.tracks[1:]), "made": made})
    usual = make_cases(len(HOSTILE))
    cases = [
        replace(
            case,
            id=text[:300],
            set=text[:300],
            site=text[:300],
            url=text[:300],
            gold=text,
            ours=f"{PROSE}\n{text}",
            peers={text[:300]: text[:900]},
        )
        for case, text in zip(usual, HOSTILE.values(), strict=True)
    ]
    falls = [Fall("html", text[:300], text[:300], 0.9, 0.1) for text in HOSTILE.values()]
    path = place / "bench.html"
    path.write_text(draw_report(results, [*cases, *usual], make_results(shift=-0.01), falls), encoding="utf-8")
    return path


def bulk(place: Path) -> Path:
    """Clean hostile records and write the report of that run."""
    texts = [
        f"{PROSE}\n{MORE}\nAdvertisement\n{text}\n{LAST}\nMost read\n- A fox\n- A lamp\n- A choir"
        for text in HOSTILE.values()
    ]
    rows = [
        {
            "id": text[:300],
            "text": whole,
            "url": f"https://post.example/{text[:300]}",
            "source": text[:300],
            "lang": "en",
            "title": text[:300],
        }
        for text, whole in zip(HOSTILE.values(), texts, strict=True)
    ]
    rows += [{"id": number, "text": f"{PROSE} {number}\nAdvertisement\n{MORE}"} for number in range(60)]
    lines = [json.dumps(row) for row in rows] + [f'{{"text": "{text}' for text in HOSTILE.values()]
    (place / "in.jsonl").write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    path = place / "bulk.html"
    for words in (
        ("clean", place / "in.jsonl", "-o", place / "out.jsonl"),
        ("report", place / "out.jsonl", "-o", path, "--samples", 40),
    ):
        done = CliRunner().invoke(main, [*map(str, words), "--quiet"])
        assert done.exit_code in (0, 1), done.output
    return path


REPORTS = {"bench": benchmark, "bulk": bulk}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("reports")
    return {name: write(place) for name, write in REPORTS.items()}


@pytest.mark.parametrize("view", [*VIEWS, WIDE_PAPER], ids=lambda view: view.name)
@pytest.mark.parametrize("name", REPORTS)
def test_reports_can_be_read(browser: sync_api.Browser, reports: dict[str, Path], name: str, view: View) -> None:
    """A report on hostile documents runs nothing of theirs, asks for nothing, fits, and can be read and used, all unfolded."""
    with visit(browser, reports[name], view) as found:
        assert_readable(found)
        print(f"{name}, {view.name}: {found.figures()}")


@pytest.mark.parametrize("name", REPORTS)
def test_reports_show_hostile_text_as_text(browser: sync_api.Browser, reports: dict[str, Path], name: str) -> None:
    """The beginning of each hostile text is on the page, with every character that hides or moves written out."""
    with visit(browser, reports[name], VIEWS[0]) as found:
        shown = " ".join(found.page.evaluate("document.body.textContent").split())
        for text in HOSTILE.values():
            assert " ".join(escape(text).split())[:40] in shown


def count(found: Visit, selector: str) -> int:
    return found.page.locator(f"{selector}:visible").count()


@pytest.mark.parametrize(("name", "box", "item"), [("bench", "[name=search]", ".case"), ("bulk", "#words", ".doc")])
def test_documents_are_looked_for(
    browser: sync_api.Browser, reports: dict[str, Path], name: str, box: str, item: str
) -> None:
    """Words typed into the search leave the documents that hold them all, and none where nothing does; whatever is typed."""
    with visit(browser, reports[name], VIEWS[0]) as found:
        total = count(found, item)
        seen: Sequence[int] = [total]
        known = found.page.locator(f"{item} .id").first.inner_text().split()[0]
        for words in (known, f"{known} nowhere", ".*", HOSTILE["script"], ""):
            found.page.locator(box).fill(words)
            found.page.wait_for_timeout(250)
            seen = [*seen, count(found, item)]
        assert seen[-1] == total
        assert 0 < seen[1] < total
        assert seen[2] == 0
        assert seen[3] == 0
        assert found.problems == []


@pytest.mark.parametrize(("name", "item"), [("bench", ".case"), ("bulk", ".doc")])
def test_reports_need_no_script(browser: sync_api.Browser, reports: dict[str, Path], name: str, item: str) -> None:
    """Without scripts everything is there and opens; what would need them is not shown."""
    with visit(browser, reports[name], replace(VIEWS[0], scripts=False)) as found:
        first = found.page.locator(item).first
        first.locator("summary").click()
        assert first.locator("summary ~ *").first.is_visible()
        assert count(found, ":is(input, select)") == 0
        assert found.problems == []


FAULTS = {
    "script error": ("<script>nothing.here</script>", "script: nothing is not defined"),
    "promise": ("<script>Promise.reject(new Error('late'))</script>", "script: late"),
    "console": ("<script>console.warn('old')</script>", "warning: old"),
    "picture": ("<img src=https://post.example/a.png alt=''>", "request: GET https://post.example/a.png"),
    "font": (
        "<style>@font-face { font-family: a; src: url(b.woff2) } p { font-family: a }</style><p>Text",
        "request: GET file:",
    ),
    "beacon": ("<script>navigator.sendBeacon('https://post.example/')</script>", "request: POST https://post.example/"),
    "neighbour": ("<iframe src=other.html title=other></iframe>", "request: GET file:"),
    "policy": (
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><img src=data:, alt=''>",
        "error: Loading the image 'data:,' violates",
    ),
    "dialog": ("<script>alert('now')</script>", "dialog: now"),
    "window": ("<script>open('about:blank')</script>", "window: about:blank"),
    "refresh": (
        "<meta http-equiv=refresh content='0;url=https://post.example/'>",
        "request: GET https://post.example/",
    ),
    "wide": ("<div style='width: 500px'>Wide</div>", "page 50"),
    "long": ("<p>" + "bridge" * 100, "page "),
    "faint": ("<p style='color: #999'>Faint", '2.85 p "Faint" 153,153,153 on 255,255,255'),
    "faint by opacity": ("<div style='opacity: .5'><p>Faint", '3.98 p "Faint" 128,128,128 on 255,255,255'),
    "dark on dark": ("<p style='background: #333'><b>Dark", '1.66 b "Dark" 0,0,0 on 51,51,51'),
    "faint on a mixed colour": (
        "<p style='background: color-mix(in oklab, #777 60%, white)'><b style='color: #fff'>Faint",
        "2.",
    ),
    "faint drawing": (
        "<svg aria-label=a width=90 height=30><rect width=90 height=30 fill=navy /><text y=20>Dark</text></svg>",
        '1.31 text "Dark" 0,0,0 on 0,0,128',
    ),
    "folded": ("<details><summary>More</summary><p style='color: #aaa'>Faint</details>", '2.32 p "Faint"'),
    "twice": ("<p id=a>One<p id=a>Two", "a"),
    "no name": ("<button></button>", 'button ""'),
    "no name for a drawing": ("<svg><rect width=9 height=9 /></svg>", 'svg ""'),
    "left out by Tab": ("<a href=#a tabindex=-1>Skipped</a><a href=#b>Next</a>", 'a "Skipped"'),
}
"""Parts of a page with what the checks say of them."""


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_found(browser: sync_api.Browser, tmp_path: Path, name: str) -> None:
    """The checks fail a page for each of these faults, and for nothing else that is in it."""
    part, said = FAULTS[name]
    path = tmp_path / "page.html"
    head = "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>a</title>"
    path.write_text(f"{head}{part}", encoding="utf-8")
    with visit(browser, path, VIEWS[2]) as found:
        found.page.wait_for_timeout(200)
        told = [*found.problems]
        if name != "refresh":  # that page is gone by now, or about to go
            found.unfold()
            told += [*found.overflow(), *found.faint(), *found.repeated_ids(), *found.nameless(), *found.unreachable()]
    assert told
    assert told[0].startswith(said)


def test_a_plain_page_has_no_fault(browser: sync_api.Browser, tmp_path: Path) -> None:
    """A page with a wide table that scrolls by itself, a form and a drawing passes, in light and in dark."""
    path = tmp_path / "page.html"
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>a</title>"
        "<style>:root { color-scheme: light dark }</style><h1>Bridges</h1>"
        "<div style='overflow-x: auto'><table style='width: 900px'><tr><td>Wide</table></div>"
        "<label>Look for <input></label><label><input type=radio name=a checked>One</label><label><input type=radio name=a>Two</label>"
        "<details><summary>More</summary><a href='#a'>Up</a></details>"
        "<svg role=img width=90 height=30><title>A bar</title><rect width=90 height=30 fill=navy /><text y=20 fill=white>9</text></svg>"
        "<script>document.title = 'b'</script>",
        encoding="utf-8",
    )
    for view in VIEWS:
        with visit(browser, path, view) as found:
            assert_readable(found)
            assert found.figures()["elements"] > 10
