"""The story of a document: repair it, sweep it with rules, guard the body, find the title, settle the cuts.

Read `Cleaner.clean_document` from top to bottom.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.errors import OptionError
from cleaner.match.finding import Finding
from cleaner.match.guard import guard
from cleaner.match.lookout import Stirred
from cleaner.match.scan.scan import AUTO
from cleaner.match.settle import settle
from cleaner.match.stock import shipped
from cleaner.match.sweep import Facts, Sweeper, Swept
from cleaner.match.title import quick_title, take_title
from cleaner.model import Cleaned, Document, Page, Related, replay
from cleaner.rules.load import Ruleset, load_set
from cleaner.text.repair import repair

if TYPE_CHECKING:
    from cleaner.html.extract import Extracted, Extractor


BATCH = 1 << 18
"""Code points of documents that are read side by side: enough for one scan to pay, few enough to stay in the cache."""


Glance = Cleaned | Stirred | None
"""What a glance tells of a document: its result, or what rules may match and where; None: nothing."""


class Cleaner:
    """Clean documents with one set of rules. Immutable after construction and safe to share between threads.

    >>> cleaner = Cleaner()
    >>> cleaner.clean("The bridge opens on Friday after two years of work.\\nAdvertisement\\nIt cost nine million.").text
    'The bridge opens on Friday after two years of work.\\nIt cost nine million.'
    """

    def __init__(
        self,
        rules: Ruleset | str | Path | Sequence[str | Path] | None = None,
        *,
        packs: str | Iterable[str] = (),
        only: str | Iterable[str] = (),
        without: str | Iterable[str] = (),
        fast: bool = False,
        naive: bool = False,
        guarded: bool = True,
        engine: str = AUTO,
        like: Cleaner | None = None,
    ):
        """Compile the shipped rules, those plus the files in `rules`, or exactly the `Ruleset` given.

        A compiled file among them stands in for the shipped rules. `packs` names rule packs that are installed, which
        are laid on the shipped rules, below `rules`: `name`, or `name@digest` to refuse it once it has changed.

        `only` and `without` name classes, rules or opinions to run or leave out. `fast` asks one extractor about a page
        and settles no doubts. `naive` tries every rule everywhere (the oracle); `guarded` unset lets rules take the
        whole body (for trying rules on snippets). `engine` looks for literals: `auto`, `portable`, `hyperscan`, `naive`.
        `like` is a cleaner of nearly the same rules, whose compiled ones serve this one as well.

        Raises `RuleError` for a wrong rule or pack, `OptionError` for a name that is neither class nor rule, no pack
        that is installed, or no engine here, and for packs beside a `Ruleset`.
        """
        if not isinstance(rules, Ruleset):
            rules = load_set([rules] if isinstance(rules, (str, Path)) else rules or (), shipped, _names(packs))
        elif _names(packs):
            raise OptionError(
                "a Ruleset is taken as it is, without packs: lay them on it with load_packs(names, ruleset)"
            )
        self.ruleset = choose(rules, _names(only), _names(without))
        self._sweeper: Sweeper = Sweeper(self.ruleset, naive, engine, like._sweeper if like else None)
        self._fast, self._guarded = fast, guarded

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild in another process from the rules that run, which travel as the bytes of a compiled file."""
        return _rebuild, (self.ruleset, self._fast, self._sweeper.naive, self._guarded, self._sweeper.engine)

    def unguarded(self) -> Cleaner:
        """Return this cleaner, compiled as it is, with leave to take the whole body: for trying rules on snippets."""
        other = object.__new__(Cleaner)  # a copy by `copy` would be rebuilt as in another process
        other.__dict__.update(self.__dict__)
        other._guarded = False
        return other

    def clean(self, text: str, url: str | None = None, **known: Any) -> Cleaned:
        """Clean one text; `known` are further fields of `Document` (id, lang, title, crawled, metadata)."""
        return self.clean_document(Document(**{"id": "", "text": text, "url": url, **known}))

    def clean_html(self, html: str | bytes, url: str | None = None, **known: Any) -> Cleaned:
        """Extract the text of one HTML page and clean it; `known` are further fields of `Page` (id, lang, crawled)."""
        return self.clean_page(Page(**{"id": "", "html": html, "url": url, **known}))

    def clean_page(self, page: Page) -> Cleaned:
        """Extract a page's text and clean it."""
        return self.clean_extracted(self.extract(page))

    def extract(self, page: Page) -> Extracted:
        """Extract a page's text and clean nothing yet: a part of `clean_page`, to be kept where texts change less than rules."""
        return self._extractor.extract(page)

    def clean_extracted(self, found: Extracted, glance: Glance = None) -> Cleaned:
        """Clean the text of a page, given what a glance told of it, and account for its elements as well."""
        cleaned = self.look(found.document, glance)
        return replace(
            cleaned,
            drops=found.drops,
            related=(*cleaned.related, *found.related),
            flags=(*found.flags, *cleaned.flags),
        )

    @cached_property
    def _extractor(self) -> Extractor:
        from cleaner.html.extract import Extractor  # loaded late: its libraries take longer to import than all else

        return Extractor(self.ruleset, self._fast)

    def pipe(self, documents: Iterable[Document | Page | str]) -> Iterator[Cleaned]:
        """Clean documents, in order. They are read in batches: one may be taken some way before its result is given."""
        for batch in _batches(documents):
            glanced = iter(self.glance([document for document in batch if isinstance(document, Document)]))
            for document in batch:
                yield self.clean_page(document) if isinstance(document, Page) else self.look(document, next(glanced))

    def glance(self, documents: Sequence[Document]) -> list[Glance]:
        """Return the result for each document in which no rule can match, and for the others what rules may.

        All are read side by side, so that a document costs no more than its length; `look` finishes each. What is found
        for a document is what `clean_document` finds.
        """
        facts = [_facts(document) for document in documents]
        stirred = self._sweeper.stirred([document.text for document in documents], facts)
        digest = self.ruleset.digest
        return [
            found if found is None or found else _at_rest(document, digest)
            for document, found in zip(documents, stirred, strict=True)
        ]

    def look(self, document: Document, glance: Glance) -> Cleaned:
        """Return the result for a document, given what a glance told of it."""
        return glance if isinstance(glance, Cleaned) else self.clean_document(document, glance)

    def clean_document(self, document: Document, stirred: Stirred | None = None) -> Cleaned:
        """Clean one document; `stirred` is what a glance told of it."""
        source, repairs = repair(document.text) if stirred is None else (document.text, ())
        facts = _facts(document)
        found = self._sweep(source, facts, stirred=stirred)
        seek = quick_title if stirred and not found.findings else partial(take_title, findings=found.findings)
        title = seek(source, given=document.title, url=document.url)
        cuts = settle(source, found.findings, titles=title.spans)
        related = tuple(self._related(source, found.findings, facts))
        return Cleaned(
            document=document,
            source=source,
            text=replay(source, cuts),
            title=document.title or title.text,
            repairs=repairs,
            cuts=cuts,
            metadata={**_fields(found.findings), **document.metadata},
            resolved=document.resolved,
            origins={**_origins(found.findings), **document.origins},
            related=related,
            headlines=tuple(quote.text for finding in _in_order(found.findings) for quote in finding.headlines),
            flags=found.flags,
            rules_digest=self.ruleset.digest,
        )

    def _sweep(
        self,
        source: str,
        facts: Facts,
        where: str = "body",
        start: int = 0,
        end: int | None = None,
        stirred: Stirred | None = None,
    ) -> Swept:
        """Sweep a part of the source with the rules for it, and keep what leaves enough of it."""
        found = self._sweeper.sweep(source, facts, where, start, end, stirred)
        return guard(source[start:end], found, start) if self._guarded else found

    def _related(self, source: str, findings: Sequence[Finding], facts: Facts) -> Iterator[Related]:
        """Clean each appended article by the rules that apply to related text."""
        for record in (record for finding in _in_order(findings) for record in finding.records):
            found = self._sweep(source, replace(facts, host=""), "related", record.start, record.end)
            cuts = settle(source, found.findings, record.start, record.end)
            yield Related(
                title=record.title,
                source=record.source,
                age=record.age,
                text=replay(source, cuts, record.start, record.end),
                start=record.start,
                end=record.end,
                cuts=cuts,
                metadata=_fields(found.findings),
            )


def _facts(document: Document) -> Facts:
    return Facts.of(document.url, document.source, document.lang, document.crawled, document.surface)


def _batches(documents: Iterable[Document | Page | str]) -> Iterator[list[Document | Page]]:
    """Gather documents, as many as are worth reading side by side; a text is numbered, a page stands alone."""
    batch: list[Document | Page] = []
    size = 0
    for number, document in enumerate(documents):
        batch.append(Document(str(number), document) if isinstance(document, str) else document)
        size += BATCH if isinstance(document, Page) else len(batch[-1].text)  # type: ignore[union-attr]
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Draft:
    """Hold what a `Cleaned` holds while it is filled in: frozen, each field would cost ten times as much."""

    __slots__ = Cleaned.__slots__


def _at_rest(document: Document, digest: str) -> Cleaned:
    """Return the result of a document in which no rule matches: at most its title moves."""
    text = document.text
    title = quick_title(text, document.title, document.url)
    cuts = settle(text, (), titles=title.spans) if title.spans else ()
    cleaned: Any = _Draft()
    cleaned.document, cleaned.source, cleaned.repairs, cleaned.cuts, cleaned.drops = document, text, (), cuts, ()
    cleaned.text = replay(text, cuts) if cuts else text
    cleaned.title = document.title or title.text
    cleaned.metadata, cleaned.resolved, cleaned.origins = {**document.metadata}, document.resolved, {**document.origins}
    cleaned.related = cleaned.headlines = cleaned.flags = ()
    cleaned.rules_digest = digest
    cleaned.__class__ = Cleaned
    filled: Cleaned = cleaned
    return filled


def _rebuild(ruleset: Ruleset, fast: bool, naive: bool, guarded: bool, engine: str) -> Cleaner:
    """Build a cleaner of all rules of a set, experimental ones as well: they ran."""
    running = [head.id for head in ruleset.heads]
    return Cleaner(ruleset, only=running, fast=fast, naive=naive, guarded=guarded, engine=engine)


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def choose(ruleset: Ruleset, only: Sequence[str], without: Sequence[str]) -> Ruleset:
    """Keep the rules that run: all but experimental and deprecated ones, or those named, less those left out.

    Opinions on pages stay unless they are left out. Raises `OptionError` for a name that is no class, rule or opinion.
    """
    known = {head.id for head in ruleset.heads} | {head.class_ for head in ruleset.heads}
    known |= {opinion.id for opinion in ruleset.opinions}
    for name in (*only, *without):
        if name not in known:
            raise OptionError(f"{name!r} is neither a rule nor a class in use; `cleaner rules list` shows both")
    running, wanted, left_out = ("test", "stable"), frozenset(only), frozenset(without)
    chosen = {
        head.id
        for head in ruleset.heads
        if (head.id in wanted or (head.status in running and (not wanted or head.class_ in wanted)))
        and head.id not in left_out
        and head.class_ not in left_out
    }
    return ruleset.pick(chosen, (opinion for opinion in ruleset.opinions if opinion.id not in left_out))


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.start, f.end, f.rule.id))


def _origins(findings: Iterable[Finding]) -> dict[str, str]:
    """Name the rule behind each field recovered."""
    found: dict[str, str] = {}
    for finding in _in_order(findings):
        for name, _ in finding.fields:
            found.setdefault(name, finding.rule.id)
    return found


def _fields(findings: Iterable[Finding]) -> dict[str, str]:
    """Gather the fields recovered; of two values for one field the first in the text counts."""
    found: dict[str, str] = {}
    for finding in _in_order(findings):
        for name, value in finding.fields:
            found.setdefault(name, value)
    return found
