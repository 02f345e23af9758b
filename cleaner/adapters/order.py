"""Say how documents are to be cleaned in a few hundred bytes that travel to every worker; the rules go by their digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NoReturn, Self

from cleaner.bulk.batch import Job
from cleaner.clean import Cleaner
from cleaner.errors import OptionError, RuleError
from cleaner.io.record import USUAL, WHOLE, Fields, Style
from cleaner.io.write import Shape
from cleaner.rules.compiled import is_compiled, read_compiled, version

DEADLINE = 30.0
"""Seconds that a document may take."""


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


@lru_cache(maxsize=4)
def _cleaner(rules: str | bytes | None, only: tuple[str, ...], without: tuple[str, ...], fast: bool) -> Cleaner:
    """Compile the rules once a process."""
    ruleset = read_compiled(rules) if isinstance(rules, bytes) else rules
    return Cleaner(ruleset, only=only, without=without, fast=fast)
