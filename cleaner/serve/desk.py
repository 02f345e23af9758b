"""What the playground can do: one method for each call of its interface, plain values in, plain values out.

A `Desk` stands in a process of its own, built from a `Setting`; it knows no HTTP. What is wrong with a question, a
draft or a file is a `CleanerError`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cleaner.errors import InputError, OptionError, RuleError
from cleaner.io.inputs import Input
from cleaner.io.record import USUAL, Fields
from cleaner.model import CLASSES, Cleaned, Document, Page
from cleaner.report.drawing import hue
from cleaner.report.visible import place_of
from cleaner.rules.advice import line_of, settle_path
from cleaner.rules.compiled import version
from cleaner.rules.json_schema import json_schema
from cleaner.rules.load import Ruleset, faults_of
from cleaner.rules.yaml import read_yaml
from cleaner.serve.account import about, account
from cleaner.serve.asked import need_draft, take_document, take_draft, take_place, told_of
from cleaner.serve.corpus import Corpus
from cleaner.serve.documents import Shelf
from cleaner.serve.folder import Folder
from cleaner.serve.recent import Recent
from cleaner.serve.saving import Saving, text_of_rule
from cleaner.serve.sets import Draft, Laid, Sets

if TYPE_CHECKING:
    from cleaner.html.extract import Extracted

SAMPLE = 200
"""Documents of the sample, unless said otherwise."""

RULES = 50
"""Rules of a list."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold what a playground is about; `why_not` says why nothing can be saved, where no folder is given."""

    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    save: str | None = None
    why_not: str = ""
    inputs: tuple[Input, ...] = ()
    fields: Fields = USUAL
    sample: int = SAMPLE
    open: str | None = None


class Missing(InputError):
    """Say that nothing has the name asked for."""


def tell_start(setting: Setting, ruleset: Ruleset) -> dict[str, Any]:
    """Tell what a page shows at its start."""
    folder = Folder(setting.save) if setting.save else None
    return {
        "version": version(),
        "digest": ruleset.digest,
        "rules": len(ruleset.heads),
        "classes": [{"name": name, "hue": hue(name)} for name in CLASSES],
        "save": {
            "folder": setting.save,
            "files": folder.names() if folder else [],
            "why_not": None if folder else setting.why_not,
        },
        "inputs": [source.path for source in setting.inputs[:1000]],
        "open": setting.open,
    }


def check_setting(setting: Setting) -> dict[str, Any]:
    """Load the rules without compiling them, and tell the start. Raises `RuleError` where a file is wrong."""
    return tell_start(setting, Sets(setting.rules, setting.save, setting.packs).load())


class Desk:
    """Answer the calls of a playground."""

    def __init__(self, setting: Setting, ready: bool = False):
        """Take what it is about; compile the rules at once where it is to be `ready`."""
        self._setting = setting
        self._sets = Sets(setting.rules, setting.save, setting.packs)
        self._folder = Folder(setting.save) if setting.save else None
        self._shelf = Shelf(setting.inputs, setting.fields)
        self._corpus = Corpus(setting.inputs, setting.sample, setting.fields)
        self._results: Recent[Any, Cleaned] = Recent(8)
        self._pages: Recent[Any, Extracted] = Recent(4)
        if ready:
            self._sets.base.cleaner.clean("")

    def start(self) -> dict[str, Any]:
        """Tell what a page shows at its start, as the files are now."""
        return tell_start(self._setting, self._sets.base.ruleset)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of rule files, as editors take it."""
        return json_schema()

    def documents(self, find: str = "", after: int = 0) -> dict[str, Any]:
        """List documents of the inputs, those that hold a text, from a place on."""
        found = self._shelf.browse(find, after)
        return {
            "documents": [card._asdict() for card in found.cards],
            "next": found.next,
            "more": found.next is not None,
            "rejected": found.rejected,
            "troubles": list(found.troubles),
        }

    def document(self, id_: str) -> dict[str, Any] | None:
        """Return a document by its id; None while it is still looked for. Raises `Missing` where there is none."""
        found = self._get(id_)
        return found and told_of(found[0], id_, found[1])

    def raw(self, id_: str) -> Document | Page | None:
        """Return the same as it was read, to be given to `clean` and `propose` of another desk."""
        found = self._get(id_)
        return found and replace(found[0], id=id_)

    def clean(self, document: Any, draft: Any = None) -> dict[str, Any]:
        """Clean a document with the set of rules; with a draft, tell also what that changes."""
        value, asked = _value(document), take_draft(draft)
        laid = self._sets.lay(asked)
        cleaned = self._clean(value, laid)
        before = self._clean(value, self._sets.base) if asked else None
        return account(cleaned, laid.ruleset, self._is_own, before)

    def rule(self, id_: str) -> dict[str, Any]:
        """Return a rule as a small file of its own. Raises `Missing` where there is none."""
        ruleset = self._sets.base.ruleset
        try:
            rule = ruleset[id_]
        except KeyError:
            raise Missing(f"no rule has the id {id_!r}") from None
        known = about(id_, ruleset, self._is_own)
        text, digest = text_of_rule(rule, [*self._sets.paths], self._folder if known["own"] else None)
        return {
            "id": id_,
            "text": text,
            "file": rule.path,
            "line": rule.lineno,
            "digest": digest,
            **{name: known[name] for name in ("own", "class", "kind", "why", "status")},
        }

    def rules(self, find: str = "") -> dict[str, Any]:
        """List rules that have a text in their id, class, kind or reason, those by id first."""
        ruleset, wanted = self._sets.base.ruleset, find.strip().lower()
        named = [h.id for h in ruleset.heads if wanted in h.id or wanted in (h.class_, h.kind)][:RULES]
        if len(named) < RULES:
            others = (rule.id for rule in ruleset.rules if wanted in rule.why.lower())
            named = list(dict.fromkeys([*named, *others]))[:RULES]
        shown = ("class", "kind", "why", "own")
        told = ((name, about(name, ruleset, self._is_own)) for name in named)
        return {"rules": [{"id": name, **{key: known[key] for key in shown}} for name, known in told]}

    def check(self, draft: Any) -> dict[str, Any]:
        """Tell all that is wrong with a draft, as far as it can be told at once."""
        asked, base = need_draft(draft), self._sets.base.ruleset
        faults = faults_of(asked.text, base, instead=asked.instead)
        ids: tuple[str, ...] = ()
        problems = [_fault(error) for error in faults]
        if not faults:
            laid = self._sets.lay(asked)
            ids = laid.ids
            problems = _lint(laid, asked)
            if not any(problem["severity"] == "error" for problem in problems):
                problems += _compile(laid)
        last = asked.text.rstrip().count("\n") + 1
        for problem in problems:
            problem["line"] = min(problem["line"], last)
        problems.sort(key=lambda problem: problem["line"])
        bad = any(problem["severity"] == "error" for problem in problems)
        return {"ok": not bad, "rules": list(ids), "problems": problems}

    def test(self, draft: Any) -> dict[str, Any]:
        """Run the tests of a draft's rules, alone and together with the set."""
        from cleaner.trial import try_rules  # loaded late: only this needs pages' libraries

        laid = self._sets.lay(need_draft(draft))
        names = ("rule", "number", "mode", "ok", "expected", "got", "line")
        trials = [
            {name: getattr(trial, name) for name in names} for trial in try_rules(laid.ruleset, laid.ids, laid.cleaner)
        ]
        return {"trials": trials, "failed": sum(not trial["ok"] for trial in trials)}

    def gather(self) -> dict[str, Any]:
        """Go on reading and cleaning the sample for about a second; tell how far it came."""
        self._corpus.step(self._sets.base)
        return self._corpus.describe()

    def compare(self, draft: Any) -> dict[str, Any] | None:
        """Go on comparing a draft with the set over the sample for about a second; None until all is compared."""
        laid = self._sets.lay(need_draft(draft))
        return self._corpus.changes() if self._corpus.step(self._sets.base, laid) else None

    def propose(self, document: Any, from_: Any, to: Any, draft: Any = None) -> dict[str, Any]:
        """Propose rules that cut what is selected in a document, and nothing else there."""
        from cleaner.mine.selection import NoRule, rules_for  # loaded late: it brings mining along

        value, laid = _value(document), self._sets.lay(take_draft(draft))
        cleaned = self._clean(value, laid)
        start, end = sorted(_place(cleaned.source, *take_place(at, name)) for at, name in ((from_, "from"), (to, "to")))
        taken = {head.id for head in laid.ruleset.heads} | {head.id for head in self._sets.base.ruleset.heads}
        try:
            found = rules_for(cleaned, start, end, laid.ruleset, taken=taken)
        except NoRule as error:
            return {"proposals": [], "why_not": str(error)}
        proposals = [{"text": one.yaml, "kind": one.kind, "reason": one.reason, "exact": one.exact} for one in found]
        return {"proposals": proposals, "why_not": None}

    def save(self, draft: Any, file: Any, digest: Any) -> dict[str, Any]:
        """Save the rules of a draft in a file of the folder; raises `Changed` where that is not as its reader saw it."""
        asked = need_draft(draft)
        if self._folder is None:
            raise OptionError(f"nothing can be saved: {self._setting.why_not}")
        if not isinstance(file, str) or not isinstance(digest, (str, type(None))):
            raise InputError("`file` is the name of a file, `digest` the one that came with the rule, or null")
        saving = Saving(self._sets, self._folder, asked)
        told = saving.save(file, digest or "")
        return {**told, "start": self.start()}

    def _get(self, id_: str) -> tuple[Document | Page, str] | None:
        try:
            return self._shelf.get(id_)
        except InputError as error:
            raise Missing(str(error)) from None

    def _clean(self, value: Document | Page, laid: Laid) -> Cleaned:
        """Clean a document, unless that was done just now."""
        key = _key(value)

        def make() -> Cleaned:
            if isinstance(value, Document):
                return laid.cleaner.clean_document(value)
            found = self._pages.take((key, laid.of_pages), lambda: laid.cleaner.extract(value))
            return laid.cleaner.clean_extracted(found)

        return self._results.take((key, laid.digest), make)

    def _is_own(self, path: str) -> bool:
        return self._folder is not None and self._folder.holds(path)


def _value(document: Any) -> Document | Page:
    return document if isinstance(document, (Document, Page)) else take_document(document)


def _key(value: Document | Page) -> tuple[Any, ...]:
    content = value.text if isinstance(value, Document) else value.html
    return type(value).__name__, content, value.id, value.url, value.source, value.lang, value.title, value.crawled


def _place(source: str, at: int, shown: int) -> int:
    """Return the place in a source behind so many code points shown of the piece that begins at a place."""
    if at > len(source):
        raise InputError("the selection is not in this document: its text has changed")
    return at + place_of(source[at : at + shown + 1], shown)


def _fault(error: RuleError) -> dict[str, Any]:
    origin = (
        "yaml" if error.reason.startswith(("broken YAML", "anchors and", "the tag ", "a second document")) else "schema"
    )
    return {
        "line": error.line,
        "field": error.field,
        "severity": "error",
        "origin": origin,
        "message": error.reason,
        "hint": error.hint,
        "rule": error.rule,
    }


def _compile(laid: Laid) -> list[dict[str, Any]]:
    """Tell what only shows when the rules are compiled: that nothing leads to one."""
    try:
        laid.cleaner.clean("")
    except RuleError as error:
        return [{**_fault(error), "origin": "lint"}]
    return []


def _lint(laid: Laid, draft: Draft) -> list[dict[str, Any]]:
    from cleaner.lint import lint_of  # loaded late: it needs more than cleaning does

    value, lines = read_yaml(draft.text, "")
    numbers = {rule.get("id"): number for number, rule in enumerate(value.get("rules") or ())}
    problems = []
    for found in lint_of(laid.ruleset, laid.ids):
        parts = [int(part) if part.isdigit() else part for part in found.field.split(".") if part]
        at = settle_path(("rules", numbers.get(found.rule, 0), *parts), lines)
        problems.append(
            {
                "line": line_of(at, lines),
                "field": found.field,
                "severity": found.severity,
                "origin": "lint",
                "message": found.reason,
                "hint": found.hint,
                "rule": found.rule,
            }
        )
    return problems
