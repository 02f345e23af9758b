"""Blocks of a page: where text breaks, what stands in links, how blocks are looked up in a text and put back into it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from cleaner.html.blocks import INLINE, UNSEEN, Block, Shelf, insert_blocks, list_blocks
from cleaner.html.parse import parse
from cleaner.text.tokens import tokenize
from tests.making import MORE, PROSE

VISIBLE_BLOCKS = ("div", "p", "section", "ul", "li", "blockquote", "table", "figure", "center", "x-box")
VISIBLE_INLINE = tuple(sorted(INLINE - {"img", "source", "wbr"}))
HIDDEN = tuple(sorted(UNSEEN - {"head"}))


def blocks(body: str) -> list[Block]:
    return list_blocks(parse(f"<html><head><title>Head</title></head><body>{body}</body></html>").root)


def texts(body: str) -> list[str]:
    return [block.text for block in blocks(body)]


def shelf(text: str) -> Shelf:
    return Shelf(text, tokenize(text))


def block(text: str, tag: str = "p") -> Block:
    return Block(text, html.Element(tag), 0.0)


class TestSegmentation:
    @pytest.mark.parametrize("tag", sorted(INLINE - {"img", "source", "wbr", "picture"}))
    def test_inline_elements_break_no_text(self, tag: str) -> None:
        """A word goes on across the bounds of an inline element."""
        assert texts(f"<p>one t<{tag}>w</{tag}>o three</p>") == ["one two three"]

    @pytest.mark.parametrize("tag", ["p", "div", "li", "h2", "blockquote", "pre", "section", "figcaption", "x-teaser"])
    def test_all_others_do(self, tag: str) -> None:
        """Any other element, known or not, is a block of its own, and what stands beside it are others."""
        found = blocks(f"<div>one <{tag}>two</{tag}> three</div>")
        assert [block.text for block in found] == ["one", "two", "three"]
        assert [block.element.tag for block in found] == ["div", tag, "div"]

    def test_line_breaks_are_spaces(self) -> None:
        """A `br` parts words but no blocks."""
        assert texts("<p>one<br>two<br/><br>three</p>") == ["one two three"]

    def test_white_space_is_folded(self) -> None:
        """White space of any kind is one space between words and none at the ends, and blank elements are no blocks."""
        assert texts("<p>\n one\t\n two&nbsp; three </p><p> \n</p><p>&nbsp;</p><div><p></p></div>") == ["one two three"]

    @pytest.mark.parametrize("tag", HIDDEN)
    def test_unseen_elements_have_no_text(self, tag: str) -> None:
        """What a script, style, form control or picture holds is no text; what follows it is."""
        root = html.fromstring("<html><body><p>one</p></body></html>")
        hidden = etree.SubElement(root.find("body/p"), tag)
        hidden.text, hidden.tail = "never", " two"
        assert [block.text for block in list_blocks(root)] == ["one two"]

    def test_comments_and_the_head_have_no_text(self) -> None:
        """Comments, processing instructions and the head are no text, and break none."""
        assert texts("<p>o<!-- never -->n<?php never ?>e</p>") == ["one"]

    def test_tree_without_body(self) -> None:
        """A fragment is read from its root."""
        assert [block.text for block in list_blocks(html.fromstring("<div>one<p>two</p></div>"))] == ["one", "two"]

    @pytest.mark.parametrize(
        ("body", "share"),
        [
            ("<p>one two</p>", 0),
            ("<p><a href=x>one two</a></p>", 1),
            ("<a href=x><p>one two</p></a>", 1),
            ("<p><a href=x><b>one</b> <i>two</i></a></p>", 6 / 7),
            ("<p>half <a href=x>half</a>!</p>", 0.4),
            ("<div><a href=x>three</a><p>one two</p></div>", 1),
        ],
    )
    def test_share_of_links(self, body: str, share: float) -> None:
        """The share of a block's text that stands in links, white space between pieces left out, counts that block alone."""
        assert blocks(body)[0].linked == pytest.approx(share)

    def test_share_is_counted_anew(self) -> None:
        """A link of one block is none of the next one's."""
        assert [block.linked for block in blocks("<p><a href=x>one</a></p><p>two</p><a href=x>three</a><p>four</p>")] == [
            1, 0, 1, 0,
        ]  # fmt: skip

    def test_surroundings_reach_three_levels(self) -> None:
        """A block is within its own element and the three around it, no further."""
        found = blocks(
            "<nav><div><ul><li>three</li></ul></div></nav><nav><div><ul><li><p>four</p></li></ul></div></nav>"
        )
        assert [block.is_within("nav") for block in found] == [True, False]
        assert all(block.is_within("li", "td") for block in found)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Any, list[str]]:
    """Draw a tree and the visible words of it in order; every word is another."""
    seen: list[str] = []
    count = 0

    def words(visible: bool) -> str:
        nonlocal count
        some = []
        for _ in range(draw(st.integers(0, 2))):
            some.append(f"w{count}")
            count += 1
        if visible:
            seen.extend(some)
        return (
            draw(st.sampled_from([" ", "\n", "\u00a0"])) + " ".join(some) + " "
            if some
            else draw(st.sampled_from(["", " "]))
        )

    def fill(node: Any, depth: int, visible: bool) -> None:
        node.text = words(visible)
        for _ in range(draw(st.integers(0, 3 if depth else 0))):
            kind = draw(st.sampled_from(["block", "block", "inline", "inline", "br", "comment", "hidden"]))
            if kind == "comment":
                child = etree.Comment("never")
                node.append(child)
            else:
                pool = {"block": VISIBLE_BLOCKS, "inline": VISIBLE_INLINE, "br": ("br",), "hidden": HIDDEN}[kind]
                child = etree.SubElement(node, draw(st.sampled_from(pool)))
                if kind != "br":
                    fill(child, depth - 1, visible and kind != "hidden")
            child.tail = words(visible)

    root = html.Element("html")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "never"
    fill(etree.SubElement(root, "body"), 4, True)
    return root, seen


@given(trees())
def test_every_visible_word_is_in_one_block_in_order(tree: tuple[Any, list[str]]) -> None:
    """Blocks joined are the visible words of the page, each once, in order; no block is empty; shares are shares."""
    root, seen = tree
    found = list_blocks(root)
    assert " ".join(block.text for block in found).split() == seen
    assert all(block.text and block.text == " ".join(block.text.split()) for block in found)
    assert all(0 <= block.linked <= 1 for block in found)
    assert all(block.element in set(root.iter()) and block.element.tag not in UNSEEN for block in found)


@given(trees())
def test_blocks_and_text_hold_each_other(tree: tuple[Any, list[str]]) -> None:
    """A text made of all blocks, one a line, holds each of them wholly; an empty one none."""
    found = list_blocks(tree[0])
    whole, empty = shelf("\n".join(block.text for block in found)), shelf("")
    assert all(whole.share(block) == 1 for block in found)
    assert not any(empty.holds(block) for block in found)


class TestShelf:
    def test_layout_does_not_matter(self) -> None:
        """A block is found whatever the line ends, marks, quotes, dropped links and case around its words."""
        text = PROSE.upper().replace(",", "\n").replace(" after", " [after](/x)")
        assert shelf(text).holds(block(PROSE))

    def test_share_counts_runs_of_three_words(self) -> None:
        """The share is that of the block's runs of three words which the text has."""
        assert shelf("a b c d e").share(block("a b c d e")) == 1
        assert shelf("a b c d x").share(block("a b c d e")) == pytest.approx(2 / 3)
        assert shelf("a b x c d e").share(block("a b c d e")) == pytest.approx(1 / 3)
        assert shelf("e d c b a").share(block("a b c d e")) == 0

    def test_half_is_not_held(self) -> None:
        """A text holds a block of which it has more than half."""
        assert not shelf("a b c x y z").holds(block("a b c d"))
        assert shelf("a b c d x").holds(block("a b c d e"))

    def test_short_block_must_be_a_line(self) -> None:
        """Up to three words count only as a line of their own, whatever its marks."""
        assert shelf("One.\n- The new bridge:\nTwo.").holds(block("The new bridge"))
        assert not shelf("They saw the new bridge again.").holds(block("The new bridge"))

    def test_scripts_without_spaces(self) -> None:
        """Characters are the words of a script without spaces."""
        assert shelf("这座大桥星期五重新开放。").holds(block("大桥星期五重新开放"))
        assert not shelf("这座大桥星期五重新开放。").holds(block("两年前发生了洪水灾害"))


class TestInsert:
    ALL = (block("One a b c d."), block("Two a b c d."), block("Three a b c d."))

    def test_block_comes_behind_the_one_before_it(self) -> None:
        """A block that lacks comes behind the line that holds the block before it."""
        text = insert_blocks("One a b c d.\nThree a b c d.", list(self.ALL), [True, False, True], [False, True, False])
        assert text == "One a b c d.\nTwo a b c d.\nThree a b c d."

    def test_blocks_stay_in_order(self) -> None:
        """Several blocks come in the order of the page; items of lists behind a dash."""
        page = blocks(f"<div><p>{PROSE}</p><ul><li>First</li><li>Second</li></ul><p>{MORE}</p></div>")
        text = insert_blocks(f"{PROSE}\n{MORE}", page, [True, False, False, True], [False, True, True, False])
        assert text == f"{PROSE}\n- First\n- Second\n{MORE}"

    def test_before_all(self) -> None:
        """A block before all that is kept comes first."""
        text = insert_blocks("Two a b c d.", list(self.ALL[:2]), [False, True], [True, False])
        assert text == "One a b c d.\nTwo a b c d."

    def test_repeated_lines(self) -> None:
        """Where blocks are kept twice, the block between them comes between them."""
        page = [block("Yes a b c."), block("Two a b c."), block("Yes a b c."), block("Four a b c.")]
        text = insert_blocks("Yes a b c.\nYes a b c.", page, [True, False, True, False], [False, True, False, True])
        assert text == "Yes a b c.\nTwo a b c.\nYes a b c.\nFour a b c."

    @given(st.lists(st.sampled_from(["kept", "added", "left"]), max_size=8))
    def test_text_is_only_added_to(self, fates: list[str]) -> None:
        """Kept and added blocks are all there, each once, in the order of the page, and nothing else."""
        page = [block(f"Block {number} of the page") for number in range(len(fates))]
        kept, added = ([fate == what for fate in fates] for what in ("kept", "added"))
        text = insert_blocks("\n".join(one.text for one, has in zip(page, kept, strict=True) if has), page, kept, added)
        wanted = [one.text for one, fate in zip(page, fates, strict=True) if fate != "left"]
        assert [line for line in text.split("\n") if line] == wanted
