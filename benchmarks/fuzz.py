"""Break pages and clean them: nothing may raise, run over its time, or leave a trail that does not replay.

Usage: python -m benchmarks.fuzz [--pages 10000] [--seed 1] [--jobs 2] [--seconds 10] [--save FOLDER] [FILE.jsonl[.zst]]...

Each page, real or invented, is mutated one to four times and cleaned twice: as text, and as bytes in some encoding. Only
the public interface is used. The same seed breaks the same pages in the same way, whatever the number of jobs. The exit
code is 1 where anything failed; `--save` keeps the inputs that did.
"""

from __future__ import annotations

import argparse
import base64
import io
import itertools
import json
import logging
import multiprocessing
import random
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import zstandard
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cleaner import Cleaned, Cleaner, replay
from cleaner.deadline import Overdue, deadline

MAX_LENGTH = 150_000
"""Code points of a page that is mutated; longer ones are left out, for speed."""

MAX_POOL = 500
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*>")
Mutation = Callable[[random.Random, str], str]


@dataclass(frozen=True, slots=True)
class Case:
    """Hold one broken page and how it was broken."""

    number: int
    html: str | bytes
    mutations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what became of one case; `failure` is empty where all went well."""

    number: int
    seconds: float
    length: int
    mutations: tuple[str, ...]
    flags: tuple[str, ...] = ()
    empty: bool = False
    failure: str = ""
    detail: str = ""
    html: str | bytes = field(default="", repr=False)


# --- pages


def read_pages(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the pages in JSON Lines files, plain or compressed by Zstandard."""
    for path in paths:
        with path.open("rb") as raw:
            stream = zstandard.ZstdDecompressor().stream_reader(raw) if path.suffix == ".zst" else raw
            for line in io.TextIOWrapper(stream, encoding="utf-8"):
                html = json.loads(line).get("html")
                if isinstance(html, str) and 0 < len(html) <= MAX_LENGTH:
                    yield html


def pool(paths: list[Path], seed: int) -> list[str]:
    """Gather pages to break: a sample of the real ones, or invented ones where no file is given."""
    if not paths:
        return [invent(random.Random(f"{seed}/{number}")) for number in range(60)]
    pages = list(read_pages(paths))
    random.Random(seed).shuffle(pages)
    if not pages:
        raise SystemExit("no pages in the files given: each line needs a text `html`")
    return pages[:MAX_POOL]


SENTENCES = (
    "The bridge opens on Friday after two years of work on both banks.",
    "It cost nine million, twice what the council had planned.",
    "Divers replaced the cables one by one, a spokeswoman said.",
    "Die Brücke öffnet am Freitag nach zwei Jahren Bauzeit.",
    "Мост откроют в пятницу после двух лет работ на обоих берегах.",
    "这座大桥将于星期五开放，市长星期一表示。",
    "سيفتح الجسر يوم الجمعة بعد عامين من العمل.",
)


def invent(rng: random.Random) -> str:
    """Invent a small news page with the furniture that such pages have."""
    article = "".join(
        f"<p>{' '.join(rng.choices(SENTENCES, k=rng.randint(1, 5)))}</p>" for _ in range(rng.randint(2, 12))
    )
    links = "".join(f"<li><a href='/{n}'>{rng.choice(SENTENCES)[:30]}</a></li>" for n in range(rng.randint(2, 15)))
    data = {
        "@type": "NewsArticle",
        "headline": "Bridge opens",
        "datePublished": "2025-03-01",
        "author": [{"name": "A. Bee"}],
    }
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Bridge opens</title>"
        f"<meta property='og:title' content='Bridge opens'><meta name='description' content='{SENTENCES[0]}'>"
        f"<link rel='canonical' href='https://post.example/a'><script type='application/ld+json'>{json.dumps(data)}</script>"
        f"</head><body><nav><ul>{links}</ul></nav><main><article><h1>Bridge opens</h1>"
        f"<figure><img src='a.jpg'><figcaption>The bridge</figcaption></figure>{article}"
        f"<table><tr><td>1</td><td>2</td></tr></table></article><aside class='related'><ul>{links}</ul></aside></main>"
        f"<footer>About us</footer><script>var a = 1 < 2;</script></body></html>"
    )


# --- mutations


def _tags(rng: random.Random, html: str) -> list[re.Match[str]]:
    """Return some tags in order, from a random stretch of the page."""
    start = rng.randrange(len(html) + 1)
    found = list(itertools.islice(TAG.finditer(html, start), 400))
    return found or list(itertools.islice(TAG.finditer(html), 400))


def _subtree(rng: random.Random, html: str) -> tuple[int, int]:
    """Find a stretch from a start tag to an end tag of its name; an empty one where there is none."""
    starts = [tag for tag in _tags(rng, html) if not tag[1]]
    for tag in rng.sample(starts, min(5, len(starts))):
        end = re.compile(rf"</{re.escape(tag[2])}\s*>", re.IGNORECASE).search(html, tag.end())
        if end:
            return tag.start(), end.end()
    at = rng.randrange(len(html) + 1)
    return at, at


def _place(rng: random.Random, html: str) -> int:
    """Choose a place: mostly between tags, at times anywhere."""
    tags = _tags(rng, html)
    return rng.choice(tags).end() if tags and rng.random() < 0.8 else rng.randrange(len(html) + 1)


def _insert(rng: random.Random, html: str, what: str) -> str:
    at = _place(rng, html)
    return html[:at] + what + html[at:]


def delete_subtree(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    return html[:start] + html[end:]


def duplicate_subtree(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    times = rng.choice([1, 2, 20]) if end - start < 5_000 else 1
    return html[:end] + html[start:end] * times + html[end:]


def move_subtree(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    return _insert(rng, html[:start] + html[end:], html[start:end])


def wrap_subtree(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    name = rng.choice(
        ["div", "noscript", "template", "textarea", "svg", "select", "button", "pre", "table", "a", "form"]
    )
    return f"{html[:start]}<{name}>{html[start:end]}</{name}>{html[end:]}"


def nest(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    name, levels = (
        rng.choice(["div", "span", "b", "ul", "font", "blockquote", "x-y"]),
        rng.choice([60, 200, 300, 3_000]),
    )
    closed = rng.choice([levels, levels // 2, 0])
    return html[:start] + f"<{name}>" * levels + html[start:end] + f"</{name}>" * closed + html[end:]


def nest_tables(rng: random.Random, html: str) -> str:
    start, end = _subtree(rng, html)
    levels = rng.choice([3, 20, 120])
    return html[:start] + "<table><tr><td>" * levels + html[start:end] + "</td></tr></table>" * levels + html[end:]


def drop_tags(rng: random.Random, html: str) -> str:
    """Take out tags, mostly end tags."""
    drop = [tag for tag in _tags(rng, html) if rng.random() < (0.3 if tag[1] else 0.05)]
    for tag in reversed(drop):
        html = html[: tag.start()] + html[tag.end() :]
    return html


def open_without_end(rng: random.Random, html: str) -> str:
    what = ["<!--", "<script>", "<style>", "<title>", "<textarea>", "<plaintext>", "<a href='", '<p class="', "<", "</",
            "<![CDATA[", "<?", "<!DOCTYPE", "<iframe>", "<svg><style>", "<math>", "<noscript>", "<select>", "&#", "&"]  # fmt: skip
    return _insert(rng, html, rng.choice(what))


def close_early(rng: random.Random, html: str) -> str:
    what = [
        "</html>",
        "</body></html>",
        "</article>",
        "-->",
        "</script>",
        "</div>" * 30,
        "</head>",
        "]]>",
        "<html><body>",
    ]
    return _insert(rng, html, rng.choice(what))


def bloat_attributes(rng: random.Random, html: str) -> str:
    size = rng.choice([1_000, 100_000])
    what = rng.choice([
        f'<div class="{"x " * size}">', f"<img src='data:image/png;base64,{'A' * size}'>", f"<p {'a ' * size}>",
        "<p " + " ".join(f"a{n}={n}" for n in range(size // 20)) + ">", f"<{'x' * size}>", f'<a href="{"%" * size}">b</a>',
    ])  # fmt: skip
    return _insert(rng, html, what)


def sprinkle(rng: random.Random, html: str) -> str:
    """Put strange characters anywhere."""
    strange = ["\0", "\x01", "\x1b", "\ud800", "\udfff", "\uffff", "\ufeff", "\u202e", "\u200b", "\x85", "\xad", "<", ">",
               "&", '"', "'", "\r", "\U0010ffff", "\u0301" * 50, "\u2028"]  # fmt: skip
    for _ in range(rng.choice([1, 5, 50])):
        at = rng.randrange(len(html) + 1)
        html = html[:at] + rng.choice(strange) + html[at:]
    return html


def truncate(rng: random.Random, html: str) -> str:
    return html[: rng.randrange(len(html) + 1)]


def behead(rng: random.Random, html: str) -> str:
    return html[rng.randrange(len(html) // 2 + 1) :]


def storm_entities(rng: random.Random, html: str) -> str:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    outer = '<!ENTITY x SYSTEM "file:///etc/hostname">'
    return rng.choice([
        f'<!DOCTYPE html [<!ENTITY e0 "ha">{bomb}{outer}]>{html}&e9;&x;', _insert(rng, html, "&e9;" * 500),
        _insert(rng, html, "".join(f"&#{rng.randrange(0x120000)};" for _ in range(200))), _insert(rng, html, "&amp" * 20_000),
    ])  # fmt: skip


def splice_script(rng: random.Random, html: str) -> str:
    what = ["<script>document.write('<p>' + x + '</p>')</script>", "<script><!-- <script></script> --></script>",
            "<!-- <p>gone</p> -->", "<!--[if IE]><p>old</p><![endif]-->", "<style>p { content: '</p>' }</style>",
            "<script>//<![CDATA[\nif (a<b && c>d) {}\n//]]></script>", "<script type='text/html'><article>x</article></script>"]  # fmt: skip
    return _insert(rng, html, rng.choice(what) * rng.choice([1, 1, 100]))


def double_body(rng: random.Random, html: str) -> str:
    found = re.search(r"<body\b.*</body>", html, re.IGNORECASE | re.DOTALL)
    body = found[0] if found else html
    return rng.choice([html + html, html.replace(body, body * 2, 1), _insert(rng, html, body)])


def swap_texts(rng: random.Random, html: str) -> str:
    """Replace the text behind some tags: none, blanks, one long word, many lines, another script."""
    texts = ["", " " * 2_000, "x" * 20_000, "\n".join(["line"] * 2_000), "字" * 3_000, "http://a.example/" + "b/" * 900,
             "." * 5_000, "1 " * 4_000, "Advertisement", "\u200f" * 500, "a. " * 3_000, "“" * 500, "(" * 2_000]  # fmt: skip
    for tag in reversed(rng.sample(tags := _tags(rng, html), min(rng.randint(1, 4), len(tags)))):
        if tag.end() <= len(html):
            html = html[: tag.end()] + rng.choice(texts) + html[tag.end() :]
    return html


STRANGE_JSON: tuple[object, ...] = (
    None, True, 0, -1.5e300, "", " ", [], {}, [None], [[["x"]]], {"@type": None}, {"name": ["A", 3, None]}, ["A", {"name": {}}],
    "x" * 5_000, {"@value": 3}, {"@id": "#a"}, [{"@type": ["Person", 5], "name": 7}], "2025-99-99", "0000-00-00T99:99", 10**40,
)  # fmt: skip
KEYS = ("@type", "@graph", "@id", "@context", "headline", "name", "author", "datePublished", "dateModified", "image", "publisher",
        "articleBody", "description", "mainEntityOfPage", "isAccessibleForFree", "hasPart", "itemListElement", "liveBlogUpdate",
        "inLanguage", "url", "keywords", "articleSection", "wordCount", "creator", "thumbnailUrl")  # fmt: skip


def break_json(rng: random.Random, html: str) -> str:
    """Add JSON-LD with values of the wrong types, or break the syntax of what is there."""
    data: dict[str, object] = {"@type": rng.choice(["NewsArticle", "LiveBlogPosting", ["Article", None], 5, "Person"])}
    for key in rng.sample(KEYS, rng.randint(1, len(KEYS))):
        data[key] = rng.choice(STRANGE_JSON)
    nested: object = rng.choice([data, [data], {"@graph": [data, None, 3]}, {"@graph": data}, [[data]]])
    for _ in range(rng.choice([0, 0, 0, 300])):
        nested = {"@graph": [nested]}
    text = json.dumps(nested)
    if rng.random() < 0.4:
        cut = rng.randrange(len(text))
        text = rng.choice([text[:cut], text[:cut] + "\x01" + text[cut:], text + "}", f"<!--{text}-->", text.replace('"', "'"),
                           "[" * 5_000, "NaN", f"<![CDATA[{text}]]>", text.replace(",", ",,", 1)])  # fmt: skip
    return _insert(rng, html, f'<script type="application/ld+json">{text}</script>')


def break_meta(rng: random.Random, html: str) -> str:
    """Add declarations with values that make no sense."""
    names = ["og:title", "og:url", "og:image", "article:published_time", "author", "description", "date", "og:locale",
             "og:site_name", "article:author", "twitter:title", "keywords", "news_keywords", "DC.date", "og:type"]  # fmt: skip
    values = ["", " ", "x" * 9_000, "http://[::1", "javascript:0", "//", "2025-13-45", "9" * 400, "&lt;b&gt;", "\0", "[]", "null",
              "https://" + "a" * 300 + ".example", "http://x:99999999/", "0001-01-01T00:00:00+99:99"]  # fmt: skip
    more = ['<html lang="">', '<html lang="xx-' + "y" * 300 + '">', '<base href="http://[bad">', '<link rel="canonical">',
            '<link rel="canonical" href="http://[x">', '<time datetime="2025-02-30T25:61">x</time>', "<meta>", "<title></title>",
            '<meta charset="utf-7">', '<meta http-equiv="refresh" content="x">', '<div itemscope itemprop="author">']  # fmt: skip
    made = [
        f'<meta {rng.choice(["name", "property"])}="{rng.choice(names)}" content="{rng.choice(values)}">'
        for _ in range(6)
    ]
    return _insert(rng, html, "".join([*made, rng.choice(more)]))


def multiply(rng: random.Random, html: str) -> str:
    """Add very many small elements."""
    what = rng.choice(["<p>a", "<br>", "<li><a href=#>b</a>", "<i></i>", "<td>1", "<h1>T</h1>", "<hr><p>", "<input>"])
    return _insert(rng, html, what * rng.choice([100, 2_000]))


def replace_page(rng: random.Random, html: str) -> str:
    """Forget the page: what is no page at all."""
    return rng.choice(["", " ", "<", "<html>", "null", '{"a": [1]}', "<p>", "x" * 50_000, "<" * 5_000, "\0" * 100, "<a" * 3_000,
                       "<p>x</p>", "<table>" * 500, "<html/>", "<frameset>", "&" * 9_000, html[:60]])  # fmt: skip


MUTATIONS: tuple[Mutation, ...] = (
    delete_subtree, duplicate_subtree, move_subtree, wrap_subtree, nest, nest_tables, drop_tags, open_without_end, close_early,
    bloat_attributes, sprinkle, truncate, behead, storm_entities, splice_script, double_body, swap_texts, break_json, break_json,
    break_meta, multiply, replace_page,
)  # fmt: skip
WEIGHTS = tuple(0.2 if one is replace_page else 1 for one in MUTATIONS)
ENCODINGS = (
    "utf-8",
    "utf-8",
    "cp1252",
    "cp1251",
    "gb18030",
    "cp932",
    "big5",
    "utf-16",
    "utf-16-le",
    "iso-8859-2",
    "koi8-r",
)


def mutate(rng: random.Random, html: str) -> tuple[str, tuple[str, ...]]:
    """Break a page one to four times."""
    chosen = rng.choices(MUTATIONS, WEIGHTS, k=rng.randint(1, 4))
    for one in chosen:
        html = one(rng, html)
    return html, tuple(one.__name__ for one in chosen)


def to_bytes(rng: random.Random, html: str) -> tuple[bytes, str]:
    """Encode a page, at times wrongly declared and with bytes that break the encoding."""
    encoding = rng.choice(ENCODINGS)
    raw = (
        html.encode(encoding, "xmlcharrefreplace")
        if not _has_surrogates(html)
        else html.encode("utf-8", "surrogatepass")
    )
    if rng.random() < 0.3:
        broken = bytearray(raw)
        for _ in range(rng.choice([1, 10, 500])):
            broken.insert(rng.randrange(len(broken) + 1), rng.randrange(256))
        return bytes(broken), f"bytes {encoding}, broken"
    return raw, f"bytes {encoding}"


def _has_surrogates(html: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in set(html))


def make_cases(number: int, pages: list[str], seed: int) -> Iterator[Case]:
    """Make the two cases of one number: a broken page as text and as bytes."""
    rng = random.Random(f"{seed}:{number}")
    html, how = mutate(rng, rng.choice(pages))
    yield Case(number, html, how)
    raw, encoded = to_bytes(rng, html)
    yield Case(number, raw, (*how, encoded))


# --- cleaning


def try_case(cleaner: Cleaner, case: Case, seconds: float) -> Outcome:
    """Clean one case under the deadline and check what comes out."""
    begun = time.perf_counter()
    result: Cleaned | None = None
    failure = detail = ""
    try:
        with deadline(seconds):
            result = cleaner.clean_html(case.html, url="https://post.example/2025/a")
        failure = check(result)
    except Overdue:
        failure = "overdue"
    except Exception as error:
        failure, detail = f"{type(error).__name__}: {str(error)[:100]}", traceback.format_exc()
    took = time.perf_counter() - begun
    if not failure and took > seconds:
        failure = "overdue, and not interrupted"
    return Outcome(
        case.number, took, len(case.html), case.mutations, result.flags if result else (), not (result and result.text),
        failure, detail, case.html if failure else "",
    )  # fmt: skip


def check(result: Cleaned) -> str:
    """Name the invariant that a result breaks; an empty text where it breaks none."""
    if replay(result.source, result.cuts) != result.text:
        return "broken: the cuts do not replay to the text"
    if any(result.source[cut.start : cut.end] != cut.text for cut in result.cuts):
        return "broken: a cut does not hold its text"
    for one in result.related:
        if replay(result.source, one.cuts, one.start, one.end) != one.text:
            return "broken: an appended article does not replay"
    try:
        result.text.encode()
    except UnicodeEncodeError:
        return "broken: the text cannot be written"
    return ""


@dataclass(frozen=True, slots=True)
class Work:
    """Say what a process is to do."""

    pages: list[str]
    seed: int
    seconds: float


_cleaner: Cleaner
_work: Work


def _prepare(work: Work) -> None:
    global _cleaner, _work
    logging.disable(logging.CRITICAL)
    _cleaner, _work = Cleaner(), work
    _cleaner.clean_html(invent(random.Random(0)))  # what is loaded late is not counted against the first page


def _try_number(number: int) -> list[Outcome]:
    return [try_case(_cleaner, case, _work.seconds) for case in make_cases(number, _work.pages, _work.seed)]


def run(work: Work, count: int, jobs: int, console: Console) -> list[Outcome]:
    """Try so many broken pages, in so many processes, with a bar on a terminal."""
    columns = (
        TextColumn("fuzz"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(),
    )
    outcomes: list[Outcome] = []
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=count, failed=0)
        for few in _spread(work, count, jobs):
            outcomes += few
            progress.update(
                task, advance=1, failed=sum(bool(one.failure) for one in few) + progress.tasks[0].fields["failed"]
            )
    return outcomes


def _spread(work: Work, count: int, jobs: int) -> Iterator[list[Outcome]]:
    if jobs == 1:
        _prepare(work)
        yield from map(_try_number, range(count))
        return
    with multiprocessing.get_context("spawn").Pool(jobs, _prepare, (work,)) as workers:
        yield from workers.imap(_try_number, range(count), chunksize=4)


# --- report


def save(outcomes: Iterable[Outcome], folder: Path) -> None:
    """Write each failing input to a file, with how it came about beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in outcomes:
        kind = "bytes" if isinstance(one.html, bytes) else "text"
        raw = one.html if isinstance(one.html, bytes) else one.html.encode("utf-8", "surrogatepass")
        record = {
            "number": one.number, "kind": kind, "failure": one.failure, "seconds": one.seconds,
            "mutations": one.mutations, "detail": one.detail, "html_base64": base64.b64encode(raw).decode(),
        }  # fmt: skip
        (folder / f"{one.number:06}-{kind}.json").write_text(json.dumps(record, indent=1))


def report(outcomes: list[Outcome], seconds: float, console: Console) -> None:
    """Print what failed, what was slow, and which flags the pages got."""
    failed = Counter(one.failure for one in outcomes if one.failure)
    took = sorted(one.seconds for one in outcomes)
    console.print(
        f"{len(outcomes)} runs: {sum(failed.values())} failed, {sum(n for what, n in failed.items() if 'overdue' in what)} of them "
        f"over {seconds:g} s; {sum(one.empty for one in outcomes)} without a text; median {took[len(took) // 2]:.3f} s, "
        f"99th percentile {took[int(len(took) * 0.99)]:.3f} s, most {took[-1]:.3f} s"
    )
    for what, number in failed.most_common(20):
        console.print(f"  {number:5} {what}", markup=False)
    slow = Table("seconds", "page", "length", "mutations", title="slowest", title_justify="left")
    for one in sorted(outcomes, key=lambda one: -one.seconds)[:10]:
        slow.add_row(f"{one.seconds:.3f}", str(one.number), str(one.length), ", ".join(one.mutations))
    console.print(slow)
    flags = Counter(re.sub(r" .*", "", flag) for one in outcomes for flag in one.flags)
    if flags:
        console.print("flags: " + ", ".join(f"{flag} {number}" for flag, number in flags.most_common(20)), markup=False)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "files", nargs="*", type=Path, help="JSON Lines with a field `html`; invented pages without any"
    )
    parser.add_argument("--pages", type=int, default=10_000, help="broken pages to try, each as text and as bytes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0, help="deadline for one page")
    parser.add_argument("--save", type=Path, help="folder for inputs that failed")
    given = parser.parse_args(arguments)
    console = Console()
    outcomes = run(Work(pool(given.files, given.seed), given.seed, given.seconds), given.pages, given.jobs, console)
    failed = [one for one in outcomes if one.failure]
    if given.save and failed:
        save(failed, given.save)
    if outcomes:
        report(outcomes, given.seconds, console)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
