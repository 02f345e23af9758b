"""Say on what terms records are cleaned: all that decides what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import orjson

from cleaner.bulk.batch import Job
from cleaner.io.inputs import Input
from cleaner.rules.compiled import version


@dataclass(frozen=True, slots=True)
class Terms:
    """Hold what decides what records become: the digest of the rules, and the settings by name."""

    rules: str
    settings: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        job: Job,
        shard_size: float,
        fast: bool,
        limit: int | None = None,
        sample: int | None = None,
        sources: Sequence[Input] = (),
    ) -> Self:
        """Return the terms on which a job works, into shards of so many megabytes.

        The `sources` count where only some of their records are taken, which depend on all of them.
        """
        shape, digest = job.shape, hashlib.blake2b(digest_size=10)
        for source in sources:
            digest.update(f"{source.label}\0{source.identity}\0".encode("utf-8", "surrogateescape"))
        return cls(
            job.cleaner.ruleset.digest,
            {
                "version": version(),
                "format": shape.ending,
                **{f"{name}_field": value for name, value in asdict(shape.fields).items()},
                **asdict(shape.style),
                "related": job.related,
                "recleaning": job.recleaning,
                "articles_only": job.articles_only,
                "deadline": job.seconds or 0.0,
                "fast": fast,
                "limit": limit,
                "sample": sample,
                "selected_from": digest.hexdigest() if limit or sample else None,
                "shard_size": shard_size,
            },
        )

    @property
    def digest(self) -> str:
        """Return a digest of all of it."""
        return hashlib.blake2b(self.write(), digest_size=10).hexdigest()

    def write(self) -> bytes:
        """Write the terms as JSON."""
        row = {"rules": self.rules, "settings": dict(self.settings)}
        return orjson.dumps(row, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"

    def differ(self, raw: bytes | None) -> str:
        """Say how terms that were written differ from these."""
        try:
            found = orjson.loads(raw or b"{}")
            rules, settings = found.get("rules"), dict(found.get("settings", {}))
        except (orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            rules, settings = None, {}
        pairs = [("rules", _short(rules), _short(self.rules))]
        names = sorted({*settings, *self.settings})
        pairs += [(name, _shown(settings.get(name)), _shown(self.settings.get(name))) for name in names]
        return "; ".join(f"{name} {before}, now {now}" for name, before, now in pairs if before != now)


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "unknown"


def _shown(value: Any) -> str:
    return "not set" if value is None else orjson.dumps(value).decode()
