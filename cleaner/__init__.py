"""Clean scraped news: strip what aggregators and news sites leave around and inside articles, and account for it.

>>> from cleaner import Cleaner
>>> result = Cleaner().clean("A bridge opens in Port Allen\\nThe bridge opens on Friday, after two years of work on both banks.")
>>> result.title
'A bridge opens in Port Allen'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cleaner.clean import Cleaner
    from cleaner.errors import CleanerError, InputError, OptionError, OutputError, RuleError
    from cleaner.match.stock import write_compiled
    from cleaner.model import Cleaned, Cut, Document, Drop, Page, Rejected, Related, replay
    from cleaner.rules.load import Ruleset, load_packs, load_rules
    from cleaner.rules.schema import Rule

__all__ = [
    "Cleaned",
    "Cleaner",
    "CleanerError",
    "Cut",
    "Document",
    "Drop",
    "InputError",
    "OptionError",
    "OutputError",
    "Page",
    "Rejected",
    "Related",
    "Rule",
    "RuleError",
    "Ruleset",
    "load_packs",
    "load_rules",
    "replay",
    "write_compiled",
]

_HOMES = {
    "cleaner.clean": ("Cleaner",),
    "cleaner.errors": ("CleanerError", "InputError", "OptionError", "OutputError", "RuleError"),
    "cleaner.match.stock": ("write_compiled",),
    "cleaner.model": ("Cleaned", "Cut", "Document", "Drop", "Page", "Rejected", "Related", "replay"),
    "cleaner.rules.load": ("Ruleset", "load_packs", "load_rules"),
    "cleaner.rules.schema": ("Rule",),
}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: `cleaner --help` needs none of them."""
    for module, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module), name)
            return value
    raise AttributeError(f"module 'cleaner' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
