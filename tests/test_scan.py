"""The one scan: its engines agree, it misses no literal, and what rules need tells nothing wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.clean import Cleaner
from cleaner.errors import OptionError
from cleaner.match.literal import Literal
from cleaner.match.scan.engine import LONG, SHORT
from cleaner.match.scan.index import Index, Owners
from cleaner.match.scan.scan import ENGINES, engines, pieces
from cleaner.model import Document
from cleaner.text.fold import fold, lower, unify
from cleaner.text.shadow import MARK, shade
from cleaner.text.sheet import Sheet
from tests.making import shipped
from tests.variants.build import build

LETTERS = "abcdeß éÉ'’-–.,:!\n\u00a0ΣςİıſK关注️\u0301𐐀😀"
FOUND = [name for name in engines() if name != "naive"]


def seen(name: str, keys: tuple[bytes, ...], codes: bytes) -> list[tuple[int, int]]:
    places, numbers = ENGINES[name](keys).find(np.frombuffer(codes, np.uint8).copy())
    return sorted(zip(places.tolist(), numbers.tolist(), strict=True))


@pytest.mark.parametrize("name", FOUND)
@given(
    st.sets(
        st.binary(min_size=SHORT, max_size=LONG).map(lambda raw: bytes(97 + byte % 3 for byte in raw)), max_size=40
    ),
    st.lists(st.sampled_from(b"abc"), max_size=400).map(bytes),
)
def test_engines_see_the_same(name: str, keys: set[bytes], codes: bytes) -> None:
    """Every engine sees what the obvious one sees: keys that overlap, contain each other, stand at the very end."""
    ordered = tuple(sorted(keys))
    assert seen(name, ordered, codes) == seen("naive", ordered, codes)


@pytest.mark.parametrize("name", FOUND)
def test_engines_see_the_same_with_all_shipped_keys(name: str) -> None:
    """So do they with the keys of all shipped rules, on a text made of many of them."""
    engine = shipped()._sweeper._lookout.scan.index.engine
    keys = tuple(sorted({bytes(int(key).to_bytes(LONG, "little")) for key in engine.long.keys[::40]}))  # type: ignore[attr-defined]
    codes = b"\x0b".join(key + keys[-1 - number] for number, key in enumerate(keys[:200]))
    assert seen(name, keys, codes) == seen("naive", keys, codes)


@given(st.text(LETTERS, max_size=60), st.data())
def test_scan_misses_no_literal(text: str, data: st.DataObject) -> None:
    """Whatever stands in a text is found in its shadow, where its surroundings are as asked for."""
    folded = lower(unify(text))
    start = data.draw(st.integers(0, max(0, len(text) - 3)))
    end = data.draw(st.integers(min(len(text), start + 3), len(text)))
    part = folded[start:end]
    if len(part) < 3 or part != part.strip() or "\n" in part or fold(part) != part:
        return
    literal = Literal(part, word=False)
    index = Index.build([literal, Literal("something else")], ENGINES["portable"])
    starts, ends, numbers = index.find(shade(f"\n{text}\n\n"))
    assert (start + 1, end + 1, 0) in zip(starts.tolist(), ends.tolist(), numbers.tolist(), strict=True)


@given(st.one_of(st.text(LETTERS, max_size=40), st.text(st.characters(), max_size=40)))
def test_shadow_unifies_as_text_does(text: str) -> None:
    """A shadow tells its text with the same characters unified, lone surrogates too."""
    assert shade(f"\n{text}\n").unified == unify(f"\n{text}\n")


@given(st.text(LETTERS, max_size=40))
def test_shadow_has_a_byte_for_each_code_point(text: str) -> None:
    """A shadow is as long as its text, and that of the folded text is the same."""
    shadow, folded = shade(f"\n{text}\n"), shade(f"\n{lower(unify(text))}\n")
    assert len(shadow.codes) == len(text) + 2
    if unify(text) == lower(unify(text)) == text:
        assert shadow.codes.tobytes() == folded.codes.tobytes()


@pytest.mark.parametrize(
    ("literal", "text", "found"),
    [
        (Literal("share", opens=True), "It is late. Share this", True),
        (Literal("share", opens=True), "We share this", False),
        (Literal("share", opens=True, closes=True), "• Share …", True),
        (Literal("share", opens=True, closes=True), "Share this", False),
        (Literal("share"), "He shares it", False),
        (Literal("share", word=False), "He shares it", True),
        (Literal("share", capital=True), "a share of it", False),
        (Literal("share", capital=True), "a Share of it", True),
        (Literal("share", label=True), "a share of it", False),
        (Literal("share", label=True), "A sum. share of it", True),
        (Literal("read more", flows=True), "read\nmore", True),
        (Literal("read more"), "read\nmore", False),
        (Literal("l'été"), "L’ÉTÉ", True),
        (Literal("关注"), "请关注我们", True),
        (Literal("[...]", word=False), "so [...] he said", True),
    ],
)
def test_surroundings_of_literals(literal: Literal, text: str, found: bool) -> None:
    """A literal counts where what stands around it is as its rule needs it."""
    index = Index.build([literal], ENGINES["portable"])
    assert bool(len(index.find(shade(f"\n{text}\n\n"))[0])) is found


@pytest.mark.parametrize("engine", ["portable", "hyperscan", "naive"])
def test_engines_clean_alike(engine: str) -> None:
    """Whatever engine looks for literals, the same is cut; one that is not there is named."""
    ruleset = shipped().ruleset
    few = ruleset.only([rule for rule in ruleset.rules if rule.kind == "line" and not rule.scope.hosts][::6])
    if engine not in engines():
        with pytest.raises(OptionError, match="is not installed"):
            Cleaner(few, engine=engine)
        return
    documents = [Document(str(number), row["text"]) for number, row in enumerate(build()[::40])]
    one, two = Cleaner(few, engine=engine), Cleaner(few)
    assert list(one.pipe(documents)) == list(two.pipe(documents))
    assert one.glance(documents) == two.glance(documents)


def test_unknown_engines_are_refused() -> None:
    """A name that no engine has is refused, with those that there are."""
    with pytest.raises(OptionError, match="write auto, portable, hyperscan, naive"):
        Cleaner(shipped().ruleset.only([]), engine="warp")


def test_marks_are_one_byte() -> None:
    """What may begin or end a sentence looks alike, white space beside it too."""
    assert set(shade("\n. … “ » • |\n").codes.tolist()) == {MARK}


def test_long_texts_are_scanned_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text read piece by piece gives the hits of the text read as one, in order, each once."""
    text = "\n".join(row["text"] for row in build()[::30])
    scanner, sheet = shipped()._sweeper._lookout.scan, Sheet(text)
    whole = scanner.hits(sheet.folded, list(pieces(sheet.marked)))
    monkeypatch.setattr("cleaner.match.scan.scan.PIECE", 777)
    parts = list(pieces(sheet.marked))
    assert len(parts) > 20
    assert scanner.hits(sheet.folded, parts) == whole


@given(
    st.dictionaries(st.integers(0, 5), st.sets(st.integers(0, 3)), max_size=6),
    st.dictionaries(st.integers(0, 5), st.lists(st.integers(0, 2), min_size=1, unique=True), max_size=3),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1)), max_size=8),
    st.lists(st.lists(st.integers(0, 2), unique=True, max_size=2), min_size=2, max_size=2),
)
def test_literals_lead_to_the_rules_of_their_text(
    needs: dict[int, set[int]], homes: dict[int, list[int]], places: list[tuple[int, int]], sites: list[list[int]]
) -> None:
    """A literal leads to each rule that needs it, to a rule of sites in texts of these alone; one by one and side by side."""
    rows = [(literal, rule) for rule, literals in sorted(needs.items()) for literal in sorted(literals)]
    literals, rules = np.array(rows, np.int64).reshape(-1, 2).T
    owners = Owners.build(literals, rules, 4, homes)
    hit, found = owners.spread(
        np.array([literal for literal, _ in places], np.int64), np.array([text for _, text in places], np.int64), sites
    )
    wanted = [
        (at, rule)
        for at, (literal, text) in enumerate(places)
        for rule, own in needs.items()
        if literal in own and (rule not in homes or set(homes[rule]) & set(sites[text]))
    ]
    assert sorted(set(zip(hit.tolist(), found.tolist(), strict=True))) == sorted(wanted)
    assert [
        (at, rule) for at, (literal, text) in enumerate(places) for rule in sorted(set(owners.of(literal, sites[text])))
    ] == sorted(wanted)
