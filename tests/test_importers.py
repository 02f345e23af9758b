"""Importers: what a checkout holds becomes pages with gold, in order, and nothing is left out without a word.

The trees are made up, in the shape of each benchmark; their texts are invented.
"""

from __future__ import annotations

import gzip
import json
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.importers.__main__ import main
from benchmarks.importers.table import IMPORTERS
from benchmarks.importers.trafilatura_snippets import read_literal
from benchmarks.importers.wcxb import normalise
from cleaner.bench.case import Body
from cleaner.bench.sets import read_set
from cleaner.errors import InputError

BRIDGE = "The bridge is open again, the council said on Friday."
CHOIR = "The choir looks for two tenors before its concert in June."
FERRY = "The ferry stays in the harbour until the storm is over."


def page_of(body: str) -> str:
    return f"<html><head><title>Harbour Post</title></head><body><p>Menu</p><p>{body}</p></body></html>"


def put(place: Path, content: str | bytes | Mapping[str, Any]) -> Path:
    """Write a file: a mapping as JSON; what is called .gz is packed."""
    raw = json.dumps(content, ensure_ascii=False) if isinstance(content, Mapping) else content
    raw = raw.encode() if isinstance(raw, str) else raw
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(gzip.compress(raw, mtime=0) if place.suffix == ".gz" else raw)
    return place


def make_zyte(top: Path) -> None:
    put(top / "html" / "aa.html.gz", page_of(BRIDGE))
    put(top / "html" / "bb.html.gz", page_of(CHOIR))
    truth = {
        "bb": {"articleBody": CHOIR, "url": "https://choir.example/june"},
        "aa": {"articleBody": BRIDGE, "url": "https://harbour.example/bridge"},
    }
    put(top / "ground-truth.json", truth)


def make_fundus_evaluation(top: Path) -> None:
    put(top / "dataset/html/Harbour_1.html.gz", page_of(BRIDGE))
    put(top / "dataset/html/Choir_1.html.gz", page_of(CHOIR))
    truth = {
        "Harbour_1.html.gz": {"url": "https://harbour.example/bridge", "body": [BRIDGE, "[By our reporter]", FERRY]},
        "Choir_1.html.gz": {"url": "https://choir.example/june", "body": [CHOIR], "crawl_date": "2025-05-02"},
    }
    put(top / "dataset/ground_truth.json", truth)


def wcxb_record(url: str, body: str, kind: Any) -> dict[str, Any]:
    truth = {"main_content": body, "with": [body[:10]], "without": ["Menu"], "title": "Harbour Post"}
    return {"url": url, "ground_truth": truth, "_internal": {"page_type": kind}}


def put_wcxb(top: Path, id: str, url: str, body: str, kind: Any = None) -> None:
    split, _, name = id.partition("/")
    put(top / split / "ground-truth" / f"{name}.json", wcxb_record(url, body, kind or {"primary": "article"}))
    put(top / split / "html" / f"{name}.html.gz", page_of(body))


def make_wcxb(top: Path) -> None:
    put_wcxb(top, "dev/0001", "https://harbour.example/bridge", BRIDGE)
    put_wcxb(top, "dev/0002", "https://www.choir.example/june/?utm_source=feed", CHOIR)
    put_wcxb(top, "dev/0003", "https://ferry.example/", FERRY, {"primary": "category"})
    put_wcxb(top, "test/0001", "http://choir.example/june", CHOIR)
    put_wcxb(top, "test/0002", "https://ferry.example/times", FERRY, "forum")


def fundus_body(summary: str, *sections: tuple[str, str]) -> dict[str, Any]:
    made = [{"headline": [head] if head else [], "paragraphs": [text]} for head, text in sections]
    return {"title": "Harbour Post", "body": {"summary": [summary] if summary else [], "sections": made}}


FUNDUS = Path("tests/resources/parser/test_data")


def make_fundus_tests(top: Path) -> None:
    country = top / FUNDUS / "at"
    put(country / "HarbourPost_2024_05_03.html.gz", page_of(BRIDGE))
    put(country / "HarbourPost_2026_01_06.html.gz", page_of(FERRY))
    parsers = {"V10": fundus_body("", ("", FERRY)), "V2": fundus_body("Reopened.", ("", BRIDGE), ("Later", CHOIR))}
    put(country / "HarbourPost.json", parsers)
    info = {"HarbourPost_2024_05_03.html.gz": {"url": "https://harbour.example/bridge", "crawl_date": "2024-05-03"}}
    put(country / "meta.info", info)
    put(top / FUNDUS / "__init__.py", "")


EVALDATA = f"""# annotations
import os
LATER = 1
EVAL_PAGES: dict = {{
'https://harbour.example/bridge': {{
    'file': 'harbour.example.html',
    'with': ['The bridge '
             'is open', {BRIDGE[-20:]!r}],  # 2 segments
    'without': ['Menu'],
    'comments': [],
}},
'hard::choir.html': {{'file': 'choir.html', 'with': ['tenors'], 'without': ['Menu', '\\d']}},
}}
"""


def make_trafilatura(top: Path) -> None:
    put(top / "tests/evaldata.py", EVALDATA)
    put(top / "tests/cache/harbour.example.html", page_of(BRIDGE))
    put(top / "tests/eval/choir.html", page_of(CHOIR))


def make_mozilla(top: Path) -> None:
    folder = top / "test/test-pages"
    put(folder / "002/source.html", page_of(CHOIR))
    put(folder / "002/expected.html", f"<div><p>{CHOIR}</p></div>")
    put(folder / "001/source.html", page_of(BRIDGE))
    put(folder / "001/expected.html", f"<div><p>{BRIDGE}</p></div>")
    put(folder / "001/expected-metadata.json", {"title": "Harbour Post", "lang": "en"})


def make_magic_html(top: Path) -> None:
    folder = top / "benchmark/data"
    put(folder / "article/base.json", {"f1": {"url": "https://harbour.example/bridge", "content": BRIDGE}})
    put(folder / "article/htmls/f1.html", page_of(BRIDGE))
    put(folder / "forum/base.json", {"f2": {"url": "https://choir.example/june", "content": CHOIR}})
    put(folder / "forum/htmls/f2.html", page_of(CHOIR))


def make_plain(top: Path) -> None:
    put(top / "harbour/bridge.html", page_of(BRIDGE))
    put(top / "harbour/bridge.txt", f"\ufeff{BRIDGE}\n")
    put(top / "choir.htm.gz", page_of(CHOIR))
    put(top / "choir.txt", CHOIR)


TREES: dict[str, Callable[[Path], None]] = {
    "zyte": make_zyte,
    "fundus_evaluation": make_fundus_evaluation,
    "wcxb": make_wcxb,
    "fundus_tests": make_fundus_tests,
    "trafilatura": make_trafilatura,
    "mozilla": make_mozilla,
    "magic_html": make_magic_html,
    "plain": make_plain,
}
GOLD: dict[str, dict[str, str | None]] = {
    "zyte": {"bb": CHOIR, "aa": BRIDGE},
    "fundus_evaluation": {"Harbour_1": f"{BRIDGE}\n\nBy our reporter\n\n{FERRY}", "Choir_1": CHOIR},
    "wcxb": {"dev/0001": BRIDGE, "dev/0003": FERRY, "test/0001": CHOIR, "test/0002": FERRY},
    "fundus_tests": {
        "at/HarbourPost_2024_05_03": f"Reopened.\n\n{BRIDGE}\n\nLater\n\n{CHOIR}",
        "at/HarbourPost_2026_01_06": FERRY,
    },
    "trafilatura": {"harbour.example.html": None, "choir.html": None},
    "mozilla": {"001": BRIDGE, "002": CHOIR},
    "magic_html": {"f1": BRIDGE, "f2": CHOIR},
    "plain": {"choir": CHOIR, "harbour/bridge": BRIDGE},
}
"""What each tree asks of each page, in order; None where it asks for snippets."""


def make(name: str, top: Path) -> Path:
    if name == "mozilla":
        pytest.importorskip("inscriptis")
    TREES[name](top)
    return top


def imported(name: str, checkout: Path, *more: str) -> list[dict[str, Any]]:
    """Import a checkout and read the records again."""
    target = checkout.parent / f"{name}.jsonl"
    assert main([name, str(checkout), "-o", str(target), *more]) == 0
    return [orjson.loads(line) for line in target.read_bytes().splitlines()]


def test_every_importer_has_a_tree() -> None:
    """No importer goes untested, and each says what it is."""
    assert list(TREES) == list(IMPORTERS) == list(GOLD)
    assert all(
        importer.about and importer.gold and importer.licence and importer.home for importer in IMPORTERS.values()
    )


@pytest.mark.parametrize("name", TREES)
def test_what_is_written_is_what_the_bench_reads(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ids, pages and gold come through, in the order of the benchmark; the digest is that of the bytes every time."""
    checkout = make(name, tmp_path / "checkout")
    target = tmp_path / f"{name}.jsonl.zst"
    assert main([name, str(checkout), "-o", str(target)]) == 0
    first, report = target.read_bytes(), capsys.readouterr().err
    cases = list(read_set(target))
    assert [(case.id, case.gold.text.strip() if isinstance(case.gold, Body) else None) for case in cases] == list(
        GOLD[name].items()
    )
    assert all("<p>Menu</p>" in case.markup for case in cases)
    assert f"{len(cases)} pages in {target}, blake2b " in report
    assert main([name, str(checkout), "-o", str(target)]) == 0
    assert (target.read_bytes(), capsys.readouterr().err) == (first, report)


def test_records_go_to_standard_output(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without a file the lines go to standard output, and the account does not go among them."""
    make("zyte", tmp_path)
    assert main(["zyte", str(tmp_path)]) == 0
    out = capfdbinary.readouterr().out
    assert [orjson.loads(line)["id"] for line in out.splitlines()] == ["bb", "aa"]


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_the_digest_does_not_depend_on_compression(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The digest is of the lines, so that two people may compare theirs."""
    make("zyte", tmp_path)
    assert main(["zyte", str(tmp_path), "-o", str(tmp_path / f"out.{ending}")]) == 0
    digest = capsys.readouterr().err.splitlines()[0].rpartition(" ")[2]
    assert main(["zyte", str(tmp_path)]) == 0
    assert digest in capsys.readouterr().err


# --- what is broken


def break_missing(top: Path) -> str:
    (top / "html/aa.html.gz").unlink()
    return "gold without a page (1): aa"


def break_gzip(top: Path) -> str:
    whole = (top / "html/aa.html.gz").read_bytes()
    (top / "html/aa.html.gz").write_bytes(whole[:-12])
    return "its page is no whole gzip file (1): aa"


def break_empty(top: Path) -> str:
    put(top / "html/aa.html.gz", " \n")
    return "its page is empty (1): aa"


def break_pointer(top: Path) -> str:
    (top / "html/aa.html.gz").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    return "its page is a pointer of Git LFS: fetch the files with `git lfs pull` (1): aa"


def break_gold(top: Path) -> str:
    put(top / "ground-truth.json", {"aa": {"url": "https://harbour.example/"}, "bb": {"articleBody": CHOIR}})
    return "there is no gold in its record (1): aa"


def break_surrogate(top: Path) -> str:
    put(top / "ground-truth.json", '{"aa": {"articleBody": "bridge \\ud83d"}, "bb": {"articleBody": "choir"}}')
    return "its gold or snippets hold half a surrogate pair, which is no text (1): aa"


def break_record(top: Path) -> str:
    put(top / "ground-truth.json", {"aa": BRIDGE, "bb": {"articleBody": CHOIR}})
    return "no record in ground-truth.json (1): aa"


def break_stray(top: Path) -> str:
    put(top / "html/cc.html.gz", page_of(FERRY))
    put(top / "ground-truth.json", {"bb": {"articleBody": CHOIR}})
    return "a page without gold (2): aa.html.gz, cc.html.gz"


@pytest.mark.parametrize(
    "damage",
    [break_missing, break_gzip, break_empty, break_pointer, break_gold, break_surrogate, break_record, break_stray],
)
def test_nothing_is_left_out_without_a_word(
    damage: Callable[[Path], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be measured is counted and named with its reason; the other pages are written."""
    top = make("zyte", tmp_path / "checkout")
    expected = damage(top)
    assert [record["id"] for record in imported("zyte", top)] == ["bb"]
    report = capsys.readouterr().err
    assert expected in report
    assert f"  {2 if 'cc' in expected else 1} left out:" in report


def test_texts_are_looked_for_below_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without texts is refused at once: what lies above it, which may be a whole disk, is not searched."""
    put(tmp_path / "above.txt", CHOIR)
    put(tmp_path / "pages" / "choir.html", page_of(CHOIR))
    assert main(["plain", str(tmp_path / "pages")]) == 2
    report = capsys.readouterr().err
    assert report.endswith("**/*.txt is missing; this folder holds choir.html.\n")


def test_an_empty_body_is_gold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A benchmark may ask for nothing: such a page stays, as its own script counts it, with a word."""
    top = make("zyte", tmp_path / "checkout")
    put(top / "ground-truth.json", {"aa": {"articleBody": ""}, "bb": {"articleBody": CHOIR}})
    assert [record["gold"] for record in imported("zyte", top)] == ["", CHOIR]
    report = capsys.readouterr().err
    assert "its gold is an empty body: it asks for an empty text (1): aa" in report
    assert "left out" not in report


def test_many_that_are_left_out_are_named_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten ids of a reason are named, with how many more there are; --list-all names all."""
    top = make("zyte", tmp_path / "checkout")
    for number in range(14):
        put(top / "html" / f"x{number:02}.html.gz", page_of(FERRY))
    imported("zyte", top)
    assert "x09.html.gz and 4 more (--list-all)" in capsys.readouterr().err
    imported("zyte", top, "--list-all")
    assert "x13.html.gz\n" in capsys.readouterr().err


def test_an_id_that_stands_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Twice in one JSON file: the last counts, as for the benchmark's own script. Two pages of one id: the first is kept."""
    top = make("zyte", tmp_path / "zyte")
    put(
        top / "ground-truth.json",
        json.dumps({"aa": {"articleBody": CHOIR}})[:-1] + f', "aa": {{"articleBody": "{BRIDGE}"}}}}',
    )
    assert [record["gold"] for record in imported("zyte", top)] == [BRIDGE]
    assert "aa" in capsys.readouterr().err.split("it stands twice in ground-truth.json")[1].splitlines()[0]
    plain = make("plain", tmp_path / "plain")
    put(plain / "choir.html", page_of(FERRY))
    assert [record["id"] for record in imported("plain", plain)] == ["choir", "harbour/bridge"]
    assert "its id stood before: the first page is kept (1): choir" in capsys.readouterr().err


def test_a_page_that_is_no_utf8_keeps_its_bytes(tmp_path: Path) -> None:
    """The encoding of such a page is the extractor's to find out, so it gets the bytes as they are."""
    raw = page_of("Die Brücke ist offen.").encode("iso-8859-1")
    top = make("zyte", tmp_path / "checkout")
    put(top / "html/aa.html.gz", raw)
    record = imported("zyte", top)[1]
    assert "html" not in record
    assert b64decode(record["html_base64"]) == raw
    cases = list(read_set(tmp_path / "zyte.jsonl"))
    assert cases[1].input.html == raw


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.text("ab/é橋. ", min_size=1, max_size=6), st.tuples(st.binary(min_size=1), st.text(max_size=9)))
)
def test_any_page_and_gold_come_through(
    tmp_path_factory: pytest.TempPathFactory, made: dict[str, tuple[bytes, str]]
) -> None:
    """Whatever bytes a page has, they arrive, or the page is named as left out."""
    from benchmarks.importers.entry import Entry
    from benchmarks.importers.writing import Choice, write

    folder, lines = tmp_path_factory.mktemp("any"), []
    paths = {id: folder / str(number) for number, id in enumerate(made)}
    for id, (raw, _) in made.items():
        paths[id].write_bytes(raw)

    class Kept:
        def write(self, data: bytes) -> None:
            lines.append(orjson.loads(data))

    account = write((Entry(id, paths[id], gold) for id, (_, gold) in made.items()), Kept(), Choice())
    for record in lines:
        raw, gold = made[record["id"]]
        arrived = record["html"].encode() if "html" in record else b64decode(record["html_base64"])
        assert (arrived, record["gold"]) == (raw, gold) or raw.startswith(b"\x1f\x8b")
    assert account.written == len(lines)
    assert {record["id"] for record in lines} | {remark.about for remark in account.remarks} == set(made)
    assert account.written + account.left_out == len(made)


# --- what is no checkout


@pytest.mark.parametrize("name", TREES)
def test_the_right_folder_is_pointed_at(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder above or below the checkout is refused with one line that says what is missing and where it is."""
    if name == "plain":
        pytest.skip("any folder with texts will do, and none is looked for")
    checkout = make(name, tmp_path / "downloads" / "benchmark-main")
    below = next(path for path in sorted(checkout.rglob("*")) if path.is_dir())
    for wrong in (tmp_path / "downloads", below):
        assert main([name, str(wrong), "-o", str(tmp_path / "out.jsonl")]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{wrong}: " in line
        assert "missing; this folder holds " in line
        assert f"Did you mean {checkout}?" in line
    assert not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["zyte", "nowhere"], "nowhere does not exist"),
        (["zyte", "file.txt"], "file.txt is a file, not the folder of a checkout"),
        (["zyte", "empty"], "ground-truth.json and html are missing; this folder holds nothing."),
        (["zite", "empty"], "there is no importer 'zite'; there are: zyte, "),
        (["zyte"], "name the folder of the checkout"),
        (["zyte", "right", "-o", "out.csv"], "call the file out.csv.jsonl.zst"),
        (["zyte", "right", "-o", "no/out.jsonl"], "there is no folder no"),
        (["zyte", "right", "--split", "dev"], "this benchmark has no splits and no types of pages"),
        (["wcxb", "splits", "--split", "train"], "--split has dev, test; --page-type has article, collection, forum"),
        (["zyte", "array"], "holds a list, where an object is expected"),
        (["zyte", "torn"], "is no JSON: "),
        (["zyte", "pointer"], "git lfs pull"),
    ],
)
def test_errors_teach(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be imported ends with exit code 2, a line that says why, and no file."""
    monkeypatch.chdir(tmp_path)
    put(Path("file.txt"), "")
    Path("empty").mkdir()
    make("wcxb", Path("splits"))
    for name, truth in (
        ("right", None),
        ("array", "[]"),
        ("torn", '{"aa":'),
        ("pointer", "version https://git-lfs/v1"),
    ):
        make("zyte", Path(name))
        if truth:
            put(Path(name) / "ground-truth.json", truth)
    before = set(tmp_path.iterdir())
    assert main(arguments if "-o" in arguments or len(arguments) < 2 else [*arguments, "-o", "out.jsonl"]) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert set(tmp_path.iterdir()) == before


# --- what is peculiar to one benchmark


def test_wcxb_leaves_shared_addresses_out_of_dev(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page of dev that test has as well goes, however its address is written; test stays whole."""
    top = make("wcxb", tmp_path / "checkout")
    dev = imported("wcxb", top, "--split", "dev")
    assert [record["id"] for record in dev] == ["dev/0001", "dev/0003"]
    assert "the test split has a page of the same address (1): dev/0002" in capsys.readouterr().err
    assert [record["id"] for record in imported("wcxb", top, "--split", "test")] == ["test/0001", "test/0002"]


def test_wcxb_types(tmp_path: Path) -> None:
    """Types are read as the benchmark's own script reads them, and the snippets come along."""
    top = make("wcxb", tmp_path / "checkout")
    records = {record["id"]: record for record in imported("wcxb", top)}
    assert {id: record["page_type"] for id, record in records.items()} == {
        "dev/0001": "article",
        "dev/0003": "collection",
        "test/0001": "article",
        "test/0002": "forum",
    }
    assert [record["id"] for record in imported("wcxb", top, "--page-type", "article")] == ["dev/0001", "test/0001"]
    assert records["dev/0001"]["with"] == [BRIDGE[:10]]
    assert "title" not in records["dev/0001"], "the title is gold there: no page would bring it along"


def test_wcxb_without_its_test_split_says_what_it_could_not_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dev alone is written, with a word that shared pages could not be told; an unreadable record is named."""
    put_wcxb(tmp_path / "checkout", "dev/0001", "https://harbour.example/bridge", BRIDGE)
    put_wcxb(tmp_path / "checkout", "dev/0002", "https://choir.example/june", CHOIR)
    put(tmp_path / "checkout/dev/ground-truth/0002.json", "{")
    assert [record["id"] for record in imported("wcxb", tmp_path / "checkout")] == ["dev/0001"]
    report = capsys.readouterr().err
    assert "there is no test split in the checkout" in report
    assert "1 left out" in report
    assert "(1): dev/0002" in report


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.harbour.example/a/", "http://harbour.example/a", True),
        ("https://harbour.example/a?utm_source=x&b=1", "https://HARBOUR.example/a?b=1#top", True),
        ("https://harbour.example/a?b=1", "https://harbour.example/a?b=2", False),
        ("https://harbour.example/a", "https://harbour.example/A", False),
        ("https://harbour.example/", "https://harbour.example", True),
        ("https://news.harbour.example/a", "https://harbour.example/a", False),
    ],
)
def test_addresses_are_compared_as_pages(one: str, other: str, same: bool) -> None:
    """Two spellings of one page are one; other paths, parameters and hosts are other pages."""
    assert (normalise(one) == normalise(other)) is same


@given(st.text("ab/?&=#.:%[]é", max_size=20))
def test_normalised_addresses_stay_as_they_are(rest: str) -> None:
    """To normalise twice is to normalise once, for whatever is written after the host."""
    try:
        once = normalise(f"https://harbour.example/{rest}")
    except ValueError:
        return
    assert normalise(f"https://{once}") == once


def test_fundus_evaluation_keeps_optional_paragraphs_apart(tmp_path: Path) -> None:
    """A paragraph in brackets is gold without its brackets, and named as optional."""
    top = make("fundus_evaluation", tmp_path / "checkout")
    first, second = imported("fundus_evaluation", top)
    assert first["optional"] == ["By our reporter"]
    assert "optional" not in second
    assert first["url"] == "https://harbour.example/bridge"


def test_fundus_tests_pair_pages_with_parsers_or_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Versions count as numbers; where pages and versions are not as many, no pair is guessed."""
    top = make("fundus_tests", tmp_path / "checkout")
    country = top / FUNDUS / "de"
    put(country / "Ferry_2024_05_03.html.gz", page_of(FERRY))
    put(country / "Ferry_2025_05_03.html.gz", page_of(FERRY))
    put(country / "Ferry.json", {"V1": fundus_body("", ("", FERRY))})
    put(country / "Choir_2024_05_03.html.gz", page_of(CHOIR))
    put(country / "Choir.json", {"V1": {"title": "no body is tested"}})
    put(country / "Bridge.html.gz", page_of(BRIDGE))
    put(country / "Bridge.json", {"V1": fundus_body("", ("", BRIDGE))})
    records = imported("fundus_tests", top)
    assert [record["country"] for record in records] == ["at", "at"]
    assert [record.get("url") for record in records] == ["https://harbour.example/bridge", None]
    report = capsys.readouterr().err
    assert "(2): de/Ferry_2024_05_03, de/Ferry_2025_05_03" in report
    assert "there is no gold in its record (1): de/Choir_2024_05_03" in report
    assert "a page without gold (1): de/Bridge.html.gz" in report
    assert "gold without a page (1): de/Bridge" in report


def test_trafilatura_snippets(tmp_path: Path) -> None:
    """Snippets are those of the file, joined where Python joins them; an address that is none stays away."""
    top = make("trafilatura", tmp_path / "checkout")
    first, second = imported("trafilatura", top)
    assert first["with"] == ["The bridge is open", BRIDGE[-20:]]
    assert first["without"] == ["Menu"]
    assert first["url"] == "https://harbour.example/bridge"
    assert second["without"] == ["Menu", "\\d"]
    assert "url" not in second


def test_trafilatura_reads_json_where_there_is_one(tmp_path: Path) -> None:
    """Newer checkouts keep the annotations in JSON: it goes before the Python file."""
    top = make("trafilatura", tmp_path / "checkout")
    put(
        top / "tests/evaldata.json",
        {"https://harbour.example/": {"file": "choir.html", "with": ["tenors"], "without": []}},
    )
    (record,) = imported("trafilatura", top)
    assert (record["id"], record["with"], record["url"]) == ("choir.html", ["tenors"], "https://harbour.example/")


@pytest.mark.parametrize(
    ("source", "records", "repeated"),
    [
        ("EVAL_PAGES = {'a': {'file': 'x'}}", {"a": {"file": "x"}}, ()),
        ("OTHER = 1\nEVAL_PAGES: dict = {'a': 'b' 'c'}", {"a": "bc"}, ()),
        ("EVAL_PAGES = {'a': 1, 'a': 2}", {"a": 2}, ("a",)),
        ("EVAL_PAGES = {'a': 'b' + 'c', 'd': open('x')}", {"a": None, "d": None}, ()),
        ("EVAL_PAGES = {**OTHER, 'a': f'{x}', name: 1}", {"** in line 2": None, "a": None, "line 2": None}, ()),
    ],
)
def test_python_is_parsed_and_never_run(
    source: str, records: dict[str, Any], repeated: tuple[str, ...], tmp_path: Path
) -> None:
    """Literals are read; what would have to be run has no value, and nothing of it happens."""
    found = read_literal(put(tmp_path / "evaldata.py", f"raise SystemExit(1)\n{source}\n"))
    assert (found.by_id, found.repeated) == (records, repeated)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("PAGES = {}\nLATER = 1", "no dictionary is assigned to EVAL_PAGES; it assigns PAGES, LATER"),
        ("EVAL_PAGES = dict(a=1)", "no dictionary is assigned to EVAL_PAGES; it assigns EVAL_PAGES"),
        ("EVAL_PAGES = {", "is no Python: "),
        ("\0", "is no Python: "),
    ],
)
def test_python_that_holds_no_annotations(source: str, said: str, tmp_path: Path) -> None:
    """An error says what the file holds instead."""
    with pytest.raises(InputError, match=r"evaldata\.py") as caught:
        read_literal(put(tmp_path / "evaldata.py", source))
    assert said in str(caught.value)


def test_trafilatura_names_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record that is no literal, names no file, or whose file is not there is named with its reason."""
    top = make("trafilatura", tmp_path / "checkout")
    more = "'u1': {'file': 'a' + 'b'},\n'u2': {'with': ['x']},\n'u3': {'file': 'gone.html', 'with': ['x']},\n}"
    put(top / "tests/evaldata.py", EVALDATA.rstrip().removesuffix("}") + more)
    assert len(imported("trafilatura", top)) == 2
    report = capsys.readouterr().err
    assert "cannot be read without running the file (1): u1" in report
    assert "it names no file (1): u2" in report
    assert "gold without a page (1): gone.html" in report


def test_mozilla_pages_without_an_expected_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The language is the declared one; a folder without an expected page is named."""
    top = make("mozilla", tmp_path / "checkout")
    put(top / "test/test-pages/003/source.html", page_of(FERRY))
    records = imported("mozilla", top)
    assert [record.get("lang") for record in records] == ["en", None]
    assert "a page without gold (1): 003" in capsys.readouterr().err


def test_a_body_that_is_no_utf8_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Letters of gold are never guessed."""
    top = make("plain", tmp_path / "checkout")
    put(top / "choir.txt", "Der Chor übt.".encode("iso-8859-1"))
    assert [record["id"] for record in imported("plain", top)] == ["harbour/bridge"]
    assert "its gold is no UTF-8: save it as such (1): choir" in capsys.readouterr().err


def test_mozilla_without_inscriptis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is named with the extra that brings it."""
    make_mozilla(tmp_path)
    monkeypatch.setitem(sys.modules, "inscriptis", None)
    assert main(["mozilla", str(tmp_path)]) == 2
    assert "pip install 'cleaner-news[bench]'" in capsys.readouterr().err


@pytest.mark.parametrize("stop", [KeyboardInterrupt, BrokenPipeError])
def test_an_import_that_is_stopped_leaves_nothing(
    stop: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """An interrupt, or a reader that goes away, ends it without a traceback and without half a file."""
    make("zyte", tmp_path / "checkout")

    def read(path: Path) -> str:
        raise stop

    monkeypatch.setattr("benchmarks.importers.writing.read_page", read)
    with monkeypatch.context() as patch:
        patch.setattr("os.dup2", lambda *_: None)
        assert main(["zyte", str(tmp_path / "checkout"), "-o", str(tmp_path / "out.jsonl.zst")]) in (1, 130)
    assert "Traceback" not in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["checkout"]


def test_the_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` says of each importer what it is, where gold comes from, and under which licence."""
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for importer in IMPORTERS.values():
        assert f"{importer.name}\n" in out
        assert importer.gold in out
        assert importer.licence in out


def test_a_compressed_set_is_whole(tmp_path: Path) -> None:
    """The file is one Zstandard frame that any reader can open."""
    make("zyte", tmp_path)
    assert main(["zyte", str(tmp_path), "-o", str(tmp_path / "set.jsonl.zst")]) == 0
    with (tmp_path / "set.jsonl.zst").open("rb") as stream:
        lines = zstandard.ZstdDecompressor().stream_reader(stream).read().splitlines()
    assert [orjson.loads(line)["id"] for line in lines] == ["bb", "aa"]
