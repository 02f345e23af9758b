"""The report of a benchmark says what the results say, in any of its forms, and nothing in it can harm its reader."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from io import StringIO
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
import zstandard
from lxml import html
from rich.console import Console

from cleaner.bench import report
from cleaner.bench.changes import Fall, compare, find_falls
from cleaner.bench.leaderboard import (
    draw_tables,
    list_failures,
    rank,
    write_difference,
    write_markdown,
    write_summary,
)
from cleaner.bench.report import draw_report
from cleaner.bench.results import Failure, Results
from cleaner.bench.worst import Worst, exhibit
from cleaner.errors import InputError
from tests.making_results import make_cases, make_results

HOSTILE = (
    "</script><script>alert(1)</script><!-- <b onclick=x> \x1b[31m \u202e \ud800 \x00 \"'& https://evil.example/x.js"
)


@cache
def results() -> Results:
    return make_results()


@cache
def drawn() -> str:
    falls = [Fall("html", "html_0", f"page-{at}", 0.9, 0.9 - at / 100) for at in range(60)]
    return draw_report(results(), make_cases(12), make_results(shift=-0.01), falls)


def page_of(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def hostile_results() -> Results:
    """Put hostile text wherever results hold text from outside."""
    found = make_results(tracks=("html", "dumps"))
    tracks = [
        track.model_copy(
            update={
                "about": HOSTILE,
                "sets": tuple(one.model_copy(update={"name": HOSTILE}) for one in track.sets),
                "groups": tuple(group.model_copy(update={"name": HOSTILE}) for group in track.groups),
                "peers": tuple(
                    peer.model_copy(
                        update={
                            "failed": 1,
                            "failures": tuple(
                                one.model_copy(update={"reason": HOSTILE * 40}) for one in peer.failures[:1]
                            ),
                        }
                    )
                    for peer in track.peers
                ),
            }
        )
        for track in found.tracks
    ]
    made = found.made.model_copy(update={"command": HOSTILE, "machine": HOSTILE})
    return found.model_copy(update={"tracks": tuple(tracks), "made": made})


def hostile_case(**texts: str) -> Worst:
    (case,) = make_cases(1)
    told = {"set": HOSTILE, "id": HOSTILE, "lang": HOSTILE, "site": HOSTILE, "url": HOSTILE, "gold": HOSTILE}
    return replace(case, **{**told, "ours": HOSTILE * 2, "peers": {HOSTILE: "x " + HOSTILE}, **texts})


def test_every_figure_of_the_boards_is_that_of_the_results() -> None:
    """The table of a track shows each figure of each peer to four digits, and holds it in full."""
    tables = page_of(drawn()).xpath("//h3[.='All measures']/following-sibling::div[1]/table")
    assert len(tables) == len(results().tracks)
    for table, track in zip(tables, results().tracks, strict=True):
        rows = {row.xpath("string(th)"): row for row in table.xpath("tbody/tr")}
        assert set(rows) == {scores.peer for scores in track.peers}
        for scores in track.peers:
            cells = rows[scores.peer].xpath("td")
            figures = [scores.figures[measure.name] for measure in track.measures]
            shown = [cells[0], *cells[2:]]
            assert [float(cell.get("data-value")) for cell in shown] == [figure.value for figure in figures]
            for cell, figure in zip(shown, figures, strict=True):
                assert cell.text == f"{figure.value:.4f}"
                assert cell.xpath("string(small)") == f"{figure.low:.4f} – {figure.high:.4f}"
            ahead = scores.ahead.get(track.chief)
            assert cells[1].get("data-value") == (str(ahead.value) if ahead else None)


def test_boards_are_ordered_by_the_chief_measure() -> None:
    """The best comes first, whichever way is better; ours is marked once."""
    for board in rank(results()):
        values = [row.chief.value for row in board.rows if row.chief]
        assert all(one >= other for one, other in pairwise(values))
        assert [row.peer for row in board.rows if row.ours] == ["cleaner"]
        assert board.rival
        assert board.rival.family != "cleaner"
    (board,) = rank(make_results(tracks=("dumps",)))
    lost = board.track.model_copy(update={"chief": "body_lost"})
    (board,) = rank(make_results(tracks=("dumps",)).model_copy(update={"tracks": (lost,)}))
    values = [row.chief.value for row in board.rows if row.chief]
    assert values == sorted(values)


def test_stars_stand_where_zero_is_left_out() -> None:
    """A difference is starred where its interval leaves zero out and chance would not do it, on the page and in Markdown."""
    differences = [scores.ahead[track.chief] for track in results().tracks for scores in track.peers if scores.ahead]
    clear = sum((one.low > 0 or one.high < 0) and one.chance <= 0.05 for one in differences)
    assert 0 < clear < len(differences)
    tables = page_of(drawn()).xpath("//h3[.='All measures']/following-sibling::div[1]/table")
    assert sum("*" in row.xpath("string(td[2])") for table in tables for row in table.xpath("tbody/tr")) == clear
    assert write_markdown(results()).count("]* |") == clear


def test_the_page_asks_nobody_for_anything() -> None:
    """No element or style names a place outside the page; addresses of cases are text."""
    tree = page_of(drawn())
    assert not tree.xpath("//@src | //@srcset | //link | //base | //iframe | //object | //img | //@action")
    assert all(link.startswith("#") for link in tree.xpath("//@href"))
    assert not re.search(r"url\(|@import", " ".join(tree.xpath("//style/text() | //@style")))
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_the_page_can_be_found_through() -> None:
    """Every link leads to a heading of the page, and no name is given twice."""
    tree = page_of(drawn())
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in tree.xpath("//@href")} <= set(ids)
    titles = tree.xpath("//h2/text()")
    assert titles[0] == "At a glance"
    assert titles[-1] == "How it was made"
    assert {"html", "dumps", "Rules", "Changes since the earlier run", "Cases to read"} <= set(titles)


def test_hostile_text_stays_text() -> None:
    """Whatever results and cases hold is shown as text: one script, no foreign tag, nothing hidden, encodable."""
    found = draw_report(hostile_results(), [hostile_case()], hostile_results())
    found.encode()
    assert found.count("<script>") == found.count("</script>") == 1
    assert "<!--" not in found
    assert not re.search("[\x00\x1b\u202e]", found)
    tree = page_of(found)
    assert not tree.xpath("//@onclick")
    assert "<U+D800>" in tree.xpath("string(//details[@data-track])")
    assert not tree.xpath("//@href[contains(., 'evil')]")


def test_huge_documents_stay_small_and_quick() -> None:
    """A line of a megabyte, or ten thousand lines, takes some kilobytes of the page, and the page says what is left out."""
    line, lines = "x" * 1_000_000, "\n".join(f"line {at}" for at in range(10_000))
    one = hostile_case(gold=line, ours=line + "y")
    other = hostile_case(gold=lines, ours=lines.replace("7", "8"))
    found = draw_report(make_results(tracks=("seeds",)), [one, other])
    assert len(found) < 400_000
    assert found.count("more characters are not compared") == 4
    assert "characters …]" in found


def test_pages_keep_to_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cases are too many, the texts of the last are left out, and it is said of how many."""
    monkeypatch.setattr(report, "MOST_BYTES", 400_000)
    cases = make_cases(40, size=300)
    found = draw_report(make_results(tracks=("seeds",)), cases)
    assert 340_000 < len(found.encode()) <= 400_000
    tree = page_of(found)
    assert len(tree.xpath("//details[@data-track]")) == len(cases)
    left_out = found.count("left out to keep the page small.</p>\n</details>")
    assert left_out > 0
    assert f"Of {left_out} cases the texts are left out" in found


def test_cases_show_gold_ours_and_peers_side_by_side() -> None:
    """A case opens to columns of gold, ours and its peers; lost and added words are marked by more than colour."""
    case = replace(
        make_cases(1)[0], gold="It cost nine million.", ours="It cost million. Share", peers={"goose3": "It cost"}
    )
    tree = page_of(draw_report(make_results(tracks=("html",)), [case]))
    (table,) = tree.xpath("//details[@data-track]//table")
    assert table.xpath("thead//th/text()") == ["gold", "cleaner", "goose3"]
    assert table.xpath("tbody/tr/td[2]/del/text()") == ["nine "]
    assert table.xpath("tbody/tr/td[2]/ins/text()") == ["Share"]
    assert table.xpath("string(tbody/tr/td[1])") == case.gold


def test_cases_can_be_chosen() -> None:
    """Each case carries what the filters ask for, and the filters offer what the cases have."""
    cases = make_cases(9)
    tree = page_of(drawn())
    shown = tree.xpath("//details[@data-track]")
    assert shown[0].get("data-track") == cases[0].track
    quality = cases[0].quality
    better = sorted(name for name, value in quality.items() if value > quality["cleaner"])
    assert sorted(filter(None, shown[0].get("data-better").split("\n"))) == better
    assert tree.xpath("//select[@name='track']/option/text()") == ["any", "html", "whole", "recall"]
    assert tree.xpath("//form[@id='controls']/@hidden")


def test_few_peers_are_shown_beside_ours() -> None:
    """Of many texts the best three stand beside ours."""
    (case,) = make_cases(1)
    many = replace(case, peers={name: "Open." for name in case.quality if name != "cleaner"})
    (one,) = exhibit([many], "cleaner")
    assert list(one.peers) == [name for name, _ in one.others[:3]]


def test_signals_stand_before_and_after() -> None:
    """The input comes first, then each peer, with its signals and the copies found among its texts."""
    tables = page_of(drawn()).xpath("//h3[.='Without gold']/following-sibling::div[1]/table")
    assert len(tables) == len(results().tracks)
    assert tables[0].xpath("thead//th/text()")[1:3] == ["lines that end as sentences do", "short lines"]
    rows = [[cell.text_content() for cell in row] for row in tables[0].xpath("tbody/tr")]
    assert rows[0] == ["(input)", "0.410", "0.380", "0.060", "912", "", ""]
    ours = next(scores for scores in results().tracks[0].peers if scores.peer == "cleaner")
    (row,) = [row for row in rows if row[0] == "cleaner"]
    assert row[1] == f"{ours.signals['ended']:.3f}"
    assert row[5] == f"{ours.copies['recall']:.3f}"


def test_failures_are_listed_up_to_a_limit() -> None:
    """Each peer that failed names its cases, twenty at most, and says how many more there are."""
    tree = page_of(drawn())
    listed = tree.xpath("//h3[.='Failures']/following-sibling::details")
    failed = [scores for track in results().tracks for scores in track.peers if scores.failed]
    assert len(listed) == len(failed)
    assert {f"{one.peer}: {one.failed} cases" for one in failed} == {one.xpath("string(summary)") for one in listed}
    assert all(len(one.xpath("ul/li")) <= 21 for one in listed)
    assert "and 25 more" in drawn()


def test_rules_show_yield_and_precision() -> None:
    """Every rule has its row, those that cut most first, with Wilson's interval around its precision."""
    (table,) = page_of(drawn()).xpath("//h2[.='Rules']/following-sibling::div[1]/table")
    rows = [[cell.text_content() for cell in row] for row in table.xpath("tbody/tr")]
    assert {row[0] for row in rows} == {rule.rule for rule in results().rules}
    sizes = [sum(int(cell.replace(",", "")) for cell in row[5:8]) for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert all(float(row[3]) - 0.0006 <= float(row[2]) <= float(row[4]) + 0.0006 for row in rows)


def test_changes_are_told_with_falls_first() -> None:
    """Figures that moved are listed, ours and falls first; what is the same is counted; cases that fell are named."""
    now, then = results(), make_results(shift=-0.01)
    found = compare(now, then)
    figures = sum(len(scores.figures) for track in now.tracks for scores in track.peers)
    assert len(found.found) + found.same == figures
    assert found.found[0].peer == "cleaner"
    ours = [change.step > 0 for change in found.found if change.peer == "cleaner"]
    assert ours == sorted(ours)
    (table,) = page_of(drawn()).xpath("//h3[.='Cases that fell most']/following-sibling::div[1]/table")
    assert table.xpath("string(tbody/tr[1]/th)") == "page-59"


def scores_of(**quality: float) -> bytes:
    told = [
        {"track": "html", "set": "a", "id": id, "site": "a.example", "scores": {"cleaner": {"f1": f1}}}
        for id, f1 in quality.items()
    ]
    return b"".join(orjson.dumps(one) + b"\n" for one in told)


def test_cases_that_fell_are_found(tmp_path: Path) -> None:
    """Of two runs' scores, the cases on which ours became worse are found, the furthest fallen first."""
    then = tmp_path / "scores.jsonl.zst"
    then.write_bytes(zstandard.compress(scores_of(one=0.9, two=0.9, three=0.9, gone=0.9)))
    now = scores_of(one=0.8, two=0.95, three=0.2, new=0.1).splitlines()
    assert find_falls(then, now, "cleaner") == (
        Fall("html", "a", "three", 0.9, 0.2),
        Fall("html", "a", "one", 0.9, 0.8),
    )
    then.write_bytes(zstandard.compress(b"{}\n"))
    with pytest.raises(InputError, match="no scores"):
        find_falls(then, now, "cleaner")
    with pytest.raises(InputError):
        find_falls(tmp_path / "absent.jsonl.zst", now, "cleaner")


def test_snippets_are_marked_in_the_texts() -> None:
    """Where the gold is snippets, those that stayed, were lost, or should have gone are marked, none are compared."""
    case = replace(
        make_cases(1)[0], gold="stays: is open\ngoes: Share", ours="The bridge is\nopen. Share", peers={},
        wanted=("is open", "closed"), unwanted=("Share", "Menu"),
    )  # fmt: skip
    tree = page_of(draw_report(make_results(tracks=("html",)), [case]))
    (cell,) = tree.xpath("//details[@data-track]//tbody/tr/td[2]")
    assert cell.xpath("mark/text()") == ["is\nopen"]
    assert cell.xpath("ins/text()") == ["Share"]
    assert cell.xpath("del/text()") == ["closed\n"]


def test_other_cases_are_not_compared() -> None:
    """A track over other cases than then is named, not compared; nothing changes against oneself."""
    now = results()
    assert not compare(now, now).found
    sets = tuple(one.model_copy(update={"digest": "another"}) for one in now.tracks[0].sets)
    other = now.tracks[0].model_copy(update={"sets": sets})
    found = compare(now.model_copy(update={"tracks": (other, *now.tracks[1:])}), make_results(tracks=("html", "seeds")))
    assert found.other == ("html",)
    assert set(found.new) == {"whole", "recall", "texts", "dumps", "noise"}


@pytest.mark.parametrize("name", ["html", "dumps"])
def test_markdown_holds_the_same_figures(name: str) -> None:
    """Markdown has a row for each peer with each figure to four digits, in columns that fit their head."""
    found = make_results(tracks=(name,))
    text = write_markdown(found)
    for scores in found.tracks[0].peers:
        (line,) = [
            line for line in text.splitlines() if re.match(rf"\| \**{re.escape(scores.peer)}\** \| [\d.]+ \[", line)
        ]
        assert all(f"{figure.value:.4f}" in line for figure in scores.figures.values())
    widths = [
        [line.count(" | ") for line in table.splitlines()] for table in text.split("\n\n") if table.startswith("|")
    ]
    assert all(len(set(row)) == 1 for row in widths)


def test_the_summary_is_one_table_a_surface() -> None:
    """Pages and texts have a table each, with chief figures; beside removal stand its two sides."""
    html_table, text_table = write_summary(results()).strip().split("\n\n")
    assert html_table.splitlines()[0] == "| peer | html: F1 (1640) |"
    assert "dumps: removal F1 (104) | dumps: noise removed (104) | dumps: body lost (104)" in text_table
    assert "| **cleaner** |" in html_table
    assert "identity" in text_table
    assert "identity" not in html_table


def test_terminals_get_a_table_a_track() -> None:
    """The terminal's tables have the rows of the boards."""
    tables = list(draw_tables(results()))
    assert [table.row_count for table in tables] == [len(track.peers) for track in results().tracks]


@pytest.mark.parametrize("room", [60, 80, 100, 120, 160])
def test_a_narrow_terminal_keeps_names_and_differences(room: int) -> None:
    """Columns are left out whole, so that no name and no figure is cut short."""
    for drawn, board in zip(draw_tables(results(), room), rank(results()), strict=True):
        console = Console(width=max(room, 80), file=StringIO(), highlight=False)
        console.print(drawn)
        shown = console.file.getvalue()  # type: ignore[attr-defined]
        assert "…" not in shown
        assert all(row.peer in shown and write_difference(row.ahead) in shown for row in board.rows)


def test_empty_columns_are_left_out() -> None:
    """Where nobody failed and no memory was measured there are no columns of it."""
    found = make_results(tracks=("html",))
    (track,) = found.tracks
    peers = tuple(
        one.model_copy(update={"failed": 0, "cost": one.cost.model_copy(update={"memory": None})})
        for one in track.peers
    )
    (drawn,) = draw_tables(found.model_copy(update={"tracks": (track.model_copy(update={"peers": peers}),)}))
    heads = [str(column.header) for column in drawn.columns]
    assert heads[:3] == ["peer", "F1", "ours minus peer"]
    assert not {"MB", "failed"} & set(heads)


def test_failures_are_told_with_their_first_reason() -> None:
    """Terminal and Markdown say of each peer that failed how often, and why the first time."""
    found = make_results(tracks=("html",))
    (track,) = found.tracks
    failures = (Failure(case="p7", set="pages", reason=f"ValueError: a\nb {'x' * 500}"),)
    fallen = track.peers[0].model_copy(update={"failed": 3, "failures": failures})
    found = found.model_copy(update={"tracks": (track.model_copy(update={"peers": (fallen,)}),)})
    (board,) = rank(found)
    (line,) = list_failures(board)
    assert line.startswith(f"{fallen.peer} failed on 3 of {board.cases} cases, first on p7: ValueError: a b xxx")
    assert len(line) < 250
    assert f"- {line}" in write_markdown(found)


def test_hostile_names_break_no_table() -> None:
    """Markdown keeps its columns and the terminal its cells, whatever tracks and sets are called."""
    found = hostile_results()
    named = found.tracks[0].model_copy(update={"name": "[red]| a\nb <i>\x1b[31m"})
    text = write_markdown(found.model_copy(update={"tracks": (named, *found.tracks[1:])}))
    text.encode()
    assert not re.search("[\x00\x1b\u202e]|<(?!U)", text)
    tables = [table.splitlines() for table in text.split("\n\n") if table.startswith("|")]
    assert all(len({line.count(" | ") for line in table}) == 1 for table in tables)
    (table, _) = draw_tables(found.model_copy(update={"tracks": (named, *found.tracks[1:])}))
    assert str(table.title).startswith("[red]| a b <i><U+001B>[31m:")


def test_small_results_are_drawn() -> None:
    """One peer on one track, without intervals of differences, groups, rules or cases, makes a page and tables."""
    found = make_results(tracks=("seeds",))
    (track,) = found.tracks
    alone = track.model_copy(update={"peers": track.peers[:1], "groups": (), "source": {}})
    small = found.model_copy(update={"tracks": (alone,), "rules": ()})
    assert "At a glance" in draw_report(small, [])
    assert "## seeds" in write_markdown(small)
    none = small.model_copy(update={"tracks": (alone.model_copy(update={"peers": ()}),)})
    assert "None were kept." in draw_report(none, [], small)
    assert write_summary(none.model_copy(update={"tracks": ()})).strip() == ""
