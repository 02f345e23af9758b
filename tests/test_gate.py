"""The clean-corpus gate: no rule cuts what a news article may print, in any of twenty languages and either layout."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner import InputError, RuleError
from cleaner.cli.main import main
from cleaner.io.record import Fields
from cleaner.review.corpus import read_clean
from cleaner.review.gate import Allowance, Gate, Hit, read_allowances, sift
from cleaner.rules import load_shipped
from cleaner.rules.prose import Passage, flatten, load_clean, shipped_clean
from cleaner.rules.upkeep import RUNNING

from . import making

LINES = Path(__file__).parent / "cases" / "stays.txt"
ALLOWED = Path(__file__).parent / "clean" / "allowed.yaml"
LARGE = "CLEANER_CLEAN_CORPUS"
"""Names, in the environment, files of clean bodies (field `gold`) that are tried as well, separated as in PATH."""

BESIDE = Path(__file__).parent.parent.parent / "shared" / "data" / "html"
"""Where such files are looked for unless told."""

SETS = ("fundus_tests", "magic_article", "newspaper4k", "wcxb_dev_article")

BEFORE = "The bridge opened on Friday after two years of work, the mayor said in a short speech."
AFTER = (
    "It cost nine million euros, which the town paid out of its own reserves over four years.\n"
    "The next one is planned for the year after next, if the council agrees to it in May."
)
AD = "line: {eq: Advertisement here}"


def large() -> list[str]:
    named = os.environ.get(LARGE)
    found = [BESIDE / f"{name}.jsonl.zst" for name in SETS]
    return named.split(os.pathsep) if named else [str(path) for path in found if path.exists()]


def cases() -> list[str]:
    lines = LINES.read_text(encoding="utf-8").splitlines()
    return [line.replace("⏎", "\n") for line in lines if not line.startswith("#")]


def passages() -> list[Passage]:
    """Return the clean passages, and each single case between two paragraphs of body."""
    wrapped = [Passage(f"{LINES.name}: {line[:60]}", f"{BEFORE}\n{line}\n{AFTER}") for line in cases()]
    return [*load_clean(), *wrapped]


def shown(hits: list[Hit]) -> str:
    return "\n".join(f"{hit.rule}: {hit.passage}, {hit.layout}: {hit.quote}" for hit in hits)


@pytest.fixture(scope="module")
def hits() -> list[Hit]:
    gate = Gate(load_shipped(), unbound=True)
    return [hit for passage in passages() for hit in gate.hits(passage)]


class TestShipped:
    @pytest.mark.parametrize("status", [("test", "stable"), ("experimental",)], ids=["running", "experimental"])
    def test_no_rule_hits_clean_text(self, hits: list[Hit], status: tuple[str, ...]) -> None:
        """No rule cuts a clean passage, off its hosts and on any surface, but for hits listed with a reason."""
        unlisted, _, _ = sift([hit for hit in hits if hit.status in status], read_allowances(ALLOWED))
        assert not unlisted, shown(unlisted)

    def test_every_allowance_is_needed(self, hits: list[Hit]) -> None:
        """What is listed as allowed still happens: a rule that was mended needs no exception."""
        assert sift(hits, read_allowances(ALLOWED))[2] == []

    def test_sixteen_languages(self) -> None:
        """The clean corpus speaks at least sixteen languages, each in several passages."""
        by_language: dict[str, int] = {}
        for passage in load_clean():
            by_language[passage.lang] = by_language.get(passage.lang, 0) + 1
        assert len([lang for lang, count in by_language.items() if count >= 8]) >= 16

    @pytest.mark.parametrize("line", cases())
    def test_body_stays(self, line: str) -> None:
        """Between two paragraphs of body a line that looks like noise is left as it is."""
        text = f"{BEFORE}\n{line}\n{AFTER}"
        assert making.shipped().clean(text).text == text

    def test_clean_passages_leave_as_they_came(self) -> None:
        """All steps together take nothing from a clean passage but its title, but for the hits allowed."""
        allowed = {allowance.passage for allowance in read_allowances(ALLOWED)}
        for passage in load_clean():
            for text in (passage.text, flatten(passage.text)):
                cuts = [cut for cut in making.shipped().clean(text).cuts if not cut.is_move]
                assert [cut for cut in cuts if cut.text.strip() not in allowed] == [], passage.id

    @pytest.mark.skipif(not large(), reason=f"{LARGE} names no large corpus, and none is beside the project")
    def test_large_corpus(self) -> None:
        """Of large clean corpora, where there are any, running rules take no more than five characters in two thousand.

        Gold bodies hold notes on links that earn money, disclaimers and "read also" links: hardly anything else is hit.
        """
        running = load_shipped().only(rule for rule in load_shipped().rules if rule.status in RUNNING)
        gate, taken, size = Gate(running, flat=False), 0, 0
        for passage in read_clean(large(), Fields(text="gold")):
            size += len(passage.text)
            taken += sum(len(hit.text) for hit in gate.hits(passage))
        assert 2000 * taken <= 5 * size


class TestGate:
    def gate(self, place: Path, *rules: str, **options: bool) -> Gate:
        return Gate(making.load(place, "rules:\n" + "".join(rules)), **options)

    def told(self, gate: Gate, passage: Passage) -> list[tuple[str, str, int, str]]:
        return [(hit.rule, hit.layout, hit.line, hit.text) for hit in gate.hits(passage)]

    def test_a_hit_says_where(self, tmp_path: Path) -> None:
        """A hit names rule, layout, the line of the file, what goes, and what stands around it."""
        passage = Passage("a.txt:4", f"{making.PROSE}\nAdvertisement here\n{making.MORE}", line=4)
        (hit,) = self.gate(tmp_path, making.rule(AD), flat=False).hits(passage)
        assert (hit.rule, hit.passage, hit.layout, hit.line) == ("tests.one", "a.txt:4", "lines", 5)
        assert (hit.text, hit.before, hit.after) == ("Advertisement here", making.PROSE[-39:], making.MORE[:39])

    def test_both_layouts(self, tmp_path: Path) -> None:
        """A passage is tried as it stands and on one line, where its sentences are all that is left of its lines."""
        rule = making.rule("line: {starts: Advertisement here}")
        passage = Passage("a", f"{making.PROSE}\nAdvertisement here is dear.\n{making.MORE}\n{making.LAST}")
        found = self.told(self.gate(tmp_path, rule), passage)
        assert [(layout, line) for _, layout, line, _ in found] == [("lines", 2), ("flat", 1)]

    def test_rules_bound_to_a_host(self, tmp_path: Path) -> None:
        """A rule of a host is tried on its host's texts only, unless rules are unbound."""
        bound = making.rule(AD, more="scope: {hosts: [a.example]}")
        text = f"{making.PROSE}\nAdvertisement here\n{making.MORE}"
        here, there = (Passage("a", text, url=f"https://{host}/x") for host in ("a.example", "b.example"))
        gate = self.gate(tmp_path, bound, flat=False)
        assert [bool(self.told(gate, passage)) for passage in (here, there)] == [True, False]
        assert self.told(self.gate(tmp_path, bound, flat=False, unbound=True), there)

    def test_experimental_rules_run_apart(self, tmp_path: Path) -> None:
        """An experimental rule is tried too, and takes nothing from the view of the others."""
        trial = making.rule(
            "run: {item: {len: [3, 60]}, bullets: none, least: 3}", name="tests.new", more="status: experimental"
        )
        text = f"{making.PROSE}\nOne day\nAdvertisement here\nTwo days\nThree days"
        found = self.told(self.gate(tmp_path, making.rule(AD), trial, flat=False), Passage("a", text))
        assert [rule for rule, *_ in found] == ["tests.one", "tests.new"]

    def test_only_the_body_of_labelled_text_is_clean(self, tmp_path: Path) -> None:
        """Where only a part of a text is clean, a cut beside it is no hit, and one that touches it is."""
        text = f"{making.PROSE}\nAdvertisement here"
        gate, end = self.gate(tmp_path, making.rule(AD)), len(making.PROSE)
        assert self.told(gate, Passage("a", text, body=((0, end),))) == []
        assert self.told(gate, Passage("a", text, body=((0, end + 5),)))


class TestAllowances:
    HIT = Hit("x.ad", "ad", "test", "a:1", "flat", 1, "Advertisement\nhere is dear", "", "")

    def test_a_hit_is_named_by_how_it_begins(self) -> None:
        """An allowance covers the hits of its rule that begin as it says, white space aside, in either layout."""
        fitting = Allowance(rule="x.ad", passage="Advertisement here is dear", why="A test.")
        other_rule = Allowance(rule="x.b", passage="*", why="A test.")
        assert sift([self.HIT], [fitting, other_rule]) == ([], [self.HIT], [other_rule])
        assert sift([self.HIT], [other_rule]) == ([self.HIT], [], [other_rule])

    def test_any_passage(self) -> None:
        """A star allows a rule anywhere."""
        assert sift([self.HIT], [Allowance(rule="x.ad", passage="*", why="A test.")])[0] == []

    def test_a_reason_is_asked_for(self, tmp_path: Path) -> None:
        """An allowance without a reason is refused, and the message says what to write."""
        (tmp_path / "a.yaml").write_text("allowed: [{rule: x.ad, passage: here}]\n")
        with pytest.raises(RuleError, match=r"a\.yaml:1: field allowed\.0\.why"):
            read_allowances(tmp_path / "a.yaml")

    def test_a_wrong_key_is_told(self, tmp_path: Path) -> None:
        """A misspelt key is named with its line and the key that was meant."""
        (tmp_path / "a.yaml").write_text("allowed:\n  - rule: x.ad\n    pasage: here\n    why: Why not.\n")
        with pytest.raises(RuleError, match=r"a\.yaml:3: .*Did you mean 'passage'"):
            read_allowances(tmp_path / "a.yaml")

    def test_a_list_alone_is_refused(self, tmp_path: Path) -> None:
        """A file that begins otherwise is refused, and the message says how to begin."""
        (tmp_path / "a.yaml").write_text("- rule: x.ad\n")
        with pytest.raises(RuleError, match="Write `allowed:`"):
            read_allowances(tmp_path / "a.yaml")


class TestCorpus:
    def test_passages_of_a_text_file(self, tmp_path: Path) -> None:
        """Three dashes set passages apart; each is named by the line that it begins on."""
        (tmp_path / "en.txt").write_text("One.\nTwo.\n---\n\nThree.\n")
        found = [(passage.id, passage.line, passage.text) for passage in read_clean([str(tmp_path / "en.txt")])]
        assert found == [("en:1", 1, "One.\nTwo."), ("en:5", 5, "Three.")]

    def test_labelled_records(self, tmp_path: Path) -> None:
        """Of records with spans the parts labelled body are clean; records without text are passed over."""
        rows = [{"id": "a", "text": "Ad\nOne.", "spans": [[0, 2, "ad"], [3, 7, "body"]]}, {"id": "b", "html": "<p>x"}]
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert [(p.id, p.body) for p in read_clean([str(tmp_path / "a.jsonl")])] == [("a", ((3, 7),))]

    @pytest.mark.parametrize(
        "spans", ['"x"', "[[1, 2]]", '[["a", "b", "body"]]', '[{"start": 0, "end": 3, "label": "body"}]', "[null]"]
    )
    def test_spans_of_another_form(self, tmp_path: Path, spans: str) -> None:
        """Spans that are no lists of start, end and label are an error that names the record, never taken for none."""
        (tmp_path / "a.jsonl").write_text(f'{{"id": "a", "text": "One bridge.", "spans": {spans}}}\n')
        with pytest.raises(InputError, match=r"a\.jsonl: record a, field spans: write lists of start, end"):
            list(read_clean([str(tmp_path / "a.jsonl")]))

    def test_records_that_only_lenient_parsers_read(self, tmp_path: Path) -> None:
        """A lone surrogate in a record is no reason to stop."""
        (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "One \\ud800 bridge.", "spans": [[0, 3, "body"]]}\n')
        assert [p.body for p in read_clean([str(tmp_path / "a.jsonl")])] == [((0, 3),)]


class TestCommand:
    def run(self, *args: str) -> Result:
        return CliRunner().invoke(main, ["rules", "gate", *args])

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        Path("rules.yaml").write_text("rules:\n" + making.rule("line: {eq: Zorble announcement}", name="tests.zorble"))
        Path("clean.txt").write_text(f"{making.PROSE}\nZorble announcement\n{making.MORE}\n")
        return tmp_path

    def test_an_unlisted_hit_fails(self) -> None:
        """A hit is printed with its place and context, and the exit code is 1."""
        result = self.run("clean.txt", "--rules", "rules.yaml", "--no-flat")
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "tests.zorble (ad, test): 1 hit in 1 passage",
            "  clean:1, line 2, lines",
            f"    {making.PROSE[-39:]} [-Zorble announcement-] {making.MORE[:39]}",
            "1 hit in 1 passage, 0 allowed, 0 allowances unmet",
        ]

    def test_a_listed_hit_passes(self) -> None:
        """A hit that stands in the list is counted, and the exit code is 0."""
        Path("allow.yaml").write_text("allowed: [{rule: tests.zorble, passage: Zorble announcement, why: Why not.}]\n")
        result = self.run("clean.txt", "--rules", "rules.yaml", "--allow", "allow.yaml")
        assert (result.exit_code, result.stdout) == (0, "0 hits in 1 passage, 1 allowed, 0 allowances unmet\n")

    def test_an_idle_allowance_is_named(self) -> None:
        """What is allowed and no longer happens is told, unless its rule is bound to sites and not tried elsewhere."""
        bound = making.rule("line: {eq: Ferry post}", more="scope: {hosts: [harbour-post.example]}", name="tests.bound")
        Path("bound.yaml").write_text("rules:\n" + bound)
        listed = ("tests.zorble, passage: Zorble gone", "tests.bound, passage: Ferry post")
        Path("allow.yaml").write_text("allowed:\n" + "".join(f"  - {{rule: {one}, why: Why not.}}\n" for one in listed))
        given = ("clean.txt", "--rules", "rules.yaml", "--rules", "bound.yaml", "--allow", "allow.yaml")
        told = "unmet: tests.zorble cuts nothing that begins 'Zorble gone'"
        shown = self.run(*given).stdout
        assert told in shown
        assert "tests.bound" not in shown
        assert "unmet: tests.bound" in self.run(*given, "--unbound").stdout

    def test_json(self) -> None:
        """As JSON each hit has all that is known of it."""
        result = self.run("clean.txt", "--rules", "rules.yaml", "--no-flat", "--json")
        told = json.loads(result.stdout)
        assert (told["passages"], told["allowed"], told["stale"]) == (1, 0, [])
        assert [(hit["rule"], hit["line"], hit["text"]) for hit in told["hits"]] == [
            ("tests.zorble", 2, "Zorble announcement")
        ]

    def test_the_shipped_passages_are_the_default(self) -> None:
        """Without a corpus the clean passages that come with the package are tried, hits listed with them allowed."""
        count = len(load_clean())
        result = self.run("--unbound")
        assert result.stdout == f"0 hits in {count} passages, 7 allowed, 0 allowances unmet\n"
        assert shipped_clean().name == "clean"

    def test_no_clean_text(self) -> None:
        """A corpus whose field is missing is an error that names the option."""
        Path("a.jsonl").write_text('{"id":"a","gold":"One."}\n')
        result = self.run("a.jsonl")
        assert result.exit_code == 2
        assert "--text-field" in result.stderr
        assert self.run("a.jsonl", "--text-field", "gold").exit_code == 0
