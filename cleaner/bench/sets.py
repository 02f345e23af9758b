"""Read sets of cases: pages or texts with what should come of them, one record a line.

A record has `id` and either `html` (or `html_base64`) or `text`; as gold it has `gold` (the body), or `with` and `without`
(snippets that must stay or go), or, for a text, `spans` (`[start, end, label]` in code points). `url`, `source`, `lang`,
`title` and `crawled` are used where they are there, other fields are passed over. A record with `not_article` is left out.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import orjson

from cleaner.bench.case import Body, Case, Gold, Labels, Phrases
from cleaner.bench.folds import publisher, site_of
from cleaner.bench.languages import language_of_prose
from cleaner.errors import InputError
from cleaner.io.stream import Truncated, read_chunks, split_lines
from cleaner.model import CLASSES, Document, Page, language_of
from cleaner.text.tokens import tokenize

Item = TypeVar("Item")

FREE = ("body", "meta", "disputed")
"""Labels that are no noise: body must stay, meta may do either, disputed counts for nothing."""

LABELS = (*FREE, *CLASSES)

_ENDING = re.compile(r"\.(?:jsonl|ndjson|jl|json)(?:\.(?:gz|bz2|zst))?$", re.IGNORECASE)
_KNOWN = ("url", "source", "lang", "title", "crawled")
_ASKED = "write `gold`, or `with` and `without`, or `spans` for a text"
_ARRAY = "a JSON array, where each line shall be an object: `jq -c '.[]'` writes it so"


def set_name(path: str | Path) -> str:
    """Name a set after its file, the endings left out that tell how it is written.

    >>> set_name("data/harbour_pages.jsonl.zst"), set_name("pages.2026.jsonl")
    ('harbour_pages', 'pages.2026')
    """
    name = Path(path).name.encode("utf-8", "backslashreplace").decode()  # a name on disk need not be UTF-8
    return _ENDING.sub("", name) or name


def thin(items: Sequence[Item], count: int | None) -> tuple[Item, ...]:
    """Take so many, evenly spaced; all where there are no more, or no number is given.

    >>> thin("abcdef", 3)
    ('a', 'c', 'e')
    """
    if count is None or count >= len(items):
        return tuple(items)
    return tuple(items[at * len(items) // count] for at in range(count))


def read_set(path: str | Path, name: str | None = None) -> Iterator[Case]:
    """Yield the cases of a JSON Lines file (also .gz, .bz2, .zst).

    Raises `InputError` with the line's number for a record that is no case, and for an id that stands twice: a set must
    be whole to be measured.
    """
    name, number, seen = name or set_name(path), 0, set()
    try:
        for line in split_lines(read_chunks(str(path))):
            number += 1
            if not line.raw.strip():
                continue
            record = _parse(line.raw)
            case = _case(record, name)
            if case.id in seen:
                raise ValueError(f"the id {case.id!r} stands twice")
            seen.add(case.id)
            if not record.get("not_article"):
                yield case
    except (ValueError, KeyError, TypeError) as error:
        reason = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error)
        raise InputError(f"{path}, line {number}: no case with gold: {reason}") from None
    except Truncated as error:
        raise InputError(f"{path}: {error}, after {number} lines") from None


def digest_of(cases: Iterable[Case]) -> str:
    """Return the digest of inputs and gold, in order: equal where the same is asked."""
    state = blake2b(digest_size=16)
    for case in cases:
        given = case.input.text if isinstance(case.input, Document) else case.input.html
        for part in (case.id, given, repr(case.gold), case.input.url or ""):
            raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            state.update(len(raw).to_bytes(8, "little") + raw)
    return state.hexdigest()


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        record = orjson.loads(raw.rstrip())
    except orjson.JSONDecodeError as error:
        raise ValueError(_fault(raw, error)) from None
    if not isinstance(record, dict):
        raise TypeError("not an object" if not isinstance(record, list) else _ARRAY)
    return record


def _fault(raw: bytes, error: orjson.JSONDecodeError) -> str:
    """Say why a line is no JSON."""
    if raw.lstrip().startswith(b"["):
        return _ARRAY
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"byte {wrong.start + 1} is not UTF-8; write lines in UTF-8, and a page in another encoding as `html_base64`"
    return f"it is no JSON: {error.msg} at column {error.colno}"


def _case(record: Mapping[str, Any], name: str) -> Case:
    id = str(record["id"])
    known: dict[str, Any] = {field: record.get(field) for field in _KNOWN}
    for field, value in known.items():
        if not isinstance(value, str | None):
            raise TypeError(f"`{field}` is {type(value).__name__}, not a string")
    if record.get("html") is None and record.get("html_base64") is None:
        if not isinstance(record.get("text"), str):
            raise ValueError("neither `html`, `html_base64` nor `text`")
        text = Document(id, record["text"], **known)
        gold = _gold(record, text.text)
        return Case(id, name, text, gold, _site_of_text(text), language=_language(text, gold))
    html = b64decode(record["html_base64"], validate=True) if record.get("html") is None else record["html"]
    if not isinstance(html, str | bytes):
        raise TypeError(f"`html` is {type(html).__name__}, not a string")
    markup = html if isinstance(html, str) else html.decode("utf-8", "replace")
    page, gold = Page(id, html, **known), _gold(record)
    return Case(id, name, page, gold, publisher(markup, known["url"], id), language=_language(page, gold))


def _site_of_text(document: Document) -> str:
    """Name where a text comes from; without source and address, the first part of its id."""
    return document.source or site_of(document.url) or document.id.split("/")[0]


def _language(given: Page | Document, gold: Gold) -> str:
    """Return the language that is declared, else that of what should stay."""
    match gold:
        case Body(text):
            prose = text
        case Phrases(wanted, _):
            prose = "\n".join(wanted)
        case Labels(spans):
            whole = given.text if isinstance(given, Document) else ""
            prose = "\n".join(whole[start:end] for start, end, label in spans if label == "body")
    return language_of(given.lang) or language_of_prose(prose)


def _gold(record: Mapping[str, Any], text: str | None = None) -> Gold:
    if record.get("spans") is not None:
        if text is None:
            raise ValueError("`spans` label a text: a page has `gold`, or `with` and `without`")
        spans = tuple(sorted(_span(span, len(text)) for span in record["spans"]))
        _check_cover(text, spans)
        return Labels(spans)
    if isinstance(record.get("gold"), str):
        return Body(record["gold"])
    if record.get("gold") is not None:
        raise TypeError(f"`gold` is {type(record['gold']).__name__}, not a string")
    if record.get("with") is None and record.get("without") is None:
        raise ValueError(f"it has no gold, only {', '.join(map(str, record))}; {_ASKED}")
    return Phrases(_snippets(record, "with"), _snippets(record, "without"))


def _span(span: Any, length: int) -> tuple[int, int, str]:
    start, end, label = span
    if label not in LABELS or not 0 <= start < end <= length:
        raise ValueError(_wrong(start, end, label, length))
    return int(start), int(end), str(label)


def _check_cover(text: str, spans: Sequence[tuple[int, int, str]]) -> None:
    """Raise `ValueError` where a word has two labels, or none: it would count twice, or as one that the text never had."""
    for (_, last, _), (start, end, label) in pairwise([(0, 0, ""), *spans, (len(text), len(text), "")]):
        if start < last:
            raise ValueError(
                f"the span from {start} to {end} labelled {label!r} begins before the last one ends, at {last}"
            )
        if tokenize(text[last:start]):
            raise ValueError(
                f"what stands from {last} to {start} has no label: `disputed` says that it counts for nothing"
            )


def _wrong(start: Any, end: Any, label: Any, length: int) -> str:
    if label not in LABELS:
        return f"there is no label {label!r}; there are: {', '.join(LABELS)}"
    return f"a span from {start} to {end}, in a text of {length} code points"


def _snippets(record: Mapping[str, Any], field: str) -> tuple[str, ...]:
    found = record.get(field) or []
    if not isinstance(found, list) or not all(isinstance(snippet, str) for snippet in found):
        raise TypeError(f"`{field}` is no list of strings")
    if not all(map(str.strip, found)):
        raise ValueError(f"`{field}` has an empty snippet, which every text holds")
    return tuple(found)
