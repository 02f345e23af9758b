"""Kinds of pages: one article is kept of several, nothing of one article is lost, and pages without one say why.

All pages are invented. `NO_ARTICLES` are pages that must be recognised, `ARTICLES` near misses that must pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lxml.html
import pytest
from trafilatura import bare_extraction

from cleaner.html.articles import FULL, find_articles, likeness, same_address, separate, slug_of
from cleaner.html.declared import Declared, read_declared
from cleaner.html.kind import REASONS, flags_of, is_live, is_stub, judge

URL = "https://x.org/news/harbour-bridge-opens-early-10234.html"
TITLE = "Harbour bridge opens two weeks early"
MARK = '<script type="application/ld+json">{"@context":"https://schema.org",%s}</script>'
NEWS = MARK % f'"@type":"NewsArticle","headline":"{TITLE}","datePublished":"2026-03-04T08:00:00Z"'
TOPICS = ("bridge", "ferry", "orchard", "library", "tram", "school", "market", "mill", "theatre", "lighthouse")


def prose(topic: str, count: int = 6) -> str:
    """Return paragraphs of about 200 characters each."""
    said = (
        f"The {topic} has been on the council's list since the spring, and its neighbours said on Tuesday that nobody asked.",
        f"A second look at the {topic} showed that most of the money had been spent on planks, paint and a new iron gate.",
    )
    return "".join(
        f"<p>{said[n % 2]} Item {n} of the {topic} papers says that work goes on until winter comes.</p>"
        for n in range(count)
    )


def article(headline: str, topic: str, *, count: int = 6, rank: str = "h1", mark: str = "", more: str = "") -> str:
    signed = '<p class="byline">By Ann Lee</p><time datetime="2026-03-04">4 March</time>'
    return f'<article class="story" {mark}><{rank}>{headline}</{rank}>{signed}{prose(topic, count)}{more}</article>'


def page(body: str, *, title: str = TITLE, head: str = "", classes: str = "", lang: str = "en") -> str:
    head = f"<meta charset='utf-8'><title>{title}</title>{head}"
    return f"<html lang='{lang}'><head>{head}</head><body class='{classes}'>{body}</body></html>"


def parse(html: str, url: str | None = URL) -> tuple[Declared, Any]:
    root = lxml.html.fromstring(html)
    return read_declared(root, url), root


def extract(html: str, url: str | None = URL) -> str:
    found = bare_extraction(lxml.html.fromstring(html), url=url, include_comments=False)
    return (getattr(found, "text", None) or "") if found else ""


def taken(html: str, url: str | None = URL) -> list[str]:
    """Return the headlines of the articles that are taken out."""
    declared, root = parse(html, url)
    return [other.title for other in separate(declared, root, url)]


# --- several articles in a page ---------------------------------------------------------------------------------------

OWN = article(TITLE, "bridge")
FERRY = article(
    "Ferry company sells its last boat", "ferry", mark='data-url="/news/ferry-company-sells-its-last-boat-10230.html"'
)
TRAM = article("Night trams return to the old town", "tram")


def test_appended_articles_go_and_the_own_one_stays() -> None:
    """An endless scroll gives the article of the URL; the others come back whole, with title, address, text and place."""
    declared, root = parse(page(f"<main>{OWN}{FERRY} tail {TRAM}</main>"))
    ferry, tram = separate(declared, root, URL)
    assert (ferry.title, ferry.url) == (
        "Ferry company sells its last boat",
        "/news/ferry-company-sells-its-last-boat-10230.html",
    )
    assert (tram.title, tram.url, tram.path) == (
        "Night trams return to the old town",
        None,
        "/html/body/main/article[2]",
    )
    assert ferry.text.splitlines()[2].startswith("The ferry has been on the council's list")
    assert ferry.element.getparent() is None
    left = root.text_content()
    assert [word in left for word in ("bridge papers", "tail", "ferry", "tram")] == [True, True, False, False]


def test_own_article_may_stand_below_others() -> None:
    """The article that the URL names is kept though another comes first."""
    assert taken(page(FERRY + TRAM + OWN)) == [
        "Ferry company sells its last boat",
        "Night trams return to the old town",
    ]


def test_address_of_a_container_comes_before_titles() -> None:
    """A container whose data-url is the page's own address holds the page's article, whatever its headline is."""
    own = article("Cutting the ribbon", "bridge", mark=f'data-url="{URL}"')
    assert taken(page(own + FERRY, title="News")) == ["Ferry company sells its last boat"]


def test_canonical_address_names_the_article() -> None:
    """Where a page was fetched from another address, the canonical one decides."""
    own = article("Cutting the ribbon", "bridge", mark='data-url="/a/ribbon"')
    head = '<link rel="canonical" href="https://x.org/a/ribbon">'
    assert taken(page(FERRY + own, title="News", head=head), None) == ["Ferry company sells its last boat"]


def test_scroll_blocks_without_article_elements_are_told_apart() -> None:
    """Repeated containers of one class with an h1 each are articles too."""
    blocks = [(URL, TITLE, "bridge"), ("https://x.org/a/ferry-sold", "Ferry company sells its last boat", "ferry")]
    html = "".join(f'<div class="scroll" data-url="{u}"><h1>{t}</h1>{prose(w)}</div>' for u, t, w in blocks)
    assert taken(page(html)) == ["Ferry company sells its last boat"]


def test_article_nested_in_the_own_one_goes() -> None:
    """An article that a loader put inside the page's own article is taken out, and only that."""
    html = page(article(TITLE, "bridge", more=f"<div>{TRAM}</div>"))
    declared, root = parse(html)
    assert [other.title for other in separate(declared, root, URL)] == ["Night trams return to the old town"]
    assert "bridge papers" in root.text_content()


def test_headlines_of_second_rank_do() -> None:
    """Stories of one kind under h2 in a page without h1 are told apart by the same proof."""
    html = "".join(article(t, w, rank="h2", mark=f'data-path="news/{w}-{n}"')
                   for n, (t, w) in enumerate([(TITLE, "bridge"), ("Ferry company sells its last boat", "ferry")]))  # fmt: skip
    assert taken(page(html)) == ["Ferry company sells its last boat"]


def sections(tag: str = "article", rank: str = "h2") -> str:
    return "".join(
        f"<{tag} class='part'><{rank}>About the {t} and its story</{rank}>{prose(t)}</{tag}>" for t in TOPICS[:4]
    )


POSTS = "".join(
    f'<div class="live-post"><time datetime="2026-03-04T0{n}:00">0{n}.00</time><h2>Update {n}</h2>{prose("tram", 1)}</div>'
    for n in range(8)
)
ONE_ARTICLE = {
    "sections in article elements": f"<h1>{TITLE}</h1>{prose('bridge')}{sections()}",
    "sections inside the article": article(TITLE, "bridge", more=sections()),
    "sections with h1 of their own": f"<article><h1>{TITLE}</h1>{prose('bridge')}</article>{sections(rank='h1')}",
    "first section has the title": f"<article><h2>{TITLE}</h2>{prose('bridge')}</article>{sections()}",
    "teasers under h1": OWN
    + "".join(f'<article><h1><a href="/n/{t}">The {t} in brief today</a></h1>{prose(t, 1)}</article>' for t in TOPICS),
    "comments with headings": OWN + f'<div class="comments">{article("I do not agree at all", "ferry")}</div>',
    "comments in article elements": OWN + "".join(f'<article class="comment">{prose(t)}</article>' for t in TOPICS),
    "forum answers": OWN + article(f"Re: {TITLE}", "ferry"),
    "a body in two containers": f'<article><h1>{TITLE}</h1>{prose("bridge", 3)}</article><article class="rest">{prose("bridge")}</article>',
    "headline apart from the body": f"<header><h1>{TITLE}</h1></header><main>{prose('bridge')}<section><h1>More on ferries today</h1>{prose('ferry', 2)}"
    "<time>4 March</time></section></main>",
    "boxed background before the body": f'<div class="a"><h1>{TITLE}</h1><p>Short lead.</p></div><div class="a"><h1>How bridges are built</h1><time>2026</time>'
    f"{prose('mill')}</div><div>{prose('bridge')}</div>",
    "list of ten": f"<h1>{TITLE}</h1>"
    + "".join(
        f'<article><h2><a href="/tip/{t}">{n}. The old {t} house</a></h2>{prose(t)}</article>'
        for n, t in enumerate(TOPICS)
    ),
    "links to parts of the page": article(TITLE, "bridge")
    + f'<article class="story"><h1><a href="{URL}#2">The second part of it</a></h1>{prose("mill")}</article>',
    "the same headline twice": OWN + article(TITLE, "bridge"),
    "a short other one": OWN + article("Ferry company sells its last boat", "ferry", count=1),
}


@pytest.mark.parametrize("body", ONE_ARTICLE.values(), ids=ONE_ARTICLE)
def test_one_article_is_never_split(body: str) -> None:
    """Sections, teasers, comments, list items and split bodies stay where they are."""
    assert taken(page(body)) == []


def test_nothing_is_taken_where_no_article_is_the_own_one() -> None:
    """A blog's front page names none of its posts, so none is kept and none goes."""
    assert taken(page(FERRY + TRAM, title="My blog"), "https://x.org/blog/") == []


def test_nothing_is_taken_where_title_and_address_disagree() -> None:
    """A title that was read from an appended article does not make it the page's own."""
    assert taken(page(FERRY + OWN, title="Ferry company sells its last boat")) == []


def test_live_blog_is_not_split() -> None:
    """The posts of a live blog are its article."""
    head = MARK % f'"@type":"LiveBlogPosting","headline":"{TITLE}"'
    assert taken(page(OWN + FERRY + TRAM, head=head)) == []


def test_finding_changes_nothing() -> None:
    """The tree is the same after looking for articles; the others have at least `FULL` characters."""
    declared, root = parse(page(OWN + FERRY))
    before = lxml.html.tostring(root)
    found = find_articles(declared, root, URL)
    assert found is not None
    assert found.own.headline == TITLE
    assert [unit.length >= FULL for unit in found.others] == [True]
    assert lxml.html.tostring(root) == before


@pytest.mark.parametrize(("one", "other", "same"), [
    ("https://x.org/a/b/", "/a/b?ref=1", True), ("a/b", "https://x.org/A/B", True),
    ("https://x.org/", "https://y.org/", False), ("https://[x/a", "/a", False),
])  # fmt: skip
def test_addresses_are_compared_by_path(one: str, other: str, same: bool) -> None:
    """Queries, slashes and case make no other page; the root of a site names no article; broken URLs equal nothing."""
    assert same_address(one, other) is same


def test_words_of_slugs_and_headlines_are_compared() -> None:
    """Slugs speak with three words at least; short headlines are alike only where they are equal."""
    assert slug_of(URL) == "harbour bridge opens early"
    assert slug_of("https://x.org/10234") == ""
    assert likeness("Bridge", "Bridge opens tomorrow") == 0.0
    assert likeness("港口大桥提前两周开放", "港口大桥提前两周开放-晨报") == 1.0
    assert likeness("Bridge", "bridge ") == 1.0


# --- live blogs and paywalls ------------------------------------------------------------------------------------------


def test_live_blogs_are_known_by_type_or_by_posts() -> None:
    """A declared type is enough; without one it takes many timestamped posts in something named live."""
    assert is_live(*parse(page(OWN, head=MARK % '"@type":"LiveBlogPosting","headline":"Storm"')))
    assert is_live(*parse(page(f'<h1>{TITLE}</h1><div id="live-blog">{POSTS}</div>')))
    assert not is_live(*parse(page(OWN, head=NEWS)))
    assert not is_live(*parse(page(f"<h1>{TITLE}</h1><div>{POSTS.replace('live-post', 'event')}</div>")))


def paid(free: str, body: str = "") -> str:
    more = f',"articleBody":"{body}"' if body else ""
    return MARK % f'"@type":"NewsArticle","headline":"{TITLE}","isAccessibleForFree":{free}{more}'


LEAD = "The council opened the bridge on Monday, two weeks before the date that had been set."
WALL = '<div class="paywall">Subscribe to read on.</div>'


@pytest.mark.parametrize(("head", "body", "text", "stub"), [
    (paid("false"), "", LEAD, True),
    (paid("false"), "", LEAD * 40, False),
    (paid("false"), "", LEAD * 20 + " And then the", True),
    (paid("false", LEAD * 60), "", LEAD * 30, True),
    (paid("true"), WALL, LEAD, False),
    (paid("true", LEAD * 60), WALL, LEAD, False),
    ("", WALL, LEAD + " The mayor was ...", True),
    ("", WALL, LEAD, False),
    ("", WALL, LEAD * 20, False),
    ("", "", LEAD + " The mayor was ...", False),
    ("", "<div id='regwall-box'></div>", "", True),
])  # fmt: skip
def test_paywall_stub_needs_a_wall_and_a_cut(head: str, body: str, text: str, stub: bool) -> None:
    """A page that is paid, or walled, is a stub where its text is short, breaks off or is less than it declares."""
    declared, root = parse(page(f"<h1>{TITLE}</h1><p>{text}</p>{body}", head=head))
    assert is_stub(declared, root, text) is stub


def test_flags_tell_the_kind() -> None:
    """Each kind is one flag; what is no article has no other."""
    live = page(OWN, head=MARK % '"@type":"LiveBlogPosting","headline":"Storm","isAccessibleForFree":true')
    for html, flags in (
        (live, ("html:live",)),
        (page(OWN, head=NEWS), ()),
        (page(f"<h1>{TITLE}</h1><p>{LEAD}</p>", head=paid("false")), ("html:paywall",)),
        (page("<h1>404</h1>", title="404 Not Found"), ("html:no-article error",)),
    ):
        assert flags_of(*parse(html), extract(html), URL) == flags


# --- no article -------------------------------------------------------------------------------------------------------


def teasers(
    count: int = 12,
    text: str = "The council met on Monday. More is to come.",
    rank: str = "h3",
    topics: Sequence[str] = TOPICS,
) -> str:
    cards = (
        f"<div class='card'><{rank}><a href='/n/{n}'>{topics[n % len(topics)].title()} story number {n}</a></{rank}><p>{text}</p></div>"
        for n in range(count)
    )
    return f"<main>{''.join(cards)}</main>"


SHELL = '<div id="root"></div><script src="/static/app.js"></script>'
COOKIES = (
    "<h2>Cookies</h2>"
    + "<p>We use cookies. With your consent our partners set cookies. Your privacy choice is kept in a cookie.</p>" * 4
)
KEKSE = (
    "<h2>Datenschutz</h2>"
    + "<p>Wir nutzen Cookies. Mit Ihrer Zustimmung setzen Partner Cookies. Die Einwilligung ist freiwillig.</p>" * 4
)
FORM = '<form action="/go"><input name="u"><input type="password" name="p"><button>OK</button></form>'
FIGURES = "".join(f'<figure><img src="/{n}.jpg"><figcaption>Picture {n}</figcaption></figure>' for n in range(9))
PRODUCT = MARK % '"@type":"Product","name":"Iron gate","offers":{"@type":"Offer","price":"90"}'
CART = '<form class="cart"><button name="add-to-cart">Buy</button></form>'
VIDEO = MARK % '"@type":"VideoObject","name":"The bridge"'


def error(title: str, heading: str = "", lang: str = "en") -> tuple[str, str, str]:
    return "error", "https://x.org/a/b", page(f"<h1>{heading or title}</h1><p>x</p>", title=title, lang=lang)


NO_ARTICLES: dict[str, tuple[str, str, str]] = {
    "error page in English": error("Page not found"),
    "error page of WordPress": ("error", URL, page("<h1>Oops! That page can’t be found.</h1>" + teasers(5), title="Seite", classes="error404 wp")),
    "error page with a sentence": error("My site", "Oops! That page can’t be found."),
    "error page by number": error("Error 404"),
    "error page by number and words": error("404 - Seite existiert nicht", "Hoppla", "de"),
    "server error": error("502 Bad Gateway"),
    "service error": error("Service Temporarily Unavailable"),
    "forbidden": error("403 Forbidden"),
    "blocked": error("Access Denied"),
    "error page in German": error("Seite nicht gefunden", "", "de"),
    "error page in French": error("Page introuvable", "", "fr"),
    "error page in Spanish": error("Página no encontrada", "", "es"),
    "error page in Russian": error("Страница не найдена", "", "ru"),
    "error page in Polish": error("Strona nie istnieje", "", "pl"),
    "error page in Chinese": error("页面不存在", "", "zh"),
    "error page in Japanese": error("ページが見つかりません", "", "ja"),
    "error page in Korean": error("페이지를 찾을 수 없습니다", "", "ko"),
    "error page in Arabic": error("الصفحة غير موجودة", "", "ar"),
    "error page in Turkish": error("Sayfa bulunamadı", "", "tr"),
    "error page by path": ("error", "https://x.org/404.html", page("<h1>Huh</h1><p>x</p>", title="Huh")),
    "captcha by title": ("captcha", URL, page("<h1>x.org</h1><p>Checking.</p>", title="Just a moment...")),
    "captcha by script": ("captcha", URL, page('<p>Un instant, merci.</p><script src="https://geo.captcha-delivery.com/c.js"></script>', title="x.org")),
    "captcha by form": ("captcha", URL, page('<form id="challenge-form"><p>Warten.</p></form>', title="x.org")),
    "captcha in Chinese": ("captcha", URL, page("<h1>安全验证</h1><p>请拖动滑块。</p>", title="安全验证")),
    "consent wall": ("consent", "https://x.org/consent", page(COOKIES, title="x.org")),
    "consent wall in German": ("consent", "https://x.org/a/b", page(KEKSE, title="x.org", lang="de")),
    "login": ("login", "https://x.org/login?to=/a", page(f"<h1>Welcome</h1>{FORM}", title="x.org")),
    "login in Spanish": ("login", "https://x.org/a/b", page(f"<h1>Iniciar sesión</h1>{FORM}", title="x.org")),
    "script shell": ("script", URL, page(SHELL)),
    "script shell with noscript": ("script", URL, page(f"{SHELL}<noscript><p>Please switch on JavaScript to read this page.</p></noscript>")),
    "search results": ("search", "https://x.org/search?q=tram", page(teasers(), title="tram - Search")),
    "search results in German": ("search", "https://x.org/suche/bahn", page(teasers(), title="Suche")),
    "search results of WordPress": ("search", "https://x.org/?s=tram", page(teasers(3), title="tram", classes="search search-results")),
    "front page": ("listing", "https://x.org/", page(teasers(30), title="The Herald")),
    "front page of a language": ("listing", "https://x.org/de/", page(teasers(20), title="Der Herold")),
    "front page that calls itself an article": ("listing", "https://x.org/", page(teasers(20), head='<meta property="og:type" content="article">')),
    "tag listing of WordPress": ("listing", "https://x.org/tag/tram/", page(teasers(6, rank="h2"), title="tram", classes="archive tag tag-tram tag-12")),
    "category listing": ("listing", "https://x.org/category/news/page/2", page(teasers(8), title="News")),
    "author listing": ("listing", "https://x.org/author/ann", page(teasers(8), title="Ann Lee", head=MARK % '"@type":"ProfilePage"')),
    "collection": ("listing", "https://x.org/sport", page(teasers(8), title="Sport", head=MARK % '"@type":"CollectionPage"')),
    "section that says nothing of itself": ("listing", "https://x.org/sport", page(teasers(20, rank="h2"), title="Sport")),
    "listing in Chinese": ("listing", "https://x.org/tag/a", page(teasers(8, "市议会星期一开会。", topics=("桥梁", "渡船")), title="标签")),
    "product": ("product", "https://x.org/p/12", page(f"<h1>Iron gate</h1><p>{LEAD}</p>{CART}", title="Iron gate", head=PRODUCT)),
    "product of Open Graph": ("product", "https://x.org/p/1", page(f"<h1>Gate</h1><p>{LEAD}</p>", head='<meta property="og:type" content="product">')),
    "video": ("video", "https://x.org/v/1", page(f"<h1>The bridge</h1><video></video><p>{LEAD}</p>", title="The bridge", head=VIDEO)),
    "gallery": ("gallery", "https://x.org/gallery/bridge", page(f"<h1>The bridge in pictures</h1>{FIGURES}", title="The bridge in pictures")),
    "gallery in French": ("gallery", "https://x.org/diaporama/pont", page(f"<h1>Le pont</h1>{FIGURES}", title="Le pont", lang="fr")),
    "nothing": ("empty", URL, page("<h1>Bridge</h1>", title="Bridge")),
}  # fmt: skip


def reason_of(html: str, url: str | None) -> str | None:
    declared, root = parse(html, url)
    return judge(declared, root, extract(html, url), url)


@pytest.mark.parametrize(("reason", "url", "html"), NO_ARTICLES.values(), ids=NO_ARTICLES)
def test_no_article_is_told_with_its_reason(reason: str, url: str, html: str) -> None:
    """Error pages, walls, shells, listings, products, videos and galleries are told apart."""
    assert reason in REASONS
    assert reason_of(html, url) == reason


BRIEF = "<p>A tram left the rails in the old town on Tuesday night, police said. Nobody was hurt, and the line is closed until noon.</p>"
LINES = "".join(
    f"<p>The {t} sleeps<br>beneath the snow,<br>and no one keeps<br>what {t}s know.</p>" for t in TOPICS[:4]
)
TALK = "".join(
    f"<p><strong>Why the {t}?</strong></p><p>Because the {t} is old, and because it was always there when we needed it.</p>"
    for t in TOPICS
)
TABLE = (
    "<table>"
    + "".join(f"<tr><td>{n}</td><td>{t.title()} FC</td><td>{30 - n}</td></tr>" for n, t in enumerate(TOPICS))
    + "</table>"
)
RECIPE = MARK % f'"@type":"Recipe","name":"Apple bread","datePublished":"2026-01-01","recipeIngredient":["{TOPICS[0]}"]'
STEPS = "<ul><li>500 g flour</li><li>3 apples</li></ul><ol><li>Knead the dough for ten minutes.</li><li>Bake it for an hour at 180 degrees.</li></ol>"
LINKS = "<ul>" + "".join(f'<li><a href="/o/{t}">What the {t} says about us</a></li>' for t in TOPICS) + "</ul>"
TIPS = "".join(f'<h2><a href="/t/{n}">{n}. The {t}</a></h2>{prose(t, 2)}' for n, t in enumerate(TOPICS, 1))

ARTICLES: dict[str, tuple[str, str]] = {
    "article": (URL, page(OWN, head=NEWS)),
    "article that declares nothing": (URL, page(f"<h1>{TITLE}</h1>{prose('bridge')}")),
    "breaking news of two sentences": (URL, page(f"<h1>Tram derails in old town</h1>{BRIEF}", title="Tram derails in old town")),
    "breaking news among many teasers": (URL, page(f"<article><h1>Tram derails</h1>{BRIEF * 2}</article>{teasers(20)}", head=NEWS)),
    "breaking news with a login in the header": (URL, page(f"<header>{FORM}</header><h1>Tram derails</h1>{BRIEF * 4}", title="Tram derails")),
    "breaking news in Chinese": (URL, page(f"<h1>旧城电车出轨</h1><p>{'警方表示，星期二晚上一辆电车在旧城出轨，无人受伤。' * 3}</p>", title="旧城电车出轨")),
    "opinion with lists of links": (URL, page(f"<h1>{TITLE}</h1>{prose('bridge')}{LINKS}{prose('mill')}{LINKS}")),
    "opinion about cookies": (URL, page(f"<h1>Who eats our cookies?</h1>{COOKIES}{prose('bridge', 12)}", head=NEWS)),
    "list of ten": (URL, page(f"<h1>Ten houses to see this summer</h1>{prose('mill', 2)}{TIPS}", title="Ten houses to see")),
    "recipe": (URL, page(f"<h1>Apple bread</h1><p>My aunt baked it every autumn.</p>{STEPS}", title="Apple bread", head=RECIPE)),
    "recipe that declares nothing": (URL, page(f"<h1>Apple bread</h1><p>{LEAD}</p>{STEPS}", title="Apple bread")),
    "poem": (URL, page(f"<article><h1>Snow</h1>{LINES}</article>", title="Snow")),
    "interview": (URL, page(f"<h1>The miller speaks</h1>{TALK}", title="The miller speaks")),
    "sports report with a table": (URL, page(f"<h1>Mill FC go top</h1>{BRIEF}{TABLE}", title="Mill FC go top", head=NEWS)),
    "obituary": (URL, page(f"<h1>Ann Lee (1931-2026)</h1><p>{LEAD} She leaves two sons.</p>", title="Ann Lee, miller")),
    "live blog": (URL, page(f'<h1>{TITLE}</h1><div id="live-blog">{POSTS}</div>')),
    "press release": (URL, page(f"<h1>Mill Ltd opens plant</h1>{prose('mill', 3)}<p>Contact: Ann Lee, +1 555 0100</p>", title="Mill Ltd opens plant")),
    "article at the root of a site": ("https://x.org/", page(f"<h1>{TITLE}</h1>{prose('bridge', 10)}")),
    "article in a blog's tag path": ("https://x.org/tag/a/bridge-opens", page(f"<h1>{TITLE}</h1>{prose('bridge', 10)}{teasers(6)}")),
    "article of a site whose body is called blog": (URL, page(f"<h1>{TITLE}</h1>{prose('bridge', 10)}{teasers(6)}", classes="blog home")),
    "news about a missing page": (URL, page(f"<h1>Missing page of old book still not found</h1>{BRIEF * 4}", title="Missing page of old book still not found")),
    "news about the number 404": (URL, page(f"<h1>404 people moved to the valley last year</h1>{BRIEF}", title="404 people moved to the valley last year", head=NEWS)),
    "news about captchas": (URL, page(f"<h1>Why a captcha takes so long</h1>{prose('mill')}", title="Why a captcha takes so long")),
    "review of a product": (URL, page(f"<h1>Iron gates in test</h1>{prose('mill', 12)}", head=PRODUCT + NEWS)),
    "article with a video": (URL, page(f"<h1>{TITLE}</h1><video></video>{BRIEF}", head=VIDEO + NEWS)),
    "picture story": ("https://x.org/photos/bridge", page(f"<h1>The bridge</h1>{prose('bridge', 3)}{FIGURES}", title="The bridge")),
    "article found by a query": ("https://x.org/read?q=12", page(f"<h1>{TITLE}</h1>{prose('bridge', 8)}{teasers(5)}")),
    "article of a script site that sent its text": (URL, page(f"<div id='root'><h1>{TITLE}</h1>{prose('bridge', 3)}</div>{SHELL}")),
}  # fmt: skip


@pytest.mark.parametrize(("url", "html"), ARTICLES.values(), ids=ARTICLES)
def test_articles_pass(url: str, html: str) -> None:
    """Short, listing, tabular and technical articles are articles."""
    assert reason_of(html, url) is None


def test_broken_addresses_are_no_evidence() -> None:
    """A URL that cannot be read neither raises nor makes a page a listing."""
    assert reason_of(page(OWN, head=NEWS), "http://[x/tag/a") is None


@pytest.mark.parametrize(
    "html", ["<p>x</p>", "<h1>x</h1>", "<!-- x --><div><h1>a</h1><h1>b</h1></div>", "<body></body>", "<html></html>"]
)
def test_fragments_raise_nothing(html: str) -> None:
    """Trees without head, body or text are judged like all others."""
    declared, root = parse(html, None)
    assert separate(declared, root, None) == ()
    assert flags_of(declared, root, "", None) == ("html:no-article empty",)
