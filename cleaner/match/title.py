"""Find the title among the first remaining lines, where something proves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

import regex

from cleaner.match.finding import Finding
from cleaner.match.settle import gaps, merge, settle, spans
from cleaner.text.fold import fold, visible
from cleaner.text.shape import core, is_bullet, is_sentence, is_spaceless, lead_length
from cleaner.text.sheet import LINE, Sheet, Unit, ends_sentence

LONGEST = 200
"""Code points of the longest line taken for a title."""

_LOOK_AHEAD = 4
_CLOSES = ".!?…。！？।؟:;,：；，、"
_LEAST = 10
_LEAST_WORDS = 4  # fewer, in a line this short, are a byline, a section or a sub-heading
_LEAST_LENGTH = 24
_MOST_LENGTH = 130  # of 700 titles of dumps one is longer; standfirsts and captions often are
_MOST_SPACELESS = 60
_WORD = regex.compile(r"[^\W_][\w'’-]*")
_SLUG_WORD = regex.compile(r"[^\W_]{3,}")
_NEXT_SENTENCE = regex.compile(r"(?<!\b\p{Lu})[.…][\"'»”’)]*\s+[\"“«„¿¡]?\p{Lu}|。[^」』”）]")
_OPENS_REPORT = regex.compile(r"(?:[0-9]{1,2} ?月 ?)?[0-9]{1,2} ?日|\p{Han}{2,3}，|20[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}\b")
"""A date, or two or three characters set off by a comma, say when: so a report opens, or the line below its title."""

_OPEN = ":;,：；，、"  # no title closes with these
_GOES_ON = ",;:.)，；：。、）"


@dataclass(frozen=True, slots=True)
class Title:
    """Hold a title and the spans of the source it is taken from; neither where nothing proves one."""

    text: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


def take_title(source: str, findings: Sequence[Finding], given: str | None, url: str | None) -> Title:
    """Find the title on what findings leave of a source; noise inside its line is no part of it."""
    sheet = Sheet(source, spans(settle(source, findings)))
    if not sheet.lines:
        return Title()
    line = find_title(sheet, given, url)
    whole = sheet.to_source(*line) if line else None if given else _doubled(sheet, findings)
    if whole is None:
        return Title()
    parts = gaps(merge((f.start, f.end, f.rule.class_, (f.rule.id,)) for f in findings), whole)
    return Title(" ".join(" ".join(source[a:b] for a, b in parts).split()), tuple(parts))


def quick_title(source: str, given: str | None, url: str | None) -> Title:
    """Find the title of a text at which a glance found nothing hidden and from which nothing is cut.

    It looks at no more of the text than that takes.
    """
    first = LINE.search(source)
    if first is None:
        return Title()
    opening, size = first[0][: LONGEST + 1], first.end() - first.start()
    if visible(opening) != opening:
        return take_title(source, (), given, url)
    if size > LONGEST:
        return Title()
    if given and core(fold(given)) != core(fold(first[0])):
        return Title()
    if not given and not url and (size > _MOST_LENGTH or size < _LEAST or first[0][-1] in _CLOSES):
        return Title()
    *_, last = islice(LINE.finditer(source), 1 + _LOOK_AHEAD)
    head = source[: last.end()]
    return take_title(head if visible(head) == head else source, (), given, url)


def _doubled(sheet: Sheet, findings: Sequence[Finding]) -> tuple[int, int] | None:
    """Return the first thing left if it stood twice and its copy goes."""
    first = sheet.to_source(*sheet.lines[0])[0]
    for finding in findings:
        is_double = finding.rule.dup is not None and finding.rule.dup.how == "equal"
        if is_double and finding.witness and finding.witness[0] == first:
            return finding.witness if finding.witness[1] - finding.witness[0] <= LONGEST else None
    return None


def find_title(sheet: Sheet, title: str | None, url: str | None) -> Unit | None:
    """Return the line that is the title, or None where nothing proves one.

    `title` is the one the input gave. A title that stood twice is proven by the cut of its double (`take_title`).
    """
    if not sheet.lines:
        return None
    first = sheet.lines[0]
    text = sheet.text[slice(*first)]
    if len(sheet.lines) < 2 or len(text) > LONGEST:
        return None
    if title:
        return first if core(fold(title)) == core(sheet.folded[slice(*first)]) else None
    if _goes_on(sheet) or (ends_sentence(text) and _NEXT_SENTENCE.search(text)):
        return None  # a part of a sentence, or more than one
    if url and names_slug(text, url):
        return first
    return first if _looks_like_title(text) and _sentences_follow(sheet) else None


def _looks_like_title(text: str) -> bool:
    spaceless = is_spaceless(text)
    if (
        not _LEAST <= len(text) <= (_MOST_SPACELESS if spaceless else _MOST_LENGTH)
        or is_bullet(text)
        or lead_length(text)
    ):
        return False
    if not spaceless and len(text) < _LEAST_LENGTH and len(_WORD.findall(text)) < _LEAST_WORDS:
        return False
    if ends_sentence(text) or text[-1] in _OPEN:
        return False
    return not _NEXT_SENTENCE.search(text) and not _OPENS_REPORT.match(text)


def _goes_on(sheet: Sheet) -> bool:
    """Tell whether one of the next two lines takes a sentence further: links leave sentences split over lines."""
    openings = [sheet.text[unit.start] for unit in sheet.lines[1:3]]
    between = islice(_WORD.finditer(sheet.text, *sheet.lines[1]), _LEAST_WORDS)
    after_link = openings[1:] if sum(1 for _ in between) < _LEAST_WORDS else []
    return any(opening.islower() or opening in _GOES_ON for opening in openings[:1] + after_link)


def _sentences_follow(sheet: Sheet) -> bool:
    return any(is_sentence(sheet.text[slice(*unit)]) for unit in sheet.lines[1 : 1 + _LOOK_AHEAD])


def names_slug(text: str, url: str) -> bool:
    """Tell whether the words of a URL's last path part are those of a line.

    >>> names_slug("Storm Benjamin breaks all records", "https://news.example/2025/storm-benjamin-breaks-records.html")
    True
    """
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    slug = max(unquote(path).split("/"), key=len, default="")
    if " " in slug:
        return False  # words put there by hand, as the first ones of a post
    words = {fold(word) for word in _SLUG_WORD.findall(slug.rsplit(".", 1)[0]) if not word.isdigit()}
    own = set(_SLUG_WORD.findall(fold(text)))
    return len(words) >= 3 and len(words & own) >= 0.75 * len(words)
