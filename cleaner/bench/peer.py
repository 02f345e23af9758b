"""A peer: one way to turn a page or a text into the article's body, as its authors or ours would call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Literal

from cleaner.bench.case import Case

Extract = Callable[[Case], str]
"""What a peer does with one case; it may raise, which counts as an empty text."""

ABSENT = "(not installed)"
"""Stands for the version of a distribution that is not there."""

Surface = Literal["html", "text"]
Family = Literal["cleaner", "extractor", "filter", "floor"]


@dataclass(frozen=True, slots=True)
class Peer:
    """Name a way to clean; `make` prepares it once in each process.

    `needs` are the modules it imports, `packages` the distributions whose versions are recorded, `call` how it is called,
    in the words of its own interface.
    """

    name: str
    family: Family
    takes: Surface
    make: Callable[[], Extract]
    call: str
    packages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """Return the first module that is not installed; nothing where all are."""
        return next((name for name in self.needs if not is_installed(name)), "")

    @property
    def version(self) -> str:
        """Return the packages with their versions, as in `trafilatura 2.3.0`."""
        return ", ".join(f"{name} {version_of_package(name)}" for name in self.packages)


def is_installed(module: str) -> bool:
    """Tell whether a module can be imported."""
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


@cache
def version_of_package(package: str) -> str:
    """Return the version of a distribution, or that there is none."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ABSENT
