"""Test packs of rules with generated pages: strategies for hypothesis, and checks that every cleaned document passes.

Hypothesis is needed by the strategies only (`pip install "cleaner-news[testing]"`). Checks raise `AssertionError`.

    from hypothesis import given
    from cleaner import Cleaner
    from cleaner.testing import check_replay, pages

    cleaner = Cleaner(rules=["my-rules/"])

    @given(pages())
    def test_my_rules(page):
        result = cleaner.clean(page.text)
        check_replay(result)
        assert result.text == page.body
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cleaner.model import CLASSES, Cleaned, Cut, Related, replay
from cleaner.rules.load import Ruleset, load_shipped
from cleaner.rules.schema import Example, Rule
from cleaner.rules.yaml import read_yaml
from cleaner.text.fold import fold
from cleaner.text.repair import repair
from cleaner.text.shape import core

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Slot = Literal["head", "inline", "furniture", "tail"]
Layout = Literal["paragraphs", "headings", "sentences", "dialogue"]

SLOTS: tuple[Slot, ...] = ("head", "inline", "furniture", "tail")
"""Where noise stands on a page: before the title, between paragraphs, after the article, from there to the end."""

LAYOUTS: tuple[Layout, ...] = ("paragraphs", "headings", "sentences", "dialogue")
LANGUAGES = ("en", "fr", "de", "es", "ru", "ja")

_DATA = Path(__file__).parent / "testing_data"
_WITHOUT_SPACES = ("ja",)
_ODD = (
    "\0", "\ud800", "\udfff", "\x85", "\x0b", "\x0c", "\x1c", "\u2028", "\u2029", "\r", "\r\n", "\n", "\n\n", "\t", " ",
    "\u00a0", "\u00ad", "\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\ufeff", "\ufffd", "\U000e0001",
    "\u0301", "İ", "ı", "ſ", "ς", "Σ", "ß", "ﬁ", "Ã©", "â€™", "•", "-", "–", "…", "...", ":", "«", "»", "\U0001f600",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Article:
    """Hold an invented clean article; `text` is its title and paragraphs, one a line."""

    lang: str
    layout: Layout
    title: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(self.paragraphs)

    @property
    def text(self) -> str:
        """The title and the paragraphs, one a line."""
        return f"{self.title}\n{self.body}"


@dataclass(frozen=True, slots=True)
class Artefact:
    """Hold a stretch of noise and the slot it stands in; `last` means that nothing but a tail may follow it."""

    class_: str
    slot: Slot
    text: str
    lang: str = ""
    last: bool = False


@dataclass(frozen=True, slots=True)
class NoisyPage:
    """Hold an article with noise around and inside it: cleaned, `text` gives `title` and `body`."""

    text: str
    title: str
    body: str
    artefacts: tuple[Artefact, ...]
    lookalikes: tuple[str, ...] = ()


def articles(lang: str | None = None, layout: Layout | None = None) -> SearchStrategy[Article]:
    """Draw clean articles of one language and layout, or of any."""
    st = _hypothesis()
    shown: SearchStrategy[Article] = st.tuples(_any_of(lang, LANGUAGES), _any_of(layout, LAYOUTS)).flatmap(
        _draw_article
    )
    return shown


def artefacts(
    ruleset: Ruleset | None = None, slot: Slot | None = None, lang: str | None = None
) -> SearchStrategy[Artefact]:
    """Draw noise: from example data kept apart from all rules, or with `ruleset` from its rules' own examples."""
    st = _hypothesis()
    known = list_artefacts() if ruleset is None else list_own_artefacts(ruleset)
    chosen = [a for a in known if slot in (None, a.slot) and (lang is None or a.lang in ("", lang))]
    drawn: SearchStrategy[Artefact] = st.sampled_from(chosen) if chosen else st.nothing()
    return drawn


def lookalikes(lang: str | None = None) -> SearchStrategy[str]:
    """Draw paragraphs that resemble noise and must stay."""
    texts = [text for language in ([lang] if lang else LANGUAGES) for text in list_lookalikes(language)]
    drawn: SearchStrategy[str] = _hypothesis().sampled_from(texts)
    return drawn


def pages(without: Iterable[Artefact] = (), lang: str | None = None) -> SearchStrategy[NoisyPage]:
    """Draw articles with noise injected in its slots, `head* title body(inline)* furniture* tail?`, and look-alikes."""
    usable = [artefact for artefact in list_artefacts() if artefact not in tuple(without)]
    drawn: SearchStrategy[NoisyPage] = articles(lang).flatmap(partial(_draw_page, usable))
    return drawn


def texts(phrases: Sequence[str] = ()) -> SearchStrategy[str]:
    """Draw arbitrary Unicode: NULs, lone surrogates, huge lines, invisible characters; `phrases` are mixed in."""
    st = _hypothesis()
    words = ["The bridge opens on Friday, he said.", "word", *phrases]
    arbitrary = st.text(st.characters(exclude_categories=()), max_size=12)
    part = st.one_of(st.sampled_from(_ODD), st.sampled_from(words), st.just("\n"), arbitrary)
    huge = st.tuples(part, st.integers(200, 3000)).map(lambda drawn: drawn[0] * drawn[1])
    parts = st.lists(st.one_of(part, part, part, part, huge), max_size=30)
    drawn: SearchStrategy[str] = st.tuples(parts, st.sampled_from(["", " ", "\n"])).map(lambda d: d[1].join(d[0]))
    return drawn


def list_artefacts() -> tuple[Artefact, ...]:
    """Return the noise kept apart from all rules."""
    return tuple(
        Artefact(entry["class"], slot, entry["text"], lang, entry.get("last") == "yes")
        for lang, by_slot in _data("artefacts")["artefacts"].items()
        for slot in SLOTS
        for entry in by_slot[slot]
    )


def list_lookalikes(lang: str) -> tuple[str, ...]:
    """Return the paragraphs of a language that resemble noise and must stay."""
    return tuple(_data("artefacts")["lookalikes"][lang])


def list_own_artefacts(ruleset: Ruleset) -> tuple[Artefact, ...]:
    """Return the noise in the rules' own `in` examples: whole lines that are missing in `out`, from rules bound nowhere."""
    found = (_own_artefact(rule, example) for rule in ruleset.rules if _is_unbound(rule) for example in rule.tests)
    return tuple(dict.fromkeys(artefact for artefact in found if artefact))


def _is_unbound(rule: Rule) -> bool:
    """Tell whether a rule asks for no place, neighbour, host or double, so that its noise may stand anywhere."""
    asked = [getattr(rule.matcher, name, None) for name in ("at", "before", "after")]
    told = rule.kind not in ("dup", "score", "select") and "text" in rule.scope.surface
    return told and not any(asked) and not rule.scope.hosts and rule.status in ("test", "stable")


def _own_artefact(rule: Rule, example: Example) -> Artefact | None:
    lines, left = (example.in_ or "").split("\n"), (example.out or "").split("\n")
    before = next((i for i, (a, b) in enumerate(zip(lines, left, strict=False)) if a != b), len(left))
    after = len(left) - before
    noise = "\n".join(lines[before : len(lines) - after])
    if lines[:before] + lines[len(lines) - after :] != left or not noise.strip():
        return None
    slot: Slot = "tail" if rule.kind == "tail" else "furniture" if not after else "inline" if before else "head"
    return Artefact(rule.class_, slot, noise)


def _hypothesis() -> Any:
    try:
        return importlib.import_module("hypothesis.strategies")
    except ImportError:
        raise ImportError('strategies need hypothesis: pip install "cleaner-news[testing]"') from None


@cache
def _data(name: str) -> Any:
    return read_yaml((_DATA / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml")[0]


def _any_of(given: str | None, every: Sequence[str]) -> Any:
    st = _hypothesis()
    return st.sampled_from(every) if given is None else st.just(given)


def _draw_article(drawn: tuple[str, Layout]) -> SearchStrategy[Article]:
    lang, layout = drawn
    st, stock = _hypothesis(), _data("articles")[lang]
    prose = st.lists(st.sampled_from(stock["sentences"]), min_size=5, unique=True)
    between = st.permutations(stock["dialogue"] if layout == "dialogue" else stock["headings"])
    article: SearchStrategy[Article] = st.builds(
        lambda title, sentences, others, size: Article(lang, layout, title, _lay_out(lang, layout, sentences, others, size)),
        st.sampled_from(stock["titles"]), prose, between, st.integers(2, 3),
    )  # fmt: skip
    return article


def _lay_out(lang: str, layout: Layout, sentences: Sequence[str], others: Sequence[str], size: int) -> tuple[str, ...]:
    """Make paragraphs: sentences by twos or threes, or one each; sub-headings or dialogue between them."""
    step = 1 if layout == "sentences" else size
    joint = "" if lang in _WITHOUT_SPACES else " "
    paragraphs = [joint.join(sentences[at : at + step]) for at in range(0, len(sentences), step)]
    if layout == "dialogue":
        paragraphs[1:1] = others
    if layout == "headings":
        paragraphs = [paragraphs[0], *(line for pair in zip(others, paragraphs[1:], strict=False) for line in pair)]
    return tuple(paragraphs)


def _draw_page(usable: Sequence[Artefact], article: Article) -> SearchStrategy[NoisyPage]:
    st = _hypothesis()
    mine = [artefact for artefact in usable if artefact.lang == article.lang]
    slots = {slot: [a for a in mine if a.slot == slot and not a.last] for slot in SLOTS}
    place = st.integers(1, len(article.paragraphs) - 1)
    similar = [Artefact("", "inline", text) for text in list_lookalikes(article.lang)]
    noise = [st.tuples(place, st.sampled_from(slots["inline"]))] if slots["inline"] else []
    between = st.lists(
        st.one_of(st.tuples(place, st.sampled_from(similar)), *noise), max_size=4, unique_by=lambda d: d[1]
    )
    after = st.tuples(_some(slots["furniture"], 2), _some([a for a in mine if a.last], 1), _some(slots["tail"], 1))
    page: SearchStrategy[NoisyPage] = st.builds(
        partial(_inject, article),
        _some(slots["head"], 1),
        between,
        after.map(lambda parts: [a for part in parts for a in part]),
    )
    return page


def _some(known: Sequence[Artefact], most: int) -> Any:
    st = _hypothesis()
    return st.lists(st.sampled_from(known), max_size=most, unique=True) if known else st.just([])


def _inject(
    article: Article, before: Sequence[Artefact], between: Sequence[tuple[int, Artefact]], after: Sequence[Artefact]
) -> NoisyPage:
    """Print the noise (an artefact without a class is a look-alike and belongs to the body) around and inside an article."""
    lines: list[Artefact] = []
    for number, paragraph in enumerate(article.paragraphs):
        lines += [injected for place, injected in between if place == number]
        lines.append(Artefact("", "inline", paragraph))
    noise = tuple(a for a in (*before, *lines, *after) if a.class_)
    return NoisyPage(
        text="\n".join([*(a.text for a in before), article.title, *(a.text for a in (*lines, *after))]),
        title=article.title,
        body="\n".join(a.text for a in lines if not a.class_),
        artefacts=noise,
        lookalikes=tuple(injected.text for _, injected in between if not injected.class_),
    )


def check_replay(cleaned: Cleaned) -> None:
    """Check that the source without the cuts is the text, that putting them back restores it, and so for each related."""
    _check_story(cleaned.source, cleaned.cuts, cleaned.text, 0, len(cleaned.source))
    for record, start, end in _placed(cleaned):
        _check_story(cleaned.source, record.cuts, record.text, start, end)


def _placed(cleaned: Cleaned) -> Iterator[tuple[Related, int, int]]:
    """Yield the appended articles that stand in the source, with their bounds; one that stood apart in a page has none."""
    for record in cleaned.related:
        if record.start is not None and record.end is not None:
            yield record, record.start, record.end


def check_nothing_invented(cleaned: Cleaned) -> None:
    """Check that text, title, headlines, fields and related parts are all found in the source or in the input."""
    document, shown = cleaned.document, _squash(cleaned.source)
    assert cleaned.repairs or cleaned.source == document.text, (
        "the source differs from the input, but no repair is named"
    )
    assert repair(document.text) == (cleaned.source, cleaned.repairs), "the source is not the repaired input"
    assert len(cleaned.text) == len(cleaned.source) - sum(cut.end - cut.start for cut in cleaned.cuts)
    recovered = [
        *cleaned.headlines,
        *(v for r, _, _ in _placed(cleaned) for v in (r.title, r.source, r.age, *r.metadata.values())),
    ]
    recovered += [v for name, v in cleaned.metadata.items() if document.metadata.get(name) != v]
    recovered += [cleaned.title] if cleaned.title != document.title else []
    for value in recovered:
        assert value is None or _squash(value) in shown, f"{value!r} does not stand in the source"


def check_offsets(cleaned: Cleaned) -> None:
    """Check that cuts are sorted, disjoint, non-empty, inside their text, of known classes, each with its rules."""
    _check_cuts(cleaned.source, cleaned.cuts, 0, len(cleaned.source))
    for record, start, end in _placed(cleaned):
        assert 0 <= start <= end <= len(cleaned.source), f"{record.title!r} lies outside the source"
        _check_cuts(cleaned.source, record.cuts, start, end)


def check_witnesses(cleaned: Cleaned, ruleset: Ruleset | None = None) -> None:
    """Check that whatever was cut as a double still stands in text or title (`ruleset`: the shipped one if none is given)."""
    doubles = {head.id for head in (ruleset or load_shipped()).heads if head.kind == "dup"}
    left = _squash(fold(f"{cleaned.title or ''} {cleaned.text}"))
    for cut in cleaned.cuts:
        if doubles.issuperset(cut.rules):
            assert core(_squash(fold(cut.text))) in left, (
                f"{cut.text!r} was cut as a double, but nothing like it is left"
            )


def check_same(one: Cleaned, two: Cleaned) -> None:
    """Check that two results agree in all but the digest of the rules."""
    for name in (field.name for field in fields(Cleaned) if field.name != "rules_digest"):
        a, b = getattr(one, name), getattr(two, name)
        assert a == b, f"{name} differs: {a!r} and {b!r}"


def _check_story(source: str, cuts: Sequence[Cut], text: str, start: int, end: int) -> None:
    assert replay(source, cuts, start, end) == text, f"cuts at {[(c.start, c.end) for c in cuts]} do not leave {text!r}"
    restored, at, taken = [], start, 0
    for cut in cuts:
        restored += [text[taken : taken + cut.start - at], cut.text]
        taken, at = taken + cut.start - at, cut.end
    assert "".join([*restored, text[taken:]]) == source[start:end], "the cuts put back do not restore the source"


def _check_cuts(source: str, cuts: Sequence[Cut], start: int, end: int) -> None:
    at = start
    for cut in cuts:
        assert at <= cut.start < cut.end <= end, f"{cut} is empty, out of order or outside {start}:{end}"
        assert cut.text == source[cut.start : cut.end], f"{cut} does not hold what stands there"
        assert cut.class_ in CLASSES, f"{cut.class_!r} is no class"
        assert cut.rules, f"{cut} names no rule"
        assert list(cut.rules) == sorted(set(cut.rules)), f"{cut} names its rules out of order"
        at = cut.end


def _squash(text: str) -> str:
    return " ".join(text.split())
