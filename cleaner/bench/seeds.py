"""Read seeds, dumps of aggregators with their exact outcome, and judge cleaned ones: bodies, titles, what was recovered.

A seed is `<name>.txt`, its outcome `<name>.gold.json` with `title`, `body`, `metadata`, `headlines` and `related`, the
articles that the aggregator appended, each with `title`, `source`, `age`, `text`, `body` and the `spans` of its text.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from cleaner.bench.case import Body, Case
from cleaner.bench.languages import language_of_prose
from cleaner.clean import Cleaner
from cleaner.errors import InputError
from cleaner.model import Cleaned, Document, Related, replay
from cleaner.text.tokens import tokenize

GOLD = ".gold.json"
_NAMED = 9  # code points up to which a stretch of noise is too short to be looked for
_TELLING = 3  # code points up to which a part of a field says nothing
_FIELDS: Mapping[str, type] = {"id": str, "body": str, "metadata": dict, "headlines": list, "related": list}
_OF_RELATED: Mapping[str, type] = {"body": str, "text": str, "spans": list}


@dataclass(frozen=True, slots=True)
class Seed:
    """Hold a document and its gold, as the file has it."""

    document: Document
    gold: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeedScores:
    """Count what of some seeds came out as their gold has it: `headlines` and `metadata` of `asked`, the others of `seeds`."""

    seeds: int = 0
    bodies: int = 0
    titles: int = 0
    related: int = 0
    headlines: int = 0
    headlines_asked: int = 0
    metadata: int = 0
    metadata_asked: int = 0
    replayed: int = 0
    false_headlines: int = 0

    def __str__(self) -> str:
        return (
            f"exact bodies={self.bodies}/{self.seeds} titles={self.titles}/{self.seeds} "
            f"related={self.related}/{self.seeds} headlines={self.headlines}/{self.headlines_asked} "
            f"metadata={self.metadata}/{self.metadata_asked} replayed={self.replayed}/{self.seeds} "
            f"false headlines={self.false_headlines}"
        )


def load_seeds(folder: str | Path) -> tuple[Seed, ...]:
    """Read all seeds of a folder, sorted by name.

    Raises `InputError` where there is none, where a text is missing, or where a gold file is wrong.
    """
    paths = sorted(Path(folder).glob(f"*{GOLD}"))
    if not paths:
        raise InputError(f"{folder}: no seeds: write <name>.txt and <name>{GOLD} for each")
    return tuple(map(_seed, paths))


def read_seeds(folder: str | Path, name: str = "seeds") -> Iterator[Case]:
    """Yield the seeds of a folder as cases: a text, and the body that should come of it."""
    for seed in load_seeds(folder):
        body = seed.gold["body"]
        language = language_of_prose(body)
        yield Case(seed.document.id, name, seed.document, Body(body), site=seed.document.id, language=language)


def judge_seeds(folder: str | Path, cleaner: Cleaner) -> SeedScores:
    """Clean the seeds of a folder and compare whole results."""
    seeds = load_seeds(folder)
    return score_seeds((seed, cleaner.clean_document(seed.document)) for seed in seeds)


def score_seeds(pairs: Iterable[tuple[Seed, Cleaned]]) -> SeedScores:
    """Compare cleaned seeds with their gold.

    A body counts when it is exact line by line, white space aside; a title when it is equal; the appended articles when
    all are there, with nothing of their bodies lost and no noise kept; a field when it is as found, or a telling part of it.
    """
    rows = [_score(seed, got) for seed, got in pairs]
    return SeedScores(*(sum(row[at] for row in rows) for at in range(len(SeedScores.__slots__))))


def is_exact(gold: str, text: str) -> bool:
    """Tell whether a text is a body line by line, white space aside.

    >>> is_exact("The bridge reopened.\\nIt is blue.", " The  bridge reopened. \\n\\nIt is blue.")
    True
    """
    return _lines(gold) == _lines(text)


def _score(seed: Seed, got: Cleaned) -> tuple[int, ...]:
    gold = seed.gold
    asked, found = Counter(map(_squash, gold["headlines"])), Counter(map(_squash, got.headlines))
    fields = [_has_field(got, name, value) for name, value in gold["metadata"].items()]
    scores = SeedScores(
        seeds=1,
        bodies=is_exact(gold["body"], got.text),
        titles=_squash(got.title) == _squash(gold.get("title")),
        related=_related_agree(gold["related"], got.related),
        headlines=(asked & found).total(),
        headlines_asked=asked.total(),
        metadata=sum(fields),
        metadata_asked=len(fields),
        replayed=got.source == seed.document.text and replay(got.source, got.cuts) == got.text,
        false_headlines=(found - asked).total(),
    )
    return tuple(int(getattr(scores, name)) for name in SeedScores.__slots__)


def _has_field(got: Cleaned, name: str, value: str) -> bool:
    found = _squash(str(got.metadata.get(name) or ""))
    return found == _squash(value) or (len(found) > _TELLING and found in _squash(value))


def _related_agree(gold: Sequence[Mapping[str, Any]], got: Sequence[Related]) -> bool:
    heads = [tuple(map(_squash, (one.get("title"), one.get("source"), one.get("age")))) for one in gold]
    found = [tuple(map(_squash, (one.title, one.source, one.age))) for one in got]
    return heads == found and all(_is_whole(asked, had.text) for asked, had in zip(gold, got, strict=True))


def _is_whole(gold: Mapping[str, Any], text: str) -> bool:
    """Tell whether an appended article has its body, no noise, and beside them only what is optional."""
    flat, optional = _squash(text), Counter[str]()
    for span in gold["spans"]:
        part = gold["text"][span["start"] : span["end"]]
        if span["label"] == "noise" and len(part) > _NAMED and _squash(part) in flat:
            return False
        if span["label"] == "optional":
            optional.update(tokenize(part))
    asked, found = Counter(tokenize(gold["body"])), Counter(tokenize(flat))
    return not asked - found and not found - asked - optional


def _seed(path: Path) -> Seed:
    text = path.with_name(path.name.removesuffix(GOLD) + ".txt")
    try:
        gold = orjson.loads(path.read_bytes())
        source = text.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{error.filename}: the seed cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{path}: the seed cannot be read: {error}") from None
    _check(path, gold, _FIELDS, "the gold")
    for number, related in enumerate(gold["related"], 1):
        _check(path, related, _OF_RELATED, f"related article {number}")
    return Seed(Document(id=gold["id"], text=source), gold)


def _check(path: Path, found: Any, fields: Mapping[str, type], what: str) -> None:
    if not isinstance(found, dict):
        raise InputError(f"{path}: {what} is no JSON object")
    for name, type_ in fields.items():
        if not isinstance(found.get(name), type_):
            raise InputError(f"{path}: `{name}` of {what} is missing, or is no {type_.__name__}")


def _squash(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _lines(text: str) -> list[str]:
    return [line for line in map(_squash, text.split("\n")) if line]
