"""Figures: what one case adds, what sums say, how sure it is, and that no order of cases or peers changes any of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import agreement
from benchmarks.agreement import Pair, read_printed
from cleaner.bench import rouge
from cleaner.bench.alignment import find_blocks
from cleaner.bench.case import Body, Case, Gold, Labels, Phrases
from cleaner.bench.copies import ALIKE, find_copies, similarities
from cleaner.bench.intervals import Draws, Resampling, compare_means
from cleaner.bench.judge import Judge, Parts
from cleaner.bench.measure import FORMULAS, reckon
from cleaner.bench.metrics import shingle
from cleaner.bench.plan import Sources
from cleaner.bench.rouge import split_lines
from cleaner.bench.run import Settings, run
from cleaner.bench.signals import SIGNALS, read_signals
from cleaner.bench.store import Store
from cleaner.bench.summary import Facts, Scored, Summary, gather_facts, quality_of, spread, summarise
from cleaner.errors import InputError, OptionError
from cleaner.model import Document, Page
from cleaner.text.tokens import tokenize

texts = st.text(alphabet="ab cB.,\n橋ไé\u0301", max_size=60)
words = st.text(alphabet="abc \n", max_size=40)
FEW = {"resamples": 200}


def page(gold: str, id: str = "1", site: str = "harbour.example", **known: str) -> Case:
    return Case(id, "harbour", Page(id, f"<p>{gold}</p>"), Body(gold), site, **known)


def score(gold: str, text: str) -> Parts:
    return Judge(page(gold), aligned=False).score(text)


# What one case adds


@pytest.mark.parametrize(
    ("gold", "text", "parts"),
    [
        ("The bridge is open.", "the BRIDGE is open", {"f1": 1, "shingle_f1": 1, "exact": 1}),
        ("The bridge is open.", "Bridge open Advertisement", {"precision": 2 / 3, "recall": 1 / 2, "shingle_f1": 0}),
        ("open the bridge again", "again the bridge open", {"f1": 1, "shingle_f1": 0, "exact": 0}),
        ("a b c d e f", "a b c d e x", {"f1": 5 / 6, "shingle_precision": 2 / 3, "shingle_recall": 2 / 3}),
        ("橋が開いた", "橋が", {"precision": 1, "recall": 2 / 5, "f1": 4 / 7}),
        ("", "", {"f1": 1, "shingle_f1": 1, "exact": 1}),
        ("The bridge", "", {"precision": 0, "recall": 0, "f1": 0, "shingle_f1": 0}),
    ],
)
def test_a_body_is_judged_by_tokens_and_their_runs(gold: str, text: str, parts: Parts) -> None:
    """Tokens and 4-grams are multisets; only all tokens in order are exact; each case counts once."""
    found = score(gold, text)
    assert {name: found[name] for name in parts} == pytest.approx(parts)
    assert found["cases"] == 1


def test_snippets_are_counted() -> None:
    """What must stay is kept or lost, what must go leaked or removed."""
    case = Case(
        "1", "harbour", Page("1", ""), Phrases(("bridge is", "closed"), ("Subscribe", "Read also")), "a.example"
    )
    assert Judge(case).score("The bridge\n is open. Read also") == {"kept": 1, "lost": 1, "leaked": 1, "removed": 1}


def test_labels_are_counted_by_class() -> None:
    """Noise is counted by class, and as a whole; what the document never had is invented."""
    text = "The bridge opens. Advertisement Share this now By Ines Moreau"
    spans = ((0, 17, "body"), (18, 31, "ad"), (32, 46, "share"), (47, 61, "meta"))
    case = Case("1", "dumps", Document("1", text), Labels(spans), "a.example")
    assert Judge(case).score("The bridge opens. Share this! Sensation") == {
        "documents": 1, "noise": 4, "noise_kept": 2, "body": 3, "body_kept": 3, "invented": 1, "clean": 0, "untouched": 0,
        "class:ad": 1, "class_kept:ad": 0, "class:share": 3, "class_kept:share": 2,
    }  # fmt: skip


@given(texts, texts)
def test_parts_of_a_body_are_shares(gold: str, text: str) -> None:
    """All lie between 0 and 1, and the gold itself reaches 1 in all."""
    assert all(0 <= value <= 1 for value in score(gold, text).values())
    assert set(score(gold, gold).values()) == {1}


@given(texts)
def test_lines_hold_the_tokens_of_the_text(text: str) -> None:
    """Split into lines first, a text has the tokens it has as a whole."""
    assert [token for line in split_lines(text) for token in line] == tokenize(text)


@given(words, words)
def test_aligned_parts_are_shares(gold: str, text: str) -> None:
    """ROUGE and Levenshtein lie between 0 and the F1 of tokens, which asks for no order; the gold itself reaches 1."""
    pytest.importorskip("rapidfuzz")
    found = Judge(page(gold)).score(text)
    for name in ("rouge", "levenshtein"):
        assert 0 <= found[name] <= found["f1"] + 1e-9
        assert Judge(page(gold)).score(gold)[name] == 1


def test_rouge_agrees_with_the_package() -> None:
    """Given our tokens, rouge-score finds the same, but where two subsequences are of one length: rarely, and little."""
    pytest.importorskip("rapidfuzz")
    scorers = pytest.importorskip("rouge_score.rouge_scorer")
    scorer = scorers.RougeScorer(["rougeLsum"], tokenizer=type("Tokenizer", (), {"tokenize": staticmethod(tokenize)})())
    chance, steps = random.Random(5), []
    for _ in range(400):
        gold, text = ("".join(chance.choices("abcdefgh \n", [2] * 8 + [16, 3], k=120)) for _ in range(2))
        theirs = scorer.score(gold, text)["rougeLsum"].fmeasure
        steps.append(abs(Judge(page(gold)).score(text)["rouge"] - theirs))
    assert sum(step > 1e-9 for step in steps) < 0.15 * len(steps)
    assert sum(steps) / len(steps) < 0.005


@pytest.mark.parametrize(
    ("gold", "text", "rouge", "levenshtein"),
    [
        ("a b c\nd e", "a b c\nd e", 1, 1),
        ("a b c\nd e", "d e\na b c", 1, 0.6),
        ("a b c d", "a c", 2 / 3, 2 / 3),
        ("a b c d", "a b\nc d", 1, 1),
        ("a a", "a", 2 / 3, 2 / 3),
        ("a b", "", 0, 0),
    ],
)
def test_alignment(gold: str, text: str, rouge: float, levenshtein: float) -> None:
    """ROUGE-Lsum knows lines but not their order, the Levenshtein ratio order but no lines."""
    pytest.importorskip("rapidfuzz")
    found = Judge(page(gold)).score(text)
    assert (found["rouge"], found["levenshtein"]) == (pytest.approx(rouge), pytest.approx(levenshtein))


def test_long_texts_are_aligned_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many pairs each line meets only those most like it, which finds what is nearly a copy; long lines are split."""
    pytest.importorskip("rapidfuzz")
    chance, calls = random.Random(8), list[int]()
    lines = [" ".join(chance.choices("abcdefghijklmnop", k=9)) for _ in range(60)]
    gold, text = split_lines("\n".join(lines)), split_lines("\n".join(f"x {line} y" for line in reversed(lines)))
    distances = rouge.load_distances()
    counted = SimpleNamespace(
        LCSseq=SimpleNamespace(editops=lambda *pair: calls.append(1) or distances.LCSseq.editops(*pair))
    )
    monkeypatch.setattr(rouge, "load_distances", lambda: counted)
    whole, called = rouge.rouge_lsum(gold, text), len(calls)
    monkeypatch.setattr(rouge, "PAIRS", 60)
    monkeypatch.setattr(rouge, "_FEWEST", 1)
    calls.clear()
    assert rouge.rouge_lsum(gold, text) == pytest.approx(whole, abs=0.02)
    assert len(calls) <= 60 < called
    assert [len(line) for line in split_lines("a " * (rouge.LONGEST + 1))] == [rouge.LONGEST, 1]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without rapidfuzz a judge that aligns, and a run, say what to install; one that does not align works."""
    monkeypatch.setitem(sys.modules, "rapidfuzz", None)
    with pytest.raises(OptionError, match=r"pip install 'cleaner-news\[bench\]'"):
        Judge(page("The bridge")).score("bridge")
    with (
        Store(tmp_path / "answers.sqlite", afresh=True) as store,
        pytest.raises(OptionError, match="rapidfuzz"),
    ):
        run([], ("identity",), Settings(), store)
    assert score("The bridge", "bridge")["recall"] == 0.5


@given(st.lists(st.sampled_from("abc"), max_size=60), st.lists(st.sampled_from("abc"), max_size=60))
def test_blocks_are_those_of_difflib(ours: list[str], theirs: list[str]) -> None:
    """Looked for by runs first, stretches in common are token for token those that difflib finds."""
    assert _pairs(find_blocks(ours, theirs)) == _pairs(_slowly(ours, theirs))


@given(st.data())
def test_blocks_of_texts_with_much_in_common_are_those_of_difflib(data: st.DataObject) -> None:
    """So they are where long stretches are shared, moved and doubled."""
    chunks = st.lists(st.sampled_from(["abcab" * 3, "bcaac" * 2, "cab", "b", "abcabcabca"]), max_size=8)
    ours, theirs = ("".join(data.draw(chunks)) for _ in range(2))
    assert _pairs(find_blocks(ours, theirs)) == _pairs(_slowly(ours, theirs))


def _slowly(ours: Sequence[str], theirs: Sequence[str]) -> Sequence[tuple[int, int, int]]:
    return SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()


def _pairs(blocks: Iterable[tuple[int, int, int]]) -> set[tuple[int, int]]:
    return {(at + step, there + step) for at, there, size in blocks for step in range(size)}


# What sums say


def test_figures_are_means_over_pages_and_counts_over_snippets() -> None:
    """Bodies are averaged, snippets counted over all pages; a track with both has both."""
    rows = [
        score("a b", "a b"),
        score("a b", "c"),
        {"kept": 1, "lost": 1, "leaked": 0, "removed": 3},
        {"kept": 4, "lost": 0, "leaked": 2, "removed": 0},
    ]
    found = reckon(rows, ["a.example"] * 4)
    assert found["f1"] == found["recall"] == 0.5
    assert found["snippet_f1"] == pytest.approx(10 / 13)
    assert (found["snippet_precision"], found["snippet_recall"]) == (pytest.approx(5 / 7), pytest.approx(5 / 6))
    assert found["snippet_removed"] == pytest.approx(3 / 5)
    assert "noise_removed" not in found


def test_nothing_to_measure_is_no_figure() -> None:
    """No cases have no figures; documents without noise say nothing about its removal."""
    assert reckon([], []) == {}
    clean = {"documents": 1, "noise": 0, "noise_kept": 0, "body": 9, "body_kept": 9, "clean": 1, "untouched": 1}
    assert reckon([clean], ["a.example"]) == {"body_lost": 0, "invented": 0, "untouched": 1}


def test_a_peer_that_finds_no_snippet_has_a_precision_of_nothing() -> None:
    """Where nothing is found, precision and F1 are 0 rather than undefined."""
    found = reckon([{"kept": 0, "lost": 2, "leaked": 0, "removed": 1}], ["a.example"])
    assert (found["snippet_f1"], found["snippet_precision"], found["snippet_recall"]) == (0, 0, 0)


def test_measures_have_names_of_their_own() -> None:
    """No two measures share a name or a label, and each says in one sentence what it is."""
    measures = [formula.measure for formula in FORMULAS]
    assert len({measure.name for measure in measures}) == len({measure.label for measure in measures}) == len(measures)
    assert all(measure.about.endswith(".") for measure in measures)
    assert {measure.name for measure in measures if not measure.higher} == {"body_lost", "invented"}


@pytest.mark.parametrize(
    ("parts", "quality"),
    [
        ({"f1": 0.7, "recall": 1.0}, 0.7),
        ({"kept": 2, "lost": 1, "leaked": 0, "removed": 1}, 0.75),
        ({"kept": 0, "lost": 0, "leaked": 0, "removed": 0}, 1),
        ({"noise": 4, "noise_kept": 4, "body": 8, "body_kept": 6}, 12 / 18),
        ({"noise": 4, "noise_kept": 1, "body": 0, "body_kept": 0}, 0.75),
    ],
)
def test_one_figure_orders_cases(parts: Parts, quality: float) -> None:
    """It is the F1 of tokens, the share of snippets done right, or the F1 of a labelled body."""
    assert quality_of(parts) == pytest.approx(quality)


# How sure it is


def _gold(number: int, chance: random.Random) -> Gold:
    return (
        Phrases(("a",), ("b",)) if number % 5 == 4 else Body(" ".join(chance.choices("abcdef", k=30 * (number % 40))))
    )


def _track(count: int, seed: int = 0) -> tuple[list[Case], list[Facts], dict[str, list[Scored]]]:
    """Make up a track of bodies and snippets, and three peers, the second of which is better than the first."""
    chance = random.Random(seed)
    cases = [
        Case(str(at), f"set-{at % 2}", Document(str(at), "x", lang="fr"), _gold(at, chance), f"site-{at % 17}.example")
        for at in range(count)
    ]
    scored: dict[str, list[Scored]] = {"ours": [], "better": [], "same": []}
    for case in cases:
        if isinstance(case.gold, Phrases):
            parts = {"kept": chance.randrange(2), "lost": 1, "leaked": chance.randrange(2), "removed": 0}
            rows = [parts, parts, parts]
        else:
            f1 = chance.random() * 0.8
            rows = [{"cases": 1, "f1": f1}, {"cases": 1, "f1": f1 + 0.1}, {"cases": 1, "f1": f1}]
        for peer, row in zip(scored, rows, strict=True):
            scored[peer].append(Scored(row, chance.random() / 100))
    return cases, [Facts(chance.randrange(1, 2000), chance.random()) for _ in cases], scored


def test_draws_are_shared_so_differences_are_paired() -> None:
    """A peer that is better by the same on every page is so in every resample; an equal one is equal in all."""
    summary = summarise(*_track(120), ours="ours", **FEW)
    ours, better, same = summary["peers"]
    assert ours.ahead == {}
    ahead = better.ahead["f1"]
    assert (ahead.value, ahead.low, ahead.high) == (pytest.approx(-0.1), pytest.approx(-0.1), pytest.approx(-0.1))
    assert (ahead.better, ahead.worse, ahead.same) == (0, 96, 0)
    assert ahead.chance < 0.02
    assert better.figures["f1"].high - better.figures["f1"].low > 0.01
    for measure in ("f1", "snippet_f1"):
        found = same.ahead[measure]
        assert (found.value, found.low, found.high, found.chance) == (0, 0, 0, 1)
    assert same.figures == ours.figures


def test_the_figures_of_a_track_are_those_of_its_sums() -> None:
    """Figures, and those of each group, are what `reckon` says of the same cases, inside their intervals."""
    cases, facts, scored = _track(100)
    summary = summarise(cases, facts, scored, ours="ours", **FEW)
    rows = [one.parts for one in scored["better"]]
    sites = [case.site for case in cases]
    found = summary["peers"][1].figures
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(reckon(rows, sites))
    assert all(figure.low <= figure.value <= figure.high for figure in found.values())
    assert summary["chief"] == "f1"
    assert [measure.name for measure in summary["measures"]] == list(found)
    first = next(group for group in summary["groups"] if (group.by, group.name) == ("set", "set-0"))
    assert first.cases == 50
    assert first.values["better"] == pytest.approx(reckon(rows[::2], sites[::2]))


def test_the_mean_over_sources_is_that_of_the_sums() -> None:
    """Of labelled documents too a track says what `reckon` does, also where sources count alike."""
    text = "The bridge opens. Read our guide to the harbour and subscribe to the letter of the week now"
    labels = Labels(((0, 17, "body"), (18, len(text), "newsletter")))
    cases = [Case(str(at), "dumps", Document(str(at), text), labels, f"{at % 2}.example") for at in range(3)]
    answers = ["The bridge opens.", text, "The bridge opens. Read our guide"]
    rows = [Judge(case).score(answer) for case, answer in zip(cases, answers, strict=True)]
    summary = summarise(cases, [Facts(3, 0.8)] * 3, {"ours": [Scored(row, 0.0) for row in rows]}, ours="ours", **FEW)
    found = {name: figure.value for name, figure in summary["peers"][0].figures.items()}
    assert found == pytest.approx(reckon(rows, [case.site for case in cases]))
    assert found["noise_removed_mean"] == pytest.approx((27 / 30 + 0) / 2)
    assert found["noise_removed"] == pytest.approx(27 / 45)


def test_comparisons_of_pages_and_of_tracks_are_one() -> None:
    """`compare_means` over the pages gives what the track says of its peers, to the last digit."""
    cases, facts, scored = _track(100)
    bodies = [at for at, case in enumerate(cases) if isinstance(case.gold, Body)]
    runs = [[scored[peer][at].parts["f1"] for at in bodies] for peer in ("better", "ours")]
    found = compare_means(*runs, sorted(cases[at].site for at in bodies), Resampling(200))
    summary = summarise(
        [cases[at] for at in bodies],
        [facts[at] for at in bodies],
        {peer: [rows[at] for at in bodies] for peer, rows in scored.items()},
        ours="ours",
        **FEW,
    )
    assert summary["peers"][1].ahead["f1"].value == pytest.approx(found.difference)
    assert (found.better, found.worse, found.same) == (0, len(bodies), 0)


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_cases_changes_nothing(chance: random.Random) -> None:
    """Cases in another order, and peers too, give the same figures, intervals, spreads and groups."""
    cases, facts, scored = _track(40)
    order = chance.sample(range(len(cases)), len(cases))
    shuffled = summarise(
        [cases[at] for at in order],
        [facts[at] for at in order],
        {peer: [scored[peer][at] for at in order] for peer in chance.sample(sorted(scored), 3)},
        ours="ours",
        resamples=50,
    )
    straight = summarise(cases, facts, scored, ours="ours", resamples=50)
    assert _told(shuffled) == _told(straight)


def _told(summary: Summary) -> dict[str, object]:
    """Return what does not depend on order, in rounded figures, since sums of floats do in their last digits."""
    told: dict[str, object] = {}
    for peer in summary["peers"]:
        told |= {f"{peer.peer} {name}": _round(figure.model_dump().values()) for name, figure in peer.figures.items()}
        told |= {f"{peer.peer} ~ {name}": _round(found.quantiles) for name, found in peer.spreads.items()}
        told |= {f"{peer.peer} + {name}": _round(found.model_dump().values()) for name, found in peer.ahead.items()}
    for group in summary["groups"]:
        for peer, values in group.values.items():
            told[f"{group.by} {group.name} {peer}"] = (group.cases, _round(values.values()))
    return told


def _round(values: Sequence[float]) -> list[float]:
    return [round(value, 9) + 0.0 for value in values]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 5))
def test_the_same_seed_draws_the_same(figures: list[float], seed: int) -> None:
    """Draws take as many sites as there are, and follow the seed; an interval lies within what was summed."""
    one, again = (Draws(len(figures), Resampling(20, seed=seed)) for _ in range(2))
    assert (one.taken == again.taken).all()
    assert (one.coins == again.coins).all()
    assert (one.taken.sum(axis=1) == len(figures)).all()
    value = sum(figures) / len(figures)
    low, high = one.interval(value, one.resample(np.array(figures)[:, None])[:, 0] / len(figures))
    assert min(figures) - 1e-9 <= low <= high <= max(figures) + 1e-9


def test_draws_without_anything_to_measure_are_left_out() -> None:
    """Where few pages have a body, draws without any say nothing of F1: they pull no interval to nothing."""
    body, snippets = {"cases": 1, "f1": 1.0}, {"kept": 1, "lost": 1, "leaked": 0, "removed": 0}
    cases = [page("a", str(at), f"{at}.example") for at in range(3)]
    outcomes = {"ours": [body, snippets, snippets], "half": [{**body, "f1": 0.5}, snippets, snippets]}
    scored = {peer: [Scored(row, 0.0) for row in rows] for peer, rows in outcomes.items()}
    ours, half = summarise(cases, [Facts(1, 0)] * 3, scored, ours="ours", **FEW)["peers"]
    assert ours.figures["f1"].model_dump() == {"value": 1, "low": 1, "high": 1}
    assert half.figures["f1"].model_dump() == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert (half.ahead["f1"].value, half.ahead["f1"].low, half.ahead["f1"].high) == (0.5, 0.5, 0.5)


def test_an_interval_of_no_draws_is_the_value() -> None:
    """What no draw can measure has the value itself as its interval, and no flip speaks for it; others are kept."""
    draws, nothing = Draws(3, Resampling(40)), np.full(40, np.nan)
    assert draws.interval(0.7, nothing) == (0.7, 0.7)
    assert draws.chance(0.7, nothing) == 1
    assert draws.interval(0.7, np.append(nothing, [0.2, 0.2])) == (0.2, 0.2)
    assert draws.chance(0.7, np.append(nothing, [0.2, 0.9])) == pytest.approx(2 / 3)


def test_what_a_peer_leaves_empty_still_counts() -> None:
    """A draw is left out for what the gold lacks, not for what a peer did: who cuts nothing keeps a precision of 1."""
    parts = {"documents": 1, "noise": 9, "body": 9, "body_kept": 9, "clean": 0, "untouched": 0, "invented": 0}
    rows = {"ours": [{**parts, "noise_kept": kept} for kept in (0, 9)], "idle": [{**parts, "noise_kept": 9}] * 2}
    cases = [page("a", str(at), f"{at}.example") for at in range(2)]
    scored = {peer: [Scored(row, 0.0) for row in found] for peer, found in rows.items()}
    idle = summarise(cases, [Facts(1, 0)] * 2, scored, ours="ours", **FEW)["peers"][1]
    assert idle.figures["removal_precision"].model_dump() == {"value": 1, "low": 1, "high": 1}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20))
def test_flips_swap_runs_and_lose_nothing(pairs: list[tuple[int, int]]) -> None:
    """Swapped at random, the two runs of the sites still add up to what both had; equal runs stay as they are."""
    before, after = (np.array([[pair[at]] for pair in pairs], dtype=float) for at in (0, 1))
    draws = Draws(len(pairs), Resampling(30))
    old, new = draws.flip(before, after)
    assert old + new == pytest.approx(np.full((30, 1), before.sum() + after.sum()))
    assert (draws.flip(before, before)[0] == before.sum()).all()
    assert draws.chance(0.0, np.zeros(30)) == 1


def test_failed_and_empty_answers_are_listed() -> None:
    """A case on which a peer failed stands in its scores with the reason; cost is in milliseconds."""
    cases = [page("a b", str(at)) for at in range(3)]
    rows = [Scored(score("a b", ""), 0.002, "ValueError: no", True), Scored(score("a b", "a b"), 0.001)]
    outcomes = {"ours": [*rows, Scored(score("a b", ""), 0.006, empty=True)]}
    summary = summarise(cases, [Facts(2, 0)] * 3, outcomes, ours="ours", memory={"ours": 77.0}, **FEW)
    ours = summary["peers"][0]
    assert (ours.failed, ours.empty) == (1, 2)
    assert [(failure.case, failure.reason) for failure in ours.failures] == [("0", "ValueError: no")]
    assert (ours.cost.median, ours.cost.mean, ours.cost.memory) == (2, 3, 77)


def test_groups_are_named_by_what_cases_have_in_common() -> None:
    """Bins of length and difficulty lie in order, classes of noise come by size; of sites the largest are told."""
    text = "The bridge opens. Advertisement Share this"
    spans = ((0, 17, "body"), (18, 31, "ad"), (32, 42, "share"))
    cases = [
        Case(
            str(at),
            "dumps",
            Document(str(at), text),
            Labels(spans),
            f"{at % 50:02}.example",
            rate="20 %",
            language="pt",
        )
        for at in range(101)
    ]
    facts = [Facts((5, 150, 5000)[at % 3], (0.1, 0.9, 0.9)[at % 3]) for at in range(101)]
    outcomes = {"ours": [Scored(Judge(case).score("The bridge opens. Share"), 0.0) for case in cases]}
    groups = summarise(cases, facts, outcomes, ours="ours", **FEW)["groups"]
    names = {by: [group.name for group in groups if group.by == by] for by in {group.by for group in groups}}
    assert names["length"] == ["<150", "150-400", ">1000"]
    assert names["difficulty"] == ["<0.25", ">0.75"]
    assert names["class"] == ["share", "ad"]
    assert (names["lang"], names["rate"], names["set"]) == (["pt"], ["20 %"], ["dumps"])
    assert len(names["site"]) == 40
    assert names["site"][0] == "00.example"
    shares = [group.values["ours"]["noise_removed"] for group in groups if group.by == "class"]
    assert shares == [0.5, 1]


def test_cases_without_answers_are_refused() -> None:
    """A summary needs cases, and of every peer an outcome for each."""
    with pytest.raises(ValueError, match="0 cases"):
        summarise([], [], {"ours": []}, ours="ours")
    empty = {"ours": [Scored({"kept": 0, "lost": 0, "leaked": 0, "removed": 0}, 0.0)]}
    with pytest.raises(InputError, match="harbour: nothing to measure"):
        summarise([page("a")], [Facts(1, 0)], empty, ours="ours")
    with pytest.raises(ValueError, match="1 cases"):
        summarise([page("a")], [Facts(1, 0)], {"ours": []}, ours="ours")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_spreads_are_ordered(values: list[float]) -> None:
    """The worst tenth is no better than the median, whichever way is better; quantiles rise."""
    for higher in (True, False):
        found = spread(np.array(values), higher)
        assert list(found.quantiles) == sorted(found.quantiles)
        assert len(found.quantiles) == 21
        assert found.worst <= found.median + 1e-9 if higher else found.worst >= found.median - 1e-9


def test_complexity_is_the_share_that_is_no_body() -> None:
    """Markup, scripts and styles are no text; snippets say nothing about the whole."""
    html = "<body><nav>Menu Sport News</nav><p>The bridge is open again today</p><script>var a</script></body>"
    case = Case("1", "harbour", Page("1", html), Body("The bridge is open again today"), "a.example")
    assert gather_facts(case) == Facts(6, pytest.approx(1 / 3))
    labelled = Case("1", "dumps", Document("1", "Open. Share"), Labels(((0, 5, "body"), (6, 11, "share"))), "a.example")
    assert gather_facts(labelled) == Facts(1, 0.5)
    assert gather_facts(Case("1", "harbour", Page("1", html), Phrases(("a",), ()), "a.example")) == Facts(0, 0)


# What needs no gold


@pytest.mark.parametrize(
    ("text", "signals"),
    [
        (
            "The bridge is open.\nIs it? “Yes!”\n橋は開いた。\nपुल खुला है।\nالجسر مفتوح؟",
            {"ended": 1, "short": 1, "listed": 0},
        ),
        ("Most read\n- A fox\n* Choir\n3. Tower\n• Ferry", {"ended": 0, "listed": 0.8, "line_words": 1.6}),
        ("Share\nShare\nOpen again", {"doubled": 0.25, "words": 4}),
        ("# {a} | b", {"symbols": 2}),
        ("12 34 bridge it's", {"letters": 0.6}),
    ],
)
def test_signals(text: str, signals: dict[str, float]) -> None:
    """Signals see ends of sentences in any script, short, doubled and list-like lines, and symbols."""
    found = read_signals(text)
    assert {name: found[name] for name in signals} == pytest.approx(signals)


@given(st.text(max_size=80))
def test_signals_of_any_text_are_told_or_none(text: str) -> None:
    """Any text has all signals or, where no line holds anything, none; shares lie between 0 and 1."""
    found = read_signals(text)
    assert found.keys() == (SIGNALS.keys() if found else set())
    assert bool(found) == bool([line for line in text.split("\n") if line.strip()])
    assert all(0 <= found[name] <= 1 for name in ("ended", "short", "doubled", "listed", "letters") if found)


def test_copies_show_once_noise_is_gone() -> None:
    """Two copies in different frames are strangers, two stories in one frame copies, until the frames go."""
    stories = [
        "The suspension bridge over the harbour reopened on Saturday",
        "Divers replaced the cables one by one at night",
    ]
    frames = [" ".join(f"{word}{at}" for at in range(40)) for word in ("menu", "sport")]
    names = ["bridge", "bridge", "cables", "cables"]
    raw = [f"{frame}\n{story}" for story in stories for frame in frames]
    assert find_copies(names, raw) == {"recall": 0, "precision": 0, "pairs": 2}
    assert find_copies(names, [text.split("\n")[1] for text in raw]) == {"recall": 1, "precision": 1, "pairs": 2}
    assert find_copies([None, "bridge", "cables"], raw[:3]) == {}


@given(st.lists(st.text(alphabet="ab ", max_size=20), max_size=12))
def test_similarities_are_exact(found: list[str]) -> None:
    """Counted by matrices, pairs are as alike as their sets are."""
    sets = [set(shingle(tokenize(text), 3)) for text in found]
    matrix = similarities(found)
    for one, ours in enumerate(sets):
        for other, theirs in enumerate(sets):
            assert matrix[one, other] == pytest.approx(len(ours & theirs) / len(ours | theirs) if ours | theirs else 0)
    assert 0 < ALIKE < 1


# How it is held against a reference


def test_printed_figures_are_read_and_paired() -> None:
    """What a reference prints is read under our names, and agrees where it differs by rounding only."""
    printed = (
        "token   n=3 precision=0.9000 recall=0.8000 f1=0.8471\nsnippets with=2 without=1 precision=1.0000 recall=0.5000 f1=0.6667\n"
        "  ad             tokens=    12 removed=0.9167\nnoise removed=0.9167 mean over 2 sources=0.9000 body lost=0.00005 "
        "not in the source=0 clean documents untouched=3/4"
    )
    found = read_printed(printed)
    assert (found["f1"], found["snippet_recall"], found["class:ad"]) == ("0.8471", "0.5000", "0.9167")
    assert (found["noise_removed_mean"], found["body_lost"], found["untouched"]) == ("0.9000", "0.00005", "0.7500")
    assert Pair("here", "f1", "0.8471", 0.84714).agrees
    assert not Pair("here", "f1", "0.8471", 0.84716).agrees


def test_texts_are_held_against_a_scorer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scorer gets gold and texts; the command ends with 1 where a figure differs, and names a scorer that fails."""
    monkeypatch.chdir(tmp_path)
    Path("gold.jsonl").write_text('{"id": "1", "html": "<p>x</p>", "gold": "the bridge"}\n', encoding="utf-8")
    Path("texts.jsonl").write_text('{"id": "1", "text": "the"}\n', encoding="utf-8")
    for printed, code in (("precision=1.0000 recall=0.5000 f1=0.6667", 0), ("precision=0.9 recall=0.5 f1=0.6", 1)):
        Path("scorer.py").write_text(f"import sys; assert sys.argv[1] == 'html'; print('token n=1 {printed}')")
        monkeypatch.setattr("sys.argv", ["agreement", "scorer.py", "gold.jsonl", "--texts", "texts.jsonl"])
        with pytest.raises(SystemExit) as ended:
            agreement.main()
        assert bool(ended.value.code) == bool(code)
        assert f"3 figures, {2 * code} differ" in capsys.readouterr().out
    Path("scorer.py").write_text("raise SystemExit('no such gold')")
    with pytest.raises(InputError, match="no such gold"):
        agreement.main()


def test_measures_come_with_their_parts() -> None:
    """A track has the measures whose parts any of its cases has."""
    wanted, unwanted = ({"kept": 0, "leaked": 0, "removed": 0, "lost": 0, name: 1} for name in ("lost", "leaked"))
    assert list(reckon([wanted], ["a.example"])) == ["snippet_f1", "snippet_precision", "snippet_recall"]
    assert list(reckon([unwanted], ["a.example"])) == ["snippet_removed"]


class Twice(Sources):
    """One article twice, and another, as `noise` gives them."""

    def read(self, seed: int, sample: int | None = None) -> Iterator[tuple[Case, ...]]:
        story = "The suspension bridge over the harbour reopened on Saturday"
        told = [
            (f"{story} Share", "bridge"),
            (f"Most read {story}", "bridge"),
            ("Divers replaced the cables", "cables"),
        ]
        yield tuple(
            Case(str(at), "noise", Document(str(at), text), Body(story), "a.example", story=name)
            for at, (text, name) in enumerate(told)
        )


def test_a_run_looks_for_copies_where_stories_are_known(tmp_path: Path) -> None:
    """Among what each peer left copies are looked for, and its signals stand beside those of the source."""
    pytest.importorskip("rapidfuzz")
    with Store(tmp_path / "answers.sqlite", afresh=True) as store:
        found = run([Twice("noise", "noise", "", ())], ("identity",), Settings(jobs=1, memory=False), store)
    track = found.results.tracks[0]
    assert track.peers[0].copies == {"recall": 1, "precision": 1, "pairs": 1}
    assert track.peers[0].signals == track.source
    assert track.source["words"] == pytest.approx(25 / 3)
