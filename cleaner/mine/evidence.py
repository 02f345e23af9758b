"""Pass two: gather for what survived pass one how often it stands where, with places in documents that are held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Literal

from cleaner.mine.corpus import Text
from cleaner.mine.stretch import (
    Levels,
    Stretch,
    begins_anew,
    ends_there,
    find_stretches,
    levels,
    line_bounds,
)
from cleaner.mine.survey import NAMED_LINE, lead_in_key, lead_ins, lead_key, mark_key, named_key
from cleaner.mine.tokens import BREAK, DIGITS, NAME, Token, find_tokens, fold_names, is_mark, letters, stops
from cleaner.text.shape import is_headline, is_prose
from cleaner.text.sheet import ends_sentence

Form = Literal["lines", "stretch", "frame", "lead", "named", "mark", "run", "paragraph"]
Key = tuple[str, ...]

HELD = 40
"""Documents of a source that stay in memory, to try rules on."""

SHOWN = 3
_PLACES = 40
_PAIRS = 2  # pairs of stretches in memory for each candidate
_INSIDE = 40  # stretches counted behind one lead
_WEIGHT = 24  # tokens of a candidate, on average, in memory
_SKIPPED = 3  # stretches looked back upon for one that nearly always comes first
_GAP = 300  # code points between two stretches of one frame
_LINK = 300  # code points of a line that leads to something else
_LITERALS = 8
_RUN = 3
_HEADER = 60
_HOSTS = 24  # hosts of one site kept for one candidate
_CONTEXT = 60  # code points shown behind a mark


@dataclass(frozen=True, slots=True)
class Place:
    """Bound one occurrence in a held document."""

    document: int
    start: int
    end: int


@dataclass(slots=True)
class Sighting:
    """Count what is known of one candidate."""

    form: Form
    docs: int = 0
    hits: int = 0
    free: int = 0
    begins: int = 0
    ends: int = 0
    runs: int = 0
    start: int = 0
    middle: int = 0
    end: int = 0
    characters: int = 0
    shortest: int = 1 << 30
    longest: int = 0
    examples: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    lang: str = ""
    last_doc: int = -1
    inside: Counter[Key] | None = None


@dataclass(slots=True)
class Evidence:
    """Gather the sightings of one source."""

    known: Mapping[int, int]
    least: int
    documents: int = 0
    held: list[Text] = field(default_factory=list)
    stride: int = 1
    held_most: int = HELD
    held_room: int = 1 << 40
    held_size: int = 0
    keys_most: int = 30_000
    weight: int = 0
    found: dict[tuple[str, Key], Sighting] = field(default_factory=dict)
    pairs: Counter[tuple[Key, Key]] = field(default_factory=Counter)

    def add(self, text: Text) -> None:
        """Look at one document."""
        number = self.documents
        self.documents += 1
        slot = -1
        if number % self.stride == 0 and len(self.held) < self.held_most and self.held_size < self.held_room:
            slot = len(self.held)
            self.held_size += len(text.text)
            self.held.append(text)
        page = _Page(text, slot, number, self)
        page.look()
        if len(self.found) > self.keys_most or self.weight > self.keys_most * _WEIGHT:
            self._forget()
        if len(self.pairs) > self.keys_most * _PAIRS:
            self._forget_pairs()

    def sighting(self, form: Form, key: Key) -> Sighting:
        """Return the counts of one candidate."""
        name = ("part" if form in ("lines", "stretch") else form, key)
        found = self.found.get(name)
        if found is None:
            found = self.found[name] = Sighting(form)
            self.weight += len(key)
        return found

    def _forget(self) -> None:
        """Drop what stands in the fewest documents until half of the room is free."""
        bar = 1
        while len(self.found) > self.keys_most // 2 or self.weight > self.keys_most * _WEIGHT // 2:
            self.found = {key: seen for key, seen in self.found.items() if seen.docs > bar}
            self.weight = sum(len(key) for _, key in self.found)
            bar += 1

    def _forget_pairs(self) -> None:
        bar = 0
        while len(self.pairs) > self.keys_most:
            bar += 1
            self.pairs = Counter({pair: count for pair, count in self.pairs.items() if count > bar})


@dataclass(slots=True)
class _Page:
    """Hold one document while it is looked at."""

    text: Text
    slot: int
    number: int
    evidence: Evidence
    tokens: list[Token] = field(default_factory=list)
    levels: Levels = field(default_factory=lambda: Levels((), ()))

    @property
    def level(self) -> Sequence[int]:
        return self.levels.tokens

    def look(self) -> None:
        self.tokens = find_tokens(self.text.text)
        self.levels = levels(self.tokens, self.evidence.known, self.evidence.least)
        stretches = find_stretches(self.tokens, self.levels)
        self._see_stretches(stretches)
        self._see_lines()
        self._see_marks()
        self._see_lead_ins()

    def _see_stretches(self, stretches: Sequence[Stretch]) -> None:
        before: list[tuple[Key, int]] = []
        for stretch in stretches:
            key = tuple(intern(token.form) for token in self.tokens[stretch.first : stretch.last])
            begins = begins_anew(self.tokens, self.level, stretch.first, stretch.last)
            ends = ends_there(self.tokens, self.level, stretch.last)
            form: Form = "lines" if stretch.whole else "stretch"
            found = self._see(form, key, stretch.first, stretch.last, begins and ends)
            found.begins, found.ends = found.begins + begins, found.ends + ends
            if not stretch.whole:
                found.form = "stretch"
            elif self._headlines_after(stretch.last) >= _RUN and len(self._last_line(stretch)) <= _HEADER:
                found.runs += 1
            start = self.tokens[stretch.first].start
            for other, end in before:  # what stands between may be a stretch of some documents: today's headlines
                if start - end <= _GAP and other != key:
                    self.evidence.pairs[other, key] += 1
            before = [*before[1 - _SKIPPED :], (key, self.tokens[stretch.last - 1].end)]

    def _last_line(self, stretch: Stretch) -> str:
        text = self.text.text[self.tokens[stretch.first].start : self.tokens[stretch.last - 1].end]
        return text.rpartition("\n")[2]

    def _headlines_after(self, last: int) -> int:
        count = 0
        for first, end in self._lines_from(last):
            line = self._part(first, end)
            if all(self.level[first:end]) or not is_headline(line):
                break
            count += 1
        return count

    def _lines_from(self, at: int) -> Iterator[tuple[int, int]]:
        forms = [token.form for token in self.tokens[at : at + 400]]
        yield from ((at + a, at + b) for a, b in line_bounds(forms))

    def _see_lines(self) -> None:
        known, least = self.evidence.known, self.evidence.least
        forms = [token.form for token in self.tokens]
        if BREAK not in forms:
            return
        for first, end in line_bounds(forms):
            if all(self.level[first:end]):
                continue
            line = self._part(first, end)
            if end - first in NAMED_LINE:
                named = fold_names(forms[first:end])
                if known.get(named_key(named), 0) >= least and _has_literals(named):
                    self._see("named", named, first, end, not is_prose(line))
            for size in (3, 2):
                lead = forms[first : first + size]
                if end - first > size and known.get(lead_key(lead), 0) >= least and _leads(lead):
                    found = self._see("lead", tuple(lead), first, end, len(line) <= _LINK and not ends_sentence(line))
                    part = Levels(self.level[first:end], self.levels.joints[first:end])
                    for stretch in find_stretches(self.tokens[first:end], part):
                        if stretch.first >= size:
                            found.inside = found.inside or Counter()
                            what = tuple(forms[first + stretch.first : first + stretch.last])
                            if len(found.inside) < _INSIDE or what in found.inside:
                                found.inside[what] += 1
                    break

    def _see_marks(self) -> None:
        known, least = self.evidence.known, self.evidence.least
        for at, token in enumerate(self.tokens):
            if not is_mark(token.form) or known.get(mark_key(token.form), 0) < least or at + 1 == len(self.tokens):
                continue
            after = self.tokens[at + 1].form
            free = after[0].isupper() or after[0] in "'\"“‘«¿¡(" or after[0] >= "\u2e80"
            found = self._see("mark", (token.form,), at, at + 1, free and begins_anew(self.tokens, self.level, at))
            self._show_more(found, token.start, token.end)

    def _see_lead_ins(self) -> None:
        known, least = self.evidence.known, self.evidence.least
        forms = [token.form for token in self.tokens]
        wanted = sorted(lead for lead in lead_ins(forms) if known.get(lead_in_key(lead), 0) >= least)
        for lead in wanted:
            size = len(lead)
            for at in range(len(forms) - size):
                if forms[at] == lead[0] and forms[at + size] == ":" and tuple(forms[at : at + size]) == lead:
                    if all(self.level[at : at + size + 1]):
                        continue
                    free = at + size + 1 < len(forms) and not forms[at + size + 1][0].islower()
                    free = free and begins_anew(self.tokens, self.level, at)
                    found = self._see("mark", (*lead, ":"), at, at + size + 1, free)
                    self._show_more(found, self.tokens[at].start, self.tokens[at + size].end)

    def _show_more(self, found: Sighting, start: int, end: int) -> None:
        """Show what a mark leads in; the first example is the mark alone."""
        if len(found.examples) < SHOWN:
            found.examples.append(self.text.text[start : end + _CONTEXT].partition("\n")[0])

    def _see(self, form: Form, key: Key, first: int, last: int, free: bool) -> Sighting:
        found = self.evidence.sighting(form, key)
        start, end = self.tokens[first].start, self.tokens[last - 1].end
        found.hits += 1
        found.free += free
        found.characters += end - start
        found.shortest, found.longest = min(found.shortest, end - start), max(found.longest, end - start)
        part = where(start, end, len(self.text.text))
        setattr(found, part, getattr(found, part) + 1)
        if found.last_doc != self.number:
            found.docs, found.last_doc = found.docs + 1, self.number
            if self.text.host and self.text.host not in found.hosts and len(found.hosts) < _HOSTS:
                found.hosts.append(self.text.host)
            found.lang = found.lang or self.text.lang
            example = self.text.text[start:end]
            if len(found.examples) < SHOWN and example not in found.examples:
                found.examples.append(example)
        if self.slot >= 0 and len(found.places) < _PLACES:
            found.places.append(Place(self.slot, start, end))
        return found

    def _part(self, first: int, end: int) -> str:
        return self.text.text[self.tokens[first].start : self.tokens[end - 1].end]


def where(start: int, end: int, size: int) -> str:
    """Tell in which part of a document something stands: within 15 % (at least 400 code points) of its start or end."""
    reach = max(400, size * 15 // 100)
    if start <= min(reach, size // 2):
        return "start"
    return "end" if end >= size - reach else "middle"


def _has_literals(named: Key) -> bool:
    words = [token for token in named if token not in (NAME, DIGITS)]
    return letters(words) >= _LITERALS and sum(map(letters, ([word] for word in words))) >= _LITERALS and NAME in named


def _leads(lead: Sequence[str]) -> bool:
    """Tell whether the first words of a line are a label rather than the beginning of a sentence."""
    words = [token for token in lead if token[0].isalpha()]
    if any(token in ":|»>" or is_mark(token) for token in lead) and not stops(lead[0]):
        return bool(words)
    return len(words) == len(lead) and all(word.isupper() for word in words) and letters(words) >= 6
