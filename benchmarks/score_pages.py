"""Turn pages with gold into whole-page dumps, and label their blocks: what `benchmarks.score_fit` learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate, pairwise
from textwrap import wrap
from types import MappingProxyType

from inscriptis import get_text
from resiliparse.extract.html2text import extract_plain_text

from cleaner.bench.case import Body, Case
from cleaner.match.settle import settle, spans
from cleaner.match.sweep import Facts, Sweeper
from cleaner.rules.load import load_shipped
from cleaner.text.features import Columns, describe
from cleaner.text.layout import Block, blocks
from cleaner.text.repair import repair
from cleaner.text.shape import lead_length
from cleaner.text.sheet import Sheet
from cleaner.text.tokens import tokenize

COLUMNS = 79
"""Columns of a terminal browser's dump."""

SHINGLE = 3
"""Tokens that page and gold must have in common in a row."""


@dataclass(frozen=True, slots=True)
class Dump:
    """Hold one page as text, its features, and for each block the share of its tokens that gold has, and their number."""

    case: Case
    form: str
    text: str
    columns: Columns
    labels: tuple[float, ...]
    tokens: tuple[int, ...]


def as_inscriptis(html: str) -> str:
    """Lay a page out by its styles, indented, one paragraph a line."""
    return get_text(html)


def as_lynx(html: str) -> str:
    """Break lines and indent them as a terminal browser does: text by three columns, list items by five."""
    lines = []
    for line in get_text(html).split("\n"):
        text = line.strip()
        lead = "     * " if lead_length(text) and len(text) > 2 else "   "
        width = COLUMNS // 2 if text and sum(char > "\u2e80" for char in text) * 2 > len(text) else COLUMNS
        body = text[lead_length(text) :] if lead != "   " else text
        lines += wrap(body, width, initial_indent=lead, subsequent_indent=" " * len(lead)) or [""]
    return "\n".join(lines)


def as_plain(html: str) -> str:
    """Put every block at the margin."""
    text = extract_plain_text(html, main_content=False, preserve_formatting=True, list_bullets=False)
    return "\n".join(line.strip() for line in text.split("\n"))


FORMS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"inscriptis": as_inscriptis, "lynx": as_lynx, "plain": as_plain}
)


@cache
def earlier_rules() -> Sweeper:
    """Compile the rules that run before scored features are asked."""
    shipped = load_shipped()
    running = [rule for rule in shipped.rules if rule.status in ("test", "stable")]
    return Sweeper(shipped.only(rule for rule in running if rule.kind not in ("dup", "score", "select")))


def leave(text: str, lang: str | None = None) -> Sheet:
    """Return the sheet that scored features see: a text less what other rules cut."""
    source, _ = repair(text)
    found = earlier_rules().sweep(source, Facts.of(None, None, lang, None, "text"))
    return Sheet(source, spans(settle(source, found.findings)), whole=Sheet(source))


def prepare(case: Case, form: str) -> Dump:
    """Turn a page into a text of one form and label its blocks."""
    text = FORMS[form](case.markup)
    parts = blocks(leave(text))
    labels, tokens = label(parts, case.gold.text if isinstance(case.gold, Body) else "")
    return Dump(case, form, text, describe(parts), tuple(labels), tuple(tokens))


def label(parts: Sequence[Block], gold: str) -> tuple[list[float], list[int]]:
    """Align the tokens of blocks with gold, in order, by runs of three or more.

    Returns for each block the share of its tokens that gold has, and how many it has.
    """
    split = [tokenize(part.text) for part in parts]
    found, wanted = [token for tokens in split for token in tokens], tokenize(gold)
    covered = [False] * len(found)
    matcher = SequenceMatcher(None, _numbered(found), _numbered(wanted), autojunk=False)
    for match in matcher.get_matching_blocks():
        stop = match.a + match.size + SHINGLE - 1 if match.size else match.a
        covered[match.a : stop] = [True] * (stop - match.a)
    bounds = list(accumulate(map(len, split), initial=0))
    hits = (sum(covered[a:b]) for a, b in pairwise(bounds))
    sizes = list(map(len, split))
    return [hit / size if size else 0.0 for hit, size in zip(hits, sizes, strict=True)], sizes


def _numbered(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(tokens[at : at + SHINGLE]) for at in range(max(0, len(tokens) - SHINGLE + 1))]


def forms_of(number: int, augmented: bool = True) -> Iterator[str]:
    """Name the forms in which the page of a number is learned from: the usual one, and for two of three another."""
    yield "inscriptis"
    if augmented and number % 3:
        yield ("lynx", "plain")[number % 3 - 1]
