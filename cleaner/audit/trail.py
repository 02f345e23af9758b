"""Lead a record of an output back to the text it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from cleaner.audit.account import Account
from cleaner.io.record import Fields, word_of
from cleaner.model import Cut, language_of

UNKNOWN = "unknown"
"""What stands for the source or the language of a record that names none."""


@dataclass
class Trail:
    """Hold a record with its account; `place` says where it stands.

    `annotate` says whether texts left with their cuts in them; where that is not known, the texts tell.
    """

    record: Mapping[str, Any]
    account: Account
    fields: Fields
    place: str = ""
    annotate: bool | None = None

    @cached_property
    def text(self) -> str:
        """Return the text as it was written; an empty one where there is none."""
        text = self.record.get(self.fields.text)
        return text if isinstance(text, str) else ""

    @cached_property
    def keeps_cuts(self) -> bool:
        """Tell whether the cuts still stand in the text."""
        account, text = self.account, self.text
        if self.annotate is not None:
            return self.annotate
        if account.lean or not account.cuts:
            return account.source is not None
        return all(text[cut.start : cut.end] == cut.text for cut in account.cuts)

    @cached_property
    def size(self) -> int:
        """Return the code points of the source."""
        size = len(self.text if self.account.source is None else self.account.source)
        return size if self.keeps_cuts else size + sum(cut.end - cut.start for cut in self.account.cuts)

    @cached_property
    def removed(self) -> int:
        """Return the code points that were cut; a title that moved to its field counts as none."""
        return sum(cut.end - cut.start for cut in self.account.cuts if not cut.is_move)

    @property
    def share(self) -> float:
        """Return the share of the source that was cut, from 0 to 1."""
        return self.removed / self.size if self.size else 0.0

    @cached_property
    def source(self) -> str | None:
        """Return the text that cuts count in; None where the record does not hold them, or they do not fit."""
        if self.account.source is not None:
            return self.account.source
        if self.keeps_cuts or not self.account.cuts:
            return self.text
        return None if self.account.lean else restore(self.text, self.account.cuts)

    @cached_property
    def cuts(self) -> tuple[Cut, ...]:
        """Return the cuts with their texts, also where a lean account has none; nothing where there is no source."""
        source = self.source
        if source is None:
            return ()
        if not self.account.lean:
            return self.account.cuts
        return tuple(replace(cut, text=source[cut.start : cut.end]) for cut in self.account.cuts)

    @cached_property
    def origin(self) -> str:
        """Return the host, or else the source, that the record names."""
        from cleaner.rules.scope import Facts  # loaded late: markers need no rules

        url, source = self.known(self.fields.url), self.known(self.fields.source)
        return Facts.of(url, source, None, None, "text").host or source or UNKNOWN

    @cached_property
    def lang(self) -> str:
        """Return the language that the record names, without script or region."""
        return language_of(self.known(self.fields.lang)) or UNKNOWN

    def known(self, field: str) -> str | None:
        """Return what a field of the record says, if it says anything."""
        return word_of(self.record.get(field))


def restore(text: str, cuts: Sequence[Cut]) -> str | None:
    """Put cuts back into a text; None where they do not fit.

    >>> restore("Body.", [Cut(0, 6, "Title\\n", "meta", ("title",)), Cut(11, 14, " Ad", "ad", ("x.ad",))])
    'Title\\nBody. Ad'
    """
    parts: list[str] = []
    at = taken = 0
    for cut in cuts:
        step = cut.start - at
        if step < 0 or cut.end - cut.start != len(cut.text) or not cut.text or taken + step > len(text):
            return None
        parts += (text[taken : taken + step], cut.text)
        taken, at = taken + step, cut.end
    return "".join([*parts, text[taken:]])
