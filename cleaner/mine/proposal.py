"""Make proposals: the first draft of each candidate that holds, with its class, its id and its evidence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from cleaner.mine.corpus import is_host, site_of
from cleaner.mine.draft import Draft, drafts
from cleaner.mine.judge import Held, holds, take_rule
from cleaner.mine.shortlist import Candidate
from cleaner.mine.tokens import find_tokens, is_wordlike
from cleaner.model import CLASSES
from cleaner.rules.load import Ruleset
from cleaner.rules.schema import Rule
from cleaner.text.fold import fold
from cleaner.text.phrase import find_phrase

_HOSTS = 4
_WORDS = 4
_SLUG = 40


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
        """Return the class whose phrases cover most of a text, else `other`."""
        folded, score = fold(text), Counter[str]()
        for phrase, class_ in self._phrases.items():
            if len(phrase) > 4 and phrase in folded and find_phrase(folded, phrase) >= 0:
                score[class_] += len(phrase)
        return max(sorted(score), key=lambda name: score[name], default="other")


def propose(
    candidates: Iterable[Candidate], held: Held, base: Ruleset, classes: Classes, taken: set[str], documents: int
) -> list[Proposal]:
    """Return the proposals for the candidates of one source that the loaded rules do not cut."""
    made = (_propose(c, held, base, classes, taken, documents) for c in candidates if not held.already(c.places))
    return [proposal for proposal in made if proposal]


def _propose(
    candidate: Candidate, held: Held, base: Ruleset, classes: Classes, taken: set[str], documents: int
) -> Proposal | None:
    class_ = "related" if candidate.form == "run" else classes.guess(" ".join(candidate.examples))
    name = _free_id(candidate, class_, taken)
    for draft in drafts(candidate):
        content = _content(candidate, draft, name, class_)
        for keep in draft.keeps:
            content["tests"][1] = {"keep": keep}
            rule = take_rule(content)
            if rule is None:
                break
            if holds(rule, base):
                if not held.cuts_well(_here(rule, held), candidate, base):
                    break
                taken.add(name)
                scale = documents / candidate.of if candidate.of else 1.0
                return Proposal(content, rule, candidate, round(candidate.characters * scale))
    return None


def _here(rule: Rule, held: Held) -> Rule:
    """Free a rule from its hosts where the held documents name none."""
    if any(text.host for text in held.texts):
        return rule
    return rule.model_copy(update={"scope": rule.scope.model_copy(update={"hosts": ()})})


def _content(candidate: Candidate, draft: Draft, name: str, class_: str) -> dict[str, Any]:
    scope = _scope(candidate)
    url = f"https://{scope['hosts'][0]}/" if scope.get("hosts") else None
    where = max(("start", "middle", "end"), key=lambda part: getattr(candidate, part))
    content: dict[str, Any] = {
        "id": name,
        "rev": 1,
        "status": "experimental",
        "class": class_,
        "why": f"Mined: stands in {candidate.docs} of {candidate.of} documents of {candidate.source}, mostly at the {where}.",
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
    if len(hosts) > _HOSTS or (is_host(candidate.source) and candidate.source in hosts):
        hosts = tuple(sorted({site_of(host) for host in hosts}))
    return {"hosts": list(hosts)} if hosts and len(hosts) <= _HOSTS else {}


def _free_id(candidate: Candidate, class_: str, taken: set[str]) -> str:
    words = [token.form for token in find_tokens(candidate.examples[0]) if is_wordlike(token.form)][:_WORDS]
    slug = slug_of("-".join(words))[:_SLUG].strip("-") or f"{class_}-{candidate.form}"
    name, number = f"{source_slug(candidate.source)}.{slug}", 1
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


def without_parts(proposals: Sequence[Proposal], clean: Counter[str], least: float) -> list[Proposal]:
    """Add the hits in clean text, and leave out what hits too much of it."""
    judged = []
    for proposal in proposals:
        hits, bad = proposal.candidate.hits, clean[proposal.rule.id]
        precision = proposal.candidate.free / hits * hits / (hits + bad) if hits else 0.0
        if precision >= least:
            judged.append(replace(proposal, clean_hits=bad, precision=precision))
    return judged
