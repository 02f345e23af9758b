"""`cleaner pack`: which rule packs are installed, what is in one and what it changes, and a skeleton for a new one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cleaner.cli.options import json_option, pack_option
from cleaner.cli.tables import table
from cleaner.errors import OptionError, RuleError
from cleaner.report.number import number_of
from cleaner.report.visible import escape, escape_line
from cleaner.rules.load import Ruleset, load_shipped, load_texts
from cleaner.rules.overlay import Overlay
from cleaner.rules.packs import Offer, Pack, check_name, find_offers, find_packs, pack_of, place_in, read_pack

_HEADS = ("PACK", "ENABLED", "RULES", "ORIGIN", "DIGEST", "FOLDER")


@dataclass(frozen=True, slots=True)
class _Look:
    """Hold what is known of a pack: its files and the shipped rules with them, or what is wrong."""

    name: str
    origin: str
    enabled: bool
    pack: Pack | None = None
    whole: Ruleset | None = None
    fault: str = ""

    @property
    def rules(self) -> int:
        return sum(pack_of(head.path) == self.name for head in self.whole.heads) if self.whole else 0

    def describe(self) -> dict[str, Any]:
        """Return what is known as JSON values."""
        pack, whole = self.pack, self.whole
        return {
            "name": self.name,
            "origin": self.origin,
            "enabled": self.enabled,
            "folder": pack.folder if pack else None,
            "digest": pack.digest if pack else None,
            "files": [path for path, _ in pack.files] if pack else [],
            "rules": self.rules,
            "changes": Overlay.of(load_shipped(), whole).describe() if whole else None,
            "fault": self.fault or None,
        }


@click.group()
def pack() -> None:
    """List the rule packs that are installed, show one, or begin a new one."""


@pack.command("list")
@pack_option
@json_option("Write a JSON array.")
@click.pass_context
def list_(ctx: click.Context, pack: tuple[str, ...], as_json: bool) -> None:
    """List the packs that are installed: enabled here or not, rules, origin, digest, folder, and what they change.

    Enabled here are those of --pack, CLEANER_PACK or `[tool.cleaner]`. Ends with 1 where a pack is broken.
    """
    offers = find_offers()
    names = Counter(offer.name for offer in offers)
    looks = [_look(offer, names, _pins(pack)) for offer in offers]
    if as_json:
        click.echo(json.dumps([look.describe() for look in looks], ensure_ascii=False, indent=2))
    elif looks:
        for line in table([_HEADS, *map(_row, looks)]):
            click.echo(escape(line))
        for line in (f"{look.name}: {told}" for look in looks for told in _told(look)):
            click.echo(escape_line(line))
    else:
        click.echo("no pack is installed; `cleaner pack new NAME` begins one")
    unknown = _pins(pack).keys() - names.keys()
    if unknown:
        find_packs(sorted(unknown))  # says what there is instead
    ctx.exit(1 if any(look.fault for look in looks) else 0)


@pack.command("show")
@click.argument("name")
@pack_option
@json_option("Write a JSON object.")
def show(name: str, pack: tuple[str, ...], as_json: bool) -> None:
    """Show where a pack comes from, its files and rules, and what it changes of the shipped rules."""
    (found,) = find_packs([name])
    whole = load_texts(found.texts, load_shipped())
    look = _Look(found.name, found.origin, found.name in _pins(pack), found, whole)
    own = [head for head in whole.heads if pack_of(head.path) == found.name]
    if as_json:
        rules = [
            {"id": head.id, "class": head.class_, "kind": head.kind, "status": head.status,
             "path": head.path, "line": head.lineno}
            for head in own
        ]  # fmt: skip
        click.echo(json.dumps({**look.describe(), "rules": rules}, ensure_ascii=False, indent=2))
        return
    click.echo(f"{found.name}, from {found.origin}: {'enabled' if look.enabled else 'not enabled'} here")
    click.echo(escape_line(f"{found.folder}: {number_of(len(found.files), 'file')}, digest {found.digest}"))
    for told in _told(look):
        click.echo(escape_line(told))
    click.echo()
    root = place_in(found.name) + "/"
    rows = [
        (head.id, head.class_, head.kind, head.status, f"{head.path.removeprefix(root)}:{head.lineno}") for head in own
    ]
    for line in table([("RULE", "CLASS", "KIND", "STATUS", "FILE"), *rows]):
        click.echo(escape(line))
    click.echo(f"\nto enable it as it is now: --pack {found.name}@{found.digest}")


@pack.command("new")
@click.argument("name")
@click.option("--into", type=click.Path(), metavar="FOLDER", help="Write it here; default: a folder of its name.")
def new(name: str, into: str | None) -> None:
    """Begin a pack: a project with one rule, its tests, and checks for editors, commits and GitHub, that works at once.

    NAME has small letters, digits and hyphens. FOLDER must be empty, or not there yet.
    """
    from cleaner.pack.scaffold import Plan, write_pack  # loaded late: only this needs Jinja2

    plan = Plan(check_name(name))
    folder = Path(into or plan.distribution)
    written = write_pack(plan, folder)
    click.echo(f"{folder}: {number_of(len(written), 'file')} of the pack {name}")
    click.echo(f"next: cd {folder}; cleaner test --own --rules {plan.rules}")


def _pins(given: tuple[str, ...]) -> Mapping[str, str]:
    return {name: digest for name, _, digest in (one.partition("@") for one in given)}


def _look(offer: Offer, names: Mapping[str, int], pins: Mapping[str, str]) -> _Look:
    """Read a pack and lay it on the shipped rules; what is wrong is told, so that the others are listed all the same."""
    pinned = pins.get(offer.name, "")
    found: Pack | None = None
    try:
        found = read_pack(offer)
        if names[offer.name] > 1 or pinned:
            find_packs([f"{offer.name}@{pinned}" if pinned else offer.name])
        whole = load_texts(found.texts, load_shipped())
    except (RuleError, OptionError) as error:
        return _Look(offer.name, offer.origin, False, found, None, str(error))
    return _Look(offer.name, offer.origin, offer.name in pins, found, whole)


def _row(look: _Look) -> tuple[str, ...]:
    enabled = "broken" if look.fault else "yes" if look.enabled else "no"
    digest, folder = (look.pack.digest, look.pack.folder) if look.pack else ("", "")
    return look.name, enabled, str(look.rules) if look.whole else "", look.origin, digest, folder


def _told(look: _Look) -> list[str]:
    if look.fault or not look.whole:
        return [look.fault]
    return Overlay.of(load_shipped(), look.whole).sentences
