"""Clean the values that pages declare: entities, tags and white space go; keys for comparing names and addresses."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

MAX_VALUE = 20_000

_BLOCK = re.compile(
    r"</(?:p|div|h[1-6]|li|ul|ol|blockquote|figure|tr|table|section)\s*>|<(?:br|p|li|hr)\b[^<>]*>", re.I
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*-->")
_HIDDEN = re.compile(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", re.I)
_TRACKING = re.compile(r"(?:^|&)(?:utm_\w+|fbclid|gclid|ref|source|cmpid|amp)=?[^&]*", re.I)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_EMPTY = frozenset(("", "null", "undefined", "none", "nan", "[object object]", "n/a", "-"))


def clean_value(text: str) -> str:
    """Return a declared value on one line, entities (also doubled ones) resolved and tags taken out.

    >>> clean_value(" Tom &amp;amp; <b>Ann</b>&nbsp;won ")
    'Tom & Ann won'
    """
    text = text[:MAX_VALUE]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub("", text)
    text = " ".join(_CONTROL.sub(" ", text).split())
    return "" if text.lower() in _EMPTY or text.startswith(("{{", "${", "%%")) else text


def clean_body(text: str) -> str:
    """Return a declared article body as lines of plain text; tags of blocks end a line."""
    if "&" in text:
        text = html.unescape(html.unescape(text) if "&amp;" in text or "&lt;" in text else text)
    if "<" in text:
        text = _TAG.sub("", _BLOCK.sub("\n", _HIDDEN.sub(" ", text)))
    lines = (" ".join(line.split()) for line in _CONTROL.sub(" ", text).splitlines())
    return "\n".join(line for line in lines if line)


def key_of(text: str) -> str:
    """Return letters and digits only, in lower case, to compare names and titles with."""
    return "".join(filter(str.isalnum, text.casefold()))


def overlap(one: str, other: str) -> float:
    """Return the share of the shorter key's runs of four characters that the other key holds.

    >>> overlap("bridgeopens", "bridgeopensatlast"), overlap("bridge", "")
    (1.0, 0.0)
    """
    short, long = sorted((one[:400], other[:400]), key=len)
    runs = [short[at : at + 4] for at in range(max(1, len(short) - 3))]
    return sum(run in long for run in runs) / len(runs) if short else 0.0


def texts_of(value: Any, depth: int = 4) -> Iterator[str]:
    """Yield the strings in a JSON value of any type: themselves, in lists, as `@value`, `name`, `url` or `@id`."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield str(value)
    elif isinstance(value, list) and depth:
        for item in value[:200]:
            yield from texts_of(item, depth - 1)
    elif isinstance(value, dict) and depth:
        inner = next((value[key] for key in ("@value", "name", "url", "@id") if value.get(key)), None)
        yield from texts_of(inner, depth - 1)


def absolute(address: str, base: str | None) -> str | None:
    """Return an absolute http(s) address, resolved against `base`; None where there is none."""
    try:
        whole = urljoin(base or "", "".join(_CONTROL.sub("", address).split()) if len(address) < 4000 else "")
        parts = urlsplit(whole)
        return whole if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def page_key(address: str) -> str | None:
    """Return what names a page in its address: host without www, m or amp, path, and the query of a short path.

    >>> page_key("https://www.x.org/news/bridge-opens/?utm_source=a") == page_key("http://m.x.org/news/bridge-opens")
    True
    """
    try:
        parts = urlsplit(address.strip())
        host = re.sub(r"^(?:(?:www|m|amp|mobile)\d?\.)+", "", parts.hostname or "")
    except ValueError:
        return None
    path = re.sub(r"/(?:amp|index\.\w+)?/?$", "", parts.path)
    query = _TRACKING.sub("", parts.query).strip("&") if len(path.rpartition("/")[2]) < 12 else ""
    return f"{host}{path.lower()}?{query}" if host else None


def is_root(address: str) -> bool:
    """Tell whether an address names a site's front page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query
