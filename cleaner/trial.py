"""Try every rule on its own examples: alone, and together with the whole set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cleaner.clean import Cleaner
from cleaner.model import TITLE_RULE, Cleaned, replay
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Example, Rule


@dataclass(frozen=True, slots=True)
class Trial:
    """Hold the outcome of one example."""

    rule: str
    number: int
    mode: Literal["alone", "together"]
    ok: bool
    expected: str
    got: str


def run_trials(ruleset: Ruleset) -> list[Trial]:
    """Run every example of every rule, alone and in the full set (experimental and deprecated rules alone only)."""
    together = Cleaner(ruleset, guarded=False)
    running = {rule.id for rule in together.ruleset.rules}
    trials: list[Trial] = []
    for rule in ruleset.rules:
        alone = Cleaner(ruleset.only([rule]), only=[rule.id], guarded=False)
        for number, example in enumerate(rule.tests, 1):
            trials.append(_try(alone, rule, number, example, "alone"))
            if rule.id in running:
                trials.append(_try(together, rule, number, example, "together"))
    return trials


def _try(cleaner: Cleaner, rule: Rule, number: int, example: Example, mode: Literal["alone", "together"]) -> Trial:
    text = example.in_ if example.in_ is not None else example.keep or ""
    got = cleaner.clean(text, url=example.url, lang=example.lang)
    wrong = list(_complaints(rule, example, got, mode))
    expected = text if example.keep is not None else example.out or ""
    return Trial(rule.id, number, mode, not wrong, expected, "; ".join(wrong) if wrong else expected)


def _complaints(rule: Rule, example: Example, got: Cleaned, mode: str) -> Iterator[str]:
    cuts = [cut for cut in got.cuts if cut.rules != (TITLE_RULE,)]
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
