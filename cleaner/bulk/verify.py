"""Close the books of a run: read its inputs again beside its output and its rejects, and replay every record.

For each record of the input there is one record of the output or one reject, in order. Both sides are streams; where
they part, records of both sides are looked at ahead until they meet again, so that one lost record is one finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cleaner.bulk.account import Account, Unsound, read_account, spell
from cleaner.bulk.batch import try_clean
from cleaner.bulk.replay import (
    Manner,
    check_again,
    check_alone,
    check_cells,
    check_own,
    check_row_again,
    check_text,
    rebuild,
)
from cleaner.bulk.sides import (
    Ahead,
    Came,
    Recent,
    Refused,
    Written,
    is_there,
    read_came,
    read_refused,
    read_written,
    resolve,
)
from cleaner.bulk.tally import Tally
from cleaner.clean import Cleaner
from cleaner.io.inputs import REJECTS, Input, kind_of
from cleaner.io.read import broken_off
from cleaner.io.record import CLEANING, Fields, bare_account, reject
from cleaner.io.stream import Truncated, Watch
from cleaner.model import TITLE_RULE, Cleaned, Document, Page, Rejected
from cleaner.text.repair import repair

Kind = Literal["lost", "doubled", "out of order", "invented", "changed", "reject", "broken", "files"]

SHOWN = 20
"""Findings that are kept to be shown; all are counted."""

_WINDOWS = (8, 64, 512)  # records of both sides looked at ahead, one after the other
_BLANK = b" \t\r\n"


@dataclass(slots=True)
class Finding:
    """Hold one thing that is not as it should be, and where: in the input, in the output, or both."""

    kind: Kind
    about: str
    came: str = ""
    written: str = ""


@dataclass(slots=True)
class Books:
    """Hold what verifying found.

    `tally` counts what the accounts say; `again` pages that were cleaned again; `alone` pages that were not, by the
    digest of the rules that cleaned them.
    """

    tally: Tally = field(default_factory=Tally)
    read: int = 0
    digest: str = ""
    manner: Manner = field(default_factory=Manner)
    again: int = 0
    alone: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    """Inputs that break off, as the run found them."""
    counts: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def find(self, finding: Finding) -> Finding | None:
        """Count a finding; keep and return it if it is one of the first."""
        self.counts[finding.kind] += 1
        if len(self.findings) == SHOWN:
            return None
        self.findings.append(finding)
        return finding

    def move(self, finding: Finding | None, kind: Kind, came: str = "", written: str = "") -> None:
        """Book what was found to be lost or invented as out of order: it stands in another place."""
        self.counts[kind] -= 1
        self.counts["out of order"] += 1
        self.counts = +self.counts
        if finding:
            finding.kind, finding.about = "out of order", "it stands in another place"
            finding.came, finding.written = came or finding.came, written or finding.written

    @property
    def close(self) -> bool:
        """Tell whether records in are cleaned, unchanged and rejected ones, and every one replays."""
        return not self.counts.total() and self.read == self.tally.documents

    def describe(self) -> dict[str, Any]:
        """Return the books as plain values."""
        tally = self.tally.describe()
        return {
            "close": self.close,
            "records": self.read,
            **{name: tally[name] for name in ("cleaned", "unchanged", "rejected", "characters", "removed", "share")},
            "rules": self.digest,
            "annotated": bool(self.manner.annotate),
            "lean": bool(self.manner.lean),
            "pages_cleaned_again": self.again,
            "pages_not_replayed": dict(self.alone),
            "reject_reasons": dict(self.reasons),
            "passed": dict(self.passed),
            "broken_inputs": self.broken,
            "findings": dict(self.counts),
            "shown": [
                {"kind": one.kind, "input": one.came, "output": one.written, "about": one.about}
                for one in self.findings
            ],
        }


@dataclass(frozen=True, slots=True)
class Auditor:
    """Hold all that decides what a record should have become; `make` gives the cleaner that pages are cleaned with."""

    sources: Sequence[Input]
    fields: Fields
    make: Callable[[], Cleaner]
    recleaning: bool = False

    def read(self, number: int, books: Books, watch: Watch | None = None) -> Iterator[Came]:
        """Yield the records of the input of this number; raises as `read_came`."""
        return read_came(self.sources[number], number, self.fields, self.recleaning, watch, books.passed)


@dataclass(slots=True)
class Missed:
    """Remember what found no partner, the first 65,536 names, each with its finding if that is one of those shown."""

    most: int = 1 << 16
    _held: dict[int, Finding | None] = field(default_factory=dict)

    def add(self, name: str, finding: Finding | None) -> None:
        """Remember a name."""
        if len(self._held) < self.most:
            self._held[hash(name)] = finding

    def pop(self, name: str) -> Finding | None:
        """Forget a name; return its finding."""
        return self._held.pop(hash(name))

    def __contains__(self, name: str) -> bool:
        return hash(name) in self._held


class Audit:
    """Compare inputs with one output, or one part of it, and book what is found."""

    def __init__(self, auditor: Auditor, books: Books, output: str, rejects: str):
        self._auditor, self._books, self._fields = auditor, books, auditor.fields
        self._output, self._rejects = output, rejects
        self._seen = Recent()
        self._lost, self._stray = Missed(), Missed()
        self._numbers: dict[str, int | None] = {}
        self._known: frozenset[str] | None = None

    def take(self, came: Iterable[Came], written: Iterable[Written], refused: Iterable[Refused]) -> None:
        """Compare all that came with all that was written and refused."""
        ins, outs = Ahead(came), Ahead(self._until_broken(written, self._output))
        bad = Ahead(self._until_broken(refused, self._rejects))
        books = self._books
        while (record := ins.take()) is not None:
            if rejected := self._reject_of(record, bad, outs):
                books.read += 1
                self._check_reject(record, rejected)
                continue
            line = outs.peek()
            if line is None:
                books.read += 1
                self._lose(record)
            elif self._is_untouched(record, line) or self._belong(record, line):
                books.read += 1
                outs.take()
                self._check(record, line)
            else:
                ins.put_back(record)
                self._meet_again(ins, outs, bad)
        while (line := outs.take()) is not None:
            self._add_extra(line)
        while (extra := bad.take()) is not None:
            self._add_extra_reject(extra)

    def _until_broken(self, lines: Iterable[Any], path: str) -> Iterator[Any]:
        try:
            yield from lines
        except Truncated as error:
            self._books.find(Finding("broken", str(error), written=path))

    # --- records that belong together

    def _is_untouched(self, came: Came, line: Written) -> bool:
        """Tell whether a line is the record as it came, with the account that is written for all untouched ones."""
        own, raw, end = came.entry.raw, line.raw, bare_account(self._books.digest)
        return raw.endswith(end) and len(raw) == len(own) - 1 + len(end) and raw.startswith(own[:-1])

    def _belong(self, came: Came, line: Written) -> bool:
        """Tell whether a line is named as a record; a row that has no room for a name is taken for any."""
        name = line.id(self._fields)
        return name == came.id or (line.kind != "jsonl" and name in ("", spell(came.id)))

    def _check(self, came: Came, line: Written) -> None:
        value, books = came.entry.value, self._books
        self._seen.add(came.id)
        if type(value) is Document and books.digest and self._is_untouched(came, line):
            own = came.own
            if not came.entry.apart and CLEANING not in own and own.get(self._fields.id) not in (None, ""):
                self._check_untouched(came, line, value)
                return
        if isinstance(value, Rejected):
            books.tally.rejected += 1
            self._change(came, line, f"it was cleaned, but it is no document: {value.reason}")
            return
        self._check_record(came, line, value)

    def _check_untouched(self, came: Came, line: Written, document: Document) -> None:
        text = document.text
        if came.own.get(self._fields.text) != text:
            self._check_record(came, line, document)
            return
        self._books.tally.unchanged += 1
        self._books.tally.characters += len(text)
        source, repairs = repair(text)
        if repairs or source != text:
            self._change(came, line, f"it needs repair ({', '.join(repairs)}), and its account tells of none")

    def _check_record(self, came: Came, line: Written, value: Document | Page) -> None:
        books, written = self._books, line.record
        try:
            account = read_account(written.get(CLEANING))
        except Unsound as error:
            books.tally.unchanged += 1
            self._change(came, line, f"its account was not written by cleaner: {error}" if written else "no record")
            return
        fault = self._check_manner(account) or self._check_rules(account) or self._check_own(came, line)
        if not fault and isinstance(value, Document):
            fault = self._check_text(came, value, line, account)
        elif not fault and isinstance(value, Page):
            fault = self._check_page(came, line, account)
        if fault:
            self._change(came, line, fault)
        self._book(account, written)

    def _check_own(self, came: Came, line: Written) -> str:
        """Check that own fields left as they came; those of rows that were rows of no such table follow from the text."""
        fields, own, written = self._fields, came.own, line.record
        if line.kind == "jsonl" or self._keeps_columns(came, line):
            if fault := check_own(came.entry, own, line.raw, written, fields, line.kind != "jsonl"):
                return fault
            ids = (came.id,) if line.kind == "jsonl" else (spell(came.id), None)
            if own.get(fields.id) in (None, "") and written.get(fields.id) not in ids:
                return f"its id should be {came.id!r}"
        return ""

    def _keeps_columns(self, came: Came, line: Written) -> bool:
        return line.kind == "parquet" == self._auditor.sources[came.source].kind

    def _check_text(self, came: Came, document: Document, line: Written, account: Account) -> str:
        fields, manner, is_row = self._fields, self._books.manner, line.kind != "jsonl"
        for fault in check_text(document, came.own, line.record, account, fields, manner, is_row):
            return fault
        if not is_row or self._keeps_columns(came, line):
            return ""
        cleaned = rebuild(document, account, line.record.get(fields.title))
        return check_cells(came.entry, cleaned, line.record, fields, manner.style, line.kind)

    def _check_manner(self, account: Account) -> str:
        books = self._books
        books.digest = books.digest or account.digest
        if account.digest != books.digest:
            return f"it was cleaned by the rules {account.digest}, those before it by {books.digest}"
        if account.lean is not None and books.manner.lean is None:
            books.manner.lean = account.lean
        if account.lean is not None and account.lean != books.manner.lean:
            return f"its cuts hold {'no texts' if account.lean else 'texts'}, those of records before it do not agree"
        return ""

    def _check_rules(self, account: Account) -> str:
        """Check that the rules a cut names are some of those that ran, where those are at hand."""
        named = {rule for cut in account.cuts for rule in cut.rules}
        named |= {rule for part in account.related for cut in part.cuts for rule in cut.rules}
        if not named:
            return ""
        if self._known is None:
            rules = self._auditor.make().ruleset
            same = rules.digest == self._books.digest
            self._known = frozenset([TITLE_RULE, *(head.id for head in rules.heads)] if same else ())
        odd = named - self._known if self._known else ()
        return f"a cut names the rule {min(odd)!r}, and no such rule ran" if odd else ""

    def _check_page(self, came: Came, line: Written, account: Account) -> str:
        books, cleaner, fields, written = self._books, self._auditor.make(), self._fields, line.record
        anew = line.kind != "jsonl" and not self._keeps_columns(came, line)
        if cleaner.ruleset.digest != account.digest:
            books.alone[account.digest] += 1
            text, title = str(written.get(fields.text) or ""), written.get(fields.title)
            if fault := check_alone(written.get(fields.text), account, bool(books.manner.annotate)):
                return fault
            told = Cleaned(Document(came.id, text), text, text, title)
            return check_cells(came.entry, told, written, fields, books.manner.style, line.kind) if anew else ""
        books.again += 1
        again = try_clean(cleaner, came.entry)
        if not isinstance(again, Cleaned):
            return f"cleaned again it is rejected: {again.reason}"
        if line.kind == "jsonl":
            return check_again(came.entry, again, line.raw, written, fields, books.manner)
        return check_row_again(came.entry, again, written, fields, books.manner, line.kind, anew)

    def _book(self, account: Account, written: Any) -> None:
        """Count what the account says."""
        text = account.source if account.source is not None else written.get(self._fields.text)
        size = len(text) if isinstance(text, str) else 0
        if not self._books.manner.annotate:
            size += sum(cut.end - cut.start for cut in account.cuts)
        self._books.tally.count(account.status, size, account.cuts, account.flags)

    # --- rejects

    def _reject_of(self, came: Came, bad: Ahead[Refused], outs: Ahead[Written]) -> Refused | None:
        """Take the reject of a record, where there is one; what stands before it in the file belongs to none."""
        while (line := bad.peek()) is not None:
            told = line.rejected
            source = self._number_of(told.path) if told else None
            if told and source == came.source and told.offset == came.offset:
                mine = told.id in (came.id, came.line) or not self._comes_next(came, outs)
                return bad.take() if mine else None
            if told and source is not None and (source, told.offset) > (came.source, came.offset):
                return None
            bad.take()
            self._add_extra_reject(line)
        return None

    def _comes_next(self, came: Came, outs: Ahead[Written]) -> bool:
        """Tell whether a record was written: of an archive's compressed member all records have one offset."""
        line = outs.peek()
        return line is not None and self._belong(came, line)

    def _number_of(self, path: str) -> int | None:
        if path not in self._numbers:
            self._numbers[path] = resolve(path, self._auditor.sources)
        return self._numbers[path]

    def _check_reject(self, came: Came, line: Refused) -> None:
        told, entry = line.rejected, came.entry
        assert told
        self._seen.add(came.id)
        self._books.tally.rejected += 1
        self._books.reasons[told.reason] += 1
        expected = reject(entry, told.reason)
        fault = ""
        if told.raw.strip(_BLANK) != expected.raw.strip(_BLANK):
            fault = "its bytes are not those of the input"
        elif told.reason != expected.reason:
            fault = f"its reason is {told.reason!r}, and reading it gives {expected.reason!r}"
        elif told.id not in (came.id, came.line) or not told.reason:
            fault = f"its id is {told.id!r}, and should be {came.id!r}" if told.reason else "it gives no reason"
        if fault:
            self._books.find(Finding("reject", fault, self._where(came), f"{self._rejects}#{line.number}"))

    # --- records that do not

    def _meet_again(self, ins: Ahead[Came], outs: Ahead[Written], bad: Ahead[Refused]) -> None:
        """Leave behind on both sides what has no partner: as little as is needed until two belong together."""
        fields, rows = self._fields, kind_of(self._output) != "jsonl"
        for size in _WINDOWS:
            left, right = ins.look(size), outs.look(size)
            places: dict[str | None, int] = {}
            for at, line in enumerate(right):
                places.setdefault(line.id(fields), at)
            names = [spell(one.id) if rows else one.id for one in left]
            meeting = min(
                ((at + places[name], at, places[name]) for at, name in enumerate(names) if name in places),
                default=None,
            )
            if meeting:
                self._leave(ins, outs, bad, meeting[1], meeting[2])
                return
            if len(left) < size and len(right) < size:
                self._leave(ins, outs, bad, len(left), len(right))
                return
        self._leave(ins, outs, bad, len(left), 0 if len(left) == size else len(right))

    def _leave(self, ins: Ahead[Came], outs: Ahead[Written], bad: Ahead[Refused], came: int, written: int) -> None:
        """Leave so many records behind: as long as there are some on both sides, one is taken for the other, changed."""
        books = self._books
        for _ in range(came):
            record = ins.take()
            assert record
            books.read += 1
            if rejected := self._reject_of(record, bad, outs):
                self._check_reject(record, rejected)
            elif written and (line := outs.peek()) and not self._is_known(line):
                outs.take()
                written -= 1
                self._check(record, line)
            else:
                self._lose(record)
        for _ in range(written):
            line = outs.take()
            assert line
            self._add_extra(line)

    def _is_known(self, line: Written) -> bool:
        """Tell whether a line is one that came before, or that was missed."""
        name = line.id(self._fields)
        return name is not None and (name in self._seen or name in self._lost)

    def _lose(self, came: Came) -> None:
        value, where = came.entry.value, self._where(came)
        if came.id in self._stray:
            self._books.move(self._stray.pop(came.id), "invented", came=where)
            self._books.tally.unchanged += 1
            return
        about = "it was neither written nor rejected"
        if isinstance(value, Rejected):
            about = f"no reject tells of it ({value.reason})"
        self._lost.add(came.id, self._books.find(Finding("lost", about, where)))

    def _add_extra(self, line: Written) -> None:
        """Book a record of the output that no record of the input became."""
        books, name, place = self._books, line.id(self._fields), f"{self._output}#{line.number}"
        if name is None:
            books.find(Finding("broken", "it is no record with an account", written=place))
        elif name in self._lost:
            books.move(self._lost.pop(name), "lost", written=place)
            books.tally.unchanged += 1
        elif name in self._seen:
            books.find(Finding("doubled", f"the record {name!r} was written or rejected before", written=place))
        else:
            about = f"no record of the input became {name!r}"
            self._stray.add(name, books.find(Finding("invented", about, written=place)))

    def _add_extra_reject(self, line: Refused) -> None:
        place, told = f"{self._rejects}#{line.number}", line.rejected
        if told is None:
            self._books.find(Finding("broken", "it is no reject", written=place))
        else:
            where = f"{told.path}, byte {told.offset}"
            self._books.find(
                Finding("reject", f"no record of the input stands there, or not in this place: {where}", written=place)
            )

    def _change(self, came: Came, line: Written, about: str) -> None:
        self._books.find(Finding("changed", about, self._where(came), f"{self._output}#{line.number}"))

    def _where(self, came: Came) -> str:
        return f"{came.line} (byte {came.offset})"


def verify_file(auditor: Auditor, output: str, watch: Watch | None = None) -> Books:
    """Verify an output that is one file, and the rejects beside it.

    Raises `InputError` where one of the files cannot be read, or an input breaks off.
    """
    books, rejects = Books(), output + REJECTS
    refused = read_refused(rejects, watch) if is_there(rejects) else ()
    audit = Audit(auditor, books, output, rejects)
    audit.take(_read_all(auditor, books, watch), read_written(output, auditor.fields, watch), refused)
    return books


def _read_all(auditor: Auditor, books: Books, watch: Watch | None) -> Iterator[Came]:
    for number, source in enumerate(auditor.sources):
        before = books.read
        try:
            yield from auditor.read(number, books, watch)
        except Truncated as error:
            raise broken_off(source, error, books.read - before) from None
