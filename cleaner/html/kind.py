"""Decide what kind of page a tree is: a live blog, the stub before a paywall, or no article at all.

`is_live` looks at the tree and what the page declares; `judge` and `is_stub` also at the text that was extracted, which
says best what is missing. `flags_of` asks all three.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from cleaner.html.declared import Declared
from cleaner.html.declared_article import DeclaredArticle
from cleaner.html.lengths import ends_sentence, weight
from cleaner.html.no_article import REASONS, judge
from cleaner.html.node import Element
from cleaner.model import NO_ARTICLE

__all__ = ["LIVE", "NO_ARTICLE", "PAYWALL", "REASONS", "flags_of", "is_live", "is_stub", "judge"]


LIVE = "html:live"
PAYWALL = "html:paywall"

POSTS = 5
"""Timestamped posts that make a live blog where the page does not say it is one."""


def flags_of(declared: Declared, root: Element, text: str, url: str | None) -> tuple[str, ...]:
    """Return the flags that the kind of a page earns, in the form `html:WHAT` or `html:WHAT detail`."""
    reason = judge(declared, root, text, url)
    if reason:
        return (f"{NO_ARTICLE} {reason}",)
    found = ((LIVE, is_live(declared, root)), (PAYWALL, is_stub(declared, root, text)))
    return tuple(flag for flag, holds in found if holds)


_LIVE = re.compile(r"live-?_?(?:blog|ticker|update|post|entry|entries|feed|event|text|stream|report)|(?:mini)?ticker|"
                   r"minuto-?_?a-?_?minuto|minute-?_?by|liveblog|direct-?_?(?:post|live)", re.I)  # fmt: skip


def is_live(declared: Declared, root: Element) -> bool:
    """Tell whether a page is a live blog: it says so, or holds `POSTS` timestamped posts in what is named as one."""
    if "liveblogposting" in declared.types:
        return True
    stamps = list(root.iter("time"))
    if len(stamps) < POSTS:
        return False
    posts: Counter[tuple[Element, str]] = Counter()
    for post in {post for stamp in stamps if (post := _post(stamp)) is not None}:
        posts[post.getparent(), post.tag] += 1
    return any(count >= POSTS and _names_live(box) for (box, _), count in posts.items())


def _post(stamp: Element) -> Element | None:
    """Return the smallest element around a time that holds a paragraph, up to four steps away."""
    for up, _ in zip(stamp.iterancestors(), range(4), strict=False):
        if up.tag in ("body", "main", "html"):
            return None
        if any(len("".join(node.itertext()).strip()) > 60 for node in up.iter("p")):
            return up if up.getparent() is not None else None
    return None


def _names_live(box: Element) -> bool:
    near = [box, *box.iterancestors()][:3] + list(box.iterchildren())[:3]
    return any(_LIVE.search(f"{node.get('class') or ''} {node.get('id') or ''}") for node in near)


_WALL = re.compile(r"(?:^|[\s_-])(?:pay-?_?wall|reg-?_?wall|subscriber-only|subscribers-only|premium-wall|paid-content|"
                   r"piano-(?:offer|container|paywall)|abo-?_?(?:wall|box)|metered?-wall|login-wall|regwall)", re.I)  # fmt: skip
_BROKEN = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])[\s)\]]*$")

SHORT = 1200
"""Weight under which the text of a page that calls itself paid is a stub."""


def is_stub(declared: Declared, root: Element, text: str) -> bool:
    """Tell whether the text is but the beginning of an article that has to be paid for.

    The page says that it is not free, or is built with a wall; and the text is short, breaks off, or is far shorter
    than the body or word count that the page declares.
    """
    paid = declared.fields.get("paywalled")
    if paid == "no" or not (_is_longer(declared.articles, text) or _is_cut(text, bool(paid))):
        return False
    return bool(paid) or _has_wall(root)


def _is_cut(text: str, paid: bool) -> bool:
    """Tell whether a text is short for an article or breaks off; less is enough where the page says it is paid."""
    length = weight(text)
    last = text.rstrip().rsplit("\n", 1)[-1]
    breaks = bool(_BROKEN.search(last))
    if paid:
        return length < SHORT or (length < 3 * SHORT and (breaks or not ends_sentence(last)))
    return length < SHORT / 2 and (breaks or not length)


def _has_wall(root: Element) -> bool:
    for node in root.iter("div", "section", "aside"):
        name = node.get("class")
        if (name and _WALL.search(name)) or (node.get("id") and _WALL.search(node.get("id"))):
            return True
    return False


def _is_longer(articles: Sequence[DeclaredArticle], text: str) -> bool:
    declared = max((len(article.body) for article in articles if article.main), default=0)
    return declared > 1.5 * len(text) + 300
