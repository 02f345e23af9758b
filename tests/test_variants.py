"""Invented variants of the seeds' noise, in ten languages and many shapes, keep their floors."""

from __future__ import annotations

import pytest

from cleaner import Cleaner
from tests.variants.build import build
from tests.variants.score import Verdict, judge_all, table

EXACT_BODIES = 0.95
LOST_TOKENS = 0.001


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return judge_all(build(), Cleaner())


def test_bodies_are_exact(verdicts: list[Verdict]) -> None:
    """At least 95 % of the bodies come out exactly."""
    exact = sum("body" not in verdict.wrong for verdict in verdicts)
    assert exact >= EXACT_BODIES * len(verdicts), table(verdicts)


def test_hardly_a_body_token_is_lost(verdicts: list[Verdict]) -> None:
    """Of the tokens of all bodies fewer than one in a thousand is lost."""
    lost, count = sum(v.lost for v in verdicts), sum(v.tokens for v in verdicts)
    assert lost < LOST_TOKENS * count, [v for v in verdicts if v.lost]


def test_every_variant_replays(verdicts: list[Verdict]) -> None:
    """The cuts of every document lead from its source to its text."""
    assert [v.id for v in verdicts if "replay" in v.wrong] == []
