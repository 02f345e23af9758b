"""`cleaner report`: figures of all records, samples that are really there, and a page that stays small and harmless."""

from __future__ import annotations

import json
import random
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html

from cleaner.audit import digest as digest_module
from cleaner.audit import page as page_module
from cleaner.audit.account import read_account
from cleaner.audit.counts import Spread
from cleaner.audit.digest import Digest
from cleaner.audit.exhibit import clip
from cleaner.audit.page import LIMIT, draw_report
from cleaner.audit.pool import Leaders, Lot, Pool
from cleaner.audit.ration import ration
from cleaner.audit.report import Report
from cleaner.audit.stats import Stats, stats_of_file
from cleaner.audit.trail import Trail, restore
from cleaner.audit.view import view_documents, view_notes, view_rules
from cleaner.cli.main import main
from cleaner.io.record import USUAL, describe
from cleaner.io.splice import dump
from cleaner.model import CLASSES, Cleaned, Cut, Document, Drop, replay
from cleaner.report.drawing import Bounds, outline
from tests.making import LAST, MORE, PROSE, shipped

HOSTILE = "</script><b onmouseover='x'>\x1b[31m\u202e\ud800\x00 & \"quoted\"\u2028"
texts = st.text(st.characters(codec=None), max_size=40) | st.just(HOSTILE)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def read(*args: str) -> dict[str, Any]:
    """Return what a command writes as JSON."""
    found: dict[str, Any] = json.loads(run(*args, "--json").stdout)
    return found


def cleaned(source: str, cuts: Sequence[tuple[int, int, str]], /, **known: Any) -> Cleaned:
    """Put a cleaned document together: places with the rules, by commas, that asked for them."""
    trail = tuple(Cut(start, end, source[start:end], "ad", tuple(rules.split(","))) for start, end, rules in cuts)
    flags, drops = known.pop("flags", ()), known.pop("drops", ())
    metadata = known.pop("metadata", {})
    document = Document(known.pop("id", "one"), source, **known)
    text = replay(source, trail)
    return Cleaned(document, source, text, cuts=trail, flags=flags, drops=drops, metadata=metadata, rules_digest="abc")


def record(result: Cleaned, lean: bool = False) -> dict[str, Any]:
    """Return the record that a document becomes."""
    known = {name: getattr(result.document, name) for name in ("id", "url", "source", "lang", "title")}
    return {**known, "text": result.text, "cleaning": describe(result, lean)}


def trail(result: Cleaned, place: str = "out.jsonl#1", lean: bool = False) -> Trail:
    row = record(result, lean)
    return Trail(row, read_account(row["cleaning"]), USUAL, place)


def digest_of(results: Iterable[Cleaned], **settings: Any) -> Digest:
    digest = Digest(**settings)
    for number, result in enumerate(results):
        digest.take(trail(result, f"out.jsonl#{number}"))
    return digest


def page_of(results: Sequence[Cleaned], folder: Path, *options: str) -> str:
    """Write records, and return the page about them."""
    folder.mkdir(exist_ok=True)
    (folder / "out.jsonl").write_bytes(b"".join(dump(record(result)) + b"\n" for result in results))
    done = run("report", f"{folder}/out.jsonl", "-o", f"{folder}/page.html", "-q", *options)
    assert (done.exit_code, done.stderr) == (0, "")
    return (folder / "page.html").read_text(encoding="utf-8")


def noisy(number: int) -> str:
    """Return a text with noise, one of a few kinds."""
    noise = ("Advertisement", "Read also: The bridge", "Share this article", f"Published {number} hours ago")
    return f"{PROSE}\n{noise[number % 4]}\n{MORE}\n{LAST}\n{noise[number % 3]}" if number % 5 else PROSE


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean two inputs into a folder of shards and into one file."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "in").mkdir()
    rows = [
        {"id": f"n{number}", "text": noisy(number), "url": f"https://www.{'abc'[number % 3]}.example/{number}",
         "lang": ("en", "fr", None)[number % 3]}
        for number in range(60)
    ]  # fmt: skip
    lines = [json.dumps(row) for row in rows]
    (folder / "in/a.jsonl").write_text("\n".join([*lines[:40], '{"text":1}', f'{{"text": "{"<b>" * 99}']))
    (folder / "in/b.jsonl").write_text("\n".join(lines[40:]))
    assert run("clean", f"{folder}/in", "-o", f"{folder}/out/", "--shard-size", "0.002", "-q").exit_code == 1
    assert run("clean", f"{folder}/in", "-o", f"{folder}/out.jsonl", "-q").exit_code == 1
    return folder


# --- figures


@pytest.mark.parametrize("name", ["out", "out.jsonl"])
def test_figures_are_those_of_stats(made: Path, name: str) -> None:
    """All that `cleaner stats` tells of an output the report tells too, and its own sums agree with it."""
    stats = read("stats", f"{made}/{name}", *(["--read"] if name == "out" else []))
    told = read("report", f"{made}/{name}")
    assert {key: told[key] for key in stats} == stats
    assert {rule: one["cuts"] for rule, one in told["by_rule"].items()} == stats["rules"]
    assert {kind: one["characters"] for kind, one in told["by_class"].items()} == stats["classes"]
    assert sum(one["removed"] for one in told["by_language"].values()) == stats["removed"]
    for kind, size in stats["classes"].items():
        assert sum(one["classes"].get(kind, 0) for one in told["by_language"].values()) == size
    assert sum(one["documents"] for one in told["by_language"].values()) == stats["documents"] - stats["rejected"]
    assert set(told["by_language"]) == {"en", "fr", "unknown"}
    assert sum(told["share_removed"].values()) == stats["cleaned"] + stats["unchanged"]
    alone = sum(one["alone_characters"] for one in told["by_rule"].values())
    assert 0 < alone <= stats["removed"]


def test_shards_and_one_file_tell_the_same(made: Path) -> None:
    """The same records in shards and in one file give the same figures, samples and documents, but for their places."""

    def plain(told: Any) -> Any:
        if isinstance(told, dict):
            return {key: plain(value) for key, value in told.items() if key != "place"}
        return [plain(value) for value in told] if isinstance(told, list) else told

    shards, whole = (read("report", f"{made}/{name}") for name in ("out", "out.jsonl"))
    for name in ("by_rule", "by_class", "by_language", "documents_shown", "recovered", "share_removed"):
        assert plain(shards[name]) == plain(whole[name]), name


def test_every_sample_is_in_the_output(made: Path) -> None:
    """Each sample is a cut of the record it names, by the rule it stands for, with what stands around it there."""
    rows = {row["id"]: row for row in map(json.loads, (made / "out.jsonl").read_text().splitlines())}
    told = read("report", f"{made}/out.jsonl")
    seen = 0
    for rule, one in told["by_rule"].items():
        assert one["samples"], rule
        for sample in one["samples"]:
            row = rows[sample["id"]]
            account = read_account(row["cleaning"])
            source = restore(row["text"], account.cuts)
            assert source is not None
            assert sample["before"] + sample["text"] in source
            assert (sample["tail"] or sample["text"]) + sample["after"] in source
            fits = [cut for cut in account.cuts if rule in cut.rules and cut.text.startswith(sample["text"])]
            assert sample["size"] in [len(cut.text) for cut in fits]
            seen += sample["count"]
    assert seen > 60


def test_counts_of_samples_are_exact(made: Path) -> None:
    """Where all cuts of a rule are shown, their counts add up to its cuts; digits make no difference."""
    told = read("report", f"{made}/out.jsonl", "--samples", "100")
    for one in told["by_rule"].values():
        assert sum(sample["count"] for sample in one["samples"] if sample["kind"] != "longest") == one["cuts"]
    assert told["by_rule"]["generic.ad-label"]["distinct"] == 1


@given(st.permutations(range(40)), st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_order_makes_no_difference(order: list[int], seed: int) -> None:
    """In whatever order records come, the same samples and documents are shown, with the same counts."""
    results = [shipped_result(number) for number in range(40)]
    shown = [shown_by(results, seed), shown_by([results[number] for number in order], seed)]
    assert shown[0] == shown[1]


def shown_by(results: Sequence[Cleaned], seed: int) -> Any:
    digest = Digest(samples=2, seed=seed)
    for result in results:
        digest.take(trail(result, result.document.id))
    samples = {rule: [(asdict(one.item), one.count) for one in pool] for rule, pool in sorted(digest.cuts.items())}
    longest = {rule: [asdict(one.item) for one in pool] for rule, pool in sorted(digest.longest.items())}
    documents = [
        [(one.sheet.known, one.count, one.reasons) for one in view.documents]
        for view in view_documents(digest, Counter())
    ]
    return samples, longest, documents


_RESULTS: dict[int, Cleaned] = {}


def shipped_result(number: int) -> Cleaned:
    if number not in _RESULTS:
        known = {"id": f"n{number}", "url": f"https://s{number % 7}.example/"}
        _RESULTS[number] = shipped().clean(noisy(number % 30), **known)
    return _RESULTS[number]


def test_what_to_look_at_first_is_told() -> None:
    """Documents and sources that lost nearly all, rules that were given up, and long cuts of one rule stand above."""
    many = [cleaned("word " * 600 + str(n), [(100, 2_900, "x.long")], source="lost.example") for n in range(20)]
    spared = [cleaned(f"{PROSE} {n}", (), source="kept.example", flags=("guard:x.spared",)) for n in range(30)]
    digest, stats = digest_of([*many, *spared]), Stats()
    for result in (*many, *spared):
        stats.tally.add(result)
        stats.sources[str(result.document.source)].add(result)
    notes = view_notes(stats, digest, view_rules(stats, digest, shipped().ruleset))
    assert [text.split(":")[0] for text, _ in notes] == [
        "20 documents lost more than 90%, but not all.",
        "lost.example lost 93% of its text, in 20 documents.",
        "was given up by its guard in 30 documents",
        "once cut 2,800 characters in one piece that no other rule asked for.",
    ]
    assert [rule for _, rule in notes] == ["", "", "x.spared", "x.long"]


def test_seed_chooses(made: Path) -> None:
    """One seed gives one page, byte for byte; another one shows other documents."""
    pages = []
    for seed in ("1", "1", "2"):
        assert run("report", f"{made}/out", "-o", f"{made}/p.html", "--seed", seed, "--samples", "1").exit_code == 0
        pages.append((made / "p.html").read_bytes())
    assert pages[0] == pages[1]
    chosen = [
        [one["documents"] for one in read("report", f"{made}/out", "--seed", seed, "--samples", "1")["documents_shown"]]
        for seed in "12"
    ]
    assert chosen[0] != chosen[1]


def test_annotated_and_lean_outputs(made: Path) -> None:
    """Annotated records give the same figures and samples; lean ones the same figures, and it is said that texts lack."""
    whole = read("report", f"{made}/out.jsonl")
    for name, option in (("noted", "--annotate"), ("lean", "--lean")):
        assert run("clean", f"{made}/in", "-o", f"{made}/{name}.jsonl", option, "-q").exit_code == 1
    noted, lean = (read("report", f"{made}/{name}.jsonl") for name in ("noted", "lean"))
    drop = {"samples", "distinct", "counted"}
    for rule, one in whole["by_rule"].items():
        assert noted["by_rule"][rule] == {**one, "samples": noted["by_rule"][rule]["samples"]}
        assert [s["text"] for s in noted["by_rule"][rule]["samples"]] == [s["text"] for s in one["samples"]]
        assert {k: v for k, v in lean["by_rule"][rule].items() if k not in drop} == {
            k: v for k, v in one.items() if k not in drop
        }
        assert lean["by_rule"][rule]["samples"] == []
    run("report", f"{made}/lean.jsonl", "-o", f"{made}/lean.html", "-q")
    assert "hold no texts of their cuts" in (made / "lean.html").read_text()
    assert run("clean", f"{made}/in", "-o", f"{made}/both/", "--lean", "--annotate", "-q").exit_code == 1
    both = read("report", f"{made}/both")
    assert {rule: [s["text"] for s in one["samples"]] for rule, one in both["by_rule"].items()} == {
        rule: [s["text"] for s in one["samples"]] for rule, one in whole["by_rule"].items()
    }


def test_tables_are_read_too(made: Path) -> None:
    """Records in CSV give the same figures by rule."""
    assert run("clean", f"{made}/in", "-o", f"{made}/out.csv", "-q").exit_code == 1
    told, whole = read("report", f"{made}/out.csv"), read("report", f"{made}/out.jsonl")
    assert {rule: one["cuts"] for rule, one in told["by_rule"].items()} == whole["rules"]


def test_part_of_an_input_is_reported_on(made: Path) -> None:
    """A run with --limit, whose books cannot close, can be reported on."""
    assert run("clean", f"{made}/in", "-o", f"{made}/few/", "--limit", "7", "-q").exit_code == 0
    assert read("report", f"{made}/few")["documents"] == 7


def test_elements_of_pages_count_apart() -> None:
    """Elements dropped from pages are counted and shown under their rule, and are in no sum of characters."""
    drops = (Drop("/html/body/div", "The week by the water, in your inbox.", "page.newsletter"),)
    digest = digest_of([cleaned(PROSE, (), drops=drops)] * 3)
    toll = digest.rules["page.newsletter"]
    assert (toll.elements, toll.cuts, toll.documents, toll.characters) == (3, 0, 3, 0)
    assert toll.element_characters == 3 * len(drops[0].text)
    (sample,) = digest.cuts["page.newsletter"]
    assert (sample.item.text, sample.item.path, sample.count) == (drops[0].text, drops[0].path, 3)


def test_what_only_one_rule_asked_for_comes_first() -> None:
    """Samples are of cuts that the rule alone asked for, as long as there are any; the longest of those is told."""
    source = "x" * 50 + "AAAA" + "y" * 50
    both = [cleaned(source.replace("A", chr(65 + n)), [(50, 54, "x.one,x.two")], id=str(n)) for n in range(20)]
    digest = digest_of([*both, cleaned(source, [(50, 60, "x.one")], id="alone")], samples=1)
    digest.cuts["x.one"].trim(1)
    assert [chosen.item.rules for chosen in digest.cuts["x.one"]] == [("x.one",)]
    assert (digest.rules["x.one"].cuts, digest.rules["x.one"].alone, digest.rules["x.one"].longest) == (21, 1, 10)


def test_outliers_are_the_documents_that_lost_most() -> None:
    """Lists hold those that lost everything, the largest share, and most characters; copies of one text stand once."""
    rng = random.Random(3)
    results = []
    for number in range(200):
        source = f"{number} " + "word " * rng.randrange(20, 400)
        results.append(
            cleaned(source, [(0, rng.randrange(1, len(source)), "x.a")], id=str(number), source=f"s{number % 9}")
        )
    results += [cleaned("gone " * 9, [(0, 45, "x.a")], id="gone")] * 4
    digest = digest_of(results, samples=2)
    by_share = sorted(
        (r for r in results if len(r.source) >= digest_module.LEAST), key=lambda r: -gone(r) / len(r.source)
    )
    assert [one.item.known.id for one in digest.lists.shares] == [r.document.id for r in by_share[:4]]
    by_size = sorted(results, key=lambda r: -gone(r))
    assert [one.item.removed for one in digest.lists.sizes] == [gone(r) for r in by_size[:4]]
    assert [(one.item.known.id, one.count) for one in digest.lists.emptied] == [("gone", 4)]
    worst = {r.document.source: r.document.id for r in reversed(by_share)}
    assert {one.item.known.id for one in digest.lists.leaders} <= set(worst.values())
    assert len(list(digest.lists.leaders)) == 8


def gone(result: Cleaned) -> int:
    return sum(cut.end - cut.start for cut in result.cuts)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 1000)).map(lambda p: (min(p), max(p)))))
def test_spread_counts_every_document_once(lost: list[tuple[int, int]]) -> None:
    """The steps add up to all documents, nothing is a step of its own, and quantiles rise."""
    spread = Spread()
    for removed, size in lost:
        spread.add(removed, size)
    assert sum(spread.steps) == len(lost)
    assert spread.between(-1, 0) == sum(removed == 0 for removed, _ in lost)
    assert spread.touched == sum(removed > 0 for removed, _ in lost)
    found = [spread.quantile(part / 10) for part in range(1, 11)]
    assert all(a <= b for a, b in pairwise(found))


# --- choosing


@given(st.lists(st.integers(0, 60), max_size=300), st.integers(1, 8), st.randoms())
def test_pools_count_exactly_in_any_order(things: list[int], most: int, rng: random.Random) -> None:
    """What is held are the lowest keys of all, each with the number of times it came, whatever the order."""
    lot = Lot(7)
    keys = {thing: lot.draw(str(thing)) for thing in things}
    expected = [(thing, things.count(thing)) for thing in sorted(set(things), key=lambda thing: keys[thing])[:most]]
    rng.shuffle(things)
    pool: Pool[int] = Pool(most)
    for thing in things:
        pool.take(keys[thing], (thing,), lambda thing=thing: thing)  # type: ignore[misc]
    assert [(one.item, one.count) for one in pool] == expected
    if len(set(things)) <= most:
        assert pool.distinct == len(set(things))


def test_distinct_things_are_estimated() -> None:
    """Of ten thousand different things a pool of 64 tells how many they are, give or take a third."""
    lot, pool = Lot(1), Pool[str](64)
    for number in range(10_000):
        pool.take(lot.draw(str(number)), (), str)
    assert 7_000 < pool.distinct < 13_000


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 99)), max_size=80), st.integers(1, 5))
def test_leaders_are_the_first_of_the_first_groups(things: list[tuple[str, int]], most: int) -> None:
    """Held is the best of each group, of the groups whose best are best."""
    leaders: Leaders[tuple[str, int]] = Leaders(most)
    for group, rank in things:
        if leaders.wants(group, (rank,)):
            leaders.take(group, 0, (group,), lambda group=group, rank=rank: (group, rank), (rank,))  # type: ignore[misc]
    best = {group: min(rank for other, rank in things if other == group) for group, _ in things}
    assert [one.item for one in leaders] == sorted(best.items(), key=lambda pair: (pair[1], pair[0]))[:most]


@given(st.lists(st.lists(st.text(min_size=1, max_size=9), max_size=5), max_size=6), st.integers(0, 60))
def test_rations_hold(queues: list[list[str]], most: int) -> None:
    """What is drawn never takes more than the ration, and everybody gets a first helping before a second one."""
    drawn = list(ration(queues, str.upper, most))
    assert sum(len(text.encode("utf-8", "replace")) for _, _, text in drawn) <= most
    if sum(len(text.upper().encode("utf-8", "replace")) for queue in queues for text in queue) <= most:
        turns = [sum(other == number for other, _, _ in drawn[:at]) for at, (number, _, _) in enumerate(drawn)]
        assert turns == sorted(turns)
        assert len(drawn) == sum(map(len, queues))


@given(texts, st.integers(2, 30))
def test_clipped_names_are_short(text: str, most: int) -> None:
    """A clipped name is never longer than asked for, and a short one stays."""
    assert len(clip(text, most)) <= most
    assert clip(text, most) == text or len(text) > most


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 400)), max_size=30), st.integers(50, 2_000))
def test_outlines_account_for_what_they_leave_out(steps: list[tuple[int, int]], most: int) -> None:
    """What an outline shows and what it says is left out add up to the source; it stays near its bound."""
    at, cuts = 0, []
    for step, size in steps:
        at += step
        cuts.append((at, at + size, "x.a"))
        at += size
    source = "".join(chr(97 + number % 26) for number in range(at + 50))
    bounds = Bounds(kept=60, cut=90, all=most)
    pieces = list(outline(source, cleaned(source, cuts).cuts, bounds))
    shown = sum(len(piece.text) for piece in pieces if not piece.skipped)
    skipped = sum(int(re.findall(r"[\d,]+", piece.text)[0].replace(",", "")) for piece in pieces if piece.skipped)
    assert shown + skipped == len(source)
    assert shown <= most + 90 + 40


# --- the page


def test_page_holds_what_was_found(made: Path) -> None:
    """The page has the books, each rule with why it is there and what to do next, documents, sources and rejects."""
    assert run("report", f"{made}/out", "-o", f"{made}/page.html").exit_code == 0
    page = (made / "page.html").read_text()
    stats = read("stats", f"{made}/out", "--read")
    books = f"{stats['documents']} records = {stats['cleaned']} cleaned + {stats['unchanged']} unchanged + 2 rejected"
    for text in (
        books,
        "cleaner rules show generic.ad-label",
        "--without generic.ad-label",
        shipped().ruleset["generic.ad-label"].why,
        "`text` is a JSON number, not a string",
        "a.example",
        "rules/generic/",
    ):
        assert text in page, text


def test_page_runs_one_script_and_asks_nobody(made: Path) -> None:
    """The policy forbids all but the script of the page, whose digest it names; nothing is loaded from anywhere."""
    run("report", f"{made}/out", "-o", f"{made}/page.html")
    page = (made / "page.html").read_text()
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (policy,) = html.fromstring(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert f"script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert not re.search(r"""(?:src|href)=["'](?!#)|url\(|@import""", page)


@given(texts, texts, texts, st.sampled_from([*CLASSES, "x"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_texts_are_text(name: str, rule: str, text: str, flag: str) -> None:
    """Whatever ids, sources, titles, rules, flags and texts hold, the page gets no element, no attribute, no sign of it."""
    source = f"Before. {text} after. {HOSTILE} the end."
    result = cleaned(
        source, [(3, 3 + len(text) + 2, f"x.{rule.replace(',', '')}")], id=name, source=name, lang=name, title=text,
        url=name, flags=(f"{flag} {name}",), metadata={"byline": text}, drops=(Drop(name, text, f"y.{rule}"),),
    )  # fmt: skip
    digest, stats = digest_of([result]), Stats()
    stats.tally.add(result)
    stats.sources[name].add(result)
    page = draw_report(Report(name or "x", stats, digest, shipped().ruleset, "abc", (), name))
    page.encode()
    tree = html.document_fromstring(page)
    assert len(tree.xpath("//script")) == 1
    assert not tree.xpath("//b[@onmouseover] | //@onmouseover")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028\ud800-\udfff]", page)


def test_commands_to_copy_are_quoted(tmp_path: Path) -> None:
    """A rule's id that a shell would run is quoted where it is to be copied."""
    page = page_of([cleaned(PROSE, [(3, 9, "x.a; rm -rf ~\n$(id)")])], tmp_path)
    (commands,) = html.fromstring(page).xpath("//pre[@class='next']/text()")
    assert commands.splitlines()[0] == "cleaner rules show 'x.a; rm -rf ~ $(id)'"


def test_page_stays_small(tmp_path: Path) -> None:
    """Of many rules, sources, flags and long hostile texts the page shows what five megabytes hold, and counts all."""
    results = []
    for number in range(1_200):
        noise = "\u202e" * 400 + str(number) * 3
        source = f"{PROSE}{noise}{'漢' * 3_000}{MORE}"
        results.append(
            cleaned(
                source, [(len(PROSE), len(PROSE) + len(noise), f"x.rule-{number}-{'r' * 200}")], id="i" * 500 + str(number),
                source=f"{'s' * 400}{number}", flags=(f"{'f' * 300}{number}x",), lang=f"{'l' * 300}{number}x",
            )
        )  # fmt: skip
    page = page_of(results, tmp_path)
    assert len(page.encode()) <= LIMIT
    assert "1,200 records = 1,200 cleaned" in page
    assert re.search(r"[\d,]+ more rules took less than these", page)


def test_page_shows_less_where_names_alone_would_fill_it(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the page would be too large all the same, it shows less of everything until it is not."""
    names = ("report", f"{made}/out", "-q", "-o", f"{made}/p.html")
    monkeypatch.setattr(page_module, "DOCUMENTS", 20_000)
    run(*names)
    whole = (made / "p.html").stat().st_size
    monkeypatch.setattr(page_module, "LIMIT", whole * 9 // 10)
    run(*names)
    assert (made / "p.html").stat().st_size <= whole * 9 // 10


def test_one_line_of_a_megabyte_is_shown_in_part(tmp_path: Path) -> None:
    """A document of one endless line is drawn around its cuts, and says how much is left out."""
    source = "word " * 200_000 + "Advertisement " + "word " * 200_000
    page = page_of([cleaned(source, [(1_000_000, 1_000_014, "x.ad")])], tmp_path)
    assert len(page) < 200_000
    assert page.count("999,760 characters …") == 2
    assert "Advertisement" in page


def test_json_holds_lone_surrogates(tmp_path: Path) -> None:
    """Texts that UTF-8 cannot hold come out of --json as they are."""
    page_of([cleaned(f"{PROSE}{HOSTILE}", [(len(PROSE), len(PROSE) + len(HOSTILE), "x.a")])], tmp_path)
    told = read("report", f"{tmp_path}/out.jsonl")
    assert told["by_rule"]["x.a"]["samples"][0]["text"] == HOSTILE


# --- what goes wrong


@pytest.mark.parametrize(
    ("output", "options", "about"),
    [
        ("gone", (), "no such output"),
        ("in/a.jsonl", (), "it holds no record that `cleaner clean` wrote"),
        ("in", (), "is no folder of shards, as `cleaner clean -o FOLDER/` writes: there is no _run/run.json in it"),
        ("x.txt", (), "it holds no records"),
        ("out", ("-o", "{}/no/page.html"), "there is no folder"),
        ("out", ("-o", "{}/out/page.html"), "would stand among the shards"),
        ("out.jsonl", ("-o", "{}/out.jsonl"), "is what is to be reported on"),
        ("out", ("-o", "-", "--json"), "both write to standard output"),
        ("out", ("--samples", "0"), "0 is not in the range"),
    ],
)
def test_errors_teach(made: Path, output: str, options: tuple[str, ...], about: str) -> None:
    """What cannot be reported on, or written, ends with one line that says what to do, and exit code 2."""
    (made / "x.txt").write_text("One.")
    found = run("report", f"{made}/{output}", *(text.format(made) for text in (options or ("-o", "{}/e.html"))))
    assert (found.exit_code, found.stdout, found.stderr.count("\n")) == (2, "", 1)
    assert about in found.stderr
    assert not (made / "e.html").exists()
    assert not list(made.glob(".*.part"))


def test_what_is_missing_is_told(made: Path, tmp_path: Path) -> None:
    """A shard that is gone is told on the page and in the summary, with exit code 1; figures are of what is there."""
    assert run("clean", f"{made}/in", "-o", f"{tmp_path}/out/", "--shard-size", "0.002", "-q").exit_code == 1
    gone = sorted((tmp_path / "out").glob("a-*.jsonl"))[0]
    gone.unlink()
    found = run("report", f"{tmp_path}/out", "-o", f"{tmp_path}/page.html")
    assert found.exit_code == 1
    assert f"{gone.name}: it is missing" in found.stderr
    assert f"{gone.name}: it is missing" in (tmp_path / "page.html").read_text()


def test_other_rules_are_told(made: Path) -> None:
    """Where the run had other rules than those that explain it, the page says so; given as the run got them, it does not."""
    assert run("clean", f"{made}/in", "-o", f"{made}/other.jsonl", "--without", "share", "-q").exit_code == 1
    for options, told in (((), True), (("--without", "share"), False)):
        assert run("report", f"{made}/other.jsonl", "-o", f"{made}/other.html", *options).exit_code == 0
        assert ("The run had other rules" in (made / "other.html").read_text()) is told


def test_cuts_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """Records whose cuts do not fit their text are counted and not drawn."""
    row = record(cleaned(PROSE, [(5, 9, "x.a")]))
    row["text"] = "x"
    (tmp_path / "out.jsonl").write_bytes(dump(row))
    assert run("report", f"{tmp_path}/out.jsonl", "-o", f"{tmp_path}/page.html").exit_code == 0
    assert "In 1 records the cuts do not fit the text" in (tmp_path / "page.html").read_text()


def test_sums_do_not_depend_on_who_looks(made: Path) -> None:
    """Counting with and without an onlooker gives the same."""
    alone, watched = (
        stats_of_file(f"{made}/out.jsonl", USUAL),
        stats_of_file(f"{made}/out.jsonl", USUAL, None, Digest()),
    )
    assert alone == watched
