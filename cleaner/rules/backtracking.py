"""Find patterns that can take far longer than their text is long.

Two looks, neither of which trusts the other. The static one reads the parsed pattern: a repeat inside a repeat with
nothing between to tell their rounds apart, and repeats side by side that can take the same characters. The pumped one
runs the compiled pattern on inputs built to make it fail late, of doubling size, and judges how its time grows from
size to size, so that the verdict does not depend on the machine. Characters are compared by samples of their kind.
"""

from __future__ import annotations

import re._constants as sre
import re._parser as parser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import thread_time
from typing import Any

import regex

MANY = 30
"""A repeat that may go on for this many rounds is one that can be pumped."""

SAMPLES = frozenset("aZéÉß09 _-'.,;:!?…()[]«»\"/|•>#@漢أя\u0001\n")
_LETTERS = "a-zA-ZéÉßя漢أ"
_PROPERTIES = {"Lu": "A-ZÉ", "Ll": "a-zéßя", "N": "0-9", "Nd": "0-9"}  # other letters, then anything else, below
_PROPERTY = regex.compile(r"\\([pP])\{([^}]*)\}")
_NAMED = regex.compile(r"\(\?P<\w+>")

_SIZES = (16, 32, 4000, 8000, 16000)
_TIMEOUT = 0.5  # seconds; a safety net: 32 characters take microseconds where nothing blows up
_QUICK = 0.004  # seconds for the largest input: a quarter of a microsecond a character, whatever the growth
# Four times the input takes a linear pattern four times as long, a quadratic one sixteen times. Between them stand patterns
# that try something at every other character: `regex` keeps a sorted list of places that failed (8 to 10.5, by machine).
_GROWTH = 12
_LINEAR = 5  # one look is enough where four times the input takes hardly more than four times as long
_STEEP = 50  # sixteen characters more, and fifty times as long: exponential
_REPEATS = 5
_SLOW = 0.03  # seconds for the largest input, three times what `.*[.!?]` takes there on a busy machine
_MEASURED = 5  # measurements of which most must agree before a pattern is called slow

Nodes = Sequence[Any]


@lru_cache(maxsize=1024)
def parse(pattern: str) -> Nodes | None:
    """Parse a pattern; None where the standard parser does not read its dialect."""
    text = _NAMED.sub("(", pattern)
    try:
        return list(parser.parse(_PROPERTY.sub(_approximate, text)))
    except Exception:  # the standard parser raises more than its own error on foreign dialects
        return None


def _approximate(match: regex.Match[str]) -> str:
    """Write a Unicode property with the ranges that the standard parser knows; it need only be right for samples."""
    before = match.string[: match.start()]
    inside = before.count("[") - before.count("\\[") > before.count("]") - before.count("\\]")
    negated, name = match.group(1) == "P", match.group(2)
    if name[:1] not in ("L", "N"):
        return r"\w" if negated else r"\W"
    found = _PROPERTIES.get(name, _LETTERS)
    if inside:
        return r"\W" if negated else found
    return f"[^{found}]" if negated else f"[{found}]"


def chars(op: Any, value: Any) -> frozenset[str]:
    """Return the samples that one node of a parsed pattern can begin or go on with."""
    if op is sre.LITERAL:
        return frozenset(chr(value))
    if op is sre.NOT_LITERAL:
        return SAMPLES - {chr(value)}
    if op is sre.ANY:
        return SAMPLES - {"\n"}
    if op is sre.IN:
        listed = frozenset().union(*(_listed(*item) for item in value))
        return SAMPLES - listed if value[0][0] is sre.NEGATE else listed
    if op is sre.SUBPATTERN:
        return _all_chars(value[-1])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        return _all_chars(value[2])
    if op is sre.BRANCH:
        return frozenset().union(*map(_all_chars, value[1]))
    return frozenset()


def _all_chars(nodes: Nodes) -> frozenset[str]:
    return frozenset().union(*(chars(op, value) for op, value in nodes))


@lru_cache(maxsize=4096)
def _listed(op: Any, value: Any) -> frozenset[str]:
    if op is sre.LITERAL:
        return frozenset(chr(value))
    if op is sre.RANGE:
        return frozenset(char for char in SAMPLES if value[0] <= ord(char) <= value[1]) | {chr(value[0])}
    if op is sre.CATEGORY:
        shown = {"CATEGORY_DIGIT": r"\d", "CATEGORY_SPACE": r"\s", "CATEGORY_WORD": r"\w"}
        name = str(value)
        plain = shown.get(name.replace("NOT_", ""), r"\w")
        return frozenset(char for char in SAMPLES if bool(regex.match(plain, char)) != ("NOT_" in name))
    return frozenset()


@dataclass(frozen=True, slots=True)
class Repeat:
    """Hold one repeat of a pattern: what stands before it, its body, its bounds, what follows it directly."""

    before: str
    body: Nodes
    least: int
    most: int
    rest: Nodes

    @property
    def is_open(self) -> bool:
        """Tell whether nothing bounds it."""
        return self.most >= int(sre.MAXREPEAT)

    @property
    def is_wide(self) -> bool:
        """Tell whether it runs over words, spaces and sentence ends alike, or over all but a few characters."""
        taken = _all_chars(self.body)
        return len(self.body) == 1 and (taken >= {"a", " "} or taken >= {"a", ".", ","})


def repeats(nodes: Nodes, before: str = "") -> Iterator[Repeat]:
    """Return all repeats of a parsed pattern, outer ones first."""
    for number, (op, value) in enumerate(nodes):
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield Repeat(before, list(value[2]), value[0], int(value[1]), nodes[number + 1 :])
            yield from repeats(list(value[2]), before)
        elif op is sre.SUBPATTERN:
            yield from repeats(list(value[-1]), before)
        elif op is sre.BRANCH:
            for branch in value[1]:
                yield from repeats(list(branch), before)
        before += shortest([(op, value)])


def shortest(nodes: Nodes) -> str:
    """Write a short text that a parsed pattern matches."""
    text = ""
    for op, value in nodes:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            text += shortest(list(value[2])) * value[0]
        elif op is sre.SUBPATTERN:
            text += shortest(list(value[-1]))
        elif op is sre.BRANCH:
            text += shortest(list(value[1][0]))
        elif op is not sre.AT:
            text += min(chars(op, value), key=lambda char: (not char.isalnum(), char), default="")
    return text


def nested(nodes: Nodes) -> bool:
    """Tell whether a repeat stands in a repeat and nothing marks where one round of the outer one ends.

    >>> nested(parse("(?:[a-z]+)+x")), nested(parse("(?: [a-z]+)+x")), nested(parse("(?:a*b?)*"))
    (True, False, True)
    """
    return any(outer.most >= MANY and _blurs(outer.body) for outer in repeats(nodes))


def _blurs(body: Nodes) -> bool:
    if len(body) == 1 and body[0][0] is sre.SUBPATTERN:
        return _blurs(list(body[0][1][-1]))
    if len(body) == 1 and body[0][0] is sre.BRANCH:
        return any(_blurs(list(branch)) for branch in body[0][1][1])
    inner = [repeat for repeat in repeats(body) if repeat.most >= MANY]
    marks = [chars(op, value) for op, value in body if op not in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.AT)]
    return any(all(mark & _all_chars(repeat.body) for mark in marks) for repeat in inner)


def adjacent(nodes: Nodes) -> bool:
    """Tell whether two unbounded repeats stand side by side and can take the same characters.

    >>> adjacent(parse("[a-z]+[a-z0-9]*;")), adjacent(parse("[a-z]+ [a-z]*;")), adjacent(parse(".+ ?.+[.]"))
    (True, False, True)
    """
    for repeat in repeats(nodes):
        taken = _all_chars(repeat.body) if repeat.is_open and len(repeat.body) == 1 else frozenset()
        for op, value in repeat.rest if taken else ():
            if op not in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                break
            if len(value[2]) == 1 and int(value[1]) >= int(sre.MAXREPEAT) and chars(op, value) & taken:
                return True
            if value[0] > 0:
                break
    return False


def pumped(pattern: str, whole: bool, most: int) -> str:
    """Run a pattern on inputs that grow up to `most` code points; say how its time grew, or nothing if all is well."""
    compiled = regex.compile(pattern)

    def run(text: str) -> object:
        return (compiled.fullmatch if whole else compiled.search)(text, timeout=_TIMEOUT)

    sizes = [size for size in _SIZES if size <= max(most, 2 * _SIZES[0])]
    end = f"\u0001{shortest(parse(pattern) or ())}\u0001"  # holds all literals, or the engine need not even look
    for before, unit in _pumps(pattern):
        grown = _growth(run, [before + (unit * size)[:size] + end for size in sizes])
        if grown:
            return f"{grown} on {before[-20:] + unit * 3!r}..."
    return ""


def _pumps(pattern: str) -> list[tuple[str, str]]:
    pumps = {("", "a"), ("", "a "), ("", "A. ")}
    for repeat in repeats(parse(pattern) or ()):
        units = {shortest(repeat.body) or min(_all_chars(repeat.body), default=""), *_branches(repeat.body)}
        if repeat.most >= MANY:
            pumps |= {pump for unit in units if unit for pump in ((repeat.before, unit), ("", repeat.before + unit))}
    return sorted(pumps)


def _branches(body: Nodes) -> list[str]:
    """Write a short text for each branch, where the body of a repeat is an alternation."""
    if len(body) != 1:
        return []
    op, value = body[0]
    if op is sre.SUBPATTERN:
        return _branches(list(value[-1]))
    return [shortest(list(branch)) for branch in value[1]] if op is sre.BRANCH else []


def _growth(run: Callable[[str], object], texts: Sequence[str]) -> str:
    """Say how a run's time grew over texts; machines are busy, so what most of several measurements say counts."""
    verdicts = [_measured(run, texts) or _measured(run, texts)]
    if verdicts[0]:
        verdicts += [_measured(run, texts) for _ in range(_MEASURED - 1)]
    return verdicts[0] if 2 * sum(map(bool, verdicts)) > _MEASURED else ""


def _measured(run: Callable[[str], object], texts: Sequence[str]) -> str:
    try:
        if _time(run, texts[1], 1) < _QUICK:
            longest = _time(run, texts[-1], 1)
            if longest < _QUICK or (texts[2:] and longest < _LINEAR * _time(run, texts[2], 1)):
                return ""
        times = [_time(run, text, _REPEATS) for text in texts]
    except TimeoutError:
        return "does not finish"
    if texts[2:] and times[-1] > max(_SLOW, _GROWTH * times[2]):
        return f"takes {times[-1] / times[2]:.0f} times as long for four times the text"
    return "blows up before it is 32 characters long" if times[1] > max(_QUICK, _STEEP * times[0]) else ""


def _time(run: Callable[[str], object], text: str, times: int) -> float:
    taken = []
    for _ in range(times):
        start = thread_time()
        run(text)
        taken.append(thread_time() - start)
    return min(taken)
