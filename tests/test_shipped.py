"""The shipped rules hold what they promise: their own trials, lint, their places, their digest, their schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from cleaner.cli.schema import schema
from cleaner.lint import lint
from cleaner.match.sweep import compile_rule
from cleaner.model import CLASSES
from cleaner.rules import Rule, Ruleset, load_rules, load_shipped, shipped_rules
from cleaner.trial import Trial, run_trials

FILES = sorted(shipped_rules().rglob("*.yaml"))
RULES = load_shipped().rules
MIXED = {"prompts"}
"""Generic files that gather small rules of several classes."""

QUICK = {plain: getattr(yaml, f"C{plain.__name__}", plain) for plain in (yaml.BaseLoader, yaml.SafeLoader)}
"""The loaders, each by the parser in C where PyYAML has it."""

RULE = """\
patterns:
  age: "[0-9]+ days ago"
rules:
  - id: tests.ad
    class: ad
    why: A label that only this test needs.
    line: {eq: $ad.label}
    tests: [{in: "One.\\nAdvertisement", out: One.}, {keep: Advertisement works.}]
"""
TERMS = "lang: en\nterms:\n  ad.label: [Advertisement]\n"


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    return run_trials(load_shipped())


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(CliRunner().invoke(schema).stdout)
    return found


def placed(folder: str) -> list[Rule]:
    return [rule for rule in RULES if Path(rule.path).parent.name == folder]


def name(rule: Rule) -> str:
    return rule.id


class TestTrials:
    @pytest.mark.parametrize("mode", ["alone", "together"])
    def test_every_example_holds(self, trials: list[Trial], mode: str) -> None:
        """Every rule does to its own examples what they say, alone and together with all others."""
        assert [trial for trial in trials if trial.mode == mode and not trial.ok] == []

    def test_every_rule_is_tried(self, trials: list[Trial]) -> None:
        """No rule is passed over: as many trials alone as there are examples."""
        alone = [(trial.rule, trial.number) for trial in trials if trial.mode == "alone"]
        assert sorted(alone) == sorted((rule.id, n) for rule in RULES for n in range(1, len(rule.tests) + 1))


def test_lint_has_no_complaints() -> None:
    """Lint finds nothing in the shipped rules that must be mended or looked at."""
    assert [complaint for complaint in lint(load_shipped()) if complaint.severity != "note"] == []


class TestPlaces:
    def test_every_file_stands_in_a_folder_of_its_kind(self) -> None:
        """Rule files stand in their folders; patterns, used by all, beside them."""
        found = {str(path.parent.relative_to(shipped_rules())) for path in FILES}
        folders = {"terms", "networks", "hosts", "generic", "dumps", "structure", "closing", "page", "weights", "."}
        assert found <= folders
        assert [path.name for path in FILES if path.parent == shipped_rules()] == ["patterns.yaml"]

    @pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "terms"], ids=lambda path: path.stem)
    def test_term_files_are_named_by_language(self, path: Path) -> None:
        """A translator finds the phrases of a language in the file of its code, and nothing but phrases."""
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=QUICK[yaml.BaseLoader])
        assert found["lang"] == path.stem
        assert found.keys() == {"lang", "terms"}

    @pytest.mark.parametrize("rule", placed("networks"), ids=name)
    def test_network_files_are_named_by_network(self, rule: Rule) -> None:
        """The rules of a network's file carry its name, and are bound to no host."""
        assert rule.id.startswith(f"{Path(rule.path).stem}.")
        assert rule.scope.hosts == ()

    @pytest.mark.parametrize("rule", placed("hosts"), ids=name)
    def test_host_files_are_named_by_domain(self, rule: Rule) -> None:
        """Every rule of a host's file applies to the domain that the file is named by."""
        assert Path(rule.path).stem in rule.scope.hosts

    @pytest.mark.parametrize("rule", placed("generic"), ids=name)
    def test_generic_files_are_named_by_class(self, rule: Rule) -> None:
        """The rules of a generic file are of the class that its name is or begins with, on any host."""
        stem = Path(rule.path).stem
        kind = stem.split("-")[0]
        assert rule.id.startswith("generic.")
        assert rule.scope.hosts == ()
        assert stem in MIXED or (kind in CLASSES and rule.class_ == kind)

    @pytest.mark.parametrize("rule", placed("structure"), ids=name)
    def test_structure_rules_know_no_phrase(self, rule: Rule) -> None:
        """The rules on shape alone need no words."""
        assert rule.id.startswith("structure.")
        literals = compile_rule(rule, load_shipped()).matcher.literals or ()
        assert not any(char.isalpha() for literal in literals for char in literal.text)


class TestDigest:
    def load(self, place: Path, rule: str = RULE, terms: str = TERMS) -> Ruleset:
        (place / "a.yaml").write_text(rule, encoding="utf-8")
        (place / "en.yaml").write_text(terms, encoding="utf-8")
        return load_rules([place])

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("$ad.label", "Advert"),
            ("class: ad", "class: app"),
            ("tests.ad", "tests.advert"),
            ("[0-9]+ days", "[0-9]+ weeks"),
            ("{eq: $ad.label}", "{eq: $ad.label, whole: true}"),
            ("    class: ad", "    status: experimental\n    class: ad"),
        ],
    )
    def test_changes_with_a_rule(self, tmp_path: Path, old: str, new: str) -> None:
        """Whatever can change what is cut changes the digest."""
        before = self.load(tmp_path).digest
        assert self.load(tmp_path, RULE.replace(old, new)).digest != before

    def test_changes_with_a_term(self, tmp_path: Path) -> None:
        """A phrase more is another set of rules."""
        before = self.load(tmp_path).digest
        assert self.load(tmp_path, terms=TERMS.replace("]", ", Advert]")).digest != before

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("rules:", "# A comment.\nrules:"),
            ("A label that only", "A line that only"),
            ("Advertisement works.", "Advertisement does not work."),
            ("{eq: $ad.label}", "\n      eq:\n        - $ad.label"),
        ],
    )
    def test_stays_with_a_comment(self, tmp_path: Path, old: str, new: str) -> None:
        """Comments, reasons, tests and layout leave the digest as it is."""
        before = self.load(tmp_path).digest
        assert self.load(tmp_path, RULE.replace(old, new)).digest == before

    def test_does_not_depend_on_the_files(self, tmp_path: Path) -> None:
        """The same rules in other files and folders have the same digest."""
        before = self.load(tmp_path).digest
        other = tmp_path / "other"
        other.mkdir()
        (other / "z.yaml").write_text(RULE, encoding="utf-8")
        (other / "b.yaml").write_text(TERMS, encoding="utf-8")
        assert load_rules([other / "z.yaml", other / "b.yaml"]).digest == before


class TestSchema:
    def validate(self, told: dict[str, Any], value: Any) -> Iterator[Any]:
        """Yield what a JSON Schema validator finds wrong, as an editor would."""
        jsonschema = pytest.importorskip("jsonschema")
        yield from jsonschema.Draft202012Validator(told).iter_errors(value)

    @pytest.mark.parametrize("loader", [yaml.BaseLoader, yaml.SafeLoader])
    def test_accepts_the_shipped_files(self, told: dict[str, Any], loader: Any) -> None:
        """Editors accept every shipped file, scalars read as text or as numbers and booleans."""
        for path in FILES:
            value = yaml.load(path.read_text(encoding="utf-8"), Loader=QUICK[loader])
            assert list(self.validate(told, value)) == [], path.name

    def test_refuses_an_unknown_key(self, told: dict[str, Any]) -> None:
        """Editors mark a misspelled key."""
        assert list(self.validate(told, yaml.safe_load(RULE.replace("class:", "clas:"))))

    def test_single_values_and_lists(self, told: dict[str, Any]) -> None:
        """Where one value may stand for a list, the schema allows both; numbers may be written as text."""
        predicate = told["$defs"]["Predicate"]["properties"]
        kinds = {part.get("type") for part in predicate["without"]["anyOf"]}
        assert kinds == {None, "array"}
        assert told["$defs"]["Rule"]["properties"]["rev"]["type"] == ["integer", "string"]
