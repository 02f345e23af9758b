"""Mining: furniture planted in invented corpora comes back as rules that cut it from unseen documents, and nothing else."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cleaner.clean import Cleaner
from cleaner.cli.main import main
from cleaner.io.inputs import find_inputs
from cleaner.io.read import read_entries
from cleaner.match.stock import write_compiled
from cleaner.mine.corpus import Census, Corpus, source_of
from cleaner.mine.evidence import HELD
from cleaner.mine.miner import Mined, Miner, Settings
from cleaner.mine.paper import write_rules
from cleaner.mine.survey import shingle_keys
from cleaner.mine.tables import Frequencies
from cleaner.mine.tokens import find_tokens, fold_tokens, normalize
from cleaner.model import Cleaned, replay
from cleaner.rules.atoms import pattern_width
from cleaner.rules.load import Ruleset, load_rules
from cleaner.trial import run_trials

NOTHING = Ruleset((), (), {}, {})
HOST = "daily.example.org"

_WHO = (
    "The mayor",
    "A baker",
    "The harbour master",
    "One teacher",
    "The council",
    "A farmer",
    "The ferry crew",
    "A nurse",
)
_HOW_MANY = ("two", "seven", "eleven", "forty", "ninety", "no", "several", "six hundred", "thirteen", "a dozen")
_WHAT = (
    "boats",
    "windows",
    "bridges",
    "ledgers",
    "lamps",
    "orchards",
    "engines",
    "barrels",
    "maps",
    "gardens",
    "kites",
)
_SOUNDS = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def word(rng: random.Random) -> str:
    """Make up one of three hundred thousand words."""
    return "".join(rng.choice(_SOUNDS) for _ in range(3))


def sentence(rng: random.Random) -> str:
    """Make up a sentence; two of them hardly ever share four words in a row."""
    who, did, what, when, where = (word(rng) for _ in range(5))
    why = f"{rng.choice(('while', 'because', 'although'))} {word(rng)} and {word(rng)} rose."
    how_many = rng.choice(_HOW_MANY)
    return f"{rng.choice(('The', 'A', 'One'))} {who} {did}ed {how_many} {what}s before {when} near the {where} {why}"


def article(rng: random.Random, layout: str) -> str:
    """Make up a body: paragraphs, or all in one line."""
    paragraphs = [" ".join(sentence(rng) for _ in range(3)) for _ in range(4)]
    return ("\n" if layout == "lines" else " ").join(paragraphs)


Planting = Callable[[random.Random, str], str]


def footer(rng: random.Random, body: str) -> str:
    return f"{body}\n{rng.randrange(2, 90)} comments\nSign up for the Harbour Letter and read it before breakfast."


def prompt(rng: random.Random, body: str) -> str:
    return (
        f"{body} Reading on another device? Only one device at a time can open the Harbour Gazette with this account. "
        "Change your plan to add a reader, or ask our service desk. Subscribe now and sail without limits"
    )


def menu(rng: random.Random, body: str) -> str:
    """A menu in front of one-line text, two headlines of the day in its middle."""
    day = rng.choice(
        ("Gulls return Tides explained", "Kite season opens Rope prices fall", "Lighthouse sold Cod is back")
    )
    return (
        "Open the paper Harbour News Weather Desk Sailing Results Opinion Pages "
        f"{day} Services Partner Offers Crossword Corner Gazette Shop Directory {body}"
    )


def video(rng: random.Random, body: str) -> str:
    first, _, rest = body.partition("\n")
    name = " ".join(word(rng).title() for _ in range(3))
    return f"{first}\nNOW SHOWING {name} Play More Clips ... NEXT UP {name} 0{rng.randrange(10)}:{rng.randrange(10, 60)}\n{rest}"


def headlines(rng: random.Random, body: str) -> str:
    def item() -> str:
        return f"{rng.choice(_WHO)} {word(rng)}ed {word(rng)}s {word(rng)}"

    return "\n".join([body, "Most read on the Gazette", *(item() for _ in range(rng.randrange(4, 7)))])


def links(rng: random.Random, body: str) -> str:
    """A link of the day behind a mark, at the end of each paragraph."""
    return "\n".join(f"{line} +++ {word(rng).title()} {word(rng)}s {word(rng)}" for line in body.split("\n"))


PLANTINGS: dict[str, tuple[Planting, str]] = {
    "lines": (footer, "lines"),
    "one line": (prompt, "flat"),
    "menu with variants": (menu, "flat"),
    "video block": (video, "lines"),
    "headline run": (headlines, "lines"),
}


def documents(seed: int, count: int, planting: Planting | None, layout: str) -> list[tuple[str, str]]:
    """Make up noisy texts, each beside its body."""
    rng = random.Random(seed)
    bodies = [article(rng, layout) for _ in range(count)]
    return [(planting(rng, body) if planting else body, body) for body in bodies]


def write(path: Path, texts: Sequence[str], **known: str) -> Path:
    rows = [json.dumps({"id": str(n), "text": text, **known}) for n, text in enumerate(texts)]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")
    return path


def mine(path: Path, ruleset: Ruleset = NOTHING, **chosen: object) -> Mined:
    return Miner(Corpus(find_inputs([str(path)])), ruleset, replace(Settings(), **chosen)).mine()  # type: ignore[arg-type]


def loaded(mined: Mined, place: Path) -> Ruleset:
    """Write the proposals, load them strictly, and raise their status so that they run."""
    place.write_text(write_rules(mined.proposals, "mined"), encoding="utf-8")
    strict = load_rules([place])
    place.write_text(
        place.read_text(encoding="utf-8").replace("status: experimental", "status: test"), encoding="utf-8"
    )
    assert {rule.status for rule in strict.rules} <= {"experimental"}
    return load_rules([place])


def left(cleaned: Cleaned) -> str:
    """Return what is left; a title's move is no loss."""
    return replay(cleaned.source, [cut for cut in cleaned.cuts if not cut.is_move])


def test_bodies_share_no_four_words() -> None:
    """The invented bodies have nothing in common that mining could take for furniture: what it finds was planted."""
    seen = Counter(key for _, body in documents(1, 200, None, "flat") for key in set(shingle_keys(fold_tokens(body))))
    assert max(seen.values()) <= 3


@pytest.mark.parametrize("name", PLANTINGS)
def test_planted_furniture_is_cut_from_unseen_documents_and_bodies_stay(name: str, tmp_path: Path) -> None:
    """Rules mined from forty documents take the noise out of others of the same source, exactly, and leave clean ones."""
    planting, layout = PLANTINGS[name]
    corpus = write(tmp_path / "a.jsonl", [noisy for noisy, _ in documents(1, 40, planting, layout)], source=HOST)
    cleaner = Cleaner(loaded(mine(corpus), tmp_path / "mined.yaml"))
    for noisy, body in documents(2, 25, planting, layout):
        assert left(cleaner.clean(noisy, url=f"https://{HOST}/a")).split() == body.split()
        assert left(cleaner.clean(body, url=f"https://{HOST}/a")) == body


@pytest.mark.parametrize("name", PLANTINGS)
def test_proposals_load_and_pass_their_own_tests(name: str, tmp_path: Path) -> None:
    """What is written is a rule file: it loads strictly, and every generated test holds, alone and together."""
    planting, layout = PLANTINGS[name]
    corpus = write(tmp_path / "a.jsonl", [noisy for noisy, _ in documents(3, 30, planting, layout)], source=HOST)
    mined = mine(corpus)
    trials = run_trials(loaded(mined, tmp_path / "mined.yaml"))
    assert mined.proposals
    assert trials
    assert [trial for trial in trials if not trial.ok] == []


def test_clean_documents_give_no_proposals(tmp_path: Path) -> None:
    """A source without furniture has nothing to propose."""
    corpus = write(tmp_path / "a.jsonl", [body for _, body in documents(4, 60, None, "lines")], source=HOST)
    assert mine(corpus).proposals == ()


def test_numbers_meet_and_kinds_fit_the_layout(tmp_path: Path) -> None:
    """Numbers are folded; a line becomes a line rule, a stretch inside lines a span, a list of headlines a run."""
    kinds = {}
    for name, (planting, layout) in PLANTINGS.items():
        corpus = write(tmp_path / f"{name}.jsonl", [n for n, _ in documents(5, 30, planting, layout)], source=HOST)
        kinds[name] = {proposal.rule.kind for proposal in mine(corpus).proposals}
    assert kinds == {
        "lines": {"block"},
        "one line": {"span"},
        "menu with variants": {"span"},
        "video block": {"line"},
        "headline run": {"run"},
    }


def test_a_paragraph_of_several_sources_is_proposed_once(tmp_path: Path) -> None:
    """A paragraph that four sites print, each with its own name in it, is one rule bound to all of them."""
    sites = ("north.example.com", "south.example.net", "east.example.org", "west.example.info")
    path = tmp_path / "a.jsonl"
    for number, site in enumerate(sites):
        box = (
            "Our newsroom follows the code of the coastal press union and corrects its errors within a day. "
            f"Write to the {site.split('.')[0].title()} desk if you find one, and we will gladly look into it together."
        )
        write(path, [f"{body}\n{box}" for _, body in documents(number, 3, None, "lines")], source=site)
    (proposal,) = mine(path).proposals
    assert proposal.candidate.form == "paragraph"
    assert proposal.content["scope"]["hosts"] == ["example.com", "example.info", "example.net", "example.org"]


def test_one_article_printed_by_several_sources_is_no_network(tmp_path: Path) -> None:
    """Copies of an agency's article share every paragraph, which proves that none of them is furniture."""
    path = tmp_path / "a.jsonl"
    shared = [body for _, body in documents(9, 3, None, "lines")]
    for number, site in enumerate(("north.example.com", "south.example.net", "east.example.org", "west.example.info")):
        write(path, [*shared, *(body for _, body in documents(number, 3, None, "lines"))], source=site)
    assert mine(path).proposals == ()


def test_what_loaded_rules_cut_is_not_proposed_again(tmp_path: Path) -> None:
    """A second run with the first one's rules loaded finds nothing new; `--all` shows it again."""
    corpus = write(tmp_path / "a.jsonl", [n for n, _ in documents(6, 30, footer, "lines")], source=HOST)
    ruleset = loaded(mine(corpus), tmp_path / "mined.yaml")
    assert mine(corpus, ruleset).proposals == ()
    assert mine(corpus, ruleset, known_too=True).proposals


def test_evidence_counts_documents_and_places(tmp_path: Path) -> None:
    """Document frequency counts documents, positions tell the end from the start, and clean text is hit nowhere."""
    corpus = write(tmp_path / "a.jsonl", [n for n, _ in documents(7, 30, prompt, "flat")], source=HOST)
    (proposal,) = mine(corpus).proposals
    seen = proposal.candidate
    assert (seen.docs, seen.of, seen.hits, seen.start, seen.end) == (30, 30, 30, 0, 30)
    assert (proposal.clean_hits, proposal.precision) == (0, 1.0)
    assert "# 30 of 30 documents (100%), 30 times: start 0, middle 0, end 30" in write_rules([proposal], "mined")


def test_files_are_no_hosts(tmp_path: Path) -> None:
    """Where a file is all that names a source, it counts whole: two files whose names end alike stay two sources."""
    for name in ("north.coast.tsv", "south.coast.tsv"):
        (tmp_path / name).write_text("text\nThe ferry runs again.\n")
    names = {source_of(entry) for entry in read_entries(find_inputs([str(tmp_path)]))}
    assert names == {"north.coast.tsv", "south.coast.tsv"}


def test_patterns_of_marks_are_bounded(tmp_path: Path) -> None:
    """What a proposed span can match has a bound, so that it is searched near its literals only."""
    corpus = write(tmp_path / "a.jsonl", [n for n, _ in documents(7, 30, links, "lines")], source=HOST)
    patterns = [proposal.rule.span.re for proposal in mine(corpus).proposals if proposal.rule.span]
    assert any(pattern and "{0,20}" in pattern for pattern in patterns)
    assert all(pattern_width(pattern) for pattern in patterns if pattern)


def test_the_same_corpus_gives_the_same_rules(tmp_path: Path) -> None:
    """Nothing depends on how a process hashes: under two hash seeds the same bytes are written."""
    plantings = (footer, prompt, menu, video, headlines)
    for number, planting in enumerate(plantings):
        texts = [
            noisy for noisy, _ in documents(number, 30, planting, "lines" if planting in (footer, video) else "flat")
        ]
        corpus = write(tmp_path / "a.jsonl", texts, source=f"site{number}.example")
    box = "Our newsroom follows the code of the coastal press union and corrects each of its errors within one day."
    for number in range(4):
        write(
            tmp_path / "a.jsonl",
            [f"{body}\n{box}" for _, body in documents(number, 3, None, "lines")],
            source=f"n{number}",
        )
    written = []
    for seed in ("1", "2"):
        code = "from cleaner.cli.main import main; main()"
        done = subprocess.run(
            [sys.executable, "-c", code, "mine", str(corpus), "-q", "--all"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        written.append(done.stdout)
    assert written[0].count(b"- id:") >= len(plantings)
    assert written[0] == written[1]


def test_memory_is_bounded_whatever_the_number_of_sources(tmp_path: Path) -> None:
    """Of 120 sources with a budget for far less, tables, candidates and held documents stay within it, and rules come out."""
    path = tmp_path / "a.jsonl"
    for number in range(120):
        texts = [noisy for noisy, _ in documents(number, 8, footer, "lines")]
        write(path, texts, source=f"site{number}.example")
    bounds = Settings(table=4000, keys=2400, count_size=1, seen_size=1)
    miner = Miner(Corpus(find_inputs([str(path)])), NOTHING, bounds)
    census = miner.corpus.census()
    wanted = list(range(120))
    counts, shared = miner._count(census, wanted, frozenset(wanted))
    assert counts.peak <= 4000 + 400
    assert sum(map(len, counts.settled.values())) <= 4000
    assert len(shared) <= 100
    evidence, network = miner._gather(census, wanted, counts, shared)
    assert sum(len(seen.found) for seen in evidence.values()) <= 2400
    assert sum(len(seen.pairs) for seen in evidence.values()) <= 2 * 2400
    assert all(len(seen.held) <= HELD for seen in evidence.values())
    assert len(network.seen) <= len(shared)
    assert miner.mine().proposals


def test_quotas_share_a_budget_among_sources() -> None:
    """Small sources are read whole, large ones equally far, together no more than the budget, but for a floor of each."""
    census = Census()
    for number, count in enumerate((10, 500, 3000)):
        for _ in range(count):
            census.add(f"site{number}.example", 1000)
    miner = Miner(Corpus(()), NOTHING)
    assert miner._quota(census, [0, 1, 2], 1000, 10**9) == [10, 500, 1000]
    assert miner._quota(census, [0, 1, 2], 1000, 410_000) == [10, 200, 200]
    assert miner._quota(census, [0, 1, 2], 1000, 1) == [10, 20, 20]
    assert miner._quota(census, [1], 1000, 10**9) == [0, 500, 0]


def test_an_interrupted_benchmark_leaves_nothing_behind(tmp_path: Path) -> None:
    """Ended from outside while it inflates its corpus, the benchmark of mining clears its temporary folder."""
    (tmp_path / "tmp").mkdir()
    write(tmp_path / "a.jsonl", [noisy for noisy, _ in documents(1, 20, footer, "lines")], source=HOST)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mine", str(tmp_path), "--only-measure", "--megabytes", "100000"],
        env={**os.environ, "TMPDIR": str(tmp_path / "tmp")},
        cwd=Path(__file__).parents[1],
    )
    try:
        while not list((tmp_path / "tmp").glob("*/*")) and process.poll() is None:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(60) != 0
    finally:
        process.kill()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_small_tables_still_find_what_is_frequent(tmp_path: Path) -> None:
    """With room for two thousand entries, far less than the corpus gives, the furniture is found all the same."""
    corpus = write(tmp_path / "a.jsonl", [n for n, _ in documents(10, 80, prompt, "flat")], source=HOST)
    mined = mine(corpus, table=2000)
    assert mined.peak_entries < 2000 + 400
    assert [proposal.candidate.docs for proposal in mined.proposals] == [80]


@given(st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=60), st.integers(20, 60))
def test_counts_are_never_too_high_and_what_is_lost_is_known(documents: list[set[int]], limit: int) -> None:
    """A bounded table counts an entry at most as often as it stands, and falls short by no more than it says."""
    table = Frequencies(limit)
    for keys in documents:
        table.add(0, keys)
    for key in range(31):
        true = sum(key in keys for keys in documents)
        assert true - table.lost[0] <= table.tables[0][key] <= true


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200))
def test_tokens_agree_between_the_passes(text: str) -> None:
    """Both passes see the same tokens, whatever the text, and each token stands where it says."""
    plain = normalize(text)
    tokens = find_tokens(plain)
    assert [token.form for token in tokens] == fold_tokens(plain)
    assert all(plain[token.start : token.end].strip() or token.form == "\n" for token in tokens)


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(st.sampled_from(_WHAT), min_size=5, max_size=9, unique=True), seed=st.integers(0, 1000))
def test_any_planted_sentence_is_found_and_nothing_of_the_bodies(words: list[str], seed: int, tmp_path: Path) -> None:
    """Whatever words a prompt is made of, mined rules cut it, and leave the bodies it was planted behind as they were."""
    noise = f"Click {' '.join(words)} here to continue."
    path = tmp_path / f"{seed}-{'-'.join(words)}.jsonl"
    path.unlink(missing_ok=True)
    pairs = documents(seed, 16, lambda _, body: f"{body}\n{noise}", "lines")
    write(path, [noisy for noisy, _ in pairs], source=HOST)
    cleaner = Cleaner(loaded(mine(path), tmp_path / "mined.yaml"))
    for noisy, body in pairs:
        assert left(cleaner.clean(noisy, url=f"https://{HOST}/")).strip() == body


def run(*args: str, **more: object) -> Result:
    return CliRunner().invoke(main, list(args), **more)  # type: ignore[arg-type]


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.jsonl", [n for n, _ in documents(11, 12, footer, "lines")], source=HOST)
    return write(tmp_path / "a.jsonl", [n for n, _ in documents(12, 12, prompt, "flat")], source="Other Gazette")


def test_rules_go_to_standard_output_a_file_or_a_folder(corpus: Path, tmp_path: Path) -> None:
    """Standard output and a file hold the same rules; a folder gets one file for each source; the summary goes apart."""
    shown, filed = run("mine", str(corpus)), run("mine", str(corpus), "-o", "all.yaml")
    folder = run("mine", str(corpus), "-o", "rules/")
    assert (shown.exit_code, filed.exit_code, folder.exit_code) == (0, 0, 0)
    assert shown.stdout == (tmp_path / "all.yaml").read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "rules").iterdir()) == ["example.yaml", "other-gazette.yaml"]
    assert "rules proposed" in shown.stderr
    write_compiled(load_rules(["rules"]), "mined.rules")  # these alone: with the shipped ones they do nothing yet
    assert run("test", "--rules", "mined.rules").exit_code == 0


def test_sources_of_one_name_share_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sources whose rules begin alike are written to one file of a folder: none overwrites the other's."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.jsonl", [n for n, _ in documents(11, 12, footer, "lines")], source="gazette.example")
    write(tmp_path / "a.jsonl", [n for n, _ in documents(12, 12, prompt, "lines")], source="Gazette")
    assert run("mine", "a.jsonl", "-o", "rules/").exit_code == 0
    (text,) = (path.read_text(encoding="utf-8") for path in (tmp_path / "rules").iterdir())
    assert text.startswith("# Gazette, gazette.example: ")
    assert text.count("- id:") == run("mine", "a.jsonl", "-q").stdout.count("- id:")


def test_json_holds_rule_and_evidence(corpus: Path) -> None:
    """With `--json` each proposal is an object: the rule as written, counts, positions, examples, precision."""
    rows = json.loads(run("mine", str(corpus), "--json", "-q").stdout)
    assert {row["source"] for row in rows} == {"example.org", "Other Gazette"}
    assert all(row["rule"]["status"] == "experimental" and row["examples"] for row in rows)


def test_a_source_without_host_is_bound_to_nothing_and_says_so(corpus: Path) -> None:
    """A source that is a mere name has no host: the rule carries no scope, and a comment asks for one."""
    text = run("mine", str(corpus), "--source", "other gazette", "-q").stdout
    assert "bound to no host" in text
    assert "hosts:" not in text


def test_a_pipe_is_spooled(corpus: Path) -> None:
    """Standard input is read through a temporary file, since a corpus is read three times."""
    piped = run("mine", "-", "-q", input=corpus.read_bytes())
    assert piped.exit_code == 0
    assert piped.stdout.count("- id:") == run("mine", str(corpus), "-q").stdout.count("- id:")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--source", "nowhere.example"), "the largest sources are"),
        (("--min-docs", "500"), "lower --min-docs"),
        (("-o", "rules.txt"), "end it with .yaml or .json"),
        (("--text-field", "body"), "no documents in the corpus"),
        (("--min-share", "nan"), "nan is no finite number"),
        (("--json", "-o", "rules/"), "end its name with .json"),
        (("-o", "a.jsonl/"), "cannot be made"),
    ],
)
def test_errors_teach(corpus: Path, args: tuple[str, ...], said: str) -> None:
    """What makes no sense ends with code 2 and one line that says what to do."""
    done = run("mine", str(corpus), *args)
    assert done.exit_code == 2
    assert said in done.stderr
