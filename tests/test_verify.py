"""Closing the books: what a run writes verifies, and whatever is done to it afterwards is found."""

from __future__ import annotations

import base64
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.audit.replay import restore
from cleaner.audit.shards import read_setting, verify_folder
from cleaner.audit.sides import resolve
from cleaner.audit.verify import Auditor, Books, verify_file
from cleaner.bulk.batch import try_clean
from cleaner.bulk.tally import Tally
from cleaner.cli.main import main
from cleaner.io.file import NewFile
from cleaner.io.folder import open_folder
from cleaner.io.guise import SNIFFED, name_guise
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries, read_items, reject_item, split_item
from cleaner.io.record import USUAL, WHOLE, Fields, Style, bare_account, describe_rejected
from cleaner.io.splice import dump
from cleaner.io.write import Shape, Sink
from cleaner.model import Rejected
from cleaner.testing import pages, texts
from tests.making import LAST, MORE, PROSE, load, rule, shipped
from tests.test_bulk import inputs  # noqa: F401
from tests.test_io import loose_records

SEED = Path(__file__).parent.parent / "seeds/000_7e69e671192dd10d.txt"
PAGE = f"<html><body><article><h1>A bridge</h1><p>{PROSE}</p><p>{MORE}</p><p>{LAST}</p></article></body></html>"
ROWS: list[dict[str, Any]] = [
    {"id": "a", "desk": "local", "text": f"{PROSE}\n{MORE}", "n": 1.5},
    {"id": "b", "desk": "world", "text": f"{PROSE}\nAdvertisement\n{MORE}"},
    {"id": "c", "text": f"The bridge reopens after two years of work\n{PROSE}\n{LAST}"},
    {"id": "d", "text": f"{PROSE}\r\nLe cafÃ© est ouvert.\r\nAdvertisement\r\n{MORE}"},
    {"id": "e", "text": SEED.read_text()},
    {"id": "f", "html": PAGE},
    {"text": f"{MORE}\n{LAST}"},
    {"id": "h", "text": f"{LAST}\nAdvertisement\n{PROSE}"},
]  # fmt: skip
LINES = [*map(dump, ROWS[:3]), b'{"id":"broken"', *map(dump, ROWS[3:6]), b'{"id":"x","text":[]}', *map(dump, ROWS[6:])]


def write(
    cleaner: Cleaner,
    folder: Path,
    fields: Fields = USUAL,
    style: Style = WHOLE,
    recleaning: bool = False,
    kind: str = "jsonl",
) -> list[Path]:
    """Clean `in.*` into `out.KIND`, as plainly as can be; return the inputs."""
    paths = sorted(folder.glob("in*"))
    lines, rejects = [], []
    for entry in read_entries(find_inputs(list(map(str, paths))), fields, recleaning):
        result = entry.value if isinstance(entry.value, Rejected) else try_clean(cleaner, entry)
        if isinstance(result, Rejected):
            rejects.append(describe_rejected(result) + b"\n")
        else:
            lines.append((entry, result))
    shape = Shape.of(kind, fields, style)
    sink = Sink(NewFile(folder / f"out.{kind}"), shape)
    sink.put(shape.render(*line) for line in lines)
    sink.commit()
    if rejects:
        (folder / f"out.{kind}.rejects.jsonl").write_bytes(b"".join(rejects))
    return paths


def verified(
    cleaner: Cleaner, folder: Path, fields: Fields = USUAL, recleaning: bool = False, output: str = "out.jsonl"
) -> Books:
    sources = find_inputs([str(path) for path in sorted(folder.glob("in*"))])
    return verify_file(Auditor(sources, fields, lambda: cleaner, recleaning), str(folder / output))


def told(books: Books) -> list[str]:
    return [f"{one.kind}: {one.came} -> {one.written}: {one.about}" for one in books.findings]


# --- what a run writes


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean ten records with the shipped rules."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "in.jsonl").write_bytes(b"\n".join(LINES) + b"\n")
    write(shipped(), folder)
    return folder


def test_books_close(made: Path) -> None:
    """Records in are cleaned, unchanged and rejected ones; the page is cleaned again; nothing is found."""
    books = verified(shipped(), made)
    assert told(books) == []
    assert (books.close, books.read, books.again, dict(books.alone)) == (True, 10, 1, {})
    assert (books.tally.cleaned, books.tally.unchanged, books.tally.rejected) == (5, 3, 2)
    assert books.tally.rules["generic.ad-label"] == 3


@given(
    st.lists(st.one_of(loose_records(), st.binary(max_size=9)), max_size=6),
    st.lists(texts(["Zorble announcement"]) | pages().map(lambda page: page.text), max_size=3),
    st.builds(Style, st.booleans(), st.booleans()),
    st.sampled_from([USUAL, Fields(text="k"), Fields(id="k", title="text", text="title")]),
    st.booleans(),
)
@settings(max_examples=40)
def test_what_is_written_verifies(
    lines: list[bytes], bodies: list[str], style: Style, fields: Fields, recleaning: bool
) -> None:
    """Whatever comes in, in any style, with any fields: what leaves verifies, and not one record is uncounted."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        cleaner = Cleaner(load(folder, "rules:\n" + rule("line: {eq: Zorble announcement}")))
        raw = b"\n".join([*lines, *(dump({fields.text: body}) for body in bodies)])
        assume(
            not any(name_guise(head[:SNIFFED]) for head in (raw, "".join(bodies).encode(errors="replace")))
        )  # what begins as an archive is refused as a whole
        (folder / "in.jsonl").write_bytes(raw)
        (folder / "in2.txt").write_text("".join(bodies), encoding="utf-8", errors="replace", newline="")
        write(cleaner, folder, fields, style, recleaning)
        books = verified(cleaner, folder, fields, recleaning)
        assert told(books) == []
        assert books.close
        assert books.read == len(list(read_entries(find_inputs([f"{folder}/in.jsonl", f"{folder}/in2.txt"]), fields)))


@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
@given(
    lines=st.lists(
        st.one_of(loose_records(), texts(["Zorble announcement"]).map(lambda text: dump({"text": text}))), max_size=6
    ),
    style=st.builds(Style, st.booleans(), st.booleans()),
    recleaning=st.booleans(),
)
@settings(max_examples=15)
def test_rows_that_are_written_verify(kind: str, lines: list[bytes], style: Style, recleaning: bool) -> None:
    """What leaves in rows verifies as well, lone surrogates and all."""
    pytest.importorskip("pyarrow")
    with TemporaryDirectory() as name:
        folder = Path(name)
        cleaner = Cleaner(load(folder, "rules:\n" + rule("line: {eq: Zorble announcement}")))
        (folder / "in.jsonl").write_bytes(b"\n".join(lines))
        write(cleaner, folder, style=style, recleaning=recleaning, kind=kind)
        books = verified(cleaner, folder, recleaning=recleaning, output=f"out.{kind}")
        assert told(books) == []
        assert books.close


@pytest.mark.parametrize("kind", ["csv", "tsv.gz", "parquet"])
@pytest.mark.parametrize("name", ["in.csv", "in.parquet"])
def test_tables_verify_and_their_damage_is_found(tmp_path: Path, name: str, kind: str) -> None:
    """A table that leaves as a table verifies, its rejects too; against another table every difference is found."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    noisy = f"{PROSE}\nAdvertisement\n{MORE}"
    rows = [("1", noisy, "x"), ("", PROSE, "y"), ("3", noisy, 'ü, "z"'), ("4", MORE, "")]
    for other, change in (
        ("", {}),
        ("drop", {2: None}),
        ("own", {0: ("1", noisy, "!")}),
        ("text", {3: ("4", LAST, "")}),
    ):
        (tmp_path / other).mkdir(exist_ok=True)
        left = [changed for changed in (change.get(at, row) for at, row in enumerate(rows)) if changed]
        columns = dict(zip(("id", "text", "k"), zip(*left, strict=True), strict=True))
        if name == "in.csv":
            cells = [
                "id,text,k",
                *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in left),
                "a,b,c,d",
            ]
            (tmp_path / other / name).write_text("\n".join(cells))
        else:
            pq.write_table(pa.table({**columns, "n": [1.5] * len(left)}), tmp_path / other / name, row_group_size=3)
    out = f"{tmp_path}/out.{kind}"
    assert run("clean", f"{tmp_path}/{name}", "-o", out, "-q").exit_code == (1 if name == "in.csv" else 0)
    good = run("verify", f"{tmp_path}/{name}", out)
    assert good.exit_code == 0, good.stdout
    assert f"= 2 cleaned + 2 unchanged + {1 if name == 'in.csv' else 0} rejected" in good.stdout
    for other, about in (("drop", "invented"), ("own", "!"), ("text", "the source less its cuts")):
        bad = run("verify", f"{tmp_path}/{other}/{name}", out)
        assert (bad.exit_code, about in bad.stdout) == (1, True), bad.stdout


def test_style_is_read_off_the_records(made: Path, tmp_path: Path) -> None:
    """Lean and annotated outputs verify, and are told as such."""
    for lean, annotate in ((True, False), (False, True), (True, True)):
        (tmp_path / "in.jsonl").write_bytes((made / "in.jsonl").read_bytes())
        write(shipped(), tmp_path, style=Style(lean, annotate))
        books = verified(shipped(), tmp_path)
        assert (told(books), books.manner.lean, books.manner.annotate) == ([], lean, annotate)


def test_other_rules_leave_pages_unreplayed(made: Path, tmp_path: Path) -> None:
    """A page that other rules cleaned is counted apart; texts replay whatever the rules at hand are."""
    cleaner = Cleaner(load(tmp_path, "rules:\n" + rule("line: {eq: Zorble announcement}")))
    books = verified(cleaner, made)
    assert (told(books), books.close, books.again) == ([], True, 0)
    assert dict(books.alone) == {shipped().ruleset.digest: 1}


def test_rejects_named_from_another_folder_belong(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reject names its input as the run did; it belongs to the same input named from elsewhere."""
    (tmp_path / "in.jsonl").write_bytes(b'{"text":1}\n{"text":"One."}\n')
    monkeypatch.chdir(tmp_path)
    write(shipped(), Path())
    monkeypatch.chdir("/")
    assert told(verified(shipped(), tmp_path)) == []
    sources = [replace(find_inputs([str(tmp_path)])[0], path=f"x/{label}", label=label) for label in ("a", "b/a")]
    assert [resolve(path, sources) for path in ("x/a", "y/a", "y/b/a", "c")] == [0, 0, 1, None]


def test_every_kind_of_input_verifies(inputs: Path, tmp_path: Path) -> None:  # noqa: F811
    """Lines, tables, archives, pages and texts, compressed or not, whole or torn: one file and shards both verify."""
    with tarfile.open(inputs / "k.tar", "w") as archive:
        for name in ("a.jsonl", "b.jsonl.zst", "d.csv", "f.txt"):
            archive.add(inputs / name, f"deep/{name}")
    (tmp_path / "rules.yaml").write_text("rules:\n" + rule("line: {eq: Zorble announcement}"))
    chosen = ["--rules", f"{tmp_path}/rules.yaml"]
    for output in ("out.jsonl", "out/", "out.jsonl.gz"):
        assert (
            run("clean", *chosen, str(inputs), "-o", f"{tmp_path}/{output}", "--shard-size", "0.0012", "-q").exit_code
            == 1
        )
        done = run("verify", *chosen, str(inputs), f"{tmp_path}/{output}")
        assert (done.exit_code, done.stderr) == (0, ""), done.stdout
        assert "74 records in = 36 cleaned + 18 unchanged + 20 rejected" in done.stdout
        assert "2 pages cleaned again" in done.stdout


def test_records_given_up_unread_verify(tmp_path: Path) -> None:
    """A record that ended its process was rejected as its line stood, by its place: that is a reject like any other."""
    (tmp_path / "in.jsonl").write_bytes(b'{"id":"a","text":"One."}\n {"id":"b","text":"Two."} \r\n')
    (source,) = find_inputs([str(tmp_path / "in.jsonl")])
    lines = [line for item in read_items(source, USUAL) if item for line in split_item(item)]
    rejects = [describe_rejected(reject_item(line, "its process ended")) + b"\n" for line in lines]
    (tmp_path / "out.jsonl").write_bytes(b"")
    (tmp_path / "out.jsonl.rejects.jsonl").write_bytes(b"".join(rejects))
    books = verified(shipped(), tmp_path)
    assert (told(books), books.close, dict(books.reasons)) == ([], True, {"its process ended": 2})


# --- what is done to it afterwards


Files = dict[str, list[bytes]]


def row(line: int, **changes: Any) -> Callable[[Files], None]:
    """Set members of a record of the output."""

    def edit(files: Files) -> None:
        files["out"][line] = dump({**json.loads(files["out"][line]), **changes})

    return edit


def account(line: int, change: Callable[[dict[str, Any]], Any]) -> Callable[[Files], None]:
    """Change the account of a record of the output."""

    def edit(files: Files) -> None:
        record = json.loads(files["out"][line])
        change(record["cleaning"])
        files["out"][line] = dump(record)

    return edit


def lines(change: Callable[[Files], Any]) -> Callable[[Files], None]:
    """Change the lines of files."""
    return lambda files: (change(files), None)[1]


def refusal(line: int, **changes: Any) -> Callable[[Files], None]:
    """Set members of a reject."""

    def edit(files: Files) -> None:
        files["rejects"][line] = dump({**json.loads(files["rejects"][line]), **changes})

    return edit


def letter(files: Files) -> None:
    files["out"][1] = files["out"][1].replace(b"The bridge", b"The Bridge", 1)


def swap(files: Files, name: str, one: int, two: int) -> None:
    rows = files[name]
    rows[one], rows[two] = rows[two], rows[one]


def unquote(files: Files) -> None:
    files["out"][0] = files["out"][0].replace(b'"n":1.5', b'"n":1.50')


def twice(files: Files) -> None:
    files["out"][0] = files["out"][0].replace(b',"cleaning"', b',"n":2,"cleaning"')


def shift(cut: dict[str, Any]) -> None:
    cut["start"] += 1
    cut["end"] += 1


LOST = "it was neither written nor rejected"
DAMAGE: list[tuple[str, Callable[[Files], None], dict[str, int], str]] = [
    ("first record dropped", lines(lambda f: f["out"].pop(0)), {"lost": 1}, f"in.jsonl#1 (byte 0) -> : {LOST}"),
    ("middle record dropped", lines(lambda f: f["out"].pop(4)), {"lost": 1}, "in.jsonl#6"),
    ("last record dropped", lines(lambda f: f["out"].pop()), {"lost": 1}, "in.jsonl#10"),
    ("three records dropped", lines(lambda f: f["out"].__delitem__(slice(1, 4))), {"lost": 3}, "in.jsonl#2"),
    ("all records dropped", lines(lambda f: f["out"].clear()), {"lost": 8}, "in.jsonl#1"),
    ("record doubled", lines(lambda f: f["out"].insert(2, f["out"][1])), {"doubled": 1}, "out.jsonl#3"),
    ("record doubled at the end", lines(lambda f: f["out"].append(f["out"][1])), {"doubled": 1}, "out.jsonl#9"),
    ("two records swapped", lines(lambda f: swap(f, "out", 0, 1)), {"out of order": 1}, "another place"),
    ("last record first", lines(lambda f: f["out"].insert(0, f["out"].pop())), {"out of order": 1}, "another place"),
    ("first record last", lines(lambda f: f["out"].append(f["out"].pop(0))), {"out of order": 1}, "another place"),
    ("record invented", lines(lambda f: f["out"].insert(3, f["out"][2].replace(b'"c"', b'"z"'))), {"invented": 1}, "'z'"),
    ("record emptied", lines(lambda f: f["out"].__setitem__(2, b"{}")), {"changed": 1}, "no record"),
    ("line cut short", lines(lambda f: f["out"].__setitem__(7, f["out"][7][:99])), {"changed": 1}, "no record"),
    ("rubbish between", lines(lambda f: f["out"].insert(2, b"rubbish")), {"broken": 1}, "out.jsonl#3"),
    ("body letter changed", letter, {"changed": 1}, "in.jsonl#2 (byte "),
    ("body emptied", row(1, text=""), {"changed": 1}, "the source less its cuts"),
    ("untouched body changed", row(0, text=PROSE), {"changed": 1}, "the source less its cuts"),
    ("body back to the input's", row(7, text=ROWS[7]["text"]), {"changed": 1}, "the source less its cuts"),
    ("own field edited", row(0, desk="sport"), {"changed": 1}, "`desk` was \"local\" and is \"sport\""),
    ("own number spelt otherwise", unquote, {"changed": 1}, "`n` was 1.5 and is 1.50"),
    ("own field once more", twice, {"changed": 1}, "`n` stands in it once more"),
    ("id edited", row(0, id="A"), {"changed": 1}, "`id` was"),
    ("added id edited", row(6, id="in.jsonl#99"), {"changed": 1}, "its id should be 'in.jsonl#9'"),
    ("html of a page edited", row(5, html=PAGE.upper()), {"changed": 1}, "`html` was"),
    ("field added", row(3, extra=1), {"changed": 1}, "`extra` was added"),
    ("title edited", row(2, title="The bridge"), {"changed": 1}, "the title"),
    ("title no string", row(2, title=["The"]), {"changed": 1}, "the title"),
    ("body no string", row(1, text=["The"]), {"changed": 1}, "the source less its cuts"),
    ("id no string", row(1, id=["b"]), {"changed": 1}, "`id` was"),
    ("account a list", row(1, cleaning=[]), {"changed": 1}, "no object"),
    ("cuts no list", account(1, lambda a: a.update(cuts={})), {"changed": 1}, "no list"),
    ("title added", row(0, title="The bridge"), {"changed": 1}, "the title"),
    ("page's text edited", row(5, text="Nothing."), {"changed": 1}, "cleaned again, `text`"),
    ("page's account edited", account(5, lambda a: a["metadata"].clear() or a["flags"].append("x")), {"changed": 1}, "`flags`"),
    ("cut shifted", account(1, lambda a: shift(a["cuts"][0])), {"changed": 1}, "the cut"),
    ("cut widened", account(1, lambda a: a["cuts"][0].update(end=10**9)), {"changed": 1}, "lies outside"),
    ("cut's text changed", account(1, lambda a: a["cuts"][0].update(text="?")), {"changed": 1}, "its text"),
    ("cut's text taken out", account(4, lambda a: a["cuts"][0].pop("text")), {"changed": 1}, "some do not"),
    ("cut taken out", account(1, lambda a: a["cuts"].clear()), {"changed": 1}, "the source less its cuts"),
    ("cut doubled", account(1, lambda a: a["cuts"].append(a["cuts"][0])), {"changed": 1}, "overlaps"),
    ("cut of no class", account(1, lambda a: a["cuts"][0].update({"class": "?"})), {"changed": 1}, "no class"),
    ("cut without rules", account(1, lambda a: a["cuts"][0].update(rules=[])), {"changed": 1}, "names no rule"),
    ("cut of another rule", account(1, lambda a: a["cuts"][0].update(rules=["x.y"])), {"changed": 1}, "'x.y'"),
    ("cut at a word", account(1, lambda a: a["cuts"][0].update(start="1")), {"changed": 1}, "no whole number"),
    ("status changed", account(1, lambda a: a.update(status="unchanged")), {"changed": 1}, "status"),
    ("status of an untouched one", account(0, lambda a: a.update(status="cleaned")), {"changed": 1}, "status"),
    ("repairs changed", account(3, lambda a: a["repairs"].pop()), {"changed": 1}, "the repairs are"),
    ("account taken out", row(0, cleaning=None), {"changed": 1}, "no object"),
    ("account cut down", account(0, lambda a: a.pop("drops")), {"changed": 1}, "lacks `drops`"),
    ("account of other rules", account(1, lambda a: a.update(rules="0")), {"changed": 1}, "cleaned by the rules 0"),
    ("source added", account(1, lambda a: a.update(source="x")), {"changed": 1}, "another `source`"),
    ("headline invented", account(1, lambda a: a["headlines"].append("Moon lands")), {"changed": 1}, "a headline"),
    ("metadata invented", account(1, lambda a: a["metadata"].update(byline="Nobody")), {"changed": 1}, "`byline`"),
    ("article's text changed", account(4, lambda a: a["related"][0].update(text="?")), {"changed": 1}, "article 1"),
    ("article shifted", account(4, lambda a: shift(a["related"][0])), {"changed": 1}, "article 1"),
    ("article outside", account(4, lambda a: a["related"][0].update(end=10**9)), {"changed": 1}, "outside"),
    ("article without place", account(4, lambda a: a["related"][0].update(start=None, end=None)), {"changed": 1}, "no place"),
    ("reject dropped", lines(lambda f: f["rejects"].pop(0)), {"lost": 1}, "no reject tells of it (bad JSON"),
    ("all rejects dropped", lines(lambda f: f["rejects"].clear()), {"lost": 2}, "in.jsonl#4"),
    ("reject doubled", lines(lambda f: f["rejects"].insert(0, f["rejects"][0])), {"reject": 1}, "rejects.jsonl#2"),
    ("rejects swapped", lines(lambda f: swap(f, "rejects", 0, 1)), {"lost": 1, "reject": 1}, "rejects.jsonl#2"),
    ("reject's bytes changed", refusal(0, raw=base64.b64encode(b"{").decode()), {"reject": 1}, "its bytes"),
    ("reject's bytes no base64", refusal(0, raw="?"), {"broken": 1, "lost": 1}, "it is no reject"),
    ("reject's reason changed", refusal(1, reason="too dull"), {"reject": 1}, "'too dull'"),
    ("reject's id changed", refusal(1, id="y"), {"reject": 1}, "its id is 'y'"),
    ("reject moved", refusal(0, offset=3), {"lost": 1, "reject": 1}, "byte 3"),
    ("reject of another input", refusal(0, path="other.jsonl"), {"lost": 1, "reject": 1}, "other.jsonl"),
    ("reject of a written record", lines(lambda f: f["rejects"].insert(0, describe_rejected(Rejected("a", "in.jsonl", 0, "?", LINES[0])))), {"doubled": 1}, "'a'"),
    ("input edited", lines(lambda f: f["in"].__setitem__(0, f["in"][0].replace(b"bridge", b"Bridge"))), {"changed": 1}, "the source less its cuts"),
    ("input grown", lines(lambda f: f["in"].append(b'{"id":"new","text":"New."}')), {"lost": 1}, "in.jsonl#11"),
    ("input shrunk", lines(lambda f: f["in"].pop()), {"invented": 1}, "'h'"),
    ("input of other offsets", lines(lambda f: f["in"].insert(0, b" ")), {"lost": 2, "reject": 2, "changed": 1}, "byte "),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "counts", "about"), [case[1:] for case in DAMAGE], ids=[case[0] for case in DAMAGE])
def test_damage_is_found(
    made: Path, tmp_path: Path, damage: Callable[[Files], None], counts: dict[str, int], about: str
) -> None:
    """Each damage is found, as what it is, at its place, and as often as it was done."""
    names = {"in": "in.jsonl", "out": "out.jsonl", "rejects": "out.jsonl.rejects.jsonl"}
    files = {name: (made / file).read_bytes().splitlines() for name, file in names.items()}
    damage(files)
    for name, file in names.items():
        (tmp_path / file).write_bytes(b"".join(line + b"\n" for line in files[name]))
    books = verified(shipped(), tmp_path)
    assert (dict(books.counts), books.close) == (counts, False), told(books)
    assert about in "\n".join(told(books))


def test_flipped_bits_are_found(made: Path, tmp_path: Path) -> None:
    """A bit flipped anywhere in an output of the same rules is found, and never ends in a traceback."""
    (tmp_path / "in.jsonl").write_bytes((made / "in.jsonl").read_bytes())
    shutil.copy(made / "out.jsonl.rejects.jsonl", tmp_path)
    raw = (made / "out.jsonl").read_bytes()
    for number, at in enumerate(range(0, len(raw), len(raw) // 60)):
        flipped = bytearray(raw)
        flipped[at] ^= 1 << number % 7
        (tmp_path / "out.jsonl").write_bytes(flipped)
        assert not verified(shipped(), tmp_path).close, raw[max(0, at - 40) : at + 9]


@given(st.data())
@settings(max_examples=30)
def test_any_loss_is_counted(data: st.DataObject) -> None:
    """Whichever records are dropped from whichever run of them, as many are found to be lost and no others."""
    size = data.draw(st.integers(1, 1200))
    dropped = data.draw(st.sets(st.integers(0, size - 1), max_size=4))
    at = data.draw(st.integers(0, size - 1))
    gone = dropped | set(range(at, min(size, at + data.draw(st.sampled_from([0, 1, 9, 70, 600])))))
    came = [b'{"id":%d,"text":"One."}' % number for number in range(size)]
    written = [line[:-1] + bare_account("d1") + b"\n" for number, line in enumerate(came) if number not in gone]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.jsonl").write_bytes(b"\n".join(came))
        (folder / "out.jsonl").write_bytes(b"".join(written))
        books = verified(shipped(), folder)
        assert books.counts == ({"lost": len(gone)} if gone else {})
        assert books.read == size


def test_restore_refuses_what_does_not_fit() -> None:
    """Cuts that overlap, lie outside or are of another length than their text cannot be put back."""
    from cleaner.model import Cut

    ad = Cut(2, 4, "Ad", "ad", ("x.ad",))
    assert restore("a b", [ad]) == "a Adb"
    for cuts in ([ad, ad], [replace(ad, end=5)], [replace(ad, start=8, end=10)], [replace(ad, end=2, text="")]):
        assert restore("a b", cuts) is None


# --- folders of shards


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean three inputs into a folder of shards of a few records each; one input breaks off, one is of small files."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "in").mkdir()
    rows = [
        {"id": f"{name}{number}", "text": f"{PROSE}\nAdvertisement\n{MORE}"} for name in "ab" for number in range(20)
    ]
    whole = b"\n".join([*map(dump, rows[:20]), b"{broken", b""])
    (folder / "in/a.jsonl").write_bytes(whole)
    frames = [zstandard.ZstdCompressor().compress(dump(row) + b"\n") for row in rows[20:]]
    (folder / "in/b.jsonl.zst").write_bytes(b"".join(frames)[:-1])
    for name in ("c", "d"):
        (folder / f"in/{name}.txt").write_text(f"{PROSE}\nAdvertisement\n{LAST}")
    done = run("clean", f"{folder}/in", "-o", f"{folder}/out/", "--shard-size", "0.001", "-q")
    assert done.exit_code == 2  # b breaks off
    return folder


def shelved(folder: Path) -> Books:
    """Verify a folder of shards."""
    out = open_folder(str(folder / "out"))
    setting = read_setting(out)
    auditor = Auditor(find_inputs([str(folder / "in")]), setting.fields, shipped, setting.recleaning)
    return verify_folder(auditor, out, setting)


def test_books_of_a_folder_close(shelf: Path) -> None:
    """Every shard is whole, follows the one before and replays; an input that broke off is told."""
    books = shelved(shelf)
    assert told(books) == []
    assert (books.close, books.read, books.tally.cleaned, books.tally.rejected) == (True, 42, 41, 1)
    assert books.broken == ["b.jsonl.zst: the Zstandard stream is truncated: it ends inside a frame"]
    done = run("verify", f"{shelf}/in", f"{shelf}/out")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "42 records in = 41 cleaned + 0 unchanged + 1 rejected" in done.stdout


def at(name: str, change: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """Do something to one file of the output."""
    return lambda folder: change(folder / "out" / name)


def flip(path: Path, at: int = 40) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def mark(name: str, **changes: Any) -> Callable[[Path], Any]:
    """Set members of a marker."""

    def edit(path: Path) -> None:
        path.write_bytes(dump({**json.loads(path.read_bytes()), **changes}))

    return at(f"_run/{name}.done", edit)


def lose_line(path: Path) -> None:
    path.write_bytes(path.read_bytes().split(b"\n", 1)[1])


def reseal(folder: Path) -> None:
    """Drop a record and make the marker fit, as who forges books would."""
    path = folder / "out/a-00001.jsonl"
    lose_line(path)
    marker = folder / "out/_run/a-00001.done"
    row = json.loads(marker.read_bytes())
    row["files"]["records"] |= {
        "bytes": path.stat().st_size,
        "blake2b": blake2b(path.read_bytes(), digest_size=20).hexdigest(),
    }
    marker.write_bytes(dump(row))


SHELF_DAMAGE: list[tuple[str, Callable[[Path], Any], str]] = [
    ("byte flipped", at("a-00001.jsonl", flip), "its checksum is not the one in its marker"),
    ("byte of rejects flipped", at("a-00004.rejects.jsonl", flip), "its checksum"),
    ("line lost", at("a-00001.jsonl", lose_line), "its marker says"),
    ("line lost and marker forged", reseal, "lost: a.jsonl#"),
    ("shard removed", at("a-00001.jsonl", Path.unlink), "the file is missing"),
    ("rejects removed", at("a-00004.rejects.jsonl", Path.unlink), "the file is missing"),
    ("marker removed", at("_run/a-00001.done", Path.unlink), "there is no marker of the shard a-00001"),
    ("marker of the last shard removed", at("_run/a-00004.done", Path.unlink), "did not come to the end"),
    ("markers of an input removed", lambda f: [path.unlink() for path in (f / "out/_run").glob("a-*")], "no shard was made of it"),
    ("marker of small files removed", at("_run/files-00000.done", Path.unlink), "no shard was made of it"),
    ("strange file", at("extra.jsonl", Path.touch), "no marker tells of this file"),
    ("count changed", mark("a-00001", read=9), "its marker counts 9 records"),
    ("tally changed", mark("a-00001", tally={**asdict(Tally(cleaned=4)), "rules": {}, "flags": {}}), "its marker counts otherwise"),
    ("offsets changed", mark("a-00001", start=5), "overlap others or leave a gap"),
    ("end claimed too early", mark("a-00001", last=True, count=2), "did not come to the end"),
    ("end not claimed", mark("a-00004", last=False), "did not come to the end"),
    ("number of shards changed", mark("a-00004", count=7), "5 shards of 7"),
    ("break hidden", mark("b-00003", broken=None), "the shards say: it is whole"),
    ("break invented", mark("a-00004", broken="torn"), "the shards say: torn"),
    ("other rules", mark("a-00001", rules="0"), "made by different rules"),
    ("other settings", mark("a-00001", made="0"), "made by different rules and settings"),
    ("input touched", lambda f: os.utime(f / "in/a.jsonl", ns=(1, 1)), "the input has changed"),
    ("input edited", lambda f: flip(f / "in/a.jsonl"), "the input has changed"),
    ("input grown", lambda f: (f / "in/a.jsonl").open("ab").write(LINES[0]), "lost: a.jsonl#22"),
    ("input gone", lambda f: (f / "in/c.txt").unlink(), "which is not among the inputs"),
    ("input added", lambda f: (f / "in/e.txt").write_text(PROSE), "e.txt -> : no shard was made of it: 1 record is"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "about"), [case[1:] for case in SHELF_DAMAGE], ids=[case[0] for case in SHELF_DAMAGE]
)
def test_damage_to_a_folder_is_found(shelf: Path, tmp_path: Path, damage: Callable[[Path], Any], about: str) -> None:
    """Each damage to shards, markers or inputs is found and named."""
    shutil.copytree(shelf, tmp_path / "copy")
    assert shelved(tmp_path / "copy").close
    damage(tmp_path / "copy")
    books = shelved(tmp_path / "copy")
    assert not books.close
    assert about in "\n".join(told(books))


def test_outputs_behind_urls_verify(made: Path) -> None:
    """A file and a folder behind a URL verify, and `stats` tells of them."""
    pytest.importorskip("fsspec")
    for output in ("memory://verify/out.jsonl", "memory://verify/out/"):
        assert run("clean", f"{made}/in.jsonl", "-o", output, "-q").exit_code == 1
        done = run("verify", f"{made}/in.jsonl", output)
        assert (done.exit_code, "10 records in = 5 cleaned" in done.stdout) == (0, True), done.stdout
        assert "10 records = 5 cleaned" in run("stats", output).stdout
    assert run("verify", f"{made}/in.jsonl", "memory://verify/gone.jsonl").exit_code == 2


# --- the command


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_command_tells_and_exits(made: Path) -> None:
    """The command ends with 0 where the books close, with 1 and the findings where not, as text and as JSON."""
    good = run("verify", f"{made}/in.jsonl", f"{made}/out.jsonl")
    assert (good.exit_code, good.stderr) == (0, "")
    assert "10 records in = 5 cleaned + 3 unchanged + 2 rejected" in good.stdout
    assert "the books close" in good.stdout
    (made / "short.jsonl").write_bytes(b"".join((made / "out.jsonl").read_bytes().splitlines(keepends=True)[1:]))
    bad = run("verify", f"{made}/in.jsonl", f"{made}/short.jsonl")
    assert bad.exit_code == 1
    assert bad.stdout.startswith("lost: in.jsonl#1 (byte 0)")
    assert "the books do not close: 3 findings" in bad.stdout
    rows = json.loads(run("verify", f"{made}/in.jsonl", f"{made}/short.jsonl", "--json").stdout)
    assert (rows["close"], rows["records"], rows["findings"]) == (False, 10, {"lost": 3})


@pytest.mark.parametrize(
    ("args", "about"),
    [
        (["in.jsonl"], "give the inputs and then the output"),
        (["in.jsonl", "nowhere.jsonl"], "no such output"),
        (["nowhere.jsonl", "out.jsonl"], "no such file or folder"),
        (["in.jsonl", "bodies.txt"], "bodies.txt: it holds no records"),
        (["in.jsonl", "records"], "records: the ending does not say that it holds records"),
        (["out.jsonl", "out.jsonl"], "out.jsonl is the only input"),
        (["torn.jsonl.zst", "out.jsonl"], "truncated: it ends inside a frame, after 0 records"),
    ],
)
def test_what_cannot_be_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], about: str) -> None:
    """What is missing, unreadable or holds no records ends with one line and exit code 2."""
    monkeypatch.chdir(tmp_path)
    for name in ("in.jsonl", "out.jsonl", "bodies.txt", "records"):
        Path(name).write_text("")
    Path("torn.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(b'{"text":"One."}\n')[:-1])
    done = run("verify", *args)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert about in done.stderr


def test_torn_output_is_a_finding(tmp_path: Path) -> None:
    """An output whose compression breaks off is told as such, and what it lacks is lost."""
    (tmp_path / "in.jsonl").write_bytes(b"\n".join(b'{"id":%d,"text":"One."}' % number for number in range(9)))
    write(shipped(), tmp_path)
    pressed = zstandard.ZstdCompressor().compress((tmp_path / "out.jsonl").read_bytes())
    (tmp_path / "out.jsonl.zst").write_bytes(pressed)
    assert told(verified(shipped(), tmp_path, output="out.jsonl.zst")) == []
    (tmp_path / "out.jsonl.zst").write_bytes(pressed[:-4])
    books = verified(shipped(), tmp_path, output="out.jsonl.zst")
    assert books.counts["broken"] == 1
    assert not books.close


def test_output_inside_the_folder_of_inputs_is_no_input(made: Path, tmp_path: Path) -> None:
    """The output may stand in the folder of inputs."""
    for name in ("in.jsonl", "out.jsonl", "out.jsonl.rejects.jsonl"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    done = run("verify", str(tmp_path), str(tmp_path / "out.jsonl"))
    assert done.exit_code == 0, done.stdout


def test_unreadable_input_is_a_finding(tmp_path: Path) -> None:
    """An input that no shard was made of, as it cannot be read, is told, and the others are verified."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/good.jsonl").write_text('{"text":"One."}\n')
    (tmp_path / "in/bad.csv").write_text("id,body\n1,One.\n")
    assert run("clean", f"{tmp_path}/in", "-o", f"{tmp_path}/out/").exit_code == 2
    done = run("verify", f"{tmp_path}/in", f"{tmp_path}/out/")
    assert (done.exit_code, done.stderr) == (1, "")
    assert "files: bad.csv: no shard was made of it, and it cannot be read" in done.stdout
    assert "1 record in = 0 cleaned + 1 unchanged + 0 rejected" in done.stdout
