"""Share inputs between ranks, the same way whoever asks, and hold every rank of a run to the same plan."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from cleaner.adapters.order import Order
from cleaner.errors import OptionError, OutputError
from cleaner.io.file import DRAFT
from cleaner.io.folder import Folder
from cleaner.io.inputs import BOOKS, Input
from cleaner.io.remote import create, is_remote

PART = 1 << 24
"""Bytes of an input, decompressed, that stay together where there are fewer inputs than ranks."""


PLAN = f"{BOOKS}/plan.json"
"""What all ranks that write into a folder have to agree on."""


@dataclass(frozen=True, slots=True)
class Share:
    """Hold an input of which a rank takes all, or the parts of `PART` bytes whose numbers leave `turn` when divided by `turns`."""

    source: Input
    turn: int = 0
    turns: int = 1

    def holds(self, offset: int) -> bool:
        """Tell whether the record that begins at this offset, in bytes of the decompressed input, is in it."""
        return offset // PART % self.turns == self.turn


def share(sources: Sequence[Input], rank: int, ranks: int) -> Iterator[Share]:
    """Yield what a rank takes: one input in so many, or parts of each where there are fewer inputs than ranks."""
    if len(sources) >= ranks:
        yield from map(Share, sources[rank::ranks])
    else:
        for number, source in enumerate(sources):
            yield Share(source, (rank - number) % ranks, ranks)


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what all ranks of a run have to agree on: else one would take what another took, or nobody would."""

    ranks: int
    inputs: int
    bytes: int
    files: str
    rules: str
    options: str

    @classmethod
    def of(cls, sources: Sequence[Input], ranks: int, order: Order, shard_size: float | None = None) -> Plan:
        """Write the plan of a run; `shard_size` is in megabytes, where it writes shards."""
        listing = [(source.label, source.kind, source.size, source.identity) for source in sources]
        options = repr((replace(order, digest="", rules=None), shard_size))
        size = sum(source.size for source in sources)
        return cls(ranks, len(sources), size, _digest(repr(listing)), order.digest, _digest(options))

    def hold(self, folder: Folder) -> None:
        """Leave the plan in a folder for ranks to come, or compare it with what the first rank left there.

        Raises `OptionError` where they differ, `OutputError` where it cannot be written.
        """
        if (first := folder.read(PLAN)) is None:
            leave(folder.shown(PLAN), orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))
            first = folder.read(PLAN)
        try:
            found: dict[str, Any] = orjson.loads(first or b"")
        except orjson.JSONDecodeError:
            raise OutputError(f"{folder.shown(PLAN)} is damaged: delete the output and begin again") from None
        changed = [name for name, value in asdict(self).items() if found.get(name) != value]
        if changed:
            raise OptionError(
                f"{folder.path} was begun with {_tell(found)}, and this run has {_tell(asdict(self))} "
                f"(other {', '.join(changed)}): what is done would not fit; choose another output and another "
                "logging_dir, or go on as it was begun"
            )


def leave(path: str, content: bytes) -> None:
    """Write a small file unless one is there, whole or not at all, whoever else does the same at this moment.

    Raises `OutputError` where it cannot be written.
    """
    if is_remote(path):
        create(path, content)
        return
    target = Path(path)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}{DRAFT}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content)
        with suppress(FileExistsError):
            os.link(draft, target)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        with suppress(OSError):
            draft.unlink()


def _tell(plan: dict[str, Any]) -> str:
    return f"{plan.get('inputs')} inputs of {plan.get('bytes')} bytes, {plan.get('ranks')} ranks, rules {plan.get('rules')}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
