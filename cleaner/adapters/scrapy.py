"""Clean inside Scrapy: an item pipeline for what spiders yield, and a spider middleware that knows the response as well.

    ITEM_PIPELINES = {"cleaner.adapters.scrapy.CleanerPipeline": 300}

is all that items with a `text` or an `html` need. Settings, for both (those of the command line, as far as they apply):

| setting | default | |
|---|---|---|
| `CLEANER_RULES` | | rule files and folders beside the shipped rules; compiled rules stand in for those |
| `CLEANER_PACKS` | | names of installed rule packs |
| `CLEANER_ONLY`, `CLEANER_WITHOUT` | | classes or rules to run, to leave out |
| `CLEANER_FAST` | `False` | pages: ask one extractor only |
| `CLEANER_TEXT_FIELD`, `CLEANER_HTML_FIELD`, and so for `ID`, `URL`, `SOURCE`, `LANG`, `TITLE`, `CRAWLED` | `text`, `html`, `id`, ... | the fields read; a text is written to the first |
| `CLEANER_FILL` | `{}` | `{"date": "published"}` fills an empty `date` from what was recovered |
| `CLEANER_ACCOUNT_FIELD` | `cleaning` | takes the account; an empty one leaves it out |
| `CLEANER_LEAN` | `False` | leave the texts of cuts out of the account |
| `CLEANER_ARTICLES_ONLY` | `False` | reject pages that are no article |
| `CLEANER_DEADLINE` | `30` | seconds that a document may take; 0 sets no limit |
| `CLEANER_REJECTS` | `drop` | `keep` lets an item pass that cannot be cleaned, its account says why |

A setting that begins with `CLEANER_` and is none of these stops the crawl. Lists may be given as `-s CLEANER_WITHOUT=ad,legal`.

Stats: `cleaner/documents`, `cleaner/cleaned`, `cleaner/unchanged`, `cleaner/rejected` and `cleaner/rejected/REASON`,
`cleaner/characters` and `cleaner/removed` (code points), `cleaner/removed/CLASS`, `cleaner/flagged`, and `cleaner/passed`
for items that are no documents. `cleaner/cuts/RULE`, for the rules with the most cuts, come when the spider closes.

Cleaning takes place in the reactor's thread, as callbacks do: a text takes some milliseconds, a page some thirty.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary, proxy

from cleaner.adapters.each import refusal
from cleaner.bulk.batch import Job
from cleaner.clean import Cleaner
from cleaner.errors import OptionError
from cleaner.io.http import parse_content_type
from cleaner.io.record import CLEANING, Entry, Fields, Place, Style, describe, refuse, value_of, word_of
from cleaner.io.write import Shape
from cleaner.model import Cleaned, Page, Rejected

try:
    from itemadapter import ItemAdapter, is_item
    from scrapy import Request, signals
    from scrapy.exceptions import DropItem
    from scrapy.http import HtmlResponse, Response
except ImportError as error:
    raise ImportError(f"scrapy cannot be imported ({error}): pip install 'cleaner-news[scrapy]'") from None

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

MOST = 50
"""Rules, and reasons of rejects, that get stats of their own; the rest are summed as `others`."""

DROP, KEEP = "drop", "keep"

_PREFIX = "CLEANER_"
_LONGEST = 120  # characters of a reason in the name of a stat
_READ = ("text", "html", "id", "url", "source", "lang", "title", "crawled")
_SETTINGS = (
    "RULES", "PACKS", "ONLY", "WITHOUT", "FAST", "FILL", "ACCOUNT_FIELD", "LEAN", "ARTICLES_ONLY", "DEADLINE", "REJECTS",
    *(f"{name.upper()}_FIELD" for name in _READ),
)  # fmt: skip

_log = logging.getLogger(__name__)


class CleanerPipeline:
    """Clean the items that have a text or a page: dicts, `Item`s, dataclasses, attrs and pydantic objects.

    The field `text` gets the body, from itself or, where it is empty, from `html`; an empty `title` is filled where one is
    proven; `cleaning` gets the account, where the item has such a field (a dict gets it). Other fields stay as they are.

    An item with neither field passes; so does one that has an account already. An item that cannot be cleaned (empty,
    over its deadline, no article where only those are wanted) is dropped by `DropItem`, with the reason, or kept. The
    item that comes back is the one that came.
    """

    def __init__(self, desk: Desk):
        self._desk = desk

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings; raises `OptionError` or `RuleError`, so that a crawl with wrong ones does not begin."""
        return cls(Desk.of(crawler))

    def process_item(self, item: Any, spider: Spider | None = None) -> Any:
        """Return the item, cleaned; raises `DropItem` where it is rejected and rejects are not kept."""
        if reason := self._desk.clean(item):
            raise DropItem(reason)
        return item


class CleanerMiddleware:
    """Clean what callbacks yield, with the response at hand; use it instead of the pipeline, or beside it.

        SPIDER_MIDDLEWARES = {"cleaner.adapters.scrapy.CleanerMiddleware": 100}

    - A `Response` (`yield response`) becomes a dict of `url`, `title`, `text` and `cleaning`.
    - An item that has a field for the text, empty, and no page gets the body of its response: `yield {"text": None}`.
    - Any other item is cleaned as the pipeline does it; where it names no URL, the response's tells the site.

    Requests pass. A rejected item is not yielded: it is logged and told by the signal `item_dropped`, as a dropped one is.
    Bytes of pages are decoded by the rules of `cleaner`, from the response's header on. Items that `start` yields have no
    response; they are left to the pipeline.
    """

    def __init__(self, desk: Desk):
        self._desk = desk

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read the settings; raises `OptionError` or `RuleError`, so that a crawl with wrong ones does not begin."""
        return cls(Desk.of(crawler))

    def process_spider_output(
        self, response: Response, result: Iterable[Any], spider: Spider | None = None
    ) -> Iterator[Any]:
        """Yield requests as they are and items cleaned."""
        for output in result:
            yield from self._desk.process(output, response)

    async def process_spider_output_async(
        self, response: Response, result: AsyncIterator[Any], spider: Spider | None = None
    ) -> AsyncIterator[Any]:
        """Do the same for callbacks that are asynchronous generators."""
        async for output in result:
            for processed in self._desk.process(output, response):
                yield processed


@dataclass(frozen=True, slots=True)
class Desk:
    """Hold what cleans the items of one crawler: its settings, and its stats."""

    crawler: Crawler
    job: Job
    account: str | None
    fill: dict[str, str]
    keep: bool
    cuts: Counter[str]
    reasons: set[str]

    @classmethod
    def of(cls, crawler: Crawler) -> Desk:
        """Return the desk of a crawler, which its pipeline and its middleware share.

        Raises `OptionError` for a setting that is wrong or unknown, `RuleError` for a wrong rule.
        """
        if crawler not in _desks:
            _desks[crawler] = cls._read(proxy(crawler), crawler.settings)
            crawler.signals.connect(_tell_cuts, signals.spider_closed)
        return _desks[crawler]

    @classmethod
    def _read(cls, crawler: Crawler, settings: BaseSettings) -> Desk:
        _check(settings)
        names = {f"{_PREFIX}{name.upper()}_FIELD": name for name in _READ}
        known = Fields(**{name: settings.get(key) or name for key, name in names.items()})
        rejects = settings.get("CLEANER_REJECTS", DROP)
        if rejects not in (DROP, KEEP):
            raise OptionError(f"CLEANER_REJECTS is {rejects!r}: write {DROP!r} or {KEEP!r}")
        seconds = settings.getfloat("CLEANER_DEADLINE", 30.0)
        if not 0 <= seconds < float("inf"):
            raise OptionError(
                f"CLEANER_DEADLINE is {seconds}: write the seconds that a document may take, 0 for no limit"
            )
        style = Style(lean=settings.getbool("CLEANER_LEAN"))
        return cls(
            crawler,
            Job(
                _cleaner(settings),
                Shape.of("jsonl", known, style),
                articles_only=settings.getbool("CLEANER_ARTICLES_ONLY"),
                seconds=seconds or None,
            ),
            _account_field(settings),
            {str(name): str(field) for name, field in settings.getdict("CLEANER_FILL").items()},
            rejects == KEEP,
            Counter(),
            set(),
        )

    def process(self, output: Any, response: Response) -> Iterator[Any]:
        """Yield what a callback yielded, cleaned; nothing for what is dropped."""
        if isinstance(output, Response):
            names = self.job.shape.fields
            output, response = {names.url: output.url, names.title: None, names.text: None}, output
        elif isinstance(output, Request) or not is_item(output):
            yield output
            return
        if reason := self.clean(output, response):
            dropped = DropItem(reason)
            _log.warning("Dropped: %s\n%s", reason, output, extra={"spider": self.crawler.spider})
            self.crawler.signals.send_catch_log(
                signals.item_dropped, item=output, response=response, spider=self.crawler.spider, exception=dropped
            )
            return
        yield output

    def clean(self, item: Any, response: Response | None = None) -> str:
        """Clean an item in its place, and count it; return why it is to be dropped, if it is."""
        adapter, names = ItemAdapter(item), self.job.shape.fields
        if not (_has(adapter, names.text) or _has(adapter, names.html)) or (
            self.account and adapter.get(self.account) is not None
        ):
            self._count("passed")
            return ""
        result = self.job.clean(self._entry(adapter, response))
        reason = result.reason if isinstance(result, Rejected) else self._put_back(adapter, result)
        self._count("documents")
        if not reason:
            assert isinstance(result, Cleaned)
            self._book(result)
            return ""
        self._count("rejected")
        self._count(f"rejected/{self._bounded(reason.partition(': pip install')[0][:_LONGEST])}")
        if not self.keep:
            return reason
        _log.warning("Kept as it came: %s\n%s", reason, item, extra={"spider": self.crawler.spider})
        if self.account and _takes(adapter, self.account):
            _change(adapter, {self.account: refusal(reason)})
        return ""

    def _entry(self, adapter: ItemAdapter, response: Response | None) -> Entry:
        """Return what is to be cleaned of an item, or of its response."""
        names = self.job.shape.fields

        def known(name: str) -> Any:
            value = adapter.get(getattr(names, name))
            return response.url if name == "url" and response is not None and not value else value

        text, html = adapter.get(names.text), adapter.get(names.html)
        place = Place(word_of(known("id")) or word_of(known("url")) or "", "")
        for name, value, kinds in ((names.text, text, str), (names.html, html, (str, bytes))):
            if value is not None and not isinstance(value, kinds):
                return refuse(place, f"`{name}` holds {type(value).__name__}, not a string", b"")
        if not text and not html and response is not None:
            media, charset = parse_content_type(response.headers.get("Content-Type", b"").decode("latin-1"))
            if not isinstance(response, HtmlResponse):
                return refuse(place, f"the response is {media or 'of no known type'}, not a page", b"")
            page = value_of(place.id, "", response.body, known)
            assert isinstance(page, Page)
            return Entry(replace(page, charset=charset), place)
        if text is None and html is None:
            return refuse(place, f"neither `{names.text}` nor `{names.html}` in it", b"")
        return Entry(value_of(place.id, text or "", None if text or not html else html, known), place)

    def _put_back(self, adapter: ItemAdapter, cleaned: Cleaned) -> str:
        """Write what was found into an item, where it has room for it; return why not even the text could be."""
        names = self.job.shape.fields
        if not _takes(adapter, names.text):
            own = type(adapter.item).__name__
            return f"{own} has no field `{names.text}` for the body: add it, or name another by CLEANER_TEXT_FIELD"
        found = {names.title: cleaned.title, **{own: _found(cleaned, field) for own, field in self.fill.items()}}
        changes: dict[str, Any] = {
            own: value
            for own, value in found.items()
            if value and _takes(adapter, own) and adapter.get(own) in (None, "", [])
        }
        changes[names.text] = cleaned.text
        if self.account and _takes(adapter, self.account):
            changes[self.account] = describe(cleaned, self.job.shape.style.lean)
        return _change(adapter, changes)

    def _book(self, cleaned: Cleaned) -> None:
        self._count(cleaned.status)
        self._count("characters", len(cleaned.source))
        if cleaned.flags:
            self._count("flagged")
        for cut in cleaned.cuts:
            if not cut.is_move:
                self._count("removed", cut.end - cut.start)
                self._count(f"removed/{cut.class_}", cut.end - cut.start)
                self.cuts.update(cut.rules)

    def _bounded(self, reason: str) -> str:
        if len(self.reasons) < MOST:
            self.reasons.add(reason)
        return reason if reason in self.reasons else "others"

    def _count(self, name: str, number: int = 1) -> None:
        stats = self.crawler.stats
        assert stats is not None
        stats.inc_value(f"cleaner/{name}", number)


_desks: WeakKeyDictionary[Any, Desk] = WeakKeyDictionary()


def _change(adapter: ItemAdapter, changes: dict[str, Any]) -> str:
    """Set all of these fields, or none; return why not."""
    before = {own: adapter[own] for own in changes if own in adapter}
    for own, value in changes.items():
        try:
            adapter[own] = value
        except Exception as error:  # frozen, or its own checks refuse the value
            for done in changes:
                if done == own:
                    break
                if done in before:
                    adapter[done] = before[done]
                else:
                    del adapter[done]
            return f"{type(adapter.item).__name__} does not take `{own}`: {type(error).__name__}"
    return ""


def _tell_cuts(spider: Spider) -> None:
    """Write how often the rules with the most cuts cut, once the spider is done."""
    desk = _desks[spider.crawler]
    assert desk.crawler.stats is not None
    ranked = sorted(desk.cuts.items(), key=lambda pair: (-pair[1], pair[0]))
    for rule, cuts in ranked[:MOST]:
        desk.crawler.stats.set_value(f"cleaner/cuts/{rule}", cuts)
    if rest := sum(cuts for _, cuts in ranked[MOST:]):
        desk.crawler.stats.set_value("cleaner/cuts/others", rest)


def _check(settings: BaseSettings) -> None:
    known = [_PREFIX + name for name in _SETTINGS]
    for name in settings:
        if isinstance(name, str) and name.startswith(_PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"those known are {', '.join(known)}"
            raise OptionError(f"there is no setting {name}; {hint}")


def _cleaner(settings: BaseSettings) -> Cleaner:
    return Cleaner(
        settings.getlist("CLEANER_RULES"),
        only=settings.getlist("CLEANER_ONLY"),
        without=settings.getlist("CLEANER_WITHOUT"),
        fast=settings.getbool("CLEANER_FAST"),
        packs=settings.getlist("CLEANER_PACKS"),
    )


def _account_field(settings: BaseSettings) -> str | None:
    """Return the field for the account; a setting that is there and empty says none, which `get` would not tell."""
    name = "CLEANER_ACCOUNT_FIELD"
    if name not in settings:
        return CLEANING
    return str(settings[name]) if settings[name] else None


def _found(cleaned: Cleaned, field: str) -> Any:
    """Return a field that was recovered: a date in ISO 8601 where it could be told."""
    return cleaned.resolved.get(field) or cleaned.metadata.get(field)


def _has(adapter: ItemAdapter, name: str) -> bool:
    """Tell whether an item has a field: a dict has those that were set, others those that are declared."""
    return name in adapter.field_names()


def _takes(adapter: ItemAdapter, name: str) -> bool:
    return isinstance(adapter.item, dict) or name in adapter.field_names()
