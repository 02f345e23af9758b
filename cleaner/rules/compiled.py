"""Compiled rule sets: a whole `Ruleset` in one file, checked once and read without YAML.

A file is a line that says what it is, a line of JSON that lists its sections, the sections (JSON or bytes, each a frame
of Zstandard), and a checksum of everything before it. Nothing in it is executed when it is read. Like compiled Python it
serves the version of `cleaner` that wrote it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import orjson
import zstandard
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticSerializationError

from cleaner.errors import OutputError, RuleError
from cleaner.rules.opinion import Opinion
from cleaner.rules.ruleset import Head, Rules, Ruleset, shipped_rules
from cleaner.rules.schema import Exemption
from cleaner.rules.strict import Strict
from cleaner.rules.weights import Weights

FORMAT = 2
"""The layout of the file; raised when it changes."""

DISTRIBUTIONS = ("cleaner-news", "cleaner-news-text")
"""What this package may be installed as: whole, or for texts alone."""

_MAGIC = b"compiled rules of cleaner, format "
_CHECKSUM = 32
_LEVEL = 6
_MOST = 1 << 30
"""Bytes of one section at most: what claims to hold more was made to exhaust memory."""

_AGAIN = "Compile the rules again: `cleaner rules compile -o FILE`"
_BROKEN = (LookupError, TypeError, ValueError, zstandard.ZstdError)
_COLUMNS = ("id", "status", "class_", "kind", "hosts", "surface", "apply_to", "bounds", "lineno", "digest")
_INDEX = "index "
_Form = Literal["json", "bytes"]


def is_compiled(path: str | Path) -> bool:
    """Tell whether a file holds compiled rules, by its first bytes."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def write_compiled(ruleset: Ruleset, path: str | Path, index: Mapping[str, Any] | None = None) -> int:
    """Write a set into one file, which appears whole or not at all; return its size in bytes.

    `index` holds JSON values and byte strings by name, in place of the set's own index. Raises `OutputError` where the
    file cannot be written, `RuleError` for a rule that no file can hold.
    """
    content = to_bytes(ruleset, index)
    target = Path(path).resolve()
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None
    return len(content)


def to_bytes(ruleset: Ruleset, index: Mapping[str, Any] | None = None) -> bytes:
    """Return what `write_compiled` writes: the same bytes for the same set.

    Raises `RuleError` for text that no file can hold.
    """
    try:
        sections = [
            *_sections(ruleset),
            *Index.of((ruleset.index if index is None else index) or {})._sections.values(),
        ]
    except (PydanticSerializationError, TypeError) as error:
        raise RuleError(f"the set cannot be written: {error}", hint="Write whole characters, and JSON values") from None
    header = _Header(
        cleaner=version(),
        digest=ruleset.digest,
        rules=len(ruleset.heads),
        sections=tuple((section.name, section.form, len(section.frame)) for section in sections),
    )
    line = header.model_dump_json().encode()
    body = b"".join([_MAGIC, b"%d\n" % FORMAT, line, b"\n", *(section.frame for section in sections)])
    return body + _checksum(body)


def read_compiled(source: str | Path | bytes) -> Ruleset:
    """Read a compiled set from a file or its bytes; each rule is read when it is first asked for.

    Raises `RuleError` for what is damaged, cut short, from another version, or no compiled set at all.
    """
    path = "" if isinstance(source, bytes) else str(source)
    try:
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        _refuse(f"cannot be read: {error.strerror}", path, "Give a file that `cleaner rules compile` wrote")
    body = _intact(content, path)
    line, _, frames = body.partition(b"\n")
    try:
        header = _Header.model_validate_json(line)
        if header.cleaner != version():
            _refuse(f"compiled by version {header.cleaner}; this is {version()}", path)
        ruleset = _ruleset({section.name: section for section in _cut(frames, header.sections)})
        if ruleset.digest != header.digest:
            _refuse(f"its digest is {ruleset.digest}, not {header.digest} as it says", path)
    except _BROKEN as error:
        _refuse(f"does not hold what a compiled set holds: {_brief(error)}", path)
    return ruleset


def _intact(content: bytes, path: str) -> bytes:
    """Return what follows the first line and precedes the checksum, or refuse the file."""
    first = content[:200].partition(b"\n")[0]
    if not first.startswith(_MAGIC):
        _refuse("no compiled set of rules", path)
    found = first[len(_MAGIC) :].decode("ascii", "replace")
    if found != str(FORMAT):
        shown = found if found.isalnum() and len(found) < 9 else "unknown"
        _refuse(f"of format {shown}; this version reads format {FORMAT}", path)
    if len(content) < _CHECKSUM or _checksum(content[:-_CHECKSUM]) != content[-_CHECKSUM:]:
        _refuse(f"damaged or cut short: its checksum is not that of its {len(content)} bytes", path)
    return content[len(first) + 1 : -_CHECKSUM]


def _checksum(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_CHECKSUM).digest()


class _Header(Strict):
    """Say who wrote the file, what set it holds, and where each section ends."""

    cleaner: Annotated[str, Field(pattern=r"^[\w.+!-]{1,60}$")]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
    rules: int
    sections: tuple[tuple[str, _Form, Annotated[int, Field(ge=0)]], ...]


class _Heads(Strict):
    """Hold the heads of rules by columns; `path` is a number in the list of paths, `size` that of the rule in bytes."""

    id: tuple[str, ...]
    status: tuple[str, ...]
    class_: tuple[str, ...]
    kind: tuple[str, ...]
    hosts: tuple[tuple[str, ...], ...]
    surface: tuple[tuple[str, ...], ...]
    apply_to: tuple[tuple[str, ...], ...]
    bounds: tuple[tuple[str, ...], ...]
    path: tuple[int, ...]
    lineno: tuple[int, ...]
    digest: tuple[str, ...]
    size: tuple[Annotated[int, Field(ge=0)], ...]


class _Rest(Strict):
    """Hold what a set has beside rules; a path is that of a shipped file, or as it was given."""

    exceptions: tuple[Exemption, ...]
    terms: dict[str, dict[str, tuple[str, ...]]]
    patterns: dict[str, str]
    opinions: tuple[Opinion, ...]
    weights: dict[str, Weights]
    places: tuple[tuple[tuple[str, ...], int, int], ...]
    vocabulary: str
    paths: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class _Section:
    """Hold one part of the file: its name, what it is, and a frame of Zstandard."""

    name: str
    form: _Form
    frame: bytes

    @classmethod
    def of(cls, name: str, value: Any) -> _Section:
        """Write bytes as they are, a model or a JSON value as JSON."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            return cls(name, "bytes", _squeeze(bytes(value)))
        known = isinstance(value, BaseModel)
        return cls(
            name, "json", _squeeze(value.model_dump_json(exclude_unset=True).encode() if known else orjson.dumps(value))
        )

    def content(self) -> bytes:
        size = zstandard.get_frame_parameters(self.frame).content_size
        if not 0 <= size <= _MOST:
            raise ValueError(f"the section {self.name!r} claims to hold {size} bytes")
        return zstandard.ZstdDecompressor().decompress(self.frame) if size else b""

    def value(self) -> Any:
        return orjson.loads(self.content()) if self.form == "json" else self.content()


def _squeeze(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVEL).compress(content)


def _cut(frames: bytes, listed: Sequence[tuple[str, _Form, int]]) -> Iterator[_Section]:
    """Cut the sections apart."""
    ends = list(accumulate((size for _, _, size in listed), initial=0))
    if ends[-1] != len(frames):
        raise ValueError(f"sections of {ends[-1]} bytes in {len(frames)}")
    for (name, form, _), (start, end) in zip(listed, pairwise(ends), strict=True):
        yield _Section(name, form, frames[start:end])


@dataclass(frozen=True, slots=True, eq=False)
class Index(Mapping[str, Any]):
    """Hold what the engine derived from the rules: JSON values and byte strings, each decoded whenever it is asked for.

    `memo` is for those who keep what they made of it.
    """

    _sections: Mapping[str, _Section]
    memo: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Index:
        """Pack values; an index that was read stays packed."""
        if isinstance(values, Index):
            return values
        return cls({name: _Section.of(_INDEX + name, values[name]) for name in sorted(values)})

    def __getitem__(self, name: str) -> Any:
        return self._sections[name].value()

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)


def _sections(ruleset: Ruleset) -> Iterator[_Section]:
    """Write a set as sections: the heads by columns, the rules one behind the other, and the rest."""
    packed = ruleset.held.packed()
    paths: dict[str, int] = {}
    heads: dict[str, Any] = {name: tuple(map(attrgetter(name), ruleset.heads)) for name in _COLUMNS}
    heads["path"] = tuple(paths.setdefault(head.path, len(paths)) for head in ruleset.heads)
    places = tuple(
        (key, paths.setdefault(path, len(paths)), line) for key, (path, line) in sorted(ruleset.places.items())
    )
    shared = {name: getattr(ruleset, name) for name in ("exceptions", "terms", "patterns", "opinions", "weights")}
    rest = _Rest.model_construct(
        **shared, places=places, vocabulary=ruleset.vocabulary, paths=tuple(map(_portable, paths))
    )
    yield _Section.of("rest", rest)
    yield _Section.of("heads", _Heads.model_construct(**heads, size=tuple(map(len, packed))))
    yield _Section.of("rules", b"".join(packed))


def _ruleset(sections: Mapping[str, _Section]) -> Ruleset:
    """Read a set from its sections."""
    rest = _Rest.model_validate_json(sections["rest"].content())
    heads = _Heads.model_validate_json(sections["heads"].content())
    rules = sections["rules"].content()
    paths = list(map(_local, rest.paths))
    files = [paths[number] for number in heads.path]
    columns = [files if name == "path" else getattr(heads, name) for name in Head.__slots__]
    ends = list(accumulate(heads.size, initial=0))
    if {ends[-1], *map(len, (*columns, heads.size))} != {len(rules), len(set(heads.id))}:
        raise ValueError(f"{len(heads.id)} rules are listed otherwise than they stand there")
    index = {name.removeprefix(_INDEX): part for name, part in sections.items() if name.startswith(_INDEX)}
    return Ruleset(
        Rules(list(map(Head, *columns)), [rules[start:end] for start, end in pairwise(ends)]),
        rest.exceptions,
        rest.terms,
        rest.patterns,
        rest.opinions,
        rest.weights,
        {key: (paths[number], line) for key, number, line in rest.places},
        rest.vocabulary,
        Index(index) if index else None,
    )


def _portable(path: str) -> tuple[bool, str]:
    """Write the path of a shipped file without the folder that this machine has it in."""
    shipped = Path(path).is_relative_to(shipped_rules())
    return shipped, Path(path).relative_to(shipped_rules()).as_posix() if shipped else path


def _local(path: tuple[bool, str]) -> str:
    shipped, name = path
    return str(shipped_rules() / name) if shipped else name


@cache
def version() -> str:
    """Return the version of this package; a source tree that was never installed has none."""
    from importlib.metadata import PackageNotFoundError, version  # loaded late: it takes longer to import than to ask

    for name in DISTRIBUTIONS:
        with suppress(PackageNotFoundError):
            return version(name)
    return "unknown"


def _brief(error: Exception) -> str:
    """Say in one line what is wrong with the content."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"


def _refuse(reason: str, path: str, hint: str = _AGAIN) -> NoReturn:
    raise RuleError(reason, path=path, hint=hint)
