"""Turn the bytes of a page into text: what the bytes prove comes before what the page declares about itself.

Order of evidence: byte order mark; UTF-16 without one; valid UTF-8; the HTTP header's charset; the page's own
declaration; the content. A declaration counts only where the bytes decode plausibly under it. Labels mean what browsers
take them for (https://encoding.spec.whatwg.org/#names-and-labels): iso-8859-1 is windows-1252, gb2312 is gb18030.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

MAX_UNPACKED = 64_000_000
"""Bytes to which compressed pages are unpacked at most."""

SAMPLE = 30_000
"""Code points from the middle of a page, and a third of that from its beginning, by which it is judged whether its bytes were misread."""

ODD = 100
"""Signs of misreading below which nothing is judged."""

_WESTERN = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]{2,}"
)
_OTHER = re.compile("[\u0400-\u052f\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ACCENTED_WORD = re.compile("[A-Za-z]{2}[\u00c0-\u00ff](?:[a-z]|\\b)")

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_MAGIC = (
    (b"%PDF-", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"PK\x03\x04", "zip"),
    (b"RIFF", "riff"), (b"\xd0\xcf\x11\xe0", "ole"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"), (b"\x7fELF", "elf"),
    (b"\x00asm", "wasm"), (b"wOFF", "font"), (b"wOF2", "font"), (b"ID3", "mp3"), (b"OggS", "ogg"), (b"BM", "bmp"),
    (b"{\\rtf", "rtf"), (b"%!PS", "postscript"), (b"\x1aE\xdf\xa3", "matroska"), (b"MZ", "executable"),
)  # fmt: skip
_TEXTUAL = {"pdf", "gif", "riff", "rtf", "postscript"}  # magic long enough, or never the beginning of a page
_WIDER = {
    "gbk": "gb18030", "gb2312": "gb18030", "hz": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "uhc": "cp949",
    "big5": "cp950", "ascii": "cp1252", "latin_1": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254",
    "iso8859-11": "cp874", "tis-620": "cp874", "utf-16": "utf-16-le",
}  # fmt: skip
_CHARSETS = ("cp", "mac-", "iso", "koi8", "big5", "euc", "shift", "johab", "utf-32")  # not base64, rot13, idna
_NARROWER = {"big5hkscs": "cp950"}
_META = re.compile(
    rb"""<meta\s[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w:.-]{2,40})|<\?xml\s[^>]{0,200}?\bencoding\s*=\s*["']([\w:.-]{2,40})""",
    re.IGNORECASE,
)
_LATIN = {"cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-10",
          "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16", "mac-roman"}  # fmt: skip
_CYRILLIC = {"cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic"}
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH = bytes(range(0x80, 0x100))
_CONTROL = bytes([*range(9), *range(14, 27), *range(28, 32)])
_MARKUP = re.compile(
    rb"<(?:script|style)\b.{0,200000}?</(?:script|style)>|<!--.{0,200000}?-->|<[^>]{0,5000}>", re.S | re.I
)
_STRETCH = re.compile(rb"[^\n<>\x80-\xff]{0,40}[\x80-\xff][^\n<>]{0,200}")
_UPSIDE_DOWN = re.compile("[а-яё][А-ЯЁ]")
_UPRIGHT = re.compile("[А-ЯЁа-яё][а-яё]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Hold a page's text, the Python name of the encoding it was read as, and what a reader should know."""

    text: str
    encoding: str
    flags: tuple[str, ...] = ()


def decode(raw: bytes, charset: str | None = None) -> Decoded:
    """Decode a page; `charset` is what the HTTP header said. Never raises.

    Bytes that are no text at all give an empty text and the flag `html:not-html WHAT`.
    """
    raw, flags = _unpack(raw)
    strange = _name_binary(raw)
    if strange:
        return Decoded("", "binary", (*flags, f"html:not-html {strange}"))
    declared = list(_declared(raw, charset))
    encoding, skip = _prove(raw) or (_choose(raw, [name for _, name in declared if name]), 0)
    text = raw[skip:].decode(encoding, "replace")
    if encoding == "cp950" and (wider := raw.decode("big5hkscs", "replace")).count("\ufffd") < text.count("\ufffd"):
        text, encoding = wider, "big5hkscs"
    return Decoded(text, encoding, (*flags, *_note(raw, text, encoding, declared)))


def reread(text: str) -> Decoded:
    """Read a page again that came as text, if somebody read its bytes as Western European and they are not.

    Text of such a page is made of accented letters and signs alone; it is read again only where that gives Han, kana,
    Hangul or Cyrillic letters, and next to nothing is lost.
    """
    middle = len(text) // 2
    sample = text[: SAMPLE // 3] + text[middle : middle + SAMPLE]
    odd = sum(map(len, _WESTERN.findall(sample)))
    if odd < ODD or odd < 10 * len(_OTHER.findall(sample)) or odd < 3 * len(_ACCENTED_WORD.findall(sample)):
        return Decoded(text, "str")
    try:
        raw = b"".join(_to_byte(sign) for sign in text)
    except (UnicodeEncodeError, ValueError):
        return Decoded(text, "str")
    found = decode(raw)
    foreign, lost = len(_OTHER.findall(found.text)), found.text.count("\ufffd")
    if found.encoding == "cp1252" or foreign < ODD / 2 or lost > foreign / 50:
        return Decoded(text, "str")
    return Decoded(found.text, found.encoding, (f"html:encoding read as cp1252, is {found.encoding}",))


def _to_byte(sign: str) -> bytes:
    """Return the byte that was read as this sign."""
    if sign < "\x80":
        return sign.encode("ascii")
    try:
        return sign.encode("cp1252")
    except UnicodeEncodeError:
        return sign.encode("latin-1")


def name_encoding(label: str) -> str | None:
    """Find the Python codec for a label as browsers read it; None where there is none.

    >>> name_encoding("ISO-8859-1"), name_encoding("GB2312"), name_encoding("klingon")
    ('cp1252', 'gb18030', None)
    """
    from resiliparse.parse.encoding import map_encoding_to_html5

    try:
        mapped = map_encoding_to_html5(label.strip().strip("\"'").lower(), fallback_utf8=False)
        name = codecs.lookup(mapped or label.strip()).name
    except (LookupError, ValueError, UnicodeError, TypeError):
        return None
    if mapped is None and not name.startswith(_CHARSETS):
        return None
    return _WIDER.get(mapped or "", _WIDER.get(name, name))


def _unpack(raw: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Undo compression that a crawler left in place, twice at most."""
    flags: list[str] = []
    for _ in range(2):
        kind = _name_compression(raw)
        if kind is None:
            break
        try:
            raw, whole = _inflate(raw, kind)
        except Exception:  # each library has its own error
            break
        flags.append(f"html:compressed {kind}" if whole else f"html:compressed {kind}, cut short")
    return raw, tuple(flags)


def _name_compression(raw: bytes) -> str | None:
    if raw[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if raw[:4] == b"\x28\xb5\x2f\xfd":
        return "zstd"
    if raw[:1] == b"\x78" and len(raw) > 6 and int.from_bytes(raw[:2]) % 31 == 0 and raw[1:2] in b"\x01\x5e\x9c\xda":
        return "zlib"
    return None


def _inflate(raw: bytes, kind: str) -> tuple[bytes, bool]:
    """Unpack up to the limit; tell whether the stream was whole."""
    if kind == "zstd":
        import zstandard

        with zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream:
            found = stream.read(MAX_UNPACKED)
            return found, not stream.read(1)
    out = bytearray()
    while raw and len(out) < MAX_UNPACKED:
        one = zlib.decompressobj(zlib.MAX_WBITS | (16 if kind == "gzip" else 0))
        try:
            out += one.decompress(raw, MAX_UNPACKED - len(out))
        except zlib.error:
            if not out:
                raise
            return bytes(out), False
        if not one.eof:
            return bytes(out), False
        raw = one.unused_data.lstrip(b"\0") if kind == "gzip" else b""
        if raw[:2] != b"\x1f\x8b":
            break
    return bytes(out), not raw


def _name_binary(raw: bytes) -> str | None:
    """Name what the bytes are if they are no text."""
    start = raw[:1024]
    damaged = len(start) - len(start.translate(None, _CONTROL))
    for magic, name in _MAGIC:
        if start.startswith(magic) and (name in _TEXTUAL or damaged):
            return name
    if start[4:8] == b"ftyp":
        return "mp4"
    if damaged * 10 > len(start) > 0 and not _guess_wide(raw) and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None if re.search(rb"<(?:html|head|body|p|div|!doctype)\b", raw[:50_000], re.I) else "binary"
    return None


def _prove(raw: bytes) -> tuple[str, int] | None:
    """Find the encoding that the bytes prove, and the length of the mark to skip."""
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return name, len(mark)
    wide = _guess_wide(raw)
    if wide:
        return wide, 0
    if raw.isascii():
        return ("iso2022_jp" if re.search(rb"\x1b\$[@B]", raw) else "ascii"), 0
    return ("utf-8", 0) if _is_utf8(raw) else None


def _guess_wide(raw: bytes) -> str | None:
    """Find UTF-16 without a mark: in markup every other byte is zero."""
    start = raw[:2000]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(start) < 8 or max(even, odd) * 2.5 < len(start) / 2 or min(even, odd) * 8 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(raw: bytes) -> bool:
    """Tell whether the bytes are UTF-8, or were before a few got damaged."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        foreign = len(text) - len(text.encode("ascii", "ignore")) - wrong
        return wrong * 20 <= foreign
    return True


def _declared(raw: bytes, charset: str | None) -> Iterator[tuple[str, str | None]]:
    """Yield what header and page declare, as label and codec."""
    if charset and charset.strip():
        yield charset.strip(), name_encoding(charset)
    found = _META.search(raw[:8192].replace(b"\0", b""))
    if found:
        label = (found[1] or found[2]).decode("ascii", "replace")
        name = name_encoding(label)
        yield label, "utf-8" if name and name.startswith("utf-16") else name


def _choose(raw: bytes, declared: list[str]) -> str:
    """Take the first declared encoding that fits, else the one that the content looks like."""
    for name in declared:
        if _fits(raw, name):
            return name
    return _detect(raw)


def _fits(raw: bytes, name: str) -> bool:
    """Tell whether bytes that are no UTF-8 decode plausibly."""
    if name.startswith("utf"):
        return False
    text = raw.decode(name, "replace")
    high = len(raw) - len(raw.translate(None, _HIGH))
    if (
        text.count("\ufffd") + sum(text.count(chr(code)) for code in range(0x80, 0xA0) if code != 0x85)
    ) * 50 > high + 50:
        return False
    if name in _LATIN:
        return high < 40 or sum(map(len, _RUN.findall(raw))) * 5 < high * 2
    if name in _CYRILLIC:
        return len(_UPSIDE_DOWN.findall(text)) * 2 <= len(_UPRIGHT.findall(text))
    return True


def _detect(raw: bytes) -> str:
    """Guess from the content: all of it, and where that looks Western the stretches of text that are not ASCII."""
    whole, stretches = _guess(raw), b""
    if whole in _LATIN or whole is None:
        stretches = b"\n".join(_STRETCH.findall(_MARKUP.sub(b"\n", raw[:400_000])))
    for name in (_guess(stretches) if stretches else None, whole):
        if name and _fits(raw, name):
            return name
    return whole or next((name for name in _COMMON if _fits(raw, name)), "cp1252")


_COMMON = ("cp932", "cp949", "gb18030", "cp1252")


def _guess(raw: bytes) -> str | None:
    from resiliparse.parse.encoding import detect_encoding

    found: str | None = detect_encoding(raw, 131_072, html5_compatible=False)
    name = name_encoding(found) if found else None
    return None if name in (None, "utf-8", "ascii") else name


def _note(raw: bytes, text: str, encoding: str, declared: list[tuple[str, str | None]]) -> Iterator[str]:
    """Yield flags for a declaration that is wrong and for bytes that were replaced."""
    if declared and encoding != "ascii" and declared[0][1] not in (encoding, _NARROWER.get(encoding)):
        yield f"html:encoding declared {declared[0][0][:40]}, read as {encoding}"
    if "\ufffd" in text:
        meant = raw.count(b"\xef\xbf\xbd") if encoding == "utf-8" else 0
        if text.count("\ufffd") > meant:
            yield f"html:encoding replaced {text.count(chr(0xFFFD)) - meant}"
