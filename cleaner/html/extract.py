"""The story of a page: decode it, parse it, read what it declares, take out what rules select, extract, settle doubts.

Read `Extractor.extract` from top to bottom. What comes out is a `Document`, with an account of all that was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from urllib.parse import urljoin

from cleaner.html.articles import separate
from cleaner.html.blocks import Block, list_blocks
from cleaner.html.declared import Declared, read_declared
from cleaner.html.decode import decode, reread
from cleaner.html.drafts import Draft, Drafts, lighten
from cleaner.html.guessed import GUESSED, guess_missing
from cleaner.html.kind import flags_of
from cleaner.html.lead import find_lead, may_lack_lead
from cleaner.html.node import Element
from cleaner.html.opinions import is_far_longer, may_lack_blocks, replace_draft, rescue_draft, restore_blocks
from cleaner.html.parse import Parsed, parse
from cleaner.html.select import Mark, Pruner, remove
from cleaner.html.unfold import unfold
from cleaner.model import NO_ARTICLE, Document, Drop, Page, Related, language_of
from cleaner.rules.load import Ruleset
from cleaner.rules.opinion import Fallback, Opinion
from cleaner.rules.scope import Facts
from cleaner.text.tokens import squeeze


@dataclass(frozen=True, slots=True)
class Extracted:
    """Hold a page's text as a document, the elements taken out before, the other articles found, and flags."""

    document: Document
    drops: tuple[Drop, ...] = ()
    related: tuple[Related, ...] = ()
    flags: tuple[str, ...] = ()


class Extractor:
    """Extract the article of pages with one set of rules. Immutable after construction, shared between threads."""

    def __init__(self, ruleset: Ruleset, fast: bool = False):
        """Compile the rules for pages.

        `fast` asks one extractor only, settles no doubts but those of lead and pruning, and leaves out rules that look for
        phrases in common elements.
        """
        self._pruner = Pruner(ruleset, phrases=not fast)
        self._opinions = ruleset.opinions
        self._fast = fast

    def extract(self, page: Page) -> Extracted:
        """Extract a page's text; an empty one, with a flag that says why, where there is none."""
        parsed = _parse(page)
        root = parsed.root
        if root is None:
            return Extracted(_document(page, "", None), flags=(*parsed.flags, f"{NO_ARTICLE} empty"))
        declared = read_declared(root, page.url)
        unfold(root)
        others = separate(declared, root, page.url)
        facts = _facts(page, declared)
        marks = self._pruner.mark(root, facts, _titles(declared))
        work = _Work(page, root, marks, declared, self._fast)
        draft, settled = self._settle(work)
        guessed = {} if self._fast else guess_missing(work.whole, declared, page.url)
        return Extracted(
            document=_document(page, draft.text, declared, guessed),
            drops=work.drops,
            related=tuple(
                Related(one.title, None, None, one.text, url=urljoin(page.url or "", one.url) if one.url else None)
                for one in others
            ),
            flags=(*parsed.flags, *flags_of(declared, work.whole, draft.text, page.url), *settled),
        )

    def _settle(self, work: _Work) -> tuple[Draft, tuple[str, ...]]:
        """Start from trafilatura's text and apply the opinions in turn; name those that changed it."""
        draft, flags = work.drafts.main, []
        for opinion in self._opinions:
            before = draft
            draft, what = _apply(opinion, draft, work, self._fast)
            if draft is not before:
                flags.append(f"html:opinion {opinion.id}" + (f": {what}" if what else ""))
        return draft, tuple(flags)


class _Work:
    """Hold the trees of one page while opinions are settled: whole, and pruned.

    The fast way makes no copy: what asks for the whole tree sees the pruned one, and a fallback parses again.
    """

    def __init__(self, page: Page, root: Element, marks: tuple[Mark, ...], declared: Declared, fast: bool):
        self.whole = root if fast else deepcopy(root)
        self.drops = remove(marks)
        if not fast:
            lighten(root)
        self.declared = declared
        self.drafts = Drafts(root, page.url, declared, fast)
        self._page, self._root, self._fast = page, root, fast
        self.titles = frozenset(squeeze(title) for title in _titles(declared))

    @cached_property
    def blocks(self) -> list[Block]:
        """Return the blocks of the pruned tree."""
        return list_blocks(self._root)

    @cached_property
    def unpruned(self) -> Drafts:
        """Return what extractors make of the page with nothing taken out."""
        if self._fast:
            self.whole = _parse(self._page).root
            unfold(self.whole)
        return Drafts(self.whole, self._page.url, self.declared, self._fast)

    def give_up_pruning(self) -> Draft:
        """Go on with the whole tree."""
        self.drafts, self._root, self.drops = self.unpruned, self.whole, ()
        self.__dict__.pop("blocks", None)
        return self.drafts.main


def _apply(opinion: Opinion, draft: Draft, work: _Work, fast: bool) -> tuple[Draft, str]:
    """Apply one opinion; the very same draft comes back where it changed nothing."""
    if opinion.fallback:
        return _fall_back(draft, work, opinion.fallback)
    if opinion.replace and not fast:
        return replace_draft(draft, work.drafts, opinion.replace)
    if opinion.rescue and not fast and is_far_longer(draft, work.drafts, opinion.rescue):
        return rescue_draft(work.blocks, draft, work.drafts, opinion.rescue)
    if opinion.restore and not fast and may_lack_blocks(draft, work.drafts, opinion.restore):
        draft, count = restore_blocks(work.blocks, draft, work.drafts, work.titles, opinion.restore)
        return draft, f"{count} blocks"
    if opinion.lead and may_lack_lead(draft.text, work.declared.description):
        lead = find_lead(work.blocks, draft, work.declared.description, opinion.lead)
        if lead is not None and lead.key not in work.titles:
            return Draft(f"{lead.text}\n{draft.text}" if draft.text else lead.text), ""
    return draft, ""


def _fall_back(draft: Draft, work: _Work, policy: Fallback) -> tuple[Draft, str]:
    """Extract again without pruning where little is left, and what went may have been the body."""
    if len(draft.tokens) >= policy.short or sum(len(drop.text) for drop in work.drops) <= len(draft.text):
        return draft, ""
    if len(work.unpruned.main.tokens) * policy.share <= len(draft.tokens):
        return draft, ""
    return work.give_up_pruning(), "nothing is taken out"


def _parse(page: Page) -> Parsed:
    decoded = reread(page.html) if isinstance(page.html, str) else decode(page.html, page.charset)
    parsed = parse(decoded.text)
    return Parsed(parsed.root, (*decoded.flags, *parsed.flags))


def _facts(page: Page, declared: Declared) -> Facts:
    url = page.url or declared.fields.get("canonical")
    return Facts.of(url, page.source, page.lang or _primary(declared), page.crawled, "html")


def _titles(declared: Declared) -> tuple[str, ...]:
    """List what the page calls its article."""
    main = declared.main.headline if declared.main else None
    return tuple(dict.fromkeys(filter(None, (declared.title, main, declared.page_title))))


def _primary(declared: Declared) -> str | None:
    """Return the language without region or script."""
    return language_of(declared.fields.get("language")) or None


def _document(
    page: Page, text: str, declared: Declared | None, guessed: Mapping[str, str] = MappingProxyType({})
) -> Document:
    """Make the document; what is guessed comes after what is declared."""
    fields = {**guessed, **(declared.fields if declared else {})}
    origins = {**dict.fromkeys(guessed, GUESSED), **(declared.origins if declared else {})}
    resolved = {name: value for name, value in guessed.items() if name == "published"}
    if page.url and fields.get("canonical") == page.url:
        del fields["canonical"]
    return Document(
        id=page.id,
        text=text,
        url=page.url or fields.get("canonical"),
        source=page.source,
        lang=page.lang or (_primary(declared) if declared else None),
        title=page.title or (declared.title if declared else None),
        crawled=page.crawled,
        surface="html",
        metadata=fields,
        resolved={**resolved, **(declared.resolved if declared else {})},
        origins={name: origin for name, origin in origins.items() if name in fields or name == "title"},
        extra=page.extra,
    )
