"""What the playground can do, asked without a server: documents, drafts, comparisons, and rules that are saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cleaner import Cleaner, load_rules, write_compiled
from cleaner.errors import CleanerError, InputError, OptionError, OutputError, RuleError
from cleaner.io.inputs import find_inputs
from cleaner.io.splice import dump
from cleaner.serve import documents
from cleaner.serve.corpus import Corpus
from cleaner.serve.desk import Desk, Missing, Setting
from cleaner.serve.documents import Shelf, sample
from cleaner.serve.folder import Changed, Folder
from cleaner.serve.saving import MODELINE
from cleaner.trial import run_trials
from tests import making

AD = """\
rules:
  - id: base.ad
    class: ad
    why: The label of an advertising slot.
    line: {eq: Advertisement}
    tests: [{in: "One.\\nAdvertisement\\nTwo.", out: "One.\\nTwo."}, {keep: "Advertisement is a trade."}]
  - id: base.box
    class: newsletter
    why: A box of a page that asks for an address.
    select: {words: newsletter, tags: [div]}
    tests: [{in: "<div class=newsletter>Join</div>", out: ""}, {keep: "<p class=newsletter>Join</p>"}]
"""
LETTER = """\
rules:
  - id: {id}
    class: newsletter
    why: A line that asks to join a letter.
    line: {{starts: {phrase}}}
    tests:
      - {{in: "One.\\n{phrase} today\\nTwo.", out: "One.\\nTwo."}}
      - {{keep: "They {phrase} each week."}}
"""
TEXT = f"{making.PROSE}\nAdvertisement\n{making.MORE}\nJoin our letter now\n{making.LAST}"
PAGE = (
    f"<html><head><title>Bridge</title></head><body><article><h1>Bridge</h1><p>{making.PROSE}</p>"
    f"<div class=newsletter>Join our list of readers</div><p>{making.MORE}</p><p>{making.LAST}</p></article></body></html>"
)


def letter(id_: str = "own.letter", phrase: str = "Join our letter", **more: Any) -> dict[str, Any]:
    return {"text": LETTER.format(id=id_, phrase=phrase), **more}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Compile two rules, which then stand in for the shipped ones."""
    place = tmp_path_factory.mktemp("base")
    (place / "base.yaml").write_text(AD)
    write_compiled(load_rules([place / "base.yaml"]), place / "base.rules")
    return str(place / "base.rules")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "own"
    place.mkdir()
    return place.resolve()


@pytest.fixture
def desk(base: str, folder: Path) -> Desk:
    return Desk(Setting(rules=(base,), save=str(folder)))


def write_records(place: Path, rows: list[dict[str, Any]]) -> str:
    path = place / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


class TestClean:
    def test_what_a_page_shows_of_a_document(self, desk: Desk) -> None:
        """The answer is what the engine says: text, cuts, rules with their reasons, a drawing that names them."""
        told = desk.clean({"id": "a", "text": TEXT})
        cleaned = Cleaner(desk._sets.base.ruleset).clean(TEXT, id="a")
        assert told["text"] == cleaned.text
        assert (told["characters"], told["removed"]) == (len(TEXT), len(TEXT) - len(cleaned.text))
        assert [(cut["start"], cut["end"], cut["rules"]) for cut in told["cuts"]] == [
            (cut.start, cut.end, cut.rules) for cut in cleaned.cuts
        ]
        assert told["legend"] == [{"class": "ad", "hue": told["legend"][0]["hue"], "cuts": 1}]
        assert told["rules"]["base.ad"]["why"] == "The label of an advertising slot."
        assert (told["rules"]["base.ad"]["kind"], told["rules"]["base.ad"]["own"]) == ("line", False)
        assert 'data-rules="base.ad"' in told["drawing"]
        assert told["changes"] is None

    def test_a_draft_shows_what_it_changes(self, desk: Desk) -> None:
        """A draft is laid on the set; what it alone cuts is told with its place, and marked in the drawing."""
        told = desk.clean({"text": TEXT}, letter())
        (piece,) = told["changes"]["cut"]
        assert (piece["text"], piece["rules"]) == ("Join our letter now", ["own.letter"])
        assert TEXT[piece["start"] :].startswith("Join our letter now")
        assert 'data-change="cut"' in told["drawing"]
        assert told["changes"]["kept"] == []

    def test_an_experimental_rule_runs_as_a_draft(self, desk: Desk, folder: Path) -> None:
        """What the set does without the draft, kept from just now, is not taken for what it does with it."""
        text = LETTER.format(id="own.letter", phrase="Join our letter").replace(
            "class:", "status: experimental\n    class:"
        )
        (folder / "a.yaml").write_text(text)
        assert [cut["rules"] for cut in desk.clean({"text": TEXT})["cuts"]] == [("base.ad",)]
        told = desk.clean({"text": TEXT}, {"text": text})
        assert [piece["rules"] for piece in told["changes"]["cut"]] == [["own.letter"]]

    def test_a_draft_takes_the_place_of_its_rule_and_of_others(self, desk: Desk) -> None:
        """The rule with the draft's id gives way, and so do those named; what they cut is told as kept."""
        for draft in (letter("base.ad"), letter("own.letter", instead=["base.ad"])):
            told = desk.clean({"text": TEXT}, draft)
            assert [piece["text"] for piece in told["changes"]["kept"]] == ["Advertisement"]
            assert [piece["text"] for piece in told["changes"]["cut"]] == ["Join our letter now"]

    def test_a_draft_runs_whatever_its_status(self, desk: Desk) -> None:
        """An experimental rule runs only when named; who writes it wants to see it."""
        draft = {"text": letter()["text"].replace("    class:", "    status: experimental\n    class:")}
        assert desk.clean({"text": TEXT}, draft)["changes"]["cut"]

    def test_a_wrong_draft_is_told_with_its_line(self, desk: Desk) -> None:
        """What is wrong with a draft arrives as the error of its line and field."""
        with pytest.raises(RuleError) as error:
            desk.clean({"text": TEXT}, {"text": letter()["text"].replace("newsletter", "newsletters")})
        assert (error.value.line, error.value.field, error.value.rule) == (3, "class", "own.letter")

    def test_elements_of_a_page_lead_to_their_rules(self, desk: Desk) -> None:
        """What was dropped before extraction is listed with the rule that took it."""
        told = desk.clean({"id": "p", "html": PAGE})
        (dropped,) = [part["lines"] for part in told["sections"] if part["name"] == "Dropped elements"]
        assert [(line["text"], line["rules"]) for line in dropped] == [("Join our list of readers", ["base.box"])]
        assert told["rules"]["base.box"]["kind"] == "select"
        assert {"class": "newsletter", "cuts": 1}.items() <= told["legend"][0].items()

    def test_a_page_is_extracted_once_for_drafts_that_leave_elements_alone(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Typing at a rule for text extracts nothing again; a rule for elements does."""
        count: list[int] = []
        extract = Cleaner.extract
        monkeypatch.setattr(Cleaner, "extract", lambda self, page: count.append(1) or extract(self, page))
        desk.clean({"html": PAGE})
        plain = desk.clean({"html": PAGE}, letter(phrase=making.MORE[:20]))
        assert plain["changes"]["cut"]
        assert len(count) == 1
        boxless = AD.replace("words: newsletter", "words: letterbox").replace("class=newsletter", "class=letterbox")
        told = desk.clean({"html": PAGE}, {"text": boxless})
        assert len(count) == 2
        assert [part["name"] for part in told["sections"]].count("Dropped elements") == 0

    @pytest.mark.parametrize(
        "text",
        [
            "\ud800 half \udfff",
            "a\0b",
            "x" * 1_000_000,
            "<script>alert(1)</script>\u202e",
            "",
            "\n" * 2000,
            "é\u0301" * 50,
        ],
        ids=["surrogates", "nul", "endless-line", "markup", "empty", "blank", "marks"],
    )
    def test_hostile_texts_are_answered(self, desk: Desk, text: str) -> None:
        """Whatever comes is cleaned and told, and the answer can be written as JSON."""
        told = json.loads(dump(desk.clean({"text": text + f"\n{TEXT}"}, letter())))
        assert told["changes"]["cut"][0]["text"] == "Join our letter now"
        assert "<script" not in told["drawing"]
        assert not any("\ud800" <= char <= "\udfff" or char in "\0\u202e" for char in told["drawing"])

    @pytest.mark.parametrize(
        ("document", "told"),
        [
            (None, "is missing"),
            ({"id": "a"}, "either `text` or `html`"),
            ({"text": "a", "html": "b"}, "either `text` or `html`"),
            ({"text": 7}, "`text` of a document is a text"),
            ({"text": "a", "url": []}, "`url`"),
        ],
    )
    def test_what_is_no_document_is_refused(self, desk: Desk, document: Any, told: str) -> None:
        """The refusal says what to send."""
        with pytest.raises(InputError, match=told):
            desk.clean(document)

    @pytest.mark.parametrize(
        "draft", ["rules: []", {}, {"text": 1}, {"text": "", "instead": "base.ad"}, {"text": "", "instead": [1]}]
    )
    def test_what_is_no_draft_is_refused(self, desk: Desk, draft: Any) -> None:
        """A draft is a text and a list of ids."""
        with pytest.raises(InputError):
            desk.clean({"text": TEXT}, draft)

    def test_rules_of_fields_titles_and_flags(self, desk: Desk) -> None:
        """Lines below the source name the rules behind them, where there are any."""
        rule = (
            "rules:\n  - id: tests.by\n    class: meta\n    why: The line that names the author.\n    action: extract\n"
            "    line: {re: 'By (?P<byline>[A-Z]\\w+ \\w+)', at: {first: 2}}\n"
            '    tests: [{in: "By Ann Lee\\nOne.", out: One., set: {byline: Ann Lee}}, {keep: By train it takes long.}]\n'
        )
        told = desk.clean({"text": f"By Ann Lee\n{TEXT}"}, {"text": rule})
        lines = {line["text"]: line["rules"] for part in told["sections"] for line in part["lines"]}
        assert lines["byline: Ann Lee"] == ["tests.by"]
        assert told["rules"]["tests.by"]["path"] == "draft"


class TestCheck:
    def test_all_faults_are_told_with_lines(self, desk: Desk) -> None:
        """Broken YAML, faults of the model and complaints of lint each say where they are and where they come from."""
        assert [(p["origin"], p["line"]) for p in desk.check({"text": "rules:\n  - id: [a"})["problems"]] == [
            ("yaml", 2)
        ]
        bad = letter()["text"].replace("class: newsletter", "class: x").replace("starts", "begins")
        told = desk.check({"text": bad})
        assert [(p["origin"], p["line"], p["field"]) for p in told["problems"]] == [
            ("schema", 3, "class"), ("schema", 5, "line.begins"),
        ]  # fmt: skip
        assert (told["ok"], told["rules"]) == (False, [])

    def test_lint_names_the_line_of_its_field(self, desk: Desk) -> None:
        """A rule that is valid but weak is complained of at the line of the field, and runs all the same."""
        text = letter(phrase="the")["text"]
        told = desk.check({"text": text})
        assert {p["origin"] for p in told["problems"]} == {"lint"}
        assert any(p["line"] == 5 and p["field"].startswith("line") for p in told["problems"])
        assert told["rules"] == ["own.letter"]

    def test_a_rule_that_cannot_be_compiled(self, desk: Desk) -> None:
        """What only compiling shows, here that nothing leads to the rule, is told with the rest."""
        told = desk.check({"text": letter()["text"].replace("starts: Join our letter", "re: '[A-Z]\\w+ .*'")})
        assert not told["ok"]
        assert any("no literal" in p["message"] for p in told["problems"])

    def test_a_good_draft(self, desk: Desk) -> None:
        """Nothing is said of a draft in which nothing is wrong."""
        assert desk.check(letter()) == {"ok": True, "rules": ["own.letter"], "problems": []}

    def test_tests_run_alone_and_together(self, desk: Desk) -> None:
        """Each test of the draft's rules is told with its line; one that fails says what came instead."""
        told = desk.test(letter())
        assert (told["failed"], {trial["mode"] for trial in told["trials"]}) == (0, {"alone", "together"})
        assert {trial["line"] for trial in told["trials"]} == {7, 8}
        wrong = {"text": letter()["text"].replace('keep: "They ', 'keep: "')}
        failing = [trial for trial in desk.test(wrong)["trials"] if not trial["ok"]]
        assert [(trial["line"], trial["number"]) for trial in failing] == [(8, 2), (8, 2)]
        assert "Join our letter each week." in failing[0]["got"]


class TestCompare:
    def desk(self, place: Path, base: str, rows: list[dict[str, Any]], sample: int = 100) -> Desk:
        return Desk(Setting(rules=(base,), inputs=tuple(find_inputs([write_records(place, rows)])), sample=sample))

    def compare(self, desk: Desk, draft: dict[str, Any]) -> dict[str, Any]:
        while (told := desk.compare(draft)) is None:
            pass
        return told

    def test_documents_newly_cut_and_newly_kept(self, tmp_path: Path, base: str) -> None:
        """The sums and samples are those of the documents that a draft changes."""
        rows = [{"id": f"t{n}", "text": TEXT if n % 2 else making.PROSE} for n in range(10)]
        told = self.compare(self.desk(tmp_path, base, rows), letter(instead=["base.ad"]))
        assert (told["documents"], told["changed"]) == (10, 5)
        assert told["cut"] == {"documents": 5, "pieces": 5, "characters": 5 * len("Join our letter now")}
        assert told["kept"] == {"documents": 5, "pieces": 5, "characters": 5 * len("Advertisement")}
        assert {(one["document"], one["direction"]) for one in told["samples"]} == {
            (f"t{n}", way) for n in range(1, 10, 2) for way in ("cut", "kept")
        }

    def test_pages_are_compared_by_what_they_show(self, tmp_path: Path, base: str) -> None:
        """Pages are a part of the sample, and a rule for elements changes what is extracted of them."""
        rows = [{"id": "p", "html": PAGE}, {"id": "t", "text": TEXT}]
        told = self.compare(self.desk(tmp_path, base, rows), letter(phrase=making.MORE[:20]))
        assert [(one["document"], one["rules"]) for one in told["samples"]] == [
            ("p", ["own.letter"]),
            ("t", ["own.letter"]),
        ]

    def test_steps_end_and_go_on(self, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A step ends when its time is over, the next one goes on; in the end all documents are compared once."""
        monkeypatch.setattr("cleaner.serve.corpus.STEP", -1.0)
        desk = self.desk(tmp_path, base, [{"id": f"t{n}", "text": TEXT} for n in range(5)])
        steps = [desk.compare(letter()) for _ in range(10)]
        assert steps[:8] == [None] * 8
        assert steps[9] is not None
        assert steps[9]["changed"] == steps[9]["documents"] == 5

    def test_a_saved_rule_becomes_what_is_compared_with(self, tmp_path: Path, base: str, folder: Path) -> None:
        """Once a rule stands in the folder, the same draft changes nothing any more."""
        inputs = tuple(find_inputs([write_records(tmp_path, [{"id": "t", "text": TEXT}])]))
        desk = Desk(Setting(rules=(base,), save=str(folder), inputs=inputs))
        assert self.compare(desk, letter())["changed"] == 1
        desk.save(letter(), "own.yaml", None)
        assert self.compare(desk, letter())["changed"] == 0
        assert desk.clean({"text": TEXT}, letter())["changes"] == {"cut": [], "kept": []}

    def test_a_document_that_breaks_the_cleaner_is_passed_over(
        self, tmp_path: Path, base: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One document that cannot be cleaned keeps the others from nothing."""
        glance = Cleaner.glance

        def fail(self: Cleaner, documents: Any) -> Any:
            if any(document.id == "t1" for document in documents):
                raise ZeroDivisionError
            return glance(self, documents)

        monkeypatch.setattr(Cleaner, "glance", fail)
        told = self.compare(self.desk(tmp_path, base, [{"id": f"t{n}", "text": TEXT} for n in range(3)]), letter())
        assert (told["documents"], told["changed"]) == (3, 2)

    def test_a_sample_is_spread_and_the_same_each_time(self, tmp_path: Path) -> None:
        """Each input gives its share, chosen from its beginning; twice the same documents come."""
        for name in "abc":
            (tmp_path / name).mkdir()
            write_records(tmp_path / name, [{"id": f"{name}{n}", "text": TEXT} for n in range(50)])
        inputs = find_inputs([str(tmp_path)])
        first, second = (sample(inputs, 10) for _ in range(2))
        assert [value.id for value in first] == [value.id for value in second]
        assert sorted({value.id[0] for value in first}) == ["a", "b", "c"]
        assert (len(first), len({value.id for value in first})) == (10, 10)
        assert len(sample(inputs, 2)) == 2
        assert len(sample(inputs, 1000)) == 150

    def test_a_sample_is_bounded_in_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Long documents make a smaller sample."""
        monkeypatch.setattr("cleaner.serve.corpus.CHARACTERS", 3 * len(TEXT))
        inputs = find_inputs([write_records(tmp_path, [{"id": f"t{n}", "text": TEXT} for n in range(9)])])
        corpus = Corpus(inputs, 9, Setting().fields)
        assert len(corpus._read()) == 3


class TestDocuments:
    def shelf(self, place: Path, count: int = 120, **more: Any) -> Shelf:
        return Shelf(
            find_inputs([write_records(place, [{"id": f"d{n}", "text": f"Title {n}\n{TEXT}"} for n in range(count)])]),
            **more,
        )

    def test_pages_of_a_list(self, tmp_path: Path) -> None:
        """The list goes on where it ended, and holds every document once."""
        shelf = self.shelf(tmp_path)
        found, after = [], 0
        while after is not None:
            part = shelf.browse(after=after, patience=60)
            assert len(part.cards) <= documents.SHOWN
            found += part.cards
            after = part.next  # type: ignore[assignment]
        assert [card.id for card in found] == [f"d{n}" for n in range(120)]
        assert found[3] == ("d3", str(tmp_path / "news.jsonl"), "Title 3", len(f"Title 3\n{TEXT}"), "text")

    def test_a_search_looks_at_names_and_texts(self, tmp_path: Path) -> None:
        """What is looked for may stand in the id, the title or the text; case does not count."""
        shelf = self.shelf(tmp_path)
        assert [card.id for card in shelf.browse("TITLE 119", patience=60).cards] == ["d119"]
        assert [card.id for card in shelf.browse("d117", patience=60).cards] == ["d117"]
        assert not shelf.browse("nowhere in it", patience=60).cards

    def test_a_search_that_takes_long_goes_on(self, tmp_path: Path) -> None:
        """Out of patience the list says where to go on, however little was found."""
        shelf, found, after = self.shelf(tmp_path), [], 0
        while after is not None:
            part = shelf.browse("title 119", after, patience=0)
            found += part.cards
            after = part.next  # type: ignore[assignment]
        assert [card.id for card in found] == ["d119"]

    def test_documents_are_given_as_they_were_read(self, tmp_path: Path) -> None:
        """A document comes back with all that its record said, listed before or not."""
        path = write_records(
            tmp_path, [{"id": f"d{n}", "text": "é\ud800", "url": "https://a.example/", "lang": "fr"} for n in range(3)]
        )
        value, where = Shelf(find_inputs([path])).get("d2")  # type: ignore[misc]
        assert (value.id, value.text, value.url, value.lang, where) == (
            "d2",
            "é\ud800",
            "https://a.example/",
            "fr",
            path,
        )  # type: ignore[union-attr]

    def test_nothing_is_read_twice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """An input of many documents is opened once, however often they are listed, searched and given."""
        opened: list[str] = []
        read = documents.read_entries
        monkeypatch.setattr(
            documents,
            "read_entries",
            lambda inputs, *more, **settings: opened.append(inputs[0].path) or read(inputs, *more, **settings),
        )
        shelf = self.shelf(tmp_path)
        for number in (100, 3, 77):
            assert shelf.get(f"d{number}", 60)[0].id == f"d{number}"  # type: ignore[index]
        shelf.browse("title 5", patience=60)
        assert len(opened) == 1

    def test_beyond_what_is_kept_in_mind(self, tmp_path: Path) -> None:
        """A document behind the last one listed is found by its id, and the list says so."""
        shelf = self.shelf(tmp_path, most=10)
        listing = shelf.browse(patience=60)
        assert (len(listing.cards), listing.next) == (10, None)
        assert "only the first 10 documents are listed" in listing.troubles[0]
        found = None
        while found is None:
            found = shelf.get("d99", 0)
        assert found[0].id == "d99"
        with pytest.raises(InputError, match="no document"):
            shelf.get("d999", 60)

    def test_two_documents_of_one_id(self, tmp_path: Path) -> None:
        """Each can be opened: the second one under a name of its own."""
        shelf = Shelf(find_inputs([write_records(tmp_path, [{"id": "a", "text": text} for text in ("one", "two")])]))
        assert [card.id for card in shelf.browse().cards] == ["a", "a (2)"]
        assert [shelf.get(name)[0].text for name in ("a", "a (2)")] == ["one", "two"]  # type: ignore[index, union-attr]

    def test_a_file_of_one_document_is_read_as_it_is_now(self, tmp_path: Path) -> None:
        """Who edits a page beside the playground sees the new one; one that is gone is told."""
        (tmp_path / "page.html").write_text("<title>Old &amp; grey</title><p>one")
        shelf = Shelf(find_inputs([str(tmp_path / "page.html")]))
        assert shelf.browse().cards[0][2:] == ("Old & grey", 35, "html")
        (tmp_path / "page.html").write_text("<title>New</title><p>two")
        assert b"two" in shelf.get("page")[0].html  # type: ignore[index, union-attr, operator]
        (tmp_path / "page.html").unlink()
        with pytest.raises(InputError):
            shelf.get("page")

    def test_what_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        """A record that is no document is counted, an input that breaks is named, and the next one is read."""
        (tmp_path / "a.jsonl").write_text('{"id": "x", "text": 1}\n{"id": "y", "text": "fine"}\n')
        (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip")
        (tmp_path / "c.jsonl").write_text('{"id": "z", "text": "fine"}\n')
        shelf = Shelf(find_inputs([str(tmp_path)]))
        listing = shelf.browse(patience=60)
        assert [card.id for card in listing.cards] == ["y", "z"]
        assert listing.rejected == 1
        assert "b.jsonl.gz" in listing.troubles[0]
        with pytest.raises(InputError, match="`text` is a JSON number"):
            shelf.get("a.jsonl#1")

    def test_pages_of_other_encodings_are_decoded(self, tmp_path: Path) -> None:
        """A page leaves as text that JSON can hold, with what is known of it."""
        (tmp_path / "page.html").write_bytes('<meta charset="iso-8859-1"><p>café'.encode("latin-1"))
        desk = Desk(Setting(inputs=tuple(find_inputs([str(tmp_path / "page.html")]))))
        told = desk.document("page")
        assert told is not None
        assert "café" in told["html"]
        with pytest.raises(Missing):
            desk.document("other")


class TestRules:
    def test_a_rule_opens_in_its_authors_words(self, tmp_path: Path, base: str) -> None:
        """The lines of the file come, comments above the rule included, and nothing of other rules."""
        other = letter("own.other", "Subscribe here")["text"].removeprefix("rules:\n")
        mine = letter()["text"].replace("rules:\n", "rules:\n  # seen on two sites\n")
        (tmp_path / "a.yaml").write_text(mine + other)
        told = Desk(Setting(rules=(base, str(tmp_path)))).rule("own.letter")
        assert told["text"] == mine
        assert (told["own"], told["digest"], told["line"]) == (False, None, 3)

    def test_files_that_were_not_chosen_are_not_read(self, tmp_path: Path) -> None:
        """A compiled set may name any file as the place of a rule: its own content counts."""
        secret = tmp_path / "elsewhere" / "secret.yaml"
        secret.parent.mkdir()
        secret.write_text(AD.replace("The label", "A secret that stands beside the label"))
        ruleset = load_rules([secret])
        write_compiled(ruleset, tmp_path / "all.rules")
        secret.write_text(AD.replace("The label", "Read by mistake, the label"))
        told = Desk(Setting(rules=(str(tmp_path / "all.rules"),))).rule("base.ad")
        assert "A secret that stands" in told["text"]
        assert "by mistake" not in told["text"]

    def test_rules_are_found_by_name_and_reason(self, desk: Desk) -> None:
        """Ids come first, then classes, kinds and reasons."""
        assert [rule["id"] for rule in desk.rules("box")["rules"]] == ["base.box"]
        assert [rule["id"] for rule in desk.rules("SLOT")["rules"]] == ["base.ad"]
        assert [rule["id"] for rule in desk.rules("select")["rules"]] == ["base.box"]
        assert len(desk.rules()["rules"]) == 2

    def test_no_such_rule(self, desk: Desk) -> None:
        """An id that nothing has is missing, not wrong."""
        with pytest.raises(Missing, match=r"nobody\.rule"):
            desk.rule("nobody.rule")

    def test_a_file_changed_beside_the_page_counts_at_once(self, desk: Desk, folder: Path) -> None:
        """An editor may change the rules too: the next answer knows, and a broken file is told by its line."""
        assert len(desk.start()["save"]["files"]) == 0
        (folder / "mine.yaml").write_text(letter()["text"])
        assert [cut["rules"] for cut in desk.clean({"text": TEXT})["cuts"]] == [("base.ad",), ("own.letter",)]
        assert desk.start()["save"]["files"] == ["mine.yaml"]
        (folder / "mine.yaml").write_text("rules: [")
        with pytest.raises(RuleError, match=r"mine\.yaml:\d"):
            desk.clean({"text": TEXT})

    def test_the_start(self, desk: Desk, folder: Path) -> None:
        """A page learns at its start what it needs, and that nothing can be saved where no folder was given."""
        told = desk.start()
        assert (told["rules"], told["save"]) == (2, {"folder": str(folder), "files": [], "why_not": None})
        assert {one["name"] for one in told["classes"]} > {"ad", "newsletter"}
        closed = Desk(Setting(rules=desk._setting.rules, why_not="no folder"))
        assert closed.start()["save"] == {"folder": None, "files": [], "why_not": "no folder"}
        with pytest.raises(OptionError, match="no folder"):
            closed.save(letter(), "a.yaml", None)
        assert desk.schema()["title"] == "cleaner rule file"


class TestSave:
    def test_a_new_rule(self, desk: Desk, folder: Path) -> None:
        """It stands in a file with its schema beside it, loads, and opens as own."""
        told = desk.save(letter(), "letters.yaml", None)
        text = (folder / "letters.yaml").read_text()
        assert text.startswith(MODELINE)
        assert json.loads((folder / "schema.json").read_text())["title"]
        assert (told["file"], told["rules"]) == ("letters.yaml", ["own.letter"])
        assert told["text"] in text
        opened = desk.rule("own.letter")
        assert (opened["own"], opened["text"], opened["digest"]) == (True, told["text"], told["digest"])
        assert [trial.ok for trial in run_trials(load_rules([folder / "letters.yaml"]))] == [True] * 4

    def test_one_rule_of_a_file_changes(self, desk: Desk, folder: Path) -> None:
        """Editing a rule replaces its lines; other rules, comments and blank lines stay as they are."""
        other = letter("own.other", "Subscribe here")["text"].removeprefix("rules:\n")
        head, tail = "# Mine since May.\nrules:\n\n  # first\n", f"\n  # second\n{other}\n# end\n"
        mine = letter()["text"].removeprefix("rules:\n")
        (folder / "a.yaml").write_text(head + mine + tail)
        opened = desk.rule("own.letter")
        desk.save({"text": opened["text"].replace("A line that", "The line that")}, "a.yaml", opened["digest"])
        assert (folder / "a.yaml").read_text() == head + mine.replace("A line that", "The line that") + tail

    def test_a_second_rule_in_a_file(self, desk: Desk, folder: Path) -> None:
        """A new rule goes behind the others, whatever became of the file meanwhile."""
        desk.save(letter(), "a.yaml", None)
        before = (folder / "a.yaml").read_text()
        desk.save(letter("own.other", "Subscribe here"), "a.yaml", None)
        assert (folder / "a.yaml").read_text().startswith(before)
        assert {rule["id"] for rule in desk.rules("own.")["rules"]} == {"own.letter", "own.other"}

    def test_a_rule_of_another_place(self, desk: Desk, folder: Path) -> None:
        """It stays where it is: the own one gets an id of its own, and an exception switches the other off everywhere."""
        opened = desk.rule("base.ad")
        text = (
            opened["text"]
            .replace("Advertisement\n", "Advertisement\n")
            .replace("eq: Advertisement", "eq: [Advertisement, Promo]")
        )
        told = desk.save({"text": text}, "mine.yaml", opened["digest"])
        assert told["rules"] == ["mine.ad"]
        assert "id: mine.ad" in told["text"]
        assert any("base.ad" in line and "exception" in line and "mine.ad" in line for line in told["told"])
        cut = desk.clean({"text": f"{TEXT}\nPromo\n{making.PROSE[:40]} two."})
        assert [one["rules"] for one in cut["cuts"]] == [("mine.ad",), ("mine.ad",)]
        again = desk.rule("mine.ad")
        desk.save({"text": again["text"].replace("Promo", "Reklame")}, "mine.yaml", again["digest"])
        assert (folder / "mine.yaml").read_text().count("exceptions:") == 1
        trials = run_trials(desk._sets.load())
        assert [(trial.rule, trial.mode) for trial in trials if not trial.ok] == []

    def test_the_shipped_rules_give_way_too(self, tmp_path: Path) -> None:
        """What comes with the package is never written to; the own rule runs instead of it."""
        desk = Desk(Setting(save=str(tmp_path.resolve())))
        opened = desk.rule("generic.ad-label")
        told = desk.save({"text": opened["text"]}, "mine.yaml", None)
        assert told["rules"] == ["mine.ad-label"]
        assert any("that come with cleaner" in line for line in told["told"])
        assert [cut["rules"] for cut in desk.clean({"text": TEXT})["cuts"]] == [("mine.ad-label",)]

    def test_a_rule_under_a_new_name(self, desk: Desk, folder: Path) -> None:
        """A rule of the folder that the author gave another id keeps its place, and the old id is gone."""
        saved = desk.save(letter(), "a.yaml", None)
        told = desk.save(letter("own.post", instead=["own.letter"]), "a.yaml", saved["digest"])
        assert any("own.post" in line for line in told["told"])
        assert [rule["id"] for rule in desk.rules("own.")["rules"]] == ["own.post"]
        assert "exceptions" not in (folder / "a.yaml").read_text()

    def test_a_rule_of_ones_own_instead_of_another(self, desk: Desk, folder: Path) -> None:
        """Rules named as off while a draft is tried are switched off when it is saved."""
        desk.save(letter(instead=["base.ad"]), "a.yaml", None)
        assert [cut["rules"] for cut in desk.clean({"text": TEXT})["cuts"]] == [("own.letter",)]

    def test_what_stands_beside_the_rules_comes_along(self, desk: Desk, folder: Path) -> None:
        """Patterns and exceptions of a draft are saved with it, into a file that has some as well."""
        (folder / "a.yaml").write_text('# mine\npatterns:\n    one: "a"  # first\n\nexceptions: []\n')
        draft = (
            'patterns: {two: "Join our \\\\w+ now"}\nexceptions:\n  - {rule: base.ad, why: They sell ads there., scope: {hosts: [ads.example]}}\n'
            + letter()["text"].replace("starts: Join our letter", 're: "{{two}}"').replace("letter today", "letter now")
        )
        desk.save({"text": draft}, "a.yaml", None)
        text = (folder / "a.yaml").read_text()
        assert text.startswith('# mine\npatterns:\n    one: "a"  # first\n    two: ')
        assert [cut["rules"] for cut in desk.clean({"text": TEXT})["cuts"]] == [("base.ad",), ("own.letter",)]
        assert [cut["rules"] for cut in desk.clean({"text": TEXT, "url": "https://ads.example/"})["cuts"]] == [
            ("own.letter",)
        ]

    def test_an_exception_elsewhere_stays(self, desk: Desk, folder: Path) -> None:
        """A draft was tried beside the exceptions that are there: what is saved does the same."""
        other = "exceptions:\n  - {rule: base.ad, why: They sell ads there., scope: {hosts: [%s.example]}}\n"
        (folder / "a.yaml").write_bytes(b"\xef\xbb\xbf" + (other % "one").replace("\n", "\r\n").encode())
        desk.save({"text": other % "two" + letter()["text"]}, "a.yaml", None)
        for name, cuts in (("one", 1), ("two", 1), ("three", 2)):
            assert len(desk.clean({"text": TEXT, "url": f"https://{name}.example/"})["cuts"]) == cuts
        raw = (folder / "a.yaml").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbfexceptions")
        assert raw.count(b"\r\n") == raw.count(b"\n")

    def test_nothing_is_written_that_would_not_load(self, desk: Desk, folder: Path) -> None:
        """A draft that loads by itself is refused where what it leaves behind would not; the files stay as they are."""
        saved = desk.save(letter(), "a.yaml", None)
        other = "exceptions:\n  - {rule: own.letter, why: They have a letter there., scope: {hosts: [one.example]}}\n"
        (folder / "b.yaml").write_text(other)
        before = (folder / "a.yaml").read_bytes()
        with pytest.raises(RuleError, match=r"names the rule own\.letter, which does not exist"):
            desk.save(letter("own.post", instead=["own.letter"]), "a.yaml", saved["digest"])
        assert (folder / "a.yaml").read_bytes() == before

    def test_a_file_that_appears_meanwhile_is_not_overwritten(self, folder: Path) -> None:
        """Who saves says which state was seen, also that there was no file."""
        (folder / "a.yaml").write_text("# another's\n")
        for digest in ("", "0" * 32):
            with pytest.raises(Changed):
                Folder(str(folder)).write("a.yaml", "# mine\n", digest)
        assert (folder / "a.yaml").read_text() == "# another's\n"
        assert [file.name for file in folder.iterdir()] == ["a.yaml"]

    def test_a_rule_changed_meanwhile_is_not_overwritten(self, desk: Desk, folder: Path) -> None:
        """Who opened a rule before somebody else saved it is told; what else changed in the file does not matter."""
        saved = desk.save(letter(), "a.yaml", None)
        path = folder / "a.yaml"
        path.write_text(path.read_text() + "\n# a note\n")
        desk.save(letter(phrase="Join our letters"), "a.yaml", saved["digest"])
        before = path.read_bytes()
        for digest in (saved["digest"], None, "", "0" * 32):
            with pytest.raises(Changed):
                desk.save(letter(phrase="Join the letter"), "a.yaml", digest)
        assert path.read_bytes() == before

    def test_a_rule_gone_meanwhile(self, desk: Desk, folder: Path) -> None:
        """Saving a rule whose file was deleted is told as well."""
        saved = desk.save(letter(), "a.yaml", None)
        (folder / "a.yaml").unlink()
        with pytest.raises(Changed):
            desk.save(letter(), "a.yaml", saved["digest"])

    def test_a_rule_of_the_folder_stays_in_its_file(self, desk: Desk) -> None:
        """It is not saved a second time elsewhere."""
        saved = desk.save(letter(), "a.yaml", None)
        with pytest.raises(OptionError, match=r"stands in a\.yaml"):
            desk.save(letter(), "b.yaml", saved["digest"])

    @pytest.mark.parametrize(
        "draft",
        [
            {"text": "rules: ["},
            {"text": LETTER.format(id="own.letter", phrase="Join").replace("newsletter", "nothing")},
            {"text": LETTER.format(id="own.letter", phrase="$no.such.term")},
            {
                "text": LETTER.format(id="own.letter", phrase="Join our letter").replace(
                    "Join our letter", "Join \ud800 our"
                )
            },
        ],
        ids=["yaml", "schema", "reference", "surrogate"],
    )
    def test_what_would_not_load_is_not_saved(self, desk: Desk, folder: Path, draft: dict[str, Any]) -> None:
        """A wrong draft leaves the folder as it is."""
        desk.save(letter("own.first"), "a.yaml", None)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        with pytest.raises(CleanerError):
            desk.save(draft, "a.yaml", None)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before

    @pytest.mark.parametrize(
        "name",
        ["../a.yaml", "/etc/a.yaml", "a/b.yaml", "a.yml", ".a.yaml", "A.yaml", "a\\b.yaml", "a.yaml\n", "a.yaml\0", "", "..yaml",
         "é.yaml", "a" * 200 + ".yaml", "con:a.yaml", "%2e%2e%2fa.yaml", "schema.json"],
    )  # fmt: skip
    def test_names_that_are_none(self, desk: Desk, folder: Path, name: str) -> None:
        """A name is small letters, digits, hyphens and dots; nothing is written for any other."""
        before = sorted(folder.parent.rglob("*"))
        with pytest.raises(OptionError):
            desk.save(letter(), name, None)
        assert sorted(folder.parent.rglob("*")) == before

    def test_links_are_not_followed(self, desk: Desk, folder: Path) -> None:
        """A file that is a link, wherever it leads, and a folder in the place of a file are refused."""
        outside = folder.parent / "outside.yaml"
        outside.write_text(letter("own.outside", "Subscribe here")["text"])
        (folder / "link.yaml").symlink_to(outside)
        (folder / "new.yaml").symlink_to(folder.parent / "not-there.yaml")
        before = outside.read_bytes()
        (folder / "new.yaml").unlink()
        assert desk.start()["save"]["files"] == []
        assert desk.rule("own.outside")["own"] is False
        for name in ("link.yaml",):
            with pytest.raises(OutputError, match="link"):
                desk.save(letter(), name, None)
        assert outside.read_bytes() == before

    def test_a_link_to_nowhere_and_a_folder(self, tmp_path: Path) -> None:
        """Neither is written through, and neither is taken for a file."""
        place = Folder(str(tmp_path.resolve()))
        (tmp_path / "new.yaml").symlink_to(tmp_path / "not-there")
        (tmp_path / "dir.yaml").mkdir()
        for name in ("new.yaml", "dir.yaml"):
            with pytest.raises(OutputError):
                place.write(name, "rules: []\n", "")
        assert not (tmp_path / "not-there").exists()
        assert place.names() == []

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error says so, and nothing half written is left."""
        place = Folder(str(tmp_path.resolve()))
        monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OutputError, match="No space left"):
            place.write("a.yaml", "rules: []\n", "")
        assert list(tmp_path.iterdir()) == []
