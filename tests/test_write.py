"""Rules are written as YAML that every reader reads alike, and one entry of a file changes without the rest of it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import RuleError
from cleaner.rules.load import load_shipped, shipped_rules
from cleaner.rules.schema import Rule, RuleFile
from cleaner.rules.write import put_exception, put_patterns, put_rule, take_rule_text, write_file, write_rule
from cleaner.rules.yaml import read_yaml

RULE = {
    "tests": [{"in": "One.\nAdvertisement", "out": "One."}, {"keep": "Advertisement works."}],
    "why": "A label that only this test needs.",
    "class": "ad",
    "line": {"len": ["4", 40], "eq": ["Advertisement"], "whole": "yes"},
    "id": "tests.ad",
    "scope": {"lang": ["no"], "hosts": ["a.example"]},
}
WRITTEN = """\
rules:
  - id: tests.ad
    class: ad
    why: A label that only this test needs.
    scope: {hosts: [a.example], lang: ["no"]}
    line: {eq: Advertisement, len: [4, 40], whole: true}
    tests:
      - {in: "One.\\nAdvertisement", out: "One."}
      - {keep: "Advertisement works."}
"""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from(
    ["no", "Y", "12:30", "1.0", "1e3", "0o17", "~", "null", "=", "<<", "- a", "a: b", "a #b", "#b", "a:", " a ", "[a]",
     "2025-01-31", "@x", "`x`", "%x", "!x", "&x", "*x", "'x'", '"', "\\d{1,3}", "\ufeff", "\u2028", "\x85", "é\u00ad"]
)  # fmt: skip


def read(text: str) -> RuleFile:
    return RuleFile.model_validate(read_yaml(text, "a.yaml")[0])


@cache
def shipped_files() -> tuple[tuple[Path, str], ...]:
    """Return the shipped rule files that hold rules, read once."""
    files = ((path, path.read_text(encoding="utf-8")) for path in sorted(shipped_rules().rglob("*.yaml")))
    return tuple((path, text) for path, text in files if "\nrules:\n" in f"\n{text}")


class TestWriting:
    def test_a_rule_as_people_write_it(self) -> None:
        """Keys stand in the order of the model, small things on one line, quotes only where a reader needs them."""
        assert write_file({"rules": [RULE]}) == WRITTEN

    def test_the_schema_is_named_for_editors(self) -> None:
        """With an address the first line is the one that language servers read."""
        first, _, rest = write_file({"rules": [RULE]}, schema="../schema.json").partition("\n")
        assert (first, rest) == ("# yaml-language-server: $schema=../schema.json", WRITTEN)

    def test_wide_lists_are_folded(self) -> None:
        """A list of phrases that one line cannot hold goes over several; none of them is wider than it must be."""
        phrases = [f"Read the {number}th story of the harbour" for number in range(20)]
        rule = RULE | {"line": {"eq": phrases}, "scope": {}}
        text = write_file({"rules": [rule]})
        assert read(text).rules[0].line.eq == tuple(phrases)  # type: ignore[union-attr]
        assert max(map(len, text.split("\n"))) <= 120

    def test_every_shipped_rule_comes_back(self) -> None:
        """What is written of a shipped rule reads as the very same rule."""
        for rule in load_shipped().rules:
            (again,) = read("rules:\n" + write_rule(rule)).rules
            assert again.model_dump(exclude_unset=True) == rule.model_dump(exclude_unset=True)

    def test_every_shipped_file_comes_back(self) -> None:
        """So does a whole file, with exceptions, opinions and patterns, from its model and from its values."""
        for _, text in shipped_files():
            value = read_yaml(text, "a.yaml")[0]
            assert read(write_file(value)) == read(write_file(read(text))) == read(text)

    def test_writing_again_changes_nothing(self) -> None:
        """What was written is the canonical form: reading and writing it gives the same text."""
        for _, text in shipped_files():
            once = write_file(read(text))
            assert write_file(read(once)) == write_file(read_yaml(once, "a.yaml")[0]) == once

    @given(st.lists(TEXTS, min_size=1, max_size=12), TEXTS, TEXTS)
    def test_any_text_comes_back_and_is_text_for_other_readers(self, phrases: list[str], why: str, name: str) -> None:
        """Phrases, reasons and names of any characters are read back, by our reader and by a usual one."""
        rule = {
            "id": "a.b",
            "class": "ad",
            "why": why + "0123456789",
            "line": {"eq": phrases},
            "tests": [{"in": why, "out": name}, {"keep": name}],
        }
        content = {"rules": [rule], "patterns": {"name": name}}
        text = write_file(content)
        assert read(text) == RuleFile.model_validate(content)
        foreign = yaml.safe_load(text)
        assert [foreign["rules"][0]["line"]["eq"]] in ([phrases], [phrases[0]], phrases)
        assert foreign["rules"][0]["why"] == rule["why"]
        assert foreign["patterns"] == {"name": name}

    def test_half_a_character_is_refused(self) -> None:
        """No file can hold half of a surrogate pair."""
        with pytest.raises(RuleError, match="surrogate"):
            write_file({"patterns": {"a": "\ud800"}})

    def test_what_is_no_rule_is_refused(self) -> None:
        """The refusal is the one of the loader."""
        with pytest.raises(RuleError, match=r"there is no such key\. Did you mean 'rules'"):
            write_file({"rulez": []})


FILE = """\
# A file that people wrote.

# The rules.
rules:
  # Of the first.
  - id: a.one # here
    class: ad
    why:   A rule that only a test needs.
    line: { eq: One }   # odd spaces
    tests: [{in: one two,
       out: one}, {keep: "one"}]

  # Nobody's.

  # Of the second,
  # two lines.
  -
    id: a.two
    class: ad
    why: >-
      A rule that only
      a test needs.
    line: {eq: Two}
    tests: [{in: one two, out: one}, {keep: one}]
    # Below it.
exceptions:
  - {rule: a.one, why: Not on this site at all., scope: {hosts: [a.example]}}
"""
NEW = """\
rules:
- id: a.two
  class: ad
  why: Another rule that only a test needs.
  line: {eq: Two}
  tests: [{in: one two, out: one}, {keep: one}]
"""


def endings(text: str) -> list[str]:
    return [text, text.replace("\n", "\r\n"), text.rstrip("\n"), "\ufeff" + text, text + "\n\n# The end.\n"]


class TestEntries:
    def test_a_rule_is_taken_with_its_comments(self) -> None:
        """The comments right above a rule, and those further in below it, are its own; others are not."""
        assert take_rule_text(FILE, "a.two") == (
            "rules:\n  # Of the second,\n  # two lines.\n  -\n    id: a.two\n    class: ad\n    why: >-\n      A rule that only\n"
            "      a test needs.\n    line: {eq: Two}\n    tests: [{in: one two, out: one}, {keep: one}]\n    # Below it.\n"
        )

    @pytest.mark.parametrize("text", endings(FILE) + endings(FILE.replace("\n  ", "\n")))
    def test_what_was_taken_goes_back(self, text: str) -> None:
        """Putting back what was taken leaves every byte, whatever the line ends, the indent and the end of the file."""
        for name in ("a.one", "a.two"):
            assert put_rule(text, take_rule_text(text, name), name) == text

    def test_what_was_taken_goes_back_into_shipped_files(self) -> None:
        """So it is in all shipped files; what is taken is the rule."""
        for path, text in shipped_files():
            for rule in read(text).rules:
                taken = take_rule_text(text, rule.id)
                assert read(taken).rules == (rule,), path
                assert put_rule(text, taken, rule.id) == text, path

    @pytest.mark.parametrize("text", endings(FILE))
    def test_only_the_rule_changes(self, text: str) -> None:
        """Before and behind the rule no byte changes, and its lines end as those of the file do."""
        after = put_rule(text, NEW, "a.two")
        before = text[: text.index("  # Of the second")]
        behind = text[text.index("exceptions:") :]
        assert after.startswith(before)
        assert after.endswith(behind)
        middle = after[len(before) : len(after) - len(behind)]
        assert middle.count("\n") == middle.count("\r\n") or "\r" not in middle
        assert middle.replace("\r", "") == "".join(f"  {line}\n" for line in NEW.split("\n")[1:-1])

    @pytest.mark.parametrize("text", endings(FILE))
    def test_a_new_rule_goes_behind_the_last(self, text: str) -> None:
        """It stands apart from it by a blank line; nothing else changes."""
        new = NEW.replace("a.two", "a.three")
        after = put_rule(text, new, "a.three")
        assert [rule.id for rule in read(after.removeprefix("\ufeff")).rules] == ["a.one", "a.two", "a.three"]
        lines = after.replace("\r\n", "\n").split("\n")
        at = lines.index("  - id: a.three")
        assert lines[at - 1] == ""
        assert lines[: at - 1] + lines[at + 5 :] == text.replace("\r\n", "\n").split("\n")

    @pytest.mark.parametrize(
        "text",
        ["", "# Only a comment.\n", "# Only a comment.", "rules: []\n", "rules: [] # none\npatterns: {a: b}\n", "rules:\n",
         "patterns: {a: b}\n", "patterns: {a: b}\r\n", "\ufeffrules: []", "rules:"],
    )  # fmt: skip
    def test_a_file_without_rules_gets_its_first(self, text: str) -> None:
        """Comments and other parts stay, and the rule is there."""
        after = put_rule(text, NEW, "a.two").removeprefix("\ufeff")
        assert [rule.id for rule in read(after).rules] == ["a.two"]
        assert ("# Only" in text, "# none" in text, "patterns" in text) == (
            "# Only" in after, "# none" in after, "patterns" in after,
        )  # fmt: skip
        assert after.endswith("\n")
        assert (after.count("\r\n") == after.count("\n")) == ("\r" in text)

    def test_rules_in_brackets_are_refused(self) -> None:
        """A file whose rules stand in brackets has no lines that could change."""
        with pytest.raises(RuleError, match="behind a dash"):
            put_rule("rules: [{id: a.one}]", NEW, "a.two")

    def test_a_rule_that_is_not_there(self) -> None:
        """Neither side is guessed at."""
        with pytest.raises(RuleError, match=r"no rule a\.four"):
            take_rule_text(FILE, "a.four")
        with pytest.raises(RuleError, match=r"no entry for a\.four"):
            put_rule(FILE, NEW, "a.four")

    def test_exceptions_are_put_like_rules(self) -> None:
        """An exception is known by its rule."""
        text = put_exception("rules: []\n", "exceptions:\n  - rule: a.one\n    why: Not here.\n", "a.one")
        assert text == "rules: []\n\nexceptions:\n  - rule: a.one\n    why: Not here.\n"
        assert "Nor here." in put_exception(text, "exceptions:\n  - rule: a.one\n    why: Nor here.\n", "a.one")

    def test_exceptions_of_other_scopes_stay(self) -> None:
        """A rule may be off in several places: only the exception with the same scope gives way."""
        piece = "exceptions:\n  - {rule: a.one, why: %s, scope: {hosts: [%s.example]}}\n"
        text = put_exception(put_exception("", piece % ("One", "a"), "a.one"), piece % ("Two", "b"), "a.one")
        text = put_exception(text, piece % ("Three", "b"), "a.one")
        assert [one["why"] for one in read_yaml(text, "")[0]["exceptions"]] == ["One", "Three"]

    @pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\u2029"])
    def test_line_ends_of_yaml_alone_are_refused(self, end: str) -> None:
        """Where YAML counts other lines than an editor, no lines are taken that might be those of another rule."""
        text = FILE.replace("one two,", f'"one{end} two",')
        with pytest.raises(RuleError, match="ends a line of YAML alone") as told:
            take_rule_text(text, "a.two")
        assert told.value.line == 10
        with pytest.raises(RuleError, match="ends a line of YAML alone"):
            put_rule(text, NEW, "a.two")

    def test_a_file_that_ends_by_a_mark_is_refused(self) -> None:
        """Nothing can stand behind `...`; what is told is about the file, not about lines that it does not have."""
        with pytest.raises(RuleError, match="leaves no place") as told:
            put_rule("patterns: {a: b}\n...\n", NEW, "a.two")
        assert told.value.line == 0

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", "patterns:\n  new: +\n"),
            ("rules: []", "rules: []\n\npatterns:\n  new: +\n"),
            ("patterns: # none\nrules: []\n", "patterns: # none\n  new: +\nrules: []\n"),
            ("patterns: {} # none\n", "patterns: {new: +} # none\n"),
            ("\ufeffpatterns: {a: b, } # one\n", "\ufeffpatterns: {a: b, new: +} # one\n"),
            ("patterns: {a: b # one\n}\n", "patterns: {a: b # one\n, new: +}\n"),
            ("patterns:\r\n    a: b\r\n      # its own\r\n", "patterns:\r\n    a: b\r\n      # its own\r\n    new: +\r\n"),
            ("patterns:\n  a: |\n    b\n\n# The end.\n", "patterns:\n  a: |\n    b\n\n  new: +\n# The end.\n"),
        ],
    )  # fmt: skip
    def test_patterns_go_behind_the_others(self, before: str, after: str) -> None:
        """They come in the form that the file has, with its line ends; comments stay, and each says what it said."""
        for pattern in ("\\d+", 'a"b', "x{2,3}'s [a,b]", "\u2028\x7f'", "[a-z]{2}: #"):
            piece = write_file({"patterns": {"new": pattern}})
            written = piece.removeprefix("patterns:\n  new: ").removesuffix("\n")
            text = put_patterns(before, piece)
            if "{" not in before:
                assert text == after.replace("+", written)
            else:  # quoted in another way
                head, tail = after.split("+")
                assert text.startswith(head)
                assert text.endswith(tail)
            assert read_yaml(text.removeprefix("\ufeff"), "")[0]["patterns"]["new"] == pattern

    @settings(max_examples=60)
    @given(st.data())
    def test_neighbours_keep_every_byte(self, data: st.DataObject) -> None:
        """Between rules, comments and blank lines of any kind, changing one rule leaves the lines of all others."""
        indent = " " * data.draw(st.integers(0, 4))
        gap = st.lists(st.sampled_from(["", "# note", f"{indent}# note", f"{indent}  # note", "   "]), max_size=3)
        lines = [*data.draw(gap), "rules:", *data.draw(gap)]
        names = [f"a.r{number}" for number in range(data.draw(st.integers(1, 4)))]
        for name in names:
            value = data.draw(
                st.sampled_from(["x", "|\n{0}    x\n\n{0}    y", '"x\n\n{0}   y"', "[x,\n{0}   y]", "''"])
            )
            lines += f"{indent}- id: {name}\n{indent}  why: {value.format(indent)}".split("\n")
            lines += data.draw(gap)
        text = data.draw(st.sampled_from(["\n", "\r\n"])).join(lines)
        name = data.draw(st.sampled_from(names))
        assert put_rule(text, take_rule_text(text, name), name) == text
        new = f"rules:\n  - id: {name}\n    why: changed\n"
        after = put_rule(text, new, name)
        for other in names:
            if other != name:
                assert take_rule_text(after, other) == take_rule_text(text, other)
        assert _told(after) == [("changed" if one == name else value, one) for value, one in _told(text)]


def _told(text: str) -> list[tuple[Any, str]]:
    return [(rule["why"], rule["id"]) for rule in read_yaml(text, "")[0]["rules"]]


def test_rules_from_models_and_from_json_are_written_alike() -> None:
    """It makes no difference whether a rule comes as a model or as values."""
    for rule in load_shipped().rules[:40]:
        content = json.loads(rule.model_dump_json(by_alias=True, exclude_unset=True))
        assert write_rule(content) == write_rule(rule) == write_rule(Rule.model_validate(content))
