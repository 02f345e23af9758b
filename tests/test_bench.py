"""Measuring: scores are what they say, publishers stay apart, intervals hold what they should."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.bench.folds import assign_folds, cross_validate, publisher, site_of, split
from cleaner.bench.intervals import Resampling, compare_means
from cleaner.bench.metrics import Score, Snippets, compare, find_snippets, mean, score_tokens, shingle, tokenize

texts = st.text(alphabet="ab cB.,\n橋ไé\u0301", max_size=60)
sites = st.lists(st.sampled_from([f"{letter}.example" for letter in "abcdefghij"]), min_size=1, max_size=60)
FEW = Resampling(times=400)


def score_shingles(gold: str, text: str) -> Score:
    return compare(shingle(tokenize(gold)), shingle(tokenize(text)))


@pytest.mark.parametrize(
    ("gold", "text", "precision", "recall", "f1"),
    [
        ("The bridge is open.", "The bridge is open.", 1, 1, 1),
        ("The bridge is open.", "THE BRIDGE, IS OPEN!", 1, 1, 1),
        ("The bridge is open.", "The bridge is open. Read also", 4 / 6, 1, 0.8),
        ("open open open", "open", 1, 1 / 3, 0.5),
        ("open", "open open open", 1 / 3, 1, 0.5),
        ("橋が開いた", "橋が", 1, 2 / 5, 4 / 7),
        ("cafe\u0301", "café", 1, 1, 1),
        ("The bridge is open.", "", 0, 0, 0),
        ("", "Read also", 0, 0, 0),
        ("", "...", 1, 1, 1),
    ],
)
def test_token_scores(gold: str, text: str, precision: float, recall: float, f1: float) -> None:
    """Tokens are a multiset; case, punctuation and normal form do not count; two empty texts agree."""
    score = score_tokens(gold, text)
    assert (score.precision, score.recall, score.f1) == pytest.approx((precision, recall, f1))


@pytest.mark.parametrize(
    ("gold", "text", "f1"),
    [
        ("The bridge is open again.", "The bridge is open again.", 1),
        ("The bridge is open again.", "Again the bridge is open.", 0.5),
        ("The bridge is open again.", "Again open is bridge the.", 0),
        ("It opened.", "It opened.", 1),
        ("It opened.", "It opened on Friday morning.", 0),
        ("It opened.", "", 0),
    ],
)
def test_shingle_scores(gold: str, text: str, f1: float) -> None:
    """Order counts within four tokens, and a text shorter than that is one shingle."""
    assert score_shingles(gold, text).f1 == pytest.approx(f1)


@given(texts, texts)
def test_scores_mirror(gold: str, text: str) -> None:
    """Exchanging gold and text exchanges precision and recall; F1 lies between them, all within 0 and 1."""
    for score, mirrored in (
        (score_tokens(gold, text), score_tokens(text, gold)),
        (score_shingles(gold, text), score_shingles(text, gold)),
    ):
        assert (score.precision, score.recall) == (mirrored.recall, mirrored.precision)
        assert score.f1 == pytest.approx(mirrored.f1)
        low, high = sorted((score.precision, score.recall))
        assert 0 <= low <= score.f1 + 1e-12
        assert score.f1 <= high + 1e-12 <= 1 + 2e-12


@given(texts, texts)
def test_token_f1_counts_common_tokens(gold: str, text: str) -> None:
    """F1 is twice the common tokens over all tokens: the same figure by another way."""
    wanted, had = Counter(tokenize(gold)), Counter(tokenize(text))
    common = sum(min(count, had[token]) for token, count in wanted.items())
    total = wanted.total() + had.total()
    assert score_tokens(gold, text).f1 == pytest.approx(2 * common / total if total else 1)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_full_scores_mean_equal_multisets(gold: list[int], found: list[int]) -> None:
    """Only the same multiset scores 1."""
    assert (compare(gold, found).f1 == 1) == (Counter(gold) == Counter(found))


def test_snippets_are_found_across_white_space() -> None:
    """A snippet is in the text whatever its line ends and normal form; what must go is looked for the same way."""
    text = "The cafe\u0301 at\n  the bridge\u00a0is open.\nSubscribe now"
    found = find_snippets(text, ["café at the bridge", "bridge is", "closed"], ["Subscribe\tnow", "Read also"])
    assert found == Snippets(kept=2, lost=1, leaked=1, removed=1)


def test_mean_of_no_scores_is_refused() -> None:
    """An empty set has no mean rather than a zero."""
    with pytest.raises(ValueError, match="no scores"):
        mean([])


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.harbour-post.com/bridge", "harbour-post.com"),
        ("https://news.harbour-post.co.uk/bridge", "harbour-post.co.uk"),
        ("http://web.archive.org/web/20190101id_/https://sport.harbour-post.de/", "harbour-post.de"),
        ("xhttps://www.harbour-post.de/bridge", "harbour-post.de"),
        ("https://town.harbour-post.example/bridge", "harbour-post.example"),
        ("https://192.0.2.7/bridge", "192.0.2.7"),
        ("https://[::1", None),
        ("harbour post", None),
        ("", None),
        (None, None),
    ],
)
def test_sites_of_addresses(url: str | None, site: str | None) -> None:
    """The registrable domain names the site; archived pages belong to their publisher; nonsense has none."""
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("head", "url", "name"),
    [
        ('<link rel="canonical" href="https://a-post.com/x">', "https://b-post.com/x", "b-post.com"),
        ("<link href=//www.a-post.com/x rel=canonical>", None, "a-post.com"),
        ("<link rel=canonical href=/x><meta property='og:url' content='https://a-post.com'>", None, "a-post.com"),
        ('<meta content="The  Post &amp; Mail" property="og:site_name">', None, "the post & mail"),
        ("<title>Bridge</title>", None, "page-1"),
    ],
)
def test_publishers_of_pages(head: str, url: str | None, name: str) -> None:
    """The address comes first, then what the page declares, then its id."""
    assert publisher(f"<html><head>{head}</head></html>", url, "page-1") == name


@given(sites, st.integers(2, 5), st.integers(0, 3))
def test_folds_keep_sites_apart_and_balanced(names: list[str], count: int, seed: int) -> None:
    """No site is in two folds, none depends on the pages' order, and folds differ by no more than the largest site."""
    if len(set(names)) < count:
        with pytest.raises(ValueError, match="cannot be dealt"):
            assign_folds(names, count, seed)
        return
    folds = assign_folds(names, count, seed)
    where = defaultdict(set)
    for name, fold in zip(names, folds, strict=True):
        where[name].add(fold)
    assert all(len(found) == 1 for found in where.values())
    backwards = assign_folds(names[::-1], count, seed)
    assert backwards[::-1] == folds
    sizes = Counter(folds)
    assert set(sizes) == set(range(count))
    assert max(sizes.values()) - min(sizes.values()) <= max(Counter(names).values())


def test_folds_follow_the_seed() -> None:
    """Another seed deals other folds."""
    names = [f"site-{number}.example" for number in range(40)]
    assert assign_folds(names, seed=1) == assign_folds(names, seed=1) != assign_folds(names, seed=2)


@given(st.lists(st.integers(0, 3), min_size=1))
def test_splits_hold_every_page_out_once(folds: list[int]) -> None:
    """Each page is held out in exactly one split, and trained on in all others."""
    parts = list(split(folds))
    assert sorted(at for _, held in parts for at in held) == list(range(len(folds)))
    assert all(sorted(training + held) == list(range(len(folds))) for training, held in parts)


def test_cross_validation_does_not_see_the_fold_it_scores() -> None:
    """A candidate that shines on one fold only is not chosen for it, so the gain reported is none."""
    plain, tuned = [0.5] * 6, [1.0, 1.0, 0.4, 0.4, 0.4, 0.4]
    held = cross_validate({"plain": plain, "tuned": tuned}, folds=[0, 0, 1, 1, 2, 2])
    assert held.chosen == ("plain", "tuned", "tuned")
    assert held.scores == (0.5, 0.5, 0.4, 0.4, 0.4, 0.4)


def test_cross_validation_prefers_the_first_of_equals_and_weighs_sets() -> None:
    """Of equals the first counts; weights decide between sets that disagree."""
    assert cross_validate({"simple": [1, 1], "complex": [1, 1]}, [0, 1]).chosen == ("simple", "simple")
    candidates = {"for the large": [1.0, 1, 0] * 2, "for the small": [0.0, 0, 1] * 2}
    assert set(cross_validate(candidates, [0, 0, 0, 1, 1, 1]).chosen) == {"for the large"}
    assert set(cross_validate(candidates, [0, 0, 0, 1, 1, 1], [0.1, 0.1, 1] * 2).chosen) == {"for the small"}


@pytest.mark.parametrize("candidates", [{}, {"plain": [0.5]}])
def test_cross_validation_refuses_uneven_scores(candidates: dict[str, list[float]]) -> None:
    """Scores that do not belong to the pages are refused."""
    with pytest.raises(ValueError, match="needs one score"):
        cross_validate(candidates, [0, 1])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_no_difference_is_no_difference(scores: list[float]) -> None:
    """A run compared with itself differs by exactly nothing, however it is resampled."""
    found = compare_means(scores, scores, range(len(scores)), Resampling(times=20))
    assert (found.difference, found.low, found.high, found.chance) == (0, 0, 0, 1)
    assert (found.better, found.worse, found.same) == (0, 0, len(scores))
    assert not found.clear


def test_a_constant_gain_has_a_narrow_interval() -> None:
    """Where every page gains the same, resampling changes nothing and chance explains little."""
    before = [number / 100 for number in range(60)]
    found = compare_means(before, [score + 0.1 for score in before], range(60), FEW)
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert found.clear
    assert found.chance < 0.01
    assert found.better == 60


def test_exchanging_the_runs_exchanges_the_signs() -> None:
    """Before and after exchanged give the same interval, mirrored."""
    chance = random.Random(1)
    before, after = ([chance.random() for _ in range(40)] for _ in range(2))
    there, back = (compare_means(*runs, range(40), FEW) for runs in ((before, after), (after, before)))
    assert back.difference == -there.difference
    assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))
    assert (back.better, back.worse) == (there.worse, there.better)


def test_pages_of_one_site_are_no_independent_proof() -> None:
    """The same steps make a wider interval where they come from few sites; the mean stays that of the pages."""
    chance = random.Random(2)
    steps = [chance.gauss(0.02, 0.1) for _ in range(20) for _ in range(1)]
    after = [step for step in steps for _ in range(10)]
    before = [0.0] * len(after)
    alone = compare_means(before, after, range(len(after)), FEW)
    grouped = compare_means(before, after, [number // 10 for number in range(len(after))], FEW)
    assert grouped.difference == alone.difference
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)
    assert grouped.chance > alone.chance


def test_intervals_cover_the_truth() -> None:
    """Over simulated runs with sites of uneven size and a shared effect, a 90 % interval misses about one in ten."""
    chance, truth, rounds, hits = random.Random(3), 0.03, 120, 0
    for number in range(rounds):
        names, after = [], []
        for site in range(40):
            shared = chance.gauss(truth, 0.05)
            for _ in range(chance.choice([1, 1, 2, 5])):
                names.append(site)
                after.append(shared + chance.gauss(0, 0.05))
        found = compare_means([0.0] * len(after), after, names, Resampling(times=200, confidence=0.9, seed=number))
        hits += found.low <= truth <= found.high
    assert 0.8 <= hits / rounds <= 0.97


def test_chance_is_even_where_nothing_differs() -> None:
    """Under no effect, the sign-flip test calls about one run in ten unlikely at the tenth."""
    chance, rounds = random.Random(4), 120
    unlikely = 0
    for number in range(rounds):
        after = [chance.gauss(0, 0.1) for _ in range(30)]
        unlikely += compare_means([0.0] * 30, after, range(30), Resampling(times=200, seed=number)).chance <= 0.1
    assert 0.03 <= unlikely / rounds <= 0.2


def test_comparisons_need_pairs() -> None:
    """Runs over different pages are not compared, nor are none."""
    with pytest.raises(ValueError):
        compare_means([0.1], [0.1, 0.2], ["a.example"])
    with pytest.raises(ValueError, match="no pages"):
        compare_means([], [], [])
