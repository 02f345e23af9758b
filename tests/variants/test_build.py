"""The variants are what they claim to be: built the same twice, and every gold is found in its text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest

from tests.variants.build import build
from tests.variants.damage import repair

DOCUMENTS = build()
TOKEN = re.compile(r"[^\W_]+")


def tokens(text: str) -> list[str]:
    """Return the runs of letters and digits."""
    return TOKEN.findall(text)


def is_subsequence(some: Iterable[str], whole: Iterable[str]) -> bool:
    """Tell whether `some` stands in `whole`, in order, perhaps with gaps."""
    rest = iter(whole)
    return all(token in rest for token in some)


def squash(text: str) -> str:
    """Return the text with white space made even."""
    return " ".join(text.split())


def stands_alone(document: dict[str, Any]) -> bool:
    """Tell whether this is a look-alike without a tail or a list behind it."""
    family = document["id"].split("/")[0]
    return family.startswith("keep-") and not re.search("-(tail|playlist|ticker)", family)


@pytest.fixture(params=DOCUMENTS, ids=lambda d: d["id"])
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One built document."""
    found: dict[str, Any] = request.param
    return found


def test_build_is_deterministic() -> None:
    """The same seed gives the same documents, another seed others."""
    assert build(0) == DOCUMENTS
    assert build(1) != DOCUMENTS


def test_ids_and_texts_are_unique() -> None:
    """No document is built twice."""
    assert len({d["id"] for d in DOCUMENTS}) == len(DOCUMENTS)
    assert len({d["text"] for d in DOCUMENTS}) == len(DOCUMENTS)


def test_gold_stands_in_the_repaired_text(document: dict[str, Any]) -> None:
    """Bodies, titles, related articles, headlines and metadata are all found, in the text's own order."""
    text, gold = repair(document["text"]), document["gold"]
    whole = tokens(text)
    assert gold["bodies"]
    assert all(body and is_subsequence(tokens(body), whole) for body in gold["bodies"])
    assert squash(gold["title"] or "") in squash(text)
    assert is_subsequence((t for h in gold["headlines"] for t in tokens(h)), whole)
    for related in gold["related"]:
        assert is_subsequence(tokens(related["body"]), whole)
        assert re.search(rf"{re.escape(related['source'])} (time)?{re.escape(related['age'])}", squash(text))
    for phrase in gold["metadata"].values():
        assert squash(phrase) in squash(text)


def test_damage_is_real(document: dict[str, Any]) -> None:
    """A document named after a damage shows it; one named flat has one line."""
    shape = document["id"].rsplit("/", 1)[1].split("+")
    text = document["text"]
    assert ("\n" not in text) == ("flat" in shape)
    if {"mojibake", "mojibake-latin", "crlf-mojibake", "nfd"} & set(shape):
        assert repair(text).replace("\r", "") != text.replace("\r", "")


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if stands_alone(d)], ids=lambda d: d["id"])
def test_lookalikes_alone_lose_nothing_but_the_title(document: dict[str, Any]) -> None:
    """A look-alike's gold is its text."""
    gold = document["gold"]
    assert squash(repair(document["text"])) == squash(f"{gold['title'] or ''} {gold['bodies'][0]}")
