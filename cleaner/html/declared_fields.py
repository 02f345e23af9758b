"""Judge what a source says of a field: whether it is usable, and in which form it is kept."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cleaner.html.bylines import list_authors
from cleaner.html.dates import resolve_date
from cleaner.html.declared_article import ACCESS, read_access, word_of
from cleaner.html.declared_head import Head
from cleaner.html.declared_text import absolute, key_of
from cleaner.html.declared_title import host_labels
from cleaner.html.declared_trust import TRUST, Evidence

DATES = ("published", "updated")

_LANGUAGE = re.compile(r"(?!und)[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.I)


def judge(name: str, evidence: Evidence, source: str, sites: tuple[str, ...]) -> str:
    """Return what a source says of a field, empty where it is not usable."""
    values = list(evidence.read(source))
    if name == "paywalled":
        return _paywalled(evidence, source, values)
    values = [value for value in values if value not in ("true", "false")]
    if not values:
        return ""
    if name in DATES:
        return next((value for value in values if resolve_date(value)), "")
    if name == "authors":
        return "; ".join(list_authors(values, (*sites, *host_labels(host_of(evidence.head)))))
    if name == "tags":
        return "; ".join(_tags(values))
    if name == "image":
        return next((found for value in values if (found := absolute(value, evidence.head.base))), "")
    if name == "canonical":
        return absolute(values[0], evidence.head.base) or ""
    if name == "section":
        return "; ".join(dict.fromkeys(values[:5]))
    if name == "language":
        return next((value for value in values if _LANGUAGE.fullmatch(value)), "")
    if name == "site":
        return next((str(value) for value in values if "://" not in value and len(value) <= 120), "")
    return str(values[0])


def _paywalled(evidence: Evidence, source: str, values: list[str]) -> str:
    if source.startswith("json-ld"):
        free = read_access(evidence.main.value) if evidence.main else None
    else:
        free = ACCESS.get(word_of(values))
    return "" if free is None else "no" if free else "yes"


def _tags(values: list[str]) -> list[str]:
    """Take lists in one string apart; a value that is one of several is a tag as it stands."""
    parts = values if len(values) > 1 else values[0].replace(";", ",").split(",")
    tags = {key_of(tag): tag for part in parts if (tag := part.strip(" ,;#")) and len(tag) < 100}
    return list(tags.values())[:50]


def host_of(head: Head) -> str:
    """Return the host that the page stands on, by its own word where its address is not known."""
    for address in (head.url, head.canonical, *head.meta("og:url")):
        try:
            if host := urlsplit(address or "").hostname:
                return host
        except ValueError:
            continue
    return ""


def list_sites(evidence: Evidence) -> tuple[str, ...]:
    """List all names that the site goes by."""
    named = [value for source in TRUST["site"] for value in evidence.read(source)]
    handles = [handle.lstrip("@") for handle in evidence.head.meta("twitter:site")]
    return tuple(dict.fromkeys([*named, *handles]))
