"""The story of a document: repair it, sweep it with rules, guard the body, find the title, settle the cuts.

Read `Cleaner.clean_document` from top to bottom.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cleaner.errors import OptionError
from cleaner.match.finding import Finding
from cleaner.match.settle import gaps, merge, seam, settle, spans
from cleaner.match.sweep import Facts, Sweeper, Swept
from cleaner.match.title import find_title, is_title_length
from cleaner.model import TITLE_RULE, Cleaned, Document, Page, Related, replay
from cleaner.rules.load import Ruleset, load_rules, load_shipped
from cleaner.text.repair import repair
from cleaner.text.sheet import Sheet

LEAST_BODY = 60
"""Code points of body below which cuts are given up (or a tenth of the source, where that is less)."""

LEAST_BODY_BEFORE_TAIL = 20
"""The same before a fully confirmed tail: about one sentence."""

CONFIDENCE = {"tail": 0.95, "head": 0.9, "run": 0.85, "block": 0.85, "line": 0.8, "dup": 0.8, "span": 0.75}
"""How sure a kind of rule is where the rule does not say: the guard gives the least sure cuts up first."""


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
        only: str | Iterable[str] = (),
        without: str | Iterable[str] = (),
        naive: bool = False,
        guarded: bool = True,
    ):
        """Compile the shipped rules, those plus the files in `rules`, or exactly the `Ruleset` given.

        `only` and `without` name classes or rules to run or leave out. `naive` tries every rule everywhere (the
        oracle); `guarded` unset lets rules take the whole body (for trying rules on snippets).

        Raises `RuleError` for a wrong rule, `OptionError` for a name that is neither class nor rule.
        """
        if not isinstance(rules, Ruleset):
            paths = [rules] if isinstance(rules, (str, Path)) else rules
            rules = load_rules(paths, base=load_shipped()) if paths else load_shipped()
        self.ruleset = choose(rules, _names(only), _names(without))
        self._sweeper = Sweeper(self.ruleset, naive)
        self._guarded = guarded

    def __reduce__(self) -> tuple[Any, ...]:
        """Rebuild in another process from the rules that run: compiled rules do not travel."""
        running = [rule.id for rule in self.ruleset.rules]
        return _rebuild, (self.ruleset, running, self._sweeper.naive, self._guarded)

    def clean(self, text: str, url: str | None = None, **known: Any) -> Cleaned:
        """Clean one text; `known` are further fields of `Document` (id, lang, title, crawled, metadata)."""
        return self.clean_document(Document(**{"id": "", "text": text, "url": url, **known}))

    def clean_html(self, html: str | bytes, url: str | None = None, **known: Any) -> Cleaned:
        """Extract the text of one HTML page and clean it; `known` are further fields of `Page` (id, lang, crawled)."""
        return self.clean_page(Page(**{"id": "", "html": html, "url": url, **known}))

    def clean_page(self, page: Page) -> Cleaned:
        """Extract a page's text with trafilatura and clean it."""
        from cleaner.html.extract import extract  # loaded late: trafilatura takes longer to import than all else

        return self.clean_document(extract(page))

    def pipe(self, documents: Iterable[Document | Page | str]) -> Iterator[Cleaned]:
        """Clean documents one after the other, in order."""
        for number, document in enumerate(documents):
            if isinstance(document, Page):
                yield self.clean_page(document)
            elif isinstance(document, str):
                yield self.clean_document(Document(str(number), document))
            else:
                yield self.clean_document(document)

    def clean_document(self, document: Document) -> Cleaned:
        """Clean one document."""
        source, repairs = repair(document.text)
        facts = Facts.of(document.url, document.source, document.lang, document.crawled)
        found = self._guard(source, self._sweeper.sweep(source, facts))
        parts = merge((f.start, f.end, f.rule.class_, (f.rule.id,)) for f in found.findings)
        title = gaps(parts, self._find_title(source, found.findings, document))
        cuts = seam(source, sorted([*parts, *((a, b, "meta", (TITLE_RULE,)) for a, b in title)]), 0, len(source))
        return Cleaned(
            document=document,
            source=source,
            text=replay(source, cuts),
            title=" ".join(" ".join(source[a:b] for a, b in title).split())
            if title and not document.title
            else document.title,
            repairs=repairs,
            cuts=cuts,
            metadata={**document.metadata, **_fields(found.findings)},
            related=tuple(self._related(source, found.findings, facts)),
            headlines=tuple(quote.text for finding in _in_order(found.findings) for quote in finding.headlines),
            flags=found.flags,
            rules_digest=self.ruleset.digest,
        )

    def _guard(self, text: str, found: Swept, start: int = 0) -> Swept:
        """Give cuts up, the least sure and then the smallest first, until enough of `text`, a body, is left.

        Fewer cuts never leave less, so the number that stands is found by bisection.
        """
        standing = sorted(found.findings, key=lambda f: (-confidence(f), f.start - f.end, f.start, f.rule.id))
        if not self._guarded or _leaves_body(text, standing, start):
            return replace(found, findings=tuple(standing))
        least = bisect_left(range(len(standing)), True, key=lambda n: not _leaves_body(text, standing[: n + 1], start))
        given_up = dict.fromkeys(f"guard:{finding.rule.id}" for finding in reversed(standing[least:]))
        return Swept(tuple(standing[:least]), tuple(dict.fromkeys((*found.flags, *given_up))))

    def _find_title(self, source: str, findings: Sequence[Finding], document: Document) -> tuple[int, int] | None:
        sheet = Sheet(source, spans(settle(source, findings)))
        if not sheet.lines:
            return None
        first = sheet.to_source(*sheet.lines[0])
        doubled = [f.witness for f in findings if _is_double(f) and f.witness and f.witness[0] == first[0]]
        title = find_title(sheet, document.title, document.url)
        if title:
            return sheet.to_source(*title)
        return doubled[0] if doubled and not document.title and is_title_length(doubled[0]) else None

    def _related(self, source: str, findings: Sequence[Finding], facts: Facts) -> Iterator[Related]:
        """Clean each appended article by the rules that apply to related text."""
        for record in (record for finding in _in_order(findings) for record in finding.records):
            found = self._sweeper.sweep(source, replace(facts, host=""), "related", record.start, record.end)
            found = self._guard(source[record.start : record.end], found, record.start)
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


def _rebuild(ruleset: Ruleset, running: list[str], naive: bool, guarded: bool) -> Cleaner:
    return Cleaner(ruleset, only=running, naive=naive, guarded=guarded)


def _names(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def confidence(finding: Finding) -> float:
    """Return how sure a finding is, from 0 to 1."""
    stated = finding.rule.guard.confidence
    return CONFIDENCE[finding.rule.kind] if stated is None else stated


def choose(ruleset: Ruleset, only: Sequence[str], without: Sequence[str]) -> Ruleset:
    """Keep the rules that run: all but experimental and deprecated ones, or those named, less those left out.

    Raises `OptionError` for a name that is neither a class nor a rule.
    """
    known = {rule.id for rule in ruleset.rules} | {rule.class_ for rule in ruleset.rules}
    for name in (*only, *without):
        if name not in known:
            raise OptionError(f"{name!r} is neither a rule nor a class in use; `cleaner rules list` shows both")
    running = ("test", "stable")
    chosen = [
        rule
        for rule in ruleset.rules
        if (rule.id in only or (rule.status in running and (not only or rule.class_ in only)))
        and rule.id not in without
        and rule.class_ not in without
    ]
    return ruleset.only(chosen)


def _leaves_body(text: str, findings: Sequence[Finding], start: int) -> bool:
    """Tell whether cuts leave enough of a text that begins at `start` in the source."""
    least = LEAST_BODY_BEFORE_TAIL if any(f.proven for f in findings) else LEAST_BODY
    gone = merge((f.start - start, f.end - start, "", ()) for f in findings)
    bounds = [0, *(at for a, b, _, _ in gone for at in (a, b)), len(text)]
    left = sum(len(text[a:b].strip()) for a, b in zip(bounds[::2], bounds[1::2], strict=True))
    return not gone or left >= min(least, len(text.strip()) / 10)


def _is_double(finding: Finding) -> bool:
    return finding.rule.dup is not None and finding.rule.dup.how == "equal"


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda f: (f.start, f.end, f.rule.id))


def _fields(findings: Iterable[Finding]) -> dict[str, str]:
    """Gather the fields recovered; of two values for one field the first in the text counts."""
    found: dict[str, str] = {}
    for finding in _in_order(findings):
        for name, value in finding.fields:
            found.setdefault(name, value)
    return found
