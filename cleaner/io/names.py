"""Turn ids into file names: inside their folder, valid on every system, no two alike."""

from __future__ import annotations

import hashlib
import re

_ODD = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\\ud800-\udfff]')
_LONGEST = 150  # bytes; file systems allow 255


class Names:
    """Choose a name for each id, and remember which are taken."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, ending: str) -> None:
        """Remember that a name with this ending was chosen before."""
        self._taken.add(name.removesuffix(ending).lower())

    def choose(self, id_: str, ending: str) -> str:
        """Return a relative path for an id; a slash in the id makes folders.

        >>> names = Names()
        >>> names.choose("a/b", ".txt"), names.choose("A/b", ".txt"), names.choose("../../etc/x?", ".txt")
        ('a/b.txt', 'A/b~2.txt', '_/_/etc/x_.txt')
        >>> names.choose("x", ".txt"), names.choose("x.txt/y", ".txt")
        ('x.txt', 'x.txt_/y.txt')
        """
        *folders, last = map(_safe, id_.strip("/").split("/"))
        folders = [f"{folder}_" if ending and folder.lower().endswith(ending) else folder for folder in folders]
        stem = "/".join([*folders, last])  # a folder never takes the name of a file
        name, number = stem, 1
        while name.lower() in self._taken:
            number += 1
            name = f"{stem}~{number}"
        self._taken.add(name.lower())
        return name + ending


def _safe(part: str) -> str:
    plain = _ODD.sub("_", part).rstrip(". ")
    if not plain or not part.strip("."):
        return "_"
    raw = plain.encode()
    if len(raw) <= _LONGEST:
        return plain
    return raw[:_LONGEST].decode("utf-8", "ignore") + "~" + hashlib.blake2b(raw, digest_size=6).hexdigest()
