"""Rules read from a text: laid on a set, all their faults told at once, linted and tried without the rest of the set."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cleaner.clean import Cleaner
from cleaner.errors import RuleError
from cleaner.lint import lint, lint_of
from cleaner.rules.load import faults_of, load_rules, load_shipped, load_text
from cleaner.rules.ruleset import Ruleset
from cleaner.trial import run_trials, try_rules
from tests.making import rule, shipped

AD = rule("line: {eq: Advertisement here}", name="tests.ad")
CLEAR = "The bridge opens on Friday.\nAdvertisement here\nIt cost nine million."


def base(place: Path, *texts: str) -> Ruleset:
    for number, text in enumerate(texts):
        (place / f"{number}.yaml").write_text(text, encoding="utf-8")
    return load_rules([place])


def told(text: str, on: Ruleset | None = None) -> list[tuple[int, str, str, str]]:
    """Return line, field, reason and hint of each fault."""
    faults = faults_of(text, on or Ruleset((), (), {}, {}), name="a.yaml")
    return [(fault.line, fault.field, fault.reason, fault.hint) for fault in faults]


class TestLayers:
    def test_a_rule_with_a_known_id_gives_way(self, tmp_path: Path) -> None:
        """The rule of the text takes the place of the one of the set, which stays as it was."""
        old = base(tmp_path, f"rules:\n{AD}")
        new = load_text("rules:\n" + rule("line: {eq: Another label}", name="tests.ad"), "b.yaml", old)
        assert [head.path for head in new.heads] == ["b.yaml"]
        assert (Cleaner(old).clean(CLEAR).text == CLEAR, Cleaner(new).clean(CLEAR).text == CLEAR) == (False, True)

    def test_rules_that_are_off_go_with_their_exceptions(self, tmp_path: Path) -> None:
        """A rule named in `instead` is not in the set, nor is an exception to it, whoever wrote that."""
        off = "exceptions:\n  - {rule: tests.ad, why: Not on this site at all., scope: {hosts: [a.example]}}\n"
        old = base(tmp_path, f"rules:\n{AD}{off}")
        text = f"rules:\n{rule('line: {eq: Another label}', name='tests.new')}{off}"
        new = load_text(text, "b.yaml", old, instead=["tests.ad"])
        assert [head.id for head in new.heads] == ["tests.new"]
        assert new.exceptions == ()
        assert faults_of(text, old, instead=["tests.ad"]) == []

    def test_exceptions_to_a_rule_that_gives_way_hold_on(self, tmp_path: Path) -> None:
        """An exception of the set speaks of the rule by its id, whichever text it has."""
        off = "exceptions:\n  - {rule: tests.ad, why: Not on this site at all., scope: {hosts: [a.example]}}\n"
        new = load_text(f"rules:\n{AD}", "b.yaml", base(tmp_path, f"rules:\n{AD}{off}"))
        assert Cleaner(new).clean(CLEAR, url="https://a.example/x").text == CLEAR

    def test_what_the_index_knows_of_the_others_holds_on(self) -> None:
        """A text that changes neither terms nor patterns leaves the very ones of the set, by which its index is known."""
        old = load_shipped()
        new = load_text(f"rules:\n{AD}", "b.yaml", old)
        assert (new.terms is old.terms, new.patterns is old.patterns, new.weights is old.weights) == (True,) * 3
        assert (new.index is old.index, new.vocabulary == old.vocabulary) == (True, True)
        assert new.digest == load_text(f"# Another file.\nrules:\n{AD}", "c.yaml", old).digest != old.digest

    def test_terms_and_patterns_of_the_text_count(self, tmp_path: Path) -> None:
        """A pattern of the text is there for its rules, and the digest tells it."""
        old = base(tmp_path, f"rules:\n{AD}")
        text = "patterns: {price: '[0-9]+ euro'}\nrules:\n" + rule("line: {re: 'From {{price}}'}", name="tests.price")
        new = load_text(text, "b.yaml", old)
        assert new.patterns == {"price": "[0-9]+ euro"}
        assert new.vocabulary != old.vocabulary

    def test_tests_have_lines(self, tmp_path: Path) -> None:
        """The set knows on which line of the file each test of a rule begins."""
        text = """\
rules:
  - id: tests.ad
    class: ad
    why: A rule that only a test needs.
    line: {eq: Advertisement here}
    tests:
      - in: "One.\\nAdvertisement here"
        out: One.

      - {keep: Advertisement here is a long story.}
"""
        new = load_text(text, "b.yaml", base(tmp_path, f"rules:\n{rule('line: {eq: Another}')}"))
        assert [(trial.line, trial.mode, trial.ok) for trial in try_rules(new, ["tests.ad"])] == [
            (7, "alone", True),
            (7, "together", True),
            (10, "alone", True),
            (10, "together", True),
        ]


class TestFaults:
    def test_a_sound_text_has_none(self) -> None:
        assert told(f"rules:\n{AD}") == []

    @pytest.mark.parametrize(
        ("text", "line"), [("rules:\n  - id: [a", 3), ("rules: []\nrules: []", 2), ("", 1), ("a", 1)]
    )
    def test_broken_yaml_is_told_alone(self, text: str, line: int) -> None:
        """Nothing can be said about a text that is no YAML, or no mapping."""
        assert [fault[0] for fault in told(text)] == [line]
        assert len(told(text)) == 1

    def test_every_fault_has_its_place(self) -> None:
        """All that the model refuses is told at once, with line, field and what to write; one fault a place."""
        text = """\
rules:
  - id: tests.ad
    clas: ad
    why: short
    line: {eq: Advertisement here, len: [9, 2], shape: tall}
    tests: [{in: one two, out: one}, {keep: one}]
  - id: Tests
    class: advert
    why: A rule that only a test needs.
    line: {eq: Advertisement here}
    tests: [{in: one two, out: one}, {keep: one}]
"""
        assert [(line, field) for line, field, _, _ in told(text)] == [
            (3, "clas"),
            (4, "why"),
            (5, "line.len"),
            (5, "line.shape"),
            (7, "id"),
            (8, "class"),
        ]
        assert all(hint for _, _, _, hint in told(text))
        assert told(text)[0][3] == "Did you mean 'class'?"

    def test_the_first_is_the_one_that_loading_tells(self) -> None:
        """Loading a text and listing its faults agree on what is told first."""
        texts = [
            "rules:\n  - {id: a.b, tests: []}",
            "rulez: []",
            f"rules:\n{AD}{AD}",
            "rules:\n" + rule("line: {eq: $no.such, re: '{{nothing}}'}"),
            "lang: en\nterms: {a.b: [x]}",
            "weights: x",
        ]
        for text in texts:
            with pytest.raises(RuleError) as refused:
                load_text(text, "a.yaml", Ruleset((), (), {}, {}))
            assert str(refused.value) == str(faults_of(text, Ruleset((), (), {}, {}), name="a.yaml")[0])

    def test_what_a_sound_rule_refers_to_is_told_beside_the_faults_of_another(self) -> None:
        """A rule that the model refuses does not hide unknown terms, patterns, ids and weights of the others."""
        text = f"""\
rules:
  - id: tests.broken
    class: advert
    why: A rule that only a test needs.
    line: {{eq: Advertisement here}}
    tests: [{{in: one two, out: one}}, {{keep: one}}]
{rule("line: {eq: $ad.lable}", name="tests.term")}\
{rule("line: {re: 'Advert {{prize}}'}", name="tests.pattern")}\
{rule("score: {weights: none-such}", name="tests.score", class_="nav")}\
exceptions:
  - {{rule: elsewhere.nothing-at-all, why: There is no such rule., scope: {{hosts: [a.example]}}}}
"""
        lines = text.split("\n")
        found = told(text, Ruleset((), (), {"ad.label": {"en": ("Advertisement",)}}, {"price": "[0-9]"}))
        assert [(field, hint) for _, field, _, hint in found] == [
            ("class", found[0][3]),
            ("line.eq", "Did you mean 'ad.label'?"),
            ("line.re", "Did you mean 'price'?"),
            ("score.weights", "Load the file that begins with `weights:` and this name"),
            ("exceptions", "Delete it, or load the rule as well"),
        ]
        for (line, _, _, _), sign in zip(
            found, ("advert", "lable", "prize", "none-such", "nothing-at-all"), strict=True
        ):
            assert sign in lines[line - 1]

    def test_two_rules_with_one_id_in_a_text(self) -> None:
        """The second is told, and where the first stands."""
        assert [(line, field) for line, field, _, _ in told(f"rules:\n{AD}{AD}")] == [(7, "id")]

    def test_no_text_raises(self) -> None:
        """Pieces of a shipped file, cut anywhere, end in faults or none, never in another error."""
        text = Path(load_shipped()["daily8.tail"].path).read_text(encoding="utf-8")
        rng = random.Random(8)
        for _ in range(60):
            at, to = sorted(rng.sample(range(len(text)), 2))
            for piece in (text[:at], text[:at] + text[to:], text[at:to]):
                assert all(isinstance(fault, RuleError) for fault in faults_of(piece, load_shipped()))


def test_lint_of_some_rules_says_what_lint_says_of_them(tmp_path: Path) -> None:
    """Complaints about single rules are the same, those about how they stand beside others included."""
    ad = rule("line: {eq: [Advertisement here, Ad]}", name="tests.ad")
    clash = rule("line: {eq: Advertisement here}", name="tests.clash", class_="nav")
    weak = rule("line: {starts: the}", name="tests.weak")
    broad = rule("span: {re: '(?:a+)+b'}", name="tests.broad")
    whole = base(tmp_path, f"rules:\n{ad}{clash}{weak}{broad}")
    complaints = lint(whole)
    assert {complaint.rule for complaint in complaints} >= {"tests.clash", "tests.weak", "tests.broad"}
    for ids in (["tests.clash"], ["tests.weak", "tests.ad"], ["tests.broad"], []):
        assert lint_of(whole, ids) == [complaint for complaint in complaints if complaint.rule in ids]
    with pytest.raises(KeyError):
        lint_of(whole, ["tests.none"])


def test_some_shipped_rules_are_tried_and_linted_as_all_are() -> None:
    """A sample of shipped rules gives the trials and complaints that they have among all rules."""
    rules = load_shipped()
    ids = sorted(random.Random(8).sample([head.id for head in rules.heads], 12))
    few = rules.pick(ids)
    alone = [trial for trial in run_trials(few) if trial.mode == "alone"]
    trials = try_rules(rules, ids, shipped())
    assert [trial for trial in trials if trial.mode == "alone"] == alone
    assert {trial.rule for trial in trials if trial.mode == "together"} == set(ids)
    assert [trial for trial in trials if not trial.ok] == []
    assert [complaint for complaint in lint_of(rules, ids) if complaint.severity != "note"] == []


def test_a_cleaner_without_guard_is_the_same_but_for_the_guard() -> None:
    """It shares what was compiled, and lets rules take a whole body."""
    own = Cleaner(load_text(f"rules:\n{AD}", "a.yaml", Ruleset((), (), {}, {})))
    loose = own.unguarded()
    assert (own.clean("Advertisement here").text, loose.clean("Advertisement here").text) == ("Advertisement here", "")
    assert loose._sweeper is own._sweeper
