"""Near-duplicates: copies of one story meet, others do not, in any order, in any script, and nothing is changed."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.dedup import body_of, wrap
from cleaner.bench.case import Case, Labels
from cleaner.cli.main import main
from cleaner.duplicates import cluster as clusters
from cleaner.duplicates import sketch as sketches
from cleaner.duplicates.cluster import agreement, cluster, rows_for
from cleaner.duplicates.report import THRESHOLD, Cluster, Record, check_output, find_duplicates, report_duplicates
from cleaner.duplicates.shingles import LONGEST, shingle
from cleaner.duplicates.sketch import SLOTS, digest, sketch
from cleaner.errors import InputError, OptionError, OutputError
from cleaner.model import Document
from tests.making import LAST, MORE, PROSE, shipped

SEEDS = Path(__file__).parent.parent / "seeds"
COPIES = ["000_7e69e671192dd10d", "001_a4f8dc8bbb431031", "002_8f0bcb73f769751f"]
"""The seeds that hold one agency story, each as another site has edited it."""

STORY = f"{PROSE} {MORE} {LAST}"


def found(texts: Sequence[str], threshold: float = THRESHOLD) -> list[list[int]]:
    """Return the clusters among texts, as the numbers of their members."""
    bodies = ((Record(str(number), f"#{number}"), text) for number, text in enumerate(texts))
    return [[int(record.id) for record in one.documents] for one in find_duplicates(bodies, threshold)]


def write(path: Path, *records: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["duplicates", *args])


def likeness(one: str, other: str) -> float:
    """Return the share of shingles that two texts have in common."""
    a, b = (set(shingle([text]).hashes.tolist()) for text in (one, other))
    return len(a & b) / len(a | b)


def seeds() -> dict[str, str]:
    return {path.stem: path.read_bytes().decode() for path in sorted(SEEDS.glob("*.txt"))}


def test_syndicated_seeds_meet_after_cleaning_and_not_before() -> None:
    """The three edits of one agency story are a cluster once they are cleaned; as they were scraped no two are."""
    raw = seeds()
    clean = {name: shipped().clean(text).text for name, text in raw.items()}
    names = list(raw)
    assert found(list(raw.values())) == []
    assert found(list(raw.values()), 0.3) == []
    assert [[names[number] for number in one] for one in found(list(clean.values()))] == [COPIES]


words = st.lists(st.sampled_from(["bridge", "opens", "Ünal", "橋", "は", "สะพาน", "7", "—", "..."]), max_size=12)
texts = st.one_of(words.map(" ".join), st.text(max_size=40))


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, max_size=12), st.randoms(use_true_random=False))
def test_order_changes_no_cluster(bodies: list[str], rng: random.Random) -> None:
    """The same documents in another order make the same clusters."""
    order = list(range(len(bodies)))
    rng.shuffle(order)
    turned = [[order[number] for number in one] for one in found([bodies[number] for number in order])]
    assert sorted(map(sorted, turned)) == sorted(map(sorted, found(bodies)))


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from([0.3, 0.5, 0.8, 1.0]))
def test_identical_bodies_always_meet(bodies: list[str], threshold: float) -> None:
    """Each body is in one cluster with its copy, whatever it is made of."""
    where = {number: at for at, one in enumerate(found([*bodies, *bodies], threshold)) for number in one}
    assert all(where[number] == where[number + len(bodies)] for number in range(len(bodies)))


@settings(deadline=None, max_examples=60)
@given(st.lists(texts, max_size=10, unique=True))
def test_bodies_without_a_common_shingle_never_meet(bodies: list[str]) -> None:
    """Where no two bodies share a stretch of three words, nothing is found."""
    taken: set[int] = set()
    apart = []
    for body in bodies:
        own = set(shingle([body]).hashes.tolist()) or {digest(body)}
        if not own & taken:
            apart.append(body)
            taken |= own
    assert found(apart, 0.3) == []


def test_edited_copies_meet_from_the_threshold_on() -> None:
    """Stories of which more and more words were exchanged: the far ones are left out, the near ones are not."""
    rng = random.Random(7)
    vocabulary = ["".join(rng.choices(string.ascii_lowercase, k=6)) for _ in range(3000)]
    missed = wrong = tried = 0
    for share in (0.01, 0.05, 0.1, 0.3, 0.5):
        for _ in range(20):
            story = rng.choices(vocabulary, k=400)
            copy = [rng.choice(vocabulary) if rng.random() < share else word for word in story]
            one, other = " ".join(story), " ".join(copy)
            met, real = bool(found([one, other])), likeness(one, other)
            missed += real > THRESHOLD + 0.1 and not met
            wrong += real < THRESHOLD - 0.1 and met
            tried += abs(real - THRESHOLD) > 0.1
    assert (missed, wrong) == (0, 0)
    assert tried > 80


def test_estimates_are_near_the_exact_share() -> None:
    """What two signatures share estimates what the texts share, within four standard errors."""
    rng = random.Random(3)
    vocabulary = ["".join(rng.choices(string.ascii_lowercase, k=5)) for _ in range(2000)]
    for _ in range(30):
        story = rng.choices(vocabulary, k=300)
        copy = story[: rng.randrange(300)] + rng.choices(vocabulary, k=100)
        pair = [" ".join(story), " ".join(copy)]
        estimate = agreement(sketch(pair), np.array([0]), np.array([1]))[0]
        assert abs(estimate - likeness(*pair)) < 4 * 0.5 / SLOTS**0.5


def test_copies_meet_in_scripts_without_spaces() -> None:
    """Chinese, Japanese and Thai copies with a changed beginning meet; two other texts of their script stay apart."""
    chinese = "连接两岸的吊桥在关闭六年之后于星期六重新开放，市长表示工程造价是原计划的两倍。"
    japanese = "港にかかる吊り橋は六年ぶりに土曜日に開通し、費用は当初の計画の二倍になったと市長は述べた。"
    thai = "สะพานแขวนข้ามท่าเรือเปิดใช้อีกครั้งเมื่อวันเสาร์หลังจากปิดมาหกปีและใช้งบประมาณเป็นสองเท่าของแผน"
    others = [
        "图书馆的屋顶漏水，管理员把旧报纸搬到了二楼。",
        "灯台守は四十年の勤めを終えて島を離れた。",
        "ห้องสมุดประจำหมู่บ้านย้ายหนังสือทั้งหมดขึ้นชั้นสองเพราะหลังคารั่ว",
    ]
    texts = [chinese, japanese, thai, f"快讯{chinese}", f"速報{japanese}", f"ข่าวด่วน{thai}", *others]
    assert sorted(found(texts)) == [[0, 3], [1, 4], [2, 5]]


def test_a_change_in_the_middle_parts_no_copies_in_scripts_without_spaces() -> None:
    """A shingle of Chinese or Thai is no longer than a few words: what stands around an exchanged one is found again."""
    chinese = "连接两岸的吊桥在关闭六年之后于{}重新开放，市长表示工程造价是原计划的两倍。"
    thai = "สะพานแขวนข้ามท่าเรือเปิดใช้อีกครั้งเมื่อ{}หลังจากปิดมาหกปีและใช้งบประมาณเป็นสองเท่าของแผน"
    texts = [chinese.format("星期六"), thai.format("วันเสาร์"), chinese.format("昨天"), thai.format("วันจันทร์")]
    assert sorted(found(texts)) == [[0, 2], [1, 3]]


def test_typography_is_no_difference() -> None:
    """Quotes, dashes, case, spaces, soft hyphens and the form of accents make no copy another text."""
    plain = 'The mayor\'s cafe\u0301 - "the last one" - closes in Zurich on Monday, after forty years by the harbour.'
    fine = "THE MAYOR’S  CAFÉ — “the last one” — clo\u00adses in\nZurich on Monday after forty years by the harbour"
    [one] = find_duplicates([(Record("1", "#1"), plain), (Record("2", "#2"), fine)], 1.0)
    assert (one.similarity, one.exact) == (1.0, False)


def test_a_shingle_does_not_reach_into_the_next_text() -> None:
    """Texts hashed together have the shingles that each has by itself."""
    bodies = ["one two three four", "", "five", "…", "橋は開いた", "สะพาน", "six seven eight nine"]
    together = shingle(bodies)
    for number, body in enumerate(bodies):
        own = together.hashes[together.bounds[number] : together.bounds[number + 1]]
        assert own.tolist() == shingle([body]).hashes.tolist()


def test_a_bucket_too_wide_is_searched_by_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more texts are equal in a band than are compared with each other, copies still meet through one another."""
    monkeypatch.setattr(clusters, "WIDEST", 1)
    story = STORY.split()
    copies = [" ".join([f"note{number}", *story]) for number in range(30)]
    assert found(copies) == [list(range(30))]


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.9, 1.0])
def test_bands_miss_little_at_the_threshold(threshold: float) -> None:
    """Of pairs right at the threshold at most one in fifty has no band in common, and bands fit into a signature."""
    rows = rows_for(threshold)
    assert 1 <= rows <= SLOTS
    assert (1 - threshold**rows) ** (SLOTS // rows) <= 0.02


def test_batches_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many texts are looked at together, the signatures and clusters are the same."""
    bodies = [STORY, f"{STORY} Zorble.", PROSE, MORE, "…", STORY]
    whole = sketch(bodies)
    assert np.array_equal(whole, np.concatenate([sketch([body]) for body in bodies]))
    numbers = np.array([digest(body) for body in bodies], np.uint64)
    before = cluster(whole, numbers, 0.5).tolist()
    monkeypatch.setattr(clusters, "_PART", 2)
    assert cluster(whole, numbers, 0.5).tolist() == before


def test_a_report_names_documents_places_and_how_alike_they_are(tmp_path: Path) -> None:
    """A line a cluster, the largest first; empty bodies are counted apart, records without a text as well."""
    one = write(
        tmp_path / "one.jsonl",
        {"id": "a", "text": STORY, "url": "https://bridge.example/1", "cleaning": {}},
        {"id": "b", "text": ""},
        {"id": "c", "text": PROSE},
        {"body": "no text"},
    )
    two = tmp_path / "two.jsonl.zst"
    rows = [
        {"id": "d", "text": " "},
        {"id": "e", "text": STORY},
        {"id": "f", "text": PROSE},
        {"id": "g", "text": STORY + " Nobody else."},
    ]
    two.write_bytes(zstandard.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    report = tmp_path / "found.jsonl"
    summary = report_duplicates([str(one), str(two)], str(report))
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    assert [[document["id"] for document in line["documents"]] for line in lines] == [["a", "e", "g"], ["c", "f"]]
    assert lines[0]["documents"][:2] == [
        {"id": "a", "record": "one.jsonl#1", "url": "https://bridge.example/1"},
        {"id": "e", "record": "two.jsonl.zst#2"},
    ]
    assert [line["exact"] for line in lines] == [False, True]
    assert lines[0]["similarity"] < lines[1]["similarity"] == 1
    assert (summary.documents, summary.empty, summary.unread) == (5, 2, 1)
    assert (summary.clusters, summary.clustered, summary.copies, summary.exact) == (2, 5, 3, 1)
    assert (summary.share, summary.largest_size, summary.largest) == (0.6, 3, ("a", "e", "g"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.jsonl", "one.jsonl", "two.jsonl.zst"]


def test_a_report_reads_the_shards_of_a_folder_and_not_what_a_run_notes_down(tmp_path: Path) -> None:
    """A folder is read without its rejects, its notes and an earlier report, so that a rerun says the same."""
    out = tmp_path / "out"
    (out / "_run").mkdir(parents=True)
    write(out / "news-00000.jsonl", {"id": "a", "text": STORY})
    write(out / "news-00001.jsonl", {"id": "b", "text": STORY})
    write(out / "news-00001.rejects.jsonl", {"id": "c", "text": STORY})
    report = out / "_run" / "duplicates.jsonl"
    first = report_duplicates([str(out)], str(report))
    before = report.read_bytes()
    assert json.loads(before)["documents"] == [
        {"id": "a", "record": "news-00000.jsonl#1"},
        {"id": "b", "record": "news-00001.jsonl#1"},
    ]
    assert report_duplicates([str(out)], str(report)) == first
    assert report.read_bytes() == before


def test_annotated_records_are_compared_by_what_is_left_of_them(tmp_path: Path) -> None:
    """Of records whose texts kept their noise the cuts are taken out first; the offsets of a repaired one count its source."""
    noise = " ".join(f"Zorble {number} announced" for number in range(60))
    rows = [
        {"id": "a", "text": noise + STORY, "cleaning": {"cuts": [{"start": 0, "end": len(noise)}]}},
        {"id": "b", "text": "mojibake", "cleaning": {"source": STORY + noise, "cuts": [{"start": len(STORY), "end": len(STORY + noise)}]}},
        {"id": "c", "text": STORY},
        {"id": "d", "text": STORY, "cleaning": {"source": None, "cuts": []}},
    ]  # fmt: skip
    path = write(tmp_path / "kept.jsonl", *rows)
    assert report_duplicates([str(path)], str(tmp_path / "1.jsonl")).clustered == 2
    summary = report_duplicates([str(path)], str(tmp_path / "2.jsonl"), annotated=True)
    assert (summary.clustered, summary.exact) == (4, 1)


@pytest.mark.parametrize(
    "account", [7, {}, {"cuts": 3}, {"cuts": [{"start": "x", "end": 1}]}, {"cuts": [], "source": 1}]
)
def test_an_account_of_another_make_is_an_error_with_its_place(tmp_path: Path, account: object) -> None:
    """Where `cleaning` is not what the cleaner writes, the cuts cannot be taken out, and the error says which record."""
    path = write(tmp_path / "kept.jsonl", {"id": "a", "text": STORY, "cleaning": account})
    with pytest.raises(InputError, match=r"kept\.jsonl: record kept\.jsonl#1, `cleaning`"):
        report_duplicates([str(path)], str(tmp_path / "found.jsonl"), annotated=True)


def test_accounts_are_read_from_tables_too(tmp_path: Path) -> None:
    """In a table the account is a text in a cell."""
    noise = " ".join(f"Zorble {number} announced" for number in range(60))
    account = json.dumps({"cuts": [{"start": 0, "end": len(noise)}]}).replace('"', '""')
    path = tmp_path / "kept.csv"
    path.write_text(f'id,text,cleaning\na,"{noise}{STORY}","{account}"\nb,"{STORY}","{{""cuts"": []}}"\n')
    assert report_duplicates([str(path)], str(tmp_path / "found.jsonl"), annotated=True).clustered == 2


def test_what_has_no_lines_is_named_by_its_file(tmp_path: Path) -> None:
    """A text in a file of its own stands at the path of that file."""
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(STORY)
    [line] = run(str(tmp_path)).stdout.splitlines()
    places = [{"id": name, "record": str(tmp_path / f"{name}.txt")} for name in ("one", "two")]
    assert json.loads(line)["documents"] == places


def test_nothing_is_written_where_reading_breaks_off(tmp_path: Path) -> None:
    """An input cut short leaves no report, no temporary file, and an earlier report as it was."""
    path = tmp_path / "cut.jsonl.zst"
    path.write_bytes(zstandard.compress(json.dumps({"text": STORY}).encode() * 2)[:-9])
    report = tmp_path / "found.jsonl"
    report.write_text("earlier")
    with pytest.raises(InputError, match=r"cut\.jsonl\.zst"):
        report_duplicates([str(path)], str(report))
    assert report.read_text() == "earlier"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["cut.jsonl.zst", "found.jsonl"]


def test_an_input_is_no_report(tmp_path: Path) -> None:
    """The report never takes the place of what it is about."""
    path = write(tmp_path / "one.jsonl", {"text": STORY})
    with pytest.raises(OutputError, match="is one of the inputs"):
        report_duplicates([str(path)], str(path))


@pytest.mark.parametrize("threshold", [0.0, 0.29, 1.01])
def test_a_threshold_out_of_bounds_is_refused(threshold: float) -> None:
    """Below three tenths nearly all pairs would be candidates; above one there are none."""
    with pytest.raises(OptionError, match=r"between 0\.3 and 1"):
        found([STORY], threshold)


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where rensa is missing the command ends before it reads anything, with the line to type."""
    monkeypatch.setitem(__import__("sys").modules, "rensa", None)
    path = write(tmp_path / "one.jsonl", {"text": STORY})
    done = run(str(path))
    assert done.exit_code == 2
    assert done.stderr == "cleaner: near-duplicates need rensa: pip install 'cleaner-news[dedup]'\n"


def test_the_command_writes_clusters_to_standard_output_and_a_summary_beside(tmp_path: Path) -> None:
    """Without a report the clusters go to standard output; the summary says what is in them."""
    path = write(
        tmp_path / "one.jsonl", {"id": "a", "text": STORY}, {"id": "b", "text": STORY}, {"id": "c", "text": ""}
    )
    done = run(str(path))
    assert done.exit_code == 0
    assert [one["id"] for one in json.loads(done.stdout)["documents"]] == ["a", "b"]
    assert done.stderr.splitlines() == [
        "2 documents: 1 cluster of near-duplicates, 1 of them exact; 2 documents in them, 50.0% of all are further copies",
        "largest: 2 documents: a, b",
        "1 document without a body, not compared",
    ]
    done = run(str(path), "-o", str(tmp_path / "found.jsonl"), "--json", "--threshold", "0.9")
    summary = json.loads(done.stderr)
    assert (summary["clusters"], summary["copies"], summary["empty"]) == (1, 1, 1)
    assert summary["largest"] == {"documents": 2, "ids": ["a", "b"]}
    assert (tmp_path / "found.jsonl").is_file()


@pytest.mark.parametrize(
    ("output", "report", "record"),
    [
        ("out.jsonl", "out.jsonl.duplicates.jsonl", "out.jsonl#"),
        ("out.csv", "out.csv.duplicates.jsonl", "out.csv#"),
        ("out/", "out/_run/duplicates.jsonl", "dump-00000.jsonl#"),
    ],
)
def test_a_run_reports_what_it_has_written(tmp_path: Path, output: str, report: str, record: str) -> None:
    """`clean --dedup` compares the cleaned bodies: copies among different noise meet, in a file or in shards."""
    dump = write(tmp_path / "dump.jsonl", *({"id": name, "text": text} for name, text in seeds().items()))
    done = CliRunner().invoke(main, ["clean", str(dump), "-o", f"{tmp_path}/{output}", "--dedup"])
    assert done.exit_code == 0, done.output
    [line] = (tmp_path / report).read_text().splitlines()
    documents = json.loads(line)["documents"]
    assert [one["id"] for one in documents] == COPIES
    assert all(one["record"].startswith(record) for one in documents)
    assert "1 cluster of near-duplicates" in done.stderr


@pytest.mark.parametrize(
    ("path", "format_", "in_shards"),
    [
        (None, None, False),
        (None, "jsonl", False),
        ("out.txt", None, False),
        ("out.txt.gz", "jsonl", False),
        ("out.dat", "jsonl", False),
        ("out/", "text", True),
        ("out/", "text.gz", True),
    ],
)
def test_an_output_that_cannot_be_compared_is_refused(path: str | None, format_: str | None, in_shards: bool) -> None:
    """Standard output cannot be read again; bodies in one text file are one text; unknown endings are not read."""
    with pytest.raises(OptionError, match="--dedup compares the records of an output"):
        check_output(path, format_, in_shards)


@pytest.mark.parametrize(
    ("path", "format_", "in_shards"),
    [
        ("out.jsonl.zst", None, False),
        ("s3://bucket/out.parquet", None, False),
        ("out.wet", "wet", False),
        ("out/", None, True),
        ("out", "csv.gz", True),
    ],
)
def test_an_output_of_records_can_be_compared(path: str, format_: str | None, in_shards: bool) -> None:
    """Whatever holds documents one by one is read again."""
    check_output(path, format_, in_shards)


def test_a_run_to_standard_output_is_refused_before_it_cleans(tmp_path: Path) -> None:
    """Nothing is written where the report could not be."""
    dump = write(tmp_path / "dump.jsonl", {"id": "a", "text": STORY})
    done = CliRunner().invoke(main, ["clean", str(dump), "--dedup"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--dedup compares the records of an output" in done.stderr


def test_pages_are_passed_over(tmp_path: Path) -> None:
    """A page has no body before it is cleaned: it is counted, and the summary says so."""
    (tmp_path / "page.html").write_text(f"<html><body><p>{STORY}</p></body></html>")
    done = run(str(tmp_path))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "1 record without a text passed over" in done.stderr


def test_texts_beyond_the_longest_are_looked_at_up_to_there() -> None:
    """A text of a hundred megabytes takes no more memory than its first million code points."""
    assert len(shingle(["a b c d " * (LONGEST // 4)]).hashes) == LONGEST // 2 - 2


def test_a_cluster_is_described_without_what_is_unknown() -> None:
    """A line holds no empty URL, and the similarity in three digits."""
    told = Cluster((Record("a", "x#1"), Record("b", "x#2", "u")), 2 / 3, False).describe()
    assert told["similarity"] == 0.667
    assert told["documents"] == [{"id": "a", "record": "x#1"}, {"id": "b", "record": "x#2", "url": "u"}]


def test_signatures_that_fill_the_disk_are_an_output_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the folder takes no temporary file the error names it."""
    with pytest.raises(OutputError, match="no temporary file in"):
        list(find_duplicates([(Record("a", "#1"), STORY)], folder=tmp_path / "missing"))
    assert sketches.SLOTS == SLOTS


def test_the_study_puts_a_story_where_a_page_had_its_own() -> None:
    """Wrapped in another page, a story is there whole and in order, and the noise of that page stands where it stood."""
    text = f"Menu\n{PROSE}\nRead also\n{MORE}\nShare"
    spans = []
    for part, label in (("Menu", "ui"), (PROSE, "body"), ("Read also", "inline-link"), (MORE, "body"), ("Share", "ui")):
        spans.append((text.index(part), text.index(part) + len(part), label))
    carrier = Case("carrier", "pages", Document("carrier", text), Labels(tuple(spans)), "harbour.example")
    units = ["One.", "Two.", "Three.", "Four."]
    assert wrap(carrier, units) == "Menu\nOne.\nTwo.\nRead also\nThree.\nFour.\nShare"
    assert body_of(carrier) == f"{PROSE}\n{MORE}"
