"""Sketch rules for what somebody selected: by its form, the drafts an experienced author would try, the best first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import regex

from cleaner.mine.chosen import Chosen
from cleaner.mine.draft import Draft, between_lines, drafts, half, line_is, run_of
from cleaner.mine.evidence import Form
from cleaner.mine.neutral import Neutral
from cleaner.mine.shortlist import Candidate
from cleaner.mine.tokens import NAME, find_tokens, fold_names, normalize, stops
from cleaner.mine.wording import AFTER, edges, has_digits, opening, pattern_of
from cleaner.rules.load import NESTING, PATTERN_REF, Ruleset
from cleaner.text.fold import fold
from cleaner.text.shape import core, is_headline, is_label, is_prose, is_spaceless, lead_in, lead_length
from cleaner.text.sheet import LONG_LINE, ends_sentence

_NAMED = ("date", "clocktime", "age")
"""Patterns of the set by which a line with numbers is described, where the set has them."""

_CLOSE = 6  # lines from either end within which a rule is bound to that end
_DOUBLED = 20
_STEPS = 30
_ITEMS = 3
_MARKERS = 3
_REACH = 12  # lines behind an opener in which markers are looked for
_HEADER = 80
_PROSE = 400  # code points of one stretch that reads like an article
_ARTICLE = 400  # code points from which running text is taken for that of an article,
_PARAGRAPHS = 300  # and from which lines of it are
_MOST = 4000
_ROOM = 1.5
_EDGE = 8  # tokens of a paragraph by which it is known at either end


@dataclass(frozen=True, slots=True)
class Sketch:
    """Hold a draft and, in a few words, what it asks for."""

    draft: Draft
    asks: str
    class_: str = ""
    wide: bool = False
    """Whether it knows no phrase of the page, so that it must be bound to a site."""


def sketches(chosen: Chosen, around: Neutral, ruleset: Ruleset, prose: bool = False) -> Iterator[Sketch]:
    """Yield what may describe a selection, the most telling first; of `prose` only what its place proves."""
    yield from _doubles(chosen, around)
    if not chosen.is_flat:
        yield from _ends(chosen, around)
    if prose:
        return
    if not chosen.is_flat:
        yield from _lists(chosen, around)
        yield from _blocks(chosen, around)
    elif chosen.is_whole:
        yield from _whole_lines(chosen, around, ruleset)
        yield from _long_lines(chosen, around)
    if chosen.is_flat and (not chosen.is_whole or len(chosen.text) > LONG_LINE):
        yield from _stretches(chosen, around)


def why_not(chosen: Chosen) -> str:
    """Say why a selection is left alone that reads like an article; empty for any other."""
    lines = chosen.lines
    long = [line for line in lines if is_prose(line)]
    least = _ARTICLE if chosen.is_flat else _PARAGRAPHS
    if len(chosen.text) > least and 2 * sum(map(len, long)) > len(chosen.text):
        return (
            "the selection is mostly running text, which no other page repeats: a rule by its words would cut nothing "
            "else. Select the label or prompt that leads it in, alone or with the lines up to the end of the document"
        )
    return ""


def _doubles(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe a line that stands twice: which of the two goes is told by where it stands."""
    if not chosen.is_whole or not chosen.is_flat or len(chosen.text) < _DOUBLED:
        return
    wanted, own = core(fold(chosen.text)), chosen.inside
    others = [
        n
        for n, (a, b) in enumerate(chosen.all_lines)
        if n not in own and core(fold(normalize(chosen.source[a:b]))) == wanted
    ]
    for n in sorted(others, key=lambda n: abs(n - own.start))[:1]:
        of = "earlier" if n < own.start else "later"
        text = chosen.text
        least = min(len(text), 40)
        spec = {"of": of, "least": least, "within": min(200, max(12, abs(n - own.start)))}
        lines = [text, around.before, around.after]
        noisy = "\n".join([*lines, text] if of == "earlier" else [text, *lines[1:], text])
        clean = "\n".join(lines if of == "earlier" else [*lines[1:], text])
        near = half(text)[: least - 4].rstrip()
        keeps = ("\n".join([near, around.before, around.after, near]),)
        yield Sketch(
            Draft({"dup": spec}, noisy, clean, keeps),
            f"the line, since it equals one {of} in the text",
            "duplicate",
            True,
        )


def _whole_lines(chosen: Chosen, around: Neutral, ruleset: Ruleset) -> Iterator[Sketch]:
    text = chosen.text
    bare = text[lead_length(text) :]
    led = lead_in(text)
    if led and 3 <= len(led) <= 60 and not is_prose(text) and not has_digits(led):
        yield from _by(
            chosen, around, "lead", f"a line that begins with “{_short(led)}”", lead=bare.index(led) + len(led)
        )
    if has_digits(text):
        named = _with_names(bare, ruleset)
        if named:
            asks = "a line of this form, whatever date or time it says"
            yield _pattern(chosen, named, around, asks)
        yield _pattern(chosen, pattern_of(bare), around, "this line, whatever numbers stand in it")
    elif len(text) <= LONG_LINE:
        yield from _by(chosen, around, "lines", "this very line", text=bare)
    if not has_digits(text) and not is_prose(text) and NAME in fold_names([token.form for token in find_tokens(bare)]):
        yield from _by(chosen, around, "named", "this line, whatever names stand in it", text=bare)


def _pattern(chosen: Chosen, pattern: str, around: Neutral, asks: str) -> Sketch:
    spec: dict[str, Any] = {"re": pattern, "whole": True}
    bare = regex.sub(r"\{\{.*?\}\}|\\.|\{[0-9,]+\}", "", pattern)
    few = sum(map(str.isalpha, bare)) < (2 if is_spaceless(bare) else 4)
    return Sketch(
        between_lines({"line": {**spec, **(_at(chosen) if few else {})}}, [chosen.text], around), asks, wide=few
    )


def _at(chosen: Chosen) -> dict[str, Any]:
    """Bind a rule to the end of the document that is close; to the nearer lines at least."""
    first, behind = chosen.inside.start, len(chosen.all_lines) - chosen.inside.stop
    count = min(first, behind) + 1 + len(chosen.inside)
    return {"at": {"first" if first <= behind else "last": max(_CLOSE, count)}}


def _with_names(text: str, ruleset: Ruleset) -> str:
    """Write a line as a pattern in which dates, times and ages are named patterns; empty where there are none."""
    found: list[tuple[int, int, str]] = []
    for name in _NAMED:
        known = ruleset.patterns.get(name)
        if known is None:
            continue
        for match in regex.finditer(rf"(?<!\w)(?:{_resolved(known, ruleset.patterns)})(?!\w)", text):
            a, b = match.span()
            b = a + len(match.group().rstrip(" ,"))
            if has_digits(text[a:b]) and not any(a < d and b > c for c, d, _ in found):
                found.append((a, b, f"{{{{{name}}}}}"))
    parts, at = [], 0
    for a, b, name in sorted(found):
        parts += [pattern_of(text[at:a]), name]
        at = b
    return "".join([*parts, pattern_of(text[at:])]) if found else ""


def _resolved(pattern: str, patterns: Mapping[str, str]) -> str:
    for _ in range(NESTING):
        pattern = PATTERN_REF.sub(lambda match: f"(?:{patterns.get(match[1], '')})", pattern)
    return pattern


def _long_lines(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe a prompt or notice that is a line of its own by its first words: what follows may change."""
    text = chosen.text
    first = opening(text)
    if first and not has_digits(first) and len(text) <= _PROSE and len(first) < len(text):
        spec = {"starts": [first], "len": [len(first), max(60, round(_ROOM * len(text)))], "whole": True}
        yield Sketch(_started(spec, first, text, around), f"a line that begins with “{_short(first)}”")
    if len(text) > LONG_LINE:
        yield from _by(chosen, around, "paragraph", "a paragraph that begins and ends like this one")


def _started(spec: dict[str, Any], first: str, text: str, around: Neutral) -> Draft:
    drafted = between_lines({"line": spec}, [text], around)
    return Draft(drafted.matcher, drafted.noisy, drafted.clean, (around.quoting.format(first), *drafted.keeps))


def _stretches(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe a part of a line: its first words up to where it ends, or all of it."""
    text = chosen.text
    first = opening(text)
    whole = Sketch
    if len(text) <= 160:
        for sketch in _by(chosen, around, "stretch", "these very words inside a line"):
            yield whole(sketch.draft, f"{sketch.asks}{_beside(sketch.draft)}")
    if first and not has_digits(first) and len(first) < len(text):
        to = "line" if chosen.closes_line else "sentence"
        ends = stops(text[-1]) and len(_sentences(text)) == 1
        if to == "line" or ends:
            spec: dict[str, Any] = {"from": [first], "to": [to], "most": min(_MOST, max(80, round(_ROOM * len(text))))}
            if not chosen.stands_free:
                spec["glued"] = True
            yield Sketch(_from(spec, first, text, around, to), f"from “{_short(first)}” to the end of the {to}")
    if len(text) > 160:
        yield from _by(chosen, around, "frame", "from its first words to its last")


def _beside(draft: Draft) -> str:
    """Say what may stand beside the words of a draft, so that drafts of the same words can be told apart."""
    pattern = draft.matcher.get("span", {}).get("re", "")
    if not pattern:
        return ""
    if pattern.startswith("(?P<cut>"):
        return ", also as part of longer ones"
    return ", between spaces or the ends of sentences" if pattern.endswith(AFTER) else ", behind a space or a sentence"


def _from(spec: dict[str, Any], first: str, text: str, around: Neutral, to: str) -> Draft:
    space = "" if is_spaceless(around.before) else " "
    behind = "" if to == "line" else f"{space}{around.after}"
    keeps = (around.quoting.format(first), around.quoting.format(half(first)), around.before)
    return Draft({"span": spec}, f"{around.before}{space}{text}{behind}", f"{around.before}{behind}", keeps)


def _sentences(text: str) -> list[str]:
    return [part for part in regex.split(r"(?<=[.!?…])\s+(?=\p{Lu})|(?<=[。！？])", text) if part.strip()]


def _lists(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe headlines that follow each other, with or without a header."""
    if not chosen.is_whole or len(chosen.lines) < _ITEMS:
        return
    lines = chosen.lines
    above = list(_run(lines[0], lines[1:], around)) if len(lines[0]) <= _HEADER else []
    bare = list(_run("", lines, around, _edge(chosen)))
    yield from (*above, *bare) if _marks(lines[0]) else (*bare, *above)


def _run(header: str, lines: list[str], around: Neutral, more: Mapping[str, Any] | None = None) -> Iterator[Sketch]:
    own = sum(len(line) <= 4 and not line[:1].isalnum() for line in lines)
    items = [line for line in lines if len(line) > 4 or line[:1].isalnum()]
    marks = [line[: lead_length(line)] for line in items]
    bare = [line[len(mark) :] for line, mark in zip(items, marks, strict=True)]
    least = min(3, len(items))
    if least < (2 if header and all(marks) else 3) or any(map(_is_paragraph, bare)):
        return
    bullets = "own" if 2 * own > len(items) else "inline" if all(marks) else "none"
    bullet = "-\n" if bullets == "own" else "- " if bullets == "inline" else ""
    every = all(map(is_headline, bare))
    sizes = [len(line) for line in bare]
    reach = [min(12 if not is_spaceless(around.before) else 6, *sizes), max(80, round(1.2 * max(sizes)))]
    spec: dict[str, Any] = {"item": {"shape": "headline"} if every else {"len": reach, "without": [{"shape": "prose"}]}}
    spec |= {"bullets": bullets, "least": least, **(more or {})}
    plain = sum(not ends_sentence(line) for line in bare) / len(bare)
    if plain < 0.6:
        spec["plain"] = 0.0 if plain < 0.2 else 0.2
    asks = f"lines like headlines under “{_short(header)}”" if header else "lines like headlines that follow each other"
    yield Sketch(run_of(header, spec, around, bullet), asks, "related", wide=not header)


def _is_paragraph(line: str) -> bool:
    return is_prose(line) and (ends_sentence(line) or len(line) > 250)


def _edge(chosen: Chosen) -> dict[str, Any]:
    """Bind a list that no header proves to the end of the text at which it stands."""
    cuts = [(cut.start, cut.end) for cut in chosen.cleaned.cuts]
    return {"edge": "end"} if chosen.follows(cuts) else {"edge": "start"} if chosen.leads(cuts) else {}


def _blocks(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe lines one by one, the first maybe the end of a longer one; what changes by its form."""
    lines = chosen.lines
    if not chosen.closes_line:
        return
    glued = {} if chosen.opens_line else {"glued": True}
    if len(lines) <= _STEPS and (chosen.opens_line or chosen.stands_free):
        draft = between_lines({"block": {"steps": [line_is(_bare(line)) for line in lines], **glued}}, lines, around)
        yield Sketch(draft, "these very lines, one after the other")
        rest = lines[1:]
        if not has_digits(lines[0]) and not any(map(is_prose, rest)) and len(rest) <= 40:
            most = max(60, round(1.3 * max(map(len, rest))))
            step = {
                "len": [1, most],
                "without": [{"shape": "prose"}],
                **({"up_to": len(rest)} if len(rest) > 1 else {}),
            }
            draft = between_lines({"block": {"steps": [line_is(_bare(lines[0])), step], **glued}}, lines, around)
            yield Sketch(draft, f"“{_short(lines[0])}” and the short lines below it")
    if chosen.is_whole:
        known = [line for line in dict.fromkeys(map(_bare, lines)) if sum(map(str.isalpha, line)) >= 3]
        if known and not any(map(has_digits, known)) and len(known) <= 60:
            draft = between_lines({"line": {"eq": known, "whole": True}}, known, around)
            yield Sketch(draft, "each of these lines wherever it stands")


def _bare(line: str) -> str:
    return line[lead_length(line) :] or line


def _ends(chosen: Chosen, around: Neutral) -> Iterator[Sketch]:
    """Describe all from a line to the end, or from the start to a line, where enough labels prove it."""
    cuts = [(cut.start, cut.end) for cut in chosen.cleaned.cuts]
    lines = chosen.lines
    if not chosen.is_whole or len(lines) <= _MARKERS:
        return
    if chosen.follows(cuts):
        near: list[tuple[int, str]] = []
        for number, line in enumerate(lines[1 : _REACH + 1], 1):
            if is_prose(line):
                break
            if _marks(line):
                near.append((number, _bare(line)))
        near = list({fold(line): (number, line) for number, line in reversed(near)}.values())[::-1][:8]
        if len(near) >= _MARKERS and not has_digits(lines[0]) and len(lines[0]) <= _HEADER:
            yield Sketch(
                _tail(lines[0], near, around), f"all from “{_short(lines[0])}” on, proven by the labels below it"
            )
    if chosen.leads(cuts) and not any(map(is_prose, lines)):
        marks = [(number, _bare(line)) for number, line in enumerate(lines) if number and _marks(line)]
        if len(marks) >= _MARKERS and len(lines) <= 60 and marks[-1][0] == len(lines) - 1 and not has_digits(lines[0]):
            yield Sketch(
                _head(lines[0], marks, around), f"all from “{_short(lines[0])}” to the last of the labels below it"
            )


def _marks(line: str) -> bool:
    if len(line) > (10 if is_spaceless(line) else 24) and is_headline(line):
        return False
    return is_label(line) and not has_digits(line) and sum(map(str.isalpha, line)) >= (2 if is_spaceless(line) else 4)


def _tail(opener: str, near: list[tuple[int, str]], around: Neutral) -> Draft:
    need = max(_MARKERS, len(near) - 1) if len(near) < 6 else len(near) - 2
    confirm = {"need": need, "within": near[-1][0] + 2, "of": [line_is(line) for _, line in near]}
    noisy = "\n".join([around.before, around.after, opener, *(line for _, line in near), around.headlines[0]])
    keeps = (f"{opener}\n{around.before}\n{around.after}", around.quoting.format(opener))
    return Draft(
        {"tail": {"open": [line_is(_bare(opener))], "confirm": confirm}},
        noisy,
        f"{around.before}\n{around.after}",
        keeps,
    )


def _head(opener: str, marks: list[tuple[int, str]], around: Neutral) -> Draft:
    shown = marks if len(marks) <= 12 else [*marks[:6], *marks[-6:]]
    confirm = {
        "need": max(_MARKERS, len(shown) // 2),
        "within": marks[-1][0] + 1,
        "of": [line_is(line) for _, line in shown],
    }
    noisy = "\n".join([opener, *(line for _, line in shown), around.before, around.after])
    keeps = (f"{opener}\n{around.before}\n{around.after}", around.quoting.format(opener))
    return Draft(
        {"head": {"open": [line_is(_bare(opener))], "confirm": confirm}},
        noisy,
        f"{around.before}\n{around.after}",
        keeps,
    )


def _by(chosen: Chosen, around: Neutral, form: Form, asks: str, text: str = "", lead: int = 0) -> Iterator[Sketch]:
    """Use the drafts by which candidates of a corpus become rules."""
    text = text or chosen.text
    tokens = find_tokens(text[lead_length(text) :] if lead else text)
    key = tuple(token.form for token in tokens if not lead or token.start < lead)
    if lead:
        text = text[lead_length(text) :]
        if text[lead : lead + 2].lstrip()[:1] == ":":
            key = (*key, ":")
    tail: tuple[str, ...] = ("",)
    if form == "paragraph":
        first, last = edges(text, _EDGE) if len(text) > LONG_LINE else ("", "")
        key, tail = (first,), (last,)
    candidate = Candidate(
        source="", form=form, key=key, tail=tail, docs=1, of=1, hits=1, free=1, start=0, middle=0, end=1,
        characters=len(text), shortest=len(text), longest=max(len(text), 60 if lead else 0), begins=1, ends=1,
        examples=(text,), places=(), hosts=(), lang=chosen.lang,
    )  # fmt: skip
    for draft in drafts(candidate, around):
        yield Sketch(draft, asks)


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}…"
