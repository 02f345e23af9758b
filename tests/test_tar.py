"""Archives of files: each member is read as the file it is, nothing is written to disk, and damage is said."""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cleaner.errors import InputError
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.io.record import Entry
from cleaner.model import Document, Page, Rejected

ROWS = b'{"id":"a","text":"One."}\n{"text":"Two."}\nnope\n'
PRESSES: dict[str, Callable[[bytes], bytes]] = {
    ".tar": bytes,
    ".tar.gz": gzip.compress,
    ".tgz": gzip.compress,
    ".tar.zst": lambda raw: zstandard.ZstdCompressor().compress(raw),
    ".tar.bz2": bz2.compress,
}


def pack(*members: tuple[str, bytes] | tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Write an archive of files and of headers alone."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
            else:
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                archive.addfile(info, io.BytesIO(member[1]))
    return file.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def read(path: Path, raw: bytes, passed: Counter[str] | None = None) -> list[Entry]:
    path.write_bytes(raw)
    return list(read_entries(find_inputs([str(path)]), passed=passed))


def rejected(entry: Entry) -> Rejected:
    assert isinstance(entry.value, Rejected)
    return entry.value


@pytest.mark.parametrize("ending", PRESSES)
def test_members_are_read_as_the_files_they_are(tmp_path: Path, ending: str) -> None:
    """Texts, pages, records and tables in an archive become documents whose ids are their paths in it."""
    raw = pack(
        special("news", tarfile.DIRTYPE), ("./news/a.txt", b"Text."), ("news/b.html", b"<p>Page"), ("c.jsonl", ROWS),
        ("d.tsv", b"text\tid\nCell.\t7\n"), ("e.pdf", b"%PDF"), ("old.jsonl.rejects.jsonl", b"{}"),
    )  # fmt: skip
    passed: Counter[str] = Counter()
    path = tmp_path / f"x{ending}"
    entries = read(path, PRESSES[ending](raw), passed)
    assert [entry.value for entry in entries[:4]] == [
        Document(f"x{ending}/news/a", "Text."),
        Page(f"x{ending}/news/b", b"<p>Page"),
        Document("a", "One."),
        Document(f"x{ending}/c.jsonl#2", "Two."),
    ]
    assert rejected(entries[4]).id == f"x{ending}/c.jsonl#3"
    assert entries[5].value == Document("7", "Cell.")
    assert passed == {".pdf": 1, "rejects": 1}
    offsets = [entry.place.offset for entry in entries]
    assert [raw[at : at + 5] for at in offsets] == [b"Text.", b"<p>Pa", b'{"id"', b'{"tex', b"nope\n", b"Cell."]
    assert rejected(entries[4]).offset == offsets[4]


def test_members_may_be_compressed(tmp_path: Path) -> None:
    """A compressed member is read; its records have the place of the member, and one that breaks off is rejected."""
    packed = gzip.compress(ROWS)
    raw = pack(
        ("a.jsonl.gz", packed), ("b.html.bz2", bz2.compress(b"<p>B")), ("c.jsonl.gz", packed[:-9]), ("d.txt", b"D")
    )
    entries = read(tmp_path / "x.tar", raw)
    assert [type(entry.value).__name__ for entry in entries[:4]] == ["Document", "Document", "Rejected", "Page"]
    assert {raw.index(packed)} == {entry.place.offset for entry in entries[:3]}
    assert rejected(entries[2]).offset == raw.index(packed)
    torn = rejected(entries[-2])
    assert (torn.id, torn.reason) == ("x.tar/c.jsonl.gz", "the gzip stream is truncated: it ends inside a frame")
    assert entries[-1].value == Document("x.tar/d", "D")


def test_a_member_that_is_no_table_of_texts_is_rejected(tmp_path: Path) -> None:
    """What would be an error of a file costs an archive that member, with the reason."""
    bad, fine = read(tmp_path / "x.tar", pack(("a.csv", b"body\nx\n"), ("c.txt", b"C")))
    assert rejected(bad).id == "x.tar/a.csv"
    assert "no column is named text" in rejected(bad).reason
    assert fine.value == Document("x.tar/c", "C")


def test_what_is_no_file_is_never_followed(tmp_path: Path) -> None:
    """Links, devices and pipes are passed over and counted, whatever they are called; hostile names are only names."""
    raw = pack(
        ("../../evil.txt", b"Up."), ("/root/abs.txt", b"Root."), special("l.txt", tarfile.SYMTYPE, "/etc/passwd"),
        special("h.txt", tarfile.LNKTYPE, "../../evil.txt"), special("d.txt", tarfile.CHRTYPE),
        special("p.txt", tarfile.FIFOTYPE),
    )  # fmt: skip
    passed: Counter[str] = Counter()
    before = sorted(tmp_path.parent.iterdir())
    entries = read(tmp_path / "x.tar", raw, passed)
    assert [entry.value.id for entry in entries] == ["x.tar/../../evil", "x.tar//root/abs"]
    assert passed == {"link": 2, "device": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["x.tar"]
    assert sorted(tmp_path.parent.iterdir()) == before


def test_an_overlong_member_is_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member longer than memory should hold is rejected with its beginning, and the next one is read."""
    monkeypatch.setattr("cleaner.io.read.LONGEST", 1_000_000)
    long, fine = read(tmp_path / "x.tgz", gzip.compress(pack(("a.txt", b"word " * 400_000), ("b.txt", b"B"))))
    assert rejected(long).reason == "the file is too long to hold in memory (its beginning is kept)"
    assert len(rejected(long).raw) == 1 << 16
    assert fine.value == Document("x.tgz/b", "B")


def test_archives_in_a_row_are_all_read(tmp_path: Path) -> None:
    """What follows the zeros at an archive's end is read as the next one."""
    raw = pack(("a.txt", b"A")) + pack(("b.txt", b"B"))
    assert [entry.value.id for entry in read(tmp_path / "x.tar", raw)] == ["x.tar/a", "x.tar/b"]
    assert read(tmp_path / "x.tar", pack()) == []


def test_standard_input_may_be_an_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive is known by its first header."""
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(gzip.compress(pack(("a.txt", b"A"))))))
    [entry] = read_entries(find_inputs(["-"]))
    assert entry.value == Document("stdin/a", "A")


def long_archive() -> bytes:
    return pack(*((f"{'long' * 40}{n}.txt", b"Text %d. " % n * 200) for n in range(9)), ("z.jsonl", ROWS * 100))


@given(st.integers(0, 50_000), st.sampled_from([".tar", ".tar.gz"]))
def test_a_truncated_archive_is_an_error_that_counts_records(
    tmp_path_factory: pytest.TempPathFactory, cut: int, ending: str
) -> None:
    """Wherever an archive is cut, it is an error that says how many records were read, never a short archive."""
    whole = PRESSES[ending](long_archive().rstrip(b"\0") + bytes(512))
    path = tmp_path_factory.mktemp("cut") / f"x{ending}"
    path.write_bytes(whole[: cut % len(whole)])
    entries: list[Entry] = []
    with pytest.raises(InputError) as caught:
        entries.extend(read_entries(find_inputs([str(path)])))
    offsets = [entry.place.offset for entry in entries]
    assert offsets == sorted(offsets)
    plural = "" if len(entries) == 1 else "s"
    assert "truncated" in str(caught.value)
    assert str(caught.value).endswith(f", after {len(entries)} record{plural}")


def test_damage_is_an_error_with_its_place(tmp_path: Path) -> None:
    """A broken header in the middle ends the reading with an error, after what came before."""
    raw = bytearray(pack(("a.txt", b"A"), ("b.txt", b"B")))
    raw[1024 + 10] ^= 1
    with pytest.raises(InputError, match=r"the tar archive is broken \(at byte 1024: bad checksum\), after 1 record$"):
        read(tmp_path / "x.tar", bytes(raw))
    with pytest.raises(InputError, match="no tar archive"):
        read(tmp_path / "x.tar", b"%PDF-1.4" + b"x" * 2_000)


def test_a_header_that_claims_too_much_is_an_error(tmp_path: Path) -> None:
    """A header for a long name that claims gigabytes fills no memory, and a size below zero hangs nothing."""
    for size, kind in [(1 << 33, tarfile.GNUTYPE_LONGNAME), (1 << 33, tarfile.XHDTYPE), (-512, tarfile.REGTYPE)]:
        info = special("a.txt", kind)
        info.size = size
        raw = info.tobuf(tarfile.GNU_FORMAT)
        with pytest.raises(InputError, match=rf"broken \(a header of {size} bytes\)"):
            read(tmp_path / "x.tar", raw + bytes(4096))


@given(st.data())
def test_no_damage_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever bytes are changed, the archive is read or an error is raised."""
    form = data.draw(st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT]))
    raw = bytearray(pack(("a.txt", b"A" * 600), ("b" * 120 + "/c.txt", b"B"), form=form))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        read(tmp_path_factory.mktemp("damage") / "x.tar", bytes(raw))
