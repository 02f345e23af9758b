"""Read what a request orders from its query: which rules run, and what records hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from difflib import get_close_matches

from cleaner.errors import OptionError

NAMES = 64
"""Rules and classes that one parameter may name."""

_YES = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what a request orders; the names are those of the options of `cleaner clean`."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    annotate: bool = False
    lean: bool = False
    articles_only: bool = False
    recleaning: bool = False


SWITCHES = ("annotate", "lean", "articles_only", "recleaning")
_KNOWN = tuple(field.name for field in fields(Order))


def read_order(query: Iterable[tuple[str, str]]) -> Order:
    """Make an order of the parameters of a query; raise `OptionError` for one that is unknown, twice or no truth value.

    >>> read_order([("without", "ad"), ("without", "promo"), ("lean", "true")])
    Order(only=(), without=('ad', 'promo'), annotate=False, lean=True, articles_only=False, recleaning=False)
    """
    names: dict[str, list[str]] = {"only": [], "without": []}
    switches: dict[str, bool] = {}
    for name, value in query:
        if name in names:
            names[name].append(value)
        elif name not in SWITCHES:
            close = get_close_matches(name, _KNOWN, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(_KNOWN)}"
            raise OptionError(f"there is no parameter {name[:100]!r}; {hint}")
        elif name in switches:
            raise OptionError(f"{name} stands there twice; give it once")
        elif value not in _YES:
            raise OptionError(f"{name} is {value[:100]!r}; give true or false")
        else:
            switches[name] = _YES[value]
    for name, given in names.items():
        if len(given) > NAMES:
            raise OptionError(f"{name} names more than {NAMES} rules; name classes instead")
    return Order(tuple(names["only"]), tuple(names["without"]), **switches)
