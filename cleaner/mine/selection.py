"""Propose rules from what somebody selected in a document: each is tried by the engine before it is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from cleaner.clean import Cleaner
from cleaner.errors import CleanerError, RuleError
from cleaner.lint import lint_of
from cleaner.mine.chosen import Chosen, Spans, minus, weight
from cleaner.mine.corpus import site_of
from cleaner.mine.judge import compiled, is_borne, is_right, only, take_rule
from cleaner.mine.neutral import neutral
from cleaner.mine.proposal import Classes, free_id, source_slug, text_slug
from cleaner.mine.sketch import Sketch, sketches, why_not
from cleaner.mine.tokens import normalize
from cleaner.model import Cleaned
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule
from cleaner.rules.write import write_file
from cleaner.text.fold import fold
from cleaner.text.phrase import find_phrase
from cleaner.text.shape import is_prose
from cleaner.text.sheet import ends_sentence

_DIGITS = re.compile(r"\d+")
_SHOWN = 4
_TOGETHER = 2  # suggestions tried among all rules, which means compiling these
_BINDING = "Tell the address that the document comes from, or give the rule a `scope`."
_HALF = 0.5
_WHOLE = 0.9
_NAME = 8  # code points of a source's name that its text may be known by


class NoRule(CleanerError):
    """Say why no rule is proposed for a selection, and what to select instead."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Hold a proposed rule as a small rule file; `exact` where it cuts the selection and nothing else of its document."""

    yaml: str
    rule: Rule
    kind: str
    reason: str
    """What it asks for, how wide it is, and what more or less of the document it cuts."""

    exact: bool
    more: int = 0
    """Code points that it cuts beside the selection, white space aside."""

    less: int = 0
    """Code points of the selection that it leaves, white space aside."""


def rules_for(
    cleaned: Cleaned, start: int, end: int, ruleset: Ruleset, *, taken: Collection[str] = ()
) -> list[Suggestion]:
    """Propose rules that cut `cleaned.source[start:end]` (code points), the best first, at most four.

    `ruleset` is the set that cleaned the document; ids in it and in `taken` are not used. Each suggestion loads, its tests
    hold alone, those of the first ones also among all rules, and lint finds no error in it. Tests hold the selection and
    invented sentences, nothing else of the document.

    Raises `NoRule` where nothing, the whole document, what is cut already, or an article's text is selected, and where no
    rule that cuts it holds.
    """
    chosen = _take(cleaned, start, end)
    class_ = _classes(_Known(ruleset)).guess(chosen.text)
    trial = _Trial(chosen, ruleset, frozenset(taken).union(head.id for head in ruleset.heads), class_)
    found = sorted(trial.suggestions(), key=_rank)
    if not found:
        raise NoRule(why_not(chosen) or _NOTHING)
    return trial.confirmed(found)[:_SHOWN]


_NOTHING = (
    "no rule for this selection holds its own tests. Select whole lines or sentences, or a label of three letters or more "
    "that stands in it"
)


def _take(cleaned: Cleaned, start: int, end: int) -> Chosen:
    """Take a selection that a rule can be made of."""
    chosen = Chosen.of(cleaned, start, end)
    source = cleaned.source
    own = [(chosen.start, chosen.end)]
    if not weight(source, own):
        raise NoRule("nothing is selected. Select the text that is no part of the article")
    left = minus(own, _already(cleaned))
    if not weight(source, left):
        rules = sorted(
            {rule for cut in cleaned.cuts if cut.start < chosen.end and cut.end > chosen.start for rule in cut.rules}
        )
        if rules == ["title"]:
            raise NoRule("this is the title: it has a field of its own and is no part of the text")
        raise NoRule(f"this is cut already, by {', '.join(rules)}. Open that rule to change what it does")
    if (left[0][0], left[-1][1]) != (chosen.start, chosen.end):
        chosen = Chosen.of(cleaned, left[0][0], left[-1][1])
    kept = weight(source, minus([(0, len(source))], _already(cleaned)))
    if weight(source, left) > _WHOLE * kept:
        raise NoRule("this is all that is left of the document. Select a part of it: the article itself must stay")
    return chosen


def _already(cleaned: Cleaned) -> Spans:
    return [(cut.start, cut.end) for cut in cleaned.cuts]


@dataclass(slots=True)
class _Trial:
    """Try sketches of one selection."""

    chosen: Chosen
    ruleset: Ruleset
    taken: frozenset[str]
    class_: str

    def suggestions(self) -> Iterator[Suggestion]:
        """Yield what holds, one for each matcher."""
        seen: set[str] = set()
        around = neutral(self.chosen.lang)
        prose = bool(why_not(self.chosen)) and self.class_ == "other"
        for sketch in sketches(self.chosen, around, self.ruleset, prose):
            name = str(sketch.draft.matcher)
            if name not in seen:
                seen.add(name)
                found = self._try(sketch)
                if found:
                    yield found

    def _try(self, sketch: Sketch) -> Suggestion | None:
        scope = self._scope()
        content = self._content(sketch, scope)
        rule = take_rule(content)
        cleaner = compiled(rule, self.ruleset) if rule else None
        if not rule or not cleaner or not is_right(cleaner, rule.tests[0]):
            return None
        url = rule.tests[0].url
        near = (self._proven(keep, scope) for keep in sketch.draft.keeps)
        keeps = (rule.tests[1].model_copy(update={"keep": keep, "url": url}) for keep in near)
        for keep in (example for example in keeps if is_right(cleaner, example)):
            content["tests"][1] = {"keep": keep.keep, "url": url} if url else {"keep": keep.keep}
            rule = take_rule(content)
            if rule and not _errors(rule, self.ruleset):
                return self._suggestion(content, rule, cleaner, sketch, bool(scope))
        return None

    def _suggestion(
        self, content: dict[str, Any], rule: Rule, cleaner: Cleaner, sketch: Sketch, bound: bool
    ) -> Suggestion | None:
        more, less = self._effect(cleaner)
        size = weight(self.chosen.source, [(self.chosen.start, self.chosen.end)])
        if less > _HALF * size:
            return None
        again = _count(self.chosen, self.chosen.text) - 1
        said = [f"It cuts {sketch.asks}."]
        if less:
            said.append(f"It leaves {less} of the {size} characters selected.")
        if more:
            often = "once more" if again == 1 else f"{again} more times"
            same = f": the same words stand there {often}" if again > 0 else ""
            said.append(f"It also cuts {more} characters of this document that are not selected{same}.")
        if self.class_ == "other" and any(map(is_prose, self.chosen.lines)):
            said.append("It reads like a sentence of an article: make sure that other pages have it as well.")
        if not bound or not (rule.scope.hosts or rule.scope.proof):
            nothing = "no site" if bound else "no site and no language"
            said.append(f"It is bound to {nothing}, since none is known: that is wide. {_BINDING}")
        text = write_file({"rules": [content]})
        return Suggestion(text, rule, rule.kind, " ".join(said), not more and not less, more, less)

    def _effect(self, cleaner: Cleaner) -> tuple[int, int]:
        """Return how much a cleaner cuts beside the selection, and how much of it that it leaves."""
        chosen, known = self.chosen, _already(self.chosen.cleaned)
        cut = [(one.start, one.end) for one in cleaner.clean_document(chosen.cleaned.document).cuts if not one.is_move]
        own = [(chosen.start, chosen.end)]
        more = weight(chosen.source, minus(minus(cut, known), own))
        return more, weight(chosen.source, minus(minus(own, known), cut))

    def confirmed(self, found: list[Suggestion]) -> list[Suggestion]:
        """Try the first suggestions among all rules; what does not hold there goes to the end, or out."""
        kept: list[Suggestion] = []
        for number, one in enumerate(found):
            if number >= _TOGETHER or found[0] in kept:
                kept.append(one)
                continue
            cleaner = Cleaner(replace(self.ruleset, rules=self.ruleset.held.merge([one.rule])))
            if is_borne(cleaner.unguarded(), one.rule):
                more, less = self._effect(cleaner)
                if (more, less) == (one.more, one.less):
                    kept.append(one)
                else:
                    told = f"Among all rules it cuts {more} characters beside the selection and leaves {less} of it."
                    kept.append(
                        replace(one, exact=not more and not less, more=more, less=less, reason=f"{one.reason} {told}")
                    )
        return sorted(kept, key=_rank)

    def _content(self, sketch: Sketch, scope: dict[str, Any]) -> dict[str, Any]:
        chosen, draft = self.chosen, sketch.draft
        class_ = sketch.class_ or self.class_
        kind = next(iter(draft.matcher))
        host = str((scope.get("hosts") or [""])[0])
        slug = text_slug(chosen.text) or (kind if class_ == "other" else f"{class_.replace('_', '-')}-{kind}")
        url = f"https://{host}/" if host else None
        example: dict[str, Any] = {"in": self._proven(draft.noisy, scope), "out": self._proven(draft.clean, scope)}
        content: dict[str, Any] = {
            "id": free_id(source_slug(host) if host else "own", slug, self.taken),
            "rev": 1,
            "status": "test",
            "class": class_,
            "why": f"{_WHY[kind]}{f', as on {host}' if host else ''}.",
        }
        if scope:
            content["scope"] = scope
        content |= draft.matcher
        content["action"] = "drop"
        content["tests"] = [{**example, "url": url} if url else example, {"keep": draft.keeps[0]}]
        return content

    def _proven(self, text: str, scope: dict[str, Any]) -> str:
        """Name the site in an example, where only that tells that the rule applies."""
        if scope.get("hosts") or not scope.get("proof"):
            return text
        lines = text.split("\n")
        last = max((n for n, line in enumerate(lines) if ends_sentence(line)), default=len(lines) - 1)
        return "\n".join([*lines[: last + 1], str(scope["proof"][0]), *lines[last + 1 :]])

    def _scope(self) -> dict[str, Any]:
        """Bind a rule to the site, by its host or by what the text says of it, else to the language declared."""
        chosen = self.chosen
        document = chosen.cleaned.document
        folded = fold(chosen.source)
        names = [site_of(chosen.host)] if chosen.host else []
        source = " ".join((document.source or "").split())
        if len(source) >= _NAME and " " in source:
            names.append(source)
        proof = [name for name in names if find_phrase(folded, fold(name)) >= 0]
        scope: dict[str, Any] = {"hosts": [site_of(chosen.host)]} if chosen.host else {}
        if proof:
            scope["proof"] = proof
        elif not scope and document.lang and chosen.lang:
            scope["lang"] = [chosen.lang]
        return scope


_WHY = {
    "tail": "What the page appends to its article",
    "head": "What the page puts before its article",
    "run": "Headlines of other articles in a list",
    "line": "A line of the page that is no part of the article",
    "span": "Words of the page inside the article's text",
    "block": "A box of the page between the paragraphs",
    "dup": "A line that the page prints twice",
}


def _errors(rule: Rule, ruleset: Ruleset) -> bool:
    """Tell whether lint finds an error in a rule by itself."""
    try:
        found = lint_of(only([rule], ruleset), [rule.id])
    except RuleError:
        return True
    return any(complaint.severity == "error" for complaint in found)


def _count(chosen: Chosen, text: str) -> int:
    """Count how often a text stands in a document, whatever its numbers are."""
    return _DIGITS.sub("0", normalize(chosen.source)).count(_DIGITS.sub("0", text))


def _rank(one: Suggestion) -> tuple[bool, bool, int, int]:
    """Put what is exact first, what cuts other text of the document last."""
    return (one.more > 0, one.less > 0, one.more, one.less)


@dataclass(frozen=True)
class _Known:
    """Stand for a set of rules by what its terms and rules say."""

    ruleset: Ruleset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and other._key == self._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, bool]:
        return self.ruleset.vocabulary, bool(self.ruleset.heads)


@lru_cache(maxsize=2)
def _classes(known: _Known) -> Classes:
    """Return the words of classes: of a set with other rules and the same terms they are the same."""
    return Classes(known.ruleset)
