"""Reports on rules over corpora: what each does, which overlap or idle, what a change of rules changes, what drifts."""

from __future__ import annotations

import json
from itertools import accumulate
from math import comb
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cleaner import Cleaner, OptionError
from cleaner.cli.main import main
from cleaner.model import Cleaned, Cut, Document, Drop
from cleaner.review.change import PAGE, Changes, compare
from cleaner.review.drift import chance, hits_of, shifts
from cleaner.review.usage import Overlap, Usage

from . import making

AD = making.rule("line: {eq: Advertisement here}", name="x.ad")
ADS = making.rule("line: {starts: Advertisement}", name="x.ads")
SHARE = making.rule("line: {eq: Share this story}", name="x.share", class_="share")
IDLE = making.rule("line: {eq: Never seen anywhere}", name="x.idle")


def text(*noise: str) -> str:
    return "\n".join([making.PROSE, *noise, making.MORE, making.LAST])


def used(place: Path, *documents: Document, rules: tuple[str, ...] = (AD, ADS, SHARE, IDLE), most: int = 3) -> Usage:
    cleaner = making.cleaner(place, *rules)
    usage = Usage.of(cleaner.ruleset, most)
    for document in documents:
        usage.add(cleaner.clean_document(document))
    return usage


class TestUsage:
    def test_what_a_rule_does(self, tmp_path: Path) -> None:
        """A rule's documents, cuts, characters and tokens are counted, and what it alone found."""
        usage = used(
            tmp_path,
            Document("a", text("Advertisement here"), lang="en"),
            Document("b", text("Advertisement here", "Advertisement"), lang="fr-CA"),
            Document("c", text(), lang="en"),
        )
        both, one = usage.rules["x.ads"], usage.rules["x.ad"]
        assert (both.documents, both.cuts, both.alone, both.tokens) == (2, 3, 1, 5)
        assert (one.documents, one.cuts, one.alone, one.tokens) == (2, 2, 0, 4)
        assert dict(both.languages) == {"en": 1, "fr": 1}
        assert (usage.documents, usage.touched, usage.removed_tokens) == (3, 2, 5)

    def test_classes(self, tmp_path: Path) -> None:
        """Cuts are also counted by class, each once however many rules asked for it."""
        usage = used(tmp_path, Document("a", text("Advertisement here", "Share this story")))
        assert {name: (use.cuts, use.tokens) for name, use in usage.kinds.items()} == {"ad": (1, 2), "share": (1, 3)}

    def test_rules_that_cut_the_same(self, tmp_path: Path) -> None:
        """Two rules overlap by the cuts they share: of all, and of the rarer one's."""
        usage = used(tmp_path, Document("a", text("Advertisement here", "Advertisement", "Share this story")))
        assert usage.overlaps() == [Overlap("x.ad", "x.ads", 1, 0.5, 1.0)]

    def test_rules_that_never_fire(self, tmp_path: Path) -> None:
        """Running rules without a cut are named; experimental ones are not expected to fire."""
        later = making.rule("line: {eq: Not yet in use}", name="x.later", more="status: experimental")
        cleaner = making.cleaner(tmp_path, AD, IDLE, later)
        usage = Usage.of(cleaner.ruleset)
        usage.add(cleaner.clean(text("Advertisement here")))
        assert usage.idle(making.load(tmp_path)) == ["x.idle"]

    def test_examples_differ(self, tmp_path: Path) -> None:
        """The examples kept are the first that differ in more than digits."""
        noise = ("Advertisement 1", "Advertisement 2", "Advertisement by us", "Advertisement by you")
        usage = used(tmp_path, Document("a", text(*noise)), rules=(ADS,), most=2)
        assert [example.text for example in usage.rules["x.ads"].examples.values()] == [
            "Advertisement 1",
            "Advertisement by us",
        ]

    def test_a_title_that_moves_is_no_cut(self, tmp_path: Path) -> None:
        """The title's move to its field counts for no rule."""
        usage = used(tmp_path, Document("a", f"A bridge for the town\n{text()}", title="A bridge for the town"))
        assert (usage.touched, usage.removed, dict(usage.rules)) == (0, 0, {})

    def test_elements_of_pages(self) -> None:
        """Elements dropped from a page count for their rules."""
        usage = Usage({"x.box": "nav"})
        page = Cleaned(Document("a", "Body."), "Body.", "Body.", drops=(Drop("/div", "Menu of all", "x.box"),))
        usage.add(page)
        assert (usage.rules["x.box"].tokens, usage.kinds["nav"].cuts, usage.touched) == (3, 1, 1)


class TestDrift:
    @pytest.mark.parametrize(("a", "n", "b", "m"), [(1, 10, 9, 10), (0, 7, 3, 5), (4, 40, 9, 30), (2, 3, 2, 3)])
    def test_exact_chance(self, a: int, n: int, b: int, m: int) -> None:
        """The probability is that of all tables as unlikely as the one seen, counted one by one."""
        odds = [comb(n, k) * comb(m, a + b - k) for k in range(max(0, a + b - m), min(n, a + b) + 1)]
        seen = comb(n, a) * comb(m, b)
        assert chance(a, n, b, m) == pytest.approx(sum(one for one in odds if one <= seen) / sum(odds))

    def test_many_hits(self) -> None:
        """From a thousand hits on the normal approximation stands in, and stays near the exact value."""
        assert chance(480, 5000, 521, 5000) == pytest.approx(chance(479, 5000, 520, 5000), rel=0.08)

    def test_rules_that_moved(self) -> None:
        """A rule whose share of documents moved is told; one that stayed is not, however often it hits."""
        found = shifts({"a": 50, "b": 3}, 100, {"a": 52, "c": 20}, 100)
        assert [(shift.rule, shift.old_rate, shift.new_rate) for shift in found] == [("c", 0.0, 0.2)]

    def test_many_rules(self) -> None:
        """The more rules are looked at, the further one must move to be told."""
        still = {f"r{number}": 50 for number in range(1000)}
        assert [shift.rule for shift in shifts({"a": 0}, 100, {"a": 10}, 100)] == ["a"]
        assert shifts({**still, "a": 0}, 100, {**still, "a": 10}, 100) == []

    def test_corrected_chances_never_fall(self) -> None:
        """Rules come in the order of their chances, none of them over 1."""
        found = [shift.chance for shift in shifts({"a": 1, "b": 5}, 50, {"a": 9, "c": 7}, 50, level=1)]
        assert found == list(accumulate(found, max))
        assert all(0 <= one <= 1 for one in found)

    def test_a_baseline_of_another_form(self) -> None:
        """What is no report is refused with a word on what is."""
        with pytest.raises(OptionError, match="`cleaner rules stats --json`"):
            hits_of([1], "x.json")


class TestChange:
    def clean(self, place: Path, rules: str, document: str) -> Cleaned:
        return making.cleaner(place, rules).clean(document)

    def test_newly_cut_and_newly_kept(self, tmp_path: Path) -> None:
        """What only one set of rules cuts is told with its rule and what stands around it."""
        document = text("Advertisement here", "Share this story")
        old, new = self.clean(tmp_path, AD, document), self.clean(tmp_path, SHARE, document)
        told = [(piece.direction, piece.rules, piece.text) for piece in compare(old, new)]
        assert told == [("cut", ("x.share",), "Share this story"), ("kept", ("x.ad",), "Advertisement here")]

    def test_part_of_a_cut(self) -> None:
        """Of a cut that grew only what is new is told, with its place, white space aside."""
        source = "Body. Ad one. Ad two. End."
        old = Cleaned(Document("a", source), source, "", cuts=(Cut(6, 14, source[6:14], "ad", ("x",)),))
        new = Cleaned(Document("a", source), source, "-", cuts=(Cut(6, 22, source[6:22], "ad", ("y",)),))
        assert [(piece.direction, piece.rules, piece.text, piece.start) for piece in compare(old, new)] == [
            ("cut", ("y",), "Ad two.", 14)
        ]

    def test_other_rules_same_text(self, tmp_path: Path) -> None:
        """Where another rule cuts the same, the text did not change, and the move between rules shows."""
        changes, document = Changes(), text("Advertisement here")
        changes.add(self.clean(tmp_path, AD, document), self.clean(tmp_path, ADS, document))
        assert (changes.changed, changes.moved()) == ([], [("x.ad", 1, 0), ("x.ads", 0, 1)])

    def test_pages_are_compared_by_lines(self) -> None:
        """Where rules changed what is extracted from a page, lines are compared, and their rules are looked for."""
        old = Cleaned(Document("a", ""), "One.\nMenu\nTwo.", "One.\nMenu\nTwo.")
        new = Cleaned(Document("a", ""), "One.\nThree.", "One.\nThree.", drops=(Drop("/nav", "The Menu", "x.nav"),))
        told = [(piece.direction, piece.rules, piece.text) for piece in compare(old, new)]
        assert told == [("cut", ("x.nav",), "Menu"), ("cut", (PAGE,), "Two."), ("kept", (PAGE,), "Three.")]


class TestCommands:
    def run(self, *args: str) -> Result:
        return CliRunner().invoke(main, ["rules", *args])

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        for name, rules in (("old", AD), ("new", AD + SHARE)):
            Path(f"{name}.yaml").write_text(f"rules:\n{rules}")
        rows = [{"id": f"d{n}", "lang": "en", "text": text(*["Share this story"][: n % 2])} for n in range(40)]
        Path("news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        Path("plain.jsonl").write_text("".join(json.dumps({**row, "text": text()}) + "\n" for row in rows))
        return tmp_path

    def test_stats(self) -> None:
        """The table shows each rule with its class, counts and languages, then examples."""
        result = self.run("stats", "news.jsonl", "--rules", "new.yaml", "--only", "x.share", "--only", "x.ad")
        assert result.exit_code == 0
        lines = [line.split() for line in result.stdout.splitlines()]
        assert ["x.share", "share", "20", "50.00%", "20", "20", "60", "en:20"] in lines
        assert "x.share: Share this story (d1)" in result.stdout
        assert "1 rule never fired: x.ad" in result.stdout

    def test_stats_against_a_baseline(self) -> None:
        """What `--json` prints serves as the baseline; rules that moved are shown, and the exit code is 1."""
        only = ("--rules", "new.yaml", "--only", "x.share")
        Path("then.json").write_text(self.run("stats", "plain.jsonl", *only, "--json").stdout)
        same = self.run("stats", "plain.jsonl", *only, "--against", "then.json")
        moved = self.run("stats", "news.jsonl", *only, "--against", "then.json", "--json")
        assert (same.exit_code, same.stdout.splitlines()[-1]) == (0, "0 rules moved")
        assert (moved.exit_code, [s["rule"] for s in json.loads(moved.stdout)["shifts"]]) == (1, ["x.share"])

    def test_diff(self) -> None:
        """Two sets of rules are compared document by document; differences give exit code 1."""
        result = self.run("diff", "old.yaml", "new.yaml", "news.jsonl", "--samples", "1")
        assert result.exit_code == 1
        assert result.stdout.splitlines() == [
            "20 of 40 documents changed",
            "",
            "x.share: newly cut, 320 characters in 20 documents",
            f"  d1: {making.PROSE[-39:]} [-Share this story-] {making.MORE[:40]}",
            "",
            "DOCUMENTS HIT BY  OLD  NEW",
            "x.share           0    20",
        ]

    def test_diff_of_equal_rules(self) -> None:
        """Rules that do the same give exit code 0; `shipped` and --extend name what comes with the package."""
        assert self.run("diff", "new.yaml", "new.yaml", "news.jsonl").stdout == "0 of 40 documents changed\n"
        extended = self.run("diff", "shipped", "old.yaml", "plain.jsonl", "--extend", "--json")
        assert (extended.exit_code, json.loads(extended.stdout)["changed"]) == (0, [])

    @pytest.mark.parametrize("report", ["[]", '{"rules": {"x.share": {"documents": 4}}, "documents": 3}'])
    def test_a_baseline_that_is_none(self, report: str) -> None:
        """What cannot be an output of `--json`, more hits than documents among it, is refused."""
        Path("then.json").write_text(report)
        result = self.run("stats", "news.jsonl", "--against", "then.json")
        assert (result.exit_code, "is no output of" in result.stderr) == (2, True)

    def test_records_that_are_passed_over(self) -> None:
        """Records that cannot be read are counted on standard error with a reason; without any document it is an error."""
        for command in (("stats",), ("diff", "old.yaml", "new.yaml"), ("gate",)):
            Path("torn.jsonl").write_text('{"text": 12}\n{"text": "One bridge."}\n{"body": "x"}\n{"text": 13}\n')
            assert "3 records passed over: `text` is a JSON number" in self.run(*command, "torn.jsonl").stderr
            Path("none.jsonl").write_text('{"body": "x"}\n')
            result = self.run(*command, "none.jsonl")
            assert (result.exit_code, "--text-field" in result.stderr) == (2, True)

    def test_colours_on_a_terminal(self) -> None:
        """Samples are coloured where the output is a terminal."""
        result = CliRunner().invoke(main, ["rules", "diff", "old.yaml", "new.yaml", "news.jsonl"], color=True)
        assert "\x1b[31m[-Share this story-]\x1b[0m" in result.stdout


def test_reports_agree_with_the_cleaner(tmp_path: Path) -> None:
    """The characters a report counts as removed are those that left the text."""
    cleaner = Cleaner()
    usage = Usage.of(cleaner.ruleset)
    cleaned = cleaner.clean(text("Advertisement", "- Advertisement -"))
    usage.add(cleaned)
    assert usage.removed == len(cleaned.source) - len(cleaned.text)
