"""See a page as blocks: the stretches of text between the breaks that its elements make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from cleaner.html.node import INLINE, UNSEEN, Element
from cleaner.text.tokens import squeeze, tokenize

_INLINE = INLINE | {"img", "picture", "source"}
"""Elements that break no text: pictures stand inside paragraphs."""

_UNSEEN = UNSEEN | frozenset(
    ("noscript", "svg", "math", "head", "iframe", "select", "option", "object", "audio", "video", "canvas", "textarea")
)
"""Elements whose text no reader of the page sees as such."""


class Block:
    """Hold one block: its text, the element that bounds it, and the share of the text that stands in links."""

    __slots__ = ("__dict__", "element", "linked", "text")

    def __init__(self, text: str, element: Element, linked: float):
        self.text, self.element, self.linked = text, element, linked

    @cached_property
    def key(self) -> str:
        """Return the letters and digits of the text, run together."""
        return squeeze(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        """Return the tokens of the text."""
        return tokenize(self.text)

    def is_prose(self, least: int, links: float) -> bool:
        """Tell whether the block has so many tokens, and less than a share of its text in links."""
        return self.linked < links and len(self.tokens) >= least

    def is_within(self, *tags: str) -> bool:
        """Tell whether the block's element, or one of the three around it, has one of these tags."""
        node = self.element
        for _ in range(4):
            if node is None:
                return False
            if node.tag in tags:
                return True
            node = node.getparent()
        return False


def list_blocks(root: Element) -> list[Block]:
    """List the blocks of a tree in document order, empty ones left out."""
    body = root.find("body")
    reader = _Reader()
    reader.read(root if body is None else body)
    return reader.blocks


class _Reader:
    """Gather text until an element breaks it. Recursion is bounded by the depth of a parsed page."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._pieces: list[str] = []
        self._linked = 0

    def read(self, body: Element) -> None:
        self._walk(body, body, False)
        self._flush(body)

    def _walk(self, node: Element, box: Element, linked: bool) -> None:
        self._take(node.text, linked)
        for child in node:
            tag = child.tag
            if not isinstance(tag, str) or tag in _UNSEEN:
                pass
            elif tag == "br":
                self._pieces.append(" ")
            elif tag in _INLINE:
                self._walk(child, box, linked or tag == "a")
            else:
                self._flush(box)
                self._walk(child, child, linked)
                self._flush(child)
            self._take(child.tail, linked)

    def _take(self, text: str | None, linked: bool) -> None:
        if text:
            self._pieces.append(text)
            if linked:
                self._linked += len(" ".join(text.split()))

    def _flush(self, box: Element) -> None:
        if self._pieces:
            text = " ".join("".join(self._pieces).split())
            if text:
                self.blocks.append(Block(text, box, min(1.0, self._linked / len(text))))
            self._pieces.clear()
            self._linked = 0


class Shelf:
    """Look blocks up in a text by runs of three tokens, so that line ends, marks and dropped links do not matter."""

    RUN = 3

    def __init__(self, text: str, tokens: Sequence[str]):
        self._text = text
        self._runs = frozenset(_runs(tokens))

    @cached_property
    def _lines(self) -> frozenset[str]:
        return frozenset(map(squeeze, self._text.splitlines()))

    def share(self, block: Block) -> float:
        """Return how much of a block the text has; a block of up to three tokens must be a line of its own."""
        if len(block.tokens) <= self.RUN:
            return float(block.key in self._lines)
        runs = _runs(block.tokens)
        return sum(run in self._runs for run in runs) / len(runs)

    def holds(self, block: Block) -> bool:
        """Tell whether the text has most of a block."""
        return self.share(block) > 0.5


def _runs(tokens: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(tokens, tokens[1:], tokens[2:], strict=False))


def insert_blocks(text: str, blocks: list[Block], kept: list[bool], added: list[bool]) -> str:
    """Put blocks that a text lacks behind the line that holds the block before them.

    `kept` and `added` say of each block whether the text has it, and whether it is to be put in.
    """
    lines = text.split("\n")
    keys = [squeeze(line) for line in lines]
    behind: dict[int, list[str]] = {}
    at, past = -1, 0
    for block, has, wanted in zip(blocks, kept, added, strict=True):
        if has:
            at, past = next(_places(block, keys, at, past), (at, past))
        elif wanted:
            behind.setdefault(at, []).append(("- " if block.is_within("li") else "") + block.text)
    return "\n".join(_merged(lines, behind))


def _places(block: Block, keys: list[str], at: int, past: int) -> Iterator[tuple[int, int]]:
    """Yield where a block may stand from a place on: the line, and the end of the block's beginning in it."""
    start, is_short = block.key[:24], len(block.tokens) <= Shelf.RUN
    for number in range(max(at, 0), len(keys)):
        place = keys[number].find(start, past if number == at else 0)
        if place >= 0 and (not is_short or keys[number] == block.key):
            yield number, place + len(start)


def _merged(lines: list[str], behind: dict[int, list[str]]) -> Iterator[str]:
    yield from behind.get(-1, ())
    for number, line in enumerate(lines):
        yield line
        yield from behind.get(number, ())
