"""Report what a run did, without gold: figures of all records, samples of each rule's cuts, documents to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from shlex import quote
from typing import Any

from markupsafe import Markup

from cleaner.audit.digest import Digest
from cleaner.audit.exhibit import clip
from cleaner.audit.ration import ration
from cleaner.audit.stats import Stats
from cleaner.audit.view import (
    MOST_RULES,
    DocumentView,
    ListView,
    RuleView,
    Shown,
    languages_of,
    sources_of,
    view_documents,
    view_notes,
    view_rules,
)
from cleaner.model import CLASSES
from cleaner.report.charts import Bar, Bars, Column, Heat, draw_bars, draw_heat
from cleaner.report.drawing import hue
from cleaner.report.frame import draw_frame, templates
from cleaner.report.page import draw_pieces
from cleaner.rules.load import Ruleset

LIMIT = 5_000_000
"""Bytes of a page at most."""

SAMPLES, DOCUMENTS, REJECTS = 1_500_000, 1_500_000, 100_000
"""Bytes of it that samples of cuts, documents and rejects may take."""

_MOST_SOURCES, _MOST_LANGUAGES, _MOST_INPUTS, _MOST_FIELDS, _MOST_FLAGS, _MOST_REASONS = 200, 100, 200, 100, 100, 50
_BARS, _HEAT = 15, 12
_FOLDER = Path(__file__).parent / "templates"
_CONTENTS = (
    ("what", "What went"),
    ("rules", "Rules"),
    ("documents", "Documents"),
    ("where", "Sources and languages"),
    ("found-data", "Recovered"),
    ("rejects", "Flags and rejects"),
)
_BINS = (
    ("nothing", -1, 0), ("up to 1%", 0, 10), ("1 to 2%", 10, 20), ("2 to 5%", 20, 50), ("5 to 10%", 50, 100),
    ("10 to 20%", 100, 200), ("20 to 30%", 200, 300), ("30 to 50%", 300, 500), ("50 to 70%", 500, 700),
    ("70 to 90%", 700, 900),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """Hold what a run did, and the rules to explain it by.

    `running` is the digest of those of them that the run should have had, `rules` are the files named beside the shipped
    ones, `about` says how the report was made.
    """

    name: str
    stats: Stats
    digest: Digest
    ruleset: Ruleset
    running: str
    rules: tuple[str, ...] = ()
    about: str = ""

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
                f"({self.running}): give --rules, --only and --without as `cleaner clean` got them."
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
            "by_language": {name: _brief(tally) for name, tally, _ in languages_of(digest)},
            "by_class": {name: toll.describe() for name, toll in digest.kinds.items()},
            "by_rule": {view.id: _describe_rule(view) for view in self.views},
            "share_removed": dict(_spread(digest)),
            "quantiles": {f"{part:.0%}": digest.spread.quantile(part) for part in (0.5, 0.9, 0.99)},
            "recovered": _describe_found(digest),
            "documents_shown": [_describe_list(one) for one in view_documents(digest, self.stats.tally.flags)],
            "rejects_shown": {
                reason: [asdict(one.item) for one in pool] for reason, pool in sorted(digest.rejects.items())
            },
            "emptied": digest.emptied,
            "lean": digest.lean,
            "unfit": digest.unfit,
            "seed": digest.seed,
        }


def draw_report(report: Report) -> str:
    """Return the report as one page that needs nothing else; where names alone would fill it, it shows less of all."""
    for part in (1.0, 0.5, 0.25, 0.1):
        page = _Page(report, part).draw()
        if len(page.encode()) <= LIMIT:
            break
    return page


class _Page:
    """Draw a report within its ration of bytes, or a part of that."""

    def __init__(self, report: Report, part: float):
        self._part = part
        self._report, self._stats, self._digest = report, report.stats, report.digest
        self._env = templates(_FOLDER)
        all_views = report.views
        self._total, self._views = len(all_views), all_views[: self._most(MOST_RULES)]
        self._notes = view_notes(report.stats, report.digest, all_views)
        self._lists = view_documents(report.digest, report.stats.tally.flags)
        self._numbers = {view.id: number for number, view in enumerate(self._views)}
        self._sources: dict[str, int] = {}
        self._reasons = {one.reason.key: number for number, one in enumerate(self._lists)}

    def _most(self, most: int) -> int:
        return max(1, int(most * self._part))

    def draw(self) -> str:
        stats, digest, tally = self._stats, self._digest, self._stats.tally
        samples, documents = self._draw_samples(), self._draw_documents()
        places = [self._places_of(view) for view in self._views]
        drawn = sum(map(len, documents))
        return draw_frame(
            _FOLDER, "run.html",
            title=f"What a run removed: {clip(PurePath(self._report.name).name, 60)}",
            contents=_CONTENTS,
            script=(_FOLDER / "run.js").read_text(encoding="utf-8"),
            tally=tally,
            hue=hue,
            rules=self._views,
            rules_total=self._total,
            anchors=self._numbers,
            samples=samples,
            places=places,
            notes=self._notes,
            acting=len(digest.rules),
            elements=sum(toll.elements for toll in digest.rules.values()),
            widest=max((view.alone for view in self._views), default=0) or 1,
            troubles=self._report.troubles,
            lean=self._tell_lean(),
            charts=self._charts(),
            heat=_heat(digest),
            classes=[name for name in CLASSES if name in digest.kinds],
            sources_shown=[clip(name) for name in self._sources],
            reasons=list(self._reasons),
            more_rules="".join(f" --rules {quote(path)}" for path in self._report.rules),
            lists=[(one, drawn) for one, drawn in zip(self._lists, documents, strict=True) if drawn],
            left_out=sum(len(one.documents) for one in self._lists) - drawn,
            sources=sources_of(stats, self._most(_MOST_SOURCES)),
            sources_total=len(stats.sources),
            languages=languages_of(digest)[:self._most(_MOST_LANGUAGES)],
            inputs=[(clip(name), part, ()) for name, part in list(stats.parts.items())[:self._most(_MOST_INPUTS)]],
            inputs_total=len(stats.parts),
            found=digest.found,
            repairs=_top(digest.found.repairs, 20),
            fields=[
                (name, count, [clip(one.item.text, 80) for one in digest.found.values[name]])
                for name, count in digest.found.fields.most_common(self._most(_MOST_FIELDS))
            ],
            flags=_top(tally.flags, self._most(_MOST_FLAGS)),
            rejects=self._choose_rejects(),
            passed=_top(stats.passed, 50),
            seed=digest.seed,
            about=self._report.about,
        )  # fmt: skip

    def _tell_lean(self) -> str:
        count = self._digest.lean
        if not count:
            return ""
        told = "The output is lean" if count >= self._stats.tally.cleaned else f"{count:,} records are lean"
        return f"{told}: they hold no texts of their cuts, so that there are figures of those and no samples."

    def _draw_samples(self) -> list[list[Markup]]:
        """Draw samples of rules, as many as the ration holds, one of each rule before a second of any."""
        template = self._env.get_template("sample.html")
        classes = {view.id: view.class_ for view in self._views}

        def draw(shown: Shown) -> str:
            sample = shown.sample
            if not sample.class_:
                sample = replace(sample, class_=classes.get(sample.rules[0], ""))
            source = self._number(sample.known.origin)
            return template.render(shown=shown, sample=sample, source=source, drawing=draw_pieces(sample.pieces))

        drawn: list[list[Markup]] = [[] for _ in self._views]
        for number, _, text in ration([view.samples for view in self._views], draw, self._most(SAMPLES)):
            drawn[number].append(Markup(text))
        return drawn

    def _draw_documents(self) -> list[list[Markup]]:
        """Draw the documents of each list, as many as the ration holds."""
        template = self._env.get_template("document.html")

        def draw(view: DocumentView) -> str:
            sheet = view.sheet
            rules = " ".join(str(self._numbers[rule]) for rule in sheet.rules if rule in self._numbers)
            return template.render(
                sheet=sheet, place=self._near(sheet.known.place), count=view.count, rules=rules, reasons=view.reasons, drawing=draw_pieces(sheet.pieces),
                source=self._number(sheet.known.origin),
                lists=" ".join(str(self._reasons[key]) for key in view.reasons if key in self._reasons),
            )  # fmt: skip

        drawn: list[list[Markup]] = [[] for _ in self._lists]
        for number, _, text in ration([one.documents for one in self._lists], draw, self._most(DOCUMENTS)):
            drawn[number].append(Markup(text))
        return drawn

    def _near(self, place: str) -> str:
        """Name a place in the folder of the run without that folder."""
        return place.removeprefix(f"{self._report.name.rstrip('/')}/")

    def _number(self, origin: str) -> int:
        """Return the number of a source in the list to choose from."""
        return self._sources.setdefault(origin, len(self._sources))

    def _places_of(self, view: RuleView) -> str:
        names = {name for name, _ in view.sources} | {shown.sample.known.origin for shown in view.samples}
        return " ".join(sorted(str(self._sources[name]) for name in names if name in self._sources))

    def _charts(self) -> list[Markup]:
        digest, removed = self._digest, max(self._stats.tally.removed, 1)
        kinds = sorted(digest.kinds.items(), key=lambda pair: (-pair[1].characters, pair[0]))
        classes = tuple(
            Bar(name, toll.characters, _tell_bar(toll.characters / removed, toll.cuts), hue=hue(name))
            for name, toll in kinds
        )
        rules = tuple(
            Bar(clip(view.id), view.toll.alone_characters, _tell_bar(view.alone, view.toll.alone), hue=hue(view.class_))
            for view in self._views[:_BARS]
        )
        spread, touched = digest.spread, digest.spread.touched
        told = (
            f"Documents by the share of their characters that was cut. Of the {touched:,} that lost something, half lost "
            f"at most {spread.quantile(0.5):.1%}, nine in ten at most {spread.quantile(0.9):.1%}."
        )
        bars = tuple(Bar(name, count, f"{count:,}") for name, count in _spread(digest))
        return [
            draw_bars(Bars("Share removed", told, bars, "documents")),
            draw_bars(Bars("By class", "Characters cut, as a share of all that were.", classes, "of all removed")),
            draw_bars(
                Bars(
                    "By rule",
                    "Characters that no other rule asked for: what would stay without it.",
                    rules,
                    "of all removed",
                )
            ),
        ]

    def _choose_rejects(self) -> list[tuple[str, int, list[Any]]]:
        """Return the commonest reasons with their rejects, as many as the ration holds."""
        reasons = _top(self._digest.reasons, self._most(_MOST_REASONS))
        queues = [[one.item for one in self._digest.rejects[reason]] for reason, _ in reasons]
        shown: list[list[Any]] = [[] for _ in reasons]
        for number, reject, _ in ration(
            queues, lambda one: one.text + one.reason + one.path + one.id, self._most(REJECTS)
        ):
            shown[number].append(reject)
        return [(clip(reason, 400), count, shown[number]) for number, (reason, count) in enumerate(reasons)]


def _tell_bar(share: float, cuts: int) -> str:
    return f"{share:.1%} · {cuts:,} cuts"


def _heat(digest: Digest) -> Markup | str:
    """Draw what was cut by language and class; nothing where there is one language only."""
    languages = [(name, tally) for name, tally, _ in languages_of(digest) if tally.characters][:_HEAT]
    if len(languages) < 2 or not digest.kinds:
        return ""
    kinds = sorted(digest.kinds, key=lambda name: (-digest.kinds[name].characters, name))[:_HEAT]
    cells = tuple(
        tuple(
            100 * digest.by_language[name, kind] / tally.characters if digest.by_language[name, kind] else None
            for kind in kinds
        )
        for name, tally in languages
    )
    return draw_heat(
        Heat(
            "By language and class", "Characters cut, in percent of all characters of the language.",
            tuple(map(Column, kinds)), tuple(name for name, _ in languages), cells, "language",
        )
    )  # fmt: skip


def _spread(digest: Digest) -> Iterable[tuple[str, int]]:
    """Yield how many documents lost which share."""
    for name, low, high in _BINS:
        yield name, digest.spread.between(low, high)
    yield "over 90%", digest.spread.between(900, 1000) - digest.emptied
    yield "everything", digest.emptied


def _top(counts: Counter[str], most: int) -> list[tuple[str, int]]:
    return sorted(((clip(name, 400), count) for name, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))[
        :most
    ]


def _brief(tally: Any) -> dict[str, Any]:
    told = tally.describe()
    return {name: told[name] for name in ("documents", "cleaned", "unchanged", "characters", "removed", "share")}


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


def _describe_found(digest: Digest) -> dict[str, Any]:
    found = digest.found
    return {
        "titles": found.titles,
        "fields": dict(found.fields.most_common()),
        "repairs": dict(found.repairs.most_common()),
        "dates": found.dates,
        "related": {"documents": found.with_related, "articles": found.related},
        "headlines": {"documents": found.with_headlines, "headlines": found.headlines},
    }
