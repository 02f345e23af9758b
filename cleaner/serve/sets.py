"""The set of rules that a playground works with, and the same with the draft of an author laid on it, ready to clean.

Files of rules are looked at before each question: what an editor beside the page changed counts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cleaner.clean import Cleaner
from cleaner.match.stock import shipped
from cleaner.rules.load import Ruleset, load_set, load_text
from cleaner.rules.ruleset import digest_of
from cleaner.rules.upkeep import RUNNING
from cleaner.serve.recent import Recent

DRAFT = "draft"
"""Stands for the path of a rule that no file holds yet."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold the text of a rule file that nobody saved, and the rules that are off while it is tried."""

    text: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Laid:
    """Hold a set of rules, ready to clean; `ids` are those of the draft, which run whatever their status says.

    `base` is the set that the draft was laid on: what was compiled for it serves here as well.
    """

    ruleset: Ruleset
    ids: tuple[str, ...] = ()
    base: Laid | None = None

    @cached_property
    def cleaner(self) -> Cleaner:
        """What cleans, compiled when it is first needed."""
        if not self.ids:
            return Cleaner(self.ruleset)
        drafted = frozenset(self.ids)
        running = [h.id for h in self.ruleset.heads if h.status in RUNNING or h.id in drafted]
        return Cleaner(self.ruleset, only=running, like=self.base.cleaner if self.base else None)

    @cached_property
    def digest(self) -> str:
        """The digest of what the set does, and of which of its rules are drafts."""
        return digest_of({"rules": self.ruleset.digest, "drafts": sorted(self.ids)})

    @cached_property
    def of_pages(self) -> str:
        """The digest of what decides which text a page has: sets that share it extract the same."""
        running = self.cleaner.ruleset
        looking = {head.id: head.digest for head in running.heads if head.kind == "select"}
        exceptions = [one.model_dump(mode="json") for one in running.exceptions if one.rule in looking]
        opinions = [one.model_dump(mode="json") for one in running.opinions]
        return digest_of({"": [looking, exceptions, opinions, running.vocabulary]})


class Sets:
    """Give the set of rules as its files are now, and the same with a draft laid on it."""

    def __init__(self, paths: Sequence[str], save: str | None = None, packs: Sequence[str] = ()):
        self._paths, self._save, self._packs = paths, save, packs
        self._stamp: object = None
        self._base: Laid | None = None
        self._drafts: Recent[Draft, Laid] = Recent(4)

    @property
    def base(self) -> Laid:
        """The set without any draft. Raises `RuleError` where its files are wrong."""
        stamp = self._look()
        if self._base is None or stamp != self._stamp:
            self._base, self._stamp = Laid(self.load(shipped)), stamp
            self._drafts.clear()
        return self._base

    @property
    def paths(self) -> list[str]:
        """The files and folders that are loaded: the folder for saving once it holds rules."""
        save = Path(self._save) if self._save else None
        if save is None or any(save.is_relative_to(Path(path).resolve()) for path in self._paths):
            return [*self._paths]
        return [*self._paths, *([str(save)] if any(save.rglob("*.yaml")) else [])]

    def load(self, base: Callable[[], Ruleset] | None = None, paths: Sequence[str] | None = None) -> Ruleset:
        """Load the files, or others in their place, on top of the shipped rules, which `base` may load another way.

        Raises `RuleError` where one is wrong.
        """
        return load_set(self.paths if paths is None else paths, base, self._packs)

    def lay(self, draft: Draft | None) -> Laid:
        """Return the set with a draft laid on it. Raises `RuleError` where the draft, or a file, is wrong."""
        base = self.base
        return base if draft is None else self._drafts.take(draft, lambda: _lay(draft, base))

    def _look(self) -> object:
        """Tell states of the files apart."""
        paths = [*map(Path, self.paths)]
        files = [file for path in paths for file in (sorted(path.rglob("*.yaml")) if path.is_dir() else [path])]
        return [(file, *_state(file)) for file in files]


def _lay(draft: Draft, base: Laid) -> Laid:
    ruleset = load_text(draft.text, DRAFT, base.ruleset, instead=draft.instead)
    return Laid(ruleset, tuple(head.id for head in ruleset.heads if head.path == DRAFT), base)


def _state(file: Path) -> tuple[int, ...]:
    try:
        stated = file.stat()
    except OSError:
        return ()
    return stated.st_ino, stated.st_size, stated.st_mtime_ns
