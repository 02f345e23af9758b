"""Rule packs: rules that other installed distributions bring, found and read without running any of their code.

A pack is an entry point of the group `cleaner.rules`. Its name is the pack's; its value is a package whose folder
`rules`, or else whose own folder, holds the rule files. Nothing is imported: the finders of the import system are asked
where the package would be, which takes in editable installs and archives on the path, and folders are followed below it.

A pack is enabled by its name, or by `name@digest`, which refuses it once its files have changed. Its files are called
`pack:NAME/FILE` wherever the place of a rule is told, whatever folder this machine has them in.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from importlib.abc import Traversable
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from cleaner.errors import OptionError, RuleError

GROUP = "cleaner.rules"
"""The group of entry points that packs are declared in."""

PREFIX = "pack:"
"""Begins the name of every file of a pack."""

FOLDER = "rules"
"""The folder inside the package that holds the rule files; without it they stand in the package itself."""

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_PACKAGE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_DIGEST = re.compile(r"[0-9a-f]{24}")
_DEEPEST = 16  # folders within folders: a link that leads back to itself ends here


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """Hold what a distribution declares: a pack's name and the package its files are in."""

    name: str
    distribution: str
    version: str
    package: str

    @property
    def origin(self) -> str:
        """Name the distribution with its version."""
        return f"{self.distribution} {self.version}"


@dataclass(frozen=True)
class Pack:
    """Hold the rule files of one pack, as they were read; `folder` is where this machine has them."""

    name: str
    origin: str
    folder: str
    files: tuple[tuple[str, bytes], ...]
    """Path below the folder, with slashes, and content; sorted by path."""

    @cached_property
    def digest(self) -> str:
        """The digest of names and contents of all files, in 24 hexadecimal digits."""
        found = hashlib.blake2b(digest_size=12)
        for part in (part for name, content in self.files for part in (name.encode(), content)):
            found.update(b"%d " % len(part))
            found.update(part)
        return found.hexdigest()

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """The files as the loader takes them, by the names that places are told with.

        Raises `RuleError` for a file that is no UTF-8 text.
        """
        return tuple((place_in(self.name, path), _text(self.name, path, content)) for path, content in self.files)


def place_in(pack: str, path: str = "") -> str:
    """Name a file of a pack.

    >>> place_in("kite", "hosts/kite.example.yaml")
    'pack:kite/hosts/kite.example.yaml'
    """
    return f"{PREFIX}{pack}/{path}" if path else PREFIX + pack


def pack_of(path: str) -> str:
    """Return the pack that a file belongs to, by the file's name; empty for all other files.

    >>> pack_of("pack:kite/terms/en.yaml"), pack_of("rules/terms/en.yaml")
    ('kite', '')
    """
    return path.removeprefix(PREFIX).partition("/")[0] if path.startswith(PREFIX) else ""


def check_name(name: str) -> str:
    """Return the name of a pack as it was given.

    Raises `OptionError` for one that no pack can have.
    """
    if not _NAME.fullmatch(name):
        raise OptionError(f"{name!r} names no pack: write small letters, digits and hyphens, a letter first")
    return name


def find_offers() -> list[Offer]:
    """Return what the installed distributions declare, sorted by name; whether it holds is not looked at."""
    found = (
        Offer(point.name, point.dist.name, point.dist.version, point.value)
        for point in entry_points(group=GROUP)
        if point.dist is not None
    )
    return sorted(set(found))


def find_packs(names: Iterable[str]) -> tuple[Pack, ...]:
    """Read the packs with these names, each `name` or `name@digest`, sorted by name: their order means nothing.

    Raises `OptionError` for a name that no installed distribution declares, or a digest that is none, `RuleError` for a
    pack that is broken, that two distributions declare, or that is not the one its digest says.
    """
    pins = _pins(names)
    offers = find_offers() if pins else []
    return tuple(_pinned(read_pack(_choose(name, offers)), digest) for name, digest in sorted(pins.items()))


def read_pack(offer: Offer) -> Pack:
    """Read the files of a pack.

    Raises `RuleError` where the package cannot be found or holds no rule files.
    """
    if not _NAME.fullmatch(offer.name):
        hint = f"In {offer.distribution}, write small letters, digits and hyphens, a letter first"
        raise RuleError(f"the entry point {offer.name!r} names no pack", path=place_in(offer.name), hint=hint)
    for place in _find_places(offer):
        folder = place / FOLDER if (place / FOLDER).is_dir() else place
        files = tuple(_read(offer.name, folder))
        if files:
            return Pack(offer.name, offer.origin, str(folder).rstrip("/"), files)
    raise _broken(offer, f"the package {offer.package} holds no rule files", "Put .yaml files into it or its `rules`")


def _pins(names: Iterable[str]) -> dict[str, str]:
    """Return the digest asked for by name; empty where none is."""
    pins: dict[str, str] = {}
    for given in names:
        name, at, digest = given.partition("@")
        check_name(name)
        if at and not _DIGEST.fullmatch(digest):
            raise OptionError(f"{given!r}: a digest has 24 digits and letters a to f; `cleaner pack list` tells it")
        if pins.get(name) and digest and pins[name] != digest:
            raise OptionError(f"the pack {name} is asked for with two digests, {pins[name]} and {digest}")
        pins[name] = digest or pins.get(name, "")
    return pins


def _choose(name: str, offers: Sequence[Offer]) -> Offer:
    chosen = [offer for offer in offers if offer.name == name]
    if not chosen:
        known = list(dict.fromkeys(offer.name for offer in offers))
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}? " if close else ""
        there = f"installed are: {', '.join(known)}" if known else "none is installed here"
        raise OptionError(f"there is no pack {name}; {hint}{there}")
    if len(chosen) > 1:
        both = " and ".join(offer.origin for offer in chosen)
        hint = "Uninstall one of them"
        raise RuleError(f"this pack is declared more than once, by {both}", path=place_in(name), hint=hint)
    return chosen[0]


def _pinned(pack: Pack, digest: str) -> Pack:
    """Return the pack if it is the one asked for."""
    if digest and pack.digest != digest:
        hint = f"See what changed; then ask for {pack.name}@{pack.digest}"
        reason = f"its digest is {pack.digest}, not {digest}: {pack.origin} has other files than were asked for"
        raise RuleError(reason, path=place_in(pack.name), hint=hint)
    return pack


def _find_places(offer: Offer) -> list[Traversable]:
    """Return the folders of a package, as the import system would find it, without importing it or any above it."""
    if not _PACKAGE.fullmatch(offer.package):
        raise _broken(offer, f"its entry point names {offer.package!r}, no package", "Write only the package's name")
    first, *inner = offer.package.split(".")
    try:
        spec = find_spec(first)
    except (ImportError, ValueError):  # ValueError: a module that was made by hand
        spec = None
    if spec is None:
        raise _broken(offer, f"there is no package {first}", f"Install {offer.distribution} again")
    if spec.submodule_search_locations is None:
        raise _broken(offer, f"{first} is a module, which holds no files", "Name a package")
    places = (_open(Path(location, *inner)) for location in spec.submodule_search_locations)
    return [place for place in places if place is not None]


def _open(path: Path) -> Traversable | None:
    """Return a folder, on the disk or inside an archive."""
    if path.is_dir():
        return path
    for archive in path.parents:
        if archive.is_file() and zipfile.is_zipfile(archive):
            inside = zipfile.Path(archive, f"{path.relative_to(archive).as_posix()}/")
            return inside if inside.is_dir() else None
    return None


def _read(pack: str, folder: Traversable, above: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name) if depth < _DEEPEST else ():
        path = above + entry.name
        if entry.is_dir():
            yield from _read(pack, entry, f"{path}/", depth + 1)
        elif entry.name.endswith(".yaml"):
            try:
                yield path, entry.read_bytes()
            except OSError as error:
                reason = f"cannot be read: {error.strerror or error}"
                raise RuleError(reason, path=place_in(pack, path), hint="Install the pack again") from None


def _text(pack: str, path: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "The files of a pack are UTF-8 text, never compiled rules"
        raise RuleError(f"cannot be read: {error}", path=place_in(pack, path), hint=hint) from None


def _broken(offer: Offer, reason: str, hint: str) -> RuleError:
    return RuleError(f"{reason} ({offer.origin})", path=place_in(offer.name), hint=hint)
