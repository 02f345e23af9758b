"""Corpora for measuring: invented articles of real proportions, the same with noise, and real ones where they are at hand.

Articles are news in English and French. Lengths follow the gold bodies of the set `fundus_tests` (258 articles of 41
countries): a median of 4,670 code points, a tenth under 1,800 and a tenth over 9,860, log-normal with a deviation of
.73; paragraphs with a median of 204. How near they come to real ones, by `python -m benchmarks.likeness`:

| | gold bodies, en | invented, en | dumps, fr | invented, fr |
|---|---|---|---|---|
| different four-byte grams in .7 MB | 38,348 | 37,710 | 33,759 | 32,418 |
| different words in .7 MB | 12,483 | 10,615 | 13,009 | 10,684 |
| share of the 100 and 1,000 most frequent words | 45 %, 70 % | 49 %, 73 % | 52 %, 75 % | 55 %, 76 % |
| lines up to 40 code points; over 200; without closing punctuation | 7 %; 44 %; 11 % | 7 %; 53 %; 9 % | – | 7 %; 53 %; 10 % |
| digits; quotation marks; capitals a kilobyte | 6.9; 3.9; 28.6 | 7.2; 3.2; 26.9 | 5.8; 5.9; 22.2 | 8.1; 3.9; 18.9 |
| sentences a kilobyte | 7.7 | 7.7 | 6.8 | 7.3 |
| articles in which a first line opens as another place does | 10 % | 6 % | – | 5 % |
| literals of shipped rules a kilobyte | 2.9 | 2.2 | 4.7 | 2.3 |

English is compared with `fundus_tests` and `newspaper4k`, French with whole documents of `canrollas` and `masakhane`
(`--dumps`), which have lost their line ends and hold noise: their literals are mostly of that. Real bodies repeat a
sentence in two of a hundred articles, invented ones never. Of the English bodies from which the shipped rules cut
nothing but a title 94 % are settled at a glance; of 40 MB of invented articles, a third of them on hosts that rules
know, 97 %, and nothing is cut from any (`python -m benchmarks.speed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import exp, log
from pathlib import Path
from random import Random

from benchmarks.packs import Mark
from benchmarks.prose import Author
from benchmarks.wording import LANGUAGES
from cleaner.bench.case import Body
from cleaner.bench.sets import read_set
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Fields
from cleaner.model import Document
from tests.variants.build import build

MEDIAN, DEVIATION = 4670, 0.73  # code points of an article, and the deviation of their logarithm
PARAGRAPH, PARAGRAPH_DEVIATION = 205, 0.62
SHORTEST, LONGEST = 300, 60_000
NOISY = 0.05
"""The share of documents that carry noise in a noisy corpus."""

_HEADING = 0.11  # of the lines
_CLOSING = 0.02
_MARKS = 3  # lines of packs in one noisy document
_REACH = 500  # code points that no generated rule reaches over
_SENTENCE = 120
_RESUMED = 0.06  # of the articles: a later paragraph opens as the first does
_CLOSED = '.!?»”"'


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold documents and what is known of them: `marks` are the lines of rules that stand in the documents, by document.

    `loose` are the documents with other noise, whose cuts only the engines can be compared by.
    """

    name: str
    documents: tuple[Document, ...]
    marks: Mapping[int, tuple[Mark, ...]]
    loose: frozenset[int] = frozenset()

    @property
    def bytes(self) -> int:
        """The size of the texts in UTF-8."""
        return sum(len(document.text.encode("utf-8", "replace")) for document in self.documents)


def article(author: Author) -> str:
    """Write an article of a length drawn as real ones have it, a paragraph a line."""
    rng = author.rng
    author.begin()
    size = min(LONGEST, max(SHORTEST, int(exp(rng.gauss(log(MEDIAN), DEVIATION)))))
    lines: list[str] = []
    length = 0
    while length < size:
        chance = rng.random()
        if chance < _HEADING and lines and lines[-1][-1] in _CLOSED:
            line = author.write(rng.choice(("head", "title")))
        elif chance < _HEADING + _CLOSING and lines:
            line = author.write("end")
        else:
            line = paragraph(author)
        lines.append(line)
        length += len(line) + 1
    if len(lines) > 3 and rng.random() < _RESUMED:
        lines[rng.randrange(3, len(lines))] = author.resume(lines[0])
    if lines[-1][-1] not in _CLOSED:
        lines[-1] = author.write("end")
    return "\n".join(lines)


def paragraph(author: Author) -> str:
    """Write a paragraph."""
    size = int(exp(author.rng.gauss(log(PARAGRAPH), PARAGRAPH_DEVIATION)))
    text = author.sentence()
    while len(text) + _SENTENCE / 2 < size:
        text += f" {author.sentence()}"
    return text


def clean(megabytes: float, hosts: Sequence[str] = (), seed: int = 1) -> Corpus:
    """Write articles of so many megabytes, every third from one of `hosts`; the title stands in its own field."""
    authors = [Author(lang, seed) for lang in LANGUAGES]
    rng = Random(f"hosts/{seed}")
    documents: list[Document] = []
    size = 0
    while size < megabytes * 1e6:
        author = authors[len(documents) % len(authors)]
        text = article(author)
        host = (
            rng.choice(hosts) if hosts and rng.random() < 1 / 3 else f"{author.rng.choice(('bridge', 'pont'))}.example"
        )
        documents.append(
            Document(
                id=f"{author.lang}-{len(documents)}",
                text=text,
                url=f"https://www.{host}/{len(documents)}",
                lang=author.lang,
                title=author.write("title"),
            )
        )
        size += len(text.encode())
    return Corpus("clean", tuple(documents), {})


def titled(corpus: Corpus) -> Corpus:
    """Put each title on the first line, and in no field."""
    documents = (replace(doc, text=f"{doc.title}\n{doc.text}", title=None) for doc in corpus.documents)
    return Corpus(f"{corpus.name}, titled", tuple(documents), {})


def noisy(corpus: Corpus, marks: Sequence[Sequence[Mark]], share: float = NOISY, seed: int = 1) -> Corpus:
    """Put noise into a share of the documents: lines that packs cut into every other, an invented page for the rest.

    `marks` are the lines of packs, which take turns.
    """
    rng = Random(f"noise/{seed}")
    pages = [
        row["text"] for row in build() if row["id"].split("/")[1] in LANGUAGES and not row["id"].startswith("keep")
    ]
    groups = [group for group in marks if group]
    documents = list(corpus.documents)
    marked: dict[int, tuple[Mark, ...]] = {}
    loose = set()
    for turn, at in enumerate(sorted(rng.sample(range(len(documents)), max(1, round(share * len(documents)))))):
        places = _places(documents[at].text.split("\n"), rng)
        if turn % 2 or not groups or not places:
            documents[at] = replace(documents[at], text=f"{documents[at].text}\n{rng.choice(pages)}", title=None)
            loose.add(at)
        else:
            documents[at], marked[at] = _mark(documents[at], places, groups[turn // 2 % len(groups)], rng)
    return Corpus("noisy", tuple(documents), marked, frozenset(loose))


def _mark(
    document: Document, places: Sequence[int], marks: Sequence[Mark], rng: Random
) -> tuple[Document, tuple[Mark, ...]]:
    """Put lines of some rules before lines of a document; all of them are cut on one host."""
    first = rng.choice(marks)
    others = [mark for mark in marks if mark.url in (None, first.url)]
    chosen = {mark.text: mark for mark in (first, *rng.sample(others, min(_MARKS, len(others))))}
    lines = document.text.split("\n")
    put = list(zip(places, chosen.values(), strict=False))
    for place, mark in sorted(put, key=lambda one: -one[0]):
        lines.insert(place, mark.text)
    return replace(document, text="\n".join(lines), url=first.url or document.url), tuple(mark for _, mark in put)


def _places(lines: Sequence[str], rng: Random) -> list[int]:
    """Choose lines to put others before, so far apart that no rule reaches from one to the next.

    They stand between paragraphs: a heading beside a label is taken with it by some blocks.
    """
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    chosen: list[int] = []
    for place in rng.sample(range(1, len(lines)), len(lines) - 1):
        between = lines[place - 1][-1] in _CLOSED and lines[place][-1] in _CLOSED
        if between and len(chosen) < _MARKS and all(abs(starts[place] - starts[other]) > _REACH for other in chosen):
            chosen.append(place)
    return chosen


def real(folder: Path, megabytes: float) -> Iterator[Corpus]:
    """Yield the dumps and the gold bodies of pages in a folder of data, if it is there, each up to so many megabytes."""
    for path in sorted(folder.glob("dumps/*.jsonl*")):
        yield _upto(path, dump(path), megabytes)
    for path in sorted(folder.glob("html/*.jsonl*")):
        corpus = _upto(path, golds(path), megabytes)
        if corpus.documents:
            yield corpus


def dump(path: Path) -> Iterator[Document]:
    """Yield the documents of a dump."""
    entries = read_entries(find_inputs([str(path)]), Fields(), recleaning=True)
    return (entry.value for entry in entries if isinstance(entry.value, Document))


def golds(path: Path) -> Iterator[Document]:
    """Yield the gold bodies of a set of pages."""
    for case in read_set(path):
        if isinstance(case.gold, Body) and case.gold.text:
            yield Document(case.id, case.gold.text, url=case.input.url, lang=case.input.lang)


def _upto(path: Path, documents: Iterable[Document], megabytes: float) -> Corpus:
    taken: list[Document] = []
    size = 0
    for document in documents:
        taken.append(document)
        size += len(document.text.encode("utf-8", "replace"))
        if size > megabytes * 1e6:
            break
    return Corpus(path.name.split(".")[0], tuple(taken), {})
