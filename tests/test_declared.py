"""What a page says about itself is read from every kind of markup, by one order of trust, and no page can break it."""

from __future__ import annotations

import json
from typing import Any

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.html.bylines import list_authors
from cleaner.html.dates import resolve_date
from cleaner.html.declared import Declared, list_evidence, read_declared
from cleaner.html.declared_fields import DATES
from cleaner.html.declared_image import stem_of
from cleaner.html.declared_text import absolute, page_key
from cleaner.html.declared_title import strip_site
from cleaner.html.declared_trust import TRUST
from cleaner.html.jsonld import load_values, repair
from cleaner.model import FIELDS

URL = "https://www.bank.example/news/bridge-opens-on-friday"
NAME = "Bridge opens on Friday"
ARTICLE = {"@type": "NewsArticle", "headline": NAME, "url": URL, "datePublished": "2026-01-02T08:00:00+01:00"}


def read(
    head: str = "", body: str = "", *scripts: Any, url: str | None = URL, attributes: str = "lang='en'"
) -> Declared:
    texts = (script if isinstance(script, str) else json.dumps(script).replace("<", "\\u003c") for script in scripts)
    blocks = "".join(f"<script type='application/ld+json'>{text}</script>" for text in texts)
    html = f"<html {attributes}><head><title>{NAME} | The Bank</title>{head}{blocks}</head><body>{body}</body></html>"
    return read_declared(lxml.html.document_fromstring(html), url)


def article(**more: Any) -> dict[str, Any]:
    return {**ARTICLE, **more}


DATES_READ = [
    ("2026-01-02", "2026-01-02"),
    ("2026-01-02T08:05", "2026-01-02T08:05:00"),
    ("2026-01-02 08:05:06 +0200", "2026-01-02T08:05:06+02:00"),
    ("2026-01-02T08:05:06.1234567Z", "2026-01-02T08:05:06+00:00"),
    ("2026-01-02T08:05:06-05:30", "2026-01-02T08:05:06-05:30"),
    ("2026-01-02T08:05:06+01:00[Europe/Zurich]", "2026-01-02T08:05:06+01:00"),
    ("20260102", "2026-01-02"),
    ("20260102T080506Z", "2026-01-02T08:05:06+00:00"),
    ("1767340800", "2026-01-02T08:00:00+00:00"),
    ("1767340800000", "2026-01-02T08:00:00+00:00"),
    ("Fri, 02 Jan 2026 08:05:06 GMT", "2026-01-02T08:05:06+00:00"),
    ("Fri Jan 02 08:05:06 CET 2026", "2026-01-02T08:05:06+01:00"),
    ("Fri Jan 02 2026 08:05:06 GMT+0100 (CET)", "2026-01-02T08:05:06+01:00"),
    ("January 2nd, 2026", "2026-01-02"),
    ("2 January 2026", "2026-01-02"),
    ("Jan 2, 2026, 8:05:06 PM", "2026-01-02T20:05:06"),
    ("13.02.2026 12:30 Uhr", "2026-02-13T12:30:00"),
    ("02.01.2026", "2026-01-02"),
    ("13/02/2026", "2026-02-13"),
    ("02/13/2026", "2026-02-13"),
    ("2026-01-02T25:00:00Z", "2026-01-02"),
    ("2026-01-02T08:00:00 IST", "2026-01-02T08:00:00"),
]  # fmt: skip
DATES_REFUSED = [
    "", "yesterday", "2026", "2026-01", "01/02/2026", "2026-02-31", "0001-01-01T00:00:00Z", "1970-01-01", "0",
    "9" * 13, "99999999", "2 hours ago", "2026-01-02" * 20, "２０２６-01-02",
]  # fmt: skip


@pytest.mark.parametrize(("text", "date"), DATES_READ)
def test_dates_in_the_forms_that_pages_use(text: str, date: str) -> None:
    """A date that can mean one thing only is read; an offset is kept where given and never guessed."""
    assert resolve_date(text) == date


@pytest.mark.parametrize("text", DATES_REFUSED)
def test_unclear_dates_are_refused(text: str) -> None:
    """A date that can mean two days, no day, or a placeholder is none."""
    assert resolve_date(text) is None


AUTHORS = [
    ("Ann Bee", "Ann Bee"),
    ("By Ann Bee and Carl Doe", "Ann Bee; Carl Doe"),
    ("Von Ann Bee, Carl Doe und Eva Fay", "Ann Bee; Carl Doe; Eva Fay"),
    ("Ann Bee, dpa", "Ann Bee; dpa"),
    ("Ann Bee und Carl Doe, Lima", "Ann Bee; Carl Doe, Lima"),
    ("Bee, Ann", "Bee, Ann"),
    ("José Ortega y Gasset", "José Ortega y Gasset"),
    ("Ann Bee (abe)", "Ann Bee"),
    (["Ann Bee", "ann bee", None, 7], "Ann Bee"),
    ({"name": "Ann Bee", "url": "https://bank.example/ann"}, "Ann Bee"),
    ([{"name": "Ann Bee"}, {"name": ["Carl Doe", "Eva Fay"]}], "Ann Bee; Carl Doe; Eva Fay"),
    ({"name": {"@value": "Ann Bee"}}, "Ann Bee"),
    ({"givenName": "Ann", "familyName": "Bee"}, "Ann Bee"),
    ("https://www.bank.example/people/ann", ""),
    ("Ann Bee ann@bank.example", "Ann Bee"),
    ("@annbee", ""),
    ("262588213843476", ""),
    ("The Bank", ""),
    ("admin", ""),
    ("Bee &amp;amp; Sons Ltd", "Bee & Sons Ltd"),
    ({"name": {"name": {"name": []}}}, ""),
    (None, ""),
    (True, ""),
]  # fmt: skip


@pytest.mark.parametrize(("value", "names"), AUTHORS)
def test_names_of_authors(value: Any, names: str) -> None:
    """Names are told one by one, each once; addresses, placeholders and the site itself are no authors."""
    assert "; ".join(list_authors(value, ["The Bank"])) == names


BROKEN = [
    ('{"a": 1,}', [{"a": 1}]),
    ('{"a": [1, 2,],}', [{"a": [1, 2]}]),
    ('{"a": "one\ntwo\tthree"}', [{"a": "one\ntwo\tthree"}]),
    ('<!-- {"a": 1} -->', [{"a": 1}]),
    ('//<![CDATA[\n{"a": 1}\n//]]>', [{"a": 1}]),
    ('/*<![CDATA[*/{"a": 1}/*]]>*/', [{"a": 1}]),
    ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}]),
    ('{"a": 1},\n{"b": 2};', [{"a": 1}, {"b": 2}]),
    ('{"a": "http://x.example", // note\n "b": 2 /* more */}', [{"a": "http://x.example", "b": 2}]),
    ('{"a": "<a href="x.html">link</a>", "b": 2}', [{"a": '<a href="x.html">link</a>', "b": 2}]),
    ('{"a": "1" "b": "2"}', [{"a": "1", "b": "2"}]),
    ('[{"a": 1} {"b": 2}]', [[{"a": 1}, {"b": 2}]]),
    ('{"a": "C:\\Docs"}', [{"a": "C:\\Docs"}]),
    ("{&quot;a&quot;: 1}", [{"a": 1}]),
    ("\ufeff {}", [{}]),
    ("", []),
    ("{", []),
    ("window.x = 1", []),
    ("[" * 100_000, []),
    ('{"a": ' + "9" * 5000 + "}", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), BROKEN, ids=range(len(BROKEN)))
def test_broken_json_is_repaired(text: str, values: list[Any]) -> None:
    """What is commonly broken in JSON-LD is put right; what is not JSON gives nothing."""
    assert list(load_values([text])) == values


FIELD_CASES: list[tuple[str, str, str, str]] = [
    ("published", "<meta property='article:published_time' content='2026-01-02'>", "2026-01-02", "open-graph"),
    ("published", "<meta name='date' content=' 2026-01-02 '>", "2026-01-02", "meta"),
    ("published", "<meta name='DCTERMS.date' content='2026-01-02'>", "2026-01-02", "meta"),
    ("updated", "<meta property='article:modified_time' content='2026-01-03'>", "2026-01-03", "open-graph"),
    ("authors", "<meta name='author' content='Ann Bee'>", "Ann Bee", "meta"),
    ("authors", "<meta property='article:author' content='https://face.example/ann'><meta name='byl' content='By Ann Bee'>",
     "Ann Bee", "meta"),
    ("site", "<meta property='og:site_name' content='The Bank'>", "The Bank", "open-graph"),
    ("canonical", "<link rel='canonical' href='/news/a'><meta property='og:url' content='/b'>",
     "https://www.bank.example/news/a", "html"),
    ("canonical", "<base href='https://b.example/x/'><link rel='canonical' href='a'>", "https://b.example/x/a", "html"),
    ("canonical", "<link rel='canonical' href='/'><meta property='og:url' content='/news/b'>",
     "https://www.bank.example/news/b", "open-graph"),
    ("image", "<meta property='og:image' content='//img.example/a.jpg'>", "https://img.example/a.jpg", "open-graph"),
    ("image", "<meta name='twitter:image' content='/a.jpg'>", "https://www.bank.example/a.jpg", "meta"),
    ("section", "<meta property='article:section' content='Town'>", "Town", "open-graph"),
    ("tags", "<meta name='keywords' content='river, bridge,River'>", "River; bridge", "meta"),
    ("tags", "<meta property='article:tag' content='a, b'><meta property='article:tag' content='c'>", "a, b; c", "open-graph"),
    ("teaser", "<meta name='description' content='Two&amp;amp;nbsp;years'>", "Two years", "meta"),
    ("language", "<meta property='og:locale' content='fr_CH'>", "en", "html"),
    ("paywalled", "<meta itemprop='isAccessibleForFree' content='False'>", "yes", "microdata"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "head", "value", "origin"), FIELD_CASES, ids=range(len(FIELD_CASES)))
def test_fields_from_markup(name: str, head: str, value: str, origin: str) -> None:
    """Each field is found in each kind of markup, and says where it comes from."""
    found = read(head)
    assert (found.fields.get(name), found.origins.get(name)) == (value, origin)


LINKED_CASES: list[tuple[str, dict[str, Any], str]] = [
    ("published", {}, "2026-01-02T08:00:00+01:00"),
    ("authors", {"author": [{"@type": "Person", "name": "Ann Bee"}, {"@id": "#c"}]}, "Ann Bee; Carl Doe"),
    ("authors", {"author": "Ann Bee", "publisher": {"name": "Ann Bee"}, "creator": "Eva Fay"}, "Eva Fay"),
    ("site", {"publisher": {"@id": "#b"}}, "The Bank"),
    ("image", {"image": ["/a.jpg", "/b.jpg"]}, "https://www.bank.example/a.jpg"),
    ("image", {"image": {"@type": "ImageObject", "url": "/a.jpg"}}, "https://www.bank.example/a.jpg"),
    ("section", {"articleSection": ["Town", "Traffic"]}, "Town; Traffic"),
    ("tags", {"keywords": ["river", {"@value": "bridge"}, 7, None]}, "river; bridge; 7"),
    ("tags", {"keywords": "river,bridge"}, "river; bridge"),
    ("teaser", {"description": "<p>Two years of &lt;b&gt;work&lt;/b&gt;.</p>"}, "Two years of work."),
    ("paywalled", {"isAccessibleForFree": False}, "yes"),
    ("paywalled", {"isAccessibleForFree": "http://schema.org/True"}, "no"),
    ("paywalled", {"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}}, "yes"),
    ("paywalled", {"isAccessibleForFree": "true", "hasPart": {"isAccessibleForFree": False}}, "no"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "more", "value"), LINKED_CASES, ids=range(len(LINKED_CASES)))
def test_fields_from_json_ld(name: str, more: dict[str, Any], value: str) -> None:
    """JSON-LD gives the fields of the page's own article, references followed."""
    around = [
        {"@type": "Person", "@id": "#c", "name": "Carl Doe"},
        {"@type": "Organization", "@id": "#b", "name": "The Bank"},
    ]
    found = read("", "", {"@context": "https://schema.org", "@graph": [*around, article(**more)]})
    assert (found.fields.get(name), found.origins.get(name)) == (value, "json-ld")


def test_only_names_of_the_closed_list() -> None:
    """Every field that can be declared stands in the list of fields."""
    assert {*TRUST, "caption", "credit"} <= set(FIELDS)
    assert set(DATES) <= set(TRUST)


def test_resolved_dates_stand_beside_dates_as_found() -> None:
    """A date is kept as found and told in ISO 8601 besides; an unclear one gives way to the next source."""
    found = read("<meta name='date' content='01/02/2026'><meta name='pubdate' content='Jan 2, 2026'>")
    assert (found.fields["published"], found.resolved) == ("Jan 2, 2026", {"published": "2026-01-02"})


TIMES = [
    ("<article><h1>A</h1><time datetime='2026-01-02'>x</time></article>", "2026-01-02"),
    ("<article><h1>A</h1><time>Jan 2, 2026</time></article>", "2026-01-02"),
    ("<article><h1>A</h1></article><article><time datetime='2026-01-02'>x</time></article>", None),
    ("<article><h1>A</h1><aside><time datetime='2026-01-02'>x</time></aside></article>", None),
    ("<h1>A</h1><time datetime='2026-01-02'>x</time>", None),
    ("<article><h1>A</h1><time class='updated' datetime='2026-01-03'></time><time datetime='2026-01-02'></time></article>",
     "2026-01-02"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "date"), TIMES, ids=range(len(TIMES)))
def test_time_elements_count_beside_the_heading(body: str, date: str | None) -> None:
    """A time element dates the page only within the article that the first heading heads."""
    assert read("", body).resolved.get("published") == date


def test_microdata_of_the_article() -> None:
    """The article's item gives its fields, values in attributes or text, and its body; other items do not."""
    body = (
        "<div itemscope itemtype='https://schema.org/NewsArticle'><h1 itemprop='headline'>The bridge is open</h1>"
        "<span itemprop='author' itemscope itemtype='https://schema.org/Person'><a itemprop='name'>Ann Bee</a>, editor</span>"
        "<time itemprop='datePublished' datetime='2026-01-02'>Friday</time>"
        "<div itemprop='articleBody'><p>It opened.</p><p>It rained.<script>no()</script></p></div></div>"
        "<div itemscope itemtype='https://schema.org/Event'><i itemprop='description'>A concert</i></div>"
    )
    found = read("", body)
    assert found.main
    assert (found.main.origin, found.main.body, found.main.published) == (
        "microdata",
        "It opened.\nIt rained.",
        "2026-01-02",
    )
    assert (found.fields["authors"], found.origins["authors"]) == ("Ann Bee", "microdata")
    assert "teaser" not in found.fields
    assert "newsarticle" in found.types


def test_many_loose_authors_are_those_of_a_list() -> None:
    """Marked authors outside of any item count while they are few."""
    mark = "<b itemprop='author'>{} Bee</b>"
    assert read("", mark.format("Ann") + mark.format("Carl")).fields["authors"] == "Ann Bee; Carl Bee"
    assert "authors" not in read("", "".join(map(mark.format, ("Ann", "Carl", "Eva", "Dora")))).fields


def test_languages_are_tags() -> None:
    """What is no language tag gives way to the next source."""
    head = "<meta property='og:locale' content='de_CH'>"
    assert read(head, attributes="lang='${lang}'").fields["language"] == "de_CH"
    assert read(head, attributes="lang='fr-CH'").fields["language"] == "fr-CH"


def test_rdfa_properties() -> None:
    """RDFa properties count as microdata does."""
    body = "<div typeof='schema:Article'><h2 property='schema:headline'>A</h2><b property='author'>Ann Bee</b></div>"
    assert read("", body).fields["authors"] == "Ann Bee"


def test_a_list_of_marked_articles_has_no_own_article() -> None:
    """Of several marked articles none speaks for the page, unless it holds the first heading."""
    item = "<div itemscope itemtype='http://schema.org/BlogPosting'><b itemprop='author'>{}</b>{}</div>"
    bare = read("", item.format("Ann Bee", "") + item.format("Carl Doe", ""))
    assert (bare.main, bare.fields.get("authors")) == (None, None)
    headed = read("", item.format("Ann Bee", "") + item.format("Carl Doe", f"<h1>{NAME}</h1>"))
    assert headed.fields["authors"] == "Carl Doe"


OTHER = {"@type": "NewsArticle", "headline": "A fox in the cathedral", "url": "https://www.bank.example/news/a-fox"}
MAINS: list[tuple[str, list[Any], str | None]] = [
    ("by address", [OTHER, article(headline="Opened at last")], "Opened at last"),
    ("by mainEntityOfPage", [OTHER, article(url=None, mainEntityOfPage={"@id": URL + "?utm_source=x"}, headline="X")], "X"),
    ("by headline", [OTHER, {"@type": "Article", "headline": NAME}], NAME),
    ("the only one", [{"@type": "Article", "headline": "Opened at last"}], "Opened at last"),
    ("another page's", [OTHER], None),
    ("nested", [{"@type": "WebPage", "mainEntity": [{"@type": "Article", "headline": "Opened"}]}], "Opened"),
    ("in lists", [[[{"@graph": [[article()]]}]]], NAME),
    ("without a type", [{"headline": NAME, "datePublished": "2026-01-02"}], NAME),
    ("type as address", [{"@type": ["http://schema.org/NewsArticle"], "headline": NAME}], NAME),
    ("listed", [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": article()}]}], None),
    ("comments", [{"@type": "WebPage", "comment": [article()]}], None),
    ("several strangers", [{"@type": "Article", "headline": "A"}, {"@type": "Article", "headline": "B"}], None),
]  # fmt: skip


@pytest.mark.parametrize(("case", "values", "headline"), MAINS, ids=[case[0] for case in MAINS])
def test_which_article_is_the_pages_own(case: str, values: list[Any], headline: str | None) -> None:
    """The page's own article is known by address, by headline, or as the only one; what is listed never is."""
    found = read("", f"<h1>{NAME}</h1>", *values)
    assert (found.main.headline if found.main else None) == headline
    assert [told.main for told in found.articles] == [bool(headline) and not at for at in range(len(found.articles))]


def test_updates_of_a_live_blog_are_told_with_their_place() -> None:
    """The updates of a live blog follow it and say where they stand."""
    live = article(
        **{"@type": "LiveBlogPosting"},
        liveBlogUpdate=[{"@type": "BlogPosting", "headline": "09:00", "articleBody": "Rain."}],
    )
    found = read("", "", live)
    assert [(told.main, told.place, told.body) for told in found.articles] == [
        (True, "", ""),
        (False, "liveBlogUpdate", "Rain."),
    ]
    assert "liveblogposting" in found.types


def test_bodies_are_plain_lines() -> None:
    """Tags and entities in a declared body go, blocks become lines."""
    found = read(
        "", "", article(articleBody="<p>One &amp;amp; two.</p><p>3 < 4<br/>Five.</p>\n\nSix.<script>no()</script>")
    )
    assert found.main
    assert found.main.body == "One & two.\n3 < 4\nFive.\nSix."


TYPES: list[tuple[list[Any], str, set[str]]] = [
    ([article()], "article", {"newsarticle", "article"}),
    ([{"@type": ["WebPage", "CollectionPage"]}, {"@type": "Organization"}], "", {"webpage", "collectionpage"}),
    ([{"@type": "VideoObject"}], "video.other", {"videoobject", "video.other"}),
    ([article(), {"@type": "VideoObject"}], "", {"newsarticle"}),
    ([{"@type": "Product"}, {"@type": "BreadcrumbList"}], "website", {"product", "website"}),
]  # fmt: skip


@pytest.mark.parametrize(("values", "kind", "types"), TYPES, ids=range(len(TYPES)))
def test_types_of_the_main_entity(values: list[Any], kind: str, types: set[str]) -> None:
    """The types are those of what the page is about, not of what stands around it."""
    head = f"<meta property='og:type' content='{kind}'>" if kind else ""
    assert read(head, "", *values).types == types


TITLES: list[tuple[str, str, list[Any], str, str]] = [
    ("", "", [], NAME, "html"),
    ("", "<h1>Bridge opens on Friday</h1>", [], NAME, "html"),
    ("<meta property='og:title' content='Bridge to open - The Bank'>", "", [], "Bridge to open", "open-graph"),
    ("", "", [article(headline="Opened &amp; used | The Bank")], "Opened & used", "json-ld"),
    ("", "<h1>The Bank</h1><h1>Bridge opens on Friday after two years</h1>", [], "Bridge opens on Friday after two years", "html"),
    ("", "<h1>Bridge opens on Friday 2 January 2026</h1>", [], NAME, "html"),
    ("", "<h1>A message from our sponsors</h1>", [], NAME, "html"),
    ("", "<h1><i>Traffic</i><b>Bridge opens on Friday</b></h1>", [], "Traffic Bridge opens on Friday", "html"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "values", "title", "origin"), TITLES, ids=range(len(TITLES)))
def test_the_title_is_the_headline(head: str, body: str, values: list[Any], title: str, origin: str) -> None:
    """The title is the heading that a declared title resembles, else the most trusted title without the site's name."""
    found = read(head + "<meta property='og:site_name' content='The Bank'>", body, *values)
    assert (found.title, found.origins["title"]) == (title, origin)
    assert found.page_title == f"{NAME} | The Bank"


SUFFIXES = [
    ("Bridge opens | The Bank", "Bridge opens"),
    ("Bridge opens - bank.example", "Bridge opens"),
    ("The Bank: Bridge opens", "The Bank: Bridge opens"),
    ("The Bank | Bridge opens", "Bridge opens"),
    ("Bridge opens - Town - The Bank", "Bridge opens - Town"),
    ("Fire – and water", "Fire – and water"),
    ("The Bank", "The Bank"),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "bare"), SUFFIXES)
def test_site_names_leave_titles(title: str, bare: str) -> None:
    """A site's name goes from either end of a title; a dash within a headline stays."""
    assert strip_site(title, {"thebank"}, "www.bank.example") == bare


def test_descriptions_are_told_once_each() -> None:
    """All distinct descriptions are told, for finding the lead."""
    head = "<meta name='description' content='Two years.'><meta property='og:description' content='Two years'>"
    assert read(head, "", article(description="Three years.")).description == ("Two years", "Three years.")


CAPTIONS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("<figure><img src='/i/bridge-at-dawn-300x200.jpg'><figcaption>At dawn <i class='credit'>Ann Bee</i></figcaption></figure>", {},
     {"caption": "At dawn", "credit": "Ann Bee"}),
    ("<figure><img src='/i/bridge-at-dawn.jpg'><figcaption>At dawn. (Photo: Ann Bee)</figcaption></figure>", {},
     {"caption": "At dawn.", "credit": "Ann Bee"}),
    ("<figure><img src='/i/another-image.jpg'><figcaption>At noon</figcaption></figure>", {}, {}),
    ("", {"url": "https://img.example/bridge-at-dawn.jpg", "caption": "At dawn", "creditText": "dpa"},
     {"caption": "At dawn", "credit": "dpa"}),
    ("", {"url": "https://img.example/another-image.jpg", "caption": "At noon"}, {}),
    ("", {"url": "https://img.example/bridge-at-dawn.jpg", "caption": "."}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "image", "fields"), CAPTIONS, ids=range(len(CAPTIONS)))
def test_captions_belong_to_the_image(body: str, image: dict[str, Any], fields: dict[str, str]) -> None:
    """Caption and credit are those of the page's image, declared with it or shown under it."""
    head = "<meta property='og:image' content='https://img.example/bridge-at-dawn.jpg?w=1200'>"
    found = read(head, body, article(image=image)).fields
    assert {name: found[name] for name in ("caption", "credit") if name in found} == fields


def test_addresses() -> None:
    """Only http addresses count; a page is known without marks of tracking, and a query counts where the path is short."""
    assert absolute("javascript:void(0)", URL) is None
    assert absolute("http://[", URL) is None
    assert page_key("https://x.example/a.php?id=1&utm_source=y") == page_key("http://www.x.example/a.php?id=1")
    assert page_key("https://x.example/a.php?id=1") != page_key("https://x.example/a.php?id=2")
    assert page_key("http://[") is None
    assert stem_of("http://[") == ""


def test_titles_of_drawings_are_none() -> None:
    """A title within a drawing is not the page's."""
    root = lxml.html.document_fromstring("<html><body><svg><title>Logo</title></svg></body></html>")
    assert read_declared(root, None) == Declared({}, {}, {}, None, None, (), frozenset(), ())


def test_characters_that_cannot_be_written_go() -> None:
    """Control characters and half surrogates never reach a field."""
    found = read(
        "",
        "",
        '{"@type": "Article", "headline": "A\\ud83d bridge\\u0000", "author": "Ann\\udc00Bee", "articleBody": "x\\ud83d"}',
    )
    assert repr(found).encode("utf-8")
    assert (found.title, found.fields["authors"]) == ("A bridge", "Ann Bee")


KEYS = [
    "@type",
    "@id",
    "@graph",
    "@value",
    "@list",
    "url",
    "name",
    "headline",
    "author",
    "creator",
    "publisher",
    "datePublished",
    "dateModified",
    "image",
    "caption",
    "articleBody",
    "articleSection",
    "keywords",
    "description",
    "hasPart",
    "mainEntity",
    "mainEntityOfPage",
    "isAccessibleForFree",
    "inLanguage",
    "itemListElement",
    "liveBlogUpdate",
    "thumbnailUrl",
    "creditText",
]
WORDS = (
    "NewsArticle",
    "WebPage",
    "Person",
    "Organization",
    "ImageObject",
    URL,
    NAME,
    "2026-01-02",
    "#a",
    "http://[",
    "true",
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=20)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=25,
)


@given(JSON)
def test_no_json_breaks_the_reader(value: Any) -> None:
    """JSON-LD of any type in any place gives fields that are text, and raises nothing."""
    for values in (
        value,
        {**ARTICLE, "author": value, "image": value, "publisher": value, "keywords": value, "url": value},
    ):
        found = read("", f"<h1>{NAME}</h1>", values)
        assert all(isinstance(text, str) and text for text in found.fields.values())
        assert set(found.resolved) <= set(found.fields)
        assert set(found.origins) - {"title"} == set(found.fields)


@given(JSON)
def test_repair_leaves_sound_json_alone(value: Any) -> None:
    """Repaired sound JSON has the value it had."""
    text = json.dumps(value)
    assert json.loads(repair(text)) == json.loads(text)


@given(JSON, st.data())
def test_damaged_json_breaks_nothing(value: Any, data: st.DataObject) -> None:
    """JSON with a stretch cut out or put in is read or left out, without an error."""
    text = json.dumps([value, ARTICLE])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 5)))
    inset = data.draw(st.sampled_from(["", '"', "\\", "{", "]", ",", "//", "/*", "\n", "<!--", "]]>", "\x00"]))
    list(load_values([text[:start] + inset + text[end:]]))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted({s.partition(":")[2] for v in TRUST.values() for s in v})), st.text(max_size=30)
        )
    )
)
def test_no_meta_element_breaks_the_reader(pairs: list[tuple[str, str]]) -> None:
    """Any content of meta elements and marks is read or left out."""
    root = lxml.html.document_fromstring("<html><head></head><body><article><h1>A</h1></article></body></html>")
    for name, content in pairs:
        clean = "".join(sign for sign in content if sign.isprintable())
        for attribute in ("name", "property", "itemprop"):
            root.head.append(lxml.html.Element("meta", {attribute: name, "content": clean}))
    assert read_declared(root, "http://[").fields is not None
    assert set(list_evidence(root, None)) == set(TRUST)


@pytest.mark.parametrize(
    "sign", ["@", " | a", "-", " - ", "(", "<a", "&amp;", "a@a.", "_", "/", "Photo:", "©", " and b c"]
)
def test_long_nonsense_in_values_comes_to_an_end(sign: str) -> None:
    """Long runs of signs that steer patterns are read as any value, in time that grows with their length."""
    long = sign * 6_000
    head = f"<meta property='og:title' content='{long}'><meta name='author' content='{long}'>"
    more = {
        "author": [long] * 20,
        "image": {"caption": long},
        "headline": long,
        "articleBody": long,
        "datePublished": long,
    }
    found = read(head, f"<h1>{long}</h1>", article(**more))
    assert found.main
    assert "published" not in found.fields


@pytest.mark.parametrize(
    "text",
    ['"' * 50_000, "/*" * 50_000, '{"a":"' * 20_000, "," * 50_000, '" ' * 50_000, "\\" * 50_000, '{"a' + " " * 100_000],
)
def test_long_nonsense_is_left_out(text: str) -> None:
    """Long runs of signs that steer the repair give nothing of use and come to an end."""
    assert len(list(load_values(["{" + text]))) <= 1
