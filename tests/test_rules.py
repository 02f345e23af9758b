"""Rule files are read strictly, and a refusal says file, line, rule, field, what was found, what to write instead."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import RuleError
from cleaner.match.sweep import Sweeper
from cleaner.rules import Rule, load_rules
from cleaner.rules.atoms import usable
from cleaner.rules.yaml import read_yaml
from cleaner.text.fold import fold
from cleaner.text.shape import core

RULE = """\
rules:
  - id: tests.ad
    class: ad
    why: A label that only this test needs.
    line: {eq: Advertisement}
    tests: [{in: "One.\\nAdvertisement", out: One.}, {keep: Advertisement works.}]
"""
TERMS = "lang: en\nterms:\n  ad.label: [Advertisement]\n"


def refusal(place: Path, *texts: str) -> str:
    """Write files a.yaml, b.yaml ..., load and compile them, and return the message of the refusal."""
    for name, text in zip("abc", texts, strict=False):
        (place / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as refused:
        Sweeper(load_rules([place]))
    return str(refused.value).replace(f"{place}/", "")


def changed(old: str, new: str) -> str:
    assert old in RULE
    return RULE.replace(old, new)


def load(place: Path, text: str) -> Rule:
    (place / "a.yaml").write_text(text, encoding="utf-8")
    return load_rules([place])["tests.ad"]


class TestYaml:
    @pytest.mark.parametrize("word", ["no", "off", "12:30:45", "2025-01-31", "1_000", "null", "~", "0x1F", "1e3"])
    def test_scalars_stay_text(self, word: str) -> None:
        """Whatever YAML takes for a boolean, a number, a time or nothing is the text its author wrote."""
        assert read_yaml(f"a: {word}", "a.yaml")[0] == {"a": word}

    def test_phrases_that_look_like_booleans_and_times_reach_the_rule(self, tmp_path: Path) -> None:
        """A rule for the lines `no`, `off` and `12:30:45` looks for exactly these."""
        rule = load(tmp_path, changed("eq: Advertisement", "eq: [no, off, 12:30:45]"))
        assert rule.line is not None
        assert rule.line.eq == ("no", "off", "12:30:45")

    def test_every_value_has_its_line(self) -> None:
        """Lines count from 1 and are known for keys, items and what stands in them."""
        lines = read_yaml("# comment\na:\n  - b: 1\n    c:\n      - 2\n", "a.yaml")[1]
        assert lines == {(): 2, ("a",): 3, ("a", 0): 3, ("a", 0, "b"): 3, ("a", 0, "c"): 5, ("a", 0, "c", 0): 5}

    def test_byte_order_mark_is_no_text(self, tmp_path: Path) -> None:
        """A file that an editor saved with a byte order mark loads as without, lines included."""
        assert load(tmp_path, "\ufeff" + RULE).lineno == 2

    def test_rule_knows_file_and_line(self, tmp_path: Path) -> None:
        """A rule names the file it stands in and the line it begins on."""
        rule = load(tmp_path, f"# comment\n\n{RULE}")
        assert (rule.path, rule.lineno) == (str(tmp_path / "a.yaml"), 4)

    def test_duplicate_key(self, tmp_path: Path) -> None:
        """A key that stands twice is refused: one of the two would silently win."""
        text = changed("    class: ad\n", "    class: ad\n    class: app\n")
        assert refusal(tmp_path, text) == "a.yaml:4: the key 'class' stands twice. Merge the two or delete one"

    @pytest.mark.parametrize(
        ("text", "line"), [("rules: &all []\n", 1), ("rules:\n  - *all\n", 2), ("a: &x 1\nb: *x\n", 1)]
    )
    def test_anchors_and_aliases(self, tmp_path: Path, text: str, line: int) -> None:
        """Anchors and aliases are refused where they stand: a rule is read in one place."""
        assert refusal(tmp_path, text) == f"a.yaml:{line}: anchors and aliases are not allowed. Write the value out"

    def test_tag(self, tmp_path: Path) -> None:
        """A tag is refused: it would make another value of a text."""
        expected = "a.yaml:2: the tag !!python/name:os.system is not allowed. Write the plain value"
        found = refusal(tmp_path, "rules:\n  - !!python/name:os.system x\n")
        assert found.replace("tag:yaml.org,2002:", "!!") == expected

    @pytest.mark.parametrize("text", ["[" * 5000 + "]" * 5000, "{a: " * 5000 + "}" * 5000, "- " * 5000])
    def test_bottomless_nesting(self, tmp_path: Path, text: str) -> None:
        """Lists in lists without end are a fault of the file, told as any other."""
        reason = "more than 32 lists and mappings inside each other. Close the brackets"
        assert refusal(tmp_path, "rules:\n  " + text).endswith(f"a.yaml:2: {reason}")

    def test_second_document(self, tmp_path: Path) -> None:
        """A second document in a file is refused, not passed over."""
        expected = "a.yaml:8: a second document. Keep one document a file, without '---'"
        assert refusal(tmp_path, f"{RULE}\n---\n{RULE}") == expected

    def test_broken_yaml(self, tmp_path: Path) -> None:
        """Broken YAML is refused with the line of the break."""
        assert refusal(tmp_path, "rules:\n  - {id: a\n").startswith("a.yaml:3: broken YAML: ")

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("rules:\n  - id: a.b\n    why: It says: this\n", "Put a text that holds a colon and a space into quotes"),
            ("rules:\n  - id: a.b\n\twhy: It\n", "Indent with spaces, not with tabs"),
            ("rules:\n  - id: a.b\n   why: It\n", "Begin all keys of a rule in the same column, two behind its `-`"),
            ("rules:\n  - id: a.b\n    why: @it\n", "Put a text that begins with this character into quotes"),
        ],
    )
    def test_a_usual_slip_in_yaml_is_told_with_its_mending(self, tmp_path: Path, text: str, hint: str) -> None:
        """A bare colon, a tab, a key out of its column: the hint says what to write, at the line of the slip."""
        told = refusal(tmp_path, text)
        assert told.startswith("a.yaml:3: broken YAML: ")
        assert told.endswith(hint)

    def test_no_rules(self, tmp_path: Path) -> None:
        """A file that holds a text is no rule file."""
        assert refusal(tmp_path, "just words\n") == (
            "a.yaml:1: holds no rules. Begin with `rules:` or, for phrases, `lang:`"
        )

    def test_no_such_file(self) -> None:
        """A path that does not exist is an error, not an empty set."""
        with pytest.raises(RuleError) as refused:
            load_rules(["nowhere/at-all"])
        expected = "nowhere/at-all: no such rule file or folder. Give a .yaml file or a folder of them"
        assert str(refused.value) == expected

    def test_folder_without_rules(self, tmp_path: Path) -> None:
        """A folder in which no rule file stands is an error as well: it is hardly the one that was meant."""
        with pytest.raises(RuleError, match=r"a folder without rule files\. Rule files end in \.yaml"):
            load_rules([tmp_path])


class TestKeys:
    def test_unknown_key_with_suggestion(self, tmp_path: Path) -> None:
        """A misspelled key names the key meant among those of its place."""
        assert refusal(tmp_path, changed("{eq: Adv", "{start: Adv")) == (
            "a.yaml:5: rule tests.ad, field line.start: there is no such key. Did you mean 'starts'?"
        )

    def test_unknown_key_outweighs_the_missing_one(self, tmp_path: Path) -> None:
        """Where `clas` stands for `class`, the misspelling is told and not the lack of `class`."""
        assert refusal(tmp_path, changed("    class: ad", "    clas: ad")) == (
            "a.yaml:3: rule tests.ad, field clas: there is no such key. Did you mean 'class'?"
        )

    def test_unknown_key_is_told_before_what_stands_above_it(self, tmp_path: Path) -> None:
        """Of several faults in a rule the unknown key is the one to mend first."""
        text = changed("class: ad", "class: advert").replace("tests:", "test:")
        assert refusal(tmp_path, text) == (
            "a.yaml:6: rule tests.ad, field test: there is no such key. Did you mean 'tests'?"
        )

    def test_unknown_key_without_suggestion(self, tmp_path: Path) -> None:
        """A key like no other gets the keys allowed at its place, and only these."""
        assert refusal(tmp_path, changed("{eq: Advertisement}", "{eq: Advertisement, at: {zzz: 1}}")) == (
            "a.yaml:5: rule tests.ad, field line.at.zzz: there is no such key. Allowed here: first, last"
        )

    def test_unknown_key_in_a_single_value(self, tmp_path: Path) -> None:
        """A single predicate where a list may stand has no index in the field named."""
        text = changed("{eq: Advertisement}", "{eq: Advertisement, before: {has: x, lenn: 3}}")
        assert refusal(tmp_path, text) == (
            "a.yaml:5: rule tests.ad, field line.before.lenn: there is no such key. Did you mean 'len'?"
        )

    def test_the_first_rule_is_told_first(self, tmp_path: Path) -> None:
        """Of faults in two rules the upper one is told, even where the lower one is clearer."""
        second = RULE.removeprefix("rules:\n").replace("tests.ad", "tests.two").replace("class:", "clas:")
        assert refusal(tmp_path, changed("    class: ad\n", "") + second) == (
            "a.yaml:2: rule tests.ad, field class: this key is missing. Write `class:` with one of nav, share, "
            "newsletter, paywall, related, playlist, ticker, ad, comments, cookie, app, donation, legal, feedback, "
            "residue, duplicate, other_article, about, live, meta, chrome, other"
        )

    def test_missing_key(self, tmp_path: Path) -> None:
        """A missing key is named with what belongs there."""
        assert refusal(tmp_path, changed("    why: A label that only this test needs.\n", "")) == (
            "a.yaml:2: rule tests.ad, field why: this key is missing. Write `why:` with a text of 10 or more code points"
        )

    def test_unknown_key_of_a_term_file(self, tmp_path: Path) -> None:
        """Term files have keys of their own."""
        assert refusal(tmp_path, "lang: en\nterm: {ad.label: [Advertisement]}\n") == (
            "a.yaml:2: field term: there is no such key. Did you mean 'terms'?"
        )


class TestValues:
    def test_wrong_class(self, tmp_path: Path) -> None:
        """A class outside the closed list is refused with the closest one in it."""
        assert refusal(tmp_path, changed("class: ad", "class: newsleter")) == (
            "a.yaml:3: rule tests.ad, field class: found 'newsleter'. Did you mean 'newsletter'?"
        )

    def test_wrong_action(self, tmp_path: Path) -> None:
        """A word outside a short list is refused with the list."""
        assert refusal(tmp_path, changed("    line:", "    action: zap\n    line:")) == (
            "a.yaml:5: rule tests.ad, field action: found 'zap'. Write one of drop, extract"
        )

    def test_wrong_number(self, tmp_path: Path) -> None:
        """A text where a number belongs is refused with the bounds of the number."""
        assert refusal(tmp_path, changed("    class: ad", "    rev: new\n    class: ad")) == (
            "a.yaml:3: rule tests.ad, field rev: found 'new'. Write a whole number from 1"
        )

    def test_wrong_date(self, tmp_path: Path) -> None:
        """A date in another form is refused with the form."""
        assert refusal(tmp_path, changed("    line:", "    scope: {valid_from: 31.1.2025}\n    line:")) == (
            "a.yaml:5: rule tests.ad, field scope.valid_from: found '31.1.2025'. Write a date such as 2025-01-31"
        )

    def test_wrong_id(self, tmp_path: Path) -> None:
        """An id without an owner is refused with an example."""
        assert refusal(tmp_path, changed("tests.ad", "Ad")) == (
            "a.yaml:2: rule Ad, field id: found 'Ad'. Write owner.slug in lower case, such as daily8.tail"
        )

    def test_lengths_the_wrong_way_round(self, tmp_path: Path) -> None:
        """The least length comes first."""
        assert refusal(tmp_path, changed("{eq: Advertisement}", "{eq: Advertisement, len: [80, 4]}")) == (
            "a.yaml:5: rule tests.ad, field line.len: the smaller number comes first, not [80, 4]. Write [least, most]"
        )

    def test_empty_predicate(self, tmp_path: Path) -> None:
        """A predicate that says nothing would match every line."""
        assert refusal(tmp_path, changed("{eq: Advertisement}", "{whole: true}")) == (
            "a.yaml:5: rule tests.ad, field line: an empty predicate matches everything. "
            "Write eq, starts, lead, ends, has, re, len, shape, same_as"
        )

    def test_two_matchers(self, tmp_path: Path) -> None:
        """A rule with two matchers is refused, with those found and those there are."""
        text = changed("    tests:", "    span: {from: Advertisement, to: line}\n    tests:")
        assert refusal(tmp_path, text) == (
            "a.yaml:2: rule tests.ad: found line, span. "
            "Write exactly one matcher of tail, head, run, line, span, block, dup, score, select"
        )

    def test_missing_keep(self, tmp_path: Path) -> None:
        """A rule without a keep has not shown what it leaves alone."""
        text = changed("{keep: Advertisement works.}", "{in: Advertisement, out: ''}")
        assert refusal(tmp_path, text) == (
            "a.yaml:2: rule tests.ad: tests need at least one in/out and one keep (a near miss). "
            "Add {in: ..., out: ...} for what is cut, {keep: ...} for a text that only looks like it"
        )

    def test_deprecated_names_no_heir(self, tmp_path: Path) -> None:
        """A deprecated rule says which rule took over."""
        assert refusal(tmp_path, changed("    class: ad", "    status: deprecated\n    class: ad")) == (
            "a.yaml:2: rule tests.ad: a deprecated rule names replaced_by, and no other rule does. "
            "Write `status: deprecated` and `replaced_by:` together, or neither"
        )

    def test_phrase_ends_alone(self, tmp_path: Path) -> None:
        """A span that ends with its own phrase has no other end."""
        text = changed("line: {eq: Advertisement}", "span: {from: Advertisement, to: [phrase, Subscribe]}")
        assert refusal(tmp_path, text) == (
            "a.yaml:5: rule tests.ad, field span: phrase ends the span by itself. Write it alone"
        )

    def test_short_term(self, tmp_path: Path) -> None:
        """A phrase that the scan cannot look for would switch the scan off for a whole term."""
        assert refusal(tmp_path, "lang: en\nterms:\n  ad.label:\n    - Advertisement\n    - 'Ad :'\n") == (
            "a.yaml:5: field terms.ad.label: the phrase 'Ad :' is too short for the scan. "
            "Write three letters or more, two in Chinese or Japanese: add the words beside it"
        )

    def test_short_term_in_chinese(self, tmp_path: Path) -> None:
        """Two characters are enough where each of them is a word."""
        (tmp_path / "zh.yaml").write_text("lang: zh\nterms:\n  ad.label: [广告]\n", encoding="utf-8")
        assert load_rules([tmp_path]).phrases("ad.label") == ("广告",)

    @given(st.text("abAZ", min_size=3, max_size=5), st.text("xX .:…->→»1•\u00ad\u200b", max_size=40))
    def test_three_letters_are_enough_whatever_follows(self, start: str, rest: str) -> None:
        """What the loader takes for long enough at a glance is so when it is folded and stripped."""
        assert usable([core(fold(start + rest))])
        with TemporaryDirectory() as place:
            (Path(place) / "a.yaml").write_text(f"lang: en\nterms:\n  ad.label: [{json.dumps(start + rest)}]\n")
            assert load_rules([place]).phrases("ad.label") == (start + rest,)


class TestReferences:
    def test_heir_does_not_exist(self, tmp_path: Path) -> None:
        """`replaced_by` names a rule that is there."""
        text = changed("    class: ad", "    status: deprecated\n    replaced_by: tests.adv\n    class: ad")
        assert refusal(tmp_path, text) == (
            "a.yaml:4: rule tests.ad, field replaced_by: replaced_by names tests.adv, which does not exist. "
            "Did you mean 'tests.ad'?"
        )

    def test_unknown_term(self, tmp_path: Path) -> None:
        """A term that no language has is refused with the closest one."""
        assert refusal(tmp_path, changed("eq: Advertisement", "eq: $ad.lable"), TERMS) == (
            "a.yaml:5: rule tests.ad, field line.eq: the term $ad.lable exists in no language. Did you mean 'ad.label'?"
        )

    def test_unknown_pattern(self, tmp_path: Path) -> None:
        """A pattern that no file defines is refused with the closest one."""
        text = changed("{eq: Advertisement}", "{re: 'Posted {{aeg}}'}") + "patterns: {age: '[0-9]+ days ago'}\n"
        assert refusal(tmp_path, text) == (
            "a.yaml:5: rule tests.ad, field line.re: the pattern {{aeg}} does not exist. Did you mean 'age'?"
        )

    def test_unknown_pattern_inside_a_pattern(self, tmp_path: Path) -> None:
        """Patterns are checked for what they refer to, used or not."""
        assert refusal(tmp_path, RULE + "patterns: {stamp: 'at {{hour}}'}\n") == (
            "a.yaml:7: field patterns.stamp: the pattern {{hour}} does not exist. Define it under `patterns:`"
        )

    def test_patterns_in_a_circle(self, tmp_path: Path) -> None:
        """Patterns that refer to each other in a circle are refused, not cut off somewhere."""
        assert refusal(tmp_path, RULE + "patterns: {one: 'a{{two}}', two: 'b{{one}}'}\n") == (
            "a.yaml:7: field patterns.one: patterns refer to each other in a circle or over 4 deep: one > two > one. "
            "Write the innermost one out"
        )

    def test_braces_in_a_phrase_are_text(self, tmp_path: Path) -> None:
        """Template residue such as {{ title }} is a phrase like any other."""
        assert load(tmp_path, changed("eq: Advertisement", "eq: '{{ title }}'")).kind == "line"

    def test_one_pattern_name_for_two_texts(self, tmp_path: Path) -> None:
        """Two files that give one name to two patterns are refused: the order of files must not matter."""
        assert refusal(tmp_path, RULE + "patterns: {age: 'a day'}\n", "patterns:\n  age: 'two days'\n") == (
            "b.yaml:2: field patterns.age: this pattern stands elsewhere with another text. "
            "a.yaml:7 has it: choose another name"
        )

    def test_one_pattern_in_two_files(self, tmp_path: Path) -> None:
        """The same name with the same text is no clash."""
        for name in "ab":
            (tmp_path / f"{name}.yaml").write_text("patterns: {age: 'a day'}\n", encoding="utf-8")
        assert load_rules([tmp_path]).patterns == {"age": "a day"}

    def test_one_id_in_two_files(self, tmp_path: Path) -> None:
        """An id that another file has is refused, with where it stands."""
        assert refusal(tmp_path, RULE, RULE) == (
            "b.yaml:2: rule tests.ad, field id: this id is taken. a.yaml:2 has it; ids are never reused: choose another"
        )

    def test_exception_to_no_rule(self, tmp_path: Path) -> None:
        """An exception names a rule that is there."""
        text = "exceptions:\n  - {rule: tests.add, why: Not on this host., scope: {hosts: [a.example]}}\n"
        assert refusal(tmp_path, RULE + text) == (
            "a.yaml:8: field exceptions: an exception names the rule tests.add, which does not exist. "
            "Did you mean 'tests.ad'?"
        )

    def test_own_rules_stand_on_a_base(self, tmp_path: Path) -> None:
        """Rules loaded on top of others may use their terms and patterns, and must not take their ids."""
        (tmp_path / "base.yaml").write_text(RULE + "patterns: {age: '[0-9]+ days ago'}\n", encoding="utf-8")
        base = load_rules([tmp_path / "base.yaml"])
        more = changed("tests.ad", "tests.age").replace("{eq: Advertisement}", "{re: 'Posted {{age}}'}")
        (tmp_path / "more.yaml").write_text(more, encoding="utf-8")
        both = load_rules([tmp_path / "more.yaml"], base=base)
        assert [rule.id for rule in both.rules] == ["tests.ad", "tests.age"]
        with pytest.raises(RuleError, match="this id is taken"):
            load_rules([tmp_path / "base.yaml"], base=base)


class TestCompiling:
    @pytest.mark.parametrize("part", ["(?=x)", "(?<!x)", "\\1", "(?>x)", "x*+"])
    def test_unsafe_pattern(self, tmp_path: Path, part: str) -> None:
        """Lookaround, backreferences, atomic groups and possessive repeats are refused by name."""
        message = refusal(tmp_path, changed("{eq: Advertisement}", f"{{re: '(Posted){part}'}}"))
        assert message.startswith("a.yaml:2: rule tests.ad, field re: '")
        assert message.endswith(" is outside the RE2-safe subset. No lookaround, backreference, atomic")

    def test_broken_pattern(self, tmp_path: Path) -> None:
        """A pattern that does not compile is refused with the reason."""
        assert refusal(tmp_path, changed("{eq: Advertisement}", "{re: 'Posted (ago'}")) == (
            "a.yaml:2: rule tests.ad, field re: broken pattern: missing ) at position 11. "
            "Write brackets and other signs that stand for themselves behind a backslash"
        )

    def test_no_literal_and_no_position(self, tmp_path: Path) -> None:
        """A rule that would be tried on every line of every text is refused."""
        assert refusal(tmp_path, changed("{eq: Advertisement}", "{re: '[0-9]+'}")) == (
            "a.yaml:2: rule tests.ad, field line: no literal can be derived from it and no position binds it. "
            "Add a phrase of three letters or more, or `at: {first: n}` or `at: {last: n}`"
        )

    def test_position_instead_of_a_literal(self, tmp_path: Path) -> None:
        """The same rule bound to the last lines is fine."""
        rule = load(tmp_path, changed("{eq: Advertisement}", "{re: '[0-9]+', at: {last: 2}}"))
        assert Sweeper(load_rules([rule.path]))
