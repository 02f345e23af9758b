"""A cleaner starts with what is known of its rules: kept or derived, it is the same, and wrong rules are told at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import cleaner.rules.load
from cleaner import Cleaner, RuleError, Ruleset, load_rules, write_compiled
from cleaner.match import stock
from cleaner.match.needs import Need, Needs
from cleaner.match.rulebook import Rulebook, compile_rule
from cleaner.match.stock import Stock, gather, index_of, shipped
from cleaner.rules import cache, compiled
from cleaner.rules.atoms import is_sound
from cleaner.rules.cache import VARIABLE, keep_shipped, read_shipped
from cleaner.rules.compiled import read_compiled, to_bytes
from cleaner.rules.load import load_set, load_shipped, shipped_rules
from cleaner.rules.resolve import Resolver
from tests import making
from tests.making import LAST, MORE, PROSE, load, rule
from tests.variants.build import build

TEXTS = [row["text"] for row in build()][::6]
PARTS = [*"ab-|()[]^\\{}*+?.$: <>=!iP", "(?:", "(?P<x>", "(?P<1>", "[^", "\\p{L}", "\\p{Q}", "[:alpha:]", "[:q:]", "{2}", "{,4}", "{e}", "\\b", "\\]", "\\x41", "\\u004", "&&", "--", "(?i)", "(?i:", "0-9", "z-a"]  # fmt: skip


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the cache in a folder of the test's own, and forget what was loaded from there."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    load_shipped.cache_clear()
    yield
    load_shipped.cache_clear()


@pytest.fixture(scope="module")
def plain() -> Ruleset:
    """The shipped rules as their files have them."""
    return load_rules([shipped_rules()])


@pytest.fixture(scope="module")
def kept(plain: Ruleset) -> bytes:
    """The shipped rules with what is derived from them, as a file holds them."""
    return to_bytes(plain, index_of(plain))


@pytest.fixture(scope="module")
def derived(plain: Ruleset) -> list[Need]:
    """What each shipped rule for texts needs."""
    return [compile_rule(one, plain).need for one in plain.rules if one.kind != "select"]


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of two rules, in the place of the shipped ones."""
    folder = tmp_path / "rules"
    folder.mkdir()
    load(folder, "rules:\n" + rule("line: {eq: Zorble box}", name="t.box") + rule("line: {eq: Zorble}", name="t.plain"))
    for module in (cache, compiled, cleaner.rules.load):
        monkeypatch.setattr(module, "shipped_rules", lambda: folder)
    return folder


def needs(ruleset: Ruleset) -> list[tuple[set[tuple[str, int]], Any, list[int]]]:
    """Return what each rule needs, whatever numbers its literals have."""
    found, _ = gather(Rulebook(ruleset))
    names = found.lexicon.names
    return [
        ({names[n] for n in found.literals[a:b].tolist()}, plainly(found.gates.get(row)), found.rooms[row].tolist())
        for row, (a, b) in enumerate(pairwise(found.bounds.tolist()))
    ]


def plainly(gate: Any) -> tuple[type, dict[str, Any]]:
    """Return what a gate asks for, as far as it is no method of a matcher."""
    told = {name: getattr(gate, name) for name in getattr(gate, "__slots__", ())}
    return type(gate), {name: value for name, value in told.items() if not callable(value)}


class TestKept:
    def test_is_what_is_derived(self, plain: Ruleset, kept: bytes) -> None:
        """Of every rule, in whatever choice of them, the file tells what the rule itself does."""
        read = read_compiled(kept)
        assert needs(read) == needs(plain)
        some = [head.id for head in plain.heads][::7]
        assert needs(read.pick(some)) == needs(plain.pick(some))

    def test_no_rule_is_read_until_it_may_match(self, kept: bytes) -> None:
        """A cleaner of the file reads no rules but those whose gates no file holds, and those that its texts stir."""
        cleaner = Cleaner(read_compiled(kept))
        bound = sum(head.kind in ("dup", "score") for head in cleaner.ruleset.heads)
        assert cleaner.ruleset.held.read <= bound < 10
        cleaner.clean(f"{PROSE}\n{MORE}\n{LAST}")
        assert cleaner.ruleset.held.read < 100

    def test_cleans_alike(self, plain: Ruleset, kept: bytes) -> None:
        """With all rules, with some, and with further ones on top, results are those of the rules from YAML."""
        read = read_compiled(kept)
        some = {"only": ["ad", "newsletter", "comments"]}, {"without": ["related"]}
        for options, texts in (({}, TEXTS), *((chosen, TEXTS[::4]) for chosen in some)):
            one, two = Cleaner(read, **options), Cleaner(plain, **options)  # type: ignore[arg-type]
            for text in texts:
                assert one.clean(text) == two.clean(text)
            for text, url in ((TEXTS[0], "https://thehill.com/a"), (TEXTS[1], "https://www.washingtonpost.com/b")):
                assert one.clean(text, url) == two.clean(text, url)

    def test_threads_share_a_cleaner_whose_matchers_are_not_made_yet(self, kept: bytes) -> None:
        """Whichever thread makes a matcher first, all find the same."""
        fresh, some = Cleaner(read_compiled(kept)), TEXTS[::4]
        alone = [making.shipped().clean(text) for text in some]
        with ThreadPoolExecutor(4) as pool:
            for together in pool.map(lambda _: [fresh.clean(text) for text in some], range(4)):
                assert together == alone

    def test_written_again_it_is_the_same(self, kept: bytes) -> None:
        """Derived from a set that was read, the index is the one that was read."""
        read = read_compiled(kept)
        assert to_bytes(read, index_of(read)) == kept

    def test_knows_rules_by_their_digests(self, tmp_path: Path) -> None:
        """A changed rule is derived anew."""
        small = load(tmp_path, "rules:\n" + "".join(rule(f"line: {{eq: Zorble {n}}}", name=f"t.r{n}") for n in (1, 2)))
        read = read_compiled(to_bytes(small, index_of(small)))
        changed = read["t.r1"].model_copy(update={"line": small["t.r2"].line})
        both = read.only([changed, read["t.r2"]])
        assert [words for words, _, _ in needs(both)] == [{("zorble 2", 61 & 0b11101)}] * 2
        assert Cleaner(both).clean(f"{PROSE}\nZorble 1\n{MORE}").cuts == ()
        assert Cleaner(both).clean(f"{PROSE}\nZorble 2\n{MORE}").cuts != ()

    def test_knows_what_rules_refer_to(self, tmp_path: Path) -> None:
        """Where a phrase, or a part of a pattern inside another, changed, the rules that use it are derived anew."""
        rules = (
            rule("line: {eq: $ad.label}", name="t.term"),
            rule('line: {re: "Zorble {{outer}} ago"}', name="t.pattern"),
            rule("line: {eq: Zorble}", name="t.plain"),
        )
        parts = 'patterns: {outer: "in {{inner}}", inner: "May|June"}\nrules:\n'
        terms = "lang: en\nterms: {ad.label: [Advertisement], other.label: [Zorble box]}\n"
        read = read_compiled(to_bytes(small := load(tmp_path, parts + "".join(rules), terms), index_of(small)))
        digest = {head.id: head.digest for head in read.heads}
        (tmp_path / "more.yaml").write_text("lang: fr\nterms: {ad.label: [Zorble notice], my.own: [Le quai]}\n")
        (tmp_path / "my.rules").write_bytes(to_bytes(read))
        more = load_rules([tmp_path / "my.rules", tmp_path / "more.yaml"])
        assert known(more) == {digest["t.pattern"], digest["t.plain"]}
        assert Cleaner(more).clean(f"{PROSE}\nZorble notice\n{MORE}").cuts
        changed = replace(read, patterns={**read.patterns, "inner": "July"})
        assert known(changed) == {digest["t.term"], digest["t.plain"]}
        assert known(read) == set(digest.values())

    def test_other_code_derives_anew(self, plain: Ruleset, kept: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """What other code derived is not taken."""
        read = read_compiled(kept)
        assert Stock.of(read) is not None
        assert Stock.of(plain) is None
        monkeypatch.setattr(stock, "origin", lambda: "another")
        assert Stock.of(read_compiled(kept)) is None

    @pytest.mark.parametrize(
        "changed",
        [
            {"needs literals": b"\xff" * 8},
            {"needs sizes": b"\1"},
            {"needs rooms": b""},
            {"needs gates": [[0, "Nothing", {}]]},
            {"needs gates": [[1 << 40, "Always", {}]]},
            {"needs gates": 3},
            {"needs lexicon texts": ["a"]},
            {"needs lexicon literal": b"\xff" * 8},
            {"prose grams": b"\1\0\0\0\0\0\0\0"},
            {"rules": ["0"]},
            {"shared": [["$ad.label", "0", [1 << 40]]]},
            {"rules": None},
        ],
        ids=str,
    )
    def test_an_index_that_does_not_fit_is_passed_over(self, kept: bytes, changed: dict[str, Any]) -> None:
        """What no code of ours wrote is derived from the rules."""
        read = read_compiled(kept)
        assert read.index is not None
        forged = read_compiled(
            to_bytes(read, {**{n.removeprefix("index "): read.index[n] for n in read.index}, **changed})
        )
        assert Stock.of(forged) is None


class TestWrong:
    @pytest.mark.parametrize(
        ("matcher", "reason"),
        [
            ('line: {re: "Zorble (ago"}', "broken pattern: missing"),
            ('line: {re: "Zorble \\\\p{Nothing} ago"}', "broken pattern: unknown property"),
            ('span: {re: "Zorble (?=ago)"}', "outside the RE2-safe subset"),
            ("line: {len: [3, 9]}", "no literal can be derived"),
        ],
    )
    def test_rules_are_told_when_the_cleaner_is_made(
        self, kept: bytes, tmp_path: Path, matcher: str, reason: str
    ) -> None:
        """Not when a text stirs them: by file and line, also on top of rules that are kept."""
        keep_shipped(lambda path: path.write_bytes(kept))
        (tmp_path / "wrong.yaml").write_text(f"rules:\n{rule(matcher)}", encoding="utf-8")
        for files in (load_rules([tmp_path / "wrong.yaml"]), load_set([tmp_path / "wrong.yaml"], shipped)):
            with pytest.raises(RuleError, match=rf"wrong\.yaml:2: rule tests\.one, field \w+: .*{reason}"):
                Cleaner(files)

    def test_no_file_is_written_of_wrong_rules(self, tmp_path: Path) -> None:
        """A compiled file holds rules that work."""
        with pytest.raises(RuleError, match="broken pattern"):
            write_compiled(load(tmp_path, "rules:\n" + rule('line: {re: "Zorble (ago"}')), tmp_path / "my.rules")
        assert not (tmp_path / "my.rules").exists()

    @given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=9).map("".join))
    def test_a_sound_pattern_can_be_compiled(self, plain: Ruleset, text: str) -> None:
        """What is not compiled when rules are loaded can be later."""
        try:
            pattern = Resolver(plain, plain.rules[0]).pattern(text)
        except RuleError:
            return
        if is_sound(pattern):
            regex.compile(pattern)


class TestCache:
    def test_is_written_once_and_read_from_then_on(self, plain: Ruleset) -> None:
        """The first cleaner derives, the next ones read; what they hold is what stands in the files."""
        assert read_shipped() is None
        first = shipped()
        assert len(list(place().iterdir())) == 1
        again = read_shipped()
        assert again is not None
        assert first == again == plain
        assert (first.digest, Stock.of(again) is None, shipped()) == (plain.digest, False, first)
        rules = first.rules
        assert [(one.path, one.lineno) for one in rules] == [(one.path, one.lineno) for one in plain.rules]

    def test_says_file_and_line(self, few: Path, tmp_path: Path) -> None:
        """Of rules that were cached, errors say where they stand."""
        shipped()
        taken = load_shipped().heads[-1]
        assert (load_shipped().index is None, taken.path) == (False, str(few / "00.yaml"))
        (tmp_path / "more.yaml").write_text(f"rules:\n{rule('line: {eq: Zorble}', name=taken.id)}", encoding="utf-8")
        with pytest.raises(RuleError, match=rf"this id is taken\. {taken.path}:{taken.lineno} has it"):
            load_set([tmp_path / "more.yaml"])

    def test_follows_the_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A changed rule file, another version and other code have files of their own."""
        assert keep_shipped(lambda path: path.write_bytes(b"a"))
        folder = tmp_path / "rules"
        folder.mkdir()
        (folder / "one.yaml").write_text(f"rules:\n{rule('line: {eq: Zorble}')}", encoding="utf-8")
        monkeypatch.setattr(cache, "shipped_rules", lambda: folder)
        keep_shipped(lambda path: path.write_bytes(b"b"))
        (folder / "one.yaml").write_text(f"rules:\n{rule('line: {eq: Zorbles}')}", encoding="utf-8")
        keep_shipped(lambda path: path.write_bytes(b"c"))
        monkeypatch.setattr(cache, "origin", lambda: "another")
        keep_shipped(lambda path: path.write_bytes(b"d"))
        assert sorted(path.read_bytes() for path in place().iterdir()) == [b"a", b"b", b"c", b"d"]

    def test_keeps_few_files(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Those that were not used for longest go; files of others stay."""
        place().mkdir()
        (place() / "notes.txt").write_text("mine")
        for state in range(9):
            monkeypatch.setattr(cache, "origin", lambda state=state: str(state))
            keep_shipped(lambda path, state=state: path.write_bytes(b"%d" % state))
            os.utime(
                next(path for path in place().glob("*.rules") if path.read_bytes() == b"%d" % state), (state, state)
            )
        assert sorted(path.read_bytes() for path in place().iterdir()) == [b"5", b"6", b"7", b"8", b"mine"]

    @pytest.mark.parametrize("word", ["off", "OFF", "no", "0"])
    def test_can_be_switched_off(self, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
        """Then nothing is read and nothing written."""
        monkeypatch.setenv(VARIABLE, word)
        assert not keep_shipped(lambda path: path.write_bytes(b"x"))
        assert read_shipped() is None

    @pytest.mark.parametrize("content", [b"", b"compiled rules of cleaner, format 2\n", b"rules: []"])
    @pytest.mark.usefixtures("few")
    def test_a_damaged_file_is_as_good_as_none(self, content: bytes) -> None:
        """Rules are read from their files, and the cache is written anew."""
        assert keep_shipped(lambda path: path.write_bytes(content))
        assert read_shipped() is None
        assert load_shipped().index is None
        assert Stock.of(shipped()) is not None

    def test_no_place_for_it_is_no_error(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nothing can be written everything works as if there were no cache."""
        (tmp_path / "cache").write_text("a file where the folder would be")
        assert shipped().index is None
        monkeypatch.setattr(Path, "home", classmethod(no_home))
        for name in (VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(name, raising=False)
        assert not keep_shipped(lambda path: path.write_bytes(b"x"))

    @pytest.mark.parametrize(
        ("platform", "known", "expected"),
        [
            ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/cleaner-news"),
            ("linux", {}, "/home/one/.cache/cleaner-news"),
            ("darwin", {"XDG_CACHE_HOME": "/x"}, "/home/one/Library/Caches/cleaner-news"),
            ("win32", {"LOCALAPPDATA": "/local"}, "/local/cleaner-news/Cache"),
            ("win32", {}, "/home/one/AppData/Local/cleaner-news/Cache"),
            ("linux", {VARIABLE: "/mine"}, "/mine"),
        ],
    )
    def test_stands_where_the_system_keeps_caches(
        self, monkeypatch: pytest.MonkeyPatch, platform: str, known: dict[str, str], expected: str
    ) -> None:
        """Or where the user says."""
        for name in (VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(name, raising=False)
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(cache.sys, "platform", platform)
        monkeypatch.setattr(Path, "home", classmethod(lambda _: Path("/home/one")))
        assert cache._folder() == Path(expected)


def known(ruleset: Ruleset) -> set[str]:
    """Return the digests of the rules of which something is kept."""
    stock = Stock.of(ruleset)
    assert stock is not None
    return set(stock.rows)


def place() -> Path:
    return Path(os.environ[VARIABLE])


def no_home(_: object) -> Path:
    raise RuntimeError("no home")


class TestNeeds:
    def test_join_keeps_a_literal_once(self, derived: list[Need]) -> None:
        """Needs put side by side and picked in any order are those of the rules, and shared literals stay one."""
        some = derived[::9]
        half = len(some) // 2
        both = Needs.of(some[:half]).join(Needs.of(some[half:]))
        assert len(both.lexicon) == len(set(both.lexicon.names)) == len(Needs.of(some).lexicon)
        order = list(range(len(some)))[::-1]
        assert told(both.pick(order)) == told(Needs.of(some[::-1]))
        assert told(both.waive([0])) == [(set(), True), *told(both)[1:]]

    def test_comes_back_from_a_file(self, derived: list[Need]) -> None:
        """Packed and unpacked, all is as it was."""
        found = Needs.of(derived)
        again = Needs.unpack(found.pack())
        assert {row: found.gates[row] for row in again.gates} == again.gates
        assert again.untold == found.gates.keys() - again.gates.keys()
        assert len(again.untold) < 10
        assert again.lexicon.names == found.lexicon.names
        for one, two in ((found, again), (found.lexicon, again.lexicon)):
            for name in ("literals", "bounds", "rooms", "codes", "wanted", "kinds", "literal", "shift"):
                if hasattr(one, name):
                    assert np.array_equal(getattr(one, name), getattr(two, name)), name

    def test_nothing(self) -> None:
        """No rules need nothing."""
        assert len(Needs.unpack(Needs.of([]).pack())) == 0
        assert Cleaner(Ruleset((), (), {}, {})).clean(PROSE).cuts == ()


def told(found: Needs) -> list[tuple[set[tuple[str, int]], bool]]:
    names = found.lexicon.names
    bounds = found.bounds.tolist()
    return [
        ({names[n] for n in found.literals[a:b].tolist()}, row in found.gates)
        for row, (a, b) in enumerate(pairwise(bounds))
    ]
