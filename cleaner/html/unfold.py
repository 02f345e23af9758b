"""Show a page as its own code would show it: streamed parts in their places, panels open, no readings over characters.

Extractors leave out what is hidden. Two things hide body text without meaning it: parts streamed behind the page and
moved by script, and panels that open on a click. Readings printed over characters would stand between them.
"""

from __future__ import annotations

import re

from lxml import etree

from cleaner.html.node import Element, take_out, take_out_all
from cleaner.text.words import split_words

_PANELS = frozenset(
    ("accordion", "collapse", "collapsible", "collapsed", "expandable", "tab", "tabs", "tabpanel", "panel", "faq",
     "toggle")
)  # fmt: skip
_NO_PANELS = frozenset(
    ("nav", "menu", "modal", "popup", "dialog", "cookie", "comment", "comments", "search", "login", "newsletter",
     "share", "dropdown")
)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none\s*(?:!important)?\s*;?", re.I)
_CONCEALED = etree.XPath("descendant::*[@hidden or contains(@style, 'none')]")


def unfold(root: Element) -> None:
    """Change a tree into what a reader would see of its article."""
    body = root.find("body")
    if body is None:
        return
    concealed = _CONCEALED(body)
    if concealed:
        _move_streamed(body, concealed)
        _open_panels(concealed)
    if next(body.iter("ruby"), None) is not None:
        _drop_readings(body)


def _move_streamed(body: Element, concealed: list[Element]) -> None:
    """Put streamed parts where their templates stand: `<div hidden id="S:3">` belongs to `<template id="B:3">`."""
    parts = {node.get("id"): node for node in concealed if (node.get("id") or "").startswith("S:")}
    for place in list(body.iter("template")) if parts else ():
        part = parts.get("S:" + (place.get("id") or "")[2:])
        if part is None or not (place.get("id") or "").startswith("B:") or part in place.iterancestors():
            continue
        part.attrib.pop("hidden", None)
        take_out([part])
        place.addprevious(part)


def _open_panels(concealed: list[Element]) -> None:
    """Open what opens on a click: panels of accordions and tabs that a label names."""
    for node in concealed:
        words = {word for name in ("class", "id") for word in split_words(node.get(name) or "")}
        is_panel = node.get("role") in ("region", "tabpanel") and (
            node.get("aria-labelledby") or node.get("aria-label")
        )
        if (is_panel or words & _PANELS) and not words & _NO_PANELS:
            node.attrib.pop("hidden", None)
            if style := node.get("style"):
                node.set("style", _HIDDEN.sub("", style))


def _drop_readings(body: Element) -> None:
    """Leave the characters, without the readings above them."""
    take_out_all(body.iter("rt", "rp"))
    etree.strip_tags(body, "ruby", "rb")
