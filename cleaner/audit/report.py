"""Report what a run did, without gold: figures of all records, samples of each rule's cuts, documents to look at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cleaner.audit.digest import Digest
from cleaner.audit.exhibit import clip
from cleaner.audit.stats import Stats
from cleaner.audit.view import ListView, RuleView, Shown, languages_of, view_documents, view_rules
from cleaner.bulk.tally import Tally
from cleaner.rules.load import Ruleset


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a run did, and the rules to explain it by.

    `running` is the digest of those of them that the run should have had, `rules` are the files and `packs` the packs named beside the shipped
    ones, `about` says how the report was made.
    """

    name: str
    stats: Stats
    digest: Digest
    ruleset: Ruleset
    running: str
    rules: tuple[str, ...] = ()
    about: str = ""
    packs: tuple[str, ...] = ()

    @property
    def troubles(self) -> list[str]:
        """Say what is missing, and what does not fit together."""
        stats, digest = self.stats, self.digest
        told = [f"Missing: {name}" for name in stats.missing]
        told += [f"Not finished: {name}" for name in stats.unfinished]
        told += [f"Broke off: {what}" for what in stats.broken]
        told += [f"Not read: {what}" for what in stats.unread]
        if len(stats.digests) > 1:
            made = ", ".join(f"{clip(name)} ({count:,})" for name, count in stats.digests.most_common(6))
            told.append(f"Cleaned by different rules: {made}")
        elif stats.digests and self.running not in stats.digests:
            told.append(
                f"The run had other rules ({clip(next(iter(stats.digests)))}) than those that explain it here "
                f"({self.running}): give --rules, --pack, --only and --without as `cleaner clean` got them."
            )
        if digest.unfit:
            told.append(
                f"In {digest.unfit:,} records the cuts do not fit the text, so that they are not shown: "
                "`cleaner verify` tells which."
            )
        return told[:20] + ([f"… and {len(told) - 20:,} more"] if len(told) > 20 else [])

    @property
    def views(self) -> list[RuleView]:
        """Arrange the rules, those that took most first."""
        return view_rules(self.stats, self.digest, self.ruleset)

    def describe(self) -> dict[str, Any]:
        """Return figures and samples as plain values."""
        digest = self.digest
        return {
            **self.stats.describe(),
            "by_language": {name: _describe_language(name, tally, digest) for name, tally, _ in languages_of(digest)},
            "by_class": {name: toll.describe() for name, toll in digest.kinds.items()},
            "by_rule": {view.id: _describe_rule(view) for view in self.views},
            "share_removed": digest.spread.parts,
            "quantiles": {f"{part:.0%}": digest.spread.quantile(part) for part in (0.5, 0.9, 0.99)},
            "recovered": digest.found.describe(),
            "documents_shown": [_describe_list(one) for one in view_documents(digest, self.stats.tally.flags)],
            "rejects_shown": {
                reason: [asdict(one.item) for one in pool] for reason, pool in sorted(digest.rejects.items())
            },
            "emptied": digest.spread.emptied,
            "lean": digest.lean,
            "unfit": digest.unfit,
            "seed": digest.seed,
        }


def _describe_language(lang: str, tally: Tally, digest: Digest) -> dict[str, Any]:
    told = tally.describe()
    names = ("documents", "cleaned", "unchanged", "characters", "removed", "share")
    classes = {kind: digest.by_language[lang, kind] for kind in digest.kinds if digest.by_language[lang, kind]}
    return {**{name: told[name] for name in names}, "classes": classes}


def _describe_rule(view: RuleView) -> dict[str, Any]:
    names = ("class_", "why", "file", "distinct", "counted", "given_up", "out_of_time")
    known = {name.rstrip("_"): getattr(view, name) for name in names}
    places = {"sources": dict(view.sources), "languages": dict(view.languages)}
    samples = [_describe_sample(one) for one in view.samples]
    shares = {"share": round(view.share, 6), "alone_share": round(view.alone, 6)}
    return {**view.toll.describe(), **known, **shares, **places, "samples": samples}


def _describe_sample(shown: Shown) -> dict[str, Any]:
    told = asdict(shown.sample)
    return {**told.pop("known"), **told, "count": shown.count, "kind": shown.kind}


def _describe_list(view: ListView) -> dict[str, Any]:
    documents = [
        {**asdict(one.sheet.known), "size": one.sheet.size, "removed": one.sheet.removed, "flags": one.sheet.flags,
         "rules": one.sheet.rules, "count": one.count, "reasons": one.reasons}
        for one in view.documents
    ]  # fmt: skip
    return {"reason": view.reason.key, "about": view.reason.about, "documents": documents}
