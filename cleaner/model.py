"""The values that travel through `cleaner`: a page or document in, a cleaned document with its trail out.

All are frozen. Offsets are code points of `Cleaned.source` unless a docstring says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CLASSES = (
    "nav", "share", "newsletter", "paywall", "related", "playlist", "ticker", "ad", "comments", "cookie", "app",
    "donation", "legal", "feedback", "residue", "duplicate", "other_article", "about", "live", "meta", "chrome", "other",
)  # fmt: skip
"""The closed list of artefact classes, used in rules, records and labels."""

FIELDS = (
    "published", "updated", "source", "age", "byline", "agency", "caption", "credit", "signature", "section", "tags",
    "teaser", "paywalled", "authors", "language", "site", "canonical", "image",
)  # fmt: skip
"""The closed list of metadata fields that rules may fill."""

TITLE_RULE = "title"
"""The rule id under which the title's move out of the text is booked."""


NO_ARTICLE = "html:no-article"
"""The flag, before its reason, of a page that is no article."""


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one HTML page as it was fetched; `charset` is what the HTTP header said of its bytes."""

    id: str
    html: str | bytes
    url: str | None = None
    source: str | None = None
    lang: str | None = None
    title: str | None = None
    crawled: str | None = None
    charset: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """Hold one text as it was scraped, with what is known about it; a `source` that is a host name stands in for `url`.

    `surface` says whether it came as a page or as a text. `resolved` holds the dates of `metadata` in ISO 8601, `origins`
    what each field was taken from.
    """

    id: str
    text: str
    url: str | None = None
    source: str | None = None
    lang: str | None = None
    title: str | None = None
    crawled: str | None = None
    surface: Literal["html", "text"] = "text"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resolved: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def language_of(tag: str | None) -> str:
    """Return the language of a tag without script or region, in lower case; nothing where there is no tag.

    >>> language_of("pt_BR"), language_of("zh-Hans-CN"), language_of(None)
    ('pt', 'zh', '')
    """
    return (tag or "").replace("_", "-").split("-")[0].lower()


@dataclass(frozen=True, slots=True)
class Cut:
    """Account for one removed stretch of the source: `source[start:end] == text`.

    `because` names what weighed most where weighted features decided, as `name +1.25`.
    """

    start: int
    end: int
    text: str
    class_: str
    rules: tuple[str, ...]
    because: tuple[str, ...] = ()

    @property
    def is_move(self) -> bool:
        """Tell whether nothing left the document: its title moved to the field for it."""
        return self.rules == (TITLE_RULE,)


@dataclass(frozen=True, slots=True)
class Drop:
    """Account for one HTML node removed before extraction.

    `path` is where it stood once other articles were taken out of the page and its panels were opened.
    """

    path: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Related:
    """Hold another article that an aggregator appended to this one.

    `start` and `end` bound its body in the document's source; `cuts`, in the same offsets, are the noise inside it:
    taken out of `source[start:end]` they leave exactly `text`. An article that stood apart in a page has neither.
    """

    title: str | None
    source: str | None
    age: str | None
    text: str
    start: int | None = None
    end: int | None = None
    url: str | None = None
    cuts: tuple[Cut, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Hold a cleaned document and the trail that leads back to its source."""

    document: Document
    source: str
    text: str
    title: str | None = None
    repairs: tuple[str, ...] = ()
    cuts: tuple[Cut, ...] = ()
    drops: tuple[Drop, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resolved: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)
    related: tuple[Related, ...] = ()
    headlines: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    rules_digest: str = ""

    @property
    def status(self) -> Literal["cleaned", "unchanged"]:
        """Tell whether the text that leaves differs from the text that came."""
        return "unchanged" if self.text == self.document.text else "cleaned"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Hold what could not be read as a document, with the reason and the raw bytes.

    `offset` is in bytes where the input is a stream of lines, else 0.
    """

    id: str
    path: str
    offset: int
    reason: str
    raw: bytes


def replay(source: str, cuts: Iterable[Cut], start: int = 0, end: int | None = None) -> str:
    """Take the cuts out of `source[start:end]`.

    >>> replay("Title\\nBody. Ad", [Cut(0, 6, "Title\\n", "meta", ("title",)), Cut(11, 14, " Ad", "ad", ("x.ad",))])
    'Body.'
    """
    kept, at = [], start
    for cut in cuts:
        kept.append(source[at : cut.start])
        at = cut.end
    kept.append(source[at:end])
    return "".join(kept)
