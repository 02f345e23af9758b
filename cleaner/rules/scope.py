"""Decide where a rule applies, from what is known of a document: host, language, crawl date, page or text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from cleaner.model import language_of
from cleaner.rules.load import Ruleset
from cleaner.rules.resolve import Resolver
from cleaner.rules.schema import Rule, Scope

_PLAIN_URL = re.compile(r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=/|$)")
"""A URL as most are: its host needs no closer look."""

Says = Callable[[str], bool]
"""Tell whether the document's text holds a folded phrase."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Hold what is known of a document beside its text: what scopes ask for. `surface` is `html` or `text`."""

    host: str = ""
    lang: str = ""
    crawled: str = ""
    surface: str = "text"

    @classmethod
    def of(
        cls, url: str | None, source: str | None, lang: str | None, crawled: str | None, surface: str = "text"
    ) -> Facts:
        """Gather the facts; a source that is a host name counts as the host where no URL is known."""
        host = host_of(url) if url else ""
        if not host and source and "." in source and " " not in source:
            host = host_of(source)
        return cls(plain_host(host), language_of(lang), crawled or "", surface)


@dataclass(frozen=True, slots=True)
class Reach:
    """Hold a rule's scope and the exceptions to it, each with its proofs folded."""

    scope: Scope
    proofs: tuple[str, ...]
    exempt: tuple[tuple[Scope, tuple[str, ...]], ...]

    @classmethod
    def of(cls, rule: Rule, ruleset: Ruleset) -> Reach:
        """Gather where a rule applies and where it does not."""
        phrases = Resolver(ruleset, rule).phrases
        exempt = (e.scope for e in ruleset.exceptions if e.rule == rule.id)
        return cls(rule.scope, phrases(rule.scope.proof), tuple((scope, phrases(scope.proof)) for scope in exempt))

    def holds(self, facts: Facts, says: Says) -> bool:
        """Tell whether the rule applies to a document."""
        return _covers(self.scope, facts, self.proofs, says) and not any(
            _is_known(scope, facts) and _covers(scope, facts, proofs, says) for scope, proofs in self.exempt
        )


def _covers(scope: Scope, facts: Facts, proofs: tuple[str, ...], says: Says) -> bool:
    if facts.surface not in scope.surface or (scope.lang and facts.lang and facts.lang not in scope.lang):
        return False
    if scope.valid_from and facts.crawled and facts.crawled[:10] < scope.valid_from:
        return False
    if scope.valid_until and facts.crawled and facts.crawled[:10] > scope.valid_until:
        return False
    if not scope.hosts:
        return not proofs or any(map(says, proofs))
    return any(is_on(facts.host, plain_host(host)) for host in scope.hosts) or any(map(says, proofs))


def _is_known(scope: Scope, facts: Facts) -> bool:
    """Tell whether what a scope asks of language and crawl date is known: an exception needs evidence."""
    dated = scope.valid_from or scope.valid_until
    return not (scope.lang and not facts.lang) and not (dated and not facts.crawled)


def is_on(host: str, site: str) -> bool:
    """Tell whether a host is a site or one of its subdomains."""
    return host == site or host.endswith("." + site)


def sites(host: str) -> list[str]:
    """List a host and the domains above it, each of which a rule may name.

    >>> sites("blogs.example.org")
    ['blogs.example.org', 'example.org', 'org']
    """
    parts = host.split(".") if host else []
    return [".".join(parts[at:]) for at in range(len(parts))]


def host_of(url: str) -> str:
    """Return a URL's host; nothing where it cannot be read."""
    if plain := _PLAIN_URL.match(url):
        return plain[1]
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""


def plain_host(host: str) -> str:
    """Return a host without what differs between its spellings.

    >>> plain_host("www.Example.org.")
    'example.org'
    """
    return host.lower().strip(".").removeprefix("www.")
