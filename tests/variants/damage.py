"""What scraping and storing do to characters: each function damages a text, `repair` undoes it for the tests."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress

FRENCH_SPACE = re.compile(r" (?=[:;!?»])|(?<=«) ")


def crlf(text: str) -> str:
    """Write Windows line ends."""
    return text.replace("\n", "\r\n")


def nbsp(text: str) -> str:
    """Make every third space a no-break space, and those inside French punctuation narrow ones."""
    parts = FRENCH_SPACE.sub("\u202f", text).split(" ")
    seams = ("\u00a0" if n % 3 == 2 else " " for n in range(len(parts) - 1))
    return "".join(a + b for a, b in zip(parts, (*seams, ""), strict=True))


def nfd(text: str) -> str:
    """Decompose accented letters."""
    return unicodedata.normalize("NFD", text)


def mojibake(text: str) -> str:
    """Read UTF-8 bytes as Windows-1252; bytes without a character there become C1 controls, as browsers do it."""
    return "".join(_windows(byte) for byte in text.encode())


def mojibake_latin(text: str) -> str:
    """Read UTF-8 bytes as ISO-8859-1."""
    return text.encode().decode("latin-1")


def crlf_nbsp(text: str) -> str:
    """Write Windows line ends and no-break spaces."""
    return crlf(nbsp(text))


def crlf_mojibake(text: str) -> str:
    """Write Windows line ends into a text with broken letters."""
    return crlf(mojibake(text))


DAMAGES: dict[str, Callable[[str], str]] = {
    "crlf": crlf,
    "nbsp": nbsp,
    "nfd": nfd,
    "mojibake": mojibake,
    "mojibake-latin": mojibake_latin,
    "crlf-nbsp": crlf_nbsp,
    "crlf-mojibake": crlf_mojibake,
}


def repair(text: str) -> str:
    """Undo any of these, up to white space."""
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = b"".join(_byte(character) for character in text).decode()
    return unicodedata.normalize("NFC", text)


def _windows(byte: int) -> str:
    """Return the character of a byte in Windows-1252, or the C1 control of the same number."""
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def _byte(character: str) -> bytes:
    """Return the byte that either misreading shows as this character."""
    return bytes([ord(character)]) if ord(character) < 256 else character.encode("cp1252")
