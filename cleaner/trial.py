"""Try every rule on its own examples: alone, and together with the whole set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from cleaner.clean import Cleaner
from cleaner.html.node import text_of
from cleaner.html.parse import parse
from cleaner.html.select import Pruner
from cleaner.model import Cleaned, replay
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Example, Rule, Scope
from cleaner.rules.scope import Facts

_EVERYWHERE = Scope.model_validate({})


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold the outcome of one example; `line` is that of its file, 0 where it is not known."""

    rule: str
    number: int
    mode: Literal["alone", "together"]
    ok: bool
    expected: str
    got: str
    line: int = 0


@dataclass(frozen=True)
class Bench:
    """Hold a set of rules ready to be tried, on texts and on pages; neither of the two sees the rules of the other."""

    cleaner: Cleaner

    @classmethod
    def of(cls, ruleset: Ruleset, only: Iterable[str] = ()) -> Bench:
        """Get rules ready: those named, or all that run."""
        return cls(Cleaner(ruleset, only=only, guarded=False))

    @cached_property
    def pruner(self) -> Pruner:
        """What takes elements out of pages; made where a rule looks at them."""
        return Pruner(self.cleaner.ruleset)


def run_trials(ruleset: Ruleset, ids: Collection[str] | None = None) -> list[Trial]:
    """Run every example of every rule, alone and in the full set (experimental and deprecated rules alone only).

    Alone no exceptions count: these are by others, and say nothing of what the rule does. One that is switched off
    everywhere runs in no full set.

    With `ids` only the examples of these rules are run.
    """
    return try_rules(ruleset, [head.id for head in ruleset.heads] if ids is None else sorted(ids))


def try_rules(ruleset: Ruleset, ids: Iterable[str], together: Cleaner | None = None) -> list[Trial]:
    """Run the examples of the rules with these ids as `run_trials` does, in the order of the ids.

    `together` is a cleaner of the full set where one is at hand: compiling that takes longer than all else. Raises
    `KeyError` for an id that the set has not.
    """
    bench = Bench(together.unguarded() if together else Cleaner(ruleset, guarded=False))
    running = {head.id for head in bench.cleaner.ruleset.heads} - _switched_off(ruleset)
    trials: list[Trial] = []
    for rule in map(ruleset.__getitem__, ids):
        alone = Bench.of(replace(ruleset.only([rule]), exceptions=()), only=[rule.id])
        for number, example in enumerate(rule.tests, 1):
            line = ruleset.places.get(("test", rule.id, str(number)), ("", 0))[1]
            trials.append(_try(alone, rule, number, example, "alone", line))
            if rule.id in running:
                trials.append(_try(bench, rule, number, example, "together", line))
    return trials


def _switched_off(ruleset: Ruleset) -> set[str]:
    """Return the rules that an exception without any condition switches off."""
    return {one.rule for one in ruleset.exceptions if one.scope == _EVERYWHERE}


def _try(
    bench: Bench, rule: Rule, number: int, example: Example, mode: Literal["alone", "together"], line: int
) -> Trial:
    if rule.select:
        wrong = list(_complaints_of_page(bench.pruner, rule, example, mode))
    else:
        surface = "text" if "text" in rule.scope.surface else "html"
        got = bench.cleaner.clean(_given(example), url=example.url, lang=example.lang, surface=surface)
        wrong = list(_complaints(rule, example, got, mode))
    expected = _given(example) if example.keep is not None else example.out or ""
    return Trial(rule.id, number, mode, not wrong, expected, "; ".join(wrong) if wrong else expected, line)


def _given(example: Example) -> str:
    return example.in_ if example.in_ is not None else example.keep or ""


def _complaints_of_page(pruner: Pruner, rule: Rule, example: Example, mode: str) -> Iterator[str]:
    """Say what is wrong with what stays of a part of a page; it stands in a long page, so that no size stops a rule."""
    page = _page(_given(example))
    facts = Facts.of(example.url, None, example.lang, None, "html")
    titles = [example.title or page.findtext(".//title") or ""]
    drops = pruner.prune(page, facts, titles)
    if example.keep is not None:
        own = [drop.text for drop in drops if drop.rule == rule.id]
        if own:
            yield f"took out {own!r}"
        return
    left, expected = (text_of(tree.find("body")[0]) for tree in (page, _page(example.out or "")))
    if not any(drop.rule == rule.id for drop in drops) and (mode == "alone" or not drops):
        yield "took nothing out"
    elif left != expected and not (mode == "together" and _are_words_of(left, expected)):
        yield f"left {left!r}"


def _page(fragment: str) -> Any:
    words = f"<p>{'word ' * 10}</p>" * (len(fragment) // 4 + 40)
    return parse(f"<html><body><div>{fragment}</div>{words}</body></html>").root


def _are_words_of(text: str, expected: str) -> bool:
    rest = iter(expected.split())
    return all(any(word == other for other in rest) for word in text.split())


def _complaints(rule: Rule, example: Example, got: Cleaned, mode: str) -> Iterator[str]:
    cuts = [cut for cut in got.cuts if not cut.is_move]
    if example.keep is not None:
        own = [cut.text for cut in cuts if rule.id in cut.rules]
        if own:
            yield f"cut {own!r}"
        return
    text = replay(got.source, cuts)
    if mode == "alone" and _squash(text) != _squash(example.out or ""):
        yield f"left {text!r}"
    if mode == "together" and _squash(example.out or "") != _squash(text) and not _is_part(text, example.out or ""):
        yield f"left {text!r}"
    for name, value in example.fields.items():
        if mode == "alone" and got.metadata.get(name) != value:
            yield f"{name} is {got.metadata.get(name)!r}, not {value!r}"
    if mode == "alone" and example.headlines and got.headlines != example.headlines:
        yield f"headlines are {got.headlines!r}"
    if example.related and tuple(r.title for r in got.related) != example.related:
        yield f"related titles are {[r.title for r in got.related]!r}"


def _squash(text: str) -> str:
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def _is_part(text: str, expected: str) -> bool:
    """Tell whether other rules took more than the example says: lines of it may be missing, none may be added."""
    rest = iter(_squash(expected).split("\n"))
    return all(any(line == other for other in rest) for line in filter(None, _squash(text).split("\n")))
