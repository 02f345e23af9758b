"""The page of `cleaner report` in a browser: rules and documents can be sifted and sorted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cleaner.cli.main import main
from tests.integrations.browser import VIEWS, chromium, visit
from tests.making import LAST, MORE, PROSE

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

from tests.integrations.test_browser import HOSTILE  # noqa: E402 - it skips where there is no browser


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Report on records that hold every hostile text as text, id, source, language and title, some of them rejected."""
    folder = tmp_path_factory.mktemp("page")
    rows: list[dict[str, Any]] = [{"id": "plain", "text": f"{PROSE}\nAdvertisement\n{MORE}", "source": "Harbour Post"}]
    for name, text in HOSTILE.items():
        known = {"id": f"{name} {text[:300]}", "source": text[:200], "lang": text[:90], "title": text[:300]}
        rows += [
            {**known, "text": f"{PROSE} {text}\nAdvertisement\n{MORE}\nRead also: {text[:200]}\n{LAST}"},
            {**known, "text": 12, "note": text[:500]},
        ]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    runner = CliRunner()
    assert runner.invoke(main, ["clean", f"{folder}/in.jsonl", "-o", f"{folder}/out.jsonl", "-q"]).exit_code == 1
    told = runner.invoke(main, ["report", f"{folder}/out.jsonl", "-o", f"{folder}/page.html", "-q"])
    assert (told.exit_code, told.output) == (0, "")
    return folder / "page.html"


def test_what_is_shown_can_be_sifted(browser: sync_api.Browser, page: Path) -> None:
    """Words and choices hide what does not fit, of rules and of documents; clearing brings all of it back."""
    with visit(browser, page, VIEWS[0]) as found:
        opened = found.page
        shown = opened.locator(".doc:not([hidden])")
        rules = opened.locator(".rule:not([hidden])")
        all_shown, all_rules = shown.count(), rules.count()
        opened.fill("#words", "harbour post")
        opened.wait_for_timeout(300)
        assert (shown.count(), opened.locator("#found").inner_text()) == (
            1,
            f"{rules.count()} of {all_rules} rules, 1 of {all_shown} documents",
        )
        opened.click("#clear")
        assert (shown.count(), rules.count()) == (all_shown, all_rules)
        opened.select_option("#class", "ad")
        assert 0 < rules.count() < all_rules
        opened.click("#clear")
        opened.select_option("#source", label="Harbour Post")
        assert shown.count() == 1
        assert rules.count() == 1
        opened.click("#clear")
        opened.click("button[data-by='0']")
        cuts = [int(text.split()[0]) for text in opened.locator(".rule [data-unit=cuts]").all_inner_texts()]
        assert cuts == sorted(cuts, reverse=True)
        opened.select_option("#class", "ad")
        opened.click("#unfold")
        assert opened.locator(".item[open]").count() == opened.locator(".item:not([hidden])").count() > 0
        opened.click("#unfold")
        assert opened.locator(".item[open]").count() == 0
        assert found.problems == []
