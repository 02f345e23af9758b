"""Clean documents that another engine hands over: in batches, each with its own result, whatever happens to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from cleaner.bulk.batch import Job
from cleaner.clean import BATCH
from cleaner.io.record import Entry
from cleaner.model import Cleaned, Document, Rejected

T = TypeVar("T")

REJECTED = "rejected"
"""The `status` of a document that could not be cleaned; `reason` says why."""


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
            yield known, entry, job.clean(entry, glance)


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
