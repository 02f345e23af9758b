"""Language-free forms that a line can have: headline, label, prose, caps, bullet, clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import regex

from cleaner.text.sheet import ends_sentence

BULLETS = "-•·∙*▪▫▸▹►▶‣■□●○◦→⇒>|#+✓✔☞◆◇★☆»"
"""Characters that stand before an item of a list (dashes are unified to `-` in every shadow)."""

OPENS_ITEMS = frozenset(f"{BULLETS}0123456789[")
"""The characters that bullets, numbers and clock times begin with."""

_LEAD = regex.compile(rf"(?:[{regex.escape(BULLETS)}]+|\d{{1,3}}[.)](?=\s|$))\s*")
_DECORATION = 32  # code points of colons, dots and arrows looked for at the end of a label
_TRAIL = regex.compile(r"(?:[\s:…|>›»→⤵▼]|\.\.+|(?<=\s)-)+$")
_WORD = regex.compile(r"[^\W_][\w'’-]*")
_LEAD_MOST = 80  # code points within which a lead-in is set off
_SET_OFF = regex.compile(r"\s?[:|>»→]|\s-\s")
_SPACELESS = regex.compile(r"[\u2e80-\u9fff\u0e00-\u0eff]")
_CLOCK = regex.compile(r"\[?(?:[01]?\d|2[0-3])\s?[:hH.]\s?[0-5]\d(?:\s?(?:[AaPp]\.?[Mm]\.?|Uhr|h))?\]?")
_SPLIT = regex.compile(r"(?<!\b\p{Lu})[.!?…][\"'»”’)\]]*\s+[\p{Lu}«\"“„]")
_OPENS = regex.compile(r"[\p{Lu}\p{Lt}\p{Lo}\p{N}\"'«“„‘(\[¿¡#@$€£]")


def lead_length(text: str) -> int:
    """Count the code points of a leading bullet or number and the white space after it.

    >>> lead_length("• Le Figaro"), lead_length("3. Third"), lead_length("24 Heures"), lead_length("- ")
    (2, 3, 0, 2)
    """
    match = _LEAD.match(text)
    return match.end() if match else 0


def core(text: str) -> str:
    """Strip what decorates a label: a bullet before it, a colon, dots or arrows after it. A number makes a heading of it.

    >>> core("• Lire aussi :"), core("No comments yet..."), core("-"), core("4. Share")
    ('Lire aussi', 'No comments yet', '', '4. Share')
    """
    text = text.strip()
    return undecorated(text if text[:1].isdigit() else text[lead_length(text) :])


def undecorated(text: str) -> str:
    """Strip a colon, dots or arrows at the end of a text."""
    tail = _TRAIL.search(text, max(0, len(text) - _DECORATION))
    return text[: tail.start()] if tail else text


def lead_in(text: str) -> str:
    """Return what stands before the first colon, bar, arrow or spaced dash of a line, if more follows it.

    >>> lead_in("• Lire aussi : Le port rouvre"), lead_in("Lire aussi :"), lead_in("No colon")
    ('Lire aussi', '', '')
    """
    found = _SET_OFF.search(text, lead_length(text), _LEAD_MOST)
    return core(text[: found.start()]) if found and text[found.end() :].strip() else ""


def is_word(char: str) -> bool:
    """Tell whether a character belongs to words that spaces set apart."""
    return char.isalnum() and not ("\u2e80" <= char <= "\ud7ff" or "\u0e00" <= char <= "\u0eff" or char >= "\U00020000")


def is_spaceless(text: str) -> bool:
    """Tell whether a text is mostly in a script that sets no spaces between words."""
    return not text.isascii() and 2 * len(_SPACELESS.findall(text)) > len(text)


def clock(text: str) -> tuple[int, int] | None:
    """Return the length of a leading clock time and the minutes since midnight it says.

    >>> clock("14:05 Le Sénat vote"), clock("9h30"), clock("2024 elections")
    ((5, 845), (4, 570), None)
    """
    match = _CLOCK.match(text)
    if not match or text[match.end() : match.end() + 1].isalnum():
        return None
    hour, minute = (int(n) for n in regex.findall(r"\d+", match.group())[:2])
    later = 12 if regex.search(r"[Pp]\.?[Mm]", match.group()) and hour < 12 else 0
    return match.end(), (hour + later) * 60 + minute


def is_plain(text: str) -> bool:
    """Tell whether a text ends without sentence punctuation."""
    return not ends_sentence(text) and text[-1:] not in ":;,"


def is_headline(text: str) -> bool:
    """Tell whether a text reads like a headline.

    >>> is_headline("Storm Benjamin breaks all records"), is_headline("The storm broke all records, he said.")
    (True, False)
    """
    size = len(text)
    if not 12 <= size <= 220 and not (6 <= size <= 60 and is_spaceless(text)):
        return False
    bare = text.rstrip("\"'»”’)")
    if (bare[-1:] in (*".;:,。；，",) and not bare.endswith("..")) or not _OPENS.match(text):
        return False
    if len(_WORD.findall(text)) < 3 and not is_spaceless(text):
        return False
    return not any(len(text) - m.end() > 25 and m.start() > 50 for m in _SPLIT.finditer(text))


def is_label(text: str) -> bool:
    """Tell whether a text is short and no sentence.

    >>> is_label("Orange background"), is_label("It rained.")
    (True, False)
    """
    return len(text) <= 60 and not ends_sentence(text) and len(_WORD.findall(text)) <= 8


def is_prose(text: str) -> bool:
    """Tell whether a text reads like sentences of an article."""
    if len(text) > 250:
        return True
    if is_spaceless(text):
        return len(text) >= 20 and (ends_sentence(text) or len(text) > 80)
    return len(text) >= 60 and ends_sentence(text)


def is_sentence(text: str) -> bool:
    """Tell whether a text reads like at least one sentence, or leads in a list with a colon.

    >>> is_sentence("Nobody was hurt."), is_sentence("He laughed."), is_sentence("Storm breaks all records")
    (True, False, False)
    """
    if is_prose(text):
        return True
    return (ends_sentence(text) and len(text) >= 14 and len(_WORD.findall(text)) >= 3) or (
        text[-1:] in ":：" and len(text) >= 50
    )


def is_caps(text: str) -> bool:
    """Tell whether all letters of a text are capitals."""
    return text.isupper() and sum(map(str.isalpha, text)) >= 3


def is_bullet(text: str) -> bool:
    """Tell whether a text is a bullet or a number alone.

    >>> is_bullet("-"), is_bullet("3."), is_bullet("- Item")
    (True, True, False)
    """
    return 0 < len(text) <= 4 and lead_length(text) == len(text)


def is_clock(text: str) -> bool:
    """Tell whether a text is a clock time alone."""
    found = clock(text)
    return found is not None and found[0] == len(text)


SHAPES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "headline": is_headline,
        "label": is_label,
        "prose": is_prose,
        "caps": is_caps,
        "bullet": is_bullet,
        "clock": is_clock,
    }
)
