"""Settle what extractors disagree on, as the `opinions` of the rule files say; each step that changed a text is flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cleaner.html.blocks import Block, insert_blocks
from cleaner.html.drafts import Draft, Drafts
from cleaner.rules.opinion import Replace, Rescue, Restore

_FURNITURE = ("footer", "header", "nav", "aside", "form")


def replace_draft(draft: Draft, drafts: Drafts, policy: Replace) -> tuple[Draft, str]:
    """Return a longer text that two extractors agree on, with the pair that settled it, or the draft and nothing."""
    if not _is_doubtful(draft, drafts, policy):
        return draft, ""
    needed = policy.longer * len(draft.tokens)
    for name, other in policy.pairs:
        taken = drafts.by(name)
        if not taken.tokens or len(taken.tokens) < needed:
            continue
        witness = drafts.by(other)
        if len(witness.tokens) < needed or _f1(taken, witness) < policy.agree:
            continue
        if taken.holds(draft, policy.covers):
            return taken, f"{name}, {other} agree"
    return _loosen(draft, drafts, policy)


def _loosen(draft: Draft, drafts: Drafts, policy: Replace) -> tuple[Draft, str]:
    """Return the text of the same extractor set to take more, where that is far longer and holds most of the draft."""
    if not policy.looser:
        return draft, ""
    loose = drafts.by("recall")
    if len(loose.tokens) < max(policy.looser * len(draft.tokens), len(draft.tokens) + policy.more):
        return draft, ""
    return (loose, "recall") if loose.holds(draft, policy.holds) else (draft, "")


def _is_doubtful(draft: Draft, drafts: Drafts, policy: Replace) -> bool:
    have, quick = len(draft.tokens), len(drafts.by("resiliparse").tokens)
    said = len(drafts.by("json-ld").tokens)
    return have < policy.short or quick >= policy.ask * have or quick < policy.fewer * have or said >= policy.ask * have


def _f1(one: Draft, other: Draft) -> float:
    shared = (Counter(one.tokens) & Counter(other.tokens)).total()
    return 2 * shared / max(1, len(one.tokens) + len(other.tokens))


def is_far_longer(draft: Draft, drafts: Drafts, policy: Rescue) -> bool:
    """Tell whether the second text is far longer and holds the draft: the cheap question before the blocks."""
    other, have = drafts.by(policy.witness), len(draft.tokens)
    if have < policy.least or len(other.tokens) < policy.longer * have:
        return False
    return other.holds(draft, policy.covers)


def rescue_draft(blocks: Sequence[Block], draft: Draft, drafts: Drafts, policy: Rescue) -> tuple[Draft, str]:
    """Return the second text where what the draft lacks of it is mostly long paragraphs, or the draft and nothing."""
    other = drafts.by(policy.witness)
    lacking = [block for block in blocks if other.shelf.holds(block) and not draft.shelf.holds(block)]
    prose = [b for b in lacking if b.is_prose(policy.prose, policy.links) and not b.is_within(*_FURNITURE)]
    size = sum(len(block.tokens) for block in prose)
    if len(prose) >= policy.paragraphs and size >= policy.share * sum(len(block.tokens) for block in lacking):
        return other, f"{len(prose)} paragraphs more"
    return draft, ""


def may_lack_blocks(draft: Draft, drafts: Drafts, policy: Restore) -> bool:
    """Tell whether the witness has words that the draft has not: the cheap question before the blocks."""
    lacking = (Counter(drafts.by(policy.witness).tokens) - Counter(draft.tokens)).total()
    return lacking >= max(policy.items, policy.lacking * len(draft.tokens))


def restore_blocks(
    blocks: Sequence[Block], draft: Draft, drafts: Drafts, titles: frozenset[str], policy: Restore
) -> tuple[Draft, int]:
    """Put back blocks inside the body that the witness has too, and return how many."""
    witness = drafts.by(policy.witness).shelf
    kept = [draft.shelf.holds(block) for block in blocks]
    prose = [at for at, block in enumerate(blocks) if kept[at] and block.is_prose(policy.prose, policy.links)]
    if not prose:
        return draft, 0
    body = _Surroundings([blocks[at] for at in prose])
    added = [
        prose[0] < at < prose[-1]
        and not kept[at]
        and block.linked < policy.links
        and block.key not in titles
        and body.fits(block, policy)
        and witness.holds(block)
        for at, block in enumerate(blocks)
    ]
    count = sum(added)
    return (Draft(insert_blocks(draft.text, list(blocks), kept, added)), count) if count else (draft, 0)


class _Surroundings:
    """Hold the kind and place of the paragraphs kept."""

    def __init__(self, prose: Sequence[Block]):
        self._looks = {_look(block) for block in prose}
        parents = [block.element.getparent() for block in prose]
        self._boxes = set(parents)
        self._outer = {parent.getparent() for parent in parents if parent is not None}

    def fits(self, block: Block, policy: Restore) -> bool:
        """Tell whether a block has tag and class of a paragraph kept, or is preformatted, or an item of a list beside."""
        if _look(block) in self._looks or block.is_within("pre"):
            return True
        return block.is_within("li") and len(block.tokens) >= policy.items and self._is_beside(block)

    def _is_beside(self, block: Block) -> bool:
        parent = block.element.getparent()
        outer = parent.getparent() if parent is not None else None
        return parent in self._boxes or outer in self._boxes or outer in self._outer


def _look(block: Block) -> tuple[str, str]:
    return block.element.tag, block.element.get("class") or ""
