"""Clean documents that another engine hands over: in batches, each with its own result, whatever happens to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from cleaner.bulk.batch import Job, no_article, try_clean
from cleaner.clean import BATCH, Glance
from cleaner.io.record import Entry, Style, reject, word_of
from cleaner.model import Cleaned, Document, Page, Rejected

T = TypeVar("T")

_KNOWN = ("url", "source", "lang", "title", "crawled")

REJECTED = "rejected"
"""The `status` of a document that could not be cleaned; `reason` says why."""


def value_of(id_: str, text: str, html: str | bytes | None, known: Callable[[str], Any]) -> Document | Page:
    """Make a document, or a page where there is one; `known` is asked for the rest by the names of `Fields`."""
    about: dict[str, Any] = {name: word_of(known(name)) for name in _KNOWN}
    return Document(id_, text, **about) if html is None else Page(id_, html, **about)


def text_of(cleaned: Cleaned, text: str | None, style: Style) -> str:
    """Return the text with which a document leaves that came with this one, as `render` does for a record."""
    return (text or cleaned.source) if style.annotate else cleaned.text


def title_of(cleaned: Cleaned, title: Any, style: Style) -> Any:
    """Return the title with which a document leaves that came with this one."""
    return title if style.annotate or title not in (None, "") else cleaned.title or title


def refusal(reason: str) -> dict[str, Any]:
    """Return the account of a document that could not be cleaned."""
    return {"status": REJECTED, "reason": reason}


def clean_each(job: Job, pairs: Iterable[tuple[T, Entry]]) -> Iterator[tuple[T, Entry, Cleaned | Rejected]]:
    """Yield what becomes of each entry, in order, beside what came with it; a batch of them is read ahead."""
    for batch in _batches(pairs):
        values = [entry.value for _, entry in batch]
        glanced = iter(job.glance([value for value in values if isinstance(value, Document)]))
        for (known, entry), value in zip(batch, values, strict=True):
            glance = next(glanced) if isinstance(value, Document) else None
            yield known, entry, _clean(job, entry, glance)


def _clean(job: Job, entry: Entry, glance: Glance) -> Cleaned | Rejected:
    if isinstance(entry.value, Rejected):
        return entry.value
    result = try_clean(job.cleaner, entry, job.seconds, glance)
    if isinstance(result, Cleaned) and job.articles_only and (reason := no_article(result)):
        return reject(entry, f"not an article: {reason}")
    return result


def _batches(pairs: Iterable[tuple[T, Entry]]) -> Iterator[list[tuple[T, Entry]]]:
    """Gather entries, as many as are worth reading side by side; a page stands alone."""
    batch: list[tuple[T, Entry]] = []
    size = 0
    for pair in pairs:
        batch.append(pair)
        value = pair[1].value
        size += len(value.text) if isinstance(value, Document) else BATCH
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
