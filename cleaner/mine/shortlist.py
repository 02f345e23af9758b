"""Choose among what was sighted: what stands free, often enough; what one stretch says better than its parts is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cleaner.mine.evidence import Evidence, Form, Key, Place, Sighting
from cleaner.mine.tokens import letters

_FREE = 0.8
_TOGETHER = 0.75
_REST = 0.3  # share of a stretch that must be its own, where its other part is proposed already
_LINE_LETTERS = 4
_RUNS = 0.6
_NAME = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold what may become a rule, with its evidence; counts are of `of` documents looked at."""

    source: str
    form: Form
    key: Key
    tail: Key
    docs: int
    of: int
    hits: int
    free: int
    start: int
    middle: int
    end: int
    characters: int
    shortest: int
    longest: int
    begins: int
    ends: int
    examples: tuple[str, ...]
    places: tuple[Place, ...]
    hosts: tuple[str, ...]
    lang: str
    inside: Key = ()

    @property
    def share(self) -> float:
        """Return the share of the documents that hold it."""
        return self.docs / self.of if self.of else 0.0


def shortlist(source: str, evidence: Evidence, least: int) -> list[Candidate]:
    """Return the candidates of a source, longest first, none of which another one makes superfluous."""
    kept = _framed(list(_candidates(source, evidence, least)), evidence)
    return _merged(candidate for candidate in kept if candidate.free >= _FREE * candidate.hits)


def _candidates(source: str, evidence: Evidence, least: int) -> Iterator[Candidate]:
    for (_, key), seen in evidence.found.items():
        if seen.docs < least:
            continue
        form = seen.form
        if form == "lines" and seen.runs >= _RUNS * seen.hits:
            form = "run"
        if form == "stretch" and _is_name(key) and seen.middle * 2 > seen.hits:
            continue
        if form in ("lines", "run") and letters(key) < _LINE_LETTERS:
            continue
        yield _candidate(source, form, key, seen, evidence)


def _is_name(key: Key) -> bool:
    """Tell whether a stretch is nothing but a few capitalised words, as names in prose are."""
    return len(key) <= _NAME and all(token[0].isupper() and not token.isupper() for token in key)


def _candidate(source: str, form: Form, key: Key, seen: Sighting, evidence: Evidence) -> Candidate:
    inside = seen.inside.most_common(1) if seen.inside else []
    return Candidate(
        source=source,
        form=form,
        key=key,
        tail=(),
        docs=seen.docs,
        of=evidence.documents,
        hits=seen.hits,
        free=seen.free,
        start=seen.start,
        middle=seen.middle,
        end=seen.end,
        characters=seen.characters,
        shortest=seen.shortest,
        longest=seen.longest,
        begins=seen.begins,
        ends=seen.ends,
        examples=tuple(seen.examples),
        places=tuple(seen.places),
        hosts=tuple(sorted(seen.hosts)),
        lang=seen.lang,
        inside=inside[0][0] if inside and inside[0][1] >= _TOGETHER * seen.hits else (),
    )


def _framed(kept: Sequence[Candidate], evidence: Evidence) -> list[Candidate]:
    """Join stretches inside lines that nearly always follow each other into frames, from the first to the last."""
    by_key = {c.key: c for c in kept if c.form == "stretch"}
    following: dict[Key, Key] = {}
    for (one, two), count in sorted(evidence.pairs.items(), key=lambda item: (item[1], item[0])):
        a, b = by_key.get(one), by_key.get(two)
        if a and b and count >= _TOGETHER * max(a.hits, b.hits):
            following[one] = two  # of several the one most often together
    later = set(following.values())
    joined: list[Candidate] = []
    used: set[Key] = set()
    for key in by_key:
        if key in following and key not in later:
            chain = [key]
            while chain[-1] in following and following[chain[-1]] not in chain:
                chain.append(following[chain[-1]])
            frame = _frame([by_key[part] for part in chain], evidence)
            if frame:
                joined.append(frame)
                used.update(chain)
    return [*(c for c in kept if c.form != "stretch" or c.key not in used), *joined]


def _frame(parts: Sequence[Candidate], evidence: Evidence) -> Candidate | None:
    """Make one candidate of a chain of stretches, its places from the start of the first to the end of the last."""
    first, last = parts[0], parts[-1]
    places: list[Place] = []
    for place in first.places:
        ends = [other.end for other in last.places if other.document == place.document and other.start > place.start]
        if ends:
            places.append(Place(place.document, place.start, min(ends)))
    places = [place for place in places if "\n" not in evidence.held[place.document].text[place.start : place.end]]
    if not places:
        return None
    sizes = [place.end - place.start for place in places]
    texts = dict.fromkeys(evidence.held[p.document].text[p.start : p.end] for p in places)
    return replace(
        first,
        form="frame",
        tail=last.key,
        docs=min(part.docs for part in parts),
        hits=min(part.hits for part in parts),
        free=min(first.begins, last.ends),
        characters=sum(sizes) * first.hits // len(sizes),
        shortest=min(sizes),
        longest=max(sizes),
        examples=tuple(texts)[:3],
        places=tuple(places),
    )


def _merged(kept: Iterable[Candidate]) -> list[Candidate]:
    """Drop what another candidate covers: a part that hardly ever stands alone, and a whole whose parts are enough."""
    chosen: list[Candidate] = []
    for candidate in sorted(kept, key=lambda c: (-len(c.key) - len(c.tail), c.key, c.form)):
        around = [other for other in chosen if _holds(other, candidate)]
        if any(candidate.hits <= other.hits / _TOGETHER for other in around):
            continue
        chosen = [
            other for other in chosen if other not in around or letters(other.key) * _REST <= _own(other, candidate)
        ]
        chosen.append(candidate)
    return chosen


def _holds(whole: Candidate, part: Candidate) -> bool:
    if whole.form in ("mark", "lead", "named") or part.form == "named":
        return False
    text = "\x00".join((*whole.key, "", *whole.tail))
    return f"\x00{chr(0).join(part.key)}\x00" in f"\x00{text}\x00" or _covers(whole, part)


def _covers(whole: Candidate, part: Candidate) -> bool:
    """Tell whether the places of a part lie inside those of a frame."""
    if whole.form != "frame" or not part.places:
        return False
    inside = sum(
        any(w.document == p.document and w.start <= p.start and p.end <= w.end for w in whole.places)
        for p in part.places
    )
    return inside >= _TOGETHER * len(part.places)


def _own(whole: Candidate, part: Candidate) -> int:
    return letters(whole.key) + letters(whole.tail) - letters(part.key)
