"""Draft rules for a candidate: matchers, the most readable first, each with the examples that prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cleaner.mine.evidence import Form
from cleaner.mine.neutral import Neutral, neutral
from cleaner.mine.shortlist import Candidate
from cleaner.mine.tokens import SENTENCE_END, find_tokens
from cleaner.mine.wording import (
    AFTER,
    BEFORE,
    closing,
    edges,
    gap,
    has_digits,
    named_pattern,
    opening,
    pattern_of,
)
from cleaner.text.shape import is_spaceless

_SHORT = 160  # code points up to which a stretch is written out
_LABEL = 40
_STEPS = 30
_BARE = 24  # code points of a stretch that is one whatever stands around it
_EDGE = 24  # code points of a beginning or end that tells a paragraph
_MOST = 4000
_LINK = 160
_LINKS = 20  # links that one mark leads in; a bound, so that the pattern is searched near its literals only
_SLACK = 1.25
_GAP = 1000  # code points that a pattern may run over; two such stretches in a row would take quadratic time
_LEAST_SENTENCE = 20
_LITERAL = 400  # code points up to which a stretch that only a pattern can describe is written out


@dataclass(frozen=True, slots=True)
class Draft:
    """Hold a matcher with its examples; of `keeps` the first that it leaves alone is taken."""

    matcher: Mapping[str, Any]
    noisy: str
    clean: str
    keeps: tuple[str, ...]


def drafts(candidate: Candidate, around: Neutral | None = None) -> Iterator[Draft]:
    """Yield drafts for a candidate, the most readable first; `around` are the sentences that its examples stand in."""
    around = around or neutral(candidate.lang)
    yield from _DRAFTERS[candidate.form](candidate, around)


def _line(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    lines = candidate.examples[0].split("\n")
    if len(lines) == 1:
        whole = {"whole": True} if len(lines[0]) <= _LABEL else {}
        yield between_lines({"line": {**line_is(lines[0]), **whole}}, lines, around)
    elif len(lines) <= _STEPS:
        yield between_lines({"block": {"steps": [line_is(line) for line in lines]}}, lines, around)
    known = [line for line in dict.fromkeys(lines) if sum(map(str.isalpha, line)) >= 3 and not has_digits(line)]
    if len(lines) > 1 and known:
        yield between_lines({"line": {"eq": known, "whole": True}}, known, around)


def _stretch(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    text = candidate.examples[0]
    if len(text) > _SHORT:
        yield from _frame(candidate, around)
        return
    if not has_digits(text) and text[-1:] in ".!?…。":
        yield inside({"line": {"eq": [text]}}, text, around)
    elif not has_digits(text):
        yield inside({"span": {"from": [text], "to": ["phrase"]}}, text, around)
    yield inside({"span": {"re": f"{BEFORE}(?P<cut>{pattern_of(text)}){AFTER}"}}, text, around)
    if is_spaceless(text) or not text[-1].isalnum():
        yield inside({"span": {"re": f"{BEFORE}(?P<cut>{pattern_of(text)})"}}, text, around)
    if len(text) >= _BARE:
        yield inside({"span": {"re": f"(?P<cut>{pattern_of(text)})"}}, text, around)


def _frame(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    text = candidate.examples[0]
    most = min(_MOST, round(candidate.longest * _SLACK) + 40)
    first, last = opening(text), closing(text)
    if first and last and not has_digits(first + last):
        shown = f"{first} {_filler(around)} {last}{text[-1:] if text[-1:] in '.!' else ''}"
        keeps = _keeps(first, last, around)
        yield inside({"span": {"from": [first], "to": [last], "most": most}}, shown, around, keeps)
    sentences = _sentences(text)
    if len(sentences) > 1:
        shown = (" " if not is_spaceless(around.before) else "").join(sentences)
        yield inside({"line": {"eq": sentences}}, shown, around, (around.quoting.format(sentences[0]), around.before))
    first, last = edges(text)
    if candidate.form != "frame" and len(text) <= _LITERAL:
        yield inside({"span": {"re": f"{BEFORE}(?P<cut>{pattern_of(text)}){AFTER}", "most": most}}, text, around)
    between = candidate.longest - len(first) - len(last)
    if 0 < between <= _GAP:
        pattern = f"{BEFORE}(?P<cut>{pattern_of(first)}{gap(between)}{pattern_of(last)}){AFTER}"
        shown = f"{first} {_filler(around)} {last}"
        keeps = _keeps(first, last, around)
        yield inside({"span": {"re": pattern, "most": candidate.longest + 40}}, shown, around, keeps)


def _lead(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    text = candidate.examples[0]
    tokens = find_tokens(text)
    words = text[: tokens[len(candidate.key) - 1].end]
    longest = min(600, round(candidate.longest * _SLACK) + 20)
    inside = _part_of(text, candidate)
    spec: dict[str, Any] = {"lead": [words[:-1].rstrip()]} if words.endswith(":") else {"starts": [words]}
    shown = f"{words} {around.headlines[0]}"
    if inside:
        spec["has"] = [inside]
        shown = f"{words} {around.headlines[0]} {inside} {around.headlines[0]}"
    else:
        spec["without"] = [{"shape": "prose"}]
    spec |= {"len": [len(words), max(longest, len(shown))], "whole": True}
    keeps = (around.quoting.format(words), around.quoting.format(words.rstrip(":")), around.before)
    yield Draft({"line": spec}, f"{around.before}\n{shown}\n{around.after}", f"{around.before}\n{around.after}", keeps)


def _named(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    text = candidate.examples[0]
    yield between_lines({"line": {"re": named_pattern(text), "whole": True}}, [text], around)


def _mark(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    """Cut the mark, and what it leads in only where the line or the next mark proves its end."""
    mark = pattern_of(candidate.examples[0])
    first = candidate.examples[0][0]
    other = r"[^.!?\n]" if first.isalnum() else r"[^.!?\n" + pattern_of(first) + "]"
    link = f"{other}{{4,{_LINK}}}"
    pattern = f"{BEFORE}(?P<cut>{mark}(?:{link}{mark}){{0,{_LINKS}}}(?:{link}[.!?]?$)?)"
    shown = f"{candidate.examples[0]} {around.headlines[0]}"
    space = "" if is_spaceless(around.before) else " "
    yield Draft(
        {"span": {"re": pattern, "most": 600}},
        f"{around.before}{space}{shown}",
        around.before,
        (around.quoting.format(candidate.examples[0]), f"{around.before}{space}{around.after}"),
    )


def _paragraph(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    """Ask for the whole text where all copies are equal, else for what their beginnings and ends share."""
    text, first, last = candidate.examples[0], candidate.key[0], candidate.tail[0]
    if not first and not last:
        yield between_lines({"line": line_is(text)}, [text], around)
        return
    first, last = ("" if has_digits(edge) or len(edge) < _EDGE else edge for edge in (first, last))
    if first or last:
        spec: dict[str, Any] = {"starts": [first]} if first else {}
        spec |= {"ends": [last]} if last else {}
        spec["len"] = [min(candidate.shortest, len(text)), candidate.longest + _EDGE]
        yield between_lines({"line": spec}, [text], around)


def _run(candidate: Candidate, around: Neutral) -> Iterator[Draft]:
    header = candidate.examples[0].rpartition("\n")[2]
    yield run_of(header, {"item": {"shape": "headline"}, "least": 3}, around)


def run_of(header: str, spec: Mapping[str, Any], around: Neutral, bullet: str = "") -> Draft:
    """Draft a run below a header, or one without; `bullet` stands before each item of its examples."""
    items = [f"{bullet}{headline}" for headline in around.headlines]
    known = {"header": line_is(header)} if header else {}
    noisy = "\n".join([around.before, around.after, *([header] if header else []), *items])
    near = (around.quoting.format(header), f"{header}\n{around.before} {around.after}") if header else ()
    keeps = (*near, "\n".join([around.before, *items[:2], around.after]))
    return Draft({"run": {**known, **spec}}, noisy, f"{around.before}\n{around.after}", keeps)


_DRAFTERS: Mapping[Form, Callable[[Candidate, Neutral], Iterator[Draft]]] = MappingProxyType(
    {
        "lines": _line,
        "stretch": _stretch,
        "frame": _frame,
        "lead": _lead,
        "named": _named,
        "mark": _mark,
        "run": _run,
        "paragraph": _paragraph,
    }
)


def line_is(line: str) -> dict[str, Any]:
    """Describe a line by its text, or by a pattern where numbers in it may differ."""
    return {"re": pattern_of(line)} if has_digits(line) or "  " in line or line.startswith("$") else {"eq": [line]}


def between_lines(matcher: Mapping[str, Any], lines: list[str], around: Neutral) -> Draft:
    """Draft a rule for whole lines, which stand between neutral ones in its examples."""
    noisy = "\n".join([around.before, *lines, around.after])
    keeps = (around.quoting.format(lines[0]), around.quoting.format(half(lines[0])), around.before)
    return Draft(matcher, noisy, f"{around.before}\n{around.after}", keeps)


def inside(matcher: Mapping[str, Any], text: str, around: Neutral, keeps: tuple[str, ...] = ()) -> Draft:
    """Draft a rule for a stretch, which stands between neutral sentences of one line in its examples."""
    space = "" if is_spaceless(around.before) else " "
    keeps = keeps or (around.quoting.format(text), around.quoting.format(half(text)), around.before)
    return Draft(
        matcher, f"{around.before}{space}{text}{space}{around.after}", f"{around.before}{space}{around.after}", keeps
    )


def _keeps(first: str, last: str, around: Neutral) -> tuple[str, ...]:
    return (around.quoting.format(first), around.quoting.format(last), around.before)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text that are long enough to stand alone in a rule and hold no numbers."""
    parts = (part.strip() for part in SENTENCE_END.split(text))
    return [part for part in dict.fromkeys(parts) if len(part) >= _LEAST_SENTENCE and not has_digits(part)]


def half(text: str) -> str:
    """Return the first half of a text, by tokens."""
    tokens = find_tokens(text)
    return text[: tokens[max(0, (len(tokens) - 1) // 2)].end] if len(tokens) > 1 else text[: max(1, len(text) // 2)]


def _filler(around: Neutral) -> str:
    return around.headlines[0]


def _part_of(text: str, candidate: Candidate) -> str:
    """Return the repeated part of a line as it stands in the example."""
    if not candidate.inside or any(part == "0" for part in candidate.inside):
        return ""
    tokens = find_tokens(text)
    forms = [token.form for token in tokens]
    size = len(candidate.inside)
    for at in range(len(forms) - size + 1):
        if tuple(forms[at : at + size]) == candidate.inside:
            return text[tokens[at].start : tokens[at + size - 1].end]
    return ""
