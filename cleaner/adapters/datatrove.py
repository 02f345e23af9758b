"""Clean inside datatrove: whole files, its documents, or records that lose nothing on their way through other steps.

    order = Order.of()
    run(LocalPipelineExecutor([ShardCleaner("dump/", "clean/", order)], tasks=8, workers=2, logging_dir="logs/"))

`ShardCleaner` is all that files need. `Cleaning` cleans the documents of any reader. Where other steps are to see
records, `RecordReader` and `RecordWriter` stand around them: datatrove's own reader drops a document without text and
parses what it reads, its writers write anew what was parsed; here records keep their bytes, and rank 3 leaves in
`00003.jsonl` what `cleaner clean` makes of the same records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from cleaner.adapters.each import REJECTED, clean_each, refusal
from cleaner.adapters.order import Order
from cleaner.adapters.plan import Plan, Share, share
from cleaner.adapters.shards import clean_share, conclude
from cleaner.bulk.plan import SHARD
from cleaner.bulk.tally import Tally
from cleaner.errors import OptionError, OutputError
from cleaner.io.folder import open_folder
from cleaner.io.inputs import find_inputs
from cleaner.io.read import broken_off, offset_of, open_item, read_items, split_item
from cleaner.io.record import (
    CLEANING,
    Entry,
    Fields,
    Place,
    describe,
    hidden_source,
    refuse,
    text_of,
    title_of,
    value_of,
)
from cleaner.io.remote import is_remote, resolve
from cleaner.io.stream import Truncated
from cleaner.io.write import Output
from cleaner.model import Cleaned, Rejected
from cleaner.model import Document as Text

try:
    from datatrove.data import Document
    from datatrove.pipeline.base import PipelineStep
    from datatrove.utils.logging import logger
except ImportError as error:
    raise ImportError(f"datatrove cannot be imported ({error}): pip install 'cleaner-news[datatrove]'") from None


@dataclass(slots=True)
class Record(Document):
    """Hold a datatrove document with the record that it was read from, and what became of it."""

    entry: Entry | None = None
    result: Cleaned | Rejected | None = None


class RecordReader(PipelineStep):
    """Read what `cleaner clean` reads, each record with its bytes; what is no document comes along as a reject."""

    type: ClassVar[str] = "📖 - READER"
    name: ClassVar[str] = "cleaner: records"

    def __init__(self, inputs: str | Path | Sequence[str | Path], order: Order, plan: str | Path | None = None):
        """Name files, folders and URLs, which every rank lists by itself; `plan` is the folder where ranks find whether they agree."""
        super().__init__()
        self.inputs = [str(path) for path in ([inputs] if isinstance(inputs, (str, Path)) else inputs)]
        self.order, self.plan = order, plan and str(plan)

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the records of a rank's share.

        Raises `InputError` where an input cannot be read or breaks off, `OptionError` where ranks do not agree.
        """
        yield from data or ()
        sources = find_inputs(self.inputs)
        if self.plan:
            Plan.of(sources, world_size, self.order).hold(open_folder(self.plan))
        for part in share(sources, rank, world_size):
            self.stat_update("inputs", unit="task")
            yield from self._read(part)

    def _read(self, part: Share) -> Iterator[Record]:
        passed: Counter[str] = Counter()
        count = 0
        try:
            for entry in _entries(part, self.order, passed):
                count += 1
                yield _record(entry, self.order.fields)
        except Truncated as error:
            raise broken_off(part.source, error, count) from None
        finally:
            self.stat_update("records", value=count, unit="task")
            for kind, number in passed.items():
                self.stat_update(f"passed over: {kind}", value=number, unit="task")


def _entries(part: Share, order: Order, passed: Counter[str]) -> Iterator[Entry]:
    """Yield what a share holds; what is of another share is not parsed."""
    for item in read_items(part.source, order.fields, None, passed):
        for one in split_item(item) if item and part.turns > 1 else [item] if item else ():
            if part.holds(offset_of(one)):
                yield from open_item(one, order.fields, order.recleaning)


def _record(entry: Entry, fields: Fields) -> Record:
    value = entry.value
    if isinstance(value, Rejected):
        return Record("", value.id, metadata={CLEANING: refusal(value.reason)}, entry=entry, result=value)
    large = {fields.text, fields.id, fields.html, fields.html_base64}
    own = {name: part for name, part in (entry.record or {}).items() if name not in large}
    return Record(value.text if isinstance(value, Text) else "", value.id, metadata=own, entry=entry)


class Cleaning(PipelineStep):
    """Clean documents: the text becomes the body, an empty title is filled, the account is `metadata["cleaning"]`.

    A document that cannot be cleaned keeps its text, and its account holds `status`, `rejected`, and the `reason`. It
    goes to the `exclusion_writer` where there is one, and on through the pipeline where there is none.
    """

    type: ClassVar[str] = "🧹 - CLEANER"
    name: ClassVar[str] = "cleaner: rules"

    def __init__(self, order: Order, pages: bool = False, exclusion_writer: Any = None):
        """Take the texts of documents, where `pages` is set as HTML; records from `RecordReader` are what they are."""
        super().__init__()
        self.order, self.pages, self.exclusion_writer = order, pages, exclusion_writer

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Yield the documents cleaned, in order.

        Raises `RuleError` where this worker has other rules than the order was written with.
        """
        job, tally = self.order.job(), Tally()
        pairs = ((document, self._entry(document)) for document in data)
        with self.exclusion_writer or nullcontext() as writer:
            for document, _, result in clean_each(job, pairs):
                self._change(document, result)
                if isinstance(result, Cleaned):
                    tally.add(result)
                else:
                    tally.rejected += 1
                    if writer:
                        writer.write(document, rank)
                        continue
                yield document
        _count(self, tally)

    def _entry(self, document: Document) -> Entry:
        """Return what is to be cleaned of a document."""
        text, known = document.text, document.metadata
        if isinstance(document, Record) and document.entry:
            entry = document.entry
            if isinstance(entry.value, Text) and text != entry.value.text:
                return replace(entry, value=replace(entry.value, text=text))
            return entry
        place = Place(str(document.id), str(known.get("file_path", "")))
        if not isinstance(text, str):
            return refuse(place, f"its text is no string but {type(text).__name__}", b"")
        if CLEANING in known and not self.order.recleaning:
            return refuse(place, "it has `cleaning` already; order recleaning to clean it again", b"")
        fields = self.order.fields
        html = text if self.pages else None
        return Entry(value_of(place.id, text, html, lambda name: known.get(getattr(fields, name))), place)

    def _change(self, document: Document, result: Cleaned | Rejected) -> None:
        """Turn a document into what it became."""
        style, known, text = self.order.style, document.metadata, document.text
        if isinstance(document, Record):
            document.result = result
        if isinstance(result, Rejected):
            known[CLEANING] = refusal(result.reason)
            return
        source = hidden_source(text, result, style)
        known[CLEANING] = describe(result, style.lean) | ({} if source is None else {"source": source})
        document.text = text_of(result, text, style)
        name = self.order.fields.title
        if title := title_of(result, known.get(name), style):
            known[name] = title


class RecordWriter(PipelineStep):
    """Write the records of each rank to a file of their own, as `cleaner clean` writes them, with its rejects beside it.

    A file appears when it is whole, once all records of the rank came; a rank that is done again writes it anew.
    """

    type: ClassVar[str] = "💽 - WRITER"
    name: ClassVar[str] = "cleaner: records"

    def __init__(self, folder: str | Path, order: Order):
        """Name the folder, which may be a URL."""
        super().__init__()
        self.folder, self.order = str(folder), order

    def run(self, data: Iterable[Document], rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Write records and hand them on.

        Raises `OutputError` where the file cannot be written, `OptionError` for what did not come from `RecordReader`
        through `Cleaning`, or was changed behind it.
        """
        written, order = 0, self.order
        if not is_remote(self.folder):
            _make(self.folder)
        path = f"{self.folder.rstrip('/')}/{rank:05d}{order.shape.ending}"
        with Output(path, order.format, order.fields, order.style) as output:
            for document in data:
                entry, result = self._unpack(document)
                if isinstance(result, Rejected):
                    output.reject(result)
                    self.stat_update("rejects written", unit="task")
                else:
                    output.put([output.shape.render(entry, result)])
                    written += 1
                yield document
        self.stat_update("records written", value=written, unit="task")

    def _unpack(self, document: Document) -> tuple[Entry, Cleaned | Rejected]:
        if not isinstance(document, Record) or not document.entry or not document.result:
            raise OptionError(
                f"document {document.id} did not come from RecordReader through Cleaning: take a writer of datatrove"
            )
        result = document.result
        if isinstance(result, Cleaned) and not self.order.style.annotate and document.text != result.text:
            raise OptionError(
                f"the text of {document.id} was changed after it was cleaned, and its account would be wrong: "
                "change texts before Cleaning, or behind RecordWriter"
            )
        return document.entry, result


class ShardCleaner(PipelineStep):
    """Do in each rank what `cleaner clean INPUT... -o FOLDER/` does, for its share of the inputs: the whole pipeline.

    It takes and yields no documents, and costs what the command line costs. A rank that is done again does the shards
    that are missing.
    """

    type: ClassVar[str] = "🧹 - CLEANER"
    name: ClassVar[str] = "cleaner: shards"

    def __init__(
        self, inputs: str | Path | Sequence[str | Path], folder: str | Path, order: Order, shard_size: float = SHARD
    ):
        """Name files, folders and URLs, which every rank lists by itself, and the output; `shard_size` is in megabytes.

        Raises `OptionError` where the output lies in one of the inputs, or an input in it.
        """
        super().__init__()
        self.inputs = [str(path) for path in ([inputs] if isinstance(inputs, (str, Path)) else inputs)]
        self.folder, self.order, self.shard_size = str(folder), order, shard_size
        _keep_apart(self.inputs, self.folder)

    def run(self, data: Iterable[Document] | None = None, rank: int = 0, world_size: int = 1) -> Iterator[Document]:
        """Clean a rank's share; an input that breaks off is cleaned up to there, logged, and noted in its last shard."""
        books = clean_share(find_inputs(self.inputs), self.folder, self.order, rank, world_size, self.shard_size)
        for broken in books.broken:
            logger.error(broken)
        self.stat_update("inputs broken off", value=len(books.broken), unit="task")
        self.stat_update("shards", value=books.shards, unit="task")
        _count(self, books.there)
        yield from data or ()

    def conclude(self) -> None:
        """Close the books once all ranks are through; raises `InputError` where inputs broke off."""
        tally = conclude(self.folder, find_inputs(self.inputs))
        parts = f"{tally.cleaned} cleaned + {tally.unchanged} unchanged + {tally.rejected} rejected"
        logger.info(f"{self.folder}: {tally.documents} records in = {parts}")


def clean_files(inputs: str | Path | Sequence[str | Path], folder: str | Path, order: Order) -> list[PipelineStep]:
    """Return the steps that read records, clean them and write each rank's into a file; others may be put between them.

    Ranks that do not agree refuse to work. Raises `OptionError` where the folder lies in one of the inputs, or an input
    in it.
    """
    reader = RecordReader(inputs, order, folder)
    _keep_apart(reader.inputs, str(folder))
    return [reader, Cleaning(order), RecordWriter(folder, order)]


def _make(folder: str) -> None:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror}") from None


def _keep_apart(inputs: Sequence[str], folder: str) -> None:
    """Refuse an output in an input, or the other way round: a rerun would read what was written."""
    output = Path(resolve(folder))
    for path in inputs:
        source = Path(resolve(path))
        if output.is_relative_to(source) or source.is_relative_to(output):
            raise OptionError(f"the input {path} and the output {folder} lie in each other: choose another output")


def _count(step: PipelineStep, tally: Tally) -> None:
    """Hand counts over to datatrove's statistics."""
    counts = {
        "documents": tally.documents,
        "cleaned": tally.cleaned,
        "unchanged": tally.unchanged,
        REJECTED: tally.rejected,
        "flagged": tally.flagged,
        "characters": tally.characters,
        "characters removed": tally.removed,
    }
    for label, count in counts.items():
        step.stat_update(label, value=count, unit="task")
