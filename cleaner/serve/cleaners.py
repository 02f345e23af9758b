"""Clean the records of requests with the code of `cleaner clean`, so that answers are its output, byte for byte.

Here the text of others is read, and rules run on it: this is the object that lives in a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from cleaner.bulk.batch import Job
from cleaner.bulk.memory import keep_memory
from cleaner.bulk.parcel import Parcel
from cleaner.clean import Cleaner
from cleaner.errors import CleanerError
from cleaner.io.inputs import Input
from cleaner.io.read import Sheaf, reject_item, split_sheaf
from cleaner.io.record import USUAL, Fields, Style, describe_rejected
from cleaner.io.splice import elements, parse
from cleaner.io.stream import Lines
from cleaner.io.write import Shape
from cleaner.match.stock import shipped
from cleaner.model import Rejected
from cleaner.rules.compiled import version
from cleaner.rules.load import load_set
from cleaner.rules.ruleset import Ruleset
from cleaner.serve.order import Order
from cleaner.serve.recent import Recent

KEPT = 8
"""Choices of rules for which a process keeps a cleaner ready."""

_SOURCE = Input("-", "stdin", "stdin", "stdin")  # a record without an id is named as one of standard input is


class Unreadable(CleanerError):
    """Say why a body is not what its request says it is."""


class TooMany(CleanerError):
    """Say how many records are too many for one request."""


class Cleaners:
    """Hold a cleaner for each choice of rules that requests make, and clean their records.

    `rules` are a set, or paths laid on the shipped rules and on `packs`; `only` and `without` hold for all requests, which choose among what is
    left. `seconds` are given to one document. Raises what `Cleaner` raises.
    """

    def __init__(
        self,
        rules: Ruleset | tuple[str, ...] = (),
        packs: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        fast: bool = False,
        fields: Fields = USUAL,
        seconds: float | None = None,
    ):
        self._fast, self._fields, self._seconds = fast, fields, seconds
        self._whole = rules if isinstance(rules, Ruleset) else load_set(rules, shipped, packs)
        self._usual = Cleaner(self._whole, only=only, without=without, fast=fast)
        if only or without:
            self._whole = self._usual.ruleset
        self._chosen: Recent[tuple[tuple[str, ...], ...], Cleaner] = Recent(KEPT)
        keep_memory()
        with suppress(Exception):  # what reads pages is loaded now, not in the time of the first page
            self._usual.clean_html("<html><body><article><p>The bridge is open.</p></article></body></html>")

    def tell(self) -> dict[str, Any]:
        """Return the version, the digest and the number of the rules that run unless a request chooses."""
        ruleset = self._usual.ruleset
        return {"version": version(), "digest": ruleset.digest, "rules": len(ruleset.heads)}

    def names(self) -> list[str]:
        """Return the classes, rules and opinions that a request may name."""
        classes = sorted({head.class_ for head in self._whole.heads})
        return [*classes, *(head.id for head in self._whole.heads), *(opinion.id for opinion in self._whole.opinions)]

    def rules(self) -> list[dict[str, Any]]:
        """Return what is to be known of each rule to choose it."""
        return [
            {
                "id": rule.id,
                "class": rule.class_,
                "kind": rule.kind,
                "status": rule.status,
                "rev": rule.rev,
                "why": rule.why,
            }
            for rule in self._usual.ruleset.rules
        ]

    def check(self, order: Order) -> None:
        """Raise `OptionError` where a request names what is neither rule nor class."""
        self._cleaner(order)

    def split(self, body: bytes, most: int) -> bytes:
        """Return the items of a JSON array as lines; raise `Unreadable` for anything else, `TooMany` for more than `most`."""
        found = _parse(body)
        if not isinstance(found, list):
            raise Unreadable("the body is no JSON array; POST /clean takes one record, application/x-ndjson one a line")
        if len(found) > most:
            raise TooMany(f"{len(found)} records, and {most} is the most; send them in parts")
        return b"\n".join(map(_as_line, elements(body)))

    def clean(self, order: Order, lines: Lines) -> bytes:
        """Clean lines of records, and return what each becomes, a line each without the last end.

        What is no document becomes `{"rejected": ...}`, which holds what `cleaner clean` writes to its rejects.
        """
        return b"\n".join(
            _write_rejected(piece) if isinstance(piece, Rejected) else piece for piece in self._do(order, lines)
        )

    def clean_one(self, order: Order, body: bytes) -> bytes | Rejected:
        """Clean one record; raise `Unreadable` where the body is no JSON."""
        if not isinstance(_parse(body), dict):
            raise Unreadable("the body is no JSON object; POST /batch takes an array, or lines, of them")
        [done] = self._do(order, Lines(0, 1, _as_line(body)))
        return done

    def _do(self, order: Order, lines: Lines) -> Iterator[bytes | Rejected]:
        done = self._job(order).do(Parcel(0, (_sheaf(lines),), len(lines.raw)))
        for stretch in done.stretches:
            yield from (piece.raw for piece in stretch.pieces)
            if stretch.rejected:
                yield stretch.rejected

    def _job(self, order: Order) -> Job:
        shape = Shape(fields=self._fields, style=Style(order.lean, order.annotate))
        return Job(
            self._cleaner(order),
            shape,
            recleaning=order.recleaning,
            articles_only=order.articles_only,
            seconds=self._seconds,
        )

    def _cleaner(self, order: Order) -> Cleaner:
        if not (order.only or order.without):
            return self._usual
        choice = (tuple(sorted(set(order.only))), tuple(sorted(set(order.without))))
        only, without = choice
        return self._chosen.take(choice, lambda: Cleaner(self._whole, only=only, without=without, fast=self._fast))


def give_up(lines: Lines, reason: str) -> bytes:
    """Return what `Cleaners.clean` returns where all lines are rejected."""
    return b"\n".join(_write_rejected(reject_item(item, reason)) for item in split_sheaf(_sheaf(lines)))


def part(lines: Lines) -> list[Lines]:
    """Part lines into one for each, those without a record left out."""
    parts: list[Lines] = []
    offset = lines.offset
    for number, raw in enumerate(lines.raw.split(b"\n"), lines.number):
        if raw.strip():
            parts.append(Lines(offset, number, raw))
        offset += len(raw) + 1
    return parts


def _sheaf(lines: Lines) -> Sheaf:
    return Sheaf(lines, _SOURCE.label, _SOURCE.path)


def _write_rejected(rejected: Rejected) -> bytes:
    return b'{"rejected":' + describe_rejected(rejected) + b"}"


def _parse(body: bytes) -> Any:
    try:
        return parse(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def _as_line(raw: bytes) -> bytes:
    """Put valid JSON on one line: it has line ends between its tokens only."""
    return raw.strip(b" \t\r\n").replace(b"\n", b" ").replace(b"\r", b" ")
