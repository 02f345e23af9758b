"""Turn a page's text into a tree that lost nothing, and say what had to be changed for it.

The parser's own limits are silent: it stops at 256 levels and at texts over 10 MB, ends at an unclosed comment, and
puts what follows `</html>` into a second root. So an element is put behind the page: where it does not arrive in the
tree, something swallowed the rest, and the page is parsed again the slow way (`tame.py`). Entities that a page defines
are never expanded, nothing is fetched, and no file is read.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser

from cleaner.html.tame import HUGE, has_crowded_tag, tame

MAX_LENGTH = 32_000_000
"""Code points of a page that are read."""

MAX_BRACKETS = 200_000
"""Opening brackets (about two an element) up to which a page is parsed the fast way."""

_END = "cleaner-end-of-page"
_TAIL = f'<link rel="{_END}">'.encode()
_CONTROL = bytes([*range(9), 11, *range(14, 32)])
_FEED = bytes.maketrans(b"\x0c", b" ")
_REFERENCE = re.compile(
    rb"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])(?![0-9a-fA-F])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01])(?![0-9])"
    rb"|[xX]0*[fF]{3}[eEfF](?![0-9a-fA-F])|0*6553[45](?![0-9]));?"
)
_SUBSET = re.compile(r"\s*(?:<\?xml[^>]{0,500}>\s*)?<!DOCTYPE[^>\[]{0,1000}(\[)", re.IGNORECASE)
_CDATA = "<![CDATA["
_LOOKUP = etree.ElementDefaultClassLookup(element=HtmlElement)  # lxml.html's own asks Python for each element
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Parsed:
    """Hold a page's tree, without comments and processing instructions, and what a reader should know.

    `root` is the `html` element, also for a fragment; None where the page is empty.
    """

    root: HtmlElement | None
    flags: tuple[str, ...] = ()


def parse(text: str) -> Parsed:
    """Parse a page into a tree without depth, texts or characters that break its readers. Never raises.

    Tags nested in quoted values can hide a tag of very many attributes from the checks; it is parsed slowly then.
    """
    if not text or text.isspace():
        return Parsed(None)
    flags: list[str] = []
    text = _prepare(text, flags)
    data = _purge(text, flags)
    if _is_hazard(data):
        return _parse_slowly(data, flags)
    root = _build(data, huge=False)
    return _parse_slowly(data, flags) if root is None else Parsed(_settle(root), tuple(flags))


def _prepare(text: str, flags: list[str]) -> str:
    """Take out what the parser would misread: surplus length, entity definitions, CDATA marks."""
    if len(text) > MAX_LENGTH:
        flags.append(f"html:cut-short {len(text) - MAX_LENGTH} characters")
        text = text[:MAX_LENGTH]
    if text[0] == "\ufeff":
        text = text[1:]
    if found := _SUBSET.match(text):
        flags.append("html:entities")
        text = _drop_subset(text, found.start(1))
    if _CDATA in text:
        text = _open_cdata(text, flags)
    if "<" not in text:
        flags.append("html:no-markup")
    return text


def _drop_subset(text: str, start: int) -> str:
    """Drop the definitions inside a document type; what has no end ends where markup begins."""
    end = re.compile(r"\]\s*>").search(text, start)
    if end:
        return text[:start] + ">" + text[end.end() :]
    markup = re.compile(r"<[a-zA-Z]").search(text, start)
    return text[:start] + ">" + (text[markup.start() :] if markup else "")


def _open_cdata(text: str, flags: list[str]) -> str:
    """Let the content of CDATA sections stand as text, which HTML would drop; those in scripts stay as they are."""
    out, at, start, scripted = [], 0, -1, False
    while (begin := text.find(_CDATA, start + 1)) >= 0:
        scripted = _ends_in_script(text, max(start, 0), begin, scripted)
        start = begin
        if scripted or begin < at:
            continue
        end = text.find("]]>", begin)
        if end < 0:
            break
        out += [text[at:begin], text[begin + len(_CDATA) : end]]
        at = end + 3
    if at:
        flags.append("html:cdata")
    return "".join([*out, text[at:]])


def _ends_in_script(text: str, start: int, end: int, before: bool) -> bool:
    """Tell whether a script or style is open at the end of a stretch, `before` whether one was at its start."""
    opened = max(text.rfind("<script", start, end), text.rfind("<style", start, end))
    closed = max(text.rfind("</script", start, end), text.rfind("</style", start, end))
    return before if opened == closed == -1 else opened > closed


def _purge(text: str, flags: list[str]) -> bytes:
    """Encode without characters that no tree may hold: controls, lone surrogates, non-characters, also as references."""
    lost = 0
    try:
        data = text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        lost += whole.count("\ufffd") - text.count("\ufffd")
        text, data = whole, whole.encode()
    clean = data.translate(_FEED, _CONTROL)
    lost += len(data) - len(clean)
    if "\uffff" in text or "\ufffe" in text:
        lost += text.count("\uffff") + text.count("\ufffe")
        clean = clean.replace(b"\xef\xbf\xbf", b"").replace(b"\xef\xbf\xbe", b"")
    if _REFERENCE.search(clean):
        clean, more = _REFERENCE.subn(b"", clean)
        lost += more
    if lost:
        flags.append(f"html:control-characters {lost}")
    return clean


def _is_hazard(data: bytes) -> bool:
    """Tell whether a page would keep the parser busy for very long."""
    if len(data) > 3 * MAX_BRACKETS and data.count(b"<") > MAX_BRACKETS:
        return True
    return has_crowded_tag(data)


def _build(data: bytes, *, huge: bool) -> Any | None:
    """Parse; None where the end of the page did not arrive in the tree."""
    try:
        root = etree.fromstring(data + _TAIL, parser=_parser(huge))
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return root if root is not None and _take_tail(root) else None


def _parser(huge: bool) -> Any:
    """Return this thread's parser, so that threads do not wait for each other."""
    name = "huge" if huge else "usual"
    found = getattr(_local, name, None)
    if found is None:
        found = HTMLParser(
            encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, no_network=True, huge_tree=huge
        )
        found.set_element_class_lookup(_LOOKUP)
        setattr(_local, name, found)
    return found


def _take_tail(root: Any) -> bool:
    """Take the element behind the page out again; tell whether it was there, last of all."""
    last = root
    while (following := last.getnext()) is not None:
        last = following
    while len(last):
        last = last[-1]
    if last.tag != "link" or last.get("rel") != _END:
        return False
    parent = last.getparent()
    if parent is None:
        return False
    parent.remove(last)
    if parent.tag == "head" and not len(parent) and not parent.text and parent.getparent() is not None:
        parent.getparent().remove(parent)
    return True


def _settle(root: Any) -> HtmlElement | None:
    """Bring what follows `</html>` back into the body; None where nothing is left."""
    while (following := root.getnext()) is not None:
        root.append(following)
        _unwrap(following)
    if not len(root) and not (root.text or "").strip():
        return None
    return root


def _unwrap(second: Any) -> None:
    """Move the content of a second `html` element to the end of the first one's body."""
    root = second.getparent()
    root.remove(second)
    body = root.find("body")
    target = root if body is None else body
    parts = [second] if second.tag != "html" else list(second)
    if second.tag == "html":
        _add_text(target, second.text)
    for part in parts:
        if part.tag in ("head", "body"):
            _add_text(target, part.text)
            for child in list(part):
                target.append(child)
            _add_text(target, part.tail)
        else:
            target.append(part)


def _add_text(target: Any, text: str | None) -> None:
    if not text:
        return
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _parse_slowly(data: bytes, flags: list[str]) -> Parsed:
    """Rewrite the page, then parse without the parser's own limits."""
    text = data.decode()
    tamed = tame(text)
    flags.extend(flag for flag in tamed.flags if flag not in flags)
    tame_data = tamed.html.encode()
    root = _build(tame_data, huge=len(tame_data) > HUGE)
    if root is None:
        root = _build(tame_data, huge=True)
    if root is not None:
        return Parsed(_settle(root), tuple(flags))
    flags.append("html:text-lost")
    try:
        root = etree.fromstring(tame_data, parser=_parser(True))
    except (etree.LxmlError, ValueError, AssertionError):
        root = None
    return Parsed(None if root is None else _settle(root), tuple(flags))
