"""The pages that lose most: listed, drawn beside their gold, and counted by the classes that a reader gave them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from statistics import fmean

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.table import Table

from cleaner.bench.case import Body, Case, Phrases
from cleaner.bench.judge import Parts
from cleaner.bench.measure import reckon
from cleaner.bench.metrics import Score
from cleaner.bench.summary import body_size, quality_of
from cleaner.report.difference import beside
from cleaner.text.tokens import tokenize

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Loss:
    """Hold one page under one configuration, and its quality under each of those that ran."""

    set: str
    case: Case
    text: str
    parts: Parts
    quality: Mapping[str, float]

    @property
    def size(self) -> float:
        """Return what the page lacks to full quality."""
        return 1 - quality_of(self.parts)

    @property
    def name(self) -> str:
        """Name the page by set and id."""
        return f"{self.set}/{self.case.id}"

    @property
    def score(self) -> Score:
        """Return precision, recall and F1, of tokens or of snippets."""
        found = reckon([self.parts], [self.case.site])
        kind = "" if "f1" in found else "snippet_"
        return Score(*(found.get(kind + name, 0.0) for name in ("precision", "recall", "f1")))

    @property
    def gold(self) -> str:
        """Return the body; the snippets of a page without one stand in for it."""
        gold = self.case.gold
        if isinstance(gold, Body):
            return gold.text
        assert isinstance(gold, Phrases)
        stays = [f"stays: {snippet}" for snippet in gold.wanted]
        return "\n".join([*stays, *(f"goes: {snippet}" for snippet in gold.unwanted)])


@dataclass(frozen=True, slots=True)
class Label:
    """Hold a reader's judgement: what went wrong, and whether it is a real error or a convention of the gold."""

    class_: str
    kind: str


UNREAD = Label("not labelled", "?")


def worst(losses: Iterable[Loss], count: int) -> list[Loss]:
    """Return the pages that lose most, the largest loss first."""
    return nlargest(count, losses, key=lambda loss: loss.size)


def read_labels(path: str) -> dict[str, Label]:
    """Read labels: a record a line with `id`, `class`, `kind` (real or convention), and `set` where ids repeat.

    Raises `ValueError` for another kind.
    """
    labels = {}
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            record = json.loads(line)
            if record["kind"] not in ("real", "convention"):
                raise ValueError(f"{path}:{number}: `kind` is real or convention, not {record['kind']!r}")
            name = f"{record['set']}/{record['id']}" if "set" in record else str(record["id"])
            labels[name] = Label(record["class"], record["kind"])
    return labels


def label_of(loss: Loss, labels: Mapping[str, Label]) -> Label:
    return labels.get(loss.name) or labels.get(loss.case.id) or UNREAD


def worst_table(losses: Sequence[Loss], labels: Mapping[str, Label]) -> Table:
    """Draw a line a page."""
    table = Table("page", "site", title=f"the {len(losses)} pages that lose most", title_justify="left")
    for name in ("precision", "recall", "F1", "tokens: gold", "got"):
        table.add_column(name, justify="right")
    table.add_column("label")
    for loss in losses:
        score = loss.score
        figures = [f"{figure:.3f}" for figure in (score.precision, score.recall, score.f1)]
        sizes = [str(body_size(loss.case)), str(len(tokenize(loss.text)))]
        label = label_of(loss, labels)
        shown = "" if label is UNREAD else f"{label.class_} ({label.kind})"
        table.add_row(loss.name, loss.case.site, *figures, *sizes, shown)
    return table


def error_table(losses: Sequence[Loss], labels: Mapping[str, Label]) -> Table:
    """Draw a line a class: its pages, its share of the loss, and the mean quality of these pages under each configuration."""
    groups: dict[Label, list[Loss]] = {}
    for loss in losses:
        groups.setdefault(label_of(loss, labels), []).append(loss)
    total = sum(loss.size for loss in losses) or 1.0
    table = Table("class", "kind", title=f"errors on {len(losses)} pages by class", title_justify="left")
    steps = list(losses[0].quality) if losses else []
    for name in ("pages", "loss", "share", *steps):
        table.add_column(name, justify="right")
    kinds = {
        kind: [loss for label in groups if label.kind == kind for loss in groups[label]]
        for kind in ("real", "convention")
    }
    for label, group in sorted(groups.items(), key=lambda item: -sum(loss.size for loss in item[1])):
        table.add_row(label.class_, label.kind, *_figures(group, total, steps))
    table.add_section()
    for kind, group in (*kinds.items(), ("", list(losses))):
        if group:
            table.add_row("all", kind, *_figures(group, total, steps))
    return table


def _figures(group: Sequence[Loss], total: float, steps: Sequence[str]) -> list[str]:
    size = sum(loss.size for loss in group)
    means = [f"{fmean(loss.quality[step] for loss in group):.3f}" for step in steps]
    return [str(len(group)), f"{size:.2f}", f"{size / total:.0%}", *means]


def draw(losses: Sequence[Loss], labels: Mapping[str, Label], step: str) -> str:
    """Return a page that needs nothing else, with gold and output of every loss line beside line."""
    cases = [(loss, label_of(loss, labels), list(beside(loss.gold, loss.text))) for loss in losses]
    return _TEMPLATES.get_template("worst.html").render(cases=cases, step=step, unread=UNREAD)
