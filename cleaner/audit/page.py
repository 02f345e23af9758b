"""Draw the report of a run as one HTML page of bounded size."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePath
from shlex import quote
from typing import Any

from markupsafe import Markup

from cleaner.audit.diagrams import draw_classes, draw_languages, draw_rules, draw_spread
from cleaner.audit.exhibit import NAME, Reject, clip
from cleaner.audit.ration import ration
from cleaner.audit.report import Report
from cleaner.audit.view import (
    MOST_RULES,
    DocumentView,
    Shown,
    languages_of,
    sources_of,
    view_documents,
    view_notes,
)
from cleaner.model import CLASSES
from cleaner.report.drawing import address, hue
from cleaner.report.frame import draw_frame, templates
from cleaner.report.page import draw_pieces

LIMIT = 5_000_000
"""Bytes of a page at most."""

SAMPLES, DOCUMENTS, REJECTS = 1_500_000, 1_500_000, 100_000
"""Bytes of it that samples of cuts, documents and rejects may take."""

_MOST_SOURCES, _MOST_LANGUAGES, _MOST_INPUTS, _MOST_FIELDS, _MOST_FLAGS, _MOST_REASONS = 200, 100, 200, 100, 100, 50
_FOLDER = Path(__file__).parent / "templates"
_CONTENTS = (
    ("what", "What went"),
    ("rules", "Rules"),
    ("documents", "Documents"),
    ("where", "Sources and languages"),
    ("found-data", "Recovered"),
    ("rejects", "Flags and rejects"),
)


def draw_report(report: Report, playground: str = "") -> str:
    """Return the report as one page that needs nothing else; where names alone would fill it, it shows less of all.

    With the address of a running playground, documents and cuts link there.
    """
    for part in (1.0, 0.5, 0.25, 0.1):
        page = _Page(report, part, playground).draw()
        if len(page.encode()) <= LIMIT:
            break
    return page


class _Page:
    """Draw a report within its ration of bytes, or a part of that."""

    def __init__(self, report: Report, part: float, playground: str = ""):
        self._part, self._playground = part, playground
        self._report, self._stats, self._digest = report, report.stats, report.digest
        self._env = templates(_FOLDER)
        self._all = report.views
        self._views = self._all[: self._most(MOST_RULES)]
        self._lists = view_documents(report.digest, report.stats.tally.flags)
        self._numbers = {view.id: number for number, view in enumerate(self._views)}
        self._sources: dict[str, int] = {}
        self._reasons = {one.reason.key: number for number, one in enumerate(self._lists)}

    def _most(self, most: int) -> int:
        return max(1, int(most * self._part))

    def draw(self) -> str:
        report = self._report
        return draw_frame(
            _FOLDER,
            "run.html",
            title=f"What a run removed: {clip(PurePath(report.name).name, 60)}",
            contents=_CONTENTS,
            script=(_FOLDER / "run.js").read_text(encoding="utf-8"),
            about=report.about,
            seed=self._digest.seed,
            hue=hue,
            **self._head(),
            **self._shown(),
            **self._tables(),
        )

    def _head(self) -> dict[str, Any]:
        """Return what stands above: the books, what to look at first, and the charts."""
        stats, digest, views = self._stats, self._digest, self._views
        return {
            "tally": stats.tally,
            "acting": len(digest.rules),
            "elements": sum(toll.elements for toll in digest.rules.values()),
            "troubles": self._report.troubles,
            "notes": view_notes(stats, digest, self._all),
            "charts": [draw_spread(digest.spread), draw_classes(digest, stats.tally.removed), draw_rules(views)],
            "heat": draw_languages(digest),
        }

    def _shown(self) -> dict[str, Any]:
        """Return rules with their samples, documents, and what both are sifted by."""
        samples, documents = self._draw_samples(), self._draw_documents()
        drawn = sum(map(len, documents))
        known = {*self._digest.kinds, *(view.class_ for view in self._views)}
        return {
            "rules": self._views,
            "rules_total": len(self._all),
            "anchors": self._numbers,
            "samples": samples,
            "places": self._places(),
            "widest": max((view.alone for view in self._views), default=0) or 1,
            "lean": self._tell_lean(),
            "more_rules": "".join(
                [f" --pack {quote(name)}" for name in self._report.packs]
                + [f" --rules {quote(path)}" for path in self._report.rules]
            ),
            "lists": [(one, inside) for one, inside in zip(self._lists, documents, strict=True) if inside],
            "left_out": sum(len(one.documents) for one in self._lists) - drawn,
            "classes": [name for name in CLASSES if name in known],
            "sources_shown": sorted(self._sources.items()),
            "rules_shown": sorted(self._numbers.items()),
            "reasons": list(self._reasons),
        }

    def _tables(self) -> dict[str, Any]:
        """Return what stands below: sources, languages, inputs, what was recovered, flags and rejects."""
        stats, digest = self._stats, self._digest
        inputs = list(stats.parts.items())[: self._most(_MOST_INPUTS)]
        fields = digest.found.fields.most_common(self._most(_MOST_FIELDS))
        values = digest.found.values
        return {
            "sources": sources_of(stats, self._most(_MOST_SOURCES)),
            "sources_total": len(stats.sources),
            "languages": languages_of(digest)[: self._most(_MOST_LANGUAGES)],
            "inputs": [(clip(name), part, ()) for name, part in inputs],
            "inputs_total": len(stats.parts),
            "found": digest.found,
            "repairs": _top(digest.found.repairs, 20),
            "fields": [(name, count, [clip(one.item.text, 80) for one in values[name]]) for name, count in fields],
            "flags": _top(stats.tally.flags, self._most(_MOST_FLAGS)),
            "rejects": self._choose_rejects(),
            "passed": _top(stats.passed, 50),
        }

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
            link = self._link(sample.known.id, sample.rules[0])
            drawing = draw_pieces(sample.pieces)
            return template.render(shown=shown, sample=sample, source=source, drawing=drawing, link=link)

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
                sheet=sheet,
                count=view.count,
                reasons=view.reasons,
                drawing=draw_pieces(sheet.pieces),
                place=self._near(sheet.known.place),
                link=self._link(sheet.known.id),
                rules=rules,
                source=self._number(sheet.known.origin),
                lists=" ".join(str(self._reasons[key]) for key in view.reasons if key in self._reasons),
            )

        drawn: list[list[Markup]] = [[] for _ in self._lists]
        for number, _, text in ration([one.documents for one in self._lists], draw, self._most(DOCUMENTS)):
            drawn[number].append(Markup(text))
        return drawn

    def _link(self, id_: str, rule: str = "") -> str:
        """Return where the playground opens a document; nothing without one, or where a long id is shown in part only."""
        return address(self._playground, id_, rule) if self._playground and len(id_) < NAME else ""

    def _near(self, place: str) -> str:
        """Name a place in the folder of the run without that folder."""
        return place.removeprefix(f"{self._report.name.rstrip('/')}/")

    def _number(self, origin: str) -> int:
        """Return the number of a source in the list to choose from."""
        return self._sources.setdefault(origin, len(self._sources))

    def _places(self) -> list[str]:
        """Return for each rule the numbers of the sources to choose from in which it took something."""
        places: list[set[int]] = [set() for _ in self._views]
        for source, tally in self._stats.sources.items():
            number = self._sources.get(clip(source))
            if number is not None:
                for rule in tally.rules:
                    if rule in self._numbers:
                        places[self._numbers[rule]].add(number)
        for place, view in zip(places, self._views, strict=True):
            origins = (shown.sample.known.origin for shown in view.samples)  # of elements, which no tally counts
            place.update(self._sources[origin] for origin in origins if origin in self._sources)
        return [" ".join(map(str, sorted(numbers))) for numbers in places]

    def _choose_rejects(self) -> list[tuple[str, int, list[Reject]]]:
        """Return the commonest reasons with their rejects, as many as the ration holds."""
        reasons = _top(self._digest.reasons, self._most(_MOST_REASONS))
        queues = [[one.item for one in self._digest.rejects[reason]] for reason, _ in reasons]
        shown: list[list[Reject]] = [[] for _ in reasons]
        for number, reject, _ in ration(queues, Reject.shown, self._most(REJECTS)):
            shown[number].append(reject)
        return [(clip(reason, 400), count, shown[number]) for number, (reason, count) in enumerate(reasons)]


def _top(counts: Counter[str], most: int) -> list[tuple[str, int]]:
    return sorted(((clip(name, 400), count) for name, count in counts.items()), key=lambda pair: (-pair[1], pair[0]))[
        :most
    ]
