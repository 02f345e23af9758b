"""Phrases find the elements that rules for common tags take: the same ones that trying every element would find."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from cleaner.html.phrasebook import LONGEST, literals_of
from cleaner.html.tables import Tables
from cleaner.html.target import Target, View
from cleaner.rules.scope import Facts
from tests.making import load, rule

SPECS = (
    "{css: 'p, div, strong, li, td', text: {starts: [Read also, 'More:']}}",
    "{css: 'p', text: [{eq: Read also}, {has: second thoughts, len: [5, 60]}]}",
    "{css: 'div, p', text: {re: 'Follow us on \\w+.*'}}",
    "{css: 'h3, p > span, .box p', text: {ends: 'read more'}, len: [5, 40]}",
    "{css: 'p', text: {has: l'été}}",
)


@cache
def targets() -> tuple[Target, ...]:
    with TemporaryDirectory() as place:
        rules = "".join(rule(f"select: {spec}", name=f"tests.r{at}") for at, spec in enumerate(SPECS))
        ruleset = load(Path(place), f"rules:\n{rules}")
    return tuple(Target.build(one, one.select, ruleset) for one in ruleset.rules if one.select)


def found_by_phrases(root: Any) -> set[tuple[Any, str]]:
    view = View(root, Facts(), frozenset())
    tries = ((node, trial) for node, trials in Tables.of(targets()).candidates(root, view) for trial in trials)
    return {(node, trial.target.rule.id) for node, trial in tries if trial.holds(node, view)}


def found_by_trying(root: Any) -> set[tuple[Any, str]]:
    view = View(root, Facts(), frozenset())
    trials = [trial for target in targets() for trial in target.trials() if trial.key.by == "tag"]
    return {
        (node, trial.target.rule.id)
        for node in root.iter("*")
        for trial in trials
        if node.tag == trial.key.name and trial.holds(node, view)
    }


def tree(body: str) -> Any:
    filler = "<p>" + "The bridge opens after two years of work. " * 120 + "</p>"
    return html.fromstring(f"<html><body><main>{body}</main>{filler}</body></html>")


def hits(body: str) -> list[str]:
    return sorted(f"{node.tag} {name}" for node, name in found_by_phrases(tree(body)))


@pytest.mark.parametrize(
    "phrase",
    ["Read also", "<b>Read</b> also", "<b>Read </b> also", "Read <b>also</b>", "<i>Re</i>ad al<i><b>s</b></i>o",
     "READ\n\t ALSO", "Read&nbsp;also", "Read<!-- x --> also", "<a href=x><span> Read</span> <span> also</span></a>",
     "Read<br>also", "<script>1</script>Read also", "Read&shy; also", "Rea&shy;d also", "Read<wbr> also"],
)  # fmt: skip
def test_phrase_is_found_across_inline_elements(phrase: str) -> None:
    """A phrase is found in its element however inline elements, white space, breaks and comments divide it."""
    assert "p tests.r0" in hits(f"<p>{phrase}: the tower</p>")


@pytest.mark.parametrize(
    "body",
    [
        "<p>Reading also helps</p>",
        "<p>Reread also this</p>",
        "<h2>Read also</h2>",
        "<p>Read</p> also",
        "<script>Read also</script>",
    ],
)
def test_near_misses(body: str) -> None:
    """Other words, other tags, phrases across elements and words in scripts are nothing."""
    assert hits(body) == []


def test_all_elements_around_are_tried() -> None:
    """The phrase leads to every element of the rule's tags around it, not only to the nearest."""
    assert hits("<div><div><p>Read also: the tower</p></div></div>") == ["div tests.r0"] * 2 + ["p tests.r0"]


def test_long_elements_are_not_tried() -> None:
    """An element far longer than the rule allows is not looked at; what stands in it is."""
    text = "x " * 2 * LONGEST
    assert hits(f"<div><p>Read also: the tower</p><p>{text}</p></div>") == ["p tests.r0"]


def test_scripts_do_not_make_an_element_long() -> None:
    """The length that counts is that of the text: a long script in an element does not hide it."""
    assert hits(f"<p>Read also: the tower<script>{'x' * 2 * LONGEST}</script></p>") == ["p tests.r0"]


def test_every_rule_here_has_literals() -> None:
    """The rules of this test are those that the phrasebook is for; one whose alternatives lack any is not."""
    assert all(literals_of(target) for target in targets())


PIECES = ("Read", "also", "Read also", "read", "more", "read more", "Follow us on", "Follow", "us on", "second",
          "thoughts", "More:", "l’été", "L'", "ÉTÉ", "the tower", "x")  # fmt: skip
TAGS = ("p", "div", "strong", "li", "td", "span", "b", "i", "a", "h3", "section", "br", "script", "wbr")


def _fragments() -> st.SearchStrategy[str]:
    text = st.lists(st.sampled_from((*PIECES, " ", "\n ", "<!-- c -->", "&nbsp;")), max_size=4).map("".join)

    def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(st.sampled_from(TAGS), st.sampled_from(("", " class=box")), inner, text).map(_element)

    return st.recursive(
        text, lambda inner: st.lists(around(inner) | text, min_size=1, max_size=4).map("".join), max_leaves=12
    )


def _element(parts: tuple[str, str, str, str]) -> str:
    tag, names, inner, tail = parts
    if tag in ("br", "wbr"):
        return f"<{tag}>{tail}"
    return f"<{tag}{names}>{'x' if tag == 'script' else inner}</{tag}>{tail}"


@given(_fragments())
@example("<p><b>Read </b> also</p>")
@example("<p>Read<br>also</p>")
@example("<div><b>Read</b><p>also</p></div>")
def test_agrees_with_trying_every_element(fragment: str) -> None:
    """On any small tree the phrases lead to exactly what trying every rule on every element finds."""
    root = tree(fragment)
    assert found_by_phrases(root) == found_by_trying(root)
