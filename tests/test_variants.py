"""Invented variants of the seeds' noise, in many languages and shapes, keep their floors.

Beside the generated set stand four that were written without sight of the rules; see `variants/held_out/README.md`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.making import shipped
from tests.variants.build import build
from tests.variants.score import Verdict, judge_all, table

EXACT_BODIES = 0.95
LOST_TOKENS = 0.001
HELD_OUT = Path(__file__).parent / "variants" / "held_out"


def held_out(name: str) -> list[dict[str, Any]]:
    with (HELD_OUT / f"{name}.jsonl.zst").open("rb") as packed:
        stream = zstandard.ZstdDecompressor().stream_reader(packed)
        return [json.loads(line) for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n")]


SETS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "generated": build,
    "first": lambda: held_out("first"),
    "second": lambda: held_out("second"),
    "third": lambda: held_out("third"),
    "fourth": lambda: held_out("fourth"),
}


@pytest.fixture(scope="module", params=sorted(SETS))
def verdicts(request: pytest.FixtureRequest) -> list[Verdict]:
    return judge_all(SETS[request.param](), shipped())


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
