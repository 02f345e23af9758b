"""Extractors of the article from a page, called as their documentation says, with what it recommends for news."""

from __future__ import annotations

import logging
from functools import cache, partial
from typing import Any
from warnings import catch_warnings, simplefilter

from cleaner.bench.case import Case
from cleaner.bench.peer import Extract, Peer
from cleaner.bench.peers.given import language, markup_of, page_of


def hush(extract: Extract, *loggers: str) -> Extract:
    """Keep a library from logging and warning: what fails is in the figures."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def quiet(case: Case) -> str:
        with catch_warnings():
            simplefilter("ignore")
            return extract(case)

    return quiet


def trafilatura(**options: Any) -> Extract:
    """Prepare trafilatura's `extract`."""
    from trafilatura import extract

    return hush(
        lambda case: extract(markup_of(case), url=page_of(case).url, **options) or "",
        "trafilatura",
        "htmldate",
        "courlan",
    )


def readability() -> Extract:
    """Prepare readability-lxml; resiliparse prints the fragment that it chooses."""
    from readability import Document
    from resiliparse.extract.html2text import extract_plain_text

    def extract(case: Case) -> str:
        chosen = Document(markup_of(case), url=page_of(case).url).summary(html_partial=True)
        return str(extract_plain_text(chosen, list_bullets=False, alt_texts=False))

    return hush(extract, "readability")


def justext() -> Extract:
    """Prepare jusText: with the stoplist of the page's language, or as it reads languages for which it has none."""
    from justext import get_stoplist, justext
    from trafilatura.settings import JUSTEXT_LANGUAGES

    stoplist = cache(get_stoplist)
    anywhere = {"stoplist": frozenset(), "stopwords_low": 0, "stopwords_high": 0}

    def extract(case: Case) -> str:
        markup = markup_of(case)
        name = JUSTEXT_LANGUAGES.get(language(case, markup))
        options: dict[str, Any] = {"stoplist": stoplist(name)} if name else anywhere
        return "\n".join(one.text for one in justext(markup, **options) if not one.is_boilerplate)

    return hush(extract)


def resiliparse() -> Extract:
    """Prepare resiliparse's main content, without comments, as its authors ran it in their benchmark of extractors."""
    from resiliparse.extract.html2text import extract_plain_text

    print_text = partial(
        extract_plain_text, main_content=True, list_bullets=False, comments=False, links=False, alt_texts=False
    )
    return lambda case: str(print_text(markup_of(case)))


def newspaper() -> Extract:
    """Prepare newspaper4k, offline, in the page's language where it can split its words; else in English, its default."""
    import newspaper
    from newspaper.text import StopWords
    from tldextract import tldextract

    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # else it fetches the list
    _load_segmenter()

    @cache
    def spoken(lang: str) -> str:
        try:
            StopWords(lang).get_stopword_count(lang)
        except (ImportError, LookupError, OSError):  # no splitter, no data for it, no stop words
            return "en"
        return lang

    def extract(case: Case) -> str:
        markup = markup_of(case)
        if not markup.strip():  # what it takes for a page that is yet to be fetched
            return ""
        lang = language(case, markup)
        article = newspaper.Article(
            page_of(case).url or "", language=spoken(lang) if lang else None, fetch_images=False
        )
        article.download(input_html=markup)
        article.parse()
        return str(article.text)

    return hush(extract, "newspaper", "tldextract")


def goose() -> Extract:
    """Prepare goose3, offline, with the splitter of words that it has for the page's language."""
    from goose3 import Goose, text

    splitters = {
        "ar": text.StopWordsArabic,
        "ja": text.StopWordsJapanese,
        "ko": text.StopWordsKorean,
        "zh": text.StopWordsChinese,
    }
    _load_segmenter()

    @cache
    def made(lang: str) -> Any:
        known = {"target_language": lang, "use_meta_language": False} if lang else {}
        splitter = splitters.get(lang, text.StopWords)
        return Goose({"enable_image_fetching": False, "stopwords_class": splitter, **known})

    def extract(case: Case) -> str:
        markup = markup_of(case)
        return str(made(language(case, markup)).extract(raw_html=markup).cleaned_text)

    return hush(extract, "goose3")


def boilerpy(extractor: str) -> Extract:
    """Prepare an extractor of boilerpy3, by name."""
    from boilerpy3 import extractors

    made = getattr(extractors, extractor)()
    return hush(lambda case: str(made.get_content(markup_of(case))), "boilerpy3")


def inscriptis() -> Extract:
    """Prepare the text of the whole page, layout kept."""
    from inscriptis import get_text

    return lambda case: str(get_text(markup_of(case)))


def html2text() -> Extract:
    """Prepare the whole page as Markdown, without links and pictures, its lines unbroken."""
    from html2text import HTML2Text

    def extract(case: Case) -> str:
        printer = HTML2Text(bodywidth=0)  # one for each page: it remembers what it read
        printer.ignore_links = printer.ignore_images = True
        return str(printer.handle(markup_of(case)))

    return extract


def _load_segmenter() -> None:
    """Load the dictionary of Chinese once, where it is installed: not while the first Chinese page is timed."""
    try:
        import jieba
    except ImportError:
        return
    jieba.setLogLevel(logging.CRITICAL)
    jieba.initialize()


def _trafilatura(name: str, options: dict[str, Any], call: str) -> Peer:
    made = partial(trafilatura, **options)
    return Peer(f"trafilatura{name}", "extractor", "html", made, call, ("trafilatura", "lxml"), ("trafilatura",))


def _boilerpy(name: str, extractor: str) -> Peer:
    call = f"extractors.{extractor}().get_content(html)"
    return Peer(name, "extractor", "html", partial(boilerpy, extractor), call, ("boilerpy3",), ("boilerpy3",))


EXTRACTORS = (
    _trafilatura("", {}, "extract(html, url=url)"),
    _trafilatura(" fast", {"fast": True}, "extract(html, url=url, fast=True)"),
    _trafilatura(" precision", {"favor_precision": True}, "extract(html, url=url, favor_precision=True)"),
    _trafilatura(" recall", {"favor_recall": True}, "extract(html, url=url, favor_recall=True)"),
    _trafilatura(" no comments", {"include_comments": False}, "extract(html, url=url, include_comments=False)"),
    Peer(
        "readability-lxml",
        "extractor",
        "html",
        readability,
        "Document(html, url=url).summary(html_partial=True), printed by resiliparse's "
        "extract_plain_text(summary, list_bullets=False, alt_texts=False)",
        ("readability-lxml", "lxml", "Resiliparse"),
        ("readability", "resiliparse"),
    ),
    Peer(
        "jusText",
        "extractor",
        "html",
        justext,
        "justext(html, get_stoplist(language)), or justext(html, frozenset(), stopwords_low=0, stopwords_high=0) where it "
        "has no stoplist; paragraphs that are no boilerplate, a line each",
        ("jusText", "lxml"),
        ("justext", "trafilatura"),
    ),
    Peer(
        "resiliparse",
        "extractor",
        "html",
        resiliparse,
        "extract_plain_text(html, main_content=True, list_bullets=False, comments=False, links=False, alt_texts=False)",
        ("Resiliparse",),
        ("resiliparse",),
    ),
    Peer(
        "newspaper4k",
        "extractor",
        "html",
        newspaper,
        "Article(url, language=language, fetch_images=False).download(input_html=html).parse().text",
        ("newspaper4k", "lxml", "jieba", "nltk", "tinysegmenter"),
        ("newspaper", "tldextract"),
    ),
    Peer(
        "goose3",
        "extractor",
        "html",
        goose,
        "Goose({'target_language': language, 'use_meta_language': False, 'stopwords_class': the one for the language, "
        "'enable_image_fetching': False}).extract(raw_html=html).cleaned_text",
        ("goose3", "lxml", "fugashi", "jieba", "nltk"),
        ("goose3",),
    ),
    _boilerpy("boilerpy3", "ArticleExtractor"),
    _boilerpy("boilerpy3 sentences", "ArticleSentencesExtractor"),
    _boilerpy("boilerpy3 default", "DefaultExtractor"),
    Peer("inscriptis", "floor", "html", inscriptis, "get_text(html)", ("inscriptis", "lxml"), ("inscriptis",)),
    Peer(
        "html2text",
        "floor",
        "html",
        html2text,
        "HTML2Text(bodywidth=0) with ignore_links and ignore_images, .handle(html)",
        ("html2text",),
        ("html2text",),
    ),
)
