"""Scrapy: items of every kind and responses are cleaned as the command line cleans them, and each is accounted for."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import re
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pydantic
import pytest

pytest.importorskip("scrapy", reason="Scrapy has an environment of its own")

import scrapy
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.utils.test import get_crawler

from cleaner import Cleaner, OptionError, RuleError
from cleaner.adapters import scrapy as adapter
from cleaner.adapters.scrapy import CleanerMiddleware, CleanerPipeline
from cleaner.io.record import describe
from cleaner.model import Page
from tests.integrations.conftest import NOISY, python
from tests.integrations.pages import OFFLINE, PAGES, by_hand, lines_of, run_guide, served, write_pages
from tests.making import LAST, MORE, PROSE, rule, shipped

CLEAN = f"{PROSE}\n{MORE}"


@pytest.fixture(scope="module", autouse=True)
def _one_cleaner() -> Iterator[None]:
    """Compile the shipped rules once, not for each crawler of a test."""
    made = adapter._cleaner

    def cached(settings: Any) -> Cleaner:
        chosen = any(settings.get(f"CLEANER_{name}") for name in ("RULES", "PACKS", "ONLY", "WITHOUT", "FAST"))
        return made(settings) if chosen else shipped()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adapter, "_cleaner", cached)
        yield


def crawler(**settings: Any) -> Crawler:
    made = get_crawler(Spider, settings)
    made.spider = made._create_spider("news")
    return made


def pipeline(**settings: Any) -> tuple[CleanerPipeline, Crawler]:
    made = crawler(**settings)
    return CleanerPipeline.from_crawler(made), made


def stats(made: Crawler) -> dict[str, Any]:
    assert made.stats is not None
    found = made.stats.get_stats()
    return {name.removeprefix("cleaner/"): value for name, value in found.items() if name.startswith("cleaner/")}


def page(body: str, **headers: str) -> HtmlResponse:
    return HtmlResponse("https://post.example/1", headers=headers, body=body.encode(), encoding="utf-8")


def test_example_does_as_the_command_line(tmp_path: Path) -> None:
    """A crawl of a local site: text, title and cuts of each page are those of the command line; stats tell what was done."""
    write_pages(tmp_path, front=True)
    output = tmp_path / "out.jsonl"
    with served(tmp_path) as url:
        done = python("examples/scrapy_clean.py", url, "-o", str(output), **OFFLINE)
        assert done.returncode == 0, done.stderr
        expected = {
            line["url"]: line
            for line in by_hand([Page(url + name, html, url + name) for name, html in PAGES.items()], tmp_path)
        }
    records = {record["url"]: record for record in lines_of(output)}
    assert records.keys() == expected.keys()
    for url, record in records.items():
        line = expected[url]
        assert (record["text"], record["title"], record["cleaning"]) == (line["text"], line["title"], line["cleaning"])
    assert any(record["cleaning"]["cuts"] for record in records.values())
    told = dict(re.findall(r"'cleaner/([^']+)': (\d+)", done.stderr))
    assert told["documents"] == "3"
    removed = sum(
        cut["end"] - cut["start"]
        for one in expected.values()
        for cut in one["cleaning"]["cuts"]
        if cut["rules"] != ["title"]
    )
    assert told["removed"] == str(removed)
    assert "Deprecat" not in done.stderr
    assert "Traceback" not in done.stderr


@dataclasses.dataclass
class Kept:
    text: str | None = None
    title: str | None = None
    cleaning: dict[str, Any] | None = None


@attrs.define
class Defined:
    text: str | None = None
    title: str | None = None
    cleaning: dict[str, Any] | None = None


class Modelled(pydantic.BaseModel):
    text: str | None = None
    title: str | None = None
    cleaning: dict[str, Any] | None = None


class Declared(scrapy.Item):
    text = scrapy.Field()
    title = scrapy.Field()
    cleaning = scrapy.Field()


@pytest.mark.parametrize("kind", [dict, Kept, Defined, Modelled, Declared])
def test_items_of_every_kind(kind: Callable[..., Any]) -> None:
    """Text, title and account reach items whatever they are made of, in the object that came."""
    text = f"A bridge opens in Port Allen\n{NOISY}"
    item = kind(text=text)
    found, made = pipeline()
    assert found.process_item(item) is item
    expected = shipped().clean(text)
    read = adapter.ItemAdapter(item)
    assert (read["text"], read["title"], read["cleaning"]) == (expected.text, expected.title, describe(expected))
    told = stats(made)
    removed = sum(cut.end - cut.start for cut in expected.cuts if not cut.is_move)
    assert (told["documents"], told["cleaned"], told["characters"], told["removed"]) == (1, 1, len(text), removed)
    assert sum(value for name, value in told.items() if name.startswith("removed/")) == removed


@dataclasses.dataclass(frozen=True)
class Frozen:
    text: str


@dataclasses.dataclass
class Headline:
    headline: str


class Roomless(scrapy.Item):
    html = scrapy.Field()


class Short(pydantic.BaseModel, validate_assignment=True):
    text: str = pydantic.Field(max_length=2000)
    cleaning: None = None


REJECTED = [
    ({"text": None}, "neither `text` nor `html` in it"),
    ({"text": 12}, "`text` holds int, not a string"),
    ({"html": ["<p>"]}, "`html` holds list, not a string"),
    (Frozen(NOISY), "Frozen does not take `text`: FrozenInstanceError"),
    (
        Roomless(html=PAGES["ferry.html"]),
        "Roomless has no field `text` for the body: add it, or name another by CLEANER_TEXT_FIELD",
    ),
    (Short(text=NOISY), "Short does not take `cleaning`: ValidationError"),
]


@pytest.mark.parametrize(("item", "reason"), REJECTED, ids=[reason for _, reason in REJECTED])
@pytest.mark.parametrize("rejects", ["drop", "keep"])
def test_rejects_are_dropped_or_kept_and_told(
    item: Any, reason: str, rejects: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What cannot be cleaned is dropped with its reason, or kept as it came, and is in the log and the stats either way."""
    found, made = pipeline(CLEANER_REJECTS=rejects)
    before = dict(adapter.ItemAdapter(item))
    if rejects == "drop":
        with pytest.raises(DropItem, match=re.escape(reason)):
            found.process_item(item)
    else:
        assert found.process_item(item) is item
        assert reason in caplog.text
    after = dict(adapter.ItemAdapter(item))
    if isinstance(item, dict) and rejects == "keep":
        assert after.pop("cleaning") == {"status": "rejected", "reason": reason}
        item.pop("cleaning")
    assert after == before
    assert stats(made) == {"documents": 1, "rejected": 1, f"rejected/{reason}": 1}


def test_items_that_are_no_documents_pass() -> None:
    """Items of other kinds, and those with an account, are not touched, and counted."""
    found, made = pipeline()
    for item in (Headline("Storm"), {"image": "x.png"}, {"text": NOISY, "cleaning": {"status": "cleaned"}}):
        before = dict(adapter.ItemAdapter(item))
        assert dict(adapter.ItemAdapter(found.process_item(item))) == before
    assert stats(made) == {"passed": 3}


def test_settings(tmp_path: Path) -> None:
    """Rules, fields, the account and what is to be filled are as the settings say, also where they are strings."""
    (tmp_path / "own.yaml").write_text("rules:\n" + rule("line: {eq: Zorble announcement}", class_="legal"))
    found, made = pipeline(
        CLEANER_RULES=str(tmp_path), CLEANER_WITHOUT="related,ad", CLEANER_TEXT_FIELD="body", CLEANER_HTML_FIELD="page",
        CLEANER_FILL='{"date": "published", "by": "authors"}', CLEANER_ACCOUNT_FIELD=None, CLEANER_DEADLINE="0",
    )  # fmt: skip
    item = {"body": f"{PROSE}\nZorble announcement\nAdvertisement\n{MORE}", "text": "its own"}
    assert found.process_item(dict(item)) == {"body": f"{PROSE}\nAdvertisement\n{MORE}", "text": "its own"}
    assert stats(made)["removed/legal"] == 20
    filled = found.process_item({"page": PAGES["bridge.html"], "by": "", "date": "2020-01-01"})
    assert (filled["by"], filled["date"]) == ("Ada Nkemelu", "2020-01-01")


def test_lean_accounts_hold_no_texts() -> None:
    """`CLEANER_LEAN` leaves the texts of cuts out."""
    found, _ = pipeline(CLEANER_LEAN=True)
    cuts = found.process_item({"text": NOISY})["cleaning"]["cuts"]
    assert cuts
    assert not any("text" in cut for cut in cuts)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"CLEANER_TEXTFIELD": "body"}, OptionError, "there is no setting CLEANER_TEXTFIELD; did you mean CLEANER_TEXT_FIELD?"),
        ({"CLEANER_REJECTS": "ignore"}, OptionError, "CLEANER_REJECTS is 'ignore': write 'drop' or 'keep'"),
        ({"CLEANER_DEADLINE": -1}, OptionError, "CLEANER_DEADLINE is -1.0"),
        ({"CLEANER_ONLY": "adverts"}, OptionError, "'adverts' is neither a rule nor a class"),
        ({"CLEANER_PACKS": "no-such-pack"}, OptionError, "no-such-pack"),
        ({"CLEANER_RULES": "no/such.yaml"}, RuleError, "no/such.yaml"),
    ],
)  # fmt: skip
def test_wrong_settings_stop_the_crawl(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    """A setting that is unknown or wrong is an error before the first request, not a rule that never runs."""
    for component in (CleanerPipeline, CleanerMiddleware):
        with pytest.raises(error, match=re.escape(message)):
            component.from_crawler(crawler(**settings))


def test_pages_that_are_no_article() -> None:
    """With `CLEANER_ARTICLES_ONLY` a page that is none is dropped, and the stats say why."""
    found, made = pipeline(CLEANER_ARTICLES_ONLY=True)
    with pytest.raises(DropItem, match="not an article: "):
        found.process_item({"html": "<html><body><h1>404</h1><p>Page not found</p></body></html>"})
    assert [name for name in stats(made) if name.startswith("rejected/not an article: ")]


def test_a_slow_document_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline ends a document that takes too long, and the crawl goes on."""

    def hang(*_: Any, **__: Any) -> None:
        while True:
            pass

    found, _ = pipeline(CLEANER_DEADLINE=0.2)
    with monkeypatch.context() as patch:
        patch.setattr(Cleaner, "look", hang)
        with pytest.raises(DropItem, match=r"longer than 0\.2 seconds"):
            found.process_item({"text": NOISY})
    assert found.process_item({"text": PROSE})["text"] == PROSE


def test_rules_are_counted_when_the_spider_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules with the most cuts get stats of their own, the others are summed."""
    monkeypatch.setattr(adapter, "MOST", 1)
    found, made = pipeline()
    for text in (NOISY, f"{PROSE}\nAdvertisement\n{MORE}"):
        found.process_item({"text": text})
    assert not [name for name in stats(made) if name.startswith("cuts/")]
    made.signals.send_catch_log(signals.spider_closed, spider=made.spider, reason="finished")
    told = {name: value for name, value in stats(made).items() if name.startswith("cuts/")}
    assert len(told) == 2
    assert told["cuts/generic.ad-label"] == 2
    assert told["cuts/others"] >= 1


def test_many_reasons_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many reasons there are, the stats hold so many of them and the sum of the rest."""
    monkeypatch.setattr(adapter, "MOST", 1)
    found, made = pipeline(CLEANER_REJECTS="keep")
    for value in (1, 2.5, [], ()):
        found.process_item({"text": value})
    told = {name: value for name, value in stats(made).items() if name.startswith("rejected/")}
    assert told == {"rejected/`text` holds int, not a string": 1, "rejected/others": 3}


def test_a_crawler_is_let_go() -> None:
    """Pipeline and middleware share what was compiled; once the crawler is gone, it is gone as well."""
    made = crawler()
    one, two = CleanerPipeline.from_crawler(made), CleanerMiddleware.from_crawler(made)
    assert one._desk is two._desk
    count = len(adapter._desks)
    del one, two, made
    gc.collect()
    assert len(adapter._desks) < count


def outputs(made: Crawler, response: Response, *results: Any) -> list[Any]:
    """Send what a callback yields through the middleware, as a generator and as an asynchronous one."""
    middleware = CleanerMiddleware.from_crawler(made)

    async def yielding() -> AsyncIterator[Any]:
        for result in results:
            yield dict(result) if isinstance(result, dict) else result

    async def gather() -> list[Any]:
        return [one async for one in middleware.process_spider_output_async(response, yielding())]

    later = asyncio.run(gather())
    now = list(middleware.process_spider_output(response, iter(results)))
    assert [one for one in now if isinstance(one, dict)] == [one for one in later if isinstance(one, dict)]
    assert len(now) == len(later)
    return now


def test_responses_become_records() -> None:
    """A response that a callback yields is the record of its page; an item with an empty text gets its body; requests pass."""
    response, request = page(PAGES["ferry.html"]), Request("https://post.example/2")
    expected = shipped().clean_html(PAGES["ferry.html"], "https://post.example/1")
    made = crawler()
    record, item, same = outputs(made, response, response, {"own": 1, "text": None}, request)
    body = {"text": expected.text, "title": expected.title, "cleaning": describe(expected)}
    assert record == {"url": "https://post.example/1", **body}
    assert item == {"own": 1, **body}
    assert same is request


def test_the_header_says_how_bytes_read() -> None:
    """Bytes of a page are read as its response's header says, where they do not tell by themselves."""
    body = f"<html><body><article><p>{PROSE}</p><p>Пароход ушёл в порт и вернулся вечером.</p><p>{MORE}</p></article></body></html>"
    response = HtmlResponse(
        "https://post.example/1", headers={"Content-Type": "text/html; charset=koi8-r"}, body=body.encode("koi8-r")
    )
    (record,) = outputs(crawler(), response, response)
    assert "Пароход ушёл в порт и вернулся вечером." in record["text"]


def test_the_response_tells_the_site(tmp_path: Path) -> None:
    """An item that names no URL is cleaned by the rules of its response's site; one that names one, by those of that."""
    (tmp_path / "own.yaml").write_text(
        "rules:\n" + rule("line: {eq: Zorble announcement}", more="scope: {hosts: [post.example]}")
    )
    noisy = f"{PROSE}\nZorble announcement\n{MORE}"
    made = crawler(CLEANER_RULES=[str(tmp_path)])
    here, there = outputs(made, page(""), {"text": noisy}, {"text": noisy, "url": "https://other.example/1"})
    assert (here["text"], there["text"]) == (CLEAN, noisy)
    assert "url" not in here


def test_the_middleware_drops_as_pipelines_do(caplog: pytest.LogCaptureFixture) -> None:
    """A rejected output is not yielded, but logged, counted, and told by the signal; other outputs come through."""
    dropped: list[tuple[Any, str]] = []

    def note(item: Any, exception: Exception) -> None:
        dropped.append((item, str(exception)))

    made = crawler()
    made.signals.connect(note, signals.item_dropped)
    data = TextResponse(
        "https://post.example/x.json", headers={"Content-Type": "application/json"}, body=b"{}", encoding="utf-8"
    )
    reason = "the response is application/json, not a page"
    assert outputs(made, data, data, {"text": PROSE}) == [{"text": PROSE, "cleaning": describe(shipped().clean(PROSE))}]
    assert [why for _, why in dropped] == [reason, reason]
    assert caplog.text.count(f"Dropped: {reason}") == 2
    assert stats(made)[f"rejected/{reason}"] == 2


def test_both_clean_once() -> None:
    """Behind the middleware the pipeline lets items pass: each is counted once."""
    made = crawler()
    middleware, found = CleanerMiddleware.from_crawler(made), CleanerPipeline.from_crawler(made)
    (item,) = middleware.process_spider_output(page(""), [{"text": NOISY}])
    before = dict(item)
    assert found.process_item(item) == before
    assert (stats(made)["documents"], stats(made)["passed"]) == (1, 1)


def test_scrapy_takes_them_without_a_warning() -> None:
    """Scrapy's managers accept both and warn of nothing deprecated, whatever they pass for the spider."""
    from scrapy.core.spidermw import SpiderMiddlewareManager
    from scrapy.pipelines import ItemPipelineManager

    name = "cleaner.adapters.scrapy"
    made = crawler(
        ITEM_PIPELINES={f"{name}.CleanerPipeline": 300}, SPIDER_MIDDLEWARES={f"{name}.CleanerMiddleware": 100}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        managers = ItemPipelineManager.from_crawler(made), SpiderMiddlewareManager.from_crawler(made)
    assert [
        type(one).__name__ for manager in managers for one in manager.middlewares if "cleaner" in type(one).__module__
    ] == [
        "CleanerPipeline",
        "CleanerMiddleware",
    ]


ASYNC = """
import sys
from scrapy import Spider
from scrapy.crawler import CrawlerProcess

class News(Spider):
    name = "news"
    start_urls = [sys.argv[1] + name for name in ("bridge.html", "ferry.html", "quiet.html")]

    async def parse(self, response):
        yield response

process = CrawlerProcess({
    "SPIDER_MIDDLEWARES": {"cleaner.adapters.scrapy.CleanerMiddleware": 100},
    "FEEDS": {sys.argv[2]: {"format": "jsonlines"}},
})
process.crawl(News)
process.start()
"""


def test_an_asynchronous_spider_behind_the_middleware(tmp_path: Path) -> None:
    """A real crawl whose callback is an asynchronous generator of responses writes the command line's records."""
    write_pages(tmp_path)
    output = tmp_path / "out.jsonl"
    with served(tmp_path) as url:
        done = python("-c", ASYNC, url, str(output), **OFFLINE)
        expected = by_hand([Page(url + name, html, url + name) for name, html in PAGES.items()], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    names = ("url", "title", "text", "cleaning")
    assert sorted((record["url"], record) for record in lines_of(output)) == sorted(
        (line["url"], {name: line[name] for name in names}) for line in expected
    )
    assert LAST in str(lines_of(output))


def test_the_guide_tells_the_truth(tmp_path: Path) -> None:
    """What the guide shows of Scrapy runs and prints what stands below it."""
    run_guide("Scrapy", tmp_path)
