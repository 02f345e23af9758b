"""What the speed is measured on: packs like the shipped one, corpora with known cuts, and ratios with their targets."""

from __future__ import annotations

import doctest
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from benchmarks import packs, prose, vocabulary
from benchmarks.corpora import MEDIAN, NOISY, Corpus, clean, noisy, titled
from benchmarks.likeness import count_words, grams, labels, repeats, says_again, take
from benchmarks.packs import SEED, Maker, Mark, Pack, Shares, frames, spread, text_rules, write_pack
from benchmarks.peers import line_loop
from benchmarks.processes import Run, clean_apart, repeat
from benchmarks.prose import Author
from benchmarks.speed import (
    FLAT,
    JOBS,
    JOBS_RUNNING,
    PARTS,
    SPLIT,
    TARGETS,
    check,
    clean_file,
    copy_file,
    main,
    measure,
    parse,
    peer_works,
    ratios,
    records,
    run_jobs,
    settled,
    target_table,
)
from benchmarks.speed import Work as Timed
from benchmarks.wording import LANGUAGES, Writer
from cleaner.bench.peer import Peer
from cleaner.clean import Cleaner
from cleaner.match.sweep import compile_rule
from cleaner.rules.load import Ruleset, load_rules, load_shipped
from cleaner.rules.schema import Rule
from cleaner.trial import run_trials

MADE = 60


def make(count: int, seed: int = SEED) -> tuple[list[dict[str, Any]], Maker]:
    maker = Maker(Writer(Random(seed)))
    return list(maker.make(count)), maker


def load(count: int, seed: int = SEED) -> tuple[Ruleset, tuple[Mark, ...]]:
    """Load generated rules alone, over the shipped terms."""
    rules, maker = make(count, seed)
    with TemporaryDirectory() as folder:
        write_pack(Path(folder), rules, maker.terms)
        loaded = load_rules([folder], base=load_shipped())
    ids = {rule["id"] for rule in rules}
    return loaded.only([rule for rule in loaded.rules if rule.id in ids], ()), tuple(maker.marks)


@cache
def generated() -> Pack:
    return Pack(*load(MADE))


@cache
def full() -> Sequence[Rule]:
    """Return generated rules of all frames."""
    return load(len(frames()))[0].rules


@cache
def corpus() -> Corpus:
    return clean(0.15)


@cache
def gated() -> list[Any]:
    return [rule for rule in text_rules() if compile_rule(rule, load_shipped()).literals is not None]


def test_generated_rules_have_the_shares_of_the_shipped_ones() -> None:
    ours, theirs = Shares.of(generated().ruleset.rules), Shares.of(gated())
    for kind, share in theirs.kinds.items():
        assert ours.kinds.get(kind, 0) == pytest.approx(share, abs=0.02), kind
    for name in ("bound", "termed", "patterned"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), abs=0.08), name


def test_generated_phrases_are_as_many_and_as_long_over_all_frames() -> None:
    ours, theirs = Shares.of(full()), Shares.of(gated())
    assert ours.phrases == pytest.approx(theirs.phrases, rel=0.25)
    assert ours.length == pytest.approx(theirs.length, rel=0.35)
    assert ours.short == pytest.approx(theirs.short, abs=0.05)


def test_generated_rules_hold_short_and_common_words() -> None:
    """Most of the short words that real rules hold are drawn, whichever the shipped rules make the draw leave out."""
    from benchmarks.packs import own_phrases
    from benchmarks.wording import BRIEF

    found = {phrase.lower() for rule in full() for phrase in own_phrases(rule)}
    brief = {word for words in BRIEF.values() for word in words}
    assert len(found & brief) >= 0.8 * len(brief)


@settings(max_examples=4)
@given(st.integers(0, 1000))
def test_any_seed_gives_rules_that_load_and_do_what_their_examples_say(seed: int) -> None:
    ruleset, _ = load(20, seed)
    assert [trial for trial in run_trials(ruleset) if trial.mode == "alone" and not trial.ok] == []


def test_a_pack_is_the_same_each_time_and_a_larger_one_holds_it() -> None:
    first, maker = make(MADE)
    again, other = make(MADE)
    larger, _ = make(MADE + 40)
    assert (first, maker.terms, maker.marks) == (again, other.terms, other.marks)
    assert larger[:MADE] == first


def test_a_small_pack_has_every_kind_and_the_share_of_hosts() -> None:
    small, whole = Shares.of(text_rules()[:50]), Shares.of(text_rules())
    assert small.kinds.keys() == whole.kinds.keys()
    assert small.bound == pytest.approx(whole.bound, abs=0.05)
    assert small.kinds["line"] == pytest.approx(whole.kinds["line"], abs=0.08)


@given(st.lists(st.integers(), max_size=60))
def test_spreading_keeps_every_item(items: list[int]) -> None:
    assert sorted(spread(items)) == sorted(items)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("length", [3, 5, 9, 14, 22, 40, 80])
def test_a_phrase_is_about_as_long_as_asked_for(lang: str, length: int) -> None:
    writer = Writer(Random(1))
    assert median(len(writer.phrase(lang, length)) for _ in range(99)) == pytest.approx(length, rel=0.35)


@pytest.mark.parametrize("module", [packs, prose, vocabulary])
def test_the_examples_in_the_writing_of_packs_and_articles_hold(module: ModuleType) -> None:
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_articles_are_as_long_as_real_ones_and_the_same_each_time() -> None:
    texts = [document.text for document in clean(1.2).documents]
    assert median(map(len, texts)) == pytest.approx(MEDIAN, rel=0.15)
    assert [document.text for document in clean(0.15).documents] == texts[: len(corpus().documents)]


def test_no_sentence_stands_twice_in_an_article_and_few_open_alike() -> None:
    texts = [document.text for document in clean(1.2).documents]
    assert not any(map(says_again, texts))
    assert 0 < sum(map(repeats, texts)) < 0.1 * len(texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_articles_are_about_as_varied_as_real_ones(lang: str) -> None:
    texts = take([document.text for document in clean(1.2).documents if document.lang == lang], 0.4)
    assert count_words(texts) > 6_000  # gold bodies: 9,600; dumps: 8,200
    assert grams(texts) > 25_000  # gold bodies: 31,500; dumps: 28,000


@pytest.mark.parametrize(("lang", "word", "rate"), [("en", "photo", 6), ("en", "read", 32), ("en", "more", 421), ("fr", "lire", 30), ("fr", "plus", 920)])  # fmt: skip
def test_words_of_labels_are_as_rare_as_in_prose(lang: str, word: str, rate: float) -> None:
    texts = [document.text for document in clean(1.2).documents if document.lang == lang]
    assert labels(lang, texts)[word] == pytest.approx(rate, rel=0.5, abs=15)


@pytest.mark.parametrize("lang", LANGUAGES)
@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_every_symbol_of_the_grammar_is_filled(lang: str, seed: int) -> None:
    author = Author(lang, seed)
    written = [author.sentence() for _ in range(30)]
    written += [author.write(kind) for kind in ("head", "title", "end")]
    assert not [text for text in written if "{" in text or "  " in text or not text.strip()]


def test_no_rule_fires_on_the_clean_corpus_and_only_the_title_moves_in_the_titled_one() -> None:
    pack = generated()
    cleaner = {"one": Cleaner(pack.ruleset)}
    assert check(corpus(), pack, cleaner, None)[1] == []
    row, faults = check(titled(corpus()), pack, cleaner, None)
    assert (row[0], faults) == (str(len(corpus().documents)), [])


def test_known_noise_is_cut_line_by_line_and_the_oracle_agrees() -> None:
    pack = generated()
    dirty = noisy(corpus(), [pack.marks], share=0.3)
    assert dirty.marks
    assert dirty.loose
    row, faults = check(dirty, pack, {"one": Cleaner(pack.ruleset)}, Cleaner(pack.ruleset, naive=True))
    assert faults == []
    assert int(row[1]) == sum(map(len, dirty.marks.values()))
    assert int(row[2]) > 0


def test_an_engine_that_misses_a_cut_is_found_out() -> None:
    pack = generated()
    dirty = noisy(corpus(), [pack.marks], share=0.3)
    blind = Cleaner(pack.ruleset.only(()))
    faults = check(dirty, pack, {"one": Cleaner(pack.ruleset), "blind": blind}, None)[1]
    assert any("blind differs from one" in fault for fault in faults)
    stayed = [mark.text for marks in dirty.marks.values() for mark in marks]
    assert all(any("blind, " in fault and repr(text) in fault for fault in faults) for text in stayed)


def test_a_cut_where_none_is_known_is_found_out() -> None:
    pack = generated()
    dirty = noisy(corpus(), [pack.marks], share=0.3)
    unknown = Corpus("clean", dirty.documents, {}, dirty.loose)
    faults = check(unknown, pack, {"one": Cleaner(pack.ruleset)}, None)[1]
    assert len(faults) == sum(map(len, dirty.marks.values()))
    assert all("was cut" in fault for fault in faults)


def test_a_twentieth_of_a_noisy_corpus_is_noisy() -> None:
    whole = clean(1.2)
    dirty = noisy(whole, [generated().marks])
    changed = sum(a != b for a, b in zip(whole.documents, dirty.documents, strict=True))
    assert changed == len(dirty.marks) + len(dirty.loose) == round(NOISY * len(whole.documents))


def test_every_work_is_measured_in_every_round() -> None:
    done: list[str] = []
    works = [Timed(name, lambda name=name: done.append(name), 1.0) for name in "abc"]  # type: ignore[misc]
    rates = measure(works, 3, lambda: None)
    assert done == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]
    assert all(rate > 0 for rate in rates.values())


RATES = {
    "clean, portable, shipped rules": 100.0,
    "clean, portable, 50 rules": 120.0,
    "clean, portable, 10,000 rules": 80.0,
    "naive loop": 0.2,
    "str.split": 1000.0,
    "JSONL untouched": 250.0,
    "JSONL, portable": 90.0,
}


def test_ratios_stand_beside_their_targets() -> None:
    found = {(target, engine): value for target, engine, value in ratios(RATES, (50, 10000), ["portable"])}
    assert found[FLAT, "portable"] == 1.5
    assert found[SPLIT, "portable"] == 0.08
    said = StringIO()
    Console(file=said, width=130).print(target_table(found, (50, 10000), ["portable"]))
    lines = said.getvalue().splitlines()
    told = {
        target: next(line for line in lines if target.name.format(most="10,000", least="50") in line)
        for target in TARGETS
    }
    assert "FAIL" in told[FLAT]
    assert sum("pass" in line for line in told.values()) == 2
    assert sum("not measured" in line for line in told.values()) == 4


def test_a_file_of_records_is_copied_whole_and_cleaned_record_by_record(tmp_path: Path) -> None:
    source, copy, cleaned = tmp_path / "in.jsonl", tmp_path / "copy.jsonl", tmp_path / "out.jsonl"
    lines = records(corpus())
    source.write_bytes(b"".join(lines))
    copy_file(source, copy)
    clean_file(Cleaner(generated().ruleset), source, cleaned)
    assert copy.read_bytes() == source.read_bytes()
    ids = [orjson.loads(line)["id"] for line in cleaned.read_bytes().splitlines()]
    assert ids == [document.id for document in corpus().documents]


def test_a_run_of_the_command_line_tells_its_time_and_memory(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    count = repeat(records(corpus())[:2], source, 10_000)
    run = clean_apart(source, out)
    assert len(out.read_bytes().splitlines()) == count
    assert run.seconds > 0
    assert max(run.peaks) > 10e6
    with pytest.raises(RuntimeError, match="no such"):
        clean_apart(tmp_path / "missing.jsonl", out)


def test_starting_up_is_taken_out_of_the_time_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"{}")
    seconds = {("in.jsonl", "1"): 11.0, ("empty.jsonl", "1"): 1.0, ("in.jsonl", "2"): 7.0, ("empty.jsonl", "2"): 2.0}

    def clean_as_said(source: Path, target: Path, *options: str) -> Run:
        return Run(seconds[source.name, options[-1]], ())

    monkeypatch.setattr("benchmarks.speed.clean_apart", clean_as_said)
    said = StringIO()
    found = run_jobs(source, tmp_path, Console(file=said, width=130), lambda what: None)
    assert found == {JOBS: 11 / 7, JOBS_RUNNING: 2.0}
    assert "11.0 s wall time, 1.0 s of it start-up" in said.getvalue()


def test_a_peer_that_is_missing_or_fails_is_named_and_the_others_are_measured() -> None:
    def fail() -> Any:
        raise OSError("no model")

    def named(name: str, make: Callable[[], Any], *needs: str) -> Peer:
        return Peer(name, "filter", "text", make, "", needs=needs)

    said: list[str] = []
    peers = [
        named("Absent", fail, "no_such_module"),
        named("Broken", fail),
        named("Whole", lambda: lambda case: case.input.text),
    ]
    assert [work.name for work in peer_works(corpus(), said.append, peers)] == ["Whole"]
    assert "Absent is not measured: no no_such_module" in said[0]
    assert "Broken is not measured: OSError: no model" in said[1]


def test_the_naive_loop_looks_for_a_literal_of_each_rule() -> None:
    pack = generated()
    longest = {
        rule.id: max((one.text for one in compile_rule(rule, pack.ruleset).literals or ()), key=len, default="")
        for rule in pack.ruleset.rules
    }
    mark = next(mark.text for mark in pack.marks if longest[mark.rule] and longest[mark.rule] in mark.text.lower())
    prepare = line_loop(pack.ruleset)
    searching, matching = prepare("search"), prepare("match")
    line = f"Harbour.\n- {mark}"
    assert [work("Harbour.") for work in (searching, matching)] == [0, 0]
    assert [work(line) for work in (searching, matching)] == [1, 0]


def test_documents_in_which_no_rule_can_match_are_counted() -> None:
    cleaner = Cleaner(generated().ruleset)
    documents = corpus().documents
    share = settled(cleaner, documents) / len(documents)
    assert 0.5 < share <= 1
    broken = [replace(document, text=f"{document.text}\r\nIt is late.") for document in documents]
    assert settled(cleaner, broken) == 0


def test_the_benchmark_runs_in_parts(capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--megabytes", "0.05", "--sizes", "20", "30", "--rounds", "1", "--engines", "portable"]
    assert main([*small, "--part", "text", "files", "--data", "nowhere", "--no-oracle"]) == 0
    shown = capsys.readouterr()
    for column in ("settled at a glance", "as the oracle", "ns a byte"):
        assert column in shown.out
    assert "JSONL, portable" in shown.out
    assert "building a cleaner: shipped rules, portable" in shown.err
    assert "datatrove" not in shown.out


def test_every_share_is_compared() -> None:
    compared = {"kinds", "bound", "termed", "patterned", "phrases", "length", "short"}
    assert {field.name for field in fields(Shares)} == compared


def test_the_whole_benchmark_runs_without_options() -> None:
    options = parse([])
    assert options.sizes == [50, 500, 5000, 10000]
    assert options.engines is None
    assert tuple(options.part) == PARTS
