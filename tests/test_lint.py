"""Lint finds what is valid but bad: for each complaint a rule that draws it, and a near one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cleaner.lint import Complaint, lint
from cleaner.rules import backtracking, load_rules
from cleaner.rules.backtracking import adjacent, nested, parse, pumped

AD = "{eq: Advertisement here}"


def rule(matcher: str, more: str = "", tests: str = "", name: str = "tests.one", class_: str = "ad") -> str:
    head = f"  - {{id: {name}, class: {class_}, why: Only this test needs it., {matcher}"
    tests = (
        tests
        or "[{in: 'One. zzz', out: One. zzz}, {keep: 'Advertisement here is 3 days, a newsletter box, a newsletter days old, a zorble, a newsletter.'}]"
    )
    return f"{head}, {more + ', ' if more else ''}tests: {tests}}}\n"


def look(place: Path, *rules: str, more: str = "") -> list[Complaint]:
    (place / "a.yaml").write_text("rules:\n" + "".join(rules) + more, encoding="utf-8")
    return lint(load_rules([place]))


def told(place: Path, *rules: str, more: str = "") -> list[tuple[str, str, str]]:
    """Return severity, field and reason of each complaint."""
    return [(c.severity, c.field, c.reason) for c in look(place, *rules, more=more)]


def span(pattern: str) -> str:
    return rule(f"span: {{re: '{pattern}'}}")


def line(pattern: str, more: str = "") -> str:
    return rule(f"line: {{re: '{pattern}'{more}}}")


def test_a_complaint_says_where_and_what_to_write(tmp_path: Path) -> None:
    """A complaint names file, line, rule and field, the fault, and what to write instead."""
    expected = Complaint(
        path=str(tmp_path / "a.yaml"),
        line=2,
        rule="tests.one",
        field="span.re",
        reason="an unbounded repeat of a wide class can run over body text",
        hint="Bound it: {1,80}",
    )
    assert look(tmp_path, span("Advertisement here[^.]+day")) == [expected]


def test_a_good_rule_draws_no_complaint(tmp_path: Path) -> None:
    """Lint has nothing to say of a plain rule."""
    assert told(tmp_path, rule(f"line: {AD}")) == []


def test_a_rule_that_does_not_compile(tmp_path: Path) -> None:
    """What compiling refuses is a complaint, so that one bad rule does not hide the others."""
    reason = "no literal can be derived from it and no position binds it"
    assert told(tmp_path, line("[0-9]+")) == [("error", "line", reason)]


def test_with_a_base_only_what_is_new_is_told(tmp_path: Path) -> None:
    """What is bad in the base already is not told of a file on top of it."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text("rules:\n" + rule("line: {re: '(a+)+zorble'}", name=f"tests.{name}"))
    base = load_rules([tmp_path / "first.yaml"])
    both = load_rules([tmp_path / "second.yaml"], base=base)
    assert {complaint.rule for complaint in lint(base)} == {"tests.first"}
    assert {complaint.rule for complaint in lint(both, base)} == {"tests.second"}
    assert {complaint.rule for complaint in lint(both)} == {"tests.first", "tests.second"}


class TestLiterals:
    def test_short(self, tmp_path: Path) -> None:
        """A rule that only a word of three letters leads to is tried on most texts in vain."""
        reason = "only short or common words lead to it: 'box'"
        assert told(tmp_path, rule("line: {has: box}")) == [("warning", "line", reason)]
        assert told(tmp_path, rule("line: {has: [box, newsletter box]}")) == []

    def test_short_behind_a_position(self, tmp_path: Path) -> None:
        """Where a position binds the rule, a short word costs nothing."""
        assert told(tmp_path, rule("line: {has: box, at: {first: 2}}")) == []

    def test_common(self, tmp_path: Path) -> None:
        """A word in what three other rules leave alone is a common one; in what two leave, it is not."""
        keep = "[{in: 'One. zzz', out: One. zzz}, {keep: 'Advertisement here says zorbles today.'}]"
        own = rule("line: {has: zorbles}", tests="[{in: 'One. zzz', out: One. zzz}, {keep: 'There is zorbles.'}]")
        others = [rule(f"line: {AD}", tests=keep, name=f"tests.n{number}") for number in range(3)]
        reason = "only short or common words lead to it: 'zorbles'"
        assert told(tmp_path, own, *others) == [("warning", "line", reason)]
        assert told(tmp_path, own, *others[:2]) == []

    def test_common_in_the_clean_passages(self, tmp_path: Path) -> None:
        """A word that clean passages of any language use often leads to most texts."""
        reason = "only short or common words lead to it: 'people'"
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: 'It is so, people say.'}]"
        assert told(tmp_path, rule("line: {has: people}", tests=tests)) == [("warning", "line", reason)]


class TestOpeners:
    TESTS = "[{in: 'One. zzz', out: One. zzz}, {keep: 'Follow me, said the mayor. Zuletzt.'}]"

    @pytest.mark.parametrize(
        ("matcher", "field"),
        [
            ("line: {starts: Follow}", "line.starts"),
            ("span: {from: Follow, to: sentence}", "span.from"),
            ("block: {steps: [{starts: Follow}, {has: the newsletter}]}", "block.starts"),
            ("run: {header: {eq: Follow}, item: {len: [9, 90]}}", "run.header"),
        ],
    )
    def test_common_word(self, tmp_path: Path, matcher: str, field: str) -> None:
        """What begins on a word that articles of some language begin with draws a complaint that names the language."""
        found = [(s, f, r) for s, f, r in told(tmp_path, rule(matcher, tests=self.TESTS)) if f == field]
        assert found == [("warning", field, "it begins on common words: 'follow' (en)")]

    @pytest.mark.parametrize(
        "matcher",
        [
            "line: {starts: Follow me}",
            "line: {starts: Follow, has: me said}",
            "line: {starts: Follow, at: {last: 3}}",
            "span: {from: Follow me, to: sentence}",
            "run: {header: {eq: Follow me}, item: {len: [9, 90]}}",
        ],
    )
    def test_more_than_a_common_word(self, tmp_path: Path, matcher: str) -> None:
        """Two words, another key or a position narrow it."""
        found = told(tmp_path, rule(matcher, tests=self.TESTS))
        assert [reason for _, _, reason in found if "begins" in reason] == []

    def test_host(self, tmp_path: Path) -> None:
        """On a site of its own a rule may begin as it likes."""
        bound = rule("line: {starts: Follow}", "scope: {hosts: [a.example]}", tests=self.TESTS)
        assert told(tmp_path, bound) == []


class TestTails:
    OF = "of: [{eq: Comments here}, {eq: No comments yet}, {eq: Related articles}]"

    def tail(self, opener: str, confirm: str, more: str = "") -> str:
        return rule(f"tail: {{open: {{eq: {opener}}}, confirm: {{{confirm}}}{more}}}")

    def test_common_opener(self, tmp_path: Path) -> None:
        """A tail that opens on one plain word is suspect even with three proofs; two words or a name are not."""
        reason = "it opens on single common words: 'zorble'"
        assert told(tmp_path, self.tail("Zorble", self.OF)) == [("warning", "tail.open", reason)]
        assert told(tmp_path, self.tail("Advertisement here", self.OF)) == []
        assert told(tmp_path, self.tail("[Daily8, Advertisement here]", self.OF)) == []

    def test_common_opener_of_a_host(self, tmp_path: Path) -> None:
        """A host binds what a common word does not."""
        bound = "scope: {hosts: [a.example]}"
        text = self.tail("Advertisement", self.OF)
        assert told(tmp_path, text.replace("tail:", f"{bound}, tail:")) == []

    def test_too_few_proofs(self, tmp_path: Path) -> None:
        """Three markers prove a tail; two do only where an appended record counts for both."""
        reason = "2 of 3 markers prove too little; an appended record counts for two"
        records = ", records: {layouts: {one: [{as: source, len: [2, 60]}, {as: body, len: [40, 900]}]}}"
        opener = "Advertisement here"
        assert told(tmp_path, self.tail(opener, f"need: 2, {self.OF}")) == [("error", "tail.confirm.need", reason)]
        assert told(tmp_path, self.tail(opener, f"need: 2, {self.OF}", records)) == []

    def test_common_opener_with_too_few_proofs(self, tmp_path: Path) -> None:
        """A common opener is an error where the proof is thin as well."""
        found = told(tmp_path, self.tail("Zorble", f"need: 1, {self.OF}"))
        assert [severity for severity, _, _ in found] == ["error", "error"]

    def test_unreachable_proof(self, tmp_path: Path) -> None:
        """A tail that needs more markers than it lists never runs."""
        reason = "never runs: it needs 4 markers and lists 3"
        found = told(tmp_path, self.tail("Advertisement here", f"need: 4, {self.OF}"))
        assert found == [("error", "tail.confirm.need", reason)]


class TestPatterns:
    @pytest.mark.parametrize("bad", ["(?:a+)+", "(?:[a-z]+ ?)+", "(?:a*b?)*", "(?:(?:x|[a-z]+))+", r"(?:\p{L}+-?){2,}"])
    def test_nested_repeats(self, bad: str) -> None:
        """A repeat in a repeat without a mark between its rounds is found by its form."""
        assert nested(parse(bad) or ())

    @pytest.mark.parametrize(
        "good", ["(?: [a-z]+)+", "(?:[a-z]+, )+", "(?:ab)+", "(?:[a-z]+ ?){1,4}", r"(?:\p{Lu}\p{Ll}+)+"]
    )
    def test_repeats_with_a_mark_between(self, good: str) -> None:
        """A character that the inner repeat cannot take tells the rounds apart; few rounds do no harm."""
        assert not nested(parse(good) or ())

    @pytest.mark.parametrize(
        ("pattern", "found"), [("[a-z]+[a-z0-9]*", True), (r"\w+\s*\w+", True), ("[a-z]+[0-9]*", False)]
    )
    def test_adjacent_repeats(self, pattern: str, found: bool) -> None:
        """Unbounded repeats side by side are found where they take the same characters."""
        assert adjacent(parse(pattern) or ()) is found

    @pytest.mark.parametrize("bad", ["(a|a)*b", "^(?:a|b|ab)*c", "(?:a+)+b"])
    def test_pumping_finds_what_blows_up(self, bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Patterns that take exponential time are found by running them, whatever their form, however soon they are left."""
        monkeypatch.setattr(backtracking, "_TIMEOUT", 0.1)
        assert pumped(bad, True, 16_000) or pumped(bad, False, 16_000)

    @pytest.mark.parametrize(
        "good", ["[a-z]+ day", "(?:[a-z]+, )+and", "(?:an?|[0-9]{1,3}) (?:hour|day)s? ago", ".*[.,;].*"]
    )
    def test_pumping_passes_what_stays_linear(self, good: str) -> None:
        """Patterns whose time grows with the text are let pass."""
        assert pumped(good, True, 16_000) == ""

    def test_nested_repeats_in_a_rule(self, tmp_path: Path) -> None:
        """A rule whose pattern can blow up is an error, also behind a `len`."""
        reason = "a repeat inside a repeat can split its text in too many ways"
        bad = line("newsletter (?:[a-z]+ ?)+[.]", ", len: [4, 200]")
        assert told(tmp_path, bad) == [("error", "line.re", reason)]
        assert told(tmp_path, line("newsletter (?:[a-z]+ )+[.]")) == []

    def test_adjacent_repeats_in_a_rule(self, tmp_path: Path) -> None:
        """Square growth is an error on lines of any length, and none on short ones."""
        reason = "two unbounded repeats side by side take the same characters"
        bad = "newsletter [a-z]+[a-z0-9]*[.]"
        assert told(tmp_path, line(bad)) == [("error", "line.re", reason)]
        assert told(tmp_path, line(bad, ", len: [4, 200]")) == []

    def test_square_growth_found_by_pumping(self, tmp_path: Path) -> None:
        """A pattern that its form does not give away is found by how its time grows."""
        found = told(tmp_path, line(r".+[.!?] \p{Lu}.+newsletter[.]"))
        assert [(severity, field) for severity, field, _ in found] == [("error", "line.re")]
        assert found[0][2].startswith("slow on long text: it takes ")

    def test_unbounded_span(self, tmp_path: Path) -> None:
        """`.*` in a span runs over body text; bounded, or over letters alone, it does not."""
        reason = "an unbounded repeat of a wide class can run over body text"
        for bad in ("newsletter .*? box", "newsletter [^.]+ box"):
            assert ("error", "span.re", reason) in told(tmp_path, span(bad))
        for good in ("newsletter .{1,80}? box", "newsletter [a-z]+ box"):
            assert told(tmp_path, span(good)) == []

    def test_unbounded_line(self, tmp_path: Path) -> None:
        """A line ends a line's pattern, so `.*` is fine there."""
        assert told(tmp_path, line("newsletter .*")) == []

    def test_anchor_beside_alternation(self, tmp_path: Path) -> None:
        """`^a|b` binds one branch only; a group says what is meant."""
        reason = "an anchor beside an ungrouped alternation binds one branch only"
        for bad in ("^newsletter|advertisement", "newsletter|advertisement$"):
            assert told(tmp_path, span(bad)) == [("error", "span.re", reason)]
        for good in ("^(?:newsletter|advertisement)", "(?:^|[.] )newsletter", "^newsletter|^advertisement"):
            assert told(tmp_path, span(good)) == []

    @pytest.mark.filterwarnings("ignore:Possible nested set")
    @pytest.mark.parametrize("bad", ["newsletter [[:alpha:]]{1,9}"])
    def test_foreign_syntax(self, tmp_path: Path, bad: str) -> None:
        """Syntax that only some engines read is refused: the derived literals would be wrong."""
        found = told(tmp_path, span(bad))
        assert [(severity, field) for severity, field, _ in found] == [("error", "span.re")]
        assert found[0][2].startswith("outside the RE2-safe subset: ")

    def test_google_re2_must_accept(self, tmp_path: Path) -> None:
        """Where google-re2 is installed it has a say: it refuses repeats over a thousand."""
        pytest.importorskip("re2")
        found = told(tmp_path, span("newsletter .{1,2000}x"))
        assert [reason for _, _, reason in found] == ["outside the RE2-safe subset: invalid repetition size: {1,2000}"]
        assert told(tmp_path, span("newsletter .{1,900}x")) == []

    def test_a_group_name_for_two_branches(self, tmp_path: Path) -> None:
        """One field for two branches is fine, though RE2 itself takes no name twice."""
        pattern = "newsletter (?:by (?P<byline>[a-z]{3,9})|of (?P<byline>[a-z]{3,9}))"
        tests = "[{in: 'One. newsletter by anna', out: One.}, {keep: His newsletter by Anna is torn.}]"
        assert told(tmp_path, rule(f"span: {{re: '{pattern}', at: {{first: 9}}}}", tests=tests)) == []


class TestExamples:
    def test_keep_far_from_the_rule(self, tmp_path: Path) -> None:
        """A keep without any phrase of the rule would stay whatever the rule does."""
        reason = "this keep holds none of the rule's phrases and has not its form, so it proves nothing"
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: It rained.}]"
        assert told(tmp_path, rule(f"line: {AD}", tests=tests)) == [("error", "tests.1.keep", reason)]
        near = tests.replace("It rained.", "Her advertisement here was torn.")
        assert told(tmp_path, rule(f"line: {AD}", tests=near)) == []

    def test_keeps_that_the_scan_passes_over(self, tmp_path: Path) -> None:
        """A keep that has only a word of the rule beside those the scan looks for is near, but the rule never sees it."""
        block = "block: {steps: [{has: tide}, {starts: Advertisement here}]}"
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: 'The tide is high.'}]"
        reason = (
            "no keep holds what the scan looks for, such as 'advertisement here': the rule is tried on none of them"
        )
        assert told(tmp_path, rule(block, tests=tests)) == [("warning", "tests", reason)]
        assert told(tmp_path, rule(block, "scope: {hosts: [a.example]}", tests=tests)) == []
        near = tests.replace("The tide is high.", "Advertisement here is dear.")
        assert told(tmp_path, rule(block, tests=near)) == []

    def test_keep_of_a_rule_on_doubles(self, tmp_path: Path) -> None:
        """A near miss of a double is a double too short or too far away, not a single line."""
        dup = "dup: {of: earlier, how: equal, least: 20}"
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: \"Yes.\\nNo.\"}]"
        assert [field for _, field, _ in told(tmp_path, rule(dup, tests=tests))] == ["tests.1.keep"]
        assert told(tmp_path, rule(dup, tests=tests.replace("No.", "Yes."))) == []

    def test_keep_of_a_rule_on_shape(self, tmp_path: Path) -> None:
        """Without phrases, a keep is near where a line in place has the rule's form."""
        shape = "line: {shape: caps, len: [4, 30], at: {last: 1}}"
        tests = '[{in: "One.\\nZZZZ", out: One.}, {keep: "SOME CAPS\\nIt rained."}]'
        assert [field for _, field, _ in told(tmp_path, rule(shape, tests=tests))] == ["tests.1.keep"]
        near = tests.replace("It rained.", "ALL THAT IS LEFT OF THE LIST OF NAMES")
        assert [field for _, field, _ in told(tmp_path, rule(shape, tests=near))] == ["tests.1.keep"]
        near = tests.replace("SOME CAPS\\nIt rained.", "It rained.\\nSOME CAPS")
        assert told(tmp_path, rule(shape, tests=near)) == []

    def test_cut_leaves_half_a_sentence(self, tmp_path: Path) -> None:
        """An example whose cut tears a sentence would bless a rule that takes too much or too little."""
        tests = "[{in: 'It cost advertisement here nine million.', out: It cost nine million.}, {keep: Advertisement here too.}]"
        reason = "the cut leaves half a sentence: 'It cost | nine million.'"
        cut = "span: {re: 'advertisement here'}"
        assert told(tmp_path, rule(cut, tests=tests)) == [("error", "tests.0.in", reason)]
        whole = tests.replace("It cost advertisement here nine", "It is over. advertisement here Nine")
        assert told(tmp_path, rule(cut, tests=whole)) == []


class TestDead:
    def test_dates_the_wrong_way_round(self, tmp_path: Path) -> None:
        """A rule valid from a day after its last never runs."""
        reason = "never runs: valid_from 2025-02-01 is after valid_until 2025-01-31"
        late = "scope: {valid_from: 2025-02-01, valid_until: 2025-01-31}"
        assert told(tmp_path, rule(f"line: {AD}", late)) == [("error", "scope.valid_from", reason)]
        assert told(tmp_path, rule(f"line: {AD}", late.replace("02-01", "01-31"))) == []

    def test_phrases_longer_than_the_line(self, tmp_path: Path) -> None:
        """A rule whose `len` shuts out all its phrases never runs."""
        reason = "never runs: every phrase of eq is longer than 10"
        short = "{eq: Advertisement here, len: [4, 10]}"
        assert told(tmp_path, rule(f"line: {short}")) == [("error", "line.len", reason)]
        assert told(tmp_path, rule(f"line: {short.replace('10', '30')}")) == []

    def test_experimental_rule(self, tmp_path: Path) -> None:
        """A rule that runs on request only is nothing to complain of."""
        assert told(tmp_path, rule(f"line: {AD}", "status: experimental")) == []

    def test_deprecated_without_effect(self, tmp_path: Path) -> None:
        """A deprecated rule makes way for one that runs."""
        old = rule(f"line: {AD}", "status: deprecated, replaced_by: tests.two")
        new = rule(f"line: {AD}", name="tests.two")
        reason = "deprecated without effect: tests.two, which replaces it, does not run"
        idle = new.replace("tests:", "status: experimental, tests:")
        assert told(tmp_path, old, idle) == [("error", "replaced_by", reason)]
        assert told(tmp_path, old, new) == []

    def test_exception_without_effect(self, tmp_path: Path) -> None:
        """An exception to a rule that does not run is left over."""
        more = "exceptions: [{rule: tests.one, why: Not on this host., scope: {hosts: [a.example]}}]\n"
        reason = "the rule tests.one does not run, so an exception to it has no effect"
        idle = rule(f"line: {AD}", "status: experimental")
        assert told(tmp_path, idle, more=more) == [("warning", "exceptions", reason)]
        assert told(tmp_path, rule(f"line: {AD}"), more=more) == []

    def test_unused_pattern(self, tmp_path: Path) -> None:
        """A pattern that no rule reaches, through others or not, is left over."""
        more = "patterns: {age: '{{unit}} ago', unit: 'days?', month: 'May|June'}\n"
        used = rule("line: {re: 'newsletter {{age}}'}")
        assert told(tmp_path, used, more=more) == [("warning", "patterns.month", "no rule uses {{month}}")]

    def test_unused_term(self, tmp_path: Path) -> None:
        """A term that no rule names is left over; the complaint says where it stands."""
        (tmp_path / "en.yaml").write_text("lang: en\nterms:\n  ad.label: [Advert]\n  ad.more: [More ads]\n")
        used = rule("line: {eq: $ad.label}", tests="[{in: 'One. zzz', out: One. zzz}, {keep: An advert is out.}]")
        (complaint,) = look(tmp_path, used)
        assert (complaint.path, complaint.line) == (str(tmp_path / "en.yaml"), 4)
        assert (complaint.severity, complaint.reason) == ("warning", "no rule uses $ad.more")


class TestTerms:
    def terms(self, place: Path, **terms: str) -> None:
        lines = [f"  {name.replace('_', '.')}: [{phrases}]\n" for name, phrases in terms.items()]
        (place / "en.yaml").write_text(f"lang: en\nterms:\n{''.join(lines)}", encoding="utf-8")

    @pytest.mark.parametrize(
        ("phrase", "is_short"), [("- 1 A", True), ("[PR]", False), ("广告", False), ("PUB", False)]
    )
    def test_short_term(self, tmp_path: Path, phrase: str, is_short: bool) -> None:
        """A phrase of under three letters (two in Chinese) tells nothing, unless brackets make a label of it."""
        self.terms(tmp_path, ad_label=f"Advert, '{phrase}'")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: An advert is out.}]"
        found = told(tmp_path, rule("line: {eq: $ad.label}", tests=tests))
        reason = f"{phrase!r} has too few letters to tell anything"
        assert found == ([("error", "terms.ad.label", reason)] if is_short else [])

    def test_one_line_under_two_classes(self, tmp_path: Path) -> None:
        """A whole line that two rules cut under different classes is a clash; under one class it is none."""
        self.terms(tmp_path, share_label="Subscribe, Share this", form_button="Subscribe, Send now")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: Subscribe to nothing.}]"
        share = rule("line: {eq: $share.label}", tests=tests, name="tests.share", class_="share")
        form = rule("line: {eq: $form.button}", tests=tests, class_="newsletter")
        reason = "'subscribe': tests.one cuts the same whole lines as newsletter, this rule as share"
        assert told(tmp_path, form, share) == [("warning", "line.eq", reason)]
        assert told(tmp_path, form, share.replace("class: share", "class: newsletter")) == []

    def test_headers_of_runs_under_two_classes(self, tmp_path: Path) -> None:
        """Runs with the same header under two classes are noted once for each pair of classes."""
        self.terms(tmp_path, related_header="Other stories, More for you", ticker_header="Other stories, News feed")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: 'Other stories, more for you. News feed.'}]"
        run = "run: {{header: {{eq: ${}}}, item: {{len: [9, 90]}}}}"
        related = rule(run.format("related.header"), tests=tests, class_="related")
        ticker = [rule(run.format("ticker.header"), tests=tests, name=f"tests.t{n}", class_="ticker") for n in range(2)]
        reason = "'other stories': tests.one begins runs with the same headers as related, this rule as ticker"
        assert told(tmp_path, related, *ticker) == [("note", "run.header", reason)]

    @pytest.mark.parametrize(("key", "is_idle"), [("starts", True), ("eq", False), ("ends", False)])
    def test_a_phrase_inside_another(self, tmp_path: Path, key: str, is_idle: bool) -> None:
        """Where a term stands under `starts` only, a phrase that a shorter one begins is needless."""
        self.terms(tmp_path, ad_label="Zorble, Zorble feed, Zorbles")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: The zorble is out.}]"
        found = told(tmp_path, rule(f"line: {{{key}: $ad.label, len: [3, 90]}}", tests=tests))
        reason = "'zorble feed': a shorter phrase of $ad.label finds the same"
        assert found == ([("note", "terms.ad.label", reason)] if is_idle else [])

    def test_a_phrase_used_in_flattened_text(self, tmp_path: Path) -> None:
        """A span asks what follows a phrase, so a longer phrase is not needless there."""
        self.terms(tmp_path, ad_label="Zorble, Zorble feed")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: The zorble is out.}]"
        assert told(tmp_path, rule("span: {from: $ad.label, to: sentence}", tests=tests)) == []

    def test_a_common_word_of_another_language(self, tmp_path: Path) -> None:
        """A single word that articles of another language use is a clash; that of one's own is for the rule to bound."""
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: 'Follow me. Folgen me.'}]"
        used = rule("line: {starts: $ad.label, has: me}", tests=tests)
        self.terms(tmp_path, ad_label="Follow")
        assert [found for found in told(tmp_path, used) if found[1] == "terms.ad.label"] == []
        self.terms(tmp_path, ad_label="Folgen")
        reason = "'folgen' is a common word of de, and the language of a text is often not known"
        found = [found for found in told(tmp_path, used) if found[1] == "terms.ad.label"]
        assert found == [("warning", "terms.ad.label", reason)]

    def test_one_phrase_in_two_ways(self, tmp_path: Path) -> None:
        """Where one of two rules wants more than the whole line, nothing clashes."""
        self.terms(tmp_path, share_label="Zorble, Share this", form_button="Zorble, Send now")
        tests = "[{in: 'One. zzz', out: One. zzz}, {keep: Zorble to nothing.}]"
        share = rule("line: {starts: $share.label}", tests=tests, name="tests.share", class_="share")
        form = rule("line: {eq: $form.button}", tests=tests, class_="newsletter")
        assert told(tmp_path, form, share) == []
