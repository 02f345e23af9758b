"""Clean a parcel of records: those that nothing can touch at once, the others one by one; nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cleaner.bulk.parcel import Parcel
from cleaner.bulk.tally import Tally
from cleaner.clean import Cleaner
from cleaner.deadline import Overdue, deadline
from cleaner.io.record import Entry, reject
from cleaner.io.write import Piece, Shape
from cleaner.model import NO_ARTICLE, Cleaned, Document, Page, Rejected


@dataclass(slots=True)
class Stretch:
    """Hold documents that follow each other, rendered, with their tally; a reject ends the stretch."""

    pieces: Sequence[Piece] = ()
    tally: Tally = field(default_factory=Tally)
    rejected: Rejected | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Hold what became of a parcel of the input of this number."""

    source: int
    stretches: tuple[Stretch, ...]

    @property
    def records(self) -> int:
        """Return the number of records that were in it."""
        return sum(stretch.tally.documents for stretch in self.stretches)


@dataclass(frozen=True, slots=True)
class Job:
    """Hold all that decides what becomes of a parcel; it travels to other processes."""

    cleaner: Cleaner
    shape: Shape
    recleaning: bool = False
    articles_only: bool = False
    seconds: float | None = None

    def do(self, parcel: Parcel) -> Done:
        """Clean and render the records of a parcel; should that fail as a whole, each by itself, or reject it."""
        try:
            return self._do(parcel)
        except Exception as error:
            parts = parcel.split()
            if len(parts) > 1:
                return join(parcel.source, map(self.do, parts))
            return give_up(parcel, _failure(error))

    def _do(self, parcel: Parcel) -> Done:
        stretches = []
        pieces: list[Piece] = []
        tally = Tally()
        render, add = self.shape.render, tally.add
        entries = parcel.open(self.shape.fields, self.recleaning)
        for entry, result in zip(entries, self._clean(entries), strict=True):
            if isinstance(result, Cleaned) and not (self.articles_only and no_article(result)):
                pieces.append(render(entry, result))
                add(result)
                continue
            if isinstance(result, Cleaned):
                result = reject(entry, f"not an article: {no_article(result)}")
            tally.rejected = 1
            stretches.append(Stretch(self.shape.join(pieces), tally, result))
            pieces, tally = [], Tally()
            add = tally.add
        if pieces:
            stretches.append(Stretch(self.shape.join(pieces), tally))
        return Done(parcel.source, tuple(stretches))

    def _clean(self, entries: Sequence[Entry]) -> Iterator[Cleaned | Rejected]:
        documents = [entry.value for entry in entries if isinstance(entry.value, Document)]
        untouched = iter(self._untouched(documents))
        for entry in entries:
            if isinstance(entry.value, Rejected):
                yield entry.value
            else:
                settled = next(untouched) if isinstance(entry.value, Document) else None
                yield settled or try_clean(self.cleaner, entry, self.seconds)

    def _untouched(self, documents: Sequence[Document]) -> Sequence[Cleaned | None]:
        """Settle the documents that nothing can touch; where that fails or takes too long, none."""
        try:
            with deadline(self.seconds if documents else None):
                return self.cleaner.untouched(documents)
        except Exception:
            return [None] * len(documents)


def try_clean(cleaner: Cleaner, entry: Entry, seconds: float | None = None) -> Cleaned | Rejected:
    """Clean one document; one that takes too long, or breaks the cleaner or a parser, is rejected, and the run goes on."""
    assert not isinstance(entry.value, Rejected)
    try:
        with deadline(seconds):
            if isinstance(entry.value, Page):
                return cleaner.clean_page(entry.value)
            return cleaner.clean_document(entry.value)
    except Overdue:
        return reject(entry, f"it took longer than {seconds:g} seconds")
    except Exception as error:
        return reject(entry, _failure(error))


def no_article(cleaned: Cleaned) -> str:
    """Return why a page is no article; nothing where it may be one."""
    return next((flag[len(NO_ARTICLE) :].strip() for flag in cleaned.flags if flag.startswith(NO_ARTICLE)), "")


def give_up(parcel: Parcel, reason: str) -> Done:
    """Reject all that a parcel holds."""
    stretches = [Stretch(tally=Tally(rejected=1), rejected=rejected) for rejected in parcel.reject(reason)]
    return Done(parcel.source, tuple(stretches))


def join(source: int, parts: Iterable[Done]) -> Done:
    """Put together what became of the parts of one parcel."""
    return Done(source, tuple(stretch for part in parts for stretch in part.stretches))


def _failure(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    return f"cleaning failed: {type(error).__name__}: {error}"
