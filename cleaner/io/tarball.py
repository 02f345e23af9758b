"""Write the members of a tar archive; nothing in it tells when, where or by whom it was made."""

from __future__ import annotations

import tarfile

_BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * _BLOCK)
"""What an archive ends with."""


def write_member(name: str, content: bytes) -> bytes:
    """Write one file as a member (POSIX pax: names of any length and alphabet)."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    header = member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict")
    return b"".join([header, content, bytes(-len(content) % _BLOCK)])
