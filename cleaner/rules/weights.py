"""Weights of features: what a `score` rule judges blocks of a page by, declared in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, Field, FiniteFloat

from cleaner.rules.strict import Strict
from cleaner.text.features import FIRST, SCORES


def _known(names: tuple[str, ...]) -> AfterValidator:
    known = frozenset(names)

    def check(value: Mapping[str, float]) -> Mapping[str, float]:
        for name in value:
            if name not in known:
                near = get_close_matches(name, names, n=3, cutoff=0.3) or names[:3]
                raise ValueError(
                    f"{name!r} is no feature of this pass: write one of its {len(names)}, such as {', '.join(near)}"
                )
        return value

    return AfterValidator(check)


Name = Annotated[str, Field(pattern="^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")]
Least = Annotated[int, Field(ge=0)]
Part = Annotated[float, Field(ge=0, le=1)]


class First(Strict):
    """Weigh the features of a block and its surroundings."""

    bias: FiniteFloat = Field(description="what a block has before any feature counts")
    features: Annotated[dict[str, FiniteFloat], _known(FIRST)] = Field(description="weights by the names of features")


class Second(Strict):
    """Weigh them once more, beside what the first pass made of the block and its neighbours."""

    bias: FiniteFloat = Field(description="what a block has before any feature counts")
    features: Annotated[dict[str, FiniteFloat], _known((*FIRST, *SCORES))] = Field(
        description="weights by the names of features, and of scores of the first pass"
    )


class Form(Strict):
    """Say from what on a text of one form is a whole page; all must hold."""

    blocks: Least = Field(description="blocks in all")
    outside: Least = Field(description="short blocks before the first and after the last block of prose")
    before: Least = Field(0, description="those before the first one alone")
    run: Least = Field(0, description="the longest run of short blocks")
    short: Part = Field(description="share of short blocks")
    torn: Part = Field(1, description="share of blocks, at most, that open like the rest of a sentence")


class Gate(Strict):
    """Say which texts are whole pages: by less where indentation or broken lines show what made them."""

    indented: Form = Field(description="texts of which four in five blocks are indented, by three widths or more")
    broken: Form = Field(description="texts whose lines were broken at a fixed width")
    plain: Form = Field(description="all others")


class Thresholds(Strict):
    """Say which blocks stay, and when nothing is cut at all."""

    keep: Part = Field(description="the score from which a block stays")
    relative: Part = Field(description="or this share of the score that the surest `core` words reach")
    prose: Part = Field(description="the score from which prose near a block that stays does so too")
    reach: Least = Field(description="how near, in blocks")
    between: Part = Field(description="the score from which a block between two that stay does so too")
    core: Annotated[int, Field(ge=1)] = Field(description="words of the surest blocks by which a page is judged")
    sure: Part = Field(description="the score that these must reach: below it there is no core")
    apart: Annotated[int, Field(ge=1)] = Field(description="blocks in a row that go between two cores")
    second: Part = Field(description="share of the larger core from which a second one counts")


class Weights(Strict):
    """Hold one file of weights."""

    weights: Name = Field(description="the name by which rules refer to them")
    fitted: Annotated[str, Field(min_length=10)] = Field(description="on what, and how")
    gate: Gate = Field(description="which texts are whole pages")
    thresholds: Thresholds = Field(description="which blocks stay")
    first: First = Field(description="weights of the first pass")
    second: Second = Field(description="weights of the second pass, which knows what the first made of the neighbours")
