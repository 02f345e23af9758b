"""Make proposals: the first draft of each candidate that holds, with its class, its id and its evidence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from cleaner.mine.corpus import is_host, site_of
from cleaner.mine.draft import Draft, drafts
from cleaner.mine.judge import Held, compiled, is_right, take_rule
from cleaner.mine.network import NETWORK
from cleaner.mine.shortlist import Candidate
from cleaner.mine.tokens import find_tokens, is_wordlike
from cleaner.model import CLASSES
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule
from cleaner.text.fold import fold
from cleaner.text.phrase import find_phrase

_HOSTS = 4
_SITES = 60
_WORDS = 4
_SLUG = 40
_SAID = 0.03  # share of a text that the phrases of its class cover at least
_MENU = 300  # code points of a stretch at the start without sentences that is a menu


@dataclass(frozen=True, slots=True)
class Proposal:
    """Hold a proposed rule as it is written, the rule it loads to, and its evidence."""

    content: dict[str, Any]
    rule: Rule
    candidate: Candidate
    removed: int
    """Noise characters that it would remove from all documents of the source, estimated."""

    clean_hits: int = 0
    precision: float = 1.0


class Classes:
    """Guess the class of a text by the terms it holds; a term counts for the class of the rules that use it."""

    def __init__(self, ruleset: Ruleset):
        used: dict[str, Counter[str]] = {}
        for rule in ruleset.rules:
            for name in set(re.findall(r"\$([a-z]+(?:\.[a-z0-9]+)+)", str(rule.matcher.model_dump(exclude_none=True)))):
                used.setdefault(name, Counter())[rule.class_] += 1
        self._phrases: dict[str, str] = {}
        for name in sorted(ruleset.terms):
            guess = used.get(name, Counter()).most_common(1)
            first = name.split(".")[0]
            class_ = first if first in CLASSES else guess[0][0] if guess else ""
            if class_:
                for phrase in ruleset.phrases(name):
                    self._phrases.setdefault(fold(phrase), class_)

    def guess(self, text: str) -> str:
        """Return the class whose phrases cover most of a text, else `other`; one of a menu says nothing about it."""
        folded, score = fold(text), Counter[str]()
        for phrase, class_ in self._phrases.items():
            if len(phrase) > 4 and phrase in folded and find_phrase(folded, phrase) >= 0:
                score[class_] += len(phrase)
        best = max(sorted(score), key=lambda name: score[name], default="other")
        return best if score[best] >= _SAID * len(folded) else "other"


@dataclass(frozen=True, slots=True)
class Drafting:
    """Hold what drafting the rules of one source needs; `scale` is documents of the source for each one seen."""

    held: Held
    classes: Classes
    taken: set[str]
    scale: float


def propose(candidates: Iterable[Candidate], drafting: Drafting) -> list[Proposal]:
    """Return the proposals for the candidates of one source that the loaded rules do not cut."""
    made = (_propose(c, drafting) for c in candidates if not drafting.held.already(c.places))
    return [proposal for proposal in made if proposal]


def _propose(candidate: Candidate, drafting: Drafting) -> Proposal | None:
    """Return the first draft whose examples hold and which cuts what was seen, and little else."""
    class_ = _class_of(candidate, drafting.classes)
    name = _free_id(candidate, class_, drafting.taken)
    for draft in drafts(candidate):
        content = _content(candidate, draft, name, class_)
        rule = take_rule(content)
        cleaner = compiled(rule) if rule else None
        if not rule or not cleaner or not is_right(cleaner, rule.tests[0]):
            continue
        url = rule.tests[0].url
        kept = (rule.tests[1].model_copy(update={"keep": keep, "url": url}) for keep in draft.keeps)
        keep = next((example.keep for example in kept if is_right(cleaner, example)), None)
        if keep is not None and drafting.held.cuts_well(cleaner, candidate):
            drafting.taken.add(name)
            content["tests"][1] = {"keep": keep, "url": url} if url else {"keep": keep}
            rule = take_rule(content)
            assert rule
            return Proposal(content, rule, candidate, round(candidate.characters * drafting.scale))
    return None


def _class_of(candidate: Candidate, classes: Classes) -> str:
    if candidate.form == "run" or (candidate.form == "mark" and len(candidate.key) == 1):
        return "related"
    class_ = classes.guess(candidate.examples[0])
    return "nav" if class_ == "other" and _is_menu(candidate) else class_


def _is_menu(candidate: Candidate) -> bool:
    """Tell whether it stands at the start, runs long, and hardly closes a sentence."""
    text = candidate.examples[0]
    mostly = candidate.start > candidate.middle + candidate.end
    return mostly and len(text) >= _MENU and sum(text.count(stop) for stop in ".!?") <= len(text) // _MENU


def _content(candidate: Candidate, draft: Draft, name: str, class_: str) -> dict[str, Any]:
    scope = _scope(candidate)
    url = f"https://{scope['hosts'][0]}/" if scope.get("hosts") else None
    part = max(("start", "middle", "end"), key=lambda part: getattr(candidate, part))
    where = "in the middle" if part == "middle" else f"at the {part}"
    whose = "several sources" if candidate.source == NETWORK else candidate.source
    content: dict[str, Any] = {
        "id": name,
        "rev": 1,
        "status": "experimental",
        "class": class_,
        "why": f"Mined: stands in {candidate.docs} of {candidate.of} documents of {whose}, mostly {where}.",
    }
    if scope:
        content["scope"] = scope
    content |= draft.matcher
    content["action"] = "drop"
    example: dict[str, Any] = {"in": draft.noisy, "out": draft.clean}
    content["tests"] = [{**example, "url": url} if url else example, {"keep": draft.keeps[0]}]
    return content


def _scope(candidate: Candidate) -> dict[str, Any]:
    """Bind a rule to the hosts it was seen on, or to their site where those are many."""
    hosts = candidate.hosts
    if candidate.source == NETWORK:
        return {"hosts": sorted({site_of(host) for host in hosts})} if 0 < len(hosts) <= _SITES else {}
    if len(hosts) > _HOSTS or (is_host(candidate.source) and candidate.source in hosts):
        hosts = tuple(sorted({site_of(host) for host in hosts}))
    return {"hosts": list(hosts)} if hosts and len(hosts) <= _HOSTS else {}


def _free_id(candidate: Candidate, class_: str, taken: set[str]) -> str:
    size = len(candidate.key) if candidate.form == "lead" else _WORDS
    slug = text_slug(candidate.examples[0], size) or f"{class_}-{candidate.form}"
    return free_id(source_slug(candidate.source), slug, taken)


def text_slug(text: str, size: int = _WORDS) -> str:
    """Return the part of an id that stands for a text: its first words; empty where they are in another script."""
    words = [token.form for token in find_tokens(text) if is_wordlike(token.form)][: min(size, _WORDS)]
    return slug_of("-".join(words))[:_SLUG].strip("-")


def free_id(owner: str, slug: str, taken: Collection[str]) -> str:
    """Return `owner.slug`, with a number behind it where that is taken."""
    name, number = f"{owner}.{slug}", 1
    while (numbered := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return numbered


def source_slug(source: str) -> str:
    """Return the part of an id that stands for a source.

    >>> source_slug("lemonde.fr"), source_slug("El Dizque"), source_slug("example.co.uk")
    ('lemonde', 'el-dizque', 'example')
    """
    name = site_of(source).split(".")[0] if is_host(source) else source
    return slug_of(name) or "s" + blake2b(source.encode(), digest_size=4).hexdigest()


def slug_of(text: str) -> str:
    """Write a text in small letters, digits and hyphens; empty where it is in another script."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def held_to(proposals: Sequence[Proposal], clean: Counter[str], least: float) -> list[Proposal]:
    """Add the hits in clean text, and leave out what is less precise than `least`."""
    judged = []
    for proposal in proposals:
        seen, bad = proposal.candidate, clean[proposal.rule.id]
        precision = seen.free / (seen.hits + bad) if seen.hits else 0.0
        if precision >= least:
            judged.append(replace(proposal, clean_hits=bad, precision=precision))
    return judged
