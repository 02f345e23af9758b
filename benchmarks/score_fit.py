"""Fit the weights of `rules/weights/whole-page.yaml` on pages with gold, and say what they do on pages not seen.

Usage: python -m benchmarks.score_fit SET.jsonl.zst... [--out FILE] [--check] [--folds 5] [--skip NAME...] [--held-out]

Each page is turned into a dump (see `benchmarks.score_pages`), the other shipped rules run, and the blocks that are left
are labelled by gold. Two logistic regressions follow, solved by Newton's method under an L2 penalty: the second sees the
scores of the first, which for the pages it learns from come from fits without their publishers. Blocks weigh by their
tokens, pages all the same. `--held-out` prints what the whole cleaner makes of each set with weights fitted without the
publishers of the pages it is tried on (`--apart`: without the set itself). `--check` compares the weights with those of
the file. Needs numpy and inscriptis.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import yaml

from benchmarks.score_pages import Dump, forms_of, prepare
from cleaner.bench.case import Body
from cleaner.bench.folds import assign_folds, split
from cleaner.bench.metrics import Score, mean, score_tokens
from cleaner.bench.sets import read_set, set_name
from cleaner.clean import Cleaner
from cleaner.match.score import score
from cleaner.rules.load import load_shipped, shipped_rules
from cleaner.rules.weights import First, Second, Weights
from cleaner.text.features import FIRST, SCORES, Columns, describe_scores

Array = Any

NAME = "whole-page"
PENALTY = 1.0
PAGE_WEIGHT = 200.0
TOLERANCE = 0.02
"""How far a weight may be off on another machine."""

IGNORED = ("size", "indent_level")
GATE = {
    "indented": {"blocks": 12, "outside": 0, "before": 0, "run": 3, "short": 0.1},
    "broken": {"blocks": 10, "outside": 4, "before": 2, "run": 0, "short": 0.2},
    "plain": {"blocks": 30, "outside": 24, "before": 11, "run": 10, "short": 0.4, "torn": 0.15},
}
THRESHOLDS = {
    "keep": 0.6, "relative": 0.65, "prose": 0.2, "reach": 6, "between": 0.3, "core": 60, "sure": 0.4, "apart": 60,
    "second": 0.6,
}  # fmt: skip


@dataclass(slots=True)
class Learned:
    """Hold a dump with its features as an array; `second` is filled out of fold."""

    dump: Dump
    set: str
    first: Array
    second: Array = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, report, and write or compare."""
    options = _parser().parse_args(arguments)
    learned = list(_read(options.sets, options.skip, options.most))
    if options.held_out or options.apart:
        for name, scores in held_out(learned, options.folds, options.apart):
            print(f"{name:20s} {_line(scores)}", flush=True)
        if not options.out and not options.check:
            return 0
    weights = fit(learned)
    if options.check:
        return check(weights, Path(options.out or shipped_rules() / "weights" / f"{NAME}.yaml"))
    write(weights, Path(options.out or shipped_rules() / "weights" / f"{NAME}.yaml"))
    return 0


def fit(learned: Sequence[Learned], folds: int = 4) -> Weights:
    """Fit both passes."""
    first = _solve([page.first for page in learned], learned)
    sites = [page.dump.case.site for page in learned]
    for outside, inside in split(assign_folds(sites, folds, seed=1)):
        rest = [learned[at] for at in outside]
        partial = _first(_solve([page.first for page in rest], rest))
        for at in inside:
            columns = learned[at].dump.columns
            learned[at].second = _array(describe_scores(columns, score(partial, columns)), (*FIRST, *SCORES))
    second = _solve([page.second for page in learned], learned)
    about = ", ".join(f"{count} of {name}" for name, count in sorted(Counter(page.set for page in learned).items()))
    return Weights.model_validate(
        {
            "weights": NAME,
            "fitted": f"by benchmarks/score_fit.py on dumps of pages: {about}",
            "gate": GATE,
            "thresholds": THRESHOLDS,
            "first": _first(first),
            "second": Second(bias=_rounded(second[-1]), features=_named(second, (*FIRST, *SCORES))),
        }
    )


def held_out(learned: Sequence[Learned], folds: int, apart: bool) -> Iterator[tuple[str, list[Outcome]]]:
    """Clean every page with weights fitted without its publisher, or without its set; yield the scores by set."""
    sets = list(dict.fromkeys(page.set for page in learned))
    numbers = [sets.index(page.set) for page in learned] if apart else None
    if numbers is None:
        numbers = list(assign_folds([page.dump.case.site for page in learned], folds))
    found: dict[str, list[Outcome]] = {name: [] for name in sets}
    for outside, inside in split(numbers):
        sites = {learned[at].dump.case.site for at in inside}
        weights = fit([learned[at] for at in outside if learned[at].dump.case.site not in sites])
        cleaner = with_weights(weights)
        for at in inside:
            if learned[at].dump.form == "inscriptis":
                found[learned[at].set].append(_try(cleaner, learned[at].dump))
    yield from found.items()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what became of one page: its scores as it came and cleaned, and the flags of abstention."""

    came: Score
    left: Score
    flags: tuple[str, ...]
    acted: bool


def with_weights(weights: Weights, text: Callable[[Any], Any] | None = None) -> Cleaner:
    """Make a cleaner of the shipped rules with other weights."""
    shipped = load_shipped()
    return Cleaner(replace(shipped, weights={**shipped.weights, weights.weights: weights}))


def _try(cleaner: Cleaner, dump: Dump) -> Outcome:
    gold = dump.case.gold.text if isinstance(dump.case.gold, Body) else ""
    cleaned = cleaner.clean(dump.text, lang=dump.case.input.lang)
    flags = tuple(flag for flag in cleaned.flags if flag.startswith("score:"))
    return Outcome(
        score_tokens(gold, dump.text), score_tokens(gold, cleaned.text), flags, any(cut.because for cut in cleaned.cuts)
    )


def _line(outcomes: Sequence[Outcome]) -> str:
    came, left = mean([one.came for one in outcomes]), mean([one.left for one in outcomes])
    flags = Counter(flag.split()[-1] for one in outcomes for flag in one.flags)
    acted = fmean(one.acted for one in outcomes)
    return (
        f"pages={len(outcomes)} as it comes f1={came.f1:.4f}, cleaned p={left.precision:.4f} r={left.recall:.4f} "
        f"f1={left.f1:.4f} acted={acted:.3f} abstained={dict(flags)}"
    )


def check(weights: Weights, path: Path) -> int:
    """Compare fitted weights with those of a file; returns 1 where one is off."""
    stored = Weights.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    off = [
        f"{part}.{name}: {old:+.3f} in the file, {new:+.3f} fitted"
        for part in ("first", "second")
        for name, (old, new) in _pairs(getattr(stored, part), getattr(weights, part)).items()
        if abs(old - new) > TOLERANCE
    ]
    print("\n".join(off) or f"{path} holds what was fitted")
    return int(bool(off))


def _pairs(old: First | Second, new: First | Second) -> dict[str, tuple[float, float]]:
    names = dict.fromkeys((*old.features, *new.features))
    pairs = {name: (old.features.get(name, 0.0), new.features.get(name, 0.0)) for name in names}
    return {"bias": (old.bias, new.bias), **pairs}


def write(weights: Weights, path: Path) -> None:
    """Write a file of weights, each feature on a line of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(weights.model_dump(mode="json"), sort_keys=False, width=120, allow_unicode=True)
    head = "# yaml-language-server: $schema=../schema.json\n# Written by benchmarks/score_fit.py; `--check` compares.\n"
    path.write_text(head + text, encoding="utf-8")


def _read(paths: Iterable[str], skip: Sequence[str], most: int) -> Iterator[Learned]:
    for path in paths:
        cases = [case for case in read_set(path) if isinstance(case.gold, Body) and case.id not in skip]
        step = max(1, -(-len(cases) // most))
        for number, case in enumerate(cases[::step]):
            for form in forms_of(number):
                dump = prepare(case, form)
                if dump.labels:
                    yield Learned(dump, set_name(path), _array(dump.columns, FIRST))


def _array(columns: Columns, names: Sequence[str]) -> Array:
    return np.array([columns[name] for name in names if name not in IGNORED] + [[1.0] * len(columns["size"])]).T


def _first(solved: Array) -> First:
    return First(bias=_rounded(solved[-1]), features=_named(solved, FIRST))


def _named(solved: Array, names: Sequence[str]) -> dict[str, float]:
    used = [name for name in names if name not in IGNORED]
    return {name: _rounded(value) for name, value in zip(used, solved, strict=False)}


def _rounded(value: float) -> float:
    return round(float(value), 3)


def _solve(features: Sequence[Array], pages: Sequence[Learned], steps: int = 12) -> Array:
    """Fit one logistic regression by Newton's method; the last weight is the bias."""
    x = np.vstack(features)
    y = np.concatenate([page.dump.labels for page in pages])
    w = np.concatenate([_weigh(page.dump.tokens) for page in pages])
    penalty = np.eye(x.shape[1]) * PENALTY
    penalty[-1, -1] = 1e-6
    solved = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ solved, -30, 30)))
        slope = x.T @ (w * (p - y)) + penalty @ solved
        bend = (x * (w * np.maximum(p * (1 - p), 1e-9))[:, None]).T @ x + penalty
        step = np.linalg.solve(bend, slope)
        solved -= step * min(1.0, 10 / np.abs(step).max())
        if np.abs(step).max() < 1e-3:
            break
    return solved


def _weigh(tokens: Sequence[int]) -> Array:
    sizes = np.array(tokens, float)
    return sizes * PAGE_WEIGHT / max(1.0, sizes.sum())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--out", help="where the weights go; the shipped file unless given")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--held-out", action="store_true", help="report by folds over publishers, write nothing")
    parser.add_argument("--apart", action="store_true", help="report each set with weights fitted on the others")
    parser.add_argument("--most", type=int, default=400, help="pages of one set, evenly spread")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--skip", nargs="*", default=[], help="ids of pages to leave out")
    return parser


if __name__ == "__main__":
    sys.exit(main())
