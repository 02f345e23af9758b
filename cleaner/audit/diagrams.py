"""Draw the figures of a run: how the loss spreads over documents, classes, rules and languages."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from cleaner.audit.counts import Spread
from cleaner.audit.digest import Digest
from cleaner.audit.view import RuleView, languages_of
from cleaner.report.charts import Bar, Bars, Column, Heat, draw_bars, draw_heat
from cleaner.report.drawing import hue

_BARS, _HEAT = 15, 12
_UNIT = "of all removed"


def draw_spread(spread: Spread) -> Markup:
    """Draw how many documents lost which share."""
    told = (
        f"Documents by the share of their characters that was cut. Of the {spread.touched:,} that lost something, half "
        f"lost at most {spread.quantile(0.5):.1%}, nine in ten at most {spread.quantile(0.9):.1%}."
    )
    bars = tuple(Bar(name, count, f"{count:,}") for name, count in spread.parts.items())
    return draw_bars(Bars("Share removed", told, bars, "documents"))


def draw_classes(digest: Digest, removed: int) -> Markup:
    """Draw the share of each class in all that was removed."""
    kinds = sorted(digest.kinds.items(), key=lambda pair: (-pair[1].characters, pair[0]))
    bars = tuple(
        Bar(name, toll.characters, _tell(toll.characters / max(removed, 1), toll.cuts), hue=hue(name))
        for name, toll in kinds
    )
    return draw_bars(Bars("By class", "Characters cut, as a share of all that were.", bars, _UNIT))


def draw_rules(views: Sequence[RuleView]) -> Markup:
    """Draw the rules without which most would stay."""
    bars = tuple(
        Bar(view.id, view.toll.alone_characters, _tell(view.alone, view.toll.alone), hue=hue(view.class_))
        for view in views[:_BARS]
    )
    about = "Characters that no other rule asked for: what may stay without it."
    return draw_bars(Bars("By rule", about, bars, _UNIT))


def draw_languages(digest: Digest) -> Markup | str:
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


def _tell(share: float, cuts: int) -> str:
    return f"{share:.1%} · {cuts:,} cuts"
