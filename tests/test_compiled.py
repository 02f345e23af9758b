"""Compiled rule sets: the same set from one file, unread until asked for; whatever is not such a file is refused."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from cleaner import Cleaner, OutputError, Rule, RuleError, Ruleset, load_rules, write_compiled
from cleaner.clean import choose
from cleaner.cli.main import main
from cleaner.rules import compiled as module
from cleaner.rules.compiled import read_compiled, to_bytes
from cleaner.rules.load import load_set, load_shipped, load_text
from tests.making import LAST, MORE, PROSE, load, rule

SEEDS = Path(__file__).parent.parent / "seeds"
HEAD = """
patterns: {age: "[0-9]+ days"}
exceptions: [{rule: tests.two, why: There it is body., scope: {hosts: [a.example]}}]
opinions: [{id: tests.lead, why: The lead belongs to the body., lead: {}}]
rules:
"""
TERMS = "lang: en\nterms:\n  ad.label: [Advertisement, Sponsored content]\n"
RULES = (
    rule("line: {eq: $ad.label}", name="tests.one"),
    rule('line: {re: "Zorble {{age}} ago", at: {first: 3}}', name="tests.two", more="scope: {hosts: [b.example]}"),
    rule("select: {words: promo box}", name="tests.box", more="status: experimental"),
)
FILES = (HEAD + "".join(RULES), TERMS)
NOISY = f"{PROSE}\nAdvertisement\n{MORE}\nZorble announcement\n{LAST}"


@pytest.fixture
def small(tmp_path: Path) -> Ruleset:
    return load(tmp_path, *FILES)


def parts(ruleset: Ruleset) -> dict[str, Any]:
    """Return all that a set holds, also what does not count for equality."""
    whole = {name: getattr(ruleset, name) for name in Ruleset.__dataclass_fields__ if name != "index"}
    whole["heads"], whole["digest"] = ruleset.heads, ruleset.digest
    whole["said"] = [(one.path, one.lineno, one.model_fields_set) for one in ruleset.rules]
    return whole


def sections(content: bytes) -> dict[str, bytes]:
    """Return the sections of a file, unpacked."""
    _, line, frames = content[: -module._CHECKSUM].split(b"\n", 2)
    found = {}
    for name, _, size in orjson.loads(line)["sections"]:
        found[name], frames = zstandard.ZstdDecompressor().decompress(frames[:size]), frames[size:]
    return found


def forge(content: bytes, **changed: Any) -> bytes:
    """Write a file with other values in its header or other sections, and a checksum that fits."""
    first, line, _ = content[: -module._CHECKSUM].split(b"\n", 2)
    header = orjson.loads(line)
    held = {**sections(content), **{name: value for name, value in changed.items() if isinstance(value, bytes)}}
    frames = {name: zstandard.ZstdCompressor().compress(value) for name, value in held.items()}
    forms = {name: form for name, form, _ in header["sections"]}
    header["sections"] = [(name, forms[name], len(frame)) for name, frame in frames.items()]
    header |= {name: value for name, value in changed.items() if not isinstance(value, bytes)}
    body = b"\n".join([first, orjson.dumps(header), b"".join(frames.values())])
    return body + module._checksum(body)


class TestRoundTrip:
    def test_the_shipped_rules(self) -> None:
        """Rules with reasons, tests and lines, terms, opinions, weights, places: all come back, under one digest."""
        got = read_compiled(to_bytes(load_shipped()))
        for name, value in parts(load_shipped()).items():
            assert parts(got)[name] == value, name
        assert got == load_shipped()

    def test_a_small_set(self, small: Ruleset) -> None:
        """Patterns and exceptions come back as well."""
        assert small.patterns
        assert small.exceptions
        assert parts(read_compiled(to_bytes(small))) == parts(small)

    def test_nothing(self) -> None:
        """A set without rules is one."""
        assert read_compiled(to_bytes(Ruleset((), (), {}, {}))) == Ruleset((), (), {}, {})

    @given(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=4),
        st.floats(0, 1),
        st.sampled_from(["ad", "nav"]),
        st.tuples(st.integers(0, 9), st.integers(9, 1 << 40)),
    )
    def test_any_text_and_number(self, texts: list[str], share: float, class_: str, extent: tuple[int, int]) -> None:
        """Whatever the model takes comes back as it was, to the last bit."""
        made = Rule.model_validate(
            {
                "id": "tests.any",
                "class": class_,
                "why": "Because of any text" + texts[0],
                "line": {"has": texts, "len": extent},
                "guard": {"confidence": share},
                "tests": [{"in": texts[0], "out": texts[-1]}, {"keep": texts[0]}],
            }
        )
        made._path, made._line = texts[0], extent[0]
        ruleset = Ruleset((made,), (), {"a.b": {"en": tuple(texts)}}, {"a": texts[0]})
        assert parts(read_compiled(to_bytes(ruleset))) == parts(ruleset)

    def test_the_same_set_makes_the_same_bytes(self, tmp_path: Path, small: Ruleset) -> None:
        """Written again from a file, or from the same YAML, the file is the same."""
        again = load(tmp_path, *FILES)
        assert to_bytes(read_compiled(to_bytes(small))) == to_bytes(again) == to_bytes(small)

    def test_names_no_folder_of_this_machine(self) -> None:
        """The paths of shipped rules are kept below the folder that they stand in."""
        rest = sections(to_bytes(load_shipped()))["rest"]
        assert str(Path(__file__).parent.parent).encode() not in rest

    def test_cleans_alike(self, tmp_path: Path) -> None:
        """A cleaner of the file does what one of the YAML does, and its results name the same rules."""
        write_compiled(load_shipped(), tmp_path / "all.rules")
        classes = ["ad", "comments", "newsletter", "related"]
        from_file, from_yaml = Cleaner(tmp_path / "all.rules", only=classes), Cleaner(only=classes)
        seeds = [path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))]
        for text in (NOISY, *seeds):
            assert from_file.clean(text) == from_yaml.clean(text)
        assert len(seeds) == 5

    def test_half_a_character_is_refused(self) -> None:
        """What UTF-8 cannot hold is no content of a file; the set itself can be told by a digest all the same."""
        known = {"id": "tests.one", "class": "ad", "why": "A half character.", "span": {"re": "Zorble \ud800"}}
        one = Rule.model_validate({**known, "tests": [{"in": "a", "out": "b"}, {"keep": "a"}]})
        ruleset = Ruleset((one,), (), {}, {})
        assert len(ruleset.digest) == 24
        with pytest.raises(RuleError, match=r"rule tests\.one: cannot be written as UTF-8"):
            to_bytes(ruleset)


class TestReading:
    def test_reads_no_rule_that_is_not_asked_for(self) -> None:
        """Reading the file, its digest, choosing rules by class and writing it again leave all rules unread."""
        got = read_compiled(to_bytes(load_shipped()))
        some = choose(got, ("ad", "generic.related-list"), ("generic.ad-label",))
        assert (got.digest, len(some.heads) > 5) == (load_shipped().digest, True)
        assert pickle.loads(pickle.dumps(some)).digest == some.digest
        assert (got.held.read, some.held.read) == (0, 0)
        assert some["generic.related-list"] == load_shipped()["generic.related-list"]
        assert (got.held.read, some.held.read) == (0, 1)
        assert {one.kind for one in some.of_kind("line")} == {"line"}
        assert some.held.read < len(some.heads)

    def test_chosen_rules_have_the_digest_of_exactly_these(self, tmp_path: Path, small: Ruleset) -> None:
        """The digest says what runs, however the rules were chosen and wherever they were read from."""
        got = read_compiled(to_bytes(small))
        chosen = [got.pick(["tests.two"]), small.pick(["tests.two"]), small.only([small["tests.two"]])]
        assert len({one.digest for one in chosen}) == 1
        assert chosen[0].digest != got.digest
        (tmp_path / "alone").mkdir()
        assert chosen[0].digest == load(tmp_path / "alone", HEAD + RULES[1], TERMS).digest

    def test_an_unknown_id_is_a_key_error(self, small: Ruleset) -> None:
        """As in any mapping."""
        with pytest.raises(KeyError):
            read_compiled(to_bytes(small))["tests.none"]

    def test_rules_are_a_sequence(self, small: Ruleset) -> None:
        """Slices, negative places and lengths are those of a tuple."""
        rules = read_compiled(to_bytes(small)).rules
        plain = tuple(small.rules)
        assert (rules[-1], rules[:2], len(rules)) == (plain[-1], plain[:2], len(plain))
        assert rules == plain
        assert rules != plain[:1]


class TestRefusing:
    """Every refusal is a `RuleError` that says what was found and what to do."""

    def refusal(self, content: bytes, place: Path) -> str:
        (place / "my.rules").write_bytes(content)
        with pytest.raises(RuleError) as found:
            read_compiled(place / "my.rules")
        assert found.value.path == str(place / "my.rules")
        assert "cleaner rules compile" in str(found.value)
        return found.value.reason

    def test_damage_at_any_byte(self, small: Ruleset) -> None:
        """One byte changed, wherever it stands, and the file is refused."""
        content = to_bytes(small)
        for place in range(len(content)):
            with pytest.raises(RuleError):
                read_compiled(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])

    def test_cut_short_anywhere(self, small: Ruleset) -> None:
        """A part of a file is refused, however much of it is there, and so is one with something behind it."""
        content = to_bytes(small)
        for short in (*(content[:size] for size in range(len(content))), content + b"\0", content * 2):
            with pytest.raises(RuleError):
                read_compiled(short)

    @given(st.binary(max_size=300), st.booleans())
    def test_anything_else(self, content: bytes, begins: bool) -> None:
        """Foreign bytes are refused, also behind a proper first line."""
        with pytest.raises(RuleError):
            read_compiled(module._MAGIC + b"%d\n" % module.FORMAT + content if begins else content)

    def test_tells_damage_from_foreign_files(self, tmp_path: Path, small: Ruleset) -> None:
        """The reason says which of the two it is."""
        assert "damaged or cut short" in self.refusal(to_bytes(small)[:-1], tmp_path)
        assert self.refusal(b"rules: []", tmp_path) == "no compiled set of rules"
        with pytest.raises(RuleError, match="cannot be read: No such file"):
            read_compiled(tmp_path / "none.rules")

    def test_other_formats_andversions(self, tmp_path: Path, small: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
        """What another version wrote is not guessed at: its rules may mean something else there."""
        content = to_bytes(small)
        assert f"of format {module.FORMAT}; this version reads format 7" in self.format(content, tmp_path, monkeypatch)
        assert self.refusal(forge(content, cleaner="9.9"), tmp_path).startswith("compiled by version 9.9; this is ")

    def format(self, content: bytes, place: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        with monkeypatch.context() as patch:
            patch.setattr(module, "FORMAT", 7)
            return self.refusal(content, place)

    @pytest.mark.parametrize(
        "changed",
        [
            {"heads": b"{}"},
            {"heads": b"[1"},
            {"rest": b'{"terms": 3}'},
            {"rules": b""},
            {"rules": b"{}"},
            {"sections": [["rest", "json", 3]]},
            {"sections": [["rest", "json", -1]]},
            {"sections": [["rest", "pickle", 1]]},
            {"sections": 1},
            {"digest": "0" * 24},
            {"digest": "\x1b[2J"},
            {"cleaner": "9.9\nOK"},
        ],
        ids=str,
    )
    def test_forged_files(self, tmp_path: Path, small: Ruleset, changed: dict[str, Any]) -> None:
        """A proper checksum over anything else than a set makes no set of it."""
        reason = self.refusal(forge(to_bytes(small), **changed), tmp_path)
        assert reason.isprintable()
        assert len(reason) < 200

    def test_bombs(self, tmp_path: Path, small: Ruleset, monkeypatch: pytest.MonkeyPatch) -> None:
        """A section that would fill the memory is refused before it is unpacked."""
        monkeypatch.setattr(module, "_MOST", 1 << 20)
        reason = self.refusal(forge(to_bytes(small), rules=b" " * (2 << 20)), tmp_path)
        assert "the section 'rules' claims to hold 2097152 bytes" in reason

    @pytest.mark.parametrize(
        ("old", "new"),
        [(b"Zorble", b"Zarble"), (b"tests.two", b"tests.owt"), (b'"line"', b'"lime"')],
        ids=["pattern", "id", "key"],
    )
    def test_a_rule_is_the_one_it_is_listed_as(self, small: Ruleset, old: bytes, new: bytes) -> None:
        """A rule that is not what digest and head say is refused when it is asked for, by file and line."""
        content = to_bytes(small)
        got = read_compiled(forge(content, rules=sections(content)["rules"].replace(old, new)))
        with pytest.raises(RuleError, match=rf"{small['tests.two'].path}:\d+: rule tests\.two: compiled, but "):
            _ = got["tests.two"]

    def test_what_rules_refer_to_must_be_there(self, small: Ruleset) -> None:
        """A set that was not checked by the loader fails with the name of what is missing, not with a traceback."""
        for missing, name in (({"terms": {}}, r"\$ad\.label"), ({"patterns": {}}, r"\{\{age\}\}")):
            with pytest.raises(RuleError, match=name):
                Cleaner(read_compiled(to_bytes(replace(small, **missing))))


class TestIndex:
    INDEX = {"literals": {"tests.one": ["advertisement"]}, "gates": b"\0\1\xff", "empty": b""}  # noqa: RUF012

    def test_comes_back(self, tmp_path: Path, small: Ruleset) -> None:
        """JSON values and bytes, by name; a set from YAML has no index."""
        module.write_compiled(small, tmp_path / "my.rules", index=self.INDEX)
        got = read_compiled(tmp_path / "my.rules")
        assert small.index is None
        assert got.index is not None
        assert (got.index, len(got.index)) == (self.INDEX, 3)
        assert got == small

    def test_travels(self, small: Ruleset) -> None:
        """It stays where rules are chosen, written again or sent elsewhere."""
        got = read_compiled(to_bytes(small, self.INDEX))
        assert pickle.loads(pickle.dumps(got.pick(["tests.one"]))).index == self.INDEX
        assert to_bytes(got) == to_bytes(small, self.INDEX)
        assert read_compiled(to_bytes(got, {})).index is None

    def test_goes_with_what_it_speaks_of(self, tmp_path: Path, small: Ruleset) -> None:
        """It stays beside further rules, changed ones and other phrases: what it speaks of it knows by digests."""
        module.write_compiled(small, tmp_path / "my.rules", index=self.INDEX)
        (tmp_path / "more.yaml").write_text(
            f"rules:\n{rule('line: {eq: Zorble}', name='tests.more')}", encoding="utf-8"
        )
        (tmp_path / "terms.yaml").write_text("lang: en\nterms: {ad.label: [Zorble notice]}\n", encoding="utf-8")
        with_rule = load_rules([tmp_path / "my.rules", tmp_path / "more.yaml"])
        with_term = load_rules([tmp_path / "my.rules", tmp_path / "terms.yaml"])
        assert with_rule.only(with_rule.rules[:1]).index is with_rule.index
        assert with_rule.index == with_term.index == self.INDEX

    def test_values_that_no_file_can_hold(self, small: Ruleset) -> None:
        """They are refused when the file is written."""
        with pytest.raises(RuleError, match="the set cannot be written"):
            to_bytes(small, {"odd": object()})


class TestLoading:
    """A compiled file goes wherever a rule file goes."""

    @pytest.fixture
    def file(self, tmp_path: Path, small: Ruleset) -> Path:
        write_compiled(small, tmp_path / "odd.yaml")
        return tmp_path / "odd.yaml"

    @pytest.fixture
    def more(self, tmp_path: Path) -> Path:
        text = f"rules:\n{rule('line: {eq: [Zorble, $ad.label]}', name='tests.more')}"
        (tmp_path / "more.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "more.yaml"

    def test_is_known_by_its_content(self, file: Path, small: Ruleset) -> None:
        """Its name may end in anything."""
        assert load_rules([file]) == load_set([file]) == small

    def test_stands_in_for_the_shipped_rules(self, file: Path, more: Path) -> None:
        """It holds all it was compiled from: other files are laid on top of it, not of the shipped rules."""
        assert [head.id for head in Cleaner(file).ruleset.heads] == ["tests.one", "tests.two"]
        both = Cleaner([more, file]).ruleset
        assert [head.id for head in both.heads] == ["tests.more", "tests.one", "tests.two"]
        assert len(load_set([more]).heads) == len(load_shipped().heads) + 1

    def test_further_files_leave_its_rules_unread(self, file: Path, more: Path) -> None:
        """Only what is new is checked."""
        assert load_rules([file, more]).held.read == 1

    def test_is_the_same_set_as_its_files_together(self, file: Path, more: Path, tmp_path: Path) -> None:
        """Compiled and then extended, or all from YAML: one digest."""
        plain = load_rules([tmp_path / "00.yaml", tmp_path / "01.yaml", more])
        assert load_rules([file, more]) == plain
        assert load_rules([file, more]).digest == plain.digest

    def test_a_file_it_was_made_of_is_refused_beside_it(self, file: Path, tmp_path: Path) -> None:
        """Its rules are there already."""
        with pytest.raises(RuleError, match=r"this id is taken\. This file stands twice .* compiled set"):
            load_rules([file, tmp_path / "00.yaml"])

    def test_is_laid_on_nothing(self, file: Path, small: Ruleset) -> None:
        """Two whole sets are no set, nor is one on top of other rules."""
        with pytest.raises(RuleError, match="whole and cannot be laid on other rules"):
            load_rules([file], base=small)
        with pytest.raises(RuleError, match=r"whole and cannot be laid on .*odd\.yaml"):
            load_rules([file, file])


class TestWriting:
    def test_a_file_appears_whole_or_not_at_all(
        self, tmp_path: Path, small: Ruleset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where writing fails the old file stays, and nothing is left beside it."""
        write_compiled(small, tmp_path / "my.rules")
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}

        def refuse(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(module.os, "fsync", refuse)
        with pytest.raises(OutputError, match=r"my\.rules cannot be written: No space left on device"):
            write_compiled(small.pick([]), tmp_path / "my.rules")
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before

    def test_no_folder(self, tmp_path: Path, small: Ruleset) -> None:
        """A place that is not there is named."""
        with pytest.raises(OutputError, match="cannot be written: No such file"):
            write_compiled(small, tmp_path / "none" / "my.rules")


class TestTravelling:
    def test_a_cleaner_is_rebuilt_from_bytes(self, small: Ruleset) -> None:
        """Rules travel compiled, not as objects; one that runs only when named runs on, and so does its digest."""
        cleaner = Cleaner(small, only=["tests.one", "tests.box"])
        sent = pickle.dumps(cleaner)
        again = pickle.loads(sent)
        assert b"pydantic" not in sent
        assert again.ruleset == cleaner.ruleset
        assert [head.id for head in again.ruleset.heads] == ["tests.box", "tests.one"]
        assert again.clean(NOISY) == cleaner.clean(NOISY)
        assert again.clean(NOISY).rules_digest == cleaner.ruleset.digest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pack.yaml").write_text(FILES[0], encoding="utf-8")
    (tmp_path / "terms.yaml").write_text(TERMS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    small = load_rules([tmp_path / "pack.yaml", tmp_path / "terms.yaml"])
    monkeypatch.setattr("cleaner.rules.load.load_shipped", lambda: small)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["rules", *args])


@pytest.mark.usefixtures("here")
class TestCommand:
    MORE = f"rules:\n{rule('line: {eq: Zorble announcement}', name='tests.more')}"

    def test_compile_tells_number_size_and_digest(self, tmp_path: Path) -> None:
        """In one line, or as JSON."""
        told = json.loads(run("compile", "-o", "my.rules", "--json").stdout)
        size = (tmp_path / "my.rules").stat().st_size
        assert told == {"path": "my.rules", "rules": 3, "bytes": size, "digest": read_compiled("my.rules").digest}
        assert run("compile", "-o", "my.rules").stdout == f"my.rules: 3 rules, {size} bytes, digest {told['digest']}\n"

    def test_list_and_show_read_it(self, tmp_path: Path) -> None:
        """They say of a compiled rule what they say of the YAML: the file and line that it came from."""
        (tmp_path / "more.yaml").write_text(self.MORE, encoding="utf-8")
        assert run("compile", "-o", "my.rules", "--rules", "more.yaml").exit_code == 0
        for command in (["list"], ["list", "--json"], ["show", "tests.more"], ["show", "tests.one", "--json"]):
            from_yaml, from_file = (run(*command, "--rules", name) for name in ("more.yaml", "my.rules"))
            assert from_yaml.exit_code == from_file.exit_code == 0
            assert from_yaml.stdout == from_file.stdout
        assert "more.yaml:2" in run("show", "tests.more", "--rules", "my.rules").stdout

    def test_writes_over_no_other_file(self, tmp_path: Path) -> None:
        """A slip such as `-o pack.yaml` does not cost the pack."""
        got = run("compile", "-o", "pack.yaml")
        assert (got.exit_code, (tmp_path / "pack.yaml").read_text(encoding="utf-8")) == (2, FILES[0])
        assert "pack.yaml is there and holds no compiled rules" in got.stderr

    @pytest.mark.parametrize("matcher", ['line: {re: "Zorble (", has: Zorble}', "select: {css: 'p:first-child'}"])
    def test_rules_that_cannot_run_are_refused(self, tmp_path: Path, matcher: str) -> None:
        """Broken patterns and selectors show when the file is made, not when it is used."""
        (tmp_path / "more.yaml").write_text(f"rules:\n{rule(matcher, name='tests.more')}", encoding="utf-8")
        got = run("compile", "-o", "my.rules", "--rules", "more.yaml")
        assert (got.exit_code, (tmp_path / "my.rules").exists()) == (2, False)
        assert "more.yaml:2: rule tests.more" in got.stderr

    def test_a_damaged_file_is_one_line_and_exit_code_2(self, tmp_path: Path) -> None:
        """No traceback, and what to do."""
        run("compile", "-o", "my.rules")
        (tmp_path / "my.rules").write_bytes((tmp_path / "my.rules").read_bytes()[:-9])
        got = run("list", "--rules", "my.rules")
        assert (got.exit_code, got.stderr.count("\n")) == (2, 1)
        assert got.stderr.startswith("cleaner: my.rules: damaged or cut short")


class TestLike:
    """A cleaner made like another one finds what it would find by itself."""

    def test_what_is_compiled_serves_both(self, tmp_path: Path) -> None:
        """A matcher of one rule is made once for both, and a changed rule is its own."""
        text = f"{PROSE}\nAdvertisement\nShare this story\n{MORE}"
        one = load(
            tmp_path,
            "rules:\n" + rule("line: {eq: Advertisement}") + rule("line: {eq: Share this story}", name="tests.two"),
        )
        first = Cleaner(one)
        assert [cut.rules for cut in first.clean(text).cuts] == [("tests.one",), ("tests.two",)]
        changed = load_text("rules:\n" + rule("line: {eq: Nothing at all}"), "draft", one)
        second = Cleaner(changed, like=first)
        assert [cut.rules for cut in second.clean(text).cuts] == [("tests.two",)]
        assert [cut.rules for cut in first.clean(text).cuts] == [("tests.one",), ("tests.two",)]
        assert second._sweeper._rules[1] is first._sweeper._rules[1]
        assert second._sweeper._rules[0] is not first._sweeper._rules[0]

    def test_other_patterns_share_nothing(self, tmp_path: Path) -> None:
        """Where a pattern of the same name says something else, the same rule is compiled anew."""
        one = rule("line: {re: '{{what}} here'}")
        sets = []
        for what in ("Advert", "Promo"):
            (tmp_path / what).mkdir()
            sets.append(load(tmp_path / what, f"patterns: {{what: {what}}}\nrules:\n{one}"))
        first, text = Cleaner(sets[0]), f"{PROSE}\nAdvert here\n{MORE}\nPromo here\n{LAST}"
        assert [cut.text.strip() for cut in first.clean(text).cuts] == ["Advert here"]
        assert [cut.text.strip() for cut in Cleaner(sets[1], like=first).clean(text).cuts] == ["Promo here"]
