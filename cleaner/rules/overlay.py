"""What rules laid on other rules change of these, beside adding their own.

Rules cannot take the place of rules: an id is never given twice. But opinions and weights of a known name take the place
of what had it, phrases under a known term go to all rules that name it, and an exception switches a rule off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cleaner.rules.load import Ruleset


@dataclass(frozen=True, slots=True)
class Overlay:
    """Hold what a set changes of the one it was laid on; empty where it only adds to it."""

    opinions: tuple[str, ...]
    """Ids of opinions that say something else."""
    weights: tuple[str, ...]
    """Names of weights that are others."""
    terms: Mapping[tuple[str, str], tuple[str, ...]]
    """Phrases that known terms have besides, by name of the term and language."""
    switched_off: tuple[str, ...]
    """Known rules that exceptions switch off somewhere."""

    @classmethod
    def of(cls, base: Ruleset, whole: Ruleset) -> Overlay:
        """Compare a set with the one it was laid on."""
        before = {opinion.id: opinion for opinion in base.opinions}
        terms = {
            (name, lang): fresh
            for name, by_language in whole.terms.items()
            if name in base.terms
            for lang, phrases in by_language.items()
            if (fresh := tuple(p for p in phrases if p not in frozenset(base.terms[name].get(lang, ()))))
        }
        known = {head.id for head in base.heads}
        return cls(
            tuple(opinion.id for opinion in whole.opinions if before.get(opinion.id, opinion) != opinion),
            tuple(sorted(name for name, found in whole.weights.items() if base.weights.get(name, found) != found)),
            terms,
            tuple(dict.fromkeys(e.rule for e in whole.exceptions[len(base.exceptions) :] if e.rule in known)),
        )

    @property
    def sentences(self) -> list[str]:
        """Tell each change in some words, those that take something's place first."""
        told = [f"replaces the opinion {name}" for name in self.opinions]
        told += [f"replaces the weights {name}" for name in self.weights]
        told += [f"switches {rule} off where an exception says" for rule in self.switched_off]
        told += [f"adds {len(phrases)} to ${name} ({lang})" for (name, lang), phrases in sorted(self.terms.items())]
        return told

    def describe(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        return {
            "opinions": list(self.opinions),
            "weights": list(self.weights),
            "switched_off": list(self.switched_off),
            "terms": [
                {"term": name, "lang": lang, "phrases": list(phrases)}
                for (name, lang), phrases in sorted(self.terms.items())
            ],
        }
