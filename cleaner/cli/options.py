"""The options that commands share. Each one can also be set as CLEANER_<NAME> in the environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from cleaner.io.record import Fields
from cleaner.rules.load import Ruleset, load_set

Function = TypeVar("Function", bound=Callable[..., Any])

_FIELDS = {
    "text": "the text",
    "html": "the page",
    "html-base64": "the page in base64",
    "id": "the id",
    "url": "the URL",
    "source": "the source",
    "lang": "the language",
    "title": "the title",
    "crawled": "the time of the crawl",
}


class Amount(click.FloatRange):
    """Take a finite number of a range; click lets NaN pass every bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or fail as click does."""
        amount = float(super().convert(value, param, ctx))
        if not isfinite(amount):
            self.fail(f"{value} is no finite number.", param, ctx)
        return amount


class Processes(click.IntRange):
    """Take a number of processes: 0, also spelt `auto`, stands for one a core."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or fail as click does."""
        return 0 if str(value).lower() == "auto" else int(super().convert(value, param, ctx))


class Address(click.ParamType):  # type: ignore[type-arg]
    """Take the address of a page: of http or https, so that a link to it opens a page and runs nothing."""

    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address, or fail as click does."""
        found = str(value)
        try:
            parts = urlsplit(found)
            named = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            named = False
        if not named or not found.isprintable() or " " in found:
            self.fail(f"{value!r} is no address: give the one that `cleaner serve` printed, http://...", param, ctx)
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Hold which rules run."""

    rules: tuple[str, ...]
    only: tuple[str, ...]
    without: tuple[str, ...]
    packs: tuple[str, ...] = ()


def option(*names: str, **settings: Any) -> Callable[[Function], Function]:
    """Declare an option with its variable in the environment."""
    long = next(name for name in names if name.startswith("--"))
    settings.setdefault("envvar", "CLEANER_" + long.removeprefix("--").replace("-", "_").upper())
    return click.option(*names, **settings)


def field_options(function: Function) -> Function:
    """Add the options that rename the fields read."""
    for name, held in reversed(_FIELDS.items()):
        default, about = name.replace("-", "_"), f"Read {held} from this field."
        shown = option(f"--{name}-field", metavar="NAME", default=default, show_default=True, help=about)
        function = shown(function)
    return function


def rule_options(function: Function) -> Function:
    """Add the options that choose rules."""
    about = "of this class or id; repeatable."
    for shown in (
        option("--without", multiple=True, metavar="CLASS|RULE", help=f"Leave out rules {about}"),
        option("--only", multiple=True, metavar="CLASS|RULE", help=f"Run only rules {about}"),
        rules_option,
    ):
        function = shown(function)
    return function


def rules_option(function: Function) -> Function:
    """Add the options that name further rules: files, and packs that are installed."""
    files = option(
        "--rules",
        multiple=True,
        type=click.Path(),
        help="Add a rule file, or a folder of them; repeatable. A compiled file takes the place of the shipped rules.",
    )
    return files(pack_option(function))


def pack_option(function: Function) -> Function:
    """Add the option that enables packs."""
    shown = option(
        "--pack",
        multiple=True,
        metavar="NAME[@DIGEST]",
        help="Enable a rule pack that is installed; repeatable. With its digest, it is refused once it has changed.",
    )
    return shown(function)


def playground_option(function: Function) -> Function:
    """Add the option that names a running playground to link to."""
    shown = option(
        "--playground",
        metavar="URL",
        type=Address(),
        help="Link documents and rules to the playground at this address, as `cleaner serve` printed it.",
    )
    return shown(function)


def json_option(about: str) -> Callable[[Function], Function]:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=about)


def take_fields(settings: dict[str, Any]) -> Fields:
    """Take the renamed fields out of a command's settings."""
    names = [name.replace("-", "_") for name in _FIELDS]
    return Fields(**{name: settings.pop(f"{name}_field") for name in names})


def take_choice(settings: dict[str, Any]) -> Choice:
    """Take the choice of rules out of a command's settings."""
    return Choice(settings.pop("rules"), settings.pop("only"), settings.pop("without"), settings.pop("pack"))


def load(paths: Sequence[str], packs: Sequence[str] = ()) -> Ruleset:
    """Load the shipped rules, with those of packs and of further files; a compiled file stands in for the shipped rules."""
    return load_set(paths, packs=packs)


def load_ready(paths: Sequence[str], packs: Sequence[str] = ()) -> Ruleset:
    """Load the same with what the engine derives from the shipped rules."""
    from cleaner.match.stock import shipped  # loaded late: listing rules needs no engine

    return load_set(paths, shipped, packs)
