"""A corpus as mining sees it: documents by source, read as often as needed, of large sources an even sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cleaner.errors import InputError
from cleaner.io.inputs import Input
from cleaner.io.read import read_entries
from cleaner.io.record import USUAL, Entry, Fields
from cleaner.io.stream import Watch
from cleaner.mine.tokens import normalize
from cleaner.model import Document, Rejected
from cleaner.rules.scope import host_of, plain_host

if TYPE_CHECKING:
    from cleaner.html.extract import Extractor

_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "gouv", "mil", "ne", "net", "nom", "or", "org"])
_SHARED = frozenset(["blogspot", "wordpress", "github", "tumblr", "substack", "medium", "livejournal"])
LONGEST = 20_000
"""Code points of a document beyond which only its beginning and its end are looked at."""

_MARKUP = 10  # bytes of a page for one code point of its text


@dataclass(frozen=True, slots=True)
class Text:
    """Hold one document: the number of its source, its host where known, its language and its normalised text."""

    source: int
    host: str
    lang: str
    text: str


@dataclass(slots=True)
class Census:
    """Count the documents of each source; sources have numbers in the order in which they come."""

    names: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    documents: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    rejected: int = 0

    def add(self, name: str, size: int = 0) -> int:
        """Count one document, of which so many code points are looked at, and return its source's number."""
        number = self.numbers.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
            self.documents.append(0)
            self.sizes.append(0)
        self.documents[number] += 1
        self.sizes[number] += min(size, LONGEST)
        return number


@dataclass(frozen=True, slots=True)
class Corpus:
    """Read the documents of some inputs, again and again in one order."""

    inputs: Sequence[Input]
    fields: Fields = USUAL
    extractor: Callable[[], Extractor] | None = None

    def census(self, watch: Watch | None = None) -> Census:
        """Count the documents of each source.

        Raises `InputError` where an input cannot be read, or where there is nothing in it.
        """
        found = Census()
        for entry in read_entries(self.inputs, self.fields, True, watch):
            if isinstance(entry.value, Rejected):
                found.rejected += 1
                continue
            value = entry.value
            found.add(source_of(entry), len(value.text) if isinstance(value, Document) else len(value.html) // _MARKUP)
        if not found.names:
            raise InputError("no documents in the corpus: each record needs a text, see --text-field")
        return found

    def texts(self, census: Census, quota: Sequence[int], watch: Watch | None = None) -> Iterator[Text]:
        """Yield of each source as many documents as its quota says, evenly spread, no text of a source twice."""
        seen = [0] * len(census.names)
        known: list[set[int]] = [set() for _ in census.names]
        for entry in read_entries(self.inputs, self.fields, True, watch):
            if isinstance(entry.value, Rejected):
                continue
            number = census.numbers[source_of(entry)]
            seen[number] += 1
            of, wanted = census.documents[number], quota[number]
            if seen[number] * wanted // of == (seen[number] - 1) * wanted // of:
                continue  # before any work on the text
            text = self._text(entry)
            if text and (key := hash(text)) not in known[number]:
                known[number].add(key)
                yield Text(number, host_of_entry(entry), (entry.value.lang or "")[:2].lower(), text)

    def _text(self, entry: Entry) -> str:
        value = entry.value
        assert not isinstance(value, Rejected)
        text = value.text if isinstance(value, Document) else self._extracted(value)
        if len(text) > LONGEST:
            text = text[: LONGEST // 2] + "\n" + text[-LONGEST // 2 :]
        return normalize(text)

    def _extracted(self, page: object) -> str:
        if self.extractor is None:
            return ""
        return self.extractor().extract(page).document.text  # type: ignore[arg-type]


def source_of(entry: Entry) -> str:
    """Name the source of an entry: its `source`, else the host of its URL, else the file; hosts count by their site."""
    value = entry.value
    assert not isinstance(value, Rejected)
    name = value.source or (host_of(value.url) if value.url else "")
    return (site_of(name) if is_host(name) else name) or _label(entry)


def host_of_entry(entry: Entry) -> str:
    """Return the host of an entry's URL, or its source where that is one; nothing where neither is known."""
    value = entry.value
    assert not isinstance(value, Rejected)
    host = host_of(value.url) if value.url else ""
    return plain_host(host or (value.source if value.source and is_host(value.source) else ""))


def _label(entry: Entry) -> str:
    path = entry.place.path.replace("\\", "/").rstrip("/")
    folder, _, name = path.rpartition("/")
    return name if entry.raw != b"{}" or not folder else folder.rpartition("/")[2] or name


def is_host(name: str) -> bool:
    """Tell whether a source is named by its host.

    >>> is_host("news.example.org"), is_host("El Dizque"), is_host("dump.jsonl")
    (True, False, False)
    """
    labels = name.split(".")
    return len(labels) > 1 and labels[-1] not in ("jsonl", "txt", "gz", "zst", "csv") and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    return bool(label) and not label.startswith("-") and label.replace("-", "").isalnum()


def site_of(host: str) -> str:
    """Return the site a host belongs to: its name and what public registries end with; blogs of one platform stay apart.

    >>> site_of("www1.news.example.co.uk"), site_of("edition.example.com"), site_of("me.blogspot.com")
    ('example.co.uk', 'example.com', 'me.blogspot.com')
    """
    labels = plain_host(host).split(".")
    size = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    if len(labels) > size and labels[-size] in _SHARED:
        size += 1
    return ".".join(labels[-size:])
