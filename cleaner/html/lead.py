"""Find the lead: the paragraph between headline and body that a page repeats as its description.

Extractors often leave it out, since it stands in the header, apart from the paragraphs. The declared description itself
is never taken: it may be cut short, or written for search engines. What counts is a block of the page that it matches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cleaner.html.blocks import Block
from cleaner.html.drafts import Draft
from cleaner.rules.opinion import Lead
from cleaner.text.tokens import squeeze, tokenize

START = 48
"""Letters and digits of a description by which the text is asked for it."""


def may_lack_lead(text: str, descriptions: Sequence[str]) -> bool:
    """Tell whether a description is there whose beginning the text has not: the cheap question before the blocks."""
    key = squeeze(text)
    starts = (squeeze(description)[:START] for description in descriptions)
    return any(len(start) >= START // 2 and start not in key for start in starts)


def find_lead(blocks: Sequence[Block], draft: Draft, descriptions: Sequence[str], policy: Lead) -> Block | None:
    """Return the block closest before the body that a description matches and the text lacks."""
    body = (
        at for at, block in enumerate(blocks) if block.is_prose(policy.prose, policy.links) and draft.shelf.holds(block)
    )
    first = next(body, len(blocks))
    wanted = [Counter(tokens) for tokens in map(tokenize, descriptions) if len(tokens) >= policy.least]
    for block in reversed(blocks[:first]):
        if (
            _may_lead(block, policy)
            and any(_match(block, one, policy) for one in wanted)
            and not draft.shelf.holds(block)
        ):
            return block
    return None


def _may_lead(block: Block, policy: Lead) -> bool:
    return (
        block.linked < policy.links
        and policy.least <= len(block.tokens) <= policy.most
        and not block.is_within(*policy.outside)
    )


def _match(block: Block, wanted: Counter[str], policy: Lead) -> bool:
    """Tell whether block and description share enough of both; one of them may be cut short."""
    shared = (Counter(block.tokens) & wanted).total()
    of_description, of_block = shared / wanted.total(), shared / len(block.tokens)
    return min(of_description, of_block) >= policy.shared and max(of_description, of_block) >= policy.agree
