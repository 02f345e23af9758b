"""Turn a declared date into ISO 8601, where it can mean one moment or day only.

Read are ISO 8601 in its loose forms, compact digits, seconds or milliseconds since 1970, the dates of mail and of
JavaScript, English dates with the month's name, `13.02.2024`, and `13/02/2024` where only one of the two can be the
month. The offset stays as given and is never guessed; a day alone stays a day.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

MAX_LENGTH = 80

_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
_ZONE = r"(?:\s*(?P<z>Z\b|(?:UTC|GMT)?[+-]\d{2}:?(?:\d{2})?(?!\d)|[A-Z]{2,4}\b)(?:\s*\([^)]*\)|\[[^\]]*\])?)?"
_TIME = rf"(?:{_CLOCK}{_ZONE})"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,7}\.?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s*)?"
_YEAR = r"(?P<y>\d{4})"
_FORMS = tuple(
    re.compile(form + r"\Z", re.I)
    for form in (
        rf"{_YEAR}-(?P<mo>\d{{1,2}})-(?P<d>\d{{1,2}})(?:(?:[T\s]+|\s*-\s*){_TIME})?",
        rf"{_YEAR}[/.](?P<mo>\d{{1,2}})[/.](?P<d>\d{{1,2}})(?:[T\s,-]+{_TIME})?",
        rf"{_YEAR}(?P<mo>\d{{2}})(?P<d>\d{{2}})(?:[T\s]?(?P<h>\d{{2}})(?P<mi>\d{{2}})(?P<s>\d{{2}})?{_ZONE})?",
        rf"{_WEEKDAY}{_DAY}(?:\s+|-)(?:of\s+)?{_NAME}(?:,?\s+|-){_YEAR}(?:(?:\s*[,T|-]\s*|\s+(?:at\s+)?){_TIME})?",
        rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_YEAR}(?:(?:\s*[,T|-]\s*|\s+(?:at\s+)?){_TIME})?",
        rf"{_WEEKDAY}{_NAME}\s+{_DAY},?\s+{_TIME}\s+{_YEAR}(?:\s+\([^)]*\))?",
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})\.(?P<mo>\d{{1,2}})\.{_YEAR}(?:(?:\s*[,|-]\s*|\s+){_TIME}(?:\s*Uhr)?)?",
        rf"{_WEEKDAY}(?P<one>\d{{1,2}})/(?P<two>\d{{1,2}})/{_YEAR}(?:(?:\s*[,|-]\s*|\s+){_TIME})?",
    )
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HOURS = {"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
          "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "MST": -7, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11,
          "JST": 9, "KST": 9}  # fmt: skip
_FIRST_YEAR, _LAST_YEAR = 1600, 2100


def resolve_date(text: str) -> str | None:
    """Return the date in ISO 8601, with time and offset as far as they are given; None where it is unclear.

    >>> resolve_date("2024-02-01T10:05:00.123Z"), resolve_date("Feb 1, 2024"), resolve_date("01/02/2024")
    ('2024-02-01T10:05:00+00:00', '2024-02-01', None)
    """
    text = " ".join(text.strip(" \t\r\n\"'").split())
    if not text or len(text) > MAX_LENGTH or not text.isascii():
        return None
    if text.isdigit() and len(text) in (10, 13):
        return _epoch(int(text) // (1000 if len(text) == 13 else 1))
    found = next(filter(None, (form.match(text) for form in _FORMS)), None)
    return _assemble(found.groupdict()) if found else None


def _epoch(seconds: int) -> str | None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return moment.isoformat() if 1995 <= moment.year <= _LAST_YEAR else None


def _assemble(part: dict[str, str | None]) -> str | None:
    day = _day(part)
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR or day == date(1970, 1, 1):
        return None
    if not part.get("h"):
        return day.isoformat()
    try:
        moment = datetime(day.year, day.month, day.day, _hour(part), int(part["mi"] or 0), int(part.get("s") or 0))
        zone = _offset(part.get("z"))
        return (moment.replace(tzinfo=timezone(zone)) if zone is not None else moment).isoformat()
    except ValueError:
        return day.isoformat()


def _day(part: dict[str, str | None]) -> date | None:
    if name := part.get("name"):
        month, day = _MONTHS.index(name.lower()) + 1, int(part["d"] or 0)
    elif part.get("one"):
        one, two = int(part["one"] or 0), int(part["two"] or 0)
        if one <= 12 and two <= 12 and one != two:
            return None
        month, day = (two, one) if one > 12 else (one, two)
    else:
        month, day = int(part["mo"] or 0), int(part["d"] or 0)
    try:
        return date(int(part["y"] or 0), month, day)
    except ValueError:
        return None


def _hour(part: dict[str, str | None]) -> int:
    hour = int(part["h"] or 0)
    half = (part.get("half") or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError
    return hour % 12 + (12 if half == "p" else 0) if half else hour


def _offset(zone: str | None) -> timedelta | None:
    """Return the offset; None where the zone is absent or its letters have several meanings."""
    if not zone:
        return None
    if zone.upper() in _HOURS:
        return timedelta(hours=_HOURS[zone.upper()])
    digits = re.sub(r"\D", "", zone)
    if len(digits) not in (2, 4):
        return None
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -shift if "-" in zone else shift
