"""Save the rules of a draft in the folder: into its own file where a rule stands there, beside what came from elsewhere.

A rule of another place (one that came with the package, or of a folder that is not for saving) cannot be changed where
it stands. It is saved under an id of its own, and an exception switches the first one off. Nothing is written that would
not load together with everything else.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cleaner.errors import CleanerError, OptionError, RuleError
from cleaner.io.splice import parse
from cleaner.rules.json_schema import write_schema
from cleaner.rules.ruleset import Head, Ruleset, pack, shipped_rules
from cleaner.rules.schema import Rule, Scope
from cleaner.rules.write import put_exception, put_patterns, put_rule, take_rule_text, write_file
from cleaner.rules.yaml import read_yaml
from cleaner.serve.folder import ENDING, Changed, Folder, digest_of
from cleaner.serve.sets import Draft, Sets

SCHEMA = "schema.json"
"""The file beside the rules that editors check them against."""

MODELINE = f"# yaml-language-server: $schema={SCHEMA}\n"
"""How a new file begins."""

_EVERYWHERE = Scope.model_validate({})


def text_of_rule(rule: Rule, paths: Iterable[str], folder: Folder | None) -> tuple[str, str | None]:
    """Return a rule as a small file, in its author's words where its file can be read, and the digest to save it again.

    Only files that were chosen are read, or that came with the package; others may be named in a compiled set. The digest
    is that of the rule as it stands in the folder for saving, None for a rule of another place.
    """
    if folder is not None:
        text = take_rule_text(folder.read(Path(rule.path).name).text, rule.id)
        return text, digest_of(text.encode())
    try:
        file = Path(rule.path).resolve(strict=True)
        chosen = [shipped_rules(), *map(Path, paths)]
        if any(file.is_relative_to(place.resolve()) for place in chosen):
            return take_rule_text(file.read_text(encoding="utf-8-sig"), rule.id), None
    except (OSError, UnicodeDecodeError, CleanerError, KeyError, ValueError):
        pass  # it was compiled elsewhere, or its file changed: what is loaded counts
    return write_file({"rules": [parse(pack(rule))]}), None


class Saving:
    """Hold one draft on its way into the folder, and what is to be told of it."""

    def __init__(self, sets: Sets, folder: Folder, draft: Draft):
        self._sets, self._folder, self._draft = sets, folder, draft
        self._base: Ruleset = sets.base.ruleset
        self._heads = {head.id: head for head in self._base.heads}
        self._told: list[str] = []

    def save(self, name: str, digest: str) -> dict[str, Any]:
        """Write the file, and return its name, the rules saved, their text, its digest, and what is to be told.

        Raises `RuleError` where the draft, or all rules with it, would not load; `Changed` where a rule in the file is not
        the one with this digest.
        """
        self._sets.lay(self._draft)  # what is wrong with it is told by its own lines
        content, _ = read_yaml(self._draft.text, "")
        there = self._folder.read(name)
        ids = [str(rule["id"]) for rule in content.get("rules") or ()]
        if content.get("opinions"):
            raise OptionError("opinions are not saved here: write them into a file by hand")
        self._check(name, ids)
        standing = [id_ for id_ in dict.fromkeys((*ids, *self._draft.instead)) if self._stands_in(id_, name)]
        if standing or digest:
            seen = "".join(take_rule_text(there.text, id_) for id_ in standing)
            if not standing or digest_of(seen.encode()) != digest:
                raise Changed(
                    f"{name} has changed since you opened the rule; open it again, or save under another name"
                )
        text, saved = self._put_rules(there.text or MODELINE, ids, name)
        text = self._put_rest(text, content, saved)
        self._try(name, text)
        self._folder.write(name, text, there.digest)
        self._folder.offer(SCHEMA, write_schema)
        small = self._small(text, list(saved.values()))
        return {
            "file": name,
            "rules": list(saved.values()),
            "text": small,
            "digest": digest_of("".join(take_rule_text(text, id_) for id_ in saved.values()).encode()),
            "told": [f"Saved in {self._folder.path / name}.", *self._told],
        }

    def _check(self, name: str, ids: Sequence[str]) -> None:
        """Raise `OptionError` where a rule of the folder would be saved into another file than its own."""
        for id_ in ids:
            head = self._heads.get(id_)
            if head and self._is_own(head) and Path(head.path).name != name:
                raise OptionError(f"{id_} stands in {Path(head.path).name}: save it there, or give it another id")

    def _put_rules(self, text: str, ids: Sequence[str], name: str) -> tuple[str, dict[str, str]]:
        """Put each rule into the text of the file; return the ids as drafted, with those they were saved under."""
        saved: dict[str, str] = {}
        renamed = [id_ for id_ in self._draft.instead if id_ not in ids and self._stands_in(id_, name)]
        for id_ in ids:
            own = _clean(take_rule_text(self._draft.text, id_))
            head = self._heads.get(id_)
            saved[id_] = id_
            if head and not self._is_own(head):
                saved[id_] = self._free_id(id_, name, {*ids, *saved.values()})
                own = _renamed(own, id_, saved[id_])
            if head is None and renamed:
                old = renamed.pop(0)
                text = _renamed(text, old, id_)
                self._told.append(f"{old} is called {id_} from now on.")
            text = put_rule(text, own, saved[id_])
        return text, saved

    def _put_rest(self, text: str, content: Mapping[str, Any], saved: Mapping[str, str]) -> str:
        """Put what stands in a draft beside its rules into the text, and the exceptions for rules that give way."""
        patterns = {
            name: one for name, one in (content.get("patterns") or {}).items() if name not in self._base.patterns
        }
        if patterns:
            text = put_patterns(text, write_file({"patterns": patterns}))
        for one in content.get("exceptions") or ():
            text = put_exception(text, write_file({"exceptions": [one]}), one["rule"])
        for old, other in self._giving_way(saved, _content(text)):
            exception = {"rule": old, "why": _why(other), "scope": {}}
            text = put_exception(text, write_file({"exceptions": [exception]}), old)
            self._told.append(
                f"{old} stands in {_where(self._heads[old])} and stays as it is there; an exception in this file switches it off"
                + (f", and {other} runs instead." if other else ".")
            )
        return text

    def _giving_way(self, saved: Mapping[str, str], there: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return the rules to be switched off, each with the one in its place, as far as nothing does so already."""
        in_place = {old: new for old, new in saved.items() if old != new}
        first = next(iter(saved.values()), "")
        known = {rule["id"] for rule in there.get("rules") or ()}
        wanted = {**{old: first for old in self._draft.instead if old in self._heads and old not in saved}, **in_place}
        off = {one["rule"] for one in there.get("exceptions") or () if not one.get("scope")}
        off |= {one.rule for one in self._base.exceptions if one.scope == _EVERYWHERE}
        gone = {id_ for id_ in wanted if self._is_own(self._heads[id_]) and id_ not in known}
        return [(old, new) for old, new in wanted.items() if old not in off | gone]

    def _try(self, name: str, text: str) -> None:
        """Load everything as it would be; raises `RuleError` where that fails."""
        target = self._folder.path / name
        files = [file for path in self._sets.paths for file in _files(Path(path)) if file.resolve() != target]
        with tempfile.TemporaryDirectory() as place:
            tried = Path(place) / name
            try:
                tried.write_text(text, encoding="utf-8")
                self._sets.load(paths=[*map(str, files), str(tried)])
            except UnicodeEncodeError:
                raise RuleError("holds half of a surrogate pair, which no file can hold", path=name) from None
            except RuleError as error:
                path = str(target) if error.path == str(tried) else error.path
                raise RuleError(
                    error.reason, path=path, line=error.line, rule=error.rule, field=error.field, hint=error.hint
                ) from None

    def _small(self, text: str, ids: Sequence[str]) -> str:
        """Return the rules saved as a small file, for the author to go on with."""
        small = take_rule_text(text, ids[0]) if ids else text
        for id_ in ids[1:]:
            small = put_rule(small, take_rule_text(text, id_), id_)
        return small

    def _stands_in(self, id_: str, name: str) -> bool:
        head = self._heads.get(id_)
        return head is not None and self._is_own(head) and Path(head.path).name == name

    def _is_own(self, head: Head) -> bool:
        return self._folder.holds(head.path)

    def _free_id(self, id_: str, name: str, taken: Collection[str]) -> str:
        """Name a rule after the file that it is saved in, and the rule that it stands for."""
        owner = re.sub(r"[^a-z0-9]+", "-", name.removesuffix(ENDING)).strip("-") or "own"
        slug = id_.partition(".")[2]
        names = [f"{owner}.{slug}", *(f"{owner}.{slug}-{number}" for number in range(2, 1000))]
        return next(one for one in names if one not in self._heads and one not in taken)


def _content(text: str) -> dict[str, Any]:
    value, _ = read_yaml(text, "")
    return value if isinstance(value, dict) else {}


def _clean(text: str) -> str:
    """Write a rule as all are written, unless it holds comments, which only its author can place."""
    return text if re.search(r"(?m)(^|\s)#", text) else write_file(_content(text))


def _renamed(text: str, old: str, new: str) -> str:
    """Give the one rule with an id another one; a file whose layout hides it is written anew."""
    there = _content(text)
    rules = [{**rule, "id": new} if rule["id"] == old else rule for rule in there["rules"]]
    for found in re.finditer(rf"(?m)^\s*(?:-\s+)?id:\s*['\"]?({re.escape(old)})(?=['\"\s]|$)", text):
        changed = text[: found.start(1)] + new + text[found.end(1) :]
        if _content(changed) == {**there, "rules": rules}:
            return changed
    return write_file({**there, "rules": rules})


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob(f"*{ENDING}")) if path.is_dir() else [path]


def _where(head: Head) -> str:
    shipped = Path(head.path).is_relative_to(shipped_rules())
    return "the rules that come with cleaner" if shipped else head.path


def _why(new: str) -> str:
    return f"{new} stands in its place." if new else "It was switched off in the playground."
