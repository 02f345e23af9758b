"""Rewrite a page that no parser would survive whole: the slow way, taken only where the fast one lost something.

One pass over the source finds tags as browsers do. Elements nested deeper than `MAX_DEPTH` become siblings at that
depth, so that all text stays and stays in order. A comment, script, title, quoted attribute or tag that is never closed
would swallow the rest of the page: it ends early, and the rest is markup again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

MAX_DEPTH = 150
"""Levels of elements; inline elements may stand `INLINE_DEPTH` levels deeper. libxml2 gives up at 256."""

INLINE_DEPTH = 30
MAX_ELEMENTS = 100_000
MAX_ATTRIBUTES = 500
WINDOW = 16_384
HUGE = 10_000_000
"""Code points above which libxml2 drops a text, attribute, script or comment and all that follows."""

_OPEN = re.compile(
    r"<(?:(?P<comment>!--)|(?P<bogus>[!?]|/(?![a-zA-Z]))|/(?P<end>[a-zA-Z][^\s/>]*)|(?P<start>[a-zA-Z][^\s/>]*))"
)
_ATTRIBUTES = re.compile(r"""(?:[^>"'=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["'])|["'])*+""")
"""What stands in a tag before its end, or before a quoted value that is never closed. (No groups: they break `re` here.)"""

_ATTRIBUTE = re.compile(r"""[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_BLOCK_TAG = re.compile(
    r"</?(?:html|body|head|meta|link|p|div|h[1-6]|article|section|main|header|footer|nav|aside|table|tr|td|ul|ol|li|"
    r"figure|blockquote|script|style|noscript)(?=[\s/>])",
    re.IGNORECASE,
)
_RAW = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
_VOID = {
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
}  # fmt: skip
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "ins", "kbd", "label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup",
    "time", "tt", "u", "var",
}  # fmt: skip
_ONCE = {"html", "head", "body"}
_CLOSES = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "option": {"option"}, "optgroup": {"option", "optgroup"},
    "td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}, "tbody": {"td", "th", "tr", "tbody", "thead"},
    "thead": {"td", "th", "tr", "tbody", "thead"}, "tfoot": {"td", "th", "tr", "tbody", "thead"},
}  # fmt: skip
_CLOSE_P = {
    "address", "article", "aside", "blockquote", "center", "dir", "div", "dl", "fieldset", "figure", "footer",
    "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "menu", "nav", "ol", "p", "pre", "section",
    "table", "ul",
}  # fmt: skip
_CELLS = {"td", "th", "caption"}
_TABLE = _CELLS | {"tr", "tbody", "thead", "tfoot", "table"}
_PATIENCE = 50  # broken tags, after which a tag ends at the next bracket whatever its quotes say
_REACH = 200  # levels that an end tag looks up for its start tag


@dataclass(frozen=True, slots=True)
class Tamed:
    """Hold the rewritten source and the flags that say what was changed."""

    html: str
    flags: tuple[str, ...]


def tame(text: str) -> Tamed:
    """Rewrite a page so that it parses whole: bounded depth, closed constructs, bounded numbers of nodes."""
    one = _Tamer(text)
    one.run()
    return Tamed("".join(one.out), tuple(one.flags))


def has_crowded_tag(data: bytes) -> bool:
    """Tell whether a tag has more attributes than a parser should be given: its time grows with their square.

    Only tags without a closing bracket for `WINDOW` bytes are looked at, so that usual pages cost next to nothing.
    """
    seen = 0
    for at in range(0, len(data) - WINDOW, WINDOW):
        if data.find(b">", at, at + WINDOW) < 0:
            start = data.rfind(b"<", seen, at + 1)
            seen = at + 1
            if start >= 0 and data.find(b">", start, at) < 0 and _is_crowded(data[start : start + 1_000_000]):
                return True
    return False


def _is_crowded(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    found = _OPEN.match(text)
    inside = _ATTRIBUTES.match(text, found.end()) if found and found["start"] else None
    return inside is not None and _count_attributes(inside[0], 4 * MAX_ATTRIBUTES) == 4 * MAX_ATTRIBUTES


def _count_attributes(inside: str, most: int) -> int:
    return sum(1 for _ in islice(_ATTRIBUTE.finditer(inside), most))


def _disarm(script: str) -> str:
    """Break what would make a parser look for a second end tag: a comment in a script with a script in it."""
    return script.replace("<!--", "<\\!--") if "<!--" in script and "<script" in script.lower() else script


class _Tamer:
    """Walk over one source: `_logical` are the elements it has open, each with the depth at which the output shows it,
    `_shown` those that the output has open."""

    def __init__(self, text: str):
        self.text = text
        self.out: list[str] = []
        self.flags: dict[str, None] = {}
        self.at = 0
        self._logical: list[tuple[str, int]] = []
        self._names: Counter[str] = Counter()
        self._shown: list[str] = []
        self._elements = 0
        self._missing: set[str] = set()
        self._failures = 0

    def run(self) -> None:
        handlers: dict[str, Callable[[re.Match[str]], None]] = {
            "comment": self._comment, "bogus": self._bogus, "end": self._end, "start": self._start,
        }  # fmt: skip
        while found := _OPEN.search(self.text, self.at):
            self._emit(self.at, found.start())
            before = self.at
            handlers[found.lastgroup or ""](found)
            if self.at - before > HUGE:
                self._flag("huge-text")
            if self._elements > MAX_ELEMENTS:
                self._flag("cut-short")
                return
        self._emit(self.at, len(self.text))
        if self.text.endswith("<"):
            self.out.append("\n")  # a bracket that does not join what the reader puts behind

    def _flag(self, what: str) -> None:
        self.flags[f"html:{what}"] = None

    def _emit(self, start: int, end: int) -> None:
        self.out.append(self.text[start:end])

    def _find(self, what: str, start: int) -> int:
        """Find a closing string; one that was missing once is not looked for again."""
        if what in self._missing:
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self._missing.add(what)
        return found

    def _comment(self, found: re.Match[str]) -> None:
        start = found.end()
        if self.text.startswith((">", "->"), start):
            self.at = self.text.index(">", start) + 1
            return
        ends = [(end, len(mark)) for mark in ("-->", "--!>") if (end := self._find(mark, start)) >= 0]
        if ends:
            end, length = min(ends)
            self.at = end + length
        else:
            self._flag("unclosed comment")
            self.at = start

    def _bogus(self, found: re.Match[str]) -> None:
        end = self._find(">", found.end())
        if end < 0:
            self._break_off(found)
            return
        if self.text[found.end() : found.end() + 7].lower() == "doctype":
            self._emit(found.start(), end + 1)
        self.at = end + 1

    def _break_off(self, found: re.Match[str]) -> None:
        """Drop a tag that never ends, up to the next one; what is too long to be a tag is text."""
        self._flag("unclosed tag")
        following = self.text.find("<", found.end())
        self.at = following if following >= 0 else len(self.text)
        if self.at - found.start() > 500:
            self.at = found.end()
        self._failures += 1

    def _start(self, found: re.Match[str]) -> None:
        read = self._attributes(found)
        if read is None:
            self._break_off(found)
            return
        inside, end = read
        self.at = end + 1
        name = found["start"].lower()
        tag = f"<{found['start']}{inside}>"
        self._elements += 1
        if name == "plaintext":
            self._flag("unclosed plaintext")
        elif name in _RAW and not inside.endswith("/"):
            self.out.append(tag)
            self._raw(name)
        elif name in _VOID or inside.endswith("/") or (name in _ONCE and self._names[name]):
            self.out.append(tag)
        else:
            self._push(name, tag)

    def _attributes(self, found: re.Match[str]) -> tuple[str, int] | None:
        """Return a tag's attributes, as far as they are sound, and the place of its end; None where it has no end."""
        start = found.end()
        if self._failures < _PATIENCE:
            inside = _ATTRIBUTES.match(self.text, start)
            assert inside is not None  # it matches nothing at least
            if self.text.startswith(">", inside.end()):
                return self._thin(inside[0]), inside.end()
            end = self._find(">", inside.end()) if self.text.startswith("=", inside.end()) else -1
            if end >= 0:
                self._flag("unclosed attribute")
                return inside[0], end
            self._failures += 1
        end = self._find(">", start)
        if end < 0:
            return None
        self._flag("unclosed attribute")
        return "", end

    def _thin(self, inside: str) -> str:
        """Keep the first attributes of a tag that has too many."""
        if len(inside) < 2 * MAX_ATTRIBUTES or _count_attributes(inside, MAX_ATTRIBUTES + 1) <= MAX_ATTRIBUTES:
            return inside
        self._flag("attributes")
        return " " + " ".join(one[0] for one in islice(_ATTRIBUTE.finditer(inside), MAX_ATTRIBUTES))

    def _raw(self, name: str) -> None:
        """Copy the text of a script or the like up to its end tag; without one, up to what looks like markup again."""
        closing = f"</{name}"
        found = None
        if closing not in self._missing:
            found = re.compile(closing + r"(?=[\s/>])", re.IGNORECASE).search(self.text, self.at)
        if found:
            end = self._find(">", found.end())
            stop = len(self.text) if end < 0 else end + 1
            self.out.append(_disarm(self.text[self.at : found.start()]))
            self.at = stop
        else:
            self._missing.add(closing)
            self._flag(f"unclosed {name}")
            markup = _BLOCK_TAG.search(self.text, self.at)
            stop = markup.start() if markup else len(self.text)
            self._emit(self.at, stop)
            self.at = stop
        self.out.append(f"</{name}>")

    def _push(self, name: str, tag: str) -> None:
        while self._logical and self._logical[-1][0] in _CLOSES.get(name, ()):
            self._pop()
        if name in _CLOSE_P and self._logical and self._logical[-1][0] == "p":
            self._pop()
        inline = name in _INLINE
        if not inline and len(self._shown) >= MAX_DEPTH:
            self._flag("nested")
            self._shrink(MAX_DEPTH - 1)
        self._logical.append((name, len(self._shown)))
        self._names[name] += 1
        if len(self._shown) < MAX_DEPTH + (INLINE_DEPTH if inline else 0):
            self.out.append(tag)
            self._shown.append(name)
        else:
            self._flag("nested")

    def _pop(self) -> None:
        """Close the innermost element of the source, and in the output what stands at its depth or deeper."""
        name, depth = self._logical.pop()
        self._names[name] -= 1
        self._shrink(depth)

    def _shrink(self, depth: int) -> None:
        """Close what the output has open beyond a depth."""
        while len(self._shown) > depth:
            self.out.append(f"</{self._shown.pop()}>")

    def _end(self, found: re.Match[str]) -> None:
        end = self._find(">", found.end())
        if end < 0:
            self._break_off(found)
            return
        self.at = end + 1
        name = found["end"].lower()
        for _ in range(self._count_inner(name)):
            self._pop()

    def _count_inner(self, name: str) -> int:
        """Count the open elements that an end tag closes, its own included; none where it matches nothing near."""
        if not self._names[name] or name in _ONCE:
            return 0
        for count, (other, _) in enumerate(islice(reversed(self._logical), _REACH), 1):
            if other == name:
                return count
            if (name in _INLINE and other not in _INLINE) or (name not in _TABLE and other in _CELLS):
                return 0
        return 0
