"""Say how documents are to be cleaned in a few hundred bytes that travel to every worker; the rules go by their digest."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from dataclasses import fields as members
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn, Self, TypedDict

from cleaner.bulk.batch import Job
from cleaner.clean import Cleaner
from cleaner.errors import OptionError, RuleError
from cleaner.io.record import USUAL, WHOLE, Fields, Style
from cleaner.io.write import Shape
from cleaner.match.stock import index_of, shipped
from cleaner.rules.compiled import is_compiled, read_compiled, to_bytes, version
from cleaner.rules.load import load_set

DEADLINE = 30.0
"""Seconds that a document may take."""


class Choices(TypedDict, total=False):
    """Name what an order may be written from: names of fields (`text="body"`), and options of `cleaner clean`."""

    text: str
    html: str
    html_base64: str
    id: str
    url: str
    source: str
    lang: str
    title: str
    crawled: str
    rules: str | Path | Iterable[str | Path] | bytes | None
    only: str | Iterable[str]
    without: str | Iterable[str]
    fast: bool
    lean: bool
    annotate: bool
    recleaning: bool
    articles_only: bool
    seconds: float | None


_NAMES = {member.name for member in members(Fields)}


@dataclass(frozen=True, slots=True)
class Order:
    """Hold how documents are to be cleaned; `rules` is the path of a compiled file, its bytes, or None for the shipped rules.

    `digest` is that of the rules that ran where the order was written: a worker that has others refuses to work.
    """

    digest: str
    rules: str | bytes | None = None
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fast: bool = False
    fields: Fields = USUAL
    style: Style = WHOLE
    format: str = "jsonl"
    recleaning: bool = False
    articles_only: bool = False
    related: bool = False
    seconds: float | None = DEADLINE

    @classmethod
    def of(
        cls,
        rules: str | Path | bytes | None = None,
        *,
        only: str | Iterable[str] = (),
        without: str | Iterable[str] = (),
        fast: bool = False,
        fields: Fields = USUAL,
        lean: bool = False,
        annotate: bool = False,
        format_: str = "jsonl",
        recleaning: bool = False,
        articles_only: bool = False,
        related: bool = False,
        seconds: float | None = DEADLINE,
    ) -> Self:
        """Write an order; a path of compiled rules has to be readable by every worker, their bytes travel with the order.

        The options are those of `cleaner clean`: `format_` is what its `--format` takes, less `text`, `seconds` what a
        document may take (None sets no limit), and `related` has appended articles written beside their shard. Raises
        `OptionError` for rules that are not compiled, names that are neither rule nor class, and other formats;
        `RuleError` for a compiled file that is damaged or of another version.
        """
        source = str(Path(rules).resolve()) if isinstance(rules, (str, Path)) else rules
        if isinstance(source, str) and not is_compiled(source):
            hint = f"`cleaner rules compile --rules {source} -o FILE` makes a file of them"
            raise OptionError(f"{source} holds no compiled rules, and workers take no others: {hint}")
        chosen = (only,) if isinstance(only, str) else tuple(only)
        left_out = (without,) if isinstance(without, str) else tuple(without)
        digest = _cleaner(source, chosen, left_out, fast).ruleset.digest
        style = Style(lean, annotate)
        if format_.startswith("text"):
            raise OptionError(
                "format text: bodies of several ranks would take each other's names; choose jsonl, wet or tar"
            )
        Shape.of(format_, fields, style)
        return cls(
            digest, source, chosen, left_out, fast, fields, style, format_, recleaning, articles_only, related, seconds
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the order as JSON values; rules that travel as bytes are `rules_base64`."""
        written = asdict(self)
        if isinstance(self.rules, bytes):
            written["rules_base64"] = base64.b64encode(written.pop("rules")).decode()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        """Read an order that `to_dict` wrote; raises `OptionError` where it is none."""
        known = dict(written)
        try:
            if pressed := known.pop("rules_base64", None):
                known["rules"] = base64.b64decode(pressed, validate=True)
            known |= {"fields": Fields(**known.get("fields", {})), "style": Style(**known.get("style", {}))}
            known |= {name: tuple(known.get(name, ())) for name in ("only", "without")}
            return cls(**known)
        except (TypeError, ValueError) as error:
            raise OptionError(f"this is no order that `Order.to_dict` wrote: {error}") from None

    @property
    def shape(self) -> Shape:
        """Return what files are written as."""
        return Shape.of(self.format, self.fields, self.style)

    def job(self) -> Job:
        """Return what does the work in this process; its rules are compiled once for all orders that name the same.

        Raises `RuleError` where they are not the rules that the order was written with.
        """
        cleaner = _cleaner(self.rules, self.only, self.without, self.fast)
        if cleaner.ruleset.digest != self.digest:
            self._refuse(cleaner.ruleset.digest)
        return Job(
            cleaner,
            self.shape,
            recleaning=self.recleaning,
            articles_only=self.articles_only,
            related=self.related,
            seconds=self.seconds,
        )

    def _refuse(self, found: str) -> NoReturn:
        path = self.rules if isinstance(self.rules, str) else ""
        name = "they" if path else "the shipped rules of this worker"
        raise RuleError(
            f"{name} have the digest {found}, but the order was written for {self.digest}",
            path=path,
            hint="Write the order again"
            if path
            else f"Install the same cleaner everywhere (this is {version()}), or give compiled rules",
        )


def order_for(order: Order | None, choices: Choices) -> Order:
    """Return the order given, or write one from choices; its rules may be files and folders of YAML too.

    Raises `OptionError` for both at once and for what is no choice, else what `Order.of` and a rule file raise.
    """
    if order is not None:
        if choices:
            raise OptionError(f"an order says it all: put {', '.join(sorted(choices))} into it (`Order.of`)")
        return order
    check_choices(choices)
    given: dict[str, Any] = dict(choices)
    fields = Fields(**{name: given.pop(name) for name in _NAMES & given.keys()})
    return Order.of(_packed(given.pop("rules", None)), fields=fields, **given)


def check_choices(names: Iterable[str]) -> None:
    """Raise `OptionError` for a name that is no choice."""
    if unknown := sorted(set(names) - Choices.__annotations__.keys()):
        raise OptionError(f"{unknown[0]!r} is no choice; there are {', '.join(sorted(Choices.__annotations__))}")


def _packed(rules: str | Path | Iterable[str | Path] | bytes | None) -> str | Path | bytes | None:
    """Return rules as an order takes them; those in YAML are compiled."""
    if rules is None or isinstance(rules, bytes):
        return rules
    paths = [rules] if isinstance(rules, (str, Path)) else list(rules)
    if len(paths) == 1 and is_compiled(paths[0]):
        return paths[0]
    if not paths:
        return None
    ruleset = load_set(paths, shipped)
    return to_bytes(ruleset, index_of(ruleset))


def _cleaner(rules: str | bytes | None, only: tuple[str, ...], without: tuple[str, ...], fast: bool) -> Cleaner:
    """Compile the rules once a process; a file that has changed since is read again."""
    return _compiled(rules, only, without, fast, _stamp(rules) if isinstance(rules, str) else ())


@lru_cache(maxsize=4)
def _compiled(
    rules: str | bytes | None, only: tuple[str, ...], without: tuple[str, ...], fast: bool, stamp: tuple[int, ...]
) -> Cleaner:
    ruleset = read_compiled(rules) if isinstance(rules, bytes) else rules
    return Cleaner(ruleset, only=only, without=without, fast=fast)


def _stamp(path: str) -> tuple[int, ...]:
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
